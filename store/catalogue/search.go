package catalogue

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
)

const (
	pageSize = 50 // results without a Limit
	topN     = 50 // values counted of the facets that have thousands
)

// Search answers a query with counts of every facet. A facet's own choice does not
// lower its own counts; every other criterion does. Values come most frequent first;
// of cities, regions and unit groups the first 50 and those chosen.
//
// Relevance goes by where each word stands: in the title as it was written it counts three
// times what it counts in the occupation's title, in the employer's name or in what was
// widened to; elsewhere it counts nothing. A rare word counts more than a common one (the
// logarithm of how rare). How often a word is repeated says little about a job and costs
// most, so it has no say. Equals come newest first, then by falling row id, in every order.
func (s *Store) Search(ctx context.Context, q query.Query) (query.Result, error) {
	var res query.Result
	plan := q.Plan()
	err := s.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		x := &search{plan: plan, fr: fr, reader: reader{ctx: ctx, frame: fr}, hidden: f.hidden(fr, q.Hide)}
		if plan.Words != nil {
			x.docs, x.span, x.full = tx.StmtContext(ctx, f.docs), tx.StmtContext(ctx, f.span), tx.StmtContext(ctx, f.full)
		}
		var err error
		res, err = x.run(func(id int64) (posting.Card, error) { return readCard(ctx, tx.StmtContext(ctx, f.card), id) })
		return err
	})
	if err != nil {
		return query.Result{}, fmt.Errorf("search: %w", err)
	}
	return res, nil
}

type search struct {
	reader
	plan *query.Plan
	fr   *frame

	base   base
	hidden map[uint32]*hiddenRows // by page; nil: nothing is
	active []chosen               // facets with a choice
	words  *roaring.Bitmap
	weighs []weight // of relevance
}

// weight is what a row gains by being in a set.
type weight struct {
	rows *roaring.Bitmap
	gain uint16
}

// base is what a posting must meet whatever its facets: what it takes away is no facet's.
type base struct {
	archived  bool
	lastEnded []int32
	near      query.Near
	wage      query.WageAsk
}

// chosen is one facet with the values asked for.
type chosen struct {
	facet query.Facet
	col   int    // of codes, or of masks
	mask  bool   // which of the two
	codes []bool // by code
	bits  uint16
	since int32 // Posted
}

func (x *search) run(card func(int64) (posting.Card, error)) (query.Result, error) {
	q := x.plan.Query
	res := query.Result{Rows: x.fr.state.Count, Indexed: x.fr.state.Indexed}
	x.prepare()
	if x.plan.Words != nil {
		var err error
		if x.words, err = x.eval(x.plan.Words, asAsked, everyWide); err != nil {
			return res, err
		}
		if q.Sort == query.ByRelevance {
			if err := x.rank(); err != nil {
				return res, err
			}
		}
		if res.Exact, err = x.exact(card); err != nil {
			return res, err
		}
	}
	limit := q.Limit
	if limit <= 0 {
		limit = pageSize
	}
	t, err := x.tally(x.words, max(0, q.Offset)+limit, !q.NoFacets, len(x.plan.Wides) > 0)
	if err != nil {
		return res, err
	}
	res.Total = t.total
	res.IDs = t.best.page(max(0, q.Offset))
	if res.Exact != 0 && q.Offset <= 0 {
		if i := slices.Index(res.IDs, res.Exact); i > 0 {
			res.IDs = slices.Insert(slices.Delete(res.IDs, i, i+1), 0, res.Exact)
		} else if i < 0 && x.passes(res.Exact) {
			res.IDs = slices.Insert(res.IDs, 0, res.Exact)
			res.IDs = res.IDs[:min(len(res.IDs), limit)]
		}
	}
	if !q.NoFacets {
		res.Facets = x.counts(t)
	}
	if err := x.added(&res, t); err != nil {
		return res, err
	}
	if res.Total == 0 {
		res.Relax, err = x.relax()
	}
	return res, err
}

