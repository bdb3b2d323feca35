package screen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/store/personal"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Tracker draws what a person follows of their applications: a board, a list, one entry, and
// the reminders.
type Tracker struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
	fresh bool   // just entered: the keyboard goes to what comes first
	aim   string // what the keyboard goes to once it is drawn

	find   *part.Field            // words of the list
	fields map[string]*part.Field // of the entry that is open
	of     string                 // that entry
	people int                    // how many contacts it had when they were drawn
	more   int                    // lines that are shown of each list beyond the first ones
	lanes  []*part.Lane
}

// rowsAtOnce is how many lines of a list, or cards of a column, are drawn until more are asked for.
const rowsAtOnce = 50

// NewTracker draws the screen.
func NewTracker(s *state.State, h Host) *Tracker {
	v := &Tracker{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.TrackerTitle), w.S(i18n.TrackerWhy), look.Now().Px(1500), v.col)
	s.Tracker.Changed = func() {
		if v.shown {
			v.draw()
		}
	}
	v.draw()
	return v
}

// Object is the screen.
func (v *Tracker) Object() fyne.CanvasObject { return v.page }

// Enter reads everything again.
func (v *Tracker) Enter() {
	v.shown, v.fresh, v.aim = true, true, ""
	v.draw()
	v.s.Tracker.Load()
	v.s.Reminders.Load()
	v.focus()
}

func (v *Tracker) focus() {
	if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	}
}

// Left has what was typed kept, before anybody else can come.
func (v *Tracker) Left() {
	v.shown = false
	v.s.Tracker.Keep()
}

// Back closes the entry that is open.
func (v *Tracker) Back() bool {
	id := v.s.Tracker.Open
	if id == "" {
		return false
	}
	v.aim = "card " + id
	v.s.Tracker.Read("")
	return true
}

// Keys scrolls.
func (v *Tracker) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find gives the keyboard to the words of the list.
func (v *Tracker) Find() bool {
	if v.s.Tracker.View != state.TrackerList || v.s.Tracker.Open != "" || v.find == nil {
		return false
	}
	v.h.Canvas().Focus(v.find.Entry)
	return true
}

func (v *Tracker) draw() {
	t := v.s.Tracker
	if v.of != t.Open {
		v.of, v.fields = t.Open, nil
		v.page.Scroll(-1e6)
	}
	v.stops.redraw(func() {
		v.sections()
		v.page.Reflow() // what was never laid out takes no keyboard
	}, nil)
	if v.aim != "" {
		if to, ok := v.stops.at[v.aim]; ok && v.h.Canvas().Overlays().Top() == nil {
			v.h.Canvas().Focus(to)
			v.aim = ""
		}
	} else if v.fresh && t.Loaded {
		v.fresh = false
		if v.h.Canvas().Focused() == nil {
			v.focus()
		}
	}
}

func (v *Tracker) act(name, text string, kind part.Kind, icon look.Icon, do func()) *part.Button {
	b := part.NewButton(text, kind, icon, do)
	v.stops.add(name, b)
	return b
}

// under is where a menu opens that belongs to a button.
func under(b fyne.CanvasObject) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
	return fyne.NewPos(at.X, at.Y+b.Size().Height)
}

func (v *Tracker) sections() {
	t, w := v.s.Tracker, v.s.Words()
	v.lanes = nil
	var col []fyne.CanvasObject
	if t.Removed != nil {
		col = append(col, part.Banner(part.Plain, look.IconInfo, t.Removed.What, v.act("undo", w.S(i18n.TrackerUndo), part.Link, "", t.Back)))
	}
	why := t.Why()
	if why == "" {
		why = state.MineProblem(w, v.s.Reminders.Err)
	}
	if why != "" {
		var acts []*part.Button
		if v.s.Accounts() && !v.s.Present.Signed() {
			acts = append(acts, v.act("signin", w.S(i18n.NavSignin), part.Primary, look.IconKey, func() { v.h.Go("signin") }))
		} else {
			acts = append(acts, v.act("again", w.S(i18n.Again), part.Secondary, look.IconSync, v.Enter))
		}
		if len(t.All) == 0 {
			v.col.Objects = append(col, part.Card(part.Empty(look.IconWarn, w.S(i18n.TrackerNotHere), why, acts...)))
			return
		}
		col = append(col, part.Banner(part.Warn, look.IconWarn, why, acts...))
	}
	if x, ok := t.Shown(); ok {
		v.col.Objects = append(col, part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, v.entry(x)...)))
		return
	}
	col = append(col, v.bar())
	switch t.View {
	case state.TrackerReminders:
		col = append(col, part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, v.reminders()...)))
	case state.TrackerList:
		col = append(col, part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, v.list()...)))
	default:
		col = append(col, v.board()...)
	}
	v.col.Objects = append(col, part.NewText(w.S(i18n.TrackerLocal), look.Small, look.InkMuted))
}

