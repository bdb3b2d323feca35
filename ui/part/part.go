// Package part holds the widgets of the program. Begin with [Control], which every one
// that can be used embeds: it is reached with Tab, used with Enter and Space, wears the
// focus ring 2 px outside itself, and tells a screen reader what it is. Parts expose
// callbacks and know no rule of the job bank. They are drawn in the colours of the moment;
// a window that changes theme, scale or language makes its content again.
//
// Text that wraps has a height only once its width is known, which Fyne's MinSize cannot
// say: what wraps implements [Flow], and the layouts of flow.go ask it.
package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Control is what can be used. Embed it, set Label and OnTap, and call
// ExtendBaseWidget with the outer widget.
type Control struct {
	widget.BaseWidget
	Label   string // what a screen reader says, and the tooltip of an icon
	Role    fyne.AccessibleRole
	OnTap   func()
	OnFocus func(bool)

	outer                      fyne.Widget
	focused, hovered, disabled bool
	bare                       bool // an icon alone: its label is told beside it
}

var (
	_ fyne.Focusable     = (*Control)(nil)
	_ fyne.Tappable      = (*Control)(nil)
	_ fyne.Accessible    = (*Control)(nil)
	_ desktop.Hoverable  = (*Control)(nil)
	_ desktop.Cursorable = (*Control)(nil)
)

// OnUse is told of everything that a person does: of keys, and of clicks, wheel and pointer.
// It says whether that is to be swallowed, since the window has just been locked. The window
// sets it.
var OnUse func(key bool) (swallow bool)

func used(key bool) bool { return OnUse != nil && OnUse(key) }

// Tapped is called by a click. The keyboard goes on from there, and a dialog that opens
// gives it back there.
func (c *Control) Tapped(*fyne.PointEvent) {
	if used(false) {
		return
	}
	c.take()
	c.Use()
}

// take gives the keyboard to the control.
func (c *Control) take() {
	if f, ok := c.outer.(fyne.Focusable); ok && !c.disabled && !c.focused {
		if cv := c.canvas(); cv != nil {
			cv.Focus(f)
		}
	}
}

// Use does what the control does, unless it is disabled.
func (c *Control) Use() {
	if c.OnTap != nil && !c.disabled {
		c.OnTap()
	}
}

// TypedKey uses the control on Enter and Space, and passes other keys to the window.
func (c *Control) TypedKey(e *fyne.KeyEvent) {
	if used(true) {
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		c.Use()
	default:
		c.Pass(e)
	}
}

// Pass hands a key that this control has no use for to the window.
func (c *Control) Pass(e *fyne.KeyEvent) {
	if cv := c.canvas(); cv != nil && cv.OnTypedKey() != nil {
		cv.OnTypedKey()(e)
	}
}

// TypedRune passes letters to the window: "/" goes to the search field from anywhere.
func (c *Control) TypedRune(r rune) {
	if r == ' ' {
		return
	}
	if cv := c.canvas(); cv != nil && cv.OnTypedRune() != nil {
		cv.OnTypedRune()(r)
	}
}

func (c *Control) canvas() fyne.Canvas {
	if c.outer == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(c.outer)
}

// extend makes outer the widget that this control is part of.
func (c *Control) extend(outer fyne.Widget) {
	c.outer = outer
	c.ExtendBaseWidget(outer)
	if c.Role == "" {
		c.Role = fyne.AccessibleRoleButton
	}
}

// FocusGained shows the ring, and scrolls the control into sight if it lies in a [Page].
func (c *Control) FocusGained() {
	c.focused = true
	c.Refresh()
	c.tell(true)
	if c.outer != nil {
		reveal(c.outer)
	}
	if c.OnFocus != nil {
		c.OnFocus(true)
	}
}

// FocusLost hides the ring.
func (c *Control) FocusLost() {
	c.focused = false
	c.Refresh()
	c.tell(false)
	if c.OnFocus != nil {
		c.OnFocus(false)
	}
}

// Focused says whether the keyboard is here.
func (c *Control) Focused() bool { return c.focused }

