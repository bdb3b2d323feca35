package occupation

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"passerelle/i18n"
)

// Rows: X-002
func TestExpand(t *testing.T) {
	for _, c := range []struct {
		words string
		lang  i18n.Lang
		noc   string
		word  string
		terms []string
	}{
		{"serveur", i18n.French, "65200", "serveur", []string{"server", "waiter", "food and beverage server"}},
		{"Serveuse Rimouski", "", "65200", "serveuse", []string{"server", "waitress"}},
		{"waiter", i18n.English, "65200", "waiter", []string{"serveur de banquet", "sommelier"}},
		{"server", i18n.French, "65200", "server", []string{"waiter"}}, // an English word typed in a French window
		{"infirmière auxiliaire", i18n.French, "32101", "infirmiere auxiliaire", []string{"licensed practical nurse"}},
		{"infirmières auxiliaires", "", "32101", "infirmieres auxiliaires", []string{"licensed practical nurse"}},
		{"licensed practical nurse", i18n.English, "32101", "licensed practical nurse", []string{"infirmiere auxiliaire", "infirmier auxiliaire"}},
		{"plumber Calgary full time", i18n.English, "72300", "plumber", []string{"plombier", "plombiere"}},
		{"cuisinier", i18n.French, "63200", "cuisinier", []string{"cook"}},
		{"janitors", "", "65312", "janitors", []string{"concierge"}},
		{"software engineer", "", "21231", "software engineer", []string{"ingenieur en logiciels"}},
		{"engineer, software", "", "21231", "engineer software", nil},
		{"avocate", i18n.French, "41101", "avocate", []string{"lawyer"}},
	} {
		got := Expand(c.words, c.lang)
		i := slices.IndexFunc(got, func(w Widening) bool { return w.NOC == c.noc })
		if i < 0 {
			t.Errorf("Expand(%q, %q) = %v, want %s", c.words, c.lang, got, c.noc)
			continue
		}
		if got[i].Word != c.word {
			t.Errorf("Expand(%q, %q) covers %q, want %q", c.words, c.lang, got[i].Word, c.word)
		}
		for _, term := range c.terms {
			if !slices.Contains(got[i].Terms, term) {
				t.Errorf("Expand(%q, %q) has terms %q, want %q among them", c.words, c.lang, got[i].Terms, term)
			}
		}
	}
}

// The longest title wins: a licensed practical nurse is not every nurse.
//
// Rows: X-002
func TestExpandLongest(t *testing.T) {
	got := Expand("infirmière auxiliaire", "")
	if len(got) != 1 || got[0].NOC != "32101" {
		t.Errorf("Expand(infirmière auxiliaire) = %v, want 32101 alone", got)
	}
}

// A word that is said of too many kinds of work does not widen a search.
//
// Rows: X-002
func TestExpandTooGeneral(t *testing.T) {
	for _, words := range []string{
		"", "commis", "gestionnaire", "agent", "worker", "manager", "directeur", "technicien", "operator", "labourer", "de", "the",
		"temps plein", "night shift", "Montréal", "xyz", "a b c", "$20",
	} {
		if got := Expand(words, ""); len(got) > 0 {
			t.Errorf("Expand(%q) = %v, want nothing", words, got)
		}
	}
}

