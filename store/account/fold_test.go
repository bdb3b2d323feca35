package account_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"passerelle/store/account"
)

// A name that is the same but for case, accents, spaces and the kind of apostrophe is the
// same name: "name mismatch" tells nothing of keyboards.
//
// Rows
func TestFold(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"   ", ""},
		{"\u00ad\u200b\u0301", ""},
		{"  Élodie\u00a0 \t Bérubé ", "elodie berube"},
		{"E\u0301LODIE", "elodie"},
		{"Œuvre de cœur", "oeuvre de coeur"},
		{"Æsop", "aesop"},
		{"L’Écuyer", "l'ecuyer"},
		{"L'ECUYER", "l'ecuyer"},
		{"Jean‑Noël", "jean-noel"},
		{"STRASSE", "strasse"},
		{"Straße", "strasse"},
		{"Łukasz Søren Đặng", "lukasz soren dang"},
		{"ﬁn Ⅳ ２", "fin iv 2"}, // compatibility forms
		{"İstanbul", "istanbul"},
		{"Ada-Test", "ada-test"},
		{"a\nb", "a b"},
		{"Νίκος", "νικοσ"},
	} {
		if got := account.Fold(c.text); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if account.Fold("Ada Test") == account.Fold("AdaTest") {
		t.Error("a space between two words is lost")
	}
}

// Rows: A-083
func TestAddress(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{" Anyone@Exemple.CA ", "anyone@exemple.ca"},
		{"a.b+c@sub.exemple.ca", "a.b+c@sub.exemple.ca"},
		{"é@exemple.ca", "é@exemple.ca"},
		{"E\u0301@exemple.ca", "é@exemple.ca"},
		{"a@xn--exmple-cva.ca", "a@xn--exmple-cva.ca"},
		{"o'neil@exemple.ca", "o'neil@exemple.ca"},
		{strings.Repeat("a", 64) + "@exemple.ca", strings.Repeat("a", 64) + "@exemple.ca"},
	} {
		if got, ok := account.Address(c.text); !ok || got != c.want {
			t.Errorf("Address(%q) = %q, %t, want %q, true", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "@", "a", "a@", "@b.ca", "a@b", "a@b.", "a@.ca", "a@b..ca", "a b@exemple.ca", "a@ex emple.ca",
		"a@b@c.ca", ".a@b.ca", "a.@b.ca", "a..b@c.ca", "a@-b.ca", "a@b-.ca", "a@127.0.0.1", "a@[127.0.0.1]", "Ada <a@b.ca>", "a,b@c.ca",
		"a@b.c", "a\r\nBcc: x@y.ca", "a\x00@b.ca", "a@b.ca\nX: y", "a\u202e@b.ca", "\"a\"@b.ca", "a\xff@b.ca",
		"ａ@b.ca", "a＠b.ca", "ﬁ@b.ca", "\u212a@b.ca", "a@b\u3002ca", "ſ@b.ca", // each looks like another
		strings.Repeat("a", 65) + "@exemple.ca", "a@" + strings.Repeat("b", 64) + ".ca", "a@" + strings.Repeat("bcd.", 70) + "ca"} {
		if got, ok := account.Address(text); ok {
			t.Errorf("Address(%q) = %q, true, want it refused", text, got)
		}
	}
}

// FuzzFold: what was folded once stays as it is, and differs from nothing that it folds.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Élodie  Œ", "L’É", "ǣ ﬁ", "İ", "\xff", "ͅ", "ΐ", "ẛ̣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := account.Fold(text)
		if twice := account.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, and folded again %q", text, once, twice)
		}
		if strings.TrimSpace(once) != once || strings.Contains(once, "  ") {
			t.Errorf("Fold(%q) = %q has spaces to spare", text, once)
		}
	})
}

// FuzzAddress: an address is its own form, has one @ and nothing that a header could end in.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"", "a@b.ca", " A@É.CA ", "a@b.ca\r\n", "İ@b.ca", "ſ@K.ca"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := account.Address(text)
		if !ok {
			if got != "" {
				t.Errorf("Address(%q) = %q although it is none", text, got)
			}
			return
		}
		if again, ok := account.Address(got); !ok || again != got {
			t.Errorf("Address(%q) = %q, whose own form is %q, %t", text, got, again, ok)
		}
		if strings.Count(got, "@") != 1 || strings.ContainsAny(got, " \r\n\t<>,;:\"") || len(got) > 254 || !utf8.ValidString(got) {
			t.Errorf("Address(%q) = %q", text, got)
		}
	})
}

// Case never tells two addresses or names apart.
func TestCaseFolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zéàôœç' -]{1,30}`).Draw(t, "text")
		if a, b := account.Fold(s), account.Fold(strings.ToUpper(s)); a != b {
			t.Errorf("Fold(%q) = %q, in capitals %q", s, a, b)
		}
	})
}
