package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// Cursor is how far a partition's log was read, and when it was last.
type Cursor struct {
	Partition  string
	Epoch, Seq int64
	At         time.Time
}

// Part is what the server said of a partition.
type Part struct {
	Partition  string
	Epoch, Seq int64
	Snapshot   bool // everything: what is not in it is not there
	Gone       bool // not this person's to see any more
	Changes    []Change
}

// Change is a record as the server has it.
type Change struct {
	Seq          int64
	Kind, Record string
	Ver          int64
	Deleted      bool
	Body         record.Doc
	By           string
	At           time.Time
}

// Epoch is the server's, as far as is known: 0 before the first answer. due: it was restored,
// and everything has to be pulled before anything is sent.
func (r *Records) Epoch(ctx context.Context) (epoch int64, due bool, err error) {
	err = r.d.own.Read(ctx, func(tx *sql.Tx) (err error) {
		epoch, due, err = r.epoch(ctx, tx)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("epoch: %w", err)
	}
	return epoch, due, nil
}

func (r *Records) epoch(ctx context.Context, tx *sql.Tx) (epoch int64, due bool, err error) {
	err = tx.QueryRowContext(ctx, "SELECT epoch, due FROM epoch").Scan(&epoch, &due)
	return epoch, due, err
}

// sameEpoch takes the first epoch that is heard of, and no other.
func (r *Records) sameEpoch(ctx context.Context, tx *sql.Tx, epoch int64) error {
	known, _, err := r.epoch(ctx, tx)
	if err != nil || known == epoch {
		return err
	}
	if known != 0 {
		return ErrEpoch
	}
	_, err = tx.ExecContext(ctx, "UPDATE epoch SET epoch = $1", epoch)
	return err
}

// Restored notes that the server is in another epoch: it may have forgotten what it had
// acknowledged. Everything is to be pulled, and what was acknowledged in the last 30 days
// waits again, before what waits already. The outbox stays as it is.
func (r *Records) Restored(ctx context.Context, epoch int64, now time.Time) error {
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error {
		known, due, err := r.epoch(ctx, tx)
		if err != nil || due && known == epoch {
			return err // noted before
		}
		for _, s := range []struct {
			text string
			args []any
		}{
			{"UPDATE epoch SET epoch = $1, due = 1", []any{epoch}},
			{"DELETE FROM cursor", nil},
			{"UPDATE shadow SET ver = 0", nil}, // versions count from elsewhere now
			{"DELETE FROM mutation WHERE state = 'acked' AND settled < $1", []any{millis(now.Add(-replayed))}},
		} {
			if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		acked, err := r.mutations(ctx, tx, "WHERE state IN ('acked', 'sending') ORDER BY n")
		if err != nil {
			return err
		}
		for _, m := range acked {
			if m.State == Acked && (m.Outcome == outRejected || m.Outcome == outConflict && m.Patch == nil) {
				continue // it did nothing
			}
			m.State, m.Attempts, m.Settled, m.Seen, m.Left = Sending, 0, time.Time{}, false, 0
			if err := r.write(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note epoch %d: %w", epoch, err)
	}
	return nil
}

// Cursors are those of all partitions that were pulled.
func (r *Records) Cursors(ctx context.Context) ([]Cursor, error) {
	var found []Cursor
	err := sqldb.Each(ctx, r.d.own.Reader, func(rows *sql.Rows) error {
		var (
			c    Cursor
			part string
			body []byte
			at   int64
		)
		if err := rows.Scan(&part, &c.Epoch, &c.Seq, &at, &body); err != nil {
			return err
		}
		c.At = moment(at)
		found = append(found, c)
		return r.openJSON(asPart, part, "name", body, &found[len(found)-1].Partition)
	}, "SELECT part, epoch, seq, at, body FROM cursor ORDER BY part")
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", r.d.own.Fault(err))
	}
	return found, nil
}

// Forget lets go of a partition's cursor: it comes whole the next time. Its records stay.
func (r *Records) Forget(ctx context.Context, partition string) error {
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error { return r.forget(ctx, tx, partition) })
	if err != nil {
		return fmt.Errorf("forget cursor: %w", err)
	}
	return nil
}

func (r *Records) forget(ctx context.Context, tx *sql.Tx, partition string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM cursor WHERE part = $1", r.part(partition))
	return err
}

// Take takes what was pulled of a partition, with the cursor, whole or not at all. What
// waits is made on it anew, and what cannot be is told as conflicts. What was taken before
// is passed over; ErrGap where something is missing, ErrEpoch of another epoch.
func (r *Records) Take(ctx context.Context, p Part, now time.Time) error {
	const put = `
		INSERT INTO cursor (part, epoch, seq, at, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (part) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, at = excluded.at`
	if p.Gone {
		return r.Wipe(ctx, p.Partition)
	}
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error {
		if err := r.sameEpoch(ctx, tx, p.Epoch); err != nil {
			return err
		}
		part, at := r.part(p.Partition), int64(0)
		err := tx.QueryRowContext(ctx, "SELECT seq FROM cursor WHERE part = $1", part).Scan(&at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if p.Seq < at {
			return nil // an answer that others have overtaken
		}
		there := map[string]bool{}
		for _, c := range p.Changes {
			if !p.Snapshot {
				if c.Seq <= at {
					continue
				}
				if c.Seq != at+1 {
					return ErrGap
				}
				at = c.Seq
			}
			ref := Ref{p.Partition, c.Kind, c.Record}
			there[r.mark(ref)] = !c.Deleted
			h, err := r.load(ctx, tx, ref)
			if err != nil {
				return err
			}
			if c.Ver < h.ver {
				continue // the answer to a push told more
			}
			next := c.Body
			if c.Deleted {
				next = nil
			} else if next == nil {
				next = record.Doc{}
			}
			if err := r.turn(ctx, tx, h, next, c.Ver, c.By, c.At); err != nil {
				return err
			}
		}
		if !p.Snapshot && at != p.Seq {
			return ErrGap
		}
		if p.Snapshot {
			if err := r.sweep(ctx, tx, part, there); err != nil {
				return err
			}
		}
		name, err := r.sealJSON(asPart, part, "name", p.Partition)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, put, part, p.Epoch, p.Seq, millis(now), name)
		return err
	})
	if err != nil {
		return fmt.Errorf("take changes: %w", err)
	}
	return nil
}

// sweep removes what a snapshot of a partition does not hold.
func (r *Records) sweep(ctx context.Context, tx *sql.Tx, part string, there map[string]bool) error {
	var lost []Ref
	err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var mark string
		var body []byte
		if err := rows.Scan(&mark, &body); err != nil || there[mark] {
			return err
		}
		var s said
		err := r.openJSON(asRecord, mark, "shadow", body, &s)
		lost = append(lost, s.Ref)
		return err
	}, "SELECT mark, body FROM shadow WHERE part = $1", part)
	if err != nil {
		return err
	}
	for _, ref := range lost {
		h, err := r.load(ctx, tx, ref)
		if err == nil {
			err = r.turn(ctx, tx, h, nil, h.ver, "", time.Time{})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Pulled notes that every partition was pulled to its end: what is due after a restore is
// done. What is of no partition that the person sees any more goes, as by [Records.Wipe]; on
// a restored server, what waits is sent first.
func (r *Records) Pulled(ctx context.Context) error {
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error {
		left, err := r.mutations(ctx, tx, "WHERE state = 'sending'")
		if err != nil {
			return err
		}
		for _, m := range left {
			if m.Seen && m.Left == 0 {
				continue
			}
			m.Seen, m.Left = true, 0
			if err := r.write(ctx, tx, m); err != nil {
				return err
			}
		}
		_, due, err := r.epoch(ctx, tx)
		if err != nil {
			return err
		}
		var lost []string
		err = sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			var part string
			err := rows.Scan(&part)
			lost = append(lost, part)
			return err
		}, `SELECT DISTINCT part FROM shadow WHERE part NOT IN (SELECT part FROM cursor)`)
		if err != nil {
			return err
		}
		for _, part := range lost {
			if due { // the server may have yet to hear of it again
				err = r.sweep(ctx, tx, part, nil)
			} else { // withdrawn while there was no cursor to ask by
				err = r.wipe(ctx, tx, part)
			}
			if err != nil {
				return err
			}
		}
		if !due {
			return nil
		}
		_, err = tx.ExecContext(ctx, "UPDATE epoch SET due = 0")
		return err
	})
	if err != nil {
		return fmt.Errorf("note full pull: %w", err)
	}
	return nil
}

