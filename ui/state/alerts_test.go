package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// teller are alerts that say what they were told, and what they are made to.
type teller struct {
	Alerts
	all    []Alert
	bad    []account.Problem
	err    error
	put    []Alert
	counts []query.Alert
	n      int
}

func (x *teller) List(context.Context) ([]Alert, error) { return x.all, nil }
func (x *teller) Put(_ context.Context, a Alert) (string, []account.Problem, error) {
	x.put = append(x.put, a)
	return "a", x.bad, x.err
}
func (x *teller) Pause(context.Context, string, bool) error { return x.err }
func (x *teller) Count(_ context.Context, q query.Alert) (int, error) {
	x.counts = append(x.counts, q)
	return x.n, x.err
}

func alerting(t *testing.T, l i18n.Lang, x *teller) (*desktop, *JobAlerts) {
	t.Helper()
	d := newDesktop(t, l)
	d.o.Alerts = x
	d.JobAlerts.Load()
	d.hand.run()
	return d, d.JobAlerts
}

// TestAlertFromSearch: an alert that is made of a search asks the same as far as it can, never
// for more than what it says, and what it cannot ask is named.
//
// Rows: A-036
func TestAlertFromSearch(t *testing.T) {
	_, all := library(t)
	w := i18n.For(i18n.French)
	some := one(t, "a posting in a city", func(p posting.Posting) bool { return p.Place.City != "" && p.NOC != "" && !p.Ended(noon) })
	city := some.Place.City + ", " + some.Place.Province
	for _, c := range []struct {
		name   string
		q      query.Query
		asks   query.Alert
		left   []string
		narrow bool // than the search
	}{
		{name: "title and province", q: query.Query{Filters: map[query.Facet][]string{query.NOC: {some.NOC}, query.Province: {some.Place.Province, "NB"}}},
			asks: query.Alert{Titles: []string{some.NOC}, Places: []string{some.Place.Province, "NB"}}},
		{name: "a city says its province", q: query.Query{Filters: map[query.Facet][]string{query.City: {city}, query.Province: {some.Place.Province}}}, asks: query.Alert{Places: []string{city}}},
		{name: "words", q: query.Query{Words: "cuisinier"}, asks: query.Alert{Keywords: []string{"cuisinier"}}, narrow: true},
		{name: "all of the rest", q: query.Query{Words: "soudeur", In: query.InTitle, NoExpand: []string{"72106"}, Near: query.Near{Label: "Rimouski, QC", Lat: 48.4, Lng: -68.5, Km: 50},
			Filters: map[query.Facet][]string{query.Period: {"F"}, query.Posted: {"7"}}, Wage: query.WageAsk{Min: 2500, Unit: posting.Hourly}, Archived: true},
			asks: query.Alert{Keywords: []string{"soudeur"}, Places: []string{"Rimouski, QC"}},
			left: []string{w.S(i18n.AlertsLeftField), w.S(i18n.AlertsLeftExpand), w.S(i18n.AlertsLeftDistance, "Km", "50", "Place", "Rimouski, QC"),
				w.S(i18n.RecordvalueLine, "Name", FacetLabel(w, query.Period), "Value", valueLabel(w, query.Period, "F", nil)),
				w.S(i18n.ChipWage, "Amount", w.Money(2500), "Unit", UnitLabel(w, posting.Hourly)), w.S(i18n.ChipArchived)}},
		{name: "only what no alert can ask", q: query.Query{Filters: map[query.Facet][]string{query.Workplace: {"r"}}},
			left: []string{w.S(i18n.RecordvalueLine, "Name", FacetLabel(w, query.Workplace), "Value", valueLabel(w, query.Workplace, "r", nil))}},
	} {
		d, j := alerting(t, i18n.French, &teller{})
		d.Search.Use(c.q)
		j.FromSearch()
		d.hand.run()
		got := j.Form.Query()
		got.Lang = ""
		if fmt.Sprint(got) != fmt.Sprint(c.asks) || !slices.Equal(j.Form.From.Left, c.left) {
			t.Errorf("%s: asks %+v, want %+v; left %q, want %q", c.name, got, c.asks, j.Form.From.Left, c.left)
		}
		if len(c.left) > 0 {
			continue
		}
		q, n, more := c.q, 0, 0
		q.Lang, q.Now = i18n.French, noon
		for _, p := range all {
			switch by, in := j.Form.Query().Match(p, noon), q.Match(p); {
			case by && !in, !by && in && !c.narrow:
				t.Errorf("%s: %d is found by the alert: %v, by the search: %v", c.name, p.Number, by, in)
			case by:
				n++
			case in:
				more++
			}
		}
		if n == 0 {
			t.Errorf("%s: nothing is found, and %d by the search", c.name, more)
		}
	}
}

