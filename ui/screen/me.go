package screen

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Me draws the account of the person at the desk: one page of what it holds, and a form for
// each part that can be changed.
type Me struct {
	s *state.State
	h Host

	root    *fyne.Container
	page    *part.Page // of the whole
	col     *fyne.Container
	form    *part.Form // of the part that is being changed; nil: the whole
	send    *part.Button
	shift   int
	devices fyne.Focusable // the first of the list
	stops   stops
	shown   bool
	aim     fyne.Focusable // what has the keyboard until the account has come; nil: nothing is awaited
}

// NewMe draws the screen.
func NewMe(s *state.State, h Host) *Me {
	v := &Me{s: s, h: h, root: container.NewStack(), col: part.Column(look.S4), stops: stops{h: h}, shift: -1}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.AcctMine), w.S(i18n.MeWhy), look.Now().Px(sheetWidth), v.col)
	s.Me.Changed = v.update
	s.Watch(v.update)
	v.update()
	return v
}

// Object is the screen.
func (v *Me) Object() fyne.CanvasObject { return v.root }

// Enter reads the account, and gives the keyboard to the first act.
func (v *Me) Enter() {
	v.shown = true
	v.s.Me.Load()
	v.update()
	v.focus()
	if v.s.Me.Loading {
		v.aim = v.h.Canvas().Focused()
	}
}

// Left forgets the secrets that were typed.
func (v *Me) Left() {
	v.shown, v.aim = false, nil
	v.s.Me.Drop()
	v.shift = -1 // the fields are made again, empty
}

// Back leaves the part that is being changed.
func (v *Me) Back() bool {
	if v.form == nil {
		return false
	}
	v.s.Me.Open(state.MeAll)
	v.focus()
	return true
}

// Keys scrolls.
func (v *Me) Keys(e *fyne.KeyEvent) {
	if v.form != nil {
		v.form.Page().Keys(e)
		return
	}
	v.page.Keys(e)
}

// Find does nothing: there is no search field.
func (v *Me) Find() bool { return false }

func (v *Me) focus() {
	switch {
	case v.form != nil:
		if !v.form.FocusWrong() {
			v.h.Canvas().Focus(v.form.First())
		}
	case v.s.Me.At == state.MeDevices && v.devices != nil:
		v.h.Canvas().Focus(v.devices)
	default:
		if f := v.stops.first(); f != nil {
			v.h.Canvas().Focus(f)
		}
	}
}

func (v *Me) update() {
	m := v.s.Me
	if v.shift != m.Shift {
		v.shift, v.form, v.send = m.Shift, nil, nil
		if m.Part == state.MeAll {
			v.root.Objects = []fyne.CanvasObject{v.page}
		} else {
			v.draw()
			v.root.Objects = []fyne.CanvasObject{v.form.Page()}
		}
		v.root.Refresh()
	}
	if v.form == nil {
		v.stops.redraw(v.sections, nil)
		v.page.Reflow()
		if v.aim != nil && !v.s.Me.Loading {
			if v.shown && v.h.Canvas().Focused() != nil {
				v.focus()
			}
			v.aim = nil
		}
		return
	}
	w := v.s.Words()
	v.send.Set(v.sendName())
	if m.Busy {
		v.send.Set(w.S(i18n.FlowSending))
	}
	v.form.Notice(v.notice())
	var errs []part.FormError
	for _, e := range m.Fields {
		errs = append(errs, part.FormError{Field: e.Field, Text: e.Text})
	}
	v.form.Show(errs)
}

func (v *Me) notice() fyne.CanvasObject {
	m := v.s.Me
	if t := m.Fault; t != nil {
		text := t.Text
		if t.Title != "" {
			text = t.Title + "\n" + text
		}
		return part.Banner(part.Bad, look.IconWarn, text)
	}
	if why := m.Why(); why != "" {
		return part.Banner(part.Warn, look.IconOffline, why)
	}
	return nil
}

// button is an act on the account, which needs the server: without it the button is there,
// cannot be used, and the banner above says why.
func (v *Me) button(name string, k i18n.Key, act func()) *part.Button {
	b := part.NewButton(v.s.Words().S(k), part.Secondary, "", act)
	if !v.s.Me.Can() || v.s.Me.Busy {
		b.Disable()
	} else {
		v.stops.add(name, b)
	}
	return b
}

