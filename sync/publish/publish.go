// Package publish writes the catalogue as a directory of files that any web server can
// serve, described in sync/wire: base segments, deltas, packs, signed heads, roots. Begin
// with [Publish]. It knows neither the ledger it reads from nor HTTP.
//
// The base is cut anew once a day, or when the deltas after it outweigh it; between, each
// publication adds one delta a scope. Deltas of past hours, days and weeks are joined, the
// last state of a row winning, and 30 days of them are kept.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"golang.org/x/sync/errgroup"

	"passerelle/store/posting"
	"passerelle/sync/wire"
)

// Rows is where the rows come from. Rows are of postings that are already masked where
// they were closed or withdrawn.
type Rows interface {
	// Position is that of the last change. The epoch rises when the ledger is restored.
	Position(ctx context.Context) (epoch, seq int64, err error)
	// All gives every row that is published, in id order.
	All(ctx context.Context, yield func(Row) error) error
	// Changed gives the last state of each row changed in (after, upto], in any order.
	Changed(ctx context.Context, after, upto int64, yield func(Row) error) error
}

// Row is one posting to publish.
type Row struct {
	ID, Seq       int64
	Part, OldPart string      // posting.Card.Part, and the one it was in before if it moved
	Ends          posting.Day // last day shown
	Gone          bool        // no longer published at all
	Card, Details []byte      // posting.Card.Bytes, posting.Details.Bytes; copied before yield returns
}

// Pack is reference data to publish beside the rows.
type Pack struct {
	Name, Version string
	Data          []byte
}

// Options of a publication; the zero value of each but Dir is right.
type Options struct {
	Dir    string        // the tree, as sync/wire describes it
	State  string        // directory of what the publisher remembers; "": Dir + ".state"
	Keep   int           // days an ended posting stays in the catalogue; 0: 90
	Valid  time.Duration // for which a head is good; 0: 7 days
	Rebase time.Duration // age at which the base is cut anew; 0: 24 h
	Log    *slog.Logger  // nil: none
}

