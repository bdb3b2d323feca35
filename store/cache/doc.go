package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// Errors of records.
var (
	ErrNoAccount = errors.New("nobody is signed in: there are no records of an account")
	ErrKept      = errors.New("only commands change that field")    // as "state"
	ErrSent      = errors.New("it may have arrived already")        // what has been sent is not taken back
	ErrEpoch     = errors.New("of another epoch of the server")     // see Records.Restored
	ErrGap       = errors.New("changes of a partition are missing") // see Records.Forget
)

// Ref is where a record is: which partition's log it belongs to, its kind and its id.
type Ref struct {
	Partition string `json:"partition"`
	Kind      string `json:"kind"`
	Record    string `json:"record"` // UUIDv7
}

func (r Ref) about() string { return strings.Join([]string{r.Partition, r.Kind, r.Record}, "\x00") }

// NewID is an id for a new record or a change.
func NewID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new id: %w", err)
	}
	return id.String(), nil
}

// Record is a record as the person sees it: what the server said last, with the changes
// that it has not answered yet.
type Record struct {
	Ref
	Doc       record.Doc
	Ver       int64     // what the server said last of it; 0: nothing
	By        string    // who made that version
	At        time.Time // when
	Waits     bool      // something of it has not left, or was not answered
	Conflicts int       // that wait for the person
}

// Records are what an account keeps at the server, on this computer: sealed, edited without
// a network, brought in step by sync/replica. Begin with [Device.Records]. A record is what
// the server said last of it (its shadow) with the changes in the outbox made on it, in
// their order; when the server says something new, they are made on that, field by field,
// and what cannot be is a [Conflict] for the person. No clock decides anything.
type Records struct{ d *Device }

// Records gives those of the person of this file, or of the person at this desk;
// ErrNoAccount where there is none.
func (d *Device) Records() (*Records, error) {
	if d.box == nil || d.origin == nil {
		return nil, ErrNoAccount
	}
	return &Records{d}, nil
}

// origin is what changes made in an open file are known by to the server: with a count, each
// is unique for ever. It is made anew at every opening and at every doubt, so that no copy
// of a file, restored or carried to another machine, counts on where its twin does: there is
// no marker of a copy that could be missing. What had left under an older name keeps it.
type origin struct {
	mu    sync.Mutex
	id    string
	wrote func() // nil: nobody wants to know
}

// tell tells that a change joined the outbox.
func (o *origin) tell() {
	o.mu.Lock()
	f := o.wrote
	o.mu.Unlock()
	if f != nil {
		f()
	}
}

func newOrigin() *origin { return &origin{id: uuid.NewString()} }

func (o *origin) name() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.id
}

func (o *origin) renew() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.id = uuid.NewString()
}

// OnWrite has f called whenever the person changes a record, whoever wrote it down, in place
// of the f before. It is told inside the transaction, which may still fail: f is quick, and
// looks later.
func (r *Records) OnWrite(f func()) {
	r.d.origin.mu.Lock()
	defer r.d.origin.mu.Unlock()
	r.d.origin.wrote = f
}

// What rows are sealed and found as.
const (
	asRecord   kind = "record"
	asPart     kind = "partition"
	asKind     kind = "kind"
	asMutation kind = "mutation"
	asConflict kind = "conflict"
)

func (r *Records) mark(ref Ref) string       { return r.d.mark(asRecord, ref.about()) }
func (r *Records) part(name string) string   { return r.d.mark(asPart, name) }
func (r *Records) kindOf(name string) string { return r.d.mark(asKind, name) }

// sealJSON seals a value in a cell of a row.
func (r *Records) sealJSON(k kind, mark, cell string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return r.d.seal(k, mark, cell, b)
}

