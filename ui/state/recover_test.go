package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// TestRecoverState: the recovery asks for another question while one is offered, forgets each
// answer once it was sent, says what only an agent can do, and hands over what was typed of
// oneself, which is no secret.
//
// Rows
func TestRecoverState(t *testing.T) {
	c := newClockwork(t, i18n.French)
	r := c.Recover
	r.In = wire.Answer{First: "Ada", Last: "Test", Email: "ada.test@exemple.ca"}
	c.bank.will(reply{p: wire.Prompt{Flow: "t", Kind: account.Recover, Step: account.StepName}},
		reply{p: wire.Prompt{Kind: account.Recover, Step: account.StepCode, Sent: "ada.test@exemple.ca", Again: noon.Add(time.Minute)}})
	r.Send()
	c.hand.run()
	if _, at := r.Steps(); r.Step() != account.StepCode || at != 2 || r.ResendIn() != time.Minute {
		t.Fatalf("stands at %s, page %d, another code in %s", r.Step(), at, r.ResendIn())
	}
	r.Resend()
	if c.hand.run(); slices.Contains(c.bank.asked, "resend") {
		t.Error("a second letter was asked for at once")
	}
	// The link of the letter was used in a browser.
	c.bank.now = wire.Prompt{Kind: account.Recover, Step: account.StepCode, Confirmed: true}
	c.bank.will(reply{p: wire.Prompt{Kind: account.Recover, Step: account.StepQuestion, Question: "first-pet", Other: true}},
		reply{p: wire.Prompt{Kind: account.Recover, Step: account.StepQuestion, Question: "first-car"}})
	c.pass(5 * time.Second)
	if r.Step() != account.StepQuestion {
		t.Fatalf("the page did not go on: %s, %q", r.Step(), c.bank.asked)
	}
	page := r.Page
	r.Another()
	c.hand.run()
	if r.Prompt.Question != "first-car" || r.Prompt.Other || r.Page == page || !strings.Contains(c.bank.asked[len(c.bank.asked)-1], `"other":true`) {
		t.Errorf("another question: %+v, page %d after %d, %q", r.Prompt, r.Page, page, c.bank.asked)
	}
	c.bank.will(no(account.AgentNeeded))
	r.Type("answer", &r.In.Answer, "je ne sais plus")
	r.Send()
	c.hand.run()
	if !r.Agent() || r.In.Answer != "" || r.Trouble.Text != c.Words().S(account.AgentNeeded.Key()) {
		t.Errorf("after the second question: %+v, %q stays", r.Trouble, r.In.Answer)
	}
	r.Ask()
	if h := c.Help; h.First != "Ada" || h.Last != "Test" || h.Email != "ada.test@exemple.ca" {
		t.Errorf("the request begins with %+v", h)
	}
	c.Help.From("Béa", "Autre", "bea@exemple.ca")
	if c.Help.First != "Ada" {
		t.Error("what was typed was overwritten")
	}
}

// TestHelpState: a request that lacks something is not kept, one that is right waits in the
// outbox without a network, is shown there with its number, and stays in no field.
//
// Rows
func TestHelpState(t *testing.T) {
	for _, l := range i18n.Languages() {
		c := newClockwork(t, l)
		w := c.Words()
		c.o.Catalogue = none{}
		c.SetOnline(false)
		h := c.Help
		h.Text = strings.Repeat("x", HelpMax+1)
		h.Send()
		c.hand.run()
		var got []string
		for _, e := range h.Errors {
			got = append(got, e.Field)
			if e.Text == "" {
				t.Errorf("%s: %s has no sentence", l, e.Field)
			}
		}
		if !slices.Equal(got, []string{"first", "last", "email", "text"}) || h.Queued || h.Refusals != 1 {
			t.Fatalf("%s: to mend %q, kept %v", l, got, h.Queued)
		}
		h.Type("email", &h.Email, "ada.test")
		h.Type("first", &h.First, "Ada")
		if len(h.Errors) != 3 {
			t.Errorf("%s: after one field was mended: %+v", l, h.Errors)
		}
		h.Type("last", &h.Last, "Test")
		h.Type("email", &h.Email, " ada.test@exemple.ca ")
		h.Type("text", &h.Text, "J'ai tout oublié.")
		h.Send()
		h.Send() // a second press is no second request
		c.hand.run()
		items, err := c.dev.Waiting(t.Context())
		if err != nil || len(items) != 1 || items[0].Kind != cache.KindHelp || !h.Queued || h.Email != "" || h.Text != "" || c.Status.Pending != 1 {
			t.Fatalf("%s: the outbox %+v, %v; %+v", l, items, err, h)
		}
		var r wire.HelpRequest
		if err := json.Unmarshal(items[0].Body, &r); err != nil || r.Key != items[0].Key || r.Email != "ada.test@exemple.ca" || r.Lang != string(l) || r.Text != "J'ai tout oublié." {
			t.Errorf("%s: what leaves is %+v, %v", l, r, err)
		}
		c.Outbox.Load()
		c.hand.run()
		if it := c.Outbox.Items[0]; it.Title != w.S(i18n.OutboxHelp) || !it.Waiting || it.Number != "" || it.State != w.S(i18n.OutboxWaitingNetwork) {
			t.Errorf("%s: the outbox shows %+v", l, it)
		}
		if err := c.dev.Settle(t.Context(), r.Key, cache.Accepted, "H-000007", noon); err != nil {
			t.Fatal(err)
		}
		c.Outbox.Load()
		c.hand.run()
		if it := c.Outbox.Items[0]; it.State != w.S(i18n.OutboxAccepted) || !strings.Contains(it.Answer, "H-000007") || it.Text != "" {
			t.Errorf("%s: once received it shows %+v", l, it)
		}
		h.Again()
		if h.Queued || h.key != "" {
			t.Errorf("%s: another request begins with %+v", l, h)
		}
	}
}

