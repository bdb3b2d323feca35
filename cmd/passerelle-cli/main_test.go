package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"passerelle-cli": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestScripts walks the main job without a window and without a network, from the bundled
// sample: search, show, report, in both languages and three formats.
//
// Rows
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		e.Setenv("PASSERELLE_DESK", e.Getenv("WORK")+"/desk")
		e.Setenv("LC_ALL", "fr_CA.UTF-8")
		e.Setenv("NOW", "2026-11-22T12:00:00Z")
		return nil
	}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		// number sets NUMBER to that of the first posting of the JSON just printed.
		"number": func(ts *testscript.TestScript, _ bool, _ []string) {
			var r struct {
				Postings []struct{ Number int64 }
			}
			ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
			if len(r.Postings) == 0 {
				ts.Fatalf("no posting in what was printed")
			}
			ts.Setenv("NUMBER", strconv.FormatInt(r.Postings[0].Number, 10))
		},
	}})
}
