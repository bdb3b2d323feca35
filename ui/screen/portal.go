package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Portal draws the ways into the employer portal, the sign-in, and what is open once one is in.
type Portal struct {
	*wizard
	p *state.Portal
}

// NewPortal draws the portal where it stands.
func NewPortal(s *state.State, h Host) *Portal {
	v := &Portal{p: s.Portal}
	v.wizard = newWizard(s, h, s.Portal.Flow, v.step)
	return v
}

// Enter goes on, once it is known what this server offers.
func (v *Portal) Enter() {
	v.p.Open()
	if v.at != nil && !v.p.Begun() && !v.p.Entering {
		v.draw() // who is at the desk may have changed
	}
	v.wizard.Enter()
}

// Left forgets the secrets, and how the last sign-in ended.
func (v *Portal) Left() {
	v.wizard.Left()
	switch {
	case v.p.Finished, v.p.Revoked(): // which nothing mends
		v.p.Ways()
	case v.p.Entering && !v.p.Begun():
		v.p.Entering, v.at = false, nil
	}
}

// Back leaves the page of username and password for the ways in.
func (v *Portal) Back() bool {
	if v.p.Finished || !v.p.Entering || v.p.Begun() {
		return false
	}
	v.p.Ways()
	return true
}

// title is that of the pages that have none of their own.
func (v *Portal) head(title, why i18n.Key) part.FormOptions {
	w := v.s.Words()
	o := part.FormOptions{Title: w.S(title), Acts: []*part.Button{button(w.S(i18n.FlowRestart), v.p.Restart)}}
	if why != "" {
		o.Why = w.S(why)
	}
	return o
}

func (v *Portal) step() *pageOf {
	w, p := v.s.Words(), v.p
	demo := p.Deployment.Mailbox
	switch {
	case p.Finished || p.Inside() && !p.Begun():
		return v.home()
	case !p.Entering && !p.Begun():
		return v.ways()
	}
	switch p.Step() {
	case account.StepFactor:
		return v.factorPage(v.head(i18n.FactorTitle, ""), p.Recovery, p.Turn, demo)
	case account.StepSetup:
		return v.setupPage(v.head(i18n.FactorTitle, ""))
	case account.StepConfirm:
		return v.confirmPage(v.otherMethod(v.head(i18n.FactorTitle, "")), demo)
	case account.StepCodes:
		return v.codesPage(part.FormOptions{Title: w.S(i18n.FactorCodes)})
	case account.StepSuccess:
		q := v.page(part.FormOptions{Title: w.S(i18n.Gck2faOk), Acts: []*part.Button{button(w.S(i18n.Gck2faChange), p.ChangeFactor)}},
			w.S(i18n.CommonContinue), p.GoOn)
		q.say(w.S(i18n.PortalSuccess))
		q.first = q.send
		return q
	}
	return v.password()
}

// otherMethod offers another factor than the one that is being confirmed.
func (v *wizard) otherMethod(o part.FormOptions) part.FormOptions {
	m := v.f.OtherMethod()
	k := i18n.PortalFactorEmail
	if m == account.TOTP {
		k = i18n.PortalFactorTotp
	}
	o.Acts = append([]*part.Button{button(v.s.Words().S(k), func() { v.f.ChooseMethod(m) })}, o.Acts...)
	return o
}

