package publish_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/posting"
	"passerelle/sync/publish"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// bench is a publisher with its keys, a ledger and a clock of its own.
type bench struct {
	t    *testing.T
	led  *simtest.Ledger
	root publish.Key
	ts   publish.Key
	o    publish.Options
	now  time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, led: &simtest.Ledger{Epoch: 1}, root: key(1), ts: key(2), now: start}
	b.o.Dir = filepath.Join(simtest.Dir(t), "cat")
	if _, err := publish.NewRoot(b.o.Dir, []publish.Key{b.root}, b.ts, publish.RootOptions{}, start); err != nil {
		t.Fatal(err)
	}
	return b
}

func key(n byte) publish.Key { return publish.KeyFrom(append(make([]byte, 31), n)) }

func (b *bench) publish() publish.Published {
	b.t.Helper()
	p, err := publish.Publish(context.Background(), b.led, nil, b.ts, b.o, b.now)
	if err != nil {
		b.t.Fatalf("Publish at %s: %v", b.now, err)
	}
	return p
}

func (b *bench) head(scope string) wire.Head {
	b.t.Helper()
	body, err := os.ReadFile(filepath.Join(b.o.Dir, wire.HeadPath(scope)))
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(b.o.Dir, wire.RootPath(1)))
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := wire.FirstRoot(root)
	if err != nil {
		b.t.Fatal(err)
	}
	h, err := r.Open(body)
	if err != nil {
		b.t.Fatalf("open head of %s: %v", scope, err)
	}
	return h
}

func (b *bench) read(hash wire.Hash, rows int, dict wire.Hash) []wire.Op {
	b.t.Helper()
	f, err := os.Open(filepath.Join(b.o.Dir, wire.ObjectPath(hash)))
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	var d []byte
	if !dict.None() {
		if d, err = os.ReadFile(filepath.Join(b.o.Dir, wire.ObjectPath(dict))); err != nil {
			b.t.Fatal(err)
		}
	}
	var ops []wire.Op
	for op, err := range wire.DecodeSegment(f, rows, d) {
		if err != nil {
			b.t.Fatal(err)
		}
		ops = append(ops, op)
	}
	return ops
}

// rebuild follows the protocol by hand: base, then the deltas after it; or, from given rows
// at a position, the deltas alone.
func (b *bench) rebuild(h wire.Head, rows map[int64]wire.Op, at int64) map[int64]wire.Op {
	b.t.Helper()
	if rows == nil {
		rows, at = map[int64]wire.Op{}, h.BaseSeq
		for _, s := range h.Base {
			for _, op := range b.read(s.Hash, s.Rows, wire.Hash{}) {
				r := rows[op.ID]
				r.ID = op.ID
				if s.Layer == wire.Cards {
					r.Card = op.Card
				} else {
					r.Details = op.Details
				}
				rows[op.ID] = r
			}
		}
	}
	for _, d := range h.Deltas {
		if d.To <= at {
			continue
		}
		for _, op := range b.read(d.Hash, d.Rows, d.Dict) {
			if op.Drop {
				delete(rows, op.ID)
			} else {
				rows[op.ID] = op
			}
		}
	}
	return rows
}

func sum(rows map[int64]wire.Op) (s posting.Sum) {
	for _, r := range rows {
		s = s.Add(posting.RowSum(r.Card, r.Details))
	}
	return s
}

// check compares every scope with the ledger, by the base and by what was held before.
func (b *bench) check(held map[string]map[int64]wire.Op, at map[string]int64) {
	b.t.Helper()
	for _, scope := range wire.Scopes() {
		h := b.head(scope)
		in, details, _ := wire.ParseScope(scope)
		ids, want := b.led.Want(func(p string) bool { return wire.InScope(in, p) }, details, h.Horizon)
		if h.Count != len(ids) || h.Digest != want {
			b.t.Fatalf("%s: head says %d rows, digest %x; ledger %d, %x", scope, h.Count, h.Digest, len(ids), want)
		}
		if got := b.rebuild(h, nil, 0); len(got) != len(ids) || sum(got) != want {
			b.t.Fatalf("%s: base and deltas give %d rows, want %d", scope, len(got), len(ids))
		}
		if held == nil {
			continue
		}
		if rows, ok := held[scope]; ok && at[scope] >= h.Since {
			if got := b.rebuild(h, rows, at[scope]); sum(got) != want {
				b.t.Fatalf("%s: deltas alone give %d rows, want %d", scope, len(got), len(ids))
			}
		}
		held[scope], at[scope] = b.rebuild(h, nil, 0), h.Seq
	}
}

