package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Outbox draws what waits to leave, what has left, and the reading list.
type Outbox struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	send  *part.Button
	stops stops
	fresh bool // just entered: the keyboard goes to what helps once the lists have come
	shown bool
	back  *state.TakenBack // that the keyboard went to
}

// NewOutbox draws the screen.
func NewOutbox(s *state.State, h Host) *Outbox {
	v := &Outbox{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.send = part.NewButton(w.S(i18n.OutboxSend), part.Primary, look.IconOutbox, s.Outbox.Send)
	v.page = part.Sheet(w.S(i18n.OutboxTitle), w.S(i18n.OutboxWhy), look.Now().Px(sheetWidth), v.col)
	s.Outbox.Changed = v.draw
	s.Watch(func() {
		if v.shown {
			s.Outbox.Moved()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Outbox) Object() fyne.CanvasObject { return v.page }

// Enter reads both lists again.
func (v *Outbox) Enter() {
	v.fresh, v.shown = true, true
	v.s.Outbox.Load()
}

// Left forgets what could still be put back.
func (v *Outbox) Left() {
	v.shown = false
	v.s.Outbox.Undone = nil
}

func (v *Outbox) focus() {
	if v.s.Outbox.Waiting() > 0 {
		v.h.Canvas().Focus(v.send)
	} else if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	}
}

// Back does nothing: there is nothing to close.
func (v *Outbox) Back() bool { return false }

// Keys scrolls.
func (v *Outbox) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Outbox) Find() bool { return false }

func (v *Outbox) draw() {
	v.stops.redraw(v.rows, func() fyne.Focusable {
		if v.s.Outbox.Waiting() > 0 {
			return v.send
		}
		return nil
	})
	v.page.Reflow()
	if u := v.s.Outbox.Undone; u != v.back {
		if v.back = u; u != nil {
			v.h.Canvas().Focus(v.stops.at["undo"]) // at the top, far from where it was used
			v.page.Scroll(-1e9)
		}
	}
	if v.fresh && v.s.Outbox.Loaded {
		v.fresh = false
		v.focus()
	}
}

func (v *Outbox) rows() {
	o, w := v.s.Outbox, v.s.Words()
	var col []fyne.CanvasObject
	if u := o.Undone; u != nil {
		back := part.NewButton(w.S(i18n.OutboxUndo), part.Link, "", o.PutBack)
		back.Label = w.S(i18n.OutboxUndo) + ", " + u.What
		v.stops.add("undo", back)
		col = append(col, part.Banner(part.Plain, look.IconInfo, w.S(i18n.OutboxUndone, "What", u.What), back))
	}
	if said := o.Problem(); said != "" {
		if o.Calm() {
			col = append(col, part.Banner(part.Plain, look.IconOffline, said))
		} else {
			col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger))))
		}
	}
	if n := v.s.Conflicts(); n > 0 && v.h.Has("conflict") {
		choose := part.NewButton(w.S(i18n.OutboxChoose), part.Primary, "", func() { v.h.Go("conflict") })
		v.stops.add("conflict", choose)
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.N(i18n.OutboxConflicts, n), choose))
	}
	switch {
	case !o.Loaded:
	case len(o.Items)+len(o.Records) == 0:
		col = append(col, part.Card(part.Empty(look.IconOutbox, w.S(i18n.OutboxEmpty), w.S(i18n.OutboxEmptyWhy))))
	default:
		var rows []fyne.CanvasObject
		if o.Waiting() > 0 {
			v.send.Enable()
			if o.Sending {
				v.send.Disable()
			}
			rows = append(rows, part.Wrap(look.S2, v.send))
		}
		if len(o.Records) > 0 {
			rows = v.list(rows, o.Records)
			if o.More > 0 {
				rows = append(rows, part.NewText(w.N(i18n.OutboxMore, o.More), look.Small, look.InkMuted))
			}
		}
		rows = v.list(rows, o.Items)
		col = append(col, part.Card(part.Column(look.S3, rows...)))
	}
	if o.Loaded && o.Files() {
		past := v.list(nil, o.Past)
		if len(past) == 0 {
			past = append(past, part.NewText(w.S(i18n.OutboxSentEmpty), look.Body, look.InkMuted))
		}
		col = append(col, part.Section(w.S(i18n.OutboxSentTitle), "", past...), v.files())
	}
	later := []fyne.CanvasObject{}
	for i, l := range o.Links {
		if i > 0 {
			later = append(later, part.Rule(false))
		}
		later = append(later, v.link(l))
	}
	if o.Loaded && len(o.Links) == 0 {
		later = append(later, part.NewText(w.S(i18n.OutboxLaterEmpty), look.Body, look.InkMuted))
	}
	if o.Loaded {
		col = append(col, part.Section(w.S(i18n.OutboxLater), w.S(i18n.OutboxLaterWhy), later...))
	}
	v.col.Objects = col
}

// list adds lines, with a rule between any two.
func (v *Outbox) list(rows []fyne.CanvasObject, items []state.Sent) []fyne.CanvasObject {
	for _, it := range items {
		if len(rows) > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.item(it))
	}
	return rows
}

