package account_test

import (
	"testing"
	"time"

	"passerelle/store/account"
)

// A session ends when nobody renews it, and in any case after its whole life; that of the
// portal after minutes.
//
// Rows: B-019
func TestSessionEnds(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		policy      account.Policy
		seen        time.Duration // after it was opened
		idle, until time.Duration
	}{
		{account.Questions, 0, 30 * day, 180 * day},
		{account.Questions, 149 * day, 179 * day, 180 * day},
		{account.Questions, 151 * day, 180 * day, 180 * day}, // never after the end
		{account.TwoFactor, 0, 15 * time.Minute, 12 * time.Hour},
		{account.TwoFactor, 11 * time.Hour, 11*time.Hour + 15*time.Minute, 12 * time.Hour},
		{account.TwoFactor, 12*time.Hour - time.Minute, 12 * time.Hour, 12 * time.Hour},
		{"", 0, 15 * time.Minute, 12 * time.Hour}, // what is not known lives the shorter
	} {
		idle, until := (account.Rules{}).SessionEnds(c.policy, now, now.Add(c.seen))
		if !idle.Equal(now.Add(c.idle)) || !until.Equal(now.Add(c.until)) {
			t.Errorf("%q seen after %v: ends %v and %v, want %v and %v", c.policy, c.seen, idle.Sub(now), until.Sub(now), c.idle, c.until)
		}
	}
	idle, until := (account.Rules{PortalIdle: time.Minute, PortalAbsolute: time.Hour}).SessionEnds(account.TwoFactor, now, now)
	if idle.Sub(now) != time.Minute || until.Sub(now) != time.Hour {
		t.Errorf("a deployment's own: %v and %v", idle.Sub(now), until.Sub(now))
	}
}

// Twelve hours are twelve hours over a night when the clocks change.
//
// Rows: B-019
func TestSessionEndsOverDST(t *testing.T) {
	l, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	for _, eve := range []time.Time{time.Date(2026, 3, 7, 22, 0, 0, 0, l), time.Date(2026, 10, 31, 22, 0, 0, 0, l)} {
		if _, until := (account.Rules{}).SessionEnds(account.TwoFactor, eve, eve); until.Sub(eve) != 12*time.Hour {
			t.Errorf("opened %v, ends after %v", eve, until.Sub(eve))
		}
	}
}

// Rows: B-032
func TestFresh(t *testing.T) {
	var r account.Rules
	for since, want := range map[time.Duration]bool{0: true, 5*time.Minute - 1: true, 5 * time.Minute: false, time.Hour: false} {
		if got := r.Fresh(now.Add(-since), now); got != want {
			t.Errorf("a factor %v ago is fresh: %t, want %t", since, got, want)
		}
	}
	if r.Fresh(time.Time{}, now) || r.Fresh(time.Time{}, time.Time{}) {
		t.Error("a factor that was never shown is fresh")
	}
}

// The strongest policy that a role wants, and which opens which.
//
// Rows, B-030
func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		roles []account.Role
		want  account.Policy
	}{
		{nil, account.Questions},
		{[]account.Role{account.Counsellor}, account.TwoFactor},
		{[]account.Role{account.Agent}, account.TwoFactor},
		{[]account.Role{account.Counsellor, account.Agent}, account.TwoFactor},
	} {
		if got := account.PolicyOf(c.roles); got != c.want {
			t.Errorf("PolicyOf(%v) = %s, want %s", c.roles, got, c.want)
		}
	}
	for _, c := range []struct {
		has, wants account.Policy
		want       bool
	}{
		{account.TwoFactor, account.TwoFactor, true},
		{account.TwoFactor, account.Questions, true},
		{account.Questions, account.Questions, true},
		{account.Questions, account.TwoFactor, false},
		{"", account.Questions, false},
		{"", account.TwoFactor, false},
		{"", "", true},
		{account.Questions, "", true},
	} {
		if got := c.has.Opens(c.wants); got != c.want {
			t.Errorf("%q.Opens(%q) = %t, want %t", c.has, c.wants, got, c.want)
		}
	}
}
