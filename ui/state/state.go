// Package state is what each screen knows and can do, apart from how it is drawn. Begin
// with [New], which holds what all screens share; a screen is one file here, of the same name
// as the file that draws it in ui/screen. States know no Fyne: slow work goes through an
// [Exec], so that a test drives them by hand and the race detector can watch.
//
// Every method of a state is called on one goroutine, the one that draws. Work given to
// Exec.Go runs elsewhere and touches nothing of the state; its result is taken over in
// done, back on that goroutine, and dropped if a newer question was asked meanwhile.
package state

import (
	"context"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Exec runs slow work away from the goroutine that draws.
type Exec interface {
	// Go runs work elsewhere, then done on the drawing goroutine.
	Go(work, done func())
	// After runs f on the drawing goroutine once d has passed, unless cancelled.
	After(d time.Duration, f func()) (cancel func())
}

// Catalogue is what the screens ask of store/catalogue.
type Catalogue interface {
	State(ctx context.Context) (catalogue.State, error)
	Search(ctx context.Context, q query.Query) (query.Result, error)
	Cards(ctx context.Context, ids []int64) ([]posting.Card, error)
	Posting(ctx context.Context, id int64, now time.Time) (posting.Posting, error)
	Similar(ctx context.Context, id int64, n int, now time.Time, hide *query.Hide) ([]catalogue.Likeness, error)
}

// Device is what the screens ask of store/cache.
type Device interface {
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
	Recent(ctx context.Context, n int) ([]cache.Search, error)
	AddRecent(ctx context.Context, label string, q query.Query, now time.Time) error
	Queue(ctx context.Context, kind, key string, body []byte, now time.Time) error
	Pending(ctx context.Context) ([]cache.Item, error)
	Save(ctx context.Context, p posting.Posting, now time.Time) error
	Unsave(ctx context.Context, id int64, now time.Time) error
	IsSaved(ctx context.Context, id int64) (bool, error)
	Later(ctx context.Context, url string, number int64, now time.Time) error
	outgoing
	keeper
	hider
}

// Options are the outside world of the states. Catalogue, Device and Exec must be given.
type Options struct {
	Catalogue Catalogue
	Device    Device
	Exec      Exec
	Desk      Desk                   // brings the catalogue up to date; nil: cannot
	Dir       string                 // of the desk's data
	Now       func() time.Time       // nil: time.Now
	Zone      *time.Location         // the person's; nil: time.Local
	Sources   []posting.Source       // the registry, for names and hosts
	Online    func() bool            // nil: online until told otherwise by SetOnline
	Opener    func(url string) error // opens a browser, a mail program, a file; nil: refuses
	Clip      func(text string)      // puts text on the clipboard; nil: forgets it
	Clipped   func() string          // is what the clipboard holds; nil: secrets that were copied stay there
	Lang      i18n.Lang              // empty: French
	App       string                 // name and version, sent with a report
	// Accounts keeps who is signed in; nil: there are no accounts here.
	Accounts Accounts
	// Personal opens the records that a person keeps on this computer, which Accounts has
	// unlocked, and closes those of whoever was at the desk; id "" closes alone. nil: all
	// share Device.
	Personal func(ctx context.Context, id string) (Device, error)
	// Private are the records that the person's account keeps, MyData what they may do with
	// all that is kept of them, Notes what they write for themselves; nil: not offered here.
	Private Private
	MyData  MyData
	Notes   Notes
	// Mine opens what the person writes for themselves on this computer: résumés, letters,
	// the tracker, reminders, targets; nil: not offered here.
	Mine Mine
	// Matching finds what suits a profile; nil: no matches are shown here.
	Matching Matching
	Alerts   Alerts // of whoever is at the desk; nil: not offered here
	// Notify shows a notice of the system; from anywhere. nil: nothing is shown.
	Notify func(title, text string)
	Pages  string // where pages to print and messages are written; "": the system's temporary directory
	Queued func() // something was put in the outbox: a chance to send it; nil is fine
}

// State is what all screens share: language, catalogue and sync status, settings.
type State struct {
	o       Options
	ctx     context.Context
	words   *i18n.Words
	home    Device // of the computer: its server, its catalogue, how it locks
	sources map[string]posting.Source

	Status  Status
	Search  *Search
	Posting *Posting
	Compare *Compare

	Welcome  *Welcome
	Settings *Settings
	Sync     *Sync
	Outbox   *Outbox
	Saved    *Saved
	Hidden   *Hidden
	Profile  *Profile
	Matches  *Matches
	// What is new for a person, and the ways of being told of it.
	JobAlerts *JobAlerts
	Notified  *Notified
	Board     *Board
	Credits   *Attribution
	// Who wants a person to apply.
	Invitations *Invitations
	// What a person follows of their applications, and what they want to be told.
	Tracker   *Tracker
	Reminders *Reminders
	Conflict  *Conflict

	// Who is at the desk; nil-safe without Options.Accounts: nobody ever is.
	Present *Present
	Lock    *Lock
	People  *People
	Me      *Me
	Contact *Contact
	Data    *Data

	// What a person writes to be read by an employer.
	Resume *Resume
	Letter *Letter

	NewEmail  *NewEmail
	NewFactor *NewFactor

	// How one comes in.
	SignUp  *SignUp
	SignIn  *SignIn
	Invited *SignIn
	Mailbox *Mailbox

	// What opens when a password or a username was forgotten, and the employer portal.
	Recover       *Recover
	Help          *Help
	Portal        *Portal
	Enrol         *Enrol
	PartnerIn     *Partner // into the portal
	PartnerEnrol  *Partner // registers with one
	PartnerChange *Partner // from one to another
	UsernameBack  *UsernameBack
	PasswordBack  *PasswordBack

	watch []func()
}

// Status is what the status bar tells.
type Status struct {
	Catalogue catalogue.State
	None      bool  // there is no catalogue
	Err       error // it could not be read
	Pending   int   // what waits to be sent of this computer: reports, messages
	Online    bool
	Working   string         // a sentence about a running sync; "" when none runs
	Private   replica.Steady // how the records of whoever is here stand beside the server's
}

// New makes the states of all screens. ctx ends their work.
func New(ctx context.Context, o Options) *State {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Lang == "" {
		o.Lang = i18n.French
	}
	s := &State{o: o, ctx: ctx, words: i18n.For(o.Lang), sources: map[string]posting.Source{}}
	for _, src := range o.Sources {
		s.sources[src.ID] = src
	}
	s.Status.Online = o.Online == nil || o.Online()
	s.home = o.Device
	s.Welcome, s.Sync, s.Credits = newWelcome(s), newSync(s), newAttribution(s)
	s.Present, s.Lock, s.Contact = newPresent(s), newLock(s), newContact(s)
	s.fresh()
	if s.o.Queued == nil {
		s.o.Queued = s.Sync.Queued
	}
	return s
}

// fresh makes the states that hold something of one person: what they asked, read, keep,
// send and type. Whatever is added to [State] and is not of the computer belongs here.
func (s *State) fresh() {
	s.Search, s.Posting, s.Compare = newSearch(s), newPosting(s), newCompare(s)
	s.Settings, s.Outbox, s.Saved = newSettings(s), newOutbox(s), newSaved(s)
	s.Hidden = newHidden(s)
	s.Profile = newProfile(s)
	if s.Matches != nil {
		s.Matches.leave()
	}
	s.Matches = newMatches(s)
	if s.JobAlerts != nil {
		s.JobAlerts.leave()
	}
	s.JobAlerts, s.Notified = newJobAlerts(s), newNotified(s)
	s.Board, s.Invitations = newBoard(s), newInvitations(s)
	s.Conflict = newConflict(s)
	if s.Reminders != nil {
		s.Reminders.Stop()
	}
	s.Tracker, s.Reminders = newTracker(s), newReminders(s)
	s.People, s.Me = newPeople(s), newMe(s)
	if s.SignUp != nil {
		s.SignUp.leave()
		s.SignIn.leave()
		s.Invited.leave()
		s.Mailbox.Pause()
	}
	// The one whose end brought this person here has yet to say so; its answer may still be
	// on its way to this goroutine.
	if s.SignUp == nil || !s.SignUp.ending() {
		s.SignUp = newSignUp(s)
	}
	if s.SignIn == nil || !s.SignIn.ending() {
		s.SignIn = newSignIn(s, account.SignIn)
	}
	if s.Invited == nil || !s.Invited.ending() {
		s.Invited = newSignIn(s, account.Invited)
	}
	s.Mailbox = newMailbox(s)
	for _, f := range []*Flow{s.NewEmail.flow(), s.NewFactor.flow()} {
		if f != nil {
			f.Pause()
		}
	}
	s.NewEmail, s.NewFactor = newNewEmail(s), newNewFactor(s)
	if s.Data != nil {
		s.Data.Stop()
	}
	s.Data = newData(s)
	s.Resume, s.Letter = newResume(s), newLetter(s)
	s.freshPortal()
}

// Accounts says whether there can be accounts here.
func (s *State) Accounts() bool { return s.o.Accounts != nil }

// Words speak the person's language.
func (s *State) Words() *i18n.Words { return s.words }

// Lang is the person's language.
func (s *State) Lang() i18n.Lang { return s.words.Lang() }

// SetLang changes the language at once and remembers it; whoever draws must draw again.
func (s *State) SetLang(l i18n.Lang) {
	s.words = i18n.For(l)
	s.Remember(cache.Language, string(l))
	s.Search.langChanged()
	s.Posting.langChanged()
	s.relabel()
	s.JobAlerts.relabel()
}

// Now is the moment, in the person's zone.
func (s *State) Now() time.Time { return s.o.Now().In(s.o.Zone) }

// Exec is where slow work goes.
func (s *State) Exec() Exec { return s.o.Exec }

// Context ends with the program.
func (s *State) Context() context.Context { return s.ctx }

// Device is what is kept on this computer.
func (s *State) Device() Device { return s.o.Device }

// Catalogue is where postings are found.
func (s *State) Catalogue() Catalogue { return s.o.Catalogue }

// Source is an entry of the registry; an unknown one carries its id as its name.
func (s *State) Source(id string) posting.Source {
	if src, ok := s.sources[id]; ok {
		return src
	}
	return posting.Source{ID: id, Name: posting.Both{FR: id, EN: id}}
}

// SetSources replaces the registry (it comes with the catalogue).
func (s *State) SetSources(all []posting.Source) {
	for _, src := range all {
		s.sources[src.ID] = src
	}
	s.Tell()
}

// SetOnline tells that the network came or went.
func (s *State) SetOnline(on bool) {
	if s.Status.Online != on {
		s.Status.Online = on
		if on && s.o.Private != nil && errors.Is(s.o.Private.Status().Err, wire.ErrOffline) {
			s.o.Private.Kick(replica.Reconnected)
		}
		s.Tell()
	}
}

// PrivateMoved is told that the records of whoever is here, or how they stand beside the
// server's, have changed.
func (s *State) PrivateMoved() {
	if s.o.Private == nil {
		return
	}
	was, now := s.Status.Private, s.o.Private.Status()
	s.Status.Private = now
	switch {
	case errors.Is(now.Err, wire.ErrOffline):
		s.SetOnline(false)
	case now.Err == nil && now.Last.After(was.Last):
		s.SetOnline(true)
	}
	if !now.Working && !sameStanding(was, now) { // when it is tried again, and how hints come, changes no record
		s.recordsMoved()
	}
	s.Tell()
}

// PrivateLine is what the status bar says when the records of whoever is here are not in step
// with the server's, and why that is more than a network that is away: a service that is
// stopped (B-018), a refusal. "" when nothing is wrong.
func (s *State) PrivateLine() string {
	now := s.steady()
	switch {
	case now.Err == nil, errors.Is(now.Err, wire.ErrOffline), errors.Is(now.Err, replica.ErrSignIn), errors.Is(now.Err, replica.ErrNoServer),
		errors.Is(now.Err, replica.ErrSwitched), errors.Is(now.Err, replica.ErrByHand):
		return "" // another line says so, or nothing is wrong
	case errors.Is(now.Err, wire.ErrDown) && !now.Next.IsZero():
		return s.words.S(i18n.StatusDown, "Time", s.words.Clock(now.Next.In(s.o.Zone)))
	}
	return s.words.S(i18n.StatusUnsynced)
}

// SetWorking tells what a running sync does, in a sentence; "" when none runs.
func (s *State) SetWorking(sentence string) {
	if s.Status.Working != sentence {
		s.Status.Working = sentence
		s.Tell()
	}
}

// Watch calls f whenever what all screens share has changed. The screens are few and
// live as long as the window, so nothing is ever unwatched; a rebuilt window calls
// [State.Unwatch] first.
func (s *State) Watch(f func()) { s.watch = append(s.watch, f) }

// Unwatch forgets all watchers.
func (s *State) Unwatch() {
	s.watch = nil
	s.Matches.Changed, s.Matches.Rows = nil, nil
	s.Search.Changed, s.Posting.Changed = nil, nil
	s.Settings.Changed, s.Sync.Changed, s.Compare.Changed = nil, nil, nil
	s.Outbox.Changed, s.Saved.Changed, s.Credits.Changed = nil, nil, nil
	s.Hidden.Changed, s.Profile.Changed, s.JobAlerts.Changed = nil, nil, nil
	s.Invitations.Changed = nil
	s.Conflict.Changed, s.Tracker.Changed = nil, nil
	s.People.Changed, s.Me.Changed, s.Contact.Changed, s.Data.Changed = nil, nil, nil, nil
	s.SignUp.Changed, s.SignIn.Changed, s.Invited.Changed, s.Mailbox.Changed = nil, nil, nil, nil
	s.Resume.Changed, s.Resume.Typed, s.Letter.Changed, s.Letter.Typed = nil, nil, nil, nil
	s.quietPortal()
}

// Tell calls the watchers.
func (s *State) Tell() {
	for _, f := range s.watch {
		f()
	}
}

// Load reads the status of the catalogue and of the outbox; call it at the start and
// after a sync.
func (s *State) Load() {
	var st catalogue.State
	var err error
	pending, d := 0, s.o.Device
	s.o.Exec.Go(func() {
		st, err = s.o.Catalogue.State(s.ctx)
		if d != nil {
			items, _ := d.Pending(s.ctx)
			pending = len(items)
		}
	}, func() {
		if d != s.o.Device {
			return // another person is at the desk: their own count is on its way
		}
		s.Status.Catalogue, s.Status.Err = st, err
		s.Status.None = isNone(err)
		if s.Status.None {
			s.Status.Err = nil
		}
		s.Status.Pending = pending
		s.Tell()
	})
	s.Tracker.Load()
	s.Reminders.Load()
	s.Invitations.Load()
}

// CatalogueChanged tells that a sync brought another catalogue: the status and the
// search are read again, the selection kept.
func (s *State) CatalogueChanged() {
	s.Load()
	s.Search.Refresh()
	s.Matches.catalogueMoved()
	if s.Compare.Loaded {
		s.Compare.Load()
	}
	if s.Saved.Loaded {
		s.Saved.Load() // words of what was saved on another computer may have come
	}
}

// Remember keeps a setting on this computer.
func (s *State) Remember(key, value string) {
	if s.o.Device == nil {
		return
	}
	d := s.o.Device
	s.o.Exec.Go(func() { _ = d.SetSetting(s.ctx, key, value) }, func() {})
}

// RememberHere keeps a setting of the computer, whoever is at it.
func (s *State) RememberHere(key, value string) {
	if d := s.home; d != nil {
		s.o.Exec.Go(func() { _ = d.SetSetting(s.ctx, key, value) }, func() {
			if s.o.Private != nil {
				s.o.Private.Kick(replica.Started) // it may say whether, and of whom, a server is asked
			}
		})
	}
}

// RecallHere reads a setting of the computer and hands it over on the drawing goroutine,
// "" when it was never made.
func (s *State) RecallHere(key string, f func(value string)) {
	var v string
	d := s.home
	s.o.Exec.Go(func() {
		if d != nil {
			v, _ = d.Setting(s.ctx, key)
		}
	}, func() { f(v) })
}

// Recall reads a setting and hands it over on the drawing goroutine.
func (s *State) Recall(key string, f func(value string)) {
	if s.o.Device == nil {
		return
	}
	var v string
	d := s.o.Device
	s.o.Exec.Go(func() { v, _ = d.Setting(s.ctx, key) }, func() {
		if v != "" && d == s.o.Device {
			f(v)
		}
	})
}

// Copy puts text on the clipboard.
func (s *State) Copy(text string) {
	if s.o.Clip != nil {
		s.o.Clip(text)
	}
}

// Pages is where pages to print and messages to send are written; "" is the system's
// temporary directory.
func (s *State) Pages() string { return s.o.Pages }
