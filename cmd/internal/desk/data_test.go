package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// What of each table is in an archive: a word that was put there, or why none is.
var archived = map[string]string{
	"device.setting":   "-of the computer, and of nobody",
	"device.mine":      "-of whoever has no account here; it is exported to them, as the person's own is",
	"device.outbox":    "motsignalement",
	"device.person":    "-looked at by itself, below",
	"account.setting":  "-looked at by itself, below",
	"account.mine":     "motbrouillon",
	"account.doc":      "motrecherche",
	"account.shadow":   "St. Anns, ON",
	"account.mutation": "-looked at by itself, below",
	"account.conflict": "-looked at by itself, below",
	"account.cursor":   "-looked at by itself, below",
	"account.epoch":    "-a count of the server's restores: nothing about the person",
	"account.client":   "-random names of this file: they stand in each change that was sent",
	"personal.item":    "motnote",
	"personal.proof":   "-proves the key; holds nothing",
}

// The archive holds what stands in each table of this computer, to read and for programs:
// nothing of a file's schema is forgotten. Without the server it is written all the same,
// and says what is not in it.
//
// Rows
func TestExport(t *testing.T) {
	h := newHall(t)
	d, ctx := h.desk(true), t.Context()
	d.register("ada@exemple.ca")
	own, err := d.Accounts.Personal(ctx, d.who())
	d.must(err)
	file, err := d.Accounts.Mine.File(ctx, true)
	d.must(err)

	worked := func(x seated, long string) {
		t.Helper()
		doc := record.Doc{"mode": json.RawMessage(`"default"`), "places": json.RawMessage(`["St. Anns, ON"]`), "experience": json.RawMessage(`{"63200":"` + long + `"}`)}
		x.must(x.Private.Put(ctx, x.profile(), doc))
		x.sync()
	}
	worked(d, "5")
	d.must(d.Device.SetSetting(ctx, cache.AutoSync, "off")) // it hears of nothing until it asks
	other := h.desk(true)
	other.signIn("ada@exemple.ca")
	other.sync()
	worked(other, "6")
	worked(d, "7")
	d.put("strict", "St. Anns, ON", "QC")
	p := posting.Posting{}
	p.ID, p.Number, p.Title = 77, 48_000_001, posting.Both{FR: "Motposte", EN: "Motposte"}
	p.Employer, p.Source = "Motemployeur", posting.Native
	d.must(own.Save(ctx, p, h.now()))
	_, err = own.SaveSearch(ctx, "motrecherche", query.Query{Words: "soudage"}, h.now())
	d.must(err)
	d.must(own.AddRecent(ctx, "motrecente", query.Query{Words: "cuisine"}, h.now()))
	d.must(own.Hide(ctx, cache.Hidden{Employer: "motcache"}, h.now()))
	d.must(own.Later(ctx, "https://exemple.ca/motlien", 0, h.now()))
	d.must(own.PutDraft(ctx, "page", []byte("motbrouillon"), h.now()))
	put(t, d.Desk, state.Alert{Name: "motalerte", Lang: i18n.French, Titles: []string{"63202"}})
	d.must(own.Queue(ctx, cache.KindReport, "k", []byte(`{"text":"motsignalement"}`), h.now()))
	d.must(personal.Write(ctx, file, personal.NoteID(48_000_001), personal.Note{Posting: 48_000_001, Text: "motnote"}, h.now()))
	d.must(personal.Write(ctx, file, "019a9f6e-0000-7000-8000-00000000000b", personal.Resume{Name: "Un/deux", Lang: "fr",
		Resume: map[string]json.RawMessage{"basics": json.RawMessage(`{"name":"Ada Essai"}`), "x-other": json.RawMessage(`1`)}}, h.now()))
	d.must(personal.Write(ctx, file, "019a9f6e-0000-7000-8000-00000000000c", personal.Reminder{Text: "motrappel", At: "2026-12-01T09:00", Zone: "America/Toronto"}, h.now()))
	d.must(personal.Write(ctx, file, "019a9f6e-0000-7000-8000-00000000000d",
		personal.Application{State: personal.ToApply, Title: "motposte", Next: "motprochain", Day: "2026-12-02"}, h.now()))

	path := filepath.Join(t.TempDir(), "tout.zip")
	got, err := d.Data().Export(ctx, path, i18n.French, nil)
	if err != nil || got.Missing != nil {
		t.Fatalf("export: %+v, %v", got, err)
	}
	files := unzip(t, path)
	if len(files) != got.Files {
		t.Errorf("it says %d files and holds %d", got.Files, len(files))
	}
	for _, name := range []string{"index.html", "this-computer.json", "server.json", "personal/note.json", "resumes/Un-deux.json", "calendar.ics"} {
		if files[name] == "" {
			t.Errorf("%s is not in it: %v", name, slices.Sorted(maps.Keys(files)))
		}
	}
	all := strings.Join(slices.Collect(maps.Values(files)), "\n")
	for _, word := range []string{"Motposte", "motrecherche", "motrecente", "motcache", "motlien", "motalerte", "motbrouillon", "motsignalement", "motnote", "motrappel", "motprochain",
		"ada@exemple.ca", "St. Anns, ON"} {
		if !strings.Contains(all, word) {
			t.Errorf("%s is not in it", word)
		}
	}
	for _, word := range []string{"Motposte", "motcache", "motlien", "motnote", "St. Anns, ON", `lang="fr-CA"`} {
		if !strings.Contains(files["index.html"], word) {
			t.Errorf("%s is not in the page to read", word)
		}
	}
	var resume map[string]any
	if err := json.Unmarshal([]byte(files["resumes/Un-deux.json"]), &resume); err != nil || resume["basics"] == nil || resume["x-other"] == nil {
		t.Errorf("résumé %v, %v", resume, err)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(files["calendar.ics"]))
	if err != nil || len(cal.Events()) != 2 {
		t.Errorf("calendar of %d events, %v", len(cal.Events()), err)
	}
	var server wire.MyData
	if err := json.Unmarshal([]byte(files["server.json"]), &server); err != nil || len(server.Account) == 0 || len(server.Records) == 0 {
		t.Errorf("server: %d rows, %d partitions, %v", len(server.Account), len(server.Records), err)
	}

	for file, name := range map[string]string{"device": "device.db", "account": "account-" + d.who() + ".db", "personal": "personal-" + d.who() + ".db"} {
		for _, table := range tables(t, filepath.Join(d.Dir, name)) {
			word, known := archived[file+"."+table]
			if !known {
				t.Errorf("%s of %s is not looked at by an export", table, name)
			} else if word[0] != '-' && !strings.Contains(all, word) {
				t.Errorf("%s of %s: %s is not in the archive", table, name, word)
			}
		}
	}
	var here cache.Everything
	if err := json.Unmarshal([]byte(files["this-computer.json"]), &here); err != nil {
		t.Fatal(err)
	}
	if here.Settings[cache.Account] == "" || here.Person == nil || here.Person.Name == "" || len(here.Outbox) == 0 || len(here.Records) < 4 || len(here.Server) == 0 || len(here.Cursors) == 0 ||
		len(here.Sent) == 0 || len(here.Conflicts) != 1 || here.Conflicts[0].Field != "experience" {
		t.Errorf("of this computer: %d settings, person %v, %d waiting, %d records, %d as the server said, %d partitions, %d sent, conflicts %+v",
			len(here.Settings), here.Person, len(here.Outbox), len(here.Records), len(here.Server), len(here.Cursors), len(here.Sent), here.Conflicts)
	}

	h.set(func() { h.down = time.Hour })
	got, err = d.Data().Export(ctx, path, i18n.English, nil)
	if files := unzip(t, path); err != nil || got.Missing == nil || files["server.json"] != "" || !strings.Contains(files["index.html"], i18n.For(i18n.English).S(i18n.PageDataNoServer)) {
		t.Errorf("without the server: %+v, %v; %v", got, err, slices.Sorted(maps.Keys(files)))
	}
	d.Accounts.Lock()
	if _, err := d.Data().Export(ctx, path, i18n.French, nil); !errors.Is(err, session.ErrLocked) {
		t.Errorf("locked: %v, want ErrLocked", err)
	}
}

