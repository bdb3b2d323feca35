package state

import (
	"context"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
)

// Posting is the posting being read.
type Posting struct {
	s *State

	ID      int64 // 0: none
	Posting posting.Posting
	Similar []catalogue.Likeness
	Saved   bool
	Loading bool
	Err     error
	Abroad  bool // the reader says they are outside Canada

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen    int
	cancel context.CancelFunc
}

func newPosting(s *State) *Posting { return &Posting{s: s} }

func (p *Posting) langChanged() { p.tell() }

func (p *Posting) tell() {
	if p.Changed != nil {
		p.Changed()
	}
}

// Open reads a posting by row id. The one shown stays until the new one has come.
func (p *Posting) Open(id int64) {
	if id == p.ID && p.Err == nil && !p.Loading {
		return
	}
	p.ID = id
	p.load()
}

// Reload reads it again: the catalogue changed, or reading failed.
func (p *Posting) Reload() {
	if p.ID != 0 {
		p.load()
	}
}

func (p *Posting) load() {
	p.gen++
	gen, id, now := p.gen, p.ID, p.s.Now()
	if p.cancel != nil {
		p.cancel()
	}
	ctx, cancel := context.WithCancel(p.s.ctx)
	p.cancel = cancel
	p.Loading = true
	var got posting.Posting
	var like []catalogue.Likeness
	var saved bool
	var err error
	ask := p.s.Hidden.ask()
	d := p.s.o.Device // whose it is now: another person may be at the desk before this ends
	p.s.o.Exec.Go(func() {
		if got, err = p.s.o.Catalogue.Posting(ctx, id, now); err != nil || got.State != posting.Shown {
			if k, ok := kept(ctx, d, id, now); ok { // the person's own copy, whole
				got, err = k, nil
			}
		}
		if err != nil {
			return
		}
		if hide, herr := ask(ctx); herr == nil {
			like, _ = p.s.o.Catalogue.Similar(ctx, id, 5, now, hide) // without it the posting still reads
		}
		if d != nil {
			saved, _ = d.IsSaved(ctx, id)
		}
	}, func() {
		cancel()
		if gen != p.gen {
			return
		}
		p.Loading, p.Err = false, err
		if err == nil {
			p.Posting, p.Similar, p.Saved = got, like, saved
			p.s.Matches.Meet(got)
		}
		p.tell()
	})
}

// Likeness says why a posting is like another one, and how far from it it is.
func (s *State) Likeness(x catalogue.Likeness) string {
	w, why := s.words, ""
	switch x.Reason {
	case "noc":
		why = w.S(i18n.SimilarNoc)
	case "related":
		why = w.S(i18n.SimilarRelated)
	case "employer":
		why = w.S(i18n.SimilarEmployer)
	}
	if x.Km <= 0 {
		return why
	}
	return join(why, w.S(i18n.PlaceKm, "Km", w.Number(int(x.Km+0.5))))
}

// Close puts the posting away.
func (p *Posting) Close() {
	p.gen++
	p.ID, p.Posting, p.Similar, p.Err, p.Loading = 0, posting.Posting{}, nil, nil, false
	p.tell()
}

// ToggleSaved keeps the posting on this computer, or forgets it.
func (p *Posting) ToggleSaved() {
	if p.s.o.Device == nil || p.Posting.ID == 0 {
		return
	}
	on, what, now, d := !p.Saved, p.Posting, p.s.Now(), p.s.o.Device
	var err error
	p.s.o.Exec.Go(func() {
		if on {
			err = d.Save(p.s.ctx, what, now)
		} else {
			err = d.Unsave(p.s.ctx, what.ID, now)
		}
	}, func() {
		if err == nil && p.ID == what.ID {
			p.Saved = on
		}
		if err == nil {
			p.s.wrote()
		}
		p.tell()
		p.s.Tell()
	})
}

// SetAbroad remembers that the reader is outside Canada: the notice on work
// authorization then stands in every panel on how to apply.
func (p *Posting) SetAbroad(on bool) {
	p.Abroad = on
	v := "0"
	if on {
		v = "1"
	}
	p.s.Remember("abroad", v)
	p.tell()
}
