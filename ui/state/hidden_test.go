package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/replica"
	"passerelle/sync/session"
)

// found are the rows of the first page.
func (d *desktop) found() (ids []int64) {
	for i := range min(d.Search.Result.Total, pageSize) {
		if c, ok := d.Search.Row(i); ok {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// TestHidden hides a posting and an employer: searches, their counts and what is like a
// posting are without them at once, also in a new run of the program and with another
// catalogue; each can be taken back, from where it was done and from the list.
//
// Rows: X-024
func TestHidden(t *testing.T) {
	d := newDesktop(t, i18n.English)
	d.Search.Start()
	d.hand.run()
	before, ids := d.Search.Result.Total, d.found()
	one, _ := d.Search.Row(3)
	d.Search.Select(3)
	d.hand.run()
	d.Hidden.Posting(d.Posting.Posting.Card)
	d.hand.run()
	if d.Search.Result.Total != before-1 || slices.Contains(d.found(), one.ID) || d.Hidden.Last == nil || !strings.Contains(d.Hidden.Last.What, Head(one, i18n.English).Title) {
		t.Errorf("%d results, %v, undo %+v; want %d without %d", d.Search.Result.Total, d.found(), d.Hidden.Last, before-1, one.ID)
	}
	if self, employer := d.Hidden.Of(d.Posting.Posting.Card); !self || employer || d.Posting.ID != one.ID {
		t.Errorf("the page shows %d, hidden %v, its employer %v", d.Posting.ID, self, employer)
	}
	d.Hidden.Back()
	d.hand.run()
	if d.Search.Result.Total != before || !slices.Equal(d.found(), ids) || d.Hidden.Last != nil || len(d.Hidden.List) != 0 {
		t.Errorf("taken back: %d results, list %v", d.Search.Result.Total, d.Hidden.List)
	}

	// An employer, and a second thing.
	boss, _ := d.Search.Row(0)
	other, _ := d.Search.Row(1)
	for other.Employer == boss.Employer {
		t.Fatal("the first two are of one employer")
	}
	theirs := 0
	_, all := library(t)
	for _, p := range all {
		if p.Employer == boss.Employer && !p.Ended(noon) {
			theirs++
		}
	}
	d.Hidden.Employer(boss)
	d.hand.run()
	d.Hidden.Posting(other)
	d.hand.run()
	if got := d.Search.Result.Total; got != before-theirs-1 {
		t.Errorf("%d results, want %d without %d and one more", got, before, theirs)
	}
	if len(d.Hidden.List) != 2 || d.Hidden.List[0].Title != Head(other, i18n.English).Title && d.Hidden.List[1].Title != Head(other, i18n.English).Title {
		t.Errorf("the list is %+v", d.Hidden.List)
	}
	sum := 0
	for _, c := range d.Search.Result.Facets[query.Poster] {
		sum += c.N
	}
	if sum != d.Search.Result.Total {
		t.Errorf("the counts of a facet come to %d, results %d", sum, d.Search.Result.Total)
	}
	d.Posting.Open(ids[5])
	d.hand.run()
	for _, x := range d.Posting.Similar {
		if x.Card.ID == other.ID || x.Card.Employer == boss.Employer {
			t.Errorf("similar to %d: %d of %s", ids[5], x.Card.ID, x.Card.Employer)
		}
	}

	// Another run of the program.
	again := New(context.Background(), d.o)
	again.Search.Start()
	d.hand.run()
	if again.Search.Result.Total != before-theirs-1 {
		t.Errorf("another run finds %d, want %d", again.Search.Result.Total, before-theirs-1)
	}

	// From the list, and from the page.
	for _, l := range d.Hidden.List {
		if !l.IsEmployer() {
			d.Hidden.Show(l.Hidden)
		}
	}
	d.hand.run()
	d.Hidden.ShowPosting(boss)
	d.hand.run()
	if d.Search.Result.Total != before || len(d.Hidden.List) != 0 {
		t.Errorf("all shown again: %d results of %d, list %v", d.Search.Result.Total, before, d.Hidden.List)
	}
}

// blind is a device that cannot say what is hidden.
type blind struct{ Device }

func (blind) Hidden(context.Context) ([]cache.Hidden, error) { return nil, errors.New("torn") }

// TestHiddenUnread shows no results before it is known what is hidden.
//
// Rows: X-024
func TestHiddenUnread(t *testing.T) {
	d := newDesktop(t, i18n.English)
	o := d.o
	o.Device = blind{o.Device}
	s := New(context.Background(), o)
	s.Search.Start()
	d.hand.run()
	if s.Search.Err == nil || s.Search.Result.Total != 0 {
		t.Errorf("%d results, %v", s.Search.Result.Total, s.Search.Err)
	}
}

// notes is a personal file of these tests.
type notes map[int64]string

func (n notes) Note(_ context.Context, id int64) (string, error) { return n[id], nil }

func (n notes) SetNote(_ context.Context, id int64, text string) error {
	if strings.Contains(text, "torn") {
		return errors.New("torn")
	}
	n[id] = text
	return nil
}

// TestNotes writes beside a saved posting: kept, changed, forgotten, never lost with the
// posting nor when it cannot be kept; and offered only where there is a place for it.
//
// Rows: X-024
func TestNotes(t *testing.T) {
	d := newDesktop(t, i18n.English)
	p := one(t, "a text", func(p posting.Posting) bool { return !p.Ended(noon) && len(p.Texts) > 0 })
	if err := d.Device().Save(context.Background(), p, noon); err != nil {
		t.Fatal(err)
	}
	d.Saved.Load()
	d.hand.run()
	if _, can := d.Saved.NoteOf(p.ID); can {
		t.Error("a note is offered where there is no place for it")
	}
	mine := notes{}
	d.o.Notes = mine
	write := func(text string) {
		d.Saved.Load()
		d.hand.run()
		d.Saved.WriteNote(p.ID)
		d.Saved.TypeNote(text)
		d.Saved.AcceptNote()
		if got, _ := d.Saved.NoteOf(p.ID); d.Saved.Noting == 0 && got != strings.TrimSpace(text) {
			t.Errorf("while it is being kept, the note reads %q, want %q", got, text)
		}
		d.hand.run()
	}
	write("  call on Monday\n")
	if text, can := d.Saved.NoteOf(p.ID); !can || text != "call on Monday" || mine[p.ID] != text || d.Saved.Noting != 0 {
		t.Errorf("the note reads %q, kept %v", text, mine)
	}
	write(strings.Repeat("é", MaxNote+1))
	if d.Saved.Noting != p.ID || !strings.Contains(d.Saved.NoteErr, "4,001") || mine[p.ID] != "call on Monday" {
		t.Errorf("too long: %q", d.Saved.NoteErr)
	}
	d.Saved.TypeNote("short")
	if d.Saved.NoteErr != "" {
		t.Errorf("mended, it says %q", d.Saved.NoteErr)
	}
	d.Saved.DropNote()
	write("torn")
	if d.Saved.Noting != p.ID || d.Saved.Note != "torn" || d.Saved.NoteErr == "" {
		t.Errorf("what could not be kept: %q, %q", d.Saved.Note, d.Saved.NoteErr)
	}
	d.Saved.DropNote()
	d.Saved.Unsave(d.Saved.Postings[0])
	d.hand.run()
	if d.Saved.Removed == nil || !strings.Contains(d.Saved.Removed.What, "note") {
		t.Errorf("removed: %+v", d.Saved.Removed)
	}
	d.Saved.Back()
	d.hand.run()
	if text, _ := d.Saved.NoteOf(p.ID); text != "call on Monday" {
		t.Errorf("taken back, the note reads %q", text)
	}
	write("")
	if text, _ := d.Saved.NoteOf(p.ID); text != "" {
		t.Errorf("an empty note reads %q", text)
	}
}

// elsewhere is a device on which a posting was saved on another computer.
type elsewhere struct {
	Device
	bare   []cache.SavedPosting
	filled []posting.Posting
}

func (e *elsewhere) Saved(context.Context, time.Time) ([]cache.SavedPosting, error) {
	out := slices.Clone(e.bare)
	for i := range out {
		for _, p := range e.filled {
			if p.ID == out[i].ID {
				out[i].Posting, out[i].Bare = p, false
			}
		}
	}
	return out, nil
}

func (e *elsewhere) Fill(_ context.Context, p posting.Posting, _ time.Time) error {
	e.filled = append(e.filled, p)
	return nil
}

// TestSavedElsewhere shows what was saved on another computer with the catalogue's words, or
// with its number while the catalogue has none or has another posting in its row.
//
// Rows: X-024
func TestSavedElsewhere(t *testing.T) {
	d := newDesktop(t, i18n.English)
	p := one(t, "a text", func(p posting.Posting) bool { return !p.Ended(noon) && len(p.Texts) > 0 })
	bare := func(id, number int64) cache.SavedPosting {
		s := cache.SavedPosting{Bare: true, At: noon}
		s.ID, s.Number = id, number
		return s
	}
	e := &elsewhere{Device: d.Device(), bare: []cache.SavedPosting{bare(p.ID, p.Number), bare(p.ID+1, 68_000_001), bare(4_000_000_000, 69_999_999)}}
	d.o.Device = e
	d.Saved.Load()
	d.hand.run()
	if len(e.filled) != 1 || len(d.Saved.Postings) != 3 {
		t.Fatalf("%d filled, %d listed", len(e.filled), len(d.Saved.Postings))
	}
	if l := d.Saved.Line(d.Saved.Postings[0]); l.Bare || l.Head.Title != Head(p.Card, i18n.English).Title {
		t.Errorf("with its words: %+v", l)
	}
	for _, x := range d.Saved.Postings[1:] {
		if l := d.Saved.Line(x); !l.Bare || !strings.Contains(l.Head.Title, GroupNumber(x.Number)) || l.Ended || l.Wage != "" {
			t.Errorf("without: %+v", l)
		}
	}
}

// kicked counts what is asked of the sync.
type kicked struct {
	Private
	causes []replica.Cause
	st     replica.Steady
}

func (k *kicked) Kick(c replica.Cause)   { k.causes = append(k.causes, c) }
func (k *kicked) Status() replica.Steady { return k.st }

// TestWritesAreTold tells the sync what a signed-in person saves and hides, and nothing of
// somebody's who is not signed in; the lists follow what a sync brings.
//
// Rows: X-024
func TestWritesAreTold(t *testing.T) {
	d := newDesktop(t, i18n.English)
	k := &kicked{}
	d.o.Private = k
	p := one(t, "anything", func(p posting.Posting) bool { return !p.Ended(noon) })
	act := func() {
		d.Posting.Open(p.ID)
		d.hand.run()
		d.Posting.ToggleSaved()
		d.hand.run()
		d.Hidden.Posting(p.Card)
		d.hand.run()
		d.Hidden.Back()
		d.hand.run()
		d.Saved.Keep(nil)
		d.hand.run()
	}
	act()
	if len(k.causes) != 0 {
		t.Errorf("nobody is signed in: %v", k.causes)
	}
	d.Present.Mode = session.Online
	act()
	if len(k.causes) != 4 || k.causes[0] != replica.Wrote {
		t.Errorf("told %v, want four writes", k.causes)
	}
	d.Search.Start()
	d.Saved.Load()
	d.hand.run()
	before := d.Search.Result.Total
	if err := d.Device().Hide(context.Background(), cache.Hidden{Posting: p.ID, Number: p.Number}, noon); err != nil {
		t.Fatal(err)
	}
	k.st.Live, k.st.Next = true, noon.Add(time.Minute)
	d.PrivateMoved()
	if len(d.hand.jobs) != 0 {
		t.Errorf("%d files are read because it is known when the next sync is", len(d.hand.jobs))
	}
	k.st.Last = noon
	d.PrivateMoved()
	d.hand.run()
	if d.Search.Result.Total != before-1 || len(d.Hidden.List) != 1 {
		t.Errorf("after a sync: %d results of %d, %d hidden", d.Search.Result.Total, before, len(d.Hidden.List))
	}
}
