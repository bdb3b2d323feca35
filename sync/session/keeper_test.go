package session_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/query"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// A flow's session is taken: the tokens are in memory and in the keyring, which holds two
// short secrets and nothing else, and neither the page nor the disk gets them.
//
// Rows: X-040
func TestSignIn(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.bank.open("f", "adeline", account.Questions)
	p, err := d.Step(ctx, "f", account.StepQuestion, wire.Answer{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Session == nil || p.Session.Account != "adeline" || p.Session.Access != "" || p.Session.Refresh != "" {
		t.Errorf("the page gets %+v", p.Session)
	}
	st := d.Standing()
	if st.Mode != session.Online || st.Person.Name != "Adeline" || st.Person.Email != "A…@exemple.ca" || st.Policy != account.Questions || st.Unkept {
		t.Errorf("standing %+v", st)
	}
	people, err := d.People(ctx)
	if err != nil || len(people) != 1 || people[0].Name != "Adeline" || people[0].ID != "adeline" || !people[0].Seen.Equal(noon) {
		t.Errorf("people %+v, %v", people, err)
	}
	if len(d.ring.has) != 2 {
		t.Errorf("the keyring holds %d entries, want the data key and the refresh token", len(d.ring.has))
	}
	for name, v := range d.ring.has {
		if len(v) >= 2560 {
			t.Errorf("entry %s of the keyring has %d bytes", name, len(v))
		}
	}
	if d.Holder() != secret.InKeyring {
		t.Errorf("held by %q", d.Holder())
	}
	if found := d.find("refresh-", "access-", "Adeline@"); len(found) != 0 {
		t.Errorf("on the disk: %v", found)
	}
	again, err := d.Look(ctx, "f") // the page asks again: nothing happens twice
	if err != nil || again.Session.Refresh != "" || len(d.bank.ended) != 0 {
		t.Errorf("Look: %+v, %v, ended %v", again.Session, err, d.bank.ended)
	}
	// A wrong step, because the answer to the last one was lost, holds no token either.
	var no *wire.Refused
	lost := &lossy{bank: d.bank}
	k := session.New(session.Options{Bank: lost, Desk: d.device, Dir: d.dir, Now: d.bank.clock,
		Vault: secret.NewVault(d.dir, secret.VaultOptions{Keyring: d.ring, Cost: secret.Cheap})})
	defer k.Close()
	if _, err := k.Step(ctx, "f", account.StepQuestion, wire.Answer{}); !errors.As(err, &no) || no.Prompt == nil || no.Prompt.Session.Refresh != "" {
		t.Errorf("Step after a lost answer: %v, prompt %+v", err, no)
	}
	if m := k.Standing().Mode; m != session.Online {
		t.Errorf("after a lost answer the desk stands at %q", m)
	}
}

// lossy answers each step with where the flow stands.
type lossy struct{ *bank }

func (l *lossy) Step(ctx context.Context, flow string, s account.Step, in wire.Answer) (wire.Prompt, error) {
	p, err := l.bank.Step(ctx, flow, s, in)
	if err != nil {
		return p, err
	}
	return wire.Prompt{}, &wire.Refused{Code: account.WrongStep, Prompt: &p}
}

// Without a network the keyring unlocks what is kept here, and that is said, not taken for
// a session; the server, once reached, makes it one. It hears that the person was there
// once, and not of what the program does by itself.
//
// Rows
func TestUnlockOffline(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	records, err := d.Records("adeline")
	if err != nil {
		t.Fatal(err)
	}
	if err := records.AddRecent(ctx, "soudeuse", query.Query{Words: "soudeuse"}, noon); err != nil {
		t.Fatal(err)
	}
	d.stop()
	d.start() // the next day
	d.bank.set(func() { d.bank.offline = true })
	d.mode(session.Nobody, false)
	if err := d.Unlock(ctx, "adeline", ""); err != nil {
		t.Fatal(err)
	}
	d.mode(session.Local, false)
	if st := d.Standing(); st.Person.Name != "Adeline" || st.Policy != account.Questions || st.Until.IsZero() {
		t.Errorf("standing %+v", st)
	}
	if records, err = d.Records("adeline"); err != nil {
		t.Fatal(err)
	}
	if got, err := records.Recent(ctx, 0); err != nil || len(got) != 1 || got[0].Label != "soudeuse" {
		t.Errorf("searches %+v, %v", got, err)
	}
	if me, fresh, err := d.Me(ctx); err != nil || fresh || me.Email != "Adeline@exemple.ca" {
		t.Errorf("Me: %+v, fresh %v, %v", me, fresh, err)
	}
	if _, err := d.Token(ctx); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("Token: %v", err)
	}
	d.mode(session.Local, false)
	d.bank.set(func() { d.bank.offline, d.bank.renewals = false, nil })
	if _, fresh, err := d.Me(ctx); err != nil || !fresh {
		t.Errorf("Me: fresh %v, %v", fresh, err)
	}
	d.mode(session.Online, false)
	d.bank.advance(time.Hour)
	if _, err := d.Token(ctx); err != nil {
		t.Error(err)
	}
	if r := d.bank.renewals; len(r) != 2 || !r[0].Present || r[1].Present {
		t.Errorf("renewals %+v; want one of a person who is there, and one in the background", r)
	}
}

// Locking drops the keys at once, and what was open with them.
//
// Rows: B-019
func TestLock(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	records, err := d.Records("adeline")
	if err != nil {
		t.Fatal(err)
	}
	if err := records.PutDraft(ctx, "letter", []byte("chère équipe"), noon); err != nil {
		t.Fatal(err)
	}
	d.Lock()
	d.mode(session.Locked, false)
	if d.Standing().Person.Name != "Adeline" {
		t.Error("the lock screen does not know who locked")
	}
	if _, err := records.Draft(ctx, "letter"); err == nil {
		t.Error("the records of a locked person can be read")
	}
	for name, err := range map[string]error{
		"Records":     func() error { _, err := d.Records("adeline"); return err }(),
		"BoxOf":       func() error { _, err := d.BoxOf("adeline"); return err }(),
		"Recovery":    func() error { _, err := d.Recovery(); return err }(),
		"NewRecovery": func() error { _, err := d.NewRecovery(); return err }(),
		"Token":       func() error { _, err := d.Token(ctx); return err }(),
		"Me":          func() error { _, _, err := d.Me(ctx); return err }(),
		"Protect":     d.Protect(ctx, "x"),
	} {
		if !errors.Is(err, session.ErrLocked) {
			t.Errorf("%s while locked: %v", name, err)
		}
	}
	if err := d.Unlock(ctx, "adeline", ""); err != nil {
		t.Fatal(err)
	}
	if records, err = d.Records("adeline"); err != nil {
		t.Fatal(err)
	}
	if text, err := records.Draft(ctx, "letter"); err != nil || string(text) != "chère équipe" {
		t.Errorf("draft after the unlock: %q, %v", text, err)
	}
	if err := d.Unlock(ctx, "nobody", ""); !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Unlock of nobody: %v", err)
	}
	if _, err := d.Records("zoe"); !errors.Is(err, session.ErrLocked) {
		t.Errorf("Records of somebody else: %v", err)
	}
}

