package session

import (
	"context"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/secret"
)

// Sentence says why a recovery key opens nothing, and what to do; "" of another error.
func Sentence(err error) i18n.Key {
	switch {
	case errors.Is(err, secret.ErrTyped):
		return i18n.DataKeyTyped
	case errors.Is(err, secret.ErrRecoveryKey):
		return i18n.DataKeyOther
	case errors.Is(err, secret.ErrNoRecovery):
		return i18n.DataKeyNone
	case errors.Is(err, secret.ErrInUse):
		return i18n.DataKeyUseless
	case errors.Is(err, ErrNoKeyring):
		return i18n.DataNoKeyring
	}
	return ""
}

// Recovery says when the recovery key of the person at the desk was made; zero: never, and
// whoever loses the keyring of this computer loses what they wrote for themselves here.
func (k *Keeper) Recovery() (time.Time, error) {
	sec, err := k.opened()
	if err != nil {
		return time.Time{}, err
	}
	return sec.Recovery()
}

// NewRecovery makes a recovery key of the person at the desk, in place of the one before.
// It is shown once and kept nowhere. ErrNoKeyring: nothing of the person is kept here
// ([Keeper.Protect] first).
func (k *Keeper) NewRecovery() (secret.RecoveryKey, error) {
	sec, err := k.opened()
	if err != nil {
		return secret.RecoveryKey{}, err
	}
	k.keep.Lock() // not while the person is being erased
	defer k.keep.Unlock()
	if now, err := k.opened(); err != nil || now != sec {
		return secret.RecoveryKey{}, ErrLocked
	}
	return sec.NewRecovery(k.o.Now())
}

func (k *Keeper) opened() (*secret.Secrets, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sec == nil {
		return nil, ErrLocked
	}
	return k.sec, nil
}

// Recover unlocks a person by their recovery key, because the keyring has lost their data
// key or the passphrase is forgotten; the passphrase, if one is given, is the new one. As
// after any unlock, the server is asked later. ErrTyped, ErrRecoveryKey, ErrNoRecovery;
// ErrNoKeyring or ErrKeyringLocked: a passphrase is needed. secret.ErrInUse: the person is
// unlocked, or can be.
func (k *Keeper) Recover(ctx context.Context, id string, key secret.RecoveryKey, passphrase string) error {
	done := false
	err := k.admit(ctx, id, func(bool) (*secret.Secrets, error) {
		done = true
		return k.o.Vault.Recover(ctx, id, key, passphrase)
	})
	if err == nil && !done {
		err = secret.ErrInUse
	}
	return err
}
