package hub_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// looks are the lines of an account's access log, the oldest first.
func (w *town) looks(id string) (all []string) {
	w.t.Helper()
	err := w.hub.Ledger().View(w.t.Context(), func(tx *ledger.Tx) error {
		all = nil
		lines, err := tx.SeenOf(w.t.Context(), id, 100)
		for _, s := range slices.Backward(lines) {
			all = append(all, fmt.Sprint(s.Role, " ", s.Viewer, " ", s.What, " ", s.Ref))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// granted is a client's grant to a counsellor, with who they are and a desk of each.
func granted(t *testing.T, w *town) (client, helper hub.Who, a, c *desk, in func(wire.Mutation) wire.Mutation) {
	t.Helper()
	client = hub.Who{Account: "019a9f6e-0000-7000-8000-00000000000a"}
	helper = hub.Who{Account: "019a9f6e-0000-7000-8000-00000000000c", Roles: []account.Role{account.Counsellor}, Proven: true}
	const g = "019a9f6e-0000-7000-8000-00000000000d"
	err := w.hub.Ledger().Update(t.Context(), func(tx *ledger.Tx) error {
		for _, a := range []ledger.Account{{ID: client.Account}, {ID: helper.Account, Roles: helper.Roles}} {
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
	a, c = &desk{name: "a"}, &desk{name: "c"}
	in = func(m wire.Mutation) wire.Mutation {
		m.Partition = "grant/" + g
		if m.Kind == "" {
			m.Kind, m.Record = "grant", g
		}
		return m
	}
	asked := `{"client":"` + client.Account + `","counsellor":"` + helper.Account + `","scope":["profile"],"until":"2026-12-25"}`
	if res := w.one(client, a.next(in(wire.Mutation{Patch: doc(asked)}))); res.Outcome != wire.Applied {
		t.Fatalf("the request: %+v", res)
	}
	if res := w.one(client, a.next(in(wire.Mutation{Base: 1, Command: "grant", Revision: 1}))); res.Outcome != wire.Applied {
		t.Fatalf("the grant: %+v", res)
	}
	return client, helper, a, c, in
}

// Each look of a counsellor leaves a line for each kind that was shown: a pull that brings
// nothing new leaves none, nor does an answer that was lost and is asked for again, nor what
// the counsellor wrote. The client's own looks leave none.
//
// Rows: X-046
func TestCounsellorLeavesALine(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	client, helper, a, c, in := granted(t, w)
	share := func(id, text string, base int64) wire.Result {
		t.Helper()
		return w.one(client, a.next(in(wire.Mutation{Kind: "test-share", Record: id, Base: base, Patch: doc(text)})))
	}
	share("r1", `{"title":"un"}`, 0)
	share("r2", `{"title":"deux"}`, 0)
	at := now
	var cursor wire.Cursor
	pull := func(who hub.Who, from ...wire.Cursor) {
		t.Helper()
		out, err := w.recs.Pull(t.Context(), who, wire.Pull{Cursors: from}, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Parts {
			if strings.HasPrefix(p.Partition, "grant/") {
				cursor = wire.Cursor{Partition: p.Partition, Epoch: p.Epoch, Seq: p.Seq}
			}
		}
	}
	want := []string{}
	check := func(what string, more ...string) {
		t.Helper()
		want = append(want, more...)
		if got := w.looks(client.Account); !slices.Equal(got, want) {
			t.Errorf("%s: the log is\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
			want = got
		}
	}
	line := func(kind, ref string) string { return "counsellor " + helper.Account + " " + kind + " " + ref }
	pull(client)
	check("the client's own")
	g := cursor.Partition
	id := strings.TrimPrefix(g, "grant/")
	pull(helper)
	check("the first look", line("grant", id), line("test-share", g))
	pull(helper) // the answer was lost
	check("the same again")
	first := cursor
	pull(helper, cursor)
	check("nothing new")
	at = at.Add(time.Hour)
	pull(helper, cursor)
	check("nothing new, later")
	share("r1", `{"words":"plus"}`, 1)
	pull(helper, cursor)
	check("one record changed", line("test-share", "r1"))
	w.one(helper, c.next(in(wire.Mutation{Kind: "test-share", Record: "r3", Patch: doc(`{"title":"de moi"}`)})))
	pull(helper, cursor)
	check("their own")
	at = at.Add(time.Hour)
	pull(helper, first)
	check("looked at again later", line("test-share", "r1"))
	// What an answer to a change shows is a look, too.
	res := w.one(helper, c.next(in(wire.Mutation{Kind: "test-share", Record: "r1", Base: 1, Patch: doc(`{"title":"autre"}`), Was: doc(`{"title":"un"}`)})))
	if res.Outcome != wire.Merged || res.Body == nil {
		t.Fatalf("an edit of an older version: %+v", res)
	}
	check("merged", line("test-share", "r1"))
	if got := w.looks(helper.Account); len(got) != 0 {
		t.Errorf("the counsellor's own log: %q", got)
	}
	// Who is only let in to look at an employer's file leaves a line; who works in it, none.
	d := &desk{name: "d"}
	firm := func(who hub.Who, patch string) wire.Mutation {
		return d.next(wire.Mutation{Partition: "employer/e1", Kind: "employer", Record: "e1", Patch: doc(patch)})
	}
	if res := w.one(client, firm(client, `{"legal":"Essai inc."}`)); res.Outcome != wire.Applied {
		t.Fatalf("an employer's file: %+v", res)
	}
	for _, who := range []string{"reader", "colleague"} {
		role := "reader"
		if who == "colleague" {
			role = ledger.Owner
		}
		if err := w.recs.Let(t.Context(), "employer/e1", who, role, now); err != nil {
			t.Fatal(err)
		}
		pull(hub.Who{Account: who})
	}
	want = append(want, "employer reader employer e1")
	check("a reader")
	if got := w.looks("colleague"); len(got) != 0 {
		t.Errorf("the colleague's log: %q", got)
	}
}

// What a person takes away is theirs: their own records, and what they let others see; not
// a client's, not the office's. Bodies are opened, and answers to desks.
//
// Rows: X-042
func TestDataIsOnesOwn(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{})
	client, helper, a, c, in := granted(t, w)
	w.one(client, a.next(wire.Mutation{Partition: "person/" + client.Account, Patch: doc(`{"title":"à moi"}`)}))
	w.one(client, a.next(wire.Mutation{Partition: "person/" + client.Account, Base: 1, Command: "submit", Revision: 1}))
	w.one(helper, c.next(in(wire.Mutation{Kind: "test-share", Record: "n", Patch: doc(`{"title":"note de conseil"}`)})))
	w.one(helper, c.next(wire.Mutation{Partition: "person/" + helper.Account, Patch: doc(`{"title":"au conseiller"}`)}))
	helper.Roles = append(helper.Roles, account.Agent)
	w.one(helper, c.next(wire.Mutation{Partition: "office", Kind: "test-review", Patch: doc(`{"title":"au bureau"}`)}))
	take := func(who hub.Who) (string, wire.MyData) {
		t.Helper()
		var out wire.MyData
		if err := w.recs.Data(t.Context(), who, &out, now); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(b), out
	}
	text, out := take(client)
	for _, want := range []string{"à moi", "note de conseil", `"state":"submitted"`, `"outcome":"applied"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the client's data: %s", want, text)
		}
	}
	if strings.Contains(text, "au conseiller") || strings.Contains(text, "au bureau") || len(out.Records) != 2 {
		t.Errorf("the client's data: %s", text)
	}
	text, _ = take(helper)
	if !strings.Contains(text, "au conseiller") {
		t.Errorf("the counsellor's own records are not in %s", text)
	}
	for _, other := range []string{"à moi", "note de conseil", "au bureau"} {
		if strings.Contains(text, other) {
			t.Errorf("%q, which is another's, is in the counsellor's data", other)
		}
	}
	text, out = take(hub.Who{Account: "nobody"})
	if len(out.Records) != 1 || len(out.Records[0].Records) != 0 || len(out.Account) != 0 {
		t.Errorf("nobody's data: %s", text)
	}
}
