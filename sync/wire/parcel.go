package wire

import (
	"encoding/json"
	"fmt"
	"io"
)

// Formats of the files in which an outbox goes to a server that a desk does not reach, and
// in which the answers come back. They are signed by nothing: a server takes the
// changes of the account that hands them in, once each, and a desk takes answers to what it
// sent, found by id.
const (
	ParcelFormat   = "passerelle-outbox/1"
	ReceiptsFormat = "passerelle-receipts/1"
)

// Parcel is an outbox in a file. It is readable by whoever holds it.
type Parcel struct {
	Format    string     `json:"format"`
	Mutations []Mutation `json:"mutations"`
}

// Receipts answers a parcel.
type Receipts struct {
	Format string `json:"format"`
	Pushed
}

// maxParcel is how long either file may be, in bytes.
const maxParcel = 64 << 20

// WriteParcel writes an outbox.
func WriteParcel(w io.Writer, of []Mutation) error {
	return json.NewEncoder(w).Encode(Parcel{ParcelFormat, of})
}

// ReadParcel reads what WriteParcel wrote; ErrMalformed.
func ReadParcel(r io.Reader) ([]Mutation, error) {
	var p Parcel
	if err := readFile(r, &p); err != nil {
		return nil, fmt.Errorf("read outbox file: %w", err)
	}
	if p.Format != ParcelFormat {
		return nil, fmt.Errorf("read outbox file of format %q: %w", p.Format, ErrMalformed)
	}
	return p.Mutations, nil
}

// WriteReceipts writes answers.
func WriteReceipts(w io.Writer, p Pushed) error {
	return json.NewEncoder(w).Encode(Receipts{ReceiptsFormat, p})
}

// ReadReceipts reads what WriteReceipts wrote; ErrMalformed.
func ReadReceipts(r io.Reader) (Pushed, error) {
	var p Receipts
	if err := readFile(r, &p); err != nil {
		return Pushed{}, fmt.Errorf("read receipts: %w", err)
	}
	if p.Format != ReceiptsFormat || p.Epoch <= 0 {
		return Pushed{}, fmt.Errorf("read receipts of format %q: %w", p.Format, ErrMalformed)
	}
	return p.Pushed, nil
}

func readFile(r io.Reader, into any) error {
	b, err := io.ReadAll(io.LimitReader(r, maxParcel+1))
	if err != nil {
		return err
	}
	if len(b) > maxParcel {
		return fmt.Errorf("more than %d bytes: %w", maxParcel, ErrMalformed)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
