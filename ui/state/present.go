package state

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Present is who is at the desk, told the same way to every screen. Whoever changes that
// (a flow that ended in a session, an unlock, an end of session) calls [Present.Look].
type Present struct {
	s *State
	session.Standing

	Shared bool   // setting: nothing of one person stays for the next
	Busy   bool   // something is under way: unlocking, ending
	Err    error  // of the last act
	Wanted Target // where to go once somebody has signed in (B-014)

	// Moved tells the window that the desk was locked or opened; other: that another person
	// is at it, and that every state of the last one has gone.
	Moved func(other bool)

	whose   string // whose records are open; "": those of nobody in particular
	gen     int
	locking bool     // the window hides everything already; the keys are being dropped
	opening bool     // records are being opened: it is about to change who is shown
	waits   []func() // until they are, or it is known that they will not be
}

func newPresent(s *State) *Present { return &Present{s: s} }

// Start reads how this computer is shared, and who is at it.
func (p *Present) Start() {
	p.s.RecallHere(cache.Shared, func(v string) {
		p.Shared = v == "1"
		if p.Shared && p.whose == "" && p.s.o.Personal != nil {
			p.open(p.Standing, "") // not even what a visitor looks for is kept
			return
		}
		p.Look()
	})
}

// Signed says whether somebody's records are open, whatever the network.
func (p *Present) Signed() bool { return p.Mode == session.Local || p.Mode == session.Online }

// Locked says whether the window hides everything.
func (p *Present) Locked() bool { return p.Mode == session.Locked }

// Look asks who is at the desk. Where that is somebody else than before, their records are
// opened first: the screens never show one person's under another's name.
func (p *Present) Look() {
	if p.s.o.Accounts == nil || p.locking {
		return
	}
	st := p.s.o.Accounts.Standing()
	if st.Mode != session.Nobody && st.Mode != session.Locked {
		if st.Person.ID != p.whose || !p.Signed() {
			p.open(st, st.Person.ID)
			return
		}
	} else if st.Mode == session.Nobody && p.whose != "" {
		p.open(st, "")
		return
	}
	p.gen++ // whatever was being opened is no longer wanted
	p.settle(st, nil, p.whose)
	p.opened()
}

// opened tells those who waited for it.
func (p *Present) opened() {
	p.opening = false
	waits := p.waits
	p.waits = nil
	for _, then := range waits {
		then()
	}
}

func (p *Present) open(st session.Standing, id string) {
	p.gen++
	gen := p.gen
	d, err := p.s.home, error(nil)
	p.opening = true
	p.s.o.Exec.Go(func() {
		if p.s.o.Personal != nil {
			d, err = p.s.o.Personal(p.s.ctx, id)
		}
	}, func() {
		if gen != p.gen {
			return
		}
		if err != nil {
			p.Err = err // it stays as it was: nobody's records are shown for another's
			p.s.Tell()
		} else {
			p.settle(st, d, id)
		}
		p.opened()
	})
}

func (p *Present) settle(st session.Standing, d Device, whose string) {
	was, other := p.Standing, whose != p.whose || d != nil && p.Shared && whose == ""
	p.Standing = st
	if d != nil {
		p.whose, p.Err = whose, nil
		p.s.setPerson(d, other)
	}
	if !other && reflect.DeepEqual(was, st) {
		return
	}
	p.s.Lock.Watch()
	if !other && was.Mode == session.Local && st.Mode == session.Online {
		p.s.SetOnline(true) // the server has just confirmed it
		if p.s.Me.Known && !p.s.Me.Fresh {
			p.s.Me.Load()
		}
	}
	if p.Moved != nil && (other || was.Mode != st.Mode) {
		p.Moved(other)
	}
	p.s.Tell()
	if other || was.Mode == session.Locked {
		p.s.Load()
		p.s.JobAlerts.Load()
	}
}

// setPerson makes the records of another person those of the screens. What the states of
// the last one still had under way ends in objects that nothing shows.
func (s *State) setPerson(d Device, other bool) {
	s.o.Device = d
	if !other {
		return
	}
	s.Search.stopDebounce()
	if s.Search.cancel != nil {
		s.Search.cancel()
	}
	if s.Posting.cancel != nil {
		s.Posting.cancel()
	}
	if s.Settings.stop != nil {
		s.Settings.stop()
	}
	s.Status.Pending = 0
	s.Unwatch()
	s.fresh()
}

// Unlock opens what a person keeps here, by the keyring or by a passphrase, without a
// network; done is told why not.
func (p *Present) Unlock(id, passphrase string, done func(error)) {
	p.act(func(ctx context.Context) error { return p.s.o.Accounts.Unlock(ctx, id, passphrase) }, done)
}

// SignOut ends the session; erase removes all that this computer keeps of the person.
func (p *Present) SignOut(erase bool, done func(error)) {
	erase = erase || p.Shared
	p.act(func(ctx context.Context) error { return p.s.o.Accounts.SignOut(ctx, erase) }, done)
}

// Leave ends the visit of somebody who has no session on a shared computer: what they
// looked for goes.
func (p *Present) Leave() {
	if p.Mode == session.Nobody && p.Shared {
		p.open(p.Standing, "")
	}
}

// MinPassphrase is how long a passphrase must be, in characters.
const MinPassphrase = 12

// CanProtect says whether a passphrase may be chosen here.
func (p *Present) CanProtect() bool {
	_, ok := p.s.o.Accounts.(protector)
	return ok && p.Signed()
}

type protector interface {
	Protect(ctx context.Context, passphrase string) error
}

