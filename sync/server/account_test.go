package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/alert"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/matching"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

const base = "https://banque.exemple.ca"

// town is a bank with a real gate behind its routes, and everybody's letters.
type town struct {
	*bank
	keys    *secret.Keys
	house   mail.House
	records *hub.Records
	log     *lines
}

// lines is a log that several write to.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func settle(t *testing.T, change func(*server.Options)) *town {
	t.Helper()
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{keys: keys, house: mail.House{Base: base, Box: keys.Box}, log: &lines{}}
	w.bank = open(t, func(o *server.Options) {
		o.Log = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		l := o.Bank.(*hub.Hub).Ledger()
		g, err := gate.New(gate.Options{Ledger: l, Keys: keys, Base: base, Log: o.Log, Deployment: wire.Deployment{SIN: true, Express: true}})
		if err != nil {
			t.Fatal(err)
		}
		records, err := o.Bank.(*hub.Hub).Records(hub.RecordsOptions{Box: keys.Box})
		if err != nil {
			t.Fatal(err)
		}
		w.records = records
		if o.Alerts, err = alert.New(alert.Options{Ledger: l, Keys: keys, Base: base}); err != nil {
			t.Fatal(err)
		}
		if o.Matching, err = matching.New(matching.Options{Ledger: l, Keys: keys}); err != nil {
			t.Fatal(err)
		}
		o.Gate, o.Letters, o.Mailbox, o.Records, o.Heartbeat = g, w.house, l, records, 10*time.Millisecond
		if change != nil {
			change(o)
		}
	})
	return w
}

