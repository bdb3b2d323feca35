package catalogue

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

const schema = `
CREATE TABLE meta(k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE card(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE pack(n INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE page(n INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE dict(k TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE base(hash TEXT PRIMARY KEY, ids BLOB NOT NULL, layer INTEGER NOT NULL, sum BLOB NOT NULL);` + wordSchema

// file is one catalogue-N.db.
type file struct {
	path string
	db   *sqldb.DB

	docs, span, full, card, pack *sql.Stmt

	begin sync.RWMutex // shared while a search takes its picture; alone while a commit gets its frame
	write sync.Mutex   // one change at a time
	frame atomic.Pointer[frame]
	veil  atomic.Pointer[veil]
	users int  // guarded by Store.mu
	gone  bool // to be deleted once nobody uses it
}

// maxPages limits a file's size; only tests of a full disk set it.
var maxPages int

func openFile(ctx context.Context, path string, aside bool) (*file, error) {
	o := sqlite.Options{Migrations: []string{schema}, Readers: 4, PageSize: 8192, Cache: 4 << 20, Fast: true, MaxPages: maxPages}
	if aside {
		// A machine that stops loses the file being built, never the one in use; a
		// process that stops loses nothing.
		o.Pragmas = []string{"synchronous=off", "wal_autocheckpoint=4000"}
		o.Cache = 16 << 20
	}
	db, err := sqlite.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, db: db}
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&f.docs, docsText}, {&f.span, spanText}, {&f.full, fullText},
		{&f.card, "SELECT body FROM card WHERE id = ?"}, {&f.pack, "SELECT body FROM pack WHERE n = ?"},
	} {
		if *s.to, err = db.Reader.PrepareContext(ctx, s.text); err != nil { //nolint:sqlclosecheck // close closes them
			_ = db.Close()
			return nil, fmt.Errorf("open %s: %w", path, sqlite.Fault(err))
		}
	}
	return f, nil
}

func (f *file) close() error {
	var errs []error
	for _, s := range []*sql.Stmt{f.docs, f.span, f.full, f.card, f.pack} {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, f.db.Close())...)
}

// remove deletes a closed file and what SQLite keeps beside it.
func remove(path string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// read runs do on one picture of the file and the frame that belongs to it.
func (f *file) read(ctx context.Context, do func(tx *sql.Tx, fr *frame) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.begin.RLock()
	fr := f.frame.Load()
	tx, gen, err := f.picture(ctx)
	f.begin.RUnlock()
	if err != nil {
		return sqlite.Fault(err)
	}
	defer func() { _ = tx.Rollback() }()
	if gen != fr.gen { // another process has written
		if fr, err = readFrame(ctx, tx); err != nil {
			return sqlite.Fault(err)
		}
		f.frame.Store(fr)
	}
	return sqlite.Fault(do(tx, fr))
}

func (f *file) picture(ctx context.Context) (*sql.Tx, int64, error) {
	tx, err := f.db.Reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, 0, err
	}
	gen, err := number(ctx, tx, "gen")
	if err != nil {
		_ = tx.Rollback()
	}
	return tx, gen, err
}

