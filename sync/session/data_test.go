package session_test

import (
	"errors"
	"testing"

	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// What the server keeps of a person is asked of it, by whoever is at the desk and nobody
// else; a note of disagreement then stands beside the account without a network, too, and
// sealed.
//
// Rows
func TestMyData(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	if _, err := d.MyData(ctx, true); !errors.Is(err, session.ErrSignIn) {
		t.Errorf("MyData of nobody: %v, want ErrSignIn", err)
	}
	if _, err := d.Dispute(ctx, wire.Dispute{Field: "last", Text: "x"}); !errors.Is(err, session.ErrSignIn) {
		t.Errorf("Dispute of nobody: %v, want ErrSignIn", err)
	}
	d.signIn("adeline")
	note := wire.Dispute{Field: "last", Text: "Un trait d'union manque"}
	got, err := d.Dispute(ctx, note)
	if err != nil || len(got.Disputes) != 1 {
		t.Fatalf("Dispute: %+v, %v", got, err)
	}
	if got, err = d.MyData(ctx, false); err != nil || len(got.Disputes) != 1 {
		t.Errorf("MyData: %+v, %v", got, err)
	}
	d.stop()
	d.start() // the next day
	d.bank.set(func() { d.bank.offline = true })
	if err := d.Unlock(ctx, "adeline", ""); err != nil {
		t.Fatal(err)
	}
	me, fresh, err := d.Me(ctx)
	if err != nil || fresh || len(me.Disputes) != 1 || me.Disputes[0] != note {
		t.Errorf("Me without a network: %+v, %v, %v", me.Disputes, fresh, err)
	}
	if _, err := d.MyData(ctx, false); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("MyData without a network: %v, want ErrOffline", err)
	}
	if found := d.find("trait d'union"); len(found) != 0 {
		t.Errorf("on the disk: %v", found)
	}
	d.Lock()
	if _, err := d.MyData(ctx, false); !errors.Is(err, session.ErrLocked) {
		t.Errorf("MyData while it is locked: %v, want ErrLocked", err)
	}
}
