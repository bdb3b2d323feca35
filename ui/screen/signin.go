package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// SignIn draws the sign-in, and what an account still owes before a session opens.
type SignIn struct {
	*wizard
	n        *state.SignIn
	recovery bool // the factor page asks for a recovery code
	terms    i18n.Lang
}

// NewSignIn draws the sign-in where it stands.
func NewSignIn(s *state.State, h Host) *SignIn { return newSignIn(s, h, s.SignIn) }

// NewInvited draws how an invitation is taken up.
func NewInvited(s *state.State, h Host) *SignIn { return newSignIn(s, h, s.Invited) }

func newSignIn(s *state.State, h Host, n *state.SignIn) *SignIn {
	v := &SignIn{n: n, terms: s.Lang()}
	v.wizard = newWizard(s, h, n.Flow, v.step)
	return v
}

// Enter goes on.
func (v *SignIn) Enter() {
	v.n.Open()
	v.wizard.Enter()
}

// Left forgets the secrets, and how the last sign-in ended.
func (v *SignIn) Left() {
	v.wizard.Left()
	v.recovery = false
	if v.n.Finished {
		v.n.Abandon()
	}
}

func (v *SignIn) step() *pageOf {
	w, n := v.s.Words(), v.n
	head := func(title, why i18n.Key) part.FormOptions {
		o := part.FormOptions{Title: w.S(title), Acts: []*part.Button{button(w.S(i18n.FlowRestart), n.Restart)}}
		if why != "" {
			o.Why = w.S(why)
		}
		return o
	}
	if n.Finished {
		return v.done()
	}
	demo := n.Deployment.Mailbox
	switch n.Step() {
	case account.StepQuestion:
		p := v.page(head(i18n.SigninTitle, i18n.SigninQuestionWhy), w.S(i18n.CommonContinue), n.Send)
		p.secret("answer", w.S(account.QuestionKey(n.Prompt.Question)), w.S(i18n.QuestionsTipsFold), func() *string { return &n.In.Answer })
		p.help = nil
		return p
	case account.StepFactor:
		return v.factorPage(head(i18n.FactorTitle, ""), v.recovery, func() {
			v.recovery = !v.recovery
			n.In.Code, n.In.Recovery = "", ""
			v.draw()
			v.focus()
		}, demo)
	case account.StepSetup:
		return v.setupPage(head(i18n.FactorTitle, ""))
	case account.StepConfirm:
		return v.confirmPage(head(i18n.FactorTitle, ""), demo)
	case account.StepCodes:
		return v.codesPage(part.FormOptions{Title: w.S(i18n.FactorCodes)})
	case account.StepTerms:
		why := i18n.SigninTermsWhy
		if n.Invitation() {
			why = ""
		}
		p := v.page(head(i18n.TermsTitle, why), w.S(i18n.AcctAccept), n.Accept)
		turn := button(i18n.For(v.terms.Other()).S(i18n.TermsIn), func() {
			v.terms = v.terms.Other()
			v.draw()
			v.focus()
		})
		p.form.Put(part.Wrap(look.S2, turn))
		p.form.Put(clauses(v.terms, n.Deployment))
		p.first = turn
		return p
	case account.StepQuestions:
		p := v.page(head(i18n.SigninQuestionsTitle, i18n.QuestionsWhy), w.S(i18n.CommonContinue), n.Send)
		p.five()
		return p
	case account.StepNewPassword:
		title, why := i18n.AcctReset, i18n.SigninTemporaryWhy
		send := title
		if n.Invitation() {
			title, why, send = i18n.InvitedPassword, "", i18n.CommonContinue
		}
		p := v.page(head(title, why), w.S(send), n.Send)
		p.secret("password", w.S(i18n.FieldNewpassword), w.S(i18n.FieldPasswordHelp), func() *string { return &n.In.Password })
		p.secret("again", w.S(i18n.FieldNewagain), "", func() *string { return &n.In.Again })
		return p
	}
	if n.Invitation() {
		return v.invitation()
	}
	return v.password()
}

// invitation is the first page for whom an operator invited.
func (v *SignIn) invitation() *pageOf {
	w, n := v.s.Words(), v.n
	p := v.page(part.FormOptions{Title: w.S(i18n.InvitedTitle), Why: w.S(i18n.InvitedWhy)}, w.S(i18n.CommonContinue), n.Send)
	p.text("email", w.S(i18n.FieldEmail), "", func() *string { return &n.In.Email })
	p.secret("code", w.S(i18n.InvitedCode), w.S(i18n.InvitedCodeHelp), func() *string { return &n.In.Code })
	return p
}

// password is the first page: e-mail and password, and the ways for who has neither.
func (v *SignIn) password() *pageOf {
	w, n := v.s.Words(), v.n
	p := v.page(part.FormOptions{Title: w.S(i18n.SigninTitle), Why: w.S(i18n.SigninWhy),
		Side: side(w.S(i18n.SigninKnow), w.S(i18n.SigninKnowBoth), w.S(i18n.SigninKnowQuestion), w.S(i18n.SigninKnowOffline))},
		w.S(i18n.AcctSignin), n.Send)
	p.text("email", w.S(i18n.FieldEmail), "", func() *string { return &n.In.Email })
	p.secret("password", w.S(i18n.FieldPassword), "", func() *string { return &n.In.Password })
	links := []fyne.CanvasObject{}
	if v.h.Has("recover") {
		links = append(links, part.NewWrapLink(w.S(i18n.AcctRecover), look.Body, look.InkAccent, func() { v.h.Go("recover") }))
	}
	links = append(links, part.NewWrapLink(w.S(i18n.AcctSignup), look.Body, look.InkAccent, func() { v.h.Go("signup") }),
		part.NewWrapLink(w.S(i18n.InvitedTitle), look.Body, look.InkAccent, func() { v.h.Go("invited") }))
	p.form.Put(part.Column(look.S1, links...))
	p.also = func() []fyne.CanvasObject {
		p.help = nil
		if n.Suspended() && v.h.Has("recover") {
			b := part.NewButton(w.S(i18n.AcctRecover), part.Secondary, "", func() { v.h.Go("recover") })
			p.help = b
			return []fyne.CanvasObject{part.Wrap(look.S2, b)}
		}
		return nil
	}
	return p
}

// done says that a session is open, or that one can be opened now.
func (v *SignIn) done() *pageOf {
	w := v.s.Words()
	if v.n.Opened {
		p := v.page(part.FormOptions{Title: w.S(i18n.SigninDone)}, w.S(i18n.CommonContinue), func() { v.h.Go("search") })
		p.say(w.S(i18n.SigninDoneWhy))
		p.first = p.send
		return p
	}
	p := v.page(part.FormOptions{Title: w.S(i18n.AcctSigninnow), Why: w.S(i18n.SigninAgainWhy)}, w.S(i18n.AcctSignin), v.n.Restart)
	p.first = p.send
	return p
}
