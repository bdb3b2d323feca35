package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// Conflict is a field that the person and somebody else changed, differently; the server's
// value stands until the person chooses. Field "" is the whole record: one side removed
// what the other edited, and the values are records.
type Conflict struct {
	N int64
	Ref
	record.Conflict
	By string    // who made theirs; "": the person, here, after it was found
	At time.Time // when
}

// Choice is what a person chooses of a conflict.
type Choice struct {
	N     int64 // which one, where a field has several; 0: the oldest
	Side  Side
	Value json.RawMessage // of Other; nil: the field goes
}

// Side of a conflict.
type Side string

// Sides.
const (
	Theirs Side = "theirs"
	Mine   Side = "mine"
	Base   Side = "base"  // as it was before both
	Other  Side = "other" // a value of its own
)

// kept is a conflict as it is kept.
type kept struct {
	Ref      Ref `json:"ref"`
	Conflict record.Conflict
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// none is nil for a field that is not there.
func none(v json.RawMessage) json.RawMessage {
	if len(v) == 0 || string(v) == "null" {
		return nil
	}
	return v
}

func sameValue(a, b json.RawMessage) bool {
	return record.Equal(record.Doc{"v": a}, record.Doc{"v": b})
}

// clash keeps a conflict. An edit that was made on another one's takes its place.
func (r *Records) clash(ctx context.Context, tx *sql.Tx, h *held, c record.Conflict, by string, at time.Time) error {
	open, err := r.conflicts(ctx, tx, "WHERE mark = $1 ORDER BY n", h.mark)
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.Field != c.Field {
			continue
		}
		if sameValue(o.Mine, c.Mine) || c.Field != "" && sameValue(o.Mine, c.Base) {
			c.Base = o.Base
			if _, err := tx.ExecContext(ctx, "DELETE FROM conflict WHERE n = $1", o.N); err != nil {
				return err
			}
		}
	}
	key, err := NewID()
	if err != nil {
		return err
	}
	c.Base, c.Mine, c.Theirs = none(c.Base), none(c.Mine), none(c.Theirs)
	body, err := r.sealJSON(asConflict, key, "body", kept{h.Ref, c, by, at})
	if err != nil {
		return err
	}
	const put = "INSERT INTO conflict (key, mark, part, body) VALUES ($1, $2, $3, $4)"
	_, err = tx.ExecContext(ctx, put, key, h.mark, r.part(h.Partition), body)
	return err
}

// gather takes the conflicts of fields of a record that is gone, and makes them one of the
// record, as the person would have it.
func (r *Records) gather(ctx context.Context, tx *sql.Tx, h *held, mine record.Doc) ([]record.Conflict, error) {
	open, err := r.conflicts(ctx, tx, "WHERE mark = $1 ORDER BY n", h.mark)
	if err != nil {
		return nil, err
	}
	fields := 0
	for _, o := range open {
		if o.Field == "" {
			continue
		}
		fields++
		v := o.Mine
		if v == nil {
			v = json.RawMessage("null")
		}
		mine = record.Apply(mine, record.Doc{o.Field: v})
		if _, err := tx.ExecContext(ctx, "DELETE FROM conflict WHERE n = $1", o.N); err != nil {
			return nil, err
		}
	}
	if fields == 0 {
		return nil, nil
	}
	return []record.Conflict{{Mine: whole(mine)}}, nil
}

