package state

import (
	"context"
	"errors"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// keeper is what this screen asks of the device.
type keeper interface {
	Saved(ctx context.Context, now time.Time) ([]cache.SavedPosting, error)
	SavedSearches(ctx context.Context) ([]cache.Search, error)
	SaveSearch(ctx context.Context, label string, q query.Query, now time.Time) (string, error)
	RenameSearch(ctx context.Context, id, label string, now time.Time) error
	RemoveSearch(ctx context.Context, id string, now time.Time) error
	Fill(ctx context.Context, p posting.Posting, now time.Time) error
}

// Saved is what a person keeps: postings, whole, and searches.
type Saved struct {
	s *State

	Postings []cache.SavedPosting
	Searches []cache.Search
	Loaded   bool
	Err      error

	Renaming string // id of the search whose name is being changed; "": none
	Name     string // what is typed for it
	NameErr  string // what is wrong with it, and how to mend it
	Removed  *Undo  // what was removed last, to take it back

	Noting  int64  // row id of the posting whose note is being written; 0: none
	Note    string // what is typed
	NoteErr string // what is wrong with it, and how to mend it
	notes   map[int64]string
	canNote bool // notes can be read, so that they can be written

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen int
}

// Undo takes a removal back.
type Undo struct {
	What string // the sentence
	do   func()
}

// MaxName is how long the name of a search may be, in characters.
const MaxName = 80

func newSaved(s *State) *Saved { return &Saved{s: s, notes: map[int64]string{}} }

func (v *Saved) tell() {
	if v.Changed != nil {
		v.Changed()
	}
}

// MaxNote is how long a note may be, in characters.
const MaxNote = 4000

// Load reads both lists. Words of what was saved on another computer are taken from the
// catalogue.
func (v *Saved) Load() {
	d, notes := v.s.o.Device, v.s.o.Notes
	if d == nil {
		return
	}
	v.gen++
	gen, now := v.gen, v.s.Now()
	var ps []cache.SavedPosting
	var qs []cache.Search
	var err error
	said, canNote := map[int64]string{}, notes != nil
	v.s.o.Exec.Go(func() {
		if ps, err = d.Saved(v.s.ctx, now); err == nil {
			qs, err = d.SavedSearches(v.s.ctx)
		}
		if v.fill(d, ps, now) {
			ps, err = d.Saved(v.s.ctx, now)
		}
		for _, p := range ps {
			if !canNote {
				break
			}
			text, err := notes.Note(v.s.ctx, p.ID)
			if canNote = err == nil; text != "" {
				said[p.ID] = text
			}
		}
	}, func() {
		if gen != v.gen {
			return
		}
		v.Loaded, v.Err = true, err
		if err == nil {
			v.Postings, v.Searches, v.notes, v.canNote = ps, qs, said, canNote
		}
		v.tell()
	})
}

// fill gives the postings that have none their words, as far as the catalogue has them.
func (v *Saved) fill(d Device, ps []cache.SavedPosting, now time.Time) (any bool) {
	for _, p := range ps {
		if !p.Bare {
			continue
		}
		whole, err := v.s.o.Catalogue.Posting(v.s.ctx, p.ID, now)
		if err == nil && whole.Number == p.Number && whole.State == posting.Shown && d.Fill(v.s.ctx, whole, now) == nil {
			any = true
		}
	}
	return any
}

// NoteOf is what a person wrote for themselves beside a posting. It never leaves this
// computer. can: one can be written here.
func (v *Saved) NoteOf(id int64) (text string, can bool) { return v.notes[id], v.canNote }

// WriteNote begins to write beside a posting.
func (v *Saved) WriteNote(id int64) {
	v.Noting, v.Note, v.NoteErr = id, v.notes[id], ""
	v.tell()
}

// TypeNote follows what is typed.
func (v *Saved) TypeNote(text string) {
	v.Note = text
	if v.NoteErr != "" && len([]rune(text)) <= MaxNote {
		v.NoteErr = ""
		v.tell()
	}
}

// AcceptNote keeps the note; an empty one forgets it.
func (v *Saved) AcceptNote() {
	w := v.s.words
	if n := len([]rune(v.Note)); n > MaxNote {
		v.NoteErr = w.S(i18n.SavedNoteLong, "N", w.Number(n), "Max", w.Number(MaxNote))
		v.tell()
		return
	}
	id, text, notes := v.Noting, strings.TrimSpace(v.Note), v.s.o.Notes
	was := v.notes[id]
	v.Noting, v.notes[id] = 0, text // it is shown while it is being kept
	var err error
	v.s.o.Exec.Go(func() { err = notes.SetNote(v.s.ctx, id, text) }, func() {
		if err != nil { // what was written stays on the screen
			v.notes[id] = was
			v.Noting, v.Note, v.NoteErr = id, text, Explain(w, err)
			v.tell()
			return
		}
		v.Load()
	})
	v.tell()
}

// DropNote leaves the note as it was.
func (v *Saved) DropNote() {
	v.Noting, v.NoteErr = 0, ""
	v.tell()
}

// Follows says whether what is saved goes with the person's account to their other computers.
func (v *Saved) Follows() bool { return v.s.o.Private != nil && v.s.Present.Signed() }

// Line is a kept posting as a result row shows it: title, employer, place, wage, tags; Age
// is when it was kept.
type Line struct {
	Head        Heading
	Employer    string
	Place, Wage string
	Kept        string
	Ended       bool
	EndedLine   string
	WageKnown   bool
	Tags        []Tag
	ID, Number  int64
	Whole       bool // its words are here, whether or not the catalogue has it
	Bare        bool // it was saved on another computer, and none of its words are here yet
}

// Line draws up a kept posting.
func (v *Saved) Line(p cache.SavedPosting) Line {
	w := v.s.words
	l := Line{Head: Head(p.Card, w.Lang()), Employer: p.Employer, Place: PlaceLine(w, p.Place, query.Near{}), Wage: WageLine(w, p.Wage),
		WageKnown: p.Wage.Min+p.Wage.Max > 0, Ended: p.Expired, ID: p.ID, Number: p.Number,
		Kept: w.S(i18n.SavedKept, "Date", w.Date(p.At.In(v.s.o.Zone))), Whole: len(p.Texts) > 0}
	if p.Expired {
		l.EndedLine = w.S(i18n.SavedEnded, "Date", p.Ends.String())
	}
	if l.Bare = p.Bare; l.Bare {
		l.Head.Title, l.Place, l.Wage = Number(w, p.Number), "", ""
		return l
	}
	l.Tags = append(l.Tags, v.s.Tags(p.Card)...)
	return l
}

// Unsave forgets a posting; [Saved.Back] takes that back.
func (v *Saved) Unsave(p cache.SavedPosting) {
	whole, now, d := p.Posting, v.s.Now(), v.s.o.Device
	v.do(func() error { return d.Unsave(v.s.ctx, p.ID, now) }, &Undo{
		What: v.removed(p),
		do:   func() { v.do(func() error { return d.Save(v.s.ctx, whole, p.At) }, nil) },
	})
}

// removed says what was removed, and what becomes of a note on it.
func (v *Saved) removed(p cache.SavedPosting) string {
	k := i18n.SavedRemoved
	if v.notes[p.ID] != "" {
		k = i18n.SavedRemovedNoted
	}
	return v.s.words.S(k, "Title", v.Line(p).Head.Title)
}

// Back takes the last removal back.
func (v *Saved) Back() {
	if u := v.Removed; u != nil {
		v.Removed = nil
		u.do()
	}
}

func (v *Saved) do(work func() error, undo *Undo) {
	var err error
	v.s.o.Exec.Go(func() {
		err = work()
		if errors.Is(err, cache.ErrNotFound) {
			err = nil // gone already
		}
	}, func() {
		v.Err, v.Removed = err, undo
		if err == nil {
			v.Load()
			v.s.wrote()
			v.s.Posting.savedElsewhere()
			v.s.Tell()
			return
		}
		v.tell()
	})
}

// Keep saves the search of the search screen under its own description; done says it, or why not.
func (v *Saved) Keep(done func(sentence string)) {
	w := v.s.words
	r := v.s.Search
	label := r.Label()
	if label == "" {
		label = w.S(i18n.SavedEverything)
	}
	if rs := []rune(label); len(rs) > MaxName {
		label = string(rs[:MaxName-1]) + "…"
	}
	q, now, d := r.Query, v.s.Now(), v.s.o.Device
	var err error
	v.s.o.Exec.Go(func() { _, err = d.SaveSearch(v.s.ctx, label, q, now) }, func() {
		v.Err = err
		v.Load()
		v.s.wrote()
		if done == nil {
			return
		}
		if err != nil {
			done(Explain(w, err))
			return
		}
		done(w.S(i18n.SavedSearchKept, "Name", label))
	})
}

// Rename begins to change the name of a search.
func (v *Saved) Rename(q cache.Search) {
	v.Renaming, v.Name, v.NameErr = q.ID, q.Label, ""
	v.tell()
}

// Type follows what is typed; a corrected name clears its error at once.
func (v *Saved) Type(name string) {
	v.Name = name
	if v.NameErr != "" {
		if v.NameErr = v.checkName(); v.NameErr == "" {
			v.tell()
		}
	}
}

func (v *Saved) checkName() string {
	w, n := v.s.words, len([]rune(strings.TrimSpace(v.Name)))
	switch {
	case n == 0:
		return w.S(i18n.SavedNameEmpty)
	case n > MaxName:
		return w.S(i18n.SavedNameLong, "N", w.Number(n), "Max", w.Number(MaxName))
	}
	return ""
}

// Accept takes the new name.
func (v *Saved) Accept() {
	if v.NameErr = v.checkName(); v.NameErr != "" {
		v.tell()
		return
	}
	id, name, now, d := v.Renaming, strings.TrimSpace(v.Name), v.s.Now(), v.s.o.Device
	v.Renaming = ""
	v.do(func() error { return d.RenameSearch(v.s.ctx, id, name, now) }, nil)
}

// Drop leaves the name as it was.
func (v *Saved) Drop() {
	v.Renaming, v.NameErr = "", ""
	v.tell()
}

// RemoveSearch forgets a search; [Saved.Back] takes that back.
func (v *Saved) RemoveSearch(q cache.Search) {
	w, now, d := v.s.words, v.s.Now(), v.s.o.Device
	v.do(func() error { return d.RemoveSearch(v.s.ctx, q.ID, now) }, &Undo{
		What: w.S(i18n.SavedSearchRemoved, "Name", q.Label),
		do: func() {
			v.do(func() error { _, err := d.SaveSearch(v.s.ctx, q.Label, q.Query, q.At); return err }, nil)
		},
	})
}

// Run asks a saved search again, with the day of today.
func (v *Saved) Run(q cache.Search) { v.s.Search.Use(q.Query) }

// kept gives the copy that the person keeps of a posting, for when the catalogue has
// forgotten it or has masked its words.
func kept(ctx context.Context, d Device, id int64, now time.Time) (posting.Posting, bool) {
	if d == nil {
		return posting.Posting{}, false
	}
	all, err := d.Saved(ctx, now)
	if err != nil {
		return posting.Posting{}, false
	}
	for _, k := range all {
		if k.ID == id {
			return k.Posting, true
		}
	}
	return posting.Posting{}, false
}

// savedElsewhere reads again whether the posting on the page is kept.
func (p *Posting) savedElsewhere() {
	if p.ID == 0 || p.s.o.Device == nil {
		return
	}
	id, on, d := p.ID, false, p.s.o.Device
	p.s.o.Exec.Go(func() { on, _ = d.IsSaved(p.s.ctx, id) }, func() {
		if p.ID == id && p.Saved != on {
			p.Saved = on
			p.tell()
		}
	})
}
