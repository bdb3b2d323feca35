package ui

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/client"
	"passerelle/sync/mail"
	"passerelle/sync/partner/partnertest"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// register makes an account, as another window would: questions are the first five, and the
// answer to each is "answer to" it.
func (w *town) register(t *testing.T, l i18n.Lang, email string) {
	t.Helper()
	c, err := client.New(w.url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at, err := c.Begin(t.Context(), "", wire.Begin{Kind: account.Register, Lang: string(l)})
	if err != nil {
		t.Fatal(err)
	}
	flow := at.Flow
	var five []wire.QA
	for _, id := range account.QuestionIDs[:5] {
		five = append(five, wire.QA{Question: id, Answer: "answer to " + id})
	}
	for _, in := range []func() wire.Answer{
		func() wire.Answer { return wire.Answer{Accept: true, Terms: at.Terms} },
		func() wire.Answer {
			return wire.Answer{First: "Ada", Last: "Test", Email: email, Password: goodPassword, Again: goodPassword, Lang: string(l)}
		},
		func() wire.Answer { return wire.Answer{Code: w.letter(t, mail.Confirm).Code} },
		func() wire.Answer { return wire.Answer{Questions: five} },
	} {
		if at, err = c.Step(t.Context(), flow, at.Step, in()); err != nil {
			t.Fatal(err)
		}
	}
}

// letter gives the latest letter of a kind that waits to be sent; all of them go.
func (w *town) letter(t *testing.T, kind mail.Kind) (found mail.Message) {
	t.Helper()
	for _, m := range w.letters(t) {
		if m.Kind == kind {
			found = m
		}
	}
	if found.Kind == "" {
		t.Fatalf("no letter %s was written", kind)
	}
	return found
}

// letters takes all letters that wait to be sent.
func (w *town) letters(t *testing.T) (all []mail.Message) {
	t.Helper()
	for {
		j, err := w.hub.Ledger().TakeJob(t.Context(), []string{mail.Job}, noon.Add(time.Hour), time.Minute)
		if errors.Is(err, ledger.ErrNotFound) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.Open(w.house.Box, j.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.hub.Ledger().EndJob(t.Context(), j, ledger.JobDone, "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

// signIn signs in to the job bank in the window.
func (b *bench) signIn(t *testing.T, email, password string) {
	t.Helper()
	w := b.s.Words()
	if b.Here().Screen != "signin" {
		b.Go("signin")
		b.hand.settle()
	}
	b.write(t, w.S(i18n.FieldEmail), email)
	b.write(t, w.S(i18n.FieldPassword), password)
	b.use(t, w.S(i18n.AcctSignin))
	q := b.s.SignIn.Prompt.Question
	if b.s.SignIn.Step() != account.StepQuestion {
		t.Fatalf("the password led to %s, %+v, %+v", b.s.SignIn.Step(), b.s.SignIn.Errors, b.s.SignIn.Trouble)
	}
	b.write(t, w.S(account.QuestionKey(q)), "answer to "+q)
	b.use(t, w.S(i18n.CommonContinue))
	if !b.s.Present.Signed() {
		t.Fatalf("not signed in: %s, %+v, %+v", b.s.SignIn.Step(), b.s.SignIn.Errors, b.s.SignIn.Trouble)
	}
}

// stands holds that a flow is at a step.
func stands(t *testing.T, f *state.Flow, want account.Step) {
	t.Helper()
	if f.Step() != want {
		t.Fatalf("%s stands at %s, want %s: %+v, %+v", f.Kind, f.Step(), want, f.Errors, f.Trouble)
	}
}

const (
	portalName   = "employeur42"
	portalSecret = "Girafe bleue et Quatre nuages 7"
)

// enrolAs goes through the registration of a portal credential, from its first page of fields.
func (b *bench) enrolAs(t *testing.T, name, password string) {
	t.Helper()
	w, e := b.s.Words(), b.s.Enrol
	b.use(t, w.S(i18n.CommonContinue)) // past what it takes
	b.write(t, w.S(i18n.MeUsername), name)
	b.write(t, w.S(i18n.FieldPassword), password)
	b.write(t, w.S(i18n.FieldAgain), password)
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, e.Flow, account.StepRecovery)
	b.write(t, w.S(i18n.EnrolEmail), "retrouver@exemple.ca")
	b.use(t, w.S(i18n.EnrolQuestion)+", "+w.S(i18n.QuestionsChoose))
	b.key(fyne.KeyDown, fyne.KeyReturn)
	b.write(t, w.S(i18n.GckAnswer), "une réponse à moi")
	b.write(t, w.S(i18n.GckPerson), "Zélie")
	b.write(t, w.S(i18n.EnrolPersonHint), "à Zélie je dois tout")
	b.write(t, w.S(i18n.GckDate), "1999-13-01")
	b.write(t, w.S(i18n.EnrolDateHint), "le premier matin")
	b.use(t, w.S(i18n.CommonContinue))
	if !e.Wrong(account.HintHolds) || !e.Wrong(account.DateFormat) || !b.sees(w.N(i18n.FormMend, 2)) {
		t.Fatalf("a hint that holds its answer, and a day that there is not: %+v", e.Errors)
	}
	b.write(t, w.S(i18n.EnrolPersonHint), "je lui dois tout")
	b.write(t, w.S(i18n.GckDate), "1999-12-01")
	if len(e.Errors) != 0 {
		t.Errorf("once mended: %+v", e.Errors)
	}
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, e.Flow, account.StepSetup)
}

// totp is what an authenticator shows for the key that a page shows.
func totp(t *testing.T, f *state.Flow) string {
	t.Helper()
	code, err := account.TOTPCode(f.Prompt.Secret, account.TOTPStep(noon))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestPortalWalk walks the portal in the window against a real server and its real letters, in
// each language: registration from the rail by somebody who has to sign in first and comes
// back, set-up by an application, the empty portal, sign-in with a recovery code, another
// factor, the username and the password recovered in both ways, and a second credential in
// place of the first.
//
// Rows: B-004, B-014, B-020, B-021, B-022, B-024, B-025, B-026, B-027, B-028, B-029, B-030, B-031, B-033, B-034, B-035, B-037, B-042
func TestPortalWalk(t *testing.T) {
	for _, l := range i18n.Languages() {
		t.Run(string(l), func(t *testing.T) {
			town := newTown(t, wire.Deployment{})
			town.register(t, l, "ada.test@exemple.ca")
			b := open(t, setup{lang: l, accounts: town.keeper(t)})
			defer town.desk.Watch(func() { b.hand.soon = append(b.hand.soon, b.s.Present.Look) })() // it knows first
			w := i18n.For(l)
			b.press(t, w.S(i18n.NavEmployers)+", "+w.S(i18n.NavEmployersRegister)) // in the rail
			if !b.sees(w.S(i18n.EnrolNeeds)) {
				t.Fatalf("who has not signed in reads %q", b.Sight().Texts)
			}
			b.use(t, w.S(i18n.AcctSignin))
			b.signIn(t, "ada.test@exemple.ca", goodPassword)
			if b.Here().Screen != "enrol" || !b.sees(w.S(i18n.EnrolTakesName)[:20]) {
				t.Fatalf("after the sign-in one is at %s: %q", b.Here().Screen, b.Sight().Texts)
			}

			// The password of the account is refused, and what is wrong with a username said.
			b.use(t, w.S(i18n.CommonContinue))
			b.write(t, w.S(i18n.MeUsername), "court")
			b.use(t, w.S(i18n.CommonContinue))
			if e := b.s.Enrol; !e.Wrong(account.UsernameFormat) || !e.Wrong(account.Needed) || !strings.HasPrefix(b.Sight().Focus, w.S(i18n.MeUsername)) {
				t.Errorf("a short username: %+v, the keyboard on %q", e.Errors, b.Sight().Focus)
			}
			b.write(t, w.S(i18n.MeUsername), portalName)
			b.write(t, w.S(i18n.FieldPassword), goodPassword)
			b.write(t, w.S(i18n.FieldAgain), goodPassword)
			b.use(t, w.S(i18n.CommonContinue))
			if !b.s.Enrol.Wrong(account.PasswordSame) {
				t.Errorf("the password of the account: %+v, %+v", b.s.Enrol.Errors, b.s.Enrol.Trouble)
			}
			b.s.Enrol.Abandon()
			b.hand.settle()
			b.enrolAs(t, portalName, portalSecret)
			e := b.s.Enrol
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, e.Flow, account.StepConfirm)
			b.use(t, w.S(i18n.PortalFactorEmail)) // not stuck with an application that one has not
			if e.Prompt.Method != account.EMail {
				t.Fatalf("another factor: %+v, %+v", e.Prompt, e.Trouble)
			}
			b.use(t, w.S(i18n.PortalFactorTotp))
			b.write(t, w.S(i18n.FieldCode), totp(t, e.Flow))
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, e.Flow, account.StepCodes)
			codes := append([]string{}, e.Prompt.Codes...)
			b.use(t, w.S(i18n.FactorCodesKept))
			if !e.Finished || !e.Opened || !b.sees(w.S(i18n.EnrolDone)) {
				t.Fatalf("not registered: %+v, %+v", e.Errors, e.Trouble)
			}
			b.use(t, w.S(i18n.CommonContinue))
			if b.Here().Screen != "portal" || !b.sees(w.S(i18n.PortalEmpty)) || !b.sees(portalName) {
				t.Fatalf("the portal shows %q", b.Sight().Texts)
			}
			if in := fmt.Sprintf("%+v %+v", e.In, e.Prompt); strings.Contains(in, "Girafe") || strings.Contains(in, "Zélie") || strings.Contains(in, codes[0]) {
				t.Errorf("left in memory: %s", in)
			}

			// Out, and in again with a recovery code, which leads to another factor and new codes.
			out := func() {
				b.s.Present.SignOut(false, nil)
				b.hand.settle()
				if b.Here().Screen != "search" || b.sees(w.S(i18n.SigninDone)) {
					t.Errorf("once the session has ended one is at %s: %q", b.Here().Screen, b.Sight().Texts)
				}
				b.Go("portal")
				b.hand.settle()
				b.use(t, w.S(i18n.NavEmployersSignin))
			}
			out()
			p := b.s.Portal
			b.write(t, w.S(i18n.MeUsername), portalName)
			b.write(t, w.S(i18n.FieldPassword), "Ce n'est pas lui 7")
			b.use(t, w.S(i18n.NavEmployersSignin))
			if !p.Wrong(account.Credentials) || !b.sees(w.S(account.Credentials.Key())) {
				t.Errorf("a wrong password: %+v", p.Trouble)
			}
			b.write(t, w.S(i18n.FieldPassword), portalSecret)
			b.use(t, w.S(i18n.NavEmployersSignin))
			stands(t, p.Flow, account.StepFactor)
			b.use(t, w.S(i18n.Gck2faRecover))
			b.write(t, w.S(i18n.FactorRecovery), strings.ToLower(codes[2]))
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, p.Flow, account.StepSetup)
			b.key(fyne.KeyDown) // by e-mail
			p.Type("method", &p.In.Method, string(account.EMail))
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, p.Flow, account.StepConfirm)
			b.write(t, w.S(i18n.FieldCode), town.letter(t, mail.FactorCode).Code)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, p.Flow, account.StepCodes)
			for _, c := range p.Prompt.Codes {
				if strings.Contains(strings.Join(codes, " "), c) {
					t.Errorf("the code %s was in the set before", c)
				}
			}
			b.use(t, w.S(i18n.FactorCodesKept))
			if b.Here().Screen != "portal" || !b.s.Portal.Inside() || !b.sees(w.S(i18n.PortalEmpty)) {
				t.Fatalf("at %s, %+v, %+v: %q", b.Here().Screen, p.Errors, p.Trouble, b.Sight().Texts)
			}

			// Both are forgotten: the username first.
			b.s.Present.SignOut(false, nil)
			b.hand.settle()
			b.Go("portal")
			b.hand.settle()
			b.use(t, w.S(i18n.PortalBoth))
			if !b.sees(w.S(i18n.GckForgotuserStep, "N", 1, "All", 2)) {
				t.Fatalf("the page says %q", b.Sight().Texts)
			}
			b.write(t, w.S(i18n.MeRecovery), "Personne@exemple.ca")
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, b.s.UsernameBack.Flow, account.StepSent)
			if !b.sees(w.S(i18n.UsernameSent, "Email", "Personne@exemple.ca")) {
				t.Errorf("an address that nobody has: %q", b.Sight().Texts)
			}
			for _, m := range town.letters(t) {
				if m.To == "personne@exemple.ca" && m.Kind != mail.None {
					t.Errorf("a letter %s was written to nobody", m.Kind)
				}
			}
			b.use(t, w.S(i18n.FlowRestart))
			b.write(t, w.S(i18n.MeRecovery), "RETROUVER@exemple.ca")
			b.use(t, w.S(i18n.CommonContinue))
			if !b.sees(w.S(i18n.GckForgotuserStep, "N", 2, "All", 2)) || !b.sees("RETROUVER@exemple.ca") {
				t.Errorf("the second page says %q", b.Sight().Texts)
			}
			name := town.letter(t, mail.UsernameIs).Username
			b.use(t, w.S(i18n.CommonContinue))
			b.use(t, w.S(i18n.GckForgotpw)) // and then the password

			// By e-mail: the code and the answer, both.
			k := b.s.PasswordBack
			if b.Here().Screen != "password" || !b.sees(w.S(i18n.GckForgotpwStep, "N", 1, "All", 4)) {
				t.Fatalf("at %s: %q", b.Here().Screen, b.Sight().Texts)
			}
			b.write(t, w.S(i18n.MeUsername), name)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, k.Flow, account.StepMethod)
			b.write(t, w.S(i18n.MeRecovery), "retrouver@exemple.ca")
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, k.Flow, account.StepCode)
			if !b.sees(w.S(i18n.GckForgotpwStep, "N", 2, "All", 4)) || !b.sees(w.S(i18n.PasswordSent, "Email", "retrouver@exemple.ca")) {
				t.Errorf("the page of the code says %q", b.Sight().Texts)
			}
			b.write(t, w.S(i18n.FieldCode), town.letter(t, mail.PortalCode).Code)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, k.Flow, account.StepAnswer)
			if !b.sees(w.S(i18n.GckForgotpwStep, "N", 3, "All", 4)) || !b.sees(w.S(account.QuestionKey(account.QuestionIDs[1]))) {
				t.Errorf("the page of the answer says %q", b.Sight().Texts)
			}
			b.write(t, w.S(i18n.GckAnswer), "UNE REPONSE à moi")
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, k.Flow, account.StepNewPassword)
			b.write(t, w.S(i18n.FieldNewpassword), portalSecret+" bis")
			b.write(t, w.S(i18n.FieldNewagain), portalSecret+" bis")
			b.use(t, w.S(i18n.CommonContinue))
			if !k.Finished || !b.sees(w.S(i18n.GckForgotpwDone)) {
				t.Fatalf("not done: %s, %+v, %+v", k.Step(), k.Errors, k.Trouble)
			}

			// By the three questions; which one was wrong is not said.
			b.Go("password")
			b.hand.settle()
			k = b.s.PasswordBack
			k.Abandon()
			b.hand.settle()
			b.write(t, w.S(i18n.MeUsername), name)
			b.use(t, w.S(i18n.CommonContinue))
			k.Choose(true)
			b.hand.settle()
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, k.Flow, account.StepAnswers)
			for _, hint := range []string{"je lui dois tout", "le premier matin"} {
				if !b.sees(w.S(i18n.PasswordHint, "Hint", hint)) {
					t.Errorf("the hint %q is not shown among %q", hint, b.Sight().Texts)
				}
			}
			three := func(person string) {
				b.write(t, w.S(i18n.GckAnswer), "une réponse à moi")
				b.write(t, w.S(i18n.GckPerson), person)
				b.write(t, w.S(i18n.GckDate), "1999-12-01")
				b.use(t, w.S(i18n.CommonContinue))
			}
			three("Béa")
			if !k.Wrong(account.AnswersWrong) || len(k.Errors) > 0 {
				t.Errorf("a wrong set: %+v, %+v", k.Errors, k.Trouble)
			}
			three("ZELIE")
			stands(t, k.Flow, account.StepNewPassword)
			b.write(t, w.S(i18n.GckNewpassword), portalSecret+" ter")
			b.write(t, w.S(i18n.GckNewagain), portalSecret+" ter")
			b.use(t, w.S(i18n.CommonContinue))
			if !k.Finished {
				t.Fatalf("not done: %s, %+v, %+v", k.Step(), k.Errors, k.Trouble)
			}

			// Another credential takes the place of the first, which is told, and opens nothing after.
			b.signIn(t, "ada.test@exemple.ca", goodPassword)
			b.Go("enrol")
			b.hand.settle()
			if !b.sees(w.S(i18n.EnrolReplacesName, "Name", portalName)) || !b.sees(w.S(i18n.EnrolReplaces)) {
				t.Errorf("what goes is not told: %q", b.Sight().Texts)
			}
			b.enrolAs(t, "employeur43", "Autre phrase longue que voici 9")
			b.use(t, w.S(i18n.CommonContinue))
			b.write(t, w.S(i18n.FieldCode), totp(t, b.s.Enrol.Flow))
			b.use(t, w.S(i18n.CommonContinue))
			b.use(t, w.S(i18n.FactorCodesKept))
			if !b.s.Enrol.Finished {
				t.Fatalf("not registered: %+v, %+v", b.s.Enrol.Errors, b.s.Enrol.Trouble)
			}
			out()
			p = b.s.Portal
			b.write(t, w.S(i18n.MeUsername), portalName)
			b.write(t, w.S(i18n.FieldPassword), portalSecret+" ter")
			b.use(t, w.S(i18n.NavEmployersSignin))
			if !p.Revoked() || !b.sees(w.S(account.IsRevoked.Key())) || b.Sight().Focus != w.S(i18n.MePortalAgain) {
				t.Errorf("a revoked credential: %+v, the keyboard on %q", p.Trouble, b.Sight().Focus)
			}
			left(t, town.dir, "Girafe", "Zélie", "une réponse", codes[0], codes[1])
		})
	}
}

