package desk_test

import (
	"errors"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"passerelle/cmd/internal/desk"
	"passerelle/store/secret"
	"passerelle/sync/session"
)

// A keyring that lost everything takes nothing from who wrote the recovery key down: it opens
// what they wrote, with the session or a passphrase gone or not; another key opens nothing.
//
// Rows
func TestRecover(t *testing.T) {
	server := httptest.NewServer(&office{})
	t.Cleanup(server.Close)
	for name, phrase := range map[string]string{"": "", "with a new passphrase": "nouvelle"} {
		t.Run(name, func(t *testing.T) {
			dir, ctx := t.TempDir(), t.Context()
			d := staffed(t, dir, server.URL, &ring{kept: map[string]string{}})
			signIn(t, d, "anna")
			if at, err := d.Accounts.Recovery(ctx); err != nil || !at.IsZero() {
				t.Errorf("before any: %v, %v", at, err)
			}
			if err := d.Accounts.Mine.SetNote(ctx, 1, "motsdanna"); err != nil {
				t.Fatal(err)
			}
			key, err := d.Accounts.NewRecovery(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Accounts.Owns(ctx, key); err != nil {
				t.Errorf("her own key: %v", err)
			}
			if err := d.Accounts.Owns(ctx, secret.NewRecoveryKey()); !errors.Is(err, session.ErrRecoveryKey) {
				t.Errorf("another key: %v", err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}

			d = staffed(t, dir, server.URL, &ring{kept: map[string]string{}}) // a keyring that lost all
			defer func() { _ = d.Close() }()
			if err := d.Accounts.Unlock(ctx, "anna", ""); !errors.Is(err, session.ErrSignIn) {
				t.Fatalf("unlock: %v, want ErrSignIn", err)
			}
			if !d.Accounts.Recoverable("anna") || d.Accounts.Recoverable("bela") || d.Accounts.Recoverable("") {
				t.Error("who can be recovered is told wrong")
			}
			if err := d.Accounts.Recover(ctx, "anna", secret.NewRecoveryKey(), phrase); !errors.Is(err, session.ErrRecoveryKey) {
				t.Errorf("another key: %v, want ErrRecoveryKey", err)
			}
			if err := d.Accounts.Recover(ctx, "bela", key, phrase); !errors.Is(err, session.ErrNoRecovery) {
				t.Errorf("another person: %v, want ErrNoRecovery", err)
			}
			if st := d.Accounts.Standing(); st.Mode != session.Nobody {
				t.Fatalf("after wrong keys: %+v", st)
			}
			if err := d.Accounts.Recover(ctx, "anna", key, phrase); err != nil {
				t.Fatal(err)
			}
			if st := d.Accounts.Standing(); st.Mode != session.Local || st.Person.ID != "anna" || st.Person.Passphrase != (phrase != "") {
				t.Errorf("recovered: %+v", st)
			}
			if n, err := d.Accounts.Mine.Note(ctx, 1); err != nil || n != "motsdanna" {
				t.Errorf("note: %q, %v", n, err)
			}
			d.Accounts.Lock()
			if err := d.Accounts.Unlock(ctx, "anna", phrase); err != nil {
				t.Errorf("unlock the next time: %v", err)
			}
			if at, err := d.Accounts.Recovery(ctx); err != nil || at.IsZero() {
				t.Errorf("the key is not good any more: %v, %v", at, err)
			}
		})
	}
}

// Who signed in again before they found the paper has both: what they wrote since, and what
// they wrote before. So has nobody in particular.
//
// Rows
func TestRecoverLater(t *testing.T) {
	server := httptest.NewServer(&office{})
	t.Cleanup(server.Close)
	for _, who := range []string{"anna", ""} {
		t.Run("of "+who, func(t *testing.T) {
			dir, ctx := t.TempDir(), t.Context()
			d := staffed(t, dir, server.URL, &ring{kept: map[string]string{}})
			come := func() {
				t.Helper()
				if who != "" {
					signIn(t, d, who)
				}
			}
			set := func(n int64, text string) {
				t.Helper()
				if err := d.Accounts.Mine.SetNote(ctx, n, text); err != nil {
					t.Fatal(err)
				}
			}
			come()
			set(1, "avant")
			set(2, "avant")
			key, err := d.Accounts.NewRecovery(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			d = staffed(t, dir, server.URL, &ring{kept: map[string]string{}})
			defer func() { _ = d.Close() }()
			come()
			set(1, "depuis")
			set(3, "depuis")
			if at, err := d.Accounts.Recovery(ctx); err != nil || !at.IsZero() {
				t.Errorf("the new data key has a recovery key: %v, %v", at, err)
			}
			for range 2 { // the second time there is nothing left to do
				if err := d.Accounts.Recover(ctx, who, key, ""); err != nil {
					t.Fatal(err)
				}
				for n, want := range map[int64]string{1: "depuis\n\navant", 2: "avant", 3: "depuis"} {
					if got, err := d.Accounts.Mine.Note(ctx, n); err != nil || got != want {
						t.Errorf("note %d: %q, %v; want %q", n, got, err, want)
					}
				}
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "personal-*.sealed-*")); len(files) != 0 {
				t.Errorf("taken in, and %v is there", files)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if found := grep(t, dir, "depuis", "avant"); len(found) != 0 {
				t.Errorf("can be read: %v", found)
			}
		})
	}
}

// Nobody in particular, before anything was made: nothing is asked of a keyring.
func TestRecoverLost(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	k := &ring{kept: map[string]string{}}
	d := staffed(t, dir, "", k)
	if at, err := d.Accounts.Recovery(ctx); err != nil || !at.IsZero() || len(k.kept) != 0 {
		t.Errorf("before anything: %v, %v, and %d entries", at, err, len(k.kept))
	}
	key, err := d.Accounts.NewRecovery(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Accounts.Mine.SetNote(ctx, 1, "avant"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = staffed(t, dir, "", &ring{kept: map[string]string{}}) // lost; nothing was written since
	defer func() { _ = d.Close() }()
	if n, err := d.Accounts.Mine.Note(ctx, 1); err != nil || n != "" {
		t.Errorf("lost: %q, %v", n, err)
	}
	if err := d.Accounts.Recover(ctx, "", key, ""); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Accounts.Mine.Note(ctx, 1); err != nil || n != "avant" {
		t.Errorf("recovered: %q, %v", n, err)
	}
	none := staffed(t, t.TempDir(), "", desk.NoKeyring)
	defer func() { _ = none.Close() }()
	if _, err := none.Accounts.NewRecovery(ctx); !errors.Is(err, session.ErrNoKeyring) {
		t.Errorf("a recovery key of nothing: %v, want ErrNoKeyring", err)
	}
}
