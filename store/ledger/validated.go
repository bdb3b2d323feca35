package ledger

import (
	"context"
	"fmt"
)

// Validated says whether an account, of whatever state, was validated with a SIN or with an
// Express Entry pair, by their keyed hashes; nil is nobody's.
func (t *Tx) Validated(ctx context.Context, sin, express []byte) (bySIN, byExpress bool, err error) {
	const ask = `
		SELECT EXISTS (SELECT 1 FROM account WHERE sin_mac = $1), EXISTS (SELECT 1 FROM account WHERE express_mac = $2)`
	if err := t.tx.QueryRowContext(ctx, ask, null(sin), null(express)).Scan(&bySIN, &byExpress); err != nil {
		return false, false, fmt.Errorf("who was validated: %w", err)
	}
	return bySIN, byExpress, nil
}