// opens is a button that begins to change a part.
func (v *Me) opens(what string, k i18n.Key) *part.Button {
	return v.button(what, k, func() {
		v.s.Me.Open(what)
		v.focus()
	})
}

// leads is a button to another screen that needs the server, nil when there is none.
func (v *Me) leads(to string, k i18n.Key) []fyne.CanvasObject {
	if !v.h.Has(to) {
		return nil
	}
	return []fyne.CanvasObject{v.button("to "+to, k, func() { v.h.Go(to) })}
}

func facts(pairs ...string) *fyne.Container {
	var all []fyne.CanvasObject
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, part.FactBox(pairs[i], pairs[i+1]))
		}
	}
	return part.Grid(3, look.Now().Px(190), look.S4, look.S2, all...)
}

func (v *Me) sections() {
	w, m, a := v.s.Words(), v.s.Me, v.s.Me.Account
	var col []fyne.CanvasObject
	if n := v.notice(); n != nil {
		col = append(col, n)
	}
	if m.Suspended() {
		var acts []*part.Button
		if v.h.Has("recover") {
			b := part.NewButton(w.S(i18n.AcctRecover), part.Secondary, "", func() { v.h.Go("recover") })
			v.stops.add("recover", b)
			acts = append(acts, b)
		}
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.S(i18n.MeSuspended), acts...))
	}
	if m.Known {
		col = append(col, v.details(), v.identity(), v.factor(), v.credential(), v.list(),
			part.Section(w.S(i18n.MeTerms), "", facts(w.S(i18n.MeTermsVersion), a.Terms, w.S(i18n.MeTermsOn), m.Day(a.AcceptedOn)),
				part.NewText(w.S(i18n.MeSuspends, "Date", m.Day(a.SuspendsOn)), look.Body, look.InkText),
				v.contested("terms", "accepted_on", "suspends_on", "factor", "credential", "devices")))
	}
	if v.s.Data.Offered() && v.h.Has("data") {
		b := part.NewButton(w.S(i18n.DataOpen), part.Secondary, look.IconSaved, func() { v.h.Go("data") }) // needs no server
		v.stops.add("data", b)
		col = append(col, part.Section(w.S(i18n.DataTitle), w.S(i18n.DataWhy), part.Wrap(look.S2, b)))
	}
	col = append(col, v.leave())
	v.col.Objects = col
}

func (v *Me) details() fyne.CanvasObject {
	w, m, a := v.s.Words(), v.s.Me, v.s.Me.Account
	lang := a.Lang
	for _, l := range i18n.Languages() {
		if string(l) == a.Lang {
			lang = i18n.For(l).S(i18n.LangName)
		}
	}
	acts := []fyne.CanvasObject{v.opens(state.MeDetails, i18n.MeChangeDetails), v.opens(state.MePassword, i18n.MeChangePassword),
		v.opens(state.MeQuestions, i18n.MeChangeQuestions)}
	acts = append(acts, v.leads("email", i18n.MeChangeEmail)...)
	var asked []fyne.CanvasObject
	for _, id := range a.Questions {
		if k := account.QuestionKey(id); k != "" {
			asked = append(asked, part.NewText("• "+w.S(k), look.Body, look.InkText))
		}
	}
	return part.Section(w.S(i18n.AcctTab), "",
		facts(w.S(i18n.MeFirst), a.First, w.S(i18n.MeLast), a.Last, w.S(i18n.MeEmail), a.Email, w.S(i18n.SettingsLanguage), lang,
			w.S(i18n.MeState), m.State(), w.S(i18n.MeRoles), v.roles()),
		v.contested("first", "last", "email", "lang", "state", "roles", "questions"),
		part.Labelling(w.S(i18n.MeQuestions), part.Column(2, asked...)), part.Wrap(look.S2, acts...))
}

