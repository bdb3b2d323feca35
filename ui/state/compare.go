package state

import (
	"context"
	"errors"
	"slices"
	"strings"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/match"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/skill"
)

// How many postings are compared.
const (
	CompareLeast = 2
	CompareMost  = 4
)

// Compare is two to four postings side by side: what differs between them, what they
// share, and, for whoever has a profile, how they meet each.
type Compare struct {
	s *State

	Chosen  []int64    // row ids, in the order in which they were chosen
	Columns []Compared // those of them that were read
	Lost    int        // how many could not be: the catalogue no longer has them
	Near    query.Near // from where distances are told; Km 0: from nowhere
	Profile bool       // the person has a profile, and each column says how they meet it
	Differ  bool       // only what differs is shown
	Loading bool
	Loaded  bool
	Err     error
	Removed *Undo // what was taken out last, to put it back

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen    int
	cancel context.CancelFunc
}

// Compared is one of the postings.
type Compared struct {
	Posting posting.Posting
	Match   match.Explanation // of the profile; zero without one
}

// CompareLine is one thing that is told of every posting, in words.
type CompareLine struct {
	Label string
	Same  bool // all say the same
	Cells []CompareCell
	Long  bool // lists: where there is little room, their ends are left out
	Minor bool // and these go first
}

// CompareCell is what one posting says of it.
type CompareCell struct {
	Lines []string
	Best  string // why it stands out: the highest wage, the nearest place; "" where it does not
}

func newCompare(s *State) *Compare { return &Compare{s: s} }

func (c *Compare) tell() {
	if c.Changed != nil {
		c.Changed()
	}
}

// Has says whether a posting is among the chosen.
func (c *Compare) Has(id int64) bool { return slices.Contains(c.Chosen, id) }

// Toggle chooses a posting, or takes it out, and says what came of it.
func (c *Compare) Toggle(id int64) string {
	w := c.s.words
	switch {
	case id == 0:
		return w.S(i18n.CompareNothing)
	case c.Has(id):
		c.take(id)
		return w.N(i18n.CompareOut, len(c.Chosen))
	case len(c.Chosen) == CompareMost:
		return w.S(i18n.CompareFull, "Most", w.Number(CompareMost))
	}
	c.Chosen = append(slices.Clone(c.Chosen), id)
	c.changed()
	return w.N(i18n.CompareIn, len(c.Chosen))
}

// Set chooses these and no others, up to as many as can be compared.
func (c *Compare) Set(ids ...int64) {
	c.Chosen, c.Removed = nil, nil
	for _, id := range ids {
		if len(c.Chosen) < CompareMost && id != 0 && !c.Has(id) {
			c.Chosen = append(c.Chosen, id)
		}
	}
	c.changed()
}

// Remove takes a posting out; [Compare.Back] puts it back.
func (c *Compare) Remove(id int64, title string) {
	was := slices.Clone(c.Chosen)
	c.take(id)
	c.Removed = &Undo{What: c.s.words.S(i18n.CompareRemoved, "Title", title), do: func() { c.Set(was...) }}
	c.tell()
}

// Clear takes all out; [Compare.Back] puts them back.
func (c *Compare) Clear() {
	was := slices.Clone(c.Chosen)
	c.Set()
	c.Removed = &Undo{What: c.s.words.S(i18n.CompareCleared), do: func() { c.Set(was...) }}
	c.tell()
}

// Back puts back what was taken out last.
func (c *Compare) Back() {
	if u := c.Removed; u != nil {
		c.Removed = nil
		u.do()
	}
}

func (c *Compare) take(id int64) {
	c.Removed = nil
	c.Chosen = slices.DeleteFunc(slices.Clone(c.Chosen), func(x int64) bool { return x == id })
	c.changed()
}

