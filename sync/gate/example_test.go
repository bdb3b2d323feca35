package gate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/gate"
	"passerelle/sync/wire"
)

// Everything before a session is a flow: begun once, and gone through step by step. A step
// out of order is refused and says where the flow stands.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "gate")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	l, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = l.Close() }()
	keys, err := secret.Load(filepath.Join(dir, "keys", "secrets.json"))
	if err != nil {
		panic(err)
	}
	g, err := gate.New(gate.Options{Ledger: l, Keys: keys, Base: "https://passerelle.example"})
	if err != nil {
		panic(err)
	}

	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p, err := g.Begin(ctx, wire.Begin{Kind: account.Register, Lang: "fr"}, nil, "192.0.2.1", now)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Step, p.Screen, "of", p.Screens)

	_, err = g.Step(ctx, p.Flow, account.StepQuestions, wire.Answer{}, "192.0.2.1", now)
	var no *gate.Refused
	if errors.As(err, &no) {
		fmt.Println(no.Code, no.Prompt.Step)
	}

	p, err = g.Step(ctx, p.Flow, account.StepTerms, wire.Answer{Accept: true, Terms: account.TermsVersion}, "192.0.2.1", now)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Step, p.Screen, "of", p.Screens)
	// Output:
	// terms 1 of 4
	// wrong_step terms
	// identity 2 of 4
}
