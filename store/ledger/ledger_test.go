package ledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

var today = posting.DayOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))

func open(t *testing.T, path string, o ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func fresh(t *testing.T) *ledger.Ledger {
	t.Helper()
	l := open(t, place(t), ledger.Options{})
	register(t, l)
	return l
}

func register(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	for _, id := range []string{"a", "b", posting.Native} {
		if err := l.PutSource(t.Context(), posting.Source{ID: id, Accepted: "1"}); err != nil {
			t.Fatal(err)
		}
	}
}

func job(source, id, title string) posting.Posting {
	return posting.Posting{
		Card: posting.Card{
			Source: source, SourceID: id, Title: posting.Both{EN: title}, Employer: "Quay Works",
			Posted: today, Ends: today + 30, Place: posting.Place{Province: "QC", City: "Rimouski", Postal: "G5L1A1"},
		},
		Details: posting.Details{Apply: []posting.Method{{Kind: posting.ApplyPhone, Value: "418 555-0100"}}},
	}
}

func put(t *testing.T, l *ledger.Ledger, ps ...posting.Posting) ledger.Tally {
	t.Helper()
	tally, err := l.Put(t.Context(), ps)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func changed(t *testing.T, l *ledger.Ledger, after int64) []ledger.Row {
	t.Helper()
	var all []ledger.Row
	err := l.Look(t.Context(), func(s ledger.Snapshot) error {
		_, seq, err := s.Position(t.Context())
		if err != nil {
			return err
		}
		return s.Changed(t.Context(), after, seq, func(r ledger.Row) error { all = append(all, r); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNumbers(t *testing.T) { engines(t, testNumbers) }

func testNumbers(t *testing.T) {
	l := fresh(t)
	own := job(posting.Native, "10000042", "welder")
	own.Number = 10_000_042
	put(t, l, job("a", "1", "cook"), own, job("b", "1", "baker"))
	var got []int64
	for _, r := range changed(t, l, 0) {
		c, err := posting.ParseCard(r.Card)
		if err != nil {
			t.Fatal(err)
		}
		if c.ID != r.ID {
			t.Errorf("the card says row %d, it is %d", c.ID, r.ID)
		}
		got = append(got, c.Number)
	}
	if want := []int64{100_000_000, 10_000_042, 100_000_001}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	for _, n := range []int64{0, 9_999_999, 70_000_000, 100_000_000} {
		own := job(posting.Native, fmt.Sprint("x", n), "x")
		own.Number = n
		if _, err := l.Put(t.Context(), []posting.Posting{own}); !errors.Is(err, ledger.ErrNumber) {
			t.Errorf("a posting of ours numbered %d: %v, want ErrNumber", n, err)
		}
	}
	if _, err := l.Put(t.Context(), []posting.Posting{job("a", "", "x")}); !errors.Is(err, ledger.ErrNoID) {
		t.Errorf("a posting without an id: %v, want ErrNoID", err)
	}
}

func TestUnchangedRowsKeepTheirSeq(t *testing.T) { engines(t, testUnchangedRowsKeepTheirSeq) }

func testUnchangedRowsKeepTheirSeq(t *testing.T) {
	l := fresh(t)
	put(t, l, job("a", "1", "cook"), job("a", "2", "baker"))
	again := put(t, l, job("a", "1", "cook"), job("a", "2", "head baker"))
	if again.Added != 0 || again.Changed != 1 || again.Unchanged != 1 {
		t.Errorf("second import: %+v, want one changed and one not", again)
	}
	rows := changed(t, l, 1)
	if len(rows) != 1 || rows[0].ID != again.IDs[1] || rows[0].Seq != 2 {
		t.Errorf("changes after 1: %+v", rows)
	}
	if none := put(t, l, job("a", "1", "cook")); none.Unchanged != 1 {
		t.Errorf("third import: %+v", none)
	}
	if _, seq, err := l.Position(t.Context()); err != nil || seq != 2 {
		t.Errorf("position %d, %v; nothing changed since 2", seq, err)
	}
}

// The French and the English document of one posting are one row, counted once.
func TestTwoLanguagesAreOnePosting(t *testing.T) { engines(t, testTwoLanguagesAreOnePosting) }

func testTwoLanguagesAreOnePosting(t *testing.T) {
	l := fresh(t)
	en := job("a", "1", "cook")
	en.Texts = []posting.Text{{Lang: i18n.English}}
	fr := job("a", "1", "")
	fr.Title = posting.Both{FR: "cuisinier"}
	fr.Texts = []posting.Text{{Lang: i18n.French}}
	put(t, l, en)
	if got := put(t, l, fr); got.Changed != 1 {
		t.Errorf("the other language: %+v, want one changed", got)
	}
	rows := changed(t, l, 0)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	c, err := posting.ParseCard(rows[0].Card)
	if err != nil || c.Title != (posting.Both{FR: "cuisinier", EN: "cook"}) {
		t.Errorf("titles %+v, %v", c.Title, err)
	}
	// Either document again changes nothing: a nightly feed of both is quiet.
	if got := put(t, l, en, fr); got.Changed != 0 {
		t.Errorf("both again: %+v, want nothing changed", got)
	}
}

// A posting that was closed keeps neither contact nor names on the server, and comes
// back whole when its source sends it again, under the same id and number.
//
// Rows: A-013
func TestEndMasks(t *testing.T) { engines(t, testEndMasks) }

func testEndMasks(t *testing.T) {
	l := fresh(t)
	id := put(t, l, job("a", "1", "cook")).IDs[0]
	if n, err := l.End(t.Context(), []int64{id}, posting.Closed); err != nil || n != 1 {
		t.Fatalf("End: %d, %v", n, err)
	}
	r := changed(t, l, 1)[0]
	if strings.Contains(string(r.Card)+string(r.Details), "555-0100") || strings.Contains(string(r.Card), "Quay") ||
		strings.Contains(string(r.Card), "cook") || strings.Contains(string(r.Card), "G5L1A1") || r.State != posting.Closed {
		t.Errorf("a closed row still says: %q %q", r.Card, r.Details)
	}
	if n, err := l.End(t.Context(), []int64{id}, posting.Closed); err != nil || n != 0 {
		t.Errorf("closing it twice: %d, %v; want 0", n, err)
	}
	back := put(t, l, job("a", "1", "cook"))
	r = changed(t, l, 2)[0]
	c, err := posting.ParseCard(r.Card)
	if err != nil || back.Changed != 1 || c.ID != id || c.Number != 100_000_000 || c.State != posting.Shown || c.Title.EN != "cook" {
		t.Errorf("sent again: %+v, card %+v, %v", back, c, err)
	}
}

func TestOldPartIsWhereClientsHaveIt(t *testing.T) { engines(t, testOldPartIsWhereClientsHaveIt) }

func testOldPartIsWhereClientsHaveIt(t *testing.T) {
	l := fresh(t)
	p := job("a", "1", "cook")
	move := func(to string) ledger.Row {
		t.Helper()
		p.Place.Province = to
		put(t, l, p)
		return changed(t, l, 0)[0]
	}
	put(t, l, p)
	if err := l.SetPublished(t.Context(), 1, "x"); err != nil {
		t.Fatal(err)
	}
	if r := move("ON"); r.Part != "on" || r.OldPart != "qc" {
		t.Errorf("moved once: %s from %s, want on from qc", r.Part, r.OldPart)
	}
	if r := move("BC"); r.Part != "bc" || r.OldPart != "qc" {
		t.Errorf("moved again before a publication: %s from %s, want bc from qc", r.Part, r.OldPart)
	}
	if err := l.SetPublished(t.Context(), 3, "y"); err != nil {
		t.Fatal(err)
	}
	if r := move("NB"); r.OldPart != "bc" {
		t.Errorf("moved after a publication: from %s, want bc", r.OldPart)
	}
}

// Writers of two processes leave no gap and lose no row.
func TestSeqHasNoGaps(t *testing.T) { engines(t, testSeqHasNoGaps) }

func testSeqHasNoGaps(t *testing.T) {
	path := place(t)
	a, b := open(t, path, ledger.Options{}), open(t, path, ledger.Options{})
	register(t, a)
	var wg sync.WaitGroup
	for w, l := range []*ledger.Ledger{a, b, a, b} {
		wg.Go(func() {
			for i := range 10 {
				if _, err := l.Put(t.Context(), []posting.Posting{job("a", fmt.Sprint(w, "-", i), "cook")}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	rows := changed(t, a, 0)
	for i, r := range rows {
		if r.Seq != int64(i+1) {
			t.Fatalf("row %d of %d has seq %d", i+1, len(rows), r.Seq)
		}
	}
	if len(rows) != 40 {
		t.Errorf("%d rows, want 40", len(rows))
	}
}

// A reader who follows Changed from any position has what All gives, whatever happened.
func TestChangesAreEnough(t *testing.T) { engines(t, testChangesAreEnough) }

func testChangesAreEnough(t *testing.T) {
	l, ctx, round := open(t, place(t), ledger.Options{}), t.Context(), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++ // each has a source of its own, in one ledger
		source := fmt.Sprint("a", round)
		if err := l.PutSource(ctx, posting.Source{ID: source}); err != nil {
			rt.Fatal(err)
		}
		_, at, err := l.Position(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		before, err := l.Count(ctx) // ids are given in order
		if err != nil {
			rt.Fatal(err)
		}
		replica := map[int64]string{}
		follow := func() {
			err := l.Look(ctx, func(s ledger.Snapshot) error {
				_, seq, err := s.Position(ctx)
				if err != nil {
					return err
				}
				err = s.Changed(ctx, at, seq, func(r ledger.Row) error {
					replica[r.ID] = string(r.Card) + string(r.Details)
					return nil
				})
				at = seq
				all := map[int64]string{}
				if err := errors.Join(err, s.All(ctx, 0, func(r ledger.Row) error {
					if r.ID > int64(before) {
						all[r.ID] = string(r.Card) + string(r.Details)
					}
					return nil
				})); err != nil {
					return err
				}
				if len(all) != len(replica) {
					rt.Fatalf("%d rows, the replica has %d", len(all), len(replica))
				}
				for id, b := range all {
					if replica[id] != b {
						rt.Fatalf("row %d differs at %d", id, at)
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				var batch []posting.Posting
				for _, n := range rapid.SliceOfN(rapid.IntRange(1, 6), 1, 5).Draw(rt, "ids") {
					batch = append(batch, job(source, fmt.Sprint(n), rapid.SampledFrom([]string{"cook", "baker", "welder"}).Draw(rt, "title")))
				}
				if _, err := l.Put(ctx, batch); err != nil {
					rt.Fatal(err)
				}
			},
			"end": func(rt *rapid.T) {
				var ids []int64
				if err := l.LiveIDs(ctx, source, today, func(_ string, id int64) error { ids = append(ids, id); return nil }); err != nil {
					rt.Fatal(err)
				}
				if len(ids) == 0 {
					rt.Skip("no posting is live")
				}
				state := rapid.SampledFrom([]posting.State{posting.Closed, posting.Withdrawn}).Draw(rt, "state")
				if n, err := l.End(ctx, ids[:1], state); err != nil || n != 1 {
					rt.Fatal(n, err)
				}
			},
			"follow": func(*rapid.T) { follow() },
		})
		follow()
	})
}

// A full disk is said, and what was acknowledged is still there.
func TestFullDisk(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{MaxPages: 120})
	register(t, l)
	kept := 0
	for i := range 500 {
		tally, err := l.Put(t.Context(), []posting.Posting{job("a", fmt.Sprint(i), strings.Repeat("cook ", 100))})
		if errors.Is(err, sqldb.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kept += tally.Added
	}
	n, err := l.Count(t.Context())
	_, seq, err2 := l.Position(t.Context())
	if err != nil || err2 != nil || n != kept || seq != int64(kept) || kept == 0 || kept == 500 {
		t.Errorf("%d rows at %d (%v, %v), want the %d acknowledged", n, seq, err, err2, kept)
	}
	for _, w := range i18n.Languages() {
		if s, ok := sqldb.Sentence(i18n.For(w), fmt.Errorf("put: %w", sqldb.ErrFull)); !ok || s == "" {
			t.Errorf("no sentence in %s", w)
		}
	}
}

// Delivered many times at once, a report is one ticket with one answer.
//
// Rows: A-170
func TestReportIsFiledOnce(t *testing.T) { engines(t, testReportIsFiledOnce) }

func testReportIsFiledOnce(t *testing.T) {
	l := fresh(t)
	r := ledger.Report{Key: "k", Hash: []byte("h"), Number: 100_000_000, Reason: "fake", Words: "…"}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		said = map[string]int{}
	)
	for i := range 16 {
		wg.Go(func() {
			_, answer, err := l.File(t.Context(), r, func(ticket int64) []byte { return fmt.Append(nil, ticket, " made by ", i) })
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			said[string(answer)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	all, err := l.Reports(t.Context(), 10)
	if err != nil || len(all) != 1 || len(said) != 1 {
		t.Errorf("%d tickets and answers %v (%v), want one of each", len(all), said, err)
	}
	r.Hash = []byte("other")
	if _, _, err := l.File(t.Context(), r, nil); !errors.Is(err, ledger.ErrOtherReport) {
		t.Errorf("the same key for another report: %v, want ErrOtherReport", err)
	}
}

func TestEpochOnlyRises(t *testing.T) { engines(t, testEpochOnlyRises) }

func testEpochOnlyRises(t *testing.T) {
	l := fresh(t)
	put(t, l, job("a", "1", "cook"))
	for _, c := range []struct{ floor, want int64 }{{0, 2}, {9, 10}, {4, 11}} {
		if got, err := l.NewEpoch(t.Context(), c.floor); err != nil || got != c.want {
			t.Errorf("NewEpoch(%d) = %d, %v; want %d", c.floor, got, err, c.want)
		}
	}
	if _, seq, err := l.Position(t.Context()); err != nil || seq != 1 {
		t.Errorf("seq %d, %v; a new epoch does not move it", seq, err)
	}
}

func TestRunsKeepTheirProblems(t *testing.T) { engines(t, testRunsKeepTheirProblems) }

func testRunsKeepTheirProblems(t *testing.T) {
	l, ctx := fresh(t), t.Context()
	now := today.Time()
	id, err := l.Begin(ctx, "a", []string{"x.csv", "y.csv"}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := []ledger.Problem{{File: "x.csv", Line: 3, Reason: "wage", Detail: "abc"}, {File: "y.csv", Line: 1, Reason: "noc"}}
	r := ledger.Run{ID: id, Ended: now, Outcome: "done", Read: 5, Refused: 2, Problems: want}
	r.Added = 3
	if err := l.Finish(ctx, r); err != nil {
		t.Fatal(err)
	}
	runs, err := l.Runs(ctx, 5)
	if err != nil || len(runs) != 1 || runs[0].Added != 3 || runs[0].Refused != 2 || len(runs[0].Files) != 2 || !runs[0].Ended.Equal(now) {
		t.Errorf("runs %+v, %v", runs, err)
	}
	if got, err := l.Problems(ctx, id); err != nil || !slices.Equal(got, want) {
		t.Errorf("problems %+v, %v", got, err)
	}
}

func TestSourceRegistry(t *testing.T) { engines(t, testSourceRegistry) }

func testSourceRegistry(t *testing.T) {
	l, ctx := fresh(t), t.Context()
	s := posting.Source{ID: "a", Name: posting.Both{FR: "Quai", EN: "Quay"}, Host: "quay.example", Accepted: "2", Agreement: "E-1"}
	if err := l.PutSource(ctx, s); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Source(ctx, "a"); err != nil || got != s {
		t.Errorf("Source: %+v, %v; want %+v", got, err, s)
	}
	if _, err := l.Source(ctx, "zz"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown source: %v, want ErrNotFound", err)
	}
	if all, err := l.Sources(ctx); err != nil || len(all) != 3 {
		t.Errorf("Sources: %d, %v; want 3", len(all), err)
	}
}
