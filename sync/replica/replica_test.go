package replica_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/client"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
)

// desk is a desktop and the publisher it follows over real HTTP.
type desk struct {
	*simtest.Publisher
	t      *testing.T
	server *simtest.Server
	client *client.Client
	store  *catalogue.Store
	o      replica.Options
	first  []byte // an early head
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	p, err := simtest.NewPublisher(simtest.Dir(t), publish.RootOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{Publisher: p, t: t, server: simtest.Serve(p.Options.Dir)}
	t.Cleanup(d.server.Close)
	d.client = hasty(t, d.server.URL)
	d.fresh()
	return d
}

// hasty is a client that does not wait between tries.
func hasty(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(url, client.Options{Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fresh gives the desktop an empty disk.
func (d *desk) fresh() {
	d.t.Helper()
	dir := simtest.Dir(d.t)
	store, err := catalogue.Open(context.Background(), filepath.Join(dir, "catalogue"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = store.Close() })
	d.store = store
	d.o = replica.Options{Dir: filepath.Join(dir, "sync"), Now: func() time.Time { return d.Now }}
}

func (d *desk) publish() publish.Published {
	d.t.Helper()
	p, err := d.Publish()
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) replica(t replica.Transport) *replica.Replica {
	d.t.Helper()
	r, err := replica.New(t, d.store, d.o)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) sync() replica.Outcome {
	d.t.Helper()
	did, err := d.replica(d.client).Sync(context.Background(), nil)
	if err != nil {
		d.t.Fatalf("Sync: %v", err)
	}
	return did
}

// agrees compares the catalogue with the ledger: every row, read anew from disk.
func (d *desk) agrees() {
	d.t.Helper()
	scope := d.o.Scope
	if scope == "" {
		scope = "all"
	}
	ids, digest := d.Wanted(scope)
	st, err := d.store.State(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	if st.Count != len(ids) || st.Digest != digest {
		d.t.Fatalf("catalogue of %d rows, digest %x; ledger %d, %x", st.Count, st.Digest, len(ids), digest)
	}
	if err := d.store.Check(context.Background()); err != nil {
		d.t.Fatalf("catalogue's rows: %v", err)
	}
	if st.Indexed != st.Count {
		d.t.Fatalf("words of %d rows of %d", st.Indexed, st.Count)
	}
}

func (d *desk) state() catalogue.State {
	d.t.Helper()
	st, err := d.store.State(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	return st
}

// TestFollow brings a catalogue in, follows it by deltas, and falls back to the base when
// it was away for longer than deltas are kept. What each sync costs is told before.
//
// Rows
func TestFollow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 600)
	d.publish()
	plan, err := d.replica(d.client).Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !plan.Bootstrap || plan.Count != 600 || plan.Rows != 600 || !plan.Pinned || plan.Root == "" {
		t.Errorf("first plan %+v, want 600 rows built aside and a publisher met for the first time", plan)
	}
	var stages []replica.Stage
	var last replica.Progress
	did, err := d.replica(d.client).Sync(context.Background(), func(p replica.Progress) {
		if !slices.Contains(stages, p.Stage) {
			stages = append(stages, p.Stage)
		}
		last = p
	})
	if err != nil {
		t.Fatal(err)
	}
	d.agrees()
	if got := d.server.Objects.Load(); got != plan.Bytes {
		t.Errorf("%d bytes of objects served, plan said %d", got, plan.Bytes)
	}
	if want := []replica.Stage{replica.Asking, replica.Downloading, replica.Applying, replica.Indexing, replica.Done}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	if did.Put != 600 || last.Bytes != plan.Bytes || !last.Searchable {
		t.Errorf("did %+v, last progress %+v", did, last)
	}
	if did := d.sync(); !did.Nothing || did.Pinned {
		t.Errorf("second sync: %+v, want nothing to do and the publisher known", did)
	}

	for i := range 6 {
		d.Now = d.Now.Add(5 * time.Hour)
		d.Fill(int64(601+i*5), 5)
		d.Close(int64(10 + i))
		d.Erase(int64(20 + i))
		d.publish()
		if i%2 == 0 {
			continue // two publications a sync
		}
		before := d.server.Objects.Load()
		plan, err := d.replica(d.client).Plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		did := d.sync()
		d.agrees()
		if did.Bootstrap || did.Removed != 2 || did.Put != 12 {
			t.Errorf("sync %d: %+v, want a delta of 12 rows put and 2 removed", i, did)
		}
		if got := d.server.Objects.Load() - before; got != plan.Bytes || got > 20_000 {
			t.Errorf("sync %d: %d bytes of objects, plan said %d", i, got, plan.Bytes)
		}
	}

	d.Now = d.Now.Add(20 * 24 * time.Hour)
	d.Fill(700, 5)
	d.publish()
	d.Now = d.Now.Add(31 * 24 * time.Hour)
	d.publish()
	if did := d.sync(); !did.Bootstrap {
		t.Errorf("after 51 days: %+v, want the base", did)
	}
	d.agrees()
}

// TestUnchanged polls an unchanged catalogue: one request, under 1 kB both ways.
//
// Rows: X-011
func TestUnchanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 3000)
	d.publish()
	d.sync()
	requests, bytes := d.server.Requests.Load(), d.server.Bytes.Load()
	d.Now = d.Now.Add(time.Minute)
	if did := d.sync(); !did.Nothing || did.Bytes != 0 {
		t.Errorf("unchanged: %+v", did)
	}
	requests, bytes = d.server.Requests.Load()-requests, d.server.Bytes.Load()-bytes
	if requests != 1 || bytes >= 1000 {
		t.Errorf("an unchanged poll took %d requests and %d bytes, want 1 and under 1000", requests, bytes)
	}
	if st := d.state(); !st.Checked.Equal(d.Now) {
		t.Errorf("checked %s, want %s", st.Checked, d.Now)
	}
	t.Logf("an unchanged poll: %d bytes", bytes)
}

// TestDropped cuts the connection in the middle of every object: each goes on where it
// stopped, and hardly a byte is served twice.
//
// Rows: X-011
func TestDropped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 4000)
	d.publish()
	plan, err := d.replica(d.client).Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cuts := map[string]int{}
	d.server.Cut(func(path string) int64 {
		if cuts[path]++; strings.HasPrefix(path, "o/") && cuts[path] < 4 {
			return 5000
		}
		return -1
	})
	d.sync()
	d.agrees()
	served := d.server.Objects.Load()
	if served < plan.Bytes || served > plan.Bytes+plan.Bytes/50 {
		t.Errorf("%d bytes of objects served over cut connections, want %d and little more", served, plan.Bytes)
	}
	if len(cuts) == 0 || cuts[wire.HeadPath("all")] == 0 {
		t.Error("nothing was cut")
	}
}

