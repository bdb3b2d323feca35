package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"passerelle/ui/look"
)

// Kind is the weight of a button.
type Kind uint8

// Kinds: one primary act a screen, any number of others, links in running text.
const (
	Secondary Kind = iota
	Primary
	Link  // underlined text, no border
	Quiet // text and icon without border, for bars
)

// Button does one thing, named by its label.
type Button struct {
	Control
	kind Kind
	icon look.Icon
	text string
	size float32
	ink  look.Ink

	ring   ring
	back   *canvas.Rectangle
	img    *canvas.Image
	after  bool // icon after the text
	narrow bool
}

// NewButton makes a button. icon may be empty.
func NewButton(text string, kind Kind, icon look.Icon, tap func()) *Button {
	b := &Button{kind: kind, icon: icon, text: text, size: look.Body}
	b.Label, b.OnTap = text, tap
	b.ink = look.InkAccent
	switch kind {
	case Primary:
		b.ink = look.InkOnAccent
	case Quiet:
		b.ink = look.InkMuted
	}
	if kind == Link {
		b.Role = fyne.AccessibleRoleLink
	}
	b.extend(b)
	return b
}

// Small gives the button the type of a caption.
func (b *Button) Small() *Button { b.size, b.narrow = look.Caption, true; return b }

// Inked writes the button in another ink.
func (b *Button) Inked(i look.Ink) *Button { b.ink = i; return b }

// IconAfter puts the icon after the text.
func (b *Button) IconAfter() *Button { b.after = true; return b }

// Set changes the text.
func (b *Button) Set(text string) {
	if b.text != text {
		b.text, b.Label = text, text
		b.Refresh()
	}
}

// Text is what it says.
func (b *Button) Text() string { return b.text }

func (b *Button) bold() bool { return b.kind == Primary || b.kind == Secondary && !b.after }

// side is the room left and right of what the button says.
func (b *Button) side() float32 {
	switch b.kind {
	case Link:
		return 0
	case Quiet:
		return look.S2
	}
	if b.after {
		return look.S3
	}
	return look.S4
}

func (b *Button) iconRoom() float32 {
	if b.icon == "" {
		return 0
	}
	w := look.Now().Px(16)
	if b.text != "" {
		w += look.S2
	}
	return w
}

// lines breaks the text at a width: in a narrow window, in large type, a button grows
// rather than being cut.
func (b *Button) lines(width float32) []string {
	if b.text == "" {
		return nil
	}
	return wrapWords(b.text, b.size, b.bold(), max(width-2*b.side()-b.iconRoom()+1, look.Now().Px(24)))
}

func (b *Button) least() float32 {
	t := look.Now()
	switch {
	case b.kind == Link:
		return max(lineHeight(b.size), t.Px(24))
	case b.kind == Quiet || b.narrow:
		return t.Px(look.RowMin)
	}
	return t.Px(look.Control)
}

// HeightFor is the height at a width.
func (b *Button) HeightFor(width float32) float32 {
	n := float32(len(b.lines(width)))
	return max(b.least(), b.least()+(n-1)*lineHeight(b.size))
}

func (b *Button) min() fyne.Size {
	if b.text == "" {
		return fyne.NewSquareSize(b.least())
	}
	w := measure(b.text, b.size, b.bold()).Width + b.iconRoom() + 2*b.side()
	if s := b.Size(); s.Width > 0 && s.Width < w {
		return fyne.NewSize(w, b.HeightFor(s.Width))
	}
	return fyne.NewSize(w, b.least())
}

