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

// usernameEmail sends each username of a recovery address there, and answers alike where
// there is none (B-022).
func usernameEmail(ctx context.Context, g *Gate, r *run) (move, error) {
	typed := strings.TrimSpace(r.in.Email)
	if err := mend(account.CheckEmail(typed).At("email")); err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	if err := g.letters(ctx, typed, r.now); err != nil {
		return move{}, err
	}
	to, _ := account.Address(typed)
	var all []ledger.Credential
	var people []ledger.Account
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		people = nil
		if all, err = t.CredentialsByRecovery(ctx, g.recoveryHash(to)); err != nil {
			return err
		}
		for _, c := range all {
			a, err := t.Account(ctx, c.Account)
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			people = append(people, a)
		}
		return nil
	})
	if err != nil {
		return move{}, fmt.Errorf("recover username: %w", err)
	}
	letters := make([]mail.Message, 0, len(all))
	for i, c := range all {
		p, err := g.portal(c)
		if err != nil {
			return move{}, err
		}
		who, err := g.person(people[i])
		if err != nil {
			return move{}, err
		}
		letters = append(letters, mail.Message{Kind: mail.UsernameIs, To: to, Lang: who.Lang, First: who.First, Username: p.Username})
	}
	if len(letters) == 0 {
		letters = append(letters, mail.Message{Kind: mail.None, To: to, Lang: r.data.Lang})
	}
	r.data.Sent = typed
	return move{next: account.StepSent, do: func(ctx context.Context, t *ledger.Tx) error {
		for _, m := range letters {
			if err := g.mail(ctx, t, "", m, r.now); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// usernameSent is the page that says what was sent, if the address is right.
func usernameSent(context.Context, *Gate, *run) (move, error) {
	return move{next: account.StepDone}, nil
}
