package cache

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"passerelle/store/query"
)

// Watch is an alert that is held against what comes to this computer, and how far.
// It never leaves it. One that goes with letters has their name: that of a request, or of a
// record of the account; one whose ID has neither is of this computer alone.
type Watch struct {
	ID     string      `json:"id"`
	Name   string      `json:"name,omitempty"`
	Email  string      `json:"email,omitempty"` // of a request: where its letters go
	Zone   string      `json:"zone,omitempty"`
	Asks   query.Alert `json:"asks"`
	Paused bool        `json:"paused,omitempty"`
	Made   time.Time   `json:"made"`

	// Marks say what was looked at, and Read what was when the alert was read last: never a
	// day, since what is published today may be dated yesterday.
	Marks []Mark    `json:"marks,omitempty"`
	Read  []Mark    `json:"read,omitempty"`
	At    time.Time `json:"at,omitzero"` // the last look; zero: none
	Found int       `json:"found"`       // at that look
	// News are the rows of Root that were found and not read.
	Root string  `json:"root,omitempty"`
	News []int64 `json:"news,omitempty"`
}

// Mark is the highest row of a scope of a publisher that was there: rows are given in order.
type Mark struct {
	Root  string `json:"root"`
	Scope string `json:"scope"`
	Row   int64  `json:"row"`
}

// marksKept bounds the scopes and publishers that a watch remembers.
const marksKept = 32

// Marked puts a mark among others, in place of the one of its scope.
func Marked(all []Mark, m Mark) []Mark {
	out := slices.DeleteFunc(slices.Clone(all), func(o Mark) bool { return o.Root == m.Root && o.Scope == m.Scope })
	if len(out) >= marksKept {
		out = out[1:]
	}
	return append(out, m)
}

// Watches lists them, in the order in which they were made.
func (d *Device) Watches(ctx context.Context) ([]Watch, error) {
	rows, err := d.rows(ctx, d.own.Reader, watch, "ORDER BY n")
	if err != nil {
		return nil, fmt.Errorf("list alerts of this computer: %w", d.own.Fault(err))
	}
	var found []Watch
	for _, r := range rows {
		w, err := readWatch(r)
		if err != nil {
			return nil, fmt.Errorf("list alerts of this computer: %w", err)
		}
		found = append(found, w)
	}
	return found, nil
}

// PutWatch keeps one; there already, it stays in its place.
func (d *Device) PutWatch(ctx context.Context, w Watch) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error { return d.putWatch(ctx, tx, w) })
	if err != nil {
		return fmt.Errorf("keep an alert of this computer: %w", err)
	}
	return nil
}

// ChangeWatches has f change what watches say, all in one transaction; it returns those to
// keep, and what is no longer there is not brought back.
func (d *Device) ChangeWatches(ctx context.Context, f func([]Watch) []Watch) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		rows, err := d.rows(ctx, tx, watch, "ORDER BY n")
		if err != nil {
			return err
		}
		var all []Watch
		for _, r := range rows {
			w, err := readWatch(r)
			if err != nil {
				return err
			}
			all = append(all, w)
		}
		for _, w := range f(all) {
			if err := d.putWatch(ctx, tx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("change alerts of this computer: %w", err)
	}
	return nil
}

func (d *Device) putWatch(ctx context.Context, tx *sql.Tx, w Watch) error {
	news := packRows(w.News)
	w.News = nil
	head, err := json.Marshal(w)
	if err == nil {
		_, err = d.put(ctx, tx, watch, w.ID, head, news, w.Made)
	}
	return err
}

// DropWatch forgets one.
func (d *Device) DropWatch(ctx context.Context, id string) error {
	if err := d.drop(ctx, watch, id); err != nil {
		return fmt.Errorf("forget an alert of this computer: %w", err)
	}
	return nil
}

func readWatch(r row) (Watch, error) {
	var w Watch
	if err := json.Unmarshal(r.head, &w); err != nil {
		return w, err
	}
	w.News = unpackRows(r.body)
	return w, nil
}

// packRows writes rows by rising number, each as how far it is from the one before.
func packRows(rows []int64) []byte {
	rows = slices.Compact(slices.Sorted(slices.Values(rows)))
	var out []byte
	last := int64(0)
	for _, r := range rows {
		out = binary.AppendUvarint(out, uint64(r-last))
		last = r
	}
	return out
}

// unpackRows reads what packRows wrote; what is torn ends there.
func unpackRows(body []byte) (rows []int64) {
	last := int64(0)
	for len(body) > 0 {
		v, n := binary.Uvarint(body)
		if n <= 0 {
			return rows
		}
		last += int64(v)
		rows, body = append(rows, last), body[n:]
	}
	return rows
}
