package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// alertTables are those who get alerts by e-mail, and what each asks for. A subscriber is an
// address, of whoever: there may be no account. slot is the morning or evening that was
// looked at last; sent and sent_before are when the last two letters went. mark is the row
// of the newest posting that a subscription was held against: rows come in order, so
// nothing is told twice and nothing is left out, whatever the dates say.
const alertTables = `
	CREATE TABLE subscriber (
		email_mac BLOB PRIMARY KEY, ver BIGINT NOT NULL, zone TEXT NOT NULL, body BLOB NOT NULL,
		state TEXT NOT NULL, bounces BIGINT NOT NULL, slot TEXT NOT NULL,
		sent BIGINT NOT NULL, sent_before BIGINT NOT NULL, created BIGINT NOT NULL);
	CREATE INDEX subscriber_due ON subscriber (zone, email_mac) WHERE state = 'active';

	CREATE TABLE subscription (
		id TEXT PRIMARY KEY, ver BIGINT NOT NULL,
		email_mac BLOB NOT NULL REFERENCES subscriber (email_mac),
		key TEXT NOT NULL UNIQUE, part TEXT NOT NULL, doc TEXT NOT NULL,
		state TEXT NOT NULL, token_mac BLOB UNIQUE, body BLOB NOT NULL,
		mark BIGINT NOT NULL, found BIGINT NOT NULL,
		made BIGINT NOT NULL, confirmed BIGINT NOT NULL, checked BIGINT NOT NULL, sent BIGINT NOT NULL, ended BIGINT NOT NULL);
	CREATE INDEX subscription_of ON subscription (email_mac, made);
	CREATE INDEX subscription_ended ON subscription (state, ended);
`

// States of a subscriber: of one that is Alerted, at least one subscription is active.
const (
	Alerted = "active"
	Quiet   = ""
	Bounced = "bounced" // the address takes no letters: nothing goes there until it is confirmed again
)

// States of a subscription (features §12).
const (
	AlertPending      = "pending"
	AlertActive       = "active"
	AlertPaused       = "paused"
	AlertUnsubscribed = "unsubscribed"
)

// Subscriber is an address that asked for alerts.
type Subscriber struct {
	EmailMAC     []byte
	Ver          int64
	Zone         string // IANA
	Body         []byte // sealed: the address, its language
	State        string
	Bounces      int // letters in a row that were not taken
	Slot         string
	Sent, Before time.Time // the last two letters
	Created      time.Time
}

const subscriberColumns = "email_mac, ver, zone, body, state, bounces, slot, sent, sent_before, created"

func (s *Subscriber) into(sent, before, created *int64) []any {
	return []any{&s.EmailMAC, &s.Ver, &s.Zone, &s.Body, &s.State, &s.Bounces, &s.Slot, sent, before, created}
}

// Subscriber finds one by the keyed hash of the address; ErrNotFound.
func (t *Tx) Subscriber(ctx context.Context, mac []byte) (s Subscriber, err error) {
	var sent, before, created int64
	err = t.tx.QueryRowContext(ctx, "SELECT "+subscriberColumns+" FROM subscriber WHERE email_mac = $1", mac).Scan(s.into(&sent, &before, &created)...)
	s.Sent, s.Before, s.Created = moment(sent), moment(before), moment(created)
	return s, missing(err, "subscriber")
}

// PutSubscriber writes one over the version that was read; ErrMoved if it is another by now.
func (t *Tx) PutSubscriber(ctx context.Context, s Subscriber) error {
	const (
		add = `
			INSERT INTO subscriber (email_mac, ver, zone, body, state, bounces, slot, sent, sent_before, created)
			VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (email_mac) DO NOTHING`
		put = `
			UPDATE subscriber SET ver = $2 + 1, zone = $3, body = $4, state = $5, bounces = $6, slot = $7, sent = $8, sent_before = $9, created = $10
			WHERE email_mac = $1 AND ver = $2`
	)
	return t.put(ctx, "subscriber", s.Ver, add, put, s.EmailMAC, s.Ver, s.Zone, blob(s.Body), s.State, s.Bounces, s.Slot, ms(s.Sent), ms(s.Before), ms(s.Created))
}

// Wrote writes of a subscriber only what a round changes, as [Tx.PutSubscriber] would.
func (t *Tx) Wrote(ctx context.Context, s Subscriber) error {
	const put = "UPDATE subscriber SET ver = $2 + 1, slot = $3, sent = $4, sent_before = $5 WHERE email_mac = $1 AND ver = $2"
	return t.put(ctx, "subscriber", s.Ver, put, put, s.EmailMAC, s.Ver, s.Slot, ms(s.Sent), ms(s.Before))
}

// Subscription is what an address asked for.
type Subscription struct {
	ID        string
	Ver       int64
	EmailMAC  []byte
	Key       string // of the request, which comes once; of a record, its place
	Part, Doc string // the record of a signed-in account that it is; "": none
	State     string
	TokenMAC  []byte // of the link that confirms it
	Body      []byte // sealed: what it asks
	Mark      int64
	Found     int       // at the last look
	Made      time.Time // asked for, last
	Confirmed time.Time
	Checked   time.Time // held against new postings
	Sent      time.Time // told of some
	Ended     time.Time // unsubscribed
}

