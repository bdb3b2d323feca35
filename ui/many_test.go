package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/personal"
	"passerelle/store/query"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// bearable is what a window may take for anything with very long lists, on the slowest of the
// machines that test it. A drawing that grows with the square of a list takes minutes.
const bearable = 5 * time.Second

// timed fails when something freezes the window.
func timed(t *testing.T, what string, do func()) {
	t.Helper()
	start := time.Now()
	do()
	if took := time.Since(start); took > bearable {
		t.Errorf("%s took %v", what, took.Round(time.Millisecond))
	}
}

// drawn is how many things of a kind are in the window.
func drawn[O fyne.CanvasObject](b *bench) (n int) {
	walk(b.Canvas().Content(), func(o fyne.CanvasObject) bool {
		if _, ok := o.(O); ok {
			n++
		}
		return true
	})
	return n
}

// Thousands of applications and hundreds of reminders do not freeze the window: the first of
// each column are drawn, and more where they are asked for.
//
// Rows: X-020
func TestManyApplications(t *testing.T) {
	const applications, reminders = 2000, 300
	c := newChest(t)
	put := func(kind personal.Kind, id string, body any) {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.file.Put(t.Context(), kind, id, b, noon); err != nil {
			t.Fatal(err)
		}
	}
	for i := range applications {
		put(personal.KindApplication, fmt.Sprint("a", i), personal.Application{State: personal.States[i%len(personal.States)], Title: fmt.Sprint("Emploi ", i), Next: "Relancer", Day: "2026-12-02"})
	}
	for i := range reminders {
		put(personal.KindReminder, fmt.Sprint("m", i), personal.Reminder{Text: fmt.Sprint("Rappel ", i), At: "2026-12-22T09:00", Zone: "America/Toronto", Item: personal.KindApplication, ID: fmt.Sprint("a", i)})
	}
	var b *bench
	timed(t, "opening", func() { b = open(t, setup{mine: c, height: 900, width: 1280}) })
	timed(t, "the board", func() { b.Go("tracker"); b.hand.settle() })
	w := b.s.Words()
	if n := drawn[*part.Drag](b); n != 50*len(personal.States) {
		t.Errorf("%d cards are drawn at once", n)
	}
	each := applications / len(personal.States)
	if !b.sees(w.S(i18n.TrackerColumn, "State", state.ApplicationWord(w, personal.Refused), "N", w.Number(each))) {
		t.Errorf("the board does not say that there are %d in a column", each)
	}
	timed(t, "more", func() { b.press(t, w.N(i18n.TrackerMore, applications/len(personal.States)+1-50)) })
	if n := drawn[*part.Drag](b); n != 100*len(personal.States) {
		t.Errorf("%d cards are drawn when more are asked for", n)
	}
	timed(t, "a move", func() { b.s.Tracker.Move("a7", personal.Refused) })
	timed(t, "the list", func() { b.s.Tracker.Look(state.TrackerList) })
	timed(t, "a letter in the list", func() { b.s.Tracker.SetFind("emploi 77") })
	if rows, n := b.s.Tracker.Rows(50); n != 38 || len(rows) != n || rows[n-1].ID != "a977" {
		t.Errorf("%d of %d rows: %+v", len(rows), n, rows)
	}
	if x, _ := b.s.Tracker.Rows(1); len(x) != 1 {
		t.Errorf("of one row, %d are drawn up", len(x))
	}
	timed(t, "the reminders", func() { b.s.Tracker.Look(state.TrackerReminders) })
	if !b.holds(w.N(i18n.TrackerMore, reminders-100)) {
		t.Error("the other reminders cannot be reached")
	}
	timed(t, "elsewhere", func() { b.Go("board"); b.hand.settle() })
}

// Hundreds of alerts do not freeze the window, and nothing of them is drawn where it is not seen.
//
// Rows: A-042
func TestManyAlerts(t *testing.T) {
	x := &watcher{}
	for i := range 500 {
		a := some()[0]
		a.ID = fmt.Sprint("w", i)
		x.all = append(x.all, a)
	}
	var b *bench
	timed(t, "opening", func() { b = open(t, setup{alerts: x}) })
	timed(t, "the list", func() { b.Go("alerts"); b.hand.settle() })
	w := b.s.Words()
	timed(t, "more", func() { b.press(t, w.N(i18n.TrackerMore, 450)) })
	if !b.sees(w.N(i18n.TrackerMore, 400)) {
		t.Error("more alerts are not shown")
	}
	timed(t, "an alert that is paused", func() { b.s.JobAlerts.Pause(x.all[0]); b.hand.settle() })
	timed(t, "the article", func() { b.s.JobAlerts.Stuck(); b.hand.settle() })
}

// A hundred résumés are listed.
//
// Rows: X-021
func TestManyResumes(t *testing.T) {
	c := newChest(t)
	for i := range 100 {
		if err := personal.Write(context.Background(), c.file, fmt.Sprint("r", i), personal.Resume{Name: fmt.Sprint("Version ", i), Lang: "fr"}, noon); err != nil {
			t.Fatal(err)
		}
	}
	b := open(t, setup{mine: c})
	timed(t, "the list", func() { b.Go("resume"); b.hand.settle() })
	if n := len(b.s.Resume.Versions); n != 100 || !b.holds("Version 99") {
		t.Errorf("%d versions, the last of them shown: %v", n, b.holds("Version 99"))
	}
}

// crowd finds many more than suit: those that it makes up have gone from the catalogue meanwhile.
type crowd struct{ suits }

func (s *crowd) Best(ctx context.Context, p *match.Profile, who match.Standing, hide *query.Hide, tell func(int, int)) ([]match.Found, int, error) {
	found, later, err := s.suits.Best(ctx, p, who, hide, tell)
	for i := int64(0); len(found) > 0 && len(found) < 10_000; i++ {
		x := found[len(found)-1]
		x.ID, x.Number = 1e9+i, 3e9+i
		found = append(found, x)
	}
	return found, later, err
}

// Ten thousand matches do not freeze the window.
//
// Rows: A-053
func TestManyMatches(t *testing.T) {
	b, r := profiled(t, setup{matching: &crowd{}, mine: openCabinet(t)})
	if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: activeCook("default")}); err != nil {
		t.Fatal(err)
	}
	timed(t, "the list", func() { b.Go("matches"); b.hand.settle() })
	m := b.s.Matches
	if m.Count() != 10_000 {
		t.Fatalf("%d matches", m.Count())
	}
	timed(t, "its end", func() { b.key(fyne.KeyEnd); b.hand.settle() })
	if m.At != 9_999 {
		t.Errorf("End leads to %d", m.At)
	}
	timed(t, "its head", func() { b.key(fyne.KeyHome); b.hand.settle() })
	if m.At != 0 || m.Why == nil {
		t.Errorf("Home leads to %d, %+v", m.At, m.Why)
	}
	timed(t, "the other way", func() { m.SetMode(match.Strict); b.hand.settle() })
	timed(t, "what is lacking", func() { m.Open(state.MatchGaps); b.hand.settle() })
	timed(t, "elsewhere", func() { b.Go("board"); b.hand.settle() })
}
