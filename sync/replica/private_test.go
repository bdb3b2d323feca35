package replica_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

var someDay = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// place is a desk of these tests: a person's file and the way to the bank.
type place struct {
	fatal func(...any)
	dir   string
	file  *cache.Device
	*cache.Records
	bank *bank
	o    replica.PrivateOptions
}

func settleAt(fatal func(...any), dir string, b *bank) *place {
	p := &place{fatal: fatal, dir: dir, bank: b}
	p.o = replica.PrivateOptions{
		Token: func(_ context.Context, not string) (string, error) { return "good", nil },
		Rand:  func() float64 { return 0.5 },
		Wait:  func(context.Context, time.Duration) error { return nil },
		Now:   func() time.Time { return someDay },
	}
	p.open()
	return p
}

func newPlace(t *testing.T, b *bank) *place {
	t.Helper()
	p := settleAt(t.Fatal, t.TempDir(), b)
	t.Cleanup(func() { _ = p.file.Close() })
	return p
}

func (p *place) must(err error) {
	if err != nil {
		p.fatal(err)
	}
}

func (p *place) open() {
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	p.must(err)
	p.file, err = cache.OpenPerson(context.Background(), p.dir, "ada", box)
	p.must(err)
	p.Records, err = p.file.Records()
	p.must(err)
}

func (p *place) reopen() {
	p.must(p.file.Close())
	p.open()
}

func (p *place) sync() error {
	_, err := replica.NewPrivate(p.bank, p.Records, p.o).Sync(context.Background())
	return err
}

func at(id string) cache.Ref { return cache.Ref{Partition: firm, Kind: draftKind.Name, Record: id} }

