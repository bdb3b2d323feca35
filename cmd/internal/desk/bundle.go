package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"passerelle/store/cache"
	"passerelle/sync/client"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// PlanBundle says what loading a signed bundle, a folder or a zip archive, would do: whose it
// is (Root, and Pinned if this desk never met them), of when, how many postings and bytes.
// It writes nothing.
func (d *Desk) PlanBundle(ctx context.Context, name string) (replica.Plan, error) {
	b, err := d.bundle(ctx, name)
	if err != nil {
		return replica.Plan{}, err
	}
	defer b.files.Close()
	return b.Plan(ctx)
}

// Load brings the catalogue up to date from a signed bundle. A publisher that this desk has
// never met is refused with replica.ErrUnknownPublisher unless accept is the fingerprint, as
// PlanBundle told it; tell may be nil. What is new for alerts is looked at as after a sync.
func (d *Desk) Load(ctx context.Context, name, accept string, tell func(replica.Progress)) (replica.Outcome, error) {
	out, err := d.load(ctx, name, accept, tell)
	d.brought(ctx, err)
	return out, err
}

func (d *Desk) load(ctx context.Context, name, accept string, tell func(replica.Progress)) (replica.Outcome, error) {
	unlock, err := d.lock()
	if err != nil {
		return replica.Outcome{}, err
	}
	defer unlock()
	b, err := d.bundle(ctx, name)
	if err != nil {
		return replica.Outcome{}, err
	}
	defer b.files.Close()
	if !b.known && fingerprint(accept) != b.print {
		return replica.Outcome{}, fmt.Errorf("load bundle of publisher %.16s: %w", b.print, replica.ErrUnknownPublisher)
	}
	return b.Sync(ctx, tell)
}

// fingerprint reads a fingerprint as a person writes it: in groups, in capitals.
func fingerprint(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(text), ""))
}

// bundle is a bundle and the replica that believes it as far as its publisher is believed.
type bundle struct {
	*replica.Replica
	files *client.Files
	print string // of its publisher, who is held to it
	known bool   // met before, by bundle or by network
}

func (d *Desk) bundle(ctx context.Context, name string) (b bundle, err error) {
	if b.files, err = client.Folder(name); err != nil {
		return b, fmt.Errorf("%w: %w", replica.ErrNoBundle, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.files.Close())
		}
	}()
	scopes := b.files.Scopes()
	b.print, err = replica.Publisher(ctx, b.files)
	switch {
	case errors.Is(err, wire.ErrMissing), err == nil && len(scopes) == 0:
		return b, fmt.Errorf("open bundle %s: %w", name, replica.ErrNoBundle)
	case err != nil:
		return b, err
	}
	want, err := d.Device.Setting(ctx, cache.Scope)
	if err != nil {
		return b, err
	}
	home, err := d.home(b.print)
	if err != nil {
		return b, err
	}
	kept, err := replica.Kept(home)
	if err != nil {
		return b, err
	}
	b.known = kept == b.print
	b.Replica, err = replica.New(b.files, d.Catalogue, replica.Options{
		Dir: home, Scope: scopeOf(want, scopes), Pin: b.print, Now: d.o.Now, Log: d.o.Log})
	return b, err
}

// scopeOf chooses what to load of a bundle: what the person keeps, else everything, else
// what there is.
func scopeOf(want string, there []string) string {
	for _, s := range []string{want, "all"} {
		if slices.Contains(there, s) {
			return s
		}
	}
	return there[0]
}

// home is the directory of what is kept of a publisher: one that is there already, also
// under a server's name, so that what was seen by network counts for a bundle; else one of
// its own.
func (d *Desk) home(print string) (string, error) {
	all := filepath.Join(d.Dir, "publishers")
	dirs, err := os.ReadDir(all)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("find publisher %.16s: %w", print, err)
	}
	for _, e := range dirs {
		dir := filepath.Join(all, e.Name())
		// A directory that cannot be read says nothing of this publisher.
		if kept, err := replica.Kept(dir); err == nil && kept == print {
			return dir, nil
		}
	}
	return filepath.Join(all, print), nil
}
