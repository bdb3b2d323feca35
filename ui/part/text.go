package part

import (
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Text is a paragraph that wraps. Fyne's own label measures a text again and again as it
// wraps; this one measures each word once.
type Text struct {
	widget.BaseWidget
	text   string
	size   float32
	ink    look.Ink
	bold   bool
	center bool

	lines  []*canvas.Text
	width  float32
	render *drawing
}

var _ fyne.Accessible = (*Text)(nil)

// NewText makes a paragraph. Newlines break it.
func NewText(text string, size float32, ink look.Ink) *Text {
	t := &Text{text: text, size: size, ink: ink}
	t.ExtendBaseWidget(t)
	return t
}

// NewBold makes a paragraph of bold text.
func NewBold(text string, size float32, ink look.Ink) *Text {
	t := NewText(text, size, ink)
	t.bold = true
	return t
}

// Centered sets the lines in the middle.
func (t *Text) Centered() *Text { t.center = true; return t }

// Set changes the text.
func (t *Text) Set(text string) {
	if text == t.text {
		return
	}
	t.text = text
	t.width = 0
	t.Refresh()
}

// Text is what it says.
func (t *Text) Text() string { return t.text }

// AccessibilityLabel is the text itself.
func (t *Text) AccessibilityLabel() string { return t.text }

// AccessibilityRole is that of text.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (t *Text) lineHeight() float32 { return lineHeight(t.size) }

// lineHeight is the height of a line of a size, with the space between lines.
func lineHeight(size float32) float32 { return float32(int(look.Now().Px(size)*1.43 + 0.5)) }

type wordKey struct {
	word string
	size float32
	bold bool
}

var (
	widthsMu sync.Mutex
	widths   = map[wordKey]float32{}
)

// wordWidth measures a word once. The memory is thrown away when it grows past what a
// screen of text needs.
func wordWidth(word string, size float32, bold bool) float32 {
	k := wordKey{word, look.Now().Px(size), bold}
	widthsMu.Lock()
	w, ok := widths[k]
	widthsMu.Unlock()
	if ok {
		return w
	}
	w = measure(word, size, bold).Width
	widthsMu.Lock()
	if len(widths) > 20000 {
		clear(widths)
	}
	widths[k] = w
	widthsMu.Unlock()
	return w
}

// wrapWords breaks a text into lines no wider than width; a word wider than that is cut.
func wrapWords(text string, size float32, bold bool, width float32) []string {
	var out []string
	space := wordWidth(" ", size, bold)
	for _, para := range strings.Split(text, "\n") {
		cur, x := "", float32(0)
		for _, word := range strings.FieldsFunc(para, func(r rune) bool { return r == ' ' || r == '\t' }) {
			w := wordWidth(word, size, bold)
			for w > width && width > 0 { // a long address
				if cur != "" {
					out = append(out, cur)
					cur, x = "", 0
				}
				rs, n := []rune(word), 1
				for n < len(rs) && measure(string(rs[:n+1]), size, bold).Width <= width {
					n++
				}
				if n >= len(rs) {
					break
				}
				out = append(out, string(rs[:n]))
				word = string(rs[n:])
				w = wordWidth(word, size, bold)
			}
			switch {
			case cur == "":
				cur, x = word, w
			case x+space+w <= width+0.5:
				cur, x = cur+" "+word, x+space+w
			default:
				out = append(out, cur)
				cur, x = word, w
			}
		}
		out = append(out, cur)
	}
	return out
}

// HeightFor is the height the paragraph needs at a width.
func (t *Text) HeightFor(width float32) float32 {
	if t.text == "" {
		return 0
	}
	if width == t.width && t.lines != nil {
		return float32(len(t.lines)) * t.lineHeight()
	}
	return float32(len(wrapWords(t.text, t.size, t.bold, width))) * t.lineHeight()
}

// CreateRenderer draws the lines.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	t.render = &drawing{
		layout: t.layout,
		min: func() fyne.Size {
			if t.text == "" {
				return fyne.Size{}
			}
			// One word at least; the whole height at the width it was given.
			w := float32(0)
			for _, word := range strings.Fields(t.text) {
				w = max(w, wordWidth(word, t.size, t.bold))
			}
			w = min(w, look.Now().Px(160))
			if t.width == 0 {
				full := measure(t.text, t.size, t.bold).Width
				return fyne.NewSize(max(w, min(full, look.Now().Px(320))), t.lineHeight())
			}
			return fyne.NewSize(w, t.HeightFor(t.width))
		},
		refresh: func() { t.layout(t.Size()) },
	}
	return t.render
}

func (t *Text) layout(s fyne.Size) {
	if t.render == nil || s.Width == 0 {
		return
	}
	if s.Width != t.width || t.lines == nil {
		t.width = s.Width
		t.lines = t.lines[:0]
		t.render.objects = nil
		if t.text != "" {
			for _, l := range wrapWords(t.text, t.size, t.bold, s.Width) {
				c := line(l, t.size, t.ink, t.bold)
				t.lines = append(t.lines, c)
				t.render.objects = append(t.render.objects, c)
			}
		}
	}
	h := t.lineHeight()
	for i, l := range t.lines {
		m := l.MinSize()
		x := float32(0)
		if t.center {
			x = (s.Width - m.Width) / 2
		}
		l.Move(fyne.NewPos(x, float32(i)*h+(h-m.Height)/2))
		l.Resize(m)
	}
}

// Line is a single line that is cut with an ellipsis when there is no room.
type Line struct {
	widget.BaseWidget
	text string
	size float32
	ink  look.Ink
	bold bool
	c    *canvas.Text
}

// NewLine makes a line.
func NewLine(text string, size float32, ink look.Ink, bold bool) *Line {
	l := &Line{text: text, size: size, ink: ink, bold: bold}
	l.ExtendBaseWidget(l)
	return l
}

// Set changes the text.
func (l *Line) Set(text string) {
	if l.text != text {
		l.text = text
		l.Refresh()
	}
}

// AccessibilityLabel is the whole text.
func (l *Line) AccessibilityLabel() string { return l.text }

// AccessibilityRole is that of text.
func (l *Line) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer draws the line.
func (l *Line) CreateRenderer() fyne.WidgetRenderer {
	l.c = line("", l.size, l.ink, l.bold)
	lay := func(s fyne.Size) {
		l.c.Text = fit(l.text, l.size, l.bold, s.Width+0.5)
		m := l.c.MinSize()
		l.c.Move(fyne.NewPos(0, (s.Height-m.Height)/2))
		l.c.Resize(m)
	}
	return &drawing{
		objects: []fyne.CanvasObject{l.c},
		layout:  lay,
		min: func() fyne.Size {
			return fyne.NewSize(measure(l.text, l.size, l.bold).Width, lineHeight(l.size))
		},
		refresh: func() { lay(l.Size()) },
	}
}
