package gate

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// handler does one step: it checks what the person gave, changes r.data, and says where
// the flow goes. What must be written with the move goes into move.do; slow hashes are
// made before, so that no transaction waits for them.
type handler func(ctx context.Context, g *Gate, r *run) (move, error)

// handlers are all steps of all kinds; a test holds that they are those of account.Flows.
var handlers = map[account.Kind]map[account.Step]handler{
	account.Register: {account.StepTerms: registerTerms, account.StepIdentity: registerIdentity, account.StepCode: registerCode,
		account.StepValidate: registerValidate, account.StepQuestions: registerQuestions},
	account.Invited: {account.StepInvite: invitedInvite, account.StepTerms: invitedTerms, account.StepNewPassword: invitedPassword,
		account.StepQuestions: invitedQuestions, account.StepSetup: factorSetup, account.StepConfirm: factorConfirm, account.StepCodes: factorCodes},
	account.SignIn: {account.StepPassword: signinPassword, account.StepQuestion: signinQuestion, account.StepFactor: factorUse,
		account.StepSetup: factorSetup, account.StepConfirm: factorConfirm, account.StepCodes: factorCodes,
		account.StepTerms: signinTerms, account.StepQuestions: signinQuestions, account.StepNewPassword: signinNewPassword},
	account.Portal: {account.StepPassword: portalPassword, account.StepFactor: factorUse, account.StepSetup: factorSetup,
		account.StepConfirm: factorConfirm, account.StepCodes: factorCodes, account.StepSuccess: portalSuccess},
	account.PortalPartner: {account.StepPartner: partnerSignIn},
	account.Enrol: {account.StepUsername: enrolUsername, account.StepRecovery: enrolRecovery, account.StepSetup: factorSetup,
		account.StepConfirm: factorConfirm, account.StepCodes: factorCodes},
	account.EnrolPartner:  {account.StepPartner: partnerEnrol},
	account.ChangePartner: {account.StepPartner: partnerProve, account.StepNewPartner: partnerChange},
	account.Recover: {account.StepName: recoverName, account.StepCode: recoverCode, account.StepQuestion: recoverQuestion,
		account.StepNewPassword: recoverPassword},
	account.Username: {account.StepEmail: usernameEmail, account.StepSent: usernameSent},
	account.Password: {account.StepUsername: passwordUsername, account.StepMethod: passwordMethod, account.StepCode: passwordCode,
		account.StepAnswer: passwordAnswer, account.StepAnswers: passwordAnswers, account.StepNewPassword: passwordNew},
	account.NewFactor: {account.StepFactor: factorUse, account.StepSetup: factorSetup, account.StepConfirm: factorConfirm,
		account.StepCodes: factorCodes},
	account.NewEmail: {account.StepEmail: emailNew, account.StepCode: emailCode},
}

// run is one step under way.
type run struct {
	in   wire.Answer
	now  time.Time
	from string      // the address that asks, as the server tells addresses apart
	flow ledger.Flow // Kind, Step, Account
	data data

	proved *throttle // letters to an address whose code was right: forgotten with the move
}

// move is where a step leads.
type move struct {
	next account.Step // the same again: with refuse, after a failure that counts
	// do is written together with the move; nil: nothing. It may run more than once.
	do func(ctx context.Context, t *ledger.Tx) error
	// refuse is answered although the move was made: a wrong code is counted.
	refuse error
}

// stay refuses, and keeps what the step has counted in data.
func (r *run) stay(code account.Code, field string) (move, error) {
	no := &Refused{Code: account.Mend, Fields: []account.Problem{{Field: field, Code: code}}}
	if field == "" {
		no = &Refused{Code: code}
	}
	return move{next: r.flow.Step, refuse: no}, nil
}

// end refuses and ends the flow: it can only be begun again.
func (r *run) end(code account.Code) (move, error) {
	r.flow.Expires = r.now
	return move{next: r.flow.Step, refuse: refuse(code)}, nil
}

