package ui

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// quiet is accounts with nobody at the desk, whose server answers nothing but what it is.
type quiet struct {
	state.Accounts
	d wire.Deployment
}

func (q quiet) Deployment(context.Context) (wire.Deployment, error) { return q.d, nil }
func (q quiet) Standing() session.Standing                          { return session.Standing{} }
func (q quiet) People(context.Context) ([]session.Person, error)    { return nil, nil }
func (q quiet) Letters(context.Context) ([]wire.Letter, error) {
	return []wire.Letter{{ID: 1, At: noon, To: "bea.test@exemple.ca", Subject: strings.Repeat("Bienvenue ", 12), Text: "Bonjour."},
		{ID: 2, At: noon, To: "ada.test@exemple.ca", Subject: "Votre code de confirmation", Text: "Bonjour Ada,\n\nVotre code : 123 456\n\nIl est bon 15 minutes."}}, nil
}
func (q quiet) Look(context.Context, string) (wire.Prompt, error) {
	return wire.Prompt{}, wire.ErrOffline
}
func (q quiet) Begin(context.Context, wire.Begin) (wire.Prompt, error) {
	return wire.Prompt{}, wire.ErrOffline
}

var trial = wire.Deployment{SIN: true, Express: true, Mailbox: true, Demo: true, Verified: "local", Contact: "equipe@exemple.ca"}

func quietly(d wire.Deployment) func(*cache.Device) state.Accounts {
	return func(*cache.Device) state.Accounts { return quiet{d: d} }
}

// come shows a page of a flow.
func (b *bench) come(f *state.Flow, p wire.Prompt) {
	f.Prompt = p
	f.Page++
	f.Errors, f.Trouble = nil, nil
	f.Changed()
	b.hand.settle()
}

// pages shows every page of sign-up, sign-in and what goes with them, as it begins and with
// what can go wrong on it.
func (b *bench) pages(see func(name string)) {
	go_ := func(name string) {
		b.Go(name)
		b.hand.settle()
		see(name)
	}
	refuse := func(f *state.Flow, name string) {
		f.Send()
		b.hand.settle()
		see(name)
	}
	go_("welcome")
	go_("signup")
	u := b.s.SignUp
	u.Begin()
	b.hand.settle()
	see("terms of sign-up")
	b.come(u.Flow, wire.Prompt{Step: account.StepIdentity})
	see("identity")
	refuse(u.Flow, "identity, refused")
	b.come(u.Flow, wire.Prompt{Step: account.StepCode, Sent: "ada.test@exemple.ca", Again: noon.Add(50e9)})
	see("code")
	b.come(u.Flow, wire.Prompt{Step: account.StepValidate})
	see("number")
	for _, sin := range []string{"912345678", "046 454 286", "1234"} {
		u.In.SIN = sin
		refuse(u.Flow, "number "+sin)
	}
	u.Errors = []state.FieldError{{Field: "sin", Text: b.s.Words().S(account.SINUsed.Key()), Code: account.SINUsed}}
	u.Changed()
	see("number, used")
	u.UseExpress(true)
	b.hand.settle()
	refuse(u.Flow, "express")
	b.come(u.Flow, wire.Prompt{Step: account.StepQuestions})
	u.Choose(0, "meeting-place")
	refuse(u.Flow, "questions")
	u.Finished = true
	b.come(u.Flow, wire.Prompt{Step: account.StepDone})
	see("signed up")
	go_("signin")
	n := b.s.SignIn
	w := b.s.Words()
	for _, t := range []*state.Trouble{{Text: w.S(account.IsSuspended.Key()), Code: account.IsSuspended},
		{Title: w.S(i18n.ErrToomany), Text: w.S(account.TooMany.Key()), Code: account.TooMany, Until: noon.Add(30e9)},
		{Title: w.S(i18n.ErrSecure), Text: w.S(i18n.ErrSecureNext), Again: true}} {
		n.Trouble = t
		n.Changed()
		see("sign-in, " + t.Title)
	}
	b.come(n.Flow, wire.Prompt{Step: account.StepQuestion, Question: "meeting-place"})
	see("question")
	b.come(n.Flow, wire.Prompt{Step: account.StepFactor, Method: account.TOTP})
	see("factor")
	b.use2(w.S(i18n.Gck2faRecover))
	see("recovery code")
	b.come(n.Flow, wire.Prompt{Step: account.StepFactor, Method: account.EMail, Sent: "ada.test@exemple.ca"})
	b.come(n.Flow, wire.Prompt{Step: account.StepSetup, Methods: []account.Method{account.TOTP, account.EMail}})
	see("set-up")
	b.come(n.Flow, wire.Prompt{Step: account.StepConfirm, Method: account.TOTP, Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
		URI: "otpauth://totp/Passerelle:ada.test@exemple.ca?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Passerelle"})
	see("confirm")
	b.come(n.Flow, wire.Prompt{Step: account.StepCodes, Codes: recoveryCodes})
	see("codes")
	b.come(n.Flow, wire.Prompt{Step: account.StepTerms})
	see("new terms")
	b.come(n.Flow, wire.Prompt{Step: account.StepNewPassword})
	refuse(n.Flow, "new password")
	n.Finished = true
	b.come(n.Flow, wire.Prompt{Step: account.StepDone})
	see("please sign in")
	n.Opened = true
	b.come(n.Flow, wire.Prompt{Step: account.StepDone})
	see("signed in")
	go_("invited")
	refuse(b.s.Invited.Flow, "invitation, refused")
	b.come(b.s.Invited.Flow, wire.Prompt{Step: account.StepTerms})
	see("terms of an invitation")
	b.come(b.s.Invited.Flow, wire.Prompt{Step: account.StepNewPassword})
	see("password of an invitation")
	go_("mailbox")
	go_("terms")
}