// TestAlertForm: an address is looked at once it is left; what was mended is no longer said;
// of a criterion there are twenty values at most; what is counted is what was written last.
//
// Rows
func TestAlertForm(t *testing.T) {
	x := &teller{n: 3}
	d, j := alerting(t, i18n.English, x)
	w := d.Words()
	j.Write()
	f := j.Form
	j.TypeEmail("not one")
	if len(f.Errors) != 0 {
		t.Errorf("while it is typed it is refused: %v", f.Errors)
	}
	j.CheckEmail()
	if len(f.Errors) != 1 || f.Errors[0].Text != w.S(account.BadEmail.Key()) {
		t.Errorf("left, it is %v", f.Errors)
	}
	j.TypeEmail("any@exemple.ca")
	if len(f.Errors) != 0 {
		t.Errorf("mended, it is %v", f.Errors)
	}
	for n := range MostValues + 1 {
		j.TypeWord(fmt.Sprint("word", n))
		if ok := j.AddWord(); ok != (n < MostValues) {
			t.Errorf("keyword %d is taken: %v", n, ok)
		}
	}
	j.TypeWord(" ,  ")
	if j.AddWord() || len(f.Errors) != 1 || f.Errors[0].Text != w.S(i18n.AlertsKeywordsEmpty) {
		t.Errorf("a keyword that says nothing: %v", f.Errors)
	}
	j.TypeWord("")
	d.hand.pass(countAfter)
	first := d.hand.jobs
	d.hand.jobs = nil
	j.Drop("", "word0")
	d.hand.pass(countAfter)
	d.hand.run()
	for _, late := range first { // the answer to an older question
		late.work()
		late.done()
	}
	if !f.Counted || len(x.counts[0].Keywords) != MostValues-1 || j.CountLine() != w.N(i18n.AlertsCount, 3) {
		t.Errorf("counted %v of %v", f.Counted, x.counts)
	}
	x.err = errors.New("disk")
	j.Save(func(string) {})
	d.hand.run()
	if j.Form != f || f.Refusals != 1 || !strings.Contains(j.SaveProblem(), "disk") {
		t.Errorf("what could not be kept is gone: %q", j.SaveProblem())
	}
	x.err, x.bad = nil, []account.Problem{{Field: "keywords", Code: account.BadValue}}
	j.Save(func(string) {})
	d.hand.run()
	if j.Form != f || len(f.Errors) != 1 || f.Errors[0].Text != w.S(i18n.AlertsKeywordsEmpty) {
		t.Errorf("what has to be mended is %v", f.Errors)
	}
	x.bad = nil
	said := ""
	j.Save(func(s string) { said = s })
	d.hand.run()
	if j.Form != nil || said != w.S(i18n.AlertsKeptOnline, "Email", "any@exemple.ca") || j.Page != AlertList {
		t.Errorf("kept: %q at %s", said, j.Page)
	}
}

// TestAlertOfAnother: what somebody wrote, what is said of it and what they ask of the team are
// not seen by who comes next, whatever was still under way.
func TestAlertOfAnother(t *testing.T) {
	x := &teller{all: []Alert{{ID: "a", Kind: AlertHere, State: AlertOn, Keywords: []string{"secret"}, New: 2}}}
	d, _ := signedIn(t, i18n.French)
	d.o.Alerts = x
	j := d.JobAlerts
	j.Load()
	d.hand.run()
	j.Ask.Email, j.Ask.Text = "ada@exemple.ca", "words"
	j.Write()
	j.SetMail(false)
	j.TypeWord("secret")
	said := ""
	j.Save(func(s string) { said = s })
	j.SendAsk(func(s string) { said = s })
	d.o.Accounts.(*desked).st = session.Standing{}
	d.o.Personal = func(context.Context, string) (Device, error) { return d.home, nil }
	under := d.hand.jobs
	d.hand.jobs = nil
	d.Present.Look()
	d.hand.run()
	x.all = nil
	d.JobAlerts.Load()
	d.hand.run()
	for _, late := range under {
		late.work()
		late.done()
	}
	d.hand.run()
	if n := d.JobAlerts; n == j || said != "" || n.Form != nil || n.Ask.Email != "" || len(n.List) != 0 || n.News() != 0 {
		t.Errorf("the next person is told %q and sees %+v", said, n)
	}
}

