package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

func open(t *testing.T) *sqldb.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), sqlite.Options{
		Migrations: []string{"CREATE TABLE t (id INTEGER PRIMARY KEY)"},
		Busy:       time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestWriteRunsALostRaceAgain(t *testing.T) {
	db, runs := open(t), 0
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		runs++
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES ($1)", runs); err != nil {
			return err
		}
		if runs < 3 {
			return sqldb.ErrAgain
		}
		return nil
	})
	if err != nil || runs != 3 {
		t.Fatalf("Write: %v after %d runs, want nil after 3", err, runs)
	}
	var ids []int
	err = sqldb.Each(t.Context(), db.Reader, func(rows *sql.Rows) error {
		var id int
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM t")
	if err != nil || len(ids) != 1 || ids[0] != 3 {
		t.Errorf("rows %v (%v), want only that of the last run", ids, err)
	}
}

func TestWriteGivesUp(t *testing.T) {
	db, runs := open(t), 0
	db.Tries = 2
	lost := func(*sql.Tx) error { runs++; return sqldb.ErrAgain }
	if err := db.Write(t.Context(), lost); !errors.Is(err, sqldb.ErrAgain) || runs != 2 {
		t.Errorf("Write: %v after %d runs, want ErrAgain after 2", err, runs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(*sql.Tx) error { cancel(); return sqldb.ErrAgain })
	if err == nil {
		t.Error("a cancelled write said that it went well")
	}
}

func TestSameKeyTwice(t *testing.T) {
	db := open(t)
	insert := func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
		return err
	}
	if err := db.Write(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert); !errors.Is(err, sqldb.ErrExists) {
		t.Errorf("the same key twice: %v, want ErrExists", err)
	}
}

func TestSentence(t *testing.T) {
	fr, en := i18n.For(i18n.French), i18n.For(i18n.English)
	for _, err := range []error{sqldb.ErrFull, sqldb.ErrNewer, sqldb.ErrCorrupt, sqldb.ErrBusy} {
		a, ok := sqldb.Sentence(fr, err)
		b, _ := sqldb.Sentence(en, err)
		if !ok || a == "" || a == b {
			t.Errorf("Sentence(%v) = %q, %q", err, a, b)
		}
	}
	if s, ok := sqldb.Sentence(fr, errors.New("x")); ok {
		t.Errorf("another error says %q", s)
	}
}
