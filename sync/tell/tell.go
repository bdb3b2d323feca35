// Package tell has those who asked told that something has changed: the keepers of a desk
// tell its window so. What has changed is read from whoever tells.
package tell

import (
	"maps"
	"slices"
	"sync"
)

// Watchers are whom to tell, in the order in which they asked. The zero value is nobody. It
// may be used from anywhere at once.
type Watchers struct {
	mu  sync.Mutex
	all map[int]func()
	n   int
}

// Watch has f called by each Tell, on its goroutine, until stop.
func (w *Watchers) Watch(f func()) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[int]func(){}
	}
	w.n++
	n := w.n
	w.all[n] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, n)
	}
}

// Tell calls everybody. Nothing is held meanwhile: who is told may watch or stop.
func (w *Watchers) Tell() {
	w.mu.Lock()
	fs := make([]func(), 0, len(w.all))
	for _, n := range slices.Sorted(maps.Keys(w.all)) {
		fs = append(fs, w.all[n])
	}
	w.mu.Unlock()
	for _, f := range fs {
		f()
	}
}
