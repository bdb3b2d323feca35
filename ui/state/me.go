package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Parts of the account page. The first is the page itself; the others are filled in.
const (
	MeAll       = ""
	MeDetails   = "details"
	MePassword  = "password"
	MeQuestions = "questions"
	MeRecovery  = "recovery" // the recovery e-mail of the portal (B-023)
	MeDevices   = "devices"
	MeClose     = "close"
)

// meActs are the parts that are filled in, with the act that each one ends in.
var meActs = map[string]string{MeDetails: wire.ActDetails, MePassword: wire.ActPassword,
	MeQuestions: wire.ActQuestions, MeRecovery: wire.ActRecoveryEmail, MeClose: wire.ActClose}

// Me is the account of the person at the desk: what it knows of them, and what they change
// of it. Without a network it shows the last known values and changes nothing.
type Me struct {
	s *State

	Account wire.Me
	Known   bool // there are values to show
	Fresh   bool // the server gave them just now
	Loading bool
	Err     error     // why they are not fresh
	Asked   time.Time // when the server gave them; zero: not known

	Part       string       // that is being changed
	At         string       // where on the page to begin, as a link says
	Answer     wire.Answer  // what is typed; secrets go as soon as they were sent, and when the desk locks
	Sure       bool         // closing: the box was ticked
	Fields     []FieldError // what is to be mended
	Fault      *Trouble     // of the last act, other than what has to be mended
	Busy       bool
	Deployment wire.Deployment
	Shift      int // counts what was kept, so that whoever draws begins a form anew

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen int
}

// meAsked is the draft that keeps when the server gave the account last, sealed with the
// rest of the person's records.
const meAsked = "me.asked"

type drafts interface {
	PutDraft(ctx context.Context, name string, body []byte, now time.Time) error
	Draft(ctx context.Context, name string) ([]byte, error)
}

func newMe(s *State) *Me { return &Me{s: s} }

func (m *Me) tell() {
	if m.Changed != nil {
		m.Changed()
	}
}

// Load reads the account; the last known one without a network.
func (m *Me) Load() {
	if m.s.o.Accounts == nil || !m.s.Present.Signed() {
		return
	}
	m.gen++
	gen := m.gen
	m.Loading = !m.Known
	m.s.Deployment(func(d wire.Deployment) {
		m.Deployment = d
		m.tell()
	})
	var me wire.Me
	var fresh bool
	var err error
	d, now := m.s.o.Device, m.s.Now()
	asked := m.Asked
	m.s.o.Exec.Go(func() {
		me, fresh, err = m.s.o.Accounts.Me(m.s.ctx)
		if drafts, ok := d.(drafts); ok {
			if fresh && err == nil {
				asked = now
				_ = drafts.PutDraft(m.s.ctx, meAsked, []byte(now.UTC().Format(time.RFC3339)), now) // else the date is not told
			} else if text, e := drafts.Draft(m.s.ctx, meAsked); e == nil && asked.IsZero() {
				asked, _ = time.Parse(time.RFC3339, string(text))
			}
		}
	}, func() {
		if gen != m.gen {
			return
		}
		m.Loading, m.Err, m.Asked = false, err, asked
		was := m.Account.Credential
		if me.Account != "" {
			first := !m.Known
			m.Account, m.Known, m.Fresh = me, true, fresh && err == nil
			if first && m.Part != MeAll {
				m.Open(m.Part) // a link led here before it was known what to fill in
			}
		} else {
			m.Fresh = false
		}
		m.tell()
		m.s.met(was)
		m.s.Present.Look()
	})
}

// Can says whether anything can be changed now.
func (m *Me) Can() bool { return m.Known && m.Fresh && m.s.Status.Online }

// Why says why nothing can be changed now, and of when the values are; "" when all can be.
func (m *Me) Why() string {
	w := m.s.words
	switch {
	case m.Loading:
		return w.S(i18n.MeLoading)
	case m.s.Present.Asks:
		return w.S(i18n.PresentAsks)
	case m.Can():
		return ""
	case !m.Known:
		return w.S(i18n.MeUnknown)
	case m.Asked.IsZero():
		return w.S(i18n.MeOffline)
	}
	at := m.Asked.In(m.s.o.Zone)
	return w.S(i18n.MeOfflineOf, "Date", w.Date(at), "Time", w.Clock(at))
}

