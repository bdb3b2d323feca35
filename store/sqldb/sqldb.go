// Package sqldb is one SQL text for whichever engine holds the tables. Begin with
// [DB.Write] and [DB.Read]: a transaction is a closure, run again when the engine says
// that it lost a race. Arguments are $1, $2…; what engines say in their own way (types,
// pragmas, backups) stays in the package of the engine, such as store/sqlite.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// What an engine's own errors come to. Test with errors.Is.
var (
	ErrFull    = errors.New("no room left for the database")        // disk or quota
	ErrNewer   = errors.New("the file belongs to a newer program")  // never opened, never changed
	ErrOlder   = errors.New("the file belongs to an older program") // opened for reading alone, so not brought up to date
	ErrCorrupt = errors.New("the file is damaged or no database")   // nothing in it can be relied on
	ErrBusy    = errors.New("another process holds the database")   // after every retry
	ErrAgain   = errors.New("the transaction lost a race")          // return it from a closure to be run again
	ErrExists  = errors.New("a row with that key is there already") // a unique key
	ErrAway    = errors.New("the database does not answer")         // stopped, or not to be reached
)

// DB is an open database: one pool that writes and one that reads.
type DB struct {
	Writer *sql.DB
	Reader *sql.DB
	// Fault says what an engine's error comes to: it wraps one of the errors above
	// around it, or gives it back as it is.
	Fault func(error) error
	// Tries is how often a closure is run before its race is given up; 0: 8.
	Tries int
	// Where several write at once, ForUpdate ends a SELECT of what a transaction goes on
	// to write, so that a race is lost before the work and not after it. SkipLocked, in
	// its place, passes over the rows that another transaction holds. Both are "" where
	// one writes at a time.
	ForUpdate, SkipLocked string
	// At is called at the points "commit" and "committed" of each transaction that writes,
	// for drills that stop the program there; nil: nothing.
	At func(point string)
}

// Close closes both pools.
func (d *DB) Close() error { return errors.Join(d.Reader.Close(), d.Writer.Close()) }

// Write runs do in a transaction that writes. do may run more than once, so it keeps
// nothing outside the database but what its last run left.
func (d *DB) Write(ctx context.Context, do func(tx *sql.Tx) error) error {
	if d.At == nil {
		return d.run(ctx, d.Writer, nil, do)
	}
	err := d.run(ctx, d.Writer, nil, func(tx *sql.Tx) error {
		err := do(tx)
		if err == nil {
			d.At("commit")
		}
		return err
	})
	if err == nil {
		d.At("committed")
	}
	return err
}

// Read runs do on one unmoving picture of the database.
func (d *DB) Read(ctx context.Context, do func(tx *sql.Tx) error) error {
	return d.run(ctx, d.Reader, &sql.TxOptions{ReadOnly: true}, do)
}

func (d *DB) run(ctx context.Context, pool *sql.DB, o *sql.TxOptions, do func(tx *sql.Tx) error) error {
	tries := d.Tries
	if tries == 0 {
		tries = 8
	}
	wait := 5 * time.Millisecond
	const (
		longest  = 320 * time.Millisecond
		believed = 3 // runs that find the same key there already
	)
	for n := 1; ; n++ {
		err := d.Fault(once(ctx, pool, o, do))
		again := errors.Is(err, ErrBusy) || errors.Is(err, ErrAgain) ||
			// The key may have come in a race, unseen by this run: the next one sees it.
			errors.Is(err, ErrExists) && d.ForUpdate != "" && n < believed
		if err == nil || n == tries || ctx.Err() != nil || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(wait/2 + rand.N(wait/2)): // who lost together does not meet again
		}
		wait = min(2*wait, longest)
	}
}

func once(ctx context.Context, pool *sql.DB, o *sql.TxOptions, do func(tx *sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Each runs a query and hands over its rows one by one.
func Each(ctx context.Context, q Querier, row func(*sql.Rows) error, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Querier is what can be asked: a pool, a connection or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}
