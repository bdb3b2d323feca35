// Package cache keeps what belongs to one person's device and to no account: settings,
// recent and saved searches, saved postings, the reading list, and the outbox of what
// leaves without an account. Begin with [Open]. It knows no network.
package cache

import (
	"context"
	"errors"
	"time"

	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/sqldb"
)

// ErrNewer: device.db was written by a newer program; it is left as it is.
var ErrNewer = sqldb.ErrNewer

// ErrNotFound: there is no such saved search, posting or item.
var ErrNotFound = errors.New("not found on this device")

// Device is the open file.
type Device struct {
	db *sqldb.DB
	// Aside is where a damaged file was moved when it was opened; "" if it was sound.
	aside string
}

// Open opens device.db, making it if needed. A file of a newer program is refused
// ([ErrNewer]). A damaged one is moved aside and a new one begun: [Device.Aside] tells.
func Open(ctx context.Context, path string) (*Device, error) { panic("not written") }

// Close closes the file.
func (d *Device) Close() error { panic("not written") }

// Aside names the damaged file that was moved aside at Open, "" when there was none.
func (d *Device) Aside() string { return d.aside }

// Names of settings.
const (
	Language   = "language"   // "fr" or "en"; empty until the person has chosen
	Theme      = "theme"      // "light", "dark", "contrast"; empty: as the system
	TextSize   = "textsize"   // per cent, 100 to 200
	Server     = "server"     // base address
	Proxy      = "proxy"      // address; empty: as the system
	CAFile     = "cafile"     // PEM file of a private authority
	Scope      = "scope"      // catalogue scope
	OfferSeen  = "offer.seen" // "1" once the language was offered
	SplitPanel = "split.panel"
	SplitList  = "split.list"
)

// Setting reads a setting, "" when it was never set.
func (d *Device) Setting(ctx context.Context, key string) (string, error) { panic("not written") }

// SetSetting writes a setting; "" forgets it.
func (d *Device) SetSetting(ctx context.Context, key, value string) error { panic("not written") }

// Search is a search that was made, or saved.
type Search struct {
	ID    int64
	Label string // as the person reads it
	Query query.Query
	At    time.Time
}

// Recent gives the newest n searches made.
func (d *Device) Recent(ctx context.Context, n int) ([]Search, error) { panic("not written") }

// AddRecent remembers a search; made again it moves to the front. The last 20 are kept.
func (d *Device) AddRecent(ctx context.Context, label string, q query.Query, now time.Time) error {
	panic("not written")
}

// ClearRecent forgets every search made.
func (d *Device) ClearRecent(ctx context.Context) error { panic("not written") }

// SaveSearch keeps a search until it is removed.
func (d *Device) SaveSearch(ctx context.Context, label string, q query.Query, now time.Time) (int64, error) {
	panic("not written")
}

// RenameSearch gives a saved search another label.
func (d *Device) RenameSearch(ctx context.Context, id int64, label string) error { panic("not written") }

// RemoveSearch forgets a saved search.
func (d *Device) RemoveSearch(ctx context.Context, id int64) error { panic("not written") }

// SavedSearches lists saved searches, newest first.
func (d *Device) SavedSearches(ctx context.Context) ([]Search, error) { panic("not written") }

// SavedPosting is a posting kept whole, so that it can be read when the catalogue has
// forgotten it. Its contacts are masked once it has ended.
type SavedPosting struct {
	posting.Posting
	At      time.Time
	Expired bool
}

// Save keeps a posting; kept already, it is renewed.
func (d *Device) Save(ctx context.Context, p posting.Posting, now time.Time) error {
	panic("not written")
}

// Unsave forgets a kept posting.
func (d *Device) Unsave(ctx context.Context, id int64) error { panic("not written") }

// IsSaved says whether a posting is kept.
func (d *Device) IsSaved(ctx context.Context, id int64) (bool, error) { panic("not written") }

// Saved lists kept postings, newest kept first, as they may be seen at now.
func (d *Device) Saved(ctx context.Context, now time.Time) ([]SavedPosting, error) {
	panic("not written")
}

// Link is a link to open when there is a network again.
type Link struct {
	URL    string
	Number int64 // posting it came from; 0: none
	At     time.Time
}

// Later puts a link on the reading list.
func (d *Device) Later(ctx context.Context, url string, number int64, now time.Time) error {
	panic("not written")
}

// LaterList lists the reading list, oldest first.
func (d *Device) LaterList(ctx context.Context) ([]Link, error) { panic("not written") }

// LaterDone takes a link off the list.
func (d *Device) LaterDone(ctx context.Context, url string) error { panic("not written") }

// State is where an item of the outbox stands. Accepted and Rejected are the end.
type State string

// The states of an item.
const (
	Queued   State = "queued"
	Sending  State = "sending"
	Accepted State = "accepted"
	Rejected State = "rejected"
)

// Kinds of items.
const KindReport = "report" // body: CBOR of wire.Report

// Item is something that waits to leave, or has left.
type Item struct {
	Key      string // idempotency key: a retry is the same item to the server
	Kind     string
	Body     []byte
	State    State
	Attempts int
	Answer   string // ticket of an accepted item, reason of a rejected one, last error of a queued one
	At       time.Time
	Settled  time.Time
}

// Queue puts an item in the outbox. The same key again is the same item.
func (d *Device) Queue(ctx context.Context, kind, key string, body []byte, now time.Time) error {
	panic("not written")
}

// Pending lists items that have not come to an end, oldest first. Those that were being
// sent when the program stopped are among them: the key makes a second delivery harmless.
func (d *Device) Pending(ctx context.Context) ([]Item, error) { panic("not written") }

// Items lists every item of a kind, newest first; kind "" lists all.
func (d *Device) Items(ctx context.Context, kind string) ([]Item, error) { panic("not written") }

// Send marks an item as being sent and counts the attempt.
func (d *Device) Send(ctx context.Context, key string) error { panic("not written") }

// Settle writes what came of an attempt: Accepted and Rejected end the item, Queued
// leaves it for the next time.
func (d *Device) Settle(ctx context.Context, key string, state State, answer string, now time.Time) error {
	panic("not written")
}

// Cancel takes back an item that has not left yet; one being sent, or ended, is
// refused with [ErrNotFound].
func (d *Device) Cancel(ctx context.Context, key string) error { panic("not written") }
