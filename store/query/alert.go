package query

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Alert is what a subscription asks: the same for the server's letters and for the news of
// one device. Values of one criterion are alternatives, different criteria combine (D25); a
// criterion without values asks nothing. Postings of every source are asked.
type Alert struct {
	Titles   []string  // unit groups, five digits
	Places   []string  // "Rimouski, QC", "QC", or "CA" for all of Canada
	Keywords []string  // each as typed in a search, but whole: its last word does not go on
	Lang     i18n.Lang // whose titles widen the keywords
}

// Match says whether an alert finds a posting at a moment: the reference for [Alerts].
func (a Alert) Match(p posting.Posting, now time.Time) bool {
	if p.Ended(now) || len(a.Titles) > 0 && !slices.Contains(a.Titles, p.NOC) || !a.Near(p.Place) {
		return false
	}
	if len(a.Keywords) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Keywords, func(k string) bool { return keyword(k, a.Lang).says(p) })
}

// Near says whether a place is one of those of the alert.
func (a Alert) Near(p posting.Place) bool {
	if len(a.Places) == 0 {
		return true
	}
	asked := FoldPlaces(a.Places)
	return slices.ContainsFunc(PlacesOf(p), func(at string) bool { return slices.Contains(asked, at) })
}

// PlacesOf are the values of an alert's places that a place answers to, folded: sources
// write the accents of a city or do not.
func PlacesOf(p posting.Place) []string {
	all := []string{canada}
	if p.Province != "" {
		all = append(all, FoldEmployer(p.Province))
		if p.City != "" {
			all = append(all, FoldEmployer(CityOf(p)))
		}
	}
	return all
}

// FoldPlaces are the places of an alert as [PlacesOf] gives those of a posting.
func FoldPlaces(places []string) []string {
	out := make([]string, len(places))
	for n, p := range places {
		out[n] = FoldEmployer(p)
	}
	return out
}

const canada = "ca" // all of it, folded

// keyword reads one; what follows it ends its last word.
func keyword(k string, lang i18n.Lang) *Plan {
	return Query{Words: k + " ", Lang: lang}.Plan()
}

// Reading is a posting that was read once, to be held against many alerts. It keeps no
// more of the posting's long half than its words.
type Reading struct {
	Card   posting.Card
	pieces []piece
	tokens []string // each once
}

// Read reads a posting.
func Read(at posting.Posting) *Reading {
	r := &Reading{Card: at.Card, pieces: pieces(at)}
	n := 0
	for _, p := range r.pieces {
		n += len(p.tokens)
	}
	r.tokens = make([]string, 0, n)
	for _, p := range r.pieces {
		r.tokens = append(r.tokens, p.tokens...)
	}
	slices.Sort(r.tokens)
	r.tokens = slices.Clip(slices.Compact(r.tokens))
	return r
}

// Alerts are many alerts, ready to be held against one posting after another: from each of
// its words, titles and places lead lines to the few alerts that it may concern. Each has
// the number in which it was added, from 0. Not for two goroutines at once.
type Alerts struct {
	alerts []held

	words    []*Plan // distinct keywords
	wordOf   map[wordKey]int32
	byToken  map[string][]int32
	byStart  map[string][]int32 // the first two letters of a word that may go on
	byNOC    map[string][]int32
	byNumber map[string][]int32
	always   []int32 // what says only what must not stand

	titled  map[string][]int32 // alerts with titles, by each
	worded  [][]int32          // those without, by each of their keywords
	placed  [][]int32          // those with places alone, by each
	placeOf map[string]int32
	all     []int32 // those that ask nothing

	turn  uint32
	found []int32  // keywords of the posting of this turn
	said  []uint32 // turn in which a keyword was found
	tried []uint32 // turn in which a keyword was looked for
	told  []uint32 // turn in which an alert was
}

type held struct {
	places   []int32 // numbers of placeOf
	keywords []int32
}

type wordKey struct {
	words string
	lang  i18n.Lang
}

// NewAlerts makes room for alerts.
func NewAlerts() *Alerts {
	return &Alerts{
		wordOf: map[wordKey]int32{}, byToken: map[string][]int32{}, byStart: map[string][]int32{}, byNOC: map[string][]int32{},
		byNumber: map[string][]int32{}, titled: map[string][]int32{}, placeOf: map[string]int32{},
	}
}

// Add adds an alert.
func (x *Alerts) Add(a Alert) {
	n := int32(len(x.alerts))
	var h held
	for _, p := range FoldPlaces(a.Places) {
		at, known := x.placeOf[p]
		if !known {
			at = int32(len(x.placed))
			x.placeOf[p], x.placed = at, append(x.placed, nil)
		}
		if h.places = append(h.places, at); p == canada {
			h.places = nil
			break
		}
	}
	for _, k := range a.Keywords {
		h.keywords = append(h.keywords, x.word(k, a.Lang))
	}
	x.alerts, x.told = append(x.alerts, h), append(x.told, 0)
	switch {
	case len(a.Titles) > 0:
		for _, t := range a.Titles {
			x.titled[t] = append(x.titled[t], n)
		}
	case len(h.keywords) > 0:
		for _, k := range h.keywords {
			x.worded[k] = append(x.worded[k], n)
		}
	case len(h.places) > 0:
		for _, p := range h.places {
			x.placed[p] = append(x.placed[p], n)
		}
	default:
		x.all = append(x.all, n)
	}
}

