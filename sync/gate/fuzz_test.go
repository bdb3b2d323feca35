package gate

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// FuzzStep answers any step of a flow that no session is needed for with anything: that is
// refused or taken, and is never a failure of the server.
func FuzzStep(f *testing.F) {
	w := settle(f)
	home := w.caller(w.register(ada))
	kinds := []account.Kind{account.Register, account.SignIn, account.Recover, account.Invited, account.Username, account.Password, account.Portal, account.NewEmail}
	for i, body := range []string{
		`{}`, `{"accept":true,"terms":"2026-11-22"}`, `{"email":"ada@exemple.ca","password":"x","first":"\u0000","last":"\ud800"}`,
		`{"sin":"0000000000000000000000000000","maiden":"İ","born":"9999-99-99","accept":true}`,
		`{"express":true,"profile":"e\u0130","validation":"\u0000","accept":true}`,
		`{"questions":[{"question":"first-pet","answer":"ﷺ"},{},{},{},{}]}`, `{"code":"-1","linked":true,"recovery":"\u00a0"}`,
		`{"email":"a@\u0000.ca","current":"\ufeff","username":"ＡＤＡ","method":"email"}`,
	} {
		f.Add(uint8(i), uint8(i), body, "token")
	}
	f.Fuzz(func(t *testing.T, k, s uint8, body, token string) {
		var in wire.Answer
		if json.Unmarshal([]byte(body), &in) != nil {
			t.Skip("not an answer")
		}
		fine := func(what string, err error) {
			var no *Refused
			if err != nil && !errors.As(err, &no) {
				t.Errorf("%s = %v, want it refused or taken", what, err)
			}
		}
		_, err := w.g.Look(t.Context(), token, w.now)
		wantRefused(t, "Look", err, "flow_expired")
		_, _, err = w.g.UseLink(t.Context(), token, w.now)
		wantRefused(t, "UseLink", err, "code_expired")

		kind := kinds[int(k)%len(kinds)]
		at := account.Flows[kind].Steps[int(s)%len(account.Flows[kind].Steps)]
		// As the flow of somebody who got so far.
		r := &run{now: w.now, data: data{Lang: "fr", Email: ada.email, First: "Ada", Last: "Essai", Password: w.keys.Hash("x"), Stamp: w.g.stamp(home.Account),
			Session: home.Session.ID, Question: account.QuestionIDs[0], Asked: account.QuestionIDs[:1], Terms: account.TermsVersion,
			Owner: ledger.AccountOwner(home.Account.ID), Method: account.TOTP, Methods: methods}}
		key := w.g.token(32)
		r.flow = ledger.Flow{Key: w.keys.MAC("flow", key), Kind: kind, Step: at, Account: home.Account.ID, Created: w.now, Expires: w.now.Add(w.g.o.Rules.CodeLife)}
		if err := w.g.write(t.Context(), r, move{next: at}); err != nil {
			t.Fatal(err)
		}
		_, err = w.g.Step(t.Context(), base64.RawURLEncoding.EncodeToString(key), at, in, token, w.now)
		fine("Step("+string(kind)+", "+string(at)+")", err)
	})
}
