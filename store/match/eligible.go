package match

import (
	"time"

	"passerelle/store/posting"
)

// Standing is what [Eligible] asks besides the posting itself. The zero value is a person
// who has not activated a profile.
type Standing struct {
	Active    bool // the profile was activated and not put to rest
	Suspended bool // the account is suspended or was never validated
	Express   bool // an Express Entry candidate
	Pending   bool // the employer's file is not approved yet, or no longer
	Paused    int  // whole days during which the posting was suspended: they do not count as displayed
}

// Bar is why a profile and a posting may not be matched; "" is that they may.
type Bar string

// Bars, in the order in which they are looked at.
const (
	Inactive   Bar = "inactive"   // no activated profile
	Suspended  Bar = "suspended"  // the account
	Elsewhere  Bar = "elsewhere"  // the posting came from another site
	OldNumber  Bar = "old-number" // its number begins with 7 or 8
	Unapproved Bar = "unapproved" // its employer is not approved
	Ended      Bar = "ended"      // it is over, closed or withdrawn
	NotYet     Bar = "not-yet"    // an Express Entry candidate, and it was shown for 30 days or less
)

// displayed is how many days a posting must have been shown before an Express Entry
// candidate is matched with it: on the 31st day and not before.
const displayed = 30

// Eligible says whether a person and a posting may be matched at a moment. The desktop asks
// it for its preview, with Active true; the server asks it before it makes a match.
func Eligible(s Standing, c posting.Card, now time.Time) Bar {
	switch {
	case !s.Active:
		return Inactive
	case s.Suspended:
		return Suspended
	case c.External():
		return Elsewhere
	case old(c.Number):
		return OldNumber
	case s.Pending:
		return Unapproved
	case c.Ended(now):
		return Ended
	case s.Express && Shown(c, s.Paused, now) <= displayed:
		return NotYet
	}
	return ""
}

// Shown is for how many days a posting has been displayed, by the calendar of its own
// place; days of suspension are taken off.
func Shown(c posting.Card, paused int, now time.Time) int {
	today := posting.DayOf(now.In(c.EndsAt().Location()))
	return max(0, int(today-c.Posted)-max(0, paused))
}

// old says whether a number was given by the old employer system.
func old(number int64) bool {
	for number >= 10 {
		number /= 10
	}
	return number == 7 || number == 8
}
