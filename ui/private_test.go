package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/screen"
)

var clashing = cache.Ref{Partition: "employer/e", Kind: "posting", Record: "p1"}

// private opens a window at which somebody sits whose records wait, were refused, were
// answered, and clash with those of elsewhere.
func private(t *testing.T, o setup) (*bench, *replicatest.Records) {
	t.Helper()
	ctx := t.Context()
	r, err := replicatest.Open(ctx, t.TempDir(), "ada", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.File.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	saved := func(n string) cache.Ref { return cache.Ref{Partition: "person/ada", Kind: "saved", Record: n} }
	must(r.Synced(ctx, "posting", "employer/e", "someone", map[string]string{"p1": `{"title_fr": "Soudeur, soudeuse", "title_en": "Welder", "wage_min": 1700, "starts": "2026-12-01"}`}))
	must(r.Put(ctx, clashing, replicatest.Doc(`{"title_fr": "Soudeur, soudeuse", "title_en": "Welder", "wage_min": 1825, "starts": "2027-01-05"}`)))
	must(r.Synced(ctx, "posting", "employer/e", "someone", map[string]string{"p1": `{"title_fr": "Soudeur, soudeuse", "title_en": "Welder", "wage_min": 1775, "starts": "2026-12-15"}`}))
	must(r.Put(ctx, saved("a"), replicatest.Doc(`{"posting": "1", "number": 10000001}`)))
	must(r.Put(ctx, saved("b"), replicatest.Doc(`{"posting": "2", "number": 10000002}`)))
	must(r.Answer(ctx, func(m cache.Mutation) cache.Result {
		if m.Record == "a" {
			return cache.Result{Outcome: string(wire.Applied), Ver: 1}
		}
		return cache.Result{Outcome: string(wire.Rejected), Reason: wire.ReasonInvalid, Fields: []string{"number"}}
	}))
	must(r.Put(ctx, saved("c"), replicatest.Doc(`{"posting": "3", "number": 10000003}`)))
	r.Steady = replica.Steady{Last: noon.Add(-time.Minute), Next: noon.Add(time.Minute), Err: wire.ErrDown}
	o.private = r
	if o.desk == nil {
		o.desk = &office{server: "https://bank.example.ca"}
	}
	b := enter(t, newHouse().in(0, session.Online), o)
	return b, r
}

// TestPrivateNotClipped measures every text of the screens of private records, in both
// languages, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestPrivateNotClipped(t *testing.T) {
	for _, o := range []setup{
		{lang: i18n.French, percent: 200}, {lang: i18n.English, percent: 200, mode: look.Contrast}, {lang: i18n.French, width: 700, height: 700},
		{lang: i18n.English, mode: look.Dark},
	} {
		b, _ := private(t, o)
		for _, name := range []string{"outbox", "conflict", "sync", "settings"} {
			b.Go(name)
			b.hand.settle()
			b.unclipped(t, o, name+" of records")
		}
		c := b.s.Conflict
		for _, f := range c.Records[0].Fields {
			c.Pick(f, f.Other())
			c.Type(c.Records[0], f, "abc")
		}
		c.Finish(func(int) {})
		b.Go("conflict")
		b.hand.settle()
		b.unclipped(t, o, "conflict, to be mended")
		screen.ShowEnd(b.s, b)
		b.hand.settle()
		b.unclipped(t, o, "end of session")
	}
}

// TestConflictByKeys comes from the outbox to what is to be chosen, chooses by keys, and what
// was chosen waits to be sent; the keyboard is never lost.
//
// Rows
func TestConflictByKeys(t *testing.T) {
	b, r := private(t, setup{})
	w := i18n.For(i18n.French)
	b.Go("outbox")
	b.hand.settle()
	if !b.sees(w.N(i18n.OutboxConflicts, 2)) || !b.sees("Offre enregistrée, offre nº\u00a010\u00a0000\u00a0002") {
		t.Fatalf("the outbox shows %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.OutboxChoose))
	b.hand.settle()
	if v := b.Sight(); v.Route != "conflict" || !strings.HasPrefix(v.Focus, w.S(i18n.ConflictKeep)) {
		t.Fatalf("on %s the keyboard is on %q", v.Route, v.Focus)
	}
	b.key(fyne.KeyRight, fyne.KeyRight) // before, then here
	if v := b.Sight(); !strings.Contains(v.Focus, w.S(i18n.ConflictKeepMine)) {
		t.Errorf("the arrows lead to %q", v.Focus)
	}
	b.press(t, w.S(i18n.ConflictFinish))
	b.hand.settle()
	x, err := r.Get(t.Context(), clashing)
	if err != nil || string(x.Doc["starts"]) != `"2027-01-05"` || x.Conflicts != 1 {
		t.Errorf("chosen: %s, %d left (%v)", x.Doc["starts"], x.Conflicts, err)
	}
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ConflictKeep)) {
		t.Errorf("after it the keyboard is on %q", v.Focus)
	}
}

// TestOutboxRecordsByKeys takes a change back and puts it back, by keys.
//
// Rows
func TestOutboxRecordsByKeys(t *testing.T) {
	b, r := private(t, setup{})
	w := i18n.For(i18n.French)
	b.Go("outbox")
	b.hand.settle()
	what := "Offre enregistrée, offre nº\u00a010\u00a0000\u00a0003, " + w.S(i18n.OutboxNew)
	b.press(t, w.S(i18n.OutboxCancelRecord, "What", what))
	b.hand.settle()
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.OutboxUndo)) || !b.sees(w.S(i18n.OutboxUndone, "What", what)) {
		t.Errorf("taken back, the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeyReturn)
	b.hand.settle()
	if all, err := r.List(t.Context(), "saved"); err != nil || len(all) != 3 {
		t.Errorf("put back, %d records are there (%v)", len(all), err)
	}
	if b.Canvas().Focused() == nil {
		t.Error("the keyboard is nowhere")
	}
}

// TestEndDialog: nothing that was not sent is erased before its box is ticked.
//
// Rows: X-013
func TestEndDialog(t *testing.T) {
	b, _ := private(t, setup{})
	w := i18n.For(i18n.French)
	b.Go("me")
	b.hand.settle()
	screen.ShowEnd(b.s, b)
	b.hand.settle()
	if v := b.Sight(); v.Focus != w.S(i18n.Cancel) || !b.sees(w.N(i18n.EndWaits, 1)) || !b.sees(w.N(i18n.EndChoices, 2)) {
		t.Fatalf("the keyboard is on %q, it reads %q", v.Focus, v.Texts)
	}
	b.press(t, w.S(i18n.EndErase))
	if v := b.Sight(); !v.Dialog || !b.s.Present.Signed() || !b.sees(w.S(i18n.EndLoseNeed)) || !strings.Contains(v.Focus, w.S(i18n.EndLose)) {
		t.Fatalf("it does not ask: the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeySpace)
	b.press(t, w.S(i18n.EndErase))
	b.hand.settle()
	if b.s.Present.Signed() {
		t.Error("the session goes on")
	}
}
