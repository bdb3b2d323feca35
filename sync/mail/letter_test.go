package mail

import (
	"encoding/base64"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/secret"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func house(t testing.TB) House {
	t.Helper()
	box, err := secret.NewBox([]byte(strings.Repeat("k", secret.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	return House{Base: "https://banque.exemple.ca", Box: box, Contact: "aide@exemple.ca"}
}

// message has something in every field that a letter could show.
func message(k Kind, l i18n.Lang) Message {
	m := Message{
		Kind: k, To: "ada@exemple.ca", Lang: string(l), First: "Ada", Code: "123456", Link: "https://banque.exemple.ca/m/abc_DEF-1",
		Username: "Ada.Test1", Device: "Bureau <1>", Reason: account.Unused, Date: "2026-11-29", Minutes: 15,
	}
	if k != AlertAsked && k != AlertNews {
		return m
	}
	m.First, m.Minutes = "", 30*24*60
	m.Modify, m.Unsubscribe = "https://banque.exemple.ca/a/tok_EN-1", "https://banque.exemple.ca/a/tok_EN-1/end"
	if k == AlertNews {
		cook := Posting{Title: "Cook <line>", Lang: i18n.English, Employer: "Chez Nous", Place: "Rimouski, QC", Wage: "18 – 21", Source: "Demo", Number: 100000001, URL: "https://exemple.ca/1"}
		why := cook
		why.Title, why.Lang, why.URL, why.Why, why.Number = "Pâtissier", i18n.French, "", "Same", 100000002
		m.News = &News{Groups: []Group{{Title: "Rimouski", Jobs: []Posting{cook}, More: 2}}, Related: []Posting{why}}
	}
	return m
}

var otherToken = regexp.MustCompile(OtherPath + `[A-Za-z0-9_-]+`)

// Every letter is written in both languages, as text and as HTML, in the words of the
// catalogues, with a link to the other language; a kind without a template fails here.
//
// Rows
func TestLetters(t *testing.T) {
	h := house(t)
	subjects := map[string]Kind{}
	for _, k := range Kinds {
		for _, lang := range i18n.Languages() {
			l, err := Compose(h, message(k, lang), now)
			if err != nil {
				t.Fatalf("Compose(%s, %s): %v", k, lang, err)
			}
			if l.Lang != lang || l.To != "ada@exemple.ca" || l.Subject == "" || !l.Date.Equal(now) {
				t.Errorf("Compose(%s, %s): %+v", k, lang, l)
			}
			if other := subjects[l.Subject]; other != "" {
				t.Errorf("%s and %s have the subject %q in %s", k, other, l.Subject, lang)
			}
			subjects[l.Subject] = k
			for name, got := range map[string]string{"txt": "Subject: " + l.Subject + "\n\n" + l.Text, "html": l.HTML} {
				if strings.Contains(got, "⟦") || strings.Contains(got, "{{") || strings.Contains(got, "<no value>") {
					t.Errorf("%s in %s has no words for something:\n%s", k, lang, got)
				}
				if !otherToken.MatchString(got) {
					t.Errorf("%s in %s has no link to the other language:\n%s", k, lang, got)
				}
				golden(t, string(k)+"."+string(lang)+"."+name, otherToken.ReplaceAllString(got, OtherPath+"TOKEN"))
			}
			accessible(t, l)
		}
	}
}

// What a letter brings is good for minutes, hours or days, as people say it.
func TestLife(t *testing.T) {
	for minutes, want := range map[int][2]string{
		0: {"", ""}, 1: {"Valable 1 minute,", "Good for 1 minute,"}, 10: {"Valable 10 minutes,", "Good for 10 minutes,"},
		60: {"Valable 60 minutes,", "Good for 60 minutes,"}, 90: {"Valable 90 minutes,", "Good for 90 minutes,"},
		120: {"Valable 2 heures,", "Good for 2 hours,"}, 24 * 60: {"Valable 24 heures,", "Good for 24 hours,"},
		7 * 24 * 60: {"Valable 7 jours,", "Good for 7 days,"},
	} {
		for i, lang := range i18n.Languages() {
			m := message(Temporary, lang)
			m.Minutes = minutes
			l, err := Compose(house(t), m, now)
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.Contains(l.Text, "Valable") || strings.Contains(l.Text, "Good for"); has != (minutes > 0) || !strings.Contains(l.Text, want[i]) {
				t.Errorf("%d minutes in %s, want %q:\n%s", minutes, lang, want[i], l.Text)
			}
		}
	}
}

// golden compares with a file of testdata, or rewrites it with UPDATE=1.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; write it with UPDATE=1", err)
		return
	}
	if got != string(want) {
		t.Errorf("%s differs. Got:\n%s\nwant:\n%s", name, got, want)
	}
}

// accessible wants a page that says its language and its title, with one heading, links
// that have words, and nothing that is fetched: an image or a style from elsewhere would
// tell that the letter was read.
func accessible(t *testing.T, l Letter) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(l.HTML))
	if err != nil {
		t.Fatal(err)
	}
	headings := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		switch n.Data {
		case "html":
			if attr["lang"] != string(l.Lang) {
				t.Errorf("%q: lang is %q, want %s", l.Subject, attr["lang"], l.Lang)
			}
		case "title":
			if n.FirstChild == nil || n.FirstChild.Data != l.Subject {
				t.Errorf("%q: the title is another", l.Subject)
			}
		case "h1":
			headings++
		case "a":
			if n.FirstChild == nil || strings.TrimSpace(n.FirstChild.Data) == "" || attr["href"] == "" {
				t.Errorf("%q: a link without words or without a place: %v", l.Subject, n.Attr)
			}
		case "img", "link", "script", "iframe", "object", "form", "input", "table", "svg", "video", "audio":
			t.Errorf("%q: there is a %s", l.Subject, n.Data)
		}
		for _, name := range []string{"src", "srcset", "background", "style", "onclick"} {
			if attr[name] != "" {
				t.Errorf("%q: %s has %s=%q", l.Subject, n.Data, name, attr[name])
			}
		}
	}
	if headings != 1 {
		t.Errorf("%q: %d headings of the first level", l.Subject, headings)
	}
	if strings.Contains(l.HTML, "url(") || strings.Contains(l.HTML, "@import") {
		t.Errorf("%q: the style fetches something", l.Subject)
	}
}

