package replica_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/store/catalogue"
	"passerelle/sync/client"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
)

// A desktop follows a server: it is told what a sync costs, and then does it.
func Example() {
	dir, err := os.MkdirTemp(simtest.Memory(), "passerelle-*")
	check(err)
	defer os.RemoveAll(dir)
	bank, err := simtest.NewPublisher(dir, publish.RootOptions{})
	check(err)
	bank.Fill(1, 120)
	_, err = bank.Publish()
	check(err)
	server := simtest.Serve(bank.Options.Dir)
	defer server.Close()

	ctx := context.Background()
	store, err := catalogue.Open(ctx, filepath.Join(dir, "catalogue"))
	check(err)
	defer store.Close()
	transport, err := client.New(server.URL, client.Options{})
	check(err)
	r, err := replica.New(transport, store, replica.Options{
		Dir: filepath.Join(dir, "sync"), Scope: "qc", Now: func() time.Time { return bank.Now },
	})
	check(err)
	plan, err := r.Plan(ctx)
	check(err)
	fmt.Println("first time:", plan.Pinned, "postings:", plan.Count)
	_, err = r.Sync(ctx, nil)
	check(err)
	plan, err = r.Plan(ctx)
	check(err)
	fmt.Println("nothing more:", plan.Nothing)
	// Output:
	// first time: true postings: 60
	// nothing more: true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
