package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"passerelle/ui/look"
)

// Marked is a box around one of several things; on says that it is the one that is chosen,
// which its content says, too: colour is never alone.
func Marked(on bool, o fyne.CanvasObject) *fyne.Container {
	t := look.Now()
	r := canvas.NewRectangle(t.Surface)
	r.StrokeColor, r.StrokeWidth, r.CornerRadius = t.Line, 1, look.Radius
	if on {
		r.FillColor, r.StrokeColor, r.StrokeWidth = t.Tint, t.Accent, 2
	}
	return container.New(&stack{}, r, Pad(o, look.S2, look.S3, look.S2, look.S3))
}
