package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// SINHelp is where Service Canada answers about a number.
const SINHelp = "1-866-279-5238"

// SignUp draws the registration.
type SignUp struct {
	*wizard
	u     *state.SignUp
	terms i18n.Lang // in which they are read
}

// NewSignUp draws the registration where it stands.
func NewSignUp(s *state.State, h Host) *SignUp {
	v := &SignUp{u: s.SignUp, terms: s.Lang()}
	v.wizard = newWizard(s, h, s.SignUp.Flow, v.step)
	return v
}

// Enter goes on, once it is known what this server asks.
func (v *SignUp) Enter() {
	v.u.Open()
	v.wizard.Enter()
}

// Left keeps what is no secret and forgets the rest.
func (v *SignUp) Left() {
	v.u.Pause()
	v.away()
	if v.u.Finished {
		v.u.Abandon()
	}
}

func (v *SignUp) step() *pageOf {
	switch {
	case v.u.Finished:
		return v.done()
	case !v.u.Started && !v.u.Begun():
		return v.why()
	}
	switch v.u.Step() {
	case account.StepTerms:
		return v.conditions()
	case account.StepIdentity:
		return v.identity()
	case account.StepCode:
		return v.code()
	case account.StepValidate:
		if v.u.In.Express || v.u.Known && !v.u.Deployment.SIN {
			return v.express()
		}
		return v.sin()
	case account.StepQuestions:
		return v.questions()
	}
	return v.why()
}

// head is the title and the steps.
func (v *SignUp) head(why i18n.Key, beside fyne.CanvasObject, acts ...*part.Button) part.FormOptions {
	w := v.s.Words()
	names, at := v.u.Steps()
	o := part.FormOptions{Title: w.S(i18n.SignupTitle), Steps: names, At: at, Side: beside, Acts: acts,
		Where: w.S(i18n.FlowWhere, "N", at, "All", len(names), "Name", names[max(at-1, 0)])}
	if why != "" {
		o.Why = w.S(why)
	}
	return o
}

func (v *SignUp) abandon() *part.Button {
	return button(v.s.Words().S(i18n.FlowAbandon), func() {
		v.u.Abandon()
		v.h.Go("search")
	})
}

// why says what an account is for and what it takes, before anything is asked.
func (v *SignUp) why() *pageOf {
	w := v.s.Words()
	p := v.page(part.FormOptions{Title: w.S(i18n.SignupTitle), Why: w.S(i18n.SignupWhy),
		Side: side(w.S(i18n.SignupKeptTitle), w.S(i18n.SignupKept), w.S(i18n.SignupKeptNever)),
		Acts: []*part.Button{button(w.S(i18n.AcctSignin), func() { v.h.Go("signin") }),
			button(w.S(i18n.TermsRead), func() { v.h.Go("terms") })}}, w.S(i18n.AcctSignup), v.u.Begin)
	for _, k := range []i18n.Key{i18n.SignupGives, i18n.SignupGivesEmployer, i18n.SignupFree, i18n.SignupTakes} {
		p.say(w.S(k))
	}
	if v.u.Validates() {
		p.say(w.S(i18n.SignupTakesSin))
	}
	p.say(w.S(i18n.SignupNetwork))
	if !v.s.Status.Online {
		p.form.Put(part.Banner(part.Warn, look.IconOffline, w.S(i18n.SignupOffline)))
	}
	p.first = p.send
	return p
}

// conditions are read in either language, to the end, and agreed to.
func (v *SignUp) conditions() *pageOf {
	w := v.s.Words()
	p := v.page(v.head("", nil, button(w.S(i18n.SignupRefuse), func() {
		v.u.Abandon()
		v.h.Go("search")
	})), w.S(i18n.AcctAccept), v.u.Accept)
	other := i18n.For(v.terms.Other())
	turn := button(other.S(i18n.TermsIn), func() {
		v.terms = v.terms.Other()
		v.draw()
		v.focus()
	})
	p.form.Put(part.Wrap(look.S2, turn))
	p.form.Put(clauses(v.terms, v.u.Deployment))
	p.first = turn
	return p
}