// client asks as a desktop does.
func (w *town) desktop(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(w.url, client.Options{Wait: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// letter takes the only letter that waits.
func (w *town) letter(t *testing.T, kind mail.Kind) mail.Message {
	t.Helper()
	j, err := w.Ledger().TakeJob(t.Context(), []string{mail.Job}, w.now(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.Open(w.keys.Box, j.Body)
	if err != nil || m.Kind != kind {
		t.Fatalf("the letter is a %s, %v, want a %s", m.Kind, err, kind)
	}
	if err := w.Ledger().EndJob(t.Context(), j, ledger.JobDone, "", time.Time{}); err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	agree    = wire.Answer{Accept: true, Terms: account.TermsVersion, Lang: "fr"}
	identity = wire.Answer{First: "Ada", Last: "Essai", Email: "Ada@exemple.ca", Password: "un cheval agrafe juste", Again: "un cheval agrafe juste", Lang: "fr"}
	sin      = wire.Answer{Accept: true, SIN: "130692544", Maiden: "Preuve", Born: "1990-02-03"}
)

func fiveAnswers() wire.Answer {
	var in wire.Answer
	for i, id := range account.QuestionIDs[:5] {
		in.Questions = append(in.Questions, wire.QA{Question: id, Answer: fmt.Sprint("la réponse ", i)})
	}
	return in
}

// step wants a flow to come to the next step.
func step(t *testing.T, c *client.Client, p wire.Prompt, in wire.Answer, next account.Step) wire.Prompt {
	t.Helper()
	got, err := c.Step(t.Context(), p.Flow, p.Step, in)
	if err != nil || got.Step != next {
		t.Fatalf("step %s: came to %s, %v; want %s", p.Step, got.Step, err, next)
	}
	got.Flow = p.Flow
	return got
}

// register walks a registration to its code.
func register(t *testing.T, c *client.Client) wire.Prompt {
	t.Helper()
	p, err := c.Begin(t.Context(), "", wire.Begin{Kind: account.Register, Lang: "fr", Device: "bureau"})
	if err != nil {
		t.Fatal(err)
	}
	p = step(t, c, p, agree, account.StepIdentity)
	return step(t, c, p, identity, account.StepCode)
}

// A registration over real HTTP, by the real client, with the link of its letter: looking at
// the page confirms nothing, its button does, and the program goes on by itself.
//
// Rows, B-009
func TestRegistersByLink(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	p := register(t, c)
	m := w.letter(t, mail.Confirm)
	path := strings.TrimPrefix(m.Link, base)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		if res, _ := w.ask(t, method, path, nil, nil); res.StatusCode != http.StatusOK {
			t.Fatalf("%s of the link: %s", method, res.Status)
		}
	}
	if p, err := c.Look(t.Context(), p.Flow); err != nil || p.Confirmed {
		t.Fatalf("after looking at the page: confirmed %v, %v", p.Confirmed, err)
	}
	if res, body := w.ask(t, http.MethodPost, path, form, nil); res.StatusCode != http.StatusOK || !strings.Contains(string(body), "C&#39;est confirmé") {
		t.Fatalf("the button: %s\n%s", res.Status, body)
	}
	if p, err := c.Look(t.Context(), p.Flow); err != nil || !p.Confirmed {
		t.Fatalf("after the button: confirmed %v, %v", p.Confirmed, err)
	}
	p = step(t, c, p, wire.Answer{Linked: true}, account.StepValidate)
	p = step(t, c, p, sin, account.StepQuestions)
	done := step(t, c, p, fiveAnswers(), account.StepDone)
	if done.Session == nil || done.Session.Access == "" {
		t.Fatalf("ended without a session: %+v", done)
	}
	if res, body := w.ask(t, http.MethodPost, path, form, nil); res.StatusCode != http.StatusGone || !strings.Contains(string(body), "déjà servi") {
		t.Errorf("the button once more: %s\n%s", res.Status, body)
	}
	me, err := c.Me(t.Context(), done.Session.Access)
	if err != nil || me.First != "Ada" || len(me.Devices) != 1 || me.Devices[0].Name != "bureau" {
		t.Errorf("Me: %+v, %v", me, err)
	}
	next, err := c.Renew(t.Context(), wire.Renewal{Refresh: done.Session.Refresh})
	if err != nil || next.Refresh == done.Session.Refresh {
		t.Fatalf("Renew: %v", err)
	}
	if me, err = c.Change(t.Context(), next.Access, wire.ActDetails, wire.Answer{First: "Ada", Last: "Épreuve", Lang: "en"}); err != nil || me.Last != "Épreuve" {
		t.Errorf("Change: %+v, %v", me, err)
	}
	if err := c.SignOut(t.Context(), next.Access); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context(), next.Access); !errors.Is(err, wire.ErrRefused) {
		t.Errorf("Me after SignOut: %v, want ErrRefused", err)
	}
	if err := c.Drop(t.Context(), p.Flow); err != nil {
		t.Error(err)
	}
	if _, err := c.Look(t.Context(), p.Flow); code(err) != account.FlowExpired {
		t.Errorf("Look after Drop: %v, want flow_expired", err)
	}
	// Nothing of all that was given or received is in the log, which is as detailed as can be.
	told := w.log.String()
	for _, secret := range []string{"Ada", "exemple", "cheval", "130692544", "Preuve", "1990", "réponse", m.Code, path, p.Flow, next.Access, next.Refresh, "bureau"} {
		if strings.Contains(told, secret) {
			t.Errorf("%q is in the log:\n%s", secret, told)
		}
	}
	if !strings.Contains(told, "/v1/flow/{step}") {
		t.Error("the log is not as detailed as can be")
	}
}

func code(err error) account.Code {
	var no *wire.Refused
	if errors.As(err, &no) {
		return no.Code
	}
	return ""
}

var form = header{"Content-Type": "application/x-www-form-urlencoded"}

// forAnyone are the routes that ask for nothing, and why each may.
var forAnyone = map[string]string{
	"GET /v1/cat/{scope}/{file}": "the catalogue is public (A-010)",
	"GET /v1/cat/o/sha256/{hex}": "the catalogue is public (A-010)",
	"POST /v1/reports":           "a report needs no account (A-170)",
	"GET /health":                "says two words",
	"GET /metrics":               "figures, without names; for the inside of a deployment",
	"GET " + wire.DeploymentPath: "what a desktop must know before anyone signs in",
	"POST " + wire.FlowPath:      "this is how one comes in; what a flow asks for guards it",
	"POST " + wire.HelpPath:      "for those who cannot come in (A-138)",
	"POST " + wire.PartnerPath:   "this is how one comes in, by a partner",
	"GET " + wire.MailboxPath:    "in a demonstration alone",
	"POST " + wire.AlertsPath:    "alerts need no account (A-005); nothing begins without the link of a letter",
}

// route fills in the places of a route.
func route(r server.Route) string {
	return strings.NewReplacer("{scope}", "all", "{file}", "head", "{hex}", strings.Repeat("0", 64), "{step}", "password",
		"{act}", "reset", "{token}", strings.Repeat("A", 22)).Replace(r.Path)
}

// Each route needs no account, for a reason that stands above, or refuses who shows nothing,
// something made up, or the right thing under the wrong name.
//
// Rows: B-014
func TestEveryRouteAsksForWhatItNeeds(t *testing.T) {
	w := settle(t, nil)
	refused := map[string]int{
		"flow": http.StatusGone, "access": http.StatusUnauthorized, "refresh": http.StatusUnauthorized, "link": http.StatusGone, "state": http.StatusNotFound,
	}
	seen := 0
	for _, r := range server.Routes {
		name := r.Method + " " + r.Path
		if r.Needs == "" {
			if forAnyone[name] == "" {
				t.Errorf("%s asks for nothing, without a reason", name)
			}
			seen++
			continue
		}
		want, known := refused[r.Needs]
		if !known {
			t.Errorf("%s needs %q, which no test knows", name, r.Needs)
		}
		body := []byte("{}")
		h := header{"Content-Type": "application/json"}
		if r.Takes == "form" {
			body, h = nil, header{"Content-Type": form["Content-Type"]}
		}
		for _, auth := range []string{"", "Bearer", "Bearer ", "Flow " + strings.Repeat("A", 43), "Bearer " + strings.Repeat("A", 43), "Basic YTpi", "bearer x", "Flow " + strings.Repeat("A", 5000)} {
			h["Authorization"] = auth
			if auth == "" {
				delete(h, "Authorization")
			}
			res, got := w.ask(t, r.Method, route(r), h, body)
			if r.Method == http.MethodDelete && r.Needs == "flow" && res.StatusCode == http.StatusOK && strings.HasPrefix(auth, "Flow A") && len(auth) < 100 {
				continue // to give up what is not there is no failure, and tells nothing
			}
			if res.StatusCode != want {
				t.Errorf("%s with %.20q: %s %s, want %d", name, auth, res.Status, got, want)
			}
			if want != http.StatusNotFound && res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s with %.20q may be cached: %q", name, auth, res.Header.Get("Cache-Control"))
			}
		}
	}
	if seen != len(forAnyone) {
		t.Errorf("%d routes ask for nothing, %d have a reason", seen, len(forAnyone))
	}
}

// A server without accounts has none of their routes, and one without a demonstration shows
// nobody's letters.
func TestOnlyWhatIsThere(t *testing.T) {
	b := open(t, nil)
	for _, r := range server.Routes {
		if !strings.HasPrefix(r.Path, "/v1/flow") && !strings.HasPrefix(r.Path, "/v1/me") && !strings.HasPrefix(r.Path, "/m/") {
			continue
		}
		if res, _ := b.ask(t, r.Method, route(r), header{"Content-Type": "application/json"}, []byte("{}")); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s without a gate: %s", r.Method, r.Path, res.Status)
		}
	}
	w := settle(t, func(o *server.Options) { o.Mailbox = nil })
	if res, _ := w.get(t, wire.MailboxPath, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("letters without a demonstration: %s", res.Status)
	}
	if _, err := w.desktop(t).Letters(t.Context()); !errors.Is(err, wire.ErrMissing) {
		t.Errorf("Letters: %v, want ErrMissing", err)
	}
	w = settle(t, nil)
	if err := w.Ledger().PutLetter(t.Context(), ledger.Letter{At: noon, To: "ada@exemple.ca", Subject: "Bonjour", Text: "…", HTML: "<p>"}); err != nil {
		t.Fatal(err)
	}
	all, err := w.desktop(t).Letters(t.Context())
	if err != nil || len(all) != 1 || all[0].Subject != "Bonjour" || !all[0].At.Equal(noon) {
		t.Errorf("Letters: %+v, %v", all, err)
	}
	if d, err := w.desktop(t).Deployment(t.Context()); err != nil || d.Terms != account.TermsVersion || !d.SIN || d.Verified != "local" {
		t.Errorf("Deployment: %+v, %v", d, err)
	}
}

// answers is a gate that answers as it is told.
type answers struct {
	server.Gate
	err *error
}

func (a answers) Look(context.Context, string, time.Time) (wire.Prompt, error) {
	return wire.Prompt{Kind: account.SignIn, Step: account.StepPassword}, *a.err
}

func (a answers) Step(context.Context, string, account.Step, wire.Answer, string, time.Time) (wire.Prompt, error) {
	return wire.Prompt{Kind: account.SignIn, Step: account.StepPassword}, *a.err
}

func (a answers) Begin(context.Context, wire.Begin, *gate.Caller, string, time.Time) (wire.Prompt, error) {
	return wire.Prompt{}, *a.err
}

// What a gate refuses comes to the desktop as it was said, under the status that proxies
// and people expect; what fails is told as technical difficulties, and its cause to nobody.
//
// Rows: B-017, B-018
func TestRefusalsArriveWhole(t *testing.T) {
	prompt := &wire.Prompt{Kind: account.Recover, Step: account.StepCode, Expires: noon}
	var told error
	w := settle(t, func(o *server.Options) { o.Gate = answers{err: &told} })
	for _, c := range []struct {
		err    *wire.Refused
		status int
	}{
		{&wire.Refused{Code: account.Mend, Fields: []account.Problem{{Field: "sin", Code: account.SINCheck}, {Field: "born", Code: account.DateFormat}}}, 422},
		{&wire.Refused{Code: account.CodeTries}, 422},
		{&wire.Refused{Code: account.WrongStep, Prompt: prompt}, 409},
		{&wire.Refused{Code: account.TermsOld}, 409},
		{&wire.Refused{Code: account.Credentials}, 401},
		{&wire.Refused{Code: account.SignInNeeded}, 401},
		{&wire.Refused{Code: account.Gone}, 401},
		{&wire.Refused{Code: account.TooMany, After: 90 * time.Second}, 429},
		{&wire.Refused{Code: account.CannotNow, After: time.Second}, 429},
		{&wire.Refused{Code: account.Forbidden}, 403},
		{&wire.Refused{Code: account.FactorNeeded}, 403},
		{&wire.Refused{Code: account.MustReset}, 403},
		{&wire.Refused{Code: account.IsSuspended}, 403},
		{&wire.Refused{Code: account.IsClosed}, 403},
		{&wire.Refused{Code: account.AgentNeeded}, 403},
		{&wire.Refused{Code: account.PartnerFails}, 403},
		{&wire.Refused{Code: account.FlowExpired}, 410},
	} {
		told = fmt.Errorf("told: %w", c.err)
		_, err := w.desktop(t).Step(t.Context(), "x", account.StepPassword, wire.Answer{})
		var no *wire.Refused
		if !errors.As(err, &no) || !reflect.DeepEqual(no, c.err) {
			t.Errorf("%+v arrives as %+v, %v", c.err, no, err)
		}
		res, _ := w.ask(t, http.MethodPost, wire.FlowPath+"/password", header{"Content-Type": "application/json", "Authorization": "Flow x"}, []byte("{}"))
		if res.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", c.err.Code, res.Status, c.status)
		}
	}
	told = errors.New("the table of ada@exemple.ca is torn")
	_, err := w.desktop(t).Look(t.Context(), "x")
	if !errors.Is(err, wire.ErrDown) || strings.Contains(err.Error(), "torn") {
		t.Errorf("a failure arrives as %v, want ErrDown without its cause", err)
	}
	if !strings.Contains(w.log.String(), "torn") {
		t.Error("nobody can know why it failed")
	}
	// Waits are told in whole seconds, and never too few of them.
	told = &wire.Refused{Code: account.TooMany, After: 1500 * time.Millisecond}
	var no *wire.Refused
	if _, err = w.desktop(t).Look(t.Context(), "x"); !errors.As(err, &no) || no.After != 2*time.Second {
		t.Errorf("a wait of 1.5 s arrives as %v", err)
	}
}

