package state

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

const (
	pollEvery = 3 * time.Second // the link of a letter was perhaps used in a browser
	tickEvery = time.Second     // of what is counted down
)

// Flow is something that is done in steps with the server: a registration, a sign-in, a
// recovery, a change of what opens a session. It knows where it stands ([Flow.Prompt]), what
// was typed ([Flow.In]), what is to be mended and what goes wrong, and has a sentence and a
// next step for each. Begin with [State.NewFlow]; a screen writes into In through
// [Flow.Type] and answers with [Flow.Send].
//
// Secrets are held in In, in memory, until the server has answered the call they go with,
// and gone when the screen is left; the SIN and what goes with it, after any call at all.
type Flow struct {
	s      *State
	Kind   account.Kind
	Prompt wire.Prompt // what is asked; never holds a session or the flow's token
	In     wire.Answer // what is typed
	Errors []FieldError
	// Trouble is what concerns the whole page, nil for none.
	Trouble  *Trouble
	Sending  bool
	Resent   bool // a letter was asked for again, and is on its way
	Finished bool // done; Opened says whether a session is open
	Opened   bool

	// Page counts the pages that were shown: whoever draws makes another page when it
	// changes. Refusals counts what was refused: the keyboard goes to what is to be mended.
	Page, Refusals int

	// Changed tells whoever draws. Nil is fine.
	Changed func()
	// Finish is told how the flow ended, before Changed. Nil is fine.
	Finish func(opened bool)

	token  string
	run    int  // counts beginnings: what comes back from an older one is dropped
	ask    int  // counts questions within it
	lost   bool // an answer may have been lost on its way back
	paused bool
	stale  bool   // what the prompt shows was put away, and is asked for again
	whose  string // who came in by it
	poll   func()
	tick   func()
	typed  func() // after each key; nil is fine
}

// Trouble is something that keeps a whole page from going on: what happened, and what to
// do next. Code is the server's reason, "" for what never reached it.
type Trouble struct {
	Title, Text string
	Code        account.Code
	Until       time.Time // when it can be tried again; zero: not by waiting
	Again       bool      // trying again may help
}

// NewFlow makes a flow that has not begun: its first page is shown before the server is
// asked, where the person has it to fill in.
func (s *State) NewFlow(kind account.Kind) *Flow {
	return &Flow{s: s, Kind: kind, Prompt: wire.Prompt{Kind: kind, Step: kind.First()}}
}

func (f *Flow) tell() {
	if f.Changed != nil {
		f.Changed()
	}
}

// Step is where it stands.
func (f *Flow) Step() account.Step { return f.Prompt.Step }

// Begun says whether the server knows of it.
func (f *Flow) Begun() bool { return f.token != "" }

// Type takes what was typed into a field of In. A field that was to be mended is checked
// again at once: once it is right, its error goes.
func (f *Flow) Type(field string, to *string, text string) {
	if *to == text {
		return
	}
	*to = text
	f.mended(field)
	if f.typed != nil {
		f.typed()
	}
}

// Tick takes a box that was ticked, as Type takes text.
func (f *Flow) Tick(field string, to *bool, on bool) {
	if *to == on {
		return
	}
	*to = on
	f.mended(field)
}

// Mended checks again the fields that were to be mended, after one of them was changed.
func (f *Flow) mended(field string) {
	if len(f.Errors) == 0 {
		return
	}
	now := map[string]account.Code{}
	for _, p := range f.problems() {
		if now[p.Field] == "" {
			now[p.Field] = p.Code
		}
	}
	group, _, _ := strings.Cut(field, ".")
	var left []FieldError
	for _, e := range f.Errors {
		mine := e.Field == field || e.Field == group || field == "password" && e.Field == "again"
		switch c := now[e.Field]; {
		case !mine:
			left = append(left, e)
		case c != "":
			left = append(left, f.fault(c.At(e.Field)))
		}
	}
	f.Errors = left
	f.tell()
}

