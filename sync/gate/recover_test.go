package gate

import (
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

const renewed = "une autre rivière 9"

// toAnswer walks a recovery up to its first question.
func (w *town) toAnswer(p who) *way {
	w.t.Helper()
	w.post()
	y := w.begin(account.Recover, p.lang)
	y.step(wire.Answer{First: p.first, Last: p.last, Email: p.email}, account.StepCode)
	y.step(wire.Answer{Code: w.letter(mail.RecoverCode, p.email).Code}, account.StepQuestion)
	return y
}

// Names and address are compared folded; the letter goes to the address as it was
// registered; all sessions end and the person signs in.
//
// Rows
func TestRecover(t *testing.T) {
	for _, p := range []who{ada, bob(1)} {
		t.Run(p.lang, func(t *testing.T) {
			w := settle(t)
			before := w.caller(w.register(p))
			w.post()
			w.now = w.now.Add(time.Hour)
			y := w.begin(account.Recover, "en")
			folded := wire.Answer{First: " ADÉ ", Last: "essai‐preuve", Email: "ADA@EXEMPLE.CA "}
			if p.email != ada.email {
				folded = wire.Answer{First: "bÓB", Last: "  sample", Email: p.email}
			}
			asked := y.step(folded, account.StepCode)
			if asked.Sent == p.email && folded.Email != p.email {
				t.Errorf("Sent = %q, want what was typed", asked.Sent)
			}
			m := w.letter(mail.RecoverCode, p.email)
			if m.Lang != p.lang || m.First != p.first || m.Minutes != 15 {
				t.Errorf("the letter is %+v, want it in the language of the person", m)
			}
			asked = y.step(wire.Answer{Code: m.Code}, account.StepQuestion)
			if asked.Question == "" || !asked.Other {
				t.Errorf("asked %+v", asked)
			}
			y.refused(wire.Answer{Answer: "autre chose"}, "answer:answer_wrong")
			y.step(wire.Answer{Answer: answerTo(asked.Question)}, account.StepNewPassword)
			y.refused(wire.Answer{Password: renewed, Again: renewed + "x"}, "again:password_mismatch")
			y.refused(wire.Answer{Password: "court", Again: "court"}, "password:password_short")
			y.refused(wire.Answer{Password: p.password, Again: p.password}, "password:password_same")
			if done := y.step(wire.Answer{Password: renewed, Again: renewed}, account.StepDone); done.Session != nil {
				t.Error("a recovery opened a session")
			}
			if m := w.letter(mail.Reset, p.email); m.Lang != p.lang || m.First != p.first {
				t.Errorf("the notice is %+v", m)
			}
			var s ledger.Session
			if err := w.l.View(t.Context(), func(tx *ledger.Tx) (err error) {
				s, err = tx.Session(t.Context(), before.Session.ID)
				return err
			}); err != nil || s.Revoked.IsZero() {
				t.Errorf("the session opened before is %+v, %v, want it ended", s, err)
			}
			w.begin(account.SignIn, p.lang).refused(wire.Answer{Email: p.email, Password: p.password}, "credentials")
			p.password = renewed
			w.signIn(p)
		})
	}
}

// Rows
func TestRecoverByLink(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.post()
	y := w.begin(account.Recover, "fr")
	y.step(wire.Answer{First: ada.first, Last: ada.last, Email: ada.email}, account.StepCode)
	m := w.letter(mail.RecoverCode, ada.email)
	if kind, lang, err := w.g.UseLink(t.Context(), link(t, m), w.now); kind != account.Recover || lang != "fr" || err != nil {
		t.Fatalf("UseLink = %s, %s, %v", kind, lang, err)
	}
	y.step(wire.Answer{Linked: true}, account.StepQuestion) // the question is asked all the same
}

// Whatever does not go together is answered like what does: no letter, no code that works,
// and nothing else is different.
//
// Rows: A-135
func TestRecoverNeutral(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.register(bob(1))
	w.alter(bob(1).email, func(a *ledger.Account, _ *person) { a.State, a.Closed = account.Closed, w.now })
	w.invite(guest)
	w.post()
	for _, c := range []struct {
		name string
		in   wire.Answer
	}{
		{"nobody", wire.Answer{First: "Personne", Last: "Inconnue", Email: "nobody@exemple.ca"}},
		{"another first name", wire.Answer{First: "Eva", Last: ada.last, Email: ada.email}},
		{"another last name", wire.Answer{First: ada.first, Last: "Essai", Email: ada.email}},
		{"closed", wire.Answer{First: "Bob", Last: "Sample", Email: bob(1).email}},
		{"not taken up", wire.Answer{First: guest.first, Last: guest.last, Email: guest.email}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			y := w.begin(account.Recover, "fr")
			p := y.step(c.in, account.StepCode)
			if p.Sent != c.in.Email || !p.Again.Equal(w.now.Add(time.Minute)) || p.Other || p.Question != "" {
				t.Errorf("told %+v", p)
			}
			address, _ := account.Address(c.in.Email)
			m := w.letter(mail.None, address)
			y.refused(wire.Answer{Code: m.Code}, "code:code_wrong") // even the one that no letter told
			w.now = w.now.Add(time.Minute)
			if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now); err != nil {
				t.Errorf("Resend = %v", err)
			}
			m = w.letter(mail.None, address)
			for range 4 {
				y.refused(wire.Answer{Code: m.Code}, "code:code_wrong")
			}
			y.refused(wire.Answer{Code: m.Code}, "code:code_tries")
			if m.Link != "" {
				if _, _, err := w.g.UseLink(t.Context(), link(t, m), w.now); err == nil {
					y.refused(wire.Answer{Linked: true}, "code:code_tries")
				}
			}
			w.now = w.now.Add(15 * time.Minute)
		})
	}
}

