package gate

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// passwordUsername begins the recovery of a portal password (B-025): of a username, since
// without one there is nothing to recover (B-020). One that nobody has, or whose credential
// was revoked (B-041), goes the same way and arrives nowhere.
func passwordUsername(ctx context.Context, g *Gate, r *run) (move, error) {
	name := strings.TrimSpace(r.in.Username)
	if err := need("username", name); err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	c, a, err := g.holder(ctx, name)
	if err != nil {
		return move{}, fmt.Errorf("recover password: %w", err)
	}
	p, err := g.about(c, name)
	if err != nil {
		return move{}, err
	}
	d := &r.data
	d.Username, d.Credential, d.Password = name, c.ID, c.Password
	d.Question, d.PersonHint, d.DateHint = p.Question, p.PersonHint, p.DateHint
	d.Nobody = c.State != account.CredentialActive || a.State == account.Closed
	if !d.Nobody {
		r.flow.Account = a.ID
	}
	return move{next: account.StepMethod}, nil
}

// passwordMethod chooses how: by a code to the recovery e-mail and the recovery answer
// (B-026), or by the three recovery questions (B-027).
func passwordMethod(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	switch r.in.Method {
	case "questions":
		return move{next: account.StepAnswers}, nil
	case "email":
	default:
		return move{}, mend(account.MethodUnknown.At("method"))
	}
	typed := strings.TrimSpace(r.in.Email)
	if err := mend(account.CheckEmail(typed).At("email")); err != nil {
		return move{}, err
	}
	if err := g.letters(ctx, typed, r.now); err != nil {
		return move{}, err
	}
	c, _, err := g.holder(ctx, d.Username)
	if err != nil {
		return move{}, fmt.Errorf("recover password: %w", err)
	}
	to, _ := account.Address(typed)
	if c.ID != d.Credential || len(c.Recovery) == 0 || !bytes.Equal(c.Recovery, g.recoveryHash(to)) {
		d.Nobody = true // the code that was not sent is never right
	}
	return move{next: account.StepCode, do: g.sendCode(r, mail.PortalCode, typed, g.o.Rules.CodeLife, 6)}, nil
}

// passwordCode takes the code. It leads to the recovery answer, never past it.
func passwordCode(ctx context.Context, g *Gate, r *run) (move, error) {
	if err := need("code", r.in.Code); err != nil {
		return move{}, err
	}
	if err := g.guess(ctx, r); err != nil {
		return move{}, err
	}
	if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	r.data.Mail = ""
	return move{next: account.StepAnswer, do: r.right(g)}, nil
}

// passwordAnswer takes the recovery answer, after the code.
func passwordAnswer(ctx context.Context, g *Gate, r *run) (move, error) {
	if err := need("answer", account.Fold(r.in.Answer)); err != nil {
		return move{}, err
	}
	if err := g.guess(ctx, r); err != nil {
		return move{}, err
	}
	p, err := g.secrets(ctx, r)
	if err != nil {
		return move{}, err
	}
	if !g.matches(p.Answer, account.Fold(r.in.Answer)) {
		return g.wrong(r, account.AnswerWrong, "answer")
	}
	return move{next: account.StepNewPassword, do: r.right(g)}, nil
}

// passwordAnswers takes the three answers at once. All are compared, whatever the first
// was: neither the answer nor its time says which one is wrong (B-027).
func passwordAnswers(ctx context.Context, g *Gate, r *run) (move, error) {
	answer, person, date := account.Fold(r.in.Answer), account.Fold(r.in.Person), account.Fold(r.in.Date)
	if err := need("answer", answer, "person", person, "date", date); err != nil {
		return move{}, err
	}
	if err := g.guess(ctx, r); err != nil {
		return move{}, err
	}
	p, err := g.secrets(ctx, r)
	if err != nil {
		return move{}, err
	}
	one, two, three := g.matches(p.Answer, answer), g.matches(p.Person, person), g.matches(p.Date, date)
	if !one || !two || !three {
		return g.wrong(r, account.AnswersWrong, "")
	}
	return move{next: account.StepNewPassword, do: r.right(g)}, nil
}

// passwordNew sets the new password. Who is signed in with the old one is signed out; the
// second factor stays as it is, and is asked for at the next sign-in.
func passwordNew(ctx context.Context, g *Gate, r *run) (move, error) {
	d := &r.data
	if err := mend(account.CheckPortalPassword(r.in.Password, d.Username).At("password"),
		account.CheckAgain(r.in.Password, r.in.Again).At("again")); err != nil {
		return move{}, err
	}
	var a ledger.Account
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		_, a, err = g.standing(ctx, t, d.Credential, d.Password)
		return err
	})
	if err != nil {
		return move{}, err
	}
	if err := g.samePassword(ctx, a, r.in.Password); err != nil {
		return move{}, err
	}
	hash := g.hash(r.in.Password)
	notice, err := g.notice(ctx, r, mail.Message{Kind: mail.PortalSet})
	if err != nil {
		return move{}, err
	}
	old, name, key := d.Password, d.Username, r.flow.Key
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		c, a, err := g.standing(ctx, t, d.Credential, old)
		if err != nil {
			return err
		}
		c.Password = hash
		if err := t.PutCredential(ctx, c); err != nil {
			return err
		}
		if _, err := t.RevokeCredentialSessions(ctx, c.ID, "", endPassword, r.now); err != nil {
			return err
		}
		if err := t.DropOtherFlows(ctx, a.ID, key); err != nil { // a sign-in half way in with the old one
			return err
		}
		if err := g.succeeded(ctx, t, g.byRecovery(name), g.byUsername(name)); err != nil {
			return err
		}
		return notice(ctx, t)
	}}, nil
}

// guess counts a try before it is compared.
func (g *Gate) guess(ctx context.Context, r *run) error {
	return g.attempt(ctx, r.now, g.byRecovery(r.data.Username), g.byAddress(r.from))
}

// right takes back what guess counted for the address that asks. For the username it
// stands until there is a new password.
func (r *run) right(g *Gate) func(context.Context, *ledger.Tx) error {
	return func(ctx context.Context, t *ledger.Tx) error { return g.succeeded(ctx, t, g.byAddress(r.from)) }
}

// wrong counts a wrong answer, and ends the flow after as many as a code may be tried.
func (g *Gate) wrong(r *run, c account.Code, field string) (move, error) {
	r.data.Tries++
	if r.data.Tries >= g.o.Rules.CodeTries {
		return r.end(account.FlowExpired)
	}
	return r.stay(c, field)
}

// secrets are the hashes that answers are compared with: none, where there is nothing to
// recover, which takes as long.
func (g *Gate) secrets(ctx context.Context, r *run) (portal, error) {
	c, _, err := g.holder(ctx, r.data.Username)
	if err != nil {
		return portal{}, fmt.Errorf("recover password: %w", err)
	}
	if r.data.Nobody || c.ID != r.data.Credential || c.State != account.CredentialActive {
		return portal{}, nil
	}
	return g.portal(c)
}