func (x *search) prepare() {
	q := x.plan.Query
	x.base = base{archived: q.Archived, lastEnded: x.fr.lastEnded(q.Now), near: q.Near, wage: q.Wage}
	for _, f := range query.Facets {
		values := q.Filters[f]
		if len(values) == 0 {
			continue
		}
		c := chosen{facet: f}
		if f == query.Posted {
			since, _ := x.plan.Since()
			c.since = int32(since)
		} else if i := slices.Index(codeFacets, f); i >= 0 {
			c.col = i
			c.codes = make([]bool, max(1, len(x.fr.codes[i].values)))
			for _, v := range values {
				if n, ok := x.fr.codes[i].index[v]; ok {
					c.codes[n] = true
				}
			}
		} else {
			c.mask, c.col = true, slices.Index(maskFacets, f)
			for _, v := range values {
				if n, ok := x.fr.masks[c.col].index[v]; ok {
					c.bits |= 1 << (n - 1)
				}
			}
		}
		x.active = append(x.active, c)
	}
}

func (c *chosen) has(p *page, i int) bool {
	switch {
	case c.facet == query.Posted:
		return p.posted[i] >= c.since
	case c.mask:
		return p.mask[c.col][i]&c.bits != 0
	}
	return c.codes[p.code[c.col][i]]
}

func (b *base) shown(p *page, i int) bool {
	return b.archived || p.over[i] == 0 && p.ends[i] > b.lastEnded[p.code[cZone][i]]
}

func (b *base) has(p *page, i int) bool {
	return b.shown(p, i) && (b.wage.Min <= 0 || b.wage.Reaches(p.hour[i], p.year[i])) &&
		(b.near.Km <= 0 || b.near.Has(p.lat[i], p.lng[i]))
}

// passes says whether a row is one of the results.
func (x *search) passes(id int64) bool {
	p, i := x.fr.at(id)
	if h := x.hidden[uint32(id)>>pageBits]; h != nil && h.holds(i) {
		return false
	}
	if p == nil || !x.base.has(p, i) || x.words != nil && !x.words.Contains(uint32(id)) {
		return false
	}
	for k := range x.active {
		if !x.active[k].has(p, i) {
			return false
		}
	}
	return true
}

// Ways to read the words.
const (
	asAsked   = iota
	inTitle   // only titles as they were written, nothing widened
	inHeading // titles, occupation, employer, and what was widened to
)

// eval gives the rows that words find; only limits it to one widening. Shared: never change it.
func (x *search) eval(n *query.Node, how, only int) (*roaring.Bitmap, error) {
	switch n.Kind {
	case query.All:
		var sum *roaring.Bitmap
		owned := false
		for _, negative := range []bool{false, true} {
			for _, k := range n.Kids {
				if (k.Kind == query.Not) != negative {
					continue
				}
				if negative && how != asAsked {
					continue // what they exclude is not in the results
				}
				if sum != nil && sum.IsEmpty() {
					return sum, nil
				}
				if negative {
					k = k.Kids[0]
				}
				bm, err := x.eval(k, how, only)
				if err != nil {
					return nil, err
				}
				switch {
				case sum == nil && !negative:
					sum = bm
				case sum == nil:
					sum, owned = roaring.AndNot(x.fr.universe(), bm), true
				case negative && owned:
					sum.AndNot(bm)
				case negative:
					sum, owned = roaring.AndNot(sum, bm), true
				case owned:
					sum.And(bm)
				default:
					sum, owned = roaring.And(sum, bm), true
				}
			}
		}
		if sum == nil {
			sum = x.fr.universe()
		}
		return sum, nil
	case query.Any:
		return x.union(n.Kids, how, only)
	case query.Not:
		if how != asAsked {
			return x.fr.universe(), nil
		}
		bm, err := x.eval(n.Kids[0], how, only)
		if err != nil {
			return nil, err
		}
		return roaring.AndNot(x.fr.universe(), bm), nil
	case query.Number:
		if how == inTitle {
			return roaring.New(), nil
		}
		return x.numbered(n), nil
	case query.Wide:
		if how == inTitle || only != everyWide && n.Wide != only {
			return roaring.New(), nil
		}
		return x.wide(n)
	}
	part := byte(inAny)
	switch n.Field {
	case query.InTitle:
		part = byte(query.TitleText)
	case query.InEmployer:
		part = byte(query.EmployerText)
	case query.Anywhere:
		switch how {
		case inTitle:
			part = byte(query.TitleText)
		case inHeading:
			var all []*roaring.Bitmap
			for _, w := range []query.Where{query.TitleText, query.OccupationOf, query.EmployerText} {
				bm, err := x.phrase(byte(w), n.Tokens, n.Prefix, nil)
				if err != nil {
					return nil, err
				}
				all = append(all, bm)
			}
			return roaring.FastOr(all...), nil
		}
	}
	return x.phrase(part, n.Tokens, n.Prefix, nil)
}

