package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"passerelle/sync/simtest"
)

type testOptions struct{ quick bool }

// count is what the tests came to.
type count struct{ passed, failed, skipped int }

// test runs everything that .ci/run runs and closes with "N passed, N failed, N skipped".
// A step that is no Go test (format, tidiness, lint, the walk of the window) counts as one.
func test(ctx context.Context, o testOptions) error {
	began := time.Now()
	needs := []need{needCompiler}
	if runtime.GOOS == "linux" && !o.quick {
		needs = append(needs, needScreen, needSqlite, needKeyring, needPostgres, needBrowser)
	}
	if err := install(ctx, needs...); err != nil {
		return err
	}
	env := os.Environ()
	if data := realData(); data != "" {
		env = append(env, "PASSERELLE_DATA="+data)
	}
	var n count
	step := func(name string, f func() error) {
		at := time.Now()
		err := f()
		if err != nil {
			n.failed++
			fmt.Printf("✗ %s (%s)\n%v\n", name, time.Since(at).Round(time.Second), err)
			return
		}
		n.passed++
		fmt.Printf("✓ %s (%s)\n", name, time.Since(at).Round(time.Second))
	}
	step("gofmt", func() error { return silent(ctx, nil, "gofmt", "-l", "cmd", "ui", "sync", "store", "i18n") })
	step("go mod tidy", func() error { return silent(ctx, nil, "go", "mod", "tidy", "-diff") })
	step("words are generated", func() error { return generated(ctx) })
	step("go vet", func() error {
		_, err := output(ctx, append(env, "CGO_ENABLED=1"), "go", "vet", "-tags", "x11", "./...")
		return err
	})
	if !o.quick {
		step("golangci-lint", func() error {
			_, err := output(ctx, append(env, "CGO_ENABLED=1"), "go", "tool", "-modfile=.ci/tools.mod", "golangci-lint", "run", "--build-tags", "x11", "./...")
			return err
		})
	}
	packages, err := testPackages(ctx)
	if err != nil {
		return err
	}
	fmt.Println("· go test, without cgo, as on a machine without a display")
	n.add(goTest(ctx, append(env, "CGO_ENABLED=0"), append([]string{"-timeout", "15m"}, packages...)))
	step("2,000 histories of private records", func() error { return sim(ctx, simtest.RunOptions{}) })
	if !o.quick {
		step("planted faults are found by those histories", func() error { return plantMutants(ctx, mutantsOptions{n: 300}) })
	}
	if !o.quick && runtime.GOOS == "linux" {
		fmt.Println("· go test, with accounts and private records on PostgreSQL")
		served := append(env, "CGO_ENABLED=0", "PASSERELLE_TEST_ENGINE=postgres")
		n.add(goTest(ctx, served, []string{"-timeout", "15m", "./sync/gate"}))
		n.add(goTest(ctx, served, []string{"-timeout", "15m", "-run", "Deliver|Desk|Command|Submitted|Quota|Partition|Page|Grant|Removed", "./sync/hub"}))
	}
	if !o.quick {
		fmt.Println("· go test -race, of what runs beside itself")
		n.add(goTest(ctx, append(env, "CGO_ENABLED=1"), []string{"-race", "-shuffle=on", "-short", "-timeout", "15m",
			"./sync/...", "./store/account/...", "./store/cache/...", "./store/catalogue/...", "./store/ledger/...", "./store/postgres/...", "./store/secret/...", "./ui/state/..."}))
		if runtime.GOOS == "linux" {
			step("the window, driven by keys and clicks", func() error {
				return endToEnd(ctx, e2eOptions{out: filepath.Join("out", "e2e")})
			})
		}
	}
	fmt.Printf("took %s\n%d passed, %d failed, %d skipped\n", time.Since(began).Round(time.Second), n.passed, n.failed, n.skipped)
	if n.failed > 0 {
		return fmt.Errorf("%d failed", n.failed)
	}
	return nil
}

func (c *count) add(o count) {
	c.passed += o.passed
	c.failed += o.failed
	c.skipped += o.skipped
}

// testPackages lists the packages whose tests need no cgo: all but the window itself.
func testPackages(ctx context.Context) ([]string, error) {
	out, err := output(ctx, append(os.Environ(), "CGO_ENABLED=0"), "go", "list", "-e", "./...")
	if err != nil {
		return nil, err
	}
	var ps []string
	for _, p := range strings.Fields(out) {
		if p != "passerelle/cmd/passerelle" {
			ps = append(ps, p)
		}
	}
	return ps, nil
}

// goTest runs go test and prints what failed, with its output, and why tests were skipped.
func goTest(ctx context.Context, env, args []string) count {
	var n count
	c := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	c.Env = env
	var errs bytes.Buffer
	c.Stderr = &errs
	pipe, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		fmt.Println("✗ go test:", err)
		return count{failed: 1}
	}
	type event struct{ Action, Package, Test, Output string }
	said := map[string][]string{}
	lines := bufio.NewScanner(pipe)
	lines.Buffer(make([]byte, 1<<20), 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		key := e.Package + "." + e.Test
		switch e.Action {
		case "output", "build-output":
			said[key] = append(said[key], e.Output)
		case "pass":
			if e.Test != "" {
				n.passed++
			}
			delete(said, key)
		case "skip":
			if e.Test != "" {
				n.skipped++
				fmt.Printf("- %s skipped: %s\n", key, reason(said[key]))
			}
			delete(said, key)
		case "fail", "build-fail":
			if e.Test != "" || !hasFailed(said, e.Package) {
				n.failed++
			}
			fmt.Printf("✗ %s\n%s", key, strings.Join(said[key], ""))
		}
	}
	if err := c.Wait(); err != nil && n.failed == 0 {
		n.failed++
		fmt.Printf("✗ go test: %v\n%s\n", err, errs.String())
	}
	return n
}

// hasFailed: a package fails because a test of it did, which is counted already.
func hasFailed(said map[string][]string, pkg string) bool {
	for key, lines := range said {
		if key != pkg+"." && strings.HasPrefix(key, pkg+".") && len(lines) > 0 {
			return true
		}
	}
	return false
}

func reason(lines []string) string {
	for _, l := range lines {
		if t := strings.TrimSpace(l); t != "" && !strings.HasPrefix(t, "===") && !strings.HasPrefix(t, "---") {
			return t
		}
	}
	return "no reason given"
}

// generated checks that the typed keys are those of the catalogues of words.
func generated(ctx context.Context) error {
	before, err := os.ReadFile(filepath.Join("i18n", "keys.go"))
	if err != nil {
		return err
	}
	if _, err := output(ctx, os.Environ(), "go", "generate", "./i18n"); err != nil {
		return err
	}
	after, err := os.ReadFile(filepath.Join("i18n", "keys.go"))
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return fmt.Errorf("i18n/keys.go was old: commit what go generate ./i18n wrote")
	}
	return nil
}

// output runs a command and gives what it printed; a failure carries it.
func output(ctx context.Context, env []string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = env
	out, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// silent runs a command that must print nothing.
func silent(ctx context.Context, env []string, args ...string) error {
	out, err := output(ctx, env, args...)
	if err == nil && strings.TrimSpace(out) != "" {
		err = fmt.Errorf("%s", out)
	}
	return err
}
