package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
)

// Backup writes a whole copy of the ledger to a file that must not exist; the server may
// go on meanwhile.
func (h *Hub) Backup(ctx context.Context, to string) error { return h.ledger.Backup(ctx, to) }

// Health is what a look at a whole ledger found.
type Health struct {
	Epoch, Seq int64
	Rows       int
	Digest     posting.Sum // of every row
	Published  int64       // position published last
	Private    ledger.Sound
	Sealed     int64 // private records that were opened
}

// Check reads every row of a ledger, or of a backup of it, and compares its digest with
// that of the rows as they were written; sqldb.ErrCorrupt if anything differs. The file
// stays as it is: one of an older program is brought up to date in a copy. Private records
// have to agree with what is told of them; with a box, each of them is opened, too, since a
// backup without the keys that fit is none.
func Check(ctx context.Context, file string, box *secret.Box) (Health, error) {
	he, err := look(ctx, file, ledger.Options{ReadOnly: true}, box)
	if !errors.Is(err, sqldb.ErrOlder) {
		return he, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(file), "check-")
	if err != nil {
		return he, fmt.Errorf("check %s: %w", file, err)
	}
	aside := filepath.Join(dir, "ledger.db")
	if err = copyFile(file, aside); err == nil {
		he, err = look(ctx, aside, ledger.Options{}, box)
	}
	return he, errors.Join(err, os.RemoveAll(dir))
}

func look(ctx context.Context, file string, o ledger.Options, box *secret.Box) (he Health, err error) {
	l, err := ledger.Open(ctx, file, o)
	if err != nil {
		return he, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Check(ctx); err != nil {
		return he, fmt.Errorf("check %s: %w", file, err)
	}
	if he.Published, _, err = l.Published(ctx); err != nil {
		return he, err
	}
	if he.Private, err = l.CheckRecords(ctx, func(d ledger.Doc) error {
		if box == nil {
			return nil
		}
		he.Sealed++
		if _, err := box.Open(aboutBody(d.Part, d.ID), d.Body); err != nil {
			return fmt.Errorf("record %s/%s: %w", d.Part, d.ID, err)
		}
		return nil
	}); err != nil {
		return he, fmt.Errorf("check %s: %w", file, err)
	}
	err = l.Look(ctx, func(s ledger.Snapshot) error {
		if he.Epoch, he.Seq, err = s.Position(ctx); err != nil {
			return err
		}
		return s.All(ctx, 0, func(r ledger.Row) error {
			sum := posting.RowSum(r.Card, r.Details)
			if sum != r.Hash || r.Seq > he.Seq {
				return fmt.Errorf("row %d: %w", r.ID, sqldb.ErrCorrupt)
			}
			he.Rows++
			he.Digest = he.Digest.Add(sum)
			return nil
		})
	})
	if err != nil {
		return he, fmt.Errorf("check %s: %w", file, err)
	}
	return he, nil
}

// CheckBackup backs the open ledger up into a directory, restores the copy there and
// compares: what comes back is what went in.
func (h *Hub) CheckBackup(ctx context.Context, dir string, box *secret.Box) (Health, error) {
	copied := filepath.Join(dir, "check.db")
	if err := h.Backup(ctx, copied); err != nil {
		return Health{}, err
	}
	defer func() { _ = os.Remove(copied) }()
	return Check(ctx, copied, box)
}

// fresh copies a backup into a directory of its own within another, where it is brought up
// to date and checked. done removes it.
func fresh(ctx context.Context, dir, backup string) (file string, done func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	work, err := os.MkdirTemp(dir, "restore-")
	if err != nil {
		return "", nil, err
	}
	done = func() error { return os.RemoveAll(work) }
	file = filepath.Join(work, "ledger.db")
	if err = copyFile(backup, file); err == nil {
		_, err = look(ctx, file, ledger.Options{}, nil)
	}
	if err != nil {
		return "", nil, errors.Join(err, done())
	}
	return file, done, nil
}

// RestoreServed puts a backup into an empty database, all of it or nothing, and begins a new
// epoch, as [Restore] does. What the directory knows of epochs is told to it.
func RestoreServed(ctx context.Context, dir, url, backup string) (epoch int64, err error) {
	file, done, err := fresh(ctx, dir, backup)
	if err != nil {
		return 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	defer func() { err = errors.Join(err, done()) }()
	from, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := ledger.Open(ctx, url, ledger.Options{})
	if err != nil {
		return 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	m, err := (&Hub{dir: dir}).readMark()
	if err != nil {
		return 0, err
	}
	// In the copy, before it moves: no ledger is ever there in the old epoch.
	if epoch, err = from.NewEpoch(ctx, max(m.Epoch, epochOf(ctx, dir))); err != nil {
		return 0, err
	}
	if _, err := ledger.Move(ctx, from, to); err != nil {
		return 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	return epoch, rememberEpoch(dir, epoch)
}

func rememberEpoch(dir string, epoch int64) error {
	return os.WriteFile(epochFile(dir), fmt.Append(nil, epoch, "\n"), 0o600)
}

// Restore puts a backup in the place of a data directory's ledger, which is kept aside
// under the name given back, and begins a new epoch. The server must be stopped.
func Restore(ctx context.Context, dir, backup string) (kept string, epoch int64, err error) {
	file, done, err := fresh(ctx, dir, backup)
	if err != nil {
		return "", 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	defer func() { err = errors.Join(err, done()) }()
	floor := epochOf(ctx, dir)
	if exists(ledgerFile(dir)) {
		for n := 1; ; n++ {
			if kept = fmt.Sprintf("%s.before-restore-%d", ledgerFile(dir), n); !exists(kept) {
				break
			}
		}
		for _, tail := range []string{"-wal", "-shm", ""} {
			if err := os.Rename(ledgerFile(dir)+tail, kept+tail); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", 0, fmt.Errorf("restore %s: %w", backup, err)
			}
		}
	}
	if err := os.Rename(file, ledgerFile(dir)); err != nil {
		return kept, 0, fmt.Errorf("restore %s: %w", backup, err)
	}
	h, err := Open(ctx, dir, Options{})
	if err != nil {
		return kept, 0, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	m, err := h.readMark()
	if err != nil {
		return kept, 0, err
	}
	epoch, err = h.ledger.NewEpoch(ctx, max(m.Epoch, floor))
	if err == nil {
		err = rememberEpoch(dir, epoch)
	}
	return kept, epoch, err
}

// epochOf is the highest epoch that a data directory knows of: desks may have read private
// records in it that were never published. A ledger that cannot be read, which may be why
// another one is put in its place, has left it in a file if it was restored before.
func epochOf(ctx context.Context, dir string) (epoch int64) {
	if b, err := os.ReadFile(epochFile(dir)); err == nil {
		_, _ = fmt.Sscan(string(b), &epoch) // 0: as if it were not there
	}
	if !exists(ledgerFile(dir)) {
		return epoch
	}
	l, err := ledger.Open(ctx, ledgerFile(dir), ledger.Options{ReadOnly: true})
	if err != nil {
		return epoch
	}
	defer func() { _ = l.Close() }()
	if of, _, err := l.Position(ctx); err == nil {
		epoch = max(epoch, of)
	}
	return epoch
}

func epochFile(dir string) string { return filepath.Join(dir, "epoch") }

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
