package account_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
)

var now = time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC)

// Five tries are free, the sixth waits, and the wait doubles to a quarter of an hour.
//
// Rows: B-017
func TestWait(t *testing.T) {
	for _, c := range []struct {
		failures int
		since    time.Duration
		address  bool
		want     time.Duration
	}{
		{0, 0, false, 0},
		{4, 0, false, 0},
		{5, 0, false, 30 * time.Second},
		{5, 10 * time.Second, false, 20 * time.Second},
		{5, 30*time.Second - 1, false, 1},
		{5, 30 * time.Second, false, 0}, // restarting after the delay works
		{6, 0, false, time.Minute},
		{7, 0, false, 2 * time.Minute},
		{8, 0, false, 4 * time.Minute},
		{9, 0, false, 8 * time.Minute},
		{10, 0, false, 15 * time.Minute},
		{1_000, 0, false, 15 * time.Minute},
		{1 << 40, 0, false, 15 * time.Minute},
		{1_000, 15 * time.Minute, false, 0}, // never permanent
		{5, -time.Hour, false, 30 * time.Second},
		{5, 0, true, 0},
		{19, 0, true, 0},
		{20, 0, true, 30 * time.Second},
		{25, 0, true, 15 * time.Minute},
		{-1, 0, false, 0},
	} {
		if got := account.Wait(c.failures, now.Add(-c.since), now, c.address); got != c.want {
			t.Errorf("Wait(%d failures, %v ago, address %t) = %v, want %v", c.failures, c.since, c.address, got, c.want)
		}
	}
	if got := account.Wait(100, time.Time{}, now, false); got != 0 {
		t.Errorf("failures nobody remembers wait %v", got)
	}
	for since, want := range map[time.Duration]bool{0: false, 24*time.Hour - 1: false, 24 * time.Hour: true, -time.Hour: false} {
		if got := account.Forget(now.Add(-since), now); got != want {
			t.Errorf("Forget(%v ago) = %t, want %t", since, got, want)
		}
	}
}

// More failures never wait less, more time never waits more, and a quarter of an hour is
// the most there is.
//
// Rows: B-017
func TestWaitIsMonotoneAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<30).Draw(t, "failures")
		more := n + rapid.IntRange(0, 40).Draw(t, "more")
		since := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(48*time.Hour)).Draw(t, "since"))
		later := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "later"))
		address := rapid.Bool().Draw(t, "address")
		last := now.Add(-since)
		w := account.Wait(n, last, now, address)
		if w < 0 || w > 15*time.Minute {
			t.Errorf("Wait = %v", w)
		}
		if got := account.Wait(more, last, now, address); got < w {
			t.Errorf("%d failures wait %v, %d wait %v", n, w, more, got)
		}
		if got := account.Wait(n, last, now.Add(later), address); got > w {
			t.Errorf("after %v the wait went from %v to %v", later, w, got)
		}
		if got := account.Wait(n, last, now.Add(w), address); since >= 0 && got != 0 {
			t.Errorf("after its wait of %v, another %v", w, got)
		}
	})
}
