// Package measure takes the figures that cmd/dev bench prints: the bars of the design,
// with the peers that can be run beside them on the same rows. Begin with [Postings],
// then [Catalogue]. Nothing here judges; a figure is what this machine did this time.
package measure

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
	bleveq "github.com/blevesearch/bleve/v2/search/query"

	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/sqlite"
	"passerelle/sync/intake/demo"
)

// Set is the rows that every peer loads, in order of id, as they come off the wire.
type Set struct {
	Rows  []catalogue.Row
	Bytes int64
	Now   time.Time // when they are current
}

// Postings makes n demonstration postings, the same each time.
func Postings(n int) Set {
	const day = posting.Day(20779)
	set := Set{Now: day.Time().Add(12 * time.Hour)}
	for p := range demo.Postings(demo.Options{Seed: 1, N: n, Today: day}) {
		r := catalogue.Row{ID: p.ID, Card: p.Card.Bytes(), Details: p.Details.Bytes()}
		set.Rows, set.Bytes = append(set.Rows, r), set.Bytes+int64(len(r.Card)+len(r.Details))
	}
	slices.SortFunc(set.Rows, func(a, b catalogue.Row) int { return cmp.Compare(a.ID, b.ID) })
	return set
}

func (s Set) state() catalogue.State {
	st := catalogue.State{Scope: "all", Epoch: 1, Seq: 1, Count: len(s.Rows)}
	for _, r := range s.Rows {
		st.Digest = st.Digest.Add(posting.RowSum(r.Card, r.Details))
	}
	return st
}

func each[T any](vs []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range vs {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Built is what making a catalogue of a set cost, without network or decompression.
type Built struct {
	Browsable, Searchable time.Duration // from the first row
	Open                  time.Duration // of the finished file, to its first search's answer
	Size                  int64         // bytes on disk
}

// Catalogue builds a store of the set in an empty directory and leaves it open.
func Catalogue(ctx context.Context, dir string, set Set) (*catalogue.Store, Built, error) {
	var b Built
	st := set.state()
	s, err := catalogue.Open(ctx, dir)
	if err != nil {
		return nil, b, err
	}
	fail := func(err error) (*catalogue.Store, Built, error) {
		return nil, b, errors.Join(fmt.Errorf("measure catalogue: %w", err), s.Close())
	}
	begin := time.Now()
	making, err := s.Build(ctx, "measure")
	if err != nil {
		return fail(err)
	}
	for _, cards := range []bool{true, false} { // two layers, as they are published
		n := 0
		for part := range slices.Chunk(set.Rows, 10_000) {
			n++
			rows := func(yield func(catalogue.Row, error) bool) {
				for _, r := range part {
					if cards {
						r.Details = nil
					} else {
						r.Card = nil
					}
					if !yield(r, nil) {
						return
					}
				}
			}
			if err := making.Add(ctx, fmt.Sprint(cards, n), rows); err != nil {
				return fail(err)
			}
		}
	}
	if err := making.Browse(ctx, st); err != nil {
		return fail(err)
	}
	b.Browsable = time.Since(begin)
	if err := making.Index(ctx, nil); err != nil {
		return fail(err)
	}
	b.Searchable = time.Since(begin)
	if err := s.Close(); err != nil {
		return nil, b, err
	}
	begin = time.Now()
	if s, err = catalogue.Open(ctx, dir); err != nil {
		return nil, b, err
	}
	if _, err := s.Search(ctx, query.Query{Now: set.Now}); err != nil {
		return fail(err)
	}
	b.Open = time.Since(begin)
	b.Size, err = size(dir)
	return s, b, err
}

func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err == nil {
			n += i.Size()
		}
		return err
	})
	return n, err
}

// Delta applies ops operations spread over the catalogue (a third drops, the rest new
// texts) and says how long that took.
func Delta(ctx context.Context, s *catalogue.Store, set Set, ops int) (time.Duration, error) {
	from, err := s.State(ctx)
	if err != nil {
		return 0, err
	}
	to := from
	to.Seq++
	var list []catalogue.Op
	step := max(1, len(set.Rows)/max(1, ops))
	for i := 0; i < len(set.Rows) && len(list) < ops; i += step {
		r := set.Rows[i]
		to.Digest = to.Digest.Sub(posting.RowSum(r.Card, r.Details))
		if len(list)%3 == 0 {
			to.Count--
			list = append(list, catalogue.Op{Row: catalogue.Row{ID: r.ID}, Drop: true})
			continue
		}
		c, err := posting.ParseCard(r.Card)
		if err != nil {
			return 0, err
		}
		c.Employer += " (nouveau)"
		r.Card = c.Bytes()
		to.Digest = to.Digest.Add(posting.RowSum(r.Card, r.Details))
		list = append(list, catalogue.Op{Row: r})
	}
	begin := time.Now()
	if err := s.Apply(ctx, from, to, each(list)); err != nil {
		return 0, fmt.Errorf("measure delta: %w", err)
	}
	return time.Since(begin), nil
}

