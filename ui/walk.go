package ui

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/part"
)

// inner gives what an object holds, for Fyne's containers and for ours.
func inner(o fyne.CanvasObject) []fyne.CanvasObject {
	switch x := o.(type) {
	case *fyne.Container:
		return x.Objects
	case part.Inner:
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

// walk visits what is visible, from the outside in; visit answers whether to go further in.
func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject) bool) {
	if o == nil || !o.Visible() || !visit(o) {
		return
	}
	for _, x := range inner(o) {
		walk(x, visit)
	}
}

// focusables are the controls of a part of the window, in the order of Tab.
func focusables(o fyne.CanvasObject) []fyne.Focusable {
	var out []fyne.Focusable
	walk(o, func(x fyne.CanvasObject) bool {
		if f, ok := x.(fyne.Focusable); ok {
			if d, ok := x.(fyne.Disableable); !ok || !d.Disabled() {
				out = append(out, f)
			}
		}
		return true
	})
	return out
}

func focusIndex(cv fyne.Canvas) int {
	for i, f := range focusables(cv.Content()) {
		if f == cv.Focused() {
			return i
		}
	}
	return -1
}

func focusAt(cv fyne.Canvas, at int) {
	if fs := focusables(cv.Content()); at >= 0 && at < len(fs) {
		cv.Focus(fs[at])
	}
}
