package catalogue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// scanAll is the reference: every posting looked at whole.
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
		s := built(t, tempDir(root, &n), sortedRows(rows))
		defer func() { _ = s.Close() }()
		for range 12 {
			q := drawQuery(t)
			q.Hide = drawHide(t, rows)
			checkSearch(t, s, rows, q)
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

// find searches and gives the ids found, best first.
func find(t *testing.T, s *Store, q query.Query) []int64 {
	t.Helper()
	res, err := s.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("Search(%+v): %v", q, err)
	}
	if res.Total != len(res.IDs) && q.Limit == 0 && res.Total <= pageSize {
		t.Fatalf("Search(%+v): total %d, %d ids", q, res.Total, len(res.IDs))
	}
	return res.IDs
}

// TestExpiry shows that a posting leaves the search at the end of its last day in its own
// zone, to the second, with no network to say so, and that its contacts go with it.
//
// Rows
func TestExpiry(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for i, z := range []string{"America/St_Johns", "America/Toronto", "America/Regina", "America/Vancouver", "", "Nowhere/Land"} {
		p := example(int64(i + 1))
		p.Zone, p.Ends = z, today
		rows[p.ID] = p
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	for id, p := range rows {
		end := p.EndsAt()
		for _, c := range []struct {
			now  time.Time
			want bool
		}{{end.Add(-time.Second), true}, {end, false}, {end.Add(31 * 24 * time.Hour), false}} {
			got := slices.Contains(find(t, s, query.Query{Words: "commis", Now: c.now}), id)
			if got != c.want {
				t.Errorf("zone %q at %s: found %v, want %v", p.Zone, c.now, got, c.want)
			}
			if !slices.Contains(find(t, s, query.Query{Now: c.now, Archived: true}), id) {
				t.Errorf("zone %q at %s: not in the archived scope", p.Zone, c.now)
			}
			read, err := s.Posting(ctx, id, c.now)
			if err != nil {
				t.Fatal(err)
			}
			if contacts := len(read.Apply) > 0 || read.Place.Street != ""; contacts != c.want {
				t.Errorf("zone %q at %s: contacts shown %v, want %v", p.Zone, c.now, contacts, c.want)
			}
			if read.Title.FR == "" {
				t.Errorf("zone %q: a posting that ended by its date lost its title", p.Zone)
			}
		}
	}
	// Half an hour apart: St. John's has ended, Toronto has not.
	now := rows[1].EndsAt().Add(time.Minute)
	if got := find(t, s, query.Query{Now: now}); slices.Contains(got, 1) || !slices.Contains(got, 2) {
		t.Errorf("just after midnight in St. John's found %v", got)
	}
}

// TestNumber shows that a number typed alone finds exactly that posting, first: ours, then
// a source's own; an ended one too.
//
// Rows: A-018
func TestNumber(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for id := int64(1); id <= 6; id++ {
		rows[id] = example(id)
	}
	p := rows[2]
	p.Number, p.SourceID = 123456789, "48151623"
	rows[2] = p
	p = rows[3] // another posting only mentions the number
	p.Texts[0].Sections[0].Items[0].Text = "Dossier 10000004 et 48151623"
	p.Posted = today
	rows[3] = p
	p = rows[4]
	p.Ends = today - 10
	rows[4] = p
	p = rows[5]
	p.SourceID = "AB-2026-X"
	rows[5] = p
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	for _, c := range []struct {
		words    string
		archived bool
		exact    int64
		ids      []int64
	}{
		{"10000001", false, 1, []int64{1}},
		{" #10000001 ", false, 1, []int64{1}},
		{"123456789", false, 2, []int64{2}},
		{"48151623", false, 2, []int64{2, 3}},
		{"10000004", false, 4, []int64{3}},
		{"10000004", true, 4, []int64{4, 3}},
		{"ab-2026-x", false, 5, []int64{5}},
		{"1000000", false, 0, []int64{3}}, // the beginning of a number is a word like any other
		{"99999999", false, 0, nil},
	} {
		q := query.Query{Words: c.words, Now: noon, Archived: c.archived}
		res, err := s.Search(ctx, q)
		if err != nil || res.Exact != c.exact || !slices.Equal(res.IDs, c.ids) {
			t.Errorf("Search(%q, archived %v) = exact %d, ids %v, %v; want %d, %v", c.words, c.archived, res.Exact, res.IDs, err, c.exact, c.ids)
		}
		checkSearch(t, s, rows, q)
	}
	// A number is found whatever the filters, and is then no result of theirs.
	q := query.Query{Words: "10000001", Now: noon}
	setFilter(&q, query.Province, []string{"BC"})
	if res, err := s.Search(ctx, q); err != nil || res.Exact != 1 || res.Total != 0 {
		t.Errorf("Search of a number filtered out = %+v, %v", res, err)
	}
}

// TestHundredTitlePairs seeds a posting in each language for a hundred unit groups, written
// in one language only, and finds each from the other language's title.
//
// Rows: X-002
func TestHundredTitlePairs(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	type pair struct {
		fr, en string
		noc    string
	}
	var pairs []pair
	for _, noc := range occupation.UnitGroups() {
		title := occupation.Title(noc)
		fr, en := occupation.Halves(title.FR)[0], occupation.Halves(title.EN)[0]
		if len(pairs) == 100 || fr == "" || en == "" || len(noc) != 5 || noc[4]%2 == 1 {
			continue
		}
		pairs = append(pairs, pair{fr, en, noc})
		for k, b := range []posting.Both{{FR: fr}, {EN: en}} {
			id := int64(2*len(pairs) + k)
			p := example(id)
			p.NOC, p.Title = noc, b
			rows[id] = p
		}
	}
	if len(pairs) < 100 {
		t.Fatalf("%d pairs of titles, want 100", len(pairs))
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	for i, p := range pairs {
		for _, c := range []struct {
			words string
			lang  i18n.Lang
			want  int64
		}{{p.fr, "fr", int64(2*i + 3)}, {p.en, "en", int64(2*i + 2)}} {
			res, err := s.Search(ctx, query.Query{Words: plainWords(c.words), Lang: c.lang, Now: noon, Limit: 300})
			if err != nil || !slices.Contains(res.IDs, c.want) {
				t.Errorf("Search(%q) does not find the posting of %s written in the other language (%d results, %v)", c.words, p.noc, res.Total, err)
			}
		}
	}
}

// plainWords is a title as a person types it: without marks that the words give a meaning to.
func plainWords(s string) string {
	return strings.Join(query.Tokens(s), " ")
}

// TestWidening shows that a search in one language finds what is only said in the other, says
// what it did and how much that brought, and can be undone.
//
// Rows: X-002
func TestWidening(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for id, title := range map[int64]posting.Both{1: {FR: "Serveur"}, 2: {EN: "Restaurant server"}, 3: {EN: "Welder"}} {
		p := example(id)
		p.Title, p.NOC = title, map[int64]string{3: "72106"}[id]
		rows[id] = p
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	q := query.Query{Words: "serveur", Lang: "fr", Now: noon}
	res, err := s.Search(ctx, q)
	if err != nil || !slices.Equal(res.IDs, []int64{1, 2}) {
		t.Fatalf("Search(serveur) = %v, %v; want the words' own posting, then the other language's", res.IDs, err)
	}
	added := 0
	for _, e := range res.Expanded {
		added = max(added, e.Added)
		if e.NOC == "" || e.Title.FR == "" || e.Title.EN == "" || e.Word == "" {
			t.Errorf("expansion %+v does not say what it did", e)
		}
	}
	if added != 1 || len(res.Expanded) > 3 {
		t.Errorf("expansions %+v: want at most three, one that added 1", res.Expanded)
	}
	for _, undo := range [][]string{{"*"}, codes(res.Expanded)} {
		q.NoExpand = undo
		if res, err := s.Search(ctx, q); err != nil || !slices.Equal(res.IDs, []int64{1}) || len(res.Expanded) != 0 {
			t.Errorf("Search(serveur) undone %v = %v, %v, %v", undo, res.IDs, res.Expanded, err)
		}
	}
	for _, as := range []query.Query{{Words: "\"serveur\""}, {Words: "commis SAUF serveur"}, {Words: "serveur", In: query.InEmployer}} {
		as.Now = noon
		if res, err := s.Search(ctx, as); err != nil || len(res.Expanded) != 0 {
			t.Errorf("Search(%q in %q) was widened: %v, %v", as.Words, as.In, res.Expanded, err)
		}
	}
}

func codes(es []query.Expansion) []string {
	var out []string
	for _, e := range es {
		out = append(out, e.NOC)
	}
	return out
}

// TestOrders shows the four orders, and pages that follow each other.
func TestOrders(t *testing.T) {
	rows := map[int64]posting.Posting{}
	for i, c := range []struct {
		title, employer, text string
		ago                   posting.Day
		hour                  int64
		lat, lng              float32
	}{
		{"Soudeur", "A", "rien", 9, 2000, 48.4, -68.5},
		{"Aide", "A", "soudeur", 1, 3000, 0, 0},
		{"Aide", "Soudeur inc.", "rien", 5, 0, 45.4, -75.7},
		{"Soudeur", "A", "rien", 3, 2500, 46.8, -71.2},
	} {
		p := example(int64(i + 1))
		p.Title, p.Employer, p.Posted, p.NOC = posting.Both{FR: c.title}, c.employer, today-c.ago, ""
		p.Texts[0].Sections[0].Items[0].Text = c.text
		p.Wage.HourMax, p.Place.Lat, p.Place.Lng = c.hour, c.lat, c.lng
		rows[p.ID] = p
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	for sort, want := range map[query.Sort][]int64{
		query.ByRelevance: {4, 1, 3, 2}, query.ByDate: {2, 4, 3, 1}, query.ByWage: {2, 4, 1, 3}, query.ByDistance: {1, 4, 3, 2},
	} {
		q := query.Query{Words: "soudeur", Now: noon, Sort: sort, NoExpand: []string{"*"}, Near: query.Near{Lat: 48.45, Lng: -68.52}}
		if got := find(t, s, q); !slices.Equal(got, want) {
			t.Errorf("sorted by %q: %v, want %v", sort, got, want)
		}
		q.Limit = 3
		first := find(t, s, q)
		q.Offset = 3
		if got := append(first, find(t, s, q)...); !slices.Equal(got, want) {
			t.Errorf("pages sorted by %q: %v, want %v", sort, got, want)
		}
	}
}

// TestRelevance shows that a word in the title outweighs newer postings that only mention it,
// though another word of the search stands elsewhere, and that a rare word outweighs a common one.
func TestRelevance(t *testing.T) {
	rows := map[int64]posting.Posting{}
	for i, c := range []struct {
		title, text string
		ago         posting.Day
	}{
		{"Soudeur", "Baie-Comeau, atelier", 9},
		{"Aide d'atelier", "soudeur, Baie-Comeau", 1},
		{"Chef d'atelier", "rien", 5}, {"Commis d'atelier", "rien", 6}, {"Aide d'atelier", "rien", 7},
	} {
		p := example(int64(i + 1))
		p.Title, p.Posted, p.NOC = posting.Both{FR: c.title}, today-c.ago, ""
		p.Texts[0].Sections[0].Items[0].Text = c.text
		rows[p.ID] = p
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	for words, want := range map[string][]int64{
		"soudeur baie-comeau ": {1, 2},
		"soudeur atelier ":     {1, 2},
		"soudeur, atelier ":    {1, 2, 3, 4, 5},
	} {
		if got := find(t, s, query.Query{Words: words, Now: noon, NoExpand: []string{"*"}}); !slices.Equal(got, want) {
			t.Errorf("Search(%q) = %v, want %v", words, got, want)
		}
	}
}

// TestTopValues shows that a facet of thousands of values names the first fifty and the one chosen.
//
// Rows: A-017
func TestTopValues(t *testing.T) {
	var rows []Row
	id := int64(0)
	for city := range 70 {
		for range 1 + (70-city)/10 {
			id++
			p := example(id)
			p.Place.City = fmt.Sprintf("Ville %02d", city)
			rows = append(rows, rowsOf(p)...)
		}
	}
	s := built(t, t.TempDir(), rows)
	defer func() { _ = s.Close() }()
	q := query.Query{Now: noon}
	setFilter(&q, query.City, []string{"Ville 69, QC", "Nulle part, QC"})
	res, err := s.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	cs := res.Facets[query.City]
	if len(cs) != topN+2 || res.Total != 1 {
		t.Fatalf("%d values of 70, total %d; want %d with the chosen ones, total 1", len(cs), res.Total, topN+2)
	}
	for i := 1; i < topN; i++ {
		if a, b := cs[i-1], cs[i]; a.N < b.N || a.N == b.N && a.Value > b.Value {
			t.Errorf("values out of order: %v before %v", a, b)
		}
	}
	if cs[topN] != (query.Count{Value: "Ville 69, QC", N: 1}) || cs[topN+1] != (query.Count{Value: "Nulle part, QC"}) {
		t.Errorf("chosen values: %v", cs[topN:])
	}
}

// TestSearchStops shows that a search that nobody waits for any more ends.
func TestSearchStops(t *testing.T) {
	s := built(t, t.TempDir(), examples(1, 10))
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Search(ctx, query.Query{Words: "commis", Now: noon}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search after cancel: %v, want context.Canceled", err)
	}
}

// TestSearchWhileApplying reads all the time while deltas come in: every answer is that of
// one state, before or after.
func TestSearchWhileApplying(t *testing.T) {
	ctx := context.Background()
	s := built(t, t.TempDir(), examples(1, 50))
	defer func() { _ = s.Close() }()
	stop := make(chan struct{})
	var g errgroup.Group
	for range 2 {
		g.Go(func() error {
			for {
				select {
				case <-stop:
					return nil
				default:
				}
				res, err := s.Search(ctx, query.Query{Words: "classer", Now: noon, Limit: 1000})
				if err != nil {
					return err
				}
				if res.Total != res.Rows || len(res.IDs) != res.Rows {
					return fmt.Errorf("found %d of %d postings, all of which match", res.Total, res.Rows)
				}
				if _, err := s.Cards(ctx, res.IDs[:5]); err != nil {
					return err
				}
			}
		})
	}
	for k := int64(51); k <= 80; k++ {
		from, err := s.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		to := from
		to.Seq++
		to.Digest, to.Count = digest(examples(1, k)), int(k)
		if err := s.Apply(ctx, from, to, each(ops(examples(k, k)))); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// TestSimilarReasons: what is like a posting is every one of its occupation, of a related one or
// of its employer, and no other; the reason that is told is the best, the nearest come first, a
// second asking and another opening give the same, and what is hidden or ended is never there.
//
// Rows
func TestSimilarReasons(t *testing.T) {
	ctx := context.Background()
	groups := []string{"31301", "32101", "33102", "72106", "65201", "31301"}
	rng := rand.New(rand.NewPCG(5, 25))
	rows := map[int64]posting.Posting{}
	for id := int64(1); id <= 120; id++ {
		p := example(id)
		p.NOC, p.Employer = groups[rng.IntN(len(groups))], fmt.Sprint("Bureau ", rng.IntN(9))
		p.Place.Lat, p.Place.Lng = 45+float32(rng.IntN(40))/10, -75+float32(rng.IntN(60))/10
		if rng.IntN(8) == 0 {
			p.Ends = today - 1
		}
		rows[id] = p
	}
	dir := t.TempDir()
	s := built(t, dir, sortedRows(rows))
	hide := query.NewHide([]query.HiddenPosting{{Row: 7}, {Row: 70}}, []string{"Bureau 3"})
	ask := func(id int64) []Likeness {
		got, err := s.Similar(ctx, id, 200, noon, hide)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	order := map[string]int{"noc": 0, "related": 1, "employer": 2}
	first := map[int64][]Likeness{}
	for _, id := range []int64{1, 2, 3, 50, 119} {
		one, want := rows[id], map[int64]string{}
		for other, p := range rows {
			if other == id || p.Ends < today || hide.Has(p.Card) {
				continue
			}
			switch {
			case p.NOC == one.NOC:
				want[other] = "noc"
			case slices.Contains(occupation.Related(one.NOC), p.NOC):
				want[other] = "related"
			case p.Employer == one.Employer:
				want[other] = "employer"
			}
		}
		got := ask(id)
		first[id] = got
		if len(got) != len(want) || len(want) < 5 {
			t.Errorf("%d is like %d postings, want %d", id, len(got), len(want))
		}
		for i, l := range got {
			if want[l.Card.ID] != l.Reason {
				t.Errorf("%d is like %d because of %q, want %q", id, l.Card.ID, l.Reason, want[l.Card.ID])
			}
			if i > 0 && (order[got[i-1].Reason] > order[l.Reason] || got[i-1].Reason == l.Reason && got[i-1].Km > l.Km) {
				t.Errorf("%d: %+v stands before %+v", id, got[i-1], l)
			}
		}
	}
	for id, want := range first {
		if got := ask(id); !reflect.DeepEqual(got, want) {
			t.Errorf("%d, asked again, is like others", id)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if s, err = Open(ctx, dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for id, want := range first {
		if got := ask(id); !reflect.DeepEqual(got, want) {
			t.Errorf("%d, in a catalogue that was opened again, is like others", id)
		}
	}
}

// TestSuggestAndSimilar shows what completes a beginning, and what is like a posting.
//
// Rows: A-017
func TestSuggestAndSimilar(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{}
	for id := int64(1); id <= 6; id++ {
		p := example(id)
		switch id {
		case 2:
			p.Place.City, p.Place.Lat, p.Place.Lng = "Lévis", 46.8, -71.18
		case 3:
			p.NOC, p.Employer = "72106", "Bureau 1"
		case 4:
			p.NOC = "72106"
		case 5:
			p.Ends = today - 1
		}
		rows[id] = p
	}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	like, err := s.Similar(ctx, 1, 10, noon, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range like {
		got = append(got, fmt.Sprint(l.Card.ID, " ", l.Reason))
		if l.Card.Place.Street != "" {
			t.Errorf("similar posting %d shows a street", l.Card.ID)
		}
	}
	if want := []string{"6 noc", "2 noc", "3 employer"}; !slices.Equal(got, want) {
		t.Errorf("Similar(1) = %v, want %v", got, want)
	}
	kinds := func(prefix string) map[string]string {
		out := map[string]string{}
		sg, err := s.Suggest(ctx, prefix, "fr", 9)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range sg {
			if out[g.Kind] == "" {
				out[g.Kind] = g.Text
			}
		}
		return out
	}
	if got := kinds("levi"); got["city"] != "Lévis, QC" {
		t.Errorf("Suggest(levi) = %v, want the city of Lévis", got)
	}
	if got := kinds("bureau 3"); got["employer"] != "" {
		t.Errorf("Suggest(bureau 3) = %v, which is nobody's name", got)
	}
	if got := kinds("bureau"); got["employer"] != "Bureau 1" { // two postings
		t.Errorf("Suggest(bureau) = %v, want the employer with most postings first", got)
	}
	if got := kinds("b"); len(got) != 0 {
		t.Errorf("Suggest(b) = %v, want nothing for one letter", got)
	}
}
