package hub

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/store/secret"
)

// RecordsOptions say how private records are kept; Box is needed, the zero value of the
// others is right.
type RecordsOptions struct {
	Box        *secret.Box
	MaxRecords int64 // of a partition, those removed not counted; 0: 5,000
	MaxBytes   int64 // of its bodies; 0: 8 MiB. A snapshot is one answer.
	// MaxParts is how many partitions an account may be in before it makes another one; 0:
	// 500. Others may let it into more, up to what a desk can ask after.
	MaxParts  int
	KeepDone  time.Duration   // answers to what submitted nothing; 0: as the schedule says, longer than desks send again
	KeepLog   time.Duration   // changes, one by one; 0: as the schedule says
	Retention ledger.Schedule // how long what is kept stays; nil: the house's
	Alerts    Alerts          // follows the records that are alerts; nil: nothing does
	Matching  Matching        // follows profiles, matches and invitations; nil: nothing does
}

// Records are the private records of accounts: what desks push and pull (design, plane B).
type Records struct {
	h     *Hub
	o     RecordsOptions
	hints hints
}

// Records opens the private records of a hub's ledger.
func (h *Hub) Records(o RecordsOptions) (*Records, error) {
	if o.Box == nil {
		return nil, errors.New("private records want a box to be sealed in")
	}
	if o.MaxRecords == 0 {
		o.MaxRecords = 5000
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 8 << 20
	}
	if o.MaxParts == 0 {
		o.MaxParts = 500
	}
	if o.KeepDone == 0 {
		o.KeepDone = o.Retention.Keep("answers")
	}
	if o.KeepLog == 0 {
		o.KeepLog = o.Retention.Keep("log")
	}
	return &Records{h: h, o: o}, nil
}

// Who asks: an account that came in through the gate.
type Who struct {
	Account string
	Roles   []account.Role
	Proven  bool // with a second factor, without which an agent is nobody special
}

// office is the one partition of review queues.
const office = string(record.Office)

func own(account string) string { return string(record.Person) + "/" + account }

// parse reads a partition's name.
func parse(name string) (kind record.Partition, id string, ok bool) {
	if name == office {
		return record.Office, "", true
	}
	prefix, id, found := strings.Cut(name, "/")
	if !found || !named.MatchString(id) {
		return "", "", false
	}
	switch kind = record.Partition(prefix); kind {
	case record.Person, record.Employer, record.Grant:
		return kind, id, true
	default:
		return "", "", false
	}
}

