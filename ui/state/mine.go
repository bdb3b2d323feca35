package state

import (
	"context"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/sync/replica"
	"passerelle/sync/session"
)

// pen writes into the personal file of the person whose screens these are, one thing after
// the other: what was written later is never overtaken. Its zero value does not work; make it
// with the state that it belongs to.
type pen struct {
	s     *State
	whose string // the person, as [Present] knew them when the screens were made
	queue []stroke
	busy  bool
}

type stroke struct {
	fresh bool // it writes: a file is made if there is none
	work  func(ctx context.Context, f *personal.File) error
	done  func(error)
}

func newPen(s *State) *pen {
	p := &pen{s: s}
	if s.Present != nil {
		p.whose = s.Present.whose
	}
	return p
}

// write has something kept; done is called on the drawing goroutine.
func (p *pen) write(work func(ctx context.Context, f *personal.File) error, done func(error)) {
	p.queue = append(p.queue, stroke{true, work, done})
	p.next()
}

// read asks for what is kept, after all that was written before.
func (p *pen) read(work func(ctx context.Context, f *personal.File) error, done func(error)) {
	p.queue = append(p.queue, stroke{false, work, done})
	p.next()
}

func (p *pen) next() {
	if p.busy || len(p.queue) == 0 {
		return
	}
	now := p.queue[0]
	p.queue, p.busy = p.queue[1:], true
	var err error
	p.s.o.Exec.Go(func() {
		var f *personal.File
		if f, err = p.s.mine(p.s.ctx, p.whose, now.fresh); err == nil {
			err = now.work(p.s.ctx, f)
		}
	}, func() {
		p.busy = false
		now.done(err)
		p.next()
	})
}

// restMost is how long a window that is closed waits for what was typed to be kept.
const restMost = 3 * time.Second

// Rest calls done once all that was handed over for the personal file is in it, or could not
// be kept; after restMost at the latest.
func (s *State) Rest(done func()) {
	pens := []*pen{s.Tracker.pen, s.Reminders.pen, s.Resume.pen, s.Letter.pen, s.Matches.pen}
	left := len(pens)
	end := func() {
		if left >= 0 {
			left = -1
			done()
		}
	}
	stop := s.o.Exec.After(restMost, end)
	for _, p := range pens {
		p.read(func(context.Context, *personal.File) error { return nil }, func(error) {
			if left--; left == 0 {
				stop()
				end()
			}
		})
	}
}

// mine opens the personal file of a person. That somebody else has come meanwhile is
// replica.ErrSwitched: nothing of one is written into the file of another.
func (s *State) mine(ctx context.Context, whose string, fresh bool) (*personal.File, error) {
	if s.o.Mine == nil {
		return nil, personal.ErrNotFound
	}
	f, err := s.o.Mine.File(ctx, fresh)
	if err != nil || s.o.Accounts == nil {
		return f, err
	}
	here := ""
	if st := s.o.Accounts.Standing(); st.Mode != session.Nobody {
		here = st.Person.ID
	}
	if here != whose {
		return nil, replica.ErrSwitched
	}
	return f, nil
}

// MineProblem says why what a person writes for themselves cannot be read or kept here, and
// what to do; "" for no error, and where nothing was ever written.
func MineProblem(w *i18n.Words, err error) string {
	switch {
	case err == nil, errors.Is(err, personal.ErrNotFound), errors.Is(err, replica.ErrSwitched):
		return ""
	case errors.Is(err, cache.ErrNoAccount):
		return w.S(i18n.MineShared)
	case errors.Is(err, session.ErrLocked), errors.Is(err, personal.ErrClosed):
		return w.S(i18n.DataLocked)
	case errors.Is(err, personal.ErrTooLarge):
		return w.S(i18n.MineLarge)
	}
	return Explain(w, err)
}
