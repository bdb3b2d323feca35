package page

import (
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/personal"
)

// Evidence is what a log of applications is asked for.
type Evidence struct {
	Name     string // of the person; "": not said
	From, To string // days, YYYY-MM-DD, both included; "": no bound
	At       time.Time
	Zone     *time.Location // in which a day begins; nil: UTC
}

// Applications is the log of a search for work, as evidence of it: what was done on
// which day, with which employer, from the first on. It holds what the person noted and
// nothing else: no note, no contact.
func Applications(w *i18n.Words, all []personal.Application, e Evidence) Page {
	if e.Zone == nil {
		e.Zone = time.UTC
	}
	p := Page{Lang: w.Lang(), Title: w.S(i18n.PageLog)}
	type line struct {
		at    time.Time
		cells []string
	}
	var lines []line
	jobs := map[int]bool{}
	for i, a := range all {
		for _, ev := range a.Log {
			day := ev.At.In(e.Zone).Format(time.DateOnly)
			if e.From != "" && day < e.From || e.To != "" && day > e.To {
				continue
			}
			done := ev.Text
			if ev.State != "" {
				done = join(colon(w.Lang()), StateWord(w, ev.State), ev.Text)
			}
			jobs[i] = true
			lines = append(lines, line{ev.At, []string{day, join(", ", a.Employer, a.Place), a.Title, done}})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	text := func(s string) { p.Blocks = append(p.Blocks, Block{Text: s}) }
	if e.Name != "" {
		text(e.Name)
	}
	switch {
	case e.From != "" && e.To != "":
		text(w.S(i18n.PageLogBetween, "From", e.From, "To", e.To))
	case e.From != "":
		text(w.S(i18n.PageLogFrom, "From", e.From))
	case e.To != "":
		text(w.S(i18n.PageLogTo, "To", e.To))
	}
	if len(lines) == 0 {
		text(w.S(i18n.PageLogNone))
	} else {
		text(w.N(i18n.PageLogJobs, len(jobs)) + ", " + w.N(i18n.PageLogActions, len(lines)))
		t := Table{Columns: []string{w.S(i18n.PageLogDate), w.S(i18n.PageLogEmployer), w.S(i18n.PageLogJob), w.S(i18n.PageLogDone)}}
		for _, l := range lines {
			t.Rows = append(t.Rows, l.cells)
		}
		p.Blocks = append(p.Blocks, Block{Table: t})
	}
	p.Foot = []string{w.S(i18n.PageDataFoot, "Date", w.Date(e.At.In(e.Zone))), w.S(i18n.PageLogFoot)}
	return p
}

// StateWord is how a state of an application is said.
func StateWord(w *i18n.Words, s personal.State) string {
	return w.S(i18n.Key("application.state." + strings.ReplaceAll(string(s), "_", "-")))
}
