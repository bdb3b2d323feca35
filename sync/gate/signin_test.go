package gate

import (
	"errors"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Rows
func TestSignIn(t *testing.T) {
	for _, p := range []who{ada, bob(1)} {
		t.Run(p.lang, func(t *testing.T) {
			w := settle(t)
			w.register(p)
			w.post()
			w.now = w.now.Add(48 * time.Hour)
			y := w.begin(account.SignIn, p.lang)
			asked := y.step(wire.Answer{Email: " " + p.email, Password: p.password, Device: "portable"}, account.StepQuestion)
			if asked.Session != nil || asked.Question == "" || asked.Other {
				t.Errorf("the password alone leads to %+v", asked)
			}
			done := y.step(wire.Answer{Answer: answerTo(asked.Question)}, account.StepDone)
			if done.Session == nil || done.Session.Policy != account.Questions {
				t.Fatalf("signed in with %+v", done.Session)
			}
			if a := w.row(p.email); !a.SignedIn.Equal(w.now) || done.Session.Account != a.ID {
				t.Errorf("account %s was seen at %v", a.ID, a.SignedIn)
			}
		})
	}
}

// In each round every question comes once; none comes twice in a row; and giving up does
// not bring another one.
//
// Rows: A-140
func TestQuestionRotates(t *testing.T) {
	w := settle(t)
	w.register(ada)
	var last string
	count := map[string]int{}
	for round := range 15 {
		y := w.begin(account.SignIn, "fr")
		y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
		_, q := w.signIn(ada)
		if y.at.Question != q {
			t.Errorf("sign-in %d: begun again, another question is asked", round)
		}
		if q == last {
			t.Errorf("sign-in %d asks the same question as the one before", round)
		}
		last = q
		count[q]++
	}
	for _, q := range answers() {
		if n := count[q.Question]; n < 2 || n > 4 {
			t.Errorf("%s was asked %d times in 15 sign-ins, want about 3", q.Question, n)
		}
	}
}

// Rows
func TestCredentialsTellNothing(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.register(bob(1))
	w.register(bob(2))
	w.register(bob(3))
	w.alter(bob(1).email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	w.alter(bob(2).email, func(a *ledger.Account, _ *person) { a.State, a.Closed = account.Closed, w.now })
	w.alter(bob(3).email, func(a *ledger.Account, _ *person) { a.State = account.Warned })

	wrong := func(email, password string) *Refused {
		t.Helper()
		return w.begin(account.SignIn, "fr").refused(wire.Answer{Email: email, Password: password}, "credentials")
	}
	for _, email := range []string{ada.email, "nobody@exemple.ca", "no address", bob(1).email, bob(2).email} {
		if no := wrong(email, "une fausse rivière"); len(no.Fields) != 0 || no.After != 0 || no.Prompt != nil {
			t.Errorf("%s: refused with %+v", email, no)
		}
	}
	wrong(bob(2).email, bob(2).password) // closed: as if there were none
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: bob(1).email, Password: bob(1).password}, "suspended")
	w.begin(account.SignIn, "fr").refused(wire.Answer{}, "email:needed", "password:needed")

	w.signIn(bob(3))
	if a := w.row(bob(3).email); a.State != account.Active || !a.Warned.IsZero() {
		t.Errorf("after a sign-in the account is %s, warned %v", a.State, a.Warned)
	}
}

