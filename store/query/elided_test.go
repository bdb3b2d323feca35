package query

import (
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// A French title with an elided article widens a search like any other, whether typed
// as one gender or as a heading has it, with both.
//
// Rows
func TestWidenedWithElidedArticles(t *testing.T) {
	for _, c := range []struct{ words, noc, title string }{
		{"commis d'épicerie", "65102", "Grocery clerk"},
		{"Commis d’épicerie", "65102", "Grocery clerk"},
		{"directrice d'hôtel", "60031", "Hotel manager"},
		{"Agent/agente d'assurance", "63100", "Insurance agent"},
		{"Directeur/directrice d'hôtel", "60031", "Hotel manager"},
		{"Infirmier auxiliaire/infirmière auxiliaire", "32101", "Licensed practical nurse"},
	} {
		p := posting.Posting{Card: posting.Card{NOC: c.noc, Title: posting.Both{EN: c.title}}}
		q := Query{Words: c.words, Lang: i18n.French}
		if !q.Match(p) {
			t.Errorf("%q does not find %q (%s); widened by %v", c.words, c.title, c.noc, q.Plan().Wides)
		}
		if q.Words += " vétérinaire"; q.Match(p) {
			t.Errorf("%q finds %q (%s)", q.Words, c.title, c.noc)
		}
	}
}
