package desk

import (
	"context"
	"errors"

	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Parcel is what somebody at this desk sends without an account, for a file that they carry
// (replica.PrivateOptions.Items): what others wrote here stays here, since whoever holds the
// file reads it. of is the desk with them at it.
func (d *Desk) Parcel(of *cache.Device) replica.Items { return theirs{outbox{d}, of} }

type theirs struct {
	outbox
	of *cache.Device
}

func (t theirs) Reports(ctx context.Context) ([]wire.Report, error) {
	items, err := t.of.Pending(ctx)
	return among[wire.Report](items, cache.KindReport, err)
}

func (t theirs) Helps(ctx context.Context) ([]wire.HelpRequest, error) {
	items, err := t.of.Pending(ctx)
	return among[wire.HelpRequest](items, cache.KindHelp, err)
}

func (t theirs) Subscriptions(ctx context.Context) ([]wire.Subscribe, error) {
	items, err := t.of.Pending(ctx)
	return among[wire.Subscribe](items, cache.KindSubscription, err)
}

// Left counts an item as sent. One that was answered meanwhile goes along, and is answered
// as it was.
func (t theirs) Left(ctx context.Context, key string) error {
	err := t.d.Device.Send(ctx, key)
	if errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	return err
}
