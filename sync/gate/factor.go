package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// after is where a kind goes on when a second factor was proven (r.flow.Step is
// account.StepFactor) or set up and its recovery codes kept (account.StepCodes);
// r.data.FactorAt is now. What it gives to do runs in the transaction of the factor.
var after = map[account.Kind]handler{
	account.SignIn:    signinAfterFactor,
	account.Invited:   invitedAfterFactor,
	account.Portal:    portalAfterFactor,
	account.Enrol:     enrolAfterFactor,
	account.NewFactor: factorChanged,
}

// issuer is what an authenticator application calls us.
const issuer = "Passerelle"

// methods can be chosen at a set-up.
var methods = []account.Method{account.TOTP, account.EMail}

// byFactor counts tries of an owner's second factor and of its recovery codes.
func (g *Gate) byFactor(owner string) throttle { return g.byAccount("factor/" + owner) }

// byFactorLetters counts the codes that were sent and not used, by whose they are: a
// stranger who has other letters sent to the same address makes nobody wait.
func (g *Gate) byFactorLetters(owner string) throttle { return g.byAccount("factor letters/" + owner) }

// askFactor leads to the second factor of an owner: to account.StepFactor, with a code on
// its way where it goes by e-mail, or to account.StepSetup where there is none yet.
func (g *Gate) askFactor(ctx context.Context, r *run, owner string) (move, error) {
	var f ledger.Factor
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		f, err = t.Factor(ctx, owner)
		return err
	})
	if errors.Is(err, ledger.ErrNotFound) {
		f, err = ledger.Factor{}, nil
	}
	if err != nil {
		return move{}, fmt.Errorf("factor of %s: %w", owner, err)
	}
	d := &r.data
	d.Owner, d.Method, d.Factor, d.FactorAt = owner, f.Method, f.Body, time.Time{}
	d.Mail, d.Sent, d.To, d.Address, d.Code = "", "", "", "", code{}
	switch {
	case f.Method == "":
		return g.toSetup(r), nil
	case f.Method == account.TOTP:
		return move{next: account.StepFactor}, nil
	}
	s, err := g.second(f)
	if err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byFactorLetters(owner)); err != nil {
		return move{}, err
	}
	d.To = s.Address
	return move{next: account.StepFactor, do: g.sendCode(r, mail.FactorCode, mask(s.Address), g.o.Rules.FactorLife, 6)}, nil
}

// ownFactor begins the change of the factor of the session within which a flow was begun:
// that of its portal credential, or else of the account. Who has none changes none.
func (g *Gate) ownFactor(ctx context.Context, r *run) (move, error) {
	owner := ledger.AccountOwner(r.flow.Account)
	if r.data.Credential != "" {
		owner = ledger.CredentialOwner(r.data.Credential)
	}
	m, err := g.askFactor(ctx, r, owner)
	if err == nil && m.next != account.StepFactor {
		err = refuse(account.Forbidden)
	}
	return m, err
}

// factorUse proves the factor, or opens the set-up of another one by a recovery code.
func factorUse(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	if err := need("code", r.in.Code+r.in.Recovery); err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byFactor(d.Owner), g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	if r.in.Recovery != "" {
		return g.useRecovery(r)
	}
	var prove func(context.Context, *ledger.Tx) error
	if d.Method == account.TOTP {
		var f ledger.Factor
		err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
			f, err = g.sameFactor(ctx, t, d.Owner, d.Factor)
			return err
		})
		if err != nil {
			return move{}, err
		}
		s, err := g.second(f)
		if err != nil {
			return move{}, err
		}
		step, c := totp(s.Secret, r.in.Code, f.Last, r.now)
		if c != "" {
			return move{}, mend(c.At("code"))
		}
		prove = func(ctx context.Context, t *ledger.Tx) error {
			f, err := g.sameFactor(ctx, t, d.Owner, d.Factor)
			if err != nil {
				return err
			}
			if step <= f.Last { // the same code at the same moment in another flow
				return mend(account.FactorUsed.At("code"))
			}
			f.Last = step
			return t.PutFactor(ctx, f)
		}
	} else {
		if c := g.checkCode(r); c != "" {
			return r.stay(c, "code")
		}
		prove = func(ctx context.Context, t *ledger.Tx) error {
			_, err := g.sameFactor(ctx, t, d.Owner, d.Factor)
			return err
		}
	}
	d.FactorAt, d.Mail = r.now, ""
	m, err := after[r.flow.Kind](ctx, g, r)
	if err != nil {
		return move{}, err
	}
	m.do = both(prove, both(m.do, func(ctx context.Context, t *ledger.Tx) error {
		return g.succeeded(ctx, t, g.byFactor(d.Owner), g.byAddress(r.from))
	}))
	return m, nil
}

