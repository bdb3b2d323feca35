package posting

import (
	"crypto/sha256"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

var (
	enc cbor.EncMode
	dec cbor.DecMode
)

func init() {
	var err error
	o := cbor.CoreDetEncOptions() // one posting has one form of bytes, on every machine
	o.OmitEmpty = cbor.OmitEmptyGoValue
	if enc, err = o.EncMode(); err != nil {
		panic(err)
	}
	dec, err = cbor.DecOptions{
		MaxArrayElements: 4096, MaxMapPairs: 1024, MaxNestedLevels: 16,
		ExtraReturnErrors: cbor.ExtraDecErrorNone, // keys of newer programs are ignored
	}.DecMode()
	if err != nil {
		panic(err)
	}
}

// Bytes writes the card in its only form (CBOR, integer keys, deterministic).
func (c Card) Bytes() []byte { return must(enc.Marshal(c)) }

// Bytes writes the details in their only form.
func (d Details) Bytes() []byte { return must(enc.Marshal(d)) }

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err) // the types above always encode
	}
	return b
}

// ParseCard reads what Card.Bytes wrote.
func ParseCard(b []byte) (Card, error) {
	var c Card
	if err := dec.Unmarshal(b, &c); err != nil {
		return Card{}, fmt.Errorf("read posting card: %w", err)
	}
	return c, nil
}

// ParseDetails reads what Details.Bytes wrote; nothing reads as no details.
func ParseDetails(b []byte) (Details, error) {
	var d Details
	if len(b) == 0 {
		return d, nil
	}
	if err := dec.Unmarshal(b, &d); err != nil {
		return Details{}, fmt.Errorf("read posting details: %w", err)
	}
	return d, nil
}

// Sum is the digest of a set of rows: the sum modulo 2^128 of the hash of each, so
// that rows can be added and taken away in any order (design, plane A). The zero Sum
// is that of no rows.
type Sum [16]byte

// SumOf is the first 16 bytes of SHA-256 over some bytes; what a row adds is [RowSum].
func SumOf(row []byte) Sum {
	h := sha256.Sum256(row)
	return Sum(h[:16])
}

// Add gives s + o.
func (s Sum) Add(o Sum) Sum {
	var carry uint16
	for i := len(s) - 1; i >= 0; i-- {
		v := uint16(s[i]) + uint16(o[i]) + carry
		s[i], carry = byte(v), v>>8
	}
	return s
}

// Sub gives s − o.
func (s Sum) Sub(o Sum) Sum {
	var borrow int16
	for i := len(s) - 1; i >= 0; i-- {
		v := int16(s[i]) - int16(o[i]) - borrow
		borrow = 0
		if v < 0 {
			v, borrow = v+256, 1
		}
		s[i] = byte(v)
	}
	return s
}
