package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// The username goes to its recovery e-mail, in the language of the account; the page says
// only what was typed, and that it is the first of two.
//
// Rows: B-020, B-022
func TestUsernameRecovery(t *testing.T) {
	w := settle(t)
	w.portal(w.register(bob(1)), "westBank77") // English, and the same recovery e-mail
	w.portal(w.register(ada), portName)
	y := w.begin(account.Username, "en")
	if y.at.Screen != 1 || y.at.Screens != 2 {
		t.Errorf("page %d of %d, want 1 of 2", y.at.Screen, y.at.Screens)
	}
	y.refused(wire.Answer{}, "email:needed")
	y.refused(wire.Answer{Email: "retrouver"}, "email:bad_email")
	p := y.step(wire.Answer{Email: " RETROUVER@exemple.ca "}, account.StepSent)
	if p.Sent != "RETROUVER@exemple.ca" || p.Screen != 2 || p.Screens != 2 {
		t.Errorf("page %d of %d says %q, want 2 of 2 with what was typed", p.Screen, p.Screens, p.Sent)
	}
	all := w.post()
	slices.SortFunc(all, func(a, b mail.Message) int { return strings.Compare(a.Username, b.Username) })
	if len(all) != 2 || all[0].Username != portName || all[0].Lang != "fr" || all[1].Username != "westBank77" || all[1].Lang != "en" {
		t.Errorf("letters are %+v, want one for each username, in the language of its account", all)
	}
	for _, m := range all {
		if m.Kind != mail.UsernameIs || m.To != strings.ToLower(portMail) {
			t.Errorf("letter is %+v, want the username, to the address as it is known", m)
		}
	}
	y.step(wire.Answer{}, account.StepDone)
}

// An address that is nobody's gets the same page after the same work, and no letter; so does
// one whose credential was revoked.
//
// Rows: B-022, B-041
func TestUsernameOfNobody(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	ask := func(email string) (p wire.Prompt, work int64) {
		work = w.work(func() { p = w.begin(account.Username, "fr").step(wire.Answer{Email: email}, account.StepSent) })
		p.Flow = ""
		return p, work
	}
	known, cost := ask(portMail)
	w.letter(mail.UsernameIs, strings.ToLower(portMail))
	unknown, same := ask("personne@exemple.ca")
	known.Sent, unknown.Sent = "", ""
	if fmt.Sprint(known) != fmt.Sprint(unknown) || cost != same {
		t.Errorf("nobody's address is answered with %+v (%d hashes), a known one with %+v (%d)", unknown, same, known, cost)
	}
	w.letter(mail.None, "personne@exemple.ca")
	w.revoke(ada.email, account.Unused)
	ask(portMail)
	w.letter(mail.None, strings.ToLower(portMail))
}

// Nobody's mailbox can be filled from here.
//
// Rows: B-017, B-022
func TestUsernameLettersAreCounted(t *testing.T) {
	w := settle(t)
	w.portal(w.register(ada), portName)
	for n := range 5 {
		w.from = fmt.Sprintf("198.51.100.%d", n)
		w.begin(account.Username, "fr").step(wire.Answer{Email: portMail}, account.StepSent)
	}
	w.begin(account.Username, "fr").refused(wire.Answer{Email: portMail}, "too_many_attempts")
	if n := len(w.post()); n != 5 {
		t.Errorf("%d letters went out, want 5", n)
	}
}

// An address that asks for one name after another has to wait, be they somebody's or not.
//
// Rows: B-017, B-022, B-025
func TestManyNamesFromOneAddress(t *testing.T) {
	for _, c := range []struct {
		kind account.Kind
		in   func(n int) wire.Answer
		next account.Step
	}{
		{account.Username, func(n int) wire.Answer { return wire.Answer{Email: fmt.Sprintf("personne%d@exemple.ca", n)} }, account.StepSent},
		{account.Password, func(n int) wire.Answer { return wire.Answer{Username: fmt.Sprintf("personne%02d", n)} }, account.StepMethod},
	} {
		w := settle(t)
		for n := range 20 {
			w.begin(c.kind, "fr").step(c.in(n), c.next)
		}
		no := w.begin(c.kind, "fr").refused(c.in(20), "too_many_attempts")
		w.begin(c.kind, "fr").refused(c.in(21), "too_many_attempts")
		w.wait(no.After)
		w.begin(c.kind, "fr").step(c.in(22), c.next)
	}
}
