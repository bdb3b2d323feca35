// Package postgres opens PostgreSQL databases for [sqldb], and those of engines that speak
// its wire. Begin with [Open]. It uses no LISTEN and no advisory lock, which not all of
// them have.
//
// Transactions that write are SERIALIZABLE. The closures of [sqldb.DB.Write] are written
// for SQLite, where one of them runs at a time: they read a row, decide, and write another.
// At a weaker level two that decide at once could each miss what the other writes, without
// any error. Here one of them loses with 40001, and is run again. Reads are REPEATABLE
// READ: one unmoving picture, which never loses.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"passerelle/store/sqldb"
)

// Options say how a database is opened. The zero value suits a server.
type Options struct {
	// Migrations bring the tables from one version to the next: the first makes them in
	// an empty database. Their count is the version (table schema_version).
	Migrations []string
	ReadOnly   bool          // nothing is written, migrated or made
	Conns      int           // of each of the two pools, the one that writes and the one that reads; 0: 16
	Statement  time.Duration // longest statement that writes; those that read, which may walk a whole table, get 20 times as long; 0: 30 s
	Tries      int           // how often a closure that lost a race is run; 0: 40
}

// Is says whether a name is the URL of a database, and not a file's.
func Is(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// Open opens the database of a URL, as in postgres://user@host/name. What the URL says of
// a parameter of the session, as in ?search_path=bank, stands before what is set here.
func Open(ctx context.Context, url string, o Options) (*sqldb.DB, error) {
	if o.Conns == 0 {
		o.Conns = 16
	}
	if o.Statement == 0 {
		o.Statement = 30 * time.Second
	}
	if o.Tries == 0 {
		o.Tries = 40
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open a database: %w", err) // it shows no password
	}
	name := config.Host + "/" + config.Database
	db := &sqldb.DB{
		Writer: pool(config, o, !o.ReadOnly), Reader: pool(config, o, false),
		Fault: Fault, Tries: o.Tries, ForUpdate: " FOR UPDATE", SkipLocked: " FOR UPDATE SKIP LOCKED",
	}
	if err := prepare(ctx, db.Writer, o); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", name, Fault(err))
	}
	return db, nil
}

func pool(config *pgx.ConnConfig, o Options, writes bool) *sql.DB {
	c := config.Copy()
	set := func(name, value string) {
		if _, ok := c.RuntimeParams[name]; !ok {
			c.RuntimeParams[name] = value
		}
	}
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	set("application_name", "passerelle")
	if writes {
		set("default_transaction_isolation", "serializable")
		set("statement_timeout", ms(o.Statement))
		// What a program that stopped half-way holds is let go.
		set("idle_in_transaction_session_timeout", ms(2*o.Statement))
	} else {
		set("default_transaction_isolation", "repeatable read")
		set("default_transaction_read_only", "on")
		set("statement_timeout", ms(20*o.Statement))
	}
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(o.Conns)
	db.SetMaxIdleConns(o.Conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// prepare checks the version of the tables and brings them up to date. Several programs
// may start at once: the row of the version, locked, lets one of them do it.
func prepare(ctx context.Context, db *sql.DB, o Options) error {
	want := len(o.Migrations)
	have, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case want == 0 || have == want:
		return nil
	case have > want:
		return fmt.Errorf("%w: version %d, this program knows %d", sqldb.ErrNewer, have, want)
	case o.ReadOnly:
		return fmt.Errorf("%w: version %d, this program reads %d", sqldb.ErrOlder, have, want)
	}
	const begin = `
		CREATE TABLE IF NOT EXISTS schema_version (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL);
		INSERT INTO schema_version VALUES (1, 0) ON CONFLICT DO NOTHING;`
	again := func(do func() error) error { // two that begin at once may both lose, each in its own way
		var err error
		for n := range o.Tries {
			err = Fault(do())
			c := code(err)
			if !errors.Is(err, sqldb.ErrAgain) && !errors.Is(err, sqldb.ErrExists) && c != duplicateTable && c != duplicateObject {
				return err
			}
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			case <-time.After(time.Duration(n) * 10 * time.Millisecond):
			}
		}
		return err
	}
	if err := again(func() error { _, err := db.ExecContext(ctx, begin); return err }); err != nil {
		return err
	}
	return again(func() error { return upgrade(ctx, db, o.Migrations) })
}

func version(ctx context.Context, db *sql.DB) (have int, err error) {
	err = db.QueryRowContext(ctx, "SELECT version FROM schema_version WHERE one = 1").Scan(&have)
	if errors.Is(err, sql.ErrNoRows) || code(err) == undefinedTable {
		return 0, nil
	}
	return have, err
}

const (
	undefinedTable  = "42P01"
	duplicateTable  = "42P07"
	duplicateObject = "42710" // the type of a table's rows
)

// code is what PostgreSQL calls an error; "" if it is none of its own.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// upgrade runs the missing migrations in one transaction: all of them, or none.
func upgrade(ctx context.Context, db *sql.DB, migrations []string) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}) // whoever waited sees what the other did
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	var have int
	if err := tx.QueryRowContext(ctx, "SELECT version FROM schema_version WHERE one = 1 FOR UPDATE").Scan(&have); err != nil {
		return err
	}
	want := len(migrations)
	if have > want {
		return fmt.Errorf("%w: version %d, this program knows %d", sqldb.ErrNewer, have, want)
	}
	for v := have; v < want; v++ {
		if _, err := tx.ExecContext(ctx, migrations[v]); err != nil {
			return fmt.Errorf("upgrade to version %d: %w", v+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE schema_version SET version = $1 WHERE one = 1", want); err != nil {
		return err
	}
	return tx.Commit()
}

// faults are what the codes of PostgreSQL come to; two letters stand for a class.
var faults = map[string]error{
	"40001": sqldb.ErrAgain, // serialization failure
	"40P01": sqldb.ErrAgain, // deadlock
	"23505": sqldb.ErrExists,
	"53100": sqldb.ErrFull, // disk
	"55P03": sqldb.ErrBusy, // lock not available
	"53300": sqldb.ErrBusy, // too many connections
	"57P03": sqldb.ErrAway, // starting or stopping
	"57P01": sqldb.ErrAway, // stopped under us
	"08":    sqldb.ErrAway, // connection
	"XX001": sqldb.ErrCorrupt,
	"XX002": sqldb.ErrCorrupt,
}

// Fault wraps the error of sqldb that an error of PostgreSQL comes to around it.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	var (
		as      error
		connect *pgconn.ConnectError
	)
	switch c := code(err); {
	case len(c) == 5:
		if as = faults[c]; as == nil {
			as = faults[c[:2]]
		}
	case errors.As(err, &connect):
		as = sqldb.ErrAway
	}
	if as == nil || errors.Is(err, as) {
		return err
	}
	return fmt.Errorf("%w: %w", as, err)
}
