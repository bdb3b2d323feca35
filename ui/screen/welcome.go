package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Welcome is the active offer: French and English side by side, alike in every way.
type Welcome struct {
	s      *state.State
	h      Host
	root   fyne.CanvasObject
	choose map[i18n.Lang]*part.Button
}

// NewWelcome draws the offer.
func NewWelcome(s *state.State, h Host) *Welcome {
	v := &Welcome{s: s, h: h, choose: map[i18n.Lang]*part.Button{}}
	t := look.Now()
	var halves []fyne.CanvasObject
	for _, l := range i18n.Languages() {
		w := i18n.For(l)
		b := part.NewButton(w.S(i18n.WelcomeGo), part.Primary, "", func() { v.take(l, "search") })
		v.choose[l] = b
		col := []fyne.CanvasObject{
			part.NewBold(w.S(i18n.WelcomeHello), look.Title+8, look.InkText),
			part.NewText(w.S(i18n.WelcomeWhat), look.Body, look.InkText),
			part.NewText(w.S(i18n.AppNeutral), look.Small, look.InkMuted),
			b,
		}
		if s.Accounts() {
			col = append(col, part.Wrap(look.S4,
				part.NewButton(w.S(i18n.AcctSignin), part.Link, "", func() { v.take(l, "signin") }),
				part.NewButton(w.S(i18n.AcctSignup), part.Link, "", func() { v.take(l, "signup") })))
		}
		col = append(col, part.NewText(w.S(i18n.WelcomeLater), look.Caption, look.InkMuted))
		halves = append(halves, part.Card(part.Pad(part.Column(look.S4, col...), look.S2, look.S2, look.S2, look.S2)))
	}
	name := part.NewBold(s.Words().S(i18n.AppName), look.Title, look.InkAccent).Centered()
	v.root = part.NewPage(part.Pad(part.Centre(t.Px(760),
		part.Column(look.S6, name, part.Grid(2, t.Px(260), look.S4, look.S4, halves...))), look.S8*2, look.S6, look.S8, look.S6)).Watch()
	return v
}

func (v *Welcome) take(l i18n.Lang, to string) {
	v.s.Welcome.Choose(l)
	if l != v.s.Lang() {
		v.h.SetLang(l)
	}
	v.h.Go(to)
}

// Object is the screen.
func (v *Welcome) Object() fyne.CanvasObject { return v.root }

// Enter gives the keyboard to the language of the system.
func (v *Welcome) Enter() { v.h.Canvas().Focus(v.choose[v.s.Lang()]) }

// Back does nothing: there is nowhere to go back to.
func (v *Welcome) Back() bool { return true }

// Find does nothing: there is no search field.
func (v *Welcome) Find() bool { return false }