func (o Options) filled() Options {
	if o.State == "" {
		o.State = filepath.Clean(o.Dir) + ".state"
	}
	if o.Keep == 0 {
		o.Keep = 90
	}
	if o.Valid == 0 {
		o.Valid = 7 * 24 * time.Hour
	}
	if o.Rebase == 0 {
		o.Rebase = 24 * time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Published is what a publication did.
type Published struct {
	Epoch, Seq   int64
	Count        int  // rows in "all"
	Put, Dropped int  // rows that changed in "all"
	Changed      bool // a head was written
	Rebased      bool // the base was cut anew
	Objects      int  // written
	Bytes        int64
	Removed      int     // old objects removed
	TooLarge     []int64 // rows left out, because no reader would take them
	Digest       posting.Sum
	Created      time.Time
}

var (
	// ErrBehind: the ledger is at a lower position than what is published. It was
	// restored without raising its epoch.
	ErrBehind = errors.New("ledger is behind what is published")
	// ErrSigner: the key given may not sign under the newest root.
	ErrSigner = errors.New("key is not in force")
	// ErrRoot: there is no usable root in the directory.
	ErrRoot = errors.New("no root in force")
)

const (
	retain   = 30 * 24 * time.Hour // of deltas
	linger   = 48 * time.Hour      // of objects that no head names any more: someone may be reading
	maxDelta = 50_000              // rows; a change of more is a new base
)

// Publish brings the directory to the ledger's position. The head's seq is the ledger's
// plus the day of the horizon: both only rise, so any change of either is a new position
// and the same contents have the same one. One publication runs at a time in a directory.
func Publish(ctx context.Context, rows Rows, packs []Pack, signer Key, o Options, now time.Time) (Published, error) {
	o = o.filled()
	root, err := newestRoot(o.Dir)
	if err != nil {
		return Published{}, err
	}
	if !root.Signs(signer.ID()) {
		return Published{}, fmt.Errorf("publish with key %.8s under root %d: %w", signer.ID(), root.Version(), ErrSigner)
	}
	if now.After(root.Expires()) {
		return Published{}, fmt.Errorf("publish: root %d expired on %s: %w", root.Version(), root.Expires().Format(time.DateOnly), ErrRoot)
	}
	by, err := signer.Signer()
	if err != nil {
		return Published{}, err
	}
	mem, err := recall(o)
	if err != nil {
		return Published{}, err
	}
	p := &press{o: o, now: now, mem: mem, root: root}
	if err := p.advance(ctx, rows); err != nil {
		return Published{}, err
	}
	if err := p.deltas(ctx); err != nil {
		return Published{}, err
	}
	if err := p.heads(packs, by); err != nil {
		return Published{}, err
	}
	if err := p.mem.keep(o.State); err != nil {
		return Published{}, err
	}
	if err := p.sweep(); err != nil {
		return Published{}, err
	}
	all := p.mem.Scopes["all"]
	p.did.Epoch, p.did.Seq, p.did.Count, p.did.Digest = p.mem.Epoch, p.mem.Seq, all.Count, all.Digest
	return p.did, nil
}

// press is one publication under way.
type press struct {
	o    Options
	now  time.Time
	mem  *memory
	root *wire.Root
	mu   sync.Mutex // guards the counts of did while objects are written
	did  Published

	changes []change // since the last publication, in id order
	from    int64    // position of the last publication
	fresh   bool     // nothing is remembered of this epoch
	leapt   bool     // too much changed for a delta: readers take the base
	refs    map[wire.Hash]bool
}

// change is what became of one row.
type change struct {
	id       int64
	old, new part // absent where it was not, or is not
	card     []byte
	details  []byte
}

// advance moves the memory to the ledger's position and gathers what changed.
func (p *press) advance(ctx context.Context, rows Rows) error {
	epoch, seq, err := rows.Position(ctx)
	if err != nil {
		return fmt.Errorf("publish: read position: %w", err)
	}
	m := p.mem
	if epoch < m.Epoch || epoch == m.Epoch && seq < m.Ledger {
		return fmt.Errorf("publish %d/%d after %d/%d: %w", epoch, seq, m.Epoch, m.Ledger, ErrBehind)
	}
	horizon := max(m.Horizon, posting.DayOf(p.now.UTC())-posting.Day(p.o.Keep))
	p.fresh = !m.Known || epoch > m.Epoch
	if p.fresh {
		m.Rows, m.Base, m.Scopes = nil, nil, nil
	}
	if m.Known && epoch == m.Epoch {
		p.from = m.Seq
	}
	floor := int64(0)
	if epoch == m.Epoch {
		floor = m.Seq
	}
	m.Horizon = horizon

	whole := p.fresh || p.now.Sub(m.BaseAt) >= p.o.Rebase || m.outweighed()
	if !whole {
		whole, err = p.partial(ctx, rows, seq)
		if err != nil {
			return err
		}
	}
	if whole {
		if err := p.whole(ctx, rows); err != nil {
			return err
		}
	}
	// Rows written while All was read may be among the changes: a position is of one
	// content only, so it rises even if the ledger's had not.
	if len(p.changes) > 0 || p.leapt {
		floor++
	}
	m.Known, m.Epoch, m.Ledger, m.Seq = true, epoch, seq, max(seq+int64(horizon), floor)
	if whole {
		m.BaseSeq, m.BaseAt = m.Seq, p.now
	}
	for _, s := range m.Scopes {
		if p.fresh || p.leapt {
			s.Since, s.Deltas = m.Seq, nil
		}
	}
	for _, c := range p.changes {
		if c.new != absent {
			p.did.Put++
		} else {
			p.did.Dropped++
		}
	}
	if p.fresh || p.leapt {
		p.did.Put, p.changes = len(m.Rows), nil
	}
	return nil
}

// partial takes the changes that the ledger tells and those of the horizon. It answers
// true when they are too many, having changed nothing.
func (p *press) partial(ctx context.Context, rows Rows, upto int64) (tooMany bool, err error) {
	m := p.mem
	told := map[int64]Row{}
	errMany := errors.New("too many")
	err = rows.Changed(ctx, m.Ledger, upto, func(r Row) error {
		if len(told) >= maxDelta {
			return errMany
		}
		told[r.ID] = p.fit(r)
		return ctx.Err()
	})
	if errors.Is(err, errMany) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("publish: read changes after %d: %w", m.Ledger, err)
	}
	next := make([]entry, 0, len(m.Rows)+len(told))
	tell := func(old *entry, id int64, r Row, live bool) {
		c := change{id: id, old: absent, new: absent}
		if old != nil {
			c.old = old.Part
		}
		if live {
			e := r.entry()
			next = append(next, e)
			if old != nil && *old == e {
				return
			}
			c.new, c.card, c.details = e.Part, r.Card, r.Details
			m.add(e)
		}
		if old != nil {
			m.sub(*old)
		}
		if old != nil || live {
			p.changes = append(p.changes, c)
		}
	}
	ids := sortedKeys(told)
	for i, j := 0, 0; i < len(m.Rows) || j < len(ids); {
		switch {
		case j == len(ids) || i < len(m.Rows) && m.Rows[i].ID < ids[j]:
			e := m.Rows[i]
			if e.Ends < m.Horizon {
				tell(&e, e.ID, Row{}, false)
			} else {
				next = append(next, e)
			}
			i++
		default:
			var old *entry
			if i < len(m.Rows) && m.Rows[i].ID == ids[j] {
				old = &m.Rows[i]
				i++
			}
			r := told[ids[j]]
			tell(old, r.ID, r, !r.Gone && r.Ends >= m.Horizon)
			j++
		}
	}
	m.Rows = next
	return false, nil
}

// fit copies a row, and takes away one that no reader would take: it must not keep the
// others from being published.
func (p *press) fit(r Row) Row {
	if len(r.Card)+len(r.Details) > wire.MaxRow-64 {
		p.o.Log.Error("posting is too large to publish", "id", r.ID, "bytes", len(r.Card)+len(r.Details))
		p.did.TooLarge = append(p.did.TooLarge, r.ID)
		return Row{ID: r.ID, Gone: true}
	}
	return r.clone()
}

// heads writes the packs and the head of every scope that changed or grows old.
func (p *press) heads(packs []Pack, by signature.Signer) error {
	m := p.mem
	var listed []wire.Pack
	for _, k := range packs {
		h, err := p.put(k.Data)
		if err != nil {
			return fmt.Errorf("publish pack %s: %w", k.Name, err)
		}
		listed = append(listed, wire.Pack{Name: k.Name, Version: k.Version, Hash: h, Size: int64(len(k.Data))})
	}
	created := p.now.UTC().Truncate(time.Second)
	if !created.After(m.Created) {
		created = m.Created.Add(time.Second) // a head is never older than the last, whatever the clock says
	}
	g := new(errgroup.Group) // writes wait for the disk, together
	g.SetLimit(16)
	for _, scope := range wire.Scopes() {
		h, err := m.head(scope)
		if err != nil {
			return err
		}
		h.Packs, h.Demo, h.Created, h.Expires = listed, p.root.Demo(), created, created.Add(p.o.Valid)
		name := filepath.Join(p.o.Dir, filepath.FromSlash(wire.HeadPath(scope)))
		p.refer(h)
		if p.stands(name, h) {
			continue
		}
		b, err := wire.Seal(h, by)
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		g.Go(func() error {
			if err := writeFile(name, b); err != nil {
				return fmt.Errorf("publish head of %s: %w", scope, err)
			}
			return nil
		})
		p.did.Changed = true
		m.Created = created
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.did.Created = m.Created
	return nil
}

// stands says whether the head on disk says the same, is signed by a key still in force,
// and has more than half its life before it. Then its tag stays, and polls are answered
// with nothing.
func (p *press) stands(name string, h wire.Head) bool {
	b, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	old, err := p.root.Open(b)
	if err != nil || !p.now.Before(old.Created.Add(p.o.Valid/2)) {
		return false
	}
	h.Created, h.Expires = old.Created, old.Expires
	return reflect.DeepEqual(old, h)
}

// put stores an object under its hash.
func (p *press) put(b []byte) (wire.Hash, error) {
	h := wire.HashOf(b)
	name := p.object(h)
	if _, err := os.Stat(name); err == nil {
		return h, nil
	}
	if err := writeFile(name, b); err != nil {
		return h, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did.Objects++
	p.did.Bytes += int64(len(b))
	return h, nil
}

func (p *press) object(h wire.Hash) string {
	return filepath.Join(p.o.Dir, filepath.FromSlash(wire.ObjectPath(h)))
}

// refer notes the objects that a head names.
func (p *press) refer(h wire.Head) {
	if p.refs == nil {
		p.refs = map[wire.Hash]bool{}
	}
	for _, o := range Objects(h) {
		p.refs[o.Hash] = true
	}
}

// Objects lists every object that a head names.
func Objects(h wire.Head) []wire.Object {
	var all []wire.Object
	for _, s := range h.Base {
		all = append(all, wire.Object{Hash: s.Hash, Size: s.Size})
	}
	for _, d := range h.Deltas {
		all = append(all, wire.Object{Hash: d.Hash, Size: d.Size})
	}
	for _, k := range h.Packs {
		all = append(all, wire.Object{Hash: k.Hash, Size: k.Size})
	}
	return append(all, h.Dicts...)
}

// sweep removes objects that no head has named for two days.
func (p *press) sweep() error {
	dir := filepath.Dir(p.object(wire.Hash{}))
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep objects: %w", err)
	}
	loose := map[string]time.Time{}
	p.refs[p.mem.Dict.Hash] = true
	for _, f := range files {
		h, err := wire.ParseHash(f.Name())
		if err != nil || p.refs[h] {
			continue
		}
		since, ok := p.mem.Loose[f.Name()]
		if !ok {
			since = p.now
		}
		if p.now.Sub(since) < linger {
			loose[f.Name()] = since
			continue
		}
		if err := os.Remove(p.object(h)); err != nil {
			return fmt.Errorf("sweep objects: %w", err)
		}
		p.did.Removed++
	}
	p.mem.Loose = loose
	return p.mem.keep(p.o.State)
}

// Bundle copies what one scope needs, and the roots, from a published directory into
// another: to carry on a key, or to zip. What is there already is not copied again.
func Bundle(ctx context.Context, dir, dest, scope string) (Published, error) {
	var did Published
	carry := func(rel string) error {
		from, to := filepath.Join(dir, filepath.FromSlash(rel)), filepath.Join(dest, filepath.FromSlash(rel))
		b, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
		did.Bytes += int64(len(b))
		return writeFile(to, b)
	}
	root, err := newestRoot(dir)
	if err != nil {
		return did, err
	}
	body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(wire.HeadPath(scope))))
	if err != nil {
		return did, fmt.Errorf("bundle %s: %w", scope, err)
	}
	h, err := root.Open(body)
	if err != nil {
		return did, fmt.Errorf("bundle %s: %w", scope, err)
	}
	for _, o := range Objects(h) {
		if err := ctx.Err(); err != nil {
			return did, err
		}
		rel := wire.ObjectPath(o.Hash)
		if st, err := os.Stat(filepath.Join(dest, filepath.FromSlash(rel))); err == nil && st.Size() == o.Size {
			continue
		}
		if err := carry(rel); err != nil {
			return did, err
		}
		did.Objects++
	}
	for v := int64(1); v <= root.Version(); v++ {
		if err := carry(wire.RootPath(v)); err != nil {
			return did, err
		}
	}
	// The head is last: a bundle cut short has none, or the one it had.
	if err := writeFile(filepath.Join(dest, filepath.FromSlash(wire.HeadPath(scope))), body); err != nil {
		return did, err
	}
	did.Epoch, did.Seq, did.Count, did.Digest, did.Created = h.Epoch, h.Seq, h.Count, h.Digest, h.Created
	did.Changed = true
	return did, nil
}
