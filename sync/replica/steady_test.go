package replica_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// chair is a desk where every sync is noted: when it began, and of whose turn it was.
type chair struct {
	mu      sync.Mutex
	turn    int
	may     error
	err     error
	takes   time.Duration
	tally   cache.Tally
	began   []time.Time
	turns   []int
	running int
	most    int
	cut     int // syncs that were stopped
	heard   int // channels of hints that were opened
	listens int // that are open
	hints   func(ctx context.Context, advanced func()) error
}

func (c *chair) Turn(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turn, c.may
}

func (c *chair) Sync(ctx context.Context, turn int) error {
	c.mu.Lock()
	c.began, c.turns = append(c.began, time.Now()), append(c.turns, turn)
	c.running++
	c.most = max(c.most, c.running)
	takes, err := c.takes, c.err
	c.mu.Unlock()
	cut := false
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		cut, err = true, ctx.Err()
		time.Sleep(time.Second) // what is under way takes a while to stop
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	if cut {
		c.cut++
	}
	return err
}

func (c *chair) Hints(ctx context.Context, _ int, advanced func()) error {
	c.mu.Lock()
	c.heard++
	c.listens++
	f := c.hints
	c.mu.Unlock()
	defer c.set(func() { c.listens-- })
	if f != nil {
		return f(ctx, advanced)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (c *chair) Count(context.Context, int) (cache.Tally, []cache.Cursor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tally, nil, nil
}

func (c *chair) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// syncs forgets those that were noted, and gives them.
func (c *chair) syncs() []time.Time {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.began
	c.began = nil
	return was
}

// channels is how many channels of hints were opened, open how many are, atOnce how many
// syncs ran side by side.
func (c *chair) channels() (n int) { c.set(func() { n = c.heard }); return n }
func (c *chair) open() (n int)     { c.set(func() { n = c.listens }); return n }
func (c *chair) atOnce() (n int)   { c.set(func() { n = c.most }); return n }

// keep runs a Keeping until the test ends.
func keep(t *testing.T, c *chair) *replica.Keeping {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	k := replica.NewKeeping(c, replica.KeepingOptions{Rand: func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64()
	}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = k.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return k
}

// What calls for a sync: the start, two seconds of quiet after a write, a hint, a network
// that is back, somebody who asks, and every few minutes nothing at all.
func TestKeepingIsCalledFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{tally: cache.Tally{Parked: 1, Conflicts: 2}}
		began := time.Now()
		k := keep(t, c)
		if at := c.syncs(); len(at) != 1 || at[0].After(began) {
			t.Fatalf("at the start: %v, want one at once", at)
		}
		st := k.Status()
		if !st.Last.Equal(began) || st.Err != nil || st.Parked != 1 || st.Conflicts != 2 || st.Working || st.Next.Before(began.Add(2*time.Minute)) {
			t.Errorf("status %+v", st)
		}
		within := func(what string, least, most time.Duration) {
			t.Helper()
			from := time.Now()
			time.Sleep(most)
			at := c.syncs()
			if len(at) != 1 || at[0].Sub(from) < least {
				t.Fatalf("after %s: %v, want one from %v to %v after %v", what, at, least, most, from)
			}
		}
		within("nothing", 3*time.Minute, 7*time.Minute)
		for range 3 {
			k.Kick(replica.Wrote)
			time.Sleep(1500 * time.Millisecond)
		}
		within("writes", 0, 500*time.Millisecond)
		k.Kick(replica.Wrote)
		within("a write", 2*time.Second, 2*time.Second)
		for range 20 {
			k.Kick(replica.Wrote)
			time.Sleep(time.Second)
		}
		if at := c.syncs(); len(at) < 1 || len(at) > 2 {
			t.Errorf("while somebody types for 20 s: %d syncs, want one every 10 s", len(at))
		}
		time.Sleep(5 * time.Second)
		c.syncs()
		for range 5 {
			k.Kick(replica.Hinted)
		}
		within("hints", 0, 2*time.Second)
		k.Kick(replica.Reconnected)
		within("the network", 0, 2*time.Second)
		k.Kick(replica.Asked)
		within("a person", 0, 0)
	})
}

