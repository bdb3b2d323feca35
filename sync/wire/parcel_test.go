package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"passerelle/sync/wire"
)

// What is read from a file of an outbox or of receipts is what was written, or is refused.
func FuzzParcel(f *testing.F) {
	var b bytes.Buffer
	if err := wire.WriteParcel(&b, []wire.Mutation{{ID: "m", Client: "c", Seq: 1, Delete: true}}); err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(b.Bytes()))
	b.Reset()
	if err := wire.WriteReceipts(&b, wire.Pushed{Epoch: 1, Results: []wire.Result{{ID: "m", Outcome: wire.Applied, Ver: 2}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"passerelle-receipts/1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		ms, err := wire.ReadParcel(bytes.NewReader(text))
		if err != nil && !errors.Is(err, wire.ErrMalformed) {
			t.Fatalf("ReadParcel: %v, want ErrMalformed", err)
		}
		if err == nil {
			var again bytes.Buffer
			if err := wire.WriteParcel(&again, ms); err != nil {
				t.Fatal(err)
			}
			if back, err := wire.ReadParcel(&again); err != nil || len(back) != len(ms) {
				t.Errorf("written and read again: %d mutations, %v; want %d", len(back), err, len(ms))
			}
		}
		got, err := wire.ReadReceipts(bytes.NewReader(text))
		if err != nil && !errors.Is(err, wire.ErrMalformed) {
			t.Fatalf("ReadReceipts: %v, want ErrMalformed", err)
		}
		if err == nil {
			var again bytes.Buffer
			if err := wire.WriteReceipts(&again, got); err != nil {
				t.Fatal(err)
			}
			if back, err := wire.ReadReceipts(&again); err != nil || back.Epoch != got.Epoch || len(back.Results) != len(got.Results) {
				t.Errorf("written and read again: %+v, %v; want %+v", back, err, got)
			}
		}
	})
}
