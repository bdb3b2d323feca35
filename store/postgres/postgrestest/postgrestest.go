// Package postgrestest starts PostgreSQL for tests, from Debian's package: one server for
// the tests of a package, on a private socket, one empty database for a test. A package
// that uses it has a TestMain that calls [Main].
package postgrestest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
)

// Engine is the variable that makes [Ledger] give databases instead of files.
const Engine = "PASSERELLE_TEST_ENGINE"

const owner = "passerelle"

type server struct {
	dir   string
	stop  func()
	ended chan struct{}
	names int
}

var (
	mu      sync.Mutex
	running *server
	refused error                 // why there is none
	places  = map[string]string{} // databases of Ledger, by their files
)

// Main runs the tests of a package and stops the server, if one of them started it.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the server, if there is one, for a TestMain that does more than [Main].
func Stop() {
	mu.Lock()
	defer mu.Unlock()
	if running != nil {
		running.stop()
		running = nil
	}
}

// forgetful are the settings of a server of which nothing has to outlive the machine.
var forgetful = []string{"fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "autovacuum=off"}

// Serve starts a server that keeps what it acknowledges, to be measured, and gives the URL
// of an empty database in it. Whoever asks for it stops it.
func Serve() (at string, stop func(), err error) {
	s, err := start("shared_buffers=128MB")
	if err != nil {
		return "", nil, err
	}
	return s.url("postgres"), s.stop, nil
}

// URL is that of an empty database, which goes when the test ends. Where PostgreSQL is
// not installed the test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	mu.Lock()
	if running == nil && refused == nil {
		running, refused = start(forgetful...)
	}
	s, err := running, refused
	if err != nil {
		mu.Unlock()
		t.Skipf("no PostgreSQL: %v", err)
	}
	s.names++
	name := fmt.Sprint("test", s.names)
	mu.Unlock()
	s.admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.admin(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.url(name)
}

// Ledger is where a test keeps its ledger: file, or a database in the place of that file
// where the environment says PASSERELLE_TEST_ENGINE=postgres.
func Ledger(t testing.TB, file string) string {
	t.Helper()
	if os.Getenv(Engine) != "postgres" {
		return file
	}
	mu.Lock()
	url := places[file]
	mu.Unlock()
	if url == "" {
		url = URL(t)
		mu.Lock()
		places[file] = url
		mu.Unlock()
		t.Cleanup(func() {
			mu.Lock()
			delete(places, file)
			mu.Unlock()
		})
	}
	return url
}

// NeedsFile skips a test that reads the bytes of a ledger's file, where there is none.
func NeedsFile(t testing.TB) {
	t.Helper()
	if os.Getenv(Engine) == "postgres" {
		t.Skip("it reads the file of a ledger")
	}
}

func (s *server) url(name string) string {
	return "postgres:///" + name + "?" + url.Values{"host": {s.dir}, "user": {owner}}.Encode()
}

func (s *server) admin(t testing.TB, text string) {
	t.Helper()
	db, err := sql.Open("pgx", s.url("postgres"))
	if err == nil {
		_, err = db.ExecContext(context.Background(), text)
		_ = db.Close()
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
