package replica

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/store/catalogue"
	"passerelle/sync/wire"
)

// carry does what the plan says.
func (r *run) carry(ctx context.Context, w work) error {
	r.at.BytesTotal, r.at.Bytes, r.at.RowsTotal, r.at.Rows = w.Bytes, 0, w.Rows, 0
	switch {
	case w.Bootstrap:
		return r.build(ctx, w)
	case w.same && w.from.Indexed < w.from.Count:
		return r.resume(ctx)
	case w.same && w.from.Created.Equal(w.to.Created):
		return r.store.Confirm(ctx, r.o.Now())
	}
	if err := r.bring(ctx, w); err != nil {
		return err
	}
	r.stage(Applying)
	if err := r.store.Apply(ctx, w.from, w.to, r.ops(w)); err != nil {
		return fmt.Errorf("apply %d deltas: %w", len(w.deltas), err)
	}
	reached("applied")
	if w.from.Indexed < w.from.Count { // it was cut short when the catalogue was new
		return r.resume(ctx)
	}
	return nil
}

// bring downloads the deltas of a plan and what reads them.
func (r *run) bring(ctx context.Context, w work) error {
	r.stage(Downloading)
	r.dict = map[string]bool{}
	for _, o := range w.f.Dicts {
		r.dict[o.Hash.String()] = true // kept for the next delta: it serves for weeks
	}
	for _, o := range r.objects(w.f.Head, w.deltas) {
		if _, err := r.fetch(ctx, o, r.came); err != nil {
			return err
		}
	}
	reached("brought")
	return nil
}

// ops joins the deltas of a plan: in id order, the last one's word on each row.
func (r *run) ops(w work) iter.Seq2[catalogue.Op, error] {
	return func(yield func(catalogue.Op, error) bool) {
		type stream struct {
			next func() (wire.Op, error, bool)
			op   wire.Op
		}
		var live []*stream // oldest first
		pull := func(s *stream) (bool, error) {
			op, err, ok := s.next()
			s.op = op
			return ok, err
		}
		for _, d := range w.deltas {
			f, learned, err := r.open(d)
			if err != nil {
				yield(catalogue.Op{}, err)
				return
			}
			defer f.Close()
			next, stop := iter.Pull2(wire.DecodeSegment(f, d.Rows, learned))
			defer stop()
			s := &stream{next: next}
			ok, err := pull(s)
			if err != nil {
				yield(catalogue.Op{}, fmt.Errorf("read delta %.12s: %w", d.Hash, err))
				return
			}
			if ok {
				live = append(live, s)
			}
		}
		for len(live) > 0 {
			least := live[0].op.ID
			for _, s := range live {
				least = min(least, s.op.ID)
			}
			var last wire.Op
			rest := live[:0]
			for _, s := range live {
				ok := true
				if s.op.ID == least {
					last = s.op
					var err error
					if ok, err = pull(s); err == nil && ok && s.op.ID <= least {
						err = fmt.Errorf("row %d after row %d: %w", s.op.ID, least, wire.ErrMalformed)
					}
					if err != nil {
						yield(catalogue.Op{}, fmt.Errorf("read delta: %w", err))
						return
					}
				}
				if ok {
					rest = append(rest, s)
				}
			}
			live = rest
			if last.Drop {
				r.did.Removed++
			} else {
				r.did.Put++
			}
			r.row()
			if !yield(catalogue.Op{Row: catalogue.Row{ID: last.ID, Card: last.Card, Details: last.Details}, Drop: last.Drop}, nil) {
				return
			}
		}
	}
}

// open opens a delta that was brought, with its dictionary.
func (r *run) open(d wire.Delta) (io.ReadCloser, []byte, error) {
	var learned []byte
	if !d.Dict.None() {
		var err error
		if learned, err = os.ReadFile(r.file(d.Dict)); err != nil {
			return nil, nil, fmt.Errorf("read dictionary %.12s: %w", d.Dict, err)
		}
	}
	f, err := os.Open(r.file(d.Hash))
	if err != nil {
		return nil, nil, fmt.Errorf("read delta %.12s: %w", d.Hash, err)
	}
	return f, learned, nil
}

// build makes a new catalogue aside and puts it in the place of the old one.
func (r *run) build(ctx context.Context, w work) error {
	name := w.name()
	b, err := r.store.Build(ctx, name)
	if err != nil {
		return fmt.Errorf("build catalogue: %w", err)
	}
	if err := r.segments(ctx, b, w); err != nil {
		return err
	}
	if err := r.bring(ctx, w); err != nil {
		return err
	}
	r.stage(Applying)
	if len(w.deltas) > 0 {
		if err := b.Change(ctx, r.ops(w)); err != nil {
			return fmt.Errorf("build catalogue: %w", err)
		}
		reached("changed")
	}
	if err := b.Browse(ctx, w.to); err != nil {
		// Nothing of this building can be trusted, were it only a copied row.
		if derr := b.Discard(); derr != nil {
			r.o.Log.Warn("discard building", "err", derr)
		}
		return fmt.Errorf("build catalogue: %w", err)
	}
	reached("browsed")
	r.at.Browsable = true
	return r.index(ctx, b)
}

