package state

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/posting"
)

// Reminder is a reminder with what is known of its item.
type Reminder = personal.Entry[personal.Reminder]

// Reminders are those of whoever is at the desk: kept in their personal file, told on this
// computer, once each, those that were missed as soon as the program runs again.
type Reminders struct {
	s *State

	All    []Reminder
	Loaded bool
	Err    error
	Form   *ReminderForm // what is being written; nil: nothing

	pen  *pen
	told map[string]time.Time // by id, the moment of which the person was told here
	stop func()
	gen  int
}

// ReminderForm is a reminder that is being written.
type ReminderForm struct {
	ID    string // "": a new one
	Body  personal.Reminder
	Day   string // as typed: YYYY-MM-DD, HH:MM
	Time  string
	About string // what it is about, in words; "": nothing else
	Wrong map[string]string
}

// Fields of the form.
const (
	FieldText = "text"
	FieldTime = "time"
)

// Befores are how long ahead one can be told, in minutes.
var Befores = []int{0, 15, 60, 24 * 60}

// tickMost is how long the timer may sleep: a computer that slept is found out soon after.
const tickMost = time.Minute

func newReminders(s *State) *Reminders {
	return &Reminders{s: s, pen: newPen(s), told: map[string]time.Time{}}
}

// Zones are those that a reminder may be in: one for each way to set a clock in Canada, and
// the person's own.
func (r *Reminders) Zones() []string {
	all := slices.Clone(homeZones)
	if z := ZoneName(r.s.o.Zone, r.s.Now()); !slices.Contains(all, z) {
		all = append(all, z)
	}
	if f := r.Form; f != nil && f.Body.Zone != "" && !slices.Contains(all, f.Body.Zone) {
		all = append(all, f.Body.Zone)
	}
	return all
}

// homeZones are one for each way to set a clock in Canada, from the east.
var homeZones = []string{"America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Regina", "America/Edmonton",
	"America/Whitehorse", "America/Vancouver"}

// zoneKeys name them.
var zoneKeys = map[string]i18n.Key{"America/St_Johns": i18n.ZoneNewfoundland, "America/Halifax": i18n.ZoneAtlantic, "America/Toronto": i18n.ZoneEastern,
	"America/Winnipeg": i18n.ZoneCentral, "America/Regina": i18n.ZoneSaskatchewan, "America/Edmonton": i18n.ZoneMountain,
	"America/Whitehorse": i18n.ZoneYukon, "America/Vancouver": i18n.ZonePacific}

// ZoneWord names a zone.
func ZoneWord(w *i18n.Words, zone string) string {
	if k, ok := zoneKeys[zone]; ok {
		return w.S(k)
	}
	return zone
}

// ZoneName is the IANA name of a zone. The system's own has none that can be asked for: it is
// then the first of those of Canada whose clocks go with it for a year, or one by its
// distance from Greenwich.
func ZoneName(zone *time.Location, now time.Time) string {
	if name := zone.String(); name != "Local" && name != "" {
		if _, err := time.LoadLocation(name); err == nil {
			return name
		}
	}
	for _, name := range append(slices.Clone(homeZones), "Europe/London", "Europe/Paris", "America/Mexico_City", "Asia/Manila", "Asia/Kolkata", "UTC") {
		l, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		if inStep(l, zone, now) {
			return name
		}
	}
	_, off := now.In(zone).Zone()
	name := "Etc/GMT"
	if h := off / 3600; h != 0 { // in these names the sign is turned round
		name += map[bool]string{true: "-", false: "+"}[h > 0] + strconv.Itoa(max(h, -h))
	}
	return name
}

// inStep says that two clocks go together for a year.
func inStep(a, b *time.Location, now time.Time) bool {
	for week := range 53 {
		at := now.AddDate(0, 0, 7*week)
		_, x := at.In(a).Zone()
		if _, y := at.In(b).Zone(); x != y {
			return false
		}
	}
	return true
}

// Load reads them, tells of those that are due, and watches for the next.
func (r *Reminders) Load() {
	if r.s.o.Mine == nil {
		return
	}
	r.gen++
	gen := r.gen
	var all []Reminder
	r.pen.read(func(ctx context.Context, f *personal.File) (err error) {
		all, err = personal.All[personal.Reminder](ctx, f)
		return err
	}, func(err error) {
		if gen != r.gen {
			return
		}
		if r.Loaded, r.Err = true, err; err == nil {
			r.All = all
		}
		r.tick()
		r.changed()
	})
}

func (r *Reminders) changed() {
	r.s.Tracker.told()
}

