package state

import (
	"context"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/sync/intake/demo"
)

// hand is an executor driven by hand: nothing happens until the test says so.
type hand struct {
	jobs   []job
	timers []*timer
}

type job struct{ work, done func() }

type timer struct {
	d   time.Duration
	f   func()
	off bool
}

func (h *hand) Go(work, done func()) { h.jobs = append(h.jobs, job{work, done}) }

func (h *hand) After(d time.Duration, f func()) func() {
	t := &timer{d: d, f: f}
	h.timers = append(h.timers, t)
	return func() { t.off = true }
}

// run does the work that waits, and what follows from it, until nothing waits.
func (h *hand) run() {
	for len(h.jobs) > 0 {
		j := h.jobs[0]
		h.jobs = h.jobs[1:]
		j.work()
		j.done()
	}
}

// pass lets d go by: timers that are due fire, in order.
func (h *hand) pass(d time.Duration) {
	ts := h.timers
	h.timers = nil
	for _, t := range ts {
		if t.off {
			continue
		}
		if t.d <= d {
			t.f()
			continue
		}
		t.d -= d
		h.timers = append(h.timers, t)
	}
}

// noon is the moment of the tests; the day is that of the demonstration postings.
var noon = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)

var (
	shelfOnce sync.Once
	shelf     *catalogue.Store
	shelfAll  []posting.Posting
	shelfErr  error
)

// library is a real catalogue of demonstration postings, built once for the package.
func library(t *testing.T) (*catalogue.Store, []posting.Posting) {
	t.Helper()
	shelfOnce.Do(func() {
		ctx := context.Background()
		dir, err := makeTemp()
		if err != nil {
			shelfErr = err
			return
		}
		if shelf, shelfErr = catalogue.Open(ctx, dir); shelfErr != nil {
			return
		}
		shelfErr = stock(ctx, shelf, demo.Postings(demo.Options{Seed: 7, N: 600, Today: posting.DayOf(noon)}))
	})
	if shelfErr != nil {
		t.Fatal(shelfErr)
	}
	return shelf, shelfAll
}

func stock(ctx context.Context, store *catalogue.Store, all iter.Seq[posting.Posting]) error {
	st := catalogue.State{Origin: "server", Scope: "all", Epoch: 1, Seq: 4, Created: noon.Add(-3 * time.Hour), Checked: noon}
	b, err := store.Build(ctx, "test")
	if err != nil {
		return err
	}
	rows := func(yield func(catalogue.Row, error) bool) {
		for p := range all {
			shelfAll = append(shelfAll, p)
			r := catalogue.Row{ID: p.ID, Card: p.Card.Bytes(), Details: p.Details.Bytes()}
			st.Digest = st.Digest.Add(posting.RowSum(r.Card, r.Details))
			st.Count++
			if !yield(r, nil) {
				return
			}
		}
	}
	if err := b.Add(ctx, "one", rows); err != nil {
		return err
	}
	if err := b.Browse(ctx, st); err != nil {
		return err
	}
	return b.Index(ctx, nil)
}

// desktop is a state on a real catalogue and a real device file, its executor, and what the outside
// world was asked to do.
type desktop struct {
	*State
	hand   *hand
	opened []string
	copied []string
	at     time.Time
	online bool
}

func newDesktop(t *testing.T, l i18n.Lang) *desktop {
	t.Helper()
	store, _ := library(t)
	dev, err := cache.Open(context.Background(), filepath.Join(t.TempDir(), "device.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	d := &desktop{hand: &hand{}, at: noon, online: true}
	d.State = New(context.Background(), Options{Catalogue: store, Device: dev, Exec: d.hand, Zone: time.UTC, Lang: l, Sources: demo.Sources(),
		Now: func() time.Time { return d.at }, App: "passerelle/test", Dir: t.TempDir(),
		Online: func() bool { return d.online },
		Opener: func(u string) error { d.opened = append(d.opened, u); return nil },
		Clip:   func(s string) { d.copied = append(d.copied, s) }})
	d.Load()
	d.hand.run()
	return d
}

// one finds a demonstration posting.
func one(t *testing.T, want string, ok func(posting.Posting) bool) posting.Posting {
	t.Helper()
	_, all := library(t)
	for _, p := range all {
		if ok(p) {
			return p
		}
	}
	t.Fatalf("no demonstration posting with %s", want)
	return posting.Posting{}
}
