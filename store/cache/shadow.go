package cache

import (
	"context"
	"database/sql"
	"fmt"

	"passerelle/store/record"
)

// Said is what the server said last of a record, whatever was done to it here since: of one
// that is to be removed, what it is. ErrNotFound.
func (r *Records) Said(ctx context.Context, ref Ref) (d record.Doc, err error) {
	err = r.d.own.Read(ctx, func(tx *sql.Tx) error {
		h, err := r.load(ctx, tx, ref)
		if err != nil {
			return err
		}
		if d = h.shadow; d == nil {
			return ErrNotFound
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref.Kind, err)
	}
	return d, nil
}