// Stop ends the watch: somebody else has come.
func (r *Reminders) Stop() {
	r.gen++
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// tick tells of what is due, and comes again for the next.
func (r *Reminders) tick() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	if r != r.s.Reminders {
		return // of a person who has left: nobody else is told of what is theirs
	}
	now, next := r.s.o.Now(), time.Time{}
	var due []Reminder
	for _, x := range r.All {
		at, err := x.Body.Tells()
		if err != nil || x.Body.Done {
			continue
		}
		switch {
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case !x.Body.Told.Equal(at) && !r.told[x.ID].Equal(at):
			due = append(due, x)
			r.told[x.ID] = at
		case !x.Body.Told.Equal(at) && !r.s.Present.Locked(): // told while it could not be written
			r.mark(x.ID, at)
		}
	}
	if len(due) > 0 {
		r.notify(due)
		for _, x := range due {
			if !r.s.Present.Locked() {
				r.mark(x.ID, r.told[x.ID])
			}
		}
		r.changed()
	}
	if !next.IsZero() {
		r.stop = r.s.o.Exec.After(min(next.Sub(now), tickMost), r.tick)
	}
}

// notify shows a notice of the system: what it is about, unless others may be looking.
func (r *Reminders) notify(due []Reminder) {
	if r.s.o.Notify == nil {
		return
	}
	w := r.s.words
	title, text := w.S(i18n.AppName), w.N(i18n.ReminderWaits, len(due))
	if len(due) == 1 && !r.s.Present.Locked() && !r.s.Present.Shared {
		title, text = r.Text(due[0].Body), r.When(due[0].Body)
	}
	notify := r.s.o.Notify
	r.s.o.Exec.Go(func() { notify(title, text) }, func() {})
}

// mark keeps that the person was told.
func (r *Reminders) mark(id string, at time.Time) {
	r.write(id, func(b *personal.Reminder) { b.Told = at })
}

func (r *Reminders) find(id string) *Reminder {
	for i := range r.All {
		if r.All[i].ID == id {
			return &r.All[i]
		}
	}
	return nil
}

// write changes one and has it kept.
func (r *Reminders) write(id string, f func(*personal.Reminder)) {
	x := r.find(id)
	if x == nil {
		return
	}
	f(&x.Body)
	x.Changed = r.s.o.Now()
	body, at := x.Body, x.Changed
	r.pen.write(func(ctx context.Context, file *personal.File) error { return personal.Write(ctx, file, id, body, at) }, r.kept)
}

func (r *Reminders) kept(err error) {
	if r.Err = err; err != nil {
		r.changed()
	}
}

// Text is what a reminder says.
func (r *Reminders) Text(b personal.Reminder) string {
	if b.Text == "" {
		return r.s.words.S(i18n.CalendarReminder)
	}
	return b.Text
}

// When says the moment of a reminder on its own clock, and the zone where that is not the
// person's.
func (r *Reminders) When(b personal.Reminder) string {
	w := r.s.words
	at, err := b.Moment()
	if err != nil {
		return b.At
	}
	said := w.S(i18n.ReminderAt, "Date", w.Date(at), "Time", w.Clock(at))
	_, there := at.Zone()
	if _, here := at.In(r.s.o.Zone).Zone(); here != there {
		said = w.S(i18n.ReminderAtZone, "When", said, "Zone", ZoneWord(w, b.Zone))
	}
	return said
}

// ReminderLine is how a reminder is shown.
type ReminderLine struct {
	ID, Text, When, About string
	Due, Done             bool
	Again                 string // when it is told once more; "": it is not
	Application           string // id of the entry that it is about; "": none
	Posting               int64
}

// Lines are all of them: what is due, what comes, then what is done, the last first.
func (r *Reminders) Lines() []ReminderLine {
	return r.lines(func(personal.Reminder) bool { return true })
}

func (r *Reminders) lines(which func(personal.Reminder) bool) (lines []ReminderLine) {
	for _, x := range r.ordered(which) {
		lines = append(lines, r.Line(x))
	}
	return lines
}

// ordered are some of them, in that order.
func (r *Reminders) ordered(which func(personal.Reminder) bool) []Reminder {
	type placed struct {
		Reminder
		group int
		at    time.Time
	}
	var all []placed
	for _, x := range r.All {
		if !which(x.Body) {
			continue
		}
		p := placed{Reminder: x, group: 1}
		p.at, _ = x.Body.Moment()
		switch {
		case x.Body.Done:
			p.group = 2
		case r.due(x.Body):
			p.group = 0
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		if a.group == b.group && a.group == 2 {
			return b.at.Compare(a.at)
		}
		return cmp.Or(a.group-b.group, a.at.Compare(b.at))
	})
	out := make([]Reminder, len(all))
	for i, p := range all {
		out[i] = p.Reminder
	}
	return out
}

// due says that the person was told of it, or would be now, and that it is not done.
func (r *Reminders) due(b personal.Reminder) bool {
	tells, err := b.Tells()
	return !b.Done && err == nil && !tells.After(r.s.o.Now())
}

