package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Terms draws the terms of use and the privacy statement, in either language, whatever that
// of the window.
type Terms struct {
	s    *state.State
	h    Host
	lang i18n.Lang
	d    wire.Deployment
	page *part.Page
	col  *fyne.Container
	turn *part.Button
}

// NewTerms draws the terms.
func NewTerms(s *state.State, h Host) *Terms {
	v := &Terms{s: s, h: h, lang: s.Lang(), d: s.SignUp.Deployment}
	w := s.Words()
	v.turn = part.NewButton("", part.Secondary, "", func() {
		v.lang = v.lang.Other()
		v.draw()
	})
	v.col = part.Column(look.S4)
	v.page = part.Sheet(w.S(i18n.TermsTitle), "", look.Now().Px(sheetWidth), part.Column(look.S4, part.Wrap(look.S2, v.turn), v.col))
	v.draw()
	return v
}

func (v *Terms) draw() {
	v.turn.Set(i18n.For(v.lang.Other()).S(i18n.TermsIn))
	v.col.Objects = []fyne.CanvasObject{clauses(v.lang, v.d)}
	v.page.Reflow()
}

// Object is the screen.
func (v *Terms) Object() fyne.CanvasObject { return v.page }

// Enter gives the keyboard to the choice of language.
func (v *Terms) Enter() {
	v.h.Canvas().Focus(v.turn)
	v.s.Deployment(func(d wire.Deployment) {
		if d.LegalBasis != v.d.LegalBasis || d.Contact != v.d.Contact {
			v.d = d
			v.draw()
		}
	})
}

// Back does nothing: there is nothing to close.
func (v *Terms) Back() bool { return false }

// Find does nothing: there is no search field.
func (v *Terms) Find() bool { return false }

// Keys scrolls.
func (v *Terms) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// clauses draws the terms in a language.
func clauses(l i18n.Lang, d wire.Deployment) *fyne.Container {
	col := []fyne.CanvasObject{part.NewText(state.TermsVersion(l), look.Small, look.InkMuted)}
	for _, c := range state.Terms(l, d) {
		lines := []fyne.CanvasObject{part.NewBold(c.Title, look.Heading, look.InkText)}
		for _, t := range c.Text {
			lines = append(lines, part.NewText(t, look.Body, look.InkText))
		}
		col = append(col, part.Column(look.S1, lines...))
	}
	return part.Card(part.Column(look.S4, col...))
}
