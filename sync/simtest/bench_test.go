package simtest_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/sync/client"
	"passerelle/sync/intake/demo"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
)

const many = 100_000

// crowd is a publisher of many demonstration postings.
func crowd(b *testing.B) *simtest.Publisher {
	b.Helper()
	p, err := simtest.NewPublisher(b.TempDir(), publish.RootOptions{})
	if err != nil {
		b.Fatal(err)
	}
	p.Now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for x := range demo.Postings(demo.Options{Seed: 1, N: many, Today: posting.DayOf(p.Now)}) {
		p.Put(x)
	}
	if _, err := p.Publish(); err != nil {
		b.Fatal(err)
	}
	return p
}

func desktop(b *testing.B, p *simtest.Publisher, url string) (*replica.Replica, func()) {
	b.Helper()
	dir := b.TempDir()
	store, err := catalogue.Open(context.Background(), filepath.Join(dir, "catalogue"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := client.New(url, client.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r, err := replica.New(c, store, replica.Options{Dir: filepath.Join(dir, "sync"), Now: func() time.Time { return p.Now }})
	if err != nil {
		b.Fatal(err)
	}
	return r, func() { _ = store.Close() }
}

// BenchmarkBootstrap brings 100,000 demonstration postings to an empty desktop over
// loopback HTTP (bars: browsable in 4 s, searchable in 12 s).
func BenchmarkBootstrap(b *testing.B) {
	p := crowd(b)
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	var browsable time.Duration
	var bytes int64
	for b.Loop() {
		r, end := desktop(b, p, s.URL)
		began, seen := time.Now(), false
		did, err := r.Sync(context.Background(), func(q replica.Progress) {
			if q.Browsable && !seen {
				seen = true
				browsable += time.Since(began)
			}
		})
		if err != nil || did.Count < many*9/10 {
			b.Fatalf("Sync: %d rows, %v", did.Count, err)
		}
		bytes = did.Bytes
		end()
	}
	b.ReportMetric(browsable.Seconds()/float64(b.N), "s-browsable/op")
	b.ReportMetric(float64(bytes)/1e6, "MB")
}

// BenchmarkDelta brings 5,000 changes to a catalogue of 100,000 (bar: 1.5 s).
func BenchmarkDelta(b *testing.B) {
	p := crowd(b)
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	r, end := desktop(b, p, s.URL)
	defer end()
	if _, err := r.Sync(context.Background(), nil); err != nil {
		b.Fatal(err)
	}
	var bytes int64
	round := int64(0)
	for b.Loop() {
		b.StopTimer()
		round++
		p.Now = p.Now.Add(time.Minute)
		for i := range int64(5_000) {
			q, ok := p.Get(1 + (i*19+round*7)%many)
			if ok {
				q.Positions++
				p.Put(q)
			}
		}
		if _, err := p.Publish(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		did, err := r.Sync(context.Background(), nil)
		if err != nil || did.Bootstrap || did.Put < 4_000 {
			b.Fatalf("Sync: %+v, %v", did, err)
		}
		bytes = did.Bytes
	}
	b.ReportMetric(float64(bytes)/1e6, "MB")
}

// BenchmarkPublish publishes 100,000 postings for the first time, in all 28 scopes.
func BenchmarkPublish(b *testing.B) {
	p := crowd(b)
	for b.Loop() {
		b.StopTimer()
		p.Options.Dir = filepath.Join(b.TempDir(), "cat")
		if _, err := publish.NewRoot(p.Options.Dir, p.Roots, p.Timestamp, publish.RootOptions{}, p.Now); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := p.Publish(); err != nil {
			b.Fatal(err)
		}
	}
}
