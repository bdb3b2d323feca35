package demo

import "math/bits"

// chance is a stream of numbers that any machine repeats (SplitMix64, written out so
// that no library's next version changes a catalogue). Each posting has its own, so
// the millionth does not depend on how the others were drawn.
type chance uint64

func newChance(seed, id int64) chance {
	c := chance(uint64(seed)*0x9E3779B97F4A7C15 ^ uint64(id)*0xD1B54A32D192ED03)
	c.next() // neighbours differ in few bits: the first draw spreads them
	return c
}

func (c *chance) next() uint64 {
	*c += 0x9E3779B97F4A7C15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// n gives 0 to k−1, each as likely; k is at least 1.
func (c *chance) n(k int) int {
	hi, _ := bits.Mul64(c.next(), uint64(k))
	return int(hi)
}

// in says yes in p cases of a thousand.
func (c *chance) in(p int) bool { return c.n(1000) < p }

// pick gives one of several things, each as likely.
func pick[T any](c *chance, of []T) T { return of[c.n(len(of))] }

// shares draws an index by weight, walking: for short tables.
type shares []int

func (s shares) draw(c *chance) int {
	total := 0
	for _, w := range s {
		total += w
	}
	x := c.n(total)
	for i, w := range s {
		if x < w {
			return i
		}
		x -= w
	}
	return len(s) - 1
}

// dice draws an index by weight in constant time (Walker's alias method, in whole
// numbers so that every machine builds the same table).
type dice struct {
	keep  []uint64 // of total
	other []int32
	total uint64
}

func newDice(weights []int64) dice {
	n := uint64(len(weights))
	var total uint64
	for _, w := range weights {
		total += uint64(w)
	}
	d := dice{keep: make([]uint64, n), other: make([]int32, n), total: total}
	var small, large []int32
	for i, w := range weights {
		d.keep[i] = uint64(w) * n
		if d.keep[i] < total {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		d.other[s] = l
		d.keep[l] -= total - d.keep[s]
		if d.keep[l] < total {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		d.keep[i], d.other[i] = total, i
	}
	return d
}

func (d dice) draw(c *chance) int {
	i := c.n(len(d.keep))
	if hi, _ := bits.Mul64(c.next(), d.total); hi < d.keep[i] {
		return i
	}
	return int(d.other[i])
}

// some gives k different indexes of n, in a drawn order, without memory of its own.
func some(c *chance, n, k int, scratch []int) []int {
	k = min(k, n)
	scratch = scratch[:0]
	for i := n - k; i < n; i++ { // Floyd's way
		j := c.n(i + 1)
		for _, s := range scratch {
			if s == j {
				j = i
				break
			}
		}
		scratch = append(scratch, j)
	}
	return scratch
}