func (f *Flow) problems() []account.Problem {
	return checkStep(f.Kind, f.Step(), f.In, f.s.o.Now())
}

func (f *Flow) fault(p account.Problem) FieldError {
	return FieldError{Field: p.Field, Text: f.s.words.S(p.Code.Key()), Code: p.Code}
}

// qa makes room for five questions and their answers.
func (f *Flow) qa() {
	for len(f.In.Questions) < account.QuestionCount {
		f.In.Questions = append(f.In.Questions, wire.QA{})
	}
}

// QA is one of the five questions that are being chosen, from 0.
func (f *Flow) QA(i int) *wire.QA {
	f.qa()
	return &f.In.Questions[i]
}

// Free are the questions that can be chosen as the nth: those of the list that none of the
// other four is.
func (f *Flow) Free(i int) []string {
	f.qa()
	var out []string
	for _, id := range account.QuestionIDs {
		taken := false
		for k, q := range f.In.Questions {
			taken = taken || k != i && q.Question == id
		}
		if !taken {
			out = append(out, id)
		}
	}
	return out
}

// Choose takes a question as the nth.
func (f *Flow) Choose(i int, id string) {
	f.QA(i).Question = id
	f.mended(QuestionField(i))
	f.tell() // the others no longer offer it
}

// QuestionField is the name of the nth question, from 0, among what is to be mended.
func QuestionField(i int) string { return "questions." + strconv.Itoa(i) }

