package session_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"passerelle/store/query"
	"passerelle/store/secret"
	"passerelle/sync/session"
)

// shelf notes what is asked of it.
type shelf struct {
	mu    sync.Mutex
	heard []string
}

func (s *shelf) say(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, what)
	return nil
}

func (s *shelf) Close(id string) error { return s.say("close " + id) }
func (s *shelf) Erase(id string) error { return s.say("erase " + id) }

func (s *shelf) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// A recovery key has a person's file open again, with all that was in it, when the keyring
// has lost the key; the session it has lost, too, is asked for when there is time. Nothing
// is done of one who is there, or with another key.
//
// Rows
func TestRecover(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.signIn("adeline")
	records, err := d.Records("adeline")
	if err != nil {
		t.Fatal(err)
	}
	if err := records.AddRecent(ctx, "soudeuse", query.Query{Words: "soudeuse"}, noon); err != nil {
		t.Fatal(err)
	}
	key, err := d.NewRecovery()
	if err != nil {
		t.Fatal(err)
	}
	if at, err := d.Recovery(); err != nil || !at.Equal(d.bank.clock()) {
		t.Errorf("made %v, %v", at, err)
	}
	if err := d.Recover(ctx, "adeline", key, ""); !errors.Is(err, secret.ErrInUse) {
		t.Errorf("Recover of who is there: %v, want ErrInUse", err)
	}
	d.stop()
	d.ring = &ring{has: map[string]string{}} // it has lost all
	d.start()
	if err := d.Unlock(ctx, "adeline", ""); !errors.Is(err, session.ErrSignIn) {
		t.Errorf("Unlock: %v, want ErrSignIn", err)
	}
	if err := d.Recover(ctx, "adeline", secret.NewRecoveryKey(), ""); !errors.Is(err, session.ErrRecoveryKey) {
		t.Errorf("Recover with another key: %v", err)
	}
	d.mode(session.Nobody, false)
	if err := d.Recover(ctx, "adeline", key, "nouvelle"); err != nil {
		t.Fatal(err)
	}
	d.mode(session.Local, true)
	if st := d.Standing(); st.Person.ID != "adeline" || !st.Person.Passphrase {
		t.Errorf("standing %+v", st)
	}
	if records, err = d.Records("adeline"); err != nil {
		t.Fatal(err)
	}
	if got, err := records.Recent(ctx, 0); err != nil || len(got) != 1 || got[0].Label != "soudeuse" {
		t.Errorf("searches %+v, %v", got, err)
	}
	d.Lock()
	if err := d.Unlock(ctx, "adeline", "nouvelle"); err != nil {
		t.Errorf("Unlock with the new passphrase: %v", err)
	}
}

// What lies beside the file of an account closes when the person locks or leaves, before
// anybody counts on it, and goes when all of theirs goes.
//
// Rows: B-009, X-059
func TestBeside(t *testing.T) {
	d, ctx, s := newDesk(t), t.Context(), &shelf{}
	d.stop()
	d.beside = s
	d.start()
	d.signIn("adeline")
	d.Lock()
	if got := s.said(); !slices.Equal(got, []string{"close adeline"}) {
		t.Errorf("after a lock: %v", got)
	}
	d.signIn("zoe")
	if err := d.SignOut(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := s.said(); !slices.Equal(got[1:], []string{"close zoe", "erase zoe"}) {
		t.Errorf("after a last sign-out: %v", got)
	}
	if err := d.Forget(ctx, "adeline"); err != nil {
		t.Fatal(err)
	}
	if got := s.said(); got[len(got)-1] != "erase adeline" {
		t.Errorf("forgotten: %v", got)
	}
}
