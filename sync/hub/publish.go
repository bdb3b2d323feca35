package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/gofrs/flock"

	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/sync/publish"
	"passerelle/sync/wire"
)

// Publish brings the published tree to the ledger's position. Before, it finishes what a
// revocation left undone; and if the tree is ahead of the ledger, which is then a restored
// copy, it begins a new epoch, so that no client keeps rows of a future that is no more.
func (h *Hub) Publish(ctx context.Context, signer publish.Key, o publish.Options, now time.Time) (publish.Published, error) {
	free, err := h.lockTree(ctx)
	if err != nil {
		return publish.Published{}, fmt.Errorf("publish: %w", err)
	}
	defer free()
	o.Dir = h.Public()
	if o.Log == nil {
		o.Log = h.o.Log
	}
	sources, err := h.ledger.Sources(ctx)
	if err != nil {
		return publish.Published{}, fmt.Errorf("publish: %w", err)
	}
	for _, s := range sources {
		if _, err := h.withdraw(ctx, s); err != nil {
			return publish.Published{}, fmt.Errorf("publish: %w", err)
		}
	}
	if err := h.noticeRestore(ctx); err != nil {
		return publish.Published{}, fmt.Errorf("publish: %w", err)
	}
	packs, err := h.packs(sources)
	if err != nil {
		return publish.Published{}, fmt.Errorf("publish: %w", err)
	}
	p, m, err := h.publishOnce(ctx, packs, signer, o, now)
	for n := 0; n < 100 && errors.Is(err, publish.ErrBehind); n++ { // epochs are few: restores
		var epoch int64
		if epoch, err = h.ledger.NewEpoch(ctx, 0); err != nil {
			return p, fmt.Errorf("publish: %w", err)
		}
		h.o.Log.WarnContext(ctx, "the ledger is behind what is published: new epoch", "epoch", epoch)
		p, m, err = h.publishOnce(ctx, packs, signer, o, now)
	}
	if err != nil {
		return p, fmt.Errorf("publish: %w", err)
	}
	h.o.At("published")
	// The ledger first: a stop in between leaves a mark that is older, never one that
	// looks like a restore.
	if seq, stamp, err := h.ledger.Published(ctx); err != nil {
		return p, err
	} else if seq != m.Seq || stamp != m.Digest {
		if err := h.ledger.SetPublished(ctx, m.Seq, m.Digest); err != nil {
			return p, err
		}
	}
	return p, h.writeMark(m)
}

// lockTree waits until no other program publishes from this data directory.
func (h *Hub) lockTree(ctx context.Context) (free func(), err error) {
	l := flock.New(filepath.Join(h.dir, "publish.lock"))
	if _, err := l.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("wait for another publication: %w", err)
	}
	return func() { _ = l.Unlock() }, nil
}

// publishOnce publishes one picture of the ledger, and gives the mark to leave of it.
func (h *Hub) publishOnce(ctx context.Context, packs []publish.Pack, signer publish.Key, o publish.Options, now time.Time) (p publish.Published, m mark, err error) {
	err = h.ledger.Look(ctx, func(s ledger.Snapshot) error {
		if m.Epoch, m.Seq, err = s.Position(ctx); err != nil {
			return err
		}
		p, err = publish.Publish(ctx, rows{s}, packs, signer, o, now)
		m.Digest = fmt.Sprintf("%x", p.Digest)
		return err
	})
	return p, m, err
}

// rows are the ledger's, as the publisher asks for them.
type rows struct{ s ledger.Snapshot }

func (r rows) Position(ctx context.Context) (epoch, seq int64, err error) { return r.s.Position(ctx) }

// All leaves out nothing: the publisher knows its own horizon.
func (r rows) All(ctx context.Context, yield func(publish.Row) error) error {
	return r.s.All(ctx, 0, func(row ledger.Row) error { return yield(public(row)) })
}

func (r rows) Changed(ctx context.Context, after, upto int64, yield func(publish.Row) error) error {
	return r.s.Changed(ctx, after, upto, func(row ledger.Row) error { return yield(public(row)) })
}

func public(r ledger.Row) publish.Row {
	return publish.Row{
		ID: r.ID, Seq: r.Seq, Part: r.Part, OldPart: r.OldPart, Ends: r.Ends,
		Card: r.Card, Details: r.Details,
	}
}

// packs are those of the options and the source registry, without what stays on the server.
func (h *Hub) packs(sources []posting.Source) ([]publish.Pack, error) {
	data, err := cbor.Marshal(sources) // Agreement is left out by its tag
	if err != nil {
		return nil, fmt.Errorf("source registry: %w", err)
	}
	own := publish.Pack{Name: "sources", Version: wire.HashOf(data).String()[:12], Data: data}
	return append([]publish.Pack{own}, h.o.Packs...), nil
}

// mark is left beside the published tree: the position of the ledger that clients may have seen.
type mark struct {
	Epoch  int64  `json:"epoch"`
	Seq    int64  `json:"seq"`
	Digest string `json:"digest"`
}

func (h *Hub) markFile() string { return filepath.Join(h.dir, "published.json") }

func (h *Hub) writeMark(m mark) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(h.markFile()); err == nil && bytes.Equal(old, b) {
		return nil
	}
	tmp := h.markFile() + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("mark what is published: %w", err)
	}
	if err := os.Rename(tmp, h.markFile()); err != nil {
		return fmt.Errorf("mark what is published: %w", err)
	}
	return nil
}

func (h *Hub) readMark() (m mark, err error) {
	b, err := os.ReadFile(h.markFile())
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return m, fmt.Errorf("read the mark of what is published: %w", err)
	}
	return m, nil
}

// noticeRestore begins a new epoch if the ledger does not know what was published last:
// it is then an older copy, even if it has grown past that position since.
func (h *Hub) noticeRestore(ctx context.Context) error {
	m, err := h.readMark()
	if err != nil || m.Epoch == 0 {
		return err
	}
	epoch, _, err := h.ledger.Position(ctx)
	if err != nil {
		return err
	}
	seq, digest, err := h.ledger.Published(ctx)
	if err != nil {
		return err
	}
	known := epoch > m.Epoch || epoch == m.Epoch && (seq > m.Seq || seq == m.Seq && digest == m.Digest)
	if known {
		return nil
	}
	if epoch, err = h.ledger.NewEpoch(ctx, m.Epoch); err != nil {
		return err
	}
	h.o.Log.WarnContext(ctx, "the ledger does not know what was published: it was restored; new epoch", "epoch", epoch)
	return nil
}
