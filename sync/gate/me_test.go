package gate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

func (w *town) me(s wire.Session) wire.Me {
	w.t.Helper()
	me, err := w.g.Me(w.t.Context(), w.caller(s), w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return me
}

func (w *town) act(s wire.Session, act string, in wire.Answer) (wire.Me, error) {
	w.t.Helper()
	return w.g.Change(w.t.Context(), w.caller(s), act, in, w.from, w.now)
}

func (w *town) acted(s wire.Session, act string, in wire.Answer) wire.Me {
	w.t.Helper()
	me, err := w.act(s, act, in)
	if err != nil {
		w.t.Fatalf("Change(%s) = %v", act, err)
	}
	return me
}

// Rows, B-009
func TestMe(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	me := w.me(home)
	if me.Email != ada.email || me.First != ada.first || me.Last != ada.last || me.Lang != "fr" || me.State != account.Active ||
		me.Verified != "local" || me.Terms != account.TermsVersion || !me.AcceptedOn.Equal(w.now) || len(me.Questions) != 5 ||
		!me.SuspendsOn.Equal(account.SuspendsOn(w.now)) || me.Credential != nil || me.Factor != "" {
		t.Errorf("me is %+v", me)
	}
	if len(me.Devices) != 1 || !me.Devices[0].This || me.Devices[0].Name != "bureau" || me.Devices[0].Policy != account.Questions {
		t.Errorf("devices: %+v", me.Devices)
	}
	k, port := w.portal(home, portName)
	me = w.me(home)
	c := me.Credential
	if c == nil || c.Username != portName || c.State != account.CredentialActive || c.Factor != account.TOTP || c.CodesLeft != len(k.codes) ||
		!strings.EqualFold(c.RecoveryEmail, portMail) || c.LastUsed.IsZero() {
		t.Errorf("credential: %+v", c)
	}
	if len(me.Devices) != 2 || me.Devices[0].ID != home.ID || me.Devices[1].ID != port.ID || me.Devices[1].This {
		t.Errorf("devices: %+v", me.Devices)
	}
	w.wait(16 * time.Minute) // the portal's session is over
	home = w.renew(home)
	if me = w.me(home); len(me.Devices) != 1 {
		t.Errorf("devices with one that is over: %+v", me.Devices)
	}
	if _, err := w.act(home, "promote", wire.Answer{}); codeOf(t, err) != "wrong_step" {
		t.Errorf("an act that is none: %v", err)
	}
}

// Rows
func TestChangeDetails(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	_, err := w.act(s, wire.ActDetails, wire.Answer{First: " ", Last: "X9", Lang: "de"})
	wantRefused(t, "details", err, "first:needed", "last:bad_name", "lang:needed")
	me := w.acted(s, wire.ActDetails, wire.Answer{First: " Ada ", Last: "Test", Lang: "en"})
	if me.First != "Ada" || me.Last != "Test" || me.Lang != "en" {
		t.Errorf("after: %+v", me)
	}
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters: %+v", all)
	}
}

// The current password is asked, the other sessions end, this one goes on, and the address
// is told.
//
// Rows, B-029
func TestChangePassword(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	_, port := w.portal(home, portName)
	other, _ := w.signIn(ada)
	y := w.begin(account.SignIn, "fr") // begun with the old password
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	w.post()
	const next = "une montagne 12"
	for _, c := range []struct {
		in   wire.Answer
		want string
	}{
		{wire.Answer{Password: next, Again: next}, "current:needed"},
		{wire.Answer{Current: ada.password, Password: next, Again: next + "x"}, "again:password_mismatch"},
		{wire.Answer{Current: ada.password, Password: "court", Again: "court"}, "password:password_short"},
		{wire.Answer{Current: "rivière vite 7", Password: next, Again: next}, "current:password_wrong"},
		{wire.Answer{Current: ada.password, Password: ada.password, Again: ada.password}, "password:password_same"},
		{wire.Answer{Current: ada.password, Password: portPassword, Again: portPassword}, "password:password_same"},
	} {
		_, err := w.act(home, wire.ActPassword, c.in)
		wantRefused(t, "a change of password", err, c.want)
		w.wait(time.Minute)
	}
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters of changes that were refused: %+v", all)
	}
	w.acted(home, wire.ActPassword, wire.Answer{Current: ada.password, Password: next, Again: next})
	if m := w.letter(mail.Reset, ada.email); m.Lang != "fr" || m.First != ada.first {
		t.Errorf("the notice is %+v", m)
	}
	if got := w.held(home); got != "" {
		t.Errorf("this session: %s", got)
	}
	for what, s := range map[string]wire.Session{"another": other, "the portal's": port} {
		if got := w.held(s); got != "sign_in_needed" {
			t.Errorf("%s session: %q, want it ended, and nothing wiped", what, got)
		}
	}
	y.refused(wire.Answer{Answer: answerTo(y.at.Question)}, "flow_expired")
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "credentials")
	p := ada
	p.password = next
	w.signIn(p)
}

