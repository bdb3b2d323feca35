package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/secret"
	"passerelle/store/sqlite"
)

func box(t testing.TB, n byte) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(bytes.Repeat([]byte{n}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func person(t *testing.T, dir, id string, b *secret.Box) *cache.Device {
	t.Helper()
	d, err := cache.OpenPerson(t.Context(), dir, id, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func ExampleOpenPerson() {
	dir, err := os.MkdirTemp("", "desk")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	b, _ := secret.NewBox(make([]byte, secret.KeySize)) // the data key that a vault holds
	mine, err := cache.OpenPerson(ctx, dir, "7", b)
	if err != nil {
		panic(err)
	}
	_ = mine.AddRecent(ctx, "soudeuse", query.Query{Words: "soudeuse"}, noon)
	_ = mine.Close()
	file, _ := os.ReadFile(filepath.Join(dir, "account-7.db"))
	fmt.Println(strings.Contains(string(file), "soudeuse"))
	fmt.Println(cache.Erase(dir, "7"))
	// Output:
	// false
	// <nil>
}

// words are what a person writes and what they look at: each is found nowhere.
var words = []string{"mot-recherche", "titre-enregistre", "lien-garde", "brouillon-prive", "nom-brouillon", "etiquette", "reglage-prive",
	"Atelier du Fleuve", "emploi@atelier.example", "soudeur"}

// write puts something of each kind into somebody's file.
func write(t *testing.T, d *cache.Device) {
	t.Helper()
	ctx := t.Context()
	q := query.Query{Words: "mot-recherche"}
	_, err := d.SaveSearch(ctx, "titre-enregistre", q, noon)
	err = errors.Join(err, d.AddRecent(ctx, "etiquette", q, noon), d.Save(ctx, job(), noon),
		d.Later(ctx, "https://lien-garde.example", 100_000_007, noon),
		d.PutDraft(ctx, "nom-brouillon", []byte("brouillon-prive"), noon), d.SetSetting(ctx, cache.Account, "reglage-prive"))
	if err != nil {
		t.Fatal(err)
	}
}

// find lists the words that occur in the files of a folder, their names included. They are
// long: sealed bytes spell two or three letters by chance.
func find(t *testing.T, dir string, words ...string) (found []string) {
	t.Helper()
	for _, w := range words {
		if len(w) < 5 {
			t.Fatalf("%q is too short to be looked for", w)
		}
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(text, []byte(w)) || strings.Contains(filepath.Base(path), w) {
				found = append(found, filepath.Base(path)+": "+w)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What a person keeps can be read with their key and found in no byte of any file: not
// while it is open, with its log, nor closed, nor after it was changed and deleted.
//
// Rows: X-041, X-059
func TestPersonsFileIsSealed(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	d := person(t, dir, "ada", box(t, 1))
	write(t, d)
	if found := find(t, dir, words...); len(found) != 0 {
		t.Errorf("while open: %v", found)
	}
	for name, got := range map[string]func() (string, error){
		"mot-recherche": func() (string, error) { r, err := d.Recent(ctx, 0); return r[0].Query.Words, err },
		"titre-enregistre": func() (string, error) {
			r, err := d.SavedSearches(ctx)
			return r[0].Label, err
		},
		"soudeur":                    func() (string, error) { r, err := d.Saved(ctx, noon); return r[0].Title.FR, err },
		"https://lien-garde.example": func() (string, error) { r, err := d.LaterList(ctx); return r[0].URL, err },
		"brouillon-prive":            func() (string, error) { b, err := d.Draft(ctx, "nom-brouillon"); return string(b), err },
		"reglage-prive":              func() (string, error) { return d.Setting(ctx, cache.Account) },
	} {
		if s, err := got(); err != nil || s != name {
			t.Errorf("read back %q, %v; want %q", s, err, name)
		}
	}
	if err := d.PutDraft(ctx, "nom-brouillon", nil, noon); err != nil {
		t.Fatal(err)
	}
	if b, err := d.Draft(ctx, "nom-brouillon"); err != nil || b != nil {
		t.Errorf("a forgotten draft: %q, %v", b, err)
	}
	if ok, err := d.IsSaved(ctx, 7); err != nil || !ok {
		t.Errorf("IsSaved: %v, %v", ok, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if found := find(t, dir, words...); len(found) != 0 {
		t.Errorf("once closed: %v", found)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("files once closed: %v, %v", files, err)
	}
	if _, err := cache.OpenPerson(ctx, dir, "ada", box(t, 2)); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("with another key: %v, want ErrSealed", err)
	}
}

// Records cannot be put in another's place, nor into another row of the same file.
//
// Rows: X-041
func TestRecordsStayWhereTheyAre(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	d := person(t, dir, "ada", box(t, 1))
	if err := errors.Join(d.PutDraft(ctx, "a", []byte("one"), noon), d.PutDraft(ctx, "b", []byte("two"), noon)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, "account-ada.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Writer.ExecContext(ctx, "UPDATE mine SET body = (SELECT body FROM mine ORDER BY n LIMIT 1)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	d = person(t, dir, "ada", box(t, 1))
	moved := 0
	for _, name := range []string{"a", "b"} {
		if _, err := d.Draft(ctx, name); errors.Is(err, secret.ErrSealed) {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d moved records were refused, want 1", moved)
	}
}

// Two people of one computer see nothing of each other's, and the desk shows each their
// own; who leaves leaves no byte, whatever copies an upgrade or damage had made.
//
// Rows: X-059
func TestTwoPeopleOfADesk(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	desk := open(t, filepath.Join(dir, "device.db"))
	first := person(t, dir, "ada", box(t, 1))
	write(t, first)
	if err := desk.PutPerson(ctx, cache.Person{ID: "ada", Name: "Prenom-ada", Email: "a…@exemple.ca", State: "active", Seen: noon}); err != nil {
		t.Fatal(err)
	}
	second := desk.With(person(t, dir, "zoe", box(t, 2)))
	for _, d := range []*cache.Device{second, desk} {
		recent, err1 := d.Recent(ctx, 0)
		searches, err2 := d.SavedSearches(ctx)
		saved, err3 := d.Saved(ctx, noon)
		links, err4 := d.LaterList(ctx)
		draft, err5 := d.Draft(ctx, "nom-brouillon")
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil || len(recent)+len(searches)+len(saved)+len(links)+len(draft) != 0 {
			t.Errorf("somebody else sees %v %v %v %v %q, %v", recent, searches, saved, links, draft, err)
		}
	}
	// What is the desk's is everybody's.
	if err := second.SetSetting(ctx, cache.Theme, "dark"); err != nil {
		t.Fatal(err)
	}
	if v, err := desk.Setting(ctx, cache.Theme); err != nil || v != "dark" {
		t.Errorf("theme %q, %v", v, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Recent(ctx, 0); err != nil {
		t.Errorf("closing a view closed the desk: %v", err)
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tail := range []string{".v1", ".damaged-1", ".damaged-1-wal", "-wal", "-shm"} {
		if err := os.WriteFile(filepath.Join(dir, "account-ada.db"+tail), []byte("reste-ada"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(cache.Erase(dir, "ada"), desk.ForgetPerson(ctx, "ada")); err != nil {
		t.Fatal(err)
	}
	if found := find(t, dir, append([]string{"Prenom-ada", "a…@exemple", "reste-ada", "-ada.", "reglage"}, words...)...); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
	if people, err := desk.People(ctx); err != nil || len(people) != 0 {
		t.Errorf("people %v, %v", people, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "account-zoe.db")); err != nil {
		t.Errorf("the other person's file: %v", err)
	}
	for _, id := range []string{"", "../zoe", "a/b", "*", strings.Repeat("x", 100)} {
		if err := cache.Erase(dir, id); err == nil {
			t.Errorf("Erase of %q", id)
		}
		if _, err := cache.OpenPerson(ctx, dir, id, box(t, 3)); err == nil {
			t.Errorf("OpenPerson of %q", id)
		}
	}
}

func TestPeople(t *testing.T) {
	d, ctx := fresh(t), t.Context()
	for i, id := range []string{"a", "b", "c", "a"} {
		if err := d.PutPerson(ctx, cache.Person{ID: id, Name: fmt.Sprint("n", i), Passphrase: id == "a", Seen: noon.AddDate(0, 0, i)}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.People(ctx)
	if err != nil || len(got) != 3 || got[0].ID != "a" || got[0].Name != "n3" || !got[0].Passphrase || !got[0].Seen.Equal(noon.AddDate(0, 0, 3)) || got[2].ID != "b" {
		t.Errorf("people %+v, %v", got, err)
	}
}

// A file whose key was lost is kept under another name.
func TestSetAside(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	d := person(t, dir, "ada", box(t, 1))
	write(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cache.SetAside(dir, "ada"); err != nil {
		t.Fatal(err)
	}
	d = person(t, dir, "ada", box(t, 2))
	if r, err := d.Recent(ctx, 0); err != nil || len(r) != 0 {
		t.Errorf("searches %v, %v", r, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "account-ada.db.damaged-1")); err != nil {
		t.Error(err)
	}
}

// A desk of before accounts keeps all it had.
func TestUpgradeOfADesk(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "device.db")
	db, err := sqlite.Open(ctx, path, sqlite.Options{Migrations: cache.Before()})
	if err != nil {
		t.Fatal(err)
	}
	j := job()
	for _, s := range []struct {
		text string
		args []any
	}{
		{"INSERT INTO setting (key, value) VALUES ('language', 'fr')", nil},
		{"INSERT INTO search (id, saved, label, query, at) VALUES (3, 0, 'récente', '{\"words\":\"un\"}', 1000), (9, 1, 'gardée', '{\"words\":\"un\"}', 2000)", nil},
		{"INSERT INTO saved (id, card, details, at) VALUES ($1, $2, $3, 3000)", []any{j.ID, j.Card.Bytes(), j.Details.Bytes()}},
		{"INSERT INTO later (url, number, at) VALUES ('https://b.example', 5, 2000), ('https://a.example', 7, 1000)", nil},
		{"INSERT INTO outbox (key, kind, body, state, at) VALUES ('k', 'report', '{}', 'queued', 1000)", nil},
	} {
		if _, err := db.Writer.ExecContext(ctx, s.text, s.args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	if v, err := d.Setting(ctx, cache.Language); err != nil || v != "fr" {
		t.Errorf("language %q, %v", v, err)
	}
	if r, err := d.Recent(ctx, 0); err != nil || len(r) != 1 || r[0].Label != "récente" {
		t.Errorf("recent %+v, %v", r, err)
	}
	if r, err := d.SavedSearches(ctx); err != nil || len(r) != 1 || r[0].Label != "gardée" || r[0].ID != "9" {
		t.Errorf("saved searches %+v, %v", r, err)
	}
	if r, err := d.Saved(ctx, noon); err != nil || len(r) != 1 || r[0].Title.FR != "soudeur" || r[0].State != posting.Shown || len(r[0].Apply) != 1 {
		t.Errorf("saved %+v, %v", r, err)
	}
	if ok, err := d.IsSaved(ctx, j.ID); err != nil || !ok {
		t.Errorf("IsSaved: %v, %v", ok, err)
	}
	if r, err := d.LaterList(ctx); err != nil || len(r) != 2 || r[0].URL != "https://a.example" || r[0].Number != 7 {
		t.Errorf("reading list %+v, %v", r, err)
	}
	if r, err := d.Waiting(ctx); err != nil || len(r) != 1 || !slices.ContainsFunc(r, func(i cache.Item) bool { return i.Key == "k" }) {
		t.Errorf("outbox %+v, %v", r, err)
	}
}
