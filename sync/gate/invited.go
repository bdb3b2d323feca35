package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// invitedInvite takes the address and the one-time code that an operator had sent. The
// code is used up when the account is taken up, so that who is interrupted can begin again.
func invitedInvite(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	if err := need("email", in.Email, "code", in.Code); err != nil {
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
		return move{}, fmt.Errorf("take up an invitation: %w", err)
	}
	if a.State != account.Registering {
		a = ledger.Account{}
	}
	switch c := g.temporary(a, account.TemporaryTyped(in.Code), r.now); c {
	case "":
	case account.Credentials:
		return move{}, refuse(c)
	default:
		return move{}, mend(c.At("code"))
	}
	p, err := g.person(a)
	if err != nil {
		return move{}, fmt.Errorf("take up an invitation: %w", err)
	}
	r.flow.Account = a.ID
	r.data.Email, r.data.First, r.data.Last, r.data.Stamp = address, p.First, p.Last, g.invite(a)
	return move{next: account.StepTerms}, nil
}

// invite tells whether an invitation is still the one that a flow met: another one ends it.
func (g *Gate) invite(a ledger.Account) []byte {
	return g.o.Keys.MAC("stamp of invitation", []byte(a.ID), []byte(a.Temp))
}

func invitedTerms(ctx context.Context, g *Gate, r *run) (move, error) {
	return r.agree(account.StepNewPassword)
}

func invitedPassword(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	if err := mend(account.CheckPassword(in.Password, r.data.Email).At("password"), account.CheckAgain(in.Password, in.Again).At("again")); err != nil {
		return move{}, err
	}
	r.data.Password = g.hash(in.Password)
	return move{next: account.StepQuestions}, nil
}

// invitedQuestions takes the five questions and leads to the set-up of the second factor:
// who serves others does not come in without one.
func invitedQuestions(ctx context.Context, g *Gate, r *run) (move, error) {
	chosen, err := g.hashAnswers(r.in.Questions)
	if err != nil {
		return move{}, err
	}
	r.data.Chosen = chosen
	var a ledger.Account
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		a, err = t.Account(ctx, r.flow.Account)
		return err
	})
	if err != nil {
		return move{}, fmt.Errorf("take up an invitation: %w", err)
	}
	if !guarded(a) {
		return invitedAfterFactor(ctx, g, r)
	}
	m, err := g.askFactor(ctx, r, ledger.AccountOwner(a.ID))
	if err == nil && m.next == account.StepFactor {
		// An earlier try set one up and stopped at its codes: nobody proved to be the person
		// then, so it does not bind them now.
		r.data.Methods, r.data.Recovered = methods, true
		m = move{next: account.StepSetup}
	}
	return m, err
}

// invitedAfterFactor makes the account a person's own, with its first session.
func invitedAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) {
	d := r.data
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		a, err := t.Account(ctx, r.flow.Account)
		if err != nil {
			return err
		}
		if a.State != account.Registering || string(g.invite(a)) != string(d.Stamp) {
			return refuse(account.FlowExpired)
		}
		p, err := g.person(a)
		if err != nil {
			return err
		}
		if speaks(d.Lang) {
			p.Lang = d.Lang
		}
		p.accept(d.Terms, d.Read, d.Agreed)
		g.setQuestions(&p, d.Chosen)
		came(&a, r.now)
		a.Password, a.Temp, a.TempEnds, a.Reset = d.Password, "", time.Time{}, false
		if err := g.setPerson(&a, p); err != nil {
			return err
		}
		if err := t.PutAccount(ctx, a); err != nil {
			return err
		}
		if err := g.succeeded(ctx, t, g.byAccount(d.Email), g.byAddress(r.from)); err != nil {
			return err
		}
		return g.open(ctx, t, r, "")
	}}, nil
}
