package catalogue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// example is a posting with something in every part.
func example(id int64) posting.Posting {
	var p posting.Posting
	p.ID, p.Number, p.Source, p.SourceID = id, 10_000_000+id, "native", fmt.Sprintf("S-%d", id)
	p.Title = posting.Both{FR: "Commis de bureau", EN: "Office clerk"}
	p.NOC, p.Employer = "14100", fmt.Sprintf("Bureau %d", id)
	p.Place = posting.Place{City: "Rimouski", Province: "QC", Postal: "G5L1A1", Street: "1, rue Secrète", Lat: 48.45, Lng: -68.52}
	p.Posted, p.Ends, p.Zone = today-posting.Day(id%20), today+10, "America/Toronto"
	p.Texts = []posting.Text{{Lang: "fr", Sections: []posting.Section{{Kind: posting.Tasks, Items: []posting.Item{{Text: fmt.Sprintf("Classer le dossier %d", id)}}}}}}
	p.Apply = []posting.Method{{Kind: posting.ApplyEmail, Value: "bureau@example.org"}}
	return p
}

func rowsOf(ps ...posting.Posting) []Row {
	var rows []Row
	for _, p := range ps {
		rows = append(rows, Row{p.ID, p.Card.Bytes(), p.Details.Bytes()})
	}
	return rows
}

func examples(from, to int64) []Row {
	var rows []Row
	for id := from; id <= to; id++ {
		rows = append(rows, rowsOf(example(id))...)
	}
	return rows
}

// work is what the killed processes do: a first catalogue, a delta, a second catalogue. Run
// again it goes on where it was stopped, as the replica does.
func work(ctx context.Context, dir string) error {
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	st, err := s.State(ctx)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	old := examples(1, 40)
	first := State{Scope: "all", Epoch: 1, Seq: 1, Digest: digest(old), Count: len(old)}
	if errors.Is(err, ErrNone) {
		if err := build(ctx, s, "first", first, old, nil); err != nil {
			return err
		}
		st = first
	} else if err := s.Resume(ctx, nil); err != nil {
		return err
	}
	for st.Epoch == 1 && st.Seq < 8 { // enough that segments are merged
		to := st
		to.Seq++
		to.Digest, to.Count = digest(examples(1, 39+to.Seq)), 0
		if err := s.Apply(ctx, st, to, each(ops(examples(39+to.Seq, 39+to.Seq)))); err != nil {
			return err
		}
		st = to
	}
	if st.Epoch == 2 {
		return nil
	}
	base, delta := examples(1, 60), append(ops(examples(61, 70)), Op{Row: Row{ID: 1}, Drop: true})
	last := State{Scope: "all", Epoch: 2, Seq: 1, Digest: digest(examples(2, 70)), Count: 69}
	return build(ctx, s, "second", last, base, delta)
}

func ops(rows []Row) []Op {
	var out []Op
	for _, r := range rows {
		out = append(out, Op{Row: r})
	}
	return out
}

func build(ctx context.Context, s *Store, name string, st State, rows []Row, delta []Op) error {
	b, err := s.Build(ctx, name)
	if err != nil {
		return err
	}
	half := len(rows) / 2
	for i, part := range [][]Row{rows[:half], rows[half:]} {
		segment := fmt.Sprintf("%s-%d", name, i)
		if b.Has(segment) {
			continue
		}
		if err := b.Add(ctx, segment, each(part)); err != nil {
			return err
		}
	}
	if err := b.Change(ctx, each(delta)); err != nil {
		return err
	}
	if err := b.Browse(ctx, st); err != nil {
		return err
	}
	return b.Index(ctx, nil)
}

