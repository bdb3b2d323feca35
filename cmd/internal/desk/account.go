package desk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// Accounts is the keeper of this desk's people, with what the desk does besides when one of
// them leaves: what was printed or drawn up for them goes, too.
type Accounts struct {
	*session.Keeper
	// Mine is what people keep for themselves at this desk, apart from all that is synced.
	Mine *Mine

	d *Desk

	mu      sync.Mutex
	visitor *cache.Device // of a shared desk: what somebody without a session looks for; nil: none
}

func newAccounts(d *Desk) *Accounts {
	a := &Accounts{d: d}
	vault := secret.NewVault(d.Dir, secret.VaultOptions{Keyring: d.o.Keyring})
	a.Mine = &Mine{a: a, vault: vault}
	name, _ := os.Hostname() // without one the list of devices shows its date alone
	o := session.Options{Bank: &bank{d: d}, Desk: d.Device, Dir: d.Dir, Name: name, Now: d.o.Now, Log: d.o.Log,
		Vault: vault, Beside: a.Mine}
	if d.o.Browse != nil {
		o.Partner = func(ctx context.Context, partner string, l i18n.Lang,
			begin func(context.Context, wire.PartnerBegin) (wire.PartnerGo, error)) (code, verifier string, err error) {
			return client.Loopback(ctx, partner, l, begin, d.o.Browse)
		}
	}
	a.Keeper = session.New(o)
	return a
}

// Pages is where what is printed, or written to be sent, is put for other programs to open.
func (d *Desk) Pages() string { return filepath.Join(d.Dir, "pages") }

// Personal gives the records of a person who is unlocked here. id "" is nobody in
// particular: the desk's own records, or on a shared desk new ones that nobody finds again.
func (a *Accounts) Personal(ctx context.Context, id string) (*cache.Device, error) {
	if id != "" {
		return a.Records(id)
	}
	shared, err := a.d.Device.Setting(ctx, cache.Shared)
	if err != nil || shared != "1" {
		return a.d.Device, err
	}
	if err := a.forgetVisitor(); err != nil {
		return nil, err
	}
	visitor, err := cache.Open(ctx, a.visitorPath())
	if err != nil {
		return nil, fmt.Errorf("open records of a visitor: %w", err)
	}
	name, err := cache.NewID()
	if err != nil {
		return nil, errors.Join(err, visitor.Close())
	}
	visitor.Owned("visitor/" + name)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.visitor = visitor
	return a.d.Device.With(visitor), nil
}

func (a *Accounts) visitorPath() string { return filepath.Join(a.d.Dir, "visitor.db") }

// forgetVisitor overwrites and removes what the last visitor left, in this run of the
// program or in one that was killed.
func (a *Accounts) forgetVisitor() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	if a.visitor != nil {
		err = a.visitor.Close()
		a.visitor = nil
	}
	return errors.Join(err, shredAll(a.visitorPath()+"*"), a.clearPages())
}

