package measure

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"passerelle/store/catalogue"
	"passerelle/store/match"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
	"passerelle/sync/intake"
)

// The labelled profiles are of nobody, with the real postings that fit them; how they came
// about is told beside them.
//
//go:embed testdata/match*.json
var labels embed.FS

// Labels names a set of labelled profiles.
type Labels string

// The sets, each measured apart.
const (
	Forty Labels = "match"      // written before the scorer, which was then changed for what they showed
	Wide  Labels = "match-wide" // that reach further, in view while it was changed
	Ten   Labels = "match-ten"  // held out, each with ten right postings or more
)

// Labelled is one profile, with what a reader said of real postings by their number at the
// source. What is in neither list was passed over, and counts as wrong.
type Labelled struct {
	ID      string       `json:"id"`
	Note    string       `json:"note"`
	Profile match.Person `json:"profile"`
	Right   []string     `json:"right"`
	Wrong   []string     `json:"wrong"`
}

// LabelledProfiles reads a set.
func LabelledProfiles(set Labels) ([]Labelled, error) {
	file, err := labels.ReadFile("testdata/" + string(set) + ".json")
	if err != nil {
		return nil, err
	}
	var all []Labelled
	if err := json.Unmarshal(file, &all); err != nil {
		return nil, fmt.Errorf("labelled profiles %s: %w", set, err)
	}
	return all, nil
}

// ErrNoData: the real postings are not at hand.
var ErrNoData = errors.New("PASSERELLE_DATA names no folder of real postings")

