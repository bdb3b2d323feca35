package state

import (
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
)

// Board is where a person who looks for work begins: how their profile stands, what came,
// what is due and what has yet to leave. It keeps nothing: each part is told from the state
// that keeps it, and opens its screen.
type Board struct {
	s *State
}

func newBoard(s *State) *Board { return &Board{s: s} }

// Load reads what is told, of whoever is at the desk.
func (b *Board) Load() {
	if b.s.Profile.Offered() {
		b.s.Profile.Load()
		b.s.Invitations.Load()
	}
	if m := b.s.Matches; m.Offered() && !m.Loaded && !m.Working {
		m.Load() // it follows by itself what changes then
	}
	if b.s.JobAlerts.Offered() {
		b.s.JobAlerts.Load()
	}
	if b.s.Tracker.Offered() && b.s.Tracker.Err != nil {
		b.s.Tracker.Load() // it may open by now
		b.s.Reminders.Load()
	}
}

// Ready says that the first of it is known.
func (b *Board) Ready() bool {
	return (b.s.Profile.Loaded || !b.s.Profile.Offered()) && (b.s.Tracker.Loaded || !b.s.Tracker.Offered())
}

// BoardLine is a line of what is to be done.
type BoardLine struct {
	Text        string
	When        string // what of, and until when
	Late        bool   // its moment has passed
	Application string // id of the entry of the tracker that it is of; "": none

	at time.Time // zero: no day
}

// mostTodo is how many lines are shown, and soon how far ahead they are told.
const (
	mostTodo = 6
	soon     = 14 * 24 * time.Hour
)

// Todo is what is to be done, the most pressing first and what has no day last: reminders that
// are due or come soon, and the next actions of applications that are still open. more is how
// many lines there are besides.
func (b *Board) Todo() (lines []BoardLine, more int) {
	all := b.todo()
	n := min(len(all), mostTodo)
	return all[:n], len(all) - n
}

func (b *Board) todo() (all []BoardLine) {
	w, now := b.s.words, b.s.Now()
	for _, x := range b.s.Reminders.All {
		at, err := x.Body.Moment()
		if err != nil || x.Body.Done || at.After(now.Add(soon)) {
			continue
		}
		line := b.s.Reminders.Line(x)
		l := BoardLine{Text: line.Text, Late: at.Before(now), Application: line.Application, at: at, When: line.When}
		if l.Late {
			l.When = w.S(i18n.TrackerLate, "Day", line.When)
		}
		l.When = join(w.S(i18n.BoardTodoReminder), line.About, l.When)
		all = append(all, l)
	}
	today := now.Format(time.DateOnly)
	for _, x := range b.s.Tracker.All {
		a := x.Body
		if closed(a.State) || a.Next == "" && a.Day == "" {
			continue
		}
		l := BoardLine{Text: a.Next, When: joinComma(a.Title, a.Employer), Application: x.ID}
		if l.Text == "" {
			l.Text, l.When = a.Title, a.Employer
		}
		day, err := time.ParseInLocation(time.DateOnly, a.Day, b.s.o.Zone)
		switch {
		case err != nil:
			l.When = join(l.When, w.S(i18n.BoardTodoWhenever))
		case day.After(now.Add(soon)):
			continue
		default:
			l.at, l.Late = day, a.Day < today
			said, _ := b.s.Tracker.day(a.Day)
			l.When = join(l.When, said)
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b BoardLine) int {
		switch {
		case a.at.IsZero() && b.at.IsZero():
			return strings.Compare(a.Text, b.Text)
		case a.at.IsZero():
			return 1
		case b.at.IsZero():
			return -1
		}
		return a.at.Compare(b.at)
	})
	return all
}

// Suspended says that the account is suspended for inactivity, as far as is known here: its
// profile is not matched then, and its alerts go on.
func (b *Board) Suspended() bool { return b.s.Present.Signed() && b.s.Me.Suspended() }
