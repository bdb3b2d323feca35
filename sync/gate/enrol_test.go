package gate

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// A credential is written whole, at the end: before, there is nothing of it, and its
// username is free; after, its secrets are readable nowhere.
//
// Rows: B-004, B-023, B-037
func TestEnrol(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	_, err := w.g.Begin(t.Context(), wire.Begin{Kind: account.Enrol, Lang: "fr"}, nil, w.from, w.now)
	wantRefused(t, "Begin(enrol) without a session", err, "sign_in_needed")

	given := w.enrolTo(home, portName, portPassword)
	given.authenticator()
	if c, _, err := w.g.holder(t.Context(), portName); err != nil || c.ID != "" {
		t.Errorf("a registration that was not finished left %+v, %v", c, err)
	}
	if err := w.g.Drop(t.Context(), given.token); err != nil {
		t.Fatal(err)
	}

	y := w.enrolTo(w.renew(home), portName, portPassword)
	y.byMail(ada.email)
	done := y.step(wire.Answer{}, account.StepDone)
	if done.Session == nil || done.Session.Policy != account.TwoFactor {
		t.Fatalf("a registration ends in %+v, want a session of the portal", done.Session)
	}
	all := w.post()
	if got := kinds(all); !slices.Equal(got, []mail.Kind{mail.FactorSet}) || all[0].To != ada.email {
		t.Errorf("letters are %+v, want a notice to the account", all)
	}
	c := w.credentialRow(portName)
	if c.Account != w.row(ada.email).ID || c.State != account.CredentialActive || c.Enrolment == "" || c.Enrolment == c.ID {
		t.Errorf("credential is %+v", c)
	}
	p, err := w.g.portal(c)
	if err != nil {
		t.Fatal(err)
	}
	if p.Username != portName || p.RecoveryEmail != portMail || p.Question != recovery.Question || p.PersonHint != recovery.PersonHint {
		t.Errorf("credential holds %+v, want what was typed", p)
	}
	for _, secret := range []string{recovery.Answer, recovery.Person, recovery.Date, portPassword} {
		if s := p.Answer + p.Person + p.Date + c.Password; strings.Contains(s, secret) || strings.Contains(s, account.Fold(secret)) {
			t.Errorf("%q is readable in what is kept", secret)
		}
	}
	if n, left := w.sessions(ada.email, c.ID), w.left(c.ID); n != 1 || left != 5 {
		t.Errorf("%d sessions and %d recovery codes, want 1 and 5", n, left)
	}
}

