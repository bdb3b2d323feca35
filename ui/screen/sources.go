package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Sources draws where everything comes from, and on what terms.
type Sources struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	all   *part.Button
	stops stops
}

// NewSources draws the screen.
func NewSources(s *state.State, h Host) *Sources {
	v := &Sources{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.all = part.NewButton(w.S(i18n.SourcesCopy), part.Secondary, look.IconCopy, func() {
		s.Copy(s.Credits.Text())
		h.Say(w.S(i18n.Copied))
	})
	v.page = part.Sheet(w.S(i18n.SourcesTitle), w.S(i18n.SourcesWhy), look.Now().Px(sheetWidth), v.col)
	s.Credits.Changed = v.draw
	v.draw()
	return v
}

// Object is the screen.
func (v *Sources) Object() fyne.CanvasObject { return v.page }

// Enter gathers the sources.
func (v *Sources) Enter() {
	v.s.Credits.Load()
	v.h.Canvas().Focus(v.all)
}

// Back does nothing: there is nothing to close.
func (v *Sources) Back() bool { return false }

// Keys scrolls.
func (v *Sources) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Sources) Find() bool { return false }

func (v *Sources) draw() {
	v.stops.redraw(v.groups, nil)
	v.page.Reflow()
}

func (v *Sources) groups() {
	w, a := v.s.Words(), v.s.Credits
	col := []fyne.CanvasObject{part.Wrap(0, v.all)}
	if len(a.Groups) == 0 {
		col = append(col, part.NewText(w.S(i18n.SourcesLoading), look.Body, look.InkMuted))
	}
	for _, g := range a.Groups {
		var rows []fyne.CanvasObject
		for i, c := range g.List {
			if i > 0 {
				rows = append(rows, part.Rule(false))
			}
			rows = append(rows, v.credit(g.Title, c))
		}
		if len(rows) == 0 {
			rows = append(rows, part.NewText(g.None, look.Body, look.InkMuted))
		}
		col = append(col, part.Section(g.Title, g.Why, rows...))
	}
	v.col.Objects = col
}

func (v *Sources) credit(group string, c state.Credit) fyne.CanvasObject {
	w := v.s.Words()
	var name fyne.CanvasObject = part.NewBold(c.Name, look.Body, look.InkText)
	if icon := look.Icon(c.Icon); icon != "" && look.Has(icon) {
		name = part.Labelled(icon, part.NewBold(c.Name, look.Body, look.InkText))
	}
	var facts []fyne.CanvasObject
	for _, f := range c.Facts {
		facts = append(facts, part.FactBox(f.Label, f.Value))
	}
	col := []fyne.CanvasObject{name}
	if len(facts) > 0 {
		col = append(col, part.Grid(4, look.Now().Px(150), look.S4, look.S2, facts...))
	}
	if c.Notice != "" {
		col = append(col, part.NewText(c.Notice, look.Small, look.InkMuted))
	}
	var acts []fyne.CanvasObject
	if strings.HasPrefix(c.URL, "https://") || strings.HasPrefix(c.URL, "http://") {
		b := part.NewButton(w.S(i18n.SourcesOpen), part.Link, look.IconOut, func() {
			ShowLeave(v.s, v.h, v.s.Leaving(c.URL, w.S(i18n.SourcesOpen), 0))
		})
		b.Label = w.S(i18n.SourcesOpenLabel, "Name", c.Name)
		v.stops.add(group+" open "+c.Name, b)
		acts = append(acts, b)
	}
	b := part.NewButton(w.S(i18n.SourcesCopyOne), part.Link, look.IconCopy, func() {
		v.s.Copy(v.s.Credits.One(c))
		v.h.Say(w.S(i18n.Copied))
	})
	b.Label = w.S(i18n.SourcesCopyLabel, "Name", c.Name)
	v.stops.add(group+" copy "+c.Name, b)
	acts = append(acts, b)
	return part.Column(look.S2, append(col, part.Wrap(look.S6, acts...))...)
}
