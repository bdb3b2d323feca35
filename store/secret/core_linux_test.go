package secret_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"passerelle/store/secret"
)

// A program that asked for it leaves no core file, and its memory is nobody else's.
func TestDropCore(t *testing.T) {
	if os.Getenv("PASSERELLE_TEST_CORE") == "" {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDropCore$", "-test.v")
		c.Env = append(os.Environ(), "PASSERELLE_TEST_CORE=1")
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestDropCore") {
			t.Errorf("in a process of its own: %v\n%s", err, out)
		}
		return
	}
	if err := secret.DropCore(); err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("core files of up to %+v, %v", limit, err)
	}
	if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || n != 0 {
		t.Errorf("dumpable: %d, %v", n, err)
	}
}