// Widenings to evaluate, beside the number of one.
const (
	everyWide = -1
	noWide    = -2
)

// wide gives the rows of an occupation: those that have its code need no look at their title.
func (x *search) wide(n *query.Node) (*roaring.Bitmap, error) {
	if bm, ok := x.wides[n.Wide]; ok {
		return bm, nil
	}
	sum := x.coded(n.NOC)
	for _, k := range n.Kids {
		bm, err := x.phrase(byte(query.TitleText), k.Tokens, false, sum)
		if err != nil {
			return nil, err
		}
		sum.Or(bm)
	}
	if x.wides == nil {
		x.wides = map[int]*roaring.Bitmap{}
	}
	x.wides[n.Wide] = sum
	return sum, nil
}

func (x *search) union(kids []*query.Node, how, only int) (*roaring.Bitmap, error) {
	all := make([]*roaring.Bitmap, 0, len(kids))
	for _, k := range kids {
		bm, err := x.eval(k, how, only)
		if err != nil {
			return nil, err
		}
		all = append(all, bm)
	}
	return roaring.FastOr(all...), nil
}

const (
	maxWeighed = 8 // words of a search that have a say in its order
	titleGain  = 3
)

func (x *search) rank() error {
	groups := []*query.Node{x.plan.Words}
	if k := x.plan.Words.Kind; k == query.All || k == query.Any {
		groups = x.plan.Words.Kids
	}
	for _, g := range groups[:min(len(groups), maxWeighed)] {
		if g.Kind == query.Not {
			continue
		}
		all, err := x.eval(g, asAsked, everyWide)
		if err != nil {
			return err
		}
		rare := uint16(1 + bits.Len64(uint64(x.fr.state.Count)/(all.GetCardinality()+1)))
		for _, w := range []struct {
			how  int
			gain uint16
		}{{inTitle, titleGain - 1}, {inHeading, 1}} { // a title is a heading, too
			bm, err := x.eval(g, w.how, everyWide)
			if err != nil {
				return err
			}
			if !bm.IsEmpty() {
				x.weighs = append(x.weighs, weight{bm, rare * w.gain})
			}
		}
	}
	return nil
}

// numbered finds rows by their public number or the source's; a hash that agrees by
// chance would take two source ids out of 10^9 rows.
func (x *search) numbered(n *query.Node) *roaring.Bitmap {
	out := roaring.New()
	h := originHash(n.ID)
	for _, k := range x.fr.order {
		p := x.fr.pages[k]
		for i := range pageRows {
			if (p.number[i] == n.Number && n.Number != 0 || p.origin[i] == h) && p.holds(i) {
				out.Add(k<<pageBits | uint32(i))
			}
		}
	}
	return out
}

func (x *search) coded(noc string) *roaring.Bitmap {
	out := roaring.New()
	code, ok := x.fr.codes[cNOC].index[noc]
	if !ok {
		return out
	}
	var ids []uint32
	for _, k := range x.fr.order {
		p := x.fr.pages[k]
		for i, c := range p.code[cNOC] {
			if c == code && p.holds(i) {
				ids = append(ids, k<<pageBits|uint32(i))
			}
		}
	}
	out.AddMany(ids)
	return out
}

