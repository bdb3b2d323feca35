package state

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
)

const (
	pageSize = 50
	maxPages = 40                     // pages of cards kept; what scrolls out of these is read again
	debounce = 150 * time.Millisecond // after the last key (design)
)

// Radii are the distances offered around a place, in km.
var Radii = []float64{5, 10, 25, 50, 100}

// Search is the search screen: what is asked, what was found, what is selected.
type Search struct {
	s *State

	// What is asked. Read them freely; change them through the methods.
	Query     query.Query
	PlaceText string
	PlaceErr  string // under the place field, and says how to mend it
	Km        float64

	// What was found.
	Result   query.Result
	Err      error
	Loading  bool
	Loaded   bool // at least one answer has come
	Again    bool // the same was asked again: the list stays where it is
	Selected int  // index of the selected result; −1: none

	Suggestions []occupation.Suggestion
	Places      []place.City
	Recent      []cache.Search

	// Changed tells whoever draws what has changed. Nil is fine.
	Changed func(What)

	gen     int
	cancel  context.CancelFunc
	stop    func() // of the debounce
	pages   map[int]*page
	used    []int // pages, least recently used first
	words   string
	started bool
	keep    int64       // row id to select again when the answer comes
	hide    *query.Hide // what the answer leaves out
	next    bool        // what takes the place of the selected result is opened
}

// What says which part of a screen has changed.
type What uint8

// Parts.
const (
	Asked      What = 1 << iota // query, chips
	Found                       // total, facets, expansion
	Rows                        // cards of some page
	Chosen                      // selection
	Offered                     // suggestions
	Everything What = 0xff
)

type page struct {
	cards   []posting.Card
	loading bool
}

func newSearch(s *State) *Search {
	return &Search{s: s, Selected: -1, Km: 50, pages: map[int]*page{}}
}

func (r *Search) tell(w What) {
	if r.Changed != nil {
		r.Changed(w)
	}
}

// Start asks the first time; later calls do nothing.
func (r *Search) Start() {
	if r.started {
		return
	}
	r.started = true
	r.loadRecent()
	r.run()
}

// Refresh asks again, keeping the selection: the catalogue, the clock or the language changed.
func (r *Search) Refresh() {
	if c, ok := r.Row(r.Selected); ok {
		r.keep = c.ID
	}
	if r.started {
		r.run()
		r.Again = true
	}
}

// Hide hides a result; the one that takes its place is then read.
func (r *Search) Hide(i int) {
	if c, ok := r.Row(i); ok && c.ID != 0 {
		r.next = true
		r.s.Hidden.Posting(c)
	}
}

// HideEmployer does the same with all the postings of its employer.
func (r *Search) HideEmployer(i int) {
	if c, ok := r.Row(i); ok && r.s.Hidden.Can(c) {
		r.next = true
		r.s.Hidden.Employer(c)
	}
}

// veiled asks again, since something was hidden or is shown again: what is selected and
// hidden is so no more.
func (r *Search) veiled() {
	if c, ok := r.Row(r.Selected); ok && r.s.Hidden.hide.Has(c) {
		if r.next {
			r.started = true
			r.run()
			r.Again = true
			return
		}
		r.Selected = -1
	}
	r.next = false
	r.Refresh()
}

func (r *Search) langChanged() {
	r.Query.Lang = r.s.Lang()
	r.Suggestions, r.Places = nil, nil
	if r.PlaceErr != "" {
		r.setPlaceErr(r.PlaceText)
	}
	r.Refresh()
}

// Type follows the words as they are typed: from two letters on the search runs a moment
// after the last key.
func (r *Search) Type(words string) {
	r.words = words
	r.Query.NoExpand = nil
	n := len([]rune(strings.TrimSpace(words)))
	if n == 1 {
		r.stopDebounce()
		r.setSuggestions(nil)
		return
	}
	r.later(func() {
		r.Query.Words = strings.TrimSpace(r.words)
		r.Selected = -1
		r.run()
		r.suggest()
	})
}

// Typed is what the field holds.
func (r *Search) Typed() string { return r.words }