// TestAlertVerdict: each reason why no letter comes is told apart.
//
// Rows: A-039
func TestAlertVerdict(t *testing.T) {
	d, j := alerting(t, i18n.English, &teller{})
	seen := map[string]bool{}
	for _, c := range []struct {
		a        Alert
		criteria bool
	}{
		{Alert{Kind: AlertRecord, State: AlertPaused}, false},
		{Alert{Kind: AlertRecord, State: AlertPending, Email: "any@exemple.ca", Lang: i18n.French}, false},
		{Alert{Kind: AlertRequest, State: AlertQueued}, false},
		{Alert{Kind: AlertRecord, State: AlertEnded}, false},
		{Alert{Kind: AlertRequest, State: AlertRefused, Problem: []account.Problem{{Field: "email", Code: account.BadEmail}}}, false},
		{Alert{Kind: AlertRequest, State: AlertRefused}, false},
		{Alert{Kind: AlertHere, State: AlertOn}, true},
		{Alert{Kind: AlertRequest, State: AlertOn}, false},
		{Alert{Kind: AlertRecord, State: AlertOn, Facts: true}, false},
		{Alert{Kind: AlertRecord, State: AlertOn, Facts: true, Checked: noon}, true},
		{Alert{Kind: AlertRecord, State: AlertOn, Facts: true, Checked: noon, Sent: noon.Add(-48 * time.Hour)}, true},
		{Alert{Kind: AlertRecord, State: AlertOn, Facts: true, Checked: noon, Sent: noon, Found: 2}, false},
	} {
		why, criteria := j.Verdict(c.a)
		if why == "" || seen[why] || criteria != c.criteria || strings.Contains(why, "⟦") {
			t.Errorf("of %+v it is said %q, to be widened: %v", c.a, why, criteria)
		}
		seen[why] = true
	}
	why, _ := j.Verdict(Alert{Kind: AlertRecord, State: AlertPending, Email: "any@exemple.ca", Lang: i18n.French})
	if want := "Alertes-Emplois - Validation de votre abonnement"; !strings.Contains(why, want) {
		t.Errorf("the letter to be looked for is not named: %q", why)
	}
	d.o.Accounts = &deployed{says: wire.Deployment{Sender: " alertes@exemple.ca ", Contact: "equipe@exemple.ca"}}
	j.LoadSender()
	d.hand.run()
	d.o.Accounts = &deployed{}
	j.LoadSender() // nobody answers: what is known stays
	d.hand.run()
	if j.Sender != "alertes@exemple.ca" || j.Team != "equipe@exemple.ca" {
		t.Errorf("the sender is %q, the team %q", j.Sender, j.Team)
	}
}

// deployed is a server that says what it is.
type deployed struct {
	desked
	says wire.Deployment
}

func (d *deployed) Deployment(context.Context) (wire.Deployment, error) { return d.says, nil }

// TestAlertLanguage: in the other language what is wrong, what was carried over and what was
// found are said again.
func TestAlertLanguage(t *testing.T) {
	d, j := alerting(t, i18n.French, &teller{})
	d.Search.Use(query.Query{Words: "soudeur", Archived: true})
	j.FromSearch()
	j.TypeEmail("x")
	j.CheckEmail()
	j.FindFor(FindPlace, "new bruns")
	d.hand.run()
	d.SetLang(i18n.English)
	d.hand.run()
	w := d.Words()
	if f := j.Form; f.From.Left[0] != w.S(i18n.ChipArchived) || f.Errors[0].Text != w.S(account.BadEmail.Key()) || f.Finders[FindPlace].Found[0].Text != "New Brunswick" {
		t.Errorf("in English: left %q, wrong %v, found %v", f.From.Left, f.Errors, f.Finders[FindPlace].Found)
	}
}

// TestAlertZone: the clock of the computer says whose morning is meant, where one of the
// eight has the same.
func TestAlertZone(t *testing.T) {
	for name, want := range map[string]string{"America/Vancouver": "America/Vancouver", "America/Montreal": "America/Toronto", "America/St_Johns": "America/St_Johns", "UTC": ""} {
		d, j := alerting(t, i18n.French, &teller{})
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skip("no zones here")
		}
		d.o.Zone = zone
		j.Write()
		if j.Form.Zone != want {
			t.Errorf("at %s it is of %q, want %q", name, j.Form.Zone, want)
		}
	}
}
