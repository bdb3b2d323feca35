package secret

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// stuck is a library whose calls end when the test lets them.
type stuck struct {
	let    chan error
	panics bool
}

func (s *stuck) Get(string, string) (string, error) {
	if s.panics {
		panic("no such type on the bus")
	}
	return "value", <-s.let
}
func (s *stuck) Set(string, string, string) error { return <-s.let }
func (s *stuck) Delete(string, string) error      { return <-s.let }

// Each call ends in time, whatever the keyring does, and no call overtakes one that is
// still under way.
//
// Rows: X-040
func TestTimeLimit(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	synctest.Test(t, func(t *testing.T) {
		ctx, lib := t.Context(), &stuck{let: make(chan error, 9)}
		s := newSystem(lib, 40*time.Second)
		for name, call := range map[string]func(context.Context) error{
			"get":    func(ctx context.Context) error { _, err := s.Get(ctx, "a", "b"); return err },
			"set":    func(ctx context.Context) error { return s.Set(ctx, "a", "b", "c") },
			"delete": func(ctx context.Context) error { return s.Delete(ctx, "a", "b") },
		} {
			at := time.Now()
			if err := call(ctx); !errors.Is(err, ErrLocked) || time.Since(at) != 40*time.Second {
				t.Errorf("%s: %v after %s", name, err, time.Since(at))
			}
			// The one before is under way, still.
			if err := s.Set(ctx, "a", "b", "d"); !errors.Is(err, ErrLocked) {
				t.Errorf("set behind a stuck %s: %v", name, err)
			}
			cut, cancel := context.WithTimeout(ctx, time.Second)
			if err := s.Delete(cut, "a", "b"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("delete behind a stuck %s: %v", name, err)
			}
			cancel()
			lib.let <- nil // it ends; nothing else was begun
			synctest.Wait()
			if n := len(lib.let); n != 0 {
				t.Errorf("after %s %d calls were not made", name, n)
			}
			lib.let <- nil
			if err := call(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		lib.panics = true
		if _, err := s.Get(ctx, "a", "b"); !errors.Is(err, ErrNoKeyring) {
			t.Errorf("a library that panics: %v", err)
		}
	})
}

// The ways in which the systems say no come to four errors.
//
// Rows: X-040
func TestFaults(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{keyring.ErrNotFound, ErrNotFound},
		{keyring.ErrSetDataTooBig, ErrTooBig},
		{keyring.ErrUnsupportedPlatform, ErrNoKeyring},
		{dbus.Error{Name: "org.freedesktop.DBus.Error.ServiceUnknown"}, ErrNoKeyring},
		{dbus.Error{Name: "org.freedesktop.Secret.Error.IsLocked"}, ErrLocked},
		{fmt.Errorf("call: %w", dbus.Error{Name: "org.freedesktop.DBus.Error.NoReply"}), ErrLocked},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), ErrLocked},
		{exec.ErrNotFound, ErrNoKeyring},
		{errors.New("anything else"), ErrNoKeyring},
	} {
		got := fault(c.err)
		for _, kind := range []error{ErrNotFound, ErrTooBig, ErrNoKeyring, ErrLocked} {
			if errors.Is(got, kind) != errors.Is(c.want, kind) {
				t.Errorf("%v is %v", c.err, got)
			}
		}
		if !strings.Contains(got.Error(), c.err.Error()) {
			t.Errorf("%v has lost its cause", got)
		}
	}
	if fault(nil) != nil {
		t.Error("no error is one")
	}
}

// Without a session bus nothing starts one.
//
// Rows: X-040
func TestNoBus(t *testing.T) {
	if err := noBus(); err != nil {
		t.Logf("no bus here: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
	if _, err := OS().Get(t.Context(), "passerelle-test", "x"); !errors.Is(err, ErrNoKeyring) {
		t.Errorf("a bus that is not there: %v, want ErrNoKeyring", err)
	}
}
