package personal

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"passerelle/store/secret"
	"passerelle/store/sqldb"
)

// Errors of backups. A key that is another one is secret.ErrRecoveryKey; a backup of a newer
// program is [ErrNewer].
var (
	ErrForeign = errors.New("not a backup of personal items")
	ErrTorn    = errors.New("the backup is damaged or not whole")
)

// A backup is a line that says what it is, a header, a line that checks both, and frames:
// lengths of four bytes and what is sealed with the recovery key, in their order. The first
// frame says how many follow.
const (
	first  = "passerelle personal backup\n"
	format = 1
	// longest is the size of the largest frame: a body, twice as long in base64 at most.
	longest = 2*Most + 64<<10
)

// header of a backup.
type header struct {
	Format int    `json:"format"`
	Salt   []byte `json:"salt"`
	Key    []byte `json:"key"` // mark of the recovery key under this salt: tells another key from damage
}

// frame is an item in a backup.
type frame struct {
	Head head   `json:"head"`
	Body []byte `json:"body"` // to the byte: JSON in JSON would be written anew
}

// opening is the first frame.
type opening struct {
	Items int       `json:"items"`
	Made  time.Time `json:"made"`
}

func headOf(h header) (text, mark []byte, err error) {
	line, err := json.Marshal(h)
	if err != nil {
		return nil, nil, err
	}
	text = append([]byte(first), line...)
	text = append(text, '\n')
	sum := sha256.Sum256(text)
	return text, sum[:], nil
}

func aboutFrame(mark []byte, n int) string { return fmt.Sprintf("personal backup/%x/%d", mark, n) }

// Backup writes all items, sealed with a recovery key, as they are at one moment. at is now;
// tell may be nil.
func (f *File) Backup(ctx context.Context, w io.Writer, key secret.RecoveryKey, at time.Time, tell func(done, total int)) (items int, err error) {
	h := header{Format: format, Salt: make([]byte, 16)}
	_, _ = rand.Read(h.Salt)
	box, err := key.Box("backup", h.Salt)
	if err != nil {
		return 0, fmt.Errorf("back up personal items: %w", err)
	}
	h.Key = box.Mark("key", nil)[:8]
	text, mark, err := headOf(h)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(out, "%s%s\n", text, hex.EncodeToString(mark[:8])) // Flush says
	n := 0
	put := func(v any) error {
		body, err := json.Marshal(v)
		if err != nil {
			return err
		}
		sealed, err := box.Seal(aboutFrame(mark, n), body)
		if err != nil {
			return err
		}
		n++
		_, _ = out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))))
		_, err = out.Write(sealed)
		return err
	}
	err = f.within(ctx, func(ctx context.Context) error {
		return f.db.Read(ctx, func(tx *sql.Tx) error {
			var total int
			if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM item").Scan(&total); err != nil {
				return err
			}
			if n > 0 {
				return sqldb.ErrBusy // what was written cannot be taken back
			}
			if err := put(opening{total, at.UTC()}); err != nil {
				return err
			}
			return f.each(ctx, tx, func(r row) error {
				if err := put(frame{r.head, r.body}); err != nil {
					return err
				}
				items++
				if tell != nil {
					tell(items, total)
				}
				return nil
			}, "ORDER BY mark")
		})
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return 0, fmt.Errorf("back up personal items: %w", err)
	}
	return items, nil
}

// Restored says what became of the items of a backup.
type Restored struct {
	Items  int // that it holds
	Added  int // were not here
	Newer  int // took the place of what they came from
	Copied int // were edited here and there: kept beside, or joined where there is one a posting
	Same   int // are here, or were before an edit that was made here
}