// Submit asks at once, and remembers the search.
func (r *Search) Submit() {
	r.stopDebounce()
	r.setSuggestions(nil)
	r.Query.Words = strings.TrimSpace(r.words)
	r.Selected = -1
	if !r.applyPlace() {
		r.tell(Asked)
		return
	}
	r.run()
	if label := r.Label(); label != "" && r.s.o.Device != nil {
		q, now, d := r.Query, r.s.Now(), r.s.o.Device
		r.s.o.Exec.Go(func() { _ = d.AddRecent(r.s.ctx, label, q, now) }, r.loadRecent)
	}
}

// Use asks a remembered search again.
func (r *Search) Use(q query.Query) {
	r.stopDebounce()
	r.Query = q
	r.Query.Offset, r.Query.Limit = 0, 0
	r.words = q.Words
	r.PlaceText, r.PlaceErr = q.Near.Label, ""
	if q.Near.Km > 0 {
		r.Km = q.Near.Km
	}
	r.Selected = -1
	r.setSuggestions(nil)
	r.tell(Asked)
	r.run()
}

// TakeSuggestion puts a suggested title in the field and asks.
func (r *Search) TakeSuggestion(text string) {
	r.words = text
	r.tell(Asked)
	r.Submit()
}

// TypePlace follows the place field; it is looked up when the field is left or submitted.
func (r *Search) TypePlace(text string) {
	r.PlaceText = text
	r.PlaceErr = ""
	var cs []place.City
	if len([]rune(strings.TrimSpace(text))) >= 2 {
		cs = place.Suggest(text, 6)
	}
	r.Places = cs
	r.tell(Offered)
}

// TakePlace sets the place to a suggested one, and asks.
func (r *Search) TakePlace(c place.City) {
	r.PlaceText = c.Name + ", " + c.Province
	r.Places = nil
	if r.applyPlace() {
		r.run()
	}
	r.tell(Asked | Offered)
}

// SetPlace looks a place up and asks around it; an unknown one says so under the field.
func (r *Search) SetPlace(text string) {
	r.PlaceText = text
	r.Places = nil
	if r.applyPlace() {
		r.run()
	}
	r.tell(Asked | Offered)
}

// SetRadius sets the distance around the place, in km.
func (r *Search) SetRadius(km float64) {
	r.Km = km
	if r.Query.Near.Km > 0 {
		r.Query.Near.Km = km
		r.run()
	}
	r.tell(Asked)
}

func (r *Search) applyPlace() bool {
	text := strings.TrimSpace(r.PlaceText)
	r.PlaceErr = ""
	if text == "" {
		if r.Query.Near.Km > 0 && r.Query.Sort == query.ByDistance {
			r.Query.Sort = query.ByRelevance
		}
		r.Query.Near = query.Near{}
		return true
	}
	if text == r.Query.Near.Label && r.Query.Near.Km == r.Km {
		return true
	}
	spot, err := place.Find(text)
	if err != nil {
		r.setPlaceErr(text)
		return false
	}
	r.PlaceText = spot.Label
	r.Query.Near = query.Near{Label: spot.Label, Lat: spot.Lat, Lng: spot.Lng, Km: r.Km}
	return true
}

func (r *Search) setPlaceErr(text string) {
	w := r.s.words
	_, err := place.Find(strings.TrimSpace(text))
	switch {
	case errors.Is(err, place.ErrUnknownPostal):
		r.PlaceErr = w.S(i18n.PlaceUnknownPostal, "Text", text)
	case err != nil:
		r.PlaceErr = w.S(i18n.PlaceUnknown, "Text", text)
	}
}

// Toggle adds or removes a value of a criterion. Date of publication holds one value at a time.
func (r *Search) Toggle(f query.Facet, v string) {
	if r.Query.Filters == nil {
		r.Query.Filters = map[query.Facet][]string{}
	}
	// The slice is copied: a search that runs still reads the old one.
	vs := slices.Clone(r.Query.Filters[f])
	fs := map[query.Facet][]string{}
	for k, x := range r.Query.Filters {
		fs[k] = x
	}
	if i := slices.Index(vs, v); i >= 0 {
		vs = slices.Delete(vs, i, i+1)
	} else if f == query.Posted {
		vs = []string{v}
	} else {
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		delete(fs, f)
	} else {
		fs[f] = vs
	}
	r.Query.Filters = fs
	r.Selected = -1
	r.tell(Asked)
	r.run()
}

// On says whether a value of a criterion is chosen.
func (r *Search) On(f query.Facet, v string) bool { return slices.Contains(r.Query.Filters[f], v) }

