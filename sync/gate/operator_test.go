package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// actsOf are the acts that an actor left in the audit, the oldest first.
func (w *town) actsOf(actor string) (acts []string) {
	for _, l := range w.audits() {
		if l.Actor == actor {
			acts = append(acts, l.Act)
		}
	}
	slices.Reverse(acts)
	return acts
}

// An operator prepares an account; without letters the code is shown once. Each act leaves
// a line that names no address.
//
// Rows: A-088, B-030
func TestOperator(t *testing.T) {
	w := settle(t)
	in := Invitation{Email: "Agent@exemple.ca", First: "Agathe", Last: "Essai", Lang: "fr", Role: account.Agent}
	made, err := w.g.Invite(t.Context(), in, false, w.now)
	code := made.Code
	if err != nil || code == "" || made.Granted || !made.Until.Equal(w.now.Add(inviteLife)) {
		t.Fatalf("Invite = %+v, %v", made, err)
	}
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters although none leave: %+v", all)
	}
	list := func() []Holder {
		t.Helper()
		all, err := w.g.Holders(t.Context(), w.now)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := list(); len(all) != 1 || all[0].State != account.Registering || all[0].Email != "agent@exemple.ca" || !all[0].SignedIn.IsZero() {
		t.Errorf("holders: %+v", all)
	}
	again, err := w.g.Invite(t.Context(), in, true, w.now)
	if err != nil || again.Code != "" || again.Granted {
		t.Fatalf("Invite by letter = %+v, %v", again, err)
	}
	m := w.letter(mail.Invitation, "agent@exemple.ca")
	w.begin(account.Invited, "fr").refused(wire.Answer{Email: in.Email, Code: code}, "credentials") // the newest alone is good
	y := w.begin(account.Invited, "fr")
	y.step(wire.Answer{Email: in.Email, Code: m.Code}, account.StepTerms)

	w.wait(time.Minute)
	w.register(ada)
	if got, err := w.g.Invite(t.Context(), Invitation{Email: ada.email, Role: account.Counsellor}, false, w.now); !got.Granted || got.Code != "" || err != nil {
		t.Errorf("a role for an address that has an account: %+v, %v", got, err)
	}
	if all := list(); len(all) != 2 || !slices.Equal(all[1].Roles, []account.Role{account.Counsellor}) || all[1].State != account.Active || all[1].Factor != "" {
		t.Errorf("holders: %+v", all)
	}
	for what, bad := range map[string]Invitation{
		"no role": {Email: "x@exemple.ca", First: "A", Last: "B", Role: "admin"}, "no address": {Email: "x", First: "A", Last: "B", Role: account.Agent},
		"no name": {Email: "x@exemple.ca", Role: account.Agent},
	} {
		if _, err := w.g.Invite(t.Context(), bad, false, w.now); err == nil {
			t.Errorf("an invitation with %s", what)
		}
	}
	if got := w.actsOf("operator"); !slices.Equal(got, []string{"invite", "invite", "grant"}) {
		t.Errorf("audit: %v", got)
	}
	for _, l := range w.audits() {
		if strings.Contains(l.Detail+l.Subject, "@") {
			t.Errorf("the audit names an address: %+v", l)
		}
	}
}

// Whom an operator suspends has no role any more, and reactivating does not bring it back.
//
// Rows, B-041
func TestOperatorEnds(t *testing.T) {
	w := settle(t)
	p := w.agent()
	s := w.signInWithRole(p)
	if err := w.g.Suspend(t.Context(), p.email, "left", w.now); err != nil {
		t.Fatal(err)
	}
	if a := w.row(p.email); a.State != account.Suspended || len(a.Roles) != 0 {
		t.Errorf("after: %s %v", a.State, a.Roles)
	}
	if got := w.held(s); got != "suspended" {
		t.Errorf("their session: %q", got)
	}
	w.wait(time.Hour)
	y := w.begin(account.Recover, "fr")
	y.step(wire.Answer{First: p.first, Last: p.last, Email: p.email}, account.StepCode)
	y.step(wire.Answer{Code: w.letter(mail.RecoverCode, p.email).Code}, account.StepQuestion)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepNewPassword)
	y.step(wire.Answer{Password: "montagne haute 6", Again: "montagne haute 6"}, account.StepDone)
	if a := w.row(p.email); a.State != account.Active || len(a.Roles) != 0 {
		t.Errorf("reactivated: %s %v", a.State, a.Roles)
	}
	if got := w.held(s); got != "sign_in_needed" {
		t.Errorf("a session of before: %q", got)
	}

	w.letter(mail.Reset, p.email)
	home := w.register(ada)
	w.portal(home, portName)
	if err := w.g.Revoke(t.Context(), ada.email, "reported", w.now); err != nil {
		t.Fatal(err)
	}
	w.letter(mail.Revoked, ada.email)
	if err := w.g.Revoke(t.Context(), ada.email, "again", w.now); codeOf(t, err) != "cannot_now" {
		t.Errorf("revoked twice: %v", err)
	}
	if err := w.g.Reset(t.Context(), ada.email, "asked", w.now); err != nil {
		t.Fatal(err)
	}
	w.letter(mail.Temporary, ada.email)
	for _, err := range []error{w.g.Suspend(t.Context(), "nobody@exemple.ca", "", w.now), w.g.Reset(t.Context(), "nobody@exemple.ca", "", w.now)} {
		wantRefused(t, "an act on nobody", err, "email:bad_email")
	}
	if got := w.actsOf("operator"); !slices.Equal(got, []string{"invite", "suspend", wire.ActCompromise, wire.ActReset}) {
		t.Errorf("audit: %v", got)
	}
}

// An invitation that is taken back opens nothing, and its address is free.
func TestInvitationTakenBack(t *testing.T) {
	w := settle(t)
	p := guest
	p.lang = "fr"
	code := w.invite(p)
	if err := w.g.Suspend(t.Context(), p.email, "a mistake", w.now); err != nil {
		t.Fatal(err)
	}
	w.begin(account.Invited, "fr").refused(wire.Answer{Email: p.email, Code: code}, "credentials")
	if all, err := w.g.Holders(t.Context(), w.now); err != nil || len(all) != 0 {
		t.Errorf("holders: %+v, %v", all, err)
	}
	w.wait(time.Hour)
	q := bob(1)
	q.email = p.email
	w.register(q)
}
