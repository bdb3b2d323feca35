package personal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"passerelle/store/secret"
)

// Decode reads a backup, and says how many items it holds.
func Decode(b []byte, key secret.RecoveryKey) (int, error) {
	r := &reader{r: bufio.NewReader(bytes.NewReader(b))}
	if err := r.open(key); err != nil {
		return 0, err
	}
	for range r.total {
		if _, err := r.next(); err != nil {
			return 0, err
		}
	}
	return r.total, r.end()
}

// Newer is a backup as a newer program begins it.
func Newer(b []byte) []byte {
	b = bytes.Replace(b, []byte(`"format":1`), []byte(`"format":2`), 1)
	lines := bytes.SplitAfterN(b, []byte("\n"), 4)
	sum := sha256.Sum256(append(bytes.Clone(lines[0]), lines[1]...))
	return bytes.Join([][]byte{lines[0], lines[1], []byte(hex.EncodeToString(sum[:8]) + "\n"), lines[3]}, nil)
}
