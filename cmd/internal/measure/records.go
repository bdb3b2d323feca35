package measure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/store/cache"
	"passerelle/store/postgres"
	kinds "passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// served is the place of a ledger that a database holds, "" for a file.
func served(at string) string {
	if postgres.Is(at) {
		return at
	}
	return ""
}

// RecordsSize is how much of each is done.
type RecordsSize struct {
	Desks    int // that push and pull at once, each an account
	Pushes   int // of 100 mutations, of all desks together
	Singles  int // pushes of one mutation
	Pulls    int
	Waiting  int // mutations in the outbox that is drained
	Idle     int // desks that have nothing to say
	IdleAsks int // polls of each
}

// Records is what a server of private records does, over HTTP on loopback with real
// sessions. Quotas and rate limits are out of the way.
type Records struct {
	Mutations float64       // a second, in pushes of 100
	Singles   float64       // pushes of one mutation a second
	Single    Latency       // of such a push
	Unchanged float64       // pulls a second of desks that are up to date
	Pages     float64       // pulls a second of 500 changes
	Snapshot  time.Duration // of everything of a desk that has no cursor
	Stands    int           // records in it
	Drain     time.Duration // of an outbox, by a desk with its real file
	Drained   int
	Polls     float64 // a second, of all idle desks at once
	Poll      Latency
	Hints     int           // channels of hints open at once
	Heap      int64         // bytes that one of them holds, server and asker together
	Hint      time.Duration // from a push until the channel of the other desk says so: median
}

// PrivateRecords measures a server whose ledger is at a place: a file, or a database's URL.
func PrivateRecords(ctx context.Context, dir, at string, n RecordsSize) (m Records, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return m, err
	}
	keys, err := secret.Temporary(secret.Cheap) // nobody measures passwords here
	if err != nil {
		return m, err
	}
	p, err := openPeople(ctx, dir, keys, at)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var desks []*benchDesk
	for i := range max(n.Desks, n.Idle) {
		d, err := p.sitDown(ctx, i)
		if err != nil {
			return m, err
		}
		desks = append(desks, d)
	}
	for _, do := range []func(context.Context, *Records, RecordsSize, []*benchDesk) error{
		measurePushes, measurePulls, measureIdle, measureHints,
	} {
		if err := do(ctx, &m, n, desks); err != nil {
			return m, err
		}
	}
	d, err := p.sitDown(ctx, len(desks))
	if err != nil {
		return m, err
	}
	return m, d.drain(ctx, &m, n.Waiting, dir)
}

// benchDesk is an account's desk.
type benchDesk struct {
	c       *client.Client
	session wire.Session
	sent    int64
}

// sitDown registers somebody and gives a desk of its own connections.
func (p *people) sitDown(ctx context.Context, i int) (*benchDesk, error) {
	session, err := p.join(ctx, fmt.Sprintf("desk%d@exemple.ca", i))
	if err != nil {
		return nil, err
	}
	c, err := client.New(p.base, client.Options{})
	if err != nil {
		return nil, err
	}
	return &benchDesk{c: c, session: *session}, nil
}

func (d *benchDesk) part() string { return "person/" + d.session.Account }

// someRecord is as a person fills it in: a saved search with a few hundred bytes of words.
func someRecord() (kinds.Kind, kinds.Doc, error) {
	k, ok := kinds.Find("search")
	if !ok {
		return k, nil, errors.New("there is no kind of saved searches")
	}
	made := k.Example()
	for _, name := range k.Forbidden(made) {
		delete(made, name)
	}
	asked, err := json.Marshal(map[string]string{"words": strings.Repeat("des mots ", 40)})
	made["query"] = asked
	return k, made, err
}

