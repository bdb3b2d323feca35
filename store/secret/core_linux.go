package secret

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// DropCore keeps this process's memory out of core files, and away from other programs of
// the same person. Programs call it first of all.
func DropCore() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("no core files: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("not dumpable: %w", err)
	}
	return nil
}
