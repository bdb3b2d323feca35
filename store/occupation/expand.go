package occupation

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"passerelle/i18n"
)

// Widening is one unit group that typed words name.
type Widening struct {
	Word  string   // the typed words that it covers, folded
	NOC   string   // the unit group
	Terms []string // folded phrases of both languages for the same work, at most 12
}

const (
	widest   = 3  // widenings of one search: more would say yes to everything
	maxTerms = 12 // phrases of one widening
	maxWords = 16 // typed words that are looked at
)

// Expand widens typed words to the unit groups they name in either language,
// at most three; none when the words are too general to tell, as "commis" or "manager"
// alone. The longest run of words that is a title wins: "infirmière auxiliaire" is not
// also "infirmière". lang is tried first; it may be empty.
func Expand(words string, lang i18n.Lang) []Widening {
	typed := strings.Fields(Fold(words))
	if len(typed) > maxWords {
		typed = typed[:maxWords]
	}
	var out []Widening
	if whole := strings.Join(typed, " "); strings.ContainsRune(words, '/') && len(typed) > 1 {
		// A title with both genders, as a heading has it.
		for _, half := range Halves(words)[:1] {
			for _, u := range named(Fold(half), lang) {
				out = append(out, Widening{Word: whole, NOC: table().unit[u], Terms: slices.Clone(termsOf(u))})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	used := make([]bool, len(typed))
	for n := len(typed); n > 0; n-- {
		for i := 0; i+n <= len(typed) && len(out) < widest; i++ {
			if slices.Contains(used[i:i+n], true) || n == 1 && len(typed[i]) < 3 {
				continue
			}
			phrase := strings.Join(typed[i:i+n], " ")
			units := named(phrase, lang)
			if len(units) == 0 {
				continue
			}
			for _, u := range units {
				code := table().unit[u]
				known := slices.ContainsFunc(out, func(w Widening) bool { return w.NOC == code })
				if !known && len(out) < widest {
					out = append(out, Widening{Word: phrase, NOC: code, Terms: slices.Clone(termsOf(u))})
				}
			}
			for j := i; j < i+n; j++ {
				used[j] = true
			}
		}
	}
	if len(out) == 0 && len(typed) > 1 {
		// Words in another order, or with others between, as on an advertisement.
		if code, c := Assign(words, lang); c >= surely {
			out = append(out, Widening{strings.Join(typed, " "), code, slices.Clone(termsOf(table().number[code]))})
		}
	}
	return out
}

// surely is the confidence from which a title that is not in the index widens a search.
const surely = 80

// named gives the unit groups that a folded phrase names, the likeliest first.
func named(phrase string, lang i18n.Lang) []uint16 {
	order := []i18n.Lang{i18n.French, i18n.English}
	if lang == i18n.English {
		order = []i18n.Lang{i18n.English, i18n.French}
	}
	var votes []vote
	for _, l := range order {
		x := words(l)
		if small[l][phrase] || minor[l][phrase] {
			continue
		}
		v := x.votes(phrase)
		if len(v) == 0 {
			if one := singular(phrase, l); one != phrase {
				v = x.votes(one)
			}
		}
		votes = append(votes, v...)
		if len(v) > 0 && l == lang {
			break // said in the reader's own language
		}
	}
	return elect(votes)
}

// vote is what one title says for its unit group.
type vote struct {
	unit   uint16
	weight float32
	title  bool // the phrase is an index title as it stands
}

// votes gathers the titles that are the phrase, that it opens before " - ", or whose
// last words (in French, first words) it is.
func (x *index) votes(phrase string) []vote {
	var out []vote
	count := func(i int, w float32, title bool) {
		switch x.mark[i] {
		case '+':
			w *= 1.5
		case 'f', 'v':
			w, title = w*0.3, title && x.mark[i] == 'v'
		}
		out = append(out, vote{x.unit[i], w, title})
	}
	x.exact(phrase, func(i int) { count(i, 8, true) })
	for _, u := range x.own(phrase) {
		out = append(out, vote{u, 8, true})
	}
	for _, u := range ours().known[x.lang][phrase] {
		out = append(out, vote{u, 8, true})
	}
	x.heading(phrase, func(i int) {
		if int(x.stop[i]) == len(phrase) {
			count(i, 3, false)
		} else {
			count(i, 1, false)
		}
	})
	return out
}

// heading calls yield with the titles, other than the phrase itself, that are a kind
// of what the phrase names.
func (x *index) heading(phrase string, yield func(i int)) {
	from, to := x.span(phrase + " ")
	for i := from; i < to; i++ {
		if x.lang == i18n.French || int(x.stop[i]) == len(phrase) {
			yield(i)
		}
	}
	if x.lang == i18n.French {
		return
	}
	last := phrase[strings.LastIndexByte(phrase, ' ')+1:]
	id, ok := x.stem[stem(last, x.lang)]
	if !ok {
		return
	}
	for _, p := range x.posts[id] {
		if !p.head {
			continue
		}
		i := int(x.sigs[p.sig].title)
		if f := x.fold[i][:x.stop[i]]; len(f) > len(phrase) && strings.HasSuffix(f, phrase) && f[len(f)-len(phrase)-1] == ' ' {
			yield(i)
		}
	}
}

// elect counts votes: at most three unit groups, none where even they are a minority.
// A unit group that has the phrase for a title is always one of them, and then others
// must come as near to the first as to be its equals.
func elect(votes []vote) []uint16 {
	type tally struct {
		unit  uint16
		sum   float32
		title bool
	}
	var all, best float32
	sums := map[uint16]float32{}
	title := map[uint16]bool{}
	for _, v := range votes {
		sums[v.unit] += v.weight
		all += v.weight
		best = max(best, sums[v.unit])
		if v.title {
			title[v.unit] = true
		}
	}
	var list []tally
	least := notFew * best
	if len(title) > 0 {
		least = equals * best
	}
	for u, sum := range sums {
		if title[u] || sum >= least {
			list = append(list, tally{u, sum, title[u]})
		}
	}
	slices.SortFunc(list, func(a, b tally) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.unit, b.unit))
	})
	for i := len(list) - 1; len(list) > widest && i >= 0; i-- {
		if !list[i].title {
			list = slices.Delete(list, i, i+1)
		}
	}
	list = list[:min(len(list), widest)]
	var out []uint16
	var kept float32
	for _, t := range list {
		out, kept = append(out, t.unit), kept+t.sum
	}
	if len(title) == 0 && kept < majority*all {
		return nil
	}
	return out
}

