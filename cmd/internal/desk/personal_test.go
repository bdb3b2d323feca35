package desk_test

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"passerelle/cmd/internal/desk"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/sync/session"
	"passerelle/ui/state"
)

var _ state.Notes = (*desk.Mine)(nil)

// A private note is its person's alone: closed by a lock, there again after, not the next
// person's, and gone with all that the desk kept when they are erased.
//
// Rows
func TestNotes(t *testing.T) {
	server := httptest.NewServer(&office{})
	t.Cleanup(server.Close)
	dir, ctx := t.TempDir(), t.Context()
	d := staffed(t, dir, server.URL, &ring{kept: map[string]string{}})
	t.Cleanup(func() { _ = d.Close() })
	mine := d.Accounts.Mine
	says := func(when string, n int64, want string) {
		t.Helper()
		if got, err := mine.Note(ctx, n); err != nil || got != want {
			t.Errorf("%s: note of %d is %q, %v; want %q", when, n, got, err, want)
		}
	}
	says("before anything", 48_000_001, "")
	if files, _ := filepath.Glob(filepath.Join(dir, "*local*")); len(files) != 0 {
		t.Errorf("reading made %v", files)
	}
	if err := mine.SetNote(ctx, 48_000_001, ""); err != nil {
		t.Errorf("nothing removed: %v", err)
	}
	if err := mine.SetNote(ctx, 48_000_001, "sans compte"); err != nil {
		t.Fatal(err)
	}
	says("without an account", 48_000_001, "sans compte")

	signIn(t, d, "anna")
	says("of the one who came", 48_000_001, "")
	if err := mine.SetNote(ctx, 48_000_001, "motsdanna"); err != nil {
		t.Fatal(err)
	}
	file, err := mine.File(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	d.Accounts.Lock()
	if _, err := mine.Note(ctx, 48_000_001); !errors.Is(err, session.ErrLocked) {
		t.Errorf("locked: %v, want ErrLocked", err)
	}
	if _, err := file.List(ctx, ""); !errors.Is(err, personal.ErrClosed) {
		t.Errorf("the file of who locked: %v, want ErrClosed", err)
	}
	if err := d.Accounts.Unlock(ctx, "anna", ""); err != nil {
		t.Fatal(err)
	}
	says("unlocked", 48_000_001, "motsdanna")
	if err := d.Accounts.SignOut(ctx, false); err != nil {
		t.Fatal(err)
	}
	says("signed out", 48_000_001, "sans compte")

	signIn(t, d, "bela")
	says("the next person", 48_000_001, "")
	if err := mine.SetNote(ctx, 48_000_001, "motsdebela"); err != nil {
		t.Fatal(err)
	}
	if err := d.Accounts.Forget(ctx, "anna"); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "personal-anna*")); len(files) != 0 {
		t.Errorf("forgotten, and %v is there", files)
	}
	says("the one who stays", 48_000_001, "motsdebela")
	if err := d.Accounts.SignOut(ctx, true); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "personal-bela*")); len(files) != 0 {
		t.Errorf("erased, and %v is there", files)
	}
	says("after all", 48_000_001, "sans compte")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if found := grep(t, dir, "motsdanna", "motsdebela", "sans compte", "48000001"); len(found) != 0 {
		t.Errorf("can be read: %v", found)
	}
}

// Without a keyring nobody in particular has notes, and who signed in keeps them no longer
// than all else; on a shared desk a visitor has none.
//
// Rows
func TestNotesUnkept(t *testing.T) {
	server := httptest.NewServer(&office{})
	t.Cleanup(server.Close)
	dir, ctx := t.TempDir(), t.Context()
	d := staffed(t, dir, server.URL, desk.NoKeyring)
	t.Cleanup(func() { _ = d.Close() })
	mine := d.Accounts.Mine
	if err := mine.SetNote(ctx, 1, "x"); !errors.Is(err, session.ErrNoKeyring) {
		t.Errorf("a note without a keyring: %v, want ErrNoKeyring", err)
	}
	if err := d.Device.SetSetting(ctx, cache.Shared, "1"); err != nil {
		t.Fatal(err)
	}
	if err := mine.SetNote(ctx, 1, "x"); !errors.Is(err, cache.ErrNoAccount) {
		t.Errorf("a visitor's note: %v, want ErrNoAccount", err)
	}
	signIn(t, d, "anna")
	if err := mine.SetNote(ctx, 1, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "personal-anna.db")); err != nil {
		t.Error(err)
	}
	d.Accounts.Lock()
	if files, _ := filepath.Glob(filepath.Join(dir, "personal-*")); len(files) != 0 {
		t.Errorf("kept under no key: %v", files)
	}
}
