package state

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for tests that change clocks on a machine without zones

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// desk1 is accounts with one person at the desk.
type desk1 struct {
	Accounts
	st    session.Standing
	most  int
	locks int
}

func (d *desk1) Standing() session.Standing { return d.st }
func (d *desk1) Deployment(context.Context) (wire.Deployment, error) {
	return wire.Deployment{LockAfter: d.most}, nil
}
func (d *desk1) Lock() {
	d.locks++
	d.st = session.Standing{Mode: session.Locked, Person: d.st.Person}
}

// seated is a desktop with a person at it.
func seated(t *testing.T, most int) (*desktop, *desk1) {
	t.Helper()
	d := newDesktop(t, i18n.English)
	a := &desk1{most: most, st: session.Standing{Mode: session.Online, Person: session.Person{ID: "acct-1", Name: "Ada"}}}
	d.o.Accounts = a
	d.Present.Start()
	d.Lock.Load()
	d.hand.run()
	if !d.Present.Signed() {
		t.Fatal("nobody is at the desk")
	}
	return d, a
}

// wait lets time go by in steps, firing what is due.
func (d *desktop) wait(all, step time.Duration) {
	for ; all > 0; all -= step {
		d.at = d.at.Add(min(step, all))
		d.hand.pass(min(step, all))
		d.hand.run()
	}
}

// TestLockAtN warns two minutes before and locks at the minute that was chosen: not a second
// earlier, whatever time zone changes its clocks meanwhile.
//
// Rows: B-019
func TestLockAtN(t *testing.T) {
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	for _, begin := range []time.Time{noon, time.Date(2026, 11, 1, 1, 50, 0, 0, toronto), time.Date(2027, 3, 14, 1, 50, 0, 0, toronto)} {
		for _, n := range []int{1, 2, 15, 60} {
			d, a := seated(t, 60)
			d.o.Zone = toronto
			d.at = begin
			d.Lock.Set(n)
			d.hand.run()
			whole := time.Duration(n) * time.Minute
			lead := min(2*time.Minute, whole/2)
			d.wait(whole-lead-time.Second, time.Second)
			if d.Lock.Warning {
				t.Fatalf("%d min, from %s: it warns early", n, begin)
			}
			d.wait(time.Second, time.Second)
			if !d.Lock.Warning || d.Lock.Left != lead || a.locks != 0 {
				t.Fatalf("%d min, from %s: warning %v with %v left, want %v", n, begin, d.Lock.Warning, d.Lock.Left, lead)
			}
			d.wait(lead-time.Second, time.Second)
			if a.locks != 0 || d.Lock.Left != time.Second || !strings.Contains(d.Lock.Countdown(), "1 second.") {
				t.Fatalf("%d min: a second before, locks %d, left %v, %q", n, a.locks, d.Lock.Left, d.Lock.Countdown())
			}
			d.wait(time.Second, time.Second)
			if a.locks != 1 || !d.Present.Locked() || d.Lock.Warning {
				t.Errorf("%d min, from %s: at the minute, locks %d, locked %v, still warning %v", n, begin, a.locks, d.Present.Locked(), d.Lock.Warning)
			}
		}
	}
}

// TestStay: activity begins the time again before the warning; during it a key or the button
// does and the pointer does not.
//
// Rows: B-019
func TestStay(t *testing.T) {
	d, a := seated(t, 60)
	told := 0
	d.Lock.Warned = func() { told++ }
	for range 10 {
		d.wait(12*time.Minute, 15*time.Second)
		d.Lock.Touch(false)
	}
	if told != 0 || a.locks != 0 {
		t.Fatalf("with somebody there it warned %d times and locked %d times", told, a.locks)
	}
	d.wait(13*time.Minute+30*time.Second, 15*time.Second)
	d.Lock.Touch(false)
	if !d.Lock.Warning {
		t.Fatal("the pointer ends the warning")
	}
	d.Lock.Touch(true)
	if d.Lock.Warning {
		t.Fatal("a key does not")
	}
	d.wait(14*time.Minute+45*time.Second, 15*time.Second)
	d.Lock.Stay()
	d.wait(12*time.Minute, 15*time.Second)
	if a.locks != 0 || d.Lock.Warning {
		t.Errorf("after staying: locks %d, warning %v", a.locks, d.Lock.Warning)
	}
	if told < 4 {
		t.Errorf("the window was told %d times", told)
	}
}

