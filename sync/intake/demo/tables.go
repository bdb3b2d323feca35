package demo

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"passerelle/store/labour"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

var (
	//go:embed names.tsv
	namesFile string
	//go:embed words.txt
	wordsFile string
	//go:embed prose.tsv
	proseFile string
)

// tables is everything that is drawn from. It is built once and then only read.
type tables struct {
	jobs    []job
	jobDice dice

	towns     []town
	townDice  dice
	smallDice dice // weighted to small places, for farms, mines and forests

	sectors []sector
	begins  []string
	ends    []string
	agency  sector

	prose map[string][]line

	general map[posting.Kind][]skill.Concept // concepts that suit any occupation
	concept map[string]posting.Both
}

// job is a unit group that postings are drawn for.
type job struct {
	noc     string
	titles  []title
	paired  bool // the titles say the same in both languages
	teer    int
	broad   byte // the first digit
	sector  int
	own     map[posting.Kind][]skill.Concept // concepts of this occupation
	any     map[posting.Kind][]skill.Concept // those of any occupation, the most usual first, then its own
	wages   map[string]pay                   // by province
	desk    bool                             // can be done from home
	onRoad  bool
	drivers bool
}

// pay is what an occupation pays somewhere, in cents an hour.
type pay struct{ low, mid, high int64 }

// title is one job title: in French masculine, feminine and both; in English.
type title struct {
	fr [3]string
	en string
}

// town is a city, ready to be put in a posting.
type town struct {
	place posting.Place   // without postal code
	codes []posting.Place // the same with the first half of a postal code, and where that is
	zone  string
	area  string // telephone area code
}

// sector is a kind of house.
type sector struct {
	id, naics, setting string
	fr, en             []string
}

// line is one sentence, cut at the places where names go.
type line struct {
	fr, en []string // odd pieces are the letters of a name: "e", "c"
	town   bool     // it names the town
}

var load = sync.OnceValue(func() *tables {
	t, err := build()
	if err != nil {
		panic(fmt.Errorf("demo: %w", err)) // a broken table is a broken build
	}
	return t
})

// rows reads a table of ours: tabs between fields, # before a comment.
func rows(file string, width int) ([][]string, error) {
	var out [][]string
	n := 0
	for l := range strings.Lines(file) {
		n++
		l = strings.TrimRight(l, "\n")
		if l == "" || l[0] == '#' {
			continue
		}
		f := strings.Split(l, "\t")
		if len(f) != width {
			return nil, fmt.Errorf("line %d: %d fields, want %d", n, len(f), width)
		}
		out = append(out, f)
	}
	return out, nil
}

func build() (*tables, error) {
	t := &tables{prose: map[string][]line{}, general: map[posting.Kind][]skill.Concept{}, concept: map[string]posting.Both{}}
	for _, c := range skill.All() {
		t.concept[c.ID] = c.Name
		if len(c.NOCs) == 0 && !c.Unofficial { // OaSIS names suit profiles, employers do not write them
			t.general[c.Section] = append(t.general[c.Section], c)
		}
	}
	names, err := rows(namesFile, 6)
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	prefixes := map[string]int{}
	for i, f := range names {
		t.sectors = append(t.sectors, sector{id: f[0], naics: f[1], setting: f[3], fr: strings.Split(f[4], ";"), en: strings.Split(f[5], ";")})
		for _, p := range strings.Fields(f[2]) {
			if _, twice := prefixes[p]; !twice {
				prefixes[p] = i
			}
		}
	}
	t.agency = sector{id: "agency", naics: "56", setting: "ps:set-various",
		fr: []string{"Placement {w}", "Agence {w}"}, en: []string{"{w} Staffing", "{w} Placement"}}
	words, err := rows(wordsFile, 1)
	if err != nil || len(words) != 2 {
		return nil, fmt.Errorf("words: %d lists: %w", len(words), err)
	}
	t.begins, t.ends = strings.Fields(words[0][0]), strings.Fields(words[1][0])

	prose, err := rows(proseFile, 3)
	if err != nil {
		return nil, fmt.Errorf("prose: %w", err)
	}
	for _, f := range prose {
		t.prose[f[0]] = append(t.prose[f[0]], line{fr: cut(f[1]), en: cut(f[2]), town: strings.Contains(f[1], "{c}")})
	}
	t.buildJobs(prefixes)
	t.buildTowns()
	return t, nil
}

// cut splits a sentence at its braces.
func cut(s string) []string {
	return strings.FieldsFunc(strings.NewReplacer("{", "\x00{", "}", "\x00").Replace(s), func(r rune) bool { return r == 0 })
}

