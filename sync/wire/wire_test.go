package wire_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
	"github.com/sigstore/sigstore/pkg/signature"
	"pgregory.net/rapid"

	"passerelle/sync/wire"
)

var now = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

type pair struct {
	signature.Signer
	public crypto.PublicKey
}

func key(t testing.TB, n byte) pair {
	t.Helper()
	k := ed25519.NewKeyFromSeed(append(make([]byte, 31), n))
	s, err := signature.LoadED25519Signer(k)
	if err != nil {
		t.Fatal(err)
	}
	return pair{s, k.Public()}
}

func spec(version int64, timestamp pair, threshold int, roots ...pair) wire.RootSpec {
	s := wire.RootSpec{Version: version, Expires: now.AddDate(1, 0, 0), Threshold: threshold, Timestamp: []crypto.PublicKey{timestamp.public}}
	for _, r := range roots {
		s.Roots = append(s.Roots, r.public)
	}
	return s
}

func root(t testing.TB, s wire.RootSpec, by ...pair) []byte {
	t.Helper()
	var signers []signature.Signer
	for _, p := range by {
		signers = append(signers, p)
	}
	b, err := wire.WriteRoot(s, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func head() wire.Head {
	return wire.Head{
		Scope: "qc", Epoch: 3, Seq: 20_500, Created: now, Expires: now.Add(time.Hour), BaseSeq: 20_400, Since: 20_400, Count: 2,
		Base:   []wire.Segment{{Hash: wire.HashOf([]byte("a")), Size: 1, Rows: 2, Part: "qc", Layer: wire.Cards, First: 0, Last: 9_999}},
		Deltas: []wire.Delta{{From: 20_400, To: 20_500, Hash: wire.HashOf([]byte("b")), Size: 1, Rows: 1}},
		Packs:  []wire.Pack{{Name: "sources", Version: "1", Hash: wire.HashOf([]byte("c")), Size: 1}},
	}
}

// TestSegment writes rows and reads them back, with and without a dictionary, always to the
// same bytes.
func TestSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := rapid.SliceOf(rapid.Custom(func(t *rapid.T) wire.Op {
			op := wire.Op{ID: rapid.Int64Range(1, 1<<40).Draw(t, "id"), Drop: rapid.Bool().Draw(t, "drop")}
			if !op.Drop {
				op.Card = rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "card")
				op.Details = rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "details")
			}
			return op
		})).Draw(t, "ops")
		b, err := wire.EncodeSegment(slices.Values(ops), nil)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := wire.EncodeSegment(slices.Values(ops), nil)
		if !bytes.Equal(b, again) {
			t.Fatal("the same rows gave two different segments")
		}
		i := 0
		for op, err := range wire.DecodeSegment(bytes.NewReader(b), len(ops), nil) {
			if err != nil {
				t.Fatal(err)
			}
			want := ops[i]
			if op.ID != want.ID || op.Drop != want.Drop || !bytes.Equal(op.Card, want.Card) || !bytes.Equal(op.Details, want.Details) {
				t.Fatalf("row %d came back as %+v, want %+v", i, op, want)
			}
			i++
		}
		if i != len(ops) {
			t.Fatalf("%d rows came back, want %d", i, len(ops))
		}
	})
}

func drain(b []byte, rows int) error {
	for _, err := range wire.DecodeSegment(bytes.NewReader(b), rows, nil) {
		if err != nil {
			return err
		}
	}
	return nil
}

func squeeze(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(b, nil)
}

// TestSegmentRefused: bytes that claim more than they should, in every way a hostile
// mirror could, are refused with little memory spent.
//
// Rows: X-048
func TestSegmentRefused(t *testing.T) {
	good, err := wire.EncodeSegment(slices.Values([]wire.Op{{ID: 1, Card: []byte("x")}, {ID: 2, Drop: true}}), nil)
	if err != nil {
		t.Fatal(err)
	}
	long, err := cbor.Marshal(map[int]any{1: 1, 2: make([]byte, 8<<20)})
	if err != nil {
		t.Fatal(err)
	}
	bomb := squeeze(t, make([]byte, 300<<20))
	for _, c := range []struct {
		name string
		b    []byte
		rows int
	}{
		{"one row more than promised", good, 1},
		{"one row less", good, 3},
		{"truncated", good[:len(good)-3], 2},
		{"not zstd", []byte("hello"), 1},
		{"a row that is too large", squeeze(t, long), 1},
		{"a bomb", bomb, 10},
		{"a length that lies", squeeze(t, []byte{0x5b, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff}), 1},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := drain(c.b, c.rows)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", c.name, err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 {
			t.Errorf("%s: %d MB allocated", c.name, spent>>20)
		}
	}
}

