package simtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"passerelle/store/cache"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// firm is the employer file that both accounts may see, and its partition.
const (
	firmID = "019a9f6e-0000-7000-8000-000000000000"
	firm   = "employer/" + firmID
)

func own(account string) string { return "person/" + account }

// office is the server of a life: the real one, in a directory, which may die and be restored.
type office struct {
	dir    string
	hub    *hub.Hub
	recs   *hub.Records
	now    time.Time
	at     func(point string) // of the request that is being answered; nil: nothing
	backup string             // file; "": that of the beginning

	cursors map[string]wire.Cursor       // up to where the observer has read each partition
	stands  map[cache.Ref]wire.Change    // what stands
	answers map[string]wire.Result       // by mutation, since the last restore
	effects map[ledger.Submission]string // submissions that ever were, without their moment: which epoch
	late    []envelope
	pushes  int // that were answered
}

// envelope is a request that the network kept a copy of.
type envelope struct {
	account string
	push    []byte
}

// died is what a machine dies with.
type died struct{}

func box(n byte) *secret.Box {
	b, err := secret.NewBox(append(make([]byte, secret.KeySize-1), n))
	if err != nil {
		panic(err) // of that size it is a key
	}
	return b
}

// begun is an office's ledger and the files of both accounts, as they are when a life begins:
// made once, copied for each.
var begun = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp(Memory(), "passerelle-begun-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx := context.Background()
	o := &office{dir: dir, now: Start}
	if err := o.open(ctx); err != nil {
		return nil, err
	}
	k, _ := record.Find("employer")
	file := written(k)
	pushed, err := o.recs.Push(ctx, hub.Who{Account: "ada"}, wire.Push{Mutations: []wire.Mutation{{
		ID: "founded", Client: "founder", Seq: 1, Partition: firm, Kind: "employer", Record: firmID, Patch: file, Made: Start,
	}}}, Start)
	if err == nil && pushed.Results[0].Outcome != wire.Applied {
		err = fmt.Errorf("found the firm: %+v", pushed.Results[0])
	}
	err = errors.Join(err, o.recs.Let(ctx, firm, "bob", "owner", Start), o.hub.Close())
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	names := []string{"ledger.db"}
	for _, account := range []string{"ada", "bob"} {
		d, err := cache.OpenPerson(ctx, dir, account, box(1))
		if err != nil {
			return nil, err
		}
		if err := d.Close(); err != nil {
			return nil, err
		}
		names = append(names, "account-"+account+".db")
	}
	for _, name := range names {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// lay puts one of the files of the beginning into a directory.
func lay(dir, name string) error {
	files, err := begun()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), files[name], 0o600)
}

// written is an example of a kind as people may write it.
func written(k record.Kind) record.Doc {
	d := k.Example()
	for _, name := range k.Forbidden(d) {
		delete(d, name)
	}
	return d
}

func newOffice(ctx context.Context, dir string) (*office, error) {
	o := &office{dir: dir, now: Start, effects: map[ledger.Submission]string{}}
	if err := lay(dir, "ledger.db"); err != nil {
		return nil, err
	}
	o.forget()
	return o, o.open(ctx)
}

func (o *office) open(ctx context.Context) (err error) {
	o.hub, err = hub.Open(ctx, o.dir, hub.Options{At: func(point string) {
		if o.at != nil {
			o.at(point)
		}
	}})
	if err != nil {
		return err
	}
	// A log that is soon too short, so that old cursors come upon snapshots.
	o.recs, err = o.hub.Records(hub.RecordsOptions{Box: box(2), KeepLog: 4 * 24 * time.Hour})
	return err
}

func (o *office) forget() {
	o.cursors, o.stands, o.answers = map[string]wire.Cursor{}, map[cache.Ref]wire.Change{}, map[string]wire.Result{}
}

func (o *office) keepBackup(ctx context.Context) error {
	to := filepath.Join(o.dir, "backup.db")
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	o.backup = to
	return o.hub.Backup(ctx, to)
}

func (o *office) restore(ctx context.Context) error {
	if o.backup == "" {
		o.backup = filepath.Join(o.dir, "begun", "ledger.db")
		if err := lay(filepath.Dir(o.backup), "ledger.db"); err != nil {
			return err
		}
	}
	if err := o.hub.Close(); err != nil {
		return err
	}
	if _, _, err := hub.Restore(ctx, o.dir, o.backup); err != nil {
		return err
	}
	o.forget()
	return o.open(ctx)
}

