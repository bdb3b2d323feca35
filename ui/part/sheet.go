package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"passerelle/ui/look"
)

// Narrow keeps an object no wider than most, at the left: lines of text that run across a
// whole window are hard to follow.
func Narrow(most float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&narrow{most: most}, o)
}

type narrow struct{ most, width float32 }

func (n *narrow) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return HeightFor(o[0], min(width, n.most))
}

func (n *narrow) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := min(o[0].MinSize().Width, n.most)
	return fyne.NewSize(w, n.heightFor(o, max(n.width, w)))
}

func (n *narrow) Layout(o []fyne.CanvasObject, s fyne.Size) {
	n.width = s.Width
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(min(s.Width, n.most), s.Height))
}

// Sheet is a page of the program: a title, what it is for, and its content, in one column
// that scrolls. content is laid out again by the page's Reflow.
func Sheet(title, why string, most float32, content *fyne.Container) *Page {
	head := []fyne.CanvasObject{NewBold(title, look.Title, look.InkText)}
	if why != "" {
		head = append(head, NewText(why, look.Body, look.InkMuted))
	}
	col := Column(look.S4, Column(look.S1, head...), content)
	return NewPage(Pad(Narrow(most, col), look.S6, look.S8, look.S8, look.S8)).Watch()
}

// Section is a part of a form or page in a card, with its heading.
func Section(title, why string, content ...fyne.CanvasObject) *fyne.Container {
	col := []fyne.CanvasObject{NewBold(title, look.Heading, look.InkText)}
	if why != "" {
		col = append(col, NewText(why, look.Small, look.InkMuted))
	}
	head := Column(2, col...)
	return Card(Column(look.S3, append([]fyne.CanvasObject{head}, content...)...))
}

// Labelling puts a label above a control that has none of its own.
func Labelling(label string, o fyne.CanvasObject) *fyne.Container {
	return Column(look.S1, NewBold(label, look.Body, look.InkText), o)
}

// WrapLink is a link whose words may take several lines: a cut sentence explains nothing.
type WrapLink struct {
	Control
	text string
	size float32
	ink  look.Ink
	// OnKey may take a key first: the arrows, in a list of links.
	OnKey func(*fyne.KeyEvent) bool

	ring  ring
	lines []*canvas.Text
	under []*canvas.Rectangle
	width float32
}

// NewWrapLink makes a link.
func NewWrapLink(text string, size float32, ink look.Ink, tap func()) *WrapLink {
	l := &WrapLink{text: text, size: size, ink: ink}
	l.Label, l.OnTap, l.Role = text, tap, fyne.AccessibleRoleLink
	l.extend(l)
	return l
}

// TypedKey asks OnKey first.
func (l *WrapLink) TypedKey(e *fyne.KeyEvent) {
	if l.OnKey == nil || !l.OnKey(e) {
		l.Control.TypedKey(e)
	}
}

// HeightFor is the height at a width.
func (l *WrapLink) HeightFor(width float32) float32 {
	n := len(wrapWords(l.text, l.size, false, width))
	return max(float32(n)*lineHeight(l.size), look.Now().Px(24))
}

// CreateRenderer draws the lines.
func (l *WrapLink) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	l.ring = newRing(look.S1)
	d := &drawing{objects: []fyne.CanvasObject{l.ring.Rectangle}}
	d.min = func() fyne.Size {
		w := float32(0)
		for _, word := range strings.Fields(l.text) {
			w = max(w, wordWidth(word, l.size, false))
		}
		w = min(w, t.Px(160))
		if s := l.Size(); s.Width > 0 {
			return fyne.NewSize(w, l.HeightFor(s.Width))
		}
		return fyne.NewSize(max(w, min(measure(l.text, l.size, false).Width, t.Px(320))), t.Px(24))
	}
	d.layout = func(s fyne.Size) {
		if s.Width <= 0 {
			return
		}
		if s.Width != l.width || l.lines == nil {
			l.width = s.Width
			l.lines, l.under = nil, nil
			d.objects = []fyne.CanvasObject{l.ring.Rectangle}
			for _, text := range wrapWords(l.text, l.size, false, s.Width) {
				c, u := line(text, l.size, l.ink, false), canvas.NewRectangle(t.Ink(l.ink))
				l.lines, l.under = append(l.lines, c), append(l.under, u)
				d.objects = append(d.objects, c, u)
			}
		}
		h := lineHeight(l.size)
		y := max((s.Height-h*float32(len(l.lines)))/2, 0)
		wide := float32(0)
		for i, c := range l.lines {
			m := c.MinSize()
			c.Move(fyne.NewPos(0, y+(h-m.Height)/2))
			c.Resize(m)
			l.under[i].Move(fyne.NewPos(0, y+(h+m.Height)/2-t.Px(2)))
			l.under[i].Resize(fyne.NewSize(m.Width, 1))
			wide = max(wide, m.Width)
			y += h
		}
		l.ring.around(fyne.Position{}, fyne.NewSize(wide, s.Height))
	}
	d.refresh = func() {
		l.ring.show(l.focused)
		d.layout(l.Size())
	}
	d.refresh()
	return d
}

// KeyCap is the name of a key, drawn as one.
func KeyCap(text string) fyne.CanvasObject {
	t := look.Now()
	r := canvas.NewRectangle(t.Ground)
	r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Muted, 1, look.S1
	return container.New(&stack{}, r, Pad(NewLine(text, look.Small, look.InkText, true), 2, look.S2, 2, look.S2))
}

// Centre keeps an object no wider than most, in the middle.
func Centre(most float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&centre{narrow{most: most}}, o)
}

type centre struct{ narrow }

func (c *centre) Layout(o []fyne.CanvasObject, s fyne.Size) {
	c.width = s.Width
	w := min(s.Width, c.most)
	o[0].Move(fyne.NewPos((s.Width-w)/2, 0))
	o[0].Resize(fyne.NewSize(w, s.Height))
}

// Stop is the button that stops what a [Progress] tells of.
func (p *Progress) Stop() fyne.Focusable { return p.cancel }
