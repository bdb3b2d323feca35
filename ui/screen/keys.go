package screen

import (
	"runtime"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// ShowKeys lists every key of the window, from the table that the window's own
// handlers are made of. Over another dialog it does not open.
func ShowKeys(s *state.State, h Host) {
	w := s.Words()
	var d *part.Dialog
	var col []fyne.CanvasObject
	col = append(col, part.NewText(w.S(i18n.KeysWhy), look.Body, look.InkMuted))
	for _, g := range state.Keys(w, runtime.GOOS == "darwin") {
		var lines []fyne.CanvasObject
		for _, l := range g.Lines {
			var caps []fyne.CanvasObject
			for _, k := range l.Keys {
				caps = append(caps, part.KeyCap(k))
			}
			lines = append(lines, part.Grid(2, look.Now().Px(190), look.S4, look.S1,
				part.NewText(l.What, look.Body, look.InkText), part.Wrap(look.S1, caps...)))
		}
		col = append(col, part.NewBold(g.Title, look.Heading, look.InkText), part.Column(look.S2, lines...))
	}
	shut := part.NewButton(w.S(i18n.KeysClose), part.Primary, "", func() { d.Close() })
	d = part.ShowDialog(h.Canvas(), w.S(i18n.KeysTitle), part.Column(look.S3, col...), shut, 640, shut)
}
