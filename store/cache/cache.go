// Package cache keeps what a desk remembers. device.db holds what belongs to no account:
// settings, who has signed in here, the outbox of what leaves without an account, and the
// searches, postings, links and drafts of whoever did not sign in; begin with [Open]. A
// person who signs in has a file of their own for the latter, where everything is sealed:
// [OpenPerson]; it holds the records of their account as well, edited without a network:
// [Device.Records]. It knows no network.
package cache

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"passerelle/i18n"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// ErrNewer: device.db was written by a newer program; it is left as it is.
var ErrNewer = sqldb.ErrNewer

// ErrNotFound: there is no such search, posting or item on this device.
var ErrNotFound = errors.New("not found on this device")

// Device is the open file. It lies in the directory of the person who is signed in to
// the computer, so two people of one machine share none of it.
type Device struct {
	db  *sqldb.DB // settings, people, outbox
	own *sqldb.DB // searches, postings, links, drafts: the same file, but for With
	// box seals what is in own, and the settings beside it; nil: nothing is sealed.
	box *secret.Box
	// aside is where a damaged file was moved when it was opened; "" if it was sound.
	aside string
	view  bool   // closing it closes nothing
	owner string // of what is put in the outbox and seen of it: id of the person; "": nobody in particular
	// origin is what changes of the account's records made here are known by; nil: there is no account.
	origin *origin
}

// migrations make the tables; a line is added, never changed.
var migrations = []string{`
	CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE search (
		id INTEGER PRIMARY KEY, saved INTEGER NOT NULL, label TEXT NOT NULL,
		query TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (saved, query));
	CREATE TABLE saved (
		id INTEGER PRIMARY KEY, card BLOB NOT NULL, details BLOB NOT NULL, at INTEGER NOT NULL);
	CREATE TABLE later (url TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL);
	CREATE TABLE outbox (
		n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body BLOB NOT NULL,
		state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '',
		at INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0);
`, own + `
	INSERT INTO mine (n, kind, mark, head, body, at)
		SELECT id, CASE saved WHEN 0 THEN 'recent' ELSE 'search' END, query, label, query, at FROM search;
	INSERT INTO mine (kind, mark, head, body, at)
		SELECT 'saved', CAST(id AS TEXT), card, details, at FROM saved ORDER BY at, id;
	INSERT INTO mine (kind, mark, head, body, at)
		SELECT 'later', url, url, CAST(number AS TEXT), at FROM later ORDER BY at, rowid;
	DROP TABLE search; DROP TABLE saved; DROP TABLE later;
	CREATE TABLE person (id TEXT PRIMARY KEY, body TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
	ALTER TABLE outbox ADD COLUMN owner TEXT NOT NULL DEFAULT '';
`}

// own is the table of what is a person's own. A row is found by its mark: what it is
// about, or a keyed hash of that where rows are sealed.
const own = `
	CREATE TABLE mine (
		n INTEGER PRIMARY KEY, kind TEXT NOT NULL, mark TEXT NOT NULL,
		head BLOB NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL, UNIQUE (kind, mark));
`

// kind is what a row of mine is.
type kind string

const (
	recent   kind = "recent" // head: label; body: the search
	search   kind = "search" // the same
	saved    kind = "saved"  // head: card; body: details
	later    kind = "later"  // head: address; body: number of the posting
	draft    kind = "draft"  // head: name; body: as it was given
	hidden   kind = "hidden" // head: as its record would be
	watch    kind = "watch"  // head: what it asks, and how far it was looked; body: rows that are new
	settings kind = "setting"
)

// Open opens device.db, making it if needed. A file of a newer program is refused
// ([ErrNewer]). A damaged one is moved aside and a new one begun: [Device.Notice] says so.
func Open(ctx context.Context, path string) (*Device, error) {
	db, err := open(ctx, path, sqlite.Options{})
	if !errors.Is(err, sqldb.ErrCorrupt) {
		if err != nil {
			return nil, err
		}
		return &Device{db: db, own: db}, nil
	}
	aside, err := sqlite.SetAside(path, "damaged")
	if err != nil {
		return nil, fmt.Errorf("move damaged %s aside: %w", path, err)
	}
	if db, err = open(ctx, path, sqlite.Options{}); err != nil {
		return nil, err
	}
	return &Device{db: db, own: db, aside: aside}, nil
}

