// Package personal keeps what a person writes for themselves, on their own computer: private
// notes, résumés, letters, the tracker of applications, and reminders. It lies in a file of
// its own, personal-ID.db, sealed item by item, and never leaves by a sync: nothing under
// sync/ may import this package. What leaves is a backup that the person makes
// ([File.Backup]). Begin with [Open], and with [Write], [Read] and [All] of a typed body.
// It knows no network and no clock.
package personal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// Errors of a file.
var (
	ErrNotFound = errors.New("no such personal item")
	ErrClosed   = errors.New("the personal file is closed") // the person locked or left
	ErrNewer    = sqldb.ErrNewer                            // of a newer program: left as it is
	ErrTooLarge = errors.New("too large for a personal item")
)

// Most is the size of the largest body, in bytes.
const Most = 4 << 20

// Kind is what an item is.
type Kind string

// Kinds. A file may hold items of other ones, which a newer program wrote: they are kept,
// backed up and restored as they are.
const (
	KindNote        Kind = "note"        // id: that of the posting
	KindResume      Kind = "resume"      // as all that follow, id: UUIDv7
	KindLetter      Kind = "letter"      //
	KindApplication Kind = "application" // an entry of the tracker
	KindReminder    Kind = "reminder"    //
	KindTarget      Kind = "target"      // of learning
)

// Item is what a person wrote, of any kind.
type Item struct {
	Kind    Kind
	ID      string
	Body    json.RawMessage // an object, as the kind's own type writes it
	Made    time.Time
	Changed time.Time
}

// File is the open file of a person. Its methods may be called from anywhere at once, and
// all wait for a disk. Once it is closed they give [ErrClosed].
type File struct {
	db    *sqldb.DB
	box   *secret.Box
	aside string

	use  sync.RWMutex // held for reading while the file is used
	stop context.CancelFunc
	done context.Context // ends when closing begins; no caller's
}

// migrations make the tables; a line is added, never changed. An item is found by a keyed
// hash of its kind and id, for that of a posting would tell where a person applies.
// How many items there are of each kind, and their sizes, is all that can be read.
var migrations = []string{`
	CREATE TABLE item (mark TEXT PRIMARY KEY, kind TEXT NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
	CREATE INDEX item_kind ON item (kind);
	CREATE TABLE proof (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL);
`}

func path(dir, id string) (string, error) { return secret.FileOf(dir, "personal", id, "db") }

// Open opens the file of a person, making it if needed. With another box than it was sealed
// with it stays shut: secret.ErrSealed. A file of a newer program is refused ([ErrNewer]); a
// damaged one is moved aside and a new one begun: [File.Aside].
func Open(ctx context.Context, dir, id string, box *secret.Box) (*File, error) {
	name, err := path(dir, id)
	if err != nil {
		return nil, err
	}
	f, err := open(ctx, name, box)
	if errors.Is(err, sqldb.ErrCorrupt) {
		aside, e := sqlite.SetAside(name, "damaged")
		if e != nil {
			return nil, fmt.Errorf("move damaged %s aside: %w", name, e)
		}
		if f, err = open(ctx, name, box); err == nil {
			f.aside = aside
		}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

const proven = "passerelle"

func open(ctx context.Context, name string, box *secret.Box) (*File, error) {
	// What is deleted is overwritten, and nothing is written beside the file.
	db, err := sqlite.Open(ctx, name, sqlite.Options{Migrations: migrations, Readers: 2, Cache: 1 << 20,
		Pragmas: []string{"secure_delete=1", "temp_store=2"}})
	if err != nil {
		return nil, err
	}
	f := &File{db: db, box: box}
	f.done, f.stop = context.WithCancel(context.Background())
	err = sqlite.Check(ctx, db)
	if err == nil {
		err = f.prove(ctx)
	}
	if err != nil {
		f.stop()
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, db.Fault(err)), db.Close())
	}
	return f, nil
}

// prove tells whether the box is the one of this file.
func (f *File) prove(ctx context.Context) error {
	var body []byte
	err := f.db.Reader.QueryRowContext(ctx, "SELECT body FROM proof").Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		if body, err = f.box.Seal("personal/proof", []byte(proven)); err != nil {
			return err
		}
		return f.db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO proof (one, body) VALUES (1, $1)", body)
			return err
		})
	}
	if err != nil {
		return err
	}
	_, err = f.box.Open("personal/proof", body)
	return err
}