// recoverTo goes through the recovery of an account up to its security question.
func (b *bench) recoverTo(t *testing.T, town *town, first, last, email string) *state.Recover {
	t.Helper()
	w := b.s.Words()
	if b.Here().Screen != "recover" {
		b.Go("recover")
		b.hand.settle()
	}
	b.write(t, w.S(i18n.FieldFirst), first)
	b.write(t, w.S(i18n.FieldLast), last)
	b.write(t, w.S(i18n.FieldEmail), email)
	b.use(t, w.S(i18n.CommonContinue))
	stands(t, b.s.Recover.Flow, account.StepCode)
	if !b.sees(w.S(i18n.RecoverSent, "Email", email)) {
		t.Errorf("the page of the code says %q", b.Sight().Texts)
	}
	return b.s.Recover
}

// TestRecoverWalk walks the recovery of an account in the window against a real server: a
// person whom nobody knows sees the same pages, the link of the letter goes on by itself, a
// different question is offered once, the password is new and opens a session; two questions
// that are not answered lead to the team.
//
// Rows
func TestRecoverWalk(t *testing.T) {
	for _, l := range i18n.Languages() {
		t.Run(string(l), func(t *testing.T) {
			town := newTown(t, wire.Deployment{})
			town.register(t, l, "ada.test@exemple.ca")
			b := open(t, setup{lang: l, accounts: town.keeper(t)})
			w := i18n.For(l)
			b.Go("signin")
			b.hand.settle()
			b.use(t, w.S(i18n.AcctRecover))
			b.use(t, w.S(i18n.CommonContinue))
			if !b.sees(w.N(i18n.FormMend, 3)) || !strings.HasPrefix(b.Sight().Focus, w.S(i18n.FieldFirst)) {
				t.Errorf("an empty page: %q, the keyboard on %q", b.s.Recover.Errors, b.Sight().Focus)
			}
			r := b.recoverTo(t, town, "Ada", "Autre", "ada.test@exemple.ca") // another name: of nobody
			b.write(t, w.S(i18n.FieldCode), "123456")
			b.use(t, w.S(i18n.CommonContinue))
			if !r.Wrong(account.CodeWrong) {
				t.Errorf("a code of nobody: %+v, %+v", r.Errors, r.Trouble)
			}
			for _, m := range town.letters(t) {
				if m.Kind == mail.RecoverCode {
					t.Error("a code was sent although the name is another")
				}
			}
			b.use(t, w.S(i18n.FlowRestart))
			r = b.recoverTo(t, town, "ADA", "test", "ada.test@exemple.ca")
			m := town.letter(t, mail.RecoverCode)
			at, err := http.Post(m.Link, "application/x-www-form-urlencoded", nil) // the button of the page in the browser
			if err != nil {
				t.Fatal(err)
			}
			at.Body.Close()
			b.hand.settle() // the page looks, and goes on by itself
			stands(t, r.Flow, account.StepQuestion)
			first := r.Prompt.Question
			b.use(t, w.S(i18n.AcctOtherquestion))
			if r.Prompt.Question == first || r.Prompt.Other {
				t.Fatalf("a different question: %+v, %+v", r.Prompt, r.Trouble)
			}
			if slices.Contains(labels(focusables(b.frame.body)), w.S(i18n.AcctOtherquestion)) {
				t.Error("a third question is offered")
			}
			q := r.Prompt.Question
			b.write(t, w.S(account.QuestionKey(q)), "je ne sais plus")
			b.use(t, w.S(i18n.CommonContinue))
			if !r.Wrong(account.AnswerWrong) {
				t.Errorf("a wrong answer: %+v, %+v", r.Errors, r.Trouble)
			}
			b.write(t, w.S(account.QuestionKey(q)), "answer to "+q)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, r.Flow, account.StepNewPassword)
			b.write(t, w.S(i18n.FieldNewpassword), "quatre nuages en route")
			b.write(t, w.S(i18n.FieldNewagain), "quatre nuages en routes")
			b.use(t, w.S(i18n.AcctReset))
			if !r.Wrong(account.PasswordMismatch) {
				t.Errorf("two passwords: %+v", r.Errors)
			}
			b.write(t, w.S(i18n.FieldNewagain), "quatre nuages en route")
			b.use(t, w.S(i18n.AcctReset))
			if !r.Finished || r.Opened || !b.sees(w.S(i18n.AcctSigninnow)) {
				t.Fatalf("not done: %s, %+v, %+v", r.Step(), r.Errors, r.Trouble)
			}
			b.use(t, w.S(i18n.AcctSignin))
			b.signIn(t, "ada.test@exemple.ca", "quatre nuages en route")

			// Two questions without an answer: only the team can help.
			b.s.Present.SignOut(false, nil)
			b.hand.settle()
			r = b.recoverTo(t, town, "Ada", "Test", "ada.test@exemple.ca")
			b.write(t, w.S(i18n.FieldCode), town.letter(t, mail.RecoverCode).Code)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, r.Flow, account.StepQuestion)
			b.use(t, w.S(i18n.AcctOtherquestion))
			for i := 0; i < 6 && !r.Agent(); i++ {
				b.write(t, w.S(account.QuestionKey(r.Prompt.Question)), "je ne sais plus")
				b.use(t, w.S(i18n.CommonContinue))
			}
			if !r.Agent() || !b.sees(w.S(account.AgentNeeded.Key())) || b.Sight().Focus != w.S(i18n.RecoverTeam) {
				t.Fatalf("after the second question: %+v, %+v, the keyboard on %q", r.Errors, r.Trouble, b.Sight().Focus)
			}
			b.key(fyne.KeyReturn)
			if b.Here().Screen != "request" || b.s.Help.Email != "ada.test@exemple.ca" || b.s.Help.First != "Ada" {
				t.Fatalf("at %s with %+v", b.Here().Screen, b.s.Help)
			}
			b.use(t, w.S(i18n.HelpSend))
			if !b.s.Help.Queued || !b.sees(w.S(i18n.HelpQueued)) || b.s.Status.Pending != 1 {
				t.Errorf("the request: %+v, %d wait", b.s.Help, b.s.Status.Pending)
			}
			left(t, town.dir, "nuages", "answer to")
		})
	}
}

