// Package sqlite opens SQLite files for [sqldb]: one connection writes, a pool reads
// beside it (WAL). Begin with [Open]. A file of a newer program is refused, one of an
// older program is copied aside and brought up to date.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"passerelle/store/sqldb"
)

// The errors of sqldb, as SQLite gives them.
var (
	ErrFull    = sqldb.ErrFull
	ErrNewer   = sqldb.ErrNewer
	ErrCorrupt = sqldb.ErrCorrupt
)

// Options say how a file is opened. The zero value suits a small file that must lose nothing.
type Options struct {
	// Migrations bring the tables from one version to the next: the first makes them
	// in an empty file. Their count is the version (PRAGMA user_version).
	Migrations []string
	ReadOnly   bool          // nothing is written, migrated or made
	Readers    int           // connections that read; 0: one a processor, at least 2
	PageSize   int           // bytes, when the file is made; 0: 4,096
	Cache      int           // bytes of page cache a connection; 0: 8 MiB
	Mmap       int64         // bytes mapped into memory; 0: none
	MaxPages   int           // size limit in pages, for tests of a full disk; 0: none
	Busy       time.Duration // how long to wait for another process; 0: 5 s
	Fast       bool          // after a power cut the last transactions may be lost, never the file
	Pragmas    []string      // more of them, as in "temp_store=memory", on every connection
}

// Open opens a file, making it and its directory if needed.
func Open(ctx context.Context, path string, o Options) (*sqldb.DB, error) {
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
	}
	if o.Readers == 0 {
		o.Readers = max(2, runtime.NumCPU())
	}
	db := &sqldb.DB{Fault: Fault}
	var err error
	if db.Writer, err = sql.Open("sqlite", dsn(path, o, !o.ReadOnly)); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.Writer.SetMaxOpenConns(1)
	db.Writer.SetConnMaxIdleTime(0)
	if err := prepare(ctx, db.Writer, path, o); err != nil {
		_ = db.Writer.Close()
		return nil, fmt.Errorf("open %s: %w", path, Fault(err))
	}
	if db.Reader, err = sql.Open("sqlite", dsn(path, o, false)); err != nil {
		_ = db.Writer.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.Reader.SetMaxOpenConns(o.Readers)
	db.Reader.SetMaxIdleConns(o.Readers)
	return db, nil
}

func dsn(path string, o Options, writes bool) string {
	busy := o.Busy
	if busy == 0 {
		busy = 5 * time.Second
	}
	cache := o.Cache
	if cache == 0 {
		cache = 8 << 20
	}
	q := url.Values{}
	pragma := func(format string, args ...any) { q.Add("_pragma", fmt.Sprintf(format, args...)) }
	pragma("busy_timeout(%d)", busy.Milliseconds())
	if writes {
		size := o.PageSize
		if size == 0 {
			size = 4096
		}
		pragma("page_size(%d)", size) // before journal_mode, or it would come too late
		pragma("journal_mode(wal)")
		pragma("foreign_keys(1)")
		if o.Fast {
			pragma("synchronous(normal)")
		} else {
			pragma("synchronous(full)")
		}
		if o.MaxPages > 0 {
			pragma("max_page_count(%d)", o.MaxPages)
		}
		q.Set("_txlock", "immediate") // a transaction that will write never finds out late
	} else {
		pragma("query_only(1)")
	}
	pragma("cache_size(-%d)", max(1, cache>>10))
	if o.Mmap > 0 {
		pragma("mmap_size(%d)", o.Mmap)
	}
	for _, p := range o.Pragmas {
		name, value, _ := strings.Cut(p, "=")
		pragma("%s(%s)", name, value)
	}
	if o.ReadOnly {
		q.Set("mode", "ro")
	}
	return fileURI(path) + "?" + q.Encode()
}

// fileURI escapes what would end a file name early (a ? or # in a directory's name).
func fileURI(path string) string {
	p := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		p = "/" + p // file:///C:/…
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath()
}

// prepare checks the file's version and brings its tables up to date.
func prepare(ctx context.Context, db *sql.DB, path string, o Options) error {
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	want := len(o.Migrations)
	switch {
	case want == 0 || have == want: // without migrations the caller keeps its own versions
		return nil
	case have > want:
		return fmt.Errorf("%w: version %d, this program knows %d", ErrNewer, have, want)
	case o.ReadOnly:
		return fmt.Errorf("%w: version %d, this program reads %d", sqldb.ErrOlder, have, want)
	}
	if have > 0 {
		if err := keep(ctx, db, fmt.Sprintf("%s.v%d", path, have)); err != nil {
			return fmt.Errorf("copy before the upgrade: %w", err)
		}
	}
	for v := have; v < want; v++ {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, o.Migrations[v]); err == nil {
			_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", v+1))
		}
		if err != nil {
			_ = tx.Rollback()
			return fmt.Errorf("upgrade to version %d: %w", v+1, err)
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("upgrade to version %d: %w", v+1, err)
		}
	}
	return nil
}

// keep writes a copy; one left by an upgrade that was cut short is replaced.
func keep(ctx context.Context, db *sql.DB, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	_, err := db.ExecContext(ctx, "VACUUM INTO $1", to)
	return err
}

// Backup writes a whole, compact copy of an open database to a file that must not exist.
func Backup(ctx context.Context, db *sqldb.DB, to string) error {
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("back up to %s: %w", to, os.ErrExist)
	}
	if _, err := db.Writer.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return fmt.Errorf("back up to %s: %w", to, Fault(err))
	}
	return nil
}

// Check reads every page and index and says whether they agree.
func Check(ctx context.Context, db *sqldb.DB) error {
	var said string
	if err := db.Reader.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return Fault(err)
	}
	if said != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, said)
	}
	return nil
}

// SetAside renames a closed file, with what belongs to it, to a name that is free and says
// why, as in "cache.db.damaged-1".
func SetAside(name, why string) (to string, err error) {
	for n := 1; ; n++ {
		to = fmt.Sprintf("%s.%s-%d", name, why, n)
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	if err := os.Rename(name, to); err != nil {
		return "", err
	}
	for _, tail := range []string{"-wal", "-shm"} {
		if err := os.Rename(name+tail, to+tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return to, nil
}

// Fault wraps the error of sqldb that an SQLite error comes to around it.
func Fault(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	var as error
	switch code := e.Code(); {
	case code == lib.SQLITE_IOERR_SHMSIZE: // the shared memory of WAL could not grow
		as = sqldb.ErrFull
	case code == lib.SQLITE_CONSTRAINT_UNIQUE || code == lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		as = sqldb.ErrExists
	default:
		switch code & 0xff {
		case lib.SQLITE_FULL:
			as = sqldb.ErrFull
		case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
			as = sqldb.ErrCorrupt
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			as = sqldb.ErrBusy
		}
	}
	if as == nil || errors.Is(err, as) {
		return err
	}
	return fmt.Errorf("%w: %w", as, err)
}
