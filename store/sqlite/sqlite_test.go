package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

const people = "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"

func open(t *testing.T, path string, o sqlite.Options) *sqldb.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func put(ctx context.Context, db *sqldb.DB, body string) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO t (body) VALUES ($1)", body)
		return err
	})
}

func count(t *testing.T, db *sqldb.DB) (n int) {
	t.Helper()
	if err := db.Reader.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM t").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpenTakesAnyPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b#c%41é?d&e=f")
	path := filepath.Join(dir, "x.db")
	db := open(t, path, sqlite.Options{Migrations: []string{people}})
	if err := put(t.Context(), db, "é"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

func TestReadersNeverWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{Migrations: []string{people}})
	if _, err := db.Reader.ExecContext(t.Context(), "INSERT INTO t (body) VALUES ('x')"); err == nil {
		t.Error("a reader wrote")
	}
}

func TestReadSeesOnePicture(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Options{Migrations: []string{people}})
	ctx := t.Context()
	err := db.Read(ctx, func(tx *sql.Tx) error {
		var before, after int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM t").Scan(&before); err != nil {
			return err
		}
		if err := put(ctx, db, "meanwhile"); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM t").Scan(&after); err != nil {
			return err
		}
		if before != after {
			t.Errorf("%d rows, then %d, in one read", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows after, want 1", n)
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	if err := open(t, path, sqlite.Options{Migrations: []string{people, "CREATE TABLE u (x)"}}).Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrations: []string{people}}); !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("Open of a newer file: %v, want ErrNewer", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the newer file was changed (%v)", err)
	}
}

func TestUpgradeKeepsACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db := open(t, path, sqlite.Options{Migrations: []string{people}})
	if err := put(t.Context(), db, "old"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// An upgrade that fails leaves the file at the version it had.
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrations: []string{people, "CREATE TABLE u (x); DELETE FROM t; no such statement"}})
	if err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Fatalf("a broken upgrade: %v", err)
	}
	db = open(t, path, sqlite.Options{Migrations: []string{people, "DELETE FROM t"}})
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows after the upgrade, want 0", n)
	}
	kept := open(t, path+".v1", sqlite.Options{ReadOnly: true})
	if n := count(t, kept); n != 1 {
		t.Errorf("%d rows in the copy, want 1", n)
	}
}

func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db := open(t, path, sqlite.Options{Migrations: []string{people}, MaxPages: 8})
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		err = put(t.Context(), db, strings.Repeat("x", 2000))
	}
	if !errors.Is(err, sqlite.ErrFull) {
		t.Fatalf("after %d rows: %v, want ErrFull", n, err)
	}
	if got := count(t, db); got != n-1 {
		t.Errorf("%d rows are left, want the %d that were written", got, n-1)
	}
	if err := sqlite.Check(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func TestDamagedFile(t *testing.T) {
	for name, body := range map[string]string{
		"no database": strings.Repeat("this is not a database, whatever its name says. ", 400),
		"truncated":   "",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			if body == "" {
				db := open(t, path, sqlite.Options{Migrations: []string{people}})
				for range 50 {
					if err := put(t.Context(), db, strings.Repeat("y", 1000)); err != nil {
						t.Fatal(err)
					}
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(path, 3*4096); err != nil {
					t.Fatal(err)
				}
			} else if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrations: []string{people}})
			if err == nil {
				err = sqlite.Check(t.Context(), db)
				_ = db.Close()
			}
			if !errors.Is(err, sqlite.ErrCorrupt) {
				t.Errorf("Open and Check: %v, want ErrCorrupt", err)
			}
		})
	}
}

func TestBackupIsWholeAndNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "x.db"), sqlite.Options{Migrations: []string{people}})
	if err := put(t.Context(), db, "x"); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "copy.db")
	if err := sqlite.Backup(t.Context(), db, to); err != nil {
		t.Fatal(err)
	}
	if n := count(t, open(t, to, sqlite.Options{ReadOnly: true})); n != 1 {
		t.Errorf("%d rows in the backup, want 1", n)
	}
	if err := sqlite.Backup(t.Context(), db, to); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second backup to one name: %v, want ErrExist", err)
	}
}

// Two programs on one file (the window and the command line) wait for each other.
func TestTwoWritersLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	o := sqlite.Options{Migrations: []string{people}, Fast: true}
	a, b := open(t, path, o), open(t, path, o)
	var wg sync.WaitGroup
	for _, db := range []*sqldb.DB{a, b} {
		for range 4 {
			wg.Go(func() {
				for range 25 {
					if err := put(t.Context(), db, "x"); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if n := count(t, a); n != 200 {
		t.Errorf("%d rows, want the 200 that were acknowledged", n)
	}
}
