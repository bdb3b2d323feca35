package gate

import (
	"context"
	"fmt"
	"strings"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// portalPassword is the first half of a sign-in to the portal. It opens nothing but the
// second (B-030). A username that nobody has takes as long and is answered like a wrong
// password; that a credential was revoked is told to whoever knows its password, who has
// to register again (B-042).
func portalPassword(ctx context.Context, g *Gate, r *run) (move, error) {
	name := strings.TrimSpace(r.in.Username)
	if err := need("username", name, "password", r.in.Password); err != nil {
		return move{}, err
	}
	if err := g.attempt(ctx, r.now, g.byUsername(name), g.byAddress(r.from)); err != nil {
		return move{}, err
	}
	c, a, err := g.holder(ctx, name)
	if err != nil {
		return move{}, fmt.Errorf("portal sign-in: %w", err)
	}
	if !g.matches(c.Password, r.in.Password) {
		return move{}, refuse(account.Credentials)
	}
	if c.State != account.CredentialActive {
		return move{}, refuse(account.IsRevoked)
	}
	if err := canEnter(a); err != nil {
		return move{}, err
	}
	r.flow.Account, r.data.Credential, r.data.Username, r.data.Password = a.ID, c.ID, name, c.Password
	if r.in.Device != "" {
		r.data.Device = short(r.in.Device, 80)
	}
	m, err := g.askFactor(ctx, r, ledger.CredentialOwner(c.ID))
	m.do = both(m.do, func(ctx context.Context, t *ledger.Tx) error {
		return g.succeeded(ctx, t, g.byUsername(name), g.byAddress(r.from))
	})
	return m, err
}

// portalAfterFactor leads to where the factor may be changed (B-032), once: after that, and
// after a recovery code, the portal opens.
func portalAfterFactor(_ context.Context, g *Gate, r *run) (move, error) {
	if r.flow.Step == account.StepCodes {
		return g.openPortal(r), nil
	}
	return move{next: account.StepSuccess}, nil
}

// portalSuccess opens the portal, or goes to the set-up of another factor.
func portalSuccess(ctx context.Context, g *Gate, r *run) (move, error) {
	switch {
	case !r.in.Change:
		return g.openPortal(r), nil
	case !g.mayChange(r):
		return g.askAgain(ctx, r)
	}
	return g.toSetup(r), nil
}

// openPortal opens the session of the portal, if the credential, its password and its
// factor are still those that were proven.
func (g *Gate) openPortal(r *run) move {
	id, password, owner, factor := r.data.Credential, r.data.Password, r.data.Owner, r.data.Factor
	return move{next: account.StepDone, do: func(ctx context.Context, t *ledger.Tx) error {
		c, a, err := g.standing(ctx, t, id, password)
		if err != nil {
			return err
		}
		if err := canEnter(a); err != nil {
			return err
		}
		if _, err := g.sameFactor(ctx, t, owner, factor); err != nil {
			return err
		}
		return g.open(ctx, t, r, c.ID)
	}}
}
