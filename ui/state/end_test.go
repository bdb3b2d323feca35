package state

import (
	"path/filepath"
	"slices"
	"testing"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// TestEndAsks: before a session ends, what has not reached the server is told and can leave
// first, by the network or by a file; nothing of it is erased unless the person says so.
//
// Rows: X-013, B-010
func TestEndAsks(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	ctx := t.Context()
	d.o.Desk = &office{}
	clashed(t, r, ref("search", "s1"), `{"name": "base"}`, `{"name": "mine"}`, `{"name": "theirs"}`, "x")
	must(t, r.Put(ctx, ref("saved", "p1"), replicatest.Doc(`{"posting": "1"}`)))
	must(t, r.Put(ctx, ref("saved", "p2"), replicatest.Doc(`{"posting": "2"}`)))
	must(t, r.Answer(ctx, func(m cache.Mutation) cache.Result {
		if m.Record == "p1" {
			return cache.Result{Outcome: string(wire.Rejected), Reason: wire.ReasonQuota}
		}
		return cache.Result{Outcome: string(wire.Later)}
	}))
	e := d.NewEnd()
	e.Load()
	if !e.Reading || !e.Risk() {
		t.Error("before it is known what waits, erasing is no risk")
	}
	d.hand.run()
	if e.Waiting != 1 || e.Parked != 1 || e.Choices != 1 || !e.Risk() {
		t.Errorf("%d wait, %d are parked, %d are to be chosen", e.Waiting, e.Parked, e.Choices)
	}
	if !e.Erase(nil) || !e.Need || !d.Present.Signed() {
		t.Error("what waits is erased without a question")
	}

	// Sent first: the server is away, then it answers.
	e.Send()
	d.hand.run()
	if !e.Sending || !slices.Contains(r.Kicked, replica.Asked) {
		t.Errorf("asked for %q", r.Kicked)
	}
	r.Steady.Working = true
	e.Moved()
	r.Steady.Working, r.Steady.Err = false, wire.ErrOffline
	e.Moved()
	d.hand.run()
	if e.Sending || e.Problem() != d.Words().S(i18n.PrivateOffline) {
		t.Errorf("without a network: sending %v, %q", e.Sending, e.Problem())
	}
	d.hand.pass(mostWait / 2)
	e.Send()
	d.hand.pass(mostWait / 2)
	if !e.Sending {
		t.Error("the second try ended with the time of the first")
	}
	must(t, r.Answer(ctx, func(cache.Mutation) cache.Result { return cache.Result{Outcome: string(wire.Applied), Ver: 1} }))
	r.Steady.Err = nil
	e.Moved()
	d.hand.run()
	if e.Sending || !e.Sent || e.Waiting != 0 || e.Parked != 1 || !e.Risk() {
		t.Errorf("sent: %+v", e)
	}
	e.Send()
	d.hand.pass(mostWait) // whatever happens, the dialog does not wait for ever
	d.hand.run()
	if e.Sending {
		t.Error("it still waits")
	}

	path := filepath.Join(t.TempDir(), "f.json")
	must(t, r.Put(ctx, ref("saved", "p3"), replicatest.Doc(`{"posting": "3"}`)))
	e.Export(path)
	d.hand.run()
	if e.File != 1 || e.Waiting != 1 || e.Err != nil {
		t.Errorf("%d items are in the file, %d wait, %v", e.File, e.Waiting, e.Err)
	}
	e.Lose = true
	if e.Erase(func(error) {}) {
		t.Error("it asks once more")
	}
	d.hand.run()
	if d.Present.Signed() || d.Unsent() != 0 || d.Conflicts() != 0 {
		t.Errorf("signed %v; %d wait of somebody who has gone", d.Present.Signed(), d.Unsent())
	}
}

// TestEndLocked: while a desk is locked nobody can see what waits, so erasing asks; without
// records of an account it does not.
//
// Rows
func TestEndLocked(t *testing.T) {
	d, _ := signedIn(t, i18n.French)
	d.Present.settle(session.Standing{Mode: session.Locked, Person: d.Present.Person}, nil, d.Present.whose)
	e := d.NewEnd()
	e.Load()
	d.hand.run()
	if !e.Locked || !e.Risk() || !e.Erase(nil) {
		t.Errorf("locked, it is erased without a question: %+v", e)
	}
	d.o.Private = nil
	if d.NewEnd().Risk() {
		t.Error("it asks about records that there are not")
	}
}
