package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/sync/session"
)

// Board is where a person who looks for work begins: how their profile stands, what came,
// what is due and what has yet to leave. It keeps nothing: each part is read from where it is
// kept, and opens that place.
type Board struct {
	s *State

	Loaded bool
	Err    error // why what the person keeps on this computer cannot be told

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	todo []todo
	gen  int
}

// todo is something to be done on a day or at a moment.
type todo struct {
	what, of string
	at       time.Time // zero: no day
	clock    bool      // at a time of that day
	remind   bool      // a reminder; else the next action of an application
}

func newBoard(s *State) *Board { return &Board{s: s} }

func (b *Board) tell() {
	if b.Changed != nil {
		b.Changed()
	}
}

// Load reads what is told, of whoever is at the desk.
func (b *Board) Load() {
	if b.s.Profile.Offered() {
		b.s.Profile.Load()
	}
	mine := b.s.o.Mine
	if mine == nil {
		b.Loaded = true
		b.tell()
		return
	}
	b.gen++
	gen, now, zone := b.gen, b.s.Now(), b.s.o.Zone
	var all []todo
	var err error
	b.s.o.Exec.Go(func() { all, err = readTodo(b.s.ctx, mine, now, zone) }, func() {
		if gen != b.gen || b.s.o.Accounts != nil && b.s.o.Accounts.Standing().Person.ID != b.s.Present.Person.ID {
			return // the file was perhaps that of whoever is about to be shown
		}
		b.Loaded, b.Err, b.todo = true, err, all
		b.tell()
	})
}

// soon is how far ahead what is to be done is told.
const soon = 14 * 24 * time.Hour

// readTodo reads what is to be done: reminders that are due or come soon, and the next actions
// of applications that are still open, the most pressing first and those without a day last.
func readTodo(ctx context.Context, mine Mine, now time.Time, zone *time.Location) (all []todo, err error) {
	f, err := mine.File(ctx, false)
	if err != nil {
		if errors.Is(err, personal.ErrNotFound) || errors.Is(err, session.ErrNoKeyring) || errors.Is(err, cache.ErrNoAccount) {
			return nil, nil // nothing was ever written
		}
		return nil, err
	}
	reminders, err := personal.All[personal.Reminder](ctx, f)
	if err != nil {
		return nil, err
	}
	applications, err := personal.All[personal.Application](ctx, f)
	if err != nil {
		return nil, err
	}
	for _, x := range reminders {
		if at, err := x.Body.Moment(); err == nil && !x.Body.Done && at.Before(now.Add(soon)) {
			all = append(all, todo{what: x.Body.Text, at: at.In(zone), clock: true, remind: true})
		}
	}
	for _, x := range applications {
		a := x.Body
		if a.State == personal.Refused || a.State == personal.Withdrawn || a.Next == "" && a.Day == "" {
			continue
		}
		t := todo{what: a.Next, of: join(a.Title, a.Employer)}
		if t.what == "" {
			t.what, t.of = a.Title, a.Employer
		}
		if day, err := time.ParseInLocation(time.DateOnly, a.Day, zone); err == nil {
			if t.at = day; day.After(now.Add(soon)) {
				continue
			}
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b todo) int {
		switch {
		case a.at.IsZero() || b.at.IsZero():
			if a.at.IsZero() == b.at.IsZero() {
				return strings.Compare(a.what, b.what)
			}
			if a.at.IsZero() {
				return 1
			}
			return -1
		}
		return a.at.Compare(b.at)
	})
	return all, nil
}

// BoardLine is a line of what is to be done.
type BoardLine struct {
	Text string
	When string // what of, and until when
	Late bool   // its moment has passed
}

// mostTodo is how many lines are shown.
const mostTodo = 6

// Todo are the most pressing lines, and how many there are besides.
func (b *Board) Todo() (lines []BoardLine, more int) {
	w, now := b.s.words, b.s.Now()
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	for _, t := range b.todo {
		if len(lines) == mostTodo {
			more++
			continue
		}
		l := BoardLine{Text: t.what}
		when := ""
		switch {
		case t.at.IsZero():
			when = w.S(i18n.BoardTodoWhenever)
		case t.clock:
			l.Late = t.at.Before(now)
			when = w.Date(t.at) + " " + w.Clock(t.at)
		default:
			l.Late = day(t.at) < day(now)
			when = w.Date(t.at)
			if day(t.at) == day(now) {
				when = w.S(i18n.BoardTodoToday)
			}
		}
		if l.Late {
			when = w.S(i18n.BoardTodoLate, "When", when)
		}
		kind := ""
		if t.remind {
			kind = w.S(i18n.BoardTodoReminder)
		}
		l.When = join(kind, t.of, when)
		lines = append(lines, l)
	}
	return lines, more
}

// Due is how many reminders and actions are for today or overdue.
func (b *Board) Due() (n int) {
	end := b.s.Now()
	end = time.Date(end.Year(), end.Month(), end.Day()+1, 0, 0, 0, 0, b.s.o.Zone)
	for _, t := range b.todo {
		if !t.at.IsZero() && t.at.Before(end) {
			n++
		}
	}
	return n
}

// Fault says why what is to be done cannot be told, "" when it can.
func (b *Board) Fault() string {
	if b.Err == nil {
		return ""
	}
	if errors.Is(b.Err, session.ErrLocked) {
		return b.s.words.S(i18n.PrivateNobody)
	}
	return Explain(b.s.words, b.Err)
}

// Suspended says that the account is suspended for inactivity, as far as is known here: its
// profile is not matched then, and its alerts go on.
func (b *Board) Suspended() bool { return b.s.Present.Signed() && b.s.Me.Suspended() }