// 100 pairs of a French and an English title of one unit group, drawn from a fixed
// seed, find each other both ways: by the unit group, and by a phrase of the other
// language that stands in that unit group's titles.
//
// Rows: X-002
func TestExpandPairs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2021, 100))
	fr, en := words(i18n.French), words(i18n.English)
	drawn := func(x *index, unit uint16) int {
		for {
			i := x.group[unit][rnd.IntN(len(x.group[unit]))]
			if x.mark[i] == '-' || x.mark[i] == '+' {
				return int(i)
			}
		}
	}
	terms := 0
	for range 100 {
		unit := uint16(rnd.IntN(len(table().unit)))
		code := table().unit[unit]
		a, b := drawn(fr, unit), drawn(en, unit)
		for _, c := range []struct {
			from *index
			i    int
			to   *index
		}{{fr, a, en}, {en, b, fr}} {
			for _, lang := range []i18n.Lang{c.from.lang, ""} {
				got := Expand(c.from.text[c.i], lang)
				i := slices.IndexFunc(got, func(w Widening) bool { return w.NOC == code })
				if i < 0 {
					t.Errorf("Expand(%q, %q) = %v, want %s", c.from.text[c.i], lang, got, code)
					continue
				}
				// Some unit groups have too few telling phrases in a language, never none in both.
				if slices.ContainsFunc(got[i].Terms, func(term string) bool {
					return slices.ContainsFunc(c.to.group[unit], func(j uint32) bool { return c.to.fold[j][:c.to.stop[j]] == term })
				}) {
					terms++
				}
			}
		}
	}
	t.Logf("%d of 400 ways also have a phrase of the other language", terms)
	if terms < 392 {
		t.Errorf("%d of 400 ways have a phrase of the other language, want 392", terms)
	}
}

// Whatever is typed, there are at most three widenings, of known unit groups, with at
// most twelve folded phrases each, none of them a word that is too general.
//
// Rows: X-002
func TestExpandBounds(t *testing.T) {
	fr, en := words(i18n.French), words(i18n.English)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.Custom(func(t *rapid.T) string {
			x := rapid.SampledFrom([]*index{fr, en}).Draw(t, "language")
			ws := strings.Fields(x.fold[rapid.IntRange(0, len(x.fold)-1).Draw(t, "title")])
			return ws[rapid.IntRange(0, len(ws)-1).Draw(t, "word")]
		})
		typed := strings.Join(rapid.SliceOfN(word, 0, 6).Draw(t, "words"), " ")
		lang := rapid.SampledFrom([]i18n.Lang{"", i18n.French, i18n.English}).Draw(t, "lang")
		got := Expand(typed, lang)
		if len(got) > 3 {
			t.Fatalf("Expand(%q) gave %d widenings", typed, len(got))
		}
		for i, w := range got {
			if Title(w.NOC).EN == "" || len(w.NOC) != 5 || len(w.Terms) > 12 {
				t.Fatalf("Expand(%q) gave %v", typed, w)
			}
			if slices.ContainsFunc(got[:i], func(v Widening) bool { return v.NOC == w.NOC }) {
				t.Fatalf("Expand(%q) gave %s twice", typed, w.NOC)
			}
			if !strings.Contains(" "+Fold(typed)+" ", " "+w.Word+" ") {
				t.Fatalf("Expand(%q) says it covers %q", typed, w.Word)
			}
		}
	})
}

// The phrases of every unit group are folded, and no single word among them is one
// that many other unit groups use.
//
// Rows: X-002
func TestTerms(t *testing.T) {
	general := []string{"agent", "agente", "worker", "manager", "gestionnaire", "commis", "clerk", "operator", "superviseur", "supervisor", "technicien", "technician", "directeur", "labourer"}
	for u, code := range table().unit {
		terms := termsOf(uint16(u))
		if len(terms) == 0 || len(terms) > maxTerms {
			t.Errorf("%s has %d terms", code, len(terms))
		}
		for i, term := range terms {
			if term != Fold(term) || len(term) < 4 || slices.Contains(terms[:i], term) || slices.Contains(general, term) {
				t.Errorf("%s has the term %q", code, term)
			}
		}
	}
}

// BenchmarkExpand widens searches of which nothing is remembered.
func BenchmarkExpand(b *testing.B) {
	for _, l := range languages("") {
		words(l)
	}
	typed := []string{"serveur", "operator", "directeur", "infirmière auxiliaire rimouski temps plein", "software engineer"}
	i := 0
	for b.Loop() {
		termCache.Clear()
		Expand(typed[i%len(typed)], "")
		i++
	}
}
