package simtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/skill"
	"passerelle/sync/hub"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Broken is a promise that a history broke.
type Broken struct{ Promise string }

func (b *Broken) Error() string { return b.Promise }

func broken(format string, args ...any) error { return &Broken{fmt.Sprintf(format, args...)} }

// crowd is who has a copy of their records where: two people, three desks, one of them shared.
var crowd = []struct {
	account string
	desk    int
	skew    time.Duration // of the desk's clock
}{
	{"ada", 0, 0}, {"ada", 1, -9 * 24 * time.Hour}, {"bob", 1, -9 * 24 * time.Hour}, {"bob", 2, 400 * 24 * time.Hour},
}

// life is a history that is being played.
type life struct {
	ctx    context.Context
	dir    string
	office *office
	places []*place
	sits   [3]int // by desk: which place's person is there
	turns  [3]int // by desk: moves with each person who comes

	refs  []cache.Ref // records in the order of their making
	marks map[string]*mark
	order []string // of marks
	ends  []*ending
	seed  uint64
	step  Step
	say   func(line string)
}

// tell says what happens.
func (l *life) tell(format string, args ...any) {
	if l.say != nil {
		l.say(fmt.Sprintf(format, args...))
	}
}

// Play plays a history in a new directory within dir. The error is a *Broken where a promise
// was: it says at which step, or at the rest after the last. say is given what happens, line
// by line; nil: nothing.
func Play(ctx context.Context, dir string, h History, say func(line string)) (err error) {
	dir, err = os.MkdirTemp(dir, "life-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := &life{ctx: ctx, dir: dir, marks: map[string]*mark{}, say: say, seed: h.Seed, refs: []cache.Ref{{Partition: firm, Kind: "employer", Record: firmID}}}
	l.sits = [3]int{0, 1, 3}
	if l.office, err = newOffice(ctx, filepath.Join(dir, "office")); err != nil {
		return err
	}
	defer func() { _ = l.office.hub.Close() }()
	for n, c := range crowd {
		l.places = append(l.places, &place{
			life: l, n: n, account: c.account, desk: c.desk, skew: c.skew, dir: filepath.Join(dir, fmt.Sprint("desk", c.desk)),
			answered: map[string]bool{}, at: map[string]int64{}, names: map[string]int64{}, leave: map[int64]int{}, effects: map[int64]int{}, lost: map[string]bool{},
		})
	}
	defer func() {
		for _, p := range l.places {
			if p.file != nil {
				_ = p.file.Close()
			}
		}
	}()
	if err := l.look("ada", "bob"); err != nil {
		return err
	}
	for _, s := range h.Steps {
		l.step = s
		l.tell("%s", s)
		if err := l.do(s); err != nil {
			return fmt.Errorf("at step %d: %w", s.N, err)
		}
	}
	l.step = Step{}
	l.tell("rest")
	if err := l.rest(); err != nil {
		return fmt.Errorf("at rest: %w", err)
	}
	return nil
}

// look lets the observer see what the office has now.
func (l *life) look(accounts ...string) error {
	for _, a := range accounts {
		if err := l.office.observe(l.ctx, a, l.stood); err != nil {
			return err
		}
	}
	return nil
}

func (l *life) do(s Step) error {
	o := l.office
	switch s.Do {
	case "back up":
		return o.keepBackup(l.ctx)
	case "restore":
		return l.restore()
	case "wait":
		o.now = o.now.Add(time.Duration(1+s.Arg%60) * time.Hour)
		return o.recs.Tidy(l.ctx, o.now)
	case "let":
		role := "owner"
		if s.Arg%2 == 0 {
			role = ""
		}
		return o.recs.Let(l.ctx, firm, "bob", role, o.now)
	case "echo":
		return l.echo(s)
	}
	p := l.places[s.Place%len(l.places)]
	if err := p.come(); err != nil {
		return err
	}
	acts := map[string]func(Step) error{
		"sync": p.sync, "edit": p.edit, "new": p.begin, "add": p.add, "drop": p.drop, "delete": p.delete, "command": p.command,
		"cancel": p.cancel, "retry": p.retry, "resolve": p.resolve, "reopen": p.reopen, "reset": p.reset, "carry": p.carry,
	}
	if err := acts[s.Do](s); err != nil {
		return err
	}
	return p.look(s.Do)
}

func (l *life) restore() error {
	if err := l.office.restore(l.ctx); err != nil {
		return err
	}
	if err := l.look("ada", "bob"); err != nil {
		return err
	}
	l.restored()
	return nil
}

// echo delivers a copy of an old request; nobody waits for its answer.
func (l *life) echo(s Step) error {
	late := l.office.late
	if len(late) == 0 {
		return nil
	}
	e := late[s.Pick%len(late)]
	var in wire.Push
	if err := json.Unmarshal(e.push, &in); err != nil {
		return err
	}
	if _, _, err := l.office.push(l.ctx, e.account, in, nil); err != nil {
		return err
	}
	return l.look(e.account)
}

// place is one person's copy of their records at one desk.
type place struct {
	*life
	n       int
	account string
	desk    int
	skew    time.Duration
	dir     string
	file    *cache.Device
	recs    *cache.Records

	net      []Fate
	die      int // acts that are left before the desk dies; 0: it does not
	peeking  bool
	over     bool            // no token is good
	tokens   int             // that were given
	bad      string          // token that is not taken
	answered map[string]bool // mutations whose end was told here
	at       map[string]int64
	names    map[string]int64 // mutation's id to its place in the outbox
	leave    map[int64]int    // how often a command was asked for, beyond once
	effects  map[int64]int
	lost     map[string]bool  // partitions, since the last look
	out      []cache.Mutation // at the last look
	open     []cache.Conflict
}

func (p *place) now() time.Time { return p.office.now.Add(p.skew) }

// come lets the person sit down at the desk, and opens their file.
func (p *place) come() error {
	if p.sits[p.desk] != p.n {
		p.sits[p.desk] = p.n
		p.turns[p.desk]++
	}
	if p.file != nil {
		return nil
	}
	name := "account-" + p.account + ".db"
	if _, err := os.Stat(filepath.Join(p.dir, name)); errors.Is(err, os.ErrNotExist) {
		if err := lay(p.dir, name); err != nil {
			return err
		}
	}
	var err error
	if p.file, err = cache.OpenPerson(p.ctx, p.dir, p.account, box(1)); err != nil {
		return err
	}
	p.recs, err = p.file.Records()
	return err
}

func (p *place) reopen(Step) error {
	if err := p.file.Close(); err != nil {
		return err
	}
	p.file = nil
	return p.come()
}

func (p *place) reset(Step) error { return p.recs.ResetCache(p.ctx) }

// seen are the records that stand here, in the order of their making.
func (p *place) seen() ([]cache.Record, error) {
	var all []cache.Record
	for _, kind := range []string{"employer", "posting", "profile", "search"} {
		found, err := p.recs.List(p.ctx, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b cache.Record) int {
		return slices.Index(p.refs, a.Ref) - slices.Index(p.refs, b.Ref)
	})
	return all, nil
}

// pick is one of those that stand here and that some of fields belong to; false: none.
func (p *place) pick(s Step, fields map[string][]string) (r cache.Record, field string, ok bool, err error) {
	all, err := p.seen()
	if err != nil {
		return r, "", false, err
	}
	all = slices.DeleteFunc(all, func(r cache.Record) bool { return len(fields[r.Kind]) == 0 })
	if len(all) == 0 {
		return r, "", false, nil
	}
	r = all[s.Pick%len(all)]
	of := fields[r.Kind]
	return r, of[s.Arg%len(of)], true, nil
}

var (
	wholes = map[string][]string{
		"employer": {"legal", "contact"}, "posting": {"title_fr", "title_en", "duties_fr"}, "search": {"name"},
	}
	sets     = map[string][]string{"posting": {"skills"}, "profile": {"skills"}}
	commands = map[string][]string{
		"employer": {"submit", "recall"}, "posting": {"submit", "withdraw"}, "profile": {"activate", "deactivate"},
	}
	anything = map[string][]string{"posting": {""}, "profile": {""}, "search": {""}}
)

// concepts are skills that no example names.
var concepts = slices.DeleteFunc(skill.All(), func(c skill.Concept) bool {
	for _, kind := range []string{"posting", "profile"} {
		k, _ := record.Find(kind)
		if slices.Contains(list(k.Example()["skills"]), c.ID) {
			return true
		}
	}
	return false
})

func text(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return b
}

func (p *place) begin(s Step) error {
	ref := cache.Ref{Partition: own(p.account), Kind: []string{"search", "profile", "posting", "posting"}[s.Arg%4]}
	field := map[string]string{"search": "name", "profile": "", "posting": "title_fr"}[ref.Kind]
	if ref.Kind == "posting" {
		ref.Partition = firm
		if p.account != "ada" && p.at[firm] == 0 {
			return nil // not a file of theirs, as far as is known here
		}
	}
	ref.Record = fmt.Sprintf("019a9f6e-0000-7000-8000-%012x", s.N)
	k, _ := record.Find(ref.Kind)
	doc := written(k)
	tok := fmt.Sprintf("v%d", s.N)
	if field != "" {
		doc[field] = text(tok)
	}
	if err := p.recs.Put(p.ctx, ref, doc, p.now()); err != nil {
		return fmt.Errorf("begin %s: %w", ref.Kind, err)
	}
	p.refs = append(p.refs, ref)
	if field != "" {
		p.wrote(ref, field, tok, nil)
	}
	return nil
}

// write is an edit of one field; a record that is being removed cannot be.
func (p *place) write(r cache.Record, field string, value json.RawMessage) (bool, error) {
	err := p.recs.Put(p.ctx, r.Ref, record.Apply(r.Doc, record.Doc{field: value}), p.now())
	if errors.Is(err, cache.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (p *place) edit(s Step) error {
	r, field, ok, err := p.pick(s, wholes)
	if err != nil || !ok {
		return err
	}
	tok := fmt.Sprintf("v%d", s.N)
	done, err := p.write(r, field, text(tok))
	if done {
		p.wrote(r.Ref, field, tok, p.values(r.Doc[field]))
	}
	return err
}

func list(v json.RawMessage) (all []string) {
	_ = json.Unmarshal(v, &all) // none: an empty one
	return all
}

func (p *place) add(s Step) error {
	r, field, ok, err := p.pick(s, sets)
	if err != nil || !ok {
		return err
	}
	tok := concepts[s.N].ID
	b, err := json.Marshal(append(list(r.Doc[field]), tok))
	if err != nil {
		return err
	}
	done, err := p.write(r, field, b)
	if done {
		p.wrote(r.Ref, field, tok, nil)
	}
	return err
}

func (p *place) drop(s Step) error {
	r, field, ok, err := p.pick(s, sets)
	if err != nil || !ok {
		return err
	}
	all := list(r.Doc[field])
	if len(all) == 0 {
		return nil
	}
	n := s.Arg % len(all)
	tok := all[n]
	b, err := json.Marshal(slices.Delete(all, n, n+1))
	if err != nil {
		return err
	}
	done, err := p.write(r, field, b)
	if done {
		p.removed(r.Ref, field, tok)
	}
	return err
}

func (p *place) delete(s Step) error {
	r, _, ok, err := p.pick(s, anything)
	if err != nil || !ok {
		return err
	}
	for _, c := range p.open {
		if c.Ref == r.Ref {
			p.settled(c, cache.Theirs) // they chose: none of it
		}
	}
	if err := p.recs.Delete(p.ctx, r.Ref, p.now()); err != nil {
		return err
	}
	p.ended(r)
	return nil
}

func (p *place) command(s Step) error {
	r, what, ok, err := p.pick(s, commands)
	if err != nil || !ok {
		return err
	}
	err = p.recs.Do(p.ctx, r.Ref, what, 0, p.now())
	if errors.Is(err, record.ErrState) || errors.Is(err, record.ErrMend) || errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	return err
}

func (p *place) cancel(s Step) error {
	if len(p.out) == 0 {
		return nil
	}
	return p.takeBack(p.out[s.Pick%len(p.out)])
}

func (p *place) takeBack(m cache.Mutation) error {
	err := p.recs.Cancel(p.ctx, m.N)
	if errors.Is(err, cache.ErrSent) || errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	if err == nil {
		p.cancelled(m)
	}
	return err
}

func (p *place) retry(s Step) error {
	parked := slices.DeleteFunc(slices.Clone(p.out), func(m cache.Mutation) bool { return m.State != cache.Parked })
	if len(parked) == 0 {
		return nil
	}
	m := parked[s.Pick%len(parked)]
	p.leave[m.N]++
	return p.recs.Retry(p.ctx, m.N)
}

func (p *place) resolve(s Step) error {
	if len(p.open) == 0 {
		return nil
	}
	return p.choose(p.open[s.Pick%len(p.open)], []cache.Side{cache.Mine, cache.Theirs, cache.Other}[s.Arg%3])
}

func (p *place) choose(c cache.Conflict, side cache.Side) error {
	choice := cache.Choice{N: c.N, Side: side}
	tok := ""
	if side == cache.Other {
		if c.Field == "" || c.Field == "skills" || p.step.N == 0 {
			choice.Side = cache.Mine
		} else {
			tok = fmt.Sprintf("v%d", p.step.N)
			choice.Value = text(tok)
		}
	}
	at, err := p.recs.Resolve(p.ctx, c.Ref, map[string]cache.Choice{c.Field: choice}, p.now())
	if errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p.settled(c, choice.Side)
	switch {
	case tok != "":
		p.wrote(c.Ref, c.Field, tok, p.values(c.Theirs))
	case at != c.Ref:
		p.refs = append(p.refs, at)
		p.moved(c, at)
	}
	return nil
}

// carry takes the outbox to the server in a file, and the receipts back.
func (p *place) carry(s Step) error {
	o := replica.NewPrivate(remote{p}, mortal{p.recs, p}, replica.PrivateOptions{Token: p.token, Now: p.now})
	var file, back bytes.Buffer
	if _, err := o.Export(p.ctx, &file); errors.Is(err, cache.ErrEpoch) {
		return nil // a sync first
	} else if err != nil {
		return err
	}
	carried, err := wire.ReadParcel(&file)
	if err != nil {
		return err
	}
	if len(carried.Mutations) == 0 {
		return nil
	}
	for range 1 + s.Pick%2 { // perhaps twice
		got, _, err := p.office.push(p.ctx, p.account, wire.Push{Mutations: carried.Mutations}, nil)
		if err == nil {
			err = p.life.look(p.account)
		}
		if err != nil {
			return err
		}
		back.Reset()
		if err := wire.WriteReceipts(&back, wire.Receipts{Pushed: got}); err != nil {
			return err
		}
		if s.Arg%3 == 0 {
			continue // they are lost
		}
		p.hear(got)
		if _, err := o.Import(p.ctx, &back); err != nil && !errors.Is(err, cache.ErrEpoch) {
			return err
		}
	}
	return nil
}

func (p *place) token(_ context.Context, not string) (string, error) {
	if p.over {
		return "", &wire.Refused{Code: account.SignInNeeded}
	}
	if not != "" {
		p.tokens++
	}
	// The desk's session is that of whoever sits there.
	return fmt.Sprintf("%s %d", p.places[p.sits[p.desk]].account, p.tokens), nil
}

func (p *place) sync(s Step) error {
	p.net, p.die, p.over = slices.Clone(s.Net), s.Die, false
	err := p.bring()
	p.net, p.die, p.over = nil, 0, false
	return err
}

// bring syncs; a desk that dies is opened again.
func (p *place) bring() (err error) {
	o := replica.PrivateOptions{
		Token: p.token, Stay: func() int { return p.turns[p.desk] }, Now: p.now, Tries: 2,
		Rand: func() float64 { return 0.5 }, Wait: func(context.Context, time.Duration) error { return nil },
	}
	dead := false
	func() {
		defer func() {
			if r := recover(); r != nil {
				if r != (died{}) {
					panic(r)
				}
				dead = true
			}
		}()
		_, err = replica.NewPrivate(remote{p}, mortal{p.recs, p}, o).Sync(p.ctx)
	}()
	if dead {
		return p.reopen(Step{})
	}
	var no *wire.Refused
	for _, fine := range []error{wire.ErrOffline, wire.ErrDown, replica.ErrSignIn, replica.ErrSwitched} {
		if errors.Is(err, fine) {
			return nil
		}
	}
	if err == nil || errors.As(err, &no) {
		return nil
	}
	var b *Broken
	if errors.As(err, &b) {
		return b
	}
	return broken("a sync of %s at desk %d ends with: %v", p.account, p.desk, err)
}

// act is one of a desk that may die before it.
func (p *place) act() {
	if p.die > 0 {
		if p.die--; p.die == 0 {
			panic(died{})
		}
	}
}

// hear notes which mutations were told of their end here.
func (p *place) hear(got wire.Pushed) {
	for _, r := range got.Results {
		if r.Outcome != wire.Later {
			p.answered[r.ID] = true
		}
	}
}

// remote is the network between a place and the office.
type remote struct{ *place }

func (r remote) fate() Fate {
	p := r.place
	if len(p.net) == 0 {
		return Fate{}
	}
	f := p.net[0]
	p.net = p.net[1:]
	return f
}

// before is what keeps a request from arriving.
func (r remote) before(f Fate, access string) (who string, err error) {
	p := r.place
	p.act()
	if access == p.bad {
		return "", &wire.Refused{Code: account.SignInNeeded}
	}
	switch f.What {
	case "lost":
		return "", fmt.Errorf("request: %w", wire.ErrOffline)
	case "busy":
		return "", &wire.Refused{Code: wire.TooMany, After: time.Second}
	case "down":
		return "", fmt.Errorf("request: %w", wire.ErrDown)
	case "expired", "over":
		p.bad, p.over = access, f.What == "over"
		return "", &wire.Refused{Code: account.SignInNeeded}
	}
	name, _, _ := strings.Cut(access, " ")
	return name, nil
}

// after is what keeps an answer from arriving.
func (r remote) after(f Fate) error {
	p := r.place
	p.act()
	switch f.What {
	case "mute":
		return fmt.Errorf("answer: %w", wire.ErrOffline)
	case "switch":
		p.turns[p.desk]++
		for _, other := range p.places {
			if other.desk == p.desk && other != p {
				p.sits[p.desk] = other.n
			}
		}
	}
	return nil
}

// Push implements replica.Remote.
func (r remote) Push(ctx context.Context, access string, in wire.Push) (out wire.Pushed, err error) {
	p, f := r.place, r.fate()
	if p.peeking {
		return out, wire.ErrOffline // the server's one writer is in the middle of something
	}
	if f.What == "big" && len(in.Mutations) > 1 {
		return out, wire.ErrTooLarge
	}
	who, err := r.before(f, access)
	if err != nil {
		return out, err
	}
	b, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	if in, err = through(in); err != nil {
		return out, err
	}
	if f.What == "late" {
		p.office.late = append(p.office.late, envelope{who, b})
	}
	var at func(string)
	var peeked error
	points := f.N
	switch f.What {
	case "crash":
		at = func(string) {
			if points--; points == 0 {
				panic(died{})
			}
		}
	case "peek":
		at = func(string) {
			if points--; points <= 0 && peeked == nil {
				peeked = p.peek()
			}
		}
	}
	out, crashed, err := p.office.push(ctx, who, in, at)
	if err == nil {
		err = peeked
	}
	p.tellPush(in, out, f)
	if f.What == "twice" && err == nil {
		out, _, err = p.office.push(ctx, who, in, nil)
	}
	if err == nil {
		err = p.life.look(who)
	}
	if err != nil {
		return out, err
	}
	if crashed {
		return wire.Pushed{}, fmt.Errorf("answer: %w", wire.ErrOffline)
	}
	if err := r.after(f); err != nil {
		return wire.Pushed{}, err
	}
	p.hear(out)
	return out, nil
}

func (p *place) tellPush(in wire.Push, out wire.Pushed, f Fate) {
	if p.say == nil {
		return
	}
	for n, m := range in.Mutations {
		became := "?"
		if n < len(out.Results) {
			r := out.Results[n]
			became = fmt.Sprintf("%s %s %s %v, version %d %s", r.Outcome, r.First, r.Reason, r.Fields, r.Ver, clip(r.Body))
		}
		what := m.Command
		switch {
		case m.Delete:
			what = "removal"
		case m.Patch != nil:
			what = clip(m.Patch)
		}
		p.tell("    %s at desk %d pushes %s of %s (base %d, epoch %d) [%s]: %s", p.account, p.desk, what, p.called(m.Kind, m.Record), m.Base, m.Epoch, f, became)
	}
}

func (p *place) tellPull(in wire.Pull, out wire.Pulled, err error, f Fate) {
	if p.say == nil {
		return
	}
	p.tell("    %s at desk %d pulls after %v [%s]: %v", p.account, p.desk, in.Cursors, f, err)
	for _, part := range out.Parts {
		p.tell("      %.10s up to %d of epoch %d, snapshot %v, gone %v, more %v", part.Partition, part.Seq, part.Epoch, part.Snapshot, part.Gone, part.More)
		for _, c := range part.Changes {
			p.tell("        %d: %s version %d, deleted %v, %s", c.Seq, p.called(c.Kind, c.Record), c.Ver, c.Deleted, clip(c.Body))
		}
	}
}

// called is a record by its number in the order of making: ids that programs give differ
// each time.
func (l *life) called(kind, id string) string {
	return fmt.Sprint(kind, " ", slices.IndexFunc(l.refs, func(r cache.Ref) bool { return r.Record == id }))
}

// peek lets everybody else's desk pull in the middle of a transaction, twice: what it is given
// once, it may ask after.
func (p *place) peek() error {
	for _, other := range p.places {
		if other == p || other.file == nil || p.sits[other.desk] != other.n {
			continue
		}
		at := p.office.at
		p.office.at, other.peeking = nil, true
		err := other.bring()
		if err == nil {
			err = other.bring()
		}
		p.office.at, other.peeking = at, false
		if err != nil {
			return err
		}
	}
	return nil
}

// Pull implements replica.Remote.
func (r remote) Pull(ctx context.Context, access string, in wire.Pull) (out wire.Pulled, err error) {
	p, f := r.place, r.fate()
	who, err := r.before(f, access)
	if err != nil {
		return out, err
	}
	if f.What == "" {
		in.Limit = f.N
	}
	if p.seed%3 == 0 {
		in.Limit = 1
	}
	if in, err = through(in); err != nil {
		return out, err
	}
	out, err = p.office.recs.Pull(ctx, hub.Who{Account: who}, in, p.office.now)
	p.tellPull(in, out, err, f)
	var other *wire.OtherEpoch
	if errors.As(err, &other) {
		for _, c := range in.Cursors {
			if c.Epoch == other.Epoch {
				return out, broken("a pull is refused for another epoch than its own, %d (invariant 4)", c.Epoch)
			}
		}
		return out, err
	}
	if err != nil {
		return out, broken("the server fails at a pull: %v", err)
	}
	for _, part := range out.Parts {
		if !part.Gone && part.Partition != own(who) && part.Partition != firm {
			return out, broken("%s is given the partition %s (invariant 6)", who, part.Partition)
		}
	}
	if out, err = through(out); err != nil {
		return out, err
	}
	return out, r.after(f)
}

// mortal is a file whose desk may die between two of its transactions.
type mortal struct {
	*cache.Records
	p *place
}

func (m mortal) Batch(ctx context.Context, l cache.Limits) ([]cache.Mutation, error) {
	m.p.act()
	return m.Records.Batch(ctx, l)
}

func (m mortal) Settle(ctx context.Context, epoch int64, results []cache.Result, now time.Time) (int, error) {
	m.p.act()
	return m.Records.Settle(ctx, epoch, results, now)
}

func (m mortal) Park(ctx context.Context, n int64, why string) error {
	m.p.act()
	return m.Records.Park(ctx, n, why)
}

func (m mortal) Take(ctx context.Context, part cache.Part, now time.Time) error {
	m.p.act()
	if part.Gone {
		if err := m.p.gone(part.Partition); err != nil {
			return err
		}
	}
	return m.Records.Take(ctx, part, now)
}

func (m mortal) Forget(ctx context.Context, partition string) error {
	m.p.act()
	return broken("a partition is read with a gap: %s (invariant 4)", partition)
}

func (m mortal) Pulled(ctx context.Context) error {
	m.p.act()
	return m.Records.Pulled(ctx)
}

func (m mortal) Restored(ctx context.Context, epoch int64, now time.Time) error {
	m.p.act()
	return m.Records.Restored(ctx, epoch, now)
}

// look holds what is kept at a place against what was kept there before it did something.
func (p *place) look(did string) error {
	out, err := p.recs.Outbox(p.ctx)
	if err != nil {
		return err
	}
	sent, err := p.recs.Sent(p.ctx)
	if err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, m := range slices.Concat(out, sent) {
		there[m.N] = true
		if m.ID != "" {
			p.names[m.ID] = m.N
		}
	}
	for _, m := range p.out {
		if !there[m.N] && m.State == cache.Sending && !p.answered[m.ID] && did != "cancel" && !(m.Delete && p.lost[m.Partition]) {
			return broken("%s left the outbox of %s at desk %d without an answer (invariant 5)", what(m), p.account, p.desk)
		}
	}
	p.out, p.lost = out, map[string]bool{}
	if p.open, err = p.recs.Conflicts(p.ctx); err != nil {
		return err
	}
	cursors, err := p.recs.Cursors(p.ctx)
	if err != nil {
		return err
	}
	was := p.at
	p.at = map[string]int64{}
	for _, c := range cursors {
		key := fmt.Sprint(c.Partition, " ", c.Epoch)
		p.at[key] = c.Seq
		p.at[c.Partition] = 1
		if c.Seq < was[key] {
			return broken("the cursor of %s at desk %d goes back from %d to %d of %s (invariant 4)", p.account, p.desk, was[key], c.Seq, key)
		}
		if c.Partition != own(p.account) && c.Partition != firm {
			return broken("%s has a cursor of %s (invariant 6)", p.account, c.Partition)
		}
	}
	return nil
}

func what(m cache.Mutation) string {
	switch {
	case m.Delete:
		return "the removal of a " + m.Kind
	case m.Command != "":
		return m.Command + " of a " + m.Kind
	}
	return fmt.Sprintf("an edit of %v of a %s", slices.Sorted(maps.Keys(m.Patch)), m.Kind)
}

// permits says whether a command may have an effect, as often as the person asked.
func (l *life) permits(mutation string) bool {
	for _, p := range l.places {
		if n, ok := p.names[mutation]; ok {
			p.effects[n]++
			return p.effects[n] <= 1+p.leave[n]
		}
	}
	return false
}

// rest brings everything to rest, and asks for what was promised.
func (l *life) rest() error {
	turn := 0
	for round := 0; ; round++ {
		busy, pushes := false, l.office.pushes
		for _, p := range l.places {
			if p.file == nil {
				continue
			}
			if err := p.come(); err != nil {
				return err
			}
			if err := p.bring(); err != nil {
				return err
			}
			if err := p.look("sync"); err != nil {
				return err
			}
			busy = busy || len(p.open)+len(p.out) > 0
			for _, c := range p.open {
				turn++
				side := cache.Theirs
				if turn%3 == 0 && round < 6 {
					side = cache.Mine
				}
				if err := p.choose(c, side); err != nil {
					return err
				}
			}
			if err := p.look("resolve"); err != nil {
				return err
			}
			for _, m := range p.out {
				if m.State != cache.Parked {
					continue
				}
				if turn++; round == 0 && turn%2 == 0 {
					p.leave[m.N]++
					if err := p.recs.Retry(l.ctx, m.N); err != nil && !errors.Is(err, cache.ErrNotFound) {
						return err
					}
				} else if err := p.takeBack(m); err != nil {
					return err
				}
			}
			if err := p.look("cancel"); err != nil {
				return err
			}
		}
		if !busy && pushes == l.office.pushes && round > 1 {
			break
		}
		if round == 20 {
			return broken("there is no rest: %s", l.waiting())
		}
	}
	if err := l.office.audit(l.ctx, l.permits); err != nil {
		return err
	}
	l.office.forget()
	if err := l.look("ada", "bob"); err != nil {
		return err
	}
	for _, p := range l.places {
		if p.file != nil {
			if err := p.same(); err != nil {
				return err
			}
		}
	}
	return l.kept()
}

func (l *life) waiting() string {
	var all []string
	for _, p := range l.places {
		for _, m := range p.out {
			all = append(all, fmt.Sprintf("%s at desk %d: %s, %s %s", p.account, p.desk, what(m), m.State, m.Why))
		}
		for _, c := range p.open {
			all = append(all, fmt.Sprintf("%s at desk %d: conflict of %s %q", p.account, p.desk, c.Kind, c.Field))
		}
	}
	return strings.Join(all, "; ")
}

// same holds what a place has against what the office has (invariants 1 and 6).
func (p *place) same() error {
	all, err := p.seen()
	if err != nil {
		return err
	}
	got, err := p.office.recs.Pull(p.ctx, hub.Who{Account: p.account}, wire.Pull{}, p.office.now)
	if err != nil {
		return err
	}
	visible := map[string]bool{}
	for _, part := range got.Parts {
		visible[part.Partition] = true
	}
	want := map[cache.Ref]wire.Change{}
	for ref, x := range p.office.stands {
		if visible[ref.Partition] && !x.Deleted {
			want[ref] = x
		}
	}
	for _, r := range all {
		w, ok := want[r.Ref]
		if !ok {
			return broken("%s at desk %d has a %s that the server does not give them (invariants 1 and 6)", p.account, p.desk, r.Kind)
		}
		if !record.Equal(w.Body, r.Doc) || w.Ver != r.Ver {
			return broken("%s at desk %d has a %s as %s (version %d); the server has %s (version %d) (invariant 1)",
				p.account, p.desk, r.Kind, clip(r.Doc), r.Ver, clip(w.Body), w.Ver)
		}
		delete(want, r.Ref)
	}
	if len(want) > 0 {
		return broken("%s at desk %d lacks %d records (invariant 1)", p.account, p.desk, len(want))
	}
	return nil
}

// clip is what histories write of a record.
func clip(d record.Doc) string {
	var all []string
	for _, name := range []string{"name", "legal", "contact", "title_fr", "title_en", "duties_fr", "skills", "state", "version"} {
		if v := d[name]; v != nil {
			all = append(all, fmt.Sprintf("%s=%s", name, v))
		}
	}
	return "{" + strings.Join(all, " ") + "}"
}