// contested are the person's notes of disagreement about some values, to stand beside them
//
func (v *Me) contested(fields ...string) fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, d := range v.s.Me.Account.Disputes {
		if slices.Contains(fields, d.Field) {
			all = append(all, part.Banner(part.Plain, look.IconInfo, state.DisputeNote(v.s.Words(), d)))
		}
	}
	return part.Column(look.S1, all...)
}

func (v *Me) roles() string {
	w := v.s.Words()
	text := w.S(i18n.MeRoleEvery)
	for _, r := range v.s.Me.Account.Roles {
		switch r {
		case account.Counsellor:
			text += ", " + w.S(i18n.MeRoleCounsellor)
		case account.Agent:
			text += ", " + w.S(i18n.MeRoleAgent)
		}
	}
	return text
}

// identity says honestly what was verified, and why it is asked for at all.
func (v *Me) identity() fyne.CanvasObject {
	w := v.s.Words()
	why := []fyne.CanvasObject{}
	for _, k := range []i18n.Key{i18n.MePurpose1, i18n.MePurpose2, i18n.MePurpose3, i18n.MePurpose4} {
		why = append(why, part.NewText("• "+w.S(k), look.Body, look.InkText))
	}
	return part.Section(w.S(i18n.MeIdentity), "", part.Labelled(look.IconInfo, part.NewText(v.s.Me.Verified(), look.Body, look.InkText)),
		v.contested("verified", "express"),
		part.Labelling(w.S(i18n.MePurposes), part.Column(2, why...)), part.NewText(w.S(i18n.MeKeptNot), look.Small, look.InkMuted),
		part.NewText(w.S(i18n.MeAlone), look.Small, look.InkMuted))
}

func (v *Me) factor() fyne.CanvasObject {
	w, m, a := v.s.Words(), v.s.Me, v.s.Me.Account
	if m.Factor() == "" {
		return part.Section(w.S(i18n.MeFactor), w.S(i18n.MeFactorNone))
	}
	left := ""
	if c := a.Credential; c != nil && c.Factor != "" {
		left = w.N(i18n.MeCodesLeft, c.CodesLeft)
	}
	return part.Section(w.S(i18n.MeFactor), w.S(i18n.MeFactorWhy), facts(w.S(i18n.MeMethod), m.Method(m.Factor()), w.S(i18n.MeCodes), left),
		part.Wrap(look.S2, v.leads("factor", i18n.Gck2faChange)...))
}

func (v *Me) credential() fyne.CanvasObject {
	w, m, c := v.s.Words(), v.s.Me, v.s.Me.Account.Credential
	if c == nil {
		return part.Section(w.S(i18n.MePortal), w.S(i18n.MePortalNone), part.Wrap(look.S2, v.leads("enrol", i18n.MePortalRegister)...))
	}
	st := w.S(i18n.MeStateActive)
	acts := []fyne.CanvasObject{}
	col := []fyne.CanvasObject{}
	if c.State == account.CredentialRevoked {
		reasons := map[string]i18n.Key{account.Compromised: i18n.MeRevokedCompromised, account.Unused: i18n.MeRevokedUnused, account.Replaced: i18n.MeRevokedReplaced}
		st = w.S(i18n.MeRevoked)
		if k, ok := reasons[c.Reason]; ok {
			st = w.S(k)
		}
		acts = v.leads("enrol", i18n.MePortalAgain)
	} else if c.Partner == "" {
		acts = append(acts, v.opens(state.MeRecovery, i18n.MeChangeRecovery))
	}
	recovery := c.RecoveryEmail
	if recovery == "" && c.Partner == "" {
		recovery = w.S(i18n.MeRecoveryNone)
	}
	col = append(col, facts(w.S(i18n.MeState), st, w.S(i18n.MeUsername), c.Username, w.S(i18n.MePartner), v.s.Me.Partner(c.Partner),
		w.S(i18n.MeLastused), m.Day(c.LastUsed), w.S(i18n.MeRecovery), recovery))
	if len(acts) > 0 {
		col = append(col, part.Wrap(look.S2, acts...))
	}
	return part.Section(w.S(i18n.MePortal), "", col...)
}