// What a route takes is one JSON object of the right types and of a size that people write;
// fields of a newer desktop are left alone.
//
// Rows: A-012
func TestBodies(t *testing.T) {
	w := settle(t, func(o *server.Options) { o.Gate = answers{err: new(error)} })
	for _, c := range []struct {
		name, kind, body string
		status           int
		code             string
	}{
		{"an answer", "application/json", `{"email":"a@exemple.ca"}`, 200, ""},
		{"with white space and a charset", "application/json; charset=utf-8", " \n{} \n", 200, ""},
		{"a field that is not known", "application/json", `{"email":"a","shoe":41}`, 200, ""},
		{"a field of another type", "application/json", `{"email":41}`, 400, wire.BadRequest},
		{"another field of another type", "application/json", `{"accept":"yes"}`, 400, wire.BadRequest},
		{"two objects", "application/json", `{}{}`, 400, wire.BadRequest},
		{"a list", "application/json", `[]`, 400, wire.BadRequest},
		{"null", "application/json", `null`, 400, wire.BadRequest},
		{"nothing", "application/json", ``, 400, wire.BadRequest},
		{"half an object", "application/json", `{"email":"a`, 400, wire.BadRequest},
		{"bytes that are no text", "application/json", "{\"email\":\"\xff\"}", 400, wire.BadRequest},
		{"too much", "application/json", `{"email":"` + strings.Repeat("a", 40_000) + `"}`, 413, wire.TooLarge},
		{"a document", "application/json", "%PDF-1.7", 415, wire.BadType},
		{"CBOR", "application/cbor", "\xa0", 415, wire.BadType},
		{"a form", "application/x-www-form-urlencoded", "email=a", 415, wire.BadType},
		{"a document that says so", "application/pdf", "%PDF-1.7", 415, wire.BadType},
	} {
		res, got := w.ask(t, http.MethodPost, wire.FlowPath+"/password", header{"Content-Type": c.kind, "Authorization": "Flow x"}, []byte(c.body))
		var no wire.Refusal
		if err := json.Unmarshal(got, &no); err != nil || res.StatusCode != c.status || no.Code != c.code {
			t.Errorf("%s: %s %s, want %d %s", c.name, res.Status, got, c.status, c.code)
		}
	}
	token := "/m/" + strings.Repeat("A", 22)
	for _, c := range []struct {
		kind, body string
		status     int
	}{
		{"application/pdf", "%PDF-1.7", 415}, {"application/json", "{}", 415}, {form["Content-Type"], "%PDF-1.7", 415},
		{form["Content-Type"], strings.Repeat("a", 2000), 413}, {"multipart/form-data; boundary=x", "--x--", 415},
	} {
		if res, _ := w.ask(t, http.MethodPost, token, header{"Content-Type": c.kind}, []byte(c.body)); res.StatusCode != c.status {
			t.Errorf("POST %s of %s: %s, want %d", c.body[:2], c.kind, res.Status, c.status)
		}
	}
}

