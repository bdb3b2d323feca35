package secret

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// KeySize is the size of a data key in bytes.
const KeySize = 32

// Box seals bodies: AES-256-GCM by tink-go, the id of the key in front. It seals under one
// key and may open under older ones.
type Box struct {
	aead tink.AEAD
	mark [32]byte // key of marks
}

// NewBox makes a box of a key of [KeySize] bytes, which it copies.
func NewBox(key []byte) (*Box, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a data key has %d bytes, not %d", KeySize, len(key))
	}
	sum := sha256.Sum256(append([]byte("passerelle key id\x00"), key...))
	m := keyset.NewManager()
	id, err := addKey(m, key, binary.BigEndian.Uint32(sum[:])|1) // 0 is no id
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	h, err := m.Handle()
	if err != nil {
		return nil, err
	}
	return newBox(h, mac(key, "box mark"))
}

// addKey adds a key of a given id.
func addKey(m *keyset.Manager, key []byte, id uint32) (uint32, error) {
	p, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: KeySize, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink,
	})
	if err != nil {
		return 0, err
	}
	k, err := aesgcm.NewKey(secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{}), id, p)
	if err != nil {
		return 0, err
	}
	return m.AddKey(k)
}

func newBox(h *keyset.Handle, mark []byte) (*Box, error) {
	a, err := aead.New(h)
	if err != nil {
		return nil, fmt.Errorf("keys of a box: %w", err)
	}
	return &Box{a, [32]byte(mark)}, nil
}

// Seal seals a body. What it is about, as in "account/ID", is bound to it: it opens
// nowhere else. Sealing the same twice gives two different things.
func (b *Box) Seal(about string, body []byte) ([]byte, error) {
	sealed, err := b.aead.Encrypt(body, []byte(about))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", about, err)
	}
	return sealed, nil
}

// Open opens what Seal made for the same about; ErrSealed.
func (b *Box) Open(about string, sealed []byte) ([]byte, error) {
	body, err := b.aead.Decrypt(sealed, []byte(about))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", about, ErrSealed)
	}
	return body, nil
}

// Mark is a keyed hash of a value for a purpose, by which a sealed record can be found
// again: 32 bytes that tell nothing without the key.
func (b *Box) Mark(purpose string, value []byte) []byte { return mac(b.mark[:], purpose, value) }
