package tell_test

import (
	"slices"
	"testing"

	"passerelle/sync/tell"
)

func TestWatchers(t *testing.T) {
	var w tell.Watchers
	w.Tell() // nobody
	var heard []string
	one := w.Watch(func() { heard = append(heard, "one") })
	var late func()
	w.Watch(func() {
		heard = append(heard, "two")
		one()
		if late == nil {
			late = w.Watch(func() { heard = append(heard, "three") })
		}
	})
	w.Tell()
	w.Tell()
	if want := []string{"one", "two", "two", "three"}; !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
}
