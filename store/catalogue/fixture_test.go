package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// noon is the clock of these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("", -5*3600))

const today = posting.Day(20779) // 2026-11-22

// vocabulary holds words that meet each other: accents, beginnings of each other, both languages.
var vocabulary = []string{"infirmier", "infirmière", "Infirmary", "serveur", "server", "de", "à", "l'hôpital", "hopital",
	"cook", "cuisinier", "Cœur", "coeur", "co", "e-mail", "C++", "12345678", "nuit", "service", "services", "Été"}

func words(t *rapid.T, label string, most int) string {
	text := ""
	for range rapid.IntRange(0, most).Draw(t, label) {
		text += rapid.SampledFrom(vocabulary).Draw(t, label) + rapid.SampledFrom([]string{" ", " ", ", ", "-"}).Draw(t, label)
	}
	return text
}

var cities = []posting.Place{
	{City: "Rimouski", Province: "QC", Region: "2410", Lat: 48.45, Lng: -68.52},
	{City: "Lévis", Province: "QC", Region: "2420", Lat: 46.80, Lng: -71.18},
	{City: "Ottawa", Province: "ON", Region: "3510", Lat: 45.42, Lng: -75.69},
	{City: "St. John's", Province: "NL", Lat: 47.56, Lng: -52.71},
	{City: "Victoria", Province: "BC", Region: "5910"},
	{Province: "YT"}, {},
}

var zones = []string{"", "America/Toronto", "America/St_Johns", "America/Vancouver", "America/Whitehorse", "Nowhere/Land"}

func drawPosting(t *rapid.T, id int64) posting.Posting {
	of := func(vs ...string) string { return rapid.SampledFrom(vs).Draw(t, "value") }
	some := func(from []string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID).Draw(t, "some")
	}
	var p posting.Posting
	p.ID, p.Number = id, 10_000_000+id
	if id%7 == 0 {
		p.Number = 12345678
	}
	p.Source = of("native", "federal", "partner")
	p.SourceID = of("", "12345678", "AB-77", fmt.Sprint(id))
	p.Title = posting.Both{FR: words(t, "fr", 3), EN: words(t, "en", 3)}
	p.NOC = of("", "31301", "65200", "63200", "31301", "00010")
	p.Employer = of("", "Serveur & Cie", "Cook Co", "Hôpital de Lévis")
	p.Agency = rapid.Bool().Draw(t, "agency")
	p.Place = rapid.SampledFrom(cities).Draw(t, "place")
	p.Place.Mode = posting.Workplace(of("", "", "r", "h"))
	p.Place.Street, p.Place.Postal = "1, rue Secrète", "G5L1A1"
	p.Posted = today - posting.Day(rapid.IntRange(-1, 40).Draw(t, "ago"))
	p.Ends = today + posting.Day(rapid.IntRange(-2, 3).Draw(t, "left"))
	p.Zone = of(zones...)
	p.State = posting.State(of("", "", "", "", "c", "w"))
	p.Period, p.Term = posting.Period(of("", "F", "P", "L")), posting.Term(of("", "P", "T", "S"))
	p.WorkLang = posting.WorkLang(of("", "E", "F", "B"))
	p.Education, p.Exp = posting.Education(rapid.IntRange(0, 6).Draw(t, "edu")), posting.Experience(rapid.IntRange(0, 8).Draw(t, "exp"))
	p.Schedule, p.Groups = some(posting.Schedules), some(posting.Groups)
	p.Abroad = rapid.Bool().Draw(t, "abroad")
	if rapid.Bool().Draw(t, "paid") {
		p.Wage.HourMin = rapid.Int64Range(1500, 4000).Draw(t, "hour")
		p.Wage.HourMax = p.Wage.HourMin + 300
		p.Wage.YearMin, p.Wage.YearMax = p.Wage.HourMin*2000, p.Wage.HourMax*2000
	}
	for _, l := range []i18n.Lang{"fr", "en"} {
		p.Texts = append(p.Texts, posting.Text{Lang: l, Sections: []posting.Section{
			{Kind: posting.Tasks, Items: []posting.Item{{Text: words(t, "item", 4)}, {ID: "ps:1", Text: words(t, "item", 2)}}},
			{Kind: posting.Other, Name: words(t, "name", 1)}}})
	}
	p.Apply = []posting.Method{{Kind: posting.ApplyEmail, Value: "cook@example.org"}}
	return p
}

