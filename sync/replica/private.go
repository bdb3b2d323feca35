package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/wire"
)

// Remote is the server of private records, as sync/client reaches it. Errors are a
// *wire.Refused or a *wire.OtherEpoch, or wrap wire.ErrTooLarge, wire.ErrOffline,
// wire.ErrDown or wire.ErrInsecure.
type Remote interface {
	Push(ctx context.Context, access string, p wire.Push) (wire.Pushed, error)
	Pull(ctx context.Context, access string, p wire.Pull) (wire.Pulled, error)
}

// Local is where a person's records are kept: *cache.Records. Each method is one transaction.
type Local interface {
	Epoch(ctx context.Context) (epoch int64, due bool, err error)
	Cursors(ctx context.Context) ([]cache.Cursor, error)
	Waiting(ctx context.Context) (int, error)
	Batch(ctx context.Context, l cache.Limits) ([]cache.Mutation, error)
	Settle(ctx context.Context, epoch int64, results []cache.Result, now time.Time) (ended int, err error)
	Park(ctx context.Context, n int64, why string) error
	Take(ctx context.Context, p cache.Part, now time.Time) error
	Forget(ctx context.Context, partition string) error
	Pulled(ctx context.Context) error
	Restored(ctx context.Context, epoch int64, now time.Time) error
}

// What a sync of private records can end with, besides the errors of [Remote].
var (
	// ErrSignIn: the session has ended. The outbox waits as it is.
	ErrSignIn = errors.New("sign in to send what waits")
	// ErrSwitched: another person came to the desk meanwhile. What was brought is not kept.
	ErrSwitched = errors.New("another person is at the desk")
)

// PrivateOptions of a sync of private records; Token is needed, the zero value of the
// others is right.
type PrivateOptions struct {
	// Token gives an access token of the person whose records these are, and another one
	// than not, which the server did not take. An error ends the sync: as ErrSignIn when it
	// wraps that, or is what the server says of a session that is over.
	Token func(ctx context.Context, not string) (access string, err error)
	// Stay counts who is at the desk: while it is the same, it is this person. nil: always.
	Stay  func() int
	Rand  func() float64                                   // in [0, 1); nil: math/rand
	Wait  func(ctx context.Context, d time.Duration) error // nil: a timer
	Now   func() time.Time                                 // nil: time.Now. Told to people and for what is kept 30 days; decides nothing else
	Tries int                                              // of a request that the server puts off; 0: 4
	// Account names the person in files that are carried ([Private.Export]), and tells those
	// of others; "": they are not told apart.
	Account string
	Items   Items // what leaves this computer without an account goes into those files, too; nil: nothing
}

// Private brings a person's records in step with the server, both ways. Begin with
// [NewPrivate]. Whatever stops it, by ctx or by the machine, the next run takes up what was
// done: what left is sent again under its id, and the server answers as it did.
type Private struct {
	r Remote
	l Local
	o PrivateOptions
}

