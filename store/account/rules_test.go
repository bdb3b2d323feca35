package account_test

import (
	"reflect"
	"testing"
	"time"

	"passerelle/store/account"
)

// The figures of the requirements, each where a zero stood; what a deployment sets stays.
//
// Rows, B-017, B-019, B-031
func TestFilled(t *testing.T) {
	want := account.Rules{CodeLife: 15 * time.Minute, CodeTries: 5, FactorLife: 10 * time.Minute, ResendAfter: time.Minute, QuestionsAsked: 2,
		TempLife: 24 * time.Hour, FactorFresh: 5 * time.Minute, Access: 10 * time.Minute, Idle: 30 * 24 * time.Hour, Absolute: 180 * 24 * time.Hour,
		PortalIdle: 15 * time.Minute, PortalAbsolute: 12 * time.Hour, LockAfter: 15 * time.Minute, LockMost: time.Hour, WarnBefore: 7 * 24 * time.Hour}
	if got := (account.Rules{}).Filled(); got != want {
		t.Errorf("Filled = %+v, want %+v", got, want)
	}
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s has no figure of the house", v.Type().Field(i).Name)
		}
		// One field set, whatever it is, stays and changes no other.
		var one account.Rules
		f := reflect.ValueOf(&one).Elem().Field(i)
		f.SetInt(7)
		got := reflect.ValueOf(one.Filled())
		for j := range v.NumField() {
			if n, w := got.Field(j).Int(), v.Field(j).Int(); (i == j && n != 7) || (i != j && n != w) {
				t.Errorf("with %s set, %s is %d", v.Type().Field(i).Name, v.Type().Field(j).Name, n)
			}
		}
	}
}

func TestFlowLife(t *testing.T) {
	for k := range account.Flows {
		want := 30 * time.Minute
		switch k {
		case account.SignIn, account.Portal, account.PortalPartner:
			want = 15 * time.Minute
		case account.Register, account.Invited:
			want = 24 * time.Hour
		}
		if got := (account.Rules{}).FlowLife(k); got != want {
			t.Errorf("FlowLife(%s) = %v, want %v", k, got, want)
		}
	}
}