// The third question is never offered, and the two are the same however often a recovery
// is begun.
//
// Rows: A-136
func TestTwoQuestions(t *testing.T) {
	w := settle(t)
	w.register(ada)
	var first, second string
	for n := range 3 {
		y := w.toAnswer(ada)
		one := y.at.Question
		p := y.step(wire.Answer{Other: true}, account.StepQuestion)
		if p.Question == one || p.Other {
			t.Errorf("a different question: %q after %q, another one offered: %v", p.Question, one, p.Other)
		}
		y.refused(wire.Answer{Other: true}, "agent_needed")
		if at, err := w.g.Look(t.Context(), y.token, w.now); err != nil || at.Question != p.Question {
			t.Errorf("after the third was asked for: %+v, %v", at, err)
		}
		if n > 0 && (one != first || p.Question != second) {
			t.Errorf("begun again, %s and %s are asked, not %s and %s", one, p.Question, first, second)
		}
		first, second = one, p.Question
		if n == 2 {
			y.step(wire.Answer{Answer: answerTo(second)}, account.StepNewPassword)
		}
	}
}

// Rows: A-136, B-017
func TestRecoverWrongAnswers(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.toAnswer(ada)
	for range 2 {
		y.refused(wire.Answer{Answer: "autre chose"}, "answer:answer_wrong")
	}
	y.step(wire.Answer{Other: true}, account.StepQuestion)
	for range 2 {
		y.refused(wire.Answer{Answer: "autre chose"}, "answer:answer_wrong")
	}
	y.refused(wire.Answer{Answer: "autre chose"}, "agent_needed")
	y.refused(wire.Answer{Answer: answerTo(y.at.Question)}, "flow_expired")

	z := w.toAnswer(ada)
	no := z.refused(wire.Answer{Answer: answerTo(z.at.Question)}, "too_many_attempts")
	w.now = w.now.Add(no.After)
	z.step(wire.Answer{Answer: answerTo(z.at.Question)}, account.StepNewPassword)
}

