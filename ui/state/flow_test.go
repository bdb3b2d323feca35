package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// bank is accounts whose server is the test: it answers what it was told to, in order.
type bank struct {
	Accounts
	deployment wire.Deployment
	asked      []string // what was asked, with what
	answers    []reply
	now        wire.Prompt
	looks      int
	letters    []wire.Letter
}

type reply struct {
	p   wire.Prompt
	err error
}

func (b *bank) next(what string) (wire.Prompt, error) {
	b.asked = append(b.asked, what)
	if len(b.answers) == 0 {
		return wire.Prompt{}, errors.New("the test has no answer to " + what)
	}
	r := b.answers[0]
	b.answers = b.answers[1:]
	if r.err == nil {
		b.now = r.p
	}
	return r.p, r.err
}

func (b *bank) Deployment(context.Context) (wire.Deployment, error) { return b.deployment, nil }
func (b *bank) Begin(_ context.Context, in wire.Begin) (wire.Prompt, error) {
	return b.next(fmt.Sprintf("begin %s %s", in.Kind, in.Lang))
}
func (b *bank) Step(_ context.Context, flow string, step account.Step, in wire.Answer) (wire.Prompt, error) {
	body, _ := json.Marshal(in)
	return b.next(fmt.Sprintf("%s %s %s", flow, step, body))
}
func (b *bank) Look(context.Context, string) (wire.Prompt, error) {
	b.looks++
	return b.now, nil
}
func (b *bank) Resend(context.Context, string) (wire.Prompt, error) { return b.next("resend") }
func (b *bank) Drop(context.Context, string) error {
	b.asked = append(b.asked, "drop")
	return nil
}
func (b *bank) Standing() session.Standing                     { return session.Standing{} }
func (b *bank) Letters(context.Context) ([]wire.Letter, error) { return b.letters, nil }

func (b *bank) will(all ...reply) { b.answers = append(b.answers, all...) }

func at(step account.Step) reply {
	return reply{p: wire.Prompt{Kind: account.Register, Step: step}}
}

func no(code account.Code, fields ...account.Problem) reply {
	return reply{err: &wire.Refused{Code: code, Fields: fields}}
}

// clockwork is a desktop whose clock the test moves.
type clockwork struct {
	*State
	hand *hand
	bank *bank
	now  time.Time
	dev  *cache.Device
}

func newClockwork(t *testing.T, l i18n.Lang) *clockwork {
	t.Helper()
	dev, err := cache.Open(context.Background(), t.TempDir()+"/device.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	c := &clockwork{hand: &hand{}, bank: &bank{deployment: wire.Deployment{SIN: true, Express: true, Terms: account.TermsVersion}}, now: noon, dev: dev}
	c.State = New(context.Background(), Options{Device: dev, Exec: c.hand, Lang: l, Zone: time.UTC, Accounts: c.bank, Now: func() time.Time { return c.now }})
	return c
}

// pass lets time go by, second after second.
func (c *clockwork) pass(d time.Duration) {
	for ; d > 0; d -= time.Second {
		c.now = c.now.Add(time.Second)
		c.hand.pass(time.Second)
		c.hand.run()
	}
}

// TestFlowSendsOnlyWhatIsRight checks what can be known here before anything leaves, lists it in
// the order of the fields, and clears each error once its field is mended.
//
// Rows
func TestFlowSendsOnlyWhatIsRight(t *testing.T) {
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.Register)
	f.Prompt.Step = account.StepValidate
	f.In = wire.Answer{SIN: "046 454 286", Maiden: "Roy2", Born: "1990-02-30"}
	f.Send()
	c.hand.run()
	if len(c.bank.asked) != 0 {
		t.Fatalf("a number with spaces was sent: %q", c.bank.asked)
	}
	var got []string
	for _, e := range f.Errors {
		got = append(got, e.Field+" "+string(e.Code))
		if e.Text == "" || e.Text == string(e.Code.Key()) {
			t.Errorf("%s has no sentence: %q", e.Code, e.Text)
		}
	}
	want := []string{"sin sin_spaces", "maiden maiden_digits", "born date_format", "accept not_accepted"}
	if !slices.Equal(got, want) {
		t.Fatalf("to mend: %q, want %q", got, want)
	}
	f.Type("born", &f.In.Born, "1990-02-3")
	if f.Error("born") == "" {
		t.Error("a date that is still wrong lost its error")
	}
	f.Type("born", &f.In.Born, "1990-02-03")
	f.Tick("accept", &f.In.Accept, true)
	if f.Error("born") != "" || f.Error("accept") != "" || f.Error("sin") == "" || f.Error("maiden") == "" {
		t.Errorf("after two fields were mended: %+v", f.Errors)
	}
	for sin, code := range map[string]account.Code{"04645428": account.SINDigits, "0464542861": account.SINDigits, "04645428x": account.SINDigits, "046454287": account.SINCheck, "912345678": account.SINTemporary} {
		f.Type("sin", &f.In.SIN, sin)
		f.Send()
		if !f.Wrong(code) {
			t.Errorf("%s: %+v, want %s", sin, f.Errors, code)
		}
	}
	if c.hand.run(); len(c.bank.asked) != 0 {
		t.Errorf("something was sent: %q", c.bank.asked)
	}
}