func (v *Outbox) item(it state.Sent) fyne.CanvasObject {
	w, o := v.s.Words(), v.s.Outbox
	ink := look.InkOnTint
	if it.Waiting || it.Refused || it.Leaves {
		ink = look.InkWarning
	}
	col := []fyne.CanvasObject{
		part.Ends(look.S3, part.NewBold(it.Title, look.Body, look.InkText), part.Badge(it.State, ink)),
		part.NewText(it.Reason, look.Body, look.InkText),
	}
	line := it.When
	if it.N > 0 && (it.Refused || it.Leaves || it.Choose) && it.Answer != "" {
		col = append(col, part.NewText(it.Answer, look.Small, look.InkText)) // what the person has to know
	} else if it.Answer != "" {
		line += " · " + it.Answer
	}
	if it.Text != "" {
		col = append(col, part.NewText(it.Text, look.Small, look.InkMuted))
	}
	col = append(col, part.NewText(line, look.Small, look.InkMuted))
	var acts []fyne.CanvasObject
	act := func(name string, text i18n.Key, label string, do func()) {
		b := part.NewButton(w.S(text), part.Secondary, "", do).Small()
		b.Label = label
		v.stops.add(name+" "+it.Key, b)
		acts = append(acts, b)
	}
	what := it.Title + ", " + it.Reason
	if it.Choose && v.h.Has("conflict") {
		act("choose", i18n.OutboxChoose, w.S(i18n.OutboxChooseLabel, "What", what), func() { v.h.Go("conflict") })
	}
	switch {
	case it.Again && it.Confirm:
		act("again", i18n.OutboxConfirm, w.S(i18n.OutboxConfirmLabel, "What", what), func() { o.Retry(it) })
	case it.Again:
		act("again", i18n.OutboxRetry, w.S(i18n.OutboxRetryLabel, "What", what), func() { o.Retry(it) })
	}
	if it.Waiting {
		do := func() { o.Cancel(it.Key) }
		if it.N > 0 {
			do = func() { o.CancelRecord(it) }
		}
		act("cancel", i18n.OutboxCancel, it.Undo, do)
	}
	if len(acts) > 0 {
		col = append(col, part.Wrap(look.S2, acts...))
	}
	return part.Column(look.S1, col...)
}

// files are the ways of the outbox without a network.
func (v *Outbox) files() fyne.CanvasObject {
	w, o := v.s.Words(), v.s.Outbox
	var col, acts []fyne.CanvasObject
	switch said := o.FileProblem(); {
	case o.File:
		col = append(col, part.Banner(part.Plain, look.IconClock, w.S(i18n.OutboxFileBusy)))
	case said != "":
		col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger))))
	case o.FileSay != "":
		col = append(col, part.Banner(part.Plain, look.IconCheck, o.FileSay))
	}
	for _, a := range []struct {
		name string
		text i18n.Key
		do   func()
	}{{"export", i18n.OutboxExport, v.export}, {"import", i18n.OutboxImport, v.take}, {"carry", i18n.OutboxCarry, v.carry}} {
		b := part.NewButton(w.S(a.text), part.Secondary, "", a.do)
		if o.File {
			b.Disable()
		} else {
			v.stops.add(a.name, b)
		}
		acts = append(acts, b)
	}
	return part.Section(w.S(i18n.OutboxFile), w.S(i18n.OutboxFileWhy), append(col, part.Wrap(look.S2, acts...))...)
}

func (v *Outbox) export() {
	SaveFile(v.h, v.s.Words().S(i18n.OutboxExport), v.s.Outbox.FileName(), v.s.Outbox.Export)
}

func (v *Outbox) take() {
	PickFile(v.h, v.s.Words().S(i18n.OutboxImport), state.ParcelExt, v.s.Outbox.Import)
}

// carry asks which file, then where the answers to it go.
func (v *Outbox) carry() {
	o, w := v.s.Outbox, v.s.Words()
	PickFile(v.h, w.S(i18n.OutboxCarry), state.ParcelExt, func(path string) {
		SaveFile(v.h, w.S(i18n.OutboxCarryAnswers), o.AnswersName(path), func(answers string) { o.Carry(path, answers) })
	})
}

func (v *Outbox) link(l state.Link) fyne.CanvasObject {
	w := v.s.Words()
	name := l.What
	if name == "" {
		name = l.URL
	}
	open := part.NewButton(w.S(i18n.OutboxOpen), part.Secondary, look.IconOut, func() {
		ShowLeave(v.s, v.h, v.s.Leaving(l.URL, w.S(i18n.LeaveLink), l.Number))
	}).Small()
	open.Label = w.S(i18n.OutboxOpenLabel, "What", name)
	remove := part.NewButton(w.S(i18n.OutboxRemove), part.Secondary, "", func() { v.s.Outbox.Remove(l.URL) }).Small()
	remove.Label = w.S(i18n.OutboxRemoveLabel, "What", name)
	v.stops.add("open "+l.URL, open)
	v.stops.add("remove "+l.URL, remove)
	col := []fyne.CanvasObject{}
	if l.What != "" {
		col = append(col, part.NewBold(l.What, look.Body, look.InkText))
	}
	col = append(col, part.NewText(l.URL, look.Small, look.InkText), part.NewText(w.S(i18n.OutboxLaterSince, "Date", l.When), look.Small, look.InkMuted),
		part.Wrap(look.S2, open, remove))
	return part.Column(look.S1, col...)
}
