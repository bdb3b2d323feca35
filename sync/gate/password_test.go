package gate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

const newPassword = "Neuf-Ponts-8"

// forgot begins the recovery of a password, up to the choice of how.
func (w *town) forgot(name string) *way {
	w.t.Helper()
	y := w.begin(account.Password, "fr")
	y.step(wire.Answer{Username: name}, account.StepMethod)
	return y
}

// Four pages: the username, the code, the recovery answer, the new password. Who is signed
// in with the old one is signed out, the person is told, and the second factor stays.
//
// Rows: B-020, B-025, B-026, B-028, B-029
func TestPasswordByMail(t *testing.T) {
	w := settle(t)
	k, s := w.portal(w.register(ada), portName)
	c := w.credentialRow(portName)
	factor := w.factor(ledger.CredentialOwner(c.ID))
	half := func() *way { w.wait(time.Minute); return w.half(k) }()

	y := w.begin(account.Password, "fr")
	page := func(n int) {
		t.Helper()
		if y.at.Screen != n || y.at.Screens != 4 {
			t.Errorf("%s is page %d of %d, want %d of 4", y.at.Step, y.at.Screen, y.at.Screens, n)
		}
	}
	page(1)
	y.refused(wire.Answer{}, "username:needed")
	y.step(wire.Answer{Username: strings.ToUpper(portName)}, account.StepMethod)
	page(2)
	y.refused(wire.Answer{}, "method:method_unknown")
	y.refused(wire.Answer{Method: "email"}, "email:needed")
	y.step(wire.Answer{Method: "email", Email: "retrouver@EXEMPLE.ca"}, account.StepCode)
	page(2)
	if y.at.Sent != "retrouver@EXEMPLE.ca" || y.at.Question != "" {
		t.Errorf("page says %+v, want where the code was said to go, and no question yet", y.at)
	}
	m := w.letter(mail.PortalCode, strings.ToLower(portMail))
	if len(m.Code) != 6 || m.Minutes != 15 {
		t.Errorf("letter is %+v, want six digits for 15 minutes", m)
	}
	y.refused(wire.Answer{}, "code:needed")
	y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
	y.step(wire.Answer{Code: m.Code}, account.StepAnswer)
	page(3)
	if y.at.Question != recovery.Question {
		t.Errorf("question is %q, want %q", y.at.Question, recovery.Question)
	}
	y.refused(wire.Answer{}, "answer:needed")
	y.refused(wire.Answer{Answer: "thé vert"}, "answer:answer_wrong")
	y.step(wire.Answer{Answer: " cafe  NOIR "}, account.StepNewPassword)
	page(4)
	y.refused(wire.Answer{}, "password:needed", "again:needed")
	y.refused(wire.Answer{Password: "Une-Rive-7", Again: "Une-Rive-7"}, "password:password_username")
	y.refused(wire.Answer{Password: newPassword, Again: "Neuf-Ponts-9"}, "again:password_mismatch")
	y.refused(wire.Answer{Password: portPassword, Again: portPassword}, "password:password_same")
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Password = w.g.hash("Deux-Ponts-8") })
	y.refused(wire.Answer{Password: "Deux-Ponts-8", Again: "Deux-Ponts-8"}, "password:password_same")
	if p := y.step(wire.Answer{Password: newPassword, Again: newPassword}, account.StepDone); p.Session != nil {
		t.Error("a new password opened a session")
	}
	page(4)
	w.letter(mail.PortalSet, ada.email)

	if _, err := w.g.Caller(t.Context(), s.Access, w.now); err == nil {
		t.Error("a session of the old password is open")
	}
	half.refused(wire.Answer{Code: w.totp(k.secret)}, "flow_expired")
	w.begin(account.Portal, "fr").refused(wire.Answer{Username: k.username, Password: k.password}, "credentials")
	if is := w.factor(ledger.CredentialOwner(c.ID)); string(is.Body) != string(factor.Body) || w.left(c.ID) != 5 {
		t.Error("a new password touched the second factor")
	}
	k.password = newPassword
	w.enter(k)
}

