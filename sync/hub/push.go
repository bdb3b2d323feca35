package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/store/sqldb"
	"passerelle/sync/wire"
)

// Push takes in what a desk changed, in order, each in a transaction of its own: what is
// lost on the way back is sent again and has the same answer. Errors are the whole
// push's: wire.ErrTooLarge, or the ledger's, after which it is sent again.
func (r *Records) Push(ctx context.Context, who Who, in wire.Push, now time.Time) (wire.Pushed, error) {
	if len(in.Mutations) > wire.MaxMutations {
		return wire.Pushed{}, fmt.Errorf("push of %d mutations: %w", len(in.Mutations), wire.ErrTooLarge)
	}
	epoch, _, err := r.h.ledger.Position(ctx)
	if err != nil {
		return wire.Pushed{}, fmt.Errorf("push: %w", err)
	}
	out := wire.Pushed{Epoch: epoch, Results: make([]wire.Result, 0, len(in.Mutations))}
	parked := map[string]bool{} // records whose later mutations wait
	for _, m := range in.Mutations {
		key := m.Partition + "/" + m.Record
		res := wire.Result{ID: m.ID, Outcome: wire.Later}
		if !parked[key] {
			if res, err = r.take(ctx, who, m, now); err != nil {
				return wire.Pushed{}, fmt.Errorf("push %s: %w", m.ID, err)
			}
		}
		switch became(res) {
		case wire.Rejected, wire.Clashed, wire.Later:
			parked[key] = true
		}
		out.Results = append(out.Results, res)
	}
	r.h.o.At("answering")
	return out, nil
}

// became is the outcome of a mutation when it first came.
func became(r wire.Result) wire.Outcome {
	if r.Outcome == wire.Duped {
		return r.First
	}
	return r.Outcome
}

// refusal ends a transaction with nothing written: the answer is then kept by itself, if
// it is to be the same when the mutation comes again.
type refusal struct {
	wire.Result
	keep bool
}

func (r *refusal) Error() string { return string(r.Outcome) + " " + r.Reason }

func reject(m wire.Mutation, reason string, fields ...string) error {
	return &refusal{wire.Result{ID: m.ID, Outcome: wire.Rejected, Reason: reason, Fields: fields}, true}
}

// take takes one mutation in.
func (r *Records) take(ctx context.Context, who Who, m wire.Mutation, now time.Time) (res wire.Result, err error) {
	k, ok := record.Find(m.Kind)
	if !ok || !sound(m) {
		return wire.Result{ID: m.ID, Outcome: wire.Rejected, Reason: wire.ReasonInvalid}, nil
	}
	sent, err := r.mark(who, m)
	if err != nil {
		return res, err
	}
	var touched []string // keys of hints
	err = r.h.ledger.Update(ctx, func(t *ledger.Tx) (err error) {
		res, touched, err = r.write(ctx, t, who, k, m, sent, now)
		return err
	})
	var no *refusal
	if errors.As(err, &no) {
		touched = nil
		err = r.h.ledger.Update(ctx, func(t *ledger.Tx) (err error) {
			if res, err = no.Result, nil; no.keep {
				res, err = r.keep(ctx, t, who, m, sent, no.Result, now)
			}
			if err != nil {
				return err
			}
			return r.answered(ctx, t, who, m, res, now)
		})
	}
	switch {
	case errors.Is(err, sqldb.ErrBusy), errors.Is(err, sqldb.ErrAgain), errors.Is(err, ledger.ErrMoved):
		return wire.Result{ID: m.ID, Outcome: wire.Later}, nil
	case err != nil:
		return res, err
	}
	if len(touched) > 0 {
		r.h.o.At("pushed")
	}
	for _, part := range touched {
		r.hints.tell(part)
	}
	return res, nil
}

// sound says whether a mutation is one: it has names, and is an edit, a removal or a command.
func sound(m wire.Mutation) bool {
	for _, name := range []string{m.ID, m.Client, m.Record} {
		if !named.MatchString(name) {
			return false
		}
	}
	kinds := 0
	for _, is := range []bool{m.Patch != nil, m.Delete, m.Command != ""} {
		if is {
			kinds++
		}
	}
	return kinds == 1 && m.Seq > 0 && m.Base >= 0 && m.Revision >= 0
}

// mark is a keyed hash of what was sent, but for what may differ when it is sent again.
func (r *Records) mark(who Who, m wire.Mutation) ([]byte, error) {
	m.Epoch = 0
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("mutation %s: %w", m.ID, err)
	}
	return r.o.Box.Mark("mutation", append([]byte(who.Account+"\x00"), b...)), nil
}

