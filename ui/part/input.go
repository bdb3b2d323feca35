package part

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

var (
	_ Input = (*Field)(nil)
	_ Input = (*Pick)(nil)
	_ Input = (*Agree)(nil)
)

// SecretWords are what a [NewSecret] says: the button's two texts, and the longer names
// that tell a screen reader what is shown now.
type SecretWords struct{ Show, Hide, Hidden, Shown string }

// NewSecret makes a field for a password: what is typed is dotted until the button beside it
// shows it. The button is the next stop of Tab, and its name says which of the two it is now.
func NewSecret(name string, w SecretWords) *Field {
	f := NewField(name, true, "", "")
	e := f.Entry
	e.Hidden, e.Password = true, true
	e.ActionItem = canvas.NewRectangle(color.Transparent) // Fyne's own revealer cannot be reached with Tab
	b := NewButton(w.Show, Secondary, "", nil)
	b.Label = w.Hidden
	b.OnTap = func() {
		e.Password = !e.Password
		if e.Password {
			b.Set(w.Show)
			b.Label = w.Hidden
		} else {
			b.Set(w.Hide)
			b.Label = w.Shown
		}
		e.Refresh()
		f.Refresh()
	}
	f.beside = b
	return f
}

// NewCode makes a field for a code of digits. What is pasted with spaces or hyphens, as a
// letter shows it, is taken without them; nothing after the last digit is.
func NewCode(name string, digits int) *Field {
	f := NewField(name, true, "", strings.Repeat("0", digits)).Short(float32(40 + 14*digits))
	f.Entry.Hidden = true
	f.Entry.clean = func(text string) string {
		var out []rune
		for _, r := range text {
			if r >= '0' && r <= '9' && len(out) < digits {
				out = append(out, r)
			}
		}
		return string(out)
	}
	return f
}

// NewDay makes a field for a date, whose form is shown while it is empty: AAAA-MM-JJ.
func NewDay(name, form string) *Field { return NewField(name, true, "", form).Short(160) }

// OnType is called with what a person typed or pasted.
func (f *Field) OnType(tell func(string)) *Field {
	f.Entry.OnChanged = func(text string) {
		if c := f.Entry.clean; c != nil {
			if want := c(text); want != text {
				f.Entry.SetText(want) // comes back here, clean
				f.Entry.CursorColumn = len([]rune(want))
				f.Entry.Refresh()
				return
			}
		}
		if tell != nil {
			tell(text)
		}
	}
	return f
}

// Set shows a text without telling OnType.
func (f *Field) Set(text string) *Field {
	if f.Entry.Text == text {
		return f
	}
	tell := f.Entry.OnChanged
	f.Entry.OnChanged = nil
	f.Entry.SetText(text)
	f.Entry.CursorColumn = len([]rune(text)) // one goes on where it ends
	f.Entry.OnChanged = tell
	return f
}

// asked is a control with its label above and its error below.
type asked struct {
	widget.BaseWidget
	name string
	stop fyne.Focusable
	err  *Text
	body *fyne.Container
}

func (a *asked) make(outer fyne.Widget, label, control fyne.CanvasObject) {
	a.err = NewText("", look.Small, look.InkDanger)
	a.err.Hide()
	var all []fyne.CanvasObject
	if label != nil {
		all = append(all, label)
	}
	a.body = Column(look.S1, append(all, control, a.err)...)
	a.ExtendBaseWidget(outer)
}

// Name is what it is called.
func (a *asked) Name() string { return a.name }

// Stop is what takes the keyboard.
func (a *asked) Stop() fyne.Focusable { return a.stop }

// Problem is what is shown as wrong.
func (a *asked) Problem() string { return a.err.Text() }

// SetError shows what is wrong; "" clears it.
func (a *asked) SetError(text string) {
	a.err.Set(text)
	if text == "" {
		a.err.Hide()
	} else {
		a.err.Show()
	}
	a.body.Refresh()
}

// HeightFor is the height with the error.
func (a *asked) HeightFor(width float32) float32 { return HeightFor(a.body, width) }

// Inner is label, control and error.
func (a *asked) Inner() []fyne.CanvasObject { return a.body.Objects }

// CreateRenderer draws it.
func (a *asked) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{objects: []fyne.CanvasObject{a.body},
		layout: func(s fyne.Size) { a.body.Resize(s) },
		min:    func() fyne.Size { return a.body.MinSize() }}
}