// named is what desks may call a record, a mutation or themselves: a UUID, or a word.
var named = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// visible lists the partitions that an account may see, by name (invariant 6). Nobody
// else's are among them, whatever is asked for: its own, those it is a member of, and the
// office for an agent.
func visible(ctx context.Context, t *ledger.Tx, who Who, now time.Time) ([]string, error) {
	members, err := t.Memberships(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	names := []string{own(who.Account)}
	for _, m := range members {
		if who.stillIn(m, now) {
			names = append(names, m.Part)
		}
	}
	if who.agent() {
		names = append(names, office)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (w Who) agent() bool { return w.has(account.Agent) }

// has says whether somebody acts in a role, which takes a second factor.
func (w Who) has(r account.Role) bool { return w.Proven && slices.Contains(w.Roles, r) }

// stillIn says whether a membership holds: a counsellor's as long as they are one, and
// until the day that the client said.
func (w Who) stillIn(m ledger.Member, now time.Time) bool {
	if (m.Role == roleCounsellor || m.Role == roleAsks) && !w.counsellor() {
		return false
	}
	return m.Ends.IsZero() || now.Before(m.Ends)
}

// errForbidden: the account may not write there. Whether there is such a partition is not told.
var errForbidden = errors.New("not a partition of this account")

// errFull: the account has made, or is in, as many as it may.
var errFull = errors.New("too many partitions")

// enter says whether an account may write a record of a kind to a partition, and makes the
// partition if it may be made: its own, the office, and an employer's or a grant's by the
// record that it is named for, whose maker is its first member.
func (r *Records) enter(ctx context.Context, t *ledger.Tx, who Who, part string, k record.Kind, founds, there bool, now time.Time) error {
	kind, id, ok := parse(part)
	if !ok || k.Partition != kind {
		return errForbidden
	}
	switch kind {
	case record.Person:
		if id != who.Account {
			return errForbidden
		}
		return begin(ctx, t, part, there)
	case record.Office:
		if !who.agent() {
			return errForbidden
		}
		return begin(ctx, t, part, there)
	}
	m, err := t.Member(ctx, who.Account, part)
	switch {
	case err == nil && (!who.stillIn(m, now) || m.Role == roleReader || m.Role == roleAsks && k.Name != grantKind):
		return errForbidden
	case err == nil || !errors.Is(err, ledger.ErrNotFound):
		return err
	case !founds:
		return errForbidden
	}
	if mine, err := t.Memberships(ctx, who.Account); err != nil {
		return err
	} else if len(mine) >= r.o.MaxParts {
		return errFull
	}
	added, err := t.AddPart(ctx, part)
	if err == nil && !added {
		err = errForbidden
	}
	if err != nil {
		return err
	}
	return t.PutMember(ctx, ledger.Member{Account: who.Account, Part: part, Role: roleOwner, Since: now})
}

// begin makes a partition, unless it is there.
func begin(ctx context.Context, t *ledger.Tx, part string, there bool) error {
	if there {
		return nil
	}
	_, err := t.AddPart(ctx, part)
	return err
}

// Roles of a member.
const (
	roleOwner      = ledger.Owner // made it, or it is about them
	roleReader     = "reader"     // was let in to look
	roleAsks       = "asks"       // a counsellor whom the client has not let in yet: sees the request
	roleCounsellor = "counsellor" // whom the client let in
)

// Let lets an account see a partition that another one's record made, or lets it go
// (role ""). Its desks notice at their next pull: one that was let go wipes its copy.
func (r *Records) Let(ctx context.Context, part, account, role string, now time.Time) error {
	kind, _, ok := parse(part)
	if !ok || kind != record.Employer && kind != record.Grant {
		return fmt.Errorf("let somebody into %s: %w", part, errForbidden)
	}
	err := r.h.ledger.Update(ctx, func(t *ledger.Tx) error {
		if _, err := t.Part(ctx, part); err != nil {
			return err
		}
		if role == "" {
			return t.DropMember(ctx, account, part)
		}
		return t.PutMember(ctx, ledger.Member{Account: account, Part: part, Role: role, Since: now})
	})
	if err != nil {
		return fmt.Errorf("let somebody into %s: %w", part, err)
	}
	r.hints.tell(own(account))
	return nil
}

// Tidy does what time asks for: answers, changes and removed records that were kept long
// enough go, what accounts that are closed kept for themselves, what was submitted once it
// was not used for as long as the schedule says, and the words of old reports.
func (r *Records) Tidy(ctx context.Context, now time.Time) error {
	err := r.h.ledger.Update(ctx, func(t *ledger.Tx) error {
		if _, err := t.DropMutations(ctx, now); err != nil {
			return err
		}
		if _, err := t.DropRecords(ctx, now.Add(-r.o.Retention.Keep("decided"))); err != nil {
			return err
		}
		_, err := t.EmptyReports(ctx, now.Add(-r.o.Retention.Keep("reports")))
		return err
	})
	if err == nil {
		err = r.dropLogs(ctx, now.Add(-r.o.KeepLog))
	}
	if err != nil {
		return fmt.Errorf("tidy private records: %w", err)
	}
	return nil
}

// dropLogs forgets old changes, a partition a transaction: one over all of them would lose
// its race against whoever writes to any.
func (r *Records) dropLogs(ctx context.Context, before time.Time) error {
	for {
		var old []string
		err := r.h.ledger.View(ctx, func(t *ledger.Tx) (err error) {
			old, err = t.OldLogs(ctx, before, 100)
			return err
		})
		if err != nil || len(old) == 0 {
			return err
		}
		dropped := 0
		for _, part := range old {
			n := 0
			err := r.h.ledger.Update(ctx, func(t *ledger.Tx) (err error) {
				n, err = t.DropChanges(ctx, part, before)
				return err
			})
			if err != nil {
				return err
			}
			dropped += n
		}
		if dropped == 0 {
			return nil // they are of no partition: a check of the ledger says so
		}
	}
}
