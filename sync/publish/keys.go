package publish

import (
	"crypto/ed25519"
	"time"
)

// Key signs roots or heads. Root keys stay off the server; the timestamp key lies beside it.
type Key struct{ private ed25519.PrivateKey }

// NewKey makes a key.
func NewKey() (Key, error) { panic("not written") }

// ReadKey reads a key file, as [Key.Write] left it.
func ReadKey(name string) (Key, error) { panic("not written") }

// Write writes the key to a new file that only its owner reads; an existing file is refused.
func (k Key) Write(name string) error { panic("not written") }

// ID is the key's name in roots.
func (k Key) ID() string { panic("not written") }

// RootOptions of a root; the zero value is right.
type RootOptions struct {
	Threshold int           // root keys that must sign; 0: 1 (a rotation: as before)
	Valid     time.Duration // 0: 2 years
	Demo      bool          // marks a demonstration (a rotation: as before)
}

// NewRoot writes version 1 of the root into a directory that has none, signed by the root
// keys, and gives its fingerprint, which readers pin.
func NewRoot(dir string, roots []Key, timestamp Key, o RootOptions, now time.Time) (fingerprint string, err error) {
	panic("not written")
}

// RotateTimestamp writes the next version of the root with another timestamp key, signed
// by the root keys in force. Heads must be published anew under the new key.
func RotateTimestamp(dir string, roots []Key, next Key, o RootOptions, now time.Time) (version int64, err error) {
	panic("not written")
}

// RotateRoot writes the next version of the root with other root keys, signed by the old
// and the new.
func RotateRoot(dir string, old, next []Key, o RootOptions, now time.Time) (version int64, err error) {
	panic("not written")
}

// Renew writes the next version of the root with the same keys and a later expiry.
func Renew(dir string, roots []Key, o RootOptions, now time.Time) (version int64, err error) {
	panic("not written")
}

// Fingerprint is that of the first root of a directory.
func Fingerprint(dir string) (string, error) { panic("not written") }