// note writes a mutation without its answer; known is the answer it had before.
func (r *Records) note(ctx context.Context, t *ledger.Tx, who Who, m wire.Mutation, sent []byte, now time.Time) (known *wire.Result, err error) {
	before, there, err := t.AddMutation(ctx, ledger.Mutation{
		Account: who.Account, ID: m.ID, Client: m.Client, ClientSeq: m.Seq, Sent: sent, At: now, Ends: now.Add(r.o.KeepDone),
	})
	if err != nil || !there {
		return nil, err
	}
	if !bytes.Equal(before.Sent, sent) {
		return &wire.Result{ID: m.ID, Outcome: wire.Rejected, Reason: wire.ReasonOther}, nil
	}
	b, err := r.o.Box.Open(aboutAnswer(who, m), before.Answer)
	if err != nil {
		return nil, err
	}
	known = new(wire.Result)
	if err := json.Unmarshal(b, known); err != nil {
		return nil, fmt.Errorf("answer of mutation %s: %w", m.ID, err)
	}
	known.First, known.Outcome = known.Outcome, wire.Duped
	return known, nil
}

// answer keeps the answer of a mutation that was noted: for ever where something was
// submitted.
func (r *Records) answer(ctx context.Context, t *ledger.Tx, who Who, m wire.Mutation, res wire.Result, ever bool, now time.Time) error {
	b, err := json.Marshal(res)
	if err != nil {
		return fmt.Errorf("answer of mutation %s: %w", m.ID, err)
	}
	if b, err = r.o.Box.Seal(aboutAnswer(who, m), b); err != nil {
		return err
	}
	ends := now.Add(r.o.KeepDone)
	if ever {
		ends = time.Time{}
	}
	return t.AnswerMutation(ctx, who.Account, m.ID, b, ends)
}

// keep keeps an answer by itself.
func (r *Records) keep(ctx context.Context, t *ledger.Tx, who Who, m wire.Mutation, sent []byte, res wire.Result, now time.Time) (wire.Result, error) {
	known, err := r.note(ctx, t, who, m, sent, now)
	if err != nil {
		return res, err
	}
	if known != nil {
		return *known, nil
	}
	return res, r.answer(ctx, t, who, m, res, false, now)
}

func aboutAnswer(who Who, m wire.Mutation) string { return "mutation/" + who.Account + "/" + m.ID }
func aboutBody(part, id string) string            { return "record/" + part + "/" + id }

// write is the transaction of a mutation: the mutation, the record, what a command does,
// and last the counter of the partition, which nobody else can move until the commit, and
// the change that it numbers.
func (r *Records) write(ctx context.Context, t *ledger.Tx, who Who, k record.Kind, m wire.Mutation, sent []byte, now time.Time) (res wire.Result, touched []string, err error) {
	known, err := r.note(ctx, t, who, m, sent, now)
	if err != nil {
		return res, nil, err
	}
	if known != nil {
		return *known, nil, r.answered(ctx, t, who, m, *known, now)
	}
	r.h.o.At("noted")
	_, id, _ := parse(m.Partition)
	founds := id == m.Record && m.Base == 0 && m.Patch != nil
	part, err := t.Part(ctx, m.Partition)
	there := err == nil
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return res, nil, err
	}
	switch err := r.enter(ctx, t, who, m.Partition, k, founds, there, now); {
	case errors.Is(err, errForbidden):
		return res, nil, reject(m, wire.ReasonForbidden)
	case errors.Is(err, errFull):
		return res, nil, reject(m, wire.ReasonQuota)
	case err != nil:
		return res, nil, err
	}
	if !there {
		if part, err = t.Part(ctx, m.Partition); err != nil {
			return res, nil, err
		}
	}
	was, err := t.Doc(ctx, m.Partition, m.Record)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return res, nil, err
	}
	if was.Ver > 0 && was.Kind != k.Name {
		return res, nil, reject(m, wire.ReasonInvalid)
	}
	s := standing{Doc: was, old: max(m.Epoch, 1) != part.Epoch}
	if was.Ver > 0 && !was.Deleted {
		if s.theirs, err = r.open(was); err != nil {
			return res, nil, err
		}
	}
	if k.Name == grantKind {
		if err := s.mayGrant(who, k, m); err != nil {
			return res, nil, err
		}
	}
	res, next, err := s.decide(who, k, m)
	if err != nil {
		return res, nil, err
	}
	r.h.o.At("merged")
	if err := r.answered(ctx, t, who, m, res, now); err != nil {
		return res, nil, err
	}
	if next == nil {
		return res, nil, r.answer(ctx, t, who, m, res, false, now)
	}
	once := m.Command != "" && k.Commands[m.Command].Once
	if once {
		first, err := t.Submit(ctx, ledger.Submission{
			Part: m.Partition, Doc: m.Record, Command: m.Command, Revision: revision(m), Account: who.Account, Mutation: m.ID, At: now,
		})
		if err != nil {
			return res, nil, err
		}
		if !first {
			return res, nil, reject(m, wire.ReasonState)
		}
		r.h.o.At("submitted")
	}
	if err := r.answer(ctx, t, who, m, res, once, now); err != nil {
		return res, nil, err
	}
	touched = []string{m.Partition}
	if founds {
		touched = append(touched, own(who.Account)) // the maker's other desks
	}
	if k.Name == grantKind {
		accounts, err := follow(ctx, t, k, m, s.theirs, *next, now)
		if err != nil {
			return res, nil, err
		}
		for _, a := range accounts {
			touched = append(touched, own(a))
		}
	}
	if k.Name == alertKind && r.o.Alerts != nil {
		if err := r.o.Alerts.Follow(ctx, t, m.Partition, m.Record, *next, now); err != nil {
			return res, nil, err
		}
	}
	others, err := r.matching(ctx, t, who, k, m, *next, now)
	if err != nil {
		return res, nil, err
	}
	return res, append(touched, others...), r.put(ctx, t, who, m, k, was, *next, now)
}