func number(ctx context.Context, tx *sql.Tx, key string) (n int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT v FROM meta WHERE k = ?", key).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// change runs do in a transaction on a copy of the frame, and publishes the copy with
// the commit. at names the points between which a test may kill the process.
func (f *file) change(ctx context.Context, do func(e *edit) error) error {
	f.write.Lock()
	defer f.write.Unlock()
	tx, err := f.db.Writer.BeginTx(ctx, nil)
	if err != nil {
		return sqlite.Fault(err)
	}
	defer func() { _ = tx.Rollback() }()
	was := f.frame.Load()
	if gen, err := number(ctx, tx, "gen"); err != nil {
		return sqlite.Fault(err)
	} else if gen != was.gen {
		if was, err = readFrame(ctx, tx); err != nil {
			return sqlite.Fault(err)
		}
	}
	e := &edit{ctx: ctx, tx: tx, f: was.clone(), own: map[uint32]bool{}, ownSeg: map[int64]bool{}}
	defer e.close()
	if err := do(e); err != nil {
		return sqlite.Fault(err)
	}
	at("before commit")
	f.begin.Lock()
	defer f.begin.Unlock()
	if err := tx.Commit(); err != nil {
		return sqlite.Fault(err)
	}
	at("after commit")
	f.frame.Store(e.f)
	return nil
}

// at is called at named points; a test replaces it to kill the process there.
var at = func(point string) {}

// readFrame loads what the last commit saved.
func readFrame(ctx context.Context, tx *sql.Tx) (*frame, error) {
	f := newFrame()
	var err error
	if f.gen, err = number(ctx, tx, "gen"); err != nil {
		return nil, err
	}
	packs, err := number(ctx, tx, "packs")
	if err != nil {
		return nil, err
	}
	if f.lastSg, err = number(ctx, tx, "lastseg"); err != nil {
		return nil, err
	}
	f.packs = uint32(packs)
	var state []byte
	switch err := tx.QueryRowContext(ctx, "SELECT v FROM meta WHERE k = 'state'").Scan(&state); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(state, &f.state); err != nil {
			return nil, fmt.Errorf("%w: state: %w", sqldb.ErrCorrupt, err)
		}
	}
	type raw struct {
		n    uint32
		body []byte
	}
	var raws []raw
	err = sqldb.Each(ctx, tx, func(r *sql.Rows) error {
		var x raw
		err := r.Scan(&x.n, &x.body)
		raws = append(raws, x)
		return err
	}, "SELECT n, body FROM page ORDER BY n")
	if err != nil {
		return nil, err
	}
	pages, errs := make([]*page, len(raws)), make([]error, len(raws))
	both(len(raws), func(i int) { pages[i], errs[i] = readPage(raws[i].body) })
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i, x := range raws {
		f.pages[x.n] = pages[i]
		f.order = append(f.order, x.n)
	}
	err = sqldb.Each(ctx, tx, func(r *sql.Rows) error {
		var k string
		var body []byte
		if err := r.Scan(&k, &body); err != nil {
			return err
		}
		vs, err := split(body)
		if err != nil {
			return fmt.Errorf("values %s: %w", k, err)
		}
		var i int
		switch {
		case k == "employer":
			f.staff.names = vs
		case scan(k, "code%d", &i) && i < nCodes:
			f.codes[i] = readDict(vs)
		case scan(k, "mask%d", &i) && i < nMasks:
			f.masks[i] = readDict(vs)
		}
		return nil
	}, "SELECT k, body FROM dict")
	if err != nil {
		return nil, err
	}
	f.segs, err = readSegments(ctx, tx)
	return f, err
}

func scan(s, format string, i *int) bool {
	n, err := fmt.Sscanf(s, format, i)
	return n == 1 && err == nil && *i >= 0
}

func readDict(vs []string) dict {
	d := dict{values: vs, index: make(map[string]uint16, len(vs)), shared: true}
	for i, v := range vs {
		if i > 0 {
			d.index[v] = uint16(i)
		}
	}
	return d
}

// both shares n pieces of work between two goroutines and waits for them.
func both(n int, do func(i int)) {
	if n < 4 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			do(int(i))
		}
	}
	var wg sync.WaitGroup
	wg.Go(work)
	work()
	wg.Wait()
}

// edit is a change being made: a transaction and the frame that goes with it.
type edit struct {
	ctx      context.Context // of the one call that makes the change
	tx       *sql.Tx
	f        *frame
	own      map[uint32]bool // pages copied or made by this change
	ownSeg   map[int64]bool  // segments whose live set was copied
	put, del *sql.Stmt
	batch    []details
	size     int
	newWords bool // an employer or a value of a facet may be new
}

type details struct {
	id   uint32
	body []byte
}

