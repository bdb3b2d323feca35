package occupation

import (
	"cmp"
	"slices"
	"strings"

	"passerelle/i18n"
)

// Suggestion is an index title offered while a person types.
type Suggestion struct {
	Text string // one half of a pair, as published
	NOC  string // its unit group
}

// Suggest completes what is being typed, from two letters on, with at most n titles:
// those that begin so, the illustrative and the short ones first; then, where there are
// too few, those of which another word begins so. An empty lang offers both languages.
func Suggest(prefix string, lang i18n.Lang, n int) []Suggestion {
	p := Fold(prefix)
	if len(p) < 2 || n <= 0 {
		return nil
	}
	// "cook " with its space is a whole word.
	if last := prefix[len(prefix)-1]; last == ' ' || last == '-' || last == '\'' {
		p += " "
	}
	var found []candidate
	for _, l := range languages(lang) {
		x := words(l)
		from, to := x.span(p)
		for i := from; i < to; i++ {
			if x.offered(i) {
				found = append(found, candidate{x, i, x.cost(i)})
			}
		}
		if whole := strings.TrimSuffix(p, " "); whole != p {
			x.exact(whole, func(i int) {
				if x.offered(i) {
					found = append(found, candidate{x, i, 0})
				}
			})
		}
		if to-from < n {
			found = x.inside(" "+p, found)
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.x.fold[a.i], b.x.fold[b.i]))
	})
	var out []Suggestion
	for _, c := range found {
		s := Suggestion{c.x.text[c.i], table().unit[c.x.unit[c.i]]}
		if !slices.Contains(out, s) {
			if out = append(out, s); len(out) == n {
				break
			}
		}
	}
	return out
}

type candidate struct {
	x    *index
	i    int
	cost int // the least is offered first
}

// offered leaves out other ways to write a title.
func (x *index) offered(i int) bool { return x.mark[i] != 'v' }

func (x *index) cost(i int) int {
	c := len(x.fold[i])
	if x.mark[i] == '+' {
		c -= 6
	}
	if int(x.stop[i]) < len(x.fold[i]) {
		c += 8
	}
	return c
}

// mostInside bounds what is looked at for a word inside titles.
const mostInside = 400

// inside adds the titles that hold s, which begins with a space.
func (x *index) inside(s string, found []candidate) []candidate {
	at := 0
	for range mostInside {
		j := strings.Index(x.blob[at:], s)
		if j < 0 {
			break
		}
		at += j
		i, _ := slices.BinarySearch(x.at, uint32(at))
		if i--; x.offered(i) {
			found = append(found, candidate{x, i, 100 + x.cost(i)})
		}
		at = int(x.at[i+1])
	}
	return found
}
