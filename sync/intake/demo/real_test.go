package demo_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/intake"
	"passerelle/sync/intake/demo"
)

// The invented partners have accepted the terms that importers hold sources to.
func TestTerms(t *testing.T) {
	for _, s := range demo.Sources() {
		if s.Accepted != intake.TermsVersion {
			t.Errorf("source %s accepted %q, the terms are %q", s.ID, s.Accepted, intake.TermsVersion)
		}
	}
}

// facets counts the values of each facet over a set of postings; what a posting does
// not say is left out of that facet.
type facets struct {
	n      int
	counts map[string]map[string]int
	items  []int // check boxes of each text
	words  []int // words of each text
	terms  map[string]int
}

func newFacets() *facets {
	return &facets{counts: map[string]map[string]int{}, terms: map[string]int{}}
}

func (f *facets) add(p posting.Posting) {
	f.n++
	count := func(facet, value string) {
		if value == "" {
			return
		}
		if f.counts[facet] == nil {
			f.counts[facet] = map[string]int{}
		}
		f.counts[facet][value]++
	}
	count("period", string(p.Period))
	count("term", string(p.Term))
	count("wage unit", string(p.Wage.Unit))
	count("work language", string(p.WorkLang))
	if p.Wage.Min > 0 {
		count("wage stated as", map[bool]string{true: "a range", false: "one figure"}[p.Wage.Max > p.Wage.Min])
	}
	switch h := p.HoursMax; {
	case h == 0:
	case h < 30:
		count("hours", "under 30")
	case h < 40:
		count("hours", "30 to 39")
	case h == 40:
		count("hours", "40")
	default:
		count("hours", "over 40")
	}
	if p.Education > 0 {
		count("education", fmt.Sprint(p.Education))
	}
	if p.Exp > 0 {
		count("experience", fmt.Sprint(p.Exp))
	}
	switch {
	case p.Positions == 1:
		count("positions", "1")
	case p.Positions > 1:
		count("positions", "more")
	}
	for _, x := range p.Texts {
		items, words := 0, 0
		for _, s := range x.Sections {
			for _, it := range s.Items {
				ws := strings.Fields(strings.ToLower(it.Text))
				words += len(ws)
				if s.Kind != posting.About {
					items++
				}
				if x.Lang == i18n.English {
					for _, w := range ws {
						f.terms[strings.Trim(w, ".,;:()")]++
					}
				}
			}
		}
		f.items, f.words = append(f.items, items), append(f.words, words)
	}
}

// share of a value among those that say something.
func (f *facets) share(facet, value string) float64 {
	all := 0
	for _, n := range f.counts[facet] {
		all += n
	}
	if all == 0 {
		return 0
	}
	return float64(f.counts[facet][value]) / float64(all)
}

// apart is the total variation distance between two facets: 0 the same, 1 nothing in common.
func apart(a, b *facets, facet string) float64 {
	values := maps.Clone(a.counts[facet])
	if values == nil {
		values = map[string]int{}
	}
	maps.Copy(values, b.counts[facet])
	sum := 0.0
	for v := range values {
		sum += math.Abs(a.share(facet, v) - b.share(facet, v))
	}
	return sum / 2
}

func quantiles(of []int) string {
	if len(of) == 0 {
		return "none"
	}
	s := slices.Sorted(slices.Values(of))
	at := func(q int) int { return s[(len(s)-1)*q/100] }
	return fmt.Sprintf("p10 %d, median %d, p90 %d, most %d", at(10), at(50), at(90), at(100))
}

