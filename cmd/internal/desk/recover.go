package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/store/personal"
	"passerelle/store/secret"
	"passerelle/sync/session"
)

// Recovery says when the recovery key of whoever is at the desk was made; zero: never.
func (a *Accounts) Recovery(ctx context.Context) (time.Time, error) {
	id, err := a.Mine.who(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if id != nobody {
		return a.Keeper.Recovery()
	}
	a.Mine.mu.Lock()
	defer a.Mine.mu.Unlock()
	_, err = a.Mine.box(ctx, nobody, false)
	if errors.Is(err, personal.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return a.Mine.local.Recovery()
}

// NewRecovery makes one, in place of the one before. It is kept nowhere.
func (a *Accounts) NewRecovery(ctx context.Context) (secret.RecoveryKey, error) {
	id, err := a.Mine.who(ctx)
	if err != nil {
		return secret.RecoveryKey{}, err
	}
	if id != nobody {
		return a.Keeper.NewRecovery()
	}
	a.Mine.mu.Lock()
	defer a.Mine.mu.Unlock()
	if _, err = a.Mine.box(ctx, nobody, true); err != nil {
		return secret.RecoveryKey{}, err
	}
	return a.Mine.local.NewRecovery(a.d.Now())
}

// Owns says whether a recovery key is the one of whoever is at the desk: nil, or
// session.ErrNoRecovery or ErrRecoveryKey. It may be one that opens what was kept before a
// loss.
func (a *Accounts) Owns(ctx context.Context, key secret.RecoveryKey) error {
	id, err := a.Mine.who(ctx)
	if err == nil {
		_, err = a.Mine.vault.Unwrap(id, key)
	}
	return err
}

// Recoverable says whether a recovery key opens anything of a person here; "": of nobody in
// particular.
func (a *Accounts) Recoverable(person string) bool { return a.Mine.vault.Recoverable(orNobody(person)) }

func orNobody(person string) string {
	if person == "" {
		return nobody
	}
	return person
}

// Recover opens what is kept of a person whose key the keyring has lost, or who forgot the
// passphrase: they are at the desk after it. One who has signed in again since the loss has
// a new key, which stays: what they had written for themselves before comes back beside
// what they wrote since. person "" is nobody in particular, who has no passphrase. Errors as
// of [session.Keeper.Recover], but for secret.ErrInUse.
func (a *Accounts) Recover(ctx context.Context, person string, key secret.RecoveryKey, passphrase string) error {
	m, id := a.Mine, orNobody(person)
	before, err := m.vault.Unwrap(id, key)
	if err != nil {
		return err
	}
	if id == nobody {
		err = m.recoverLocal(ctx, key)
	} else if err = a.Keeper.Recover(ctx, id, key, passphrase); errors.Is(err, secret.ErrInUse) {
		err = a.Unlock(ctx, id, "") // the one who is there stays
	}
	if err != nil {
		return err
	}
	if at, err := m.who(ctx); err != nil || at != id {
		return errors.Join(session.ErrLocked, err) // somebody else came meanwhile
	}
	file, err := m.File(ctx, true)
	if err != nil {
		return err
	}
	if _, err = file.Rejoin(ctx, a.d.Dir, id, before); err != nil {
		return fmt.Errorf("take in what was kept before: %w", err)
	}
	return nil
}

// recoverLocal opens the key of nobody in particular again.
func (m *Mine) recoverLocal(ctx context.Context, key secret.RecoveryKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	sec, err := m.vault.Recover(ctx, nobody, key, "")
	if errors.Is(err, secret.ErrInUse) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.id == nobody {
		err = m.shut()
	}
	m.local = sec
	return err
}
