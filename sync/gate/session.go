package gate

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Why a session ended, besides the reasons of a credential that is revoked. Only the first
// makes a device wipe what it keeps: the person said so, on another one (B-009).
const (
	endRevoked   = "revoked"
	endSignedOut = "signed_out"
	endPassword  = "password" // the password was changed
	endReset     = "reset"    // an agent or operator reset it
	endReuse     = "reuse"    // a refresh token came back after its successor was used
	endClosed    = "closed"
)

// touchEvery is how often a request at most moves a session's Seen: a write a minute, not
// a write a request.
const touchEvery = time.Minute

// Caller is who asks, by an access token.
type Caller struct {
	Account ledger.Account
	Session ledger.Session
}

// Proven says whether a second factor was shown when the session was opened, or since. A
// session of a sign-in partner opens the portal without one, and acts of a role with none.
func (c *Caller) Proven() bool {
	return c.Session.Policy == account.TwoFactor && !c.Session.FactorAt.IsZero()
}

// open opens a session for the account of a flow, within the transaction of its last
// step, and remembers it in r.data.Opened. credential is "" for the job bank. It reads the
// account anew and writes it: what else the step changes of it is written before.
func (g *Gate) open(ctx context.Context, t *ledger.Tx, r *run, credential string) error {
	a, err := t.Account(ctx, r.flow.Account)
	if err != nil {
		return err
	}
	if err := stands(a); err != nil {
		return err
	}
	s := ledger.Session{
		ID: g.id(r.now), Account: a.ID, Credential: credential, Policy: account.PolicyOf(a.Roles),
		Salt: g.token(16), Gen: 1, Created: r.now, Seen: r.now, FactorAt: r.data.FactorAt,
	}
	switch {
	case credential != "":
		s.Policy = account.TwoFactor
		c, err := t.Credential(ctx, credential)
		if err != nil {
			return err
		}
		if c.Account != a.ID || c.State != account.CredentialActive {
			return refuse(account.Credentials)
		}
		c.Used = r.now
		if err := t.PutCredential(ctx, c); err != nil {
			return err
		}
	case s.Policy == account.TwoFactor && s.FactorAt.IsZero():
		return refuse(account.FactorNeeded) // a role was granted while the person came in
	}
	p, err := g.person(a)
	if err != nil {
		return err
	}
	name := r.data.Device
	if r.in.Device != "" {
		name = short(r.in.Device, 80)
	}
	if s.Device, err = g.sealDevice(s.ID, name); err != nil {
		return err
	}
	if g.device(&p, a.ID, name) {
		m := mail.Message{Kind: mail.NewDevice, To: p.Email, Lang: p.Lang, First: p.First, Device: name}
		if err := g.mail(ctx, t, "", m, r.now); err != nil {
			return err
		}
	}
	if err := g.setPerson(&a, p); err != nil {
		return err
	}
	cameIn(&a, r.now)
	if err := t.PutAccount(ctx, a); err != nil {
		return err
	}
	if err := t.PutSession(ctx, s); err != nil {
		return err
	}
	r.data.Opened = s.ID
	return nil
}

// stands refuses an account that nobody can be in now, with why.
func stands(a ledger.Account) error {
	switch {
	case a.State == account.Closed:
		return refuse(account.IsClosed)
	case a.State == account.Suspended:
		return refuse(account.IsSuspended)
	case a.Reset:
		return refuse(account.MustReset)
	case a.State == account.Registering:
		return refuse(account.SignInNeeded)
	}
	return nil
}

// cameIn notes that the person was there: a warning is taken back.
func cameIn(a *ledger.Account, now time.Time) {
	a.SignedIn, a.Warned = now, time.Time{}
	if a.State == account.Warned {
		a.State = account.Active
	}
}

// session gives the newest pair of a session that a flow ended in, as often as it is asked
// for until it is used: a lost answer costs no second sign-in, and whoever finds the token
// of the flow later gets nothing.
func (g *Gate) session(ctx context.Context, id string, now time.Time) (wire.Session, error) {
	var (
		s ledger.Session
		a ledger.Account
	)
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		if s, err = t.Session(ctx, id); err != nil {
			return err
		}
		a, err = t.Account(ctx, s.Account)
		return err
	})
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return wire.Session{}, refuse(account.FlowExpired)
	case err != nil:
		return wire.Session{}, err
	case s.Gen != 1 || s.Used || !s.Revoked.IsZero():
		return wire.Session{}, refuse(account.FlowExpired)
	}
	return g.pair(a, s), nil
}

