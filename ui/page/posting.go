package page

import (
	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/state"
)

// Posting is a whole posting as a page, in the person's language; a text that exists in
// the other language only is given in it, and says so.
func Posting(s *state.State, p posting.Posting, like []catalogue.Likeness) Page {
	w := s.Words()
	head := state.Head(p.Card, w.Lang())
	pg := Page{Lang: w.Lang(), Title: head.Title}
	if pg.Title == "" {
		pg.Title = state.Number(w, p.Number)
	}
	add := func(b Block) { pg.Blocks = append(pg.Blocks, b) }
	para := func(text string) {
		if text != "" {
			add(Block{Text: text})
		}
	}
	if p.NOC != "" {
		group, _ := occupation.Title(p.NOC).In(w.Lang())
		para(w.S(i18n.PageNoc, "Code", p.NOC, "Teer", occupation.TEER(p.NOC), "Title", group))
	}
	if head.Original != "" {
		para(w.S(i18n.PageOriginal, "Title", head.Original))
	}
	if l := state.OnlyIn(p.Card, w.Lang()); l == i18n.English {
		para(w.S(i18n.PageOnlyEnglish))
	} else if l == i18n.French {
		para(w.S(i18n.PageOnlyFrench))
	}
	ended := p.Ended(s.Now())
	if ended {
		para(w.S(i18n.PageEnded))
	}
	para(p.Employer)
	para(state.PlaceLine(w, p.Place, query.Near{}))
	para(state.WageLine(w, p.Wage) + " · " + state.Number(w, p.Number))
	add(Block{Facts: s.Facts(p.Card)})
	if text, ok := p.Text(w.Lang()); ok {
		lang := text.Lang
		if lang == w.Lang() {
			lang = ""
		}
		for _, sec := range text.Sections {
			add(Block{Heading: s.SectionTitle(sec), Level: 2})
			var items []string
			for _, it := range sec.Items {
				items = append(items, it.Text)
			}
			if sec.Kind == posting.About {
				for _, t := range items {
					add(Block{Text: t, Lang: lang})
				}
				continue
			}
			add(Block{List: items, Lang: lang})
		}
	}
	if len(p.Apply) > 0 {
		add(Block{Heading: w.S(i18n.PostingHowto), Level: 2})
		for _, m := range p.Apply {
			if m.Kind == posting.ApplyOnline {
				add(Block{Link: Link{s.ApplyTitle(m), m.Value}})
				continue
			}
			add(Block{Facts: []state.Fact{{Label: s.ApplyTitle(m), Value: s.ApplyLine(m)}}})
		}
	}
	if p.External() && p.URL != "" && !ended {
		add(Block{Link: Link{w.S(i18n.PostingFull), p.URL}})
	}
	if len(like) > 0 {
		add(Block{Heading: w.S(i18n.PageSimilar), Level: 2})
		var items []string
		for _, l := range like {
			items = append(items, row(s, l.Card, query.Near{})+" · "+s.Likeness(l))
		}
		add(Block{List: items})
	}
	pg.Foot = foot(s)
	return pg
}

// Results is the answer to a search as a page: how many were found, what widened it or
// would, and one heading a posting. The search is also that of s.Search.
func Results(s *state.State, q query.Query, r query.Result, cards []posting.Card) Page {
	w := s.Words()
	pg := Page{Lang: w.Lang(), Title: w.N(i18n.SearchCount, r.Total)}
	if q.Words != "" {
		pg.Title = w.S(i18n.PageResults, "Words", q.Words, "Count", pg.Title)
	}
	add := func(b Block) { pg.Blocks = append(pg.Blocks, b) }
	for _, e := range r.Expanded {
		t, _ := e.Title.In(w.Lang().Other())
		add(Block{Text: w.S(i18n.PageExpanded, "Title", t, "Code", e.NOC)})
	}
	if r.Indexed < r.Rows && q.Words != "" {
		add(Block{Text: w.S(i18n.PagePartial, "Done", w.Number(r.Indexed), "All", w.Number(r.Rows))})
	}
	for _, x := range r.Relax {
		add(Block{Text: s.Search.RelaxLabel(x)})
	}
	for _, c := range cards {
		head := state.Head(c, w.Lang())
		title := head.Title
		if title == "" {
			title = state.Number(w, c.Number)
		}
		add(Block{Heading: title, Level: 2, Lang: other(head.Lang, w.Lang())})
		lines := []string{state.Number(w, c.Number)}
		if c.Employer != "" {
			lines = append(lines, c.Employer)
		}
		lines = append(lines, state.PlaceLine(w, c.Place, q.Near), state.WageLine(w, c.Wage), state.Age(w, c.Posted, s.Now()))
		for _, t := range s.Tags(c) {
			lines = append(lines, t.Text)
		}
		add(Block{List: lines})
	}
	pg.Foot = foot(s)
	return pg
}

func other(l, page i18n.Lang) i18n.Lang {
	if l == page {
		return ""
	}
	return l
}

// row is a posting on one line.
func row(s *state.State, c posting.Card, near query.Near) string {
	w := s.Words()
	line := state.Head(c, w.Lang()).Title
	for _, part := range []string{c.Employer, state.PlaceLine(w, c.Place, near), state.WageLine(w, c.Wage), state.Number(w, c.Number)} {
		if part != "" {
			line += " · " + part
		}
	}
	return line
}

func foot(s *state.State) []string {
	w := s.Words()
	return []string{s.Freshness(), w.S(i18n.AppNeutral)}
}
