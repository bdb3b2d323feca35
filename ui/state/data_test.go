package state

import (
	"context"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/sync/session"
)

// slow is an archive that is written until it is stopped.
type slow struct{ MyData }

func (slow) Export(ctx context.Context, _ string, _ i18n.Lang, tell func(done, total int)) (Exported, error) {
	tell(1, 4)
	return Exported{}, ctx.Err()
}

// TestDataOfWhoLeft: what is under way for somebody who has left is stopped, and nothing
// looks after it any more.
//
// Rows: X-042
func TestDataOfWhoLeft(t *testing.T) {
	d, _ := signedIn(t, i18n.French)
	d.o.MyData = slow{}
	d.hand.run()
	before := d.Data
	before.Export("tout.zip")
	d.Present.settle(session.Standing{Mode: session.Nobody}, d.o.Device, "")
	d.hand.run()
	if d.Data == before || d.Data.Working != "" || d.Data.Fault != "" {
		t.Fatalf("the next person sees %q, %q", d.Data.Working, d.Data.Fault)
	}
	d.hand.pass(time.Second)
	for _, left := range d.hand.timers {
		if !left.off && left.d < time.Second {
			t.Errorf("something looks every %v after what has ended", left.d)
		}
	}
}
