package state

import (
	"passerelle/i18n"
	"passerelle/store/cache"
)

// Welcome is the active offer of the first start: both languages at once, one choice, and
// on to the search. The choice is kept on the device of one person, so that each
// person of a shared machine chooses.
type Welcome struct{ s *State }

func newWelcome(s *State) *Welcome { return &Welcome{s: s} }

// Needed says, on the drawing goroutine, whether the person has yet to choose.
func (c *Welcome) Needed(then func(bool)) {
	var lang string
	d := c.s.o.Device
	c.s.o.Exec.Go(func() {
		if d != nil {
			lang, _ = d.Setting(c.s.ctx, cache.Language)
		}
	}, func() { then(lang == "") })
}

// Choose keeps a language, also when it is the one that was shown already: the offer is made
// once. It can be changed at any time in the settings. The window then speaks it.
func (c *Welcome) Choose(l i18n.Lang) { c.s.Remember(cache.Language, string(l)) }