func (e *edit) close() {
	for _, s := range []*sql.Stmt{e.put, e.del} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// page is a row's page, ready to be written to.
func (e *edit) page(id int64) (*page, int) {
	n := uint32(id) >> pageBits
	p := e.f.pages[n]
	switch {
	case p == nil:
		p = new(page)
		i, _ := slices.BinarySearch(e.f.order, n)
		e.f.order = slices.Insert(e.f.order, i, n)
	case !e.own[n]:
		q := *p
		p = &q
	}
	e.f.pages[n], e.own[n] = p, true
	return p, int(id & (pageRows - 1))
}

// store writes a card and its columns. Its details, if any, are packed with others.
func (e *edit) store(id int64, card []byte) (posting.Card, error) {
	c, err := posting.ParseCard(card)
	if err != nil {
		return c, fmt.Errorf("row %d: %w", id, err)
	}
	if id <= 0 || id > maxID || c.ID != id {
		return c, fmt.Errorf("row %d: %w: its card says %d", id, ErrRow, c.ID)
	}
	if e.put == nil {
		if e.put, err = e.tx.PrepareContext(e.ctx, "INSERT OR REPLACE INTO card(id, body) VALUES(?,?)"); err != nil {
			return c, err
		}
	}
	if _, err := e.put.ExecContext(context.WithoutCancel(e.ctx), id, card); err != nil {
		return c, fmt.Errorf("row %d: %w", id, err)
	}
	p, i := e.page(id)
	e.f.set(p, i, c)
	e.newWords = true
	return c, nil
}

// drop takes a row away; one that is not there is nothing.
func (e *edit) drop(id int64) error {
	if p, _ := e.f.at(id); p == nil {
		return nil
	}
	p, i := e.page(id)
	p.has[i>>6] &^= 1 << (i & 63)
	p.rows--
	p.sum[i], p.pack[i], p.slot[i] = posting.Sum{}, 0, 0
	e.unindex(uint32(id))
	var err error
	if e.del == nil {
		if e.del, err = e.tx.PrepareContext(e.ctx, "DELETE FROM card WHERE id = ?"); err != nil {
			return err
		}
	}
	_, err = e.del.ExecContext(context.WithoutCancel(e.ctx), id)
	return err
}

// unindex says that no segment of the word index speaks for a row any more.
func (e *edit) unindex(id uint32) {
	for i, s := range e.f.segs {
		if !s.live.Contains(id) {
			continue
		}
		if !e.ownSeg[s.n] {
			s = &segment{n: s.n, docs: s.docs, live: s.live.Clone()}
			e.f.segs[i], e.ownSeg[s.n] = s, true
		}
		s.live.Remove(id)
	}
}

const (
	packRows  = 32 // details that are compressed together
	packBytes = 128 << 10
)

// attach packs a row's details. The slot is known when the pack is written.
func (e *edit) attach(id int64, body []byte) error {
	if slices.ContainsFunc(e.batch, func(d details) bool { return int64(d.id) == id }) {
		if err := e.flush(); err != nil {
			return err
		}
	}
	e.batch = append(e.batch, details{uint32(id), body})
	if e.size += len(body); len(e.batch) >= packRows || e.size >= packBytes {
		return e.flush()
	}
	return nil
}

func (e *edit) flush() error {
	if len(e.batch) == 0 {
		return nil
	}
	b := binary.AppendUvarint(make([]byte, 0, e.size+len(e.batch)*8), uint64(len(e.batch)))
	for _, d := range e.batch {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(d.id)), uint64(len(d.body)))
	}
	for _, d := range e.batch {
		b = append(b, d.body...)
	}
	e.f.packs++
	for k, d := range e.batch {
		p, i := e.page(int64(d.id))
		p.pack[i], p.slot[i] = e.f.packs, uint8(k)
	}
	e.batch, e.size = e.batch[:0], 0
	_, err := e.tx.ExecContext(e.ctx, "INSERT INTO pack(n, body) VALUES(?,?)", e.f.packs, pack(b))
	return err
}

