package gate

import (
	"context"
	"time"

	"passerelle/store/ledger"
)

// attempt counts a try under each key before it is made, so that many at once are counted
// too; a key that has to wait refuses with account.TooMany and for how long (B-017).
func (g *Gate) attempt(ctx context.Context, now time.Time, keys ...throttle) error { panic("not yet") }

// succeeded forgets what was counted, in the transaction of the success.
func (g *Gate) succeeded(ctx context.Context, t *ledger.Tx, keys ...throttle) error { panic("not yet") }

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
