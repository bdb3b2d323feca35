package state

import (
	"context"
	"encoding/json"
	"net/mail"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/labour"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/wire"
)

// none is a catalogue that is not there.
type none struct{ Catalogue }

func (none) State(context.Context) (catalogue.State, error) {
	return catalogue.State{}, catalogue.ErrNone
}

func (none) Search(context.Context, query.Query) (query.Result, error) {
	return query.Result{}, catalogue.ErrNone
}

// TestSixWays gives each way to apply the acts that belong to it, through the person's own
// tools.
//
// Rows
func TestSixWays(t *testing.T) {
	d := newDesktop(t, i18n.French)
	p := posting.Posting{Card: posting.Card{ID: 1, Number: 10176519, Employer: "Manoir de la Grève", Title: posting.Both{FR: "Aide-cuisinier & plongeur"}}}
	for _, c := range []struct {
		m    posting.Method
		kind ActKind
		has  string
	}{
		{posting.Method{Kind: posting.ApplyOnline, Value: "https://exemple.ca/postuler"}, ActWeb, "https://exemple.ca/postuler"},
		{posting.Method{Kind: posting.ApplyEmail, Value: "rh@exemple.ca"}, ActOpen, "mailto:rh@exemple.ca?subject=Aide-cuisinier%20%26%20plongeur"},
		{posting.Method{Kind: posting.ApplyPhone, Value: "418 555-0133", Ext: "22"}, ActOpen, "tel:4185550133;ext=22"},
		{posting.Method{Kind: posting.ApplyFax, Value: "418 555-0134"}, ActCopy, "418 555-0134"},
		{posting.Method{Kind: posting.ApplyMail, Value: "12, rue du Quai\nRimouski (QC)  G5L 1A1"}, ActCopy, "MANOIR DE LA GRÈVE\n12, RUE DU QUAI\nRIMOUSKI (QC)  G5L 1A1"},
		{posting.Method{Kind: posting.ApplyPerson, Value: "12, rue du Quai", Hours: "9 h à 16 h"}, ActCopy, "12, rue du Quai"},
	} {
		acts := d.Acts(p, c.m)
		if len(acts) == 0 || acts[0].Kind != c.kind || !strings.HasPrefix(acts[0].Value, c.has) {
			t.Errorf("%s: acts %+v, want first %s %q", c.m.Kind, acts, c.kind, c.has)
			continue
		}
		copies := false
		for _, a := range acts {
			copies = copies || a.Kind == ActCopy
			if a.Label == "" || strings.Contains(a.Label, "⟦") {
				t.Errorf("%s: an act without a name: %+v", c.m.Kind, a)
			}
		}
		if !copies {
			t.Errorf("%s cannot be copied", c.m.Kind)
		}
	}
	if len(d.opened) != 0 {
		t.Errorf("preparing opened %v", d.opened)
	}
	m, err := mail.ReadMessage(strings.NewReader(string(d.Message(p, "rh@exemple.ca"))))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("To") != "rh@exemple.ca" || m.Header.Get("X-Unsent") != "1" || m.Header.Get("Subject") == "" {
		t.Errorf("message headers %v", m.Header)
	}
	if b := string(d.Message(p, "rh@exemple.ca\r\nBcc: x@y.z")); strings.Contains(b, "\nBcc") {
		t.Error("an address adds a header")
	}
}

// TestLeaving asks before every address: host in words, nothing opened until then,
// a list to read later and a copy when there is no network.
//
// Rows
func TestLeaving(t *testing.T) {
	d := newDesktop(t, i18n.English)
	l := d.Leaving("https://Jobs.Example.org/42?x=1", "View", 100000042)
	if l.Host != "jobs.example.org" || !strings.Contains(l.Question(), "jobs.example.org") || !l.Safe() || !l.Encrypted() {
		t.Errorf("leaving for %q: host %q, %q, safe %v", l.URL, l.Host, l.Question(), l.Safe())
	}
	if len(d.opened) != 0 {
		t.Fatal("opened before it was said")
	}
	var err error
	l.Open(func(e error) { err = e })
	d.hand.run()
	if err != nil || len(d.opened) != 1 || d.opened[0] != l.URL {
		t.Errorf("opened %v, error %v", d.opened, err)
	}
	for _, bad := range []string{"file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.c", "https://", "x y"} {
		d.Leaving(bad, "", 0).Open(func(e error) { err = e })
		d.hand.run()
		if err == nil || len(d.opened) != 1 {
			t.Errorf("%q was opened", bad)
		}
	}
	d.SetOnline(false)
	if q := l.Question(); !strings.Contains(q, "network") {
		t.Errorf("offline, the question is %q", q)
	}
	l.Later(func(e error) { err = e })
	l.Copy()
	d.hand.run()
	if err != nil || !l.Kept || len(d.copied) != 1 {
		t.Errorf("kept %v, copied %v, error %v", l.Kept, d.copied, err)
	}
}