// Agree is a box to tick beside a text that may be long, with a link to what is agreed to.
type Agree struct {
	asked
	Box *Check
}

// NewAgree makes a box. link may be nil.
func NewAgree(text string, on bool, link *WrapLink, change func(bool)) *Agree {
	a := &Agree{Box: NewCheck(text, "", on, change)}
	a.name, a.stop = text, a.Box
	var control fyne.CanvasObject = a.Box
	if link != nil {
		control = Column(look.S1, a.Box, Pad(link, 0, 0, 0, look.Now().Px(16)+look.S2))
	}
	a.make(a, nil, control)
	return a
}

// Called gives it a shorter name in the list of what to mend.
func (a *Agree) Called(name string) *Agree { a.name = name; return a }

// Inner is the box, the link, and the error.
func (a *Agree) Inner() []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, o := range a.body.Objects {
		if c, ok := o.(*fyne.Container); ok {
			out = append(out, c.Objects...)
		} else {
			out = append(out, o)
		}
	}
	return out
}

// Pick is a field whose text is chosen among a list in a dialog: lists that are too long
// for a menu, and lines too long for one.
type Pick struct {
	asked
	button  *Button
	options []string
	at      int // −1: none
	hint    string
	cancel  string
	OnPick  func(i int)
}

// NewPick makes a choice; hint stands while nothing is chosen, cancel closes the list.
func NewPick(name, hint, cancel string, options []string, at int, pick func(i int)) *Pick {
	p := &Pick{options: options, at: at, hint: hint, cancel: cancel, OnPick: pick}
	p.button = NewButton("", Secondary, look.IconDown, p.open).IconAfter().Inked(look.InkText)
	p.name, p.stop = name, p.button
	p.make(p, NewBold(name, look.Body, look.InkText), p.button)
	p.say()
	return p
}

func (p *Pick) say() {
	text := p.hint
	if p.at >= 0 && p.at < len(p.options) {
		text = p.options[p.at]
	}
	p.button.Set(text)
	p.button.Label = p.name + ", " + text
	p.body.Refresh() // the page it stands on is laid out again by its Reflow
}

// Set changes the list and what is chosen of it, without telling OnPick.
func (p *Pick) Set(options []string, at int) {
	p.options, p.at = options, at
	p.say()
}

// At is which one is chosen, −1 for none.
func (p *Pick) At() int { return p.at }

func (p *Pick) open() {
	cv := p.button.canvas()
	if cv == nil || len(p.options) == 0 {
		return
	}
	var d *Dialog
	items := make([]*pickLine, len(p.options))
	lines := make([]fyne.CanvasObject, len(p.options))
	for i, o := range p.options {
		icon := look.Icon("none")
		if i == p.at {
			icon = look.IconCheck
		}
		items[i] = &pickLine{}
		items[i].kind, items[i].icon, items[i].size, items[i].ink = Quiet, icon, look.Body, look.InkText
		items[i].text, items[i].Label = o, o
		items[i].OnTap = func() {
			d.Close()
			p.at = i
			p.say()
			if p.OnPick != nil {
				p.OnPick(i)
			}
		}
		items[i].extend(items[i])
		lines[i] = items[i]
	}
	for i, it := range items {
		it.up, it.down = items[(i+len(items)-1)%len(items)], items[(i+1)%len(items)]
	}
	no := NewButton(p.cancel, Secondary, "", func() { d.Close() })
	d = ShowDialog(cv, p.name, Column(2, lines...), items[max(p.at, 0)], 640, no)
}

// pickLine is a line of the list.
type pickLine struct {
	Button
	up, down *pickLine
}

// TypedKey moves between the lines.
func (l *pickLine) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		Focus(l.up)
	case fyne.KeyDown:
		Focus(l.down)
	default:
		l.Button.TypedKey(e)
	}
}

// Options is a choice of a few, all of them shown, with its label.
type Options struct {
	asked
	Radio *Radio
}

// NewOptions makes a choice.
func NewOptions(name string, options []string, at int, pick func(i int)) *Options {
	o := &Options{Radio: NewRadio(name, options, at, pick)}
	o.name, o.stop = name, o.Radio
	o.make(o, NewBold(name, look.Body, look.InkText), o.Radio)
	return o
}
