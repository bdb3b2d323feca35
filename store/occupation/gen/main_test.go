package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tables in the repository are what the published files give, byte for byte.
//
// Rows: X-018
func TestRegenerate(t *testing.T) {
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		t.Skip("PASSERELLE_DATA is not set: the published files are not at hand to compare with")
	}
	dir := t.TempDir()
	if err := run(data, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"groups.zst", "en.zst", "fr.zst", "en-whole.zst", "fr-whole.zst"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "data", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes regenerated, %d in the repository, and they differ: run go generate", name, len(got), len(want))
		}
	}
}

// Files of our own, with the flaws of the real ones: a byte order mark, a merged code,
// the same title twice, and a sentence that must not come through.
func TestRun(t *testing.T) {
	data := t.TempDir()
	noc := filepath.Join(data, "noc")
	if err := os.Mkdir(noc, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"structure.csv":              "\ufeffcode,level,title_en,title_fr,definition_en,definition_fr\n12345,5,Things,Choses,A sentence.,Une phrase.\n",
		"noc2016_to_noc2021.csv":     "noc2016,noc2021\n1234,12345\n1234,12345\n",
		"related_occupations.csv":    "12345,00018\n00018,12345\n",
		"titles_en.csv":              "noc_code,title,illustrative\n12345,Thing maker (TM),1\n12345,Thing maker (TM),0\n",
		"titles_fr.csv":              "noc_code,title,illustrative\n12345,Faiseur/faiseuse de choses,0\n",
		"federal_title_pairs.csv":    "noc2021,title_en,title_fr\n12345,Thing maker (TM),Faiseur(euse) de choses\n",
		"elements_not_read_here.csv": "x\n",
	} {
		if err := os.WriteFile(filepath.Join(noc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	en, fr, err := titles(data)
	if err != nil {
		t.Fatal(err)
	}
	lines, wholes := number(en)
	if got, want := strings.Join(lines, "|"), "12345vThing maker\t1|12345+Thing maker (TM)"; got != want {
		t.Errorf("English lines %q, want %q", got, want)
	}
	if got, want := strings.Join(wholes, "|"), "Thing maker (TM)"; got != want {
		t.Errorf("whole English titles %q, want %q", got, want)
	}
	lines, wholes = number(fr)
	if got, want := strings.Join(lines, "|"), "12345-Faiseur de choses\t1|12345-Faiseuse de choses\t1"; got != want {
		t.Errorf("French lines %q, want %q", got, want)
	}
	if got, want := strings.Join(wholes, "|"), "Faiseur/faiseuse de choses"; got != want {
		t.Errorf("whole French titles %q, want %q", got, want)
	}
	pairs, err := aligned(data, en, fr)
	if got, want := strings.Join(pairs, "|"), "p\t12345\tThing maker (TM)\tFaiseur/faiseuse de choses"; err != nil || got != want {
		t.Errorf("aligned pairs %q, %v, want %q", got, err, want)
	}
	groups, err := structure(data)
	if err != nil || len(groups) != 1 || strings.Contains(groups[0], "sentence") {
		t.Errorf("structure = %q, %v, want codes and titles only", groups, err)
	}
	related, err := relatives(data)
	if err != nil || len(related) != 10 || strings.Contains(strings.Join(related, " "), merged) {
		t.Errorf("relatives = %q, %v, want five groups of senior managers each way", related, err)
	}
	ties, err := concordance(data)
	if err != nil || len(ties) != 1 {
		t.Errorf("concordance = %q, %v, want one line", ties, err)
	}
	if err := run(data, t.TempDir()); err != nil {
		t.Errorf("run: %v", err)
	}
	if err := run("", t.TempDir()); err == nil {
		t.Error("run without a folder gave no error")
	}
	if err := run(t.TempDir(), t.TempDir()); err == nil {
		t.Error("run on an empty folder gave no error")
	}
}
