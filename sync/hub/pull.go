package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// What one answer to a pull holds.
const (
	maxChanges = 500
	maxPulled  = 1 << 20 // bytes of sealed bodies, after which what is left is asked for again
	// MaxCursors is how many partitions a desk may ask after.
	MaxCursors = 1000
)

// ErrCursors: more cursors than a desk can have.
var ErrCursors = errors.New("too many cursors")

// Pull gives what changed in every partition that the account may see, on one picture of
// the ledger. A partition without a cursor, or with one older than what is kept of its log,
// comes whole. The error is a *wire.OtherEpoch after a restore.
func (r *Records) Pull(ctx context.Context, who Who, in wire.Pull, now time.Time) (out wire.Pulled, err error) {
	if len(in.Cursors) > MaxCursors {
		return out, fmt.Errorf("pull: %w", ErrCursors)
	}
	var looks []shown
	err = r.h.ledger.View(ctx, func(t *ledger.Tx) error {
		out, looks, err = r.pull(ctx, t, who, in, now)
		return err
	})
	if err == nil && len(looks) > 0 { // what is shown of another's is written down with it, or not shown
		err = r.h.ledger.Update(ctx, func(t *ledger.Tx) error {
			if out, looks, err = r.pull(ctx, t, who, in, now); err != nil {
				return err
			}
			return r.looked(ctx, t, who, looks, now)
		})
	}
	if err != nil {
		return wire.Pulled{}, fmt.Errorf("pull: %w", err)
	}
	return out, nil
}

// pull is a pull on one picture of the ledger, and what of it is another's.
func (r *Records) pull(ctx context.Context, t *ledger.Tx, who Who, in wire.Pull, now time.Time) (out wire.Pulled, looks []shown, err error) {
	p := pulling{r: r, left: in.Limit, bytes: maxPulled, at: map[string]wire.Cursor{}}
	if p.left <= 0 || p.left > maxChanges {
		p.left = maxChanges
	}
	for _, c := range in.Cursors {
		p.at[c.Partition] = c
	}
	names, parts, err := stand(ctx, t, who, now)
	if err != nil {
		return out, nil, err
	}
	seen := map[string]bool{}
	for _, part := range parts {
		seen[part.Name] = true
		c, has := p.at[part.Name]
		if has && (c.Epoch != part.Epoch || c.Seq > part.Seq || c.Seq < 0) {
			return out, nil, &wire.OtherEpoch{Epoch: part.Epoch}
		}
	}
	out.Parts = make([]wire.PulledPart, 0, len(names))
	for _, part := range parts {
		told, err := p.part(ctx, t, part)
		if err != nil {
			return out, nil, err
		}
		if looks, err = r.look(ctx, t, looks, who, told); err != nil {
			return out, nil, err
		}
		out.Parts = append(out.Parts, told)
	}
	for _, c := range in.Cursors {
		if !seen[c.Partition] {
			seen[c.Partition] = true
			out.Parts = append(out.Parts, wire.PulledPart{Partition: c.Partition, Epoch: c.Epoch, Seq: c.Seq, Gone: true})
		}
	}
	return out, looks, nil
}

// stand lists what an account may see, and where each part stands; one that nothing was
// written to yet stands at 0 of the ledger's epoch.
func stand(ctx context.Context, t *ledger.Tx, who Who, now time.Time) (names []string, parts []ledger.Part, err error) {
	if names, err = visible(ctx, t, who, now); err != nil {
		return nil, nil, err
	}
	there, err := t.PartsOf(ctx, who.Account, own(who.Account), office)
	if err != nil {
		return nil, nil, err
	}
	var epoch int64
	for _, name := range names {
		part, ok := there[name]
		if !ok {
			if epoch == 0 {
				if epoch, err = t.Epoch(ctx); err != nil {
					return nil, nil, err
				}
			}
			part = ledger.Part{Name: name, Epoch: epoch}
		}
		parts = append(parts, part)
	}
	return names, parts, nil
}

// pulling is an answer that is put together.
type pulling struct {
	r     *Records
	at    map[string]wire.Cursor
	left  int // changes
	bytes int
}

