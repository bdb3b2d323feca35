package ui

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
)

// ways are the two ways in of somebody who has not signed in, at the foot of the rail: the
// last stops before the screen, so that Shift+Tab reaches them at once (A-081, B-004).
// Unfolded they are links, whose words may take two lines.
func (f *frame) ways() (all []fyne.CanvasObject) {
	w := f.w
	if !w.s.Accounts() || w.s.Present.Signed() || w.s.Present.Locked() {
		return nil
	}
	for _, e := range []struct {
		to    string
		label i18n.Key
		icon  look.Icon
	}{{"signin", i18n.AcctSignin, look.IconKey}, {"signup", i18n.AcctSignup, look.IconPerson}} {
		words := w.s.Words().S(e.label)
		if f.folded {
			it := part.NewNavItem(e.icon, words, "", false, true, func() { w.Go(e.to) })
			f.items[e.to] = it
			all = append(all, it)
			continue
		}
		all = append(all, part.Pad(part.NewWrapLink(words, look.Body, look.InkAccent, func() { w.Go(e.to) }), look.S1, look.S2, look.S1, look.S2))
	}
	return all
}
