package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/tell"
	"passerelle/sync/wire"
)

// Options of a keeper. Bank, Desk, Vault and Dir must be given.
type Options struct {
	Bank  Bank
	Desk  *cache.Device // knows the people of this desk; stays the caller's
	Vault *secret.Vault
	Dir   string // of the people's own files
	Name  string // of this computer, for the list of devices (B-009)
	// Partner opens the system's browser at a sign-in partner and waits on loopback, where
	// the last page is in a language; begin is the bank's Partner. nil: there are no partners here.
	Partner func(ctx context.Context, partner string, l i18n.Lang,
		begin func(context.Context, wire.PartnerBegin) (wire.PartnerGo, error)) (code, verifier string, err error)
	Now  func() time.Time // nil: time.Now
	Rand func() float64   // between 0 and 1, spreads retries; nil: math/rand
	Log  *slog.Logger     // nil: none
	// Beside is what this desk keeps of people in other files; nil: nothing.
	Beside Beside
}

const (
	margin   = time.Minute      // an access token is renewed this long before it ends
	farewell = 10 * time.Second // how long the server may take to be told of the end of a session
)

// Keeper keeps who is at a desk. Its methods may be called from anywhere at once, and none
// but Standing and Watch is quick.
//
// A person's stay at the desk has a number: whatever comes back for a stay that is over, a
// token, an account, an end, is dropped. A person has one session, whose refresh token the
// vault keeps; a portal session opened besides lives in memory, on top of it, and not
// beyond a lock.
type Keeper struct {
	o Options

	turn chan struct{} // one renewal at a time
	keep sync.Mutex    // one at a time touches the vault and the people's files
	kick chan struct{} // wakes Run

	watchers tell.Watchers

	mu      sync.Mutex // of what follows; never held while a disk, a keyring or a network is asked
	stay    int
	st      Standing
	sec     *secret.Secrets // nil: nothing is unlocked
	file    *cache.Device
	base    wire.Session  // Refresh "": none
	top     wire.Session  // of the portal, on top of base
	loose   bool          // the vault has not taken base's refresh token yet
	present bool          // the person unlocked since the last renewal
	me      *wire.Me      // last known
	shut    chan struct{} // closed once the files of those who left are; nil: nobody has left yet
}

// New makes a keeper with nobody at the desk.
func New(o Options) *Keeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Beside == nil {
		o.Beside = nothing{}
	}
	return &Keeper{o: o, turn: make(chan struct{}, 1), kick: make(chan struct{}, 1)}
}

// Standing is who is at the desk now.
func (k *Keeper) Standing() Standing {
	k.mu.Lock()
	defer k.mu.Unlock()
	st := k.st
	st.Roles = slices.Clone(st.Roles)
	return st
}

// Watch has f called after each change of the standing, on whatever goroutine made it,
// until stop is called. f may ask the keeper anything that is quick.
func (k *Keeper) Watch(f func()) (stop func()) {
	return k.watchers.Watch(f)
}

// tell tells the watchers. Called without mu.
func (k *Keeper) tell() {
	select {
	case k.kick <- struct{}{}:
	default:
	}
	k.watchers.Tell()
}

// Records is the desk with the records of a person who is at it, unlocked; ErrLocked when
// they are not. It is of no use once they lock or leave.
func (k *Keeper) Records(id string) (*cache.Device, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil || k.st.Person.ID != id {
		return nil, ErrLocked
	}
	return k.o.Desk.With(k.file), nil
}

// Deployment is what this server asks and offers; the last known one without a network.
func (k *Keeper) Deployment(ctx context.Context) (wire.Deployment, error) {
	d, err := k.o.Bank.Deployment(ctx)
	if err != nil {
		if away(err) {
			var last wire.Deployment
			text, e := k.o.Desk.Setting(ctx, cache.LastServer)
			if e == nil && text != "" && json.Unmarshal([]byte(text), &last) == nil {
				return last, nil
			}
		}
		return d, err
	}
	if text, e := json.Marshal(d); e == nil {
		if e := k.o.Desk.SetSetting(ctx, cache.LastServer, string(text)); e != nil {
			k.o.Log.Warn("remember deployment", "err", e)
		}
	}
	return d, nil
}

// away: the bank was not reached, or had nothing to say.
func away(err error) bool { return errors.Is(err, wire.ErrOffline) || errors.Is(err, wire.ErrDown) }

func refused(err error) account.Code {
	var no *wire.Refused
	if errors.As(err, &no) {
		return no.Code
	}
	return ""
}

