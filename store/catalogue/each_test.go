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
