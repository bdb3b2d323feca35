package simtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// History is a life of a server and of the desks that edit its private records, as data: what
// is done, where, and what the network does to each request. It plays the same each time
// ([Play]), whatever steps are taken out of it ([Shrink]).
type History struct {
	Seed  uint64 // of every third, an answer to a pull holds one change
	Steps []Step
}

// Step is one thing that happens. Numbers are taken modulo what there is, so that a step
// means something whatever happened before it.
type Step struct {
	N     int    // names the value that is written, and stays when other steps are taken out
	Do    string // one of the verbs of [Draw]
	Place int    // whose copy of the records, at which desk
	Pick  int    // which record, change or conflict
	Arg   int    // which field, command, side…
	Net   []Fate // what becomes of the requests of a sync, in order; beyond them all is well
	Die   int    // the desk dies before its n-th act of a sync; 0: it does not
}

// Fate is what becomes of a request.
type Fate struct {
	What string // "": it arrives, and so does its answer
	N    int    // how many changes an answer to a pull may hold; at which point a server dies or is looked at
}

func (f Fate) String() string {
	switch {
	case f.What == "" && f.N == 0:
		return "well"
	case f.N == 0:
		return f.What
	}
	return fmt.Sprintf("%s %d", f.What, f.N)
}

func (s Step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", s.N, s.Do)
	if atPlace[s.Do] {
		p := crowd[s.Place%len(crowd)]
		fmt.Fprintf(&b, " by %s at desk %d", p.account, p.desk)
	}
	if s.Do != "sync" {
		fmt.Fprintf(&b, " (pick %d, arg %d)", s.Pick, s.Arg)
	}
	if len(s.Net) > 0 {
		fmt.Fprintf(&b, ", requests %v", s.Net)
	}
	if s.Die > 0 {
		fmt.Fprintf(&b, ", dies before act %d", s.Die)
	}
	return b.String()
}

func (h History) String() string {
	lines := make([]string, len(h.Steps))
	for n, s := range h.Steps {
		lines[n] = s.String()
	}
	return strings.Join(lines, "\n")
}

// verbs are what may happen, each as often beside the others as its number says.
var verbs = []struct {
	do    string
	often int
}{
	{"sync", 34}, {"edit", 24}, {"new", 9}, {"add", 6}, {"drop", 3}, {"delete", 4}, {"command", 7},
	{"cancel", 2}, {"retry", 2}, {"resolve", 5}, {"reopen", 2}, {"reset", 1}, {"carry", 2},
	{"back up", 3}, {"restore", 3}, {"wait", 2}, {"let", 3}, {"echo", 2},
}

// atPlace are those that somebody does at a desk.
var atPlace = map[string]bool{
	"sync": true, "edit": true, "new": true, "add": true, "drop": true, "delete": true, "command": true,
	"cancel": true, "retry": true, "resolve": true, "reopen": true, "reset": true, "carry": true,
}

// fates of a request.
var fates = []string{
	"lost",    // it never arrives
	"mute",    // its answer never does
	"twice",   // it arrives twice; the second answer does
	"late",    // a copy of it arrives again at an "echo"
	"crash",   // the server dies at its n-th point, inside a transaction or after
	"busy",    // 429
	"down",    // 503
	"big",     // 413
	"expired", // 401, and another token is good
	"over",    // 401, and so is every token until the next sync
	"switch",  // another person sits down before the answer
	"peek",    // other desks pull at the server's points from the n-th on, in the middle of a transaction
}

// Draw makes the history of a seed.
func Draw(seed uint64) History {
	r := rand.New(rand.NewPCG(seed, 0x9a55e7e11e))
	h := History{Seed: seed}
	total := 0
	for _, v := range verbs {
		total += v.often
	}
	for n := range 18 + r.IntN(24) {
		s := Step{N: n + 1, Place: r.IntN(len(crowd)), Pick: r.IntN(60), Arg: r.IntN(60)}
		if r.IntN(3) == 0 {
			s.Pick = r.IntN(2) // one that several have
		}
		roll := r.IntN(total)
		for _, v := range verbs {
			if roll -= v.often; roll < 0 {
				s.Do = v.do
				break
			}
		}
		if s.Do == "sync" || s.Do == "carry" {
			if r.IntN(2) == 0 {
				for range 1 + r.IntN(4) {
					var f Fate
					switch r.IntN(3) {
					case 0:
						f.N = r.IntN(3) // a short answer to a pull
					default:
						f = Fate{fates[r.IntN(len(fates))], 1 + r.IntN(6)}
					}
					s.Net = append(s.Net, f)
				}
			}
			if r.IntN(6) == 0 {
				s.Die = 1 + r.IntN(12)
			}
		}
		h.Steps = append(h.Steps, s)
	}
	return h
}
