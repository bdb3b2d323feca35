package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"passerelle/ui/look"
)

// Reader is a page of text that the keyboard scrolls.
type Reader struct {
	Control
	page *Page
	ring ring
}

// NewReader makes an empty reader; name is for screen readers.
func NewReader(name string) *Reader {
	r := &Reader{page: NewPage(nil).Watch()}
	r.Label, r.Role = name, fyne.AccessibleRoleContainer
	r.extend(r)
	return r
}

// SetContent shows another content from its top.
func (r *Reader) SetContent(o fyne.CanvasObject) { r.page.SetContent(o) }

// Replace shows a content, from its top when fresh, else where the reader was.
func (r *Reader) Replace(o fyne.CanvasObject, fresh bool) {
	at := r.page.scroll.Offset
	r.page.SetContent(o)
	if !fresh {
		r.page.scroll.ScrollToOffset(at)
	}
}

// Cursor is the plain one.
func (r *Reader) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// TypedKey scrolls.
func (r *Reader) TypedKey(e *fyne.KeyEvent) {
	if used(true) {
		return
	}
	page := r.Size().Height * 0.85
	switch e.Name {
	case fyne.KeyDown:
		r.page.Scroll(lineHeight(look.Body) * 3)
	case fyne.KeyUp:
		r.page.Scroll(-lineHeight(look.Body) * 3)
	case fyne.KeyPageDown, fyne.KeySpace:
		r.page.Scroll(page)
	case fyne.KeyPageUp:
		r.page.Scroll(-page)
	case fyne.KeyHome:
		r.page.Scroll(-1e9)
	case fyne.KeyEnd:
		r.page.Scroll(1e9)
	default:
		r.Pass(e)
	}
}

// CreateRenderer draws the page and its ring.
func (r *Reader) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r.ring = ring{canvas.NewRectangle(color.Transparent)}
	r.ring.StrokeColor, r.ring.StrokeWidth = t.Focus, look.Ring
	d := &drawing{objects: []fyne.CanvasObject{r.page, r.ring.Rectangle}}
	d.min = func() fyne.Size { return r.page.MinSize() }
	d.layout = func(s fyne.Size) {
		r.page.Resize(s)
		r.ring.Resize(s)
	}
	d.refresh = func() { r.ring.show(r.focused) }
	d.refresh()
	return d
}
