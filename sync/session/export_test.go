package session

import (
	"context"

	"passerelle/store/secret"
)

// Token is that of whoever is at the desk, whatever the stay.
func (k *Keeper) Token(ctx context.Context) (string, error) {
	access, _, err := k.token(ctx, "")
	return access, err
}

// Holder says what holds the secrets of the person at the desk, "" for nothing but memory.
func (k *Keeper) Holder() secret.Holder {
	k.mu.Lock()
	sec := k.sec
	k.mu.Unlock()
	if sec == nil {
		return ""
	}
	return sec.Kept().Holder
}
