package personal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/personal"
	"passerelle/store/secret"
)

func backup(t testing.TB, f *personal.File, k secret.RecoveryKey) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := f.Backup(t.Context(), &out, k, noon, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func restore(t testing.TB, f *personal.File, b []byte, k secret.RecoveryKey) personal.Restored {
	t.Helper()
	got, err := f.Restore(t.Context(), bytes.NewReader(b), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// bodies are all that a file holds.
func bodies(t testing.TB, f *personal.File) map[string]string {
	t.Helper()
	all, err := f.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, it := range all {
		m[string(it.Kind)+" "+it.ID] = fmt.Sprintf("%s %s %s", it.Made, it.Changed, it.Body)
	}
	return m
}

// A backup carries everything to a computer with another data key, and nobody can read it.
// Taken in once more it changes nothing.
//
// Rows
func TestBackup(t *testing.T) {
	f, k := open(t, t.TempDir(), "anna", box(t, 1)), secret.NewRecoveryKey()
	words := full(t, f)
	if err := f.Put(t.Context(), "poem", "x", json.RawMessage(`{"of a newer" : "<program>"}`), noon); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	told := 0
	n, err := f.Backup(t.Context(), &out, k, noon, func(done, total int) {
		if told++; done != told || total != 7 {
			t.Errorf("told %d of %d", done, total)
		}
	})
	if err != nil || n != 7 || told != 7 {
		t.Fatalf("Backup: %d items, %v, told %d times", n, err, told)
	}
	for _, w := range append(words, "poem", "program") {
		if bytes.Contains(out.Bytes(), []byte(w)) {
			t.Errorf("%q can be read in the backup", w)
		}
	}
	there := open(t, t.TempDir(), "anna", box(t, 2))
	if got := restore(t, there, out.Bytes(), k); got != (personal.Restored{Items: 7, Added: 7}) {
		t.Errorf("restored: %+v", got)
	}
	want := bodies(t, f)
	if got := bodies(t, there); !maps.Equal(got, want) {
		t.Errorf("there:\n%v\nwant\n%v", got, want)
	}
	if got := restore(t, there, out.Bytes(), k); got != (personal.Restored{Items: 7, Same: 7}) {
		t.Errorf("restored once more: %+v", got)
	}
	if got := bodies(t, there); !maps.Equal(got, want) {
		t.Errorf("once more: %v", got)
	}
}

// Nothing that is here is lost to a backup, and nothing of it is: what was edited on one
// side alone is the edited one, what was edited on both is there twice, two notes of a
// posting are one.
func TestRestoreBeside(t *testing.T) {
	ctx, k := t.Context(), secret.NewRecoveryKey()
	f := open(t, t.TempDir(), "anna", box(t, 1))
	note := func(f *personal.File, n int64, text string) {
		write(t, f, personal.NoteID(n), personal.Note{Posting: n, Text: text})
	}
	letter := func(f *personal.File, id, text string) { write(t, f, id, personal.Letter{Lang: "fr", Text: text}) }
	for n := range int64(5) {
		note(f, n+1, "avant")
	}
	for _, id := range []string{"here", "there", "both"} {
		letter(f, id, "avant")
	}
	old := backup(t, f, k)
	there := open(t, t.TempDir(), "anna", box(t, 2))
	restore(t, there, old, k)

	note(f, 1, "ici")
	note(there, 2, "là")
	note(f, 3, "ici")
	note(there, 3, "là")
	note(f, 4, "avant et après")
	note(there, 4, "avant et après, longtemps")
	letter(f, "here", "ici")
	letter(there, "there", "là")
	letter(f, "both", "ici")
	letter(there, "both", "là")
	note(there, 9, "neuf")
	if err := f.Delete(ctx, personal.KindNote, "5"); err != nil {
		t.Fatal(err)
	}

	newer := backup(t, there, k)
	if got := restore(t, f, newer, k); got != (personal.Restored{Items: 9, Added: 2, Newer: 2, Copied: 3, Same: 2}) {
		t.Errorf("restored: %+v", got)
	}
	for id, want := range map[string]string{"1": "ici", "2": "là", "3": "ici\n\nlà", "4": "avant et après, longtemps", "5": "avant", "9": "neuf"} {
		if n, err := personal.Read[personal.Note](ctx, f, id); err != nil || n.Text != want {
			t.Errorf("note %s: %q, %v; want %q", id, n.Text, err, want)
		}
	}
	letters := func() map[string]int {
		all, err := personal.All[personal.Letter](ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]int{}
		for _, l := range all {
			id := l.ID
			if strings.HasPrefix(id, "copy-") {
				id = "copy"
			}
			m[id+" "+l.Body.Text]++
		}
		return m
	}
	want := map[string]int{"here ici": 1, "there là": 1, "both ici": 1, "copy là": 1}
	if got := letters(); !maps.Equal(got, want) {
		t.Errorf("letters %v, want %v", got, want)
	}
	// The older backup has nothing to say any more, and the same one nothing new.
	restore(t, f, newer, k)
	restore(t, f, old, k)
	if got := letters(); !maps.Equal(got, want) {
		t.Errorf("after older backups: letters %v, want %v", got, want)
	}
	if n, err := personal.Read[personal.Note](ctx, f, "3"); err != nil || n.Text != "ici\n\nlà" {
		t.Errorf("after older backups: note 3 %q, %v", n.Text, err)
	}
}

// A backup that is torn, damaged, of another key, of a newer program, or none at all is told
// apart, and leaves the file as it was.
func TestRestoreRefused(t *testing.T) {
	f, k := open(t, t.TempDir(), "anna", box(t, 1)), secret.NewRecoveryKey()
	full(t, f)
	good := backup(t, f, k)
	to := open(t, t.TempDir(), "anna", box(t, 2))
	refused := func(name string, b []byte, key secret.RecoveryKey, want ...error) {
		t.Helper()
		_, err := to.Restore(t.Context(), bytes.NewReader(b), key, nil)
		ok := false
		for _, w := range want {
			ok = ok || errors.Is(err, w)
		}
		if !ok {
			t.Fatalf("%s: %v, want one of %v", name, err, want)
		}
	}
	refused("another key", good, secret.NewRecoveryKey(), secret.ErrRecoveryKey)
	refused("nothing", nil, k, personal.ErrForeign)
	refused("a picture", []byte("\x89PNG\r\n\x1a\n"+strings.Repeat("x", 100)), k, personal.ErrForeign)
	refused("a text", []byte(strings.Repeat("a\n", 100)), k, personal.ErrForeign)
	refused("a beginning", []byte("passerelle personal"), k, personal.ErrTorn)
	for n := len("passerelle personal backup\n"); n < len(good); n += 1 + n/40 {
		refused(fmt.Sprintf("cut at %d", n), good[:n], k, personal.ErrTorn)
		b := bytes.Clone(good)
		b[n] ^= 4
		refused(fmt.Sprintf("changed at %d", n), b, k, personal.ErrTorn)
	}
	refused("with something after", append(bytes.Clone(good), 'x'), k, personal.ErrTorn)
	newer := strings.Replace(string(good), `"format":1`, `"format":2`, 1)
	refused("another format, unsigned", []byte(newer), k, personal.ErrTorn)
	refused("a newer format", personal.Newer(good), k, personal.ErrNewer)
	if all := bodies(t, to); len(all) != 0 {
		t.Errorf("something was taken in: %v", all)
	}

	// A disk or a person that stops it leaves nothing half done, either.
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := to.Restore(ctx, bytes.NewReader(good), k, func(done, _ int) {
		if done == 2 {
			cancel()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := to.Restore(t.Context(), io.MultiReader(bytes.NewReader(good[:200]), broken{}), k, nil); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a disk that fails: %v", err)
	}
	if all := bodies(t, to); len(all) != 0 {
		t.Errorf("something was taken in: %v", all)
	}
	if _, err := f.Backup(t.Context(), broken{}, k, noon, nil); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a backup on a disk that fails: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, os.ErrPermission }
func (broken) Write([]byte) (int, error) { return 0, os.ErrPermission }

// Closing ends what is under way, and leaves the file whole.
func TestCloseMeanwhile(t *testing.T) {
	dir, k := t.TempDir(), secret.NewRecoveryKey()
	f := open(t, dir, "anna", box(t, 1))
	full(t, f)
	before := bodies(t, f)
	good := backup(t, f, k)
	g := open(t, t.TempDir(), "bela", box(t, 2))
	closed := make(chan error)
	_, err := g.Restore(t.Context(), bytes.NewReader(good), k, func(done, _ int) {
		if done == 1 {
			go func() { closed <- g.Close() }()
			for {
				if _, err := g.List(t.Context(), personal.KindLetter); errors.Is(err, personal.ErrClosed) {
					return
				}
			}
		}
	})
	if !errors.Is(err, personal.ErrClosed) && err != nil {
		t.Errorf("restoring while it closes: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if got := bodies(t, f); !maps.Equal(got, before) {
		t.Errorf("another file has changed: %v", got)
	}
}

// What was set aside with a lost key comes back beside what was written since, once the key
// is there; what another key sealed stays where it is.
func TestRejoin(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	for n := byte(1); n <= 3; n++ {
		f := open(t, dir, "anna", box(t, n))
		write(t, f, personal.NoteID(int64(n)), personal.Note{Posting: int64(n), Text: "seule"})
		write(t, f, "9", personal.Note{Posting: 9, Text: fmt.Sprint("texte ", n)})
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if n < 3 {
			if err := personal.SetAside(dir, "anna"); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := open(t, dir, "anna", box(t, 3))
	got, err := f.Rejoin(ctx, dir, "anna", box(t, 1))
	if err != nil || got != (personal.Restored{Items: 2, Added: 1, Copied: 1}) {
		t.Errorf("Rejoin: %+v, %v", got, err)
	}
	if n, err := personal.Read[personal.Note](ctx, f, "9"); err != nil || n.Text != "texte 3\n\ntexte 1" {
		t.Errorf("joined: %q, %v", n.Text, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.sealed-*"))
	if err != nil || len(files) != 1 || !strings.HasSuffix(files[0], ".sealed-2") {
		t.Errorf("left aside: %v, %v; want that of the second key", files, err)
	}
	if got, err := f.Rejoin(ctx, dir, "anna", box(t, 1)); err != nil || got != (personal.Restored{}) {
		t.Errorf("once more: %+v, %v", got, err)
	}
}

// Whatever is written, carried and taken in, in any order between two computers: no text
// that stood on either at the moment of a backup is missing after it is restored, unless
// that side had edited it further.
func TestRestoreProperty(t *testing.T) {
	k := secret.NewRecoveryKey()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "x")
		if err != nil {
			t.Fatal(err)
		}
		files := []*personal.File{open(t, filepath.Join(dir, "a"), "anna", box(t, 1)), open(t, filepath.Join(dir, "b"), "anna", box(t, 2))}
		texts := func(f *personal.File) map[string]bool {
			all, err := personal.All[personal.Letter](t.Context(), f)
			if err != nil {
				rt.Fatal(err)
			}
			m := map[string]bool{}
			for _, l := range all {
				m[l.Body.Text] = true
			}
			return m
		}
		past := map[string]string{} // text → the text that it was made of
		older := func(text, than string) bool {
			for than != "" {
				if than = past[than]; than == text {
					return true
				}
			}
			return false
		}
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			side := rapid.IntRange(0, 1).Draw(rt, "side")
			f := files[side]
			if rapid.IntRange(0, 2).Draw(rt, "what") > 0 {
				all, err := personal.All[personal.Letter](t.Context(), f)
				if err != nil {
					rt.Fatal(err)
				}
				id, was := fmt.Sprint("letter-", rapid.IntRange(0, 1).Draw(rt, "id")), ""
				if len(all) > 0 && rapid.Bool().Draw(rt, "edit") {
					id = all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")].ID
				}
				for _, l := range all {
					if l.ID == id {
						was = l.Body.Text
					}
				}
				text := fmt.Sprint("step ", i)
				past[text] = was
				if err := personal.Write(t.Context(), f, id, personal.Letter{Lang: "fr", Text: text}, noon.Add(time.Duration(i)*time.Minute)); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			want := texts(files[1-side])
			maps.Copy(want, texts(f))
			restore(t, f, backup(t, files[1-side], k), k)
			got := texts(f)
			for w := range want {
				ok := got[w]
				for g := range got {
					ok = ok || older(w, g)
				}
				if !ok {
					rt.Fatalf("step %d: %q is gone; there is %v", i, w, got)
				}
			}
		}
		for _, f := range files {
			_ = f.Close()
		}
	})
}

// Whatever is handed in as a backup is read to its end or refused, by an error that a
// person can be told.
func FuzzRestore(f *testing.F) {
	k := must(secret.ParseRecoveryKey("4JXP1-GY724-SPRF6-8J0F7-GM7T2-HYKK3"))
	src := must(personal.Open(context.Background(), f.TempDir(), "anna", must(secret.NewBox(make([]byte, secret.KeySize)))))
	defer func() { _ = src.Close() }()
	for n := range int64(2) {
		if err := personal.Write(context.Background(), src, personal.NoteID(n+1), personal.Note{Posting: n + 1, Text: "a"}, noon); err != nil {
			f.Fatal(err)
		}
		f.Add(backup(f, src, k))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := personal.Decode(b, k)
		if err == nil && n > 2 {
			t.Errorf("read %d items, which nobody wrote", n)
		}
		for _, known := range []error{nil, personal.ErrForeign, personal.ErrTorn, personal.ErrNewer, secret.ErrRecoveryKey} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Errorf("refused: %v", err)
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
