package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"passerelle/i18n"
	"passerelle/store/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"passerelle-server": main, "ask": ask, "register": register, "records": records, "post-office": postOffice, "far": far})
}

// tests stops what they started.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer postgrestest.Stop()
	return t.M.Run()
}

// ask is a small HTTP client for the scripts: ask METHOD URL [FILE [TYPE]]. It prints the
// status, the headers that the scripts look at, and the body.
func ask() {
	if err := doAsk(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func doAsk(args []string) error {
	var body io.Reader
	kind := "application/json"
	if len(args) > 2 {
		f, err := os.Open(args[2])
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		body = f
	}
	if len(args) > 3 {
		kind = args[3]
	}
	req, err := http.NewRequest(args[0], args[1], body)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	fmt.Println(res.Status)
	for _, h := range []string{"Cache-Control", "Retry-After", "Content-Type"} {
		if v := res.Header.Get(h); v != "" {
			fmt.Println(h+":", v)
		}
	}
	_, err = io.Copy(os.Stdout, res.Body)
	return err
}

// TestScripts tells the stories of an operator: the program, its files and its answers.
//
// Rows
func TestScripts(t *testing.T) {
	scripts(t, "testdata/script", func(*testscript.Env) {})
}

// TestPostgresScripts tells those of an operator whose ledger is in PostgreSQL.
//
// Rows: A-087
func TestPostgresScripts(t *testing.T) {
	urls, others := map[string]string{}, map[string]string{}
	for _, name := range []string{"move", "serve", "care"} {
		urls[name], others[name] = postgrestest.URL(t), postgrestest.URL(t)
	}
	scripts(t, "testdata/postgres", func(e *testscript.Env) {
		name := strings.TrimPrefix(filepath.Base(e.WorkDir), "script-")
		e.Setenv("LEDGER", urls[name])
		e.Setenv("OTHER", others[name])
	})
}

func scripts(t *testing.T, dir string, setup func(*testscript.Env)) {
	t.Helper()
	fixtures, err := filepath.Abs("../../sync/intake/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("FIXTURES", fixtures)
			e.Setenv("PASSERELLE_SERVER", filepath.Join(e.WorkDir, "data"))
			e.Setenv("PASSERELLE_NOW", "2026-08-10")
			e.Setenv("LANG", "en_CA.UTF-8")
			setup(e)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"serve": serveCmd, "kill9": killCmd, "halt": haltCmd, "nowhere": nowhereCmd, "await": awaitCmd, "appendto": appendCmd},
	})
}

type running struct {
	cmd  *exec.Cmd
	done chan error
}

// serveCmd starts a server in the background, waits for its address and puts it in $URL.
func serveCmd(ts *testscript.TestScript, neg bool, args []string) {
	program := "passerelle-server"
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, program)); err == nil {
			program = filepath.Join(dir, program)
			break
		}
	}
	c := exec.CommandContext(context.Background(), program, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	for _, name := range []string{"PASSERELLE_SERVER", "PASSERELLE_NOW", "PASSERELLE_SMTP_HOST", "PASSERELLE_SMTP_PORT", "PASSERELLE_MAIL_FROM", "LANG", "PATH", "HOME", "SYSTEMROOT", "TMPDIR"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	said, err := os.Create(ts.MkAbs("served.txt")) // what it says, for the script to look at
	ts.Check(err)
	errs, err := os.Create(ts.MkAbs("errors.txt"))
	ts.Check(err)
	c.Stderr = io.MultiWriter(ts.Stderr(), errs)
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	s := running{c, make(chan error, 1)}
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		defer func() { _, _ = said.Close(), errs.Close() }()
		for lines.Scan() {
			_, _ = fmt.Fprintln(said, lines.Text())
			if i := strings.Index(lines.Text(), "http://"); i >= 0 {
				address <- strings.Fields(lines.Text()[i:])[0]
			}
		}
		s.done <- c.Wait()
	}()
	select {
	case a := <-address:
		ts.Setenv("URL", a)
	case err := <-s.done:
		ts.Fatalf("the server ended: %v", err)
	case <-time.After(time.Minute):
		_ = c.Process.Kill()
		ts.Fatalf("the server did not say its address")
	}
	servers.Store(ts, s)
	ts.Defer(func() {
		_ = c.Process.Kill()
	})
}