// A server that is not reached is asked less and less often, never at the same moment by
// all; a person is asked at once, a network that is back is tried, and what the server asks
// for is kept to by all but the person.
//
// Rows: B-018
func TestKeepingBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{err: fmt.Errorf("pull: %w", wire.ErrOffline), tally: cache.Tally{Waiting: 3}}
		k := keep(t, c)
		began := time.Now()
		time.Sleep(24 * time.Hour)
		at := c.syncs()
		if len(at) < 100 || len(at) > 300 { // a mean of half of 15 minutes
			t.Errorf("%d tries in a day, want one every quarter of an hour at most and half that on the average", len(at))
		}
		for i := 1; i < len(at); i++ {
			if d := at[i].Sub(at[i-1]); d < time.Second || d > 15*time.Minute {
				t.Errorf("try %d is %v after the one before, %v after the start", i, d, at[i].Sub(began))
			}
		}
		if st := k.Status(); !errors.Is(st.Err, wire.ErrOffline) || st.Waiting != 3 || st.Next.IsZero() || !st.Last.IsZero() || c.channels() != 0 {
			t.Errorf("status %+v, %d channels", st, c.channels())
		}
		c.set(func() { c.err = &wire.Down{Code: wire.Maintenance, After: time.Hour} })
		if err := k.Sync(t.Context()); !errors.Is(err, wire.ErrDown) {
			t.Errorf("a person who asks is told %v, want ErrDown", err)
		}
		began = time.Now()
		c.syncs()
		for range 6 {
			time.Sleep(9 * time.Minute)
			for _, why := range []replica.Cause{replica.Wrote, replica.Hinted, replica.Reconnected, replica.Started} {
				k.Kick(why)
			}
		}
		if at := c.syncs(); len(at) != 0 {
			t.Errorf("%d tries before what the server asked for was over", len(at))
		}
		if st := k.Status(); st.Next.Before(began.Add(time.Hour)) || !errors.Is(st.Err, wire.ErrDown) {
			t.Errorf("status %+v", st)
		}
		k.Kick(replica.Asked)
		if at := c.syncs(); len(at) != 1 {
			t.Errorf("%d tries when a person asked, want one", len(at))
		}
		c.set(func() { c.err = nil })
		time.Sleep(time.Hour + 15*time.Minute)
		if st := k.Status(); st.Err != nil || st.Last.IsZero() || len(c.syncs()) == 0 {
			t.Errorf("after the maintenance: %+v", st)
		}
		c.set(func() { c.err = fmt.Errorf("push: %w", &wire.Refused{Code: wire.TooMany, After: 20 * time.Minute}) })
		_ = k.Sync(t.Context())
		c.syncs()
		time.Sleep(20*time.Minute - time.Second)
		if at := c.syncs(); len(at) != 0 {
			t.Errorf("%d tries before a 429 was over", len(at))
		}
		c.set(func() { c.err = wire.ErrOffline })
		for range 8 {
			_ = k.Sync(t.Context())
		}
		c.set(func() { c.err = nil })
		c.syncs()
		from := time.Now()
		k.Kick(replica.Reconnected)
		time.Sleep(2 * time.Second)
		if at := c.syncs(); len(at) == 0 || at[0].Sub(from) > 2*time.Second {
			t.Errorf("after the network came back: %v", at)
		}
	})
}