// Every answer of a sign-in that fails at its first step costs the same work: slow hashes,
// counts of tries, letters.
//
// Rows: A-140, B-017
func TestEqualWork(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.register(bob(1))
	w.alter(bob(1).email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	w.register(bob(2))
	w.alter(bob(2).email, func(a *ledger.Account, _ *person) {
		a.Reset, a.Temp, a.TempEnds = true, w.g.hash("x"), w.now.Add(time.Hour)
	})
	w.post()
	type work struct{ hashes, tries, letters int64 }
	cost := func(kind account.Kind, in wire.Answer) (c work) {
		y := w.begin(kind, "fr")
		before, tries := w.g.hashed.Load(), w.tries(in.Email)
		_, err := w.g.Step(t.Context(), y.token, y.at.Step, in, w.from, w.now)
		var no *Refused
		if err != nil && !errors.As(err, &no) {
			t.Fatal(err)
		}
		return work{w.g.hashed.Load() - before, w.tries(in.Email) - tries, int64(len(w.post()))}
	}
	want := cost(account.SignIn, wire.Answer{Email: "nobody@exemple.ca", Password: "une fausse rivière"})
	if want.hashes != 2 || want.tries != 1 {
		t.Errorf("an unknown address costs %+v", want)
	}
	for _, email := range []string{ada.email, bob(1).email, bob(2).email, "no address"} {
		if got := cost(account.SignIn, wire.Answer{Email: email, Password: "une fausse rivière"}); got != want {
			t.Errorf("sign-in of %s costs %+v, of nobody %+v", email, got, want)
		}
	}

	name := wire.Answer{First: "Personne", Last: "Inconnue", Email: "nobody@exemple.ca"}
	want = cost(account.Recover, name)
	for _, in := range []wire.Answer{
		{First: ada.first, Last: ada.last, Email: ada.email}, {First: "Une", Last: "Autre", Email: bob(1).email},
	} {
		if got := cost(account.Recover, in); got != want {
			t.Errorf("recovery of %s costs %+v, of nobody %+v", in.Email, got, want)
		}
	}

	want = cost(account.Invited, wire.Answer{Email: "nobody2@exemple.ca", Code: "abcd"})
	if got := cost(account.Invited, wire.Answer{Email: ada.email, Code: "abcd"}); got != want {
		t.Errorf("an invitation of somebody costs %+v, of nobody %+v", got, want)
	}
}

// tries is what is counted under an address.
func (w *town) tries(email string) (n int64) {
	w.t.Helper()
	address, ok := account.Address(email)
	if !ok {
		address = account.Fold(email)
	}
	err := w.l.View(w.t.Context(), func(tx *ledger.Tx) error {
		n = 0
		for _, k := range []throttle{w.g.byAccount(address), w.g.byLetters(email), w.g.byAnswer(address)} {
			v, err := tx.Throttle(w.t.Context(), k.key)
			if err != nil {
				return err
			}
			n += int64(v.Failures)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Rows: B-017
func TestTooManyPasswords(t *testing.T) {
	w := settle(t)
	w.register(ada)
	for range 5 {
		w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: "une fausse rivière"}, "credentials")
	}
	y := w.begin(account.SignIn, "fr")
	right := wire.Answer{Email: ada.email, Password: ada.password}
	no := y.refused(right, "too_many_attempts")
	if no.After != 30*time.Second {
		t.Errorf("the sixth may be tried after %v, want 30s", no.After)
	}
	w.now = w.now.Add(no.After - time.Second)
	y.refused(right, "too_many_attempts")
	w.now = w.now.Add(time.Second)
	y.step(right, account.StepQuestion)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepDone)
	if n := w.tries(ada.email); n != 0 {
		t.Errorf("after a sign-in %d tries are remembered", n)
	}
}

// Who knows the password has five tries at the answer, and then waits.
//
// Rows: A-140, B-017
func TestFiveAnswers(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	y.refused(wire.Answer{}, "answer:needed")
	for range 4 {
		y.refused(wire.Answer{Answer: "autre chose"}, "answer:answer_wrong")
	}
	y.refused(wire.Answer{Answer: "autre chose"}, "too_many_attempts")
	y.refused(wire.Answer{Answer: answerTo(y.at.Question)}, "flow_expired")

	z := w.begin(account.SignIn, "fr")
	z.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	if z.at.Question != y.at.Question {
		t.Error("five wrong answers brought another question")
	}
	no := z.refused(wire.Answer{Answer: answerTo(z.at.Question)}, "too_many_attempts")
	w.now = w.now.Add(no.After)
	z.step(wire.Answer{Answer: answerTo(z.at.Question)}, account.StepDone)
}

// Rows: A-082
func TestNewerTerms(t *testing.T) {
	w := settle(t)
	w.register(ada)
	old := accepted{"2020-01-01", "fr", start.Add(-time.Hour)}
	w.alter(ada.email, func(_ *ledger.Account, p *person) { p.Terms, p.TermsLang, p.Agreed = old.Version, old.Lang, old.At })
	y := w.begin(account.SignIn, "en")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	asked := y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepTerms)
	if asked.Session != nil || asked.Terms != account.TermsVersion {
		t.Errorf("before the agreement: %+v", asked)
	}
	y.refused(wire.Answer{Terms: account.TermsVersion}, "accept:not_accepted")
	y.refused(wire.Answer{Accept: true, Terms: old.Version}, "terms_old")
	if done := y.step(agree, account.StepDone); done.Session == nil {
		t.Error("no session after the agreement")
	}
	p, err := w.g.person(w.row(ada.email))
	if err != nil || p.Terms != account.TermsVersion || p.TermsLang != "en" || !p.Agreed.Equal(w.now) || len(p.Before) != 1 || p.Before[0] != old {
		t.Errorf("terms %q in %q at %v, before %+v, %v", p.Terms, p.TermsLang, p.Agreed, p.Before, err)
	}
	w.signIn(ada) // not asked twice
}

// lend gives the account a temporary password, as an agent's act does.
func (w *town) lend(email string) string {
	w.t.Helper()
	w.post()
	if err := w.g.Reset(w.t.Context(), email, "asked by telephone", w.now); err != nil {
		w.t.Fatal(err)
	}
	return w.letter(mail.Temporary, email).Code
}

// Rows
func TestTemporaryPassword(t *testing.T) {
	w := settle(t)
	before := w.caller(w.register(ada))
	temp := w.lend(ada.email)
	if _, err := w.g.Renew(t.Context(), wire.Renewal{}, w.now); err == nil {
		t.Error("an empty refresh token renews")
	}
	var s ledger.Session
	_ = w.l.View(t.Context(), func(tx *ledger.Tx) (err error) { s, err = tx.Session(t.Context(), before.Session.ID); return err })
	if s.Revoked.IsZero() {
		t.Error("sessions outlive an agent's reset")
	}
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "must_reset")
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: "une fausse rivière"}, "credentials")

	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: temp}, account.StepQuestions)
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: temp}, "password:code_used")
	y.refused(wire.Answer{Questions: answers()[:4]}, "questions:questions_five")
	renewed := answers()
	for i := range renewed {
		renewed[i].Question, renewed[i].Answer = account.QuestionIDs[5+i], "nouvelle "+renewed[i].Answer
	}
	y.step(wire.Answer{Questions: renewed}, account.StepNewPassword)
	y.refused(wire.Answer{Password: ada.password, Again: ada.password}, "password:password_same")
	y.refused(wire.Answer{Password: temp, Again: temp}, "password:password_same")
	y.refused(wire.Answer{Password: "une autre rivière 9", Again: "une rivière 9"}, "again:password_mismatch")
	done := y.step(wire.Answer{Password: "une autre rivière 9", Again: "une autre rivière 9"}, account.StepDone)
	if done.Session != nil {
		t.Error("a temporary password opened a session")
	}
	if m := w.letter(mail.Reset, ada.email); m.Lang != ada.lang {
		t.Errorf("the notice is %+v", m)
	}
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: temp}, "credentials")
	w.now = w.now.Add(time.Hour)
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "credentials")

	z := w.begin(account.SignIn, "fr")
	z.step(wire.Answer{Email: ada.email, Password: "une autre rivière 9"}, account.StepQuestion)
	for _, q := range renewed {
		if q.Question == z.at.Question {
			z.step(wire.Answer{Answer: q.Answer}, account.StepDone)
		}
	}
	if z.at.Step != account.StepDone {
		t.Errorf("%s is asked, which was replaced", z.at.Question)
	}
}

