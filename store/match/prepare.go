package match

import (
	"hash/fnv"
	"slices"
	"strings"
	"sync"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

// Posting is what a posting asks, read once: about a hundred bytes. It is safe for
// concurrent use.
type Posting struct {
	noc         uint16 // 0: unknown
	exp         posting.Experience
	education   posting.Education
	mode        uint8
	placement   bool // for somebody who still learns the work
	skills      []need
	credentials []anyOf
	spot
}

// need is a concept that a posting asks and what it weighs.
type need struct {
	id uint16
	of uint8
}

// anyOf is one credential asked, or several of which one is enough.
type anyOf struct {
	ids []uint16
	of  uint8
}

// Prepare reads a posting. Without details (a catalogue of cards) its skills and
// credentials are not known.
func Prepare(p posting.Posting) Posting {
	l := lists()
	q := Posting{noc: l.noc[p.NOC], exp: p.Exp, education: p.Education, mode: modeBit(p.Place.Mode), spot: newSpot(place.Locate(p.Place))}
	if q.exp == posting.ExpUnknown {
		q.exp, q.placement = fromTitle(p.Title)
	}
	skills, credentials := l.asked(p.Details)
	for i, id := range skills {
		q.skills = append(q.skills, need{id: id, of: share(skillsOf, i, len(skills))})
	}
	for i, ids := range credentials {
		q.credentials = append(q.credentials, anyOf{ids: ids, of: share(credentialOf, i, len(credentials))})
	}
	return q
}

// fromTitle is the experience that a title alone tells, for a posting that says nothing
// else of it: those who lead or are called senior have some years, juniors have none, and
// a placement is for somebody who still learns.
func fromTitle(title posting.Both) (e posting.Experience, placement bool) {
	for _, w := range strings.Fields(occupation.Fold(title.FR + " " + title.EN)) {
		switch w {
		case "intern", "internship", "coop", "stage", "stagiaire", "student", "etudiant", "etudiante", "apprentice", "apprenti", "apprentie":
			return posting.ExpNone, true
		case "director", "directeur", "directrice", "principal", "principale", "chief", "head", "lead", "manager", "gestionnaire":
			e = posting.ExpFiveYears
		case "senior", "sr", "chevronne", "chevronnee", "experimente", "experimentee":
			e = max(e, posting.ExpThreeYear)
		case "junior", "jr", "debutant", "debutante", "trainee":
			e = max(e, posting.ExpNone)
		}
	}
	return e, false
}

// share is what the i-th of n weighs of a whole, so that all n make the whole exactly.
func share(whole, i, n int) uint8 { return uint8(whole*(i+1)/n - whole*i/n) }

// asked gives the concepts that a posting asks, in the order of the list whatever the
// order of its languages and sections: skills, and credentials with their alternatives.
func (l *list) asked(d posting.Details) (skills []uint16, credentials [][]uint16) {
	trade := -1
	var ids []uint16
	for _, t := range d.Texts {
		for _, s := range t.Sections {
			if s.Kind == posting.About || s.Kind == posting.Benefits || s.Kind == posting.Screening {
				continue
			}
			for _, it := range s.Items {
				if id, ok := l.tie(it, t.Lang); ok {
					ids = append(ids, id)
				}
			}
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		switch l.use[id] {
		case asSkill:
			skills = append(skills, id)
		case asCredential:
			credentials = append(credentials, []uint16{id})
		case asTrade:
			if trade < 0 {
				trade = len(credentials)
				credentials = append(credentials, nil)
			}
			credentials[trade] = append(credentials[trade], id)
		}
	}
	return skills, credentials
}

// tie is the concept of a line of a posting: by its id, else by its text.
func (l *list) tie(it posting.Item, lang i18n.Lang) (uint16, bool) {
	id := it.ID
	if _, ok := skill.Get(id); !ok {
		if id, ok = skill.Tie(it.Text, lang); !ok {
			return 0, false
		}
	}
	n, ok := l.id(id)
	return n, ok
}

// list is the lists with a small number for each entry.
type list struct {
	groups   []string // unit groups, in order; numbered from 1
	noc      map[string]uint16
	concepts []skill.Concept
	number   map[string]uint16 // of concepts, by their own id
	use      []use
	near     map[[2]string]bool
}

// use is how a concept counts in a match.
type use uint8

const (
	asNothing    use = iota // conditions, suitability, benefits…: they tell nobody apart
	asSkill                 // tasks, tools, specializations, languages
	asCredential            //
	asTrade                 // a trade certificate or a period of apprenticeship: alternatives when asked together
)

// trades are the concepts of which a posting that lists several wants one.
var trades = []string{
	"ps:red-seal", "ps:trade-certificate-of-qualification", "ps:ccq-competency-certificate",
	"ps:apprentice-1st-period", "ps:apprentice-2nd-period", "ps:apprentice-3rd-period", "ps:apprentice-4th-period",
}

// proves says what a credential proves besides itself.
var proves = map[string][]string{
	"ps:driver-s-licence-class-1-az-in-ontario":     {"ps:driver-s-licence-class-3-dz-in-ontario", "ps:driver-s-licence-class-5-g-in-ontario", skill.Licence},
	"ps:driver-s-licence-class-2-b-or-c-in-ontario": {"ps:driver-s-licence-class-5-g-in-ontario", skill.Licence},
	"ps:driver-s-licence-class-3-dz-in-ontario":     {"ps:driver-s-licence-class-5-g-in-ontario", skill.Licence},
	"ps:driver-s-licence-class-4-f-in-ontario":      {"ps:driver-s-licence-class-5-g-in-ontario", skill.Licence},
	"ps:driver-s-licence-class-5-g-in-ontario":      {skill.Licence},
	"ps:red-seal": {"ps:trade-certificate-of-qualification"},
}

var lists = sync.OnceValue(func() *list {
	l := &list{groups: occupation.UnitGroups(), noc: map[string]uint16{}, concepts: skill.All(), number: map[string]uint16{}, near: map[[2]string]bool{}}
	for i, g := range l.groups {
		l.noc[g] = uint16(i + 1)
		for _, o := range occupation.Related(g) {
			l.near[[2]string{g, o}], l.near[[2]string{o, g}] = true, true
		}
	}
	l.use = make([]use, len(l.concepts))
	for i, c := range l.concepts {
		l.number[c.ID] = uint16(i)
		switch {
		case slices.Contains(trades, c.ID):
			l.use[i] = asTrade
		case c.Credential():
			l.use[i] = asCredential
		case c.Skill():
			l.use[i] = asSkill
		}
	}
	return l
})

func (l *list) related(a, b string) bool { return l.near[[2]string{a, b}] }

// id is the number of a concept, by its id or an alias.
func (l *list) id(id string) (uint16, bool) {
	c, ok := skill.Get(id)
	if !ok {
		return 0, false
	}
	return l.number[c.ID], true
}

// set is a set of concepts.
type set []uint64

func (l *list) set(ids []string) set {
	s := make(set, (len(l.concepts)+63)/64)
	for _, id := range ids {
		if n, ok := l.id(id); ok {
			s.add(n)
		}
	}
	return s
}

func (s set) add(n uint16)      { s[n/64] |= 1 << (n % 64) }
func (s set) has(n uint16) bool { return s[n/64]>>(n%64)&1 == 1 }
func (s set) any() bool         { return slices.ContainsFunc(s, func(w uint64) bool { return w != 0 }) }

// imply adds what the credentials held prove besides themselves.
func (s set) imply(l *list) {
	for id, others := range proves {
		if n, ok := l.number[id]; ok && s.has(n) {
			for _, o := range others {
				if n, ok := l.number[o]; ok {
					s.add(n)
				}
			}
		}
	}
}

// modeBit is the bit of a workplace; "s" is how profiles write on site.
func modeBit(w posting.Workplace) uint8 {
	switch w {
	case posting.OnSite, "s":
		return 1
	case posting.Remote:
		return 2
	case posting.Hybrid:
		return 4
	case posting.OnRoad:
		return 8
	case posting.Various:
		return 16
	}
	return 1
}

// spot is a point, in whole numbers so that every machine finds the same distance.
type spot struct {
	lat, lng int32 // hundred-thousandths of a degree
	cos      int32 // of the latitude, in millionths
	province uint8 // from 1; 0: unknown
	known    bool
	city     uint64 // its name and province
}

func newSpot(p posting.Place) spot {
	s := spot{province: provinceOf(p.Province), known: p.Known()}
	if s.known {
		s.lat, s.lng = degrees(p.Lat), degrees(p.Lng)
		s.cos = cosine(s.lat)
	}
	if p.City != "" && s.province != 0 {
		name := p.City
		if c, ok := place.FindCity(p.City, p.Province); ok {
			name = c.Name // one city may be written in several ways
		}
		h := fnv.New64a()
		h.Write([]byte(occupation.Fold(name) + "\x00" + strings.ToUpper(p.Province)))
		s.city = h.Sum64() | 1 // 0 is a place without a city
	}
	return s
}

// degrees gives whole hundred-thousandths. The conversion keeps a machine that has one
// instruction for both from joining the product to the sum: every machine rounds twice.
func degrees(f float32) int32 {
	x := float64(float64(f) * 1e5)
	if x < 0 {
		return -int32(-x + 0.5)
	}
	return int32(x + 0.5)
}

// cosine of a latitude, in millionths, by its series up to the eighth power: right to
// twenty millionths as far north as 85 degrees.
func cosine(lat int32) int32 {
	const one = 1_000_000
	x := int64(lat) * 31_415_927 / 180_000_000 // millionths of a radian
	x2 := x * x / one
	x4 := x2 * x2 / one
	x6 := x4 * x2 / one
	x8 := x4 * x4 / one
	return int32(one - x2/2 + x4/24 - x6/720 + x8/40_320)
}

// squared is the square of the distance, in square metres.
func (s spot) squared(q *Posting) int64 {
	const metres = 111_195 // in a hundred thousand hundred-thousandths of a degree
	dy := int64(s.lat-q.lat) * metres / 100_000
	dx := int64(s.lng-q.lng) * metres / 100_000 * (int64(s.cos) + int64(q.cos)) / 2_000_000
	return dx*dx + dy*dy
}

var provinces = sync.OnceValue(func() map[string]uint8 {
	m := map[string]uint8{}
	for i, code := range place.Provinces() {
		m[code] = uint8(i + 1)
	}
	return m
})

// provinceOf numbers a province from its two letters; 0 is none.
func provinceOf(code string) uint8 { return provinces()[strings.ToUpper(code)] }

// cut takes "Rimouski, QC" apart.
func cut(text string) (city, province string, ok bool) {
	i := strings.LastIndex(text, ", ")
	if i < 0 {
		return "", "", false
	}
	return text[:i], text[i+2:], true
}
