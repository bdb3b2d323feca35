package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/secret"
)

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	k, err := secret.Load(filepath.Join(dir, "keys", "secrets.json"))
	if err != nil {
		panic(err)
	}
	sealed, _ := k.Box.Seal("account/7", []byte("ada@exemple.ca"))
	body, err := k.Box.Open("account/7", sealed)
	fmt.Println(string(body), err)
	_, err = k.Box.Open("account/8", sealed)
	fmt.Println(errors.Is(err, secret.ErrSealed))
	// Output:
	// ada@exemple.ca <nil>
	// true
}

// The file of keys is made once, by whoever is first, is nobody else's to read, and is
// never made anew where it must be there.
func TestKeysFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "secrets.json")
	if _, err := secret.Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of no file: %v", err)
	}
	var g sync.WaitGroup
	macs := make([][]byte, 8)
	for i := range macs {
		g.Go(func() {
			k, err := secret.Load(path)
			if err != nil {
				t.Error(err)
				return
			}
			macs[i] = k.MAC("a", []byte("b"))
		})
	}
	g.Wait()
	for _, m := range macs {
		if !bytes.Equal(m, macs[0]) {
			t.Fatal("two processes that began at once have different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("beside the keys: %v, %v", files, err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := secret.Load(path); !errors.Is(err, secret.ErrOpen) {
			t.Errorf("Load of a file that others can read: %v", err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Load(path); err == nil {
		t.Error("half a file was taken")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text[:len(text)/2]) {
		t.Errorf("a damaged file was replaced: %v", err)
	}
}

// A new key seals; older ones still open; hashes stay equal.
func TestRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	k, err := secret.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := map[string][]byte{}
	mac := k.MAC("sin", []byte("x"))
	mark := k.Box.Mark("sin", []byte("x"))
	for i := range 4 {
		if k, err = secret.Rotate(path); err != nil {
			t.Fatal(err)
		}
		about := fmt.Sprint("row/", i)
		if sealed[about], err = k.Box.Seal(about, []byte(about)); err != nil {
			t.Fatal(err)
		}
	}
	if k, err = secret.Read(path); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for about, s := range sealed {
		if body, err := k.Box.Open(about, s); err != nil || string(body) != about {
			t.Errorf("%s: %q, %v", about, body, err)
		}
		ids[string(s[:5])] = true
	}
	if len(ids) != 4 {
		t.Errorf("%d ids of keys in front of what four keys sealed", len(ids))
	}
	if !bytes.Equal(mac, k.MAC("sin", []byte("x"))) || !bytes.Equal(mark, k.Box.Mark("sin", []byte("x"))) {
		t.Error("a hash changed")
	}
}

// What is sealed opens under its own key and for what it is about, and not when a byte of
// it, of the key or of that differs.
//
// Rows: X-041
func TestBox(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), secret.KeySize, secret.KeySize).Draw(rt, "key")
		body, about := rapid.SliceOf(rapid.Byte()).Draw(rt, "body"), rapid.String().Draw(rt, "about")
		b, err := secret.NewBox(key)
		if err != nil {
			rt.Fatal(err)
		}
		sealed, err := b.Seal(about, body)
		if err != nil {
			rt.Fatal(err)
		}
		if twice, err := b.Seal(about, body); err != nil || bytes.Equal(twice, sealed) {
			rt.Fatalf("sealed twice alike, %v", err)
		}
		if got, err := b.Open(about, sealed); err != nil || !bytes.Equal(got, body) {
			rt.Fatalf("Open: %x, %v; want %x", got, err, body)
		}
		if _, err := b.Open(about+"x", sealed); !errors.Is(err, secret.ErrSealed) {
			rt.Fatalf("Open for something else: %v", err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(rt, "at")
		sealed[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if _, err := b.Open(about, sealed); !errors.Is(err, secret.ErrSealed) {
			rt.Fatalf("Open of something changed: %v", err)
		}
		sealed[at] ^= 0xff
		key[0]++
		other, err := secret.NewBox(key)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := other.Open(about, sealed); !errors.Is(err, secret.ErrSealed) {
			rt.Fatalf("Open with another key: %v", err)
		}
	})
	if _, err := secret.NewBox(make([]byte, 31)); err == nil {
		t.Error("a short key was taken")
	}
}

// Equal values have equal hashes; another purpose, another border between the parts or
// another key has another one.
//
// Rows: A-124
func TestKeyedHashes(t *testing.T) {
	k, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	o, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for name, h := range map[string][]byte{
		"email": k.MAC("email", []byte("ab")), "sin": k.MAC("sin", []byte("ab")), "a|b": k.MAC("email", []byte("a"), []byte("b")),
		"ab|": k.MAC("email", []byte("ab"), nil), "|ab": k.MAC("email", nil, []byte("ab")), "other": o.MAC("email", []byte("ab")),
		"slow": k.Slow("email", []byte("ab")), "slow sin": k.Slow("sin", []byte("ab")), "other slow": o.Slow("email", []byte("ab")),
		"mark": k.Box.Mark("email", []byte("ab")), "other mark": o.Box.Mark("email", []byte("ab")),
	} {
		if len(h) != 32 {
			t.Errorf("%s has %d bytes", name, len(h))
		}
		if was, ok := seen[string(h)]; ok {
			t.Errorf("%s and %s are alike", name, was)
		}
		seen[string(h)] = name
	}
	if !bytes.Equal(k.Slow("sin", []byte("ab")), k.Slow("sin", []byte("ab"))) {
		t.Error("Slow is not the same twice")
	}
}

func TestHash(t *testing.T) {
	for _, a := range []secret.Argon2{secret.Cheap, {Memory: 100, Passes: 2, Lanes: 3}} {
		h := a.Hash("café de la gare")
		if !strings.HasPrefix(h, fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", a.Memory, a.Passes, a.Lanes)) || a.Hash("café de la gare") == h {
			t.Errorf("hash %q", h)
		}
		for value, want := range map[string]bool{"café de la gare": true, "cafe\u0301 de la gare": true, "cafe de la gare": false, "": false} {
			if got := secret.Cheap.Matches(h, value); got != want {
				t.Errorf("Matches(%q): %v, want %v", value, got, want)
			}
		}
	}
	// An account that is not there, or whose hash is damaged.
	h := secret.Cheap.Hash("x")
	for _, bad := range []string{"", "x", h[:len(h)-1], strings.Replace(h, "m=64", "m=4294967295", 1), strings.Replace(h, "t=1", "t=0", 1), h + "$"} {
		for _, value := range []string{"x", ""} {
			if secret.Cheap.Matches(bad, value) {
				t.Errorf("%q matches %q", bad, value)
			}
		}
	}
	if h := (secret.Argon2{}).Hash("x"); !strings.Contains(h, "m=19456,t=2,p=1") || !(secret.Argon2{}).Matches(h, "x") {
		t.Errorf("the house's hash is %q", h)
	}
}

// An empty hash does the work of a real one: the memory of Argon2id says so, which is the
// same whatever the machine.
func TestEmptyHashWorks(t *testing.T) {
	a := secret.Argon2{Memory: 4 << 10, Passes: 1, Lanes: 1}
	h := a.Hash("x")
	bytesOf := func(hash string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a.Matches(hash, "y")
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	known, unknown := bytesOf(h), bytesOf("")
	if unknown < 4<<20 || known < 4<<20 {
		t.Errorf("%d bytes for a known name and %d for an unknown one; both want 4 MiB", known, unknown)
	}
}

func FuzzMatches(f *testing.F) {
	f.Add(secret.Cheap.Hash("x"))
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, hash string) {
		if strings.Contains(hash, "m=") && len(hash) > 60 {
			return // its cost is its own
		}
		if secret.Cheap.Matches(hash, "other") {
			t.Errorf("%q matches", hash)
		}
	})
}

func FuzzKeys(f *testing.F) {
	path := filepath.Join(f.TempDir(), "secrets.json")
	if _, err := secret.Load(path); err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "secrets.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := secret.Read(path)
		if err != nil {
			return
		}
		if s, err := k.Box.Seal("a", []byte("b")); err != nil || !json.Valid(text) {
			t.Errorf("keys that were taken do not seal: %x, %v", s, err)
		}
	})
}