// RealPostings reads the real postings of the folder that PASSERELLE_DATA names.
func RealPostings(ctx context.Context) ([]posting.Posting, error) {
	dir := os.Getenv("PASSERELLE_DATA")
	if dir == "" {
		return nil, ErrNoData
	}
	files, err := filepath.Glob(filepath.Join(dir, "postings", "federal-xml", "*.xml"))
	if err != nil {
		return nil, err
	}
	files = append(files, filepath.Join(dir, "postings", "job-bank-open-data-2026-sample-en.csv"), filepath.Join(dir, "postings", "alberta-2022-07.jobposting.ndjson"))
	var all []posting.Posting
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		_, err = intake.Read(ctx, f, intake.Options{File: filepath.Base(name), Source: posting.Source{ID: "real", Accepted: intake.TermsVersion}}, func(p posting.Posting) error {
			all = append(all, p)
			return nil
		})
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// Precision is how the rankings do over the labelled profiles.
type Precision struct {
	Profiles, Postings int
	Full               int     // profiles with ten right postings or more
	Best               float64 // precision at 10 that the others let be reached
	Scorer             Ranking
	Plain              Ranking // the better of two keyword searches over the postings' own words
	Named              Ranking // the better of the same two where a posting is also found by the name of its occupation
	Strict             float64 // share of right ones among all that the strict way gives
	StrictGiven        float64 // how many it gives a profile
	Each               []PrecisionOf
}

// Ranking is how many of the first ten are right, from 0 to 1, as the mean of the profiles.
type Ranking struct {
	At10   float64
	AtK    float64 // of the first k, where k is ten, or as many as are right where they are fewer
	AtFull float64 // at 10, of the profiles with ten right ones or more alone
}

// PrecisionOf is the same for one profile.
type PrecisionOf struct {
	ID             string
	Right          int
	Scorer         float64 // precision at 10
	Keywords       float64 // of the better plain search over all profiles
	Judged         int     // of the scorer's ten, how many stand in one of the two lists
	Taken, Missed  []string
	keywords, rest float64
}

const first = 10

// MatchQuality ranks the real postings for each profile by the scorer and by keywords, and
// counts what is right among the first ten. Equal ranks are broken by the number at the
// source, for everyone alike.
func MatchQuality(ctx context.Context, set Labels) (Precision, error) {
	posts, err := RealPostings(ctx)
	if err != nil {
		return Precision{}, err
	}
	all, err := LabelledProfiles(set)
	if err != nil {
		return Precision{}, err
	}
	slices.SortFunc(posts, func(a, b posting.Posting) int { return cmp.Compare(a.SourceID, b.SourceID) })
	known := map[string]bool{}
	prepared := make([]match.Posting, len(posts))
	for i, p := range posts {
		known[p.SourceID], prepared[i] = true, match.Prepare(p)
	}
	plain, named := newKeywords(posts, false), newKeywords(posts, true)
	r := Precision{Profiles: len(all), Postings: len(posts)}
	n := float64(len(all))
	var searches [4]Ranking // plain by titles, plain by every word, named by each
	for _, l := range all {
		for _, id := range slices.Concat(l.Right, l.Wrong) {
			if !known[id] {
				return r, fmt.Errorf("%s: no posting %s", l.ID, id)
			}
		}
		if len(l.Right) >= first {
			r.Full++
		}
		r.Best += float64(min(first, len(l.Right))) / first / n
		rank, strict := byScore(match.New(l.Profile), prepared)
		top := best(rank, posts)
		one := PrecisionOf{ID: l.ID, Right: len(l.Right), Scorer: r.Scorer.add(top, l.Right, n)}
		titles, rest := asTyped(l.Profile)
		one.keywords = searches[0].add(best(plain.rank(titles), posts), l.Right, n)
		one.rest = searches[1].add(best(plain.rank(titles+" "+rest), posts), l.Right, n)
		searches[2].add(best(named.rank(titles), posts), l.Right, n)
		searches[3].add(best(named.rank(titles+" "+rest), posts), l.Right, n)
		one.Missed = slices.DeleteFunc(slices.Clone(l.Right), func(id string) bool { return slices.Contains(top, id) })
		one.Taken = slices.DeleteFunc(slices.Clone(top), func(id string) bool { return slices.Contains(l.Right, id) })
		for _, id := range top {
			if slices.Contains(l.Right, id) || slices.Contains(l.Wrong, id) {
				one.Judged++
			}
		}
		hits := 0
		for _, i := range strict {
			if slices.Contains(l.Right, posts[i].SourceID) {
				hits++
			}
		}
		r.StrictGiven += float64(len(strict)) / n
		r.Strict += float64(hits)
		r.Each = append(r.Each, one)
	}
	r.Strict /= r.StrictGiven * n
	for i := range searches {
		searches[i].AtFull *= n / float64(r.Full)
	}
	r.Scorer.AtFull *= n / float64(r.Full)
	r.Plain, r.Named = searches[0], searches[2]
	if searches[1].At10 > searches[0].At10 {
		r.Plain = searches[1]
	}
	if searches[3].At10 > searches[2].At10 {
		r.Named = searches[3]
	}
	for i, e := range r.Each {
		r.Each[i].Keywords = e.keywords
		if r.Plain == searches[1] {
			r.Each[i].Keywords = e.rest
		}
	}
	return r, nil
}

// add counts one of n profiles and gives its precision at 10.
func (r *Ranking) add(top, right []string, n float64) float64 {
	hits := func(k int) float64 {
		sum := 0
		for _, id := range top[:k] {
			if slices.Contains(right, id) {
				sum++
			}
		}
		return float64(sum) / float64(k)
	}
	at10 := hits(first)
	r.At10 += at10 / n
	r.AtK += hits(min(first, len(right))) / n
	if len(right) >= first {
		r.AtFull += at10 / n
	}
	return at10
}

// byScore ranks postings as a list of matches does, those that fit before all others, and
// gives those that the strict way shows.
func byScore(p *match.Profile, prepared []match.Posting) (rank []float64, strict []int) {
	rank = make([]float64, len(prepared))
	for i := range prepared {
		s := p.Score(&prepared[i])
		rank[i] = float64(s.Percent)
		if s.In(match.Default) {
			rank[i] += 100
		}
		if s.In(match.Strict) {
			strict = append(strict, i)
		}
	}
	return rank, strict
}

// best gives the first ten by falling rank.
func best(rank []float64, posts []posting.Posting) []string {
	at := make([]int, len(posts))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(rank[b], rank[a]) })
	ids := make([]string, first)
	for i := range ids {
		ids[i] = posts[at[i]].SourceID
	}
	return ids
}

// asTyped is what somebody who has only a search box would type of a profile, in the
// language of the postings: the titles of their occupations and their places, and then
// the names of all that they chose.
func asTyped(p match.Person) (titles, rest string) {
	var a, b []string
	for noc := range p.Experience {
		a = append(a, occupation.Title(noc).EN)
	}
	for _, at := range p.Places {
		city, province, ok := strings.Cut(at, ", ")
		if !ok {
			city, province = "", at
		}
		a = append(a, city, place.Province(province).EN)
	}
	for _, id := range slices.Concat(p.Skills, p.Credentials) {
		c, _ := skill.Get(id)
		b = append(b, c.Name.EN)
	}
	slices.Sort(a) // of a map
	return strings.Join(a, " "), strings.Join(b, " ")
}

// keywords is the baseline: BM25 (k1 1.2, b 0.75) over every word of a posting.
type keywords struct {
	docs   []map[string]int
	length []float64
	mean   float64
	in     map[string]int
}