// Codes of unit groups, or beginnings of them, whose work can be done from home, and
// those who travel.
var (
	desks   = []string{"0", "1", "212", "222", "4120", "413", "414", "411", "422", "511", "521", "644", "631", "2123", "2230", "2221", "20"}
	roads   = []string{"733", "752", "64101", "621", "7220", "7242"}
	drivers = []string{"733", "752", "742", "64101", "721", "722", "723", "724", "731", "751", "44", "855", "84", "82", "321", "420"}
)

func begins(noc string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(noc, p) {
			return true
		}
	}
	return false
}

func (t *tables) buildJobs(prefixes map[string]int) {
	var weights []int64
	for _, a := range occupation.Commonly() {
		j := job{
			noc: a.NOC, paired: a.Same, teer: int(a.NOC[1] - '0'), broad: a.NOC[0],
			desk: begins(a.NOC, desks), onRoad: begins(a.NOC, roads), drivers: begins(a.NOC, drivers),
			own: map[posting.Kind][]skill.Concept{}, any: map[posting.Kind][]skill.Concept{}, wages: map[string]pay{},
		}
		for _, t := range a.Titles {
			j.titles = append(j.titles, title{fr: [3]string{t.Masculine, t.Feminine, t.FR}, en: t.EN})
		}
		for n := len(j.noc); n > 0; n-- {
			if s, ok := prefixes[j.noc[:n]]; ok {
				j.sector = s
				break
			}
		}
		for _, c := range skill.For(j.noc) {
			if len(c.NOCs) > 0 {
				j.own[c.Section] = append(j.own[c.Section], c)
			}
		}
		for kind, of := range t.general {
			j.any[kind] = slices.Concat(of, j.own[kind])
		}
		for _, p := range append(place.Provinces(), "") {
			j.wages[p] = payOf(j.noc, p, j.teer)
		}
		t.jobs = append(t.jobs, j)
		weights = append(weights, a.Employed)
	}
	t.jobDice = newDice(weights)
}

// payOf gives the range of an occupation where it is known, and one by level of
// training where it is not, so that a posting has a wage that stands to reason. It is
// never under the minimum wage of the default day: the tables are built once.
func payOf(noc, province string, teer int) pay {
	p := [...]pay{{3400, 5200, 8200}, {2900, 4300, 6600}, {2200, 3100, 4600}, {2000, 2750, 4000}, {1700, 2150, 3100}, {1650, 1850, 2500}}[min(teer, 5)]
	if w, ok := labour.WagesOf(noc, province); ok && w.Low > 0 && w.Median > 0 && w.High > 0 {
		p = pay{w.Low, w.Median, w.High}
		if w.Annual {
			p = pay{w.Low / 2080, w.Median / 2080, w.High / 2080}
		}
	}
	if province == "" {
		return p
	}
	if m, ok := labour.MinimumAt(province, defaultToday); ok {
		p.low = max(p.low, m.Cents)
		p.mid = max(p.mid, p.low+25)
		p.high = max(p.high, p.mid+100)
	}
	return p
}

// Area codes, one a province, before the 555-01xx numbers that no one has.
var areaCodes = map[string]string{
	"NL": "709", "PE": "902", "NS": "902", "NB": "506", "QC": "418", "ON": "613", "MB": "204", "SK": "306",
	"AB": "780", "BC": "250", "YT": "867", "NT": "867", "NU": "867",
}

func (t *tables) buildTowns() {
	var weights, small []int64
	for _, c := range place.Cities() {
		if c.Population < 500 {
			continue
		}
		p := place.Locate(posting.Place{City: c.Name, Province: c.Province})
		var codes []posting.Place
		for _, fsa := range place.Codes(c) {
			codes = append(codes, place.Locate(posting.Place{City: c.Name, Province: c.Province, Postal: fsa}))
		}
		t.towns = append(t.towns, town{place: p, codes: codes, zone: c.Zone, area: areaCodes[c.Province]})
		weights = append(weights, int64(c.Population))
		small = append(small, int64(min(c.Population, 15000)))
	}
	if len(t.towns) == 0 { // the place pack is missing: the postings are still whole
		t.towns = []town{{place: posting.Place{City: "Ottawa", Province: "ON"}, zone: "America/Toronto", area: "613"}}
		weights, small = []int64{1}, []int64{1}
	}
	t.townDice, t.smallDice = newDice(weights), newDice(small)
}
