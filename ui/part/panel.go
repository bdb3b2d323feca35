package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Filled puts a colour behind an object.
func Filled(c color.Color, o fyne.CanvasObject) *fyne.Container {
	return container.New(&stack{}, canvas.NewRectangle(c), o)
}

// Card is a surface with a border around an object.
func Card(o fyne.CanvasObject) *fyne.Container {
	t := look.Now()
	r := canvas.NewRectangle(t.Surface)
	r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Line, 1, look.Card
	return container.New(&stack{}, r, Pad(o, look.S4, look.S4, look.S4, look.S4))
}

// stack lays every object over the last one, and knows the height of what wraps.
type stack struct{ width float32 }

func (s *stack) heightFor(objects []fyne.CanvasObject, width float32) (h float32) {
	for _, o := range objects {
		h = max(h, HeightFor(o, width))
	}
	return h
}

func (s *stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := minWidth(objects)
	return fyne.NewSize(w, s.heightFor(objects, max(s.width, w)))
}

func (s *stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	s.width = size.Width
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(size)
	}
}

// Rule is a line that divides; vertical when it is told so.
func Rule(vertical bool) fyne.CanvasObject {
	r := canvas.NewRectangle(look.Now().Line)
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

// Gap is empty space of a height.
func Gap(h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(0, h))
	return r
}

// Icon is a drawing of ours at text size; it says nothing to a screen reader, for words
// always stand beside it.
func Icon(i look.Icon, ink look.Ink) fyne.CanvasObject {
	t := look.Now()
	img := canvas.NewImageFromResource(look.Draw(i, t.Ink(ink)))
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(t.Px(16)))
	return img
}

// Labelled is an icon and text beside it.
func Labelled(i look.Icon, text *Text) *fyne.Container {
	return container.New(&beside{gap: look.S2}, Icon(i, text.ink), text)
}

type beside struct{ gap, width float32 }

func (b *beside) heightFor(o []fyne.CanvasObject, width float32) float32 {
	m := o[0].MinSize()
	return max(m.Height, HeightFor(o[1], max(width-m.Width-b.gap, 1)))
}

func (b *beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := o[0].MinSize().Width + b.gap + o[1].MinSize().Width
	return fyne.NewSize(w, b.heightFor(o, max(b.width, w)))
}

func (b *beside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	b.width = s.Width
	m := o[0].MinSize()
	o[0].Move(fyne.NewPos(0, min((lineHeight(look.Body)-m.Height)/2, max((s.Height-m.Height)/2, 0))))
	o[0].Resize(m)
	o[1].Move(fyne.NewPos(m.Width+b.gap, 0))
	o[1].Resize(fyne.NewSize(max(s.Width-m.Width-b.gap, 1), s.Height))
}

// Tone is what a banner is about.
type Tone uint8

// Tones.
const (
	Plain Tone = iota
	Warn
	Bad
)

// Banner is a sentence across the top of what it concerns, with what can be done about it.
func Banner(tone Tone, icon look.Icon, text string, acts ...*Button) *fyne.Container {
	t := look.Now()
	back, ink := t.Tint, look.InkText
	switch tone {
	case Warn:
		back, ink = t.WarningGround, look.InkWarning
	case Bad:
		back, ink = t.Surface, look.InkDanger
	}
	var words fyne.CanvasObject = NewText(text, look.Small, ink)
	if icon != "" {
		words = Labelled(icon, NewText(text, look.Small, ink))
	}
	right := make([]fyne.CanvasObject, 0, len(acts))
	for _, a := range acts {
		right = append(right, a)
	}
	body := words
	switch len(right) {
	case 0:
	case 1:
		body = Ends(look.S3, words, right[0])
	default:
		body = Column(look.S2, words, Wrap(look.S3, right...))
	}
	r := canvas.NewRectangle(back)
	if tone == Bad || t.Mode == look.Contrast {
		r.StrokeColor, r.StrokeWidth = t.Ink(ink), 1
	}
	return container.New(&stack{}, r, Pad(body, look.S2, look.S4, look.S2, look.S4))
}

// Empty says why there is nothing to see, and offers the act that helps most, then
// others: for nothing found, nothing yet, no network, an error.
func Empty(icon look.Icon, title, why string, acts ...*Button) *fyne.Container {
	col := []fyne.CanvasObject{}
	col = append(col, container.New(&middle{}, Icon(icon, look.InkMuted)))
	col = append(col, NewBold(title, look.Heading, look.InkText).Centered())
	if why != "" {
		col = append(col, NewText(why, look.Body, look.InkMuted).Centered())
	}
	for _, a := range acts {
		col = append(col, container.New(&middle{}, a))
	}
	return Pad(Column(look.S3, col...), look.S8, look.S6, look.S8, look.S6)
}

// middle sets an object in the middle at its own width, or at the whole width when that is less.
type middle struct{}

