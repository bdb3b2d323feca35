package part

import (
	"slices"

	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Flow is what has a height only for a width: text that wraps, and what holds it.
type Flow interface{ HeightFor(width float32) float32 }

type flowLayout interface {
	fyne.Layout
	heightFor(objects []fyne.CanvasObject, width float32) float32
}

// HeightFor is the height that an object needs at a width.
func HeightFor(o fyne.CanvasObject, width float32) float32 {
	if f, ok := o.(Flow); ok {
		return f.HeightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if l, ok := c.Layout.(flowLayout); ok {
			return l.heightFor(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

func minWidth(objects []fyne.CanvasObject) (w float32) {
	for _, o := range objects {
		if o.Visible() {
			w = max(w, o.MinSize().Width)
		}
	}
	return w
}

type column struct{ gap, width float32 }

// Column stacks objects, each as wide as the column.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap: gap}, objects...)
}

func (c *column) heightFor(objects []fyne.CanvasObject, width float32) (h float32) {
	n := 0
	for _, o := range objects {
		if o.Visible() {
			h += HeightFor(o, width)
			n++
		}
	}
	return h + c.gap*float32(max(n-1, 0))
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := minWidth(objects)
	return fyne.NewSize(w, c.heightFor(objects, max(c.width, w)))
}

func (c *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := HeightFor(o, size.Width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + c.gap
	}
}

type pad struct{ top, right, bottom, left, width float32 }

// Pad keeps space around an object: top, right, bottom, left.
func Pad(o fyne.CanvasObject, top, right, bottom, left float32) *fyne.Container {
	return container.New(&pad{top: top, right: right, bottom: bottom, left: left}, o)
}

func (p *pad) heightFor(objects []fyne.CanvasObject, width float32) (h float32) {
	for _, o := range objects {
		if o.Visible() {
			h = max(h, HeightFor(o, width-p.left-p.right))
		}
	}
	return h + p.top + p.bottom
}

func (p *pad) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := minWidth(objects) + p.left + p.right
	return fyne.NewSize(w, p.heightFor(objects, max(p.width, w)))
}

func (p *pad) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p.width = size.Width
	for _, o := range objects {
		o.Move(fyne.NewPos(p.left, p.top))
		o.Resize(fyne.NewSize(max(size.Width-p.left-p.right, 0), max(size.Height-p.top-p.bottom, 0)))
	}
}

type wrap struct {
	gap, width float32
}

// Wrap sets objects side by side and goes to the next line when there is no room.
func Wrap(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&wrap{gap: gap}, objects...)
}

func (l *wrap) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	x, y, row := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		w, h := m.Width, m.Height
		if w > width {
			w, h = width, HeightFor(o, width)
		}
		if x > 0 && x+w > width+0.5 {
			x, y, row = 0, y+row+l.gap, 0
		}
		if put != nil {
			put(o, x, y, w, h)
		}
		x += w + l.gap
		row = max(row, h)
	}
	return y + row
}

func (l *wrap) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return l.place(objects, width, nil)
}

func (l *wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := minWidth(objects)
	if l.width == 0 {
		// Never laid out yet: ask for one line.
		h := float32(0)
		for _, o := range objects {
			if o.Visible() {
				h = max(h, o.MinSize().Height)
			}
		}
		return fyne.NewSize(w, h)
	}
	return fyne.NewSize(w, l.heightFor(objects, l.width))
}

func (l *wrap) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	})
}

type grid struct {
	gapX, gapY, least, width float32
	most                     int
}

// Grid sets objects in as many equal columns, up to most, as leave each one at least
// least wide.
func Grid(most int, least, gapX, gapY float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&grid{gapX: gapX, gapY: gapY, least: least, most: most}, objects...)
}

func (g *grid) cols(width float32) int {
	n := int((width + g.gapX) / (g.least + g.gapX))
	return min(max(n, 1), g.most)
}

func (g *grid) place(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	n := g.cols(width)
	w := (width - g.gapX*float32(n-1)) / float32(n)
	var shown []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	y := float32(0)
	for i := 0; i < len(shown); i += n {
		row := shown[i:min(i+n, len(shown))]
		h := float32(0)
		for _, o := range row {
			h = max(h, HeightFor(o, w))
		}
		for k, o := range row {
			if put != nil {
				put(o, float32(k)*(w+g.gapX), y, w, h)
			}
		}
		y += h + g.gapY
	}
	return max(y-g.gapY, 0)
}