// exact is the posting whose number was typed: ended or not, whatever the filters.
// Our own number comes before a source's.
func (x *search) exact(card func(int64) (posting.Card, error)) (int64, error) {
	n := x.plan.Words
	if n.Kind == query.Any && len(n.Kids) > 0 {
		n = n.Kids[0]
	}
	if n.Kind != query.Number {
		return 0, nil
	}
	var found int64
	for it := x.numbered(n).Iterator(); it.HasNext(); {
		id := int64(it.Next())
		if p, i := x.fr.at(id); n.Number != 0 && p.number[i] == n.Number {
			return id, nil
		}
		c, err := card(id)
		if err != nil {
			return 0, err
		}
		if found == 0 && strings.ToLower(c.SourceID) == n.ID {
			found = id
		}
	}
	return found, nil
}

// tallied is what one walk over the rows found.
type tallied struct {
	total int
	codes [nCodes][]int32
	masks [nMasks][]int32 // by combination of values: bits are told apart at the end
	ago   [32]int32       // results by days since they were posted; the last is more
	only  []tallied       // by active facet: counts of its own column over rows that only it takes away
	best  top
	rows  *roaring.Bitmap
}

func (x *search) newTally(k int) *tallied {
	t := &tallied{best: top{k: k}}
	for i := range t.codes {
		t.codes[i] = make([]int32, max(1, len(x.fr.codes[i].values)))
	}
	for i := range t.masks {
		t.masks[i] = make([]int32, x.fr.masks[i].combinations())
	}
	t.only = make([]tallied, len(x.active))
	for a, c := range x.active {
		switch {
		case c.facet == query.Posted:
		case c.mask:
			t.only[a].masks[c.col] = make([]int32, x.fr.masks[c.col].combinations())
		default:
			t.only[a].codes[c.col] = make([]int32, max(1, len(x.fr.codes[c.col].values)))
		}
	}
	return t
}

func (t *tallied) add(o *tallied) {
	plus := func(a, b []int32) {
		for i, n := range b {
			a[i] += n
		}
	}
	t.total += o.total
	for i := range t.codes {
		plus(t.codes[i], o.codes[i])
	}
	for i := range t.masks {
		plus(t.masks[i], o.masks[i])
	}
	plus(t.ago[:], o.ago[:])
	for i := range t.only {
		t.only[i].add(&o.only[i])
	}
	t.best.items = append(t.best.items, o.best.items...)
	if t.rows != nil && o.rows != nil {
		t.rows.Or(o.rows)
	}
}

// halve is how many rows to look at make a second goroutine worth its start.
const halve = 30_000

// tally walks over the rows of a set (nil: all) once: filters, counts, the best k.
func (x *search) tally(set *roaring.Bitmap, k int, facets, keep bool) (*tallied, error) {
	order := x.fr.order
	size := x.fr.state.Count
	if set != nil {
		size = int(set.GetCardinality())
	}
	parts := 1
	if size > halve && len(order) > 1 {
		parts = 2
	}
	ts, errs := make([]*tallied, parts), make([]error, parts)
	cut := len(order)
	if parts == 2 {
		cut = len(order) / 2
		if set != nil && size > 0 { // as many rows of the set on both sides
			middle, _ := set.Select(uint32(size / 2))
			cut, _ = slices.BinarySearch(order, middle>>pageBits)
		}
	}
	var wg sync.WaitGroup
	for i := range parts {
		t := x.newTally(k)
		if keep {
			t.rows = roaring.New()
		}
		ts[i] = t
		mine := order[:cut]
		if i == 1 {
			mine = order[cut:]
		}
		if i < parts-1 {
			wg.Go(func() { errs[i] = x.walk(t, set, mine, facets) })
		} else {
			errs[i] = x.walk(t, set, mine, facets)
		}
	}
	wg.Wait()
	for i := range parts {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if i > 0 {
			ts[0].add(ts[i])
		}
	}
	return ts[0], nil
}

// members lists the rows of one page that are in a set. A dense set is read as bits, a
// sparse one step by step; pages are asked for in rising order.
type members struct {
	dense []uint64
	it    roaring.IntPeekable
}

func newMembers(bm *roaring.Bitmap) members {
	if n := bm.GetCardinality(); n > 0 && n > uint64(bm.Maximum())/64 {
		return members{dense: bm.ToDense()}
	}
	return members{it: bm.Iterator()}
}