// TestFlowForgets keeps no secret once the server has answered, nor once the screen was left;
// what never reached it is kept to be sent again, but for the number and what goes with it.
//
// Rows
func TestFlowForgets(t *testing.T) {
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.Register)
	fill := func(step account.Step) {
		f.Prompt.Step = step
		f.In = wire.Answer{First: "Ada", Last: "Test", Email: "ada@exemple.ca", Password: "une phrase bien longue", Again: "une phrase bien longue",
			SIN: account.FictionalSIN(7), Maiden: "Roy", Born: "1990-02-03", Accept: true, Code: "123456",
			Questions: []wire.QA{{Question: "first-school", Answer: "Les Tilleuls"}}}
	}
	secrets := func(in wire.Answer) string {
		b, _ := json.Marshal(in)
		var out []string
		for _, s := range []string{"une phrase", account.FictionalSIN(7), "Roy", "1990-02-03", "123456", "Tilleuls"} {
			if strings.Contains(string(b), s) {
				out = append(out, s)
			}
		}
		return strings.Join(out, ",")
	}
	f.token = "T"
	fill(account.StepIdentity)
	c.bank.will(at(account.StepCode))
	f.Send()
	c.hand.run()
	if s := secrets(f.In); s != "" || f.In.Email == "" || f.In.First != "Ada" {
		t.Errorf("after an answer, %q is still there, e-mail %q", s, f.In.Email)
	}
	fill(account.StepValidate)
	c.bank.will(no(account.Mend, account.SINUsed.At("sin")))
	f.Send()
	c.hand.run()
	if s := secrets(f.In); s != "" || !f.Wrong(account.SINUsed) {
		t.Errorf("after a refusal, %q is still there; %+v", s, f.Errors)
	}
	fill(account.StepValidate)
	c.bank.will(reply{err: fmt.Errorf("post: %w", wire.ErrOffline)})
	f.Send()
	c.hand.run()
	if s := secrets(f.In); strings.Contains(s, "Roy") || strings.Contains(s, "1990") || f.In.SIN != "" {
		t.Errorf("offline, %q is still there", s)
	}
	fill(account.StepIdentity)
	c.bank.will(reply{err: fmt.Errorf("post: %w", wire.ErrOffline)})
	f.Errors = nil
	f.lost = false
	f.Send()
	c.hand.run()
	if f.In.Password == "" || f.Trouble == nil || !f.Trouble.Again {
		t.Errorf("offline, what was typed is gone: %+v", f.Trouble)
	}
	f.Pause()
	if s := secrets(f.In); s != "" {
		t.Errorf("once the screen was left, %q is still there", s)
	}
	fill(account.StepIdentity)
	f.Abandon()
	if b, _ := json.Marshal(f.In); string(b) != "{}" {
		t.Errorf("given up, %s is still there", b)
	}
}