// ways are the ways in: to sign in, to register, by a partner (B-004, B-006, B-007).
func (v *Portal) ways() *pageOf {
	w, p := v.s.Words(), v.p
	q := v.page(part.FormOptions{Title: w.S(i18n.NavEmployers), Why: w.S(i18n.PortalWhy),
		Side: side(w.S(i18n.PortalSame), w.S(i18n.PortalSameWhy), w.S(i18n.PortalSameOther), w.S(i18n.PortalDevices))}, "", nil)
	in := part.NewButton(w.S(i18n.NavEmployersSignin), part.Primary, "", p.Enter)
	q.first = in
	q.form.Put(part.Section(v.s.CredentialName(p.Deployment), w.S(i18n.PortalCredentialWhy), part.Wrap(look.S2, in,
		button(w.S(i18n.NavEmployersRegister), func() { v.h.Go("enrol") }))))
	if len(p.Deployment.Partners) > 0 {
		q.form.Put(part.Section(w.S(i18n.MePartner), w.S(i18n.PartnerWhy), part.Wrap(look.S2,
			button(w.S(i18n.PartnerChoose), func() { v.h.Go("partner") }), button(w.S(i18n.PartnerChange), func() { v.h.Go("partner-change") }))))
	}
	q.form.Put(v.lost())
	return q
}

// lost are the ways for whoever forgot something: the username comes first (B-020).
func (v *Portal) lost() fyne.CanvasObject {
	w := v.s.Words()
	link := func(k i18n.Key, both bool, to string) fyne.CanvasObject {
		return part.NewWrapLink(w.S(k), look.Body, look.InkAccent, func() {
			if to == "username" {
				v.s.UsernameBack.Both = both
			}
			v.h.Go(to)
		})
	}
	return part.Column(look.S1, link(i18n.GckForgotuser, false, "username"), link(i18n.GckForgotpw, false, "password"),
		link(i18n.PortalBoth, true, "username"), link(i18n.ContactHelp, false, "help"))
}

// password is the page of username and password.
func (v *Portal) password() *pageOf {
	w, p := v.s.Words(), v.p
	acts := []*part.Button{button(w.S(i18n.NavEmployersRegister), func() { v.h.Go("enrol") })}
	if len(p.Deployment.Partners) > 0 {
		acts = append(acts, button(w.S(i18n.PartnerChoose), func() { v.h.Go("partner") }))
	}
	q := v.page(part.FormOptions{Title: w.S(i18n.NavEmployers), Why: w.S(i18n.PortalWith, "Name", v.s.CredentialName(p.Deployment)), Acts: acts,
		Side: side(w.S(i18n.PortalSame), w.S(i18n.PortalSameWhy), w.S(i18n.PortalFactorNext))}, w.S(i18n.NavEmployersSignin), p.Send)
	q.text("username", w.S(i18n.MeUsername), "", func() *string { return &p.In.Username })
	q.secret("password", w.S(i18n.FieldPassword), "", func() *string { return &p.In.Password })
	q.form.Put(v.lost())
	q.also = func() []fyne.CanvasObject { return v.ends(q, p.Revoked()) }
	return q
}

// ends are what helps somebody whose credential or account opens nothing.
func (v *wizard) ends(q *pageOf, revoked bool) []fyne.CanvasObject {
	w := v.s.Words()
	var acts []fyne.CanvasObject
	add := func(k i18n.Key, to string) {
		b := button(w.S(k), func() {
			if here := map[account.Kind]string{account.Enrol: "enrol", account.EnrolPartner: "partner-enrol"}[v.f.Kind]; to == "signin" && here != "" {
				v.s.Enrol.Seek(here)
			}
			v.h.Go(to)
		})
		if q.help == nil {
			q.help = b
		}
		acts = append(acts, b)
	}
	switch {
	case revoked:
		add(i18n.MePortalAgain, "enrol")
		if len(v.s.Portal.Deployment.Partners) > 0 {
			add(i18n.PartnerChoose, "partner")
		}
	case v.f.Wrong(account.IsSuspended):
		add(i18n.AcctRecover, "recover")
	case v.f.Wrong(account.MustReset), v.f.Wrong(account.SignInNeeded):
		add(i18n.AcctSignin, "signin")
	default:
		return nil
	}
	return []fyne.CanvasObject{part.Wrap(look.S2, acts...)}
}

