package state

import (
	"passerelle/i18n"
	"passerelle/sync/session"
)

// People are those who signed in on this computer. A shared one lists nobody.
type People struct {
	s *State

	List   []session.Person
	Loaded bool
	Err    error

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen   int
	waits []func()
}

func newPeople(s *State) *People { return &People{s: s} }

func (p *People) tell() {
	if p.Changed != nil {
		p.Changed()
	}
}

// Load reads who is known here.
func (p *People) Load() {
	if p.s.o.Accounts == nil {
		p.Loaded = true
		return
	}
	p.gen++
	gen := p.gen
	var all []session.Person
	var err error
	p.s.o.Exec.Go(func() { all, err = p.s.o.Accounts.People(p.s.ctx) }, func() {
		if gen != p.gen {
			return
		}
		p.Loaded, p.Err, p.List = true, err, all
		if p.s.Present.Shared {
			p.List = nil
		}
		p.tell()
		waits := p.waits
		p.waits = nil
		for _, then := range waits {
			then()
		}
	})
}

// Known calls then once it has been read who is known here.
func (p *People) Known(then func()) {
	if p.Loaded {
		then()
		return
	}
	p.waits = append(p.waits, then)
	p.Load()
}

// Others are those known here who are not at the desk.
func (p *People) Others() (others []session.Person) {
	for _, x := range p.List {
		if p.s.Present.Mode == session.Nobody || x.ID != p.s.Present.Person.ID {
			others = append(others, x)
		}
	}
	return others
}

// Line is what is said of a person under their name: the address in short and when they
// were last here.
func (p *People) Line(x session.Person) string {
	w := p.s.words
	seen := ""
	if !x.Seen.IsZero() {
		seen = w.S(i18n.PeopleSeen, "Date", w.Date(x.Seen.In(p.s.o.Zone)))
	}
	return join(x.Email, seen)
}

// How says by what a person's records are unlocked here.
func (p *People) How(x session.Person) string {
	if x.Passphrase {
		return p.s.words.S(i18n.PeoplePassphrase)
	}
	return p.s.words.S(i18n.PeopleKeyring)
}
