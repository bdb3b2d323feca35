package catalogue

import (
	"context"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// scan is the reference: every posting looked at whole.
func scanAll(rows map[int64]posting.Posting, q query.Query) []int64 {
	plan := q.Plan()
	var ids []int64
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if plan.Match(rows[id]) {
			ids = append(ids, id)
		}
	}
	return ids
}

// scanFacets counts every facet by the reference: a facet's own choice left out.
func scanFacets(rows map[int64]posting.Posting, q query.Query) map[query.Facet]map[string]int {
	out := map[query.Facet]map[string]int{}
	for _, f := range query.Facets {
		out[f] = map[string]int{}
		free := q
		free.Filters = maps.Clone(q.Filters)
		delete(free.Filters, f)
		if f == query.Posted {
			for _, days := range facetValues[f] {
				setFilter(&free, f, []string{days})
				out[f][days] = len(scanAll(rows, free))
			}
			continue
		}
		for _, id := range scanAll(rows, free) {
			query.Values(rows[id].Card, f, func(v string) { out[f][v]++ })
		}
	}
	return out
}

func checkSearch(t fataler, s *Store, rows map[int64]posting.Posting, q query.Query) {
	t.Helper()
	res, err := s.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("Search(%+v): %v", q, err)
	}
	want := scanAll(rows, q)
	got := slices.Sorted(slices.Values(res.IDs))
	if res.Total != len(want) || !slices.Equal(got, want) {
		t.Fatalf("Search(%+v)\n found %d %v\n the scan %d %v", q, res.Total, got, len(want), want)
	}
	counts := scanFacets(rows, q)
	for _, f := range query.Facets {
		have := map[string]int{}
		for _, c := range res.Facets[f] {
			have[c.Value] = c.N
		}
		for v, n := range have {
			if counts[f][v] != n {
				t.Fatalf("Search(%+v) counts %s %q %d, the scan %d", q, f, v, n, counts[f][v])
			}
		}
		for v, n := range counts[f] {
			if n > 0 && have[v] != n {
				t.Fatalf("Search(%+v) counts %s %q %d, the scan %d", q, f, v, have[v], n)
			}
		}
	}
	for i := 1; i < len(res.IDs); i++ {
		a, b := rows[res.IDs[i-1]], rows[res.IDs[i]]
		if q.Sort == query.ByDate && a.Posted < b.Posted && res.IDs[0] != res.Exact {
			t.Fatalf("Search(%+v) by date: %s before %s", q, a.Posted, b.Posted)
		}
		if q.Sort == query.ByWage && a.Wage.HourMax < b.Wage.HourMax && res.IDs[0] != res.Exact {
			t.Fatalf("Search(%+v) by wage: %d before %d", q, a.Wage.HourMax, b.Wage.HourMax)
		}
	}
	relaxable(t, rows, q, res)
}

// relaxable checks that an empty result offers a way out whenever dropping one part gives one.
func relaxable(t fataler, rows map[int64]posting.Posting, q query.Query, res query.Result) {
	t.Helper()
	if res.Total > 0 {
		if len(res.Relax) > 0 {
			t.Fatalf("Search(%+v) found %d and still relaxes", q, res.Total)
		}
		return
	}
	without := func(part query.Part) query.Query {
		r := q
		r.Filters = maps.Clone(q.Filters)
		switch part {
		case query.PartWords:
			r.Words = ""
		case query.PartNear:
			r.Near = query.Near{}
		case query.PartWage:
			r.Wage = query.WageAsk{}
		case query.PartAll:
			r.Near, r.Wage, r.Filters = query.Near{}, query.WageAsk{}, nil
		default:
			delete(r.Filters, query.Facet(part))
		}
		return r
	}
	offered := map[query.Part]int{}
	for i, r := range res.Relax {
		if r.N < 1 {
			t.Fatalf("Search(%+v) offers %v, which yields nothing", q, r)
		}
		if i > 0 && r.N > res.Relax[i-1].N {
			t.Fatalf("Search(%+v) offers %v out of order", q, res.Relax)
		}
		if r.Drop == query.PartWords && r.Name != "" {
			continue
		}
		offered[r.Drop] = r.N
		if n := len(scanAll(rows, without(r.Drop))); n != r.N {
			t.Fatalf("Search(%+v) says %v, the scan finds %d", q, r, n)
		}
	}
	parts := []query.Part{query.PartWords, query.PartNear, query.PartWage}
	for f := range q.Filters {
		parts = append(parts, query.Part(f))
	}
	for _, p := range parts {
		if n := len(scanAll(rows, without(p))); n > 0 && offered[p] != n {
			t.Fatalf("Search(%+v) does not offer to drop %s, which yields %d: %v", q, p, n, res.Relax)
		}
	}
	if len(res.Relax) == 0 {
		if n := len(scanAll(rows, without(query.PartAll))); n > 0 {
			t.Fatalf("Search(%+v) offers nothing; all filters dropped yield %d", q, n)
		}
	}
}

// TestSearchEqualsScan holds the index, the filters and the counts equal to reading every posting.
//
// Rows
func TestSearchEqualsScan(t *testing.T) {
	root, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		rows := drawCatalogue(t)
		s := built(t, tempDir(t, root, &n), sortedRows(rows))
		defer func() { _ = s.Close() }()
		for range 12 {
			checkSearch(t, s, rows, drawQuery(t))
		}
		all := query.Query{Now: noon, Limit: 1000, Archived: true}
		for f, vs := range facetValues { // every filter alone
			alone := query.Query{Now: noon, Limit: 1000, Archived: rapid.Bool().Draw(t, "archived")}
			setFilter(&alone, f, vs[:1])
			checkSearch(t, s, rows, alone)
			setFilter(&all, f, vs)
		}
		checkSearch(t, s, rows, all) // and all together
	})
}
