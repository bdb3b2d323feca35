package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/ui/part"
)

// stops are the controls of rows that are made again when their list changes, by a name
// that outlives the drawing. The keyboard stays on the one it was on; when that one has
// gone it goes to what took its place.
type stops struct {
	h     Host
	at    map[string]fyne.Focusable
	order []string
}

func (s *stops) add(name string, f fyne.Focusable) {
	if s.at == nil {
		s.at = map[string]fyne.Focusable{}
	}
	s.at[name] = f
	s.order = append(s.order, name)
}

// act makes a button that is one of them.
func (s *stops) act(name, text string, kind part.Kind, do func()) *part.Button {
	b := part.NewButton(text, kind, "", do)
	s.add(name, b)
	return b
}

// redraw runs draw, which adds the controls again, and gives the keyboard back. last is
// where it goes when no row is left; nil: nowhere.
func (s *stops) redraw(draw func(), last func() fyne.Focusable) {
	index, name := -1, ""
	focused := s.h.Canvas().Focused()
	for i, n := range s.order {
		if s.at[n] == focused && focused != nil {
			index, name = i, n
		}
	}
	s.at, s.order = nil, nil
	draw()
	if index < 0 {
		return
	}
	switch to, ok := s.at[name]; {
	case ok:
		s.h.Canvas().Focus(to)
	case len(s.order) > 0:
		s.h.Canvas().Focus(s.at[s.order[min(index, len(s.order)-1)]])
	default:
		if last != nil {
			if f := last(); f != nil {
				s.h.Canvas().Focus(f)
				return
			}
		}
		s.h.Canvas().Unfocus()
	}
}

// first is the first control, nil when there is none.
func (s *stops) first() fyne.Focusable {
	if len(s.order) == 0 {
		return nil
	}
	return s.at[s.order[0]]
}
