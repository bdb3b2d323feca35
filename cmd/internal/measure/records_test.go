package measure

import (
	"path/filepath"
	"testing"

	"passerelle/store/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// What the bench of private records measures is done, on both engines; figures are the
// bench's to judge.
func TestPrivateRecords(t *testing.T) {
	size := RecordsSize{Desks: 2, Pushes: 4, Singles: 4, Pulls: 4, Waiting: 120, Idle: 3, IdleAsks: 2}
	for name, at := range map[string]func(dir string) string{
		"sqlite":   func(dir string) string { return filepath.Join(dir, "ledger.db") },
		"postgres": func(string) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m, err := PrivateRecords(t.Context(), dir, at(dir), size)
			if err != nil {
				t.Fatal(err)
			}
			if m.Drained != 120 || m.Hints != 3 || m.Stands < 100 || m.Mutations <= 0 || m.Unchanged <= 0 || m.Polls <= 0 || m.Hint <= 0 {
				t.Errorf("measured %+v", m)
			}
		})
	}
}
