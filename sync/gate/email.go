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

// emailNew takes the current password and another address, and sends the code there. One
// that has an account is not told from one that has none: its owner gets a letter.
func emailNew(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	current := account.Code("")
	if in.Current == "" {
		current = account.Needed
	}
	if err := mend(account.CheckEmail(in.Email).At("email"), current.At("current")); err != nil {
		return move{}, err
	}
	var a ledger.Account
	var p person
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		if a, err = t.Account(ctx, r.flow.Account); err == nil {
			p, err = g.person(a)
		}
		return err
	})
	if err != nil {
		return move{}, fmt.Errorf("change address: %w", err)
	}
	own, _ := account.Address(p.Email)
	if err := g.attempt(ctx, r.now, g.byAccount(own), g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	if !g.matches(a.Password, in.Current) {
		return move{}, mend(account.PasswordWrong.At("current"))
	}
	if err := g.letters(ctx, in.Email, r.now); err != nil {
		return move{}, err
	}
	d := &r.data
	d.Email, d.First, d.Lang, d.Stamp = strings.TrimSpace(in.Email), p.First, p.Lang, g.stamp(a)
	if d.Nobody, err = g.known(ctx, in.Email); err != nil {
		return move{}, err
	}
	send := g.sendCode(r, mail.NewAddress, d.Email, g.o.Rules.CodeLife, 6)
	return move{next: account.StepCode, do: both(send, func(ctx context.Context, t *ledger.Tx) error {
		return g.succeeded(ctx, t, g.byAccount(own), g.byAddress(r.from))
	})}, nil
}

// emailCode takes the code, or the link, that went to the new address, and tells the old one.
func emailCode(ctx context.Context, g *Gate, r *run) (move, error) {
	if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	address, _ := account.Address(r.data.Email)
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		var old person
		err := g.change(ctx, t, r, func(a *ledger.Account, p *person) error {
			old = *p
			a.Email, p.Email = g.emailHash(address), address
			return nil
		})
		if errors.Is(err, ledger.ErrTaken) {
			return refuse(account.FlowExpired) // registered by its owner meanwhile
		}
		if err != nil {
			return err
		}
		if err := t.DropOtherFlows(ctx, r.flow.Account, r.flow.Key); err != nil {
			return err // such as a recovery that was begun by the old address
		}
		return g.mail(ctx, t, "", mail.Message{Kind: mail.AddressSet, To: old.Email, Lang: old.Lang, First: old.First}, r.now)
	}}, nil
}
