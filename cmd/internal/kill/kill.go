// Package kill is the drill of a power cut: it stops real processes, a server and the desks
// of one account, at named points of what they do, as `kill -9` does, and looks at what is
// left. Begin with [Run]. Nothing that a desk was told is done may be lost, and nothing may
// be done twice.
//
// The processes are this program again ([Child]): the packages of the real one, over HTTP on
// loopback, with their files on disk. Whoever imports this package calls Child first.
package kill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options of a drill; the zero value of each but Dir is right.
type Options struct {
	Dir  string
	N    int    // kills; 0: 200
	Seed uint64 // of what is done, and of where it is stopped
	Tell func(kills int)
	Log  io.Writer // every process, and how it ended; nil: nothing
}

// Report is what a drill came to.
type Report struct {
	At     map[string]int // kills by point
	Did    int            // changes, reports and commands
	Unsure int            // those of them that a kill left in doubt: what came of each is as the desk's own file says
	Looks  int            // at everything, on both desks and on the server
	Took   time.Duration
}

// Kills is how many there were.
func (r Report) Kills() (n int) {
	for _, k := range r.At {
		n += k
	}
	return n
}

// target is where a process dies.
type target struct {
	server bool
	act    string // what a desk does then
	point  string
	needs  string // what has to be done for the point to be reached; "": anything
}

func (t target) String() string {
	if t.server {
		return "server: " + t.point
	}
	return "desk, " + t.act + ": " + t.point
}

// targets is every point of the drill.
var targets = []target{
	{act: actSync, point: "records commit"},
	{act: actSync, point: "records committed"},
	{act: actSync, point: "device commit", needs: doReport},
	{act: actSync, point: "device committed", needs: doReport},
	{act: actSync, point: "batched"},
	{act: actSync, point: "pushed"},
	{act: actSync, point: "settled"},
	{act: actSync, point: "pulled"},
	{act: actSync, point: "taken"},
	{act: actSync, point: "reported", needs: doReport},
	{act: actExport, point: "records commit"},
	{act: actExport, point: "device committed", needs: doReport},
	{act: actExport, point: "exported"},
	{act: actCarry, point: "carried on"},
	{act: actImport, point: "records commit"},
	{act: actImport, point: "settled"},
	{act: actImport, point: "device commit", needs: doReport},
	{server: true, point: "noted"},
	{server: true, point: "merged"},
	{server: true, point: "submitted", needs: doSend},
	{server: true, point: "advanced"},
	{server: true, point: "changed"},
	{server: true, point: "pushed"},
	{server: true, point: "answering"},
	{server: true, point: "filed", needs: doReport},
}

// looks is how many kills there are between two looks at everything.
const looks = 10

// patience is how often a point may be missed before another has its turn.
const patience = 6

