package account_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/account"
)

// Every code that can be refused with says in both languages how to mend it, and no two say
// the same.
//
// Rows: X-072
func TestCodeKey(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]account.Code{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if id, ok := v.Type.(*ast.Ident); !ok || id.Name != "Code" {
				t.Fatalf("%s is no Code", v.Names[0].Name)
			}
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			c := account.Code(text)
			says(t, v.Names[0].Name, c.Key())
			said := i18n.For(i18n.French).S(c.Key())
			if other, ok := seen[said]; ok {
				t.Errorf("%s and %s say the same", c, other)
			}
			seen[said] = c
		}
	}
	if len(seen) < 50 {
		t.Errorf("found %d codes in code.go", len(seen))
	}
	if k := account.Code("no_such").Key(); k != "" {
		t.Errorf("Key of none = %q", k)
	}
}

// What the requirements fix word for word, and what a sentence must and must not tell.
//
// Rows
func TestSentences(t *testing.T) {
	fr, en := i18n.For(i18n.French), i18n.For(i18n.English)
	if got := fr.S(account.SINDigits.Key()); got != "Le NAS comporte neuf chiffres." {
		t.Errorf("sin_digits = %q", got)
	}
	for _, c := range []struct {
		code account.Code
		fr   []string
		en   []string
	}{
		{account.SINTemporary, []string{"temporaire", "NAS permanent", "Entrée express"}, []string{"temporary", "permanent SIN", "Express Entry"}},
		{account.SINUsed, []string{"Ouvrez une session", "récupérez"}, []string{"Sign in", "recover"}},
		{account.SINCheck, []string{"1-866-279-5238"}, []string{"1-866-279-5238"}},
		{account.ExpressMissing, []string{"numéro de profil", "code de validation", "ne pouvons pas répondre"}, []string{"profile number", "validation code", "cannot answer"}},
		{account.PasswordShort, []string{"8"}, []string{"8"}},
		{account.PasswordLong, []string{"64"}, []string{"64"}},
		{account.PasswordMixed, []string{"majuscule", "minuscule", "chiffre", "20"}, []string{"upper-case", "lower-case", "digit", "20"}},
	} {
		for _, want := range c.fr {
			if got := fr.S(c.code.Key()); !strings.Contains(got, want) {
				t.Errorf("%s in French does not say %q: %s", c.code, want, got)
			}
		}
		for _, want := range c.en {
			if got := en.S(c.code.Key()); !strings.Contains(got, want) {
				t.Errorf("%s in English does not say %q: %s", c.code, want, got)
			}
		}
	}
	for _, w := range []*i18n.Words{fr, en} {
		if got := w.S(account.SINUsed.Key()); strings.Contains(got, "@") || strings.Contains(strings.ToLower(got), "mail") || strings.Contains(got, "courriel") {
			t.Errorf("sin_already_used hints at an address: %s", got)
		}
	}
}
