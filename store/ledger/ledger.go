// Package ledger is the server's tables: the source registry, the public postings with
// the order in which they changed, what each import did, and the reports that people
// send. Begin with [Open]. It knows no network and reads no clock.
//
// Every change of public rows moves one counter, the head, by one: it is the last thing a
// transaction writes, so seq has no gaps and a reader that has seen n has seen all before it.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"passerelle/store/postgres"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// What a ledger can answer.
var (
	ErrNotFound = errors.New("not in the ledger")
	ErrNumber   = errors.New("not a number of this bank")
	ErrNoID     = errors.New("a posting without an id at its source")
)

// Numbers of postings: this bank's own are given, the others are allocated.
const (
	FirstNative  = 10_000_000
	LastNative   = 69_999_999
	FirstPartner = 100_000_000
)

// Options say how a ledger is opened; the zero value is right for a server.
type Options struct {
	ReadOnly bool // for looking at a backup
	MaxPages int  // size limit of a file, for tests of a full disk; 0: none
}

// Ledger is the open ledger.
type Ledger struct {
	db     *sqldb.DB
	served bool // by PostgreSQL; a file otherwise
}

// migrations make the tables, in SQLite's words; inPostgres says them in PostgreSQL's. One
// is added, never changed.
var migrations = []string{`
	CREATE TABLE head (
		one INTEGER PRIMARY KEY CHECK (one = 1),
		epoch BIGINT NOT NULL, seq BIGINT NOT NULL,
		next_id BIGINT NOT NULL, next_number BIGINT NOT NULL,
		published BIGINT NOT NULL, stamp TEXT NOT NULL);
	INSERT INTO head VALUES (1, 1, 0, 1, 100000000, 0, '');

	CREATE TABLE source (
		id TEXT PRIMARY KEY, accepted TEXT NOT NULL, agreement TEXT NOT NULL, body TEXT NOT NULL);

	CREATE TABLE posting (
		id INTEGER PRIMARY KEY,
		source TEXT NOT NULL REFERENCES source (id), source_id TEXT NOT NULL,
		number BIGINT NOT NULL UNIQUE,
		card BLOB NOT NULL, details BLOB NOT NULL, hash BLOB NOT NULL,
		part TEXT NOT NULL, old_part TEXT NOT NULL,
		posted INTEGER NOT NULL, ends INTEGER NOT NULL, state TEXT NOT NULL,
		seq BIGINT NOT NULL,
		UNIQUE (source, source_id));
	CREATE INDEX posting_seq ON posting (seq, id);
	CREATE INDEX posting_source ON posting (source, state, ends);

	CREATE TABLE run (
		id INTEGER PRIMARY KEY, source TEXT NOT NULL, files TEXT NOT NULL,
		started BIGINT NOT NULL, ended BIGINT NOT NULL, outcome TEXT NOT NULL,
		read INTEGER NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL,
		unchanged INTEGER NOT NULL, closed INTEGER NOT NULL, refused INTEGER NOT NULL);
	CREATE TABLE problem (
		run INTEGER NOT NULL REFERENCES run (id), n INTEGER NOT NULL,
		file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
		PRIMARY KEY (run, n));

	CREATE TABLE report (
		ticket INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, hash BLOB NOT NULL,
		number BIGINT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, words TEXT NOT NULL,
		lang TEXT NOT NULL, app TEXT NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL,
		made BIGINT NOT NULL, received BIGINT NOT NULL, answer BLOB NOT NULL);
`, `
	CREATE TABLE mark (
		source TEXT NOT NULL, source_id TEXT NOT NULL, lang TEXT NOT NULL, mark TEXT NOT NULL,
		PRIMARY KEY (source, source_id, lang));
`, accountTables, recordTables, dataTables, alertTables, suitedTables, matchedLists}

// Open opens a ledger, making it if needed: an SQLite file, or the PostgreSQL database of
// a URL as in postgres://user@host/name.
func Open(ctx context.Context, path string, o Options) (*Ledger, error) {
	if postgres.Is(path) {
		return openPostgres(ctx, path, o)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{
		Migrations: migrations, ReadOnly: o.ReadOnly, MaxPages: o.MaxPages, Cache: 32 << 20,
		Pragmas: []string{"secure_delete=1"}, // what is removed of an account is overwritten, not left in free pages
	})
	if err != nil {
		return nil, err
	}
	return &Ledger{db: db}, nil
}

