package ledger_test

import (
	"errors"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func update(t *testing.T, l *ledger.Ledger, do func(*ledger.Tx) error) {
	t.Helper()
	if err := l.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func person(id, email string) ledger.Account {
	return ledger.Account{ID: id, Email: []byte(email), State: account.Active, Password: "p", Body: []byte("sealed"), Created: noon, SignedIn: noon}
}

func TestPutAccount(t *testing.T) {
	l := fresh(t)
	a := person("a", "one")
	a.Roles, a.SIN, a.Reset = []account.Role{account.Agent, account.Counsellor}, []byte("hash"), true
	update(t, l, func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), a) })
	same := person("b", "one")
	if err := l.Update(t.Context(), func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), same) }); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a second account of an address: %v, want ErrTaken", err)
	}
	if err := l.Update(t.Context(), func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), a) }); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("the same new account again: %v, want ErrMoved", err)
	}
}