// Restore takes a backup in, beside what is here: whole, or not at all. Nothing that is here
// is lost: an item that was edited both here and there stays as it is, and the one of the
// backup is added as another; two notes of one posting become one, with both texts. Taking
// the same backup in once more changes nothing. tell may be nil.
func (f *File) Restore(ctx context.Context, r io.Reader, key secret.RecoveryKey, tell func(done, total int)) (Restored, error) {
	var got Restored
	rd := &reader{r: bufio.NewReader(r)}
	err := rd.open(key)
	if err == nil {
		err = f.within(ctx, func(ctx context.Context) error {
			begun := false
			return f.db.Write(ctx, func(tx *sql.Tx) error {
				if begun {
					return sqldb.ErrBusy // what was read cannot be read again
				}
				begun = true
				for n := range rd.total {
					row, err := rd.next()
					if err != nil {
						return err
					}
					if err := f.take(ctx, tx, row, &got); err != nil {
						return err
					}
					if tell != nil {
						tell(n+1, rd.total)
					}
				}
				return rd.end()
			})
		})
	}
	if err != nil {
		return Restored{}, fmt.Errorf("restore personal items: %w", err)
	}
	return got, nil
}

// reader reads a backup.
type reader struct {
	r     *bufio.Reader
	box   *secret.Box
	mark  []byte
	n     int
	total int
}

func (r *reader) open(key secret.RecoveryKey) error {
	line := func(most int) (string, error) {
		var b strings.Builder
		for range most {
			c, err := r.r.ReadByte()
			if errors.Is(err, io.EOF) {
				return b.String(), ErrTorn
			}
			if err != nil {
				return "", err
			}
			b.WriteByte(c)
			if c == '\n' {
				return b.String(), nil
			}
		}
		return b.String(), ErrForeign
	}
	said, err := line(len(first))
	switch {
	case errors.Is(err, ErrTorn) && said != "" && strings.HasPrefix(first, said):
		return ErrTorn
	case err == nil && said == first:
	case err == nil, errors.Is(err, ErrTorn):
		return ErrForeign
	default:
		return err
	}
	text, err := line(4096)
	if errors.Is(err, ErrForeign) {
		return ErrTorn
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(first + text))
	r.mark = sum[:]
	check, err := line(17)
	if errors.Is(err, ErrForeign) || err == nil && check != hex.EncodeToString(r.mark[:8])+"\n" {
		return ErrTorn
	}
	if err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	if h.Format > format {
		return fmt.Errorf("%w: format %d, this program knows %d", ErrNewer, h.Format, format)
	}
	if h.Format < 1 {
		return ErrTorn
	}
	if r.box, err = key.Box("backup", h.Salt); err != nil {
		return err
	}
	if !bytes.Equal(h.Key, r.box.Mark("key", nil)[:8]) {
		return secret.ErrRecoveryKey
	}
	var o opening
	if err := r.read(&o); err != nil {
		return err
	}
	if o.Items < 0 {
		return ErrTorn
	}
	r.total = o.Items
	return nil
}

// read reads a frame into v.
func (r *reader) read(v any) error {
	var size [4]byte
	if _, err := io.ReadFull(r.r, size[:]); err != nil {
		return torn(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > longest {
		return ErrTorn
	}
	var sealed bytes.Buffer // it grows as the bytes come, whatever a damaged length says
	if _, err := io.CopyN(&sealed, r.r, int64(n)); err != nil {
		return torn(err)
	}
	body, err := r.box.Open(aboutFrame(r.mark, r.n), sealed.Bytes())
	if err != nil {
		return ErrTorn
	}
	r.n++
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return nil
}

func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTorn
	}
	return err
}

