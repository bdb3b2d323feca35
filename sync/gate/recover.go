package gate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// recoverName takes the name and the address as they were registered. Whether they are
// somebody's is not told, here or at the code: that of nobody is never right.
func recoverName(ctx context.Context, g *Gate, r *run) (move, error) {
	in := r.in
	if err := mend(account.CheckName(in.First).At("first"), account.CheckName(in.Last).At("last"),
		account.CheckEmail(in.Email).At("email")); err != nil {
		return move{}, err
	}
	if err := g.letters(ctx, in.Email, r.now); err != nil {
		return move{}, err
	}
	address, _ := account.Address(in.Email)
	a, err := g.accountByEmail(ctx, address)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return move{}, fmt.Errorf("recover: %w", err)
	}
	d := &r.data
	d.Email, d.First, d.Nobody = address, strings.TrimSpace(in.First), true
	if err == nil && a.State != account.Registering {
		p, err := g.person(a)
		if err != nil {
			return move{}, fmt.Errorf("recover %s: %w", a.ID, err)
		}
		if account.Fold(p.First) == account.Fold(in.First) && account.Fold(p.Last) == account.Fold(in.Last) {
			r.flow.Account = a.ID
			d.First, d.Lang, d.Stamp, d.Nobody = p.First, p.Lang, g.stamp(a), false
		}
	}
	return move{next: account.StepCode, do: g.sendCode(r, mail.RecoverCode, strings.TrimSpace(in.Email), g.o.Rules.CodeLife, 6)}, nil
}

// recoverCode takes the code, or the link, and asks the first question.
func recoverCode(ctx context.Context, g *Gate, r *run) (move, error) {
	if c := g.checkCode(r); c != "" {
		return r.stay(c, "code")
	}
	return g.recoverAsk(ctx, r)
}

// recoverAsk asks a question that was not asked yet. Which ones they are is drawn by the
// account and its password, so that beginning again does not shop for easier ones.
func (g *Gate) recoverAsk(ctx context.Context, r *run) (move, error) {
	var a ledger.Account
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		a, err = t.Account(ctx, r.flow.Account)
		return err
	})
	if err != nil {
		return move{}, fmt.Errorf("recover: %w", err)
	}
	if a.Reset {
		return r.end(account.MustReset) // its questions are no longer the person's: a temporary password is on its way
	}
	p, err := g.person(a)
	if err != nil {
		return move{}, fmt.Errorf("recover %s: %w", a.ID, err)
	}
	d := &r.data
	next, ok := g.o.Rules.OtherQuestion(p.ids(), d.Asked, func(n int) int {
		h := g.o.Keys.MAC("recovery question", d.Stamp, []byte(strings.Join(d.Asked, " ")))
		return int(binary.BigEndian.Uint64(h) % uint64(n))
	})
	if !ok {
		return r.stay(account.AgentNeeded, "")
	}
	d.Question, d.Asked = next, append(d.Asked, next)
	return move{next: account.StepQuestion}, nil
}

// recoverQuestion takes the answer, or the wish for a different question: two in all, and
// then only an agent can help.
func recoverQuestion(ctx context.Context, g *Gate, r *run) (move, error) {
	if r.in.Other {
		return g.recoverAsk(ctx, r)
	}
	if err := need("answer", r.in.Answer); err != nil {
		return move{}, err
	}
	d := &r.data
	_, right, err := g.answered(ctx, r)
	if err != nil {
		return move{}, err
	}
	if !right {
		if d.Tries++; d.Tries >= g.o.Rules.CodeTries {
			return r.end(account.AgentNeeded)
		}
		return r.stay(account.AnswerWrong, "answer")
	}
	return move{next: account.StepNewPassword}, nil
}

// recoverPassword sets the new password; the person signs in with it.
func recoverPassword(ctx context.Context, g *Gate, r *run) (move, error) { return g.reset(ctx, r, nil) }
