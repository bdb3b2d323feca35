package record

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"passerelle/store/account"
	"passerelle/store/query"
)

// What a search may hold; the fields of query.Query have no limits of their own.
const (
	mostWords  = 500 // characters
	mostValues = 100 // of all facets together
)

// search is a search that a person kept under a name. Its query is written as
// store/query writes it.
var search = Kind{
	Name: "search", Partition: Person,
	Fields: []Field{
		{Name: "name", Input: Text, Needed: true, Most: 100},
		{Name: "query", Input: Object, Needed: true},
		{Name: "notify", Input: YesNo}, // tell on the device when something new is found
	},
	Check: func(d Doc) []account.Problem {
		if absent(d["query"]) {
			return nil
		}
		var q query.Query
		if canonical(d["query"])[0] != '{' || json.Unmarshal(d["query"], &q) != nil {
			return []account.Problem{account.BadValue.At("query")}
		}
		if utf8.RuneCountInString(q.Words) > mostWords {
			return []account.Problem{account.TooLong.At("query")}
		}
		values := len(q.NoExpand)
		for _, vs := range q.Filters {
			values += len(vs)
		}
		switch {
		case values > mostValues:
			return []account.Problem{account.TooManyValues.At("query")}
		case !slices.Contains([]query.Field{query.Anywhere, query.InTitle, query.InEmployer}, q.In), q.Near.Km < 0, q.Wage.Min < 0:
			return []account.Problem{account.BadValue.At("query")}
		}
		return nil
	},
	Example: func() Doc {
		return full(
			`"name": "Cuisine, Bas-Saint-Laurent"`,
			`"query": {"words": "cuisine OR cook", "filters": {"province": ["QC"], "period": ["F", "P"]}, "near": {"label": "Rimouski, QC", "lat": 48.45, "lng": -68.52, "km": 50}, "wage": {"min": 1800, "unit": "h"}, "lang": "fr"}`,
			`"notify": true`,
		)
	},
}
