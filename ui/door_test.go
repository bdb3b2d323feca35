package ui

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/partner"
	"passerelle/sync/partner/partnertest"
	"passerelle/sync/server"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// town is a bank on loopback with a real gate, whose letters are delivered when the test says so.
type town struct {
	url   string
	hub   *hub.Hub
	house mail.House
	gate  *gate.Gate
	dir   string
	ring  *ring
	desk  *session.Keeper // the last one that keeper made

	// browse is the system's browser, at a sign-in partner. nil: there is none.
	browse func(ctx context.Context, partner string, l i18n.Lang, begin func(context.Context, wire.PartnerBegin) (wire.PartnerGo, error)) (code, verifier string, err error)
}

// ring is a keyring in memory.
type ring struct {
	mu sync.Mutex
	at map[string]string
}

func (r *ring) Get(_ context.Context, s, u string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.at[s+"/"+u]
	if !ok {
		return "", secret.ErrNotFound
	}
	return v, nil
}

func (r *ring) Set(_ context.Context, s, u, v string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at[s+"/"+u] = v
	return nil
}

func (r *ring) Delete(_ context.Context, s, u string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.at, s+"/"+u)
	return nil
}

// newTown serves a bank until the test ends, with the sign-in partners of these names.
func newTown(t *testing.T, d wire.Deployment, ids ...string) *town {
	t.Helper()
	now := func() time.Time { return noon }
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{dir: t.TempDir(), ring: &ring{at: map[string]string{}}}
	if w.hub, err = hub.Open(t.Context(), t.TempDir(), hub.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.hub.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + l.Addr().String()
	w.house = mail.House{Base: w.url, Box: keys.Box}
	var configs []partner.Config
	for _, id := range ids {
		p := partnertest.New(id, w.url)
		t.Cleanup(p.Close)
		configs = append(configs, p.Config)
	}
	partners := partner.New(partner.Options{Partners: configs, Base: w.url, Keys: keys})
	d.Partners = partners.List()
	g, err := gate.New(gate.Options{Ledger: w.hub.Ledger(), Keys: keys, Base: w.url, Deployment: d, Voucher: partners})
	if err != nil {
		t.Fatal(err)
	}
	w.gate = g
	if err := os.MkdirAll(w.hub.Public(), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{Dir: w.hub.Public(), Bank: w.hub, Gate: g, Partners: partners, Letters: w.house, Mailbox: w.hub.Ledger(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = s.Close()
	})
	return w
}

// keeper keeps the people of a desk.
func (w *town) keeper(t *testing.T) func(*cache.Device) state.Accounts {
	return func(desk *cache.Device) state.Accounts {
		c, err := client.New(w.url, client.Options{Wait: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		k := session.New(session.Options{Bank: c, Desk: desk, Dir: w.dir, Name: "bureau", Now: func() time.Time { return noon }, Partner: w.browse,
			Vault: secret.NewVault(w.dir, secret.VaultOptions{Keyring: w.ring, Cost: secret.Cheap})})
		t.Cleanup(func() { k.Close() })
		w.desk = k
		return k
	}
}

// post delivers what waits to be sent into the mailbox of the demonstration.
func (w *town) post(t *testing.T) {
	t.Helper()
	deliver := mail.Deliver(w.house, mail.Keeper{Ledger: w.hub.Ledger()}, func() time.Time { return noon })
	for {
		j, err := w.hub.Ledger().TakeJob(t.Context(), []string{mail.Job}, noon, time.Minute)
		if errors.Is(err, ledger.ErrNotFound) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := deliver(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if err := w.hub.Ledger().EndJob(t.Context(), j, ledger.JobDone, "", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
}

// use uses the control of a label on the screen, not in the rail.
func (b *bench) use(t *testing.T, label string) {
	t.Helper()
	top := b.Canvas().Overlays().Top()
	if top == nil {
		top = b.frame.body
	}
	for _, f := range focusables(top) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == label {
			b.Canvas().Focus(f)
			b.key(fyne.KeyReturn)
			return
		}
	}
	t.Fatalf("no control of the screen is called %q; there are %q", label, labels(focusables(top)))
}

// write types into the field of a label, as a person does.
func (b *bench) write(t *testing.T, label, text string) {
	t.Helper()
	for _, f := range focusables(b.Canvas().Content()) {
		if e, ok := f.(*part.Entry); ok && e.Label == label {
			b.Canvas().Focus(e)
			e.SetText(text)
			b.hand.settle()
			return
		}
	}
	t.Fatalf("no field is called %q; there are %q", label, labels(focusables(b.Canvas().Content())))
}

// tick uses the box whose label begins so.
func (b *bench) tick(t *testing.T, label string) {
	t.Helper()
	for _, f := range focusables(b.Canvas().Content()) {
		if c, ok := f.(*part.Check); ok && strings.Contains(c.AccessibilityLabel(), label) {
			b.Canvas().Focus(c)
			b.key(fyne.KeySpace)
			return
		}
	}
	t.Fatalf("no box %q", label)
}

// questions chooses five and answers them.
func (b *bench) questions(t *testing.T) {
	t.Helper()
	w := b.s.Words()
	for i := range account.QuestionCount {
		b.use(t, w.S(i18n.QuestionsNth, "N", i+1)+", "+w.S(i18n.QuestionsChoose))
		b.key(fyne.KeyDown, fyne.KeyReturn)
		b.write(t, w.S(i18n.QuestionsAnswer, "N", i+1), fmt.Sprint("Réponse ", i+1))
	}
}

const goodPassword = "un cheval agrafe juste"

// TestSignUpAndIn walks a registration and a sign-in in the window against a real server and its
// real letters, in each language: by the wizard, the demonstration mailbox, and the security
// question; at the end nothing secret is left in the state, on the screen or on this desk's disk.
//
// Rows
func TestSignUpAndIn(t *testing.T) {
	for _, l := range i18n.Languages() {
		t.Run(string(l), func(t *testing.T) {
			town := newTown(t, wire.Deployment{SIN: true, Express: true, Mailbox: true, Demo: true})
			b := open(t, setup{lang: l, accounts: town.keeper(t)})
			w := i18n.For(l)
			// As in the program, the desk tells who came before the flow knows that it has ended.
			defer town.desk.Watch(func() { b.hand.soon = append(b.hand.soon, b.s.Present.Look) })()
			b.press(t, w.S(i18n.AcctSignup)) // in the rail
			if !b.sees(w.S(i18n.SignupGives)) {
				t.Fatalf("why one would sign up is not said: %q", b.Sight().Texts)
			}
			b.use(t, w.S(i18n.AcctSignup))
			if !b.sees(w.S(i18n.TermsYou)) || !b.sees(account.TermsVersion) {
				t.Fatal("the terms are not shown")
			}
			b.use(t, w.S(i18n.AcctAccept))
			b.use(t, w.S(i18n.CommonContinue))
			if !b.sees(w.N(i18n.FormMend, 4)) && !b.sees(w.N(i18n.FormMend, 5)) {
				t.Errorf("an empty page is not refused: %q", b.Sight().Texts)
			}
			if f := b.Sight().Focus; !strings.HasPrefix(f, w.S(i18n.FieldFirst)) {
				t.Errorf("the keyboard is on %q, want the first field that is to be mended", f)
			}
			b.write(t, w.S(i18n.FieldFirst), "Ada")
			b.write(t, w.S(i18n.FieldLast), "Test")
			b.write(t, w.S(i18n.FieldEmail), "ada.test@exemple.ca")
			b.write(t, w.S(i18n.FieldPassword), goodPassword)
			b.write(t, w.S(i18n.FieldAgain), goodPassword)
			if len(b.s.SignUp.Errors) != 0 {
				t.Errorf("once mended: %+v", b.s.SignUp.Errors)
			}
			b.use(t, w.S(i18n.CommonContinue))
			if b.s.SignUp.Step() != account.StepCode || !b.sees("ada.test@exemple.ca") {
				t.Fatalf("stands at %s: %+v, %+v", b.s.SignUp.Step(), b.s.SignUp.Errors, b.s.SignUp.Trouble)
			}
			b.write(t, w.S(i18n.FieldCode), "000 000")
			b.use(t, w.S(i18n.CommonContinue))
			if !b.s.SignUp.Wrong(account.CodeWrong) {
				t.Errorf("a wrong code: %+v", b.s.SignUp.Errors)
			}
			town.post(t)
			b.use(t, w.S(i18n.MailboxOpen))
			b.use(t, w.S(i18n.MailboxCopy))
			if len(b.copied) != 6 {
				t.Fatalf("copied %q from %q", b.copied, b.Sight().Texts)
			}
			b.use(t, w.S(i18n.MailboxBack))
			b.write(t, w.S(i18n.FieldCode), b.copied[:3]+" "+b.copied[3:])
			b.use(t, w.S(i18n.CommonContinue))
			if b.s.SignUp.Step() != account.StepValidate {
				t.Fatalf("after the code it stands at %s: %+v", b.s.SignUp.Step(), b.s.SignUp.Errors)
			}
			for _, k := range []i18n.Key{i18n.SinWhyIdentity, i18n.SinWhyUsers, i18n.SinWhyEligible, i18n.SinWhyOne, i18n.SinOnce, i18n.SinDemo} {
				if !b.sees(w.S(k)) {
					t.Errorf("the page does not say %q", w.S(k))
				}
			}
			b.use(t, w.S(i18n.SinDemoGo))
			sin := b.s.SignUp.In.SIN
			b.write(t, w.S(i18n.SinMaiden), "Zwolinska")
			b.write(t, w.S(i18n.SinBorn), "1987-06-05")
			b.tick(t, w.S(i18n.SinAccept))
			b.use(t, w.S(i18n.CommonContinue))
			if b.s.SignUp.Step() != account.StepQuestions {
				t.Fatalf("after the validation it stands at %s: %+v, %+v", b.s.SignUp.Step(), b.s.SignUp.Errors, b.s.SignUp.Trouble)
			}
			b.questions(t)
			b.use(t, w.S(i18n.AcctDone))
			if !b.s.SignUp.Finished || !b.s.SignUp.Opened || !b.s.Present.Signed() {
				t.Fatalf("it is not done: at %s, %+v, %+v, %v", b.s.SignUp.Step(), b.s.SignUp.Errors, b.s.SignUp.Trouble, b.s.Present.Mode)
			}
			if !b.sees(w.S(i18n.SignupDone)) || !b.sees(w.S(i18n.MeVerifiedLocal)) {
				t.Errorf("the last page says %q", b.Sight().Texts)
			}
			b.use(t, w.S(i18n.SignupDoneSearch))

			// Out, and in again.
			b.s.Present.SignOut(false, nil)
			b.hand.settle()
			b.Go("signin")
			b.hand.settle()
			b.write(t, w.S(i18n.FieldEmail), "ADA.Test@exemple.ca")
			b.write(t, w.S(i18n.FieldPassword), "ce n'est pas lui")
			b.use(t, w.S(i18n.AcctSignin))
			if tr := b.s.SignIn.Trouble; tr == nil || tr.Code != account.Credentials || !b.sees(w.S(account.Credentials.Key())) {
				t.Errorf("a wrong password: %+v", tr)
			}
			b.write(t, w.S(i18n.FieldPassword), goodPassword)
			b.use(t, w.S(i18n.AcctSignin))
			asked := b.s.SignIn.Prompt.Question
			if b.s.SignIn.Step() != account.StepQuestion || !b.sees(w.S(account.QuestionKey(asked))) {
				t.Fatalf("the password alone led to %s, %+v", b.s.SignIn.Step(), b.s.SignIn.Trouble)
			}
			b.write(t, w.S(account.QuestionKey(asked)), b.answerOf(t, asked))
			b.use(t, w.S(i18n.CommonContinue))
			if !b.s.Present.Signed() || !b.sees(w.S(i18n.SigninDone)) {
				t.Fatalf("not signed in: at %s, %+v, %+v", b.s.SignIn.Step(), b.s.SignIn.Errors, b.s.SignIn.Trouble)
			}
			if in := fmt.Sprintf("%+v %+v %+v", b.s.SignIn.In, b.s.SignUp.In, b.s.SignUp.Prompt); strings.Contains(in, "cheval") || strings.Contains(in, "Zwolinska") {
				t.Errorf("left in memory: %s", in)
			}
			left(t, town.dir, sin, "Zwolinska", "1987-06-05", "cheval", "Réponse 1")
		})
	}
}

// answerOf is the answer that questions gave to a question.
func (b *bench) answerOf(t *testing.T, id string) string {
	t.Helper()
	for i, q := range chosen {
		if q == id {
			return fmt.Sprint("  RÉPONSE   ", i+1) // capitals and spaces do not count
		}
	}
	t.Fatalf("question %s was not chosen", id)
	return ""
}

// chosen is what pressing Down once in each list of questions chooses: from the second line of
// those that are left.
var chosen = func() (out []string) {
	left := slices.Clone(account.QuestionIDs)
	for range account.QuestionCount {
		out = append(out, left[1])
		left = slices.Delete(left, 1, 2)
	}
	return out
}()

// left looks through every file of a directory for what must not be there.
func left(t *testing.T, dir string, words ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, w := range words {
			if strings.Contains(string(b), w) {
				t.Errorf("%s holds %q", path, w)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
