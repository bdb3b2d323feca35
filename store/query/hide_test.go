package query

import (
	"encoding/json"
	"testing"

	"passerelle/store/posting"
)

// Postings are hidden by number, or by row where none is known; employers however their
// name is written. A search that is kept does not hold what the person hides.
//
// Rows: X-024
func TestHide(t *testing.T) {
	h := NewHide([]HiddenPosting{{Row: 7, Number: 10_000_001}, {Row: 8}}, []string{"Épicerie L'Anse, inc.", "—", ""})
	for _, c := range []struct {
		card posting.Card
		want bool
	}{
		{posting.Card{ID: 1, Number: 10_000_001}, true},
		{posting.Card{ID: 7, Number: 10_000_002}, false}, // another catalogue has another posting in that row
		{posting.Card{ID: 8, Number: 10_000_003}, true},
		{posting.Card{ID: 2, Employer: "EPICERIE L’ANSE INC"}, true},
		{posting.Card{ID: 2, Employer: "Épicerie L'Anse"}, false},
		{posting.Card{ID: 2, Employer: "–"}, false},
		{posting.Card{}, false},
	} {
		if got := h.Has(c.card); got != c.want {
			t.Errorf("Has(%d, %d, %q) = %v, want %v", c.card.ID, c.card.Number, c.card.Employer, got, c.want)
		}
		if got := (Query{Hide: h}).Match(posting.Posting{Card: c.card}); got == c.want {
			t.Errorf("Match(%d, %d, %q) = %v, want %v", c.card.ID, c.card.Number, c.card.Employer, got, !c.want)
		}
	}
	if NewHide(nil, []string{" ", "&"}) != nil {
		t.Error("names without letters hide something")
	}
	var none *Hide
	if none.Has(posting.Card{ID: 8, Employer: "x"}) {
		t.Error("nil hides a posting")
	}
	if b, err := json.Marshal(Query{Words: "cook", Hide: h}); err != nil || string(b) != `{"words":"cook"}` {
		t.Errorf("written as %s, %v", b, err)
	}
}
