package gate

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// An authenticator is set up by a QR code or a key to type, and counts once a code of it
// was right; then the five recovery codes are shown, and the key is no more.
//
// Rows: B-031
func TestFactorSetup(t *testing.T) {
	w := settle(t)
	y := w.enrolTo(w.register(ada), portName, portPassword)
	if !slices.Equal(y.at.Methods, []account.Method{account.TOTP, account.EMail}) {
		t.Errorf("methods are %v, want both", y.at.Methods)
	}
	y.refused(wire.Answer{}, "method:method_unknown")
	y.refused(wire.Answer{Method: "sms"}, "method:method_unknown")
	y.refused(wire.Answer{Method: "email", Email: "nowhere"}, "email:bad_email")
	p := y.step(wire.Answer{Method: "totp"}, account.StepConfirm)
	want := "otpauth://totp/Passerelle:" + portName + "?"
	if !strings.HasPrefix(p.URI, want) || !strings.Contains(p.URI, "secret="+p.Secret) || len(p.Secret) != 32 {
		t.Errorf("set-up tells key %q and %q, want %s… with that key", p.Secret, p.URI, want)
	}
	if again, err := w.g.Look(t.Context(), y.token, w.now); err != nil || again.Secret != p.Secret {
		t.Errorf("Look() = %q, %v, want the same key", again.Secret, err)
	}
	y.refused(wire.Answer{}, "code:needed")
	y.refused(wire.Answer{Code: other(w.totp(p.Secret))}, "code:factor_wrong")
	if n := w.sessions(ada.email, ""); n != 1 {
		t.Fatalf("%d sessions, want that of the registration", n)
	}
	codes := y.step(wire.Answer{Code: w.totp(p.Secret)[:3] + " " + w.totp(p.Secret)[3:]}, account.StepCodes)
	if len(codes.Codes) != 5 || codes.Secret != "" || codes.URI != "" {
		t.Errorf("after the set-up: %+v, want five codes and no key", codes)
	}
	slices.Sort(codes.Codes)
	if len(slices.Compact(slices.Clone(codes.Codes))) != 5 {
		t.Errorf("codes %v are not five", codes.Codes)
	}
	done := y.step(wire.Answer{}, account.StepDone)
	if done.Codes != nil {
		t.Error("the codes are shown a second time")
	}
	if again, err := w.g.Look(t.Context(), y.token, w.now); err != nil || again.Codes != nil || again.Session == nil {
		t.Errorf("Look() after the end = %+v, %v, want the session and no codes", again, err)
	}
	// The codes lie in the ledger as keyed hashes, and the key sealed.
	f := w.factor(ledger.CredentialOwner(w.credentialRow(portName).ID))
	if strings.Contains(string(f.Body), p.Secret) {
		t.Error("the key of the authenticator lies open in the ledger")
	}
}