var recoveryCodes = []string{"K7QF-2M9X", "P4TD-8WZC", "R6HV-3NBJ", "C9YK-5LGS", "T2MX-7QDP"}

// holds says whether a text stands on the screen, in sight or not.
func (b *bench) holds(text string) bool {
	found := false
	walk(b.frame.body, func(o fyne.CanvasObject) bool {
		if a, ok := o.(fyne.Accessible); ok && strings.Contains(a.AccessibilityLabel(), text) {
			found = true
		}
		return true
	})
	return found
}

// use2 uses a control of the screen if it is there.
func (b *bench) use2(label string) {
	for _, f := range focusables(b.frame.body) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == label {
			b.Canvas().Focus(f)
			b.key(fyne.KeyReturn)
			return
		}
	}
}

// TestEnterNotClipped measures every text of every page, with what can go wrong on it, in both
// languages, at 100 and 200 %, in three themes, wide and narrow.
//
// Rows
func TestEnterNotClipped(t *testing.T) {
	for _, o := range []setup{{lang: i18n.French, percent: 200}, {lang: i18n.English, percent: 200, mode: look.Dark},
		{lang: i18n.French, mode: look.Contrast, width: 700, height: 700}, {lang: i18n.English}} {
		o.accounts = quietly(trial)
		b := open(t, o)
		b.pages(func(name string) { b.unclipped(t, o, name) })
	}
}

// TestEnterByTab goes round every page with Tab: each control has a name and a role, none is left
// out, and the keyboard is on the page from the start.
//
// Rows
func TestEnterByTab(t *testing.T) {
	b := open(t, setup{accounts: quietly(trial)})
	b.pages(func(name string) {
		want := focusables(b.Canvas().Content())
		start := b.Canvas().Focused()
		if start == nil || !slices.Contains(focusables(b.frame.body), start) {
			t.Errorf("%s: the keyboard is on %q, not on the page", name, b.Sight().Focus)
			return
		}
		var got []fyne.Focusable
		for range 100 {
			f := b.Canvas().Focused()
			got = append(got, f)
			if a, ok := f.(fyne.Accessible); !ok || strings.TrimSpace(a.AccessibilityLabel()) == "" || a.AccessibilityRole() == "" {
				t.Errorf("%s: %T has no name for a screen reader", name, f)
			}
			if b.Canvas().FocusNext(); b.Canvas().Focused() == start {
				break
			}
		}
		if b.Canvas().Focused() != start {
			t.Errorf("%s: Tab never came back", name)
		}
		for _, f := range want {
			if !slices.Contains(got, f) {
				t.Errorf("%s: Tab leaves out %q", name, labels([]fyne.Focusable{f}))
			}
		}
	})
}

