// Package e2e drives the real programs as a person would: a real window on a screen in
// memory, real keys and clicks, a real server over HTTP. Begin with [NewScreen] and
// [Screen.Launch]; the walks are in walks.go. Each step asserts what the window says it
// shows (the probe) and what the files hold, and leaves a picture.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Screen is an X display in memory, with a session bus of its own when there is one to be had.
type Screen struct {
	Name string // as in DISPLAY
	home string // HOME of what is launched
	xvfb *exec.Cmd

	keyring *Keyring // nil: none
}

// NewScreen starts Xvfb on a free display.
func NewScreen(ctx context.Context, width, height int, home string) (*Screen, error) {
	for _, dir := range []string{"", ".cache", ".config", ".local/share", "run"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o700); err != nil {
			return nil, err
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	x := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp",
		"-noreset") // it would begin anew whenever the last program leaves, and refuse the next one meanwhile
	x.ExtraFiles = []*os.File{w}
	x.Cancel = func() error { return x.Process.Signal(os.Interrupt) }
	if err := x.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	w.Close()
	line := make([]byte, 16)
	_ = r.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := r.Read(line)
	if err != nil {
		_ = x.Process.Kill()
		return nil, fmt.Errorf("start Xvfb: it did not say its display: %w", err)
	}
	s := &Screen{Name: ":" + strings.TrimSpace(string(line[:n])), home: home, xvfb: x}
	// A Canadian keyboard, so that accents are typed as people type them.
	if _, err := s.tool(ctx, "setxkbmap", "ca"); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the display.
func (s *Screen) Close() {
	if s.keyring != nil {
		s.keyring.close()
	}
	_ = s.xvfb.Process.Signal(os.Interrupt)
	_ = s.xvfb.Wait()
}

// Env is the environment of programs on this screen.
func (s *Screen) Env() []string {
	env := []string{"DISPLAY=" + s.Name, "HOME=" + s.home, "XDG_RUNTIME_DIR=" + filepath.Join(s.home, "run"),
		"XDG_CACHE_HOME=" + filepath.Join(s.home, ".cache"), "LC_ALL=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1"}
	if s.keyring != nil && s.keyring.address != "" {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+s.keyring.address)
	}
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "DBUS_SESSION_BUS_ADDRESS":
			if s.keyring == nil {
				env = append(env, e)
			}
		case "DISPLAY", "HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "LC_ALL", "LANG", "WAYLAND_DISPLAY", "XDG_DATA_HOME", "XDG_CONFIG_HOME":
		default:
			env = append(env, e)
		}
	}
	return env
}

func (s *Screen) tool(ctx context.Context, args ...string) (string, error) {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = s.Env()
	out, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// Window is a program with a window on the screen.
type Window struct {
	screen *Screen
	cmd    *exec.Cmd
	id     string
	probe  string
	log    *bytes.Buffer
	done   chan error
	Began  time.Time
}

// Launch starts a program and waits for its window. The program is given --probe FILE and writes
// there what it shows (see [Seen]).
func (s *Screen) Launch(ctx context.Context, exe string, args ...string) (*Window, error) {
	probe := filepath.Join(s.home, fmt.Sprintf("probe-%d.jsonl", time.Now().UnixNano()))
	w := &Window{screen: s, probe: probe, log: &bytes.Buffer{}, done: make(chan error, 1), Began: time.Now()}
	w.cmd = exec.CommandContext(ctx, exe, append(args, "--probe", probe)...)
	w.cmd.Env = s.Env()
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { w.done <- w.cmd.Wait() }()
	err := w.wait(ctx, 60*time.Second, func() (bool, error) {
		// xdotool fails as long as there is no such window.
		out, _ := s.tool(ctx, "xdotool", "search", "--onlyvisible", "--pid", strconv.Itoa(w.cmd.Process.Pid))
		if out == "" {
			return false, nil
		}
		w.id = strings.Fields(out)[0]
		return true, nil
	})
	if err != nil {
		w.Kill()
		return nil, fmt.Errorf("window of %s: %w\n%s", filepath.Base(exe), err, w.log)
	}
	_, err = s.tool(ctx, "xdotool", "windowfocus", w.id)
	return w, err
}

// PID is the process of the program.
func (w *Window) PID() int { return w.cmd.Process.Pid }

// wait asks until the answer is yes, the time is up or the program has ended.
func (w *Window) wait(ctx context.Context, limit time.Duration, ask func() (bool, error)) error {
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := ask()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.done:
			w.done <- err
			return errors.Join(errors.New("the program ended"), err)
		case <-tick.C:
		}
		if time.Now().After(deadline) {
			return errors.New("it did not come in " + limit.String())
		}
	}
}

