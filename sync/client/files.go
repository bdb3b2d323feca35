package client

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"passerelle/sync/wire"
)

// Files reads a published tree from a file system: a folder on a key, an archive, or the
// sample inside the program.
type Files struct {
	tree   fs.FS
	origin string
	close  func() error
}

// Folder reads a tree from a folder of the disk or, if name is a file, from a zip archive.
func Folder(name string) (*Files, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	if st.IsDir() {
		return Tree(os.DirFS(name), "bundle"), nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("open bundle %s: neither a folder nor an archive: %w", name, err)
	}
	f := Tree(z, "bundle")
	f.close = z.Close
	return f, nil
}

// Tree reads a tree from any file system; origin is "bundle" or "sample".
func Tree(fsys fs.FS, origin string) *Files { return &Files{tree: fsys, origin: origin} }

// Close releases an archive.
func (f *Files) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Scopes lists the scopes that have a head here: a bundle may hold one.
func (f *Files) Scopes() []string {
	var all []string
	for _, s := range wire.Scopes() {
		if _, err := fs.Stat(f.tree, wire.HeadPath(s)); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// Head implements replica.Transport; files have no tags.
func (f *Files) Head(ctx context.Context, scope, _ string) ([]byte, string, error) {
	b, err := f.read(ctx, wire.HeadPath(scope), maxBody)
	return b, "", err
}

// Object implements replica.Transport.
func (f *Files) Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error) {
	file, err := f.open(ctx, wire.ObjectPath(h))
	if err != nil {
		return nil, 0, err
	}
	if s, ok := file.(io.Seeker); ok && from > 0 {
		if _, err := s.Seek(from, io.SeekStart); err == nil {
			return file, from, nil
		}
	}
	return file, 0, nil
}

// Root implements replica.Transport.
func (f *Files) Root(ctx context.Context, version int64) ([]byte, error) {
	return f.read(ctx, wire.RootPath(version), 1<<20)
}

// Origin implements replica.Transport.
func (f *Files) Origin() string { return f.origin }

func (f *Files) open(ctx context.Context, name string) (fs.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	file, err := f.tree.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", name, wire.ErrMissing)
	}
	if err != nil { // a key pulled out
		return nil, fmt.Errorf("open %s: %w: %w", name, wire.ErrOffline, err)
	}
	return file, nil
}

func (f *Files) read(ctx context.Context, name string, most int64) ([]byte, error) {
	file, err := f.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", name, wire.ErrOffline, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("read %s: more than %d bytes: %w", name, most, wire.ErrMalformed)
	}
	return b, nil
}