// TestOffline drops every connection: the catalogue stays, what was downloaded is kept, and
// a later run takes it up.
func TestOffline(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 2000)
	d.publish()
	d.server.Cut(func(path string) int64 {
		if strings.HasPrefix(path, "o/") && d.server.Objects.Load() > 20_000 {
			return 0
		}
		return -1
	})
	_, err := d.replica(d.client).Sync(context.Background(), nil)
	if !errors.Is(err, replica.ErrOffline) {
		t.Fatalf("Sync: %v, want ErrOffline", err)
	}
	had := d.server.Objects.Load()
	plan, err := d.replica(d.client).Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d.server.Cut(nil)
	d.sync()
	d.agrees()
	if got := d.server.Objects.Load() - had; got > plan.Bytes {
		t.Errorf("resumed with %d bytes, plan said at most %d", got, plan.Bytes)
	}
}

// TestLeftBehind damages what a stopped run had downloaded: it is not taken for what its name
// says, and costs no more than to be fetched again.
//
// Rows: X-048
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 3000)
	d.publish()
	asked := map[string]bool{}
	d.server.Cut(func(path string) int64 {
		if !strings.HasPrefix(path, "o/") || d.server.Objects.Load() < 20_000 {
			return -1
		}
		if !asked[path] {
			asked[path] = true
			return 3000
		}
		return 0
	})
	if _, err := d.replica(d.client).Sync(context.Background(), nil); !errors.Is(err, replica.ErrOffline) {
		t.Fatalf("Sync: %v, want ErrOffline", err)
	}
	h, err := d.Head("all")
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, s := range h.Base {
		for _, name := range []string{s.Hash.String(), s.Hash.String() + ".part"} {
			if b, err := os.ReadFile(filepath.Join(d.o.Dir, "objects", name)); err == nil && len(b) > 0 {
				left++
				flip(t, filepath.Join(d.o.Dir, "objects", name), 3)
			}
		}
	}
	// And one whole file of zeros, as a loss of power may leave it.
	last := h.Base[len(h.Base)-1]
	write(t, filepath.Join(d.o.Dir, "objects", last.Hash.String()), make([]byte, last.Size))
	if left == 0 {
		t.Fatal("nothing was left behind")
	}
	d.server.Cut(nil)
	d.sync()
	d.agrees()
}