// However many ask at once, one request renews.
func TestOneRenewal(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	d.bank.advance(time.Hour)
	go1 := make(chan struct{})
	d.bank.set(func() { d.bank.hold["renew"] = go1 })
	var g sync.WaitGroup
	tokens := make([]string, 50)
	for i := range tokens {
		g.Go(func() {
			var err error
			if tokens[i], err = d.Token(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	<-d.bank.came
	close(go1)
	g.Wait()
	if n := len(d.bank.renewals); n != 1 {
		t.Errorf("%d renewals for %d callers", n, len(tokens))
	}
	if slices.Sort(tokens); tokens[0] != tokens[49] || tokens[0] == "" {
		t.Errorf("tokens from %q to %q", tokens[0], tokens[49])
	}
	// One that gives up does not take the others with it.
	d.bank.advance(time.Hour)
	d.bank.set(func() { d.bank.hold["renew"] = make(chan struct{}) })
	cut, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() { _, err := d.Token(cut); failed <- err }()
	<-d.bank.came
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up: %v", err)
	}
	if _, err := d.Token(ctx); err != nil {
		t.Errorf("the next one: %v", err)
	}
	if d.bank.reused != 0 {
		t.Error("a token was used twice")
	}
}

// An access token that the server does not take, though it looks good here, is renewed.
func TestClocksDisagree(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	for _, skew := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		k := session.New(session.Options{Bank: d.bank, Desk: d.device, Dir: d.dir, Now: func() time.Time { return d.bank.clock().Add(skew) },
			Vault: secret.NewVault(d.dir, secret.VaultOptions{Keyring: d.ring, Cost: secret.Cheap})})
		if err := k.Unlock(ctx, "adeline", ""); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, fresh, err := k.Me(ctx); err != nil || !fresh {
				t.Errorf("a clock %s off: fresh %v, %v", skew, fresh, err)
			}
			d.bank.advance(time.Hour)
		}
		k.Close()
	}
}

// A device that was signed out from another one wipes what it kept of the person.
//
// Rows: B-009, X-059
func TestRevoked(t *testing.T) {
	for _, by := range []string{"renewal", "request"} {
		t.Run(by, func(t *testing.T) {
			d, ctx := newDesk(t), t.Context()
			d.signIn("zoe")
			d.signIn("adeline")
			gone := 0
			stop := d.Watch(func() {
				if d.Standing().Gone {
					gone++
				}
			})
			defer stop()
			if by == "renewal" {
				d.bank.advance(time.Hour)
			}
			d.bank.set(func() { d.bank.sessions["s-flow-adeline-1"].fate = account.Gone })
			if _, _, err := d.Me(ctx); !errors.Is(err, session.ErrRevoked) {
				t.Fatalf("Me: %v, want ErrRevoked", err)
			}
			d.mode(session.Nobody, false)
			if gone == 0 {
				t.Error("nobody was told why")
			}
			if err := d.Unlock(ctx, "adeline", ""); !errors.Is(err, session.ErrUnknown) {
				t.Errorf("Unlock: %v", err)
			}
			if found := d.find("adeline", "Adeline"); len(found) != 0 {
				t.Errorf("left of the person: %v", found)
			}
			if len(d.ring.has) != 2 {
				t.Errorf("the keyring holds %d entries, want the other person's two", len(d.ring.has))
			}
			if err := d.Unlock(ctx, "zoe", ""); err != nil {
				t.Errorf("the other person: %v", err)
			}
		})
	}
}

// A session that has ended at the server asks for a sign-in, and takes nothing away.
//
// Rows: A-133
func TestSessionEnds(t *testing.T) {
	for code, state := range map[account.Code]account.State{
		account.SignInNeeded: account.Active, account.IsSuspended: account.Suspended, account.IsClosed: account.Closed,
	} {
		t.Run(string(code), func(t *testing.T) {
			d, ctx := newDesk(t), t.Context()
			d.signIn("adeline")
			d.bank.set(func() { d.bank.sessions["s-flow-adeline-0"].fate = code })
			d.bank.advance(time.Hour)
			if _, err := d.Token(ctx); !errors.Is(err, session.ErrSignIn) {
				t.Fatalf("Token: %v, want ErrSignIn", err)
			}
			d.mode(session.Local, true)
			if me, fresh, err := d.Me(ctx); err != nil || fresh || me.First != "Adeline" {
				t.Errorf("Me: %+v, %v, %v", me, fresh, err)
			}
			if _, err := d.Records("adeline"); err != nil {
				t.Errorf("Records: %v", err)
			}
			if people, err := d.People(ctx); err != nil || people[0].State != state || d.Standing().Person.State != state {
				t.Errorf("people %+v, %v; want %s", people, err, state)
			}
			renewals := len(d.bank.renewals)
			if _, err := d.Change(ctx, wire.ActDetails, wire.Answer{}); !errors.Is(err, session.ErrSignIn) || len(d.bank.renewals) != renewals {
				t.Errorf("Change: %v; the server was asked again", err)
			}
			d.signIn("adeline")
			d.mode(session.Online, false)
		})
	}
}

// Whatever comes back late for one person never reaches the next: no token, no name, no
// end of session.
//
// Rows: X-059
func TestLateAnswers(t *testing.T) {
	ask := map[string]func(d *desk) error{
		"me":    func(d *desk) error { _, _, err := d.Me(d.t.Context()); return err },
		"renew": func(d *desk) error { d.bank.advance(time.Hour); _, err := d.Token(d.t.Context()); return err },
		"change": func(d *desk) error {
			_, err := d.Change(d.t.Context(), wire.ActDetails, wire.Answer{First: "Autre"})
			return err
		},
		"begin": func(d *desk) error {
			_, err := d.Begin(d.t.Context(), wire.Begin{Kind: account.NewEmail})
			return err
		},
		"step": func(d *desk) error {
			d.bank.set(func() { d.bank.open("late", "adeline", account.Questions) })
			_, err := d.Step(d.t.Context(), "late", account.StepFactor, wire.Answer{})
			return err
		},
	}
	fates := map[string]account.Code{"stands": "", "gone": account.Gone, "ended": account.SignInNeeded}
	for name, call := range ask {
		for what, fate := range fates {
			for _, switched := range []bool{true, false} {
				t.Run(fmt.Sprint(name, " ", what, " ", switched), func(t *testing.T) {
					d := newDesk(t)
					d.signIn("adeline")
					release := make(chan struct{})
					d.bank.set(func() { d.bank.hold[name] = release; d.bank.sessions["s-flow-adeline-0"].fate = fate })
					if name == "step" {
						d.bank.set(func() { d.bank.sessions["s-flow-adeline-0"].fate = "" })
					}
					answer := make(chan error, 1)
					go func() { answer <- call(d) }()
					<-d.bank.came
					d.bank.set(func() { d.bank.sessions["s-flow-adeline-0"].fate = "" })
					if switched {
						d.signIn("zoe")
					} else {
						d.Lock()
					}
					before := d.Standing()
					token := ""
					if switched {
						token, _ = d.Token(t.Context())
					}
					close(release)
					if err := <-answer; err == nil {
						t.Error("the late answer was taken")
					}
					if st := d.Standing(); st.Mode != before.Mode || st.Person != before.Person || st.Asks != before.Asks || st.Gone {
						t.Errorf("standing %+v, was %+v", st, before)
					}
					if switched {
						if now, err := d.Token(t.Context()); err != nil || now != token {
							t.Errorf("token %q, %v; was %q", now, err, token)
						}
						if me, fresh, err := d.Me(t.Context()); err != nil || !fresh || me.Account != "zoe" {
							t.Errorf("Me: %+v, %v, %v", me, fresh, err)
						}
					}
					if name == "step" && !slices.Contains(d.bank.ended, "s-late") {
						t.Error("a session that nobody took stays open at the server")
					}
					if err := d.Unlock(t.Context(), "adeline", ""); err != nil {
						t.Errorf("the first person has lost their records: %v", err)
					}
					if switched { // nor did anything of theirs reach what is kept
						d.stop()
						d.start()
						if err := d.Unlock(t.Context(), "zoe", ""); err != nil {
							t.Fatal(err)
						}
						if me, fresh, err := d.Me(t.Context()); err != nil || !fresh || me.Account != "zoe" {
							t.Errorf("Me after a restart: %+v, %v, %v", me, fresh, err)
						}
					}
				})
			}
		}
	}
}

// After an end of session with erasure nothing of the person is on this computer, with the
// server or without it; without erasure they are known, and need the server again.
//
// Rows: X-059
func TestSignOut(t *testing.T) {
	for _, c := range []struct{ erase, offline, locked, late bool }{
		{}, {offline: true}, {locked: true}, {erase: true}, {erase: true, offline: true}, {erase: true, locked: true}, {erase: true, late: true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			d, ctx := newDesk(t), t.Context()
			d.signIn("adeline")
			records, err := d.Records("adeline")
			if err != nil {
				t.Fatal(err)
			}
			err = errors.Join(records.AddRecent(ctx, "marqueur-recherche", query.Query{Words: "marqueur-mots"}, noon),
				records.PutDraft(ctx, "marqueur-nom", []byte("marqueur-brouillon"), noon),
				records.Later(ctx, "https://marqueur.example", 1, noon))
			if err != nil {
				t.Fatal(err)
			}
			if found := d.find("marqueur"); len(found) != 0 {
				t.Fatalf("in the clear, before: %v", found)
			}
			d.bank.set(func() { d.bank.offline = c.offline })
			if c.locked {
				d.Lock()
			}
			if c.late {
				d.bank.advance(time.Hour)
			}
			if err := d.SignOut(ctx, c.erase); err != nil {
				t.Fatal(err)
			}
			d.mode(session.Nobody, false)
			if told := len(d.bank.ended) == 1; told == c.offline {
				t.Errorf("the server was told: %v", told)
			}
			d.bank.set(func() { d.bank.offline = false })
			if c.erase {
				if found := d.find("adeline", "Adeline", "marqueur"); len(found) != 0 || len(d.ring.has) != 0 {
					t.Errorf("left: %v, and %d entries of the keyring", found, len(d.ring.has))
				}
				if files, err := os.ReadDir(d.dir); err != nil || slices.ContainsFunc(files, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), "device.db") }) {
					t.Errorf("files %v, %v", files, err)
				}
				if people, err := d.People(ctx); err != nil || len(people) != 0 {
					t.Errorf("people %v, %v", people, err)
				}
				return
			}
			if len(d.ring.has) != 1 {
				t.Errorf("%d entries of the keyring, want the data key", len(d.ring.has))
			}
			if err := d.Unlock(ctx, "adeline", ""); err != nil {
				t.Fatal(err)
			}
			d.mode(session.Local, true)
			if err := d.SignOut(ctx, false); err != nil {
				t.Fatal(err)
			}
			if err := d.Forget(ctx, "adeline"); err != nil {
				t.Fatal(err)
			}
			if found := d.find("adeline", "Adeline"); len(found) != 0 || len(d.ring.has) != 0 {
				t.Errorf("left after Forget: %v, and %d entries of the keyring", found, len(d.ring.has))
			}
		})
	}
}

