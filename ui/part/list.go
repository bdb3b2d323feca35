package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"passerelle/ui/look"
)

// Row is a line of a [List] that can show any index.
type Row interface {
	fyne.CanvasObject
	// Draw shows the row of an index; selected marks the one chosen, hovered the one
	// under the pointer.
	Draw(i int, selected, hovered bool)
}

// List shows a window of rows of one height over any number of them. It keeps its own
// offset in float64: at a million rows the positions of Fyne's list, in float32, are off
// by several pixels. One row is selected; arrows move the selection, Enter opens it.
type List struct {
	Control
	Height   float32
	Make     func() Row
	OnSelect func(i int)
	OnOpen   func(i int)
	OnDelete func(i int)                   // the key, on the row that is selected; nil: passed on
	OnMenu   func(i int, at fyne.Position) // what else can be done with a row, asked for at a place of the window; nil: nothing

	n, selected, over int
	offset            float64
	pool              []Row
	shown             map[int]Row
	body              *fyne.Container
	clip              *container.Clip
	bar               *canvas.Rectangle
	ring              ring
	dragging          bool
}

var (
	_ fyne.Scrollable        = (*List)(nil)
	_ fyne.Draggable         = (*List)(nil)
	_ desktop.Keyable        = (*List)(nil)
	_ desktop.Hoverable      = (*List)(nil)
	_ fyne.SecondaryTappable = (*List)(nil)
)

// NewList makes an empty list; name is for screen readers.
func NewList(name string, height float32, make_ func() Row) *List {
	l := &List{Height: height, Make: make_, selected: -1, over: -1, shown: map[int]Row{}}
	l.Label, l.Role = name, fyne.AccessibleRoleContainer
	l.extend(l)
	return l
}

// SetCount tells how many rows there are; rows are drawn again.
func (l *List) SetCount(n int) {
	l.n = n
	if l.selected >= n {
		l.selected = -1
	}
	l.Update()
}

// Count is how many rows there are.
func (l *List) Count() int { return l.n }

// Mark selects a row without telling OnSelect; −1 selects none.
func (l *List) Mark(i int) {
	if l.selected == i {
		return
	}
	l.selected = i
	l.Update()
}

// Selected is the selected row, −1 for none.
func (l *List) Selected() int { return l.selected }

// Top scrolls to the first row.
func (l *List) Top() { l.offset = 0; l.Update() }

// Offset and SetOffset carry the place over when the window's content is made again.
func (l *List) Offset() float64 { return l.offset }

// SetOffset scrolls to a distance from the top.
func (l *List) SetOffset(o float64) { l.offset = o; l.Update() }

// Update draws the visible rows again.
func (l *List) Update() {
	if l.body == nil {
		return
	}
	l.place()
	canvas.Refresh(l.outer)
}

func (l *List) most() float64 {
	return max(float64(l.n)*float64(l.Height)-float64(l.Size().Height), 0)
}

func (l *List) place() {
	s := l.Size()
	if s.Height <= 0 || l.Height <= 0 {
		return
	}
	l.offset = min(max(l.offset, 0), l.most())
	first := int(l.offset / float64(l.Height))
	last := min(int((l.offset+float64(s.Height))/float64(l.Height)), l.n-1)
	for i, r := range l.shown {
		if i < first || i > last {
			r.Hide()
			l.pool = append(l.pool, r)
			delete(l.shown, i)
		}
	}
	for i := first; i <= last; i++ {
		r := l.shown[i]
		if r == nil {
			if n := len(l.pool); n > 0 {
				r, l.pool = l.pool[n-1], l.pool[:n-1]
			} else {
				r = l.Make()
				l.body.Objects = append(l.body.Objects, r)
			}
			l.shown[i] = r
		}
		r.Resize(fyne.NewSize(s.Width, l.Height))
		r.Move(fyne.NewPos(0, float32(float64(i)*float64(l.Height)-l.offset)))
		if !r.Visible() {
			r.Show()
		}
		r.Draw(i, i == l.selected, i == l.over)
	}
	l.bar.Hide()
	if total := float64(l.n) * float64(l.Height); total > float64(s.Height) {
		h := max(float64(s.Height)*float64(s.Height)/total, 24)
		y := l.offset / l.most() * (float64(s.Height) - h)
		l.bar.Move(fyne.NewPos(s.Width-7, float32(y)))
		l.bar.Resize(fyne.NewSize(5, float32(h)))
		l.bar.Show()
	}
}

