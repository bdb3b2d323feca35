package publish

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"passerelle/store/posting"
	"passerelle/sync/wire"
)

// whole reads every row, cuts the base where it is not what it was, and finds what changed
// by comparing with what is remembered: a change that was never told is found here.
func (p *press) whole(ctx context.Context, rows Rows) error {
	m := p.mem
	c := &cutter{p: p, old: map[place]cut{}}
	for _, s := range m.Base {
		c.old[place{s.Part, s.Layer, s.First}] = s
	}
	was := m.Scopes
	m.Scopes = map[string]*scope{}
	for _, name := range wire.Scopes() {
		s := &scope{}
		if old := was[name]; old != nil {
			s.Since, s.Deltas = old.Since, old.Deltas
		}
		m.Scopes[name] = s
	}

	var next []entry
	i, last := 0, int64(0)
	tell := func(ch change) {
		if p.leapt = p.leapt || len(p.changes) >= maxDelta; !p.leapt && !p.fresh {
			p.changes = append(p.changes, ch)
		}
	}
	gone := func(before int64) {
		for ; i < len(m.Rows) && m.Rows[i].ID < before; i++ {
			tell(change{id: m.Rows[i].ID, old: m.Rows[i].Part, new: absent})
		}
	}
	err := rows.All(ctx, func(r Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.ID <= last {
			return fmt.Errorf("row %d after row %d: want id order", r.ID, last)
		}
		last = r.ID
		if r.Gone || r.Ends < m.Horizon {
			return nil
		}
		if r = p.fit(r); r.Gone {
			return nil
		}
		e := r.entry()
		gone(r.ID)
		ch := change{id: r.ID, old: absent, new: e.Part, card: r.Card, details: r.Details}
		same := false
		if i < len(m.Rows) && m.Rows[i].ID == r.ID {
			ch.old, same = m.Rows[i].Part, m.Rows[i] == e
			i++
		}
		if !same {
			tell(ch)
		}
		next = append(next, e)
		m.add(e)
		return c.row(ctx, r, e)
	})
	if err == nil {
		gone(math.MaxInt64)
		err = c.flush(ctx)
	}
	if err != nil {
		return fmt.Errorf("publish: cut base: %w", err)
	}
	m.Rows, m.Base = next, c.base
	for _, s := range m.Scopes {
		s.BaseCount, s.BaseDigest = s.Count, s.Digest
	}
	p.did.Rebased = true
	return p.train(c.samples)
}

// place is where a segment stands.
type place struct {
	part  string
	layer wire.Layer
	first int64
}

// cutter cuts the base: it holds the rows of one range of ids at a time.
type cutter struct {
	p       *press
	old     map[place]cut
	base    []cut
	first   int64
	held    [][]Row // by part
	sums    []entry // by part: sums of the rows held
	seen    int
	samples [][]byte
}

func (c *cutter) row(ctx context.Context, r Row, e entry) error {
	if first := r.ID - r.ID%wire.RangeRows; first != c.first {
		if err := c.flush(ctx); err != nil {
			return err
		}
		c.first = first
	}
	if c.held == nil {
		c.held, c.sums = make([][]Row, len(parts)), make([]entry, len(parts))
	}
	c.held[e.Part] = append(c.held[e.Part], r)
	c.sums[e.Part].Full = c.sums[e.Part].Full.Add(e.Full)
	c.sums[e.Part].Card = c.sums[e.Part].Card.Add(e.Card)
	if c.seen++; len(c.samples) < 400 && c.seen%17 == 0 {
		c.samples = append(c.samples, append(append([]byte(nil), r.Card...), r.Details...))
	}
	return nil
}

// flush writes the segments of the range held, each part and layer, unless the one there
// was holds the same rows.
func (c *cutter) flush(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	var all []*cut
	for i, rows := range c.held {
		if len(rows) == 0 {
			continue
		}
		for _, layer := range []wire.Layer{wire.Cards, wire.Details} {
			s := &cut{
				Segment: wire.Segment{Part: parts[i], Layer: layer, Rows: len(rows), First: c.first, Last: c.first + wire.RangeRows - 1},
				Sum:     c.sums[i].sum(layer == wire.Details),
			}
			all = append(all, s)
			if old, ok := c.old[place{s.Part, layer, s.First}]; ok && old.Sum == s.Sum && old.Rows == s.Rows {
				*s = old
				continue
			}
			g.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				b, err := wire.EncodeSegment(layerOf(rows, layer), nil)
				if err != nil {
					return err
				}
				s.Size = int64(len(b))
				s.Hash, err = c.p.put(b)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, s := range all {
		c.base = append(c.base, *s)
	}
	c.held, c.sums = nil, nil
	return nil
}

func layerOf(rows []Row, layer wire.Layer) iter.Seq[wire.Op] {
	return func(yield func(wire.Op) bool) {
		for _, r := range rows {
			op := wire.Op{ID: r.ID, Card: r.Card}
			if layer == wire.Details {
				op = wire.Op{ID: r.ID, Details: r.Details}
			}
			if !yield(op) {
				return
			}
		}
	}
}

// train makes a dictionary for small deltas, once a month: readers fetch it whole, so it
// must serve for long. Too few rows to learn from: there is none.
func (p *press) train(samples [][]byte) error {
	m := p.mem
	if len(samples) < 50 || !m.Dict.Hash.None() && p.now.Sub(m.DictAt) < retain {
		return nil
	}
	d, err := learn(samples)
	if err != nil {
		p.o.Log.Info("no dictionary", "err", err)
		return nil
	}
	h, err := p.put(d)
	if err != nil {
		return fmt.Errorf("publish dictionary: %w", err)
	}
	m.Dict, m.DictAt = wire.Object{Hash: h, Size: int64(len(d))}, p.now
	if m.Dicts == nil {
		m.Dicts = map[string]int64{}
	}
	m.Dicts[h.String()] = int64(len(d))
	return nil
}

// learn trains and tries the dictionary: the trainer gives up in more ways than it says.
func learn(samples [][]byte) (d []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("train dictionary: %v", r)
		}
	}()
	sum := posting.SumOf(samples[0])
	d, err = dict.BuildZstdDict(samples, dict.Options{
		MaxDictSize: 32 << 10, HashBytes: 6, ZstdLevel: zstd.SpeedDefault,
		ZstdDictID: 1<<15 + uint32(sum[0])<<8 + uint32(sum[1]),
	})
	if err != nil {
		return nil, fmt.Errorf("train dictionary: %w", err)
	}
	op := []wire.Op{{ID: 1, Card: samples[0], Details: samples[1]}}
	b, err := wire.EncodeSegment(values(op), d)
	if err != nil {
		return nil, fmt.Errorf("try dictionary: %w", err)
	}
	for got, err := range wire.DecodeSegment(bytesReader(b), 1, d) {
		if err != nil {
			return nil, fmt.Errorf("try dictionary: %w", err)
		}
		if string(got.Card) != string(samples[0]) {
			return nil, errors.New("try dictionary: another row came back")
		}
	}
	return d, nil
}
