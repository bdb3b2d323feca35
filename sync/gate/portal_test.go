package gate

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// key is a portal credential as its person knows it.
type key struct {
	username, password string
	secret             string // of the authenticator
	codes              []string
}

const (
	portName     = "riveSud2026"
	portPassword = "Trois-Ponts-7"
	portMail     = "Retrouver@exemple.ca"
)

var recovery = wire.Answer{RecoveryEmail: portMail, Question: account.QuestionIDs[2], Answer: "Café Noir",
	Person: "Ève Sample", PersonHint: "voisine du 3e", Date: "1999-07-04", DateHint: "le grand départ"}

// enrolTo walks a registration of a credential up to the set-up of its factor.
func (w *town) enrolTo(s wire.Session, name, password string) *way {
	w.t.Helper()
	y := w.beginAs(account.Enrol, "fr", w.caller(s))
	y.step(wire.Answer{Username: name, Password: password, Again: password}, account.StepRecovery)
	y.step(recovery, account.StepSetup)
	return y
}

// authenticator sets one up and gives what to keep.
func (y *way) authenticator() key {
	y.t.Helper()
	secret := y.step(wire.Answer{Method: "totp"}, account.StepConfirm).Secret
	y.wait(time.Minute) // so that no test meets a step that was used
	codes := y.step(wire.Answer{Code: y.totp(secret)}, account.StepCodes).Codes
	y.wait(time.Minute)
	return key{secret: secret, codes: codes}
}

// byMail sets up codes by e-mail to an address.
func (y *way) byMail(to string) key {
	y.t.Helper()
	y.step(wire.Answer{Method: "email", Email: to}, account.StepConfirm)
	return key{codes: y.step(wire.Answer{Code: y.letter(mail.FactorCode, to).Code}, account.StepCodes).Codes}
}

// portal registers a credential with an authenticator, and gives its first session.
func (w *town) portal(s wire.Session, name string) (key, wire.Session) {
	w.t.Helper()
	y := w.enrolTo(s, name, portPassword)
	k := y.authenticator()
	k.username, k.password = name, portPassword
	done := y.step(wire.Answer{}, account.StepDone)
	w.post()
	if done.Session == nil {
		w.t.Fatal("the registration of a credential ended without a session")
	}
	return k, *done.Session
}

// half is a sign-in up to the second factor.
func (w *town) half(k key) *way {
	w.t.Helper()
	y := w.begin(account.Portal, "fr")
	y.step(wire.Answer{Username: k.username, Password: k.password, Device: "bureau"}, account.StepFactor)
	return y
}

// enter signs in to the portal, after a while.
func (w *town) enter(k key) wire.Session {
	w.t.Helper()
	w.wait(time.Minute)
	y := w.half(k)
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	return *y.step(wire.Answer{}, account.StepDone).Session
}

func (w *town) wait(d time.Duration) { w.now = w.now.Add(d) }

// totp is what the authenticator shows now.
func (w *town) totp(secret string) string { return w.totpAt(secret, w.now) }

