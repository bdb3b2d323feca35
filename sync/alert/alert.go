// Package alert is the server's half of alerts by e-mail: who asked for them, the link that
// begins them, the morning and evening rounds, the letters, and how all of it is changed and
// ended. Begin with [New]. Nobody needs an account, and no answer says who is
// subscribed. It knows no HTTP and reads no clock.
package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Options of alerts; Ledger, Keys and Base are needed, the zero value of the others is right.
type Options struct {
	Ledger    *ledger.Ledger
	Keys      *secret.Keys
	Base      string          // public address of the server, for links in letters
	Zone      string          // of those who say none; "": America/Toronto
	Retention ledger.Schedule // nil: the house's
	Rand      io.Reader       // nil: crypto/rand
	Log       *slog.Logger    // nil: none
}

// Records are the private records of accounts, of which some are alerts: a *hub.Records.
type Records interface {
	// Tell changes a record, or leaves it when edit says so, in the transaction of what it
	// tells. One that is gone is no error.
	Tell(ctx context.Context, t *ledger.Tx, part, doc string, now time.Time, edit func(record.Doc) bool) error
	// Each hands over the records of a kind in a partition.
	Each(ctx context.Context, t *ledger.Tx, part, kind string, yield func(record.Doc)) error
}

// ErrLink is a link that leads nowhere, or nowhere any more.
var ErrLink = errors.New("no such alert, or it has ended")

// Most of an address: further requests are answered like all, and nothing is sent.
const (
	mostOf    = 20 // alerts that have not ended
	mostToday = 5  // letters that ask for a confirmation, in 24 hours
)

// Alerts are the alerts of a ledger.
type Alerts struct {
	o       Options
	records Records // nil: there are none
}

// New opens the alerts of a ledger.
func New(o Options) (*Alerts, error) {
	if o.Ledger == nil || o.Keys == nil || o.Base == "" {
		return nil, errors.New("alerts want a ledger, keys and the public address")
	}
	if o.Zone == "" {
		o.Zone = "America/Toronto"
	}
	if _, err := zone(o.Zone); err != nil {
		return nil, err
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Base = strings.TrimRight(o.Base, "/")
	return &Alerts{o: o}, nil
}

// Join tells alerts of the private records that are alerts, before anything else is done:
// each follows the other.
func (a *Alerts) Join(r Records) { a.records = r }

// zone reads an IANA zone: a name that only this machine knows is none.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 60 {
		return nil, fmt.Errorf("time zone %q: %w", name, errZone)
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, errZone)
	}
	return at, nil
}

var errZone = errors.New("no such time zone")

// person is who a subscriber is, sealed.
type person struct {
	Email string `json:"email"`
	Lang  string `json:"lang"`
}

// Asks is what a subscription asks. Lang and Zone become those of the address when the
// subscription is confirmed, and not before: anybody can ask.
type Asks struct {
	Name     string   `json:"name,omitempty"`
	Titles   []string `json:"titles,omitempty"`
	Places   []string `json:"places,omitempty"`
	Keywords []string `json:"keywords,omitempty"`
	Lang     string   `json:"lang,omitempty"`
	Zone     string   `json:"zone,omitempty"`
}

var keyed = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// Subscribe takes a request in. Its answer is the same whether the address is known
// or not, has too many alerts or asked too often; a *wire.Refused names what is no request.
func (a *Alerts) Subscribe(ctx context.Context, in wire.Subscribe, now time.Time) (wire.Subscribed, error) {
	out := wire.Subscribed{Days: a.days()}
	if !keyed.MatchString(in.Key) {
		return out, mend(account.Problem{Field: "key", Code: account.BadValue})
	}
	if in.Zone == "" {
		in.Zone = a.o.Zone
	}
	asks := Asks{in.Name, in.Titles, in.Places, in.Keywords, in.Lang, in.Zone}
	if bad := check(in.Email, asks); len(bad) > 0 {
		return out, mend(bad...)
	}
	address, ok := account.Address(in.Email)
	if !ok {
		return out, mend(account.Problem{Field: "email", Code: account.BadValue})
	}
	err := a.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		_, err := t.SubscriptionByKey(ctx, "key/"+in.Key)
		if err == nil {
			return nil // it came before
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		return a.ask(ctx, t, address, asks, ledger.Subscription{Key: "key/" + in.Key}, now)
	})
	if err != nil {
		return out, fmt.Errorf("subscribe: %w", err)
	}
	return out, nil
}

