// Package cache keeps what belongs to one person's device and to no account: settings,
// recent and saved searches, saved postings, the reading list, and the outbox of what
// leaves without an account. Begin with [Open]. It knows no network.
package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/i18n"
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
	db *sqldb.DB
	// aside is where a damaged file was moved when it was opened; "" if it was sound.
	aside string
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
`}

// Open opens device.db, making it if needed. A file of a newer program is refused
// ([ErrNewer]). A damaged one is moved aside and a new one begun: [Device.Notice] says so.
func Open(ctx context.Context, path string) (*Device, error) {
	db, err := open(ctx, path, sqlite.Options{})
	if !errors.Is(err, sqldb.ErrCorrupt) {
		if err != nil {
			return nil, err
		}
		return &Device{db: db}, nil
	}
	aside, err := moveAside(path)
	if err != nil {
		return nil, fmt.Errorf("move damaged %s aside: %w", path, err)
	}
	if db, err = open(ctx, path, sqlite.Options{}); err != nil {
		return nil, err
	}
	return &Device{db: db, aside: aside}, nil
}

func open(ctx context.Context, path string, o sqlite.Options) (*sqldb.DB, error) {
	o.Migrations, o.Readers, o.Cache = migrations, 2, 1<<20
	db, err := sqlite.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if err := sqlite.Check(ctx, db); err != nil { // the file is small: a few milliseconds
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// moveAside renames a file, with what belongs to it, to a name that is free.
func moveAside(path string) (string, error) {
	n := 1
	to := path + ".damaged-1"
	for {
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			break
		}
		n++
		to = fmt.Sprintf("%s.damaged-%d", path, n)
	}
	if err := os.Rename(path, to); err != nil {
		return "", err
	}
	for _, tail := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+tail, to+tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return to, nil
}

// Close closes the file.
func (d *Device) Close() error { return d.db.Close() }

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
