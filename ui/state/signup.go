package state

import (
	"encoding/json"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

const (
	signupDraft = "signup.draft"         // setting of the computer: what was typed that is no secret
	draftAfter  = 700 * time.Millisecond // of quiet
)

// SignUp is a registration: why and what it takes, then the steps of
// account.Register. The first pages are read without a network; what was typed there that is
// no secret is found again after a restart, unless the computer is shared.
type SignUp struct {
	*Flow
	Deployment wire.Deployment
	Known      bool // the deployment is known; else what most ask is shown
	Started    bool // past the page that says why

	loaded bool
	save   func()
}

type draft struct {
	First   string `json:"first,omitempty"`
	Last    string `json:"last,omitempty"`
	Email   string `json:"email,omitempty"`
	Express bool   `json:"express,omitempty"`
}

func newSignUp(s *State) *SignUp {
	u := &SignUp{Flow: s.NewFlow(account.Register)}
	u.typed = u.remember
	u.Flow.Finish = func(bool) {
		u.Started = false
		u.forget()
	}
	return u
}

// Open reads what the server asks and what was typed before.
func (u *SignUp) Open() {
	u.s.Deployment(func(d wire.Deployment) {
		if u.Known && sameAsk(u.Deployment, d) {
			return
		}
		u.Deployment, u.Known = d, true
		if !d.SIN && d.Express {
			u.In.Express = true
		}
		u.Page++
		u.tell()
	})
	if u.loaded {
		return
	}
	u.loaded = true
	u.s.RecallHere(signupDraft, func(v string) {
		var d draft
		if v == "" || json.Unmarshal([]byte(v), &d) != nil || u.In.Email != "" || u.In.First != "" || u.In.Last != "" {
			return
		}
		u.In.First, u.In.Last, u.In.Email, u.In.Express = d.First, d.Last, d.Email, d.Express
		u.Page++
		u.tell()
	})
}

func sameAsk(a, b wire.Deployment) bool {
	return a.SIN == b.SIN && a.Express == b.Express && a.Demo == b.Demo && a.Mailbox == b.Mailbox && a.LegalBasis == b.LegalBasis && a.Contact == b.Contact
}

// Begin leaves the page that says why.
func (u *SignUp) Begin() {
	u.Started = true
	u.Page++
	u.tell()
}

// Accept agrees to the terms that were shown.
func (u *SignUp) Accept() {
	u.In.Accept = true
	u.Send()
}

// Validates says whether there is a third step: it needs legal authority, so that it is a
// setting of the server.
func (u *SignUp) Validates() bool { return !u.Known || u.Deployment.SIN || u.Deployment.Express }

// Steps name the steps, and say which one is at hand, from 1.
func (u *SignUp) Steps() (names []string, at int) {
	all := []struct {
		key   i18n.Key
		steps []account.Step
	}{
		{i18n.SignupStepTerms, []account.Step{account.StepTerms}},
		{i18n.SignupStepIdentity, []account.Step{account.StepIdentity, account.StepCode}},
		{i18n.SignupStepValidate, []account.Step{account.StepValidate}},
		{i18n.SignupStepQuestions, []account.Step{account.StepQuestions}},
	}
	for _, x := range all {
		if x.key == i18n.SignupStepValidate && !u.Validates() && u.Step() != account.StepValidate {
			continue
		}
		names = append(names, u.s.words.S(x.key))
		for _, st := range x.steps {
			if st == u.Step() {
				at = len(names)
			}
		}
	}
	return names, at
}

// UseExpress goes to the path of Express Entry and back. Nothing of the
// other path stays.
func (u *SignUp) UseExpress(on bool) {
	u.In = public(u.In)
	u.In.Express, u.In.Accept = on, false
	u.Errors, u.Trouble = nil, nil
	u.Page++
	u.remember()
	u.tell()
}

// TakeSpaces takes the spaces out of the number, on the person's own asking.
func (u *SignUp) TakeSpaces() {
	u.Type("sin", &u.In.SIN, account.BareSIN(u.In.SIN))
	u.tell()
}

// Fictional fills in a number that no person has, for a demonstration.
func (u *SignUp) Fictional() {
	u.Type("sin", &u.In.SIN, account.FictionalSIN(int(u.s.o.Now().UnixMilli()%10_000_000)))
	u.tell()
}

// Pause keeps what is no secret, and forgets the rest.
func (u *SignUp) Pause() {
	if u.save != nil {
		u.save()
		u.save = nil
		u.keep()
	}
	u.Flow.Pause()
}

// Abandon gives it up: nothing stays of what was typed.
func (u *SignUp) Abandon() {
	u.Started = false
	u.forget()
	u.Flow.Abandon()
}

func (u *SignUp) remember() {
	if u.save != nil {
		u.save()
	}
	u.save = u.s.o.Exec.After(draftAfter, func() {
		u.save = nil
		u.keep()
	})
}

func (u *SignUp) keep() {
	if u.s.Present.Shared || u.Finished {
		return
	}
	b, err := json.Marshal(draft{First: u.In.First, Last: u.In.Last, Email: u.In.Email, Express: u.In.Express})
	if err == nil {
		u.s.RememberHere(signupDraft, string(b))
	}
}

func (u *SignUp) forget() {
	if u.save != nil {
		u.save()
		u.save = nil
	}
	u.s.RememberHere(signupDraft, "")
}
