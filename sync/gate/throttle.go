package gate

import (
	"context"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// attempt counts a try under each key before it is made, so that many at once are counted
// too; a key that has to wait refuses with account.TooMany and for how long (B-017). A try
// that is refused counts under none: whoever waits is not made to wait longer by others.
func (g *Gate) attempt(ctx context.Context, now time.Time, keys ...throttle) error {
	var wait time.Duration
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		wait = 0
		all := make([]ledger.Throttle, len(keys))
		for i, k := range keys {
			v, err := t.Throttle(ctx, k.key)
			if err != nil {
				return err
			}
			if account.Forget(v.Last, now) {
				v = ledger.Throttle{}
			}
			wait = max(wait, account.Wait(v.Failures, v.Last, now, k.address))
			all[i] = v
		}
		if wait > 0 {
			return nil
		}
		for i, k := range keys {
			if err := t.PutThrottle(ctx, k.key, ledger.Throttle{Failures: all[i].Failures + 1, Last: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if wait > 0 {
		return &Refused{Code: account.TooMany, After: wait}
	}
	return nil
}

// succeeded forgets what was counted, in the transaction of the success: all of an
// account, and of an address the one try that turned out right. So a library where many
// sign in is never slow, and whoever has an account of their own cannot use it to wipe
// what their other tries have come to. It is called with the keys of that attempt.
func (g *Gate) succeeded(ctx context.Context, t *ledger.Tx, keys ...throttle) error {
	for _, k := range keys {
		var left ledger.Throttle
		if k.address {
			v, err := t.Throttle(ctx, k.key)
			if err != nil {
				return err
			}
			if v.Failures > 1 {
				left = ledger.Throttle{Failures: v.Failures - 1, Last: v.Last}
			}
		}
		if err := t.PutThrottle(ctx, k.key, left); err != nil {
			return err
		}
	}
	return nil
}

// throttle is what tries are counted under.
type throttle struct {
	key     []byte
	address bool // of an address, which many people may share: more is allowed
}

// byAccount counts under what names an account, there or not: an address or a username, folded.
func (g *Gate) byAccount(name string) throttle {
	return throttle{key: g.o.Keys.MAC("throttle account", []byte(name))}
}

// byAddress counts under the address that asks.
func (g *Gate) byAddress(from string) throttle {
	return throttle{key: g.o.Keys.MAC("throttle address", []byte(from)), address: true}
}
