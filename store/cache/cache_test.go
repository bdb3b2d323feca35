package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/sqlite"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *cache.Device {
	t.Helper()
	d, err := cache.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func fresh(t *testing.T) *cache.Device {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "device.db"))
}

// Each person of a machine has a file of their own, so the language of one is not that
// of another.
//
// Rows: X-001
func TestSettingsAreAPersonsOwn(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	a, b := open(t, filepath.Join(dir, "a", "device.db")), open(t, filepath.Join(dir, "b", "device.db"))
	if err := a.SetSetting(ctx, cache.Language, "fr"); err != nil {
		t.Fatal(err)
	}
	for d, want := range map[*cache.Device]string{a: "fr", b: ""} {
		if got, err := d.Setting(ctx, cache.Language); err != nil || got != want {
			t.Errorf("language: %q, %v; want %q", got, err, want)
		}
	}
	if err := a.SetSetting(ctx, cache.Language, ""); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Setting(ctx, cache.Language); err != nil || got != "" {
		t.Errorf("forgotten language: %q, %v", got, err)
	}
}

func TestRecentSearches(t *testing.T) {
	d, ctx := fresh(t), t.Context()
	ask := func(words string) query.Query {
		return query.Query{
			Words: words, Filters: map[query.Facet][]string{query.Province: {"QC"}, query.Term: {"P", "T"}},
			Near: query.Near{Label: "G5L", Lat: 48.4, Lng: -68.5, Km: 50}, Now: noon, Offset: 50, Lang: i18n.French,
		}
	}
	for i := range 30 {
		if err := d.AddRecent(ctx, fmt.Sprint("s", i), ask(fmt.Sprint("mot ", i)), noon.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	// The same search another day, from another page, is the same search.
	again := ask("mot 15")
	again.Now, again.Offset, again.NoFacets = noon.AddDate(0, 0, 3), 0, true
	if err := d.AddRecent(ctx, "s15", again, noon.AddDate(0, 0, 3)); err != nil {
		t.Fatal(err)
	}
	got, err := d.Recent(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 20 || got[0].Label != "s15" || got[1].Label != "s29" {
		t.Fatalf("%d searches, first %q, %q; want 20, s15 and s29 first", len(got), got[0].Label, got[1].Label)
	}
	q := got[0].Query
	if q.Words != "mot 15" || q.Near.Km != 50 || len(q.Filters[query.Term]) != 2 || q.Lang != i18n.French || !q.Now.IsZero() {
		t.Errorf("the search came back as %+v", q)
	}
	id, err := d.SaveSearch(ctx, "à garder", ask("mot 3"), noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.ClearRecent(ctx); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Recent(ctx, 0); err != nil || len(got) != 0 {
		t.Errorf("%d searches after clearing, %v", len(got), err)
	}
	if err := d.RenameSearch(ctx, id, "gardée", noon); err != nil {
		t.Fatal(err)
	}
	saved, err := d.SavedSearches(ctx)
	if err != nil || len(saved) != 1 || saved[0].Label != "gardée" {
		t.Fatalf("saved searches %+v, %v", saved, err)
	}
	if err := d.RemoveSearch(ctx, id, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveSearch(ctx, id, noon); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("removing it twice: %v, want ErrNotFound", err)
	}
}

func job() posting.Posting {
	return posting.Posting{
		Card: posting.Card{
			ID: 7, Number: 100_000_007, Source: "demo", SourceID: "x7", Employer: "Atelier du Fleuve",
			Title: posting.Both{FR: "soudeur", EN: "welder"}, Posted: posting.DayOf(noon), Ends: posting.DayOf(noon) + 3,
			Place: posting.Place{City: "Rimouski", Province: "QC", Postal: "G5L1A1", Street: "1, rue X"},
		},
		Details: posting.Details{
			Texts: []posting.Text{{Lang: i18n.French, Sections: []posting.Section{{Kind: posting.Tasks, Items: []posting.Item{{Text: "souder"}}}}}},
			Apply: []posting.Method{{Kind: posting.ApplyEmail, Value: "emploi@atelier.example"}},
		},
	}
}

// What a person kept can be read after it has ended; how to apply cannot.
//
// Rows
func TestSavedPostingAfterItsEnd(t *testing.T) {
	d, ctx := fresh(t), t.Context()
	if err := d.Save(ctx, job(), noon); err != nil {
		t.Fatal(err)
	}
	one := func(now time.Time) cache.SavedPosting {
		t.Helper()
		got, err := d.Saved(ctx, now)
		if err != nil || len(got) != 1 {
			t.Fatalf("Saved: %d postings, %v; want 1", len(got), err)
		}
		return got[0]
	}
	if p := one(noon); p.Expired || len(p.Apply) != 1 || p.Place.Street == "" {
		t.Errorf("before its end: %+v", p)
	}
	after := noon.AddDate(0, 0, 10)
	if p := one(after); !p.Expired || len(p.Apply) != 0 || p.Place.Street != "" || p.Title.FR != "soudeur" || len(p.Texts) != 1 {
		t.Errorf("after its end: %+v", p)
	}
	// The catalogue says that it was closed early, with nothing left in it.
	closed := job()
	closed.State = posting.Closed
	if err := d.Save(ctx, closed.Masked(), noon); err != nil {
		t.Fatal(err)
	}
	if p := one(noon); !p.Expired || len(p.Apply) != 0 || p.Title.FR != "soudeur" || p.State != posting.Closed {
		t.Errorf("closed early: %+v", p)
	}
	if ok, err := d.IsSaved(ctx, 7); err != nil || !ok {
		t.Errorf("IsSaved: %v, %v", ok, err)
	}
	if err := d.Unsave(ctx, 7, noon); err != nil {
		t.Fatal(err)
	}
	if ok, err := d.IsSaved(ctx, 7); err != nil || ok {
		t.Errorf("IsSaved after Unsave: %v, %v", ok, err)
	}
}

// Rows: A-022
func TestReadingList(t *testing.T) {
	d, ctx := fresh(t), t.Context()
	for i, url := range []string{"https://a.example/1", "https://b.example/2", "https://a.example/1"} {
		if err := d.Later(ctx, url, 100_000_007, noon.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.LaterList(ctx)
	if err != nil || len(got) != 2 || got[0].URL != "https://a.example/1" || got[0].Number != 100_000_007 {
		t.Fatalf("reading list %+v, %v", got, err)
	}
	if err := d.LaterDone(ctx, got[0].URL); err != nil {
		t.Fatal(err)
	}
	if got, err = d.LaterList(ctx); err != nil || len(got) != 1 {
		t.Errorf("after one was read: %+v, %v", got, err)
	}
}

// An item leaves the outbox's pending list only by a final answer or by the person's
// own hand, whatever happens in between, the program's end included.
//
// Rows: A-170
func TestOutbox(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		sub, err := os.MkdirTemp(dir, "")
		if err != nil {
			rt.Fatal(err)
		}
		path := filepath.Join(sub, "device.db")
		d, err := cache.Open(ctx, path)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		type item struct {
			state    cache.State
			attempts int
		}
		want := map[string]item{}
		key := func() string { return rapid.SampledFrom([]string{"k1", "k2", "k3"}).Draw(rt, "key") }
		rt.Repeat(map[string]func(*rapid.T){
			"queue": func(rt *rapid.T) {
				k := key()
				if err := d.Queue(ctx, cache.KindReport, k, []byte("body of "+k), noon); err != nil {
					rt.Fatal(err)
				}
				if _, ok := want[k]; !ok {
					want[k] = item{state: cache.Queued}
				}
			},
			"other body": func(rt *rapid.T) {
				k := key()
				if _, ok := want[k]; !ok {
					rt.Skip("nothing with that key is in the outbox yet")
				}
				if err := d.Queue(ctx, cache.KindReport, k, []byte("other"), noon); !errors.Is(err, cache.ErrOtherBody) {
					rt.Fatalf("another body under %s: %v", k, err)
				}
			},
			"send": func(rt *rapid.T) {
				k := key()
				i, ok := want[k]
				err := d.Send(ctx, k)
				if ok && (i.state == cache.Queued || i.state == cache.Sending) {
					want[k] = item{cache.Sending, i.attempts + 1}
				} else if !errors.Is(err, cache.ErrNotFound) {
					rt.Fatalf("Send(%s) in %+v: %v", k, i, err)
				}
			},
			"settle": func(rt *rapid.T) {
				k := key()
				s := rapid.SampledFrom([]cache.State{cache.Accepted, cache.Rejected, cache.Queued}).Draw(rt, "state")
				i, ok := want[k]
				err := d.Settle(ctx, k, s, "why", noon)
				if ok && (i.state == cache.Queued || i.state == cache.Sending) {
					want[k] = item{s, i.attempts}
				} else if !errors.Is(err, cache.ErrNotFound) {
					rt.Fatalf("Settle(%s) in %+v: %v", k, i, err)
				}
			},
			"cancel": func(rt *rapid.T) {
				k := key()
				err := d.Cancel(ctx, k)
				if want[k].state == cache.Queued {
					delete(want, k)
				} else if !errors.Is(err, cache.ErrNotFound) {
					rt.Fatalf("Cancel(%s) in %+v: %v", k, want[k], err)
				}
			},
			"stop and start": func(rt *rapid.T) {
				if err := d.Close(); err != nil {
					rt.Fatal(err)
				}
				if d, err = cache.Open(ctx, path); err != nil {
					rt.Fatal(err)
				}
			},
			"": func(rt *rapid.T) {
				all, err := d.Items(ctx, cache.KindReport)
				if err != nil {
					rt.Fatal(err)
				}
				if len(all) != len(want) {
					rt.Fatalf("%d items, want %d", len(all), len(want))
				}
				waiting := 0
				for _, i := range all {
					if w := want[i.Key]; w.state != i.State || w.attempts != i.Attempts || !bytes.Equal(i.Body, []byte("body of "+i.Key)) {
						rt.Fatalf("%s is %s after %d attempts, want %+v", i.Key, i.State, i.Attempts, w)
					}
					if i.State == cache.Queued || i.State == cache.Sending {
						waiting++
					}
				}
				if pending, err := d.Pending(ctx); err != nil || len(pending) != waiting {
					rt.Fatalf("%d pending, %v; want %d", len(pending), err, waiting)
				}
			},
		})
	})
}

// A file of a newer program is not touched.
func TestNewerDevice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.db")
	many := make([]string, 99)
	for i := range many {
		many[i] = fmt.Sprintf("CREATE TABLE t%d (x)", i)
	}
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrations: many})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(t.Context(), path); !errors.Is(err, cache.ErrNewer) {
		t.Errorf("Open: %v, want ErrNewer", err)
	}
}

// A damaged file is kept under another name, and the person is told which.
func TestDamagedDeviceIsKeptAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.db")
	damaged := []byte(strings.Repeat("not what it was ", 1000))
	for n := 1; n <= 2; n++ { // a second time does not lose the first
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		d := open(t, path)
		if err := d.SetSetting(t.Context(), cache.Language, "fr"); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("%s.damaged-%d", path, n)
		if d.Aside() != want {
			t.Errorf("Aside: %q, want %q", d.Aside(), want)
		}
		for _, l := range i18n.Languages() {
			if s := d.Notice(i18n.For(l)); !strings.Contains(s, filepath.Base(want)) {
				t.Errorf("the notice in %s does not name the file: %q", l, s)
			}
		}
		if got, err := os.ReadFile(want); err != nil || !bytes.Equal(got, damaged) {
			t.Errorf("the damaged file was not kept as it was: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			sound := open(t, path)
			if sound.Aside() != "" || sound.Notice(i18n.For(i18n.French)) != "" {
				t.Errorf("a sound file says that it was damaged: %q", sound.Aside())
			}
			if err := sound.Close(); err != nil {
				t.Fatal(err)
			}
			for _, tail := range []string{"-wal", "-shm"} {
				if err := os.Remove(path + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
		}
	}
}