// servers are those of the scripts that serve, which run at once.
var servers sync.Map

func served(ts *testscript.TestScript) running {
	s, ok := servers.Load(ts)
	if !ok {
		ts.Fatalf("no server was started")
	}
	return s.(running)
}

// awaitCmd waits for a file that another program writes, and puts what it holds into a
// variable: await FILE [NAME].
func awaitCmd(ts *testscript.TestScript, neg bool, args []string) {
	turns := time.NewTicker(50 * time.Millisecond)
	defer turns.Stop()
	for range 600 {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil {
			if len(args) > 1 {
				ts.Setenv(args[1], string(b))
			}
			return
		}
		<-turns.C
	}
	ts.Fatalf("%s never came", args[0])
}

// appendCmd adds the ledger of an argument to a file of settings, which nobody else reads.
func appendCmd(ts *testscript.TestScript, neg bool, args []string) {
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.WriteFile(name, fmt.Appendf(b, "ledger = %q\n", args[1]), 0o600))
	ts.Check(os.Chmod(name, 0o600))
}

// nowhereCmd wants words to stand in no file: nowhere FILE... WORD..., files and folders first.
func nowhereCmd(ts *testscript.TestScript, neg bool, args []string) {
	var files []string
	for len(args) > 0 {
		name := ts.MkAbs(args[0])
		if _, err := os.Stat(name); err != nil {
			break
		}
		ts.Check(filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				files = append(files, path)
			}
			return err
		}))
		args = args[1:]
	}
	if len(files) == 0 || len(args) == 0 {
		ts.Fatalf("usage: nowhere FILE... WORD...")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a server at work drops what it needs no more
		}
		ts.Check(err)
		for _, word := range args {
			if bytes.Contains(b, []byte(word)) {
				ts.Fatalf("%s holds %s", name, word)
			}
		}
	}
}

// haltCmd asks the server to stop and wants it to end well.
func haltCmd(ts *testscript.TestScript, neg bool, args []string) {
	s := served(ts)
	if runtime.GOOS == "windows" {
		_ = s.cmd.Process.Kill()
		<-s.done
		return
	}
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	ts.Check(<-s.done)
}

// killCmd ends the server without a word.
func killCmd(ts *testscript.TestScript, neg bool, args []string) {
	s := served(ts)
	ts.Check(s.cmd.Process.Kill())
	<-s.done
}

// Every command has a line in the help, and its options a word, in both languages.
//
// Rows: X-001
func TestHelpInBothLanguages(t *testing.T) {
	for _, lang := range i18n.Languages() {
		env := func(name string) string {
			if name == "LANG" {
				return string(lang) + "_CA.UTF-8"
			}
			return ""
		}
		say := func(args ...string) string {
			var out, errs strings.Builder
			if code := run(t.Context(), args, env, &out, &errs); code != 0 || errs.Len() > 0 {
				t.Errorf("%v in %s: code %d, %s", args, lang, code, errs.String())
			}
			if strings.Contains(out.String(), "⟦") || strings.Contains(out.String(), "{{") {
				t.Errorf("%v in %s has no words for something:\n%s", args, lang, out.String())
			}
			return out.String()
		}
		all := say("--help")
		for _, c := range commands {
			if !strings.Contains(all, c.name) {
				t.Errorf("the help in %s lacks %s", lang, c.name)
			}
			for _, line := range strings.Split(strings.TrimSpace(say(c.name, "--help")), "\n") {
				if strings.HasPrefix(line, "  --") && len(strings.Fields(line)) < 2 {
					t.Errorf("an option of %s has no words in %s: %q", c.name, lang, line)
				}
			}
		}
	}
}

// The clock of a test starts where it is told to and goes on.
func TestClock(t *testing.T) {
	c, err := clock("2022-07-15T10:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	if d := c().Sub(time.Date(2022, 7, 15, 10, 0, 0, 0, time.UTC)); d < 0 || d > time.Minute {
		t.Errorf("the clock is %s off", d)
	}
	for _, bad := range []string{"yesterday", "2022-07-15x", "15/07/2022"} {
		if _, err := clock(bad); err == nil {
			t.Errorf("clock(%q) was taken", bad)
		}
	}
}
