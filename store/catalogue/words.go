package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"

	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/sqldb"
)

// A segment is a part of the word index: for each word, a bitmap of the postings it stands
// in and the places where it stands (for phrases). The index is ours, kept in tables,
// where FTS5 was expected: with FTS5 in the same driver 100,000 postings took twice as long
// and twice the room, to count the rows of a word took as long as a whole search takes here,
// and its row ids would still have to meet filters and counts, where a bitmap is there
// already; common words and short beginnings then need no index of their own beside it.
// cmd/dev bench shows both. Segments are never changed: a change of rows makes a new one,
// and each keeps the set of rows it still speaks for.
type segment struct {
	n    int64
	docs int             // rows it was made from
	live *roaring.Bitmap // rows it still speaks for
}

const wordSchema = `
CREATE TABLE seg(n INTEGER PRIMARY KEY, docs INTEGER NOT NULL, live BLOB NOT NULL);
CREATE TABLE word(seg INTEGER NOT NULL, term BLOB NOT NULL, docs BLOB NOT NULL, pos BLOB,
	PRIMARY KEY(seg, term)) WITHOUT ROWID;`

// A term is a part of the posting, then the word: anywhere, or one of query.Where.
const (
	inAny  = 'a'
	ofHead = 1 // before a prefix: the union of the words that begin so, where they are many
)

const (
	manyWords  = 24 // words with one beginning, from which their union is kept
	longPrefix = 6  // letters of the longest such beginning
)

// inverter turns postings into terms. Rows come in rising order of id.
type inverter struct {
	index map[string]int32
	terms []string
	lists []list
	rows  []uint32
	key   []byte
	buf   []byte
	pos   uint32
}

type list struct {
	docs []uint32
	pos  []byte // (distance to the place before, 1 if it is the first of a row), as varints
	last uint32
}

func newInverter() *inverter {
	return &inverter{index: make(map[string]int32, 1<<14), key: make([]byte, 0, 128)}
}

// add takes in one posting.
func (v *inverter) add(id uint32, c posting.Card, details []byte) error {
	v.rows = append(v.rows, id)
	v.pos = 0
	query.CardText(c, func(w query.Where, s string) { v.text(id, byte(w), s) })
	d, err := posting.ParseDetails(details)
	if err != nil {
		return fmt.Errorf("index row %d: %w", id, err)
	}
	query.DetailsText(d, func(s string) { v.text(id, byte(query.Rest), s) })
	return nil
}

func (v *inverter) text(id uint32, where byte, s string) {
	v.buf = query.EachToken(s, v.buf, func(t []byte) {
		v.key = append(append(v.key[:0], inAny), t...)
		v.put(id)
		if where != byte(query.Rest) {
			v.key[0] = where
			v.put(id)
		}
		v.pos++
	})
	v.pos++ // no phrase runs over the end of a piece
}

func (v *inverter) put(id uint32) {
	n, ok := v.index[string(v.key)]
	if !ok {
		n = int32(len(v.lists))
		t := string(v.key)
		v.index[t] = n
		v.terms = append(v.terms, t)
		v.lists = append(v.lists, list{})
	}
	l := &v.lists[n]
	if k := len(l.docs); k == 0 || l.docs[k-1] != id {
		l.docs = append(l.docs, id)
		l.pos = binary.AppendUvarint(l.pos, uint64(v.pos)<<1|1)
	} else {
		l.pos = binary.AppendUvarint(l.pos, uint64(v.pos-l.last)<<1)
	}
	l.last = v.pos
}

type wordRow struct {
	term      []byte
	docs, pos []byte
}

// finish gives the rows of the segment in the order of the table.
func (v *inverter) finish() (*segment, []wordRow) {
	s := &segment{docs: len(v.rows), live: roaring.BitmapOf(v.rows...)}
	s.live.RunOptimize()
	order := make([]int32, len(v.terms))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(v.terms[a], v.terms[b]) })
	rows := make([]wordRow, 0, len(order)+len(order)/8)
	maps := make([]*roaring.Bitmap, len(order))
	for i, n := range order {
		l := &v.lists[n]
		bm := roaring.New()
		bm.AddMany(l.docs)
		bm.RunOptimize()
		maps[i] = bm
	}
	rows = append(rows, heads(len(order), func(i int) string { return v.terms[order[i]] }, func(i int) *roaring.Bitmap { return maps[i] })...)
	for i, n := range order {
		rows = append(rows, wordRow{[]byte(v.terms[n]), bitmapBytes(maps[i]), v.lists[n].pos})
	}
	return s, rows
}

