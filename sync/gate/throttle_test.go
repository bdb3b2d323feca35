package gate

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// Rows: B-017
func TestTriesAreCountedBeforeTheyAreMade(t *testing.T) {
	w := settle(t)
	key := w.g.byAccount("somebody")
	const many = 40
	var (
		wg      sync.WaitGroup
		allowed atomic.Int64
	)
	for range many {
		wg.Go(func() {
			switch err := w.g.attempt(t.Context(), w.now, key); codeOf(t, err) {
			case "":
				allowed.Add(1)
			case "too_many_attempts":
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 5 {
		t.Errorf("%d of %d at once were allowed, want 5", n, many)
	}
}

// The wait grows, ends, survives a restart, and is over for good after a quiet day.
//
// Rows: B-017
func TestWaits(t *testing.T) {
	w := settle(t)
	key := w.g.byAccount("somebody")
	try := func() (wait time.Duration) {
		err := w.g.attempt(t.Context(), w.now, key)
		if err != nil {
			return wantRefused(t, "attempt", err, "too_many_attempts").After
		}
		return 0
	}
	for n := range 5 {
		if wait := try(); wait != 0 {
			t.Fatalf("try %d waits %v", n+1, wait)
		}
	}
	for _, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute,
		15 * time.Minute, 15 * time.Minute} {
		if got := try(); got != want {
			t.Errorf("waits %v, want %v", got, want)
		}
		g, err := New(w.g.o) // a server that starts again
		if err != nil {
			t.Fatal(err)
		}
		w.g = g
		w.wait(want - time.Millisecond)
		if got := try(); got != time.Millisecond {
			t.Errorf("a millisecond before the end waits %v", got)
		}
		w.wait(time.Millisecond)
		if got := try(); got != 0 {
			t.Errorf("after the wait it waits %v", got)
		}
	}
	w.wait(24 * time.Hour)
	for n := range 5 {
		if wait := try(); wait != 0 {
			t.Errorf("after a quiet day, try %d waits %v", n+1, wait)
		}
	}
}

// A library where many sign in is never slow; one who fails there is, and an account of
// one's own wipes nothing.
//
// Rows: B-017
func TestAnAddressCountsFailuresAlone(t *testing.T) {
	w := settle(t)
	home := w.g.byAddress("192.0.2.1")
	succeed := func(n int) {
		t.Helper()
		own := w.g.byAccount(fmt.Sprint("person", n))
		if err := w.g.attempt(t.Context(), w.now, own, home); err != nil {
			t.Fatalf("sign-in %d from the library: %v", n, err)
		}
		if err := w.l.Update(t.Context(), func(tx *ledger.Tx) error { return w.g.succeeded(t.Context(), tx, own, home) }); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 100 {
		succeed(n)
	}
	failed := 0
	for n := range 100 {
		if err := w.g.attempt(t.Context(), w.now, w.g.byAccount(fmt.Sprint("victim", n)), home); err != nil {
			break
		}
		if failed++; failed < 20 {
			succeed(1000 + n)
		}
	}
	if failed != 20 {
		t.Errorf("%d tries at other people's accounts with a sign-in of one's own between, want 20", failed)
	}
}

// A thousand wrong passwords from fifty addresses do not get in, and the owner gets in soon
// after: nobody can lock somebody else's account for good.
//
// Rows: B-017
func TestAThousandWrongPasswords(t *testing.T) {
	w := settle(t)
	w.register(ada)
	owner := w.from
	tried := 0
	for n := range 1000 {
		w.from = fmt.Sprintf("198.51.100.%d", n%50)
		w.wait(7 * time.Second)
		y := w.begin(account.SignIn, "fr")
		_, err := w.g.Step(t.Context(), y.token, account.StepPassword, wire.Answer{Email: ada.email, Password: fmt.Sprint("rivière lente ", 1000+n)}, w.from, w.now)
		switch codeOf(t, err) {
		case "credentials":
			tried++
		case "too_many_attempts":
		default:
			t.Fatalf("wrong password %d: %v", n, err)
		}
	}
	if tried < 5 || tried > 25 {
		t.Errorf("%d of 1,000 passwords were looked at, want few", tried)
	}
	w.from = owner
	y := w.begin(account.SignIn, "fr")
	right := wire.Answer{Email: ada.email, Password: ada.password}
	no := y.refused(right, "too_many_attempts") // the right one, too, while it waits
	if no.After <= 0 || no.After > 15*time.Minute {
		t.Errorf("the owner waits %v", no.After)
	}
	w.wait(no.After)
	y.step(right, account.StepQuestion)
	y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepDone)
}

// While somebody tries without end, from wherever they like, the owner comes in at home, as
// often as they want; and an address where the owner was is worth no more than five tries to
// a stranger who shares it.
//
// Rows: B-017
func TestTheOwnerComesInDuringAnAttack(t *testing.T) {
	w := settle(t)
	w.register(ada)
	w.signIn(ada)
	home := w.from
	wrong := func(from string) string {
		t.Helper()
		w.from = from
		y := w.begin(account.SignIn, "fr")
		_, err := w.g.Step(t.Context(), y.token, account.StepPassword, wire.Answer{Email: ada.email, Password: "rivière sèche 7"}, w.from, w.now)
		w.from = home
		return codeOf(t, err)
	}
	for n := range 200 {
		w.wait(20 * time.Second)
		wrong(fmt.Sprintf("198.51.100.%d", n%50))
		if n%40 == 39 {
			w.signIn(ada)
		}
	}
	if got := wrong("203.0.113.9"); got != "too_many_attempts" {
		t.Errorf("a wrong password from a new address: %q, want it to wait although the owner came in", got)
	}
	looked := 0
	for range 20 {
		if wrong(home) == "credentials" {
			looked++
		}
	}
	if looked != 5 {
		t.Errorf("%d tries from the owner's own address, want 5", looked)
	}
}
