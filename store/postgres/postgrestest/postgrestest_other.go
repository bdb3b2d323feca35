//go:build !linux

package postgrestest

import "errors"

func start(...string) (*server, error) { return nil, errors.New("PostgreSQL is started on Linux only") }
