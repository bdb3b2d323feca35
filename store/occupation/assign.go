package occupation

import (
	"math"
	"slices"
	"strings"

	"passerelle/i18n"
)

// sure is the confidence of a title that stands in the index as it is written. 100 is
// kept for codes that the source itself gave.
const sure = 97

// Assign gives the unit group that a job title names, with a confidence from 1 to 99;
// "" and 0 when it would be a guess. A title that stands in the index is taken
// as it is; any other is compared with the index titles word by word, rare words
// weighing more, rank and hours of work hardly anything, and the word that names the
// work most of all. An empty lang tries both languages.
func Assign(title string, lang i18n.Lang) (code string, confidence uint8) {
	if len(title) > longestTitle {
		title = strings.ToValidUTF8(title[:longestTitle], "")
	}
	best := guess{}
	for _, l := range languages(lang) {
		x := words(l)
		for _, half := range Halves(title) {
			if g := x.assign(half); g.confidence > best.confidence {
				best = g
			}
		}
		if best.confidence < enough {
			// "line cook / prep cook": two ways to say it, or two jobs, the first one first.
			if i := strings.IndexAny(title, "/|"); i > 0 && strings.HasPrefix(title[i+1:], " ") {
				if g := x.assign(title[:i]); g.confidence > best.confidence {
					g.confidence = uint8(float32(g.confidence) * firstOfTwo)
					best = g
				}
			}
		}
	}
	if best.confidence < enough {
		return "", 0
	}
	return table().unit[best.unit], best.confidence
}

// enough is the least confidence that is given out; below it the answer would be a
// guess more often than it would help. See TestAssignLabels.
const enough = 50

// firstOfTwo is what remains of the confidence when only the first of two titles is read.
const firstOfTwo = 0.8

type guess struct {
	unit       uint16
	confidence uint8
	score      float32 // of the best title, 0 to 1
	share      float32 // of the query's words that the unit group has to itself
	whole      float32 // of the titles that hold all of them, those of the unit group
	margin     float32 // over the best of any other unit group
}

func (x *index) assign(title string) guess {
	if i, c := x.standing(title); c > 0 {
		return guess{unit: x.unit[i], confidence: c, score: 1, margin: 1}
	}
	g := x.compare(title, -1)
	if g.confidence < inPart {
		if i, c := x.within(title); c > g.confidence {
			return guess{unit: x.unit[i], confidence: c, score: g.score, margin: g.margin}
		}
	}
	return g
}

// The confidence of a title that stands in the index, but not quite as it is written.
const (
	bare        = 93 // but for rank, hours and terms: "senior accountant (night shift)"
	ownTitle    = 90 // among the titles of our own, and in no other unit group
	headOnly    = 85 // before " - ", and in no other unit group
	inPart      = 82 // as one part of a longer one
	federalOnly = 75 // among the titles of the federal service only
)

// standing finds a title in the index as it is written, or without brackets, or
// without the minor words around it; the second answer is 0 where it is not there.
func (x *index) standing(title string) (int, uint8) {
	i, best := x.stands(Fold(title))
	if open := strings.IndexByte(title, '('); open > 0 && best < sure {
		if n := strings.IndexByte(title[open:], ')'); n > 0 {
			title = title[:open] + title[open+n+1:]
			if j, c := x.stands(Fold(title)); c > best {
				i, best = j, c
			}
		}
	}
	if best > 0 {
		return i, best
	}
	if f, dropped := x.without(title); dropped {
		if i, best = x.stands(f); best > 0 && x.senior[x.unit[i]] && !strings.Contains(f, " ") {
			return 0, 0 // a "student ambassador" is none either
		}
	}
	if best == 0 {
		if f, other := x.respelled(title); other {
			i, best = x.stands(f)
		}
	}
	return i, min(best, bare)
}

// respelled folds a title and brings its words to the spelling of the index.
func (x *index) respelled(title string) (f string, other bool) {
	if x.lang == i18n.French {
		return "", false
	}
	ws := strings.Split(Fold(title), " ")
	for j, w := range ws {
		if v, ok := spelling[w]; ok {
			ws[j], other = v, true
		}
	}
	return strings.Join(ws, " "), other
}

// stands looks for a folded title as it is.
func (x *index) stands(f string) (int, uint8) {
	i, ok := x.one(f)
	switch {
	case ok && x.mark[i] == 'f' && !strings.Contains(f, " "):
		// One word means to that service what it does not to others: its drivers drive cars.
	case ok && x.mark[i] == 'f':
		return i, federalOnly
	case ok:
		return i, sure
	}
	if u := ours().known[x.lang][f]; len(u) == 1 {
		return int(x.group[u[0]][0]), ownTitle
	}
	if strings.Contains(f, " ") { // one word before " - " is seldom all there is to say
		if j, ok := x.leads(f); ok {
			return j, headOnly
		}
	}
	return 0, 0
}