// Without a keyring nothing is kept until a passphrase is chosen; then it is, and the
// passphrase opens it.
//
// Rows
func TestNoKeyring(t *testing.T) {
	for _, fault := range []error{secret.ErrNoKeyring, secret.ErrLocked, secret.ErrTooBig} {
		t.Run(fault.Error(), func(t *testing.T) {
			d, ctx := newDesk(t), t.Context()
			d.ring.err = fault
			d.signIn("adeline")
			if st := d.Standing(); st.Mode != session.Online || !st.Unkept {
				t.Fatalf("standing %+v", st)
			}
			if people, err := d.People(ctx); err != nil || len(people) != 0 {
				t.Errorf("people %v, %v", people, err)
			}
			d.Lock()
			d.mode(session.Nobody, false)
			if found := d.find("adeline", "Adeline"); len(found) != 0 {
				t.Errorf("left: %v", found)
			}
			d.signIn("adeline")
			if err := d.Protect(ctx, ""); !errors.Is(err, fault) {
				t.Errorf("Protect with nothing: %v", err)
			}
			if err := d.Protect(ctx, "quatre mots de passe"); err != nil {
				t.Fatal(err)
			}
			if st := d.Standing(); st.Unkept || !st.Person.Passphrase || d.Holder() != secret.InFile {
				t.Errorf("standing %+v, held by %q", st, d.Holder())
			}
			if found := d.find("refresh-", "quatre"); len(found) != 0 {
				t.Errorf("in the clear: %v", found)
			}
			d.stop()
			d.start()
			for _, wrong := range []string{"", "autre"} {
				if err := d.Unlock(ctx, "adeline", wrong); !errors.Is(err, secret.ErrPassphrase) {
					t.Errorf("Unlock with %q: %v", wrong, err)
				}
			}
			if err := d.Unlock(ctx, "adeline", "quatre mots de passe"); err != nil {
				t.Fatal(err)
			}
			d.mode(session.Local, false)
			if _, err := d.Token(ctx); err != nil {
				t.Error(err)
			}
			d.mode(session.Online, false)
			if d.bank.reused != 0 {
				t.Error("a token was used twice")
			}
			// The keyring is back: the secrets move there.
			d.ring.err = nil
			if err := d.Protect(ctx, ""); err != nil || d.Holder() != secret.InKeyring || d.Standing().Person.Passphrase {
				t.Errorf("Protect: %v, held by %q", err, d.Holder())
			}
		})
	}
}

