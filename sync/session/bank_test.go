package session_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// bank is a server in memory, with the tokens of a real one: a pair is given again until it
// is used, and an older one ends the session.
type bank struct {
	mu       sync.Mutex
	now      time.Time
	sessions map[string]*opened // by session
	accounts map[string]wire.Me
	offline  bool
	lose     int // so many answers are lost on their way back
	renewals []wire.Renewal
	reused   int
	ended    []string // sessions that were signed out
	flows    map[string]wire.Session
	hold     map[string]chan struct{} // a method that waits for the test, by name
	came     chan string              // which method has come to its hold
}

type opened struct {
	wire.Session
	gen    int
	used   bool
	issued time.Time
	fate   account.Code // "": it stands
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newBank() *bank {
	return &bank{now: noon, sessions: map[string]*opened{}, accounts: map[string]wire.Me{}, flows: map[string]wire.Session{},
		hold: map[string]chan struct{}{}, came: make(chan string, 10)}
}

func (b *bank) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.time()
}

// time is that of the bank, which is that of the desk; of a bubble where there is none.
func (b *bank) time() time.Time {
	if b.now.IsZero() {
		return time.Now()
	}
	return b.now
}

func (b *bank) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// asked counts renewals.
func (b *bank) asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.renewals)
}

func (b *bank) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// person makes an account.
func (b *bank) person(id, first string) {
	b.accounts[id] = wire.Me{Account: id, Email: first + "@exemple.ca", First: first, State: account.Active}
}

// open opens a session that the flow of the same name ends in.
func (b *bank) open(flow, id string, p account.Policy) {
	s := &opened{Session: wire.Session{ID: "s-" + flow, Account: id, Policy: p, Until: b.time().Add(180 * 24 * time.Hour)}, gen: 1, issued: b.time()}
	b.sessions[s.ID] = s
	b.flows[flow] = s.pair()
}

func (s *opened) pair() wire.Session {
	w := s.Session
	w.Access, w.Refresh = fmt.Sprint("access-", s.ID, "-", s.gen), fmt.Sprint("refresh-", s.ID, "-", s.gen)
	w.AccessUntil, w.IdleUntil = s.issued.Add(10*time.Minute), s.issued.Add(30*24*time.Hour)
	return w
}

// answer waits where the test wants it, and loses what is to be lost.
func (b *bank) answer(ctx context.Context, name string, do func() error) error {
	b.mu.Lock()
	if b.offline {
		b.mu.Unlock()
		return fmt.Errorf("%s: %w", name, wire.ErrOffline)
	}
	err := do()
	wait := b.hold[name]
	delete(b.hold, name)
	lost := b.lose > 0
	if lost {
		b.lose--
	}
	b.mu.Unlock()
	if wait != nil {
		b.came <- name
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if lost {
		return fmt.Errorf("%s: answer lost: %w", name, wire.ErrOffline)
	}
	return err
}

func (b *bank) caller(access string) (*opened, error) {
	for _, s := range b.sessions {
		for _, gen := range []int{s.gen, s.gen - 1} {
			if access != fmt.Sprint("access-", s.ID, "-", gen) {
				continue
			}
			if s.fate != "" {
				return nil, &wire.Refused{Code: s.fate}
			}
			if !b.time().Before(s.issued.Add(10 * time.Minute)) {
				return nil, &wire.Refused{Code: account.SignInNeeded}
			}
			if gen == s.gen {
				s.used = true
			}
			return s, nil
		}
	}
	return nil, &wire.Refused{Code: account.SignInNeeded}
}

func (b *bank) Deployment(ctx context.Context) (d wire.Deployment, err error) {
	err = b.answer(ctx, "deployment", func() error { d.Credential = "portail"; return nil })
	return d, err
}

func (b *bank) Begin(ctx context.Context, access string, in wire.Begin) (p wire.Prompt, err error) {
	err = b.answer(ctx, "begin", func() error {
		if access != "" {
			if _, err := b.caller(access); err != nil {
				return err
			}
		}
		p = wire.Prompt{Flow: in.Device + "/" + access, Kind: in.Kind, Step: in.Kind.First()}
		return nil
	})
	return p, err
}

func (b *bank) Step(ctx context.Context, flow string, _ account.Step, _ wire.Answer) (p wire.Prompt, err error) {
	err = b.answer(ctx, "step", func() error {
		s := b.flows[flow]
		p = wire.Prompt{Step: account.StepDone, Session: &s}
		return nil
	})
	return p, err
}

func (b *bank) Look(ctx context.Context, flow string) (wire.Prompt, error) {
	return b.Step(ctx, flow, "", wire.Answer{})
}
func (b *bank) Resend(context.Context, string) (p wire.Prompt, err error) { return p, nil }
func (b *bank) Drop(context.Context, string) error                        { return nil }

func (b *bank) Renew(ctx context.Context, in wire.Renewal) (w wire.Session, err error) {
	err = b.answer(ctx, "renew", func() error {
		b.renewals = append(b.renewals, in)
		for _, s := range b.sessions {
			at := strings.TrimPrefix(in.Refresh, "refresh-"+s.ID+"-")
			if at == in.Refresh {
				continue
			}
			switch {
			case s.fate != "":
				return &wire.Refused{Code: s.fate}
			case at == fmt.Sprint(s.gen):
				s.gen, s.used, s.issued = s.gen+1, false, b.time()
			case at == fmt.Sprint(s.gen-1) && !s.used:
			default:
				s.fate = account.SignInNeeded
				b.reused++
				return &wire.Refused{Code: s.fate}
			}
			w = s.pair()
			return nil
		}
		return &wire.Refused{Code: account.SignInNeeded}
	})
	return w, err
}

func (b *bank) SignOut(ctx context.Context, access string) error {
	return b.answer(ctx, "signout", func() error {
		s, err := b.caller(access)
		if err == nil {
			s.fate = account.SignInNeeded
			b.ended = append(b.ended, s.ID)
		}
		return err
	})
}

func (b *bank) Me(ctx context.Context, access string) (me wire.Me, err error) {
	err = b.answer(ctx, "me", func() error {
		s, err := b.caller(access)
		if err == nil {
			me = b.accounts[s.Account]
		}
		return err
	})
	return me, err
}

func (b *bank) MyData(ctx context.Context, access string, _ bool) (d wire.MyData, err error) {
	err = b.answer(ctx, "data", func() error {
		s, err := b.caller(access)
		if err == nil {
			d.Disputes = b.accounts[s.Account].Disputes
		}
		return err
	})
	return d, err
}

func (b *bank) Dispute(ctx context.Context, access string, in wire.Dispute) (d wire.MyData, err error) {
	err = b.answer(ctx, "dispute", func() error {
		s, err := b.caller(access)
		if err != nil {
			return err
		}
		me := b.accounts[s.Account]
		me.Disputes = append(slices.Clone(me.Disputes), in)
		b.accounts[s.Account], d.Disputes = me, me.Disputes
		return nil
	})
	return d, err
}

func (b *bank) Change(ctx context.Context, access, act string, in wire.Answer) (me wire.Me, err error) {
	err = b.answer(ctx, "change", func() error {
		s, err := b.caller(access)
		if err != nil {
			return err
		}
		me = b.accounts[s.Account]
		me.First = in.First
		b.accounts[s.Account] = me
		if act == wire.ActClose {
			s.fate = account.IsClosed
		}
		return nil
	})
	return me, err
}

func (b *bank) Partner(context.Context, wire.PartnerBegin) (g wire.PartnerGo, err error) {
	return g, nil
}
func (b *bank) Letters(context.Context) ([]wire.Letter, error) { return nil, nil }

// ring is a keyring in memory; with an error it does nothing else.
type ring struct {
	mu  sync.Mutex
	has map[string]string
	err error
}

func (r *ring) Get(_ context.Context, _, user string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.has[user]
	if !ok && r.err == nil {
		return "", secret.ErrNotFound
	}
	return v, r.err
}

func (r *ring) Set(_ context.Context, _, user, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.has[user] = value
	}
	return r.err
}

