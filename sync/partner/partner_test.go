package partner_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/partner"
	"passerelle/sync/partner/partnertest"
	"passerelle/sync/wire"
)

// place is a server that knows partners, as a browser meets it.
type place struct {
	*partner.Partners
	server *httptest.Server
	went   []error
}

func open(t *testing.T, ids ...string) *place {
	t.Helper()
	keys, err := secret.Load(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := p.Back(r.Context(), r.URL.Query(), time.Now())
		p.went = append(p.went, err)
		if to == "" {
			http.Error(w, "nowhere", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	}))
	t.Cleanup(p.server.Close)
	var all []partner.Config
	for _, id := range ids {
		at := partnertest.New(id, p.server.URL)
		t.Cleanup(at.Close)
		all = append(all, at.Config)
	}
	p.Partners = partner.New(partner.Options{Partners: all, Base: p.server.URL, Keys: keys})
	return p
}

// begin is the server's route.
func (p *place) begin(ctx context.Context, in wire.PartnerBegin) (wire.PartnerGo, error) {
	return p.Begin(ctx, in, time.Now())
}

// come goes the whole way of a person: the program, the browser, the partner, the program.
func (p *place) come(t *testing.T, id, user, password string) (code, verifier, page string, err error) {
	t.Helper()
	walked := make(chan error, 1)
	code, verifier, err = client.Loopback(t.Context(), id, i18n.French, p.begin, func(address string) error {
		go func() {
			var err error
			_, page, err = partnertest.Walk(context.WithoutCancel(t.Context()), address, user, password)
			walked <- err
		}()
		return nil
	})
	if werr := <-walked; werr != nil {
		t.Fatalf("walk through partner %s: %v", id, werr)
	}
	return code, verifier, page, err
}

// TestComes signs in at a real provider, through a browser's redirects and the loopback.
//
// Rows: B-006, B-043
func TestComes(t *testing.T) {
	p := open(t, "a", "b")
	var subjects []gate.Vouched
	for _, id := range []string{"a", "a", "b"} {
		code, verifier, page, err := p.come(t, id, partnertest.First, partnertest.Password)
		if err != nil {
			t.Fatalf("sign in at %s: %v", id, err)
		}
		if !strings.Contains(page, "Vous pouvez fermer cette page") || !strings.Contains(page, `lang="fr"`) {
			t.Errorf("the browser is left with %q", page)
		}
		v, err := p.Vouched(code, verifier, time.Now())
		if err != nil || v.Partner != id || v.Subject == "" || v.Issuer == "" || len(v.Once) == 0 {
			t.Errorf("Vouched: %+v, %v", v, err)
		}
		subjects = append(subjects, v)
		// A code is worth nothing without the verifier, and nothing a minute later.
		for what, try := range map[string]func() error{
			"another verifier": func() error { _, err := p.Vouched(code, verifier+"x", time.Now()); return err },
			"a minute later":   func() error { _, err := p.Vouched(code, verifier, time.Now().Add(2*time.Minute)); return err },
			"another code":     func() error { _, err := p.Vouched(code[:len(code)-2]+"AA", verifier, time.Now()); return err },
		} {
			if !fails(try()) {
				t.Errorf("%s opened it", what)
			}
		}
	}
	if subjects[0].Subject != subjects[1].Subject || subjects[0].Issuer != subjects[1].Issuer || string(subjects[0].Once) == string(subjects[1].Once) {
		t.Errorf("twice at one partner: %+v and %+v, want one subject, two codes", subjects[0], subjects[1])
	}
	if subjects[2].Issuer == subjects[0].Issuer {
		t.Errorf("two partners with one issuer: %+v", subjects[2])
	}
}

func fails(err error) bool {
	var no *wire.Refused
	return errors.As(err, &no) && no.Code == account.PartnerFails
}