// An archive is of one person: where another one comes to the desk while it is made, there is
// none. Neither is there one where it was stopped, and what is written goes through no link
// that somebody laid in its way.
//
// Rows
func TestExportOfOne(t *testing.T) {
	h := newHall(t)
	d, ctx := h.desk(false), t.Context()
	d.register("bela@exemple.ca")
	bela := d.who()
	d.must(d.Accounts.Mine.SetNote(ctx, 2, "mot deux"))
	d.must(d.Accounts.SignOut(ctx, false))
	d.register("ada@exemple.ca")
	d.must(d.Accounts.Mine.SetNote(ctx, 1, "mot un"))

	dir := t.TempDir()
	path, victim := filepath.Join(dir, "tout.zip"), filepath.Join(t.TempDir(), "victime")
	write(t, victim, []byte("mot"))
	if err := os.Symlink(victim, path+".part"); err != nil && runtime.GOOS != "windows" { // there it takes a privilege
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(ctx)
	_, err := d.Data().Export(stopped, path, i18n.French, func(done, _ int) {
		if done == 3 {
			stop()
		}
	})
	if _, e := os.Stat(path); !errors.Is(err, context.Canceled) || !errors.Is(e, os.ErrNotExist) {
		t.Errorf("stopped: %v, and the archive: %v", err, e)
	}
	_, err = d.Data().Export(ctx, path, i18n.French, func(done, _ int) {
		if done == 1 {
			d.Accounts.Lock()
			d.must(d.Accounts.Unlock(ctx, bela, ""))
		}
	})
	if _, e := os.Stat(path); !errors.Is(err, session.ErrLocked) || !errors.Is(e, os.ErrNotExist) {
		t.Errorf("another person came: %v, want ErrLocked; the archive: %v", err, e)
	}
	if _, err = d.Data().Export(ctx, path, i18n.French, nil); err != nil {
		t.Error(err)
	}
	if i, err := os.Lstat(path); err != nil || !i.Mode().IsRegular() || i.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the archive is %v, %v", i.Mode(), err)
	}
	if got := read(t, victim); string(got) != "mot" {
		t.Errorf("%d bytes were written through a link", len(got))
	}
}

