package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/secret"
	"passerelle/sync/session"
)

// nobody is whom a desk keeps personal items of while nobody is signed in.
const nobody = "local"

// Mine is what people keep for themselves at this desk: notes, résumés, letters, the
// tracker, reminders. It opens the file of whoever is there when it is first asked for, and
// the keeper closes and erases it with that of their account. All is slow.
type Mine struct {
	a     *Accounts
	vault *secret.Vault

	mu    sync.Mutex // held while a file is opened or closed
	id    string     // of whom file is
	file  *personal.File
	local *secret.Secrets // of nobody in particular; nil: not asked for yet
}

var _ session.Beside = (*Mine)(nil)

// who is at the desk; session.ErrLocked when they are locked.
func (m *Mine) who(ctx context.Context) (id string, err error) {
	st := m.a.Standing()
	switch st.Mode {
	case session.Locked:
		return "", session.ErrLocked
	case session.Nobody:
		shared, err := m.a.d.Device.Setting(ctx, cache.Shared)
		if err == nil && shared == "1" {
			err = cache.ErrNoAccount // what one visitor writes is not for the next one
		}
		return nobody, err
	}
	return st.Person.ID, nil
}

// File is the open file of whoever is at the desk. It closes when they lock or leave, and
// then gives personal.ErrClosed. session.ErrLocked: unlock first. Nobody in particular has
// one where the system's keyring holds its key (session.ErrNoKeyring), and none on a shared
// desk (cache.ErrNoAccount). fresh makes the key of nobody in particular, if there is none
// yet; else personal.ErrNotFound says that nothing was ever written.
func (m *Mine) File(ctx context.Context, fresh bool) (*personal.File, error) {
	id, err := m.who(ctx)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	box, err := m.box(ctx, id, fresh)
	if err != nil {
		return nil, err
	}
	if m.file != nil && m.id == id {
		return m.file, nil
	}
	if err := m.shut(); err != nil {
		m.a.d.o.Log.Warn("close a personal file", "err", err)
	}
	file, err := personal.Open(ctx, m.a.d.Dir, id, box)
	if errors.Is(err, secret.ErrSealed) {
		// Its key was lost: it waits for the recovery key.
		if err = personal.SetAside(m.a.d.Dir, id); err == nil {
			file, err = personal.Open(ctx, m.a.d.Dir, id, box)
		}
	}
	if err != nil {
		return nil, err
	}
	if aside := file.Aside(); aside != "" {
		m.a.d.o.Log.Error("a damaged personal file was moved aside", "file", aside)
	}
	if id != nobody {
		if _, err := m.a.BoxOf(id); err != nil { // locked meanwhile: Close found nothing open
			return nil, errors.Join(err, file.Close())
		}
	}
	m.id, m.file = id, file
	return file, nil
}

// box is that of a person. Called with mu.
func (m *Mine) box(ctx context.Context, id string, fresh bool) (*secret.Box, error) {
	if id != nobody {
		return m.a.BoxOf(id)
	}
	if m.local != nil {
		return m.local.Box(), nil
	}
	sec, err := m.vault.Open(ctx, nobody, "")
	switch {
	case err == nil:
	case errors.Is(err, secret.ErrNotFound) && !fresh:
		return nil, personal.ErrNotFound
	case errors.Is(err, secret.ErrNotFound), errors.Is(err, secret.ErrSealed) && fresh:
		if sec, err = m.vault.Create(ctx, nobody, ""); err != nil {
			return nil, fmt.Errorf("keep personal items of nobody in particular: %w", err)
		}
	default:
		return nil, err
	}
	m.local = sec
	return sec.Box(), nil
}

// shut closes what is open. Called with mu.
func (m *Mine) shut() error {
	if m.file == nil {
		return nil
	}
	err := m.file.Close()
	m.id, m.file = "", nil
	return err
}

// Close closes the file of a person, if it is open.
func (m *Mine) Close(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.id != id {
		return nil
	}
	return m.shut()
}

// Erase removes all that this desk keeps of a person for themselves.
func (m *Mine) Erase(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	if m.id == id {
		err = m.shut()
	}
	return errors.Join(err, personal.Erase(m.a.d.Dir, id))
}

// close closes whatever is open.
func (m *Mine) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.local != nil {
		m.local.Drop()
		m.local = nil
	}
	return m.shut()
}

// Note is what the person at the desk wrote beside a posting; "": nothing.
func (m *Mine) Note(ctx context.Context, posting int64) (string, error) {
	file, err := m.File(ctx, false)
	var n personal.Note
	if err == nil {
		n, err = personal.Read[personal.Note](ctx, file, personal.NoteID(posting))
	}
	if errors.Is(err, personal.ErrNotFound) {
		return "", nil
	}
	return n.Text, err
}

// SetNote keeps it; without words it is removed.
func (m *Mine) SetNote(ctx context.Context, posting int64, text string) error {
	void := strings.TrimSpace(text) == ""
	file, err := m.File(ctx, !void)
	if void {
		if err == nil {
			err = file.Delete(ctx, personal.KindNote, personal.NoteID(posting))
		}
		if errors.Is(err, personal.ErrNotFound) {
			err = nil
		}
		return err
	}
	if err != nil {
		return err
	}
	return personal.Write(ctx, file, personal.NoteID(posting), personal.Note{Posting: posting, Text: text}, m.a.d.Now())
}
