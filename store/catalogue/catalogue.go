// Package catalogue is the public postings on disk: rows, word index, facets. Begin
// with [Open]. It hides SQL; it knows no network. The store is a directory:
// catalogue-N.db files and a pointer that names the one in use, replaceable as a whole.
package catalogue

import (
	"context"
	"errors"
	"iter"
	"time"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// Row is one posting as the wire carries it. Card nil: only its details come
// (widening a "cards" scope). Details nil with a Card: a "cards" scope.
type Row struct {
	ID            int64
	Card, Details []byte
}

// Op is one change of a delta, applied in id order.
type Op struct {
	Row
	Drop bool // the row leaves this scope or has passed the horizon
}

// State says which catalogue this is. It is written in the same transaction as the
// rows it speaks of.
type State struct {
	Origin  string // "server", "bundle", "sample"; "" when there is none
	Root    string // fingerprint of the publisher's first root: rows of two publishers are never mixed
	Scope   string
	Epoch   int64
	Seq     int64
	Created time.Time   // of the head it came from: "catalogue of …"
	Checked time.Time   // last time the publisher confirmed it
	Digest  posting.Sum // sum of posting.RowSum over every row
	Count   int         // rows
	Bases   []string    // hashes of the base segments that its rows started from
	Demo    bool        // signed by a demonstration root
	Indexed int         // rows the word index covers
	Packs   map[string]string
}

// ErrNone is the answer of a store that holds no catalogue yet.
var ErrNone = errors.New("no catalogue yet")

// Store is the directory of catalogues of one desktop.
type Store struct{}

// Open opens the store in a directory, making it if needed. A store without a
// catalogue is fine: State answers ErrNone.
func Open(ctx context.Context, dir string) (*Store, error) { panic("not written") }

// Close waits for readers and closes the files.
func (s *Store) Close() error { panic("not written") }

// State is that of the catalogue in use.
func (s *Store) State(ctx context.Context) (State, error) { panic("not written") }

// Search answers a query with counts of every facet.
func (s *Store) Search(ctx context.Context, q query.Query) (query.Result, error) {
	panic("not written")
}

// Cards reads cards by row id, in the order asked; a row that has gone is left out.
func (s *Store) Cards(ctx context.Context, ids []int64) ([]posting.Card, error) {
	panic("not written")
}

// Posting reads one posting by row id, masked if it has ended at now.
func (s *Store) Posting(ctx context.Context, id int64, now time.Time) (posting.Posting, error) {
	panic("not written")
}

// Similar gives postings like one, nearest first, each with the reason.
func (s *Store) Similar(ctx context.Context, id int64, n int, now time.Time) ([]Likeness, error) {
	panic("not written")
}

// Likeness is a posting like another: same unit group, related, or same employer.
type Likeness struct {
	Card   posting.Card
	Reason string // "noc", "related", "employer"
	Km     float64
}

// Apply changes the catalogue in use from one state to the next in one transaction:
// rows, index, facets, state. It fails, changing nothing, if the catalogue is not at
// from, or if the digest that results is not to.Digest ([ErrDigest]).
func (s *Store) Apply(ctx context.Context, from, to State, ops iter.Seq2[Op, error]) error {
	panic("not written")
}

// Confirm records that the publisher confirmed the catalogue in use at a moment.
func (s *Store) Confirm(ctx context.Context, at time.Time) error { panic("not written") }

// ErrDigest: the rows are not those that were published.
var ErrDigest = errors.New("catalogue digest differs")

// Build starts, or resumes, a new catalogue aside. name identifies what is built (scope and
// base hashes); a build left under another name is thrown away.
func (s *Store) Build(ctx context.Context, name string) (*Building, error) { panic("not written") }

// Building is a catalogue being built beside the one in use.
type Building struct{}

// Has tells which segments are already in, so that a resumed build skips them.
func (b *Building) Has(segment string) bool { panic("not written") }

// Add writes a segment's rows in one transaction and remembers its hash.
func (b *Building) Add(ctx context.Context, segment string, rows iter.Seq2[Row, error]) error {
	panic("not written")
}

// Copy takes from the catalogue in use the rows of an id range and part whose base segment has not
// changed, so that widening or a new base downloads only the difference.
func (b *Building) Copy(ctx context.Context, segment string) (bool, error) { panic("not written") }

// Change puts and drops rows over the segments added or copied so far: the deltas since the
// base was cut. A put replaces the row of that id, a drop of a row that is not there is nothing.
// Called before Browse, and again from the start when a build is resumed: it must be idempotent.
func (b *Building) Change(ctx context.Context, ops iter.Seq2[Op, error]) error {
	panic("not written")
}

// Browse checks the digest, makes filters and facets, writes the state and swaps the
// pointer if there was no catalogue: it can be browsed, and words are not searched yet.
func (b *Building) Browse(ctx context.Context, st State) error { panic("not written") }

// Index builds the word index, newest postings first, telling rows done; then swaps the
// pointer if Browse did not. Interrupted, it goes on at the next Open or call.
func (b *Building) Index(ctx context.Context, tell func(done, total int)) error {
	panic("not written")
}

// Discard throws the building away.
func (b *Building) Discard() error { panic("not written") }
