package state

import (
	"strconv"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
)

// How a desk locks itself (B-019).
const (
	warnAhead  = 2 * time.Minute  // the countdown begins; at half the time where that is shorter
	lookEvery  = 15 * time.Second // so that a computer that slept is found out soon after it wakes
	sharedLock = 5 * time.Minute  // of a shared computer, unless it was set
)

// Lock closes the desk after a time without a key or a click: the keys are dropped,
// everything is hidden, and nothing that was typed is lost. Two minutes before, it says so
// and counts (WCAG 2.2.1).
type Lock struct {
	s *State

	After time.Duration // without activity
	Most  time.Duration // that may be set here

	Warning bool
	Left    time.Duration // until it locks, while Warning

	// Warned tells the window that the countdown began, moved or ended. Nil is fine.
	Warned func()

	chosen time.Duration // 0: the house's own
	last   time.Time
	stop   func()
}

func newLock(s *State) *Lock {
	r := account.Rules{}.Filled()
	l := &Lock{s: s, Most: r.LockMost}
	if l.Most == 0 {
		l.Most = time.Hour
	}
	l.set()
	return l
}

// Load reads what was chosen, and the most that the deployment allows.
func (l *Lock) Load() {
	var most int
	l.s.RecallHere(cache.LockAfter, func(v string) {
		n, _ := strconv.Atoi(v) // what cannot be read was never chosen
		l.chosen = time.Duration(max(n, 0)) * time.Minute
		l.set()
		if l.s.o.Accounts == nil {
			return
		}
		l.s.o.Exec.Go(func() {
			if d, err := l.s.o.Accounts.Deployment(l.s.ctx); err == nil {
				most = d.LockAfter
			}
		}, func() {
			if most > 0 {
				l.Most = time.Duration(most) * time.Minute
			}
			l.set()
		})
	})
}

// set puts what was chosen in force, within the maximum.
func (l *Lock) set() {
	l.After = l.chosen
	if l.After == 0 {
		l.After = 15 * time.Minute
		if d := (account.Rules{}).Filled().LockAfter; d > 0 {
			l.After = d
		}
		if l.s.Present != nil && l.s.Present.Shared {
			l.After = sharedLock
		}
	}
	l.After = min(max(l.After, time.Minute), l.Most)
	l.Watch()
}

// Set chooses the time, in minutes.
func (l *Lock) Set(minutes int) {
	l.chosen = time.Duration(minutes) * time.Minute
	l.s.RememberHere(cache.LockAfter, strconv.Itoa(minutes))
	l.last = l.now()
	l.set()
	l.s.Tell()
}

// Choices are the times offered, in minutes, within the maximum.
func (l *Lock) Choices() []int {
	var all []int
	for _, n := range []int{1, 2, 5, 10, 15, 20, 30, 45, 60} {
		if time.Duration(n)*time.Minute <= l.Most {
			all = append(all, n)
		}
	}
	return all
}

// now is the moment by the clock on the wall: the other one stands still while a computer sleeps.
func (l *Lock) now() time.Time { return l.s.Now().Round(0) }

func (l *Lock) lead() time.Duration { return min(warnAhead, l.After/2) }

// Watch begins to count, or stops when there is nothing to lock.
func (l *Lock) Watch() {
	if l.s.Present == nil {
		return // being made
	}
	if !l.s.Present.Signed() {
		l.rest()
		return
	}
	if l.last.IsZero() {
		l.last = l.now()
	}
	l.check()
}

func (l *Lock) rest() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
	l.last = time.Time{}
	if l.Warning {
		l.Warning, l.Left = false, 0
		l.warned()
	}
}

func (l *Lock) warned() {
	if l.Warned != nil {
		l.Warned()
	}
}

func (l *Lock) check() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
	idle := l.now().Sub(l.last)
	if idle < 0 { // the clock was set back
		l.last, idle = l.now(), 0
	}
	left, next := l.After-idle, lookEvery
	switch {
	case left <= 0:
		l.s.Present.LockNow()
		return
	case left <= l.lead():
		l.Warning, l.Left = true, left
		next = min(time.Second, left)
		l.warned()
	default:
		if l.Warning {
			l.Warning, l.Left = false, 0
			l.warned()
		}
		next = min(next, left-l.lead())
	}
	l.stop = l.s.o.Exec.After(next, func() {
		l.stop = nil
		if l.s.Present.Signed() {
			l.check()
			l.s.Present.Look() // what the server said of the session meanwhile
		}
	})
}

// Touch is told of every key, click and move of the pointer. While the countdown runs only
// a key counts: the pointer moves when a table is bumped.
func (l *Lock) Touch(key bool) {
	if l.last.IsZero() {
		return
	}
	now := l.now()
	if now.Sub(l.last) >= l.After { // it slept through its own alarm
		l.check()
		return
	}
	if l.Warning {
		if key {
			l.Stay()
		}
		return
	}
	l.last = now
}

// Stay is "stay signed in": the time begins again.
func (l *Lock) Stay() {
	if l.last.IsZero() || l.now().Sub(l.last) >= l.After {
		return
	}
	l.last = l.now()
	l.check()
}

// Countdown is the sentence of the warning.
func (l *Lock) Countdown() string {
	w, n := l.s.words, int((l.Left+time.Second-1)/time.Second)
	if n > 60 {
		return w.N(i18n.LockCountMinutes, (n+59)/60)
	}
	return w.N(i18n.LockCount, n)
}
