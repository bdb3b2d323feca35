package main

import (
	"context"
	"fmt"
	"os"

	"passerelle/sync/simtest"
)

// sim plays histories of private records, and fails when one breaks a promise.
func sim(ctx context.Context, o simtest.RunOptions) error {
	o.Out = os.Stdout
	ran, err := simtest.Run(ctx, o)
	if err == nil && len(ran.Failed) > 0 {
		err = fmt.Errorf("%d of %d histories broke a promise; the first is seed %d", len(ran.Failed), ran.Played, ran.Failed[0])
	}
	return err
}
