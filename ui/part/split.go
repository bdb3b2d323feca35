package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Split shows two panes with a divider that is dragged, or moved with the arrows once it
// has the keyboard. The left pane has a width; the right one has the rest.
type Split struct {
	widget.BaseWidget
	Left, Right fyne.CanvasObject
	Width       float32 // of the left pane
	Least, Most float32 // of the left pane
	OnMoved     func(width float32)
	grip        *grip
	only        int
}

// NewSplit makes a split; name is for screen readers.
func NewSplit(name string, left, right fyne.CanvasObject, width, least, most float32) *Split {
	s := &Split{Left: left, Right: right, Width: width, Least: least, Most: most}
	s.grip = &grip{split: s}
	s.grip.Label = name
	s.grip.extend(s.grip)
	s.ExtendBaseWidget(s)
	return s
}

func (s *Split) move(w float32) {
	w = min(max(w, s.Least), s.Most)
	if w == s.Width {
		return
	}
	s.Width = w
	s.Refresh()
	if s.OnMoved != nil {
		s.OnMoved(w)
	}
}

// CreateRenderer draws both panes.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{objects: []fyne.CanvasObject{s.Left, s.Right, s.grip}}
	d.min = func() fyne.Size {
		l, r := s.Left.MinSize(), s.Right.MinSize()
		return fyne.NewSize(s.Least+r.Width, max(l.Height, r.Height))
	}
	d.layout = func(z fyne.Size) {
		show := func(o fyne.CanvasObject, on bool) {
			if on != o.Visible() {
				if on {
					o.Show()
				} else {
					o.Hide()
				}
			}
		}
		show(s.Left, s.only != 2)
		show(s.Right, s.only != 1)
		show(s.grip, s.only == 0)
		if s.only != 0 {
			one := s.Left
			if s.only == 2 {
				one = s.Right
			}
			one.Move(fyne.Position{})
			one.Resize(z)
			return
		}
		s.Left.Move(fyne.Position{})
		w := min(max(s.Width, s.Least), s.Most)
		w = min(w, max(z.Width-s.Right.MinSize().Width, s.Least))
		s.Left.Resize(fyne.NewSize(w, z.Height))
		s.Right.Move(fyne.NewPos(w, 0))
		s.Right.Resize(fyne.NewSize(max(z.Width-w, 0), z.Height))
		s.grip.Move(fyne.NewPos(w-4, 0))
		s.grip.Resize(fyne.NewSize(8, z.Height))
	}
	d.refresh = func() { d.layout(s.Size()) }
	return d
}

// grip is the divider.
type grip struct {
	Control
	split *Split
}

var _ fyne.Draggable = (*grip)(nil)

func (g *grip) Dragged(e *fyne.DragEvent) { g.split.move(g.split.Width + e.Dragged.DX) }
func (g *grip) DragEnd()                  {}

// Cursor shows that it can be moved.
func (g *grip) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// TypedKey moves the divider.
func (g *grip) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		g.split.move(g.split.Width - 16)
	case fyne.KeyRight:
		g.split.move(g.split.Width + 16)
	default:
		g.Control.TypedKey(e)
	}
}

func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	l := canvas.NewRectangle(t.Line)
	d := &drawing{objects: []fyne.CanvasObject{l}}
	d.min = func() fyne.Size { return fyne.NewSize(8, 1) }
	d.layout = func(s fyne.Size) {
		w := float32(1)
		if g.focused || g.hovered {
			w = 3
		}
		l.Move(fyne.NewPos(4-w/2, 0))
		l.Resize(fyne.NewSize(w, s.Height))
	}
	d.refresh = func() {
		l.FillColor = t.Line
		if g.focused {
			l.FillColor = t.Focus
		} else if g.hovered {
			l.FillColor = t.Muted
		}
		d.layout(g.Size())
	}
	d.refresh()
	return d
}

// Only shows the left pane alone (1), the right one alone (2), or both (0).
func (s *Split) Only(pane int) {
	if s.only == pane {
		return
	}
	s.only = pane
	s.Refresh()
}
