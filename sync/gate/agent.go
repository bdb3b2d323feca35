package gate

import (
	"context"
	"time"

	"passerelle/sync/wire"
)

// Help files a request for an agent's help: the same answer whether the account exists or not.
func (g *Gate) Help(ctx context.Context, h wire.HelpRequest, from string, now time.Time) (wire.Receipt, error) {
	panic("not yet")
}

// Requests lists the open requests; who must be an agent with a second factor.
func (g *Gate) Requests(ctx context.Context, who *Caller, now time.Time) ([]wire.Request, error) {
	panic("not yet")
}

// Act does an act of an agent and writes its line in the audit.
func (g *Gate) Act(ctx context.Context, who *Caller, act string, in wire.Act, now time.Time) error {
	panic("not yet")
}
