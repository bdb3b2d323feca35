package state

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/match"
	"passerelle/store/personal"
	"passerelle/store/posting"
)

// mostGapped is over how many postings gaps are counted at most: the best ones.
const mostGapped = 500

// Open shows a pane beside the list.
func (m *Matches) Open(p MatchPane) {
	if m.Pane = p; p == MatchGaps && !m.Gapped {
		m.count()
	}
	if p == MatchRefused {
		m.recall()
	}
	m.tell()
}

// Choose takes a posting into those whose gaps are counted, or out.
func (m *Matches) Choose(i int) {
	if i < 0 || i >= len(m.list) {
		return
	}
	id := m.list[i].ID
	if at := slices.Index(m.Chosen, id); at >= 0 {
		m.Chosen = slices.Delete(m.Chosen, at, at+1)
	} else {
		m.Chosen = append(m.Chosen, id)
	}
	m.Gapped = false
	if m.Pane == MatchGaps {
		m.count()
	}
	m.tell()
}

// ChooseNone counts the gaps of all that are shown again.
func (m *Matches) ChooseNone() {
	m.Chosen, m.Gapped = nil, false
	if m.Pane == MatchGaps {
		m.count()
	}
	m.tell()
}

// IsChosen says whether a line is among those whose gaps are counted.
func (m *Matches) IsChosen(i int) bool {
	return i >= 0 && i < len(m.list) && slices.Contains(m.Chosen, m.list[i].ID)
}

// count finds what the chosen postings, or all, ask and the profile lacks.
func (m *Matches) count() {
	if m.profile == nil {
		return
	}
	ids := slices.Clone(m.Chosen)
	if len(ids) == 0 {
		for _, x := range m.list[:min(len(m.list), mostGapped)] {
			ids = append(ids, x.ID)
		}
	}
	gen, p, cat, now := m.gen, m.profile, m.s.o.Catalogue, m.s.Now()
	chosen := slices.Clone(m.Chosen)
	var gaps []match.Gap
	var err error
	n := 0
	m.Gapped = true
	m.s.o.Exec.Go(func() {
		var all []posting.Posting
		for _, id := range ids {
			post, e := cat.Posting(m.s.ctx, id, now)
			if e != nil {
				if err = m.s.ctx.Err(); err != nil {
					return
				}
				continue // it has just gone
			}
			post.Apply, post.Pay = nil, nil
			all = append(all, post)
		}
		n, gaps = len(all), p.Gaps(all)
	}, func() {
		if gen != m.gen || !slices.Equal(chosen, m.Chosen) {
			m.Gapped = false
			return
		}
		if err == nil {
			m.Gaps, m.Of = gaps, n
		}
		m.tell()
	})
}

// GapLine is a requirement that is not met, in words.
type GapLine struct {
	Text, Asked string // asked: by how many postings
	Want        Wanted
	Targeted    bool // it is a learning target already
}

// GapLines are what is lacking, what most postings ask first.
func (m *Matches) GapLines() (all []GapLine) {
	w := m.s.words
	for _, g := range m.Gaps {
		x := Wanted{g.Kind, g.IDs, g.Level}
		l := GapLine{Text: m.s.Requirement(g.Kind, g.IDs, g.Level, ""), Want: x, Targeted: m.targeted(x),
			Asked: w.N(i18n.MatchesAsked, g.Postings, "All", w.Number(m.Of))}
		if g.Partly > 0 {
			l.Asked = join(l.Asked, w.N(i18n.MatchesAskedPartly, g.Partly))
		}
		all = append(all, l)
	}
	return all
}

// GapsOf says over what the gaps are counted.
func (m *Matches) GapsOf() string {
	w := m.s.words
	switch {
	case len(m.Chosen) > 0:
		return w.N(i18n.MatchesGapsChosen, len(m.Chosen))
	case len(m.list) > mostGapped:
		return w.S(i18n.MatchesGapsBest, "N", w.Number(mostGapped))
	}
	return w.N(i18n.MatchesGapsAll, len(m.list))
}

// Section is the page of the profile on which a requirement is said.
func (x Wanted) Section() ProfilePage {
	switch x.Kind {
	case match.Place, match.Workplace:
		return ProfilePlaces
	case match.Education:
		return ProfileEducation
	case match.Credential:
		return ProfileCredentials
	}
	return ProfileExperience
}

// Plain says that there is one way to say it in a profile; of several credentials, of which
// any one is enough, the person chooses theirs.
func (x Wanted) Plain() bool { return len(x.IDs) == 1 || len(x.IDs) == 0 && x.Level > 0 }

