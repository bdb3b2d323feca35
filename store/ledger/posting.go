package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// Tally counts what a write did to rows.
type Tally struct {
	Added, Changed, Unchanged, Closed int
	IDs                               []int64 // of the postings handed to Put, in their order
}

// Put writes postings by (source, source id) in one transaction: new ones get a row id
// and, from other sources, a number; known ones keep both, and those whose bytes are the
// same keep their seq. The texts of a posting in two languages are joined.
func (l *Ledger) Put(ctx context.Context, batch []posting.Posting) (t Tally, err error) {
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		t = Tally{IDs: make([]int64, 0, len(batch))}
		w, err := newWriter(ctx, tx, l.db.ForUpdate)
		if err != nil {
			return err
		}
		for _, p := range batch {
			if err := w.put(ctx, p, &t); err != nil {
				return fmt.Errorf("%s %s: %w", p.Source, p.SourceID, err)
			}
		}
		if t.Added+t.Changed == 0 {
			return nil
		}
		return w.head.advance(ctx, tx)
	})
	if err != nil {
		return Tally{}, fmt.Errorf("put %d postings: %w", len(batch), err)
	}
	return t, nil
}

// writer writes the rows of one transaction.
type writer struct {
	head              head
	find, add, change *sql.Stmt
}

const (
	findRow = `
		SELECT id, number, card, details, hash, part, old_part, seq FROM posting
		WHERE source = $1 AND source_id = $2`
	addRow = `
		INSERT INTO posting (id, source, source_id, number, card, details, hash, part, old_part, posted, ends, state, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12)`
	changeRow = `
		UPDATE posting SET card = $2, details = $3, hash = $4, part = $5, old_part = $6,
			posted = $7, ends = $8, state = $9, seq = $10
		WHERE id = $1`
)

func newWriter(ctx context.Context, tx *sql.Tx, lock string) (*writer, error) {
	h, err := readHead(ctx, tx, lock)
	if err != nil {
		return nil, err
	}
	w := &writer{head: h}
	// The transaction's end closes them.
	if w.find, err = tx.PrepareContext(ctx, findRow); err != nil { //nolint:sqlclosecheck
		return nil, err
	}
	if w.add, err = tx.PrepareContext(ctx, addRow); err != nil { //nolint:sqlclosecheck
		return nil, err
	}
	if w.change, err = tx.PrepareContext(ctx, changeRow); err != nil { //nolint:sqlclosecheck
		return nil, err
	}
	return w, nil
}

// row is a row as it lies in the table.
type row struct {
	id, number          int64
	card, details, hash []byte
	part, oldPart       string
	seq                 int64
}

func (w *writer) put(ctx context.Context, p posting.Posting, t *Tally) error {
	if p.SourceID == "" {
		return ErrNoID
	}
	var old row
	err := w.find.QueryRowContext(ctx, p.Source, p.SourceID).
		Scan(&old.id, &old.number, &old.card, &old.details, &old.hash, &old.part, &old.oldPart, &old.seq)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return w.insert(ctx, p, t)
	case err != nil:
		return err
	}
	t.IDs = append(t.IDs, old.id)
	p.ID, p.Number = old.id, old.number
	if same(p, old.hash) { // most rows of most imports: nothing to join, nothing to write
		t.Unchanged++
		return nil
	}
	was, err := parse(old.card, old.details)
	if err != nil {
		return fmt.Errorf("row %d: %w", old.id, err)
	}
	if was.State == posting.Shown { // a masked one has nothing left to join with
		p = posting.Merge(was, p)
		p.ID, p.Number = old.id, old.number
		if same(p, old.hash) {
			t.Unchanged++
			return nil
		}
	}
	t.Changed++
	return w.update(ctx, p, old)
}

func (w *writer) insert(ctx context.Context, p posting.Posting, t *Tally) error {
	h := &w.head
	if p.Source == posting.Native {
		if p.Number < FirstNative || p.Number > LastNative {
			return fmt.Errorf("%d: %w", p.Number, ErrNumber)
		}
	} else {
		p.Number = h.nextNumber
		h.nextNumber++
	}
	p.ID = h.nextID
	h.nextID++
	card, details := p.Card.Bytes(), p.Details.Bytes()
	sum := posting.RowSum(card, details)
	t.Added++
	t.IDs = append(t.IDs, p.ID)
	_, err := w.add.ExecContext(ctx, p.ID, p.Source, p.SourceID, p.Number, card, details, sum[:],
		p.Part(), p.Posted, p.Ends, p.State, h.seq+1)
	return err
}

