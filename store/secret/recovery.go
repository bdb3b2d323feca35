package secret

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Errors of recovery keys.
var (
	ErrTyped       = errors.New("not written as a recovery key is")                 // a letter is wrong, or some are missing
	ErrRecoveryKey = errors.New("not the recovery key of this")                     // well written, but another one
	ErrNoRecovery  = errors.New("no recovery key was made")                         //
	ErrInUse       = errors.New("the records are kept under another key by now")    // which works: there is nothing to recover
	errNewer       = fmt.Errorf("of a newer program: %w", ErrSealed)                // may hold what this one cannot read
	errUnkept      = fmt.Errorf("nothing is kept of this person: %w", ErrNoKeyring) // so there is nothing to come back to
)

// RecoveryKey opens a person's records when the keyring has lost their key, and seals what
// they carry to another computer. It has 130 bits of chance, is shown once, and is kept
// nowhere: what it wraps is.
type RecoveryKey struct{ text string }

const (
	letters   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // those of Crockford: without I, L, O and U
	secretLen = 26                                 // five bits each
	checkLen  = 4                                  // a slip passes once in a million times
	groupLen  = 5
)

// NewRecoveryKey draws a key.
func NewRecoveryKey() RecoveryKey {
	b := make([]byte, secretLen)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = letters[b[i]&31]
	}
	return RecoveryKey{string(b)}
}

// Text is the key as it is shown and printed: six groups of five letters and digits, the
// last four of which check the others.
func (k RecoveryKey) Text() string {
	all := k.text + checkOf(k.text)
	var groups []string
	for i := 0; i < len(all); i += groupLen {
		groups = append(groups, all[i:i+groupLen])
	}
	return strings.Join(groups, "-")
}

// String keeps a key out of logs.
func (k RecoveryKey) String() string { return "a recovery key" }

// GoString does, too.
func (k RecoveryKey) GoString() string { return k.String() }

func checkOf(text string) string {
	sum := sha256.Sum256([]byte("passerelle recovery key\x00" + text))
	var b [checkLen]byte
	for i := range b {
		b[i] = letters[sum[i]&31]
	}
	return string(b[:])
}

// alike are letters that stand for others.
var alike = map[rune]rune{'I': '1', 'L': '1', 'O': '0', 'U': 'V'}

// ParseRecoveryKey reads a key as people type it: in any case, with any spaces and dashes,
// and with letters that look like others; ErrTyped.
func ParseRecoveryKey(text string) (RecoveryKey, error) {
	if len(text) > 1000 {
		return RecoveryKey{}, ErrTyped
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(text) {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212' || unicode.Is(unicode.Cf, r) {
			continue
		}
		r = unicode.ToUpper(r)
		if to, ok := alike[r]; ok {
			r = to
		}
		if !strings.ContainsRune(letters, r) {
			return RecoveryKey{}, ErrTyped
		}
		b.WriteRune(r)
	}
	all := b.String()
	if len(all) != secretLen+checkLen || checkOf(all[:secretLen]) != all[secretLen:] {
		return RecoveryKey{}, ErrTyped
	}
	return RecoveryKey{all[:secretLen]}, nil
}

// Box is a box of the key for a purpose. With a salt of its own each is another one.
func (k RecoveryKey) Box(purpose string, salt []byte) (*Box, error) {
	if len(k.text) != secretLen {
		return nil, ErrTyped
	}
	key, err := hkdf.Key(sha256.New, []byte(k.text), salt, "passerelle recovery/"+purpose, KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return NewBox(key)
}

// recoveryFile is recovery-ID.json: data keys, each under a recovery key. Nothing in it is
// of use without one.
type recoveryFile struct {
	Format int    `json:"format"` // 1
	Wraps  []wrap `json:"wraps"`
}

// wrap is a data key under a recovery key.
type wrap struct {
	Made  time.Time `json:"made"`
	Salt  []byte    `json:"salt"`
	Key   []byte    `json:"key"`   // the data key, sealed under the recovery key
	Check []byte    `json:"check"` // sealed under the data key: tells which one it is
}

func (v *Vault) recoveryPath(id string) string { return filepath.Join(v.dir, "recovery-"+id+".json") }

func (v *Vault) readRecovery(id string) (recoveryFile, error) {
	return readOf(v.dir, "recovery", id, ErrNoRecovery, parseRecovery)
}

func parseRecovery(text []byte) (recoveryFile, error) {
	var f recoveryFile
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	if f.Format > 1 {
		return f, errNewer
	}
	if f.Format < 1 {
		return f, fmt.Errorf("%w: not a file of recovery that this program knows", ErrSealed)
	}
	if len(f.Wraps) == 0 {
		return f, ErrNoRecovery
	}
	return f, nil
}

func aboutRecovery(id, what string) string { return "recovery/" + id + "/" + what }

// of says whether a wrap holds the data key of a box.
func (w wrap) of(id string, b *Box) bool {
	_, err := b.Open(aboutRecovery(id, "check"), w.Check)
	return err == nil
}

// Recoverable says whether a recovery key opens anything of a person.
func (v *Vault) Recoverable(id string) bool {
	_, err := v.readRecovery(id)
	return err == nil
}

// Recovery says when the recovery key of these secrets was made; zero: never.
func (s *Secrets) Recovery() (time.Time, error) {
	f, err := s.v.readRecovery(s.id)
	if errors.Is(err, ErrNoRecovery) || errors.Is(err, ErrSealed) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("recovery key of %s: %w", s.id, err)
	}
	for _, w := range f.Wraps {
		if w.of(s.id, s.box) {
			return w.Made, nil
		}
	}
	return time.Time{}, nil
}

