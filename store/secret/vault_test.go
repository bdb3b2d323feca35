package secret_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/secret"
)

// memory is a keyring in memory that can fail at any call, before it does it or after.
type memory struct {
	mu    sync.Mutex
	has   map[string]string
	calls int
	at    int   // the call that fails, counted from 1; 0: none; -1: all
	after bool  // it is done all the same
	err   error // what it fails with
}

func newMemory() *memory { return &memory{has: map[string]string{}} }

// fails says whether this call does, and whether it is done.
func (m *memory) fails() (err error, done bool) {
	m.calls++
	if m.at == -1 || m.calls == m.at {
		return m.err, m.after
	}
	return nil, true
}

func (m *memory) Get(_ context.Context, service, user string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err, _ := m.fails(); err != nil {
		return "", err
	}
	v, ok := m.has[service+":"+user]
	if !ok {
		return "", secret.ErrNotFound
	}
	return v, nil
}

func (m *memory) Set(_ context.Context, service, user, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err, done := m.fails()
	if done {
		m.has[service+":"+user] = value
	}
	return err
}

func (m *memory) Delete(_ context.Context, service, user string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err, done := m.fails()
	if done {
		if _, ok := m.has[service+":"+user]; !ok && err == nil {
			return secret.ErrNotFound
		}
		delete(m.has, service+":"+user)
	}
	return err
}

var faults = []error{secret.ErrNoKeyring, secret.ErrLocked, secret.ErrTooBig, context.DeadlineExceeded}

func vault(dir string, m secret.Keyring) *secret.Vault {
	return secret.NewVault(dir, secret.VaultOptions{Keyring: m, Cost: secret.Cheap})
}

func ExampleVault() {
	dir, err := os.MkdirTemp("", "vault")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	v := vault(dir, newMemory()) // secret.NewVault(dir, secret.VaultOptions{}) is the system's
	s, err := v.Create(ctx, "7", "")
	if err != nil {
		panic(err)
	}
	_ = s.PutRefresh(ctx, "a token")
	sealed, _ := s.Box().Seal("note/1", []byte("my note"))
	s.Drop()

	s, err = v.Open(ctx, "7", "")
	note, _ := s.Box().Open("note/1", sealed)
	token, _ := s.Refresh(ctx)
	fmt.Println(string(note), "·", token, "·", s.Kept().Holder, err)
	// Output: my note · a token · keyring <nil>
}