func (w *writer) update(ctx context.Context, p posting.Posting, old row) error {
	card, details := p.Card.Bytes(), p.Details.Bytes()
	sum := posting.RowSum(card, details)
	part, oldPart := p.Part(), old.oldPart
	if part != old.part && old.seq <= w.head.published {
		oldPart = old.part // the part in which clients have it; a move between two publications is none of theirs
	}
	_, err := w.change.ExecContext(ctx, p.ID, card, details, sum[:], part, oldPart,
		p.Posted, p.Ends, p.State, w.head.seq+1)
	return err
}

func same(p posting.Posting, hash []byte) bool {
	sum := posting.RowSum(p.Card.Bytes(), p.Details.Bytes())
	return string(sum[:]) == string(hash)
}

func parse(card, details []byte) (p posting.Posting, err error) {
	if p.Card, err = posting.ParseCard(card); err != nil {
		return p, err
	}
	p.Details, err = posting.ParseDetails(details)
	return p, err
}

// Live counts a source's postings that are shown and have not passed their last day.
func (l *Ledger) Live(ctx context.Context, source string, today posting.Day) (n int, err error) {
	const count = "SELECT COUNT(*) FROM posting WHERE source = $1 AND state = '' AND ends >= $2"
	if err := l.db.Reader.QueryRowContext(ctx, count, source, today).Scan(&n); err != nil {
		return 0, fmt.Errorf("count postings of %s: %w", source, l.db.Fault(err))
	}
	return n, nil
}

// LiveIDs hands over source id and row id of the same postings.
func (l *Ledger) LiveIDs(ctx context.Context, source string, today posting.Day, yield func(sourceID string, id int64) error) error {
	const list = "SELECT source_id, id FROM posting WHERE source = $1 AND state = '' AND ends >= $2 ORDER BY id"
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var (
			sid string
			id  int64
		)
		if err := rows.Scan(&sid, &id); err != nil {
			return err
		}
		return yield(sid, id)
	}, list, source, today)
	if err != nil {
		return fmt.Errorf("list postings of %s: %w", source, l.db.Fault(err))
	}
	return nil
}

// End closes or withdraws rows in one transaction. What must not be seen any more is
// not kept either: the row is masked where it lies.
func (l *Ledger) End(ctx context.Context, ids []int64, state posting.State) (n int, err error) {
	const find = "SELECT id, number, card, details, hash, part, old_part, seq FROM posting WHERE id = $1"
	const forget = "DELETE FROM mark WHERE source = $1 AND source_id = $2"
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		n = 0
		w, err := newWriter(ctx, tx, l.db.ForUpdate)
		if err != nil {
			return err
		}
		for _, id := range ids {
			var old row
			err := tx.QueryRowContext(ctx, find, id).
				Scan(&old.id, &old.number, &old.card, &old.details, &old.hash, &old.part, &old.oldPart, &old.seq)
			if err != nil {
				return fmt.Errorf("row %d: %w", id, err)
			}
			p, err := parse(old.card, old.details)
			if err != nil {
				return fmt.Errorf("row %d: %w", id, err)
			}
			if p.State == state || p.State == posting.Withdrawn {
				continue
			}
			p.State = state
			if err := w.update(ctx, p.Masked(), old); err != nil {
				return fmt.Errorf("row %d: %w", id, err)
			}
			// Nothing is left of it: should its source send it again, it has to be fetched.
			if _, err := tx.ExecContext(ctx, forget, p.Source, p.SourceID); err != nil {
				return fmt.Errorf("row %d: %w", id, err)
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return w.head.advance(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("end %d postings: %w", len(ids), err)
	}
	return n, nil
}

// NotWithdrawn gives up to n row ids of a source that are not withdrawn yet.
func (l *Ledger) NotWithdrawn(ctx context.Context, source string, n int) ([]int64, error) {
	const list = "SELECT id FROM posting WHERE source = $1 AND state <> 'w' ORDER BY id LIMIT $2"
	var ids []int64
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, list, source, n)
	if err != nil {
		return nil, fmt.Errorf("postings of %s: %w", source, l.db.Fault(err))
	}
	return ids, nil
}

// Count counts every row, ended ones included.
func (l *Ledger) Count(ctx context.Context) (n int, err error) {
	if err := l.db.Reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM posting").Scan(&n); err != nil {
		return 0, fmt.Errorf("count postings: %w", l.db.Fault(err))
	}
	return n, nil
}
