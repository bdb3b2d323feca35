package screen

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// People draws who is at the desk, who else is known here, and how the desk locks.
type People struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
}

// NewPeople draws the screen.
func NewPeople(s *state.State, h Host) *People {
	v := &People{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.PeopleTitle), w.S(i18n.PeopleWhy), look.Now().Px(sheetWidth), v.col)
	s.People.Changed = v.draw
	s.Watch(v.draw)
	v.draw()
	return v
}

// Object is the screen.
func (v *People) Object() fyne.CanvasObject { return v.page }

// Enter reads who is known here.
func (v *People) Enter() {
	v.s.People.Load()
	v.h.Canvas().Focus(v.stops.first())
}

// Back does nothing: there is nothing to close.
func (v *People) Back() bool { return false }

// Keys scrolls.
func (v *People) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *People) Find() bool { return false }

func (v *People) draw() {
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
}

func (v *People) button(name string, b *part.Button) *part.Button {
	v.stops.add(name, b)
	return b
}

func (v *People) sections() {
	p := v.s.Present
	var col []fyne.CanvasObject
	if said := p.Problem(); said != "" {
		col = append(col, part.Banner(part.Bad, look.IconWarn, said))
	}
	// Whoever comes back to this desk is likelier than whoever is new to it.
	back := !p.Signed() && len(v.s.People.Others()) > 0
	if back {
		col = append(col, v.others(i18n.PeopleKnown))
	}
	if p.Signed() {
		col = append(col, v.here()...)
	} else {
		col = append(col, v.nobody())
	}
	if !back {
		col = append(col, v.others(i18n.PeopleOthers))
	}
	if !p.Locked() { // else nobody is there who could decide
		col = append(col, v.desk())
	}
	v.col.Objects = col
}

func (v *People) signin(kind part.Kind) []fyne.CanvasObject {
	if !v.h.Has("signin") {
		return nil
	}
	return []fyne.CanvasObject{v.button("signin", part.NewButton(v.s.Words().S(i18n.PresentNobody), kind, look.IconPerson, func() { v.h.Go("signin") }))}
}

// here is the person at the desk.
func (v *People) here() (col []fyne.CanvasObject) {
	w, p := v.s.Words(), v.s.Present
	if p.Unkept {
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.S(i18n.PresentUnkept)))
	}
	acts := []fyne.CanvasObject{
		v.button("account", part.NewButton(w.S(i18n.AcctMine), part.Primary, look.IconPerson, func() { v.h.Go("me") })),
		v.button("lock", part.NewButton(w.S(i18n.LockNow), part.Secondary, look.IconLock, p.LockNow)),
		v.button("end", part.NewButton(w.S(i18n.LockEnd), part.Secondary, "", func() { ShowEnd(v.s, v.h) }))}
	if p.Asks {
		acts = append(acts, v.signin(part.Secondary)...)
	}
	if p.CanProtect() {
		acts = append(acts, v.button("protect", part.NewButton(w.S(i18n.ProtectDo), part.Secondary, look.IconKey, v.protect)))
	}
	return append(col, part.Section(w.S(i18n.PeopleHere, "Name", p.Name(), "Mode", p.Line()), p.Person.Email, part.Wrap(look.S2, acts...)))
}

// nobody is how one comes in.
func (v *People) nobody() fyne.CanvasObject {
	w, p := v.s.Words(), v.s.Present
	acts := v.signin(part.Primary)
	if v.h.Has("signup") && !p.Locked() {
		acts = append(acts, v.button("signup", part.NewButton(w.S(i18n.AcctSignup), part.Secondary, "", func() { v.h.Go("signup") })))
	}
	if p.Mode == session.Nobody && p.Shared {
		acts = append(acts, v.button("leave", part.NewButton(w.S(i18n.PeopleLeave), part.Secondary, "", p.Leave)))
	}
	return part.Section(w.S(i18n.PeopleNobody), w.S(i18n.PeopleNobodyWhy), part.Wrap(look.S2, acts...))
}

// others are those who can come back to this desk.
func (v *People) others(title i18n.Key) *fyne.Container {
	w, p := v.s.Words(), v.s.Present
	if p.Shared {
		return part.Section(w.S(title), w.S(i18n.PeopleSharedWhy))
	}
	var rows []fyne.CanvasObject
	for i, x := range v.s.People.Others() {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		name := x.Name
		if name == "" {
			name = x.Email
		}
		open := v.button("open "+x.ID, part.NewButton(w.S(i18n.LockUnlock), part.Secondary, look.IconKey, func() { v.unlock(x) }))
		open.Label = w.S(i18n.PeopleUnlock, "Name", name)
		forget := v.button("forget "+x.ID, part.NewButton(w.S(i18n.PeopleForget), part.Secondary, "", func() { v.forget(x, name) }))
		forget.Label = w.S(i18n.PeopleForgetLabel, "Name", name)
		rows = append(rows, part.Column(look.S1, part.Labelled(look.IconPerson, part.NewBold(name, look.Body, look.InkText)),
			part.NewText(v.s.People.Line(x), look.Small, look.InkMuted), part.NewText(v.s.People.How(x), look.Small, look.InkMuted),
			part.Wrap(look.S2, open, forget)))
	}
	if len(rows) == 0 {
		rows = append(rows, part.NewText(w.S(i18n.PeopleNone), look.Body, look.InkMuted))
	}
	return part.Section(w.S(title), "", rows...)
}

