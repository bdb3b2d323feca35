package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// Vouched is what a sign-in partner said of a person. Once tells one saying from another.
type Vouched struct {
	Partner, Issuer, Subject string
	Once                     []byte
	Ends                     time.Time
}

// Voucher opens the code that a desktop brings from a sign-in partner.
type Voucher interface {
	Vouched(code, verifier string, now time.Time) (Vouched, error)
}

// vouched opens the code of a step and gives what uses it up, in the transaction of the
// step: brought twice, it opens nothing the second time.
func (g *Gate) vouched(r *run) (v Vouched, subject []byte, use func(context.Context, *ledger.Tx) error, err error) {
	if g.o.Voucher == nil {
		return v, nil, nil, refuse(account.PartnerFails)
	}
	if v, err = g.o.Voucher.Vouched(r.in.Code, r.in.Verifier, r.now); err != nil {
		return v, nil, nil, err
	}
	subject = g.subjectHash(v.Issuer, v.Subject)
	// A used code is a flow that has ended, and goes with the flows that expired.
	used := ledger.Flow{Key: g.o.Keys.MAC("partner once", v.Once), Kind: account.PortalPartner, Step: account.StepDone,
		Created: r.now, Expires: v.Ends}
	return v, subject, func(ctx context.Context, t *ledger.Tx) error {
		if _, err := t.Flow(ctx, used.Key); err == nil {
			return refuse(account.PartnerFails)
		} else if !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		return t.PutFlow(ctx, used)
	}, nil
}

// partnerSignIn opens the portal to whom a partner vouches for. A subject that nobody
// registered with reaches nothing, whatever its address (B-006, B-007).
func partnerSignIn(ctx context.Context, g *Gate, r *run) (move, error) {
	v, subject, use, err := g.vouched(r)
	if err != nil {
		return move{}, err
	}
	var c ledger.Credential
	var a ledger.Account
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		var err error
		if c, err = t.CredentialBySubject(ctx, subject); err != nil {
			return err
		}
		a, err = t.Account(ctx, c.Account)
		return err
	})
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return move{}, refuse(account.PartnerOther)
	case err != nil:
		return move{}, fmt.Errorf("sign in by partner %s: %w", v.Partner, err)
	}
	if err := canEnter(a); err != nil {
		return move{}, err
	}
	r.flow.Account = a.ID
	r.data.Credential, r.data.Partner = c.ID, c.Partner
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		if err := use(ctx, t); err != nil {
			return err
		}
		c := c
		c.Used = r.now
		if err := t.PutCredential(ctx, c); err != nil {
			return err
		}
		return g.open(ctx, t, r, c.ID)
	}}, nil
}

// canEnter says whether a session may be opened for an account at all.
func canEnter(a ledger.Account) error {
	switch {
	case a.State == account.Suspended:
		return refuse(account.IsSuspended)
	case a.State == account.Closed || a.State == account.Registering:
		return refuse(account.IsClosed)
	case a.Reset:
		return refuse(account.MustReset)
	}
	return nil
}

// partnerEnrol registers whom a partner vouches for as the portal credential of the
// account, in place of the one before: an enrolment of its own, without what hung on the
// other (B-007, B-021).
func partnerEnrol(ctx context.Context, g *Gate, r *run) (move, error) {
	v, subject, use, err := g.vouched(r)
	if err != nil {
		return move{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return move{}, err
	}
	enrolment, err := uuid.NewV7()
	if err != nil {
		return move{}, err
	}
	r.data.Credential, r.data.Partner = id.String(), v.Partner
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		if err := use(ctx, t); err != nil {
			return err
		}
		if err := g.free(ctx, t, subject); err != nil {
			return err
		}
		if err := replaceCredential(ctx, g, t, r.flow.Account, r.now); err != nil {
			return err
		}
		c := ledger.Credential{ID: id.String(), Account: r.flow.Account, Enrolment: enrolment.String(), Subject: subject,
			Partner: v.Partner, State: account.CredentialActive, Created: r.now, Used: r.now}
		if err := g.setPortal(&c, portal{}); err != nil {
			return err
		}
		if err := t.PutCredential(ctx, c); err != nil {
			return err
		}
		return g.open(ctx, t, r, c.ID)
	}}, nil
}

// free refuses a subject that an active credential is bound to: nothing is taken from
// another account, and nothing is bound twice.
func (g *Gate) free(ctx context.Context, t *ledger.Tx, subject []byte) error {
	_, err := t.CredentialBySubject(ctx, subject)
	switch {
	case err == nil:
		return refuse(account.PartnerTaken)
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	}
	return err
}

// partnerProve is the first half of a change of partner: the old one vouches for the
// credential of this very session, and so releases it (B-043).
func partnerProve(ctx context.Context, g *Gate, r *run) (move, error) {
	v, subject, use, err := g.vouched(r)
	if err != nil {
		return move{}, err
	}
	var c ledger.Credential
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		var err error
		c, err = t.Credential(ctx, r.data.Credential)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return move{}, fmt.Errorf("change partner: %w", err)
	}
	if err != nil || c.State != account.CredentialActive || string(c.Subject) != string(subject) {
		return move{}, refuse(account.PartnerOther)
	}
	r.data.Partner, r.data.Subject = v.Partner, subject
	return move{next: account.StepNewPartner, do: use}, nil
}

// partnerChange is the second half: the new partner vouches, and the credential moves to
// it with its account, its enrolment and all that hangs on it.
func partnerChange(ctx context.Context, g *Gate, r *run) (move, error) {
	v, subject, use, err := g.vouched(r)
	if err != nil {
		return move{}, err
	}
	r.data.Partner = v.Partner
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		if err := use(ctx, t); err != nil {
			return err
		}
		if err := g.free(ctx, t, subject); err != nil {
			return err
		}
		c, err := t.Credential(ctx, r.data.Credential)
		if err != nil {
			return err
		}
		// Released by its own partner in this flow, and by no other way meanwhile.
		if c.State != account.CredentialActive || string(c.Subject) != string(r.data.Subject) {
			return refuse(account.PartnerOther)
		}
		c.Subject, c.Partner = subject, v.Partner
		if err := t.PutCredential(ctx, c); err != nil {
			return err
		}
		a, err := t.Account(ctx, c.Account)
		if err != nil {
			return err
		}
		p, err := g.person(a)
		if err != nil {
			return err
		}
		return g.mail(ctx, t, "", mail.Message{Kind: mail.PartnerSet, To: p.Email, Lang: p.Lang, First: p.First}, r.now)
	}}, nil
}
