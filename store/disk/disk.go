// Package disk writes files of which nobody ever reads a half. It has one function, [Write].
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write replaces a file as a whole, for its owner alone: whoever opens it finds what was
// there, or all that write wrote. Where that fails, what was there stays.
func Write(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".passerelle-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", filepath.Base(name), err), os.Remove(f.Name()))
	}
	return nil
}