// data is what a flow remembers between two steps, sealed. A flow that stands for nobody
// (an address that is not registered) carries the same fields, so that it looks the same.
type data struct {
	Lang   string `json:"lang"`
	Device string `json:"device,omitempty"`

	// Of the person, as typed.
	Email    string     `json:"email,omitempty"`
	First    string     `json:"first,omitempty"`
	Last     string     `json:"last,omitempty"`
	Terms    string     `json:"terms,omitempty"`
	Agreed   time.Time  `json:"agreed,omitzero"`
	Read     string     `json:"read,omitempty"`     // language in which the terms were read
	Password string     `json:"password,omitempty"` // hash of the new one
	Stamp    []byte     `json:"stamp,omitempty"`    // of the account as the flow met it; see Gate.stamp
	Chosen   []answered `json:"chosen,omitempty"`   // questions, with the hashes of their answers
	SIN      []byte     `json:"sin,omitempty"`      // keyed slow hash
	Express  []byte     `json:"express,omitempty"`  // keyed hash
	Verified string     `json:"verified,omitempty"`

	// Of a code that was sent.
	Code     code      `json:"code,omitzero"`
	Nobody   bool      `json:"nobody,omitempty"` // the address is not registered (or already is): no code is right
	Sent     string    `json:"sent,omitempty"`
	To       string    `json:"to,omitempty"`       // where it really goes, if Sent is only how that is shown
	Question string    `json:"question,omitempty"` // asked
	Asked    []string  `json:"asked,omitempty"`
	Tries    int       `json:"tries,omitempty"`
	Mail     mail.Kind `json:"mail,omitempty"` // what Resend sends again

	// Of the portal and of factors.
	Session    string           `json:"session,omitempty"`    // within which the flow was begun
	Credential string           `json:"credential,omitempty"` // id
	Username   string           `json:"username,omitempty"`
	Owner      string           `json:"owner,omitempty"` // of the factor that is used or set up
	Method     account.Method   `json:"method,omitempty"`
	Methods    []account.Method `json:"methods,omitempty"`
	Secret     string           `json:"secret,omitempty"` // of a TOTP that is being set up
	Codes      []string         `json:"codes,omitempty"`  // shown at StepCodes
	Address    string           `json:"address,omitempty"`
	PersonHint string           `json:"person_hint,omitempty"`
	DateHint   string           `json:"date_hint,omitempty"`
	FactorAt   time.Time        `json:"factor_at,omitzero"`
	Factor     []byte           `json:"factor,omitempty"`    // sealed body of the one that the flow met; nil: there was none
	Stepped    int64            `json:"stepped,omitempty"`   // TOTP step that confirmed the new one
	Recovered  bool             `json:"recovered,omitempty"` // by a recovery code: only the set-up is open
	Temporary  bool             `json:"temporary,omitempty"` // came in with a temporary password
	Draft      json.RawMessage  `json:"draft,omitempty"`     // a credential that is being registered
	Partner    string           `json:"partner,omitempty"`
	Subject    []byte           `json:"subject,omitempty"`

	Opened string `json:"opened,omitempty"` // id of the session that the flow ended in
}

// code is a code of a letter.
type code struct {
	Hash  []byte    `json:"hash"`
	Ends  time.Time `json:"ends"`
	Tries int       `json:"tries"`
	Used  bool      `json:"used,omitempty"`
	Again time.Time `json:"again"`
}

// about binds a sealed flow to its key.
func aboutFlow(key []byte) string { return "flow/" + base64.RawURLEncoding.EncodeToString(key) }