func (m *members) of(n uint32, p *page, to []uint16) []uint16 {
	to = to[:0]
	if m.dense != nil {
		from := int(n) * len(p.has)
		for w := range p.has {
			if from+w >= len(m.dense) {
				break
			}
			for word := m.dense[from+w] & p.has[w]; word != 0; word &= word - 1 {
				to = append(to, uint16(w<<6+bits.TrailingZeros64(word)))
			}
		}
		return to
	}
	m.it.AdvanceIfNeeded(n << pageBits)
	for m.it.HasNext() && m.it.PeekNext()>>pageBits == n {
		if i := uint16(m.it.Next() & (pageRows - 1)); p.holds(int(i)) {
			to = append(to, i)
		}
	}
	return to
}

func (x *search) walk(t *tallied, set *roaring.Bitmap, pages []uint32, facets bool) error {
	var rows members
	if set != nil {
		rows = newMembers(set)
	}
	weighs := make([]members, len(x.weighs))
	for i, w := range x.weighs {
		weighs[i] = newMembers(w.rows)
	}
	var gain [pageRows]uint16
	var ids, in []uint16
	pass, lost := make([]uint16, 0, pageRows), make([][]uint16, len(x.active))
	today := int32(posting.DayOf(x.plan.Now))
	score := x.scorer()
	for _, n := range pages {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		p := x.fr.pages[n]
		if set != nil {
			if ids = rows.of(n, p, ids); len(ids) == 0 {
				continue
			}
		} else {
			ids = p.list(ids)
		}
		if h := x.hidden[n]; h != nil {
			ids = h.without(ids)
		}
		pass = pass[:0]
		for a := range lost {
			lost[a] = lost[a][:0]
		}
	row:
		for _, i := range ids {
			if !x.base.has(p, int(i)) {
				continue
			}
			fail := -1
			for a := range x.active {
				if !x.active[a].has(p, int(i)) {
					if fail >= 0 {
						continue row
					}
					fail = a
				}
			}
			if fail < 0 {
				pass = append(pass, i)
			} else {
				lost[fail] = append(lost[fail], i)
			}
		}
		t.total += len(pass)
		if t.rows != nil {
			for _, i := range pass {
				t.rows.Add(n<<pageBits | uint32(i))
			}
		}
		if len(weighs) > 0 && len(pass) > 0 {
			clear(gain[:])
			for k := range weighs {
				in = weighs[k].of(n, p, in)
				for _, i := range in {
					gain[i&(pageRows-1)] += x.weighs[k].gain
				}
			}
		}
		for _, i := range pass {
			t.best.offer(item{score(p, int(i), gain[i]), p.posted[i], n<<pageBits | uint32(i)})
		}
		if !facets {
			continue
		}
		for k := range codeFacets {
			countCodes(t.codes[k], &p.code[k], pass)
		}
		for k := range maskFacets {
			countCodes(t.masks[k], &p.mask[k], pass)
		}
		countDays(&t.ago, &p.posted, pass, today)
		for a, is := range lost {
			switch c := &x.active[a]; {
			case c.facet == query.Posted:
				countDays(&t.only[a].ago, &p.posted, is, today)
			case c.mask:
				countCodes(t.only[a].masks[c.col], &p.mask[c.col], is)
			default:
				countCodes(t.only[a].codes[c.col], &p.code[c.col], is)
			}
		}
	}
	return nil
}

func (p *page) list(to []uint16) []uint16 {
	to = to[:0]
	for w, word := range p.has {
		for word != 0 {
			to = append(to, uint16(w<<6+bits.TrailingZeros64(word)))
			word &= word - 1
		}
	}
	return to
}

func countCodes(n []int32, col *[pageRows]uint16, rows []uint16) {
	for _, i := range rows {
		n[col[i&(pageRows-1)]]++
	}
}

// apart gives counts of values from those of combinations.
func apart(n []int32) []int32 {
	out := make([]int32, 1+bits.Len(uint(len(n)-1)))
	for m, k := range n {
		if k > 0 {
			for ; m != 0; m &= m - 1 {
				out[1+bits.TrailingZeros(uint(m))] += k
			}
		}
	}
	return out
}