// factor is the row of an owner's.
func (w *town) factor(owner string) (f ledger.Factor) {
	w.t.Helper()
	err := w.l.View(w.t.Context(), func(t *ledger.Tx) (err error) {
		f, err = t.Factor(w.t.Context(), owner)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// The code of a step is taken during its step, the one before and the one after: the
// clock of a telephone may be off by half a minute.
//
// Rows: B-031
func TestFactorWindow(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) // a step begins
	for _, c := range []struct {
		off   time.Duration // of the server, from when the step of the code begins
		taken bool
	}{
		{-31 * time.Second, false}, {-30*time.Second - time.Millisecond, false}, {-30 * time.Second, true}, {-time.Millisecond, true},
		{0, true}, {29999 * time.Millisecond, true}, {30 * time.Second, true}, {59999 * time.Millisecond, true}, {60 * time.Second, false},
	} {
		at = at.Add(time.Hour)
		w.now = at.Add(c.off)
		y := w.half(k)
		in := wire.Answer{Code: w.totpAt(k.secret, at)}
		if c.taken {
			y.step(in, account.StepSuccess)
		} else {
			y.refused(in, "code:factor_wrong")
		}
	}
}

// A step that was used is used: in another flow, in the same window, and by an older code.
//
// Rows: B-031
func TestFactorIsNotReplayed(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	w.wait(time.Minute)
	first, second := w.half(k), w.half(k)
	code, before := w.totp(k.secret), w.totpAt(k.secret, w.now.Add(-30*time.Second))
	first.step(wire.Answer{Code: code}, account.StepSuccess)
	second.refused(wire.Answer{Code: code}, "code:factor_used")
	second.refused(wire.Answer{Code: before}, "code:factor_used")
	w.wait(30 * time.Second)
	second.refused(wire.Answer{Code: code}, "code:factor_used")
	second.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)

	// The code that confirmed a set-up opens no sign-in.
	y := w.enrolTo(w.register(bob(1)), "westBank77", portPassword)
	secret := y.step(wire.Answer{Method: "totp"}, account.StepConfirm).Secret
	code = w.totp(secret)
	y.step(wire.Answer{Code: code}, account.StepCodes)
	y.step(wire.Answer{}, account.StepDone)
	w.half(key{username: "westBank77", password: portPassword}).refused(wire.Answer{Code: code}, "code:factor_used")
}

// The same code in many sign-ins at one moment opens one of them.
//
// Rows: B-031
func TestFactorRace(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	w.wait(time.Minute)
	var all []*way
	for range 4 { // fewer than the tries that are counted
		all = append(all, w.half(k))
	}
	code := w.totp(k.secret)
	var group sync.WaitGroup
	got := make([]error, len(all))
	for i, y := range all {
		group.Go(func() {
			_, got[i] = w.g.Step(t.Context(), y.token, account.StepFactor, wire.Answer{Code: code}, w.from, w.now)
		})
	}
	group.Wait()
	opened := 0
	for _, err := range got {
		if err == nil {
			opened++
		} else {
			wantRefused(t, "Step(factor) at once", err, "code:factor_used")
		}
	}
	if opened != 1 {
		t.Errorf("one code opened %d sign-ins at once, want 1", opened)
	}

	// The same step of the same flow twice at once: one session.
	y := w.enterTo(k)
	got = make([]error, 4)
	before := w.sessions(ada.email, w.credentialRow(portName).ID)
	for i := range got {
		group.Go(func() { _, got[i] = w.g.Step(t.Context(), y.token, account.StepSuccess, wire.Answer{}, w.from, w.now) })
	}
	group.Wait()
	if n := w.sessions(ada.email, w.credentialRow(portName).ID) - before; n != 1 {
		t.Errorf("the end of a sign-in, asked for %d times at once, opened %d sessions", len(got), n)
	}
}

// enterTo signs in up to the page before the portal.
func (w *town) enterTo(k key) *way {
	w.t.Helper()
	w.wait(time.Minute)
	y := w.half(k)
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	return y
}

// A code by e-mail goes out on arrival: six digits, ten minutes, once. Another one ends the
// one before, and may be asked for after a minute. Where it goes is shown to nobody who
// has the password alone.
//
// Rows: B-031
func TestFactorByMail(t *testing.T) {
	w := settle(t)
	y := w.enrolTo(w.register(ada), portName, portPassword)
	k := y.byMail("second@exemple.ca")
	k.username, k.password = portName, portPassword
	y.step(wire.Answer{}, account.StepDone)
	w.post()

	arrive := func() (*way, string) {
		t.Helper()
		y := w.half(k)
		if y.at.Method != account.EMail || y.at.Sent != "s…@exemple.ca" {
			t.Errorf("the factor asked for is %q, sent to %q; want the address hidden", y.at.Method, y.at.Sent)
		}
		m := w.letter(mail.FactorCode, "second@exemple.ca")
		if len(m.Code) != 6 || strings.Trim(m.Code, "0123456789") != "" || m.Minutes != 10 || m.Link != "" {
			t.Errorf("letter is %+v, want six digits for ten minutes and no link", m)
		}
		return y, m.Code
	}

	y, code := arrive()
	y.refused(wire.Answer{Code: other(code)}, "code:code_wrong")
	y.refused(wire.Answer{Linked: true}, "code:needed")
	y.step(wire.Answer{Code: code}, account.StepSuccess)
	other1, _ := arrive()
	other1.refused(wire.Answer{Code: code}, "code:code_wrong") // of another sign-in

	y, code = arrive()
	w.wait(10*time.Minute - time.Millisecond)
	late := w.now
	y.step(wire.Answer{Code: code}, account.StepSuccess)
	y, code = arrive()
	w.now = late.Add(10 * time.Minute)
	y.refused(wire.Answer{Code: code}, "code:code_expired")

	y, code = arrive()
	_, err := w.g.Resend(t.Context(), y.token, w.from, w.now.Add(59*time.Second))
	wantRefused(t, "Resend() after 59 s", err, "cannot_now")
	w.wait(time.Minute)
	if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now); err != nil {
		t.Fatal(err)
	}
	fresh := w.letter(mail.FactorCode, "second@exemple.ca").Code
	if fresh != code {
		y.refused(wire.Answer{Code: code}, "code:code_wrong")
	}
	y.step(wire.Answer{Code: fresh}, account.StepSuccess)
}

