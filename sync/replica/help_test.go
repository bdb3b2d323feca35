package replica_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"passerelle/store/account"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// requests is an outbox of requests for help, in memory.
type requests struct {
	waiting []wire.HelpRequest
	settled map[string]string
}

func (b *requests) Helps(context.Context) ([]wire.HelpRequest, error) {
	return slices.Clone(b.waiting), nil
}

func (b *requests) Settled(_ context.Context, key string, delivered bool, answer string) error {
	if !delivered {
		answer = "refused " + answer
	}
	b.settled[key] = answer
	b.waiting = slices.DeleteFunc(b.waiting, func(h wire.HelpRequest) bool { return h.Key == key })
	return nil
}

// helper answers as told.
type helper map[string]error

func (a helper) Help(_ context.Context, h wire.HelpRequest) (wire.Receipt, error) {
	if err := a[h.Key]; err != nil {
		return wire.Receipt{}, err
	}
	return wire.Receipt{Ticket: "H-" + h.Key}, nil
}

// TestFlushHelp: a request that was delivered leaves the outbox with its number, and so does
// one that was refused for good; a server that has had enough for now, or is not reached,
// leaves the rest there.
//
// Rows: A-138
func TestFlushHelp(t *testing.T) {
	t.Parallel()
	b := &requests{settled: map[string]string{}}
	for _, k := range []string{"a", "b", "c", "d"} {
		b.waiting = append(b.waiting, wire.HelpRequest{Key: k})
	}
	bank := helper{"b": &wire.Refused{Code: account.Mend}, "c": &wire.Refused{Code: account.TooMany}}
	sent, err := replica.FlushHelp(t.Context(), bank, b)
	if sent != 1 || err == nil || len(b.waiting) != 2 || b.settled["a"] != "H-a" || b.settled["b"] != "refused mend" {
		t.Errorf("FlushHelp: %d sent, %v, left %v, settled %v; want 1, a refusal for now, c and d, a and b", sent, err, b.waiting, b.settled)
	}
	bank["c"] = wire.ErrOffline
	if sent, err = replica.FlushHelp(t.Context(), bank, b); sent != 0 || !errors.Is(err, wire.ErrOffline) || len(b.waiting) != 2 {
		t.Errorf("offline: %d sent, %v, left %v", sent, err, b.waiting)
	}
	if sent, err = replica.FlushHelp(t.Context(), helper{}, b); sent != 2 || err != nil || len(b.waiting) != 0 {
		t.Errorf("again: %d sent, %v, left %v", sent, err, b.waiting)
	}
}