// Words picks n words of the set, from the commonest to the rarest by equal steps of the
// logarithm of their rank; a tenth of them are the two-letter beginnings that most words have.
func Words(set Set, n int) []string {
	count, seen := map[string]int{}, map[string]int{}
	for i, r := range set.Rows {
		if i >= 20_000 { // enough to know what is common
			break
		}
		text(r, func(_ byte, s string) {
			query.EachToken(s, nil, func(t []byte) {
				if w := string(t); seen[w] != i+1 {
					seen[w] = i + 1
					count[w]++
				}
			})
		})
	}
	rank := func(m map[string]int) []string {
		ws := make([]string, 0, len(m))
		for w := range m {
			ws = append(ws, w)
		}
		slices.SortFunc(ws, func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
		return ws
	}
	heads := map[string]int{}
	for w, c := range count {
		if len(w) >= 2 {
			heads[w[:2]] += c
		}
	}
	all, out := rank(count), []string(nil)
	out = append(out, rank(heads)[:min(n/10, len(heads))]...)
	last := -1
	for k := len(out); k < n && last+1 < len(all); k++ {
		at := int(math.Pow(float64(len(all)), float64(k-n/10)/float64(n-n/10))) - 1
		last = min(max(at, last+1), len(all)-1)
		out = append(out, all[last]+" ") // ended by a space: the word itself
	}
	return out
}

// text gives the pieces of a row that are searched.
func text(r catalogue.Row, f func(where byte, s string)) {
	c, err := posting.ParseCard(r.Card)
	if err != nil {
		return
	}
	d, err := posting.ParseDetails(r.Details)
	if err != nil {
		return
	}
	query.CardText(c, func(w query.Where, s string) { f(byte(w), s) })
	query.DetailsText(d, func(s string) { f(byte(query.Rest), s) })
}

// Latency is how long answers took.
type Latency struct{ P50, P95, Max time.Duration }

func latency(words []string, ask func(string) error) (Latency, error) {
	ds := make([]time.Duration, 0, len(words))
	for _, w := range words {
		begin := time.Now()
		if err := ask(w); err != nil {
			return Latency{}, fmt.Errorf("search %q: %w", w, err)
		}
		ds = append(ds, time.Since(begin))
	}
	if len(ds) == 0 {
		return Latency{}, nil
	}
	slices.Sort(ds)
	at := func(p float64) time.Duration { return ds[min(int(p*float64(len(ds))), len(ds)-1)] }
	return Latency{at(0.50), at(0.95), ds[len(ds)-1]}, nil
}

// Search asks each word once, with the counts of every facet and the first 50 results.
func Search(ctx context.Context, s *catalogue.Store, set Set, words []string) (Latency, error) {
	return latency(words, func(w string) error {
		_, err := s.Search(ctx, query.Query{Words: w, Now: set.Now})
		return err
	})
}

// Peer is what another program did with the same rows.
type Peer struct {
	Name   string
	Build  time.Duration
	Size   int64
	Search Latency // zero: not asked
}

// Bleve indexes title and body with five facets, and asks the same words for the first
// 50 results with the five facets counted.
func Bleve(ctx context.Context, dir string, set Set, words []string) (Peer, error) {
	p := Peer{Name: "bleve v2.6.3"}
	fail := func(err error) (Peer, error) { return p, fmt.Errorf("measure bleve: %w", err) }
	facets := []string{"province", "noc", "period", "term", "source"}
	doc := bleve.NewDocumentStaticMapping()
	for _, name := range []string{"title", "body"} {
		m := bleve.NewTextFieldMapping()
		m.Store, m.Analyzer = false, "standard"
		doc.AddFieldMappingsAt(name, m)
	}
	for _, name := range facets {
		m := bleve.NewKeywordFieldMapping()
		m.Store = false
		doc.AddFieldMappingsAt(name, m)
	}
	im := bleve.NewIndexMapping()
	im.DefaultMapping = doc
	begin := time.Now()
	index, err := bleve.New(filepath.Join(dir, "bleve"), im)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = index.Close() }()
	batch := index.NewBatch()
	for i, r := range set.Rows {
		c, err := posting.ParseCard(r.Card)
		if err != nil {
			return fail(err)
		}
		var title, body strings.Builder
		text(r, func(where byte, s string) {
			to := &body
			if where == byte(query.TitleText) {
				to = &title
			}
			to.WriteString(s)
			to.WriteByte('\n')
		})
		err = batch.Index(strconv.FormatInt(r.ID, 10), map[string]any{"title": title.String(), "body": body.String(),
			"province": c.Place.Province, "noc": c.NOC, "period": string(c.Period), "term": string(c.Term), "source": c.Source})
		if err == nil && (batch.Size() == 1000 || i == len(set.Rows)-1) {
			if err = index.Batch(batch); err == nil {
				batch.Reset()
				err = ctx.Err()
			}
		}
		if err != nil {
			return fail(err)
		}
	}
	p.Build = time.Since(begin)
	if p.Size, err = size(dir); err != nil {
		return fail(err)
	}
	p.Search, err = latency(words, func(w string) error {
		var q bleveq.Query = bleve.NewMatchQuery(w)
		if !strings.HasSuffix(w, " ") {
			q = bleve.NewPrefixQuery(w)
		}
		ask := bleve.NewSearchRequestOptions(q, 50, 0, false)
		for _, f := range facets {
			ask.AddFacet(f, bleve.NewFacetRequest(f, 50))
		}
		_, err := index.SearchInContext(ctx, ask)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return p, nil
}

// ErrNoShell says that the sqlite3 program is not installed.
var ErrNoShell = errors.New("the sqlite3 program is not installed")

const peerTable = `
CREATE TABLE posting(id INTEGER PRIMARY KEY, number INTEGER, source TEXT, noc TEXT, province TEXT, city TEXT,
	posted INTEGER, ends INTEGER, hour INTEGER, title TEXT, employer TEXT, occupation TEXT, body TEXT);`

const peerWords = `
CREATE VIRTUAL TABLE words USING fts5(title, employer, occupation, body, content='posting', content_rowid='id',
	tokenize='unicode61 remove_diacritics 2', prefix='2 3');
INSERT INTO words(words) VALUES('rebuild');`

const peerIndexes = `
CREATE INDEX by_noc ON posting(noc); CREATE INDEX by_place ON posting(province, city); CREATE INDEX by_day ON posting(posted);`

func record(r catalogue.Row) []string {
	c, err := posting.ParseCard(r.Card)
	if err != nil {
		return make([]string, 13)
	}
	var t [256]strings.Builder
	text(r, func(where byte, s string) {
		t[where].WriteString(s)
		t[where].WriteByte('\n')
	})
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	return []string{n(c.ID), n(c.Number), c.Source, c.NOC, c.Place.Province, c.Place.City, n(int64(c.Posted)), n(int64(c.Ends)),
		n(c.Wage.HourMax), t[query.TitleText].String(), t[query.EmployerText].String(), t[query.OccupationOf].String(), t[query.Rest].String()}
}

// Shell lets the C sqlite3 program load the same rows from CSV and index them with
// FTS5: no signatures, no digest, no compression, no facets. Writing the CSV is not counted.
func Shell(ctx context.Context, dir string, set Set) (Peer, error) {
	p := Peer{Name: "sqlite3 (C), FTS5"}
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		return p, ErrNoShell
	}
	table := filepath.Join(dir, "rows.csv")
	f, err := os.Create(table)
	if err != nil {
		return p, err
	}
	w := csv.NewWriter(f)
	for _, r := range set.Rows {
		if err := w.Write(record(r)); err != nil {
			return p, errors.Join(err, f.Close())
		}
	}
	w.Flush()
	if err := errors.Join(w.Error(), f.Close()); err != nil {
		return p, err
	}
	out := filepath.Join(dir, "shell.db")
	cmd := exec.CommandContext(ctx, program, "-batch", out)
	cmd.Stdin = strings.NewReader("PRAGMA journal_mode=off; PRAGMA synchronous=off;" + peerTable +
		"\n.mode csv\n.import '" + table + "' posting\n" + peerIndexes + peerWords)
	begin := time.Now()
	if said, err := cmd.CombinedOutput(); err != nil {
		return p, fmt.Errorf("measure sqlite3: %w: %s", err, said)
	}
	p.Build = time.Since(begin)
	i, err := os.Stat(out)
	if err == nil {
		p.Size = i.Size()
	}
	return p, errors.Join(err, os.Remove(table))
}

// FTS5 does with our own driver what Shell does, and counts the rows each word finds:
// what the word index of the catalogue was chosen over.
func FTS5(ctx context.Context, dir string, set Set, words []string) (Peer, error) {
	p := Peer{Name: "FTS5 (modernc)"}
	fail := func(err error) (Peer, error) { return p, fmt.Errorf("measure FTS5: %w", err) }
	path := filepath.Join(dir, "fts5.db")
	db, err := sqlite.Open(ctx, path, sqlite.Options{Fast: true, Pragmas: []string{"synchronous=off"}})
	if err != nil {
		return fail(err)
	}
	defer func() { _ = db.Close() }()
	begin := time.Now()
	if _, err := db.Writer.ExecContext(ctx, peerTable); err != nil {
		return fail(err)
	}
	tx, err := db.Writer.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = tx.Rollback() }()
	put, err := tx.PrepareContext(ctx, "INSERT INTO posting VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)")
	if err != nil {
		return fail(err)
	}
	for _, r := range set.Rows {
		var args []any
		for _, v := range record(r) {
			args = append(args, v)
		}
		if _, err := put.ExecContext(ctx, args...); err != nil {
			return fail(err)
		}
	}
	if _, err := tx.ExecContext(ctx, peerIndexes+peerWords); err != nil {
		return fail(err)
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	p.Build = time.Since(begin)
	if i, err := os.Stat(path); err == nil {
		p.Size = i.Size()
	}
	p.Search, err = latency(words, func(w string) error {
		ask := `"` + strings.TrimSpace(w) + `"`
		if !strings.HasSuffix(w, " ") {
			ask += "*"
		}
		var n int
		return db.Reader.QueryRowContext(ctx, "SELECT count(*) FROM words WHERE words MATCH ?", ask).Scan(&n)
	})
	if err != nil {
		return fail(err)
	}
	return p, nil
}
