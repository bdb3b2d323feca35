package desk_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/sync/intake/demo"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// publisher is one that publishes invented postings under keys of its own.
type publisher struct {
	t      *testing.T
	dir    string
	print  string
	rows   *simtest.Ledger
	stamp  publish.Key
	packs  []publish.Pack
	source string // the only one in its registry
}

// newPublisher makes one; n tells its keys and its postings from another's.
func newPublisher(t *testing.T, n byte, postings int) *publisher {
	t.Helper()
	p := &publisher{t: t, dir: t.TempDir(), rows: &simtest.Ledger{Epoch: 1}, stamp: simtest.Key(n + 100)}
	var err error
	if p.print, err = publish.NewRoot(p.dir, []publish.Key{simtest.Key(n)}, p.stamp, publish.RootOptions{}, noon); err != nil {
		t.Fatal(err)
	}
	for x := range demo.Postings(demo.Options{Seed: int64(n), N: postings, Today: posting.DayOf(noon)}) {
		p.rows.Put(x)
	}
	p.source = fmt.Sprint("source-", n)
	sources, err := cbor.Marshal([]posting.Source{{ID: p.source}})
	if err != nil {
		t.Fatal(err)
	}
	p.packs = []publish.Pack{{Name: "sources", Version: "1", Data: sources}}
	p.publish(noon)
	return p
}

func (p *publisher) publish(now time.Time) {
	p.t.Helper()
	if _, err := publish.Publish(context.Background(), p.rows, p.packs, p.stamp, publish.Options{Dir: p.dir}, now); err != nil {
		p.t.Fatal(err)
	}
}

// bundle writes one of a scope.
func (p *publisher) bundle(scope string) (dir string, count int) {
	p.t.Helper()
	dir = p.t.TempDir()
	did, err := publish.Bundle(context.Background(), p.dir, dir, scope)
	if err != nil {
		p.t.Fatal(err)
	}
	return dir, did.Count
}

