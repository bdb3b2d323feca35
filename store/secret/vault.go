package secret

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// Service is the name under which the keyring shows entries.
const Service = "passerelle"

// largest is the size that a secret stays below: Windows takes no more.
const largest = 2560

// Holder is what holds a person's secrets at this desk.
type Holder string

// Holders.
const (
	InKeyring Holder = "keyring"
	InFile    Holder = "passphrase" // in a file, under a key of the passphrase: there is no keyring here
)

// Kept says how a person's secrets are kept.
type Kept struct {
	Holder     Holder // "": in memory alone
	Passphrase bool   // opens nothing without one: always of InFile, a choice of InKeyring
}

// Vault holds the data key and the refresh token of each person of a desk: in the keyring
// where there is one, else in the file vault-ID.json under a passphrase. That file says
// which, and is there in both cases; it is written last, so a vault is either of the old
// kind or of the new one, never of none.
type Vault struct {
	dir  string
	ring Keyring
	cost Argon2
}

// VaultOptions say how a vault keeps. The zero value is right for people.
type VaultOptions struct {
	Keyring Keyring // nil: the system's
	Cost    Argon2  // of a passphrase; zero: 64 MiB, three passes
}

// NewVault is the vault of a directory.
func NewVault(dir string, o VaultOptions) *Vault {
	v := &Vault{dir, o.Keyring, o.Cost}
	if v.ring == nil {
		v.ring = OS()
	}
	if v.cost == (Argon2{}) {
		v.cost = slowCost
	}
	return v
}

// vaultFile is vault-ID.json. Nothing in it is of use without the keyring or the passphrase.
type vaultFile struct {
	Format int    `json:"format"` // 1
	Holder Holder `json:"holder"` // "": erased, but for the entries of Old
	// Name is that of the entries of the keyring: NAME/key, and NAME/a or NAME/b for the
	// token. It is new for each key, so nothing late is taken for something else.
	Name string   `json:"name,omitempty"`
	Old  []string `json:"old,omitempty"` // names of entries that could not be deleted yet
	// Salt and Cost are of the passphrase, where there is one.
	Salt    []byte  `json:"salt,omitempty"`
	Cost    *Argon2 `json:"cost,omitempty"`
	Key     []byte  `json:"key,omitempty"`     // InFile: the data key, sealed under the passphrase
	Refresh []byte  `json:"refresh,omitempty"` // InFile: the token, sealed under the data key
	Check   []byte  `json:"check,omitempty"`   // sealed under the data key: tells the right one
}

// Secrets are those of a person, opened.
type Secrets struct {
	v   *Vault
	id  string
	box *Box

	mu    sync.Mutex // held while the keyring is asked
	f     vaultFile
	token string // where nothing is kept yet

	at  sync.Mutex // held for a moment, so that Drop waits for no keyring
	key []byte     // nil: dropped
}

// dataKey is a copy of the key; ErrLocked once it was dropped.
func (s *Secrets) dataKey() ([]byte, error) {
	s.at.Lock()
	defer s.at.Unlock()
	if s.key == nil {
		return nil, ErrLocked
	}
	return bytes.Clone(s.key), nil
}

// Box seals the person's records. What holds it can open them until it forgets it.
func (s *Secrets) Box() *Box { return s.box }

// Kept says how these secrets are kept.
func (s *Secrets) Kept() Kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.f.kept()
}

func (f *vaultFile) kept() Kept { return Kept{f.Holder, f.Cost != nil} }

var goodID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// FileOf is where something is kept of a person: WHAT-ID.EXT in dir. An id is 1 to 80
// letters, digits, - and _, so that none leads to another directory.
func FileOf(dir, what, id, ext string) (string, error) {
	if !goodID.MatchString(id) {
		return "", fmt.Errorf("no person is called %q", id)
	}
	return filepath.Join(dir, what+"-"+id+"."+ext), nil
}

func (v *Vault) path(id string) string { return filepath.Join(v.dir, "vault-"+id+".json") }

// read reads a person's file; ErrNotFound, ErrSealed when it is damaged.
func (v *Vault) read(id string) (vaultFile, error) {
	return readOf(v.dir, "vault", id, ErrNotFound, parseVault)
}

// readOf reads a file that is kept of a person; none says that there is none.
func readOf[F any](dir, what, id string, none error, parse func([]byte) (F, error)) (f F, err error) {
	path, err := FileOf(dir, what, id, "json")
	if err != nil {
		return f, none
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, none
	}
	if err != nil {
		return f, err
	}
	return parse(text)
}

