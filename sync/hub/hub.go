// Package hub is what the server does: it takes postings in, keeps the ledger, publishes
// the catalogue, files the reports that people send, and keeps the private records of
// accounts ([Hub.Records]). Begin with [Open]. It knows no HTTP, reads no clock, and never
// takes an application or a résumé in.
package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/sync/intake"
	"passerelle/sync/publish"
)

// Options of a hub; the zero value is right for a server.
type Options struct {
	Packs    []publish.Pack // reference data to publish beside the rows and the source registry
	Log      *slog.Logger   // nil: none
	Ledger   string         // URL of a PostgreSQL database that holds the ledger; "": ledger.db in the directory
	MaxPages int            // size limit of the ledger, for tests of a full disk; 0: none
	// At is called at named points of an import, a publication, a report and a push, for
	// tests that stop the program there; nil: nothing.
	At func(point string)
}

// Hub is an open data directory: ledger.db, unless a database holds the ledger, keys and
// the published tree.
type Hub struct {
	dir    string
	ledger *ledger.Ledger
	o      Options
}

// Open opens a data directory, making it if needed.
func Open(ctx context.Context, dir string, o Options) (*Hub, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.At == nil {
		o.At = func(string) {}
	}
	name := ledgerFile(dir)
	if o.Ledger != "" {
		name = o.Ledger
	}
	l, err := ledger.Open(ctx, name, ledger.Options{MaxPages: o.MaxPages})
	if err != nil {
		return nil, err
	}
	return &Hub{dir: dir, ledger: l, o: o}, nil
}

func ledgerFile(dir string) string { return filepath.Join(dir, "ledger.db") }

// Close closes the ledger.
func (h *Hub) Close() error { return h.ledger.Close() }

// Public is the published tree, which any web server can serve as it is.
func (h *Hub) Public() string { return filepath.Join(h.dir, "public") }

// Ledger is what the programs of an operator read directly.
func (h *Hub) Ledger() *ledger.Ledger { return h.ledger }

// Accepted says whether a source's postings may be shown: this bank's own, and those of
// sources that accepted the terms in force.
func Accepted(s posting.Source) bool {
	return s.ID == posting.Native || s.Accepted == intake.TermsVersion
}

// SetSource writes an entry of the registry. A source without current acceptance loses
// its postings: they are withdrawn and masked, and leave every copy at its next sync.
func (h *Hub) SetSource(ctx context.Context, s posting.Source) (withdrawn int, err error) {
	if s.ID == "" {
		return 0, errors.New("a source needs an id")
	}
	if err := h.ledger.PutSource(ctx, s); err != nil {
		return 0, err
	}
	return h.withdraw(ctx, s)
}

// withdraw ends every posting of a source that may not be shown, so many a transaction.
// Stopped half-way, the next publication goes on with it.
func (h *Hub) withdraw(ctx context.Context, s posting.Source) (n int, err error) {
	if Accepted(s) {
		return 0, nil
	}
	for {
		ids, err := h.ledger.NotWithdrawn(ctx, s.ID, batchRows)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		done, err := h.ledger.End(ctx, ids, posting.Withdrawn)
		if err != nil {
			return n, fmt.Errorf("withdraw postings of %s: %w", s.ID, err)
		}
		n += done
		h.o.At("withdrawn")
	}
}

// exists says whether there is a file of that name.
func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Alive says whether the ledger answers.
func (h *Hub) Alive(ctx context.Context) error {
	_, _, err := h.ledger.Position(ctx)
	return err
}
