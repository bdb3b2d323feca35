package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// byAnswer counts answers to the security questions of an address, apart from its
// passwords: who knows the password has five tries at the answer, too, and no more.
func (g *Gate) byAnswer(address string) throttle { return g.byAccount("answer " + address) }

// signinPassword takes the address and the password, or a temporary one. An address
// without an account costs the same work and gets the same answer (A-140, B-017); that an
// account is suspended is told to whoever has its password, and to nobody else.
func signinPassword(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	if err := need("email", in.Email, "password", in.Password); err != nil {
		return move{}, err
	}
	address, ok := account.Address(in.Email)
	if !ok {
		address = account.Fold(in.Email)
	}
	if err := g.attempt(ctx, r.now, g.byAccount(address), g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	a, err := g.accountByEmail(ctx, address)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return move{}, fmt.Errorf("sign in: %w", err)
	}
	if a.State == account.Registering {
		a = ledger.Account{} // not taken up: its one-time code is for account.Invited
	}
	own := g.matches(a.Password, in.Password)
	temp := g.temporary(a, account.TemporaryTyped(in.Password), r.now)
	switch {
	case temp == account.CodeUsed || temp == account.CodeExpired:
		return move{}, mend(temp.At("password"))
	case temp != "" && !own:
		return move{}, refuse(account.Credentials)
	case temp != "" && a.State == account.Suspended:
		return move{}, refuse(account.IsSuspended)
	case temp != "" && a.Reset:
		return move{}, refuse(account.MustReset)
	}
	p, err := g.person(a)
	if err != nil {
		return move{}, fmt.Errorf("sign in %s: %w", a.ID, err)
	}
	d := &r.data
	r.flow.Account = a.ID
	d.Email, d.First, d.Stamp, d.Temporary = address, p.First, g.stamp(a), temp == ""
	if in.Device != "" {
		d.Device = short(in.Device, 80)
	}
	if d.Temporary {
		return g.useTemporary(ctx, r, a)
	}
	return move{next: account.StepQuestion, do: func(ctx context.Context, t *ledger.Tx) error {
		return g.change(ctx, t, r, func(_ *ledger.Account, p *person) error {
			d.Question = g.asks(p)
			return nil
		})
	}}, nil
}

// change reads the account of a flow again, lets do change it and its person, and writes
// both, within a transaction. Once the password is another one than the flow met, the flow
// has no right to anything.
func (g *Gate) change(ctx context.Context, t *ledger.Tx, r *run, do func(*ledger.Account, *person) error) error {
	a, err := t.Account(ctx, r.flow.Account)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && (a.State == account.Closed || !bytes.Equal(r.data.Stamp, g.stamp(a))) {
		return refuse(account.FlowExpired)
	}
	if err != nil {
		return err
	}
	p, err := g.person(a)
	if err != nil {
		return err
	}
	if err := do(&a, &p); err != nil {
		return err
	}
	if err := g.setPerson(&a, p); err != nil {
		return err
	}
	return t.PutAccount(ctx, a)
}

// useTemporary uses a temporary password up, and leads to the second factor where the
// account has one: an agent's reset does not touch it.
func (g *Gate) useTemporary(ctx context.Context, r *run, met ledger.Account) (move, error) {
	m, err := g.guard(ctx, r, met)
	if err != nil {
		return move{}, err
	}
	m.do = both(m.do, func(ctx context.Context, t *ledger.Tx) error {
		return g.change(ctx, t, r, func(a *ledger.Account, _ *person) error {
			if a.Temp != met.Temp || a.TempEnds.IsZero() {
				return mend(account.CodeUsed.At("password")) // twice at once: the other one won
			}
			a.TempEnds = time.Time{}
			return nil
		})
	})
	return m, nil
}

// guard leads to the second factor of those whose role wants one, and the others on.
func (g *Gate) guard(ctx context.Context, r *run, a ledger.Account) (move, error) {
	if guarded(a) {
		return g.askFactor(ctx, r, ledger.AccountOwner(a.ID))
	}
	return signinAfterFactor(ctx, g, r)
}

// signinQuestion takes the answer to the question: without it a password opens nothing.
func signinQuestion(ctx context.Context, g *Gate, r *run) (move, error) {
	if err := need("answer", r.in.Answer); err != nil {
		return move{}, err
	}
	d := &r.data
	a, right, err := g.answered(ctx, r)
	if err != nil {
		return move{}, err
	}
	if !right {
		if d.Tries++; d.Tries >= g.o.Rules.CodeTries {
			return r.end(account.TooMany)
		}
		return r.stay(account.AnswerWrong, "answer")
	}
	m, err := g.guard(ctx, r, a)
	if err != nil {
		return move{}, err
	}
	m.do = both(func(ctx context.Context, t *ledger.Tx) error {
		return g.change(ctx, t, r, func(_ *ledger.Account, p *person) error {
			if n := len(p.Asked); n > 0 && p.Asked[n-1] == d.Question {
				g.rotate(p)
			}
			return g.succeeded(ctx, t, g.byAnswer(d.Email), g.byAddress(r.from))
		})
	}, m.do)
	return m, nil
}

