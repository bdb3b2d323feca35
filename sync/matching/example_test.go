package matching_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/matching"
)

// A server's matching follows its private records, which follow it.
func Example() {
	dir, err := os.MkdirTemp("", "passerelle-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	h, err := hub.Open(ctx, dir, hub.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = h.Close() }()
	keys, err := secret.Load(filepath.Join(dir, "secrets.json"))
	if err != nil {
		panic(err)
	}
	m, err := matching.New(matching.Options{Ledger: h.Ledger(), Keys: keys})
	if err != nil {
		panic(err)
	}
	records, err := h.Records(hub.RecordsOptions{Box: keys.Box, Matching: m})
	if err != nil {
		panic(err)
	}
	m.Join(records)

	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if err := m.Round(ctx, now); err != nil { // every few minutes
		panic(err)
	}
	mine, err := m.Mine(ctx, hub.Who{Account: "019a9f6e-0000-7000-8000-000000000001"}, now)
	fmt.Println(mine.Active, len(mine.Matches), err)
	// Output: false 0 <nil>
}
