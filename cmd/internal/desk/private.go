package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Private is the private records of whoever is at the desk, and how they are kept in step
// with the server. Whoever has a window runs it.
type Private struct {
	*replica.Keeping
	d *Desk
	b *bank
}

func newPrivate(d *Desk) *Private {
	p := &Private{d: d, b: &bank{d: d}}
	p.Keeping = replica.NewKeeping(seat{p}, replica.KeepingOptions{Now: d.o.Now, Log: d.o.Log})
	return p
}

// Run keeps the records of whoever is at the desk in step, until ctx ends.
func (p *Private) Run(ctx context.Context) error {
	defer p.d.Accounts.Watch(func() {
		p.Kick(replica.Started)
		_, st := p.d.Accounts.Stay()
		if st.Mode == session.Online && errors.Is(p.Status().Err, wire.ErrOffline) {
			p.Kick(replica.Reconnected) // the session was just confirmed
		}
	})()
	return p.Keeping.Run(ctx)
}

// records are those of whoever is at the desk, with the number of their stay.
func (p *Private) records() (*cache.Records, int, error) {
	stay, st := p.d.Accounts.Stay()
	if st.Mode == session.Nobody || st.Mode == session.Locked {
		return nil, stay, cache.ErrNoAccount
	}
	r, err := p.of(stay, st)
	return r, stay, err
}

// of opens the records of a stay.
func (p *Private) of(stay int, st session.Standing) (*cache.Records, error) {
	file, err := p.d.Accounts.Records(st.Person.ID)
	if err != nil {
		return nil, cache.ErrNoAccount
	}
	if now, _ := p.d.Accounts.Stay(); now != stay {
		return nil, cache.ErrNoAccount // the file may be of the stay after
	}
	return file.Records()
}

// seat is the desk as its background sync sees it.
type seat struct{ *Private }

// Turn: see [replica.Seat].
func (s seat) Turn(ctx context.Context) (n int, may error) {
	stay, st := s.d.Accounts.Stay()
	switch {
	case st.Mode == session.Nobody, st.Mode == session.Locked:
		return stay, replica.ErrNobody
	case st.Asks:
		return stay, replica.ErrSignIn
	case s.d.o.Offline:
		return stay, wire.ErrOffline
	}
	address, err := s.d.Server(ctx)
	if err != nil {
		return stay, err
	}
	if address == "" {
		return stay, replica.ErrNoServer
	}
	auto, err := s.d.Device.Setting(ctx, cache.AutoSync)
	if err != nil {
		return stay, err
	}
	if auto == "off" {
		return stay, replica.ErrByHand
	}
	return stay, nil
}

// Sync: see [replica.Seat].
func (s seat) Sync(ctx context.Context, turn int) error {
	r, stay, err := s.records()
	if err != nil || stay != turn {
		return replica.ErrSwitched
	}
	_, err = replica.NewPrivate(remote{s.Private, turn}, r, s.options(turn)).Sync(ctx)
	if now, _ := s.d.Accounts.Stay(); now != turn {
		return replica.ErrSwitched
	}
	return err
}

// options of a sync of a stay: its own token, and nothing once it is over.
func (p *Private) options(stay int) replica.PrivateOptions {
	return replica.PrivateOptions{
		Now: p.d.o.Now,
		Stay: func() int {
			now, _ := p.d.Accounts.Stay()
			return now
		},
		Token: func(ctx context.Context, not string) (string, error) { return p.token(ctx, stay, not) },
	}
}

func (p *Private) token(ctx context.Context, stay int, not string) (string, error) {
	access, err := p.d.Accounts.TokenBut(ctx, stay, not)
	switch {
	case errors.Is(err, session.ErrLocked), errors.Is(err, session.ErrRevoked):
		return "", fmt.Errorf("%w: %w", replica.ErrSwitched, err)
	case errors.Is(err, session.ErrSignIn):
		return "", fmt.Errorf("%w: %w", replica.ErrSignIn, err)
	}
	return access, err
}

// Hints: see [replica.Seat].
func (s seat) Hints(ctx context.Context, turn int, advanced func()) error {
	access, err := s.token(ctx, turn, "")
	if err != nil {
		return err
	}
	c, err := s.b.ours(ctx)
	if err != nil {
		return err
	}
	return s.d.Accounts.Heard(ctx, turn, c.Hints(ctx, access, advanced))
}

// Count: see [replica.Seat].
func (s seat) Count(ctx context.Context, turn int) (cache.Tally, []cache.Cursor, error) {
	r, stay, err := s.records()
	if err == nil && stay != turn {
		err = replica.ErrSwitched
	}
	if err != nil {
		return cache.Tally{}, nil, err
	}
	t, err := r.Tally(ctx)
	if err != nil {
		return t, nil, err
	}
	parts, err := r.Cursors(ctx)
	return t, parts, err
}

