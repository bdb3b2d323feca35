package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Formats of the files in which an outbox goes to a server that a desk does not reach, and
// in which the answers come back. They are signed by nothing: a server takes the
// changes of the account that hands them in, once each, and a desk takes answers to what it
// sent, found by id. What got damaged on the way is noticed, and neither is taken in part.
const (
	ParcelFormat   = "passerelle-outbox/1"
	ReceiptsFormat = "passerelle-receipts/1"
)

// What is wrong with a file that is not taken. Each is an ErrMalformed.
var (
	ErrNotParcel = fmt.Errorf("neither an outbox nor receipts: %w", ErrMalformed)
	ErrTorn      = fmt.Errorf("damaged, or not all of it: %w", ErrMalformed)
	ErrOutbox    = fmt.Errorf("an outbox, where receipts are wanted: %w", ErrMalformed)
	ErrReceipts  = fmt.Errorf("receipts, where an outbox is wanted: %w", ErrMalformed)
	ErrNewParcel = fmt.Errorf("of a newer program: %w", errors.Join(ErrTooNew, ErrMalformed))
)

// Parcel is an outbox in a file. It is readable by whoever holds it.
type Parcel struct {
	Account   string        `json:"account,omitempty"` // whose the mutations are
	Mutations []Mutation    `json:"mutations,omitempty"`
	Reports   []Report      `json:"reports,omitempty"` // what leaves a computer without an account
	Helps     []HelpRequest `json:"helps,omitempty"`
	Alerts    []Subscribe   `json:"alerts,omitempty"`
}

// Len is how many items a parcel holds.
func (p Parcel) Len() int { return len(p.Mutations) + len(p.Reports) + len(p.Helps) + len(p.Alerts) }

// Receipts answers a parcel.
type Receipts struct {
	Account string `json:"account,omitempty"`
	Pushed         // nothing where no mutations were
	// Items answers the reports, and the requests for help and for alerts, that came to an end.
	Items []Delivered `json:"items,omitempty"`
}

// Delivered is what became of a report, or a request for help or for alerts.
type Delivered struct {
	Key      string    `json:"key"`
	Ticket   string    `json:"ticket,omitempty"` // of one that was taken
	Received time.Time `json:"received,omitzero"`
	Refused  string    `json:"refused,omitempty"` // of one that was refused for good: why; of one for alerts a [NoAlert]
}

// maxParcel is how long either file may be, in bytes.
const maxParcel = 64 << 20

// sealed is how either file lies on a disk: Sum is over Content without white space.
type sealed struct {
	Format  string          `json:"format"`
	Sum     string          `json:"sha256"`
	Content json.RawMessage `json:"content"`
}

func sum(content []byte) (string, error) {
	var flat bytes.Buffer
	if err := json.Compact(&flat, content); err != nil {
		return "", err
	}
	h := sha256.Sum256(flat.Bytes())
	return hex.EncodeToString(h[:]), nil
}

// WriteParcel writes an outbox.
func WriteParcel(w io.Writer, p Parcel) error { return writeFile(w, ParcelFormat, p) }

// ReadParcel reads what WriteParcel wrote; ErrMalformed.
func ReadParcel(r io.Reader) (Parcel, error) {
	var p Parcel
	if err := readFile(r, ParcelFormat, &p); err != nil {
		return Parcel{}, fmt.Errorf("read outbox file: %w", err)
	}
	return p, nil
}

// WriteReceipts writes answers.
func WriteReceipts(w io.Writer, r Receipts) error { return writeFile(w, ReceiptsFormat, r) }

// ReadReceipts reads what WriteReceipts wrote; ErrMalformed.
func ReadReceipts(r io.Reader) (Receipts, error) {
	var got Receipts
	if err := readFile(r, ReceiptsFormat, &got); err != nil {
		return Receipts{}, fmt.Errorf("read receipts: %w", err)
	}
	if got.Epoch < 0 || got.Epoch == 0 && len(got.Results) > 0 {
		return Receipts{}, fmt.Errorf("read receipts of epoch %d: %w", got.Epoch, ErrTorn)
	}
	return got, nil
}

func writeFile(w io.Writer, format string, of any) error {
	content, err := json.Marshal(of)
	if err != nil {
		return fmt.Errorf("write %s: %w", format, err)
	}
	s := sealed{Format: format, Content: content}
	if s.Sum, err = sum(content); err == nil {
		err = json.NewEncoder(w).Encode(s)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", format, err)
	}
	return nil
}

func readFile(r io.Reader, format string, into any) error {
	b, err := io.ReadAll(io.LimitReader(r, maxParcel+1))
	if err != nil {
		return err
	}
	if len(b) > maxParcel {
		return fmt.Errorf("more than %d bytes: %w", maxParcel, ErrNotParcel)
	}
	var s sealed
	if err := json.Unmarshal(b, &s); err != nil {
		if begun := string(b[:min(len(b), 64)]); strings.Contains(begun, `"passerelle-`) {
			return fmt.Errorf("%w: %w", ErrTorn, err)
		}
		return fmt.Errorf("%w: %w", ErrNotParcel, err)
	}
	name, _, _ := strings.Cut(format, "/")
	switch is, _, _ := strings.Cut(s.Format, "/"); {
	case s.Format == ParcelFormat && format == ReceiptsFormat:
		return ErrOutbox
	case s.Format == ReceiptsFormat && format == ParcelFormat:
		return ErrReceipts
	case is == name && s.Format != format:
		return fmt.Errorf("format %q: %w", s.Format, ErrNewParcel)
	case s.Format != format:
		return fmt.Errorf("format %.40q: %w", s.Format, ErrNotParcel)
	}
	if got, err := sum(s.Content); err != nil || got != s.Sum {
		return ErrTorn
	}
	if err := json.Unmarshal(s.Content, into); err != nil {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return nil
}
