package account

import (
	"slices"
	"time"
)

// PolicyOf is how an account with these roles has to sign in: the strongest that one of
// them wants.
func PolicyOf(roles []Role) Policy {
	if slices.Contains(roles, Counsellor) || slices.Contains(roles, Agent) {
		return TwoFactor
	}
	return Questions
}

// Opens says whether a session of this policy opens what wants another: the second factor
// opens what a question does, not the other way round (D24). What wants "" is open to all.
func (p Policy) Opens(wants Policy) bool {
	return wants == "" || p == wants || p == TwoFactor && wants == Questions
}

// SessionEnds is when a session ends that was opened at a moment and last seen at another:
// idle unless it is renewed before, until in any case (B-019). idle is never after until.
func (r Rules) SessionEnds(p Policy, created, seen time.Time) (idle, until time.Time) {
	r = r.Filled()
	quiet, whole := r.Idle, r.Absolute
	if p != Questions {
		quiet, whole = r.PortalIdle, r.PortalAbsolute
	}
	until = created.Add(whole)
	if idle = seen.Add(quiet); idle.After(until) {
		idle = until
	}
	return idle, until
}

// Fresh says whether a second factor shown at a moment still counts for a change now.
func (r Rules) Fresh(factor, now time.Time) bool {
	return !factor.IsZero() && now.Sub(factor) < r.Filled().FactorFresh
}