func doc(text string) record.Doc {
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

func (p *place) put(id, text string) {
	p.must(p.Put(context.Background(), at(id), doc(text), someDay))
}

func (p *place) read(id string) string {
	r, err := p.Get(context.Background(), at(id))
	if errors.Is(err, cache.ErrNotFound) {
		return ""
	}
	p.must(err)
	text, err := json.Marshal(r.Doc)
	p.must(err)
	return string(text)
}

func (p *place) waiting() []cache.Mutation {
	w, err := p.Outbox(context.Background())
	p.must(err)
	return w
}

func (p *place) toChoose() []cache.Conflict {
	c, err := p.Conflicts(context.Background())
	p.must(err)
	return c
}

// Two desks that edited apart agree once both have synced: what can stand together does, and
// the one that comes second is told of the rest and chooses.
//
// Rows: X-014
func TestTwoDesksAgree(t *testing.T) {
	b := newBank()
	ada, zoe := newPlace(t, b), newPlace(t, b)
	ada.put("r", `{"a":"1","b":"1","tags":["x"]}`)
	ada.must(errors.Join(ada.sync(), zoe.sync()))
	if got := zoe.read("r"); got != `{"a":"1","b":"1","tags":["x"]}` {
		t.Fatalf("the other desk has %s", got)
	}
	ada.put("r", `{"a":"ada","b":"1","tags":["x","ada"]}`)
	zoe.put("r", `{"a":"zoe","b":"zoe","tags":["zoe"]}`)
	ada.must(errors.Join(ada.sync(), zoe.sync()))
	c := zoe.toChoose()
	if len(c) != 1 || c[0].Field != "a" || string(c[0].Base) != `"1"` || string(c[0].Mine) != `"zoe"` || string(c[0].Theirs) != `"ada"` || c[0].By == "" {
		t.Fatalf("conflicts %+v", c)
	}
	_, err := zoe.Resolve(t.Context(), at("r"), map[string]cache.Choice{"a": {Side: cache.Mine}}, someDay)
	ada.must(errors.Join(err, zoe.sync(), ada.sync()))
	want := `{"a":"zoe","b":"zoe","tags":["ada","zoe"]}`
	if x, y := ada.read("r"), zoe.read("r"); x != want || y != want {
		t.Errorf("desks have %s and %s; want %s", x, y, want)
	}
}

// A request delivered twice, and an answer that is lost, have one effect.
//
// Rows: X-013
func TestLostAnswers(t *testing.T) {
	b := newBank()
	ada := newPlace(t, b)
	ada.put("r", `{"a":"1"}`)
	ada.must(ada.sync())
	ada.must(ada.Do(t.Context(), at("r"), "submit", 0, someDay))
	for range 3 {
		b.fault = func(what string, after bool) error {
			if after && what == "push" {
				return wire.ErrOffline
			}
			return nil
		}
		if err := ada.sync(); !errors.Is(err, wire.ErrOffline) {
			t.Fatalf("sync: %v, want ErrOffline", err)
		}
		if w := ada.waiting(); len(w) != 1 || w[0].State != cache.Sending {
			t.Fatalf("outbox %+v: it shrank without an answer", w)
		}
		ada.reopen()
	}
	b.fault = nil
	ada.must(ada.sync())
	if w := ada.waiting(); len(w) != 0 || len(b.effects) != 1 {
		t.Errorf("outbox %+v, effects %v; want one effect", w, b.effects)
	}
	for id, n := range b.effects {
		if n != 1 {
			t.Errorf("%s had %d effects", id, n)
		}
	}
}

// What a server answers to a whole request: the outbox waits, intact, whatever it is.
//
// Rows: X-013
func TestRefusedRequests(t *testing.T) {
	b := newBank()
	ada := newPlace(t, b)
	for n := range 9 {
		ada.put(fmt.Sprint("r", n), `{"a":"1"}`)
	}
	b.most = 2 // 413 over it
	var waits []time.Duration
	ada.o.Wait = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	puts := 0
	b.fault = func(what string, after bool) error {
		if puts++; puts <= 2 {
			return &wire.Refused{Code: wire.TooMany, After: 7 * time.Second}
		}
		return nil
	}
	ada.must(ada.sync())
	if len(ada.waiting()) != 0 || b.pushes != 5 || !slices.Equal(waits, []time.Duration{7500 * time.Millisecond, 8 * time.Second}) {
		t.Errorf("%d wait after %d pushes and waits of %v; want none, 5, and what was asked for with half of 1 s and of 2 s", len(ada.waiting()), b.pushes, waits)
	}
	b.most = 0

	ada.put("r0", `{"a":"2"}`)
	asked := []string{}
	b.token, b.fault = "better", nil
	ada.o.Token = func(_ context.Context, not string) (string, error) {
		if asked = append(asked, not); not == "" {
			return "good", nil
		}
		return "better", nil
	}
	ada.must(ada.sync())
	if !slices.Equal(asked, []string{"", "good"}) || len(ada.waiting()) != 0 {
		t.Errorf("tokens asked for instead of %q; %d wait", asked, len(ada.waiting()))
	}
	ada.put("r0", `{"a":"3"}`)
	b.token, asked = "none", nil
	if err := ada.sync(); !errors.Is(err, replica.ErrSignIn) || len(ada.waiting()) != 1 || len(asked) != 2 {
		t.Errorf("a session that has ended: %v, %d wait, %d tokens; want ErrSignIn, 1, 2", err, len(ada.waiting()), len(asked))
	}
	b.token = ""
	for _, refusal := range []error{wire.ErrDown, wire.ErrOffline, &wire.Refused{Code: account.TooMany, After: time.Hour}} {
		b.fault = func(string, bool) error { return refusal }
		if err := ada.sync(); !errors.Is(err, refusal) || len(ada.waiting()) != 1 {
			t.Errorf("%v: sync %v, %d wait", refusal, err, len(ada.waiting()))
		}
	}
	b.fault = func(what string, after bool) error {
		if what == "push" {
			return wire.ErrTooLarge
		}
		return nil
	}
	ada.must(ada.sync())
	if w := ada.waiting(); len(w) != 1 || w[0].State != cache.Parked || w[0].Why != cache.WhyTooLarge {
		t.Errorf("outbox %+v; want it parked", w)
	}
}

// A server that was restored from a backup learns again what it had acknowledged; what it
// was asked once is not asked again by itself.
//
// Rows: X-013
func TestRestoredServer(t *testing.T) {
	b := newBank()
	ada, zoe := newPlace(t, b), newPlace(t, b)
	ada.put("r", `{"a":"1"}`)
	ada.must(ada.sync())
	backup := b.clone()
	ada.put("r", `{"a":"2"}`)
	ada.must(ada.sync())
	ada.put("s", `{"a":"new"}`)
	ada.must(errors.Join(ada.sync(), ada.Do(t.Context(), at("r"), "submit", 0, someDay), ada.sync(), zoe.sync()))
	if len(b.effects) != 1 {
		t.Fatalf("effects %v", b.effects)
	}
	ada.put("s", `{"a":"new","b":"waits"}`)
	zoe.put("r", `{"a":"2","b":"zoe"}`)
	b.books, b.epoch = backup, 2
	ada.must(errors.Join(ada.sync(), zoe.sync(), ada.sync()))
	for id, want := range map[string]string{"r": `{"a":"2","b":"zoe"}`, "s": `{"a":"new","b":"waits"}`} {
		if x, y := ada.read(id), zoe.read(id); x != want || y != want {
			t.Errorf("%s: desks have %s and %s; want %s", id, x, y, want)
		}
	}
	w := ada.waiting()
	if len(w) != 1 || w[0].State != cache.Parked || w[0].Why != cache.WhyConfirm || w[0].Command != "submit" || len(b.effects) != 1 {
		t.Fatalf("outbox %+v, effects %v; want the submission before the person", w, b.effects)
	}
	ada.must(errors.Join(ada.sync(), ada.Retry(t.Context(), w[0].N), ada.sync()))
	if w := ada.waiting(); len(w) != 0 || ada.read("r") != `{"a":"2","b":"zoe","state":"submitted"}` {
		t.Errorf("outbox %+v, record %s once the person said so", w, ada.read("r"))
	}
}

// Access that was withdrawn takes the copy along, and tells of it.
func TestPartitionGone(t *testing.T) {
	b := newBank()
	ada := newPlace(t, b)
	ada.put("r", `{"a":"texte-prive"}`)
	ada.must(ada.sync())
	delete(b.parts, firm)
	b.parts["person/ada"] = true
	did, err := replica.NewPrivate(b, ada.Records, ada.o).Sync(t.Context())
	if err != nil || !slices.Equal(did.Gone, []string{firm}) || ada.read("r") != "" {
		t.Errorf("sync %+v, %v; record %q", did, err, ada.read("r"))
	}
}

// Who comes to the desk while another one's sync is under way finds nothing of theirs
// written after, and what waits still waits.
func TestAnotherPersonComes(t *testing.T) {
	for _, when := range []string{"push", "pull"} {
		b := newBank()
		ada, zoe := newPlace(t, b), newPlace(t, b)
		zoe.put("z", `{"a":"1"}`)
		zoe.must(zoe.sync())
		ada.put("r", `{"a":"1"}`)
		stay := 1
		ada.o.Stay = func() int { return stay }
		b.fault = func(what string, after bool) error {
			if what == when && after {
				stay = 2
			}
			return nil
		}
		if err := ada.sync(); !errors.Is(err, replica.ErrSwitched) {
			t.Errorf("switched after a %s: %v, want ErrSwitched", when, err)
		}
		if w := ada.waiting(); when == "push" && len(w) != 1 || ada.read("z") != "" {
			t.Errorf("switched after a %s: outbox %+v, record %q; want nothing written", when, w, ada.read("z"))
		}
		b.fault = nil
		ada.must(ada.sync())
		if len(ada.waiting()) != 0 || ada.read("z") == "" || ada.read("r") == "" {
			t.Errorf("switched after a %s: the next sync did not go on", when)
		}
	}
}

// An outbox goes to the server in a file and its receipts come back in one; sent over the
// network as well, it has one effect.
//
// Rows: X-013
func TestOutboxByFile(t *testing.T) {
	b := newBank()
	ada := newPlace(t, b)
	p := replica.NewPrivate(b, ada.Records, ada.o)
	ada.put("r", `{"a":"1"}`)
	ada.must(ada.Do(t.Context(), at("r"), "submit", 0, someDay))
	ada.put("s", `{"a":"1"}`)
	var out, back bytes.Buffer
	n, err := p.Export(t.Context(), &out)
	if err != nil || n != 3 {
		t.Fatalf("exported %d, %v; want 3", n, err)
	}
	if w := ada.waiting(); len(w) != 3 {
		t.Fatalf("outbox %+v: it shrank without an answer", w)
	}
	carried, err := wire.ReadParcel(&out)
	ada.must(err)
	var got wire.Pushed
	for _, m := range carried.Mutations {
		// A server knows the versions that its own client's changes before it made.
		if m.Command != "" {
			b.Docs[firm]["r"] = held{draftKind.Name, m.Base, b.Docs[firm]["r"].Body, ""}
		}
		one, err := b.Push(t.Context(), "good", wire.Push{Mutations: []wire.Mutation{m}})
		ada.must(err)
		got.Epoch, got.Results = one.Epoch, append(got.Results, one.Results...)
	}
	ada.must(wire.WriteReceipts(&back, wire.Receipts{Pushed: got}))
	if n, err := p.Import(t.Context(), bytes.NewReader(back.Bytes())); err != nil || n != 3 {
		t.Errorf("imported %d, %v; want 3", n, err)
	}
	if n, err := p.Import(t.Context(), &back); err != nil || n != 0 {
		t.Errorf("imported again %d, %v; want 0", n, err)
	}
	if _, err := p.Import(t.Context(), strings.NewReader(`{"format":"x"}`)); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("another file: %v, want ErrMalformed", err)
	}
	ada.must(ada.sync())
	if w := ada.waiting(); len(w) != 0 || len(b.effects) != 1 {
		t.Errorf("outbox %+v, effects %v", w, b.effects)
	}
}

