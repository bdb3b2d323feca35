package query

import (
	"slices"
	"strconv"
	"strings"

	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
)

// Plan is a query made ready: its words read and widened. It may be used by many
// goroutines. Begin with [Query.Plan].
type Plan struct {
	Query
	Words  *Node       // nil: none
	Wides  []Expansion // what was widened; Added is for the catalogue to fill
	today  posting.Day
	posted posting.Day // first day that is recent enough; 0: any
	facets []wanted
}

type wanted struct {
	facet  Facet
	values []string
}

// Plan reads the words and widens them to occupations: at most three unit
// groups, each beside the words it stands for. A widened word is found in postings of
// the unit group, and in those whose title has one of its names in either language.
// Words in quotes, excluded, or looked for in the employer's name are not widened.
func (q Query) Plan() *Plan {
	p := &Plan{Query: q, Words: parse(q.Words, q.In), today: posting.DayOf(q.Now)}
	for _, f := range Facets {
		values := q.Filters[f]
		if len(values) == 0 {
			continue
		}
		if f == Posted {
			p.posted = p.since(values)
			continue
		}
		p.facets = append(p.facets, wanted{f, values})
	}
	if p.Words != nil && q.In != InEmployer && !slices.Contains(q.NoExpand, "*") {
		p.widen()
	}
	return p
}

// since is the first day of the widest of several spans of days.
func (p *Plan) since(values []string) posting.Day {
	first := posting.Day(1<<31 - 1)
	for _, v := range values {
		if n, err := strconv.Atoi(v); err == nil && n >= 0 {
			first = min(first, p.today-posting.Day(min(n, 1<<20)))
		}
	}
	return first
}

// Since is the first day that is recent enough for the Posted filter; false when any is.
func (p *Plan) Since() (posting.Day, bool) { return p.posted, p.posted != 0 }

func (p *Plan) widen() {
	byWord := map[string][]*Node{}
	var order []string
	for _, w := range occupation.Expand(p.Query.Words, p.Lang) {
		if slices.Contains(p.NoExpand, w.NOC) || len(p.Wides) == 3 {
			continue
		}
		word := strings.Join(Tokens(w.Word), " ")
		if word == "" {
			continue
		}
		n := &Node{Kind: Wide, NOC: w.NOC, Wide: len(p.Wides)}
		for _, t := range w.Terms {
			if ts := Tokens(t); len(ts) > 0 {
				n.Kids = append(n.Kids, &Node{Kind: Phrase, Tokens: ts, Field: InTitle})
			}
		}
		if len(byWord[word]) == 0 {
			order = append(order, word)
		}
		byWord[word] = append(byWord[word], n)
		p.Wides = append(p.Wides, Expansion{Word: w.Word, NOC: w.NOC, Title: occupation.Title(w.NOC)})
	}
	for _, word := range order {
		tree, done := widened(p.Words, word, byWord[word])
		if !done {
			tree, done = widened(p.Words, unelided(word), byWord[word])
		}
		if done {
			p.Words = tree
		}
	}
	// What found no place in the tree (in quotes, excluded) widened nothing.
	used := map[int]bool{}
	p.Words.each(func(n *Node) {
		if n.Kind == Wide {
			used[n.Wide] = true
		}
	})
	if len(used) != len(p.Wides) {
		kept, moved := []Expansion(nil), map[int]int{}
		for i, w := range p.Wides {
			if used[i] {
				moved[i] = len(kept)
				kept = append(kept, w)
			}
		}
		p.Wides = kept
		p.Words.each(func(n *Node) {
			if n.Kind == Wide {
				n.Wide = moved[n.Wide]
			}
		})
	}
}