// index makes words searchable.
func (r *run) index(ctx context.Context, b *catalogue.Building) error {
	r.at.Rows, r.began = 0, r.o.Now()
	r.stage(Indexing)
	if err := b.Index(ctx, r.indexed); err != nil {
		return fmt.Errorf("index catalogue: %w", err)
	}
	r.at.Searchable = true
	reached("indexed")
	return nil
}

func (r *run) indexed(done, total int) {
	r.at.Rows, r.at.RowsTotal = done, total
	r.report(float64(done), float64(total))
	reached("indexing")
}

// resume goes on with the word index of a catalogue that is otherwise up to date.
func (r *run) resume(ctx context.Context) error {
	r.at.Browsable = true
	r.stage(Indexing)
	if err := r.store.Resume(ctx, r.indexed); err != nil {
		return fmt.Errorf("index catalogue: %w", err)
	}
	r.at.Searchable = true
	return r.store.Confirm(ctx, r.o.Now())
}

// segments adds what the building lacks: copied from the catalogue in use where the
// segment has not changed, downloaded otherwise, the next ones while one is written.
func (r *run) segments(ctx context.Context, b *catalogue.Building, w work) error {
	r.stage(Downloading)
	g, ctx := errgroup.WithContext(ctx)
	type ready struct {
		s    wire.Segment
		name string
	}
	var lacking []wire.Segment
	for _, s := range w.base {
		hash := s.Hash.String()
		if b.Has(hash) {
			continue
		}
		if w.copies[hash] {
			take := b.Copy
			if w.history {
				take = b.Carry
			}
			ok, err := take(ctx, hash)
			if err != nil {
				return fmt.Errorf("build catalogue: copy %.12s: %w", hash, err)
			}
			if ok {
				reached("copied")
				continue
			}
			r.at.BytesTotal += s.Size // it had changed after all
		}
		lacking = append(lacking, s)
	}
	queue := make(chan ready, 3)
	come := make(chan int64, 64)
	g.Go(func() error {
		defer close(queue)
		defer close(come)
		for _, s := range lacking {
			name, err := r.fetch(ctx, object{s.Hash, s.Size}, func(n int64) {
				select {
				case come <- n:
				case <-ctx.Done():
				}
			})
			if err != nil {
				return err
			}
			select {
			case queue <- ready{s, name}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for queue != nil || come != nil {
			select {
			case n, ok := <-come:
				if !ok {
					come = nil
					continue
				}
				r.came(n)
			case got, ok := <-queue:
				if !ok {
					queue = nil
					continue
				}
				if err := r.add(ctx, b, got.s, got.name); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return g.Wait()
}

// add writes one segment; its file has served then.
func (r *run) add(ctx context.Context, b *catalogue.Building, s wire.Segment, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read segment %.12s: %w", s.Hash, err)
	}
	rows := func(yield func(catalogue.Row, error) bool) {
		for op, err := range wire.DecodeSegment(f, s.Rows, nil) {
			if err == nil && (op.ID < s.First || op.ID > s.Last) {
				err = fmt.Errorf("row %d outside %d to %d: %w", op.ID, s.First, s.Last, wire.ErrMalformed)
			}
			if !yield(catalogue.Row{ID: op.ID, Card: op.Card, Details: op.Details}, err) {
				return
			}
			if s.Layer == wire.Cards {
				r.did.Put++
				r.row()
			}
		}
	}
	err = b.Add(ctx, s.Hash.String(), rows)
	_ = f.Close() // before it is removed: some systems refuse it otherwise
	if err != nil {
		return fmt.Errorf("add segment %.12s: %w", s.Hash, err)
	}
	reached("added")
	_ = os.Remove(name)
	return nil
}

// name identifies what is built: the base, whoever's and of whatever scope. Deltas are not
// part of it: those of a later head reach over the same base.
func (w work) name() string {
	b := []byte(w.to.Root + "/" + w.to.Scope)
	for _, s := range w.f.Base {
		b = append(b, s.Hash[:]...)
	}
	if len(w.copies) == 0 {
		b = append(b, '!') // nothing copied: not to be mixed with a building that has copies
	}
	return wire.HashOf(b).String()
}

func (r *run) stage(s Stage) {
	r.at.Stage, r.at.Left = s, 0
	if r.tell != nil {
		r.tell(r.at)
	}
}

// came counts bytes.
func (r *run) came(n int64) {
	r.at.Bytes += n
	r.report(float64(r.at.Bytes), float64(r.at.BytesTotal))
}

// row counts a row written.
func (r *run) row() {
	if r.at.Rows++; r.at.Rows%500 == 0 {
		r.report(0, 0)
	}
}

// report tells how far it is; what is left is taken to go as fast as what is done.
func (r *run) report(done, total float64) {
	if r.tell == nil {
		return
	}
	if done > 0 && total >= done {
		r.at.Left = time.Duration(float64(r.o.Now().Sub(r.began)) * (total - done) / done)
	}
	r.tell(r.at)
}