// flip changes one byte of a file.
func flip(t *testing.T, name string, at int) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[(len(b)+at)%len(b)] ^= 0x40
	write(t, name, b)
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// reseal writes a head that says something else, signed by a key of choice.
func (d *desk) reseal(by publish.Key, change func(*wire.Head)) {
	d.t.Helper()
	h, err := d.Head("all")
	if err != nil {
		d.t.Fatal(err)
	}
	change(&h)
	s, err := by.Signer()
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := wire.Seal(h, s)
	if err != nil {
		d.t.Fatal(err)
	}
	write(d.t, d.File(wire.HeadPath("all")), b)
}

// TestRefused puts every kind of wrong publication before a desktop that has a catalogue:
// each is refused with an error and a sentence of its own, the catalogue stays as it was,
// and the next right one is taken.
//
// Rows
func TestRefused(t *testing.T) {
	t.Parallel()
	delta := func(d *desk) string {
		h, err := d.Head("all")
		if err != nil {
			d.t.Fatal(err)
		}
		return d.File(wire.ObjectPath(h.Deltas[len(h.Deltas)-1].Hash))
	}
	var mu sync.Mutex
	sentences := map[i18n.Key]error{}
	for _, c := range []struct {
		name  string
		want  error
		spoil func(d *desk)
	}{
		{"a byte of a delta", replica.ErrTampered, func(d *desk) { flip(d.t, delta(d), -9) }},
		{"a delta cut short", replica.ErrTampered, func(d *desk) {
			b, _ := os.ReadFile(delta(d))
			write(d.t, delta(d), b[:len(b)/2])
		}},
		{"a delta too long", replica.ErrTampered, func(d *desk) {
			b, _ := os.ReadFile(delta(d))
			write(d.t, delta(d), append(b, 1))
		}},
		{"a byte of the head", replica.ErrTampered, func(d *desk) { flip(d.t, d.File("all/head"), -5) }},
		{"half a head", replica.ErrTampered, func(d *desk) {
			b, _ := os.ReadFile(d.File("all/head"))
			write(d.t, d.File("all/head"), b[:len(b)/2])
		}},
		{"the head of another scope", replica.ErrTampered, func(d *desk) {
			b, _ := os.ReadFile(d.File("qc/head"))
			write(d.t, d.File("all/head"), b)
		}},
		{"a demonstration's head", replica.ErrTampered, func(d *desk) { d.reseal(d.Timestamp, func(h *wire.Head) { h.Demo = true }) }},
		{"an older head again", replica.ErrDowngraded, func(d *desk) { write(d.t, d.File("all/head"), d.first) }},
		{"a lower position", replica.ErrDowngraded, func(d *desk) {
			d.reseal(d.Timestamp, func(h *wire.Head) { h.Seq, h.BaseSeq, h.Since, h.Deltas = 5, 5, 5, nil })
		}},
		{"a lower epoch", replica.ErrDowngraded, func(d *desk) { d.reseal(d.Timestamp, func(h *wire.Head) { h.Epoch-- }) }},
		{"an older root again", replica.ErrDowngraded, func(d *desk) {
			b, _ := os.ReadFile(d.File("root/1"))
			write(d.t, d.File("root/2"), b)
		}},
		{"a root by a stranger", replica.ErrWrongKey, func(d *desk) {
			first, err := wire.FirstRoot(must(os.ReadFile(d.File("root/1"))))
			if err != nil {
				d.t.Fatal(err)
			}
			spec, err := first.Spec()
			if err != nil {
				d.t.Fatal(err)
			}
			spec.Version, spec.Roots = 2, spec.Timestamp // the online key makes itself the root
			s, err := d.Timestamp.Signer()
			if err != nil {
				d.t.Fatal(err)
			}
			b, err := wire.WriteRoot(spec, s)
			if err != nil {
				d.t.Fatal(err)
			}
			write(d.t, d.File("root/2"), b)
		}},
		{"a stranger's signature", replica.ErrWrongKey, func(d *desk) { d.reseal(simtest.Key(77), func(*wire.Head) {}) }},
		{"past its date", replica.ErrExpired, func(d *desk) { d.Now = d.Now.Add(8 * 24 * time.Hour) }},
		{"for newer programs", replica.ErrTooNew, func(d *desk) { d.reseal(d.Timestamp, func(h *wire.Head) { h.MinReader = wire.Format + 1 }) }},
		{"a digest that no rows have", replica.ErrDigest, func(d *desk) { d.reseal(d.Timestamp, func(h *wire.Head) { h.Digest[3]++ }) }},
		{"no head at all", replica.ErrRefused, func(d *desk) { _ = os.Remove(d.File("all/head")) }},
		{"no object", replica.ErrRefused, func(d *desk) { _ = os.Remove(delta(d)) }},
		{"no server", replica.ErrOffline, func(d *desk) { d.server.CloseClientConnections(); d.client = hasty(d.t, "http://127.0.0.1:1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.Epoch = 2
			d.Fill(1, 60)
			d.publish()
			d.first, _ = os.ReadFile(d.File("all/head"))
			d.Now = d.Now.Add(time.Hour)
			d.Fill(61, 1)
			d.publish()
			d.sync()
			before := d.state()
			d.Now = d.Now.Add(time.Hour)
			d.Fill(62, 3)
			d.publish()
			good := map[string][]byte{}
			_ = fs.WalkDir(os.DirFS(d.Options.Dir), ".", func(name string, e fs.DirEntry, _ error) error {
				if !e.IsDir() {
					good[name], _ = os.ReadFile(d.File(name))
				}
				return nil
			})
			now, right := d.Now, d.client

			c.spoil(d)
			_, err := d.replica(d.client).Sync(context.Background(), nil)
			if !errors.Is(err, c.want) {
				t.Fatalf("Sync: %v, want %v", err, c.want)
			}
			key := replica.Sentence(err)
			mu.Lock()
			if was, ok := sentences[key]; ok && !errors.Is(was, c.want) {
				t.Errorf("sentence %s is also that of %v", key, was)
			}
			sentences[key] = c.want
			mu.Unlock()
			for _, l := range i18n.Languages() {
				if s := i18n.For(l).S(key); s == "" || strings.Contains(s, "⟦") {
					t.Errorf("no sentence in %s for %v", l, c.want)
				}
			}
			if st := d.state(); st.Seq != before.Seq || st.Digest != before.Digest || st.Count != before.Count {
				t.Errorf("catalogue at %d with %d rows, was at %d with %d", st.Seq, st.Count, before.Seq, before.Count)
			}
			if err := d.store.Check(context.Background()); err != nil {
				t.Errorf("catalogue after a refusal: %v", err)
			}

			d.Now, d.client = now, right
			_ = os.Remove(d.File("root/2"))
			for name, b := range good {
				write(t, d.File(name), b)
			}
			d.sync()
			d.agrees()
		})
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestPin connects to another publisher than the one whose fingerprint came by file.
//
// Rows: X-048
func TestPin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 5)
	d.publish()
	right, err := publish.Fingerprint(d.Options.Dir)
	if err != nil {
		t.Fatal(err)
	}
	d.o.Pin = strings.Repeat("00", 32)
	if _, err := d.replica(d.client).Sync(context.Background(), nil); !errors.Is(err, replica.ErrWrongKey) {
		t.Errorf("another pin: %v, want ErrWrongKey", err)
	}
	d.o.Pin = right
	if did := d.sync(); did.Root != right {
		t.Errorf("publisher %s, want %s", did.Root, right)
	}
	d.o.Pin = strings.Repeat("00", 32)
	if _, err := d.replica(d.client).Sync(context.Background(), nil); !errors.Is(err, replica.ErrWrongKey) {
		t.Errorf("another pin than the one kept: %v, want ErrWrongKey", err)
	}
}

// TestTwoYears comes back after two years: the root that it trusts has long expired, every
// key was replaced, some twice, and it still finds its publisher by the chain of roots.
//
// Rows: X-048
func TestTwoYears(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 50)
	d.publish()
	first := d.sync()
	root, ts := d.Roots, byte(10)
	for month := 1; month <= 24; month++ {
		d.Now = d.Now.AddDate(0, 1, 0)
		o := publish.RootOptions{Valid: 120 * 24 * time.Hour}
		var err error
		switch month % 3 {
		case 1:
			next := simtest.Key(ts)
			ts++
			_, err = publish.RotateTimestamp(d.Options.Dir, root, next, o, d.Now)
			d.Timestamp = next
		case 2:
			next := []publish.Key{simtest.Key(100 + ts), simtest.Key(150 + ts)}
			o.Threshold = 1 + month/12
			_, err = publish.RotateRoot(d.Options.Dir, root, next, o, d.Now)
			root = next
		default:
			_, err = publish.Renew(d.Options.Dir, root, o, d.Now)
		}
		if err != nil {
			t.Fatalf("month %d: %v", month, err)
		}
	}
	d.Fill(1000, 80)
	d.publish()
	did := d.sync()
	d.agrees()
	if did.Root != first.Root || did.Pinned {
		t.Errorf("publisher %s (new %v), was %s", did.Root, did.Pinned, first.Root)
	}
	// The keys of two years ago are worth nothing now.
	d.reseal(simtest.Key(2), func(h *wire.Head) { h.Created = h.Created.Add(time.Hour) })
	if _, err := d.replica(d.client).Sync(context.Background(), nil); !errors.Is(err, replica.ErrWrongKey) {
		t.Errorf("head by the first timestamp key: %v, want ErrWrongKey", err)
	}
}

