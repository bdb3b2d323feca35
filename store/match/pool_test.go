package match

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/posting"
)

// What is found in a pool is what asking each posting by itself finds, the best first: only
// postings of this bank's employers, whatever their numbers and days.
//
// Rows
func TestPool(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	today := posting.DayOf(now)
	rapid.Check(t, func(t *rapid.T) {
		who := persons().Draw(t, "person")
		p := New(who)
		standing := Standing{Active: rapid.Bool().Draw(t, "active"), Express: rapid.Bool().Draw(t, "express")}
		var pool Pool
		var want []Found
		waits := 0
		for i := range rapid.IntRange(0, 12).Draw(t, "postings") {
			post := postings().Draw(t, "posting")
			post.ID, post.Number = int64(i+1), rapid.SampledFrom([]int64{10_000_000, 61_000_000, 71_000_000, 8}).Draw(t, "number")+int64(i)
			post.Source = rapid.SampledFrom([]string{posting.Native, "", "partner"}).Draw(t, "source")
			post.Posted = today - posting.Day(rapid.IntRange(0, 40).Draw(t, "age"))
			post.Ends = today + posting.Day(rapid.IntRange(-2, 5).Draw(t, "left"))
			post.State = rapid.SampledFrom([]posting.State{posting.Shown, posting.Shown, posting.Closed}).Draw(t, "state")
			post.Employer = rapid.SampledFrom([]string{"A", "B"}).Draw(t, "employer")
			pool.Add(post)
			q := Prepare(post)
			score := p.Score(&q)
			if !score.In(Default) || post.Employer == "B" {
				continue
			}
			switch Eligible(standing, post.Card, now) {
			case "":
				want = append(want, Found{post.ID, post.Number, post.Posted, score})
			case NotYet:
				waits++
			}
		}
		slices.SortFunc(want, func(a, b Found) int {
			return cmp.Or(-cmp.Compare(a.Score.Percent, b.Score.Percent), -cmp.Compare(a.Posted, b.Posted), -cmp.Compare(a.ID, b.ID))
		})
		got, later, err := p.Best(context.Background(), &pool, standing, now, func(c posting.Card) bool { return c.Employer == "B" })
		if err != nil || !slices.Equal(got, want) || later != waits {
			t.Fatalf("Best is %v with %d to wait for (%v), want %v with %d", got, later, err, want, waits)
		}
	})
	var pool Pool
	pool.Add(cook())
	gone, stop := context.WithCancel(context.Background())
	stop()
	if _, _, err := New(Person{}).Best(gone, &pool, Standing{}, now, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it answers %v", err)
	}
}
