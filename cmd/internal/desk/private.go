package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"passerelle/store/cache"
	"passerelle/store/disk"
	"passerelle/store/record"
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
	_, r, err := p.of(stay, st)
	return r, stay, err
}

// of opens what is kept of the person of a stay.
func (p *Private) of(stay int, st session.Standing) (*cache.Device, *cache.Records, error) {
	file, err := p.d.Accounts.Records(st.Person.ID)
	if err != nil {
		return nil, nil, cache.ErrNoAccount
	}
	if now, _ := p.d.Accounts.Stay(); now != stay {
		return nil, nil, cache.ErrNoAccount // the file may be of the stay after
	}
	r, err := file.Records()
	if err == nil {
		r.OnWrite(p.wrote)
	}
	return file, r, err
}

// wrote is told that the person changed a record, through whatever screen.
func (p *Private) wrote() { p.Kick(replica.Wrote) }

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

// parting is how long whoever ends a session waits for what they wrote to leave.
const parting = 5 * time.Second

// last sends what waits of a person who is about to leave, if that goes quickly and they let
// it go by itself. What stays is kept sealed, or was agreed to be lost: the screens ask.
func (p *Private) last(ctx context.Context) {
	r, _, err := p.records()
	if err != nil {
		return
	}
	if _, may := (seat{p}).Turn(ctx); may != nil {
		return
	}
	if t, err := r.Tally(ctx); err != nil || t.Waiting == 0 {
		return
	}
	ctx, stop := context.WithTimeout(ctx, parting)
	defer stop()
	if err := p.Sync(ctx); err != nil {
		p.d.o.Log.Info("what waits at the end of a session", "err", err)
	}
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

// Put makes a record what doc says; one that is not there is begun.
func (p *Private) Put(ctx context.Context, ref cache.Ref, doc record.Doc) error {
	return p.changed(func(r *cache.Records) error { return r.Put(ctx, ref, doc, p.d.o.Now()) })
}

// Delete removes a record.
func (p *Private) Delete(ctx context.Context, ref cache.Ref) error {
	return p.changed(func(r *cache.Records) error { return r.Delete(ctx, ref, p.d.o.Now()) })
}

// Do asks for a command; revision is as in cache.Records.Do.
func (p *Private) Do(ctx context.Context, ref cache.Ref, command string, revision int64) error {
	return p.changed(func(r *cache.Records) error { return r.Do(ctx, ref, command, revision, p.d.o.Now()) })
}

// Said is what the server said last of a record, whatever was done to it here since.
func (p *Private) Said(ctx context.Context, ref cache.Ref) (record.Doc, error) {
	r, _, err := p.records()
	if err != nil {
		return nil, err
	}
	return r.Said(ctx, ref)
}

// ResetCache forgets what can be had again, and has it come.
func (p *Private) ResetCache(ctx context.Context) error {
	if err := p.changed(func(r *cache.Records) error { return r.ResetCache(ctx) }); err != nil {
		return err
	}
	p.Kick(replica.Started)
	return nil
}

// carried is a sync with files for whoever is at the desk. With nobody there, what is sent
// without an account travels alone.
func (p *Private) carried(ctx context.Context) (*replica.Private, replica.PrivateOptions, error) {
	stay, st := p.d.Accounts.Stay()
	switch st.Mode {
	case session.Nobody:
		dev, err := p.d.Accounts.nobodys(ctx)
		if errors.Is(err, cache.ErrNoAccount) {
			dev, err = p.d.Device, nil // no visitor is there
		}
		if err != nil {
			return nil, replica.PrivateOptions{}, err
		}
		o := p.options(stay)
		o.Items = p.d.Parcel(dev)
		return replica.NewPrivate(nil, nil, o), o, nil
	case session.Locked:
		return nil, replica.PrivateOptions{}, cache.ErrNoAccount
	}
	file, r, err := p.of(stay, st)
	if err != nil {
		return nil, replica.PrivateOptions{}, err
	}
	o := p.options(stay)
	o.Account, o.Items = st.Person.ID, p.d.Parcel(file)
	return replica.NewPrivate(nil, r, o), o, nil
}

// Export writes what waits, of the person and of this computer, to a file.
func (p *Private) Export(ctx context.Context, path string) (items int, err error) {
	c, _, err := p.carried(ctx)
	if err != nil {
		return 0, err
	}
	err = disk.Write(path, func(w io.Writer) error {
		items, err = c.Export(ctx, w)
		return err
	})
	p.Kick(replica.Started)
	return items, err
}

// Import takes the answers to it back in.
func (p *Private) Import(ctx context.Context, path string) (ended int, err error) {
	c, _, err := p.carried(ctx)
	if err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("take receipts: %w", err)
	}
	defer func() { _ = f.Close() }()
	ended, err = c.Import(ctx, f)
	p.Kick(replica.Started)
	return ended, err
}

// Carry sends the file of another computer of this person and writes the answers to it.
func (p *Private) Carry(ctx context.Context, path, receipts string) (items int, err error) {
	_, o, err := p.carried(ctx)
	if err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("carry: %w", err)
	}
	in, err := wire.ReadParcel(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	if o.Account == "" && len(in.Mutations) > 0 {
		return 0, fmt.Errorf("carry: %w", cache.ErrNoAccount) // reports alone need nobody
	}
	stay := o.Stay()
	out, err := replica.Carry(ctx, courier{remote{p, stay}}, o, in)
	if err != nil {
		return 0, err
	}
	err = disk.Write(receipts, func(w io.Writer) error { return wire.WriteReceipts(w, out) })
	p.Kick(replica.Hinted) // it is this person's, too
	return in.Len(), err
}

// courier is the server, for what another computer sends.
type courier struct{ remote }

// Report: see [replica.Sender].
func (c courier) Report(ctx context.Context, r wire.Report) (string, error) {
	to, _, err := c.b.dial(ctx)
	if err != nil {
		return "", err
	}
	return to.Report(ctx, r)
}

// Help: see [replica.Helper].
func (c courier) Help(ctx context.Context, h wire.HelpRequest) (wire.Receipt, error) {
	to, _, err := c.b.dial(ctx)
	if err != nil {
		return wire.Receipt{}, err
	}
	return to.Help(ctx, h)
}

// Subscribe: see [replica.Subscriber].
func (c courier) Subscribe(ctx context.Context, in wire.Subscribe) (wire.Subscribed, error) {
	to, _, err := c.b.dial(ctx)
	if err != nil {
		return wire.Subscribed{}, err
	}
	return to.Subscribe(ctx, in)
}
