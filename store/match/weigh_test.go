package match

import "testing"

// TestOf: the kinds of requirements weigh a hundred points in all, and each of them some.
func TestOf(t *testing.T) {
	sum := 0
	for _, k := range kinds {
		if Of(k) == 0 {
			t.Errorf("Of(%q) is nothing", k)
		}
		sum += Of(k)
	}
	if sum != 100 {
		t.Errorf("together they weigh %d, want 100", sum)
	}
}