func (r *Records) openJSON(k kind, mark, cell string, body []byte, v any) error {
	b, err := r.d.open(k, mark, cell, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// seen is a doc as it is kept.
type seen struct {
	Ref Ref        `json:"ref"`
	Doc record.Doc `json:"doc"`
}

// said is a shadow as it is kept.
type said struct {
	Ref Ref        `json:"ref"`
	Doc record.Doc `json:"doc"`
	By  string     `json:"by,omitempty"`
	At  time.Time  `json:"at,omitzero"`
}

// held is a record in a transaction: its shadow and what waits, oldest first.
type held struct {
	Ref
	mark   string
	kind   record.Kind
	shadow record.Doc // nil: the server has none
	ver    int64
	by     string
	at     time.Time
	chain  []*Mutation
}

func (r *Records) load(ctx context.Context, tx *sql.Tx, ref Ref) (*held, error) {
	h := &held{Ref: ref, mark: r.mark(ref)}
	k, ok := record.Find(ref.Kind)
	if !ok {
		k = record.Kind{Name: ref.Kind} // of a newer server: every field is whole
	}
	h.kind = k
	var body []byte
	err := tx.QueryRowContext(ctx, "SELECT ver, body FROM shadow WHERE mark = $1", h.mark).Scan(&h.ver, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	default:
		var s said
		if err := r.openJSON(asRecord, h.mark, "shadow", body, &s); err != nil {
			return nil, err
		}
		if h.shadow, h.by, h.at = s.Doc, s.By, s.At; h.shadow == nil {
			h.shadow = record.Doc{}
		}
	}
	h.chain, err = r.mutations(ctx, tx, "WHERE mark = $1 AND state <> 'acked' ORDER BY n", h.mark)
	return h, err
}

// step makes a change on a doc, nil being one that was removed. A field that is neither as
// the change found it nor as it leaves it stays: of what has left, the server tells which
// value stands.
func (h *held) step(d record.Doc, m *Mutation) record.Doc {
	switch {
	case m.Delete:
		return nil
	case d == nil && m.New:
		d = record.Doc{}
	case d == nil:
		return nil
	case m.Command != "":
		if m.State == Parked {
			return d
		}
		return h.done(d, m.Command)
	}
	made, _ := record.MergePatch(h.kind, m.Was, m.Patch, d)
	return made
}

// done is what a command makes of a doc, as far as is known here.
func (h *held) done(d record.Doc, command string) record.Doc {
	if made, _, err := h.kind.Do(command, d); err == nil {
		return made
	}
	return d // the server says
}

// doc is the record as the person sees it; nil: there is none.
func (h *held) doc() record.Doc {
	d := h.shadow
	for _, m := range h.chain {
		d = h.step(d, m)
	}
	return d
}

// was are the fields of a patch as they stand in a doc; null: not there.
func was(d, patch record.Doc) record.Doc {
	old := record.Doc{}
	for name := range patch {
		if v, ok := d[name]; ok {
			old[name] = v
		} else {
			old[name] = json.RawMessage("null")
		}
	}
	return old
}

// rebase gives a record another shadow and makes what waits on it anew, each change as it
// was meant. What cannot be is told as conflicts, and theirs stands.
func (h *held) rebase(next record.Doc) (found []record.Conflict, dropped []*Mutation) {
	before, after := h.shadow, next
	var kept []*Mutation
	edits, removed := false, false
	for _, m := range h.chain {
		switch {
		case m.State == Sending: // as it left
			edits = edits || m.Patch != nil
			removed = removed || m.Delete
			before, after = h.step(before, m), h.step(after, m)
		case m.Command != "":
			before, after = h.step(before, m), h.step(after, m)
		case m.Delete:
			if before != nil && after != nil && !record.Equal(before, after) {
				found = append(found, record.Conflict{Base: whole(before), Theirs: whole(after)})
				dropped = append(dropped, m)
				before = after
				continue
			}
			before, after, removed = nil, nil, true
		default:
			// As it was made: what was acknowledged may stand before it again (Restored).
			edits = true
			before = record.Apply(before, m.Patch)
			if m.New && after == nil {
				after = record.Doc{}
			}
			if after == nil {
				dropped = append(dropped, m)
				continue
			}
			merged, conflicts := record.MergePatch(h.kind, m.Was, m.Patch, after)
			found = append(found, conflicts...)
			patch := record.Diff(after, merged)
			m.dirty = m.dirty || !record.Equal(patch, m.Patch) || len(patch) != len(m.Patch)
			m.Patch, m.Was = patch, was(after, patch)
			after = merged
			if len(patch) == 0 {
				dropped = append(dropped, m)
				continue
			}
		}
		kept = append(kept, m)
	}
	if after == nil && next == nil && !removed {
		if edits && before != nil { // removed there, edited here
			found = append(found, record.Conflict{Base: whole(h.shadow), Mine: whole(before)})
		}
		for i := len(kept) - 1; i >= 0; i-- { // there is nothing left to command
			if kept[i].State != Sending {
				dropped = append(dropped, kept[i])
				kept = append(kept[:i], kept[i+1:]...)
			}
		}
	}
	h.chain, h.shadow = kept, next
	return found, dropped
}

// whole is a record as one side of a conflict.
func whole(d record.Doc) json.RawMessage {
	if d == nil {
		return nil
	}
	b, err := json.Marshal(d)
	if err != nil {
		return nil // what was read as JSON is written as JSON
	}
	return b
}

// turn gives a record another shadow, and keeps everything that follows.
func (r *Records) turn(ctx context.Context, tx *sql.Tx, h *held, next record.Doc, ver int64, by string, at time.Time) error {
	old := h.doc()
	found, dropped := h.rebase(next)
	h.ver, h.by, h.at = ver, by, at
	if old != nil && h.doc() == nil {
		// Fields that the person has yet to choose are of a record that was removed.
		lost, err := r.gather(ctx, tx, h, old)
		if err != nil {
			return err
		}
		found = append(lost, found...)
	}
	for _, c := range found {
		if err := r.clash(ctx, tx, h, c, by, at); err != nil {
			return err
		}
	}
	for _, m := range dropped {
		if err := r.remove(ctx, tx, m); err != nil {
			return err
		}
	}
	if err := r.keepShadow(ctx, tx, h); err != nil {
		return err
	}
	if err := r.refresh(ctx, tx, h); err != nil {
		return err
	}
	return r.keep(ctx, tx, h)
}

func (r *Records) keepShadow(ctx context.Context, tx *sql.Tx, h *held) error {
	const put = `
		INSERT INTO shadow (mark, part, ver, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (mark) DO UPDATE SET ver = excluded.ver, body = excluded.body`
	if h.shadow == nil {
		_, err := tx.ExecContext(ctx, "DELETE FROM shadow WHERE mark = $1", h.mark)
		return err
	}
	body, err := r.sealJSON(asRecord, h.mark, "shadow", said{h.Ref, h.shadow, h.by, h.at})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, put, h.mark, r.part(h.Partition), h.ver, body)
	return err
}

// keep writes what changed of a chain, and the record as the person sees it.
func (r *Records) keep(ctx context.Context, tx *sql.Tx, h *held) error {
	const put = `
		INSERT INTO doc (mark, part, kind, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (mark) DO UPDATE SET body = excluded.body`
	for _, m := range h.chain {
		if m.dirty {
			if err := r.write(ctx, tx, m); err != nil {
				return err
			}
		}
	}
	d := h.doc()
	if d == nil {
		_, err := tx.ExecContext(ctx, "DELETE FROM doc WHERE mark = $1", h.mark)
		return err
	}
	body, err := r.sealJSON(asRecord, h.mark, "doc", seen{h.Ref, d})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, put, h.mark, r.part(h.Partition), r.kindOf(h.Kind), body)
	return err
}