// Rows: A-138
func TestTemporaryPasswordEnds(t *testing.T) {
	w := settle(t)
	w.register(ada)
	temp := w.lend(ada.email)
	w.now = w.now.Add(24*time.Hour - time.Second)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: temp}, account.StepQuestions)

	temp = w.lend(ada.email)
	y.refused(wire.Answer{Questions: answers()}, "flow_expired") // another reset ends what the one before began
	w.now = w.now.Add(24 * time.Hour)
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: temp}, "password:code_expired")
}

// A temporary password of an account with a role leads to its second factor first.
//
// Rows: A-138, B-032
func TestTemporaryPasswordKeepsFactor(t *testing.T) {
	w := settle(t)
	p := w.agent()
	temp := w.lend(p.email)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: p.email, Password: temp}, account.StepFactor)
	m := w.letter(mail.FactorCode, p.email)
	y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
	y.step(wire.Answer{Code: m.Code}, account.StepQuestions)
	y.step(wire.Answer{Questions: answers()}, account.StepNewPassword)
	y.step(wire.Answer{Password: "une autre rivière 9", Again: "une autre rivière 9"}, account.StepDone)
	err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
		_, err := tx.Factor(t.Context(), ledger.AccountOwner(w.row(p.email).ID))
		return err
	})
	if err != nil {
		t.Errorf("the factor after a reset: %v", err)
	}
}

