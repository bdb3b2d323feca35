package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// Apply changes the catalogue in use from one state to the next in one transaction:
// rows, index, facets, state. It fails, changing nothing, if the catalogue is not at
// from ([ErrState]), or if the digest that results is not to.Digest ([ErrDigest]).
func (s *Store) Apply(ctx context.Context, from, to State, ops iter.Seq2[Op, error]) error {
	f, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	err = f.change(ctx, func(e *edit) error {
		now := e.f.state
		if now.Root != from.Root || now.Scope != from.Scope || now.Epoch != from.Epoch || now.Seq != from.Seq {
			return fmt.Errorf("apply to %s %d/%d: %w: it is at %s %d/%d",
				from.Scope, from.Epoch, from.Seq, ErrState, now.Scope, now.Epoch, now.Seq)
		}
		digest, fresh, err := e.run(now.Digest, ops, true)
		if err != nil {
			return err
		}
		at("rows written")
		count := e.f.rows()
		if digest != to.Digest || to.Count != 0 && to.Count != count {
			return fmt.Errorf("apply %d/%d: %w: %d rows, want %d", to.Epoch, to.Seq, ErrDigest, count, to.Count)
		}
		if err := e.index(fresh); err != nil {
			return err
		}
		at("index written")
		e.f.state = to
		e.f.state.Count = count
		return e.save()
	})
	if err != nil {
		return err
	}
	return f.mergeSegments(ctx)
}

type freshRow struct {
	id      int64
	card    posting.Card
	details []byte
}

// run puts and drops rows and gives the digest that results, with the rows to index.
func (e *edit) run(digest posting.Sum, ops iter.Seq2[Op, error], keep bool) (posting.Sum, []freshRow, error) {
	var fresh []freshRow
	lost := map[uint32]bool{}
	for op, err := range ops {
		if err == nil {
			err = e.ctx.Err()
		}
		if err != nil {
			return digest, nil, err
		}
		if op.ID <= 0 || op.ID > maxID {
			return digest, nil, fmt.Errorf("row %d: %w", op.ID, ErrRow)
		}
		if err := e.flushIfPending(op.ID); err != nil {
			return digest, nil, err
		}
		var was posting.Sum
		if p, i := e.f.at(op.ID); p != nil {
			was = p.sum[i]
			if p.pack[i] != 0 {
				lost[p.pack[i]] = true
			}
		}
		if op.Drop {
			digest = digest.Sub(was)
			if err := e.drop(op.ID); err != nil {
				return digest, nil, err
			}
			continue
		}
		card := op.Card
		if card == nil { // only its details
			if err := e.tx.QueryRowContext(e.ctx, "SELECT body FROM card WHERE id = ?", op.ID).Scan(&card); err != nil {
				if errors.Is(err, sql.ErrNoRows) {
					err = fmt.Errorf("details of row %d without its card: %w", op.ID, ErrDigest)
				}
				return digest, nil, err
			}
		}
		sum := posting.RowSum(card, op.Details)
		if sum == was {
			continue // a build that goes on after an interruption repeats itself
		}
		c, err := e.store(op.ID, card)
		if err != nil {
			return digest, nil, err
		}
		e.unindex(uint32(op.ID))
		p, i := e.page(op.ID)
		p.sum[i], p.pack[i] = sum, 0
		digest = digest.Sub(was).Add(sum)
		if len(op.Details) > 0 {
			if err := e.attach(op.ID, slices.Clone(op.Details)); err != nil {
				return digest, nil, err
			}
		}
		if keep {
			fresh = append(fresh, freshRow{op.ID, c, slices.Clone(op.Details)})
		}
	}
	if err := e.flush(); err != nil {
		return digest, nil, err
	}
	return digest, fresh, e.tidyPacks(lost)
}

func (e *edit) flushIfPending(id int64) error {
	if slices.ContainsFunc(e.batch, func(d details) bool { return int64(d.id) == id }) {
		return e.flush()
	}
	return nil
}

