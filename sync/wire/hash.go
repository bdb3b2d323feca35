package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Hash is the SHA-256 of an object as it is stored. The zero Hash is no object.
type Hash [sha256.Size]byte

// HashOf is the name of an object.
func HashOf(object []byte) Hash { return sha256.Sum256(object) }

// ParseHash reads 64 hexadecimal digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != 2*len(h) {
		return h, fmt.Errorf("hash %q: want 64 hexadecimal digits", s)
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Hash{}, fmt.Errorf("hash %q: want 64 hexadecimal digits", s)
	}
	return h, nil
}

// String writes it as it stands in an object's place.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// None says that there is no object.
func (h Hash) None() bool { return h == Hash{} }
