package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// held is a widget around one object.
type held struct {
	widget.BaseWidget
	in    fyne.CanvasObject
	frame *canvas.Rectangle
	on    bool
}

func (h *held) hold(self fyne.Widget, in fyne.CanvasObject) {
	h.in = in
	h.frame = canvas.NewRectangle(look.Now().Surface)
	h.frame.FillColor = nil
	h.frame.CornerRadius, h.frame.StrokeWidth = look.Radius, 0
	h.ExtendBaseWidget(self)
}

// Inner is what it holds.
func (h *held) Inner() []fyne.CanvasObject { return []fyne.CanvasObject{h.in} }

// HeightFor is the height at a width.
func (h *held) HeightFor(width float32) float32 { return HeightFor(h.in, width) }

// CreateRenderer draws it, in a frame while something is dragged.
func (h *held) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{objects: []fyne.CanvasObject{h.in, h.frame},
		min: func() fyne.Size { return h.in.MinSize() },
		layout: func(s fyne.Size) {
			h.in.Resize(s)
			h.frame.Resize(s)
		},
		refresh: func() {
			h.frame.StrokeWidth = 0
			if h.on {
				h.frame.StrokeColor, h.frame.StrokeWidth = look.Now().Accent, 2
			}
			h.frame.Refresh()
		}}
}

func (h *held) mark(on bool) {
	if h.on != on {
		h.on = on
		h.Refresh()
	}
}

// Lane is where a [Drag] can be let go: a column of a board.
type Lane struct{ held }

// NewLane makes a lane around what lies in it.
func NewLane(in fyne.CanvasObject) *Lane {
	l := &Lane{}
	l.hold(l, in)
	return l
}

// Holds says whether a place of the window lies in the lane.
func (l *Lane) Holds(at fyne.Position) bool {
	p, z := fyne.CurrentApp().Driver().AbsolutePositionForObject(l), l.Size()
	return at.X >= p.X && at.X < p.X+z.Width && at.Y >= p.Y && at.Y < p.Y+z.Height
}

// Mark frames the lane that something is held over.
func (l *Lane) Mark(on bool) { l.mark(on) }

// Drag is what can be taken with the pointer and let go elsewhere. Whatever it does must be
// there for the keyboard, too.
type Drag struct {
	held
	over, drop func(at fyne.Position)
	at         fyne.Position
}

var (
	_ fyne.Draggable     = (*Drag)(nil)
	_ desktop.Cursorable = (*Drag)(nil)
)

// NewDrag makes an object that can be dragged. over is told where it is held, drop where it
// was let go, as places of the window.
func NewDrag(in fyne.CanvasObject, over, drop func(at fyne.Position)) *Drag {
	d := &Drag{over: over, drop: drop}
	d.hold(d, in)
	return d
}

// Dragged follows the pointer.
func (d *Drag) Dragged(e *fyne.DragEvent) {
	if used(false) {
		return
	}
	d.at = e.AbsolutePosition
	d.mark(true)
	d.over(d.at)
}

// DragEnd lets it go.
func (d *Drag) DragEnd() {
	if !d.on {
		return
	}
	d.mark(false)
	d.drop(d.at)
}

// Cursor is a hand.
func (d *Drag) Cursor() desktop.Cursor { return desktop.PointerCursor }