// Line draws up a reminder.
func (r *Reminders) Line(x Reminder) ReminderLine {
	b, w := x.Body, r.s.words
	l := ReminderLine{ID: x.ID, Text: r.Text(b), When: r.When(b), Done: b.Done, Posting: b.Posting}
	l.Due = r.due(b)
	if !b.Later.IsZero() && !b.Done && !l.Due {
		at := b.Later.In(r.s.o.Zone)
		l.Again = w.S(i18n.ReminderAgain, "When", w.S(i18n.ReminderAt, "Date", w.Date(at), "Time", w.Clock(at)))
	}
	if b.Item == personal.KindApplication {
		if a := r.s.Tracker.find(b.ID); a != nil {
			l.Application, l.About = a.ID, joinComma(a.Body.Title, a.Body.Employer)
		}
	}
	return l
}

// Due are those of which the person was told, or would be now, and that are not done.
func (r *Reminders) Due() []ReminderLine { return r.lines(r.due) }

// OfItem are those about an item, done or not.
func (r *Reminders) OfItem(kind personal.Kind, id string) []ReminderLine {
	return r.lines(func(b personal.Reminder) bool { return b.Item == kind && b.ID == id })
}

// NextOf says the next reminder about an item; "": there is none.
func (r *Reminders) NextOf(kind personal.Kind, id string) string {
	all := r.ordered(func(b personal.Reminder) bool { return b.Item == kind && b.ID == id && !b.Done })
	if len(all) == 0 {
		return ""
	}
	return r.When(all[0].Body)
}

// SetDone ends a reminder, or takes that back.
func (r *Reminders) SetDone(id string, done bool) {
	r.write(id, func(b *personal.Reminder) { b.Done = done })
	r.tick()
	r.changed()
}

// Later is how a reminder can be put off.
type Later string

// Ways.
const (
	LaterHour     Later = "hour"
	LaterTomorrow Later = "tomorrow" // at nine
	LaterWeek     Later = "week"     // at nine
)

// Laters are all of them.
var Laters = []Later{LaterHour, LaterTomorrow, LaterWeek}

// PutOff has a reminder told once more later. Its own moment stays what it is.
func (r *Reminders) PutOff(id string, how Later) {
	now := r.s.Now()
	at := now.Add(time.Hour).Truncate(time.Minute)
	nine := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 9, 0, 0, 0, now.Location())
	}
	switch how {
	case LaterTomorrow:
		at = nine(1)
	case LaterWeek:
		at = nine(7)
	}
	r.write(id, func(b *personal.Reminder) { b.Later = at.UTC() })
	r.tick()
	r.changed()
}

// Remove forgets a reminder; [Tracker.Back] takes that back.
func (r *Reminders) Remove(id string) {
	x := r.find(id)
	if x == nil {
		return
	}
	was := *x
	r.All = slices.DeleteFunc(slices.Clone(r.All), func(y Reminder) bool { return y.ID == id })
	r.pen.write(func(ctx context.Context, f *personal.File) error { return f.Delete(ctx, personal.KindReminder, id) }, r.kept)
	r.s.Tracker.Removed = &Undo{What: r.s.words.S(i18n.ReminderRemoved, "Text", r.Text(was.Body)), do: func() {
		r.All = append(r.All, was)
		r.write(id, func(*personal.Reminder) {})
		r.tick()
		r.changed()
	}}
	r.tick()
	r.changed()
}

// New begins a reminder, about nothing in particular: tomorrow at nine.
func (r *Reminders) New() *ReminderForm {
	tomorrow := r.s.Now().AddDate(0, 0, 1)
	r.Form = &ReminderForm{Body: personal.Reminder{Zone: ZoneName(r.s.o.Zone, r.s.Now())}, Day: tomorrow.Format(time.DateOnly), Time: "09:00", Wrong: map[string]string{}}
	return r.Form
}

// NewOf begins one about an entry of the tracker: by what is to be done next, on its day.
func (r *Reminders) NewOf(a Application) *ReminderForm {
	f := r.New()
	f.Body.Item, f.Body.ID, f.Body.Posting = personal.KindApplication, a.ID, a.Body.Posting
	f.About = joinComma(a.Body.Title, a.Body.Employer)
	f.Body.Text = joinComma(a.Body.Next, a.Body.Title)
	if a.Body.State == personal.Interview {
		f.Body.Text = joinComma(r.s.Tracker.StateWord(personal.Interview), a.Body.Title)
		f.Body.Before = 60
	}
	if a.Body.Day > r.s.Now().Format(time.DateOnly) {
		f.Day = a.Body.Day
	}
	return f
}

