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
}

// NewOutbox draws the screen.
func NewOutbox(s *state.State, h Host) *Outbox {
	v := &Outbox{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.send = part.NewButton(w.S(i18n.OutboxSend), part.Primary, look.IconOutbox, s.Outbox.Send)
	v.page = part.Sheet(w.S(i18n.OutboxTitle), w.S(i18n.OutboxWhy), look.Now().Px(sheetWidth), v.col)
	s.Outbox.Changed = v.draw
	v.draw()
	return v
}

// Object is the screen.
func (v *Outbox) Object() fyne.CanvasObject { return v.page }

// Enter reads both lists again.
func (v *Outbox) Enter() {
	v.fresh = true
	v.s.Outbox.Load()
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
	if v.fresh && v.s.Outbox.Loaded {
		v.fresh = false
		v.focus()
	}
}

func (v *Outbox) rows() {
	o, w := v.s.Outbox, v.s.Words()
	var col []fyne.CanvasObject
	if o.Err != nil {
		if o.Calm() {
			col = append(col, part.Banner(part.Plain, look.IconOffline, o.Problem()))
		} else {
			col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(o.Problem(), look.Body, look.InkDanger))))
		}
	}
	switch {
	case !o.Loaded:
	case len(o.Items) == 0:
		col = append(col, part.Card(part.Empty(look.IconOutbox, w.S(i18n.OutboxEmpty), w.S(i18n.OutboxEmptyWhy))))
	default:
		var rows []fyne.CanvasObject
		if o.Waiting() > 0 {
			v.send.Enable()
			if o.Sending {
				v.send.Disable()
			}
			rows = append(rows, part.Wrap(look.S2, v.send), part.Rule(false))
		}
		for i, it := range o.Items {
			if i > 0 {
				rows = append(rows, part.Rule(false))
			}
			rows = append(rows, v.item(it))
		}
		col = append(col, part.Card(part.Column(look.S3, rows...)))
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

func (v *Outbox) item(it state.Sent) fyne.CanvasObject {
	w := v.s.Words()
	ink := look.InkOnTint
	if it.Waiting || it.Refused {
		ink = look.InkWarning
	}
	col := []fyne.CanvasObject{
		part.Ends(look.S3, part.NewBold(it.Title, look.Body, look.InkText), part.Badge(it.State, ink)),
		part.NewText(it.Reason, look.Body, look.InkText),
	}
	if it.Text != "" {
		col = append(col, part.NewText(it.Text, look.Small, look.InkMuted))
	}
	line := w.S(i18n.OutboxMade, "Date", it.When)
	if it.Answer != "" {
		line += " · " + it.Answer
	}
	col = append(col, part.NewText(line, look.Small, look.InkMuted))
	if it.Waiting {
		b := part.NewButton(w.S(i18n.OutboxCancel), part.Secondary, "", func() { v.s.Outbox.Cancel(it.Key) }).Small()
		b.Label = it.Undo
		v.stops.add("cancel "+it.Key, b)
		col = append(col, part.Wrap(0, b))
	}
	return part.Column(look.S1, col...)
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