// useRecovery uses one of the five codes: once, and for nothing but the set-up (B-033).
func (g *Gate) useRecovery(r *run) (move, error) {
	d := &r.data
	text, ok := account.RecoveryTyped(r.in.Recovery)
	if !ok {
		return move{}, mend(account.RecoveryWrong.At("recovery"))
	}
	hash := g.codeHash(d.Owner, text)
	d.Recovered, d.FactorAt, d.Mail = true, r.now, ""
	m := g.toSetup(r)
	m.do = func(ctx context.Context, t *ledger.Tx) error {
		if _, err := g.sameFactor(ctx, t, d.Owner, d.Factor); err != nil {
			return err
		}
		_, err := t.UseCode(ctx, d.Owner, hash, r.now)
		if errors.Is(err, ledger.ErrNotFound) {
			return mend(account.RecoveryWrong.At("recovery"))
		}
		if err != nil {
			return err
		}
		return g.succeeded(ctx, t, g.byFactor(d.Owner), g.byAddress(r.from))
	}
	return m, nil
}

// toSetup leads to the set-up of a factor, with the time that it takes to find a telephone:
// whoever came in by a recovery code must not need another one for having been slow.
func (g *Gate) toSetup(r *run) move {
	r.data.Methods = methods
	if until := r.now.Add(g.o.Rules.FlowLife(account.NewFactor)); until.After(r.flow.Expires) {
		r.flow.Expires = until
	}
	return move{next: account.StepSetup}
}

// mayChange says whether another factor may be set up: there was none, or it was proven
// within Rules.FactorFresh, or a recovery code was used (B-032, B-036).
func (g *Gate) mayChange(r *run) bool {
	return len(r.data.Factor) == 0 || r.data.Recovered || g.o.Rules.Fresh(r.data.FactorAt, r.now)
}

// askAgain asks for a factor that was proven too long ago.
func (g *Gate) askAgain(ctx context.Context, r *run) (move, error) {
	m, err := g.askFactor(ctx, r, r.data.Owner)
	m.refuse = refuse(account.FactorNeeded)
	return m, err
}

// factorSetup begins another factor.
func factorSetup(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	if !g.mayChange(r) {
		return g.askAgain(ctx, r)
	}
	switch account.Method(r.in.Method) {
	case account.TOTP:
		d.Method, d.Mail, d.Sent, d.To, d.Code = account.TOTP, "", "", "", code{}
		d.Secret = account.TOTPSecret(g.token(account.TOTPChance))
		return move{next: account.StepConfirm}, nil
	case account.EMail:
		shown := strings.TrimSpace(r.in.Email)
		to, ok := account.Address(shown)
		switch {
		case shown != "" && !ok:
			return move{}, mend(account.BadEmail.At("email"))
		case shown == "":
			p, err := g.personOf(ctx, r.flow.Account)
			if err != nil {
				return move{}, err
			}
			to, shown = p.Email, mask(p.Email)
		}
		if err := g.letters(ctx, to, r.now); err != nil {
			return move{}, err
		}
		d.Method, d.Secret, d.Address, d.To = account.EMail, "", to, to
		return move{next: account.StepConfirm, do: g.sendCode(r, mail.FactorCode, shown, g.o.Rules.FactorLife, 6)}, nil
	}
	return move{}, mend(account.MethodUnknown.At("method"))
}

// factorConfirm ends a set-up, and only a right code does (B-031). Method, instead of a
// code, chooses again: whoever chose an authenticator and has none is not stuck.
func factorConfirm(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	switch {
	case r.in.Method != "":
		return factorSetup(ctx, g, r)
	case r.in.Code == "":
		return move{}, mend(account.Needed.At("code"))
	}
	d.Stepped = 0
	if d.Method == account.TOTP {
		step, c := totp(d.Secret, r.in.Code, 0, r.now)
		if c != "" {
			return move{}, mend(c.At("code"))
		}
		d.Stepped = step
	} else if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	d.Codes = account.RecoveryCodes(g.token(account.RecoveryChance))
	d.FactorAt, d.Mail = r.now, ""
	m := move{next: account.StepCodes}
	if r.flow.Kind == account.Enrol { // whose owner is not there yet: kept with the credential
		return m, nil
	}
	n, met := r.newFactor(), d.Factor
	notice, err := g.notice(ctx, r, mail.Message{Kind: mail.FactorSet})
	if err != nil {
		return move{}, err
	}
	m.do = func(ctx context.Context, t *ledger.Tx) error {
		if _, err := g.sameFactor(ctx, t, d.Owner, met); err != nil { // what is met, not d.Factor: this may run twice
			return err
		}
		body, err := g.keepFactor(ctx, t, n, r.now)
		if err != nil {
			return err
		}
		d.Factor = body
		if err := g.succeeded(ctx, t, g.byFactor(d.Owner)); err != nil {
			return err
		}
		return notice(ctx, t)
	}
	return m, nil
}

