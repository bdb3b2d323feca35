package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"passerelle/cmd/internal/desk"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/intake/demo"
)

var seekers = []match.Person{
	{Places: []string{"CA"}, Experience: map[string]string{"63200": "6", "65201": "6", "64100": "5"}, Education: []string{"3"}, Skills: []string{"ps:prepare-and-cook-full-dishes"}},
	{Places: []string{"QC"}, Experience: map[string]string{"14101": "5"}, Education: []string{"4"}, Mode: match.Strict},
	{Places: []string{"ON", "Winnipeg, MB"}, Experience: map[string]string{"64100": "4"}, Express: true},
	{},
}

// A desk matches what it has of a posting, through its catalogue, and comes to the very bytes
// that whoever published the posting comes to, explanation and all. What it finds is what
// asking of each posting by itself finds; what is hidden is not among it, nor what has come
// from elsewhere.
//
// Rows
func TestMatching(t *testing.T) {
	d, ctx := open(t), t.Context()
	if err := d.Sample(ctx, nil); err != nil {
		t.Fatal(err)
	}
	published := slices.Collect(demo.Postings(demo.Options{Seed: 1, N: desk.SampleSize, Today: posting.DayOf(d.Now())}))
	some := 0
	for _, who := range seekers {
		p := match.New(who)
		standing := match.Standing{Active: true, Express: who.Express}
		told := 0
		found, later, err := d.Matching.Best(ctx, p, standing, nil, func(done, total int) { told++ })
		if err != nil {
			t.Fatal(err)
		}
		some += len(found)
		if !slices.IsSortedFunc(found, func(a, b match.Found) int { return int(b.Score.Percent) - int(a.Score.Percent) }) {
			t.Error("the best are not first")
		}
		waits := 0
		if err := d.Catalogue.Each(ctx, d.Now(), func(x posting.Posting) error {
			q := match.Prepare(x)
			score := p.Score(&q)
			bar := match.Eligible(standing, x.Card, d.Now())
			want := bar == "" && score.In(match.Default)
			if score.In(match.Default) && bar == match.NotYet {
				waits++
			}
			if at := slices.IndexFunc(found, func(f match.Found) bool { return f.ID == x.ID }); at >= 0 != want || want && found[at].Score != score {
				t.Errorf("posting %d is found: %v, want %v", x.ID, at >= 0, want)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if later != waits || who.Express != (later > 0) {
			t.Errorf("%d are yet to be waited for, want %d", later, waits)
		}
		for _, theirs := range published[:400] {
			mine, err := d.Catalogue.Posting(ctx, theirs.ID, d.Now())
			if err != nil {
				t.Fatal(err)
			}
			type says struct {
				Why   match.Explanation
				Raise []match.Step
			}
			here, _ := json.Marshal(says{p.Explain(mine), p.Raise(mine)})
			there, _ := json.Marshal(says{match.New(who).Explain(theirs), match.New(who).Raise(theirs)})
			if !bytes.Equal(here, there) && !theirs.Ended(d.Now()) {
				t.Fatalf("posting %d: the desk says %s, the server %s", theirs.ID, here, there)
			}
		}
	}
	if some == 0 {
		t.Fatal("nothing suits anybody")
	}
	p := match.New(seekers[0])
	found, _, err := d.Matching.Best(ctx, p, match.Standing{Active: true}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rest, _, err := d.Matching.Best(ctx, p, match.Standing{Active: true}, query.NewHide([]query.HiddenPosting{{Row: found[0].ID}}, nil), nil)
	if err != nil || len(rest) != len(found)-1 || rest[0].ID == found[0].ID {
		t.Errorf("with one hidden %d of %d are found (%v)", len(rest), len(found), err)
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if _, _, err := d.Matching.Best(gone, p, match.Standing{Active: true}, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped, it answers %v", err)
	}
}

// What a sync takes away or brings is gone, or there, the next time that somebody asks.
//
// Rows: A-064
func TestMatchingIsNeverStale(t *testing.T) {
	d, ctx := open(t), t.Context()
	if err := d.Sample(ctx, nil); err != nil {
		t.Fatal(err)
	}
	p := match.New(seekers[0])
	best := func() []match.Found {
		t.Helper()
		found, _, err := d.Matching.Best(ctx, p, match.Standing{Active: true}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	was := best()
	post, err := d.Catalogue.Posting(ctx, was[0].ID, d.Now())
	if err != nil {
		t.Fatal(err)
	}
	apply := func(change func(to *catalogue.State) catalogue.Op) {
		t.Helper()
		from, err := d.Catalogue.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		to := from
		to.Seq++
		op := change(&to)
		if err := d.Catalogue.Apply(ctx, from, to, func(yield func(catalogue.Op, error) bool) { yield(op, nil) }); err != nil {
			t.Fatal(err)
		}
	}
	card, details := post.Card.Bytes(), post.Details.Bytes()
	apply(func(to *catalogue.State) catalogue.Op {
		to.Digest, to.Count = to.Digest.Sub(posting.RowSum(card, details)), to.Count-1
		return catalogue.Op{Row: catalogue.Row{ID: post.ID}, Drop: true}
	})
	if now := best(); len(now) != len(was)-1 || now[0].ID == post.ID {
		t.Errorf("after it was dropped, %d of %d are found", len(now), len(was))
	}
	apply(func(to *catalogue.State) catalogue.Op {
		to.Digest, to.Count = to.Digest.Add(posting.RowSum(card, details)), to.Count+1
		return catalogue.Op{Row: catalogue.Row{ID: post.ID, Card: card, Details: details}}
	})
	if now := best(); !slices.Equal(now, was) {
		t.Errorf("after it came back, %d of %d are found", len(now), len(was))
	}
}

// A refusal that is taken back after the server heard that it was begun leaves nothing at
// either computer, and the posting can be refused again, for good.
//
// Rows: A-063
func TestRefusalTakenBack(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	const number = 17_000_001
	ref := cache.Ref{Partition: "person/" + one.who(), Kind: "match", Record: record.MatchOf(one.who(), number)}
	kind, _ := record.Find(ref.Kind)
	both := func(want string) {
		t.Helper()
		one.sync()
		two.sync()
		for _, d := range []seated{one, two} {
			r, err := d.Private.Get(ctx, ref)
			got := ""
			if err == nil {
				got = kind.State(r.Doc)
			} else if !errors.Is(err, cache.ErrNotFound) {
				t.Fatal(err)
			}
			if got != want || r.Waits || d.Private.Status().Conflicts > 0 {
				t.Errorf("it stands at %q, want %q; waits: %t, conflicts: %d", got, want, r.Waits, d.Private.Status().Conflicts)
			}
		}
	}
	for range 2 {
		one.must(one.Private.Put(ctx, ref, record.Doc{"number": json.RawMessage("17000001")}))
		both("preview")
		one.must(one.Private.Delete(ctx, ref))
		both("")
	}
	one.must(one.Private.Put(ctx, ref, record.Doc{"number": json.RawMessage("17000001")}))
	one.sync()
	one.must(one.Private.Do(ctx, ref, "refuse", 0))
	both("refused")
}
