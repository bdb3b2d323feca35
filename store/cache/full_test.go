package cache

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
)

// A full disk is told to the person who acts, and what waits to leave still waits.
func TestFullDisk(t *testing.T) {
	ctx, now := t.Context(), time.Unix(1_800_000_000, 0)
	db, err := open(ctx, filepath.Join(t.TempDir(), "device.db"), sqlite.Options{MaxPages: 24})
	if err != nil {
		t.Fatal(err)
	}
	d := &Device{db: db, own: db}
	defer func() { _ = d.Close() }()
	kept := 0
	for ; kept < 500; kept++ {
		err = d.Queue(ctx, KindReport, fmt.Sprint("k", kept), []byte(strings.Repeat("x", 500)), now)
		if err != nil {
			break
		}
	}
	if !errors.Is(err, sqldb.ErrFull) {
		t.Fatalf("after %d items: %v, want ErrFull", kept, err)
	}
	if waiting, err := d.Pending(ctx); err != nil || len(waiting) != kept || kept == 0 {
		t.Errorf("%d items wait, %v; want the %d that were taken", len(waiting), err, kept)
	}
	if err := d.Send(ctx, "k0"); err != nil { // a delivery needs no room
		t.Errorf("Send on a full disk: %v", err)
	}
}

// A full disk is told to whoever edits: what was taken before is whole, can be read, and
// once there is room again all goes on.
//
// Rows: X-013
func TestFullDiskOfRecords(t *testing.T) {
	ctx, now, path := t.Context(), time.Unix(1_800_000_000, 0), filepath.Join(t.TempDir(), "account-ada.db")
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	reopen := func(pages int) *Records {
		db, err := open(ctx, path, sqlite.Options{Migrations: personal, MaxPages: pages})
		if err != nil {
			t.Fatal(err)
		}
		d := &Device{db: db, own: db, box: box, owner: "ada", origin: newOrigin()}
		t.Cleanup(func() { _ = d.Close() })
		r, err := d.Records()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := reopen(60)
	ref := func(n int) Ref { return Ref{"person/ada", "saved", fmt.Sprint("s", n)} }
	doc := func(n int) record.Doc {
		return record.Doc{"posting": fmt.Appendf(nil, `"%d"`, n), "x": []byte(`"` + strings.Repeat("x", 500) + `"`)}
	}
	kept := 0
	for ; kept < 500; kept++ {
		if err = r.Put(ctx, ref(kept), doc(kept), now); err != nil {
			break
		}
	}
	if !errors.Is(err, sqldb.ErrFull) || kept == 0 {
		t.Fatalf("after %d edits: %v, want ErrFull", kept, err)
	}
	if _, err := r.Batch(ctx, Limits{}); err != nil && !errors.Is(err, sqldb.ErrFull) {
		t.Errorf("batch on a full disk: %v", err)
	}
	if err := r.d.Close(); err != nil {
		t.Fatal(err)
	}
	r = reopen(0)
	if w, err := r.Outbox(ctx); err != nil || len(w) != kept {
		t.Fatalf("%d edits wait, %v; want the %d that were taken", len(w), err, kept)
	}
	for n := range kept {
		if got, err := r.Get(ctx, ref(n)); err != nil || !record.Equal(got.Doc, doc(n)) {
			t.Errorf("record %d: %v, %v", n, got.Doc, err)
		}
	}
	if err := r.Put(ctx, ref(kept), doc(kept), now); err != nil {
		t.Error(err)
	}
	if b, err := r.Batch(ctx, Limits{}); err != nil || len(b) != kept+1 {
		t.Errorf("batch of %d, %v; want %d", len(b), err, kept+1)
	}
}
