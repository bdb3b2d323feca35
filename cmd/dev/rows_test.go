package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestRows: every row that a test names stands in the table, no row twice, and those of the
// catalogue are each shown by a test.
func TestRows(t *testing.T) {
	var out bytes.Buffer
	if err := rows(&out, "../..", rowsOptions{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		id, _, _ := strings.Cut(line, "\t")
		if seen[id] {
			t.Errorf("rows.tsv holds %s twice", id)
		}
		seen[id] = true
	}
	shown, err := rowsShown("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range strings.Fields(`A-010 A-011 A-013 A-016 A-017 A-018 A-019 A-020 A-021 A-022 A-023 A-024 A-025 A-026 A-027
		A-170 X-001 X-002 X-010 X-011 X-012 X-016 X-017 X-018 X-019 X-028 X-047 X-048 X-070 X-071 X-072 X-073`) {
		if len(shown[id]) == 0 {
			t.Errorf("no test shows %s", id)
		}
	}
}
