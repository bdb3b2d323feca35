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

// asked is an outbox of requests for alerts, in memory.
type asked struct {
	waiting []wire.Subscribe
	settled map[string]string
}

func (b *asked) Subscriptions(context.Context) ([]wire.Subscribe, error) {
	return slices.Clone(b.waiting), nil
}

func (b *asked) Settled(_ context.Context, key string, delivered bool, answer string) error {
	if !delivered {
		answer = "refused " + answer
	}
	b.settled[key] = answer
	b.waiting = slices.DeleteFunc(b.waiting, func(in wire.Subscribe) bool { return in.Key == key })
	return nil
}

// subscriber answers as told.
type subscriber map[string]error

func (a subscriber) Subscribe(_ context.Context, in wire.Subscribe) (wire.Subscribed, error) {
	return wire.Subscribed{}, a[in.Key]
}

// A request for alerts that was delivered leaves the outbox; one that was refused for good
// does with what to mend; a server that is not reached, or has had enough for now, leaves
// the rest there.
//
// Rows: A-033
func TestFlushAlerts(t *testing.T) {
	t.Parallel()
	b := &asked{settled: map[string]string{}}
	for _, k := range []string{"a", "b", "c", "d"} {
		b.waiting = append(b.waiting, wire.Subscribe{Key: k})
	}
	bank := subscriber{"b": &wire.Refused{Code: account.Mend, Fields: []account.Problem{account.BadEmail.At("email")}}, "c": &wire.Refused{Code: account.TooMany}}
	sent, err := replica.FlushAlerts(t.Context(), bank, b)
	why, delivered := b.settled["a"]
	if sent != 1 || err == nil || len(b.waiting) != 2 || why != "" || !delivered || b.settled["b"] != `refused {"code":"mend","fields":[{"field":"email","code":"bad_email"}]}` {
		t.Errorf("FlushAlerts: %d sent, %v, left %v, settled %v", sent, err, b.waiting, b.settled)
	}
	bank["c"] = wire.ErrOffline
	if sent, err = replica.FlushAlerts(t.Context(), bank, b); sent != 0 || !errors.Is(err, wire.ErrOffline) || len(b.waiting) != 2 {
		t.Errorf("FlushAlerts: %d sent, %v, left %v; want nothing, ErrOffline", sent, err, b.waiting)
	}
	bank["c"] = nil
	if sent, err = replica.FlushAlerts(t.Context(), bank, b); sent != 2 || err != nil || len(b.waiting) != 0 {
		t.Errorf("FlushAlerts: %d sent, %v, left %v; want both", sent, err, b.waiting)
	}
}
