package screen

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Help draws what to do when one cannot come in, whatever was forgotten (B-008). All of it
// is in the program: it needs no network.
type Help struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	stops stops
}

// NewHelp draws the screen.
func NewHelp(s *state.State, h Host) *Help {
	v := &Help{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.ContactHelp), w.S(i18n.HelpWhy), look.Now().Px(sheetWidth), v.col)
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
	return v
}

// Object is the screen.
func (v *Help) Object() fyne.CanvasObject { return v.page }

// Enter gives the keyboard to the first way out.
func (v *Help) Enter() { v.h.Canvas().Focus(v.stops.first()) }

// Back does nothing: there is nothing to close.
func (v *Help) Back() bool { return false }

// Keys scrolls.
func (v *Help) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Help) Find() bool { return false }

func (v *Help) sections() {
	w := v.s.Words()
	to := func(label i18n.Key, where string, before func()) fyne.CanvasObject {
		b := part.NewButton(w.S(label), part.Secondary, "", func() {
			if before != nil {
				before()
			}
			v.h.Go(where)
		})
		v.stops.add(string(label)+where, b)
		return b
	}
	both := func() { v.s.UsernameBack.Both = true }
	v.col.Objects = []fyne.CanvasObject{
		part.Section(w.S(i18n.AcctMine), "",
			part.NewText(w.S(i18n.HelpPassword), look.Body, look.InkText), part.Wrap(look.S2, to(i18n.AcctRecover, "recover", nil)),
			part.NewText(w.S(i18n.HelpAnswers), look.Body, look.InkText), part.Wrap(look.S2, to(i18n.RecoverTeam, "request", nil))),
		part.Section(w.S(i18n.NavEmployers), "",
			part.NewText(w.S(i18n.HelpPortal), look.Body, look.InkText),
			part.Wrap(look.S2, to(i18n.GckForgotuser, "username", nil), to(i18n.GckForgotpw, "password", nil), to(i18n.PortalBoth, "username", both)),
			part.NewText(w.S(i18n.HelpFactor), look.Body, look.InkText),
			part.NewText(w.S(i18n.HelpRevoked), look.Body, look.InkText),
			part.Wrap(look.S2, to(i18n.MePortalAgain, "enrol", nil), to(i18n.NavEmployersSignin, "portal", nil))),
		part.Section(w.S(i18n.GuideEnrol), w.S(i18n.GuideSeen, "Date", w.Date(guideDay)), v.steps(i18n.GuideEnrolAccount, i18n.GuideEnrolName, i18n.GuideEnrolRecovery,
			i18n.GuideEnrolFactor, i18n.GuideEnrolCodes)),
		part.Section(w.S(i18n.GuideUse), w.S(i18n.GuideSeen, "Date", w.Date(guideDay)), v.steps(i18n.GuideUseSignin, i18n.GuideUseFactor, i18n.GuideUseChange,
			i18n.GuideUsePartner, i18n.GuideUseLeave)),
		part.Section(w.S(i18n.CommonContact), w.S(i18n.HelpContact), part.Wrap(look.S2, to(i18n.CommonContact, "contact", nil))),
	}
}

// guideDay is when the two guides of the portal were last held to what the program does (B-005).
var guideDay = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// steps are the numbered steps of a guide.
func (v *Help) steps(keys ...i18n.Key) fyne.CanvasObject {
	w := v.s.Words()
	col := part.Column(look.S2)
	for i, k := range keys {
		col.Add(part.NewText(w.S(i18n.GuideStep, "N", w.Number(i+1), "Text", w.S(k)), look.Body, look.InkText))
	}
	return col
}

// Request draws the request to the team. It can be written without a network.
type Request struct {
	s     *state.State
	h     Host
	r     *state.Help
	root  *fyne.Container
	form  *part.Form
	send  *part.Button
	done  bool
	shown bool

	refused int
	fields  []func()
}

// NewRequest draws the screen.
func NewRequest(s *state.State, h Host) *Request {
	v := &Request{s: s, h: h, r: s.Help, root: container.NewStack(), refused: s.Help.Refusals}
	s.Help.Changed = v.update
	v.draw()
	return v
}

// Object is the screen.
func (v *Request) Object() fyne.CanvasObject { return v.root }

