package screen

import (
	"slices"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Enrol draws the registration of a portal credential (B-037).
type Enrol struct {
	*wizard
	e *state.Enrol
}

// NewEnrol draws the registration where it stands.
func NewEnrol(s *state.State, h Host) *Enrol {
	v := &Enrol{e: s.Enrol}
	v.wizard = newWizard(s, h, s.Enrol.Flow, v.step)
	return v
}

// Enter goes on, once it is known who registers and what there is already.
func (v *Enrol) Enter() {
	v.e.Open()
	if v.at != nil && !v.e.Begun() {
		v.draw()
	}
	v.wizard.Enter()
}

// Left forgets the secrets, and a registration that has ended.
func (v *Enrol) Left() {
	v.wizard.Left()
	if v.e.Finished {
		v.e.Abandon()
	}
}

func (v *Enrol) head(why string, beside fyne.CanvasObject) part.FormOptions {
	w, e := v.s.Words(), v.e
	names, at := e.Steps()
	return part.FormOptions{Title: w.S(i18n.MePortalRegister), Why: why, Steps: names, At: at, Side: beside,
		Where: w.S(i18n.FlowWhere, "N", at, "All", len(names), "Name", names[max(at-1, 0)]),
		Acts: []*part.Button{button(w.S(i18n.FlowAbandon), func() {
			e.Abandon()
			v.h.Go("portal")
		})}}
}

// needs says that one signs in or signs up first, and comes back here then (B-014).
func (v *wizard) needs(here string, why i18n.Key) *pageOf {
	w, s := v.s.Words(), v.s
	to := func(where string) func() {
		return func() {
			s.Enrol.Seek(here)
			v.h.Go(where)
		}
	}
	q := v.page(part.FormOptions{Title: w.S(i18n.MePortalRegister), Why: w.S(why),
		Acts: []*part.Button{button(w.S(i18n.AcctSignup), to("signup"))}}, w.S(i18n.AcctSignin), to("signin"))
	q.say(w.S(i18n.EnrolNeedsWhy))
	q.first = q.send
	return q
}

func (v *Enrol) step() *pageOf {
	w, e := v.s.Words(), v.e
	demo := e.Deployment.Mailbox
	switch {
	case e.Finished:
		q := v.page(part.FormOptions{Title: w.S(i18n.EnrolDone)}, w.S(i18n.CommonContinue), func() { v.h.Go("portal") })
		q.say(w.S(i18n.EnrolDoneWhy))
		q.first = q.send
		return q
	case e.Needs():
		return v.needs("enrol", i18n.EnrolNeeds)
	case !e.Started && !e.Begun():
		return v.why()
	}
	switch e.Step() {
	case account.StepRecovery:
		return v.recovery()
	case account.StepSetup:
		return v.setupPage(v.head("", nil))
	case account.StepConfirm:
		return v.confirmPage(v.otherMethod(v.head("", nil)), demo)
	case account.StepCodes:
		return v.codesPage(v.head("", nil))
	}
	return v.username()
}

// why says what it takes, and what goes if there is a credential already (B-021, B-024, B-035).
func (v *Enrol) why() *pageOf {
	w, e := v.s.Words(), v.e
	o := part.FormOptions{Title: w.S(i18n.MePortalRegister), Why: w.S(i18n.EnrolWhy),
		Side: side(w.S(i18n.PortalSame), w.S(i18n.PortalSameWhy), w.S(i18n.PortalSameOther))}
	if len(e.Deployment.Partners) > 0 {
		o.Acts = append(o.Acts, button(w.S(i18n.PartnerEnrol), func() { v.h.Go("partner-enrol") }))
	}
	q := v.page(o, w.S(i18n.CommonContinue), e.Begin)
	if c := v.s.Me.Account.Credential; e.Replaces() {
		name := c.Username
		if c.Partner != "" {
			name = v.s.PartnerName(e.Deployment, c.Partner)
		}
		q.form.Put(part.Banner(part.Warn, look.IconWarn, w.S(i18n.EnrolReplacesName, "Name", name)+" "+w.S(i18n.EnrolReplaces)))
	}
	for _, k := range []i18n.Key{i18n.EnrolTakesName, i18n.EnrolTakesRecovery, i18n.EnrolTakesFactor} {
		q.say("• " + w.S(k))
	}
	q.first = q.send
	return q
}

// username asks for a username and a password of their own (B-028, B-029).
func (v *Enrol) username() *pageOf {
	w, e := v.s.Words(), v.e
	q := v.page(v.head("", side(w.S(i18n.EnrolRules), w.S(i18n.EnrolRulesPassword), w.S(i18n.EnrolRulesPhrase), w.S(i18n.EnrolRulesOther))), w.S(i18n.CommonContinue), e.Send)
	q.text("username", w.S(i18n.MeUsername), w.S(i18n.EnrolNameHelp), func() *string { return &e.In.Username })
	q.secret("password", w.S(i18n.FieldPassword), w.S(i18n.EnrolPasswordHelp), func() *string { return &e.In.Password })
	q.secret("again", w.S(i18n.FieldAgain), "", func() *string { return &e.In.Again })
	q.also = func() []fyne.CanvasObject { return v.ends(q, false) }
	return q
}

// recovery asks for what a forgotten username or password is recovered with (B-023, B-027).
func (v *Enrol) recovery() *pageOf {
	w, e := v.s.Words(), v.e
	q := v.page(v.head(w.S(i18n.EnrolRecoveryWhy), side(w.S(i18n.EnrolHints), w.S(i18n.EnrolHintsSeen), w.S(i18n.EnrolHintsNot), w.S(i18n.QuestionsTipsFold))), w.S(i18n.CommonContinue), e.Send)
	q.text("recovery_email", w.S(i18n.EnrolEmail), w.S(i18n.EnrolEmailHelp), func() *string { return &e.In.RecoveryEmail })
	var names []string
	for _, id := range account.QuestionIDs {
		names = append(names, w.S(account.QuestionKey(id)))
	}
	at := func() int { return slices.Index(account.QuestionIDs, e.In.Question) }
	pick := part.NewPick(w.S(i18n.EnrolQuestion), w.S(i18n.QuestionsChoose), w.S(i18n.Close), names, at(), func(i int) {
		e.Ask(account.QuestionIDs[i])
		q.update()
	})
	q.form.Add("question", pick)
	q.sync = append(q.sync, func() { pick.Set(names, at()) })
	q.secret("answer", w.S(i18n.GckAnswer), "", func() *string { return &e.In.Answer })
	q.secret("person", w.S(i18n.GckPerson), w.S(i18n.EnrolPersonHelp), func() *string { return &e.In.Person })
	q.text("person_hint", w.S(i18n.EnrolPersonHint), "", func() *string { return &e.In.PersonHint })
	q.secret("date", w.S(i18n.GckDate), w.S(i18n.EnrolDateHelp), func() *string { return &e.In.Date })
	q.text("date_hint", w.S(i18n.EnrolDateHint), "", func() *string { return &e.In.DateHint })
	q.also = func() []fyne.CanvasObject { return v.ends(q, false) }
	return q
}