// TestSleeper: a computer that slept past the time is locked as soon as it wakes, by its own
// tick or by the first key, which is not an activity then. A clock that is set back locks
// nobody in for longer.
//
// Rows: B-019
func TestSleeper(t *testing.T) {
	d, a := seated(t, 60)
	d.at = d.at.Add(3 * time.Hour)
	d.Lock.Touch(true)
	if !d.Present.Locked() {
		t.Error("the first key after the sleep finds the window open")
	}
	d.hand.run()
	if a.locks != 1 {
		t.Error("the first key after the sleep is taken for activity")
	}
	d, a = seated(t, 60)
	d.at = d.at.Add(3 * time.Hour)
	d.hand.pass(lookEvery)
	d.hand.run()
	if a.locks != 1 {
		t.Error("the tick after the sleep does not lock")
	}
	d, a = seated(t, 60)
	d.Lock.Touch(true)
	d.at = d.at.Add(-2 * time.Hour)
	d.wait(15*time.Minute+lookEvery, lookEvery)
	if a.locks != 1 {
		t.Errorf("with a clock that was set back it locked %d times", a.locks)
	}
}

// TestLockMost: what is chosen stays within what the deployment allows, is kept for the
// computer, and nobody at the desk locks nothing.
//
// Rows: B-019
func TestLockMost(t *testing.T) {
	d, a := seated(t, 10)
	if d.Lock.After != 10*time.Minute || slices.Max(d.Lock.Choices()) != 10 {
		t.Errorf("locks after %v, offers %v", d.Lock.After, d.Lock.Choices())
	}
	d.Lock.Set(60)
	if d.Lock.After != 10*time.Minute {
		t.Errorf("60 chosen: %v", d.Lock.After)
	}
	d.Lock.Set(2)
	d.hand.run()
	if v, err := d.home.Setting(context.Background(), cache.LockAfter); err != nil || v != "2" || d.Lock.After != 2*time.Minute {
		t.Errorf("2 chosen: %v, kept as %q, %v", d.Lock.After, v, err)
	}
	a.st = session.Standing{}
	d.Present.Look()
	d.hand.run()
	d.wait(time.Hour, time.Minute)
	if a.locks != 0 || d.Lock.Warning {
		t.Errorf("nobody is here: locks %d, warning %v", a.locks, d.Lock.Warning)
	}
}

// TestPlace reads links, and nothing that is not one.
//
// Rows: B-014
func TestPlace(t *testing.T) {
	for link, want := range map[string]Target{
		"app://account":         {Screen: "me", Private: true},
		"app://account/devices": {Screen: "me", Part: "devices", Private: true},
		"app://Account/Devices": {Screen: "me", Part: "devices", Private: true},
		"app://saved/":          {Screen: "saved", Private: true},
		"app://search":          {Screen: "search"},
	} {
		if got, ok := Place(link); !ok || got != want {
			t.Errorf("Place(%q) = %+v, %v; want %+v", link, got, ok, want)
		}
	}
	for _, link := range []string{"", "app:", "app://", "app://nowhere", "https://account", "app://account/a/b", "app://account?x", "app://account#x",
		"app://u@account", "app://account:80", "app://account/" + strings.Repeat("x", 40), "\x00", "app://%zz"} {
		if got, ok := Place(link); ok {
			t.Errorf("Place(%q) = %+v, want nothing", link, got)
		}
	}
}

// FuzzPlace: whatever a link says, it names a screen of the table or nothing.
func FuzzPlace(f *testing.F) {
	f.Add("app://account/devices")
	f.Fuzz(func(t *testing.T, link string) {
		at, ok := Place(link)
		if !ok {
			return
		}
		for _, p := range places {
			if p.Screen == at.Screen && p.Private == at.Private && !strings.ContainsAny(at.Part, "/\\ .") {
				return
			}
		}
		t.Errorf("Place(%q) = %+v", link, at)
	})
}

// TestLastState tells the last known state of an account: a suspension that is newer than
// what the account page holds is not hidden by it.
//
// Rows: A-133
func TestLastState(t *testing.T) {
	d, a := seated(t, 60)
	d.Me.Account, d.Me.Known, d.Me.Fresh = wire.Me{Account: "acct-1", State: account.Active}, true, false
	a.st.Person.State = account.Suspended
	d.Present.Look()
	d.hand.run()
	if !d.Me.Suspended() || d.Me.Can() {
		t.Errorf("suspended %v, can %v", d.Me.Suspended(), d.Me.Can())
	}
	d.Me.Fresh = true
	if d.Me.Suspended() {
		t.Error("what the server says now is older news")
	}
}

// SignOut ends the stay, as a keeper does: at once, and nobody is there.
func (d *desk1) SignOut(context.Context, bool) error {
	d.st = session.Standing{}
	return nil
}

// TestToldLast tells of an act once the screens are those of who is there now: what was said
// before went with the screens of whoever had left.
func TestToldLast(t *testing.T) {
	d, _ := seated(t, 60)
	said, moved := false, 0
	d.Present.Moved = func(bool) {
		moved++
		if said {
			t.Error("it was said before the screens were put away")
		}
	}
	d.Present.SignOut(false, func(err error) {
		if said = true; err != nil || d.Present.Signed() {
			t.Errorf("SignOut: %v, signed in %v", err, d.Present.Signed())
		}
	})
	d.hand.run()
	if !said || moved == 0 {
		t.Errorf("said %v, moved %d times", said, moved)
	}
}
