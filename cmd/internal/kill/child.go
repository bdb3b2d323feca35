package kill

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Roles of a process, and what a desk does besides what it has to write.
const (
	roleServer = "server"
	roleDesk   = "desk"

	actSync   = "sync"
	actExport = "export"
	actCarry  = "carry" // of another desk's file: no file of this one is opened
	actImport = "import"
	actShow   = "show"
)

// job is what a process is for. It travels in the environment.
type job struct {
	Role, Dir            string
	Point                string // where it dies; "": nowhere
	Nth                  int    // time that the point is reached
	Name                 string // of a desk, and what follows
	Act                  string
	URL, Access, Account string
	Unsure               *op // to be looked for
	Ops                  []op
	File, Receipts       string
}

// op is something that a person does at a desk.
type op struct {
	N      int
	Do     string
	Record string
	Text   string
}

func (o op) String() string { return fmt.Sprintf("%d %s %s %s", o.N, o.Do, o.Record, o.Text) }

// What a person does.
const (
	doNew        = "new" // a search
	doEdit       = "edit"
	doDrop       = "drop"
	doNewProfile = "profile"
	doAdd        = "add"   // a skill to a profile that both desks share
	doWrite      = "write" // a message
	doSend       = "send"
	doActivate   = "activate" // the desk's own profile
	doReport     = "report"   // without an account
)

// sharedProfiles are those that both desks add to: each holds so many skills.
const sharedProfiles = 20

func shared(n int) string   { return recordID(900_000 + n) }
func recordID(n int) string { return fmt.Sprintf("019a9f6e-0000-7000-8000-%012d", n) }
func skill(s string) string { return "ps:" + s }
func (k *desk) profile() string {
	return recordID(800_000 + int(k.name[0]))
}

var mouth sync.Mutex

// say writes a line at once: what was said was said, whatever follows.
func say(word, rest string) {
	mouth.Lock()
	defer mouth.Unlock()
	_, _ = fmt.Fprintf(os.Stdout, "%s %s\n", word, rest)
}

// points counts those that are reached, and kills this process at one of them.
type points struct {
	mu    sync.Mutex
	point string
	nth   int
	seen  map[string]int
}

func (p *points) arm(point string, nth int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.point, p.nth = point, nth
}

func (p *points) reached(point string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]int{}
	}
	p.seen[point]++
	if point != p.point {
		return
	}
	if p.nth--; p.nth > 0 {
		return
	}
	say("dying", point)
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill() // SIGKILL: nothing is flushed, closed or deferred
	}
	if err != nil {
		panic(err)
	}
	select {}
}

func (j job) run(ctx context.Context) error {
	p := &points{point: j.Point, nth: j.Nth}
	if j.Role == roleServer {
		return j.serve(ctx, p)
	}
	err := j.desk(ctx, p)
	b, merr := json.Marshal(p.seen)
	say("reached", string(b))
	return errors.Join(err, merr)
}

// shelf is what a desk sends without an account.
type shelf struct{ *cache.Device }

// Reports: see [replica.Outbox].
func (s shelf) Reports(ctx context.Context) (all []wire.Report, err error) {
	items, err := s.Pending(ctx)
	for _, it := range items {
		var r wire.Report
		err = errors.Join(err, json.Unmarshal(it.Body, &r))
		all = append(all, r)
	}
	return all, err
}

// Helps: see [replica.Requests].
func (s shelf) Helps(context.Context) ([]wire.HelpRequest, error) { return nil, nil }

// Subscriptions: see [replica.Subscriptions].
func (s shelf) Subscriptions(context.Context) ([]wire.Subscribe, error) { return nil, nil }

// Left: see [replica.Items].
func (s shelf) Left(ctx context.Context, key string) error { return s.Send(ctx, key) }

// Settled: see [replica.Outbox].
func (s shelf) Settled(ctx context.Context, key string, delivered bool, answer string) error {
	state := cache.Rejected
	if delivered {
		state = cache.Accepted
	}
	return s.Settle(ctx, key, state, answer, time.Now())
}

// table is a desk's open files.
type table struct {
	job
	records *cache.Records
	items   shelf
}

