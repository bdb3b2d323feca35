package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestRows: every row that a test names stands in the table, no row twice, and those of the
// catalogue, of accounts and of private records are each shown by a test. A-134 waits for what is matched.
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
		A-170 X-001 X-002 X-010 X-011 X-012 X-016 X-017 X-018 X-019 X-028 X-047 X-048 X-070 X-071 X-072 X-073
		A-080 A-081 A-082 A-083 A-084 A-085 A-086 A-087 A-088 A-089 A-090 A-091 A-092 A-093 A-118 A-119 A-120 A-121 A-122 A-123
		A-124 A-125 A-126 A-127 A-128 A-129 A-130 A-131 A-132 A-133 A-135 A-136 A-137 A-138 A-139 A-140 A-141 A-147 A-148 A-149
		A-150 B-004 B-005 B-006 B-007 B-008 B-009 B-014 B-016 B-017 B-018 B-019 B-020 B-021 B-022 B-023 B-024 B-025 B-026 B-027
		B-028 B-029 B-030 B-031 B-032 B-033 B-034 B-035 B-036 B-037 B-041 B-042 B-043 X-003 X-040 X-049 X-059
		A-012 B-010 X-013 X-014 X-015 X-024 X-041 X-042 X-043 X-044 X-045 X-046
		A-003 A-004 A-005 A-030 A-031 A-032 A-033 A-034 A-035 A-036 A-037 A-038 A-039 A-040 A-041 A-042 A-050 A-051 A-052 A-053
		A-054 A-055 A-056 A-057 A-058 A-059 A-060 A-061 A-062 A-063 A-064 A-065 A-070 A-071 A-072 A-073 A-074 A-075 A-076 A-134
		X-020 X-021 X-022 X-023 X-025 X-026 X-027 X-029`) {
		if len(shown[id]) == 0 {
			t.Errorf("no test shows %s", id)
		}
	}
}
