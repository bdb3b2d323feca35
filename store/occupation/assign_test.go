package occupation

import (
	"bufio"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"passerelle/i18n"
)

// The floors are a little under what was reached when they were set (99 assigned, all
// right); a change that loses more than that is worse, whatever else it mends.
const (
	leastRight    = 0.96 // of the labelled titles that are given a code
	leastAssigned = 0.95 // of the labelled titles
)

type label struct {
	number, title string
	codes         []string
}

func labels(t *testing.T) []label {
	t.Helper()
	f, err := os.Open("testdata/labels.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []label
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		c := strings.Split(sc.Text(), "\t")
		if len(c) != 3 {
			t.Fatalf("testdata/labels.tsv: %q has %d fields, want 3", sc.Text(), len(c))
		}
		out = append(out, label{c[0], c[1], strings.Split(c[2], ",")})
	}
	return out
}

// 100 titles of real postings, labelled by hand before the assigner was written.
//
// Rows: A-026
func TestAssignLabels(t *testing.T) {
	all := labels(t)
	if len(all) != 100 {
		t.Fatalf("%d labelled titles, want 100", len(all))
	}
	for _, lang := range []i18n.Lang{i18n.English, ""} {
		assigned, right, written := 0, 0, 0
		for _, l := range all {
			code, confidence := Assign(l.title, lang)
			if code == "" {
				t.Logf("%s %q: no code, want %v", l.number, l.title, l.codes)
				continue
			}
			assigned++
			if confidence == sure {
				written++
			}
			if slices.Contains(l.codes, code) {
				right++
			} else {
				t.Logf("%s %q: %s (%s, %d), want %v", l.number, l.title, code, Title(code).EN, confidence, l.codes)
			}
		}
		t.Logf("language %q: accuracy %d of %d, coverage %d of %d; %d stand in the index as they are", lang, right, assigned, assigned, len(all), written)
		if r := float64(right) / float64(assigned); r < leastRight {
			t.Errorf("language %q: %.2f of the codes given are right, want %.2f", lang, r, leastRight)
		}
		if c := float64(assigned) / float64(len(all)); c < leastAssigned {
			t.Errorf("language %q: %.2f of the titles are given a code, want %.2f", lang, c, leastAssigned)
		}
	}
}

// Most real titles stand in the index, so the labels alone say little of the rest.
// Here every ninth index title is asked of the others, which is harder than what
// advertisements say: what is given must be right as often as its confidence says.
func TestConfidence(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.English, i18n.French} {
		x := words(lang)
		asked, given, right, sum := 0, 0, 0, 0
		for i := 0; i < len(x.sigs); i += 9 {
			s := x.sigs[i]
			if s.federal {
				continue
			}
			asked++
			g := x.compare(x.text[s.title], i)
			if g.confidence < enough {
				continue
			}
			given++
			sum += int(g.confidence)
			if g.unit == s.unit {
				right++
			}
		}
		accuracy, said := 100*right/given, sum/given
		t.Logf("%s: %d titles asked, %d%% given, %d%% of them right, %d%% said", lang, asked, 100*given/asked, accuracy, said)
		if accuracy < 80 || accuracy < said-5 {
			t.Errorf("%s: %d%% of the codes given are right, the confidence says %d%%", lang, accuracy, said)
		}
		if given < asked*45/100 {
			t.Errorf("%s: %d of %d titles are given a code, want 45%%", lang, given, asked)
		}
	}
}

// Titles as advertisements write them, in both languages.
//
// Rows: A-026
func TestAssign(t *testing.T) {
	for _, c := range []struct {
		title string
		lang  i18n.Lang
		want  string
	}{
		{"Infirmier auxiliaire/infirmière auxiliaire", i18n.French, "32101"},
		{"infirmière auxiliaire", i18n.French, "32101"},
		{"INFIRMIERES AUXILIAIRES", i18n.French, "32101"},
		{"Infirmier(ère) auxiliaire - nuit", i18n.French, "32101"},
		{"Préposé(e) aux bénéficiaires", i18n.French, "33102"},
		{"Mécanicienne d'équipement lourd", i18n.French, "72401"},
		{"Adjointe administrative bilingue", i18n.French, "13110"},
		{"Développeur web H/F", i18n.French, "21234"},
		{"Caissier/caissière", i18n.French, "65100"},
		{"Serveuse", i18n.French, "65200"},
		{"Gérant de restaurant", "", "60030"},
		{"Registered Nurse (RN) - Night Shift", i18n.English, "31301"},
		{"LPN", i18n.English, "32101"},
		{"Sr. Software Engineer", i18n.English, "21231"},
		{"engineer, software", i18n.English, "21231"},
		{"3rd year apprentice electrician", i18n.English, "72200"},
		{"Waitress", i18n.English, "65200"},
		{"Journeyperson carpenter", "", "72310"},
		{"truck drivers", i18n.English, "73300"},
		{"supervisor, truck drivers", i18n.English, "72024"}, // who leads is not who drives
		{"marketing co-ordinator", i18n.English, "11202"},
		{"HR manager", i18n.English, "10011"},
		{"Line cook / prep cook", i18n.English, "63200"},
	} {
		got, confidence := Assign(c.title, c.lang)
		if got != c.want || confidence == 0 || confidence >= 100 {
			t.Errorf("Assign(%q, %q) = %q, %d, want %q and a confidence under 100", c.title, c.lang, got, confidence, c.want)
		}
	}
}