// Guesses at the current password from a session that was stolen are counted.
//
// Rows: B-017
func TestCurrentPasswordIsCounted(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	for range 5 {
		_, err := w.act(s, wire.ActClose, wire.Answer{Current: "rivière vite 7"})
		wantRefused(t, "a close", err, "current:password_wrong")
	}
	_, err := w.act(s, wire.ActClose, wire.Answer{Current: ada.password})
	wantRefused(t, "a close after five wrong passwords", err, "too_many_attempts")
}

// Rows: A-086
func TestChangeQuestions(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	fresh := answers()
	for i := range fresh {
		fresh[i].Question = account.QuestionIDs[6+i]
	}
	_, err := w.act(s, wire.ActQuestions, wire.Answer{Current: ada.password, Questions: fresh[:4]})
	wantRefused(t, "four questions", err, "questions:questions_five")
	_, err = w.act(s, wire.ActQuestions, wire.Answer{Questions: fresh})
	wantRefused(t, "without the password", err, "current:needed")
	me := w.acted(s, wire.ActQuestions, wire.Answer{Current: ada.password, Questions: fresh})
	if len(me.Questions) != 5 || me.Questions[0] != fresh[0].Question {
		t.Errorf("questions: %v", me.Questions)
	}
	w.letter(mail.Questioned, ada.email)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	for _, q := range fresh {
		if q.Question == y.at.Question {
			y.step(wire.Answer{Answer: q.Answer}, account.StepDone)
		}
	}
	if y.at.Step != account.StepDone {
		t.Errorf("%s is asked, which was replaced", y.at.Question)
	}
}

