package occupation

import (
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"passerelle/i18n"
)

// index is every title of one language. Titles are in the order of their folded
// forms, so a prefix is a range.
type index struct {
	lang i18n.Lang
	text []string // as shown
	fold []string
	unit []uint16 // unit group, its place in codes.unit
	mark []byte   // see gen
	full []uint16 // whole title, its place in wholes from 1; 0 where text is it
	// stop is where, in fold, what stands before " - " ends; the length of fold where
	// there is no " - ". Brackets count as after it.
	stop    []uint16
	group   [][]uint32          // unit group → its titles
	senior  []bool              // unit group → of legislators and senior managers
	blob    string              // all of fold, one a line, to look inside titles
	at      []uint32            // where each title begins in blob
	federal int                 // titles of the federal service only
	names   map[string][]uint16 // word that names the work in a unit group's own title → unit groups

	stem  map[string]uint32
	idf   []float32
	posts [][]post // stem → titles, one for both halves of a pair
	sigs  []sig
	pool  sync.Pool // *scratch
}

// post is one stem of one title.
type post struct {
	sig    uint32
	weight float32
	head   bool
}

// sig is a title as a bag of stems; the two halves of a pair are one sig.
type sig struct {
	title   uint32 // one of its titles
	unit    uint16
	federal bool
	sum     float32 // of their weights
}

var loaders = map[i18n.Lang]func() *index{
	i18n.English: sync.OnceValue(func() *index { return load(i18n.English, unpack("en")) }),
	i18n.French:  sync.OnceValue(func() *index { return load(i18n.French, unpack("fr")) }),
}

// Warm loads the tables of both languages, which takes some tenths of a second once. A
// program that draws calls it beside its drawing, so that its first row does not wait.
func Warm() {
	for _, l := range languages("") {
		words(l)
		wholes[l]()
	}
	ours()
}

func words(l i18n.Lang) *index { return loaders[l]() }

// languages lists the languages to try for one that may be unknown.
func languages(l i18n.Lang) []i18n.Lang {
	if l == i18n.English || l == i18n.French {
		return []i18n.Lang{l}
	}
	return []i18n.Lang{i18n.English, i18n.French}
}

// Weights of a stem, by where it stands; those of minor words are further reduced.
const (
	weightAfterLeast = 0.35 // see tail
	weightAfterMost  = 0.9
	weightAside      = 0.25
	weightMinor      = 0.12
	weightHead       = 1.7
	weightNew        = 2.2 // of a word of the query that no title has
)

func load(lang i18n.Lang, lines string) *index {
	n := strings.Count(lines, "\n")
	x := &index{
		lang: lang, text: make([]string, 0, n), fold: make([]string, 0, n), unit: make([]uint16, 0, n),
		mark: make([]byte, 0, n), full: make([]uint16, 0, n), stop: make([]uint16, 0, n), at: make([]uint32, 0, n+1),
		stem: make(map[string]uint32, 16<<10),
	}
	number := table().number
	x.group = make([][]uint32, len(table().unit))
	for _, code := range table().unit {
		x.senior = append(x.senior, strings.HasPrefix(code, "00"))
	}
	folded := make([]byte, 0, len(lines))
	var starts []uint32
	for line := range strings.Lines(lines) {
		text := line[6 : len(line)-1]
		unit, ok := number[line[:5]]
		if !ok {
			continue
		}
		i := uint32(len(x.text))
		full := 0
		if j := strings.LastIndexByte(text, '\t'); j > 0 {
			full, _ = strconv.Atoi(text[j+1:])
			text = text[:j]
		}
		x.text = append(x.text, text)
		x.full = append(x.full, uint16(full))
		x.unit = append(x.unit, unit)
		x.mark = append(x.mark, line[5])
		x.group[unit] = append(x.group[unit], i)
		if line[5] == 'f' {
			x.federal++
		}
		start := len(folded)
		starts = append(starts, uint32(start))
		cut := len(text)
		if j := strings.Index(text, " - "); j > 0 {
			cut = j
		}
		if j := strings.Index(text[:cut], " ("); j > 0 {
			cut = j
		}
		folded = appendFold(folded, text[:cut])
		x.stop = append(x.stop, uint16(len(folded)-start))
		if cut < len(text) {
			folded = append(folded, ' ')
			folded = appendTail(folded, text[cut:])
		}
		folded = append(folded, '\n')
	}
	x.blob = string(folded)
	x.at = append(starts, uint32(len(folded)))
	for i := range x.text {
		x.fold = append(x.fold, x.blob[x.at[i]:x.at[i+1]-1])
	}
	x.weigh()
	x.names = map[string][]uint16{}
	for u, code := range table().unit {
		title, _ := Title(code).In(lang)
		for _, half := range Halves(title) {
			for _, s := range nouns(half, lang) {
				if !slices.Contains(x.names[s], uint16(u)) {
					x.names[s] = append(x.names[s], uint16(u))
				}
			}
		}
	}
	return x
}

// appendTail folds what stands after the head, without a second space between.
func appendTail(b []byte, s string) []byte {
	n := len(b)
	b = appendFold(b, s)
	if len(b) == n {
		return b[:n-1]
	}
	return b
}

// nouns gives the stems of the words that may name the work in the title of a unit
// group, which is in the plural: in French the first, in English any plural.
func nouns(title string, lang i18n.Lang) []string {
	title, _, _ = strings.Cut(title, " - ")
	var out []string
	for w := range strings.SplitSeq(Fold(title), " ") {
		if lang == i18n.French {
			return []string{stem(w, lang)}
		}
		if strings.HasSuffix(w, "s") || strings.HasSuffix(w, "men") || strings.HasSuffix(w, "people") {
			out = append(out, stem(w, lang))
		}
	}
	return out
}