// heads makes the rows of beginnings that many words share, from sorted terms.
func heads(n int, term func(int) string, docs func(int) *roaring.Bitmap) []wordRow {
	var rows []wordRow
	for letters := 2; letters <= longPrefix; letters++ {
		for i := 0; i < n; {
			head := beginning(term(i), letters)
			if head == "" {
				i++
				continue
			}
			j := i + 1
			for j < n && beginning(term(j), letters) == head {
				j++
			}
			if j-i >= manyWords {
				all := make([]*roaring.Bitmap, 0, j-i)
				for k := i; k < j; k++ {
					all = append(all, docs(k))
				}
				u := roaring.FastOr(all...)
				u.RunOptimize()
				rows = append(rows, wordRow{append([]byte{ofHead}, head...), bitmapBytes(u), nil})
			}
			i = j
		}
	}
	slices.SortFunc(rows, func(a, b wordRow) int { return slices.Compare(a.term, b.term) })
	return rows
}

// beginning is a term's part byte and first letters; "" when it is shorter.
func beginning(term string, letters int) string {
	i := 1
	for ; letters > 0; letters-- {
		if i >= len(term) {
			return ""
		}
		_, n := utf8.DecodeRuneInString(term[i:])
		i += n
	}
	return term[:i]
}

// writeSegment stores a segment under a number.
func writeSegment(ctx context.Context, tx *sql.Tx, s *segment, rows []wordRow) error {
	const some = 16
	text := "INSERT INTO word(seg, term, docs, pos) VALUES "
	for i := range some {
		if i > 0 {
			text += ","
		}
		text += "(?,?,?,?)"
	}
	many, err := tx.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = many.Close() }()
	args := make([]any, 0, 4*some)
	for len(rows) >= some {
		args = args[:0]
		for _, r := range rows[:some] {
			args = append(args, s.n, r.term, r.docs, r.pos)
		}
		if _, err := many.ExecContext(ctx, args...); err != nil {
			return err
		}
		rows = rows[some:]
	}
	for _, r := range rows {
		if _, err := tx.ExecContext(ctx, "INSERT INTO word(seg, term, docs, pos) VALUES(?,?,?,?)", s.n, r.term, r.docs, r.pos); err != nil {
			return err
		}
	}
	return saveSegment(ctx, tx, s)
}

func saveSegment(ctx context.Context, tx *sql.Tx, s *segment) error {
	_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO seg(n, docs, live) VALUES(?,?,?)", s.n, s.docs, bitmapBytes(s.live))
	return err
}

func dropSegment(ctx context.Context, tx *sql.Tx, n int64) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM word WHERE seg = ?", n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM seg WHERE n = ?", n)
	return err
}

func readSegments(ctx context.Context, q sqldb.Querier) ([]*segment, error) {
	var segs []*segment
	err := sqldb.Each(ctx, q, func(r *sql.Rows) error {
		s, live := &segment{}, []byte(nil)
		if err := r.Scan(&s.n, &s.docs, &live); err != nil {
			return err
		}
		var err error
		if s.live, err = readBitmap(live); err != nil {
			return fmt.Errorf("segment %d: %w", s.n, err)
		}
		segs = append(segs, s)
		return nil
	}, "SELECT n, docs, live FROM seg ORDER BY n")
	return segs, err
}

