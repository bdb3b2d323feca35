package state

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/query"
)

func makeTemp() (string, error) { return os.MkdirTemp("", "passerelle-state") }

func TestMain(m *testing.M) {
	code := m.Run()
	if shelf != nil {
		shelf.Close()
	}
	os.Exit(code)
}

// TestTyping asks a moment after the last key, from two letters on, and takes only the
// answer to the newest question.
//
// Rows: A-017
func TestTyping(t *testing.T) {
	d := newDesktop(t, i18n.French)
	r := d.Search
	r.Start()
	d.hand.run()
	all := r.Result.Total
	if all < 100 {
		t.Fatalf("an empty search found %d postings, want those of the catalogue", all)
	}
	r.Type("c")
	d.hand.pass(time.Second)
	if len(d.hand.jobs) != 0 {
		t.Error("one letter asked the catalogue")
	}
	r.Type("cu")
	r.Type("cui")
	d.hand.pass(100 * time.Millisecond)
	if len(d.hand.jobs) != 0 {
		t.Error("asked 100 ms after a key, want 150")
	}
	d.hand.pass(60 * time.Millisecond)
	if len(d.hand.jobs) == 0 {
		t.Fatal("nothing was asked 160 ms after the last key")
	}
	// A second question while the first is on its way: the first answer must not win.
	first := d.hand.jobs
	d.hand.jobs = nil
	r.Type("soudeur")
	d.hand.pass(time.Second)
	second := d.hand.jobs
	d.hand.jobs = nil
	for _, j := range second {
		j.work()
		j.done()
	}
	want := r.Result.Total
	for _, j := range first {
		j.work()
		j.done()
	}
	d.hand.run()
	if r.Result.Total != want || r.Query.Words != "soudeur" {
		t.Errorf("after a late answer the screen shows %d results for %q, want the %d of soudeur", r.Result.Total, r.Query.Words, want)
	}
}

// TestTogether applies several criteria at once and counts each value with the others on.
//
// Rows
func TestTogether(t *testing.T) {
	d := newDesktop(t, i18n.English)
	r := d.Search
	r.Start()
	d.hand.run()
	for range 3 {
		// The first value of some facet that narrows: its count is what choosing it gives.
		var pick query.Facet
		var v FacetValue
		for _, g := range r.Groups(0) {
			for _, x := range g.Values {
				if !x.On && x.N > 0 && x.N < r.Result.Total && len(r.Query.Filters[g.Facet]) == 0 {
					pick, v = g.Facet, x
				}
			}
		}
		if pick == "" {
			break
		}
		r.Toggle(pick, v.Value)
		d.hand.run()
		if r.Result.Total != v.N {
			t.Errorf("%s = %s said %d and gave %d", pick, v.Value, v.N, r.Result.Total)
		}
	}
	if len(r.Chips()) == 0 {
		t.Fatal("no chip shows the active criteria")
	}
	r.Chips()[0].Remove()
	n := len(r.Query.Filters)
	d.hand.run()
	r.Clear()
	d.hand.run()
	if len(r.Query.Filters) != 0 || n == 0 && len(r.Chips()) != 0 {
		t.Errorf("clear all left %v", r.Query.Filters)
	}
}

// TestNumber opens exactly the posting whose number is typed.
//
// Rows: A-018
func TestNumber(t *testing.T) {
	d := newDesktop(t, i18n.French)
	p := one(t, "a number", func(p posting.Posting) bool { return !p.Ended(noon) })
	a := d.Search.Advanced()
	a.Number = GroupNumber(p.Number)
	if !a.Apply() {
		t.Fatalf("number %s refused: %v", a.Number, a.Errors)
	}
	d.hand.run()
	if d.Posting.Posting.Number != p.Number {
		t.Errorf("number %d opened %d", p.Number, d.Posting.Posting.Number)
	}
	a = d.Search.Advanced()
	a.Number = "12a"
	if a.Apply() || len(a.Errors) != 1 || a.Errors[0].Field != "number" {
		t.Errorf("number 12a was taken: %v", a.Errors)
	}
}