// Every route of accounts asks to come back during maintenance, in the words that the
// desktop knows; pages say so in words.
//
// Rows: B-018
func TestMaintenanceOfAccounts(t *testing.T) {
	w := settle(t, func(o *server.Options) {
		o.Maintenance = func() (time.Duration, bool) { return 5 * time.Minute, true }
	})
	for _, r := range server.Routes {
		if !strings.HasPrefix(r.Path, "/v1/") && !strings.HasPrefix(r.Path, "/m/") && !strings.HasPrefix(r.Path, "/l/") {
			continue
		}
		h := header{"Content-Type": "application/json", "Authorization": "Bearer x"}
		if r.Takes == "form" {
			h = form
		}
		res, body := w.ask(t, r.Method, route(r), h, []byte("{}"))
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "300" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %s, Retry-After %q, %q", r.Method, r.Path, res.Status, res.Header.Get("Retry-After"), res.Header.Get("Cache-Control"))
		}
		if want := `"code":"maintenance"`; strings.HasPrefix(r.Path, "/v1/") && !strings.Contains(string(body), want) {
			t.Errorf("%s %s: %s, want %s", r.Method, r.Path, body, want)
		}
		if want := "Difficultés techniques"; !strings.HasPrefix(r.Path, "/v1/") && !strings.Contains(string(body), want) {
			t.Errorf("%s %s: %s, want %s", r.Method, r.Path, body, want)
		}
	}
	if _, err := w.desktop(t).Begin(t.Context(), "", wire.Begin{Kind: account.SignIn}); !errors.Is(err, wire.ErrDown) {
		t.Errorf("Begin: %v, want ErrDown", err)
	}
}

