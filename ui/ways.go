package ui

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
)

// ways are the two ways in of somebody who has not signed in, at the foot of the rail: the
// last stops before the screen, so that Shift+Tab reaches them at once (A-081, B-004).
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
		it := part.NewNavItem(e.icon, w.s.Words().S(e.label), "", false, f.folded, func() { w.Go(e.to) })
		f.items[e.to] = it
		all = append(all, it)
	}
	return all
}
