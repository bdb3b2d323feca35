package gate

import (
	"context"
	"slices"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// attempt counts a try under each key before it is made, so that many at once are counted
// too; a key that has to wait refuses with account.TooMany and for how long (B-017). A try
// that is refused counts under none: whoever waits is not made to wait longer by others.
//
// Where the account was opened from the same address before, the try counts under the two
// together and not under the account: whoever tries somebody's password from elsewhere, for
// however long, keeps nobody out of their own account at home.
func (g *Gate) attempt(ctx context.Context, now time.Time, keys ...throttle) error {
	var wait time.Duration
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		wait = 0
		own, err := g.own(ctx, t, keys)
		if err != nil {
			return err
		}
		all := make([]ledger.Throttle, len(own))
		for i, k := range own {
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
		for i, k := range own {
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
	own, err := g.own(ctx, t, keys)
	if err != nil {
		return err
	}
	for i, k := range own {
		v, err := t.Throttle(ctx, k.key)
		if err != nil {
			return err
		}
		var left ledger.Throttle
		switch {
		case k.address && v.Failures > 1:
			left = ledger.Throttle{Failures: v.Failures - 1, Last: v.Last}
		case k.address:
		default:
			// The two together are known from now on. Last is when the try was counted.
			if pair, ok := g.pairOf(keys[i], keys); ok && !v.Last.IsZero() {
				if err := t.PutThrottle(ctx, pair.key, ledger.Throttle{Last: v.Last}); err != nil {
					return err
				}
				if string(pair.key) == string(k.key) {
					continue
				}
			}
		}
		if err := t.PutThrottle(ctx, k.key, left); err != nil {
			return err
		}
	}
	return nil
}

// own puts in the place of an account's key that of the account and the address together,
// where there is one.
func (g *Gate) own(ctx context.Context, t *ledger.Tx, keys []throttle) ([]throttle, error) {
	out := slices.Clone(keys)
	for i, k := range keys {
		pair, ok := g.pairOf(k, keys)
		if !ok {
			continue
		}
		v, err := t.Throttle(ctx, pair.key)
		if err != nil {
			return nil, err
		}
		if !v.Last.IsZero() {
			out[i] = pair
		}
	}
	return out, nil
}

// pairOf is the key of an account and of the address among the keys of a try.
func (g *Gate) pairOf(k throttle, keys []throttle) (throttle, bool) {
	n := slices.IndexFunc(keys, func(k throttle) bool { return k.address })
	if k.address || n < 0 {
		return throttle{}, false
	}
	return throttle{key: g.o.Keys.MAC("throttle pair", k.key, keys[n].key)}, true
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
