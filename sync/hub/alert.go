package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// Alerts follows the records that are alerts by e-mail: an *alert.Alerts.
type Alerts interface {
	// Follow makes a subscription what its record says, nil for one that was removed, in the
	// transaction that writes the record. It may change next: an address that nobody
	// confirmed is written to by none.
	Follow(ctx context.Context, t *ledger.Tx, part, doc string, next record.Doc, now time.Time) error
}

const alertKind = "alert"

// server is who writes what the server itself knows of a record. No account has such an id.
const server = "server"

// Tell changes a record in the server's own name, within a transaction: edit changes the
// body, or leaves it and says false. A record that is gone is left alone. Its desks see it
// at their next pull.
func (r *Records) Tell(ctx context.Context, t *ledger.Tx, part, doc string, now time.Time, edit func(record.Doc) bool) error {
	was, err := t.Doc(ctx, part, doc)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && was.Deleted {
		return nil
	}
	if err != nil {
		return err
	}
	return r.tell(ctx, t, was, now, edit)
}

// Put does as [Records.Tell], and makes the record where there is none: a person's own, in
// which quotas count what they write themselves.
func (r *Records) Put(ctx context.Context, t *ledger.Tx, part, kind, doc string, now time.Time, edit func(record.Doc) bool) error {
	was, err := t.Doc(ctx, part, doc)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		was = ledger.Doc{Part: part, ID: doc, Kind: kind, Deleted: true}
		_, err = t.AddPart(ctx, part)
	case err == nil && was.Kind != kind:
		return fmt.Errorf("record %s/%s is a %s, no %s", part, doc, was.Kind, kind)
	}
	if err != nil {
		return err
	}
	return r.tell(ctx, t, was, now, edit)
}

func (r *Records) tell(ctx context.Context, t *ledger.Tx, was ledger.Doc, now time.Time, edit func(record.Doc) bool) error {
	next, records := record.Doc{}, int64(1)
	if !was.Deleted {
		body, err := r.open(was)
		if err != nil {
			return err
		}
		next, records = maps.Clone(body), 0
	}
	if !edit(next) {
		return nil
	}
	b, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("record %s: %w", was.ID, err)
	}
	d := ledger.Doc{Part: was.Part, ID: was.ID, Kind: was.Kind, Ver: was.Ver + 1, Author: server, Client: server, Run: was.Ver + 1, At: now}
	if d.Body, err = r.o.Box.Seal(aboutBody(was.Part, was.ID), b); err != nil {
		return err
	}
	if err := t.PutDoc(ctx, d); err != nil {
		if errors.Is(err, ledger.ErrMoved) {
			err = errors.Join(sqldb.ErrAgain, err)
		}
		return err
	}
	at, err := t.Advance(ctx, was.Part, records, int64(len(d.Body)-len(was.Body)))
	if err != nil {
		return err
	}
	return t.AddChange(ctx, was.Part, at.Seq, was.ID, d.Ver, now)
}

// Each hands over the records of a kind in a partition, as they stand.
func (r *Records) Each(ctx context.Context, t *ledger.Tx, part, kind string, yield func(record.Doc)) error {
	return t.Docs(ctx, part, func(d ledger.Doc) error {
		if d.Kind != kind {
			return nil
		}
		body, err := r.open(d)
		if err == nil {
			yield(body)
		}
		return err
	})
}