// answered counts a try and says whether r.in.Answer is the answer to the question that
// the flow asks.
func (g *Gate) answered(ctx context.Context, r *run) (a ledger.Account, right bool, err error) {
	if err := g.attempt(ctx, r.now, g.byAnswer(r.data.Email), g.byAddress(r.from)); err != nil {
		return a, false, err
	}
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		a, err = t.Account(ctx, r.flow.Account)
		return err
	})
	if err != nil {
		return a, false, fmt.Errorf("account of flow: %w", err)
	}
	p, err := g.person(a)
	if err != nil {
		return a, false, fmt.Errorf("account of flow: %w", err)
	}
	return a, g.matches(p.answer(r.data.Question), account.Fold(r.in.Answer)), nil
}

// signinAfterFactor leads on once all that proves the person was given: to what has to be
// set before anything else, to newer terms, or to the session.
func signinAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) {
	if r.data.Temporary {
		return move{next: account.StepQuestions}, nil
	}
	p, err := g.personOf(ctx, r.flow.Account)
	if err != nil {
		return move{}, err
	}
	if p.Terms != account.TermsVersion {
		return move{next: account.StepTerms}, nil
	}
	return g.enter(r, nil), nil
}

// signinTerms asks again for an agreement when another version came into force.
func signinTerms(ctx context.Context, g *Gate, r *run) (move, error) {
	if m, err := r.agree(account.StepDone); err != nil {
		return m, err
	}
	d := r.data
	return g.enter(r, func(p *person) { p.accept(d.Terms, d.Read, d.Agreed) }), nil
}

// enter opens the session at the end of a sign-in. also changes the person, nil: nothing.
func (g *Gate) enter(r *run, also func(*person)) move {
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		err := g.change(ctx, t, r, func(a *ledger.Account, p *person) error {
			switch {
			case a.State == account.Suspended:
				return refuse(account.IsSuspended)
			case a.Reset:
				return refuse(account.MustReset)
			}
			if also != nil {
				also(p)
			}
			came(a, r.now)
			return g.succeeded(ctx, t, g.byAccount(r.data.Email), g.byAddress(r.from))
		})
		if err != nil {
			return err
		}
		return g.open(ctx, t, r, "")
	}}
}

// came marks that the person came in: whatever led to a suspension begins anew.
func came(a *ledger.Account, now time.Time) {
	a.State, a.SignedIn, a.Warned = account.Active, now, time.Time{}
}

// signinQuestions takes five new questions of somebody who came in with a temporary
// password; they are kept once the new password is.
func signinQuestions(ctx context.Context, g *Gate, r *run) (move, error) {
	chosen, err := g.hashAnswers(r.in.Questions)
	if err != nil {
		return move{}, err
	}
	r.data.Chosen = chosen
	return move{next: account.StepNewPassword}, nil
}

// signinNewPassword ends what a temporary password began: questions and password are set,
// every session is ended, and the person signs in with the new one.
func signinNewPassword(ctx context.Context, g *Gate, r *run) (move, error) {
	d := r.data
	return g.reset(ctx, r, func(p *person) { g.setQuestions(p, d.Chosen) })
}

// reset sets the new password of an account that recovered it: suspended becomes active,
// every session is ended and what was begun before is over, and a notice is sent.
// The second factor stays as it is. also changes the person, nil: nothing.
func (g *Gate) reset(ctx context.Context, r *run, also func(*person)) (move, error) {
	in := r.in
	if err := mend(account.CheckPassword(in.Password, r.data.Email).At("password"), account.CheckAgain(in.Password, in.Again).At("again")); err != nil {
		return move{}, err
	}
	var a ledger.Account
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		a, err = t.Account(ctx, r.flow.Account)
		return err
	})
	if err != nil {
		return move{}, fmt.Errorf("reset: %w", err)
	}
	if err := g.samePassword(ctx, a, in.Password); err != nil {
		return move{}, err
	}
	hash := g.hash(in.Password)
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		var to person
		err := g.change(ctx, t, r, func(a *ledger.Account, p *person) error {
			if a.Reset && !r.data.Temporary {
				return refuse(account.MustReset) // an agent reset it meanwhile
			}
			came(a, r.now)
			a.Password, a.Temp, a.TempEnds, a.Reset = hash, "", time.Time{}, false
			if also != nil {
				also(p)
			}
			to = *p
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := t.RevokeSessions(ctx, r.flow.Account, "", endPassword, r.now); err != nil {
			return err
		}
		if err := t.DropOtherFlows(ctx, r.flow.Account, r.flow.Key); err != nil {
			return err
		}
		if err := g.succeeded(ctx, t, g.byAccount(r.data.Email), g.byAnswer(r.data.Email), g.byAddress(r.from)); err != nil {
			return err
		}
		return g.mail(ctx, t, "", mail.Message{Kind: mail.Reset, To: to.Email, Lang: to.Lang, First: to.First}, r.now)
	}}, nil
}