// Begin begins a flow.
func (k *Keeper) Begin(ctx context.Context, b wire.Begin) (wire.Prompt, error) {
	if b.Device == "" {
		b.Device = k.o.Name
	}
	if account.Flows[b.Kind].Within == "" {
		return k.o.Bank.Begin(ctx, "", b)
	}
	var p wire.Prompt
	err := k.with(ctx, func(ctx context.Context, access string) (err error) {
		p, err = k.o.Bank.Begin(ctx, access, b)
		return err
	})
	return p, err
}

// Step answers a step. Where the flow ends in a session, it is taken: the person is at the
// desk, and the prompt holds no token.
func (k *Keeper) Step(ctx context.Context, flow string, step account.Step, in wire.Answer) (wire.Prompt, error) {
	stay := k.now()
	p, err := k.o.Bank.Step(ctx, flow, step, in)
	return k.took(ctx, stay, p, err)
}

// Look gives what a flow waits for, again; a session that it ended in is taken as by Step.
func (k *Keeper) Look(ctx context.Context, flow string) (wire.Prompt, error) {
	stay := k.now()
	p, err := k.o.Bank.Look(ctx, flow)
	return k.took(ctx, stay, p, err)
}

// Resend asks for the code of this step again.
func (k *Keeper) Resend(ctx context.Context, flow string) (wire.Prompt, error) {
	return k.o.Bank.Resend(ctx, flow)
}

// Drop gives a flow up.
func (k *Keeper) Drop(ctx context.Context, flow string) error { return k.o.Bank.Drop(ctx, flow) }

// Partner signs in at a partner, in the system's browser.
func (k *Keeper) Partner(ctx context.Context, partner string, l i18n.Lang) (code, verifier string, err error) {
	if k.o.Partner == nil {
		return "", "", &wire.Refused{Code: account.PartnerFails}
	}
	return k.o.Partner(ctx, partner, l, k.o.Bank.Partner)
}

// Letters are those of the demonstration's mailbox.
func (k *Keeper) Letters(ctx context.Context) ([]wire.Letter, error) { return k.o.Bank.Letters(ctx) }

func (k *Keeper) now() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stay
}

