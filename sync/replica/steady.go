package replica

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"passerelle/store/cache"
	"passerelle/sync/tell"
	"passerelle/sync/wire"
)

// Cause is why a sync is asked for.
type Cause string

// Causes.
const (
	Started     Cause = "start" // and whenever what decides on it may have changed: a setting, a session
	Wrote       Cause = "write"
	Hinted      Cause = "hint"
	Reconnected Cause = "reconnect"
	Asked       Cause = "asked" // by a person, who does not wait for a backoff
)

// Steady is how a person's records stand beside the server's.
type Steady struct {
	Working bool
	Last    time.Time // when all was in step last; zero: never
	Next    time.Time // when it is tried again; zero: when something calls for it
	// Err is of the last try, as of Private.Sync; or says why nothing is tried: ErrSignIn,
	// ErrNoServer, wire.ErrOffline. nil: none.
	Err       error
	Waiting   int            // mutations that have not been answered
	Parked    int            // those that the server refused: they wait for the person
	Conflicts int            // fields that wait for the person
	Parts     []cache.Cursor // with the age of each partition
	Live      bool           // the server tells at once when something advanced
}

// Why nothing is synced, besides ErrSignIn, ErrNoServer and wire.ErrOffline.
var (
	ErrNobody = errors.New("nobody is unlocked here")
	ErrByHand = errors.New("synced only when asked")
	ErrIdle   = errors.New("nothing syncs records here")
)

// Seat is the desk at which somebody works, or nobody.
type Seat interface {
	// Turn numbers whose turn it is: the number changes with every person and every lock.
	// may is nil when their records may be synced by themselves, ErrByHand when only if
	// somebody asks, and else why they cannot be.
	Turn(ctx context.Context) (n int, may error)
	// Sync brings the records of a turn in step, as [Private.Sync].
	Sync(ctx context.Context, turn int) error
	// Hints waits for the server to say that something advanced, always ending in an error.
	Hints(ctx context.Context, turn int, advanced func()) error
	// Count looks at what is kept here, and asks no server.
	Count(ctx context.Context, turn int) (cache.Tally, []cache.Cursor, error)
}

// When records are synced.
const (
	every      = 5 * time.Minute  // without anything that calls for it; a third of it more or less
	afterWrite = 2 * time.Second  // after the last of several
	writeMost  = 10 * time.Second // after the first of them
	afterHint  = 2 * time.Second  // at most: many desks hear the same
	afterLive  = 10 * time.Second // at most, after the channel of hints broke: so do many desks
	lagging    = 20 * time.Second // when something could not leave yet; doubled up to every
	firstRetry = 5 * time.Second  // bound of the first wait after a failure; doubled at each
	lastRetry  = 15 * time.Minute
	leastRetry = time.Second
	written    = 200 * time.Millisecond // until what a write says is in the file, and can be counted
	goodHint   = time.Minute            // a channel of hints that held so long is opened again at once
	noHint     = 30 * time.Second
	noHintMost = 30 * time.Minute
)

// KeepingOptions have a useful zero value.
type KeepingOptions struct {
	Rand func() float64   // in [0, 1); nil: math/rand
	Now  func() time.Time // nil: time.Now. Told to people, decides nothing
	Log  *slog.Logger     // nil: none
}

// Keeping keeps the records of whoever is at a desk in step, in the background: one sync at a
// time, when something calls for it and every few minutes, later each time while the server
// is not reached. Nothing is asked of anyone while nobody is signed in, unlocked and allowed
// to. Begin with [NewKeeping] and run it.
type Keeping struct {
	seat Seat
	o    KeepingOptions
	wake chan struct{}

	watchers tell.Watchers

	mu     sync.Mutex
	runs   bool
	st     Steady
	causes map[Cause]bool
	asking []chan error
}

// NewKeeping makes one that waits for Run.
func NewKeeping(seat Seat, o KeepingOptions) *Keeping {
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeping{seat: seat, o: o, wake: make(chan struct{}, 1), causes: map[Cause]bool{}}
}

// Status tells how it stands.
func (k *Keeping) Status() Steady {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.st
}

// Watch calls f, on any goroutine, whenever the status has changed or a sync has ended,
// until stop. f is quick.
func (k *Keeping) Watch(f func()) (stop func()) {
	return k.watchers.Watch(f)
}