// home is what is open once one is in: the credential, and honestly nothing else yet.
func (v *Portal) home() *pageOf {
	w, m := v.s.Words(), v.s.Me
	var acts []*part.Button
	c := m.Account.Credential
	if c != nil && c.Partner != "" {
		acts = append(acts, button(w.S(i18n.PartnerChange), func() { v.h.Go("partner-change") }))
	} else if v.h.Has("factor") {
		acts = append(acts, button(w.S(i18n.Gck2faChange), func() { v.h.Go("factor") }))
	}
	q := v.page(part.FormOptions{Title: w.S(i18n.PortalHome), Why: w.S(i18n.PortalHomeWhy), Acts: acts}, w.S(i18n.AcctMine), func() { v.h.Go("me") })
	q.first = q.send
	q.form.Put(part.Card(part.Empty(look.IconWork, w.S(i18n.PortalEmpty), w.S(i18n.PortalEmptyWhy))))
	if c != nil {
		left := ""
		if c.Factor != "" {
			left = w.N(i18n.MeCodesLeft, c.CodesLeft)
		}
		recovery := c.RecoveryEmail
		if recovery == "" && c.Partner == "" {
			recovery = w.S(i18n.MeRecoveryNone)
		}
		title, partner, factor := v.s.CredentialName(v.p.Deployment), "", ""
		if c.Partner != "" {
			title, partner = w.S(i18n.MePortal), v.s.PartnerName(v.p.Deployment, c.Partner)
		} else {
			factor = m.Method(c.Factor)
		}
		q.form.Put(part.Section(title, "", facts(w.S(i18n.MeUsername), c.Username, w.S(i18n.MePartner), partner,
			w.S(i18n.MeFactor), factor, w.S(i18n.MeCodes), left, w.S(i18n.MeRecovery), recovery, w.S(i18n.MeLastused), m.Day(c.LastUsed))))
	}
	return q
}

// UsernameBack draws the recovery of a username, in two pages (B-022).
type UsernameBack struct {
	*wizard
	u *state.UsernameBack
}

// NewUsernameBack draws the recovery where it stands.
func NewUsernameBack(s *state.State, h Host) *UsernameBack {
	v := &UsernameBack{u: s.UsernameBack}
	v.wizard = newWizard(s, h, s.UsernameBack.Flow, v.step)
	return v
}

// Enter goes on.
func (v *UsernameBack) Enter() {
	v.u.Open()
	v.wizard.Enter()
}

// Left forgets a recovery that has ended.
func (v *UsernameBack) Left() {
	v.wizard.Left()
	if v.u.Finished {
		v.u.Both = false
		v.u.Abandon()
	}
}

// Back leaves the page of those who gave no address.
func (v *UsernameBack) Back() bool {
	if !v.u.None {
		return false
	}
	v.u.Without(false)
	return true
}

func (v *UsernameBack) step() *pageOf {
	w, u := v.s.Words(), v.u
	switch {
	case u.Finished:
		name, to := i18n.NavEmployersSignin, "portal"
		if u.Both {
			name, to = i18n.GckForgotpw, "password"
		}
		go_ := func() {
			if to == "portal" {
				v.s.Portal.Enter()
			}
			v.h.Go(to)
		}
		q := v.page(part.FormOptions{Title: w.S(i18n.UsernameDone)}, w.S(name), go_)
		if u.Both {
			q.say(w.S(i18n.UsernameDoneBoth))
		} else {
			q.say(w.S(i18n.UsernameDoneWhy))
		}
		q.first = q.send
		return q
	case u.None:
		q := v.page(part.FormOptions{Title: w.S(i18n.UsernameNone), Acts: []*part.Button{button(w.S(i18n.UsernameBack), func() { u.Without(false) })}},
			w.S(i18n.MePortalAgain), func() { v.h.Go("enrol") })
		for _, k := range []i18n.Key{i18n.UsernameNoneAgain, i18n.UsernameNoneLost, i18n.UsernameNoneMe} {
			q.say(w.S(k))
		}
		q.first = q.send
		return q
	}
	n, of := u.Screens()
	o := part.FormOptions{Title: w.S(i18n.GckForgotuserStep, "N", n, "All", of)}
	if u.Step() == account.StepSent {
		o.Acts = []*part.Button{button(w.S(i18n.FlowRestart), u.Restart)}
		o.Side = side(w.S(i18n.SignupNoletter), w.S(i18n.SignupNoletterSpam), w.S(i18n.UsernameNoletter), w.S(i18n.UsernameNoletterNone))
		q := v.page(o, w.S(i18n.CommonContinue), u.Send)
		q.say(w.S(i18n.UsernameSent, "Email", u.Prompt.Sent))
		v.mailbox(q, u.Deployment.Mailbox)
		q.first = q.send
		return q
	}
	o.Why = w.S(i18n.UsernameWhy)
	if u.Both {
		o.Why = w.S(i18n.UsernameWhyBoth)
	}
	o.Side = side(w.S(i18n.RecoverKnow), w.S(i18n.UsernameKnow))
	q := v.page(o, w.S(i18n.CommonContinue), u.Send)
	q.text("email", w.S(i18n.MeRecovery), w.S(i18n.UsernameEmail), func() *string { return &u.In.Email })
	q.form.Put(part.NewWrapLink(w.S(i18n.UsernameNone), look.Body, look.InkAccent, func() { u.Without(true) }))
	return q
}

