package pack

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// What is packed comes back, and the same bytes give the same pack.
func TestCompress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		p := Compress(b)
		if !bytes.Equal(p, Compress(b)) {
			t.Fatalf("Compress of %d bytes differs between two calls", len(b))
		}
		got, err := Decompress(p)
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("Decompress gave %d bytes, %v; want %d", len(got), err, len(b))
		}
	})
}

// A small pack cannot make the program hold more than MaxSize.
func TestDecompressRefusesTooMuch(t *testing.T) {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	bomb := w.EncodeAll(make([]byte, MaxSize+1), nil)
	if got, err := Decompress(bomb); err == nil {
		t.Errorf("Decompress of %d bytes gave %d bytes and no error", len(bomb), len(got))
	}
	for _, bad := range [][]byte{[]byte("nothing of the kind"), Compress(bytes.Repeat([]byte("abc"), 1000))[:20]} {
		if _, err := Decompress(bad); err == nil {
			t.Errorf("Decompress(%q) gave no error", bad)
		}
	}
}

func FuzzDecompress(f *testing.F) {
	f.Add(Compress([]byte("abc")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := Decompress(b); err == nil && len(out) > MaxSize {
			t.Errorf("Decompress gave %d bytes", len(out))
		}
	})
}
