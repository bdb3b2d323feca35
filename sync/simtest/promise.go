package simtest

import (
	"encoding/json"
	"slices"
	"strings"

	"passerelle/store/cache"
	"passerelle/sync/wire"
)

// mark is a value that somebody wrote, known by being unlike any other. At rest it stands
// where it was written, unless a person who saw it put something else in its place that came
// to stand, or it was shown to its writer as theirs, to choose, and they did not choose it.
type mark struct {
	place     *place // where it was written last
	ref       cache.Ref
	field     string
	stood     bool     // at the server, once
	over      []string // values that took its place under the eyes of somebody
	out       []*taken // of a set, or of a record: removals, likewise
	dismissed bool     // its writer was shown it and let it go
	wiped     bool     // with what was acknowledged: after a restore nobody has it
}

// taken is a removal of a value from a set.
type taken struct {
	place *place
	stood bool
}

// ending is a removal of a record.
type ending struct {
	place     *place
	ref       cache.Ref
	taken     taken
	dismissed bool
}

// values are the values in a field that histories wrote.
func (l *life) values(v json.RawMessage) (all []string) {
	var one string
	if json.Unmarshal(v, &one) == nil {
		all = []string{one}
	} else {
		all = list(v)
	}
	return slices.DeleteFunc(all, func(t string) bool { return l.marks[t] == nil })
}

// inside are those of a conflict's side: of a field, or of all of a record.
func (l *life) inside(field string, v json.RawMessage) (all []string) {
	if field != "" {
		return l.values(v)
	}
	var d map[string]json.RawMessage
	_ = json.Unmarshal(v, &d) // nil: none
	for _, name := range []string{"name", "legal", "contact", "title_fr", "title_en", "duties_fr", "skills"} {
		all = append(all, l.values(d[name])...)
	}
	return all
}

// wrote notes a value that was written where others were seen.
func (p *place) wrote(ref cache.Ref, field, tok string, over []string) {
	p.marks[tok] = &mark{place: p, ref: ref, field: field}
	p.order = append(p.order, tok)
	for _, t := range over {
		p.marks[t].over = append(p.marks[t].over, tok)
	}
}

// removed notes that a value was taken out of a set.
func (p *place) removed(ref cache.Ref, field, tok string) {
	if m := p.marks[tok]; m != nil {
		m.out = append(m.out, &taken{place: p})
	}
}

// ended notes that a record was removed.
func (p *place) ended(r cache.Record) {
	e := &ending{place: p, ref: r.Ref, taken: taken{place: p}}
	p.ends = append(p.ends, e)
	for _, v := range r.Doc {
		for _, t := range p.values(v) {
			p.marks[t].out = append(p.marks[t].out, &e.taken)
		}
	}
}

// cancelled notes that the person took a change back, knowing what is in it.
func (p *place) cancelled(m cache.Mutation) {
	for _, x := range p.out {
		if x.N != m.N && (!m.New || x.Ref != m.Ref || x.N < m.N) {
			continue
		}
		for _, v := range x.Patch {
			for _, t := range p.values(v) {
				if k := p.marks[t]; k.place == p {
					k.dismissed = true
				}
			}
		}
		if x.Delete {
			for _, e := range p.ends {
				if e.place == p && e.ref == x.Ref {
					e.dismissed = true
				}
			}
		}
	}
}

// settled notes what the person chose of a conflict, which showed them mine and theirs.
func (p *place) settled(c cache.Conflict, side cache.Side) {
	mine, theirs := p.inside(c.Field, c.Mine), p.inside(c.Field, c.Theirs)
	if side != cache.Mine {
		for _, t := range mine {
			if !slices.Contains(theirs, t) {
				p.marks[t].dismissed = true
			}
		}
		if c.Field == "" && c.Mine == nil {
			for _, e := range p.ends {
				if e.place == p && e.ref == c.Ref {
					e.dismissed = true
				}
			}
		}
		return
	}
	for _, t := range mine { // written anew
		k := p.marks[t]
		k.place, k.over, k.out, k.dismissed, k.wiped = p, nil, nil, false, false
	}
	gone := &taken{place: p}
	if c.Field == "" && c.Mine == nil {
		e := &ending{place: p, ref: c.Ref, taken: taken{place: p}}
		p.ends = append(p.ends, e)
		gone = &e.taken
	}
	for _, t := range theirs {
		if slices.Contains(mine, t) {
			continue
		}
		if c.Field != "" && len(mine) > 0 {
			p.marks[t].over = append(p.marks[t].over, mine...)
		} else {
			p.marks[t].out = append(p.marks[t].out, gone)
		}
	}
}

