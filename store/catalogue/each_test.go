package catalogue

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"passerelle/store/posting"
)

// Each gives every posting once, by rising row, as Posting gives it; and stops where it is
// told to.
func TestEach(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for id := int64(1); id <= 700; id++ { // more than a pack
		p := example(id)
		rows[id] = p
	}
	closed := rows[3]
	closed.State = posting.Closed
	rows[3] = closed
	s := built(t, t.TempDir(), sortedRows(rows))
	last := int64(0)
	err := s.Each(ctx, noon, func(p posting.Posting) error {
		want, err := s.Posting(ctx, p.ID, noon)
		if err != nil {
			return err
		}
		if p.ID <= last || !reflect.DeepEqual(p, want) {
			t.Errorf("after row %d: %+v, want %+v", last, p, want)
		}
		last = p.ID
		return nil
	})
	if err != nil || last != 700 {
		t.Errorf("Each ended at row %d: %v, want 700", last, err)
	}
	stop := errors.New("enough")
	n := 0
	if err := s.Each(ctx, noon, func(posting.Posting) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("told to stop, Each gave %d postings and %v", n, err)
	}
}

// Beyond gives the rows above one, and nothing is read where none are.
func TestBeyond(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for id := int64(1); id <= 700; id++ {
		rows[id] = example(id)
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	for _, after := range []int64{0, 1, 299, 698, 699, 700, 900} {
		next := after
		err := s.Beyond(ctx, noon, func(st State, last int64) int64 {
			if st.Scope != "all" || last != 700 {
				t.Errorf("told of scope %s up to %d", st.Scope, last)
			}
			return after
		}, func(p posting.Posting) error {
			want, err := s.Posting(ctx, p.ID, noon)
			if next++; err != nil || p.ID != next || !reflect.DeepEqual(p, want) {
				t.Errorf("row %d: %+v, want row %d: %+v, %v", p.ID, p, next, want, err)
			}
			return nil
		})
		if err != nil || next != max(after, 700) {
			t.Errorf("beyond %d ended at %d: %v", after, next, err)
		}
	}
}