// TestUnknownKeys reads rows and heads of a newer program, which have keys of their own.
func TestUnknownKeys(t *testing.T) {
	b, err := cbor.Marshal(map[int]any{1: 7, 2: []byte("card"), 99: "new", 100: map[string]int{"a": 1}})
	if err != nil {
		t.Fatal(err)
	}
	for op, err := range wire.DecodeSegment(bytes.NewReader(squeeze(t, b)), 1, nil) {
		if err != nil || op.ID != 7 || string(op.Card) != "card" {
			t.Errorf("row of a newer program: %+v, %v", op, err)
		}
	}
}

// TestSeal opens what was sealed, and nothing else.
//
// Rows: X-048
func TestSeal(t *testing.T) {
	ts, stranger := key(t, 2), key(t, 9)
	r, err := wire.FirstRoot(root(t, spec(1, ts, 1, key(t, 1)), key(t, 1)))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wire.Seal(head(), ts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Open(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if got.Scope != "qc" || got.Seq != 20_500 || !got.Created.Equal(now) || got.Deltas[0].Hash != wire.HashOf([]byte("b")) {
		t.Errorf("Open gave %+v", got)
	}
	again, _ := wire.Seal(head(), ts)
	if !bytes.Equal(sealed, again) {
		t.Error("the same head sealed twice gave two tags")
	}

	other, err := wire.Seal(head(), stranger)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(other); !errors.Is(err, wire.ErrUnknownKey) {
		t.Errorf("signed by a stranger: %v, want ErrUnknownKey", err)
	}
	var e wire.Envelope
	if err := cbor.Unmarshal(sealed, &e); err != nil {
		t.Fatal(err)
	}
	e.Head[len(e.Head)-1] ^= 1
	b, _ := cbor.Marshal(e)
	if _, err := r.Open(b); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("one bit of the head changed: %v, want ErrSignature", err)
	}
	newer := head()
	newer.MinReader = wire.Format + 1
	sealed, err = wire.Seal(newer, ts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(sealed); !errors.Is(err, wire.ErrTooNew) {
		t.Errorf("for newer readers: %v, want ErrTooNew", err)
	}
	for name, spoil := range map[string]func(*wire.Head){
		"scope":    func(h *wire.Head) { h.Scope = "../etc" },
		"delta":    func(h *wire.Head) { h.Deltas[0].To = h.Deltas[0].From },
		"position": func(h *wire.Head) { h.BaseSeq = h.Seq + 1 },
		"size":     func(h *wire.Head) { h.Base[0].Size = -1 },
		"pack":     func(h *wire.Head) { h.Packs[0].Name = "" },
	} {
		h := head()
		spoil(&h)
		sealed, err := wire.Seal(h, ts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Open(sealed); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("head with a wrong %s: %v, want ErrMalformed", name, err)
		}
	}
}

// TestRoots walks from one root to the next: by the keys of both, by as many as the
// threshold says, one version at a time.
//
// Rows: X-048
func TestRoots(t *testing.T) {
	a, b, c, ts := key(t, 1), key(t, 3), key(t, 4), key(t, 2)
	first, err := wire.FirstRoot(root(t, spec(1, ts, 1, a), a))
	if err != nil {
		t.Fatal(err)
	}
	two := spec(2, ts, 2, b, c)
	for _, bad := range []struct {
		name string
		b    []byte
		want error
	}{
		{"without the old key", root(t, two, b, c), wire.ErrUnknownKey},
		{"without one of the new", root(t, two, a, b), wire.ErrUnknownKey},
		{"the same version again", root(t, spec(1, ts, 1, a), a), wire.ErrVersion},
		{"a version left out", root(t, spec(3, ts, 1, a), a), wire.ErrVersion},
		{"nothing", nil, wire.ErrMalformed},
	} {
		if _, err := first.Next(bad.b); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v, want %v", bad.name, err, bad.want)
		}
	}
	second, err := first.Next(root(t, two, a, b, c))
	if err != nil || second.Version() != 2 {
		t.Fatalf("Next: %v", err)
	}
	twice := root(t, spec(3, ts, 2, b, c), b, b)
	if _, err := second.Next(twice); err == nil {
		t.Error("one key that signs twice counts for two")
	}
	if _, err := wire.FirstRoot(root(t, spec(1, ts, 2, a), a)); err == nil {
		t.Error("a root that asks for more keys than it has is taken")
	}
}

// TestRootSigned changes each value of a root in turn: none goes unnoticed.
func TestRootSigned(t *testing.T) {
	a, ts := key(t, 1), key(t, 2)
	s := spec(1, ts, 1, a)
	s.Demo = true
	b := root(t, s, a)
	r, err := wire.FirstRoot(b)
	if err != nil || !r.Demo() {
		t.Fatalf("FirstRoot: demonstration %v, %v", r.Demo(), err)
	}
	for _, c := range [][2]string{{`"version":1`, `"version":2`}, {`"x-passerelle-demo":true`, `"x-passerelle-demo":false`}, {`2027-`, `2099-`}} {
		changed := strings.Replace(string(b), c[0], c[1], 1)
		if changed == string(b) {
			t.Fatalf("no %s in %s", c[0], b)
		}
		if _, err := wire.FirstRoot([]byte(changed)); !errors.Is(err, wire.ErrSignature) {
			t.Errorf("%s made %s: %v, want ErrSignature", c[0], c[1], err)
		}
	}
}

func TestScopes(t *testing.T) {
	if n := len(wire.Scopes()); n != 28 {
		t.Errorf("%d scopes, want 28", n)
	}
	for _, s := range wire.Scopes() {
		if _, _, err := wire.ParseScope(s); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []string{"", "ca", "QC", "all-", "qc-cards-cards", "../qc", "cards"} {
		if _, _, err := wire.ParseScope(s); err == nil {
			t.Errorf("ParseScope(%q) is taken", s)
		}
	}
}

func FuzzSegment(f *testing.F) {
	good, err := wire.EncodeSegment(slices.Values([]wire.Op{{ID: 1, Card: []byte("x")}, {ID: 2, Drop: true}}), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, 2)
	f.Add(squeeze(f, []byte{0xa1, 0x01, 0x01}), 1)
	f.Fuzz(func(t *testing.T, b []byte, rows int) {
		n := 0
		for _, err := range wire.DecodeSegment(bytes.NewReader(b), rows, nil) {
			if err != nil {
				if !errors.Is(err, wire.ErrMalformed) {
					t.Errorf("error %v, want ErrMalformed", err)
				}
				return
			}
			n++
		}
		if n != rows {
			t.Errorf("%d rows without an error, promised %d", n, rows)
		}
	})
}

func FuzzRoot(f *testing.F) {
	a, ts := key(f, 1), key(f, 2)
	b := root(f, spec(1, ts, 1, a), a)
	f.Add(b)
	f.Add([]byte(`{"signed":{"_type":"root","keys":{"a":null},"roles":{"root":null}},"signatures":[]}`))
	var loose map[string]any
	_ = json.Unmarshal(b, &loose)
	loose["signed"].(map[string]any)["keys"] = map[string]any{}
	empty, _ := json.Marshal(loose)
	f.Add(empty)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := wire.FirstRoot(b); err == nil && r.Version() < 1 {
			t.Errorf("root of version %d is taken", r.Version())
		}
	})
}

