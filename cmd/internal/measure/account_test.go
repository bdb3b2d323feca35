package measure

import "testing"

// TestSameTime walks what the bench measures, so that it cannot rot; times are the bench's
// to judge.
func TestSameTime(t *testing.T) {
	all, err := SameTime(t.Context(), t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Known <= 0 || e.Unknown <= 0 {
			t.Errorf("%s: %s known, %s unknown", e.What, e.Known, e.Unknown)
		}
	}
	if len(all) < 5 {
		t.Errorf("%d places where a stranger names an account, want all", len(all))
	}
}