// Rows
func TestReactivate(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.now = w.now.AddDate(0, 7, 0)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "suspended")
	y := w.toAnswer(ada)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepNewPassword)
	if a := w.row(ada.email); a.State != account.Suspended {
		t.Errorf("the account is %s before the last step", a.State)
	}
	y.step(wire.Answer{Password: renewed, Again: renewed}, account.StepDone)
	if a := w.row(ada.email); a.State != account.Active || !a.SignedIn.Equal(w.now) {
		t.Errorf("the account is %s, last seen %v", a.State, a.SignedIn)
	}
	p := ada
	p.password = renewed
	w.signIn(p)
}

// Closed is final: also while a recovery is under way.
//
// Rows: A-135
func TestClosedStays(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.toAnswer(ada)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepNewPassword)
	id := w.row(ada.email).ID
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State, a.Closed = account.Closed, w.now })
	y.refused(wire.Answer{Password: renewed, Again: renewed}, "flow_expired")
	if err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
		a, err := tx.Account(t.Context(), id)
		if err == nil && a.State != account.Closed {
			t.Errorf("the account is %s", a.State)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// While a temporary password waits, its questions open nothing either.
//
// Rows: A-138
func TestRecoverWhileReset(t *testing.T) {
	w := settle(t)
	w.register(ada)
	early := w.toAnswer(ada)
	w.lend(ada.email)
	early.refused(wire.Answer{Answer: answerTo(early.at.Question)}, "flow_expired")
	y := w.begin(account.Recover, "fr")
	y.step(wire.Answer{First: ada.first, Last: ada.last, Email: ada.email}, account.StepCode)
	y.refused(wire.Answer{Code: w.letter(mail.RecoverCode, ada.email).Code}, "must_reset")
}

// Of two recoveries of one account, the first that ends, ends the other; and what waits at
// a sign-in with the old password ends, too.
func TestRecoverEndsOthers(t *testing.T) {
	w := settle(t)
	w.register(ada)
	one, two := w.toAnswer(ada), w.toAnswer(ada)
	s := w.begin(account.SignIn, "fr")
	s.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	one.step(wire.Answer{Answer: answerTo(one.at.Question)}, account.StepNewPassword)
	two.step(wire.Answer{Answer: answerTo(two.at.Question)}, account.StepNewPassword)
	one.step(wire.Answer{Password: renewed, Again: renewed}, account.StepDone)
	two.refused(wire.Answer{Password: "encore une rivière", Again: "encore une rivière"}, "flow_expired")
	s.refused(wire.Answer{Answer: answerTo(s.at.Question)}, "flow_expired")
}

// The portal has a key of its own: its password is not taken for the job bank (B-029).
//
// Rows: B-029, A-135
func TestRecoverNotPortalPassword(t *testing.T) {
	w := settle(t)
	w.register(ada)
	a := w.row(ada.email)
	c := ledger.Credential{ID: w.g.id(w.now), Account: a.ID, Enrolment: "e", State: account.CredentialActive,
		Password: w.g.hash("Porte du Nord 3"), Created: w.now, Used: w.now}
	if err := w.g.setPortal(&c, portal{}); err != nil {
		t.Fatal(err)
	}
	if err := w.l.Update(t.Context(), func(tx *ledger.Tx) error { return tx.PutCredential(t.Context(), c) }); err != nil {
		t.Fatal(err)
	}
	y := w.toAnswer(ada)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepNewPassword)
	y.refused(wire.Answer{Password: "Porte du Nord 3", Again: "Porte du Nord 3"}, "password:password_same")
	y.step(wire.Answer{Password: renewed, Again: renewed}, account.StepDone)
}

// The second factor is not touched by a recovery: it is asked for at the next sign-in.
//
// Rows: A-135, B-032
func TestRecoverKeepsFactor(t *testing.T) {
	w := settle(t)
	p := w.agent()
	y := w.toAnswer(p)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepNewPassword)
	y.step(wire.Answer{Password: renewed, Again: renewed}, account.StepDone)
	w.post()
	z := w.begin(account.SignIn, "fr")
	z.step(wire.Answer{Email: p.email, Password: renewed}, account.StepQuestion)
	z.step(wire.Answer{Answer: answerTo(z.at.Question)}, account.StepFactor)
}
