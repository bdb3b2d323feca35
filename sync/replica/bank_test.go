package replica_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"passerelle/store/account"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// draftKind is a kind of record for these tests: two fields, a set, and a command that may
// have one effect.
var draftKind = record.Kind{
	Name: "test-draft", Partition: record.Employer, First: "draft",
	Fields: []record.Field{{Name: "a", Input: record.Text}, {Name: "b", Input: record.Text}, {Name: "tags", Input: record.Strings, Policy: record.Set}},
	Commands: map[string]record.Command{
		"submit":   {From: "draft", To: "submitted", Once: true},
		"withdraw": {From: "submitted", To: "draft"},
	},
}

func init() { record.Kinds = append(record.Kinds, draftKind) }

// held is a record at the bank.
type held struct {
	Kind string
	Ver  int64
	Body record.Doc // nil: removed
	By   string
}

// books are what a backup of a bank holds.
type books struct {
	Docs    map[string]map[string]held // by partition and id
	Log     map[string][]string        // ids of records, by partition; the seq is the place
	Answers map[string]wire.Result     // by mutation
	Sent    map[string]string          // content of a mutation, by its id and by client and seq
	Ever    map[string]bool            // record, field and value that ever stood
}

func (b books) clone() books {
	c := books{map[string]map[string]held{}, map[string][]string{}, maps.Clone(b.Answers), maps.Clone(b.Sent), maps.Clone(b.Ever)}
	for p, docs := range b.Docs {
		c.Docs[p] = maps.Clone(docs)
	}
	for p, l := range b.Log {
		c.Log[p] = slices.Clone(l)
	}
	return c
}

// bank is a server of the wire protocol in memory: a second writing of what sync/hub does.
type bank struct {
	mu sync.Mutex
	books
	epoch   int64
	parts   map[string]bool // that everybody here may see
	token   string          // access that is taken; "": any
	limit   int             // changes of a pull; 0: 500
	most    int             // mutations of a push; 0: wire.MaxMutations
	effects map[string]int  // of submissions, by mutation: what the world outside saw, which no backup takes back
	pushes  int             // that were taken in
	// fault may refuse a request, before it is taken in or after.
	fault func(what string, after bool) error
}

const firm = "employer/e"

func newBank() *bank {
	return &bank{
		books: books{map[string]map[string]held{}, map[string][]string{}, map[string]wire.Result{}, map[string]string{}, map[string]bool{}},
		epoch: 1, parts: map[string]bool{firm: true}, effects: map[string]int{},
	}
}

func (b *bank) enter(access, what string, after bool) error {
	if b.token != "" && access != b.token {
		return &wire.Refused{Code: account.SignInNeeded}
	}
	if b.fault != nil {
		return b.fault(what, after)
	}
	return nil
}

func (b *bank) Push(_ context.Context, access string, p wire.Push) (wire.Pushed, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.enter(access, "push", false); err != nil {
		return wire.Pushed{}, err
	}
	most := b.most
	if most == 0 {
		most = wire.MaxMutations
	}
	text, err := json.Marshal(p)
	if err != nil || len(p.Mutations) > most || len(text) > wire.MaxPush {
		return wire.Pushed{}, fmt.Errorf("push: %w", errors.Join(wire.ErrTooLarge, err))
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return wire.Pushed{}, err
	}
	b.pushes++
	out := wire.Pushed{Epoch: b.epoch}
	halted := map[string]bool{}
	for _, m := range p.Mutations {
		res := wire.Result{ID: m.ID, Outcome: wire.Later}
		if !halted[m.Record] {
			res = b.mutate(m)
		}
		if out := res.Outcome; out == wire.Rejected || out == wire.Clashed || out == wire.Later || res.First == wire.Clashed || res.First == wire.Rejected {
			halted[m.Record] = true
		}
		out.Results = append(out.Results, res)
	}
	return out, b.enter(access, "push", true)
}

func (b *bank) mutate(m wire.Mutation) wire.Result {
	same := m
	same.Epoch = 0
	text, _ := json.Marshal(same)
	place := fmt.Sprint(m.Client, " ", m.Seq)
	if was, ok := b.Sent[m.ID]; ok || b.Sent[place] != "" {
		if was != string(text) || b.Sent[place] != string(text) {
			return wire.Result{ID: m.ID, Outcome: wire.Rejected, Reason: wire.ReasonOther}
		}
		res := b.Answers[m.ID]
		res.First, res.Outcome = res.Outcome, wire.Duped
		return res
	}
	res, keep := b.decide(m)
	if keep {
		b.Sent[m.ID], b.Sent[place], b.Answers[m.ID] = string(text), string(text), res
	}
	return res
}

