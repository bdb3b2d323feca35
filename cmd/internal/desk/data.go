package desk

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/disk"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/resume"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// Data is what the person at this desk may do with all that is kept of them.
type Data struct{ d *Desk }

var _ state.MyData = Data{}

// Data is that of this desk.
func (d *Desk) Data() Data { return Data{d} }

// Ledger: see [state.MyData].
func (x Data) Ledger(ctx context.Context) (wire.MyData, error) {
	return x.d.Accounts.MyData(ctx, false)
}

// Dispute: see [state.MyData].
func (x Data) Dispute(ctx context.Context, d wire.Dispute) (wire.MyData, error) {
	return x.d.Accounts.Dispute(ctx, d)
}

// Recovery: see [state.MyData].
func (x Data) Recovery(ctx context.Context) (time.Time, error) { return x.d.Accounts.Recovery(ctx) }

// NewRecovery: see [state.MyData].
func (x Data) NewRecovery(ctx context.Context) (string, error) {
	k, err := x.d.Accounts.NewRecovery(ctx)
	if err != nil {
		return "", err
	}
	return k.Text(), nil
}

// Recoverable: see [state.MyData].
func (x Data) Recoverable(_ context.Context, person string) bool {
	return x.d.Accounts.Recoverable(person)
}

// Recover: see [state.MyData].
func (x Data) Recover(ctx context.Context, person, key, passphrase string) error {
	k, err := secret.ParseRecoveryKey(key)
	if err != nil {
		return err
	}
	return x.d.Accounts.Recover(ctx, person, k, passphrase)
}

// ours is the recovery key that somebody types, which must be that of the person at the
// desk: a backup that no key in their drawer opens would be none.
func (x Data) ours(ctx context.Context, key string) (k secret.RecoveryKey, err error) {
	if k, err = secret.ParseRecoveryKey(key); err == nil {
		err = x.d.Accounts.Owns(ctx, k)
	}
	return k, err
}

// Backup: see [state.MyData].
func (x Data) Backup(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error) {
	stay, _ := x.d.Accounts.Stay()
	k, err := x.ours(ctx, key)
	if err != nil {
		return 0, err
	}
	file, err := x.file(ctx, stay)
	if err != nil {
		return 0, err
	}
	err = disk.Write(path, func(w io.Writer) (err error) {
		items, err = file.Backup(ctx, w, k, x.d.Now(), tell)
		return err
	})
	return items, err
}

// Restore: see [state.MyData].
func (x Data) Restore(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error) {
	stay, _ := x.d.Accounts.Stay()
	k, err := secret.ParseRecoveryKey(key) // of the computer that the backup was made on
	if err != nil {
		return 0, err
	}
	file, err := x.file(ctx, stay)
	if err != nil {
		return 0, err
	}
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	got, err := file.Restore(ctx, in, k, tell)
	return got.Added + got.Newer + got.Copied, err
}

// file is the personal file of whoever is at the desk, for as long as their stay is the one
// in which they asked.
func (x Data) file(ctx context.Context, stay int) (*personal.File, error) {
	file, err := x.d.Accounts.Mine.File(ctx, true)
	if err == nil {
		err = x.still(stay)
	}
	return file, err
}

// still gives session.ErrLocked once whoever asked has left: what is read since may be of
// somebody else.
func (x Data) still(stay int) error {
	if now, _ := x.d.Accounts.Stay(); now != stay {
		return session.ErrLocked
	}
	return nil
}

// Export: see [state.MyData]. What is here is read at one moment each; what the server keeps
// is asked of it, so what has not been sent may differ: the archive has both.
func (x Data) Export(ctx context.Context, path string, l i18n.Lang, tell func(done, total int)) (out state.Exported, err error) {
	if tell == nil {
		tell = func(int, int) {}
	}
	const steps = 4
	stay, st := x.d.Accounts.Stay()
	if st.Mode == session.Locked {
		return out, session.ErrLocked
	}
	all := page.Everything{At: x.d.Now(), Zone: time.Local, Name: st.Person.Name}
	device, err := x.d.Accounts.Personal(ctx, st.Person.ID)
	if err != nil {
		return out, err
	}
	if all.Here, err = device.Everything(ctx, all.At); err != nil {
		return out, err
	}
	tell(1, steps)
	items, err := x.items(ctx)
	if err != nil {
		return out, err
	}
	all.Items = items
	tell(2, steps)
	if st.Mode != session.Nobody {
		server, err := x.d.Accounts.MyData(ctx, true)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if out.Missing = err; err == nil {
			all.Server = &server
		}
	}
	tell(3, steps)
	if err := x.still(stay); err != nil { // of two people no archive is made
		return state.Exported{}, err
	}
	err = disk.Write(path, func(w io.Writer) error {
		z := &archive{z: zip.NewWriter(w), at: all.At}
		z.all(all, l)
		out.Files = z.n
		return cmp.Or(z.close(), ctx.Err())
	})
	tell(4, steps)
	return out, err
}