// Guesses of a code are counted by whose factor it is, in however many sign-ins.
//
// Rows: B-017, B-031, B-033
func TestFactorGuessesAreCounted(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	w.wait(time.Minute)
	for n := range 5 {
		w.from = fmt.Sprintf("198.51.100.%d", n)
		y := w.half(k)
		if n%2 == 0 {
			y.refused(wire.Answer{Code: other(w.totp(k.secret))}, "code:factor_wrong")
		} else {
			y.refused(wire.Answer{Recovery: "AAAA-BBBB-CCCC"}, "recovery:recovery_wrong")
		}
	}
	y := w.half(k)
	no := y.refused(wire.Answer{Code: w.totp(k.secret)}, "too_many_attempts")
	y.refused(wire.Answer{Recovery: k.codes[0]}, "too_many_attempts")
	w.wait(no.After)
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
}

// A recovery code opens the set-up of another factor once, and nothing else; the new codes
// end the old ones, all five.
//
// Rows: B-033, B-034, B-035
func TestRecoveryCodes(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	id := w.credentialRow(portName).ID
	w.wait(time.Hour)
	before := w.sessions(ada.email, id)

	y := w.half(k)
	y.refused(wire.Answer{Recovery: "  "}, "code:needed")
	y.refused(wire.Answer{Recovery: "AAAA"}, "recovery:recovery_wrong")
	w.wait(14 * time.Minute)
	y.step(wire.Answer{Recovery: strings.ToLower(strings.ReplaceAll(k.codes[2], "-", " "))}, account.StepSetup)
	y.onlyHere()
	w.wait(6 * time.Minute) // longer than a factor counts for a change: a code is not asked for twice
	p := y.step(wire.Answer{Method: "totp"}, account.StepConfirm)
	y.onlyHere()
	if n := w.sessions(ada.email, id); n != before {
		t.Errorf("a recovery code alone opened %d sessions", n-before)
	}
	// Given up here, the old factor and the other four stand; the fifth is used.
	again := w.half(k)
	again.refused(wire.Answer{Recovery: k.codes[2]}, "recovery:recovery_wrong")
	again.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)

	w.post()
	fresh := y.step(wire.Answer{Code: w.totp(p.Secret)}, account.StepCodes).Codes
	y.step(wire.Answer{}, account.StepDone)
	if got := kinds(w.post()); !slices.Equal(got, []mail.Kind{mail.FactorSet}) {
		t.Errorf("letters are %v, want the notice of another factor", got)
	}
	old := k
	k.secret, k.codes = p.Secret, fresh
	for i, c := range old.codes {
		w.wait(20 * time.Minute)
		y := w.half(k)
		y.refused(wire.Answer{Recovery: c}, "recovery:recovery_wrong")
		if i == 0 {
			y.refused(wire.Answer{Code: w.totp(old.secret)}, "code:factor_wrong")
		}
	}
	w.wait(20 * time.Minute)
	y = w.half(k)
	y.step(wire.Answer{Recovery: fresh[4]}, account.StepSetup)
}

