package ui

import (
	"context"
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

// portal is a server with sign-in partners.
var portal = wire.Deployment{Mailbox: true, Verified: "local", Partners: []wire.Partner{
	{ID: "a", Name: wire.Words{FR: "Partenaire A, une institution au nom très long", EN: "Partner A, an institution with a very long name"}},
	{ID: "b", Name: wire.Words{FR: "Partenaire B", EN: "Partner B"}}}}

// recoveries shows every page of the portal, of the registration for it, of each recovery and
// of the help, as it begins and with what can go wrong on it.
func (b *bench) recoveries(see func(name string)) {
	w := b.s.Words()
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
	trouble := func(f *state.Flow, name string, codes ...account.Code) {
		for _, c := range codes {
			f.Trouble = &state.Trouble{Text: w.S(c.Key()), Code: c}
			f.Changed()
			see(name + ", " + string(c))
		}
		f.Trouble = nil
		f.Changed()
	}
	go_("help")
	go_("request")
	b.s.Help.Email = strings.Repeat("anticonstitutionnellement.", 4) + "@exemple.ca"
	b.s.Help.Send()
	b.hand.settle()
	see("request, refused")
	b.s.SetOnline(false)
	b.s.Help.Type("email", &b.s.Help.Email, "ada.test@exemple.ca")
	see("request, offline")
	b.s.Help.First, b.s.Help.Last = "Ada", "Test"
	b.s.Help.Send()
	b.hand.settle()
	see("request, kept")
	go_("outbox")
	b.s.SetOnline(true)

	r := b.s.Recover
	go_("recover")
	refuse(r.Flow, "recover, refused")
	b.come(r.Flow, wire.Prompt{Step: account.StepCode, Sent: "ada.test@exemple.ca", Again: noon.Add(50e9)})
	see("recover, code")
	b.come(r.Flow, wire.Prompt{Step: account.StepQuestion, Question: "meeting-place", Other: true})
	see("recover, question")
	refuse(r.Flow, "recover, question refused")
	trouble(r.Flow, "recover", account.AgentNeeded, account.MustReset)
	b.come(r.Flow, wire.Prompt{Step: account.StepNewPassword})
	refuse(r.Flow, "recover, password")
	r.Finished = true
	b.come(r.Flow, wire.Prompt{Step: account.StepDone})
	see("recovered")

	p := b.s.Portal
	go_("portal")
	p.Enter()
	see("portal, password")
	refuse(p.Flow, "portal, refused")
	trouble(p.Flow, "portal", account.Credentials, account.IsRevoked, account.IsSuspended, account.MustReset)
	p.Trouble = &state.Trouble{Title: w.S(i18n.ErrToomany), Text: w.S(account.TooMany.Key()), Code: account.TooMany, Until: noon.Add(30e9)}
	p.Changed()
	see("portal, too many")
	b.come(p.Flow, wire.Prompt{Step: account.StepFactor, Method: account.TOTP})
	see("portal, factor")
	p.Turn()
	see("portal, recovery code")
	b.come(p.Flow, wire.Prompt{Step: account.StepSetup})
	see("portal, set-up")
	b.come(p.Flow, wire.Prompt{Step: account.StepConfirm, Method: account.TOTP, Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
		URI: "otpauth://totp/Passerelle:employeur42?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Passerelle"})
	see("portal, confirm")
	b.come(p.Flow, wire.Prompt{Step: account.StepConfirm, Method: account.EMail, Sent: "a…@exemple.ca"})
	see("portal, confirm by mail")
	b.come(p.Flow, wire.Prompt{Step: account.StepCodes, Codes: recoveryCodes})
	see("portal, codes")
	b.come(p.Flow, wire.Prompt{Step: account.StepSuccess})
	see("portal, success")
	p.Finished = true
	b.come(p.Flow, wire.Prompt{Step: account.StepDone})
	see("portal, home")

	u := b.s.UsernameBack
	go_("username")
	refuse(u.Flow, "username, refused")
	u.Without(true)
	see("username, no address")
	u.Without(false)
	b.come(u.Flow, wire.Prompt{Step: account.StepSent, Screen: 2, Screens: 2, Sent: "ada.test@exemple.ca"})
	see("username, sent")
	u.Both, u.Finished = true, true
	b.come(u.Flow, wire.Prompt{Step: account.StepDone})
	see("username, done")

	k := b.s.PasswordBack
	go_("password")
	refuse(k.Flow, "password, refused")
	b.come(k.Flow, wire.Prompt{Step: account.StepMethod})
	k.SendMethod()
	see("password, by mail")
	k.Choose(true)
	see("password, by questions")
	b.come(k.Flow, wire.Prompt{Step: account.StepCode, Sent: "ada.test@exemple.ca", Again: noon.Add(50e9)})
	see("password, code")
	b.come(k.Flow, wire.Prompt{Step: account.StepAnswer, Question: "meeting-place"})
	refuse(k.Flow, "password, answer")
	b.come(k.Flow, wire.Prompt{Step: account.StepAnswers, Question: "meeting-place", Person: strings.Repeat("celle qui m'a tout appris ", 5), Date: "un été"})
	refuse(k.Flow, "password, answers")
	trouble(k.Flow, "password", account.AnswersWrong)
	b.come(k.Flow, wire.Prompt{Step: account.StepNewPassword})
	refuse(k.Flow, "password, new")
	k.Finished = true
	b.come(k.Flow, wire.Prompt{Step: account.StepDone})
	see("password, done")

	for name, x := range map[string]*state.Partner{"partner": b.s.PartnerIn, "partner-enrol": b.s.PartnerEnrol, "partner-change": b.s.PartnerChange} {
		go_(name)
		trouble(x.Flow, name, account.PartnerOther, account.PartnerTaken, account.PartnerFails)
		x.Waiting, x.Chosen = true, "a"
		b.come(x.Flow, x.Prompt)
		see(name + ", waiting")
		x.Waiting = false
		x.Finished = true
		b.come(x.Flow, wire.Prompt{Step: account.StepDone})
		see(name + ", done")
	}

	e := b.s.Enrol
	go_("enrol")
	e.Begin()
	see("enrol, name")
	refuse(e.Flow, "enrol, name refused")
	b.come(e.Flow, wire.Prompt{Step: account.StepRecovery})
	see("enrol, recovery")
	e.In.Person, e.In.PersonHint = "Zoé", "c'est Zoé"
	refuse(e.Flow, "enrol, recovery refused")
	b.come(e.Flow, wire.Prompt{Step: account.StepSetup})
	see("enrol, set-up")
	b.come(e.Flow, wire.Prompt{Step: account.StepCodes, Codes: recoveryCodes})
	see("enrol, codes")
	e.Finished = true
	b.come(e.Flow, wire.Prompt{Step: account.StepDone})
	see("enrol, done")
}

// employer is a house with sign-in partners to choose.
type employer struct{ *house }

func (h employer) Deployment(context.Context) (wire.Deployment, error) { return portal, nil }

// employ opens a window with somebody at the desk who has a portal credential.
func employ(t *testing.T, o setup) *bench {
	t.Helper()
	h := newHouse().in(0, session.Online)
	o.accounts, o.personal = func(*cache.Device) state.Accounts { return employer{h} }, records(t)
	b := open(t, o)
	b.s.Present.Start()
	b.s.Me.Load()
	b.hand.settle()
	return b
}

// TestRecoveriesNotClipped measures every text of every page of the portal and of the
// recoveries, in both languages, at 100 and 200 %, in three themes, wide and narrow, signed in
// or not.
//
// Rows, B-004, B-008, B-037, A-135
func TestRecoveriesNotClipped(t *testing.T) {
	for _, o := range []setup{{lang: i18n.French, percent: 200}, {lang: i18n.English, percent: 200, mode: look.Dark},
		{lang: i18n.French, mode: look.Contrast, width: 700, height: 700}, {lang: i18n.English}} {
		o.accounts = quietly(portal)
		b := open(t, o)
		b.recoveries(func(name string) { b.unclipped(t, o, name) })
		b = employ(t, o)
		b.recoveries(func(name string) { b.unclipped(t, o, name+", signed in") })
	}
}

// TestRecoveriesByTab goes round every one of those pages with Tab: each control has a name and a
// role, none is left out, and the keyboard is on the page from the start.
//
// Rows
func TestRecoveriesByTab(t *testing.T) {
	round := func(b *bench) func(name string) {
		return func(name string) {
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
		}
	}
	b := open(t, setup{accounts: quietly(portal)})
	b.recoveries(round(b))
	b = employ(t, setup{})
	b.recoveries(round(b))
}

// TestPortalEntries: before one has signed in, both ways into the employer portal are seen in the
// window, in both languages, and reached on its page with three Tabs at most.
//
// Rows: B-004
func TestPortalEntries(t *testing.T) {
	for _, l := range i18n.Languages() {
		w := i18n.For(l)
		b := open(t, setup{lang: l, accounts: quietly(portal)})
		rail := func(k i18n.Key) string { return w.S(i18n.NavEmployers) + ", " + w.S(k) }
		all := labels(focusables(b.Canvas().Content()))
		for _, k := range []i18n.Key{i18n.NavEmployersSignin, i18n.NavEmployersRegister} {
			if !slices.Contains(all, rail(k)) {
				t.Errorf("%s: the rail has no %q", l, rail(k))
			}
		}
		if !b.Follow("app://portal") {
			t.Fatalf("%s: no link leads to the portal", l)
		}
		b.hand.settle()
		if !b.sees(w.S(i18n.NavEmployers)) {
			t.Errorf("%s: the page says %q", l, b.Sight().Texts)
		}
		var met []string
		for range 4 { // where the keyboard begins, then three Tabs
			met = append(met, b.Sight().Focus)
			b.key(fyne.KeyTab)
		}
		for _, k := range []i18n.Key{i18n.NavEmployersSignin, i18n.NavEmployersRegister} {
			if !slices.ContainsFunc(met, func(f string) bool { return strings.HasPrefix(f, w.S(k)) }) {
				t.Errorf("%s: three Tabs reach %q, want %q among them", l, met, w.S(k))
			}
		}
	}
}

// TestCredentialName: the credential has the name that the server gives it, a neutral one else.
//
// Rows: B-004, B-006
func TestCredentialName(t *testing.T) {
	w := i18n.For(i18n.French)
	for given, want := range map[string]string{"": w.S(i18n.PortalCredential), "Clé d'essai": "Clé d'essai"} {
		b := open(t, setup{accounts: quietly(wire.Deployment{Credential: given})})
		b.Go("portal")
		b.hand.settle()
		if !b.sees(want) || !b.sees(w.S(i18n.PortalSameWhy)) || b.sees(w.S(i18n.PartnerChoose)) {
			t.Errorf("a credential called %q, without partners: %q", given, b.Sight().Texts)
		}
		b.s.Portal.Enter()
		if !b.sees(want) {
			t.Errorf("the page of the password does not name %q: %q", want, b.Sight().Texts)
		}
	}
}

// TestHelpLeads: without a network the help with the account opens, and each of its ways leads to
// its page; who forgot both begins with the username.
//
// Rows: B-008, B-020, A-138
func TestHelpLeads(t *testing.T) {
	for _, l := range i18n.Languages() {
		b := open(t, setup{lang: l, accounts: quietly(portal)})
		w := i18n.For(l)
		b.s.SetOnline(false)
		for _, way := range []struct {
			label i18n.Key
			to    string
		}{{i18n.AcctRecover, "recover"}, {i18n.RecoverTeam, "request"}, {i18n.GckForgotuser, "username"}, {i18n.GckForgotpw, "password"},
			{i18n.MePortalAgain, "enrol"}, {i18n.NavEmployersSignin, "portal"}, {i18n.CommonContact, "contact"}, {i18n.PortalBoth, "username"}} {
			b.Go("help")
			b.hand.settle()
			b.use(t, w.S(way.label))
			if b.Here().Screen != way.to {
				t.Errorf("%s: %q leads to %s, want %s", l, w.S(way.label), b.Here().Screen, way.to)
			}
		}
		if !b.s.UsernameBack.Both || !b.sees(w.S(i18n.UsernameWhyBoth)) {
			t.Errorf("%s: who forgot both reads %q", l, b.Sight().Texts)
		}
	}
}

// TestRecoveriesMend: what is to be mended is listed above each form, and each line leads to its
// field; the line goes once the field is right.
//
// Rows: X-072, B-037, A-135
func TestRecoveriesMend(t *testing.T) {
	b := employ(t, setup{lang: i18n.English})
	w := i18n.For(i18n.English)
	lines := func(f *state.Flow, names map[string]i18n.Key) {
		t.Helper()
		f.Send()
		b.hand.settle()
		if len(f.Errors) != len(names) {
			t.Fatalf("%s: %+v, want %d", f.Step(), f.Errors, len(names))
		}
		for _, e := range slices.Clone(f.Errors) {
			name := w.S(names[e.Field])
			b.use(t, w.S(i18n.SettingsMend, "Field", name, "Problem", e.Text))
			if got := b.Sight().Focus; !strings.HasPrefix(got, name) {
				t.Errorf("%s: the line of %q leads to %q", f.Step(), name, got)
			}
		}
	}
	b.Go("recover")
	b.hand.settle()
	r := b.s.Recover
	lines(r.Flow, map[string]i18n.Key{"first": i18n.FieldFirst, "last": i18n.FieldLast, "email": i18n.FieldEmail})
	b.write(t, w.S(i18n.FieldLast), "Test")
	if r.Error("last") != "" || r.Error("first") == "" {
		t.Errorf("after a field was mended: %+v", r.Errors)
	}
	b.Go("enrol")
	b.hand.settle()
	b.use(t, w.S(i18n.CommonContinue))
	e := b.s.Enrol
	lines(e.Flow, map[string]i18n.Key{"username": i18n.MeUsername, "password": i18n.FieldPassword, "again": i18n.FieldAgain})
	b.come(e.Flow, wire.Prompt{Step: account.StepRecovery})
	lines(e.Flow, map[string]i18n.Key{"question": i18n.EnrolQuestion, "answer": i18n.GckAnswer, "person": i18n.GckPerson,
		"person_hint": i18n.EnrolPersonHint, "date": i18n.GckDate, "date_hint": i18n.EnrolDateHint})
}

// TestLockedDoorsAreEmpty: at a locked desk the way to recover a password and the request to
// the team are open to anybody, and hold nothing of whoever locked it; nor does the person who
// unlocks it find what was typed meanwhile.
//
// Rows: B-019, X-059, A-138
func TestLockedDoorsAreEmpty(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	typed := func(name, text string) bool {
		b.Go(name)
		b.hand.settle()
		empty := true
		for _, f := range focusables(b.frame.body) {
			if e, ok := f.(*part.Entry); ok {
				empty = empty && e.Text == ""
			}
		}
		b.write(t, w.S(i18n.FieldLast), text)
		return !empty
	}
	for i, step := range []func(){func() {}, b.s.Present.LockNow, func() { b.s.Present.Unlock("acct-1", "", nil) }} {
		step()
		b.hand.settle()
		for _, name := range []string{"recover", "request"} {
			if typed(name, "Zwolinska") {
				t.Errorf("%d: %s holds what was typed before: %q", i, name, b.Sight().Texts)
			}
			if b.Here().Screen != name {
				t.Errorf("%d: %s cannot be opened", i, name)
			}
		}
	}
	b.s.Present.LockNow()
	b.hand.settle()
	b.Go("request")
	b.hand.settle()
	b.write(t, w.S(i18n.FieldFirst), "Ada")
	b.write(t, w.S(i18n.FieldLast), "Test")
	b.write(t, w.S(i18n.FieldEmail), "ada.test@exemple.ca")
	b.use(t, w.S(i18n.HelpSend))
	if !b.s.Help.Queued {
		t.Errorf("a request at a locked desk is not kept: %+v", b.s.Help)
	}
}