// CreateRenderer draws the list.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	l.body = container.NewWithoutLayout()
	l.clip = container.NewClip(l.body)
	l.bar = canvas.NewRectangle(t.Muted)
	l.bar.CornerRadius = 2.5
	l.ring = ring{canvas.NewRectangle(color.Transparent)}
	l.ring.StrokeColor, l.ring.StrokeWidth = t.Focus, look.Ring
	l.ring.Hide()
	d := &drawing{objects: []fyne.CanvasObject{l.clip, l.bar, l.ring.Rectangle}}
	d.min = func() fyne.Size { return fyne.NewSize(t.Px(200), l.Height) }
	d.layout = func(s fyne.Size) {
		l.clip.Resize(s)
		l.ring.Resize(s) // inside: the list fills its pane to the edge
		l.place()
	}
	d.refresh = func() {
		l.ring.show(l.focused)
		l.place()
	}
	return d
}

// Scrolled moves the rows.
func (l *List) Scrolled(e *fyne.ScrollEvent) {
	used(false)
	l.offset -= float64(e.Scrolled.DY) * 3
	l.over = -1
	l.Update()
}

// Dragged moves the bar.
func (l *List) Dragged(e *fyne.DragEvent) {
	if !l.dragging {
		l.dragging = e.Position.X-e.Dragged.DX > l.Size().Width-16
	}
	if l.dragging && l.Size().Height > 0 {
		l.offset += float64(e.Dragged.DY) / float64(l.Size().Height-l.bar.Size().Height) * l.most()
		l.Update()
	}
}

// DragEnd lets the bar go.
func (l *List) DragEnd() { l.dragging = false }

func (l *List) at(p fyne.Position) int {
	i := int((l.offset + float64(p.Y)) / float64(l.Height))
	if i < 0 || i >= l.n {
		return -1
	}
	return i
}

// MouseMoved marks the row under the pointer.
func (l *List) MouseMoved(e *desktop.MouseEvent) {
	used(false)
	if i := l.at(e.Position); i != l.over {
		l.over = i
		l.Update()
	}
}

// MouseOut unmarks it.
func (l *List) MouseOut() { l.over = -1; l.Update() }

// MouseIn does what MouseMoved does.
func (l *List) MouseIn(e *desktop.MouseEvent) { l.MouseMoved(e) }

// Tapped selects the row under the pointer and opens it.
func (l *List) Tapped(e *fyne.PointEvent) {
	if used(false) {
		return
	}
	if e.Position.X > l.Size().Width-10 {
		return
	}
	l.take()
	if i := l.at(e.Position); i >= 0 {
		l.choose(i)
		if l.OnOpen != nil {
			l.OnOpen(i)
		}
	}
}

// TappedSecondary selects the row under the pointer and asks what can be done with it.
func (l *List) TappedSecondary(e *fyne.PointEvent) {
	if used(false) || l.OnMenu == nil {
		return
	}
	l.take()
	if i := l.at(e.Position); i >= 0 {
		l.choose(i)
		l.OnMenu(i, e.AbsolutePosition)
	}
}

// KeyDown and KeyUp only make the list receive keys as Fyne's own lists do.
func (l *List) KeyDown(*fyne.KeyEvent) {}

// KeyUp does nothing.
func (l *List) KeyUp(*fyne.KeyEvent) {}

func (l *List) choose(i int) {
	if l.n == 0 {
		return
	}
	i = min(max(i, 0), l.n-1)
	l.selected = i
	l.reveal(i)
	l.Update()
	if l.OnSelect != nil {
		l.OnSelect(i)
	}
}

func (l *List) reveal(i int) {
	top, h := float64(i)*float64(l.Height), float64(l.Height)
	if top < l.offset {
		l.offset = top
	} else if top+h > l.offset+float64(l.Size().Height) {
		l.offset = top + h - float64(l.Size().Height)
	}
}

// TypedKey moves the selection; Enter and Space open it.
func (l *List) TypedKey(e *fyne.KeyEvent) {
	if used(true) {
		return
	}
	page := max(int(l.Size().Height/l.Height)-1, 1)
	switch e.Name {
	case fyne.KeyDown:
		l.choose(l.selected + 1)
	case fyne.KeyUp:
		l.choose(max(l.selected, 1) - 1)
	case fyne.KeyHome:
		l.choose(0)
	case fyne.KeyEnd:
		l.choose(l.n - 1)
	case fyne.KeyPageDown:
		l.choose(max(l.selected, 0) + page)
	case fyne.KeyPageUp:
		l.choose(l.selected - page)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if l.n > 0 {
			l.choose(max(l.selected, 0))
			if l.OnOpen != nil {
				l.OnOpen(l.selected)
			}
		}
	case fyne.KeyDelete:
		if l.OnDelete == nil || l.selected < 0 {
			l.Pass(e)
			return
		}
		l.OnDelete(l.selected)
	case desktop.KeyMenu:
		if l.OnMenu == nil || l.selected < 0 {
			l.Pass(e)
			return
		}
		l.reveal(l.selected)
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l)
		l.OnMenu(l.selected, at.AddXY(look.S6, float32(float64(l.selected+1)*float64(l.Height)-l.offset)))
	default:
		l.Pass(e)
	}
}
