package gate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

func (w *town) night(at time.Time) {
	w.t.Helper()
	w.now = at
	if err := w.g.Nightly(w.t.Context(), at); err != nil {
		w.t.Fatal(err)
	}
}

// nights runs the round every day from one to another, at the hour of the first, and gives
// the letters that left, each with its day.
func (w *town) nights(from, to time.Time) (letters []string) {
	w.t.Helper()
	for at := from; !at.After(to); at = at.AddDate(0, 0, 1) {
		w.night(at)
		for _, m := range w.post() {
			letters = append(letters, at.Format(time.DateOnly)+" "+string(m.Kind)+" "+m.To)
		}
	}
	return letters
}

// people makes accounts without walking their registrations.
func (w *town) people(n int, signedIn time.Time) {
	w.t.Helper()
	err := w.l.Update(w.t.Context(), func(t *ledger.Tx) error {
		for i := range n {
			email := fmt.Sprintf("p%d-%d@exemple.ca", signedIn.Unix(), i)
			a := ledger.Account{ID: w.g.id(signedIn), Email: w.g.emailHash(email), State: account.Active, Created: signedIn, SignedIn: signedIn}
			if err := w.g.setPerson(&a, person{Email: email, First: "Ada", Last: "Test", Lang: "fr"}); err != nil {
				return err
			}
			if err := t.PutAccount(w.t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Six calendar months, clamped to the end of the month; one warning a week before, one
// letter at the end, whatever the season and however clocks are set.
//
// Rows
func TestSuspension(t *testing.T) {
	for _, c := range []struct{ signedIn, warned, suspended string }{
		{"2026-08-31T15:00:00Z", "2027-02-22", "2027-03-01"},
		{"2027-08-31T15:00:00Z", "2028-02-23", "2028-03-01"}, // a leap year
		{"2026-05-22T14:00:00Z", "2026-11-16", "2026-11-23"},
		{"2026-09-14T05:30:00Z", "2027-03-08", "2027-03-15"}, // clocks are set forward on the 14th of March
		{"2026-05-01T04:30:00Z", "2026-10-26", "2026-11-02"}, // and back on the 1st of November
		{"2026-12-31T23:59:59Z", "2027-06-24", "2027-07-01"},
	} {
		t.Run(c.signedIn, func(t *testing.T) {
			w := settle(t)
			in, err := time.Parse(time.RFC3339, c.signedIn)
			if err != nil {
				t.Fatal(err)
			}
			w.now = in
			w.register(ada)
			w.post()
			noon := time.Date(in.Year(), in.Month(), in.Day(), 12, 0, 0, 0, time.UTC)
			got := w.nights(noon.AddDate(0, 5, 0), noon.AddDate(0, 7, 0))
			want := []string{c.warned + " warning " + ada.email, c.suspended + " suspended " + ada.email}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("letters: %v, want %v", got, want)
			}
			if a := w.row(ada.email); a.State != account.Suspended {
				t.Errorf("the account is %s", a.State)
			}
		})
	}
}

// To the millisecond: active until it is the day after six months, suspended from then on.
//
// Rows
func TestSuspensionAtItsEdge(t *testing.T) {
	w := settle(t)
	home := w.register(ada)
	on := account.SuspendsOn(w.now)
	w.night(on.Add(-time.Millisecond))
	if a := w.row(ada.email); a.State != account.Warned {
		t.Errorf("a millisecond before: %s", a.State)
	}
	w.night(on)
	if a := w.row(ada.email); a.State != account.Suspended {
		t.Errorf("on the day: %s", a.State)
	}
	w.wait(time.Minute)
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "suspended")
	if _, err := w.renewal(home, true); codeOf(t, err) == "" {
		t.Error("a session of a suspended account renews")
	}
}

// A sign-in on the day before takes the suspension back, and the next warning comes six
// months later, once.
//
// Rows
func TestASignInCancels(t *testing.T) {
	w := settle(t)
	w.register(ada)
	on := account.SuspendsOn(w.now)
	got := w.nights(on.AddDate(0, 0, -30), on.AddDate(0, 0, -1))
	if len(got) != 1 {
		t.Fatalf("letters before: %v, want one warning", got)
	}
	w.now = on.Add(-24 * time.Hour)
	w.signIn(ada)
	next := account.SuspendsOn(w.now)
	got = w.nights(on, next)
	want := []string{next.AddDate(0, 0, -7).Format(time.DateOnly) + " warning " + ada.email,
		next.Format(time.DateOnly) + " suspended " + ada.email}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("letters after: %v, want %v", got, want)
	}
}

// The day that the letter names is the day on which it happens.
//
// Rows: A-132
func TestTheWarningNamesTheDay(t *testing.T) {
	w := settle(t)
	w.register(ada)
	on := account.SuspendsOn(w.now)
	w.night(on.AddDate(0, 0, -7))
	if m := w.letter(mail.Warning, ada.email); m.Date != on.Format(time.DateOnly) || m.Lang != "fr" || m.First != ada.first {
		t.Errorf("the letter is %+v, want the %s named", m, on.Format(time.DateOnly))
	}
}

// A round that is stopped wherever it stands, and begun again by another server, writes
// each letter once.
//
// Rows
func TestARoundThatIsStopped(t *testing.T) {
	w := settle(t)
	const many = 2*nightlyBatch + 50
	w.people(many, start)
	on := account.SuspendsOn(start)
	for _, round := range []struct {
		at   time.Time
		kind mail.Kind
	}{{on.AddDate(0, 0, -7), mail.Warning}, {on, mail.Suspended}} {
		w.now = round.at
		rounds := 0
		for ; ; rounds++ {
			// Each is given a little more time than the one before, so they end anywhere.
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rounds)*4*time.Millisecond)
			err := w.g.Nightly(ctx, round.at)
			cancel()
			if err == nil {
				break
			}
		}
		if rounds < 2 {
			t.Errorf("%s: the round was stopped %d times only", round.kind, rounds)
		}
		w.night(round.at) // once more, for nothing
		got := map[string]int{}
		for _, m := range w.post() {
			if m.Kind != round.kind {
				t.Errorf("a letter of kind %s", m.Kind)
			}
			got[m.To]++
		}
		if len(got) != many {
			t.Errorf("%d people were written to of %d", len(got), many)
		}
		for to, n := range got {
			if n != 1 {
				t.Errorf("%s got %d letters", to, n)
			}
		}
	}
}