func (r *reader) next() (row, error) {
	var fr frame
	if err := r.read(&fr); err != nil {
		return row{}, err
	}
	if fr.Head.Kind == "" || fr.Head.ID == "" {
		return row{}, ErrTorn
	}
	if err := proper(fr.Body); err != nil {
		return row{}, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	return row{fr.Head, fr.Body}, nil
}

// end makes sure that nothing follows.
func (r *reader) end() error {
	switch _, err := r.r.ReadByte(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return ErrTorn
}

// take takes an item of elsewhere in, beside what is here.
func (f *File) take(ctx context.Context, tx *sql.Tx, there row, got *Restored) error {
	got.Items++
	here, ok, err := f.find(ctx, tx, there.Kind, there.ID)
	switch {
	case err != nil:
		return err
	case !ok:
		got.Added++
		return f.write(ctx, tx, there)
	case bytes.Equal(here.body, there.body), slices.Contains(here.Past, printOf(there.body)):
		got.Same++
		return nil
	case slices.Contains(there.Past, printOf(here.body)):
		got.Newer++
		return f.write(ctx, tx, there)
	}
	if there.Kind == KindNote {
		joined, changed, err := join(here, there)
		if err != nil {
			return err
		}
		if !changed {
			got.Same++
			return nil
		}
		got.Copied++
		return f.write(ctx, tx, joined)
	}
	// Its id follows from what it is, so that the same copy is not made twice.
	sum := sha256.Sum256([]byte(there.ID + "\x00" + string(there.body)))
	there.ID = "copy-" + hex.EncodeToString(sum[:16])
	if _, ok, err = f.find(ctx, tx, there.Kind, there.ID); err != nil {
		return err
	}
	if ok {
		got.Same++
		return nil
	}
	got.Copied++
	return f.write(ctx, tx, there)
}

// Rejoin takes in what was set aside because its key was lost ([SetAside]), now that the box
// of that key is there again: beside what is here, as Restore does. What was taken in is
// overwritten and removed; what another key sealed, or is damaged, stays.
func (f *File) Rejoin(ctx context.Context, dir, id string, box *secret.Box) (Restored, error) {
	var all Restored
	name, err := path(dir, id)
	if err != nil {
		return all, err
	}
	files, err := secret.Beside(name)
	if err != nil {
		return all, err
	}
	for _, aside := range files {
		if n := strings.TrimPrefix(aside, name+".sealed-"); n == aside || strings.Trim(n, "0123456789") != "" {
			continue
		}
		var got Restored
		if got, err = f.rejoin(ctx, aside, box); errors.Is(err, secret.ErrSealed) || errors.Is(err, sqldb.ErrCorrupt) {
			continue
		}
		if err != nil {
			return all, fmt.Errorf("take %s in: %w", aside, err)
		}
		all.Items, all.Added, all.Newer = all.Items+got.Items, all.Added+got.Added, all.Newer+got.Newer
		all.Copied, all.Same = all.Copied+got.Copied, all.Same+got.Same
		for _, part := range []string{aside + "-wal", aside + "-shm", aside} {
			if err := secret.Shred(part); err != nil {
				return all, fmt.Errorf("remove %s, which was taken in: %w", part, err)
			}
		}
	}
	return all, nil
}

// rejoin takes one file in.
func (f *File) rejoin(ctx context.Context, aside string, box *secret.Box) (got Restored, err error) {
	from, err := open(ctx, aside, box)
	if err != nil {
		return got, err
	}
	var rows []row
	err = from.each(ctx, from.db.Reader, func(r row) error { rows = append(rows, r); return nil }, "ORDER BY mark")
	if err = errors.Join(err, from.Close()); err != nil {
		return got, err
	}
	err = f.within(ctx, func(ctx context.Context) error {
		return f.db.Write(ctx, func(tx *sql.Tx) error {
			got = Restored{}
			for _, r := range rows {
				if err := f.take(ctx, tx, r, &got); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return got, err
}

// join is a note with the texts of two, that of here first.
func join(here, there row) (joined row, changed bool, err error) {
	var mine, theirs Note
	if err := errors.Join(json.Unmarshal(here.body, &mine), json.Unmarshal(there.body, &theirs)); err != nil {
		return row{}, false, err
	}
	if strings.Contains(mine.Text, theirs.Text) {
		return here, false, nil
	}
	if strings.Contains(theirs.Text, mine.Text) {
		mine.Text = theirs.Text
	} else {
		mine.Text += "\n\n" + theirs.Text
	}
	body, err := over(here.body, mine)
	if err != nil {
		return row{}, false, err
	}
	if bytes.Equal(body, here.body) {
		return here, false, nil
	}
	joined = row{here.head, body}
	if there.Changed.After(here.Changed) {
		joined.Changed = there.Changed
	}
	joined.Past = slices.Concat([]string{printOf(here.body), printOf(there.body)}, here.Past, there.Past)
	joined.Past = joined.Past[:min(len(joined.Past), remembered)]
	return joined, true, nil
}
