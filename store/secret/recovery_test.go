package secret_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/secret"
)

var made = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// A key reads back however it is copied: case, spaces, dashes, letters that look alike. One
// letter more, less, changed, or two swapped, and it is refused.
//
// Rows: X-040
func TestRecoveryKeyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := secret.NewRecoveryKey()
		text := k.Text()
		if len(text) != 35 || strings.Count(text, "-") != 5 {
			t.Fatalf("a key of the form %q", text)
		}
		typed := strings.NewReplacer("-", rapid.SampledFrom([]string{"", " ", " - ", "–", "\u00a0", "\n", "−"}).Draw(t, "dash")).Replace(text)
		if rapid.Bool().Draw(t, "small") {
			typed = strings.ToLower(typed)
		}
		typed = strings.NewReplacer("0", rapid.SampledFrom([]string{"0", "O", "o"}).Draw(t, "nought"),
			"1", rapid.SampledFrom([]string{"1", "I", "l"}).Draw(t, "one"), "V", rapid.SampledFrom([]string{"V", "u"}).Draw(t, "v")).Replace(typed)
		if got, err := secret.ParseRecoveryKey(typed); err != nil || got != k {
			t.Fatalf("%q typed as %q: %v", text, typed, err)
		}

		bare := strings.ReplaceAll(text, "-", "")
		i := rapid.IntRange(0, len(bare)-1).Draw(t, "at")
		other := rapid.SampledFrom([]rune("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).Draw(t, "letter")
		for _, wrong := range []string{bare[:i] + bare[i+1:], bare[:i] + string(other) + bare[i:], bare[:i] + string(other) + bare[i+1:],
			bare[:max(i, 1)-1] + string(bare[max(i, 1)]) + string(bare[max(i, 1)-1]) + bare[max(i, 1)+1:]} {
			if wrong == bare {
				continue
			}
			if _, err := secret.ParseRecoveryKey(wrong); !errors.Is(err, secret.ErrTyped) {
				t.Fatalf("%q passes for %q (%v)", wrong, bare, err)
			}
		}
	})
	for _, text := range []string{"", "é", strings.Repeat("0", 30), strings.Repeat("-", 2000)} {
		if _, err := secret.ParseRecoveryKey(text); !errors.Is(err, secret.ErrTyped) {
			t.Errorf("%.40q: %v, want ErrTyped", text, err)
		}
	}
	k := secret.NewRecoveryKey()
	if s := fmt.Sprintf("%v %s %+v %#v", k, k, k, k); strings.Contains(s, k.Text()[:5]) {
		t.Errorf("a key prints itself: %s", s)
	}
}

