package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// Limits of a digest.
const (
	mostNews  = 200 // postings that one alert tells one by one
	related   = 5   // suggestions, as in a letter
	mostNear  = 300 // postings of an occupation that suggestions are chosen among
	canadaAll = "CA"
)

// Look holds the alerts of whoever is at the desk against what the catalogue has that they
// have not seen, after a sync or a bundle. With nobody there who could be told, nothing is
// looked at: what comes meanwhile is found when they are back.
func (a *Alerts) Look(ctx context.Context) error { return a.look(ctx, true) }

// look: a quiet one, when nothing was brought, counts as no look of its own.
func (a *Alerts) look(ctx context.Context, brought bool) error {
	a.looking.Lock()
	defer a.looking.Unlock()
	h, err := a.here(ctx)
	if errors.Is(err, session.ErrLocked) || errors.Is(err, cache.ErrNoAccount) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.follow(ctx, h); err != nil {
		return err
	}
	all, err := h.dev.Watches(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(w cache.Watch) bool { return w.Paused })
	if len(all) == 0 {
		return nil
	}
	f, err := a.find(ctx, h, all)
	if errors.Is(err, catalogue.ErrNone) || err == nil && !f.looked {
		return nil
	}
	if err != nil {
		return err
	}
	if a.left(h) {
		return nil // their file is closed, and nobody else is told
	}
	now := a.d.Now().UTC()
	moved, told := false, map[int64]bool{}
	err = h.dev.ChangeWatches(ctx, func(stored []cache.Watch) (out []cache.Watch) {
		moved = false
		clear(told)
		for n, was := range all {
			out = append(out, change(stored, was.ID, func(w *cache.Watch) {
				if w.Paused || !same(w.Asks, was.Asks) {
					return // changed meanwhile: the next look finds the same
				}
				news := f.alive(w.News, w.Root)
				if len(news) != len(w.News) || len(f.rows[n]) > 0 || brought {
					moved = true
				}
				w.News, w.Root = append(news, f.rows[n]...), f.root
				w.Marks = cache.Marked(w.Marks, cache.Mark{Root: f.root, Scope: f.part, Row: max(f.last, row(w.Marks, f.root, f.part))})
				if brought {
					w.At, w.Found = now, len(f.rows[n])
				} else if len(f.rows[n]) > 0 {
					w.At, w.Found = now, w.Found+len(f.rows[n])
				}
				if alertKind(w.ID) == state.AlertHere {
					for _, r := range f.rows[n] {
						told[r] = true
					}
				}
			})...)
		}
		if !moved && f.seen {
			return nil // nothing to write
		}
		return out
	})
	if err != nil {
		return err
	}
	if moved {
		a.news.Tell()
	}
	a.mu.Lock()
	notice := a.notice
	a.mu.Unlock()
	if len(told) > 0 && notice != nil {
		notice(len(told))
	}
	return nil
}

// finding is what a walk over the catalogue found.
type finding struct {
	root, part string
	last       int64 // the highest row
	looked     bool
	seen       bool      // every alert had seen all of it
	rows       [][]int64 // by watch: what is new
	gone       map[int64]bool
}

// alive are the rows of what was new before that can still be read.
func (f finding) alive(rows []int64, root string) []int64 {
	if root != f.root {
		return nil // of another publisher
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r int64) bool { return f.gone[r] })
}

// row is the mark of a scope; 0: none.
func row(marks []cache.Mark, root, part string) int64 {
	for _, m := range marks {
		if m.Root == root && m.Scope == part {
			return m.Row
		}
	}
	return 0
}

// covered says whether a posting was there when a mark was made.
func covered(marks []cache.Mark, root string, c posting.Card) bool {
	part := strings.ToLower(c.Place.Province)
	return slices.ContainsFunc(marks, func(m cache.Mark) bool {
		return m.Root == root && m.Row >= c.ID && wire.InScope(m.Scope, part)
	})
}

// find walks over the rows that some watch has not seen, once for all of them.
func (a *Alerts) find(ctx context.Context, h sitting, all []cache.Watch) (f finding, err error) {
	hide, err := h.dev.Hides(ctx)
	if err != nil {
		return f, err
	}
	f.rows, f.gone = make([][]int64, len(all)), map[int64]bool{}
	x, now := query.NewAlerts(), a.d.Now()
	for _, w := range all {
		x.Add(w.Asks)
	}
	err = a.d.Catalogue.Beyond(ctx, now, func(st catalogue.State, last int64) int64 {
		if !real(st) || st.Indexed < st.Count {
			return last // invented, or not all of it is there yet
		}
		f.looked, f.root, f.part, f.last = true, st.Root, partOf(st.Scope), last
		from := last
		for _, w := range all {
			at := int64(0) // what all of this part was seen up to
			for _, m := range w.Marks {
				if m.Root == f.root && (m.Scope == "" || m.Scope == f.part) {
					at = max(at, m.Row)
				}
			}
			from = min(from, at)
		}
		f.seen = from >= last
		return from
	}, func(p posting.Posting) error {
		if !p.Ended(now) && !hide.Has(p.Card) {
			x.Each(query.Read(p), func(n int) {
				if !covered(all[n].Marks, f.root, p.Card) {
					f.rows[n] = append(f.rows[n], p.ID)
				}
			})
		}
		return ctx.Err()
	})
	if err != nil || !f.looked {
		return f, err
	}
	var old []int64
	for _, w := range all {
		if w.Root == f.root {
			old = append(old, w.News...)
		}
	}
	slices.Sort(old)
	old = slices.Compact(old)
	cards, err := a.readable(ctx, old, hide)
	if err != nil {
		return f, err
	}
	for _, id := range old {
		f.gone[id] = true
	}
	for _, c := range cards {
		delete(f.gone, c.ID)
	}
	return f, nil
}