// TestRestored restores the server from a copy: its epoch rises, its seq is lower, and what
// the desktop had beyond the copy goes.
//
// Rows: X-011
func TestRestored(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 200)
	d.publish()
	backup := d.Backup()
	d.Now = d.Now.Add(time.Hour)
	d.Fill(201, 10)
	d.Close(3)
	d.publish()
	d.sync()
	was := d.state()
	d.Ledger = backup
	d.Epoch++
	d.Now = d.Now.Add(time.Hour)
	d.Fill(300, 2)
	d.publish()
	d.sync()
	d.agrees()
	if st := d.state(); st.Epoch != 2 || st.Seq >= was.Seq {
		t.Errorf("at %d/%d after %d/%d, want epoch 2 and a lower seq", st.Epoch, st.Seq, was.Epoch, was.Seq)
	}
	if did := d.sync(); !did.Nothing {
		t.Errorf("again: %+v, want nothing", did)
	}
}

// TestScopes limits the catalogue to a province, widens it, and adds descriptions: sizes
// and counts are those of the reference, and each step downloads only what it lacks.
//
// Rows: X-016
func TestScopes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 25_000)
	d.publish()
	sizes := func(scope string) (bytes int64, hashes map[string]int64) {
		h, err := d.Head(scope)
		if err != nil {
			t.Fatal(err)
		}
		hashes = map[string]int64{}
		for _, s := range h.Base {
			bytes += s.Size
			hashes[s.Hash.String()] = s.Size
		}
		return bytes, hashes
	}
	held := map[string]int64{}
	for _, step := range []string{"qc-cards", "qc", "all", "on-cards"} {
		d.o.Scope = step
		plan, err := d.replica(d.client).Plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		total, hashes := sizes(step)
		want := int64(0)
		for h, size := range hashes {
			if _, ok := held[h]; !ok {
				want += size
			}
		}
		before := d.server.Objects.Load()
		did := d.sync()
		d.agrees()
		got := d.server.Objects.Load() - before
		if got != want || plan.Bytes != want {
			t.Errorf("%s: %d bytes downloaded, planned %d, want %d of %d", step, got, plan.Bytes, want, total)
		}
		ids, _ := d.Wanted(step)
		if did.Count != len(ids) {
			t.Errorf("%s: %d postings, want %d", step, did.Count, len(ids))
		}
		t.Logf("%-8s %6d postings, %7d bytes in all, %7d downloaded", step, did.Count, total, got)
		held = hashes
	}
}

