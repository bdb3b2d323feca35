package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// Op is one row of a segment or of a delta. In a base segment either Card or Details is
// there, by its layer; in a delta both, or Drop: the row leaves the scope.
type Op struct {
	ID      int64  `cbor:"1,keyasint"`
	Card    []byte `cbor:"2,keyasint,omitempty"`
	Details []byte `cbor:"3,keyasint,omitempty"`
	Drop    bool   `cbor:"4,keyasint,omitempty"`
}

// MaxRow is how many bytes a row may have, as it is written: a reader refuses a larger one.
const MaxRow = 1 << 20

// What a reader lets a segment cost it, whatever the bytes claim.
const (
	maxSegment = 512 << 20 // bytes of a whole segment, decompressed; it is read as a stream
	window     = 4 << 20   // bytes the decompressor holds
	maxDict    = 1 << 20
)

// ErrMalformed: bytes are not what they should be, or ask for more than is given.
var ErrMalformed = errors.New("malformed")

var (
	enc cbor.EncMode
	dec cbor.DecMode
)

func init() {
	var err error
	o := cbor.CoreDetEncOptions() // the same rows are the same bytes, and so the same hash
	o.Time = cbor.TimeUnix
	if enc, err = o.EncMode(); err != nil {
		panic(err)
	}
	dec, err = cbor.DecOptions{
		MaxArrayElements: 1 << 18, MaxMapPairs: 256, MaxNestedLevels: 8,
		ExtraReturnErrors: cbor.ExtraDecErrorNone, // keys of newer programs are ignored
	}.DecMode()
	if err != nil {
		panic(err)
	}
}

// EncodeSegment writes rows as a CBOR sequence under zstd, in the order given, with a
// dictionary or none. The same rows give the same bytes.
func EncodeSegment(ops iter.Seq[Op], dict []byte) ([]byte, error) {
	o := []zstd.EOption{
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window),
		zstd.WithEncoderLevel(zstd.SpeedDefault),
	}
	if len(dict) > 0 {
		o = append(o, zstd.WithEncoderDict(dict))
	}
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, o...)
	if err != nil {
		return nil, fmt.Errorf("compress segment: %w", err)
	}
	for op := range ops {
		b, err := enc.Marshal(op)
		if err == nil && len(b) > MaxRow {
			err = fmt.Errorf("%d bytes, more than readers take", len(b))
		}
		if err == nil {
			_, err = z.Write(b)
		}
		if err != nil {
			_ = z.Close()
			return nil, fmt.Errorf("write row %d: %w", op.ID, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress segment: %w", err)
	}
	return out.Bytes(), nil
}

// DecodeSegment reads rows as a stream, at most the number its head promised: one more, one
// less, or one too large is [ErrMalformed]. What it holds in memory is capped whatever the
// bytes claim.
func DecodeSegment(r io.Reader, rows int, dict []byte) iter.Seq2[Op, error] {
	return func(yield func(Op, error) bool) {
		o := []zstd.DOption{
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(2 * window), zstd.WithDecoderMaxMemory(maxSegment),
		}
		if len(dict) > 0 {
			if len(dict) > maxDict {
				yield(Op{}, fmt.Errorf("dictionary of %d bytes: %w", len(dict), ErrMalformed))
				return
			}
			o = append(o, zstd.WithDecoderDicts(dict))
		}
		z, err := zstd.NewReader(r, o...)
		if err != nil {
			yield(Op{}, fmt.Errorf("open segment: %w: %w", ErrMalformed, err))
			return
		}
		defer z.Close()
		in := &rationed{r: z, total: maxSegment}
		d := dec.NewDecoder(in)
		for n := 0; ; n++ {
			in.left = MaxRow
			var op Op
			err := d.Decode(&op)
			if errors.Is(err, io.EOF) {
				if n != rows {
					yield(Op{}, fmt.Errorf("segment of %d rows, promised %d: %w", n, rows, ErrMalformed))
				}
				return
			}
			if err == nil && n == rows {
				err = errors.New("more rows than promised")
			}
			if err != nil {
				yield(Op{}, fmt.Errorf("read row %d of segment: %w: %w", n, ErrMalformed, err))
				return
			}
			if !yield(op, nil) {
				return
			}
		}
	}
}

// rationed gives each row so many bytes and the whole so many: a row that claims a
// gigabyte fails once it has used its share.
type rationed struct {
	r           io.Reader
	left, total int
}

func (r *rationed) Read(p []byte) (int, error) {
	n := min(r.left, r.total, len(p))
	if n <= 0 && len(p) > 0 {
		return 0, errors.New("too large")
	}
	n, err := r.r.Read(p[:n])
	r.left -= n
	r.total -= n
	return n, err
}
