package kill_test

import (
	"testing"

	"passerelle/cmd/internal/kill"
)

func TestMain(m *testing.M) {
	kill.Child()
	m.Run()
}

// Whoever dies, a desk or the server, wherever it is at that moment: what was done stands on
// both desks and at the server, once, and whatever was sent, over the network or by file, has
// its effect once. All 200 kills are `go run ./cmd/dev kill`.
//
// Rows
func TestKilled(t *testing.T) {
	n := 50
	if testing.Short() {
		n = 10
	}
	r, err := kill.Run(t.Context(), kill.Options{Dir: t.TempDir(), N: n, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills in %s, %d things done, %d in doubt, %d looks: %v", r.Kills(), r.Took, r.Did, r.Unsure, r.Looks, r.At)
	if r.Kills() < n || len(r.At) < n/3 || r.Looks < n/10 || r.Did < n {
		t.Errorf("%d kills at %d points, %d looks, %d things done; want %d kills", r.Kills(), len(r.At), r.Looks, r.Did, n)
	}
}
