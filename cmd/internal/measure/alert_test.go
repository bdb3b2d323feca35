package measure_test

import (
	"path/filepath"
	"testing"

	"passerelle/cmd/internal/measure"
)

// The measure of alerts comes to its end on a small scale, and what it measures is right.
func TestAlerts(t *testing.T) {
	got, err := measure.Alerts(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), 300, 200)
	if err != nil {
		t.Fatal(err)
	}
	if got.Found == 0 || got.Letters == 0 || got.Letters > 300 || got.Round == 0 {
		t.Errorf("%+v", got)
	}
}
