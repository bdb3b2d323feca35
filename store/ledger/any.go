package ledger

import (
	"context"
	"fmt"
)

// HasAccounts says whether anybody has an account, or ever had: rows that are sealed under
// the server's keys.
func (l *Ledger) HasAccounts(ctx context.Context) (bool, error) {
	const any = "SELECT EXISTS (SELECT 1 FROM account) OR EXISTS (SELECT 1 FROM credential)"
	var has bool
	if err := l.db.Reader.QueryRowContext(ctx, any).Scan(&has); err != nil {
		return false, fmt.Errorf("look for accounts: %w", l.db.Fault(err))
	}
	return has, nil
}
