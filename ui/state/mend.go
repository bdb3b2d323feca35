package state

import (
	"context"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/replica"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Mending is what a person can try by themselves when something does not work (B-010).
type Mending struct {
	s *State

	Testing  bool
	Tested   string // what the test said, in sentences
	Bad      bool   // it said that something is wrong
	Reset    string // what came of resetting
	ResetErr error
	Busy     bool
}

// testFor is how long a test of the connection waits.
const testFor = time.Minute

// CanReset says whether there are records of an account to reset.
func (m *Mending) CanReset() bool { return m.s.o.Private != nil && m.s.Present.Signed() }

// Offered says whether there is anything of it here.
func (m *Mending) Offered() bool { return m.s.o.Desk != nil || m.s.o.Private != nil }

// ResetAsk says what resetting takes anew, and what stays.
func (m *Mending) ResetAsk() string {
	w := m.s.words
	return w.S(i18n.SettingsResetAsk, "Waiting", w.N(i18n.StatusPending, m.s.Unsent()))
}

// ResetCache has the records of the account taken from the server anew. What the person wrote and has
// not been sent stays.
func (m *Mending) ResetCache() {
	if !m.CanReset() || m.Busy {
		return
	}
	p := m.s.o.Private
	var err error
	m.Busy, m.Reset, m.ResetErr = true, "", nil
	m.s.Settings.tell()
	m.s.o.Exec.Go(func() { err = p.ResetCache(m.s.ctx) }, func() {
		m.Busy, m.ResetErr = false, err
		m.Reset = m.s.words.S(i18n.SettingsResetDone)
		if err != nil {
			m.Reset = m.s.words.S(i18n.SettingsResetFailed, "Why", PrivateProblem(m.s.words, err))
		}
		m.s.Settings.tell()
		m.s.Tell()
	})
}

// Test asks the server that is kept whether it answers, and whether it knows the session.
func (m *Mending) Test() {
	t, w, d := m.s.Settings, m.s.words, m.s.o.Desk
	if d == nil || m.Testing {
		return
	}
	m.Tested, m.Bad = "", false
	switch {
	case t.Dirty():
		m.say(w.S(i18n.SettingsTestDirty), true)
		return
	case m.s.Sync.away():
		m.say(w.S(i18n.SettingsTestFailed, "Why", Explain(w, replica.ErrOffline)), true)
		return
	}
	m.Testing = true
	t.tell()
	signed, a := m.s.Present.Signed(), m.s.o.Accounts
	var plan replica.Plan
	var err, meErr error
	var fresh bool
	ctx, cancel := context.WithTimeout(m.s.ctx, testFor)
	m.s.o.Exec.Go(func() {
		plan, err = d.Plan(ctx)
		if signed && a != nil {
			_, fresh, meErr = a.Me(ctx)
		}
	}, func() {
		cancel()
		m.Testing = false
		said, bad := m.catalogue(plan, err)
		if signed && (!bad || errors.Is(err, wire.ErrMissing)) {
			line, wrong := m.session(fresh, meErr)
			said, bad = said+" "+line, bad || wrong
		}
		if !bad {
			m.s.SetOnline(true)
		}
		m.say(said, bad)
	})
}

func (m *Mending) say(said string, bad bool) {
	m.Tested, m.Bad = said, bad
	m.s.Settings.tell()
}

// catalogue says what the server answered to the question what an update would bring.
func (m *Mending) catalogue(p replica.Plan, err error) (said string, bad bool) {
	w := m.s.words
	switch {
	case errors.Is(err, wire.ErrMissing):
		return w.S(i18n.SettingsTestOk, "What", w.S(i18n.SettingsTestEmpty)), false
	case err != nil:
		return w.S(i18n.SettingsTestFailed, "Why", Explain(w, err)), true
	}
	return w.S(i18n.SettingsTestOk, "What", w.S(i18n.SettingsTestPlan, "Plan", m.s.Sync.PlanLine(p))), false
}

// session says whether the server knows the session.
func (m *Mending) session(fresh bool, err error) (said string, bad bool) {
	w := m.s.words
	var no *wire.Refused
	switch {
	case err == nil && fresh:
		return w.S(i18n.SettingsTestSession), false
	case errors.Is(err, session.ErrSignIn), errors.Is(err, session.ErrRevoked), errors.As(err, &no) && no.Code == account.SignInNeeded:
		return w.S(i18n.SettingsTestSessionEnded), true
	case err == nil:
		err = wire.ErrOffline
	}
	return w.S(i18n.SettingsTestSessionFailed, "Why", PrivateProblem(w, err)), true
}
