package account_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"passerelle/store/account"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// Six calendar months exactly: active. A day more: suspended. The last days of a month come
// to the last day of a shorter one, and never to a day of the next (§14).
//
// Rows: A-131
func TestSuspendsOn(t *testing.T) {
	for _, c := range []struct{ signedIn, active, suspended string }{
		{"2026-05-10 14:00", "2026-11-10 14:00", "2026-11-11 14:00"},
		{"2026-08-31 14:00", "2027-02-28 14:00", "2027-03-01 14:00"}, // 31 August: 28 February…
		{"2027-08-31 14:00", "2028-02-29 14:00", "2028-03-01 14:00"}, // …or 29
		{"2026-08-30 14:00", "2027-02-28 14:00", "2027-03-01 14:00"},
		{"2026-08-29 14:00", "2027-02-28 14:00", "2027-03-01 14:00"},
		{"2026-08-28 14:00", "2027-02-28 14:00", "2027-03-01 14:00"},
		{"2026-08-27 14:00", "2027-02-27 14:00", "2027-02-28 14:00"},
		{"2026-10-31 14:00", "2027-04-30 14:00", "2027-05-01 14:00"},
		{"2026-12-31 14:00", "2027-06-30 14:00", "2027-07-01 14:00"},
		{"2026-05-31 14:00", "2026-11-30 14:00", "2026-12-01 14:00"},
		{"2026-02-28 14:00", "2026-08-28 14:00", "2026-08-29 14:00"},
		{"2028-02-29 14:00", "2028-08-29 14:00", "2028-08-30 14:00"},
		{"2026-07-01 00:00", "2027-01-02 11:59", "2027-01-02 12:00"}, // the figure: noon of the day after
		{"2026-07-01 23:59", "2027-01-02 11:59", "2027-01-02 12:00"},
	} {
		var r account.Rules
		signedIn, on := at(c.signedIn), account.SuspendsOn(at(c.signedIn))
		if !at(c.active).Before(on) || at(c.suspended).Before(on) {
			t.Errorf("SuspendsOn(%s) = %v, want after %s and not after %s", c.signedIn, on, c.active, c.suspended)
		}
		if got := r.Next(account.Warned, signedIn, signedIn.AddDate(0, 5, 20), at(c.active)); got != account.Warned {
			t.Errorf("signed in %s, on %s: %s, want it active, and warned", c.signedIn, c.active, got)
		}
		if got := r.Next(account.Warned, signedIn, signedIn.AddDate(0, 5, 20), at(c.suspended)); got != account.Suspended {
			t.Errorf("signed in %s, on %s: %s, want it suspended", c.signedIn, c.suspended, got)
		}
	}
}

// The date that is told is the date on the wall when it comes, everywhere in Canada, in
// summer and in winter; and a clock that changes in between moves nothing.
//
// Rows: A-131
func TestSuspendsOnOneDateInCanada(t *testing.T) {
	for _, signedIn := range []string{"2026-03-08 06:59", "2026-03-08 07:00", "2026-05-01 05:30", "2026-09-08 03:00", "2026-11-01 05:30", "2026-11-01 06:30"} {
		on := account.SuspendsOn(at(signedIn))
		for _, zone := range []string{"America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Vancouver", "America/Whitehorse"} {
			l, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := on.In(l).Format(time.DateOnly), on.Format(time.DateOnly); got != want {
				t.Errorf("signed in %s: in %s it comes on %s, elsewhere on %s", signedIn, zone, got, want)
			}
			// As a person counts: the day after six months of their own calendar, or one later
			// where UTC had turned the page already when they signed in; never earlier.
			if got := account.SuspendsOn(at(signedIn).In(l)); !got.Equal(on) {
				t.Errorf("the same moment in %s gives %v, want %v", zone, got, on)
			}
		}
	}
}

// SuspendsOn never overflows a month, is never less than six months and hardly more, and
// follows the order of sign-ins.
//
// Rows: A-131, B-041
func TestMonthsNeverOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		signedIn := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		u := signedIn.UTC()
		eve := account.SuspendsOn(signedIn).AddDate(0, 0, -1) // the day of six months
		if got, want := (eve.Year()*12+int(eve.Month()))-(u.Year()*12+int(u.Month())), 6; got != want {
			t.Errorf("signed in %v, six months are %v: %d months", u, eve, got)
		}
		if eve.Day() > u.Day() || eve.Day() < u.Day() && eve.AddDate(0, 0, 1).Day() != 1 {
			t.Errorf("signed in %v, six months are %v", u, eve)
		}
		two := account.RevokesOn(signedIn)
		if two.Year() != u.Year()+2 || two.Month() != u.Month() || two.Day() != u.Day() && (u.Day() != 29 || two.Day() != 28) {
			t.Errorf("used %v, two years are %v", u, two)
		}
		later := signedIn.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "later")))
		if account.SuspendsOn(later).Before(account.SuspendsOn(signedIn)) || account.RevokesOn(later).Before(two) {
			t.Errorf("a later sign-in (%v after %v) ends sooner", later, signedIn)
		}
	})
}