// A keyring that fails at any call of any operation, in any of its ways, costs nothing that
// was kept: afterwards the key opens what it sealed, the token is the old one or the new
// one, and nothing lies about in plain text.
//
// Rows: X-040
func TestFaultMatrix(t *testing.T) {
	ctx := t.Context()
	operations := map[string]func(s *secret.Secrets, v *secret.Vault) error{
		"put":       func(s *secret.Secrets, _ *secret.Vault) error { return s.PutRefresh(ctx, "token-2") },
		"protect":   func(s *secret.Secrets, _ *secret.Vault) error { return s.Protect(ctx, "phrase") },
		"unprotect": func(s *secret.Secrets, _ *secret.Vault) error { return s.Protect(ctx, "") },
		"open":      func(_ *secret.Secrets, v *secret.Vault) error { _, err := v.Open(ctx, "p", ""); return err },
		"refresh":   func(s *secret.Secrets, _ *secret.Vault) error { _, err := s.Refresh(ctx); return err },
	}
	met := map[string]int{}
	for name, do := range operations {
		for i, fault := range faults {
			for _, after := range []bool{false, true} {
				if after && i == 0 {
					continue // where there is none, nothing is done late
				}
				for _, first := range []string{"", "before"} {
					for at := 1; at < 20; at++ {
						m := newMemory()
						dir := t.TempDir()
						v := vault(dir, m)
						s, err := v.Create(ctx, "p", first)
						if err != nil {
							t.Fatal(err)
						}
						if err := s.PutRefresh(ctx, "token-1"); err != nil {
							t.Fatal(err)
						}
						sealed, err := s.Box().Seal("x", []byte("body"))
						if err != nil {
							t.Fatal(err)
						}
						m.calls, m.at, m.after, m.err = 0, at, after, fault
						failed := do(s, v)
						over := m.calls < at // the operation makes fewer calls than that
						m.at = 0
						what := fmt.Sprintf("%s, call %d, %v, done %v, passphrase %q, answered %v", name, at, fault, after, first, failed)

						phrases := []string{first, "phrase", ""}
						var found *secret.Secrets
						for _, phrase := range phrases { // the program begins anew
							if found, err = vault(dir, m).Open(ctx, "p", phrase); err == nil {
								break
							}
							if !errors.Is(err, secret.ErrPassphrase) {
								t.Fatalf("%s: then Open: %v", what, err)
							}
						}
						if found == nil {
							t.Fatalf("%s: then no passphrase opens it: %v", what, err)
						}
						if body, err := found.Box().Open("x", sealed); err != nil || string(body) != "body" {
							t.Fatalf("%s: then what was sealed: %q, %v", what, body, err)
						}
						token, err := found.Refresh(ctx)
						if err != nil || token != "token-1" && token != "token-2" || failed == nil && name == "put" && token != "token-2" {
							t.Fatalf("%s: then the token is %q, %v", what, token, err)
						}
						if text, err := os.ReadFile(filepath.Join(dir, "vault-p.json")); err != nil || strings.Contains(string(text), "token") || strings.Contains(string(text), "phrase\"") && !strings.Contains(string(text), `"holder": "passphrase"`) {
							t.Fatalf("%s: the file is %s, %v", what, text, err)
						}
						for k, x := range m.has {
							if len(x) >= 2560 || strings.Contains(x, "token") {
								t.Fatalf("%s: entry %s is %q", what, k, x)
							}
						}
						if err := v.Erase(ctx, "p"); err != nil {
							t.Fatalf("%s: then Erase: %v", what, err)
						}
						if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
							t.Fatalf("%s: after Erase: %v, %v", what, files, err)
						}
						if over {
							break
						}
						met[name]++
					}
				}
			}
		}
	}
	for name := range operations {
		if met[name] == 0 {
			t.Errorf("nothing failed in %s", name)
		}
	}
}

// Create answers with the keyring's own error and keeps nothing; with a passphrase, it
// keeps in the file, and says so.
//
// Rows: X-040
func TestCreateWithoutKeyring(t *testing.T) {
	ctx := t.Context()
	for _, fault := range faults {
		m, dir := newMemory(), t.TempDir()
		m.at, m.err = -1, fault
		v := vault(dir, m)
		if _, err := v.Create(ctx, "p", ""); !errors.Is(err, fault) {
			t.Errorf("Create: %v, want %v", err, fault)
		}
		if _, err := v.Kept("p"); !errors.Is(err, secret.ErrNotFound) {
			t.Errorf("Kept: %v", err)
		}
		s, err := v.Create(ctx, "p", "ma phrase de passe")
		if err != nil {
			t.Fatal(err)
		}
		if k, err := v.Kept("p"); err != nil || k != (secret.Kept{Holder: secret.InFile, Passphrase: true}) || s.Kept() != k {
			t.Errorf("Kept: %+v, %v", k, err)
		}
		if err := errors.Join(s.PutRefresh(ctx, "one"), s.PutRefresh(ctx, "two")); err != nil {
			t.Fatal(err)
		}
		s.Drop()
		if _, err := s.Refresh(ctx); !errors.Is(err, secret.ErrLocked) {
			t.Errorf("Refresh once dropped: %v", err)
		}
		if err := s.Protect(ctx, "x"); !errors.Is(err, secret.ErrLocked) {
			t.Errorf("Protect once dropped: %v", err)
		}
		for phrase, want := range map[string]error{"": secret.ErrPassphrase, "autre": secret.ErrPassphrase, "ma phrase de passe": nil} {
			s, err := v.Open(ctx, "p", phrase)
			if !errors.Is(err, want) {
				t.Errorf("Open(%q): %v, want %v", phrase, err, want)
			}
			if err == nil {
				if token, err := s.Refresh(ctx); err != nil || token != "two" {
					t.Errorf("token %q, %v", token, err)
				}
			}
		}
		if err := v.Erase(ctx, "p"); err != nil {
			t.Errorf("Erase: %v", err)
		}
	}
}

