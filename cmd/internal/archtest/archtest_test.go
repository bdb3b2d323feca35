// Package archtest holds the house to its plan: what may import what, and why. It
// parses the sources with the standard library alone, so that it runs anywhere in
// seconds.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

const module = "passerelle"

// order is the sentence of the house, read left to right: nothing imports to its left.
var order = []string{"cmd", "ui", "sync", "store", "i18n"}

// forbidden are the arrows that the order alone would allow. A name ending in /... covers what lies under it.
var forbidden = []struct{ from, to, why string }{
	{"sync/...", "fyne.io/...", "only ui and cmd know what a window is"},
	{"store/...", "fyne.io/...", "only ui and cmd know what a window is"},
	{"i18n/...", "fyne.io/...", "only ui and cmd know what a window is"},
	{"ui/state", "fyne.io/...", "states are tested as plain Go, without a display"},
	{"ui/...", "fyne.io/fyne/v2/app", "only cmd/passerelle opens a real window, so that everything else is tested without cgo"},
	{"cmd/passerelle-cli", "fyne.io/...", "the command line serves where no window can open"},
	{"cmd/passerelle-cli", "passerelle/ui/screen", "the command line serves where no window can open"},
	{"cmd/passerelle-server", "fyne.io/...", "a server has no window"},
	{"sync/replica", "net/http", "replica thinks, client talks: a whole sync runs in one process without sockets"},
	{"sync/replica", "database/sql", "replica thinks, the catalogue keeps: it knows no SQL"},
	{"sync/replica", "passerelle/sync/client", "replica is handed its transport"},
	{"sync/hub", "net/http", "hub thinks, server talks"},
	{"sync/gate", "net/http", "gate decides who comes in, server talks"},
	{"sync/gate", "database/sql", "gate decides, the ledger keeps"},
	{"sync/alert", "net/http", "alert thinks, server talks"},
	{"sync/alert", "database/sql", "alert thinks, the ledger keeps"},
	{"sync/session", "net/http", "session keeps who is signed in, client talks"},
	{"sync/session", "passerelle/sync/client", "session is handed its bank"},
	{"sync/session", "passerelle/sync/gate", "a desk knows no rule of the server but what the wire says"},
	{"store/account", "database/sql", "rules are functions of state and time: they keep nothing"},
	{"store/account", "crypto/rand", "rules are functions of state and time: chance is handed in"},
	{"store/account", "os", "rules are functions of state and time: they read nothing"},
	{"sync/...", "passerelle/store/personal", "résumés, letters, notes and the tracker never leave by a sync (A-012): what cannot reach them cannot send them"},
	{"cmd/passerelle-server", "passerelle/store/personal", "no server holds a résumé (A-012)"},
	{"store/...", "passerelle/store/personal", "sync reaches the rest of store, so nothing there leads to what never leaves (A-012)"},
	{"sync/...", "passerelle/store/resume", "no résumé leaves by a sync (A-012): what cannot read or write one cannot send one"},
	{"cmd/passerelle-server", "passerelle/store/resume", "no server reads a résumé (A-012)"},
	{"store/...", "passerelle/store/resume", "sync reaches the rest of store, so nothing there leads to résumés (A-012)"},
	{"store/resume", "os", "a format is a function of bytes: it opens no file"},
	{"store/resume", "database/sql", "a format is a function of bytes: it keeps nothing"},
	{"store/resume", "crypto/rand", "a format is a function of bytes: the same document is the same file"},
	{"store/personal", "passerelle/store/cache", "what never leaves and what is synced share no file (A-012)"},
	{"store/personal", "passerelle/store/record", "what never leaves is no kind of record (A-012)"},
	{"ui/...", "passerelle/store/secret", "no screen holds a key"},
	{"ui/...", "github.com/zalando/go-keyring", "no screen holds a key"},
	{"sync/wire", "net/http", "wire is what is said, not how it travels"},
	{"store/...", "net/http", "what we keep does not travel"},
	{"ui/...", "database/sql", "screens ask the store, never the disk"},
	{"ui/...", "net/http", "screens ask sync, never the network"},
}