// leads gives a title of which f is all that stands before " - ", when all such titles
// belong to one unit group.
func (x *index) leads(f string) (int, bool) {
	found, clear := -1, true
	x.headed(f, func(i int) {
		if found >= 0 && x.unit[i] != x.unit[found] {
			clear = false
		}
		found = i
	})
	return found, found >= 0 && clear && x.tells(f)
}

// tells says whether words say by themselves what the work is: those of "production
// worker" stand in so many titles that what follows the dash is needed.
func (x *index) tells(f string) bool {
	var told float32
	for w := range strings.SplitSeq(f, " ") {
		if id, ok := x.stem[stem(w, x.lang)]; ok && !minor[x.lang][w] {
			told += x.idf[id]
		}
	}
	return told >= telling
}

// telling is the least weight of words that need no others after the dash.
const telling = 5

// without folds a title and leaves its minor words and its figures out.
func (x *index) without(title string) (f string, dropped bool) {
	var kept []string
	for w := range strings.SplitSeq(Fold(title), " ") {
		if w == "" || minor[x.lang][w] || w[0] <= '9' {
			dropped = true
			continue
		}
		kept = append(kept, w)
	}
	return strings.Join(kept, " "), dropped
}

// within finds a title that stands in the index as one part of a longer one, between
// commas or the like: "Lead data scientist, fraud". At least two words. The end of a part
// is not enough: "tattoo studio manager" is no studio manager, and where index titles are
// asked of one another such an answer is wrong as often as right.
func (x *index) within(title string) (int, uint8) {
	for part := range strings.SplitSeq(commas.Replace(title), ",") {
		if f, _ := x.without(part); strings.Contains(f, " ") {
			if i, c := x.stands(f); c > 0 {
				return i, min(inPart, c)
			}
		}
	}
	return 0, 0
}

var commas = strings.NewReplacer(" - ", ",", " – ", ",", " — ", ",", "(", ",", ")", ",", ":", ",", ";", ",", "|", ",", " / ", ",")

// one gives the title that is f, when all titles that are belong to one unit group;
// index titles come before those of the federal government.
func (x *index) one(f string) (int, bool) {
	found, clear := -1, true
	x.exact(f, func(i int) {
		switch {
		case found < 0:
			found = i
		case x.unit[i] == x.unit[found]:
		case x.mark[found] == 'f' && x.mark[i] != 'f':
			found = i
		case x.mark[i] == 'f' && x.mark[found] != 'f':
		default:
			clear = false
		}
	})
	return found, found >= 0 && clear
}

// scratch is what comparing one title needs, kept between calls.
type scratch struct {
	sum   []float32
	heads []uint8 // headOfTitle, headOfQuery; touched says the sum is in use
	seen  []uint32
	best  []float32 // unit group → its best score
	share []float32 // unit group → how much of the query's words it has to itself
	units []uint16
	cover []float32 // title → weight of the query's words that it has
	whole []float32 // unit group → its titles that have all of them
}

const (
	headOfTitle uint8 = 1 << iota // the title's head is in the query
	headOfQuery                   // the query's head is in the title
	touched
)

// longest is how many words of a title are looked at.
const longest = 24