// Open begins to change a part.
func (m *Me) Open(part string) {
	m.At = part
	if _, ok := meActs[part]; !ok {
		part = MeAll
	}
	m.Part, m.Answer, m.Sure, m.Fields, m.Fault = part, wire.Answer{}, false, nil, nil
	switch part {
	case MeDetails:
		m.Answer = wire.Answer{First: m.Account.First, Last: m.Account.Last, Lang: m.Account.Lang}
	case MeQuestions:
		m.Answer.Questions = make([]wire.QA, account.QuestionCount)
		for i := range min(len(m.Account.Questions), account.QuestionCount) {
			m.Answer.Questions[i].Question = m.Account.Questions[i]
		}
	case MeRecovery:
		if c := m.Account.Credential; c != nil {
			m.Answer.RecoveryEmail = c.RecoveryEmail
		}
	}
	m.Shift++
	m.tell()
}

// Drop forgets the secrets that were typed: the desk locks, or the page is left.
func (m *Me) Drop() {
	m.Answer.Current, m.Answer.Password, m.Answer.Again = "", "", ""
	for i := range m.Answer.Questions {
		m.Answer.Questions[i].Answer = ""
	}
}

// Typed looks again at a field that was to be mended: its error goes once it is right.
func (m *Me) Typed(field string) {
	if len(m.Fields) == 0 {
		return
	}
	wrong := map[string]account.Code{}
	for _, p := range m.check() {
		if wrong[p.Field] == "" {
			wrong[p.Field] = p.Code
		}
	}
	group, _, _ := strings.Cut(field, ".")
	var left []FieldError
	for _, e := range m.Fields {
		switch mine := e.Field == field || e.Field == group || field == "password" && e.Field == "again"; {
		case !mine:
			left = append(left, e)
		case wrong[e.Field] != "":
			left = append(left, m.fault(account.Problem{Field: e.Field, Code: wrong[e.Field]}))
		}
	}
	m.Fields = left
	m.tell()
}

func (m *Me) fault(p account.Problem) FieldError {
	return FieldError{Field: p.Field, Text: m.s.words.S(p.Code.Key()), Code: p.Code}
}

