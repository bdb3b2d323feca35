package hub_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"passerelle/store/posting"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
)

func ExampleHub_Import() {
	dir, err := os.MkdirTemp("", "hub")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, now := context.Background(), time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

	h, err := hub.Open(ctx, dir, hub.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = h.Close() }()
	_, _ = h.SetSource(ctx, posting.Source{ID: "quay", Accepted: intake.TermsVersion})
	jobs := `{"@type":"JobPosting","identifier":"J-1","title":"cook","datePosted":"2026-11-20"}`
	im, err := h.Import(ctx, "quay", []hub.File{{
		Name: "jobs.ndjson",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(jobs)), nil },
	}}, hub.ImportOptions{}, now)
	fmt.Println(im.Read, im.Added, err)
	// Output: 1 1 <nil>
}