// merge makes one segment of several, leaving out rows they no longer speak for.
func merge(ctx context.Context, tx *sql.Tx, segs []*segment, n int64) (*segment, error) {
	type entry struct {
		doc uint32
		pos []byte
	}
	terms := map[string][]entry{}
	out := &segment{n: n, live: roaring.New()}
	for _, s := range segs {
		out.live.Or(s.live)
		err := sqldb.Each(ctx, tx, func(r *sql.Rows) error {
			var term, docs, pos []byte
			if err := r.Scan(&term, &docs, &pos); err != nil {
				return err
			}
			bm, err := readBitmap(docs)
			if err != nil {
				return err
			}
			key := string(term)
			es := terms[key]
			for it := bm.Iterator(); it.HasNext(); {
				doc := it.Next()
				var mine []byte
				if mine, pos, err = onePlace(pos); err != nil {
					return err
				}
				if s.live.Contains(doc) {
					es = append(es, entry{doc, mine})
				}
			}
			if len(es) > 0 {
				terms[key] = es
			}
			return nil
		}, "SELECT term, docs, pos FROM word WHERE seg = ? AND term >= x'02'", s.n)
		if err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(terms))
	for t := range terms {
		names = append(names, t)
	}
	slices.Sort(names)
	maps, rows := make([]*roaring.Bitmap, len(names)), make([]wordRow, len(names))
	for i, t := range names {
		es := terms[t]
		slices.SortFunc(es, func(a, b entry) int { return cmp.Compare(a.doc, b.doc) })
		docs, pos := make([]uint32, len(es)), []byte(nil)
		for k, e := range es {
			docs[k] = e.doc
			pos = append(pos, e.pos...)
		}
		maps[i] = roaring.BitmapOf(docs...)
		maps[i].RunOptimize()
		rows[i] = wordRow{[]byte(t), bitmapBytes(maps[i]), pos}
	}
	rows = append(heads(len(names), func(i int) string { return names[i] }, func(i int) *roaring.Bitmap { return maps[i] }), rows...)
	out.docs = int(out.live.GetCardinality())
	for _, s := range segs {
		if err := dropSegment(ctx, tx, s.n); err != nil {
			return nil, err
		}
	}
	return out, writeSegment(ctx, tx, out, rows)
}