// desk is how this computer locks, and whether several people use it.
func (v *People) desk() *fyne.Container {
	w, p, l := v.s.Words(), v.s.Present, v.s.Lock
	times := l.Choices()
	var names []string
	at := 0
	for i, n := range times {
		names = append(names, w.N(i18n.LockMinutes, n))
		if float64(n) <= l.After.Minutes() {
			at = i
		}
	}
	after := part.NewChoice(w.S(i18n.LockAfter), "", part.Secondary, names, at, func(i int) { l.Set(times[i]) })
	v.stops.add("after", after)
	shared := part.NewCheck(w.S(i18n.PeopleShared), "", p.Shared, p.SetShared)
	v.stops.add("shared", shared)
	return part.Section(w.S(i18n.PeopleDesk), "",
		part.Labelling(w.S(i18n.LockAfter), part.Wrap(0, after)),
		part.NewText(w.N(i18n.LockAfterWhy, int(l.Most.Minutes())), look.Small, look.InkMuted),
		shared, part.NewText(w.S(i18n.PeopleSharedWhy), look.Small, look.InkMuted))
}

// unlock opens another person's records: those of whoever is here are closed first.
func (v *People) unlock(x session.Person) {
	w := v.s.Words()
	if !x.Passphrase {
		v.s.Present.Unlock(x.ID, "", nil)
		return
	}
	var d *part.Dialog
	pass := secretField(v.s, w.S(i18n.LockPassphrase))
	pass.Help(w.S(i18n.LockPassphraseHelp))
	try := func() {
		text := pass.Entry.Text
		if text == "" {
			pass.SetError(w.S(i18n.LockPassphraseNeeded))
			d.Reflow()
			return
		}
		v.s.Present.Unlock(x.ID, text, func(err error) {
			pass.Set("")
			if err == nil {
				d.Close()
				return
			}
			pass.SetError(v.s.Present.Problem())
			d.Reflow()
		})
	}
	pass.Entry.OnSubmitted = func(string) { try() }
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	d = part.ShowDialog(v.h.Canvas(), w.S(i18n.LockUnlock), pass, pass.Entry, 520,
		part.NewButton(w.S(i18n.LockUnlock), part.Primary, look.IconKey, try), cancel)
}

// protect chooses a passphrase for what this computer keeps.
func (v *People) protect() {
	w := v.s.Words()
	var d *part.Dialog
	pass, again := secretField(v.s, w.S(i18n.LockPassphrase)), secretField(v.s, w.S(i18n.ProtectAgain))
	keep := func() {
		text := pass.Entry.Text
		pass.SetError("")
		again.SetError("")
		switch {
		case utf8.RuneCountInString(text) < state.MinPassphrase:
			pass.SetError(w.S(i18n.ProtectShort))
			v.h.Canvas().Focus(pass.Entry)
		case text != again.Entry.Text:
			again.SetError(w.S(i18n.ProtectDiffers))
			v.h.Canvas().Focus(again.Entry)
		default:
			v.s.Present.Protect(text, func(err error) {
				if err != nil {
					pass.SetError(v.s.Present.Problem())
					d.Reflow()
					return
				}
				pass.Set("")
				again.Set("")
				d.Close()
				if f := v.stops.at["protect"]; f != nil { // the one it was opened from was drawn anew
					v.h.Canvas().Focus(f)
				}
				v.h.Say(w.S(i18n.ProtectDone))
			})
		}
		d.Reflow()
	}
	again.Entry.OnSubmitted = func(string) { keep() }
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	d = part.ShowDialog(v.h.Canvas(), w.S(i18n.ProtectDo), part.Column(look.S3, part.NewText(w.S(i18n.ProtectWhy), look.Body, look.InkText), pass, again),
		pass.Entry, 560, part.NewButton(w.S(i18n.ProtectDo), part.Primary, look.IconKey, keep), cancel)
}

// forget asks before what this computer keeps of somebody goes. Cancel has the keyboard.
func (v *People) forget(x session.Person, name string) {
	w := v.s.Words()
	var d *part.Dialog
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	act := part.NewButton(w.S(i18n.PeopleForget), part.Secondary, look.IconWarn, func() {
		d.Close()
		v.s.Present.Forget(x.ID, func(err error) {
			if err == nil {
				v.h.Say(w.S(i18n.EndErased))
			}
			v.s.People.Load()
		})
	}).Inked(look.InkDanger)
	d = part.ShowDialog(v.h.Canvas(), w.S(i18n.PeopleForgetLabel, "Name", name), part.NewText(w.S(i18n.EndEraseWhy), look.Body, look.InkText), cancel, 560, cancel, act)
}
