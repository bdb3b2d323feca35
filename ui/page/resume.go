package page

import (
	"strings"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/resume"
	"passerelle/ui/state"
)

// Resume is a résumé as a page, in the language that it is written in: the head, then the
// sections that the person shows, in their order. One column, so that people and machines
// read it alike. What a résumé has no field for is not in it, and neither is an address on a
// street nor when it was printed.
func Resume(d resume.Document, l i18n.Lang) Page {
	w := i18n.For(l)
	b := d.Basics
	p := Page{Lang: w.Lang(), Title: b.Name}
	if p.Title == "" {
		p.Title = w.S(i18n.ResumeTitle)
	}
	add := func(b Block) { p.Blocks = append(p.Blocks, b) }
	text := func(parts ...string) {
		if s := join(" · ", parts...); s != "" {
			add(Block{Text: s})
		}
	}
	text(b.Label)
	text(join(", ", b.Location.City, b.Location.Region), b.Phone, b.Email)
	link := func(words, url string) {
		if url != "" {
			add(Block{Link: Link{words, url}})
		}
	}
	link(w.S(i18n.ResumeSite), b.URL)
	for _, x := range b.Profiles {
		if x.URL != "" {
			link(join(" ", x.Network), x.URL)
		} else {
			text(join(colon(w.Lang()), x.Network, x.Username))
		}
	}
	entry := func(head string, under ...string) {
		if head != "" {
			add(Block{Heading: head, Level: 3})
		}
		text(under...)
	}
	points := func(all []string) {
		if all = filled(all); len(all) > 0 {
			add(Block{List: all})
		}
	}
	for _, s := range d.Order() {
		if !d.Shown(s) || d.Len(s) == 0 {
			continue
		}
		add(Block{Heading: w.S(s.Key()), Level: 2})
		switch s {
		case resume.Summary:
			text(b.Summary)
		case resume.Experience:
			for _, x := range d.Work {
				entry(x.Position, join(", ", x.Name, x.Location), span(w, x.StartDate, x.EndDate))
				text(x.Description)
				text(x.Summary)
				points(x.Highlights)
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Volunteering:
			for _, x := range d.Volunteer {
				entry(x.Position, x.Organization, span(w, x.StartDate, x.EndDate))
				text(x.Summary)
				points(x.Highlights)
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Studies:
			for _, x := range d.Education {
				entry(join(", ", x.StudyType, x.Area), x.Institution, span(w, x.StartDate, x.EndDate), x.Score)
				points(x.Courses)
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Skilled:
			var all []string
			for _, x := range d.Skills {
				line := x.Name
				if x.Level != "" {
					line = strings.TrimSpace(line + " (" + x.Level + ")")
				}
				all = append(all, join(colon(w.Lang()), line, join(", ", x.Keywords...)))
			}
			points(all)
		case resume.Certified:
			for _, x := range d.Certificates {
				points([]string{join(" · ", x.Name, x.Issuer, x.Date)})
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Speaks:
			var all []string
			for _, x := range d.Languages {
				all = append(all, join(colon(w.Lang()), x.Language, x.Fluency))
			}
			points(all)
		case resume.Undertaken:
			for _, x := range d.Projects {
				entry(x.Name, join(", ", x.Roles...), x.Entity, span(w, x.StartDate, x.EndDate))
				text(x.Description)
				points(x.Highlights)
				text(join(", ", x.Keywords...))
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Awarded:
			for _, x := range d.Awards {
				entry(x.Title, x.Awarder, x.Date)
				text(x.Summary)
			}
		case resume.Published:
			for _, x := range d.Publications {
				entry(x.Name, x.Publisher, x.ReleaseDate)
				text(x.Summary)
				link(w.S(i18n.ResumeSite), x.URL)
			}
		case resume.Interested:
			var all []string
			for _, x := range d.Interests {
				all = append(all, join(colon(w.Lang()), x.Name, join(", ", x.Keywords...)))
			}
			points(all)
		case resume.Referred:
			for _, x := range d.References {
				entry(x.Name, x.Reference)
			}
		}
	}
	return p
}

// Letter is a cover letter as a page, without a foot: it goes to an employer.
func Letter(l personal.Letter) Page {
	w := i18n.For(i18n.Lang(l.Lang))
	p := Page{Lang: w.Lang(), Title: l.Subject}
	if p.Title == "" {
		p.Title = l.Name
	}
	for para := range strings.SplitSeq(l.Text, "\n") {
		if strings.TrimSpace(para) != "" {
			p.Blocks = append(p.Blocks, Block{Text: para})
		}
	}
	return p
}

// Reason is a line of an explanation of a match: what was asked, what became of it, and
// what it gave.
type Reason struct{ Asked, Verdict, Points string }

// Match is the explanation of a match between the person and a posting: summary first, such
// as the score, then line by line.
func Match(s *state.State, title string, summary []state.Fact, reasons []Reason) Page {
	w := s.Words()
	p := Page{Lang: w.Lang(), Title: w.S(i18n.PageMatch, "Title", title), Foot: foot(s)}
	if len(summary) > 0 {
		p.Blocks = append(p.Blocks, Block{Facts: summary})
	}
	t := Table{Columns: []string{w.S(i18n.PageMatchAsked), w.S(i18n.PageMatchVerdict), w.S(i18n.PageMatchPoints)}}
	for _, r := range reasons {
		t.Rows = append(t.Rows, []string{r.Asked, r.Verdict, r.Points})
	}
	if len(t.Rows) > 0 {
		p.Blocks = append(p.Blocks, Block{Heading: w.S(i18n.PageMatchWhy), Level: 2}, Block{Table: t})
	}
	return p
}

// span says from when to when.
func span(w *i18n.Words, from, to string) string {
	switch {
	case from == "":
		return to
	case to == "":
		return w.S(i18n.ResumeSince, "Date", from)
	case to == from:
		return from
	}
	return from + " – " + to
}

// join puts what is filled together.
func join(between string, parts ...string) string { return strings.Join(filled(parts), between) }

func filled(all []string) (out []string) {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
