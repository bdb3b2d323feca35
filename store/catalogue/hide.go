package catalogue

import (
	"math/bits"

	"passerelle/store/query"
)

// veil is what a person has hidden, as rows of one frame: bits by page. Most pages have none.
type veil struct {
	hide  *query.Hide
	frame *frame
	pages map[uint32]*hiddenRows
}

type hiddenRows [pageRows / 64]uint64

func (r *hiddenRows) holds(i int) bool { return r[i>>6]&(1<<(i&63)) != 0 }

// without takes what is hidden out of a list of rows, in place.
func (r *hiddenRows) without(rows []uint16) []uint16 {
	kept := rows[:0]
	for _, i := range rows {
		if !r.holds(int(i)) {
			kept = append(kept, i)
		}
	}
	return kept
}

// hidden gives the rows that are hidden; nil: none. What was found last is kept: a person
// searches many times between two things that they hide.
func (f *file) hidden(fr *frame, h *query.Hide) map[uint32]*hiddenRows {
	if h == nil {
		return nil
	}
	if v := f.veil.Load(); v != nil && v.hide == h && v.frame == fr {
		return v.pages
	}
	v := &veil{h, fr, fr.hide(h)}
	f.veil.Store(v)
	return v.pages
}

func (f *frame) hide(h *query.Hide) map[uint32]*hiddenRows {
	bosses := make([]bool, max(1, len(f.staff.names)))
	for i, name := range f.staff.names {
		bosses[i] = h.Employer(name)
	}
	pages := map[uint32]*hiddenRows{}
	for _, n := range f.order {
		p := f.pages[n]
		var found hiddenRows
		some := false
		for w, word := range p.has {
			for ; word != 0; word &= word - 1 {
				i := w<<6 + bits.TrailingZeros64(word)
				if bosses[p.employer[i]] || h.Posting(int64(n<<pageBits|uint32(i)), p.number[i]) {
					found[w] |= 1 << (i & 63)
					some = true
				}
			}
		}
		if some {
			pages[n] = &found
		}
	}
	return pages
}
