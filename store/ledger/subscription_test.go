package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"passerelle/store/ledger"
)

// Who is looked at in a slot is looked at once; what changed meanwhile is not written over;
// what ended goes by the schedule, and with it the address.
//
// Rows
func TestSubscriptions(t *testing.T) { engines(t, testSubscriptions) }

func testSubscriptions(t *testing.T) {
	l, _ := bare(t)
	const zone, slot = "America/Toronto", "2026-11-22/1"
	update(t, l, func(tx *ledger.Tx) error {
		for n := range 5 {
			mac := []byte{byte(n + 1), 0}
			s := ledger.Subscriber{EmailMAC: mac, Zone: zone, State: ledger.Alerted, Created: noon}
			if n == 4 {
				s.State = ledger.Bounced
			}
			if err := tx.PutSubscriber(t.Context(), s); err != nil {
				return err
			}
			for m := range 2 {
				b := ledger.Subscription{ID: fmt.Sprint(n, m), EmailMAC: mac, Key: fmt.Sprint("k", n, m), State: ledger.AlertActive, Mark: 3, Found: 7, Made: noon}
				if m == 1 && n == 0 {
					b.State = ledger.AlertPending
				}
				if err := tx.PutSubscription(t.Context(), b); err != nil {
					return err
				}
			}
		}
		return nil
	})
	due := func(after []byte, n int) (all []ledger.Due) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) (err error) {
			all, err = tx.DueAlerts(t.Context(), zone, slot, after, n)
			return err
		})
		return all
	}
	all := due(nil, 3)
	if len(all) != 3 || len(all[0].All) != 1 || len(all[1].All) != 2 || all[1].All[0].Found != 7 || !all[1].Created.Equal(noon) {
		t.Fatalf("due: %+v", all)
	}
	update(t, l, func(tx *ledger.Tx) error {
		one := all[1].Subscriber
		one.Slot, one.Sent = slot, noon
		if err := tx.PutSubscriber(t.Context(), one); err != nil {
			return err
		}
		return tx.NothingNew(t.Context(), zone, slot, nil, all[2].EmailMAC, 9, noon.Add(time.Hour))
	})
	if left := due(nil, 10); len(left) != 1 || left[0].EmailMAC[0] != 4 {
		t.Errorf("left: %+v", left)
	}
	if got := due(all[2].EmailMAC, 10); len(got) != 1 {
		t.Errorf("behind the third: %+v", got)
	}
	for n, mark := range []int64{9, 3, 9, 3} { // the second was written by itself, the fourth not reached
		update(t, l, func(tx *ledger.Tx) error {
			b, err := tx.SubscriptionByKey(t.Context(), fmt.Sprint("k", n, 0))
			if err == nil && (b.Mark != mark || b.Checked.IsZero() != (mark == 3)) {
				t.Errorf("subscription %d: %+v, want mark %d", n, b, mark)
			}
			return err
		})
	}
	stale := tried(t, l, func(tx *ledger.Tx) error { return tx.PutSubscriber(t.Context(), all[1].Subscriber) })
	if !errors.Is(stale, ledger.ErrMoved) {
		t.Errorf("a version that is past: %v", stale)
	}
	again := ledger.Subscription{ID: "other", EmailMAC: all[0].EmailMAC, Key: "k0 0", State: ledger.AlertPending}
	if err := tried(t, l, func(tx *ledger.Tx) error { return tx.PutSubscription(t.Context(), again) }); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("the same request twice: %v", err)
	}
	update(t, l, func(tx *ledger.Tx) error {
		b, err := tx.SubscriptionByKey(t.Context(), "k0 0")
		if err != nil {
			return err
		}
		b.State, b.Ended = ledger.AlertUnsubscribed, noon
		if err := tx.PutSubscription(t.Context(), b); err != nil {
			return err
		}
		for _, c := range []struct {
			drop func() (int, error)
			want int
		}{
			{func() (int, error) { return tx.DropPending(t.Context(), noon) }, 0}, {func() (int, error) { return tx.DropUnsubscribed(t.Context(), noon) }, 0},
			{func() (int, error) { return tx.DropPending(t.Context(), noon.Add(1)) }, 0}, // milliseconds are kept
			{func() (int, error) { return tx.DropPending(t.Context(), noon.Add(time.Millisecond)) }, 1},
			{func() (int, error) { return tx.DropUnsubscribed(t.Context(), noon.Add(time.Millisecond)) }, 1},
		} {
			if n, err := c.drop(); err != nil || n != c.want {
				t.Errorf("dropped %d, %v, want %d", n, err, c.want)
			}
		}
		if _, err := tx.Subscriber(t.Context(), all[0].EmailMAC); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("an address without alerts: %v", err)
		}
		return nil
	})
}