// died is what a test kills a sync with.
type died struct{}

// killed syncs, and dies at a point the n-th time that it is reached: what goes on is the
// file as the disk had it then. It says whether the point was reached.
func (p *place) killed(point string, nth int) (reached bool) {
	image := p.dir + "-after"
	replica.AtPoints(func(at string) {
		if at != point {
			return
		}
		if nth--; nth > 0 {
			return
		}
		p.must(os.MkdirAll(image, 0o700))
		for _, tail := range []string{"", "-wal"} {
			text, err := os.ReadFile(filepath.Join(p.dir, "account-ada.db"+tail))
			if err == nil {
				err = os.WriteFile(filepath.Join(image, "account-ada.db"+tail), text, 0o600)
			}
			if !errors.Is(err, os.ErrNotExist) {
				p.must(err)
			}
		}
		panic(died{})
	})
	defer replica.AtPoints(func(string) {})
	defer func() {
		if r := recover(); r != nil {
			if r != (died{}) {
				panic(r)
			}
			reached = true
			_ = p.file.Close()
			p.dir = image
			p.open()
		}
	}()
	p.must(p.sync())
	return false
}

// Whatever the point at which a sync dies, the next one ends where an undisturbed one does
// (invariant 8): nothing acknowledged is lost, nothing is done twice.
//
// Rows: X-013
func TestPrivateKilled(t *testing.T) {
	for _, point := range []string{"batched", "pushed", "settled", "pulled", "taken", "restored"} {
		for nth := 1; nth <= 3; nth++ {
			b := newBank()
			ada, zoe := newPlace(t, b), newPlace(t, b)
			zoe.put("r", `{"a":"1","b":"1"}`)
			zoe.must(errors.Join(zoe.sync(), ada.sync()))
			backup := b.clone()
			ada.put("s", `{"a":"early"}`)
			ada.must(ada.sync())
			zoe.put("r", `{"a":"zoe","b":"1"}`)
			zoe.must(zoe.sync())
			b.books, b.epoch, b.limit = backup, 2, 1
			ada.put("r", `{"a":"1","b":"ada"}`)
			ada.put("s", `{"a":"late"}`)
			ada.must(ada.Do(t.Context(), at("s"), "submit", 0, someDay))
			if reached := ada.killed(point, nth); nth == 1 && !reached {
				t.Errorf("%s was never reached", point)
			}
			for range 2 {
				ada.must(errors.Join(ada.sync(), zoe.sync()))
			}
			for id, want := range map[string]string{"r": `{"a":"zoe","b":"ada"}`, "s": `{"a":"late","state":"submitted"}`} {
				if x, y := ada.read(id), zoe.read(id); x != want || y != want {
					t.Errorf("killed at %s %d: %s is %s and %s; want %s", point, nth, id, x, y, want)
				}
			}
			for id, n := range b.effects {
				if n != 1 {
					t.Errorf("killed at %s %d: %s had %d effects", point, nth, id, n)
				}
			}
			if w := ada.waiting(); len(w) != 0 {
				t.Errorf("killed at %s %d: outbox %+v", point, nth, w)
			}
			_ = ada.file.Close()
		}
	}
}