// TestRefusals: a person who gives up, a state that is not ours or old, a partner that is
// not there, a port that is no desktop's.
func TestRefusals(t *testing.T) {
	p := open(t, "a")
	ask := wire.PartnerBegin{Partner: "a", State: "s", Port: 40000, Challenge: strings.Repeat("A", 43)}
	way, err := p.begin(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(way.URL)
	if err != nil {
		t.Fatal(err)
	}
	state := at.Query().Get("state")
	if at.Query().Get("code_challenge_method") != "S256" || at.Query().Get("nonce") == "" || at.Query().Get("scope") != "openid" {
		t.Errorf("the way to the partner lacks PKCE, a nonce or asks for more than who it is: %s", way.URL)
	}
	to, err := p.Back(t.Context(), url.Values{"state": {state}, "error": {"access_denied"}}, time.Now())
	if err == nil || !strings.HasPrefix(to, "http://127.0.0.1:40000/?error="+string(account.PartnerFails)) || !strings.Contains(to, "state=s") {
		t.Errorf("a person who gave up goes to %q, %v", to, err)
	}
	to, err = p.Back(t.Context(), url.Values{"state": {state}, "code": {"invented"}}, time.Now())
	if err == nil || strings.Contains(to, "code=") {
		t.Errorf("an invented code goes to %q, %v", to, err)
	}
	for what, c := range map[string]struct {
		state string
		later time.Duration
	}{"no state": {"", 0}, "another state": {state[:len(state)-4] + "AAAA", 0}, "an old state": {state, time.Hour}} {
		if to, err := p.Back(t.Context(), url.Values{"state": {c.state}, "code": {"x"}}, time.Now().Add(c.later)); to != "" || !fails(err) {
			t.Errorf("%s goes to %q, %v", what, to, err)
		}
	}
	for what, bad := range map[string]wire.PartnerBegin{
		"no challenge": {Partner: "a", State: "s", Port: 40000}, "port 80": {Partner: "a", State: "s", Port: 80, Challenge: ask.Challenge},
		"no state": {Partner: "a", Port: 40000, Challenge: ask.Challenge},
	} {
		if _, err := p.begin(t.Context(), bad); !fails(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := p.begin(t.Context(), wire.PartnerBegin{Partner: "z", State: "s", Port: 40000, Challenge: ask.Challenge}); !errors.Is(err, partner.ErrUnknown) {
		t.Errorf("unknown partner: %v", err)
	}
}

// TestLoopback: what comes to the port without the state is told nothing, and a partner's
// no is a refusal.
func TestLoopback(t *testing.T) {
	begin := func(_ context.Context, in wire.PartnerBegin) (wire.PartnerGo, error) {
		return wire.PartnerGo{URL: "http://127.0.0.1:" + strconv.Itoa(in.Port) + "/?state=" + in.State + "&error=x"}, nil
	}
	var strange []int
	_, _, err := client.Loopback(t.Context(), "a", i18n.English, begin, func(address string) error {
		at, _ := url.Parse(address)
		for _, path := range []string{"/", "/?state=other&code=stolen", "/favicon.ico"} {
			res, err := http.Get("http://" + at.Host + path)
			if err != nil {
				return err
			}
			strange = append(strange, res.StatusCode)
			_ = res.Body.Close()
		}
		res, err := http.Get(address)
		if err != nil {
			return err
		}
		return res.Body.Close()
	})
	if !fails(err) {
		t.Errorf("a partner's no: %v", err)
	}
	for _, code := range strange {
		if code != http.StatusNotFound {
			t.Errorf("a stranger at the port got %d", code)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, _, err := client.Loopback(ctx, "a", i18n.English, begin, func(string) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// TestRead takes a deployment's list of partners, and no other.
func TestRead(t *testing.T) {
	good := `[{"id":"a","name":{"fr":"Banque","en":"Bank"},"issuer":"https://bank.example","client_id":"c","client_secret":"s"}]`
	if all, err := partner.Read(strings.NewReader(good)); err != nil || len(all) != 1 || all[0].Name.FR != "Banque" {
		t.Errorf("Read: %+v, %v", all, err)
	}
	for what, bad := range map[string]string{
		"plain http":    strings.Replace(good, "https", "http", 1),
		"no id":         strings.Replace(good, `"id":"a"`, `"id":""`, 1),
		"one language":  strings.Replace(good, `"fr":"Banque",`, "", 1),
		"twice":         "[" + good[1:len(good)-1] + "," + good[1:],
		"unknown field": strings.Replace(good, `"client_id"`, `"x":1,"client_id"`, 1),
		"no list":       "{}",
	} {
		if _, err := partner.Read(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

// FuzzRead: no list makes it fail otherwise than with an error.
func FuzzRead(f *testing.F) {
	f.Add(`[{"id":"a","name":{"fr":"B","en":"B"},"issuer":"https://bank.example","client_id":"c"}]`)
	f.Fuzz(func(t *testing.T, s string) {
		all, err := partner.Read(strings.NewReader(s))
		for _, c := range all {
			if err != nil || c.ID == "" || c.Issuer == "" {
				t.Errorf("Read(%q): %+v, %v", s, all, err)
			}
		}
	})
}

// FuzzBack: whatever a browser brings, nobody is sent anywhere but to loopback.
func FuzzBack(f *testing.F) {
	keys, err := secret.Load(filepath.Join(f.TempDir(), "secrets.json"))
	if err != nil {
		f.Fatal(err)
	}
	p := partner.New(partner.Options{Base: "http://127.0.0.1:1", Keys: keys})
	f.Add("state=x&code=y")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if to, err := p.Back(t.Context(), q, time.Now()); err == nil || to != "" {
			t.Errorf("%q goes to %q, %v", query, to, err)
		}
		if _, err := p.Vouched(q.Get("code"), q.Get("state"), time.Now()); err == nil {
			t.Errorf("%q is vouched for", query)
		}
	})
}
