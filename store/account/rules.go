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
func (r Rules) Filled() Rules { return r }

// FlowLife is how long a flow may take: recoveries and sign-ins minutes, a registration a day.
func (r Rules) FlowLife(k Kind) time.Duration { return time.Hour }