// Close closes the ledger.
func (l *Ledger) Close() error { return l.db.Close() }

// Backup writes a whole copy, as it stands at one moment, to a file that must not exist: a
// ledger of its own, from whichever engine.
func (l *Ledger) Backup(ctx context.Context, to string) error {
	if !l.served {
		return sqlite.Backup(ctx, l.db, to)
	}
	_, err := l.Copy(ctx, to)
	return err
}

// Copy moves ([Move]) a ledger into a file that must not exist.
func (l *Ledger) Copy(ctx context.Context, to string) (all []Moved, err error) {
	if _, err := os.Stat(to); err == nil {
		return nil, fmt.Errorf("copy to %s: %w", to, os.ErrExist)
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), "copy-") // half a copy never has its name
	if err != nil {
		return nil, fmt.Errorf("copy to %s: %w", to, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	aside := filepath.Join(dir, "ledger.db")
	file, err := Open(ctx, aside, Options{})
	if err != nil {
		return nil, fmt.Errorf("copy to %s: %w", to, err)
	}
	all, err = Move(ctx, l, file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(aside, to)
	}
	if err != nil {
		return nil, fmt.Errorf("copy to %s: %w", to, err)
	}
	return all, nil
}

// Check reads the whole file and says whether it is sound. What PostgreSQL keeps, it checks
// as it reads.
func (l *Ledger) Check(ctx context.Context) error {
	if l.served {
		return nil
	}
	return sqlite.Check(ctx, l.db)
}

// Position is where the public rows stand.
func (l *Ledger) Position(ctx context.Context) (epoch, seq int64, err error) {
	h, err := readHead(ctx, l.db.Reader, "")
	if err != nil {
		return 0, 0, fmt.Errorf("ledger position: %w", l.db.Fault(err))
	}
	return h.epoch, h.seq, nil
}

// NewEpoch begins an epoch above both the ledger's own and a floor: after a restore,
// what clients hold may be of a future that no longer is (design, plane A).
func (l *Ledger) NewEpoch(ctx context.Context, floor int64) (epoch int64, err error) {
	const raise = `
		UPDATE head SET epoch = CASE WHEN epoch > $1 THEN epoch ELSE $1 END + 1, published = 0, stamp = ''
		WHERE one = 1 RETURNING epoch`
	const parts = "UPDATE part SET epoch = $1" // private records, too: their seq and versions may be of that future
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, raise, floor).Scan(&epoch); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, parts, epoch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("raise the epoch: %w", err)
	}
	return epoch, nil
}

// Published is up to which seq rows were published, with a mark left by the publisher:
// a ledger that does not know the mark of what is published is an older copy.
func (l *Ledger) Published(ctx context.Context) (seq int64, stamp string, err error) {
	const ask = "SELECT published, stamp FROM head WHERE one = 1"
	if err := l.db.Reader.QueryRowContext(ctx, ask).Scan(&seq, &stamp); err != nil {
		return 0, "", fmt.Errorf("published position: %w", l.db.Fault(err))
	}
	return seq, stamp, nil
}

// SetPublished remembers what was published.
func (l *Ledger) SetPublished(ctx context.Context, seq int64, stamp string) error {
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE head SET published = $1, stamp = $2 WHERE one = 1", seq, stamp)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember what was published: %w", err)
	}
	return nil
}

// head is the counter row.
type head struct{ epoch, seq, nextID, nextNumber, published int64 }

type queryRower interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// readHead reads the counters; lock is sqldb's ForUpdate where they are going to move.
func readHead(ctx context.Context, q queryRower, lock string) (h head, err error) {
	const ask = "SELECT epoch, seq, next_id, next_number, published FROM head WHERE one = 1"
	err = q.QueryRowContext(ctx, ask+lock).Scan(&h.epoch, &h.seq, &h.nextID, &h.nextNumber, &h.published)
	return h, err
}

// advance is the last write of a transaction that changed rows under seq h.seq + 1. If
// another transaction advanced the head since h was read, it answers sqldb.ErrAgain.
func (h head) advance(ctx context.Context, tx *sql.Tx) error {
	const move = `
		UPDATE head SET seq = $1, next_id = $2, next_number = $3
		WHERE one = 1 AND seq = $4 AND epoch = $5`
	res, err := tx.ExecContext(ctx, move, h.seq+1, h.nextID, h.nextNumber, h.seq, h.epoch)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, sqldb.ErrAgain)
	}
	return nil
}
