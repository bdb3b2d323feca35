package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/ui/look"
)

// versus is a line of a comparison: its label, and below it a cell for each of those that
// are compared.
type versus struct{ least, gap, width float32 }

// Versus sets cells of one width beside each other under a label, as long as each has least
// pixels; where there is less room they stand one under the other, each under its name. names
// may be shorter than cells: what has no name needs none.
func Versus(least float32, label fyne.CanvasObject, names []string, cells ...fyne.CanvasObject) *fyne.Container {
	all := []fyne.CanvasObject{label}
	for i, c := range cells {
		name := Gap(0)
		if i < len(names) {
			name = NewText(names[i], look.Small, look.InkMuted)
		}
		all = append(all, name, c)
	}
	return container.New(&versus{least: least, gap: look.S4}, all...)
}

// each is the width of a cell; beside: they fit beside each other.
func (v *versus) each(n int, width float32) (each float32, beside bool) {
	each = (width - v.gap*float32(n-1)) / float32(max(n, 1))
	if each < v.least && n > 1 {
		return width, false
	}
	return each, true
}

func (v *versus) place(o []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	n := (len(o) - 1) / 2
	each, beside := v.each(n, width)
	y, high := HeightFor(o[0], width), float32(0)
	if put != nil {
		put(o[0], 0, 0, width, y)
	}
	if y > 0 {
		y += look.S1
	}
	for i := range n {
		name, cell := o[1+2*i], o[2+2*i]
		h := HeightFor(cell, each)
		if beside {
			if put != nil {
				name.Hide()
				put(cell, float32(i)*(each+v.gap), y, each, h)
			}
			high = max(high, h)
			continue
		}
		nh := HeightFor(name, each)
		if put != nil {
			name.Show()
			put(name, 0, y, each, nh)
			put(cell, 0, y+nh, each, h)
		}
		y += nh + h
		if i < n-1 {
			y += look.S2
		}
	}
	return y + high
}

func (v *versus) heightFor(o []fyne.CanvasObject, width float32) float32 {
	return v.place(o, width, nil)
}

func (v *versus) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := o[0].MinSize().Width
	for i := 2; i < len(o); i += 2 {
		w = max(w, o[i].MinSize().Width)
	}
	return fyne.NewSize(w, v.heightFor(o, max(v.width, w)))
}

func (v *versus) Layout(o []fyne.CanvasObject, s fyne.Size) {
	v.width = s.Width
	v.place(o, s.Width, func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	})
}
