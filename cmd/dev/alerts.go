package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"passerelle/cmd/internal/measure"
	"passerelle/store/postgres/postgrestest"
)

// benchAlerts: a morning of 100,000 subscriptions and 5,000 new postings, in memory and on
// both engines.
func benchAlerts(ctx context.Context, f *figures, _ benchOptions) error {
	const subscriptions, postings = 100_000, 5_000
	dir, clean, err := folder("alerts")
	if err != nil {
		return err
	}
	defer clean()
	file, err := measure.Alerts(ctx, filepath.Join(dir, "ledger.db"), subscriptions, postings)
	if err != nil {
		return err
	}
	f.say(fmt.Sprintf("%d subscriptions indexed", subscriptions), ms(file.Indexed))
	f.say(fmt.Sprintf("%d postings read", postings), ms(file.Read))
	f.bar(fmt.Sprintf("%d subscriptions × %d new postings", subscriptions, postings), ms(file.Indexed+file.Read+file.Matched), "≤ 10 s", file.Indexed+file.Read+file.Matched <= 10*time.Second)
	f.say("pairs found, as the reference finds them", fmt.Sprint(file.Found))
	f.say(fmt.Sprintf("the whole round with a ledger in a file: %d letters", file.Letters), ms(file.Round))
	f.say("a letter opened, composed and handed over", ms(file.Letter))
	if err := install(ctx, needPostgres); err != nil {
		return err
	}
	url, stop, err := postgrestest.Serve()
	if err != nil {
		return err
	}
	defer stop()
	runtime.GC()
	served, err := measure.Alerts(ctx, url, subscriptions, postings)
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	f.say(fmt.Sprintf("the whole round with PostgreSQL: %d letters", served.Letters), ms(served.Round))
	return nil
}