// TestPlaces takes a city and a postal code, and says under the field what it does not know.
//
// Rows
func TestPlaces(t *testing.T) {
	d := newDesktop(t, i18n.French)
	r := d.Search
	r.Start()
	d.hand.run()
	r.SetPlace("Montréal")
	d.hand.run()
	if r.PlaceErr != "" || r.Query.Near.Km != 50 {
		t.Fatalf("Montréal: error %q, circle %v", r.PlaceErr, r.Query.Near)
	}
	near := r.Result.Total
	r.SetRadius(100)
	d.hand.run()
	if r.Result.Total < near {
		t.Errorf("100 km gives %d, 50 km gave %d", r.Result.Total, near)
	}
	r.SetPlace("Nullepartville")
	if !strings.Contains(r.PlaceErr, "Nullepartville") || r.Query.Near.Km != 100 {
		t.Errorf("an unknown place says %q and leaves %v", r.PlaceErr, r.Query.Near)
	}
	r.SetPlace("Q9Q 9Q9")
	if r.PlaceErr == "" {
		t.Error("an unknown postal code is not explained")
	}
	r.SetPlace("H2X")
	d.hand.run()
	if r.PlaceErr != "" || r.Query.Near.Km == 0 {
		t.Errorf("H2X: error %q, circle %v", r.PlaceErr, r.Query.Near)
	}
}

// TestWayOut offers, from an empty result, a relaxation that finds what it says.
//
// Rows: A-019
func TestWayOut(t *testing.T) {
	d := newDesktop(t, i18n.English)
	r := d.Search
	r.Start()
	d.hand.run()
	r.Toggle(query.Posted, "0")
	r.SetWage(50000, posting.Hourly, false)
	r.Toggle(query.Province, "NU")
	d.hand.run()
	if r.Result.Total != 0 {
		t.Fatalf("the demonstration has %d such postings: ask for what it has not", r.Result.Total)
	}
	if len(r.Result.Relax) == 0 {
		t.Fatal("nothing is offered")
	}
	x := r.Result.Relax[0]
	if r.RelaxLabel(x) == "" || strings.Contains(r.RelaxLabel(x), "⟦") {
		t.Errorf("way out is called %q", r.RelaxLabel(x))
	}
	r.Relax(x)
	d.hand.run()
	if r.Result.Total != x.N || x.N == 0 {
		t.Errorf("%q gave %d, said %d", x.Drop, r.Result.Total, x.N)
	}
}

// TestPages walks the whole list through pages of 50, in order and without repeats.
func TestPages(t *testing.T) {
	d := newDesktop(t, i18n.English)
	r := d.Search
	r.SetSort(query.ByDate)
	d.hand.run()
	seen := map[int64]bool{}
	last := posting.Day(1 << 30)
	for i := range r.Result.Total {
		c, ok := r.Row(i)
		if !ok {
			d.hand.run()
			if c, ok = r.Row(i); !ok {
				t.Fatalf("row %d of %d never came", i, r.Result.Total)
			}
		}
		if seen[c.ID] || c.Posted > last {
			t.Fatalf("row %d is posting %d of %s, seen %v, after %s", i, c.ID, c.Posted, seen[c.ID], last)
		}
		seen[c.ID], last = true, c.Posted
	}
	if len(r.pages) > maxPages {
		t.Errorf("%d pages are kept, want at most %d", len(r.pages), maxPages)
	}
}

// TestUndo says what was widened and takes it back by its code.
//
// Rows: X-002
func TestUndo(t *testing.T) {
	d := newDesktop(t, i18n.French)
	r := d.Search
	r.Type("serveur")
	r.Submit()
	d.hand.run()
	if len(r.Result.Expanded) == 0 {
		t.Fatalf("serveur was widened to nothing; %d results", r.Result.Total)
	}
	x := r.Result.Expanded[0]
	was := r.Result.Total
	r.UndoExpansion(x.NOC)
	d.hand.run()
	for _, y := range r.Result.Expanded {
		if y.NOC == x.NOC {
			t.Errorf("%s is still widened", x.NOC)
		}
	}
	if r.Result.Total > was {
		t.Errorf("undoing a widening went from %d to %d results", was, r.Result.Total)
	}
}

