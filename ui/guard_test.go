package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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

// house is the accounts of a desk, in memory: what a keeper would answer.
type house struct {
	state.Accounts // what is not written below is not asked
	st             session.Standing
	people         []session.Person
	pass           string // that unlocks those who have one
	me             map[string]wire.Me
	fresh          bool
	err            error // of what asks the server
	asked          []string
	answers        []wire.Answer
}

func newHouse() *house {
	h := &house{fresh: true, pass: "quatre mots bien choisis", me: map[string]wire.Me{}}
	for i, name := range []string{"Zélie", "Béa"} {
		id := fmt.Sprint("acct-", i+1)
		h.people = append(h.people, session.Person{ID: id, Name: name, Email: strings.ToLower(name[:1]) + "…@exemple.ca",
			Seen: noon.Add(-26 * time.Hour), State: account.Active, Passphrase: i == 1})
		h.me[id] = wire.Me{Account: id, Email: strings.ToLower(name[:1]) + "da@exemple.ca", First: name, Last: "Test", Lang: "fr", State: account.Active,
			Verified: "local", SuspendsOn: noon.AddDate(0, 6, 0), Questions: account.QuestionIDs[:5], Terms: account.TermsVersion, AcceptedOn: noon.AddDate(0, -1, 0),
			Credential: &wire.Credential{Username: "adatest1", State: account.CredentialActive, Factor: account.TOTP, LastUsed: noon.AddDate(0, 0, -3), CodesLeft: 4},
			Devices: []wire.Device{{ID: "d2", Name: "Portable de la bibliothèque municipale de Saint-Hyacinthe", Policy: account.TwoFactor, Since: noon.AddDate(0, 0, -9), Seen: noon.Add(-time.Hour)},
				{ID: "d1", Name: "Poste 4", Policy: account.Questions, Since: noon.AddDate(0, -1, 0), Seen: noon, This: true}}}
	}
	return h
}

// in puts a person at the desk.
func (h *house) in(i int, mode session.Mode) *house {
	h.st = session.Standing{Mode: mode, Person: h.people[i], Policy: account.Questions, Until: noon.AddDate(0, 3, 0)}
	return h
}

func (h *house) Deployment(context.Context) (wire.Deployment, error) {
	return wire.Deployment{Terms: account.TermsVersion, SIN: true, LockAfter: 60, Contact: "aide@exemple.ca"}, nil
}
func (h *house) Standing() session.Standing                       { return h.st }
func (h *house) People(context.Context) ([]session.Person, error) { return slices.Clone(h.people), nil }
func (h *house) Unlock(_ context.Context, id, passphrase string) error {
	h.asked = append(h.asked, "unlock "+id)
	for i, p := range h.people {
		if p.ID == id {
			if p.Passphrase && passphrase != h.pass {
				return fmt.Errorf("unlock: %w", session.ErrPassphrase)
			}
			h.in(i, session.Local)
			return nil
		}
	}
	return session.ErrUnknown
}
func (h *house) Lock() {
	h.asked = append(h.asked, "lock")
	h.st = session.Standing{Mode: session.Locked, Person: h.st.Person, Asks: h.st.Asks}
}
func (h *house) SignOut(_ context.Context, erase bool) error {
	h.asked = append(h.asked, fmt.Sprint("signout ", erase))
	h.st = session.Standing{}
	return nil
}
func (h *house) Forget(_ context.Context, id string) error {
	h.asked = append(h.asked, "forget "+id)
	h.people = slices.DeleteFunc(h.people, func(p session.Person) bool { return p.ID == id })
	return nil
}
func (h *house) Me(context.Context) (wire.Me, bool, error) {
	return h.me[h.st.Person.ID], h.fresh && h.err == nil, h.err
}
func (h *house) Change(_ context.Context, act string, in wire.Answer) (wire.Me, error) {
	h.asked, h.answers = append(h.asked, act), append(h.answers, in)
	return h.me[h.st.Person.ID], h.err
}
func (h *house) Begin(_ context.Context, b wire.Begin) (wire.Prompt, error) {
	h.asked = append(h.asked, "begin "+string(b.Kind))
	return wire.Prompt{Flow: "t", Kind: b.Kind, Step: b.Kind.First(), Method: account.TOTP, Expires: noon.Add(time.Hour)}, h.err
}
func (h *house) Letters(context.Context) ([]wire.Letter, error)    { return nil, nil }
func (h *house) Drop(context.Context, string) error                { return nil }
func (h *house) Look(context.Context, string) (wire.Prompt, error) { return wire.Prompt{}, h.err }

