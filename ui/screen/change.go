package screen

import (
	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// change draws a flow that changes what opens a session, within one. It is begun when it is
// shown, and leads back to the account when it ends.
type change struct {
	*wizard
	title i18n.Key
	done  i18n.Key
}

func (v *change) Enter() {
	if v.f.Finished {
		v.f.Abandon()
	}
	v.wizard.Enter()
	v.f.Start()
}

// Left gives the change up: it is short, and made of secrets. One that waits for a letter
// goes on waiting: the letter may have to be read elsewhere in this program.
func (v *change) Left() {
	v.wizard.Left()
	if v.f.Prompt.Sent == "" || v.f.Finished {
		v.f.Abandon()
	}
}

// Back leaves the change.
func (v *change) Back() bool {
	v.h.Go("me")
	return true
}

func (v *change) head(why i18n.Key) part.FormOptions {
	w := v.s.Words()
	o := part.FormOptions{Title: w.S(v.title), Acts: []*part.Button{button(w.S(i18n.Cancel), func() { v.h.Go("me") })}}
	if why != "" {
		o.Why = w.S(why)
	}
	return o
}

// ended says that it was done.
func (v *change) ended() *pageOf {
	w := v.s.Words()
	p := v.page(part.FormOptions{Title: w.S(v.title)}, w.S(i18n.AcctMine), func() { v.h.Go("me") })
	p.say(w.S(v.done))
	p.first = p.send
	return p
}

// NewEmailChange draws the change of the account's address: the new one is proven by a code.
func NewEmailChange(s *state.State, h Host) Screen {
	v := &change{title: i18n.MeChangeEmail, done: i18n.MeEmailKept}
	f := s.NewEmail.Flow
	v.wizard = newWizard(s, h, f, func() *pageOf {
		w := s.Words()
		switch {
		case f.Finished:
			return v.ended()
		case f.Step() == account.StepCode:
			p := v.page(v.head(""), w.S(i18n.CommonContinue), f.Send)
			v.factorSent(p)
			return p
		}
		p := v.page(v.head(i18n.MeEmailWhy), w.S(i18n.CommonContinue), f.Send)
		p.text("email", w.S(i18n.MeEmailNew), "", func() *string { return &f.In.Email })
		p.secret("current", w.S(i18n.MeCurrent), "", func() *string { return &f.In.Current })
		return p
	})
	return v
}

// factorSent asks for the code of a letter.
func (v *change) factorSent(p *pageOf) {
	w, f := v.s.Words(), v.f
	p.say(w.S(i18n.FlowSent, "Email", f.Prompt.Sent))
	p.code("code", w.S(i18n.FieldCode), "", func() *string { return &f.In.Code })
	p.resend()
	v.mailbox(p, v.s.Me.Deployment.Mailbox)
}

// NewFactorChange draws the change of the second factor (B-032): the one of today first.
func NewFactorChange(s *state.State, h Host) Screen {
	v := &change{title: i18n.Gck2faChange, done: i18n.MeFactorKept}
	n := s.NewFactor
	v.wizard = newWizard(s, h, n.Flow, func() *pageOf {
		switch n.Step() {
		case account.StepSetup:
			return v.setupPage(v.head(""))
		case account.StepConfirm:
			return v.confirmPage(v.head(""), s.Me.Deployment.Mailbox)
		case account.StepCodes:
			return v.codesPage(v.head(""))
		}
		if n.Finished {
			return v.ended()
		}
		return v.factorPage(v.head(i18n.MeFactorWhy), n.Recovery, n.Turn, s.Me.Deployment.Mailbox)
	})
	return v
}
