package simtest_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/sync/simtest"
)

// Lives of desks and a server, from seeds: what is held of them is in promise.go and at the
// end of life.go. `go run ./cmd/dev sim` plays more.
//
// Rows
func TestHistories(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 10
	}
	var said strings.Builder
	ran, err := simtest.Run(t.Context(), simtest.RunOptions{N: n, Shrink: true, Out: &said})
	if err != nil || len(ran.Failed) > 0 || ran.Played != n {
		t.Errorf("%d histories played, %v:\n%s", ran.Played, err, said.String())
	}
}

// A seed is the same history each time, down to what is said in it.
func TestReplay(t *testing.T) {
	dir := simtest.Dir(t)
	for seed := uint64(1); seed <= 8; seed++ {
		var said [2][]string
		for n := range said {
			say := func(line string) { said[n] = append(said[n], line) }
			if err := simtest.Play(t.Context(), dir, simtest.Draw(seed), say); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		for n, line := range said[0] {
			if n >= len(said[1]) || line != said[1][n] {
				t.Fatalf("seed %d, line %d is now %q; was %q", seed, n, said[1][n:min(n+1, len(said[1]))], line)
			}
		}
		if len(said[0]) < 10 {
			t.Errorf("seed %d: nothing was said", seed)
		}
	}
}

// Of a history that fails, what it fails by is left.
func TestShrink(t *testing.T) {
	h := simtest.Draw(7)
	h.Steps[9] = simtest.Step{N: 10, Do: "sync", Net: []simtest.Fate{{What: "busy", N: 1}, {What: "mute", N: 2}}, Die: 4}
	fails := func(h simtest.History) bool {
		third, tenth := false, false
		for _, s := range h.Steps {
			third = third || s.N == 3
			tenth = tenth || third && s.N == 10 && slices.ContainsFunc(s.Net, func(f simtest.Fate) bool { return f.What == "mute" })
		}
		return tenth
	}
	less := simtest.Shrink(context.Background(), h, fails)
	if len(less.Steps) != 2 || less.Steps[0].N != 3 || less.Steps[1].N != 10 || less.Steps[1].Die != 0 || len(less.Steps[1].Net) != 2 || less.Steps[1].Net[0] != (simtest.Fate{}) {
		t.Errorf("what is left:\n%s", less)
	}
}

// What the mutants replace stands in the program, once; cmd/dev plants them.
func TestMutantsFit(t *testing.T) {
	all, err := simtest.Mutants()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, m := range all {
		names = append(names, m.Name)
		if planted, err := m.Plant(filepath.Join("..", "..")); err != nil || len(planted) == 0 || m.About == "" {
			t.Errorf("%s, %q: %d files, %v", m.Name, m.About, len(planted), err)
		}
	}
	if want := []string{"counter", "last-write", "outbox-410", "sequence", "twice"}; !slices.Equal(names, want) {
		t.Errorf("mutants %v, want %v", names, want)
	}
}
