package screen

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// wizard draws a state.Flow, one form a page. A screen gives it make, which draws the page
// at hand with [wizard.page] and the helpers of [pageOf]; wizard makes it again when the
// flow goes on, carries over what was typed and what is to be mended, tells what goes wrong
// above the form, and moves the keyboard.
type wizard struct {
	s    *state.State
	h    Host
	f    *state.Flow
	make func() *pageOf

	retry func() // tries again what could not be done; nil: the flow does

	root    *fyne.Container
	at      *pageOf
	shown   bool // Enter was called: the keyboard is ours to move
	drawn   int
	refused int
}

// screenOf is the screen of a kind of flow: where one comes back to from its letters.
var screenOf = map[account.Kind]string{
	account.Register: "signup", account.SignIn: "signin", account.Invited: "invited", account.Recover: "recover", account.Portal: "portal",
	account.Enrol: "enrol", account.Username: "username", account.Password: "password", account.NewEmail: "email", account.NewFactor: "factor",
}

func newWizard(s *state.State, h Host, f *state.Flow, draw func() *pageOf) *wizard {
	v := &wizard{s: s, h: h, f: f, make: draw, root: container.NewStack(), refused: f.Refusals}
	f.Changed = v.update
	return v
}

func (v *wizard) again() func() {
	if v.retry != nil {
		return v.retry
	}
	return v.f.Retry
}

// Object is the screen.
func (v *wizard) Object() fyne.CanvasObject {
	if v.at == nil {
		v.draw()
	}
	return v.root
}

// Enter goes on from where it was left, and gives the keyboard to the first field.
func (v *wizard) Enter() {
	v.shown = true
	v.f.Resume()
	if v.drawn != v.f.Page || v.at == nil {
		v.draw()
	}
	v.focus()
}

// Left puts away the secrets that were typed, and what is drawn of them.
func (v *wizard) Left() {
	v.f.Pause()
	v.away()
}

// away forgets the page: what is drawn holds what was typed.
func (v *wizard) away() {
	v.shown = false
	if v.at != nil {
		v.at.form.Page().Unwatch()
	}
	v.at, v.root.Objects = nil, nil
}

// Back does nothing: what was typed is not lost by a key.
func (v *wizard) Back() bool { return false }

// Find does nothing: there is no search field.
func (v *wizard) Find() bool { return false }

// Keys scrolls.
func (v *wizard) Keys(e *fyne.KeyEvent) {
	if v.at != nil {
		v.at.form.Page().Keys(e)
	}
}

func (v *wizard) draw() {
	v.drawn, v.refused = v.f.Page, v.f.Refusals
	if v.at != nil {
		v.at.form.Page().Unwatch()
	}
	v.at = v.make()
	v.root.Objects = []fyne.CanvasObject{v.at.form.Page()}
	v.root.Refresh()
	v.at.update()
}

func (v *wizard) focus() {
	to := v.at.first
	if to == nil {
		to = v.at.form.First()
	}
	if v.at.form.FocusWrong() {
		return
	}
	if to != nil {
		v.h.Canvas().Focus(to)
	}
}

func (v *wizard) update() {
	if v.at == nil {
		return
	}
	if v.drawn != v.f.Page {
		v.draw()
		if v.shown {
			v.focus()
		}
		return
	}
	v.at.update()
	if v.refused != v.f.Refusals {
		v.refused = v.f.Refusals
		if !v.shown || v.at.form.FocusWrong() {
			return
		}
		if v.at.help != nil { // what helps now
			v.h.Canvas().Focus(v.at.help)
			return
		}
		v.focus()
	}
}

// pageOf is one page of a wizard.
type pageOf struct {
	v     *wizard
	form  *part.Form
	send  *part.Button
	name  string // of the primary act
	first fyne.Focusable
	// also says what stands above the form besides the trouble, for what is to be mended now.
	also func() []fyne.CanvasObject
	// where names the input that a field of the answer is; nil: it has the field's name.
	where func(field string) string

	sync []func() // carries over what the state holds
	told string   // what the notice was made of
	help fyne.Focusable
	wait *part.Text
}

