package query

import (
	"encoding/json"
	"slices"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// form is what a search is written as: everything that says what it asks, nothing that
// belongs to one run of it (Hide, Now, Offset, Limit, NoFacets). Names are never changed.
type form struct {
	Words    string              `json:"words,omitempty"`
	In       Field               `json:"in,omitempty"`
	NoExpand []string            `json:"no_expand,omitempty"`
	Filters  map[string][]string `json:"filters,omitempty"`
	Near     *nearForm           `json:"near,omitempty"`
	Wage     *wageForm           `json:"wage,omitempty"`
	Archived bool                `json:"archived,omitempty"`
	Sort     Sort                `json:"sort,omitempty"`
	Lang     i18n.Lang           `json:"lang,omitempty"`
}

type nearForm struct {
	Label string  `json:"label,omitempty"`
	Lat   float64 `json:"lat"`
	Lng   float64 `json:"lng"`
	Km    float64 `json:"km"`
}

type wageForm struct {
	Min     int64        `json:"min"`
	Unit    posting.Unit `json:"unit,omitempty"`
	Unknown bool         `json:"unknown,omitempty"`
}

// MarshalJSON writes what a search asks, the same bytes for the same search: for recent
// and saved searches.
func (q Query) MarshalJSON() ([]byte, error) {
	f := form{Words: q.Words, In: q.In, NoExpand: sorted(q.NoExpand), Archived: q.Archived, Sort: q.Sort, Lang: q.Lang}
	for k, vs := range q.Filters {
		if len(vs) > 0 {
			if f.Filters == nil {
				f.Filters = map[string][]string{}
			}
			f.Filters[string(k)] = sorted(vs)
		}
	}
	if q.Near != (Near{}) {
		f.Near = &nearForm{q.Near.Label, q.Near.Lat, q.Near.Lng, q.Near.Km}
	}
	if q.Wage != (WageAsk{}) {
		f.Wage = &wageForm{q.Wage.Min, q.Wage.Unit, q.Wage.Unknown}
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads what MarshalJSON wrote; facets it does not know are kept.
func (q *Query) UnmarshalJSON(b []byte) error {
	var f form
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*q = Query{Words: f.Words, In: f.In, NoExpand: f.NoExpand, Archived: f.Archived, Sort: f.Sort, Lang: f.Lang}
	for k, vs := range f.Filters {
		if q.Filters == nil {
			q.Filters = map[Facet][]string{}
		}
		q.Filters[Facet(k)] = vs
	}
	if f.Near != nil {
		q.Near = Near{f.Near.Label, f.Near.Lat, f.Near.Lng, f.Near.Km}
	}
	if f.Wage != nil {
		q.Wage = WageAsk{f.Wage.Min, f.Wage.Unit, f.Wage.Unknown}
	}
	return nil
}

func sorted(vs []string) []string {
	vs = slices.Clone(vs)
	slices.Sort(vs)
	return slices.Compact(vs)
}
