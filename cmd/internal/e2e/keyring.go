package e2e

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Keyring is a session bus with the keyring of GNOME on it, unlocked, for the programs of
// one screen.
type Keyring struct {
	address string
	bus     *exec.Cmd
	daemon  *exec.Cmd
}

// Keyring gives the screen a real keyring; programs launched from then on find it.
func (s *Screen) Keyring(ctx context.Context) error {
	k := &Keyring{bus: exec.CommandContext(ctx, "dbus-daemon", "--session", "--nofork", "--print-address",
		"--address=unix:dir="+filepath.Join(s.home, "run"))}
	k.bus.Env = s.Env()
	out, err := k.bus.StdoutPipe()
	if err == nil {
		err = k.bus.Start()
	}
	if err != nil {
		return fmt.Errorf("start a session bus: %w", err)
	}
	s.keyring = k
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("start a session bus: it did not say its address: %w", err)
	}
	k.address = strings.TrimSpace(line)
	k.daemon = exec.CommandContext(ctx, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	k.daemon.Env, k.daemon.Stdin = s.Env(), strings.NewReader("of the computer\n")
	if err := k.daemon.Start(); err != nil {
		k.daemon = nil
		return fmt.Errorf("start the keyring: %w", err)
	}
	for range 200 {
		said, _ := s.tool(ctx, "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
			"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets") // no answer yet is no
		if strings.Contains(said, "boolean true") {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("the keyring did not come up in ten seconds")
}

func (k *Keyring) close() {
	for _, c := range []*exec.Cmd{k.daemon, k.bus} {
		if c != nil && c.Process != nil {
			_ = c.Process.Signal(os.Interrupt)
			late := time.AfterFunc(5*time.Second, func() { _ = c.Process.Kill() }) // the keyring may miss it
			_ = c.Wait()
			late.Stop()
		}
	}
}
