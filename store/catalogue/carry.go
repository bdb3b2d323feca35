package catalogue

import (
	"context"
	"database/sql"
	"errors"
)

// Carry takes from the catalogue in use the rows that are left of a segment that it started
// from, as deltas have made them since. It is for a base of the same epoch, where [Building.Change]
// then puts and drops what changed since that base was cut; [Building.Copy] is for rows that
// must be those of the segment itself.
func (b *Building) Carry(ctx context.Context, segment string) (bool, error) {
	if b.bases[segment] {
		return true, nil
	}
	var rows []Row
	var published []byte // so that a later Copy sees what the rows are not
	found := false
	err := b.store.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		var ids []byte
		var layer int
		err := tx.QueryRowContext(ctx, "SELECT ids, layer, sum FROM base WHERE hash = ?", segment).Scan(&ids, &layer, &published)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		bm, err := readBitmap(ids)
		if err != nil {
			return err
		}
		card := tx.StmtContext(ctx, f.card)
		defer func() { _ = card.Close() }()
		packs := shelf{ctx: ctx, get: packReader(ctx, tx.StmtContext(ctx, f.pack))}
		for it := bm.Iterator(); it.HasNext(); {
			row := Row{ID: int64(it.Next())}
			p, i := fr.at(row.ID)
			if p == nil {
				continue // gone since
			}
			if layer&hasCards != 0 {
				if err := card.QueryRowContext(ctx, row.ID).Scan(&row.Card); err != nil {
					return err
				}
			}
			if layer&hasDetails != 0 {
				if row.Details, err = packs.details(p.pack[i], row.ID); err != nil {
					return err
				}
			}
			rows = append(rows, row)
		}
		found = true
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil || !found: // there is none, or it cannot be read: it can be downloaded
		return false, nil //nolint:nilerr // what cannot be copied is downloaded
	}
	return true, b.add(ctx, segment, func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}, published)
}
