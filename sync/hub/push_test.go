package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// Kinds of tests, one a partition.
func init() {
	commands := map[string]record.Command{
		"submit":   {From: "draft", To: "submitted", Once: true, Final: true},
		"withdraw": {From: "submitted", To: "draft"},
		"accept":   {From: "submitted", To: "accepted", Server: true},
	}
	for name, part := range map[string]record.Partition{
		"test-note": record.Person, "test-firm": record.Employer, "test-share": record.Grant, "test-review": record.Office,
	} {
		record.Kinds = append(record.Kinds, record.Kind{Name: name, Partition: part, First: "draft", Commands: commands, Fields: []record.Field{
			{Name: "title", Input: record.Text, Needed: true}, {Name: "words", Input: record.Area},
			{Name: "tags", Input: record.Strings, Policy: record.Set},
		}})
	}
}

func newBox(t testing.TB) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(slices.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// town is a hub with private records, and who asks.
type town struct {
	t    testing.TB
	hub  *hub.Hub
	recs *hub.Records
}

func settle(t testing.TB, dir string, o hub.Options, ro hub.RecordsOptions) *town {
	t.Helper()
	if file := filepath.Join(dir, "ledger.db"); postgrestest.Ledger(t, file) != file {
		o.Ledger = postgrestest.Ledger(t, file)
	}
	h, err := hub.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	ro.Box = newBox(t)
	r, err := h.Records(ro)
	if err != nil {
		t.Fatal(err)
	}
	return &town{t, h, r}
}

var (
	ada   = hub.Who{Account: "ada"}
	bob   = hub.Who{Account: "bob"}
	agent = hub.Who{Account: "carol", Roles: []account.Role{account.Agent}, Proven: true}
)

func doc(text string) record.Doc {
	if text == "" {
		return nil
	}
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

// desk numbers what one client sends.
type desk struct {
	name string
	n    int64
}

func (d *desk) next(m wire.Mutation) wire.Mutation {
	d.n++
	m.ID, m.Client, m.Seq, m.Made = fmt.Sprint(d.name, "-m", d.n), d.name, d.n, now
	if m.Partition == "" {
		m.Partition = "person/ada"
	}
	if m.Kind == "" {
		m.Kind = "test-note"
	}
	if m.Record == "" {
		m.Record = "r1"
	}
	return m
}

func (d *desk) edit(base int64, patch, was string) wire.Mutation {
	return d.next(wire.Mutation{Base: base, Patch: doc(patch), Was: doc(was)})
}

func (w *town) push(who hub.Who, all ...wire.Mutation) []wire.Result {
	w.t.Helper()
	out, err := w.recs.Push(w.t.Context(), who, wire.Push{Mutations: all}, now)
	if err != nil || len(out.Results) != len(all) {
		w.t.Fatalf("Push: %d results of %d, %v", len(out.Results), len(all), err)
	}
	for n, r := range out.Results {
		if r.ID != all[n].ID {
			w.t.Fatalf("result %d is of %s, want %s", n, r.ID, all[n].ID)
		}
	}
	return out.Results
}

func (w *town) one(who hub.Who, m wire.Mutation) wire.Result {
	w.t.Helper()
	return w.push(who, m)[0]
}

func (w *town) pull(who hub.Who, limit int, cursors ...wire.Cursor) []wire.PulledPart {
	w.t.Helper()
	out, err := w.recs.Pull(w.t.Context(), who, wire.Pull{Cursors: cursors, Limit: limit}, now)
	if err != nil {
		w.t.Fatalf("Pull: %v", err)
	}
	return out.Parts
}

// stands is what stands of a partition, by record.
func (w *town) stands(who hub.Who, part string) map[string]wire.Change {
	w.t.Helper()
	all := map[string]wire.Change{}
	for _, p := range w.pull(who, 0) {
		if p.Partition == part {
			for _, c := range p.Changes {
				all[c.Record] = c
			}
		}
	}
	return all
}

func text(d record.Doc) string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// What is delivered again, for its answer was lost, has the answer of then and no other
// effect; what says something else under the same name is refused.
//
// Rows: X-013
func TestDeliveredAgain(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	d := &desk{name: "one"}
	made := d.edit(0, `{"title":"a"}`, `{}`)
	if res := w.one(ada, made); res.Outcome != wire.Applied || res.Ver != 1 {
		t.Fatalf("made: %+v", res)
	}
	for range 3 {
		if res := w.one(ada, made); res.Outcome != wire.Duped || res.First != wire.Applied || res.Ver != 1 {
			t.Errorf("again: %+v", res)
		}
	}
	other := made
	other.Patch = doc(`{"title":"b"}`)
	if res := w.one(ada, other); res.Outcome != wire.Rejected || res.Reason != wire.ReasonOther {
		t.Errorf("another payload: %+v", res)
	}
	number := made
	number.ID = "another-id"
	if res := w.one(ada, number); res.Outcome != wire.Rejected || res.Reason != wire.ReasonOther {
		t.Errorf("the client's number again: %+v", res)
	}
	submit := d.next(wire.Mutation{Base: 1, Command: "submit", Revision: 1})
	if res := w.one(ada, submit); res.Outcome != wire.Applied || res.Ver != 2 {
		t.Fatalf("submit: %+v", res)
	}
	// An answer where something was submitted is kept for ever, others for a while.
	if err := w.recs.Tidy(t.Context(), now.AddDate(3, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if res := w.one(ada, submit); res.Outcome != wire.Duped || res.First != wire.Applied || res.Ver != 2 {
		t.Errorf("submit, years later: %+v", res)
	}
	if res := w.one(ada, made); res.Outcome == wire.Duped || text(w.stands(ada, "person/ada")["r1"].Body) != `{"state":"submitted","title":"a"}` {
		t.Errorf("an edit, years later: %+v", res)
	}
}

// Rows: X-014
func TestTwoDesks(t *testing.T) {
	for _, c := range []struct {
		name         string
		mine, was    string // on top of {"title":"a","words":"w","tags":["x"]} at version 1
		want, fields string
		outcome      wire.Outcome
	}{
		{"other fields merge", `{"words":"mine"}`, `{"words":"w"}`, `{"tags":["x","t"],"title":"theirs","words":"mine"}`, "", wire.Merged},
		{"sets merge as sets", `{"tags":["x","m"]}`, `{"tags":["x"]}`, `{"tags":["x","t","m"],"title":"theirs","words":"w"}`, "", wire.Merged},
		{"the same value passes", `{"title":"theirs"}`, `{"title":"a"}`, `{"tags":["x","t"],"title":"theirs","words":"w"}`, "", wire.Merged},
		{"one field clashes, the other stands", `{"title":"mine","words":"mine"}`, `{"title":"a","words":"w"}`,
			`{"tags":["x","t"],"title":"theirs","words":"mine"}`, "title", wire.Clashed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
			one, two := &desk{name: "one"}, &desk{name: "two"}
			w.one(ada, one.edit(0, `{"title":"a","words":"w","tags":["x"]}`, `{}`))
			if res := w.one(ada, two.edit(1, `{"title":"theirs","tags":["x","t"]}`, `{"title":"a","tags":["x"]}`)); res.Outcome != wire.Applied {
				t.Fatalf("theirs: %+v", res)
			}
			res := w.one(ada, one.edit(1, c.mine, c.was))
			if res.Outcome != c.outcome || text(res.Body) != c.want || strings.Join(res.Fields, " ") != c.fields || res.By != "ada" || !res.At.Equal(now) {
				t.Errorf("mine: %+v %s", res, text(res.Body))
			}
			if got := w.stands(ada, "person/ada")["r1"]; text(got.Body) != c.want || got.Ver != res.Ver {
				t.Errorf("stands %d %s, want %d %s", got.Ver, text(got.Body), res.Ver, c.want)
			}
		})
	}
}

// A removal that meets an edit, either way round, is a conflict that a person sees.
//
// Rows: X-014
func TestRemovedAndEdited(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	one, two := &desk{name: "one"}, &desk{name: "two"}
	w.one(ada, one.edit(0, `{"title":"a"}`, `{}`))
	w.one(ada, two.edit(1, `{"title":"b"}`, `{"title":"a"}`))
	res := w.one(ada, one.next(wire.Mutation{Base: 1, Delete: true}))
	if res.Outcome != wire.Clashed || !slices.Equal(res.Fields, []string{""}) || text(res.Body) != `{"title":"b"}` || res.Ver != 2 {
		t.Fatalf("remove what was edited: %+v", res)
	}
	if res = w.one(ada, one.next(wire.Mutation{Base: 2, Delete: true})); res.Outcome != wire.Applied || res.Ver != 3 {
		t.Fatalf("remove: %+v", res)
	}
	res = w.one(ada, two.edit(2, `{"title":"c"}`, `{"title":"b"}`))
	if res.Outcome != wire.Clashed || !slices.Equal(res.Fields, []string{""}) || res.Body != nil || res.Ver != 3 {
		t.Fatalf("edit what was removed: %+v", res)
	}
	if res = w.one(ada, two.next(wire.Mutation{Base: 3, Command: "submit"})); res.Reason != wire.ReasonGone {
		t.Errorf("submit what was removed: %+v", res)
	}
	if res = w.one(ada, two.edit(3, `{"title":"c"}`, `{}`)); res.Outcome != wire.Applied || res.Ver != 4 {
		t.Errorf("bring it back: %+v", res)
	}
	if res = w.one(ada, two.next(wire.Mutation{Base: 9, Record: "never", Patch: doc(`{"title":"c"}`)})); res.Reason != wire.ReasonGone {
		t.Errorf("edit what never was: %+v", res)
	}
}

// A command wants the record as it was seen; one desk's own edits before it are seen.
//
// Rows: X-013
func TestCommands(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	one, two := &desk{name: "one"}, &desk{name: "two"}
	// Made, edited and submitted offline, in one push.
	all := []wire.Mutation{one.edit(0, `{"title":"a"}`, `{}`), one.edit(0, `{"words":"w"}`, `{}`), one.next(wire.Mutation{Command: "submit", Revision: 1})}
	for n, res := range w.push(ada, all...) {
		if res.Outcome != wire.Applied || res.Ver != int64(n+1) {
			t.Fatalf("%d: %+v", n, res)
		}
	}
	if res := w.one(ada, two.next(wire.Mutation{Base: 3, Command: "submit", Revision: 1})); res.Reason != wire.ReasonState {
		t.Errorf("submit again: %+v", res)
	}
	if res := w.one(ada, two.next(wire.Mutation{Base: 3, Command: "accept"})); res.Reason != wire.ReasonForbidden {
		t.Errorf("accept one's own: %+v", res)
	}
	if res := w.one(ada, two.next(wire.Mutation{Base: 3, Command: "withdraw"})); res.Outcome != wire.Applied {
		t.Fatalf("withdraw: %+v", res)
	}
	if res := w.one(ada, two.next(wire.Mutation{Base: 4, Command: "submit", Revision: 1})); res.Reason != wire.ReasonState {
		t.Errorf("submit the same revision: %+v", res)
	}
	w.one(ada, one.edit(4, `{"words":"new"}`, `{"words":"w"}`))
	if res := w.one(ada, two.next(wire.Mutation{Base: 4, Command: "submit", Revision: 2})); res.Outcome != wire.Clashed || text(res.Body) != `{"state":"draft","title":"a","words":"new"}` {
		t.Errorf("submit what somebody edited meanwhile: %+v", res)
	}
	// What follows a rejection on the same record waits; another record does not.
	bad := one.next(wire.Mutation{Base: 5, Patch: doc(`{"state":"accepted"}`)})
	next := one.next(wire.Mutation{Base: 5, Command: "submit", Revision: 2})
	elsewhere := one.next(wire.Mutation{Record: "r2", Patch: doc(`{"title":"b"}`)})
	for range 2 { // also when all of it comes again
		got := w.push(ada, bad, next, elsewhere)
		if got[0].Reason != wire.ReasonInvalid || got[1].Outcome != wire.Later || got[2].Outcome == wire.Later {
			t.Errorf("after a rejection: %+v", got)
		}
	}
	for name, m := range map[string]wire.Mutation{
		"no title":    one.next(wire.Mutation{Record: "r3", Command: "submit"}),
		"no command":  one.next(wire.Mutation{Base: 5, Command: "fly"}),
		"no kind":     one.next(wire.Mutation{Kind: "none", Patch: doc(`{"title":"b"}`)}),
		"two at once": one.next(wire.Mutation{Base: 5, Command: "submit", Delete: true}),
		"nothing":     one.next(wire.Mutation{Base: 5}),
		"a bad name":  one.next(wire.Mutation{Record: "a/b", Patch: doc(`{}`)}),
	} {
		if res := w.one(ada, m); res.Outcome != wire.Rejected {
			t.Errorf("%s: %+v", name, res)
		}
	}
	if _, err := w.recs.Push(t.Context(), ada, wire.Push{Mutations: make([]wire.Mutation, wire.MaxMutations+1)}, now); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too many: %v", err)
	}
}

// Many send the same submission, and their own, at once: it has one effect (invariant 3).
//
// Rows: X-013
func TestSubmittedOnceByMany(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	w.one(ada, (&desk{name: "first"}).edit(0, `{"title":"a"}`, `{}`))
	same := (&desk{name: "same"}).next(wire.Mutation{Base: 1, Command: "submit", Revision: 1})
	var mu sync.Mutex
	done := map[wire.Outcome]int{}
	var g sync.WaitGroup
	for n := range 8 {
		m := same
		if n%2 == 1 {
			m = (&desk{name: fmt.Sprint("d", n)}).next(wire.Mutation{Base: 1, Command: "submit", Revision: 1})
		}
		g.Go(func() {
			out, err := w.recs.Push(t.Context(), ada, wire.Push{Mutations: []wire.Mutation{m}}, now)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			done[out.Results[0].Outcome]++
		})
	}
	g.Wait()
	if done[wire.Applied] != 1 || done[wire.Applied]+done[wire.Duped]+done[wire.Rejected] != 8 {
		t.Errorf("outcomes %v, want one applied", done)
	}
	if n := w.submissions("person/ada"); n != 1 {
		t.Errorf("%d submissions, want 1", n)
	}
}

func (w *town) submissions(part string) (n int) {
	w.t.Helper()
	err := w.hub.Ledger().View(w.t.Context(), func(tx *ledger.Tx) error {
		all, err := tx.Submissions(w.t.Context(), part)
		n = len(all)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A partition takes so much and no more; what is removed makes room again.
func TestQuota(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{MaxRecords: 2, MaxBytes: 3000})
	d := &desk{name: "one"}
	put := func(id string, n int) wire.Result {
		return w.one(ada, d.next(wire.Mutation{Record: id, Patch: doc(fmt.Sprintf(`{"title":%q}`, strings.Repeat("x", n)))}))
	}
	a, b, c := put("a", 10), put("b", 1900), put("c", 10)
	if a.Outcome != wire.Applied || b.Outcome != wire.Applied || c.Reason != wire.ReasonQuota {
		t.Errorf("three records: %+v %+v %+v", a, b, c)
	}
	if len(w.stands(ada, "person/ada")) != 2 {
		t.Error("what was over the quota is there")
	}
	if res := w.one(ada, d.next(wire.Mutation{Record: "a", Base: 1, Patch: doc(fmt.Sprintf(`{"words":%q}`, strings.Repeat("x", 1900)))})); res.Reason != wire.ReasonQuota {
		t.Errorf("too many bytes: %+v", res)
	}
	if res := w.one(ada, d.next(wire.Mutation{Record: "b", Base: 1, Delete: true})); res.Outcome != wire.Applied {
		t.Errorf("remove: %+v", res)
	}
	if res := put("d", 10); res.Outcome != wire.Applied {
		t.Errorf("with room again: %+v", res)
	}
}

// machine is desks of two accounts that edit, push, lose answers, send again and pull in
// whatever order, against a model that is written without looking at the hub: for each
// field, who overwrote a value had seen it.
type machine struct {
	w     *town
	model map[string]map[string]string // partition/record, field: value
	tags  map[string]map[string]bool   // partition/record: members
	desks []*robot
	token int
}

// robot is a desk as simple as can be.
type robot struct {
	desk
	who    hub.Who
	shadow map[string]wire.Change // by record: as the server had it
	outbox []wire.Mutation
	cursor wire.Cursor
	has    bool
}

func (r *robot) part() string { return "person/" + r.who.Account }

// view is a record with what waits.
func (r *robot) view(id string) record.Doc {
	d := record.Apply(r.shadow[id].Body, nil)
	for _, m := range r.outbox {
		if m.Record == id && m.Patch != nil {
			d = record.Apply(d, m.Patch)
		}
	}
	return d
}

// learn takes what the server has, unless it is older.
func (r *robot) learn(id string, ver int64, body record.Doc) {
	if r.shadow[id].Ver < ver {
		r.shadow[id] = wire.Change{Record: id, Ver: ver, Body: body}
	}
}

func tagsOf(d record.Doc) (all []string) {
	_ = json.Unmarshal(d["tags"], &all)
	return all
}

// served follows in the model what the hub answered.
func (m *machine) served(t *rapid.T, r *robot, mu wire.Mutation, res wire.Result) {
	key := mu.Partition + "/" + mu.Record
	switch res.Outcome {
	case wire.Applied, wire.Merged, wire.Clashed:
	default:
		return
	}
	if m.model[key] == nil {
		m.model[key], m.tags[key] = map[string]string{}, map[string]bool{}
	}
	if mu.Command != "" {
		if res.Outcome == wire.Applied {
			m.model[key]["state"] = `"submitted"`
		}
		return
	}
	for name, v := range mu.Patch {
		if slices.Contains(res.Fields, name) {
			continue
		}
		if name == "tags" {
			for _, tag := range tagsOf(mu.Patch) {
				if !slices.Contains(tagsOf(mu.Was), tag) {
					m.tags[key][tag] = true
				}
			}
			continue
		}
		if before := m.model[key][name]; before != string(mu.Was[name]) && before != string(v) {
			t.Fatalf("%s of %s: %s overwrote %s, having seen %s: %+v", name, key, v, before, mu.Was[name], res)
		}
		m.model[key][name] = string(v)
	}
}

// push sends what waits. The answer may be lost.
func (m *machine) push(t *rapid.T, r *robot, lost bool) {
	n := min(len(r.outbox), 5)
	sent := slices.Clone(r.outbox[:n])
	results := m.w.push(r.who, sent...)
	for i, res := range results {
		m.served(t, r, sent[i], res)
	}
	if lost {
		return
	}
	drop := map[string]bool{} // ids; nothing but a final answer takes one out
	parked := map[string]bool{}
	for i, res := range results {
		mu, became := sent[i], res.Outcome
		if became == wire.Duped {
			became = res.First
		}
		switch became {
		case wire.Applied:
			if at := r.shadow[mu.Record]; mu.Patch != nil && mu.Base == at.Ver && at.Ver == res.Ver-1 {
				r.learn(mu.Record, res.Ver, record.Apply(at.Body, mu.Patch))
			}
			drop[mu.ID] = true
		case wire.Merged, wire.Clashed:
			r.learn(mu.Record, res.Ver, res.Body)
			drop[mu.ID] = true
			parked[mu.Record] = parked[mu.Record] || became == wire.Clashed
		case wire.Rejected:
			drop[mu.ID] = true
			parked[mu.Record] = true
		}
	}
	// A person who sees a conflict takes theirs: what was built on mine goes, too.
	r.outbox = slices.DeleteFunc(r.outbox, func(mu wire.Mutation) bool { return drop[mu.ID] || parked[mu.Record] })
}

func (m *machine) pull(t *rapid.T, r *robot, limit int) (more bool) {
	var cursors []wire.Cursor
	if r.has {
		cursors = []wire.Cursor{r.cursor}
	}
	parts := m.w.pull(r.who, limit, cursors...)
	if len(parts) != 1 || parts[0].Partition != r.part() {
		t.Fatalf("%s was given %+v", r.who.Account, parts)
	}
	p := parts[0]
	if p.Seq < r.cursor.Seq {
		t.Fatalf("the cursor went back from %d to %d", r.cursor.Seq, p.Seq)
	}
	for n, c := range p.Changes {
		if !p.Snapshot && c.Seq != r.cursor.Seq+int64(n)+1 {
			t.Fatalf("change %d after %d: a gap", c.Seq, r.cursor.Seq)
		}
		if c.By != r.who.Account {
			t.Fatalf("%s was given what %s wrote", r.who.Account, c.By)
		}
		r.learn(c.Record, c.Ver, c.Body)
	}
	if !p.Snapshot && p.Seq != r.cursor.Seq+int64(len(p.Changes)) {
		t.Fatalf("from %d to %d by %d changes", r.cursor.Seq, p.Seq, len(p.Changes))
	}
	r.cursor, r.has = wire.Cursor{Partition: p.Partition, Epoch: p.Epoch, Seq: p.Seq}, true
	return p.More
}

// No edit is lost in silence: whatever is lost, doubled or late on the way, each value that
// was overwritten had been seen, what is submitted is submitted once, cursors have no gaps,
// no row crosses accounts, and in the end every desk has what the server has (invariants 1,
// 2, 3, 4 and 6).
//
// Rows, B-009
func TestDesksConverge(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		w := settle(t, filepath.Join(dir, fmt.Sprint(round)), hub.Options{}, hub.RecordsOptions{})
		defer func() { _ = w.hub.Close(); _ = os.RemoveAll(filepath.Join(dir, fmt.Sprint(round))) }()
		m := &machine{w: w, model: map[string]map[string]string{}, tags: map[string]map[string]bool{}}
		for n, who := range []hub.Who{ada, ada, bob} {
			m.desks = append(m.desks, &robot{desk: desk{name: fmt.Sprint("desk", n)}, who: who, shadow: map[string]wire.Change{}})
		}
		pick := func(rt *rapid.T) *robot { return m.desks[rapid.IntRange(0, 2).Draw(rt, "desk")] }
		id := func(rt *rapid.T) string { return rapid.SampledFrom([]string{"r1", "r2"}).Draw(rt, "record") }
		rt.Repeat(map[string]func(*rapid.T){
			"edit": func(rt *rapid.T) {
				r, id := pick(rt), id(rt)
				m.token++
				patch, was, view := record.Doc{}, record.Doc{}, r.view(id)
				switch name := rapid.SampledFrom([]string{"title", "words", "tags"}).Draw(rt, "field"); name {
				case "tags":
					b, _ := json.Marshal(append(tagsOf(view), fmt.Sprint("t", m.token)))
					patch[name] = b
				default:
					patch[name] = fmt.Appendf(nil, `"v%d"`, m.token)
				}
				for name := range patch {
					if v, ok := view[name]; ok {
						was[name] = v
					}
				}
				r.outbox = append(r.outbox, r.next(wire.Mutation{
					Partition: r.part(), Record: id, Base: r.shadow[id].Ver, Patch: patch, Was: was,
				}))
			},
			"submit": func(rt *rapid.T) {
				r, id := pick(rt), id(rt)
				r.outbox = append(r.outbox, r.next(wire.Mutation{
					Partition: r.part(), Record: id, Base: r.shadow[id].Ver, Command: "submit", Revision: 1,
				}))
			},
			"push":           func(rt *rapid.T) { m.push(rt, pick(rt), false) },
			"push, not told": func(rt *rapid.T) { m.push(rt, pick(rt), true) },
			"pull":           func(rt *rapid.T) { m.pull(rt, pick(rt), rapid.IntRange(1, 4).Draw(rt, "limit")) },
		})
		for _, r := range m.desks {
			for len(r.outbox) > 0 {
				m.push(rt, r, false)
			}
		}
		for _, r := range m.desks {
			for m.pull(rt, r, 100) {
			}
			stands := w.stands(r.who, r.part())
			for id, c := range stands {
				if !record.Equal(r.shadow[id].Body, c.Body) || r.shadow[id].Ver != c.Ver {
					rt.Fatalf("%s has %s %d %s, the server %d %s", r.name, id, r.shadow[id].Ver, text(r.shadow[id].Body), c.Ver, text(c.Body))
				}
				key := r.part() + "/" + id
				for name, v := range m.model[key] {
					if string(c.Body[name]) != v {
						rt.Fatalf("%s of %s is %s, want %s", name, key, c.Body[name], v)
					}
				}
				for tag := range m.tags[key] {
					if !slices.Contains(tagsOf(c.Body), tag) {
						rt.Fatalf("%s lost the tag %s: %s", key, tag, text(c.Body))
					}
				}
			}
		}
		for _, part := range []string{"person/ada", "person/bob"} {
			if n := w.submissions(part); n > 2 {
				rt.Fatalf("%d submissions of two records", n)
			}
		}
	})
}

// story is what one desk sends in the tests that kill the server.
func story() []wire.Mutation {
	d := &desk{name: "one"}
	all := []wire.Mutation{d.edit(0, `{"title":"a"}`, `{}`), d.next(wire.Mutation{Partition: "employer/f", Kind: "test-firm", Record: "f", Patch: doc(`{"title":"f"}`)})}
	for n := range 4 {
		was := "{}"
		if n > 0 {
			was = fmt.Sprintf(`{"words":"w%d"}`, n-1)
		}
		all = append(all, d.edit(1, fmt.Sprintf(`{"words":"w%d"}`, n), was))
	}
	return append(all, d.next(wire.Mutation{Base: 5, Command: "submit", Revision: 1}), d.next(wire.Mutation{Record: "gone", Patch: doc(`{"title":"g"}`)}),
		d.next(wire.Mutation{Record: "gone", Base: 1, Delete: true}))
}

// tell pushes the story one by one, and says what was acknowledged.
func tell(ctx context.Context, dir string, at func(string), acked io.Writer) (out []wire.Result, err error) {
	h, err := hub.Open(ctx, dir, hub.Options{At: at})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	box, err := secret.NewBox(slices.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		return nil, err
	}
	r, err := h.Records(hub.RecordsOptions{Box: box})
	if err != nil {
		return nil, err
	}
	for _, m := range story() {
		got, err := r.Push(ctx, ada, wire.Push{Mutations: []wire.Mutation{m}}, now)
		if err != nil {
			return nil, err
		}
		out = append(out, got.Results[0])
		fmt.Fprintln(acked, m.ID)
	}
	return out, nil
}

// Killed at any point of a mutation, what was acknowledged is there, and the whole story
// told again has the effects that it would have had once (invariants 2 and 3).
//
// Rows: X-013
func TestKilledWhileTakingIn(t *testing.T) {
	postgrestest.NeedsFile(t)
	pulled := func(dir string) string {
		w := settle(t, dir, hub.Options{}, hub.RecordsOptions{})
		defer func() { _ = w.hub.Close() }()
		if n := w.submissions("person/ada"); n != 1 {
			t.Errorf("%d submissions, want 1", n)
		}
		b, err := json.Marshal(w.pull(ada, 0, wire.Cursor{Partition: "person/ada", Epoch: 1}, wire.Cursor{Partition: "employer/f", Epoch: 1}))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	clean := t.TempDir()
	if _, err := tell(t.Context(), clean, nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := pulled(clean)
	for _, at := range []string{"noted:1", "merged:3", "submitted:1", "advanced:1", "advanced:4", "changed:2", "changed:7", "pushed:1", "pushed:7", "pushed:9"} {
		t.Run(at, func(t *testing.T) {
			dir := t.TempDir()
			c := exec.CommandContext(t.Context(), os.Args[0])
			c.Env = append(os.Environ(), crashAt+"="+at, "HUB_TEST_DIR="+dir, "HUB_TEST_WORK=records")
			acked, err := c.Output()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() == 7 {
				t.Fatalf("the child was not killed: %v\n%s", err, acked)
			}
			again, err := tell(t.Context(), dir, nil, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			for n := range strings.Fields(string(acked)) {
				if again[n].Outcome != wire.Duped || again[n].First != wire.Applied {
					t.Errorf("%s was acknowledged, and now: %+v", again[n].ID, again[n])
				}
			}
			if got := pulled(dir); got != want {
				t.Errorf("told again, there is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Nothing that a person writes can be read in the ledger, and no answer of it either.
//
// Rows: A-090
func TestSealedInTheLedger(t *testing.T) {
	postgrestest.NeedsFile(t)
	dir := t.TempDir()
	w := settle(t, dir, hub.Options{}, hub.RecordsOptions{})
	one, two := &desk{name: "one"}, &desk{name: "two"}
	w.one(ada, one.edit(0, `{"title":"quincaillerie"}`, `{}`))
	w.one(ada, two.edit(1, `{"title":"fromagerie"}`, `{"title":"quincaillerie"}`))
	w.one(ada, one.edit(1, `{"title":"boulangerie"}`, `{"title":"quincaillerie"}`)) // its answer shows theirs
	if err := w.hub.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "ledger.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"quincaillerie", "fromagerie", "boulangerie"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s holds %q", filepath.Base(name), word)
			}
		}
	}
}

// benched is a town without the ledger's waits for a disk being different from a server's.
func benched(b *testing.B) *town {
	return settle(b, b.TempDir(), hub.Options{}, hub.RecordsOptions{MaxRecords: 1 << 40, MaxBytes: 1 << 40})
}

// Mutations a second, in pushes of 100, each in a transaction of its own.
func BenchmarkPush(b *testing.B) {
	w := benched(b)
	d := &desk{name: "one"}
	words := strings.Repeat("des mots qui restent scellés ", 20)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		all := make([]wire.Mutation, wire.MaxMutations)
		for i := range all {
			n++
			all[i] = d.next(wire.Mutation{Record: fmt.Sprint("r", n), Patch: doc(fmt.Sprintf(`{"title":"t%d","words":%q}`, n, words))})
		}
		for _, res := range w.push(ada, all...) {
			if res.Outcome != wire.Applied {
				b.Fatal(res)
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mutations/s")
}

// Pulls a second of somebody who is up to date, and of a page of 500 changes.
func BenchmarkPull(b *testing.B) {
	w := benched(b)
	d := &desk{name: "one"}
	for n := range 500 {
		w.one(ada, d.next(wire.Mutation{Record: fmt.Sprint("r", n), Patch: doc(`{"title":"t","words":"des mots qui restent scellés"}`)}))
	}
	for name, seq := range map[string]int64{"idle": 500, "page": 0} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				if p := w.pull(ada, 0, wire.Cursor{Partition: "person/ada", Epoch: 1, Seq: seq}); p[0].Seq != 500 {
					b.Fatal(p)
				}
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pulls/s")
		})
	}
}

// A removal that reaches a restored server before the desk that made the record says again
// that it did is not undone by that in silence: that desk is told.
//
// Rows: X-014
func TestRemovedBeforeItIsKnown(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	one, two := &desk{name: "one"}, &desk{name: "two"}
	gone := w.one(ada, two.next(wire.Mutation{Delete: true}))
	if gone.Outcome != wire.Applied || gone.Ver != 1 {
		t.Fatalf("a removal of what is not known: %+v", gone)
	}
	if made := w.one(ada, one.edit(0, `{"title":"a"}`, `{"title":null}`)); made.Outcome != wire.Clashed || !slices.Equal(made.Fields, []string{""}) {
		t.Errorf("a record that is made after its removal: %+v; want a conflict with the removal", made)
	}
	if got := w.stands(ada, "person/ada"); len(got) != 0 {
		t.Errorf("there is %+v", got)
	}
}