func (c *Compare) changed() {
	c.Columns = slices.DeleteFunc(c.Columns, func(x Compared) bool { return !c.Has(x.Posting.ID) })
	c.Load()
	c.s.Tell()
	if p := c.s.Posting; p.ID != 0 {
		p.tell() // its act has another name now
	}
}

// SetDiffer shows only what differs, or all.
func (c *Compare) SetDiffer(on bool) {
	c.Differ = on
	c.tell()
}

// Load reads the chosen postings and the profile again.
func (c *Compare) Load() {
	c.gen++
	if c.cancel != nil {
		c.cancel()
	}
	ctx, cancel := context.WithCancel(c.s.ctx)
	c.cancel = cancel
	gen, chosen, now, d := c.gen, c.Chosen, c.s.Now(), c.s.o.Device
	offered, person, private, near := c.s.Profile.Offered(), c.s.Present.Person.ID, c.s.o.Private, c.s.Search.Query.Near
	kind, try := c.s.Profile.kind(), c.s.Matches.Try
	var got []Compared
	var profile bool
	var err error
	c.Loading = true
	c.s.o.Exec.Go(func() {
		var mine *match.Profile
		if offered {
			if r, rerr := readProfile(ctx, private, person); rerr == nil && r.found { // without it the postings are compared all the same
				said := basis(kind, r.rec.Doc, try, false)
				if near.Km == 0 {
					near = home(said)
				}
				if p := match.New(said); len(p.Empty()) < 4 { // else it matches nothing
					mine, profile = p, true
				}
			}
		}
		for _, id := range chosen {
			p, e := c.s.o.Catalogue.Posting(ctx, id, now)
			if e != nil || p.State != posting.Shown {
				if k, ok := kept(ctx, d, id, now); ok {
					p, e = k, nil
				}
			}
			if e != nil {
				if !errors.Is(e, catalogue.ErrMissing) {
					err = e // it may be there
				}
				continue
			}
			x := Compared{Posting: p}
			if mine != nil {
				x.Match = mine.Explain(p)
			}
			got = append(got, x)
		}
	}, func() {
		cancel()
		if gen != c.gen {
			return
		}
		c.Loading, c.Loaded, c.Err = false, true, err
		c.Columns, c.Near, c.Profile, c.Lost = got, near, profile, len(chosen)-len(got)
		c.tell()
	})
	c.tell()
}

// home is the first city of a profile, from which distances are told.
func home(p match.Person) query.Near {
	for _, text := range p.Places {
		if i := strings.LastIndex(text, ", "); i > 0 {
			if c, ok := place.FindCity(text[:i], text[i+2:]); ok {
				return query.Near{Label: text, Lat: c.Lat, Lng: c.Lng, Km: 1}
			}
		}
	}
	return query.Near{}
}

// Names are the titles of the columns, as one reads them at their heads.
func (c *Compare) Names() (names []string) {
	for _, x := range c.Columns {
		h := Head(x.Posting.Card, c.s.Lang())
		if h.Title == "" {
			h.Title = Number(c.s.words, x.Posting.Number)
		}
		names = append(names, h.Title)
	}
	return names
}