// TestKilled ends a process at each named point of building and applying, and goes on: at
// every moment the file served is whole, and the end is the same.
//
// Rows: X-011
func TestKilled(t *testing.T) {
	ctx := context.Background()
	if dir := os.Getenv("CATALOGUE_KILL_DIR"); dir != "" {
		left := map[string]int{os.Getenv("CATALOGUE_KILL_AT"): len(os.Getenv("CATALOGUE_KILL_NTH"))}
		at = func(point string) {
			if n, ok := left[point]; ok {
				if left[point]--; n == 1 {
					self, _ := os.FindProcess(os.Getpid())
					_ = self.Kill() // nothing is flushed, closed or told
					select {}
				}
			}
		}
		if err := work(ctx, dir); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, c := range []struct{ point, nth string }{
		{"segment written", "."}, {"segment written", ".."}, {"segment written", "...."}, {"rows checked", "."},
		{"rows checked", ".."}, {"words written", "."}, {"words written", ".."}, {"before pointer", "."}, {"before pointer", ".."},
		{"after pointer", "."}, {"after pointer", ".."}, {"rows written", "."}, {"index written", ".."}, {"segments merged", "."},
		{"before commit", "......"}, {"after commit", "......"}, {"before commit", ".........."}, {"after commit", ".............."},
	} {
		t.Run(c.point+c.nth, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
			cmd.Env = append(os.Environ(), "CATALOGUE_KILL_DIR="+dir, "CATALOGUE_KILL_AT="+c.point, "CATALOGUE_KILL_NTH="+c.nth)
			out, err := cmd.CombinedOutput()
			if err == nil || bytes.Contains(out, []byte("FAIL")) {
				t.Fatalf("the process was not killed at %q (%s): %v\n%s", c.point, c.nth, err, out)
			}
			s, err := Open(ctx, dir)
			if err != nil {
				t.Fatalf("Open after the kill: %v", err)
			}
			if st, err := s.State(ctx); err == nil {
				if err := s.Check(ctx); err != nil {
					t.Errorf("Check of %+v after the kill: %v", st, err)
				}
			} else if !errors.Is(err, ErrNone) {
				t.Errorf("State after the kill: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := work(ctx, dir); err != nil {
				t.Fatalf("going on: %v", err)
			}
			if s, err = Open(ctx, dir); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			st, err := s.State(ctx)
			if err != nil || st.Epoch != 2 || st.Count != 69 || st.Indexed != 69 {
				t.Errorf("State at the end = %+v, %v", st, err)
			}
			if err := s.Check(ctx); err != nil {
				t.Errorf("Check at the end: %v", err)
			}
			res, err := s.Search(ctx, query.Query{Words: "\"classer le dossier\"", Now: noon})
			if err != nil || res.Total != 69 {
				t.Errorf("Search at the end: %d postings, %v; want 69", res.Total, err)
			}
			if names, _ := filepath.Glob(filepath.Join(dir, "catalogue-*.db")); len(names) != 1 {
				t.Errorf("files left: %v, want one", names)
			}
		})
	}
}

// TestFullDisk shows that a disk without room stops a build or a delta with ErrFull, and
// that what was there still answers. The limit is SQLite's own, on a real file.
//
// Rows: X-011
func TestFullDisk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := built(t, dir, examples(1, 50))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	maxPages = 40
	defer func() { maxPages = 0 }()
	s, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	many := examples(51, 3000)
	from, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	to := from
	to.Seq++
	to.Digest, to.Count = digest(examples(1, 3000)), 3000
	if err := s.Apply(ctx, from, to, each(ops(many))); !errors.Is(err, ErrFull) {
		t.Errorf("Apply on a full disk: %v, want ErrFull", err)
	}
	b, err := s.Build(ctx, "large")
	if err == nil {
		err = b.Add(ctx, "segment", each(many))
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("Add on a full disk: %v, want ErrFull", err)
	}
	if b != nil {
		if err := b.Discard(); err != nil {
			t.Errorf("Discard: %v", err)
		}
	}
	if res, err := s.Search(ctx, query.Query{Words: "commis", Now: noon}); err != nil || res.Total != 50 {
		t.Errorf("Search after: %d postings, %v; want 50", res.Total, err)
	}
	maxPages = 0
	if err := build(ctx, s, "large", State{Scope: "all", Digest: to.Digest}, examples(1, 3000), nil); err != nil {
		t.Errorf("Build once there is room: %v", err)
	}
}