func (m *middle) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return HeightFor(o[0], min(width, o[0].MinSize().Width))
}
func (m *middle) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[0].MinSize()
	return fyne.NewSize(min(s.Width, look.Now().Px(160)), s.Height)
}
func (m *middle) Layout(o []fyne.CanvasObject, s fyne.Size) {
	w := min(o[0].MinSize().Width, s.Width)
	o[0].Move(fyne.NewPos((s.Width-w)/2, 0))
	o[0].Resize(fyne.NewSize(w, s.Height))
}

// Progress is a bar with what is being done, how far it is, and a way to stop it.
type Progress struct {
	widget.BaseWidget
	what, left *Text
	share      float64
	cancel     *Button
	track, bar *canvas.Rectangle
}

// NewProgress makes a bar; cancelling calls stop.
func NewProgress(cancel string, stop func()) *Progress {
	p := &Progress{what: NewText("", look.Body, look.InkText), left: NewText("", look.Caption, look.InkMuted)}
	p.cancel = NewButton(cancel, Secondary, "", stop)
	p.ExtendBaseWidget(p)
	return p
}

// Set tells how far it is, from 0 to 1, in words too: what is done, then size and time left.
func (p *Progress) Set(share float64, what, left string) {
	p.share = min(max(share, 0), 1)
	p.what.Set(what)
	p.left.Set(left)
	p.Refresh()
}

// AccessibilityLabel reads both lines.
func (p *Progress) AccessibilityLabel() string { return p.what.Text() + ", " + p.left.Text() }

// AccessibilityRole is that of text.
func (p *Progress) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// HeightFor is the height at a width.
func (p *Progress) HeightFor(width float32) float32 {
	in := width - p.cancel.MinSize().Width - look.S4
	return max(p.what.HeightFor(in)+p.left.HeightFor(in)+2*look.S2+look.S2, p.cancel.MinSize().Height)
}

// CreateRenderer draws the bar.
func (p *Progress) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	p.track, p.bar = canvas.NewRectangle(t.Track), canvas.NewRectangle(t.Accent)
	p.track.CornerRadius, p.bar.CornerRadius = 4, 4
	d := &drawing{objects: []fyne.CanvasObject{p.what, p.track, p.bar, p.left, p.cancel}}
	d.min = func() fyne.Size {
		w := t.Px(200)
		return fyne.NewSize(w, p.HeightFor(max(w, p.Size().Width)))
	}
	d.layout = func(s fyne.Size) {
		c := p.cancel.MinSize()
		w := s.Width - c.Width - look.S4
		h := p.what.HeightFor(w)
		p.what.Resize(fyne.NewSize(w, h))
		p.track.Move(fyne.NewPos(0, h+look.S2))
		p.track.Resize(fyne.NewSize(w, look.S2))
		p.bar.Move(fyne.NewPos(0, h+look.S2))
		p.bar.Resize(fyne.NewSize(w*float32(p.share), look.S2))
		p.left.Move(fyne.NewPos(0, h+3*look.S2))
		p.left.Resize(fyne.NewSize(w, p.left.HeightFor(w)))
		p.cancel.Move(fyne.NewPos(s.Width-c.Width, (s.Height-c.Height)/2))
		p.cancel.Resize(c)
	}
	d.refresh = func() { d.layout(p.Size()) }
	return d
}

// Outlined is a box in the colour of what is wrong, for the list of what to mend first.
func Outlined(o fyne.CanvasObject) *fyne.Container {
	t := look.Now()
	r := canvas.NewRectangle(t.Surface)
	r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Danger, 2, look.Card
	return container.New(&stack{}, r, Pad(o, look.S3, look.S4, look.S3, look.S4))
}

// Tip is the label of something that shows none itself.
func Tip(text string) fyne.CanvasObject {
	t := look.Now()
	r := canvas.NewRectangle(t.Text)
	r.CornerRadius = look.S1
	c := line(text, look.Caption, look.InkText, false)
	c.Color = t.Surface
	return container.New(&stack{}, r, Pad(c, look.S1, look.S2, look.S1, look.S2))
}

// Spread sets the first object at the top and the second at the foot of whatever height there is.
func Spread(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&spread{}, objects...)
}

type spread struct{}

func (spread) heightFor(o []fyne.CanvasObject, width float32) (h float32) {
	for _, x := range o {
		h += HeightFor(x, width)
	}
	return h
}

func (l spread) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, l.heightFor(o, 1e6)) }

func (spread) Layout(o []fyne.CanvasObject, s fyne.Size) {
	for i, x := range o {
		h, y := HeightFor(x, s.Width), float32(0)
		if i > 0 {
			y = s.Height - h
		}
		x.Move(fyne.NewPos(0, y))
		x.Resize(fyne.NewSize(s.Width, h))
	}
}