// agent is somebody who serves others, with a factor by e-mail.
func (w *town) agent() who {
	w.t.Helper()
	p := who{email: "agent@exemple.ca", first: "Agathe", last: "Essai", lang: "fr", password: "montagne calme 5"}
	y := w.invited(p)
	y.step(wire.Answer{Method: "email"}, account.StepConfirm)
	y.step(wire.Answer{Code: w.letter(mail.FactorCode, p.email).Code}, account.StepCodes)
	y.step(wire.Answer{}, account.StepDone)
	w.post()
	w.now = w.now.Add(time.Minute)
	return p
}

// Rows: A-140, B-030, B-032
func TestSignInWithRole(t *testing.T) {
	w := settle(t)
	p := w.agent()
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: p.email, Password: p.password}, account.StepQuestion)
	asked := y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepFactor)
	if asked.Session != nil || asked.Method != account.EMail {
		t.Errorf("after the answer: %+v", asked)
	}
	m := w.letter(mail.FactorCode, p.email)
	y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
	done := y.step(wire.Answer{Code: m.Code}, account.StepDone)
	if done.Session == nil || done.Session.Policy != account.TwoFactor || len(done.Session.Roles) != 1 {
		t.Errorf("signed in with %+v", done.Session)
	}
}

// A password that was changed while a sign-in waits ends that sign-in.
func TestPasswordChangedMeanwhile(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Password = w.g.hash("une autre rivière 9") })
	y.refused(wire.Answer{Answer: answerTo(y.at.Question)}, "flow_expired")
	z := w.begin(account.SignIn, "fr")
	z.step(wire.Answer{Email: ada.email, Password: "une autre rivière 9"}, account.StepQuestion)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	z.refused(wire.Answer{Answer: answerTo(z.at.Question)}, "suspended")
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State, a.Reset = account.Active, true })
	z.refused(wire.Answer{Answer: answerTo(z.at.Question)}, "must_reset")
}

// A temporary password is used once, also by two at the same moment.
//
// Rows: A-138
func TestTemporaryPasswordTwiceAtOnce(t *testing.T) {
	w := settle(t)
	w.register(ada)
	in := wire.Answer{Email: ada.email, Password: w.lend(ada.email)}
	var runs []*run
	var moves []move
	for range 2 {
		y := w.begin(account.SignIn, "fr")
		r, err := w.g.read(t.Context(), y.token, w.now)
		if err != nil {
			t.Fatal(err)
		}
		r.in, r.from = in, w.from
		m, err := signinPassword(t.Context(), w.g, r)
		if err != nil {
			t.Fatal(err)
		}
		runs, moves = append(runs, r), append(moves, m)
	}
	if err := w.g.write(t.Context(), runs[0], moves[0]); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "the second", w.g.write(t.Context(), runs[1], moves[1]), "password:code_used")
}
