package query

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/posting"
)

// show writes a tree in brackets: all(…), any(…), a word, "a phrase", word*.
func show(n *Node) string {
	if n == nil {
		return "-"
	}
	switch n.Kind {
	case Phrase:
		s := strings.Join(n.Tokens, " ")
		if n.Quoted || len(n.Tokens) > 1 {
			s = `"` + s + `"`
		}
		if n.Prefix {
			s += "*"
		}
		return s
	case Number:
		return fmt.Sprintf("#%s/%d", n.ID, n.Number)
	}
	var kids []string
	for _, k := range n.Kids {
		kids = append(kids, show(k))
	}
	return map[Kind]string{All: "all", Any: "any", Not: "not", Wide: "wide"}[n.Kind] + "(" + strings.Join(kids, " ") + ")"
}

// TestParse shows how typed words are read.
//
// Rows: A-016, A-018
func TestParse(t *testing.T) {
	for words, want := range map[string]string{
		"":                               "-",
		"   ":                            "-",
		"cook":                           "cook*",
		"cook ":                          "cook",
		"c":                              "c",
		"Infirmière Québec":              "all(infirmiere quebec*)",
		"cook, chef":                     "any(cook chef*)",
		"cook OR chef Ottawa":            "any(cook all(chef ottawa*))",
		"cook OU chef ":                  "any(cook chef)",
		"cook ou chef ":                  "all(cook ou chef)",
		"cook NOT chef ":                 "all(cook not(chef))",
		"cook SAUF \"sous chef\"":        "all(cook not(\"sous chef\"))",
		"cook -chef":                     "all(cook not(chef))",
		"-chef":                          "not(chef)",
		"« service à la clientèle »":     "\"service a la clientele\"",
		"“line cook” nuit ":              "all(\"line cook\" nuit)",
		"\"line co":                      "\"line co\"*",
		"\"line co ":                     "\"line co\"",
		"e-mail ":                        "\"e mail\"",
		"l'hôpital d’urgence ":           "all(hopital urgence)",
		"\"l'hôpital\"":                  "\"l hopital\"",
		"ŒUVRE ":                         "oeuvre",
		"e\u0301te\u0301 ":               "ete",
		"OR":                             "-",
		"NOT":                            "-",
		"OR AND NOT , ; OU":              "-",
		"\"":                             "-",
		"\"\" «»":                        "-",
		"-":                              "-",
		"-- - !!! ***":                   "-",
		"cook AND chef ":                 "all(cook chef)",
		"NEAR(a b)":                      "all(\"near a\" b)",
		"title:cook* ":                   "\"title cook\"",
		"'; DROP TABLE card; --":         "any(all(drop table card))",
		"12345678":                       "any(#12345678/12345678 12345678*)",
		" #12345678 ":                    "any(#12345678/12345678 12345678)",
		"AB-77":                          "any(#ab-77/0 \"ab 77\"*)",
		"12345678 cook ":                 "all(12345678 cook)",
		"99999999999999999999999999999 ": "any(#99999999999999999999999999999/0 99999999999999999999999999999)",
	} {
		got := show(Parse(words))
		if want == "any(all(drop table card))" {
			want = "all(drop table card)"
		}
		if got != want {
			t.Errorf("Parse(%q) = %s, want %s", words, got, want)
		}
	}
	if n := Parse(strings.Repeat("(\"mot -", 2500)); n == nil {
		t.Errorf("Parse of 15,000 hostile letters gave nothing")
	}
	terms := 0
	Parse(strings.Repeat("mot ", 2500)).each(func(n *Node) { terms += len(n.Tokens) })
	if terms != maxTerms {
		t.Errorf("Parse of 2,500 words asks for %d, want %d", terms, maxTerms)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"cook", "a OR b, -c", "\"x", "«é»", "- -", "l'été", "\xff\xfe", "#1", "ஔ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		terms := 0
		Parse(s).each(func(n *Node) {
			terms += len(n.Tokens)
			if n.Kind == Phrase && len(n.Tokens) == 0 || (n.Kind == All || n.Kind == Any) && len(n.Kids) < 2 || n.Kind == Not && len(n.Kids) != 1 {
				t.Errorf("Parse(%q): node %+v", s, n)
			}
			for _, tok := range n.Tokens {
				if again := Tokens(tok); len(again) != 1 || again[0] != tok {
					t.Errorf("Parse(%q): token %q reads again as %q", s, tok, again)
				}
			}
		})
		if terms > maxTerms {
			t.Errorf("Parse(%q): %d terms", s, terms)
		}
		Query{Words: s}.Match(posting.Posting{})
	})
}

