package state

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"passerelle/sync/wire"
)

const mailboxEvery = 2 * time.Second

// Mailbox is the letters of a demonstration, which go to nobody's real mailbox: so that a
// newcomer can register without a mail server. It looks again while it is open.
type Mailbox struct {
	From string // the screen where a letter is awaited, "" for none
	s    *State

	List   []wire.Letter // newest first
	Open   int64         // id of the letter that is read; 0: the newest
	Loaded bool
	Err    error

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	stop func()
	here bool
	busy bool
}

func newMailbox(s *State) *Mailbox { return &Mailbox{s: s} }

func (m *Mailbox) tell() {
	if m.Changed != nil {
		m.Changed()
	}
}

// Resume is called when the screen is shown.
func (m *Mailbox) Resume() {
	m.here = true
	m.Load()
}

// Pause is called when it is left: what the letters say goes from memory.
func (m *Mailbox) Pause() {
	m.here = false
	if m.stop != nil {
		m.stop()
		m.stop = nil
	}
	m.List, m.Loaded, m.Open = nil, false, 0
}

// Load reads the letters, and again a moment later.
func (m *Mailbox) Load() {
	a := m.s.o.Accounts
	if a == nil || m.busy {
		m.Loaded = a == nil || m.Loaded
		m.tell()
		return
	}
	m.busy = true
	var list []wire.Letter
	var err error
	m.s.o.Exec.Go(func() { list, err = a.Letters(m.s.ctx) }, func() {
		m.busy = false
		if !m.here {
			return
		}
		changed := !m.Loaded || (err == nil) != (m.Err == nil)
		m.Loaded, m.Err = true, err
		if err == nil {
			slices.SortStableFunc(list, func(a, b wire.Letter) int { return int(b.ID - a.ID) })
			if !slices.Equal(m.List, list) {
				m.List, changed = list, true
			}
		}
		if changed {
			m.tell()
		}
		if m.stop == nil {
			m.stop = m.s.o.Exec.After(mailboxEvery, func() {
				m.stop = nil
				m.Load()
			})
		}
	})
}

// Letter is the one that is read.
func (m *Mailbox) Letter() (wire.Letter, bool) {
	for _, l := range m.List {
		if l.ID == m.Open || m.Open == 0 {
			return l, true
		}
	}
	return wire.Letter{}, false
}

// Read opens a letter.
func (m *Mailbox) Read(id int64) {
	m.Open = id
	m.tell()
}

var sixDigits = regexp.MustCompile(`(?m)(?:^|[^0-9])([0-9]{3}[ \x{00a0}]?[0-9]{3})(?:[^0-9]|$)`)

// LetterCode is the code of six digits that a letter holds, "" for none.
func LetterCode(l wire.Letter) string {
	m := sixDigits.FindStringSubmatch(l.Text)
	if m == nil {
		return ""
	}
	return strings.NewReplacer(" ", "", "\u00a0", "").Replace(m[1])
}
