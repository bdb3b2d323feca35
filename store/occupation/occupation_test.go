package occupation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Rows: A-026
func TestLevels(t *testing.T) {
	if n := len(Broad()); n != 10 {
		t.Errorf("Broad() has %d codes, want 10", n)
	}
	if n := len(UnitGroups()); n != 516 {
		t.Errorf("UnitGroups() has %d codes, want 516", n)
	}
	if n := len(table().title); n != 822 {
		t.Errorf("%d codes have a title, want 822", n)
	}
	for _, code := range UnitGroups() {
		for n := 1; n <= 5; n++ {
			if b := Title(code[:n]); b.EN == "" || b.FR == "" {
				t.Errorf("Title(%q) = %+v, want both languages at every level", code[:n], b)
			}
		}
		if got, want := TEER(code), int(code[1]-'0'); got != want || got > 5 {
			t.Errorf("TEER(%q) = %d, want %d", code, got, want)
		}
	}
	want := posting.Both{EN: "Retail salespersons and visual merchandisers", FR: "Vendeurs/vendeuses et décorateurs-étalagistes/décoratrices-étalagistes en commerce de détail"}
	if got := Title("64100"); got != want {
		t.Errorf("Title(64100) = %+v, want %+v", got, want)
	}
	for _, code := range []string{"", "7", "99999", "00018", "serveur"} {
		if got := TEER(code); got != -1 {
			t.Errorf("TEER(%q) = %d, want -1", code, got)
		}
	}
	if got := Title("99999"); got != (posting.Both{}) {
		t.Errorf("Title(99999) = %+v, want nothing", got)
	}
}

func TestFrom2016(t *testing.T) {
	for _, c := range []struct {
		code string
		want []string
	}{
		{"6421", []string{"64100"}},
		{"9618", []string{"94142", "95107"}},
		{"0012", []string{"00011"}},
		{"9999", nil},
		{"", nil},
	} {
		if got := From2016(c.code); !slices.Equal(got, c.want) {
			t.Errorf("From2016(%q) = %v, want %v", c.code, got, c.want)
		}
	}
	known := UnitGroups()
	for code, to := range table().from {
		for _, u := range to {
			if !slices.Contains(known, u) {
				t.Errorf("From2016(%q) gives %q, which is no unit group", code, u)
			}
		}
	}
}

// Sources merge five groups of senior managers as 00018: nobody sees that code.
func TestRelated(t *testing.T) {
	known := UnitGroups()
	for code, to := range table().related {
		for _, u := range to {
			if u == code || !slices.Contains(known, u) || !slices.Contains(known, code) {
				t.Errorf("Related(%q) gives %q, want other unit groups only", code, u)
			}
		}
	}
	for _, senior := range []string{"00011", "00012", "00013", "00014", "00015"} {
		if got := Related(senior); !slices.Contains(got, "00010") {
			t.Errorf("Related(%q) = %v, want 00010 among them", senior, got)
		}
	}
	if got := Related("00010"); !slices.Equal(got, []string{"00011", "00012", "00013", "00014", "00015"}) {
		t.Errorf("Related(00010) = %v, want the five groups of senior managers", got)
	}
}

// The tables hold names, and no sentence of the publisher's.
func TestNoSentences(t *testing.T) {
	sentence := regexp.MustCompile(`[a-zé]\. [A-ZÉ]|\.$`)
	for code, b := range table().title {
		for _, s := range []string{b.EN, b.FR} {
			if sentence.MatchString(s) {
				t.Errorf("Title(%q) = %q: that is a sentence", code, s)
			}
		}
	}
	for _, l := range languages("") {
		for _, s := range words(l).text {
			if len(s) > 220 {
				t.Errorf("a title in %q is %d bytes long: %q", l, len(s), s)
			}
		}
	}
}

// Every source says what it is, in both languages, with its licence and its words.
//
// Rows: X-018
func TestSources(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Sources() {
		if seen[p.ID] {
			t.Errorf("source %q stands twice", p.ID)
		}
		seen[p.ID] = true
		for _, s := range []string{p.ID, p.Name.FR, p.Name.EN, p.Publisher.FR, p.Publisher.EN, p.Version, p.Licence, p.Notice.FR, p.Notice.EN} {
			if s == "" {
				t.Errorf("source %+v lacks a field", p)
				break
			}
		}
		if !strings.HasPrefix(p.URL, "https://") || p.Rows == 0 {
			t.Errorf("source %q has URL %q and %d rows", p.ID, p.URL, p.Rows)
		}
	}
	if noc := Sources()[0]; !strings.Contains(noc.Notice.EN, "Adapted from Statistics Canada, NOC 2021 Version 1.0; this does not constitute an endorsement by Statistics Canada") {
		t.Errorf("the notice of %q is %q", noc.ID, noc.Notice.EN)
	}
}

func ExampleTitle() {
	title := Title("32101")
	fmt.Println(title.FR)
	fmt.Println(title.EN, TEER("32101"))
	fmt.Println(Title("3").EN)
	// Output:
	// Infirmiers auxiliaires/infirmières auxiliaires
	// Licensed practical nurses 2
	// Health occupations
}

func ExampleAssign() {
	for _, title := range []string{"Infirmière auxiliaire (soir)", "dispatcher, trucks", "Rockstar"} {
		code, confidence := Assign(title, "")
		fmt.Printf("%q %s %d\n", title, code, confidence)
	}
	// Output:
	// "Infirmière auxiliaire (soir)" 32101 97
	// "dispatcher, trucks" 14404 95
	// "Rockstar"  0
}

func ExampleExpand() {
	for _, w := range Expand("plombier rimouski", i18n.French) {
		fmt.Println(w.Word, w.NOC, w.Terms[:3])
	}
	// Output:
	// plombier 72300 [plombier plumber plombiere]
}

func ExampleSuggest() {
	for _, s := range Suggest("infirmiere aux", i18n.French, 2) {
		fmt.Println(s.Text, s.NOC)
	}
	// Output:
	// Infirmière auxiliaire 32101
	// Infirmière auxiliaire diplômée 32101
}

func ExampleFold() {
	fmt.Println(Fold("Maître d’œuvre - Génie"))
	fmt.Println(Fold("Early childhood educator (E.C.E.)"))
	// Output:
	// maitre d oeuvre genie
	// early childhood educator ece
}

func ExampleHalves() {
	fmt.Println(strings.Join(Halves("Adjoint/adjointe de bureau"), ", "))
	fmt.Println(strings.Join(Halves("Truck drivers foreman/woman"), ", "))
	// Output:
	// Adjoint de bureau, adjointe de bureau
	// Truck drivers foreman, Truck drivers forewoman
}

// BenchmarkLoad unpacks and indexes the titles of both languages, as the first search does.
func BenchmarkLoad(b *testing.B) {
	table()
	b.ReportAllocs()
	for b.Loop() {
		load(i18n.English, unpack("en"))
		load(i18n.French, unpack("fr"))
	}
}
