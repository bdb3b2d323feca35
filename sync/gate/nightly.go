package gate

import (
	"context"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
)

const (
	// nightlyBatch is how many rows one transaction of the nightly round looks at: sign-ins
	// wait for no more than that.
	nightlyBatch = 100

	keepFailures = 48 * time.Hour // longer than account.Forget needs
)

// Nightly does what time asks for, and the schedule: it warns and suspends accounts that nobody comes in to
// revokes credentials that nobody uses (B-041), and drops what has ended.
// Each batch is whole by itself and leaves a mark in the rows that it changed, so a round
// that was stopped is taken up by the next one, and two rounds do no more than one.
func (g *Gate) Nightly(ctx context.Context, now time.Time) error {
	var warned, suspended, revoked int
	for _, s := range []account.State{account.Active, account.Warned} {
		w, x, err := g.idle(ctx, s, now)
		warned, suspended = warned+w, suspended+x
		if err != nil {
			return fmt.Errorf("nightly round, accounts that are %s: %w", s, err)
		}
	}
	revoked, err := g.unused(ctx, now)
	if err != nil {
		return fmt.Errorf("nightly round, unused credentials: %w", err)
	}
	if err := g.purge(ctx, now); err != nil {
		return fmt.Errorf("nightly round, what has ended: %w", err)
	}
	g.o.Log.InfoContext(ctx, "nightly round", "warned", warned, "suspended", suspended, "revoked", revoked)
	return g.o.Ledger.Tidy(ctx)
}

// purge removes what was kept for as long as the schedule says.
func (g *Gate) purge(ctx context.Context, now time.Time) error {
	until := func(what string) time.Time { return now.Add(-g.o.Retention.Keep(what)) }
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		if err := t.DropFlows(ctx, now, ""); err != nil {
			return err
		}
		if _, err := t.DropThrottles(ctx, now.Add(-keepFailures), until("places")); err != nil {
			return err
		}
		for _, drop := range []struct {
			what string
			do   func(context.Context, time.Time) (int, error)
		}{
			{"temporary", t.DropTemps}, // until then one that is typed is told apart from a wrong one
			{"mailbox", t.DropLetters}, {"letters", t.DropJobs}, {"sessions", t.DropSessions}, {"help", t.DropSettled}, {"seen", t.DropSeen},
			{"credential", t.ForgetCredentials}, {"pending", t.DropPending}, {"unsubscribed", t.DropUnsubscribed},
		} {
			if _, err := drop.do(ctx, until(drop.what)); err != nil {
				return err
			}
		}
		return nil
	})
	for n := 1; err == nil && n > 0; {
		err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) (err error) {
			n, err = t.ForgetAccounts(ctx, until("account"), nightlyBatch)
			return err
		})
	}
	return err
}

// idle warns and suspends accounts of a state whose last sign-in is long ago.
func (g *Gate) idle(ctx context.Context, s account.State, now time.Time) (warned, suspended int, err error) {
	// Not a day too early for the shortest six months; account.Rules say which of these it is.
	until := now.AddDate(0, -6, 5).Add(g.o.Rules.WarnBefore)
	var after ledger.Account
	for more := true; more; {
		var w, x int
		var last ledger.Account
		err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
			w, x, more = 0, 0, false
			all, err := t.AccountsIn(ctx, s, until, after, nightlyBatch)
			if err != nil {
				return err
			}
			for _, a := range all {
				last, more = a, true
				switch next := g.o.Rules.Next(a.State, a.SignedIn, a.Warned, now); {
				case next == a.State:
				case next == account.Warned:
					w++
					err = g.warn(ctx, t, a, now)
				case next == account.Suspended:
					x++
					err = g.suspend(ctx, t, a, now)
				}
				if err != nil {
					return fmt.Errorf("account %s: %w", a.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return warned, suspended, err
		}
		warned, suspended, after = warned+w, suspended+x, last
	}
	return warned, suspended, nil
}

// once is the key of a letter that goes once for each time the person was last there.
func once(k mail.Kind, a ledger.Account) string {
	return fmt.Sprintf("%s/%s/%d", k, a.ID, a.SignedIn.UnixMilli())
}

func (g *Gate) warn(ctx context.Context, t *ledger.Tx, a ledger.Account, now time.Time) error {
	p, err := g.person(a)
	if err != nil {
		return err
	}
	key := once(mail.Warning, a)
	a.State, a.Warned = account.Warned, now
	if err := t.PutAccount(ctx, a); err != nil {
		return err
	}
	return g.mail(ctx, t, key, mail.Message{
		Kind: mail.Warning, To: p.Email, Lang: p.Lang, First: p.First, Date: account.SuspendsOn(a.SignedIn).Format(time.DateOnly),
	}, now)
}

// suspend ends no session: a device of the person is told that the account is suspended,
// and keeps what it has of theirs.
func (g *Gate) suspend(ctx context.Context, t *ledger.Tx, a ledger.Account, now time.Time) error {
	p, err := g.person(a)
	if err != nil {
		return err
	}
	a.State = account.Suspended
	if err := t.PutAccount(ctx, a); err != nil {
		return err
	}
	return g.mail(ctx, t, once(mail.Suspended, a), mail.Message{Kind: mail.Suspended, To: p.Email, Lang: p.Lang, First: p.First}, now)
}

// unused revokes portal credentials that were not used for two years.
func (g *Gate) unused(ctx context.Context, now time.Time) (revoked int, err error) {
	since := now.AddDate(-2, 0, 5)
	var after ledger.Credential
	for more := true; more; {
		var n int
		var last ledger.Credential
		err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
			n, more = 0, false
			all, err := t.CredentialsUnused(ctx, since, after, nightlyBatch)
			if err != nil {
				return err
			}
			for _, c := range all {
				last, more = c, true
				used := c.Used
				if used.IsZero() {
					used = c.Created // never: since it is there
				}
				if now.Before(account.RevokesOn(used)) {
					continue
				}
				n++
				if err := g.expire(ctx, t, c, now); err != nil {
					return fmt.Errorf("credential %s: %w", c.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return revoked, err
		}
		revoked, after = revoked+n, last
	}
	return revoked, nil
}

func (g *Gate) expire(ctx context.Context, t *ledger.Tx, c ledger.Credential, now time.Time) error {
	if err := g.revokeCredential(ctx, t, c.Account, account.Unused, now); err != nil {
		return err
	}
	a, err := t.Account(ctx, c.Account)
	if err != nil {
		return err
	}
	p, err := g.person(a)
	if err != nil {
		return err
	}
	if err := g.audit(ctx, t, "server", "revoke", a.ID, "credential:"+c.ID, account.Unused, now); err != nil {
		return err
	}
	return g.tell(ctx, t, &p, mail.Message{Kind: mail.Revoked, Reason: account.Unused}, now)
}
