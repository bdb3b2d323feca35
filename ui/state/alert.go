package state

import (
	"context"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// Alerts are the alerts of whoever is at the desk: those by e-mail, and those of this
// computer alone. What is new for each, of both kinds, is found here after every sync
// or bundle, without a network. All but Watch is slow.
type Alerts interface {
	// List gives all, in the order in which they were made.
	List(ctx context.Context) ([]Alert, error)
	// Put keeps an alert and says which it is by now; one without an ID is begun. With an
	// address it is one by e-mail: of whoever is signed in a record of their account, of
	// anybody else a request that waits for a network; the caller then gives
	// it a chance to leave (Options.Queued). bad is what has to be mended before anything is
	// kept. A request that has left cannot be changed here: the links of its letters do that
	// (ErrAlertLeft).
	Put(ctx context.Context, a Alert) (id string, bad []account.Problem, err error)
	// Remove ends an alert; by e-mail nothing more is sent once the server has heard of it.
	// A request that has left is only forgotten here: its letters have their own button.
	// undo brings it back as it was; one of an account whose end the server has heard of
	// meanwhile is asked for again, and has to be confirmed anew.
	Remove(ctx context.Context, id string) (undo func(context.Context) error, err error)
	// Pause stops an alert for a while, or has it go on from what is new then. One that was
	// asked for without an account is paused by the links of its letters (ErrAlertLeft).
	Pause(ctx context.Context, id string, paused bool) error
	// Subscribe asks for the letter of an alert of an account again, after it ended or was
	// refused; of a request that was refused, sends it again.
	Subscribe(ctx context.Context, id string) error
	// Digest is what is new for an alert since it was last read, with suggestions; of all
	// that are not paused for id "".
	Digest(ctx context.Context, id string) (Digest, error)
	// Read marks a digest read, as it was shown: what came meanwhile stays new.
	Read(ctx context.Context, d Digest) error
	// Count is how many postings an alert would find today.
	Count(ctx context.Context, q query.Alert) (int, error)
	// Watch calls f, from anywhere, whenever one of the alerts has something new.
	Watch(f func()) (stop func())
}

// Alert is one, with what its owner is told of it.
type Alert struct {
	ID       string // "": not kept yet
	Name     string
	Email    string    // "": on this computer only
	Lang     i18n.Lang // of its letters, and whose titles widen its keywords
	Titles   []string  // unit groups, five digits
	Places   []string  // "Rimouski, QC", "QC" or "CA"
	Keywords []string
	Zone     string // IANA, of the morning and the evening of its letters; "": that of the deployment

	Kind    AlertKind
	State   AlertState
	Problem []account.Problem // why it was refused, by field
	Refused account.Code      // why it was refused as a whole; "": it was not

	Checked time.Time // last look: of the server for letters, of this computer else; zero: never
	Found   int       // at that look
	Sent    time.Time // last letter; zero: none, or not known here
	Facts   bool      // the server says the three above; false for a request, which it tells nothing of
	Looked  time.Time // when this computer looked last; zero: never
	New     int       // found here, and not read
}

// Query is what it asks.
func (a Alert) Query() query.Alert {
	return query.Alert{Titles: a.Titles, Places: a.Places, Keywords: a.Keywords, Lang: a.Lang}
}

// Alerted shows a notice of the system when the alerts of this computer found something
// . It says how many postings, and nothing of what is looked for: whoever is near the
// screen reads it, too. A desk that was locked meanwhile shows nothing.
func (s *State) Alerted(postings int) {
	if show := s.o.Notify; show != nil && postings > 0 && !s.Present.Locked() {
		title, text := s.words.S(i18n.NavAlerts), s.words.N(i18n.AlertsNotice, postings)
		s.o.Exec.Go(func() { show(title, text) }, func() {})
	}
}

// ErrAlertLeft: a request without an account has left; the links of its letters change it.
var ErrAlertLeft = errors.New("the request for alerts has left")

// AlertKind says where an alert lives.
type AlertKind string

// The kinds of alerts.
const (
	AlertHere    AlertKind = "here"    // this computer only
	AlertRequest AlertKind = "request" // by e-mail, without an account
	AlertRecord  AlertKind = "record"  // by e-mail, of an account
)

// AlertState is how an alert stands.
type AlertState string

// The states of an alert.
const (
	AlertOn      AlertState = "active"
	AlertPaused  AlertState = "paused"
	AlertQueued  AlertState = "queued"       // has not reached the server
	AlertPending AlertState = "pending"      // the link of its letter has not been followed, as far as is known here
	AlertRefused AlertState = "refused"      // Problem or Refused says why; Put mends it
	AlertEnded   AlertState = "unsubscribed" // Subscribe begins it again
)

// Digest is what is new since the last one, as the letters tell it: what the alerts
// ask for, then suggestions, which never stand alone and repeat nothing.
type Digest struct {
	Alert string // its ID; "": of all
	At    time.Time
	News  []AlertNews
	Also  []Suggested
	Marks []AlertMark // how far it goes, for Read
}

// AlertMark says how far a digest goes for an alert.
type AlertMark struct {
	Alert, Root, Scope string
	Upto, Last         int64 // rows: of what is new, and of what suggestions were chosen among
}

// Count is how many postings it has, each once.
func (d Digest) Count() int {
	seen := map[int64]bool{}
	for _, n := range d.News {
		for _, c := range n.Cards {
			seen[c.ID] = true
		}
	}
	n := len(seen)
	for _, x := range d.News {
		n += x.Total - len(x.Cards)
	}
	return n
}

// AlertNews is what is new for one alert, the newest first.
type AlertNews struct {
	Alert Alert
	Cards []posting.Card // not all of them, where there are very many
	Total int            // of them
}

// Suggested is a posting that no alert asked for, with the reason.
type Suggested struct {
	Card posting.Card
	NOC  string // the occupation that was looked for
	Same bool   // it is of that occupation, found elsewhere or with other words; false: of one close to it
}