// TestDamagedFile shows that a file that was torn or overwritten is reported and not served,
// and that another can be built in its place.
//
// Rows: X-011
func TestDamagedFile(t *testing.T) {
	ctx := context.Background()
	for name, damage := range map[string]func(b []byte) []byte{
		"cut":         func(b []byte) []byte { return b[:len(b)/2] },
		"empty":       func([]byte) []byte { return nil },
		"no database": func(b []byte) []byte { return bytes.Repeat([]byte("x"), len(b)) },
		"gone":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := built(t, dir, examples(1, 300))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "catalogue-1.db")
			if damage == nil {
				_ = os.Remove(path)
			} else {
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, damage(b), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(ctx, dir)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			defer func() { _ = s.Close() }()
			if _, err := s.State(ctx); !errors.Is(err, ErrCorrupt) {
				t.Errorf("State: %v, want ErrCorrupt", err)
			}
			rows := examples(1, 20)
			if err := build(ctx, s, "again", State{Digest: digest(rows)}, rows, nil); err != nil {
				t.Fatalf("Build: %v", err)
			}
			if st, err := s.State(ctx); err != nil || st.Count != 20 {
				t.Errorf("State of the new one = %+v, %v", st, err)
			}
		})
	}
}

// TestDamagedWords shows that bytes changed inside the file are found by Check at the latest.
func TestDamagedWords(t *testing.T) {
	ctx := context.Background()
	s := built(t, t.TempDir(), examples(1, 300))
	defer func() { _ = s.Close() }()
	if _, err := s.cur.db.Writer.ExecContext(ctx, "UPDATE card SET body = replace(body, 'Rimouski', 'Rimousky') WHERE id = 7"); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(ctx); !errors.Is(err, ErrDigest) {
		t.Errorf("Check: %v, want ErrDigest", err)
	}
	if _, err := s.cur.db.Writer.ExecContext(ctx, "UPDATE pack SET body = substr(body, 1, 40)"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Posting(ctx, 7, noon); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Posting with torn details: %v, want ErrCorrupt", err)
	}
}