// A lost keyring opens again with the recovery key, whatever the passphrase was, and the key
// stays good; one that was replaced opens nothing.
//
// Rows: X-040
func TestRecover(t *testing.T) {
	ctx := t.Context()
	for name, phrase := range map[string]string{"keyring": "", "keyring and passphrase": "oubliée"} {
		t.Run(name, func(t *testing.T) {
			dir, ring := t.TempDir(), newMemory()
			s, err := vault(dir, ring).Create(ctx, "anna", phrase)
			if err != nil {
				t.Fatal(err)
			}
			sealed, _ := s.Box().Seal("note", []byte("mots"))
			if at, err := s.Recovery(); err != nil || !at.IsZero() {
				t.Errorf("before any: %v, %v", at, err)
			}
			if _, err := vault(dir, ring).Recover(ctx, "anna", secret.NewRecoveryKey(), ""); !errors.Is(err, secret.ErrNoRecovery) {
				t.Errorf("Recover before any: %v", err)
			}
			old, err := s.NewRecovery(made)
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.NewRecovery(made.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if at, err := s.Recovery(); err != nil || !at.Equal(made.Add(time.Hour)) {
				t.Errorf("made at %v, %v", at, err)
			}
			s.Drop()

			v := vault(dir, newMemory()) // a keyring that lost all
			if _, err := v.Open(ctx, "anna", phrase); !errors.Is(err, secret.ErrNotFound) {
				t.Fatalf("Open with a keyring that lost all: %v", err)
			}
			for _, wrong := range []secret.RecoveryKey{old, secret.NewRecoveryKey(), {}} {
				if _, err := v.Recover(ctx, "anna", wrong, ""); err == nil {
					t.Error("recovered with another key")
				}
			}
			if s, err = v.Recover(ctx, "anna", k, "nouvelle"); err != nil {
				t.Fatal(err)
			}
			if note, err := s.Box().Open("note", sealed); err != nil || string(note) != "mots" {
				t.Errorf("recovered: %q, %v", note, err)
			}
			s.Drop()
			if _, err := v.Open(ctx, "anna", phrase+"x"); !errors.Is(err, secret.ErrPassphrase) {
				t.Errorf("Open with no such passphrase: %v", err)
			}
			if s, err = v.Open(ctx, "anna", "nouvelle"); err != nil {
				t.Fatal(err)
			}
			if at, err := s.Recovery(); err != nil || at.IsZero() {
				t.Errorf("the recovery key is not good any more: %v, %v", at, err)
			}
			if err := v.Erase(ctx, "anna"); err != nil {
				t.Fatal(err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
				t.Errorf("erased, and %v is there", left)
			}
		})
	}
}

// A forgotten passphrase, with the token that was kept under it: the person is signed in, still.
//
// Rows: X-040
func TestRecoverPassphrase(t *testing.T) {
	for name, fail := range map[string]error{"in the keyring": nil, "without one": secret.ErrNoKeyring} {
		t.Run(name, func(t *testing.T) {
			dir, ring, ctx := t.TempDir(), newMemory(), t.Context()
			if ring.err = fail; fail != nil {
				ring.at = -1
			}
			s, err := vault(dir, ring).Create(ctx, "anna", "oubliée")
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.NewRecovery(made)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.PutRefresh(ctx, "jeton"); err != nil {
				t.Fatal(err)
			}
			v := vault(dir, ring)
			if _, err := v.Recover(ctx, "anna", k, ""); !errors.Is(err, fail) {
				t.Errorf("Recover without a passphrase: %v, want %v", err, fail)
			}
			if fail != nil { // nothing was changed
				if _, err := v.Open(ctx, "anna", "oubliée"); err != nil {
					t.Errorf("the passphrase is refused: %v", err)
				}
			}
			if _, err := v.Recover(ctx, "anna", k, "nouvelle"); err != nil {
				t.Fatal(err)
			}
			if s, err = v.Open(ctx, "anna", "nouvelle"); err != nil {
				t.Fatal(err)
			}
			if token, err := s.Refresh(ctx); err != nil || token != "jeton" {
				t.Errorf("token %q, %v", token, err)
			}
		})
	}
}

// Whoever signed in again after the loss has another key by now: the recovery key takes
// nothing from them, and opens what was kept before.
//
// Rows: X-040
func TestRecoverBeside(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	s, err := vault(dir, newMemory()).Create(ctx, "anna", "")
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.NewRecovery(made)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := s.Box().Seal("note", []byte("mots"))

	ring := newMemory()
	v := vault(dir, ring)
	now, err := v.Create(ctx, "anna", "")
	if err != nil {
		t.Fatal(err)
	}
	if at, err := now.Recovery(); err != nil || !at.IsZero() {
		t.Errorf("the new key has a recovery key of %v, %v", at, err)
	}
	if _, err := v.Recover(ctx, "anna", k, ""); !errors.Is(err, secret.ErrInUse) {
		t.Errorf("Recover over a key that works: %v, want ErrInUse", err)
	}
	k2, err := now.NewRecovery(made.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Unwrap("anna", k)
	if err != nil {
		t.Fatal(err)
	}
	if note, err := b.Open("note", sealed); err != nil || string(note) != "mots" {
		t.Errorf("what was kept before: %q, %v", note, err)
	}
	ring.at, ring.err = -1, secret.ErrLocked // it may answer yet
	if _, err := v.Recover(ctx, "anna", k, ""); !errors.Is(err, secret.ErrLocked) {
		t.Errorf("Recover beside a locked keyring: %v, want ErrLocked", err)
	}
	ring.at = 0
	if _, err := v.Open(ctx, "anna", ""); err != nil {
		t.Errorf("the key that works was lost: %v", err)
	}
	// Lost once more: the newer key comes back, or the older one.
	if _, err := vault(dir, newMemory()).Recover(ctx, "anna", k2, ""); err != nil {
		t.Errorf("the newer key: %v", err)
	}
	if _, err := vault(dir, newMemory()).Recover(ctx, "anna", k, ""); err != nil {
		t.Errorf("the older key: %v", err)
	}
}

// What is in memory alone has no recovery key, and a keyring that fails at any call of a
// recovery leaves one that works the next time.
//
// Rows: X-040
func TestRecoverFaults(t *testing.T) {
	ctx := t.Context()
	s, err := vault(t.TempDir(), newMemory()).New("anna")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewRecovery(made); !errors.Is(err, secret.ErrNoKeyring) {
		t.Errorf("a recovery key of nothing: %v, want ErrNoKeyring", err)
	}
	for _, after := range []bool{false, true} {
		for at := 1; at < 12; at++ {
			dir := t.TempDir()
			s, err := vault(dir, newMemory()).Create(ctx, "anna", "")
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.NewRecovery(made)
			if err != nil {
				t.Fatal(err)
			}
			sealed, _ := s.Box().Seal("note", []byte("mots"))
			ring := newMemory()
			ring.at, ring.err, ring.after = at, secret.ErrLocked, after
			v := vault(dir, ring)
			if s, err = v.Recover(ctx, "anna", k, ""); err != nil {
				if s, err = v.Recover(ctx, "anna", k, ""); err != nil {
					t.Fatalf("call %d failed: the next recovery says %v", at, err)
				}
			}
			if note, err := s.Box().Open("note", sealed); err != nil || string(note) != "mots" {
				t.Errorf("call %d failed: %q, %v", at, note, err)
			}
		}
	}
}

// What a newer program wrote may hold keys that this one cannot read: it is not written over.
//
// Rows: X-040
func TestRecoveryOfANewerProgram(t *testing.T) {
	dir := t.TempDir()
	s, err := vault(dir, newMemory()).Create(t.Context(), "anna", "")
	if err != nil {
		t.Fatal(err)
	}
	path, newer := filepath.Join(dir, "recovery-anna.json"), `{"format": 2, "shards": ["x"]}`
	if err := os.WriteFile(path, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewRecovery(made); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("NewRecovery beside a newer file: %v, want ErrSealed", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != newer {
		t.Errorf("it is %s, %v", b, err)
	}
}

func FuzzRecovery(f *testing.F) {
	dir := f.TempDir()
	s, err := vault(dir, newMemory()).Create(context.Background(), "p", "")
	if err != nil {
		f.Fatal(err)
	}
	k, err := s.NewRecovery(made)
	if err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "recovery-p.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, k.Text())
	f.Add([]byte(`{"format":1,"wraps":[{}]}`), "0")
	f.Fuzz(func(t *testing.T, text []byte, typed string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "recovery-p.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := secret.ParseRecoveryKey(typed)
		if err != nil {
			key = secret.NewRecoveryKey()
		}
		v := vault(dir, newMemory())
		if _, err := v.Unwrap("p", key); err == nil && !bytes.Contains(text, []byte("wraps")) {
			t.Error("opened what holds nothing")
		}
		if _, err := v.Recover(t.Context(), "p", secret.NewRecoveryKey(), ""); err == nil {
			t.Error("recovered with a key of nobody")
		}
	})
}