// push sends new records.
func (d *benchDesk) push(ctx context.Context, n int) error {
	k, made, err := someRecord()
	if err != nil {
		return err
	}
	in := wire.Push{Mutations: make([]wire.Mutation, n)}
	for i := range in.Mutations {
		d.sent++
		id := fmt.Sprintf("m%d", d.sent)
		in.Mutations[i] = wire.Mutation{
			ID: id, Client: "bench", Seq: d.sent, Partition: d.part(), Kind: k.Name, Record: "r" + id, Patch: made, Made: time.Unix(0, 0),
		}
	}
	out, err := d.c.Push(ctx, d.session.Access, in)
	if err != nil {
		return err
	}
	for _, r := range out.Results {
		if r.Outcome != wire.Applied {
			return fmt.Errorf("pushed %s: %s %s", r.ID, r.Outcome, r.Reason)
		}
	}
	return nil
}

// pull reads on from a position.
func (d *benchDesk) pull(ctx context.Context, cursors ...wire.Cursor) (part wire.PulledPart, err error) {
	out, err := d.c.Pull(ctx, d.session.Access, wire.Pull{Cursors: cursors})
	if err != nil {
		return part, err
	}
	for _, p := range out.Parts {
		if p.Partition == d.part() {
			return p, nil
		}
	}
	return part, fmt.Errorf("pull: nothing of %s", d.part())
}

// atOnce lets desks do something so many times in all, and gives each one's time.
func atOnce(ctx context.Context, desks []*benchDesk, times int, do func(ctx context.Context, d *benchDesk) error) (took []time.Duration, whole time.Duration, err error) {
	var (
		mu   sync.Mutex
		left atomic.Int64
	)
	left.Store(int64(times))
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for _, d := range desks {
		g.Go(func() error {
			for left.Add(-1) >= 0 {
				from := time.Now()
				if err := do(ctx, d); err != nil {
					return err
				}
				mu.Lock()
				took = append(took, time.Since(from))
				mu.Unlock()
			}
			return nil
		})
	}
	err = g.Wait()
	whole = time.Since(began)
	slices.Sort(took)
	return took, whole, err
}

// spread is of times in order.
func spread(sorted []time.Duration) Latency {
	return Latency{P50: sorted[len(sorted)/2], P95: sorted[len(sorted)*95/100], Max: sorted[len(sorted)-1]}
}

func aSecond(n int, whole time.Duration) float64 { return float64(n) / whole.Seconds() }

func measurePushes(ctx context.Context, m *Records, n RecordsSize, desks []*benchDesk) error {
	took, whole, err := atOnce(ctx, desks[:n.Desks], n.Pushes, func(ctx context.Context, d *benchDesk) error { return d.push(ctx, wire.MaxMutations) })
	if err != nil {
		return err
	}
	m.Mutations = aSecond(len(took)*wire.MaxMutations, whole)
	took, whole, err = atOnce(ctx, desks[:n.Desks], n.Singles, func(ctx context.Context, d *benchDesk) error { return d.push(ctx, 1) })
	if err != nil {
		return err
	}
	m.Singles, m.Single = aSecond(len(took), whole), spread(took)
	return nil
}

func measurePulls(ctx context.Context, m *Records, n RecordsSize, desks []*benchDesk) error {
	busy := desks[0]
	for _, d := range desks {
		if d.sent > busy.sent {
			busy = d
		}
	}
	began := time.Now()
	whole, err := busy.pull(ctx)
	if err != nil {
		return err
	}
	m.Snapshot, m.Stands = time.Since(began), len(whole.Changes)
	if int64(m.Stands) != busy.sent {
		return fmt.Errorf("%d records stand of %d", m.Stands, busy.sent)
	}
	most := min(busy.sent, 500)
	crowd := make([]*benchDesk, n.Desks) // of one account
	for i := range crowd {
		crowd[i] = &benchDesk{c: desks[i].c, session: busy.session}
	}
	page := wire.Cursor{Partition: busy.part(), Epoch: whole.Epoch}
	took, all, err := atOnce(ctx, crowd, n.Pulls, func(ctx context.Context, d *benchDesk) error {
		part, err := d.pull(ctx, page)
		if err == nil && int64(len(part.Changes)) != most {
			err = fmt.Errorf("%d changes of %d", len(part.Changes), most)
		}
		return err
	})
	if err != nil {
		return err
	}
	m.Pages = aSecond(len(took), all)
	page.Seq = whole.Seq
	took, all, err = atOnce(ctx, crowd, 10*n.Pulls, func(ctx context.Context, d *benchDesk) error {
		_, err := d.pull(ctx, page)
		return err
	})
	if err != nil {
		return err
	}
	m.Unchanged = aSecond(len(took), all)
	return nil
}

