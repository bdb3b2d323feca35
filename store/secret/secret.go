// Package secret keeps what must not be read. On a server that is a file of keys beside
// the database, never in it: begin with [Load]. On a desktop the operating system's
// keyring holds a data key and a refresh token a person, nothing else, and a
// passphrase stands in where there is none: begin with a [Vault]. A [Box] seals and opens
// under a key; [Argon2] hashes what people type. It knows no account and no network.
package secret

import "errors"

// What keeping secrets can come to.
var (
	ErrNotFound   = errors.New("no such secret")
	ErrLocked     = errors.New("the keyring is locked")
	ErrNoKeyring  = errors.New("there is no keyring here")
	ErrTooBig     = errors.New("the keyring takes no secret of that size")
	ErrPassphrase = errors.New("not the passphrase")
	ErrSealed     = errors.New("cannot be opened with this key") // another key, another record, or changed bytes
	ErrOpen       = errors.New("others can read the file of keys")
)