func (j job) desk(ctx context.Context, p *points) (err error) {
	replica.AtPoints(p.reached)
	o := replica.PrivateOptions{
		Account: j.Account,
		Token:   func(context.Context, string) (string, error) { return j.Access, nil },
		Tries:   1,
	}
	c, err := client.New(j.URL, client.Options{Tries: 1})
	if err != nil {
		return err
	}
	if j.Act == actCarry {
		return j.carry(ctx, c, o)
	}
	if err := os.MkdirAll(j.Dir, 0o700); err != nil {
		return err
	}
	box, err := secret.NewBox(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		return err
	}
	file, err := cache.OpenPerson(ctx, j.Dir, j.Account, box)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	device, err := cache.Open(ctx, filepath.Join(j.Dir, "device.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	if aside, err := filepath.Glob(filepath.Join(j.Dir, "*.damaged-*")); err != nil || len(aside) > 0 {
		return fmt.Errorf("a file was damaged: %s: %w", aside, err)
	}
	file.AtPoints(func(point string) { p.reached("records " + point) })
	device.AtPoints(func(point string) { p.reached("device " + point) })
	t := table{job: j, items: shelf{device}}
	if t.records, err = file.Records(); err != nil {
		return err
	}
	o.Items = t.items
	if j.Unsure != nil {
		was, err := t.was(ctx, *j.Unsure)
		if err != nil {
			return fmt.Errorf("look for %s: %w", j.Unsure, err)
		}
		say("was", strconv.FormatBool(was))
	}
	for _, todo := range j.Ops {
		say("try", todo.String())
		if err := t.do(ctx, todo); err != nil {
			return fmt.Errorf("%s: %w", todo, err)
		}
		say("did", todo.String())
	}
	switch j.Act {
	case actSync:
		if _, err := replica.NewPrivate(c, t.records, o).Sync(ctx); err != nil {
			return err
		}
		_, err := replica.Flush(ctx, c, t.items)
		return err
	case actExport:
		return whole(j.File, func(f *os.File) error {
			_, err := replica.NewPrivate(nil, t.records, o).Export(ctx, f)
			return err
		})
	case actImport:
		f, err := os.Open(j.Receipts)
		if err != nil {
			return err
		}
		_, err = replica.NewPrivate(nil, t.records, o).Import(ctx, f)
		return errors.Join(err, f.Close())
	}
	return t.show(ctx)
}

// carry hands a file in and writes the answers.
func (j job) carry(ctx context.Context, c *client.Client, o replica.PrivateOptions) error {
	f, err := os.Open(j.File)
	if err != nil {
		return err
	}
	in, err := wire.ReadParcel(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	out, err := replica.Carry(ctx, c, o, in)
	if err != nil {
		return err
	}
	return whole(j.Receipts, func(f *os.File) error { return wire.WriteReceipts(f, out) })
}

// whole writes a file whole, or not at all.
func whole(name string, write func(*os.File) error) error {
	f, err := os.Create(name + ".new")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func (t table) ref(kind, id string) cache.Ref {
	return cache.Ref{Partition: "person/" + t.Account, Kind: kind, Record: id}
}

func quoted(s string) json.RawMessage { return json.RawMessage(strconv.Quote(s)) }

func (t table) do(ctx context.Context, o op) error {
	now := time.Now()
	search, profile, message := t.ref("search", o.Record), t.ref("profile", o.Record), t.ref("message", o.Record)
	switch o.Do {
	case doNew:
		return t.records.Put(ctx, search, record.Doc{"name": quoted(o.Text), "query": json.RawMessage(`{"words":"cuisine"}`)}, now)
	case doEdit:
		r, err := t.records.Get(ctx, search)
		if err != nil {
			return err
		}
		r.Doc["name"] = quoted(o.Text)
		return t.records.Put(ctx, search, r.Doc, now)
	case doDrop:
		return t.records.Delete(ctx, search, now)
	case doNewProfile:
		return t.records.Put(ctx, profile, record.Doc{"places": json.RawMessage(`["NB"]`), "mode": json.RawMessage(`"default"`)}, now)
	case doAdd:
		r, err := t.records.Get(ctx, profile)
		if err != nil {
			return err
		}
		b, err := json.Marshal(append(skills(r.Doc), skill(o.Text)))
		if err != nil {
			return err
		}
		r.Doc["skills"] = b
		return t.records.Put(ctx, profile, r.Doc, now)
	case doWrite:
		return t.records.Put(ctx, message, record.Doc{"topic": quoted("other"), "text": quoted(o.Text), "lang": quoted("fr")}, now)
	case doSend:
		return t.records.Do(ctx, message, "send", 1, now)
	case doActivate:
		n, err := strconv.ParseInt(o.Text, 10, 64)
		if err != nil {
			return err
		}
		return t.records.Do(ctx, profile, "activate", n, now)
	case doReport:
		body, err := json.Marshal(wire.Report{Key: o.Record, Number: int64(o.N), Reason: string(wire.DeadLink), Made: now})
		if err != nil {
			return err
		}
		return t.items.Queue(ctx, cache.KindReport, o.Record, body, now)
	}
	return fmt.Errorf("nobody knows how to %q", o.Do)
}

// was says whether something that was begun came to be, as the desk's own file has it.
func (t table) was(ctx context.Context, o op) (bool, error) {
	switch o.Do {
	case doReport:
		items, err := t.items.Items(ctx, cache.KindReport)
		return slices.ContainsFunc(items, func(it cache.Item) bool { return it.Key == o.Record }), err
	case doSend, doActivate:
		waiting, err := t.records.Outbox(ctx)
		if err != nil {
			return false, err
		}
		sent, err := t.records.Sent(ctx)
		return slices.ContainsFunc(append(waiting, sent...), func(m cache.Mutation) bool {
			return m.Record == o.Record && m.Command == o.Do && (o.Do == doSend || strconv.FormatInt(m.Revision, 10) == o.Text)
		}), err
	}
	kind := map[string]string{doNewProfile: "profile", doAdd: "profile", doWrite: "message"}[o.Do]
	if kind == "" {
		kind = "search"
	}
	r, err := t.records.Get(ctx, t.ref(kind, o.Record))
	there := err == nil
	if errors.Is(err, cache.ErrNotFound) {
		err = nil
	}
	switch o.Do {
	case doEdit:
		return there && string(r.Doc["name"]) == string(quoted(o.Text)), err
	case doDrop:
		return !there, err
	case doAdd:
		return there && slices.Contains(skills(r.Doc), skill(o.Text)), err
	}
	return there, err
}

func skills(d record.Doc) (all []string) {
	_ = json.Unmarshal(d["skills"], &all) // none yet
	return all
}

// shown is everything of a desk.
type shown struct {
	Rows             map[string]string
	Waiting          []string
	Conflicts, Items int // how many
}

// told is a record in a line.
func told(kind string, d record.Doc) string {
	word := func(field string) (s string) {
		_ = json.Unmarshal(d[field], &s)
		return s
	}
	switch kind {
	case "search":
		return word("name")
	case "message":
		if s := word("state"); s != "" {
			return s
		}
		return "draft"
	}
	state, n := word("state"), string(d["version"])
	if state == "" {
		state = "draft"
	}
	if n == "" {
		n = "0"
	}
	all := skills(d)
	slices.Sort(all)
	return state + " " + n + " " + strings.Join(all, " ")
}

func (t table) show(ctx context.Context) error {
	s := shown{Rows: map[string]string{}}
	for _, kind := range []string{"search", "profile", "message"} {
		list, err := t.records.List(ctx, kind)
		if err != nil {
			return err
		}
		for _, r := range list {
			s.Rows[r.Record] = told(kind, r.Doc)
		}
	}
	waiting, err := t.records.Outbox(ctx)
	for _, m := range waiting {
		s.Waiting = append(s.Waiting, fmt.Sprintf("%s %s %s%s", m.State, m.Why, m.Command, m.Record))
	}
	conflicts, cerr := t.records.Conflicts(ctx)
	items, ierr := t.items.Pending(ctx)
	if err := errors.Join(err, cerr, ierr); err != nil {
		return err
	}
	s.Conflicts, s.Items = len(conflicts), len(items)
	b, err := json.Marshal(s)
	if err == nil {
		say("shown", string(b))
	}
	return err
}

// output is what a desk's process said.
type output struct {
	tried, did int
	was        *bool
	died       string // the point
	failed     string // what it ended with
	reached    map[string]int
	shown      *shown
	all        string
}

func (o output) String() string { return o.all }

// again is this program, for a job.
func again(ctx context.Context, j job) (*exec.Cmd, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, name)
	c.Env = append(os.Environ(), variable+"="+string(text))
	return c, nil
}

// start runs a desk's process to its end.
func start(ctx context.Context, dir string, j job) (out output, err error) {
	c, err := again(ctx, j)
	if err != nil {
		return out, err
	}
	var said, errs bytes.Buffer
	c.Stdout, c.Stderr = &said, &errs
	err = c.Run()
	out.all = said.String() + errs.String()
	ended := false
	lines := bufio.NewScanner(&said)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "try":
			out.tried++
		case "did":
			out.did++
		case "was":
			was := rest == "true"
			out.was = &was
		case "dying":
			out.died = rest
		case "failed":
			out.failed, ended = rest, true
		case "reached":
			if err := json.Unmarshal([]byte(rest), &out.reached); err != nil {
				return out, err
			}
		case "shown":
			if err := json.Unmarshal([]byte(rest), &out.shown); err != nil {
				return out, err
			}
		case "bye":
			ended = true
		}
	}
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case out.died == "" && !ended:
		return out, fmt.Errorf("desk in %s ended with %w: %s", dir, err, out.all)
	case out.died != "" && ended:
		return out, fmt.Errorf("desk in %s went on after it was killed: %s", dir, out.all)
	case out.failed != "" && !strings.Contains(out.failed, wire.ErrOffline.Error()):
		return out, fmt.Errorf("desk in %s: %s", dir, out.failed)
	}
	return out, nil
}
