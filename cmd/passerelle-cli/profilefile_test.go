package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/record"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// FuzzProfile reads any file: what is taken says the same once it was written, keys that are
// not known among it, and can be told; what is not is refused with one of three reasons.
func FuzzProfile(f *testing.F) {
	k, _ := record.Find("profile")
	example, err := encodeProfile(k.Example())
	if err != nil {
		f.Fatal(err)
	}
	begun, err := encodeProfile(blank())
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{string(example), string(begun), "", "{}", "null", "[]", `{"places":"QC"}`, `{"name":"Ada"}`, `{"places":null,"x":1e999}`,
		"\ufeff" + `{"mode":"strict"}`, `{"mode":7}`, `{"PLACES":["QC"],"mode":"default"}`, `{"experience":{"99999":"2"},"education":["9"]}`, `{"mode":"default","mode":"strict"}`, `{"mode"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseProfile(body)
		if err != nil {
			if !errors.Is(err, errBroken) && !errors.Is(err, errForeign) && !errors.Is(err, errTooLarge) {
				t.Fatalf("parseProfile(%q): %v, which no sentence says", body, err)
			}
			return
		}
		if err := page.Profile(state.Sheet{Words: i18n.For(i18n.French), Doc: d}).Text(io.Discard); err != nil {
			t.Fatal(err)
		}
		out, err := encodeProfile(d)
		if errors.Is(err, errTooLarge) {
			return
		}
		again, err2 := parseProfile(out)
		if err != nil || err2 != nil || !same(d, again) {
			t.Fatalf("%q was written as %q (%v) and read as %v (%v)", body, out, err, again, err2)
		}
		a, _ := person(d)
		b, _ := person(again)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%q is matched as %+v, and as %+v once written", body, a, b)
		}
	})
}

// TestProfileFileKept: a profile that is as large as one may be can still be written and
// read; one that would be larger is refused and the file stays as it was.
func TestProfileFileKept(t *testing.T) {
	d := blank()
	d["notes"] = []byte(`[` + strings.TrimSuffix(strings.Repeat("1,", record.MaxDoc/2-200), ",") + `]`)
	name := filepath.Join(t.TempDir(), "a.json")
	if err := writeProfile(name, d); err != nil {
		t.Fatalf("of %d bytes without its layout: %v", record.MaxDoc-300, err)
	}
	was, err := readProfile(name)
	if err != nil || !same(was, d) {
		t.Fatalf("it is read as another: %v", err)
	}
	d["more"] = []byte(`"` + strings.Repeat("x", 1000) + `"`)
	if err := writeProfile(name, d); !errors.Is(err, errTooLarge) {
		t.Errorf("one too large was written: %v", err)
	}
	if now, err := readProfile(name); err != nil || !same(was, now) {
		t.Errorf("the file did not stay as it was: %v", err)
	}
	link := filepath.Join(filepath.Dir(name), "link.json")
	if err := os.Symlink("a.json", link); err != nil {
		t.Skip(err) // a system where not everybody may
	}
	if err := writeProfile(link, blank()); err != nil {
		t.Fatal(err)
	}
	if now, err := readProfile(name); err != nil || !same(now, blank()) {
		t.Errorf("what the link leads to was not written: %v", err)
	}
}

// TestProfileCodes: scripts tell by the exit code whether a word has one answer, several or
// none; only one answer changes the file, and free text never enters it.
//
// Rows
func TestProfileCodes(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	cli := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		code = run(context.Background(), append(args, "--data", filepath.Join(dir, "desk"), "--lang", "en"), &o, &e)
		return code, o.String(), e.String()
	}
	if code, _, errs := cli("profile", "new", name); code != exitOK {
		t.Fatalf("new: %d, %s", code, errs)
	}
	begun, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		flag, text string
		code       int
		want       string // in the file, or in what is printed
	}{
		{"skill", "ps:weld-by-arc-and-wire-feed", exitOK, `"ps:weld-by-arc-and-wire-feed"`},
		{"skill", "SOUDER A L'ARC ET AU FIL", exitOK, `"ps:weld-by-arc-and-wire-feed"`},
		{"skill", "Weld by arc and wire feed", exitOK, `"ps:weld-by-arc-and-wire-feed"`},
		{"skill", "soud", exitNothing, "ps:weld-by-arc-and-wire-feed"},
		{"skill", "weld", exitNothing, "ps:weld-by-arc-and-wire-feed"},
		{"skill", "I am a hard worker", exitUsage, "profile find skill"},
		{"skill", "ps:red-seal", exitUsage, "profile find skill"}, // it is held, not done
		{"skill", "", exitUsage, "profile find skill"},
		{"credential", "ps:weld-by-arc-and-wire-feed", exitUsage, "profile find credential"},
		{"credential", "sceau rouge", exitOK, `"ps:red-seal"`},
		{"title", "soudeuse = 3 ans", exitOK, `"72106": "7"`},
		{"title", "welder=18 months", exitOK, `"72106": "5"`},
		{"title", "72106=5 ans et plus", exitOK, `"72106": "8"`},
		{"title", "welder", exitOK, `"72106": "1"`},
		{"title", "72106=2", exitNothing, "2 to 3 years"}, // an asset is no length
		{"title", "welder=for ever", exitUsage, "5 years or more"},
		{"title", "99999", exitUsage, "profile find title"},
		{"title", "I did everything", exitUsage, "profile find title"},
		{"place", "rimouski", exitOK, `"Rimouski, QC"`},
		{"place", "G5L 1A1", exitOK, `"Rimouski, QC"`},
		{"place", "on", exitOK, `"ON"`},
		{"place", "Canada", exitOK, `"CA"`},
		{"place", "Québec", exitNothing, "Québec, QC"},
		{"place", "Windsor", exitNothing, "Windsor, NL"},
		{"place", "Nullepart", exitUsage, "profile find place"},
		{"workplace", "télétravail", exitOK, `"r"`},
		{"workplace", "remote", exitOK, `"r"`},
		{"education", "baccalaureat", exitOK, `"5"`},
		{"education", "école de la vie", exitUsage, "6: "},
	} {
		if err := os.WriteFile(name, begun, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := cli("profile", "set", name, "--"+x.flag, x.text)
		now, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said := out + errs
		if x.code == exitOK {
			said = string(now)
		} else if !bytes.Equal(now, begun) {
			t.Errorf("--%s %q changed the file: %s", x.flag, x.text, now)
		}
		if code != x.code || !strings.Contains(said, x.want) {
			t.Errorf("--%s %q gives %d and %q, want %d and %q", x.flag, x.text, code, said, x.code, x.want)
		}
	}
	// One wrong word among right ones: nothing is changed.
	if code, _, _ := cli("profile", "set", name, "--place", "on", "--mode", "strict", "--skill", "zzzz"); code != exitUsage {
		t.Errorf("a wrong word among right ones gives %d", code)
	}
	if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, begun) {
		t.Errorf("half of what was asked was done: %s, %v", now, err)
	}
}
