package ui

import (
	"testing"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/gate"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// TestInvitedWalk: a counsellor takes up the account that an operator prepared, in the
// window against a real server: terms, a password and questions of their own, and no way in
// without a second factor; then signs in with all three.
//
// Rows, B-030, B-031, B-032
func TestInvitedWalk(t *testing.T) {
	town := newTown(t, wire.Deployment{Mailbox: true, Demo: true})
	b := open(t, setup{lang: i18n.French, accounts: town.keeper(t)})
	w := i18n.For(i18n.French)
	defer town.desk.Watch(func() { b.hand.soon = append(b.hand.soon, b.s.Present.Look) })()
	const email = "conseil@exemple.ca"
	made, err := town.gate.Invite(t.Context(), gate.Invitation{Email: email, First: "Ada", Last: "Test", Lang: "fr", Role: account.Counsellor}, false, noon)
	if err != nil || made.Code == "" {
		t.Fatalf("Invite: %+v, %v", made, err)
	}
	n := b.s.Invited
	b.Go("signin")
	b.hand.settle()
	b.use(t, w.S(i18n.InvitedTitle))
	b.write(t, w.S(i18n.FieldEmail), email)
	b.write(t, w.S(i18n.InvitedCode), "pas-le-code")
	b.use(t, w.S(i18n.CommonContinue))
	if n.Step() != account.StepInvite || !n.Wrong(account.Credentials) {
		t.Fatalf("a wrong code led to %s: %+v, %+v", n.Step(), n.Errors, n.Trouble)
	}
	b.write(t, w.S(i18n.InvitedCode), made.Code)
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, n.Flow, account.StepTerms)
	b.use(t, w.S(i18n.AcctAccept))
	stands(t, n.Flow, account.StepNewPassword)
	b.write(t, w.S(i18n.FieldNewpassword), goodPassword)
	b.write(t, w.S(i18n.FieldNewagain), goodPassword)
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, n.Flow, account.StepQuestions)
	for i, id := range account.QuestionIDs[:5] {
		n.Choose(i, id)
		n.QA(i).Answer = "réponse " + id
	}
	n.Send()
	b.hand.settle()
	stands(t, n.Flow, account.StepSetup)
	n.In.Method = string(account.TOTP)
	n.Send()
	b.hand.settle()
	stands(t, n.Flow, account.StepConfirm)
	n.In.Code = totp(t, n.Flow)
	n.Send()
	b.hand.settle()
	stands(t, n.Flow, account.StepCodes)
	n.Send()
	b.hand.settle()
	if !n.Finished || !n.Opened || !b.sees(w.S(i18n.SigninDone)) {
		t.Fatalf("not in: at %s, %+v, %+v", n.Step(), n.Errors, n.Trouble)
	}
	if at := town.desk.Standing(); at.Policy != account.TwoFactor || len(at.Roles) != 1 || at.Roles[0] != account.Counsellor {
		t.Errorf("the session is %+v, want a counsellor's, with two factors", at)
	}

	// Another factor: the one of a minute ago still counts, and a letter proves the new one.
	town.letters(t)
	b.Go("me")
	b.hand.settle()
	b.Go("factor")
	b.hand.settle()
	f := b.s.NewFactor
	stands(t, f.Flow, account.StepSetup)
	f.In.Method = string(account.EMail)
	f.Send()
	b.hand.settle()
	stands(t, f.Flow, account.StepConfirm)
	b.write(t, w.S(i18n.FieldCode), town.letter(t, mail.FactorCode).Code)
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, f.Flow, account.StepCodes)
	again := f.Prompt.Codes
	f.Send()
	b.hand.settle()
	if !f.Finished || len(again) != 5 || !b.sees(w.S(i18n.MeFactorKept)) {
		t.Errorf("the factor was not changed: at %s, %+v, %+v", f.Step(), f.Errors, f.Trouble)
	}
	if m := town.letter(t, mail.FactorSet); m.To != email {
		t.Errorf("the notice went to %q", m.To)
	}
}
