package account

import "time"

const (
	suspendMonths = 6
	revokeMonths  = 24 // B-041
)

// months is a moment so many calendar months later, at the same time of day in UTC: the
// 31st of August and six months is the last of February, not a day in March.
func months(t time.Time, n int) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// SuspendsOn is when an account is suspended that was last signed in to at a moment: the
// day after six calendar months, at noon in UTC. Days are those of UTC, which is
// ahead of every clock in Canada, and at its noon it is the same date from Newfoundland to
// Yukon, summer or winter: the date that a person is told is the one on their wall, and
// no clock that is set forward or back can make it come early.
func SuspendsOn(signedIn time.Time) time.Time {
	day := months(signedIn, suspendMonths)
	return time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, time.UTC)
}

// WarnsOn is when the person is told that it will be.
func (r Rules) WarnsOn(signedIn time.Time) time.Time {
	return SuspendsOn(signedIn).Add(-r.Filled().WarnBefore)
}

// Next is the state in which an account ought to be now. Warned: write the letter, once;
// warned is when that was done, zero if never. A sign-in after the warning takes it back
// (§14). An account that nobody warned in time, because no server ran, is suspended all
// the same: D6 wants no luck in it.
func (r Rules) Next(s State, signedIn, warned, now time.Time) State {
	if s != Active && s != Warned {
		return s
	}
	told := warned.After(signedIn)
	switch {
	case !now.Before(SuspendsOn(signedIn)):
		return Suspended
	case now.Before(r.WarnsOn(signedIn)), s == Warned && !told: // told of another time: so, anew
		return Active
	}
	return Warned
}

// RevokesOn is when a portal credential is revoked that was last used at a moment: two
// calendar years later, at the same time of day in UTC (B-041). Revoked is final.
func RevokesOn(lastUsed time.Time) time.Time { return months(lastUsed, revokeMonths) }

// Can says whether an account may go from one state to another (requirements §12). Closed
// is final.
func (s State) Can(to State) bool {
	switch s {
	case Registering:
		return to == Active || to == Closed
	case Active:
		return to == Warned || to == Suspended || to == Closed
	case Warned:
		return to == Active || to == Suspended || to == Closed
	case Suspended:
		return to == Active || to == Closed
	}
	return false
}

// Can says whether a credential may go from one state to another: it may be revoked, and
// that is all (B-041).
func (s CredentialState) Can(to CredentialState) bool {
	return s == CredentialActive && to == CredentialRevoked
}