// The warning: seven days before, once, and a sign-in on the last day takes it back (§14).
//
// Rows
func TestNext(t *testing.T) {
	var r account.Rules
	in := at("2026-05-10 14:00")
	on, warn := account.SuspendsOn(in), r.WarnsOn(in)
	if want := at("2026-11-11 12:00"); !on.Equal(want) {
		t.Fatalf("SuspendsOn = %v, want %v", on, want)
	}
	if want := at("2026-11-04 12:00"); !warn.Equal(want) {
		t.Fatalf("WarnsOn = %v, want %v", warn, want)
	}
	never := time.Time{}
	for _, c := range []struct {
		name               string
		state              account.State
		signed, warned, at time.Time
		want               account.State
	}{
		{"fresh", account.Active, in, never, in, account.Active},
		{"the moment before", account.Active, in, never, warn.Add(-1), account.Active},
		{"warned", account.Active, in, never, warn, account.Warned},
		{"warned once", account.Warned, in, warn, warn.Add(time.Hour), account.Warned},
		{"day -1", account.Warned, in, warn, on.AddDate(0, 0, -1), account.Warned},
		{"suspended", account.Warned, in, warn, on, account.Suspended},
		{"years after", account.Warned, in, warn, on.AddDate(3, 0, 0), account.Suspended},
		{"no server ran that week", account.Active, in, never, on, account.Suspended},
		{"signed in on day -1", account.Warned, on.AddDate(0, 0, -1), warn, on, account.Active},
		{"signed in on day -1, told again half a year later", account.Active, on.AddDate(0, 0, -1), warn, r.WarnsOn(on.AddDate(0, 0, -1)), account.Warned},
		{"warned of an earlier time", account.Warned, in, in.AddDate(0, -1, 0), warn, account.Active},
		{"stays suspended", account.Suspended, in, warn, in, account.Suspended},
		{"stays closed", account.Closed, in, never, on, account.Closed},
		{"not taken up", account.Registering, in, never, on.AddDate(1, 0, 0), account.Registering},
	} {
		if got := r.Next(c.state, c.signed, c.warned, c.at); got != c.want {
			t.Errorf("%s: Next(%s) = %s, want %s", c.name, c.state, got, c.want)
		}
	}
	if got := (account.Rules{WarnBefore: 14 * 24 * time.Hour}).WarnsOn(in); !got.Equal(on.AddDate(0, 0, -14)) {
		t.Errorf("a deployment that warns two weeks before warns on %v", got)
	}
}

// Night after night, from the sign-in on: exactly one warning, exactly seven days before,
// then the suspension; each step is one that the table of states allows.
//
// Rows
func TestOneWarning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "in"), 0)
		job := time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute of the job")) * time.Minute
		var r account.Rules
		state, warned := account.Active, time.Time{}
		var warnings, suspensions int
		for night := in.UTC().Truncate(24 * time.Hour).Add(job); night.Before(in.AddDate(0, 8, 0)); night = night.AddDate(0, 0, 1) {
			if night.Before(in) {
				continue
			}
			next := r.Next(state, in, warned, night)
			if next != state && !state.Can(next) {
				t.Fatalf("%s to %s", state, next)
			}
			if next == account.Warned && state != next {
				warnings++
				warned = night
				if left := account.SuspendsOn(in).Sub(night); left > 7*24*time.Hour || left <= 6*24*time.Hour {
					t.Errorf("warned %v before", left)
				}
			}
			if next == account.Suspended && state != next {
				suspensions++
			}
			state = next
		}
		if warnings != 1 || suspensions != 1 || state != account.Suspended {
			t.Errorf("%d warnings, %d suspensions, %s at the end", warnings, suspensions, state)
		}
	})
}

// Two years unused: a day less is usable, the moment itself is not (§14).
//
// Rows: B-041
func TestRevokesOn(t *testing.T) {
	for _, c := range []struct{ used, revoked string }{
		{"2024-11-22 09:30", "2026-11-22 09:30"},
		{"2024-02-29 09:30", "2026-02-28 09:30"},
		{"2026-02-28 09:30", "2028-02-28 09:30"},
		{"2026-12-31 23:59", "2028-12-31 23:59"},
	} {
		on := account.RevokesOn(at(c.used))
		if !on.Equal(at(c.revoked)) {
			t.Errorf("RevokesOn(%s) = %v, want %s", c.used, on, c.revoked)
		}
		if day := at(c.revoked).AddDate(0, 0, -1); !day.Before(on) {
			t.Errorf("used %s: revoked a day early", c.used)
		}
	}
}

// The tables of states: everything that is not said to be possible is not; closed and
// revoked are final.
//
// Rows, B-041
func TestCan(t *testing.T) {
	all := []account.State{account.Registering, account.Active, account.Warned, account.Suspended, account.Closed}
	can := map[[2]account.State]bool{
		{account.Registering, account.Active}: true, {account.Registering, account.Closed}: true,
		{account.Active, account.Warned}: true, {account.Active, account.Suspended}: true, {account.Active, account.Closed}: true,
		{account.Warned, account.Active}: true, {account.Warned, account.Suspended}: true, {account.Warned, account.Closed}: true,
		{account.Suspended, account.Active}: true, {account.Suspended, account.Closed}: true,
	}
	for _, from := range all {
		for _, to := range all {
			if got := from.Can(to); got != can[[2]account.State{from, to}] {
				t.Errorf("%s.Can(%s) = %t", from, to, got)
			}
		}
	}
	if account.State("").Can(account.Active) || account.Active.Can("") {
		t.Error("a state that is none can become one")
	}
	for _, c := range []struct {
		from, to account.CredentialState
		want     bool
	}{
		{account.CredentialActive, account.CredentialRevoked, true},
		{account.CredentialActive, account.CredentialActive, false},
		{account.CredentialRevoked, account.CredentialActive, false},
		{account.CredentialRevoked, account.CredentialRevoked, false},
		{"", account.CredentialActive, false},
	} {
		if got := c.from.Can(c.to); got != c.want {
			t.Errorf("%s.Can(%s) = %t, want %t", c.from, c.to, got, c.want)
		}
	}
}
