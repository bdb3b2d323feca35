package place

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

//go:generate go run ./gen

//go:embed tables.zst
var packed []byte

// area is a forward sortation area: the first three characters of postal codes.
type area struct {
	fsa, province, place, city string
	lat, lng                   float64
}

// rural says that the area is served from rural post offices (the digit is 0): it is
// wide, and its point is only its middle.
func (a area) rural() bool { return a.fsa[1] == '0' }

// name is the city that the area is in, or what the source calls the area.
func (a area) name() string {
	if a.rural() || a.city == "" {
		return a.place
	}
	return a.city
}

type region struct {
	province string
	name     posting.Both
}

// tables are the facts, and the ways in which they are asked.
type tables struct {
	cities        []City           // most populous first
	folded        [][]string       // the folded names of each city, in the same order
	names         map[string][]int // folded name → cities
	looser        map[string][]int // the same with Sainte taken for Saint
	areas         map[string]area
	provinces     map[string]posting.Both
	order         []string
	provinceNames map[string]string
	zones         map[string]string // province → the zone with most people
	regions       map[string]region
	regionNames   map[string][]string
	onlyRegion    map[string]string
	namedFor      map[string]string // folded city and province → the region named for it
	editions      map[string]edition
}

type edition struct {
	hash string
	rows int
}

var load = sync.OnceValue(func() *tables {
	text, err := packedText()
	if err != nil {
		panic(fmt.Errorf("place: %w", err)) // a broken table is a broken build
	}
	t, err := parse(text)
	if err != nil {
		panic(fmt.Errorf("place: %w", err))
	}
	return t
})

func packedText() (string, error) {
	b, err := pack.Decompress(packed)
	return string(b), err
}

// Other names that people use, where the table holds one name a place.
var also = map[string][]string{
	"Québec QC":       {"Quebec City", "Ville de Québec"},
	"Sudbury ON":      {"Greater Sudbury", "Grand Sudbury"},
	"Happy Valley NL": {"Happy Valley-Goose Bay", "Goose Bay"},
	"St. John's NL":   {"Saint-Jean de Terre-Neuve"},
	"Saint John NB":   {"Saint-Jean"},
	"Tracadie NB":     {"Tracadie-Sheila"},
}

// parse reads the lines that the generator wrote; gen/main.go says what they hold.
func parse(text string) (*tables, error) {
	t := &tables{
		names: map[string][]int{}, looser: map[string][]int{}, areas: map[string]area{}, provinces: map[string]posting.Both{},
		provinceNames: map[string]string{}, zones: map[string]string{}, regions: map[string]region{},
		regionNames: map[string][]string{}, onlyRegion: map[string]string{}, namedFor: map[string]string{},
		editions: map[string]edition{},
	}
	width := map[string]int{"v": 4, "p": 4, "r": 5, "c": 7, "f": 7}
	people := map[string]int{} // province and zone → population
	most := map[string]int{}   // province → population of its largest zone
	var areas []area
	n := 0
	for line := range strings.Lines(text) {
		n++
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if width[f[0]] != len(f) {
			return nil, fmt.Errorf("line %d: kind %q with %d fields", n, f[0], len(f))
		}
		var err error
		num := func(s string) float64 {
			v, e := strconv.ParseFloat(s, 64)
			if e != nil && err == nil {
				err = fmt.Errorf("line %d: %w", n, e)
			}
			return v
		}
		switch f[0] {
		case "v":
			t.editions[f[1]] = edition{hash: f[2], rows: int(num(f[3]))}
		case "p":
			t.order = append(t.order, f[1])
			t.provinces[f[1]] = posting.Both{FR: f[2], EN: f[3]}
			for _, s := range f[1:] {
				t.provinceNames[fold(s)] = f[1]
			}
		case "r":
			t.region(f[1], region{f[2], posting.Both{FR: f[3], EN: f[4]}})
		case "c":
			c := City{Name: f[1], Province: f[2], Zone: f[3], Population: int(num(f[4])), Lat: num(f[5]), Lng: num(f[6])}
			t.city(c)
			people[c.Province+c.Zone] += c.Population
			if p := people[c.Province+c.Zone]; p > most[c.Province] {
				most[c.Province], t.zones[c.Province] = p, c.Zone
			}
		case "f":
			a := area{fsa: f[1], province: f[2], place: f[3], city: f[4], lat: num(f[5]), lng: num(f[6])}
			t.areas[a.fsa] = a
			areas = append(areas, a)
		}
		if err != nil {
			return nil, err
		}
	}
	t.boroughs(areas)
	return t, nil
}