// list is the computers that have a session (B-009).
func (v *Me) list() fyne.CanvasObject {
	w, m := v.s.Words(), v.s.Me
	var rows []fyne.CanvasObject
	v.devices = nil
	all := m.Devices()
	for i, d := range all {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		name := d.Name
		if name == "" {
			name = w.S(i18n.MeDeviceUnnamed)
		}
		ink := look.InkText
		if d.This {
			name = w.S(i18n.MeDeviceThis, "Name", name)
			ink = look.InkAccent
		}
		row := []fyne.CanvasObject{part.Labelled(look.IconScreen, part.NewBold(name, look.Body, ink)),
			part.NewText(w.S(i18n.MeDeviceLine, "Since", m.Moment(d.Since), "Seen", m.Moment(d.Seen), "How", m.Policy(d.Policy)), look.Small, look.InkMuted)}
		if !d.This {
			b := v.button("revoke "+d.ID, i18n.MeRevoke, func() {
				m.Revoke(d.ID, func(ok bool) {
					if ok {
						v.h.Say(w.S(i18n.MeDeviceRevoked, "Name", name))
					}
				})
			})
			b.Label = w.S(i18n.MeRevokeLabel, "Name", name)
			if v.devices == nil && !b.Disabled() {
				v.devices = b
			}
			row = append(row, part.Wrap(0, b))
		}
		rows = append(rows, part.Column(2, row...))
	}
	if len(all) > 1 {
		b := v.button("others", i18n.MeRevokeOthers, func() {
			m.RevokeOthers(func(ok bool) {
				if ok {
					v.h.Say(w.S(i18n.MeOthersRevoked))
				}
			})
		})
		rows = append(rows, part.Rule(false), part.Wrap(0, b))
	}
	return part.Section(w.S(i18n.MeDevices), w.S(i18n.MeDevicesWhy), rows...)
}

// leave is how the session, or the account, ends.
func (v *Me) leave() fyne.CanvasObject {
	w := v.s.Words()
	out := part.NewButton(w.S(i18n.EndTitle), part.Secondary, "", func() { ShowEnd(v.s, v.h) })
	v.stops.add("end", out)
	lock := part.NewButton(w.S(i18n.LockNow), part.Secondary, look.IconLock, v.s.Present.LockNow)
	v.stops.add("lock", lock)
	acts := []fyne.CanvasObject{lock, out}
	if v.s.Me.Known {
		acts = append(acts, v.opens(state.MeClose, i18n.MeClose).Inked(look.InkDanger))
	}
	return part.Section(w.S(i18n.MeSession), "", part.Wrap(look.S2, acts...))
}

func (v *Me) sendName() string {
	if v.s.Me.Part == state.MeClose {
		return v.s.Words().S(i18n.MeClose)
	}
	return v.s.Words().S(i18n.AcctSave)
}

