package gate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"

	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// desk is an agent who is signed in.
func (w *town) desk() *Caller {
	w.t.Helper()
	return w.caller(w.signInWithRole(w.agent()))
}

// signInWithRole signs in somebody whose factor is by e-mail.
func (w *town) signInWithRole(p who) wire.Session {
	w.t.Helper()
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: p.email, Password: p.password}, account.StepQuestion)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepFactor)
	return *y.step(wire.Answer{Code: w.letter(mail.FactorCode, p.email).Code}, account.StepDone).Session
}

func (w *town) ask(key string, p who) wire.Receipt {
	w.t.Helper()
	r, err := w.g.Help(w.t.Context(), wire.HelpRequest{Key: key, Email: p.email, First: p.first, Last: p.last, Lang: p.lang,
		Text: "I cannot answer", Made: w.now}, w.from, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// The same answer for an address that has an account and one that has none; delivered
// again, it is the same ticket; and one address cannot fill the list.
//
// Rows: A-138, B-017
func TestHelp(t *testing.T) {
	w := settle(t)
	w.register(ada)
	known, unknown := w.ask("k1", ada), w.ask("k2", bob(1))
	if known.Ticket != "H-000001" || unknown.Ticket != "H-000002" || !known.Received.Equal(unknown.Received) {
		t.Errorf("receipts: %+v and %+v", known, unknown)
	}
	w.wait(time.Hour)
	again, err := w.g.Help(t.Context(), wire.HelpRequest{Key: "k1", Email: ada.email, First: ada.first, Last: ada.last, Lang: ada.lang,
		Text: "I cannot answer", Made: w.now.Add(-time.Hour)}, w.from, w.now)
	if err != nil || again != known {
		t.Errorf("delivered again: %+v, %v; want %+v", again, err, known)
	}
	_, err = w.g.Help(t.Context(), wire.HelpRequest{Key: "", Email: "x", First: "", Last: "9"}, w.from, w.now)
	wantRefused(t, "a request without anything", err, "first:needed", "last:bad_name", "email:bad_email", "key:needed")
	n := 0
	for ; n < 100; n++ {
		_, err := w.g.Help(t.Context(), wire.HelpRequest{Key: fmt.Sprint("n", n), Email: ada.email, First: "A", Last: "B"}, w.from, w.now)
		if err != nil {
			wantRefused(t, "many requests", err, "too_many_attempts")
			break
		}
	}
	if n > 20 {
		t.Errorf("%d requests from one address were filed", n)
	}
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters: %+v", all)
	}
}

// An agent sees what was written and whether it matches, sends a temporary password that
// nobody else sees, and leaves a line; another agent cannot do it again.
//
// Rows, B-036
func TestAgentResets(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	w.ask("k1", ada)
	w.ask("k2", bob(1)) // nobody's
	list, err := w.g.Requests(t.Context(), who, w.now)
	if err != nil || len(list) != 2 {
		t.Fatalf("requests: %+v, %v", list, err)
	}
	if r := list[0]; !r.Matches || r.Verified != "local" || r.Email != ada.email || r.Text != "I cannot answer" || r.State != "open" {
		t.Errorf("a request of an account: %+v", r)
	}
	if r := list[1]; r.Matches || r.Verified != "" {
		t.Errorf("a request of nobody: %+v", r)
	}
	w.post()
	if err := w.g.Act(t.Context(), who, wire.ActReset, wire.Act{Request: list[0].N, Reason: "called back"}, w.now); err != nil {
		t.Fatal(err)
	}
	m := w.letter(mail.Temporary, ada.email)
	if m.Code == "" || m.Minutes != 24*60 {
		t.Errorf("the letter is %+v", m)
	}
	if a := w.row(ada.email); !a.Reset || a.Temp == "" || strings.Contains(a.Temp, m.Code) || !a.TempEnds.Equal(w.now.Add(24*time.Hour)) {
		t.Errorf("the account: %+v", a)
	}
	if s := w.sessionRow(home.ID); s.Reason != endReset {
		t.Errorf("the session: %+v", s)
	}
	line := w.audits()[0]
	if line.Actor != "agent:"+who.Account.ID || line.Act != wire.ActReset || line.Subject != "account:"+home.Account ||
		line.Detail != "H-000001 called back" || !line.At.Equal(w.now) {
		t.Errorf("audit line: %+v", line)
	}
	for _, l := range w.audits() {
		if strings.Contains(fmt.Sprint(l), ada.email) || strings.Contains(fmt.Sprint(l), m.Code) {
			t.Errorf("the audit tells too much: %+v", l)
		}
	}
	if strings.Contains(w.log.b.String(), m.Code) {
		t.Error("the log tells the temporary password")
	}
	if err := w.l.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(w.dir, "*"))
	for _, f := range files {
		if b, err := os.ReadFile(f); err != nil || bytes.Contains(b, []byte(m.Code)) || bytes.Contains(b, []byte(ada.email)) {
			t.Errorf("%s tells the temporary password or an address (%v)", f, err)
		}
	}
	err = w.g.Act(t.Context(), who, wire.ActReset, wire.Act{Request: list[0].N}, w.now)
	wantRefused(t, "a reset of a request that is settled", err, "cannot_now")
	err = w.g.Act(t.Context(), who, wire.ActReset, wire.Act{Request: list[1].N}, w.now)
	wantRefused(t, "a reset of nobody", err, "email:bad_email")
	err = w.g.Act(t.Context(), who, wire.ActReset, wire.Act{Email: "nobody@exemple.ca"}, w.now)
	wantRefused(t, "a reset of nobody's address", err, "email:bad_email")
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters of acts that were refused: %+v", all)
	}
}

