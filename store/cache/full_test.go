package cache

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