// index makes a segment of the word index from rows.
func (e *edit) index(fresh []freshRow) error {
	// The last put of an id is the one that counts, and the row may have gone since.
	slices.SortStableFunc(fresh, func(a, b freshRow) int { return cmp.Compare(a.id, b.id) })
	v := newInverter()
	for i, r := range fresh {
		if i+1 < len(fresh) && fresh[i+1].id == r.id {
			continue
		}
		if p, _ := e.f.at(r.id); p == nil {
			continue
		}
		if err := v.add(uint32(r.id), r.card, r.details); err != nil {
			return err
		}
	}
	if len(v.rows) == 0 {
		return nil
	}
	return e.addSegment(v.finish())
}

func (e *edit) addSegment(s *segment, rows []wordRow) error {
	e.f.lastSg++
	s.n = e.f.lastSg
	e.f.segs = append(e.f.segs, s)
	return writeSegment(e.ctx, e.tx, s, rows)
}

const (
	manySegments = 4 // of one size, from which they become one
	baseSegment  = 256
	topLevel     = 3 // the last that is merged: up to 16,384 rows each
)

// level is how large a segment is: each level is four times the one before.
func (s *segment) level() int {
	n, l := int(s.live.GetCardinality()), 0
	for n > baseSegment {
		n, l = n/4, l+1
	}
	return l
}

// mergeSegments makes one segment of several small ones, so that the number a search
// has to ask grows with the logarithm of the changes. It stops below the size of those
// that a build makes, and changes nothing that a search sees.
func (f *file) mergeSegments(ctx context.Context) error {
	fr := f.frame.Load()
	byLevel := map[int]int{}
	for _, s := range fr.segs {
		byLevel[s.level()]++
	}
	for l, n := range byLevel {
		if n < manySegments || l > topLevel {
			continue
		}
		return f.change(ctx, func(e *edit) error {
			var old, kept []*segment
			for _, s := range e.f.segs {
				if s.level() == l {
					old = append(old, s)
				} else {
					kept = append(kept, s)
				}
			}
			e.f.lastSg++
			made, err := merge(ctx, e.tx, old, e.f.lastSg)
			if err != nil {
				return err
			}
			at("segments merged")
			e.f.segs = append(kept, made)
			return e.save()
		})
	}
	return nil
}

// eachRow reads every card above a row with its details, by id. where says in which pack
// these lie.
func eachRow(ctx context.Context, tx *sql.Tx, after int64, where func(id int64) uint32, f func(id int64, card, details []byte) error) error {
	packs := shelf{ctx: ctx, get: func(n uint32) ([]byte, error) {
		var body []byte
		return body, tx.QueryRowContext(ctx, "SELECT body FROM pack WHERE n = ?", n).Scan(&body)
	}}
	return sqldb.Each(ctx, tx, func(r *sql.Rows) error {
		var id int64
		var card []byte
		if err := r.Scan(&id, &card); err != nil {
			return err
		}
		det, err := packs.details(where(id), id)
		if err != nil {
			return err
		}
		return f(id, card, det)
	}, "SELECT id, body FROM card WHERE id > ? ORDER BY id", after)
}

// shelf keeps the packs read last: rows of several provinces, each packed apart, come in
// one order of ids.
type shelf struct {
	ctx  context.Context // of the one walk it serves
	get  func(n uint32) ([]byte, error)
	held map[uint32]map[int64][]byte
}

func (s *shelf) details(n uint32, id int64) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	rows, ok := s.held[n]
	if !ok {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		body, err := s.get(n)
		if err != nil {
			return nil, fmt.Errorf("%w: details of %d: %w", ErrCorrupt, id, err)
		}
		rows = make(map[int64][]byte, packRows)
		if err := eachPacked(body, func(_ int, id int64, d []byte) { rows[id] = d }); err != nil {
			return nil, err
		}
		if len(s.held) >= 64 || s.held == nil {
			s.held = make(map[uint32]map[int64][]byte, 64)
		}
		s.held[n] = rows
	}
	return rows[id], nil
}

// packed says in which pack the details of each row lie, by reading them all: the last
// pack that holds a row has the say.
func packed(ctx context.Context, tx *sql.Tx) (map[int64]uint32, error) {
	where := map[int64]uint32{}
	err := sqldb.Each(ctx, tx, func(r *sql.Rows) error {
		var n uint32
		var body []byte
		if err := r.Scan(&n, &body); err != nil {
			return err
		}
		return eachPacked(body, func(_ int, id int64, _ []byte) { where[id] = n })
	}, "SELECT n, body FROM pack ORDER BY n")
	return where, err
}