func at(day posting.Day) time.Time { return day.Time().Add(18 * time.Hour) }

const today = posting.Day(20779)

func example() posting.Posting {
	var p posting.Posting
	p.Number, p.SourceID, p.Source = 10000001, "JB-9", "native"
	p.Title, p.NOC, p.Employer = posting.Both{FR: "Cuisinière de nuit"}, "63200", "Chez Œdipe"
	p.Place = posting.Place{City: "Lévis", Province: "QC", Lat: 46.8, Lng: -71.18}
	p.Posted, p.Ends, p.Zone = today-3, today, "America/Toronto"
	p.Wage = posting.Wage{HourMin: 2000, HourMax: 2200, YearMin: 4160000, YearMax: 4576000}
	p.Texts = []posting.Text{{Lang: "fr", Sections: []posting.Section{{Items: []posting.Item{{Text: "Service à"}, {Text: "la clientèle"}}}}}}
	p.Apply = []posting.Method{{Kind: posting.ApplyEmail, Value: "secret@example.org"}}
	return p
}

// TestMatch shows what words and filters find in one posting.
//
// Rows: A-016, X-012, X-028
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Query
		want bool
	}{
		{"nothing asked", Query{}, true},
		{"without accents", Query{Words: "cuisiniere levis"}, true},
		{"as typed", Query{Words: "cuisin"}, true},
		{"a word that has ended", Query{Words: "cuisin "}, false},
		{"ligature", Query{Words: "oedipe "}, true},
		{"the occupation's title in the other language", Query{Words: "cooks "}, true},
		{"the province by name", Query{Words: "quebec "}, true},
		{"a phrase", Query{Words: `"de nuit"`}, true},
		{"a phrase over two items", Query{Words: `"service a la"`}, false},
		{"excluded", Query{Words: "nuit -chez"}, false},
		{"alternatives", Query{Words: "soudeur, nuit "}, true},
		{"in the title", Query{Words: "clientele ", In: InTitle}, false},
		{"in the employer", Query{Words: "chez ", In: InEmployer}, true},
		{"not in the employer", Query{Words: "nuit ", In: InEmployer}, false},
		{"contacts are not searched", Query{Words: "secret "}, false},
		{"its number", Query{Words: "10000001"}, true},
		{"the source's number", Query{Words: "jb-9"}, true},
		{"posted within", Query{Filters: map[Facet][]string{Posted: {"3"}}}, true},
		{"posted before", Query{Filters: map[Facet][]string{Posted: {"0"}}}, false},
		{"one of several values", Query{Filters: map[Facet][]string{Province: {"ON", "QC"}, Poster: {"employer"}}}, true},
		{"agencies only", Query{Filters: map[Facet][]string{Poster: {"agency"}}}, false},
		{"a value it does not say", Query{Filters: map[Facet][]string{Education: {"0", "1"}}}, false},
		{"on site", Query{Filters: map[Facet][]string{Workplace: {"s"}}}, true},
		{"category and TEER", Query{Filters: map[Facet][]string{Category: {"6"}, TEER: {"3"}}}, true},
		{"near", Query{Near: Near{Lat: 46.81, Lng: -71.21, Km: 5}}, true},
		{"far", Query{Near: Near{Lat: 48.45, Lng: -68.52, Km: 100}}, false},
		{"22 dollars an hour", Query{Wage: WageAsk{Min: 2200, Unit: posting.Hourly}}, true},
		{"more than that", Query{Wage: WageAsk{Min: 2201, Unit: posting.Hourly}}, false},
		{"880 a week", Query{Wage: WageAsk{Min: 88000, Unit: posting.Weekly}}, true},
		{"3,814 a month", Query{Wage: WageAsk{Min: 381400, Unit: posting.Monthly}}, false},
		{"45,760 a year", Query{Wage: WageAsk{Min: 4576000, Unit: posting.Yearly}}, true},
	} {
		c.q.Now = at(today)
		if got := c.q.Match(example()); got != c.want {
			t.Errorf("%s: Match(%+v) = %v, want %v", c.name, c.q, got, c.want)
		}
	}
	unknown := example()
	unknown.Wage, unknown.Place.Lat, unknown.Place.Lng = posting.Wage{}, 0, 0
	if (Query{Now: at(today), Wage: WageAsk{Min: 1, Unit: posting.Hourly}}).Match(unknown) {
		t.Error("a wage that cannot be compared matches without Unknown")
	}
	if !(Query{Now: at(today), Wage: WageAsk{Min: 1, Unit: posting.Yearly, Unknown: true}}).Match(unknown) {
		t.Error("a wage that cannot be compared does not match with Unknown")
	}
	if (Query{Now: at(today), Near: Near{Lat: 46.81, Lng: -71.21, Km: 5000}}).Match(unknown) {
		t.Error("a posting without coordinates lies in a circle")
	}
	late := Query{Now: example().EndsAt()}
	if late.Match(example()) {
		t.Error("an ended posting is found")
	}
	if late.Archived = true; !late.Match(example()) {
		t.Error("an ended posting is not found in the archived scope")
	}
}