// readable are the postings that have not ended and that nobody hid, in the order given.
func (a *Alerts) readable(ctx context.Context, ids []int64, hide *query.Hide) ([]posting.Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	now := a.d.Now()
	cards, err := a.d.Catalogue.Cards(ctx, ids)
	return slices.DeleteFunc(cards, func(c posting.Card) bool { return c.Ended(now) || hide.Has(c) }), err
}

// follow has the alerts of an account watched here, too, as their records say.
func (a *Alerts) follow(ctx context.Context, h sitting) error {
	if h.rec == nil {
		return nil
	}
	recs, err := h.rec.List(ctx, "alert")
	if err != nil {
		return err
	}
	watches, err := h.dev.Watches(ctx)
	if err != nil {
		return err
	}
	have, want := map[string]cache.Watch{}, map[string]bool{}
	for _, w := range watches {
		if alertKind(w.ID) == state.AlertRecord {
			have[w.ID] = w
		}
	}
	for _, r := range recs {
		x := readAlert(r.Doc)
		id := recordID + r.Ref.Record
		if x.State == state.AlertEnded {
			continue // nothing is told of it any more
		}
		want[id] = true
		was, known := have[id]
		next := was
		next.Name, next.Asks, next.Paused = x.Name, x.Query(), x.State == state.AlertPaused
		switch {
		case !known:
			next.ID, next.Made = id, born(r.Ref.Record)
			if next.Marks, err = a.marks(ctx); err != nil {
				return err
			}
			next.Read = next.Marks
		case was.Name == next.Name && same(was.Asks, next.Asks) && was.Paused == next.Paused:
			continue
		default:
			if next.News, err = a.still(ctx, was, next.Asks); err != nil {
				return err
			}
		}
		if known {
			_, err = h.rewrite(ctx, was, next)
		} else {
			err = h.dev.PutWatch(ctx, next)
		}
		if err != nil {
			return err
		}
	}
	for id := range have {
		if !want[id] {
			if err := h.dev.DropWatch(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Digest: see [state.Alerts].
func (a *Alerts) Digest(ctx context.Context, id string) (state.Digest, error) {
	d := state.Digest{Alert: id, At: a.d.Now()}
	h, err := a.here(ctx)
	if err != nil {
		return d, err
	}
	watches, err := h.dev.Watches(ctx)
	if err != nil {
		return d, err
	}
	list, err := a.list(ctx, h, watches)
	if err != nil {
		return d, err
	}
	hide, err := h.dev.Hides(ctx)
	if err != nil {
		return d, err
	}
	st, err := a.d.Catalogue.State(ctx)
	if errors.Is(err, catalogue.ErrNone) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	near := suggesting{a: a, st: st, hide: hide, now: d.At, told: map[int64]bool{}}
	for _, x := range list {
		at := slices.IndexFunc(watches, func(w cache.Watch) bool { return w.ID == x.ID })
		if at < 0 || x.ID != id && (id != "" || watches[at].Paused) {
			continue
		}
		w := watches[at]
		mark := state.AlertMark{Alert: w.ID, Root: st.Root, Scope: partOf(st.Scope), Last: row(w.Marks, st.Root, partOf(st.Scope))}
		news := w.News
		if w.Root != st.Root || !real(st) {
			news = nil
		}
		if len(news) > 0 {
			mark.Upto = slices.Max(news)
		}
		cards, err := a.readable(ctx, slices.DeleteFunc(slices.Clone(news), func(r int64) bool { return near.told[r] }), hide)
		if err != nil {
			return d, err
		}
		d.Marks = append(d.Marks, mark)
		slices.SortStableFunc(cards, func(c, o posting.Card) int {
			return cmp.Or(cmp.Compare(o.Posted, c.Posted), cmp.Compare(o.ID, c.ID))
		})
		for _, c := range cards {
			near.told[c.ID] = true
		}
		near.alerts = append(near.alerts, wanted{w: w, cards: cards})
		if len(cards) > 0 {
			d.News = append(d.News, state.AlertNews{Alert: x, Total: len(cards), Cards: cards[:min(len(cards), mostNews)]})
		}
	}
	if len(d.News) > 0 { // they never stand alone
		d.Also, err = near.choose(ctx)
	}
	return d, err
}

// wanted is an alert with what is new for it.
type wanted struct {
	w     cache.Watch
	cards []posting.Card
}

// suggesting chooses new postings that no alert asked for, by the rules of the letters: the
// occupation that is looked for, in the same provinces or in the same place with other words;
// or one that is close to it, in the same place.
type suggesting struct {
	a      *Alerts
	st     catalogue.State
	hide   *query.Hide
	now    time.Time
	alerts []wanted
	told   map[int64]bool // what stands in the digest
	out    []state.Suggested
}

func (n *suggesting) choose(ctx context.Context) ([]state.Suggested, error) {
	for _, same := range []bool{true, false} {
		for _, one := range n.alerts {
			for _, noc := range one.titles() {
				if len(n.out) == related {
					return n.out, nil
				}
				if err := n.take(ctx, one.w, noc, same); err != nil {
					return nil, err
				}
			}
		}
	}
	return n.out, nil
}

// titles are the occupations that an alert looks for; one that asks for none, those that it
// found.
func (o wanted) titles() []string {
	if len(o.w.Asks.Titles) > 0 {
		return o.w.Asks.Titles
	}
	var all []string
	for _, c := range o.cards {
		if len(c.NOC) == 5 && !slices.Contains(all, c.NOC) {
			all = append(all, c.NOC)
		}
	}
	return all
}

func (n *suggesting) take(ctx context.Context, w cache.Watch, noc string, same bool) error {
	q := query.Query{Filters: map[query.Facet][]string{query.NOC: {noc}}, Hide: n.hide, Now: n.now, Sort: query.ByDate, Limit: mostNear, NoFacets: true}
	if !same {
		q.Filters[query.NOC] = neighbours(noc)
	}
	anywhere := len(w.Asks.Places) == 0 || slices.Contains(w.Asks.Places, canadaAll)
	if !anywhere {
		for _, p := range w.Asks.Places {
			q.Filters[query.Province] = append(q.Filters[query.Province], p[max(0, len(p)-2):])
		}
	}
	if len(q.Filters[query.NOC]) == 0 {
		return nil
	}
	r, err := n.a.d.Catalogue.Search(ctx, q)
	if err != nil {
		return err
	}
	cards, err := n.a.readable(ctx, r.IDs, n.hide)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if len(n.out) == related {
			return nil
		}
		if n.told[c.ID] || covered(w.Read, n.st.Root, c) || !covered(w.Marks, n.st.Root, c) || !same && !w.Asks.Near(c.Place) {
			continue
		}
		n.told[c.ID] = true
		n.out = append(n.out, state.Suggested{Card: c, NOC: noc, Same: same})
	}
	return nil
}

// neighbours are the other unit groups of the same minor group.
func neighbours(noc string) (all []string) {
	for _, code := range occupation.UnitGroups() {
		if len(noc) == 5 && code != noc && strings.HasPrefix(code, noc[:4]) {
			all = append(all, code)
		}
	}
	return all
}

// Read: see [state.Alerts].
func (a *Alerts) Read(ctx context.Context, d state.Digest) error {
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	err = h.dev.ChangeWatches(ctx, func(all []cache.Watch) (out []cache.Watch) {
		for _, m := range d.Marks {
			out = append(out, change(all, m.Alert, func(w *cache.Watch) {
				if w.Root == m.Root {
					w.News = slices.DeleteFunc(w.News, func(r int64) bool { return r <= m.Upto })
				}
				w.Read = cache.Marked(w.Read, cache.Mark{Root: m.Root, Scope: m.Scope, Row: max(m.Last, row(w.Read, m.Root, m.Scope))})
			})...)
		}
		return out
	})
	if err == nil {
		a.news.Tell()
	}
	return err
}

// Count: see [state.Alerts].
func (a *Alerts) Count(ctx context.Context, asks query.Alert) (int, error) {
	h, err := a.here(ctx)
	if err != nil {
		return 0, err
	}
	hide, err := h.dev.Hides(ctx)
	if err != nil {
		return 0, err
	}
	st, err := a.d.Catalogue.State(ctx)
	if errors.Is(err, catalogue.ErrNone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	q := query.Query{Lang: asks.Lang, Hide: hide, Now: a.d.Now(), NoFacets: true, Limit: max(1, st.Count), Filters: map[query.Facet][]string{}}
	if len(asks.Titles) > 0 {
		q.Filters[query.NOC] = asks.Titles
	}
	words := asks.Keywords
	if len(words) == 0 {
		words = []string{""}
	}
	found := map[int64]bool{}
	for _, k := range words {
		if q.Words = ""; k != "" {
			q.Words = k + " " // whole: its last word does not go on
		}
		r, err := a.d.Catalogue.Search(ctx, q)
		if err != nil {
			return 0, err
		}
		if len(asks.Places) == 0 && len(words) == 1 {
			return r.Total, nil
		}
		for _, id := range r.IDs {
			found[id] = true
		}
	}
	if len(asks.Places) == 0 {
		return len(found), nil
	}
	ids := make([]int64, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	n := 0
	for part := range slices.Chunk(ids, 1000) { // the newest question may have come meanwhile
		cards, err := a.d.Catalogue.Cards(ctx, part)
		if err != nil {
			return 0, err
		}
		for _, c := range cards {
			if asks.Near(c.Place) {
				n++
			}
		}
	}
	return n, nil
}