// Have writes into the profile what the person says they have. It is matched once it is
// activated.
func (m *Matches) Have(x Wanted) {
	p, level := m.s.Profile, strconv.Itoa(x.Level)
	if !p.Loaded || !x.Plain() {
		return
	}
	switch x.Kind {
	case match.Work, match.Experience:
		p.AddWork(x.IDs[0], level)
	case match.Skill:
		p.Tick("skills", x.IDs[0], true)
	case match.Credential:
		p.Tick("credentials", x.IDs[0], true)
	case match.Education:
		p.Tick("education", level, true)
	case match.Place:
		p.Tick("places", x.IDs[0], true)
	case match.Workplace:
		p.Tick("workplaces", x.IDs[0], true)
	}
}

// Learning targets: what a person has set out to meet. They stay on this computer, in the
// personal file.

// TargetLine is one, in words.
type TargetLine struct {
	ID   string
	Want Wanted
	Text string
	Done bool
}

// Keeps says whether targets can be kept here.
func (m *Matches) Keeps() bool { return m.s.o.Mine != nil && m.Offered() }

func (m *Matches) targeted(x Wanted) bool { return isTarget(m.kept, x) }

func isTarget(all []personal.Entry[personal.Target], x Wanted) bool {
	return slices.ContainsFunc(all, func(t personal.Entry[personal.Target]) bool {
		return t.Body.What == string(x.Kind) && t.Body.Level == x.Level && slices.Equal(t.Body.IDs, x.IDs)
	})
}

// readTargets reads them.
func (m *Matches) readTargets() {
	if m.Keeps() {
		var all []personal.Entry[personal.Target]
		m.pen.read(func(ctx context.Context, f *personal.File) (err error) {
			all, err = personal.All[personal.Target](ctx, f)
			return err
		}, func(err error) { m.took(all, err) })
	}
}

// target changes them.
func (m *Matches) target(work func(ctx context.Context, f *personal.File) error, after func()) {
	var all []personal.Entry[personal.Target]
	m.pen.write(func(ctx context.Context, f *personal.File) error {
		err := work(ctx, f)
		if errors.Is(err, personal.ErrNotFound) {
			err = nil // gone already
		}
		if err == nil {
			all, err = personal.All[personal.Target](ctx, f)
		}
		return err
	}, func(err error) {
		if m.took(all, err); err == nil && after != nil {
			after()
		}
	})
}

func (m *Matches) took(all []personal.Entry[personal.Target], err error) {
	if m != m.s.Matches {
		return // another person is at the desk
	}
	if m.Unkept = err; errors.Is(err, personal.ErrNotFound) {
		m.Unkept = nil // nothing was ever written
	}
	if err == nil {
		m.kept = all
	}
	m.Targets = nil
	for _, x := range m.kept {
		t := x.Body
		m.Targets = append(m.Targets, TargetLine{ID: x.ID, Want: Wanted{match.Kind(t.What), t.IDs, t.Level}, Done: t.Done,
			Text: m.s.Requirement(match.Kind(t.What), t.IDs, t.Level, "")})
	}
	slices.SortStableFunc(m.Targets, func(a, b TargetLine) int {
		switch {
		case a.Done == b.Done:
			return 0
		case a.Done:
			return 1
		}
		return -1
	})
	m.tell()
}

// SetTarget makes a requirement a learning target.
func (m *Matches) SetTarget(x Wanted) {
	now := m.s.Now()
	m.target(func(ctx context.Context, f *personal.File) error {
		all, err := personal.All[personal.Target](ctx, f)
		if err != nil || isTarget(all, x) {
			return err // asked twice
		}
		id, err := cache.NewID()
		if err != nil {
			return err
		}
		return personal.Write(ctx, f, id, personal.Target{What: string(x.Kind), IDs: x.IDs, Level: x.Level}, now)
	}, nil)
}

// Reach says that a target is met, or is not yet.
func (m *Matches) Reach(t TargetLine, done bool) {
	now := m.s.Now()
	m.target(func(ctx context.Context, f *personal.File) error {
		return personal.Write(ctx, f, t.ID, personal.Target{What: string(t.Want.Kind), IDs: t.Want.IDs, Level: t.Want.Level, Done: done}, now)
	}, nil)
}

// DropTarget forgets one; [Matches.BackTarget] takes that back.
func (m *Matches) DropTarget(t TargetLine) {
	m.target(func(ctx context.Context, f *personal.File) error { return f.Delete(ctx, personal.KindTarget, t.ID) }, func() {
		m.Dropped = &Undo{What: m.s.words.S(i18n.MatchesTargetDropped, "What", t.Text), do: func() { m.Reach(t, t.Done) }}
		m.tell()
	})
}

// BackTarget takes the last removal back.
func (m *Matches) BackTarget() {
	if u := m.Dropped; u != nil {
		m.Dropped = nil
		u.do()
	}
}

// relabel says targets in the other language.
func (m *Matches) relabel() {
	m.Last, m.Dropped = nil, nil
	m.took(m.kept, m.Unkept)
	m.tell()
}