const subscriptionColumns = "id, ver, email_mac, key, part, doc, state, token_mac, body, mark, found, made, confirmed, checked, sent, ended"

func readSubscription(row scanner) (s Subscription, err error) {
	var made, confirmed, checked, sent, ended int64
	err = row.Scan(&s.ID, &s.Ver, &s.EmailMAC, &s.Key, &s.Part, &s.Doc, &s.State, &s.TokenMAC, &s.Body, &s.Mark, &s.Found, &made, &confirmed, &checked, &sent, &ended)
	s.Made, s.Confirmed, s.Checked, s.Sent, s.Ended = moment(made), moment(confirmed), moment(checked), moment(sent), moment(ended)
	return s, err
}

func (t *Tx) subscriptions(ctx context.Context, where string, args ...any) (all []Subscription, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		s, err := readSubscription(rows)
		all = append(all, s)
		return err
	}, "SELECT "+subscriptionColumns+" FROM subscription WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("subscriptions: %w", err)
	}
	return all, nil
}

// SubscriptionsOf lists those of an address, in the order in which they were asked for.
func (t *Tx) SubscriptionsOf(ctx context.Context, mac []byte) ([]Subscription, error) {
	return t.subscriptions(ctx, "email_mac = $1 ORDER BY made, id", mac)
}

// SubscriptionsIn lists those that records of a partition ask for and that have not ended.
func (t *Tx) SubscriptionsIn(ctx context.Context, part string) ([]Subscription, error) {
	return t.subscriptions(ctx, "part = $1 AND state <> $2 ORDER BY made, id", part, AlertUnsubscribed)
}

// SubscriptionByKey finds one by the request that it came with; ErrNotFound.
func (t *Tx) SubscriptionByKey(ctx context.Context, key string) (Subscription, error) {
	all, err := t.subscriptions(ctx, "key = $1", key)
	return first(all, err, "subscription by its key")
}

// SubscriptionByToken finds one by the keyed hash of the link that confirms it; ErrNotFound.
func (t *Tx) SubscriptionByToken(ctx context.Context, mac []byte) (Subscription, error) {
	all, err := t.subscriptions(ctx, "token_mac = $1", mac)
	return first(all, err, "subscription by its link")
}

// PutSubscription writes one over the version that was read; ErrMoved if it is another by now.
func (t *Tx) PutSubscription(ctx context.Context, s Subscription) error {
	const (
		add = `
			INSERT INTO subscription (id, ver, email_mac, key, part, doc, state, token_mac, body, mark, found, made, confirmed, checked, sent, ended)
			VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (key) DO NOTHING`
		put = `
			UPDATE subscription SET ver = $2 + 1, email_mac = $3, key = $4, part = $5, doc = $6, state = $7, token_mac = $8, body = $9,
				mark = $10, found = $11, made = $12, confirmed = $13, checked = $14, sent = $15, ended = $16
			WHERE id = $1 AND ver = $2`
	)
	return t.put(ctx, "subscription "+s.ID, s.Ver, add, put, s.ID, s.Ver, s.EmailMAC, s.Key, s.Part, s.Doc, s.State, null(s.TokenMAC), blob(s.Body),
		s.Mark, s.Found, ms(s.Made), ms(s.Confirmed), ms(s.Checked), ms(s.Sent), ms(s.Ended))
}

// Looked writes of a subscription only what a round changes, as [Tx.PutSubscription] would.
func (t *Tx) Looked(ctx context.Context, s Subscription) error {
	const put = "UPDATE subscription SET ver = $2 + 1, mark = $3, found = $4, checked = $5, sent = $6 WHERE id = $1 AND ver = $2"
	return t.put(ctx, "subscription "+s.ID, s.Ver, put, put, s.ID, s.Ver, s.Mark, s.Found, ms(s.Checked), ms(s.Sent))
}

// LastRow is the newest row that a posting was given.
func (t *Tx) LastRow(ctx context.Context) (id int64, err error) {
	if err := t.tx.QueryRowContext(ctx, "SELECT next_id - 1 FROM head WHERE one = 1").Scan(&id); err != nil {
		return 0, fmt.Errorf("newest posting: %w", err)
	}
	return id, nil
}

// NewPostings hands over what is shown of the rows in (after, upto], in their order, n at most.
func (t *Tx) NewPostings(ctx context.Context, after, upto int64, n int, yield func(posting.Posting) error) error {
	const list = "SELECT card, details FROM posting WHERE id > $1 AND id <= $2 AND state = '' ORDER BY id LIMIT $3"
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var card, details []byte
		if err := rows.Scan(&card, &details); err != nil {
			return err
		}
		p, err := parse(card, details)
		if err != nil {
			return err
		}
		return yield(p)
	}, list, after, upto, n)
	if err != nil {
		return fmt.Errorf("new postings: %w", err)
	}
	return nil
}

