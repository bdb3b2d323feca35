package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// finder is a field that looks something up in a list, with what was found under it, which
// the arrows and Tab reach. It keeps what is typed while all around it is drawn again.
type finder struct {
	name    string // of its stops
	label   string
	help    string
	nothing string // what to say where nothing was found
	find    func(text string)
	chosen  func(state.Listed) bool
	choose  func(state.Listed)
	enter   func() (state.Listed, bool) // takes the first that was found
	took    func(state.Listed)          // something was taken; nil: the keyboard stays in the field

	field *part.Field
}

// draw adds its stops and draws it with what was found.
func (f *finder) draw(w *i18n.Words, s *stops, in *state.Finder) fyne.CanvasObject {
	if f.field == nil {
		f.field = part.NewField(f.label, true, look.IconSearch, "").Help(f.help)
		f.field.Entry.SetText(in.Text)
		f.field.Entry.OnChanged = f.find
		f.field.Entry.OnSubmitted = func(string) {
			if x, ok := f.enter(); ok {
				f.taken(s, x)
			}
		}
		f.field.Entry.OnKey = func(e *fyne.KeyEvent) bool {
			if e.Name != fyne.KeyDown {
				return false
			}
			return f.to(s, 0)
		}
	}
	s.add(f.name, f.field.Entry)
	col := part.Column(look.S2, f.field)
	if in.Done && len(in.Found) == 0 {
		col.Objects = append(col.Objects, part.Labelled(look.IconInfo, part.NewText(f.nothing, look.Body, look.InkText)))
	}
	if len(in.Found) > 0 {
		rows := []fyne.CanvasObject{part.NewText(w.N(i18n.ProfileFound, len(in.Found)), look.Caption, look.InkMuted)}
		for i, x := range in.Found {
			rows = append(rows, f.option(w, s, i, len(in.Found), x))
		}
		col.Objects = append(col.Objects, part.Card(part.Column(look.S2, rows...)))
	}
	return col
}

func (f *finder) option(w *i18n.Words, s *stops, i, n int, x state.Listed) fyne.CanvasObject {
	text := x.Text
	if x.Note != "" {
		text = w.S(i18n.ProfileFoundLine, "Name", x.Text, "Note", x.Note)
	}
	if f.chosen(x) {
		return part.NewText(w.S(i18n.ProfileFoundChosen, "Name", text), look.Body, look.InkMuted)
	}
	l := part.NewWrapLink(text, look.Body, look.InkAccent, func() {
		f.choose(x)
		f.taken(s, x)
	})
	l.OnKey = func(e *fyne.KeyEvent) bool {
		step := map[fyne.KeyName]int{fyne.KeyDown: 1, fyne.KeyUp: -1}[e.Name]
		for k := i + step; step != 0 && k < n; k += step {
			if k < 0 {
				s.h.Canvas().Focus(f.field.Entry)
				return true
			}
			if f.to(s, k) {
				return true
			}
		}
		return step != 0
	}
	s.add(f.name+" found "+digit(i), l)
	return l
}

func (f *finder) to(s *stops, i int) bool {
	to, ok := s.at[f.name+" found "+digit(i)]
	if ok {
		s.h.Canvas().Focus(to)
	}
	return ok
}

func (f *finder) taken(s *stops, x state.Listed) {
	f.clear(s)
	if f.took != nil {
		f.took(x)
	}
}

func digit(n int) string { return string(rune('0' + max(n, 0)%10)) }

// clear empties it for another one.
func (f *finder) clear(s *stops) {
	f.field.Entry.SetText("")
	f.find("")
	s.h.Canvas().Focus(f.field.Entry)
}