// items is what the person wrote for themselves; nil when there is no file, or none can be.
func (x Data) items(ctx context.Context) ([]personal.Item, error) {
	file, err := x.d.Accounts.Mine.File(ctx, false)
	switch {
	case errors.Is(err, personal.ErrNotFound), errors.Is(err, cache.ErrNoAccount), errors.Is(err, session.ErrNoKeyring):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return file.List(ctx, "")
}

// archive writes files into a zip; the first error is kept.
type archive struct {
	z   *zip.Writer
	at  time.Time
	n   int
	err error
}

func (a *archive) file(name string, write func(io.Writer) error) {
	if a.err != nil {
		return
	}
	w, err := a.z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
	if err == nil {
		err = write(w)
	}
	if a.n++; err != nil {
		a.err = fmt.Errorf("write %s: %w", name, err)
	}
}

func (a *archive) json(name string, v any) {
	a.file(name, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	})
}

func (a *archive) close() error { return errors.Join(a.err, a.z.Close()) }

// all are the files of an archive. A name is the same in every language: programs read it.
func (a *archive) all(all page.Everything, l i18n.Lang) {
	a.file("index.html", func(w io.Writer) error { return page.MyData(i18n.For(l), all).HTML(w) })
	a.json("this-computer.json", struct {
		cache.Everything
		Saved []savedPosting `json:"saved_postings"` // as they are read, not as they are packed
	}{all.Here, spell(all.Here.Saved)})
	if all.Server != nil {
		a.json("server.json", all.Server)
	}
	kinds, names := map[personal.Kind][]personal.Item{}, map[string]bool{}
	for _, it := range all.Items {
		if it.Kind == personal.KindResume {
			if body := resumeOf(it); body != nil {
				name := fresh(names, "resumes/"+fileName(cmp.Or(nameOf(it), it.ID)), ".json")
				a.file(name, func(w io.Writer) error { _, err := w.Write(body); return err })
			}
		}
		kinds[it.Kind] = append(kinds[it.Kind], it)
	}
	for _, k := range []personal.Kind{personal.KindNote, personal.KindResume, personal.KindLetter, personal.KindApplication, personal.KindReminder, personal.KindTarget} {
		if len(kinds[k]) > 0 {
			a.json("personal/"+string(k)+".json", kinds[k])
		}
		delete(kinds, k)
	}
	var rest []personal.Item // what a newer program wrote
	for _, it := range all.Items {
		if _, other := kinds[it.Kind]; other {
			rest = append(rest, it)
		}
	}
	if len(rest) > 0 {
		a.json("personal/other.json", rest)
	}
	var cal bytes.Buffer
	if n, err := page.Calendar(&cal, i18n.For(l), all.Items); err != nil {
		a.err = errors.Join(a.err, err)
	} else if n > 0 {
		a.file("calendar.ics", func(w io.Writer) error { _, err := cal.WriteTo(w); return err })
	}
}

// savedPosting is a kept posting in words.
type savedPosting struct {
	Kept    time.Time       `json:"kept"`
	Ended   bool            `json:"ended"`
	Card    posting.Card    `json:"card"`
	Details posting.Details `json:"details"`
}

func spell(all []cache.SavedPosting) (out []savedPosting) {
	for _, p := range all {
		out = append(out, savedPosting{p.At, p.Expired, p.Card, p.Details})
	}
	return out
}

// resumeOf is the JSON Resume inside an item; nil: there is none.
func resumeOf(it personal.Item) []byte {
	var r personal.Resume
	if json.Unmarshal(it.Body, &r) != nil || len(r.Resume) == 0 {
		return nil
	}
	d, err := resume.FromSections(r.Resume)
	if err != nil {
		return nil // what was read as JSON is written as JSON
	}
	return d.Bytes()
}

func nameOf(it personal.Item) string {
	var named struct{ Name string }
	_ = json.Unmarshal(it.Body, &named) // without one the id will do
	return named.Name
}

// fileName keeps of a name what every file system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|.`, r) {
			return '-'
		}
		return r
	}, strings.TrimSpace(name))
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60])
	}
	return name
}

func fresh(taken map[string]bool, name, ext string) string {
	full := name + ext
	for n := 2; taken[full]; n++ {
		full = fmt.Sprintf("%s (%d)%s", name, n, ext)
	}
	taken[full] = true
	return full
}
