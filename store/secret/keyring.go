package secret

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// Keyring is where an operating system keeps secrets. What goes wrong is ErrNotFound,
// ErrLocked, ErrTooBig or ErrNoKeyring, or the end of ctx.
type Keyring interface {
	Get(ctx context.Context, service, user string) (string, error)
	Set(ctx context.Context, service, user, secret string) error
	Delete(ctx context.Context, service, user string) error
}

// patience is how long one call may take. The system may ask for the password of the
// keyring meanwhile, and a person has to find it.
const patience = 40 * time.Second

// OS is the keyring of the operating system: Secret Service, Keychain or Credential
// Manager. Nobody answering in time counts as locked.
func OS() Keyring { return newSystem(provider{}, patience) }

// caller is how go-keyring is called.
type caller interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
	Delete(service, user string) error
}

type provider struct{}

func (provider) Get(s, u string) (string, error) { return keyring.Get(s, u) }
func (provider) Set(s, u, v string) error        { return keyring.Set(s, u, v) }
func (provider) Delete(s, u string) error        { return keyring.Delete(s, u) }

// system bounds calls that cannot be cancelled. They go one at a time: one that outlives
// its limit keeps the later ones waiting, so that it never ends after them.
type system struct {
	call  caller
	limit time.Duration
	turn  chan struct{}
}

func newSystem(c caller, limit time.Duration) *system {
	return &system{call: c, limit: limit, turn: make(chan struct{}, 1)}
}

func (s *system) Get(ctx context.Context, service, user string) (value string, err error) {
	// Handed over by a channel: a late answer must not write what the caller reads.
	got := make(chan string, 1)
	err = s.do(ctx, func() error {
		v, err := s.call.Get(service, user)
		got <- v
		return err
	})
	if err == nil {
		value = <-got
	}
	return value, err
}

func (s *system) Set(ctx context.Context, service, user, secret string) error {
	return s.do(ctx, func() error { return s.call.Set(service, user, secret) })
}

func (s *system) Delete(ctx context.Context, service, user string) error {
	return s.do(ctx, func() error { return s.call.Delete(service, user) })
}

// do makes a call. The goroutine of a call that does not end is left behind, for nothing
// can end it; it holds the turn.
func (s *system) do(ctx context.Context, call func() error) error {
	if err := noBus(); err != nil {
		return err
	}
	limit := time.NewTimer(s.limit)
	defer limit.Stop()
	late := fmt.Errorf("%w: no answer within %s", ErrLocked, s.limit)
	select {
	case s.turn <- struct{}{}:
	case <-limit.C:
		return late
	case <-ctx.Done():
		return ctx.Err()
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-s.turn }()
		defer func() {
			if r := recover(); r != nil { // the library trusts what comes over the bus
				done <- fmt.Errorf("%w: %v", ErrNoKeyring, r)
			}
		}()
		done <- fault(call())
	}()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return late
	case <-ctx.Done():
		return ctx.Err()
	}
}

// noBus says ErrNoKeyring where a call would start a bus of its own, which nobody would end.
func noBus() error {
	switch runtime.GOOS {
	case "windows", "darwin":
		return nil
	}
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return nil
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: no session bus", ErrNoKeyring)
}

// fault tells the errors of the systems apart.
func fault(err error) error {
	if err == nil {
		return nil
	}
	kind := ErrNoKeyring
	var (
		bus   dbus.Error
		exit  *exec.ExitError
		errno syscall.Errno
	)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		kind = ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		kind = ErrTooBig
	case errors.As(err, &bus):
		switch bus.Name {
		case "org.freedesktop.Secret.Error.IsLocked", "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout":
			kind = ErrLocked
		}
	case strings.HasPrefix(err.Error(), "failed to unlock"): // Secret Service: the person closed the question
		kind = ErrLocked
	case runtime.GOOS == "darwin" && errors.As(err, &exit):
		switch exit.ExitCode() {
		case 36, 51, 128: // no interaction allowed, not authorised, cancelled
			kind = ErrLocked
		}
	case runtime.GOOS == "windows" && errors.As(err, &errno):
		if errno == 1783 { // bad stub data: what the system says of a secret that is too long
			kind = ErrTooBig
		}
	}
	return fmt.Errorf("%w: %w", kind, err)
}