// took takes the session of a prompt, if there is one, and blanks its tokens.
func (k *Keeper) took(ctx context.Context, stay int, p wire.Prompt, err error) (wire.Prompt, error) {
	var no *wire.Refused
	if errors.As(err, &no) && no.Prompt != nil && no.Prompt.Session != nil {
		// The answer to the last step was lost, and the step was answered again.
		at, e := k.took(ctx, stay, *no.Prompt, nil)
		if e != nil {
			return wire.Prompt{}, e
		}
		again := *no
		again.Prompt = &at
		return p, &again
	}
	if err != nil || p.Session == nil {
		return p, err
	}
	s := *p.Session
	p.Session = &wire.Session{ID: s.ID, Account: s.Account, Policy: s.Policy, Roles: s.Roles,
		AccessUntil: s.AccessUntil, IdleUntil: s.IdleUntil, Until: s.Until}
	// It is there, whatever becomes of the page that asked for it.
	over, err := k.take(context.WithoutCancel(ctx), stay, s)
	if over.ID != "" {
		k.end(ctx, over)
	}
	if err != nil {
		return wire.Prompt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	if _, _, err := k.Me(ctx); err != nil { // for the person's name; the next Me brings it, else
		k.o.Log.Debug("account after sign-in", "err", err)
	}
	return p, nil
}

// remembered is what is kept of a session to stand on without a network. No token.
type remembered struct {
	Policy account.Policy `json:"policy"`
	Roles  []account.Role `json:"roles,omitempty"`
	Until  time.Time      `json:"until"`
}

// take has the person of a session at the desk. What it gives back is a session that is of
// no more use, to be ended.
func (k *Keeper) take(ctx context.Context, stay int, s wire.Session) (over wire.Session, err error) {
	k.keep.Lock()
	defer k.keep.Unlock()
	defer k.tell()
	k.mu.Lock()
	switch {
	case k.stay != stay: // somebody came or left meanwhile
		k.mu.Unlock()
		return s, fmt.Errorf("take session: %w", ErrLocked)
	case s.ID == k.base.ID || s.ID == k.top.ID: // told twice
		k.mu.Unlock()
		return over, nil
	case k.sec != nil && k.st.Person.ID == s.Account:
		if s.Policy == account.TwoFactor && k.st.Mode == Online && !k.st.Asks && k.base.Policy == account.Questions {
			over, k.top = k.top, s
			k.st.Policy, k.st.Roles = s.Policy, s.Roles
			k.mu.Unlock()
			return over, nil
		}
		over = k.base
		k.mu.Unlock()
		k.adopt(ctx, stay, s, false)
		return over, nil
	}
	k.mu.Unlock()

	p := k.known(ctx, s.Account)
	sec, kept, err := k.secrets(ctx, s.Account)
	if err != nil {
		// What is kept of the person waits for a passphrase, or for the keyring: Unlock.
		k.mu.Lock()
		k.leave()
		k.base, k.loose = s, true
		k.st = Standing{Mode: Locked, Person: p, Policy: s.Policy, Roles: s.Roles, Until: s.Until}
		k.mu.Unlock()
		k.register(ctx, p)
		return over, nil
	}
	p.Passphrase = sec.Kept().Passphrase
	file, err := k.open(ctx, s.Account, sec.Box(), kept)
	if err != nil {
		sec.Drop()
		return s, err
	}
	k.mu.Lock()
	k.leave()
	stay = k.stay
	k.sec, k.file, k.loose = sec, file, true
	k.base, k.top = s, wire.Session{}
	k.st = Standing{Mode: Online, Person: p, Policy: s.Policy, Roles: s.Roles, Until: s.Until, Unkept: sec.Kept().Holder == ""}
	unkept := k.st.Unkept
	k.mu.Unlock()
	if !unkept {
		k.register(ctx, p)
	}
	k.store(ctx, stay)
	return over, nil
}

// known is a person as this desk knows them.
func (k *Keeper) known(ctx context.Context, id string) Person {
	p := Person{ID: id, State: account.Active}
	all, err := k.People(ctx)
	if err != nil {
		k.o.Log.Warn("people of this desk", "err", err)
	}
	for _, x := range all {
		if x.ID == id {
			p = x
		}
	}
	p.Seen = k.o.Now()
	return p
}

// register notes a person of this desk.
func (k *Keeper) register(ctx context.Context, p Person) {
	err := k.o.Desk.PutPerson(ctx, cache.Person{ID: p.ID, Name: p.Name, Email: p.Email, State: string(p.State), Passphrase: p.Passphrase, Seen: p.Seen})
	if err != nil {
		k.o.Log.Warn("remember person", "err", err)
	}
}

// secrets opens or makes those of a person who has just signed in. kept: there were some,
// and their records with them. An error says that those are still there but not to be
// opened without the person.
func (k *Keeper) secrets(ctx context.Context, id string) (sec *secret.Secrets, kept bool, err error) {
	sec, err = k.o.Vault.Open(ctx, id, "")
	if err == nil {
		return sec, true, nil
	}
	if !errors.Is(err, secret.ErrNotFound) && !errors.Is(err, secret.ErrSealed) {
		return nil, true, err
	}
	_, none := k.o.Vault.Kept(id)
	kept = none == nil || !errors.Is(none, secret.ErrNotFound) || k.o.Vault.Recoverable(id)
	if sec, err = k.o.Vault.Create(ctx, id, ""); err != nil {
		k.o.Log.Warn("nothing is kept of who signed in", "err", err)
		sec, err = k.o.Vault.New(id)
	}
	return sec, kept, err
}

// open opens a person's file. One that another key sealed is set aside if that key was
// ever kept: it may come back. Else it is of nobody's use.
func (k *Keeper) open(ctx context.Context, id string, box *secret.Box, kept bool) (*cache.Device, error) {
	k.settle()
	file, err := cache.OpenPerson(ctx, k.o.Dir, id, box)
	if !errors.Is(err, secret.ErrSealed) {
		return file, err
	}
	if kept {
		err = cache.SetAside(k.o.Dir, id)
	} else {
		err = errors.Join(cache.Erase(k.o.Dir, id), k.o.Beside.Erase(id))
	}
	if err != nil {
		return nil, err
	}
	return cache.OpenPerson(ctx, k.o.Dir, id, box)
}

// leave ends the stay of whoever is at the desk: keys and tokens leave memory at once. Their
// file is closed beside that, for a window asks who is at the desk whenever it draws, and
// must not wait for a disk; whoever needs it closed calls settle. Called with mu.
func (k *Keeper) leave() {
	k.stay++
	if k.sec != nil {
		k.sec.Drop()
	}
	if k.file != nil {
		file, before, done, id := k.file, k.shut, make(chan struct{}), k.st.Person.ID
		erase := ""
		if k.st.Unkept {
			erase = k.st.Person.ID
		}
		k.shut = done
		go func() { // Close waits for it
			defer close(done)
			if before != nil {
				<-before
			}
			if err := file.Close(); err != nil {
				k.o.Log.Warn("close a person's file", "err", err)
			}
			if err := k.o.Beside.Close(id); err != nil {
				k.o.Log.Warn("close what is beside a person's file", "err", err)
			}
			if erase == "" {
				return
			}
			if err := errors.Join(cache.Erase(k.o.Dir, erase), k.o.Beside.Erase(erase)); err != nil {
				k.o.Log.Warn("erase what was not to be kept", "err", err)
			}
		}()
	}
	k.sec, k.file, k.me = nil, nil, nil
	k.base, k.top, k.loose, k.present = wire.Session{}, wire.Session{}, false, false
	k.st = Standing{}
}

// settle waits until the files of those who left are closed. Called without mu.
func (k *Keeper) settle() {
	k.mu.Lock()
	shut := k.shut
	k.mu.Unlock()
	if shut != nil {
		<-shut
	}
}

// adopt makes a session the one of a stay, and says whether it still is that stay. The
// vault has its refresh token before anything is asked with it: once the server has seen
// this pair, the one before is of no use. Called with keep.
func (k *Keeper) adopt(ctx context.Context, stay int, s wire.Session, renewed bool) bool {
	k.mu.Lock()
	if k.stay != stay || k.sec == nil {
		k.mu.Unlock()
		return false
	}
	if renewed && k.top.ID == s.ID {
		k.top = s
		k.st.Policy, k.st.Roles = s.Policy, s.Roles
		k.present = false
		k.mu.Unlock()
		return true
	}
	sec := k.sec
	k.mu.Unlock()
	err := sec.PutRefresh(ctx, s.Refresh)
	if err != nil {
		k.o.Log.Warn("keep refresh token", "err", err)
	}
	k.mu.Lock()
	if k.stay != stay {
		k.mu.Unlock()
		return false
	}
	k.base, k.loose = s, err != nil
	k.present = false
	k.st.Mode, k.st.Asks, k.st.Until = Online, false, s.Until
	if k.top.ID == "" {
		k.st.Policy, k.st.Roles = s.Policy, s.Roles
	}
	file := k.file
	k.mu.Unlock()
	k.remember(ctx, file, s)
	return true
}

// remember keeps what a session is for.
func (k *Keeper) remember(ctx context.Context, file *cache.Device, s wire.Session) {
	text, err := json.Marshal(remembered{s.Policy, s.Roles, s.Until})
	if err == nil {
		err = file.SetSetting(ctx, cache.Session, string(text))
	}
	if err != nil {
		k.o.Log.Warn("remember session", "err", err)
	}
}

// store has the vault keep the refresh token of a stay. Called with keep.
func (k *Keeper) store(ctx context.Context, stay int) {
	k.mu.Lock()
	s, sec, ok := k.base, k.sec, k.stay == stay && k.sec != nil
	k.mu.Unlock()
	if !ok || s.Refresh == "" {
		return
	}
	err := sec.PutRefresh(ctx, s.Refresh)
	if err != nil {
		k.o.Log.Warn("keep refresh token", "err", err)
	}
	k.mu.Lock()
	file, ok := k.file, k.stay == stay && k.base.Refresh == s.Refresh
	if ok {
		k.loose = err != nil
	}
	k.mu.Unlock()
	if ok {
		k.remember(ctx, file, s)
	}
}

// token gives an access token that is good for a minute at least, and the stay it is of; if it
// has to be renewed, by one request, however many ask. not is one that the server did not take.
func (k *Keeper) token(ctx context.Context, not string) (access string, stay int, err error) {
	access, stay, err = k.good(not)
	if access != "" || err != nil {
		return access, stay, err
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	for range 2 { // a portal session that has ended leaves the other one
		if access, stay, err = k.good(not); access != "" || err != nil {
			return access, stay, err
		}
		if access, err = k.renew(ctx, stay); access != "" || err != nil {
			return access, stay, err
		}
	}
	return "", stay, ErrSignIn
}

// good gives the access token at hand, "" when it has to be renewed.
func (k *Keeper) good(not string) (access string, stay int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.st.Mode == Nobody:
		return "", k.stay, ErrSignIn
	case k.sec == nil:
		return "", k.stay, ErrLocked
	case k.st.Asks:
		return "", k.stay, ErrSignIn
	}
	s := k.base
	if k.top.ID != "" {
		s = k.top
	}
	if s.Access != "" && s.Access != not && k.o.Now().Add(margin).Before(s.AccessUntil) {
		return s.Access, k.stay, nil
	}
	return "", k.stay, nil
}

// renew asks for the next pair. Its access token is given whatever this computer's clock
// says of it: that may be wrong, and the server says so of a token that is too old. "": the
// portal's session has ended. Called with the turn.
func (k *Keeper) renew(ctx context.Context, stay int) (access string, err error) {
	k.mu.Lock()
	if k.stay != stay {
		k.mu.Unlock()
		return "", ErrLocked
	}
	s, top, loose, present := k.base, false, k.loose, k.present
	if k.top.ID != "" {
		s, top, loose = k.top, true, false
	}
	k.mu.Unlock()
	if loose { // a second chance before the token is spent
		k.keep.Lock()
		k.store(ctx, stay)
		k.keep.Unlock()
	}
	if s.Refresh == "" {
		return "", k.ended(stay, top, ErrSignIn)
	}
	next, err := k.o.Bank.Renew(ctx, wire.Renewal{Refresh: s.Refresh, Present: present})
	switch code := refused(err); {
	case err == nil && next.Account == s.Account:
		k.keep.Lock()
		ok := k.adopt(context.WithoutCancel(ctx), stay, next, true)
		k.keep.Unlock()
		if !ok {
			return "", ErrLocked
		}
		k.tell()
		return next.Access, nil
	case err == nil:
		return "", fmt.Errorf("renew session: the answer is about somebody else: %w", wire.ErrDown)
	case code == account.Gone:
		return "", k.gone(ctx, stay, err)
	case code == account.SignInNeeded, code == account.IsSuspended, code == account.IsClosed, code == account.MustReset:
		k.stands(ctx, stay, code)
		return "", k.ended(stay, top, fmt.Errorf("%w: %w", ErrSignIn, err))
	}
	return "", fmt.Errorf("renew session: %w", err)
}

// stands notes what a refusal says of the account.
func (k *Keeper) stands(ctx context.Context, stay int, code account.Code) {
	state, ok := map[account.Code]account.State{account.IsSuspended: account.Suspended, account.IsClosed: account.Closed}[code]
	if !ok {
		return
	}
	k.keep.Lock()
	defer k.keep.Unlock()
	k.mu.Lock()
	ok = k.stay == stay
	if ok {
		k.st.Person.State = state
	}
	p, unkept := k.st.Person, k.st.Unkept
	k.mu.Unlock()
	if ok && !unkept {
		k.register(ctx, p)
	}
}

// ended notes that a session has ended at the server. What the person keeps here stays
// . Of a portal session, the one below takes its place: no error.
func (k *Keeper) ended(stay int, top bool, err error) error {
	k.mu.Lock()
	if k.stay != stay {
		k.mu.Unlock()
		return ErrLocked
	}
	if top {
		k.top = wire.Session{}
		k.st.Policy, k.st.Roles = k.base.Policy, k.base.Roles
		err = nil
	} else {
		k.st.Mode, k.st.Asks = Local, true
		k.base, k.loose = wire.Session{Account: k.base.Account}, false
	}
	k.mu.Unlock()
	k.tell()
	return err
}

// gone wipes what a revoked device keeps of the person (B-009).
func (k *Keeper) gone(ctx context.Context, stay int, err error) error {
	k.keep.Lock()
	defer k.keep.Unlock()
	k.mu.Lock()
	if k.stay != stay {
		k.mu.Unlock()
		return ErrLocked
	}
	id := k.st.Person.ID
	k.leave()
	k.st.Gone = true
	k.mu.Unlock()
	k.tell()
	if e := k.wipe(context.WithoutCancel(ctx), id); e != nil {
		k.o.Log.Error("wipe a revoked device", "err", e)
	}
	return fmt.Errorf("%w: %w", ErrRevoked, err)
}

// wipe removes all that this desk keeps of a person who is not at it. Called with keep.
func (k *Keeper) wipe(ctx context.Context, id string) error {
	k.settle()
	return errors.Join(k.o.Vault.Erase(ctx, id), cache.Erase(k.o.Dir, id), k.o.Beside.Erase(id), k.o.Desk.ForgetPerson(ctx, id))
}

// with does something with an access token; once more with another one, if the server
// did not take the first. What comes for a stay that is over is ErrLocked.
func (k *Keeper) with(ctx context.Context, do func(ctx context.Context, access string) error) error {
	access, stay, err := k.token(ctx, "")
	if err != nil {
		return err
	}
	if err = do(ctx, access); refused(err) == account.SignInNeeded {
		again, now, e := k.token(ctx, access)
		if e != nil {
			return e
		}
		if now == stay {
			err = do(ctx, again)
		}
	}
	if k.now() != stay {
		return ErrLocked
	}
	switch refused(err) {
	case account.Gone:
		return k.gone(ctx, stay, err)
	case account.SignInNeeded:
		k.mu.Lock()
		top := k.top.ID != ""
		k.mu.Unlock()
		_ = k.ended(stay, top, nil)
		return fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	return err
}

// People lists who has signed in at this desk, the last first.
func (k *Keeper) People(ctx context.Context) ([]Person, error) {
	all, err := k.o.Desk.People(ctx)
	if err != nil {
		return nil, err
	}
	people := make([]Person, len(all))
	for i, p := range all {
		people[i] = Person{ID: p.ID, Name: p.Name, Email: p.Email, Seen: p.Seen, State: account.State(p.State), Passphrase: p.Passphrase}
	}
	return people, nil
}

// Unlock opens what a person keeps here, by the keyring or the passphrase, without a
// network; whoever was at the desk is locked. The server is asked later: until then the
// mode is Local. secret.ErrPassphrase: another one; ErrUnknown; ErrSignIn: the keyring has
// lost the key, and only the server knows the person still.
func (k *Keeper) Unlock(ctx context.Context, id, passphrase string) error {
	return k.admit(ctx, id, func(waits bool) (*secret.Secrets, error) {
		if _, err := k.o.Vault.Kept(id); errors.Is(err, secret.ErrNotFound) && !waits {
			return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
		}
		sec, err := k.o.Vault.Open(ctx, id, passphrase)
		if errors.Is(err, secret.ErrNotFound) || errors.Is(err, secret.ErrSealed) {
			return nil, fmt.Errorf("%w: %w", ErrSignIn, err)
		}
		return sec, err
	})
}

// admit has a person at the desk whose secrets are opened; of one who is there, nothing is
// done. waits: a session of theirs waits for it.
func (k *Keeper) admit(ctx context.Context, id string, open func(waits bool) (*secret.Secrets, error)) error {
	k.keep.Lock()
	defer k.keep.Unlock()
	k.mu.Lock()
	stay, waits := k.stay, k.sec == nil && k.base.Account == id && k.base.Refresh != ""
	here := k.sec != nil && k.st.Person.ID == id
	k.mu.Unlock()
	if here {
		return nil
	}
	p := k.known(ctx, id)
	sec, err := open(waits)
	if err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	file, err := k.open(ctx, id, sec.Box(), true)
	if err != nil {
		sec.Drop()
		return fmt.Errorf("unlock: %w", err)
	}
	refresh, err := sec.Refresh(ctx)
	if err != nil && !errors.Is(err, secret.ErrNotFound) && !errors.Is(err, secret.ErrSealed) {
		sec.Drop()
		return errors.Join(fmt.Errorf("unlock: %w", err), file.Close())
	}
	var last remembered
	var me *wire.Me
	if text, err := file.Setting(ctx, cache.Session); err == nil && text != "" {
		_ = json.Unmarshal([]byte(text), &last) // it says less, then
	}
	if text, err := file.Setting(ctx, cache.Account); err == nil && text != "" {
		me = new(wire.Me)
		if json.Unmarshal([]byte(text), me) != nil {
			me = nil
		}
	}
	p.Passphrase = sec.Kept().Passphrase
	k.mu.Lock()
	if k.stay != stay { // somebody came or left meanwhile
		k.mu.Unlock()
		sec.Drop()
		return errors.Join(fmt.Errorf("unlock: %w", ErrLocked), file.Close())
	}
	opened := k.base
	k.leave()
	k.sec, k.file, k.me = sec, file, me
	if waits {
		k.base, k.loose = opened, true
		k.st = Standing{Mode: Online, Person: p, Policy: opened.Policy, Roles: opened.Roles, Until: opened.Until}
	} else {
		k.base = wire.Session{Account: id, Refresh: refresh, Policy: last.Policy, Roles: last.Roles, Until: last.Until}
		k.present = true
		k.st = Standing{Mode: Local, Person: p, Policy: last.Policy, Roles: last.Roles, Until: last.Until, Asks: refresh == ""}
	}
	stay = k.stay
	k.mu.Unlock()
	k.register(ctx, p)
	if waits {
		k.store(ctx, stay)
	}
	k.tell()
	return nil
}

// Protect sets, changes or, with "", removes the passphrase of the person at the desk
// . Where there is no keyring it is what keeps anything of them at all.
func (k *Keeper) Protect(ctx context.Context, passphrase string) error {
	k.keep.Lock()
	defer k.keep.Unlock()
	k.mu.Lock()
	stay, sec := k.stay, k.sec
	k.mu.Unlock()
	if sec == nil {
		return ErrLocked
	}
	err := sec.Protect(ctx, passphrase)
	kept := sec.Kept()
	if kept.Holder == "" {
		return err
	}
	k.mu.Lock()
	if k.stay != stay {
		k.mu.Unlock()
		return errors.Join(err, ErrLocked)
	}
	k.st.Unkept, k.st.Person.Passphrase = false, kept.Passphrase
	p := k.st.Person
	k.mu.Unlock()
	k.register(ctx, p)
	k.store(ctx, stay)
	k.tell()
	return err
}

// Lock drops the keys from memory and closes the person's file. It waits for no network and
// no keyring, but for the disk: whoever draws calls it elsewhere.
func (k *Keeper) Lock() {
	k.mu.Lock()
	if k.sec == nil {
		k.mu.Unlock()
		return
	}
	st := k.st
	k.leave()
	if !st.Unkept {
		k.st = Standing{Mode: Locked, Person: st.Person}
	}
	k.mu.Unlock()
	k.tell()
	k.settle()
}

// SignOut ends the session of the person at the desk; erase removes all that it keeps of
// them. What is here goes first; then the server is told, if it can be reached.
func (k *Keeper) SignOut(ctx context.Context, erase bool) error {
	k.mu.Lock()
	id, mode := k.st.Person.ID, k.st.Mode
	k.mu.Unlock()
	if mode == Nobody {
		return nil
	}
	return k.signOut(ctx, id, erase)
}

// Forget removes a person who is not at the desk, with all that it keeps of them; one who
// is, is signed out.
func (k *Keeper) Forget(ctx context.Context, id string) error { return k.signOut(ctx, id, true) }

func (k *Keeper) signOut(ctx context.Context, id string, erase bool) error {
	// Once begun it is done, even if the window closes.
	ctx = context.WithoutCancel(ctx)
	over, err := k.part(ctx, id, erase)
	k.tell()
	k.settle()
	for _, s := range over {
		k.end(ctx, s)
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// part takes a person off the desk, and gives the sessions that are to be ended.
func (k *Keeper) part(ctx context.Context, id string, erase bool) (over []wire.Session, err error) {
	k.mu.Lock()
	here := k.st.Mode != Nobody && k.st.Person.ID == id
	sec := k.sec
	if here {
		over = append(over, k.base, k.top)
		if !erase && sec != nil {
			k.sec = nil // its token is to be forgotten below, with the key
		}
		k.leave()
	} else {
		sec = nil
	}
	k.mu.Unlock()
	k.keep.Lock()
	defer k.keep.Unlock()
	if !here || len(over) > 0 && over[0].Refresh == "" {
		// Locked: the keyring may give the token without the person.
		if s, e := k.o.Vault.Open(ctx, id, ""); e == nil {
			defer s.Drop()
			if token, e := s.Refresh(ctx); e == nil {
				over = append(over, wire.Session{Account: id, Refresh: token})
			}
			if sec == nil {
				sec = s
			}
		}
	}
	if erase {
		return over, k.wipe(ctx, id)
	}
	if sec != nil {
		defer sec.Drop()
		if sec.Kept().Holder != "" {
			err = sec.PutRefresh(ctx, "")
		}
	}
	return over, err
}

// end tells the server that a session is over. That it cannot be reached is no error: a
// session that nobody renews ends by itself.
func (k *Keeper) end(ctx context.Context, s wire.Session) {
	if s.Refresh == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	var err error
	if s.Access == "" || !k.o.Now().Before(s.AccessUntil) {
		s, err = k.o.Bank.Renew(ctx, wire.Renewal{Refresh: s.Refresh})
	}
	if err == nil {
		err = k.o.Bank.SignOut(ctx, s.Access)
	}
	if err != nil {
		k.o.Log.Info("the server was not told of the end of a session", "err", err)
	}
}

// Me is the account; the last known one without a network or a session, and fresh says
// which.
func (k *Keeper) Me(ctx context.Context) (me wire.Me, fresh bool, err error) {
	stay := k.now()
	err = k.with(ctx, func(ctx context.Context, access string) (err error) {
		me, err = k.o.Bank.Me(ctx, access)
		return err
	})
	if err == nil {
		k.learn(ctx, stay, me)
		return me, true, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stay == stay && k.me != nil && (away(err) || errors.Is(err, ErrSignIn)) {
		return *k.me, false, nil
	}
	return wire.Me{}, false, err
}

// Change does an act on the account of the person at the desk. Once it is closed, nothing
// of it stays here.
func (k *Keeper) Change(ctx context.Context, act string, in wire.Answer) (me wire.Me, err error) {
	stay := k.now()
	err = k.with(ctx, func(ctx context.Context, access string) (err error) {
		me, err = k.o.Bank.Change(ctx, access, act, in)
		return err
	})
	if err != nil {
		return wire.Me{}, err
	}
	if act == wire.ActClose {
		k.keep.Lock()
		defer k.keep.Unlock()
		k.mu.Lock()
		id, same := k.st.Person.ID, k.stay == stay
		if same {
			k.leave()
		}
		k.mu.Unlock()
		if same {
			k.tell()
			return me, k.wipe(context.WithoutCancel(ctx), id)
		}
		return me, nil
	}
	k.learn(ctx, stay, me)
	return me, nil
}

// MyData is what the server keeps of the person at the desk; records asks for their
// private records, too.
func (k *Keeper) MyData(ctx context.Context, records bool) (d wire.MyData, err error) {
	err = k.with(ctx, func(ctx context.Context, access string) (err error) {
		d, err = k.o.Bank.MyData(ctx, access, records)
		return err
	})
	if err != nil {
		return wire.MyData{}, err
	}
	return d, nil
}

// Dispute attaches a note of disagreement to a value, or takes it away.
func (k *Keeper) Dispute(ctx context.Context, in wire.Dispute) (d wire.MyData, err error) {
	stay := k.now()
	err = k.with(ctx, func(ctx context.Context, access string) (err error) {
		d, err = k.o.Bank.Dispute(ctx, access, in)
		return err
	})
	if err != nil {
		return wire.MyData{}, err
	}
	k.mu.Lock()
	var me *wire.Me
	if k.stay == stay && k.me != nil {
		known := *k.me
		me = &known
	}
	k.mu.Unlock()
	if me != nil { // the notes stand beside the values, without a network, too
		me.Disputes = d.Disputes
		k.learn(ctx, stay, *me)
	}
	return d, nil
}

// learn remembers the account, sealed, and what may be seen of the person.
func (k *Keeper) learn(ctx context.Context, stay int, me wire.Me) {
	text, err := json.Marshal(me)
	k.mu.Lock()
	if k.stay != stay || k.file == nil || me.Account != k.st.Person.ID {
		k.mu.Unlock()
		return
	}
	k.me = &me
	was := k.st.Person
	k.st.Person.Name, k.st.Person.Email, k.st.Person.State = me.First, Short(me.Email), me.State
	p, unkept, file := k.st.Person, k.st.Unkept, k.file
	k.mu.Unlock()
	if err == nil {
		err = file.SetSetting(ctx, cache.Account, string(text))
	}
	if err != nil {
		k.o.Log.Warn("remember account", "err", err)
	}
	if p == was {
		return
	}
	if !unkept {
		k.keep.Lock() // not after the person was forgotten
		if k.now() == stay {
			k.register(ctx, p)
		}
		k.keep.Unlock()
	}
	k.tell()
}

// Short shortens an address to what others at the desk may see of it: m…@exemple.ca.
func Short(email string) string {
	name, host, ok := strings.Cut(email, "@")
	if !ok || name == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(name)
	return name[:n] + "…@" + host
}

// Run keeps the session of whoever is unlocked confirmed, until ctx ends: it asks the
// server after an unlock, before each access token ends, and again after a failure. So a
// device that was revoked learns it within minutes.
func (k *Keeper) Run(ctx context.Context) error {
	failed := 0
	var hold time.Duration // at least so long until the next time
	for {
		wait, stay := k.next()
		var tick <-chan time.Time
		t := time.NewTimer(max(wait, hold))
		if wait >= 0 {
			tick = t.C
		}
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-k.kick:
			t.Stop()
			if k.now() != stay {
				failed, hold = 0, 0
			}
			continue
		case <-tick:
		}
		_, _, err := k.token(ctx, "")
		hold = margin // a clock that is wrong makes every token look old
		var no *wire.Refused
		switch {
		case err == nil, errors.Is(err, ErrLocked), errors.Is(err, ErrSignIn), errors.Is(err, ErrRevoked):
			failed = 0
			continue
		case errors.As(err, &no):
			hold = max(hold, no.After)
		default:
			hold = min(5*time.Second<<min(failed, 6), 5*time.Minute)
			hold = hold/2 + time.Duration(k.o.Rand()*float64(hold/2))
		}
		failed++
	}
}

// next is how long the token at hand is good; negative: there is nothing to renew.
func (k *Keeper) next() (time.Duration, int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sec == nil || k.st.Asks {
		return -1, k.stay
	}
	s := k.base
	if k.top.ID != "" {
		s = k.top
	}
	if s.Access == "" {
		return 0, k.stay
	}
	return max(0, s.AccessUntil.Add(-margin).Sub(k.o.Now())), k.stay
}

// Close locks the desk, as the program does before it ends.
func (k *Keeper) Close() {
	k.Lock()
	k.settle() // of somebody who left before
}