// Begin begins a flow and says what its first step asks. who is the session within which
// it is begun, nil for none.
func (g *Gate) Begin(ctx context.Context, b wire.Begin, who *Caller, from string, now time.Time) (wire.Prompt, error) {
	if !b.Kind.Known() {
		return wire.Prompt{}, refuse(account.WrongStep)
	}
	plan := account.Flows[b.Kind]
	r := &run{now: now, from: from, data: data{Lang: b.Lang, Device: short(b.Device, 80)}}
	if !speaks(r.data.Lang) {
		r.data.Lang = "fr"
	}
	r.flow = ledger.Flow{Kind: b.Kind, Step: b.Kind.First(), Created: now, Expires: now.Add(g.o.Rules.FlowLife(b.Kind))}
	if plan.Within != "" {
		if who == nil {
			return wire.Prompt{}, refuse(account.SignInNeeded)
		}
		if plan.Within == account.TwoFactor && who.Session.Policy != account.TwoFactor {
			return wire.Prompt{}, refuse(account.FactorNeeded)
		}
		r.flow.Account, r.data.Session, r.data.Credential = who.Account.ID, who.Session.ID, who.Session.Credential
		if err := g.within(ctx, r, who); err != nil {
			return wire.Prompt{}, err
		}
	}
	secret := g.token(32)
	r.flow.Key = g.o.Keys.MAC("flow", secret)
	m, err := move{next: r.flow.Step}, error(nil)
	if r.flow.Step == account.StepFactor { // its code is sent on arrival
		m, err = g.ownFactor(ctx, r)
	}
	if err != nil {
		return wire.Prompt{}, err
	}
	if err := g.write(ctx, r, m); err != nil {
		return wire.Prompt{}, err
	}
	p, err := g.prompt(ctx, r)
	p.Flow = base64.RawURLEncoding.EncodeToString(secret)
	return p, err
}

// Step takes an answer to a step and says what the next one asks. A step that is not the
// next one is refused with account.WrongStep and where the flow stands.
func (g *Gate) Step(ctx context.Context, token string, step account.Step, in wire.Answer, from string, now time.Time) (wire.Prompt, error) {
	r, err := g.read(ctx, token, now)
	if err != nil {
		return wire.Prompt{}, err
	}
	r.in, r.from = in, from
	do := handlers[r.flow.Kind][step]
	if step != r.flow.Step || do == nil {
		p, err := g.prompt(ctx, r)
		if err != nil {
			return wire.Prompt{}, err
		}
		return wire.Prompt{}, &Refused{Code: account.WrongStep, Prompt: &p}
	}
	m, err := do(ctx, g, r)
	if err != nil {
		return wire.Prompt{}, err
	}
	if r.proved != nil {
		m.do = both(m.do, func(ctx context.Context, t *ledger.Tx) error { return g.succeeded(ctx, t, *r.proved) })
	}
	if err := g.write(ctx, r, m); err != nil {
		if !errors.Is(err, ledger.ErrMoved) {
			return wire.Prompt{}, err
		}
		// The same step twice at once: the other one won, and where it led is told.
		p, err := g.Look(ctx, token, now)
		if err != nil {
			return wire.Prompt{}, err
		}
		return wire.Prompt{}, &Refused{Code: account.WrongStep, Prompt: &p}
	}
	var no *Refused
	if errors.As(m.refuse, &no) && r.flow.Step != step { // refused, and elsewhere by now
		p, err := g.prompt(ctx, r)
		if err != nil {
			return wire.Prompt{}, err
		}
		no.Prompt = &p
	}
	if m.refuse != nil {
		return wire.Prompt{}, m.refuse
	}
	return g.prompt(ctx, r)
}

// Look gives what the flow waits for, again.
func (g *Gate) Look(ctx context.Context, token string, now time.Time) (wire.Prompt, error) {
	r, err := g.read(ctx, token, now)
	if err != nil {
		return wire.Prompt{}, err
	}
	return g.prompt(ctx, r)
}

// Drop gives a flow up.
func (g *Gate) Drop(ctx context.Context, token string) error {
	secret, _ := base64.RawURLEncoding.DecodeString(token) // what is no token names no flow
	return g.o.Ledger.Update(ctx, func(t *ledger.Tx) error { return t.DropFlow(ctx, g.o.Keys.MAC("flow", secret)) })
}