// tokens takes the plural off, as a kindly search box would.
func tokens(text string) []string {
	ws := strings.Fields(occupation.Fold(text))
	for i, w := range ws {
		if len(w) > 3 {
			ws[i] = strings.TrimSuffix(w, "s")
		}
	}
	return slices.DeleteFunc(ws, func(w string) bool { return len(w) < 3 || w == "and" || w == "the" || w == "for" })
}

func newKeywords(posts []posting.Posting, named bool) *keywords {
	k := &keywords{in: map[string]int{}}
	for _, p := range posts {
		text := []string{p.Title.EN, p.Title.FR, p.Employer, p.Place.City, place.Province(p.Place.Province).EN}
		if named {
			text = append(text, occupation.Title(p.NOC).EN)
		}
		for _, t := range p.Texts {
			for _, s := range t.Sections {
				for _, it := range s.Items {
					text = append(text, it.Text)
				}
			}
		}
		doc := map[string]int{}
		all := tokens(strings.Join(text, " "))
		for _, w := range all {
			doc[w]++
		}
		for w := range doc {
			k.in[w]++
		}
		k.docs, k.length = append(k.docs, doc), append(k.length, float64(len(all)))
		k.mean += float64(len(all)) / float64(len(posts))
	}
	return k
}

func (k *keywords) rank(text string) []float64 {
	const k1, b = 1.2, 0.75
	asked := tokens(text)
	slices.Sort(asked)
	rank := make([]float64, len(k.docs))
	for _, w := range slices.Compact(asked) {
		n := float64(k.in[w])
		idf := math.Log(1 + (float64(len(k.docs))-n+0.5)/(n+0.5))
		for i, doc := range k.docs {
			if tf := float64(doc[w]); tf > 0 {
				rank[i] += idf * tf * (k1 + 1) / (tf + k1*(1-b+b*k.length[i]/k.mean))
			}
		}
	}
	return rank
}

// Matching is how long the scorer takes, and how much it keeps.
type Matching struct {
	Postings, Profiles int
	Prepared           time.Duration // reading every posting once
	One                time.Duration // one profile, every posting; median of the labelled profiles
	Worst              time.Duration
	Many               time.Duration // 300 profiles, one posting; median
	Explained          time.Duration // one explanation; median
	Fits, Strict       float64       // matches a profile has, on average
}

// Match takes the scorer's times over the postings of a set.
func Match(set Set) (Matching, error) {
	all, err := LabelledProfiles(Forty)
	if err != nil {
		return Matching{}, err
	}
	posts, err := set.postings()
	if err != nil {
		return Matching{}, err
	}
	m := Matching{Postings: len(posts), Profiles: 300}
	match.Prepare(posts[0]) // the lists are read
	began := time.Now()
	prepared := make([]match.Posting, len(posts))
	for i, p := range posts {
		prepared[i] = match.Prepare(p)
	}
	m.Prepared = time.Since(began)
	profiles := make([]*match.Profile, m.Profiles)
	for i := range profiles {
		profiles[i] = match.New(all[i%len(all)].Profile)
	}
	var one, many, explained []time.Duration
	for _, p := range profiles[:len(all)] {
		began := time.Now()
		fits, strict := 0, 0
		for i := range prepared {
			s := p.Score(&prepared[i])
			if s.In(match.Default) {
				fits++
			}
			if s.In(match.Strict) {
				strict++
			}
		}
		one = append(one, time.Since(began))
		m.Fits, m.Strict = m.Fits+float64(fits)/float64(len(all)), m.Strict+float64(strict)/float64(len(all))
	}
	sum := 0
	for i := range 200 {
		began := time.Now()
		q := match.Prepare(posts[i*len(posts)/200])
		for _, p := range profiles {
			sum += int(p.Score(&q).Percent)
		}
		many = append(many, time.Since(began))
		began = time.Now()
		sum += profiles[i].Explain(posts[i*len(posts)/200]).Percent
		explained = append(explained, time.Since(began))
	}
	if sum == 0 {
		return m, errors.New("nothing was scored")
	}
	for _, ds := range [][]time.Duration{one, many, explained} {
		slices.Sort(ds)
	}
	m.One, m.Worst, m.Many, m.Explained = one[len(one)/2], one[len(one)-1], many[len(many)/2], explained[len(explained)/2]
	return m, nil
}

// postings reads the rows of a set back.
func (s Set) postings() ([]posting.Posting, error) {
	out := make([]posting.Posting, len(s.Rows))
	for i, r := range s.Rows {
		p, err := readRow(r)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

func readRow(r catalogue.Row) (posting.Posting, error) {
	c, err := posting.ParseCard(r.Card)
	if err != nil {
		return posting.Posting{}, err
	}
	d, err := posting.ParseDetails(r.Details)
	return posting.Posting{Card: c, Details: d}, err
}