// CreateRenderer draws the button.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	b.ring = newRing(look.Radius)
	b.back = canvas.NewRectangle(color.Transparent)
	b.back.CornerRadius = look.Radius
	b.img = canvas.NewImageFromResource(nil)
	if b.icon != "" {
		b.img = canvas.NewImageFromResource(look.Draw(b.icon, t.Ink(b.ink)))
	}
	b.img.FillMode = canvas.ImageFillContain
	d := &drawing{objects: []fyne.CanvasObject{b.ring.Rectangle, b.back, b.img}}
	fixed := len(d.objects)
	d.min = func() fyne.Size { return b.min() }
	d.layout = func(s fyne.Size) {
		b.ring.around(fyne.Position{}, s)
		b.back.Resize(s)
		d.objects = d.objects[:fixed:fixed]
		if s.Width <= 0 {
			return
		}
		px, lines := t.Px(16), b.lines(s.Width)
		widest := float32(0)
		for _, l := range lines {
			widest = max(widest, measure(l, b.size, b.bold()).Width)
		}
		x := (s.Width - widest - b.iconRoom()) / 2
		if b.kind == Link || b.kind == Quiet && b.text != "" || b.after {
			x = b.side() // running text, bars and choices read from the left
		}
		switch {
		case b.icon == "":
		case b.after:
			at := x + widest + look.S1
			if b.kind == Secondary {
				at = s.Width - px - b.side()
			}
			b.img.Move(fyne.NewPos(at, (s.Height-px)/2))
			b.img.Resize(fyne.NewSquareSize(px))
		default:
			b.img.Move(fyne.NewPos(x, (s.Height-px)/2))
			b.img.Resize(fyne.NewSquareSize(px))
			x += b.iconRoom()
		}
		h := lineHeight(b.size)
		y := (s.Height - h*float32(len(lines))) / 2
		for _, l := range lines {
			c := line(l, b.size, b.ink, b.bold())
			if b.disabled {
				c.Color = t.Muted
			}
			w := put(c, l, x, y, h)
			d.objects = append(d.objects, c)
			if b.kind == Link {
				u := canvas.NewRectangle(c.Color)
				u.Move(fyne.NewPos(x, y+h/2+t.Px(b.size)/2))
				u.Resize(fyne.NewSize(w, 1))
				d.objects = append(d.objects, u)
			}
			y += h
		}
	}
	d.refresh = func() {
		b.ring.show(b.focused)
		b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = color.Transparent, color.Transparent, 0
		switch b.kind {
		case Primary:
			b.back.FillColor = t.Accent
			if b.hovered {
				b.back.StrokeColor, b.back.StrokeWidth = t.Text, 1
			}
		case Secondary:
			b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = t.Surface, t.Muted, 1
			if b.hovered {
				b.back.FillColor = t.Tint
			}
		case Quiet:
			if b.hovered {
				b.back.FillColor = t.Tint
			}
		}
		if b.icon != "" {
			ink := t.Ink(b.ink)
			if b.disabled {
				ink = t.Muted
			}
			paint(b.img, look.Draw(b.icon, ink))
		}
		if b.disabled {
			b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = t.Rail, t.Line, 1
		}
		d.layout(b.Size())
	}
	d.refresh()
	return d
}

// Check is a box that is on or off, with a label and, at the right edge, a count.
type Check struct {
	Control
	text  string
	count string
	on    bool
	// OnChange is called after the person changed it.
	OnChange func(bool)

	ring         ring
	box          *canvas.Rectangle
	mark         *canvas.Image
	lines        []*canvas.Text
	num          *canvas.Text
	hover        *canvas.Rectangle
	render       *drawing
	wrappedWidth float32
}

// NewCheck makes a check row; count may be empty.
func NewCheck(text, count string, on bool, change func(bool)) *Check {
	c := &Check{text: text, count: count, on: on, OnChange: change}
	c.OnTap = func() {
		c.on = !c.on
		c.Refresh()
		if c.OnChange != nil {
			c.OnChange(c.on)
		}
	}
	c.extend(c)
	return c
}

// Set changes what it shows, without telling OnChange.
func (c *Check) Set(text, count string, on bool) {
	if c.text != text {
		c.text, c.wrappedWidth = text, 0
	} else if c.count == count && c.on == on {
		return
	}
	c.count, c.on = count, on
	c.wrappedWidth = 0
	c.Refresh()
}

// On says whether it is checked.
func (c *Check) On() bool { return c.on }

// AccessibilityLabel says label, state and count.
func (c *Check) AccessibilityLabel() string {
	mark := "☐ "
	if c.on {
		mark = "☑ "
	}
	s := mark + c.text
	if c.count != "" {
		s += ", " + c.count
	}
	return s
}

func (c *Check) textWidth(width float32) float32 {
	w := width - look.Now().Px(16) - look.S2
	if c.count != "" {
		w -= wordWidth(c.count, look.Small, false) + look.S2
	}
	return max(w, look.Now().Px(40))
}

// HeightFor is the height at a width: a long label wraps.
func (c *Check) HeightFor(width float32) float32 {
	n := len(wrapWords(c.text, look.Body, false, c.textWidth(width)))
	return max(float32(n)*lineHeight(look.Body)+look.S2-2, look.Now().Px(26))
}

