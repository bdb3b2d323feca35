package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/alert"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

func asked(key string) wire.Subscribe {
	return wire.Subscribe{Key: "one-request-of-many-" + key, Email: "ada@exemple.ca", Lang: "fr", Titles: []string{"63200"}, Keywords: []string{"<b>cuisine</b>"}, Places: []string{"QC"}}
}

// path is where a link of a letter leads on this server.
func path(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, wire.AlertPage) {
		t.Fatalf("a link to %q", link)
	}
	return u.Path
}

func (w *town) press(t *testing.T, path string, values url.Values) (*http.Response, []byte) {
	t.Helper()
	return w.ask(t, http.MethodPost, path, form, []byte(values.Encode()))
}

// usable wants a page that can be used without a program, by eye and by ear.
func usable(t *testing.T, name string, res *http.Response, body []byte, lang i18n.Lang) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Content-Language") != string(lang) {
		t.Errorf("%s: %v", name, res.Header)
	}
	ids, labelled, used := map[string]bool{}, map[string]bool{}, []string{}
	headings, inputs, level := 0, []string{}, 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: %s has %s", name, n.Data, a.Key)
			}
		}
		if id := attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s: two elements are %s", name, id)
			}
			ids[id] = true
		}
		for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
			used = append(used, strings.Fields(attr[key])...)
		}
		if to, ok := strings.CutPrefix(attr["href"], "#"); ok {
			used = append(used, to)
		}
		switch n.Data {
		case "html":
			if attr["lang"] != string(lang) {
				t.Errorf("%s: lang is %q, want %s", name, attr["lang"], lang)
			}
		case "h1":
			headings++
			level = 1
		case "h2":
			if level == 0 {
				t.Errorf("%s: a heading before the first", name)
			}
		case "label":
			labelled[attr["for"]] = true
		case "input", "select":
			if attr["type"] != "hidden" {
				inputs = append(inputs, attr["id"])
			}
		case "fieldset":
			if n.FirstChild == nil || !slices.ContainsFunc(slices.Collect(n.ChildNodes()), func(c *html.Node) bool { return c.Data == "legend" }) {
				t.Errorf("%s: a group without a legend", name)
			}
		case "form":
			if !strings.EqualFold(attr["method"], "post") {
				t.Errorf("%s: a form by %q", name, attr["method"])
			}
		case "script", "img", "link", "iframe", "object":
			t.Errorf("%s: there is a %s", name, n.Data)
		case "style":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if !strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) {
				t.Errorf("%s: the policy does not allow the style", name)
			}
		}
	}
	for _, id := range inputs {
		if !labelled[id] {
			t.Errorf("%s: the field %q has no label", name, id)
		}
	}
	for _, id := range used {
		if !ids[id] {
			t.Errorf("%s: something points to %q, which is not there", name, id)
		}
	}
	if headings != 1 || strings.Contains(string(body), "⟦") || strings.Contains(string(body), "<b>cuisine") || strings.Contains(string(body), "exemple.ca") {
		t.Errorf("%s: %d headings, or words missing, or what does not belong there:\n%s", name, headings, body)
	}
	return root
}