// Nothing is asked of anyone while nobody is signed in, the desk is locked, there is no
// server, the session is over, or the person wants to be asked.
//
// Rows: X-047
func TestKeepingIsQuiet(t *testing.T) {
	for _, may := range []error{replica.ErrNobody, replica.ErrNoServer, replica.ErrSignIn, replica.ErrByHand, wire.ErrOffline} {
		synctest.Test(t, func(t *testing.T) {
			c := &chair{may: may, tally: cache.Tally{Waiting: 2}}
			k := keep(t, c)
			for range 60 {
				for _, why := range []replica.Cause{replica.Started, replica.Wrote, replica.Hinted, replica.Reconnected} {
					k.Kick(why)
				}
				time.Sleep(time.Minute)
			}
			if at := c.syncs(); len(at) != 0 || c.channels() != 0 {
				t.Errorf("%v: %d syncs and %d channels in an hour, want none", may, len(at), c.channels())
			}
			st := k.Status()
			switch {
			case errors.Is(may, replica.ErrNobody):
				if st.Waiting != 0 || st.Err != nil {
					t.Errorf("of nobody: %+v", st)
				}
			case errors.Is(may, replica.ErrByHand):
				if st.Waiting != 2 || st.Err != nil {
					t.Errorf("by hand: %+v", st)
				}
				if err := k.Sync(t.Context()); err != nil || len(c.syncs()) != 1 {
					t.Errorf("by hand, when asked: %v", err)
				}
			default:
				if st.Waiting != 2 || !errors.Is(st.Err, may) {
					t.Errorf("%v: %+v; what waits is told, and why", may, st)
				}
				if err := k.Sync(t.Context()); !errors.Is(err, may) || len(c.syncs()) != 0 {
					t.Errorf("%v, when asked: %v", may, err)
				}
			}
			c.set(func() { c.may = nil })
			k.Kick(replica.Started)
			if n := len(c.syncs()); n != 1 {
				t.Errorf("%v is over: %d syncs, want one", may, n)
			}
			synctest.Wait()
			c.set(func() { c.may = may })
			k.Kick(replica.Started)
			synctest.Wait()
			if c.open() != 0 {
				t.Errorf("%v again: the channel of hints is open", may)
			}
		})
	}
}

// Somebody locks, leaves or makes room for somebody else in the middle of a sync: it is
// stopped, its end is waited for, nothing of it is shown, and who asked for it is told.
//
// Rows: X-059
func TestKeepingOfTwoPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{turn: 1, takes: time.Minute, tally: cache.Tally{Waiting: 5, Conflicts: 1}}
		k := keep(t, c)
		shown := 0
		defer k.Watch(func() { shown++ })()
		asked := make(chan error, 1)
		synctest.Wait()
		go func() { asked <- k.Sync(t.Context()) }()
		time.Sleep(30 * time.Second)
		if st := k.Status(); !st.Working || st.Waiting != 5 {
			t.Fatalf("status %+v", st)
		}
		c.set(func() { c.turn, c.tally = 2, cache.Tally{Waiting: 1} })
		k.Kick(replica.Started)
		synctest.Wait()
		if st := k.Status(); st.Waiting != 0 || st.Conflicts != 0 || st.Working {
			t.Errorf("while the first one's ends: %+v", st)
		}
		time.Sleep(2 * time.Second)
		if st := k.Status(); !st.Working || st.Waiting != 1 || !st.Last.IsZero() {
			t.Errorf("the second one's: %+v", st)
		}
		if err := <-asked; !errors.Is(err, replica.ErrSwitched) {
			t.Errorf("who asked was told %v", err)
		}
		time.Sleep(10 * time.Second)
		c.set(func() { c.turn, c.may = 3, replica.ErrNobody }) // locked
		k.Kick(replica.Started)
		time.Sleep(time.Hour)
		if st := k.Status(); st.Working || st.Waiting != 0 || st.Err != nil || !st.Next.IsZero() {
			t.Errorf("locked: %+v", st)
		}
		c.set(func() {
			if !slices.Equal(c.turns, []int{1, 2}) || c.most != 1 || c.cut != 2 {
				t.Errorf("syncs of turns %v, %d at once, %d stopped", c.turns, c.most, c.cut)
			}
		})
		if shown == 0 {
			t.Error("nothing was told")
		}
	})
}