// TestWiden goes from cards to whole postings: the cards are copied, not asked for again, and
// a segment of which a row has changed since is not copied.
//
// Rows: X-016
func TestWiden(t *testing.T) {
	ctx := context.Background()
	rows := examples(1, 30)
	var cards, details []Row
	for _, r := range rows {
		cards, details = append(cards, Row{ID: r.ID, Card: r.Card}), append(details, Row{ID: r.ID, Details: r.Details})
	}
	s, err := Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	b, err := s.Build(ctx, "cards")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range [][]Row{cards[:20], cards[20:]} {
		if err := b.Add(ctx, fmt.Sprint("c", i), each(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Browse(ctx, State{Scope: "all-cards", Seq: 1, Digest: digest(cards)}); err != nil {
		t.Fatal(err)
	}
	if err := b.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if res, err := s.Search(ctx, query.Query{Words: "dossier", Now: noon}); err != nil || res.Total != 0 {
		t.Errorf("Search of a scope without texts found %d, %v", res.Total, err)
	}
	changed := example(25)
	changed.Title.FR = "Commis principal"
	st, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	to := st
	to.Seq, to.Digest = 2, st.Digest.Sub(posting.RowSum(cards[24].Card, nil)).Add(posting.RowSum(changed.Card.Bytes(), nil))
	if err := s.Apply(ctx, st, to, each([]Op{{Row: Row{ID: 25, Card: changed.Card.Bytes()}}})); err != nil {
		t.Fatal(err)
	}

	// Carried into another file of the same epoch, a changed segment is still not taken for
	// the published one.
	if b, err = s.Build(ctx, "carried"); err != nil {
		t.Fatal(err)
	}
	for _, segment := range []string{"c0", "c1"} {
		if ok, err := b.Carry(ctx, segment); err != nil || !ok {
			t.Fatalf("Carry(%s) = %v, %v", segment, ok, err)
		}
	}
	if err := b.Browse(ctx, to); err != nil {
		t.Fatal(err)
	}
	if err := b.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}

	if b, err = s.Build(ctx, "whole"); err != nil {
		t.Fatal(err)
	}
	for segment, want := range map[string]bool{"c0": true, "c1": false, "never seen": false} {
		if got, err := b.Copy(ctx, segment); err != nil || got != want || b.Has(segment) != want {
			t.Errorf("Copy(%s) = %v, %v; want %v", segment, got, err, want)
		}
	}
	if err := b.Add(ctx, "d0", each(details)); err != nil { // details before their cards
		t.Fatal(err)
	}
	if err := b.Add(ctx, "c1", each(cards[20:])); err != nil {
		t.Fatal(err)
	}
	if err := b.Browse(ctx, State{Scope: "all", Seq: 2, Digest: digest(rows)}); err != nil {
		t.Fatal(err)
	}
	if err := b.Index(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if res, err := s.Search(ctx, query.Query{Words: "dossier", Now: noon}); err != nil || res.Total != 30 {
		t.Errorf("Search of the whole scope found %d, %v; want 30", res.Total, err)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestBrowseRefusesOtherRows shows that rows that are not those published are never served.
//
// Rows: X-011
func TestBrowseRefusesOtherRows(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rows := examples(1, 5)
	swapped := []Row{{1, rows[0].Card, rows[1].Details}, {2, rows[1].Card, rows[0].Details}, rows[2], rows[3], rows[4]}
	if err := build(ctx, s, "swapped", State{Digest: digest(rows)}, swapped, nil); !errors.Is(err, ErrDigest) {
		t.Errorf("Browse of exchanged details: %v, want ErrDigest", err)
	}
	if _, err := s.State(ctx); !errors.Is(err, ErrNone) {
		t.Errorf("State: %v, want ErrNone", err)
	}
}

// TestReaderKeepsOldFile shows that a search that began before a swap ends well, and that
// the old file goes when nobody uses it.
func TestReaderKeepsOldFile(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := built(t, dir, examples(1, 10))
	defer func() { _ = s.Close() }()
	old, done, err := s.use()
	if err != nil {
		t.Fatal(err)
	}
	rows := examples(1, 20)
	if err := build(ctx, s, "next", State{Digest: digest(rows)}, rows, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old.path); err != nil {
		t.Errorf("the old file went while it was read: %v", err)
	}
	done()
	if _, err := os.Stat(old.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file stays after its last reader: %v", err)
	}
	if st, err := s.State(ctx); err != nil || st.Count != 20 {
		t.Errorf("State = %+v, %v", st, err)
	}
}

// TestBrowsableFirst shows that a first catalogue can be looked through before its words are
// indexed, says how far these are, and goes on with them after an interruption.
//
// Rows
func TestBrowsableFirst(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Search(ctx, query.Query{Now: noon}); !errors.Is(err, ErrNone) {
		t.Errorf("Search of an empty store: %v, want ErrNone", err)
	}
	rows := examples(1, 60)
	b, err := s.Build(ctx, "first")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add(ctx, "all", each(rows)); err != nil {
		t.Fatal(err)
	}
	if err := b.Browse(ctx, State{Seq: 1, Digest: digest(rows)}); err != nil {
		t.Fatal(err)
	}
	res, err := s.Search(ctx, query.Query{Now: noon})
	if err != nil || res.Total != 60 || res.Indexed != 0 || res.Rows != 60 || len(res.Facets[query.Province]) != 1 {
		t.Errorf("Search once browsable = %+v, %v", res, err)
	}
	if res, err = s.Search(ctx, query.Query{Words: "commis", Now: noon}); err != nil || res.Total != 0 || res.Indexed != 0 {
		t.Errorf("Search of words before the index = %+v, %v", res, err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Index(stopped, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Index after cancel: %v", err)
	}
	// A delta comes in meanwhile: its rows are indexed with it.
	st, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	to := st
	to.Seq, to.Digest, to.Count = 2, digest(examples(1, 65)), 65
	if err := s.Apply(ctx, st, to, each(ops(examples(61, 65)))); err != nil {
		t.Fatal(err)
	}
	if res, err = s.Search(ctx, query.Query{Words: "commis", Now: noon}); err != nil || res.Total != 5 || res.Indexed != 5 {
		t.Errorf("Search of words after the delta = %+v, %v", res, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(ctx, dir); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	last, total := 0, 0
	if err := s.Resume(ctx, func(done, of int) { last, total = max(last, done), of }); err != nil {
		t.Fatal(err)
	}
	if res, err = s.Search(ctx, query.Query{Words: "commis", Now: noon}); err != nil || res.Total != 65 || res.Indexed != 65 || last != 65 || total != 65 {
		t.Errorf("Search after Resume = %d of %d, told %d of %d, %v", res.Total, res.Indexed, last, total, err)
	}
}
