// Package pack says where reference data come from, and holds the one way in which
// the program's compact tables are compressed. A package that carries such tables
// lists them as [Part] values; the attribution screen shows them all. Begin
// with [Part]. It reads no disk: tables are embedded by the package that owns them.
package pack

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"passerelle/store/posting"
)

// Part is one source of reference data: what it is, who publishes it, which edition
// is in the program, and under which licence.
type Part struct {
	ID        string       // short and stable, as in "geonames-fsa"
	Name      posting.Both // what it is
	Publisher posting.Both
	Version   string       // the publisher's own, or the date of the copy
	Period    string       // what the figures speak of, as in "2024–2033"; empty for lists
	Licence   string       // the short name of the licence, as in "CC BY 4.0"; empty for bare facts, and then Notice says so
	URL       string       // the publisher's page, for the attribution screen
	Rows      int          // rows of the table in the program
	Notice    posting.Both // words the licence asks for, and what a reader must know
}

// MaxSize is the most that one table may take once it is decompressed. The largest
// of ours takes a few MiB; a damaged or hostile one is refused before it is held.
const MaxSize = 64 << 20

var (
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		// One goroutine and a fixed level: the same table gives the same bytes.
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	})
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MaxSize))
	})
)

// Compress packs a table. The same bytes always give the same pack with the same
// version of the compressor, so that a regenerated table can be compared.
func Compress(b []byte) []byte {
	e, err := encoder()
	if err != nil {
		panic(err) // the options above are valid
	}
	return e.EncodeAll(b, nil)
}

// Decompress unpacks what Compress packed, and refuses what would take more than
// [MaxSize].
func Decompress(b []byte) ([]byte, error) {
	d, err := decoder()
	if err != nil {
		return nil, fmt.Errorf("unpack %d bytes: %w", len(b), err)
	}
	out, err := d.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack %d bytes: %w", len(b), err)
	}
	return out, nil
}