// Each of the five codes is good once, in whatever order and however it is written.
//
// Rows: B-033
func TestRecoveryCodesOnceEach(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	owner := ledger.CredentialOwner(w.credentialRow(portName).ID)
	if f := w.factor(owner); f.Method != account.TOTP {
		t.Fatalf("factor is %q", f.Method)
	}
	rapid.Check(t, func(rt *rapid.T) {
		code := k.codes[rapid.IntRange(0, 4).Draw(rt, "code")]
		if rapid.Bool().Draw(rt, "lower") {
			code = strings.ToLower(code)
		}
		if rapid.Bool().Draw(rt, "bare") {
			code = strings.ReplaceAll(code, "-", "")
		}
		if rapid.Bool().Draw(rt, "slip") {
			code = strings.NewReplacer("0", "o", "1", "l").Replace(code)
		}
		text, ok := account.RecoveryTyped(code)
		if !ok {
			rt.Fatalf("%q is no code", code)
		}
		want := slices.Contains(k.codes, text)
		for i := range 2 {
			err := w.l.Update(t.Context(), func(tx *ledger.Tx) error {
				_, err := tx.UseCode(t.Context(), owner, w.g.codeHash(owner, text), w.now)
				return err
			})
			if (err == nil) != (want && i == 0) {
				rt.Fatalf("use %d of %q: %v", i, code, err)
			}
		}
		// For the next draw.
		var hashes [][]byte
		for _, c := range k.codes {
			hashes = append(hashes, w.g.codeHash(owner, c))
		}
		if err := w.l.Update(t.Context(), func(tx *ledger.Tx) error { return tx.SetCodes(t.Context(), owner, hashes, w.now) }); err != nil {
			rt.Fatal(err)
		}
	})
}

// The page after a sign-in leads to another factor, within five minutes of the one before;
// after that it is asked for again. The person is told by letter, and the codes are new.
//
// Rows: B-032, B-034, B-036
func TestFactorChangedAfterSignIn(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	y := w.enterTo(k)
	y.step(wire.Answer{Change: true}, account.StepSetup)
	second := y.byMail("second@exemple.ca")
	if done := y.step(wire.Answer{}, account.StepDone); done.Session == nil {
		t.Error("after the change the portal does not open")
	}
	all := w.post()
	if got := kinds(all); !slices.Equal(got, []mail.Kind{mail.FactorSet}) || all[0].To != ada.email {
		t.Errorf("letters are %+v, want the notice to the account", all)
	}
	y = w.begin(account.Portal, "fr")
	y.step(wire.Answer{Username: k.username, Password: k.password}, account.StepFactor)
	if y.at.Method != account.EMail {
		t.Errorf("the factor is %q, want the new one", y.at.Method)
	}
	y.refused(wire.Answer{Recovery: k.codes[0]}, "recovery:recovery_wrong")
	code := w.letter(mail.FactorCode, "second@exemple.ca").Code
	y.step(wire.Answer{Code: code}, account.StepSuccess)
	w.wait(5 * time.Minute)
	no := y.refused(wire.Answer{Change: true}, "factor_needed")
	if no.Prompt == nil || no.Prompt.Step != account.StepFactor {
		t.Fatalf("refused with %+v, want the factor asked for again", no.Prompt)
	}
	y.at = *no.Prompt
	fresh := w.letter(mail.FactorCode, "second@exemple.ca").Code
	if fresh != code {
		y.refused(wire.Answer{Code: code}, "code:code_wrong")
	}
	y.step(wire.Answer{Code: fresh}, account.StepSuccess)
	w.wait(5*time.Minute - time.Millisecond)
	y.step(wire.Answer{Change: true}, account.StepSetup)
	w.wait(time.Millisecond)
	no = y.refused(wire.Answer{Method: "totp"}, "factor_needed") // the set-up was left open
	y.at = *no.Prompt
	y.onlyHere()
	w.wait(time.Minute)
	y = w.half(k)
	y.step(wire.Answer{Recovery: second.codes[1]}, account.StepSetup)
	y.step(wire.Answer{Method: "totp"}, account.StepConfirm)
	w.wait(7 * time.Minute) // no authenticator at hand
	y.step(wire.Answer{Method: "email"}, account.StepConfirm)
	if y.at.Sent != "a…@exemple.ca" {
		t.Errorf("the code went to %q, want the account's own address, hidden", y.at.Sent)
	}
	all = w.post()
	if m := all[len(all)-1]; m.Kind != mail.FactorCode || m.To != ada.email {
		t.Errorf("letters are %+v, want a code to the account", all)
	}
	y.step(wire.Answer{Code: all[len(all)-1].Code}, account.StepCodes)
}

