package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Conflict draws what was changed here and elsewhere: a card for each record, and in it, for
// each field, what it was and what both made of it, side by side where there is room.
type Conflict struct {
	s *state.State
	h Host

	page   *part.Page
	col    *fyne.Container
	count  *part.Text
	need   *part.Text
	finish *part.Button
	stops  stops
	fresh  bool // just entered: the keyboard goes to the first choice once it has come
	shown  bool
}

// NewConflict draws the screen.
func NewConflict(s *state.State, h Host) *Conflict {
	v := &Conflict{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.count = part.NewText("", look.Small, look.InkMuted)
	v.need = part.NewText("", look.Body, look.InkDanger)
	v.finish = part.NewButton(w.S(i18n.ConflictFinish), part.Primary, look.IconCheck, v.done)
	v.page = part.Sheet(w.S(i18n.ConflictTitle), w.S(i18n.ConflictLead), look.Now().Px(1040), v.col)
	s.Conflict.Changed = v.draw
	s.Watch(func() {
		if v.shown {
			s.Conflict.Moved()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Conflict) Object() fyne.CanvasObject { return v.page }

// Enter reads what is to be chosen.
func (v *Conflict) Enter() {
	v.fresh, v.shown = true, true
	v.s.Conflict.Load()
}

// Left stops looking.
func (v *Conflict) Left() { v.shown = false }

// Back does nothing: what was chosen stays until it is kept or chosen anew.
func (v *Conflict) Back() bool { return false }

// Keys scrolls.
func (v *Conflict) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Conflict) Find() bool { return false }

func (v *Conflict) done() {
	w := v.s.Words()
	v.s.Conflict.Finish(func(n int) {
		if n > 0 {
			v.fresh = true
			v.h.Say(w.N(i18n.ConflictDone, n))
			return
		}
		v.wrong()
	})
}

// wrong gives the keyboard to what has to be mended first.
func (v *Conflict) wrong() {
	for _, x := range v.s.Conflict.Records {
		for _, f := range x.Fields {
			if f.Error == "" {
				continue
			}
			if at, ok := v.stops.at["other "+name(x, f)]; ok {
				v.h.Canvas().Focus(at)
				return
			}
		}
	}
	if f := v.stops.first(); f != nil && v.s.Conflict.Need {
		v.h.Canvas().Focus(f)
	}
}

func name(x *state.Clash, f *state.Choosing) string {
	return x.Ref.Kind + " " + x.Ref.Record + " " + f.Name
}

func (v *Conflict) draw() {
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
	if v.fresh && v.s.Conflict.Loaded && !v.s.Conflict.Busy {
		v.fresh = false
		v.page.Scroll(-1e9)
		if f := v.stops.first(); f != nil {
			v.h.Canvas().Focus(f)
		}
	}
}

func (v *Conflict) sections() {
	c, w := v.s.Conflict, v.s.Words()
	var col []fyne.CanvasObject
	if said := c.Problem(); said != "" {
		col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger))))
	}
	if c.Loaded && len(c.Records) == 0 && !c.Busy {
		back := part.NewButton(w.S(i18n.NavOutbox), part.Secondary, look.IconOutbox, func() { v.h.Go("outbox") })
		v.stops.add("outbox", back)
		v.col.Objects = append(col, part.Card(part.Empty(look.IconCheck, w.S(i18n.ConflictNone), w.S(i18n.ConflictNoneWhy), back)))
		return
	}
	if len(c.Records) == 0 {
		v.col.Objects = col
		return
	}
	n, all := c.Chosen()
	for _, x := range c.Records {
		col = append(col, v.record(x))
	}
	v.count.Set(w.N(i18n.ConflictChosen, n, "All", w.Number(all)))
	v.need.Set("")
	if c.Need {
		v.need.Set(w.S(i18n.ConflictNeed))
	}
	act := func(key string, k i18n.Key, do func()) *part.Button {
		b := part.NewButton(w.S(k), part.Secondary, "", do)
		v.stops.add(key, b)
		return b
	}
	v.stops.add("finish", v.finish)
	v.finish.Enable()
	if c.Busy {
		v.finish.Disable()
	}
	acts := []fyne.CanvasObject{v.finish, act("later", i18n.ConflictLater, func() { v.h.Go("outbox") })}
	if all > 1 {
		acts = append(acts, act("mine", i18n.ConflictAllMine, func() { c.All(cache.Mine) }), act("theirs", i18n.ConflictAllTheirs, func() { c.All(cache.Theirs) }))
	}
	foot := []fyne.CanvasObject{v.count}
	if c.Need {
		foot = append(foot, part.Labelled(look.IconWarn, v.need))
	}
	v.col.Objects = append(col, part.Card(part.Column(look.S3, append(foot, part.Wrap(look.S2, acts...))...)))
}

