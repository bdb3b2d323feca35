package state

import (
	"net/url"
	"strings"

	"passerelle/i18n"
)

// Leave is the confirmation that stands before every address outside the program
// . Nothing else opens one.
type Leave struct {
	s      *State
	URL    string
	Number int64 // of the posting it belongs to; 0: none
	Host   string
	Name   string // what is on the other side, in words
	Kept   bool   // it was put on the reading list
	Copied bool
	Err    error
}

// Leaving prepares the confirmation for an address.
func (s *State) Leaving(address, name string, number int64) *Leave {
	l := &Leave{s: s, URL: address, Name: name, Number: number, Host: address}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		l.Host = strings.ToLower(u.Hostname())
	}
	return l
}

// Safe says whether the address is one that a browser should open: the web, nothing else.
func (l *Leave) Safe() bool {
	u, err := url.Parse(l.URL)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Encrypted says whether what is typed there cannot be read on the way.
func (l *Leave) Encrypted() bool { return strings.HasPrefix(strings.ToLower(l.URL), "https:") }

// Online says whether the address can be reached now.
func (l *Leave) Online() bool { return l.s.Status.Online }

// Question is what the person is asked.
func (l *Leave) Question() string {
	w := l.s.words
	if !l.Online() {
		return w.S(i18n.LeaveOffline, "Host", l.Host)
	}
	return w.S(i18n.LeaveQuestion, "Host", l.Host)
}

// Open opens the address in the person's browser, after they said so; done is called on
// the drawing goroutine.
func (l *Leave) Open(done func(error)) {
	if !l.Safe() || l.s.o.Opener == nil {
		done(ErrNoOpener)
		return
	}
	var err error
	l.s.o.Exec.Go(func() { err = l.s.o.Opener(l.URL) }, func() { l.Err = err; done(err) })
}

// Later puts the address on the reading list.
func (l *Leave) Later(done func(error)) {
	var err error
	now, d := l.s.Now(), l.s.o.Device
	l.s.o.Exec.Go(func() { err = d.Later(l.s.ctx, l.URL, l.Number, now) }, func() {
		l.Kept, l.Err = err == nil, err
		done(err)
	})
}

// Copy puts the address on the clipboard.
func (l *Leave) Copy() {
	l.s.Copy(l.URL)
	l.Copied = true
}