// NewPrivate makes a sync between a server and one person's file.
func NewPrivate(r Remote, l Local, o PrivateOptions) *Private {
	if o.Stay == nil {
		o.Stay = func() int { return 0 }
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tries == 0 {
		o.Tries = 4
	}
	return &Private{r, l, o}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Synced is what a sync did.
type Synced struct {
	Sent  int      // mutations that were answered
	Taken int      // changes that were pulled
	Gone  []string // partitions that the person may not see any more: what they held here went
}

// Sync sends what waits and takes what is new. Only an answer takes anything out of the
// outbox. A server that was restored is told again what it had acknowledged.
func (p *Private) Sync(ctx context.Context) (Synced, error) {
	s := &exchange{Private: p, stay: p.o.Stay(), most: wire.MaxMutations, skip: map[int64]bool{}}
	return s.did, s.run(ctx)
}

// exchange is one sync under way.
type exchange struct {
	*Private
	stay   int
	access string
	most   int            // mutations in a push, until one fits
	skip   map[int64]bool // they wait for the next sync
	pushed int            // requests that were answered
	did    Synced
}

// restores is how often a server may be found restored in one sync.
const restores = 3

func (s *exchange) run(ctx context.Context) error {
	for n := 0; ; n++ {
		err := s.both(ctx)
		var other *otherEpoch
		if !errors.As(err, &other) || n == restores {
			return err
		}
		if err := s.still(); err != nil {
			return err
		}
		if err := s.l.Restored(ctx, other.epoch, s.o.Now()); err != nil {
			return err
		}
		reached("restored")
	}
}

// otherEpoch: the server is in another epoch than what is kept here.
type otherEpoch struct{ epoch int64 }

func (o *otherEpoch) Error() string { return fmt.Sprintf("server is in epoch %d now", o.epoch) }

// both pushes and pulls. Where something waits it pulls first: a server that was restored
// has to be told what it forgot before what was made on that, and only a pull tells.
func (s *exchange) both(ctx context.Context) error {
	known, due, err := s.l.Epoch(ctx)
	if err != nil {
		return err
	}
	if !due && known != 0 {
		n, err := s.l.Waiting(ctx)
		if err != nil {
			return err
		}
		due = n > 0
	}
	if due {
		if err := s.pull(ctx); err != nil {
			return err
		}
	}
	if err := s.push(ctx); err != nil {
		return err
	}
	if due && s.pushed == 0 {
		return nil
	}
	return s.pull(ctx)
}

// still says whether the person is still at the desk.
func (s *exchange) still() error {
	if s.o.Stay() != s.stay {
		return ErrSwitched
	}
	return nil
}

func (s *exchange) push(ctx context.Context) error {
	for {
		if err := s.still(); err != nil {
			return err
		}
		batch, err := s.l.Batch(ctx, cache.Limits{Items: s.most, Bytes: wire.MaxPush - 64, Size: size, Skip: s.skip})
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return nil
		}
		reached("batched")
		var push wire.Push
		for _, m := range batch {
			push.Mutations = append(push.Mutations, mutation(m))
		}
		var got wire.Pushed
		err = s.ask(ctx, func(access string) (err error) {
			got, err = s.r.Push(ctx, access, push)
			return err
		})
		if errors.Is(err, wire.ErrTooLarge) {
			if len(batch) > 1 {
				s.most = len(batch) / 2
				continue
			}
			if err := s.l.Park(ctx, batch[0].N, cache.WhyTooLarge); err != nil {
				return err
			}
			continue
		}
		var other *wire.OtherEpoch
		if errors.As(err, &other) {
			return &otherEpoch{other.Epoch}
		}
		if err != nil {
			return fmt.Errorf("push: %w", err)
		}
		s.pushed++
		reached("pushed")
		if err := s.epoch(ctx, got.Epoch); err != nil {
			return err
		}
		ended, err := s.settle(ctx, got)
		if err != nil {
			return err
		}
		s.did.Sent += ended
		reached("settled")
		answered := map[string]wire.Outcome{}
		for _, r := range got.Results {
			answered[r.ID] = r.Outcome
		}
		moved := false
		for _, m := range batch {
			switch answered[m.ID] {
			case wire.Applied, wire.Merged, wire.Duped, wire.Clashed, wire.Rejected:
				moved = true
			default:
				s.skip[m.N] = true // later
			}
		}
		if !moved {
			return nil
		}
	}
}

// epoch compares the server's with the one that is known.
func (s *exchange) epoch(ctx context.Context, now int64) error {
	known, _, err := s.l.Epoch(ctx)
	if err != nil {
		return err
	}
	if known != 0 && known != now {
		return &otherEpoch{now}
	}
	return nil
}

func (s *exchange) settle(ctx context.Context, got wire.Pushed) (int, error) {
	results := make([]cache.Result, 0, len(got.Results))
	for _, r := range got.Results {
		results = append(results, cache.Result{
			ID: r.ID, Outcome: string(r.Outcome), First: string(r.First), Reason: r.Reason,
			Ver: r.Ver, Body: r.Body, Fields: r.Fields, By: r.By, At: r.At,
		})
	}
	return s.l.Settle(ctx, got.Epoch, results, s.o.Now())
}

// mutation is one as it travels.
func mutation(m cache.Mutation) wire.Mutation {
	return wire.Mutation{
		ID: m.ID, Client: m.Client, Seq: m.Seq, Partition: m.Partition, Kind: m.Kind, Record: m.Record,
		Base: m.Base, Epoch: m.Epoch, Patch: m.Patch, Was: m.Was, Delete: m.Delete,
		Command: m.Command, Revision: m.Revision, Made: m.Made,
	}
}

// size is how long a mutation is in a push, with the comma after it.
func size(m cache.Mutation) int {
	b, err := json.Marshal(mutation(m))
	if err != nil {
		return wire.MaxPush // alone, the server says what it makes of it
	}
	return len(b) + 1
}

// pulls is how many answers one sync takes: more than any account can have.
const pulls = 10_000

func (s *exchange) pull(ctx context.Context) error {
	again := map[string]bool{} // partitions that had a gap
	for range pulls {
		if err := s.still(); err != nil {
			return err
		}
		cursors, err := s.l.Cursors(ctx)
		if err != nil {
			return err
		}
		in := wire.Pull{Cursors: make([]wire.Cursor, 0, len(cursors))}
		for _, c := range cursors {
			in.Cursors = append(in.Cursors, wire.Cursor{Partition: c.Partition, Epoch: c.Epoch, Seq: c.Seq})
		}
		var got wire.Pulled
		err = s.ask(ctx, func(access string) (err error) {
			got, err = s.r.Pull(ctx, access, in)
			return err
		})
		var other *wire.OtherEpoch
		if errors.As(err, &other) {
			return &otherEpoch{other.Epoch}
		}
		if err != nil {
			return fmt.Errorf("pull: %w", err)
		}
		reached("pulled")
		more := false
		for _, part := range got.Parts {
			rest, err := s.take(ctx, part, again)
			if err != nil {
				return err
			}
			more = more || rest
		}
		if !more {
			return s.l.Pulled(ctx)
		}
	}
	return fmt.Errorf("pull: the server has no end: %w", wire.ErrMalformed)
}

// take takes a part of a pull, and says whether there is more of it.
func (s *exchange) take(ctx context.Context, part wire.PulledPart, again map[string]bool) (more bool, err error) {
	if err := s.still(); err != nil {
		return false, err
	}
	if part.Snapshot && part.More && len(part.Changes) == 0 {
		return true, nil // there was no room for it beside the others
	}
	if !part.Gone {
		if err := s.epoch(ctx, part.Epoch); err != nil {
			return false, err
		}
	}
	in := cache.Part{
		Partition: part.Partition, Epoch: part.Epoch, Seq: part.Seq, Snapshot: part.Snapshot, Gone: part.Gone,
		Changes: make([]cache.Change, 0, len(part.Changes)),
	}
	for _, c := range part.Changes {
		in.Changes = append(in.Changes, cache.Change{
			Seq: c.Seq, Kind: c.Kind, Record: c.Record, Ver: c.Ver, Deleted: c.Deleted, Body: c.Body, By: c.By, At: c.At,
		})
	}
	err = s.l.Take(ctx, in, s.o.Now())
	if errors.Is(err, cache.ErrGap) && !again[part.Partition] {
		// Nothing is taken on trust: the partition comes whole.
		again[part.Partition] = true
		return true, s.l.Forget(ctx, part.Partition)
	}
	if err != nil {
		return false, err
	}
	reached("taken")
	s.did.Taken += len(part.Changes)
	if part.Gone {
		s.did.Gone = append(s.did.Gone, part.Partition)
	}
	return part.More, nil
}

// Waits of a server that puts a request off.
const (
	firstWait = time.Second
	longWait  = 2 * time.Minute // who asks for more is asked again by the next sync
)

// ask makes a request: once more with another token when the server did not take the first,
// and again when it is put off, after what it asks for and a random part of a doubling bound.
// It may be repeated: a push has the same answer again.
func (s *exchange) ask(ctx context.Context, do func(access string) error) error {
	renewed := false
	for try := 1; ; try++ {
		if s.access == "" {
			if err := s.token(ctx, ""); err != nil {
				return err
			}
		}
		err := do(s.access)
		if e := s.still(); e != nil {
			return e // whatever came, it is not for whoever is here now
		}
		var no *wire.Refused
		var after time.Duration
		switch {
		case err == nil:
			return nil
		case errors.As(err, &no) && no.Code == account.SignInNeeded:
			if renewed {
				return fmt.Errorf("%w: %w", ErrSignIn, err)
			}
			renewed = true
			if err := s.token(ctx, s.access); err != nil {
				return err
			}
			try--
			continue
		case errors.As(err, &no) && (no.Code == account.TooMany || no.Code == wire.TooMany || no.Code == account.CannotNow || no.Code == wire.Maintenance),
			errors.Is(err, wire.ErrDown):
			after = patience(err)
		default:
			return err
		}
		if ctx.Err() != nil || try >= s.o.Tries || after > longWait {
			return err
		}
		bound := min(firstWait<<(try-1), longWait)
		if werr := s.o.Wait(ctx, after+time.Duration(s.o.Rand()*float64(bound))); werr != nil {
			return err
		}
	}
}

func (s *exchange) token(ctx context.Context, not string) error {
	access, err := s.o.Token(ctx, not)
	var no *wire.Refused
	switch {
	case err == nil && access != not:
		s.access = access
		return s.still()
	case err == nil:
		return ErrSignIn
	case errors.As(err, &no) && no.Code == account.SignInNeeded:
		return fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	return fmt.Errorf("session: %w", err)
}
