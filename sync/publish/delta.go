package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/sync/wire"
)

// span is how much time a delta covers.
type span uint8

// Spans, each rolled up into the next once it is over.
const (
	moment span = iota
	hour
	day
	week
)

// bucket is the number of the span that a moment falls in, in UTC.
func (s span) bucket(t time.Time) int64 {
	switch h := t.Unix() / 3600; s {
	case hour:
		return h
	case day:
		return h / 24
	case week:
		return (h/24 + 3) / 7 // from Monday on: 1970-01-01 was a Thursday
	}
	return t.UnixNano()
}

const (
	dictRows = 1_000  // a delta of fewer is compressed with the dictionary
	maxRoll  = 30_000 // rows; deltas that hold more together stay apart, to bound memory
)

// deltas adds what changed to every scope it touches and rolls up what is over.
func (p *press) deltas(ctx context.Context) error {
	m := p.mem
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, name := range wire.Scopes() {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return p.delta(name, m.Scopes[name])
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	// Dictionaries are listed as long as a delta needs them.
	used := map[string]int64{m.Dict.Hash.String(): m.Dict.Size}
	for _, s := range m.Scopes {
		for _, d := range s.Deltas {
			if !d.Dict.None() {
				used[d.Dict.String()] = m.Dicts[d.Dict.String()]
			}
		}
	}
	m.Dicts = used
	return nil
}

// delta rolls up the deltas of one scope and adds the newest.
func (p *press) delta(name string, s *scope) error {
	if err := p.roll(s); err != nil {
		return fmt.Errorf("roll up deltas of %s: %w", name, err)
	}
	in, details, err := wire.ParseScope(name)
	if err != nil {
		return err
	}
	ops := opsOf(p.changes, in, details)
	if len(ops) == 0 {
		return nil
	}
	d, err := p.encode(ops)
	if err != nil {
		return fmt.Errorf("publish delta of %s: %w", name, err)
	}
	d.From, d.To = p.from, p.mem.Seq
	s.Deltas = append(s.Deltas, delta{Delta: d, Span: moment, Made: p.now})
	return nil
}

// opsOf is what the changes mean to one scope.
func opsOf(changes []change, in string, details bool) []wire.Op {
	var ops []wire.Op
	within := func(x part) bool { return x != absent && wire.InScope(in, parts[x]) }
	for _, c := range changes {
		switch {
		case within(c.new):
			op := wire.Op{ID: c.id, Card: c.card}
			if details {
				op.Details = c.details
			}
			ops = append(ops, op)
		case within(c.old):
			ops = append(ops, wire.Op{ID: c.id, Drop: true})
		}
	}
	return ops
}

func (p *press) encode(ops []wire.Op) (wire.Delta, error) {
	d := wire.Delta{Rows: len(ops)}
	var learned []byte
	if len(ops) < dictRows && !p.mem.Dict.Hash.None() {
		var err error
		if learned, err = os.ReadFile(p.object(p.mem.Dict.Hash)); err != nil {
			return d, fmt.Errorf("read dictionary: %w", err)
		}
		d.Dict = p.mem.Dict.Hash
	}
	b, err := wire.EncodeSegment(values(ops), learned)
	if err != nil {
		return d, err
	}
	d.Size = int64(len(b))
	d.Hash, err = p.put(b)
	return d, err
}

// roll joins the deltas of every span that is over, and forgets those past retention.
func (p *press) roll(s *scope) error {
	for to := hour; to <= week; to++ {
		var next []delta
		for i := 0; i < len(s.Deltas); {
			j, rows, b := i, 0, to.bucket(s.Deltas[i].Made)
			for j < len(s.Deltas) && s.Deltas[j].Span == to-1 && to.bucket(s.Deltas[j].Made) == b && b < to.bucket(p.now) {
				rows += s.Deltas[j].Rows
				j++
			}
			if j == i || rows > maxRoll {
				next = append(next, s.Deltas[i:max(j, i+1)]...)
				i = max(j, i+1)
				continue
			}
			d, err := p.join(s.Deltas[i:j])
			if err != nil {
				return err
			}
			d.Span = to
			next = append(next, d)
			i = j
		}
		s.Deltas = next
	}
	for len(s.Deltas) > 0 && p.now.Sub(s.Deltas[0].Made) > retain {
		s.Since = max(s.Since, s.Deltas[0].To)
		s.Deltas = s.Deltas[1:]
	}
	return nil
}

// join makes one delta of several: the last state of each row wins.
func (p *press) join(ds []delta) (delta, error) {
	last := ds[len(ds)-1]
	if len(ds) == 1 {
		return last, nil
	}
	state := map[int64]wire.Op{}
	for _, d := range ds {
		if err := p.read(d.Delta, func(op wire.Op) { state[op.ID] = op }); err != nil {
			return delta{}, err
		}
	}
	ops := make([]wire.Op, 0, len(state))
	for _, op := range state {
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b wire.Op) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	d, err := p.encode(ops)
	d.From, d.To = ds[0].From, last.To
	return delta{Delta: d, Made: last.Made}, err
}

func (p *press) read(d wire.Delta, each func(wire.Op)) error {
	b, err := os.ReadFile(p.object(d.Hash))
	if err != nil {
		return fmt.Errorf("read delta: %w", err)
	}
	var learned []byte
	if !d.Dict.None() {
		if learned, err = os.ReadFile(p.object(d.Dict)); err != nil {
			return fmt.Errorf("read dictionary: %w", err)
		}
	}
	for op, err := range wire.DecodeSegment(bytesReader(b), d.Rows, learned) {
		if err != nil {
			return fmt.Errorf("read delta %s: %w", d.Hash, err)
		}
		each(op)
	}
	return nil
}

func values(ops []wire.Op) iter.Seq[wire.Op] { return slices.Values(ops) }

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }
