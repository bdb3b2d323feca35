package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// programs finds the newest PostgreSQL of Debian's package.
func programs() (dir string, err error) {
	all, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(all) == 0 {
		return "", errors.New("the package postgresql is not installed")
	}
	number := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(all, func(a, b string) int { return number(a) - number(b) })
	return filepath.Dir(all[len(all)-1]), nil
}

// start makes a database cluster in a directory of its own and runs a server on it, on a
// socket in that directory and nowhere else, with more settings. PostgreSQL refuses to run as root, so root
// runs it as the user of the package, or as nobody.
func start(settings ...string) (s *server, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/tmp", "passerelle-pg-") // a socket's name is short, and that user may pass
	if err != nil {
		return nil, err
	}
	s = &server{dir: dir, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	as := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				return nil, err
			}
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
			return nil, err
		}
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	data := filepath.Join(dir, "data")
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	init.SysProcAttr, init.Dir = as, dir
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	args := []string{"-D", data, "-k", dir, "-c", "listen_addresses="}
	for _, setting := range append([]string{"max_connections=200", "logging_collector=off"}, settings...) {
		args = append(args, "-c", setting)
	}
	run := exec.Command(filepath.Join(bin, "postgres"), args...)
	run.Dir = dir
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	run.Stdout, run.Stderr = log, log
	// It ends with the tests, however they end: the signal comes when the thread that
	// started it does, so that thread stays.
	own := *as
	own.Pdeathsig = syscall.SIGQUIT
	run.SysProcAttr = &own
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := run.Start()
		started <- err
		if err == nil {
			_ = run.Wait()
			close(s.ended)
		}
		_ = log.Close()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	s.stop = func() {
		_ = run.Process.Signal(syscall.SIGQUIT) // nothing is kept, so it need not end well
		<-s.ended
		_ = os.RemoveAll(dir)
	}
	if err := s.await(); err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "log"))
		s.stop()
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	return s, nil
}

// await waits until the server answers.
func (s *server) await() error {
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	turn := time.NewTicker(20 * time.Millisecond)
	defer turn.Stop()
	for range 1500 {
		if err = db.PingContext(context.Background()); err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("postgres ended")
		case <-turn.C:
		}
	}
	return err
}
