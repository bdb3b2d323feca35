package gate

import (
	"context"
	"errors"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// replaceCredential revokes the active portal credential of an account, if it holds one,
// before another is registered: its enrolment and what hangs on it are not carried over
// (B-021, B-024, B-035). Its factor and its recovery codes open nothing any more.
func replaceCredential(ctx context.Context, g *Gate, t *ledger.Tx, accountID string, now time.Time) error {
	c, err := t.CredentialOf(ctx, accountID)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return g.revokeCredential(ctx, t, c, account.Replaced, now)
}