// draw makes the form of the part that is being changed.
func (v *Me) draw() {
	w, m := v.s.Words(), v.s.Me
	titles := map[string]i18n.Key{state.MeDetails: i18n.MeChangeDetails, state.MePassword: i18n.MeChangePassword,
		state.MeQuestions: i18n.MeChangeQuestions, state.MeRecovery: i18n.MeChangeRecovery, state.MeClose: i18n.MeClose}
	whys := map[string]i18n.Key{state.MePassword: i18n.MePasswordWhy, state.MeQuestions: i18n.MeQuestionsWhy,
		state.MeRecovery: i18n.MeRecoveryWhy, state.MeClose: i18n.MeCloseWhy}
	o := part.FormOptions{Title: w.S(titles[m.Part]),
		Mend:  func(n int) string { return w.N(i18n.FormMend, n) },
		Field: func(name, problem string) string { return w.S(i18n.SettingsMend, "Field", name, "Problem", problem) }}
	if k, ok := whys[m.Part]; ok {
		o.Why = w.S(k)
	}
	v.send = part.NewButton(v.sendName(), part.Primary, "", v.submit)
	o.Acts = []*part.Button{v.send, part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { v.Back() })}
	v.form = part.NewForm(o)
	a := &m.Answer
	switch m.Part {
	case state.MeDetails:
		v.text("first", i18n.MeFirst, i18n.MeFirstHelp, &a.First, false)
		v.text("last", i18n.MeLast, i18n.MeLastHelp, &a.Last, false)
		langs := i18n.Languages()
		var names []string
		at := 0
		for i, l := range langs {
			names = append(names, i18n.For(l).S(i18n.LangName))
			if string(l) == a.Lang {
				at = i
			}
		}
		v.form.Put(part.Labelling(w.S(i18n.MeLettersIn), part.NewRadio(w.S(i18n.MeLettersIn), names, at, func(i int) { a.Lang = string(langs[i]) })))
	case state.MePassword:
		v.text("current", i18n.MeCurrent, "", &a.Current, true)
		v.text("password", i18n.MeNewPassword, i18n.MeNewPasswordHelp, &a.Password, true)
		v.text("again", i18n.MeNewAgain, "", &a.Again, true)
	case state.MeQuestions:
		v.text("current", i18n.MeCurrent, "", &a.Current, true)
		v.five()
	case state.MeRecovery:
		v.text("recovery_email", i18n.MeRecovery, i18n.MeRecoveryHelp, &a.RecoveryEmail, false)
		v.text("current", i18n.MePortalCurrent, "", &a.Current, true)
	case state.MeClose:
		v.form.Put(part.NewText(w.S(i18n.MeCloseGoes), look.Body, look.InkText))
		v.form.Put(part.NewText(w.S(i18n.MeCloseStays), look.Body, look.InkText))
		v.text("current", i18n.MeCurrent, "", &a.Current, true)
		v.form.Add("accept", part.NewAgree(w.S(i18n.MeCloseSure), m.Sure, nil, func(on bool) {
			m.Sure = on
			m.Typed("accept")
		}))
	}
}

// five are the security questions, each with its answer.
func (v *Me) five() {
	w, m := v.s.Words(), v.s.Me
	for i := range m.Answer.Questions {
		qa := &m.Answer.Questions[i]
		names := func() (out []string, ids []string, at int) {
			at = -1
			for _, id := range m.Free(i) {
				if id == qa.Question {
					at = len(ids)
				}
				ids, out = append(ids, id), append(out, w.S(account.QuestionKey(id)))
			}
			return out, ids, at
		}
		text, _, at := names()
		field := "questions." + strconv.Itoa(i)
		var pick *part.Pick
		pick = part.NewPick(w.S(i18n.QuestionsNth, "N", i+1), w.S(i18n.QuestionsChoose), w.S(i18n.Close), text, at, func(k int) {
			_, ids, _ := names()
			qa.Question = ids[k]
			text, _, at := names()
			pick.Set(text, at)
			m.Typed(field)
			v.form.Page().Reflow()
		})
		v.form.Add(field+".which", pick)
		v.text(field, "", "", &qa.Answer, true, w.S(i18n.QuestionsAnswer, "N", i+1))
	}
}

func (v *Me) text(field string, label, help i18n.Key, to *string, secret bool, name ...string) {
	w := v.s.Words()
	said := strings.Join(name, "")
	if label != "" {
		said = w.S(label)
	}
	f := part.NewField(said, true, "", "")
	if secret {
		f = secretField(v.s, said)
	}
	if help != "" {
		f.Help(w.S(help))
	}
	f.Set(*to)
	f.OnType(func(text string) {
		*to = text
		v.s.Me.Typed(field)
	})
	v.form.Add(field, f)
}

// secretField is a field for a password, dotted until its button shows it.
func secretField(s *state.State, label string) *part.Field {
	w := s.Words()
	return part.NewSecret(label, part.SecretWords{Show: w.S(i18n.SecretShow), Hide: w.S(i18n.SecretHide),
		Hidden: w.S(i18n.SecretHidden, "Field", label), Shown: w.S(i18n.SecretShown, "Field", label)})
}

func (v *Me) submit() {
	w, what := v.s.Words(), v.s.Me.Part
	v.s.Me.Keep(func(ok bool) {
		if ok {
			said := map[string]i18n.Key{state.MePassword: i18n.MePasswordKept, state.MeClose: i18n.MeClosed}[what]
			if said == "" {
				said = i18n.MeKept
			}
			v.h.Say(w.S(said))
		}
		if v.shown {
			v.focus()
		}
	})
}