func (g *grid) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return g.place(objects, width, nil)
}

func (g *grid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := minWidth(objects)
	return fyne.NewSize(w, g.heightFor(objects, max(g.width, w)))
}

func (g *grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	g.place(objects, size.Width, func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	})
}

type ends struct{ gap, width float32 }

// Ends sets the first object at the left, as wide as there is room, and the second at the
// right, as wide as it needs.
func Ends(gap float32, left, right fyne.CanvasObject) *fyne.Container {
	return container.New(&ends{gap: gap}, left, right)
}

func (e *ends) widths(objects []fyne.CanvasObject, width float32) (float32, float32) {
	r := float32(0)
	if objects[1].Visible() {
		r = min(objects[1].MinSize().Width, width/2)
	}
	return max(width-r-e.gap, 0), r
}

func (e *ends) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	l, r := e.widths(objects, width)
	h := HeightFor(objects[0], l)
	if objects[1].Visible() {
		h = max(h, HeightFor(objects[1], r))
	}
	return h
}

func (e *ends) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := objects[0].MinSize().Width + objects[1].MinSize().Width + e.gap
	return fyne.NewSize(w, e.heightFor(objects, max(e.width, w)))
}

func (e *ends) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	e.width = size.Width
	l, r := e.widths(objects, size.Width)
	lh := HeightFor(objects[0], l)
	objects[0].Move(fyne.NewPos(0, max((size.Height-lh)/2, 0)))
	objects[0].Resize(fyne.NewSize(l, lh))
	rh := HeightFor(objects[1], r)
	objects[1].Move(fyne.NewPos(size.Width-r, max((size.Height-rh)/2, 0)))
	objects[1].Resize(fyne.NewSize(r, rh))
}

// Page scrolls a column of what wraps. Its keys are those of the window: a [Reader] inside
// it takes PageUp and PageDown.
type Page struct {
	widget.BaseWidget
	root   *fyne.Container
	scroll *container.Scroll
	coat   *container.ThemeOverride
	lay    *pageLayout
}

type pageLayout struct {
	width float32
	fill  bool
}

func (l *pageLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		h = max(h, HeightFor(o, l.width))
	}
	return fyne.NewSize(0, h)
}

func (l *pageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		h := HeightFor(o, size.Width)
		if l.fill {
			h = max(h, size.Height)
		}
		o.Resize(fyne.NewSize(size.Width, h))
	}
}

// NewPage makes a page around its content.
func NewPage(content fyne.CanvasObject) *Page {
	p := &Page{lay: &pageLayout{}}
	p.root = container.New(p.lay)
	if content != nil {
		p.root.Objects = []fyne.CanvasObject{content}
	}
	p.scroll = container.NewVScroll(newUncoated(p.root))
	p.scroll.OnScrolled = func(fyne.Position) { used(false) }
	p.coat = container.NewThemeOverride(p.scroll, flat{look.Now()})
	p.ExtendBaseWidget(p)
	return p
}

// flat is the theme of a page: Fyne's scroll draws a shadow in the colour that shades the
// window behind a dialog.
type flat struct{ *look.Theme }

func (f flat) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameShadow {
		return color.Transparent
	}
	return f.Theme.Color(n, v)
}

// uncoated keeps what it holds out of a theme around it: Fyne stops at what can be told
// that the device is a mobile one. The theme of a page is about its scroll alone, and Fyne
// reads its fonts anew for the texts of each theme, 3 MB a time, and keeps them.
type uncoated struct {
	widget.BaseWidget
	held fyne.CanvasObject
}

func newUncoated(o fyne.CanvasObject) *uncoated {
	u := &uncoated{held: o}
	u.ExtendBaseWidget(u)
	return u
}

// SetDeviceIsMobile is never called but for being there.
func (u *uncoated) SetDeviceIsMobile(bool) {}

// CreateRenderer draws what it holds.
func (u *uncoated) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(u.held) }

// Fill makes the content at least as high as the page, for what stands at its foot.
func (p *Page) Fill() *Page { p.lay.fill = true; return p }

// SetContent shows another content, from its top.
func (p *Page) SetContent(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.scroll.Offset = fyne.Position{}
	p.Reflow()
}

