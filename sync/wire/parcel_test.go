package wire_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/store/record"
	"passerelle/sync/wire"
)

var (
	parcel = wire.Parcel{
		Account: "ada",
		Mutations: []wire.Mutation{
			{ID: "m", Client: "c", Seq: 1, Delete: true},
			{ID: "n", Client: "c", Seq: 2, Patch: record.Doc{"words": []byte(`"soudeur d’été"`)}, Made: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)},
		},
		Reports: []wire.Report{{Key: "r", Number: 7, Reason: "dead_link"}},
		Helps:   []wire.HelpRequest{{Key: "h", Email: "anyone@exemple.ca"}},
	}
	receipts = wire.Receipts{
		Account: "ada",
		Pushed:  wire.Pushed{Epoch: 1, Results: []wire.Result{{ID: "m", Outcome: wire.Applied, Ver: 2}}},
		Items:   []wire.Delivered{{Key: "r", Ticket: "S-000001", Received: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, {Key: "h", Refused: "mend"}},
	}
)

// A file that was torn anywhere, or of which any one byte changed, is refused or is the same
// as it was; so is one of another kind, each with its own error.
func TestParcelDamaged(t *testing.T) {
	var out, back bytes.Buffer
	if err := errors.Join(wire.WriteParcel(&out, parcel), wire.WriteReceipts(&back, receipts)); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	for n := range len(whole) - 1 { // the last one ends the line
		if _, err := wire.ReadParcel(bytes.NewReader(whole[:n])); !errors.Is(err, wire.ErrMalformed) || n > 40 && !errors.Is(err, wire.ErrTorn) {
			t.Fatalf("the first %d bytes of %d: %v, want ErrTorn", n, len(whole), err)
		}
	}
	for n := range whole {
		for _, bit := range []byte{1, 2, 32} {
			hurt := bytes.Clone(whole)
			hurt[n] ^= bit
			if got, err := wire.ReadParcel(bytes.NewReader(hurt)); err == nil && !reflect.DeepEqual(got, parcel) || err != nil && !errors.Is(err, wire.ErrMalformed) {
				t.Fatalf("byte %d of %q: %+v, %v; want an error, or what was written", n, hurt, got, err)
			}
		}
	}
	if _, err := wire.ReadParcel(&back); !errors.Is(err, wire.ErrReceipts) {
		t.Errorf("receipts for an outbox: %v, want ErrReceipts", err)
	}
	if _, err := wire.ReadReceipts(bytes.NewReader(whole)); !errors.Is(err, wire.ErrOutbox) {
		t.Errorf("an outbox for receipts: %v, want ErrOutbox", err)
	}
	newer := strings.Replace(string(whole), "passerelle-outbox/1", "passerelle-outbox/2", 1)
	if _, err := wire.ReadParcel(strings.NewReader(newer)); !errors.Is(err, wire.ErrNewParcel) {
		t.Errorf("of a newer program: %v, want ErrNewParcel", err)
	}
	for _, text := range []string{"", "%PDF-1.7", "[1,2]", `{"format":"x"}`, "Dear Sir"} {
		if _, err := wire.ReadParcel(strings.NewReader(text)); !errors.Is(err, wire.ErrNotParcel) {
			t.Errorf("%q: %v, want ErrNotParcel", text, err)
		}
	}
}

// What is read from a file of an outbox or of receipts is what was written, or is refused.
func FuzzParcel(f *testing.F) {
	var b bytes.Buffer
	if err := wire.WriteParcel(&b, parcel); err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(b.Bytes()))
	b.Reset()
	if err := wire.WriteReceipts(&b, receipts); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"passerelle-receipts/1"}`))
	f.Add([]byte(`{"format":"passerelle-outbox/1","sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","content":{}}`))
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
			if back, err := wire.ReadParcel(&again); err != nil || !reflect.DeepEqual(back, ms) {
				t.Errorf("written and read again: %+v, %v; want %+v", back, err, ms)
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
			if back, err := wire.ReadReceipts(&again); err != nil || !reflect.DeepEqual(back, got) {
				t.Errorf("written and read again: %+v, %v; want %+v", back, err, got)
			}
		}
	})
}