// bar is what can be done with all of it.
func (v *Tracker) bar() fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	names := []string{w.S(i18n.TrackerBoard), w.S(i18n.TrackerList), w.S(i18n.TrackerReminders)}
	at := 0
	for i, view := range state.TrackerViews {
		if view == t.View {
			at = i
		}
	}
	var first *part.Button
	if t.View == state.TrackerReminders {
		first = v.act("remind", w.S(i18n.ReminderAdd), part.Primary, "", func() { showReminder(v.s, v.h, v.s.Reminders.New()) })
	} else {
		first = v.act("add", w.S(i18n.TrackerAdd), part.Primary, "", func() {
			v.aim = "field " + state.FieldTitle
			t.Add()
		})
	}
	views := part.NewRadio(w.S(i18n.TrackerView), names, at, func(i int) {
		v.more = 0
		t.Look(state.TrackerViews[i])
	})
	acts := []fyne.CanvasObject{first}
	if len(t.All) > 0 {
		acts = append(acts, v.act("evidence", w.S(i18n.TrackerEvidence), part.Secondary, look.IconPrint, v.evidence))
	}
	if len(t.All)+len(v.s.Reminders.All) > 0 {
		acts = append(acts, v.act("calendar", w.S(i18n.TrackerCalendar), part.Secondary, look.IconCalendar, func() { v.calendar("", "") }))
	}
	v.stops.add("views", views)
	return part.Column(look.S3, part.Wrap(look.S2, acts...), views)
}

func (v *Tracker) board() []fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	if t.Loaded && len(t.All) == 0 {
		return []fyne.CanvasObject{v.none()}
	}
	var lanes []fyne.CanvasObject
	for _, c := range t.Columns(rowsAtOnce + v.more) {
		cards := []fyne.CanvasObject{part.NewBold(w.S(i18n.TrackerColumn, "State", c.Title, "N", w.Number(c.N)), look.Body, look.InkText)}
		for _, x := range c.Cards {
			cards = append(cards, v.card(x))
		}
		if n := c.N - len(c.Cards); n > 0 {
			cards = append(cards, v.moreOf("more "+string(c.State), n))
		}
		if len(c.Cards) == 0 {
			cards = append(cards, part.NewText(w.S(i18n.TrackerColumnNone), look.Small, look.InkMuted))
		}
		lane := part.NewLane(part.Column(look.S2, cards...))
		v.lanes = append(v.lanes, lane)
		lanes = append(lanes, lane)
	}
	return []fyne.CanvasObject{part.NewText(w.S(i18n.TrackerKeys), look.Small, look.InkMuted),
		part.Grid(len(lanes), look.Now().Px(150), look.S2, look.S4, lanes...)}
}

// moreOf shows more of what was cut short.
func (v *Tracker) moreOf(name string, n int) fyne.CanvasObject {
	return part.Wrap(0, v.act(name, v.s.Words().N(i18n.TrackerMore, n), part.Secondary, "", func() {
		v.more += rowsAtOnce
		v.draw()
	}))
}

func (v *Tracker) none() fyne.CanvasObject {
	w := v.s.Words()
	return part.Card(part.Empty(look.IconColumns, w.S(i18n.TrackerEmpty), w.S(i18n.TrackerEmptyWhy),
		v.act("search", w.S(i18n.SavedToSearch), part.Secondary, look.IconSearch, func() { v.h.Go("search") })))
}

