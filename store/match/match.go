// Package match says which postings suit a profile, how well, and why. Begin with [New],
// which reads a profile once, and [Prepare], which reads a posting once; then
// [Profile.Score] compares them in well under a microsecond, [Profile.Explain] says
// requirement by requirement how, [Profile.Raise] what would raise it, and [Profile.Gaps] what is
// lacking over several postings. [Eligible] is apart: it says who may be matched
// with what, and asks nothing about how well.
//
// A desktop and a server run this package, with the same list of concepts
// ([skill.Version]), and come to the same bytes: there is no clock, no chance, no
// order of a map and no fraction in it. It keeps nothing and reads no disk.
//
// # Who may be matched
//
//   - A profile that was activated, of an account that is not suspended; of its
//     activated version only, which is the one to hand to New.
//   - A posting of an employer registered in this bank, never one that came from elsewhere
//     nor one whose number begins with 7 or 8, nor one that has ended.
//   - An Express Entry candidate only with what was shown for more than 30 days.
//
// # How well
//
// A score is a percentage, the sum of its parts and of nothing else. Five sections
// of the profile count and no other attribute:
//
//	work         34  the occupation itself, or one close to it
//	experience   16  how long in such work, beside what is asked
//	skills       16  in equal shares among those that the posting names
//	place        16  within 50 km of a chosen city, in a chosen province, or remote
//	workplace     2  on site, remote, hybrid… as chosen
//	education     8  the level asked
//	credentials   8  in equal shares; trade certificates asked together are alternatives
//
// Each requirement is met, partly met, missing or unknown. Partly met counts less: an
// occupation that is only close, one step too few of experience or studies, far too much
// experience, 50 to 100 km, a skill that is usual in an occupation of the profile but was
// not chosen. Unknown counts a part: the posting does not say (what its title tells of
// experience is used), the profile says nothing of its studies, or the tables do not have
// the city. An occupation far beneath what the person has done for a year counts as a close
// one at most. Skills and credentials are compared by concept, tied by id or by normalised
// text; what ties to none is told as unknown and weighs nothing.
//
// # Two ways
//
// What fits is at 50 % or more, in reach, and close in work or in skills; what fits closely
// is at 70 % or more, in an occupation of the profile, and lacks no experience, studies or
// credential. The default way shows what fits, the strict way what fits closely, which is a
// part of it whatever the input. A profile that says nothing of experience, skills,
// education and credentials fits nothing ([Profile.Empty] names what is missing, A-058).
package match