// CreateRenderer draws the row.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	c.ring = newRing(look.S1)
	c.hover = canvas.NewRectangle(color.Transparent)
	c.hover.CornerRadius = look.S1
	c.box = canvas.NewRectangle(t.Surface)
	c.box.CornerRadius = 3
	c.box.StrokeWidth = 1.5
	c.mark = canvas.NewImageFromResource(look.Draw(look.IconCheck, t.OnAccent))
	c.mark.FillMode = canvas.ImageFillContain
	c.num = line("", look.Small, look.InkMuted, false)
	d := &drawing{}
	c.render = d
	d.min = func() fyne.Size {
		w := t.Px(16) + look.S2 + min(wordWidth(c.text, look.Body, false), t.Px(140))
		if c.count != "" {
			w += wordWidth(c.count, look.Small, false) + look.S2
		}
		if s := c.Size(); s.Width > 0 {
			return fyne.NewSize(w, c.HeightFor(s.Width))
		}
		return fyne.NewSize(w, c.HeightFor(w))
	}
	d.layout = func(s fyne.Size) {
		if s.Width <= 0 {
			return
		}
		if c.wrappedWidth != s.Width {
			c.wrappedWidth = s.Width
			c.lines = c.lines[:0]
			d.objects = []fyne.CanvasObject{c.hover, c.ring.Rectangle, c.box, c.mark, c.num}
			for _, l := range wrapWords(c.text, look.Body, false, c.textWidth(s.Width)) {
				x := line(l, look.Body, look.InkText, false)
				c.lines = append(c.lines, x)
				d.objects = append(d.objects, x)
			}
		}
		px := t.Px(16)
		h := lineHeight(look.Body)
		top := (s.Height - h*float32(len(c.lines))) / 2
		c.hover.Move(fyne.NewPos(-look.S1, 0))
		c.hover.Resize(fyne.NewSize(s.Width+2*look.S1, s.Height))
		c.box.Move(fyne.NewPos(0, (s.Height-px)/2))
		c.box.Resize(fyne.NewSquareSize(px))
		c.mark.Move(fyne.NewPos(t.Px(2), (s.Height-px)/2+t.Px(2)))
		c.mark.Resize(fyne.NewSquareSize(t.Px(12)))
		for i, l := range c.lines {
			m := l.MinSize()
			l.Move(fyne.NewPos(px+look.S2, top+float32(i)*h+(h-m.Height)/2))
			l.Resize(m)
		}
		c.num.Text = c.count
		m := c.num.MinSize()
		c.num.Move(fyne.NewPos(s.Width-m.Width, (s.Height-m.Height)/2))
		c.num.Resize(m)
		c.ring.around(fyne.NewPos(0, 0), s)
	}
	d.refresh = func() {
		c.ring.show(c.focused)
		c.box.FillColor, c.box.StrokeColor = t.Surface, t.Muted
		c.mark.Hide()
		if c.on {
			c.box.FillColor, c.box.StrokeColor = t.Accent, t.Accent
			c.mark.Show()
		}
		c.hover.FillColor = color.Transparent
		if c.hovered {
			c.hover.FillColor = t.Tint
		}
		d.layout(c.Size())
	}
	d.refresh()
	d.objects = append([]fyne.CanvasObject{}, c.hover, c.ring.Rectangle, c.box, c.mark, c.num)
	c.wrappedWidth = 0
	return d
}

// Chip is an active criterion; using it removes it.
type Chip struct {
	Control
	text string
}

// NewChip makes a chip. label is for screen readers: it says that using it removes it.
func NewChip(text, label string, remove func()) *Chip {
	c := &Chip{text: text}
	c.Label, c.OnTap = label, remove
	c.extend(c)
	return c
}

// TypedKey removes on Delete and Backspace too.
func (c *Chip) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyDelete || e.Name == fyne.KeyBackspace {
		c.Use()
		return
	}
	c.Control.TypedKey(e)
}

