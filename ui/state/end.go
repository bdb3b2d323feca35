package state

import (
	"errors"
	"time"

	"passerelle/store/cache"
	"passerelle/sync/replica"
)

// End is the end of a session: what has not reached the server yet, and what may become of
// it. Nothing is discarded unless the person says so.
type End struct {
	s *State

	Reading bool
	Known   bool // what waits could be read
	Locked  bool // it cannot: the keys are gone
	Waiting int  // changes that leave by themselves
	Parked  int  // that wait for the person
	Choices int  // between here and elsewhere
	Items   int  // reports and requests

	Sending bool
	Sent    bool // all has arrived since it was asked
	Err     error
	File    int    // items in the file that was written; 0: none
	Path    string // of that file
	Lose    bool   // the person says that it may be lost
	Need    bool   // they have yet to say it

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	began bool   // the sync that was asked for has begun
	late  func() // calls off the end of waiting for it; nil: nothing was asked for
	gen   int
}

// mostWait is how long the dialog waits for what it sends.
const mostWait = 30 * time.Second

// NewEnd begins the end of a session.
func (s *State) NewEnd() *End { return &End{s: s, Locked: s.Present.Locked()} }

func (e *End) tell() {
	if e.Changed != nil {
		e.Changed()
	}
}

// Load reads what waits.
func (e *End) Load() {
	p, d := e.s.o.Private, e.s.o.Device
	if p == nil || e.Locked {
		return
	}
	e.gen++
	gen := e.gen
	e.Reading = !e.Known
	var all []cache.Mutation
	var open []cache.Conflict
	var items []cache.Item
	var err error
	e.s.o.Exec.Go(func() {
		if all, err = p.Outbox(e.s.ctx); err == nil {
			open, err = p.Conflicts(e.s.ctx)
		}
		if err == nil && d != nil {
			items, err = d.Pending(e.s.ctx)
		}
	}, func() {
		if gen != e.gen {
			return
		}
		e.Reading, e.Known = false, err == nil
		e.Waiting, e.Parked, e.Choices, e.Items = 0, 0, len(open), len(items)
		for _, m := range all {
			if m.State == cache.Parked {
				e.Parked++
			} else {
				e.Waiting++
			}
		}
		if e.Sending && e.Waiting == 0 && e.Known {
			e.Sending, e.Sent, e.Err = false, true, nil
		}
		e.tell()
	})
}

// Pending is how much would be lost if it were erased now.
func (e *End) Pending() int { return e.Waiting + e.Parked + e.Choices + e.Items }

// Risk says whether erasing loses something, or may.
func (e *End) Risk() bool {
	return e.s.o.Private != nil && (!e.Known || e.Pending() > 0)
}

// Send has what waits leave first.
func (e *End) Send() {
	p := e.s.o.Private
	if p == nil || e.Sending {
		return
	}
	e.Sending, e.Sent, e.began, e.Err = true, false, false, nil
	p.Kick(replica.Asked)
	e.s.Sync.Send(func(error) { e.Load() }) // what keeps it is told by the records' own sync
	if e.late != nil {
		e.late() // of the try before
	}
	e.late = e.s.o.Exec.After(mostWait, func() { e.stop(replica.ErrOffline) })
	e.tell()
}

// Moved looks again while something is being sent.
func (e *End) Moved() {
	if !e.Sending {
		return
	}
	now := e.s.steady()
	switch {
	case now.Working:
		e.began = true
	case now.Waiting == 0:
		e.Load()
	case e.began, now.Err != nil && !errors.Is(now.Err, replica.ErrByHand):
		e.stop(now.Err)
		e.Load()
	}
}

func (e *End) stop(err error) {
	if !e.Sending {
		return
	}
	e.Sending, e.Err = false, err
	e.tell()
}

// Export writes what waits to a file instead.
func (e *End) Export(path string) {
	p := e.s.o.Private
	var n int
	var err error
	e.s.o.Exec.Go(func() { n, err = p.Export(e.s.ctx, path) }, func() {
		e.Err = err
		if err == nil {
			e.File, e.Path = n, path
		}
		e.Load()
		e.tell()
	})
}

// Erase ends the session and erases, once nothing is lost by it or the person has said that
// it may be; else it asks. done is told whether it was done.
func (e *End) Erase(done func(err error)) (asked bool) {
	if e.Risk() && !e.Lose {
		e.Need = true
		e.tell()
		return true
	}
	e.s.Present.SignOut(true, done)
	return false
}

// Problem says what kept something from leaving, "" for nothing.
func (e *End) Problem() string { return PrivateProblem(e.s.words, e.Err) }