func drawQuery(t *rapid.T) query.Query {
	q := query.Query{Now: noon.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "hours")) * time.Hour), Limit: 1000}
	if rapid.Bool().Draw(t, "words") {
		for range rapid.IntRange(1, 4).Draw(t, "terms") {
			q.Words += rapid.SampledFrom([]string{"", "", "", "-", "OR ", "OU ", "NOT ", "SAUF ", ", ", "\"", "«"}).Draw(t, "operator")
			w := rapid.SampledFrom(vocabulary).Draw(t, "word")
			q.Words += w[:rapid.IntRange(0, len(w)).Draw(t, "cut")]
			q.Words += rapid.SampledFrom([]string{" ", " ", "\" ", "» "}).Draw(t, "end")
		}
		if rapid.Bool().Draw(t, "typing") {
			q.Words = q.Words[:len(q.Words)-1]
		}
	}
	q.In = rapid.SampledFrom([]query.Field{query.Anywhere, query.Anywhere, query.InTitle, query.InEmployer}).Draw(t, "in")
	q.Lang = rapid.SampledFrom([]i18n.Lang{"fr", "en", ""}).Draw(t, "lang")
	for _, f := range query.Facets {
		if rapid.IntRange(0, 9).Draw(t, "facet") == 0 {
			setFilter(&q, f, rapid.SliceOfNDistinct(rapid.SampledFrom(facetValues[f]), 1, 3, rapid.ID).Draw(t, "values"))
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "near?") == 0 {
		q.Near = query.Near{Label: "Québec", Lat: 46.81, Lng: -71.21, Km: rapid.Float64Range(1, 900).Draw(t, "km")}
	}
	if rapid.IntRange(0, 5).Draw(t, "wage?") == 0 {
		q.Wage = query.WageAsk{Min: rapid.Int64Range(1, 5000).Draw(t, "min"),
			Unit: rapid.SampledFrom([]posting.Unit{"h", "d", "w", "b", "m", "y"}).Draw(t, "unit"), Unknown: rapid.Bool().Draw(t, "unknown")}
		q.Wage.Min *= map[posting.Unit]int64{"h": 1, "d": 8, "w": 40, "b": 80, "m": 170, "y": 2000}[q.Wage.Unit]
	}
	q.Archived = rapid.IntRange(0, 3).Draw(t, "archived") == 0
	q.Sort = rapid.SampledFrom([]query.Sort{"", "date", "wage", "distance"}).Draw(t, "sort")
	return q
}

func setFilter(q *query.Query, f query.Facet, values []string) {
	if q.Filters == nil {
		q.Filters = map[query.Facet][]string{}
	}
	q.Filters[f] = values
}

var facetValues = map[query.Facet][]string{
	query.Posted: {"0", "3", "7", "30"}, query.Period: {"F", "P", "L", "?"}, query.Term: {"P", "T", "S"},
	query.WorkLang: {"E", "F", "B"}, query.Education: {"1", "3", "6"}, query.Experience: {"1", "2", "8"},
	query.Province: {"QC", "ON", "NL", "YT"}, query.Region: {"2410", "3510"}, query.City: {"Rimouski, QC", "Lévis, QC", "Nulle part, QC"},
	query.Category: {"3", "6", "0"}, query.NOC: {"31301", "65200", "11111"}, query.TEER: {"1", "5", "3"},
	query.Source: {"native", "federal", "nobody"}, query.Workplace: {"s", "r", "h"}, query.Schedule: {"day", "night", "flexible"},
	query.Group: {"youth", "veteran", "senior"}, query.TextLang: {"fr", "en"}, query.Poster: {"employer", "agency"}, query.Abroad: {"1"},
}

func drawCatalogue(t *rapid.T) map[int64]posting.Posting {
	rows := map[int64]posting.Posting{}
	for range rapid.IntRange(0, 40).Draw(t, "rows") {
		id := rapid.Int64Range(1, 9000).Draw(t, "id")
		rows[id] = drawPosting(t, id)
	}
	return rows
}

func sortedRows(rows map[int64]posting.Posting) []Row {
	var out []Row
	for id, p := range rows {
		out = append(out, Row{id, p.Card.Bytes(), p.Details.Bytes()})
	}
	slices.SortFunc(out, func(a, b Row) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func each[T any](vs []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range vs {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func digest(rows []Row) (sum posting.Sum) {
	for _, r := range rows {
		sum = sum.Add(posting.RowSum(r.Card, r.Details))
	}
	return sum
}

// fataler is what testing.T, testing.B and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// built makes a store that holds rows.
func built(t fataler, dir string, rows []Row) *Store {
	t.Helper()
	ctx := context.Background()
	s, err := Open(ctx, dir)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	b, err := s.Build(ctx, "first")
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	// As published: cards and details apart.
	var cards, details []Row
	for _, r := range rows {
		cards, details = append(cards, Row{ID: r.ID, Card: r.Card}), append(details, Row{ID: r.ID, Details: r.Details})
	}
	if err := b.Add(ctx, "cards", each(cards)); err != nil {
		t.Fatalf("Add cards: %v", err)
	}
	if err := b.Add(ctx, "details", each(details)); err != nil {
		t.Fatalf("Add details: %v", err)
	}
	if err := b.Browse(ctx, State{Scope: "all", Epoch: 1, Seq: 1, Digest: digest(rows), Count: len(rows), Created: noon}); err != nil {
		t.Fatalf("Browse: %v", err)
	}
	if err := b.Index(ctx, nil); err != nil {
		t.Fatalf("Index: %v", err)
	}
	return s
}

// tempDir is a directory of its own for each case of a property.
func tempDir(root string, n *int) string {
	*n++
	return filepath.Join(root, fmt.Sprint(*n))
}
