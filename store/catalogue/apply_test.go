package catalogue

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// drawDelta draws a delta over rows and applies it to them.
func drawDelta(t *rapid.T, rows map[int64]posting.Posting) []Op {
	ops := map[int64]Op{}
	for range rapid.IntRange(0, 12).Draw(t, "ops") {
		id := rapid.Int64Range(1, 9000).Draw(t, "id")
		if have := slices.Sorted(maps.Keys(rows)); len(have) > 0 && rapid.Bool().Draw(t, "existing") {
			id = rapid.SampledFrom(have).Draw(t, "row")
		}
		if rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
			delete(rows, id)
			ops[id] = Op{Row: Row{ID: id}, Drop: true}
			continue
		}
		p := drawPosting(t, id)
		rows[id] = p
		ops[id] = Op{Row: Row{id, p.Card.Bytes(), p.Details.Bytes()}}
	}
	var out []Op
	for _, id := range slices.Sorted(maps.Keys(ops)) {
		out = append(out, ops[id])
	}
	return out
}

// TestApplyEqualsRebuild holds a catalogue that was changed many times equal to one that
// was built from its last rows, in what it answers and in what it stores.
//
// Rows
func TestApplyEqualsRebuild(t *testing.T) {
	ctx := context.Background()
	root, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		rows := drawCatalogue(t)
		dir := tempDir(root, &n)
		s := built(t, dir, sortedRows(rows))
		defer func() { _ = s.Close() }()
		for range rapid.IntRange(1, 6).Draw(t, "deltas") {
			from, err := s.State(ctx)
			if err != nil {
				t.Fatalf("State: %v", err)
			}
			ops := drawDelta(t, rows)
			to := from
			to.Seq++
			to.Digest, to.Count = digest(sortedRows(rows)), len(rows)
			if err := s.Apply(ctx, from, to, each(ops)); err != nil {
				t.Fatalf("Apply(%d ops): %v", len(ops), err)
			}
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				if err := s.Close(); err != nil {
					t.Fatalf("Close: %v", err)
				}
				if s, err = Open(ctx, dir); err != nil {
					t.Fatalf("Open: %v", err)
				}
			}
		}
		st, err := s.State(ctx)
		if err != nil || st.Count != len(rows) || st.Indexed != len(rows) {
			t.Fatalf("State = %+v, %v; want %d rows, all indexed", st, err, len(rows))
		}
		if err := s.Check(ctx); err != nil {
			t.Fatalf("Check: %v", err)
		}
		for range 8 {
			checkSearch(t, s, rows, drawQuery(t))
		}
		for id, p := range rows {
			got, err := s.Posting(ctx, id, time.Time{})
			if err != nil {
				t.Fatalf("Posting(%d): %v", id, err)
			}
			if p.State != posting.Shown {
				p = p.Masked()
			}
			if string(got.Card.Bytes()) != string(p.Card.Bytes()) || string(got.Details.Bytes()) != string(p.Details.Bytes()) {
				t.Fatalf("Posting(%d) = %+v, want %+v", id, got, p)
			}
		}
	})
}

// TestApplyRefuses shows that a delta for another position, or whose rows are not those
// published, changes nothing.
//
// Rows: X-011
func TestApplyRefuses(t *testing.T) {
	ctx := context.Background()
	p := example(1)
	s := built(t, t.TempDir(), rowsOf(p))
	defer func() { _ = s.Close() }()
	from, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	to := from
	to.Seq++
	other := from
	other.Seq = 7
	if err := s.Apply(ctx, other, to, each([]Op{{Row: Row{ID: 1}, Drop: true}})); !errors.Is(err, ErrState) {
		t.Errorf("Apply from another position: %v, want ErrState", err)
	}
	if err := s.Apply(ctx, from, to, each([]Op{{Row: Row{ID: 1}, Drop: true}})); !errors.Is(err, ErrDigest) {
		t.Errorf("Apply of a drop that was not published: %v, want ErrDigest", err)
	}
	if err := s.Apply(ctx, from, to, each([]Op{{Row: Row{ID: 2, Card: p.Card.Bytes()}}})); !errors.Is(err, ErrRow) {
		t.Errorf("Apply of a card under another's id: %v, want ErrRow", err)
	}
	broken := errors.New("the line went dead")
	if err := s.Apply(ctx, from, to, func(yield func(Op, error) bool) {
		if yield(Op{Row: Row{ID: 1}, Drop: true}, nil) {
			yield(Op{}, broken)
		}
	}); !errors.Is(err, broken) {
		t.Errorf("Apply of a delta that breaks off: %v, want its error", err)
	}
	if got, err := s.State(ctx); err != nil || got.Seq != from.Seq || got.Count != 1 {
		t.Errorf("State after refusals = %+v, %v; want it unchanged", got, err)
	}
	if err := s.Apply(ctx, from, to, each([]Op(nil))); err != nil { // the digest is checked on an empty delta, too
		t.Errorf("Apply of nothing: %v", err)
	}
}

// TestManyDeltasStayFewSegments shows that the word index does not fall apart into as many
// pieces as there were deltas.
func TestManyDeltasStayFewSegments(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	s := built(t, t.TempDir(), nil)
	defer func() { _ = s.Close() }()
	for id := int64(1); id <= 40; id++ {
		from, err := s.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rows[id] = example(id)
		to := from
		to.Seq++
		to.Digest = digest(sortedRows(rows))
		to.Count = len(rows)
		if err := s.Apply(ctx, from, to, each([]Op{{Row: rowsOf(rows[id])[0]}})); err != nil {
			t.Fatalf("Apply %d: %v", id, err)
		}
	}
	if n := len(s.cur.frame.Load().segs); n > manySegments {
		t.Errorf("40 deltas of one row left %d segments, want at most %d", n, manySegments)
	}
	checkSearch(t, s, rows, query.Query{Words: "commis de bureau", Now: noon, Limit: 100})
	checkSearch(t, s, rows, query.Query{Words: "\"commis de\" SAUF bur", Now: noon, Limit: 100})
}