// read finds a flow by its token.
func (g *Gate) read(ctx context.Context, token string, now time.Time) (*run, error) {
	secret, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(secret) != 32 {
		return nil, refuse(account.FlowExpired)
	}
	key := g.o.Keys.MAC("flow", secret)
	r := &run{now: now}
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		var err error
		r.flow, err = t.Flow(ctx, key)
		return err
	})
	if errors.Is(err, ledger.ErrNotFound) || err == nil && !now.Before(r.flow.Expires) {
		return nil, refuse(account.FlowExpired)
	}
	if err != nil {
		return nil, err
	}
	body, err := g.o.Keys.Box.Open(aboutFlow(key), r.flow.Body)
	if err == nil {
		err = json.Unmarshal(body, &r.data)
	}
	clear(body)
	if err != nil {
		return nil, fmt.Errorf("open flow: %w", err)
	}
	if account.Flows[r.flow.Kind].Within == "" || r.flow.Step == account.StepDone {
		return r, nil // what has ended tells its end again, also where it ended that session
	}
	// What was begun within a session ends with it: the device may have been signed out.
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		s, err := t.Session(ctx, r.data.Session)
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !s.Revoked.IsZero() {
			return refuse(account.SignInNeeded)
		}
		return err
	})
	return r, err
}

// write makes a move: what the step does and where the flow goes, or neither. What move.do
// changes in r.data is kept too; of a flow that has ended only what its end shows is.
func (g *Gate) write(ctx context.Context, r *run, m move) error {
	old := r.flow
	r.flow.Step = m.next
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		if m.do != nil {
			if err := m.do(ctx, t); err != nil {
				return err
			}
		}
		d := r.data
		if m.next == account.StepDone {
			d = data{Lang: d.Lang, Session: d.Session, Code: d.Code, Opened: d.Opened}
		}
		var err error
		if r.flow.Body, err = g.seal(aboutFlow(r.flow.Key), d); err != nil {
			return err
		}
		return t.PutFlow(ctx, r.flow)
	})
	if err != nil {
		r.flow = old
		return err
	}
	r.flow.Ver++
	return nil
}

// prompt is what a flow waits for, made from what it remembers, so that it can be asked
// for again after a lost answer.
func (g *Gate) prompt(ctx context.Context, r *run) (wire.Prompt, error) {
	d := &r.data
	p := wire.Prompt{Kind: r.flow.Kind, Step: r.flow.Step, Expires: r.flow.Expires, Confirmed: r.flow.Linked}
	p.Screen, p.Screens = screen(r.flow.Kind, r.flow.Step)
	switch r.flow.Step {
	case account.StepTerms:
		p.Terms = account.TermsVersion
	case account.StepCode:
		p.Sent, p.Again = d.Sent, d.Code.Again
	case account.StepQuestion:
		p.Question, p.Other = d.Question, r.flow.Kind == account.Recover && len(d.Asked) < g.o.Rules.QuestionsAsked
	case account.StepAnswer:
		p.Question = d.Question
	case account.StepAnswers:
		p.Question, p.Person, p.Date = d.Question, d.PersonHint, d.DateHint
	case account.StepSent:
		p.Sent = d.Sent
	case account.StepFactor, account.StepConfirm:
		p.Method, p.Sent, p.Again = d.Method, d.Sent, d.Code.Again
		if r.flow.Step == account.StepConfirm && d.Method == account.TOTP {
			p.Secret, p.URI = d.Secret, g.otpURI(r)
		}
	case account.StepSetup:
		p.Methods = d.Methods
	case account.StepCodes:
		p.Codes = d.Codes
	case account.StepDone:
		if d.Opened != "" {
			s, err := g.session(ctx, d.Opened, r.now)
			if err != nil {
				return wire.Prompt{}, err
			}
			p.Session = &s
		}
	}
	return p, nil
}

// screen numbers the pages of the kinds whose pages are numbered.
func screen(k account.Kind, s account.Step) (n, of int) {
	of = account.Flows[k].Screens
	switch {
	case of == 0:
		return 0, 0
	case s == account.StepDone:
		return of, of
	}
	return pages[k][s], of
}

// pages: the code is on the page of what it proves, and the validation is the third of the
// registration (D5); in the portal the e-mail and its code are both step 2 (D27).
var pages = map[account.Kind]map[account.Step]int{
	account.Register: {account.StepTerms: 1, account.StepIdentity: 2, account.StepCode: 2, account.StepValidate: 3, account.StepQuestions: 4},
	account.Username: {account.StepEmail: 1, account.StepSent: 2},
	account.Password: {account.StepUsername: 1, account.StepMethod: 2, account.StepCode: 2, account.StepAnswer: 3,
		account.StepAnswers: 2, account.StepNewPassword: 4},
}