// One address cannot fill the ledger with flows.
func TestRateOfFlows(t *testing.T) {
	w := settle(t, func(o *server.Options) { o.Flows = server.Rate{Burst: 2, Every: time.Minute} })
	c := w.desktop(t)
	begin := func() error {
		_, err := c.Begin(t.Context(), "", wire.Begin{Kind: account.SignIn, Lang: "fr"})
		return err
	}
	if err := errors.Join(begin(), begin()); err != nil {
		t.Fatal(err)
	}
	var no *wire.Refused
	if err := begin(); !errors.As(err, &no) || no.Code != account.TooMany || no.After != time.Minute {
		t.Errorf("a third at once: %v, want too_many_attempts for a minute", err)
	}
	w.clock.Store(60)
	if err := begin(); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// Nothing older than TLS 1.2 is spoken, by either side.
//
// Rows: A-091
func TestOldTLSIsRefused(t *testing.T) {
	cert, key, pool := certificate(t)
	b := open(t, func(o *server.Options) { o.CertFile, o.KeyFile = cert, key })
	address := "https" + strings.TrimPrefix(b.url, "http") + "/health"
	for version, fine := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: version, MaxVersion: version}}}
		res, err := c.Get(address)
		if (err == nil) != fine {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			_ = res.Body.Close()
		}
	}
}