// Kick says that something calls for a sync. It is quick.
func (k *Keeping) Kick(why Cause) {
	k.mu.Lock()
	k.causes[why] = true
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Sync asks for a sync and waits for its end, or says why there is none: ErrIdle, too.
func (k *Keeping) Sync(ctx context.Context) error {
	end := make(chan error, 1)
	k.mu.Lock()
	if !k.runs {
		k.mu.Unlock()
		return ErrIdle
	}
	k.asking = append(k.asking, end)
	k.mu.Unlock()
	k.Kick(Asked)
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run keeps them in step until ctx ends.
func (k *Keeping) Run(ctx context.Context) error {
	k.mu.Lock()
	k.runs = true
	k.mu.Unlock()
	s := k.sit(ctx, nil)
	defer func() {
		k.mu.Lock()
		k.runs = false
		k.mu.Unlock()
		s.end(ctx.Err())
		k.answer(k.take(), ErrIdle)
	}()
	for {
		t := time.NewTimer(time.Hour)
		if at := first(s.due(), s.tally); !at.IsZero() {
			t.Reset(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.wake:
			s = k.sit(ctx, s)
		case <-t.C:
			if now := time.Now(); !s.tally.IsZero() && !now.Before(s.tally) {
				s.count()
			}
			if at := s.due(); !at.IsZero() && !time.Now().Before(at) {
				s.begin()
			}
		case err := <-s.done:
			s.ended(err)
		case err := <-s.deaf:
			s.unheard(err)
		}
		t.Stop()
		s.show(nil)
	}
}

// sitting is what Run knows of one turn.
type sitting struct {
	*Keeping
	ctx  context.Context // of the turn
	stop context.CancelFunc
	g    sync.WaitGroup
	turn int
	may  error

	asked   bool      // by a person
	poll    time.Time // the next by itself; after a failure the only one
	write   time.Time
	written time.Time // the first of several writes
	hint    time.Time
	hold    time.Time // the server asked not to be asked before
	fails   int
	lag     int

	tally time.Time // when what waits is counted again

	working bool
	done    chan error
	answer  []chan error // to whoever asked for the sync that runs

	listens bool
	mute    context.CancelFunc
	live    atomic.Bool
	since   time.Time
	deaf    chan error
	silent  int       // channels of hints in a row that were of no use
	quiet   time.Time // none is opened before
}

// sit looks at whose turn it is, and at what calls for a sync.
func (k *Keeping) sit(ctx context.Context, s *sitting) *sitting {
	n, may := k.seat.Turn(ctx)
	if s == nil || n != s.turn {
		if s != nil {
			k.show(Steady{}) // nothing of one person stays for the next
			s.end(ErrSwitched)
		}
		s = &sitting{Keeping: k, turn: n, may: ErrNobody, done: make(chan error, 1), deaf: make(chan error, 1)}
		s.ctx, s.stop = context.WithCancel(ctx)
	}
	k.mu.Lock()
	causes := k.causes
	k.causes = map[Cause]bool{}
	k.mu.Unlock()
	now := time.Now()
	was := s.may
	s.may = may
	if may == nil && was != nil {
		s.fails, s.poll, s.hold = 0, now, time.Time{}
	}
	if may != nil && s.listens {
		s.mute()
	}
	s.asked = s.asked || causes[Asked]
	if s.asked && may != nil && !errors.Is(may, ErrByHand) {
		s.asked = false
		k.answer(k.take(), may)
	}
	if causes[Wrote] {
		if s.written.IsZero() {
			s.written = now
		}
		s.write = now.Add(afterWrite)
		if most := s.written.Add(writeMost); most.Before(s.write) {
			s.write = most
		}
	}
	if causes[Hinted] && s.hint.IsZero() {
		s.hint = now.Add(k.part(afterHint))
	}
	if s.fails > 0 && (causes[Reconnected] || causes[Hinted]) {
		at := now.Add(k.part(afterHint))
		if at.Before(s.hold) {
			at = s.hold.Add(k.part(afterHint))
		}
		if at.Before(s.poll) {
			s.poll = at
		}
	} else if causes[Reconnected] {
		s.poll = now.Add(k.part(afterHint))
	}
	if errors.Is(may, ErrNobody) {
		k.show(Steady{})
		return s
	}
	if may != nil && !s.working {
		s.show(func(st *Steady) {
			if errors.Is(may, ErrByHand) {
				if errors.Is(st.Err, ErrSignIn) || errors.Is(st.Err, ErrNoServer) {
					st.Err = nil
				}
				return
			}
			st.Err = may
		})
	}
	if was != nil {
		s.count()
	} else if s.tally.IsZero() && (causes[Wrote] || causes[Started]) {
		s.tally = now.Add(written)
	}
	return s
}

// part is a random part of a wait.
func (k *Keeping) part(d time.Duration) time.Duration { return time.Duration(k.o.Rand() * float64(d)) }

// due is when the next sync begins; zero: when something calls for it.
func (s *sitting) due() time.Time {
	switch {
	case s.working:
		return time.Time{}
	case s.asked:
		return time.Now()
	case s.may != nil:
		return time.Time{}
	case s.fails > 0:
		return s.poll
	}
	return first(s.poll, s.write, s.hint)
}

// first is the first of those moments that are set.
func first(all ...time.Time) (at time.Time) {
	for _, t := range all {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

func (s *sitting) begin() {
	s.asked, s.working = false, true
	s.poll, s.write, s.written, s.hint = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	s.answer = s.take()
	s.g.Go(func() { s.done <- s.seat.Sync(s.ctx, s.turn) })
}

func (s *sitting) ended(err error) {
	s.working = false
	answer := s.answer
	s.answer = nil
	defer func() { s.Keeping.answer(answer, err) }()
	if errors.Is(err, ErrSwitched) {
		s.poll = time.Now().Add(every) // if it was not: whose turn it is now is told by a wake
		return
	}
	s.count()
	now := time.Now()
	if err == nil {
		s.fails, s.hold = 0, time.Time{}
		wait := every + time.Duration((s.o.Rand()-0.5)*float64(every)/1.5)
		if s.Status().Waiting > 0 {
			wait = min(wait, lagging<<min(s.lag, 8))
			s.lag++
		} else {
			s.lag = 0
		}
		s.poll = now.Add(wait)
		s.show(func(st *Steady) { st.Last, st.Err = s.o.Now(), nil })
		if s.may == nil && !s.listens && !now.Before(s.quiet) {
			s.listen()
		}
		return
	}
	s.o.Log.Info("records of a person", "err", err)
	wait := max(s.part(min(firstRetry<<min(s.fails, 16), lastRetry)), leastRetry)
	s.fails++
	after := patience(err)
	s.hold = now.Add(after)
	s.poll = now.Add(after + wait)
	s.show(func(st *Steady) { st.Err = err })
}

// patience is how long the server asked to be left alone.
func patience(err error) time.Duration {
	var no *wire.Refused
	var down *wire.Down
	switch {
	case errors.As(err, &no):
		return no.After
	case errors.As(err, &down):
		return down.After
	}
	return 0
}

// listen opens the channel of hints.
func (s *sitting) listen() {
	s.listens, s.since = true, time.Now()
	var ctx context.Context
	ctx, s.mute = context.WithCancel(s.ctx)
	s.g.Go(func() {
		s.deaf <- s.seat.Hints(ctx, s.turn, func() {
			s.live.Store(true)
			s.Kick(Hinted)
		})
	})
}

// unheard is told that the channel of hints ended: of age, with the token, or because the
// network did. Polling is the truth; a sync that succeeds opens it again.
func (s *sitting) unheard(err error) {
	s.mute()
	s.listens = false
	s.live.Store(false)
	now := time.Now()
	if now.Sub(s.since) >= goodHint {
		s.silent, s.quiet = 0, time.Time{}
		if s.hint.IsZero() {
			s.hint = now.Add(s.part(afterLive))
		}
		return
	}
	s.o.Log.Debug("hints", "err", err)
	most := min(noHint<<min(s.silent, 10), noHintMost)
	s.silent++
	s.quiet = now.Add(max(patience(err), most/2+s.part(most/2)))
}

func (s *sitting) count() {
	s.tally = time.Time{}
	t, parts, err := s.seat.Count(s.ctx, s.turn)
	if err != nil {
		if s.ctx.Err() == nil {
			s.o.Log.Debug("count records", "err", err) // the person is leaving, or the sync says it too
		}
		return
	}
	s.show(func(st *Steady) {
		st.Waiting, st.Parked, st.Conflicts, st.Parts = t.Waiting, t.Parked, t.Conflicts, parts
	})
}

// end waits for what a turn has under way; whoever waits for it is told why.
func (s *sitting) end(why error) {
	s.stop()
	s.g.Wait()
	s.Keeping.answer(s.answer, why)
	if s.asked {
		s.Keeping.answer(s.take(), why)
	}
}

// show shows how a turn stands.
func (s *sitting) show(change func(*Steady)) {
	if errors.Is(s.may, ErrNobody) {
		return
	}
	st := s.Status()
	st.Working, st.Live, st.Next = s.working, s.live.Load(), time.Time{}
	if at := s.due(); !at.IsZero() {
		st.Next = s.o.Now().Add(time.Until(at))
		if d := st.Next.Sub(s.Status().Next); d.Abs() < time.Second {
			st.Next = s.Status().Next // the same moment
		}
	}
	if change != nil {
		change(&st)
	}
	s.Keeping.show(st)
}

func (k *Keeping) show(st Steady) {
	k.mu.Lock()
	same := equal(k.st, st)
	k.st = st
	k.mu.Unlock()
	if !same {
		k.watchers.Tell()
	}
}

func equal(a, b Steady) bool {
	text := func(err error) string {
		if err == nil {
			return ""
		}
		return err.Error()
	}
	return a.Working == b.Working && a.Last.Equal(b.Last) && a.Next.Equal(b.Next) && text(a.Err) == text(b.Err) && a.Live == b.Live &&
		a.Waiting == b.Waiting && a.Parked == b.Parked && a.Conflicts == b.Conflicts && slices.Equal(a.Parts, b.Parts)
}

// take takes over whoever asked for a sync.
func (k *Keeping) take() []chan error {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.asking
	k.asking = nil
	return all
}

func (k *Keeping) answer(all []chan error, err error) {
	for _, c := range all {
		c <- err
	}
}
