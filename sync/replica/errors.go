package replica

import (
	"errors"

	"passerelle/i18n"
	"passerelle/sync/wire"
)

// What can go wrong, each with a sentence of its own ([Sentence]).
var (
	ErrTampered   = errors.New("bytes are not those that were published")
	ErrWrongKey   = errors.New("signed by another publisher")
	ErrDowngraded = errors.New("older than what was already seen")
	ErrExpired    = errors.New("publication has expired")
	ErrTooNew     = errors.New("made for a newer program")
	ErrDigest     = errors.New("rows are not those that were published")
	ErrDiskFull   = errors.New("disk is full")
	ErrCancelled  = errors.New("cancelled")
	ErrOffline    = wire.ErrOffline
	ErrRefused    = wire.ErrRefused
)

// Sentence is what to tell a person about an error of this package: what happened and
// what to do next.
func Sentence(err error) i18n.Key { panic("not written") }
