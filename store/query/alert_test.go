package query

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Values of one criterion are alternatives, criteria combine, every source is asked, and
// the old bank's numbers too; what has ended is no news.
//
// Rows
func TestAlert(t *testing.T) {
	day := posting.Day(20780)
	now := day.Time().Add(18 * time.Hour)
	at := posting.Posting{Card: posting.Card{
		ID: 1, Number: 700000001, Source: "partner", SourceID: "7-AB", Title: posting.Both{EN: "Cook"}, NOC: "63200",
		Place: posting.Place{City: "Rimouski", Province: "QC"}, Posted: day, Ends: day + 30,
	}, Details: posting.Details{Texts: []posting.Text{{Lang: i18n.English, Sections: []posting.Section{{Items: []posting.Item{{Text: "Prepare meals, welding not needed"}}}}}}}}
	for _, c := range []struct {
		name string
		a    Alert
		want bool
	}{
		{"nothing asked", Alert{}, true},
		{"title", Alert{Titles: []string{"72106", "63200"}}, true},
		{"another title", Alert{Titles: []string{"72106"}}, false},
		{"city", Alert{Places: []string{"Moncton, NB", "rimouski, QC"}}, true},
		{"province", Alert{Places: []string{"Moncton, NB", "QC"}}, true},
		{"country", Alert{Places: []string{"CA"}}, true},
		{"elsewhere", Alert{Places: []string{"NB", "Lévis, QC"}}, false},
		{"one keyword of two", Alert{Keywords: []string{"forklift", "meals"}}, true},
		{"none of them", Alert{Keywords: []string{"forklift", "mea"}}, false}, // whole words
		{"the other language", Alert{Keywords: []string{"cuisinier"}, Lang: i18n.French}, true},
		{"excluded", Alert{Keywords: []string{"meals -welding"}}, false},
		{"all three", Alert{Titles: []string{"63200"}, Places: []string{"QC"}, Keywords: []string{"meals"}}, true},
		{"two of three", Alert{Titles: []string{"63200"}, Places: []string{"NB"}, Keywords: []string{"meals"}}, false},
		{"its number", Alert{Keywords: []string{"#700000001"}}, true},
		{"its source's", Alert{Keywords: []string{"7-ab"}}, true},
	} {
		if got := c.a.Match(at, now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		x := NewAlerts()
		x.Add(c.a)
		got := false
		x.Each(Read(at), func(int) { got = true })
		if got != c.want {
			t.Errorf("%s, by the index: %v, want %v", c.name, got, c.want)
		}
	}
	if (Alert{}).Match(at, now.AddDate(0, 2, 0)) {
		t.Error("what has ended is news")
	}
}

// The index tells of a posting exactly the alerts that ask for it, each once.
//
// Rows: A-030
func TestAlertsAgree(t *testing.T) {
	words := []string{"cook", "cuisinier", "soudeur", "welder", "night shift", "\"night shift\"", "-cook", "meals -cook", "cook OR welder", "coo", "12-ab", "12", "nurse", "infirmière auxiliaire", ",", "l'équipe"}
	texts := []string{"Cook", "Cuisinier", "Welder night shift", "night and shift", "Infirmière auxiliaire", "meals for l'équipe", "12", ""}
	places := []posting.Place{{}, {Province: "QC"}, {City: "Levis", Province: "QC"}, {City: "Moncton", Province: "NB"}, {City: "Nowhere"}}
	asked := []string{"CA", "QC", "NB", "Lévis, QC", "Moncton, NB"}
	nocs := []string{"", "63200", "72106", "32101"}
	now := posting.Day(20000).Time()
	rapid.Check(t, func(r *rapid.T) {
		some := func(from []string, name string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID[string]).Draw(r, name)
		}
		x := NewAlerts()
		var all []Alert
		for range rapid.IntRange(1, 12).Draw(r, "alerts") {
			a := Alert{Titles: some(nocs[1:], "titles"), Places: some(asked, "places"), Keywords: some(words, "keywords"),
				Lang: rapid.SampledFrom(i18n.Languages()).Draw(r, "lang")}
			all = append(all, a)
			x.Add(a)
		}
		for range 3 {
			p := posting.Posting{Card: posting.Card{
				Number: rapid.SampledFrom([]int64{0, 12}).Draw(r, "number"), SourceID: rapid.SampledFrom([]string{"12-AB", "X"}).Draw(r, "id"),
				NOC: rapid.SampledFrom(nocs).Draw(r, "noc"), Place: rapid.SampledFrom(places).Draw(r, "place"), Ends: 20010,
				Title: posting.Both{FR: rapid.SampledFrom(texts).Draw(r, "fr"), EN: rapid.SampledFrom(texts).Draw(r, "en")},
			}, Details: posting.Details{Texts: []posting.Text{{Sections: []posting.Section{{Items: []posting.Item{{Text: rapid.SampledFrom(texts).Draw(r, "text")}}}}}}}}
			var got, want []int
			x.Each(Read(p), func(n int) { got = append(got, n) })
			slices.Sort(got)
			for n, a := range all {
				if a.Match(p, now) {
					want = append(want, n)
				}
			}
			if !slices.Equal(got, want) {
				r.Fatalf("alerts %v, want %v\nof %+v\nfor %+v", got, want, all, p)
			}
		}
	})
}
