package posting

import "crypto/sha256"

// RowSum is what one row adds to the digest of a catalogue: the first 16 bytes of
// SHA-256 over its card followed by its details. A catalogue of cards only has no
// details, and so another digest. Card and details in one hash: exchanging the details
// of two rows is seen.
func RowSum(card, details []byte) Sum {
	h := sha256.New()
	h.Write(card)
	h.Write(details)
	return Sum(h.Sum(nil)[:16])
}
