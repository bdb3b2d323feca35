package main

import (
	"context"
	"errors"
)

type benchOptions struct {
	million bool
	only    string
}

func bench(ctx context.Context, o benchOptions) error { return errors.New("being written") }