// Reflow lays the page out again after something in it grew or shrank.
func (p *Page) Reflow() {
	p.lay.width = p.Size().Width
	p.root.Resize(fyne.NewSize(p.Size().Width, max(p.root.MinSize().Height, p.Size().Height)))
	p.root.Refresh()
	p.scroll.Refresh()
}

// Redraw runs draw, which makes what is on the page anew and gives the keyboard back, and leaves
// the page where it was: what is focused has no place yet while it is made. What had the
// keyboard and was seen is seen still.
func (p *Page) Redraw(draw func()) {
	focused := func() fyne.CanvasObject {
		if cv := fyne.CurrentApp().Driver().CanvasForObject(p); cv != nil {
			o, _ := cv.Focused().(fyne.CanvasObject)
			return o
		}
		return nil
	}
	y, seen := p.scroll.Offset.Y, false
	if o := focused(); o != nil {
		at, ok := within(p.root, o)
		seen = ok && at.Y+o.Size().Height > y && at.Y < y+p.Size().Height
	}
	draw()
	p.Reflow()
	p.Scroll(y - p.scroll.Offset.Y)
	if o := focused(); o != nil && seen {
		reveal(o)
	}
}

// Scroll moves the page by a distance, down when it is positive.
func (p *Page) Scroll(dy float32) {
	y := min(max(p.scroll.Offset.Y+dy, 0), max(p.root.MinSize().Height-p.Size().Height, 0))
	p.scroll.ScrollToOffset(fyne.NewPos(0, y))
}

// Scrolled says whether what stands at the top of the page is out of sight, at least in part.
func (p *Page) Scrolled() bool { return p.scroll.Offset.Y > 0 }

// Keys scrolls the page with the keys that nothing on it had a use for.
func (p *Page) Keys(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyPageDown:
		p.Scroll(p.Size().Height * 0.85)
	case fyne.KeyPageUp:
		p.Scroll(-p.Size().Height * 0.85)
	case fyne.KeyDown:
		p.Scroll(lineHeight(look.Body) * 3)
	case fyne.KeyUp:
		p.Scroll(-lineHeight(look.Body) * 3)
	case fyne.KeyHome:
		p.Scroll(-1e9)
	case fyne.KeyEnd:
		p.Scroll(1e9)
	}
}

// CreateRenderer draws the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{
		objects: []fyne.CanvasObject{p.coat},
		layout: func(s fyne.Size) {
			p.lay.width = s.Width
			p.coat.Resize(s)
			p.root.Resize(fyne.NewSize(s.Width, max(p.root.MinSize().Height, s.Height)))
			p.scroll.Refresh()
		},
		min: func() fyne.Size { return fyne.NewSize(1, look.Now().Px(look.Control)) },
	}
}

var pages = map[*Page]struct{}{} // those shown; only the drawing goroutine touches it

// Watch lets a focused control inside the page scroll itself into sight.
func (p *Page) Watch() *Page { pages[p] = struct{}{}; return p }

// Unwatch ends it, for a page that is no longer shown.
func (p *Page) Unwatch() { delete(pages, p) }

// Forget ends [Page.Watch] for all pages; a window that makes its content again calls it first.
func Forget() { clear(pages) }

// reveal scrolls the page that holds an object so that all of it is seen. The driver
// knows no place for what was put there a moment ago, so the places are added up here.
func reveal(o fyne.CanvasObject) {
	for p := range pages {
		at, ok := within(p.root, o)
		if !ok {
			continue
		}
		y := at.Y - p.scroll.Offset.Y
		const air = 8
		if y < air {
			p.Scroll(y - air)
		} else if b := y + o.Size().Height + air; b > p.Size().Height {
			p.Scroll(b - p.Size().Height)
		}
		return
	}
}

// Reveal scrolls the page that holds an object, so that it is seen: one that had the keyboard
// before it grew.
func Reveal(o fyne.CanvasObject) { reveal(o) }

// within is the place of an object inside a container, whatever stands between them.
func within(c *fyne.Container, o fyne.CanvasObject) (fyne.Position, bool) {
	for _, x := range c.Objects {
		if x == o {
			return x.Position(), true
		}
		if in, ok := x.(*fyne.Container); ok {
			if at, ok := within(in, o); ok {
				return x.Position().Add(at), true
			}
		} else if in, ok := x.(Inner); ok && slices.Contains(in.Inner(), o) {
			return x.Position().Add(o.Position()), true
		}
	}
	return fyne.Position{}, false
}
