package simtest

import (
	"context"
	"slices"
)

// Shrink takes out of a failing history what it fails without: steps, halves first (ddmin),
// then what the network and the machine did. fails says whether a history still does.
func Shrink(ctx context.Context, h History, fails func(History) bool) History {
	try := func(steps []Step) bool {
		if ctx.Err() != nil || !fails(History{h.Seed, steps}) {
			return false
		}
		h.Steps = steps
		return true
	}
	for size := (len(h.Steps) + 1) / 2; size > 0; {
		cut := false
		for at := 0; at < len(h.Steps); {
			rest := slices.Delete(slices.Clone(h.Steps), at, min(at+size, len(h.Steps)))
			if try(rest) {
				cut = true
			} else {
				at += size
			}
		}
		if !cut || size > 1 {
			size /= 2
		}
	}
	for n := range h.Steps {
		change := func(do func(s *Step)) {
			steps := slices.Clone(h.Steps)
			do(&steps[n])
			try(steps)
		}
		if h.Steps[n].Die > 0 {
			change(func(s *Step) { s.Die = 0 })
		}
		if len(h.Steps[n].Net) > 0 {
			change(func(s *Step) { s.Net = nil })
		}
		for f := len(h.Steps[n].Net) - 1; f >= 0; f-- {
			if h.Steps[n].Net[f] != (Fate{}) {
				change(func(s *Step) { s.Net = slices.Clone(s.Net); s.Net[f] = Fate{} })
			}
		}
		for end := len(h.Steps[n].Net); end > 0 && h.Steps[n].Net[end-1] == (Fate{}); end-- {
			change(func(s *Step) { s.Net = slices.Clone(s.Net[:end-1]) })
		}
	}
	return h
}