// Three of three, in any writing; which one is wrong is not said, and takes no less work.
//
// Rows: B-027
func TestPasswordByQuestions(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	for i, c := range []struct{ answer, person, date string }{
		{"thé vert", recovery.Person, recovery.Date},
		{recovery.Answer, "Adam", recovery.Date},
		{recovery.Answer, recovery.Person, "1999-07-05"},
		{"thé vert", "Adam", "1999-07-05"},
	} {
		w.from = fmt.Sprintf("198.51.100.%d", i)
		y := w.forgot(portName)
		y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
		n := w.work(func() { y.refused(wire.Answer{Answer: c.answer, Person: c.person, Date: c.date}, "answers_wrong") })
		if n != 3 {
			t.Errorf("a wrong set %d costs %d slow hashes, want 3", i, n)
		}
	}
	w.wait(time.Hour)
	y := w.forgot(portName)
	p := y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
	if p.Question != recovery.Question || p.Person != recovery.PersonHint || p.Date != recovery.DateHint || p.Screen != 2 || p.Screens != 4 {
		t.Errorf("page is %+v, want the person's own question and hints on page 2 of 4", p)
	}
	y.refused(wire.Answer{Answer: "x"}, "person:needed", "date:needed")
	y.step(wire.Answer{Answer: "CAFÉ NOIR", Person: "eve  sample", Date: "1999-07-04"}, account.StepNewPassword)
	y.step(wire.Answer{Password: newPassword, Again: newPassword}, account.StepDone)
	k.password = newPassword
	w.enter(k)
}

// The code alone, and the answer alone, never come to the new password: neither in one
// flow nor with what another flow has proven.
//
// Rows: B-026
func TestPasswordNeedsBoth(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	y := w.forgot(portName)
	y.step(wire.Answer{Method: "email", Email: portMail}, account.StepCode)
	code := w.letter(mail.PortalCode, strings.ToLower(portMail)).Code
	y.refused(wire.Answer{Answer: recovery.Answer}, "code:needed")
	y.refused(wire.Answer{Linked: true, Code: " "}, "code:needed")
	elsewhere := w.forgot(portName)
	elsewhere.step(wire.Answer{Method: "email", Email: portMail}, account.StepCode)
	elsewhere.refused(wire.Answer{Code: code}, "code:code_wrong")
	w.wait(15 * time.Minute)
	y.refused(wire.Answer{Code: code}, "code:code_expired")
}

// A username that nobody has, one without a recovery e-mail, another e-mail than its own,
// and a credential that was revoked: the same pages, the same work, no letter, and no end.
//
// Rows: B-025, B-026, B-041
func TestPasswordOfNobody(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	w.portal(w.register(bob(1)), "westBank77")
	w.revoke(bob(1).email, account.Compromised)
	y := w.beginAs(account.Enrol, "fr", w.caller(w.register(bob(2))))
	y.step(wire.Answer{Username: "eastBank88", Password: portPassword, Again: portPassword}, account.StepRecovery)
	without := recovery
	without.RecoveryEmail = ""
	y.step(without, account.StepSetup)
	y.authenticator()
	y.step(wire.Answer{}, account.StepDone)
	w.post()

	plain := func(p wire.Prompt) string {
		p.Flow, p.Sent = "", ""
		return fmt.Sprintf("%+v", p)
	}
	walk := func(name, email string) (said string, work int64, letter mail.Message) {
		work = w.work(func() {
			y := w.begin(account.Password, "fr")
			said += plain(y.step(wire.Answer{Username: name}, account.StepMethod))
			said += plain(y.step(wire.Answer{Method: "email", Email: email}, account.StepCode))
			all := w.post()
			if len(all) != 1 {
				t.Fatalf("letters are %+v, want one, be it to nobody", all)
			}
			letter = all[0]
			for range 2 {
				no := y.refused(wire.Answer{Code: other(letter.Code)}, "code:code_wrong")
				said += no.Error()
			}
		})
		return said, work, letter
	}
	_, cost, m := walk(portName, portMail)
	if m.Kind != mail.PortalCode {
		t.Fatalf("letter to the right address is %q", m.Kind)
	}
	for what, c := range map[string]struct{ name, email string }{
		"nobody's username":       {"personne99", portMail},
		"another e-mail":          {portName, "autre@exemple.ca"},
		"a revoked credential":    {"westBank77", portMail},
		"no e-mail of its own":    {"eastBank88", portMail},
		"not a username":          {"é ' --", "autre2@exemple.ca"},
		"another username's mail": {"eastBank88", bob(2).email},
	} {
		w.wait(24 * time.Hour) // so that no count is in the way
		known, _, _ := walk(portName, portMail)
		said, work, letter := walk(c.name, c.email)
		if said != known || work != cost {
			t.Errorf("%s is told\n%s (%d hashes), a right one\n%s (%d)", what, said, work, known, cost)
		}
		if letter.Kind != mail.None {
			t.Errorf("%s: a %q letter to %s", what, letter.Kind, letter.To)
		}
		// Not even the code of the letter that went to nobody is right.
		y := w.forgot(c.name)
		y.step(wire.Answer{Method: "email", Email: c.email}, account.StepCode)
		y.refused(wire.Answer{Code: w.letter(mail.None, strings.ToLower(c.email)).Code}, "code:code_wrong")
	}
}