// TestWaysIn: both ways in stand in the window before anybody signed in, in their exact words, and
// the keyboard reaches them from the search field in three steps at most.
//
// Rows: A-081, B-004, X-070
func TestWaysIn(t *testing.T) {
	for l, words := range map[i18n.Lang][2]string{i18n.French: {"Se connecter", "S'inscrire dès maintenant!"}, i18n.English: {"Sign in", "Sign up now!"}} {
		b := open(t, setup{lang: l, accounts: quietly(trial)})
		for i, screen := range []string{"signin", "signup"} {
			b.Go("search")
			b.hand.settle()
			steps := 0
			for a, ok := b.Canvas().Focused().(fyne.Accessible); ok && a.AccessibilityLabel() != words[i]; a, ok = b.Canvas().Focused().(fyne.Accessible) {
				b.Canvas().FocusPrevious()
				if steps++; steps > 3 {
					t.Fatalf("%s: %q is not reached in three steps: the keyboard is on %q", l, words[i], b.Sight().Focus)
				}
			}
			b.key(fyne.KeyReturn)
			if b.Here().Screen != screen {
				t.Errorf("%s: %q leads to %s", l, words[i], b.Here().Screen)
			}
		}
	}
	b := open(t, setup{lang: i18n.French, accounts: quietly(trial), start: "welcome"})
	b.press(t, "Sign up now!")
	if b.Here().Screen != "signup" || b.s.Lang() != i18n.English {
		t.Errorf("the English half of the first offer leads to %s in %s", b.Here().Screen, b.s.Lang())
	}
	b = open(t, setup{})
	if b.sees("S'inscrire dès maintenant!") {
		t.Error("where there are no accounts, one is offered")
	}
}

// TestNineSIN refuses a number that begins with 9 before anything is sent, with both ways out;
// the one to Express Entry moves there, keyboard and all, and asks for no number; its page
// says whom to ask.
//
// Rows
func TestNineSIN(t *testing.T) {
	b := open(t, setup{accounts: quietly(trial)})
	w := b.s.Words()
	b.Go("signup")
	b.hand.settle()
	u := b.s.SignUp
	b.come(u.Flow, wire.Prompt{Step: account.StepValidate})
	u.Begin()
	b.hand.settle()
	b.write(t, w.S(i18n.SinField), "9123 45678")
	b.use(t, w.S(i18n.CommonContinue))
	if !b.sees(w.S(account.SINTemporary.Key())) || !b.sees(w.S(i18n.SinTemporary)) || u.Trouble != nil {
		t.Fatalf("a number that begins with 9 says %q", b.Sight().Texts)
	}
	if f := b.Sight().Focus; !strings.HasPrefix(f, w.S(i18n.SinField)) {
		t.Errorf("the keyboard is on %q", f)
	}
	b.use(t, w.S(i18n.ExpressUse))
	if f := b.Sight().Focus; !strings.HasPrefix(f, w.S(i18n.ExpressProfile)) {
		t.Errorf("on the path of Express Entry the keyboard is on %q", f)
	}
	for _, f := range focusables(b.frame.body) {
		if e, ok := f.(*part.Entry); ok && strings.Contains(e.Label, "NAS") {
			t.Errorf("the path of Express Entry asks for %q", e.Label)
		}
	}
	b.write(t, w.S(i18n.ExpressProfile), "123")
	b.use(t, w.S(i18n.CommonContinue))
	if !b.sees(w.S(i18n.ExpressContact)) {
		t.Errorf("whom to ask is not said: %q", b.Sight().Texts)
	}
	b.use(t, w.S(i18n.ExpressBack))
	b.write(t, w.S(i18n.SinField), "046 454 286")
	b.use(t, w.S(i18n.CommonContinue))
	b.use(t, w.S(i18n.SinSpacesGo))
	if u.In.SIN != "046454286" || u.Wrong(account.SINSpaces) {
		t.Errorf("after the spaces were taken out: %q, %+v", u.In.SIN, u.Errors)
	}
	b.write(t, w.S(i18n.SinField), "04645428")
	b.use(t, w.S(i18n.CommonContinue))
	if !b.holds("1-866-279-5238") {
		t.Error("the telephone number of Service Canada is not in the error panel")
	}
	// Each point of the summary leads to its field.
	b.use(t, w.S(i18n.SettingsMend, "Field", w.S(i18n.SinBorn), "Problem", u.Error("born")))
	if f := b.Sight().Focus; !strings.HasPrefix(f, w.S(i18n.SinBorn)) {
		t.Errorf("the link leads to %q", f)
	}
	// A number that has an account leads to that account, and names nobody.
	u.Errors = []state.FieldError{{Field: "sin", Text: w.S(account.SINUsed.Key()), Code: account.SINUsed}}
	u.Changed()
	for _, k := range []i18n.Key{i18n.AcctSignin, i18n.AcctRecover} {
		if !b.holds(w.S(k)) {
			t.Errorf("a number that has an account does not offer %q", w.S(k))
		}
	}
	if strings.Contains(strings.Join(b.Sight().Texts, "\n"), "04645428") {
		t.Error("what was typed as a number is told by the probe")
	}
}