func (r *ring) Delete(_ context.Context, _, user string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.has[user]; !ok && r.err == nil {
		return secret.ErrNotFound
	}
	if r.err == nil {
		delete(r.has, user)
	}
	return r.err
}

// desk is a computer: its folder and its keyring outlive the program.
type desk struct {
	t    *testing.T
	dir  string
	ring *ring
	bank *bank
	*session.Keeper
	device *cache.Device
	beside session.Beside // nil: nothing
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), ring: &ring{has: map[string]string{}}, bank: newBank()}
	d.bank.person("adeline", "Adeline")
	d.bank.person("zoe", "Zoé")
	d.start()
	t.Cleanup(d.stop)
	return d
}

func (d *desk) start() {
	d.t.Helper()
	var err error
	if d.device, err = cache.Open(context.Background(), filepath.Join(d.dir, "device.db")); err != nil {
		d.t.Fatal(err)
	}
	d.Keeper = session.New(session.Options{Bank: d.bank, Desk: d.device, Dir: d.dir, Now: d.bank.clock, Name: "poste 3", Beside: d.beside,
		Vault: secret.NewVault(d.dir, secret.VaultOptions{Keyring: d.ring, Cost: secret.Cheap})})
}

func (d *desk) stop() {
	d.Close()
	if err := d.device.Close(); err != nil {
		d.t.Error(err)
	}
}

// signIn goes through the last step of a flow that ends in a session.
func (d *desk) signIn(id string) {
	d.t.Helper()
	flow := fmt.Sprintf("flow-%s-%d", id, len(d.bank.flows))
	d.bank.set(func() { d.bank.open(flow, id, account.Questions) })
	if _, err := d.Step(d.t.Context(), flow, account.StepQuestion, wire.Answer{}); err != nil {
		d.t.Fatalf("sign in as %s: %v", id, err)
	}
}

func (d *desk) mode(want session.Mode, asks bool) {
	d.t.Helper()
	if st := d.Standing(); st.Mode != want || st.Asks != asks {
		d.t.Fatalf("the desk stands at %q, asks %v; want %q, %v", st.Mode, st.Asks, want, asks)
	}
}

// find lists the files under the desk's folder in which any of the words occurs.
func (d *desk) find(words ...string) (found []string) {
	d.t.Helper()
	err := filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, w := range words {
			if strings.Contains(string(text), w) || strings.Contains(path, w) {
				found = append(found, filepath.Base(path)+": "+w)
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}
