package part

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Inner is what a widget holds, for those who walk what is shown: the probe of the
// end-to-end runs and the tests of keyboard and clipping. What stands in no Inner is
// told by the label of its [fyne.Accessible].
type Inner interface{ Inner() []fyne.CanvasObject }

// Inner is the page's content.
func (p *Page) Inner() []fyne.CanvasObject { return p.root.Objects }

// Inner is the text being read.
func (r *Reader) Inner() []fyne.CanvasObject { return []fyne.CanvasObject{r.page} }

// Inner is both panes and the divider.
func (s *Split) Inner() []fyne.CanvasObject { return []fyne.CanvasObject{s.Left, s.Right, s.grip} }

// Inner is the rows that are shown.
func (l *List) Inner() []fyne.CanvasObject {
	if l.body == nil {
		return nil
	}
	return l.body.Objects
}

// Inner is label, entry, help and error.
func (f *Field) Inner() []fyne.CanvasObject {
	in := []fyne.CanvasObject{f.label, f.Entry, f.help, f.err}
	if f.trailing != nil {
		in = append(in, f.trailing)
	}
	if f.beside != nil {
		in = append(in, f.beside)
	}
	return in
}

// Inner is the lines and the button.
func (p *Progress) Inner() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.what, p.left, p.cancel}
}

// Held is what an object holds, for Fyne's containers and for ours.
func Held(o fyne.CanvasObject) []fyne.CanvasObject {
	switch x := o.(type) {
	case *fyne.Container:
		return x.Objects
	case Inner:
		return x.Inner()
	case *container.Scroll:
		return []fyne.CanvasObject{x.Content}
	case *container.Clip:
		return []fyne.CanvasObject{x.Content}
	case *container.ThemeOverride:
		return []fyne.CanvasObject{x.Content}
	case *widget.PopUp:
		return []fyne.CanvasObject{x.Content}
	}
	// Fyne wraps what floats in a type of its own, whose content is a public field.
	if v := reflect.Indirect(reflect.ValueOf(o)); v.Kind() == reflect.Struct {
		if f := v.FieldByName("Content"); f.IsValid() && f.CanInterface() {
			if c, ok := f.Interface().(fyne.CanvasObject); ok && c != nil {
				return []fyne.CanvasObject{c}
			}
		}
	}
	return nil
}
