package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/publish"
	"passerelle/sync/simtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"passerelle-cli": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestScripts walks the main job without a window and without a network, from the bundled
// sample or from a signed bundle: search, show, report, profile, in both languages and three formats.
//
// Rows
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		e.Setenv("PASSERELLE_DESK", e.Getenv("WORK")+"/desk")
		e.Setenv("LC_ALL", "fr_CA.UTF-8")
		e.Setenv("NOW", "2026-11-22T12:00:00Z")
		return nil
	}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		// bundle makes a signed bundle of one province in a folder, and sets PRINT to its publisher's fingerprint.
		"bundle": func(ts *testscript.TestScript, _ bool, args []string) {
			p, err := simtest.NewPublisher(ts.MkAbs("publisher"), publish.RootOptions{})
			ts.Check(err)
			p.Now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
			p.Fill(1, 60)
			_, err = p.Publish()
			ts.Check(err)
			_, err = publish.Bundle(context.Background(), p.Options.Dir, ts.MkAbs(args[0]), "qc")
			ts.Check(err)
			print, err := publish.Fingerprint(p.Options.Dir)
			ts.Check(err)
			ts.Setenv("PRINT", print)
		},
		// hide hides the posting of a number, as the window does, or the employer of a name.
		"hide": func(ts *testscript.TestScript, _ bool, args []string) {
			d, err := cache.Open(context.Background(), filepath.Join(ts.Getenv("PASSERELLE_DESK"), "device.db"))
			ts.Check(err)
			h := cache.Hidden{Employer: args[0]}
			if n, err := strconv.ParseInt(args[0], 10, 64); err == nil {
				h = cache.Hidden{Number: n}
			}
			ts.Check(d.Hide(context.Background(), h, time.Now()))
			ts.Check(d.Close())
		},
		// large makes a profile that is larger than one may be.
		"large": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(`{"mode": "default", "x": "`+strings.Repeat("x", record.MaxDoc)+`"}`), 0o600))
		},
		// number sets NUMBER to that of the first posting of the JSON just printed.
		"number": func(ts *testscript.TestScript, _ bool, _ []string) {
			var r struct {
				Postings []struct {
					Number   int64
					Employer string
				}
			}
			ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
			if len(r.Postings) == 0 {
				ts.Fatalf("no posting in what was printed")
			}
			ts.Setenv("NUMBER", strconv.FormatInt(r.Postings[0].Number, 10))
			ts.Setenv("EMPLOYER", r.Postings[0].Employer)
		},
	}})
}