// TestHelpNotKept: a request that this computer could not keep says so, and can be tried again.
//
// Rows: A-138
func TestHelpNotKept(t *testing.T) {
	c := newClockwork(t, i18n.French)
	h := c.Help
	h.First, h.Last, h.Email = "Ada", "Test", "ada.test@exemple.ca"
	c.dev.Close()
	h.Send()
	c.hand.run()
	if h.Err == nil || h.Queued || h.Problem() == "" || h.Email == "" || h.Sending {
		t.Errorf("it says %q, kept %v, and %+v", h.Problem(), h.Queued, h)
	}
}

// TestPortalState: the portal's page shows the ways in, then username and password; it forgets
// the password after each call and what a screen held when it is left; a revoked credential and
// too many tries say what comes next, and a factor that has to be proven again is asked for.
//
// Rows: B-004, B-017, B-032, B-033, B-042
func TestPortalState(t *testing.T) {
	c := newClockwork(t, i18n.English)
	p := c.Portal
	if p.Inside() || p.Entering {
		t.Fatal("nobody came in yet")
	}
	p.Enter()
	p.Send()
	if c.hand.run(); len(c.bank.asked) != 0 || !p.Wrong(account.Needed) || len(p.Errors) != 2 {
		t.Fatalf("an empty page: %q, %+v", c.bank.asked, p.Errors)
	}
	try := func(r ...reply) {
		t.Helper()
		c.bank.will(r...)
		p.Type("username", &p.In.Username, "employeur42")
		p.Type("password", &p.In.Password, "une girafe")
		p.Send()
		c.hand.run()
		if p.In.Password != "" || p.In.Username != "employeur42" {
			t.Errorf("after the call: %+v", p.In)
		}
	}
	try(reply{p: wire.Prompt{Flow: "t", Kind: account.Portal, Step: account.StepPassword}}, no(account.IsRevoked))
	if !p.Revoked() {
		t.Errorf("a revoked credential: %+v", p.Trouble)
	}
	try(reply{err: &wire.Refused{Code: account.TooMany, After: 30 * time.Second}})
	if p.Wait() != 30*time.Second {
		t.Errorf("wait %s", p.Wait())
	}
	asked := len(c.bank.asked)
	p.Send()
	if c.hand.run(); len(c.bank.asked) != asked {
		t.Error("tried again before its time")
	}
	c.pass(31 * time.Second)
	try(reply{p: wire.Prompt{Kind: account.Portal, Step: account.StepFactor, Method: account.TOTP}})
	p.Turn()
	p.Type("recovery", &p.In.Recovery, "K7QF-2M9X")
	if !p.Recovery || p.Step() != account.StepFactor {
		t.Errorf("at %s, a recovery code %v", p.Step(), p.Recovery)
	}
	p.Turn()
	if p.In.Recovery != "" {
		t.Error("the recovery code stays although the factor is used")
	}
	c.bank.will(reply{p: wire.Prompt{Kind: account.Portal, Step: account.StepSuccess}})
	p.Type("code", &p.In.Code, "123456")
	p.Send()
	c.hand.run()
	c.bank.will(reply{err: &wire.Refused{Code: account.FactorNeeded, Prompt: &wire.Prompt{Kind: account.Portal, Step: account.StepFactor, Method: account.TOTP}}})
	p.ChangeFactor()
	c.hand.run()
	if p.Step() != account.StepFactor || !p.Wrong(account.FactorNeeded) {
		t.Errorf("a factor that was proven too long ago: at %s, %+v", p.Step(), p.Trouble)
	}
	p.Type("code", &p.In.Code, "123456")
	p.Pause()
	if got := fmt.Sprintf("%+v", p.In); strings.Contains(got, "123456") {
		t.Errorf("left in memory: %s", got)
	}
}