// An entry that was changed or lost is told from a passphrase that is wrong, and from a
// keyring that is shut.
//
// Rows: X-040
func TestDamagedEntries(t *testing.T) {
	ctx := t.Context()
	for _, phrase := range []string{"", "phrase"} {
		for _, part := range []string{"/key", "/a"} {
			for name, damage := range map[string]func(m *memory, k string){
				"lost":    func(m *memory, k string) { delete(m.has, k) },
				"no text": func(m *memory, k string) { m.has[k] = "€€€" },
				"empty":   func(m *memory, k string) { m.has[k] = "" },
				"another": func(m *memory, k string) { m.has[k] = strings.Repeat("A", len(m.has[k])) },
			} {
				m, dir := newMemory(), t.TempDir()
				s, err := vault(dir, m).Create(ctx, "p", phrase)
				if err == nil {
					err = s.PutRefresh(ctx, "token")
				}
				if err != nil {
					t.Fatal(err)
				}
				keys := slices.DeleteFunc(slices.Collect(maps.Keys(m.has)), func(k string) bool { return !strings.HasSuffix(k, part) })
				if len(keys) != 1 {
					t.Fatalf("entries %v", m.has)
				}
				damage(m, keys[0])
				s, err = vault(dir, m).Open(ctx, "p", phrase)
				want := secret.ErrSealed
				if name == "lost" {
					want = secret.ErrNotFound
				}
				if part == "/key" {
					if phrase != "" && name != "lost" && name != "no text" {
						want = secret.ErrPassphrase // the two cannot be told apart
					}
					if !errors.Is(err, want) {
						t.Errorf("%s key, passphrase %q: %v, want %v", name, phrase, err, want)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Refresh(ctx); !errors.Is(err, want) {
					t.Errorf("%s token: %v, want %v", name, err, want)
				}
				if err := s.PutRefresh(ctx, "next"); err != nil {
					t.Errorf("a token after a %s one: %v", name, err)
				}
				if token, err := s.Refresh(ctx); err != nil || token != "next" {
					t.Errorf("token %q, %v", token, err)
				}
			}
		}
	}
}

// A disk that takes nothing leaves the secrets as they were: the old entry of the keyring
// goes only once the file names the new one.
//
// Rows: X-040
func TestFileCannotBeWritten(t *testing.T) {
	for _, to := range []string{"", "phrase"} {
		ctx, m, dir := t.Context(), newMemory(), filepath.Join(t.TempDir(), "desk")
		s, err := vault(dir, m).Create(ctx, "p", "before")
		if err == nil {
			err = s.PutRefresh(ctx, "token")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Rename(dir, dir+"-away"), os.WriteFile(dir, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := s.Protect(ctx, to); err == nil {
			t.Error("Protect wrote where nothing can be written")
		}
		if err := errors.Join(os.Remove(dir), os.Rename(dir+"-away", dir)); err != nil {
			t.Fatal(err)
		}
		for _, again := range []func() (*secret.Secrets, error){
			func() (*secret.Secrets, error) { return s, nil },
			func() (*secret.Secrets, error) { return vault(dir, m).Open(ctx, "p", "before") },
		} {
			s, err := again()
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			if token, err := s.Refresh(ctx); err != nil || token != "token" {
				t.Errorf("token %q, %v", token, err)
			}
		}
	}
}

// What the keyring would not give up is remembered without the person's secrets, and goes
// when it can.
//
// Rows: X-040, X-059
func TestEraseLater(t *testing.T) {
	ctx, m, dir := t.Context(), newMemory(), t.TempDir()
	v := vault(dir, m)
	if _, err := v.Create(ctx, "p", ""); err != nil {
		t.Fatal(err)
	}
	m.at, m.err = -1, secret.ErrLocked
	if err := v.Erase(ctx, "p"); !errors.Is(err, secret.ErrLocked) {
		t.Errorf("Erase: %v", err)
	}
	if _, err := v.Open(ctx, "p", ""); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("Open once erased: %v", err)
	}
	m.at = 0
	if err := v.Erase(ctx, "p"); err != nil || len(m.has) != 0 {
		t.Errorf("Erase: %v, left %v", err, m.has)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("files %v, %v", files, err)
	}
	if _, err := v.Create(ctx, "../p", ""); err == nil {
		t.Error("a person's name led out of the folder")
	}
	s, err := v.New("p")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutRefresh(ctx, strings.Repeat("x", 2560)); err != nil {
		t.Fatal(err) // in memory
	}
	if err := s.Protect(ctx, ""); !errors.Is(err, secret.ErrTooBig) {
		t.Errorf("a secret of 2,560 bytes: %v, want ErrTooBig", err)
	}
}

// Two people of a desk, in any order of operations, never touch each other's secrets, and
// what was put last is what is found.
//
// Rows: X-040
func TestVaultModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ctx, m := t.Context(), newMemory()
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		v := vault(dir, m)
		type person struct {
			s             *secret.Secrets
			sealed        []byte
			token, phrase string
		}
		have := map[string]*person{}
		who := func(rt *rapid.T) (string, *person) {
			id := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "person")
			if have[id] == nil {
				s, err := v.Create(ctx, id, "")
				if err != nil {
					rt.Fatal(err)
				}
				sealed, err := s.Box().Seal("x", []byte(id))
				if err != nil {
					rt.Fatal(err)
				}
				have[id] = &person{s: s, sealed: sealed}
			}
			return id, have[id]
		}
		n := 0
		actions := map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				_, p := who(rt)
				n++
				p.token = rapid.SampledFrom([]string{fmt.Sprint("token-", n), ""}).Draw(rt, "token")
				if err := p.s.PutRefresh(ctx, p.token); err != nil {
					rt.Fatal(err)
				}
			},
			"protect": func(rt *rapid.T) {
				_, p := who(rt)
				p.phrase = rapid.SampledFrom([]string{"", "un", "deux"}).Draw(rt, "phrase")
				if err := p.s.Protect(ctx, p.phrase); err != nil {
					rt.Fatal(err)
				}
			},
			"reopen": func(rt *rapid.T) {
				id, p := who(rt)
				s, err := v.Open(ctx, id, p.phrase)
				if err != nil {
					rt.Fatal(err)
				}
				p.s.Drop()
				p.s = s
			},
			"erase": func(rt *rapid.T) {
				id, _ := who(rt)
				if err := v.Erase(ctx, id); err != nil {
					rt.Fatal(err)
				}
				delete(have, id)
			},
		}
		check := func() {
			entries := 0
			for id, p := range have {
				if body, err := p.s.Box().Open("x", p.sealed); err != nil || string(body) != id {
					rt.Fatalf("%s opens %q, %v", id, body, err)
				}
				token, err := p.s.Refresh(ctx)
				if p.token == "" && !errors.Is(err, secret.ErrNotFound) || p.token != "" && (err != nil || token != p.token) {
					rt.Fatalf("token of %s is %q, %v; want %q", id, token, err, p.token)
				}
				entries++
				if p.token != "" {
					entries++
				}
			}
			if len(m.has) != entries {
				rt.Fatalf("the keyring has %d entries, want %d", len(m.has), entries)
			}
		}
		// Few steps a run: each waits for the disk.
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			actions[rapid.SampledFrom([]string{"put", "protect", "reopen", "erase"}).Draw(rt, "action")](rt)
			check()
		}
	})
}

func FuzzVault(f *testing.F) {
	m, dir := newMemory(), f.TempDir()
	for i, phrase := range []string{"", "x"} {
		if i == 1 {
			m.at, m.err = -1, secret.ErrNoKeyring
		}
		if _, err := vault(dir, m).Create(context.Background(), "p", phrase); err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "vault-p.json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"format":1,"holder":"passphrase","cost":{"memory":4294967295,"passes":4294967295,"lanes":255}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var cost struct{ Cost *secret.Argon2 }
		if json.Unmarshal(text, &cost) == nil && cost.Cost != nil && cost.Cost.Memory < 1<<21 && cost.Cost.Memory > 1<<10 {
			return // a passphrase may cost that much
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "vault-p.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if s, err := vault(dir, newMemory()).Open(t.Context(), "p", "y"); err == nil {
			t.Errorf("opened with another passphrase: %+v", s.Kept())
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("took %s", d)
		}
	})
}
