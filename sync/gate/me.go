package gate

import (
	"context"
	"time"

	"passerelle/sync/wire"
)

// Me is what an account knows of itself.
func (g *Gate) Me(ctx context.Context, who *Caller, now time.Time) (wire.Me, error) { panic("not yet") }

// Change does an act of a person on their own account; its name is one of wire's Act constants.
func (g *Gate) Change(ctx context.Context, who *Caller, act string, in wire.Answer, from string, now time.Time) (wire.Me, error) {
	panic("not yet")
}
