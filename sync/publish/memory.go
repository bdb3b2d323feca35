package publish

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"passerelle/store/posting"
	"passerelle/sync/wire"
)

// memory is what the publisher remembers between two publications. Losing it costs the
// readers a new base and nothing else: positions are read back from the head.
type memory struct {
	Known   bool
	Epoch   int64
	Ledger  int64 // seq of the ledger
	Seq     int64 // as published
	Horizon posting.Day
	Created time.Time // of the newest head

	Base    []cut
	BaseSeq int64
	BaseAt  time.Time
	Scopes  map[string]*scope
	Dict    wire.Object
	DictAt  time.Time
	Dicts   map[string]int64     // sizes of those that deltas name, by hash
	Loose   map[string]time.Time // objects that no head names, and since when

	Rows []entry `cbor:"-"` // kept in a file of its own, in id order
	File string  // its name
}

// scope is what is known of one of wire.Scopes.
type scope struct {
	Count, BaseCount   int
	Digest, BaseDigest posting.Sum
	Since              int64
	Deltas             []delta
}

// delta is one that is listed, with the span it was rolled up to.
type delta struct {
	wire.Delta
	Span span
	Made time.Time
}

// cut is a base segment, with the sum of its rows, which tells whether it must be cut anew.
type cut struct {
	wire.Segment
	Sum posting.Sum
}

// entry is what is remembered of a row: enough to take it out of the digests.
type entry struct {
	ID   int64
	Ends posting.Day
	Part part
	Full posting.Sum // posting.RowSum of card and details
	Card posting.Sum // and of the card alone
}

// part is an index into parts.
type part uint8

// absent is the part of a row that is not there.
const absent part = 255

var parts = append([]string{"ca"}, wire.Provinces...)

// partOf gives the part of a row; one that has no scope of its own is in every scope.
func partOf(name string) part {
	if i := slices.Index(parts, name); i > 0 {
		return part(i)
	}
	return 0
}

func (r Row) clone() Row {
	r.Card, r.Details = bytes.Clone(r.Card), bytes.Clone(r.Details)
	return r
}

func (r Row) entry() entry {
	return entry{
		ID: r.ID, Ends: r.Ends, Part: partOf(r.Part),
		Full: posting.RowSum(r.Card, r.Details), Card: posting.RowSum(r.Card, nil),
	}
}

func (e entry) sum(details bool) posting.Sum {
	if details {
		return e.Full
	}
	return e.Card
}

// add counts a row in every scope that takes it.
func (m *memory) add(e entry) {
	m.each(e, func(s *scope, sum posting.Sum) { s.Count++; s.Digest = s.Digest.Add(sum) })
}

// sub takes it out.
func (m *memory) sub(e entry) {
	m.each(e, func(s *scope, sum posting.Sum) { s.Count--; s.Digest = s.Digest.Sub(sum) })
}

func (m *memory) each(e entry, do func(*scope, posting.Sum)) {
	one := func(name string) {
		do(m.Scopes[name], e.Full)
		do(m.Scopes[name+"-cards"], e.Card)
	}
	one("all")
	if e.Part > 0 {
		one(parts[e.Part])
		return
	}
	for _, p := range wire.Provinces {
		one(p)
	}
}

// outweighed says that the deltas after the base weigh more than half of it.
func (m *memory) outweighed() bool {
	var base, after int64
	for _, c := range m.Base {
		base += c.Size
	}
	for _, d := range m.Scopes["all"].Deltas {
		if d.To > m.BaseSeq {
			after += d.Size
		}
	}
	return after > max(base/2, 1<<20)
}

// head is a scope's head but for packs and dates.
func (m *memory) head(name string) (wire.Head, error) {
	in, details, err := wire.ParseScope(name)
	if err != nil {
		return wire.Head{}, err
	}
	s := m.Scopes[name]
	h := wire.Head{
		Fmt: wire.Format, Schema: wire.Schema, MinReader: 1, Scope: name,
		Epoch: m.Epoch, Seq: m.Seq, Horizon: m.Horizon,
		BaseSeq: m.BaseSeq, BaseDigest: s.BaseDigest, BaseCount: s.BaseCount,
		Since: s.Since, Dict: m.Dict.Hash, Count: s.Count, Digest: s.Digest,
	}
	for _, c := range m.Base {
		if wire.InScope(in, c.Part) && (details || c.Layer == wire.Cards) {
			h.Base = append(h.Base, c.Segment)
		}
	}
	for _, d := range s.Deltas {
		h.Deltas = append(h.Deltas, d.Delta)
		if d.Dict.None() || slices.ContainsFunc(h.Dicts, func(o wire.Object) bool { return o.Hash == d.Dict }) {
			continue
		}
		h.Dicts = append(h.Dicts, wire.Object{Hash: d.Dict, Size: m.Dicts[d.Dict.String()]})
	}
	return h, nil
}

const stateFile = "state.cbor"

// recall reads the memory. Where it is lost, the position is that of the published head,
// so that it never falls.
func recall(o Options) (*memory, error) {
	m := &memory{}
	b, err := os.ReadFile(filepath.Join(o.State, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, m.fromHead(o.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("recall publication: %w", err)
	}
	if err := cbor.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("recall publication from %s: %w", o.State, err)
	}
	if b, err = os.ReadFile(filepath.Join(o.State, m.File)); err != nil {
		return nil, fmt.Errorf("recall rows: %w", err)
	}
	m.Rows = make([]entry, len(b)/entrySize)
	if _, err := binary.Decode(b, binary.LittleEndian, m.Rows); err != nil {
		return nil, fmt.Errorf("recall rows from %s: %w", m.File, err)
	}
	return m, nil
}

var entrySize = binary.Size(entry{})

func (m *memory) fromHead(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(wire.HeadPath("all"))))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recall publication: %w", err)
	}
	h, err := wire.Peek(b)
	if err != nil {
		return fmt.Errorf("recall publication from its head: %w", err)
	}
	m.Epoch, m.Seq, m.Ledger, m.Horizon, m.Created = h.Epoch, h.Seq, h.Seq-int64(h.Horizon), h.Horizon, h.Created
	return nil
}

// keep writes the memory: rows first, under a new name, then the file that names them.
func (m *memory) keep(dir string) error {
	b := make([]byte, 0, len(m.Rows)*entrySize)
	b, err := binary.Append(b, binary.LittleEndian, m.Rows)
	if err != nil {
		return fmt.Errorf("remember rows: %w", err)
	}
	old := m.File
	m.File = fmt.Sprintf("rows-%.16s", wire.HashOf(b))
	if old != m.File {
		if err := writeFile(filepath.Join(dir, m.File), b); err != nil {
			return fmt.Errorf("remember rows: %w", err)
		}
	}
	if b, err = cbor.Marshal(m); err != nil {
		return fmt.Errorf("remember publication: %w", err)
	}
	if err := writeFile(filepath.Join(dir, stateFile), b); err != nil {
		return fmt.Errorf("remember publication: %w", err)
	}
	if old != "" && old != m.File {
		_ = os.Remove(filepath.Join(dir, old)) // one left behind costs room and nothing else
	}
	return nil
}

func sortedKeys(m map[int64]Row) []int64 {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
