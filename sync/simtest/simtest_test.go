package simtest_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/sync/client"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
)

func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "40") // each is a life of some 30 steps on a real disk
	}
	os.Exit(m.Run())
}

// reader is one desktop of the simulation.
type reader struct {
	dir   string
	scope string
	store *catalogue.Store
}

func (r *reader) open(t *rapid.T) {
	var err error
	if r.store, err = catalogue.Open(context.Background(), filepath.Join(r.dir, "catalogue")); err != nil {
		t.Fatal(err)
	}
}

func (r *reader) sync(ctx context.Context, p *simtest.Publisher, n *simtest.Network, tell func(replica.Progress)) error {
	var told strings.Builder
	rep, err := replica.New(n, r.store, replica.Options{
		Dir: filepath.Join(r.dir, "sync"), Scope: r.scope, Now: func() time.Time { return p.Now },
		Log: slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	if _, err = rep.Sync(ctx, tell); err == nil && told.Len() > 0 {
		// A digest that differs is healed by the base; here nothing may make it differ.
		err = errors.New(told.String())
	}
	return err
}

// TestAgree lets a publisher and two desktops live: imports, closures, moves, expiry, key
// rotations, restores, publications; syncs over a network that loses requests, answers and
// the rest of bodies, stopped anywhere, with restarts and changes of scope between. What a
// desktop holds is at every moment what was published at some position; and once all is
// quiet, what the ledger says, every row of it, however it came there.
//
// Rows
func TestAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := scratch(t)
		p, err := simtest.NewPublisher(base, publish.RootOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p.Options.Keep, p.Options.Rebase, p.Days = 2, 60*time.Hour, 8
		tree := client.Tree(os.DirFS(p.Options.Dir), "bundle")
		readers := []*reader{{dir: filepath.Join(base, "a"), scope: "all"}, {dir: filepath.Join(base, "b"), scope: "qc-cards"}}
		for _, r := range readers {
			r.open(t)
			defer func() { _ = r.store.Close() }()
		}
		published := map[posting.Sum]bool{{}: true} // every digest that ever was
		doPublish := func() {
			if _, err := p.Publish(); err != nil {
				t.Fatalf("Publish: %v", err)
			}
			for _, s := range wire.Scopes() {
				h, err := p.Head(s)
				if err != nil {
					t.Fatal(err)
				}
				published[h.Digest] = true
				if _, want := p.Wanted(s); h.Digest != want {
					t.Fatalf("head of %s is not what the ledger holds", s)
				}
			}
		}
		var backup *simtest.Ledger
		next, keyNo := int64(9_950), byte(20)
		some := func(t *rapid.T) int64 { return rapid.Int64Range(9_950, next).Draw(t, "id") }
		p.Fill(next, 30)
		next += 30
		doPublish()

		t.Repeat(map[string]func(*rapid.T){
			"import": func(t *rapid.T) {
				n := rapid.IntRange(1, 25).Draw(t, "n")
				p.Fill(next, n)
				next += int64(n)
			},
			"close":    func(t *rapid.T) { p.Close(some(t)) },
			"withdraw": func(t *rapid.T) { p.Withdraw(some(t)) },
			"erase":    func(t *rapid.T) { p.Erase(some(t)) },
			"move": func(t *rapid.T) {
				if q, ok := p.Get(some(t)); ok {
					q.Place.Province = rapid.SampledFrom([]string{"QC", "ON", "", "ZZ"}).Draw(t, "to")
					p.Put(q)
				}
			},
			"wait": func(t *rapid.T) {
				p.Now = p.Now.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "hours")) * time.Hour)
				doPublish() // a live server signs anew before its heads expire
			},
			"publish": func(*rapid.T) { doPublish() },
			"backup":  func(*rapid.T) { backup = p.Ledger.Backup() },
			"restore": func(t *rapid.T) {
				if backup == nil {
					t.Skip("no backup")
				}
				epoch := p.Epoch
				p.Ledger = backup.Backup()
				p.Epoch = epoch + 1
				doPublish()
			},
			"rotate": func(t *rapid.T) {
				keyNo++
				k := simtest.Key(keyNo)
				var err error
				if rapid.Bool().Draw(t, "root") {
					_, err = publish.RotateRoot(p.Options.Dir, p.Roots, []publish.Key{k}, publish.RootOptions{}, p.Now)
					p.Roots = []publish.Key{k}
				} else {
					_, err = publish.RotateTimestamp(p.Options.Dir, p.Roots, k, publish.RootOptions{}, p.Now)
					p.Timestamp = k
				}
				if err != nil {
					t.Fatal(err)
				}
				doPublish()
			},
			"forget": func(t *rapid.T) { // the publisher loses its memory
				if err := os.RemoveAll(p.Options.Dir + ".state"); err != nil {
					t.Fatal(err)
				}
			},
			"sync": func(t *rapid.T) {
				r := rapid.SampledFrom(readers).Draw(t, "who")
				if rapid.IntRange(0, 5).Draw(t, "change") == 0 {
					r.scope = rapid.SampledFrom([]string{"all", "qc", "qc-cards", "all-cards", "on"}).Draw(t, "scope")
				}
				n := &simtest.Network{Transport: tree, Chance: func(sides int) int { return rapid.IntRange(0, sides-1).Draw(t, "chance") }}
				ctx, stop := context.WithCancel(context.Background())
				defer stop()
				left := rapid.IntRange(0, 40).Draw(t, "stop after")
				err := r.sync(ctx, p, n, func(replica.Progress) {
					if left--; left == 0 {
						stop()
					}
				})
				if err != nil && !errors.Is(err, replica.ErrOffline) && !errors.Is(err, replica.ErrCancelled) {
					t.Fatalf("Sync over a bad network: %v", err)
				}
				if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
					if err := r.store.Close(); err != nil {
						t.Fatal(err)
					}
					r.open(t)
				}
			},
			"": func(t *rapid.T) {
				for _, r := range readers {
					st, err := r.store.State(context.Background())
					if err != nil && !errors.Is(err, catalogue.ErrNone) {
						t.Fatal(err)
					}
					if !published[st.Digest] {
						t.Fatalf("a desktop holds %d rows that were never published together", st.Count)
					}
				}
			},
		})

		doPublish()
		for _, r := range readers {
			if err := r.sync(context.Background(), p, &simtest.Network{Transport: tree}, nil); err != nil {
				t.Fatalf("Sync at rest: %v", err)
			}
			ids, digest := p.Wanted(r.scope)
			st, err := r.store.State(context.Background())
			if err == nil {
				err = r.store.Check(context.Background()) // every row, read again from disk
			}
			if err != nil || st.Digest != digest || st.Count != len(ids) || st.Indexed != st.Count {
				t.Fatalf("%s: %d rows, %d indexed, ledger %d: %v", r.scope, st.Count, st.Indexed, len(ids), err)
			}
		}
	})
}

