package catalogue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// Building is a catalogue being built beside the one in use. One goroutine works on it.
type Building struct {
	store  *Store
	f      *file
	name   string
	served bool // it is the one in use now
	bases  map[string]bool
	// half holds the digests of cards whose details may still come, so that they need
	// not be read again; it is only a shortcut.
	half map[uint32]hash.Hash
}

// Build starts, or resumes, a new catalogue aside. name identifies what is built (scope and
// base hashes); a build left under another name is thrown away.
func (s *Store) Build(ctx context.Context, name string) (*Building, error) {
	s.mu.Lock()
	old := s.building
	s.building = nil
	s.mu.Unlock()
	if old != nil && !old.served {
		if err := old.f.close(); err != nil {
			return nil, fmt.Errorf("build: %w", err)
		}
	}
	left, err := os.ReadFile(s.path(buildingName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("build: %w", err)
	}
	inUse := s.inUse()
	if fileName, of, ok := strings.Cut(string(left), "\n"); ok && of == name && filepath.Base(fileName) != inUse {
		if b, err := s.resume(ctx, filepath.Base(fileName), name); err == nil {
			return b, nil
		} else if ctx.Err() != nil {
			return nil, err
		} // what cannot be read is begun again
	}
	names, err := filepath.Glob(s.path("catalogue-*.db"))
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	number := 0
	for _, n := range names {
		var i int
		if scan(filepath.Base(n), "catalogue-%d.db", &i) {
			number = max(number, i)
		}
		if filepath.Base(n) != inUse {
			_ = remove(n) // one that another process reads still has its own number
		}
	}
	fileName := fmt.Sprintf("catalogue-%d.db", number+1)
	if err := replace(s.path(buildingName), fileName+"\n"+name); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	f, err := openFile(ctx, s.path(fileName), true)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	f.frame.Store(newFrame())
	return s.begin(&Building{store: s, f: f, name: name, bases: map[string]bool{}, half: map[uint32]hash.Hash{}}), nil
}

func (s *Store) begin(b *Building) *Building {
	s.mu.Lock()
	s.building = b
	s.mu.Unlock()
	return b
}

// inUse is the name in the pointer: that file is never deleted before another is named.
func (s *Store) inUse() string {
	b, _ := os.ReadFile(s.path(pointerName))
	if len(b) == 0 {
		return ""
	}
	return filepath.Base(strings.TrimSpace(string(b)))
}

// resume opens what an interrupted build left, and makes its columns again from its rows.
func (s *Store) resume(ctx context.Context, fileName, name string) (*Building, error) {
	if _, err := os.Stat(s.path(fileName)); err != nil {
		return nil, err
	}
	f, err := openFile(ctx, s.path(fileName), true)
	if err != nil {
		return nil, err
	}
	b := &Building{store: s, f: f, name: name, bases: map[string]bool{}, half: map[uint32]hash.Hash{}}
	if err := b.reread(ctx); err != nil {
		_ = f.close()
		return nil, err
	}
	return s.begin(b), nil
}

func (b *Building) reread(ctx context.Context) error {
	return b.f.db.Read(ctx, func(tx *sql.Tx) error {
		err := sqldb.Each(ctx, tx, func(r *sql.Rows) error {
			var h string
			err := r.Scan(&h)
			b.bases[h] = true
			return err
		}, "SELECT hash FROM base")
		if err != nil {
			return err
		}
		fr, err := readFrame(ctx, tx)
		if err != nil {
			return err
		}
		if fr.gen > 0 { // Browse was there: everything is saved
			b.f.frame.Store(fr)
			return nil
		}
		where, err := packed(ctx, tx)
		if err != nil {
			return err
		}
		e := &edit{ctx: ctx, tx: tx, f: fr, own: map[uint32]bool{}}
		err = eachRow(ctx, tx, 0, func(id int64) uint32 { return where[id] }, func(id int64, card, details []byte) error {
			c, err := posting.ParseCard(card)
			if err != nil {
				return err
			}
			p, i := e.page(id)
			e.f.set(p, i, c)
			p.sum[i] = posting.RowSum(card, details)
			return nil
		})
		if err != nil {
			return err
		}
		for id, n := range where {
			p, i := e.page(id)
			p.pack[i] = n // a row without its card yet, too
			fr.packs = max(fr.packs, n)
		}
		b.f.frame.Store(fr)
		return nil
	})
}

// Has tells which segments are already in, so that a resumed build skips them.
func (b *Building) Has(segment string) bool { return b.bases[segment] }

const (
	hasCards   = 1
	hasDetails = 2
	maxHalf    = 250_000 // digests kept, some 150 bytes each
)

// Add writes a segment's rows in one transaction and remembers its hash.
func (b *Building) Add(ctx context.Context, segment string, rows iter.Seq2[Row, error]) error {
	return b.add(ctx, segment, rows, nil)
}

// add takes the sum of the segment as it was published, when the rows may differ from it.
func (b *Building) add(ctx context.Context, segment string, rows iter.Seq2[Row, error], published []byte) error {
	if b.bases[segment] {
		return nil
	}
	err := b.f.change(ctx, func(e *edit) error {
		ids, sum, layer := roaring.New(), posting.Sum{}, 0
		for row, err := range rows {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if row.ID <= 0 || row.ID > maxID {
				return fmt.Errorf("row %d: %w", row.ID, ErrRow)
			}
			ids.Add(uint32(row.ID))
			sum = sum.Add(posting.RowSum(row.Card, row.Details))
			if len(row.Card) > 0 {
				layer |= hasCards
			}
			if len(row.Details) > 0 {
				layer |= hasDetails
			}
			if err := b.row(e, row); err != nil {
				return err
			}
		}
		if err := e.flush(); err != nil {
			return err
		}
		ids.RunOptimize()
		if published == nil {
			published = sum[:]
		}
		at("segment written")
		_, err := e.tx.ExecContext(ctx, "INSERT OR REPLACE INTO base(hash, ids, layer, sum) VALUES(?,?,?,?)",
			segment, bitmapBytes(ids), layer, published)
		return err
	})
	if err != nil {
		clear(b.half) // it may speak of rows that were rolled back
		return fmt.Errorf("add segment %s: %w", segment, err)
	}
	b.bases[segment] = true
	return nil
}

// row writes one row of a segment; card and details may come one after the other.
func (b *Building) row(e *edit, row Row) error {
	id := uint32(row.ID)
	if err := e.flushIfPending(row.ID); err != nil {
		return err
	}
	p, i := e.page(row.ID)
	earlier := p.pack[i] // its details came first
	if len(row.Card) > 0 {
		if _, err := e.store(row.ID, row.Card); err != nil {
			return err
		}
		switch {
		case len(row.Details) > 0:
			p.sum[i] = posting.RowSum(row.Card, row.Details)
		case earlier != 0:
			var body, det []byte
			if err := e.tx.QueryRowContext(e.ctx, "SELECT body FROM pack WHERE n = ?", earlier).Scan(&body); err != nil {
				return err
			}
			if err := eachPacked(body, func(_ int, of int64, d []byte) {
				if of == row.ID {
					det = d
				}
			}); err != nil {
				return err
			}
			p.sum[i] = posting.RowSum(row.Card, det)
		default:
			p.sum[i] = posting.RowSum(row.Card, nil)
			if len(b.half) < maxHalf {
				h := sha256.New()
				h.Write(row.Card)
				b.half[id] = h
			}
		}
	}
	if len(row.Details) == 0 {
		return nil
	}
	if len(row.Card) == 0 && p.holds(i) {
		h := b.half[id]
		if h == nil {
			var card []byte
			if err := e.tx.QueryRowContext(e.ctx, "SELECT body FROM card WHERE id = ?", id).Scan(&card); err != nil {
				return err
			}
			h = sha256.New()
			h.Write(card)
		}
		h.Write(row.Details)
		p.sum[i] = posting.Sum(h.Sum(nil)[:len(posting.Sum{})])
		delete(b.half, id)
	}
	return e.attach(row.ID, slices.Clone(row.Details))
}

// Copy takes from the catalogue in use the rows of a segment that it started from, if
// they are still as they came, so that widening or a new base downloads only the difference.
func (b *Building) Copy(ctx context.Context, segment string) (bool, error) {
	if b.bases[segment] {
		return true, nil
	}
	var rows []Row
	err := b.store.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		var ids, want []byte
		var layer int
		err := tx.QueryRowContext(ctx, "SELECT ids, layer, sum FROM base WHERE hash = ?", segment).Scan(&ids, &layer, &want)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		bm, err := readBitmap(ids)
		if err != nil {
			return err
		}
		card := tx.StmtContext(ctx, f.card)
		defer func() { _ = card.Close() }()
		packs := shelf{ctx: ctx, get: packReader(ctx, tx.StmtContext(ctx, f.pack))}
		var sum posting.Sum
		for it := bm.Iterator(); it.HasNext(); {
			row := Row{ID: int64(it.Next())}
			p, i := fr.at(row.ID)
			if p == nil {
				rows = nil
				return nil // a row has gone since
			}
			if layer&hasCards != 0 {
				if err := card.QueryRowContext(ctx, row.ID).Scan(&row.Card); err != nil {
					return err
				}
			}
			if layer&hasDetails != 0 {
				if row.Details, err = packs.details(p.pack[i], row.ID); err != nil {
					return err
				}
			}
			sum = sum.Add(posting.RowSum(row.Card, row.Details))
			rows = append(rows, row)
		}
		if string(sum[:]) != string(want) {
			rows = nil // a row has changed since
		}
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil || len(rows) == 0: // there is none, or it cannot be read: it can be downloaded
		return false, nil //nolint:nilerr // what cannot be copied is downloaded
	}
	return true, b.Add(ctx, segment, func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
}

func packReader(ctx context.Context, get *sql.Stmt) func(n uint32) ([]byte, error) {
	return func(n uint32) ([]byte, error) {
		var body []byte
		return body, get.QueryRowContext(context.WithoutCancel(ctx), n).Scan(&body)
	}
}

// Change puts and drops rows over the segments added or copied so far: the deltas since the
// base was cut. A put replaces the row of that id, a drop of a row that is not there is nothing.
// Called before Browse, and again from the start when a build is resumed: it is idempotent.
func (b *Building) Change(ctx context.Context, ops iter.Seq2[Op, error]) error {
	clear(b.half)
	err := b.f.change(ctx, func(e *edit) error {
		_, _, err := e.run(posting.Sum{}, ops, false)
		if err == nil && e.f.gen > 0 {
			err = e.save()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("changes over the base: %w", err)
	}
	return nil
}

// Browse checks the digest, makes filters and facets, writes the state and swaps the
// pointer if there was no catalogue: it can be browsed, and words are not searched yet.
func (b *Building) Browse(ctx context.Context, st State) error {
	b.half = nil
	err := b.f.change(ctx, func(e *edit) error {
		var sum posting.Sum
		for n, p := range e.f.pages {
			for i := range pageRows {
				if p.holds(i) {
					sum = sum.Add(p.sum[i])
				} else if p.pack[i] != 0 { // details whose card was dropped
					q, _ := e.page(int64(n)<<pageBits | int64(i))
					q.pack[i] = 0
				}
			}
			e.own[n] = true
		}
		count := e.f.rows()
		if sum != st.Digest || st.Count != 0 && st.Count != count {
			return fmt.Errorf("%w: %d rows, want %d", ErrDigest, count, st.Count)
		}
		e.newWords = true
		e.f.state = st
		e.f.state.Count = count
		at("rows checked")
		return e.save()
	})
	if err != nil {
		return fmt.Errorf("browse %s: %w", b.name, err)
	}
	b.store.mu.Lock()
	first := b.store.cur == nil
	b.store.mu.Unlock()
	if first && !b.served {
		return b.swap(ctx)
	}
	return nil
}

// swap puts the file on disk for good and names it in the pointer. Until the pointer is
// renamed the old catalogue is the one in use, whatever happens.
func (b *Building) swap(ctx context.Context) error {
	fail := func(err error) error {
		return fmt.Errorf("put %s in use: %w", filepath.Base(b.f.path), sqlite.Fault(err))
	}
	if _, err := b.f.db.Writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fail(err)
	}
	for _, path := range []string{b.f.path, b.f.path + "-wal"} { // the second holds what a reader kept from the first
		if err := syncFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail(err)
		}
	}
	f, err := load(ctx, b.f.path) // as the next start will, and with commits that last
	if err != nil {
		return fail(err)
	}
	at("before pointer")
	if err := replace(b.store.path(pointerName), filepath.Base(b.f.path)+"\n"); err != nil {
		_ = f.close()
		return fail(err)
	}
	at("after pointer")
	b.store.mu.Lock()
	old := b.store.cur
	b.store.cur, b.store.damaged = f, nil
	b.store.mu.Unlock()
	aside := b.f
	b.f, b.served = f, true
	err = aside.close()
	if old != nil {
		err = errors.Join(err, b.store.retire(old, true))
	}
	return err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// replace writes a small file so that it is whole or not there.
func replace(path, text string) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		return err
	}
	if err := syncFile(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	// The new name must last before the old catalogue goes. Where a directory cannot be
	// synced, the system orders the two by itself.
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// Index builds the word index, newest postings first, telling rows done; then swaps the
// pointer if Browse did not. Interrupted, it goes on at the next call, or at [Store.Resume].
func (b *Building) Index(ctx context.Context, tell func(done, total int)) error {
	if err := b.f.indexRest(ctx, b.served, tell); err != nil {
		return fmt.Errorf("index %s: %w", b.name, err)
	}
	if !b.served {
		if err := b.swap(ctx); err != nil {
			return err
		}
	}
	if err := os.Remove(b.store.path(buildingName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("index %s: %w", b.name, err)
	}
	return nil
}

// Resume goes on where an interruption left the catalogue in use: with its word index, and
// with the deletion of the one before it. It does nothing when all is whole. The process
// that syncs calls it when it starts.
func (s *Store) Resume(ctx context.Context, tell func(done, total int)) error {
	f, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if err := f.indexRest(ctx, true, tell); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	left, err := os.ReadFile(s.path(buildingName))
	aside, _, _ := strings.Cut(string(left), "\n")
	if err != nil || filepath.Base(aside) != filepath.Base(f.path) {
		return nil // nothing was being built, or it is still to be built
	}
	names, err := filepath.Glob(s.path("catalogue-*.db"))
	for _, n := range names {
		if n != f.path {
			_ = remove(n)
		}
	}
	if err == nil {
		err = os.Remove(s.path(buildingName))
	}
	if err != nil {
		return fmt.Errorf("tidy up: %w", err)
	}
	return nil
}

// chunkRows is how many postings one segment of a fresh index covers: enough that few
// segments answer a search, few enough that inverting them takes some 40 MB.
func chunkRows(total int) int { return min(max(25_000, total/10), 100_000) }

// indexRest makes segments for rows that none covers, two at a time.
func (f *file) indexRest(ctx context.Context, newest bool, tell func(done, total int)) error {
	fr := f.frame.Load()
	total := fr.rows()
	covered := fr.universe()
	type row struct {
		id     uint32
		posted int32
	}
	var rest []row
	for _, n := range fr.order {
		p := fr.pages[n]
		for i := range pageRows {
			if id := n<<pageBits | uint32(i); p.holds(i) && !covered.Contains(id) {
				rest = append(rest, row{id, p.posted[i]})
			}
		}
	}
	if newest { // some words are searched already: those of the newest postings first
		slices.SortStableFunc(rest, func(a, b row) int { return cmp.Compare(b.posted, a.posted) })
	}
	done := total - len(rest)
	var mu sync.Mutex
	progress := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		if tell != nil {
			tell(done, total)
		}
	}
	if len(rest) == 0 {
		progress(0)
		return nil
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for part := range slices.Chunk(rest, chunkRows(len(rest))) {
		ids := make([]uint32, len(part))
		for i, r := range part {
			ids[i] = r.id
		}
		slices.Sort(ids)
		g.Go(func() error {
			v := newInverter()
			told := 0
			err := f.read(gctx, func(tx *sql.Tx, fr *frame) error {
				card := tx.StmtContext(gctx, f.card)
				packs := shelf{ctx: gctx, get: packReader(gctx, tx.StmtContext(gctx, f.pack))}
				for k, id := range ids {
					p, i := fr.at(int64(id))
					if p == nil {
						continue
					}
					c, err := readCard(gctx, card, int64(id))
					if err != nil {
						return err
					}
					det, err := packs.details(p.pack[i], int64(id))
					if err != nil {
						return err
					}
					if err := v.add(id, c, det); err != nil {
						return err
					}
					if k%1000 == 999 {
						if err := gctx.Err(); err != nil {
							return err
						}
						progress(k + 1 - told)
						told = k + 1
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			s, rows := v.finish()
			err = f.change(gctx, func(e *edit) error {
				for _, o := range e.f.segs { // changed meanwhile, and indexed then
					s.live.AndNot(o.live)
				}
				for _, id := range ids {
					if p, _ := e.f.at(int64(id)); p == nil {
						s.live.Remove(id)
					}
				}
				if err := e.addSegment(s, rows); err != nil {
					return err
				}
				at("words written")
				return e.save()
			})
			progress(len(ids) - told)
			return err
		})
	}
	return g.Wait()
}

// Discard throws the building away.
func (b *Building) Discard() error {
	b.store.mu.Lock()
	if b.store.building == b {
		b.store.building = nil
	}
	b.store.mu.Unlock()
	if b.served {
		return nil // it is the catalogue in use
	}
	err := errors.Join(b.f.close(), remove(b.f.path))
	if rerr := os.Remove(b.store.path(buildingName)); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}
