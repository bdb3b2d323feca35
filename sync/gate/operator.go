package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// operator is the actor of what is done at the server's own console.
const operator = "operator"

// inviteLife is how long an invitation can be taken up.
const inviteLife = 7 * 24 * time.Hour

// Invitation is an account that an operator prepares for somebody with a role.
type Invitation struct {
	Email, First, Last string
	Lang               string
	Role               account.Role
}

// Invited is what became of an invitation.
type Invited struct {
	Granted bool      // the address has an account, which has the role now
	Code    string    // to be handed over; "": it leaves by letter
	Until   time.Time // when the invitation ends
}

// Invite grants a role. An address that has an account keeps it: what it shows at the next
// sign-in is the set-up of a second factor. Any other gets an account that its owner takes
// up with a one-time code, by letter if letters leave from here, or else as the answer,
// which is shown nowhere again. Invited again, only the newest code is good.
func (g *Gate) Invite(ctx context.Context, in Invitation, byLetter bool, now time.Time) (out Invited, err error) {
	address, ok := account.Address(in.Email)
	if !ok {
		return Invited{}, mend(account.BadEmail.At("email"))
	}
	if in.Role != account.Agent && in.Role != account.Counsellor {
		return Invited{}, fmt.Errorf("invite: no such role as %q", in.Role)
	}
	if !speaks(in.Lang) {
		in.Lang = "fr"
	}
	made := account.TemporaryPassword(g.token(account.TemporaryChance))
	hash, id := g.hash(made), g.id(now)
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		out = Invited{Until: now.Add(inviteLife)}
		a, err := t.AccountByEmail(ctx, g.emailHash(address))
		switch {
		case err == nil && a.State != account.Registering:
			if !slices.Contains(a.Roles, in.Role) {
				a.Roles = append(a.Roles, in.Role)
			}
			if err := t.PutAccount(ctx, a); err != nil {
				return err
			}
			out = Invited{Granted: true}
			return g.audit(ctx, t, operator, "grant", a.ID, string(in.Role), "", now)
		case errors.Is(err, ledger.ErrNotFound):
			if err := mend(account.CheckName(in.First).At("first"), account.CheckName(in.Last).At("last")); err != nil {
				return err
			}
			a = ledger.Account{ID: id, Email: g.emailHash(address), State: account.Registering, Created: now, SignedIn: now}
			p := person{Email: address, First: strings.TrimSpace(in.First), Last: strings.TrimSpace(in.Last), Lang: in.Lang, Verified: "none"}
			if err := g.setPerson(&a, p); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		p, err := g.person(a)
		if err != nil {
			return err
		}
		a.Roles = []account.Role{in.Role}
		a.Temp, a.TempEnds = hash, out.Until
		if err := t.PutAccount(ctx, a); err != nil {
			return err
		}
		if byLetter {
			m := mail.Message{Kind: mail.Invitation, Code: made, Minutes: int(inviteLife / time.Minute)}
			if err := g.tell(ctx, t, &p, m, now); err != nil {
				return err
			}
		} else {
			out.Code = made
		}
		return g.audit(ctx, t, operator, "invite", a.ID, string(in.Role), "", now)
	})
	if err != nil {
		return Invited{}, fmt.Errorf("invite: %w", err)
	}
	return out, nil
}

// Holder is an account with a role, for an operator to see.
type Holder struct {
	ID, Email, First, Last string
	Roles                  []account.Role
	State                  account.State
	Factor                 account.Method // "": not set up yet
	SignedIn               time.Time      // zero: never
	Disputes               []wire.Dispute // what they say of it
}

// Holders lists the accounts with a role. Each of them can see that an operator looked.
func (g *Gate) Holders(ctx context.Context, now time.Time) (all []Holder, err error) {
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		all = nil
		rows, err := t.WithRoles(ctx)
		if err != nil {
			return err
		}
		for _, a := range rows {
			p, err := g.person(a)
			if err != nil {
				return err
			}
			f, err := t.Factor(ctx, ledger.AccountOwner(a.ID))
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			h := Holder{ID: a.ID, Email: p.Email, First: p.First, Last: p.Last, Roles: a.Roles, State: a.State, Factor: f.Method, SignedIn: a.SignedIn}
			if a.State == account.Registering {
				h.SignedIn = time.Time{}
			}
			if h.Disputes, err = g.ofAccount(ctx, t, a.ID); err != nil {
				return err
			}
			look := ledger.Seen{Account: a.ID, Role: wire.SeenOperator, What: wire.SeenAccount, Ref: "list"}
			if err := g.looked(ctx, t, look, 0, now); err != nil {
				return err
			}
			all = append(all, h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts with roles: %w", err)
	}
	return all, nil
}

// Suspend suspends an account now and takes its roles: its owner can reactivate it by the
// usual way, as a person without a role. An invitation that nobody took up ends.
func (g *Gate) Suspend(ctx context.Context, email, reason string, now time.Time) error {
	return g.operate(ctx, email, func(t *ledger.Tx, a ledger.Account, p *person) error {
		if a.State == account.Registering {
			a.State, a.Closed, a.Temp, a.TempEnds = account.Closed, now, "", time.Time{}
		} else {
			a.State = account.Suspended
		}
		a.Roles = nil
		if err := t.PutAccount(ctx, a); err != nil {
			return err
		}
		if _, err := t.RevokeSessions(ctx, a.ID, "", endReset, now); err != nil {
			return err
		}
		if err := t.DropFlows(ctx, time.Time{}, a.ID); err != nil {
			return err
		}
		return g.audit(ctx, t, operator, "suspend", a.ID, "", reason, now)
	})
}

// Revoke revokes the portal credential of an account as compromised, for good (B-041).
func (g *Gate) Revoke(ctx context.Context, email, reason string, now time.Time) error {
	return g.settled(g.actCompromise(ctx, nil, operator, wire.Act{Email: email, Reason: reason}, now))
}

// Reset sends a temporary password to an account's address, which this does not tell
// either.
func (g *Gate) Reset(ctx context.Context, email, reason string, now time.Time) error {
	return g.actReset(ctx, nil, operator, wire.Act{Email: email, Reason: reason}, now)
}

// Audits lists the newest lines of the audit.
func (g *Gate) Audits(ctx context.Context, n int) (all []ledger.Audit, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		all, err = t.Audits(ctx, n)
		return err
	})
	return all, err
}

// operate changes the account of an address.
func (g *Gate) operate(ctx context.Context, email string, do func(*ledger.Tx, ledger.Account, *person) error) error {
	return g.settled(g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		a, p, err := g.subject(ctx, t, nil, wire.Act{Email: email})
		if err != nil {
			return err
		}
		return do(t, a, &p)
	}))
}

// ErrOther: what was handed in is of another account than the one that hands it in.
var ErrOther = errors.New("of another account")

// HandsIn says which account hands a file in at the server's own console, and writes a line
// of it in the audit; is is the account that the file names, "": none. ErrOther; a suspended
// or closed account hands nothing in.
func (g *Gate) HandsIn(ctx context.Context, email, is string, now time.Time) (id string, err error) {
	err = g.operate(ctx, email, func(t *ledger.Tx, a ledger.Account, _ *person) error {
		switch {
		case is != "" && is != a.ID:
			return ErrOther
		case a.State == account.Registering:
			return refuse(account.Forbidden)
		case a.State == account.Suspended:
			return refuse(account.IsSuspended)
		case a.State == account.Closed:
			return refuse(account.IsClosed)
		}
		id = a.ID
		return g.audit(ctx, t, operator, "parcel", a.ID, "", "", now)
	})
	return id, err
}