// nobodys is where what nobody in particular keeps lies by now: on a shared desk, with the
// visitor of the moment.
func (a *Accounts) nobodys(ctx context.Context) (*cache.Device, error) {
	shared, err := a.d.Device.Setting(ctx, cache.Shared)
	if err != nil || shared != "1" {
		return a.d.Device, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.visitor == nil {
		return nil, cache.ErrNoAccount
	}
	return a.d.Device.With(a.visitor), nil
}

// SignOut ends the session, once what waits has left if it can; erase removes all that this
// desk keeps of the person.
func (a *Accounts) SignOut(ctx context.Context, erase bool) error {
	a.d.Private.last(ctx)
	err := a.Keeper.SignOut(ctx, erase)
	if erase {
		err = errors.Join(err, a.clearPages())
	}
	return err
}

func (a *Accounts) clearPages() error { return shredAll(filepath.Join(a.d.Pages(), "*")) }

// clearSecrets removes the pages with a secret on them that have not gone by themselves.
func (a *Accounts) clearSecrets() error {
	return shredAll(filepath.Join(a.d.Pages(), state.BriefPage+"*"))
}

func shredAll(pattern string) error {
	files, err := filepath.Glob(pattern)
	for _, f := range files {
		if i, e := os.Lstat(f); e != nil || !i.Mode().IsRegular() {
			continue
		}
		if e := secret.Shred(f); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (a *Accounts) close() error {
	a.Keeper.Close()
	err := errors.Join(a.Mine.close(), a.clearSecrets())
	a.mu.Lock()
	open := a.visitor != nil
	a.mu.Unlock()
	if open {
		err = errors.Join(err, a.forgetVisitor())
	}
	return err
}

// NoKeyring is no keyring at all.
var NoKeyring secret.Keyring = none{}

type none struct{}

func (none) Get(context.Context, string, string) (string, error) { return "", secret.ErrNoKeyring }
func (none) Set(context.Context, string, string, string) error   { return secret.ErrNoKeyring }
func (none) Delete(context.Context, string, string) error        { return secret.ErrNoKeyring }

// bank is the server that is set, asked anew each time: a person may change it while the
// program runs. Tokens go to the server that gave them and to no other.
type bank struct {
	d *Desk

	mu   sync.Mutex
	c    *client.Client
	like [3]string // address, proxy and authorities of c
}

var _ session.Bank = (*bank)(nil)

func (b *bank) dial(ctx context.Context) (*client.Client, string, error) {
	if b.d.o.Offline {
		return nil, "", wire.ErrOffline
	}
	var like [3]string
	var err error
	if like[0], err = b.d.Server(ctx); err != nil {
		return nil, "", err
	}
	for i, key := range []string{cache.Proxy, cache.CAFile} {
		if like[i+1], err = b.d.Device.Setting(ctx, key); err != nil {
			return nil, "", err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c != nil && b.like == like {
		return b.c, like[0], nil
	}
	c, address, err := b.d.dial(ctx)
	if err != nil {
		return nil, "", err
	}
	b.c, b.like = c, like
	return c, address, nil
}

// ours is the server, for what carries a token.
func (b *bank) ours(ctx context.Context) (*client.Client, error) {
	c, address, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	gave, err := b.d.Device.Setting(ctx, cache.TokensOf)
	if err != nil {
		return nil, err
	}
	if gave != "" && gave != address {
		return nil, fmt.Errorf("the session is of %s, and the server is now %s: %w", gave, address, wire.ErrOffline)
	}
	return c, nil
}

// gave remembers whose tokens the desk has from now on.
func (b *bank) gave(ctx context.Context, p wire.Prompt) {
	if p.Session == nil {
		return
	}
	if _, address, err := b.dial(ctx); err == nil {
		if err := b.d.Device.SetSetting(ctx, cache.TokensOf, address); err != nil {
			b.d.o.Log.Warn("remember whose session it is", "err", err)
		}
	}
}

func (b *bank) Deployment(ctx context.Context) (wire.Deployment, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return wire.Deployment{}, err
	}
	return c.Deployment(ctx)
}

func (b *bank) Begin(ctx context.Context, access string, in wire.Begin) (wire.Prompt, error) {
	c, _, err := b.dial(ctx)
	if access != "" {
		c, err = b.ours(ctx)
	}
	if err != nil {
		return wire.Prompt{}, err
	}
	return c.Begin(ctx, access, in)
}

func (b *bank) Step(ctx context.Context, flow string, step account.Step, in wire.Answer) (wire.Prompt, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return wire.Prompt{}, err
	}
	p, err := c.Step(ctx, flow, step, in)
	var no *wire.Refused
	switch {
	case err == nil:
		b.gave(ctx, p)
	case errors.As(err, &no) && no.Prompt != nil: // the answer that brought a session was lost: here it is again
		b.gave(ctx, *no.Prompt)
	}
	return p, err
}

func (b *bank) Look(ctx context.Context, flow string) (wire.Prompt, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return wire.Prompt{}, err
	}
	p, err := c.Look(ctx, flow)
	if err == nil {
		b.gave(ctx, p)
	}
	return p, err
}

func (b *bank) Resend(ctx context.Context, flow string) (wire.Prompt, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return wire.Prompt{}, err
	}
	return c.Resend(ctx, flow)
}

func (b *bank) Drop(ctx context.Context, flow string) error {
	c, _, err := b.dial(ctx)
	if err != nil {
		return err
	}
	return c.Drop(ctx, flow)
}

func (b *bank) Renew(ctx context.Context, in wire.Renewal) (wire.Session, error) {
	c, err := b.ours(ctx)
	if err != nil {
		return wire.Session{}, err
	}
	return c.Renew(ctx, in)
}

func (b *bank) SignOut(ctx context.Context, access string) error {
	c, err := b.ours(ctx)
	if err != nil {
		return err
	}
	return c.SignOut(ctx, access)
}

func (b *bank) Me(ctx context.Context, access string) (wire.Me, error) {
	c, err := b.ours(ctx)
	if err != nil {
		return wire.Me{}, err
	}
	return c.Me(ctx, access)
}

func (b *bank) Change(ctx context.Context, access, act string, in wire.Answer) (wire.Me, error) {
	c, err := b.ours(ctx)
	if err != nil {
		return wire.Me{}, err
	}
	return c.Change(ctx, access, act, in)
}

func (b *bank) MyData(ctx context.Context, access string, records bool) (wire.MyData, error) {
	c, err := b.ours(ctx)
	if err != nil {
		return wire.MyData{}, err
	}
	return c.MyData(ctx, access, records)
}

func (b *bank) Dispute(ctx context.Context, access string, d wire.Dispute) (wire.MyData, error) {
	c, err := b.ours(ctx)
	if err != nil {
		return wire.MyData{}, err
	}
	return c.Dispute(ctx, access, d)
}

func (b *bank) Partner(ctx context.Context, in wire.PartnerBegin) (wire.PartnerGo, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return wire.PartnerGo{}, err
	}
	return c.Partner(ctx, in)
}

func (b *bank) Letters(ctx context.Context) ([]wire.Letter, error) {
	c, _, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	return c.Letters(ctx)
}
