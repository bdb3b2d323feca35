package gate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Me is what an account knows of itself.
func (g *Gate) Me(ctx context.Context, who *Caller, now time.Time) (wire.Me, error) {
	var me wire.Me
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		a, err := t.Account(ctx, who.Account.ID)
		if err != nil {
			return err
		}
		me, err = g.me(ctx, t, a, who.Session.ID, now)
		return err
	})
	if err != nil {
		return wire.Me{}, fmt.Errorf("account %s: %w", who.Account.ID, err)
	}
	return me, nil
}

func (g *Gate) me(ctx context.Context, t *ledger.Tx, a ledger.Account, this string, now time.Time) (wire.Me, error) {
	p, err := g.person(a)
	if err != nil {
		return wire.Me{}, err
	}
	me := wire.Me{
		Account: a.ID, Email: p.Email, First: p.First, Last: p.Last, Lang: p.Lang, State: a.State, Roles: a.Roles,
		Express: p.Express, Verified: p.Verified, SuspendsOn: account.SuspendsOn(a.SignedIn),
		Questions: p.ids(), Terms: p.Terms, AcceptedOn: p.Agreed,
	}
	f, err := t.Factor(ctx, ledger.AccountOwner(a.ID))
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return wire.Me{}, err
	}
	me.Factor = f.Method
	if me.Disputes, err = g.disputes(ctx, t, a.ID); err != nil {
		return wire.Me{}, err
	}
	if me.Credential, err = g.ownCredential(ctx, t, a.ID); err != nil {
		return wire.Me{}, err
	}
	all, err := t.Sessions(ctx, a.ID)
	if err != nil {
		return wire.Me{}, err
	}
	me.Devices = []wire.Device{}
	for _, s := range all {
		if idle, _ := g.o.Rules.SessionEnds(s.Policy, s.Created, s.Seen); !now.Before(idle) {
			continue
		}
		name, err := g.deviceName(s)
		if err != nil {
			return wire.Me{}, err
		}
		me.Devices = append(me.Devices, wire.Device{ID: s.ID, Name: name, Policy: s.Policy, Since: s.Created, Seen: s.Seen, This: s.ID == this})
	}
	return me, nil
}

// ownCredential is an account's portal credential, active or the last one; nil for none.
func (g *Gate) ownCredential(ctx context.Context, t *ledger.Tx, id string) (*wire.Credential, error) {
	c, err := t.CredentialOf(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	own, err := g.portal(c)
	if err != nil {
		return nil, err
	}
	w := &wire.Credential{
		Username: own.Username, Partner: c.Partner, State: c.State, Reason: c.Reason, RecoveryEmail: own.RecoveryEmail, LastUsed: c.Used,
	}
	owner := ledger.CredentialOwner(c.ID)
	f, err := t.Factor(ctx, owner)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, err
	}
	w.Factor = f.Method
	w.CodesLeft, err = t.CodesLeft(ctx, owner)
	return w, err
}

// Change does an act of a person on their own account; its name is one of wire's Act
// constants. What it answers is the account after it.
func (g *Gate) Change(ctx context.Context, who *Caller, act string, in wire.Answer, from string, now time.Time) (wire.Me, error) {
	do := changes[act]
	if do == nil {
		return wire.Me{}, refuse(account.WrongStep)
	}
	p, err := g.person(who.Account)
	if err != nil {
		return wire.Me{}, err
	}
	c := &change{who: who, in: in, from: from, now: now, person: p}
	write, err := do(ctx, g, c)
	if err != nil {
		return wire.Me{}, err
	}
	var me wire.Me
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		a, err := t.Account(ctx, who.Account.ID)
		if err != nil {
			return err
		}
		if a.Password != who.Account.Password {
			return refuse(account.SignInNeeded) // it was changed on another device at the same moment
		}
		if err := stands(a); err != nil {
			return err
		}
		p, err := g.person(a)
		if err != nil {
			return err
		}
		if err := write(ctx, t, &a, &p); err != nil {
			return err
		}
		if err := g.setPerson(&a, p); err != nil {
			return err
		}
		if err := t.PutAccount(ctx, a); err != nil {
			return err
		}
		if me, err = g.me(ctx, t, a, who.Session.ID, now); a.State == account.Closed {
			me.Kept = g.outlasts()
		}
		return err
	})
	if errors.Is(err, ledger.ErrMoved) {
		err = refuse(account.CannotNow)
	}
	if err != nil {
		return wire.Me{}, err
	}
	return me, nil
}

