package screen

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// ShowKeys lists every key of the window.
func ShowKeys(s *state.State, h Host) {
	w := s.Words()
	var d *part.Dialog
	var col []fyne.CanvasObject
	for _, g := range state.Keys(w, runtime.GOOS == "darwin") {
		col = append(col, part.NewBold(g.Title, look.Heading, look.InkText))
		var facts []fyne.CanvasObject
		for _, l := range g.Lines {
			facts = append(facts, part.Grid(2, look.Now().Px(150), look.S4, 0,
				part.NewBold(strings.Join(l.Keys, ", "), look.Body, look.InkText), part.NewText(l.What, look.Body, look.InkText)))
		}
		col = append(col, part.Column(look.S1, facts...))
	}
	shut := part.NewButton(w.S(i18n.Close), part.Primary, "", func() { d.Close() })
	d = part.ShowDialog(h.Canvas(), w.S(i18n.KeysHelp), part.Column(look.S4, col...), shut, 640, shut)
}
