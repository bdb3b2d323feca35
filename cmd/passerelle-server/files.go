package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"passerelle/sync/publish"
)

func makeDir(file string) error { return os.MkdirAll(filepath.Dir(file), 0o700) }

// replaceKey writes a key in the place of another in one step.
func replaceKey(k publish.Key, name string) error {
	aside := name + ".new"
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := k.Write(aside); err != nil {
		return err
	}
	return os.Rename(aside, name)
}

// hold keeps a data directory for one server at a time, and from being restored under it.
func (p *program) hold() (release func(), err error) {
	name := p.file("serve.lock")
	if err := makeDir(name); err != nil {
		return nil, err
	}
	l := flock.New(name)
	ok, err := l.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errRunning
	}
	return func() { _ = l.Unlock() }, nil
}