// Who signs in at the server where a passphrase protects what is kept gives it, too, before
// that is opened; the session waits.
//
// Rows: A-140
func TestSignInBeforePassphrase(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	if err := d.Protect(ctx, "secret local"); err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(ctx, false); err != nil {
		t.Fatal(err)
	}
	d.signIn("adeline")
	d.mode(session.Locked, false)
	if err := d.Unlock(ctx, "adeline", "faux"); !errors.Is(err, secret.ErrPassphrase) {
		t.Errorf("Unlock: %v", err)
	}
	if err := d.Unlock(ctx, "adeline", "secret local"); err != nil {
		t.Fatal(err)
	}
	d.mode(session.Online, false)
	if _, err := d.Token(ctx); err != nil || len(d.bank.renewals) != 0 {
		t.Errorf("Token: %v after %d renewals", err, len(d.bank.renewals))
	}
	d.stop()
	d.start()
	if err := d.Unlock(ctx, "adeline", "secret local"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(ctx); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

// A lost entry of the keyring loses no session: a new key is made, and the records that
// the old one sealed are set aside, not destroyed.
func TestLostKey(t *testing.T) {
	for name, lose := range map[string]func(*ring){
		"gone": func(r *ring) { clear(r.has) },
		"damaged": func(r *ring) {
			for k := range r.has {
				r.has[k] = "?"
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, ctx := newDesk(t), t.Context()
			d.signIn("adeline")
			d.Lock()
			lose(d.ring)
			if err := d.Unlock(ctx, "adeline", ""); !errors.Is(err, session.ErrSignIn) {
				t.Errorf("Unlock: %v, want ErrSignIn", err)
			}
			d.signIn("adeline")
			d.mode(session.Online, false)
			if _, err := os.Stat(d.dir + "/account-adeline.db.damaged-1"); err != nil {
				t.Errorf("the old records: %v", err)
			}
			if err := d.SignOut(ctx, true); err != nil {
				t.Fatal(err)
			}
			if found := d.find("adeline"); len(found) != 0 {
				t.Errorf("left: %v", found)
			}
		})
	}
}

// A keyring that was locked while a token came takes it before that token is spent.
//
// Rows: X-040
func TestKeyringLocksMeanwhile(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	d.bank.advance(time.Hour)
	d.ring.err = secret.ErrLocked
	if _, err := d.Token(ctx); err != nil {
		t.Fatalf("a locked keyring ends the session: %v", err)
	}
	d.ring.err = nil
	d.bank.advance(time.Hour)
	d.bank.set(func() { d.bank.lose = 1 })
	if _, err := d.Token(ctx); !errors.Is(err, wire.ErrOffline) {
		t.Fatal(err)
	}
	d.stop()
	d.start()
	if err := d.Unlock(ctx, "adeline", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(ctx); err != nil || d.bank.reused != 0 {
		t.Errorf("after a restart: %v", err)
	}
}

// Signing in again leaves one session at the server.
func TestSignInAgain(t *testing.T) {
	d := newDesk(t)
	d.signIn("adeline")
	d.signIn("adeline")
	d.mode(session.Online, false)
	if !slices.Equal(d.bank.ended, []string{"s-flow-adeline-0"}) {
		t.Errorf("ended %v", d.bank.ended)
	}
	if token, err := d.Token(t.Context()); err != nil || token != "access-s-flow-adeline-1-1" {
		t.Errorf("token %q, %v", token, err)
	}
}

// The portal's session lies on top of the one of the job bank, in memory: it opens more,
// and leaves the other when it ends or the desk is locked.
func TestPortalOnTop(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	portal := func(flow string) {
		d.bank.set(func() { d.bank.open(flow, "adeline", account.TwoFactor) })
		if _, err := d.Step(ctx, flow, account.StepFactor, wire.Answer{}); err != nil {
			t.Fatal(err)
		}
	}
	token := func(want string) {
		t.Helper()
		if got, err := d.Token(ctx); err != nil || !strings.HasPrefix(got, "access-s-"+want) {
			t.Errorf("token %q, %v; want one of %s", got, err, want)
		}
	}
	portal("p1")
	if st := d.Standing(); st.Policy != account.TwoFactor || st.Mode != session.Online {
		t.Errorf("standing %+v", st)
	}
	token("p1")
	portal("p2")
	token("p2")
	if !slices.Contains(d.bank.ended, "s-p1") {
		t.Error("the portal's session before stays open at the server")
	}
	d.bank.advance(time.Hour)
	token("p2")
	d.bank.set(func() { d.bank.sessions["s-p2"].fate = account.SignInNeeded })
	d.bank.advance(time.Hour)
	token("flow-adeline-0")
	if st := d.Standing(); st.Policy != account.Questions || st.Mode != session.Online || st.Asks {
		t.Errorf("standing %+v", st)
	}
	portal("p3")
	d.Lock()
	if err := d.Unlock(ctx, "adeline", ""); err != nil {
		t.Fatal(err)
	}
	token("flow-adeline-0")
	portal("p4")
	if err := d.SignOut(ctx, true); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(d.bank.ended, "s-p4") || !slices.Contains(d.bank.ended, "s-flow-adeline-0") {
		t.Errorf("ended %v", d.bank.ended)
	}
}

// The details that changed are those of the lock screen, too; an account that was closed
// leaves nothing.
func TestChange(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	if me, err := d.Change(ctx, wire.ActDetails, wire.Answer{First: "Adèle"}); err != nil || me.First != "Adèle" || d.Standing().Person.Name != "Adèle" {
		t.Errorf("Change: %+v, %v", me, err)
	}
	if _, err := d.Change(ctx, wire.ActClose, wire.Answer{}); err != nil {
		t.Fatal(err)
	}
	d.mode(session.Nobody, false)
	if found := d.find("adeline", "Adèle"); len(found) != 0 || len(d.ring.has) != 0 {
		t.Errorf("left: %v, and %d entries of the keyring", found, len(d.ring.has))
	}
}

func TestBeginAndDeployment(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	if p, err := d.Begin(ctx, wire.Begin{Kind: account.SignIn}); err != nil || p.Flow != "poste 3/" {
		t.Errorf("Begin: %+v, %v", p, err)
	}
	if _, err := d.Begin(ctx, wire.Begin{Kind: account.Enrol}); !errors.Is(err, session.ErrSignIn) {
		t.Errorf("Begin of what needs a session: %v", err)
	}
	d.signIn("adeline")
	if p, err := d.Begin(ctx, wire.Begin{Kind: account.Enrol, Device: "autre"}); err != nil || p.Flow != "autre/access-s-flow-adeline-0-1" {
		t.Errorf("Begin: %+v, %v", p, err)
	}
	if got, err := d.Deployment(ctx); err != nil || got.Credential != "portail" {
		t.Errorf("Deployment: %+v, %v", got, err)
	}
	d.bank.set(func() { d.bank.offline = true })
	if got, err := d.Deployment(ctx); err != nil || got.Credential != "portail" {
		t.Errorf("Deployment offline: %+v, %v", got, err)
	}
	if err := d.device.SetSetting(ctx, cache.LastServer, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Deployment(ctx); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("Deployment offline, never known: %v", err)
	}
	if _, _, err := d.Partner(ctx, "x", "fr"); err == nil {
		t.Error("there are no partners here")
	}
}

// Run confirms a session after an unlock, tries again after a failure, and learns of a
// revocation within minutes.
//
// Rows: B-009
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.bank.now = time.Time{} // the bubble's
		d.signIn("adeline")
		d.Lock()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		d.bank.set(func() { d.bank.offline = true })
		if err := d.Unlock(ctx, "adeline", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		d.mode(session.Local, false)
		d.bank.set(func() { d.bank.offline = false })
		time.Sleep(6 * time.Minute)
		d.mode(session.Online, false)
		asked := d.bank.asked()
		time.Sleep(time.Hour)
		d.mode(session.Online, false)
		if n := d.bank.asked() - asked; n < 6 || n > 8 {
			t.Errorf("%d renewals in an hour, want one in nine minutes", n)
		}
		d.bank.set(func() { d.bank.sessions["s-flow-adeline-0"].fate = account.Gone })
		time.Sleep(10 * time.Minute)
		if st := d.Standing(); !st.Gone {
			t.Errorf("ten minutes after the device was revoked: %+v", st)
		}
		asked = d.bank.asked()
		time.Sleep(time.Hour)
		if n := d.bank.asked() - asked; n != 0 {
			t.Errorf("%d renewals with nobody at the desk", n)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
		d.stop()
		d.start() // for the end of the test, outside of the bubble
	})
}

// Lost answers, crashes, locks and restarts in any order: the token that is kept is always
// one that the server takes, and the session never ends by itself.
//
// Rows: X-040
func TestNoTokenIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t)
		ctx := t.Context()
		d.signIn("adeline")
		actions := map[string]func(*rapid.T){
			"use": func(rt *rapid.T) {
				if d.Standing().Mode == session.Locked || d.Standing().Mode == session.Nobody {
					if err := d.Unlock(ctx, "adeline", ""); err != nil {
						rt.Fatal(err)
					}
				}
				if _, _, err := d.Me(ctx); err != nil {
					rt.Fatal(err)
				}
			},
			"time":  func(*rapid.T) { d.bank.advance(9 * time.Minute) },
			"lose":  func(rt *rapid.T) { d.bank.set(func() { d.bank.lose = rapid.IntRange(1, 2).Draw(rt, "lost") }) },
			"found": func(*rapid.T) { d.bank.set(func() { d.bank.lose = 0 }) },
			"lock":  func(*rapid.T) { d.Lock() },
			"crash": func(*rapid.T) { // the old program is not asked
				old := d.Keeper
				d.start()
				t.Cleanup(old.Close)
			},
		}
		check := func() {
			if d.bank.reused != 0 {
				rt.Fatal("an old token was used")
			}
			if d.Standing().Asks {
				rt.Fatal("the session has ended")
			}
		}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			actions[rapid.SampledFrom([]string{"use", "use", "time", "lose", "found", "lock", "crash"}).Draw(rt, "action")](rt)
			check()
		}
		d.bank.set(func() { d.bank.lose = 0 })
		if d.Standing().Mode == session.Nobody || d.Standing().Mode == session.Locked {
			if err := d.Unlock(ctx, "adeline", ""); err != nil {
				rt.Fatal(err)
			}
		}
		if _, fresh, err := d.Me(ctx); err != nil || !fresh {
			rt.Fatalf("at the end: fresh %v, %v", fresh, err)
		}
	})
}