// Clear removes every filter, the place and the wage; the words stay.
func (r *Search) Clear() {
	r.Query.Filters, r.Query.Near, r.Query.Wage = nil, query.Near{}, query.WageAsk{}
	r.Query.In, r.Query.Archived = query.Anywhere, false
	r.PlaceText, r.PlaceErr = "", ""
	if r.Query.Sort == query.ByDistance {
		r.Query.Sort = query.ByRelevance
	}
	r.Selected = -1
	r.tell(Asked)
	r.run()
}

// SetSort orders the results.
func (r *Search) SetSort(o query.Sort) {
	r.Query.Sort = o
	r.Selected = -1
	r.tell(Asked)
	r.run()
}

// SetField limits the words to titles or employers.
func (r *Search) SetField(f query.Field) { r.Query.In = f; r.changed() }

// SetWage keeps postings that can pay at least min cents per unit; 0 removes it.
func (r *Search) SetWage(min int64, unit posting.Unit, unknown bool) {
	r.Query.Wage = query.WageAsk{}
	if min > 0 {
		r.Query.Wage = query.WageAsk{Min: min, Unit: unit, Unknown: unknown}
	}
	r.changed()
}

// SetArchived looks among ended postings too.
func (r *Search) SetArchived(on bool) { r.Query.Archived = on; r.changed() }

func (r *Search) changed() {
	r.Selected = -1
	r.tell(Asked)
	r.run()
}

// UndoExpansion takes a widening back; "*" takes all back and stays off until words change.
func (r *Search) UndoExpansion(noc string) {
	r.Query.NoExpand = append(slices.Clone(r.Query.NoExpand), noc)
	r.Selected = -1
	r.tell(Asked)
	r.run()
}

// Relax takes a way out of an empty result.
func (r *Search) Relax(x query.Relaxation) {
	switch x.Drop {
	case query.PartWords:
		r.words, r.Query.Words = "", ""
	case query.PartNear:
		r.Query.Near, r.PlaceText = query.Near{}, ""
	case query.PartWage:
		r.Query.Wage = query.WageAsk{}
	case query.PartAll:
		r.Clear()
		return
	default:
		f := query.Facet(x.Drop)
		fs := map[query.Facet][]string{}
		for k, v := range r.Query.Filters {
			if k != f {
				fs[k] = v
			}
		}
		r.Query.Filters = fs
	}
	r.tell(Asked)
	r.run()
}

// RelaxLabel says what a way out would do, as the name of its button.
func (r *Search) RelaxLabel(x query.Relaxation) string {
	w := r.s.words
	var name string
	switch x.Drop {
	case query.PartWords:
		name = w.S(i18n.RelaxWords)
	case query.PartNear:
		name = w.S(i18n.RelaxNear, "Place", r.Query.Near.Label)
	case query.PartWage:
		name = w.S(i18n.RelaxWage)
	case query.PartAll:
		name = w.S(i18n.RelaxAll)
	default:
		name = w.S(i18n.RelaxFacet, "Name", FacetLabel(w, query.Facet(x.Drop)))
	}
	return w.N(i18n.RelaxGives, x.N, "What", name)
}

// Chip is an active criterion that can be removed.
type Chip struct {
	Text   string
	Remove func()
}

// Chips lists the active criteria in the order of the facets.
func (r *Search) Chips() []Chip {
	w := r.s.words
	var cs []Chip
	if n := r.Query.Near; n.Km > 0 {
		cs = append(cs, Chip{w.S(i18n.ChipNear, "Place", n.Label, "Km", w.Number(int(n.Km))), func() { r.SetPlace("") }})
	}
	for _, f := range query.Facets {
		for _, v := range r.Query.Filters[f] {
			cs = append(cs, Chip{r.s.ValueLabel(f, v), func() { r.Toggle(f, v) }})
		}
	}
	if a := r.Query.Wage; a.Min > 0 {
		cs = append(cs, Chip{w.S(i18n.ChipWage, "Amount", w.Money(a.Min), "Unit", UnitLabel(w, a.Unit)), func() { r.SetWage(0, "", false) }})
	}
	switch r.Query.In {
	case query.InTitle:
		cs = append(cs, Chip{w.S(i18n.ChipTitle), func() { r.SetField(query.Anywhere) }})
	case query.InEmployer:
		cs = append(cs, Chip{w.S(i18n.ChipEmployer), func() { r.SetField(query.Anywhere) }})
	}
	if r.Query.Archived {
		cs = append(cs, Chip{w.S(i18n.ChipArchived), func() { r.SetArchived(false) }})
	}
	return cs
}