// TestWidenLater widens a catalogue that has been followed by deltas since its base: what
// was not touched is still not downloaded, and the result is right.
//
// Rows: X-016
func TestWidenLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 22_000)
	d.publish()
	d.o.Scope = "qc"
	d.sync()
	for i := range 5 {
		d.Now = d.Now.Add(time.Hour)
		d.Close(int64(6 + 12*i)) // all in the first range
		d.Erase(int64(6000 + 600*i))
		d.Fill(int64(22_001+i*10), 10)
		d.publish()
	}
	d.sync()
	d.agrees()
	d.o.Scope = "all"
	before := d.server.Objects.Load()
	plan, err := d.replica(d.client).Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d.sync()
	d.agrees()
	h, err := d.Head("all")
	if err != nil {
		t.Fatal(err)
	}
	var others, all int64
	for _, s := range h.Base {
		if all += s.Size; s.Part != "qc" && s.Part != "ca" {
			others += s.Size
		}
	}
	for _, x := range h.Deltas {
		others += x.Size
	}
	got := d.server.Objects.Load() - before
	if got != plan.Bytes {
		t.Errorf("%d bytes downloaded, planned %d", got, plan.Bytes)
	}
	if got > others+20_000 { // the dictionary
		t.Errorf("%d bytes downloaded, want the other provinces' %d (all: %d)", got, others, all)
	}
}