// How near to the first a unit group must come to be named beside it: where no title
// is the phrase itself, and where one is.
const (
	notFew = 0.4
	equals = 0.8
)

// majority is the share of the titles with a word that its unit groups must hold, or
// the word is too general to widen.
const majority = 0.6

// singular takes the plural off each word of a folded phrase.
func singular(phrase string, l i18n.Lang) string {
	ws := strings.Fields(phrase)
	for i, w := range ws {
		switch {
		case len(w) <= 3:
		case l == i18n.French && strings.HasSuffix(w, "aux") && !strings.HasSuffix(w, "eaux"):
			ws[i] = w[:len(w)-2] + "l"
		case l == i18n.French && (strings.HasSuffix(w, "s") || strings.HasSuffix(w, "x")):
			ws[i] = w[:len(w)-1]
		case l == i18n.French:
		case strings.HasSuffix(w, "ies"):
			ws[i] = w[:len(w)-3] + "y"
		case strings.HasSuffix(w, "men"):
			ws[i] = w[:len(w)-2] + "an"
		case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "xes"):
			ws[i] = w[:len(w)-2]
		case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
			ws[i] = w[:len(w)-1]
		}
	}
	return strings.Join(ws, " ")
}

var termCache sync.Map // unit group → []string

// termsOf gives the most telling phrases of a unit group, both languages in turn.
func termsOf(unit uint16) []string {
	if t, ok := termCache.Load(unit); ok {
		return t.([]string)
	}
	en, fr := words(i18n.English).terms(unit), words(i18n.French).terms(unit)
	var out []string
	for len(out) < maxTerms && len(en)+len(fr) > 0 {
		for _, from := range []*[]string{&fr, &en} {
			if len(*from) > 0 && len(out) < maxTerms {
				if !slices.Contains(out, (*from)[0]) {
					out = append(out, (*from)[0])
				}
				*from = (*from)[1:]
			}
		}
	}
	termCache.Store(unit, out)
	return out
}

