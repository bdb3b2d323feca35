package cache_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/store/cache"
	"passerelle/store/query"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "device")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, now := context.Background(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

	d, err := cache.Open(ctx, filepath.Join(dir, "device.db"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = d.Close() }()
	_ = d.AddRecent(ctx, "infirmière, Rimouski", query.Query{Words: "infirmière"}, now)
	_ = d.Queue(ctx, cache.KindReport, "a-key", []byte("{}"), now)

	made, _ := d.Recent(ctx, 5)
	waiting, _ := d.Pending(ctx)
	fmt.Println(made[0].Label, "·", len(waiting), waiting[0].State)
	// Output: infirmière, Rimouski · 1 queued
}