// PasswordBack draws the recovery of a portal password, in four pages (B-025 to B-027).
type PasswordBack struct {
	*wizard
	b *state.PasswordBack
}

// NewPasswordBack draws the recovery where it stands.
func NewPasswordBack(s *state.State, h Host) *PasswordBack {
	v := &PasswordBack{b: s.PasswordBack}
	v.wizard = newWizard(s, h, s.PasswordBack.Flow, v.step)
	return v
}

// Enter goes on.
func (v *PasswordBack) Enter() {
	v.b.Open()
	v.wizard.Enter()
}

// Left forgets the secrets, and a recovery that has ended.
func (v *PasswordBack) Left() {
	v.wizard.Left()
	if v.b.Finished {
		v.b.Abandon()
	}
}

func (v *PasswordBack) step() *pageOf {
	w, b := v.s.Words(), v.b
	if b.Finished {
		q := v.page(part.FormOptions{Title: w.S(i18n.GckForgotpwDone)}, w.S(i18n.CommonContinue), func() {
			v.s.Portal.Enter()
			v.h.Go("portal")
		})
		q.say(w.S(i18n.PasswordDone))
		q.first = q.send
		return q
	}
	n, of := b.Screens()
	o := part.FormOptions{Title: w.S(i18n.GckForgotpwStep, "N", n, "All", of)}
	if b.Begun() {
		o.Acts = []*part.Button{button(w.S(i18n.FlowRestart), b.Restart)}
	}
	var q *pageOf
	switch b.Step() {
	case account.StepMethod:
		o.Why = w.S(i18n.PasswordMethodWhy)
		q = v.page(o, w.S(i18n.CommonContinue), b.SendMethod)
		at := 0
		if b.Questions {
			at = 1
		}
		q.choose("method", w.S(i18n.PasswordMethod), []string{w.S(i18n.FactorByEmail), w.S(i18n.PasswordByQuestions)}, at, func(i int) { b.Choose(i == 1) })
		if b.Questions {
			q.say(w.S(i18n.PasswordByQuestionsWhy))
		} else {
			q.say(w.S(i18n.PasswordByEmailWhy))
			q.text("email", w.S(i18n.MeRecovery), w.S(i18n.UsernameEmail), func() *string { return &b.In.Email })
		}
	case account.StepCode:
		o.Side = side(w.S(i18n.SignupNoletter), w.S(i18n.SignupNoletterSpam), w.S(i18n.PasswordNoletter))
		q = v.page(o, w.S(i18n.CommonContinue), b.Send)
		q.say(w.S(i18n.PasswordSent, "Email", b.Prompt.Sent))
		q.code("code", w.S(i18n.FieldCode), "", func() *string { return &b.In.Code })
		q.resend()
		v.mailbox(q, b.Deployment.Mailbox)
	case account.StepAnswer:
		o.Why = w.S(i18n.PasswordAnswerWhy)
		q = v.page(o, w.S(i18n.CommonContinue), b.Send)
		q.asked(w.S(account.QuestionKey(b.Prompt.Question)), "answer", w.S(i18n.GckAnswer), w.S(i18n.QuestionsTipsFold), func() *string { return &b.In.Answer })
	case account.StepAnswers:
		o.Why = w.S(i18n.PasswordAnswersWhy)
		q = v.page(o, w.S(i18n.CommonContinue), b.Send)
		q.asked(w.S(account.QuestionKey(b.Prompt.Question)), "answer", w.S(i18n.GckAnswer), w.S(i18n.QuestionsTipsFold), func() *string { return &b.In.Answer })
		q.asked(w.S(i18n.PasswordHint, "Hint", b.Prompt.Person), "person", w.S(i18n.GckPerson), "", func() *string { return &b.In.Person })
		q.asked(w.S(i18n.PasswordHint, "Hint", b.Prompt.Date), "date", w.S(i18n.GckDate), w.S(i18n.FormDay), func() *string { return &b.In.Date })
	case account.StepNewPassword:
		one, two := i18n.FieldNewpassword, i18n.FieldNewagain
		if b.Questions {
			one, two = i18n.GckNewpassword, i18n.GckNewagain
		}
		q = v.page(o, w.S(i18n.CommonContinue), b.Send)
		q.secret("password", w.S(one), w.S(i18n.EnrolPasswordHelp), func() *string { return &b.In.Password })
		q.secret("again", w.S(two), "", func() *string { return &b.In.Again })
	default:
		o.Why = w.S(i18n.PasswordWhy)
		o.Side = side(w.S(i18n.RecoverKnow), w.S(i18n.PasswordKnow), w.S(i18n.PasswordKnowRevoked))
		q = v.page(o, w.S(i18n.CommonContinue), b.Send)
		q.text("username", w.S(i18n.MeUsername), "", func() *string { return &b.In.Username })
		q.form.Put(part.NewWrapLink(w.S(i18n.GckForgotuser), look.Body, look.InkAccent, func() {
			v.s.UsernameBack.Both = true // and then this one
			v.h.Go("username")
		}))
	}
	q.also = func() []fyne.CanvasObject { return v.ends(q, false) }
	return q
}

