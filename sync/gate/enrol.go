package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// enrolment is a portal credential that is being registered: nothing of it is written
// before its factor was confirmed and its recovery codes kept.
type enrolment struct {
	ID       string `json:"id"`
	Offers   string `json:"offers"`   // the enrolment that offers will hang on
	Password string `json:"password"` // hashed
	Portal   portal `json:"portal"`
}

// enrolUsername takes a username and a password of their own (B-028, B-029). A username is
// given once: not even that of a revoked credential is free (B-042).
func enrolUsername(ctx context.Context, g *Gate, r *run) (move, error) {
	name := strings.TrimSpace(r.in.Username)
	if err := mend(account.CheckUsername(name).At("username"), account.CheckPortalPassword(r.in.Password, name).At("password"),
		account.CheckAgain(r.in.Password, r.in.Again).At("again")); err != nil {
		return move{}, err
	}
	// Whether a username is taken is told here, so that is what must not be tried at will.
	if err := g.attempt(ctx, r.now, g.byAccount("enrol/"+r.flow.Account), g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	taken, err := g.taken(ctx, name)
	if err != nil {
		return move{}, err
	}
	var a ledger.Account
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		a, err = t.Account(ctx, r.flow.Account)
		return err
	})
	if err != nil {
		return move{}, fmt.Errorf("enrol: %w", err)
	}
	if err := canEnter(a); err != nil {
		return move{}, err
	}
	if err := mend(taken); err != nil {
		return move{}, err
	}
	if err := g.samePassword(ctx, a, r.in.Password); err != nil {
		return move{}, err
	}
	id := g.id(r.now)
	r.data.Username, r.data.Owner = name, ledger.CredentialOwner(id)
	err = r.keepDraft(enrolment{ID: id, Offers: g.id(r.now), Password: g.hash(r.in.Password), Portal: portal{Username: name}})
	return move{next: account.StepRecovery}, err
}

// enrolRecovery takes what a forgotten username or password is recovered with (B-023,
// B-037).
func enrolRecovery(_ context.Context, g *Gate, r *run) (move, error) {
	in := &r.in
	all := account.CheckRecovery(account.Recovery{Email: in.RecoveryEmail, Question: in.Question, Answer: in.Answer,
		Person: in.Person, PersonHint: in.PersonHint, Date: in.Date, DateHint: in.DateHint})
	if err := mend(all...); err != nil {
		return move{}, err
	}
	e, err := r.draft()
	if err != nil {
		return move{}, err
	}
	e.Portal = portal{Username: e.Portal.Username, RecoveryEmail: strings.TrimSpace(in.RecoveryEmail), Question: in.Question,
		Answer: g.hash(account.Fold(in.Answer)), Person: g.hash(account.Fold(in.Person)), Date: g.hash(account.Fold(in.Date)),
		PersonHint: strings.TrimSpace(in.PersonHint), DateHint: strings.TrimSpace(in.DateHint)}
	r.data.Methods = methods
	return move{next: account.StepSetup}, r.keepDraft(e)
}

// enrolAfterFactor writes the credential, its factor and its codes, and opens the portal:
// all or nothing. The credential before is revoked, and nothing of it carried over
// (B-021, B-024, B-035).
func enrolAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) {
	e, err := r.draft()
	if err != nil {
		return move{}, err
	}
	taken, err := g.taken(ctx, e.Portal.Username)
	if err != nil {
		return move{}, err
	}
	if taken.Code != "" { // by somebody else meanwhile: another one, please
		return move{next: account.StepUsername, refuse: mend(taken)}, nil
	}
	c := ledger.Credential{ID: e.ID, Account: r.flow.Account, Enrolment: e.Offers, Username: g.usernameHash(e.Portal.Username),
		State: account.CredentialActive, Password: e.Password, Created: r.now, Used: r.now}
	if to, ok := account.Address(e.Portal.RecoveryEmail); ok {
		c.Recovery = g.recoveryHash(to)
	}
	if err := g.setPortal(&c, e.Portal); err != nil {
		return move{}, err
	}
	notice, err := g.notice(ctx, r, mail.Message{Kind: mail.FactorSet})
	if err != nil {
		return move{}, err
	}
	n := r.newFactor()
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		a, err := t.Account(ctx, c.Account)
		if err != nil {
			return err
		}
		if err := canEnter(a); err != nil {
			return err
		}
		if err := replaceCredential(ctx, g, t, c.Account, r.now); err != nil {
			return err
		}
		if err := t.PutCredential(ctx, c); errors.Is(err, ledger.ErrTaken) {
			return mend(account.UsernameTaken.At("username"))
		} else if err != nil {
			return err
		}
		if _, err := g.keepFactor(ctx, t, n, r.now); err != nil {
			return err
		}
		if err := g.succeeded(ctx, t, g.byAccount("enrol/"+c.Account), g.byAddress(r.from)); err != nil {
			return err
		}
		if err := notice(ctx, t); err != nil {
			return err
		}
		return g.open(ctx, t, r, c.ID)
	}}, nil
}

// taken is the problem of a username that somebody has, or had.
func (g *Gate) taken(ctx context.Context, name string) (account.Problem, error) {
	c, _, err := g.holder(ctx, name)
	if err != nil {
		return account.Problem{}, fmt.Errorf("look for a username: %w", err)
	}
	if c.ID != "" {
		return account.UsernameTaken.At("username"), nil
	}
	return account.Problem{}, nil
}

// draft reads the credential that is being registered; keepDraft keeps it.
func (r *run) draft() (e enrolment, err error) {
	if err = json.Unmarshal(r.data.Draft, &e); err != nil {
		err = fmt.Errorf("credential being registered: %w", err)
	}
	return e, err
}

func (r *run) keepDraft(e enrolment) (err error) {
	r.data.Draft, err = json.Marshal(e)
	return err
}