// TestPasswordBackState: the two ways ask for what they need, the page says which of four it is,
// a wrong set of answers names none of them, and the answers go after each call.
//
// Rows: B-020, B-026, B-027
func TestPasswordBackState(t *testing.T) {
	c := newClockwork(t, i18n.French)
	k := c.PasswordBack
	if n, of := k.Screens(); n != 1 || of != 4 {
		t.Errorf("page %d of %d before it has begun", n, of)
	}
	k.Send()
	if c.hand.run(); len(c.bank.asked) != 0 {
		t.Fatal("a recovery without a username was sent")
	}
	k.Type("username", &k.In.Username, "employeur42")
	c.bank.will(reply{p: wire.Prompt{Flow: "t", Kind: account.Password, Step: account.StepUsername}},
		reply{p: wire.Prompt{Kind: account.Password, Step: account.StepMethod, Screen: 2, Screens: 4}})
	k.Send()
	c.hand.run()
	if n, of := k.Screens(); n != 2 || of != 4 {
		t.Errorf("page %d of %d", n, of)
	}
	k.SendMethod()
	if c.hand.run(); !k.Wrong(account.Needed) || k.Error("email") == "" {
		t.Errorf("by e-mail without an address: %+v", k.Errors)
	}
	k.Choose(true)
	if len(k.Errors) != 0 {
		t.Errorf("the other way keeps %+v", k.Errors)
	}
	c.bank.will(reply{p: wire.Prompt{Kind: account.Password, Step: account.StepAnswers, Screen: 2, Screens: 4}}, no(account.AnswersWrong))
	k.SendMethod()
	c.hand.run()
	if last := c.bank.asked[len(c.bank.asked)-1]; !strings.Contains(last, `"method":"questions"`) {
		t.Errorf("asked %q", last)
	}
	k.In.Answer, k.In.Person, k.In.Date = "une réponse", "Zélie", "1999-12-01"
	k.Send()
	c.hand.run()
	if !k.Wrong(account.AnswersWrong) || len(k.Errors) != 0 || k.In.Answer+k.In.Person+k.In.Date != "" {
		t.Errorf("a wrong set: %+v, %+v, %+v stays", k.Errors, k.Trouble, k.In)
	}
}

// browser is accounts with a sign-in partner whose browser is the test.
type browser struct {
	*bank
	st   session.Standing
	come func(ctx context.Context) error
}

func (b *browser) Partner(ctx context.Context, id string, _ i18n.Lang) (string, string, error) {
	b.asked = append(b.asked, "browser "+id)
	if err := b.come(ctx); err != nil {
		return "", "", err
	}
	return "code of " + id, "verifier", nil
}
func (b *browser) Standing() session.Standing { return b.st }

// TestPartnerState: while the browser is open the page waits and can give up; what comes back
// after is dropped, what comes in time is sent with its verifier; a browser that does not open
// and a partner that is nobody's say so.
//
// Rows: B-006, B-007, B-043
func TestPartnerState(t *testing.T) {
	c := newClockwork(t, i18n.French)
	var gone error
	b := &browser{bank: c.bank, come: func(ctx context.Context) error { gone = ctx.Err(); return nil }}
	c.o.Accounts = b
	p := c.PartnerIn
	p.Choose("a")
	if !p.Waiting || p.Chosen != "a" {
		t.Fatalf("it does not wait: %+v", p)
	}
	p.Cancel()
	c.hand.run()
	if p.Waiting || p.Sending || !errors.Is(gone, context.Canceled) || slices.ContainsFunc(c.bank.asked, func(s string) bool { return strings.HasPrefix(s, "begin") }) {
		t.Errorf("after it was given up: %q, the browser was told %v", c.bank.asked, gone)
	}
	b.come = func(context.Context) error { return errors.New("no browser here") }
	p.Choose("a")
	c.hand.run()
	if p.Trouble == nil || p.Trouble.Title != c.Words().S(i18n.PortalBrowser) || !p.Trouble.Again {
		t.Errorf("no browser: %+v", p.Trouble)
	}
	b.come = func(context.Context) error { return fmt.Errorf("ask: %w", wire.ErrOffline) }
	p.Retry()
	c.hand.run()
	if p.Trouble == nil || p.Trouble.Title != c.Words().S(i18n.ErrPage) {
		t.Errorf("no network: %+v", p.Trouble)
	}
	b.come = func(context.Context) error { return nil }
	c.bank.will(reply{p: wire.Prompt{Flow: "t", Kind: account.PortalPartner, Step: account.StepPartner}}, no(account.PartnerOther))
	p.Choose("b")
	c.hand.run()
	if last := c.bank.asked[len(c.bank.asked)-1]; !p.Other() || !strings.Contains(last, `"code":"code of b"`) || !strings.Contains(last, `"verifier":"verifier"`) {
		t.Errorf("another partner: %+v, asked %q", p.Trouble, last)
	}
	p.Choose("b")
	p.Pause()
	if p.Waiting {
		t.Error("it waits although the page was left")
	}
	c.hand.run()
}