func countDays(n *[32]int32, col *[pageRows]int32, rows []uint16, today int32) {
	for _, i := range rows {
		n[min(max(today-col[i&(pageRows-1)], 0), 31)]++
	}
}

// scorer gives what rows are sorted by before their date: more is better.
func (x *search) scorer() func(p *page, i int, gain uint16) uint64 {
	switch near := x.plan.Near; x.plan.Sort {
	case query.ByWage:
		return func(p *page, i int, _ uint16) uint64 { return uint64(max(0, p.hour[i])) }
	case query.ByDistance:
		if near.Lat == 0 && near.Lng == 0 {
			break
		}
		return func(p *page, i int, _ uint16) uint64 {
			if p.lat[i] == 0 && p.lng[i] == 0 {
				return 0
			}
			km := place.Km(near.Lat, near.Lng, float64(p.lat[i]), float64(p.lng[i]))
			return math.MaxUint64 - math.Float64bits(km) // bits of positive numbers order as they do
		}
	case query.ByRelevance:
		return func(_ *page, _ int, gain uint16) uint64 { return uint64(gain) }
	}
	return func(*page, int, uint16) uint64 { return 0 }
}

type item struct {
	score  uint64
	posted int32
	id     uint32
}

func (a item) compare(b item) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.posted, b.posted), cmp.Compare(a.id, b.id))
}

// top keeps the best k items: the worst of them first, as a heap.
type top struct {
	k     int
	items []item
}

func (t *top) Len() int           { return len(t.items) }
func (t *top) Less(i, j int) bool { return t.items[i].compare(t.items[j]) < 0 }
func (t *top) Swap(i, j int)      { t.items[i], t.items[j] = t.items[j], t.items[i] }
func (t *top) Push(v any)         { t.items = append(t.items, v.(item)) }
func (t *top) Pop() any           { panic("never") }

func (t *top) offer(v item) {
	if len(t.items) < t.k {
		t.items = append(t.items, v)
		if len(t.items) == t.k {
			heap.Init(t)
		}
		return
	}
	if t.k == 0 || v.score < t.items[0].score || v.score == t.items[0].score && v.posted < t.items[0].posted {
		return // most rows go no further
	}
	if t.items[0].compare(v) < 0 {
		t.items[0] = v
		heap.Fix(t, 0)
	}
}

// page gives the ids from an offset on, best first.
func (t *top) page(offset int) []int64 {
	slices.SortFunc(t.items, func(a, b item) int { return b.compare(a) })
	var ids []int64
	for i := offset; i < min(t.k, len(t.items)); i++ {
		ids = append(ids, int64(t.items[i].id))
	}
	return ids
}

var spans = []int{0, 3, 7, 30}

func (x *search) counts(t *tallied) map[query.Facet][]query.Count {
	out := make(map[query.Facet][]query.Count, len(query.Facets))
	only := func(f query.Facet) *tallied {
		for a, c := range x.active {
			if c.facet == f {
				return &t.only[a]
			}
		}
		return nil
	}
	var days []query.Count
	sum, day, ago := int32(0), 0, t.ago
	if o := only(query.Posted); o != nil {
		for i, n := range o.ago {
			ago[i] += n
		}
	}
	for _, span := range spans {
		for ; day <= span; day++ {
			sum += ago[day]
		}
		days = append(days, query.Count{Value: strconv.Itoa(span), N: int(sum)})
	}
	out[query.Posted] = days
	for i, f := range codeFacets {
		n := t.codes[i]
		n[0] = 0
		if o := only(f); o != nil {
			for c, m := range o.codes[i] {
				n[c] += m
			}
			n[0] = 0
		}
		out[f] = x.values(f, x.fr.codes[i].values, n)
	}
	for i, f := range maskFacets {
		n := t.masks[i]
		if o := only(f); o != nil {
			for c, m := range o.masks[i] {
				n[c] += m
			}
		}
		out[f] = x.values(f, x.fr.masks[i].values, apart(n))
	}
	return out
}

