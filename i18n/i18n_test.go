package i18n

import (
	"testing"
	"time"
)

// Rows: X-001
func TestFormats(t *testing.T) {
	fr, en := For(French), For(English)
	for _, c := range []struct{ got, want string }{
		{fr.Money(123450), "1\u00a0234,50\u00a0$"},
		{en.Money(123450), "$1,234.50"},
		{fr.Number(1284), "1\u00a0284"},
		{en.Number(1284), "1,284"},
		{fr.Date(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)), "2026-11-22"},
		{fr.N(SearchCount, 0), "0 offre"},
		{fr.N(SearchCount, 1284), "1\u00a0284 offres"},
		{en.N(SearchCount, 0), "0 postings"},
		{en.N(SearchCount, 1), "1 posting"},
		{fr.Bytes(1_400_000), "1,4\u00a0Mo"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	less := fr.Less()
	if !less("école", "essai") || !less("œuvre", "opéra") || less("zèbre", "étape") {
		t.Error("French order is not that of a dictionary")
	}
}
