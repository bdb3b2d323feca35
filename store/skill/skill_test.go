package skill

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"passerelle/i18n"
	"passerelle/store/posting"
)

func ExampleTie() {
	id, _ := Tie("Vérification du casier judiciaire", i18n.French)
	c, _ := Get(id)
	fmt.Println(c.Name.EN, c.Alias)
	// Output: Criminal record check [jb:16640]
}

// The list is large enough to describe the commonest occupations, each concept has
// both names, and no id or alias means two things (parse refuses the latter).
func TestList(t *testing.T) {
	all := All()
	if len(all) < 600 {
		t.Errorf("All() has %d concepts, want at least 600", len(all))
	}
	known := map[posting.Kind]bool{}
	for _, k := range []posting.Kind{
		posting.Tasks, posting.Tools, posting.Credentials, posting.Security, posting.Suitability, posting.Setting, posting.Conditions,
		posting.Transport, posting.OwnTools, posting.Supervision, posting.Special, posting.Benefits, posting.Screening, posting.Languages,
	} {
		known[k] = true
	}
	seen := map[posting.Kind]int{}
	for _, c := range all {
		if !strings.HasPrefix(c.ID, "ps:") || strings.ToLower(c.ID) != c.ID {
			t.Errorf("id %q: want ps: and lower case", c.ID)
		}
		if c.Name.FR == "" || c.Name.EN == "" {
			t.Errorf("%s: a name is missing: %+v", c.ID, c.Name)
		}
		if !known[c.Section] {
			t.Errorf("%s: section %q is not one of a posting's check boxes", c.ID, c.Section)
		}
		for _, noc := range c.NOCs {
			if !regexp.MustCompile(`^[0-9]{1,5}$`).MatchString(noc) {
				t.Errorf("%s: %q is not the beginning of a NOC code", c.ID, noc)
			}
		}
		seen[c.Section]++
	}
	for k := range known {
		if seen[k] < 9 {
			t.Errorf("section %s has %d concepts, want 9 or more", k, seen[k])
		}
	}
	t.Log(len(all), "concepts:", seen)
}

// Rows: X-002
//
// Every name ties back to its concept, in its own language and when the language is
// not known; however it is written.
func TestTieRoundTrip(t *testing.T) {
	for _, c := range All() {
		for _, x := range []struct {
			text string
			lang i18n.Lang
		}{
			{c.Name.FR, i18n.French}, {c.Name.EN, i18n.English}, {c.Name.FR, ""}, {c.Name.EN, ""},
			{strings.ToUpper(c.Name.FR), i18n.French}, {"  " + c.Name.EN + ". ", i18n.English},
			{strings.NewReplacer("é", "e\u0301", "œ", "oe", " ", "\u00a0").Replace(c.Name.FR), i18n.French},
		} {
			if id, ok := Tie(x.text, x.lang); !ok || id != c.ID {
				t.Errorf("Tie(%q, %q) = %q, %v, want %q", x.text, x.lang, id, ok, c.ID)
			}
		}
	}
	for _, text := range []string{"", " ", "quelque chose d'autre", "Vérification"} {
		if id, ok := Tie(text, ""); ok {
			t.Errorf("Tie(%q) = %q, want nothing", text, id)
		}
	}
	if id, ok := Tie("Vérification du casier judiciaire", i18n.English); ok {
		t.Errorf("a French name tied as English to %q", id)
	}
}

// Every alias finds its concept, and one concept only.
func TestAliases(t *testing.T) {
	owner := map[string]string{}
	form := regexp.MustCompile(`^(jb:[0-9]+|oasis:[FG][0-9]{2}[a-z][0-9]{2})$`)
	oasis := 0
	for _, c := range All() {
		for _, a := range c.Alias {
			if !form.MatchString(a) {
				t.Errorf("%s: alias %q has no known form", c.ID, a)
			}
			if owner[a] != "" {
				t.Errorf("alias %s: both %s and %s", a, owner[a], c.ID)
			}
			owner[a] = c.ID
			if got, ok := Get(a); !ok || got.ID != c.ID {
				t.Errorf("Get(%s) = %q, %v, want %q", a, got.ID, ok, c.ID)
			}
			if strings.HasPrefix(a, "oasis:") {
				oasis++
				if !c.Unofficial {
					t.Errorf("%s: an OaSIS name in our French is not marked unofficial", c.ID)
				}
			}
		}
	}
	if want := 33 + 44; oasis != want {
		t.Errorf("%d OaSIS skills and knowledges, want %d", oasis, want)
	}
}

// Canadian French: a no-break space before a colon and between a number and its unit,
// none before ; ! ?, a capital first and no full stop.
func TestFrench(t *testing.T) {
	for _, c := range All() {
		fr := c.Name.FR
		for _, bad := range []string{" :", "« ", " »", " ;", "\u00a0;", " !", "\u00a0!", " ?", "\u00a0?", "  ", " kg", "’"} {
			if strings.Contains(fr, bad) {
				t.Errorf("%s: %q has %q", c.ID, fr, bad)
			}
		}
		for _, name := range []string{fr, c.Name.EN} {
			if r := []rune(name)[0]; unicode.IsLower(r) || strings.HasSuffix(name, ".") || strings.TrimSpace(name) != name {
				t.Errorf("%s: %q: want a capital, no full stop, no space around", c.ID, name)
			}
		}
		if c.Section == posting.Tasks {
			first := strings.TrimRight(strings.Fields(fr)[0], ",")
			if !strings.HasSuffix(first, "er") && !strings.HasSuffix(first, "ir") && !strings.HasSuffix(first, "re") {
				t.Errorf("%s: %q: a task begins with an infinitive", c.ID, fr)
			}
		}
	}
}