// Put keeps an edit: doc is the whole record as it is to be. What changed waits to leave as
// one mutation, with the edits before it that have not left. A record that is not there is
// begun. Fields that only commands change are left out, or as they are (ErrKept).
func (r *Records) Put(ctx context.Context, ref Ref, doc record.Doc, now time.Time) error {
	return r.alter(ctx, "put", ref, func(tx *sql.Tx, h *held) error { return r.edit(ctx, tx, h, doc, now) })
}

// alter changes a record. One of another person is refused: they left this desk while it
// was being written.
func (r *Records) alter(ctx context.Context, what string, ref Ref, do func(*sql.Tx, *held) error) error {
	err := ErrNoAccount
	if !strings.HasPrefix(ref.Partition, string(record.Person)+"/") || ref.Partition == r.home() {
		err = r.d.own.Write(ctx, func(tx *sql.Tx) error {
			h, err := r.load(ctx, tx, ref)
			if err != nil {
				return err
			}
			return do(tx, h)
		})
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, ref.Kind, err)
	}
	return nil
}

func (r *Records) edit(ctx context.Context, tx *sql.Tx, h *held, doc record.Doc, now time.Time) error {
	cur := h.doc()
	begun := h.shadow == nil && len(h.chain) == 0
	if cur == nil && !begun {
		return ErrNotFound // it is being removed
	}
	patch := record.Diff(cur, doc)
	for _, name := range h.kind.Forbidden(patch) {
		if none(patch[name]) != nil {
			return fmt.Errorf("%s: %w", name, ErrKept)
		}
		delete(patch, name)
	}
	if len(patch) == 0 {
		return nil
	}
	// What the server did not take is mended where it stands; else the last edit that has
	// not left takes this one in, unless a command stands between.
	into := -1
	for i, m := range h.chain {
		if m.State == Parked && m.Patch != nil {
			into = i
			break
		}
		if i == len(h.chain)-1 && m.State == Queued && m.Patch != nil {
			into = i
		}
	}
	if into < 0 {
		m := &Mutation{Ref: h.Ref, New: begun, Patch: patch, Was: was(cur, patch), Made: now.UTC(), State: Queued}
		if err := r.add(ctx, tx, h, m); err != nil {
			return err
		}
		return errors.Join(r.refresh(ctx, tx, h), r.keep(ctx, tx, h))
	}
	before := h.shadow
	for _, m := range h.chain[:into] {
		before = h.step(before, m)
	}
	m := h.chain[into]
	all := record.Diff(before, record.Apply(h.step(before, m), patch))
	m.Patch, m.Was, m.Made, m.dirty = all, was(before, all), now.UTC(), true
	if m.State == Parked {
		m.again()
	}
	r.d.origin.tell()
	if len(all) == 0 { // as it was
		if err := r.remove(ctx, tx, m); err != nil {
			return err
		}
		h.chain = append(h.chain[:into], h.chain[into+1:]...)
	}
	return errors.Join(r.refresh(ctx, tx, h), r.keep(ctx, tx, h))
}