// TestFlowTroubles says each failure in the words that are fixed, with what to do next; too
// many tries are counted down, and then it can be tried again.
//
// Rows: B-016, B-017, B-018, B-019, X-072
func TestFlowTroubles(t *testing.T) {
	for _, l := range i18n.Languages() {
		w := i18n.For(l)
		for _, x := range []struct {
			err   error
			title i18n.Key
			again bool
		}{
			{fmt.Errorf("x: %w", wire.ErrOffline), i18n.ErrPage, true}, {fmt.Errorf("x: %w", wire.ErrInsecure), i18n.ErrSecure, true},
			{fmt.Errorf("x: %w", wire.ErrDown), i18n.ErrTechnical, true}, {fmt.Errorf("x: %w", wire.ErrMissing), i18n.ErrMissing, true},
			{&wire.Refused{Code: account.FlowExpired}, i18n.ErrExpired, false}, {fmt.Errorf("x: %w", session.ErrSignIn), i18n.ErrExpired, false},
			{errors.New("never met"), i18n.ErrTechnical, true}, {&wire.Refused{Code: account.TooMany, After: 30 * time.Second}, i18n.ErrToomany, true},
		} {
			c := newClockwork(t, l)
			f := c.NewFlow(account.SignIn)
			f.In = wire.Answer{Email: "ada@exemple.ca", Password: "une phrase bien longue"}
			c.bank.will(reply{err: x.err})
			f.Send()
			c.hand.run()
			if f.Trouble == nil || f.Trouble.Title != w.S(x.title) || f.Trouble.Text == "" || f.Trouble.Again != x.again {
				t.Errorf("%s %v: %+v, want %q", l, x.err, f.Trouble, w.S(x.title))
			}
			if f.In.Email == "" {
				t.Errorf("%v: the e-mail is gone", x.err)
			}
		}
	}
	exact := map[i18n.Key][2]string{i18n.ErrToomany: {"Trop de tentatives", "Too many attempts"}, i18n.ErrTechnical: {"Difficultés techniques", "Technical difficulties"},
		i18n.ErrExpired: {"Session expirée", "Session expired"}, i18n.ErrPage: {"Impossible d'afficher la page", "Page can't be displayed"},
		i18n.ErrSecure:  {"Impossible d'établir une connexion sécurisée", "Secure connection failed"},
		i18n.ErrMissing: {"Page non disponible", "Page not available"}, i18n.AcctSignup: {"S'inscrire dès maintenant!", "Sign up now!"},
		i18n.AcctAccept: {"J'accepte", "I agree"}, i18n.AcctDone: {"Terminer", "Finish"}, i18n.AcctSigninnow: {"Veuillez ouvrir une session", "Please sign in"},
		i18n.AcctRecover:    {"Récupérer mon mot de passe / Réactiver mon compte d'utilisateur", "Recover my password / Reactivate my user account"},
		i18n.CommonContinue: {"Continuer", "Continue"}, i18n.Gck2faRecover: {"Récupérer le compte", "Recover account"}, i18n.AcctReset: {"Réinitialisation du mot de passe", "Reset password"}}
	for k, both := range exact {
		if fr, en := i18n.For(i18n.French).S(k), i18n.For(i18n.English).S(k); fr != both[0] || en != both[1] {
			t.Errorf("%s is %q and %q, want %q", k, fr, en, both)
		}
	}
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.SignIn)
	f.In = wire.Answer{Email: "ada@exemple.ca", Password: "une phrase bien longue"}
	c.bank.will(reply{err: &wire.Refused{Code: account.TooMany, After: 30 * time.Second}})
	f.Send()
	c.hand.run()
	told := 0
	f.Changed = func() { told++ }
	c.pass(10 * time.Second)
	if f.Wait() != 20*time.Second || told < 10 {
		t.Errorf("after 10 s: %v left, told %d times", f.Wait(), told)
	}
	n := len(c.bank.asked)
	f.In.Password = "une phrase bien longue"
	f.Send()
	c.hand.run()
	if len(c.bank.asked) != n {
		t.Error("it was tried again too soon")
	}
	c.pass(21 * time.Second)
	if f.Trouble != nil || f.Wait() != 0 {
		t.Errorf("after 31 s: %+v", f.Trouble)
	}
	c.bank.will(reply{p: wire.Prompt{Flow: "T", Step: account.StepPassword}}, at(account.StepQuestion))
	f.Send()
	c.hand.run()
	if f.Step() != account.StepQuestion {
		t.Errorf("then it stands at %s", f.Step())
	}
}

