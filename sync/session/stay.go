package session

import (
	"context"
	"slices"

	"passerelle/store/account"
)

// Stay numbers the stay of whoever is at the desk: while the number is the same, so is the
// person, and what was unlocked is.
func (k *Keeper) Stay() (int, Standing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	st := k.st
	st.Roles = slices.Clone(st.Roles)
	return k.stay, st
}

// TokenBut gives an access token of a stay, and another one than not, which the server did
// not take. ErrLocked: the stay is over; nobody else's token is ever given.
func (k *Keeper) TokenBut(ctx context.Context, stay int, not string) (string, error) {
	if k.now() != stay {
		return "", ErrLocked
	}
	access, of, err := k.token(ctx, not)
	if err != nil {
		return "", err
	}
	if of != stay {
		return "", ErrLocked
	}
	return access, nil
}

// Heard is told what the server answered to a token of a stay, and gives back what that
// means: what a revoked device keeps of the person is wiped (B-009).
func (k *Keeper) Heard(ctx context.Context, stay int, err error) error {
	if refused(err) == account.Gone {
		return k.gone(ctx, stay, err)
	}
	return err
}