// title is the link that opens an entry; the arrows move it.
func (v *Tracker) title(x state.Slip, size float32) *part.WrapLink {
	t := v.s.Tracker
	l := part.NewWrapLink(x.Title, size, look.InkAccent, func() {
		v.aim = "back"
		t.Read(x.ID)
	})
	l.Label = v.s.Words().S(i18n.TrackerCard, "Title", x.Title, "State", t.StateWord(x.State))
	l.OnKey = func(e *fyne.KeyEvent) bool {
		switch e.Name {
		case fyne.KeyRight:
			t.Step(x.ID, 1)
		case fyne.KeyLeft:
			t.Step(x.ID, -1)
		case fyne.KeyDelete:
			t.Remove(x.ID)
		default:
			return false
		}
		return true
	}
	v.stops.add("card "+x.ID, l)
	return l
}

func (v *Tracker) card(x state.Slip) fyne.CanvasObject {
	col := []fyne.CanvasObject{v.title(x, look.Body)}
	if x.Who != "" {
		col = append(col, part.NewText(x.Who, look.Caption, look.InkMuted))
	}
	col = append(col, v.next(x, look.Caption)...)
	col = append(col, part.Wrap(0, v.move(x)))
	return part.NewDrag(part.Marked(false, part.Column(look.S1, col...)), v.over, func(at fyne.Position) { v.dropped(x.ID, at) })
}

// next is what is to be done, and what will be told.
func (v *Tracker) next(x state.Slip, size float32) (col []fyne.CanvasObject) {
	if x.Next != "" {
		ink, icon := look.InkText, look.Icon("")
		if x.Late {
			ink, icon = look.InkWarning, look.IconWarn
		}
		line := part.NewText(x.Next, size, ink)
		if icon != "" {
			col = append(col, part.Labelled(icon, line))
		} else {
			col = append(col, line)
		}
	}
	if x.Bell != "" {
		col = append(col, part.Labelled(look.IconClock, part.NewText(x.Bell, size, look.InkMuted)))
	}
	return col
}

// move opens the states that an entry can be brought to.
func (v *Tracker) move(x state.Slip) *part.Button {
	t, w := v.s.Tracker, v.s.Words()
	var b *part.Button
	b = v.act("move "+x.ID, w.S(i18n.TrackerMove), part.Link, "", func() {
		var lines []part.MenuLine
		for _, s := range personal.States {
			if s != x.State {
				lines = append(lines, part.MenuLine{Text: t.StateWord(s), Do: func() { t.Move(x.ID, s) }})
			}
		}
		part.ShowMenu(v.h.Canvas(), under(b), lines...)
	}).Small()
	b.Label = w.S(i18n.TrackerMoveLabel, "Title", x.Title)
	return b
}

// over marks the column that a card is held over.
func (v *Tracker) over(at fyne.Position) {
	for _, l := range v.lanes {
		l.Mark(l.Holds(at))
	}
}

// dropped moves a card to the column that it was let go over.
func (v *Tracker) dropped(id string, at fyne.Position) {
	for i, l := range v.lanes {
		l.Mark(false)
		if l.Holds(at) {
			v.s.Tracker.Move(id, personal.States[i])
			return
		}
	}
}