// records gives each person a file of their own, as a desk does.
func records(t *testing.T) func(context.Context, string) (state.Device, error) {
	t.Helper()
	dir := t.TempDir()
	open := map[string]*cache.Device{}
	t.Cleanup(func() {
		for _, d := range open {
			d.Close()
		}
	})
	return func(ctx context.Context, id string) (state.Device, error) {
		if d := open[id]; d != nil {
			return d, nil
		}
		d, err := cache.Open(ctx, filepath.Join(dir, "of-"+id+".db"))
		if err == nil {
			open[id] = d
		}
		return d, err
	}
}

// enter opens a window with somebody at the desk.
func enter(t *testing.T, h *house, o setup) *bench {
	t.Helper()
	o.accounts = func(*cache.Device) state.Accounts { return h }
	if o.personal == nil {
		o.personal = records(t)
	}
	b := open(t, o)
	b.s.Present.Start()
	b.s.Lock.Load()
	b.s.People.Load()
	b.hand.settle()
	return b
}

// pass lets time go by, with the timers that are due.
func (b *bench) pass(d time.Duration) {
	for end := b.at.Add(d); b.at.Before(end); { // timers are all due at once here: the steps are what matters
		b.at = b.at.Add(min(time.Minute, end.Sub(b.at)))
		b.hand.settle()
	}
}

// TestLockHides locks by key: nothing of what was on the screen is on the canvas, in the title
// or told to the probe; the same person finds everything as it was, a dialog and its text
// too, and another one nothing of it.
//
// Rows: B-019, A-141, X-059
func TestLockHides(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.typed("cuisinier")
	b.key(fyne.KeyReturn)
	p := b.external(t)
	b.press(t, w.S(i18n.PostingReport))
	for _, f := range focusables(b.Canvas().Overlays().Top()) {
		if e, ok := f.(*part.Entry); ok {
			e.SetText("écrit à moitié")
			b.Canvas().Focus(e)
			break
		}
	}
	before := b.Sight()
	keys := b.Canvas().OnTypedKey()
	for _, k := range state.Shortcuts {
		if k.Do == state.DoLock {
			b.Window.press(k) // over the dialog, too
		}
	}
	b.hand.settle()
	v := b.Sight()
	if v.Route != "lock" || v.Dialog || !slices.Equal(h.asked, []string{"lock"}) {
		t.Fatalf("after the key: %s, dialog %v, the keeper was asked %q", v.Route, v.Dialog, h.asked)
	}
	said, _ := json.Marshal(v)
	for _, secret := range []string{"cuisinier", "écrit à moitié", state.GroupNumber(p.Number), fmt.Sprint(p.Number), w.S(i18n.NavSearch), w.S(i18n.StatusOnline)} {
		if strings.Contains(string(said), secret) || strings.Contains(b.win.Title(), secret) {
			t.Errorf("a locked window tells %q", secret)
		}
	}
	if !strings.Contains(b.win.Title(), w.S(i18n.LockWindow, "App", w.S(i18n.AppName))) || !b.sees("Zélie") {
		t.Errorf("title %q, texts %q", b.win.Title(), v.Texts)
	}
	for _, to := range []string{"search", "saved", "me", "settings", "outbox"} {
		b.Go(to)
		b.hand.settle()
		if got := b.Sight().Route; got != "lock" {
			t.Fatalf("while locked, %s opens %s", to, got)
		}
	}
	b.Window.Back()
	b.key(fyne.KeyF5, fyne.KeyEscape, fyne.KeyF6)
	b.SetLook(look.Dark, 150) // makes the window again
	b.hand.settle()
	if v = b.Sight(); v.Route != "lock" || b.sees("cuisinier") {
		t.Fatalf("another theme shows %s, %q", v.Route, v.Texts)
	}
	b.SetLook(look.Light, 100)
	b.press(t, w.S(i18n.LockUnlock))
	v = b.Sight()
	if v.Route != "search" || !v.Dialog || v.Words != "cuisinier" || v.Number != before.Number || v.Total != before.Total || b.s.Posting.ID != p.ID {
		t.Errorf("unlocked: %s, dialog %v, %q, reading %d of %d", v.Route, v.Dialog, v.Words, v.Number, v.Total)
	}
	if !b.sees("écrit à moitié") {
		t.Errorf("the dialog lost its text: %q", v.Texts)
	}
	if reflect.ValueOf(b.Canvas().OnTypedKey()).Pointer() != reflect.ValueOf(keys).Pointer() {
		t.Error("the dialog lost its keys")
	}
	b.closeAll()
	if v = b.Sight(); !b.sees(w.S(i18n.PresentLocal)) || v.Online != before.Online {
		t.Errorf("unlocked without the server, the window says %q", v.Texts)
	}
}