// page begins a page. o.Acts are those beside the primary one, which answers the step under
// the name of send; "" is a page without one.
func (v *wizard) page(o part.FormOptions, send string, act func()) *pageOf {
	w := v.s.Words()
	p := &pageOf{v: v, name: send}
	if send != "" {
		p.send = part.NewButton(send, part.Primary, "", act)
		o.Acts = append([]*part.Button{p.send}, o.Acts...)
	}
	o.Mend = func(n int) string { return w.N(i18n.FormMend, n) }
	o.Field = func(name, problem string) string { return w.S(i18n.SettingsMend, "Field", name, "Problem", problem) }
	p.form = part.NewForm(o)
	return p
}

// say puts a paragraph.
func (p *pageOf) say(text string) { p.form.Put(part.NewText(text, look.Body, look.InkText)) }

// text adds a line to fill in; to is where it goes, asked anew each time.
func (p *pageOf) text(field, label, help string, to func() *string) *part.Field {
	return p.add(field, part.NewField(label, true, "", "").Help(help), to)
}

// secret adds a password.
func (p *pageOf) secret(field, label, help string, to func() *string) *part.Field {
	w := p.v.s.Words()
	f := part.NewSecret(label, part.SecretWords{Show: w.S(i18n.SecretShow), Hide: w.S(i18n.SecretHide),
		Hidden: w.S(i18n.SecretHidden, "Field", label), Shown: w.S(i18n.SecretShown, "Field", label)})
	return p.add(field, f.Help(help), to)
}

// code adds a code of six digits.
func (p *pageOf) code(field, label, help string, to func() *string) *part.Field {
	return p.add(field, part.NewCode(label, 6).Help(help), to)
}

// day adds a date.
func (p *pageOf) day(field, label, help string, to func() *string) *part.Field {
	f := part.NewDay(label, p.v.s.Words().S(i18n.FormDay)).Help(help)
	f.Entry.Hidden = true
	return p.add(field, f, to)
}

func (p *pageOf) add(field string, f *part.Field, to func() *string) *part.Field {
	f.Set(*to())
	f.OnType(func(text string) { p.v.f.Type(field, to(), text) })
	p.form.Add(field, f)
	p.sync = append(p.sync, func() { f.Set(*to()) })
	return f
}

// agree adds a box to tick; name is how the list of what to mend calls it.
func (p *pageOf) agree(field, name, label string, link *part.WrapLink, to func() *bool) *part.Agree {
	a := part.NewAgree(label, *to(), link, func(on bool) { p.v.f.Tick(field, to(), on) }).Called(name)
	p.form.Add(field, a)
	p.sync = append(p.sync, func() { a.Box.Set(label, "", *to()) })
	return a
}

// choose adds a choice of a few, all shown.
func (p *pageOf) choose(field, label string, names []string, at int, pick func(i int)) *part.Options {
	o := part.NewOptions(label, names, at, pick)
	p.form.Add(field, o)
	return o
}

// five adds the five questions and their answers.
func (p *pageOf) five() {
	w, f := p.v.s.Words(), p.v.f
	names := func(ids []string) (out []string) {
		for _, id := range ids {
			out = append(out, w.S(account.QuestionKey(id)))
		}
		return out
	}
	for i := range account.QuestionCount {
		at := func() (ids []string, n int) {
			ids, n = f.Free(i), -1
			for k, id := range ids {
				if id == f.QA(i).Question {
					n = k
				}
			}
			return ids, n
		}
		ids, n := at()
		field := state.QuestionField(i)
		pick := part.NewPick(w.S(i18n.QuestionsNth, "N", i+1), w.S(i18n.QuestionsChoose), w.S(i18n.Close), names(ids), n, nil)
		pick.OnPick = func(k int) {
			ids, _ := at()
			f.Choose(i, ids[k])
		}
		p.form.Add(field+".which", pick)
		p.sync = append(p.sync, func() {
			ids, n := at()
			pick.Set(names(ids), n)
		})
		p.secret(field, w.S(i18n.QuestionsAnswer, "N", i+1), "", func() *string { return &f.QA(i).Answer })
	}
	p.where = func(field string) string {
		for i := range account.QuestionCount {
			if field == state.QuestionField(i) && f.QA(i).Question == "" {
				return field + ".which"
			}
		}
		return field
	}
}