// measureIdle lets all of them poll, each as soon as it had its answer: how many can be
// answered in a second says how many can be at work.
func measureIdle(ctx context.Context, m *Records, n RecordsSize, desks []*benchDesk) error {
	desks = desks[:n.Idle]
	at := make(map[*benchDesk]wire.Cursor, len(desks))
	for _, d := range desks {
		part, err := d.pull(ctx)
		if err != nil {
			return err
		}
		at[d] = wire.Cursor{Partition: d.part(), Epoch: part.Epoch, Seq: part.Seq}
	}
	took, whole, err := atOnce(ctx, desks, n.Idle*n.IdleAsks, func(ctx context.Context, d *benchDesk) error {
		_, err := d.pull(ctx, at[d])
		return err
	})
	if err != nil {
		return err
	}
	m.Polls, m.Poll = aSecond(len(took), whole), spread(took)
	return nil
}

// measureHints opens a channel for every idle desk, and times what the first of them is
// told while the others listen.
func measureHints(ctx context.Context, m *Records, n RecordsSize, desks []*benchDesk) (err error) {
	desks = desks[:n.Idle]
	before := heap()
	g, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	told := make(chan struct{}, 1)
	var open sync.WaitGroup
	open.Add(len(desks))
	for i, d := range desks {
		g.Go(func() error {
			first := true
			err := d.c.Hints(ctx, d.session.Access, func() {
				switch {
				case first:
					first = false
					open.Done()
				case i == 0:
					told <- struct{}{}
				}
			})
			select {
			case <-ctx.Done(): // enough was measured
				return nil
			default:
				return err
			}
		})
	}
	ready := make(chan struct{})
	go func() { open.Wait(); close(ready) }()
	select {
	case <-ready:
	case <-ctx.Done():
		return g.Wait()
	}
	m.Hints, m.Heap = len(desks), (heap()-before)/int64(len(desks))
	var took []time.Duration
	for range 20 {
		from := time.Now()
		if err := desks[0].push(ctx, 1); err != nil {
			stop()
			return errors.Join(err, g.Wait())
		}
		select {
		case <-told:
		case <-ctx.Done():
			return g.Wait()
		}
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	m.Hint = took[len(took)/2]
	stop()
	return g.Wait()
}

func heap() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapInuse + s.StackInuse)
}

// drain fills the outbox of a real file and brings it in step.
func (d *benchDesk) drain(ctx context.Context, m *Records, n int, dir string) (err error) {
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		return err
	}
	file, err := cache.OpenPerson(ctx, filepath.Join(dir, "desk"), d.session.Account, box)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	recs, err := file.Records()
	if err != nil {
		return err
	}
	sync := replica.NewPrivate(d.c, recs, replica.PrivateOptions{
		Token: func(context.Context, string) (string, error) { return d.session.Access, nil },
	})
	if _, err := sync.Sync(ctx); err != nil {
		return err
	}
	k, made, err := someRecord()
	if err != nil {
		return err
	}
	for i := range n {
		ref := cache.Ref{Partition: d.part(), Kind: k.Name, Record: fmt.Sprintf("r%d", i)}
		if err := recs.Put(ctx, ref, made, time.Now()); err != nil {
			return err
		}
	}
	began := time.Now()
	done, err := sync.Sync(ctx)
	if err != nil {
		return err
	}
	m.Drain, m.Drained = time.Since(began), done.Sent
	if left, err := recs.Waiting(ctx); err != nil || left > 0 || done.Sent != n {
		return fmt.Errorf("%d of %d were sent, %d wait: %w", done.Sent, n, left, err)
	}
	return nil
}