// Rows: A-138
func TestAgentDeclines(t *testing.T) {
	w := settle(t)
	who := w.desk()
	w.ask("k1", bob(1))
	w.post()
	if err := w.g.Act(t.Context(), who, wire.ActDecline, wire.Act{Request: 1, Reason: "not the name"}, w.now); err != nil {
		t.Fatal(err)
	}
	if m := w.letter(mail.Declined, bob(1).email); m.Lang != "en" || m.First != "" {
		t.Errorf("the letter is %+v", m)
	}
	if list, err := w.g.Requests(t.Context(), who, w.now); err != nil || len(list) != 0 {
		t.Errorf("open requests: %+v, %v", list, err)
	}
	if line := w.audits()[0]; line.Act != wire.ActDecline || line.Subject != "request:H-000001" {
		t.Errorf("audit line: %+v", line)
	}
	wantRefused(t, "declined twice", w.g.Act(t.Context(), who, wire.ActDecline, wire.Act{Request: 1}, w.now), "cannot_now")
	wantRefused(t, "declined what is not", w.g.Act(t.Context(), who, wire.ActDecline, wire.Act{Request: 9}, w.now), "cannot_now")
}

// Rows: B-036, B-041, B-042
func TestAgentRevokesACredential(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	k, port := w.portal(home, portName)
	if err := w.g.Act(t.Context(), who, wire.ActCompromise, wire.Act{Email: strings.ToUpper(ada.email), Reason: "reported"}, w.now); err != nil {
		t.Fatal(err)
	}
	if m := w.letter(mail.Revoked, ada.email); m.Reason != account.Compromised {
		t.Errorf("the letter is %+v", m)
	}
	if c := w.credentialRow(portName); c.State != account.CredentialRevoked || c.Reason != account.Compromised {
		t.Errorf("the credential: %s %s", c.State, c.Reason)
	}
	if w.held(port) != "sign_in_needed" || w.held(home) != "" {
		t.Errorf("portal session %q, job bank session %q", w.held(port), w.held(home))
	}
	if line := w.audits()[0]; line.Act != wire.ActCompromise || line.Subject != "account:"+home.Account || line.Detail != "reported" {
		t.Errorf("audit line: %+v", line)
	}
	wantRefused(t, "revoked twice", w.g.Act(t.Context(), who, wire.ActCompromise, wire.Act{Email: ada.email}, w.now), "cannot_now")
	y := w.begin(account.Portal, "fr")
	if _, err := w.g.Step(t.Context(), y.token, account.StepPassword, wire.Answer{Username: k.username, Password: k.password}, w.from, w.now); err == nil {
		t.Error("a revoked credential goes on to its factor")
	}
}

