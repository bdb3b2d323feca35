package session_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// One account on two computers, by a real server over real HTTP: both work at once; the
// second signs the first out, which wipes what it kept at its next question. Then the
// second leaves, and is known no more.
//
// Rows: B-009, A-140, X-040, X-059
func TestTwoComputers(t *testing.T) {
	ctx := t.Context()
	l, err := ledger.Open(ctx, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	house := newBank() // for its clock
	g, err := gate.New(gate.Options{Ledger: l, Keys: keys, Base: "https://passerelle.example"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{Dir: t.TempDir(), Gate: g, Now: house.clock})
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(s)
	t.Cleanup(func() { at.Close(); _ = errors.Join(s.Close(), l.Close()) })

	computer := func(name string) *desk {
		c, err := client.New(at.URL, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{t: t, dir: t.TempDir(), ring: &ring{has: map[string]string{}}, bank: house}
		if d.device, err = cache.Open(ctx, filepath.Join(d.dir, "device.db")); err != nil {
			t.Fatal(err)
		}
		d.Keeper = session.New(session.Options{Bank: c, Desk: d.device, Dir: d.dir, Now: house.clock, Name: name,
			Vault: secret.NewVault(d.dir, secret.VaultOptions{Keyring: d.ring, Cost: secret.Cheap})})
		t.Cleanup(d.stop)
		return d
	}
	walk := func(d *desk, b wire.Begin, answers ...wire.Answer) {
		t.Helper()
		p, err := d.Begin(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		flow := p.Flow
		for _, in := range answers {
			if p.Step == account.StepCode {
				j, err := l.TakeJob(ctx, []string{mail.Job}, house.clock(), time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				m, err := mail.Open(keys.Box, j.Body)
				if err != nil {
					t.Fatal(err)
				}
				in.Code = m.Code
			}
			for i, id := range account.QuestionIDs[:5] {
				if p.Step == account.StepQuestion && id == p.Question {
					in.Answer = fmt.Sprint("la réponse ", i)
				}
				if p.Step == account.StepQuestions {
					in.Questions = append(in.Questions, wire.QA{Question: id, Answer: fmt.Sprint("la réponse ", i)})
				}
			}
			if p, err = d.Step(ctx, flow, p.Step, in); err != nil {
				t.Fatalf("%s: %v", b.Kind, err)
			}
		}
		if p.Step != account.StepDone || p.Session == nil || p.Session.Refresh != "" {
			t.Fatalf("%s ended at %s with %+v", b.Kind, p.Step, p.Session)
		}
	}
	const email, password = "adeline@exemple.ca", "un cheval agrafe juste"
	first, second := computer("bureau"), computer("portable")
	walk(first, wire.Begin{Kind: account.Register, Lang: "fr"}, wire.Answer{Accept: true, Terms: account.TermsVersion},
		wire.Answer{First: "Adeline", Last: "Essai", Email: email, Password: password, Again: password, Lang: "fr"}, wire.Answer{}, wire.Answer{})
	walk(second, wire.Begin{Kind: account.SignIn, Lang: "fr"}, wire.Answer{Email: email, Password: password}, wire.Answer{})
	for range 3 { // both, side by side, through several renewals
		for _, d := range []*desk{first, second} {
			if me, fresh, err := d.Me(ctx); err != nil || !fresh || len(me.Devices) != 2 {
				t.Fatalf("Me: %+v, %v, %v", me, fresh, err)
			}
		}
		house.advance(time.Hour)
	}
	first.Lock()
	if err := first.Unlock(ctx, first.Standing().Person.ID, ""); err != nil {
		t.Fatal(err)
	}
	first.mode(session.Local, false)
	if _, err := first.Token(ctx); err != nil {
		t.Fatal(err)
	}
	first.mode(session.Online, false)

	me, _, err := second.Me(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range me.Devices {
		if device.Name == "bureau" {
			if _, err := second.Change(ctx, wire.ActRevoke, wire.Answer{Device: device.ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, err := first.Me(ctx); !errors.Is(err, session.ErrRevoked) {
		t.Fatalf("Me on the revoked computer: %v, want ErrRevoked", err)
	}
	if st := first.Standing(); !st.Gone || st.Mode != session.Nobody || len(first.ring.has) != 0 {
		t.Errorf("standing %+v, %d entries of the keyring", st, len(first.ring.has))
	}
	if found := first.find(me.Account, "Adeline"); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	house.advance(time.Hour)
	if me, fresh, err := second.Me(ctx); err != nil || !fresh || len(me.Devices) != 1 {
		t.Errorf("Me on the other: %+v, %v, %v", me, fresh, err)
	}
	token, err := second.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.SignOut(ctx, true); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(at.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(ctx, token); !errors.Is(err, wire.ErrRefused) {
		t.Errorf("Me with the token of a session that was signed out: %v", err)
	}
}
