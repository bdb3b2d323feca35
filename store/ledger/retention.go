package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"passerelle/store/account"
)

// ErrSchedule: not something that a deployment can say of how long things are kept.
var ErrSchedule = errors.New("not a line of the retention schedule")

// What is counted from. The ids travel; the programs have words for them.
const (
	AfterOpen   = ""       // as long as the account is open
	AfterClosed = "closed" // the account was closed
	AfterUsed   = "used"   // it was used last, or decided on
	AfterSent   = "sent"
	AfterMade   = "made"
)

// Where a default comes from.
const (
	// SourcePrivacy is the Privacy Regulations, SOR/83-508, section 4: what was used for an
	// administrative decision is kept for two years after it was used last, so that the
	// person has the time to ask for it.
	SourcePrivacy = "privacy"
	SourceSync    = "sync"  // desks send again for 30 days what was lost on the way
	SourceHouse   = "house" // as long as it serves what it is for, and no longer
)

// Days of a [Rule] that are none.
const (
	WhileOpen = 0
	ForGood   = -1
)

// Rule is a line of the schedule: what is kept, and for how many days after what.
type Rule struct {
	What   string
	Days   int // or WhileOpen, ForGood
	Least  int // fewer cannot be set; 0: none can
	After  string
	Source string
}

const twoYears = 731 // days: one more than two years may have

// Schedule is how long each class is kept.
type Schedule []Rule

// house is the schedule of a deployment that says nothing.
var house = Schedule{
	{"account", twoYears, twoYears, AfterClosed, SourcePrivacy},  // who it was, and what they contested
	{"credential", twoYears, twoYears, AfterUsed, SourcePrivacy}, // of the portal, once it is revoked
	{"decided", twoYears, twoYears, AfterUsed, SourcePrivacy},    // records that were submitted
	{"help", twoYears, twoYears, AfterUsed, SourcePrivacy},       // requests that an agent settled
	{"reports", twoYears, twoYears, AfterSent, SourcePrivacy},    // what was reported of a posting, by whoever
	{"seen", twoYears, twoYears, AfterMade, SourcePrivacy},       // the access log
	{"records", WhileOpen, 0, AfterOpen, SourceHouse},            // the other records
	{"sessions", 400, 366, AfterUsed, SourceHouse},               // a device that comes back within a year is still told to wipe
	{"log", 90, 31, AfterMade, SourceSync},                       // that a record changed, and what was removed
	{"answers", 35, 31, AfterSent, SourceSync},                   // to changes that submitted nothing
	{"places", 90, 2, AfterUsed, SourceHouse},                    // where an account was opened from
	{"letters", 90, 1, AfterSent, SourceHouse},                   // that one left; its text goes when it does
	{"mailbox", 30, 1, AfterMade, SourceHouse},                   // of a demonstration
	{"temporary", 7, 0, AfterMade, SourceHouse},                  // passwords that were to be used once
	{"pending", 30, 1, AfterMade, SourceHouse},                   // alerts that nobody confirmed
	{"unsubscribed", 60, 60, AfterUsed, SourceHouse},             // alerts that ended: the links of their last letters still say so
	{"proof", ForGood, 0, AfterOpen, SourceHouse},                // that one person has one account, and a username one owner
	{"audit", ForGood, 0, AfterOpen, SourceHouse},                // what agents and operators did, by ids
}

// NewSchedule is the house's with what a deployment sets; ErrSchedule.
func NewSchedule(set map[string]int) (Schedule, error) {
	s := slices.Clone(house)
	for _, what := range slices.Sorted(maps.Keys(set)) {
		n := slices.IndexFunc(s, func(r Rule) bool { return r.What == what })
		switch days := set[what]; {
		case n < 0 || s[n].Least == 0:
			return nil, fmt.Errorf("%w: %q", ErrSchedule, what)
		case days < s[n].Least:
			return nil, fmt.Errorf("%w: %q of %d days, where %d are the least", ErrSchedule, what, days, s[n].Least)
		case days > 100*365:
			return nil, fmt.Errorf("%w: %q of %d days", ErrSchedule, what, days)
		default:
			s[n].Days = days
		}
	}
	return s, nil
}

// Keep is how long a class is kept that goes after some days; nil is the house's schedule.
func (s Schedule) Keep(what string) time.Duration {
	if s == nil {
		s = house
	}
	for _, r := range s {
		if r.What == what && r.Days > 0 {
			return time.Duration(r.Days) * 24 * time.Hour
		}
	}
	panic("ledger: nothing called " + what + " goes after some days")
}

// Rules are the lines; of nil, the house's.
func (s Schedule) Rules() []Rule {
	if s == nil {
		s = house
	}
	return slices.Clone(s)
}

// Owner is the role of a member whose the part is, or about whom.
const Owner = "owner"

// EndGrants ends what others may see of an account by its leave: it is closed.
func (t *Tx) EndGrants(ctx context.Context, id string) error {
	const end = `
		DELETE FROM member WHERE account <> $1 AND part LIKE 'grant/%'
			AND part IN (SELECT m.part FROM member m WHERE m.account = $1 AND m.role = $2)`
	_, err := t.count(ctx, "end what account "+id+" granted", end, id, Owner)
	return err
}

