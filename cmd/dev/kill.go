package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"passerelle/cmd/internal/kill"
)

type killOptions struct {
	n    int
	seed uint64
	loud bool
}

// killAll kills real processes of a server and two desks, and looks at what is left.
func killAll(ctx context.Context, o killOptions) (err error) {
	dir, err := os.MkdirTemp("", "passerelle-kill-")
	if err != nil {
		return err
	}
	var log io.Writer
	if o.loud {
		log = os.Stdout
	}
	r, err := kill.Run(ctx, kill.Options{Dir: dir, N: o.n, Seed: o.seed, Log: log, Tell: func(n int) {
		if n%20 == 0 {
			fmt.Printf("· %d killed\n", n)
		}
	}})
	for _, point := range slices.Sorted(maps.Keys(r.At)) {
		fmt.Printf("%4d  %s\n", r.At[point], point)
	}
	fmt.Printf("%d kills in %s; %d things done, %d of them in doubt when a process died; %d looks at both desks and the server\n",
		r.Kills(), r.Took.Round(100e6), r.Did, r.Unsure, r.Looks)
	if err != nil {
		return fmt.Errorf("%w; files are left in %s", err, dir)
	}
	fmt.Println("0 lost, 0 done twice")
	return os.RemoveAll(dir)
}