func open(t *testing.T) *desk.Desk {
	t.Helper()
	d, err := desk.Open(t.Context(), desk.Options{Dir: t.TempDir(), Now: func() time.Time { return noon.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func load(t *testing.T, d *desk.Desk, bundle, accept string) replica.Outcome {
	t.Helper()
	done, err := d.Load(t.Context(), bundle, accept, nil)
	if err != nil {
		t.Fatalf("Load(%.8q): %v", accept, err)
	}
	return done
}

// held is what the desk's catalogue is.
func held(t *testing.T, d *desk.Desk) (root, scope string, count int) {
	t.Helper()
	st, err := d.Catalogue.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Root, st.Scope, st.Count
}

// TestTwoPublishers loads bundles of two publishers, each trusted for itself: a publisher who
// was never met is refused until their fingerprint is given, and known from then on.
//
// Rows: X-012
func TestTwoPublishers(t *testing.T) {
	d, one, two := open(t), newPublisher(t, 1, 60), newPublisher(t, 2, 45)
	for _, p := range []*publisher{one, two} {
		b, count := p.bundle("all")
		plan, err := d.PlanBundle(t.Context(), b)
		if err != nil || !plan.Pinned || plan.Root != p.print || plan.Count != count || plan.Bytes == 0 || !plan.Created.Equal(noon) {
			t.Fatalf("PlanBundle: %+v, %v; want %d postings of %.8s, met for the first time", plan, err, count, p.print)
		}
		before, _ := d.Catalogue.State(t.Context()) // none at first
		for _, accept := range []string{"", strings.Repeat("0", 64), one.print[:32]} {
			if _, err := d.Load(t.Context(), b, accept, nil); !errors.Is(err, replica.ErrUnknownPublisher) {
				t.Errorf("accepting %.8q: %v, want ErrUnknownPublisher", accept, err)
			}
		}
		if after, _ := d.Catalogue.State(t.Context()); after.Root != before.Root {
			t.Errorf("a refused bundle left the catalogue of %.8s", after.Root)
		}
		load(t, d, b, state.Fingerprint(p.print)) // as a person copies it from the screen
		if root, _, n := held(t, d); root != p.print || n != count {
			t.Errorf("after Load: %d postings of %.8s, want %d of %.8s", n, root, count, p.print)
		}
		if s, err := d.Sources(t.Context()); err != nil || len(s) != 1 || s[0].ID != p.source {
			t.Errorf("Sources: %+v, %v", s, err)
		}
	}
	// Both are known now, and each is still held to what was seen of them.
	one.rows.Put(simtest.Posting(999_999, "QC", posting.DayOf(noon), 30))
	old, _ := one.bundle("all")
	one.publish(noon.Add(30 * time.Minute))
	b, count := one.bundle("all")
	if plan, err := d.PlanBundle(t.Context(), b); err != nil || plan.Pinned {
		t.Errorf("known publisher: %+v, %v; want no first meeting", plan, err)
	}
	load(t, d, b, "")
	if root, _, n := held(t, d); root != one.print || n != count {
		t.Errorf("back with the first: %d of %.8s, want %d of %.8s", n, root, count, one.print)
	}
	if _, err := d.Load(t.Context(), old, "", nil); !errors.Is(err, replica.ErrDowngraded) {
		t.Errorf("an older bundle: %v, want ErrDowngraded", err)
	}
}

// TestScopeOfBundle loads what the person keeps if the bundle has it, else everything, else
// what there is.
//
// Rows: X-012
func TestScopeOfBundle(t *testing.T) {
	p := newPublisher(t, 1, 80)
	quebec, count := p.bundle("qc")
	if count == 0 || count == 80 {
		t.Fatalf("%d postings of 80 in Quebec show nothing", count)
	}
	both, _ := p.bundle("all")
	if _, err := publish.Bundle(t.Context(), p.dir, both, "qc"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ bundle, want, got string }{
		{quebec, "", "qc"}, {quebec, "on", "qc"}, {both, "", "all"}, {both, "on", "all"}, {both, "qc", "qc"},
	} {
		d := open(t)
		if err := d.Device.SetSetting(t.Context(), cache.Scope, c.want); err != nil {
			t.Fatal(err)
		}
		load(t, d, c.bundle, p.print)
		if _, scope, n := held(t, d); scope != c.got || c.got == "qc" && n != count {
			t.Errorf("keeping %q: %d postings of scope %q, want %q", c.want, n, scope, c.got)
		}
	}
}

// TestArchive loads a bundle from a zip archive.
//
// Rows: X-012
func TestArchive(t *testing.T) {
	p := newPublisher(t, 1, 30)
	b, count := p.bundle("all")
	name := filepath.Join(t.TempDir(), "bundle.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	if err := errors.Join(z.AddFS(os.DirFS(b)), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	d := open(t)
	load(t, d, name, p.print)
	if root, _, n := held(t, d); root != p.print || n != count {
		t.Errorf("%d postings of %.8s, want %d of %.8s", n, root, count, p.print)
	}
}

// TestBadBundles: each thing that can be wrong with a bundle has its own sentence in both
// languages, and leaves the catalogue as it was.
//
// Rows: X-012
func TestBadBundles(t *testing.T) {
	p, other := newPublisher(t, 1, 40), newPublisher(t, 2, 40)
	good, count := p.bundle("all")
	write := func(name string, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir, rel string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(rel)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// objects calls do with every object of a bundle.
	objects := func(dir string, do func(name string, b []byte)) {
		err := filepath.WalkDir(filepath.Join(dir, filepath.FromSlash(filepath.Dir(wire.ObjectPath(wire.Hash{})))),
			func(name string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				b, err := os.ReadFile(name)
				do(name, b)
				return err
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		harm func(dir string) // of a new bundle of the known publisher, with one posting more
		want error
		say  i18n.Key
	}{
		{"bytes of a segment", func(dir string) {
			objects(dir, func(name string, b []byte) { b[len(b)/2] ^= 1; write(name, b) })
		}, replica.ErrTampered, i18n.SyncTampered},
		{"a segment is missing", func(dir string) {
			objects(dir, func(name string, _ []byte) { _ = os.Remove(name) })
		}, replica.ErrTampered, i18n.SyncTampered},
		{"the head of someone else", func(dir string) {
			write(filepath.Join(dir, filepath.FromSlash(wire.HeadPath("all"))), read(other.dir, wire.HeadPath("all")))
		}, replica.ErrWrongKey, i18n.SyncWrongkey},
		{"the root of someone else", func(dir string) {
			write(filepath.Join(dir, filepath.FromSlash(wire.RootPath(1))), read(other.dir, wire.RootPath(1)))
		}, replica.ErrUnknownPublisher, i18n.ErrorUnknownPublisher},
		{"no head", func(dir string) {
			_ = os.Remove(filepath.Join(dir, filepath.FromSlash(wire.HeadPath("all"))))
		}, replica.ErrNoBundle, i18n.ErrorNoBundle},
		{"no root", func(dir string) {
			_ = os.Remove(filepath.Join(dir, filepath.FromSlash(wire.RootPath(1))))
		}, replica.ErrNoBundle, i18n.ErrorNoBundle},
	} {
		d := open(t)
		load(t, d, good, p.print)
		p.rows.Put(simtest.Posting(999_999, "QC", posting.DayOf(noon), 30))
		p.publish(noon.Add(30 * time.Minute))
		bad, _ := p.bundle("all")
		c.harm(bad)
		_, err := d.Load(t.Context(), bad, "", nil)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		for _, l := range i18n.Languages() {
			w := i18n.For(l)
			if got := state.Explain(w, err); got != w.S(c.say) {
				t.Errorf("%s in %s: %q", c.name, l, got)
			}
		}
		if root, _, n := held(t, d); root != p.print || n != count {
			t.Errorf("%s: left %d postings of %.8s, want the %d of before", c.name, n, root, count)
		}
	}
	d := open(t)
	for _, name := range []string{filepath.Join(t.TempDir(), "gone"), t.TempDir()} {
		if _, err := d.PlanBundle(t.Context(), name); !errors.Is(err, replica.ErrNoBundle) {
			t.Errorf("PlanBundle of nothing: %v, want ErrNoBundle", err)
		}
	}
}
