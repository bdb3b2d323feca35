// Package secret keeps what must not be read: on a desktop, the operating system's keyring
// holds a data key and a refresh token a person, nothing else, and a passphrase
// stands in where there is none ([Open]); on a server, a file of keys beside the database,
// never in it ([Load]). A [Box] seals and opens under a key.
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
)

// Box seals bodies under one key: AES-256-GCM by tink-go, the key id in front.
type Box struct{ key [32]byte }

// NewBox makes a box of 32 bytes.
func NewBox(key []byte) (*Box, error) { panic("not yet") }

// Seal seals a body. What it is about, as in "account/ID", is bound to it: it opens
// nowhere else.
func (b *Box) Seal(about string, body []byte) ([]byte, error) { panic("not yet") }

// Open opens what Seal made for the same about; ErrSealed.
func (b *Box) Open(about string, sealed []byte) ([]byte, error) { panic("not yet") }

// Keys are a server's: what the database alone must not give away.
type Keys struct {
	Box *Box
}

// Load reads a server's keys from a file, making it, with mode 0600, if needed.
func Load(path string) (*Keys, error) { panic("not yet") }

// MAC is a keyed hash of a value for a purpose, as in "email": 32 bytes. Equal values have
// equal hashes, which tell nothing without the key.
func (k *Keys) MAC(purpose string, value ...[]byte) []byte { panic("not yet") }

// Slow is the keyed hash of a value that has few possibilities, such as nine digits: through
// Argon2id first, so that even with the key each guess costs.
func (k *Keys) Slow(purpose string, value []byte) []byte { panic("not yet") }

// Hash is the Argon2id of a password or an answer, in PHC form, with a salt of its own.
func Hash(value string) string { panic("not yet") }

// Matches says whether a value is the one that was hashed. An empty hash takes as long and
// matches nothing: an account that is not there answers in the time of one that is.
func Matches(hash, value string) bool { panic("not yet") }