// TestTree follows a catalogue through a month of hourly life: every scope, rebuilt by the
// protocol's own rules, is what the ledger holds, from the base and from the deltas.
//
// Rows
func TestTree(t *testing.T) {
	b := newBench(t)
	day := posting.DayOf(start)
	b.o.Keep, b.o.Rebase = 20, 36*time.Hour
	provinces := []string{"QC", "ON", "BC", "", "NU", "ZZ"}
	id := int64(0)
	add := func(n int) {
		for range n {
			id++
			b.led.Put(simtest.Posting(id*7, provinces[id%6], day-posting.Day(id%30), 5+int(id%20)))
		}
	}
	add(300)
	held, at := map[string]map[int64]wire.Op{}, map[string]int64{}
	for step := range 40 {
		p := b.publish()
		if got := b.head("all"); p.Seq != got.Seq || p.Count != got.Count {
			t.Fatalf("Published says %d rows at %d, head %d at %d", p.Count, p.Seq, got.Count, got.Seq)
		}
		if step%4 == 0 || step > 36 {
			b.check(held, at)
		}
		b.now = b.now.Add(time.Duration(1+step%5*9) * 20 * time.Minute)
		if step > 30 {
			b.now = b.now.Add(4 * 24 * time.Hour)
		}
		day = posting.DayOf(b.now)
		add(step % 4)
		b.led.Close(7 * int64(1+step*5))
		b.led.Withdraw(7 * int64(2+step*5))
		b.led.Erase(7 * int64(3+step*3))
		moved, _ := b.led.Get(7 * int64(4+step*3))
		if moved.ID != 0 {
			moved.Place.Province = provinces[step%6]
			b.led.Put(moved)
		}
	}
	for _, scope := range []string{"all", "qc"} {
		if n := len(b.head(scope).Deltas); n == 0 || n > 60 {
			t.Errorf("%s lists %d deltas, want some and few", scope, n)
		}
	}
}

// TestUnchanged publishes twice: the second time nothing is written, so that tags stay and
// polls are answered with 304; near the end of its life the head is signed anew.
func TestUnchanged(t *testing.T) {
	b := newBench(t)
	b.led.Put(simtest.Posting(1, "QC", posting.DayOf(start), 30))
	first := b.publish()
	if !first.Changed || !first.Rebased {
		t.Fatalf("first publication: %+v, want a base and heads", first)
	}
	b.now = b.now.Add(time.Hour)
	if p := b.publish(); p.Changed || p.Objects != 0 {
		t.Errorf("nothing changed, yet Publish wrote: %+v", p)
	}
	before := b.head("all")
	b.now = b.now.Add(84 * time.Hour)
	b.publish()
	if after := b.head("all"); !after.Expires.After(before.Expires) || after.Digest != before.Digest {
		t.Errorf("after half its life the head expires %s, before %s: want it signed anew", after.Expires, before.Expires)
	}
}

// TestRanges re-cuts the base after one row changed: only its own range and layer has
// another hash.
//
// Rows
func TestRanges(t *testing.T) {
	b := newBench(t)
	day := posting.DayOf(start)
	for i := range int64(40) {
		b.led.Put(simtest.Posting(1+i*1000, []string{"QC", "ON"}[i%2], day, 60))
	}
	b.publish()
	before := b.head("all")
	p, _ := b.led.Get(1 + 12*1000)
	p.Details.Pay = []string{"tips"}
	b.led.Put(p)
	b.now = b.now.Add(25 * time.Hour)
	if p := b.publish(); !p.Rebased {
		t.Fatalf("a day later the base stays: %+v", p)
	}
	after := b.head("all")
	var changed []wire.Segment
	for _, s := range after.Base {
		if !slices.ContainsFunc(before.Base, func(o wire.Segment) bool { return o.Hash == s.Hash }) {
			changed = append(changed, s)
		}
	}
	if len(changed) != 1 || changed[0].Part != "qc" || changed[0].Layer != wire.Details || changed[0].First != 10_000 {
		t.Errorf("changed segments: %+v, want the details of qc from 10,000 alone", changed)
	}
	if len(after.Base) != 16 { // 2 parts, 4 ranges, 2 layers
		t.Errorf("base of %d segments, want 16", len(after.Base))
	}
}