// asked adds a secret answer under what it answers: a question, or one's own hint.
func (p *pageOf) asked(question, field, label, help string, to func() *string) {
	p.say(question)
	p.secret(field, label, help, to)
}

// Partner draws what is done with a sign-in partner: coming in, registering, changing.
type Partner struct {
	*wizard
	p *state.Partner
}

// NewPartner draws the way into the portal by a partner.
func NewPartner(s *state.State, h Host) *Partner { return drawPartner(s, h, s.PartnerIn) }

// NewPartnerEnrol draws the registration with a partner.
func NewPartnerEnrol(s *state.State, h Host) *Partner { return drawPartner(s, h, s.PartnerEnrol) }

// NewPartnerChange draws the change from one partner to another.
func NewPartnerChange(s *state.State, h Host) *Partner { return drawPartner(s, h, s.PartnerChange) }

func drawPartner(s *state.State, h Host, p *state.Partner) *Partner {
	v := &Partner{p: p}
	v.wizard = newWizard(s, h, p.Flow, v.step)
	v.retry = p.Retry
	return v
}

// Enter goes on.
func (v *Partner) Enter() {
	v.p.Open()
	if v.at != nil {
		v.draw()
	}
	v.wizard.Enter()
}

// Left no longer waits for the browser.
func (v *Partner) Left() {
	v.shown = false
	v.p.Pause()
	v.p.Abandon()
}