// Aside names the damaged file that was moved aside when this one was opened; "": none was.
func (f *File) Aside() string { return f.aside }

// Close closes the file, and leaves no log beside it. What is under way ends first.
func (f *File) Close() error {
	f.stop()
	f.use.Lock()
	defer f.use.Unlock()
	if f.db == nil {
		return nil
	}
	_, err := f.db.Writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	err = errors.Join(err, f.db.Close())
	f.db = nil
	return err
}

// within runs do while the file is open; what it is handed ends when closing begins.
func (f *File) within(ctx context.Context, do func(ctx context.Context) error) error {
	if !f.use.TryRLock() { // only Close ever holds it: who waited for it here would never see it open
		return ErrClosed
	}
	defer f.use.RUnlock()
	if f.db == nil {
		return ErrClosed
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(f.done, cancel)()
	err := do(inner)
	if err != nil && f.done.Err() != nil && ctx.Err() == nil {
		return ErrClosed
	}
	return f.db.Fault(err)
}

// head is what an item says beside its body.
type head struct {
	Kind    Kind      `json:"kind"`
	ID      string    `json:"id"`
	Made    time.Time `json:"made"`
	Changed time.Time `json:"changed"`
	// Past are prints of the bodies that this one came from, the last first: they tell an
	// older copy of it from one that was edited elsewhere (see [File.Restore]).
	Past []string `json:"past,omitempty"`
}

// remembered is how many prints an item keeps.
const remembered = 64

// printOf tells one body of an item from another one.
func printOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

func (f *File) mark(kind Kind, id string) string {
	return base64.RawURLEncoding.EncodeToString(f.box.Mark("personal/"+string(kind), []byte(id)))
}

func (f *File) markKind(kind Kind) string {
	return base64.RawURLEncoding.EncodeToString(f.box.Mark("personal kind", []byte(kind))[:12])
}

func about(kind Kind, id string) string { return "personal/" + string(kind) + "/" + id }

// row is an item in the file.
type row struct {
	head
	body []byte
}

func (r row) item() Item { return Item{r.Kind, r.ID, r.body, r.Made, r.Changed} }

// unseal opens a row, and makes sure that it is the one that it is found as.
func (f *File) unseal(mark string, sealedHead, sealedBody []byte) (r row, err error) {
	text, err := f.box.Open("personal/head/"+mark, sealedHead)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r.head); err != nil {
		return r, fmt.Errorf("personal item: %w", err)
	}
	if f.mark(r.Kind, r.ID) != mark {
		return r, fmt.Errorf("personal item under another name: %w", secret.ErrSealed)
	}
	r.body, err = f.box.Open(about(r.Kind, r.ID), sealedBody)
	return r, err
}

// each hands over the rows of a query, opened.
func (f *File) each(ctx context.Context, q sqldb.Querier, do func(row) error, where string, args ...any) error {
	return sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var mark string
		var h, b []byte
		if err := rows.Scan(&mark, &h, &b); err != nil {
			return err
		}
		r, err := f.unseal(mark, h, b)
		if err != nil {
			return err
		}
		return do(r)
	}, "SELECT mark, head, body FROM item "+where, args...)
}

// find reads one row.
func (f *File) find(ctx context.Context, q sqldb.Querier, kind Kind, id string) (found row, ok bool, err error) {
	err = f.each(ctx, q, func(r row) error { found, ok = r, true; return nil }, "WHERE mark = $1", f.mark(kind, id))
	return found, ok, err
}

// write keeps a row in place of the one of that name.
func (f *File) write(ctx context.Context, tx *sql.Tx, r row) error {
	const put = `
		INSERT INTO item (mark, kind, head, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (mark) DO UPDATE SET head = excluded.head, body = excluded.body`
	text, err := json.Marshal(r.head)
	if err != nil {
		return err
	}
	mark := f.mark(r.Kind, r.ID)
	h, err := f.box.Seal("personal/head/"+mark, text)
	if err != nil {
		return err
	}
	b, err := f.box.Seal(about(r.Kind, r.ID), r.body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, put, mark, f.markKind(r.Kind), h, b)
	return err
}