func median(of []int) int {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

func invented(n int) *facets {
	f := newFacets()
	for p := range demo.Postings(demo.Options{N: n}) {
		f.add(p)
	}
	return f
}

// The real files say how often postings are permanent, full-time, paid by the hour and
// so on; the invented ones keep to it. The tables are printed with -v. The real files
// are of one province, of one trade or few, so the agreement asked for is rough, and
// where they are known to be one-sided (education, work language) none is asked.
func TestLikeRealPostings(t *testing.T) {
	dir := os.Getenv("PASSERELLE_DATA")
	if dir == "" {
		t.Skip("PASSERELLE_DATA is unset: the real postings are not at hand; TestShares holds the same shares by their figures")
	}
	paths := []string{
		filepath.Join(dir, "postings", "alberta-2022-07.jobposting.ndjson"),
		filepath.Join(dir, "postings", "job-bank-open-data-2026-sample-en.csv"),
	}
	docs, err := filepath.Glob(filepath.Join(dir, "postings", "federal-xml", "*.xml"))
	if err != nil || len(docs) == 0 {
		t.Fatalf("federal documents: %d, %v", len(docs), err)
	}
	source := demo.Sources()[0]
	source.ID, source.Host = "real", "" // any link will do
	real := newFacets()
	var each []*facets
	for _, path := range append(paths, docs...) {
		one := newFacets()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = intake.Read(context.Background(), f, intake.Options{File: filepath.Base(path), Source: source}, func(p posting.Posting) error {
			real.add(p)
			one.add(p)
			return nil
		})
		f.Close()
		if err != nil && !errors.Is(err, intake.ErrFormat) {
			t.Fatal(err)
		}
		each = append(each, one)
	}
	if real.n < 400 {
		t.Fatalf("%d real postings were read, want 400 or more", real.n)
	}
	ours := invented(10_000)
	t.Logf("%d real postings, %d invented; shares in %%", real.n, ours.n)
	for _, facet := range slices.Sorted(maps.Keys(ours.counts)) {
		values := maps.Clone(ours.counts[facet])
		maps.Copy(values, real.counts[facet])
		var b strings.Builder
		for _, v := range slices.Sorted(maps.Keys(values)) {
			fmt.Fprintf(&b, "  %s %.0f|%.0f", v, 100*real.share(facet, v), 100*ours.share(facet, v))
		}
		t.Logf("%-15s apart %.2f  (real|ours)%s", facet, apart(real, ours, facet), b.String())
	}
	alberta := each[0]
	t.Logf("check boxes a text: real %s; ours %s", quantiles(alberta.items), quantiles(ours.items))
	t.Logf("words a text: real %s (no prose in the files); ours %s", quantiles(alberta.words), quantiles(ours.words))
	t.Logf("commonest English words: real %v; ours %v", commonest(real.terms), commonest(ours.terms))

	for facet, most := range map[string]float64{"period": 0.15, "term": 0.15, "wage unit": 0.2, "positions": 0.2, "wage stated as": 0.3, "hours": 0.3, "experience": 0.3} {
		if d := apart(real, ours, facet); d > most {
			t.Errorf("%s: real and invented postings are %.2f apart, want at most %.2f", facet, d, most)
		}
	}
	if r, o := median(alberta.items), median(ours.items); o < r/2 || o > r*2 {
		t.Errorf("check boxes a text: median %d in real postings, %d in ours: want within a factor of two", r, o)
	}
}

func commonest(terms map[string]int) []string {
	words := slices.SortedFunc(maps.Keys(terms), func(a, b string) int {
		if terms[a] != terms[b] {
			return terms[b] - terms[a]
		}
		return strings.Compare(a, b)
	})
	return words[:min(16, len(words))]
}

// The shares of real postings, as figures, where the files are not at hand.
func TestShares(t *testing.T) {
	ours := invented(10_000)
	for _, x := range []struct {
		facet, value string
		low, high    float64
	}{
		{"period", string(posting.FullTime), 0.80, 0.97},
		{"term", string(posting.Permanent), 0.80, 0.95},
		{"term", string(posting.Seasonal), 0.005, 0.06},
		{"wage unit", string(posting.Hourly), 0.65, 0.95},
		{"hours", "40", 0.2, 0.5},
		{"positions", "1", 0.85, 0.99},
		{"experience", fmt.Sprint(posting.ExpOneYear), 0.2, 0.45},
	} {
		if s := ours.share(x.facet, x.value); s < x.low || s > x.high {
			t.Errorf("%s %s: %.3f of the postings, want %.3f to %.3f", x.facet, x.value, s, x.low, x.high)
		}
	}
}