func parseVault(text []byte) (vaultFile, error) {
	var f vaultFile
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	ok := f.Format == 1 && (f.Cost == nil || f.Cost.sane() && len(f.Salt) >= 16)
	switch f.Holder {
	case InKeyring:
		ok = ok && f.Name != ""
	case InFile:
		ok = ok && f.Cost != nil && len(f.Key) > 0
	case "":
	default:
		ok = false
	}
	if !ok {
		return f, fmt.Errorf("%w: not a vault that this program knows", ErrSealed)
	}
	return f, nil
}

func (v *Vault) write(id string, f vaultFile) error {
	f.Format = 1
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(v.path(id), text, true)
}

// Kept says how a person's secrets are kept; ErrNotFound when they are not.
func (v *Vault) Kept(id string) (Kept, error) {
	f, err := v.read(id)
	if err == nil && f.Holder == "" {
		err = ErrNotFound
	}
	if err != nil {
		return Kept{}, fmt.Errorf("vault of %s: %w", id, err)
	}
	return f.kept(), nil
}

// Create makes a data key for a person and keeps it in the keyring; under a passphrase
// besides, unless that is "". Without a keyring it goes into the file, which needs the
// passphrase: else the keyring's error is given, and nothing is kept. What was kept of the
// person before is replaced.
func (v *Vault) Create(ctx context.Context, id, passphrase string) (*Secrets, error) {
	s, err := v.New(id)
	if err == nil {
		err = s.save(ctx, passphrase, "", 0)
	}
	if err != nil {
		return nil, fmt.Errorf("create vault of %s: %w", id, err)
	}
	return s, nil
}

// New makes a data key that is in memory alone until [Secrets.Protect] keeps it. What was
// kept of the person before stays until then.
func (v *Vault) New(id string) (*Secrets, error) {
	if !goodID.MatchString(id) {
		return nil, fmt.Errorf("no person is called %q", id)
	}
	s := &Secrets{v: v, id: id, key: make([]byte, KeySize)}
	_, _ = rand.Read(s.key)
	old, err := v.read(id)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSealed) {
		return nil, fmt.Errorf("vault of %s: %w", id, err)
	}
	s.f.Old = old.names()
	s.box, err = NewBox(s.key)
	return s, err
}

// names are those of all entries that a file knows of.
func (f *vaultFile) names() []string {
	names := f.Old
	if f.Name != "" {
		names = append(names[:len(names):len(names)], f.Name)
	}
	return names
}

// save keeps the key, and a token unless it is "", in a new place; then the file, which
// says where; then forgets the old place. s.f is what was written.
func (s *Secrets) save(ctx context.Context, passphrase, token string, n uint64) error {
	f := vaultFile{Holder: InKeyring, Old: s.f.names()}
	key, err := s.dataKey()
	if err != nil {
		return err
	}
	defer clear(key)
	if passphrase != "" {
		f.Cost, f.Salt = &s.v.cost, make([]byte, 16)
		_, _ = rand.Read(f.Salt)
		under, err := f.under(passphrase)
		if err != nil {
			return err
		}
		if key, err = under.Seal(s.about("key"), key); err != nil {
			return err
		}
	}
	if f.Check, err = s.box.Seal(s.about("check"), []byte("passerelle")); err != nil {
		return err
	}
	name := make([]byte, 12)
	_, _ = rand.Read(name)
	f.Name = hex.EncodeToString(name)
	err = s.v.set(ctx, f.Name+"/key", key)
	if err == nil && token != "" {
		if err = s.putIn(ctx, f.Name+"/a", token, n); err != nil {
			_ = s.v.forget(ctx, f.Name)
		}
	}
	if err != nil {
		if passphrase == "" || ctx.Err() != nil {
			return err
		}
		// No keyring: the passphrase alone. An entry that is made too late is sealed under it.
		f.Holder, f.Key, f.Name = InFile, key, ""
		if token != "" {
			if f.Refresh, err = s.box.Seal(s.about("refresh"), frame(n, token)); err != nil {
				return err
			}
		}
	}
	if err := s.v.write(s.id, f); err != nil {
		return err
	}
	s.f, s.token = f, ""
	s.v.tidy(ctx, s.id, &s.f)
	return nil
}

func (s *Secrets) about(what string) string { return "vault/" + s.id + "/" + what }

// under is the box of a passphrase.
func (f *vaultFile) under(passphrase string) (*Box, error) {
	key := f.Cost.key(typed(passphrase), f.Salt)
	defer clear(key)
	return NewBox(key)
}

// tidy deletes entries of the keyring that are of no use any more. What cannot be deleted
// now stays in the file's list.
func (v *Vault) tidy(ctx context.Context, id string, f *vaultFile) {
	if len(f.Old) == 0 {
		return
	}
	var left []string
	for _, name := range f.Old {
		if v.forget(ctx, name) != nil {
			left = append(left, name)
		}
	}
	if len(left) < len(f.Old) {
		g := *f
		g.Old = left
		if v.write(id, g) == nil {
			*f = g
		}
	}
}