// Delete removes a record: at once here, at the server when the outbox is sent.
func (r *Records) Delete(ctx context.Context, ref Ref, now time.Time) error {
	return r.alter(ctx, "delete", ref, func(tx *sql.Tx, h *held) error { return r.delete(ctx, tx, h, now) })
}

func (r *Records) delete(ctx context.Context, tx *sql.Tx, h *held, now time.Time) error {
	if h.doc() == nil {
		return ErrNotFound
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM conflict WHERE mark = $1", h.mark); err != nil {
		return err // the person has chosen
	}
	var kept []*Mutation
	for _, m := range h.chain { // what has not left need not
		if m.State == Sending {
			kept = append(kept, m)
		} else if err := r.remove(ctx, tx, m); err != nil {
			return err
		}
	}
	h.chain = kept
	if h.shadow != nil || len(kept) > 0 { // else the server knows nothing of it
		if err := r.add(ctx, tx, h, &Mutation{Ref: h.Ref, Delete: true, Made: now.UTC(), State: Queued}); err != nil {
			return err
		}
	}
	return r.keep(ctx, tx, h)
}

// Do asks for a command of the record's kind, which the server does when the outbox is sent.
// Revision is which edition of the record it is for, of a command that is done once a
// revision; 0: the server's own count. A command of the same name that was not taken is
// replaced. The errors are those of record.Kind.Do, as far as is known here.
func (r *Records) Do(ctx context.Context, ref Ref, command string, revision int64, now time.Time) error {
	return r.alter(ctx, command, ref, func(tx *sql.Tx, h *held) error {
		d := h.doc()
		if d == nil {
			return ErrNotFound
		}
		if _, _, err := h.kind.Do(command, d); err != nil {
			return err
		}
		var kept []*Mutation
		for _, m := range h.chain {
			if m.Command != command || m.State != Parked {
				kept = append(kept, m)
			} else if err := r.remove(ctx, tx, m); err != nil {
				return err
			}
		}
		h.chain = kept
		if err := r.add(ctx, tx, h, &Mutation{Ref: ref, Command: command, Revision: revision, Made: now.UTC(), State: Queued}); err != nil {
			return err
		}
		return r.keep(ctx, tx, h)
	})
}

