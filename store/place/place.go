// Package place knows where things are in Canada, without a network: cities, the
// first half of postal codes, provinces and economic regions, and how far apart two
// points are. Begin with [Find], which reads what a person typed, or with [Locate],
// which gives a posting's place its coordinates. Its tables are facts from the sources
// that [Sources] names, embedded compressed and read at the first question.
package place

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"passerelle/store/posting"
)

// What Find answers when it cannot place a text. The two differ because they are
// explained differently: a postal code that is not in the table may well exist.
var (
	ErrUnknownPlace  = errors.New("no such place in the table")
	ErrUnknownPostal = errors.New("no such postal code in the table")
)

// City is a populated place.
type City struct {
	Name, Province, Zone string // Zone is an IANA zone
	Lat, Lng             float64
	Population           int // 0 when it is a part of a larger city, or unknown
}

// Spot is a point on the map that a person asked for, and how to name it.
type Spot struct {
	Label    string // "Rimouski, QC" or "G5L, Rimouski, QC"
	Lat, Lng float64
	Province string
	// Approx: the code is a rural one, whose area may be hundreds of kilometres wide;
	// the point is its middle, and distances from it are a rough guess.
	Approx bool
}

// FindCity finds a city by its name, without regard to accents, case, hyphens, or to
// how "Saint" is written. Without a province the most populous of that name is taken,
// and its Province says which it is.
func FindCity(name, province string) (City, bool) {
	t := load()
	province = strings.ToUpper(strings.TrimSpace(province))
	exact := fold(name)
	if exact == "" {
		return City{}, false
	}
	// "Ste. Anne" and "Saint-Anne" meet only where no place is written as asked.
	for _, found := range [][]int{t.names[exact], t.looser[loose(exact)]} {
		for _, i := range found { // most populous first
			if province == "" || t.cities[i].Province == province {
				return t.cities[i], true
			}
		}
	}
	return City{}, false
}

// Find reads a place as people write it: "Rimouski", "rimouski, qc", "Rimouski
// (Québec)", "G5L 1A1", "g5l1a1" or "G5L". The error is [ErrUnknownPostal] for what
// looks like a postal code, else [ErrUnknownPlace].
func Find(text string) (Spot, error) {
	if code, ok := postal(text); ok {
		a, ok := load().areas[code]
		if !ok {
			return Spot{}, fmt.Errorf("find %q: %w", text, ErrUnknownPostal)
		}
		return Spot{
			Label: a.fsa + ", " + a.name() + ", " + a.province,
			Lat:   a.lat, Lng: a.lng, Province: a.province, Approx: a.rural(),
		}, nil
	}
	c, ok := FindCity(text, "")
	if !ok {
		c, ok = FindCity(split(text))
	}
	if !ok {
		return Spot{}, fmt.Errorf("find %q: %w", text, ErrUnknownPlace)
	}
	return Spot{Label: c.Name + ", " + c.Province, Lat: c.Lat, Lng: c.Lng, Province: c.Province}, nil
}

// split takes the province off the end of "Rimouski (Québec)", "Rimouski, QC" or
// "Rimouski QC"; without one the name is empty, and nothing is found.
func split(text string) (name, province string) {
	words := strings.Fields(fold(text))
	for n := min(4, len(words)-1); n > 0; n-- { // "Terre-Neuve-et-Labrador" is four words
		cut := len(words) - n
		if p, ok := load().provinceNames[strings.Join(words[cut:], " ")]; ok {
			return strings.Join(words[:cut], " "), p
		}
	}
	return "", ""
}

// postal gives the first three characters of what looks like a Canadian postal code,
// whole or only those three, with or without a space or hyphen.
func postal(text string) (string, bool) {
	s := strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(strings.TrimSpace(text)))
	if len(s) != 3 && len(s) != 6 {
		return "", false
	}
	for i := range len(s) {
		letter := s[i] >= 'A' && s[i] <= 'Z'
		digit := s[i] >= '0' && s[i] <= '9'
		if i%2 == 0 && !letter || i%2 == 1 && !digit {
			return "", false
		}
	}
	return s[:3], true
}

