package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/server"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

var _ session.Bank = (*client.Client)(nil)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// alive is a hub that is there.
type alive struct{ server.Bank }

// bank is the real server with a real gate, on which maintenance can be switched on.
func bank(t *testing.T, down *atomic.Bool) *server.Server {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Options{Ledger: l, Keys: keys, Base: "https://banque.exemple.ca"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{
		Dir: t.TempDir(), Bank: alive{}, Gate: g, Now: func() time.Time { return noon },
		Maintenance: func() (time.Duration, bool) { return 5 * time.Minute, down.Load() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// secured serves over TLS and gives the file of its authority.
func secured(t *testing.T, h http.Handler, conf *tls.Config) (url, ca string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = conf
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, ca
}

// everything asks for each thing that can be asked of accounts.
func everything(c *client.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Deployment": func(ctx context.Context) error { _, err := c.Deployment(ctx); return err },
		"Begin": func(ctx context.Context) error {
			_, err := c.Begin(ctx, "", wire.Begin{Kind: account.SignIn})
			return err
		},
		"Step": func(ctx context.Context) error {
			_, err := c.Step(ctx, "x", account.StepPassword, wire.Answer{})
			return err
		},
		"Look":    func(ctx context.Context) error { _, err := c.Look(ctx, "x"); return err },
		"Resend":  func(ctx context.Context) error { _, err := c.Resend(ctx, "x"); return err },
		"Drop":    func(ctx context.Context) error { return c.Drop(ctx, "x") },
		"Renew":   func(ctx context.Context) error { _, err := c.Renew(ctx, wire.Renewal{Refresh: "x"}); return err },
		"SignOut": func(ctx context.Context) error { return c.SignOut(ctx, "x") },
		"Me":      func(ctx context.Context) error { _, err := c.Me(ctx, "x"); return err },
		"Change": func(ctx context.Context) error {
			_, err := c.Change(ctx, "x", wire.ActClose, wire.Answer{})
			return err
		},
		"Partner":  func(ctx context.Context) error { _, err := c.Partner(ctx, wire.PartnerBegin{}); return err },
		"Letters":  func(ctx context.Context) error { _, err := c.Letters(ctx); return err },
		"Help":     func(ctx context.Context) error { _, err := c.Help(ctx, wire.HelpRequest{Key: "x"}); return err },
		"Requests": func(ctx context.Context) error { _, err := c.Requests(ctx, "x"); return err },
		"Act":      func(ctx context.Context) error { return c.Act(ctx, "x", wire.ActReset, wire.Act{}) },
	}
}

// A server that is not reached, a connection that is not safe and maintenance are three
// errors, whatever was asked for.
//
// Rows: B-016, B-018, A-091
func TestThreeFailures(t *testing.T) {
	var down atomic.Bool
	h := bank(t, &down)
	url, ca := secured(t, h, nil)
	ask := func(url string, o client.Options) map[string]error {
		c, _ := open(t, url, o)
		got := map[string]error{}
		for name, do := range everything(c) {
			got[name] = do(t.Context())
		}
		return got
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // nobody listens there any more
	clear := httptest.NewUnstartedServer(h)
	clear.Config.ErrorLog = log.New(io.Discard, "", 0)
	clear.Start()
	defer clear.Close()
	old, oldCA := secured(t, h, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	const offline, insecure, maintained = 0, 1, 2
	all := []error{wire.ErrOffline, wire.ErrInsecure, wire.ErrDown, wire.ErrRefused}
	for _, c := range []struct {
		name string
		url  string
		o    client.Options
		down bool
		want int // of all
	}{
		{"nobody listens", "https://" + l.Addr().String(), client.Options{CAFile: ca}, false, offline},
		{"no such name", "https://banque.invalid", client.Options{}, false, offline},
		{"an authority that is not ours", url, client.Options{}, false, insecure},
		{"another name", strings.Replace(url, "127.0.0.1", "localhost", 1), client.Options{CAFile: ca}, false, insecure},
		{"TLS 1.1 alone", old, client.Options{CAFile: oldCA}, false, insecure},
		{"no TLS where there should be", strings.Replace(clear.URL, "http", "https", 1), client.Options{}, false, insecure},
		{"maintenance", url, client.Options{CAFile: ca}, true, maintained},
	} {
		down.Store(c.down)
		for method, err := range ask(c.url, c.o) {
			for i, other := range all {
				if errors.Is(err, other) != (i == c.want) {
					t.Errorf("%s: %s: %v, want %v alone", c.name, method, err, all[c.want])
				}
			}
		}
	}
	down.Store(false)
	for method, err := range ask(url, client.Options{CAFile: ca}) {
		fine := err == nil || errors.Is(err, wire.ErrRefused) || errors.Is(err, wire.ErrMissing)
		if !fine {
			t.Errorf("a safe connection: %s: %v", method, err)
		}
	}
}

// Over plain HTTP, not a byte of what is said of accounts leaves for another machine.
//
// Rows: A-091
func TestPlainHTTPStaysHere(t *testing.T) {
	asked := ""
	proxy := serve(t, func(w http.ResponseWriter, q *http.Request) {
		asked += q.Method + " " + q.URL.String() + "\n"
		w.WriteHeader(http.StatusBadGateway)
	})
	for _, address := range []string{"http://banque.exemple.ca", "http://192.0.2.1:8080", "http://localhost.exemple.ca", "http://127.0.0.1.exemple.ca", "http://[2001:db8::1]", "http://0.0.0.0:1"} {
		c, _ := open(t, address, client.Options{Proxy: proxy})
		for name, do := range everything(c) {
			if err := do(t.Context()); !errors.Is(err, wire.ErrInsecure) {
				t.Errorf("%s: %s: %v, want ErrInsecure", address, name, err)
			}
		}
	}
	// This machine is asked by itself, past any proxy: a proxy would carry it elsewhere.
	h := bank(t, new(atomic.Bool))
	here := httptest.NewServer(h)
	defer here.Close()
	for _, address := range []string{here.URL, strings.Replace(here.URL, "127.0.0.1", "localhost", 1)} {
		c, _ := open(t, address, client.Options{Proxy: proxy})
		if _, err := c.Deployment(t.Context()); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if asked != "" {
		t.Errorf("the proxy was asked for\n%s", asked)
	}
}

// What may be repeated is asked again when it was lost; what may not is sent once.
func TestRepeats(t *testing.T) {
	asked := map[string]int{}
	var mu sync.Mutex
	h := serve(t, func(_ http.ResponseWriter, q *http.Request) {
		mu.Lock()
		asked[q.Method+" "+q.URL.Path]++
		mu.Unlock()
		panic(http.ErrAbortHandler) // the answer is lost
	})
	c, w := open(t, h, client.Options{})
	for name, do := range everything(c) {
		if err := do(t.Context()); !errors.Is(err, wire.ErrOffline) {
			t.Errorf("%s: %v, want ErrOffline", name, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for name, want := range map[string]int{
		"GET " + wire.DeploymentPath: 2, "GET " + wire.FlowPath: 2, "GET " + wire.MePath: 2, "GET " + wire.MailboxPath: 2, "GET " + wire.AgentPath: 2,
		"DELETE " + wire.FlowPath: 2, "DELETE " + wire.SessionPath: 2,
		"POST " + wire.SessionPath: 2, // its answer is the same until it is used
		"POST " + wire.HelpPath:    2, // it has a key
		"POST " + wire.FlowPath:    1, "POST " + wire.FlowPath + "/password": 1, "POST " + wire.FlowPath + "/resend": 1,
		"POST " + wire.MePath + "/close": 1, "POST " + wire.AgentPath + "/reset": 1, "POST " + wire.PartnerPath: 1,
	} {
		if got := asked[name]; got != want {
			t.Errorf("%s was sent %d times, want %d", name, got, want)
		}
	}
	if len(*w) != 9 {
		t.Errorf("waited %d times, want once for each of nine", len(*w))
	}
}

// What a hotel or a proxy says is not the bank's word; a redirection is not followed, so
// that what is meant for one server goes to no other.
func TestNotTheBank(t *testing.T) {
	followed := false
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { followed = true })
	for name, h := range map[string]http.HandlerFunc{
		"a page":              func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Welcome") },
		"a page for a 401":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"a bad gateway":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
		"a proxy at its ease": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"other JSON":          answer(403, `{"message":"blocked"}`),
		"JSON of no object":   answer(200, `[`),
		"a redirection": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, elsewhere, http.StatusTemporaryRedirect)
		},
		"a moved place": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, elsewhere, http.StatusMovedPermanently)
		},
		"more than it can be": answer(200, `{"email":"`+strings.Repeat("a", 5<<20)+`"}`),
	} {
		c, _ := open(t, serve(t, h), client.Options{})
		if _, err := c.Me(t.Context(), "secret-access"); !errors.Is(err, wire.ErrOffline) || errors.Is(err, wire.ErrRefused) {
			t.Errorf("%s: Me: %v, want ErrOffline", name, err)
		}
		_, err := c.Step(t.Context(), "secret-flow", account.StepPassword, wire.Answer{Password: "sesame"})
		if !errors.Is(err, wire.ErrOffline) {
			t.Errorf("%s: Step: %v, want ErrOffline", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sesame")) {
			t.Errorf("%s: the error tells what was sent: %v", name, err)
		}
	}
	if followed {
		t.Error("a redirection was followed")
	}
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// What is sent is what was asked for, under the right name of the right token.
func TestWhatIsSent(t *testing.T) {
	type sent struct {
		Method, Path, Authorization string
		Body                        string
	}
	var got sent
	c, _ := open(t, serve(t, func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		got = sent{q.Method, q.URL.EscapedPath(), q.Header.Get("Authorization"), string(b)}
		answer(200, "null")(w, q)
	}), client.Options{})
	ctx := t.Context()
	body := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	in := wire.Answer{Email: "ada@exemple.ca", Password: "pièce d'or"}
	for _, c := range []struct {
		do   func() error
		want sent
	}{
		{func() error { _, err := c.Begin(ctx, "", wire.Begin{Kind: account.SignIn}); return err }, sent{"POST", "/v1/flow", "", body(wire.Begin{Kind: account.SignIn})}},
		{func() error { _, err := c.Begin(ctx, "acc", wire.Begin{Kind: account.Enrol}); return err }, sent{"POST", "/v1/flow", "Bearer acc", body(wire.Begin{Kind: account.Enrol})}},
		{func() error { _, err := c.Step(ctx, "fl", account.StepPassword, in); return err }, sent{"POST", "/v1/flow/password", "Flow fl", body(in)}},
		{func() error { _, err := c.Step(ctx, "fl", "../me/close", in); return err }, sent{"POST", "/v1/flow/..%2Fme%2Fclose", "Flow fl", body(in)}},
		{func() error { _, err := c.Look(ctx, "fl"); return err }, sent{"GET", "/v1/flow", "Flow fl", ""}},
		{func() error { _, err := c.Resend(ctx, "fl"); return err }, sent{"POST", "/v1/flow/resend", "Flow fl", "{}"}},
		{func() error { return c.Drop(ctx, "fl") }, sent{"DELETE", "/v1/flow", "Flow fl", ""}},
		{func() error { _, err := c.Renew(ctx, wire.Renewal{Refresh: "r", Present: true}); return err }, sent{"POST", "/v1/session", "", body(wire.Renewal{Refresh: "r", Present: true})}},
		{func() error { return c.SignOut(ctx, "acc") }, sent{"DELETE", "/v1/session", "Bearer acc", ""}},
		{func() error { _, err := c.Change(ctx, "acc", wire.ActPassword, in); return err }, sent{"POST", "/v1/me/password", "Bearer acc", body(in)}},
		{func() error { return c.Act(ctx, "acc", wire.ActDecline, wire.Act{Request: 7}) }, sent{"POST", "/v1/agent/decline", "Bearer acc", body(wire.Act{Request: 7})}},
	} {
		got = sent{}
		if err := c.do(); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("sent %+v, %v, want %+v", got, err, c.want)
		}
	}
}

// A server that falls silent is given up after the client's patience.
func TestAccountSilence(t *testing.T) {
	leave := make(chan struct{})
	defer close(leave)
	c, _ := open(t, serve(t, func(http.ResponseWriter, *http.Request) { <-leave }), client.Options{Timeout: 20 * time.Millisecond})
	if _, err := c.Step(t.Context(), "x", account.StepPassword, wire.Answer{}); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("Step: %v, want ErrOffline", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Me(ctx, "x"); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("Me after it was given up: %v, want ErrOffline", err)
	}
}

// FuzzAnswer reads what a server, or who stands in its place, answers.
func FuzzAnswer(f *testing.F) {
	var status int
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	f.Cleanup(s.Close)
	if _, err := url.Parse(s.URL); err != nil {
		f.Fatal(err)
	}
	c, err := client.New(s.URL, client.Options{Tries: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(200, []byte(`{"kind":"signin","step":"password","expires":"2026-11-22T12:00:00Z"}`))
	f.Add(409, []byte(`{"code":"wrong_step","prompt":{"step":"code"}}`))
	f.Add(422, []byte(`{"code":"mend","fields":[{"field":"sin","code":"sin_check"}]}`))
	f.Add(503, []byte(`{"code":"maintenance"}`))
	f.Fuzz(func(t *testing.T, st int, b []byte) {
		if st < 200 || st > 599 || st == 204 || st == 304 || bytes.Contains(b, []byte{0}) && len(b) > 1<<20 {
			return
		}
		status, body = st, b
		_, err := c.Look(t.Context(), "x")
		var no *wire.Refused
		if err != nil && !errors.As(err, &no) && !errors.Is(err, wire.ErrOffline) && !errors.Is(err, wire.ErrDown) {
			t.Errorf("%d %q: %v", st, b, err)
		}
		if no != nil && no.Code == "" {
			t.Errorf("%d %q: a refusal without a code", st, b)
		}
	})
}