// TestLocalEverywhere: that it was unlocked here alone stands on every screen, and goes with a
// confirmed session.
//
// Rows: A-141
func TestLocalEverywhere(t *testing.T) {
	for _, lang := range i18n.Languages() {
		h := newHouse().in(0, session.Local)
		b := enter(t, h, setup{lang: lang})
		w := i18n.For(lang)
		for _, r := range rows {
			if r.bare {
				continue
			}
			b.Go(r.name)
			b.hand.settle()
			if !b.sees(w.S(i18n.PresentLocal)) {
				t.Errorf("%s: %s does not say so", lang, r.name)
			}
		}
		h.st.Mode = session.Online
		b.s.Present.Look()
		b.hand.settle()
		if b.sees(w.S(i18n.PresentLocal)) {
			t.Errorf("%s: a confirmed session is still called local", lang)
		}
	}
}

// TestCountdown counts down two minutes before it locks, in the window: a key stays, a click
// elsewhere does not; it locks at fifteen minutes and not before.
//
// Rows: B-019
func TestCountdown(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.key(fyne.KeyTab)
	part.OnUse(false)
	b.pass(12*time.Minute + 50*time.Second)
	if b.Sight().Dialog {
		t.Fatal("it warns before the thirteenth minute")
	}
	b.pass(20 * time.Second)
	if v := b.Sight(); !v.Dialog || v.Focus != w.S(i18n.LockStay) || !b.sees(w.S(i18n.LockSoon)) {
		t.Fatalf("at thirteen minutes: dialog %v, the keyboard on %q, %q", v.Dialog, v.Focus, v.Texts)
	}
	part.OnUse(false)
	b.pass(time.Second)
	if !b.Sight().Dialog {
		t.Fatal("the pointer alone stays")
	}
	b.press(t, w.S(i18n.LockStay))
	if b.Sight().Dialog || b.Sight().Route == "lock" {
		t.Fatal("the button does not stay")
	}
	b.pass(13*time.Minute + 10*time.Second)
	if !b.Sight().Dialog {
		t.Fatal("no second warning")
	}
	b.key(fyne.KeyDown) // any key
	if b.Sight().Dialog {
		t.Fatal("a key does not stay")
	}
	b.pass(14*time.Minute + 50*time.Second)
	if v := b.Sight(); v.Route == "lock" {
		t.Fatal("it locks early")
	}
	b.pass(20 * time.Second)
	if v := b.Sight(); v.Route != "lock" || v.Dialog || b.Canvas().Overlays().Top() != nil {
		t.Errorf("at fifteen minutes: %s, dialog %v", v.Route, v.Dialog)
	}
}