// Error is the sentence under a field, "" for none.
func (f *Flow) Error(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Wrong says whether a code is among what is to be mended.
func (f *Flow) Wrong(code account.Code) bool {
	for _, e := range f.Errors {
		if e.Code == code {
			return true
		}
	}
	return f.Trouble != nil && f.Trouble.Code == code
}

// Wait is how long until it may be tried again, 0 when it may now.
func (f *Flow) Wait() time.Duration {
	if f.Trouble == nil || f.Trouble.Until.IsZero() {
		return 0
	}
	return max(f.Trouble.Until.Sub(f.s.o.Now()), 0)
}

// ResendIn is how long until the letter may be asked for again, 0 when it may now.
func (f *Flow) ResendIn() time.Duration { return max(f.Prompt.Again.Sub(f.s.o.Now()), 0) }

// Send answers the step with what was typed, once everything that can be known here is right.
func (f *Flow) Send() {
	if f.Sending || f.Finished || f.Wait() > 0 {
		f.tell()
		return
	}
	f.Errors, f.Trouble, f.Resent = nil, nil, false
	for _, p := range f.problems() {
		f.Errors = append(f.Errors, f.fault(p))
	}
	if len(f.Errors) > 0 {
		f.Refusals++
		f.tell()
		return
	}
	f.send(f.In)
}

// Answer answers the step with something else than what was typed: another question,
// please, or the change of a factor.
func (f *Flow) Answer(in wire.Answer) {
	if f.Sending || f.Finished || f.Wait() > 0 {
		return
	}
	f.Errors, f.Trouble, f.Resent = nil, nil, false
	f.send(in)
}

func (f *Flow) send(in wire.Answer) {
	step := f.Step()
	lang := f.s.words.Lang()
	switch step {
	case account.StepTerms:
		in.Terms, in.Lang = account.TermsVersion, string(lang) // what was shown here, whatever the server has in force
	case account.StepIdentity:
		in.Lang = string(lang)
	}
	device := step == account.StepPassword || step == account.StepPartner
	lost := f.lost
	f.call(func(ctx context.Context, a Accounts, token string) (p wire.Prompt, told string, err error) {
		name, _ := os.Hostname() // without a name, the list of devices shows its date alone
		if device {
			in.Device = name
		}
		if token == "" {
			if p, err = a.Begin(ctx, wire.Begin{Kind: f.Kind, Lang: string(lang), Device: name}); err != nil {
				return p, "", err
			}
			token, told = p.Flow, p.Flow
			if p.Step != step {
				return p, told, nil
			}
		} else if lost { // perhaps it arrived, and only the answer did not
			if p, err = a.Look(ctx, token); err != nil || p.Step != step {
				return p, "", err
			}
		}
		p, err = a.Step(ctx, token, step, in)
		return p, told, err
	}, true)
}

// Start asks the server for the first page, of a flow whose first page it alone can make.
func (f *Flow) Start() {
	if f.Begun() || f.Sending {
		return
	}
	lang := f.s.words.Lang()
	f.Trouble = nil
	f.call(func(ctx context.Context, a Accounts, _ string) (wire.Prompt, string, error) {
		name, _ := os.Hostname()
		p, err := a.Begin(ctx, wire.Begin{Kind: f.Kind, Lang: string(lang), Device: name})
		return p, p.Flow, err
	}, false)
}

// Resend asks for the letter of this step again.
func (f *Flow) Resend() {
	if f.Sending || f.ResendIn() > 0 || !f.Begun() {
		return
	}
	f.Errors, f.Trouble = nil, nil
	f.call(func(ctx context.Context, a Accounts, token string) (wire.Prompt, string, error) {
		p, err := a.Resend(ctx, token)
		return p, "", err
	}, false)
	f.Resent = true
}

// call asks the server elsewhere, and takes over what it said unless the flow was given up
// meanwhile. answers: what was typed goes with it.
func (f *Flow) call(ask func(ctx context.Context, a Accounts, token string) (p wire.Prompt, told string, err error), answers bool) {
	a := f.s.o.Accounts
	if a == nil {
		f.fail(errNoAccounts, false)
		return
	}
	f.Sending = true
	f.ask++
	run, token := f.run, f.token
	var p wire.Prompt
	var told string
	var err error
	f.s.o.Exec.Go(func() { p, told, err = ask(f.s.ctx, a, token) }, func() {
		if run != f.run {
			return
		}
		f.Sending = false
		if told != "" {
			f.token = told
		}
		if answers {
			f.spent(err)
		}
		if err != nil {
			f.Resent = false
			f.fail(err, answers)
			return
		}
		f.lost = false
		f.take(p)
	})
	f.tell()
}

// spent puts away what went with a call. What never reached the server is kept to be sent
// again, but for what is used once and kept nowhere.
func (f *Flow) spent(err error) {
	var no *wire.Refused
	if err != nil && !errors.As(err, &no) {
		f.In.SIN, f.In.Maiden, f.In.Born = "", "", ""
		f.In.Profile, f.In.Validation = "", ""
		return
	}
	f.In = public(f.In)
}

// public is an answer without its secrets.
func public(in wire.Answer) wire.Answer {
	out := wire.Answer{Email: in.Email, First: in.First, Last: in.Last, Express: in.Express, Method: in.Method,
		Username: in.Username, RecoveryEmail: in.RecoveryEmail, Question: in.Question, Accept: in.Accept}
	for _, q := range in.Questions {
		out.Questions = append(out.Questions, wire.QA{Question: q.Question})
	}
	return out
}

// take shows what the server asks next.
func (f *Flow) take(p wire.Prompt) {
	if p.Flow != "" {
		f.token = p.Flow
	}
	opened := p.Session != nil
	p.Flow, p.Session = "", nil
	if p.Step == account.StepDone {
		f.end()
		f.In, f.token, f.Errors, f.Trouble = wire.Answer{}, "", nil, nil
		f.Prompt = p
		f.Finished, f.Opened = true, opened
		if opened {
			f.whose = f.s.o.Accounts.Standing().Person.ID
		}
		f.Page++
		f.run++
		if f.Finish != nil {
			f.Finish(opened)
		}
		f.s.Present.Look()
		f.tell()
		return
	}
	if p.Step != f.Prompt.Step || p.Question != f.Prompt.Question || p.Method != f.Prompt.Method || f.stale {
		f.Page++
		f.Errors, f.Trouble = nil, nil
		f.In.Accept = false
		f.In.Question = ""
		if p.Step != f.Prompt.Step {
			f.In.Method = ""
		}
	}
	f.Prompt, f.stale = p, false
	if p.Step == account.StepQuestions {
		f.qa()
	}
	f.watch()
	f.tell()
	f.confirm()
}

// confirm goes on by itself once the link of the letter was used.
func (f *Flow) confirm() {
	if f.Prompt.Confirmed && f.Step() == account.StepCode && !f.Sending && !f.paused && f.Trouble == nil {
		f.send(wire.Answer{Linked: true})
	}
}

// fail says what went wrong and what to do next.
func (f *Flow) fail(err error, answered bool) {
	w := f.s.words
	f.Refusals++
	var no *wire.Refused
	if !errors.As(err, &no) {
		f.lost = f.lost || answered && errors.Is(err, wire.ErrOffline)
		f.Trouble = trouble(w, err)
		f.tell()
		return
	}
	f.lost = false
	if no.Prompt != nil && no.Code != account.WrongStep {
		f.take(*no.Prompt) // refused, and led elsewhere: to what has to be proven again, or to choose another name
	}
	switch no.Code {
	case account.Mend:
		f.Errors = nil
		for _, p := range no.Fields {
			f.Errors = append(f.Errors, f.fault(p))
		}
		if f.Step() == account.StepQuestion && f.Begun() {
			f.look() // a wrong answer may have changed the question
		}
	case account.WrongStep:
		f.Refusals--
		if no.Prompt != nil {
			f.take(*no.Prompt)
		} else {
			f.look()
		}
		return
	case account.FlowExpired:
		f.again()
		f.Trouble = &Trouble{Title: w.S(i18n.ErrExpired), Text: w.S(no.Code.Key()), Code: no.Code}
	case account.TooMany:
		f.Trouble = &Trouble{Title: w.S(i18n.ErrToomany), Text: w.S(no.Code.Key()), Code: no.Code, Until: f.s.o.Now().Add(no.After), Again: true}
	case account.CannotNow:
		if no.After > 0 {
			f.Prompt.Again = f.s.o.Now().Add(no.After)
			break
		}
		f.Trouble = &Trouble{Text: w.S(no.Code.Key()), Code: no.Code, Again: true}
	default:
		f.Trouble = &Trouble{Text: w.S(no.Code.Key()), Code: no.Code}
	}
	f.watch()
	f.tell()
}

var errNoAccounts = errors.New("no accounts here")

// trouble says a failure that is not a refusal, in the words of B-016 and B-018.
func trouble(w *i18n.Words, err error) *Trouble {
	t := func(title, text i18n.Key, again bool) *Trouble {
		return &Trouble{Title: w.S(title), Text: w.S(text), Again: again}
	}
	switch {
	case errors.Is(err, errNoAccounts):
		return t(i18n.ErrPage, i18n.ErrorNoServer, false)
	case errors.Is(err, wire.ErrInsecure):
		return t(i18n.ErrSecure, i18n.ErrSecureNext, true)
	case errors.Is(err, wire.ErrDown):
		return t(i18n.ErrTechnical, i18n.ErrTechnicalNext, true)
	case errors.Is(err, wire.ErrOffline):
		return t(i18n.ErrPage, i18n.ErrPageNext, true)
	case errors.Is(err, wire.ErrMissing):
		return t(i18n.ErrMissing, i18n.ErrMissingNext, true)
	case errors.Is(err, session.ErrSignIn), errors.Is(err, session.ErrRevoked), errors.Is(err, session.ErrLocked):
		ended := t(i18n.ErrExpired, i18n.ErrExpiredNext, false)
		ended.Code = account.SignInNeeded
		return ended
	}
	return &Trouble{Title: w.S(i18n.ErrTechnical), Text: Explain(w, err), Again: true}
}

// Retry tries again what could not be done.
func (f *Flow) Retry() {
	switch {
	case f.Wait() > 0:
	case f.stale:
		f.Trouble = nil
		f.look()
		f.tell()
	default:
		f.Send()
	}
}

// look asks where the flow stands, and says nothing of a network that is not there.
func (f *Flow) look() {
	a := f.s.o.Accounts
	if a == nil || !f.Begun() || f.Sending {
		return
	}
	run, ask, token := f.run, f.ask, f.token
	var p wire.Prompt
	var err error
	f.s.o.Exec.Go(func() { p, err = a.Look(f.s.ctx, token) }, func() {
		if run != f.run || ask != f.ask || f.Sending {
			return // it was given up, or a newer question is on its way
		}
		var no *wire.Refused
		switch {
		case err == nil:
			f.take(p)
		case errors.As(err, &no) && no.Code == account.FlowExpired:
			f.fail(err, false)
		case f.stale && f.Trouble == nil:
			f.fail(err, false)
		default:
			f.watch()
		}
	})
}

// watch looks every few seconds while a letter is awaited, and counts down what is counted.
func (f *Flow) watch() {
	if f.paused || f.Finished {
		return
	}
	if f.poll == nil && f.Begun() && f.Step() == account.StepCode {
		f.poll = f.s.o.Exec.After(pollEvery, func() {
			f.poll = nil
			if f.Sending || f.paused {
				f.watch()
				return
			}
			f.look()
		})
	}
	if f.tick == nil && (f.Wait() > 0 || f.ResendIn() > 0) {
		f.tick = f.s.o.Exec.After(tickEvery, func() {
			f.tick = nil
			if f.Trouble != nil && !f.Trouble.Until.IsZero() && f.Wait() == 0 {
				f.Trouble = nil // it can be tried again
			}
			f.tell()
			f.watch()
		})
	}
}

// end stops looking and counting.
func (f *Flow) end() {
	for _, stop := range []*func(){&f.poll, &f.tick} {
		if *stop != nil {
			(*stop)()
			*stop = nil
		}
	}
}

// Pause is called when the screen is left: secrets go, and nothing is asked meanwhile.
func (f *Flow) Pause() {
	f.paused = true
	f.end()
	f.In = public(f.In)
	if f.Prompt.Secret != "" || f.Prompt.URI != "" || len(f.Prompt.Codes) > 0 {
		f.Prompt.Secret, f.Prompt.URI, f.Prompt.Codes = "", "", nil
		f.stale = true
	}
}

// Resume is called when the screen is shown again: where it stands is asked anew.
func (f *Flow) Resume() {
	was := f.paused
	f.paused = false
	if was && f.Begun() {
		f.look()
	}
	f.watch()
}

// again goes back to the first page, with what was typed that is no secret.
func (f *Flow) again() {
	f.end()
	f.run++
	f.Sending, f.Resent, f.Finished, f.Opened, f.lost, f.stale = false, false, false, false, false, false
	f.token = ""
	f.In = public(f.In)
	f.In.Accept = false
	f.Errors, f.Trouble = nil, nil
	f.Prompt = wire.Prompt{Kind: f.Kind, Step: f.Kind.First()}
	f.Page++
}

// Restart gives up what was begun, at the server too, and shows the first page, with what
// was typed that is no secret.
func (f *Flow) Restart() {
	f.drop()
	f.again()
	f.tell()
}

// Abandon gives it up and forgets everything that was typed.
func (f *Flow) Abandon() {
	f.drop()
	f.again()
	f.In = wire.Answer{}
	f.tell()
}

// ending says whether it has ended, or is perhaps about to: the desk knows who came before
// the flow does that brought them. Once they have left, what opened their session is over.
func (f *Flow) ending() bool {
	p := f.s.Present
	return f.Sending || f.Finished && (!f.Opened || p.Signed() && p.Person.ID == f.whose)
}

// leave is called when another person comes to the desk: what was under way is given up.
func (f *Flow) leave() {
	if f.ending() {
		return
	}
	f.Changed = nil
	f.drop()
	f.again()
	f.In = wire.Answer{}
}

func (f *Flow) drop() {
	a, token := f.s.o.Accounts, f.token
	if a != nil && token != "" {
		f.s.o.Exec.Go(func() { _ = a.Drop(f.s.ctx, token) }, func() {}) // else it ends by itself, later
	}
}

// checkStep is what can be known here of an answer: the server checks it all again.
func checkStep(k account.Kind, step account.Step, in wire.Answer, now time.Time) (all []account.Problem) {
	say := func(field string, c account.Code) {
		if c != "" {
			all = append(all, c.At(field))
		}
	}
	needed := func(field, text string) {
		if strings.TrimSpace(text) == "" {
			say(field, account.Needed)
		}
	}
	switch step {
	case account.StepTerms:
		if !in.Accept {
			say("accept", account.NotAccepted)
		}
	case account.StepIdentity:
		say("first", account.CheckName(in.First))
		say("last", account.CheckName(in.Last))
		say("email", account.CheckEmail(in.Email))
		say("password", account.CheckPassword(in.Password, in.Email))
		say("again", account.CheckAgain(in.Password, in.Again))
	case account.StepCode, account.StepConfirm:
		needed("code", in.Code)
	case account.StepFactor:
		if in.Recovery == "" {
			needed("code", in.Code)
		}
	case account.StepValidate:
		if in.Express {
			all = account.CheckExpress(in.Profile, in.Validation)
		} else {
			sin := account.CheckSIN(in.SIN)
			say("sin", sin)
			if sin == account.SINTemporary {
				return all // nothing else matters then
			}
			say("maiden", account.CheckMaiden(in.Maiden))
			say("born", account.CheckBorn(in.Born, now))
		}
		if !in.Accept {
			say("accept", account.NotAccepted)
		}
	case account.StepQuestions:
		return account.CheckQuestions(in.Questions)
	case account.StepInvite:
		say("email", account.CheckEmail(in.Email))
		needed("code", in.Code)
	case account.StepPassword:
		if k == account.Portal {
			needed("username", in.Username)
		} else {
			say("email", account.CheckEmail(in.Email))
		}
		needed("password", in.Password)
	case account.StepQuestion, account.StepAnswer:
		if !in.Other {
			needed("answer", in.Answer)
		}
	case account.StepSetup:
		needed("method", in.Method)
		if in.Email != "" {
			say("email", account.CheckEmail(in.Email))
		}
	case account.StepName:
		say("first", account.CheckName(in.First))
		say("last", account.CheckName(in.Last))
		say("email", account.CheckEmail(in.Email))
	case account.StepNewPassword:
		if k == account.Password {
			say("password", account.CheckPortalPassword(in.Password, in.Username))
		} else {
			say("password", account.CheckPassword(in.Password, in.Email))
		}
		say("again", account.CheckAgain(in.Password, in.Again))
	case account.StepUsername:
		if k != account.Enrol {
			needed("username", in.Username)
			break
		}
		say("username", account.CheckUsername(in.Username))
		say("password", account.CheckPortalPassword(in.Password, in.Username))
		say("again", account.CheckAgain(in.Password, in.Again))
	case account.StepRecovery:
		return account.CheckRecovery(account.Recovery{Email: in.RecoveryEmail, Question: in.Question, Answer: in.Answer,
			Person: in.Person, PersonHint: in.PersonHint, Date: in.Date, DateHint: in.DateHint})
	case account.StepEmail:
		say("email", account.CheckEmail(in.Email))
		if k == account.NewEmail {
			needed("current", in.Current)
		}
	case account.StepMethod:
		needed("method", in.Method)
		if in.Method == "email" {
			say("email", account.CheckEmail(in.Email))
		}
	case account.StepAnswers:
		needed("answer", in.Answer)
		needed("person", in.Person)
		needed("date", in.Date)
	}
	return all
}