func mend(bad ...account.Problem) error { return &wire.Refused{Code: account.Mend, Fields: bad} }

// days is for how long a request waits for its confirmation.
func (a *Alerts) days() int { return int(a.o.Retention.Keep("pending") / (24 * time.Hour)) }

// check is what is wrong with a request, by the rules of a record.
func check(email string, asks Asks) []account.Problem {
	kind, _ := record.Find("alert")
	doc := record.Doc{}
	for name, v := range map[string]any{
		"name": asks.Name, "email": email, "lang": asks.Lang, "zone": asks.Zone,
		"titles": asks.Titles, "places": asks.Places, "keywords": asks.Keywords,
	} {
		b, err := json.Marshal(v)
		if err != nil || string(b) == "null" || string(b) == `""` {
			continue
		}
		doc[name] = b
	}
	bad := kind.Verify(doc, true)
	if _, err := zone(asks.Zone); err != nil {
		bad = append(bad, account.Problem{Field: "zone", Code: account.BadValue})
	}
	return bad
}

// ask writes a subscription that waits for its confirmation, and queues the letter. s is
// zero but for where it comes from, or one that is asked for again.
func (a *Alerts) ask(ctx context.Context, t *ledger.Tx, address string, asks Asks, s ledger.Subscription, now time.Time) error {
	mac := a.mac(address)
	who, err := t.Subscriber(ctx, mac)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		who = ledger.Subscriber{EmailMAC: mac, Zone: asks.Zone, Created: now}
		if err = a.seal(aboutSubscriber(mac), person{address, asks.Lang}, &who.Body); err == nil {
			err = t.PutSubscriber(ctx, who)
		}
		if err != nil {
			return err
		}
	case err != nil:
		return err
	}
	all, err := t.SubscriptionsOf(ctx, mac)
	if err != nil {
		return err
	}
	open, today := 0, 0
	for _, o := range all {
		if o.State != ledger.AlertUnsubscribed && o.ID != s.ID {
			open++
		}
		if now.Sub(o.Made) < 24*time.Hour {
			today++
		}
	}
	letter := mail.Message{Kind: mail.AlertAsked, To: address, Lang: asks.Lang, Minutes: int(a.o.Retention.Keep("pending") / time.Minute)}
	token := a.random(16)
	letter.Link = a.o.Base + wire.AlertPage + confirmMark + base64.RawURLEncoding.EncodeToString(token)
	letter.Modify, letter.Unsubscribe = a.links(mac)
	if open >= mostOf || today >= mostToday {
		letter.Kind = mail.None // the same work, and no letter
		return a.mail(ctx, t, mail.Job, "", letter, now)
	}
	if s.ID == "" {
		s.ID = hex.EncodeToString(a.random(10))
	}
	s.EmailMAC, s.State, s.TokenMAC, s.Made, s.Ended = mac, ledger.AlertPending, a.tokenMAC(token), now, time.Time{}
	if err := a.seal(aboutSubscription(s.ID), asks, &s.Body); err != nil {
		return err
	}
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	return a.mail(ctx, t, mail.Job, "", letter, now)
}

// settle writes whether an address gets letters, after its subscriptions changed.
func (a *Alerts) settle(ctx context.Context, t *ledger.Tx, mac []byte, change func(*ledger.Subscriber) error) error {
	who, err := t.Subscriber(ctx, mac)
	if err != nil {
		return err
	}
	all, err := t.SubscriptionsOf(ctx, mac)
	if err != nil {
		return err
	}
	active := false
	for _, s := range all {
		active = active || s.State == ledger.AlertActive
	}
	switch {
	case !active:
		who.State = ledger.Quiet
	case who.State != ledger.Bounced:
		who.State = ledger.Alerted
	}
	if change != nil {
		if err := change(&who); err != nil {
			return err
		}
	}
	return t.PutSubscriber(ctx, who)
}