// left counts the recovery codes of a credential.
func (w *town) left(credential string) (n int) {
	w.t.Helper()
	err := w.l.View(w.t.Context(), func(t *ledger.Tx) (err error) {
		n, err = t.CodesLeft(w.t.Context(), ledger.CredentialOwner(credential))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Each part of a registration is refused with a message of its own, and the rest kept: what
// can be mended at once is told at once.
//
// Rows: B-028, B-029, B-037, B-042, X-072
func TestEnrolSaysWhatToMend(t *testing.T) {
	w := settle(t)
	w.portal(w.register(bob(1)), "westBank77")
	w.portal(w.register(bob(2)), "eastBank88")
	w.revoke(bob(2).email, account.Unused)
	y := w.beginAs(account.Enrol, "fr", w.caller(w.register(ada)))
	for _, c := range []struct {
		name, password, again string
		want                  []string
	}{
		{"", "", "", []string{"username:needed", "password:needed", "again:needed"}},
		{"court7", portPassword, portPassword, []string{"username:username_format"}},
		{"beaucoupLongNom17", portPassword, portPassword, []string{"username:username_format"}},
		{"huit12345678", portPassword, portPassword, []string{"username:username_format"}}, // eight digits
		{"rive_sud", portPassword, portPassword, []string{"username:username_format"}},
		{portName, "Trois-7", "Trois-7", []string{"password:password_short"}},
		{portName, "trois-ponts-7", "trois-ponts-7", []string{"password:password_mixed"}},
		{portName, "Trois-Ponts", "Trois-Ponts", []string{"password:password_mixed"}},
		{portName, "Une-Rive-7", "Une-Rive-7", []string{"password:password_username"}},
		{portName, portName, portName, []string{"password:password_username"}},
		{portName, portPassword, "Trois-Ponts-8", []string{"again:password_mismatch"}},
		{"WESTBANK77", portPassword, portPassword, []string{"username:username_taken"}},
	} {
		y.refused(wire.Answer{Username: c.name, Password: c.password, Again: c.again}, c.want...)
	}
	y.refused(wire.Answer{Username: "eastBank88", Password: portPassword, Again: portPassword}, "username:username_taken") // revoked, and never free again
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Password = w.g.hash("Deux-Ponts-8") })
	y.refused(wire.Answer{Username: portName, Password: "Deux-Ponts-8", Again: "Deux-Ponts-8"}, "password:password_same")
	y.step(wire.Answer{Username: portName, Password: portPassword, Again: portPassword}, account.StepRecovery)

	with := func(change func(*wire.Answer)) wire.Answer {
		in := recovery
		change(&in)
		return in
	}
	for _, c := range []struct {
		in   wire.Answer
		want []string
	}{
		{wire.Answer{}, []string{"question:needed", "answer:needed", "person:needed", "person_hint:needed", "date:needed", "date_hint:needed"}},
		{with(func(in *wire.Answer) { in.RecoveryEmail = "retrouver" }), []string{"recovery_email:bad_email"}},
		{with(func(in *wire.Answer) { in.Question = "none" }), []string{"question:needed"}},
		{with(func(in *wire.Answer) { in.Answer = "é" }), []string{"answer:answer_short"}},
		{with(func(in *wire.Answer) { in.Date = "1999-02-30" }), []string{"date:date_format"}},
		{with(func(in *wire.Answer) { in.Date = "04/07/1999" }), []string{"date:date_format"}},
		{with(func(in *wire.Answer) { in.PersonHint = "c'est EVE SAMPLE" }), []string{"person_hint:hint_holds_answer"}},
		{with(func(in *wire.Answer) { in.DateHint = "le 1999 07 04" }), []string{"date_hint:hint_holds_answer"}},
	} {
		y.refused(c.in, c.want...)
	}
	// The recovery e-mail may be given later (B-023).
	y.step(with(func(in *wire.Answer) { in.RecoveryEmail = " " }), account.StepSetup)
	y.byMail(ada.email)
	y.step(wire.Answer{}, account.StepDone)
	if c := w.credentialRow(portName); c.Recovery != nil {
		t.Error("a credential without a recovery e-mail is found by one")
	}
}

// Usernames are tried out no faster than passwords.
//
// Rows: B-017, B-042
func TestEnrolIsSlowedDown(t *testing.T) {
	w := settle(t)
	w.portal(w.register(bob(1)), "westBank77")
	home := w.register(ada)
	in := wire.Answer{Username: "westBank77", Password: portPassword, Again: portPassword}
	for range 5 {
		w.beginAs(account.Enrol, "fr", w.caller(home)).refused(in, "username:username_taken")
	}
	y := w.beginAs(account.Enrol, "fr", w.caller(home))
	in.Username = portName
	no := y.refused(in, "too_many_attempts")
	w.wait(no.After)
	y.step(in, account.StepRecovery)
}

// Whoever lost the username, the recovery e-mail or the recovery codes registers another
// credential: the old one is revoked, with its sessions, its factor and its codes, and
// what hung on its enrolment is not carried over. Its username is never free again.
//
// Rows: B-021, B-024, B-035, B-042
func TestEnrolAgain(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	old, s := w.portal(home, portName)
	was := w.credentialRow(portName)
	w.wait(time.Minute)
	half := w.half(old)

	home = w.renew(home)
	y := w.enrolTo(home, "riveNord2027", "Quatre-Ponts-9")
	fresh := y.authenticator()
	fresh.username, fresh.password = "riveNord2027", "Quatre-Ponts-9"
	y.step(wire.Answer{}, account.StepDone)
	if got := kinds(w.post()); !slices.Equal(got, []mail.Kind{mail.FactorSet, mail.Revoked}) {
		t.Errorf("letters are %v, want a notice of the new one and one of the old", got)
	}
	is, now := w.credentialRow(portName), w.credentialRow("riveNord2027")
	if is.State != account.CredentialRevoked || is.Reason != account.Replaced {
		t.Errorf("the old credential is %q for %q, want it revoked, replaced", is.State, is.Reason)
	}
	if now.Enrolment == was.Enrolment || now.Account != was.Account {
		t.Errorf("enrolment %q of account %q follows %q of %q; want another enrolment of the same account", now.Enrolment, now.Account, was.Enrolment, was.Account)
	}
	if _, err := w.g.Caller(t.Context(), s.Access, w.now); err == nil {
		t.Error("a session of the old credential is open")
	}
	if n := w.left(was.ID); n != 0 {
		t.Errorf("%d recovery codes of the old credential are good", n)
	}
	err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
		_, err := tx.Factor(t.Context(), ledger.CredentialOwner(was.ID))
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the factor of the old credential: %v, want none", err)
	}
	half.refused(wire.Answer{Code: w.totp(old.secret)}, "flow_expired")
	half.refused(wire.Answer{Recovery: old.codes[0]}, "flow_expired")
	w.begin(account.Portal, "fr").refused(wire.Answer{Username: old.username, Password: old.password}, "revoked")
	w.beginAs(account.Enrol, "fr", w.caller(home)).refused(wire.Answer{Username: old.username, Password: portPassword, Again: portPassword}, "username:username_taken")
	w.enter(fresh)

	// From within the portal, too: the session that began it ends, and its end is still told.
	w.wait(time.Minute)
	s = w.enter(fresh)
	y = w.enrolTo(s, "riveEst2028", portPassword)
	y.byMail(ada.email)
	if done := y.step(wire.Answer{}, account.StepDone); done.Session == nil {
		t.Error("no session after a replacement from within the portal")
	}
	if p, err := w.g.Look(t.Context(), y.token, w.now); err != nil || p.Session == nil {
		t.Errorf("Look() after the end = %+v, %v, want the session again", p, err)
	}
	if _, err := w.g.Caller(t.Context(), s.Access, w.now); err == nil {
		t.Error("the session of the credential that was replaced is open")
	}
}

