package ledger_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/store/ledger"
	"passerelle/store/postgres"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// engines runs a test on a file and on a PostgreSQL server: what it wants is the same.
func engines(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Run("sqlite", test)
	t.Run("postgres", test)
}

func onPostgres(t testing.TB) bool { return strings.Contains(t.Name()+"/", "/postgres/") }

// place is where a new ledger goes, on the engine of the test.
func place(t testing.TB) string {
	t.Helper()
	if onPostgres(t) {
		return postgrestest.URL(t)
	}
	return filepath.Join(t.TempDir(), "ledger.db")
}

// raw opens a place beside the ledger.
func raw(t testing.TB, at string) *sqldb.DB {
	t.Helper()
	var (
		db  *sqldb.DB
		err error
	)
	if postgres.Is(at) {
		db, err = postgres.Open(t.Context(), at, postgres.Options{Conns: 1})
	} else {
		db, err = sqlite.Open(t.Context(), at, sqlite.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// columns lists table.column of a ledger's tables.
func columns(t testing.TB, db *sqldb.DB) (all []string) {
	t.Helper()
	ask := "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
	if onPostgres(t) {
		ask = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_version'"
	}
	err := sqldb.Each(t.Context(), db.Reader, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		all = append(all, table+"."+column)
		return err
	}, ask)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// Both engines keep the same tables.
func TestEnginesHaveTheSameTables(t *testing.T) {
	all := map[string][]string{}
	engines(t, func(t *testing.T) {
		_, at := bare(t)
		all[strings.TrimPrefix(t.Name(), "TestEnginesHaveTheSameTables/")] = columns(t, raw(t, at))
	})
	if a, b := all["sqlite"], all["postgres"]; b != nil && (len(a) == 0 || !slices.Equal(a, b)) {
		t.Errorf("SQLite has\n%v\nPostgreSQL has\n%v", a, b)
	}
}

// An older program leaves the tables of a newer one alone.
func TestNewerLedgerIsLeftAlone(t *testing.T) {
	engines(t, func(t *testing.T) {
		l, at := bare(t)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		raise := "PRAGMA user_version = 1000"
		if onPostgres(t) {
			raise = "UPDATE schema_version SET version = 1000"
		}
		if _, err := raw(t, at).Writer.ExecContext(t.Context(), raise); err != nil {
			t.Fatal(err)
		}
		if l, err := ledger.Open(t.Context(), at, ledger.Options{}); !errors.Is(err, sqldb.ErrNewer) {
			t.Errorf("opened %v, %v; want ErrNewer", l, err)
		}
	})
}
