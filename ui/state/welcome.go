package state

import (
	"passerelle/i18n"
	"passerelle/store/cache"
)

// Welcome is the active offer of the first start: both languages at once, one choice, and
// on to the search. It is a person's own setting, so each person of a shared machine chooses.
type Welcome struct {
	s *State

	Known  bool // whether the person has chosen before has been read
	Needed bool

	// Changed tells whoever draws. Nil is fine.
	Changed func()
}

func newWelcome(s *State) *Welcome { return &Welcome{s: s} }

// Load reads whether the language was chosen; then says it on the drawing goroutine.
func (c *Welcome) Load(then func()) {
	var lang string
	c.s.o.Exec.Go(func() {
		if c.s.o.Device != nil {
			lang, _ = c.s.o.Device.Setting(c.s.ctx, cache.Language)
		}
	}, func() {
		c.Known, c.Needed = true, lang == ""
		if then != nil {
			then()
		}
		if c.Changed != nil {
			c.Changed()
		}
	})
}

// Choose takes a language, for good; it can be changed at any time in the settings.
func (c *Welcome) Choose(l i18n.Lang) {
	c.Needed = false
	c.s.SetLang(l)
	if c.Changed != nil {
		c.Changed()
	}
}
