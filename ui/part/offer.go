package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"passerelle/ui/look"
)

// Offer is a line that completes what is being typed.
type Offer struct {
	NavItem
	up, down *Offer
}

var offers []*Offer // those shown, for [FocusOffers]

// NewOffer makes a line.
func NewOffer(icon look.Icon, text string, take func()) *Offer {
	o := &Offer{}
	o.icon, o.text, o.Label, o.OnTap = icon, text, text, take
	o.extend(o)
	return o
}

// TypedKey moves between the lines.
func (o *Offer) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		Focus(o.up)
	case fyne.KeyDown:
		Focus(o.down)
	default:
		o.NavItem.TypedKey(e)
	}
}

// NewOffers is a panel of offers, to be shown under the field that is typed in.
func NewOffers(rows []fyne.CanvasObject) fyne.CanvasObject {
	t := look.Now()
	r := canvas.NewRectangle(t.Surface)
	r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Muted, 1, look.Radius
	offers = nil
	for _, o := range rows {
		if x, ok := o.(*Offer); ok {
			offers = append(offers, x)
		}
	}
	n := len(offers)
	for i, o := range offers {
		o.up, o.down = offers[(i+n-1)%n], offers[(i+1)%n]
	}
	return container.New(&stack{}, r, Pad(Column(0, rows...), look.S1, look.S1, look.S1, look.S1))
}

// FocusOffers gives the keyboard to the first offer that is shown, if there is one.
func FocusOffers() bool {
	if len(offers) == 0 {
		return false
	}
	Focus(offers[0])
	return true
}

// NoOffers tells that none is shown any more.
func NoOffers() { offers = nil }