// TestFlowGoesOn takes the link of the letter without a key being touched, looks while the
// page is shown and not once it was left, and counts down to another letter.
//
// Rows: A-084
func TestFlowGoesOn(t *testing.T) {
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.Register)
	f.Prompt.Step = account.StepIdentity
	f.In = wire.Answer{First: "Ada", Last: "Test", Email: "ada@exemple.ca", Password: "une phrase bien longue", Again: "une phrase bien longue"}
	f.token = "T"
	waiting := reply{p: wire.Prompt{Step: account.StepCode, Sent: "ada@exemple.ca", Again: noon.Add(60 * time.Second)}}
	c.bank.will(waiting)
	f.Send()
	c.hand.run()
	if f.Step() != account.StepCode || f.ResendIn() != time.Minute {
		t.Fatalf("at %s, another letter in %v", f.Step(), f.ResendIn())
	}
	c.pass(10 * time.Second)
	if c.bank.looks != 3 {
		t.Errorf("looked %d times in 10 s, want 3", c.bank.looks)
	}
	f.Resend()
	if len(c.bank.asked) != 1 {
		t.Error("another letter was asked for too soon")
	}
	c.pass(51 * time.Second)
	again := waiting
	again.p.Again = c.now.Add(time.Minute)
	c.bank.will(again)
	f.Resend()
	c.hand.run()
	if !f.Resent || f.ResendIn() != time.Minute {
		t.Errorf("after asking: resent %v, again in %v", f.Resent, f.ResendIn())
	}
	f.Pause()
	n := c.bank.looks
	c.pass(20 * time.Second)
	if c.bank.looks != n {
		t.Error("it looks although the screen was left")
	}
	f.Resume()
	c.hand.run()
	if c.bank.looks != n+1 {
		t.Error("it does not look when the screen is shown again")
	}
	c.bank.now.Confirmed = true
	c.bank.will(at(account.StepValidate))
	c.pass(4 * time.Second)
	if f.Step() != account.StepValidate || !strings.Contains(c.bank.asked[len(c.bank.asked)-1], `{"linked":true}`) {
		t.Errorf("after the link was used it stands at %s, having asked %q", f.Step(), c.bank.asked)
	}
}

// TestFlowLostAnswer: an answer that was lost on its way back is found by asking where the flow
// stands, and nothing is done twice; a step that another window made shows the page that comes.
//
// Rows
func TestFlowLostAnswer(t *testing.T) {
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.Register)
	f.Prompt.Step, f.token = account.StepIdentity, "T"
	f.In = wire.Answer{First: "Ada", Last: "Test", Email: "ada@exemple.ca", Password: "une phrase bien longue", Again: "une phrase bien longue"}
	c.bank.will(reply{err: fmt.Errorf("read: %w", wire.ErrOffline)})
	c.bank.now = wire.Prompt{Step: account.StepCode, Sent: "ada@exemple.ca"} // it had arrived
	f.Send()
	c.hand.run()
	steps := len(c.bank.asked)
	f.Retry()
	c.hand.run()
	if f.Step() != account.StepCode || len(c.bank.asked) != steps || f.In.Password != "" {
		t.Errorf("stands at %s, asked %q, password %q", f.Step(), c.bank.asked, f.In.Password)
	}
	f.In.Code = "123456"
	c.bank.will(reply{err: &wire.Refused{Code: account.WrongStep, Prompt: &wire.Prompt{Step: account.StepValidate}}})
	f.Send()
	c.hand.run()
	if f.Step() != account.StepValidate || f.Trouble != nil || len(f.Errors) != 0 {
		t.Errorf("stands at %s with %+v", f.Step(), f.Trouble)
	}
	f.In = wire.Answer{SIN: account.FictionalSIN(1), Maiden: "Roy", Born: "1990-02-03", Accept: true, Email: "ada@exemple.ca"}
	c.bank.will(no(account.FlowExpired))
	f.Send()
	c.hand.run()
	if f.Step() != account.StepTerms || f.Begun() || f.In.Email != "ada@exemple.ca" || f.In.SIN != "" || f.Trouble == nil {
		t.Errorf("expired: at %s, begun %v, e-mail %q, %+v", f.Step(), f.Begun(), f.In.Email, f.Trouble)
	}
}

// TestFlowDropsLateAnswers: what comes back after the flow was given up changes nothing.
func TestFlowDropsLateAnswers(t *testing.T) {
	c := newClockwork(t, i18n.French)
	f := c.NewFlow(account.SignIn)
	f.In = wire.Answer{Email: "ada@exemple.ca", Password: "une phrase bien longue"}
	c.bank.will(reply{p: wire.Prompt{Flow: "T", Step: account.StepPassword}}, at(account.StepQuestion))
	f.Send()
	f.Abandon()
	c.hand.run()
	if f.Step() != account.StepPassword || f.Begun() || f.In.Email != "" {
		t.Errorf("given up, it stands at %s, e-mail %q", f.Step(), f.In.Email)
	}
}