// identity asks who it is.
func (v *SignUp) identity() *pageOf {
	w, u := v.s.Words(), v.u
	p := v.page(v.head("", side(w.S(i18n.SignupOne), w.S(i18n.SignupOneWhy), w.S(i18n.SignupOnly)), v.abandon()), w.S(i18n.CommonContinue), u.Send)
	p.text("first", w.S(i18n.FieldFirst), "", func() *string { return &u.In.First })
	p.text("last", w.S(i18n.FieldLast), "", func() *string { return &u.In.Last })
	p.text("email", w.S(i18n.FieldEmail), w.S(i18n.SignupEmailHelp), func() *string { return &u.In.Email })
	p.secret("password", w.S(i18n.FieldPassword), w.S(i18n.FieldPasswordHelp), func() *string { return &u.In.Password })
	p.secret("again", w.S(i18n.FieldAgain), "", func() *string { return &u.In.Again })
	return p
}

// code asks for the code of the letter; its link does the same.
func (v *SignUp) code() *pageOf {
	w, u := v.s.Words(), v.u
	p := v.page(v.head("", side(w.S(i18n.SignupNoletter), w.S(i18n.SignupNoletterSpam), w.S(i18n.SignupNoletterHave)),
		button(w.S(i18n.SignupOtherEmail), u.Restart), v.abandon()), w.S(i18n.CommonContinue), u.Send)
	p.say(w.S(i18n.FlowSent, "Email", u.Prompt.Sent))
	p.code("code", w.S(i18n.FieldCode), w.S(i18n.SignupLink), func() *string { return &u.In.Code })
	p.resend()
	v.mailbox(p, u.Deployment.Mailbox)
	return p
}

// mailbox offers the letters of a demonstration.
func (v *wizard) mailbox(p *pageOf, there bool) {
	if !there || !v.h.Has("mailbox") {
		return
	}
	w := v.s.Words()
	p.form.Put(part.Banner(part.Plain, look.IconInfo, w.S(i18n.MailboxWhy),
		part.NewButton(w.S(i18n.MailboxOpen), part.Secondary, look.IconMail, func() {
			v.s.Mailbox.From = screenOf[v.f.Kind]
			v.h.Go("mailbox")
		})))
}

// sin is the page of the social insurance number.
func (v *SignUp) sin() *pageOf {
	w, u := v.s.Words(), v.u
	p := v.page(v.head("", side(w.S(i18n.SinWhy), w.S(i18n.SinWhyIdentity), w.S(i18n.SinWhyUsers), w.S(i18n.SinWhyEligible), w.S(i18n.SinWhyOne),
		w.S(i18n.SinOnce), w.S(i18n.SinAgents)), v.abandon()), w.S(i18n.CommonContinue), u.Send)
	if u.Deployment.Demo {
		p.form.Put(part.Banner(part.Warn, look.IconInfo, w.S(i18n.SinDemo), button(w.S(i18n.SinDemoGo), func() {
			u.Fictional()
			part.Focus(p.form.Input("maiden").Stop())
		})))
	}
	p.form.Put(part.NewText(w.S(i18n.SinYours), look.Small, look.InkMuted))
	p.secret("sin", w.S(i18n.SinField), w.S(i18n.SinHelp), func() *string { return &u.In.SIN })
	p.text("maiden", w.S(i18n.SinMaiden), w.S(i18n.SinMaidenHelp), func() *string { return &u.In.Maiden }).Entry.Hidden = true
	p.day("born", w.S(i18n.SinBorn), w.S(i18n.SinBornHelp), func() *string { return &u.In.Born })
	p.agree("accept", w.S(i18n.AcctAccept), w.S(i18n.SinAccept), part.NewWrapLink(w.S(i18n.TermsRead), look.Body, look.InkAccent, func() { v.h.Go("terms") }),
		func() *bool { return &u.In.Accept })
	if !u.Known || u.Deployment.Express {
		p.form.Put(part.NewWrapLink(w.S(i18n.ExpressGo), look.Body, look.InkAccent, func() { u.UseExpress(true) }))
	}
	p.also = func() []fyne.CanvasObject {
		tell := func(tone part.Tone, text i18n.Key, acts ...*part.Button) fyne.CanvasObject {
			return part.Banner(tone, look.IconInfo, w.S(text, "Phone", SINHelp), acts...)
		}
		p.help = nil
		switch {
		case u.Wrong(account.SINTemporary):
			if u.Known && !u.Deployment.Express {
				return []fyne.CanvasObject{tell(part.Warn, i18n.SinTemporaryAlone)}
			}
			return []fyne.CanvasObject{tell(part.Warn, i18n.SinTemporary, button(w.S(i18n.ExpressUse), func() { u.UseExpress(true) }))}
		case u.Wrong(account.SINSpaces):
			return []fyne.CanvasObject{tell(part.Plain, i18n.SinSpaces, button(w.S(i18n.SinSpacesGo), func() {
				u.TakeSpaces()
				part.Focus(p.form.Input("sin").Stop())
			}))}
		case u.Wrong(account.SINUsed):
			return []fyne.CanvasObject{tell(part.Warn, i18n.SinUsed, v.wayIn()...)}
		case u.Wrong(account.SINDigits), u.Wrong(account.SINCheck), u.Wrong(account.DateFormat), u.Wrong(account.MaidenDigits), u.Refusals > 1 && len(u.Errors) > 0:
			return []fyne.CanvasObject{tell(part.Plain, i18n.SinPersists)}
		}
		return nil
	}
	return p
}