// Enter gives the keyboard to the first field.
func (v *Request) Enter() {
	v.shown = true
	v.r.Open()
	v.update()
	v.h.Canvas().Focus(v.form.First())
}

// Left forgets that one was sent.
func (v *Request) Left() {
	v.shown = false
	if v.r.Queued {
		v.r.Again()
	}
}

// Back does nothing: what was typed is not lost by a key.
func (v *Request) Back() bool { return false }

// Keys scrolls.
func (v *Request) Keys(e *fyne.KeyEvent) { v.form.Page().Keys(e) }

// Find does nothing: there is no search field.
func (v *Request) Find() bool { return false }

func (v *Request) draw() {
	w, r := v.s.Words(), v.r
	v.done, v.fields = r.Queued, nil
	o := part.FormOptions{Title: w.S(i18n.HelpRequest), Mend: func(n int) string { return w.N(i18n.FormMend, n) },
		Field: func(name, problem string) string { return w.S(i18n.SettingsMend, "Field", name, "Problem", problem) }}
	if v.done {
		v.send = part.NewButton(w.S(i18n.OutboxTitle), part.Primary, "", func() { v.h.Go("outbox") })
		o.Title, o.Acts = w.S(i18n.HelpQueued), []*part.Button{v.send, button(w.S(i18n.AcctSignin), func() { v.h.Go("signin") })}
		v.form = part.NewForm(o)
		k := i18n.HelpQueuedOffline
		if v.s.Status.Online {
			k = i18n.HelpQueuedOnline
		}
		for _, k := range []i18n.Key{k, i18n.HelpNext} {
			v.form.Put(part.NewText(w.S(k), look.Body, look.InkText))
		}
	} else {
		v.send = part.NewButton(w.S(i18n.HelpSend), part.Primary, look.IconOutbox, r.Send)
		o.Why, o.Acts = w.S(i18n.HelpRequestWhy), []*part.Button{v.send}
		o.Side = side(w.S(i18n.HelpAfter), w.S(i18n.HelpAfterAgent), w.S(i18n.HelpAfterTemporary), w.S(i18n.HelpAfterFactor))
		v.form = part.NewForm(o)
		v.field("first", part.NewField(w.S(i18n.FieldFirst), true, "", ""), &r.First)
		v.field("last", part.NewField(w.S(i18n.FieldLast), true, "", ""), &r.Last)
		v.field("email", part.NewField(w.S(i18n.FieldEmail), true, "", "").Help(w.S(i18n.HelpEmail)), &r.Email)
		v.field("text", part.NewArea(w.S(i18n.HelpText), 4, "").Help(w.S(i18n.HelpTextWhy)), &r.Text)
	}
	v.root.Objects = []fyne.CanvasObject{v.form.Page()}
	v.root.Refresh()
}

func (v *Request) field(name string, f *part.Field, to *string) {
	f.Set(*to)
	f.OnType(func(text string) { v.r.Type(name, to, text) })
	v.form.Add(name, f)
	v.fields = append(v.fields, func() { f.Set(*to) })
}

func (v *Request) update() {
	w, r := v.s.Words(), v.r
	if v.done != r.Queued {
		v.draw()
		if v.shown {
			v.h.Canvas().Focus(v.form.First())
		}
		return
	}
	for _, f := range v.fields {
		f()
	}
	if !v.done {
		v.send.Set(w.S(i18n.HelpSend))
		if r.Sending {
			v.send.Set(w.S(i18n.FlowSending))
		}
	}
	v.form.Notice(nil)
	switch {
	case r.Err != nil:
		v.form.Notice(part.Banner(part.Bad, look.IconWarn, w.S(i18n.HelpFailed, "Detail", r.Problem())))
	case !v.done && !v.s.Status.Online:
		v.form.Notice(part.Banner(part.Plain, look.IconOffline, w.S(i18n.HelpOffline)))
	}
	var errs []part.FormError
	for _, e := range r.Errors {
		errs = append(errs, part.FormError{Field: e.Field, Text: e.Text})
	}
	v.form.Show(errs)
	if v.refused != r.Refusals {
		v.refused = r.Refusals
		if v.shown {
			v.form.FocusWrong()
		}
	}
}
