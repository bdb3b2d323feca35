package gate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// registerTerms takes the agreement to the version in force, and to no other.
func registerTerms(ctx context.Context, g *Gate, r *run) (move, error) {
	return r.agree(account.StepIdentity)
}

// agree remembers the agreement to the terms: version, language and time.
func (r *run) agree(next account.Step) (move, error) {
	switch {
	case !r.in.Accept:
		return move{}, mend(account.NotAccepted.At("accept"))
	case r.in.Terms != account.TermsVersion:
		return move{}, refuse(account.TermsOld)
	}
	r.data.Terms, r.data.Read, r.data.Agreed = r.in.Terms, r.data.Lang, r.now
	if speaks(r.in.Lang) {
		r.data.Read = r.in.Lang
	}
	return move{next: next}, nil
}

// registerIdentity takes who it is and sends the code. An address that has an account gets
// the same answer after the same work, and a letter that says so to its owner alone.
func registerIdentity(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	lang := account.Code("")
	if !speaks(in.Lang) {
		lang = account.Needed
	}
	if err := mend(account.CheckName(in.First).At("first"), account.CheckName(in.Last).At("last"),
		account.CheckEmail(in.Email).At("email"), account.CheckPassword(in.Password, in.Email).At("password"),
		account.CheckAgain(in.Password, in.Again).At("again"), lang.At("lang")); err != nil {
		return move{}, err
	}
	if err := g.letters(ctx, in.Email, r.now); err != nil {
		return move{}, err
	}
	d := &r.data
	d.First, d.Last, d.Email, d.Lang = strings.TrimSpace(in.First), strings.TrimSpace(in.Last), strings.TrimSpace(in.Email), in.Lang
	d.Password = g.hash(in.Password)
	var err error
	if d.Nobody, err = g.known(ctx, in.Email); err != nil {
		return move{}, err
	}
	return move{next: account.StepCode, do: g.sendCode(r, mail.Confirm, d.Email, g.o.Rules.CodeLife, 6)}, nil
}

// known says whether an address has an account.
func (g *Gate) known(ctx context.Context, email string) (bool, error) {
	address, _ := account.Address(email)
	_, err := g.accountByEmail(ctx, address)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// registerCode takes the code, or the link.
func registerCode(ctx context.Context, g *Gate, r *run) (move, error) {
	if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	r.data.Verified = g.o.Validator.Name()
	if d := g.o.Deployment; d.SIN || d.Express {
		return move{next: account.StepValidate}, nil
	}
	r.data.Verified = "none"
	return move{next: account.StepQuestions}, nil
}

// registerValidate uses the nine digits, the name and the date once, here, and keeps none
// of them: what goes on is a keyed hash of the digits through a slow one.
func registerValidate(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	r.in.SIN, r.in.Maiden, r.in.Born, r.in.Validation = "", "", "", ""
	id := Identity{First: r.data.First, Last: r.data.Last}
	var problems []account.Problem
	switch {
	case in.Express && !g.o.Deployment.Express, !in.Express && !g.o.Deployment.SIN:
		return move{}, refuse(account.Forbidden)
	case in.Express:
		id.Profile, id.Validation = account.ExpressPair(in.Profile, in.Validation)
		problems = account.CheckExpress(in.Profile, in.Validation)
	default:
		id.SIN, id.Maiden, id.Born = in.SIN, in.Maiden, in.Born
		sin := account.CheckSIN(in.SIN)
		if sin == account.SINTemporary { // nothing else matters then
			return move{}, mend(sin.At("sin"))
		}
		problems = []account.Problem{sin.At("sin"), account.CheckMaiden(in.Maiden).At("maiden"), account.CheckBorn(in.Born, r.now).At("born")}
	}
	if !in.Accept {
		problems = append(problems, account.NotAccepted.At("accept"))
	}
	if err := mend(problems...); err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byIdentity(r.from)); err != nil {
		return move{}, err
	}
	if err := g.o.Validator.Validate(ctx, id); err != nil {
		return g.failed(r, err)
	}
	d := &r.data
	d.SIN, d.Express = nil, nil
	if in.Express {
		d.Express = g.o.Keys.MAC("express", []byte(id.Profile), []byte(id.Validation))
	} else {
		d.SIN = g.o.Keys.Slow("sin", []byte(id.SIN))
	}
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) error { return unique(ctx, t, d.SIN, d.Express) })
	if err != nil {
		d.SIN, d.Express = nil, nil
		return g.failed(r, err)
	}
	return move{next: account.StepQuestions, do: func(ctx context.Context, t *ledger.Tx) error {
		return g.succeeded(ctx, t, g.byIdentity(r.from))
	}}, nil
}

// byIdentity counts validations from an address that were refused: who has an account is
// not to be found out by trying numbers.
func (g *Gate) byIdentity(from string) throttle {
	return throttle{key: g.o.Keys.MAC("throttle identity", []byte(from)), address: true}
}

// failed counts a validation that was refused; after as many as a code has tries the flow
// ends.
func (g *Gate) failed(r *run, err error) (move, error) {
	var no *Refused
	if !errors.As(err, &no) {
		return move{}, err
	}
	if r.data.Tries++; r.data.Tries >= g.o.Rules.CodeTries {
		return r.end(account.TooMany)
	}
	return move{next: r.flow.Step, refuse: no}, nil
}

// unique refuses what another account was validated with, of whatever state.
func unique(ctx context.Context, t *ledger.Tx, sin, express []byte) error {
	bySIN, byExpress, err := t.Validated(ctx, sin, express)
	switch {
	case err != nil:
		return err
	case bySIN:
		return mend(account.SINUsed.At("sin"))
	case byExpress:
		return mend(account.ExpressUsed.At("profile"))
	}
	return nil
}

// registerQuestions takes the five questions and makes the account, all of it or nothing,
// with its first session.
func registerQuestions(ctx context.Context, g *Gate, r *run) (move, error) {
	chosen, err := g.hashAnswers(r.in.Questions)
	if err != nil {
		return move{}, err
	}
	d := r.data
	address, _ := account.Address(d.Email)
	p := person{Email: address, First: d.First, Last: d.Last, Lang: d.Lang, Verified: d.Verified, Express: d.Express != nil}
	p.accept(d.Terms, d.Read, d.Agreed)
	g.setQuestions(&p, chosen)
	a := ledger.Account{ID: g.id(r.now), Email: g.emailHash(address), SIN: d.SIN, Express: d.Express, State: account.Active,
		Password: d.Password, Created: r.now, SignedIn: r.now}
	if err := g.setPerson(&a, p); err != nil {
		return move{}, err
	}
	r.flow.Account = a.ID
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		// Another one may have got there first since each was asked.
		if err := unique(ctx, t, a.SIN, a.Express); err != nil {
			return err
		}
		_, err := t.AccountByEmail(ctx, a.Email)
		if err == nil {
			return refuse(account.FlowExpired) // they hold the mailbox: begun again, the letter says the rest
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		switch err := t.PutAccount(ctx, a); {
		case errors.Is(err, ledger.ErrTaken):
			return refuse(account.FlowExpired) // between the two, where the engine lets others write: begun again, it is told which
		case err != nil:
			return fmt.Errorf("register: %w", err)
		}
		return g.open(ctx, t, r, "")
	}}, nil
}