// The questions of a username that nobody has are always the same ones, whatever language
// the screen is in, and no answers are right; nor are the right ones of a credential that
// was revoked.
//
// Rows: B-025, B-027, B-041
func TestPasswordDecoy(t *testing.T) {
	w := settle(t)
	w.portal(w.register(bob(1)), "westBank77")
	ask := func(name, lang string) (wire.Prompt, int64) {
		w.wait(24 * time.Hour)
		y := w.begin(account.Password, lang)
		y.step(wire.Answer{Username: name}, account.StepMethod)
		p := y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
		n := w.work(func() { y.refused(wire.Answer{Answer: "x y", Person: "z", Date: "1999-07-04"}, "answers_wrong") })
		return p, n
	}
	_, cost := ask("westBank77", "en")
	seen := map[string]bool{}
	for i := range 12 {
		name := fmt.Sprintf("personne%02d", i)
		fr, work := ask(name, "fr")
		en, _ := ask(strings.ToUpper(name), "en")
		if fr.Question != en.Question || fr.Person != en.Person || fr.Date != en.Date {
			t.Errorf("%s is asked %q, %q, %q and then %q, %q, %q", name, fr.Question, fr.Person, fr.Date, en.Question, en.Person, en.Date)
		}
		if account.QuestionKey(fr.Question) == "" || fr.Person == "" || fr.Date == "" {
			t.Errorf("%s is asked %+v, want a question and two hints", name, fr)
		}
		if work != cost {
			t.Errorf("%s costs %d slow hashes, a known username %d", name, work, cost)
		}
		seen[fr.Question+fr.Person+fr.Date] = true
	}
	if len(seen) < 6 {
		t.Errorf("twelve usernames have %d decoys: too few to pass for people", len(seen))
	}
	before, _ := ask("westBank77", "en")
	w.revoke(bob(1).email, account.Compromised)
	w.wait(24 * time.Hour)
	y := w.forgot("westBank77")
	after := y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
	if after.Question != before.Question || after.Person != before.Person || after.Date != before.Date {
		t.Error("that a credential was revoked can be read from its questions")
	}
	y.refused(wire.Answer{Answer: recovery.Answer, Person: recovery.Person, Date: recovery.Date}, "answers_wrong")
}

// Wrong answers are counted by the username, and a flow takes five at most.
//
// Rows: B-017, B-027
func TestPasswordGuessesAreCounted(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	right := wire.Answer{Answer: recovery.Answer, Person: recovery.Person, Date: recovery.Date}
	wrong := right
	wrong.Person = "Adam"
	for _, name := range []string{portName, "personne99"} {
		y := w.forgot(name)
		y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
		for n := range 5 {
			w.from = fmt.Sprintf("198.51.100.%d", n)
			if n < 4 {
				y.refused(wrong, "answers_wrong")
			} else {
				y.refused(wrong, "flow_expired")
			}
		}
		y = w.forgot(name)
		y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
		no := y.refused(right, "too_many_attempts")
		w.wait(no.After)
		if name == portName {
			y.step(right, account.StepNewPassword)
		} else {
			y.refused(right, "answers_wrong")
		}
	}
}

// A new password for a credential that was revoked, or got another password, meanwhile is
// refused: it never comes back.
//
// Rows: B-041
func TestPasswordOvertaken(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	proven := func() *way {
		y := w.forgot(portName)
		y.step(wire.Answer{Method: "questions"}, account.StepAnswers)
		y.step(wire.Answer{Answer: recovery.Answer, Person: recovery.Person, Date: recovery.Date}, account.StepNewPassword)
		return y
	}
	one, two := proven(), proven()
	one.step(wire.Answer{Password: newPassword, Again: newPassword}, account.StepDone)
	two.refused(wire.Answer{Password: "Dix-Ponts-99", Again: "Dix-Ponts-99"}, "flow_expired")
	three := proven()
	w.revoke(ada.email, account.Compromised)
	three.refused(wire.Answer{Password: "Dix-Ponts-99", Again: "Dix-Ponts-99"}, "flow_expired")
	if c := w.credentialRow(portName); c.State != account.CredentialRevoked {
		t.Errorf("credential is %q, want it revoked for good", c.State)
	}
}