// TestEnterSwitch keeps what was typed, secrets too, when language, theme or size change, and
// forgets the secrets alone when the screen is left.
//
// Rows
func TestEnterSwitch(t *testing.T) {
	b := open(t, setup{accounts: quietly(trial)})
	b.Go("signup")
	b.hand.settle()
	u := b.s.SignUp
	u.Begin()
	b.come(u.Flow, wire.Prompt{Step: account.StepIdentity})
	fr, en := i18n.For(i18n.French), i18n.For(i18n.English)
	b.write(t, fr.S(i18n.FieldFirst), "Ada")
	b.write(t, fr.S(i18n.FieldPassword), goodPassword)
	b.SetLang(i18n.English)
	b.SetLook(look.Dark, 150)
	b.hand.settle()
	typed := func() (first, password string) {
		for _, f := range focusables(b.frame.body) {
			if e, ok := f.(*part.Entry); ok && e.Label == en.S(i18n.FieldFirst) {
				first = e.Text
			} else if ok && e.Label == en.S(i18n.FieldPassword) {
				password = e.Text
			}
		}
		return first, password
	}
	if first, password := typed(); first != "Ada" || password != goodPassword {
		t.Errorf("after the switch: %q, %q", first, password)
	}
	if strings.Contains(strings.Join(b.Sight().Texts, "\n"), "cheval") {
		t.Error("the password is told by the probe")
	}
	b.Go("search")
	b.Go("signup")
	b.hand.settle()
	if first, password := typed(); first != "Ada" || password != "" || u.In.Password != "" {
		t.Errorf("after it was left: %q, %q", first, password)
	}
}

// TestOfflineTerms reads the terms without a network, and says in fixed words why the next step
// cannot be made and what to do.
//
// Rows, B-016
func TestOfflineTerms(t *testing.T) {
	b := open(t, setup{accounts: quietly(trial)})
	b.s.SetOnline(false)
	w := b.s.Words()
	b.Go("signup")
	b.hand.settle()
	if !b.sees(w.S(i18n.SignupOffline)) {
		t.Error("it is not said that the network is needed")
	}
	b.use(t, w.S(i18n.AcctSignup))
	b.use(t, i18n.For(i18n.English).S(i18n.TermsIn))
	if !b.sees(i18n.For(i18n.English).S(i18n.TermsYouOnly)) || b.s.Lang() != i18n.French {
		t.Error("the terms are not read in the other language")
	}
	b.use(t, w.S(i18n.AcctAccept))
	if !b.sees("Impossible d'afficher la page") || b.Sight().Focus != w.S(i18n.Again) {
		t.Errorf("offline: the keyboard is on %q, %q", b.Sight().Focus, b.Sight().Texts)
	}
}

// TestFactorPages shows the key as a drawing and as text and copies it, keeps the recovery codes
// to copy and to print, and puts both away when the screen is left.
//
// Rows: B-031, B-033, B-034
func TestFactorPages(t *testing.T) {
	b := open(t, setup{accounts: quietly(trial)})
	w := b.s.Words()
	b.Go("signin")
	b.hand.settle()
	f := b.s.SignIn.Flow
	b.come(f, wire.Prompt{Step: account.StepConfirm, Method: account.TOTP, Secret: "JBSWY3DPEHPK3PXP", URI: "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"})
	if !b.sees("JBSW Y3DP EHPK 3PXP") || !b.sees(w.S(i18n.FactorQr)) {
		t.Errorf("the key is not shown: %q", b.Sight().Texts)
	}
	b.use(t, w.S(i18n.FactorKeyCopy))
	if b.copied != "JBSWY3DPEHPK3PXP" {
		t.Errorf("copied %q", b.copied)
	}
	b.come(f, wire.Prompt{Step: account.StepCodes, Codes: recoveryCodes})
	b.use(t, w.S(i18n.FactorCodesCopy))
	if b.copied != strings.Join(recoveryCodes, "\n") {
		t.Errorf("copied %q", b.copied)
	}
	late := b.hand.late
	b.hand.late = nil
	b.use3(t, w.S(i18n.FactorCodesPrint))
	if len(b.opened) != 1 {
		t.Fatalf("opened %q", b.opened)
	}
	path := strings.TrimPrefix(b.opened[0], "file://")
	page, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(page), recoveryCodes[4]) {
		t.Errorf("the page to print: %v, %d bytes", err, len(page))
	}
	b.hand.late = append(late, b.hand.late...)
	b.hand.settle()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a minute later the page to print is still there: %v", err)
	}
	b.Go("search")
	if len(f.Prompt.Codes) != 0 {
		t.Error("the codes stay in memory once the screen was left")
	}
	b.Go("signin")
	b.hand.settle()
	b.come(f, wire.Prompt{Step: account.StepFactor, Method: account.TOTP})
	b.use(t, w.S(i18n.Gck2faRecover))
	if fo := b.Sight().Focus; !strings.HasPrefix(fo, w.S(i18n.FactorRecovery)) {
		t.Errorf("the keyboard is on %q, want the recovery code", fo)
	}
	b.use(t, w.S(i18n.CommonContinue))
	if fo := b.Sight().Focus; !b.sees(w.N(i18n.FormMend, 1)) || !strings.Contains(fo, w.S(account.Needed.Key())) {
		t.Errorf("an empty recovery code: %+v, the keyboard on %q", f.Errors, fo)
	}
}