// Histories of two desks and a bank, over a network that loses requests and answers, with
// desks that die and are reopened and banks that are restored. Then, once all is quiet: the
// desks are equal to the bank (1); what was written last at a desk stands, stood and was
// changed since by somebody who saw it, or was told as a conflict (2); nothing was done
// twice (3); positions never went back (4); nothing left the outbox without an answer (5).
//
// Rows
func TestPrivateHistories(t *testing.T) {
	n := 0
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n++
		newHistory(t, filepath.Join(root, fmt.Sprint(n))).run(t)
	})
}

type history struct {
	t      *rapid.T
	b      *bank
	desks  []*place
	last   []map[string]string // by desk: the value that was written last, by record and field
	told   map[string]bool     // values that were mine in a conflict
	seq    []map[string]int64
	values int
	backup *books
}

func newHistory(t *rapid.T, dir string) *history {
	h := &history{t: t, b: newBank(), told: map[string]bool{}}
	for i := range 2 {
		h.desks = append(h.desks, settleAt(t.Fatal, filepath.Join(dir, fmt.Sprint(i)), h.b))
		h.last = append(h.last, map[string]string{})
		h.seq = append(h.seq, map[string]int64{})
	}
	return h
}

func (h *history) run(t *rapid.T) {
	defer func() {
		h.b.fault = nil
		for _, d := range h.desks {
			_ = d.file.Close()
			_ = os.RemoveAll(d.dir)
		}
	}()
	ids, ctx := []string{"r", "s"}, context.Background()
	desk := func() int { return rapid.IntRange(0, 1).Draw(t, "desk") }
	t.Repeat(map[string]func(*rapid.T){
		"edit": func(t *rapid.T) {
			i, id, field := desk(), rapid.SampledFrom(ids).Draw(t, "id"), rapid.SampledFrom([]string{"a", "b", "tags"}).Draw(t, "field")
			d := h.desks[i]
			cur := record.Doc{}
			if text := d.read(id); text != "" {
				cur = doc(text)
			}
			h.values++
			value := fmt.Sprintf(`"v%d"`, h.values)
			if field == "tags" {
				var tags []string
				_ = json.Unmarshal(cur["tags"], &tags)
				value = fmt.Sprintf("v%d", h.values)
				text, _ := json.Marshal(append(tags, value))
				cur["tags"] = text
			} else {
				cur[field] = json.RawMessage(value)
			}
			err := d.Put(ctx, at(id), cur, someDay)
			if errors.Is(err, cache.ErrNotFound) {
				return // it is being removed
			}
			d.must(err)
			if field != "tags" {
				h.last[i][id+" "+field] = value
			}
		},
		"delete": func(t *rapid.T) {
			i, id := desk(), rapid.SampledFrom(ids).Draw(t, "id")
			if h.desks[i].Delete(ctx, at(id), someDay) == nil {
				h.forget(i, id)
			}
		},
		"submit": func(t *rapid.T) {
			_ = h.desks[desk()].Do(ctx, at(rapid.SampledFrom(ids).Draw(t, "id")), rapid.SampledFrom([]string{"submit", "withdraw"}).Draw(t, "command"), 0, someDay)
		},
		"sync": func(t *rapid.T) {
			i := desk()
			left := rapid.IntRange(0, 6).Draw(t, "until")
			h.b.limit = rapid.IntRange(1, 3).Draw(t, "limit")
			h.b.fault = func(string, bool) error {
				if left--; left < 0 {
					return wire.ErrOffline
				}
				return nil
			}
			h.sync(i)
			h.b.fault = nil
		},
		"die": func(t *rapid.T) {
			d := h.desks[desk()]
			point := rapid.SampledFrom([]string{"batched", "pushed", "settled", "pulled", "taken", "restored"}).Draw(t, "point")
			d.killed(point, rapid.IntRange(1, 2).Draw(t, "nth"))
		},
		"reopen": func(t *rapid.T) { h.desks[desk()].reopen() },
		"resolve": func(t *rapid.T) {
			h.resolve(desk(), rapid.SampledFrom([]cache.Side{cache.Mine, cache.Theirs}).Draw(t, "side"))
		},
		"back up": func(*rapid.T) { b := h.b.clone(); h.backup = &b },
		"restore": func(t *rapid.T) {
			if h.backup == nil {
				t.Skip("there is no backup yet")
			}
			h.b.books = h.backup.clone()
			h.b.epoch++
		},
		"": func(*rapid.T) { h.look() },
	})
	h.quiet()
}

