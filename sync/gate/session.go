package gate

import (
	"context"
	"time"

	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// Caller is who asks, by an access token.
type Caller struct {
	Account ledger.Account
	Session ledger.Session
}

// open opens a session for the account of a flow, within the transaction of its last
// step, and remembers it in r.data.Opened. credential is "" for the job bank.
func (g *Gate) open(ctx context.Context, t *ledger.Tx, r *run, credential string) error {
	panic("not yet")
}

// session gives the newest pair of a session, as often as it is asked for until it is used.
func (g *Gate) session(ctx context.Context, id string, now time.Time) (wire.Session, error) {
	panic("not yet")
}

// within prepares a flow that is begun within a session, such as the change of a factor.
func (g *Gate) within(ctx context.Context, r *run, who *Caller) error { panic("not yet") }

// Caller finds who an access token belongs to: a *Refused with account.SignInNeeded, or
// account.Gone for a device that was signed out.
func (g *Gate) Caller(ctx context.Context, access string, now time.Time) (*Caller, error) {
	panic("not yet")
}

// Renew gives the next pair for a refresh token.
func (g *Gate) Renew(ctx context.Context, in wire.Renewal, now time.Time) (wire.Session, error) {
	panic("not yet")
}

// SignOut ends a session.
func (g *Gate) SignOut(ctx context.Context, who *Caller, now time.Time) error { panic("not yet") }
