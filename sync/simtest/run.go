package simtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// RunOptions of many histories; the zero value plays 2,000 from seed 1 on.
type RunOptions struct {
	N      int    // histories; 0: 2,000
	Seed   uint64 // of the first; the others follow. 0: 1
	Shrink bool   // take out of the first that fails what it fails without
	Any    bool   // stop at the first that fails: that it is found is what is asked
	Out    io.Writer
}

// Ran is what came of many histories.
type Ran struct {
	Played int
	Failed []uint64 // seeds, in order
	First  uint64   // how many were played from the first seed on until one failed; 0: none did
	Took   time.Duration
}

// Run plays histories, one a processor at a time, in memory where the system has a directory
// there, and writes what each that fails came to, and at last how many that were. The error
// is not about promises.
func Run(ctx context.Context, o RunOptions) (ran Ran, err error) {
	if o.N == 0 {
		o.N = 2000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	began := time.Now()
	var (
		mu   sync.Mutex
		g    sync.WaitGroup
		next int
		came = make([]error, o.N)
		done = make([]bool, o.N)
		stop bool
	)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				quit := stop || n >= o.N || ctx.Err() != nil
				mu.Unlock()
				if quit {
					return
				}
				err := play(ctx, Draw(o.Seed+uint64(n)), nil)
				mu.Lock()
				came[n], done[n] = err, true
				stop = stop || err != nil && o.Any
				mu.Unlock()
			}
		})
	}
	g.Wait()
	if ctx.Err() != nil {
		return ran, ctx.Err()
	}
	for n, e := range came {
		var b *Broken
		switch {
		case !done[n]:
			continue
		case e == nil:
		case errors.As(e, &b):
			seed := o.Seed + uint64(n)
			if ran.Failed = append(ran.Failed, seed); ran.First == 0 {
				ran.First = uint64(n) + 1
			}
			fmt.Fprintf(o.Out, "seed %d: %v\n", seed, e)
		default:
			return ran, fmt.Errorf("seed %d: %w", o.Seed+uint64(n), e)
		}
		ran.Played++
	}
	ran.Took = time.Since(began)
	after := ""
	if ran.First > 0 {
		after = fmt.Sprintf(", the first after %d", ran.First)
	}
	fmt.Fprintf(o.Out, "%d histories from seed %d on in %s, %.0f a second: %d broke a promise%s\n",
		ran.Played, o.Seed, ran.Took.Round(time.Millisecond), float64(ran.Played)/ran.Took.Seconds(), len(ran.Failed), after)
	if o.Shrink && len(ran.Failed) > 0 {
		h := Draw(ran.Failed[0])
		fails := func(h History) bool {
			var b *Broken
			return errors.As(play(ctx, h, nil), &b)
		}
		less := Shrink(ctx, h, fails)
		fmt.Fprintf(o.Out, "seed %d, %d of its %d steps:\n%s\n\nwhat happens in them:\n", h.Seed, len(less.Steps), len(h.Steps), less)
		err := play(ctx, less, func(line string) { fmt.Fprintln(o.Out, line) })
		fmt.Fprintln(o.Out, err)
	}
	return ran, ctx.Err()
}

// play plays one; a panic of what is tested is a promise broken like another.
func play(ctx context.Context, h History, say func(line string)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = broken("panic: %v", r)
		}
	}()
	return Play(ctx, Memory(), h, say)
}
