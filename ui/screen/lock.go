package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Lock stands over everything while the desk is locked. It says who may unlock it, by what,
// and nothing of what it hides.
type Lock struct {
	s *state.State
	h Host

	page    *part.Page
	col     *fyne.Container
	pass    *part.Field // nil: a keyring unlocks
	unlock  *part.Button
	problem *part.Text
	box     *fyne.Container
	stops   stops
}

// NewLock draws the screen.
func NewLock(s *state.State, h Host) *Lock {
	v := &Lock{s: s, h: h, stops: stops{h: h}}
	w, t, p := s.Words(), look.Now(), s.Present
	title := w.S(i18n.LockTitle)
	if n := p.Name(); n != "" {
		title = w.S(i18n.LockTitleOf, "Name", n)
	}
	col := []fyne.CanvasObject{
		part.NewBold(w.S(i18n.AppName), look.Title, look.InkAccent),
		part.NewBold(title, look.Title, look.InkText),
		part.NewText(w.S(i18n.LockKept), look.Body, look.InkText),
	}
	if p.Asks {
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.S(i18n.ErrExpired)+". "+w.S(i18n.LockAsks)))
	}
	v.problem = part.NewText("", look.Body, look.InkDanger)
	v.box = part.Outlined(v.problem)
	v.box.Hide()
	col = append(col, v.box)
	v.unlock = part.NewButton(w.S(i18n.LockUnlock), part.Primary, look.IconKey, v.try)
	if p.Person.Passphrase {
		v.pass = secretField(s, w.S(i18n.LockPassphrase))
		v.pass.Help(w.S(i18n.LockPassphraseHelp))
		v.pass.Entry.OnSubmitted = func(string) { v.try() }
		col = append(col, v.pass)
	} else {
		col = append(col, part.NewText(w.S(i18n.LockKeyring), look.Small, look.InkMuted))
	}
	acts := []fyne.CanvasObject{v.unlock}
	if h.Has("signin") {
		acts = append(acts, part.NewButton(w.S(i18n.LockSignin), part.Secondary, "", func() { h.Go("signin") }))
	}
	acts = append(acts, part.NewButton(w.S(i18n.LockOther), part.Secondary, look.IconPerson, func() { h.Go("people") }))
	col = append(col, part.Wrap(look.S2, acts...), part.Rule(false),
		part.Wrap(look.S2, part.NewButton(w.S(i18n.LockEnd), part.Link, "", func() { ShowEnd(s, h) }),
			part.NewButton(i18n.For(s.Lang().Other()).S(i18n.LangName), part.Link, look.IconWeb, func() { h.SetLang(s.Lang().Other()) }),
			part.NewButton(w.S(i18n.CommonContact), part.Link, look.IconPhone, func() { h.Go("contact") })))
	recover := part.NewButton(w.S(i18n.DataRecover), part.Link, look.IconKey, func() { ShowRecover(s, h, p.Person.ID) })
	recover.Hide()
	col = append(col, recover)
	s.Data.Recoverable(p.Person.ID, func(is bool) {
		if is {
			recover.Show()
			v.page.Reflow()
		}
	})
	v.col = part.Column(look.S4, col...)
	v.page = part.NewPage(part.Pad(part.Centre(t.Px(560), part.Card(v.col)), look.S8*2, look.S6, look.S8, look.S6)).Watch()
	return v
}

// Object is the screen.
func (v *Lock) Object() fyne.CanvasObject { return v.page }

// Enter gives the keyboard to what unlocks.
func (v *Lock) Enter() {
	if v.pass != nil {
		v.h.Canvas().Focus(v.pass.Entry)
		return
	}
	v.h.Canvas().Focus(v.unlock)
}

// Back does nothing: there is nothing behind it.
func (v *Lock) Back() bool { return true }

// Keys scrolls.
func (v *Lock) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Lock) Find() bool { return true }

func (v *Lock) try() {
	pass := ""
	if v.pass != nil {
		if pass = v.pass.Entry.Text; pass == "" {
			v.pass.SetError(v.s.Words().S(i18n.LockPassphraseNeeded))
			v.page.Reflow()
			return
		}
		v.pass.SetError("")
	}
	v.s.Present.Unlock(v.s.Present.Person.ID, pass, func(err error) {
		if v.pass != nil {
			v.pass.Set("")
		}
		if err == nil {
			return
		}
		v.problem.Set(v.s.Present.Problem())
		v.box.Show()
		v.page.Reflow()
		v.Enter()
	})
}
