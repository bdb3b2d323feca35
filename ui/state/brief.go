package state

import (
	"context"
	"os"
	"time"
)

// What is secret and has to leave the window leaves it for a short while.
const (
	// BriefLife is how long: by then a browser has read the page, and what was copied is pasted.
	BriefLife = time.Minute
	// BriefPage begins the names of pages with a secret on them. Those of a program that
	// ended before their time go when a desk is opened or closed.
	BriefPage = "brief-"
)

// OpenBriefly is [State.OpenFile] for a page with a secret on it: it is taken away again.
func (s *State) OpenBriefly(write func(ctx context.Context) (path string, err error), done func(path string, err error)) {
	s.OpenFile(write, func(path string, err error) {
		if path != "" {
			s.o.Exec.After(BriefLife, func() { s.o.Exec.Go(func() { _ = os.Remove(path) }, func() {}) })
		}
		done(path, err)
	})
}

// CopyBriefly puts a secret on the clipboard, and takes it off again unless something else
// was copied since.
func (s *State) CopyBriefly(secret string) {
	s.Copy(secret)
	if s.o.Clipped == nil {
		return
	}
	s.o.Exec.After(BriefLife, func() {
		if s.o.Clipped() == secret {
			s.Copy("")
		}
	})
}
