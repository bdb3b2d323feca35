package state

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// TrackerView is how the tracker is looked at.
type TrackerView string

// Views.
const (
	TrackerBoard     TrackerView = "board"
	TrackerList      TrackerView = "list"
	TrackerReminders TrackerView = "reminders"
)

// TrackerViews are all of them.
var TrackerViews = []TrackerView{TrackerBoard, TrackerList, TrackerReminders}

// TrackerSort is an order of the list.
type TrackerSort string

// Orders.
const (
	SortDay      TrackerSort = "day" // of what is to be done next, those without one last
	SortChanged  TrackerSort = "changed"
	SortTitle    TrackerSort = "title"
	SortEmployer TrackerSort = "employer"
	SortState    TrackerSort = "state"
)

// TrackerSorts are all of them.
var TrackerSorts = []TrackerSort{SortDay, SortChanged, SortTitle, SortEmployer, SortState}

// Application is an entry of the tracker with what is known of its item.
type Application = personal.Entry[personal.Application]

// Tracker is what a person follows of their applications: in their personal file, on
// this computer alone. What is typed is kept at once.
type Tracker struct {
	s *State

	View TrackerView
	Sort TrackerSort
	Only personal.State // of the list; "": all
	Find string         // words of the list

	All     []Application
	Resumes []personal.Entry[personal.Resume] // that can be named as sent
	Letters []personal.Entry[personal.Letter]
	Loaded  bool
	Err     error     // why it cannot be read or kept
	SavedAt time.Time // when something was kept last
	Removed *Undo     // what was done last, to take it back

	Open   string            // id of the entry that is shown; "": none
	Wrong  map[string]string // what is wrong with a field of it, and how to mend it
	Doing  string            // what is typed for its log
	DoneOn string            // the day of that

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	pen   *pen
	dirty map[string]bool // what was changed and not handed to the pen
	gone  map[string]bool // what was removed
	late  func()          // stops the wait before what is typed is kept
	gen   int
}

// Longest of what is typed, in characters.
const (
	MaxLine  = 200
	MaxNotes = 10000
)

// typing is how long a person may pause before what they typed is kept.
const typing = 600 * time.Millisecond

// settled is how long a state stands before leaving it is a step of its own in the log:
// a card that was let go in the wrong column leaves no trace.
const settled = 10 * time.Minute

func newTracker(s *State) *Tracker {
	return &Tracker{s: s, View: TrackerBoard, Sort: SortDay, Wrong: map[string]string{}, pen: newPen(s), dirty: map[string]bool{}, gone: map[string]bool{}}
}

func (t *Tracker) tell() {
	if t.Changed != nil {
		t.Changed()
	}
}

// told tells whoever draws the tracker, and those who count what waits in it.
func (t *Tracker) told() {
	t.tell()
	t.s.Tell()
}

// Offered says whether there is a tracker here at all.
func (t *Tracker) Offered() bool { return t.s.o.Mine != nil }

// Why says why nothing can be kept here; "" when it can.
func (t *Tracker) Why() string { return MineProblem(t.s.words, t.Err) }

// Load reads it again. What is being typed stays.
func (t *Tracker) Load() {
	if !t.Offered() {
		return
	}
	t.Keep()
	t.gen++
	gen := t.gen
	var all []Application
	var resumes []personal.Entry[personal.Resume]
	var letters []personal.Entry[personal.Letter]
	t.pen.read(func(ctx context.Context, f *personal.File) (err error) {
		if all, err = personal.All[personal.Application](ctx, f); err != nil {
			return err
		}
		if resumes, err = personal.All[personal.Resume](ctx, f); err != nil {
			return err
		}
		letters, err = personal.All[personal.Letter](ctx, f)
		return err
	}, func(err error) {
		if gen != t.gen {
			return
		}
		if t.Loaded, t.Err = true, err; err == nil {
			t.take(all)
			t.Resumes, t.Letters = resumes, letters
		}
		t.told()
	})
}

