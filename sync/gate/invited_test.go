package gate

import (
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// invited walks an invitation up to the set-up of the factor.
func (w *town) invited(p who) *way {
	w.t.Helper()
	code := w.invite(p)
	y := w.begin(account.Invited, p.lang)
	y.step(wire.Answer{Email: p.email, Code: code}, account.StepTerms)
	y.step(agree, account.StepNewPassword)
	y.step(wire.Answer{Password: p.password, Again: p.password}, account.StepQuestions)
	y.step(wire.Answer{Questions: answers()}, account.StepSetup)
	return y
}

func (w *town) invite(p who) string {
	w.t.Helper()
	w.post()
	in := Invitation{Email: p.email, First: p.first, Last: p.last, Lang: p.lang, Role: account.Agent}
	if _, err := w.g.Invite(w.t.Context(), in, true, w.now); err != nil {
		w.t.Fatal(err)
	}
	return w.letter(mail.Invitation, p.email).Code
}

var guest = who{email: "guest@exemple.ca", first: "Agathe", last: "Essai", password: "montagne calme 5"}

// Rows, B-031
func TestInvited(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := settle(t)
			p := guest
			p.lang = lang
			y := w.invited(p)
			if len(y.at.Methods) == 0 {
				t.Error("no method can be chosen")
			}
			y.step(wire.Answer{Method: "email"}, account.StepConfirm)
			m := w.letter(mail.FactorCode, p.email)
			y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
			shown := y.step(wire.Answer{Code: m.Code}, account.StepCodes)
			if len(shown.Codes) != 5 {
				t.Errorf("shown codes: %v", shown.Codes)
			}
			done := y.step(wire.Answer{}, account.StepDone)
			if done.Session == nil || done.Session.Policy != account.TwoFactor {
				t.Fatalf("ended with %+v", done.Session)
			}
			a := w.row(p.email)
			body, err := w.g.person(a)
			if err != nil {
				t.Fatal(err)
			}
			if a.State != account.Active || a.Temp != "" || body.Terms != account.TermsVersion || body.TermsLang != lang || len(body.Questions) != 5 {
				t.Errorf("account is %+v, person %+v", a, body)
			}
		})
	}
}

func TestInvitation(t *testing.T) {
	w := settle(t)
	p := guest
	p.lang = "fr"
	w.register(ada)
	code := w.invite(p)
	begin := func(email, code string, want ...string) {
		t.Helper()
		w.begin(account.Invited, "fr").refused(wire.Answer{Email: email, Code: code}, want...)
	}
	begin("", "", "email:needed", "code:needed")
	begin(p.email, "abcd-efgh", "credentials")
	begin("nobody@exemple.ca", code, "credentials")
	begin(ada.email, ada.password, "credentials")
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: p.email, Password: code}, "credentials")

	// Who was interrupted begins again; the newest invitation alone is good.
	old := w.begin(account.Invited, "fr")
	old.step(wire.Answer{Email: p.email, Code: code}, account.StepTerms)
	old.step(agree, account.StepNewPassword)
	newer := w.invite(p)
	begin(p.email, code, "credentials")
	y := w.begin(account.Invited, "fr")
	y.step(wire.Answer{Email: p.email, Code: newer}, account.StepTerms)
	y.step(agree, account.StepNewPassword)
	y.refused(wire.Answer{Password: "court", Again: "court"}, "password:password_short")
	y.step(wire.Answer{Password: p.password, Again: p.password}, account.StepQuestions)
	y.step(wire.Answer{Questions: answers()}, account.StepSetup)
	w.post()
	y.step(wire.Answer{Method: "email"}, account.StepConfirm)
	y.step(wire.Answer{Code: w.letter(mail.FactorCode, p.email).Code}, account.StepCodes)

	// Stopped at the codes, and begun again: the factor of the first try does not bind.
	w.now = w.now.Add(time.Minute) // five tries were counted
	z := w.begin(account.Invited, "fr")
	z.step(wire.Answer{Email: p.email, Code: newer}, account.StepTerms)
	z.step(agree, account.StepNewPassword)
	z.step(wire.Answer{Password: p.password, Again: p.password}, account.StepQuestions)
	z.step(wire.Answer{Questions: answers()}, account.StepSetup)
	w.post()
	z.step(wire.Answer{Method: "email"}, account.StepConfirm)
	z.step(wire.Answer{Code: w.letter(mail.FactorCode, p.email).Code}, account.StepCodes)
	z.step(wire.Answer{}, account.StepDone)
	y.refused(wire.Answer{}, "flow_expired")
	begin(p.email, newer, "credentials") // used up

	late := guest
	late.email, late.lang = "late@exemple.ca", "fr"
	code = w.invite(late)
	w.now = w.now.Add(8 * 24 * time.Hour)
	begin(late.email, code, "code:code_expired")
}