func (h *history) forget(i int, id string) {
	maps.DeleteFunc(h.last[i], func(k, _ string) bool { return strings.HasPrefix(k, id+" ") })
}

// look notes what was told, and that nothing went back.
func (h *history) look() {
	for i, d := range h.desks {
		for _, c := range d.toChoose() {
			h.told[string(c.Mine)] = true
			if c.Field == "" && c.Mine != nil {
				for _, v := range doc(string(c.Mine)) {
					h.told[string(v)] = true
				}
			}
		}
		cursors, err := d.Cursors(context.Background())
		d.must(err)
		for _, c := range cursors {
			key := fmt.Sprint(c.Partition, c.Epoch)
			if c.Seq < h.seq[i][key] {
				h.t.Fatalf("cursor of desk %d went from %d to %d in an epoch", i, h.seq[i][key], c.Seq)
			}
			h.seq[i][key] = c.Seq
		}
	}
}

func (h *history) sync(i int) {
	d := h.desks[i]
	before := d.waiting()
	if err := d.sync(); err != nil && !errors.Is(err, wire.ErrOffline) {
		h.t.Fatalf("desk %d: sync: %v", i, err)
	}
	now := map[int64]bool{}
	for _, m := range d.waiting() {
		now[m.N] = true
	}
	sent, err := d.Sent(context.Background())
	d.must(err)
	for _, m := range sent {
		now[m.N] = true
	}
	for _, m := range before {
		if m.Command != "" && d.read(m.Record) == "" {
			continue // refused, and the record is gone
		}
		if m.State == cache.Sending && !now[m.N] {
			h.t.Fatalf("desk %d: %+v left the outbox without an answer", i, m)
		}
	}
	h.look()
}