// CreateRenderer draws the chip.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r := newRing(t.Px(14))
	back := canvas.NewRectangle(t.Tint)
	back.StrokeColor, back.StrokeWidth = t.Accent, 1
	back.CornerRadius = t.Px(14)
	l := line(c.text, look.Small, look.InkText, false)
	x := canvas.NewImageFromResource(look.Draw(look.IconClose, t.Text))
	x.FillMode = canvas.ImageFillContain
	d := &drawing{objects: []fyne.CanvasObject{r.Rectangle, back, l, x}}
	d.min = func() fyne.Size {
		return fyne.NewSize(wordWidth(c.text, look.Small, false)+t.Px(12)+2*look.S3+look.S1, t.Px(28))
	}
	d.layout = func(s fyne.Size) {
		r.around(fyne.Position{}, s)
		back.Resize(s)
		l.Text = fit(c.text, look.Small, false, s.Width-t.Px(12)-2*look.S3-look.S1+1)
		m := l.MinSize()
		l.Move(fyne.NewPos(look.S3, (s.Height-m.Height)/2))
		l.Resize(m)
		x.Move(fyne.NewPos(s.Width-look.S3-t.Px(12)+2, (s.Height-t.Px(12))/2))
		x.Resize(fyne.NewSquareSize(t.Px(12)))
	}
	d.refresh = func() {
		r.show(c.focused)
		back.StrokeWidth = 1
		if c.hovered {
			back.StrokeWidth = 2
		}
	}
	d.refresh()
	return d
}

// NavItem is a line of the rail: icon, name, count.
type NavItem struct {
	Control
	icon   look.Icon
	text   string
	count  string
	here   bool
	folded bool // icon alone
}

// NewNavItem makes a line of the rail.
func NewNavItem(icon look.Icon, text, count string, here, folded bool, go_ func()) *NavItem {
	n := &NavItem{icon: icon, text: text, count: count, here: here, folded: folded}
	n.Label, n.OnTap, n.bare = text, go_, folded
	if count != "" {
		n.Label += ", " + count
	}
	n.extend(n)
	return n
}

// Set marks where the person is, and what waits there.
func (n *NavItem) Set(here bool, count string) {
	if n.here == here && n.count == count {
		return
	}
	n.here, n.count = here, count
	n.Refresh()
}

// CreateRenderer draws the line.
func (n *NavItem) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r := newRing(look.Radius)
	back := canvas.NewRectangle(color.Transparent)
	back.CornerRadius = look.Radius
	img := canvas.NewImageFromResource(look.Draw(n.icon, t.Text))
	img.FillMode = canvas.ImageFillContain
	l := line(n.text, look.Body, look.InkText, false)
	num := line("", look.Caption, look.InkMuted, false)
	d := &drawing{objects: []fyne.CanvasObject{r.Rectangle, back, img, l, num}}
	d.min = func() fyne.Size {
		if n.folded {
			return fyne.NewSize(t.Px(16)+2*look.S2, t.Px(34))
		}
		return fyne.NewSize(t.Px(16)+look.S2+wordWidth(n.text, look.Body, true)+2*look.S2, t.Px(34))
	}
	d.layout = func(s fyne.Size) {
		h := s.Height - 2
		back.Move(fyne.NewPos(0, 1))
		back.Resize(fyne.NewSize(s.Width, h))
		r.around(fyne.NewPos(0, 1), fyne.NewSize(s.Width, h))
		px := t.Px(16)
		img.Move(fyne.NewPos(look.S2, (s.Height-px)/2))
		img.Resize(fyne.NewSquareSize(px))
		if n.folded {
			img.Move(fyne.NewPos((s.Width-px)/2, (s.Height-px)/2))
			l.Hide()
			num.Hide()
			return
		}
		num.Text = n.count
		nm := num.MinSize()
		num.Move(fyne.NewPos(s.Width-look.S2-nm.Width, (s.Height-nm.Height)/2))
		num.Resize(nm)
		room := s.Width - px - 4*look.S2 - nm.Width
		l.TextStyle.Bold = n.here && measure(n.text, look.Body, true).Width <= room // a cut name says less than a plain one
		l.Text = fit(n.text, look.Body, l.TextStyle.Bold, room)
		m := l.MinSize()
		l.Move(fyne.NewPos(px+2*look.S2, (s.Height-m.Height)/2))
		l.Resize(m)
	}
	d.refresh = func() {
		r.show(n.focused)
		back.FillColor = color.Transparent
		l.Color, l.TextStyle.Bold = t.Text, false
		ink := t.Text
		if n.here {
			back.FillColor = t.Tint
			l.Color, l.TextStyle.Bold = t.OnTint, true
			ink = t.OnTint
		} else if n.hovered {
			back.FillColor = t.Tint
		}
		paint(img, look.Draw(n.icon, ink))
		num.Text = n.count
		d.layout(n.Size())
	}
	d.refresh()
	return d
}

// paint changes a drawing; Fyne shows another one only once the image itself is refreshed.
func paint(img *canvas.Image, r fyne.Resource) {
	if img.Resource != r {
		img.Resource = r
		img.Refresh()
	}
}