// TestNextPerson puts another person at the desk: whatever the first one asked, read, typed or
// kept is in no state and on no screen, and theirs is there again once they are back.
//
// Rows: X-059
func TestNextPerson(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.typed("soudeuse")
	b.key(fyne.KeyReturn)
	p := b.external(t)
	b.s.Posting.ToggleSaved()
	b.s.Saved.Keep(nil)
	r := b.s.NewReport(p.Card)
	r.Reason, r.Text = wire.OtherReason, "motif de la première personne"
	r.Send(func() {})
	if err := b.s.Device().Later(context.Background(), "https://premiere.exemple.ca/", 0, noon); err != nil {
		t.Fatal(err)
	}
	b.hand.settle()
	for _, n := range []string{"saved", "outbox", "me", "email"} {
		b.Go(n)
		b.hand.settle()
	}
	b.s.NewEmail.In.Email = "premiere@exemple.ca"
	b.Go("search")
	b.Window.Say("gardé pour la première personne")
	own := map[string]uintptr{}
	v := reflect.ValueOf(b.s).Elem()
	desk := []string{"Welcome", "Sync", "Credits", "Present", "Lock", "Contact"} // of the computer
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Type.Kind() == reflect.Pointer && !slices.Contains(desk, f.Name) {
			own[f.Name] = v.Field(i).Pointer()
		}
	}
	if len(own) < 8 {
		t.Fatalf("only %d states belong to a person", len(own))
	}
	b.Go("people")
	b.hand.settle()
	b.press(t, w.S(i18n.PeopleUnlock, "Name", "Béa"))
	b.typed(h.pass)
	b.key(fyne.KeyReturn)
	if b.s.Present.Person.Name != "Béa" || b.Sight().Dialog {
		t.Fatalf("at the desk is %q", b.s.Present.Person.Name)
	}
	for name, was := range own {
		if v.FieldByName(name).Pointer() == was {
			t.Errorf("State.%s is still that of the first person", name)
		}
	}
	if len(b.past)+len(b.next) > 0 {
		t.Error("the way back leads to the first person's screens")
	}
	traces := []string{"soudeuse", "premiere@", "première personne", "premiere.exemple", state.GroupNumber(p.Number), "Zélie"}
	for _, r := range rows {
		b.Go(r.name)
		b.hand.settle()
		if r.name == "people" || r.name == "lock" {
			continue // the former names those known here, which is its purpose
		}
		if r.name == "search" {
			if x := b.Sight(); x.Words != "" || x.Number != 0 || len(b.s.Search.Recent) > 0 {
				t.Errorf("the search of the second person: %q, reading %d, recent %v", x.Words, x.Number, b.s.Search.Recent)
			}
		}
		said, _ := json.Marshal(b.Sight())
		for _, x := range traces {
			if strings.Contains(string(said), x) && !(x == state.GroupNumber(p.Number) && r.name == "search") {
				t.Errorf("%s tells the second person %q", r.name, x)
			}
		}
	}
	if b.s.Status.Pending != 0 {
		t.Errorf("%d of the first person's reports are counted", b.s.Status.Pending)
	}
	b.Go("people")
	b.hand.settle()
	b.press(t, w.S(i18n.PeopleUnlock, "Name", "Zélie"))
	b.Go("saved")
	b.hand.settle()
	if len(b.s.Saved.Postings) != 1 || len(b.s.Saved.Searches) != 1 || b.s.Status.Pending != 1 {
		t.Errorf("back: %d postings, %d searches, %d wait", len(b.s.Saved.Postings), len(b.s.Saved.Searches), b.s.Status.Pending)
	}
}

// TestLinks: a private place is reached through the door, unlocking or signing in, and then
// opens where the link says; a public one at once; anything else is refused.
//
// Rows: B-014
func TestLinks(t *testing.T) {
	h := newHouse()
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	for _, link := range []string{"", "https://exemple.ca/account", "app://nowhere", "app://account/devices/more", "app://account?x=1", "app://me@account", "app:account"} {
		if b.Follow(link) {
			t.Errorf("%q leads somewhere", link)
		}
	}
	if !b.Follow("app://contact") || b.Here().Screen != "contact" {
		t.Errorf("a public place leads to %s", b.Here().Screen)
	}
	if !b.Follow("app://account/devices") || b.Here().Screen != "people" || b.sees("Poste 4") {
		t.Fatalf("a private place leads to %s", b.Here().Screen)
	}
	b.hand.settle()
	b.press(t, w.S(i18n.PeopleUnlock, "Name", "Zélie"))
	b.hand.settle()
	if v := b.Sight(); v.Route != "me" || !strings.Contains(v.Focus, "Saint-Hyacinthe") {
		t.Errorf("after unlocking: %s, the keyboard on %q", v.Route, v.Focus)
	}
	fresh := enter(t, newHouse().in(0, session.Online), setup{})
	if !fresh.Follow("app://account/details") {
		t.Fatal("no such part")
	}
	fresh.hand.settle()
	if got := fresh.s.Me.Answer; got.First != "Zélie" || got.Last != "Test" {
		t.Errorf("a link to what can be changed fills in %+v", got)
	}
	b.s.Present.LockNow()
	b.hand.settle()
	if !b.Follow("app://saved") || b.Here().Screen != "lock" {
		t.Errorf("locked, a link leads to %s", b.Here().Screen)
	}
	b.press(t, w.S(i18n.LockUnlock))
	if got := b.Here().Screen; got != "saved" {
		t.Errorf("unlocked, it leads to %s", got)
	}
	h2 := newHouse()
	h2.people = nil
	b = enter(t, h2, setup{})
	b.Go("me")
	b.hand.settle()
	if got := b.Here().Screen; got != "signin" {
		t.Fatalf("with nobody known, my account leads to %s", got)
	}
	h2.people = newHouse().people
	h2.in(0, session.Online)
	b.s.Present.Look() // as the flow does when it ends
	b.hand.settle()
	if got := b.Here().Screen; got != "me" {
		t.Errorf("after signing in: %s", got)
	}
}

