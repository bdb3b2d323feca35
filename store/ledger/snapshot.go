package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// Row is a public row with its place in the order of changes.
type Row struct {
	ID, Seq       int64
	Part, OldPart string // OldPart: where clients have it, if it moved
	Ends          posting.Day
	State         posting.State
	Card, Details []byte      // masked when closed or withdrawn
	Hash          posting.Sum // of both, as it was when they were written
}

// Snapshot is one unmoving picture of the rows, however long it takes to read.
type Snapshot struct{ tx *sql.Tx }

// Look hands over a snapshot, which ends with do.
func (l *Ledger) Look(ctx context.Context, do func(Snapshot) error) error {
	return l.db.Read(ctx, func(tx *sql.Tx) error { return do(Snapshot{tx}) })
}

// Position is where the snapshot stands.
func (s Snapshot) Position(ctx context.Context) (epoch, seq int64, err error) {
	h, err := readHead(ctx, s.tx, "")
	if err != nil {
		return 0, 0, fmt.Errorf("snapshot position: %w", err)
	}
	return h.epoch, h.seq, nil
}

const rowColumns = "SELECT id, seq, part, old_part, ends, state, card, details, hash FROM posting "

// All hands over the rows that end on or after a day, in id order. The bytes are the
// row's own: they stay as they are after yield.
func (s Snapshot) All(ctx context.Context, from posting.Day, yield func(Row) error) error {
	if err := s.each(ctx, yield, rowColumns+"WHERE ends >= $1 ORDER BY id", from); err != nil {
		return fmt.Errorf("read postings: %w", err)
	}
	return nil
}

// Changed hands over the last state of each row that changed in (after, upto], in seq order.
func (s Snapshot) Changed(ctx context.Context, after, upto int64, yield func(Row) error) error {
	err := s.each(ctx, yield, rowColumns+"WHERE seq > $1 AND seq <= $2 ORDER BY seq, id", after, upto)
	if err != nil {
		return fmt.Errorf("read changes %d to %d: %w", after, upto, err)
	}
	return nil
}

func (s Snapshot) each(ctx context.Context, yield func(Row) error, text string, args ...any) error {
	return sqldb.Each(ctx, s.tx, func(rows *sql.Rows) error {
		var (
			r    Row
			hash []byte
		)
		if err := rows.Scan(&r.ID, &r.Seq, &r.Part, &r.OldPart, &r.Ends, &r.State, &r.Card, &r.Details, &hash); err != nil {
			return err
		}
		copy(r.Hash[:], hash)
		return yield(r)
	}, text, args...)
}