func (v *Tracker) list() []fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	if t.Loaded && len(t.All) == 0 {
		return []fyne.CanvasObject{v.none()}
	}
	if v.find == nil {
		v.find = part.NewField(w.S(i18n.TrackerFind), true, look.IconSearch, "").Set(t.Find).OnType(func(text string) {
			v.more = 0
			t.SetFind(text)
		})
	}
	v.stops.add("find", v.find.Entry)
	sorts := map[state.TrackerSort]i18n.Key{state.SortDay: i18n.TrackerSortDay, state.SortChanged: i18n.TrackerSortChanged, state.SortTitle: i18n.TrackerSortTitle,
		state.SortEmployer: i18n.TrackerSortEmployer, state.SortState: i18n.TrackerSortState}
	var by []string
	at := 0
	for i, s := range state.TrackerSorts {
		by = append(by, w.S(sorts[s]))
		if s == t.Sort {
			at = i
		}
	}
	order := part.NewChoice(w.S(i18n.TrackerSort), "", part.Secondary, by, at, func(i int) { t.SetSort(state.TrackerSorts[i]) })
	v.stops.add("sort", order)
	only := []string{w.S(i18n.TrackerAll)}
	which := 0
	for i, s := range personal.States {
		only = append(only, t.StateWord(s))
		if s == t.Only {
			which = i + 1
		}
	}
	filter := part.NewChoice(w.S(i18n.TrackerState), "", part.Secondary, only, which, func(i int) {
		if v.more = 0; i == 0 {
			t.SetOnly("")
		} else {
			t.SetOnly(personal.States[i-1])
		}
	})
	v.stops.add("only", filter)
	rows, n := t.Rows(rowsAtOnce + v.more)
	col := []fyne.CanvasObject{v.find, part.Wrap(look.S4, part.Labelling(w.S(i18n.TrackerSort), order), part.Labelling(w.S(i18n.TrackerState), filter)),
		part.NewText(w.N(i18n.TrackerCount, n), look.Small, look.InkMuted)}
	for _, x := range rows {
		line := part.Column(2, v.title(x, look.Heading-1))
		if x.Who != "" {
			line.Add(part.NewText(x.Who, look.Body, look.InkText))
		}
		for _, o := range v.next(x, look.Small) {
			line.Add(o)
		}
		line.Add(part.NewText(x.Changed, look.Caption, look.InkMuted))
		col = append(col, part.Rule(false), part.Ends(look.S4, line, part.Column(look.S1, part.Badge(t.StateWord(x.State), stateInk(x.State)), v.move(x))))
	}
	if n > len(rows) {
		col = append(col, v.moreOf("more", n-len(rows)))
	}
	return []fyne.CanvasObject{part.Card(part.Column(look.S3, col...))}
}

func stateInk(s personal.State) look.Ink {
	switch s {
	case personal.Refused, personal.Withdrawn:
		return look.InkMuted
	}
	return look.InkAccent
}

// field is one of the open entry; it stays the same object while one types.
func (v *Tracker) field(name string, make func() *part.Field, value string, change func(text string)) *part.Field {
	f := v.fields[name]
	if f == nil {
		f = make()
		f.Set(value)
		f.OnType(change)
		if v.fields == nil {
			v.fields = map[string]*part.Field{}
		}
		v.fields[name] = f
	} else if !f.Entry.HasFocus() && v.s.Tracker.Wrong[name] == "" && strings.TrimSpace(f.Entry.Text) != value {
		f.Set(value) // what was done was taken back
	}
	f.SetError(v.s.Tracker.Wrong[name])
	v.stops.add("field "+name, f.Entry)
	return f
}

func (v *Tracker) line(name string, k i18n.Key, value string) *part.Field {
	return v.field(name, func() *part.Field { return part.NewField(v.s.Words().S(k), true, "", "") }, value, func(text string) { v.s.Tracker.Type(name, text) })
}

func (v *Tracker) entry(x state.Application) []fyne.CanvasObject {
	t, w, b := v.s.Tracker, v.s.Words(), x.Body
	slip := t.Slip(x)
	back := v.act("back", w.S(i18n.TrackerToAll), part.Quiet, look.IconBack, func() { v.Back() })
	names := make([]string, len(personal.States))
	at := 0
	for i, s := range personal.States {
		if names[i] = t.StateWord(s); s == b.State {
			at = i
		}
	}
	stands := part.NewChoice(w.S(i18n.TrackerState), "", part.Secondary, names, at, func(i int) { t.Move(x.ID, personal.States[i]) })
	v.stops.add("state", stands)
	head := []fyne.CanvasObject{stands}
	if b.Posting != 0 {
		head = append(head, v.act("posting", w.S(i18n.TrackerPosting), part.Secondary, look.IconList, func() { v.h.Read(b.Posting) }))
	}
	if b.Link != "" {
		head = append(head, v.act("link", w.S(i18n.TrackerLinkOpen), part.Secondary, look.IconOut, func() {
			ShowLeave(v.s, v.h, v.s.Leaving(b.Link, w.S(i18n.TrackerLinkOpen), 0))
		}))
	}
	all := []fyne.CanvasObject{part.Wrap(0, back), part.NewBold(slip.Title, look.Heading, look.InkText),
		part.Section(w.S(i18n.TrackerState), "", part.Wrap(look.S2, head...)), v.todo(x)}

	all = append(all, part.Section(w.S(i18n.TrackerJob), "", v.line(state.FieldTitle, i18n.TrackerFieldTitle, b.Title), v.line(state.FieldEmployer, i18n.TrackerFieldEmployer, b.Employer),
		v.line(state.FieldPlace, i18n.TrackerFieldPlace, b.Place), v.line(state.FieldLink, i18n.TrackerFieldLink, b.Link)))
	all = append(all, v.sent(x), v.contacts(x))
	notes := v.field(state.FieldNotes, func() *part.Field {
		return part.NewArea(w.S(i18n.TrackerNotes), 5, "").Help(w.S(i18n.TrackerNotesHelp))
	}, b.Notes,
		func(text string) { t.Type(state.FieldNotes, text) })
	all = append(all, part.Section(w.S(i18n.TrackerNotes), "", notes), v.log(x))
	return append(all, part.Wrap(look.S2,
		v.act("ics", w.S(i18n.TrackerCalendar), part.Secondary, look.IconCalendar, func() { v.calendar(x.ID, "") }),
		v.act("remove", w.S(i18n.TrackerRemove), part.Secondary, "", func() {
			v.aim = "undo"
			t.Remove(x.ID)
		})),
		part.NewText(t.SavedLine(), look.Small, look.InkMuted))
}