// forget deletes the entries of a name.
func (v *Vault) forget(ctx context.Context, name string) error {
	for _, part := range []string{"/key", "/a", "/b"} {
		if err := v.ring.Delete(ctx, Service, name+part); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// Open opens a person's secrets, with the passphrase where there is one: ErrPassphrase
// when it is another, or was not given. ErrNotFound: nothing is kept, or the keyring has
// lost its entry. ErrSealed: what is kept is damaged.
func (v *Vault) Open(ctx context.Context, id, passphrase string) (*Secrets, error) {
	s, err := v.open(ctx, id, passphrase)
	if err != nil {
		return nil, fmt.Errorf("open vault of %s: %w", id, err)
	}
	return s, nil
}

func (v *Vault) open(ctx context.Context, id, passphrase string) (*Secrets, error) {
	f, err := v.read(id)
	if err != nil {
		return nil, err
	}
	if f.Holder == "" {
		return nil, ErrNotFound
	}
	if f.Cost != nil && passphrase == "" {
		return nil, ErrPassphrase
	}
	s := &Secrets{v: v, id: id, f: f, key: f.Key}
	if f.Holder == InKeyring {
		if s.key, err = v.get(ctx, f.Name+"/key"); err != nil {
			return nil, err
		}
	}
	if f.Cost != nil {
		under, err := f.under(passphrase)
		if err != nil {
			return nil, err
		}
		if s.key, err = under.Open(s.about("key"), s.key); err != nil {
			return nil, ErrPassphrase
		}
	}
	if s.box, err = NewBox(s.key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if _, err = s.box.Open(s.about("check"), f.Check); err != nil {
		clear(s.key)
		return nil, err
	}
	if f.Holder == InKeyring { // it works, then
		v.tidy(ctx, id, &s.f)
	}
	return s, nil
}

// Refresh gives the token; ErrNotFound when there is none, ErrLocked once dropped.
func (s *Secrets) Refresh(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _, _, err := s.refresh(ctx)
	if err != nil {
		return "", fmt.Errorf("refresh token of %s: %w", s.id, err)
	}
	return token, nil
}

// refresh gives the newest token, its number and its entry.
func (s *Secrets) refresh(ctx context.Context) (token string, n uint64, entry string, err error) {
	key, err := s.dataKey()
	if err != nil {
		return "", 0, "", err
	}
	clear(key)
	if s.f.Holder == "" {
		if s.token == "" {
			return "", 0, "", ErrNotFound
		}
		return s.token, 1, "", nil
	}
	if s.f.Holder == InFile {
		if len(s.f.Refresh) == 0 {
			return "", 0, "", ErrNotFound
		}
		token, n, err = s.unframe(s.f.Refresh)
		return token, n, "", err
	}
	// Two entries are there while one takes the place of the other.
	damaged := false
	for _, part := range []string{"/a", "/b"} {
		sealed, err := s.v.get(ctx, s.f.Name+part)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil && !errors.Is(err, ErrSealed) {
			return "", 0, "", err
		}
		t, m, err := s.unframe(sealed)
		if err != nil {
			damaged = true
		} else if token == "" || m > n {
			token, n, entry = t, m, part
		}
	}
	if token == "" && damaged {
		return "", 0, "", ErrSealed
	}
	if token == "" {
		return "", 0, "", ErrNotFound
	}
	return token, n, entry, nil
}

func frame(n uint64, token string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, n), token...)
}

func (s *Secrets) unframe(sealed []byte) (token string, n uint64, err error) {
	body, err := s.box.Open(s.about("refresh"), sealed)
	if err != nil {
		return "", 0, err
	}
	if len(body) <= 8 {
		return "", 0, ErrSealed
	}
	return string(body[8:]), binary.BigEndian.Uint64(body), nil
}

// putIn keeps a token in an entry of the keyring.
func (s *Secrets) putIn(ctx context.Context, entry, token string, n uint64) error {
	sealed, err := s.box.Seal(s.about("refresh"), frame(n, token))
	if err != nil {
		return err
	}
	return s.v.set(ctx, entry, sealed)
}

// PutRefresh keeps a token in place of the one before. That one goes only when the new one
// is kept: a program that ends at any moment finds one of the two. "" forgets it.
func (s *Secrets) PutRefresh(ctx context.Context, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.putRefresh(ctx, token); err != nil {
		return fmt.Errorf("keep refresh token of %s: %w", s.id, err)
	}
	return nil
}

func (s *Secrets) putRefresh(ctx context.Context, token string) error {
	_, n, entry, err := s.refresh(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSealed) {
		return err
	}
	n++
	if s.f.Holder == "" {
		s.token = token
		return nil
	}
	if s.f.Holder == InFile {
		f := s.f
		f.Refresh = nil
		if token != "" {
			if f.Refresh, err = s.box.Seal(s.about("refresh"), frame(n, token)); err != nil {
				return err
			}
		}
		if err := s.v.write(s.id, f); err != nil {
			return err
		}
		s.f = f
		return nil
	}
	other := "/a"
	if entry == "/a" {
		other = "/b"
	}
	if token == "" {
		other, entry = "/a", "/b"
		if err := s.delete(ctx, other); err != nil {
			return err
		}
		return s.delete(ctx, entry)
	}
	if err := s.putIn(ctx, s.f.Name+other, token, n); err != nil {
		return err
	}
	if entry != "" {
		// Left behind it does no harm: the greater number is the newer token.
		_ = s.delete(ctx, entry)
	}
	return nil
}

func (s *Secrets) delete(ctx context.Context, part string) error {
	if err := s.v.ring.Delete(ctx, Service, s.f.Name+part); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// Protect keeps what was in memory alone; and sets, changes or, with "", removes the
// passphrase. The secrets move into the keyring if there is one by now; where there
// is none, a passphrase is needed, and the keyring's error is given without.
func (s *Secrets) Protect(ctx context.Context, passphrase string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, n, _, err := s.refresh(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSealed) {
		return fmt.Errorf("protect vault of %s: %w", s.id, err)
	}
	if err := s.save(ctx, passphrase, token, n); err != nil {
		return fmt.Errorf("protect vault of %s: %w", s.id, err)
	}
	if passphrase != "" && len(s.f.Old) > 0 {
		// The key lies in the keyring without a passphrase, still.
		return fmt.Errorf("protect vault of %s: the entry before stays in the keyring: %w", s.id, ErrLocked)
	}
	return nil
}

// Drop forgets the key in memory, as far as Go allows: the box keeps a copy until it is
// collected.
func (s *Secrets) Drop() {
	s.at.Lock()
	defer s.at.Unlock()
	clear(s.key)
	s.key = nil
}

// Erase removes all that is kept of a person. Entries that the keyring does not give up
// now are remembered, without the person's secrets, and tried again by the next Erase or
// Create; the error says that they are still there.
func (v *Vault) Erase(ctx context.Context, id string) error {
	if err := v.eraseRecovery(id); err != nil {
		return fmt.Errorf("erase recovery of %s: %w", id, err)
	}
	f, err := v.read(id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil && !errors.Is(err, ErrSealed) {
		return fmt.Errorf("erase vault of %s: %w", id, err)
	}
	var left []string
	var kept error
	for _, name := range f.names() {
		if err := v.forget(ctx, name); err != nil {
			left, kept = append(left, name), err
		}
	}
	if err := Shred(v.path(id)); err != nil {
		return fmt.Errorf("erase vault of %s: %w", id, err)
	}
	if len(left) > 0 {
		if err := v.write(id, vaultFile{Old: left}); err != nil {
			kept = errors.Join(kept, err)
		}
		return fmt.Errorf("erase vault of %s: %w", id, kept)
	}
	return nil
}

// Shred overwrites a file and removes it; one that is not there is no error. Disks that
// write elsewhere than they are told keep the old bytes for a while: what must not be
// read is sealed besides.
func Shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		zero := make([]byte, 64<<10)
		for at := int64(0); at < info.Size() && err == nil; at += int64(len(zero)) {
			_, err = f.WriteAt(zero[:min(int64(len(zero)), info.Size()-at)], at)
		}
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}

// ShredAll does it to a file and to all that lies beside it: see [Beside].
func ShredAll(path string) error {
	files, err := Beside(path)
	for _, f := range files {
		err = errors.Join(err, Shred(f))
	}
	if err != nil {
		return fmt.Errorf("erase %s: %w", path, err)
	}
	return nil
}

// Beside lists a file and those of its directory whose names begin with its own: the logs
// of a database, copies of before an upgrade or of damage.
func Beside(path string) ([]string, error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, err
}

// set keeps a short secret in the keyring.
func (v *Vault) set(ctx context.Context, user string, secret []byte) error {
	text := base64.RawStdEncoding.EncodeToString(secret)
	if len(text) >= largest { // the same everywhere, not only where the system refuses
		return ErrTooBig
	}
	return v.ring.Set(ctx, Service, user, text)
}

// get reads what set kept; ErrSealed when it is not that.
func (v *Vault) get(ctx context.Context, user string) ([]byte, error) {
	text, err := v.ring.Get(ctx, Service, user)
	if err != nil {
		return nil, err
	}
	secret, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return secret, nil
}
