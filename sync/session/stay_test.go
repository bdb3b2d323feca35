package session_test

import (
	"errors"
	"testing"

	"passerelle/store/account"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// A token is given to the stay that asks for it and to no other, and another one than the
// server did not take. What the server says of a revoked device wipes the one it is said of.
//
// Rows: B-009, X-059
func TestTokensOfAStay(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	d.signIn("anna")
	stay, st := d.Stay()
	if st.Person.ID != "anna" {
		t.Fatalf("standing %+v", st)
	}
	one, err := d.TokenBut(ctx, stay, "")
	if err != nil || one == "" {
		t.Fatalf("TokenBut: %q, %v", one, err)
	}
	if again, err := d.TokenBut(ctx, stay, ""); again != one || err != nil {
		t.Errorf("a token that is good: %q, %v; want the same", again, err)
	}
	two, err := d.TokenBut(ctx, stay, one)
	if err != nil || two == one || two == "" {
		t.Errorf("after it was refused: %q, %v; want another one than %q", two, err, one)
	}
	d.Lock()
	if got, err := d.TokenBut(ctx, stay, ""); !errors.Is(err, session.ErrLocked) || got != "" {
		t.Errorf("locked: %q, %v", got, err)
	}
	d.signIn("berthe")
	if got, err := d.TokenBut(ctx, stay, ""); !errors.Is(err, session.ErrLocked) || got != "" {
		t.Errorf("somebody else's: %q, %v", got, err)
	}
	gone := &wire.Refused{Code: account.Gone}
	if err := d.Heard(ctx, stay, gone); !errors.Is(err, session.ErrLocked) {
		t.Errorf("a late answer: %v, want ErrLocked", err)
	}
	now, st := d.Stay()
	if st.Person.ID != "berthe" || st.Mode != session.Online || now == stay {
		t.Errorf("after a late answer: stay %d, %+v", now, st)
	}
	if err := d.Heard(ctx, now, wire.ErrOffline); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("another error: %v", err)
	}
	if err := d.Heard(ctx, now, gone); !errors.Is(err, session.ErrRevoked) {
		t.Errorf("revoked: %v, want ErrRevoked", err)
	}
	if _, st := d.Stay(); !st.Gone || st.Mode != session.Nobody {
		t.Errorf("after that: %+v", st)
	}
	if found := d.find("berthe"); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
}
