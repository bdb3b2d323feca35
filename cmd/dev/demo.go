package main

import (
	"bufio"
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

	"passerelle/cmd/internal/e2e"
)

type demoOptions struct {
	postings int
	headless bool
	out      string
}

// demo shows the program to a newcomer: it installs what is missing, builds, starts a
// server with a demonstration catalogue on loopback and opens the window on it. Without
// a display it walks the main job on a screen in memory and says where the pictures are.
func demo(ctx context.Context, o demoOptions) error {
	headless := o.headless || runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == ""
	needs := []need{}
	if runtime.GOOS == "linux" || !hasCommand("gcc") && !hasCommand("clang") {
		needs = append(needs, needCompiler)
	}
	if headless {
		needs = append(needs, needScreen)
	}
	if err := install(ctx, needs...); err != nil {
		return err
	}
	bin, err := build(ctx, "passerelle-server", "passerelle-cli", "passerelle")
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	home := filepath.Join(cache, "passerelle-demo")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	fmt.Println("The demonstration keeps its files in", home)
	server, address, err := startServer(ctx, bin, filepath.Join(home, "server"), o.postings)
	if err != nil {
		return err
	}
	defer server.stop()
	fmt.Println("The demonstration server answers at", address)
	if headless {
		fmt.Println("There is no display here: walking the main job on a screen in memory")
		shots, err := e2e.Tour(ctx, e2e.Programs{Bin: bin, Server: address, Home: filepath.Join(home, "tour"), Out: o.out})
		for _, s := range shots {
			fmt.Println("  picture:", s)
		}
		return err
	}
	window := exec.CommandContext(ctx, exe(bin, "passerelle"), "--data", filepath.Join(home, "desk"), "--server", address)
	window.Stdout, window.Stderr = os.Stdout, os.Stderr
	window.Cancel = func() error { return window.Process.Signal(os.Interrupt) }
	err = window.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func exe(bin, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(bin, name)
}

// running is a server that this tool started.
type running struct {
	cmd  *exec.Cmd
	done chan error
}

// startServer starts the demonstration server and waits for the address it prints.
func startServer(ctx context.Context, bin, data string, postings int) (*running, string, error) {
	c := exec.CommandContext(ctx, exe(bin, "passerelle-server"), "serve", "--demo", "--data", data,
		"--addr", "127.0.0.1:0", "--n", strconv.Itoa(postings))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := c.Start(); err != nil {
		return nil, "", fmt.Errorf("start the server: %w", err)
	}
	r := &running{c, make(chan error, 1)}
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if i := strings.Index(lines.Text(), "http://"); i >= 0 {
				select {
				case address <- strings.Fields(lines.Text()[i:])[0]:
				default:
				}
			}
		}
		r.done <- c.Wait()
	}()
	select {
	case a := <-address:
		return r, a, nil
	case err := <-r.done:
		return nil, "", fmt.Errorf("the server ended before it answered: %w", errors.Join(err, ctx.Err()))
	case <-time.After(5 * time.Minute):
		r.stop()
		return nil, "", errors.New("the server did not say its address in five minutes")
	}
}

// stop asks the server to end and waits for it.
func (r *running) stop() {
	if runtime.GOOS == "windows" {
		_ = r.cmd.Process.Kill()
	} else {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case err := <-r.done:
		if err != nil {
			fmt.Println("the demonstration server ended:", err)
		}
	case <-time.After(15 * time.Second):
		_ = r.cmd.Process.Kill()
	}
}