// refresh brings open conflicts up to what stands now: what the server says, with what the
// person has written there since. Where that is what they wanted, there is none.
func (r *Records) refresh(ctx context.Context, tx *sql.Tx, h *held) error {
	open, err := r.conflicts(ctx, tx, "WHERE mark = $1 ORDER BY n", h.mark)
	if err != nil || len(open) == 0 {
		return err
	}
	d := h.doc()
	for _, o := range open {
		theirs, by, at := none(d[o.Field]), h.by, h.at
		settled := sameValue(theirs, o.Mine)
		if o.Field == "" {
			if theirs = whole(h.shadow); o.Mine == nil {
				theirs = whole(d) // a restored server may have yet to hear of it again
			}
			settled = o.Mine == nil && theirs == nil
		} else if d == nil || h.shadow == nil {
			continue
		} else if !sameValue(theirs, none(h.shadow[o.Field])) {
			by, at = "", time.Time{} // the person's own, not sent yet or not answered
		}
		switch {
		case settled:
			_, err = tx.ExecContext(ctx, "DELETE FROM conflict WHERE n = $1", o.N)
		case !sameValue(theirs, o.Theirs):
			o.Theirs = theirs
			var body []byte
			if body, err = r.sealJSON(asConflict, o.key, "body", kept{o.Ref, o.Conflict.Conflict, by, at}); err == nil {
				_, err = tx.ExecContext(ctx, "UPDATE conflict SET body = $2 WHERE n = $1", o.N, body)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type openConflict struct {
	Conflict
	key string
}

func (r *Records) conflicts(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]openConflict, error) {
	var found []openConflict
	err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var (
			c    openConflict
			body []byte
			k    kept
		)
		if err := rows.Scan(&c.N, &c.key, &body); err != nil {
			return err
		}
		if err := r.openJSON(asConflict, c.key, "body", body, &k); err != nil {
			return err
		}
		c.Ref, c.Conflict.Conflict, c.By, c.At = k.Ref, k.Conflict, k.By, k.At
		c.Base, c.Mine, c.Theirs = none(c.Base), none(c.Mine), none(c.Theirs)
		found = append(found, c)
		return nil
	}, "SELECT n, key, body FROM conflict "+where, args...)
	return found, err
}

// Conflicts lists what waits for the person, oldest first.
func (r *Records) Conflicts(ctx context.Context) ([]Conflict, error) {
	open, err := r.conflicts(ctx, r.d.own.Reader, "ORDER BY n")
	if err != nil {
		return nil, fmt.Errorf("list conflicts: %w", r.d.own.Fault(err))
	}
	found := make([]Conflict, len(open))
	for i, o := range open {
		found[i] = o.Conflict
	}
	return found, nil
}

// Resolve settles conflicts of a record as the person chose, one a field; what is not named
// stays open: a field that was written again while a conflict of it waited may have several. What is chosen is an edit like any other. A record that was removed
// meanwhile, and is kept, is another one from now on: at is where it is.
func (r *Records) Resolve(ctx context.Context, ref Ref, choices map[string]Choice, now time.Time) (at Ref, err error) {
	err = r.d.own.Write(ctx, func(tx *sql.Tx) error {
		at = ref
		open, err := r.conflicts(ctx, tx, "WHERE mark = $1 ORDER BY n", r.mark(ref))
		if err != nil {
			return err
		}
		chosen := record.Doc{}
		var all []json.RawMessage // whole records, as they are to be
		done := map[string]bool{}
		for _, o := range open {
			c, ok := choices[o.Field]
			if !ok || done[o.Field] || c.N != 0 && c.N != o.N {
				continue
			}
			done[o.Field] = true
			if _, err := tx.ExecContext(ctx, "DELETE FROM conflict WHERE n = $1", o.N); err != nil {
				return err
			}
			value := map[Side]json.RawMessage{Theirs: o.Theirs, Mine: o.Mine, Base: o.Base, Other: c.Value}[c.Side]
			if o.Field == "" {
				if c.Side != Theirs {
					all = append(all, value)
				}
				continue
			}
			if c.Side == Theirs {
				continue
			}
			if value == nil {
				value = json.RawMessage("null")
			}
			chosen[o.Field] = value
		}
		if len(done) == 0 {
			return ErrNotFound
		}
		h, err := r.load(ctx, tx, ref)
		if err != nil {
			return err
		}
		if d := h.doc(); len(chosen) > 0 && d != nil {
			if err := r.edit(ctx, tx, h, record.Apply(d, chosen), now); err != nil {
				return err
			}
		}
		for _, value := range all {
			if at, err = r.whole(ctx, tx, ref, value, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ref, fmt.Errorf("resolve conflicts of %s: %w", ref.Kind, err)
	}
	return at, nil
}

// whole makes a record what the person chose it to be, nil being that it is removed.
func (r *Records) whole(ctx context.Context, tx *sql.Tx, ref Ref, value json.RawMessage, now time.Time) (at Ref, err error) {
	h, err := r.load(ctx, tx, ref)
	if err != nil {
		return ref, err
	}
	there := h.doc() != nil
	if value == nil {
		if there {
			err = r.delete(ctx, tx, h, now)
		}
		return ref, err
	}
	var doc record.Doc
	if err := json.Unmarshal(value, &doc); err != nil {
		return ref, err
	}
	for _, name := range h.kind.Forbidden(doc) { // they are the server's to give
		delete(doc, name)
	}
	if there { // as somebody else has it
		return ref, r.edit(ctx, tx, h, doc, now)
	}
	if ref.Record, err = NewID(); err != nil {
		return ref, err
	}
	if h, err = r.load(ctx, tx, ref); err != nil {
		return ref, err
	}
	return ref, r.edit(ctx, tx, h, doc, now)
}