// Suggest gives at most n cities whose name, or a later word of it, begins with the
// prefix: those whose name begins with it first, the most populous first.
func Suggest(prefix string, n int) []City {
	t := load()
	p := fold(prefix)
	if p == "" || n <= 0 {
		return nil
	}
	var first, later []City
	for i, c := range t.cities { // most populous first
		switch {
		case slices.ContainsFunc(t.folded[i], func(s string) bool { return begins(s, p) }):
			first = append(first, c)
		case slices.ContainsFunc(t.folded[i], func(s string) bool { return strings.Contains(s, " "+p) }):
			later = append(later, c)
		}
		if len(first) >= n {
			break
		}
	}
	all := append(first, later...)
	return all[:min(n, len(all))]
}

// begins says whether a folded name begins with a folded prefix, however much of
// "Saint" has been typed: "ste a" begins "Sainte-Anne" and "st j" begins "Saint-Jean".
func begins(name, prefix string) bool {
	return strings.HasPrefix(name, prefix) || strings.HasPrefix(loose(name), loose(prefix))
}

// radius is the Earth's mean radius in kilometres (IUGG).
const radius = 6371.0088

// Km is the distance in kilometres along the great circle between two points given
// in degrees, on a sphere (haversine): within 0.6 % of the ellipsoid's.
func Km(lat1, lng1, lat2, lng2 float64) float64 {
	const rad = math.Pi / 180
	dy := math.Sin((lat2 - lat1) * rad / 2)
	dx := math.Sin((lng2 - lng1) * rad / 2)
	h := dy*dy + math.Cos(lat1*rad)*math.Cos(lat2*rad)*dx*dx
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// Locate fills the coordinates of a place from its postal code, else from its city,
// and its economic region where that is certain. What is known already stays. A postal
// code of another province than the one stated is an error somewhere: the city decides.
func Locate(p posting.Place) posting.Place {
	if !p.Known() {
		city, found := FindCity(p.City, p.Province)
		if p.Province == "" {
			found = found && alone(p.City) // two cities of one name: neither
		}
		area, ok := areaOf(p)
		switch {
		case ok && area.rural() && found:
			p.Lat, p.Lng = float32(city.Lat), float32(city.Lng) // the middle of a rural code may be far from any town
		case ok:
			p.Lat, p.Lng = float32(area.lat), float32(area.lng)
		case found:
			p.Lat, p.Lng = float32(city.Lat), float32(city.Lng)
		}
	}
	if p.Region == "" {
		p.Region = regionOf(p)
	}
	return p
}

func areaOf(p posting.Place) (area, bool) {
	code, ok := postal(p.Postal)
	if !ok {
		return area{}, false
	}
	a, ok := load().areas[code]
	// K1A is the federal government's on both banks of the Ottawa River.
	return a, ok && (p.Province == "" || p.Province == a.province || code == "K1A")
}

// alone says whether one city only bears the name.
func alone(name string) bool { return len(load().names[fold(name)]) == 1 }

// Zone is the time zone of a place: that of its city, of its postal code's city, or
// the one most people of its province live in. Unknown is "".
func Zone(p posting.Place) string {
	if c, ok := FindCity(p.City, p.Province); ok && (p.Province != "" || alone(p.City)) {
		return c.Zone
	}
	if a, ok := areaOf(p); ok {
		if c, ok := FindCity(a.city, a.province); ok {
			return c.Zone
		}
		if p.Province == "" {
			return load().zones[a.province]
		}
	}
	return load().zones[strings.ToUpper(p.Province)]
}

// Province is the name of a province or territory from its two letters; zero when
// there is no such one.
func Province(code string) posting.Both { return load().provinces[strings.ToUpper(code)] }

// Provinces are the thirteen codes, from east to west and then north.
func Provinces() []string { return slices.Clone(load().order) }