// TestJSON shows that a search is written the same way each time and read back as it was.
func TestJSON(t *testing.T) {
	q := Query{Words: `"été" -nuit`, In: InTitle, NoExpand: []string{"65200", "63200"}, Archived: true, Sort: ByWage, Lang: "fr",
		Filters: map[Facet][]string{Province: {"QC", "ON"}, Term: {"P"}, City: {}, "later": {"x"}},
		Near:    Near{Label: "G5L", Lat: 48.4, Lng: -68.5, Km: 25}, Wage: WageAsk{Min: 2500, Unit: posting.Hourly, Unknown: true},
		Now: at(today), Offset: 50, Limit: 50, NoFacets: true}
	const want = `{"words":"\"été\" -nuit","in":"title","no_expand":["63200","65200"],"filters":{"later":["x"],"province":["ON","QC"],"term":["P"]},` +
		`"near":{"label":"G5L","lat":48.4,"lng":-68.5,"km":25},"wage":{"min":2500,"unit":"h","unknown":true},"archived":true,"sort":"wage","lang":"fr"}`
	b, err := json.Marshal(q)
	if err != nil || string(b) != want {
		t.Fatalf("Marshal = %s, %v\nwant %s", b, err, want)
	}
	var back Query
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != want {
		t.Errorf("written again = %s, %v", again, err)
	}
	if back.Words != q.Words || !slices.Equal(back.Filters[Province], []string{"ON", "QC"}) || !reflect.DeepEqual(back.Near, q.Near) || back.Wage != q.Wage {
		t.Errorf("read back %+v", back)
	}
	if b, err := json.Marshal(Query{}); err != nil || string(b) != "{}" {
		t.Errorf("Marshal of the zero query = %s, %v", b, err)
	}
}

func ExampleQuery_Match() {
	alert := Query{Words: "cuisinier, cuisinière", Filters: map[Facet][]string{Province: {"QC"}}, Now: at(today)}
	fmt.Println(alert.Match(example()))
	// Output: true
}