// unelided leaves the elided articles out, as they are of what is typed: the tree of
// "commis d'épicerie" has the words commis and épicerie.
func unelided(words string) string {
	ws := strings.Fields(words)
	last := len(ws) - 1
	var kept []string
	for i, w := range ws {
		if i == last || !slices.Contains(elided, w) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

func (n *Node) each(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, k := range n.Kids {
		k.each(f)
	}
}

// widened puts alternatives beside the words that they widen, wherever those stand.
func widened(n *Node, word string, wides []*Node) (*Node, bool) {
	switch n.Kind {
	case Phrase:
		if !n.Quoted && strings.Join(n.Tokens, " ") == word {
			return &Node{Kind: Any, Kids: append([]*Node{n}, wides...)}, true
		}
	case All:
		for i := range n.Kids {
			text := ""
			for j := i; j < len(n.Kids) && n.Kids[j].Kind == Phrase && !n.Kids[j].Quoted; j++ {
				text = strings.TrimPrefix(text+" "+strings.Join(n.Kids[j].Tokens, " "), " ")
				if text != word {
					if !strings.HasPrefix(word, text) {
						break
					}
					continue
				}
				group := &Node{Kind: Any, Kids: append([]*Node{join(All, slices.Clone(n.Kids[i:j+1]))}, wides...)}
				kids := append(append(slices.Clone(n.Kids[:i]), group), n.Kids[j+1:]...)
				return join(All, kids), true
			}
		}
		fallthrough
	case Any:
		kids, any := slices.Clone(n.Kids), false
		for i, k := range kids {
			if w, ok := widened(k, word, wides); ok {
				kids[i], any = w, true
			}
		}
		if any {
			return &Node{Kind: n.Kind, Kids: kids}, true
		}
	}
	return n, false
}

// Match says whether the query finds a posting, reading it whole: the reference for the
// catalogue's answer, and how the server's alerts look at one new posting.
func (q Query) Match(p posting.Posting) bool { return q.Plan().Match(p) }

// Match is [Query.Match] for many postings.
func (p *Plan) Match(at posting.Posting) bool {
	if !p.Archived && at.Ended(p.Now) || p.Hide.Has(at.Card) {
		return false
	}
	if p.posted != 0 && at.Posted < p.posted {
		return false
	}
	for _, w := range p.facets {
		if !has(at.Card, w) {
			return false
		}
	}
	return p.Near.Has(at.Place.Lat, at.Place.Lng) && p.Wage.Has(at.Wage) && p.says(at)
}

func has(c posting.Card, w wanted) bool {
	found := false
	Values(c, w.facet, func(v string) { found = found || slices.Contains(w.values, v) })
	return found
}

// Values calls f with each value a posting has of a facet: none when it is unknown.
// Posted has none of its own: it counts from a day.
func Values(c posting.Card, facet Facet, f func(string)) {
	one := func(v string) {
		if v != "" {
			f(v)
		}
	}
	switch facet {
	case Period:
		one(string(c.Period))
	case Term:
		one(string(c.Term))
	case WorkLang:
		one(string(c.WorkLang))
	case Education:
		if c.Education != posting.EduUnknown {
			f(strconv.Itoa(int(c.Education)))
		}
	case Experience:
		if c.Exp != posting.ExpUnknown {
			f(strconv.Itoa(int(c.Exp)))
		}
	case Province:
		one(c.Place.Province)
	case Region:
		one(c.Place.Region)
	case City:
		one(CityOf(c.Place))
	case Category:
		if len(c.NOC) == 5 {
			f(c.NOC[:1])
		}
	case NOC:
		one(c.NOC)
	case TEER:
		if len(c.NOC) == 5 {
			f(c.NOC[1:2])
		}
	case Source:
		one(c.Source)
	case Workplace:
		if c.Place.Mode == posting.OnSite {
			f("s")
		} else {
			f(string(c.Place.Mode))
		}
	case Schedule:
		eachOnce(c.Schedule, f)
	case Group:
		eachOnce(c.Groups, f)
	case TextLang:
		if c.Title.FR != "" {
			f("fr")
		}
		if c.Title.EN != "" {
			f("en")
		}
	case Poster:
		if c.Agency {
			f("agency")
		} else {
			f("employer")
		}
	case Abroad:
		if c.Abroad {
			f("1")
		}
	}
}

func eachOnce(vs []string, f func(string)) {
	for i, v := range vs {
		if v != "" && !slices.Contains(vs[:i], v) {
			f(v)
		}
	}
}

// CityOf is a place's value of the City facet: "Rimouski, QC"; "" without a city.
func CityOf(p posting.Place) string {
	if p.City == "" || p.Province == "" {
		return p.City
	}
	return p.City + ", " + p.Province
}

// Has says whether a point lies in the circle. Without a circle everything does; in one,
// a posting without coordinates does not.
func (n Near) Has(lat, lng float32) bool {
	if n.Km <= 0 {
		return true
	}
	if lat == 0 && lng == 0 {
		return false
	}
	// A degree of latitude is more than 111 km everywhere: most postings need no more.
	if d := (float64(lat) - n.Lat) * 111; d > n.Km+1 || d < -n.Km-1 {
		return false
	}
	return place.Km(n.Lat, n.Lng, float64(lat), float64(lng)) <= n.Km
}

// Has says whether a wage can reach what is asked, by the top of its range.
func (a WageAsk) Has(w posting.Wage) bool {
	return a.Reaches(max(w.HourMin, w.HourMax), max(w.YearMin, w.YearMax))
}

// Reaches is [WageAsk.Has] for the best hourly and yearly wage, in cents; 0 is unknown.
func (a WageAsk) Reaches(hour, year int64) bool {
	if a.Min <= 0 {
		return true
	}
	best, parts := year, int64(1)
	switch a.Unit {
	case posting.Hourly, posting.UnitUnknown:
		best = hour
	case posting.Daily:
		parts = 260
	case posting.Weekly:
		parts = 52
	case posting.Biweekly:
		parts = 26
	case posting.Monthly:
		parts = 12
	}
	if best <= 0 {
		return a.Unknown
	}
	return a.Min <= (1<<62)/260 && best >= a.Min*parts
}

// Where is the part of a posting a piece of text belongs to.
type Where byte

// Parts of a posting.
const (
	TitleText    Where = 't' // as the source wrote it, either language
	OccupationOf Where = 'n' // title of its NOC, either language
	EmployerText Where = 'e'
	Rest         Where = 'r'
)

// CardText calls f with each piece of a card's searchable text: titles, employer, the
// NOC's title in both languages, city, and province by code and by name.
func CardText(c posting.Card, f func(Where, string)) {
	piece := func(w Where, s string) {
		if s != "" {
			f(w, s)
		}
	}
	piece(TitleText, c.Title.FR)
	piece(TitleText, c.Title.EN)
	piece(EmployerText, c.Employer)
	if c.NOC != "" {
		t := occupation.Title(c.NOC)
		piece(OccupationOf, t.FR)
		piece(OccupationOf, t.EN)
	}
	piece(Rest, c.Place.City)
	if c.Place.Province != "" {
		n := place.Province(c.Place.Province)
		piece(Rest, c.Place.Province)
		piece(Rest, n.FR)
		if n.EN != n.FR {
			piece(Rest, n.EN)
		}
	}
}

// DetailsText does the same for the long half: every section's own heading and items,
// in both languages. Ways to apply are not searched.
func DetailsText(d posting.Details, f func(string)) {
	for _, t := range d.Texts {
		for _, s := range t.Sections {
			if s.Name != "" {
				f(s.Name)
			}
			for _, it := range s.Items {
				if it.Text != "" {
					f(it.Text)
				}
			}
		}
	}
}

type piece struct {
	where  Where
	tokens []string
}

func (p *Plan) says(at posting.Posting) bool {
	if p.Words == nil {
		return true
	}
	return p.Words.holds(at.Card, pieces(at))
}

// pieces are what a posting says, in words.
func pieces(at posting.Posting) (all []piece) {
	CardText(at.Card, func(w Where, s string) { all = append(all, piece{w, Tokens(s)}) })
	DetailsText(at.Details, func(s string) { all = append(all, piece{Rest, Tokens(s)}) })
	return all
}

func (n *Node) holds(c posting.Card, pieces []piece) bool {
	switch n.Kind {
	case All:
		for _, k := range n.Kids {
			if !k.holds(c, pieces) {
				return false
			}
		}
		return true
	case Any:
		for _, k := range n.Kids {
			if k.holds(c, pieces) {
				return true
			}
		}
		return false
	case Not:
		return !n.Kids[0].holds(c, pieces)
	case Number:
		return n.Number != 0 && c.Number == n.Number || n.ID == strings.ToLower(c.SourceID)
	case Wide:
		if c.NOC == n.NOC {
			return true
		}
		for _, k := range n.Kids {
			if k.holds(c, pieces) {
				return true
			}
		}
		return false
	}
	for _, p := range pieces {
		if n.Field == InTitle && p.where != TitleText || n.Field == InEmployer && p.where != EmployerText {
			continue
		}
		if n.in(p.tokens) {
			return true
		}
	}
	return false
}

// in says whether the phrase stands in one piece of text.
func (n *Node) in(tokens []string) bool {
	last := len(n.Tokens) - 1
	for i := 0; i+last < len(tokens); i++ {
		if slices.Equal(n.Tokens[:last], tokens[i:i+last]) &&
			(tokens[i+last] == n.Tokens[last] || n.Prefix && strings.HasPrefix(tokens[i+last], n.Tokens[last])) {
			return true
		}
	}
	return false
}