// wayIn are the ways for somebody who has an account already.
func (v *wizard) wayIn() []*part.Button {
	w := v.s.Words()
	acts := []*part.Button{button(w.S(i18n.AcctSignin), func() { v.h.Go("signin") })}
	if v.h.Has("recover") {
		acts = append(acts, button(w.S(i18n.AcctRecover), func() { v.h.Go("recover") }))
	}
	return acts
}

// express is the page of those who register through Express Entry, who are never asked for
// a number.
func (v *SignUp) express() *pageOf {
	w, u := v.s.Words(), v.u
	u.In.Express = true
	p := v.page(v.head("", side(w.S(i18n.ExpressWhat), w.S(i18n.ExpressWhatIs), w.S(i18n.ExpressWhatGives), w.S(i18n.ExpressWhatNosin)), v.abandon()), w.S(i18n.CommonContinue), u.Send)
	p.text("profile", w.S(i18n.ExpressProfile), w.S(i18n.ExpressProfileHelp), func() *string { return &u.In.Profile }).Entry.Hidden = true
	p.secret("validation", w.S(i18n.ExpressValidation), w.S(i18n.ExpressValidationHelp), func() *string { return &u.In.Validation })
	p.agree("accept", w.S(i18n.AcctAccept), w.S(i18n.ExpressAccept), part.NewWrapLink(w.S(i18n.TermsRead), look.Body, look.InkAccent, func() { v.h.Go("terms") }),
		func() *bool { return &u.In.Accept })
	if !u.Known || u.Deployment.SIN {
		p.form.Put(part.NewWrapLink(w.S(i18n.ExpressBack), look.Body, look.InkAccent, func() { u.UseExpress(false) }))
	}
	p.also = func() []fyne.CanvasObject {
		if u.Wrong(account.ExpressFormat) || u.Wrong(account.ExpressUsed) { // those that are missing say it themselves
			return []fyne.CanvasObject{part.Banner(part.Plain, look.IconInfo, w.S(i18n.ExpressContact))}
		}
		return nil
	}
	return p
}

// questions asks for five, all different, and their answers.
func (v *SignUp) questions() *pageOf {
	w := v.s.Words()
	p := v.page(v.head(i18n.QuestionsWhy, side(w.S(i18n.QuestionsTips), w.S(i18n.QuestionsTipsEasy), w.S(i18n.QuestionsTipsFold), w.S(i18n.QuestionsTipsWhen)), v.abandon()),
		w.S(i18n.AcctDone), v.u.Send)
	p.five()
	return p
}

// done says what the account opens, and honestly what was not verified.
func (v *SignUp) done() *pageOf {
	w := v.s.Words()
	acts := []*part.Button{}
	if v.h.Has("portal") {
		acts = append(acts, button(w.S(i18n.SignupDonePortal), func() { v.h.Go("portal") }))
	}
	p := v.page(part.FormOptions{Title: w.S(i18n.SignupDone), Acts: acts}, w.S(i18n.SignupDoneSearch), func() { v.h.Go("search") })
	p.say(w.S(i18n.SignupDoneBoth))
	if v.u.Deployment.Verified == "local" {
		p.form.Put(part.Banner(part.Plain, look.IconInfo, w.S(i18n.MeVerifiedLocal)))
	}
	p.first = p.send
	return p
}
