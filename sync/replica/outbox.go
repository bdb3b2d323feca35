package replica

import (
	"context"

	"passerelle/sync/wire"
)

// Sender delivers a report. A nil error or wire.ErrRefused is final.
type Sender interface {
	Report(ctx context.Context, r wire.Report) (answer string, err error)
}

// Outbox holds reports until they are delivered.
type Outbox interface {
	// Reports gives those that wait, oldest first.
	Reports(ctx context.Context) ([]wire.Report, error)
	// Settled records a final result: delivered, or refused for good.
	Settled(ctx context.Context, key string, delivered bool, answer string) error
}

// Flush sends what waits. Only a final result takes a report out of the outbox.
func Flush(ctx context.Context, s Sender, box Outbox) (sent int, err error) { panic("not written") }