// revision is what a command may be given of once: the desk's own count of what it
// submits, or the version that it saw.
func revision(m wire.Mutation) int64 {
	if m.Revision > 0 {
		return m.Revision
	}
	return m.Base
}

// put writes a record's next version, nil for one that is removed, and tells of it.
func (r *Records) put(ctx context.Context, t *ledger.Tx, who Who, m wire.Mutation, k record.Kind, was ledger.Doc, next record.Doc, now time.Time) error {
	d := ledger.Doc{
		Part: m.Partition, ID: m.Record, Kind: k.Name, Ver: was.Ver + 1, Deleted: next == nil,
		Author: who.Account, Client: m.Client, Run: was.Ver + 1, At: now,
	}
	if was.Client == m.Client && was.Author == who.Account {
		d.Run = was.Run
	}
	var records int64
	if was.Ver > 0 && !was.Deleted {
		records--
	}
	if next != nil {
		records++
		b, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("record %s: %w", m.Record, err)
		}
		if d.Body, err = r.o.Box.Seal(aboutBody(m.Partition, m.Record), b); err != nil {
			return err
		}
	}
	if err := t.PutDoc(ctx, d); err != nil {
		if errors.Is(err, ledger.ErrMoved) {
			err = errors.Join(sqldb.ErrAgain, err) // somebody was faster: decide again
		}
		return err
	}
	grown := int64(len(d.Body) - len(was.Body))
	part, err := t.Advance(ctx, m.Partition, records, grown)
	if err != nil {
		return err
	}
	r.h.o.At("advanced")
	if records > 0 && part.Records > r.o.MaxRecords || grown > 0 && part.Bytes > r.o.MaxBytes {
		return reject(m, wire.ReasonQuota)
	}
	if err := t.AddChange(ctx, m.Partition, part.Seq, m.Record, d.Ver, now); err != nil {
		return err
	}
	r.h.o.At("changed")
	return nil
}

func (r *Records) open(d ledger.Doc) (body record.Doc, err error) {
	b, err := r.o.Box.Open(aboutBody(d.Part, d.ID), d.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &body); err != nil {
		return nil, fmt.Errorf("record %s/%s: %w", d.Part, d.ID, err)
	}
	return body, nil
}

// standing is a record as it stands when a mutation comes.
type standing struct {
	ledger.Doc            // zero: there never was one
	theirs     record.Doc // nil: removed, or never there
	old        bool       // the mutation is of before a restore: its Base says nothing here
}

// stateField stands for a command in what is told of a conflict.
const stateField = "state"

// knew says whether a mutation was made by somebody who knew the record as it stands:
// every version after Base is of the same client's earlier mutations.
func (s standing) knew(who Who, m wire.Mutation) bool {
	if s.old {
		return false
	}
	return m.Base == s.Ver || m.Base < s.Ver && m.Base >= s.Run-1 && s.Client == m.Client && s.Author == who.Account
}

