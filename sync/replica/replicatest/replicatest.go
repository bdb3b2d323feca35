// Package replicatest is a person's records in a file, as the desktop keeps them, for the tests of
// the screens: begin with [Open]. What a server would answer, a test hands to the file itself.
package replicatest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Records are a person's. Steady is what the background sync says, but for what is counted
// in the file; Kicked is what it was asked for.
type Records struct {
	*cache.Records
	File   *cache.Device
	Steady replica.Steady
	Kicked []replica.Cause
	Err    error // of whatever needs a server

	now   func() time.Time
	watch []func()
	seq   map[string]int64 // of each partition
}

// Open opens the records of a person in a directory.
func Open(ctx context.Context, dir, person string, now func() time.Time) (*Records, error) {
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		return nil, err
	}
	f, err := cache.OpenPerson(ctx, dir, person, box)
	if err != nil {
		return nil, err
	}
	r, err := f.Records()
	if err != nil {
		return nil, fmt.Errorf("records of %s: %w", person, err)
	}
	return &Records{Records: r, File: f, now: now, seq: map[string]int64{}}, nil
}

// Doc reads a record, as text.
func Doc(text string) record.Doc {
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

// Status counts what waits in the file.
func (r *Records) Status() replica.Steady {
	s, ctx := r.Steady, context.Background()
	s.Waiting, _ = r.Waiting(ctx)
	all, _ := r.Outbox(ctx)
	for _, m := range all {
		if m.State == cache.Parked {
			s.Parked++
		}
	}
	open, _ := r.Conflicts(ctx)
	s.Conflicts = len(open)
	if s.Parts == nil {
		s.Parts, _ = r.Cursors(ctx)
	}
	return s
}

// Watch calls f at each Tell.
func (r *Records) Watch(f func()) (stop func()) {
	r.watch = append(r.watch, f)
	return func() { r.watch = nil }
}

// Tell says that something has changed.
func (r *Records) Tell() {
	for _, f := range r.watch {
		f()
	}
}

// Kick notes why.
func (r *Records) Kick(why replica.Cause) { r.Kicked = append(r.Kicked, why) }

// Put edits a record.
func (r *Records) Put(ctx context.Context, ref cache.Ref, doc record.Doc) error {
	return r.Records.Put(ctx, ref, doc, r.now())
}

// Delete removes one.
func (r *Records) Delete(ctx context.Context, ref cache.Ref) error {
	return r.Records.Delete(ctx, ref, r.now())
}

// Do asks for a command.
func (r *Records) Do(ctx context.Context, ref cache.Ref, command string, revision int64) error {
	return r.Records.Do(ctx, ref, command, revision, r.now())
}

// Resolve chooses.
func (r *Records) Resolve(ctx context.Context, ref cache.Ref, choices map[string]cache.Choice) error {
	_, err := r.Records.Resolve(ctx, ref, choices, r.now())
	return err
}

// Synced is the server's word on records of a kind: as they are now, by their names; "" is one
// that was removed.
func (r *Records) Synced(ctx context.Context, kind, partition, by string, docs map[string]string) error {
	p := cache.Part{Partition: partition, Epoch: 1}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		r.seq[partition]++
		c := cache.Change{Seq: r.seq[partition], Kind: kind, Record: name, Ver: r.seq[partition] * 10, By: by, At: r.now()}
		if docs[name] == "" {
			c.Deleted = true
		} else {
			c.Body = Doc(docs[name])
		}
		p.Changes = append(p.Changes, c)
	}
	p.Seq = r.seq[partition]
	return r.Take(ctx, p, r.now())
}

// Answer has the server answer what waits: f says how.
func (r *Records) Answer(ctx context.Context, f func(cache.Mutation) cache.Result) error {
	all, err := r.Batch(ctx, cache.Limits{})
	if err != nil {
		return err
	}
	var results []cache.Result
	for _, m := range all {
		x := f(m)
		x.ID = m.ID
		results = append(results, x)
	}
	_, err = r.Settle(ctx, 1, results, r.now())
	return err
}

func (r *Records) byFile() *replica.Private {
	return replica.NewPrivate(nil, r.Records, replica.PrivateOptions{Now: r.now})
}

// Export writes what waits.
func (r *Records) Export(ctx context.Context, path string) (n int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return r.byFile().Export(ctx, f)
}

// Import takes answers in.
func (r *Records) Import(ctx context.Context, path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return r.byFile().Import(ctx, io.Reader(f))
}

// Carry has no server to carry to: it reads the file and says Err.
func (r *Records) Carry(_ context.Context, path, _ string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	p, err := wire.ReadParcel(f)
	if err != nil {
		return 0, err
	}
	return p.Len(), r.Err
}
