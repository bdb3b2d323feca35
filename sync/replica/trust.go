package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"passerelle/store/catalogue"
	"passerelle/sync/wire"
)

// trust is whom a replica believes and how far it has seen, kept in a file.
type trust struct {
	Pin   string          `json:"pin"`  // fingerprint of the publisher's first root
	Root  []byte          `json:"root"` // newest root, verified from the first on
	Seen  map[string]seen `json:"seen"` // by scope
	Packs map[string]pack `json:"packs"`

	root *wire.Root
	kept bool // the pin is on disk
}

// seen is the newest head met of a scope. Older ones are refused.
type seen struct {
	Epoch, Seq int64
	Created    time.Time
	Tag        string
	Head       []byte // the envelope that the tag is of
}

type pack struct{ Version, Hash string }

const trustFile = "trust.json"

func recall(dir string) (*trust, error) {
	t := &trust{Seen: map[string]seen{}, Packs: map[string]pack{}}
	b, err := os.ReadFile(filepath.Join(dir, trustFile))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read whom to trust: %w", err)
	}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("read whom to trust from %s: %w", dir, err)
	}
	if t.root, err = wire.FirstRoot(t.Root); err != nil {
		return nil, fmt.Errorf("read whom to trust from %s: %w", dir, err)
	}
	t.kept = true
	return t, nil
}

// keep writes it as a whole.
func (t *trust) keep(dir string) error {
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("keep whom to trust: %w", err)
	}
	if err := replaceFile(filepath.Join(dir, trustFile), b); err != nil {
		return fmt.Errorf("keep whom to trust: %w", err)
	}
	t.kept = true
	return nil
}

// saw notes a head that was carried out, packs included.
func (t *trust) saw(f found) {
	t.Seen[f.Scope] = seen{Epoch: f.Epoch, Seq: f.Seq, Created: f.Created, Tag: f.tag, Head: f.envelope}
	t.Packs = map[string]pack{}
	for _, p := range f.Packs {
		t.Packs[p.Name] = pack{p.Version, p.Hash.String()}
	}
}

// found is a head that is believed.
type found struct {
	wire.Head
	tag      string
	envelope []byte
	pinned   bool
	expired  bool
	same     bool // it is the one carried out last
}

// ask brings the head and judges it, by TUF's rules: every root after the one trusted, each
// signed by the last; then the head, signed under the newest; never older than before;
// not expired. An unchanged poll is this one request.
func (r *Replica) ask(ctx context.Context) (found, error) {
	t := r.trust
	if r.o.Pin != "" && t.Pin != "" && r.o.Pin != t.Pin {
		return found{}, fmt.Errorf("publisher %.16s, wanted %.16s: %w", t.Pin, r.o.Pin, ErrWrongKey)
	}
	old := t.Seen[r.o.Scope]
	f := found{pinned: !t.kept}
	body, tag, err := r.t.Head(ctx, r.o.Scope, old.Tag)
	switch {
	case errors.Is(err, wire.ErrUnchanged) && len(old.Head) > 0:
		f.envelope, f.tag, f.same = old.Head, old.Tag, true
	case err != nil:
		return found{}, err
	default:
		f.envelope, f.tag = body, tag
		if err := r.roots(ctx); err != nil {
			return found{}, err
		}
	}
	if f.Head, err = t.root.Open(f.envelope); err != nil {
		return found{}, judged(err)
	}
	if f.Scope != r.o.Scope || f.Demo != t.root.Demo() {
		return found{}, fmt.Errorf("head of %s, demonstration %v, asked for %s: %w", f.Scope, f.Demo, r.o.Scope, ErrTampered)
	}
	if err := r.older(ctx, f.Head); err != nil {
		return found{}, err
	}
	now := r.o.Now()
	if until := earlier(f.Expires, t.root.Expires()); now.After(until) {
		if r.t.Origin() == "server" {
			return found{}, fmt.Errorf("head of %s expired %s: %w", f.Scope, until.Format(time.DateOnly), ErrExpired)
		}
		f.expired = true
	}
	return f, nil
}

// Publisher is the fingerprint of whoever published a tree, not yet verified: it tells which
// directory of trust ([Options.Dir]) a bundle belongs to, and what to ask a person about.
func Publisher(ctx context.Context, t Transport) (string, error) {
	b, err := t.Root(ctx, 1)
	if err != nil {
		return "", fmt.Errorf("who publishes: %w", err)
	}
	return wire.Fingerprint(b), nil
}

// Kept is the fingerprint of the publisher that a directory of trust belongs to, "" when it
// keeps none.
func Kept(dir string) (string, error) {
	t, err := recall(dir)
	if err != nil {
		return "", err
	}
	return t.Pin, nil
}

// roots walks to the newest root, pinning the first one where none is known.
func (r *Replica) roots(ctx context.Context) error {
	t := r.trust
	if t.root == nil {
		b, err := r.t.Root(ctx, 1)
		if err != nil {
			return err
		}
		print := wire.Fingerprint(b)
		if r.o.Pin != "" && print != r.o.Pin {
			return fmt.Errorf("publisher %.16s, wanted %.16s: %w", print, r.o.Pin, ErrWrongKey)
		}
		root, err := wire.FirstRoot(b)
		if err != nil {
			return judged(err)
		}
		t.Pin, t.Root, t.root = print, b, root
	}
	for {
		b, err := r.t.Root(ctx, t.root.Version()+1)
		if errors.Is(err, wire.ErrMissing) {
			return nil
		}
		if err != nil {
			return err
		}
		next, err := t.root.Next(b)
		if err != nil {
			return judged(err)
		}
		t.Root, t.root = b, next
	}
}

// older refuses a head that goes back on what was seen: of this scope in any way, of
// another in its epoch, and of the catalogue itself where the memory of heads was lost.
func (r *Replica) older(ctx context.Context, h wire.Head) error {
	back := func(epoch, seq int64) bool { return h.Epoch < epoch || h.Epoch == epoch && h.Seq < seq }
	for scope, s := range r.trust.Seen {
		if h.Epoch < s.Epoch || scope == h.Scope && (back(s.Epoch, s.Seq) || h.Created.Before(s.Created)) {
			return fmt.Errorf("head of %s at %d/%d of %s, seen %d/%d of %s: %w", h.Scope,
				h.Epoch, h.Seq, h.Created.Format(time.DateTime), s.Epoch, s.Seq, s.Created.Format(time.DateTime), ErrDowngraded)
		}
	}
	st, err := r.state(ctx)
	if err != nil {
		return err
	}
	if st.Root == r.trust.Pin && st.Scope == h.Scope && back(st.Epoch, st.Seq) {
		return fmt.Errorf("head of %s at %d/%d, catalogue at %d/%d: %w", h.Scope, h.Epoch, h.Seq, st.Epoch, st.Seq, ErrDowngraded)
	}
	return nil
}

// state is the catalogue's; the zero one when there is none, or none that can be read.
func (r *Replica) state(ctx context.Context) (catalogue.State, error) {
	st, err := r.store.State(ctx)
	if errors.Is(err, catalogue.ErrNone) || errors.Is(err, catalogue.ErrCorrupt) {
		return catalogue.State{}, nil
	}
	return st, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// replaceFile writes a file as a whole, under its name only once it is on disk.
func replaceFile(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
