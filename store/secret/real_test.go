//go:build linux

package secret

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// inside marks the test that runs within the private session.
const inside = "PASSERELLE_TEST_KEYRING"

// A real keyring, gnome-keyring under a private D-Bus session: a vault is made, opened,
// protected, locked and erased there, and what the keyring holds is what may be there.
//
// Rows: X-040
func TestRealKeyring(t *testing.T) {
	if os.Getenv(inside) == "" {
		within(t)
		return
	}
	ctx, dir := t.Context(), t.TempDir()
	owned(t)
	ring := newSystem(provider{}, 20*time.Second)
	if _, err := ring.Get(ctx, "passerelle-test", "nobody"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Get of nothing: %v", err)
	}
	if err := ring.Delete(ctx, "passerelle-test", "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Delete of nothing: %v", err)
	}
	v := NewVault(dir, VaultOptions{Keyring: ring, Cost: Cheap})
	s, err := v.Create(ctx, "p", "")
	if err != nil {
		t.Fatal(err)
	}
	if s.Kept() != (Kept{Holder: InKeyring}) {
		t.Errorf("kept %+v", s.Kept())
	}
	sealed, err := s.Box().Seal("x", []byte("corps"))
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"one", "two", "three"} {
		if err := s.PutRefresh(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Protect(ctx, "phrase"); err != nil {
		t.Fatal(err)
	}
	s.Drop()
	if _, err := v.Open(ctx, "p", ""); !errors.Is(err, ErrPassphrase) {
		t.Errorf("Open without the passphrase: %v", err)
	}
	if s, err = v.Open(ctx, "p", "phrase"); err != nil {
		t.Fatal(err)
	}
	if body, err := s.Box().Open("x", sealed); err != nil || string(body) != "corps" {
		t.Errorf("what was sealed: %q, %v", body, err)
	}
	if token, err := s.Refresh(ctx); err != nil || token != "three" {
		t.Errorf("token %q, %v", token, err)
	}
	if n := entries(t); n != 2 {
		t.Errorf("the keyring holds %d entries, want the data key and the token", n)
	}
	if _, err := v.Create(ctx, "q", ""); err != nil {
		t.Fatal(err)
	}
	if err := v.Erase(ctx, "q"); err != nil || entries(t) != 2 {
		t.Errorf("Erase: %v, left %d entries, want the other person's two", err, entries(t))
	}

	lock(t)
	quick := newSystem(provider{}, 3*time.Second) // nobody is there to answer
	if _, err := NewVault(dir, VaultOptions{Keyring: quick, Cost: Cheap}).Open(ctx, "p", "phrase"); !errors.Is(err, ErrLocked) {
		t.Errorf("Open with a locked keyring: %v, want ErrLocked", err)
	}
	if err := NewVault(dir, VaultOptions{Keyring: quick}).Erase(ctx, "p"); !errors.Is(err, ErrLocked) {
		t.Errorf("Erase with a locked keyring: %v, want ErrLocked", err)
	}
}

// password of the private keyring.
const password = "of a test\n"

// within runs this test again in a D-Bus session of its own, with its own home.
func within(t *testing.T) {
	for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon", "bash"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no %s here: install dbus and gnome-keyring (go run ./cmd/dev test does)", name)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "dbus-run-session", "--", "bash", "-c", `
		printf '%s' "$PASSWORD" | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 & ring=$!
		code=0; "$@" || code=$?
		kill $ring; wait $ring 2>/dev/null; exit $code`, "_", exe, "-test.run=^TestRealKeyring$", "-test.v", "-test.timeout=100s")
	c.Env = append(os.Environ(), inside+"=1", "PASSWORD="+password, "HOME="+home, "XDG_DATA_HOME="+filepath.Join(home, "data"),
		"XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"), "XDG_RUNTIME_DIR="+home,
		"DISPLAY=", "WAYLAND_DISPLAY=", "GOCOVERDIR="+home)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestRealKeyring") {
		t.Errorf("within the private session: %v\n%s", err, out)
	}
}

// owned waits until the daemon is there: asked before, the bus would start another one,
// which is locked.
func owned(t *testing.T) {
	t.Helper()
	bus, err := dbus.SessionBus()
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		var there bool
		if err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&there); err != nil {
			t.Fatal(err)
		}
		if there {
			return
		}
		time.Sleep(20 * time.Millisecond) // of another process; there is nothing else to wait on
	}
	t.Fatal("no keyring came up")
}

// service is the Secret Service.
func service(t *testing.T) dbus.BusObject {
	t.Helper()
	bus, err := dbus.SessionBus()
	if err != nil {
		t.Fatal(err)
	}
	return bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
}

// entries counts what the keyring holds for this program.
func entries(t *testing.T) int {
	t.Helper()
	var open, locked []dbus.ObjectPath
	err := service(t).Call("org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"service": Service}).Store(&open, &locked)
	if err != nil {
		t.Fatal(err)
	}
	return len(open) + len(locked)
}

const login = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")

func lock(t *testing.T) {
	t.Helper()
	var done []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := service(t).Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{login}).Store(&done, &prompt)
	if err != nil || len(done) != 1 {
		t.Fatalf("lock: %v, %v", done, err)
	}
}