// The recovery address changes with the portal's own password, within a session of the
// portal, and in no other way.
//
// Rows: B-021, B-023
func TestChangeRecoveryEmail(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	k, _ := w.portal(home, portName)
	s := w.enter(k)
	const next = "Autre@exemple.ca"
	_, err := w.act(w.renew(home), wire.ActRecoveryEmail, wire.Answer{Current: portPassword, RecoveryEmail: next})
	wantRefused(t, "from the job bank", err, "factor_needed")
	_, err = w.act(s, wire.ActRecoveryEmail, wire.Answer{Current: ada.password, RecoveryEmail: next})
	wantRefused(t, "with the other password", err, "current:password_wrong")
	_, err = w.act(s, wire.ActRecoveryEmail, wire.Answer{Current: portPassword, RecoveryEmail: "nobody"})
	wantRefused(t, "an address that is none", err, "recovery_email:bad_email")
	me := w.acted(s, wire.ActRecoveryEmail, wire.Answer{Current: portPassword, RecoveryEmail: next})
	if !strings.EqualFold(me.Credential.RecoveryEmail, next) {
		t.Errorf("after: %+v", me.Credential)
	}
	found := func(address string) int {
		var n int
		err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
			all, err := tx.CredentialsByRecovery(t.Context(), w.g.recoveryHash(strings.ToLower(address)))
			n = len(all)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if found(next) != 1 || found(portMail) != 0 {
		t.Errorf("found by the new address %d times, by the old one %d", found(next), found(portMail))
	}
	w.enter(k)
	if me = w.acted(s, wire.ActRecoveryEmail, wire.Answer{Current: portPassword}); me.Credential.RecoveryEmail != "" || found(next) != 0 {
		t.Errorf("after it was taken away: %+v", me.Credential)
	}
}

// Two computers at once; one is revoked, and told to wipe what it keeps. Nobody revokes
// what is not theirs.
//
// Rows: B-009, X-059
func TestRevokeADevice(t *testing.T) {
	w := settle(t)
	lost := w.register(ada)
	here, _ := w.signIn(ada)
	third, _ := w.signIn(ada)
	stranger := w.register(bob(1))
	w.acted(stranger, wire.ActRevoke, wire.Answer{Device: lost.ID})
	if got := w.held(lost); got != "" {
		t.Fatalf("a stranger ended a session: %s", got)
	}
	if me := w.acted(here, wire.ActRevoke, wire.Answer{Device: lost.ID}); len(me.Devices) != 2 {
		t.Errorf("devices after: %+v", me.Devices)
	}
	if got := w.held(lost); got != "session_revoked" {
		t.Errorf("the revoked computer calls: %q", got)
	}
	if _, err := w.renewal(lost, false); codeOf(t, err) != "session_revoked" {
		t.Errorf("the revoked computer renews: %v", err)
	}
	w.acted(here, wire.ActRevokeOthers, wire.Answer{})
	if w.held(here) != "" || w.held(third) != "session_revoked" {
		t.Errorf("after the others were revoked: here %q, third %q", w.held(here), w.held(third))
	}
	if err := w.g.SignOut(t.Context(), w.caller(here), w.now); err != nil {
		t.Fatal(err)
	}
	if got := w.held(here); got != "sign_in_needed" {
		t.Errorf("after signing out: %q, want nothing wiped", got)
	}
}

// A closed account opens nothing, nor does its credential; its address is free, its number
// is not: one person, one account.
//
// Rows
func TestClose(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	k, port := w.portal(s, portName)
	_, err := w.act(s, wire.ActClose, wire.Answer{})
	wantRefused(t, "a close without the password", err, "current:needed")
	var left []string
	w.g.o.Leave = func(_ context.Context, _ *ledger.Tx, id string, _ time.Time) error {
		left = append(left, id)
		return nil
	}
	me := w.acted(s, wire.ActClose, wire.Answer{Current: ada.password})
	if !slices.Equal(left, []string{s.Account}) {
		t.Errorf("left: %v, want what else is of %s to end", left, s.Account)
	}
	if me.State != account.Closed || len(me.Devices) != 0 || len(me.Questions) != 0 {
		t.Errorf("after: %+v", me)
	}
	w.letter(mail.Closed, ada.email)
	for _, s := range []wire.Session{s, port} {
		if got := w.held(s); got != "closed" {
			t.Errorf("a session of a closed account: %q", got)
		}
	}
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "credentials")
	if c := w.credentialRow(portName); c.State != account.CredentialRevoked || c.Reason != endClosed {
		t.Errorf("the credential: %s %s", c.State, c.Reason)
	}
	if y := w.begin(account.Portal, "fr"); y.at.Step == account.StepPassword {
		_, err := w.g.Step(t.Context(), y.token, account.StepPassword, wire.Answer{Username: k.username, Password: k.password}, w.from, w.now)
		if codeOf(t, err) == "" {
			t.Error("the portal opens to a closed account")
		}
	}
	var row ledger.Account
	_ = w.l.View(t.Context(), func(tx *ledger.Tx) (err error) { row, err = tx.Account(t.Context(), s.Account); return err })
	if row.Password != "" || row.SIN == nil {
		t.Errorf("the row of a closed account is %+v", row)
	}
	w.wait(time.Hour)
	y := w.toValidate(ada) // the address is free
	y.refused(ada.validation(), "sin:sin_already_used")
	p := bob(2)
	p.email = ada.email
	z := w.toValidate(p)
	z.step(p.validation(), account.StepQuestions)
	z.step(wire.Answer{Questions: answers()}, account.StepDone)
}

// What a person changes on two devices at the same moment: one is told to sign in again.
func TestChangedOnAnotherDevice(t *testing.T) {
	w := settle(t)
	here := w.register(ada)
	there, _ := w.signIn(ada)
	who := w.caller(there)
	w.acted(here, wire.ActPassword, wire.Answer{Current: ada.password, Password: "une montagne 12", Again: "une montagne 12"})
	_, err := w.g.Change(t.Context(), who, wire.ActDetails, wire.Answer{First: "Ada", Last: "Test", Lang: "en"}, w.from, w.now)
	if codeOf(t, err) != "sign_in_needed" {
		t.Errorf("a change by a session that ended a moment before: %v", err)
	}
	if errors.Is(err, ledger.ErrMoved) {
		t.Error("the ledger's own words")
	}
}
