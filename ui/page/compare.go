package page

import (
	"slices"
	"strings"

	"passerelle/i18n"
	"passerelle/ui/state"
)

// Comparison is the postings that are compared, on one sheet: the lines that the
// person has on the screen, a column each.
func Comparison(s *state.State) Page {
	c := s.Compare
	lines, _, _ := c.Shown()
	return comparison(s.Words(), c.Names(), c.Summary(), lines, foot(s), shorter)
}

// shorter is how many lines of a list are told, each time that a sheet does not hold them.
var shorter = []int{1 << 20, 8, 5, 3, 2}

func comparison(w *i18n.Words, names []string, summary string, lines []state.CompareLine, foot []string, most []int) Page {
	t := Table{Columns: append([]string{""}, names...), Heads: true}
	for _, l := range lines {
		word := w.S(i18n.CompareDifferent)
		if l.Same {
			word = w.S(i18n.CompareSameness)
		}
		row := []string{l.Label + "\n(" + strings.ToLower(word) + ")"}
		for _, cell := range l.Cells {
			said := slices.Clone(cell.Lines)
			if over := len(said) - most[0]; l.Long && over > 1 {
				said = append(said[:most[0]], w.N(i18n.PageMore, over))
			}
			for i := range said {
				if l.Long {
					said[i] = "• " + said[i]
				}
			}
			if len(said) == 0 {
				said = append(said, w.S(i18n.CompareUnsaid))
			}
			if cell.Best != "" {
				said = append(said, "("+cell.Best+")")
			}
			row = append(row, strings.Join(said, "\n"))
		}
		t.Rows = append(t.Rows, row)
	}
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.CompareTitle), Blocks: []Block{{Text: summary}, {Table: t}}, Foot: foot, Wide: true}
	if len(most) > 1 {
		pg.Shorter = func() Page { return comparison(w, names, summary, lines, foot, most[1:]) }
	}
	return pg
}