// Lines are all that is told, in the order in which one asks: what it pays, where it is, when
// one works, what is asked, and how the person meets it.
func (c *Compare) Lines() (all []CompareLine) {
	w := c.s.words
	add := func(label string, much extent, of func(x Compared) []string, best map[int]string) {
		l := CompareLine{Label: label, Same: true, Long: much != brief, Minor: much == minor}
		empty := true
		for i, x := range c.Columns {
			cell := CompareCell{Lines: of(x), Best: best[i]}
			empty = empty && len(cell.Lines) == 0
			if i > 0 && !slices.Equal(cell.Lines, l.Cells[0].Lines) {
				l.Same = false
			}
			l.Cells = append(l.Cells, cell)
		}
		if !empty {
			all = append(all, l)
		}
	}
	one := func(f func(p posting.Posting) string) func(Compared) []string {
		return func(x Compared) []string {
			if s := f(x.Posting); s != "" {
				return []string{s}
			}
			return nil
		}
	}
	if c.Profile {
		add(w.S(i18n.MatchScore), brief, func(x Compared) []string {
			return []string{w.N(i18n.MatchStars, x.Match.Stars, "Percent", x.Match.Percent)}
		}, c.best(i18n.CompareBestMatch, func(x Compared) float64 { return float64(x.Match.Percent) }))
	}
	if c.Profile {
		add(w.S(i18n.CompareMeet), long, func(x Compared) []string { return c.meets(x.Match) }, nil)
	}
	add(w.S(i18n.CompareEmployer), brief, one(func(p posting.Posting) string { return p.Employer }), nil)
	add(w.S(i18n.CompareWage), brief, func(x Compared) []string {
		return append([]string{WageLine(w, x.Posting.Wage)}, x.Posting.Pay...)
	}, c.best(i18n.CompareBestWage, func(x Compared) float64 { return float64(max(x.Posting.Wage.HourMin, x.Posting.Wage.HourMax)) }))
	add(w.S(i18n.ComparePlace), brief, one(func(p posting.Posting) string { return PlaceLine(w, p.Place, query.Near{}) }), nil)
	if c.Near.Km > 0 {
		km := func(p posting.Posting) float64 {
			if !p.Place.Known() {
				return -1
			}
			return place.Km(c.Near.Lat, c.Near.Lng, float64(p.Place.Lat), float64(p.Place.Lng))
		}
		add(w.S(i18n.CompareDistance, "Place", c.Near.Label), brief, one(func(p posting.Posting) string {
			if d := km(p); d >= 0 {
				return w.S(i18n.PlaceKm, "Km", w.Number(int(d+0.5)))
			}
			return ""
		}), c.best(i18n.CompareBestPlace, func(x Compared) float64 {
			if d := km(x.Posting); d >= 0 {
				return 1 / (1 + d)
			}
			return 0
		}))
	}
	c.facts(add)
	add(w.S(i18n.CompareNoc), brief, one(func(p posting.Posting) string {
		if p.NOC == "" {
			return ""
		}
		group, _ := occupation.Title(p.NOC).In(w.Lang())
		return w.S(i18n.PageNoc, "Code", p.NOC, "Teer", occupation.TEER(p.NOC), "Title", group)
	}), nil)
	c.sections(add)
	return all
}

// meets is how the profile meets what a posting asks: how much of it, then what is lacking.
func (c *Compare) meets(e match.Explanation) (lines []string) {
	w, n := c.s.words, map[match.State]int{}
	for _, st := range []match.State{match.Missing, match.Partly} {
		for _, p := range e.Parts {
			if p.State == st && p.Stated && p.Text == "" {
				lines = append(lines, w.S(i18n.RecordvalueLine, "Name", Verdict(w, st), "Value", c.s.Requirement(p.Kind, p.IDs, p.Level, "")))
			}
		}
	}
	for _, p := range e.Parts {
		if p.Stated && p.Text == "" {
			n[p.State]++
		}
	}
	tally := w.N(i18n.MatchesTallyMet, n[match.Met]) + ", " + w.N(i18n.MatchesTallyPartly, n[match.Partly]) + ", " + w.N(i18n.MatchesTallyMissing, n[match.Missing])
	return append([]string{tally}, lines...)
}

// facts are those of the postings, each where any of them states it.
func (c *Compare) facts(add func(string, extent, func(Compared) []string, map[int]string)) {
	var order []string
	said := map[string]map[int64]string{}
	for _, x := range c.Columns {
		at := 0
		for _, f := range c.s.Facts(x.Posting.Card) {
			if f.Label == c.s.words.S(i18n.FactOrigin) {
				continue // no two have the same, and it tells nothing of the work
			}
			if i := slices.Index(order, f.Label); i >= 0 {
				at = i + 1
			} else {
				order, at = slices.Insert(order, at, f.Label), at+1
				said[f.Label] = map[int64]string{}
			}
			said[f.Label][x.Posting.ID] = f.Value
		}
	}
	for _, label := range order {
		add(label, brief, func(x Compared) []string {
			if v := said[label][x.Posting.ID]; v != "" {
				return []string{v}
			}
			return nil
		}, nil)
	}
}

