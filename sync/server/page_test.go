package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// links is a gate whose links are as they are told to be.
type links struct {
	server.Gate
	kind *account.Kind
	lang *string
	used *bool
	err  *error
	uses *int
}

func newLinks() links {
	return links{kind: new(account.Kind), lang: new(string), used: new(bool), err: new(error), uses: new(int)}
}

func (l links) Link(context.Context, string, time.Time) (account.Kind, string, bool, error) {
	return *l.kind, *l.lang, *l.used, *l.err
}

func (l links) UseLink(context.Context, string, time.Time) (account.Kind, string, error) {
	*l.uses++
	return *l.kind, *l.lang, *l.err
}

// safe wants a page that says its language, has one heading, no script and nothing that is
// fetched, and a policy that holds the browser to it.
func safe(t *testing.T, name string, res *http.Response, body []byte, lang i18n.Lang) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s: the policy %q lacks %s", name, policy, want)
		}
	}
	for h, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8", "Content-Language": string(lang), "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
	} {
		if got := res.Header.Get(h); got != want {
			t.Errorf("%s: %s is %q, want %q", name, h, got, want)
		}
	}
	headings := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html":
			if n.Attr[0].Key != "lang" || n.Attr[0].Val != string(lang) {
				t.Errorf("%s: lang is %v, want %s", name, n.Attr, lang)
			}
		case "h1":
			headings++
		case "style":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q does not allow the style of the page, %s", name, policy, want)
			}
		case "script", "img", "link", "iframe", "object", "input":
			t.Errorf("%s: there is a %s", name, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: %s has %s", name, n.Data, a.Key)
			}
		}
	}
	if headings != 1 {
		t.Errorf("%s: %d headings of the first level", name, headings)
	}
	if strings.Contains(string(body), "⟦") {
		t.Errorf("%s has no words for something:\n%s", name, body)
	}
}

// Each page that a letter's link leads to, in both languages, as a golden file: a button
// where there is something to confirm, and else what to do.
//
// Rows
func TestPages(t *testing.T) {
	g := newLinks()
	w := settle(t, func(o *server.Options) { o.Gate = g })
	path := "/m/" + strings.Repeat("A", 22)
	for _, c := range []struct {
		name, method string
		kind         account.Kind
		used         bool
		err          account.Code
		status       int
		button       bool
	}{
		{"confirm", "GET", account.Register, false, "", 200, true},
		{"recover", "GET", account.Recover, false, "", 200, true},
		{"address", "GET", account.NewEmail, false, "", 200, true},
		{"used", "GET", account.Register, true, "", 200, false},
		{"unknown", "GET", "", false, account.CodeExpired, 410, false},
		{"done", "POST", account.Register, false, "", 200, false},
		{"expired", "POST", account.Register, false, account.CodeExpired, 410, false},
		{"again", "POST", account.Register, false, account.CodeUsed, 410, false},
		{"tries", "POST", account.Register, false, account.CodeTries, 410, false},
	} {
		for _, lang := range i18n.Languages() {
			*g.kind, *g.lang, *g.used, *g.err, *g.uses = c.kind, string(lang), c.used, nil, 0
			if c.err != "" {
				*g.err = &wire.Refused{Code: c.err}
			}
			if c.name == "unknown" {
				*g.lang = ""
			}
			h := header{"Accept-Language": string(lang) + "-CA, de;q=0.5"}
			if c.method == http.MethodPost {
				h["Content-Type"] = form["Content-Type"]
			}
			name := c.name + "." + string(lang) + ".html"
			res, body := w.ask(t, c.method, path, h, nil)
			if res.StatusCode != c.status || strings.Contains(string(body), "<button") != c.button {
				t.Errorf("%s: %s, a button: %v, want %d and %v", name, res.Status, !c.button, c.status, c.button)
			}
			if (*g.uses > 0) != (c.method == http.MethodPost) {
				t.Errorf("%s of the page used the link %d times", c.method, *g.uses)
			}
			safe(t, name, res, body, lang)
			goldenPage(t, name, body)

			// The link to the other language shows the same page in it.
			other := lang.Other()
			if !strings.Contains(string(body), `href="?lang=`+string(other)+`"`) {
				t.Errorf("%s has no link to the other language", name)
			}
			if c.method == http.MethodGet {
				res, body := w.ask(t, c.method, path+"?lang="+string(other), h, nil)
				safe(t, name+" in the other language", res, body, other)
			}
		}
	}
}