// NewOfPosting begins one about a posting: to apply, the day before its last.
func (r *Reminders) NewOfPosting(p posting.Posting) *ReminderForm {
	w, f := r.s.words, r.New()
	f.Body.Posting = p.ID
	f.About = r.s.Subject(p)
	f.Body.Text = w.S(i18n.TrackerNextDay, "Next", w.S(i18n.TrackerApply), "Day", f.About)
	if id := r.s.Tracker.Of(p.ID); id != "" {
		f.Body.Item, f.Body.ID = personal.KindApplication, id
	}
	if eve := p.Ends.Time().AddDate(0, 0, -1).Format(time.DateOnly); eve > f.Day && !p.Ended(r.s.Now()) {
		f.Day = eve
	}
	return f
}

// Change begins to change one.
func (r *Reminders) Change(id string) *ReminderForm {
	x := r.find(id)
	if x == nil {
		return nil
	}
	day, at, _ := strings.Cut(x.Body.At, "T")
	r.Form = &ReminderForm{ID: id, Body: x.Body, Day: day, Time: at, About: r.Line(*x).About, Wrong: map[string]string{}}
	return r.Form
}

// Accept keeps what was written; it says whether nothing is wrong with it. done is told
// once it is kept, or why not.
func (r *Reminders) Accept(done func(err error)) bool {
	f, w := r.Form, r.s.words
	if f == nil {
		return false
	}
	clear(f.Wrong)
	text := strings.Join(strings.Fields(f.Body.Text), " ")
	if n := utf8.RuneCountInString(text); n == 0 {
		f.Wrong[FieldText] = w.S(i18n.ReminderTextEmpty)
	} else if n > MaxLine {
		f.Wrong[FieldText] = w.S(i18n.TrackerLong, "N", w.Number(n), "Max", w.Number(MaxLine))
	}
	day := strings.TrimSpace(f.Day)
	if !isDay(day) {
		f.Wrong[FieldDay] = w.S(i18n.TrackerDayWrong)
	}
	clock, ok := clockOf(f.Time)
	if !ok {
		f.Wrong[FieldTime] = w.S(i18n.ReminderTimeWrong)
	}
	b := f.Body
	b.Text, b.At, b.Done = text, day+"T"+clock, false
	b.Later, b.Told = time.Time{}, time.Time{}
	if at, err := b.Moment(); len(f.Wrong) == 0 && (err != nil || !at.After(r.s.o.Now())) {
		f.Wrong[FieldDay] = w.S(i18n.ReminderPast)
	}
	if len(f.Wrong) > 0 {
		return false
	}
	id, now := f.ID, r.s.o.Now()
	if id == "" {
		u, err := uuid.NewV7()
		if err != nil {
			done(err)
			return true
		}
		id = u.String()
	}
	if at, err := b.Tells(); err == nil && !at.After(now) {
		b.Told = at // it is within what was asked for ahead: they know, having just written it
	}
	x := Reminder{ID: id, Body: b, Made: now, Changed: now}
	r.pen.write(func(ctx context.Context, file *personal.File) error { return personal.Write(ctx, file, id, b, now) }, func(err error) {
		if r.Err = err; err == nil {
			r.gen++
			r.Form = nil
			if was := r.find(id); was != nil {
				x.Made = was.Made
				*was = x
			} else {
				r.All = append(r.All, x)
			}
			r.tick()
		}
		done(err)
		r.changed()
	})
	return true
}

// clockOf reads a time of day as people write it: 9:00, 09:00, 9 h 30, 14h.
func clockOf(text string) (string, bool) {
	text = strings.ToLower(strings.NewReplacer(" ", "", "\u00a0", "", "h", ":", ".", ":").Replace(strings.TrimSpace(text)))
	if !strings.Contains(text, ":") || strings.HasSuffix(text, ":") {
		text = strings.TrimSuffix(text, ":") + ":00"
	}
	for _, form := range []string{"15:04", "3:04pm"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.Format("15:04"), true
		}
	}
	return "", false
}

// chosen are the items of a calendar: all, or those of one entry of the tracker or one
// reminder. A reminder goes with the words of its application, and not with its day.
func chosen(applications, reminders []personal.Item, application, reminder string) ([]personal.Item, error) {
	if application == "" && reminder == "" {
		return append(applications, reminders...), nil
	}
	var items []personal.Item
	about := application
	for _, it := range reminders {
		var b personal.Reminder
		if err := json.Unmarshal(it.Body, &b); err != nil {
			return nil, err
		}
		if it.ID == reminder || application != "" && b.Item == personal.KindApplication && b.ID == application {
			items = append(items, it)
			if about == "" {
				about = b.ID
			}
		}
	}
	for _, it := range applications {
		if it.ID != about {
			continue
		}
		if reminder != "" {
			var a personal.Application
			if err := json.Unmarshal(it.Body, &a); err != nil {
				return nil, err
			}
			a.Day = ""
			body, err := json.Marshal(a)
			if err != nil {
				return nil, err
			}
			it.Body = body
		}
		items = append(items, it)
	}
	return items, nil
}