// sendCode makes a new code, which ends the one before, and gives what queues its
// letter: the same work for an address that is nobody's, which gets no letter.
func (g *Gate) sendCode(r *run, kind mail.Kind, to string, life time.Duration, digits int) func(context.Context, *ledger.Tx) error {
	text, link := g.digits(digits), g.token(16)
	r.data.Code = code{Hash: g.o.Keys.MAC("code", r.flow.Key, []byte(text)), Ends: r.now.Add(life), Again: r.now.Add(g.o.Rules.ResendAfter)}
	r.data.Sent, r.data.Mail = to, kind
	r.flow.Link, r.flow.Linked = g.o.Keys.MAC("link", link), false
	m := mail.Message{Kind: kind, To: to, Lang: r.data.Lang, First: r.data.First, Code: text, Minutes: int(life / time.Minute)}
	if address, ok := account.Address(to); ok {
		m.To = address // under which the account is found: another spelling must not be another mailbox
	}
	if r.data.To != "" {
		m.To = r.data.To
	}
	if mail.HasLink(kind) {
		m.Link = g.o.Base + wire.LinkPath + base64.RawURLEncoding.EncodeToString(link)
	}
	proves := kind == mail.Confirm || kind == mail.NewAddress // that an address is theirs, which is not known yet
	if proves {
		m.First = "" // a stranger's words do not reach a mailbox through us
	}
	if r.data.Nobody {
		m.Kind = mail.None
		if proves {
			m = mail.Message{Kind: mail.Exists, To: m.To, Lang: m.Lang}
		}
	}
	now := r.now
	return func(ctx context.Context, t *ledger.Tx) error { return g.mail(ctx, t, "", m, now) }
}

// checkCode says whether the code is right, or the link was used; what was tried is
// counted in data. "" is right.
func (g *Gate) checkCode(r *run) account.Code {
	c := &r.data.Code
	switch {
	case c.Used:
		return account.CodeUsed
	case r.in.Linked && r.flow.Linked && !r.data.Nobody:
		// The link was used in time: how long the person took to come back does not matter.
		r.prove(g)
		return ""
	case !r.now.Before(c.Ends):
		return account.CodeExpired
	case c.Tries >= g.o.Rules.CodeTries:
		return account.CodeTries
	}
	c.Tries++
	if !bytes.Equal(g.o.Keys.MAC("code", r.flow.Key, []byte(onlyDigits(r.in.Code))), c.Hash) || r.data.Nobody {
		if c.Tries >= g.o.Rules.CodeTries {
			return account.CodeTries
		}
		return account.CodeWrong
	}
	r.prove(g)
	return ""
}

// letters is what the letters of a flow are counted under.
func (r *run) letters(g *Gate) throttle {
	d := &r.data
	switch {
	case d.Mail == mail.FactorCode && d.Address == "":
		return g.byFactorLetters(d.Owner)
	case d.To != "":
		return g.byLetters(d.To)
	}
	return g.byLetters(d.Sent)
}

// prove uses the code up, and forgets the letters that were counted: they are read.
func (r *run) prove(g *Gate) {
	letters := r.letters(g)
	r.data.Code.Used, r.proved = true, &letters
}

func onlyDigits(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r >= '0' && r <= '9' {
			out = append(out, r)
		} else if r != ' ' && r != '-' && r != '\u00a0' {
			return ""
		}
	}
	return string(out)
}

