// Package catalogue is the public postings on disk: rows, word index, facets. Begin
// with [Open]. It hides SQL; it knows no network. The store is a directory:
// catalogue-N.db files and a pointer that names the one in use, replaceable as a whole.
//
// A search works on a frame, the filterable columns of every posting in memory, and on
// bitmaps of words read from the file; both belong to one commit. A file is in use by one
// process that writes; others may read beside it and see each commit.
package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// Row is one posting as the wire carries it. Card nil: only its details come
// (widening a "cards" scope). Details nil with a Card: a "cards" scope.
type Row struct {
	ID            int64
	Card, Details []byte
}

// Op is one change of a delta, applied in id order.
type Op struct {
	Row
	Drop bool // the row leaves this scope or has passed the horizon
}

// State says which catalogue this is. It is written in the same transaction as the
// rows it speaks of.
type State struct {
	Origin  string // "server", "bundle", "sample"; "" when there is none
	Root    string // fingerprint of the publisher's first root: rows of two publishers are never mixed
	Scope   string
	Epoch   int64
	Seq     int64
	Created time.Time   // of the head it came from: "catalogue of …"
	Checked time.Time   // last time the publisher confirmed it
	Digest  posting.Sum // sum of posting.RowSum over every row
	Count   int         // rows
	Bases   []string    // hashes of the base segments that its rows started from
	Demo    bool        // signed by a demonstration root
	Indexed int         // rows the word index covers
	Packs   map[string]string
}

// Errors of a catalogue. ErrFull and ErrCorrupt are those of sqldb.
var (
	ErrNone    = errors.New("no catalogue yet")
	ErrDigest  = errors.New("catalogue digest differs")              // the rows are not those that were published
	ErrState   = errors.New("the catalogue is not at that position") // of Apply
	ErrRow     = errors.New("row id out of range or not the card's") // ids are 1 to 2^32-1
	ErrMissing = errors.New("no such posting in the catalogue")
	ErrFull    = sqldb.ErrFull
	ErrCorrupt = sqldb.ErrCorrupt
)

// Store is the directory of catalogues of one desktop.
type Store struct {
	dir      string
	mu       sync.Mutex
	cur      *file // nil: none
	damaged  error // why the catalogue named by the pointer is not served
	building *Building
}

const (
	pointerName  = "current"  // names the file in use
	buildingName = "building" // names the file being built, then what is being built
)

// Open opens the store in a directory, making it if needed. A store without a
// catalogue is fine: State answers ErrNone. So is one whose file is damaged: every
// question is answered by ErrCorrupt until another catalogue has been built.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	s := &Store{dir: dir}
	name, err := os.ReadFile(s.path(pointerName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	if s.cur, err = load(ctx, s.path(filepath.Base(strings.TrimSpace(string(name))))); err != nil {
		if ctx.Err() != nil || errors.Is(err, sqldb.ErrNewer) || errors.Is(err, sqldb.ErrBusy) {
			return nil, fmt.Errorf("open catalogue: %w", err)
		}
		s.damaged = err
	}
	return s, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// load opens a finished catalogue and reads its frame; what cannot be read is ErrCorrupt.
func load(ctx context.Context, path string) (*file, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	f, err := openFile(ctx, path, false)
	if err != nil {
		return nil, err
	}
	err = f.db.Read(ctx, func(tx *sql.Tx) error {
		fr, err := readFrame(ctx, tx)
		if err != nil {
			return err
		}
		if fr.gen == 0 || fr.rows() != fr.state.Count {
			return fmt.Errorf("%w: %d rows, its state says %d", ErrCorrupt, fr.rows(), fr.state.Count)
		}
		f.frame.Store(fr)
		return nil
	})
	if err != nil {
		_ = f.close()
		return nil, fmt.Errorf("load %s: %w", filepath.Base(path), err)
	}
	return f, nil
}

// Close waits for readers and closes the files.
func (s *Store) Close() error {
	s.mu.Lock()
	b, cur := s.building, s.cur
	s.building, s.cur = nil, nil
	s.mu.Unlock()
	var errs []error
	if b != nil && !b.served {
		errs = append(errs, b.f.close())
	}
	if cur != nil {
		errs = append(errs, s.retire(cur, false))
	}
	return errors.Join(errs...)
}

// retire closes a file now or when its last user leaves, and deletes it if asked.
func (s *Store) retire(f *file, gone bool) error {
	s.mu.Lock()
	f.gone = gone
	f.users-- // the store's own use, which began at −0
	last := f.users < 0
	s.mu.Unlock()
	if last {
		return finish(f)
	}
	return nil
}

func finish(f *file) error {
	err := f.close()
	if f.gone {
		_ = remove(f.path) // another process may read it still: the next build tries again
	}
	return err
}

// use takes the file in use; the caller gives it back.
func (s *Store) use() (*file, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.cur
	if f == nil {
		if s.damaged != nil {
			return nil, nil, s.damaged
		}
		return nil, nil, ErrNone
	}
	f.users++
	return f, func() {
		s.mu.Lock()
		f.users--
		last := f.users < 0
		s.mu.Unlock()
		if last {
			_ = finish(f)
		}
	}, nil
}

// read runs do on one picture of the catalogue in use.
func (s *Store) read(ctx context.Context, do func(f *file, tx *sql.Tx, fr *frame) error) error {
	f, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	return f.read(ctx, func(tx *sql.Tx, fr *frame) error { return do(f, tx, fr) })
}

// State is that of the catalogue in use.
func (s *Store) State(ctx context.Context) (State, error) {
	var st State
	err := s.read(ctx, func(_ *file, _ *sql.Tx, fr *frame) error {
		st = fr.state
		return nil
	})
	return st, err
}

// Cards reads cards by row id, in the order asked; a row that has gone is left out. A
// list needs no street: what only a reader needs stays out, so that nothing has to be
// masked when a posting ends.
func (s *Store) Cards(ctx context.Context, ids []int64) ([]posting.Card, error) {
	cards := make([]posting.Card, 0, len(ids))
	err := s.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		get := tx.StmtContext(ctx, f.card)
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			c, err := readCard(ctx, get, id)
			if errors.Is(err, ErrMissing) {
				continue
			}
			if err != nil {
				return err
			}
			c.Place.Street = ""
			if len(c.Place.Postal) > 3 {
				c.Place.Postal = c.Place.Postal[:3]
			}
			if c.State != posting.Shown {
				c = posting.Posting{Card: c}.Masked().Card
			}
			cards = append(cards, c)
		}
		return nil
	})
	return cards, err
}