// use3 uses a control of the screen and does the work that waits, but lets no time pass.
func (b *bench) use3(t *testing.T, label string) {
	t.Helper()
	for _, f := range focusables(b.frame.body) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == label {
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			for len(b.hand.jobs) > 0 {
				j := b.hand.jobs[0]
				b.hand.jobs = b.hand.jobs[1:]
				j()
			}
			return
		}
	}
	t.Fatalf("no control %q", label)
}

// TestNoMailboxElsewhere offers the letters of a demonstration nowhere else.
func TestNoMailboxElsewhere(t *testing.T) {
	b := open(t, setup{accounts: quietly(wire.Deployment{SIN: true})})
	w := b.s.Words()
	b.Go("signup")
	b.hand.settle()
	b.s.SignUp.Begin()
	b.come(b.s.SignUp.Flow, wire.Prompt{Step: account.StepCode, Sent: "ada.test@exemple.ca"})
	if b.sees(w.S(i18n.MailboxOpen)) || !b.sees("ada.test@exemple.ca") {
		t.Error("a real server offers a mailbox of a demonstration")
	}
	b.come(b.s.SignUp.Flow, wire.Prompt{Step: account.StepValidate})
	if b.sees(w.S(i18n.SinDemo)) || b.sees(w.S(i18n.ExpressGo)) {
		t.Error("a real server offers a fictional number, or a path that it does not have")
	}
}

// refusing answers every step of a sign-in with the same refusal.
type refusing struct {
	quiet
	no *wire.Refused
}

func (r refusing) Begin(context.Context, wire.Begin) (wire.Prompt, error) {
	return wire.Prompt{Flow: "T", Kind: account.SignIn, Step: account.StepPassword}, nil
}
func (r refusing) Step(context.Context, string, account.Step, wire.Answer) (wire.Prompt, error) {
	return wire.Prompt{}, r.no
}

// TestSuspended says that an account is suspended, in words of its own, with the button that
// brings it back and has the keyboard; too many tries say how long to wait.
//
// Rows: A-133, B-017, A-135
func TestSuspended(t *testing.T) {
	for l, recover := range map[i18n.Lang]string{i18n.French: "Récupérer mon mot de passe / Réactiver mon compte d'utilisateur",
		i18n.English: "Recover my password / Reactivate my user account"} {
		try := func(no *wire.Refused) *bench {
			b := open(t, setup{lang: l, accounts: func(*cache.Device) state.Accounts { return refusing{quiet{d: trial}, no} }})
			w := b.s.Words()
			b.Go("signin")
			b.hand.settle()
			b.write(t, w.S(i18n.FieldEmail), "ada.test@exemple.ca")
			b.write(t, w.S(i18n.FieldPassword), goodPassword)
			b.use(t, w.S(i18n.AcctSignin))
			return b
		}
		b := try(&wire.Refused{Code: account.IsSuspended})
		if !b.sees(b.s.Words().S(account.IsSuspended.Key())) || b.Sight().Focus != recover {
			t.Errorf("%s: the keyboard is on %q, want %q", l, b.Sight().Focus, recover)
		}
		b.key(fyne.KeyReturn)
		if b.Here().Screen != "recover" {
			t.Errorf("%s: the button leads to %s", l, b.Here().Screen)
		}
		b = try(&wire.Refused{Code: account.TooMany, After: 30e9})
		if w := b.s.Words(); !b.sees(w.S(i18n.ErrToomany)) || !b.sees(w.N(i18n.FlowWait, 30)) {
			t.Errorf("%s: too many tries say %q", l, b.Sight().Texts)
		}
	}
}