func (b *bank) decide(m wire.Mutation) (res wire.Result, keep bool) {
	reject := func(reason string) (wire.Result, bool) {
		return wire.Result{ID: m.ID, Outcome: wire.Rejected, Reason: reason}, true
	}
	if !b.parts[m.Partition] {
		return reject(wire.ReasonForbidden)
	}
	cur, ok := b.Docs[m.Partition][m.Record]
	k, _ := record.Find(m.Kind)
	old := max(m.Epoch, 1) != b.epoch
	told := func(o wire.Outcome, body record.Doc, fields ...string) wire.Result {
		return wire.Result{ID: m.ID, Outcome: o, Ver: b.Docs[m.Partition][m.Record].Ver, Body: body, Fields: fields, By: cur.By}
	}
	write := func(body record.Doc) int64 {
		if b.Docs[m.Partition] == nil {
			b.Docs[m.Partition] = map[string]held{}
		}
		b.Docs[m.Partition][m.Record] = held{m.Kind, cur.Ver + 1, body, m.Client}
		b.Log[m.Partition] = append(b.Log[m.Partition], m.Record)
		for name, v := range body {
			b.Ever[m.Record+" "+name+" "+string(v)] = true
		}
		return cur.Ver + 1
	}
	switch {
	case m.Command != "" && old && k.Commands[m.Command].Once:
		res = told(wire.Clashed, cur.Body, "state")
		res.Reason = wire.ReasonConfirm
		return res, false
	case m.Command != "" && cur.Body == nil:
		return reject(wire.ReasonGone)
	case m.Command != "":
		made, _, err := k.Do(m.Command, cur.Body)
		if err != nil {
			return reject(wire.ReasonState)
		}
		if !old && m.Base != cur.Ver {
			return told(wire.Clashed, cur.Body, "state"), true
		}
		if k.Commands[m.Command].Once {
			b.effects[m.ID]++
		}
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: write(made)}, true
	case m.Delete && cur.Body == nil:
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: cur.Ver}, true
	case m.Delete && (old || m.Base != cur.Ver):
		return told(wire.Clashed, cur.Body, ""), true
	case m.Delete:
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: write(nil)}, true
	case !ok && m.Base > 0:
		return reject(wire.ReasonGone)
	case !ok || !old && m.Base == cur.Ver && cur.Body != nil:
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: write(record.Apply(cur.Body, m.Patch))}, true
	}
	merged, conflicts := record.MergePatch(k, m.Was, m.Patch, cur.Body)
	if !record.Equal(merged, cur.Body) {
		write(merged)
	}
	if len(conflicts) > 0 {
		var fields []string
		for _, c := range conflicts {
			fields = append(fields, c.Field)
		}
		return told(wire.Clashed, merged, fields...), true
	}
	return told(wire.Merged, merged), true
}

func (b *bank) Pull(_ context.Context, access string, p wire.Pull) (wire.Pulled, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.enter(access, "pull", false); err != nil {
		return wire.Pulled{}, err
	}
	at := map[string]wire.Cursor{}
	var out wire.Pulled
	for _, c := range p.Cursors {
		at[c.Partition] = c
		if !b.parts[c.Partition] {
			out.Parts = append(out.Parts, wire.PulledPart{Partition: c.Partition, Epoch: c.Epoch, Seq: c.Seq, Gone: true})
		} else if c.Epoch != b.epoch || c.Seq > int64(len(b.Log[c.Partition])) {
			return wire.Pulled{}, fmt.Errorf("pull: %w", &wire.OtherEpoch{Epoch: b.epoch})
		}
	}
	for part := range b.parts {
		c, has := at[part]
		told := wire.PulledPart{Partition: part, Epoch: b.epoch, Seq: int64(len(b.Log[part]))}
		change := func(seq int64, id string) {
			d := b.Docs[part][id]
			told.Changes = append(told.Changes, wire.Change{Seq: seq, Kind: d.Kind, Record: id, Ver: d.Ver, Deleted: d.Body == nil, Body: d.Body, By: d.By, At: time.Unix(1_800_000_000, 0)})
		}
		if !has {
			told.Snapshot = true
			for _, id := range slices.Sorted(maps.Keys(b.Docs[part])) {
				if b.Docs[part][id].Body != nil {
					change(0, id)
				}
			}
		} else {
			limit := b.limit
			if limit == 0 {
				limit = 500
			}
			for seq := c.Seq + 1; seq <= int64(len(b.Log[part])); seq++ {
				if len(told.Changes) == limit {
					told.More, told.Seq = true, seq-1
					break
				}
				change(seq, b.Log[part][seq-1])
			}
		}
		out.Parts = append(out.Parts, told)
	}
	// What travels is JSON.
	text, err := json.Marshal(out)
	if err != nil {
		return wire.Pulled{}, err
	}
	var sent wire.Pulled
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&sent); err != nil {
		return wire.Pulled{}, err
	}
	return sent, b.enter(access, "pull", true)
}