// Error is the sentence under a field, "" for none.
func (m *Me) Error(field string) string {
	for _, e := range m.Fields {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// check says what the person can mend without asking the server.
func (m *Me) check() (wrong []account.Problem) {
	say := func(field string, c account.Code) {
		if c != "" {
			wrong = append(wrong, c.At(field))
		}
	}
	current := func() {
		if m.Answer.Current == "" {
			say("current", account.Needed)
		}
	}
	switch m.Part {
	case MeDetails:
		say("first", account.CheckName(m.Answer.First))
		say("last", account.CheckName(m.Answer.Last))
	case MePassword:
		current()
		say("password", account.CheckPassword(m.Answer.Password, m.Account.Email))
		say("again", account.CheckAgain(m.Answer.Password, m.Answer.Again))
	case MeQuestions:
		current()
		wrong = append(wrong, account.CheckQuestions(m.Answer.Questions)...)
	case MeRecovery:
		current()
		say("recovery_email", account.CheckEmail(m.Answer.RecoveryEmail))
	case MeClose:
		current()
		if !m.Sure {
			say("accept", account.NotAccepted)
		}
	}
	return wrong
}

// Keep sends the part that is being changed; done is told whether it was taken.
func (m *Me) Keep(done func(ok bool)) {
	act, ok := meActs[m.Part]
	if !ok || m.Busy {
		return
	}
	m.Fields, m.Fault = nil, nil
	for _, p := range m.check() {
		m.Fields = append(m.Fields, m.fault(p))
	}
	if len(m.Fields) > 0 {
		m.tell()
		done(false)
		return
	}
	m.send(act, m.Answer, func(ok bool) {
		if ok {
			if act == wire.ActClose {
				m.s.Present.SignOut(true, nil)
			}
			m.Open(MeAll)
		}
		done(ok)
	})
}

// Revoke ends the session of another computer (B-009).
func (m *Me) Revoke(device string, done func(ok bool)) {
	m.send(wire.ActRevoke, wire.Answer{Device: device}, done)
}

// RevokeOthers ends the sessions of all other computers.
func (m *Me) RevokeOthers(done func(ok bool)) { m.send(wire.ActRevokeOthers, wire.Answer{}, done) }

func (m *Me) send(act string, in wire.Answer, done func(ok bool)) {
	m.gen++
	m.Busy, m.Fault = true, nil
	m.tell()
	var me wire.Me
	var err error
	m.s.o.Exec.Go(func() { me, err = m.s.o.Accounts.Change(m.s.ctx, act, in) }, func() {
		m.Busy = false
		m.Fields, m.Fault = nil, nil
		m.refused(err)
		if err == nil && me.Account != "" {
			m.Account, m.Known, m.Fresh, m.Err = me, true, true, nil
		}
		m.tell()
		done(err == nil)
		m.s.Present.Look()
	})
}

// refused takes over why the server did not do it.
func (m *Me) refused(err error) {
	var no *wire.Refused
	switch {
	case err == nil:
	case errors.As(err, &no) && len(no.Fields) > 0:
		for _, p := range no.Fields {
			m.Fields = append(m.Fields, m.fault(p))
		}
	case errors.As(err, &no) && no.Code == account.TooMany:
		m.Fault = &Trouble{Title: m.s.words.S(i18n.ErrToomany), Text: m.s.words.S(no.Code.Key()), Code: no.Code}
	case errors.As(err, &no):
		m.Fault = &Trouble{Text: m.s.words.S(no.Code.Key()), Code: no.Code}
	default:
		m.Fault = trouble(m.s.words, err)
	}
}

// Devices are the computers with an open session: this one first, then by when they were seen.
func (m *Me) Devices() []wire.Device {
	all := slices.Clone(m.Account.Devices)
	slices.SortStableFunc(all, func(a, b wire.Device) int {
		if a.This != b.This {
			if a.This {
				return -1
			}
			return 1
		}
		return b.Seen.Compare(a.Seen)
	})
	return all
}

// Moment is a day and a time, in the person's zone.
func (m *Me) Moment(t time.Time) string {
	if t.IsZero() {
		return m.s.words.S(i18n.ValueUnknown)
	}
	t = t.In(m.s.o.Zone)
	return m.s.words.Date(t) + " " + m.s.words.Clock(t)
}

// Day is a day, in the person's zone.
func (m *Me) Day(t time.Time) string {
	if t.IsZero() {
		return m.s.words.S(i18n.ValueUnknown)
	}
	return m.s.words.Date(t.In(m.s.o.Zone))
}

// State says what the account is.
func (m *Me) State() string {
	k, ok := map[account.State]i18n.Key{account.Active: i18n.MeStateActive, account.Warned: i18n.MeStateWarned,
		account.Suspended: i18n.MeStateSuspended, account.Closed: i18n.MeStateClosed, account.Registering: i18n.MeStateRegistering}[m.last()]
	if !ok {
		return m.s.words.S(i18n.ValueUnknown)
	}
	return m.s.words.S(k)
}

// last is the last known state: the desk may know a suspension that the account page, read
// before it, does not show.
func (m *Me) last() account.State {
	if st := m.s.Present.Person.State; st != "" && !m.Fresh {
		return st
	}
	return m.Account.State
}

// Suspended says whether the last known state is a suspension.
func (m *Me) Suspended() bool { return m.last() == account.Suspended }

// Method names a second factor.
func (m *Me) Method(x account.Method) string {
	switch x {
	case account.TOTP:
		return m.s.words.S(i18n.MeTotp)
	case account.EMail:
		return m.s.words.S(i18n.MeEmailcode)
	}
	return m.s.words.S(i18n.MeNofactor)
}

// Verified says, honestly, what was done to verify who the person is.
func (m *Me) Verified() string {
	if m.Account.Verified == "register" {
		return m.s.words.S(i18n.MeVerifiedRegister)
	}
	return m.s.words.S(i18n.MeVerifiedLocal)
}

// Factor is the second factor of the account, or else that of its portal credential.
func (m *Me) Factor() account.Method {
	if m.Account.Factor != "" {
		return m.Account.Factor
	}
	if c := m.Account.Credential; c != nil {
		return c.Factor
	}
	return ""
}

// Free are the questions that can be chosen as the nth: those that none of the other four is.
func (m *Me) Free(i int) (ids []string) {
	for _, id := range account.QuestionIDs {
		if !slices.ContainsFunc(m.Answer.Questions, func(q wire.QA) bool { return q.Question == id && q != m.Answer.Questions[i] }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Partner names a sign-in partner, as the deployment does.
func (m *Me) Partner(id string) string {
	for _, p := range m.Deployment.Partners {
		if p.ID == id {
			if m.s.Lang() == i18n.French {
				return p.Name.FR
			}
			return p.Name.EN
		}
	}
	return id
}

// Policy says how a session was opened.
func (m *Me) Policy(p account.Policy) string {
	if p == account.TwoFactor {
		return m.s.words.S(i18n.MePolicy2fa)
	}
	return m.s.words.S(i18n.MePolicyQuestions)
}