// MouseIn marks the control under the pointer.
func (c *Control) MouseIn(*desktop.MouseEvent) {
	used(false)
	c.hovered = true
	c.Refresh()
	c.tell(true)
}

// MouseMoved only tells that somebody is there: nothing moves under the pointer.
func (c *Control) MouseMoved(*desktop.MouseEvent) { used(false) }

// MouseOut unmarks it.
func (c *Control) MouseOut() {
	c.hovered = false
	c.Refresh()
	c.tell(false)
}

// OnTip shows a label beside a control that shows none itself, when the pointer or the
// keyboard comes to it; "" takes it away. The window sets it.
var OnTip func(text string, beside fyne.CanvasObject)

func (c *Control) tell(on bool) {
	if !c.bare || OnTip == nil || c.outer == nil {
		return
	}
	if on {
		OnTip(c.Label, c.outer)
	} else {
		OnTip("", nil)
	}
}

// Cursor is the hand over what can be used.
func (c *Control) Cursor() desktop.Cursor {
	if c.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// Enable lets the control be used.
func (c *Control) Enable() { c.disabled = false; c.Refresh() }

// Disable keeps it from being used and from the order of Tab.
func (c *Control) Disable() { c.disabled = true; c.Refresh() }

// Disabled says whether it cannot be used.
func (c *Control) Disabled() bool { return c.disabled }

// AccessibilityLabel is what a screen reader says.
func (c *Control) AccessibilityLabel() string { return c.Label }

// AccessibilityRole tells what kind of thing it is.
func (c *Control) AccessibilityRole() fyne.AccessibleRole { return c.Role }

// Focus moves the keyboard to an object, if it stands in a window.
func Focus(o fyne.Focusable) {
	if cv := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); cv != nil {
		cv.Focus(o)
	}
}

// ring is the focus ring of an object of a size: 2 px wide, 2 px outside.
type ring struct{ *canvas.Rectangle }

func newRing(radius float32) ring {
	r := canvas.NewRectangle(color.Transparent)
	r.StrokeWidth = look.Ring
	r.StrokeColor = look.Now().Focus
	r.CornerRadius = radius + look.Ring + look.Ring
	r.Hide()
	return ring{r}
}

func (r ring) around(pos fyne.Position, size fyne.Size) {
	d := 2 * look.Ring
	r.Move(pos.SubtractXY(d, d))
	r.Resize(size.AddWidthHeight(2*d, 2*d))
}

func (r ring) show(on bool) {
	if on {
		r.Show()
	} else {
		r.Hide()
	}
}

// drawing is a renderer of plain functions.
type drawing struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	min     func() fyne.Size
	refresh func()
}

func (d *drawing) Destroy()                     {}
func (d *drawing) Layout(s fyne.Size)           { d.layout(s) }
func (d *drawing) MinSize() fyne.Size           { return d.min() }
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }
func (d *drawing) Refresh() {
	if d.refresh != nil {
		d.refresh()
	}
	for _, o := range d.objects {
		canvas.Refresh(o)
	}
}

// line is one line of text in a size and an ink.
func line(text string, size float32, ink look.Ink, bold bool) *canvas.Text {
	t := look.Now()
	c := canvas.NewText(text, t.Ink(ink))
	c.TextSize = t.Px(size)
	c.TextStyle.Bold = bold
	return c
}

// measure gives the size of a line.
func measure(text string, size float32, bold bool) fyne.Size {
	return fyne.MeasureText(text, look.Now().Px(size), fyne.TextStyle{Bold: bold})
}

// fit shortens a line to a width, with an ellipsis; cheap enough for the rows of a list,
// which Fyne's own truncation is not.
func fit(text string, size float32, bold bool, width float32) string {
	if text == "" || measure(text, size, bold).Width <= width {
		return text
	}
	rs := []rune(text)
	lo, hi := 0, len(rs)
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if measure(string(rs[:mid])+"…", size, bold).Width <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	if lo == 0 {
		return ""
	}
	return string(rs[:lo]) + "…"
}