// Two people who register the same username at once: one has it, the other is sent back to
// choose another.
//
// Rows: B-042
func TestEnrolRace(t *testing.T) {
	w := settle(t)
	var all []*way
	for _, p := range []who{ada, bob(1)} {
		y := w.enrolTo(w.register(p), portName, portPassword)
		y.authenticator()
		all = append(all, y)
	}
	var group sync.WaitGroup
	got := make([]error, len(all))
	for i, y := range all {
		group.Go(func() { _, got[i] = w.g.Step(t.Context(), y.token, account.StepCodes, wire.Answer{}, w.from, w.now) })
	}
	group.Wait()
	lost := slices.IndexFunc(got, func(err error) bool { return err != nil })
	if lost < 0 || got[1-lost] != nil {
		t.Fatalf("both ends of the race: %v", got)
	}
	wantRefused(t, "Step(codes) of the other", got[lost], "username:username_taken")
	y := all[lost]
	if p, err := w.g.Look(t.Context(), y.token, w.now); err != nil {
		t.Fatal(err)
	} else if p.Step == account.StepCodes { // they met in the transaction itself: once more says where it goes on
		p := y.refused(wire.Answer{}, "username:username_taken").Prompt
		if p == nil || p.Step != account.StepUsername {
			t.Fatalf("the other is sent to %+v, want the username", p)
		}
		y.at = *p
	} else {
		y.at = p
	}
	y.step(wire.Answer{Username: "riveNord2027", Password: portPassword, Again: portPassword}, account.StepRecovery)
	y.step(recovery, account.StepSetup)
	y.authenticator()
	y.step(wire.Answer{}, account.StepDone)
}

// One account that registers two credentials at once is left with one that is active.
//
// Rows: B-037
func TestEnrolTwiceAtOnce(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	one, two := w.enrolTo(home, "riveNord2027", portPassword), w.enrolTo(home, "riveEst2028", "Quatre-Ponts-9")
	one.authenticator()
	two.authenticator()
	var group sync.WaitGroup
	for _, y := range []*way{one, two} {
		group.Go(func() { _, _ = w.g.Step(t.Context(), y.token, account.StepCodes, wire.Answer{}, w.from, w.now) })
	}
	group.Wait()
	active := 0
	for _, name := range []string{"riveNord2027", "riveEst2028"} {
		if c, _, err := w.g.holder(t.Context(), name); err != nil {
			t.Fatal(err)
		} else if c.State == account.CredentialActive {
			active++
		}
	}
	if active != 1 {
		t.Errorf("%d credentials are active, want 1", active)
	}
}

// An account that is suspended or reset while it registers gets no credential, and the
// username stays free.
//
// Rows
func TestEnrolOfAnAccountThatIsNotActive(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	early, late := w.beginAs(account.Enrol, "fr", w.caller(home)), w.enrolTo(home, portName, portPassword)
	late.authenticator()
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	early.refused(wire.Answer{Username: portName, Password: portPassword, Again: portPassword}, "suspended")
	late.refused(wire.Answer{}, "suspended")
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State, a.Reset = account.Active, true })
	late.refused(wire.Answer{}, "must_reset")
	if c, _, err := w.g.holder(t.Context(), portName); err != nil || c.ID != "" {
		t.Errorf("a registration that was refused left %+v, %v", c, err)
	}
}