// TestUnindexed is stopped while words are indexed, and goes on when the publisher has moved
// on meanwhile.
//
// Rows: X-011
func TestUnindexed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 300)
	d.publish()
	ctx, stop := context.WithCancel(context.Background())
	_, err := d.replica(d.client).Sync(ctx, func(p replica.Progress) {
		if p.Stage == replica.Indexing {
			stop()
		}
	})
	stop()
	if st := d.state(); !errors.Is(err, replica.ErrCancelled) || st.Count != 300 || st.Indexed == 300 {
		t.Fatalf("stopped: %v, %d rows, %d indexed; want all to browse and not all to search", err, st.Count, st.Indexed)
	}
	d.Now = d.Now.Add(time.Hour)
	d.Fill(301, 3)
	d.publish()
	if did := d.sync(); did.Bootstrap {
		t.Errorf("built anew: %+v", did)
	}
	d.agrees()
}

// TestHealed damages the catalogue's position behind its back: the digest tells, though
// the publisher has nothing new, and the whole base is fetched anew.
//
// Rows: X-011
func TestHealed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 100)
	d.publish()
	d.sync()
	st := d.state()
	p, err := d.store.Posting(context.Background(), 7, d.Now)
	if err != nil {
		t.Fatal(err)
	}
	worse := st
	worse.Count--
	worse.Digest = st.Digest.Sub(posting.RowSum(p.Card.Bytes(), p.Details.Bytes()))
	err = d.store.Apply(context.Background(), st, worse, func(yield func(catalogue.Op, error) bool) {
		yield(catalogue.Op{Row: catalogue.Row{ID: 7}, Drop: true}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if did := d.sync(); !did.Bootstrap {
		t.Errorf("a row lacks and nothing is done: %+v", did)
	}
	d.agrees()
}

// TestBundle carries a catalogue on a key and in an archive: it loads without a network, also
// past its date, and says so; a later one is a delta; altered or older ones never load.
//
// Rows
func TestBundle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 300)
	d.publish()
	carry := func() string {
		dest := simtest.Dir(t)
		if _, err := publish.Bundle(context.Background(), d.Options.Dir, dest, "qc"); err != nil {
			t.Fatal(err)
		}
		return dest
	}
	first := carry()
	d.Now = d.Now.Add(time.Hour)
	d.Fill(301, 12)
	d.publish()
	second := carry()

	d.o.Scope = "qc"
	d.Now = d.Now.Add(30 * 24 * time.Hour)
	load := func(dir string) (replica.Outcome, error) {
		f, err := client.Folder(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got := f.Scopes(); !slices.Equal(got, []string{"qc"}) {
			t.Errorf("scopes of the bundle: %v", got)
		}
		return d.replica(f).Sync(context.Background(), nil)
	}
	did, err := load(zipped(t, first))
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.Folder(first)
	if err != nil {
		t.Fatal(err)
	}
	if print, err := replica.Publisher(context.Background(), f); print != did.Root || err != nil {
		t.Errorf("Publisher: %s, %v; want %s", print, err, did.Root)
	}
	if !did.Expired || !did.Created.Equal(simtest.Start) || d.state().Origin != "bundle" {
		t.Errorf("an old bundle: %+v, want it loaded and labelled as of %s", did, simtest.Start)
	}
	object := objects(t, second)[0]
	flip(t, object, 10)
	if _, err := load(second); !errors.Is(err, replica.ErrTampered) {
		t.Errorf("altered: %v, want ErrTampered", err)
	}
	flip(t, object, 10)
	if err := os.Rename(object, object+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := load(second); !errors.Is(err, replica.ErrTampered) {
		t.Errorf("incomplete: %v, want ErrTampered", err)
	}
	if err := os.Rename(object+".away", object); err != nil {
		t.Fatal(err)
	}
	if did, err = load(second); err != nil || did.Bootstrap {
		t.Errorf("a later bundle: %+v, %v; want the delta alone", did, err)
	}
	if _, err := load(first); !errors.Is(err, replica.ErrDowngraded) {
		t.Errorf("the first again: %v, want ErrDowngraded", err)
	}
}

// objects of a tree, those that every reader of it needs first.
func objects(t *testing.T, dir string) []string {
	t.Helper()
	h, err := wire.Peek(must(os.ReadFile(filepath.Join(dir, "qc", "head"))))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, x := range h.Deltas {
		all = append(all, filepath.Join(dir, filepath.FromSlash(wire.ObjectPath(x.Hash))))
	}
	return all
}

func zipped(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(simtest.Dir(t), "catalogue.zip")
	write(t, name, b.Bytes())
	return name
}

// TestDemo marks what a demonstration's root signed.
func TestDemo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := os.RemoveAll(d.Options.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := publish.NewRoot(d.Options.Dir, d.Roots, d.Timestamp, publish.RootOptions{Demo: true}, d.Now); err != nil {
		t.Fatal(err)
	}
	d.Fill(1, 5)
	d.publish()
	if did := d.sync(); !did.Demo || !d.state().Demo {
		t.Errorf("%+v: want it marked as a demonstration", did)
	}
}

// TestOtherPublisher goes from a sample to a server: nothing of the one stays in the other,
// though positions are alike.
func TestOtherPublisher(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 30)
	d.publish()
	d.sync()
	p, err := simtest.NewPublisher(simtest.Dir(t), publish.RootOptions{Threshold: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.Roots, p.Options.Dir = []publish.Key{simtest.Key(5)}, filepath.Join(simtest.Dir(t), "cat")
	if _, err := publish.NewRoot(p.Options.Dir, p.Roots, p.Timestamp, publish.RootOptions{}, p.Now); err != nil {
		t.Fatal(err)
	}
	d.Publisher = p
	d.Fill(1000, 30)
	d.publish()
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	d.o.Dir = filepath.Join(simtest.Dir(t), "other")
	d.client = hasty(t, s.URL)
	if did := d.sync(); !did.Bootstrap {
		t.Errorf("another publisher: %+v, want it built anew", did)
	}
	d.agrees()
}

// TestPacks brings reference packs beside the rows, and only those that changed.
func TestPacks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Packs = []publish.Pack{{Name: "sources", Version: "1", Data: []byte("one")}, {Name: "help", Version: "1", Data: bytes.Repeat([]byte("help "), 999)}}
	d.Fill(1, 5)
	d.publish()
	d.sync()
	d.Packs[0] = publish.Pack{Name: "sources", Version: "2", Data: []byte("two")}
	d.Now = d.Now.Add(time.Hour)
	d.publish()
	before := d.server.Objects.Load()
	if did := d.sync(); did.Nothing || did.Bytes != 3 {
		t.Errorf("a pack of 3 bytes has changed: %+v", did)
	}
	if got := d.server.Objects.Load() - before; got != 3 {
		t.Errorf("%d bytes for a pack of 3", got)
	}
	for name, want := range map[string]string{"sources": "two", "help": string(d.Packs[1].Data)} {
		got, version, err := d.replica(d.client).Pack(name)
		if err != nil || string(got) != want || d.state().Packs[name] != version {
			t.Errorf("pack %s: %d bytes of version %s, %v", name, len(got), version, err)
		}
	}
}

// TestCancel stops a sync at its first word, its tenth, its twentieth…: the old catalogue
// is whole each time, and in the end everything is there.
//
// Rows: X-011
func TestCancel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 200)
	d.publish()
	d.sync()
	before := d.state()
	d.Now = d.Now.Add(41 * 24 * time.Hour) // past what deltas reach
	d.Fill(300, 12_000)
	d.publish()
	for at := int64(1); ; at += 3 {
		ctx, stop := context.WithCancel(context.Background())
		var n atomic.Int64
		_, err := d.replica(d.client).Sync(ctx, func(replica.Progress) {
			if n.Add(1) == at {
				stop()
			}
		})
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, replica.ErrCancelled) {
			t.Fatalf("cancelled at %d: %v, want ErrCancelled", at, err)
		}
		if st := d.state(); st.Count != before.Count || st.Digest != before.Digest {
			t.Fatalf("cancelled at %d: %d rows in use, want the old %d", at, st.Count, before.Count)
		}
		if at > 500 {
			t.Fatal("it never ends")
		}
	}
	d.agrees()
}