// pair derives the newest pair of a session. Seen is when it was made, until it is used.
func (g *Gate) pair(a ledger.Account, s ledger.Session) wire.Session {
	idle, until := g.o.Rules.SessionEnds(s.Policy, s.Created, s.Seen)
	w := wire.Session{
		ID: s.ID, Account: s.Account, Policy: s.Policy,
		Access: g.access(s, s.Gen, s.Seen), AccessUntil: s.Seen.Add(g.o.Rules.Access), Refresh: g.refresh(s, s.Gen),
		IdleUntil: idle, Until: until,
	}
	if w.AccessUntil.After(until) {
		w.AccessUntil = until
	}
	if (&Caller{a, s}).Proven() {
		w.Roles = slices.Clone(a.Roles)
	}
	return w
}

// within prepares a flow that is begun within a session, such as the change of a factor.
func (g *Gate) within(ctx context.Context, r *run, who *Caller) error {
	p, err := g.person(who.Account)
	if err != nil {
		return err
	}
	d := &r.data
	d.Email, d.First, d.Last = p.Email, p.First, p.Last
	if d.Credential != "" {
		c, err := g.credential(ctx, d.Credential)
		if err != nil {
			return err
		}
		own, err := g.portal(c)
		if err != nil {
			return err
		}
		d.Username, d.Partner = own.Username, c.Partner
	}
	switch r.flow.Kind {
	case account.ChangePartner:
		if d.Partner == "" {
			return refuse(account.Forbidden)
		}
	case account.Enrol, account.EnrolPartner:
		d.Username, d.Partner = "", "" // of the one that is being registered
	case account.NewFactor:
		d.Owner = ledger.AccountOwner(who.Account.ID)
		if d.Credential != "" {
			d.Owner = ledger.CredentialOwner(d.Credential)
		}
		if !g.o.Rules.Fresh(who.Session.FactorAt, r.now) {
			return nil // to StepFactor, where the kind begins
		}
		var f ledger.Factor
		err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
			f, err = t.Factor(ctx, d.Owner)
			return err
		})
		if errors.Is(err, ledger.ErrNotFound) {
			return refuse(account.Forbidden) // of a partner, or without a role: there is none to change
		}
		if err != nil {
			return err
		}
		d.FactorAt, d.Factor, d.Methods = who.Session.FactorAt, f.Body, methods
		r.flow.Step = account.StepSetup
	}
	return nil
}

// credential reads one.
func (g *Gate) credential(ctx context.Context, id string) (c ledger.Credential, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		c, err = t.Credential(ctx, id)
		return err
	})
	return c, err
}

// Caller finds who an access token belongs to: a *Refused with account.SignInNeeded, or
// account.Gone for a device that was signed out.
func (g *Gate) Caller(ctx context.Context, access string, now time.Time) (*Caller, error) {
	id, gen, issued, ok := parseAccess(access)
	if !ok {
		return nil, refuse(account.SignInNeeded)
	}
	var who Caller
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		who, err = g.held(ctx, t, id, now, func(s ledger.Session) bool { return same(access, g.access(s, gen, issued)) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &who.Session
	if gen < s.Gen-1 || !now.Before(issued.Add(g.o.Rules.Access)) {
		return nil, refuse(account.SignInNeeded)
	}
	// The pair before may still be on its way while the newest waits to be used: it
	// touches nothing, for the newest must come out the same if it is asked for again.
	if gen != s.Gen || s.Used && now.Sub(s.Seen) < touchEvery {
		return &who, nil
	}
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		n, err := t.Session(ctx, id)
		if err != nil {
			return err
		}
		if n.Gen != gen || !n.Revoked.IsZero() || !now.After(n.Seen) && n.Used {
			return nil // somebody was faster; what they did is seen next time
		}
		n.Used = true
		if now.After(n.Seen) {
			n.Seen = now
		}
		if err := t.PutSession(ctx, n); err != nil {
			return err
		}
		n.Ver++
		*s = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("touch session: %w", err)
	}
	return &who, nil
}

// held reads a session that a token names, if the token is its own and it still stands.
func (g *Gate) held(ctx context.Context, t *ledger.Tx, id string, now time.Time, own func(ledger.Session) bool) (who Caller, err error) {
	if who.Session, err = t.Session(ctx, id); errors.Is(err, ledger.ErrNotFound) {
		return who, refuse(account.SignInNeeded)
	}
	if err != nil {
		return who, err
	}
	s := who.Session
	if !own(s) {
		return who, refuse(account.SignInNeeded)
	}
	if s.Reason == endRevoked {
		return who, refuse(account.Gone)
	}
	if who.Account, err = t.Account(ctx, s.Account); err != nil {
		return who, err
	}
	if err := stands(who.Account); err != nil {
		return who, err
	}
	idle, _ := g.o.Rules.SessionEnds(s.Policy, s.Created, s.Seen)
	if !s.Revoked.IsZero() || !now.Before(idle) {
		return who, refuse(account.SignInNeeded)
	}
	if s.Credential != "" {
		c, err := t.Credential(ctx, s.Credential)
		if err != nil {
			return who, err
		}
		if c.State != account.CredentialActive {
			return who, refuse(account.SignInNeeded)
		}
	}
	return who, nil
}

// Renew gives the next pair for a refresh token. The newest token moves the session on. The
// one before gives the same pair again, for its answer may have been lost, until that pair
// is used; whoever comes with it later, or with an older one, has stolen it or was stolen
// from, and the session ends.
func (g *Gate) Renew(ctx context.Context, in wire.Renewal, now time.Time) (wire.Session, error) {
	id, gen, ok := parseRefresh(in.Refresh)
	if !ok {
		return wire.Session{}, refuse(account.SignInNeeded)
	}
	var (
		out  wire.Session
		ends error // answered although the transaction stands
	)
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		ends = nil
		who, err := g.held(ctx, t, id, now, func(s ledger.Session) bool { return same(in.Refresh, g.refresh(s, gen)) })
		if err != nil {
			return err
		}
		s := who.Session
		switch {
		case gen == s.Gen:
			s.Gen, s.Used = s.Gen+1, false
			if now.After(s.Seen) {
				s.Seen = now
			}
			if err := t.PutSession(ctx, s); err != nil {
				return err
			}
		case gen == s.Gen-1 && !s.Used: // the answer was lost
		default:
			ends = refuse(account.SignInNeeded)
			s.Revoked, s.Reason = now, endReuse
			if err := t.PutSession(ctx, s); err != nil {
				return err
			}
			return t.AddAudit(ctx, ledger.Audit{At: now, Actor: "server", Act: "session-reuse", Subject: "account:" + s.Account, Detail: s.ID})
		}
		if in.Present {
			cameIn(&who.Account, now)
			if err := t.PutAccount(ctx, who.Account); err != nil {
				return err
			}
		}
		out = g.pair(who.Account, s)
		return nil
	})
	if err == nil {
		err = ends
	}
	if err != nil {
		return wire.Session{}, err
	}
	return out, nil
}

