package disk_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"passerelle/store/disk"
)

// TestWrite: a file is written for its owner alone, and replaced; a failure half way leaves
// what was there, and nothing beside it.
func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.html")
	text := func(s string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			return errors.Join(err, func() error { _, err := io.WriteString(w, s); return err }())
		}
	}
	full := errors.New("the disk is full")
	for _, c := range []struct {
		write func(io.Writer) error
		err   error
		want  string
	}{{text("first", nil), nil, "first"}, {text("second", nil), nil, "second"}, {text("half", full), full, "second"}} {
		if err := disk.Write(name, c.write); !errors.Is(err, c.err) {
			t.Errorf("Write = %v, want %v", err, c.err)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != c.want {
			t.Errorf("the file says %q, %v, want %q", b, err, c.want)
		}
	}
	if all, _ := os.ReadDir(filepath.Dir(name)); len(all) != 1 {
		t.Errorf("beside the file: %v", all)
	}
	if st, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", st.Mode(), err)
	}
	if err := disk.Write(filepath.Join(t.TempDir(), "nowhere", "x"), text("", nil)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no directory: %v", err)
	}
}