// Wipe removes the copy of a partition: it is not this person's to see or to change any more.
// What they wrote themselves and the server has not answered, or did not take, stays in the
// outbox, parked, with nothing of what others wrote: no words of theirs are lost in silence. Neither the file nor
// its log holds any of the rest after.
func (r *Records) Wipe(ctx context.Context, partition string) error {
	part := r.part(partition)
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error { return r.wipe(ctx, tx, part) })
	if err == nil {
		_, err = r.d.own.Writer.ExecContext(ctx, truncate)
	}
	if err != nil {
		return fmt.Errorf("wipe a partition: %w", r.d.own.Fault(err))
	}
	return nil
}

func (r *Records) wipe(ctx context.Context, tx *sql.Tx, part string) error {
	open, err := r.conflicts(ctx, tx, "WHERE part = $1 ORDER BY n", part)
	if err != nil {
		return err
	}
	for _, table := range []string{"doc", "shadow", "conflict", "cursor"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE part = $1", part); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM mutation WHERE part = $1 AND state = 'acked'", part); err != nil {
		return err
	}
	waiting, err := r.mutations(ctx, tx, "WHERE part = $1 ORDER BY n", part)
	if err != nil {
		return err
	}
	done := map[Ref]bool{}
	for _, m := range waiting {
		if m.Patch != nil {
			m.Patch, m.Was = words(m), nil
		}
		if m.Delete || m.Patch != nil && len(m.Patch) == 0 { // they do not see it any more
			err = r.remove(ctx, tx, m)
		} else {
			m.State, m.Why, m.Fields = Parked, reasonForbidden, nil
			err = r.write(ctx, tx, m)
		}
		if err != nil {
			return err
		}
	}
	for _, m := range waiting {
		if done[m.Ref] {
			continue
		}
		done[m.Ref] = true
		h, err := r.load(ctx, tx, m.Ref)
		if err == nil {
			err = r.keep(ctx, tx, h)
		}
		if err != nil {
			return err
		}
	}
	for _, o := range open { // what they had yet to choose of
		if o.Field == "" || o.Mine == nil {
			continue
		}
		m := &Mutation{Ref: o.Ref, Patch: record.Doc{o.Field: o.Mine}, Was: record.Doc{o.Field: o.Base}}
		if m.Patch = words(m); len(m.Patch) == 0 {
			continue
		}
		m.Was, m.Made, m.State, m.Why = nil, o.At, Parked, reasonForbidden
		h, err := r.load(ctx, tx, o.Ref)
		if err == nil {
			err = r.add(ctx, tx, h, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// words are what a person wrote in an edit: of a set and a map, what they added.
func words(m *Mutation) record.Doc {
	k, _ := record.Find(m.Kind) // of a newer server: every field is whole
	mine := record.Doc{}
	for name, v := range m.Patch {
		if none(v) == nil {
			continue
		}
		policy := record.Whole
		for _, f := range k.Fields {
			if f.Name == name {
				policy = f.Policy
			}
		}
		switch policy {
		case record.Set:
			var before, after, added []json.RawMessage
			_ = json.Unmarshal(m.Was[name], &before) // not there: none
			if json.Unmarshal(v, &after) != nil {
				break
			}
			for _, e := range after {
				if !slices.ContainsFunc(before, func(b json.RawMessage) bool { return sameValue(b, e) }) {
					added = append(added, e)
				}
			}
			v = nil
			if len(added) > 0 {
				v, _ = json.Marshal(added) // what was read as JSON is written as JSON
			}
		case record.Map:
			var before, after record.Doc
			_ = json.Unmarshal(m.Was[name], &before)
			if json.Unmarshal(v, &after) != nil {
				break
			}
			added := record.Diff(before, after)
			maps.DeleteFunc(added, func(_ string, v json.RawMessage) bool { return none(v) == nil })
			v = nil
			if len(added) > 0 {
				v = whole(added)
			}
		}
		if v != nil {
			mine[name] = v
		}
	}
	return mine
}