// terms ranks the phrases of one language: short ones that many titles of the unit
// group share and few others have, and those that resemble its own title.
func (x *index) terms(unit uint16) []string {
	type term struct {
		phrase string
		stems  []string
		rank   float32
		own    bool // hardly anything but words of the unit group's own title
	}
	own := map[string]bool{}
	name, _ := Title(table().unit[unit]).In(x.lang)
	for _, half := range Halves(name) {
		for _, t := range tokens(nil, half, x.lang, parts) {
			own[t.stem] = true
		}
	}
	ranks := map[string]*term{}
	var list []*term
	for _, i := range x.group[unit] {
		if x.mark[i] == 'f' || x.stop[i] == 0 {
			continue
		}
		phrase := x.fold[i][:x.stop[i]]
		t := ranks[phrase]
		if t == nil {
			t = &term{phrase: phrase}
			var told, all float32
			ts := tokens(nil, phrase, x.lang, parts)
			for _, k := range ts {
				t.stems = append(t.stems, k.stem)
				w := float32(1)
				if id, ok := x.stem[k.stem]; ok {
					w = x.idf[id]
				}
				all += w
				if own[k.stem] {
					told += w
				}
			}
			n := strings.Count(phrase, " ") + 1
			if len(ts) == 0 || len(phrase) < 4 || n > 6 {
				continue
			}
			t.rank = 2.5*told/all - 0.45*float32(max(0, n-3))
			t.own = told > 0.95*all && len(ts) > 1
			ranks[phrase] = t
			list = append(list, t)
		}
		if x.mark[i] == '+' {
			t.rank += 1.5
		}
		if int(x.stop[i]) == len(x.fold[i]) {
			t.rank++
		} else {
			t.rank += 0.3
		}
	}
	byRank := func(a, b *term) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.phrase, b.phrase))
	}
	slices.SortFunc(list, byRank)
	list = list[:min(len(list), 40)] // the costly questions are asked of the best only
	kept := list[:0]
	for _, t := range list {
		var here, all float32
		x.exact(t.phrase, func(i int) {
			all++
			if x.unit[i] == unit {
				here++
			}
		})
		x.heading(t.phrase, func(i int) {
			w := float32(1)
			if x.mark[i] == 'f' {
				w = 0.3
			}
			all += w
			if x.unit[i] == unit {
				here += w
			}
		})
		pure := float32(0.5)
		if !strings.Contains(t.phrase, " ") {
			pure = 0.6
			if minor[x.lang][t.phrase] {
				continue
			}
		}
		if here < pure*all {
			continue
		}
		t.rank += float32(math.Log2(float64(1+here))) * 0.7
		kept = append(kept, t)
	}
	slices.SortFunc(kept, byRank)
	var out []string
	for _, t := range kept {
		// What a phrase already taken finds is not worth a second one, save the group's own name.
		held := func(s string) bool { return strings.Contains(" "+t.phrase+" ", " "+s+" ") }
		if !t.own && slices.ContainsFunc(out, held) {
			continue
		}
		if out = append(out, t.phrase); len(out) == maxTerms {
			break
		}
	}
	return out
}
