package replica

import "errors"

// What stops a sync before it begins.
var (
	ErrNoServer = errors.New("no server is set")
	ErrBusy     = errors.New("another program is syncing this desk")
)