// factorCodes goes on once the person kept the codes; they are not shown again.
func factorCodes(ctx context.Context, g *Gate, r *run) (move, error) {
	m, err := after[r.flow.Kind](ctx, g, r)
	if err == nil {
		r.data.Codes, r.data.Secret, r.data.Recovered = nil, "", false
	}
	return m, err
}

// factorChanged is what follows in a flow whose only purpose is another factor.
func factorChanged(ctx context.Context, g *Gate, r *run) (move, error) {
	if r.flow.Step == account.StepFactor {
		return g.toSetup(r), nil
	}
	at := r.data.FactorAt
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		s, err := t.Session(ctx, r.data.Session)
		if err != nil {
			return err
		}
		s.FactorAt = at
		return t.PutSession(ctx, s)
	}}, nil
}

// newFactor is a factor that was confirmed, with its recovery codes, as plain values: what
// runs in a transaction must not depend on what the flow remembers by then.
type newFactor struct {
	owner  string
	method account.Method
	second second
	last   int64
	codes  []string
}

func (r *run) newFactor() newFactor {
	d := &r.data
	n := newFactor{owner: d.Owner, method: d.Method, last: d.Stepped, codes: d.Codes}
	if d.Method == account.TOTP {
		n.second.Secret = d.Secret
	} else {
		n.second.Address = d.Address
	}
	return n
}

// keepFactor writes a factor in place of the one before, and its codes in place of theirs
// (B-034). It gives the sealed body, by which the factor is known again.
func (g *Gate) keepFactor(ctx context.Context, t *ledger.Tx, n newFactor, now time.Time) ([]byte, error) {
	f, err := t.Factor(ctx, n.owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, err
	}
	f.Owner, f.Method, f.Last, f.Since = n.owner, n.method, n.last, now
	if err := g.setSecond(&f, n.second); err != nil {
		return nil, err
	}
	if err := t.PutFactor(ctx, f); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(n.codes))
	for i, c := range n.codes {
		hashes[i] = g.codeHash(n.owner, c)
	}
	return f.Body, t.SetCodes(ctx, n.owner, hashes, now)
}

// sameFactor reads the owner's factor and refuses one that is not the one that the flow
// met: whoever waits at a step while the owner sets up another factor opens nothing.
func (g *Gate) sameFactor(ctx context.Context, t *ledger.Tx, owner string, met []byte) (ledger.Factor, error) {
	f, err := t.Factor(ctx, owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return f, err
	}
	if !bytes.Equal(f.Body, met) {
		return f, refuse(account.FlowExpired)
	}
	return f, nil
}

// totp finds the step of a code, and says what is wrong with it.
func totp(secret, text string, last int64, now time.Time) (int64, account.Code) {
	step, ok := account.VerifyTOTP(secret, text, now, last)
	switch {
	case ok:
		return step, ""
	case step != 0:
		return 0, account.FactorUsed
	}
	return 0, account.FactorWrong
}

// otpURI is what the QR code says: the key URI that authenticator applications read.
func (g *Gate) otpURI(r *run) string {
	name := r.data.Username
	if name == "" {
		name = r.data.Email
	}
	return account.TOTPURI(r.data.Secret, issuer, name)
}

// personOf opens the body of an account.
func (g *Gate) personOf(ctx context.Context, id string) (p person, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		a, err := t.Account(ctx, id)
		if err != nil {
			return err
		}
		p, err = g.person(a)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("person of %s: %w", id, err)
	}
	return p, nil
}

// notice gives what queues a letter to the account of a flow, in its own language.
func (g *Gate) notice(ctx context.Context, r *run, m mail.Message) (func(context.Context, *ledger.Tx) error, error) {
	p, err := g.personOf(ctx, r.flow.Account)
	if err != nil {
		return nil, err
	}
	m.To, m.Lang, m.First = p.Email, p.Lang, p.First
	return func(ctx context.Context, t *ledger.Tx) error { return g.mail(ctx, t, "", m, r.now) }, nil
}

// both does one thing and then another; nil is nothing.
func both(one, other func(context.Context, *ledger.Tx) error) func(context.Context, *ledger.Tx) error {
	switch {
	case one == nil:
		return other
	case other == nil:
		return one
	}
	return func(ctx context.Context, t *ledger.Tx) error {
		if err := one(ctx, t); err != nil {
			return err
		}
		return other(ctx, t)
	}
}

// mask shows an address to somebody who need not know it: its first letter and its host.
func mask(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return "…"
	}
	_, n := utf8.DecodeRuneInString(address)
	return address[:n] + "…" + address[at:]
}
