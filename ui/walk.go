package ui

import (
	"fyne.io/fyne/v2"

	"passerelle/ui/part"
)

// walk visits what is visible, from the outside in; visit answers whether to go further in.
func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject) bool) {
	if o == nil || !o.Visible() || !visit(o) {
		return
	}
	for _, x := range part.Held(o) {
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
