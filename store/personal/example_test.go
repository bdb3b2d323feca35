package personal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"passerelle/store/personal"
	"passerelle/store/secret"
)

func Example() {
	dir, err := os.MkdirTemp("", "personal")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, now := context.Background(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key, other := bytes.Repeat([]byte{1}, secret.KeySize), bytes.Repeat([]byte{2}, secret.KeySize) // a secret.Vault keeps them
	at := func(id string, key []byte) *personal.File {
		box, err := secret.NewBox(key)
		if err != nil {
			panic(err)
		}
		f, err := personal.Open(ctx, dir, id, box)
		if err != nil {
			panic(err)
		}
		return f
	}
	home, away := at("home", key), at("away", other)
	defer func() { _, _ = home.Close(), away.Close() }()
	_ = personal.Write(ctx, home, "one", personal.Application{State: personal.ToApply, Title: "Couvreuse"}, now)

	paper := secret.NewRecoveryKey() // shown once, in the person's drawer
	var stick bytes.Buffer
	n, err := home.Backup(ctx, &stick, paper, now, nil)
	fmt.Println(n, err)
	got, err := away.Restore(ctx, &stick, paper, nil)
	fmt.Println(got.Added, err)
	all, _ := personal.All[personal.Application](ctx, away)
	fmt.Println(all[0].Body.Title, all[0].Body.State)
	// Output:
	// 1 <nil>
	// 1 <nil>
	// Couvreuse to_apply
}