func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(b)
	}
	return files
}

func tables(t *testing.T, path string) (names []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != "schema" {
			names = append(names, n)
		}
	}
	if len(names) == 0 || rows.Err() != nil {
		t.Fatalf("%s has tables %v, %v", path, names, rows.Err())
	}
	return names
}

// A backup goes to another computer, with the key on paper, and is taken in beside what is
// there. Whatever else is handed in is refused with a sentence, and nothing is lost.
//
// Rows
func TestBackupElsewhere(t *testing.T) {
	h := newHall(t)
	one, two, ctx := h.desk(false), h.desk(false), t.Context()
	one.register("ada@exemple.ca")
	two.register("bela@exemple.ca")
	one.must(one.Accounts.Mine.SetNote(ctx, 1, "mot un"))
	two.must(two.Accounts.Mine.SetNote(ctx, 2, "mot deux"))
	if made, err := one.Data().Recovery(ctx); err != nil || !made.IsZero() {
		t.Errorf("before a key was made: %v, %v", made, err)
	}
	key, err := one.Data().NewRecovery(ctx)
	one.must(err)
	if made, err := one.Data().Recovery(ctx); err != nil || made.IsZero() {
		t.Errorf("after a key was made: %v, %v", made, err)
	}
	path := filepath.Join(t.TempDir(), "sauvegarde")
	foreign := secret.NewRecoveryKey().Text()
	if _, err := one.Data().Backup(ctx, path, foreign, nil); !errors.Is(err, secret.ErrRecoveryKey) {
		t.Errorf("sealed with another key: %v, want ErrRecoveryKey", err)
	}
	n, err := one.Data().Backup(ctx, path, strings.ToLower(key), nil)
	if err != nil || n != 1 {
		t.Fatalf("backup of %d, %v", n, err)
	}
	body := read(t, path)
	if bytes.Contains(body, []byte("mot un")) {
		t.Error("the backup can be read")
	}
	for name, b := range map[string][]byte{"torn": body[:len(body)/2], "foreign": []byte("PK\x03\x04 not one"), "empty": nil} {
		bad := filepath.Join(t.TempDir(), "x")
		write(t, bad, b)
		if _, err := two.Data().Restore(ctx, bad, key, nil); !errors.Is(err, personal.ErrTorn) && !errors.Is(err, personal.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := two.Data().Restore(ctx, path, foreign, nil); !errors.Is(err, secret.ErrRecoveryKey) {
		t.Errorf("with another key: %v, want ErrRecoveryKey", err)
	}
	for _, want := range []int{1, 0} {
		if n, err := two.Data().Restore(ctx, path, key, nil); err != nil || n != want {
			t.Errorf("restored %d, %v; want %d", n, err, want)
		}
	}
	for id, want := range map[int64]string{1: "mot un", 2: "mot deux"} {
		if text, err := two.Accounts.Mine.Note(ctx, id); err != nil || text != want {
			t.Errorf("note %d on the other computer: %q, %v; want %q", id, text, err, want)
		}
	}
}

// A keyring that loses its entry costs nothing: the recovery key opens the same records.
//
// Rows: X-040
func TestKeyringLost(t *testing.T) {
	h := newHall(t)
	dir, ctx, keys := t.TempDir(), t.Context(), &ring{kept: map[string]string{}}
	open := func() seated {
		d, err := desk.Open(ctx, desk.Options{Dir: dir, Server: h.url, Keyring: keys, Now: h.now})
		if err != nil {
			t.Fatal(err)
		}
		return seated{d, h}
	}
	d := open()
	d.register("ada@exemple.ca")
	id := d.who()
	d.must(d.Accounts.Mine.SetNote(ctx, 1, "mot un"))
	d.put("default", "QC")
	key, err := d.Data().NewRecovery(ctx)
	d.must(err)
	d.must(d.Close())
	clear(keys.kept)

	d = open()
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Accounts.Unlock(ctx, id, ""); err == nil {
		t.Fatal("unlocked without a key")
	}
	if !d.Data().Recoverable(ctx, id) || d.Data().Recoverable(ctx, "somebody") {
		t.Error("whether a key was made is not told")
	}
	if err := d.Data().Recover(ctx, id, "ABCD", ""); !errors.Is(err, secret.ErrTyped) {
		t.Errorf("half a key: %v, want ErrTyped", err)
	}
	d.must(d.Data().Recover(ctx, id, key, ""))
	if text, err := d.Accounts.Mine.Note(ctx, 1); err != nil || text != "mot un" {
		t.Errorf("the note: %q, %v", text, err)
	}
	if got := d.shows(); got == "" || !slices.ContainsFunc(waiting(t, d), func(m cache.Mutation) bool { return m.Kind == "profile" }) {
		t.Errorf("the profile: %s, waiting %v", got, waiting(t, d))
	}
}

func waiting(t *testing.T, d seated) []cache.Mutation {
	t.Helper()
	all, err := d.Private.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A page with a secret on it goes with the program that opened it, and what a killed one left
// goes with the next; pages without one stay, for a browser may still be opening them.
//
// Rows: X-041
func TestBriefPagesGo(t *testing.T) {
	dir := t.TempDir()
	pages := func() (names []string) {
		all, err := os.ReadDir(filepath.Join(dir, "pages"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			names = append(names, e.Name())
		}
		return names
	}
	left := func() {
		if err := os.MkdirAll(filepath.Join(dir, "pages"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "pages", state.BriefPage+"key.html"), []byte("K1"))
		write(t, filepath.Join(dir, "pages", "posting.html"), []byte("P1"))
	}
	left()
	d, err := desk.Open(t.Context(), desk.Options{Dir: dir, Keyring: &ring{kept: map[string]string{}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := pages(); !slices.Equal(got, []string{"posting.html"}) {
		t.Errorf("after a program that was killed there are %q", got)
	}
	left()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := pages(); !slices.Equal(got, []string{"posting.html"}) {
		t.Errorf("after the end of the program there are %q", got)
	}
}
