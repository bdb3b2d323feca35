// Package replica brings a desktop up to date with a published catalogue. Begin with
// [New]. It knows no HTTP and no SQL: it is handed a transport and a place to keep rows.
package replica

import (
	"context"
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

// Options of a replica.
type Options struct {
	Dir   string           // for downloads and for whom it trusts; one a publisher
	Scope string           // "": "all"
	Pin   string           // fingerprint the publisher must have; "": the first one met is kept
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: none
}

// Replica keeps a catalogue in step with a publisher.
type Replica struct{}

// New makes a replica of what the transport reaches, kept in the store.
func New(t Transport, store *catalogue.Store, o Options) (*Replica, error) { panic("not written") }

// Plan asks the publisher and says what a sync would do, changing nothing.
func (r *Replica) Plan(ctx context.Context) (Plan, error) { panic("not written") }

// Sync brings the catalogue up to date. tell may be nil. Stopped at any point, by ctx or by
// the machine, it leaves a whole catalogue and goes on from there next time.
func (r *Replica) Sync(ctx context.Context, tell func(Progress)) (Outcome, error) {
	panic("not written")
}

// Pack is a reference pack as it was last synced ("sources", "taxonomy"…).
func (r *Replica) Pack(name string) (data []byte, version string, err error) { panic("not written") }

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