import (
	"slices"
	"strconv"

	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

// Person is what a profile says, in the words of the record of that kind: the keys of its
// JSON are those of the record and of the version kept under "active".
type Person struct {
	Places      []string          `json:"places"`      // "Rimouski, QC", "QC", or "CA"; none: nowhere in particular
	Workplaces  []string          `json:"workplaces"`  // posting.Workplace codes, "s" for on site; none: any
	Experience  map[string]string `json:"experience"`  // unit group to a posting.Experience
	Skills      []string          `json:"skills"`      // ids of concepts
	Education   []string          `json:"education"`   // posting.Education
	Credentials []string          `json:"credentials"` // ids of concepts
	Mode        Mode              `json:"mode"`
	Express     bool              `json:"express"` // an Express Entry candidate: for [Standing], it weighs nothing
}

// Mode is one of the two ways of being matched.
type Mode string

// The two ways. Anything that is not Strict is the default one.
const (
	Default Mode = "default"
	Strict  Mode = "strict"
)

// What each criterion weighs, in hundredths of the whole.
const (
	workOf       = 34
	experienceOf = 16
	skillsOf     = 16
	placeOf      = 16
	workplaceOf  = 2
	educationOf  = 8
	credentialOf = 8
)

// The least percentages of the two ways.
const (
	fits   = 50
	closer = 70
)

// Profile is a person's profile, read once. It is safe for concurrent use.
type Profile struct {
	said      Person
	spots     []spot
	provinces uint32 // bits of provinces chosen whole
	canada    bool
	anywhere  bool // no place was chosen
	modes     uint8
	education posting.Education
	skills    set
	likely    set // usual in an occupation of the person
	held      set
	empty     []Kind
	works     []work // by unit group, as lists.noc numbers them; 0 is unknown
}

// work is what a person brings to an occupation.
type work struct {
	points uint8              // of workOf
	have   posting.Experience // as it counts there
	own    bool               // the occupation is one of the person's
}

// New reads a profile. What this version of the lists does not know is left out.
func New(p Person) *Profile {
	l := lists()
	r := &Profile{said: p, skills: l.set(p.Skills), held: l.set(p.Credentials), likely: l.set(nil)}
	r.held.imply(l)
	for _, s := range p.Education {
		if n, err := strconv.Atoi(s); err == nil && n > 0 && n <= int(posting.EduGraduate) {
			r.education = max(r.education, posting.Education(n))
		}
	}
	for _, w := range p.Workplaces {
		r.modes |= modeBit(posting.Workplace(w))
	}
	r.anywhere = len(p.Places) == 0
	for _, s := range p.Places {
		r.place(s)
	}
	known := false
	r.works = make([]work, len(l.groups)+1)
	best := 5
	for noc, length := range p.Experience {
		if n, _ := strconv.Atoi(length); n >= int(posting.ExpOneYear) && l.noc[noc] != 0 {
			best = min(best, occupation.TEER(noc)) // the highest training that a year or more was worked at
		}
	}
	for noc, length := range p.Experience {
		n, err := strconv.Atoi(length)
		if l.noc[noc] == 0 || err != nil || n < 1 || n > int(posting.ExpFiveYears) {
			continue
		}
		known = true
		r.bring(l, noc, posting.Experience(n))
	}
	for i, g := range l.groups {
		if w := &r.works[i+1]; occupation.TEER(g)-best >= 2 && w.points > close {
			w.points = close // far beneath what the person has done since
		} else if occupation.TEER(g)-best >= 2 && w.points > group {
			w.points = group
		}
	}
	for _, s := range []struct {
		kind Kind
		has  bool
	}{{Experience, known}, {Skill, r.skills.any()}, {Education, r.education > 0}, {Credential, l.set(p.Credentials).any()}} {
		if !s.has {
			r.empty = append(r.empty, s.kind)
		}
	}
	return r
}

// Empty names the sections without which there is no good match and that are empty, in
// order, as the kind of requirement that they answer.
func (p *Profile) Empty() []Kind { return slices.Clone(p.empty) }

// blank: nothing was said to match by.
func (p *Profile) blank() bool { return len(p.empty) == 4 }

// bring notes what an occupation of the person brings to every other one. The best of
// several stands, so their order does not matter.
func (p *Profile) bring(l *list, noc string, length posting.Experience) {
	for i, other := range l.groups {
		w := work{points: nearness(noc, other, l.related(noc, other)), own: noc == other}
		switch { // experience elsewhere counts for less
		case w.own:
			w.have = length
		case w.points >= close && occupation.TEER(noc) == occupation.TEER(other):
			w.have = length
		case w.points >= akin:
			w.have = max(length, 1) - 1
		}
		at := &p.works[i+1]
		if at.own == w.own {
			at.have = max(at.have, w.have)
		} else if w.own {
			at.have = w.have // what the person says of the occupation itself stands
		}
		at.points, at.own = max(at.points, w.points), at.own || w.own
	}
	for i, c := range l.concepts {
		if slices.ContainsFunc(c.NOCs, func(n string) bool { return len(n) >= 3 && len(n) <= len(noc) && noc[:len(n)] == n }) {
			p.likely.add(uint16(i))
		}
	}
}

// Points of workOf for an occupation that is not the person's own.
const (
	close  = 26 // much the same work
	akin   = 18 // related, at another level of training
	group  = 14 // of the same minor group
	branch = 8  // of the same branch, or both learned on the job
)

// nearness is how much of workOf an occupation brings to another: all of it to itself, less
// to related ones and to those of the same group, and less again where the training that
// they ask for is two categories apart or more.
func nearness(from, to string, related bool) uint8 {
	apart := occupation.TEER(from) - occupation.TEER(to)
	steps := max(apart, -apart)
	switch {
	case from == to:
		return workOf
	case related && steps <= 1:
		return close
	case related:
		return akin
	case from[:4] == to[:4]:
		return group
	case from[:3] == to[:3], occupation.TEER(from) == 5 && occupation.TEER(to) == 5:
		return branch
	}
	return 0
}

// Score is how well a posting suits a profile.
type Score struct {
	Percent uint8 // 0 to 100: the sum of the points of every part
	fits    bool
	closely bool
}

// Stars are one to five.
func (s Score) Stars() int { return max(1, (int(s.Percent)+10)/20) }

// In says whether the posting is among the matches of a way.
func (s Score) In(m Mode) bool {
	if m == Strict {
		return s.closely
	}
	return s.fits
}

// Mode is the way that the profile chose.
func (p *Profile) Mode() Mode {
	if p.said.Mode == Strict {
		return Strict
	}
	return Default
}

// Score compares a profile with a posting. It says nothing of whether the two may be
// matched: see [Eligible].
func (p *Profile) Score(q *Posting) Score {
	worked, work := p.work(q)
	have, long := p.experience(q)
	near, where := p.where(q)
	way, ways := p.way(q)
	learned, level := p.level(q)
	skills, credentials, lacks := uint8(0), uint8(0), false
	if len(q.skills) == 0 {
		skills = skillsOf / 2
	}
	for _, n := range q.skills {
		_, points := p.skill(n)
		skills += points
	}
	if len(q.credentials) == 0 {
		credentials = credentialOf
	}
	for _, n := range q.credentials {
		state, points := p.credential(n)
		credentials += points
		lacks = lacks || state == Missing
	}
	s := Score{Percent: work + long + where + ways + level + skills + credentials}
	alike := work >= group || len(q.skills) > 0 && skills >= skillsOf/2 || worked == Unknown && len(q.skills) == 0
	s.fits = s.Percent >= fits && near != Missing && way != Missing && alike && !p.blank()
	s.closely = s.fits && s.Percent >= closer && worked == Met && have != Missing && learned != Missing && !lacks
	return s
}

func (p *Profile) work(q *Posting) (State, uint8) {
	if q.noc == 0 {
		return Unknown, workOf / 3
	}
	w := p.works[q.noc]
	switch {
	case w.own:
		return Met, w.points
	case w.points > 0:
		return Partly, w.points
	}
	return Missing, 0
}

func (p *Profile) experience(q *Posting) (State, uint8) {
	have := p.works[q.noc].have
	switch {
	case q.exp == posting.ExpUnknown:
		return Unknown, experienceOf / 2
	case q.placement && have >= posting.ExpOneYear:
		return Partly, experienceOf / 4
	case have >= posting.ExpThreeYear && have >= q.exp+3:
		return Partly, experienceOf * 3 / 4 // a post for somebody with much less
	case q.exp == posting.ExpNone:
		return Met, experienceOf
	case q.exp == posting.ExpAsset && have < posting.ExpMonths:
		return Partly, experienceOf * 3 / 4 // an asset, not a condition
	case q.noc == 0:
		return Unknown, experienceOf / 2
	case have >= q.exp, q.exp == posting.ExpAsset:
		return Met, experienceOf
	case have+1 == q.exp && have >= posting.ExpMonths:
		return Partly, experienceOf / 2
	}
	return Missing, 0
}

func (p *Profile) level(q *Posting) (State, uint8) {
	switch {
	case q.education == posting.EduUnknown:
		return Unknown, educationOf / 2
	case q.education == posting.EduNone, p.education >= q.education:
		return Met, educationOf
	case p.education == posting.EduUnknown:
		return Unknown, educationOf / 2
	case p.education+1 == q.education:
		return Partly, educationOf / 2
	}
	return Missing, 0
}

func (p *Profile) skill(n need) (State, uint8) {
	switch {
	case p.skills.has(n.id):
		return Met, n.of
	case p.likely.has(n.id):
		return Partly, n.of / 2
	}
	return Missing, 0
}

func (p *Profile) credential(n anyOf) (State, uint8) {
	for _, id := range n.ids {
		if p.held.has(id) {
			return Met, n.of
		}
	}
	return Missing, 0
}

// way compares how one would work with how the posting is worked.
func (p *Profile) way(q *Posting) (State, uint8) {
	if p.modes != 0 && p.modes&q.mode == 0 {
		return Missing, 0
	}
	return Met, workplaceOf
}

// where compares places. Distances are along a flat map about the city, to a fraction of a
// percent at 100 km.
func (p *Profile) where(q *Posting) (State, uint8) {
	const near, far = 50_000, 100_000 // metres
	if p.anywhere || p.canada || q.mode == modeBit(posting.Remote) {
		return Met, placeOf
	}
	if q.province == 0 && !q.known {
		return Unknown, placeOf / 2
	}
	if q.province != 0 && p.provinces>>q.province&1 == 1 {
		return Met, placeOf
	}
	best, points := Missing, uint8(0)
	for _, s := range p.spots {
		switch {
		case s.city == q.city:
			return Met, placeOf
		case q.known:
			d := s.squared(q)
			if d <= near*near {
				return Met, placeOf
			}
			if d <= far*far {
				best, points = Partly, placeOf/4
			}
		case s.province == q.province && best == Missing:
			best, points = Unknown, placeOf/4 // a place that the table does not have
		}
	}
	return best, points
}

// place notes a place where the person would work.
func (p *Profile) place(text string) {
	if text == "CA" {
		p.canada = true
		return
	}
	if n := provinceOf(text); n != 0 {
		p.provinces |= 1 << n
		return
	}
	name, province, ok := cut(text)
	if !ok {
		return
	}
	if c, ok := place.FindCity(name, province); ok {
		p.spots = append(p.spots, newSpot(posting.Place{City: name, Province: province, Lat: float32(c.Lat), Lng: float32(c.Lng)}))
	}
}

// Version is the release of the lists that scores go by; a score that is kept names it.
const Version = skill.Version