// Label names the search as a person would: its words, its place, its filters.
func (r *Search) Label() string {
	parts := []string{r.Query.Words}
	for _, c := range r.Chips() {
		parts = append(parts, c.Text)
	}
	return join(parts...)
}

// FacetGroup is a criterion with the values to draw.
type FacetGroup struct {
	Facet  query.Facet
	Label  string
	Values []FacetValue
	More   int // values left out
}

// FacetValue is one value with its count.
type FacetValue struct {
	Value, Label string
	N            int
	On           bool
}

// facetShown are the groups beside the results, in order; the others are in the advanced panel.
var facetShown = []query.Facet{query.Posted, query.Period, query.Term, query.WorkLang, query.Education,
	query.Experience, query.Province, query.Region, query.City, query.Category, query.NOC, query.Workplace,
	query.Schedule, query.Source, query.Poster, query.TextLang, query.Group, query.Abroad, query.TEER}

// Groups gives the facet groups with counts that follow the other filters. A
// chosen value is always among them, even when it finds nothing.
func (r *Search) Groups(perGroup int) []FacetGroup {
	var gs []FacetGroup
	for _, f := range facetShown {
		counts := map[string]int{}
		for _, c := range r.Result.Facets[f] {
			counts[c.Value] = c.N
		}
		for _, v := range r.Query.Filters[f] {
			counts[v] += 0
		}
		g := FacetGroup{Facet: f, Label: FacetLabel(r.s.words, f)}
		for v, n := range counts {
			if v == "" || (n == 0 && !r.On(f, v)) {
				continue
			}
			g.Values = append(g.Values, FacetValue{v, r.s.ValueLabel(f, v), n, r.On(f, v)})
		}
		if len(g.Values) == 0 || (len(g.Values) == 1 && !g.Values[0].On && f != query.Posted) {
			continue // one value that everything has filters nothing
		}
		less := r.s.words.Less()
		sort.Slice(g.Values, func(i, j int) bool {
			a, b := g.Values[i], g.Values[j]
			switch f {
			case query.Posted:
				return len(a.Value) < len(b.Value) || len(a.Value) == len(b.Value) && a.Value < b.Value
			case query.Education, query.Experience, query.TEER:
				return a.Value < b.Value
			}
			if a.N != b.N {
				return a.N > b.N
			}
			return less(a.Label, b.Label)
		})
		if perGroup > 0 && len(g.Values) > perGroup {
			kept, rest := g.Values[:perGroup:perGroup], g.Values[perGroup:]
			for _, v := range rest {
				if v.On {
					kept = append(kept, v)
				} else {
					g.More++
				}
			}
			g.Values = kept
		}
		gs = append(gs, g)
	}
	return gs
}

// Row gives the card at an index. One whose page has not come yet answers false, is
// asked for, and Changed(Rows) follows.
func (r *Search) Row(i int) (posting.Card, bool) {
	if i < 0 || i >= r.Result.Total {
		return posting.Card{}, false
	}
	n := i / pageSize
	p := r.pages[n]
	if p == nil {
		r.loadPage(n)
		return posting.Card{}, false
	}
	if k := slices.Index(r.used, n); k >= 0 && k < len(r.used)-1 {
		r.used = append(slices.Delete(r.used, k, k+1), n)
	}
	if p.loading || i%pageSize >= len(p.cards) {
		return posting.Card{}, false
	}
	return p.cards[i%pageSize], true
}

// Select chooses a result by index and opens it beside the list.
func (r *Search) Select(i int) {
	if i < 0 || i >= r.Result.Total || i == r.Selected {
		return
	}
	r.Selected = i
	if c, ok := r.Row(i); ok {
		r.s.Posting.Open(c.ID)
	}
	r.tell(Chosen)
}

func (r *Search) later(f func()) {
	r.stopDebounce()
	r.stop = r.s.o.Exec.After(debounce, f)
}

