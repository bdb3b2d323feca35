package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"passerelle/sync/simtest"
)

type mutantsOptions struct {
	n    int    // histories that a mutant may take
	only string // those whose name begins so
}

// plantMutants plants each fault of sync/simtest/mutants in a program of its own, without
// touching the sources, and fails when the histories do not find it.
func plantMutants(ctx context.Context, o mutantsOptions) error {
	top, err := repository()
	if err != nil {
		return err
	}
	all, err := simtest.Mutants()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "passerelle-mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, m := range all {
		if strings.HasPrefix(m.Name, o.only) {
			err = errors.Join(err, find(ctx, top, filepath.Join(dir, m.Name), m, o.n))
		}
	}
	return err
}

var firstFound = regexp.MustCompile(`the first after (\d+)`)

// find plants one, plays histories, and prints by what it was found.
func find(ctx context.Context, top, dir string, m simtest.Mutant, n int) error {
	planted, err := m.Plant(top)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, text := range planted {
		to := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return err
		}
		overlay.Replace[filepath.Join(top, filepath.FromSlash(name))] = to
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return err
	}
	bin := exe(dir, "dev")
	env := append(os.Environ(), "CGO_ENABLED=0")
	if _, err := output(ctx, env, "go", "build", "-ldflags", "-s -w", "-overlay", file, "-o", bin, "./cmd/dev"); err != nil {
		return fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	began := time.Now()
	c := exec.CommandContext(ctx, bin, "sim", "-any", "-n", fmt.Sprint(n))
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err == nil {
		return fmt.Errorf("mutant %s lives: %d histories do not find that\n%s", m.Name, n, m.About)
	}
	after := firstFound.FindStringSubmatch(said.String())
	if after == nil {
		return fmt.Errorf("mutant %s: no history was played\n%s", m.Name, said.String())
	}
	line, _, _ := strings.Cut(said.String(), "\n")
	fmt.Printf("%s is found by history %s, in %s: %s\n", m.Name, after[1], time.Since(began).Round(time.Millisecond), line)
	return nil
}