// SignOut ends a session.
func (g *Gate) SignOut(ctx context.Context, who *Caller, now time.Time) error {
	return g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		return endSession(ctx, t, who.Account.ID, who.Session.ID, endSignedOut, now)
	})
}

// endSession ends one session of an account; none, or one that has ended, is no error.
func endSession(ctx context.Context, t *ledger.Tx, accountID, id, reason string, now time.Time) error {
	s, err := t.Session(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case err != nil:
		return err
	case s.Account != accountID || !s.Revoked.IsZero():
		return nil
	}
	s.Revoked, s.Reason = now, reason
	return t.PutSession(ctx, s)
}

// Tokens are a session's id, a generation, of an access token when it was made, and a keyed
// hash of these and of the session's salt.

func (g *Gate) access(s ledger.Session, gen int64, issued time.Time) string {
	id := uuid.MustParse(s.ID)
	b := binary.BigEndian.AppendUint64(id[:], uint64(gen))
	b = binary.BigEndian.AppendUint64(b, uint64(issued.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(b, g.o.Keys.MAC("access", b, s.Salt)...))
}

func (g *Gate) refresh(s ledger.Session, gen int64) string {
	id := uuid.MustParse(s.ID)
	b := binary.BigEndian.AppendUint64(id[:], uint64(gen))
	return base64.RawURLEncoding.EncodeToString(append(b, g.o.Keys.MAC("refresh", b, s.Salt)...))
}

func parseAccess(token string) (id string, gen int64, issued time.Time, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 16+8+8+32 {
		return "", 0, time.Time{}, false
	}
	return uuid.UUID(b[:16]).String(), int64(binary.BigEndian.Uint64(b[16:])),
		time.UnixMilli(int64(binary.BigEndian.Uint64(b[24:]))).UTC(), true
}

func parseRefresh(token string) (id string, gen int64, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 16+8+32 {
		return "", 0, false
	}
	return uuid.UUID(b[:16]).String(), int64(binary.BigEndian.Uint64(b[16:])), true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// id is a UUIDv7 of a moment.
func (g *Gate) id(now time.Time) string {
	var u uuid.UUID
	copy(u[6:], g.token(10))
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(u[0:], uint16(ms>>32))
	binary.BigEndian.PutUint32(u[2:], uint32(ms))
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80
	return u.String()
}

func aboutDevice(session string) string { return "device/" + session }

func (g *Gate) sealDevice(session, name string) (string, error) {
	sealed, err := g.o.Keys.Box.Seal(aboutDevice(session), []byte(name))
	return base64.RawStdEncoding.EncodeToString(sealed), err
}

func (g *Gate) deviceName(s ledger.Session) (string, error) {
	sealed, err := base64.RawStdEncoding.DecodeString(s.Device)
	if err != nil {
		return "", fmt.Errorf("device of session %s: %w", s.ID, err)
	}
	name, err := g.o.Keys.Box.Open(aboutDevice(s.ID), sealed)
	return string(name), err
}