// Within a session the factor is changed too: with the one before, unless it was shown
// less than five minutes ago. A session without a factor has none to change.
//
// Rows: B-032, B-036
func TestFactorChangedWithinASession(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	k, _ := w.portal(home, portName)
	s := w.enter(k)
	w.wait(5*time.Minute - time.Millisecond)
	if y := w.beginAs(account.NewFactor, "fr", w.caller(s)); y.at.Step != account.StepSetup {
		t.Errorf("a change %v after the factor begins at %s, want the set-up", 5*time.Minute-time.Millisecond, y.at.Step)
	}
	w.wait(time.Millisecond)
	y := w.beginAs(account.NewFactor, "fr", w.caller(s))
	if y.at.Step != account.StepFactor {
		t.Fatalf("a change after five minutes begins at %s, want the factor", y.at.Step)
	}
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSetup)
	p := y.step(wire.Answer{Method: "totp"}, account.StepConfirm)
	if !strings.Contains(p.URI, ":"+portName+"?") {
		t.Errorf("the authenticator is told %q, want the username %s in it", p.URI, portName)
	}
	w.wait(time.Minute)
	y.step(wire.Answer{Code: w.totp(p.Secret)}, account.StepCodes)
	done := y.step(wire.Answer{}, account.StepDone)
	if done.Session != nil {
		t.Error("a change of the factor opened a session")
	}
	if who := w.caller(s); !who.Session.FactorAt.Equal(w.now) {
		t.Errorf("the factor of the session was shown at %v, want %v", who.Session.FactorAt, w.now)
	}
	k.secret = p.Secret
	w.enter(k)

	_, err := w.g.Begin(t.Context(), wire.Begin{Kind: account.NewFactor, Lang: "fr"}, w.caller(w.renew(home)), w.from, w.now)
	wantRefused(t, "Begin(factor) without one", err, "forbidden")
	_, err = w.g.Begin(t.Context(), wire.Begin{Kind: account.NewFactor, Lang: "fr"}, nil, w.from, w.now)
	wantRefused(t, "Begin(factor) without a session", err, "sign_in_needed")
}

// A change under way ends with the session that it was begun within.
//
// Rows: B-009, B-036
func TestFactorChangeEndsWithItsSession(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	s := w.enter(k)
	y := w.beginAs(account.NewFactor, "fr", w.caller(s))
	if err := w.g.SignOut(t.Context(), w.caller(s), w.now); err != nil {
		t.Fatal(err)
	}
	y.refused(wire.Answer{Method: "totp"}, "sign_in_needed")
}

// Whoever has a role has a factor at every sign-in, and no flow ends without one being
// proven or set up; no step and no act takes it away.
//
// Rows: B-030, B-036
func TestNobodySwitchesTheFactorOff(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Roles = []account.Role{account.Agent} })
	id := w.row(ada.email).ID
	signin := func() *way {
		y := w.begin(account.SignIn, "fr")
		y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
		return y
	}
	y := signin()
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepSetup) // none yet
	y.onlyHere()
	y.authenticator()
	s := *y.step(wire.Answer{}, account.StepDone).Session
	if s.Policy != account.TwoFactor {
		t.Errorf("an agent's session is %q, want %q", s.Policy, account.TwoFactor)
	}
	w.post()
	y = signin()
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepFactor)
	y.onlyHere()
	before := w.factor(ledger.AccountOwner(id))
	full := wire.Answer{Method: "none", Current: ada.password, Password: "toute autre 9 phrase", Again: "toute autre 9 phrase", Change: true,
		Questions: answers(), First: "Ada", Last: "Essai", Lang: "en"}
	for _, act := range []string{wire.ActDetails, wire.ActQuestions, wire.ActRecoveryEmail, wire.ActRevokeOthers, "factor", "", "off"} {
		_, _ = w.g.Change(t.Context(), w.caller(s), act, full, w.from, w.now) // refused or not: it must not touch the factor
		_ = w.g.Act(t.Context(), w.caller(s), act, wire.Act{Email: ada.email, Reason: "why not"}, w.now)
	}
	for _, act := range []string{wire.ActReset, wire.ActCompromise, wire.ActDecline} {
		_ = w.g.Act(t.Context(), w.caller(s), act, wire.Act{Email: ada.email, Reason: "why not"}, w.now)
	}
	after := w.factor(ledger.AccountOwner(id))
	if after.Method != before.Method || string(after.Body) != string(before.Body) {
		t.Errorf("the factor was %q and is %q: an act touched it", before.Method, after.Method)
	}
	for kind, plan := range account.Flows {
		for _, s := range plan.Steps {
			if s == account.StepSetup && !(slices.Contains(plan.Steps, account.StepConfirm) && slices.Contains(plan.Steps, account.StepCodes)) {
				t.Errorf("%s sets up a factor without confirming it", kind)
			}
		}
	}
}