// Every constant of type Kind is in Kinds, [None] apart, and has a template.
//
// Rows: X-003
func TestEveryKindHasATemplate(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "mail.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for v := range ast.Preorder(f) {
		spec, ok := v.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			continue
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Kind" {
			continue
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			continue
		}
		n++
		v, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		_, has := drafts[Kind(v)]
		if listed := slices.Contains(Kinds, Kind(v)); listed != (Kind(v) != None) || has != listed {
			t.Errorf("%s: listed %v, has a template %v", spec.Names[0], listed, has)
		}
	}
	if n != len(Kinds)+1 {
		t.Errorf("%d kinds in the source, %d in Kinds", n, len(Kinds))
	}
	if _, err := Compose(house(t), Message{Kind: None}, now); !errors.Is(err, ErrNoTemplate) {
		t.Errorf("Compose(None): %v, want ErrNoTemplate", err)
	}
}

// The link leads to the same letter in the other language, and its own link back; what
// opens something, and who got the letter, is in neither page nor address. It ends.
//
// Rows: X-003
func TestOtherLanguage(t *testing.T) {
	h := house(t)
	for _, k := range Kinds {
		for _, lang := range i18n.Languages() {
			m := message(k, lang)
			l, err := Compose(h, m, now)
			if err != nil {
				t.Fatal(err)
			}
			tok := strings.TrimPrefix(otherToken.FindString(l.Text), OtherPath)
			o, err := h.Other(tok, now.Add(29*24*time.Hour))
			if err != nil {
				t.Fatalf("Other of %s in %s: %v", k, lang, err)
			}
			want, err := Compose(h, message(k, lang.Other()), now)
			if err != nil {
				t.Fatal(err)
			}
			if o.Lang != lang.Other() || o.Subject != want.Subject {
				t.Errorf("%s in %s leads to %q in %s, want %q", k, lang, o.Subject, o.Lang, want.Subject)
			}
			for _, secret := range []string{m.Code, m.Link, m.Username, "Bureau", m.To, m.First, m.Modify, m.Unsubscribe} {
				page := otherToken.ReplaceAllString(o.HTML+o.Text, "") // a token can spell anything
				if secret != "" && strings.Contains(page, secret) {
					t.Errorf("the other language of %s tells %q", k, secret)
				}
			}
			back := strings.TrimPrefix(otherToken.FindString(o.HTML), OtherPath)
			if b, err := h.Other(back, now); err != nil || b.Subject != l.Subject {
				t.Errorf("the way back of %s: %q, %v, want %q", k, b.Subject, err, l.Subject)
			}
			for _, late := range []string{tok, back} {
				if _, err := h.Other(late, now.Add(30*24*time.Hour)); !errors.Is(err, ErrNoLetter) {
					t.Errorf("after 30 days: %v, want ErrNoLetter", err)
				}
			}
			if n := len(tok); n > 400 {
				t.Errorf("the token of %s has %d characters", k, n)
			}
		}
	}
	foreign, err := secret.NewBox([]byte(strings.Repeat("x", secret.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	strange, err := House{Box: foreign}.seal(message(Confirm, i18n.French), now)
	if err != nil {
		t.Fatal(err)
	}
	body, err := Seal(h.Box, message(Confirm, i18n.French)) // sealed by us, as something else
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", strange, string(body), strings.Repeat("A", 5000)} {
		if _, err := h.Other(bad, now); !errors.Is(err, ErrNoLetter) {
			t.Errorf("Other(%.20q): %v, want ErrNoLetter", bad, err)
		}
	}
}

// What a person is called, or calls a computer, is a few words on one line of a letter,
// whatever it holds: no markup, no address, no message of somebody else's.
func TestNamesAreText(t *testing.T) {
	h := house(t)
	rapid.Check(t, func(r *rapid.T) {
		m := message(rapid.SampledFrom(Kinds).Draw(r, "kind"), rapid.SampledFrom(i18n.Languages()).Draw(r, "lang"))
		m.First = rapid.String().Draw(r, "first") + "<script>alert(1)</script>\nhttps://exemple.org www.exemple.org"
		m.Device = "<img src=https://exemple.ca/x.png>" + rapid.String().Draw(r, "device")
		m.Link = rapid.SampledFrom([]string{m.Link, "javascript:alert(1)"}).Draw(r, "link")
		l, err := Compose(h, m, now)
		if err != nil {
			r.Fatal(err)
		}
		if strings.ContainsAny(l.Subject, "\r\n<") {
			r.Errorf("subject %q", l.Subject)
		}
		if strings.Contains(l.Text, "exemple.org") || strings.Contains(l.HTML, "exemple.org") {
			r.Errorf("%s has an address of somebody else's:\n%s", m.Kind, l.Text)
		}
		for _, bad := range []string{"<script", "<img", `href="javascript:`} {
			if strings.Contains(l.HTML, bad) {
				r.Errorf("%s has %s:\n%s", m.Kind, bad, l.HTML)
			}
		}
	})
}

// A message comes out of its job as it went in, and out of nothing else.
func TestSealOpen(t *testing.T) {
	h := house(t)
	rapid.Check(t, func(r *rapid.T) {
		m := Message{
			Kind: rapid.SampledFrom(Kinds).Draw(r, "kind"), To: "ada@exemple.ca", Lang: "fr", First: rapid.StringMatching(`[\pL ]{0,20}`).Draw(r, "first"),
			Code: rapid.StringMatching(`[0-9]{6}`).Draw(r, "code"), Minutes: rapid.IntRange(0, 2000).Draw(r, "minutes"),
		}
		body, err := Seal(h.Box, m)
		if err != nil {
			r.Fatal(err)
		}
		if strings.Contains(string(body), m.To) {
			r.Error("the address can be read in the body")
		}
		if got, err := Open(h.Box, body); err != nil || got != m {
			r.Errorf("Open: %+v, %v, want %+v", got, err, m)
		}
		body[rapid.IntRange(0, len(body)-1).Draw(r, "at")] ^= 1
		if _, err := Open(h.Box, body); !errors.Is(err, secret.ErrSealed) {
			r.Errorf("Open of changed bytes: %v, want ErrSealed", err)
		}
	})
}

// FuzzOther reads what comes in the address of a page.
func FuzzOther(f *testing.F) {
	h := house(f)
	good, err := h.seal(message(Warning, i18n.French), now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, tok string) {
		l, err := h.Other(tok, now)
		if err == nil { // then we sealed it
			raw, derr := base64.RawURLEncoding.DecodeString(tok)
			if _, oerr := h.Box.Open(aboutOther, raw); derr != nil || oerr != nil {
				t.Errorf("Other(%q): %q, though it does not open: %v, %v", tok, l.Subject, derr, oerr)
			}
		}
		if err != nil && !errors.Is(err, ErrNoLetter) {
			t.Errorf("Other(%q): %v, want ErrNoLetter", tok, err)
		}
	})
}
