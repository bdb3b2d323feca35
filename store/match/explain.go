package match

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"passerelle/i18n"
	"passerelle/store/place"
	"passerelle/store/posting"
)

// Kind is the kind of a requirement.
type Kind string

// Kinds of requirements, in the order in which they are told.
const (
	Work       Kind = "work"       // ID is the unit group
	Experience Kind = "experience" // ID is the unit group, Level a posting.Experience
	Skill      Kind = "skill"      // IDs are concepts
	Place      Kind = "place"      // ID is "Rimouski, QC", or a province
	Workplace  Kind = "workplace"  // ID is a posting.Workplace, "s" for on site
	Education  Kind = "education"  // Level is a posting.Education
	Credential Kind = "credential" // IDs are concepts, of which one is enough
)

var kinds = []Kind{Work, Experience, Skill, Place, Workplace, Education, Credential}

// State is how a requirement stands.
type State string

// States.
const (
	Met     State = "met"
	Partly  State = "partly"
	Missing State = "missing"
	Unknown State = "unknown" // the posting does not say, or the profile does not, or the lists do not know
)

// Part is one requirement of a posting and what it adds to the score.
type Part struct {
	Kind   Kind      `json:"kind"`
	State  State     `json:"state"`
	Points int       `json:"points"` // the points of all parts make the percentage
	Of     int       `json:"of"`     // what it could add; all together are 100
	IDs    []string  `json:"ids,omitempty"`
	Level  int       `json:"level,omitempty"` // asked
	Text   string    `json:"text,omitempty"`  // a line of the posting that ties to no concept: shown, never matched
	Lang   i18n.Lang `json:"lang,omitempty"`  // of Text
	Stated bool      `json:"stated"`          // the posting says; else there is nothing to raise
}

// Explanation is a score with its reasons.
type Explanation struct {
	Percent int    `json:"percent"`
	Stars   int    `json:"stars"`
	Default bool   `json:"default"` // a match in the default way
	Strict  bool   `json:"strict"`  // and in the strict one
	Version string `json:"version"` // of the lists
	Parts   []Part `json:"parts"`
}

// Explain compares a profile with a posting, requirement by requirement. Its
// percentage is that of [Profile.Score].
func (p *Profile) Explain(post posting.Posting) Explanation {
	l, q := lists(), Prepare(post)
	s := p.Score(&q)
	e := Explanation{Percent: int(s.Percent), Stars: s.Stars(), Default: s.fits, Strict: s.closely, Version: Version}
	add := func(k Kind, st State, points uint8, of int, stated bool) *Part {
		e.Parts = append(e.Parts, Part{Kind: k, State: st, Points: int(points), Of: of, Stated: stated})
		return &e.Parts[len(e.Parts)-1]
	}
	group := func(part *Part) {
		if q.noc != 0 {
			part.IDs = []string{l.groups[q.noc-1]}
		}
	}
	st, points := p.work(&q)
	group(add(Work, st, points, workOf, q.noc != 0))
	st, points = p.experience(&q)
	part := add(Experience, st, points, experienceOf, q.exp != posting.ExpUnknown && q.noc != 0)
	part.Level = int(q.exp)
	group(part)
	if len(q.skills) == 0 {
		add(Skill, Unknown, skillsOf/2, skillsOf, false)
	}
	for _, n := range q.skills {
		st, points := p.skill(n)
		add(Skill, st, points, int(n.of), true).IDs = l.names(n.id)
	}
	st, points = p.where(&q)
	part = add(Place, st, points, placeOf, q.known || q.province != 0)
	if at := whereabouts(post.Place); at != "" {
		part.IDs = []string{at}
	}
	st, points = p.way(&q)
	way := string(post.Place.Mode)
	if post.Place.Mode == posting.OnSite {
		way = "s"
	}
	add(Workplace, st, points, workplaceOf, true).IDs = []string{way}
	st, points = p.level(&q)
	add(Education, st, points, educationOf, q.education != posting.EduUnknown).Level = int(q.education)
	if len(q.credentials) == 0 {
		add(Credential, Met, credentialOf, credentialOf, false) // none asked
	}
	for _, n := range q.credentials {
		st, points := p.credential(n)
		add(Credential, st, points, int(n.of), true).IDs = l.names(n.ids...)
	}
	e.Parts = append(e.Parts, l.untied(post.Details)...)
	return e
}

