package account

import "time"

// TermsVersion is the version of the terms and of the privacy statement in force.
const TermsVersion = "2026-11-22"

// Rules are the figures of the house; a zero field is the house's own (requirements §14).
type Rules struct {
	CodeLife       time.Duration // of a code by e-mail; 0: 15 min
	CodeTries      int           // of one code; 0: 5
	FactorLife     time.Duration // of a second-factor code by e-mail; 0: 10 min
	ResendAfter    time.Duration // 0: 60 s
	QuestionsAsked int           // in one recovery; 0: 2, then an agent
	TempLife       time.Duration // of a temporary password; 0: 24 h
	FactorFresh    time.Duration // how long a second factor counts for a change; 0: 5 min
	Access         time.Duration // life of an access token; 0: 10 min
	Idle           time.Duration // of a job-bank session without renewal; 0: 30 days
	Absolute       time.Duration // 0: 180 days
	PortalIdle     time.Duration // 0: 15 min
	PortalAbsolute time.Duration // 0: 12 h
	LockAfter      time.Duration // of the desktop; 0: 15 min
	LockMost       time.Duration // that a person may choose; 0: 60 min
	WarnBefore     time.Duration // of a suspension; 0: 7 days
}

// Filled is the rules with those of the house where none was given.
func (r Rules) Filled() Rules {
	fill := func(d *time.Duration, house time.Duration) {
		if *d == 0 {
			*d = house
		}
	}
	fill(&r.CodeLife, 15*time.Minute)
	fill(&r.FactorLife, 10*time.Minute)
	fill(&r.ResendAfter, time.Minute)
	fill(&r.TempLife, 24*time.Hour)
	fill(&r.FactorFresh, 5*time.Minute)
	fill(&r.Access, 10*time.Minute)
	fill(&r.Idle, 30*24*time.Hour)
	fill(&r.Absolute, 180*24*time.Hour)
	fill(&r.PortalIdle, 15*time.Minute)
	fill(&r.PortalAbsolute, 12*time.Hour)
	fill(&r.LockAfter, 15*time.Minute)
	fill(&r.LockMost, time.Hour)
	fill(&r.WarnBefore, 7*24*time.Hour)
	if r.CodeTries == 0 {
		r.CodeTries = 5
	}
	if r.QuestionsAsked == 0 {
		r.QuestionsAsked = 2
	}
	return r
}

// FlowLife is how long a flow may take from its first step to its last: a quarter of an
// hour for coming in, half an hour for a recovery or a change, a day for what begins an
// account, since its letter may be read in the evening.
func (r Rules) FlowLife(k Kind) time.Duration {
	switch k {
	case SignIn, Portal, PortalPartner:
		return 15 * time.Minute
	case Register, Invited:
		return 24 * time.Hour
	}
	return 30 * time.Minute
}