// change is an act under way.
type change struct {
	who    *Caller
	in     wire.Answer
	from   string
	now    time.Time
	person person
}

// writes is what an act changes, within one transaction. It may run more than once.
type writes func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error

// changes are the acts. Each checks what was given and works slow hashes out, and gives
// what is to be written.
var changes = map[string]func(ctx context.Context, g *Gate, c *change) (writes, error){
	wire.ActDetails: changeDetails, wire.ActPassword: changePassword, wire.ActQuestions: changeQuestions,
	wire.ActRecoveryEmail: changeRecovery, wire.ActRevoke: revokeDevice, wire.ActRevokeOthers: revokeOthers, wire.ActClose: closeAccount,
}

// current checks the account's password, counted before it is tried (D11).
func (g *Gate) current(ctx context.Context, c *change) error {
	if c.in.Current == "" {
		return mend(account.Needed.At("current"))
	}
	if err := g.attempt(ctx, c.now, g.byAccount(c.person.Email), g.byAddress(c.from)); err != nil {
		return err
	}
	if !g.matches(c.who.Account.Password, c.in.Current) {
		return mend(account.PasswordWrong.At("current"))
	}
	return nil
}

// proven forgets what current counted.
func (g *Gate) proven(ctx context.Context, t *ledger.Tx, c *change) error {
	return g.succeeded(ctx, t, g.byAccount(c.person.Email), g.byAddress(c.from))
}

// tell queues a letter to the account.
func (g *Gate) tell(ctx context.Context, t *ledger.Tx, p *person, m mail.Message, now time.Time) error {
	m.To, m.Lang, m.First = p.Email, p.Lang, p.First
	return g.mail(ctx, t, "", m, now)
}

func changeDetails(ctx context.Context, g *Gate, c *change) (writes, error) {
	in := c.in
	lang := account.Code("")
	if !speaks(in.Lang) {
		lang = account.Needed
	}
	if err := mend(account.CheckName(in.First).At("first"), account.CheckName(in.Last).At("last"), lang.At("lang")); err != nil {
		return nil, err
	}
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		p.First, p.Last, p.Lang = strings.TrimSpace(in.First), strings.TrimSpace(in.Last), in.Lang
		return nil
	}, nil
}

// changePassword wants the current one, ends every other session and what was begun with
// the old password, and tells the address.
func changePassword(ctx context.Context, g *Gate, c *change) (writes, error) {
	in := c.in
	current := account.Code("")
	if in.Current == "" {
		current = account.Needed
	}
	if err := mend(current.At("current"), account.CheckPassword(in.Password, c.person.Email).At("password"),
		account.CheckAgain(in.Password, in.Again).At("again")); err != nil {
		return nil, err
	}
	if err := g.current(ctx, c); err != nil {
		return nil, err
	}
	if err := g.samePassword(ctx, c.who.Account, in.Password); err != nil {
		return nil, err
	}
	hash := g.hash(in.Password)
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		a.Password = hash
		if _, err := t.RevokeSessions(ctx, a.ID, c.who.Session.ID, endPassword, c.now); err != nil {
			return err
		}
		if err := t.DropFlows(ctx, time.Time{}, a.ID); err != nil {
			return err
		}
		if err := g.proven(ctx, t, c); err != nil {
			return err
		}
		return g.tell(ctx, t, p, mail.Message{Kind: mail.Reset}, c.now)
	}, nil
}

// changeQuestions replaces all five.
func changeQuestions(ctx context.Context, g *Gate, c *change) (writes, error) {
	if err := mend(account.CheckQuestions(c.in.Questions)...); err != nil {
		return nil, err
	}
	if err := g.current(ctx, c); err != nil {
		return nil, err
	}
	chosen, err := g.hashAnswers(c.in.Questions)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		g.setQuestions(p, chosen)
		if err := g.proven(ctx, t, c); err != nil {
			return err
		}
		return g.tell(ctx, t, p, mail.Message{Kind: mail.Questioned}, c.now)
	}, nil
}

