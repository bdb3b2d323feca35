package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// WageScale is what a [WageBar] draws, in cents of one unit, and how it is said.
type WageScale struct {
	Low, Median, High         int64
	Min, Max                  int64 // laid over the scale; 0,0: none
	LowText, MidText, TopText string
	Summary                   string // the same in one sentence
}

// WageBar draws the range of an occupation as a track, the wage of a posting as a bar over it,
// and the median as a tick. The words stand under it, so that no colour speaks alone.
type WageBar struct {
	widget.BaseWidget
	S WageScale
}

// NewWageBar makes the drawing.
func NewWageBar(s WageScale) *WageBar {
	b := &WageBar{S: s}
	b.ExtendBaseWidget(b)
	return b
}

// AccessibilityLabel says the drawing in one sentence.
func (b *WageBar) AccessibilityLabel() string { return b.S.Summary }

// AccessibilityRole is that of text.
func (b *WageBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer draws it.
func (b *WageBar) CreateRenderer() fyne.WidgetRenderer {
	t, s := look.Now(), b.S
	track, bar, tick := canvas.NewRectangle(t.Track), canvas.NewRectangle(t.Accent), canvas.NewRectangle(t.Text)
	track.CornerRadius, bar.CornerRadius = 4, 5
	low := line(s.LowText, look.Caption, look.InkMuted, false)
	mid := line(s.MidText, look.Caption, look.InkMuted, false)
	top := line(s.TopText, look.Caption, look.InkMuted, false)
	d := &drawing{objects: []fyne.CanvasObject{track, bar, tick, low, mid, top}}
	lh := lineHeight(look.Caption)
	stacked := func(w float32) bool {
		return low.MinSize().Width+mid.MinSize().Width+top.MinSize().Width+2*look.S3 > w
	}
	d.min = func() fyne.Size {
		h := look.S4 + look.S1 + lh
		if w := b.Size().Width; w > 0 && stacked(w) {
			h += 2 * lh
		}
		return fyne.NewSize(t.Px(160), h)
	}
	d.layout = func(z fyne.Size) {
		// The scale has a little room at both ends, and holds the posting's own wage.
		lo, hi := float64(nonZero(s.Low, s.Median, s.Min)), float64(max(s.High, s.Median, s.Max))
		if s.Min > 0 {
			lo = min(lo, float64(s.Min))
		}
		span := max(hi-lo, 1)
		lo, hi = lo-span*0.06, hi+span*0.06
		at := func(v int64) float32 { return float32((float64(v)-lo)/(hi-lo)) * z.Width }
		track.Move(fyne.NewPos(0, 5))
		track.Resize(fyne.NewSize(z.Width, 7))
		bar.Hide()
		if s.Max > 0 {
			bar.Show()
			x := at(s.Min)
			w := max(at(s.Max)-x, 10)
			x = min(x, z.Width-w)
			bar.Move(fyne.NewPos(x, 3))
			bar.Resize(fyne.NewSize(w, 11))
		}
		tick.Hide()
		mx := z.Width / 2
		if s.Median > 0 {
			mx = at(s.Median)
			tick.Show()
			tick.Move(fyne.NewPos(mx-1, 0))
			tick.Resize(fyne.NewSize(2, 17))
		}
		y := look.S4 + look.S1
		if stacked(z.Width) {
			put(low, low.Text, 0, y, lh)
			put(mid, mid.Text, 0, y+lh, lh)
			put(top, top.Text, 0, y+2*lh, lh)
			return
		}
		lw, mw, tw := low.MinSize().Width, mid.MinSize().Width, top.MinSize().Width
		put(low, low.Text, 0, y, lh)
		put(top, top.Text, z.Width-tw, y, lh)
		put(mid, mid.Text, min(max(mx-mw/2, lw+look.S3), z.Width-tw-look.S3-mw), y, lh)
	}
	return d
}

// HeightFor is the height at a width: the three labels stack when they would touch.
func (b *WageBar) HeightFor(width float32) float32 {
	lh := lineHeight(look.Caption)
	h := look.S4 + look.S1 + lh
	w := 2 * look.S3
	for _, s := range []string{b.S.LowText, b.S.MidText, b.S.TopText} {
		w += measure(s, look.Caption, false).Width
	}
	if w > width {
		h += 2 * lh
	}
	return h
}

func nonZero(vs ...int64) int64 {
	for _, v := range vs {
		if v > 0 {
			return v
		}
	}
	return 0
}

// Grade draws an outlook as five steps of which one is filled, with its words beside it.
func Grade(n int, known bool, label string) fyne.CanvasObject {
	t := look.Now()
	text := NewText(label, look.Body, look.InkText)
	if !known {
		return text
	}
	g := &grade{n: n, label: label}
	g.ExtendBaseWidget(g)
	_ = t
	return container.New(&beside{gap: look.S2}, g, text)
}

type grade struct {
	widget.BaseWidget
	n     int
	label string
}

func (g *grade) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	d := &drawing{}
	for i := -2; i <= 2; i++ {
		r := canvas.NewRectangle(t.Track)
		r.CornerRadius = 2
		if i == g.n {
			r.FillColor = t.Accent
		}
		d.objects = append(d.objects, r)
	}
	d.min = func() fyne.Size { return fyne.NewSize(t.Px(60), t.Px(16)) }
	d.layout = func(s fyne.Size) {
		w := s.Width / 5
		for i, o := range d.objects {
			h := s.Height * (0.4 + 0.15*float32(i))
			o.Move(fyne.NewPos(float32(i)*w, s.Height-h))
			o.Resize(fyne.NewSize(w-3, h))
		}
	}
	return d
}

// FactBox is a label over what it says.
func FactBox(label, value string) fyne.CanvasObject {
	return Column(0, NewText(label, look.Caption, look.InkMuted), NewText(value, look.Body, look.InkText))
}

// Bullet is a line of a list.
func Bullet(text string) fyne.CanvasObject {
	t := look.Now()
	dot := canvas.NewCircle(t.Muted)
	g := container.New(&dotLayout{}, dot)
	return container.New(&beside{gap: look.S3}, g, NewText(text, look.Body, look.InkText))
}

type dotLayout struct{}

func (dotLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(5, lineHeight(look.Body))
}

func (dotLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(0, (s.Height-5)/2))
	o[0].Resize(fyne.NewSquareSize(5))
}

// Badge is a small label that is not used.
func Badge(text string, ink look.Ink) fyne.CanvasObject {
	t := look.Now()
	r := canvas.NewRectangle(t.Tint)
	r.CornerRadius = t.Px(10)
	if ink == look.InkWarning {
		r.FillColor = t.WarningGround
		r.StrokeColor, r.StrokeWidth = t.Warning, 1
	}
	return container.New(&stack{}, r, Pad(NewLine(text, look.Caption, ink, true), 2, look.S2, 2, look.S2))
}