// scratch is a directory of one run of a property.
func scratch(t *rapid.T) string {
	dir, err := os.MkdirTemp(simtest.Memory(), "passerelle-sim-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestCold brings 50,000 postings to an empty desktop over loopback HTTP.
//
// Rows: X-011
func TestCold(t *testing.T) {
	if testing.Short() {
		t.Skip("50,000 postings take too long with -short; the run without it does them")
	}
	p, err := simtest.NewPublisher(simtest.Dir(t), publish.RootOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p.Fill(1, 50_000)
	began := time.Now()
	if _, err := p.Publish(); err != nil {
		t.Fatal(err)
	}
	t.Logf("publish: %s", time.Since(began).Round(time.Millisecond))
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	c, err := client.New(s.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // a disk that must be waited for
	store, err := catalogue.Open(context.Background(), filepath.Join(dir, "catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r, err := replica.New(c, store, replica.Options{Dir: filepath.Join(dir, "sync"), Now: func() time.Time { return p.Now }})
	if err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	var browsable time.Duration
	did, err := r.Sync(context.Background(), func(q replica.Progress) {
		if q.Browsable && browsable == 0 {
			browsable = time.Since(began)
		}
	})
	took := time.Since(began)
	if err != nil || did.Count != 50_000 {
		t.Fatalf("Sync: %d rows, %v", did.Count, err)
	}
	if took > 60*time.Second {
		t.Errorf("50,000 postings took %s, want under a minute", took)
	}
	t.Logf("50,000 postings, %d bytes: browsable after %s, searchable after %s", did.Bytes, browsable.Round(time.Millisecond), took.Round(time.Millisecond))
}