// comparedKinds are the sections that are set beside each other, in order. What an employer
// writes of the work is for reading, and not for this.
var comparedKinds = []posting.Kind{posting.Tasks, posting.Tools, posting.Credentials, posting.Special, posting.Languages, posting.Studies,
	posting.Experiences, posting.Suitability, posting.Security, posting.Setting, posting.Conditions, posting.Transport,
	posting.OwnTools, posting.Supervision, posting.Benefits}

// major is how many of them, the first, say what one has to know and to have done.
const major = 7

// extent is how much a line says.
type extent uint8

const (
	brief extent = iota
	long
	minor // long, and the first to go
)

// sections are the lists of the postings. What several of them have comes first, marked so.
func (c *Compare) sections(add func(string, extent, func(Compared) []string, map[int]string)) {
	w := c.s.words
	type item struct{ text, key string }
	for i, kind := range comparedKinds {
		items := map[int64][]item{}
		count := map[string]int{}
		for _, x := range c.Columns {
			text, ok := x.Posting.Text(w.Lang())
			if !ok {
				continue
			}
			seen := map[string]bool{}
			for _, sec := range text.Sections {
				if sec.Kind != kind {
					continue
				}
				for _, it := range sec.Items {
					k := concept(it, text.Lang)
					if !seen[k] {
						seen[k] = true
						count[k]++
						items[x.Posting.ID] = append(items[x.Posting.ID], item{it.Text, k})
					}
				}
			}
		}
		much := long
		if i >= major {
			much = minor
		}
		add(c.s.SectionTitle(posting.Section{Kind: kind}), much, func(x Compared) (lines []string) {
			mine := slices.Clone(items[x.Posting.ID])
			slices.SortStableFunc(mine, func(a, b item) int { return count[b.key] - count[a.key] }) // what is shared first
			for _, it := range mine {
				if count[it.key] > 1 {
					it.text = w.S(i18n.CompareShared, "What", it.text)
				}
				lines = append(lines, it.text)
			}
			return lines
		}, nil)
	}
}

// concept is what a line of a posting is compared by, whatever its language.
func concept(it posting.Item, l i18n.Lang) string {
	if x, ok := skill.Get(it.ID); ok {
		return x.ID
	}
	if id, ok := skill.Tie(it.Text, l); ok {
		return id
	}
	return occupation.Fold(it.Text)
}

// best marks the one column that has more of something than every other; none where two have
// as much, or fewer than two say.
func (c *Compare) best(key i18n.Key, of func(Compared) float64) map[int]string {
	at, top, said, tie := -1, 0.0, 0, false
	for i, x := range c.Columns {
		v := of(x)
		if v <= 0 {
			continue
		}
		said++
		switch {
		case v > top:
			at, top, tie = i, v, false
		case v == top:
			tie = true
		}
	}
	if said < CompareLeast || tie {
		return nil
	}
	return map[int]string{at: c.s.words.S(key)}
}

// Shown are the lines that the person wants to see, and how many of all are the same.
func (c *Compare) Shown() (lines []CompareLine, same, all int) {
	for _, l := range c.Lines() {
		all++
		if l.Same {
			same++
		}
		if !l.Same || !c.Differ {
			lines = append(lines, l)
		}
	}
	return lines, same, all
}

// Summary says how much is the same.
func (c *Compare) Summary() string {
	_, same, all := c.Shown()
	w := c.s.words
	return w.N(i18n.CompareDiffers, all-same) + " " + w.N(i18n.CompareSame, same)
}