// todo is what is to be done next, and what will be told of it.
func (v *Tracker) todo(x state.Application) fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	day := v.field(state.FieldDay, func() *part.Field {
		return part.NewDay(w.S(i18n.TrackerFieldDay), w.S(i18n.FormDay))
	}, x.Body.Day, func(text string) { t.Type(state.FieldDay, text) })
	next := v.line(state.FieldNext, i18n.TrackerNext, x.Body.Next)
	col := []fyne.CanvasObject{next, day}
	for _, l := range v.s.Reminders.OfItem(personal.KindApplication, x.ID) {
		col = append(col, part.Rule(false), v.reminder(l, false))
	}
	col = append(col, part.Wrap(0, v.act("remind", w.S(i18n.ReminderAdd), part.Secondary, look.IconClock, func() {
		if now, ok := t.Shown(); ok {
			showReminder(v.s, v.h, v.s.Reminders.NewOf(now))
		}
	})))
	return part.Section(w.S(i18n.TrackerTodo), "", col...)
}

// sent names the résumé and the letter that went.
func (v *Tracker) sent(x state.Application) fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	pick := func(name string, k i18n.Key, ids, names []string, now string, take func(id string)) fyne.CanvasObject {
		ids, names = append([]string{""}, ids...), append([]string{w.S(i18n.TrackerSentNone)}, names...)
		at := 0
		for i, id := range ids {
			if id == now {
				at = i
			}
		}
		if now != "" && at == 0 {
			ids, names, at = append(ids, now), append(names, w.S(i18n.TrackerSentGone)), len(ids)
		}
		p := part.NewPick(w.S(k), "", w.S(i18n.Cancel), names, at, func(i int) { take(ids[i]) })
		v.stops.add(name, p.Stop())
		return p
	}
	var rid, rname, lid, lname []string
	for _, r := range t.Resumes {
		rid, rname = append(rid, r.ID), append(rname, named(w, r.Body.Name))
	}
	for _, l := range t.Letters {
		lid, lname = append(lid, l.ID), append(lname, named(w, l.Body.Name))
	}
	return part.Section(w.S(i18n.TrackerSent), w.S(i18n.TrackerSentWhy),
		pick("resume", i18n.TrackerResume, rid, rname, x.Body.Resume, func(id string) { t.Sent(id, x.Body.Letter) }),
		pick("letter", i18n.TrackerLetter, lid, lname, x.Body.Letter, func(id string) { t.Sent(x.Body.Resume, id) }))
}

func named(w *i18n.Words, name string) string {
	if name == "" {
		return w.S(i18n.TrackerUntitled)
	}
	return name
}