func readCard(ctx context.Context, get *sql.Stmt, id int64) (posting.Card, error) {
	var body []byte
	err := get.QueryRowContext(context.WithoutCancel(ctx), id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return posting.Card{}, fmt.Errorf("row %d: %w", id, ErrMissing)
	}
	if err != nil {
		return posting.Card{}, fmt.Errorf("row %d: %w", id, err)
	}
	c, err := posting.ParseCard(body)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return c, nil
}

// Posting reads one posting by row id, masked if it has ended at now.
func (s *Store) Posting(ctx context.Context, id int64, now time.Time) (posting.Posting, error) {
	var p posting.Posting
	err := s.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		pg, i := fr.at(id)
		if pg == nil {
			return fmt.Errorf("posting %d: %w", id, ErrMissing)
		}
		var err error
		if p.Card, err = readCard(ctx, tx.StmtContext(ctx, f.card), id); err != nil {
			return err
		}
		body, err := readDetails(ctx, tx.StmtContext(ctx, f.pack), pg.pack[i], id)
		if err != nil {
			return err
		}
		p.Details, err = posting.ParseDetails(body)
		return err
	})
	if err == nil && p.Ended(now) {
		p = p.Masked()
	}
	return p, err
}

// Each reads every posting by rising row id, masked where it has ended at now, at
// one commit. It stops at the first error.
func (s *Store) Each(ctx context.Context, now time.Time, yield func(posting.Posting) error) error {
	return s.Beyond(ctx, now, func(State, int64) int64 { return 0 }, yield)
}

// Beyond is [Store.Each] for the rows above the one that from gives, who is told which
// catalogue it is of, and its highest row.
func (s *Store) Beyond(ctx context.Context, now time.Time, from func(st State, last int64) int64, yield func(posting.Posting) error) error {
	return s.read(ctx, func(_ *file, tx *sql.Tx, fr *frame) error {
		var last sql.NullInt64
		if err := tx.QueryRowContext(ctx, "SELECT max(id) FROM card").Scan(&last); err != nil {
			return err
		}
		after := from(fr.state, last.Int64)
		if after >= last.Int64 {
			return nil
		}
		where := func(id int64) uint32 {
			if p, i := fr.at(id); p != nil {
				return p.pack[i]
			}
			return 0
		}
		return eachRow(ctx, tx, after, where, func(id int64, card, details []byte) error {
			if pg, _ := fr.at(id); pg == nil {
				return nil // of a commit that the frame has not seen
			}
			var p posting.Posting
			var err error
			if p.Card, err = posting.ParseCard(card); err == nil {
				p.Details, err = posting.ParseDetails(details)
			}
			if err != nil {
				return fmt.Errorf("%w: posting %d: %w", ErrCorrupt, id, err)
			}
			if p.Ended(now) {
				p = p.Masked()
			}
			return yield(p)
		})
	})
}

// readDetails takes a row's details out of their pack; nil when it has none.
func readDetails(ctx context.Context, get *sql.Stmt, pack uint32, id int64) ([]byte, error) {
	if pack == 0 {
		return nil, nil
	}
	var body, out []byte
	if err := get.QueryRowContext(context.WithoutCancel(ctx), pack).Scan(&body); err != nil {
		return nil, fmt.Errorf("%w: details of %d: %w", ErrCorrupt, id, err)
	}
	err := eachPacked(body, func(_ int, of int64, d []byte) {
		if of == id {
			out = slices.Clone(d)
		}
	})
	return out, err
}

// Confirm records that the publisher confirmed the catalogue in use at a moment.
func (s *Store) Confirm(ctx context.Context, moment time.Time) error {
	f, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	return f.change(ctx, func(e *edit) error {
		e.f.state.Checked = moment
		return e.save()
	})
}

// Check reads every page and row of the catalogue in use and says whether they are
// those that were published: ErrCorrupt or ErrDigest if not.
func (s *Store) Check(ctx context.Context) error {
	return s.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		if err := sqlite.Check(ctx, f.db); err != nil {
			return err
		}
		var sum posting.Sum
		where := func(id int64) uint32 {
			if p, i := fr.at(id); p != nil {
				return p.pack[i]
			}
			return 0
		}
		err := eachRow(ctx, tx, 0, where, func(id int64, card, details []byte) error {
			if p, _ := fr.at(id); p != nil {
				sum = sum.Add(posting.RowSum(card, details))
			}
			return nil
		})
		if err == nil && sum != fr.state.Digest {
			err = ErrDigest
		}
		return err
	})
}