// compare scores every title that shares a word with the query. Those of the sig
// except are left out (−1 for none): a test asks what would be said without them.
func (x *index) compare(title string, except int) guess {
	ts := tokens(nil, title, x.lang, parts)
	if len(ts) > longest {
		ts = ts[:longest]
	}
	var ids [longest]uint32
	var places [longest]place
	for j, t := range ts {
		id, ok := x.stem[t.stem]
		if !ok {
			id = math.MaxUint32
		}
		ids[j], places[j] = id, t.place
	}
	s, _ := x.pool.Get().(*scratch)
	if s == nil {
		s = &scratch{
			sum: make([]float32, len(x.sigs)), heads: make([]uint8, len(x.sigs)),
			best: make([]float32, len(x.group)), share: make([]float32, len(x.group)),
			cover: make([]float32, len(x.sigs)), whole: make([]float32, len(x.group)),
		}
	}
	defer x.pool.Put(s)

	var total, known float32
	wholes := float32(0.5) // one title is not yet a majority
	single := 0
	tail := x.tail(places[:len(ts)], ids[:])
	for j, t := range ts {
		m := multiply(t.place, tail)
		id := ids[j]
		if id == math.MaxUint32 {
			total += m * weightNew
			continue
		}
		if slices.Contains(ids[:j], id) {
			continue
		}
		w := m * x.idf[id]
		total += w
		known += w
		if !t.minor {
			single++
		}
		posts := x.posts[id]
		each := w / float32(len(posts))
		flag := touched
		if t.head {
			flag |= headOfQuery
		}
		for _, p := range posts {
			if int(p.sig) == except {
				continue
			}
			if s.heads[p.sig] == 0 {
				s.seen = append(s.seen, p.sig)
			}
			s.sum[p.sig] += w + p.weight
			s.cover[p.sig] += w
			s.heads[p.sig] |= flag
			if p.head {
				s.heads[p.sig] |= headOfTitle
			}
			s.share[x.sigs[p.sig].unit] += each
		}
	}
	if single < 2 {
		// One word: the titles that it opens before " - " are said to be just that.
		x.headed(Fold(title), func(i int) { s.whole[x.unit[i]] += 4; wholes += 4 })
	}
	g := x.rank(s, total, known, wholes, single)
	if single == 1 && total == known {
		for _, t := range ts {
			if u := x.own(t.stem); t.head && slices.Contains(u, g.unit) {
				g.confidence = max(g.confidence, ownName[len(u)])
			}
		}
	}
	if x.senior[g.unit] && !slices.ContainsFunc(ts, func(t token) bool { return commands[x.lang][t.stem] }) {
		// So few legislators and senior managers are advertised for that a title which
		// only resembles theirs is another's: a "brand ambassador" is no ambassador.
		g.confidence = 0
	}
	for _, i := range s.seen {
		s.sum[i], s.heads[i], s.cover[i] = 0, 0, 0
	}
	clear(s.best)
	clear(s.share)
	clear(s.whole)
	s.seen, s.units = s.seen[:0], s.units[:0]
	return g
}

// rank finds the best unit group and how far it is before the next. Part of the answer
// is the one title that is nearest, part is whose words these are, and part is whose
// titles hold them all.
func (x *index) rank(s *scratch, total, known, wholes float32, single int) guess {
	elsewhere := float32(0.2)
	if single < 2 {
		elsewhere = 0.05 // a word that is not the head says little by itself
	}
	for _, i := range s.seen {
		v := s.sum[i] / (total + x.sigs[i].sum)
		has := elsewhere
		switch s.heads[i] & (headOfTitle | headOfQuery) {
		case headOfTitle | headOfQuery:
			has = 1
		case headOfQuery, headOfTitle:
			v *= oneHead
		default:
			v *= noHead
		}
		if x.sigs[i].federal {
			v *= federalTitle
			has *= 0.5
		}
		u := x.sigs[i].unit
		if s.best[u] == 0 {
			s.units = append(s.units, u)
		}
		s.best[u] = max(s.best[u], v)
		if s.cover[i] > 0.97*known {
			s.whole[u] += has
			wholes += has
		}
	}
	var g guess
	var first, second float32
	for _, u := range s.units {
		share, whole := s.share[u]/total, s.whole[u]/wholes
		v := s.best[u] + weightShare*share + weightWhole*whole
		if single < 2 {
			v = whole // one word alone: what most titles with it mean
		}
		switch {
		case v > first:
			second, first = first, v
			g = guess{unit: u, score: s.best[u], share: share, whole: whole}
		case v > second:
			second = v
		}
	}
	g.margin = first - second
	if single < 2 {
		g.confidence = uint8(95 * g.whole * known / total)
	} else {
		g.confidence = confidence(g)
	}
	return g
}

const (
	far         = 0.7  // a score under this is of a title that is not near
	oneHead     = 0.85 // what remains of a score where only one of the heads is shared
	noHead      = 0.6
	weightShare = 0.3
	weightWhole = 0.3
	// A title of the federal service means what that service means by it.
	federalTitle = 0.85
)

// ownName is the confidence of one word that is how a unit group names its work in its
// own title, where no other has more titles with that word: alone to do so, or one of two.
var ownName = [...]uint8{0, 90, 54}

// confidence says how often a guess like g is right, in percent. The coefficients are
// those of a logistic regression on two sets at once: every seventh index title asked of
// the others, and the federal titles asked of the index titles alone.
func confidence(g guess) uint8 {
	z := -3.6 + 3.52*float64(g.score) + 3.49*float64(g.margin) + 3.28*float64(g.share) - 0.38*float64(g.whole)
	c := 100 / (1 + math.Exp(-z))
	if g.score < far {
		// However rare the words, such a nearest title was right half of the time.
		c = min(c, 49)
	}
	return uint8(min(95, c))
}
