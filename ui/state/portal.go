package state

import (
	"context"
	"errors"
	"reflect"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Portal opens a session of the employer portal (B-004, B-030): username and password, then
// a second factor, which may be changed on the way (B-032). Before, it shows the ways in;
// after, what the credential is.
type Portal struct {
	*Flow
	Deployment wire.Deployment
	Entering   bool // past the page that shows the ways in
	Recovery   bool // a recovery code is typed instead of the factor (B-033)
}

func newPortal(s *State) *Portal {
	p := &Portal{Flow: s.NewFlow(account.Portal)}
	p.Finish = func(bool) {
		p.Entering, p.Recovery = false, false
	}
	return p
}

// Open reads what the server is, and the credential of somebody who is in.
func (p *Portal) Open() {
	p.meet(&p.Deployment)
	if p.s.Present.Signed() {
		p.s.Me.Load()
	}
}

// Inside says whether the session at the desk opens the portal.
func (p *Portal) Inside() bool {
	return p.s.Present.Mode == session.Online && p.s.Present.Policy == account.TwoFactor
}

// Enter goes from the ways in to the page of username and password.
func (p *Portal) Enter() {
	p.Entering = true
	p.Page++
	p.tell()
}

// Ways goes back to the ways in.
func (p *Portal) Ways() {
	p.Entering, p.Recovery = false, false
	p.Abandon()
}

// Turn changes between the factor and a recovery code.
func (p *Portal) Turn() {
	p.Recovery = !p.Recovery
	p.Flow.In.Code, p.Flow.In.Recovery = "", ""
	p.Errors, p.Trouble = nil, nil
	p.Page++
	p.tell()
}

// ChangeFactor goes to the set-up of another second factor, after a sign-in (B-032).
func (p *Portal) ChangeFactor() { p.Answer(wire.Answer{Change: true}) }

// GoOn goes on without changing anything.
func (p *Portal) GoOn() { p.Answer(wire.Answer{}) }

// Revoked says whether the credential that was tried is revoked, told to whoever knows its
// password (B-042).
func (p *Portal) Revoked() bool { return p.Wrong(account.IsRevoked) }

// CredentialName is what this server calls the portal credential (D30).
func (s *State) CredentialName(d wire.Deployment) string {
	if d.Credential != "" {
		return d.Credential
	}
	return s.words.S(i18n.PortalCredential)
}

// OtherMethod is the second factor that is not being set up.
func (f *Flow) OtherMethod() account.Method {
	if f.Prompt.Method == account.TOTP {
		return account.EMail
	}
	return account.TOTP
}

// ChooseMethod sets up another factor than the one that is being confirmed: whoever chose an
// application and has none is not stuck.
func (f *Flow) ChooseMethod(m account.Method) { f.Answer(wire.Answer{Method: string(m)}) }

// UsernameBack sends a username to the recovery address it was registered with (B-022).
// Whether there is one is not told.
type UsernameBack struct {
	*Flow
	Deployment wire.Deployment
	Both       bool // the password was forgotten too: it comes next (B-020)
	None       bool // no recovery address was given: what can be done then (B-024)
}

func newUsernameBack(s *State) *UsernameBack {
	return &UsernameBack{Flow: s.NewFlow(account.Username)}
}

// Open reads what the server is.
func (u *UsernameBack) Open() { u.meet(&u.Deployment) }

// Without shows what can be done without a recovery address, and back.
func (u *UsernameBack) Without(on bool) {
	u.None = on
	u.Page++
	u.tell()
}

// PasswordBack sets a new password of the portal, in four pages (B-025): username, then the
// code of a letter and the recovery answer (B-026), or the three recovery answers (B-027).
type PasswordBack struct {
	*Flow
	Deployment wire.Deployment
	Questions  bool // by the recovery questions; else by e-mail
}

// Ways of recovering a portal password, as account.StepMethod reads them.
const (
	ByEmail     = "email"
	ByQuestions = "questions"
)

func newPasswordBack(s *State) *PasswordBack {
	return &PasswordBack{Flow: s.NewFlow(account.Password)}
}

// Open reads what the server is.
func (p *PasswordBack) Open() { p.meet(&p.Deployment) }

// Choose takes the way.
func (p *PasswordBack) Choose(questions bool) {
	if p.Questions == questions {
		return
	}
	p.Questions = questions
	p.Errors = nil
	p.Page++
	p.tell()
}

// SendMethod answers with the way that is chosen.
func (p *PasswordBack) SendMethod() {
	p.In.Method = ByEmail
	if p.Questions {
		p.In.Method = ByQuestions
	}
	p.Send()
}

// Screens says where the person stands of the numbered pages, from 1.
func (f *Flow) Screens() (n, of int) {
	if f.Prompt.Screens > 0 && f.Begun() {
		return f.Prompt.Screen, f.Prompt.Screens
	}
	return 1, account.Flows[f.Kind].Screens
}

// Partner does something with a sign-in partner, in the system's browser: comes into the
// portal (B-006), registers (B-007), or goes from one partner to another, by proof of both (B-043).
type Partner struct {
	*Flow
	Deployment wire.Deployment
	Chosen     string // whose page is open in the browser
	Waiting    bool   // for the browser

	stop context.CancelFunc
	turn int
}

func newPartner(s *State, k account.Kind) *Partner {
	return &Partner{Flow: s.NewFlow(k)}
}

// Open reads which partners there are.
func (p *Partner) Open() {
	p.meet(&p.Deployment)
	if p.s.Present.Signed() {
		p.s.Me.Load()
	}
}

// PartnerName is what this server calls a sign-in partner.
func (s *State) PartnerName(d wire.Deployment, id string) string {
	for _, x := range d.Partners {
		if x.ID == id {
			if s.words.Lang() == i18n.French {
				return x.Name.FR
			}
			return x.Name.EN
		}
	}
	return id
}

// Name is what a partner is called.
func (p *Partner) Name(id string) string { return p.s.PartnerName(p.Deployment, id) }

// Choices are the partners that can be chosen now: of a change, first the one that the
// credential has, then the others.
func (p *Partner) Choices() (all []wire.Partner) {
	mine := ""
	if c := p.s.Me.Account.Credential; c != nil && p.Kind == account.ChangePartner {
		mine = c.Partner
	}
	for _, x := range p.Deployment.Partners {
		if mine == "" || (x.ID == mine) == (p.Step() == account.StepPartner) {
			all = append(all, x)
		}
	}
	return all
}

// Choose opens a partner's page in the browser, and waits until the person has come back
// from there, or [Partner.Cancel].
func (p *Partner) Choose(id string) {
	a := p.s.o.Accounts
	if p.Waiting || p.Sending || p.Finished || a == nil {
		return
	}
	ctx, stop := context.WithCancel(p.s.ctx)
	p.Chosen, p.Waiting, p.stop = id, true, stop
	p.turn++
	turn := p.turn
	p.Errors, p.Trouble = nil, nil
	p.Page++
	p.tell()
	lang := p.s.Lang()
	var code, verifier string
	var err error
	p.s.o.Exec.Go(func() {
		defer stop()
		code, verifier, err = a.Partner(ctx, id, lang)
	}, func() {
		if turn != p.turn {
			return // given up
		}
		p.Waiting, p.stop = false, nil
		p.Page++
		if err != nil {
			p.refusedBy(err)
			return
		}
		p.Answer(wire.Answer{Code: code, Verifier: verifier})
	})
}

// Cancel no longer waits for the browser.
func (p *Partner) Cancel() {
	if !p.Waiting {
		return
	}
	p.turn++
	p.stop()
	p.Waiting, p.stop = false, nil
	p.Page++
	p.tell()
}

// Retry opens the same partner again.
func (p *Partner) Retry() {
	if p.Chosen != "" && !p.Begun() {
		p.Choose(p.Chosen)
		return
	}
	p.Flow.Retry()
}

// Pause no longer waits: the page was left.
func (p *Partner) Pause() {
	p.Cancel()
	p.Flow.Pause()
}

func (p *Partner) leave() {
	p.Cancel()
	p.Flow.leave()
}

// Other says whether the partner that was chosen is not the one of any credential (B-006).
func (p *Partner) Other() bool { return p.Wrong(account.PartnerOther) }

// refusedBy says why nothing came back from a partner. What is neither the server's word nor
// the network is the browser, which did not open.
func (p *Partner) refusedBy(err error) {
	var no *wire.Refused
	for _, known := range []error{wire.ErrOffline, wire.ErrDown, wire.ErrInsecure, wire.ErrMissing} {
		if errors.Is(err, known) {
			p.fail(err, false)
			return
		}
	}
	if errors.As(err, &no) {
		p.fail(err, false)
		return
	}
	p.Refusals++
	p.Trouble = &Trouble{Title: p.s.words.S(i18n.PortalBrowser), Text: p.s.words.S(i18n.PortalBrowserNext), Again: true}
	p.tell()
}

// freshPortal makes anew what holds something of one person in the portal. One whose end
// brought this person here has yet to say so.
func (s *State) freshPortal() {
	if s.Portal != nil {
		for _, f := range []interface{ leave() }{s.Portal, s.PartnerIn, s.PartnerEnrol, s.PartnerChange, s.Enrol, s.Recover, s.UsernameBack, s.PasswordBack} {
			f.leave()
		}
	}
	// Nobody else finds the page of somebody who has left.
	if s.Portal == nil || !s.Portal.ending() {
		s.Portal = newPortal(s)
	}
	if s.PartnerIn == nil || !s.PartnerIn.ending() {
		s.PartnerIn = newPartner(s, account.PortalPartner)
	}
	s.PartnerEnrol, s.PartnerChange = newPartner(s, account.EnrolPartner), newPartner(s, account.ChangePartner)
	s.Enrol, s.Recover, s.Help = newEnrol(s), newRecover(s), newHelp(s)
	s.UsernameBack, s.PasswordBack = newUsernameBack(s), newPasswordBack(s)
}

// met draws again the pages that tell of the credential, once it is known or is another one.
func (s *State) met(was *wire.Credential) {
	if reflect.DeepEqual(was, s.Me.Account.Credential) {
		return
	}
	for _, f := range []*Flow{s.Portal.Flow, s.Enrol.Flow, s.PartnerEnrol.Flow, s.PartnerChange.Flow} {
		if !f.Begun() && !f.Sending && !f.typing() {
			f.Page++
			f.tell()
		}
	}
}

// typing says whether something was typed that another drawing must not disturb.
func (f *Flow) typing() bool { return f.In.Username != "" || f.In.Password != "" }

// quietPortal forgets who draws.
func (s *State) quietPortal() {
	for _, f := range []*Flow{s.Portal.Flow, s.PartnerIn.Flow, s.PartnerEnrol.Flow, s.PartnerChange.Flow, s.Enrol.Flow, s.Recover.Flow,
		s.UsernameBack.Flow, s.PasswordBack.Flow} {
		f.Changed = nil
	}
	s.Help.Changed = nil
}