// TestExpired says that the session ended at the server, on every screen, takes nothing away,
// and leads to where one signs in again.
//
// Rows: B-019
func TestExpired(t *testing.T) {
	h := newHouse().in(0, session.Local)
	h.st.Asks = true
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.typed("cuisinier")
	if !b.sees(w.S(i18n.StatusExpired)) || !strings.HasPrefix(w.S(i18n.StatusExpired), "Session expirée") || w.S(i18n.ErrExpired) != "Session expirée" {
		t.Fatalf("nothing says so: %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.LockSignin))
	if b.Here().Screen != "signin" {
		t.Errorf("the banner leads to %s", b.Here().Screen)
	}
	b.Window.Back()
	b.hand.settle()
	if v := b.Sight(); v.Words != "cuisinier" {
		t.Errorf("what was typed is %q now", v.Words)
	}
	h.st.Asks, h.st.Mode = false, session.Online
	b.s.Present.Look()
	b.hand.settle()
	if b.sees(w.S(i18n.StatusExpired)) || b.Sight().Words != "cuisinier" {
		t.Errorf("signed in again: %q", b.Sight().Texts)
	}
}

// TestShared: a shared desk names nobody, ends a session by erasing it, and forgets what a
// visitor looked for.
//
// Rows: X-059
func TestShared(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.Go("people")
	b.hand.settle()
	b.press(t, "☐ "+w.S(i18n.PeopleShared))
	if !b.s.Present.Shared || b.s.Lock.After != 5*time.Minute {
		t.Fatalf("shared %v, locks after %v", b.s.Present.Shared, b.s.Lock.After)
	}
	b.s.Present.LockNow()
	b.hand.settle()
	if b.sees("Zélie") {
		t.Error("the lock of a shared desk names who is away")
	}
	b.press(t, w.S(i18n.LockOther))
	if b.sees("Zélie") || b.sees("Béa") {
		t.Errorf("a shared desk lists people: %q", b.Sight().Texts)
	}
	b.key(fyne.KeyEscape)
	b.press(t, w.S(i18n.LockEnd))
	b.press(t, w.S(i18n.EndErase))
	if !slices.Contains(h.asked, "signout true") || b.s.Present.Signed() || b.Here().Screen != "search" {
		t.Errorf("asked %q, at %s", h.asked, b.Here().Screen)
	}
	b.typed("visiteuse")
	b.key(fyne.KeyReturn)
	b.Go("people")
	b.hand.settle()
	was := b.s.Search
	b.press(t, w.S(i18n.PeopleLeave))
	if b.s.Search == was || b.Sight().Words != "" {
		t.Error("the visitor's search is still there")
	}
}

// TestNumbers are exact, each with what it is for, whatever the network.
//
// Rows: A-128, B-008
func TestNumbers(t *testing.T) {
	for _, lang := range i18n.Languages() {
		h := newHouse()
		b := enter(t, h, setup{lang: lang, height: 3000, width: 1280})
		b.s.SetOnline(false)
		w := i18n.For(lang)
		b.Go("contact")
		b.hand.settle()
		for _, n := range []string{"1-800-622-6232", "1-800-926-9105", "1-866-279-5238", "1-855-438-1102", "1-855-438-1103", "1-800-2318-6290"} {
			if !slices.Contains(b.Sight().Texts, n) {
				t.Errorf("%s: %s is not there, exactly", lang, n)
			}
			b.press(t, w.S(i18n.ContactCopy, "What", n))
		}
		if !b.sees(w.S(i18n.ContactAlways)) || !b.sees(w.S(i18n.ContactSinWhy)) || !b.sees("aide@exemple.ca") {
			t.Errorf("%s: %q", lang, b.Sight().Texts)
		}
		b.press(t, w.S(i18n.ContactHelp))
		if b.Here().Screen == "contact" {
			t.Error("help with the account leads nowhere")
		}
	}
}

// TestMyAccount shows what the account holds, says honestly what was not verified and why it
// is asked, and changes it through forms that say what to mend.
//
// Rows, B-009, X-072, A-088
func TestMyAccount(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{height: 4000, width: 1280})
	w := i18n.For(i18n.French)
	b.Go("me")
	b.hand.settle()
	for _, want := range []string{"Mon compte d'utilisateur", "Renseignements inscrits au compte", "zda@exemple.ca", w.S(i18n.MeVerifiedLocal), w.S(i18n.MePurpose1), w.S(i18n.MePurpose2),
		w.S(i18n.MePurpose3), w.S(i18n.MePurpose4), w.S(i18n.MeAlone), account.TermsVersion, "2027-05-22", "adatest1", w.N(i18n.MeCodesLeft, 4), "Poste 4"} {
		if !b.sees(want) {
			t.Errorf("%q is not shown", want)
		}
	}
	b.press(t, w.S(i18n.MeChangePassword))
	b.press(t, "Sauvegarder")
	v := b.Sight()
	if !b.sees(w.N(i18n.FormMend, 2)) && !b.sees(w.N(i18n.FormMend, 3)) || len(h.answers) > 0 {
		t.Fatalf("nothing was typed: %q", v.Texts)
	}
	fill := func(label i18n.Key, text string) {
		t.Helper()
		for _, f := range focusables(b.frame.body) {
			if e, ok := f.(*part.Entry); ok && e.Label == w.S(label) {
				e.SetText(text)
				b.hand.settle()
				return
			}
		}
		t.Fatalf("no field %q", w.S(label))
	}
	fill(i18n.MeCurrent, "ancienne phrase secrète")
	fill(i18n.MeNewPassword, "une phrase de passe nouvelle")
	fill(i18n.MeNewAgain, "une autre")
	b.press(t, "Sauvegarder")
	if !b.sees(w.S(account.PasswordMismatch.Key())) || len(h.answers) > 0 {
		t.Errorf("two that differ: %q", b.Sight().Texts)
	}
	fill(i18n.MeNewAgain, "une phrase de passe nouvelle")
	if b.sees(w.S(account.PasswordMismatch.Key())) {
		t.Error("the corrected field keeps its error")
	}
	h.err = &wire.Refused{Code: account.Mend, Fields: []account.Problem{{Field: "current", Code: account.PasswordWrong}}}
	b.press(t, "Sauvegarder")
	if v = b.Sight(); !b.sees(w.S(account.PasswordWrong.Key())) || !strings.HasPrefix(v.Focus, w.S(i18n.MeCurrent)) {
		t.Errorf("the wrong one: the keyboard on %q", v.Focus)
	}
	h.err = nil
	b.press(t, "Sauvegarder")
	if n := len(h.answers); n != 2 || h.asked[len(h.asked)-1] != wire.ActPassword || h.answers[n-1].Password != "une phrase de passe nouvelle" || b.s.Me.Answer.Password != "" {
		t.Errorf("asked %q, kept %+v", h.asked, b.s.Me.Answer)
	}
	b.press(t, w.S(i18n.MeRevokeLabel, "Name", "Portable de la bibliothèque municipale de Saint-Hyacinthe"))
	b.press(t, w.S(i18n.MeRevokeOthers))
	if n := len(h.asked); !slices.Equal(h.asked[n-2:], []string{wire.ActRevoke, wire.ActRevokeOthers}) || h.answers[len(h.answers)-2].Device != "d2" {
		t.Errorf("asked %q", h.asked)
	}
	b.press(t, w.S(i18n.MeClose))
	fill(i18n.MeCurrent, "une phrase de passe nouvelle")
	b.press(t, w.S(i18n.MeClose))
	if h.asked[len(h.asked)-1] == wire.ActClose {
		t.Error("closed without a word")
	}
	if !b.sees(w.S(i18n.MeCloseStays)) {
		t.Error("what stays is not said")
	}
	b.press(t, "☐ "+w.S(i18n.MeCloseSure))
	b.press(t, w.S(i18n.MeClose))
	if !slices.Contains(h.asked, wire.ActClose) || b.s.Present.Signed() {
		t.Errorf("asked %q, signed in %v", h.asked, b.s.Present.Signed())
	}
}

// TestMyAccountOffline shows the last known values with their date, and changes nothing; a
// suspension is told.
//
// Rows: A-133, B-009
func TestMyAccountOffline(t *testing.T) {
	h := newHouse().in(0, session.Online)
	h.st.Person.State = account.Suspended
	b := enter(t, h, setup{height: 4000, width: 1280})
	w := i18n.For(i18n.French)
	b.Go("me")
	b.hand.settle()
	b.at = b.at.Add(7 * time.Minute) // later, without a network
	h.err, h.st.Mode = wire.ErrOffline, session.Local
	b.s.Present.Look()
	b.Go("search")
	b.Go("me")
	b.hand.settle()
	if !b.sees(w.S(i18n.MeOfflineOf, "Date", "2026-11-22", "Time", w.Clock(noon))) || !b.sees("zda@exemple.ca") || !b.sees(w.S(i18n.MeSuspended)) {
		t.Errorf("offline: %q", b.Sight().Texts)
	}
	for _, label := range labels(focusables(b.frame.body)) {
		if label == w.S(i18n.MeChangePassword) || strings.HasPrefix(label, w.S(i18n.MeRevoke)) || label == w.S(i18n.MeClose) {
			t.Errorf("offline, %q can be used", label)
		}
	}
	h.me = map[string]wire.Me{}
	b = enter(t, h, setup{})
	b.Go("me")
	b.hand.settle()
	if !b.sees(w.S(i18n.MeUnknown)) {
		t.Errorf("nothing known: %q", b.Sight().Texts)
	}
}

// TestAccountsByTab goes round every control of the screens of accounts, and measures every
// text of them, in both languages, the themes, sizes of text and of window.
//
// Rows
func TestAccountsByTab(t *testing.T) {
	for _, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200}, {mode: look.Contrast, percent: 150, width: 700, height: 700},
		{lang: i18n.English, mode: look.Dark, width: 900, height: 700}} {
		h := newHouse().in(0, session.Local)
		h.st.Asks = true
		b := enter(t, h, o)
		check := func(where string) {
			t.Helper()
			b.unclipped(t, o, where)
			want := focusables(b.Canvas().Content())
			start := b.Canvas().Focused()
			if start == nil {
				t.Errorf("%s: the keyboard is nowhere", where)
				return
			}
			var got []fyne.Focusable
			for range 300 {
				f := b.Canvas().Focused()
				got = append(got, f)
				if a, ok := f.(fyne.Accessible); !ok || strings.TrimSpace(a.AccessibilityLabel()) == "" {
					t.Errorf("%s: %T has no name", where, f)
				}
				if b.Canvas().FocusNext(); b.Canvas().Focused() == start {
					break
				}
			}
			for _, f := range want {
				if !slices.Contains(got, f) {
					t.Errorf("%s: Tab leaves out %q", where, labels([]fyne.Focusable{f}))
				}
			}
		}
		for _, name := range []string{"me", "people", "contact"} {
			b.Go(name)
			b.hand.settle()
			check(name)
		}
		b.Go("me")
		for _, p := range []string{state.MeDetails, state.MePassword, state.MeQuestions, state.MeRecovery, state.MeClose} {
			b.s.Me.Open(p)
			b.s.Me.Keep(func(bool) {})
			b.hand.settle()
			check("me, " + p)
		}
		h.st = session.Standing{Mode: session.Locked, Person: h.people[1], Asks: true}
		b.s.Present.Look()
		b.hand.settle()
		check("lock")
		if v := b.Sight(); v.Route != "lock" {
			t.Errorf("locked: %s", v.Route)
		}
		b.press(t, i18n.For(b.s.Lang()).S(i18n.LockUnlock))
		if !b.sees(i18n.For(b.s.Lang()).S(i18n.LockPassphraseNeeded)) {
			t.Error("without a passphrase, nothing is said")
		}
		b.unclipped(t, o, "lock, mending")
	}
}