// The whole way over HTTP: asked for without an account, confirmed, changed, paused and
// ended by the pages of the letter, where reading changes nothing.
//
// Rows
func TestAlertPages(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	for range 2 {
		if out, err := c.Subscribe(t.Context(), asked("1")); err != nil || out.Days != 30 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	m := w.letter(t, mail.AlertAsked)
	if m.Lang != "fr" || m.To != "ada@exemple.ca" {
		t.Errorf("the letter: %+v", m)
	}
	if _, err := w.Ledger().TakeJob(t.Context(), []string{mail.Job}, w.now(), time.Minute); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("a second letter: %v", err)
	}
	confirm, manage, end := path(t, m.Link), path(t, m.Modify), path(t, m.Unsubscribe)
	get := func(at string, want string) {
		t.Helper()
		for _, lang := range i18n.Languages() {
			res, body := w.get(t, at+"?lang="+string(lang), nil)
			usable(t, at, res, body, lang)
			if lang == i18n.French && (res.StatusCode != http.StatusOK || !strings.Contains(string(body), want)) {
				t.Errorf("%s: %s, want %q in\n%s", at, res.Status, want, body)
			}
		}
	}
	press := func(at string, values url.Values, status int, want string) string {
		t.Helper()
		res, body := w.press(t, at, values)
		usable(t, at, res, body, i18n.French)
		if res.StatusCode != status || !strings.Contains(string(body), want) {
			t.Errorf("%s of %v: %s, want %d and %q in\n%s", at, values, res.Status, status, want, body)
		}
		return string(body)
	}
	for range 3 { // programs that follow links
		get(confirm, "Confirmez votre abonnement")
		get(manage, "Cette alerte attend votre confirmation")
		get(end, "Me désabonner")
	}
	press(confirm, url.Values{"do": {"confirm"}}, 200, "C&#39;est confirmé")
	press(confirm, url.Values{"do": {"confirm"}}, 200, "C&#39;est confirmé")
	get(confirm, "déjà confirmé")
	get(manage, "Cette alerte est active")
	_, body := w.get(t, manage, nil)
	_, rest, _ := strings.Cut(string(body), `name="id" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	save := url.Values{"do": {"save"}, "id": {id}, "titles": {"63200"}, "add-places": {"Moncton; Rimouski"}, "lang": {"fr"}, "zone": {"America/Halifax"}}
	got := press(manage, save, 200, "C&#39;est enregistré")
	if !strings.Contains(got, `value="Moncton, NB" checked`) || !strings.Contains(got, `value="Rimouski, QC" checked`) || strings.Contains(got, `value="QC" checked`) || !strings.Contains(got, `value="America/Halifax" selected`) {
		t.Errorf("saved:\n%s", got)
	}
	save.Set("add-places", "Atlantis")
	got = press(manage, save, 422, "Un de ces lieux est inconnu")
	if !strings.Contains(got, `value="Atlantis"`) || !strings.Contains(got, `role="alert"`) || !strings.Contains(got, `aria-invalid="true"`) {
		t.Errorf("what was typed is gone, or nothing says what is wrong:\n%s", got)
	}
	press(manage, url.Values{"do": {"save"}, "id": {id}}, 422, "au moins un titre")
	press(manage, url.Values{"do": {"pause"}, "id": {id}}, 200, "en pause")
	press(manage, url.Values{"do": {"resume"}, "id": {id}}, 200, "repris")
	for _, bad := range []url.Values{{"do": {"unsubscribe"}}, {"do": {"nothing"}, "id": {id}}, {"do": {"pause"}, "id": {"x"}}, {}} {
		if res, _ := w.press(t, manage, bad); res.StatusCode != http.StatusGone {
			t.Errorf("%v: %s", bad, res.Status)
		}
	}
	get(manage, "Cette alerte est active")
	press(end, url.Values{}, 200, "Me désabonner") // no button
	get(manage, "Cette alerte est active")
	press(manage, url.Values{"do": {"unsubscribe"}, "id": {id}}, 200, "l&#39;abonnement est terminé")
	get(manage, "Aucune alerte")
	if res, _ := w.press(t, confirm, url.Values{"do": {"confirm"}}); res.StatusCode != http.StatusGone {
		t.Errorf("confirmed again after the end: %s", res.Status)
	}
	for _, secret := range []string{strings.TrimPrefix(confirm, wire.AlertPage), strings.TrimPrefix(manage, wire.AlertPage), "ada@"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

// One request ends every alert of the address, as a mail program sends it: either form of
// it, without a cookie, a page or a button.
//
// Rows: A-037
func TestOneClick(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	var several bytes.Buffer
	parts := multipart.NewWriter(&several)
	if err := errors.Join(parts.WriteField("List-Unsubscribe", "One-Click"), parts.Close()); err != nil {
		t.Fatal(err)
	}
	for key, body := range map[string]struct{ kind, body string }{
		"urlencoded": {form["Content-Type"], mail.OneClick}, "multipart": {parts.FormDataContentType(), several.String()},
	} {
		if _, err := c.Subscribe(t.Context(), asked(key)); err != nil {
			t.Fatal(err)
		}
		m := w.letter(t, mail.AlertAsked)
		w.press(t, path(t, m.Link), url.Values{"do": {"confirm"}})
		end := path(t, m.Unsubscribe)
		res, got := w.ask(t, http.MethodPost, end, header{"Content-Type": body.kind}, []byte(body.body))
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s\n%s", key, res.Status, got)
		}
		if _, got := w.get(t, path(t, m.Modify), nil); !strings.Contains(string(got), "Aucune alerte") {
			t.Errorf("%s ended nothing:\n%s", key, got)
		}
	}
	for name, h := range map[string]header{"json": {"Content-Type": "application/json"}, "a file": {"Content-Type": "application/pdf"}} {
		if res, _ := w.ask(t, http.MethodPost, wire.AlertPage+"m/end", h, []byte("{}")); res.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
}

// One answer to all who ask, and a rate for each; what is no request says which field.
//
// Rows: A-033
func TestSubscribeRoute(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	in := asked("1")
	in.Email = "nobody"
	var no *wire.Refused
	if _, err := c.Subscribe(t.Context(), in); !errors.As(err, &no) || no.Code != account.Mend || no.Fields[0].Field != "email" {
		t.Errorf("an address that is none: %v", err)
	}
	for n := range 30 {
		_, err := c.Subscribe(t.Context(), asked(fmt.Sprint(n)))
		if n < 15 && err != nil {
			t.Errorf("request %d: %v", n, err)
		}
		if n == 29 && (!errors.As(err, &no) || no.Code != account.TooMany || no.After == 0) {
			t.Errorf("request %d at once: %v, want to wait", n, err)
		}
	}
	for _, bad := range []string{"", "m", "c", "..", "mAAAA", strings.Repeat("m", 3000)} {
		res, body := w.get(t, wire.AlertPage+url.PathEscape(bad), header{"Accept-Language": "en"})
		if bad != "" && bad != ".." && (res.StatusCode != http.StatusGone || !strings.Contains(string(body), "no longer leads anywhere")) {
			t.Errorf("GET %.10q: %s", bad, res.Status)
		}
	}
}

// FuzzAlertForm reads what comes to a page of alerts.
func FuzzAlertForm(f *testing.F) {
	f.Add("do=save&id=x&titles=1", false)
	f.Add("List-Unsubscribe=One-Click", true)
	f.Add("%zz=%", false)
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		f.Fatal(err)
	}
	l, err := ledger.Open(f.Context(), filepath.Join(f.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = l.Close() })
	a, err := alert.New(alert.Options{Ledger: l, Keys: keys, Base: base})
	if err != nil {
		f.Fatal(err)
	}
	h, err := server.New(server.Options{Dir: f.TempDir(), Bank: slow{}, Alerts: a})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = h.Close() })
	f.Fuzz(func(t *testing.T, body string, end bool) {
		at := wire.AlertPage + "mAAAA"
		if end {
			at += "/end"
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, at, strings.NewReader(body))
		r.Header.Set("Content-Type", form["Content-Type"])
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		switch rec.Code {
		case http.StatusGone, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("%q: %d", body, rec.Code)
		}
	})
}