// TestClock hides, offline, what ended since the catalogue was made, and masks how to apply.
//
// Rows
func TestClock(t *testing.T) {
	d := newDesktop(t, i18n.English)
	r := d.Search
	r.Start()
	d.hand.run()
	was := r.Result.Total
	p := one(t, "an e-mail address", func(p posting.Posting) bool { return !p.Ended(noon) && len(p.Apply) > 0 })
	d.at = noon.Add(62 * 24 * time.Hour)
	d.SetOnline(false)
	r.Refresh()
	d.Posting.Open(p.ID)
	d.hand.run()
	if r.Result.Total >= was {
		t.Errorf("62 days later %d postings are shown, %d before", r.Result.Total, was)
	}
	if len(d.Posting.Posting.Apply) != 0 {
		t.Error("an ended posting still says how to apply")
	}
	if got := d.Freshness(); !strings.Contains(got, "2026-11-22") || !strings.Contains(got, "62 days") {
		t.Errorf("freshness says %q", got)
	}
}

// TestRecent remembers what was submitted and asks it again.
func TestRecent(t *testing.T) {
	d := newDesktop(t, i18n.French)
	r := d.Search
	r.Type("cuisinier")
	r.SetPlace("Montréal")
	r.Submit()
	d.hand.run()
	if len(r.Recent) != 1 || !strings.Contains(r.Recent[0].Label, "cuisinier") || !strings.Contains(r.Recent[0].Label, "Montréal") {
		t.Fatalf("recent searches: %v", r.Recent)
	}
	n := r.Result.Total
	r.Use(query.Query{})
	d.hand.run()
	r.Use(r.Recent[0].Query)
	d.hand.run()
	if r.Result.Total != n || r.Typed() != "cuisinier" {
		t.Errorf("asked again: %d results for %q, want %d for cuisinier", r.Result.Total, r.Typed(), n)
	}
}

// TestNoCatalogue is an empty desk: no error, and a status that says so.
func TestNoCatalogue(t *testing.T) {
	d := newDesktop(t, i18n.French)
	d.o.Catalogue = none{d.o.Catalogue}
	d.Load()
	d.Search.Refresh()
	d.Search.Start()
	d.hand.run()
	if !d.Status.None || d.Search.Err != nil || d.Search.Result.Total != 0 {
		t.Errorf("none %v, error %v, %d results", d.Status.None, d.Search.Err, d.Search.Result.Total)
	}
	if got := d.Freshness(); got != i18n.For(i18n.French).S(i18n.StatusNone) {
		t.Errorf("freshness says %q", got)
	}
}

// TestLanguage keeps everything that is asked when the language changes.
//
// Rows: X-001
func TestLanguage(t *testing.T) {
	d := newDesktop(t, i18n.French)
	r := d.Search
	r.Type("cuisinier")
	r.Toggle(query.Period, "F")
	r.Submit()
	d.hand.run()
	r.Select(0)
	d.hand.run()
	id, n := d.Posting.ID, r.Result.Total
	d.SetLang(i18n.English)
	d.hand.run()
	if r.Typed() != "cuisinier" || !r.On(query.Period, "F") || d.Posting.ID != id || r.Result.Total != n {
		t.Errorf("after the switch: %q, full time %v, posting %d (was %d), %d results (were %d)", r.Typed(), r.On(query.Period, "F"), d.Posting.ID, id, r.Result.Total, n)
	}
	if got, _ := d.Device().Setting(context.Background(), "language"); got != "en" {
		t.Errorf("the setting holds %q", got)
	}
}
