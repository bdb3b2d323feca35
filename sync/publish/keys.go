package publish

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"

	"passerelle/sync/wire"
)

// Key signs roots or heads. Root keys stay off the server; the timestamp key lies beside
// it, and can be replaced by them.
type Key struct{ private ed25519.PrivateKey }

// NewKey makes a key.
func NewKey() (Key, error) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make key: %w", err)
	}
	return Key{k}, nil
}

// KeyFrom makes the key of a seed of 32 bytes: tests and demonstrations have the same
// each time.
func KeyFrom(seed []byte) Key { return Key{ed25519.NewKeyFromSeed(seed)} }

// ReadKey reads a key file, as [Key.Write] left it.
func ReadKey(name string) (Key, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	p, _ := pem.Decode(b)
	if p == nil {
		return Key{}, fmt.Errorf("read key %s: not a PEM file", name)
	}
	k, err := x509.ParsePKCS8PrivateKey(p.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("read key %s: %w", name, err)
	}
	private, ok := k.(ed25519.PrivateKey)
	if !ok {
		return Key{}, fmt.Errorf("read key %s: not an Ed25519 key", name)
	}
	return Key{private}, nil
}

// Write writes the key to a new file (PEM, PKCS #8) that only its owner reads; an existing
// file is refused.
func (k Key) Write(name string) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return fmt.Errorf("write key %s: %w", name, err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write key %s: %w", name, err)
	}
	return nil
}

// ID is the key's name in roots.
func (k Key) ID() string {
	id, err := wire.KeyID(k.public())
	if err != nil {
		panic(err) // an Ed25519 key always has one
	}
	return id
}

func (k Key) public() crypto.PublicKey { return k.private.Public() }

// Signer signs with the key.
func (k Key) Signer() (signature.Signer, error) {
	if len(k.private) == 0 {
		return nil, fmt.Errorf("no key given: %w", ErrSigner)
	}
	s, err := signature.LoadED25519Signer(k.private)
	if err != nil {
		return nil, fmt.Errorf("use key: %w", err)
	}
	return s, nil
}

// RootOptions of a root; the zero value is right.
type RootOptions struct {
	Threshold int           // root keys that must sign; 0: 1 (a rotation: as before)
	Valid     time.Duration // 0: 2 years
	Demo      bool          // marks a demonstration (a rotation: as before)
}

func (o RootOptions) expires(now time.Time) time.Time {
	if o.Valid == 0 {
		o.Valid = 2 * 365 * 24 * time.Hour
	}
	return now.Add(o.Valid)
}

// NewRoot writes version 1 of the root into a directory that has none, signed by the root
// keys, and gives its fingerprint, which readers pin.
func NewRoot(dir string, roots []Key, timestamp Key, o RootOptions, now time.Time) (fingerprint string, err error) {
	s := wire.RootSpec{
		Version: 1, Threshold: max(o.Threshold, 1), Demo: o.Demo, Expires: o.expires(now),
		Roots: publics(roots), Timestamp: publics([]Key{timestamp}),
	}
	if _, err := os.Stat(rootFile(dir, 1)); !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("new root in %s: there is one: %w", dir, fs.ErrExist)
	}
	b, err := sign(s, roots)
	if err != nil {
		return "", err
	}
	if _, err := wire.FirstRoot(b); err != nil { // too few keys for its threshold
		return "", fmt.Errorf("new root: %w", err)
	}
	return wire.Fingerprint(b), writeFile(rootFile(dir, 1), b)
}

// RotateTimestamp writes the next version of the root with another timestamp key, signed
// by the root keys in force. Heads must be published anew under the new key.
func RotateTimestamp(dir string, roots []Key, next Key, o RootOptions, now time.Time) (version int64, err error) {
	return follow(dir, roots, o, now, func(s *wire.RootSpec) { s.Timestamp = publics([]Key{next}) })
}

// RotateRoot writes the next version of the root with other root keys, signed by the old
// and the new.
func RotateRoot(dir string, old, next []Key, o RootOptions, now time.Time) (version int64, err error) {
	signers := append([]Key(nil), old...)
	for _, k := range next {
		if !holds(old, k) {
			signers = append(signers, k)
		}
	}
	return follow(dir, signers, o, now, func(s *wire.RootSpec) { s.Roots = publics(next) })
}

// Renew writes the next version of the root with the same keys and a later expiry.
func Renew(dir string, roots []Key, o RootOptions, now time.Time) (version int64, err error) {
	return follow(dir, roots, o, now, func(*wire.RootSpec) {})
}

// Fingerprint is that of the first root of a directory.
func Fingerprint(dir string) (string, error) {
	b, err := os.ReadFile(rootFile(dir, 1))
	if err != nil {
		return "", fmt.Errorf("fingerprint: %w: %w", ErrRoot, err)
	}
	return wire.Fingerprint(b), nil
}

// follow writes the version after the newest, and only if readers will take it.
func follow(dir string, signers []Key, o RootOptions, now time.Time, change func(*wire.RootSpec)) (int64, error) {
	last, err := newestRoot(dir)
	if err != nil {
		return 0, err
	}
	s, err := last.Spec()
	if err != nil {
		return 0, fmt.Errorf("rotate root: %w", err)
	}
	s.Version, s.Expires = s.Version+1, o.expires(now)
	if o.Threshold > 0 {
		s.Threshold = o.Threshold
	}
	change(&s)
	b, err := sign(s, signers)
	if err != nil {
		return 0, err
	}
	if _, err := last.Next(b); err != nil {
		return 0, fmt.Errorf("rotate root: %w: %w", ErrSigner, err)
	}
	return s.Version, writeFile(rootFile(dir, s.Version), b)
}

// newestRoot walks the roots of a directory from the first to the last.
func newestRoot(dir string) (*wire.Root, error) {
	var r *wire.Root
	for v := int64(1); ; v++ {
		b, err := os.ReadFile(rootFile(dir, v))
		if errors.Is(err, fs.ErrNotExist) && r != nil {
			return r, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRoot, err)
		}
		if r == nil {
			r, err = wire.FirstRoot(b)
		} else {
			r, err = r.Next(b)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRoot, err)
		}
	}
}

func sign(s wire.RootSpec, keys []Key) ([]byte, error) {
	var by []signature.Signer
	for _, k := range keys {
		one, err := k.Signer()
		if err != nil {
			return nil, err
		}
		by = append(by, one)
	}
	return wire.WriteRoot(s, by...)
}

func publics(keys []Key) []crypto.PublicKey {
	var all []crypto.PublicKey
	for _, k := range keys {
		all = append(all, k.public())
	}
	return all
}

func holds(keys []Key, k Key) bool {
	for _, o := range keys {
		if o.private.Equal(k.private) {
			return true
		}
	}
	return false
}

func rootFile(dir string, version int64) string {
	return filepath.Join(dir, filepath.FromSlash(wire.RootPath(version)))
}

// writeFile replaces a file as a whole: whoever reads sees the old one or the new one.
func writeFile(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644) // a web server runs as someone else
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
