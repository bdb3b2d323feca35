package part

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"passerelle/ui/look"
)

// Radio is a choice of one among a few, all of them shown side by side. It is one stop of
// Tab; the arrows move the choice, as in every radio group.
type Radio struct {
	Control
	name    string
	options []string
	at      int
	over    int // under the pointer; −1: none
	OnPick  func(i int)

	ring  ring
	boxes []radioBox
}

type radioBox struct {
	back *canvas.Rectangle
	dot  *canvas.Circle
	core *canvas.Circle
	text *canvas.Text
}

var _ desktop.Hoverable = (*Radio)(nil)

// NewRadio makes a choice; name is for screen readers, the label above it is drawn by the screen.
func NewRadio(name string, options []string, at int, pick func(i int)) *Radio {
	r := &Radio{name: name, options: options, at: at, over: -1, OnPick: pick}
	r.extend(r)
	return r
}

// At is the option that is chosen.
func (r *Radio) At() int { return r.at }

// Pick chooses an option without telling OnPick.
func (r *Radio) Pick(i int) {
	if i != r.at {
		r.at = i
		r.Refresh()
	}
}

// AccessibilityLabel says what is chosen, of what, and among how many.
func (r *Radio) AccessibilityLabel() string {
	if r.at < 0 || r.at >= len(r.options) {
		return r.name
	}
	return fmt.Sprintf("%s, %s (%d/%d)", r.name, r.options[r.at], r.at+1, len(r.options))
}

func (r *Radio) choose(i int) {
	if i < 0 || i >= len(r.options) || i == r.at {
		return
	}
	r.at = i
	r.Refresh()
	if r.OnPick != nil {
		r.OnPick(i)
	}
}

// TypedKey moves the choice.
func (r *Radio) TypedKey(e *fyne.KeyEvent) {
	if used(true) {
		return
	}
	switch e.Name {
	case fyne.KeyRight, fyne.KeyDown:
		r.choose(r.at + 1)
	case fyne.KeyLeft, fyne.KeyUp:
		r.choose(r.at - 1)
	case fyne.KeyHome:
		r.choose(0)
	case fyne.KeyEnd:
		r.choose(len(r.options) - 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace: // what has the keyboard is chosen already
	default:
		r.Pass(e)
	}
}

// Tapped chooses what is under the pointer.
func (r *Radio) Tapped(e *fyne.PointEvent) {
	if used(false) {
		return
	}
	Focus(r)
	r.choose(r.find(e.Position))
}

// MouseMoved marks the option under the pointer.
func (r *Radio) MouseMoved(e *desktop.MouseEvent) {
	if i := r.find(e.Position); i != r.over {
		r.over = i
		r.Refresh()
	}
}

// MouseIn does what MouseMoved does.
func (r *Radio) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseOut unmarks it.
func (r *Radio) MouseOut() { r.over = -1; r.Refresh() }

func (r *Radio) find(p fyne.Position) int {
	found := -1
	r.place(r.Size().Width, func(i int, x, y, w, h float32) {
		if p.X >= x && p.X < x+w && p.Y >= y && p.Y < y+h {
			found = i
		}
	})
	return found
}

func (r *Radio) width(i int) float32 {
	return look.Now().Px(16) + look.S2 + wordWidth(r.options[i], look.Body, true) + 2*look.S3
}

// place lays the options out in lines no wider than width.
func (r *Radio) place(width float32, put func(i int, x, y, w, h float32)) float32 {
	h := look.Now().Px(look.Control)
	x, y := float32(0), float32(0)
	for i := range r.options {
		w := min(r.width(i), max(width, 1))
		if x > 0 && x+w > width+0.5 {
			x, y = 0, y+h+look.S2
		}
		if put != nil {
			put(i, x, y, w, h)
		}
		x += w + look.S2
	}
	return y + h
}

// HeightFor is the height at a width.
func (r *Radio) HeightFor(width float32) float32 { return r.place(width, nil) }

// CreateRenderer draws the options.
func (r *Radio) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r.ring = newRing(look.Radius)
	d := &drawing{objects: []fyne.CanvasObject{r.ring.Rectangle}}
	r.boxes = nil
	for _, o := range r.options {
		b := radioBox{back: canvas.NewRectangle(t.Surface), dot: canvas.NewCircle(color.Transparent),
			core: canvas.NewCircle(t.Accent), text: line(o, look.Body, look.InkText, false)}
		b.back.CornerRadius, b.back.StrokeWidth = look.Radius, 1
		b.dot.StrokeWidth = 1.5
		r.boxes = append(r.boxes, b)
		d.objects = append(d.objects, b.back, b.dot, b.core, b.text)
	}
	d.min = func() fyne.Size {
		w := float32(0)
		for i := range r.options {
			w = max(w, r.width(i))
		}
		w = min(w, t.Px(200))
		if s := r.Size(); s.Width > 0 {
			return fyne.NewSize(w, r.HeightFor(s.Width))
		}
		return fyne.NewSize(w, t.Px(look.Control))
	}
	d.layout = func(s fyne.Size) {
		r.place(s.Width, func(i int, x, y, w, h float32) {
			b, px := r.boxes[i], t.Px(16)
			b.back.Move(fyne.NewPos(x, y))
			b.back.Resize(fyne.NewSize(w, h))
			b.dot.Move(fyne.NewPos(x+look.S3, y+(h-px)/2))
			b.dot.Resize(fyne.NewSquareSize(px))
			in := t.Px(8)
			b.core.Move(fyne.NewPos(x+look.S3+(px-in)/2, y+(h-in)/2))
			b.core.Resize(fyne.NewSquareSize(in))
			b.text.Text = fit(r.options[i], look.Body, i == r.at, w-px-look.S2-2*look.S3+1)
			m := b.text.MinSize()
			b.text.Move(fyne.NewPos(x+look.S3+px+look.S2, y+(h-m.Height)/2))
			b.text.Resize(m)
			if i == r.at {
				r.ring.around(fyne.NewPos(x, y), fyne.NewSize(w, h))
			}
		})
	}
	d.refresh = func() {
		r.ring.show(r.focused && r.at >= 0)
		for i, b := range r.boxes {
			b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = t.Surface, t.Muted, 1
			b.dot.StrokeColor = t.Muted
			b.text.Color, b.text.TextStyle.Bold = t.Text, false
			b.core.Hide()
			switch {
			case i == r.at:
				b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = t.Tint, t.Accent, 2
				b.dot.StrokeColor = t.Accent
				b.text.Color, b.text.TextStyle.Bold = t.OnTint, true
				b.core.Show()
			case i == r.over:
				b.back.FillColor = t.Tint
			}
		}
		d.layout(r.Size())
	}
	d.refresh()
	return d
}