func goldenPage(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; write it with UPDATE=1", err)
		return
	}
	if string(got) != string(want) {
		t.Errorf("%s differs. Got:\n%s\nwant:\n%s", name, got, want)
	}
}

// A page speaks the language that was chosen on it, else the letter's, else the browser's.
//
// Rows: X-003
func TestLanguageOfPages(t *testing.T) {
	g := newLinks()
	w := settle(t, func(o *server.Options) { o.Gate = g })
	for _, c := range []struct{ asked, letter, browser, want string }{
		{"en", "fr", "fr", "en"}, {"", "fr", "en", "fr"}, {"", "en", "fr", "en"}, {"xx", "en", "fr", "en"}, {"<b>", "", "en-CA", "en"},
		{"", "", "fr-CA", "fr"}, {"", "", "en;q=0.9, fr;q=0.1", "en"}, {"", "", "", "fr"}, {"", "", "de", "fr"}, {"", "xx", "\x01", "fr"},
	} {
		*g.lang = c.letter
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/m/AAAA", nil)
		r.URL.RawQuery = "lang=" + c.asked
		r.Header.Set("Accept-Language", c.browser)
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		if got := rec.Header().Get("Content-Language"); got != c.want {
			t.Errorf("asked for %q, letter in %q, browser %q: %s, want %s", c.asked, c.letter, c.browser, got, c.want)
		}
	}
}

// A letter's link to the other language shows it, without what opens anything.
//
// Rows: X-003
func TestOtherLetter(t *testing.T) {
	w := settle(t, nil)
	m := mail.Message{Kind: mail.Temporary, To: "ada@exemple.ca", Lang: "fr", First: "Ada", Code: "Kx7-secret", Minutes: 1440}
	l, err := mail.Compose(w.house, m, w.now())
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(l.Text, base+mail.OtherPath)
	path := strings.Fields(l.Text[at+len(base):])[0]
	res, body := w.get(t, path, nil)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "Your temporary password") || strings.Contains(string(body), m.Code) || strings.Contains(string(body), "Ada") {
		t.Errorf("%s:\n%s", res.Status, body)
	}
	safe(t, "the letter", res, body, i18n.English)
	w.clock.Store(31 * 24 * 3600)
	for _, p := range []string{path, "/l/AAAA"} {
		res, body := w.get(t, p, header{"Accept-Language": "en"})
		if res.StatusCode != http.StatusGone || !strings.Contains(string(body), "no longer here") {
			t.Errorf("GET %.10s: %s\n%s", p, res.Status, body)
		}
		safe(t, "a letter that is gone", res, body, i18n.English)
	}
	if strings.Contains(w.log.String(), path) {
		t.Error("the token of a letter is in the log")
	}
}

// FuzzLinkToken reads what comes in the address of a page, with a real gate behind it.
func FuzzLinkToken(f *testing.F) {
	w := settleFuzz(f)
	f.Add(strings.Repeat("A", 22), "lang=fr")
	f.Add("..", "lang=en&lang=fr")
	f.Add("%00", "%%")
	f.Fuzz(func(t *testing.T, token, query string) {
		for _, prefix := range []string{wire.LinkPath, mail.OtherPath} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r := httptest.NewRequestWithContext(t.Context(), method, prefix, nil)
				r.URL.Path, r.URL.RawQuery = prefix+token, query
				r.Header.Set("Content-Type", form["Content-Type"])
				rec := httptest.NewRecorder()
				w.ServeHTTP(rec, r)
				switch rec.Code {
				case http.StatusGone, http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
				default:
					t.Errorf("%s %s%q: %d", method, prefix, token, rec.Code)
				}
			}
		}
	})
}