// TestSecretsGo: what was typed as a secret is gone when the desk locks; what was not, stays.
//
// Rows: B-019
func TestSecretsGo(t *testing.T) {
	h := newHouse().in(0, session.Online)
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.Go("me")
	b.hand.settle()
	b.press(t, w.S(i18n.MeChangeRecovery))
	var entries []*part.Entry
	for _, f := range focusables(b.frame.body) {
		if e, ok := f.(*part.Entry); ok {
			entries = append(entries, e)
			e.SetText("tape@exemple.ca")
		}
	}
	if len(entries) != 2 {
		t.Fatalf("%d fields", len(entries))
	}
	b.s.Present.LockNow()
	b.hand.settle()
	if b.s.Me.Answer.Current != "" {
		t.Error("the password is still in memory")
	}
	b.press(t, w.S(i18n.LockUnlock))
	kept, gone := 0, 0
	walk(b.frame.body, func(o fyne.CanvasObject) bool {
		if e, ok := o.(*part.Entry); ok {
			if e.Text == "tape@exemple.ca" && !e.Hidden {
				kept++
			}
			if e.Text == "" && e.Hidden {
				gone++
			}
		}
		return true
	})
	if kept != 1 || gone != 1 {
		t.Errorf("after unlocking %d fields kept and %d secrets gone, want one and one", kept, gone)
	}
}

