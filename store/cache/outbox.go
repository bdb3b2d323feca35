package cache

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// State is where an item of the outbox stands. Accepted and Rejected are the end.
type State string

// The states of an item.
const (
	Queued   State = "queued"
	Sending  State = "sending"
	Accepted State = "accepted"
	Rejected State = "rejected"
)

// Kinds of items.
const (
	KindReport = "report" // about a posting; its body is what wire.Report writes
	KindHelp   = "help"   // for an agent's help; its body is what wire.HelpRequest writes
	// KindSubscription asks for alerts by e-mail; its body is what wire.Subscribe writes.
	KindSubscription = "subscription"
)

// ErrOtherBody: the key is that of another item.
var ErrOtherBody = errors.New("the key belongs to another item")

// Item is something that waits to leave without an account, or has left.
type Item struct {
	Key      string // idempotency key: a retry is the same item to the server
	Kind     string
	Body     []byte
	State    State
	Attempts int
	Answer   string // ticket of an accepted item, reason of a rejected one, last error of a queued one
	At       time.Time
	Settled  time.Time // zero until the end
}

// Queue puts an item in the outbox. The same key again is the same item, and must have
// the same body ([ErrOtherBody]).
func (d *Device) Queue(ctx context.Context, kind, key string, body []byte, now time.Time) error {
	const put = `
		INSERT INTO outbox (key, kind, body, state, at, owner) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (key) DO NOTHING`
	err := d.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, put, key, kind, body, Queued, millis(now), d.owner); err != nil {
			return err
		}
		var have []byte
		if err := tx.QueryRowContext(ctx, "SELECT body FROM outbox WHERE key = $1", key).Scan(&have); err != nil {
			return err
		}
		if !bytes.Equal(have, body) {
			return ErrOtherBody
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue %s %s: %w", kind, key, err)
	}
	return nil
}

// Pending lists the items of whoever is at the desk that have not come to an end, oldest first. Those that were being
// sent when the program stopped are among them: the key makes a second delivery harmless.
func (d *Device) Pending(ctx context.Context) ([]Item, error) {
	return d.items(ctx, "WHERE state IN ('queued', 'sending') AND owner = $1 ORDER BY n", d.owner)
}

// Waiting lists what Pending lists, of everybody at this desk: whoever is here, it leaves
// when there is a network.
func (d *Device) Waiting(ctx context.Context) ([]Item, error) {
	return d.items(ctx, "WHERE state IN ('queued', 'sending') ORDER BY n")
}

// Items lists theirs of a kind, newest first; kind "" lists all.
func (d *Device) Items(ctx context.Context, kind string) ([]Item, error) {
	return d.items(ctx, "WHERE ($1 = '' OR kind = $1) AND owner = $2 ORDER BY n DESC", kind, d.owner)
}

// Send marks an item as being sent and counts the attempt.
func (d *Device) Send(ctx context.Context, key string) error {
	const mark = `
		UPDATE outbox SET state = 'sending', attempts = attempts + 1
		WHERE key = $1 AND state IN ('queued', 'sending')`
	if err := one(ctx, d.db, mark, key); err != nil {
		return fmt.Errorf("send %s: %w", key, err)
	}
	return nil
}

// Settle writes what came of an attempt: Accepted and Rejected end the item, Queued
// leaves it for the next time. An item that has ended is not settled again. Of a request for
// help or for alerts, which names a person, the result alone stays.
func (d *Device) Settle(ctx context.Context, key string, state State, answer string, now time.Time) error {
	const settle = `
		UPDATE outbox SET state = $2, answer = $3, settled = $4,
			body = CASE WHEN kind IN ('help', 'subscription') AND $4 > 0 THEN '' ELSE body END
		WHERE key = $1 AND state IN ('queued', 'sending')`
	at := int64(0)
	switch state {
	case Accepted, Rejected:
		at = millis(now)
	case Queued:
	default:
		return fmt.Errorf("settle %s: no item ends as %q", key, state)
	}
	if err := one(ctx, d.db, settle, key, state, answer, at); err != nil {
		return fmt.Errorf("settle %s: %w", key, err)
	}
	return nil
}

// Cancel takes back an item that is not on its way; one being sent, or ended, is
// refused with [ErrNotFound]. After a failed attempt the server may have it all the same.
func (d *Device) Cancel(ctx context.Context, key string) error {
	if err := one(ctx, d.db, "DELETE FROM outbox WHERE key = $1 AND state = 'queued' AND owner = $2", key, d.owner); err != nil {
		return fmt.Errorf("cancel %s: %w", key, err)
	}
	return nil
}

func (d *Device) items(ctx context.Context, where string, args ...any) ([]Item, error) {
	const list = "SELECT key, kind, body, state, attempts, answer, at, settled FROM outbox "
	var found []Item
	err := sqldb.Each(ctx, d.db.Reader, func(rows *sql.Rows) error {
		var (
			i           Item
			at, settled int64
		)
		if err := rows.Scan(&i.Key, &i.Kind, &i.Body, &i.State, &i.Attempts, &i.Answer, &at, &settled); err != nil {
			return err
		}
		i.At, i.Settled = moment(at), moment(settled)
		found = append(found, i)
		return nil
	}, list+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", d.db.Fault(err))
	}
	return found, nil
}