// eachPacked calls f with the rows of a pack, in order of their slots.
func eachPacked(body []byte, f func(slot int, id int64, details []byte)) error {
	b, err := unpack(body)
	if err != nil {
		return err
	}
	bad := fmt.Errorf("%w: pack of details", sqldb.ErrCorrupt)
	take := func() (v uint64, ok bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, false
		}
		b = b[n:]
		return v, true
	}
	n, ok := take()
	if !ok || n > 256 {
		return bad
	}
	ids, sizes := make([]int64, n), make([]int, n)
	for i := range ids {
		id, ok1 := take()
		size, ok2 := take()
		if !ok1 || !ok2 || id > maxID || size > 1<<28 {
			return bad
		}
		ids[i], sizes[i] = int64(id), int(size)
	}
	for i, id := range ids {
		if sizes[i] > len(b) {
			return bad
		}
		f(i, id, b[:sizes[i]:sizes[i]])
		b = b[sizes[i]:]
	}
	return nil
}

// tidyPacks deletes packs of which no row is left, among those that lost one.
func (e *edit) tidyPacks(lost map[uint32]bool) error {
	if len(lost) == 0 {
		return nil
	}
	for _, p := range e.f.pages {
		for i := range pageRows {
			if p.pack[i] != 0 {
				delete(lost, p.pack[i])
			}
		}
	}
	for n := range lost {
		if _, err := e.tx.ExecContext(e.ctx, "DELETE FROM pack WHERE n = ?", n); err != nil {
			return err
		}
	}
	return nil
}

// save writes what changed of the frame.
func (e *edit) save() error {
	if err := e.flush(); err != nil {
		return err
	}
	e.f.gen++
	var ns []uint32
	for n := range e.own {
		ns = append(ns, n)
	}
	slices.Sort(ns)
	bodies := make([][]byte, len(ns))
	both(len(ns), func(i int) {
		if p := e.f.pages[ns[i]]; p.rows > 0 {
			bodies[i] = p.bytes()
		}
	})
	for i, n := range ns {
		text, args := "INSERT OR REPLACE INTO page(n, body) VALUES(?,?)", []any{n, bodies[i]}
		if bodies[i] == nil { // no row left
			text, args = "DELETE FROM page WHERE n = ?", []any{n}
			delete(e.f.pages, n)
			k, _ := slices.BinarySearch(e.f.order, n)
			e.f.order = slices.Delete(e.f.order, k, k+1)
		}
		if _, err := e.tx.ExecContext(e.ctx, text, args...); err != nil {
			return err
		}
	}
	if e.newWords {
		if err := e.saveValues(); err != nil {
			return err
		}
	}
	kept := e.f.segs[:0:0]
	for _, s := range e.f.segs {
		var err error
		switch {
		case s.live.IsEmpty():
			err = dropSegment(e.ctx, e.tx, s.n)
		case e.ownSeg[s.n]:
			err = saveSegment(e.ctx, e.tx, s)
		}
		if err != nil {
			return err
		}
		if !s.live.IsEmpty() {
			kept = append(kept, s)
		}
	}
	e.f.segs = kept
	e.f.state.Indexed = e.f.indexed()
	state := must(json.Marshal(e.f.state))
	_, err := e.tx.ExecContext(e.ctx, `
		INSERT OR REPLACE INTO meta(k, v) VALUES('gen', ?), ('packs', ?), ('lastseg', ?), ('state', ?)`,
		e.f.gen, e.f.packs, e.f.lastSg, state)
	return err
}

func (e *edit) saveValues() error {
	put := func(k string, vs []string) error {
		_, err := e.tx.ExecContext(e.ctx, "INSERT OR REPLACE INTO dict(k, body) VALUES(?,?)", k, joined(vs))
		return err
	}
	for i := range e.f.codes {
		if err := put(fmt.Sprintf("code%d", i), e.f.codes[i].values); err != nil {
			return err
		}
	}
	for i := range e.f.masks {
		if err := put(fmt.Sprintf("mask%d", i), e.f.masks[i].values); err != nil {
			return err
		}
	}
	return put("employer", e.f.staff.names)
}