// stub is a server over a stub, asked without a network.
func stub(f *testing.F, g server.Gate) http.Handler {
	s, err := server.New(server.Options{Dir: f.TempDir(), Bank: slow{}, Gate: g, Flows: server.Rate{Burst: 1 << 30}, Now: func() time.Time { return noon }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	return s
}

// settleFuzz is a real gate on an empty ledger, asked without a network.
func settleFuzz(f *testing.F) http.Handler {
	l, err := ledger.Open(f.Context(), filepath.Join(f.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.Close() })
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		f.Fatal(err)
	}
	g, err := gate.New(gate.Options{Ledger: l, Keys: keys, Base: base})
	if err != nil {
		f.Fatal(err)
	}
	s, err := server.New(server.Options{Dir: f.TempDir(), Bank: slow{}, Gate: g, Letters: mail.House{Base: base, Box: keys.Box}, Now: func() time.Time { return noon }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	return s
}

// FuzzBodies reads what comes to the routes that take JSON: an answer is read or refused,
// and what is read can be written again.
func FuzzBodies(f *testing.F) {
	var mend error = &wire.Refused{Code: account.Mend}
	h := stub(f, answers{err: &mend})
	for _, in := range []any{agree, identity, sin, fiveAnswers(), wire.Begin{Kind: account.SignIn, Lang: "fr"}} {
		b, err := json.Marshal(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("Flow abc", b)
	}
	f.Add("", []byte(`{"questions":[{"question":1}]}`))
	f.Add("Bearer x", []byte(`{"email":null,"Email":"a","EMAIL":"b"}`))
	f.Fuzz(func(t *testing.T, auth string, body []byte) {
		for _, path := range []string{wire.FlowPath, wire.FlowPath + "/password"} {
			r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", auth)
			if path == wire.FlowPath {
				r.Header.Del("Authorization")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			var no wire.Refusal
			if err := json.Unmarshal(w.Body.Bytes(), &no); err != nil || no.Code == "" {
				t.Fatalf("POST %s of %q: %d %s", path, body, w.Code, w.Body)
			}
			switch w.Code {
			case http.StatusUnprocessableEntity: // it came to the gate
				var in wire.Answer
				if path != wire.FlowPath && json.Unmarshal(body, &in) != nil {
					t.Errorf("%q was taken", body)
				}
			case http.StatusBadRequest, http.StatusGone, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge:
			default:
				t.Errorf("POST %s of %q: %d", path, body, w.Code)
			}
		}
	})
}