// DropRecords removes the records of accounts that are closed, and those of employers' files
// and grants that nobody is a member of any more, but for what was submitted and used since
// a moment: what was decided on stays so long. The answers to desks go with the account.
func (t *Tx) DropRecords(ctx context.Context, decided time.Time) (records int, err error) {
	const (
		closed = "IN (SELECT id FROM account WHERE state = 'closed')"
		left   = ` (SELECT name FROM part WHERE
			name IN (SELECT 'person/' || id FROM account WHERE state = 'closed')
			OR (name LIKE 'employer/%' OR name LIKE 'grant/%') AND NOT EXISTS (SELECT 1 FROM member m WHERE m.part = part.name))`
		sent = "EXISTS (SELECT 1 FROM submission s WHERE s.part = doc.part AND s.doc = doc.id"
	)
	for _, text := range []string{
		"DELETE FROM member WHERE part LIKE 'grant/%' AND part IN (SELECT m.part FROM member m WHERE m.role = '" + Owner + "' AND m.account " + closed + ")",
		"DELETE FROM member WHERE account " + closed,
		"DELETE FROM mutation WHERE account " + closed,
	} {
		if _, err := t.count(ctx, "drop what is left of closed accounts", text); err != nil {
			return 0, err
		}
	}
	records, err = t.count(ctx, "drop records that are nobody's",
		"DELETE FROM doc WHERE part IN"+left+" AND NOT ("+sent+") AND (doc.at >= $1 OR "+sent+" AND s.at >= $1)))", ms(decided))
	if err != nil {
		return 0, err
	}
	for _, text := range []string{
		"DELETE FROM change WHERE part IN" + left,
		"DELETE FROM submission WHERE part IN" + left + " AND NOT EXISTS (SELECT 1 FROM doc d WHERE d.part = submission.part AND d.id = submission.doc)",
		"DELETE FROM part WHERE name IN" + left + " AND NOT EXISTS (SELECT 1 FROM doc d WHERE d.part = part.name)",
		`UPDATE part SET floor = seq, records = (SELECT COUNT(*) FROM doc d WHERE d.part = part.name AND NOT d.deleted),
			bytes = (SELECT COALESCE(SUM(LENGTH(d.body)), 0) FROM doc d WHERE d.part = part.name)
			WHERE name IN` + left,
	} {
		if _, err := t.count(ctx, "drop what is left of closed accounts", text); err != nil {
			return 0, err
		}
	}
	return records, nil
}

// ForgetAccounts removes who it was from n accounts at most that were closed before a moment.
// What proves that one person has one account stays. An agent whose name stands in somebody's
// access log is named there until its line goes.
func (t *Tx) ForgetAccounts(ctx context.Context, before time.Time, n int) (int, error) {
	const notes = "DELETE FROM dispute WHERE account IN (SELECT id FROM account WHERE state = $1 AND closed > 0 AND closed < $2)"
	const forget = `
		UPDATE account SET ver = ver + 1, email_mac = $3, roles = '', password = '', temp = '', body = $3
		WHERE id IN (
			SELECT id FROM account WHERE state = $1 AND closed > 0 AND closed < $2 AND LENGTH(body) > 0
				AND NOT EXISTS (SELECT 1 FROM seen WHERE viewer = account.id AND viewer <> '')
			ORDER BY closed, id LIMIT $4)`
	if _, err := t.count(ctx, "forget disputes", notes, string(account.Closed), ms(before)); err != nil {
		return 0, err
	}
	return t.count(ctx, "forget closed accounts", forget, string(account.Closed), ms(before), []byte{}, n)
}

// ForgetCredentials empties those that are revoked and were used last before a moment. The
// username stays taken.
func (t *Tx) ForgetCredentials(ctx context.Context, before time.Time) (int, error) {
	const forget = `
		UPDATE credential SET ver = ver + 1, password = '', recovery_mac = NULL, body = $3
		WHERE state = $1 AND LENGTH(body) > 0 AND CASE WHEN used > 0 THEN used ELSE created END < $2`
	return t.count(ctx, "forget revoked credentials", forget, string(account.CredentialRevoked), ms(before), []byte{})
}

// DropSettled removes requests for help that were settled before a moment.
func (t *Tx) DropSettled(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "drop settled requests for help", "DELETE FROM help WHERE settled > 0 AND settled < $1", ms(before))
}

// DropSeen removes lines of access logs of before a moment.
func (t *Tx) DropSeen(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "drop old lines of access logs", "DELETE FROM seen WHERE at < $1", ms(before))
}

// EmptyReports removes the words of reports that came before a moment. Their tickets stay,
// so that no number is given twice.
func (t *Tx) EmptyReports(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "empty old reports", "UPDATE report SET words = '', app = '' WHERE received < $1 AND (words <> '' OR app <> '')", ms(before))
}
