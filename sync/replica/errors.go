package replica

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
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

var sentences = []struct {
	err error
	key i18n.Key
}{
	{wire.ErrTorn, i18n.ParcelTorn},
	{wire.ErrNewParcel, i18n.ParcelNewer},
	{wire.ErrOutbox, i18n.ParcelOutbox},
	{wire.ErrReceipts, i18n.ParcelReceipts},
	{wire.ErrNotParcel, i18n.ParcelOther},
	{ErrForeign, i18n.ParcelForeign},
	{wire.ErrEpoch, i18n.ParcelRestored},
	{cache.ErrEpoch, i18n.ParcelRestored},
	{ErrCancelled, i18n.SyncCancelled},
	{ErrDiskFull, i18n.SyncDiskfull},
	{ErrTampered, i18n.SyncTampered},
	{ErrWrongKey, i18n.SyncWrongkey},
	{ErrDowngraded, i18n.SyncDowngraded},
	{ErrExpired, i18n.SyncExpired},
	{ErrTooNew, i18n.SyncToonew},
	{ErrDigest, i18n.SyncDigest},
	{ErrRefused, i18n.SyncRefused},
	{ErrOffline, i18n.SyncOffline},
}

// Sentence is what to tell a person about an error of this package: what happened and
// what to do next.
func Sentence(err error) i18n.Key {
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return s.key
		}
	}
	return i18n.SyncFailed
}

// judged names what is wrong with bytes that were not believed.
func judged(err error) error {
	for _, j := range []struct{ from, to error }{
		{wire.ErrTooNew, ErrTooNew}, {wire.ErrUnknownKey, ErrWrongKey}, {wire.ErrVersion, ErrDowngraded},
		{wire.ErrSignature, ErrTampered}, {wire.ErrMalformed, ErrTampered},
	} {
		if errors.Is(err, j.from) {
			return fmt.Errorf("%w: %w", j.to, err)
		}
	}
	return err
}

// told gives an error the name that callers ask for.
func (r *Replica) told(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("sync %s: %w: %w", r.o.Scope, ErrCancelled, err)
	case diskFull(err):
		err = fmt.Errorf("%w: %w", ErrDiskFull, err)
	case errors.Is(err, catalogue.ErrDigest):
		err = fmt.Errorf("%w: %w", ErrDigest, err)
	case errors.Is(err, wire.ErrMalformed):
		err = judged(err)
	case errors.Is(err, wire.ErrMissing) && r.t.Origin() == "server":
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	case errors.Is(err, wire.ErrMissing): // a bundle that lacks a file
		err = fmt.Errorf("%w: %w", ErrTampered, err)
	}
	return fmt.Errorf("sync %s: %w", r.o.Scope, err)
}

// diskFull recognizes what a full disk, a quota or a limit says, from the system or from
// the catalogue.
func diskFull(err error) bool {
	var sys syscall.Errno
	switch {
	case errors.Is(err, catalogue.ErrFull):
		return true
	case !errors.As(err, &sys):
		return false
	case runtime.GOOS == "windows":
		return sys == 39 || sys == 112 // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
	}
	return sys == syscall.ENOSPC || sys == syscall.EFBIG || sys == syscall.EDQUOT
}