// changeRecovery gives the portal credential another recovery address, or none (B-023).
// Only a session that the credential itself opened may, and it wants the password again:
// whoever holds the job bank's password must not end up with the portal's username.
func changeRecovery(ctx context.Context, g *Gate, c *change) (writes, error) {
	in := c.in
	address := ""
	if strings.TrimSpace(in.RecoveryEmail) != "" {
		var ok bool
		if address, ok = account.Address(in.RecoveryEmail); !ok {
			return nil, mend(account.BadEmail.At("recovery_email"))
		}
	}
	id := c.who.Session.Credential
	if id == "" {
		return nil, refuse(account.FactorNeeded)
	}
	if in.Current == "" {
		return nil, mend(account.Needed.At("current"))
	}
	met, err := g.credential(ctx, id)
	if err != nil {
		return nil, err
	}
	own, err := g.portal(met)
	if err != nil {
		return nil, err
	}
	if met.Username == nil {
		return nil, refuse(account.Forbidden) // a partner's: there is no password to recover
	}
	keys := []throttle{g.byUsername(own.Username), g.byAddress(c.from)}
	if err := g.attempt(ctx, c.now, keys...); err != nil {
		return nil, err
	}
	if !g.matches(met.Password, in.Current) {
		return nil, mend(account.PasswordWrong.At("current"))
	}
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		now, _, err := g.standing(ctx, t, id, met.Password)
		if err != nil {
			return err
		}
		own, err := g.portal(now)
		if err != nil {
			return err
		}
		own.RecoveryEmail, now.Recovery = address, nil
		if address != "" {
			now.Recovery = g.recoveryHash(address)
		}
		if err := g.setPortal(&now, own); err != nil {
			return err
		}
		if err := t.PutCredential(ctx, now); err != nil {
			return err
		}
		return g.succeeded(ctx, t, keys...)
	}, nil
}

// revokeDevice ends one session: its computer wipes what it keeps of the person (B-009).
func revokeDevice(ctx context.Context, g *Gate, c *change) (writes, error) {
	if c.in.Device == "" {
		return nil, mend(account.Needed.At("device"))
	}
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		return endSession(ctx, t, a.ID, c.in.Device, endRevoked, c.now)
	}, nil
}

func revokeOthers(ctx context.Context, g *Gate, c *change) (writes, error) {
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		_, err := t.RevokeSessions(ctx, a.ID, c.who.Session.ID, endRevoked, c.now)
		return err
	}, nil
}

// closeAccount ends an account for good. Its address is free for another one. What it was
// validated with is not: one person has one account, so a person who changes their mind
// writes to the team. Password, answers and codes are forgotten; who it was stays, sealed.
func closeAccount(ctx context.Context, g *Gate, c *change) (writes, error) {
	if err := g.current(ctx, c); err != nil {
		return nil, err
	}
	return func(ctx context.Context, t *ledger.Tx, a *ledger.Account, p *person) error {
		if err := g.tell(ctx, t, p, mail.Message{Kind: mail.Closed}, c.now); err != nil {
			return err
		}
		if err := g.proven(ctx, t, c); err != nil {
			return err
		}
		if err := g.revokeCredential(ctx, t, a.ID, endClosed, c.now); err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		if _, err := t.RevokeSessions(ctx, a.ID, "", endClosed, c.now); err != nil {
			return err
		}
		if err := t.DropFlows(ctx, time.Time{}, a.ID); err != nil {
			return err
		}
		if err := t.DropFactor(ctx, ledger.AccountOwner(a.ID)); err != nil {
			return err
		}
		if err := t.EndGrants(ctx, a.ID); err != nil {
			return err
		}
		if g.o.Leave != nil {
			if err := g.o.Leave(ctx, t, a.ID, c.now); err != nil {
				return err
			}
		}
		a.State, a.Closed, a.Password, a.Temp, a.TempEnds, a.Reset = account.Closed, c.now, "", "", time.Time{}, false
		p.Questions, p.Asked, p.Devices = nil, nil, nil
		return nil
	}, nil
}

// revokeCredential revokes an account's active portal credential for good, with its
// sessions, its factor and its codes (B-041); its row stays, so that its username is never
// given again (B-042). ledger.ErrNotFound if there is none.
func (g *Gate) revokeCredential(ctx context.Context, t *ledger.Tx, accountID, reason string, now time.Time) error {
	c, err := t.CredentialOf(ctx, accountID)
	if err == nil && !c.State.Can(account.CredentialRevoked) {
		err = fmt.Errorf("active credential of account %s: %w", accountID, ledger.ErrNotFound)
	}
	if err != nil {
		return err
	}
	c.State, c.Reason = account.CredentialRevoked, reason
	if err := t.PutCredential(ctx, c); err != nil {
		return err
	}
	if _, err := t.RevokeCredentialSessions(ctx, c.ID, "", reason, now); err != nil {
		return err
	}
	return t.DropFactor(ctx, ledger.CredentialOwner(c.ID))
}