func (x *search) values(f query.Facet, values []string, n []int32) []query.Count {
	chosen := x.plan.Filters[f]
	var cs []query.Count
	for c, v := range values {
		if c > 0 && n[c] > 0 {
			cs = append(cs, query.Count{Value: v, N: int(n[c])})
		}
	}
	slices.SortFunc(cs, func(a, b query.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	var rest []query.Count
	if (f == query.City || f == query.NOC || f == query.Region) && len(cs) > topN {
		cs, rest = cs[:topN:topN], cs[topN:]
	}
	for _, v := range chosen { // what is chosen is always there, to be taken back
		is := func(c query.Count) bool { return c.Value == v }
		if slices.ContainsFunc(cs, is) {
			continue
		}
		if i := slices.IndexFunc(rest, is); i >= 0 {
			cs = append(cs, rest[i])
		} else {
			cs = append(cs, query.Count{Value: v})
		}
	}
	return cs
}

// added says what each widening brought.
func (x *search) added(res *query.Result, t *tallied) error {
	if len(x.plan.Wides) == 0 {
		return nil
	}
	res.Expanded = slices.Clone(x.plan.Wides)
	typed, err := x.eval(x.plan.Words, asAsked, noWide)
	if err != nil {
		return err
	}
	more := roaring.AndNot(t.rows, typed)
	for i := range res.Expanded {
		bm, err := x.eval(x.plan.Words, asAsked, i)
		if err != nil {
			return err
		}
		res.Expanded[i].Added = int(more.AndCardinality(bm))
	}
	return nil
}

// relax finds the parts of a query without any one of which there is a result, the one
// that takes most away first; when none alone does it, leaving out every filter may.
func (x *search) relax() ([]query.Relaxation, error) {
	var out []query.Relaxation
	note := func(part query.Part, name string, n int) {
		if n > 0 {
			out = append(out, query.Relaxation{Drop: part, Name: name, N: n})
		}
	}
	count := func(set *roaring.Bitmap, base base, active []chosen) (int, error) {
		y := *x
		y.base, y.active, y.weighs = base, active, nil
		t, err := y.tally(set, 0, false, false)
		if err != nil {
			return 0, err
		}
		return t.total, nil
	}
	for a, c := range x.active {
		n, err := count(x.words, x.base, slices.Delete(slices.Clone(x.active), a, a+1))
		if err != nil {
			return nil, err
		}
		name := ""
		if vs := x.plan.Filters[c.facet]; len(vs) == 1 {
			name = vs[0]
		}
		note(query.Part(c.facet), name, n)
	}
	bare := x.base
	bare.near, bare.wage = query.Near{}, query.WageAsk{}
	if x.base.near.Km > 0 {
		b := x.base
		b.near = query.Near{}
		n, err := count(x.words, b, x.active)
		if err != nil {
			return nil, err
		}
		note(query.PartNear, x.plan.Near.Label, n)
	}
	if x.base.wage.Min > 0 {
		b := x.base
		b.wage = query.WageAsk{}
		n, err := count(x.words, b, x.active)
		if err != nil {
			return nil, err
		}
		note(query.PartWage, "", n)
	}
	if tree := x.plan.Words; tree != nil {
		n, err := count(nil, x.base, x.active)
		if err != nil {
			return nil, err
		}
		note(query.PartWords, "", n)
		if tree.Kind == query.All { // one word of several
			for i, k := range tree.Kids {
				less := &query.Node{Kind: query.All, Kids: slices.Delete(slices.Clone(tree.Kids), i, i+1)}
				bm, err := x.eval(less, asAsked, everyWide)
				if err != nil {
					return nil, err
				}
				if n, err = count(bm, x.base, x.active); err != nil {
					return nil, err
				}
				note(query.PartWords, k.Text(), n)
			}
		}
	}
	if len(out) == 0 && (len(x.active) > 0 || x.base.near.Km > 0 || x.base.wage.Min > 0) {
		n, err := count(x.words, bare, nil)
		if err != nil {
			return nil, err
		}
		note(query.PartAll, "", n)
	}
	slices.SortStableFunc(out, func(a, b query.Relaxation) int { return cmp.Compare(b.N, a.N) })
	return out, nil
}
