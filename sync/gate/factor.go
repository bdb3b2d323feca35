package gate

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

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

const (
	otpPeriod     = 30 // seconds of a TOTP step
	recoveryCodes = 5  // of a set (B-031)
	issuer        = "Passerelle"
)

// methods can be chosen at a set-up.
var methods = []account.Method{account.TOTP, account.EMail}

// byFactor counts tries of an owner's second factor and of its recovery codes.
func (g *Gate) byFactor(owner string) throttle { return g.byAccount("factor/" + owner) }

// askFactor leads to the second factor of an owner: to account.StepFactor, with a code on
// its way where it goes by e-mail, or to account.StepSetup where there is none yet.
func (g *Gate) askFactor(ctx context.Context, r *run, owner string) (move, error) {
	var f ledger.Factor
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		f, err = t.Factor(ctx, owner)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return move{}, fmt.Errorf("factor of %s: %w", owner, err)
	}
	d := &r.data
	d.Owner, d.Method, d.Factor, d.FactorAt = owner, f.Method, f.Body, time.Time{}
	d.Mail, d.Sent, d.To, d.Code = "", "", "", code{}
	switch {
	case err != nil || f.Method == "":
		d.Methods = methods
		return move{next: account.StepSetup}, nil
	case f.Method == account.TOTP:
		return move{next: account.StepFactor}, nil
	}
	s, err := g.second(f)
	if err != nil {
		return move{}, err
	}
	if err := g.letters(ctx, s.Address, r.now); err != nil {
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
	if r.in.Recovery == "" && r.in.Code == "" && !(r.in.Linked && r.flow.Linked) {
		return move{}, mend(account.Problem{Field: "code", Code: account.Needed})
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
			f, err = t.Factor(ctx, d.Owner)
			return err
		})
		if err != nil {
			return move{}, fmt.Errorf("factor of %s: %w", d.Owner, err)
		}
		s, err := g.second(f)
		if err != nil {
			return move{}, err
		}
		step, c := totpStep(s.Secret, r.in.Code, f.Last, r.now)
		if c != "" {
			return move{}, mend(account.Problem{Field: "code", Code: c})
		}
		prove = func(ctx context.Context, t *ledger.Tx) error {
			f, err := g.sameFactor(ctx, t, r)
			if err != nil {
				return err
			}
			if step <= f.Last { // the same code at the same moment in another flow
				return mend(account.Problem{Field: "code", Code: account.FactorUsed})
			}
			f.Last = step
			return t.PutFactor(ctx, f)
		}
	} else {
		if c := g.checkCode(r); c != "" {
			return r.stay(c, "code")
		}
		prove = func(ctx context.Context, t *ledger.Tx) error {
			_, err := g.sameFactor(ctx, t, r)
			return err
		}
	}
	d.FactorAt, d.Mail = r.now, ""
	m, err := after[r.flow.Kind](ctx, g, r)
	if err != nil {
		return move{}, err
	}
	m.do = both(prove, both(m.do, func(ctx context.Context, t *ledger.Tx) error {
		return g.succeeded(ctx, t, g.byFactor(d.Owner))
	}))
	return m, nil
}

// useRecovery uses one of the five codes: once, and for nothing but the set-up (B-033).
func (g *Gate) useRecovery(r *run) (move, error) {
	d := &r.data
	hash := g.codeHash(d.Owner, recoveryText(r.in.Recovery))
	d.Recovered, d.FactorAt, d.Methods, d.Mail = true, r.now, methods, ""
	return move{next: account.StepSetup, do: func(ctx context.Context, t *ledger.Tx) error {
		if _, err := g.sameFactor(ctx, t, r); err != nil {
			return err
		}
		_, err := t.UseCode(ctx, d.Owner, hash, r.now)
		if errors.Is(err, ledger.ErrNotFound) {
			return mend(account.Problem{Field: "recovery", Code: account.RecoveryWrong})
		}
		if err != nil {
			return err
		}
		return g.succeeded(ctx, t, g.byFactor(d.Owner))
	}}, nil
}