// own gives the unit groups whose own titles name their work by a word, if they are
// one or two: "serveur" is a server of food and beverages or one at a counter, and not a
// machine's attendant, whom many index titles call so.
func (x *index) own(word string) []uint16 {
	if u := x.names[stem(word, x.lang)]; len(u) <= 2 && !strings.Contains(word, " ") {
		return u
	}
	return nil
}

// weigh makes the bags of stems. A stem's weight grows with how few unit groups have it.
func (x *index) weigh() {
	known := map[string][]part{} // titles share most of their words
	cut := func(w string, l i18n.Lang) []part {
		p, ok := known[w]
		if !ok {
			p = parts(w, l)
			known[w] = p
		}
		return p
	}
	type entry struct {
		id uint32
		place
	}
	var (
		bags = make([]entry, 0, 4*len(x.text))
		ends = make([]int, 0, len(x.text))
		seen = make(map[uint64]struct{}, len(x.text)) // sums of bags
		key  []byte
		ts   []token
		hash = fnv.New64a()
		held []int // stem → how many sigs
	)
	x.sigs = make([]sig, 0, len(x.text))
	for i, text := range x.text {
		from := len(bags)
		key = append(key[:0], byte(x.unit[i]), byte(x.unit[i]>>8))
		ts = tokens(ts, text, x.lang, cut)
		for _, t := range ts {
			id, ok := x.stem[t.stem]
			if !ok {
				id = uint32(len(x.stem))
				x.stem[t.stem] = id
				held = append(held, 0)
			}
			if slices.ContainsFunc(bags[from:], func(e entry) bool { return e.id == id }) {
				continue // the first place of a word is the one that counts
			}
			bags = append(bags, entry{id, t.place})
			key = append(key, byte(id), byte(id>>8), byte(t.piece)<<1)
			if t.head {
				key[len(key)-1]++
			}
		}
		hash.Reset()
		hash.Write(key)
		sum := hash.Sum64()
		if _, ok := seen[sum]; ok || len(bags) == from {
			bags = bags[:from] // the other half of a pair
			continue
		}
		seen[sum] = struct{}{}
		for _, e := range bags[from:] {
			held[e.id]++
		}
		ends = append(ends, len(bags))
		x.sigs = append(x.sigs, sig{title: uint32(i), unit: x.unit[i], federal: x.mark[i] == 'f'})
	}

	room := make([]post, len(bags))
	x.posts = make([][]post, len(held))
	for id, n := range held {
		x.posts[id], room = room[:0:n], room[n:]
	}
	from := 0
	for s, end := range ends {
		for _, e := range bags[from:end] {
			x.posts[e.id] = append(x.posts[e.id], post{sig: uint32(s), head: e.head})
		}
		from = end
	}
	x.idf = make([]float32, len(held))
	stamp := make([]uint32, len(x.group))
	for id, ps := range x.posts {
		units := 0
		for _, p := range ps {
			if u := x.sigs[p.sig].unit; stamp[u] != uint32(id)+1 {
				stamp[u] = uint32(id) + 1
				units++
			}
		}
		x.idf[id] = float32(math.Log(1 + float64(len(x.group))/float64(units)))
	}
	// Now that stems have a weight, their places give each post its own.
	next := make([]int, len(held))
	var ps []place
	var ids []uint32
	from = 0
	for s, end := range ends {
		ps, ids = ps[:0], ids[:0]
		for _, e := range bags[from:end] {
			ps, ids = append(ps, e.place), append(ids, e.id)
		}
		tail := x.tail(ps, ids)
		for j, id := range ids {
			w := x.idf[id] * multiply(ps[j], tail)
			x.posts[id][next[id]].weight = w
			next[id]++
			x.sigs[s].sum += w
		}
		from = end
	}
}

// tail is the weight of what follows " - ": little where the words before it say
// what the work is, much where they do not, as in "supervisor - retail".
func (x *index) tail(ps []place, ids []uint32) float32 {
	var told float32
	for j, p := range ps {
		if p.piece == main && !p.minor && ids[j] < uint32(len(x.idf)) {
			told += x.idf[ids[j]]
		}
	}
	return min(weightAfterMost, max(weightAfterLeast, weightAfterMost-(told-3)*0.11))
}

func multiply(p place, tail float32) float32 {
	m := float32(1)
	switch p.piece {
	case after:
		m = tail
	case aside:
		m = weightAside
	}
	if p.head {
		m *= weightHead
	}
	if p.minor {
		m *= weightMinor
	}
	return m
}

// span gives the titles whose folded form begins with a prefix.
func (x *index) span(prefix string) (from, to int) {
	from = sort.SearchStrings(x.fold, prefix)
	to = from + sort.Search(len(x.fold)-from, func(i int) bool {
		f := x.fold[from+i]
		return len(f) < len(prefix) || f[:len(prefix)] != prefix
	})
	return from, to
}

// exact calls yield with the titles whose whole folded form is f.
func (x *index) exact(f string, yield func(i int)) {
	for i := sort.SearchStrings(x.fold, f); i < len(x.fold) && x.fold[i] == f; i++ {
		yield(i)
	}
}

// headed calls yield with the index titles of which f is all that stands before " - ".
func (x *index) headed(f string, yield func(i int)) {
	from, to := x.span(f + " ")
	for i := from; i < to; i++ {
		if int(x.stop[i]) == len(f) && x.mark[i] != 'f' {
			yield(i)
		}
	}
}