// Whatever calls for a sync and however long one takes, there is one at a time, and every
// write is followed by one that began after it.
//
// Rows: X-013
func TestKeepingOneAtATime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		type step struct {
			wait  time.Duration
			why   replica.Cause
			takes time.Duration
			err   error
		}
		var steps []step
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			steps = append(steps, step{
				time.Duration(rapid.IntRange(0, 20_000).Draw(r, "wait")) * time.Millisecond,
				rapid.SampledFrom([]replica.Cause{replica.Wrote, replica.Hinted, replica.Asked, replica.Reconnected, replica.Started}).Draw(r, "why"),
				time.Duration(rapid.IntRange(0, 30_000).Draw(r, "takes")) * time.Millisecond,
				rapid.SampledFrom([]error{nil, nil, wire.ErrOffline}).Draw(r, "err"),
			})
		}
		synctest.Test(t, func(t *testing.T) {
			c := &chair{}
			k := keep(t, c)
			var wrote time.Time
			for _, s := range steps {
				time.Sleep(s.wait)
				c.set(func() { c.takes, c.err = s.takes, s.err })
				if s.why == replica.Wrote {
					wrote = time.Now()
				}
				k.Kick(s.why)
			}
			c.set(func() { c.err, c.takes = nil, 0 })
			time.Sleep(15 * time.Minute)
			at := c.syncs()
			if most := c.atOnce(); most != 1 {
				t.Errorf("%d syncs at once", most)
			}
			if last := at[len(at)-1]; last.Before(wrote) {
				t.Errorf("written at %v, last synced at %v", wrote, last)
			}
			if st := k.Status(); st.Err != nil || st.Working || st.Last.Before(wrote) {
				t.Errorf("status %+v", st)
			}
		})
	})
}

// The channel of hints is open while the server is reached. One that breaks is opened again
// by the next sync that succeeds, soon after a good one, rarely after one that is of no use.
func TestKeepingListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hint := make(chan bool)
		c := &chair{hints: func(ctx context.Context, advanced func()) error {
			advanced()
			for {
				select {
				case more := <-hint:
					if !more {
						return wire.ErrOffline
					}
					advanced()
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}}
		k := keep(t, c)
		time.Sleep(2 * time.Second)
		if at := c.syncs(); len(at) != 2 || !k.Status().Live { // something may have happened before it was open
			t.Fatalf("%d syncs, %+v", len(at), k.Status())
		}
		hint <- true
		time.Sleep(2 * time.Second)
		if at := c.syncs(); len(at) != 1 {
			t.Errorf("after a hint: %d syncs", len(at))
		}
		time.Sleep(10 * time.Minute)
		c.syncs()
		hint <- false
		synctest.Wait()
		if k.Status().Live {
			t.Error("live without a channel")
		}
		time.Sleep(12 * time.Second)
		if at := c.syncs(); len(at) != 2 || c.channels() != 2 || !k.Status().Live {
			t.Errorf("after it broke: %d syncs, %d channels", len(at), c.channels())
		}
		c.set(func() { c.hints = func(context.Context, func()) error { return wire.ErrMissing } })
		time.Sleep(time.Minute)
		hint <- false
		time.Sleep(time.Hour)
		n := len(c.syncs())
		if c.channels() > 12 || n > 22 {
			t.Errorf("a server without hints: %d channels and %d syncs in an hour", c.channels()-2, n)
		}
		before := c.channels()
		time.Sleep(24 * time.Hour)
		if more := c.channels() - before; more > 100 {
			t.Errorf("a server without hints is asked for them %d times a day", more)
		}
	})
}

// What could not leave yet is tried again before the next poll, less and less often.
func TestKeepingOfWhatIsPutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{tally: cache.Tally{Waiting: 1}}
		keep(t, c)
		time.Sleep(time.Minute)
		if at := c.syncs(); len(at) != 3 {
			t.Errorf("%d syncs in the first minute, want at 0, 20 and 60 s", len(at))
		}
		time.Sleep(time.Hour)
		if at := c.syncs(); len(at) < 8 || len(at) > 25 {
			t.Errorf("%d syncs in an hour", len(at))
		}
	})
}