// factorSetup begins another factor. The one before must have been proven within
// Rules.FactorFresh, or a recovery code used (B-032, B-036).
func factorSetup(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	if len(d.Factor) > 0 && !d.Recovered && r.now.Sub(d.FactorAt) > g.o.Rules.FactorFresh {
		m, err := g.askFactor(ctx, r, d.Owner)
		m.refuse = refuse(account.FactorNeeded)
		return m, err
	}
	switch account.Method(r.in.Method) {
	case account.TOTP:
		d.Method, d.Mail, d.Sent, d.To, d.Code = account.TOTP, "", "", "", code{}
		d.Secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(g.token(20))
		if err := g.label(ctx, r); err != nil {
			return move{}, err
		}
		return move{next: account.StepConfirm}, nil
	case account.EMail:
		to, shown := "", strings.TrimSpace(r.in.Email)
		if shown != "" {
			var ok bool
			if to, ok = account.Address(shown); !ok {
				return move{}, mend(account.Problem{Field: "email", Code: account.BadEmail})
			}
		} else {
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
	return move{}, mend(account.Problem{Field: "method", Code: account.MethodUnknown})
}

// factorConfirm ends a set-up, and only a right code does (B-031). Method, instead of a
// code, chooses again: whoever chose an authenticator and has none is not stuck.
func factorConfirm(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	switch {
	case r.in.Method != "":
		return factorSetup(ctx, g, r)
	case r.in.Code == "":
		return move{}, mend(account.Problem{Field: "code", Code: account.Needed})
	}
	d.Stepped = 0
	if d.Method == account.TOTP {
		step, c := totpStep(d.Secret, r.in.Code, 0, r.now)
		if c != "" {
			return move{}, mend(account.Problem{Field: "code", Code: c})
		}
		d.Stepped = step
	} else if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	d.Codes = make([]string, recoveryCodes)
	for i := range d.Codes {
		d.Codes[i] = g.recoveryCode()
	}
	d.FactorAt, d.Mail = r.now, ""
	m := move{next: account.StepCodes}
	if r.flow.Kind == account.Enrol { // whose owner is not there yet: kept with the credential
		return m, nil
	}
	n := r.newFactor()
	notice, err := g.notice(ctx, r, mail.Message{Kind: mail.FactorSet})
	if err != nil {
		return move{}, err
	}
	m.do = func(ctx context.Context, t *ledger.Tx) error {
		if _, err := g.sameFactor(ctx, t, r); err != nil {
			return err
		}
		if err := g.keepFactor(ctx, t, n, r.now); err != nil {
			return err
		}
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
		r.data.Methods = methods
		return move{next: account.StepSetup}, nil
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

// keepFactor writes a factor in place of the one before, and its codes in place of theirs (B-034).
func (g *Gate) keepFactor(ctx context.Context, t *ledger.Tx, n newFactor, now time.Time) error {
	f, err := t.Factor(ctx, n.owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	f.Owner, f.Method, f.Last, f.Since = n.owner, n.method, n.last, now
	if err := g.setSecond(&f, n.second); err != nil {
		return err
	}
	if err := t.PutFactor(ctx, f); err != nil {
		return err
	}
	hashes := make([][]byte, len(n.codes))
	for i, c := range n.codes {
		hashes[i] = g.codeHash(n.owner, recoveryText(c))
	}
	return t.SetCodes(ctx, n.owner, hashes, now)
}

// sameFactor reads the owner's factor and refuses one that is not the one that the flow
// met: whoever waits at a step while the owner sets up another factor opens nothing.
func (g *Gate) sameFactor(ctx context.Context, t *ledger.Tx, r *run) (ledger.Factor, error) {
	f, err := t.Factor(ctx, r.data.Owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return f, err
	}
	if !bytes.Equal(f.Body, r.data.Factor) {
		return f, refuse(account.FlowExpired)
	}
	return f, nil
}

// totpStep finds the step of a code: now's, the one before or the one after (RFC 6238,
// 5.2). None at or before last is taken again.
func totpStep(secret, text string, last int64, now time.Time) (step int64, c account.Code) {
	text = onlyDigits(text)
	c = account.FactorWrong
	at := now.Unix() / otpPeriod
	for s := at - 1; s <= at+1; s++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil || subtle.ConstantTimeCompare([]byte(want), []byte(text)) != 1 {
			continue
		}
		if s > last {
			return s, ""
		}
		c = account.FactorUsed
	}
	return 0, c
}

// otpURI is what the QR code says: the key URI that authenticator applications read.
func (g *Gate) otpURI(r *run) string {
	name := r.data.Username
	if name == "" {
		name = r.data.Email
	}
	label := issuer
	if name != "" {
		label += ":" + name
	}
	return fmt.Sprintf("otpauth://totp/%s?secret=%s&issuer=%s&algorithm=SHA1&digits=6&period=%d",
		url.PathEscape(label), r.data.Secret, url.QueryEscape(issuer), otpPeriod)
}

// label finds what the authenticator is to call the entry, where the flow does not know.
func (g *Gate) label(ctx context.Context, r *run) error {
	d := &r.data
	if d.Username != "" || d.Email != "" {
		return nil
	}
	if d.Owner != ledger.CredentialOwner(d.Credential) {
		p, err := g.personOf(ctx, r.flow.Account)
		d.Email = p.Email
		return err
	}
	return g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		c, err := t.Credential(ctx, d.Credential)
		if err != nil {
			return err
		}
		p, err := g.portal(c)
		d.Username = p.Username
		return err
	})
}

// recoveryLetters are digits and letters that are not taken for one another when copied by
// hand; 32 of them, so that each is as likely.
const recoveryLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// recoveryCode is a code of 60 bits, in three groups.
func (g *Gate) recoveryCode() string {
	var b strings.Builder
	for i, c := range g.token(12) {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(recoveryLetters[c%32])
	}
	return b.String()
}

// recoveryText reads a code as a person copied it.
func recoveryText(text string) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case ' ', '-', '\u00a0', '–':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		return c
	}, text)
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
