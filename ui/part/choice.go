package part

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Choice is a button that opens a menu of which one line is chosen. The arrows move in
// the menu, Enter takes, Escape leaves, and the keyboard comes back to the button.
type Choice struct {
	Button
	prefix  string
	options []string
	at      int
	OnPick  func(i int)
	popup   *widget.PopUp
}

// NewChoice makes a choice. prefix is what it is about, as in "Tri : ".
func NewChoice(name, prefix string, kind Kind, options []string, at int, pick func(i int)) *Choice {
	c := &Choice{prefix: prefix, options: options, at: at, OnPick: pick}
	c.kind, c.icon, c.after, c.size = kind, look.IconDown, true, look.Body
	c.ink = look.InkText
	if kind == Quiet {
		c.ink, c.size = look.InkMuted, look.Small
	}
	c.OnTap = c.open
	c.extend(c)
	c.name(name)
	return c
}

func (c *Choice) name(name string) {
	c.text = c.prefix
	if c.at >= 0 && c.at < len(c.options) {
		c.text += c.options[c.at]
	}
	c.Label = name + ", " + c.text
}

// At is the line that is chosen.
func (c *Choice) At() int { return c.at }

// Pick chooses a line without telling OnPick.
func (c *Choice) Pick(i int) {
	c.at = i
	c.text = c.prefix + c.options[i]
	c.Refresh()
}

// TypedKey opens on Down too.
func (c *Choice) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyDown {
		c.open()
		return
	}
	c.Button.TypedKey(e)
}

func (c *Choice) open() {
	cv := c.canvas()
	if cv == nil {
		return
	}
	var lines []fyne.CanvasObject
	var items []*menuItem
	width := c.Size().Width
	done := func() {
		c.popup.Hide()
		cv.Focus(c)
	}
	for i, o := range c.options {
		it := newMenuItem(o, i == c.at, func() {
			done()
			if i != c.at {
				c.Pick(i)
				if c.OnPick != nil {
					c.OnPick(i)
				}
			}
		})
		it.leave = done
		items = append(items, it)
		lines = append(lines, it)
		width = max(width, it.MinSize().Width)
	}
	for i, it := range items {
		it.up, it.down = items[(i+len(items)-1)%len(items)], items[(i+1)%len(items)]
	}
	col := Column(0, lines...)
	c.popup = widget.NewPopUp(container.New(edged{}, col, edge()), cv)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c)
	size := c.popup.MinSize()
	size.Width = max(size.Width, width+2*look.S2)
	x := min(at.X, cv.Size().Width-size.Width-look.S2)
	y := at.Y + c.Size().Height + look.S1
	if y+size.Height > cv.Size().Height {
		y = max(at.Y-size.Height-look.S1, 0)
	}
	c.popup.Resize(size)
	c.popup.ShowAtPosition(fyne.NewPos(max(x, 0), y))
	if c.at >= 0 && c.at < len(items) {
		cv.Focus(items[c.at])
	} else if len(items) > 0 {
		cv.Focus(items[0])
	}
}

// menuItem is a line of a menu.
type menuItem struct {
	NavItem
	leave    func()
	up, down *menuItem
}

func newMenuItem(text string, here bool, take func()) *menuItem {
	m := &menuItem{}
	m.text, m.here, m.Label, m.OnTap = text, here, text, take
	m.icon = look.IconCheck
	if !here {
		m.icon = "none"
	}
	m.extend(m)
	return m
}

// TypedKey moves between the lines.
func (m *menuItem) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		Focus(m.up)
	case fyne.KeyDown:
		Focus(m.down)
	case fyne.KeyEscape:
		m.leave()
	default:
		m.NavItem.TypedKey(e)
	}
}

// Dialog is a panel over the window, which it blocks. The act that loses least has the
// keyboard when it opens; Escape closes it, and the keyboard goes back where it was.
type Dialog struct {
	popup  *widget.PopUp
	canvas fyne.Canvas
	back   fyne.Focusable
	// OnClose is called when the dialog closes, however it does.
	OnClose func()
	onKey   func(*fyne.KeyEvent)
	content fyne.CanvasObject
	head    *Text
	bar     *fyne.Container
	page    *Page
	lay     *dialogLayout
}