// Protect chooses a passphrase.
func (h *house) Protect(_ context.Context, passphrase string) error {
	h.asked = append(h.asked, "protect "+passphrase)
	h.st.Unkept, h.st.Person.Passphrase = false, true
	return nil
}

// TestProtect: without a keyring the desk says that all is in memory alone, and a passphrase,
// long enough and typed twice, ends that; the keyboard comes back.
//
// Rows
func TestProtect(t *testing.T) {
	h := newHouse().in(0, session.Online)
	h.st.Unkept = true
	b := enter(t, h, setup{})
	w := i18n.For(i18n.French)
	b.Go("people")
	b.hand.settle()
	if !b.sees(w.S(i18n.PresentUnkept)) {
		t.Errorf("nothing says that all is in memory: %q", b.Sight().Texts)
	}
	open := func(first, second string) {
		t.Helper()
		b.press(t, w.S(i18n.ProtectDo))
		var fields []*part.Entry
		for _, f := range focusables(b.Canvas().Overlays().Top()) {
			if e, ok := f.(*part.Entry); ok {
				fields = append(fields, e)
			}
		}
		if len(fields) != 2 {
			t.Fatalf("%d fields", len(fields))
		}
		fields[0].SetText(first)
		fields[1].SetText(second)
		b.press(t, w.S(i18n.ProtectDo))
	}
	open("court", "court")
	if !b.sees(w.S(i18n.ProtectShort)) {
		t.Error("a short one is taken")
	}
	b.closeAll()
	open("quatre mots bien choisis", "quatre mots mal choisis")
	if !b.sees(w.S(i18n.ProtectDiffers)) || len(h.asked) > 0 {
		t.Errorf("two that differ: asked %q", h.asked)
	}
	b.closeAll()
	open("quatre mots bien choisis", "quatre mots bien choisis")
	if v := b.Sight(); v.Dialog || v.Focus != w.S(i18n.ProtectDo) || b.sees(w.S(i18n.PresentUnkept)) || !slices.Equal(h.asked, []string{"protect quatre mots bien choisis"}) {
		t.Errorf("protected: dialog %v, the keyboard on %q, asked %q", v.Dialog, v.Focus, h.asked)
	}
}

