package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Recover draws the recovery of a password and the reactivation of an account: one way for
// both.
type Recover struct {
	*wizard
	r *state.Recover
}

// NewRecover draws the recovery where it stands.
func NewRecover(s *state.State, h Host) *Recover {
	v := &Recover{r: s.Recover}
	v.wizard = newWizard(s, h, s.Recover.Flow, v.step)
	return v
}

// Enter goes on.
func (v *Recover) Enter() {
	v.r.Open()
	v.wizard.Enter()
}

// Left forgets the secrets, and a recovery that has ended.
func (v *Recover) Left() {
	v.wizard.Left()
	if v.r.Finished {
		v.r.Abandon()
	}
}

func (v *Recover) head(why string, beside fyne.CanvasObject, acts ...*part.Button) part.FormOptions {
	w := v.s.Words()
	names, at := v.r.Steps()
	return part.FormOptions{Title: w.S(i18n.AcctRecover), Why: why, Steps: names, At: at, Side: beside, Acts: acts,
		Where: w.S(i18n.FlowWhere, "N", at, "All", len(names), "Name", names[max(at-1, 0)])}
}

func (v *Recover) restart() *part.Button { return button(v.s.Words().S(i18n.FlowRestart), v.r.Restart) }

func (v *Recover) step() *pageOf {
	w, r := v.s.Words(), v.r
	if r.Finished {
		p := v.page(part.FormOptions{Title: w.S(i18n.AcctSigninnow), Why: w.S(i18n.SigninAgainWhy)}, w.S(i18n.AcctSignin), func() { v.h.Go("signin") })
		p.say(w.S(i18n.RecoverDone))
		p.first = p.send
		return p
	}
	var p *pageOf
	switch r.Step() {
	case account.StepCode:
		p = v.page(v.head("", side(w.S(i18n.SignupNoletter), w.S(i18n.SignupNoletterSpam), w.S(i18n.RecoverNoletter)), v.restart()), w.S(i18n.CommonContinue), r.Send)
		p.say(w.S(i18n.RecoverSent, "Email", r.Prompt.Sent))
		p.code("code", w.S(i18n.FieldCode), w.S(i18n.SignupLink), func() *string { return &r.In.Code })
		p.resend()
		v.mailbox(p, r.Deployment.Mailbox)
	case account.StepQuestion:
		var acts []*part.Button
		if r.Prompt.Other {
			acts = append(acts, button(w.S(i18n.AcctOtherquestion), r.Another))
		}
		p = v.page(v.head(w.S(i18n.SigninQuestionWhy), side(w.S(i18n.RecoverForgot), w.S(i18n.RecoverForgotOther), w.S(i18n.RecoverForgotTeam)), append(acts, v.restart())...),
			w.S(i18n.CommonContinue), r.Send)
		p.secret("answer", w.S(account.QuestionKey(r.Prompt.Question)), w.S(i18n.QuestionsTipsFold), func() *string { return &r.In.Answer })
		p.form.Put(v.team(i18n.RecoverTeam))
	case account.StepNewPassword:
		p = v.page(v.head("", nil, v.restart()), w.S(i18n.AcctReset), r.Send)
		p.secret("password", w.S(i18n.FieldNewpassword), w.S(i18n.FieldPasswordHelp), func() *string { return &r.In.Password })
		p.secret("again", w.S(i18n.FieldNewagain), "", func() *string { return &r.In.Again })
	default:
		p = v.page(v.head(w.S(i18n.RecoverWhy), side(w.S(i18n.RecoverKnow), w.S(i18n.RecoverKnowNeutral), w.S(i18n.RecoverKnowSuspended), w.S(i18n.RecoverKnowPortal))),
			w.S(i18n.CommonContinue), r.Send)
		p.text("first", w.S(i18n.FieldFirst), w.S(i18n.RecoverAsRegistered), func() *string { return &r.In.First })
		p.text("last", w.S(i18n.FieldLast), w.S(i18n.RecoverAsRegistered), func() *string { return &r.In.Last })
		p.text("email", w.S(i18n.FieldEmail), w.S(i18n.RecoverAsRegistered), func() *string { return &r.In.Email })
	}
	p.also = func() []fyne.CanvasObject {
		p.help = nil
		switch {
		case r.Agent():
			b := button(w.S(i18n.RecoverTeam), v.write)
			p.help = b
			return []fyne.CanvasObject{part.Wrap(look.S2, b)}
		case r.Wrong(account.MustReset):
			b := button(w.S(i18n.AcctSignin), func() { v.h.Go("signin") })
			p.help = b
			return []fyne.CanvasObject{part.Wrap(look.S2, b)}
		}
		return nil
	}
	return p
}

// write goes to the request to the team, with what was typed of oneself.
func (v *Recover) write() {
	v.r.Ask()
	v.h.Go("request")
}

func (v *Recover) team(k i18n.Key) fyne.CanvasObject {
	return part.NewWrapLink(v.s.Words().S(k), look.Body, look.InkAccent, v.write)
}
