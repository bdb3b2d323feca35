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
	waiting, err := box.Reports(ctx)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	for _, r := range waiting {
		answer, err := s.Report(ctx, r)
		final := err == nil || errors.Is(err, wire.ErrRefused)
		if !final {
			return sent, err // the next would fare no better
		}
		if err != nil {
			answer = err.Error()
		}
		reached("reported")
		if serr := box.Settled(ctx, r.Key, err == nil, answer); serr != nil {
			return sent, fmt.Errorf("settle report %s: %w", r.Key, serr)
		}
		if err == nil {
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
	waiting, err := box.Helps(ctx)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	for _, h := range waiting {
		receipt, err := s.Help(ctx, h)
		var no *wire.Refused
		final := err == nil || errors.As(err, &no) && no.Code != account.TooMany && no.Code != account.CannotNow
		if !final {
			return sent, fmt.Errorf("send request for help %s: %w", h.Key, err)
		}
		answer := receipt.Ticket
		if err != nil {
			answer = string(no.Code)
		}
		reached("asked for help")
		if serr := box.Settled(ctx, h.Key, err == nil, answer); serr != nil {
			return sent, fmt.Errorf("settle request for help %s: %w", h.Key, serr)
		}
		if err == nil {
			sent++
		}
	}
	return sent, nil
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
	waiting, err := box.Subscriptions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	for _, in := range waiting {
		answer, err := subscribe(ctx, s, in)
		if err != nil {
			return sent, fmt.Errorf("send request for alerts %s: %w", in.Key, err)
		}
		reached("asked for alerts")
		if err := box.Settled(ctx, in.Key, answer == "", answer); err != nil {
			return sent, fmt.Errorf("settle request for alerts %s: %w", in.Key, err)
		}
		if answer == "" {
			sent++
		}
	}
	return sent, nil
}

// subscribe delivers a request: why is a wire.NoAlert where it was refused for good. An
// error leaves it for another time.
func subscribe(ctx context.Context, s Subscriber, in wire.Subscribe) (why string, err error) {
	_, err = s.Subscribe(ctx, in)
	var no *wire.Refused
	if !errors.As(err, &no) || no.Code == account.TooMany || no.Code == account.CannotNow {
		return "", err
	}
	b, err := json.Marshal(wire.NoAlert{Code: no.Code, Fields: no.Fields})
	return string(b), err
}
