package state

import (
	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Enrol registers a portal credential of the person at the desk (B-037): username and
// password, what they are recovered with, a second factor, its recovery codes. It opens the
// portal; the credential before, if there was one, ends with all that hung on it.
type Enrol struct {
	*Flow
	Deployment wire.Deployment
	Started    bool // past the page that says what it takes
}

func newEnrol(s *State) *Enrol {
	e := &Enrol{Flow: s.NewFlow(account.Enrol)}
	e.Finish = func(bool) { e.Started = false }
	return e
}

// Open reads what the server is, and what credential there is already.
func (e *Enrol) Open() {
	e.meet(&e.Deployment)
	if e.s.Present.Signed() {
		e.s.Me.Load()
	}
}

// Needs says whether somebody has to sign in first (B-014).
func (e *Enrol) Needs() bool {
	p := e.s.Present
	return !p.Signed() || p.Mode == session.Local && p.Asks || e.Wrong(account.SignInNeeded)
}

// Seek keeps that the person wants to come back here once they have signed in.
func (e *Enrol) Seek(screen string) { e.s.Present.Wanted = Target{Screen: screen} }

// Replaces says whether there is a credential that this one takes the place of (B-021,
// B-024, B-035).
func (e *Enrol) Replaces() bool {
	c := e.s.Me.Account.Credential
	return c != nil && c.State != account.CredentialRevoked
}

// Begin leaves the page that says what it takes.
func (e *Enrol) Begin() {
	e.Started = true
	e.Page++
	e.tell()
}

// Ask takes the question of the recovery.
func (e *Enrol) Ask(id string) { e.Type("question", &e.In.Question, id) }

// Steps name the pages, and say which one is at hand, from 1.
func (e *Enrol) Steps() (names []string, at int) {
	return e.steps([]i18n.Key{i18n.EnrolStepName, i18n.EnrolStepRecovery, i18n.EnrolStepFactor, i18n.EnrolStepCodes},
		[][]account.Step{{account.StepUsername}, {account.StepRecovery}, {account.StepSetup, account.StepConfirm}, {account.StepCodes}})
}

// Abandon gives it up.
func (e *Enrol) Abandon() {
	e.Started = false
	e.Flow.Abandon()
}
