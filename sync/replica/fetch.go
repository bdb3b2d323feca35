package replica

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"passerelle/sync/wire"
)

// object is one to have: from the directory, or from the transport.
type object struct {
	hash wire.Hash
	size int64
}

func (r *Replica) file(h wire.Hash) string { return filepath.Join(r.o.Dir, "objects", h.String()) }

// missing is how many bytes of an object are still to be downloaded.
func (r *Replica) missing(o object) int64 {
	if st, err := os.Stat(r.file(o.hash)); err == nil && st.Size() == o.size {
		return 0
	}
	if st, err := os.Stat(r.file(o.hash) + ".part"); err == nil && st.Size() <= o.size {
		return o.size - st.Size()
	}
	return o.size
}

const (
	dry   = 3 // tries in a row that bring nothing
	chunk = 64 << 10
)

// fetch has an object in the directory, whole and verified, and tells of bytes as they come.
// A download that was cut goes on where it stopped, now or in another run.
func (r *Replica) fetch(ctx context.Context, o object, came func(n int64)) (string, error) {
	name := r.file(o.hash)
	// What another run left is verified again, so that nothing here waits for the disk.
	if st, err := os.Stat(name); err == nil && st.Size() == o.size && intact(name, o.hash) {
		return name, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
	}
	f, err := os.OpenFile(name+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
	}
	defer f.Close()
	p := &partial{f: f, o: o, came: came}
	anew := false // what was there already may be the wrong half
	for tries := 0; ; {
		err := p.more(ctx, r.t)
		if err == nil && p.has == o.size {
			if wire.Hash(p.sum.Sum(nil)) == o.hash {
				break
			}
			err = fmt.Errorf("object %.12s: %w", o.hash, ErrTampered)
		}
		begun := p.begun
		switch {
		case errors.Is(err, ErrTampered), errors.Is(err, wire.ErrRefused) && begun > 0:
			if terr := p.truncate(0); terr != nil {
				return "", fmt.Errorf("fetch %.12s: %w", o.hash, terr)
			}
			if anew || begun == 0 {
				return "", fmt.Errorf("fetch %.12s: %w: %w", o.hash, ErrTampered, err)
			}
			anew = true
			continue
		case err != nil && !errors.Is(err, wire.ErrOffline):
			return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
		}
		if tries++; p.has > begun {
			tries = 0
		}
		if ctx.Err() != nil || tries >= dry || r.t.Origin() != "server" && tries > 0 {
			if err == nil { // it ends early every time
				err = fmt.Errorf("object of %d bytes ends after %d: %w", o.size, p.has, ErrTampered)
			}
			return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
		}
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		return "", fmt.Errorf("fetch %.12s: %w", o.hash, err)
	}
	reached("fetched")
	return name, nil
}

// intact says whether a file is the object that it is named for.
func intact(name string, h wire.Hash) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return err == nil && wire.Hash(sum.Sum(nil)) == h
}

// partial is a download as far as it came.
type partial struct {
	f          *os.File
	o          object
	sum        hash.Hash
	has, begun int64
	came       func(int64)
}

// more asks for what lacks and reads until it ends. Ending early is no error here.
func (p *partial) more(ctx context.Context, t Transport) error {
	if err := p.resume(); err != nil {
		return err
	}
	p.begun = p.has
	if p.has == p.o.size {
		return nil
	}
	body, at, err := t.Object(ctx, p.o.hash, p.has)
	if err != nil {
		return err
	}
	defer body.Close()
	if at != p.has {
		if err := p.truncate(at); err != nil {
			return err
		}
		if err := p.resume(); err != nil {
			return err
		}
		p.begun = p.has
	}
	buf := make([]byte, chunk)
	for {
		n, err := body.Read(buf)
		if p.has+int64(n) > p.o.size {
			return fmt.Errorf("object of more than %d bytes: %w", p.o.size, ErrTampered)
		}
		if n > 0 {
			if _, werr := p.f.Write(buf[:n]); werr != nil {
				return werr
			}
			p.sum.Write(buf[:n])
			p.has += int64(n)
			p.came(int64(n))
			reached("part")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// resume reads again what is there, so that its hash goes on.
func (p *partial) resume() error {
	p.sum = sha256.New()
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	n, err := io.Copy(p.sum, p.f)
	if err != nil {
		return err
	}
	if p.has = n; n > p.o.size {
		if err := p.truncate(0); err != nil {
			return err
		}
		p.sum = sha256.New()
	}
	return nil
}

func (p *partial) truncate(to int64) error {
	p.has = to
	if err := p.f.Truncate(to); err != nil {
		return err
	}
	_, err := p.f.Seek(to, io.SeekStart)
	return err
}

// packs has every pack of a head in its own place.
func (r *run) packs(ctx context.Context, h wire.Head) error {
	for _, k := range h.Packs {
		to := filepath.Join(r.o.Dir, "packs", k.Hash.String())
		if intact(to, k.Hash) {
			continue
		}
		name, err := r.fetch(ctx, object{k.Hash, k.Size}, r.came)
		if err != nil {
			return fmt.Errorf("pack %s: %w", k.Name, err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return fmt.Errorf("pack %s: %w", k.Name, err)
		}
		if err := os.Rename(name, to); err != nil {
			return fmt.Errorf("pack %s: %w", k.Name, err)
		}
	}
	return nil
}

func readPack(dir, hash string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, "packs", hash))
	if err == nil && wire.HashOf(b).String() != hash {
		err = ErrTampered
	}
	return b, err
}

// tidy removes what no later run can use: objects that are in, and packs replaced. What
// cannot be removed costs room and nothing else.
func (r *run) tidy() {
	keep := map[string]bool{}
	for _, k := range r.trust.Packs {
		keep[k.Hash] = true
	}
	for _, dir := range []string{"objects", "packs"} {
		files, err := os.ReadDir(filepath.Join(r.o.Dir, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.o.Log.Warn("tidy downloads", "err", err)
		}
		for _, f := range files {
			if dir == "packs" && keep[f.Name()] || r.dict[f.Name()] {
				continue
			}
			_ = os.Remove(filepath.Join(r.o.Dir, dir, f.Name()))
		}
	}
}