// take shows what was read, but for what was changed here since.
func (t *Tracker) take(all []Application) {
	for i := range all {
		if t.dirty[all[i].ID] {
			if was := t.find(all[i].ID); was != nil {
				all[i] = *was
			}
		}
	}
	all = slices.DeleteFunc(all, func(x Application) bool { return t.gone[x.ID] })
	for _, x := range t.All { // begun here, and not kept yet
		if t.dirty[x.ID] && !slices.ContainsFunc(all, func(y Application) bool { return y.ID == x.ID }) {
			all = append(all, x)
		}
	}
	t.All = all
}

func (t *Tracker) find(id string) *Application {
	for i := range t.All {
		if t.All[i].ID == id {
			return &t.All[i]
		}
	}
	return nil
}

// Shown is the entry that is open; false: none is.
func (t *Tracker) Shown() (Application, bool) {
	if x := t.find(t.Open); x != nil {
		return *x, true
	}
	return Application{}, false
}

// Of is the entry of a posting; "": there is none.
func (t *Tracker) Of(posting int64) (id string) {
	for _, x := range t.All {
		if posting != 0 && x.Body.Posting == posting {
			return x.ID
		}
	}
	return ""
}

// StateWord is how a state of an application is said.
func (t *Tracker) StateWord(s personal.State) string { return ApplicationWord(t.s.words, s) }

// ApplicationWord is how a state of an application is said.
func ApplicationWord(w *i18n.Words, s personal.State) string {
	return w.S(i18n.Key("application.state." + strings.ReplaceAll(string(s), "_", "-")))
}

// closed says that nothing is to be done any more.
func closed(s personal.State) bool { return s == personal.Refused || s == personal.Withdrawn }

// Look changes how the tracker is looked at.
func (t *Tracker) Look(v TrackerView) {
	t.View = v
	t.tell()
}

// SetSort orders the list.
func (t *Tracker) SetSort(by TrackerSort) {
	t.Sort = by
	t.tell()
}

// SetOnly shows one state; "": all.
func (t *Tracker) SetOnly(s personal.State) {
	t.Only = s
	t.tell()
}

// SetFind shows what holds some words.
func (t *Tracker) SetFind(words string) {
	if t.Find != words {
		t.Find = words
		t.tell()
	}
}

// Column is a state of the board with its cards.
type Column struct {
	State personal.State
	Title string
	Cards []Slip // the first of them
	N     int    // how many there are
}

// Slip is how an entry is shown in short.
type Slip struct {
	ID, Title, Who string
	State          personal.State
	Next           string // what is to be done, and when; "": nothing
	Late           bool   // its day has passed, or is today
	Bell           string // the next reminder; "": none
	Changed        string
}

// Columns are the board, with the first of each: what is to be done first is at the top.
func (t *Tracker) Columns(most int) []Column {
	all := t.ordered(SortDay, t.All)
	cols := make([]Column, len(personal.States))
	for i, s := range personal.States {
		cols[i] = Column{State: s, Title: t.StateWord(s)}
		for _, x := range all {
			if x.Body.State != s {
				continue
			}
			if cols[i].N++; cols[i].N <= most {
				cols[i].Cards = append(cols[i].Cards, t.Slip(x))
			}
		}
	}
	return cols
}

// Rows are the first of the list, as it is ordered and as far as it is asked for, and how many
// there are of it.
func (t *Tracker) Rows(most int) (rows []Slip, all int) {
	var some []Application
	wanted := strings.Fields(occupation.Fold(t.Find))
	for _, x := range t.All {
		b := x.Body
		if t.Only != "" && b.State != t.Only {
			continue
		}
		in := occupation.Fold(strings.Join([]string{b.Title, b.Employer, b.Place, b.Next, b.Notes}, " "))
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(in, w) }) {
			some = append(some, x)
		}
	}
	for _, x := range t.ordered(t.Sort, some)[:min(most, len(some))] {
		rows = append(rows, t.Slip(x))
	}
	return rows, len(some)
}