// Rows: B-041, B-042
func TestTwoYearsUnused(t *testing.T) {
	w := settle(t)
	w.now = time.Date(2026, 2, 28, 15, 0, 0, 0, time.UTC)
	home := w.register(ada)
	k, _ := w.portal(home, portName)
	used := w.credentialRow(portName).Used
	ends := account.RevokesOn(used)
	if want := used.AddDate(2, 0, 0); !ends.Equal(want) {
		t.Fatalf("two years after %v are %v", used, ends)
	}
	w.night(ends.Add(-time.Millisecond))
	if c := w.credentialRow(portName); c.State != account.CredentialActive {
		t.Errorf("a millisecond before: %s", c.State)
	}
	w.post()
	w.night(ends)
	c := w.credentialRow(portName)
	if c.State != account.CredentialRevoked || c.Reason != account.Unused {
		t.Errorf("after two years: %s %s", c.State, c.Reason)
	}
	if m := w.letter(mail.Revoked, ada.email); m.Reason != account.Unused {
		t.Errorf("the letter is %+v", m)
	}
	if line := w.audits()[0]; line.Actor != "server" || line.Subject != "account:"+home.Account {
		t.Errorf("audit line: %+v", line)
	}
	w.night(ends.AddDate(0, 0, 1))
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters of the next night: %+v", all)
	}
	y := w.begin(account.Portal, "fr")
	if _, err := w.g.Step(t.Context(), y.token, account.StepPassword, wire.Answer{Username: k.username, Password: k.password}, w.from, w.now); err == nil {
		t.Error("a revoked credential opens")
	}
}

// A use of the credential begins its two years anew.
//
// Rows: B-041
func TestAUseKeepsACredential(t *testing.T) {
	w := settle(t)
	k, _ := w.portal(w.register(ada), portName)
	w.now = account.RevokesOn(w.credentialRow(portName).Used).Add(-time.Hour)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.SignedIn = w.now })
	w.enter(k)
	w.night(w.now.AddDate(1, 0, 0))
	if c := w.credentialRow(portName); c.State != account.CredentialActive {
		t.Errorf("a year after it was used: %s", c.State)
	}
}

// What has ended is dropped, and nothing else.
func TestWhatHasEndedIsDropped(t *testing.T) {
	w := settle(t)
	w.register(ada)
	old := w.begin(account.SignIn, "fr")
	w.lend(ada.email)
	if err := w.g.attempt(t.Context(), w.now, w.g.byAccount("old")); err != nil {
		t.Fatal(err)
	}
	w.wait(8 * 24 * time.Hour)
	fresh := w.begin(account.SignIn, "fr")
	if err := w.g.attempt(t.Context(), w.now, w.g.byAccount("new")); err != nil {
		t.Fatal(err)
	}
	w.night(w.now.Add(time.Second))
	err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
		if _, err := tx.Flow(t.Context(), w.flowKey(old.token)); err == nil {
			t.Error("an old flow is still there")
		}
		if _, err := tx.Flow(t.Context(), w.flowKey(fresh.token)); err != nil {
			t.Errorf("a new flow: %v", err)
		}
		if v, err := tx.Throttle(t.Context(), w.g.byAccount("old").key); v.Failures != 0 || err != nil {
			t.Errorf("an old throttle: %+v, %v", v, err)
		}
		if v, err := tx.Throttle(t.Context(), w.g.byAccount("new").key); v.Failures != 1 || err != nil {
			t.Errorf("a new throttle: %+v, %v", v, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.row(ada.email); a.Temp != "" || !a.Reset {
		t.Errorf("a temporary password that ended a week ago: %q, reset %t", a.Temp, a.Reset)
	}
	w.begin(account.SignIn, "fr").refused(wire.Answer{Email: ada.email, Password: ada.password}, "must_reset")
}