// moved notes that what was kept of a removed record is another one now.
func (p *place) moved(c cache.Conflict, to cache.Ref) {
	for _, t := range p.inside("", c.Mine) {
		p.marks[t].ref = to
	}
}

// gone notes that a place loses a partition: what the server has acknowledged goes with it,
// and whole records that the person was shown there to choose. What they wrote in a field and
// the server has not answered, or did not take, may not.
func (p *place) gone(partition string) error {
	open, err := p.recs.Conflicts(p.ctx)
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Partition == partition && c.Field == "" {
			p.settled(c, cache.Theirs)
		}
	}
	for _, e := range p.ends {
		if e.place == p && e.ref.Partition == partition {
			e.dismissed = true // nothing of it is to be seen here, as they wanted
		}
	}
	p.lost[partition] = true
	for _, m := range p.marks {
		if m.place == p && m.ref.Partition == partition && m.stood {
			m.wiped = true
		}
	}
	return nil
}

// stood notes what the server has of a record now.
func (l *life) stood(ref cache.Ref, was, is wire.Change) {
	here := map[string]bool{}
	if !is.Deleted {
		for _, v := range is.Body {
			for _, t := range l.values(v) {
				here[t] = true
				l.marks[t].stood = true
			}
		}
	}
	for _, v := range was.Body {
		for _, t := range l.values(v) {
			if !here[t] {
				for _, o := range l.marks[t].out {
					o.stood = true
				}
			}
		}
	}
	if is.Deleted {
		for _, e := range l.ends {
			if e.ref == ref {
				e.taken.stood = true
			}
		}
	}
}

// restored notes that the server has forgotten; what nobody has any more is lost with that.
func (l *life) restored() {
	for _, t := range l.order {
		if m := l.marks[t]; m.wiped && !l.stands(t) {
			m.dismissed = true
		}
	}
}

func (l *life) stands(tok string) bool {
	m := l.marks[tok]
	is, ok := l.office.stands[m.ref]
	return ok && !is.Deleted && slices.Contains(l.values(is.Body[m.field]), tok)
}

// fine says whether nothing of a value was lost in silence.
func (l *life) fine(tok string, on map[string]bool) bool {
	m := l.marks[tok]
	if m.dismissed || l.stands(tok) || l.replaced(tok, map[string]bool{}) {
		return true
	}
	if on[tok] || m.stood {
		return false
	}
	on[tok] = true
	if len(m.out) > 0 {
		return true // it never left its desk
	}
	return slices.ContainsFunc(m.over, func(t string) bool { return l.fine(t, on) })
}

// replaced says whether what took a value's place came to stand, at once or after more of it.
func (l *life) replaced(tok string, on map[string]bool) bool {
	m := l.marks[tok]
	if on[tok] {
		return false
	}
	on[tok] = true
	return slices.ContainsFunc(m.out, func(o *taken) bool { return o.stood }) ||
		slices.ContainsFunc(m.over, func(t string) bool { return l.marks[t].stood || l.replaced(t, on) })
}

// kept asks after everything that was written (invariant 2).
func (l *life) kept() error {
	for _, tok := range l.order {
		if l.fine(tok, map[string]bool{}) {
			continue
		}
		m := l.marks[tok]
		how := "never stood at the server"
		if m.stood {
			how = "stood at the server"
		}
		if len(m.over) > 0 {
			how += ", was overwritten by " + strings.Join(m.over, ", ")
		}
		return broken("%s, which %s wrote at desk %d in %s of a %s, is lost in silence: it %s (invariant 2)",
			tok, m.place.account, m.place.desk, m.field, m.ref.Kind, how)
	}
	for _, e := range l.ends {
		if is, ok := l.office.stands[e.ref]; ok && !is.Deleted && !e.dismissed {
			return broken("the %s that %s removed at desk %d is there again in silence (invariant 2)", e.ref.Kind, e.place.account, e.place.desk)
		}
	}
	return nil
}