// confirm begins a subscription: from what is new now on.
func (a *Alerts) confirm(ctx context.Context, t *ledger.Tx, s ledger.Subscription, now time.Time) error {
	asks, err := a.asks(s)
	if err != nil {
		return err
	}
	if s.Mark, err = t.LastRow(ctx); err != nil {
		return err
	}
	s.State, s.Confirmed, s.Found = ledger.AlertActive, now, 0
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	err = a.settle(ctx, t, s.EmailMAC, func(who *ledger.Subscriber) error {
		p, err := a.person(*who)
		if err != nil {
			return err
		}
		if p.Lang = asks.Lang; asks.Zone != "" {
			who.Zone = asks.Zone
		}
		who.State, who.Bounces = ledger.Alerted, 0
		return a.seal(aboutSubscriber(who.EmailMAC), p, &who.Body)
	})
	if err != nil {
		return err
	}
	return a.tell(ctx, t, s, now, nil)
}

// end ends a subscription at once; what it asked is erased.
func (a *Alerts) end(ctx context.Context, t *ledger.Tx, s ledger.Subscription, now time.Time) error {
	if s.State == ledger.AlertUnsubscribed {
		return nil
	}
	s.State, s.Ended, s.TokenMAC, s.Body = ledger.AlertUnsubscribed, now, nil, nil
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	if err := a.settle(ctx, t, s.EmailMAC, nil); err != nil {
		return err
	}
	return a.tell(ctx, t, s, now, nil)
}

// turn pauses a subscription, or lets it go on from what is new now.
func (a *Alerts) turn(ctx context.Context, t *ledger.Tx, s ledger.Subscription, state string, now time.Time) (err error) {
	if s.State == state || s.State != ledger.AlertActive && s.State != ledger.AlertPaused {
		return nil
	}
	if s.State = state; state == ledger.AlertActive {
		if s.Mark, err = t.LastRow(ctx); err != nil {
			return err
		}
	}
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	if err := a.settle(ctx, t, s.EmailMAC, nil); err != nil {
		return err
	}
	return a.tell(ctx, t, s, now, nil)
}

// tell writes in a record how its subscription stands.
func (a *Alerts) tell(ctx context.Context, t *ledger.Tx, s ledger.Subscription, now time.Time, asks *Asks) error {
	if a.records == nil || s.Part == "" {
		return nil
	}
	return a.records.Tell(ctx, t, s.Part, s.Doc, now, func(d record.Doc) bool {
		changed := false
		set := func(name string, v any) {
			b, err := json.Marshal(v)
			if err == nil && string(d[name]) != string(b) {
				d[name], changed = b, true
			}
		}
		moment := func(name string, at time.Time) {
			if !at.IsZero() {
				set(name, at.UTC().Truncate(time.Second))
			}
		}
		set("state", s.State)
		moment("confirmed", s.Confirmed)
		moment("checked", s.Checked)
		moment("sent", s.Sent)
		set("found", s.Found)
		if asks != nil {
			set("titles", list(asks.Titles))
			set("places", list(asks.Places))
			set("keywords", list(asks.Keywords))
			set("lang", asks.Lang)
		}
		return changed
	})
}

func list(v []string) []string {
	if v == nil {
		return []string{}
	}
	return v
}

// mac is by what an address is found. It stands in the links of its letters.
func (a *Alerts) mac(address string) []byte { return AddressMAC(a.o.Keys, address) }

// AddressMAC is by what the ledger finds an address that [account.Address] gave.
func AddressMAC(k *secret.Keys, address string) []byte {
	return k.MAC("alert address", []byte(address))[:macSize]
}

const macSize = 16

func (a *Alerts) tokenMAC(token []byte) []byte { return a.o.Keys.MAC("alert confirm", token) }

// Marks of the two kinds of links.
const (
	confirmMark = "c"
	manageMark  = "m"
)

// links are where an address changes its alerts, and where one request ends them all. They
// are signed, and good for as long as anything is known of the address.
func (a *Alerts) links(mac []byte) (modify, unsubscribe string) {
	signed := append(bytes.Clone(mac), a.signature(mac)...)
	modify = a.o.Base + wire.AlertPage + manageMark + base64.RawURLEncoding.EncodeToString(signed)
	return modify, modify + "/end"
}

