package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Notified draws the ways of being told of work, side by side.
type Notified struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
}

// NewNotified draws the page.
func NewNotified(s *state.State, h Host) *Notified {
	v := &Notified{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	v.page = part.Sheet(s.Words().S(i18n.NotifiedTitle), s.Words().S(i18n.NotifiedWhy), look.Now().Px(1080), v.col)
	s.Watch(func() { // what stands in either has been read
		if v.shown {
			v.draw()
		}
	})
	v.draw()
	return v
}

// Object is the page.
func (v *Notified) Object() fyne.CanvasObject { return v.page }

// Enter reads how both stand.
func (v *Notified) Enter() {
	v.shown = true
	v.s.Notified.Load()
	v.draw()
	if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	}
}

// Left rests.
func (v *Notified) Left() { v.shown = false }

// Back does nothing: there is nothing to close.
func (v *Notified) Back() bool { return false }

// Keys scrolls.
func (v *Notified) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Notified) Find() bool { return false }

func (v *Notified) draw() {
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
}

func (v *Notified) sections() {
	var ways []fyne.CanvasObject
	for n, x := range v.s.Notified.Ways() {
		col := []fyne.CanvasObject{part.NewBold(x.Name, look.Heading, look.InkText)}
		for _, f := range x.Facts {
			col = append(col, part.Column(2, part.NewBold(f.Label, look.Small, look.InkMuted), part.NewText(f.Value, look.Body, look.InkText)))
		}
		if x.Now != "" {
			col = append(col, part.Labelled(look.IconInfo, part.NewText(x.Now, look.Body, look.InkText)))
		}
		var acts []fyne.CanvasObject
		for _, a := range x.Acts {
			if !v.h.Has(a.To) {
				continue
			}
			kind := part.Secondary
			if len(acts) == 0 && n == 1 {
				kind = part.Primary // one needs no account for it
			}
			b := part.NewButton(a.Text, kind, "", func() {
				v.h.Go(a.To)
				if a.New {
					v.s.JobAlerts.Write()
				}
			})
			v.stops.add(a.Name, b)
			acts = append(acts, b)
		}
		if len(acts) > 0 {
			col = append(col, part.Wrap(look.S2, acts...))
		}
		ways = append(ways, part.Card(part.Column(look.S3, col...)))
	}
	v.col.Objects = []fyne.CanvasObject{part.Grid(2, look.Now().Px(300), look.S4, look.S4, ways...),
		part.NewText(v.s.Words().S(i18n.NotifiedBoth), look.Body, look.InkMuted)}
}