func (r *Search) stopDebounce() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// run asks the catalogue. Only the answer to the newest question is taken.
func (r *Search) run() {
	r.started, r.Again = true, false
	r.gen++
	gen := r.gen
	if r.cancel != nil {
		r.cancel()
	}
	ctx, cancel := context.WithCancel(r.s.ctx)
	r.cancel = cancel
	q := r.Query
	q.Lang, q.Now, q.Offset, q.Limit = r.s.Lang(), r.s.Now(), 0, pageSize
	r.Loading = true
	var res query.Result
	var cards []posting.Card
	var err error
	ask := r.s.Hidden.ask()
	r.s.o.Exec.Go(func() {
		if q.Hide, err = ask(ctx); err != nil {
			return
		}
		if res, err = r.s.o.Catalogue.Search(ctx, q); err == nil {
			cards, err = r.s.o.Catalogue.Cards(ctx, res.IDs)
		}
	}, func() {
		cancel()
		if gen != r.gen {
			return
		}
		r.Loading, r.Loaded = false, true
		r.Err = err
		if isNone(err) {
			r.Err = nil
			res = query.Result{}
		}
		if r.Err != nil {
			r.tell(Found)
			return
		}
		r.Result, r.hide = res, q.Hide
		r.pages = map[int]*page{0: {cards: arrange(res.IDs, cards)}}
		r.used = []int{0}
		if r.keep != 0 {
			if i := slices.Index(res.IDs, r.keep); i >= 0 {
				r.Selected = i
			}
			r.keep = 0
		}
		next := r.next
		if r.next = false; next {
			r.Selected = min(r.Selected, res.Total-1)
		}
		r.tell(Found | Rows)
		if c, ok := r.Row(r.Selected); next && ok {
			r.s.Posting.Open(c.ID)
		}
		if res.Exact != 0 {
			r.s.Posting.Open(res.Exact) // a typed number opens its posting, ended or not
		}
	})
	r.tell(Asked)
}

func (r *Search) loadPage(n int) {
	r.pages[n] = &page{loading: true}
	r.used = append(r.used, n)
	for len(r.used) > maxPages {
		delete(r.pages, r.used[0])
		r.used = r.used[1:]
	}
	gen := r.gen
	q := r.Query
	q.Lang, q.Now, q.Offset, q.Limit, q.NoFacets = r.s.Lang(), r.s.Now(), n*pageSize, pageSize, true
	q.Hide = r.hide
	var cards []posting.Card
	var ids []int64
	var err error
	r.s.o.Exec.Go(func() {
		var res query.Result
		if res, err = r.s.o.Catalogue.Search(r.s.ctx, q); err == nil {
			ids = res.IDs
			cards, err = r.s.o.Catalogue.Cards(r.s.ctx, ids)
		}
	}, func() {
		p := r.pages[n]
		if gen != r.gen || p == nil {
			return
		}
		if err != nil {
			delete(r.pages, n)
			r.Err = err
			r.tell(Found)
			return
		}
		p.cards, p.loading = arrange(ids, cards), false
		r.tell(Rows)
		if r.Selected >= 0 && r.Selected/pageSize == n {
			if c, ok := r.Row(r.Selected); ok {
				r.s.Posting.Open(c.ID)
			}
		}
	})
}

// arrange puts cards at the places of their ids, so that a row that has gone leaves
// its place empty instead of moving the others.
func arrange(ids []int64, cards []posting.Card) []posting.Card {
	by := make(map[int64]posting.Card, len(cards))
	for _, c := range cards {
		by[c.ID] = c
	}
	out := make([]posting.Card, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out
}

func (r *Search) suggest() {
	words, l := r.words, r.s.Lang()
	var found []occupation.Suggestion
	r.s.o.Exec.Go(func() { found = occupation.Suggest(words, l, 6) }, func() {
		if words == r.words && words != "" {
			r.setSuggestions(found)
		}
	})
}

func (r *Search) setSuggestions(s []occupation.Suggestion) {
	if len(s) == 0 && len(r.Suggestions) == 0 {
		return
	}
	r.Suggestions = s
	r.tell(Offered)
}

// CloseOffers puts the suggestions away.
func (r *Search) CloseOffers() {
	r.Suggestions, r.Places = nil, nil
	r.tell(Offered)
}

func (r *Search) loadRecent() {
	d := r.s.o.Device
	if d == nil {
		return
	}
	var all []cache.Search
	r.s.o.Exec.Go(func() { all, _ = d.Recent(r.s.ctx, 6) }, func() {
		r.Recent = all
		r.tell(Offered)
	})
}