// What names no work, or any, is given no code.
//
// Rows: A-026
func TestAssignRefusesToGuess(t *testing.T) {
	for _, title := range []string{
		"", " - ", "()", "Manager", "Supervisor", "Operator", "Mécanicien", "Gestionnaire", "Commis", "Agent", "Worker", "Teacher",
		"Full time", "Temps plein - nuit", "Rockstar ninja", "Join our team!", "Student", "Acme Corporation", "$18.50/hour", "看護師",
	} {
		if got, confidence := Assign(title, ""); got != "" || confidence != 0 {
			t.Errorf("Assign(%q) = %q, %d, want no code", title, got, confidence)
		}
	}
}

// Nothing of one title stays for the next, even one that shares no stem with the index.
func TestAssignForgets(t *testing.T) {
	x := words(i18n.French)
	fresh := x.compare("Serveuse", -1)
	for _, title := range []string{"a b c", "l'l", "", "Serveur", "Mécanicien", "d d d - d"} {
		x.compare(title, -1)
	}
	if again := x.compare("Serveuse", -1); again != fresh {
		t.Errorf("compare(Serveuse) = %+v after other titles, %+v before", again, fresh)
	}
}

// An index title is given its own unit group, whichever half is written.
func TestAssignIndexTitles(t *testing.T) {
	for _, lang := range []i18n.Lang{i18n.English, i18n.French} {
		x := words(lang)
		for i := 0; i < len(x.text); i += 37 {
			if x.mark[i] == 'f' || x.mark[i] == 'v' {
				continue
			}
			want := table().unit[x.unit[i]]
			if got, confidence := Assign(x.text[i], lang); got != want || confidence != sure {
				t.Errorf("Assign(%q, %q) = %q, %d, want %q, %d", x.text[i], lang, got, confidence, want, sure)
			}
		}
	}
}

func FuzzAssign(f *testing.F) {
	for _, s := range []string{"", "Cook/", "((", "a - - b", "Serveur/serveuse - service", "\xff/\xfe", "É(e)·e", "Sr. Dev (Remote) | $20/hr", strings.Repeat("chef ", 80)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, confidence := Assign(s, "")
		if (code == "") != (confidence == 0) || confidence >= 100 || code != "" && Title(code).EN == "" {
			t.Fatalf("Assign(%q) = %q, %d", s, code, confidence)
		}
		if ws := Expand(s, ""); len(ws) > widest {
			t.Fatalf("Expand(%q) gave %d widenings", s, len(ws))
		}
		if got := Suggest(s, "", 5); len(got) > 5 {
			t.Fatalf("Suggest(%q) gave %d titles", s, len(got))
		}
	})
}

// BenchmarkAssign asks titles that do not stand in the index, of both languages.
func BenchmarkAssign(b *testing.B) {
	titles := []string{
		"superintendent, construction", "general labourer - landscaping", "tattoo studio manager",
		"machine operator plant assembly", "Mécanicien de machines industrielles bilingue (nuit)",
	}
	Assign("", "")
	i := 0
	for b.Loop() {
		Assign(titles[i%len(titles)], "")
		i++
	}
}

// The monthly open data give a code beside the bank's title and the employer's own.
// The sample is of one narrow field, data and its analysts, whose unit groups are hard
// to tell apart even for people: the employers' titles show what is left to gain.
//
// Rows: A-026
func TestAssignOpenData(t *testing.T) {
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		t.Skip("PASSERELLE_DATA is not set: the monthly open data are not at hand; TestAssignLabels stands without them")
	}
	raw, err := os.ReadFile(filepath.Join(data, "postings", "job-bank-open-data-2026-sample-en.csv"))
	if err != nil {
		t.Fatal(err)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	lines := strings.Split(string(utf16.Decode(units)), "\n")
	for _, c := range []struct {
		column        string
		field         int
		right, assign float64
	}{
		{"Job Title", 1, 0.95, 0.9},
		{"Original Job Title", 2, 0.8, 0.5}, // a wrong code costs more than none
	} {
		all, given, right := 0, 0, 0
		for _, line := range lines[1:] {
			f := strings.Split(line, "\t")
			if len(f) < 5 || f[3] == "NA" || f[c.field] == "NA" || f[c.field] == "" {
				continue
			}
			all++
			code, _ := Assign(f[c.field], "")
			if code != "" {
				given++
			}
			if code == f[3] {
				right++
			}
		}
		t.Logf("%s: accuracy %d of %d, coverage %d of %d", c.column, right, given, given, all)
		if float64(right) < c.right*float64(given) || float64(given) < c.assign*float64(all) {
			t.Errorf("%s: accuracy %d of %d, coverage %d of %d; want %.2f and %.2f", c.column, right, given, given, all, c.right, c.assign)
		}
	}
}
