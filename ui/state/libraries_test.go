package state

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLibraries: every module that the window's program is made of, on each system, is named
// with its licence, and none that is not.
//
// Rows: X-018
func TestLibraries(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("without the go tool nothing tells what a program is made of")
	}
	major := regexp.MustCompile(`/v[0-9]+(\.[0-9]+)?(/|$)`)
	var have, named []string
	for _, system := range []string{"linux", "windows", "darwin"} {
		cmd := exec.CommandContext(t.Context(), tool, "list", "-e", "-deps", "-tags", "x11", "-f", "{{with .Module}}{{.Path}}{{end}}", "passerelle/cmd/passerelle")
		cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if len(out) == 0 {
			t.Fatalf("what it is made of on %s: %v", system, err)
		}
		for _, path := range strings.Fields(string(out)) {
			if path != "passerelle" {
				have = append(have, major.Split(path, 2)[0]) // as a person names it
			}
		}
	}
	for _, l := range Libraries {
		named = append(named, l.Paths...)
	}
	slices.Sort(have)
	slices.Sort(named)
	have = slices.Compact(have)
	for _, path := range have {
		if !slices.Contains(named, path) {
			t.Errorf("%s is part of the program, and its licence is not named", path)
		}
	}
	for _, path := range named {
		if !slices.Contains(have, path) {
			t.Errorf("%s is named, and no part of the program", path)
		}
	}
}
