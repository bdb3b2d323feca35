package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"passerelle/i18n"
)

// Mirror is a directory that holds the partner feed's documents as they were last seen,
// so that a visit fetches only what changed and an import still has all of it. Its zero
// value is the working directory; give it one of its own.
type Mirror struct {
	Dir string
}

// marks is the file of what the feed said last of each document.
const marks = "marks.json"

// Update visits the feed and brings the directory up to date. It may be stopped at any
// moment and run again: what was fetched by then is kept. Documents that the feed no
// longer lists are taken away only after a visit that read every list.
func (m Mirror) Update(ctx context.Context, f Feed) (Fetched, error) {
	if err := os.MkdirAll(m.Dir, 0o750); err != nil {
		return Fetched{}, err
	}
	seen := map[string]string{}
	b, err := os.ReadFile(filepath.Join(m.Dir, marks))
	if err == nil {
		err = json.Unmarshal(b, &seen)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Fetched{}, fmt.Errorf("marks of the mirror: %w", err)
	}
	got, err := f.Fetch(ctx, func(id string, lang i18n.Lang) string {
		name := m.name(id, lang)
		if _, err := os.Stat(filepath.Join(m.Dir, name)); err != nil {
			return "" // the mark without its document is worth nothing
		}
		return seen[name]
	}, func(it Item) error {
		name := m.name(it.ID, it.Lang)
		seen[name] = it.Updated
		return m.write(name, it.Doc)
	})
	if err == nil {
		for name := range seen {
			_, id, _ := strings.Cut(strings.TrimSuffix(name, ".xml"), "-")
			if _, listed := slices.BinarySearch(got.IDs, id); !listed {
				delete(seen, name)
				if err := os.Remove(filepath.Join(m.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return got, err
				}
			}
		}
	}
	b, err2 := json.Marshal(seen)
	if err2 == nil {
		err2 = m.write(marks, b)
	}
	return got, errors.Join(err, err2)
}

func (m Mirror) name(id string, lang i18n.Lang) string { return string(lang) + "-" + id + ".xml" }

// write puts a file in place whole, or not at all.
func (m Mirror) write(name string, b []byte) error {
	path := filepath.Join(m.Dir, name)
	if err := os.WriteFile(path+".part", b, 0o640); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// Open gives the documents one after another, for [Read] as [Federal]; one file is open
// at a time.
func (m Mirror) Open() (io.ReadCloser, error) {
	names, err := filepath.Glob(filepath.Join(m.Dir, "*.xml"))
	if err != nil {
		return nil, err
	}
	return &chain{names: names}, nil
}

// chain reads files as one.
type chain struct {
	names []string
	f     *os.File
}

func (c *chain) Read(p []byte) (int, error) {
	for {
		if c.f == nil {
			if len(c.names) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(c.names[0])
			if err != nil {
				return 0, err
			}
			c.f, c.names = f, c.names[1:]
		}
		n, err := c.f.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := c.Close(); err != nil {
			return 0, err
		}
		if len(p) > 0 {
			p[0] = '\n' // so that two documents never touch
			return 1, nil
		}
	}
}

func (c *chain) Close() error {
	if c.f == nil {
		return nil
	}
	f := c.f
	c.f = nil
	return f.Close()
}
