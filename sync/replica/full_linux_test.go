package replica_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"passerelle/sync/publish"
	"passerelle/sync/simtest"
)

// A process of its own gets a disk of its own, of the bytes that PASSERELLE_DISK says: a
// file system in memory where the kernel lets it mount one, and the system's limit on file
// sizes where it does not.
const diskEnv = "PASSERELLE_DISK"

func confine(cmd *exec.Cmd) {
	if !strings.Contains(strings.Join(cmd.Env, "\n"), diskEnv+"=") {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// prepare limits the disk of a child before it begins.
func prepare(c child) {
	size := os.Getenv(diskEnv)
	if size == "" {
		return
	}
	small := filepath.Join(c.Dir, "catalogue")
	if c.Scope == "all-cards" { // the other half of the replica's files
		small = filepath.Join(c.Dir, "sync")
	}
	if err := os.MkdirAll(small, 0o700); err != nil {
		panic(err)
	}
	if err := syscall.Mount("passerelle", small, "tmpfs", 0, "size="+size); err == nil {
		os.Stdout.WriteString("mounted\n")
		return
	}
	n, err := strconv.ParseUint(size, 10, 64)
	if err != nil {
		panic(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n / 4, Max: n / 4}); err != nil {
		panic(err)
	}
}

// TestDiskFull fills a real, small disk: with the catalogue, and with what is downloaded.
// The error says so, and with room the next run succeeds.
//
// Rows: X-011
func TestDiskFull(t *testing.T) {
	p, err := simtest.NewPublisher(simtest.Dir(t), publish.RootOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p.Fill(1, 9_000)
	p.Options.Valid = 30 * 24 * time.Hour
	if _, err := p.Publish(); err != nil {
		t.Fatal(err)
	}
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	for scope, size := range map[string]string{"all": "600000", "all-cards": "40000"} {
		t.Setenv(diskEnv, size)
		c := child{URL: s.URL, Scope: scope, Dir: simtest.Dir(t), Now: p.Now}
		out, err := c.run(t)
		var denied *os.PathError
		if errors.As(err, &denied) {
			t.Skip("the kernel allows no namespaces here:", err)
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 13 {
			t.Fatalf("%s on a disk of %s bytes: %v, want ErrDiskFull (%s)", scope, size, err, out)
		}
		t.Logf("%s, mounted %v: %v", scope, strings.Contains(out, "mounted"), err)
		if st := look(t, c.Dir); st.Count != 0 {
			t.Errorf("%s: %d rows left", scope, st.Count)
		}
		if err := c.sync(); err != nil {
			t.Errorf("%s: with room: %v", scope, err)
		}
		if ids, digest := p.Wanted(scope); look(t, c.Dir).Digest != digest {
			t.Errorf("%s: with room: not the %d rows wanted", scope, len(ids))
		}
	}
}
