package hub_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

func names(parts []wire.PulledPart) string {
	var all []string
	for _, p := range parts {
		name := p.Partition
		if p.Gone {
			name += " gone"
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

// Who may see and write what: one's own, what one made and what one was let into.
//
// Rows: B-009
func TestPartitions(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	a, b, c := &desk{name: "a"}, &desk{name: "b"}, &desk{name: "c"}
	firm := wire.Mutation{Partition: "employer/firm", Kind: "test-firm", Record: "firm", Patch: doc(`{"title":"f"}`)}
	inside := wire.Mutation{Partition: "employer/firm", Kind: "test-firm", Record: "draft", Patch: doc(`{"title":"d"}`)}
	review := wire.Mutation{Partition: "office", Kind: "test-review", Record: "q", Patch: doc(`{"title":"q"}`)}
	refused := func(what string, res wire.Result) {
		t.Helper()
		if res.Outcome != wire.Rejected || res.Reason != wire.ReasonForbidden {
			t.Errorf("%s: %+v, want forbidden", what, res)
		}
	}
	refused("into a partition that nobody made", w.one(ada, a.next(inside)))
	if res := w.one(ada, a.next(firm)); res.Outcome != wire.Applied {
		t.Fatalf("found an employer's: %+v", res)
	}
	if res := w.one(ada, a.next(inside)); res.Outcome != wire.Applied {
		t.Errorf("a draft in one's own: %+v", res)
	}
	refused("found it again", w.one(bob, b.next(firm)))
	refused("a draft in another's", w.one(bob, b.next(inside)))
	refused("another person's", w.one(bob, b.next(wire.Mutation{Partition: "person/ada", Patch: doc(`{"title":"x"}`)})))
	refused("another person's record", w.one(bob, b.next(wire.Mutation{Partition: "person/ada", Delete: true, Record: "r1"})))
	refused("a kind that is elsewhere", w.one(ada, a.next(wire.Mutation{Partition: "person/ada", Kind: "test-firm", Patch: doc(`{"title":"x"}`)})))
	refused("no partition", w.one(ada, a.next(wire.Mutation{Partition: "public/x", Patch: doc(`{"title":"x"}`)})))
	refused("the office", w.one(ada, a.next(review)))
	unproven := agent
	unproven.Proven = false
	refused("the office without a second factor", w.one(unproven, c.next(review)))
	if res := w.one(agent, c.next(review)); res.Outcome != wire.Applied {
		t.Errorf("an agent in the office: %+v", res)
	}
	// Nobody else gets anything, whatever they ask after.
	all := []wire.Cursor{{Partition: "employer/firm", Epoch: 1}, {Partition: "person/ada", Epoch: 1}, {Partition: "office", Epoch: 1}, {Partition: "x", Epoch: 9}}
	for _, c := range []struct {
		who  hub.Who
		want string
	}{
		{ada, "employer/firm, person/ada, office gone, x gone"},
		{bob, "person/bob, employer/firm gone, person/ada gone, office gone, x gone"},
		{agent, "office, person/carol, employer/firm gone, person/ada gone, x gone"},
		{unproven, "person/carol, employer/firm gone, person/ada gone, office gone, x gone"},
		{hub.Who{Account: "dan", Roles: []account.Role{account.Counsellor}, Proven: true}, "person/dan, employer/firm gone, person/ada gone, office gone, x gone"},
	} {
		parts := w.pull(c.who, 0, all...)
		if got := names(parts); got != c.want {
			t.Errorf("%s sees %s, want %s", c.who.Account, got, c.want)
		}
		for _, p := range parts {
			if p.Gone && len(p.Changes) > 0 {
				t.Errorf("%s was given changes of %s", c.who.Account, p.Partition)
			}
		}
	}
	// Let in to look, and let go.
	if err := w.recs.Let(t.Context(), "employer/firm", "bob", "reader", now); err != nil {
		t.Fatal(err)
	}
	if got := w.stands(bob, "employer/firm"); len(got) != 2 || text(got["draft"].Body) != `{"title":"d"}` {
		t.Errorf("let in, bob sees %+v", got)
	}
	refused("a reader's edit", w.one(bob, b.next(inside)))
	if err := w.recs.Let(t.Context(), "employer/firm", "bob", "", now); err != nil {
		t.Fatal(err)
	}
	if got := names(w.pull(bob, 0, wire.Cursor{Partition: "employer/firm", Epoch: 1, Seq: 2})); got != "person/bob, employer/firm gone" {
		t.Errorf("let go, bob sees %s", got)
	}
	if err := w.recs.Let(t.Context(), "person/ada", "bob", "reader", now); err == nil {
		t.Error("somebody was let into a person's own")
	}
}

// A log is given page by page, without gaps; who read less of it than is kept, or nothing,
// is given what stands.
func TestPages(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	d := &desk{name: "one"}
	for n := range 7 {
		w.one(ada, d.next(wire.Mutation{Record: fmt.Sprint("r", n), Patch: doc(`{"title":"a"}`)}))
	}
	w.one(ada, d.next(wire.Mutation{Record: "r0", Base: 1, Delete: true}))
	whole := w.pull(ada, 2)[0]
	if !whole.Snapshot || whole.More || whole.Seq != 8 || len(whole.Changes) != 6 {
		t.Fatalf("without a cursor: %+v", whole)
	}
	at := wire.Cursor{Partition: "person/ada", Epoch: 1}
	var seqs []int64
	for more := true; more; {
		p := w.pull(ada, 3, at)[0]
		for _, c := range p.Changes {
			seqs = append(seqs, c.Seq)
			if c.Record == "r0" && !c.Deleted {
				t.Error("what was removed is told of as it was")
			}
		}
		more, at.Seq = p.More, p.Seq
	}
	if !slices.Equal(seqs, []int64{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("pages brought %v", seqs)
	}
	if err := w.recs.Tidy(t.Context(), now.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if p := w.pull(ada, 0, at)[0]; p.Snapshot || len(p.Changes) != 0 || p.Seq != 8 {
		t.Errorf("up to date, after the log was cut: %+v", p)
	}
	at.Seq = 3
	if p := w.pull(ada, 0, at)[0]; !p.Snapshot || p.Seq != 8 || len(p.Changes) != 6 {
		t.Errorf("behind what is kept of the log: %+v", p)
	}
	// Large records come a few at a time, and all of them come.
	for n := range 40 {
		w.one(ada, d.next(wire.Mutation{Record: fmt.Sprint("large", n), Patch: doc(fmt.Sprintf(`{"title":"a","tags":[%s"z"]}`, large(n)))}))
	}
	at.Seq = 8
	pages, got := 0, 0
	for more := true; more; pages++ {
		p := w.pull(ada, 0, at)[0]
		more, at.Seq = p.More, p.Seq
		got += len(p.Changes)
	}
	if got != 40 || pages < 2 {
		t.Errorf("%d large records in %d pages", got, pages)
	}
	many := make([]wire.Cursor, hub.MaxCursors+1)
	if _, err := w.recs.Pull(t.Context(), ada, wire.Pull{Cursors: many}, now); !errors.Is(err, hub.ErrCursors) {
		t.Errorf("too many cursors: %v", err)
	}
}

// large is some 36 kB of tags.
func large(n int) string {
	var b strings.Builder
	for i := range 190 {
		fmt.Fprintf(&b, `"%d-%d-%s",`, n, i, strings.Repeat("x", 180))
	}
	return b.String()
}

// After a restore every cursor is of another epoch. What was acknowledged is sent again and
// merged by what it was made on; a submission that the backup does not know is asked about,
// and made once when the person says so.
//
// Rows: X-013
func TestRestored(t *testing.T) {
	postgrestest.NeedsFile(t)
	dir := t.TempDir()
	w := settle(t, dir, hub.Options{}, hub.RecordsOptions{})
	one, two := &desk{name: "one"}, &desk{name: "two"}
	known := one.edit(0, `{"title":"a","words":"w"}`, `{}`)
	w.one(ada, known)
	copied := filepath.Join(t.TempDir(), "backup.db")
	if err := w.hub.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	later := []wire.Mutation{
		one.edit(1, `{"title":"b"}`, `{"title":"a"}`),
		one.next(wire.Mutation{Record: "r2", Patch: doc(`{"title":"new"}`)}),
		one.next(wire.Mutation{Base: 2, Command: "submit", Revision: 1}),
	}
	for n := range later {
		later[n].Epoch = 1
	}
	for _, res := range w.push(ada, later...) {
		if res.Outcome != wire.Applied {
			t.Fatalf("before the restore: %+v", res)
		}
	}
	restore := func(want int64) {
		t.Helper()
		if err := w.hub.Close(); err != nil {
			t.Fatal(err)
		}
		if _, epoch, err := hub.Restore(t.Context(), dir, copied); err != nil || epoch != want {
			t.Fatalf("restored in epoch %d, %v; want %d", epoch, err, want)
		}
		w = settle(t, dir, hub.Options{}, hub.RecordsOptions{})
	}
	restore(2)
	_, err := w.recs.Pull(t.Context(), ada, wire.Pull{Cursors: []wire.Cursor{{Partition: "person/ada", Epoch: 1, Seq: 4}}}, now)
	var other *wire.OtherEpoch
	if !errors.Is(err, wire.ErrEpoch) || !errors.As(err, &other) || other.Epoch != 2 {
		t.Fatalf("pull from the old epoch: %v", err)
	}
	// Somebody else was faster on the restored server: their version 2 is not the old one.
	theirs := two.edit(1, `{"words":"theirs"}`, `{"words":"w"}`)
	theirs.Epoch = 2
	if res := w.one(ada, theirs); res.Outcome != wire.Applied || res.Ver != 2 {
		t.Fatalf("theirs: %+v", res)
	}
	got := w.push(ada, append([]wire.Mutation{known}, later...)...)
	if got[0].Outcome != wire.Duped || got[1].Outcome != wire.Merged || got[2].Outcome != wire.Applied {
		t.Errorf("replayed: %+v", got)
	}
	if got[3].Outcome != wire.Clashed || got[3].Reason != wire.ReasonConfirm || w.submissions("person/ada") != 0 {
		t.Errorf("a submission that the backup does not know: %+v", got[3])
	}
	stands := w.stands(ada, "person/ada")
	if text(stands["r1"].Body) != `{"title":"b","words":"theirs"}` || text(stands["r2"].Body) != `{"title":"new"}` {
		t.Errorf("after the replay %s, %s", text(stands["r1"].Body), text(stands["r2"].Body))
	}
	if res := w.one(ada, later[2]); res.Reason != wire.ReasonConfirm {
		t.Errorf("asked again: %+v", res)
	}
	yes := later[2]
	yes.Epoch, yes.Base = 2, stands["r1"].Ver
	if res := w.one(ada, yes); res.Outcome != wire.Applied || w.submissions("person/ada") != 1 {
		t.Errorf("confirmed: %+v", res)
	}
	if res := w.one(ada, yes); res.Outcome != wire.Duped || w.submissions("person/ada") != 1 {
		t.Errorf("confirmed, again: %+v", res)
	}
	restore(3) // the same backup: still an epoch that nobody has seen
}

// What may advance wakes who may see it, and says nothing else.
func TestWatch(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	a, b := &desk{name: "a"}, &desk{name: "b"}
	watch := func(who hub.Who) *hub.Watcher {
		x, err := w.recs.Watch(t.Context(), who, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.Close)
		return x
	}
	woken := func(x *hub.Watcher) bool {
		select {
		case <-x.Wake():
			moved, err := x.Moved(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			return moved
		default:
			return false
		}
	}
	one, two := watch(ada), watch(bob)
	if woken(one) || woken(two) {
		t.Error("woken by nothing")
	}
	m := a.edit(0, `{"title":"a"}`, `{}`)
	w.one(ada, m)
	if !woken(one) || woken(two) {
		t.Error("want ada woken and bob asleep")
	}
	w.one(ada, m)
	if woken(one) {
		t.Error("woken by what changed nothing")
	}
	w.one(ada, a.next(wire.Mutation{Partition: "employer/f", Kind: "test-firm", Record: "f", Patch: doc(`{"title":"f"}`)}))
	if err := w.recs.Let(t.Context(), "employer/f", "bob", "reader", now); err != nil {
		t.Fatal(err)
	}
	if !woken(two) {
		t.Error("let in, bob sleeps")
	}
	w.one(ada, a.next(wire.Mutation{Partition: "employer/f", Kind: "test-firm", Record: "g", Patch: doc(`{"title":"g"}`)}))
	if !woken(two) {
		t.Error("bob sleeps through what he may see")
	}
	w.one(bob, b.next(wire.Mutation{Partition: "person/bob", Patch: doc(`{"title":"b"}`)}))
	two.Close()
	w.one(bob, b.next(wire.Mutation{Partition: "person/bob", Record: "r2", Patch: doc(`{"title":"b"}`)}))
	if moved, err := watch(bob).Moved(t.Context(), now); err != nil || moved {
		t.Errorf("a fresh look moved: %v, %v", moved, err)
	}
}

// A counsellor asks, the client grants until a day and revokes; nobody comes in by writing
// themselves into it.
//
// Rows: B-009
func TestGrant(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	const adaID, bobID, helperID, g = "019a9f6e-0000-7000-8000-00000000000a", "019a9f6e-0000-7000-8000-00000000000b", "019a9f6e-0000-7000-8000-00000000000c", "019a9f6e-0000-7000-8000-00000000000d"
	ada, bob := hub.Who{Account: adaID}, hub.Who{Account: bobID}
	short := strings.NewReplacer(adaID, "ada", bobID, "bob", helperID, "helper", g, "g")
	helper := hub.Who{Account: helperID, Roles: []account.Role{account.Counsellor}, Proven: true}
	err := w.hub.Ledger().Update(t.Context(), func(tx *ledger.Tx) error {
		for _, a := range []ledger.Account{{ID: adaID}, {ID: bobID}, {ID: helperID, Roles: helper.Roles}} {
			a.State, a.Email = account.Active, []byte(a.ID)
			if err := tx.PutAccount(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := &desk{name: "a"}, &desk{name: "b"}, &desk{name: "c"}
	in := func(m wire.Mutation) wire.Mutation {
		m.Partition, m.Kind = "grant/"+g, "grant"
		if m.Record == "" {
			m.Record = g
		}
		return m
	}
	const asked = `{"client":"` + adaID + `","counsellor":"` + helperID + `","scope":["profile"],"until":"2026-11-25"}`
	note := in(wire.Mutation{Record: "n"})
	note.Kind, note.Patch = "note", doc(`{"grant":"`+g+`","on":"2026-11-22","text":"vu"}`)
	refused := func(what string, res wire.Result, reason string) {
		t.Helper()
		if res.Outcome != wire.Rejected || res.Reason != reason {
			t.Errorf("%s: %+v, want %s", what, res, reason)
		}
	}
	applied := func(what string, res wire.Result) {
		t.Helper()
		if res.Outcome != wire.Applied {
			t.Errorf("%s: %+v", what, res)
		}
	}
	sees := func(who hub.Who, at time.Time, want string) {
		t.Helper()
		out, err := w.recs.Pull(t.Context(), who, wire.Pull{Cursors: []wire.Cursor{{Partition: "grant/" + g, Epoch: 1}}}, at)
		if got := short.Replace(names(out.Parts)); err != nil || got != want {
			t.Errorf("%s sees %s, %v; want %s", who.Account, got, err, want)
		}
	}
	unproven := helper
	unproven.Proven = false
	refused("ask without a second factor", w.one(unproven, c.next(in(wire.Mutation{Patch: doc(asked)}))), wire.ReasonForbidden)
	refused("ask for somebody else", w.one(bob, b.next(in(wire.Mutation{Patch: doc(asked)}))), wire.ReasonForbidden)
	applied("ask", w.one(helper, c.next(in(wire.Mutation{Patch: doc(asked)}))))
	sees(ada, now, "grant/g, person/ada")
	sees(bob, now, "person/bob, grant/g gone")
	refused("a note before it is granted", w.one(helper, c.next(note)), wire.ReasonForbidden)
	refused("grant it to oneself", w.one(helper, c.next(in(wire.Mutation{Base: 1, Command: "grant"}))), wire.ReasonForbidden)
	refused("another client", w.one(helper, c.next(in(wire.Mutation{Base: 1, Patch: doc(`{"client":"` + helperID + `"}`)}))), wire.ReasonInvalid)
	refused("another counsellor", w.one(ada, a.next(in(wire.Mutation{Base: 1, Patch: doc(`{"counsellor":"` + bobID + `"}`)}))), wire.ReasonInvalid)
	applied("grant", w.one(ada, a.next(in(wire.Mutation{Base: 1, Command: "grant", Revision: 1}))))
	applied("a note", w.one(helper, c.next(note)))
	refused("a wider scope", w.one(helper, c.next(in(wire.Mutation{Base: 2, Patch: doc(`{"scope":["profile","share"]}`)}))), wire.ReasonForbidden)
	sees(helper, now, "grant/g, person/helper")
	sees(unproven, now, "person/helper, grant/g gone")
	sees(helper, now.AddDate(0, 0, 5), "person/helper, grant/g gone") // its day has passed
	refused("a reader's removal", w.one(bob, b.next(in(wire.Mutation{Base: 2, Delete: true}))), wire.ReasonForbidden)
	applied("revoke", w.one(ada, a.next(in(wire.Mutation{Base: 2, Command: "revoke"}))))
	sees(helper, now, "person/helper, grant/g gone")
	sees(ada, now, "grant/g, person/ada")
	late := c.next(note)
	late.Record = "n2"
	refused("a note after it was revoked", w.one(helper, late), wire.ReasonForbidden)
	if got := w.stands(ada, "grant/"+g); len(got) != 2 || got["n"].By != helperID {
		t.Errorf("the client's file: %+v", got)
	}
}
