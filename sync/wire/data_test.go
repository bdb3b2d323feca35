package wire_test

import (
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// Each line of the schedule has a sentence of its own, in both languages; one of a newer
// server is told as it is called there.
//
// Rows
func TestScheduleInWords(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.French, i18n.English} {
		w := i18n.For(lang)
		said := map[string]string{}
		for _, r := range ledger.Schedule(nil).Rules() {
			what, long := wire.Retention{What: r.What, Days: r.Days, After: r.After}.Words(w)
			if strings.Contains(what, r.What+")") || long == "" {
				t.Errorf("%s: %s is told as %q, %q", lang, r.What, what, long)
			}
			if other := said[what]; other != "" {
				t.Errorf("%s: %s and %s are told alike: %q", lang, r.What, other, what)
			}
			said[what] = r.What
		}
		what, long := wire.Retention{What: "newer", Days: 1, After: "newer"}.Words(w)
		if !strings.Contains(what, "newer") || !strings.Contains(long, "1 ") {
			t.Errorf("%s: a line of a newer server is told as %q, %q", lang, what, long)
		}
	}
}