// TestMasked closes and withdraws postings: what readers get has no way to apply, and for
// these two neither title nor employer.
//
// Rows
func TestMasked(t *testing.T) {
	b := newBench(t)
	day := posting.DayOf(start)
	for id := range int64(3) {
		b.led.Put(simtest.Posting(id+1, "QC", day, 30))
	}
	b.publish()
	b.led.Close(1)
	b.led.Withdraw(2)
	b.now = b.now.Add(time.Hour)
	b.publish()
	h := b.head("qc")
	if len(h.Deltas) != 1 || h.Deltas[0].Rows != 2 {
		t.Fatalf("deltas %+v, want one of 2 rows", h.Deltas)
	}
	for _, op := range b.read(h.Deltas[0].Hash, 2, h.Deltas[0].Dict) {
		c, err := posting.ParseCard(op.Card)
		if err != nil {
			t.Fatal(err)
		}
		d, err := posting.ParseDetails(op.Details)
		if err != nil {
			t.Fatal(err)
		}
		if c.Title != (posting.Both{}) || c.Employer != "" || c.Place.Street != "" || len(d.Apply) != 0 || len(d.Texts) != 0 {
			t.Errorf("row %d is not masked: %+v %+v", op.ID, c, d)
		}
		if c.Number != 10_000_000+op.ID || c.State == posting.Shown {
			t.Errorf("row %d: number %d, state %q; want it findable and ended", op.ID, c.Number, c.State)
		}
	}
}

// TestHorizon lets postings age: they leave the catalogue the day the horizon passes them,
// without any change in the ledger.
//
// Rows: X-012
func TestHorizon(t *testing.T) {
	b := newBench(t)
	b.o.Keep, b.o.Rebase = 10, 1000*time.Hour
	day := posting.DayOf(start)
	for id := range int64(20) {
		b.led.Put(simtest.Posting(id+1, "QC", day, int(id)))
	}
	first := b.publish()
	b.now = b.now.Add(13 * 24 * time.Hour)
	p := b.publish()
	if p.Seq <= first.Seq {
		t.Errorf("seq %d after %d: a new horizon is a new position", p.Seq, first.Seq)
	}
	if p.Rebased || p.Count != 17 || p.Dropped != 3 { // ended 13, 12 and 11 days ago
		t.Errorf("%d rows, %d dropped, base cut anew %v; want 17 and 3 by a delta", p.Count, p.Dropped, p.Rebased)
	}
	b.check(nil, nil)
}

// TestRefusals: a ledger behind what was published, also where the publisher has lost its
// memory; a restored one whose epoch rose is taken, and its seq may be lower.
//
// Rows: X-011
func TestRefusals(t *testing.T) {
	b := newBench(t)
	day := posting.DayOf(start)
	for id := range int64(5) {
		b.led.Put(simtest.Posting(id+1, "QC", day, 30))
	}
	backup := b.led.Backup()
	b.led.Close(1)
	last := b.publish()
	b.led = backup
	try := func(want error) {
		t.Helper()
		_, err := publish.Publish(context.Background(), b.led, nil, b.ts, b.o, b.now)
		if !errors.Is(err, want) {
			t.Errorf("Publish: %v, want %v", err, want)
		}
	}
	try(publish.ErrBehind)
	if err := os.RemoveAll(b.o.Dir + ".state"); err != nil {
		t.Fatal(err)
	}
	try(publish.ErrBehind)
	b.led.Epoch++
	p := b.publish()
	if p.Epoch != 2 || p.Seq >= last.Seq {
		t.Errorf("restored: %d/%d after %d/%d, want a higher epoch and a lower seq", p.Epoch, p.Seq, last.Epoch, last.Seq)
	}
	b.check(nil, nil)
	b.led.Epoch--
	try(publish.ErrBehind)
	b.led.Epoch++
	b.ts = key(9)
	try(publish.ErrSigner)
}