// onePlace cuts off the places of one row.
func onePlace(pos []byte) (mine, rest []byte, err error) {
	for i := 0; i < len(pos); {
		v, n := binary.Uvarint(pos[i:])
		if n <= 0 || i == 0 && v&1 == 0 {
			break
		}
		if i > 0 && v&1 == 1 {
			return pos[:i], pos[i:], nil
		}
		i += n
		if i == len(pos) {
			return pos, nil, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: places of a word", sqldb.ErrCorrupt)
}

// reader looks words up in one picture of the file.
type reader struct {
	ctx   context.Context
	frame *frame
	docs  *sql.Stmt // SELECT docs, by segment and term
	span  *sql.Stmt // SELECT term, docs, by segment and range of terms
	full  *sql.Stmt // SELECT docs, pos, by segment and term
	seen  map[string]*roaring.Bitmap
	wides map[int]*roaring.Bitmap
}

const (
	docsText = "SELECT docs FROM word WHERE seg = ? AND term = ?"
	spanText = "SELECT term, docs FROM word WHERE seg = ? AND term >= ? AND term < ?"
	fullText = "SELECT docs, pos FROM word WHERE seg = ? AND term = ?"
)

// term gives the rows in which a term stands. The answer is shared: never change it.
func (r *reader) term(key string, prefix bool) (*roaring.Bitmap, error) {
	name := key
	if prefix {
		name = "*" + key
	}
	if bm, ok := r.seen[name]; ok {
		return bm, nil
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	var all []*roaring.Bitmap
	for _, s := range r.frame.segs {
		bms, err := r.inSegment(s, key, prefix)
		if err != nil {
			return nil, fmt.Errorf("look up %q: %w", key[1:], err)
		}
		if s.docs != int(s.live.GetCardinality()) {
			for _, bm := range bms {
				bm.And(s.live)
			}
		}
		all = append(all, bms...)
	}
	bm := roaring.New()
	switch {
	case len(all) == 1:
		bm = all[0]
	case len(all) > 1:
		bm = roaring.FastOr(all...)
	}
	if r.seen == nil {
		r.seen = map[string]*roaring.Bitmap{}
	}
	r.seen[name] = bm
	return bm, nil
}

func (r *reader) inSegment(s *segment, key string, prefix bool) ([]*roaring.Bitmap, error) {
	exact := []byte(key)
	if prefix {
		exact = append([]byte{ofHead}, key...)
	}
	bm, err := r.row(s, exact)
	if err != nil {
		return nil, err
	}
	if bm != nil {
		return []*roaring.Bitmap{bm}, nil
	}
	if !prefix {
		return nil, nil
	}
	var all []*roaring.Bitmap
	rows, err := r.span.QueryContext(context.WithoutCancel(r.ctx), s.n, []byte(key), append([]byte(key), 0xff))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var term, docs sql.RawBytes
		if err := rows.Scan(&term, &docs); err != nil {
			return nil, err
		}
		bm, err := readBitmap(docs)
		if err != nil {
			return nil, err
		}
		all = append(all, bm)
	}
	return all, rows.Err()
}

func (r *reader) row(s *segment, term []byte) (*roaring.Bitmap, error) {
	rows, err := r.docs.QueryContext(context.WithoutCancel(r.ctx), s.n, term)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var docs sql.RawBytes
	if err := rows.Scan(&docs); err != nil {
		return nil, err
	}
	return readBitmap(docs)
}

// phrase gives the rows in which tokens follow each other in a part of the posting. known
// are rows that need no proof, for they are found already; it may be nil.
func (r *reader) phrase(part byte, tokens []string, prefix bool, known *roaring.Bitmap) (*roaring.Bitmap, error) {
	last := len(tokens) - 1
	var cand *roaring.Bitmap
	for i, t := range tokens {
		bm, err := r.term(string(part)+t, prefix && i == last)
		if err != nil {
			return nil, err
		}
		if cand == nil {
			cand = bm
		} else {
			cand = roaring.And(cand, bm)
		}
	}
	if last == 0 || cand.IsEmpty() {
		return cand, nil
	}
	if known != nil {
		if cand = roaring.AndNot(cand, known); cand.IsEmpty() {
			return cand, nil
		}
	}
	out := roaring.New()
	for _, s := range r.frame.segs {
		docs := roaring.And(cand, s.live).ToArray()
		if len(docs) == 0 {
			continue
		}
		var before []uint64 // where the phrase stands so far: row, then place
		for i, t := range tokens {
			if err := r.ctx.Err(); err != nil {
				return nil, err
			}
			here, err := r.places(s, string(part)+t, prefix && i == last, docs)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				here = follow(before, here)
			}
			before = here
		}
		for k, p := range before {
			if doc := uint32(p >> 32); k == 0 || doc != uint32(before[k-1]>>32) {
				out.Add(doc)
			}
		}
	}
	return out, nil
}

// follow keeps the places that stand right behind one before. Both rise.
func follow(before, here []uint64) []uint64 {
	out := here[:0]
	i := 0
	for _, p := range here {
		for i < len(before) && before[i]+1 < p {
			i++
		}
		if i == len(before) {
			break
		}
		if before[i]+1 == p {
			out = append(out, p)
		}
	}
	return out
}

// places lists where a word stands in some rows of a segment: row << 32 | place, rising.
func (r *reader) places(s *segment, key string, prefix bool, docs []uint32) ([]uint64, error) {
	var out []uint64
	bad := fmt.Errorf("%w: places of %q", sqldb.ErrCorrupt, key[1:])
	take := func(body, pos []byte) error {
		bm, err := readBitmap(body)
		if err != nil {
			return err
		}
		if out == nil {
			out = make([]uint64, 0, len(pos))
		}
		rows := bm.ToArray()
		k, next := 0, 0
		var at, row uint64
		want := false
		for n := 0; n < len(pos); {
			v := uint64(pos[n])
			if n++; v >= 0x80 {
				var m int
				if v, m = binary.Uvarint(pos[n-1:]); m <= 0 {
					return bad
				}
				n += m - 1
			}
			if v&1 == 0 {
				at += v >> 1
			} else { // the first of the next row
				if next == len(rows) {
					return bad
				}
				doc := rows[next]
				next++
				for k < len(docs) && docs[k] < doc {
					k++
				}
				if k == len(docs) {
					return nil
				}
				want, row, at = docs[k] == doc, uint64(doc)<<32, v>>1
			}
			if want {
				out = append(out, row|at&(1<<32-1))
			}
		}
		return nil
	}
	if !prefix {
		err := r.eachFull(s, [][]byte{[]byte(key)}, take)
		return out, err
	}
	terms, err := r.beginningWith(s, key)
	if err == nil {
		err = r.eachFull(s, terms, take)
	}
	slices.Sort(out)
	return out, err
}

// beginningWith lists the terms of a segment that begin with a key.
func (r *reader) beginningWith(s *segment, key string) ([][]byte, error) {
	rows, err := r.span.QueryContext(context.WithoutCancel(r.ctx), s.n, []byte(key), append([]byte(key), 0xff))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var terms [][]byte
	for rows.Next() {
		var term []byte
		var docs sql.RawBytes
		if err := rows.Scan(&term, &docs); err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return terms, rows.Err()
}

func (r *reader) eachFull(s *segment, terms [][]byte, take func(docs, pos []byte) error) error {
	for _, t := range terms {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		var docs, pos []byte
		err := r.full.QueryRowContext(context.WithoutCancel(r.ctx), s.n, t).Scan(&docs, &pos)
		if err == sql.ErrNoRows {
			continue
		}
		if err != nil {
			return err
		}
		if err := take(docs, pos); err != nil {
			return err
		}
	}
	return nil
}
