package ledger_test

import (
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// What one account was validated with is known, also once it is closed; nothing is nobody's.
//
// Rows
func TestValidated(t *testing.T) { engines(t, testValidated) }

func testValidated(t *testing.T) {
	l := fresh(t)
	err := l.Update(t.Context(), func(tx *ledger.Tx) error {
		for id, a := range map[string]ledger.Account{
			"1": {SIN: []byte("sin of one")}, "2": {Express: []byte("pair of two")},
			"3": {SIN: []byte("sin of three"), State: account.Closed, Closed: time.Unix(1, 0)}, "4": {},
		} {
			a.ID, a.Email = id, []byte("address of "+id)
			if a.State == "" {
				a.State = account.Active
			}
			if err := tx.PutAccount(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sin, express         string
		bySIN, byExpressPair bool
	}{
		{"", "", false, false}, {"sin of one", "", true, false}, {"sin of three", "", true, false},
		{"", "pair of two", false, true}, {"pair of two", "sin of one", false, false}, {"sin of one", "pair of two", true, true},
	} {
		var one, two bool
		err := l.View(t.Context(), func(tx *ledger.Tx) (err error) {
			one, two, err = tx.Validated(t.Context(), []byte(c.sin), []byte(c.express))
			return err
		})
		if err != nil || one != c.bySIN || two != c.byExpressPair {
			t.Errorf("Validated(%q, %q) = %v, %v, %v, want %v, %v", c.sin, c.express, one, two, err, c.bySIN, c.byExpressPair)
		}
	}
}