// TestTooLarge leaves out a row that no reader would take, and says so; the others go out.
func TestTooLarge(t *testing.T) {
	b := newBench(t)
	p := simtest.Posting(1, "QC", posting.DayOf(start), 30)
	b.led.Put(p)
	b.publish()
	p.ID, p.Details.Pay = 2, []string{strings.Repeat("x", wire.MaxRow)}
	b.led.Put(p)
	b.led.Put(simtest.Posting(3, "QC", posting.DayOf(start), 30))
	for range 2 { // by the changes, then by all rows
		if got := b.publish(); got.Count != 2 || len(got.TooLarge) > 1 {
			t.Errorf("published %+v, want 2 rows and row 2 left out", got)
		}
		b.now = b.now.Add(25 * time.Hour)
	}
	if rows := b.rebuild(b.head("qc"), nil, 0); len(rows) != 2 || rows[2].ID != 0 {
		t.Errorf("readers get %d rows, want 1 and 3", len(rows))
	}
}

// TestSweep removes an object two days after the last head that named it, not before.
func TestSweep(t *testing.T) {
	b := newBench(t)
	b.o.Rebase = time.Hour
	day := posting.DayOf(start)
	b.led.Put(simtest.Posting(1, "QC", day, 60))
	b.publish()
	first := b.head("all").Base[0].Hash
	there := func() bool {
		_, err := os.Stat(filepath.Join(b.o.Dir, wire.ObjectPath(first)))
		return !errors.Is(err, fs.ErrNotExist)
	}
	b.led.Put(simtest.Posting(2, "QC", day, 60))
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{2 * time.Hour, true}, {47 * time.Hour, true}, {2 * time.Hour, false}} {
		b.now = b.now.Add(c.after)
		b.publish()
		if there() != c.want {
			t.Errorf("%s after the change: object there %v, want %v", b.now.Sub(start), there(), c.want)
		}
	}
	b.check(nil, nil)
}

// TestRotation rotates both keys and renews, each a version that follows the last; what a
// reader would refuse is refused here already.
//
// Rows: X-048
func TestRotation(t *testing.T) {
	b := newBench(t)
	b.led.Put(simtest.Posting(1, "QC", posting.DayOf(start), 60))
	b.publish()
	if _, err := publish.RotateTimestamp(b.o.Dir, []publish.Key{key(7)}, key(3), publish.RootOptions{}, b.now); !errors.Is(err, publish.ErrSigner) {
		t.Errorf("rotation by a stranger: %v, want ErrSigner", err)
	}
	if _, err := publish.RotateTimestamp(b.o.Dir, []publish.Key{b.root}, key(3), publish.RootOptions{}, b.now); err != nil {
		t.Fatal(err)
	}
	if _, err := publish.Publish(context.Background(), b.led, nil, b.ts, b.o, b.now); !errors.Is(err, publish.ErrSigner) {
		t.Errorf("publish with the old key: %v, want ErrSigner", err)
	}
	next := []publish.Key{key(4), key(5)}
	v, err := publish.RotateRoot(b.o.Dir, []publish.Key{b.root}, next, publish.RootOptions{Threshold: 2}, b.now)
	if err != nil || v != 3 {
		t.Fatalf("RotateRoot: %d, %v", v, err)
	}
	if _, err := publish.Renew(b.o.Dir, next[:1], publish.RootOptions{}, b.now); !errors.Is(err, publish.ErrSigner) {
		t.Errorf("renewal by one of two: %v, want ErrSigner", err)
	}
	if v, err = publish.Renew(b.o.Dir, next, publish.RootOptions{}, b.now); err != nil || v != 4 {
		t.Fatalf("Renew: %d, %v", v, err)
	}
	b.ts = key(3)
	if p := b.publish(); !p.Changed {
		t.Error("a new key signs no new head")
	}
}

// TestKeyFile keeps a key in a file that only its owner reads.
func TestKeyFile(t *testing.T) {
	name := filepath.Join(simtest.Dir(t), "root.key")
	k, err := publish.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Write(name); err != nil {
		t.Fatal(err)
	}
	if err := k.Write(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Write: %v, want ErrExist", err)
	}
	back, err := publish.ReadKey(name)
	if err != nil || back.ID() != k.ID() {
		t.Errorf("ReadKey: %v, %v; want %s", back.ID(), err, k.ID())
	}
	if st, _ := os.Stat(name); st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("key file mode %v", st.Mode())
	}
}