// TestEmployers: before anyone signed in, both ways into the employer portal stand in the rail,
// in both languages, three presses of Tab from its head at most.
//
// Rows: B-004
func TestEmployers(t *testing.T) {
	for _, lang := range i18n.Languages() {
		b := enter(t, newHouse(), setup{lang: lang, mine: openCabinet(t), alerts: &watcher{}, matching: &suits{}}) // as in the program
		w := i18n.For(lang)
		if !b.sees(w.S(i18n.NavEmployers)) {
			t.Errorf("%s: the portal is not named", lang)
		}
		for _, k := range []i18n.Key{i18n.NavEmployersSignin, i18n.NavEmployersRegister} {
			label := w.S(i18n.NavEmployers) + ", " + w.S(k)
			b.Go("search")
			b.hand.settle()
			b.Canvas().Focus(focusables(b.frame.rail)[0])
			n := 0
			for ; n < 5 && b.Sight().Focus != label; n++ {
				b.Canvas().FocusNext()
			}
			if n > 3 {
				t.Errorf("%s: %q takes %d presses of Tab", lang, label, n)
			}
			b.key(fyne.KeyReturn)
			if at := b.Here().Screen; at == "search" {
				t.Errorf("%s: %q leads nowhere", lang, label)
			}
		}
	}
}
