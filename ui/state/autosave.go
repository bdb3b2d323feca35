package state

import (
	"context"
	"time"

	"passerelle/i18n"
	"passerelle/store/personal"
)

// autosave keeps the item of the personal file that is open as it is typed: a second after a
// change, not at each key, for the file remembers what each version came from. What cannot be
// written is not dropped.
type autosave[B personal.Body] struct {
	s    *State
	pen  *pen
	body func() B    // of the item that is open, as it reads now
	tell func()      // how it stands has changed
	lost func(error) // one that was closed could not be written: it is tried again when the list is read

	id     string // of the item that is open; "": none
	saved  time.Time
	err    error
	dirty  bool
	saving int          // writes that are under way
	unkept map[string]B // items that were closed and could not be written
	stop   func()       // calls off what comes in a moment
}

// open begins to keep an item, as it was written at a moment; zero: not since it was opened.
func (a *autosave[B]) open(id string, at time.Time) {
	a.id, a.saved, a.err, a.dirty = id, at, nil, false
}

// touch has what was changed kept in a moment.
func (a *autosave[B]) touch() {
	a.dirty = true
	if a.stop == nil {
		a.stop = a.s.o.Exec.After(time.Second, a.flush)
	}
}

// flush keeps what was changed at once.
func (a *autosave[B]) flush() {
	if a.stop != nil {
		a.stop()
		a.stop = nil
	}
	if a.dirty && a.id != "" {
		a.dirty = false
		a.keep(a.id, a.body())
	}
}

// again writes what was closed before it could be written.
func (a *autosave[B]) again() {
	for id, body := range a.unkept {
		delete(a.unkept, id)
		a.keep(id, body)
	}
}

func (a *autosave[B]) keep(id string, body B) {
	now := a.s.Now()
	a.saving++
	a.pen.write(func(ctx context.Context, f *personal.File) error { return personal.Write(ctx, f, id, body, now) }, func(err error) {
		a.saving--
		switch {
		case a.id != id && err != nil:
			if a.unkept == nil {
				a.unkept = map[string]B{}
			}
			a.unkept[id] = body
			a.lost(err)
		case a.id == id && err != nil:
			a.err, a.dirty = err, true // it is written with the next change, or when the page is come back to
		case a.id == id:
			a.err, a.saved = nil, now
		}
		a.tell()
	})
}

// line says when it was last kept.
func (a *autosave[B]) line() string {
	w := a.s.words
	switch {
	case a.err != nil:
		return w.S(i18n.ResumeUnsaved)
	case a.saving > 0, a.dirty:
		return w.S(i18n.ProfileSaving)
	case a.saved.IsZero():
		return w.S(i18n.ResumeSaves)
	}
	return w.S(i18n.ProfileSaved, "Time", w.Clock(a.saved.In(a.s.o.Zone)))
}
