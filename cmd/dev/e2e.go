package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"passerelle/cmd/internal/e2e"
)

type e2eOptions struct{ out, only string }

// endToEnd builds the programs and walks them in a real window.
func endToEnd(ctx context.Context, o e2eOptions) error {
	if err := install(ctx, needCompiler, needScreen, needKeyring); err != nil {
		return err
	}
	bin, err := build(ctx, "passerelle-server", "passerelle-cli", "passerelle")
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "passerelle-e2e-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	out, err := filepath.Abs(o.out)
	if err != nil {
		return err
	}
	failed := 0
	e2e.Run(ctx, e2e.Programs{Bin: bin, Home: home, Out: out, Data: realData()}, o.only, func(r e2e.Result) {
		switch {
		case r.Skip != "":
			fmt.Printf("- %s left out: %s\n", r.Name, r.Skip)
		case r.Err != nil:
			failed++
			fmt.Printf("✗ %s (%s): %v\n", r.Name, r.Took, r.Err)
		default:
			fmt.Printf("✓ %s (%s)\n", r.Name, r.Took)
		}
	})
	fmt.Println("pictures:", out)
	if failed > 0 {
		return fmt.Errorf("%d walks failed", failed)
	}
	return nil
}

// realData is the folder of real files: PASSERELLE_DATA, or shared/data beside the
// repository, or nothing.
func realData() string {
	if d := os.Getenv("PASSERELLE_DATA"); d != "" {
		return d
	}
	d, err := filepath.Abs(filepath.Join("..", "shared", "data"))
	if err != nil {
		return ""
	}
	if _, err := os.Stat(d); err != nil {
		return ""
	}
	return d
}