func (w *town) totpAt(secret string, at time.Time) string {
	w.t.Helper()
	code, err := account.TOTPCode(secret, account.TOTPStep(at))
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// credentialRow is the row of a username.
func (w *town) credentialRow(name string) ledger.Credential {
	w.t.Helper()
	c, _, err := w.g.holder(w.t.Context(), name)
	if err != nil || c.ID == "" {
		w.t.Fatalf("credential of %s: %+v, %v", name, c, err)
	}
	return c
}

// renew gives the next pair of a session.
func (w *town) renew(s wire.Session) wire.Session {
	w.t.Helper()
	s, err := w.g.Renew(w.t.Context(), wire.Renewal{Refresh: s.Refresh}, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// sessions counts those of an account that are open.
func (w *town) sessions(email string, credential string) (n int) {
	w.t.Helper()
	id := w.row(email).ID
	err := w.l.View(w.t.Context(), func(t *ledger.Tx) error {
		all, err := t.Sessions(w.t.Context(), id)
		for _, s := range all {
			if s.Credential == credential {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// work is how many slow hashes do something.
func (w *town) work(do func()) int64 {
	before := w.g.hashed.Load()
	do()
	return w.g.hashed.Load() - before
}

// revoke revokes a credential behind the gate's back, as the nightly round or an agent does.
func (w *town) revoke(email, reason string) {
	w.t.Helper()
	id := w.row(email).ID
	err := w.l.Update(w.t.Context(), func(t *ledger.Tx) error {
		return w.g.revokeCredential(w.t.Context(), t, id, reason, w.now)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// The username and password of the portal, then the factor, then the page from which the
// portal opens: a session of its own policy and credential.
//
// Rows: B-004, B-009, B-030
func TestPortalSignIn(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	k, first := w.portal(home, portName)
	if first.Policy != account.TwoFactor {
		t.Errorf("policy of the first session is %q, want %q", first.Policy, account.TwoFactor)
	}
	w.wait(time.Hour)
	y := w.half(k)
	if y.at.Method != account.TOTP || y.at.Session != nil {
		t.Errorf("after the password: %+v, want the authenticator asked for and no session", y.at)
	}
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	if y.at.Session != nil {
		t.Error("the page before the portal tells a session already")
	}
	s := *y.step(wire.Answer{}, account.StepDone).Session
	who := w.caller(s)
	c := w.credentialRow(portName)
	if who.Session.Policy != account.TwoFactor || who.Session.Credential != c.ID || !who.Session.FactorAt.Equal(w.now) {
		t.Errorf("session is %+v, want that of credential %s, factor at %v", who.Session, c.ID, w.now)
	}
	if !c.Used.Equal(w.now) {
		t.Errorf("credential was used at %v, want %v", c.Used, w.now)
	}
	// However the username is written, and on another computer at the same time.
	k.username = strings.ToUpper(k.username)
	w.enter(k)
	if n := w.sessions(ada.email, c.ID); n != 3 {
		t.Errorf("%d sessions of the portal are open, want all three", n)
	}
}

// What a password alone opens is the step of the second factor and no other: the token of
// the flow is no token of a session, and no other step takes it.
//
// Rows: B-030
func TestPasswordAloneOpensNothing(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	y := w.half(k)
	for _, token := range []string{y.token, strings.ToUpper(y.token), ""} {
		_, err := w.g.Caller(t.Context(), token, w.now)
		wantRefused(t, "Caller(token of a flow)", err, "sign_in_needed")
		_, err = w.g.Renew(t.Context(), wire.Renewal{Refresh: token}, w.now)
		wantRefused(t, "Renew(token of a flow)", err, "sign_in_needed")
	}
	y.onlyHere()
	if p, err := w.g.Look(t.Context(), y.token, w.now); err != nil || p.Session != nil || p.Step != account.StepFactor {
		t.Errorf("Look() = %+v, %v, want the factor still asked for and no session", p, err)
	}
}

// onlyHere tries every step but the one that the flow waits for, with answers that would be
// right somewhere: each is refused, tells where the flow stands, and changes nothing.
func (y *way) onlyHere() {
	y.t.Helper()
	flow := func() (f ledger.Flow) {
		err := y.l.View(y.t.Context(), func(t *ledger.Tx) (err error) {
			f, err = t.Flow(y.t.Context(), y.flowKey(y.token))
			return err
		})
		if err != nil {
			y.t.Fatal(err)
		}
		return f
	}
	before := flow()
	steps := []account.Step{account.StepDone, "", "nonsense"}
	for _, plan := range account.Flows {
		steps = append(steps, plan.Steps...)
	}
	for _, s := range steps {
		if s == y.at.Step {
			continue
		}
		in := wire.Answer{Email: portMail, Username: portName, Password: "Neuf-Ponts-8", Again: "Neuf-Ponts-8", Code: "123456", Answer: recovery.Answer,
			Person: recovery.Person, Date: recovery.Date, Method: "totp", Accept: true, Change: true}
		_, err := y.g.Step(y.t.Context(), y.token, s, in, y.from, y.now)
		no := wantRefused(y.t, fmt.Sprintf("Step(%s at %s, %q)", y.at.Kind, y.at.Step, s), err, "wrong_step")
		if no.Prompt == nil || no.Prompt.Step != y.at.Step {
			y.t.Errorf("a step that is skipped tells %+v, want that the flow stands at %s", no.Prompt, y.at.Step)
		}
	}
	if after := flow(); after.Ver != before.Ver || after.Step != before.Step {
		y.t.Errorf("steps that were refused moved the flow from %s (%d) to %s (%d)", before.Step, before.Ver, after.Step, after.Ver)
	}
}

// No step of any flow of the portal can be skipped, whatever is answered: each is walked
// to each of its steps, and every other step is tried there.
//
// Rows: B-020, B-025, B-026, B-027, B-030, B-031, B-037
func TestNoStepOfThePortalIsSkipped(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	met := map[account.Kind]map[account.Step]bool{}
	at := func(y *way) {
		if met[y.at.Kind] == nil {
			met[y.at.Kind] = map[account.Step]bool{}
		}
		met[y.at.Kind][y.at.Step] = true
		y.onlyHere()
	}
	step := func(y *way, in wire.Answer, next account.Step) {
		t.Helper()
		y.step(in, next)
		at(y)
	}
	var k key
	{ // registration
		y := w.beginAs(account.Enrol, "fr", w.caller(home))
		at(y)
		step(y, wire.Answer{Username: portName, Password: portPassword, Again: portPassword}, account.StepRecovery)
		step(y, recovery, account.StepSetup)
		step(y, wire.Answer{Method: "totp"}, account.StepConfirm)
		k = key{username: portName, password: portPassword, secret: y.at.Secret}
		step(y, wire.Answer{Code: w.totp(k.secret)}, account.StepCodes)
		k.codes = y.at.Codes
		step(y, wire.Answer{}, account.StepDone)
	}
	w.wait(time.Minute)
	{ // sign-in, by a recovery code
		y := w.begin(account.Portal, "fr")
		at(y)
		step(y, wire.Answer{Username: k.username, Password: k.password}, account.StepFactor)
		step(y, wire.Answer{Recovery: k.codes[0]}, account.StepSetup)
		step(y, wire.Answer{Method: "totp"}, account.StepConfirm)
		k.secret = y.at.Secret
		w.wait(time.Minute)
		step(y, wire.Answer{Code: w.totp(k.secret)}, account.StepCodes)
		step(y, wire.Answer{}, account.StepDone)
	}
	w.wait(time.Minute)
	var s wire.Session
	{ // sign-in, by the factor
		y := w.half(k)
		step(y, wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
		step(y, wire.Answer{}, account.StepDone)
		s = *y.at.Session
	}
	w.wait(6 * time.Minute)
	{ // another factor
		y := w.beginAs(account.NewFactor, "fr", w.caller(s))
		at(y)
		step(y, wire.Answer{Code: w.totp(k.secret)}, account.StepSetup)
		step(y, wire.Answer{Method: "totp"}, account.StepConfirm)
		k.secret = y.at.Secret
		w.wait(time.Minute)
		step(y, wire.Answer{Code: w.totp(k.secret)}, account.StepCodes)
		step(y, wire.Answer{}, account.StepDone)
	}
	{ // the username
		y := w.begin(account.Username, "fr")
		at(y)
		step(y, wire.Answer{Email: portMail}, account.StepSent)
		step(y, wire.Answer{}, account.StepDone)
	}
	w.post()
	{ // the password, both ways
		y := w.begin(account.Password, "fr")
		at(y)
		step(y, wire.Answer{Username: k.username}, account.StepMethod)
		step(y, wire.Answer{Method: "email", Email: portMail}, account.StepCode)
		step(y, wire.Answer{Code: w.letter(mail.PortalCode, strings.ToLower(portMail)).Code}, account.StepAnswer)
		step(y, wire.Answer{Answer: recovery.Answer}, account.StepNewPassword)
		step(y, wire.Answer{Password: "Neuf-Ponts-8", Again: "Neuf-Ponts-8"}, account.StepDone)
		y = w.begin(account.Password, "fr")
		y.step(wire.Answer{Username: k.username}, account.StepMethod)
		step(y, wire.Answer{Method: "questions"}, account.StepAnswers)
	}
	for _, kind := range []account.Kind{account.Enrol, account.Portal, account.NewFactor, account.Username, account.Password} {
		for _, s := range account.Flows[kind].Steps {
			if !met[kind][s] {
				t.Errorf("step %s of %s was not walked to: this test has to", s, kind)
			}
		}
	}
}

// A username that nobody has, a wrong password, and a username that was revoked are
// answered alike, after the same work.
//
// Rows: B-017, B-025, B-041
func TestPortalAnswersAlike(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	bobs, _ := w.portal(w.register(bob(1)), "westBank77")
	w.revoke(bob(1).email, account.Compromised)
	w.post()
	try := func(name, password string) int64 {
		return w.work(func() {
			y := w.begin(account.Portal, "fr")
			y.refused(wire.Answer{Username: name, Password: password}, "credentials")
		})
	}
	wrong := try(k.username, "Pas-Celui-La-1")
	for what, got := range map[string]int64{
		"nobody's":    try("personne99", "Pas-Celui-La-1"),
		"revoked":     try(bobs.username, "Pas-Celui-La-1"),
		"not of form": try("é", "x"),
	} {
		if got != wrong || got == 0 {
			t.Errorf("a username that is %s costs %d slow hashes, a wrong password %d", what, got, wrong)
		}
	}
	y := w.begin(account.Portal, "fr")
	y.refused(wire.Answer{Password: "x"}, "username:needed")
	y.refused(wire.Answer{Username: " "}, "username:needed", "password:needed")
	// Only whoever has its password hears that it is revoked (B-042).
	y.refused(wire.Answer{Username: bobs.username, Password: bobs.password}, "revoked")
	if all := w.post(); len(all) != 0 {
		t.Errorf("tries sent letters: %+v", all)
	}
}

// A suspended account opens no portal, nor does one that was closed.
//
// Rows: A-133
func TestPortalOfAnAccountThatIsNotActive(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	for _, c := range []struct {
		change func(*ledger.Account)
		want   string
	}{
		{func(a *ledger.Account) { a.State = account.Suspended }, "suspended"},
		{func(a *ledger.Account) { a.State, a.Reset = account.Active, true }, "must_reset"},
	} {
		w.alter(ada.email, func(a *ledger.Account, _ *person) { c.change(a) })
		y := w.begin(account.Portal, "fr")
		y.refused(wire.Answer{Username: k.username, Password: k.password}, c.want)
	}
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Reset = false })
	y := w.half(k)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State = account.Suspended })
	w.wait(time.Minute)
	y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	y.refused(wire.Answer{}, "suspended")
}

// After five tries the next one has to wait, the right password too, whatever address it
// comes from; after the wait it opens.
//
// Rows: B-017
func TestPortalTriesAreCounted(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	for n := range 5 {
		w.from = fmt.Sprintf("198.51.100.%d", n)
		w.begin(account.Portal, "fr").refused(wire.Answer{Username: k.username, Password: "Pas-Celui-La-1"}, "credentials")
	}
	no := w.begin(account.Portal, "fr").refused(wire.Answer{Username: k.username, Password: k.password}, "too_many_attempts")
	if no.After <= 0 {
		t.Errorf("the sixth try may come after %v, want a while", no.After)
	}
	w.wait(no.After)
	w.half(k)
}

// A sign-in that is half way in when the credential is revoked, its password is changed or
// its factor is replaced opens nothing.
//
// Rows: B-030, B-041
func TestHalfWayInIsOvertaken(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	k, s := w.portal(home, portName)
	w.wait(time.Minute)
	before, after := w.half(k), w.half(k)
	after.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)

	// Another factor: the code of the old one, and what it opened, are worth nothing.
	y := w.beginAs(account.NewFactor, "fr", w.caller(s))
	if y.at.Step == account.StepFactor {
		w.wait(time.Minute)
		y.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSetup)
	}
	fresh := y.authenticator()
	y.step(wire.Answer{}, account.StepDone)
	w.post()
	before.refused(wire.Answer{Code: w.totp(k.secret)}, "flow_expired")
	before.refused(wire.Answer{Recovery: k.codes[0]}, "flow_expired")
	after.refused(wire.Answer{}, "flow_expired")
	k.secret, k.codes = fresh.secret, fresh.codes

	// The same of a code by e-mail.
	w.wait(time.Minute)
	y = w.half(k)
	y.step(wire.Answer{Recovery: k.codes[0]}, account.StepSetup)
	k.codes = y.byMail(ada.email).codes
	y.step(wire.Answer{}, account.StepDone)
	w.post()
	before = w.half(k)
	code := w.letter(mail.FactorCode, ada.email).Code
	y = w.half(k)
	y.step(wire.Answer{Recovery: k.codes[0]}, account.StepSetup)
	w.post()
	k.secret = y.authenticator().secret
	y.step(wire.Answer{}, account.StepDone)
	before.refused(wire.Answer{Code: code}, "flow_expired")

	// Another password.
	w.wait(time.Minute)
	after = w.half(k)
	after.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	c := w.credentialRow(portName)
	old := c.Password
	c.Password = w.g.hash("Neuf-Ponts-8")
	if err := w.l.Update(t.Context(), func(t *ledger.Tx) error { return t.PutCredential(w.t.Context(), c) }); err != nil {
		t.Fatal(err)
	}
	after.refused(wire.Answer{}, "flow_expired")
	c = w.credentialRow(portName)
	c.Password = old
	if err := w.l.Update(t.Context(), func(t *ledger.Tx) error { return t.PutCredential(w.t.Context(), c) }); err != nil {
		t.Fatal(err)
	}

	// Revoked.
	w.wait(time.Minute)
	before, after = w.half(k), w.half(k)
	after.step(wire.Answer{Code: w.totp(k.secret)}, account.StepSuccess)
	w.revoke(ada.email, account.Unused)
	w.wait(time.Minute)
	after.refused(wire.Answer{}, "flow_expired")
	before.refused(wire.Answer{Code: w.totp(k.secret)}, "flow_expired")
	if n := w.sessions(ada.email, c.ID); n != 0 {
		t.Errorf("%d sessions of a revoked credential are open", n)
	}
}

// Whatever is answered at whatever step in whatever order: who knows the password alone
// opens no session, and who reads the mailbox but knows no answer, or knows two of the
// three, comes to no new password.
//
// Rows: B-026, B-027, B-030
func TestHalfAKeyOpensNothing(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	c := w.credentialRow(portName)
	sessions := w.sessions(ada.email, c.ID)
	var steps []account.Step
	for _, kind := range []account.Kind{account.Portal, account.Password, account.Username} {
		steps = append(steps, account.Flows[kind].Steps...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		w.wait(25 * time.Hour) // what was counted is forgotten
		kind := rapid.SampledFrom([]account.Kind{account.Portal, account.Password, account.Username}).Draw(rt, "kind")
		mailbox := rapid.Bool().Draw(rt, "mailbox")
		y := w.begin(kind, "fr")
		code := "123456"
		for range rapid.IntRange(1, 8).Draw(rt, "tries") {
			step := y.at.Step
			if rapid.IntRange(0, 3).Draw(rt, "skip") == 0 {
				step = rapid.SampledFrom(steps).Draw(rt, "step")
			}
			in := wire.Answer{Username: k.username, Email: portMail, Method: rapid.SampledFrom([]string{"email", "questions", "totp"}).Draw(rt, "method"),
				Code: code, Linked: rapid.Bool().Draw(rt, "linked"), Change: rapid.Bool().Draw(rt, "change"), Again: newPassword}
			switch {
			case kind == account.Portal:
				in.Password = k.password
				in.Recovery = rapid.SampledFrom([]string{"", "", "0000-0000-0000"}).Draw(rt, "recovery")
			case mailbox:
				in.Password, in.Answer, in.Person, in.Date = newPassword, "thé vert", "Adam", "2001-01-01"
			default:
				in.Password, in.Answer, in.Person, in.Date = newPassword, recovery.Answer, recovery.Person, "2001-01-01"
			}
			p, err := w.g.Step(t.Context(), y.token, step, in, w.from, w.now)
			if err == nil {
				y.at = p
			}
			for _, m := range w.post() {
				if mailbox && m.Kind != mail.None && m.Code != "" {
					code = m.Code
				}
			}
			if y.at.Session != nil || y.at.Step == account.StepNewPassword || y.at.Step == account.StepSuccess || y.at.Step == account.StepSetup {
				rt.Fatalf("half a key leads to %+v", y.at)
			}
		}
	})
	if n := w.sessions(ada.email, c.ID); n != sessions {
		t.Errorf("%d sessions were opened", n-sessions)
	}
	if got := w.credentialRow(portName); got.Password != c.Password {
		t.Error("the password was changed")
	}
}

// kinds gives the kinds of letters that are waiting.
func kinds(all []mail.Message) (out []mail.Kind) {
	for _, m := range all {
		out = append(out, m.Kind)
	}
	slices.Sort(out)
	return out
}

// BenchmarkPortalPassword compares a username that somebody has with one that nobody has, at
// what hashes really cost: the two differ by less than a tenth (B-025).
func BenchmarkPortalPassword(b *testing.B) {
	l, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	keys, err := secret.Temporary(secret.Argon2{})
	if err != nil {
		b.Fatal(err)
	}
	g, err := New(Options{Ledger: l, Keys: keys, Base: "https://passerelle.example"})
	if err != nil {
		b.Fatal(err)
	}
	a := ledger.Account{ID: "1", Email: []byte("1"), State: account.Active, Created: start, SignedIn: start}
	c := ledger.Credential{ID: "2", Account: a.ID, Enrolment: "3", Username: g.usernameHash(portName), State: account.CredentialActive,
		Password: g.hash(portPassword), Created: start, Used: start}
	if err := errors.Join(g.setPerson(&a, person{}), g.setPortal(&c, portal{Username: portName})); err != nil {
		b.Fatal(err)
	}
	err = l.Update(b.Context(), func(t *ledger.Tx) error {
		return errors.Join(t.PutAccount(b.Context(), a), t.PutCredential(b.Context(), c))
	})
	if err != nil {
		b.Fatal(err)
	}
	names, took := []string{portName, "personne99"}, make([][]time.Duration, 2)
	now, round := start, 0
	for b.Loop() {
		round++
		for n := range names { // in turn, so that what else the machine does falls on both
			i := (n + round) % 2
			name := names[i]
			now = now.Add(25 * time.Hour) // no count is in the way
			p, err := g.Begin(b.Context(), wire.Begin{Kind: account.Portal, Lang: "fr"}, nil, "192.0.2.7", now)
			if err != nil {
				b.Fatal(err)
			}
			at := time.Now()
			_, err = g.Step(b.Context(), p.Flow, account.StepPassword, wire.Answer{Username: name, Password: "Pas-Celui-La-1"}, "192.0.2.7", now)
			took[i] = append(took[i], time.Since(at))
			if err == nil {
				b.Fatal("a wrong password was taken")
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	b.ReportMetric(float64(took[1][len(took[1])/2])/float64(took[0][len(took[0])/2]), "nobody/somebody")
}