func (t *Tracker) ordered(by TrackerSort, all []Application) []Application {
	all = slices.Clone(all)
	words := inOrder(t.s.words)
	day := func(x Application) string {
		if x.Body.Day == "" || closed(x.Body.State) {
			return "9999-99-99"
		}
		return x.Body.Day
	}
	slices.SortStableFunc(all, func(a, b Application) int {
		first := 0
		switch by {
		case SortDay:
			first = cmp.Compare(day(a), day(b))
		case SortTitle:
			first = words(a.Body.Title, b.Body.Title)
		case SortEmployer:
			first = words(a.Body.Employer, b.Body.Employer)
		case SortState:
			first = cmp.Compare(slices.Index(personal.States, a.Body.State), slices.Index(personal.States, b.Body.State))
		}
		return cmp.Or(first, b.Changed.Compare(a.Changed), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Slip draws up an entry.
func (t *Tracker) Slip(x Application) Slip {
	w, b := t.s.words, x.Body
	h := Slip{ID: x.ID, Title: b.Title, Who: joinComma(b.Employer, b.Place), State: b.State,
		Changed: w.S(i18n.TrackerChanged, "Date", w.Date(x.Changed.In(t.s.o.Zone)))}
	if h.Title == "" {
		h.Title = w.S(i18n.TrackerUntitled)
	}
	if (b.Next != "" || b.Day != "") && !closed(b.State) {
		h.Next = b.Next
		if h.Next == "" {
			h.Next = w.S(i18n.TrackerNext)
		}
		if b.Day != "" {
			var said string
			said, h.Late = t.day(b.Day)
			h.Next = w.S(i18n.TrackerNextDay, "Next", h.Next, "Day", said)
		}
	}
	h.Bell = t.s.Reminders.NextOf(personal.KindApplication, x.ID)
	return h
}

// day says a day beside today.
func (t *Tracker) day(day string) (said string, late bool) {
	w, now := t.s.words, t.s.Now()
	switch today := now.Format(time.DateOnly); {
	case day < today:
		return w.S(i18n.TrackerLate, "Day", day), true
	case day == today:
		return w.S(i18n.TrackerToday), true
	case day == now.AddDate(0, 0, 1).Format(time.DateOnly):
		return w.S(i18n.TrackerTomorrow), false
	}
	return day, false
}

// inOrder compares words as the language orders them.
func inOrder(w *i18n.Words) func(a, b string) int {
	less := w.Less()
	return func(a, b string) int {
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return 0
	}
}

func joinComma(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Count is how much waits here: what was to be done by today, and reminders.
func (t *Tracker) Count() int {
	n, today := len(t.s.Reminders.ordered(t.s.Reminders.due)), t.s.Now().Format(time.DateOnly)
	for _, x := range t.All {
		if x.Body.Day != "" && x.Body.Day <= today && !closed(x.Body.State) {
			n++
		}
	}
	return n
}

// AddPosting follows a posting: what is to be done is to apply, by its last day. done is told
// the id, or why it cannot be.
func (t *Tracker) AddPosting(p posting.Posting, at personal.State, done func(id string, err error)) {
	if id := t.Of(p.ID); id != "" {
		if x := t.find(id); x.Body.State == personal.ToApply && at == personal.Applied {
			t.Move(id, at)
		}
		done(id, nil)
		return
	}
	w := t.s.words
	a := personal.Application{State: at, Posting: p.ID, Title: jobTitle(p, w.Lang()), Employer: p.Employer, Place: PlaceLine(w, p.Place, query.Near{}), Link: p.URL}
	if at == personal.ToApply {
		a.Next = w.S(i18n.TrackerApply)
		if !p.Ended(t.s.Now()) {
			a.Day = p.Ends.String()
		}
	}
	t.add(a, done)
}

// Add begins an entry by hand, and opens it.
func (t *Tracker) Add() {
	t.add(personal.Application{State: personal.ToApply}, func(id string, err error) {
		if err == nil {
			t.Read(id)
		}
	})
}

func (t *Tracker) add(a personal.Application, done func(id string, err error)) {
	u, err := uuid.NewV7()
	if err != nil {
		done("", err)
		return
	}
	now := t.s.o.Now()
	if a.State != personal.ToApply {
		a.Log = []personal.Event{{At: now, State: a.State}}
	}
	x := Application{ID: u.String(), Body: a, Made: now, Changed: now}
	t.pen.write(func(ctx context.Context, f *personal.File) error { return personal.Write(ctx, f, x.ID, a, now) }, func(err error) {
		if err == nil {
			t.gen++ // what is being read does not hold it
			t.Err, t.SavedAt = nil, now
			t.All = append([]Application{x}, t.All...)
		} else {
			t.Err = err
		}
		done(x.ID, err)
		t.told()
	})
}

// Read opens an entry; "" closes the one that is open.
func (t *Tracker) Read(id string) {
	t.Keep()
	if t.find(id) == nil {
		id = ""
	}
	if id != "" {
		t.Removed = nil // what was done elsewhere has been seen
	}
	t.Open, t.Wrong, t.Doing, t.DoneOn = id, map[string]string{}, "", t.s.Now().Format(time.DateOnly)
	t.tell()
}

// change changes an entry and has it kept: at once, or when typing pauses.
func (t *Tracker) change(id string, soon bool, f func(*personal.Application)) {
	x := t.find(id)
	if x == nil {
		return
	}
	x.Body = whole(x.Body)
	f(&x.Body)
	x.Changed = t.s.o.Now()
	t.dirty[id] = true
	if t.late != nil {
		t.late()
	}
	if !soon {
		t.Keep()
		return
	}
	t.late = t.s.o.Exec.After(typing, t.Keep)
}

// whole is a copy that shares nothing: the pen may be writing the other one.
func whole(a personal.Application) personal.Application {
	a.Contacts, a.Log = slices.Clone(a.Contacts), slices.Clone(a.Log)
	return a
}

// Keep has all that was typed kept now.
func (t *Tracker) Keep() {
	if t.late != nil {
		t.late()
		t.late = nil
	}
	for id := range t.dirty {
		x := t.find(id)
		if x == nil {
			delete(t.dirty, id)
			continue
		}
		body, at := whole(x.Body), x.Changed
		delete(t.dirty, id)
		t.pen.write(func(ctx context.Context, f *personal.File) error { return personal.Write(ctx, f, id, body, at) }, func(err error) {
			if t.Err = err; err != nil {
				t.dirty[id] = !t.gone[id] // it is tried again with the next change, or when the page is opened again
			} else {
				t.SavedAt = at
			}
			t.told()
		})
	}
}

// SavedLine says when something was kept last; "" when nothing was.
func (t *Tracker) SavedLine() string {
	if t.SavedAt.IsZero() || t.Err != nil {
		return ""
	}
	return t.s.words.S(i18n.ProfileSaved, "Time", t.s.words.Clock(t.SavedAt.In(t.s.o.Zone)))
}

// Move brings an entry to a state, which its log tells.
func (t *Tracker) Move(id string, to personal.State) {
	x := t.find(id)
	if x == nil || x.Body.State == to {
		return
	}
	was, now := whole(x.Body), t.s.o.Now()
	t.change(id, false, func(a *personal.Application) { moved(a, to, now) })
	name := t.Slip(*x).Title
	t.Removed = &Undo{What: t.s.words.S(i18n.TrackerMoved, "Title", name, "State", t.StateWord(to)), do: func() {
		t.change(id, false, func(a *personal.Application) { a.State, a.Log, a.Next, a.Day = was.State, was.Log, was.Next, was.Day })
		t.told()
	}}
	t.told()
}

// moved writes into the log that an application came to a state. What was set a moment ago
// and is set otherwise now was a slip: the log holds the last one.
func moved(a *personal.Application, to personal.State, now time.Time) {
	if n := len(a.Log); n > 0 {
		if last := a.Log[n-1]; last.State != "" && last.Text == "" && now.Sub(last.At) < settled {
			a.Log = a.Log[:n-1]
		}
	}
	before := personal.ToApply
	for _, e := range a.Log {
		if e.State != "" {
			before = e.State
		}
	}
	if to != before {
		a.Log = append(a.Log, personal.Event{At: now, State: to})
	}
	a.State = to
}

// Step moves an entry to a neighbouring state of the board; by is 1 or −1.
func (t *Tracker) Step(id string, by int) {
	x := t.find(id)
	if x == nil {
		return
	}
	if i := slices.Index(personal.States, x.Body.State) + by; i >= 0 && i < len(personal.States) {
		t.Move(id, personal.States[i])
	}
}

// Back takes back what was done last.
func (t *Tracker) Back() {
	if u := t.Removed; u != nil {
		t.Removed = nil
		u.do()
	}
}

// Remove forgets an entry; [Tracker.Back] takes that back.
func (t *Tracker) Remove(id string) {
	x := t.find(id)
	if x == nil {
		return
	}
	was := *x
	t.gone[id] = true
	delete(t.dirty, id)
	t.All = slices.DeleteFunc(slices.Clone(t.All), func(y Application) bool { return y.ID == id })
	if t.Open == id {
		t.Open = ""
	}
	t.pen.write(func(ctx context.Context, f *personal.File) error { return f.Delete(ctx, personal.KindApplication, id) }, t.kept)
	t.Removed = &Undo{What: t.s.words.S(i18n.TrackerRemoved, "Title", t.Slip(was).Title), do: func() {
		delete(t.gone, id)
		t.All = append(t.All, was)
		t.change(id, false, func(*personal.Application) {})
		t.told()
	}}
	t.told()
}

func (t *Tracker) kept(err error) {
	t.Err = err
	t.told()
}

// Fields of an entry that are typed.
const (
	FieldTitle    = "title"
	FieldEmployer = "employer"
	FieldPlace    = "place"
	FieldLink     = "link"
	FieldNext     = "next"
	FieldDay      = "day"
	FieldNotes    = "notes"
	FieldDoing    = "doing"
	FieldDoneOn   = "done"
)

// Type follows what is typed into a field of the open entry. What is wrong is said and not
// kept; what was there before stays.
func (t *Tracker) Type(field, text string) {
	w := t.s.words
	before := t.Wrong[field]
	delete(t.Wrong, field)
	text = strings.TrimSpace(text)
	n, most := utf8.RuneCountInString(text), MaxLine
	if field == FieldNotes {
		most = MaxNotes
	}
	switch {
	case n > most:
		t.Wrong[field] = w.S(i18n.TrackerLong, "N", w.Number(n), "Max", w.Number(most))
	case field == FieldDay && text != "" && !isDay(text):
		t.Wrong[field] = w.S(i18n.TrackerDayWrong)
	case field == FieldLink && text != "" && !webLink(text):
		t.Wrong[field] = w.S(i18n.TrackerLinkWrong)
	}
	if t.Wrong[field] == "" {
		t.change(t.Open, true, func(a *personal.Application) {
			switch field {
			case FieldTitle:
				a.Title = text
			case FieldEmployer:
				a.Employer = text
			case FieldPlace:
				a.Place = text
			case FieldLink:
				a.Link = text
			case FieldNext:
				a.Next = text
			case FieldDay:
				a.Day = text
			case FieldNotes:
				a.Notes = text
			}
		})
	}
	if before != t.Wrong[field] {
		t.tell()
	}
}

func isDay(text string) bool {
	d, err := time.Parse(time.DateOnly, text)
	return err == nil && d.Year() >= 1900 && d.Year() < 2200
}

func webLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Sent names the résumé and the letter that went with the open entry; "": none.
func (t *Tracker) Sent(resume, letter string) {
	t.change(t.Open, false, func(a *personal.Application) { a.Resume, a.Letter = resume, letter })
	t.tell()
}

// AddContact begins a contact of the open entry.
func (t *Tracker) AddContact() {
	t.change(t.Open, true, func(a *personal.Application) { a.Contacts = append(a.Contacts, personal.Contact{}) })
	t.tell()
}

// TypeContact follows what is typed of a contact.
func (t *Tracker) TypeContact(i int, c personal.Contact) {
	t.change(t.Open, true, func(a *personal.Application) {
		if i < len(a.Contacts) {
			a.Contacts[i] = c
		}
	})
}

// DropContact takes a contact out; [Tracker.Back] takes that back.
func (t *Tracker) DropContact(i int) {
	id := t.Open
	x := t.find(id)
	if x == nil || i >= len(x.Body.Contacts) {
		return
	}
	was := x.Body.Contacts[i]
	t.change(id, false, func(a *personal.Application) { a.Contacts = slices.Delete(a.Contacts, i, i+1) })
	t.Removed = &Undo{What: t.s.words.S(i18n.TrackerContactRemoved, "Name", was.Name), do: func() {
		t.change(id, false, func(a *personal.Application) { a.Contacts = slices.Insert(a.Contacts, min(i, len(a.Contacts)), was) })
		t.told()
	}}
	t.told()
}

// Note writes a line into the log of the open entry; it says whether it was taken.
func (t *Tracker) Note() bool {
	w, now := t.s.words, t.s.Now()
	delete(t.Wrong, FieldDoing)
	delete(t.Wrong, FieldDoneOn)
	text := strings.Join(strings.Fields(t.Doing), " ")
	n := utf8.RuneCountInString(text)
	switch {
	case n == 0:
		t.Wrong[FieldDoing] = w.S(i18n.TrackerDoingEmpty)
	case n > MaxLine:
		t.Wrong[FieldDoing] = w.S(i18n.TrackerLong, "N", w.Number(n), "Max", w.Number(MaxLine))
	case !isDay(strings.TrimSpace(t.DoneOn)):
		t.Wrong[FieldDoneOn] = w.S(i18n.TrackerDayWrong)
	case strings.TrimSpace(t.DoneOn) > now.Format(time.DateOnly):
		t.Wrong[FieldDoneOn] = w.S(i18n.TrackerDayAhead)
	}
	if len(t.Wrong[FieldDoing]+t.Wrong[FieldDoneOn]) > 0 {
		t.tell()
		return false
	}
	at := now
	if day := strings.TrimSpace(t.DoneOn); day != now.Format(time.DateOnly) {
		d, _ := time.ParseInLocation(time.DateOnly, day, t.s.o.Zone)
		at = d.Add(12 * time.Hour)
	}
	t.change(t.Open, false, func(a *personal.Application) {
		a.Log = append(a.Log, personal.Event{At: at, Text: text})
		slices.SortStableFunc(a.Log, func(x, y personal.Event) int { return x.At.Compare(y.At) })
	})
	t.Doing, t.DoneOn = "", now.Format(time.DateOnly)
	t.told()
	return true
}

// DropEvent takes a line out of the log of the open entry; [Tracker.Back] takes that back.
func (t *Tracker) DropEvent(i int) {
	id := t.Open
	x := t.find(id)
	if x == nil || i >= len(x.Body.Log) {
		return
	}
	was := slices.Clone(x.Body.Log)
	t.change(id, false, func(a *personal.Application) { a.Log = slices.Delete(a.Log, i, i+1) })
	t.Removed = &Undo{What: t.s.words.S(i18n.TrackerEventRemoved), do: func() {
		t.change(id, false, func(a *personal.Application) { a.Log = was })
		t.told()
	}}
	t.told()
}

// EventLine says a line of a log.
func (t *Tracker) EventLine(e personal.Event) string {
	w := t.s.words
	text := e.Text
	if e.State != "" {
		text = t.StateWord(e.State)
		if e.Text != "" {
			text = w.S(i18n.RecordvalueLine, "Name", text, "Value", e.Text)
		}
	}
	return w.S(i18n.RecordvalueLine, "Name", w.Date(e.At.In(t.s.o.Zone)), "Value", text)
}

// Bodies are the applications themselves, for a page.
func (t *Tracker) Bodies() []personal.Application {
	all := make([]personal.Application, len(t.All))
	for i, x := range t.All {
		all[i] = whole(x.Body)
	}
	return all
}

// Items reads what goes into a calendar, after all that was typed: reminders and what is to
// be done next, of everything, or of one entry of the tracker (application) or one reminder.
func (t *Tracker) Items(application, reminder string, done func(items []personal.Item, err error)) {
	t.Keep()
	var items []personal.Item
	t.pen.read(func(ctx context.Context, f *personal.File) error {
		applications, err := f.List(ctx, personal.KindApplication)
		if err != nil {
			return err
		}
		reminders, err := f.List(ctx, personal.KindReminder)
		if err != nil {
			return err
		}
		items, err = chosen(applications, reminders, application, reminder)
		return err
	}, func(err error) { done(items, err) })
}
