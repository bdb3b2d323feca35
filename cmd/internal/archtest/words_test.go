package archtest

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func catalogues(t *testing.T) map[string]map[string]any {
	t.Helper()
	top, _ := house(t)
	paths, err := filepath.Glob(filepath.Join(top, "i18n", "active.*.toml"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("found %d catalogues of words, want at least 2 (%v)", len(paths), err)
	}
	all := map[string]map[string]any{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := toml.Unmarshal(b, &m); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		all[strings.Split(filepath.Base(p), ".")[1]] = m
	}
	return all
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var s []string
		for _, x := range v {
			s = append(s, texts(x)...)
		}
		return s
	}
	return nil
}

var argument = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// TestWordsTogether: every message is in every language, with the same arguments, and
// says something.
//
// Rows: X-001
func TestWordsTogether(t *testing.T) {
	all := catalogues(t)
	for lang, m := range all {
		for key, v := range m {
			said := texts(v)
			if len(said) == 0 {
				t.Errorf("%s: %q is not a message", lang, key)
			}
			for _, s := range said {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: %q is empty", lang, key)
				}
			}
			for other, n := range all {
				w, ok := n[key]
				if !ok {
					t.Errorf("%q is in %s and not in %s", key, lang, other)
					continue
				}
				if a, b := arguments(v), arguments(w); a != b {
					t.Errorf("%q takes %s in %s and %s in %s", key, a, lang, b, other)
				}
			}
		}
	}
}

func arguments(v any) string {
	set := map[string]bool{}
	for _, s := range texts(v) {
		for _, m := range argument.FindAllStringSubmatch(s, -1) {
			if m[1] != "N" {
				set[m[1]] = true
			}
		}
	}
	return "[" + strings.Join(names(set), " ") + "]"
}

// TestTypography holds the French to Canadian usage: a no-break space before a colon and
// inside guillemets, none before ; ! and ?, the curved apostrophe nowhere and the plain
// one everywhere (§13 fixes the labels so).
//
// Rows: X-001
func TestTypography(t *testing.T) {
	const nb = "\u00a0"
	colon := regexp.MustCompile(`[^` + nb + `\d/]:($|\s)`)
	for key, v := range catalogues(t)["fr"] {
		for _, s := range texts(v) {
			s = argument.ReplaceAllString(s, "x")
			if colon.MatchString(s) {
				t.Errorf("fr %q: no-break space before the colon in %q", key, s)
			}
			if strings.Contains(s, " :") || strings.Contains(s, "« ") || strings.Contains(s, " »") {
				t.Errorf("fr %q: a plain space where it must not break in %q", key, s)
			}
			if strings.Contains(s, "«") && !strings.Contains(s, "«"+nb) {
				t.Errorf("fr %q: no-break space inside the guillemets of %q", key, s)
			}
			if regexp.MustCompile(`[\s` + nb + `][;!?]`).MatchString(s) {
				t.Errorf("fr %q: no space before ; ! ? in %q", key, s)
			}
			if strings.ContainsAny(s, "“”") || strings.Contains(s, "...") {
				t.Errorf("fr %q: guillemets « » and the one-character ellipsis in %q", key, s)
			}
		}
	}
}

// TestWordsUsed refuses a key that no code says and a message shown without a key.
func TestWordsUsed(t *testing.T) {
	top, all := house(t)
	b, err := os.ReadFile(filepath.Join(top, "i18n", "keys.go"))
	if err != nil {
		t.Fatal(err)
	}
	consts := map[string]string{} // constant → key
	for _, m := range regexp.MustCompile(`(?m)^\s*(\w+)\s+Key = "([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
		consts[m[1]] = m[2]
	}
	for key := range catalogues(t)["fr"] {
		found := false
		for _, k := range consts {
			found = found || k == key
		}
		if !found {
			t.Errorf("%q has no constant: run go generate ./i18n", key)
		}
	}
	used := map[string]bool{}
	for _, s := range all {
		if s.path == "i18n/keys.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				used[n.Sel.Name] = true
			case *ast.Ident:
				if s.dir == "i18n" {
					used[n.Name] = true
				}
			case *ast.BasicLit: // keys put together at run time stand as literals: "facet." + code
				if n.Kind == token.STRING && !s.test {
					v, _ := strconv.Unquote(n.Value)
					if strings.HasSuffix(v, ".") && strings.Count(v, " ") == 0 && len(v) > 3 {
						prefixes[v] = true
					}
				}
			}
			return true
		})
	}
next:
	for c, key := range consts {
		if used[c] {
			continue
		}
		for p := range prefixes {
			if strings.HasPrefix(key, p) {
				continue next
			}
		}
		t.Errorf("nothing says %s (%q)", c, key)
	}
}

var prefixes = map[string]bool{}

// shows are the calls whose string arguments a person reads.
var shows = map[string]bool{"NewLabel": true, "NewButton": true, "SetText": true, "NewText": true, "NewCheck": true,
	"NewHyperlink": true, "SetPlaceHolder": true, "NewRichTextFromMarkdown": true, "ShowInformation": true, "NewCustom": true, "NewConfirm": true}

// says tells a call of Words.S or Words.N: the names of arguments are no words.
func says(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "S" || sel.Sel.Name == "N")
}

// TestNoLiteral refuses a string literal shown in ui/ (X-001): words live in i18n.
//
// Rows: X-001
func TestNoLiteral(t *testing.T) {
	_, all := house(t)
	for _, s := range all {
		if s.test || !strings.HasPrefix(s.dir, "ui") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
			case *ast.Ident:
				name = f.Name
			}
			if !shows[name] {
				return true
			}
			for _, a := range call.Args {
				ast.Inspect(a, func(n ast.Node) bool {
					if _, inner := n.(*ast.FuncLit); inner || says(n) {
						return false
					}
					lit, ok := n.(*ast.BasicLit)
					if ok && lit.Kind == token.STRING {
						if v, _ := strconv.Unquote(lit.Value); regexp.MustCompile(`\pL{2,}`).MatchString(v) {
							t.Errorf("%s: %s shows %q: put it in i18n", fset.Position(lit.Pos()), name, v)
						}
					}
					return true
				})
			}
			return true
		})
	}
}