func (p *pulling) part(ctx context.Context, t *ledger.Tx, part ledger.Part) (wire.PulledPart, error) {
	c, has := p.at[part.Name]
	told := wire.PulledPart{Partition: part.Name, Epoch: part.Epoch, Seq: c.Seq}
	switch {
	case has && c.Seq == part.Seq:
		return told, nil
	case p.bytes <= 0 && !has:
		// Everything that stood at 0 is nothing: the rest follows from there.
		told.Snapshot, told.More = true, part.Seq > 0
		return told, nil
	case p.bytes <= 0, has && c.Seq >= part.Floor && p.left <= 0:
		told.More = true
		return told, nil
	case !has || c.Seq < part.Floor:
		told.Snapshot, told.Seq = true, part.Seq
		return told, t.Docs(ctx, part.Name, func(d ledger.Doc) error {
			return p.add(&told, ledger.Change{Doc: d, Ver: d.Ver})
		})
	}
	err := t.Changes(ctx, part.Name, c.Seq, p.left, func(c ledger.Change) error {
		if p.bytes <= 0 && len(told.Changes) > 0 {
			return ledger.Enough()
		}
		told.Seq = c.Seq
		p.left--
		return p.add(&told, c)
	})
	told.More = told.Seq < part.Seq
	return told, err
}

func (p *pulling) add(told *wire.PulledPart, c ledger.Change) error {
	out := wire.Change{
		Seq: c.Seq, Kind: c.Kind, Record: c.ID, Ver: c.Doc.Ver, Deleted: c.Deleted, By: c.Author, At: c.At,
	}
	if !c.Deleted {
		var err error
		if out.Body, err = p.r.open(c.Doc); err != nil {
			return err
		}
	}
	p.bytes -= len(c.Body) + 200 // and what stands around a body
	told.Changes = append(told.Changes, out)
	return nil
}

// hints wakes those who wait for something to advance. It carries nothing.
type hints struct {
	mu sync.Mutex
	by map[string]map[*Watcher]bool
}

func (h *hints) tell(part string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.by[part] {
		select {
		case w.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// Watcher waits for something to advance that an account may see.
type Watcher struct {
	r    *Records
	who  Who
	wake chan struct{}
	at   map[string]int64 // seq of each part that was told of
}

// Watch begins to wait. Close it.
func (r *Records) Watch(ctx context.Context, who Who, now time.Time) (*Watcher, error) {
	w := &Watcher{r: r, who: who, wake: make(chan struct{}, 1)}
	if _, err := w.Moved(ctx, now); err != nil {
		return nil, err
	}
	return w, nil
}

// Wake tells that it may be worth asking [Watcher.Moved].
func (w *Watcher) Wake() <-chan struct{} { return w.wake }

// Moved says whether anything advanced, came or went since it was asked last. It reads the
// ledger, since another server may have written there.
func (w *Watcher) Moved(ctx context.Context, now time.Time) (bool, error) {
	at := map[string]int64{}
	read := func() error {
		return w.r.h.ledger.View(ctx, func(t *ledger.Tx) error {
			clear(at)
			_, parts, err := stand(ctx, t, w.who, now)
			for _, p := range parts {
				at[p.Name] = p.Seq
			}
			return err
		})
	}
	if err := read(); err != nil {
		return false, fmt.Errorf("watch: %w", err)
	}
	moved := len(at) != len(w.at)
	fresh := w.at == nil
	for name, seq := range at {
		before, had := w.at[name]
		moved = moved || !had || before != seq
		fresh = fresh || !had
	}
	w.listen(at)
	if fresh { // what advanced between the look and the listening
		if err := read(); err != nil {
			return false, fmt.Errorf("watch: %w", err)
		}
		w.listen(at)
	}
	return moved, nil
}

// listen is woken by exactly these parts.
func (w *Watcher) listen(parts map[string]int64) {
	h := &w.r.hints
	h.mu.Lock()
	defer h.mu.Unlock()
	for name := range w.at {
		if _, still := parts[name]; !still {
			w.leave(name)
		}
	}
	if h.by == nil {
		h.by = map[string]map[*Watcher]bool{}
	}
	w.at = make(map[string]int64, len(parts))
	for name, seq := range parts {
		w.at[name] = seq
		if h.by[name] == nil {
			h.by[name] = map[*Watcher]bool{}
		}
		h.by[name][w] = true
	}
}

func (w *Watcher) leave(name string) {
	h := &w.r.hints
	delete(h.by[name], w)
	if len(h.by[name]) == 0 {
		delete(h.by, name)
	}
}

// Close ends the waiting.
func (w *Watcher) Close() {
	w.r.hints.mu.Lock()
	defer w.r.hints.mu.Unlock()
	for name := range w.at {
		w.leave(name)
	}
	w.at = nil
}