// TestPartnerWalk signs in by real providers, in a browser that is the test: who never
// registered with one is told to use their own option, a registration with it opens the
// portal, a wait is given up, and a change keeps the account.
//
// Rows: B-006, B-007, B-043, B-014
func TestPartnerWalk(t *testing.T) {
	town := newTown(t, wire.Deployment{}, "a", "b")
	town.register(t, i18n.French, "ada.test@exemple.ca")
	closed := false // the person closes the browser
	town.browse = func(ctx context.Context, id string, l i18n.Lang, begin func(context.Context, wire.PartnerBegin) (wire.PartnerGo, error)) (string, string, error) {
		if closed {
			return "", "", context.Canceled
		}
		walked := make(chan error, 1)
		code, verifier, err := client.Loopback(ctx, id, l, begin, func(address string) error {
			go func() {
				_, page, err := partnertest.Walk(context.WithoutCancel(ctx), address, partnertest.First, partnertest.Password)
				if says := html.EscapeString(i18n.For(l).S(i18n.PartnerBack)); err == nil && !strings.Contains(page, says) {
					err = fmt.Errorf("the browser shows %q, want %q", page, says)
				}
				walked <- err
			}()
			return nil
		})
		return code, verifier, errors.Join(err, <-walked)
	}
	b := open(t, setup{accounts: town.keeper(t)})
	w := i18n.For(i18n.French)
	b.Go("portal")
	b.hand.settle()
	b.use(t, w.S(i18n.PartnerChoose))
	closed = true
	b.use(t, "Partenaire a")
	if !b.sees(w.S(i18n.PortalBrowser)) {
		t.Errorf("a browser that was closed says %q", b.Sight().Texts)
	}
	closed = false
	b.use(t, w.S(i18n.Again))
	if p := b.s.PartnerIn; !p.Other() || !b.sees(w.S(account.PartnerOther.Key())) || b.Sight().Focus != w.S(i18n.PartnerEnrol) {
		t.Fatalf("a stranger of partner a: %+v, the keyboard on %q", p.Trouble, b.Sight().Focus)
	}
	b.key(fyne.KeyReturn)
	if b.Here().Screen != "partner-enrol" || !b.sees(w.S(i18n.EnrolNeeds)) {
		t.Fatalf("at %s: %q", b.Here().Screen, b.Sight().Texts)
	}
	b.use(t, w.S(i18n.AcctSignin))
	b.signIn(t, "ada.test@exemple.ca", goodPassword)
	if b.Here().Screen != "partner-enrol" {
		t.Fatalf("after the sign-in one is at %s", b.Here().Screen)
	}
	b.use(t, "Partenaire a")
	if p := b.s.PartnerEnrol; !p.Finished || !p.Opened || !b.s.Portal.Inside() {
		t.Fatalf("register with partner a: %+v, %+v", p.Errors, p.Trouble)
	}
	b.use(t, w.S(i18n.CommonContinue))
	if !b.sees("Partenaire a") || !b.sees(w.S(i18n.PortalEmpty)) {
		t.Fatalf("the portal shows %q", b.Sight().Texts)
	}

	// Another institution: the old one first, then the new one, and no other.
	b.use(t, w.S(i18n.PartnerChange))
	if all := b.s.PartnerChange.Choices(); len(all) != 1 || all[0].ID != "a" {
		t.Fatalf("the change begins with %+v", all)
	}
	b.use(t, "Partenaire a")
	stands(t, b.s.PartnerChange.Flow, account.StepNewPartner)
	if all := b.s.PartnerChange.Choices(); len(all) != 1 || all[0].ID != "b" || !b.sees(w.S(i18n.PartnerChangeNew)) {
		t.Fatalf("the change goes on with %+v", all)
	}
	b.use(t, "Partenaire b")
	if !b.s.PartnerChange.Finished || !b.sees(w.S(i18n.PartnerChanged)) {
		t.Fatalf("change to partner b: %+v", b.s.PartnerChange.Trouble)
	}
	b.use(t, w.S(i18n.CommonContinue))
	if !b.sees("Partenaire b") {
		t.Errorf("the portal shows %q", b.Sight().Texts)
	}

	// Out, and in by the new one, at once.
	b.s.Present.SignOut(false, nil)
	b.hand.settle()
	b.Go("partner")
	b.hand.settle()
	b.use(t, "Partenaire b")
	if b.Here().Screen != "portal" || !b.s.Portal.Inside() || !b.sees("Partenaire b") {
		t.Errorf("by partner b: at %s, %+v: %q", b.Here().Screen, b.s.PartnerIn.Trouble, b.Sight().Texts)
	}
}
