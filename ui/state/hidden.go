package state

import (
	"context"
	"errors"
	"slices"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/replica"
)

// hider is what the screens ask of the device about what is not to be seen again.
type hider interface {
	Hide(ctx context.Context, h cache.Hidden, now time.Time) error
	Unhide(ctx context.Context, h cache.Hidden, now time.Time) error
	Hidden(ctx context.Context) ([]cache.Hidden, error)
}

// Hidden is what a person does not want to see again, postings and employers. No
// search shows it, whatever becomes of the catalogue; their number still opens a posting.
type Hidden struct {
	s *State

	List  []HiddenLine
	Last  *Undo // what was hidden last, to take it back
	Err   error
	Since bool // read at least once

	// Changed tells whoever draws the list. Nil is fine.
	Changed func()

	hide *query.Hide
	keys []cache.Hidden
	gen  int
}

// HiddenLine is one that is hidden, as it is shown.
type HiddenLine struct {
	cache.Hidden
	Title string // of the posting, or the employer's name
	Who   string // the posting's employer and number; of an employer what it means
	When  string
}

func newHidden(s *State) *Hidden { return &Hidden{s: s} }

func (h *Hidden) tell() {
	if h.Changed != nil {
		h.Changed()
	}
}

// Load reads the list. A search that was made before it changed is made again.
func (h *Hidden) Load() {
	d := h.s.o.Device
	if d == nil {
		return
	}
	h.gen++
	gen := h.gen
	var all []cache.Hidden
	var cards []posting.Card
	var err error
	h.s.o.Exec.Go(func() {
		if all, err = d.Hidden(h.s.ctx); err != nil {
			return
		}
		var ids []int64
		for _, x := range all {
			if x.Posting != 0 {
				ids = append(ids, x.Posting)
			}
		}
		if len(ids) > 0 {
			cards, _ = h.s.o.Catalogue.Cards(h.s.ctx, ids) // without them the list has numbers
		}
	}, func() {
		if gen != h.gen {
			return
		}
		h.Err = err
		if err != nil {
			h.tell()
			return
		}
		first, changed := !h.Since, !slices.Equal(all, h.keys)
		if h.Since, h.keys = true, all; first || changed {
			h.hide = cache.HideOf(all) // the catalogue keeps what it found for the last one
		}
		h.List = h.lines(all, cards)
		h.tell()
		if changed && !first {
			h.s.Search.veiled()
			h.s.Matches.catalogueMoved()
			h.s.Posting.hiddenChanged()
		}
	})
}

// ask gives what a search leaves out, for work elsewhere to ask: before that is known it is
// read, so that nothing hidden is ever shown.
func (h *Hidden) ask() func(ctx context.Context) (*query.Hide, error) {
	d, hide := h.s.o.Device, h.hide
	if h.Since || d == nil {
		return func(context.Context) (*query.Hide, error) { return hide, nil }
	}
	h.Load()
	return func(ctx context.Context) (*query.Hide, error) {
		all, err := d.Hidden(ctx)
		return cache.HideOf(all), err
	}
}

func (h *Hidden) lines(all []cache.Hidden, cards []posting.Card) (lines []HiddenLine) {
	w := h.s.words
	for _, x := range all {
		l := HiddenLine{Hidden: x, When: w.S(i18n.HiddenWhen, "Date", w.Date(x.At.In(h.s.o.Zone)))}
		if x.IsEmployer() {
			l.Title, l.Who = x.Employer, w.S(i18n.HiddenEmployerWhy)
			lines = append(lines, l)
			continue
		}
		l.Who = x.Employer
		for _, c := range cards {
			if c.ID == x.Posting && (x.Number == 0 || c.Number == x.Number) {
				l.Title = Head(c, w.Lang()).Title
			}
		}
		if n := Number(w, x.Number); l.Title == "" {
			l.Title = n
		} else if x.Number != 0 {
			l.Who = join(l.Who, n)
		}
		lines = append(lines, l)
	}
	return lines
}

// Of says what hides a posting: itself, its employer, nothing.
func (h *Hidden) Of(c posting.Card) (self, employer bool) {
	return h.hide.Posting(c.ID, c.Number), h.hide.Employer(c.Employer)
}

// Can says whether the employer of a posting has a name to hide it by.
func (h *Hidden) Can(c posting.Card) bool { return query.FoldEmployer(c.Employer) != "" }

// Posting hides a posting; [Hidden.Back] takes that back.
func (h *Hidden) Posting(c posting.Card) {
	title := Head(c, h.s.Lang()).Title
	if title == "" {
		title = Number(h.s.words, c.Number)
	}
	h.put(cache.Hidden{Posting: c.ID, Number: c.Number, Employer: c.Employer}, h.s.words.S(i18n.HiddenPosting, "Title", title))
}

// Employer hides all the postings of an employer; [Hidden.Back] takes that back.
func (h *Hidden) Employer(c posting.Card) {
	if h.Can(c) {
		h.put(cache.Hidden{Employer: c.Employer}, h.s.words.S(i18n.HiddenEmployer, "Name", c.Employer))
	}
}

func (h *Hidden) put(x cache.Hidden, said string) {
	d, now := h.s.o.Device, h.s.Now()
	if d == nil {
		return
	}
	h.do(func() error { return d.Hide(h.s.ctx, x, now) }, &Undo{What: said, do: func() { h.Show(x) }})
}

// Show shows it again.
func (h *Hidden) Show(x cache.Hidden) {
	d, now := h.s.o.Device, h.s.Now()
	h.do(func() error { return d.Unhide(h.s.ctx, x, now) }, nil)
}

// ShowPosting shows again what hides a posting: it, its employer, or both.
func (h *Hidden) ShowPosting(c posting.Card) {
	self, employer := h.Of(c)
	d, now := h.s.o.Device, h.s.Now()
	h.do(func() error {
		var err error
		if self {
			err = errors.Join(d.Unhide(h.s.ctx, cache.Hidden{Posting: c.ID, Number: c.Number}, now), d.Unhide(h.s.ctx, cache.Hidden{Posting: c.ID}, now))
		}
		if employer {
			err = errors.Join(err, d.Unhide(h.s.ctx, cache.Hidden{Employer: c.Employer}, now))
		}
		return err
	}, nil)
}

// Back takes the last hiding back.
func (h *Hidden) Back() {
	if u := h.Last; u != nil {
		h.Last = nil
		u.do()
	}
}

func (h *Hidden) do(work func() error, undo *Undo) {
	var err error
	h.s.o.Exec.Go(func() { err = work() }, func() {
		h.Err = err
		if err != nil {
			h.s.Search.next = false
			h.s.Search.tell(Found)
			h.tell()
			return
		}
		h.Last = undo
		h.Load()
		h.s.wrote()
	})
}

// recordsMoved looks again at what the account keeps of this screen: a sync brought more.
func (s *State) recordsMoved() {
	if s.Hidden.Since {
		s.Hidden.Load()
	}
	if s.Saved.Loaded {
		s.Saved.Load()
	}
	if s.Profile.Loaded {
		s.Profile.Load()
	}
	if s.JobAlerts.Loaded {
		s.JobAlerts.Load()
	}
	s.Matches.recordsMoved()
	s.Invitations.Load()
	s.Posting.savedElsewhere()
}

// wrote tells that a person changed something that their account keeps.
func (s *State) wrote() {
	if s.o.Private != nil && s.Present.Signed() {
		s.o.Private.Kick(replica.Wrote)
	}
}

// hiddenChanged draws the posting on the page again, with what is like it.
func (p *Posting) hiddenChanged() {
	if p.ID != 0 {
		p.load()
	}
}