// contacts are whom one can speak with.
func (v *Tracker) contacts(x state.Application) fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	var col []fyne.CanvasObject
	if n := len(x.Body.Contacts); n != v.people { // the fields are those of other people
		v.people = n
		for name := range v.fields {
			if strings.HasPrefix(name, "contact ") {
				delete(v.fields, name)
			}
		}
	}
	for i, c := range x.Body.Contacts {
		if i > 0 {
			col = append(col, part.Rule(false))
		}
		one := func(what string, k i18n.Key, value string, set func(c *personal.Contact, text string)) fyne.CanvasObject {
			return v.field("contact "+strconv.Itoa(i)+" "+what, func() *part.Field { return part.NewField(w.S(k), true, "", "") }, value, func(text string) {
				now, ok := t.Shown()
				if !ok || i >= len(now.Body.Contacts) {
					return
				}
				c := now.Body.Contacts[i]
				set(&c, strings.TrimSpace(text))
				t.TypeContact(i, c)
			})
		}
		col = append(col, part.Grid(2, look.Now().Px(230), look.S4, look.S3,
			one("name", i18n.TrackerContactName, c.Name, func(c *personal.Contact, s string) { c.Name = s }),
			one("role", i18n.TrackerContactRole, c.Role, func(c *personal.Contact, s string) { c.Role = s }),
			one("email", i18n.TrackerContactEmail, c.Email, func(c *personal.Contact, s string) { c.Email = s }),
			one("phone", i18n.TrackerContactPhone, c.Phone, func(c *personal.Contact, s string) { c.Phone = s })))
		drop := v.act(fmt.Sprint("drop ", i), w.S(i18n.TrackerContactRemove), part.Link, "", func() { t.DropContact(i) }).Small()
		drop.Label = w.S(i18n.TrackerContactRemoveOf, "Name", c.Name)
		col = append(col, part.Wrap(0, drop))
	}
	if len(x.Body.Contacts) == 0 {
		col = append(col, part.NewText(w.S(i18n.TrackerContactNone), look.Body, look.InkMuted))
	}
	return part.Section(w.S(i18n.TrackerContacts), "", append(col, part.Wrap(0, v.act("contact", w.S(i18n.TrackerContactAdd), part.Secondary, "", func() {
		v.aim = fmt.Sprintf("field contact %d name", len(x.Body.Contacts))
		t.AddContact()
	})))...)
}

// log is what happened, and a line to add to it.
func (v *Tracker) log(x state.Application) fyne.CanvasObject {
	t, w := v.s.Tracker, v.s.Words()
	var col []fyne.CanvasObject
	for i, e := range x.Body.Log {
		text := t.EventLine(e)
		gone := v.act(fmt.Sprint("event ", i), w.S(i18n.SavedRemove), part.Link, "", func() { t.DropEvent(i) }).Small()
		gone.Label = w.S(i18n.SavedRemoveLabel, "Name", text)
		col = append(col, part.Ends(look.S4, part.NewText(text, look.Body, look.InkText), part.Column(0, gone)))
	}
	if len(x.Body.Log) == 0 {
		col = append(col, part.NewText(w.S(i18n.TrackerLogNone), look.Body, look.InkMuted))
	}
	add := func() {
		if t.Note() {
			v.aim = "field " + state.FieldDoing
			v.fields[state.FieldDoing].Set("")
			v.draw()
			return
		}
		for _, f := range []string{state.FieldDoing, state.FieldDoneOn} {
			if t.Wrong[f] != "" {
				v.h.Canvas().Focus(v.fields[f].Entry)
				return
			}
		}
	}
	doing := v.field(state.FieldDoing, func() *part.Field {
		f := part.NewField(w.S(i18n.TrackerDoing), true, "", "").Help(w.S(i18n.TrackerDoingHelp))
		f.Entry.OnSubmitted = func(string) { add() }
		return f
	}, t.Doing, func(text string) { t.Doing = text })
	on := v.field(state.FieldDoneOn, func() *part.Field {
		f := part.NewDay(w.S(i18n.TrackerDoneOn), w.S(i18n.FormDay))
		f.Entry.OnSubmitted = func(string) { add() }
		return f
	}, t.DoneOn, func(text string) { t.DoneOn = text })
	return part.Section(w.S(i18n.TrackerLog), w.S(i18n.TrackerLogWhy), append(col, part.Rule(false), doing, on,
		part.Wrap(0, v.act("note", w.S(i18n.TrackerDoingAdd), part.Secondary, "", add)))...)
}