// update carries the state over to the page.
func (p *pageOf) update() {
	f, w := p.v.f, p.v.s.Words()
	for _, s := range p.sync {
		s()
	}
	if p.send != nil {
		p.send.Set(p.name)
		if f.Sending {
			p.send.Set(w.S(i18n.FlowSending))
		}
	}
	var errs []part.FormError
	for _, e := range f.Errors {
		at := e.Field
		if p.where != nil {
			at = p.where(at)
		}
		errs = append(errs, part.FormError{Field: at, Text: e.Text})
	}
	p.notice()
	p.form.Show(errs)
}

// notice draws what concerns the whole page, anew only when it is about something else.
func (p *pageOf) notice() {
	f, w := p.v.f, p.v.s.Words()
	var key strings.Builder
	if t := f.Trouble; t != nil {
		key.WriteString(t.Title + t.Text)
	}
	for _, e := range f.Errors {
		key.WriteString(e.Field + string(e.Code))
	}
	if f.Resent && !f.Sending {
		key.WriteString("resent")
	}
	if p.wait != nil && f.Wait() > 0 {
		p.wait.Set(waitLine(w, f.Wait()))
	}
	if key.String() == p.told {
		return
	}
	had := p.told != ""
	p.told, p.help, p.wait = key.String(), nil, nil
	var all []fyne.CanvasObject
	if t := f.Trouble; t != nil {
		text := t.Text
		if t.Title != "" {
			text = t.Title + "\n" + text
		}
		var acts []*part.Button
		if t.Again && t.Until.IsZero() {
			acts = append(acts, part.NewButton(w.S(i18n.Again), part.Secondary, look.IconSync, p.v.again()))
			p.help = acts[0]
		}
		all = append(all, part.Banner(part.Bad, look.IconWarn, text, acts...))
		if !t.Until.IsZero() {
			p.wait = part.NewText(waitLine(w, f.Wait()), look.Body, look.InkText)
			all = append(all, p.wait)
		}
	}
	if f.Resent && !f.Sending && f.Trouble == nil {
		all = append(all, part.Banner(part.Plain, look.IconMail, w.S(i18n.FlowResent)))
	}
	if p.also != nil {
		all = append(all, p.also()...)
	}
	if len(all) == 0 {
		p.form.Notice(nil)
	} else {
		p.form.Notice(part.Column(look.S2, all...))
	}
	if had && p.v.shown {
		p.v.h.Mend(p.form.First())
	}
}

// waitLine says how long until it may be tried again.
func waitLine(w *i18n.Words, d time.Duration) string {
	if s := int((d + time.Second - 1) / time.Second); s < 90 {
		return w.N(i18n.FlowWait, s)
	}
	return w.N(i18n.FlowWaitMinutes, int((d+time.Minute-1)/time.Minute))
}

// resend adds the button that asks for a letter again, which counts down to when it may.
func (p *pageOf) resend() {
	f, w := p.v.f, p.v.s.Words()
	b := part.NewButton("", part.Secondary, look.IconMail, f.Resend)
	p.form.Put(part.Wrap(look.S2, b))
	p.sync = append(p.sync, func() {
		if d := f.ResendIn(); d > 0 {
			b.Set(w.N(i18n.FlowResendIn, int((d+time.Second-1)/time.Second)))
			b.Disable()
			p.v.h.Mend(p.form.First())
		} else {
			b.Set(w.S(i18n.FlowResend))
			b.Enable()
		}
	})
}

// button is an act of a page that is not its primary one.
func button(text string, act func()) *part.Button {
	return part.NewButton(text, part.Secondary, "", act)
}

// side stacks headings and paragraphs for the card beside a form.
func side(lines ...string) fyne.CanvasObject {
	col := make([]fyne.CanvasObject, 0, len(lines))
	for i, l := range lines {
		if i == 0 {
			col = append(col, part.NewBold(l, look.Body, look.InkText))
		} else {
			col = append(col, part.NewText(l, look.Small, look.InkText))
		}
	}
	return part.Column(look.S2, col...)
}
