package session_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

func ExampleNew() {
	dir, err := os.MkdirTemp("", "desk")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	device, err := cache.Open(ctx, filepath.Join(dir, "device.db"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = device.Close() }()
	b := newBank() // a *client.Client, elsewhere
	b.person("7", "Adeline")
	b.open("flow", "7", account.Questions)

	k := session.New(session.Options{Bank: b, Desk: device, Dir: dir, Now: b.clock,
		Vault: secret.NewVault(dir, secret.VaultOptions{Keyring: &ring{has: map[string]string{}}, Cost: secret.Cheap})})
	defer k.Close()
	_, _ = k.Step(ctx, "flow", account.StepQuestion, wire.Answer{}) // the last step of a sign-in
	fmt.Println(k.Standing().Mode, k.Standing().Person.Name)
	k.Lock()
	b.offline = true
	_ = k.Unlock(ctx, "7", "")
	me, fresh, _ := k.Me(ctx)
	fmt.Println(k.Standing().Mode, me.Email, fresh)
	// Output:
	// online Adeline
	// local Adeline@exemple.ca false
}
