package state

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// Advanced is the advanced search while it is filled in: the nine criteria of A-016 and
// those that people ask for beside them. Nothing is asked until Apply.
type Advanced struct {
	r *Search

	Words, Number string
	In            query.Field
	Place         string
	Km            float64
	Wage          string // as typed, in dollars
	Unit          posting.Unit
	WageUnknown   bool
	Title         string // a job title being typed, to be tied to a unit group
	Archived      bool
	Filters       map[query.Facet][]string
	Errors        []FieldError
}

// Advanced begins with what is asked now.
func (r *Search) Advanced() *Advanced {
	a := &Advanced{r: r, Words: r.words, In: r.Query.In, Place: r.PlaceText, Km: r.Km, Unit: r.Query.Wage.Unit,
		WageUnknown: r.Query.Wage.Unknown, Archived: r.Query.Archived, Filters: map[query.Facet][]string{}}
	for f, vs := range r.Query.Filters {
		a.Filters[f] = slices.Clone(vs)
	}
	if n := strings.TrimSpace(r.words); n != "" && strings.Trim(n, "0123456789 ") == "" {
		a.Words, a.Number = "", n
	}
	if a.Unit == "" {
		a.Unit = posting.Hourly
	}
	if m := r.Query.Wage.Min; m > 0 {
		a.Wage = r.s.words.Decimal(float64(m)/100, 2)
	}
	return a
}

// Toggle adds or removes a value of a criterion.
func (a *Advanced) Toggle(f query.Facet, v string) {
	vs := a.Filters[f]
	switch i := slices.Index(vs, v); {
	case i >= 0:
		vs = slices.Delete(vs, i, i+1)
	case f == query.Posted:
		vs = []string{v}
	default:
		vs = append(vs, v)
	}
	if len(vs) == 0 {
		delete(a.Filters, f)
		return
	}
	a.Filters[f] = vs
}

// On says whether a value is chosen.
func (a *Advanced) On(f query.Facet, v string) bool { return slices.Contains(a.Filters[f], v) }

// Values lists the values of a criterion that can be chosen, in order.
func (a *Advanced) Values(f query.Facet) []string {
	switch f {
	case query.Posted:
		return []string{"0", "3", "7", "30"}
	case query.Category:
		return occupation.Broad()
	case query.Province:
		return place.Provinces()
	case query.Period:
		return []string{"F", "P", "L"}
	case query.Term:
		return []string{"P", "T", "C", "S"}
	case query.WorkLang:
		return []string{"F", "E", "B", "U", "O"}
	case query.Workplace:
		return []string{"s", "h", "r", "t", "v"}
	case query.Poster:
		return []string{"employer", "agency"}
	case query.Source:
		var ids []string
		for _, c := range a.r.Result.Facets[f] {
			ids = append(ids, c.Value)
		}
		for _, v := range a.Filters[f] {
			if !slices.Contains(ids, v) {
				ids = append(ids, v)
			}
		}
		slices.Sort(ids)
		return ids
	}
	vs := slices.Collect(maps.Keys(valueKeys[f]))
	slices.Sort(vs)
	return vs
}

// Titles completes the job title that is being typed.
func (a *Advanced) Titles() []occupation.Suggestion {
	if len([]rune(strings.TrimSpace(a.Title))) < 2 {
		return nil
	}
	return occupation.Suggest(a.Title, a.r.s.Lang(), 4)
}

// TakeTitle adds the unit group of a title.
func (a *Advanced) TakeTitle(x occupation.Suggestion) {
	a.Title = ""
	if x.NOC != "" && !a.On(query.NOC, x.NOC) {
		a.Toggle(query.NOC, x.NOC)
	}
}

// Apply asks everything together, or lists what has to be mended first.
func (a *Advanced) Apply() bool {
	w, r := a.r.s.words, a.r
	a.Errors = nil
	fail := func(field, text string) { a.Errors = append(a.Errors, FieldError{Field: field, Text: text}) }
	number := strings.NewReplacer(" ", "", "\u00a0", "").Replace(a.Number)
	if number != "" && strings.Trim(number, "0123456789") != "" {
		fail("number", w.S(i18n.AdvancedNumberErr))
	}
	var ask query.WageAsk
	if t := strings.TrimSpace(a.Wage); t != "" {
		t = strings.NewReplacer(" ", "", "\u00a0", "", "$", "").Replace(t)
		if w.Lang() == i18n.French {
			t = strings.Replace(t, ",", ".", 1)
		} else {
			t = strings.ReplaceAll(t, ",", "")
		}
		v, err := strconv.ParseFloat(t, 64)
		if err != nil || v <= 0 || v > 1e7 {
			fail("wage", w.S(i18n.AdvancedWageErr))
		} else {
			ask = query.WageAsk{Min: int64(v*100 + 0.5), Unit: a.Unit, Unknown: a.WageUnknown}
		}
	}
	near := query.Near{}
	if t := strings.TrimSpace(a.Place); t != "" {
		spot, err := place.Find(t)
		if err != nil {
			was := r.PlaceErr
			r.setPlaceErr(t)
			fail("place", r.PlaceErr)
			r.PlaceErr = was
		} else {
			near = query.Near{Label: spot.Label, Lat: spot.Lat, Lng: spot.Lng, Km: a.Km}
		}
	}
	if t := strings.TrimSpace(a.Title); t != "" {
		if code, _ := occupation.Assign(t, w.Lang()); code != "" {
			a.TakeTitle(occupation.Suggestion{NOC: code})
		} else {
			fail("title", w.S(i18n.AdvancedTitleErr))
		}
	}
	if len(a.Errors) > 0 {
		return false
	}
	q := r.Query
	q.Words, q.In, q.Filters, q.Near, q.Wage, q.Archived = strings.TrimSpace(a.Words), a.In, a.Filters, near, ask, a.Archived
	if number != "" {
		// A number alone asks for one posting, ended or not.
		q.Words = strings.TrimSpace(number + " " + q.Words)
	}
	if near.Km == 0 && q.Sort == query.ByDistance {
		q.Sort = query.ByRelevance
	}
	r.Km = a.Km
	r.Use(q)
	return true
}
