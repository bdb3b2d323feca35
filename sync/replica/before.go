package replica

import "errors"

// What stops a sync before it begins.
var (
	ErrNoServer = errors.New("no server is set")
	ErrBusy     = errors.New("another program is syncing this desk")
	ErrNoBundle = errors.New("no bundle is there")
	// ErrUnknownPublisher: a bundle of a publisher that this desk has never met, and that
	// nobody has accepted yet.
	ErrUnknownPublisher = errors.New("publisher is not known")
)
