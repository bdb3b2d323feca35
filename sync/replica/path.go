package replica

import (
	"context"
	"slices"

	"passerelle/store/catalogue"
	"passerelle/sync/wire"
)

// work is a plan with everything that is needed to carry it out.
type work struct {
	Plan
	f      found
	from   catalogue.State
	to     catalogue.State
	same   bool            // the catalogue is there already, but for its dates
	base   []wire.Segment  // to be built from, when Bootstrap
	deltas []wire.Delta    // to be applied, oldest first
	copies map[string]bool // base segments that the catalogue in use started from
	// history: it is of the same epoch, so that the rows of its segments, as they are now,
	// and the deltas since the base make the rows wanted. Otherwise only those that are
	// still as they came serve.
	history bool
}

// work finds the path with the fewest bytes. reuse false: nothing of the catalogue in use is
// believed.
func (r *Replica) work(ctx context.Context, f found, reuse bool) (work, error) {
	st, err := r.state(ctx)
	if err != nil {
		return work{}, err
	}
	w := work{f: f, from: st}
	w.to = catalogue.State{
		Origin: r.t.Origin(), Root: r.trust.Pin, Scope: f.Scope, Epoch: f.Epoch, Seq: f.Seq,
		Created: f.Created, Checked: r.o.Now(), Digest: f.Digest, Count: f.Count, Demo: f.Demo,
		Bases: st.Bases, Packs: map[string]string{},
	}
	for _, p := range f.Packs {
		w.to.Packs[p.Name] = p.Version
	}
	w.Plan = Plan{Count: f.Count, Created: f.Created, Root: r.trust.Pin, Pinned: f.pinned, Demo: f.Demo, Expired: f.expired}

	ours := reuse && st.Root == r.trust.Pin // rows of one publisher
	w.history = ours && st.Epoch == f.Epoch
	step := w.history && st.Scope == f.Scope && st.Seq >= f.Since && st.Seq <= f.Seq
	w.copies = map[string]bool{}
	if ours {
		for _, b := range st.Bases {
			w.copies[b] = true
		}
	}
	var whole []object
	for _, s := range f.Base {
		if !w.copies[s.Hash.String()] {
			whole = append(whole, object{s.Hash, s.Size})
		}
	}
	after := chain(f.Deltas, f.BaseSeq, f.Seq)
	whole = append(whole, r.objects(f.Head, after)...)
	if step {
		w.deltas = chain(f.Deltas, st.Seq, f.Seq)
		steps := r.objects(f.Head, w.deltas)
		if r.bytes(steps) <= r.bytes(whole) && !(len(w.deltas) == 0 && st.Digest != f.Digest) {
			w.Bytes = r.bytes(steps)
			for _, d := range w.deltas {
				w.Rows += d.Rows
			}
			packs := r.packBytes(f.Head)
			w.same = len(w.deltas) == 0
			w.Nothing = w.same && packs == 0 && st.Indexed >= st.Count
			w.Bytes += packs
			return w, nil
		}
	}
	w.Bootstrap, w.base, w.deltas = true, slices.Clone(f.Base), after
	w.Bytes = r.bytes(whole) + r.packBytes(f.Head)
	w.to.Bases = nil
	for _, s := range w.base {
		w.to.Bases = append(w.to.Bases, s.Hash.String())
	}
	for _, s := range w.base {
		if s.Layer == wire.Cards {
			w.Rows += s.Rows
		}
	}
	// Cards before details, and both of one range together.
	slices.SortStableFunc(w.base, func(a, b wire.Segment) int {
		switch {
		case a.First != b.First:
			return int(min(max(a.First-b.First, -1), 1))
		case a.Layer != b.Layer:
			return int(a.Layer) - int(b.Layer)
		}
		return 0
	})
	return w, nil
}

// objects are the files of some deltas, their dictionaries among them.
func (r *Replica) objects(h wire.Head, ds []wire.Delta) []object {
	var all []object
	for _, d := range ds {
		all = append(all, object{d.Hash, d.Size})
	}
	for _, o := range h.Dicts {
		if slices.ContainsFunc(ds, func(d wire.Delta) bool { return d.Dict == o.Hash }) {
			all = append(all, object{o.Hash, o.Size})
		}
	}
	return all
}

func (r *Replica) bytes(all []object) (n int64) {
	for _, o := range all {
		n += r.missing(o)
	}
	return n
}

func (r *Replica) packBytes(h wire.Head) (n int64) {
	for _, k := range h.Packs {
		if _, err := readPack(r.o.Dir, k.Hash.String()); err != nil {
			n += r.missing(object{k.Hash, k.Size})
		}
	}
	return n
}

// chain is the cheapest run of deltas from one position to another. Where none covers a
// position, nothing changed until the next begins (wire.Head).
func chain(all []wire.Delta, from, to int64) []wire.Delta {
	type way struct {
		cost int64
		path []wire.Delta
	}
	ds := slices.Clone(all)
	slices.SortFunc(ds, func(a, b wire.Delta) int { return int(min(max(a.From-b.From, -1), 1)) })
	open := map[int64]way{from: {}} // by position
	for len(open) > 0 {
		at := to
		for p := range open {
			at = min(at, p)
		}
		w := open[at]
		delete(open, at)
		if at >= to {
			return w.path
		}
		covered, next := false, to
		for _, d := range ds {
			switch {
			case d.To <= at:
			case d.From <= at:
				covered = true
				c := w.cost + d.Size
				if o, ok := open[d.To]; !ok || c < o.cost {
					open[d.To] = way{c, append(slices.Clone(w.path), d)}
				}
			default:
				next = min(next, d.From)
			}
		}
		if !covered {
			if o, ok := open[next]; !ok || w.cost < o.cost {
				open[next] = w
			}
		}
	}
	return nil
}