// Keys presses keys by their X names: "Return", "ctrl+f", "Tab".
func (w *Window) Keys(ctx context.Context, keys ...string) error {
	_, err := w.screen.tool(ctx, append([]string{"xdotool", "key", "--delay", "60"}, keys...)...)
	return err
}

// deadKeys are the letters that a Canadian keyboard makes of two keys.
var deadKeys = map[rune][]string{'è': {"dead_grave", "e"}, 'à': {"dead_grave", "a"}, 'ù': {"dead_grave", "u"},
	'é': {"eacute"}, 'ç': {"dead_cedilla", "c"}, 'ê': {"dead_circumflex", "e"}, 'ô': {"dead_circumflex", "o"}, 'î': {"dead_circumflex", "i"}}

// Type types text as a person does, accents by the keys of a Canadian keyboard.
func (w *Window) Type(ctx context.Context, text string) error {
	plain := ""
	flush := func() error {
		if plain == "" {
			return nil
		}
		_, err := w.screen.tool(ctx, "xdotool", "type", "--delay", "50", plain)
		plain = ""
		return err
	}
	for _, r := range text {
		keys, accented := deadKeys[r]
		if !accented {
			plain += string(r)
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		if err := w.Keys(ctx, keys...); err != nil {
			return err
		}
	}
	return flush()
}

// Click clicks a point of the window, in pixels.
func (w *Window) Click(ctx context.Context, x, y int) error {
	_, err := w.screen.tool(ctx, "xdotool", "mousemove", "--window", w.id, strconv.Itoa(x), strconv.Itoa(y), "click", "1")
	return err
}

// Wheel turns the wheel down so many notches over a point, fifty a second.
func (w *Window) Wheel(ctx context.Context, x, y, notches int) error {
	_, err := w.screen.tool(ctx, "xdotool", "mousemove", "--window", w.id, strconv.Itoa(x), strconv.Itoa(y),
		"click", "--repeat", strconv.Itoa(notches), "--delay", "20", "5")
	return err
}

// Size makes the window another size and waits until it has it.
func (w *Window) Size(ctx context.Context, width, height int) error {
	_, err := w.screen.tool(ctx, "xdotool", "windowsize", "--sync", w.id, strconv.Itoa(width), strconv.Itoa(height))
	return err
}

// Shot takes a picture of the window.
func (w *Window) Shot(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// A frame is drawn a moment after the window says what it shows; a picture of one
	// colour is a window that has not drawn yet.
	return w.wait(ctx, 10*time.Second, func() (bool, error) {
		if _, err := w.screen.tool(ctx, "import", "-window", w.id, path); err != nil {
			return false, err
		}
		info, err := os.Stat(path)
		return err == nil && info.Size() > 4000, err
	})
}

// Close asks the program to end, and waits.
func (w *Window) Close() error {
	_ = w.cmd.Process.Signal(os.Interrupt)
	select {
	case err := <-w.done:
		w.done <- err
		return err
	case <-time.After(10 * time.Second):
		w.Kill()
		return errors.New("the program did not end when asked")
	}
}

// Kill ends the program at once, as a power cut does.
func (w *Window) Kill() {
	_ = w.cmd.Process.Kill()
	err := <-w.done
	w.done <- err
}

// Log is what the program printed. "Error in Fyne call thread" in it fails a walk.
func (w *Window) Log() string { return w.log.String() }