// record is a card: what was changed of one record.
func (v *Conflict) record(x *state.Clash) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i, f := range x.Fields {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.field(x, f))
	}
	return part.Section(x.Title, x.Who, rows...)
}

func (v *Conflict) field(x *state.Clash, f *state.Choosing) fyne.CanvasObject {
	c, w, t := v.s.Conflict, v.s.Words(), look.Now()
	var sides []fyne.CanvasObject
	var keep []string
	for i, s := range f.Sides {
		sides = append(sides, v.side(s, f.At == i))
		keep = append(keep, s.Keep)
	}
	if f.Third {
		keep = append(keep, w.S(i18n.ConflictKeepOther))
	}
	label := w.S(i18n.ConflictKeep) + ", " + x.Title + ", " + f.Label
	pick := part.NewRadio(label, keep, f.At, func(i int) { c.Pick(f, i) })
	v.stops.add("keep "+name(x, f), pick)
	col := []fyne.CanvasObject{part.NewBold(f.Label, look.Heading, look.InkText), part.Grid(3, t.Px(220), look.S3, look.S3, sides...)}
	if f.Stale {
		col = append(col, part.Labelled(look.IconWarn, part.NewText(w.S(i18n.ConflictSame), look.Small, look.InkWarning)))
	}
	col = append(col, part.Labelling(w.S(i18n.ConflictKeep), pick))
	if f.Third && f.At == f.Other() {
		col = append(col, v.other(x, f))
	}
	return part.Column(look.S3, col...)
}

// side is a box with what one side says; the one that is kept is marked, by more than colour.
func (v *Conflict) side(s state.Standing, kept bool) fyne.CanvasObject {
	head := fyne.CanvasObject(part.NewBold(s.Head, look.Small, look.InkMuted))
	if kept {
		head = part.Labelled(look.IconCheck, part.NewBold(s.Head, look.Small, look.InkOnTint))
	}
	col := []fyne.CanvasObject{head}
	for _, l := range s.Lines {
		col = append(col, part.NewText(l, look.Body, look.InkText))
	}
	return part.Marked(kept, part.Column(2, col...))
}

// other is how another value is written: ticked, where lists have it, or typed.
func (v *Conflict) other(x *state.Clash, f *state.Choosing) fyne.CanvasObject {
	c, w := v.s.Conflict, v.s.Words()
	label := w.S(i18n.ConflictOther, "Field", f.Label)
	key := "other " + name(x, f)
	problem := func() fyne.CanvasObject {
		return part.Labelled(look.IconWarn, part.NewText(f.Error, look.Small, look.InkDanger))
	}
	switch {
	case f.Options != nil && !f.Many:
		at := -1
		for i, on := range f.On {
			if on {
				at = i
			}
		}
		p := part.NewPick(label, w.S(i18n.QuestionsChoose), w.S(i18n.Close), f.Options, at, func(i int) { c.Tick(x, f, i, true) })
		p.SetError(f.Error)
		v.stops.add(key, p.Stop())
		return p
	case f.Options != nil:
		col := []fyne.CanvasObject{part.NewBold(label, look.Body, look.InkText)}
		for i, o := range f.Options {
			b := part.NewCheck(o, "", f.On[i], func(on bool) { c.Tick(x, f, i, on) })
			if i == 0 {
				v.stops.add(key, b)
			} else {
				v.stops.add(key+" "+o, b)
			}
			col = append(col, b)
		}
		if f.Error != "" {
			col = append(col, problem())
		}
		return part.Column(2, col...)
	}
	in := part.NewField(label, true, "", "")
	if f.Input == record.Area {
		in = part.NewArea(label, 5, "")
	}
	if f.Hint != "" {
		in.Help(f.Hint)
	}
	in.Set(f.Text)
	in.SetError(f.Error)
	in.OnType(func(text string) {
		c.Type(x, f, text)
		in.SetError(f.Error)
		v.page.Reflow()
	})
	if f.Input != record.Area {
		in.Entry.OnSubmitted = func(string) { v.done() }
	}
	v.stops.add(key, in.Entry)
	return in
}