func (t *tables) city(c City) {
	names := append([]string{c.Name}, also[c.Name+" "+c.Province]...)
	if a, b, ok := strings.Cut(c.Name, " / "); ok {
		names = append(names, a, b) // "The Nation / La Nation": known by either
	}
	i := len(t.cities)
	t.cities = append(t.cities, c)
	var folded []string
	for _, name := range names {
		key := fold(name)
		if slices.Contains(folded, key) {
			continue
		}
		folded = append(folded, key)
		t.names[key] = append(t.names[key], i)
		t.looser[loose(key)] = append(t.looser[loose(key)], i)
	}
	t.folded = append(t.folded, folded)
}

func (t *tables) region(id string, r region) {
	t.regions[id] = r
	if _, second := t.onlyRegion[r.province]; second {
		t.onlyRegion[r.province] = ""
	} else {
		t.onlyRegion[r.province] = id
	}
	for _, name := range []string{r.name.EN, r.name.FR} {
		if key := fold(name); !slices.Contains(t.regionNames[key], id) {
			t.regionNames[key] = append(t.regionNames[key], id)
		}
		for part := range strings.SplitSeq(name, "–") {
			t.namedFor[fold(part)+" "+r.province] = id
		}
	}
}

// boroughs adds the places that only postal codes know: former cities and boroughs
// (North York, Fort McMurray), at the middle of their urban areas. A rural area lies
// too wide to place a town by it.
func (t *tables) boroughs(areas []area) {
	type sum struct {
		City
		n float64
	}
	by := map[string]*sum{}
	var keys []string
	for _, a := range areas {
		name := plain(a.place)
		if a.rural() || name == "" {
			continue
		}
		if t.part(name, a.province) {
			continue
		}
		key := fold(name) + " " + a.province
		if by[key] == nil {
			zone := t.zones[a.province]
			if c, ok := t.find(a.city, a.province); ok {
				zone = t.cities[c].Zone
			}
			by[key] = &sum{City: City{Name: name, Province: a.province, Zone: zone}}
			keys = append(keys, key)
		}
		s := by[key]
		s.Lat, s.Lng, s.n = s.Lat+a.lat, s.Lng+a.lng, s.n+1
	}
	for _, key := range keys {
		s := by[key]
		s.Lat, s.Lng = s.Lat/s.n, s.Lng/s.n
		t.city(s.City)
	}
}

// part says whether a name is that of a city of the table, or of one with two words or
// more after it: "Halifax Bedford Basin" is a part of Halifax, but
// "Fredericton Junction" is a village of its own.
func (t *tables) part(name, province string) bool {
	words := strings.Fields(fold(name))
	for n := len(words); n > 0; n-- {
		if n == len(words)-1 {
			continue
		}
		if _, known := t.find(strings.Join(words[:n], " "), province); known {
			return true
		}
	}
	return false
}

func (t *tables) find(name, province string) (int, bool) {
	for _, i := range t.names[fold(name)] {
		if t.cities[i].Province == province {
			return i, true
		}
	}
	return 0, false
}

// Words at the end of an area's name that say which part of the city it is.
var parts = []string{
	"north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest",
	"inner", "outer", "upper", "lower", "and", "northern", "subdivisions", "outskirts", "extremities", "rcm",
}

// plain takes from an area's name what tells it from those beside it: "Fort McMurray
// Outer Central" and "North York (Hillcrest Village)". Nothing when no name is left,
// or when it is a building or an office rather than a place.
func plain(name string) string {
	name, _, _ = strings.Cut(name, " (")
	if strings.ContainsAny(name, "/,&0123456789") || strings.HasPrefix(name, "Downtown ") || strings.HasPrefix(name, "Rm Of ") ||
		strings.HasPrefix(name, "Place ") || strings.Contains(name, "Government") || strings.Contains(name, "Reserved") {
		return ""
	}
	words := strings.Fields(name)
	for len(words) > 1 && slices.Contains(parts, strings.ToLower(words[len(words)-1])) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// fold writes a name the way it is compared: lower case, no accents, œ as oe, letters
// and digits only, one space between words, apostrophes dropped after a name ("John's")
// and taken as spaces after an article ("L'Ange"), and St. and Ste. written out.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		case r == '\'' || r == '’':
			b.WriteByte('\'')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if a, rest, ok := strings.Cut(w, "'"); ok {
			if len(a) <= 2 && len(rest) > 1 {
				w = a + " " + rest
			} else {
				w = a + rest
			}
			w = strings.ReplaceAll(w, "'", "")
		}
		switch w {
		case "st":
			w = "saint"
		case "ste":
			w = "sainte"
		}
		words[i] = w
	}
	return strings.Join(words, " ")
}

// loose takes Sainte for Saint in a folded name.
func loose(s string) string {
	if !strings.Contains(s, "sainte") {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		if w == "sainte" {
			words[i] = "saint"
		}
	}
	return strings.Join(words, " ")
}