// decide says what becomes of a record, without looking at any clock: next is nil when
// nothing is written, and *next is nil when the record is removed. Neither is anybody's
// edit lost: what cannot stand beside what others did is told as a conflict.
func (s standing) decide(who Who, k record.Kind, m wire.Mutation) (res wire.Result, next *record.Doc, err error) {
	switch {
	case m.Command != "":
		return s.command(who, k, m)
	case m.Delete:
		return s.remove(who, m)
	}
	switch {
	case s.Ver == 0 && m.Base > 0:
		return res, nil, reject(m, wire.ReasonGone)
	case len(k.Forbidden(m.Patch)) > 0:
		return res, nil, reject(m, wire.ReasonInvalid, k.Forbidden(m.Patch)...)
	}
	// Was is asked even where Base is the version that stands: what a desk shows may be its
	// own pending edits over it, and then a person has not seen all of it.
	if s.Ver == 0 || s.theirs == nil && s.knew(who, m) {
		made := record.Apply(s.theirs, m.Patch)
		if bad := k.Verify(made, false); len(bad) > 0 {
			return res, nil, reject(m, wire.ReasonInvalid, problems(bad)...)
		}
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: s.Ver + 1}, &made, nil
	}
	merged, conflicts := record.MergePatch(k, m.Was, m.Patch, s.theirs)
	if merged != nil && len(k.Verify(merged, false)) > 0 {
		// Each may have been right alone: a person has to see both.
		res = s.told(m, wire.Clashed, s.theirs, s.Ver)
		for name := range m.Patch {
			res.Fields = append(res.Fields, name)
		}
		slices.Sort(res.Fields)
		return res, nil, nil
	}
	ver := s.Ver
	if !record.Equal(merged, s.theirs) {
		next = &merged
		ver++
	}
	switch {
	case len(conflicts) > 0:
		res = s.told(m, wire.Clashed, merged, ver)
		for _, c := range conflicts {
			res.Fields = append(res.Fields, c.Field)
		}
	case s.knew(who, m) && record.Equal(merged, record.Apply(s.theirs, m.Patch)):
		res = wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: ver}
	default:
		res = s.told(m, wire.Merged, merged, ver)
	}
	return res, next, nil
}

// told is a result that shows what stands, and whose it is.
func (s standing) told(m wire.Mutation, o wire.Outcome, body record.Doc, ver int64) wire.Result {
	return wire.Result{ID: m.ID, Outcome: o, Ver: ver, Body: body, By: s.Author, At: s.At}
}

func (s standing) remove(who Who, m wire.Mutation) (res wire.Result, next *record.Doc, err error) {
	switch {
	case s.Ver == 0:
		// A restored server that does not know it: whoever made it may have yet to say so
		// again, and is to be told that it was removed.
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: 1}, new(record.Doc), nil
	case s.theirs == nil:
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: s.Ver}, nil, nil
	case s.knew(who, m):
		return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: s.Ver + 1}, new(record.Doc), nil
	}
	res = s.told(m, wire.Clashed, s.theirs, s.Ver)
	res.Fields = []string{""}
	return res, nil, nil
}

// command does what is asked of a record, if it stands as it stood when it was asked.
func (s standing) command(who Who, k record.Kind, m wire.Mutation) (res wire.Result, next *record.Doc, err error) {
	c, ok := k.Commands[m.Command]
	if !ok {
		return res, nil, reject(m, wire.ReasonInvalid)
	}
	switch {
	case c.Server && !(who.agent() && k.Partition == record.Office):
		return res, nil, reject(m, wire.ReasonForbidden)
	case s.old && c.Once:
		// It may have been done before the restore, and read by somebody: only the person
		// can say that it is to be done again. The answer is not kept, so that they may.
		res = s.told(m, wire.Clashed, s.theirs, s.Ver)
		res.Fields, res.Reason = []string{stateField}, wire.ReasonConfirm
		return res, nil, &refusal{res, false}
	case s.theirs == nil:
		return res, nil, reject(m, wire.ReasonGone)
	case !c.Can(k.State(s.theirs)):
		return res, nil, reject(m, wire.ReasonState)
	case !s.old && !s.knew(who, m):
		res = s.told(m, wire.Clashed, s.theirs, s.Ver)
		res.Fields = []string{stateField}
		return res, nil, nil
	}
	made, bad, err := k.Do(m.Command, s.theirs)
	if errors.Is(err, record.ErrMend) {
		return res, nil, reject(m, wire.ReasonInvalid, problems(bad)...)
	}
	if err != nil {
		return res, nil, err
	}
	return wire.Result{ID: m.ID, Outcome: wire.Applied, Ver: s.Ver + 1}, &made, nil
}

// problems names the fields that have to be mended.
func problems(bad []account.Problem) []string {
	names := make([]string, 0, len(bad))
	for _, b := range bad {
		names = append(names, b.Field)
	}
	return names
}