// TestSignUpDraft finds after a restart what was typed that is no secret, and nothing else is
// on the disk; a shared computer keeps nothing, and a finished registration leaves nothing.
//
// Rows
func TestSignUpDraft(t *testing.T) {
	c := newClockwork(t, i18n.French)
	kept := func() string {
		v, err := c.dev.Setting(context.Background(), signupDraft)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	u := c.SignUp
	u.Open()
	u.Begin()
	c.hand.run()
	u.Prompt.Step = account.StepIdentity
	u.Type("first", &u.In.First, "Ada")
	u.Type("last", &u.In.Last, "Test")
	u.Type("email", &u.In.Email, "ada@exemple.ca")
	u.Type("password", &u.In.Password, "une phrase bien longue")
	u.Type("sin", &u.In.SIN, account.FictionalSIN(7))
	c.pass(2 * time.Second)
	if v := kept(); !strings.Contains(v, "ada@exemple.ca") || strings.Contains(v, "phrase") || strings.Contains(v, account.FictionalSIN(7)) {
		t.Fatalf("kept %s", v)
	}
	// Killed, and begun anew.
	d := &clockwork{hand: &hand{}, bank: c.bank, now: noon}
	d.State = New(context.Background(), Options{Device: c.dev, Exec: d.hand, Accounts: c.bank, Now: func() time.Time { return noon }})
	d.SignUp.Open()
	d.hand.run()
	if in := d.SignUp.In; in.First != "Ada" || in.Email != "ada@exemple.ca" || in.Password != "" || in.SIN != "" {
		t.Errorf("after a restart: %+v", in)
	}
	u.Abandon()
	c.hand.run()
	if v := kept(); v != "" {
		t.Errorf("given up, %s is kept", v)
	}
	c.Present.Shared = true
	u.Type("first", &u.In.First, "Bea")
	c.pass(2 * time.Second)
	if v := kept(); v != "" {
		t.Errorf("on a shared computer, %s is kept", v)
	}
}

// TestSignUpSteps names the steps, without the third where the server does not validate, and
// goes to Express Entry and back with nothing of the other path.
//
// Rows
func TestSignUpSteps(t *testing.T) {
	c := newClockwork(t, i18n.French)
	u := c.SignUp
	u.Open()
	c.hand.run()
	u.Prompt.Step = account.StepValidate
	if names, at := u.Steps(); len(names) != 4 || at != 3 || names[1] != "Identité et code" {
		t.Errorf("%q, at %d", names, at)
	}
	u.In = wire.Answer{SIN: "912345678", Email: "ada@exemple.ca"}
	u.Send()
	c.hand.run()
	if !u.Wrong(account.SINTemporary) || len(u.Errors) != 1 || len(c.bank.asked) != 0 {
		t.Fatalf("a number that begins with 9: %+v, asked %q", u.Errors, c.bank.asked)
	}
	u.UseExpress(true)
	if u.In.SIN != "" || !u.In.Express || len(u.Errors) != 0 {
		t.Errorf("on the path of Express Entry: %+v", u.In)
	}
	u.Send()
	if !u.Wrong(account.ExpressMissing) || u.Wrong(account.SINDigits) {
		t.Errorf("without codes: %+v", u.Errors)
	}
	c.bank.deployment = wire.Deployment{}
	u.Open()
	c.hand.run()
	u.Prompt.Step = account.StepQuestions
	if names, at := u.Steps(); len(names) != 3 || at != 3 {
		t.Errorf("without validation: %q, at %d", names, at)
	}
}

// TestQuestionsDistinct offers for each question only those that none of the other four is.
//
// Rows: A-086
func TestQuestionsDistinct(t *testing.T) {
	c := newClockwork(t, i18n.English)
	f := c.SignUp.Flow
	f.Prompt.Step = account.StepQuestions
	for i := range account.QuestionCount {
		free := f.Free(i)
		if len(free) != len(account.QuestionIDs)-i {
			t.Errorf("question %d can be %d, want %d", i+1, len(free), len(account.QuestionIDs)-i)
		}
		f.Choose(i, free[0])
	}
	f.Send()
	if len(f.Errors) != 5 || f.Errors[4].Field != "questions.4" {
		t.Errorf("without answers: %+v", f.Errors)
	}
	f.Type("questions.2", &f.QA(2).Answer, "Les Tilleuls")
	if f.Error("questions.2") != "" || f.Error("questions.3") == "" {
		t.Errorf("after the third answer: %+v", f.Errors)
	}
	if slices.Contains(f.Free(0), f.QA(3).Question) || !slices.Contains(f.Free(0), f.QA(0).Question) {
		t.Error("a question that is chosen elsewhere is offered, or its own is not")
	}
}

// TestTerms reads in both languages without a network what must stand there.
//
// Rows
func TestTerms(t *testing.T) {
	all := func(l i18n.Lang, d wire.Deployment) string {
		var b strings.Builder
		for _, c := range Terms(l, d) {
			b.WriteString(c.Title + "\n" + strings.Join(c.Text, "\n") + "\n")
		}
		return b.String()
	}
	d := wire.Deployment{LegalBasis: wire.Words{FR: "Loi sur l'essai, article 3", EN: "Trial Act, section 3"}, Contact: "equipe@exemple.ca"}
	for l, want := range map[i18n.Lang][]string{
		i18n.French:  {"Vous et vous seul", "gratuits", "indépendant", "Loi sur l'essai", "autre personne", "une seule fois", "equipe@exemple.ca"},
		i18n.English: {"You and you alone", "free", "independent", "Trial Act", "another person's", "used once", "equipe@exemple.ca"}} {
		text := all(l, d)
		for _, x := range want {
			if !strings.Contains(text, x) {
				t.Errorf("%s: the terms do not say %q", l, x)
			}
		}
		if strings.Contains(all(l, wire.Deployment{}), "Trial") || len(Terms(l, wire.Deployment{})) != len(Terms(l, d)) {
			t.Errorf("%s: without a legal basis", l)
		}
		if !strings.Contains(TermsVersion(l), account.TermsVersion) {
			t.Errorf("%s: the version is not told", l)
		}
	}
}

// TestMailbox reads the letters of a demonstration, finds the code, looks again while it is
// open and forgets them once it was left.
func TestMailbox(t *testing.T) {
	c := newClockwork(t, i18n.French)
	c.bank.letters = []wire.Letter{{ID: 1, Subject: "Ancienne", Text: "Rien."}, {ID: 3, Subject: "Votre code", Text: "Bonjour,\n\nVotre code : 123 456\n\nIl est bon 15 minutes."}}
	m := c.Mailbox
	m.Resume()
	c.hand.run()
	l, ok := m.Letter()
	if !ok || l.ID != 3 || LetterCode(l) != "123456" {
		t.Fatalf("the newest letter is %+v, with the code %q", l, LetterCode(l))
	}
	c.bank.letters = append(c.bank.letters, wire.Letter{ID: 4, Subject: "Autre", Text: "654321"})
	c.pass(3 * time.Second)
	if l, _ := m.Letter(); l.ID != 4 || LetterCode(l) != "654321" {
		t.Errorf("3 s later the newest is %+v", l)
	}
	m.Pause()
	if m.List != nil {
		t.Error("the letters stay in memory")
	}
	for text, want := range map[string]string{"": "", "12345": "", "1234567": "", "code 123456.": "123456", "no 1-800-622-6232": "", "le 2026": "", "654\u00a0321": "654321"} {
		if got := LetterCode(wire.Letter{Text: text}); got != want {
			t.Errorf("the code of %q is %q, want %q", text, got, want)
		}
	}
}

// TestRecoveredSignsIn lets whoever has a new password sign in at once: the wait that the old
// one ran into, and what was begun with it, are over.
//
// Rows: A-135
func TestRecoveredSignsIn(t *testing.T) {
	c := newClockwork(t, i18n.French)
	in := c.SignIn
	in.In = wire.Answer{Email: "ada@exemple.ca", Password: "une phrase bien longue"}
	c.bank.will(reply{err: &wire.Refused{Code: account.TooMany, After: 30 * time.Second}})
	in.Send()
	c.hand.run()
	if in.Wait() == 0 {
		t.Fatal("nothing has to wait")
	}
	c.Recover.In = wire.Answer{First: "Ada", Last: "Essai", Email: "ada@exemple.ca"}
	c.bank.will(at(account.StepName), at(account.StepDone))
	c.Recover.Send()
	c.hand.run()
	if !c.Recover.Finished || in.Wait() != 0 || in.Begun() || in.In.Email != "ada@exemple.ca" {
		t.Errorf("recovered %v, wait %s, begun %v, e-mail %q", c.Recover.Finished, in.Wait(), in.Begun(), in.In.Email)
	}
}