// TestExpiredOffline moves the clock on without a network: what has ended is no longer
// found, and by number it is, masked.
//
// Rows
func TestExpiredOffline(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Fill(1, 50)
	d.publish()
	d.sync()
	search := func(q query.Query) int {
		t.Helper()
		q.Lang = i18n.English
		res, err := d.store.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		return res.Total
	}
	if n := search(query.Query{Now: d.Now}); n != 50 {
		t.Errorf("%d postings today, want 50", n)
	}
	later := d.Now.AddDate(0, 0, 32)
	if n := search(query.Query{Now: later}); n != 0 {
		t.Errorf("%d postings after 32 days offline, want none", n)
	}
	p, err := d.store.Posting(context.Background(), 7, later)
	if err != nil {
		t.Fatal(err)
	}
	if p.Number != 10_000_007 || !p.Ended(later) || len(p.Apply) != 0 || p.Place.Street != "" {
		t.Errorf("ended posting shows %+v %q", p.Apply, p.Place.Street)
	}
}

// TestChain picks the cheapest deltas, jumps over silence, and may begin within one.
func TestChain(t *testing.T) {
	t.Parallel()
	at := func(from, to, size int64) wire.Delta { return wire.Delta{From: from, To: to, Size: size} }
	for _, c := range []struct {
		deltas   []wire.Delta
		from, to int64
		want     string
	}{
		{nil, 3, 9, ""},
		{[]wire.Delta{at(0, 5, 10)}, 5, 9, ""},
		{[]wire.Delta{at(0, 5, 10)}, 2, 9, "0-5"},
		{[]wire.Delta{at(0, 5, 10), at(7, 9, 1)}, 2, 9, "0-5 7-9"},
		{[]wire.Delta{at(0, 5, 10), at(5, 9, 10), at(0, 9, 15)}, 0, 9, "0-9"},
		{[]wire.Delta{at(0, 5, 10), at(5, 9, 4), at(0, 9, 15)}, 0, 9, "0-5 5-9"},
		{[]wire.Delta{at(0, 5, 10), at(5, 9, 4), at(0, 9, 15)}, 6, 9, "5-9"},
	} {
		var got []string
		for _, d := range replica.Chain(c.deltas, c.from, c.to) {
			got = append(got, fmt.Sprintf("%d-%d", d.From, d.To))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("from %d to %d over %v: %q, want %q", c.from, c.to, c.deltas, s, c.want)
		}
	}
}