// size makes the dialog as high as what it holds, and no higher than the window.
func (d *Dialog) size() {
	in := d.lay.w - 2*look.S6
	h := HeightFor(d.head, in) + HeightFor(d.bar, in) + HeightFor(d.content, in-look.S2) + 2*look.S4 + 2*look.S6 + 2*look.S1
	d.lay.h = min(h, d.canvas.Size().Height-2*look.S4)
	d.popup.Resize(fyne.NewSize(d.lay.w, d.lay.h))
}

// ShowDialog opens a dialog with a title, content and acts; first has the keyboard.
func ShowDialog(cv fyne.Canvas, title string, content fyne.CanvasObject, first fyne.Focusable, width float32, acts ...fyne.CanvasObject) *Dialog {
	t := look.Now()
	d := &Dialog{canvas: cv, back: cv.Focused(), content: content, head: NewBold(title, look.Title, look.InkText), bar: Wrap(look.S2, acts...)}
	d.lay = &dialogLayout{w: min(t.Px(width), cv.Size().Width-2*look.S4)}
	d.page = NewPage(Pad(content, look.S1, look.S3, look.S1, look.S1)).Watch()
	d.popup = widget.NewModalPopUp(container.New(d.lay, d.head, d.page, d.bar, edge()), cv)
	d.size()
	d.popup.Show()
	opened[d] = struct{}{}
	// Keys that nothing in the dialog takes come to the canvas: Escape is ours.
	d.onKey = cv.OnTypedKey()
	cv.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			d.Close()
			return
		}
		d.page.Keys(e) // a long dialog is read without a mouse
	})
	if first != nil {
		cv.Focus(first)
	}
	return d
}

var opened = map[*Dialog]struct{}{} // only the drawing goroutine touches it

// Dismiss puts all dialogs away without a word to whoever opened them: they belonged to
// somebody who has left. Closing them later does nothing.
func Dismiss() {
	for d := range opened {
		d.popup.Hide()
		d.popup = nil
		delete(pages, d.page)
	}
	clear(opened)
}

// OnClosed gives the keyboard back once a dialog was closed: to what had it, or to what was
// drawn in its place meanwhile. The window sets it.
var OnClosed func(back fyne.Focusable)

// Close puts the dialog away.
func (d *Dialog) Close() {
	if d.popup == nil {
		return
	}
	d.popup.Hide()
	d.popup = nil
	delete(opened, d)
	delete(pages, d.page)
	d.canvas.SetOnTypedKey(d.onKey)
	switch {
	case OnClosed != nil:
		OnClosed(d.back)
	case d.back != nil:
		d.canvas.Focus(d.back)
	}
	if d.OnClose != nil {
		d.OnClose()
	}
}

type dialogLayout struct{ w, h float32 }

func (l *dialogLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.w-2*look.S1, l.h-2*look.S1)
}

func (l *dialogLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	in := l.w - 2*look.S6
	x := look.S6 - look.S1
	y := look.S6 - look.S1
	hh := HeightFor(o[0], in)
	o[0].Move(fyne.NewPos(x, y))
	o[0].Resize(fyne.NewSize(in, hh))
	bh := HeightFor(o[2], in)
	bottom := s.Height - look.S6 + look.S1 - bh
	o[2].Move(fyne.NewPos(x, bottom))
	o[2].Resize(fyne.NewSize(in, bh))
	y += hh + look.S4
	o[1].Move(fyne.NewPos(x-look.S1, y-look.S1))
	o[1].Resize(fyne.NewSize(in+2*look.S1, max(bottom-look.S4-y+2*look.S1, 1)))
	o[3].Resize(s)
}

// edged lays an edge around what a menu holds, which fills its popup.
type edged struct{}

func (edged) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (edged) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(s)
	o[1].Resize(s)
}

// edge is the border of what stands over the window. Only the theme of high contrast needs
// one: the others tell it from the window by its ground.
func edge() *canvas.Rectangle {
	t := look.Now()
	r := canvas.NewRectangle(color.Transparent)
	if t.Mode == look.Contrast {
		r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Line, 2, look.Card
	}
	return r
}

// SetOptions changes the lines of the menu and the one that is chosen.
func (c *Choice) SetOptions(options []string, at int) {
	name, _, _ := strings.Cut(c.Label, ", ")
	c.options, c.at = options, at
	was := c.text
	c.name(name)
	if was != c.text {
		c.Refresh()
	}
}

// Reflow lays the dialog out again after something in it grew or shrank.
func (d *Dialog) Reflow() {
	if d.popup != nil {
		d.size()
		d.page.Reflow()
	}
}