// TestEnrolState: nobody registers a credential without an account, the credential before is
// named, each part has a message of its own, and a name that somebody took meanwhile leads back
// to its page.
//
// Rows: B-014, B-021, B-028, B-037
func TestEnrolState(t *testing.T) {
	c := newClockwork(t, i18n.French)
	e := c.Enrol
	if !e.Needs() {
		t.Error("nobody at the desk can register")
	}
	e.Seek("enrol")
	if c.Present.Wanted.Screen != "enrol" {
		t.Errorf("one comes back to %q", c.Present.Wanted.Screen)
	}
	c.Present.Standing = session.Standing{Mode: session.Online}
	if e.Needs() || e.Replaces() {
		t.Errorf("signed in: needs %v, replaces %v", e.Needs(), e.Replaces())
	}
	c.Me.Account.Credential = &wire.Credential{State: account.CredentialActive}
	if !e.Replaces() {
		t.Error("the credential before is not told of")
	}
	c.Me.Account.Credential.State = account.CredentialRevoked
	if e.Replaces() {
		t.Error("a revoked one is replaced by nothing")
	}
	e.Begin()
	e.In.Username, e.In.Password, e.In.Again = "trop court", "employeur", "autre"
	e.Send()
	for field, code := range map[string]account.Code{"username": account.UsernameFormat, "password": account.PasswordMixed, "again": account.PasswordMismatch} {
		if !slices.ContainsFunc(e.Errors, func(f FieldError) bool { return f.Field == field && f.Code == code && f.Text != "" }) {
			t.Errorf("%s: %+v, want %s", field, e.Errors, code)
		}
	}
	e.Prompt.Step = account.StepRecovery
	e.In = wire.Answer{RecoveryEmail: "x", Answer: "a", Person: "Zoé", PersonHint: "zoe", Date: "01-12-1999", DateHint: ""}
	e.Send()
	var got []string
	for _, f := range e.Errors {
		got = append(got, f.Field+" "+string(f.Code))
	}
	want := []string{"recovery_email bad_email", "question needed", "answer answer_short", "person_hint hint_holds_answer", "date date_format", "date_hint needed"}
	if !slices.Equal(got, want) {
		t.Errorf("to mend %q, want %q", got, want)
	}
	if c.hand.run(); len(c.bank.asked) != 0 {
		t.Errorf("something was sent: %q", c.bank.asked)
	}
	// The session ended meanwhile: one signs in, and comes back.
	e.Prompt.Step = account.StepUsername
	e.In = wire.Answer{Username: "employeur42", Password: "Girafe bleue et Quatre nuages 7", Again: "Girafe bleue et Quatre nuages 7"}
	c.bank.will(reply{err: fmt.Errorf("begin: %w", session.ErrSignIn)})
	e.Send()
	if c.hand.run(); !e.Needs() || e.Trouble.Text != c.Words().S(i18n.ErrExpiredNext) {
		t.Errorf("without a session: needs %v, %+v", e.Needs(), e.Trouble)
	}
	c.bank.asked = nil
	e.token, e.Prompt.Step, e.Errors = "t", account.StepCodes, nil
	c.bank.will(reply{err: &wire.Refused{Code: account.Mend, Fields: []account.Problem{account.UsernameTaken.At("username")},
		Prompt: &wire.Prompt{Kind: account.Enrol, Step: account.StepUsername}}})
	e.Answer(wire.Answer{})
	c.hand.run()
	if _, at := e.Steps(); e.Step() != account.StepUsername || at != 1 || !e.Wrong(account.UsernameTaken) {
		t.Errorf("a name taken meanwhile: at %s, %+v", e.Step(), e.Errors)
	}
}
