package session

import "passerelle/store/secret"

// Beside is what a desk keeps of people besides the file of their account: it goes as that
// one goes. Both may wait for a disk, and take a person of whom nothing is open or kept.
type Beside interface {
	Close(id string) error // the person locked or left
	Erase(id string) error // closes, too; nothing of the person stays
}

// nothing is kept beside.
type nothing struct{}

func (nothing) Close(string) error { return nil }
func (nothing) Erase(string) error { return nil }

// BoxOf seals under the data key of a person who is at the desk, unlocked; ErrLocked when
// they are not.
func (k *Keeper) BoxOf(id string) (*secret.Box, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sec == nil || k.st.Person.ID != id {
		return nil, ErrLocked
	}
	return k.sec.Box(), nil
}
