// Command dev is the house's own tool: it shows the program, tests it, measures it and
// tells which requirement each test shows. It needs Go alone and installs the rest.
//
//	go run ./cmd/dev demo     installs what is missing, builds, opens the window on a demonstration server
//	go run ./cmd/dev test     everything that .ci/run runs
//	go run ./cmd/dev e2e      drives the real window with keys and clicks, and leaves pictures
//	go run ./cmd/dev bench    prints every figure of the README
//	go run ./cmd/dev sim      lives of desks and a server, from seeds: any number, each replays and shrinks
//	go run ./cmd/dev mutants  plants faults that those lives must find, and says how soon each is found
//	go run ./cmd/dev kill     kills real processes of a server and its desks, and looks at what is left
//	go run ./cmd/dev rows     lists the requirement rows and the tests that show them
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"passerelle/cmd/internal/kill"
	"passerelle/sync/simtest"
)

func main() {
	kill.Child() // of cmd/dev kill: this process may be one of those
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do: demo, test, e2e, bench or rows")
	}
	top, err := repository()
	if err != nil {
		return err
	}
	if err := os.Chdir(top); err != nil {
		return err
	}
	flags := flag.NewFlagSet("dev "+args[0], flag.ContinueOnError)
	switch args[0] {
	case "demo":
		o := demoOptions{}
		flags.IntVar(&o.postings, "n", 20000, "postings in the demonstration catalogue")
		flags.BoolVar(&o.headless, "headless", false, "walk the main job under Xvfb even if there is a display")
		flags.StringVar(&o.out, "out", filepath.Join("out", "demo"), "where the pictures go")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return demo(ctx, o)
	case "test":
		o := testOptions{}
		flags.BoolVar(&o.quick, "quick", false, "leave out the race detector, the real window and the linters")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return test(ctx, o)
	case "e2e":
		o := e2eOptions{}
		flags.StringVar(&o.out, "out", filepath.Join("out", "e2e"), "where the pictures go")
		flags.StringVar(&o.only, "run", "", "only the walks whose name begins so")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return endToEnd(ctx, o)
	case "bench":
		o := benchOptions{}
		flags.BoolVar(&o.million, "million", false, "1,000,000 postings too (about ten minutes)")
		flags.StringVar(&o.only, "run", "", "only the measures whose name begins so")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return bench(ctx, o)
	case "sim":
		o := simtest.RunOptions{}
		flags.IntVar(&o.N, "n", 2000, "histories")
		flags.Uint64Var(&o.Seed, "seed", 1, "of the first history; the others follow")
		flags.BoolVar(&o.Shrink, "shrink", false, "show the first that fails without the steps that it fails without")
		flags.BoolVar(&o.Any, "any", false, "stop at the first that fails")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return sim(ctx, o)
	case "mutants":
		o := mutantsOptions{}
		flags.IntVar(&o.n, "n", 2000, "histories that a mutant may take to be found")
		flags.StringVar(&o.only, "run", "", "only the mutants whose name begins so")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return plantMutants(ctx, o)
	case "kill":
		o := killOptions{}
		flags.IntVar(&o.n, "n", 200, "processes that are killed")
		flags.Uint64Var(&o.seed, "seed", 1, "of what they do, and of where they die")
		flags.BoolVar(&o.loud, "v", false, "tell of every process")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return killAll(ctx, o)
	case "rows":
		o := rowsOptions{}
		flags.BoolVar(&o.missing, "missing", false, "only rows that no test shows")
		flags.StringVar(&o.issue, "only", "", "only rows whose id begins so")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return rows(os.Stdout, top, o)
	}
	return fmt.Errorf("%q is not a command: demo, test, e2e, bench or rows", args[0])
}

// repository is the folder of go.mod, from wherever the command is run.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "FyneApp.toml")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("run it inside the repository")
		}
		dir = up
	}
}