// Each calls f once with the number of each alert that finds a posting which has not ended.
func (x *Alerts) Each(r *Reading, f func(n int)) {
	x.turn++
	x.look(r)
	var places []int32
	for _, p := range PlacesOf(r.Card.Place) {
		if at, known := x.placeOf[p]; known {
			places = append(places, at)
		}
	}
	tell := func(list []int32) {
		for _, n := range list {
			if x.told[n] != x.turn && x.alerts[n].has(x, places) {
				x.told[n] = x.turn
				f(int(n))
			}
		}
	}
	tell(x.titled[r.Card.NOC])
	for _, p := range places {
		tell(x.placed[p])
	}
	tell(x.all)
	for _, k := range x.found {
		tell(x.worded[k])
	}
}

func (h *held) has(x *Alerts, places []int32) bool {
	if len(h.places) > 0 {
		near := false
		for _, p := range places {
			near = near || slices.Contains(h.places, p)
		}
		if !near {
			return false
		}
	}
	for _, k := range h.keywords {
		if x.said[k] == x.turn {
			return true
		}
	}
	return len(h.keywords) == 0
}

// word gives a keyword its number, and lines that lead to it.
func (x *Alerts) word(k string, lang i18n.Lang) int32 {
	key := wordKey{k, lang}
	if n, ok := x.wordOf[key]; ok {
		return n
	}
	n := int32(len(x.words))
	p := keyword(k, lang)
	x.wordOf[key] = n
	x.words, x.worded = append(x.words, p), append(x.worded, nil)
	x.said, x.tried = append(x.said, 0), append(x.tried, 0)
	lines, ok := anchors(p.Words)
	if !ok {
		x.always = append(x.always, n)
	}
	for _, l := range lines {
		m := [...]map[string][]int32{x.byToken, x.byStart, x.byNOC, x.byNumber}[l.kind]
		m[l.text] = append(m[l.text], n)
	}
	return n
}

// look finds out which keywords a posting has.
func (x *Alerts) look(r *Reading) {
	x.found = x.found[:0]
	try := func(list []int32) {
		for _, n := range list {
			if x.tried[n] == x.turn {
				continue
			}
			x.tried[n] = x.turn
			if w := x.words[n].Words; w == nil || w.holds(r.Card, r.pieces) {
				x.said[n] = x.turn
				x.found = append(x.found, n)
			}
		}
	}
	try(x.always)
	try(x.byNOC[r.Card.NOC])
	for _, t := range r.tokens {
		try(x.byToken[t])
		if len(x.byStart) > 0 {
			try(x.byStart[start(t)])
		}
	}
	if len(x.byNumber) > 0 {
		try(x.byNumber[strings.ToLower(r.Card.SourceID)])
		try(x.byNumber[number(r.Card.Number)])
	}
}

// anchor is a line that leads from something of a posting to a keyword.
type anchor struct {
	kind int // of the maps of word: a token, the start of one, a unit group, a number
	text string
}

const (
	byToken = iota
	byStart
	byNOC
	byNumber
)

// anchors are lines one of which leads to every posting that a node holds of; false when
// there are none, as for what only excludes.
func anchors(n *Node) ([]anchor, bool) {
	if n == nil {
		return nil, false
	}
	switch n.Kind {
	case All: // the kid with the fewest lines will do
		var best []anchor
		for _, k := range n.Kids {
			if as, ok := anchors(k); ok && (best == nil || len(as) < len(best)) {
				best = as
			}
		}
		return best, best != nil
	case Any, Wide:
		var all []anchor
		if n.Kind == Wide {
			all = append(all, anchor{byNOC, n.NOC})
		}
		for _, k := range n.Kids {
			as, ok := anchors(k)
			if !ok {
				return nil, false
			}
			all = append(all, as...)
		}
		return all, len(all) > 0
	case Phrase:
		whole := n.Tokens
		if n.Prefix {
			whole = whole[:len(whole)-1]
		}
		if len(whole) == 0 {
			return []anchor{{byStart, start(n.Tokens[0])}}, true
		}
		return []anchor{{byToken, slices.MaxFunc(whole, func(a, b string) int { return len(a) - len(b) })}}, true // long words are rarer
	case Number:
		as := []anchor{{byNumber, n.ID}}
		if n.Number != 0 {
			as = append(as, anchor{byNumber, number(n.Number)})
		}
		return as, true
	}
	return nil, false
}

// start is the first two letters of a word: no word that may go on is shorter.
func start(token string) string {
	_, a := utf8.DecodeRuneInString(token)
	_, b := utf8.DecodeRuneInString(token[a:])
	return token[:a+b]
}

func number(n int64) string { return "\x00" + strconv.FormatInt(n, 10) }