// Acts are for agents with a second factor, and never on their own account.
//
// Rows: A-088, B-030, B-036
func TestWhoMayAct(t *testing.T) {
	w := settle(t)
	own := w.desk()
	seeker := w.caller(w.register(ada))
	grant := func(roles ...account.Role) *Caller {
		c := *own
		c.Account.Roles = roles
		return &c
	}
	noFactor := *own
	noFactor.Session.FactorAt = time.Time{}
	byQuestion := *own
	byQuestion.Session.Policy = account.Questions
	for what, c := range map[string]struct {
		who  *Caller
		want string
	}{
		"a seeker":                   {seeker, "forbidden"},
		"a counsellor":               {grant(account.Counsellor), "forbidden"},
		"an agent without a factor":  {&noFactor, "factor_needed"},
		"an agent of a weak session": {&byQuestion, "factor_needed"},
	} {
		if _, err := w.g.Requests(t.Context(), c.who, w.now); codeOf(t, err) != c.want {
			t.Errorf("%s lists: %v, want %s", what, err, c.want)
		}
		for _, act := range []string{wire.ActReset, wire.ActCompromise, wire.ActDecline, "create", ""} {
			err := w.g.Act(t.Context(), c.who, act, wire.Act{Email: ada.email, Request: 1}, w.now)
			if codeOf(t, err) != c.want {
				t.Errorf("%s does %q: %v, want %s", what, act, err, c.want)
			}
		}
	}
	w.ask("own", who{email: "agent@exemple.ca", first: "Agathe", last: "Essai", lang: "fr"})
	for _, in := range []wire.Act{{Email: "agent@exemple.ca"}, {Request: 1}} {
		wantRefused(t, "on one's own account", w.g.Act(t.Context(), own, wire.ActReset, in, w.now), "forbidden")
	}
	wantRefused(t, "on one's own request", w.g.Act(t.Context(), own, wire.ActDecline, wire.Act{Request: 1}, w.now), "forbidden")
	wantRefused(t, "on one's own credential", w.g.Act(t.Context(), own, wire.ActCompromise, wire.Act{Email: "agent@exemple.ca"}, w.now), "forbidden")
	for _, act := range []string{"create", "factor", "roles", ""} {
		wantRefused(t, "an act that is none", w.g.Act(t.Context(), own, act, wire.Act{Email: ada.email}, w.now), "wrong_step")
	}
	for _, l := range w.audits() {
		if strings.HasPrefix(l.Actor, "agent:") {
			t.Errorf("an act that was refused left %+v", l)
		}
	}
}

// Two agents settle one request at the same moment: one act is done.
func TestTwoAgentsAtOnce(t *testing.T) {
	w := settle(t)
	who := w.desk()
	w.register(ada)
	w.ask("k1", ada)
	w.post()
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() { errs <- w.g.Act(t.Context(), who, wire.ActReset, wire.Act{Request: 1}, w.now) }()
	}
	done := 0
	for range cap(errs) {
		switch codeOf(t, <-errs) {
		case "":
			done++
		case "cannot_now":
		}
	}
	if done != 1 {
		t.Errorf("%d resets of one request, want 1", done)
	}
	w.letter(mail.Temporary, ada.email)
	n := 0
	for _, l := range w.audits() {
		if l.Act == wire.ActReset {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d audit lines of one reset", n)
	}
}
