// Package replica brings a desktop up to date with a published catalogue. Begin with
// [New]. It knows no HTTP and no SQL: it is handed a transport and a place to keep rows.
//
// What it brings is believed only once its hash, its signature and its position say so,
// and what it writes is whole at every moment: rows, index and position change in one
// transaction, or in a file beside the one in use. Whatever stops it, the next run takes
// up what was done: begun downloads, segments that are in, roots that were verified.
package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"passerelle/store/catalogue"
	"passerelle/sync/wire"
)

// Transport brings files of a published tree (sync/wire) from wherever it lies. Its errors
// wrap wire.ErrMissing, ErrOffline, ErrRefused or ErrUnchanged where they are one.
type Transport interface {
	// Head brings a scope's head, or wire.ErrUnchanged when it is still that of the tag.
	Head(ctx context.Context, scope, tag string) (body []byte, newTag string, err error)
	// Object opens an object, from an offset if it can: at says where it begins.
	Object(ctx context.Context, h wire.Hash, from int64) (body io.ReadCloser, at int64, err error)
	// Root brings a version of the root.
	Root(ctx context.Context, version int64) ([]byte, error)
	// Origin is where the tree lies: "server", "bundle" or "sample". An expired head is
	// refused from a server, and loads from the others, labelled with its date.
	Origin() string
}

// Options of a replica; the zero value of each but Dir is right.
type Options struct {
	Dir   string           // for downloads and for whom it trusts; one a publisher
	Scope string           // "": "all"
	Pin   string           // fingerprint the publisher must have; "": the first one met is kept
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: none
}

// Replica keeps a catalogue in step with a publisher. One of its methods runs at a time.
type Replica struct {
	t     Transport
	store *catalogue.Store
	o     Options
	trust *trust
}

// New makes a replica of what the transport reaches, kept in the store.
func New(t Transport, store *catalogue.Store, o Options) (*Replica, error) {
	if o.Scope == "" {
		o.Scope = "all"
	}
	if _, _, err := wire.ParseScope(o.Scope); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	tr, err := recall(o.Dir)
	if err != nil {
		return nil, err
	}
	return &Replica{t: t, store: store, o: o, trust: tr}, nil
}

// Plan is what a sync would do, told before it begins.
type Plan struct {
	Nothing   bool  // already up to date
	Bootstrap bool  // a whole catalogue, built aside
	Bytes     int64 // to download
	Rows      int   // to write
	Count     int   // postings in the catalogue once done
	Created   time.Time
	Root      string // fingerprint of the publisher
	Pinned    bool   // it was met for the first time, and is kept from now on
	Demo      bool   // its root is marked as a demonstration
	Expired   bool   // a bundle past its date: show "as of Created"
}

// Outcome is what a sync did.
type Outcome struct {
	Plan
	Put, Removed int
	Took         time.Duration
}

// Progress is what a running sync tells, several times a second.
type Progress struct {
	Stage                 Stage
	Rows, RowsTotal       int
	Bytes, BytesTotal     int64
	Left                  time.Duration // estimate; 0 is unknown
	Browsable, Searchable bool          // of the catalogue being built
}

// Stage is what a sync is doing.
type Stage string

// Stages, in order.
const (
	Asking      Stage = "asking"
	Downloading Stage = "downloading"
	Applying    Stage = "applying"
	Indexing    Stage = "indexing"
	Done        Stage = "done"
)

// Plan asks the publisher and says what a sync would do. It writes nothing, and keeps no
// publisher that is met for the first time.
func (r *Replica) Plan(ctx context.Context) (Plan, error) {
	f, err := r.ask(ctx)
	if err != nil {
		return Plan{}, r.told(ctx, err)
	}
	w, err := r.work(ctx, f, true)
	return w.Plan, r.told(ctx, err)
}

// Sync brings the catalogue up to date. tell may be nil. Stopped at any point, by ctx or by
// the machine, it leaves a whole catalogue and goes on from there next time.
func (r *Replica) Sync(ctx context.Context, tell func(Progress)) (Outcome, error) {
	began := r.o.Now()
	run := &run{Replica: r, tell: tell, began: began}
	did, err := run.sync(ctx)
	did.Took = r.o.Now().Sub(began)
	return did, r.told(ctx, err)
}

// run is one sync under way.
type run struct {
	*Replica
	tell  func(Progress)
	began time.Time
	at    Progress
	did   Outcome
	dict  map[string]bool // dictionaries, kept when the rest is tidied
}

func (r *run) sync(ctx context.Context) (Outcome, error) {
	r.stage(Asking)
	f, err := r.ask(ctx)
	if err != nil {
		return r.did, err
	}
	reached("asked")
	// Whom we trust is kept before anything is believed because of it.
	if err := r.trust.keep(r.o.Dir); err != nil {
		return r.did, err
	}
	reached("trusted")
	w, err := r.work(ctx, f, true)
	if err != nil {
		return r.did, err
	}
	r.did.Plan = w.Plan
	err = r.carry(ctx, w)
	if errors.Is(err, catalogue.ErrDigest) {
		// What we hold is not what was published, or the copy of it was not. Take all of
		// it anew, once.
		r.o.Log.Warn("catalogue digest differs; fetching it whole", "scope", r.o.Scope, "epoch", f.Epoch, "seq", f.Seq)
		if w, err = r.work(ctx, f, false); err == nil {
			r.did.Plan = w.Plan
			err = r.carry(ctx, w)
		}
	}
	if err != nil {
		return r.did, err
	}
	reached("carried")
	if err := r.packs(ctx, f.Head); err != nil {
		return r.did, err
	}
	reached("packed")
	r.trust.saw(f)
	if err := r.trust.keep(r.o.Dir); err != nil {
		return r.did, err
	}
	r.tidy()
	r.stage(Done)
	return r.did, nil
}

// reached names the points at which a test kills the process.
var reached = func(point string) {}

// AtPoints has f called at each point at which a drill stops the process. It comes before
// all else, and is not for programs.
func AtPoints(f func(point string)) { reached = f }

// Pack is a reference pack as it was last synced ("sources", "taxonomy"…).
func (r *Replica) Pack(name string) (data []byte, version string, err error) {
	tr, err := recall(r.o.Dir)
	if err != nil {
		return nil, "", err
	}
	k, ok := tr.Packs[name]
	if !ok {
		return nil, "", fmt.Errorf("pack %s: %w", name, wire.ErrMissing)
	}
	data, err = readPack(r.o.Dir, k.Hash)
	if err != nil {
		return nil, "", fmt.Errorf("pack %s: %w", name, err)
	}
	return data, k.Version, nil
}