func (v *Tracker) reminders() []fyne.CanvasObject {
	w, r := v.s.Words(), v.s.Reminders
	var due, coming, done []fyne.CanvasObject
	put := func(col *[]fyne.CanvasObject, l state.ReminderLine) {
		if len(*col) > 0 {
			*col = append(*col, part.Rule(false))
		}
		*col = append(*col, v.reminder(l, true))
	}
	all := r.Lines()
	n := min(len(all), rowsAtOnce+v.more)
	for _, l := range all[:n] {
		switch {
		case l.Done:
			put(&done, l)
		case l.Due:
			put(&due, l)
		default:
			put(&coming, l)
		}
	}
	if len(due)+len(coming)+len(done) == 0 {
		return []fyne.CanvasObject{part.Card(part.Empty(look.IconClock, w.S(i18n.ReminderNone), w.S(i18n.ReminderNoneWhy)))}
	}
	var sections []fyne.CanvasObject
	add := func(k i18n.Key, col []fyne.CanvasObject) {
		if len(col) > 0 {
			sections = append(sections, part.Section(w.S(k), "", col...))
		}
	}
	add(i18n.ReminderDue, due)
	add(i18n.ReminderComing, coming)
	add(i18n.ReminderEnded, done)
	if n < len(all) {
		sections = append(sections, v.moreOf("more", len(all)-n))
	}
	return sections
}

// reminder is a line, with what can be done with it.
func (v *Tracker) reminder(l state.ReminderLine, about bool) fyne.CanvasObject {
	w, r := v.s.Words(), v.s.Reminders
	text := part.Column(2, part.NewBold(l.Text, look.Body, look.InkText))
	when := part.NewText(l.When, look.Body, look.InkText)
	if l.Due {
		text.Add(part.Labelled(look.IconWarn, part.NewText(w.S(i18n.ReminderNow, "When", l.When), look.Body, look.InkWarning)))
	} else {
		text.Add(when)
	}
	if l.Again != "" {
		text.Add(part.NewText(l.Again, look.Small, look.InkMuted))
	}
	if about && l.About != "" {
		link := part.NewWrapLink(l.About, look.Small, look.InkAccent, func() {
			v.aim = "back"
			v.s.Tracker.Read(l.Application)
		})
		v.stops.add("about "+l.ID, link)
		text.Add(link)
	} else if about && l.Posting != 0 {
		text.Add(part.Wrap(0, v.act("read "+l.ID, w.S(i18n.TrackerPosting), part.Link, "", func() { v.h.Read(l.Posting) }).Small()))
	}
	button := func(name string, k i18n.Key, do func()) *part.Button {
		b := v.act(name+" "+l.ID, w.S(k), part.Secondary, "", do).Small()
		b.Label = w.S(i18n.ReminderActOf, "Act", w.S(k), "Text", l.Text)
		return b
	}
	var acts []fyne.CanvasObject
	if l.Done {
		acts = append(acts, button("undone", i18n.ReminderUndone, func() { r.SetDone(l.ID, false) }))
	} else {
		acts = append(acts, button("done", i18n.ReminderDone, func() { r.SetDone(l.ID, true) }))
		if l.Due {
			var later *part.Button
			later = button("later", i18n.ReminderLater, func() {
				keys := map[state.Later]i18n.Key{state.LaterHour: i18n.ReminderLaterHour, state.LaterTomorrow: i18n.ReminderLaterTomorrow, state.LaterWeek: i18n.ReminderLaterWeek}
				var lines []part.MenuLine
				for _, how := range state.Laters {
					lines = append(lines, part.MenuLine{Text: w.S(keys[how]), Do: func() { r.PutOff(l.ID, how) }})
				}
				part.ShowMenu(v.h.Canvas(), under(later), lines...)
			})
			acts = append(acts, later)
		}
		acts = append(acts, button("change", i18n.ReminderChange, func() {
			if f := r.Change(l.ID); f != nil {
				showReminder(v.s, v.h, f)
			}
		}), button("ics", i18n.ReminderCalendar, func() { v.calendar("", l.ID) }))
	}
	acts = append(acts, button("remove", i18n.SavedRemove, func() { r.Remove(l.ID) }))
	return part.Column(look.S2, text, part.Wrap(look.S2, acts...))
}

