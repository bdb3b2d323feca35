package gate

import (
	"context"
	"errors"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

// replaceCredential revokes the active portal credential of an account, if it holds one,
// before another is registered, and tells the person: its enrolment and what hangs on it
// are not carried over (B-021, B-024, B-035). Its factor and its recovery codes open
// nothing any more.
func replaceCredential(ctx context.Context, g *Gate, t *ledger.Tx, accountID string, now time.Time) error {
	err := g.revokeCredential(ctx, t, accountID, account.Replaced, now)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := t.Account(ctx, accountID)
	if err != nil {
		return err
	}
	p, err := g.person(a)
	if err != nil {
		return err
	}
	return g.mail(ctx, t, "", mail.Message{Kind: mail.Revoked, To: p.Email, Lang: p.Lang, First: p.First, Reason: account.Replaced}, now)
}