// Protect chooses the passphrase without which nothing of this person opens here.
func (p *Present) Protect(passphrase string, done func(error)) {
	if a, ok := p.s.o.Accounts.(protector); ok {
		p.act(func(ctx context.Context) error { return a.Protect(ctx, passphrase) }, done)
	}
}

// Forget removes a person who is not at the desk.
func (p *Present) Forget(id string, done func(error)) {
	p.act(func(ctx context.Context) error { return p.s.o.Accounts.Forget(ctx, id) }, done)
}

func (p *Present) act(work func(context.Context) error, done func(error)) {
	if p.s.o.Accounts == nil || p.Busy {
		return
	}
	var err error
	p.Busy, p.Err = true, nil
	p.s.o.Exec.Go(func() { err = work(p.s.ctx) }, func() {
		p.Busy, p.Err = false, err
		p.Look()
		p.s.Tell()
		tell := func() {
			if err != nil {
				p.Err = err // what was opened meanwhile does not mend it
			}
			if done != nil {
				done(err)
			}
		}
		if p.opening { // what is said of it would go with the screens of whoever has left
			p.waits = append(p.waits, tell)
			return
		}
		tell()
	})
}

// LockNow hides everything at once, and has the keys dropped: that closes a file, which
// nobody who draws waits for.
func (p *Present) LockNow() {
	if p.s.o.Accounts == nil || !p.Signed() || p.locking {
		return
	}
	p.locking, p.Busy = true, true // nothing is unlocked before it is locked
	p.gen++
	p.settle(session.Standing{Mode: session.Locked, Person: p.Person}, nil, p.whose)
	p.opened()
	p.s.o.Exec.Go(p.s.o.Accounts.Lock, func() {
		p.locking, p.Busy = false, false
		p.Look()
		p.s.Tell()
	})
}

// SetShared says whether several people use this computer.
func (p *Present) SetShared(on bool) {
	p.Shared = on
	v := ""
	if on {
		v = "1"
	}
	p.s.RememberHere(cache.Shared, v)
	p.s.Lock.Load()
	p.s.Tell()
}

// Name is how the desk calls the person who is at it, "" when a shared computer names nobody.
func (p *Present) Name() string {
	if p.Mode == session.Nobody || p.Locked() && p.Shared {
		return ""
	}
	if p.Person.Name != "" {
		return p.Person.Name
	}
	return p.Person.Email
}

// Chip is what the rail says of who is here.
func (p *Present) Chip() string {
	w := p.s.words
	if n := p.Name(); n != "" {
		return n
	}
	return w.S(i18n.PresentNone)
}

// Line is what the status bar says of the session: that it was unlocked here alone,
// or that it is confirmed; "" when nobody has signed in.
func (p *Present) Line() string {
	w := p.s.words
	switch {
	case p.Mode == session.Local && p.Asks:
		return w.S(i18n.ErrExpired) // whatever the network
	case p.Mode == session.Local:
		return w.S(i18n.PresentLocal)
	case p.Mode == session.Online:
		return w.S(i18n.PresentOnline)
	}
	return ""
}

// Problem says what went wrong with the last act, "" when nothing did.
func (p *Present) Problem() string {
	w := p.s.words
	switch {
	case p.Err == nil && p.Gone && p.Mode == session.Nobody:
		return w.S(i18n.PresentRevoked)
	case p.Err == nil:
		return ""
	case errors.Is(p.Err, session.ErrPassphrase):
		return w.S(i18n.PresentPassphraseWrong)
	case errors.Is(p.Err, session.ErrKeyringLocked):
		return w.S(i18n.PresentKeyringLocked)
	case errors.Is(p.Err, session.ErrNoKeyring):
		return w.S(i18n.PresentKeyringNone)
	case errors.Is(p.Err, session.ErrRevoked):
		return w.S(i18n.PresentRevoked)
	case errors.Is(p.Err, session.ErrSignIn):
		return w.S(i18n.PresentAsks)
	case errors.Is(p.Err, session.ErrUnknown):
		return w.S(i18n.PresentUnknown)
	}
	var no *wire.Refused
	if errors.As(p.Err, &no) {
		return w.S(no.Code.Key())
	}
	t := trouble(w, p.Err)
	return join(t.Title, t.Text)
}

// Target is a place that a link of the program names: a screen, a part of it, and whether
// only somebody who has signed in may see it.
type Target struct {
	Screen, Part string
	Private      bool
}

// places are the screens that a link can name, under the name that links use.
var places = map[string]Target{
	"search":   {Screen: "search"},
	"board":    {Screen: "board"},
	"saved":    {Screen: "saved", Private: true},
	"outbox":   {Screen: "outbox", Private: true},
	"account":  {Screen: "me", Private: true},
	"portal":   {Screen: "portal"},
	"contact":  {Screen: "contact"},
	"sync":     {Screen: "sync"},
	"settings": {Screen: "settings"},
	"sources":  {Screen: "sources"},
	"signin":   {Screen: "signin"},

	"profile":     {Screen: "profile", Private: true},
	"invitations": {Screen: "invitations", Private: true},
}

// Place reads a link such as app://account/devices. Anything else names nothing: a link
// opens a screen and does nothing on it.
func Place(link string) (Target, bool) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "app" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Target{}, false
	}
	at, ok := places[strings.ToLower(u.Host)]
	at.Part = strings.ToLower(strings.Trim(u.Path, "/"))
	plain := strings.Trim(at.Part, "abcdefghijklmnopqrstuvwxyz-") == ""
	return at, ok && plain && len(at.Part) < 40
}