// root is what may stand at the top of the house, beside dotfiles.
var root = map[string]bool{"cmd": true, "ui": true, "sync": true, "store": true, "i18n": true,
	"FyneApp.toml": true, "go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true}

type source struct {
	path, dir string
	file      *ast.File
	test      bool
}

var fset = token.NewFileSet()

func house(t *testing.T) (string, []source) {
	t.Helper()
	top, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	var all []source
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != top && (strings.HasPrefix(name, ".") || name == "testdata" || name == "out" || name == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, _ := filepath.Rel(top, path)
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(rel), filepath.ToSlash(filepath.Dir(rel)), f, strings.HasSuffix(name, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found %d Go files under %s: this test looks in the wrong place", len(all), top)
	}
	return top, all
}

func rank(path string) int {
	first, _, _ := strings.Cut(path, "/")
	for i, d := range order {
		if d == first {
			return i
		}
	}
	return -1
}

func covers(pattern, path string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

// TestArrows holds the import order and each forbidden arrow.
func TestArrows(t *testing.T) {
	_, all := house(t)
	for _, s := range all {
		from := rank(s.dir)
		for _, imp := range s.file.Imports {
			to, _ := strconv.Unquote(imp.Path.Value)
			if inner, ok := strings.CutPrefix(to, module+"/"); ok && from >= 0 {
				if r := rank(inner); r >= 0 && r < from && !s.test {
					t.Errorf("%s imports %s: imports run %s", s.path, to, strings.Join(order, " → "))
				}
			}
			for _, f := range forbidden {
				if !s.test && covers(f.from, s.dir) && covers(f.to, to) {
					t.Errorf("%s imports %s: %s", s.path, to, f.why)
				}
			}
			if to == "fyne.io/fyne/v2/app" && s.dir != "cmd/passerelle" {
				t.Errorf("%s imports fyne/v2/app: only cmd/passerelle opens a real window", s.path)
			}
		}
	}
}

// TestPersonalApart: nothing that syncs, and no server, so much as names the personal file,
// by whatever path. TestArrows holds that it imports nothing that reads it.
//
// Rows: A-012
func TestPersonalApart(t *testing.T) {
	_, all := house(t)
	seen := false
	for _, s := range all {
		seen = seen || s.dir == "store/personal"
		if s.test || !covers("sync/...", s.dir) && !covers("cmd/passerelle-server/...", s.dir) && s.dir != "store/cache" && s.dir != "store/ledger" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, "personal-") {
				t.Errorf("%s names the personal file: what syncs cannot reach it (A-012)", fset.Position(lit.Pos()))
			}
			return true
		})
	}
	if !seen {
		t.Error("there is no store/personal: this test holds nothing")
	}
}

// TestRoot keeps the root of the repository to what the customer fixed.
func TestRoot(t *testing.T) {
	top, all := house(t)
	entries, err := os.ReadDir(top)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !root[n] && !strings.HasPrefix(n, ".") && n != "out" && n != "bin" {
			t.Errorf("%s stands at the root; only these may: %s", n, strings.Join(names(root), " "))
		}
	}
	for _, s := range all {
		if s.dir == "sync" || s.dir == "store" || s.dir == "." {
			t.Errorf("%s: sync/ and store/ hold packages only, and the root no Go", s.path)
		}
	}
}

// TestNames refuses package names that say nothing.
func TestNames(t *testing.T) {
	_, all := house(t)
	for _, s := range all {
		switch s.file.Name.Name {
		case "model", "models", "service", "util", "utils", "types", "common", "theme", "widget", "helpers", "sync":
			t.Errorf("%s: package %s says nothing of what it is for", s.path, s.file.Name.Name)
		}
	}
}

// TestOneDo holds that one place hands work to the drawing goroutine.
func TestOneDo(t *testing.T) {
	_, all := house(t)
	for _, s := range all {
		if s.path == "ui/screen/bind.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && id.Name == "fyne" && (sel.Sel.Name == "Do" || sel.Sel.Name == "DoAndWait") {
					t.Errorf("%s calls fyne.%s: only ui/screen/bind.go does", fset.Position(n.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestNoTelemetry: the desktop's only way to the network is sync/client, which talks to
// the server that the person chose. Opening a link is the system browser's act.
//
// Rows: X-047
func TestNoTelemetry(t *testing.T) {
	_, all := house(t)
	mayDial := []string{"sync/client", "sync/server", "sync/mail", "sync/partner", "sync/intake", "sync/simtest", "cmd/passerelle-server", "cmd/dev", "cmd/internal/e2e", "cmd/internal/kill", "cmd/internal/measure"}
	for _, s := range all {
		if s.test {
			continue
		}
		allowed := false
		for _, d := range mayDial {
			allowed = allowed || covers(d+"/...", s.dir)
		}
		for _, imp := range s.file.Imports {
			to, _ := strconv.Unquote(imp.Path.Value)
			if !allowed && (to == "net/http" || to == "net" || strings.HasPrefix(to, "github.com/go-resty/")) {
				t.Errorf("%s imports %s: only sync/client leaves the machine", s.path, to)
			}
		}
	}
}

// TestPrivateNotes: the repository speaks of the project alone.
func TestPrivateNotes(t *testing.T) {
	top, _ := house(t)
	bad := []string{"/work/" + "main", "/work/" + "shared", "/root/" + "go", "jobbank.gc.ca/" + "xmlfeed"}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "out" || d.Name() == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || info.Size() > 2<<20 {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range bad {
			if strings.Contains(string(b), w) {
				t.Errorf("%s holds %q", path, w)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func names(m map[string]bool) []string {
	var s []string
	for k := range m {
		s = append(s, k)
	}
	sort.Strings(s)
	return s
}
