package screen

import (
	"path/filepath"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// ending is the dialog before a session ends.
type ending struct {
	s     *state.State
	h     Host
	e     *state.End
	d     *part.Dialog
	col   *fyne.Container
	stops stops
}

// ShowEnd asks before a session is ended and what this computer keeps of the person erased:
// it tells what has not been sent, and has it leave first. Cancel has the keyboard.
func ShowEnd(s *state.State, h Host) {
	w, p := s.Words(), s.Present
	v := &ending{s: s, h: h, e: s.NewEnd(), col: part.Column(look.S3), stops: stops{h: h}}
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { v.d.Close() })
	acts := []fyne.CanvasObject{cancel}
	if !p.Shared {
		acts = append(acts, part.NewButton(w.S(i18n.EndOnly), part.Secondary, "", func() {
			v.d.Close()
			p.SignOut(false, v.ended(false))
		}))
	}
	acts = append(acts, part.NewButton(w.S(i18n.EndErase), part.Secondary, look.IconWarn, v.erase).Inked(look.InkDanger))
	v.e.Load()
	v.rows()
	v.d = part.ShowDialog(h.Canvas(), w.S(i18n.EndTitle), v.col, cancel, 620, acts...)
	open := true
	v.d.OnClose = func() { open = false }
	v.e.Changed = func() {
		if open {
			v.draw()
		}
	}
	s.Watch(func() {
		if open {
			v.e.Moved()
		}
	})
}

func (v *ending) erase() {
	if v.e.Risk() && !v.e.Lose {
		v.e.Erase(nil) // it asks first
		v.h.Canvas().Focus(v.stops.at["lose"])
		return
	}
	v.d.Close()
	v.e.Erase(v.ended(true))
}

func (v *ending) ended(erased bool) func(error) {
	w, p, h := v.s.Words(), v.s.Present, v.h
	erased = erased || p.Shared
	return func(err error) {
		if err != nil {
			h.Say(p.Problem())
			return
		}
		say := i18n.EndDone
		if erased {
			say = i18n.EndErased
		}
		h.Say(w.S(say))
	}
}

func (v *ending) draw() {
	v.stops.redraw(v.rows, nil)
	v.d.Reflow()
}

func (v *ending) rows() {
	w, e, p := v.s.Words(), v.e, v.s.Present
	var col []fyne.CanvasObject
	if n := v.waits(); n != nil {
		col = append(col, n)
	}
	if !p.Shared {
		col = append(col, part.NewText(w.S(i18n.EndOnlyWhy), look.Body, look.InkText))
		if e.Known && e.Pending() > 0 {
			col = append(col, part.NewText(w.S(i18n.EndKept), look.Body, look.InkText))
		}
	}
	col = append(col, part.NewText(w.S(i18n.EndEraseWhy), look.Body, look.InkText))
	if e.Risk() && !e.Reading {
		lose := part.NewAgree(w.S(i18n.EndLose), e.Lose, nil, func(on bool) { e.Lose, e.Need = on, e.Need && !on })
		if e.Need {
			lose.SetError(w.S(i18n.EndLoseNeed))
		}
		v.stops.add("lose", lose.Stop())
		col = append(col, lose)
	}
	v.col.Objects = col
}

// waits says what has not reached the server, and offers to send it; nil where there is nothing.
func (v *ending) waits() fyne.CanvasObject {
	w, e := v.s.Words(), v.e
	line := func(text string) fyne.CanvasObject { return part.NewText(text, look.Body, look.InkText) }
	var col []fyne.CanvasObject
	switch {
	case e.Locked:
		if !e.Risk() {
			return nil
		}
		return part.Banner(part.Warn, look.IconWarn, w.S(i18n.EndLocked))
	case e.Reading:
		return part.Banner(part.Plain, look.IconClock, w.S(i18n.EndReading))
	case !e.Risk():
		if e.Sent {
			return part.Banner(part.Plain, look.IconCheck, w.S(i18n.EndSent))
		}
		return nil
	case !e.Known:
		return part.Banner(part.Warn, look.IconWarn, w.S(i18n.EndUnknown))
	}
	for _, x := range []struct {
		k i18n.Key
		n int
	}{{i18n.EndWaits, e.Waiting}, {i18n.EndParked, e.Parked}, {i18n.EndChoices, e.Choices}, {i18n.EndItems, e.Items}} {
		if x.n > 0 {
			col = append(col, line(w.N(x.k, x.n)))
		}
	}
	switch said := e.Problem(); {
	case e.Sending:
		col = append(col, part.Labelled(look.IconClock, part.NewText(w.S(i18n.EndSending), look.Small, look.InkMuted)))
	case said != "":
		col = append(col, part.Labelled(look.IconWarn, part.NewText(w.S(i18n.EndNotSent)+" "+said, look.Small, look.InkDanger)))
	case e.File > 0:
		col = append(col, part.Labelled(look.IconCheck, part.NewText(w.N(i18n.OutboxExported, e.File, "Name", filepath.Base(e.Path)), look.Small, look.InkText)))
	case e.Sent:
		col = append(col, part.Labelled(look.IconCheck, part.NewText(w.S(i18n.EndSent), look.Small, look.InkText)))
	}
	if e.Waiting+e.Items > 0 {
		send := part.NewButton(w.S(i18n.EndSend), part.Primary, look.IconOutbox, e.Send)
		export := part.NewButton(w.S(i18n.EndExport), part.Secondary, "", func() { SaveFile(v.h, w.S(i18n.EndExport), v.s.Outbox.FileName(), e.Export) })
		if e.Sending {
			send.Disable()
			export.Disable()
		} else {
			v.stops.add("send", send)
			v.stops.add("export", export)
		}
		col = append(col, part.Wrap(look.S2, send, export))
	}
	return part.Outlined(part.Column(look.S2, col...))
}