// remote is the server, for what carries a token of a stay.
type remote struct {
	*Private
	stay int
}

// Push: see [replica.Remote].
func (r remote) Push(ctx context.Context, access string, in wire.Push) (out wire.Pushed, err error) {
	c, err := r.b.ours(ctx)
	if err != nil {
		return out, err
	}
	out, err = c.Push(ctx, access, in)
	return out, r.d.Accounts.Heard(ctx, r.stay, err)
}

// Pull: see [replica.Remote].
func (r remote) Pull(ctx context.Context, access string, in wire.Pull) (out wire.Pulled, err error) {
	c, err := r.b.ours(ctx)
	if err != nil {
		return out, err
	}
	out, err = c.Pull(ctx, access, in)
	return out, r.d.Accounts.Heard(ctx, r.stay, err)
}

// Outbox is what waits.
func (p *Private) Outbox(ctx context.Context) ([]cache.Mutation, error) {
	r, _, err := p.records()
	if err != nil {
		return nil, err
	}
	return r.Outbox(ctx)
}

// Sent is what was acknowledged in the last 30 days.
func (p *Private) Sent(ctx context.Context) ([]cache.Mutation, error) {
	r, _, err := p.records()
	if err != nil {
		return nil, err
	}
	return r.Sent(ctx)
}

// changed does something to the records and has it leave.
func (p *Private) changed(do func(*cache.Records) error) error {
	r, _, err := p.records()
	if err != nil {
		return err
	}
	if err = do(r); err == nil {
		p.Kick(replica.Wrote)
	}
	return err
}

// Retry has a change that was refused leave again.
func (p *Private) Retry(ctx context.Context, n int64) error {
	return p.changed(func(r *cache.Records) error { return r.Retry(ctx, n) })
}

// Cancel takes a change back.
func (p *Private) Cancel(ctx context.Context, n int64) error {
	return p.changed(func(r *cache.Records) error { return r.Cancel(ctx, n) })
}

// Conflicts are what the person has to choose.
func (p *Private) Conflicts(ctx context.Context) ([]cache.Conflict, error) {
	r, _, err := p.records()
	if err != nil {
		return nil, err
	}
	return r.Conflicts(ctx)
}

// Resolve chooses.
func (p *Private) Resolve(ctx context.Context, ref cache.Ref, choices map[string]cache.Choice) error {
	return p.changed(func(r *cache.Records) error {
		_, err := r.Resolve(ctx, ref, choices, p.d.o.Now())
		return err
	})
}

// Get is a record.
func (p *Private) Get(ctx context.Context, ref cache.Ref) (cache.Record, error) {
	r, _, err := p.records()
	if err != nil {
		return cache.Record{}, err
	}
	return r.Get(ctx, ref)
}

// List is the records of a kind.
func (p *Private) List(ctx context.Context, kind string) ([]cache.Record, error) {
	r, _, err := p.records()
	if err != nil {
		return nil, err
	}
	return r.List(ctx, kind)
}

// ResetCache forgets what can be had again, and has it come.
func (p *Private) ResetCache(ctx context.Context) error {
	if err := p.changed(func(r *cache.Records) error { return r.ResetCache(ctx) }); err != nil {
		return err
	}
	p.Kick(replica.Started)
	return nil
}

// Export writes what waits to a file.
func (p *Private) Export(ctx context.Context, path string) (items int, err error) {
	r, stay, err := p.records()
	if err != nil {
		return 0, err
	}
	err = writeFile(path, func(w io.Writer) error {
		items, err = replica.NewPrivate(nil, r, p.options(stay)).Export(ctx, w)
		return err
	})
	p.Kick(replica.Started)
	return items, err
}

// Import takes the answers to it back in.
func (p *Private) Import(ctx context.Context, path string) (ended int, err error) {
	r, stay, err := p.records()
	if err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("take receipts: %w", err)
	}
	defer func() { _ = f.Close() }()
	ended, err = replica.NewPrivate(nil, r, p.options(stay)).Import(ctx, f)
	p.Kick(replica.Started)
	return ended, err
}

// Carry sends the file of another computer of this person.
func (p *Private) Carry(ctx context.Context, path, receipts string) (items int, err error) {
	return 0, fmt.Errorf("carry %s: %w", filepath.Base(path), errors.ErrUnsupported)
}

// writeFile writes a file whole or not at all, for its owner alone.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".passerelle-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(f.Name()))
	}
	return nil
}
