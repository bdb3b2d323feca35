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
	return comparison(s.Words(), c.Names(), c.Summary(), lines, foot(s), rooms)
}

// room is how much of the lists is told.
type room struct {
	most  int  // items of each
	minor bool // and those that say less of the work
}

// rooms follow each other as long as a sheet does not hold them.
var rooms = []room{{1 << 20, true}, {6, true}, {4, true}, {4, false}, {2, false}}

func comparison(w *i18n.Words, names []string, summary string, lines []state.CompareLine, foot []string, in []room) Page {
	t := Table{Columns: append([]string{""}, names...), Heads: true}
	var same []state.Fact
	var left []string
	for _, l := range lines {
		if l.Minor && !in[0].minor {
			left = append(left, l.Label)
			continue
		}
		if l.Same && len(l.Cells) > 1 {
			same = append(same, state.Fact{Label: l.Label, Value: strings.Join(l.Cells[0].Lines, " · ")})
			continue
		}
		row := []string{l.Label}
		for _, cell := range l.Cells {
			said := slices.Clone(cell.Lines)
			if over := len(said) - in[0].most; l.Long && over > 1 {
				said = append(said[:in[0].most], w.N(i18n.PageMore, over))
			}
			if l.Long && len(said) > 0 { // one after the other takes half the room of one below the other
				said = []string{strings.Join(said, " · ")}
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
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.CompareTitle), Blocks: []Block{{Text: summary}}, Foot: foot, Wide: true}
	if len(t.Rows) > 0 {
		pg.Blocks = append(pg.Blocks, Block{Heading: w.S(i18n.CompareDifferent), Level: 2}, Block{Table: t})
	}
	if len(same) > 0 {
		pg.Blocks = append(pg.Blocks, Block{Heading: w.S(i18n.CompareSameness), Level: 2}, Block{Facts: same})
	}
	if len(left) > 0 {
		pg.Blocks = append(pg.Blocks, Block{Text: w.S(i18n.PageLeft, "What", strings.Join(left, ", "))})
	}
	if len(in) > 1 {
		pg.Shorter = func() Page { return comparison(w, names, summary, lines, foot, in[1:]) }
	}
	return pg
}