// Back gives up waiting.
func (v *Partner) Back() bool {
	if !v.p.Waiting {
		return false
	}
	v.p.Cancel()
	return true
}

func (v *Partner) step() *pageOf {
	w, p := v.s.Words(), v.p
	titles := map[account.Kind][2]i18n.Key{account.PortalPartner: {i18n.PartnerChoose, i18n.PartnerChooseWhy},
		account.EnrolPartner: {i18n.PartnerEnrol, i18n.PartnerEnrolWhy}, account.ChangePartner: {i18n.PartnerChange, i18n.PartnerChangeWhy}}
	title, why := titles[p.Kind][0], titles[p.Kind][1]
	switch {
	case p.Finished:
		done := map[account.Kind]i18n.Key{account.PortalPartner: i18n.PartnerDone, account.EnrolPartner: i18n.EnrolDoneWhy, account.ChangePartner: i18n.PartnerChanged}
		q := v.page(part.FormOptions{Title: w.S(title)}, w.S(i18n.CommonContinue), func() { v.h.Go("portal") })
		q.say(w.S(done[p.Kind]))
		q.first = q.send
		return q
	case p.Kind == account.EnrolPartner && v.s.Enrol.Needs():
		return v.needs("partner-enrol", i18n.EnrolNeeds)
	case p.Kind == account.ChangePartner && !v.s.Portal.Inside():
		q := v.page(part.FormOptions{Title: w.S(title), Why: w.S(why)}, w.S(i18n.PartnerChoose), func() { v.h.Go("partner") })
		q.say(w.S(i18n.PartnerChangeFirst))
		q.first = q.send
		return q
	case p.Waiting:
		no := button(w.S(i18n.Cancel), p.Cancel)
		q := v.page(part.FormOptions{Title: w.S(title), Acts: []*part.Button{no}}, "", nil)
		q.form.Put(part.Banner(part.Plain, look.IconWeb, w.S(i18n.PartnerWaiting, "Name", p.Name(p.Chosen))))
		q.say(w.S(i18n.PartnerWaitingWhy))
		q.first = no
		return q
	}
	o := part.FormOptions{Title: w.S(title), Why: w.S(why), Side: side(w.S(i18n.PortalSame), w.S(i18n.PortalSameWhy), w.S(i18n.PortalSameOther))}
	if p.Step() == account.StepNewPartner {
		o.Why = w.S(i18n.PartnerChangeNew)
		o.Acts = []*part.Button{button(w.S(i18n.FlowRestart), p.Restart)}
	}
	all := p.Choices()
	q := v.page(o, "", nil)
	if p.Kind == account.EnrolPartner && v.s.Enrol.Replaces() {
		q.form.Put(part.Banner(part.Warn, look.IconWarn, w.S(i18n.EnrolReplaces)))
	}
	for i, x := range all {
		b := part.NewButton(p.Name(x.ID), part.Secondary, look.IconOut, func() { p.Choose(x.ID) })
		q.form.Put(part.Wrap(0, b))
		if i == 0 {
			q.first = b
		}
	}
	if len(all) == 0 {
		q.form.Put(part.Card(part.Empty(look.IconWeb, w.S(i18n.PartnerNone), w.S(i18n.PartnerNoneWhy))))
		b := button(w.S(i18n.NavEmployers), func() { v.h.Go("portal") })
		q.form.Put(part.Wrap(0, b))
		q.first = b
	}
	q.also = func() []fyne.CanvasObject {
		q.help = nil
		if !p.Other() {
			return v.ends(q, false)
		}
		acts := []fyne.CanvasObject{}
		if p.Kind == account.PortalPartner {
			b := button(w.S(i18n.PartnerEnrol), func() { v.h.Go("partner-enrol") })
			q.help = b
			acts = append(acts, b, button(w.S(i18n.NavEmployers), func() { v.h.Go("portal") }))
		}
		return []fyne.CanvasObject{part.Wrap(look.S2, acts...)}
	}
	return q
}
