package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Contact draws who can be reached, for what and when. All of it is in the program: it
// needs no network.
type Contact struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	stops stops
}

// NewContact draws the screen.
func NewContact(s *state.State, h Host) *Contact {
	v := &Contact{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.CommonContact), w.S(i18n.ContactWhy), look.Now().Px(sheetWidth), v.col)
	s.Contact.Changed = v.draw
	who := s.Present.Standing.Mode
	s.Watch(func() { // somebody came, or left
		if now := s.Present.Standing.Mode; now != who {
			who = now
			v.draw()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Contact) Object() fyne.CanvasObject { return v.page }

// Enter reads the deployment's own address, and gives the keyboard to the first number.
func (v *Contact) Enter() {
	v.s.Contact.Load()
	v.h.Canvas().Focus(v.stops.first())
}

// Back does nothing: there is nothing to close.
func (v *Contact) Back() bool { return false }

// Keys scrolls.
func (v *Contact) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Contact) Find() bool { return false }

func (v *Contact) draw() {
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
}

func (v *Contact) copied(name, what string) *part.Button {
	w := v.s.Words()
	b := part.NewButton(w.S(i18n.Copy), part.Secondary, look.IconCopy, func() {
		v.s.Copy(what)
		v.h.Say(w.S(i18n.Copied))
	})
	b.Label = w.S(i18n.ContactCopy, "What", what)
	v.stops.add(name, b)
	return b
}

func (v *Contact) sections() {
	w := v.s.Words()
	var col []fyne.CanvasObject
	if team := v.s.Contact.Team; team != "" {
		col = append(col, part.Section(w.S(i18n.ContactTeam), w.S(i18n.ContactTeamWhy),
			part.Ends(look.S3, part.NewBold(team, look.Heading, look.InkText), v.copied("team", team))))
	}
	col = append(col, v.suggest()...)
	help := part.NewButton(w.S(i18n.ContactHelp), part.Link, look.IconHelp, func() { v.h.Go("help") })
	for i, d := range state.Services {
		var rows []fyne.CanvasObject
		for k, p := range d.Phones {
			if k > 0 {
				rows = append(rows, part.Rule(false))
			}
			icon := look.IconPhone
			if p.TTY {
				icon = look.IconFax
			}
			rows = append(rows, part.Ends(look.S3,
				part.Column(2, part.Labelled(icon, part.NewBold(p.Number, look.Heading, look.InkText)),
					part.NewText(v.s.Contact.Say(p), look.Small, look.InkMuted)), v.copied(p.Number, p.Number)))
		}
		if i == len(state.Services)-1 && v.h.Has("help") {
			v.stops.add("help", help)
			rows = append(rows, part.Rule(false), part.Wrap(0, help))
		}
		col = append(col, part.Section(w.S(d.Name), w.S(d.Why), rows...))
	}
	col = append(col, part.NewText(w.S(i18n.ContactVerbatim), look.Small, look.InkMuted), part.NewText(w.S(i18n.AppNeutral), look.Small, look.InkMuted))
	v.col.Objects = col
}

// suggest is what a list of the profile may lack. It is written where the list is, and
// forwarded to whoever keeps it.
func (v *Contact) suggest() []fyne.CanvasObject {
	w, p := v.s.Words(), v.s.Profile
	if !v.s.Accounts() || v.s.Present.Locked() {
		return nil
	}
	if !p.Offered() {
		in := part.NewButton(w.S(i18n.AcctSignin), part.Secondary, look.IconKey, func() { v.h.Go("signin") })
		v.stops.add("signin", in)
		return []fyne.CanvasObject{part.Section(w.S(i18n.ContactSuggest), w.S(i18n.ContactSuggestWhy),
			part.NewText(w.S(i18n.ContactSuggestNobody), look.Body, look.InkText), part.Wrap(0, in))}
	}
	var acts []fyne.CanvasObject
	for _, x := range []struct {
		what string
		text i18n.Key
	}{{"title", i18n.ProfileSuggestTitle}, {"study", i18n.ProfileSuggestStudy}, {"credential", i18n.CredSuggest}} {
		b := part.NewButton(w.S(x.text), part.Secondary, "", func() {
			p.SuggestHere(x.what)
			v.h.Go("profile")
		})
		v.stops.add("suggest "+x.what, b)
		acts = append(acts, b)
	}
	return []fyne.CanvasObject{part.Section(w.S(i18n.ContactSuggest), w.S(i18n.ContactSuggestWhy), part.Wrap(look.S2, acts...))}
}
