package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Entry is Fyne's entry with the keys and shortcuts of the window: what it has no use
// for goes on to the canvas, which Fyne's own entry swallows.
type Entry struct {
	widget.Entry
	Label string
	// OnKey may take a key before the entry sees it.
	OnKey   func(*fyne.KeyEvent) bool
	OnFocus func(bool)
	// Hidden: what is typed is told to nobody, a screen reader and the probe included.
	Hidden bool

	has     bool
	problem string              // the error under it
	clean   func(string) string // what is kept of what is typed; nil: all
}

var _ fyne.Accessible = (*Entry)(nil)

func newEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// AccessibilityLabel is the name of the field, what it holds, and what is wrong with it.
func (e *Entry) AccessibilityLabel() string {
	said := e.Label + ": "
	if !e.Hidden {
		said += e.Text
	}
	if e.problem != "" {
		said += ", " + e.problem
	}
	return said
}

// AccessibilityRole is that of text: Fyne has no role for a field.
func (e *Entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// TypedKey gives Escape and the function keys to the window.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if used(true) {
		return
	}
	if e.OnKey != nil && e.OnKey(k) {
		return
	}
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyF1, fyne.KeyF5, fyne.KeyF6:
		if cv := fyne.CurrentApp().Driver().CanvasForObject(e); cv != nil && cv.OnTypedKey() != nil {
			cv.OnTypedKey()(k)
		}
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut gives the window its own shortcuts.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if _, own := s.(*desktop.CustomShortcut); own {
		if cv, ok := fyne.CurrentApp().Driver().CanvasForObject(e).(fyne.Shortcutable); ok {
			cv.TypedShortcut(s)
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

// TypedRune tells that somebody types.
func (e *Entry) TypedRune(r rune) {
	if !used(true) {
		e.Entry.TypedRune(r)
	}
}

// FocusGained tells OnFocus.
func (e *Entry) FocusGained() {
	e.has = true
	e.Entry.FocusGained()
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost tells OnFocus.
func (e *Entry) FocusLost() {
	e.has = false
	e.Entry.FocusLost()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// CreateRenderer draws the entry without scroll bars.
func (e *Entry) CreateRenderer() (r fyne.WidgetRenderer) {
	look.Barless(func() { r = e.Entry.CreateRenderer() })
	return barless{r}
}

// barless draws what it draws without scroll bars.
type barless struct{ fyne.WidgetRenderer }

func (b barless) Layout(s fyne.Size) { look.Barless(func() { b.WidgetRenderer.Layout(s) }) }

func (b barless) Refresh() { look.Barless(b.WidgetRenderer.Refresh) }

func (b barless) MinSize() (s fyne.Size) {
	look.Barless(func() { s = b.WidgetRenderer.MinSize() })
	return s
}

// Field is a line of text to fill in: label above, help and error under it, an icon
// inside. Label, help and error may be empty.
type Field struct {
	widget.BaseWidget
	Entry *Entry

	icon      look.Icon
	label     *Text
	help, err *Text
	ring      ring
	box       *canvas.Rectangle
	focused   bool
	rows      int
	trailing  *Button
	beside    *Button // at the right of the box
	most      float32 // width of the box at 100 %; 0: as wide as the field
}

// NewField makes a field. name is said to screen readers, and shown above when shown is true.
func NewField(name string, shown bool, icon look.Icon, placeholder string) *Field {
	f := &Field{Entry: newEntry(), icon: icon, rows: 1}
	f.Entry.Label = name
	f.Entry.PlaceHolder = placeholder
	f.label = NewBold("", look.Body, look.InkText)
	if shown {
		f.label.Set(name)
	}
	f.help = NewText("", look.Caption, look.InkMuted)
	f.err = NewText("", look.Small, look.InkDanger)
	f.Entry.OnFocus = func(on bool) {
		f.focused = on
		f.Refresh()
		if on {
			reveal(f)
		}
	}
	f.ExtendBaseWidget(f)
	return f
}

// NewArea makes a field of several lines. Tab leaves it.
func NewArea(name string, rows int, placeholder string) *Field {
	f := NewField(name, true, "", placeholder)
	f.Entry.MultiLine = true
	f.Entry.Wrapping = fyne.TextWrapWord
	f.rows = rows
	return f
}

// AcceptsTab is false even for several lines: there is no keyboard trap.
func (e *Entry) AcceptsTab() bool { return false }

// Help sets the line under the field.
func (f *Field) Help(text string) *Field { f.help.Set(text); return f }

// OnFocus is told when the keyboard comes and goes.
func (f *Field) OnFocus(tell func(bool)) {
	was := f.Entry.OnFocus
	f.Entry.OnFocus = func(on bool) { was(on); tell(on) }
}

// SetError shows what is wrong and how to mend it; "" clears it.
func (f *Field) SetError(text string) {
	if f.err.Text() == text {
		return
	}
	f.err.Set(text)
	f.Entry.problem = text
	f.Refresh()
}

// Problem is what is shown as wrong.
func (f *Field) Problem() string { return f.err.Text() }

// Name is what the field is called.
func (f *Field) Name() string { return f.Entry.Label }

// Stop is what takes the keyboard.
func (f *Field) Stop() fyne.Focusable { return f.Entry }

// Short makes the box no wider than px at 100 %: a date or a code has a length that shows.
func (f *Field) Short(px float32) *Field { f.most = px; return f }

// boxWidth is the width of the box in a field of a width.
func (f *Field) boxWidth(width float32) float32 {
	if f.most > 0 {
		width = min(width, look.Now().Px(f.most))
	} else if f.beside != nil {
		width -= f.beside.MinSize().Width + look.S2
	}
	return max(width, 1)
}

// Trailing puts a small button inside, at the right.
func (f *Field) Trailing(b *Button) *Field { f.trailing = b; return f }

func (f *Field) boxHeight() float32 {
	h := look.Now().Px(look.Control)
	if f.rows > 1 {
		h = float32(f.rows)*lineHeight(look.Body)*1.08 + 2*look.Now().Size(theme.SizeNameInnerPadding)
	}
	return h
}

// HeightFor is the height with label, help and error.
func (f *Field) HeightFor(width float32) float32 {
	h := f.boxHeight()
	if f.label.Text() != "" {
		h += f.label.HeightFor(width) + look.S1
	}
	if f.help.Text() != "" && f.err.Text() == "" {
		h += f.help.HeightFor(width) + look.S1
	}
	if f.err.Text() != "" {
		h += f.err.HeightFor(width) + look.S1
	}
	return h
}

// CreateRenderer draws the field.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	f.ring = newRing(look.Radius)
	f.box = canvas.NewRectangle(color.Transparent)
	f.box.CornerRadius = look.Radius
	f.box.StrokeColor, f.box.StrokeWidth = t.Danger, 2
	if f.icon != "" {
		f.Entry.Icon = look.Draw(f.icon, t.Muted)
		f.Entry.Refresh()
	}
	d := &drawing{objects: []fyne.CanvasObject{f.ring.Rectangle, f.label, f.Entry, f.box, f.help, f.err}}
	if f.trailing != nil {
		d.objects = append(d.objects, f.trailing)
	}
	if f.beside != nil {
		d.objects = append(d.objects, f.beside)
	}
	d.min = func() fyne.Size {
		w := t.Px(96)
		if f.beside != nil {
			w += f.beside.MinSize().Width + look.S2
		}
		return fyne.NewSize(w, f.HeightFor(max(f.Size().Width, w)))
	}
	d.layout = func(s fyne.Size) {
		y := float32(0)
		if f.label.Text() != "" {
			h := f.label.HeightFor(s.Width)
			f.label.Resize(fyne.NewSize(s.Width, h))
			y = h + look.S1
		}
		bh := f.boxHeight()
		at, size := fyne.NewPos(0, y), fyne.NewSize(f.boxWidth(s.Width), bh)
		f.box.Move(at)
		f.box.Resize(size)
		f.ring.around(at, size)
		f.Entry.Move(at)
		f.Entry.Resize(size)
		if f.trailing != nil && f.trailing.Visible() {
			m := f.trailing.MinSize()
			f.trailing.Move(fyne.NewPos(s.Width-m.Width-look.S1, y+(bh-m.Height)/2))
			f.trailing.Resize(m)
		}
		if f.beside != nil {
			m := f.beside.MinSize()
			f.beside.Move(fyne.NewPos(size.Width+look.S2, y+(bh-m.Height)/2))
			f.beside.Resize(m)
		}
		y += bh + look.S1
		f.help.Hide()
		f.err.Hide()
		switch {
		case f.err.Text() != "":
			f.err.Show()
			f.err.Move(fyne.NewPos(0, y))
			f.err.Resize(fyne.NewSize(s.Width, f.err.HeightFor(s.Width)))
		case f.help.Text() != "":
			f.help.Show()
			f.help.Move(fyne.NewPos(0, y))
			f.help.Resize(fyne.NewSize(s.Width, f.help.HeightFor(s.Width)))
		}
	}
	d.refresh = func() {
		f.ring.show(f.focused)
		f.box.Hide()
		if f.err.Text() != "" {
			f.box.Show()
		}
		d.layout(f.Size())
	}
	d.refresh()
	return d
}

// HasFocus says whether the keyboard is in the field.
func (e *Entry) HasFocus() bool { return e.has }