// Resend sends the code of this step again: another one, which ends the one before.
func (g *Gate) Resend(ctx context.Context, token, from string, now time.Time) (wire.Prompt, error) {
	r, err := g.read(ctx, token, now)
	if err != nil {
		return wire.Prompt{}, err
	}
	r.from = from
	byMail := r.flow.Step == account.StepCode || r.data.Method == account.EMail
	if r.data.Mail == "" || !byMail || r.flow.Step != account.StepCode && r.flow.Step != account.StepFactor && r.flow.Step != account.StepConfirm {
		return wire.Prompt{}, refuse(account.WrongStep)
	}
	if wait := r.data.Code.Again.Sub(now); wait > 0 {
		return wire.Prompt{}, &Refused{Code: account.CannotNow, After: wait}
	}
	if err := g.attempt(ctx, now, r.letters(g)); err != nil {
		return wire.Prompt{}, err
	}
	life, digits := g.o.Rules.CodeLife, 6
	if r.flow.Step != account.StepCode {
		life = g.o.Rules.FactorLife
	}
	send := g.sendCode(r, r.data.Mail, r.data.Sent, life, digits)
	if err := g.write(ctx, r, move{next: r.flow.Step, do: send}); err != nil {
		return wire.Prompt{}, err
	}
	return g.prompt(ctx, r)
}

// Link says what a letter's link is for, and in which language: reading it changes nothing,
// for scanners follow links.
func (g *Gate) Link(ctx context.Context, token string, now time.Time) (kind account.Kind, lang string, used bool, err error) {
	r, err := g.link(ctx, token, now)
	if err != nil {
		return "", "", false, err
	}
	used = r.flow.Linked || r.data.Code.Used
	if !used && !now.Before(r.data.Code.Ends) {
		return r.flow.Kind, r.data.Lang, false, refuse(account.CodeExpired) // a button that would be refused is not shown
	}
	return r.flow.Kind, r.data.Lang, used, nil
}

// UseLink does what typing the code does: the flow may go on.
func (g *Gate) UseLink(ctx context.Context, token string, now time.Time) (kind account.Kind, lang string, err error) {
	for range 3 { // a code may be typed at the same moment
		if kind, lang, err = g.useLink(ctx, token, now); !errors.Is(err, ledger.ErrMoved) {
			break
		}
	}
	return kind, lang, err
}

func (g *Gate) useLink(ctx context.Context, token string, now time.Time) (kind account.Kind, lang string, err error) {
	r, err := g.link(ctx, token, now)
	if err != nil {
		return "", "", err
	}
	switch {
	case r.data.Code.Used || r.flow.Linked:
		return r.flow.Kind, r.data.Lang, refuse(account.CodeUsed)
	case !now.Before(r.data.Code.Ends):
		return r.flow.Kind, r.data.Lang, refuse(account.CodeExpired)
	case r.data.Code.Tries >= g.o.Rules.CodeTries:
		return r.flow.Kind, r.data.Lang, refuse(account.CodeTries)
	}
	r.flow.Linked = true
	return r.flow.Kind, r.data.Lang, g.write(ctx, r, move{next: r.flow.Step})
}

func (g *Gate) link(ctx context.Context, token string, now time.Time) (*run, error) {
	secret, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(secret) != 16 {
		return nil, refuse(account.CodeExpired)
	}
	r := &run{now: now}
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		var err error
		r.flow, err = t.FlowByLink(ctx, g.o.Keys.MAC("link", secret))
		return err
	})
	if errors.Is(err, ledger.ErrNotFound) || err == nil && !now.Before(r.flow.Expires) {
		return nil, refuse(account.CodeExpired)
	}
	if err != nil {
		return nil, err
	}
	body, err := g.o.Keys.Box.Open(aboutFlow(r.flow.Key), r.flow.Body)
	if err != nil {
		return nil, fmt.Errorf("open flow of link: %w", err)
	}
	defer clear(body)
	return r, json.Unmarshal(body, &r.data)
}

// letters counts a letter to an address before it is sent, so that nobody's mailbox can be
// filled from here, however many flows are begun.
func (g *Gate) letters(ctx context.Context, to string, now time.Time) error {
	return g.attempt(ctx, now, g.byLetters(to))
}

// byLetters counts the letters with codes to an address that nobody has read yet.
func (g *Gate) byLetters(to string) throttle {
	address, ok := account.Address(to)
	if !ok {
		address = account.Fold(to)
	}
	return g.byAccount("letters " + address)
}

// short cuts a text that only we show to n runes.
func short(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