func open(ctx context.Context, path string, o sqlite.Options) (*sqldb.DB, error) {
	o.Readers, o.Cache = 2, 1<<20
	if o.Migrations == nil {
		o.Migrations = migrations
	}
	// What is deleted is overwritten: a person who leaves leaves nothing.
	o.Pragmas = append(o.Pragmas, "secure_delete=1", "temp_store=2")
	db, err := sqlite.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if err := sqlite.Check(ctx, db); err != nil { // the file is small: a few milliseconds
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// Close closes the file, and leaves no log beside it.
func (d *Device) Close() error {
	if d.view {
		return nil
	}
	_, err := d.db.Writer.Exec(truncate)
	return errors.Join(err, d.db.Close())
}

// truncate empties the write-ahead log. Readers of that moment make it wait for the next one.
const truncate = "PRAGMA wal_checkpoint(TRUNCATE)"

// AtPoints has f called at the points "commit" and "committed" of each change, for drills
// that stop the program there. It comes before all else.
func (d *Device) AtPoints(f func(point string)) { d.db.At, d.own.At = f, f }

// With is this desk with a person at it: searches, postings, links and drafts are those of
// the person's file, all else is the desk's. Closing it closes neither.
func (d *Device) With(person *Device) *Device {
	return &Device{db: d.db, own: person.own, box: person.box, view: true, owner: person.owner, origin: person.origin}
}

// Owned has what is queued through this file, with a desk ([Device.With]), be seen as that of
// a name alone: a visitor of a shared desk is nobody, and not the one before. It comes before
// all else.
func (d *Device) Owned(name string) { d.owner = name }

// mark is by what a row is found.
func (d *Device) mark(k kind, about string) string {
	if d.box == nil {
		return about
	}
	return base64.RawURLEncoding.EncodeToString(d.box.Mark("cache/"+string(k), []byte(about)))
}

// seal seals a cell, bound to its row.
func (d *Device) seal(k kind, mark, cell string, body []byte) ([]byte, error) {
	if d.box == nil {
		return append([]byte{}, body...), nil // not nil: that would be no cell
	}
	return d.box.Seal(fmt.Sprint("cache/", k, "/", mark, "/", cell), body)
}

// open is the other way.
func (d *Device) open(k kind, mark, cell string, body []byte) ([]byte, error) {
	if d.box == nil {
		return body, nil
	}
	return d.box.Open(fmt.Sprint("cache/", k, "/", mark, "/", cell), body)
}

// row is a row of mine, opened.
type row struct {
	n          int64
	head, body []byte
	at         time.Time
}

// put writes a row; there already, it takes the head and the body and keeps its moment.
func (d *Device) put(ctx context.Context, tx *sql.Tx, k kind, about string, head, body []byte, at time.Time) (n int64, err error) {
	const put = `
		INSERT INTO mine (kind, mark, head, body, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, mark) DO UPDATE SET head = excluded.head, body = excluded.body RETURNING n`
	mark := d.mark(k, about)
	if head, err = d.seal(k, mark, "head", head); err != nil {
		return 0, err
	}
	if body, err = d.seal(k, mark, "body", body); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, put, k, mark, head, body, millis(at)).Scan(&n)
	return n, err
}

// rows reads rows of mine.
func (d *Device) rows(ctx context.Context, q sqldb.Querier, k kind, where string, args ...any) ([]row, error) {
	const list = "SELECT n, mark, head, body, at FROM mine WHERE kind = $1 "
	var found []row
	err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var (
			r    row
			mark string
			at   int64
		)
		err := rows.Scan(&r.n, &mark, &r.head, &r.body, &at)
		if err == nil {
			r.head, err = d.open(k, mark, "head", r.head)
		}
		if err == nil {
			r.body, err = d.open(k, mark, "body", r.body)
		}
		if err != nil {
			return err
		}
		r.at = moment(at)
		found = append(found, r)
		return nil
	}, list+where, append([]any{k}, args...)...)
	return found, err
}

// drop deletes a row, if there is one.
func (d *Device) drop(ctx context.Context, k kind, about string) error {
	return exec(ctx, d.own, "DELETE FROM mine WHERE kind = $1 AND mark = $2", k, d.mark(k, about))
}

// Aside names the damaged file that was moved aside at Open, "" when there was none.
func (d *Device) Aside() string { return d.aside }

// Notice says what happened to a damaged file, "" when nothing did.
func (d *Device) Notice(w *i18n.Words) string {
	if d.aside == "" {
		return ""
	}
	return w.S(i18n.StoreAside, "File", filepath.Base(d.aside))
}

// Moments are kept in milliseconds since 1970; 0 is none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
