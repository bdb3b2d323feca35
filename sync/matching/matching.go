// Package matching is the server's half of matching: which seekers a posting of this bank is
// matched with, what its employer sees of them, invitations, and the refusals of either side.
// Begin with [New]. How well a profile and a posting go together is store/match's, and what
// changes in private records comes by [Matching.Follow]. It knows no HTTP and reads no clock.
package matching

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/hub"
)

// Options of matching; Ledger and Keys are needed, the zero value of the others is right.
type Options struct {
	Ledger *ledger.Ledger
	Keys   *secret.Keys
	Most   int             // matches of one profile, the best; 0: 1,000
	Keep   ledger.Schedule // how long what was decided stays; nil: the house's
	Lists  string          // version of the rules and lists; "": that of store/match
	Log    *slog.Logger    // nil: none
}

// Records are the private records of accounts: a *hub.Records.
type Records interface {
	Tell(ctx context.Context, t *ledger.Tx, part, doc string, now time.Time, edit func(record.Doc) bool) error
	Put(ctx context.Context, t *ledger.Tx, part, kind, doc string, now time.Time, edit func(record.Doc) bool) error
	Each(ctx context.Context, t *ledger.Tx, part, kind string, yield func(record.Doc)) error
	Body(d ledger.Doc) (record.Doc, error)
	May(ctx context.Context, t *ledger.Tx, who hub.Who, part string, now time.Time) (bool, error)
}

// Matching is that of a ledger.
type Matching struct {
	o       Options
	records Records

	mu   sync.Mutex // of what follows; who holds it waits for nobody
	seq  int64      // up to which the postings are known
	pool map[int64]known
	read map[string]reading // profiles, by account
}

// reading is a profile that was read once; version and at are those of its seeker.
type reading struct {
	version int64
	at      time.Time
	profile *match.Profile
}

// mostRead is how many profiles are kept in memory, of about 2.5 kB each.
const mostRead = 10_000

// known is what is kept of a posting of this bank in memory: what says whether and how well
// it suits.
type known struct {
	card posting.Card // without its words
	asks match.Posting
}

// New opens matching. [Matching.Join] comes before anything else is done.
func New(o Options) (*Matching, error) {
	if o.Ledger == nil || o.Keys == nil {
		return nil, errors.New("matching wants a ledger and keys")
	}
	if o.Most == 0 {
		o.Most = 1000
	}
	if o.Lists == "" {
		o.Lists = match.Version
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Matching{o: o, pool: map[int64]known{}, read: map[string]reading{}}, nil
}

// Join tells matching of the private records: each follows the other.
func (m *Matching) Join(r Records) { m.records = r }

func person(account string) string { return string(record.Person) + "/" + account }

// ref is by what the employer of a posting knows a seeker: a keyed hash that leads from one
// posting of theirs to no other.
func (m *Matching) ref(account string, row int64) string {
	id, err := uuid.FromBytes(m.o.Keys.MAC("match", []byte(account), fmt.Append(nil, row))[:16])
	if err != nil {
		panic(err) // a hash is longer
	}
	return id.String()
}

// code is what an invited applicant quotes: two groups of four, without letters and digits
// that look alike.
func (m *Matching) code(part, doc string) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" // 32 of them
	var b strings.Builder
	for n, x := range m.o.Keys.MAC("invitation", []byte(part), []byte(doc))[:8] {
		if n == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[x%32])
	}
	return b.String()
}

// know reads the postings that are not in memory yet: after a start all of them, while no
// writer waits.
func (m *Matching) know(ctx context.Context, t *ledger.Tx, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refresh(ctx, t, now)
}

// refresh brings the postings in memory to where the ledger stands. The lock is held.
func (m *Matching) refresh(ctx context.Context, t *ledger.Tx, now time.Time) error {
	seq, err := t.NativeSince(ctx, m.seq, lastDay(now), func(p posting.Posting) error {
		if p.State != posting.Shown {
			delete(m.pool, p.ID)
			return nil
		}
		m.pool[p.ID] = known{
			card: posting.Card{ID: p.ID, Number: p.Number, Source: p.Source, SourceID: p.SourceID, Employer: p.Employer, Posted: p.Posted, Ends: p.Ends, Zone: p.Zone},
			asks: match.Prepare(p),
		}
		return nil
	})
	if err == nil {
		m.seq = max(m.seq, seq)
	}
	return err
}

// lastDay is a day on which nothing is shown any more that ended before it, in any zone.
func lastDay(now time.Time) posting.Day { return posting.DayOf(now.Add(-12 * time.Hour)) }

// profile is the activated version of an account's profile, the one that is matched;
// false: there is none, or it is put to rest.
func (m *Matching) profile(ctx context.Context, t *ledger.Tx, account string) (p match.Person, ok bool, err error) {
	d, err := t.Doc(ctx, person(account), record.ProfileOf(account))
	if errors.Is(err, ledger.ErrNotFound) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	body, err := m.records.Body(d)
	if err != nil || word(body, "state") != "active" {
		return p, false, err
	}
	if err := json.Unmarshal(body["active"], &p); err != nil {
		return p, false, fmt.Errorf("active profile of account %s: %w", account, err)
	}
	return p, true, nil
}

func word(d record.Doc, field string) (s string) {
	_ = json.Unmarshal(d[field], &s) // "": not there, or no text
	return s
}

func whole(d record.Doc, field string) (n int64) {
	_ = json.Unmarshal(d[field], &n)
	return n
}

// set writes a field.
func set(d record.Doc, field string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and moments
	}
	d[field] = b
}

func stamp(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

// offer is whose a posting of this bank is.
type offer struct {
	part     string // the employer's
	approved bool   // the office has approved the employer, and the record is what is shown
	paused   int    // whole days during which it was not shown
}

// owner finds whose a posting is: the record that was published under its number. Others may
// have given a draft of theirs the same id.
func (m *Matching) owner(ctx context.Context, t *ledger.Tx, c posting.Card, employers map[string]bool) (o offer, err error) {
	all, err := t.PostingDocs(ctx, c.SourceID)
	if err != nil {
		return o, err
	}
	for _, d := range all {
		kind, id, _ := strings.Cut(d.Part, "/")
		if record.Partition(kind) != record.Employer {
			continue
		}
		body, err := m.records.Body(d)
		if err != nil {
			return o, err
		}
		if word(body, "state") != "published" || whole(body, "number") != c.Number {
			continue
		}
		approved, known := employers[d.Part]
		if !known {
			if approved, err = m.approved(ctx, t, d.Part, id); err != nil {
				return o, err
			}
			if employers != nil {
				employers[d.Part] = approved
			}
		}
		return offer{d.Part, approved, int(whole(body, "paused"))}, nil
	}
	return o, nil
}

// approved says whether the office has ever approved an employer's file: what it approved
// stands while the employer edits another version.
func (m *Matching) approved(ctx context.Context, t *ledger.Tx, part, id string) (bool, error) {
	d, err := t.Doc(ctx, part, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	body, err := m.records.Body(d)
	return len(body["approved"]) > 0 && string(body["approved"]) != "null", err
}
