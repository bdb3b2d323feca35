package alert_test

import (
	"fmt"
	"time"

	"passerelle/sync/alert"
)

// By night nobody is written to; a morning that was missed is made up for until the evening.
func ExampleSlot() {
	for _, hour := range []int{3, 7, 12, 18, 23} {
		fmt.Printf("%02d:00 %q\n", hour, alert.Slot(time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC)))
	}
	// Output:
	// 03:00 ""
	// 07:00 "2026-11-22/1"
	// 12:00 "2026-11-22/1"
	// 18:00 "2026-11-22/2"
	// 23:00 "2026-11-22/2"
}
