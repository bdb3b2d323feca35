package page

import (
	"strings"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/state"
)

// Explained is the explanation of a match as a page: the score, every requirement with the
// points that make it, and what would raise it. bar says why the two may not be
// matched, if so.
func Explained(s *state.State, p posting.Posting, e match.Explanation, steps []match.Step, bar match.Bar) Page {
	w := s.Words()
	summary := []state.Fact{{Label: w.S(i18n.MatchScore), Value: state.Starred(w, e.Percent, e.Stars)}}
	var reasons []Reason
	for _, part := range e.Parts {
		if part.Lang != "" && part.Lang != w.Lang() && hasText(p, w.Lang()) {
			continue // the same line stands in the person's language
		}
		reasons = append(reasons, Reason{
			Asked: s.Requirement(part.Kind, part.IDs, part.Level, part.Text), Verdict: state.Verdict(w, part.State),
			Points: w.S(i18n.MatchPoints, "Points", part.Points, "Of", part.Of),
		})
	}
	title := state.Head(p.Card, w.Lang()).Title
	if title == "" {
		title = state.Number(w, p.Number)
	}
	pg := Match(s, title, summary, reasons)
	head := []Block{{Text: w.S(i18n.MatchPreview)}}
	if bar != "" {
		head = append(head, Block{Text: state.Barred(w, bar)})
	}
	pg.Blocks = append(head, pg.Blocks...)
	if len(steps) > 0 {
		var items []string
		for _, st := range steps {
			items = append(items, w.S(i18n.MatchGain, "What", s.Requirement(st.Kind, st.IDs, st.Level, ""), "Points", st.Gain))
		}
		pg.Blocks = append(pg.Blocks, Block{Heading: w.S(i18n.MatchRaise), Level: 2}, Block{List: items})
	}
	return pg
}

// Scored is a posting with its score.
type Scored struct {
	Card  posting.Card
	Score match.Score
}

// Matches is the postings that a profile is matched with, in the way that it chose.
func Matches(s *state.State, m match.Mode, total int, found []Scored, empty []match.Kind) Page {
	w := s.Words()
	pg := Page{Lang: w.Lang(), Title: w.N(i18n.MatchCount, total), Foot: foot(s)}
	add := func(text string) { pg.Blocks = append(pg.Blocks, Block{Text: text}) }
	way := i18n.MatchDefault
	if m == match.Strict {
		way = i18n.MatchStrict
	}
	add(w.S(way))
	add(w.S(i18n.MatchPreview))
	if len(empty) > 0 {
		var names []string
		for _, k := range empty {
			names = append(names, s.RequirementKind(k))
		}
		add(w.S(i18n.MatchEmpty, "Sections", strings.Join(names, ", ")))
	}
	if n := len(found); n > 0 && n < total {
		add(w.N(i18n.MatchBest, n))
	}
	for _, x := range found {
		head := state.Head(x.Card, w.Lang())
		pg.Blocks = append(pg.Blocks, Block{Heading: head.Title, Level: 2, Lang: other(head.Lang, w.Lang())}, Block{List: []string{
			state.Starred(w, int(x.Score.Percent), x.Score.Stars()), row(s, x.Card, query.Near{}),
		}})
	}
	return pg
}

// Gaps is what chosen postings ask and a profile lacks.
func Gaps(s *state.State, gaps []match.Gap) Page {
	w := s.Words()
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.MatchGaps), Foot: foot(s)}
	var items []string
	for _, g := range gaps {
		items = append(items, w.N(i18n.MatchGap, g.Postings, "What", s.Requirement(g.Kind, g.IDs, g.Level, "")))
	}
	if len(items) > 0 {
		pg.Blocks = append(pg.Blocks, Block{List: items})
	} else {
		pg.Blocks = append(pg.Blocks, Block{Text: w.S(i18n.MatchNoGap)})
	}
	return pg
}

// hasText says whether a posting is written in a language.
func hasText(p posting.Posting, l i18n.Lang) bool {
	t, ok := p.Text(l)
	return ok && t.Lang == l
}
