package hub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/posting"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
	"passerelle/sync/intake/demo"
	"passerelle/sync/publish"
	"passerelle/sync/wire"
)

var now = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string, o hub.Options) *hub.Hub {
	t.Helper()
	h, err := hub.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// accepted registers a source that accepted the terms in force.
func accepted(t *testing.T, h *hub.Hub, id string) {
	t.Helper()
	set(t, h, posting.Source{ID: id, Host: "jobs.example.org", Accepted: intake.TermsVersion})
}

func set(t *testing.T, h *hub.Hub, s posting.Source) int {
	t.Helper()
	n, err := h.SetSource(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// jobs writes postings first to last as a source would send them, with a title.
func jobs(first, last int, title string) string {
	var b strings.Builder
	for n := first; n <= last; n++ {
		line, err := json.Marshal(map[string]any{
			"@context": "https://schema.org", "@type": "JobPosting", "identifier": fmt.Sprint("J-", n), "title": title,
			"datePosted": "2026-11-20", "validThrough": "2026-12-20", "inLanguage": "en",
			"hiringOrganization": map[string]any{"@type": "Organization", "name": "Invented Kitchen Ltd."},
			"jobLocation": map[string]any{"@type": "Place", "address": map[string]any{
				"@type": "PostalAddress", "addressLocality": "Halifax", "addressRegion": "NS", "addressCountry": "CA",
			}},
			"url": fmt.Sprint("https://jobs.example.org/", n),
		})
		if err != nil {
			panic(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

func file(name, text string) hub.File {
	return hub.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func take(t *testing.T, h *hub.Hub, o hub.ImportOptions, texts ...string) hub.Imported {
	t.Helper()
	im, err := tryTake(t, h, o, texts...)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func tryTake(t *testing.T, h *hub.Hub, o hub.ImportOptions, texts ...string) (hub.Imported, error) {
	t.Helper()
	var files []hub.File
	for i, text := range texts {
		files = append(files, file(fmt.Sprintf("f%d.ndjson", i), text))
	}
	return h.Import(t.Context(), "p", files, o, now)
}

// picture is everything that a ledger holds of public rows.
func picture(t *testing.T, h *hub.Hub) string {
	t.Helper()
	var b bytes.Buffer
	err := h.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
		epoch, seq, err := s.Position(t.Context())
		fmt.Fprintln(&b, epoch, seq)
		return errors.Join(err, s.All(t.Context(), 0, func(r ledger.Row) error {
			fmt.Fprintf(&b, "%d %d %s %s %q %x\n", r.ID, r.Seq, r.Part, r.OldPart, r.State, r.Hash)
			return nil
		}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func states(t *testing.T, h *hub.Hub) map[posting.State]int {
	t.Helper()
	n := map[posting.State]int{}
	err := h.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
		return s.All(t.Context(), 0, func(r ledger.Row) error { n[r.State]++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImportAgainChangesNothing(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	first := take(t, h, hub.ImportOptions{}, jobs(1, 2500, "cook"))
	if first.Added != 2500 || first.Read != 2500 || first.Refused != 0 {
		t.Errorf("first import %+v", first.Tally)
	}
	before := picture(t, h)
	again := take(t, h, hub.ImportOptions{}, jobs(1, 2500, "cook"))
	if again.Unchanged != 2500 || picture(t, h) != before {
		t.Errorf("second import %+v; the ledger moved: %v", again.Tally, picture(t, h) != before)
	}
	third := take(t, h, hub.ImportOptions{}, jobs(1, 2, "baker")+jobs(3, 2501, "cook"))
	if third.Changed != 2 || third.Added != 1 || third.Unchanged != 2498 {
		t.Errorf("third import %+v", third.Tally)
	}
	runs, err := h.Ledger().Runs(t.Context(), 9)
	if err != nil || len(runs) != 3 || runs[0].Outcome != "done" || runs[0].Added != 1 {
		t.Errorf("runs %+v, %v", runs, err)
	}
}

func TestBadRowsAreToldAndTheRestGoesIn(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	bad := `{"@context":"https://schema.org","@type":"JobPosting","identifier":"J-9","datePosted":"2026-11-20"}` + "\n"
	im := take(t, h, hub.ImportOptions{}, jobs(1, 3, "cook")+bad+jobs(4, 5, "cook"))
	if im.Added != 5 || im.Refused != 1 || len(im.Problems) == 0 || im.Problems[0].Line != 4 {
		t.Fatalf("%+v, problems %+v; want 5 taken and line 4 told", im.Tally, im.Problems)
	}
	kept, err := h.Ledger().Problems(t.Context(), im.Run)
	if err != nil || len(kept) != len(im.Problems) || kept[0].Line != 4 || kept[0].File != "f0.ndjson" {
		t.Errorf("the ledger keeps %+v, %v", kept, err)
	}
}

// A source that did not accept the terms in force is refused, whatever it accepted before.
//
// Rows: A-025
func TestSourceWithoutTermsIsRefused(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	if _, err := tryTake(t, h, hub.ImportOptions{}, jobs(1, 1, "cook")); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown source: %v, want ErrNotFound", err)
	}
	for _, terms := range []string{"", "2020-01"} {
		set(t, h, posting.Source{ID: "p", Accepted: terms})
		if _, err := tryTake(t, h, hub.ImportOptions{}, jobs(1, 1, "cook")); !errors.Is(err, intake.ErrTerms) {
			t.Errorf("a source that accepted %q: %v, want ErrTerms", terms, err)
		}
	}
	if n, err := h.Ledger().Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d rows, %v; want none", n, err)
	}
}

// Revoking a source masks and withdraws its postings at once; they come back with the
// source, under the same ids.
//
// Rows
func TestRevokedSourceLosesItsPostings(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	accepted(t, h, "other")
	take(t, h, hub.ImportOptions{}, jobs(1, 1500, "cook"))
	if _, err := h.Import(t.Context(), "other", []hub.File{file("o", jobs(1, 3, "baker"))}, hub.ImportOptions{}, now); err != nil {
		t.Fatal(err)
	}
	key := newKeys(t, h)
	first := pub(t, h, key, now)
	if n := set(t, h, posting.Source{ID: "p", Host: "jobs.example.org"}); n != 1500 {
		t.Errorf("%d postings withdrawn, want 1500", n)
	}
	if got := states(t, h); got[posting.Withdrawn] != 1500 || got[posting.Shown] != 3 {
		t.Errorf("states %v", got)
	}
	err := h.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
		return s.All(t.Context(), 0, func(r ledger.Row) error {
			if r.State == posting.Withdrawn && (bytes.Contains(r.Card, []byte("Kitchen")) || bytes.Contains(r.Card, []byte("cook")) || bytes.Contains(r.Card, []byte("https:"))) {
				t.Fatalf("a withdrawn row still says %q", r.Card)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	second := pub(t, h, key, now.Add(time.Hour))
	if second.Put != 1500 || second.Digest == first.Digest || second.Count != first.Count {
		t.Errorf("publication after: %+v; want 1500 tombstones in the place of rows", second)
	}
	accepted(t, h, "p")
	if im := take(t, h, hub.ImportOptions{}, jobs(1, 1500, "cook")); im.Changed != 1500 || im.Added != 0 {
		t.Errorf("accepted again: %+v", im.Tally)
	}
	if third := pub(t, h, key, now.Add(2*time.Hour)); third.Digest != first.Digest {
		t.Error("the same postings do not have the same digest")
	}
}

func TestCompleteFeedClosesWhatItDoesNotHold(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	whole := hub.ImportOptions{Complete: true}
	take(t, h, whole, jobs(1, 60, "cook"), jobs(61, 100, "cook"))
	im := take(t, h, whole, jobs(1, 60, "cook"), jobs(61, 90, "cook"))
	if im.Closed != 10 || im.Unchanged != 90 || states(t, h)[posting.Closed] != 10 {
		t.Errorf("%+v; want 10 closed", im.Tally)
	}
	// Without Complete, files say nothing of what they do not hold.
	if im := take(t, h, hub.ImportOptions{}, jobs(1, 5, "cook")); im.Closed != 0 {
		t.Errorf("%+v; want none closed", im.Tally)
	}
}

// A feed that would remove more than a share of a source's postings stops before it
// changes anything, and goes on when a person says yes.
func TestGuardStopsAndAsks(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	take(t, h, hub.ImportOptions{}, jobs(1, 100, "cook"))
	before := picture(t, h)
	less := jobs(1, 10, "head cook") + jobs(11, 79, "cook") // 21 of 100 are missing, and ten have changed
	if _, err := tryTake(t, h, hub.ImportOptions{Complete: true}, less); !errors.Is(err, intake.ErrTooManyRemovals) {
		t.Fatalf("%v, want ErrTooManyRemovals", err)
	}
	if picture(t, h) != before {
		t.Error("the ledger was changed before anyone was asked")
	}
	runs, err := h.Ledger().Runs(t.Context(), 1)
	if err != nil || runs[0].Outcome != "guard" {
		t.Errorf("the run says %+v, %v", runs, err)
	}
	im := take(t, h, hub.ImportOptions{Complete: true, AllowRemovals: true}, less)
	if im.Closed != 21 || im.Changed != 10 {
		t.Errorf("allowed: %+v, want 21 closed and 10 changed", im.Tally)
	}
	// An empty feed is the worst case of all.
	if im, err := tryTake(t, h, hub.ImportOptions{Complete: true}, "\n"); err == nil && (im.Closed > 0 || !im.Partial) {
		t.Errorf("an empty feed closed %d", im.Closed)
	}
}

// A file that ends in the middle closes nothing, however complete it says it is.
func TestTruncatedFeedClosesNothing(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	accepted(t, h, "p")
	take(t, h, hub.ImportOptions{}, jobs(1, 100, "cook"))
	text := jobs(1, 95, "cook")
	im := take(t, h, hub.ImportOptions{Complete: true}, text[:len(text)-200])
	if !im.Partial || im.Closed != 0 || im.Unchanged != 94 || states(t, h)[posting.Closed] != 0 {
		t.Errorf("%+v, partial %v; want 94 found and none closed", im.Tally, im.Partial)
	}
	if len(im.Problems) == 0 || !im.Problems[len(im.Problems)-1].Fatal {
		t.Errorf("problems %+v; want the end told", im.Problems)
	}
}

// A row that could not be read is not a posting that is gone: it is kept when the row bears
// its number, and nothing is closed when it could be any row's, or when there were more
// such rows than are told. Many fields in doubt cost no row. A posting that was read and
// moved abroad is gone.
func TestBadRowsCloseNothing(t *testing.T) {
	bad := func(from, to int) string {
		return strings.ReplaceAll(jobs(from, to, "cook"), `"datePosted":"2026-11-20"`, `"datePosted":"soon"`)
	}
	abroad := strings.ReplaceAll(jobs(91, 95, "cook"), `"addressCountry":"CA"`, `"addressCountry":"FR"`)
	for _, c := range []struct {
		name    string
		text    string
		closed  int
		partial bool
	}{
		{"five of a hundred without a date", jobs(1, 90, "cook") + bad(91, 95), 5, false}, // 96 to 100 are gone
		{"five abroad", jobs(1, 90, "cook") + abroad, 10, false},
		{"no number", jobs(1, 90, "cook") + strings.Replace(jobs(91, 91, "cook"), `"identifier":"J-91",`, "", 1), 10, false},
		{"one not to be read", jobs(1, 90, "cook") + "{\"@type\":\"JobPosting\",\"identifier\":\"J-91\",,}\n" + jobs(92, 95, "cook"), 0, true},
		{"more rows than are told", jobs(1, 90, "cook") + strings.Repeat(bad(91, 91), intake.MaxProblems+1), 0, true},
		{"more links away than are told", strings.Repeat(jobs(1, 90, "cook"), intake.MaxProblems/90+1), 10, false},
	} {
		h := open(t, t.TempDir(), hub.Options{})
		accepted(t, h, "p")
		take(t, h, hub.ImportOptions{}, jobs(1, 100, "cook"))
		im := take(t, h, hub.ImportOptions{Complete: true}, c.text)
		if im.Closed != c.closed || im.Partial != c.partial || states(t, h)[posting.Closed] != c.closed {
			t.Errorf("%s: %d closed, partial %v, %d problems and %d more, %+v; want %d closed, partial %v", c.name,
				im.Closed, im.Partial, len(im.Problems), im.More, im.Problems[:min(2, len(im.Problems))], c.closed, c.partial)
		}
	}
}

func TestDemonstration(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	o := demo.Options{N: 1200, Seed: 7, Today: posting.DayOf(now)}
	first, err := h.ImportDemo(t.Context(), o, nil)
	if err != nil || first.Added != 1200 {
		t.Fatalf("%+v, %v; want 1200 added", first, err)
	}
	before := picture(t, h)
	again, err := h.ImportDemo(t.Context(), o, nil)
	if err != nil || again.Unchanged != 1200 || picture(t, h) != before {
		t.Errorf("again: %+v, %v", again, err)
	}
	err = h.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
		return s.All(t.Context(), 0, func(r ledger.Row) error {
			c, err := posting.ParseCard(r.Card)
			if err == nil && !c.Demo {
				err = fmt.Errorf("posting %d does not say that it is invented", c.Number)
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
	// One of its sources revoked stays revoked.
	all, err := h.Ledger().Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.ID == posting.Native {
			continue
		}
		s.Accepted = ""
		gone := set(t, h, s)
		if _, err := h.ImportDemo(t.Context(), o, nil); err != nil {
			t.Fatal(err)
		}
		if got := states(t, h)[posting.Withdrawn]; got != gone || gone == 0 {
			t.Errorf("%d postings of %s withdrawn, %d after another import", gone, s.ID, got)
		}
		break
	}
}

func newKeys(t *testing.T, h *hub.Hub) publish.Key {
	t.Helper()
	root := publish.KeyFrom(bytes.Repeat([]byte{1}, 32))
	stamp := publish.KeyFrom(bytes.Repeat([]byte{2}, 32))
	if _, err := publish.NewRoot(h.Public(), []publish.Key{root}, stamp, publish.RootOptions{}, now); err != nil {
		t.Fatal(err)
	}
	return stamp
}

func pub(t *testing.T, h *hub.Hub, key publish.Key, at time.Time) publish.Published {
	t.Helper()
	p, err := h.Publish(t.Context(), key, publish.Options{}, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A restored ledger begins a new epoch by itself, also when it has grown past what was
// published, and only then.
func TestRestoreIsNoticed(t *testing.T) {
	for name, grow := range map[string]bool{"behind": false, "grown past": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			h := open(t, dir, hub.Options{})
			accepted(t, h, "p")
			key := newKeys(t, h)
			take(t, h, hub.ImportOptions{}, jobs(1, 10, "cook"))
			if p := pub(t, h, key, now); p.Epoch != 1 {
				t.Fatalf("first epoch %d", p.Epoch)
			}
			saved := filepath.Join(t.TempDir(), "backup.db")
			if err := h.Backup(t.Context(), saved); err != nil {
				t.Fatal(err)
			}
			take(t, h, hub.ImportOptions{}, jobs(11, 20, "cook"))
			take(t, h, hub.ImportOptions{}, jobs(21, 30, "cook"))
			if p := pub(t, h, key, now.Add(time.Hour)); p.Epoch != 1 || p.Count != 30 {
				t.Fatalf("second publication %+v", p)
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			for _, tail := range []string{"", "-wal", "-shm"} { // by hand, as an operator in a hurry would
				if err := os.Remove(filepath.Join(dir, "ledger.db"+tail)); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(saved)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "ledger.db"), b, 0o600); err != nil {
				t.Fatal(err)
			}
			h = open(t, dir, hub.Options{})
			want := 10
			if grow {
				for n := range 9 {
					take(t, h, hub.ImportOptions{}, jobs(100+n, 100+n, "baker"))
				}
				want = 19
			}
			p := pub(t, h, key, now.Add(2*time.Hour))
			if p.Epoch != 2 || p.Count != want {
				t.Errorf("after the restore: epoch %d with %d rows, want 2 with %d", p.Epoch, p.Count, want)
			}
			if p := pub(t, h, key, now.Add(3*time.Hour)); p.Epoch != 2 {
				t.Errorf("the epoch rose again, to %d", p.Epoch)
			}
		})
	}
}

func TestRestoreByCommand(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, hub.Options{})
	accepted(t, h, "p")
	key := newKeys(t, h)
	take(t, h, hub.ImportOptions{}, jobs(1, 10, "cook"))
	saved := filepath.Join(t.TempDir(), "backup.db")
	if err := h.Backup(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	take(t, h, hub.ImportOptions{}, jobs(11, 20, "cook"))
	pub(t, h, key, now)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	kept, epoch, err := hub.Restore(t.Context(), dir, saved)
	if err != nil || epoch != 2 {
		t.Fatalf("Restore: epoch %d, %v", epoch, err)
	}
	if he, err := hub.Check(t.Context(), kept, nil); err != nil || he.Rows != 20 {
		t.Errorf("the ledger before: %+v, %v; want its 20 rows kept", he, err)
	}
	h = open(t, dir, hub.Options{})
	if p := pub(t, h, key, now.Add(time.Hour)); p.Epoch != 2 || p.Count != 10 {
		t.Errorf("published after: %+v", p)
	}
}

// A backup made before an upgrade of the program can be checked and put in place after.
func TestRestoreOfAnOlderBackup(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, hub.Options{})
	accepted(t, h, "p")
	take(t, h, hub.ImportOptions{}, jobs(1, 10, "cook"))
	saved := filepath.Join(t.TempDir(), "backup.db")
	if err := h.Backup(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), saved, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	drop := "PRAGMA foreign_keys = 0;"
	err = sqldb.Each(t.Context(), db.Writer, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		drop += "DROP TABLE " + name + ";"
		return err
	}, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		AND name NOT IN ('head', 'source', 'posting', 'run', 'problem', 'report')`) // the tables of version 1
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Writer.ExecContext(t.Context(), drop+"PRAGMA user_version = 1")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	if he, err := hub.Check(t.Context(), saved, nil); err != nil || he.Rows != 10 {
		t.Errorf("Check: %+v, %v; want 10 rows", he, err)
	}
	if _, _, err := hub.Restore(t.Context(), dir, saved); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(saved); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the backup was changed (%v)", err)
	}
	h = open(t, dir, hub.Options{})
	if n, err := h.Ledger().Count(t.Context()); err != nil || n != 10 {
		t.Errorf("%d rows, %v; want 10", n, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "restore-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestCheckFindsOneChangedByte(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, hub.Options{})
	accepted(t, h, "p")
	take(t, h, hub.ImportOptions{}, jobs(1, 50, "cook"))
	he, err := h.CheckBackup(t.Context(), dir, nil)
	if err != nil || he.Rows != 50 || he.Digest == (posting.Sum{}) {
		t.Fatalf("CheckBackup: %+v, %v", he, err)
	}
	saved := filepath.Join(dir, "b.db")
	if err := h.Backup(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), saved, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		var card []byte
		if err := tx.QueryRowContext(t.Context(), "SELECT card FROM posting WHERE id = 17").Scan(&card); err != nil {
			return err
		}
		card[len(card)-1] ^= 1
		_, err := tx.ExecContext(t.Context(), "UPDATE posting SET card = $1 WHERE id = 17", card)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Check(t.Context(), saved, nil); !errors.Is(err, sqldb.ErrCorrupt) || !strings.Contains(err.Error(), "17") {
		t.Errorf("Check: %v, want ErrCorrupt at row 17", err)
	}
	if _, _, err := hub.Restore(t.Context(), dir, saved); !errors.Is(err, sqldb.ErrCorrupt) {
		t.Errorf("Restore of a damaged backup: %v, want ErrCorrupt", err)
	}
}

func report() wire.Report {
	return wire.Report{Key: "0198-k", Number: 100_000_007, Source: "p", Reason: string(wire.TitleNOC),
		Text: "Ce n'est pas un cuisinier.", Lang: "fr", App: "passerelle 1", Epoch: 1, Seq: 3, Made: now}
}

// A report that is delivered again, because it or its answer was lost, is one ticket
// with one answer, also at once and after a restart; no account is asked for.
//
// Rows
func TestReportOnce(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir, hub.Options{})
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		said = map[string]bool{}
	)
	deliver := func(h *hub.Hub, at time.Time) {
		answer, err := h.Report(context.Background(), report(), at)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		said[string(answer)] = true
		mu.Unlock()
	}
	for i := range 8 {
		wg.Go(func() { deliver(h, now.Add(time.Duration(i)*time.Minute)) })
	}
	wg.Wait()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir, hub.Options{})
	deliver(h, now.AddDate(0, 1, 0))
	all, err := h.Ledger().Reports(t.Context(), 9)
	if err != nil || len(all) != 1 || len(said) != 1 {
		t.Fatalf("%d tickets, answers %v, %v; want one of each", len(all), said, err)
	}
	if r := all[0]; r.Number != 100_000_007 || r.Reason != "title_noc" || r.Seq != 3 || !r.Made.Equal(now) {
		t.Errorf("the ticket says %+v", r)
	}
	other := report()
	other.Text = "autre chose"
	if _, err := h.Report(t.Context(), other, now); !errors.Is(err, hub.ErrOtherReport) {
		t.Errorf("the key with another text: %v, want ErrOtherReport", err)
	}
}

// Rows: A-170
func TestReportRefusals(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	for name, c := range map[string]struct {
		change func(*wire.Report)
		want   error
	}{
		"no key":         {func(r *wire.Report) { r.Key = "" }, hub.ErrReport},
		"long key":       {func(r *wire.Report) { r.Key = strings.Repeat("k", 65) }, hub.ErrReport},
		"no number":      {func(r *wire.Report) { r.Number = 0 }, hub.ErrReport},
		"unknown reason": {func(r *wire.Report) { r.Reason = "because" }, hub.ErrReason},
		"no reason":      {func(r *wire.Report) { r.Reason = "" }, hub.ErrReason},
	} {
		r := report()
		c.change(&r)
		if _, err := h.Report(t.Context(), r, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	long := report()
	long.Text = strings.Repeat("é", 9000)
	if _, err := h.Report(t.Context(), long, now); err != nil {
		t.Fatal(err)
	}
	all, err := h.Ledger().Reports(t.Context(), 9)
	if err != nil || len(all) != 1 || all[0].Words != strings.Repeat("é", wire.MaxText) {
		t.Errorf("%d reports, %v; want one, of %d characters", len(all), err, wire.MaxText)
	}
}

// Every reason can be sent and has words of its own in both languages, the title and
// occupation among them.
//
// Rows
func TestReasons(t *testing.T) {
	h := open(t, t.TempDir(), hub.Options{})
	keys := map[string]bool{}
	for i, reason := range wire.Reasons {
		r := report()
		r.Key, r.Reason = fmt.Sprint("k", i), string(reason)
		if _, err := h.Report(t.Context(), r, now); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		keys[string(reason.Key())] = true
	}
	if len(keys) != len(wire.Reasons) || wire.Reasons[0] != wire.TitleNOC {
		t.Errorf("%d sentences for %d reasons, the first %s", len(keys), len(wire.Reasons), wire.Reasons[0])
	}
}

// A full disk stops an import with what came before it kept, and the import run again
// with room gives what it would have given at once.
func TestFullDiskThenResume(t *testing.T) {
	text := jobs(1, 4000, "cook")
	whole := open(t, t.TempDir(), hub.Options{})
	accepted(t, whole, "p")
	take(t, whole, hub.ImportOptions{}, text)

	dir := t.TempDir()
	h := open(t, dir, hub.Options{MaxPages: 250})
	accepted(t, h, "p")
	im, err := tryTake(t, h, hub.ImportOptions{}, text)
	if !errors.Is(err, sqldb.ErrFull) {
		t.Fatalf("%v, want ErrFull", err)
	}
	if n, err := h.Ledger().Count(t.Context()); err != nil || n != im.Added || n == 0 || n == 4000 {
		t.Errorf("%d rows, %v; want the %d that were acknowledged", n, err, im.Added)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir, hub.Options{})
	take(t, h, hub.ImportOptions{}, text)
	if picture(t, h) != picture(t, whole) {
		t.Error("the resumed ledger differs")
	}
}

// crashAt is where a child of the test ends itself: point:n, the n-th time it comes by.
const crashAt = "HUB_TEST_CRASH_AT"

func TestMain(m *testing.M) {
	if at := os.Getenv(crashAt); at != "" {
		if err := child(os.Getenv("HUB_TEST_DIR"), at); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(7) // it should have been killed
	}
	postgrestest.Main(m)
}

// work is an import that adds, changes and closes, a revocation and a publication.
func work(ctx context.Context, dir string, at func(string)) (err error) {
	h, err := hub.Open(ctx, dir, hub.Options{At: at})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	p := posting.Source{ID: "p", Accepted: intake.TermsVersion}
	if _, err := h.SetSource(ctx, p); err != nil {
		return err
	}
	o := hub.ImportOptions{Complete: true, AllowRemovals: true}
	for _, text := range []string{jobs(1, 2500, "cook"), jobs(1, 500, "baker") + jobs(501, 1200, "cook")} {
		if _, err := h.Import(ctx, "p", []hub.File{file("f", text)}, o, now); err != nil {
			return err
		}
	}
	q := posting.Source{ID: "q", Accepted: intake.TermsVersion}
	if _, err := h.SetSource(ctx, q); err != nil {
		return err
	}
	if _, err := h.Import(ctx, "q", []hub.File{file("f", jobs(1, 1100, "welder"))}, hub.ImportOptions{}, now); err != nil {
		return err
	}
	q.Accepted = ""
	if _, err := h.SetSource(ctx, q); err != nil {
		return err
	}
	_, err = h.Publish(ctx, publish.KeyFrom(bytes.Repeat([]byte{2}, 32)), publish.Options{}, now)
	return err
}

func child(dir, at string) error {
	name, times, _ := strings.Cut(at, ":")
	left, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	do := work
	if os.Getenv("HUB_TEST_WORK") == "records" {
		do = func(ctx context.Context, dir string, at func(string)) error {
			_, err := tell(ctx, dir, at, os.Stdout)
			return err
		}
	}
	return do(context.Background(), dir, func(point string) {
		if point != name {
			return
		}
		if left--; left > 0 {
			return
		}
		me, err := os.FindProcess(os.Getpid())
		if err == nil {
			_ = me.Kill()
		}
		select {} // until the kill arrives
	})
}

// Killed at any point, the work that is done again gives the ledger and the digest that
// it would have given at once.
func TestKilledAnywhereThenResumed(t *testing.T) {
	base := t.TempDir()
	prepare := func(name string) string {
		dir := filepath.Join(base, name)
		h := open(t, dir, hub.Options{})
		newKeys(t, h)
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	rows := func(dir string) [sha256.Size]byte {
		h := open(t, dir, hub.Options{})
		defer func() { _ = h.Close() }()
		var b bytes.Buffer
		err := h.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
			return s.All(t.Context(), 0, func(r ledger.Row) error {
				fmt.Fprintf(&b, "%d %q %x\n", r.ID, r.State, r.Hash)
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(b.Bytes())
	}
	clean := prepare("clean")
	if err := work(t.Context(), clean, nil); err != nil {
		t.Fatal(err)
	}
	want := rows(clean)
	for _, at := range []string{"begun:1", "batch:1", "batch:3", "batch:5", "before-close:2", "closed:1", "withdrawn:1", "published:1"} {
		t.Run(at, func(t *testing.T) {
			dir := prepare(strings.ReplaceAll(at, ":", "-"))
			c := exec.CommandContext(t.Context(), os.Args[0])
			c.Env = append(os.Environ(), crashAt+"="+at, "HUB_TEST_DIR="+dir)
			out, err := c.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() == 7 {
				t.Fatalf("the child was not killed: %v\n%s", err, out)
			}
			if err := work(t.Context(), dir, nil); err != nil {
				t.Fatal(err)
			}
			if got := rows(dir); got != want {
				t.Error("the resumed ledger differs")
			}
			if he, err := hub.Check(t.Context(), filepath.Join(dir, "ledger.db"), nil); err != nil || he.Epoch != 1 {
				t.Errorf("the resumed ledger: %+v, %v", he, err)
			}
		})
	}
}

// A canceled import leaves whole batches, and says that it was canceled.
func TestCanceledImport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h := open(t, t.TempDir(), hub.Options{At: func(point string) {
		if point == "batch" {
			cancel()
		}
	}})
	accepted(t, h, "p")
	_, err := h.Import(ctx, "p", []hub.File{file("f", jobs(1, 3500, "cook"))}, hub.ImportOptions{}, now)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	if n, err := h.Ledger().Count(t.Context()); err != nil || n != 1000 {
		t.Errorf("%d rows, %v; want the one batch", n, err)
	}
}

// A revocation that was stopped half-way is finished before anything is published.
//
// Rows: A-025
func TestRevocationIsFinishedByPublishing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	h := open(t, dir, hub.Options{At: func(point string) {
		if point == "withdrawn" {
			cancel()
		}
	}})
	accepted(t, h, "p")
	key := newKeys(t, h)
	take(t, h, hub.ImportOptions{}, jobs(1, 2200, "cook"))
	if _, err := h.SetSource(ctx, posting.Source{ID: "p"}); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	if got := states(t, h); got[posting.Withdrawn] != 1000 {
		t.Fatalf("half-way: %v", got)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir, hub.Options{})
	pub(t, h, key, now)
	if got := states(t, h); got[posting.Shown] != 0 || got[posting.Withdrawn] != 2200 {
		t.Errorf("published with %v", got)
	}
}
