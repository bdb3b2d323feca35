package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Sender delivers a report, however often the same one is given.
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

// Flush sends what waits, and says how many were delivered. Only a final result takes a
// report out of the outbox: a server that is not reached, or puts it off, leaves it there.
func Flush(ctx context.Context, s Sender, box Outbox) (sent int, err error) {
	return flush(ctx, "report", "reported", box.Reports, box, func(r wire.Report) (key, answer string, taken bool, err error) {
		answer, err = s.Report(ctx, r)
		if errors.Is(err, wire.ErrRefused) {
			return r.Key, err.Error(), false, nil
		}
		return r.Key, answer, true, err
	})
}

// settler records a final result.
type settler interface {
	Settled(ctx context.Context, key string, delivered bool, answer string) error
}

// flush delivers what waits of a kind, oldest first, and settles what was taken or refused for
// good; point is where it may be killed between. An error leaves an item where it is, with
// those behind it: they would fare no better.
func flush[T any](ctx context.Context, what, point string, list func(context.Context) ([]T, error), box settler, deliver func(T) (key, answer string, taken bool, err error)) (sent int, err error) {
	waiting, err := list(ctx)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	for _, x := range waiting {
		key, answer, taken, err := deliver(x)
		if err != nil {
			return sent, fmt.Errorf("send %s %s: %w", what, key, err)
		}
		reached(point)
		if err := box.Settled(ctx, key, taken, answer); err != nil {
			return sent, fmt.Errorf("settle %s %s: %w", what, key, err)
		}
		if taken {
			sent++
		}
	}
	return sent, nil
}

// Helper delivers a request for help, however often the same one is given.
type Helper interface {
	Help(ctx context.Context, h wire.HelpRequest) (wire.Receipt, error)
}

// Requests holds requests for help until they are delivered.
type Requests interface {
	// Helps gives those that wait, oldest first.
	Helps(ctx context.Context) ([]wire.HelpRequest, error)
	Settled(ctx context.Context, key string, delivered bool, answer string) error
}

// FlushHelp sends the requests for help that wait, as [Flush] sends reports. A
// server that has had enough of them for now has not refused one for good.
func FlushHelp(ctx context.Context, s Helper, box Requests) (sent int, err error) {
	return flush(ctx, "request for help", "asked for help", box.Helps, box, func(h wire.HelpRequest) (key, answer string, taken bool, err error) {
		receipt, err := s.Help(ctx, h)
		if no, is := refusedForGood(err); is {
			return h.Key, string(no.Code), false, nil
		}
		return h.Key, receipt.Ticket, true, err
	})
}

// refusedForGood says whether an error is a refusal that no other attempt would spare.
func refusedForGood(err error) (no *wire.Refused, is bool) {
	is = errors.As(err, &no) && no.Code != account.TooMany && no.Code != account.CannotNow
	return no, is
}

// Subscriber delivers a request for alerts by e-mail, however often the same one is given.
type Subscriber interface {
	Subscribe(ctx context.Context, in wire.Subscribe) (wire.Subscribed, error)
}

// Subscriptions holds requests for alerts until they are delivered.
type Subscriptions interface {
	// Subscriptions gives those that wait, oldest first.
	Subscriptions(ctx context.Context) ([]wire.Subscribe, error)
	Settled(ctx context.Context, key string, delivered bool, answer string) error
}

// FlushAlerts sends the requests for alerts that wait, as [FlushHelp] sends those for help
// . One that was refused for good says what to mend: its answer is a wire.NoAlert.
func FlushAlerts(ctx context.Context, s Subscriber, box Subscriptions) (sent int, err error) {
	return flush(ctx, "request for alerts", "asked for alerts", box.Subscriptions, box, func(in wire.Subscribe) (key, answer string, taken bool, err error) {
		why, err := subscribe(ctx, s, in)
		return in.Key, why, why == "", err
	})
}

// subscribe delivers a request: why is a wire.NoAlert where it was refused for good. An
// error leaves it for another time.
func subscribe(ctx context.Context, s Subscriber, in wire.Subscribe) (why string, err error) {
	_, err = s.Subscribe(ctx, in)
	no, is := refusedForGood(err)
	if !is {
		return "", err
	}
	b, err := json.Marshal(wire.NoAlert{Code: no.Code, Fields: no.Fields})
	return string(b), err
}