// through sends something the way of a network: as text.
func through[T any](v T) (out T, err error) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// push answers a push, as somebody who may die at a point does: crashed says so. What is
// broken is an answer that no server may give.
func (o *office) push(ctx context.Context, account string, in wire.Push, at func(point string)) (out wire.Pushed, crashed bool, err error) {
	func() {
		defer func() {
			o.at = nil
			if r := recover(); r != nil {
				if r != (died{}) {
					panic(r)
				}
				crashed = true
			}
		}()
		o.at = at
		out, err = o.recs.Push(ctx, hub.Who{Account: account}, in, o.now)
	}()
	if crashed {
		if err := errors.Join(o.hub.Close(), o.open(ctx)); err != nil {
			return out, true, err
		}
		return out, true, nil
	}
	if err != nil {
		return out, false, broken("the server fails at a push: %v", err)
	}
	o.pushes++
	for n, r := range out.Results {
		if r.ID != in.Mutations[n].ID {
			return out, false, broken("answer %d is of %s, not of %s", n, r.ID, in.Mutations[n].ID)
		}
		before, known := o.answers[r.ID]
		switch {
		case known && (r.Outcome != wire.Duped || r.First != before.Outcome || r.Ver != before.Ver):
			return out, false, broken("a change that was %s (version %d) is %s (first %q, version %d) when it comes again (X-013)",
				before.Outcome, before.Ver, r.Outcome, r.First, r.Ver)
		case known || r.Outcome == wire.Later || r.Reason == wire.ReasonConfirm || r.Reason == wire.ReasonInvalid || r.Reason == wire.ReasonOther:
		case r.Outcome == wire.Duped:
			r.Outcome = r.First // it came before a crash
			o.answers[r.ID] = r
		default:
			o.answers[r.ID] = r
		}
	}
	out, err = through(out)
	return out, false, err
}

// observe reads what an account may see from where it was read to last. told is called with
// each record as it stands now, and as it stood.
func (o *office) observe(ctx context.Context, account string, told func(ref cache.Ref, was, is wire.Change)) error {
	for n := 0; ; n++ {
		var in wire.Pull
		for _, name := range slices.Sorted(maps.Keys(o.cursors)) {
			if c := o.cursors[name]; c.Partition == own(account) || c.Partition == firm {
				in.Cursors = append(in.Cursors, c)
			}
		}
		got, err := o.recs.Pull(ctx, hub.Who{Account: account}, in, o.now)
		if err != nil {
			return broken("the server fails at a pull: %v", err)
		}
		more := false
		for _, p := range got.Parts {
			if p.Gone {
				continue
			}
			if err := o.follow(account, p, told); err != nil {
				return err
			}
			more = more || p.More
		}
		if !more {
			return nil
		}
		if n == 100 {
			return broken("a pull has no end")
		}
	}
}

func (o *office) follow(account string, p wire.PulledPart, told func(ref cache.Ref, was, is wire.Change)) error {
	if p.Partition != own(account) && p.Partition != firm {
		return broken("%s is given the partition %s (invariant 6)", account, p.Partition)
	}
	c := o.cursors[p.Partition]
	there := map[cache.Ref]bool{}
	for _, x := range p.Changes {
		if !p.Snapshot {
			if c.Seq++; x.Seq != c.Seq {
				return broken("after change %d of %s comes %d (invariant 4)", c.Seq-1, p.Partition, x.Seq)
			}
		}
		ref := cache.Ref{Partition: p.Partition, Kind: x.Kind, Record: x.Record}
		there[ref] = true
		was := o.stands[ref]
		o.stands[ref] = x
		told(ref, was, x)
	}
	if !p.Snapshot && c.Seq != p.Seq {
		return broken("changes of %s end at %d, not at %d (invariant 4)", p.Partition, c.Seq, p.Seq)
	}
	if p.Snapshot {
		for ref, was := range o.stands {
			if ref.Partition == p.Partition && !there[ref] {
				is := wire.Change{Kind: ref.Kind, Record: ref.Record, Deleted: true}
				o.stands[ref] = is
				told(ref, was, is)
			}
		}
	}
	o.cursors[p.Partition] = wire.Cursor{Partition: p.Partition, Epoch: p.Epoch, Seq: p.Seq}
	return nil
}

// audit looks at the tables themselves.
func (o *office) audit(ctx context.Context, permits func(mutation string) bool) error {
	return o.hub.Ledger().View(ctx, func(t *ledger.Tx) error {
		for _, name := range []string{firm, own("ada"), own("bob")} {
			p, err := t.Part(ctx, name)
			if errors.Is(err, ledger.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			at := p.Floor
			err = t.Changes(ctx, name, p.Floor, 1_000_000, func(c ledger.Change) error {
				if at++; c.Seq != at {
					return broken("change %d of %s is followed by %d (invariant 4)", at-1, name, c.Seq)
				}
				return nil
			})
			if err == nil && at != p.Seq {
				err = broken("the log of %s ends at %d, its counter says %d (invariant 4)", name, at, p.Seq)
			}
			if err != nil {
				return err
			}
			var records, size int64
			err = t.Docs(ctx, name, func(d ledger.Doc) error { records, size = records+1, size+int64(len(d.Body)); return nil })
			if err == nil && (records != p.Records || size != p.Bytes) {
				err = broken("%s counts %d records of %d bytes and holds %d of %d (invariant 7)", name, p.Records, p.Bytes, records, size)
			}
			if err != nil {
				return err
			}
			all, err := t.Submissions(ctx, name)
			if err != nil {
				return err
			}
			for _, s := range all {
				s.At = time.Time{}
				key := s
				epoch := fmt.Sprint(p.Epoch)
				if _, known := o.effects[key]; known {
					continue
				}
				o.effects[key] = epoch
				if !permits(s.Mutation) {
					return broken("%s of %s was done once more than it was asked (invariant 3)", s.Command, s.Doc)
				}
			}
		}
		return nil
	})
}