func (a *Alerts) signature(mac []byte) []byte { return a.o.Keys.MAC("alert link", mac)[:macSize] }

// signed gives the address of a link; ErrLink.
func (a *Alerts) signed(token string) ([]byte, error) {
	text, ok := strings.CutPrefix(token, manageMark)
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(b) != 2*macSize || !hmac.Equal(b[macSize:], a.signature(b[:macSize])) {
		return nil, ErrLink
	}
	return b[:macSize], nil
}

func (a *Alerts) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.o.Rand, b); err != nil {
		panic(err) // a machine without chance keeps no secret
	}
	return b
}

func (a *Alerts) mail(ctx context.Context, t *ledger.Tx, kind, key string, m mail.Message, now time.Time) error {
	body, err := mail.Seal(a.o.Keys.Box, m)
	if err != nil {
		return err
	}
	return t.Queue(ctx, ledger.Job{Kind: kind, Key: key, Body: body, Due: now})
}

func aboutSubscriber(mac []byte) string  { return "subscriber/" + hex.EncodeToString(mac) }
func aboutSubscription(id string) string { return "subscription/" + id }

func (a *Alerts) seal(about string, v any, into *[]byte) error {
	b, err := json.Marshal(v)
	if err == nil {
		*into, err = a.o.Keys.Box.Seal(about, b)
	}
	if err != nil {
		return fmt.Errorf("seal %s: %w", about, err)
	}
	return nil
}

func (a *Alerts) open(about string, sealed []byte, v any) error {
	b, err := a.o.Keys.Box.Open(about, sealed)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", about, err)
	}
	return nil
}

func (a *Alerts) person(s ledger.Subscriber) (p person, err error) {
	return p, a.open(aboutSubscriber(s.EmailMAC), s.Body, &p)
}

// asks opens what a subscription asks; of one that ended, nothing.
func (a *Alerts) asks(s ledger.Subscription) (q Asks, err error) {
	if len(s.Body) == 0 {
		return q, nil
	}
	return q, a.open(aboutSubscription(s.ID), s.Body, &q)
}

// Taken is an alert that its address confirmed elsewhere.
type Taken struct {
	Email string
	Asks  Asks
}

// Take takes over alerts that were confirmed elsewhere, as in a bank that this one follows:
// they begin with what is new now on. No letter goes.
func (a *Alerts) Take(ctx context.Context, all []Taken, now time.Time) error {
	err := a.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		last, err := t.LastRow(ctx)
		if err != nil {
			return err
		}
		for _, one := range all {
			address, ok := account.Address(one.Email)
			if bad := check(one.Email, one.Asks); !ok || len(bad) > 0 {
				return mend(append(bad, account.Problem{Field: "email", Code: account.BadValue})...)
			}
			mac := a.mac(address)
			who := ledger.Subscriber{EmailMAC: mac, Created: now}
			if old, err := t.Subscriber(ctx, mac); err == nil {
				who = old
			} else if !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			who.State, who.Zone = ledger.Alerted, one.Asks.Zone
			if err := a.seal(aboutSubscriber(mac), person{address, one.Asks.Lang}, &who.Body); err != nil {
				return err
			}
			if err := t.PutSubscriber(ctx, who); err != nil {
				return err
			}
			id := hex.EncodeToString(a.random(10))
			s := ledger.Subscription{ID: id, EmailMAC: mac, Key: "taken/" + id, State: ledger.AlertActive, Mark: last, Made: now, Confirmed: now}
			if err := a.seal(aboutSubscription(id), one.Asks, &s.Body); err != nil {
				return err
			}
			if err := t.PutSubscription(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take %d alerts over: %w", len(all), err)
	}
	return nil
}

// Shows opens the body of a row of the ledger for its person: of a subscriber, or of
// a subscription.
func Shows(k *secret.Keys, table string, row map[string]any) (out map[string]any, err error) {
	id, _ := row["id"].(string)
	mac, _ := row["email_mac"].([]byte)
	sealed, _ := row["body"].([]byte)
	about := aboutSubscription(id)
	if table == "subscriber" {
		about = aboutSubscriber(mac)
	}
	a := Alerts{o: Options{Keys: k}}
	return out, a.open(about, sealed, &out)
}