// Card reads the short half of a posting by its row; ErrNotFound.
func (t *Tx) Card(ctx context.Context, row int64) (posting.Card, error) {
	var card []byte
	if err := t.tx.QueryRowContext(ctx, "SELECT card FROM posting WHERE id = $1", row).Scan(&card); err != nil {
		return posting.Card{}, missing(err, "posting by its row")
	}
	return posting.ParseCard(card)
}

// AlertZones lists the time zones of those who get alerts.
func (l *Ledger) AlertZones(ctx context.Context) (all []string, err error) {
	err = sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var zone string
		err := rows.Scan(&zone)
		all = append(all, zone)
		return err
	}, "SELECT DISTINCT zone FROM subscriber WHERE state = 'active' ORDER BY zone")
	if err != nil {
		return nil, fmt.Errorf("time zones of alerts: %w", l.db.Fault(err))
	}
	return all, nil
}

// Due is a subscriber whose alerts are to be looked at, with those that are active.
type Due struct {
	Subscriber
	All []Subscription
}

// DueAlerts lists n subscribers of a zone at most that were not looked at in a slot, in the
// order of their hashes, from behind one.
func (t *Tx) DueAlerts(ctx context.Context, zone, slot string, after []byte, n int) (all []Due, err error) {
	ask := `
		SELECT ` + columnsOf("s", subscriberColumns) + `, ` + columnsOf("b", subscriptionColumns) + `
		FROM (
			SELECT * FROM subscriber WHERE state = 'active' AND zone = $1 AND slot <> $2 AND email_mac > $3
			ORDER BY email_mac LIMIT $4) s
		JOIN subscription b ON b.email_mac = s.email_mac AND b.state = 'active'
		ORDER BY s.email_mac, b.made, b.id`
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s                                                            Subscriber
			b                                                            Subscription
			sent, before, created, made, confirmed, checked, told, ended int64
		)
		err := rows.Scan(append(s.into(&sent, &before, &created), &b.ID, &b.Ver, &b.EmailMAC, &b.Key, &b.Part, &b.Doc, &b.State, &b.TokenMAC, &b.Body,
			&b.Mark, &b.Found, &made, &confirmed, &checked, &told, &ended)...)
		if err != nil {
			return err
		}
		b.Made, b.Confirmed, b.Checked, b.Sent, b.Ended = moment(made), moment(confirmed), moment(checked), moment(told), moment(ended)
		if n := len(all); n == 0 || string(all[n-1].EmailMAC) != string(s.EmailMAC) {
			s.Sent, s.Before, s.Created = moment(sent), moment(before), moment(created)
			all = append(all, Due{Subscriber: s})
		}
		all[len(all)-1].All = append(all[len(all)-1].All, b)
		return nil
	}, ask, zone, slot, blob(after), n)
	if err != nil {
		return nil, fmt.Errorf("alerts that are due: %w", err)
	}
	return all, nil
}

func columnsOf(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

// NothingNew writes that the subscribers of a zone in (after, upto] were looked at in a slot
// up to a row, but for those that [Tx.PutSubscriber] wrote so before.
func (t *Tx) NothingNew(ctx context.Context, zone, slot string, after, upto []byte, mark int64, now time.Time) error {
	const (
		look = `
			UPDATE subscription SET mark = $1, checked = $2, found = 0
			WHERE state = 'active' AND mark < $1 AND email_mac > $3 AND email_mac <= $4 AND email_mac IN (
				SELECT email_mac FROM subscriber WHERE state = 'active' AND zone = $5 AND slot <> $6 AND email_mac > $3 AND email_mac <= $4)`
		done = `
			UPDATE subscriber SET slot = $1
			WHERE state = 'active' AND zone = $2 AND slot <> $1 AND email_mac > $3 AND email_mac <= $4`
	)
	if _, err := t.count(ctx, "look at alerts", look, mark, ms(now), blob(after), upto, zone, slot); err != nil {
		return err
	}
	_, err := t.count(ctx, "look at alerts", done, slot, zone, blob(after), upto)
	return err
}

// DropPending removes subscriptions that nobody confirmed since before a moment.
func (t *Tx) DropPending(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "drop alerts that nobody confirmed", "DELETE FROM subscription WHERE state = 'pending' AND made < $1", ms(before))
}

// DropUnsubscribed removes those that ended before a moment, and then the addresses that
// nothing is left of.
func (t *Tx) DropUnsubscribed(ctx context.Context, before time.Time) (int, error) {
	n, err := t.count(ctx, "drop alerts that ended", "DELETE FROM subscription WHERE state = 'unsubscribed' AND ended < $1", ms(before))
	if err != nil {
		return 0, err
	}
	_, err = t.count(ctx, "drop addresses without alerts",
		"DELETE FROM subscriber WHERE NOT EXISTS (SELECT 1 FROM subscription b WHERE b.email_mac = subscriber.email_mac)")
	return n, err
}
