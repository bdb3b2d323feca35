package matching_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

var (
	cities = []posting.Place{{City: "Rimouski", Province: "QC"}, {City: "Moncton", Province: "NB"}, {City: "Matane", Province: "QC"}, {Mode: posting.Remote, Province: "ON"}}
	nocs   = []string{"63200", "65201", "72106", "31301"}
)

// Whatever comes, changes, ends and is activated, in whatever order, an account's matches
// are those that store/match gives of the activated version and of what is shown, to the
// percent and in the same order; the strict ones are a part of the default ones; each
// employer sees exactly the same pairs.
//
// Rows
func TestAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		o := settle(t)
		shown := map[int64]posting.Card{}
		active := map[string]match.Person{}
		working := map[string]match.Person{}
		for range rapid.IntRange(1, 12).Draw(r, "acts") {
			switch who := rapid.SampledFrom([]string{"ada", "bob"}).Draw(r, "who"); rapid.IntRange(0, 5).Draw(r, "act") {
			case 0, 1:
				c := cook
				c.NOC = rapid.SampledFrom(nocs).Draw(r, "noc")
				c.Place = rapid.SampledFrom(cities).Draw(r, "place")
				c.Exp = posting.Experience(rapid.IntRange(0, int(posting.ExpFiveYears)).Draw(r, "experience"))
				c.Posted = posting.DayOf(o.now)
				c.Ends = c.Posted + posting.Day(rapid.IntRange(0, 40).Draw(r, "days"))
				n := 17_000_000 + rapid.Int64Range(1, 5).Draw(r, "number")
				if was, there := shown[n]; there && was.State != posting.Shown {
					continue // its number is not given again
				}
				o.post(firm, n, c)
				c.Source, c.SourceID, c.Number = posting.Native, id(n), n
				shown[n] = c
			case 2:
				for _, n := range slices.Sorted(func(yield func(int64) bool) {
					for n := range shown {
						if !yield(n) {
							return
						}
					}
				})[:min(1, len(shown))] {
					var row int64
					o.update(func(tx *ledger.Tx) error {
						c, err := tx.NativePosting(t.Context(), id(n))
						row = c.ID
						return err
					})
					_, err := o.l.End(t.Context(), []int64{row}, posting.Closed)
					o.must(err)
					c := shown[n]
					c.State = posting.Closed
					shown[n] = c
				}
			case 3, 4:
				p := match.Person{
					Places: []string{rapid.SampledFrom([]string{"Rimouski, QC", "NB", "CA"}).Draw(r, "where")}, Education: []string{"3"},
					Experience: map[string]string{rapid.SampledFrom(nocs).Draw(r, "work"): rapid.SampledFrom([]string{"2", "5", "8"}).Draw(r, "long")},
					Mode:       rapid.SampledFrom([]match.Mode{match.Default, match.Strict}).Draw(r, "mode"), Express: rapid.Bool().Draw(r, "express"),
				}
				b, err := json.Marshal(map[string]any{"places": p.Places, "education": p.Education, "experience": p.Experience, "mode": p.Mode, "express": p.Express})
				o.must(err)
				o.push(hub.Who{Account: who}, "person/"+who, "profile", record.ProfileOf(who), wire.Mutation{Patch: doc(string(b))})
				working[who] = p
				if rapid.Bool().Draw(r, "activates") {
					o.profile(who, "activate")
					active[who] = working[who]
				}
			case 5:
				o.now = o.now.AddDate(0, 0, rapid.IntRange(1, 33).Draw(r, "later"))
			}
			if rapid.Bool().Draw(r, "round") {
				o.round()
			}
		}
		o.round()
		pairs := map[string]bool{}
		for _, who := range []string{"ada", "bob"} {
			want := reference(active, who, shown, o.now)
			got, err := o.m.Mine(t.Context(), hub.Who{Account: who}, o.now)
			o.must(err)
			var all []string
			for _, m := range got.Matches {
				all = append(all, fmt.Sprint(m.Number, " ", m.Percent, " ", m.Stars))
				pairs[fmt.Sprint(m.Number, " ", m.Percent)] = true
			}
			slices.Sort(all)
			if fmt.Sprint(all) != fmt.Sprint(want) {
				r.Fatalf("%s has %q, want %q", who, all, want)
			}
			if !slices.IsSortedFunc(got.Matches, func(a, b wire.Match) int { return cmp.Compare(b.Percent, a.Percent) }) {
				r.Fatalf("not the best first: %+v", got.Matches)
			}
		}
		seen := map[string]bool{}
		for n := range shown {
			for _, s := range o.of(boss, n).Seekers {
				seen[fmt.Sprint(n, " ", s.Percent)] = true
			}
		}
		if fmt.Sprint(seen) != fmt.Sprint(pairs) {
			r.Fatalf("the employer sees %v, the seekers %v", seen, pairs)
		}
	})
}