// NewRecovery makes a recovery key in place of the one before, which opens nothing here any
// more. A key that opens what was kept under an older data key, which the keyring lost,
// stays good for that. Secrets that are in memory alone have none: ErrNoKeyring. The file of
// a newer program stays as it is: ErrSealed.
func (s *Secrets) NewRecovery(now time.Time) (RecoveryKey, error) {
	k, err := s.newRecovery(now)
	if err != nil {
		return RecoveryKey{}, fmt.Errorf("make a recovery key of %s: %w", s.id, err)
	}
	return k, nil
}

func (s *Secrets) newRecovery(now time.Time) (k RecoveryKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f.Holder == "" {
		return k, errUnkept
	}
	f, err := s.v.readRecovery(s.id)
	if err != nil && !errors.Is(err, ErrNoRecovery) && (!errors.Is(err, ErrSealed) || errors.Is(err, errNewer)) {
		return k, err
	}
	key, err := s.dataKey()
	if err != nil {
		return k, err
	}
	defer clear(key)
	k = NewRecoveryKey()
	w := wrap{Made: now.UTC(), Salt: make([]byte, 16)}
	_, _ = rand.Read(w.Salt)
	under, err := k.Box("wrap", w.Salt)
	if err != nil {
		return k, err
	}
	if w.Key, err = under.Seal(aboutRecovery(s.id, "key"), key); err != nil {
		return k, err
	}
	if w.Check, err = s.box.Seal(aboutRecovery(s.id, "check"), []byte("passerelle")); err != nil {
		return k, err
	}
	wraps := []wrap{w}
	for _, old := range f.Wraps {
		if !old.of(s.id, s.box) {
			wraps = append(wraps, old)
		}
	}
	text, err := json.MarshalIndent(recoveryFile{1, wraps}, "", "  ")
	if err != nil {
		return k, err
	}
	return k, writeFile(s.v.recoveryPath(s.id), text, true)
}

// unwrap gives the data key that a recovery key opens; ErrNoRecovery, ErrRecoveryKey.
func (v *Vault) unwrap(id string, k RecoveryKey) ([]byte, error) {
	f, err := v.readRecovery(id)
	if err != nil {
		return nil, err
	}
	for _, w := range f.Wraps {
		under, err := k.Box("wrap", w.Salt)
		if err != nil {
			return nil, err
		}
		if key, err := under.Open(aboutRecovery(id, "key"), w.Key); err == nil && len(key) == KeySize {
			return key, nil
		}
	}
	return nil, ErrRecoveryKey
}

// Unwrap is the box of the data key that a recovery key opens, whether that is in use or
// was lost; ErrNoRecovery, ErrRecoveryKey.
func (v *Vault) Unwrap(id string, k RecoveryKey) (*Box, error) {
	key, err := v.unwrap(id, k)
	if err != nil {
		return nil, fmt.Errorf("recovery of %s: %w", id, err)
	}
	defer clear(key)
	return NewBox(key)
}

// Recover opens the secrets of a person by their recovery key, because the keyring has lost
// its entry or the passphrase is forgotten, and keeps them again: in the keyring, and under
// a new passphrase unless that is "". Without a keyring a passphrase is needed, and the
// keyring's error is given without. The recovery key stays good. ErrInUse: what is kept is
// under another key, made after the loss, and opens.
func (v *Vault) Recover(ctx context.Context, id string, k RecoveryKey, passphrase string) (*Secrets, error) {
	s, err := v.recover(ctx, id, k, passphrase)
	if err != nil {
		return nil, fmt.Errorf("recover vault of %s: %w", id, err)
	}
	return s, nil
}

func (v *Vault) recover(ctx context.Context, id string, k RecoveryKey, passphrase string) (*Secrets, error) {
	key, err := v.unwrap(id, k)
	if err != nil {
		return nil, err
	}
	f, err := v.read(id)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSealed) {
		return nil, err
	}
	if err != nil {
		f = vaultFile{}
	}
	s := &Secrets{v: v, id: id, key: key}
	if s.box, err = NewBox(key); err != nil {
		return nil, err
	}
	if _, err := s.box.Open(s.about("check"), f.Check); f.Holder != "" && err != nil {
		other, err := v.open(ctx, id, "")
		if err == nil {
			other.Drop()
			return nil, ErrInUse
		}
		if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSealed) {
			return nil, err // a key that may open yet is not thrown away
		}
		f = vaultFile{Old: f.names()}
	}
	s.f = f
	token, n, _, err := s.refresh(ctx)
	if err != nil {
		token = "" // the server asks to sign in again
	}
	if err := s.save(ctx, passphrase, token, n); err != nil {
		clear(key)
		return nil, err
	}
	return s, nil
}

// eraseRecovery removes what a recovery key opens.
func (v *Vault) eraseRecovery(id string) error {
	if !goodID.MatchString(id) {
		return nil
	}
	return Shred(v.recoveryPath(id))
}