// Put keeps an item in place of the one of its kind and id, whose moment of making it
// keeps. at is now.
func (f *File) Put(ctx context.Context, kind Kind, id string, body json.RawMessage, at time.Time) error {
	return f.edit(ctx, kind, id, at, func(json.RawMessage) (json.RawMessage, error) { return body, nil })
}

// edit makes a new body of the one that is there, nil if none is; in one transaction.
func (f *File) edit(ctx context.Context, kind Kind, id string, at time.Time, make func(was json.RawMessage) (json.RawMessage, error)) error {
	if kind == "" || id == "" {
		return fmt.Errorf("keep %q/%q: an item needs a kind and an id", kind, id)
	}
	err := f.within(ctx, func(ctx context.Context) error {
		return f.db.Write(ctx, func(tx *sql.Tx) error {
			was, there, err := f.find(ctx, tx, kind, id)
			if err != nil {
				return err
			}
			r := row{head: head{Kind: kind, ID: id, Made: at.UTC(), Changed: at.UTC()}}
			if r.body, err = make(was.body); err != nil {
				return err
			}
			if err := proper(r.body); err != nil {
				return err
			}
			if there {
				if slices.Equal(was.body, r.body) {
					return nil
				}
				r.Made = was.Made
				r.Past = append([]string{printOf(was.body)}, was.Past...)
				r.Past = r.Past[:min(len(r.Past), remembered)]
			}
			return f.write(ctx, tx, r)
		})
	})
	if err != nil {
		return fmt.Errorf("keep %s %s: %w", kind, id, err)
	}
	return nil
}

// proper says what keeps a body from being one.
func proper(body []byte) error {
	var object map[string]json.RawMessage
	switch err := json.Unmarshal(body, &object); {
	case len(body) > Most:
		return ErrTooLarge
	case err != nil:
		return fmt.Errorf("a body is an object of JSON: %w", err)
	case object == nil:
		return errors.New("a body is an object of JSON")
	}
	return nil
}

// Get reads an item; [ErrNotFound].
func (f *File) Get(ctx context.Context, kind Kind, id string) (Item, error) {
	var found row
	err := f.within(ctx, func(ctx context.Context) (err error) {
		var ok bool
		if found, ok, err = f.find(ctx, f.db.Reader, kind, id); err == nil && !ok {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return Item{}, fmt.Errorf("read %s %s: %w", kind, id, err)
	}
	return found.item(), nil
}

// List reads the items of a kind, the last changed first; "": of every kind.
func (f *File) List(ctx context.Context, kind Kind) ([]Item, error) {
	var all []Item
	err := f.within(ctx, func(ctx context.Context) error {
		take := func(r row) error { all = append(all, r.item()); return nil }
		if kind == "" {
			return f.each(ctx, f.db.Reader, take, "")
		}
		return f.each(ctx, f.db.Reader, take, "WHERE kind = $1", f.markKind(kind))
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	slices.SortFunc(all, func(a, b Item) int {
		return cmp.Or(b.Changed.Compare(a.Changed), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Delete removes an item, overwritten; one that is not there is no error.
func (f *File) Delete(ctx context.Context, kind Kind, id string) error {
	err := f.within(ctx, func(ctx context.Context) error {
		return f.db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM item WHERE mark = $1", f.mark(kind, id))
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("delete %s %s: %w", kind, id, err)
	}
	return nil
}

// SetAside keeps the file of a person whose key was lost, under another name, so that a new
// one can be begun. Erase removes it, too.
func SetAside(dir, id string) error {
	name, err := path(dir, id)
	if err != nil {
		return err
	}
	if _, err := sqlite.SetAside(name, "sealed"); err != nil {
		return fmt.Errorf("set %s aside: %w", name, err)
	}
	return nil
}

// Erase removes a person's file, which must be closed, with all that lies beside it: logs,
// and copies of before an upgrade, of damage, or under a lost key. All are overwritten first.
func Erase(dir, id string) error {
	name, err := path(dir, id)
	if err != nil {
		return err
	}
	return secret.ShredAll(name)
}