// Run kills so many processes, and fails when something is lost or done twice.
func Run(ctx context.Context, o Options) (r Report, err error) {
	if o.N == 0 {
		o.N = 200
	}
	if o.Tell == nil {
		o.Tell = func(int) {}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	began := time.Now()
	d := &drill{o: o, rand: rand.New(rand.NewPCG(o.Seed, 1)), seen: map[string]int{}, report: Report{At: map[string]int{}}}
	defer func() {
		err = errors.Join(err, d.close())
		r = d.report
		r.Took = time.Since(began)
		if err != nil {
			err = fmt.Errorf("seed %d, after %d kills: %w", o.Seed, r.Kills(), err)
		}
	}()
	if err := d.open(ctx); err != nil {
		return r, err
	}
	for d.report.Kills() < o.N {
		before := d.report.Kills()
		if err := d.round(ctx); err != nil {
			return r, err
		}
		if now := d.report.Kills(); now > before {
			o.Tell(now)
			if now/looks > before/looks || now >= o.N {
				if err := d.look(ctx); err != nil {
					return r, err
				}
			}
		}
	}
	return r, nil
}

// drill is one under way.
type drill struct {
	o      Options
	rand   *rand.Rand
	deck   []target
	server *served
	member *member
	desks  []*desk
	made   int            // operations, by which each is told from the others
	seen   map[string]int // how often a point was reached by a process that came to its end
	report Report
}

// desk is one of the account's computers, as the drill knows it.
type desk struct {
	name   string
	dir    string
	rows   map[string]string // searches that are there, and their names
	mine   []string          // of those
	told   map[string]bool   // messages that were sent
	active int               // activations of the desk's profile
	filed  map[string]bool   // reports
	unsure *op               // begun, and the process died
}

func (d *drill) open(ctx context.Context) error {
	for _, name := range []string{"one", "two"} {
		d.desks = append(d.desks, &desk{
			name: name, dir: filepath.Join(d.o.Dir, name),
			rows: map[string]string{}, told: map[string]bool{}, filed: map[string]bool{},
		})
	}
	var err error
	home := filepath.Join(d.o.Dir, "server")
	if d.server, err = serve(ctx, home); err != nil {
		return err
	}
	if d.member, err = join(ctx, home, d.server.url); err != nil {
		return err
	}
	// What both desks write to is there before them.
	for _, k := range d.desks {
		var ops []op
		if k == d.desks[0] {
			for n := range sharedProfiles {
				ops = append(ops, op{N: d.next(), Do: doNewProfile, Record: shared(n)})
			}
		}
		ops = append(ops, op{N: d.next(), Do: doNewProfile, Record: k.profile()})
		if err := d.whole(ctx, k, job{Act: actSync, Ops: ops}); err != nil {
			return err
		}
	}
	return d.look(ctx)
}

func (d *drill) close() error {
	if d.server != nil {
		return d.server.stop()
	}
	return nil
}

func (d *drill) logf(format string, args ...any) { _, _ = fmt.Fprintf(d.o.Log, format+"\n", args...) }

func (d *drill) next() int {
	d.made++
	return d.made
}

// draw takes the next point: each has its turn before any has another.
func (d *drill) draw() target {
	if len(d.deck) == 0 {
		d.deck = slices.Clone(targets)
		d.rand.Shuffle(len(d.deck), func(i, j int) { d.deck[i], d.deck[j] = d.deck[j], d.deck[i] })
	}
	t := d.deck[0]
	d.deck = d.deck[1:]
	return t
}

// round works on until a process dies at a point, or the point was missed too often.
func (d *drill) round(ctx context.Context) error {
	t := d.draw()
	if t.server {
		if err := d.server.arm(t.point, 1+d.rand.IntN(6)); err != nil {
			return err
		}
	}
	for range patience {
		var (
			died bool
			err  error
		)
		switch {
		case t.server && d.rand.IntN(4) > 0:
			died, err = d.both(ctx, t)
		case t.server:
			died, err = d.carried(ctx, t, d.desks[d.rand.IntN(2)])
		case t.act == actSync:
			died, err = d.alone(ctx, t, d.desks[d.rand.IntN(2)])
		default:
			died, err = d.carried(ctx, t, d.desks[d.rand.IntN(2)])
		}
		if err != nil || died {
			return err
		}
	}
	if t.server {
		return d.server.arm("", 0)
	}
	return nil
}

// both has both desks at work at once, until the server dies under them.
func (d *drill) both(ctx context.Context, t target) (died bool, err error) {
	var g errgroup.Group
	outs := make([]output, len(d.desks))
	jobs := make([]job, len(d.desks))
	for i, k := range d.desks {
		jobs[i] = d.job(k, job{Act: actSync, Ops: d.ops(k, t.needs)})
	}
	for i, k := range d.desks {
		g.Go(func() (err error) {
			outs[i], err = start(ctx, k.dir, jobs[i])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	for i, k := range d.desks {
		if err := d.learn(k, jobs[i], outs[i]); err != nil {
			return false, err
		}
	}
	return d.revive(ctx, t, outs...)
}

// alone has one desk at work, which dies.
func (d *drill) alone(ctx context.Context, t target, k *desk) (died bool, err error) {
	j := d.job(k, job{Act: actSync, Ops: d.ops(k, t.needs)})
	j.Point, j.Nth = t.point, d.nth(t)
	return d.runs(ctx, t, k, j)
}

// nth is a time at which a point is likely to be reached.
func (d *drill) nth(t target) int { return 1 + d.rand.IntN(max(1, d.seen[t.String()])) }

// runs runs a desk to its end, or to its death.
func (d *drill) runs(ctx context.Context, t target, k *desk, j job) (died bool, err error) {
	out, err := start(ctx, k.dir, j)
	if err != nil {
		return false, err
	}
	if err := d.learn(k, j, out); err != nil {
		return false, err
	}
	if out.died != "" {
		d.report.At[t.String()]++
		return true, nil
	}
	return d.revive(ctx, t, out)
}

// carried sends a desk's outbox by file, and brings the answers back; who dies on the way
// begins again.
func (d *drill) carried(ctx context.Context, t target, k *desk) (died bool, err error) {
	file, back := filepath.Join(d.o.Dir, "out.json"), filepath.Join(d.o.Dir, "back.json")
	ops := d.ops(k, t.needs)
	for _, act := range []string{actExport, actCarry, actImport} {
		for {
			j := d.job(k, job{Act: act, Ops: ops, File: file, Receipts: back})
			if !died && !t.server && act == t.act {
				j.Point, j.Nth = t.point, d.nth(t)
			}
			dead, err := d.runs(ctx, t, k, j)
			if err != nil {
				return died, err
			}
			if ops = nil; !dead {
				break
			}
			died = true
		}
	}
	return died, nil
}

// revive starts the server again, if it is dead.
func (d *drill) revive(ctx context.Context, t target, outs ...output) (died bool, err error) {
	cut := slices.ContainsFunc(outs, func(o output) bool { return o.failed != "" })
	point, dead := d.server.dead(cut)
	if !dead {
		if cut {
			return false, fmt.Errorf("a desk says %q, and the server is there", outs[0].failed)
		}
		return false, nil
	}
	if point == "" {
		return false, fmt.Errorf("the server ended by itself: %s", d.server.said())
	}
	d.logf("server died at %q", point)
	d.report.At[t.String()]++
	d.server, err = serve(ctx, filepath.Join(d.o.Dir, "server"))
	return true, err
}

// job fills in what every job of a desk needs.
func (d *drill) job(k *desk, j job) job {
	j.Role, j.Dir, j.Name = roleDesk, k.dir, k.name
	j.URL, j.Access, j.Account = d.server.url, d.member.access, d.member.account
	if j.Act != actCarry {
		j.Unsure = k.unsure
	}
	return j
}

// whole runs a job that nothing stops.
func (d *drill) whole(ctx context.Context, k *desk, j job) error {
	j = d.job(k, j)
	out, err := start(ctx, k.dir, j)
	if err != nil {
		return err
	}
	if out.failed != "" {
		return fmt.Errorf("desk %s: %s", k.name, out.failed)
	}
	return d.learn(k, j, out)
}

// ops makes something to do. What is needed is among it.
func (d *drill) ops(k *desk, needs string) []op {
	kinds := []string{doNew, doNew, doEdit, doDrop, doAdd, doAdd, doSend, doActivate, doReport}
	list := []string{needs}
	for range 1 + d.rand.IntN(4) {
		list = append(list, kinds[d.rand.IntN(len(kinds))])
	}
	d.rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var ops []op
	gone := map[string]bool{}
	active := k.active
	if k.unsure != nil && k.unsure.Do == doActivate {
		active++
	}
	for _, do := range list {
		n := d.next()
		o := op{N: n, Do: do, Record: recordID(n), Text: fmt.Sprint(k.name, "-", n)}
		switch do {
		case "":
			continue
		case doEdit, doDrop:
			var there []string
			for _, id := range k.mine {
				if _, ok := k.rows[id]; ok && !gone[id] && (k.unsure == nil || k.unsure.Record != id) {
					there = append(there, id)
				}
			}
			if len(there) == 0 {
				o.Do = doNew
				break
			}
			o.Record = there[d.rand.IntN(len(there))]
			gone[o.Record] = true
		case doAdd:
			o.Record = shared(n % sharedProfiles)
		case doSend:
			first := o
			first.Do = doWrite
			ops = append(ops, first)
			o.N = d.next()
		case doActivate:
			active++
			o.Record, o.Text = k.profile(), fmt.Sprint(active)
		}
		ops = append(ops, o)
	}
	return ops
}

// learn takes in what a desk's process said.
func (d *drill) learn(k *desk, j job, out output) error {
	d.logf("%s %s at %q %d: died at %q, said %q, did %d and began %d of %v; in doubt %v: %v", k.name, j.Act, j.Point, j.Nth, out.died, out.failed, out.did, out.tried, j.Ops, j.Unsure, out.was != nil && *out.was)
	if j.Unsure != nil {
		if out.was == nil {
			return fmt.Errorf("desk %s did not say whether %s came to be: %s", k.name, j.Unsure, out)
		}
		if d.report.Unsure++; *out.was {
			d.did(k, *j.Unsure)
		}
		k.unsure = nil
	}
	for i, o := range j.Ops {
		switch {
		case i < out.did:
			d.did(k, o)
		case i < out.tried:
			k.unsure = &o
		}
	}
	if out.died == "" && out.did != len(j.Ops) {
		return fmt.Errorf("desk %s ended after %d of %d things to do: %s", k.name, out.did, len(j.Ops), out)
	}
	for point, n := range out.reached {
		d.seen[target{act: j.Act, point: point}.String()] = n
	}
	return nil
}

// did remembers what a person was shown as done.
func (d *drill) did(k *desk, o op) {
	d.report.Did++
	switch o.Do {
	case doNew:
		k.mine = append(k.mine, o.Record)
		k.rows[o.Record] = o.Text
	case doEdit:
		k.rows[o.Record] = o.Text
	case doDrop:
		delete(k.rows, o.Record)
	case doAdd:
		d.member.shared(o.Record)[o.Text] = true
	case doWrite:
		k.told[o.Record] = false
	case doSend:
		k.told[o.Record] = true
	case doActivate:
		k.active++
	case doReport:
		k.filed[o.Record] = true
	}
}

// look brings both desks in step and compares them, and the server, with what was done.
func (d *drill) look(ctx context.Context) error {
	d.report.Looks++
	if err := d.member.renew(ctx, d.server.url); err != nil {
		return err
	}
	if err := d.server.arm("", 0); err != nil {
		return err
	}
	for range 2 {
		for _, k := range d.desks {
			if err := d.whole(ctx, k, job{Act: actSync}); err != nil {
				return err
			}
		}
	}
	want := d.wanted()
	for _, k := range d.desks {
		j := d.job(k, job{Act: actShow})
		out, err := start(ctx, k.dir, j)
		if err != nil {
			return err
		}
		switch {
		case out.shown == nil:
			return fmt.Errorf("desk %s shows nothing: %s", k.name, out)
		case len(out.shown.Waiting)+out.shown.Conflicts+out.shown.Items > 0:
			return fmt.Errorf("desk %s: %d items and these changes still wait: %s; %d conflicts", k.name, out.shown.Items, out.shown.Waiting, out.shown.Conflicts)
		}
		if err := differ(out.shown.Rows, want); err != nil {
			return fmt.Errorf("desk %s: %w", k.name, err)
		}
	}
	rows, err := d.member.pull(ctx, d.server.url)
	if err != nil {
		return err
	}
	if err := differ(rows, want); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return d.effects(ctx)
}

// wanted is what there is after all that was done, by record.
func (d *drill) wanted() map[string]string {
	want := map[string]string{}
	for n := range sharedProfiles {
		var skills []string
		for s := range d.member.shared(shared(n)) {
			skills = append(skills, skill(s))
		}
		slices.Sort(skills)
		want[shared(n)] = "draft 0 " + strings.Join(skills, " ")
	}
	for _, k := range d.desks {
		for id, name := range k.rows {
			want[id] = name
		}
		for id, sent := range k.told {
			want[id] = "draft"
			if sent {
				want[id] = "received"
			}
		}
		state := "draft"
		if k.active > 0 {
			state = "active"
		}
		want[k.profile()] = fmt.Sprintf("%s %d ", state, k.active)
	}
	return want
}

// effects counts what the server did once for all.
func (d *drill) effects(ctx context.Context) error {
	submitted, filed, err := effects(ctx, filepath.Join(d.o.Dir, "server"), d.member.account)
	if err != nil {
		return err
	}
	want, reports := map[string]int{}, map[string]int{}
	for _, k := range d.desks {
		for id, sent := range k.told {
			if sent {
				want[id] = 1
			}
		}
		if k.active > 0 {
			want[k.profile()] = k.active
		}
		for key := range k.filed {
			reports[key] = 1
		}
	}
	if err := differ(submitted, want); err != nil {
		return fmt.Errorf("submissions: %w", err)
	}
	if err := differ(filed, reports); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	return nil
}

// differ says how what there is differs from what is wanted.
func differ[V comparable](got, want map[string]V) error {
	var odd []string
	for id, v := range want {
		switch g, ok := got[id]; {
		case !ok:
			odd = append(odd, fmt.Sprintf("%s is lost, want %v", id, v))
		case g != v:
			odd = append(odd, fmt.Sprintf("%s is %v, want %v", id, g, v))
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok {
			odd = append(odd, fmt.Sprintf("%s is %v, want none", id, g))
		}
	}
	if len(odd) == 0 {
		return nil
	}
	slices.Sort(odd)
	return errors.New(strings.Join(odd[:min(len(odd), 10)], "; "))
}

// variable tells a process what it is.
const variable = "PASSERELLE_KILL"

// Child does what this process was started for by a drill, and ends it. In any other
// process it does nothing.
func Child() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	var j job
	err := json.Unmarshal([]byte(text), &j)
	if err == nil {
		err = j.run(context.Background())
	}
	if err != nil {
		say("failed", err.Error())
		os.Exit(3)
	}
	say("bye", "")
	os.Exit(0)
}