const records = `
	SELECT d.mark, d.body, coalesce(s.ver, 0), s.body,
		(SELECT count(*) FROM mutation m WHERE m.mark = d.mark AND m.state <> 'acked'),
		(SELECT count(*) FROM conflict c WHERE c.mark = d.mark)
	FROM doc d LEFT JOIN shadow s ON s.mark = d.mark `

// Get gives a record; ErrNotFound.
func (r *Records) Get(ctx context.Context, ref Ref) (Record, error) {
	found, err := r.list(ctx, r.d.own.Reader, "WHERE d.mark = $1", r.mark(ref))
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", ref.Kind, r.d.own.Fault(err))
	}
	return found[0], nil
}

// List gives the records of a kind, of every partition, in no order that means anything.
func (r *Records) List(ctx context.Context, kind string) ([]Record, error) {
	found, err := r.list(ctx, r.d.own.Reader, "WHERE d.kind = $1 ORDER BY d.mark", r.kindOf(kind))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, r.d.own.Fault(err))
	}
	return found, nil
}

func (r *Records) list(ctx context.Context, q sqldb.Querier, where string, args ...any) ([]Record, error) {
	var found []Record
	err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var (
			x            Record
			mark         string
			body, shadow []byte
			waits        int
		)
		if err := rows.Scan(&mark, &body, &x.Ver, &shadow, &waits, &x.Conflicts); err != nil {
			return err
		}
		var d seen
		if err := r.openJSON(asRecord, mark, "doc", body, &d); err != nil {
			return err
		}
		if shadow != nil {
			var s said
			if err := r.openJSON(asRecord, mark, "shadow", shadow, &s); err != nil {
				return err
			}
			x.By, x.At = s.By, s.At
		}
		if x.Ref, x.Doc, x.Waits = d.Ref, d.Doc, waits > 0; x.Doc == nil {
			x.Doc = record.Doc{}
		}
		found = append(found, x)
		return nil
	}, records+where, args...)
	return found, err
}

// ResetCache brings what is kept of the server's back to a state that the next sync proves
// whole again: every partition is pulled anew, and what cannot be read is let go. Drafts,
// the outbox, conflicts and all that is this person's alone stay (B-010).
func (r *Records) ResetCache(ctx context.Context) error {
	err := r.d.own.Write(ctx, func(tx *sql.Tx) error {
		var refs []Ref
		var bad []string
		err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			var mark string
			var body []byte
			if err := rows.Scan(&mark, &body); err != nil {
				return err
			}
			var s said
			if r.openJSON(asRecord, mark, "shadow", body, &s) != nil {
				bad = append(bad, mark)
			} else {
				refs = append(refs, s.Ref)
			}
			return nil
		}, "SELECT mark, body FROM shadow")
		if err != nil {
			return err
		}
		for _, mark := range bad {
			if _, err := tx.ExecContext(ctx, "DELETE FROM shadow WHERE mark = $1", mark); err != nil {
				return err
			}
		}
		for _, text := range []string{"DELETE FROM cursor", "DELETE FROM doc"} {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		waiting, err := r.mutations(ctx, tx, "WHERE state <> 'acked' ORDER BY n")
		if err != nil {
			return err
		}
		for _, m := range waiting {
			refs = append(refs, m.Ref)
		}
		done := map[Ref]bool{}
		for _, ref := range refs {
			if done[ref] {
				continue
			}
			done[ref] = true
			h, err := r.load(ctx, tx, ref)
			if err == nil {
				err = r.keep(ctx, tx, h)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reset cache: %w", err)
	}
	return nil
}
