package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// Programs say where the built programs are and where a walk may write.
type Programs struct {
	Bin    string // folder of passerelle, passerelle-cli and passerelle-server
	Server string // address of a server that runs already; "": a walk starts its own
	Home   string // for the files of programs
	Out    string // for pictures
	Data   string // folder of the real files; "": walks over them are left out, and say so
}

func (p Programs) exe(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(p.Bin, name)
}

// run runs one of the programs to its end and gives what it printed.
func (p Programs) run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, p.exe(name), args...)
	c.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String() + errs.String(), nil
}

// Served is a running server.
type Served struct {
	Address string
	cmd     *exec.Cmd
	done    chan error
	out     *tail
}

// tail keeps what a program prints; its writer and its reader are two goroutines.
type tail struct {
	ch  chan string
	all bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.all.Write(b)
	select {
	case t.ch <- t.all.String():
	default:
	}
	return len(b), nil
}

var httpAddress = regexp.MustCompile(`https?://[\d.:\[\]]+`)

// serve starts the server on a free port of loopback and waits until it says where.
func (p Programs) serve(ctx context.Context, env []string, data string, args ...string) (*Served, error) {
	s := &Served{done: make(chan error, 1), out: &tail{ch: make(chan string, 64)}}
	s.cmd = exec.CommandContext(ctx, p.exe("passerelle-server"), append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.done <- s.cmd.Wait() }()
	limit := time.After(2 * time.Minute)
	for {
		select {
		case text := <-s.out.ch:
			if a := httpAddress.FindString(text); a != "" {
				s.Address = a
				return s, nil
			}
		case err := <-s.done:
			return nil, fmt.Errorf("the server ended: %w", err)
		case <-limit:
			_ = s.cmd.Process.Kill()
			return nil, errors.New("the server did not say its address")
		}
	}
}

// Stop ends the server as a power cut does: nothing is said to anyone.
func (s *Served) Stop() {
	_ = s.cmd.Process.Kill()
	s.done <- <-s.done // whoever asks again hears the same
}