// calendar writes a file for a calendar: of everything where the person wants it, of one
// entry or reminder handed to their own calendar.
func (v *Tracker) calendar(application, reminder string) {
	w := v.s.Words()
	none := func(n int, err error) bool {
		if err != nil {
			v.h.Say(w.S(i18n.FileFailed, "Detail", state.MineProblem(w, err)))
		} else if n == 0 {
			v.h.Say(w.S(i18n.TrackerCalendarNone))
		}
		return err != nil || n == 0
	}
	take := func(b []byte, n int, err error) {
		if none(n, err) {
			return
		}
		if application+reminder == "" {
			SaveFile(v.h, w.S(i18n.TrackerCalendar), w.S(i18n.TrackerCalendarFile)+".ics", func(path string) {
				var err error
				v.s.Exec().Go(func() {
					err = disk.Write(path, func(to io.Writer) error { _, err := to.Write(b); return err })
				}, func() { v.written(n, path, err) })
			})
			return
		}
		v.s.OpenFile(func(context.Context) (string, error) {
			return writeFile(v.s, state.BriefPage+application+reminder+".ics", b)
		}, func(path string, err error) {
			if path != "" {
				err = nil // there is no program for it; the file is there
			}
			v.written(n, path, err)
		})
	}
	v.s.Tracker.Items(application, reminder, func(items []personal.Item, err error) {
		var b bytes.Buffer
		n := 0
		v.s.Exec().Go(func() {
			if err == nil {
				n, err = page.Calendar(&b, w, items)
			}
		}, func() { take(b.Bytes(), n, err) })
	})
}

func (v *Tracker) written(n int, path string, err error) {
	w := v.s.Words()
	if err != nil {
		v.h.Say(w.S(i18n.FileFailed, "Detail", state.PrivateProblem(w, err)))
		return
	}
	v.h.Say(w.N(i18n.TrackerCalendarSaved, n, "Path", path))
}

// evidence asks for a period, and writes the log of it.
func (v *Tracker) evidence() {
	w, now := v.s.Words(), v.s.Now()
	from := part.NewDay(w.S(i18n.TrackerFrom), w.S(i18n.FormDay)).Set(now.AddDate(0, 0, -28).Format(time.DateOnly))
	to := part.NewDay(w.S(i18n.TrackerUntil), w.S(i18n.FormDay)).Set(now.Format(time.DateOnly))
	name := part.NewField(w.S(i18n.TrackerEvidenceName), true, "", "").Help(w.S(i18n.TrackerEvidenceNameHelp))
	var d *part.Dialog
	all := v.s.Tracker.Bodies()
	paper := func() Paper {
		e := page.Evidence{Name: strings.TrimSpace(name.Entry.Text), From: strings.TrimSpace(from.Entry.Text), To: strings.TrimSpace(to.Entry.Text), At: now, Zone: now.Location()}
		return Paper{Name: w.S(i18n.TrackerEvidenceFile), Own: true, Page: func() page.Page { return page.Applications(w, all, e) }}
	}
	right := func() bool {
		ok := true
		for _, f := range []*part.Field{from, to} {
			text := strings.TrimSpace(f.Entry.Text)
			f.SetError("")
			if _, err := time.Parse(time.DateOnly, text); text != "" && err != nil {
				f.SetError(w.S(i18n.TrackerDayWrong))
				if ok {
					v.h.Canvas().Focus(f.Entry)
				}
				ok = false
			}
		}
		if a, b := strings.TrimSpace(from.Entry.Text), strings.TrimSpace(to.Entry.Text); ok && a != "" && b != "" && b < a {
			to.SetError(w.S(i18n.TrackerPeriodWrong))
			v.h.Canvas().Focus(to.Entry)
			ok = false
		}
		d.Reflow()
		return ok
	}
	var acts []fyne.CanvasObject
	for i, l := range PrintLines(v.s, v.h, paper) {
		kind := part.Secondary
		if i == 1 {
			kind = part.Primary
		}
		acts = append(acts, part.NewButton(l.Text, kind, "", func() {
			if right() {
				d.Close()
				l.Do()
			}
		}))
	}
	acts = append(acts, part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() }))
	d = part.ShowDialog(v.h.Canvas(), w.S(i18n.TrackerEvidence), part.Column(look.S3, part.NewText(w.S(i18n.TrackerEvidenceWhy), look.Body, look.InkMuted),
		part.Wrap(look.S4, from, to), name), from.Entry, 620, acts...)
}