// untied gives the lines that ask for a skill or a credential and tie to no concept.
func (l *list) untied(d posting.Details) []Part {
	var parts []Part
	for _, t := range d.Texts {
		for _, s := range t.Sections {
			kind := Skill
			switch s.Kind {
			case posting.Tasks, posting.Tools, posting.Special:
			case posting.Credentials:
				kind = Credential
			default:
				continue
			}
			for _, it := range s.Items {
				if _, ok := l.tie(it, t.Lang); !ok {
					parts = append(parts, Part{Kind: kind, State: Unknown, Text: it.Text, Lang: t.Lang, Stated: true})
				}
			}
		}
	}
	return parts
}

func (l *list) names(ids ...uint16) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = l.concepts[id].ID
	}
	return out
}

// whereabouts writes a place as profiles choose one: its city, or its province where the
// tables do not have the city.
func whereabouts(p posting.Place) string {
	if _, ok := place.FindCity(p.City, p.Province); ok && p.Province != "" {
		return p.City + ", " + p.Province
	}
	return p.Province
}

// Step is one change of a profile and what it would add to the score of a posting.
type Step struct {
	Kind  Kind     `json:"kind"`
	IDs   []string `json:"ids,omitempty"` // any one of these
	Level int      `json:"level,omitempty"`
	Gain  int      `json:"gain"` // points, counted by scoring again
}

// Raise says what would raise the score of a posting, the most first: each requirement that
// is not met and that a profile can state. An occupation is told with the experience
// asked in it, as one step.
func (p *Profile) Raise(post posting.Posting) []Step {
	q := Prepare(post)
	now := p.Score(&q).Percent
	var steps []Step
	for _, part := range p.Explain(post).Parts {
		s := Step{Kind: part.Kind, IDs: part.IDs, Level: part.Level}
		if !part.Stated || part.Text != "" || part.State == Met && part.Kind != Work {
			continue
		}
		switch part.Kind {
		case Work:
			s.Kind, s.Level = Experience, max(int(posting.ExpNone), int(q.exp))
			if q.exp == posting.ExpAsset {
				s.Level = int(posting.ExpMonths)
			}
		case Experience:
			continue
		}
		if s.Gain = int(p.with(s).Score(&q).Percent) - int(now); s.Gain > 0 {
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(b.Gain, a.Gain) })
	return steps
}

// with is the profile after a step, read anew.
func (p *Profile) with(s Step) *Profile {
	c := p.said
	switch s.Kind {
	case Experience:
		c.Experience = maps.Clone(c.Experience)
		if c.Experience == nil {
			c.Experience = map[string]string{}
		}
		if n, _ := strconv.Atoi(c.Experience[s.IDs[0]]); n < s.Level {
			c.Experience[s.IDs[0]] = strconv.Itoa(s.Level)
		}
	case Skill:
		c.Skills = append(slices.Clone(c.Skills), s.IDs[0])
	case Credential:
		c.Credentials = append(slices.Clone(c.Credentials), s.IDs[0])
	case Place:
		c.Places = append(slices.Clone(c.Places), s.IDs...)
	case Workplace:
		c.Workplaces = append(slices.Clone(c.Workplaces), s.IDs...)
	case Education:
		c.Education = append(slices.Clone(c.Education), strconv.Itoa(s.Level))
	}
	return New(c)
}

// Gap is a requirement that the profile does not meet, and in how many postings it stands.
type Gap struct {
	Kind     Kind     `json:"kind"`
	IDs      []string `json:"ids,omitempty"` // any one of these
	Level    int      `json:"level,omitempty"`
	Postings int      `json:"postings"`
	Partly   int      `json:"partly"` // of those, where it is partly met
	Gain     int      `json:"gain"`   // points that meeting it would add, over all of them
}

// Gaps gives what chosen postings ask and the profile does not meet, what most of them ask
// first: skills, experience, education and credentials. A place is no gap.
func (p *Profile) Gaps(chosen []posting.Posting) []Gap {
	at := map[string]int{}
	var gaps []Gap
	for _, post := range chosen {
		for _, part := range p.Explain(post).Parts {
			if !part.Stated || part.State == Met || part.Kind == Place || part.Kind == Workplace || part.Kind == Work || part.Text != "" || len(part.IDs) == 0 && part.Level == 0 {
				continue
			}
			key := string(part.Kind) + strconv.Itoa(part.Level)
			for _, id := range part.IDs {
				key += " " + id
			}
			i, ok := at[key]
			if !ok {
				i = len(gaps)
				at[key] = i
				gaps = append(gaps, Gap{Kind: part.Kind, IDs: part.IDs, Level: part.Level})
			}
			gaps[i].Postings++
			if part.State == Partly {
				gaps[i].Partly++
			}
			gaps[i].Gain += part.Of - part.Points
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Postings, a.Postings), cmp.Compare(b.Gain, a.Gain),
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), slices.Compare(a.IDs, b.IDs), cmp.Compare(a.Level, b.Level))
	})
	return gaps
}