// reference is what an account is matched with, by asking of every posting.
func reference(active map[string]match.Person, who string, shown map[int64]posting.Card, now time.Time) []string {
	p, ok := active[who]
	if !ok {
		return nil
	}
	var all []string
	profile := match.New(p)
	for n, c := range shown {
		e := profile.Explain(posting.Posting{Card: c})
		if match.Eligible(match.Standing{Active: true, Express: p.Express}, c, now) == "" && (e.Strict || e.Default && p.Mode != match.Strict) {
			all = append(all, fmt.Sprint(n, " ", e.Percent, " ", e.Stars))
		}
	}
	slices.Sort(all)
	return all
}

// Several servers of one ledger make their rounds and work at once, while postings come and
// profiles are activated: nobody's matches are lost, and none is stale.
//
// Rows
func TestRoundsAtOnce(t *testing.T) { engines(t, testRoundsAtOnce) }

func testRoundsAtOnce(t *testing.T) {
	o := settle(t)
	for _, who := range []string{"ada", "bob"} {
		o.edit(who, profiled)
		o.profile(who, "activate")
	}
	var g errgroup.Group
	for range 2 {
		g.Go(func() error {
			for range 5 {
				if err := o.m.Round(t.Context(), o.now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		for n := range 10 {
			c := cook
			c.Source, c.SourceID, c.Number = posting.Native, id(17_000_000+int64(n)), 17_000_000+int64(n)
			c.Posted = posting.DayOf(o.now)
			c.Ends = c.Posted + 30
			if _, err := o.l.Put(t.Context(), []posting.Posting{{Card: c}}); err != nil {
				return err
			}
			for i := range 2 {
				j := ledger.Job{Key: fmt.Sprint("match/", []string{"ada", "bob"}[i], "/", n)}
				if err := o.m.Work(t.Context(), j, o.now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	o.must(g.Wait())
	o.round()
	o.update(func(tx *ledger.Tx) error {
		for _, who := range []string{"ada", "bob"} {
			all, err := tx.SuitedTo(t.Context(), who)
			if err != nil || len(all) != 10 {
				t.Errorf("%s: %d matches, %v, want 10", who, len(all), err)
			}
		}
		return nil
	})
}

// BenchmarkRound is a round of a new posting over a thousand profiles, and BenchmarkActivate
// the work on one profile over 20,000 postings.
func BenchmarkRound(b *testing.B) {
	o := settle(b)
	for n := range 1000 {
		who := fmt.Sprint("p", n)
		o.account(who, "active")
		o.edit(who, profiled)
		o.profile(who, "activate")
	}
	number := int64(17_000_000)
	for b.Loop() {
		number++
		o.post(firm, number, cook)
		o.round()
	}
}

func BenchmarkActivate(b *testing.B) {
	o := settle(b)
	var all []posting.Posting
	for n := range int64(20_000) {
		c := cook
		c.Source, c.SourceID, c.Number = posting.Native, id(17_000_000+n), 17_000_000+n
		c.NOC, c.Place = nocs[n%4], cities[n/4%4]
		c.Ends = posting.DayOf(o.now) + 30
		all = append(all, posting.Posting{Card: c})
	}
	_, err := o.l.Put(b.Context(), all)
	o.must(err)
	o.edit("ada", strings.Replace(profiled, "Rimouski, QC", "CA", 1))
	o.profile("ada", "activate")
	for b.Loop() {
		o.profile("ada", "activate")
	}
}
