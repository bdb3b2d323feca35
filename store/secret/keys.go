package secret

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// Keys are a server's: what the database alone must not give away.
type Keys struct {
	Box *Box
	// Passwords is what Hash and Matches cost; the zero value is right for people.
	Passwords Argon2

	mac  [32]byte
	slow Argon2 // never changes: equal values must keep equal hashes
	box  *keyset.Handle
}

// slowCost is for nine digits: some 0.2 s and 64 MiB a guess.
var slowCost = Argon2{Memory: 64 << 10, Passes: 3, Lanes: 1}

// file is how keys lie on disk.
type file struct {
	Format int             `json:"format"` // 1
	MAC    []byte          `json:"mac"`
	Slow   Argon2          `json:"slow"`
	Box    json.RawMessage `json:"box"` // keyset of tink; its primary key seals, the others still open
}

// Load reads a server's keys from a file, making it, with mode 0600, if there is none. A
// server whose ledger has accounts calls [Read] instead: without its keys their records
// cannot be opened, and new ones would hide that.
func Load(path string) (*Keys, error) {
	k, err := Read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if k, err = Temporary(slowCost); err != nil {
		return nil, err
	}
	if err := k.write(path, false); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Read(path) // another process may have been first
}

// Temporary makes keys that lie in no file. Tests hand in [Cheap], for Slow and for
// passwords.
func Temporary(cost Argon2) (*Keys, error) {
	k := &Keys{slow: cost}
	if cost != slowCost {
		k.Passwords = cost
	}
	_, _ = rand.Read(k.mac[:])
	m := keyset.NewManager()
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err == nil {
		k.box, err = m.Handle()
	}
	if err == nil {
		k.Box, err = k.newBox()
	}
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	return k, nil
}

// Read reads a server's keys from a file that must be there; fs.ErrNotExist, ErrOpen.
func Read(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read keys %s: mode is %o, not 600: %w", path, info.Mode().Perm(), ErrOpen)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	defer clear(text)
	k, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("read keys %s: %w", path, err)
	}
	return k, nil
}

func parseKeys(text []byte) (*Keys, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Format != 1 || len(f.MAC) != 32 || !f.Slow.sane() {
		return nil, errors.New("not a file of keys that this program knows")
	}
	k := &Keys{slow: f.Slow}
	copy(k.mac[:], f.MAC)
	clear(f.MAC)
	var err error
	if k.box, err = insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Box))); err != nil {
		return nil, err
	}
	k.Box, err = k.newBox()
	return k, err
}

// Rotate puts a new key in front of those that seal, in the file too. What was sealed
// under an older one still opens. The key of hashes stays: they are compared.
func Rotate(path string) (*Keys, error) {
	k, err := Read(path)
	if err != nil {
		return nil, err
	}
	m := keyset.NewManagerFromHandle(k.box)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err == nil {
		k.box, err = m.Handle()
	}
	if err == nil {
		k.Box, err = k.newBox()
	}
	if err == nil {
		err = k.write(path, true)
	}
	if err != nil {
		return nil, fmt.Errorf("rotate keys %s: %w", path, err)
	}
	return k, nil
}

// write writes the file whole or not at all; without over an existing one is left alone
// (fs.ErrExist).
func (k *Keys) write(path string, over bool) error {
	var set bytes.Buffer
	if err := insecurecleartextkeyset.Write(k.box, keyset.NewJSONWriter(&set)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(file{1, k.mac[:], k.slow, set.Bytes()}, "", "  ")
	if err != nil {
		return err
	}
	defer clear(text)
	defer clear(set.Bytes())
	return writeFile(path, text, over)
}

// writeFile writes a file of mode 0600 whole or not at all.
func writeFile(path string, text []byte, over bool) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if over {
		err = os.Rename(f.Name(), path)
	} else if err = os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links: the one who comes second at the same moment loses.
		if _, e := os.Lstat(path); e == nil {
			return fs.ErrExist
		}
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	if d, err := os.Open(dir); err == nil { // the name must outlast a power cut, too
		_ = d.Sync() // not every system can
		_ = d.Close()
	}
	return nil
}

// MAC is a keyed hash of a value for a purpose, as in "email": 32 bytes. Equal values have
// equal hashes, which tell nothing without the key. Where a value has several parts, their
// borders count.
func (k *Keys) MAC(purpose string, value ...[]byte) []byte { return mac(k.mac[:], purpose, value...) }

func (k *Keys) newBox() (*Box, error) { return newBox(k.box, k.MAC("box mark")) }

func mac(key []byte, purpose string, value ...[]byte) []byte {
	own := hmac.New(sha256.New, key)
	_, _ = own.Write([]byte("purpose\x00" + purpose))
	h := hmac.New(sha256.New, own.Sum(nil))
	for _, v := range value {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(v))))
		_, _ = h.Write(v)
	}
	return h.Sum(nil)
}

// Slow is the keyed hash of a value that has few possibilities, such as nine digits: through
// Argon2id first, so that even with the key each guess costs.
func (k *Keys) Slow(purpose string, value []byte) []byte {
	salt := k.MAC("slow salt/" + purpose)
	sum := k.slow.key(value, salt[:16])
	defer clear(sum)
	return k.MAC("slow/"+purpose, sum)
}

// Hash is [Argon2.Hash] at the cost of Passwords.
func (k *Keys) Hash(value string) string { return k.Passwords.Hash(value) }

// Matches is [Argon2.Matches] at the cost of Passwords.
func (k *Keys) Matches(hash, value string) bool { return k.Passwords.Matches(hash, value) }
