package personal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/personal"
	"passerelle/store/secret"
	"passerelle/store/sqlite"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func box(t *testing.T, of byte) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(bytes.Repeat([]byte{of}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, dir, id string, b *secret.Box) *personal.File {
	t.Helper()
	f, err := personal.Open(t.Context(), dir, id, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func write[B personal.Body](t *testing.T, f *personal.File, id string, b B) {
	t.Helper()
	if err := personal.Write(t.Context(), f, id, b, noon); err != nil {
		t.Fatal(err)
	}
}

// full is one of each kind, and words that must be found in no file.
func full(t *testing.T, f *personal.File) (words []string) {
	t.Helper()
	write(t, f, personal.NoteID(48_123_457), personal.Note{Posting: 48_123_457, Text: "appeler la contremaîtresse jeudi"})
	write(t, f, "0198c000-0000-7000-8000-000000000001", personal.Resume{Name: "Soudage, version courte", Lang: "fr",
		Resume: map[string]json.RawMessage{"basics": json.RawMessage(`{"name":"Ada Essai","x-pronom":"elle"}`), "x-maison": json.RawMessage(`[1]`)}})
	write(t, f, "0198c000-0000-7000-8000-000000000002", personal.Letter{Name: "Lettre au chantier", Lang: "fr", Text: "Madame, je soude depuis vingt ans."})
	write(t, f, "0198c000-0000-7000-8000-000000000003", personal.Application{State: personal.Interview, Title: "Soudeuse de pipeline",
		Employer: "Chantiers Imaginaires", Next: "apporter les attestations", Day: "2026-12-01",
		Contacts: []personal.Contact{{Name: "Zoé Invention", Email: "zoe@exemple.ca"}}, Log: []personal.Event{{At: noon, State: personal.Applied}}})
	write(t, f, "0198c000-0000-7000-8000-000000000004", personal.Reminder{Text: "Entrevue au chantier", At: "2026-12-01T09:00", Zone: "America/Toronto"})
	write(t, f, "0198c000-0000-7000-8000-000000000005", personal.Target{What: "credential", IDs: []string{"ps:red-seal"}})
	return []string{"red-seal", "target", "contrema", "48123457", "Soudage", "Ada Essai", "x-pronom", "soude depuis", "Chantiers Imag", "attestations", "zoe@exemple",
		"Entrevue", "2026-12-01", "America/Toronto", "0198c000", "interview", "application", "reminder", "resume", "letter"}
}

// What is written is there after closing, the last changed first, and one kind at a time.
func TestItems(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	f := open(t, dir, "anna", box(t, 1))
	full(t, f)
	if err := f.Put(ctx, "poem", "x", json.RawMessage(`{"of a newer":"program"}`), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.List(ctx, ""); !errors.Is(err, personal.ErrClosed) {
		t.Errorf("a closed file lists: %v, want ErrClosed", err)
	}

	f = open(t, dir, "anna", box(t, 1))
	all, err := f.List(ctx, "")
	if err != nil || len(all) != 7 || all[0].Kind != "poem" {
		t.Fatalf("List: %v, %v; want seven, the last changed first", all, err)
	}
	notes, err := personal.All[personal.Note](ctx, f)
	if err != nil || len(notes) != 1 || notes[0].Body.Posting != 48_123_457 || !notes[0].Made.Equal(noon) {
		t.Errorf("notes: %+v, %v", notes, err)
	}
	cv, err := personal.Read[personal.Resume](ctx, f, "0198c000-0000-7000-8000-000000000001")
	if err != nil || string(cv.Resume["x-maison"]) != "[1]" || !strings.Contains(string(cv.Resume["basics"]), "x-pronom") {
		t.Errorf("a résumé has lost what this program does not know: %+v, %v", cv, err)
	}
	if err := f.Delete(ctx, personal.KindNote, personal.NoteID(48_123_457)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(ctx, personal.KindNote, personal.NoteID(48_123_457)); !errors.Is(err, personal.ErrNotFound) {
		t.Errorf("a deleted note: %v, want ErrNotFound", err)
	}
}

// An edit by this program leaves what a newer one wrote beside, and the moment of making.
func TestEditKeepsUnknown(t *testing.T) {
	ctx, f := t.Context(), open(t, t.TempDir(), "anna", box(t, 1))
	if err := f.Put(ctx, personal.KindNote, "7", json.RawMessage(`{"posting":7,"text":"a","colour":"blue"}`), noon); err != nil {
		t.Fatal(err)
	}
	if err := personal.Write(ctx, f, "7", personal.Note{Posting: 7, Text: "b"}, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	it, err := f.Get(ctx, personal.KindNote, "7")
	if err != nil || string(it.Body) != `{"colour":"blue","posting":7,"text":"b"}` || !it.Made.Equal(noon) || !it.Changed.Equal(noon.Add(time.Hour)) {
		t.Errorf("after an edit: %s made %s changed %s, %v", it.Body, it.Made, it.Changed, err)
	}
}

// Nothing that a person wrote can be read in the file, its log, or what lies beside: not the
// text, the kind, the number of the posting, nor the id.
//
// Rows
func TestNothingReadable(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, "anna", box(t, 1))
	words := full(t, f)
	look := func(when string, wal bool) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) == 0 || wal && !slices.Contains(files, filepath.Join(dir, "personal-anna.db-wal")) {
			t.Fatalf("%s: files %v, %v", when, files, err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range words {
				wide := strings.Join(strings.Split(w, ""), "\x00")
				if bytes.Contains(b, []byte(w)) || bytes.Contains(b, []byte(wide)) {
					t.Errorf("%s: %q can be read in %s", when, w, filepath.Base(name))
				}
			}
		}
	}
	look("while open", true)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed", false)
	if err := personal.SetAside(dir, "anna"); err != nil {
		t.Fatal(err)
	}
	open(t, dir, "anna-b", box(t, 1)) // another person, whose name begins alike
	if err := personal.Erase(dir, "anna"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "personal-anna.*"))
	if err != nil || len(files) != 0 {
		t.Errorf("after Erase: %v, %v", files, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "personal-anna-b.db")); err != nil {
		t.Errorf("the other person's file: %v", err)
	}
}

// A file opens with its own key alone, and what stands in one row does not open in another.
//
// Rows: X-041
func TestOtherKey(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, "anna", box(t, 1))
	full(t, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := personal.Open(t.Context(), dir, "anna", box(t, 2)); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("Open with another key: %v, want ErrSealed", err)
	}
	f = open(t, dir, "anna", box(t, 1))
	if f.Aside() != "" {
		t.Errorf("a file of another key was moved to %s", f.Aside())
	}
	write(t, f, "1", personal.Note{Posting: 1, Text: "une"})
	write(t, f, "2", personal.Note{Posting: 2, Text: "deux"})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "personal-anna.db")
	for _, swap := range []string{
		"UPDATE item SET body = (SELECT body FROM item b WHERE b.mark <> item.mark AND b.kind = item.kind ORDER BY mark LIMIT 1) WHERE kind = (SELECT kind FROM item GROUP BY kind HAVING COUNT(*) > 1)",
		"UPDATE item SET head = (SELECT head FROM item b WHERE b.mark <> item.mark ORDER BY mark LIMIT 1)",
		"UPDATE item SET mark = mark || 'x'",
	} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Writer.Exec(swap); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		f := open(t, dir, "anna", box(t, 1))
		if all, err := f.List(t.Context(), personal.KindNote); !errors.Is(err, secret.ErrSealed) {
			t.Errorf("%s: %v, %v; want ErrSealed", swap, all, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A damaged file is moved aside, one of a newer program is left as it is.
func TestDamagedAndNewer(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, "anna", box(t, 1))
	full(t, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "personal-anna.db")
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Writer.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := personal.Open(t.Context(), dir, "anna", box(t, 1)); !errors.Is(err, personal.ErrNewer) {
		t.Errorf("a newer file: %v, want ErrNewer", err)
	}
	if err := os.WriteFile(path, []byte("no database, but as long as the head of one would be: some hundred bytes and more, so that it is read"), 0o600); err != nil {
		t.Fatal(err)
	}
	f = open(t, dir, "anna", box(t, 1))
	if f.Aside() != path+".damaged-1" {
		t.Errorf("aside: %q", f.Aside())
	}
	if all, err := f.List(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("the new file holds %v, %v", all, err)
	}
}

// What is wrong is refused, and leaves what was there.
func TestRefused(t *testing.T) {
	ctx, f := t.Context(), open(t, t.TempDir(), "anna", box(t, 1))
	for name, err := range map[string]error{
		"a note about nothing":    personal.Write(ctx, f, "0", personal.Note{Text: "x"}, noon),
		"a state of no list":      personal.Write(ctx, f, "a", personal.Application{State: "soon"}, noon),
		"a day that is none":      personal.Write(ctx, f, "a", personal.Application{State: personal.ToApply, Day: "demain"}, noon),
		"a language of no list":   personal.Write(ctx, f, "a", personal.Resume{Lang: "xx"}, noon),
		"a zone of no list":       personal.Write(ctx, f, "a", personal.Reminder{At: "2026-12-01T09:00", Zone: "Mars/Sud"}, noon),
		"a zone that is anything": personal.Write(ctx, f, "a", personal.Reminder{At: "2026-12-01T09:00", Zone: "Local"}, noon),
		"a target of nothing":     personal.Write(ctx, f, "a", personal.Target{What: "skill"}, noon),
		"no object":               f.Put(ctx, personal.KindNote, "1", json.RawMessage(`[1]`), noon),
		"null":                    f.Put(ctx, personal.KindNote, "1", json.RawMessage(`null`), noon),
		"no id":                   f.Put(ctx, personal.KindNote, "", json.RawMessage(`{}`), noon),
		"too much":                f.Put(ctx, personal.KindNote, "1", json.RawMessage(`{"a":"`+strings.Repeat("a", personal.Most)+`"}`), noon),
	} {
		if err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	if all, err := f.List(ctx, ""); err != nil || len(all) != 0 {
		t.Errorf("kept all the same: %v, %v", all, err)
	}
}