// TestReport fills the number in, refuses what lacks a reason, keeps the report on this
// computer without a network, and once however often it is pressed.
//
// Rows
func TestReport(t *testing.T) {
	d := newDesktop(t, i18n.French)
	d.SetOnline(false)
	p := one(t, "a partner's source", func(p posting.Posting) bool { return p.External() })
	r := d.NewReport(p.Card)
	if r.Number() != GroupNumber(p.Number) || r.Source() == "" {
		t.Errorf("report speaks of %s from %q", r.Number(), r.Source())
	}
	r.Send(func() {})
	if r.Queued || len(r.Errors) != 1 || r.Errors[0].Field != "reason" {
		t.Fatalf("without a reason: queued %v, errors %v", r.Queued, r.Errors)
	}
	r.Reason = wire.OtherReason
	if r.Check() {
		t.Error("another reason needs words")
	}
	r.Text = strings.Repeat("é", ReportMax+1)
	if r.Check() {
		t.Error("too long a text was taken")
	}
	r.Reason, r.Text = wire.TitleNOC, "Le titre n'est pas le bon."
	r.Send(func() {})
	r.Send(func() {})
	d.hand.run()
	r.Send(func() {})
	d.hand.run()
	items, err := d.Device().Pending(context.Background())
	if err != nil || len(items) != 1 || d.Status.Pending != 1 {
		t.Fatalf("outbox holds %d items, status %d, error %v", len(items), d.Status.Pending, err)
	}
	var got wire.Report
	if err := json.Unmarshal(items[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Number != p.Number || got.Reason != string(wire.TitleNOC) || got.Source != p.Source || got.Epoch != 1 || got.Seq != 4 || got.Key != items[0].Key || !got.Made.Equal(noon) {
		t.Errorf("report says %+v", got)
	}
	if n := wire.Reasons[0]; n != wire.TitleNOC {
		t.Errorf("first reason offered is %s, want that of the title", n)
	}
}

// TestHeading shows the NOC's title first, the source's own beside it, in both languages;
// the title that the own one names, or that of the unit group when it names none.
//
// Rows
func TestHeading(t *testing.T) {
	c := posting.Card{NOC: "65200", Title: posting.Both{EN: "Server - Night"}}
	for l, want := range map[i18n.Lang]string{i18n.English: "Server - food and beverage services", i18n.French: "Serveurs/serveuses d'aliments et de boissons"} {
		h := Head(c, l)
		if h.Title != want || h.Original != "Server - Night" {
			t.Errorf("in %s: %+v, want %q and the own title", l, h, want)
		}
	}
	if h := Head(posting.Card{NOC: "32101", Title: posting.Both{FR: "Infirmière auxiliaire"}}, i18n.French); h.Title != "Infirmier auxiliaire/infirmière auxiliaire" || h.Original != "" {
		t.Errorf("one half of the heading as the own title: %+v, want no second line", h)
	}
	if h := Head(posting.Card{Title: posting.Both{EN: "Server"}}, i18n.French); h.Title != "Server" || h.Lang != i18n.English || h.Original != "" {
		t.Errorf("without a code: %+v", h)
	}
	if got := OnlyIn(c, i18n.French); got != i18n.English {
		t.Errorf("a posting in English only, read in French, says %q", got)
	}
	if got := OnlyIn(c, i18n.English); got != "" {
		t.Errorf("in its own language it says %q", got)
	}
}

// TestLabour labels national figures national, dates them, and says the same as the drawing in a table.
//
// Rows: X-018
func TestLabour(t *testing.T) {
	d := newDesktop(t, i18n.French)
	c := posting.Card{NOC: "31301", Place: posting.Place{Province: "QC"}, Wage: posting.Wage{Unit: posting.Hourly, Min: 3000, Max: 3500, HourMin: 3000, HourMax: 3500}}
	r, ok := d.WageRange(c)
	if !ok {
		t.Fatal("no wages for nurses")
	}
	f, _ := labour.WagesOf(c.NOC, "QC")
	if r.National != (f.Area == labour.Canada) || !strings.Contains(r.Source, f.Period) || r.National && !strings.Contains(r.Source, "Canada") {
		t.Errorf("area %s is called %q", f.Area, r.Source)
	}
	if len(r.Rows) != 4 || !strings.Contains(r.Rows[0].Value, "30,00") || !strings.Contains(r.Summary, r.Rows[2].Value) {
		t.Errorf("rows %v, summary %q", r.Rows, r.Summary)
	}
	outs := d.Outlooks(posting.Card{NOC: "31301", Place: posting.Place{Province: "BC"}})
	if len(outs) != 2 || outs[0].Known && outs[1].Known || !strings.Contains(outs[1].Source, "Canada") || !strings.Contains(outs[1].Source, "20") {
		t.Errorf("outlooks in British Columbia: %+v", outs)
	}
	if _, ok := d.WageRange(posting.Card{NOC: "99999"}); ok {
		t.Error("an unknown occupation has wages")
	}
}

// TestTags are at most three: the source and the language first.
//
// Rows
func TestTags(t *testing.T) {
	d := newDesktop(t, i18n.French)
	p := one(t, "a partner's posting in English only", func(p posting.Posting) bool {
		return p.External() && OnlyIn(p.Card, i18n.French) == i18n.English && !p.Ended(noon)
	})
	ts := d.Tags(p.Card)
	if len(ts) < 2 || len(ts) > 3 || !ts[0].Warn || !ts[1].Warn || ts[1].Text != i18n.For(i18n.French).S(i18n.TagEnglish) {
		t.Errorf("tags %+v", ts)
	}
	if name, _ := d.Source(p.Source).Name.In(i18n.French); ts[0].Text != name || name == p.Source {
		t.Errorf("source is called %q, its name is %q", ts[0].Text, name)
	}
}

// TestSave keeps a posting and forgets it.
func TestSave(t *testing.T) {
	d := newDesktop(t, i18n.French)
	p := one(t, "anything", func(p posting.Posting) bool { return !p.Ended(noon) })
	d.Posting.Open(p.ID)
	d.hand.run()
	d.Posting.ToggleSaved()
	d.hand.run()
	if ok, _ := d.Device().IsSaved(context.Background(), p.ID); !ok || !d.Posting.Saved {
		t.Errorf("saved on disk %v, shown %v", ok, d.Posting.Saved)
	}
	d.Posting.ToggleSaved()
	d.hand.run()
	if ok, _ := d.Device().IsSaved(context.Background(), p.ID); ok || d.Posting.Saved {
		t.Errorf("forgotten on disk %v, shown %v", !ok, d.Posting.Saved)
	}
}
