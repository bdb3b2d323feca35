// Package publish writes the catalogue as a directory of files that any web server can
// serve, described in sync/wire: base segments, deltas, packs, signed heads, roots. Begin
// with [Publish]. It knows neither the ledger it reads from nor HTTP.
package publish

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"passerelle/store/posting"
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
	Card, Details []byte      // posting.Card.Bytes, posting.Details.Bytes; not kept after yield returns
}

// Pack is reference data to publish beside the rows.
type Pack struct {
	Name, Version string
	Data          []byte
}

// Options of a publication; the zero value of each but Dir is right.
type Options struct {
	Dir    string        // the tree; see sync/wire
	State  string        // directory of what the publisher remembers; "": Dir + ".state"
	Keep   int           // days an ended posting stays in the catalogue; 0: 90
	Valid  time.Duration // for which a head is good; 0: 7 days
	Rebase time.Duration // age at which the base is cut anew; 0: 24 h
	Log    *slog.Logger  // nil: none
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
	Removed      int // old objects removed
	Digest       posting.Sum
	Created      time.Time
}

var (
	// ErrBehind: the ledger is at a lower position than what is published. It was
	// restored without raising its epoch.
	ErrBehind = errors.New("ledger is behind what is published")
	// ErrSigner: the key given may not sign heads under the newest root.
	ErrSigner = errors.New("key is not in force")
	// ErrRoot: there is no usable root in the directory.
	ErrRoot = errors.New("no root in force")
)

// Publish brings the directory to the ledger's position.
func Publish(ctx context.Context, rows Rows, packs []Pack, signer Key, o Options, now time.Time) (Published, error) {
	panic("not written")
}

// Bundle copies what one scope needs from a published directory into another, which is
// then a bundle.
func Bundle(ctx context.Context, dir, dest, scope string) (Published, error) { panic("not written") }