func FuzzOpen(f *testing.F) {
	a, ts := key(f, 1), key(f, 2)
	r, err := wire.FirstRoot(root(f, spec(1, ts, 1, a), a))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := wire.Seal(head(), ts)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := r.Open(b)
		if err == nil && h.Scope != "qc" {
			t.Errorf("a head of %q that nobody signed is taken", h.Scope)
		}
		if h, err := wire.Peek(b); err == nil && h.Count < 0 {
			t.Errorf("Peek took a head of %d rows", h.Count)
		}
	})
}

func FuzzHash(f *testing.F) {
	f.Add(wire.HashOf(nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := wire.ParseHash(s); err == nil && h.String() != strings.ToLower(s) {
			t.Errorf("ParseHash(%q) gave %s", s, h)
		}
	})
}

func Example() {
	// A reader that trusts a root opens a head with it, and asks for what the head names.
	_ = func(trusted, sealed []byte) ([]string, error) {
		r, err := wire.FirstRoot(trusted)
		if err != nil {
			return nil, err
		}
		h, err := r.Open(sealed)
		if err != nil {
			return nil, err
		}
		var paths []string
		for _, s := range h.Base {
			paths = append(paths, wire.Prefix+wire.ObjectPath(s.Hash))
		}
		return paths, nil
	}
}