func TestFor(t *testing.T) {
	nurse := For("32101")
	if len(nurse) == 0 || nurse[0].specific("32101") != 5 {
		t.Fatalf("For(32101) begins with %+v, want a concept of the unit group", nurse)
	}
	last := 5
	for _, c := range nurse {
		s := c.specific("32101")
		if s < 0 || s > last {
			t.Errorf("For(32101): %s (%v) is out of order", c.ID, c.NOCs)
		}
		last = s
	}
	for _, noc := range []string{"64100", "73300", "63200", "72310", "21232", "42202", "65310", "85101", "94140", "10010"} {
		tasks := 0
		for _, c := range For(noc) {
			if c.Section == posting.Tasks {
				tasks++
			}
		}
		if tasks < 5 {
			t.Errorf("For(%s) has %d tasks, want 5 or more", noc, tasks)
		}
	}
	group := For("3")
	if len(group) <= len(For("31301")) {
		t.Errorf("For(3) has %d concepts, want more than one of its unit groups", len(group))
	}
}

// Rows: X-018
func TestSources(t *testing.T) {
	for _, p := range Sources() {
		if p.Rows == 0 || p.Licence == "" || p.Version == "" || p.Name.FR == "" || p.Name.EN == "" || p.Notice.FR == "" {
			t.Errorf("source %s is incomplete: %+v", p.ID, p)
		}
	}
}

// The phrases that real postings carry meet our concepts: most uses of a check box
// tie, and every federal option id that ties by its phrase is the alias of the same
// concept. Wording of levels of study, of experience and of places is not a skill.
func TestFederalPhrases(t *testing.T) {
	dir := os.Getenv("PASSERELLE_DATA")
	if dir == "" {
		t.Skip("PASSERELLE_DATA is unset: the real check-box phrases are not at hand")
	}
	tied, uses := 0, 0
	for _, r := range table(t, filepath.Join(dir, "postings", "skill_vocabulary_from_postings.csv")) {
		section, phrase := r[0], r[1]
		if section == "Education" || section == "Experience" || section == "Languages" {
			continue
		}
		var n int
		if _, err := fmt.Sscan(r[2], &n); err != nil {
			t.Fatal(err)
		}
		uses += n
		if _, ok := Tie(phrase, i18n.English); ok {
			tied += n
		}
	}
	share := float64(tied) / float64(uses)
	t.Logf("%d of %d uses of check boxes tie to a concept (%.0f %%)", tied, uses, 100*share)
	if share < 0.75 {
		t.Errorf("%.2f of the uses tie, want 0.75", share)
	}
	ids := 0
	for _, r := range table(t, filepath.Join(dir, "postings", "skill_vocabulary_from_xml.csv")) {
		c, ok := Get("jb:" + r[2])
		if !ok {
			continue
		}
		ids++
		if id, ok := Tie(r[3], i18n.English); !ok || id != c.ID {
			t.Errorf("option %s %q ties to %q, its id is an alias of %q", r[2], r[3], id, c.ID)
		}
	}
	if ids < 100 {
		t.Errorf("%d federal options with an id are known, want 100", ids)
	}
}

func table(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// A fixture of our own covers the same where the real phrases are not at hand: the
// hash of a phrase is what a line of the list carries.
func TestHashedPhrase(t *testing.T) {
	const line = "[tasks]\nps:a\tFaire\tDo\t\tjb:1\tautrement; #%016x\n"
	l, err := parse(fmt.Sprintf(line, hash("Do it  the OTHER way.")))
	if err != nil {
		t.Fatal(err)
	}
	if x := l.text[hash("do it the other way")]; !x.en || x.fr || x.at != 0 {
		t.Errorf("the hashed phrase is %+v, want English only, concept 0", x)
	}
	for _, bad := range []string{
		"ps:a\tA\tB\n", "[tasks]\nps:a\tA\n", "[tasks]\nps:a\tA\tB\nps:a\tC\tD\n", "[tasks]\nps:a\tA\tB\nps:b\tA\tC\n",
		"[tasks]\nps:a\tA\tB\t\tjb:1\nps:b\tC\tD\t\tjb:1\n", "[tasks]\nps:a\tA\tB\t\t\t#nothex\n",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("parse(%q) gave no error", bad)
		}
	}
}

func FuzzTie(f *testing.F) {
	for _, s := range []string{"", "Œuvrer", "C#", "a\u0301\xff", "ﬁn ß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := normal(s)
		if normal(n) != n {
			t.Errorf("normal(%q) = %q, which normalises to %q", s, n, normal(n))
		}
		Tie(s, "")
	})
}
