package state

import (
	"context"
	"errors"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
)

// torn is a catalogue that has lost a posting, and cannot read another.
type torn struct{ Catalogue }

var errTorn = errors.New("the disk does not answer")

func (c torn) Posting(ctx context.Context, id int64, now time.Time) (posting.Posting, error) {
	switch id {
	case 1 << 20:
		return posting.Posting{}, catalogue.ErrMissing
	case 1 << 21:
		return posting.Posting{}, errTorn
	}
	return c.Catalogue.Posting(ctx, id, now)
}

// TestCompareLost: what the catalogue no longer has is counted and not missed in silence; what
// could not be read is an error; and no fifth posting is taken.
//
// Rows: X-026
func TestCompareLost(t *testing.T) {
	d := newDesktop(t, i18n.French)
	d.o.Catalogue = torn{d.o.Catalogue}
	d.Compare.Set(1<<20, 1<<20)
	d.hand.run()
	if c := d.Compare; c.Lost != 1 || c.Err != nil || len(c.Chosen) != 1 {
		t.Errorf("one that has gone: %d lost of %v, %v", c.Lost, c.Chosen, c.Err)
	}
	d.Compare.Set(1<<21, 1<<20)
	d.hand.run()
	if !errors.Is(d.Compare.Err, errTorn) {
		t.Errorf("one that cannot be read: %v", d.Compare.Err)
	}
	d.Compare.Set(1, 2, 3, 4)
	if d.Compare.Toggle(5); d.Compare.Has(5) || len(d.Compare.Chosen) != CompareMost {
		t.Errorf("a fifth is taken: %v", d.Compare.Chosen)
	}
	d.Compare.Clear()
	d.Compare.Back()
	if len(d.Compare.Chosen) != CompareMost {
		t.Errorf("put back: %v", d.Compare.Chosen)
	}
	d.hand.run()
}
