package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
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
