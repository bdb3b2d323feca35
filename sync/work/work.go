// Package work does the jobs that the ledger keeps: letters, and the round of each day.
// Begin with [Run]. A job is leased, done and ended; a worker that is killed in between
// leaves a lease that runs out, and the job is done again: at least once, and twice at most
// for each time that a worker dies. What a job is about is in no line of a log.
package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/store/ledger"
)

// Jobs is where jobs are kept: a *ledger.Ledger.
type Jobs interface {
	TakeJob(ctx context.Context, kinds []string, now time.Time, lease time.Duration) (ledger.Job, error)
	EndJob(ctx context.Context, j ledger.Job, state, problem string, due time.Time) error
	NextJob(ctx context.Context, kinds []string) (time.Time, bool, error)
	Update(ctx context.Context, do func(*ledger.Tx) error) error
}

// Do does one job. An error that wraps [ErrFinal] ends it; after any other it is tried
// again. What the error says is kept with the job and logged: no content belongs in it.
type Do func(ctx context.Context, j ledger.Job) error

// ErrFinal says that trying again would not help.
var ErrFinal = errors.New("failed for good")

// Options of the work; Jobs and Kinds are needed, the zero value of the others is right.
type Options struct {
	Jobs  Jobs
	Kinds map[string]Do
	// Daily are the kinds of Kinds that are queued once each day, under the key KIND/DAY, as
	// in nightly/2026-11-22, for the hour At of that day in UTC.
	Daily []string
	At    time.Duration // after midnight in UTC; 0: midnight
	// Rounds are the kinds of Kinds that are queued once in each span of time, under the key
	// KIND/BEGIN, as in alerts/2026-11-22T07:15Z. One that is long past is not made up for.
	Rounds map[string]time.Duration
	Now    func() time.Time
	Poll   time.Duration // how often to look for work; 0: 1 s
	Lease  time.Duration // longest that a job may take; 0: 5 min
	Log    *slog.Logger  // nil: none
}

// Patience is how long a job is tried again, in all.
const Patience = 24 * time.Hour

// Wait is how long to wait after a number of tries: a minute, doubling to an hour.
func Wait(tries int) time.Duration {
	if tries >= 7 {
		return time.Hour
	}
	return time.Minute << max(tries-1, 0)
}

// Waited is how long a job has been waiting for its next tries, after so many.
func Waited(tries int) time.Duration {
	d := time.Duration(0)
	for n := 1; n <= tries && d < Patience; n++ {
		d += Wait(n)
	}
	return d
}

// Run works until ctx ends, and then lets the jobs under way finish or give up.
func Run(ctx context.Context, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Lease == 0 {
		o.Lease = 5 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for _, kind := range o.Daily {
		if o.Kinds[kind] == nil {
			return fmt.Errorf("work: nothing does the daily %s", kind)
		}
	}
	for kind, every := range o.Rounds {
		if o.Kinds[kind] == nil || every < time.Minute {
			return fmt.Errorf("work: nothing does the rounds %s, or they are too many", kind)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for kind, do := range o.Kinds { // each kind in turn by itself: a mail server that hangs holds up letters alone
		g.Go(func() error { return o.keep(ctx, kind, do) })
	}
	if len(o.Daily) > 0 {
		g.Go(func() error { return o.days(ctx) })
	}
	for kind, every := range o.Rounds {
		g.Go(func() error { return o.rounds(ctx, kind, every) })
	}
	return g.Wait()
}

// keep does the jobs of a kind. What fails at the ledger is logged and tried at the next
// turn: a server that is full or busy for a moment goes on.
func (o Options) keep(ctx context.Context, kind string, do Do) error {
	kinds := []string{kind}
	return o.turns(ctx, func() {
		for ctx.Err() == nil {
			due, ok, err := o.Jobs.NextJob(ctx, kinds) // a look costs less than a lease
			if err == nil && (!ok || due.After(o.Now())) {
				return
			}
			if err == nil {
				err = o.one(ctx, kinds, do)
			}
			if errors.Is(err, ledger.ErrNotFound) {
				return
			}
			if err != nil && ctx.Err() == nil {
				o.Log.ErrorContext(ctx, "work", "kind", kind, "err", err)
				return
			}
		}
	})
}

// one takes a job, does it and ends it.
func (o Options) one(ctx context.Context, kinds []string, do Do) error {
	j, err := o.Jobs.TakeJob(ctx, kinds, o.Now(), o.Lease)
	if err != nil {
		return err
	}
	doing, stop := context.WithTimeout(ctx, o.Lease*9/10) // who is late ends before the next one begins
	did := do(doing, j)
	stop()
	now := o.Now()
	state, problem, due := ledger.JobDone, "", now
	switch {
	case did == nil:
	case ctx.Err() != nil: // told to stop: another turn
		state, problem = ledger.JobQueued, "stopped"
	case errors.Is(did, ErrFinal), Waited(j.Tries) >= Patience:
		state, problem = ledger.JobFailed, did.Error()
		o.Log.ErrorContext(ctx, "job failed", "kind", j.Kind, "job", j.ID, "tries", j.Tries, "err", problem)
	default:
		state, problem, due = ledger.JobQueued, did.Error(), now.Add(Wait(j.Tries))
		o.Log.WarnContext(ctx, "job put off", "kind", j.Kind, "job", j.ID, "tries", j.Tries, "until", due, "err", problem)
	}
	// Also when told to stop: what was sent is not sent again for want of a line.
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	err = o.Jobs.EndJob(ending, j, state, problem, due)
	if errors.Is(err, ledger.ErrMoved) {
		o.Log.WarnContext(ctx, "job took longer than its lease", "kind", j.Kind, "job", j.ID)
		return nil
	}
	return err
}

// days queues what is done each day, once.
func (o Options) days(ctx context.Context) error {
	last := ""
	return o.turns(ctx, func() {
		now := o.Now().UTC()
		day := now.Format("2006-01-02")
		if day == last {
			return
		}
		due := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC).Add(o.At)
		err := o.Jobs.Update(ctx, func(t *ledger.Tx) error {
			for _, kind := range o.Daily {
				if err := t.Queue(ctx, ledger.Job{Kind: kind, Key: kind + "/" + day, Due: due}); err != nil {
					return err
				}
			}
			return nil
		})
		switch {
		case err == nil:
			last = day
		case ctx.Err() == nil:
			o.Log.ErrorContext(ctx, "queue the work of the day", "err", err)
		}
	})
}

// rounds queues a kind once in each span of time.
func (o Options) rounds(ctx context.Context, kind string, every time.Duration) error {
	var last time.Time
	return o.turns(ctx, func() {
		begin := o.Now().UTC().Truncate(every)
		if begin.Equal(last) {
			return
		}
		err := o.Jobs.Update(ctx, func(t *ledger.Tx) error {
			return t.Queue(ctx, ledger.Job{Kind: kind, Key: kind + "/" + begin.Format("2006-01-02T15:04Z"), Due: begin})
		})
		switch {
		case err == nil:
			last = begin
		case ctx.Err() == nil:
			o.Log.ErrorContext(ctx, "queue a round", "kind", kind, "err", err)
		}
	})
}

// turns does something now and at each turn, until ctx ends.
func (o Options) turns(ctx context.Context, do func()) error {
	t := time.NewTicker(o.Poll)
	defer t.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