func (h *history) resolve(i int, side cache.Side) {
	d := h.desks[i]
	h.look()
	for _, c := range d.toChoose() {
		if side == cache.Mine { // in place of what it is shown beside, and of nothing else
			if what := c.Record + " " + c.Field; h.last[i][what] == string(c.Theirs) {
				delete(h.last[i], what)
			}
			if c.Field == "" {
				h.forget(i, c.Record)
			}
		}
		if _, err := d.Resolve(context.Background(), c.Ref, map[string]cache.Choice{c.Field: {Side: side}}, someDay); err != nil && !errors.Is(err, cache.ErrNotFound) {
			h.t.Fatalf("desk %d: resolve %+v: %v", i, c, err)
		}
	}
}

// quiet brings everything to rest, then asks for what was promised.
func (h *history) quiet() {
	ctx := context.Background()
	for round := 0; ; round++ {
		busy := false
		for i, d := range h.desks {
			h.sync(i)
			busy = busy || len(d.toChoose()) > 0
			h.resolve(i, cache.Theirs)
			for _, m := range d.waiting() {
				busy = true
				if m.State == cache.Parked {
					if err := d.Cancel(ctx, m.N); err != nil && !errors.Is(err, cache.ErrNotFound) {
						h.t.Fatal(err)
					}
				}
			}
		}
		if !busy && round > 2 {
			break
		}
		if round == 20 {
			h.t.Fatalf("no rest: %+v, %+v", h.desks[0].waiting(), h.desks[1].waiting())
		}
	}
	for i, d := range h.desks {
		found, err := d.List(ctx, draftKind.Name)
		d.must(err)
		have := map[string]record.Doc{}
		for _, r := range found {
			have[r.Record] = r.Doc
		}
		for id, r := range h.b.Docs[firm] {
			if !record.Equal(have[id], r.Body) {
				h.t.Fatalf("desk %d has %s as %s; the bank has %s", i, id, have[id], r.Body)
			}
			delete(have, id)
		}
		if len(have) > 0 {
			h.t.Fatalf("desk %d has %v, which the bank never had", i, have)
		}
		for what, value := range h.last[i] {
			if !h.b.Ever[what+" "+value] && !h.told[value] {
				h.t.Fatalf("desk %d wrote %s %s: it never stood at the bank, and nobody was told", i, what, value)
			}
		}
	}
	for id, n := range h.b.effects {
		if n > 1 {
			h.t.Fatalf("%s had %d effects", id, n)
		}
	}
}
