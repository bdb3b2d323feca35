package ui

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/screen"
	"passerelle/ui/state"
)

// watcher keeps alerts in memory, as the screens ask for them.
type watcher struct {
	all    []state.Alert
	bad    []account.Problem
	err    error
	digest state.Digest
	count  int
	asked  []string
	with   bool // there is an account
}

func (x *watcher) say(format string, args ...any) {
	x.asked = append(x.asked, fmt.Sprintf(format, args...))
}

func (x *watcher) at(id string) int {
	return slices.IndexFunc(x.all, func(a state.Alert) bool { return a.ID == id })
}

func (x *watcher) List(context.Context) ([]state.Alert, error) { return slices.Clone(x.all), x.err }

func (x *watcher) Put(_ context.Context, a state.Alert) (string, []account.Problem, error) {
	if len(x.bad) > 0 || x.err != nil {
		return "", x.bad, x.err
	}
	a.Kind, a.State = state.AlertHere, state.AlertOn
	if a.Email != "" {
		a.Kind, a.State = state.AlertRequest, state.AlertQueued
		if x.with {
			a.Kind = state.AlertRecord
		}
	}
	if at := x.at(a.ID); at >= 0 {
		x.all[at] = a
		x.say("change %s", a.ID)
		return a.ID, nil, nil
	}
	a.ID = fmt.Sprint("a", len(x.asked))
	x.say("put %q %s %s %v %v %v", a.Name, a.Email, a.Lang, a.Titles, a.Places, a.Keywords)
	x.all = append(x.all, a)
	return a.ID, nil, nil
}

func (x *watcher) Remove(_ context.Context, id string) (func(context.Context) error, error) {
	at := x.at(id)
	a := x.all[at]
	x.all = slices.Delete(slices.Clone(x.all), at, at+1)
	x.say("remove %s", id)
	return func(context.Context) error { x.all = append(x.all, a); return nil }, nil
}

func (x *watcher) Pause(_ context.Context, id string, on bool) error {
	x.say("pause %s %v", id, on)
	x.all[x.at(id)].State = map[bool]state.AlertState{true: state.AlertPaused, false: state.AlertOn}[on]
	return x.err
}

func (x *watcher) Subscribe(_ context.Context, id string) error {
	x.say("subscribe %s", id)
	x.all[x.at(id)].State = state.AlertQueued
	return x.err
}

func (x *watcher) Digest(_ context.Context, id string) (state.Digest, error) {
	d := x.digest
	d.Alert = id
	return d, x.err
}

func (x *watcher) Read(_ context.Context, d state.Digest) error {
	x.say("read %q", d.Alert)
	for i := range x.all {
		if d.Alert == "" || x.all[i].ID == d.Alert {
			x.all[i].New = 0
		}
	}
	x.digest = state.Digest{}
	return x.err
}

func (x *watcher) Count(_ context.Context, q query.Alert) (int, error) { return x.count, x.err }
func (x *watcher) Watch(func()) func()                                 { return func() {} }

// some are alerts of each kind and state.
func some() []state.Alert {
	return []state.Alert{
		{ID: "here", Kind: state.AlertHere, State: state.AlertOn, Lang: i18n.French, Titles: []string{"72106", "63200"}, Places: []string{"Rimouski, QC", "NB"},
			Checked: noon.Add(-time.Hour), Looked: noon.Add(-time.Hour), Found: 3, New: 3},
		{ID: "mail", Kind: state.AlertRecord, State: state.AlertOn, Name: "Cuisine", Email: "anyone@exemple.ca", Lang: i18n.French, Keywords: []string{"cuisinier", "chef"},
			Facts: true, Checked: noon.Add(-5 * time.Hour), Found: 0, Sent: noon.Add(-24 * time.Hour), New: 1},
		{ID: "never", Kind: state.AlertRecord, State: state.AlertOn, Email: "anyone@exemple.ca", Lang: i18n.English, Places: []string{"CA"}, Facts: true, Checked: noon.Add(-5 * time.Hour)},
		{ID: "left", Kind: state.AlertRequest, State: state.AlertPending, Email: "someone@exemple.ca", Lang: i18n.French, Titles: []string{"63200"}},
		{ID: "refused", Kind: state.AlertRequest, State: state.AlertRefused, Email: "nobody@exemple.invalid", Lang: i18n.French, Keywords: []string{"serveur"},
			Problem: []account.Problem{{Field: "email", Code: account.BadEmail}}},
		{ID: "ended", Kind: state.AlertRecord, State: state.AlertEnded, Email: "anyone@exemple.ca", Lang: i18n.French, Keywords: []string{"soudeur"}, Facts: true, Sent: noon.Add(-240 * time.Hour)},
		{ID: "paused", Kind: state.AlertHere, State: state.AlertPaused, Lang: i18n.French, Keywords: []string{"livreur"}},
	}
}

// news are postings of the demonstration.
func news(t *testing.T, b *bench, of state.Alert) state.Digest {
	t.Helper()
	var cards []posting.Card
	for i := range 6 {
		c, ok := b.s.Search.Row(i)
		if !ok {
			t.Fatal("the search has no rows")
		}
		cards = append(cards, c)
	}
	return state.Digest{At: noon, News: []state.AlertNews{{Alert: of, Cards: cards[:3], Total: 5}},
		Also: []state.Suggested{{Card: cards[3], NOC: "63200", Same: true}, {Card: cards[4], NOC: "72106"}}}
}

// TestAlertByKeys makes an alert by keys alone, from the home page on: titles in the other
// language, places and keywords, several of each, an address that is refused in its place
// until it is one; and what it means and would find is said before it is kept.
//
// Rows
func TestAlertByKeys(t *testing.T) {
	x := &watcher{count: 12}
	b := open(t, setup{height: 2400, width: 1280, alerts: x})
	w := i18n.For(i18n.French)
	b.press(t, "Alertes-Emplois")
	if !b.sees(w.S(i18n.AlertsEmpty)) || b.Sight().Focus != w.S(i18n.AlertsNew) {
		t.Errorf("an empty list reads %q, the keyboard is on %q", b.Sight().Texts, b.Sight().Focus)
	}
	b.shoot(t, "alerts-empty")
	b.key(fyne.KeyReturn)
	b.key(fyne.KeyTab)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.AlertsEmail)) {
		t.Fatalf("the keyboard is on %q", v.Focus)
	}
	b.typed("quelqu'un sans arobas")
	b.key(fyne.KeyTab)
	if !b.sees(w.S(account.BadEmail.Key())) {
		t.Errorf("left, the address is not refused: %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-form-email")
	b.press(t, w.S(i18n.AlertsSubscribe))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.AlertsEmail)) || !b.sees(w.S(i18n.AlertsNeeded)) || len(x.asked) != 0 {
		t.Errorf("refused, the keyboard is on %q; asked %q", v.Focus, x.asked)
	}
	b.Canvas().Focused().(*part.Entry).SetText("")
	b.typed("anyone@exemple.ca")
	if b.sees(w.S(account.BadEmail.Key())) {
		t.Error("mended, the address is refused still")
	}
	b.field(t, w.S(i18n.AlertsTitlesAdd))
	b.typed("welder")
	b.shoot(t, "alerts-form-found")
	b.key(fyne.KeyDown, fyne.KeyReturn)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.AlertsTitlesAdd)) {
		t.Errorf("chosen, the keyboard is on %q", v.Focus)
	}
	b.typed("cuisinier")
	b.key(fyne.KeyReturn)
	b.field(t, w.S(i18n.ProfilePlacesFind))
	b.typed("rimous")
	b.key(fyne.KeyReturn)
	b.typed("nouveau-bruns")
	b.key(fyne.KeyReturn)
	b.field(t, w.S(i18n.AlertsKeywordsAdd))
	b.typed("soir")
	b.key(fyne.KeyReturn)
	b.typed("week-end")
	b.key(fyne.KeyReturn)
	if !b.sees(w.N(i18n.AlertsCount, 12)) || !b.sees(w.S(i18n.AlertsMeansAll)) || !b.sees(w.S(i18n.AlertsMeansKeywords, "What", w.S(i18n.AlertsOr, "A", "soir", "B", "week-end"))) {
		t.Errorf("what it means reads %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-form-full")
	b.press(t, w.S(i18n.AlertsSubscribe))
	want := `put "" anyone@exemple.ca fr [72106 63200] [Rimouski, QC NB] [soir week-end]`
	if len(x.asked) != 1 || x.asked[0] != want {
		t.Fatalf("asked %q, want %q", x.asked, want)
	}
	if b.s.JobAlerts.Page != state.AlertList || b.Sight().Focus != w.S(i18n.AlertsNew) || !b.sees(w.S(i18n.AlertsMail, "Email", "anyone@exemple.ca")) {
		t.Errorf("kept: on %q, the keyboard on %q: %q", b.s.JobAlerts.Page, b.Sight().Focus, b.Sight().Texts)
	}
	b.shoot(t, "alerts-one")
}

// field gives the keyboard to a field.
func (b *bench) field(t *testing.T, label string) {
	t.Helper()
	for _, f := range focusables(b.Canvas().Content()) {
		if e, ok := f.(*part.Entry); ok && e.Label == label {
			b.Canvas().Focus(f)
			return
		}
	}
	t.Fatalf("no field is called %q", label)
}

// TestAlertHere makes an alert of this computer, without an address and without a network.
//
// Rows: A-042
func TestAlertHere(t *testing.T) {
	x := &watcher{}
	b := open(t, setup{height: 2400, width: 1280, alerts: x, lang: i18n.English})
	w := i18n.For(i18n.English)
	b.s.SetOnline(false)
	b.Go("alerts")
	b.hand.settle()
	b.press(t, w.S(i18n.AlertsNew))
	if !b.sees(w.S(i18n.AlertsOffline)) {
		t.Error("offline, nothing says what becomes of it")
	}
	b.key(fyne.KeyRight)
	if b.sees(w.S(i18n.AlertsOffline)) || b.sees(w.S(i18n.AlertsEmailHelp)) || !b.sees(w.S(i18n.AlertsHereWhy)) {
		t.Errorf("without an address it reads %q", b.Sight().Texts)
	}
	b.field(t, w.S(i18n.AlertsKeywordsAdd))
	b.typed("forklift") // typed, and not added: it is meant
	b.press(t, w.S(i18n.AlertsSave))
	if want := `put ""  en [] [] [forklift]`; len(x.asked) != 1 || x.asked[0] != want {
		t.Fatalf("asked %q, want %q", x.asked, want)
	}
	if !b.sees(w.S(i18n.AlertsHere)) || !b.sees(w.S(i18n.AlertsStateOn)) {
		t.Errorf("the list reads %q", b.Sight().Texts)
	}
}

// TestAlertList: each alert says how it stands, when it was looked at, what was found and when
// a letter went; it is paused, changed, removed and put back by keys, and nothing is offered
// that only the links of its letters can do.
//
// Rows
func TestAlertList(t *testing.T) {
	x := &watcher{all: some(), with: true}
	b := open(t, setup{height: 3600, width: 1280, alerts: x})
	w := i18n.For(i18n.French)
	b.Go("alerts")
	b.hand.settle()
	j := b.s.JobAlerts
	for _, a := range x.all {
		name, why := j.State(a)
		facts, asOf := j.Facts(a)
		for _, want := range append([]string{j.Name(a), name, why, asOf, facts[0].Value, facts[len(facts)-1].Label}, j.Means(a)...) {
			if !b.sees(want) {
				t.Errorf("of %s, %q is not shown", a.ID, want)
			}
		}
	}
	all := labels(focusables(b.Canvas().Content()))
	act := func(k i18n.Key, id string) string {
		a, _ := j.Find(id)
		return w.S(i18n.AlertsActOf, "What", w.S(k), "Name", j.Name(a))
	}
	for _, no := range []string{act(i18n.AlertModify, "left"), act(i18n.AlertpagePause, "left"), act(i18n.AlertpagePause, "refused"), act(i18n.AlertpagePause, "ended")} {
		if slices.Contains(all, no) {
			t.Errorf("%q is offered", no)
		}
	}
	b.shoot(t, "alerts-list")
	b.press(t, act(i18n.AlertpagePause, "here"))
	if v := b.Sight(); v.Focus != act(i18n.AlertpageResume, "here") {
		t.Errorf("paused, the keyboard is on %q", v.Focus)
	}
	b.press(t, act(i18n.AlertsAskAgain, "ended"))
	b.press(t, act(i18n.AlertsRemove, "mail"))
	if !b.sees(w.S(i18n.AlertsRemoved, "Name", "Cuisine")) {
		t.Errorf("nothing says what was removed: %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.SavedUndo))
	if want := []string{"pause here true", "subscribe ended", "remove mail"}; !slices.Equal(x.asked, want) || x.at("mail") < 0 {
		t.Errorf("asked %q, want %q; %v", x.asked, want, x.all)
	}
	b.press(t, act(i18n.AlertModify, "refused"))
	if !b.sees(w.S(account.BadEmail.Key())) {
		t.Errorf("what was refused is not said in the form: %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-mend")
	b.key(fyne.KeyEscape)
	if j.Page != state.AlertList || b.Sight().Focus != w.S(i18n.AlertsNew) {
		t.Errorf("Escape leads to %q, the keyboard on %q", j.Page, b.Sight().Focus)
	}
}

// TestAlertNews reads what is new, opens a posting and comes back to it, and marks all of it
// as read; a suggestion says why.
//
// Rows
func TestAlertNews(t *testing.T) {
	x := &watcher{all: some()[:2]}
	b := open(t, setup{height: 1600, width: 1280, alerts: x})
	w := i18n.For(i18n.French)
	x.digest = news(t, b, x.all[0])
	b.s.AlertsMoved()
	b.hand.settle()
	if n := b.s.JobAlerts.News(); n != 4 {
		t.Errorf("the rail counts %d, want 4", n)
	}
	b.Go("alerts")
	b.hand.settle()
	b.press(t, w.N(i18n.AlertsReadAll, 4))
	if !b.sees(w.S(i18n.AlertsDigest)) || !b.sees(w.S(i18n.MailAlertnewsRelated)) || !b.sees(b.s.JobAlerts.Also(x.digest.Also[0]).Reason) || !b.sees(w.N(i18n.AlertsDigestMore, 2)) {
		t.Errorf("the news read %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-news")
	second := b.s.JobAlerts.Line(x.digest.News[0].Cards[1])
	b.press(t, second.Head.Title)
	if b.Here().Screen != "search" || b.s.Posting.ID != second.ID {
		t.Errorf("at %v, reading %d, want %d", b.Here(), b.s.Posting.ID, second.ID)
	}
	b.Back()
	b.hand.settle()
	if v := b.Sight(); v.Route != "alerts" || v.Focus != second.Head.Title {
		t.Errorf("back at %s, the keyboard is on %q", v.Route, v.Focus)
	}
	b.press(t, w.S(i18n.AlertsReadMark))
	if b.s.JobAlerts.News() != 0 || x.asked[0] != `read ""` || b.s.JobAlerts.Page != state.AlertList || b.Sight().Focus == "" {
		t.Errorf("marked as read: %d new, asked %q, at %q", b.s.JobAlerts.News(), x.asked, b.s.JobAlerts.Page)
	}
	b.s.JobAlerts.Read("")
	b.hand.settle()
	if !b.sees(w.S(i18n.AlertsDigestEmpty)) {
		t.Errorf("nothing is new, and it reads %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-news-empty")
}

// TestAlertTrace: the article on alerts that do not come names the sender of the deployment,
// tells the cause of each alert, and its message cannot leave without the address of the
// subscription; without an account it leaves by the person's own mail program.
//
// Rows
func TestAlertTrace(t *testing.T) {
	x := &watcher{all: some()}
	b := open(t, setup{height: 3600, width: 1280, alerts: x, lang: i18n.English, accounts: quietly(wire.Deployment{Sender: "alertes@exemple.ca", Contact: "equipe@exemple.ca"})})
	w := i18n.For(i18n.English)
	b.Go("alerts")
	b.hand.settle()
	b.press(t, w.S(i18n.AlertsTraceOpen))
	if !b.sees("alertes@exemple.ca") || !b.sees(w.S(i18n.AlertsVerdictNothing)) || !b.sees(w.S(i18n.AlertsVerdictNone, "Date", "2026-11-21")) {
		t.Errorf("the article reads %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.ContactCopy, "What", "alertes@exemple.ca"))
	if b.copied != "alertes@exemple.ca" {
		t.Errorf("copied %q", b.copied)
	}
	b.shoot(t, "alerts-trace")
	b.field(t, w.S(i18n.AlertsAskEmail))
	b.Canvas().Focused().(*part.Entry).SetText("")
	b.press(t, w.S(i18n.AlertsAskWrite))
	if !b.sees(w.S(i18n.AlertsAskNeeded)) || !strings.HasPrefix(b.Sight().Focus, w.S(i18n.AlertsAskEmail)) || len(b.opened) != 0 {
		t.Errorf("without an address: %q, the keyboard on %q", b.opened, b.Sight().Focus)
	}
	b.shoot(t, "alerts-trace-refused")
	b.typed("anyone@exemple.ca")
	b.field(t, w.S(i18n.AlertsAskText))
	b.typed("Nothing comes.")
	b.press(t, w.S(i18n.AlertsAskWrite))
	if len(b.opened) != 1 {
		t.Fatalf("opened %q", b.opened)
	}
	u, err := url.Parse(b.opened[0])
	if err != nil || u.Scheme != "mailto" || u.Opaque != "equipe@exemple.ca" || !strings.Contains(u.Query().Get("body"), "anyone@exemple.ca") || !strings.Contains(u.Query().Get("body"), "Nothing comes.") {
		t.Errorf("the message is %q (%v)", b.opened[0], err)
	}
}

// TestAlertTraceRecord: somebody with an account sends the message as a record, which carries
// the address; its answer is read where it was asked.
//
// Rows: A-040
func TestAlertTraceRecord(t *testing.T) {
	x := &watcher{with: true}
	r, err := replicatest.Open(t.Context(), t.TempDir(), "acct-1", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.File.Close() })
	b := enter(t, newHouse().in(0, session.Online), setup{height: 2000, width: 1280, private: r, alerts: x})
	w := i18n.For(i18n.French)
	b.Go("alerts")
	b.hand.settle()
	b.press(t, w.S(i18n.AlertsTraceOpen))
	b.field(t, w.S(i18n.AlertsAskEmail))
	b.typed("anyone@exemple.ca")
	b.field(t, w.S(i18n.AlertsAskText))
	b.typed("Rien ne vient.")
	b.press(t, w.S(i18n.AlertsAskSend))
	all, err := r.List(t.Context(), "message")
	if err != nil || len(all) != 1 || string(all[0].Doc["subscription"]) != `"anyone@exemple.ca"` || string(all[0].Doc["topic"]) != `"alerts"` || !all[0].Waits {
		t.Fatalf("messages: %v, %v", all, err)
	}
	if !b.sees("Rien ne vient.") || !b.sees(w.S(i18n.ProfileSuggestWaits)) {
		t.Errorf("what was asked is not listed: %q", b.Sight().Texts)
	}
	b.shoot(t, "alerts-trace-asked")
}

// TestNotified: the page of the two ways says what each covers and which needs an account, and
// both begin from there.
//
// Rows
func TestNotified(t *testing.T) {
	for _, l := range i18n.Languages() {
		x := &watcher{}
		b := open(t, setup{alerts: x, lang: l, accounts: quietly(trial), height: 900, width: 1280})
		w := i18n.For(l)
		b.press(t, w.S(i18n.NavAlerts))
		b.press(t, w.S(i18n.AlertsWays))
		for _, way := range b.s.Notified.Ways() {
			for _, f := range way.Facts {
				if !b.sees(f.Value) {
					t.Errorf("%s: of %q, %q is not said", l, way.Name, f.Value)
				}
			}
		}
		if !b.sees(w.S(i18n.NotifiedMatchNeeds)) || !b.sees(w.S(i18n.NotifiedAlertsNeeds)) {
			t.Errorf("%s: it is not said which needs an account", l)
		}
		b.shoot(t, "notified-"+string(l))
		b.press(t, w.S(i18n.AlertsNew))
		if b.s.JobAlerts.Page != state.AlertWrite || b.Here().Screen != "alerts" {
			t.Errorf("%s: an alert begins at %v", l, b.Here())
		}
		b.Back()
		b.hand.settle()
		b.press(t, w.S(i18n.AcctSignin))
		if b.Here().Screen != "signin" {
			t.Errorf("%s: matching begins at %v", l, b.Here())
		}
	}
}

// TestAlertsNotClipped measures every page, and goes round it by Tab, in both languages,
// three themes, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestAlertsNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		x := &watcher{all: some(), count: 1}
		o.alerts = x
		b := open(t, o)
		if o.width == 0 {
			o.width, o.height = 1280, 800
		}
		x.digest = news(t, b, x.all[0])
		b.Go("alerts")
		b.hand.settle()
		j := b.s.JobAlerts
		for _, p := range []struct {
			name string
			open func()
		}{{"list", func() {}}, {"form", func() { j.Write(); j.Save(func(string) {}); j.FindFor(state.FindPlace, "saint") }},
			{"change", func() { j.Change(x.all[0]) }}, {"news", func() { j.Read("here") }}, {"trace", j.Stuck}, {"error", func() { x.err = fmt.Errorf("disk"); j.Open(state.AlertList); j.Load() }}} {
			p.open()
			b.hand.settle()
			where := fmt.Sprint("alerts ", p.name)
			b.unclipped(t, o, where)
			b.shoot(t, fmt.Sprintf("alerts-look-%d-%s", i, p.name))
			b.round(t, where)
		}
		b.Go("notified")
		b.hand.settle()
		b.unclipped(t, o, "notified")
		b.shoot(t, fmt.Sprintf("alerts-look-%d-notified", i))
		b.round(t, "notified")
	}
}

// TestAlertFromSearchOpens: the form that is made of a search begins at its head, where it says
// what it took, with the keyboard on its first control.
//
// Rows
func TestAlertFromSearchOpens(t *testing.T) {
	for _, o := range []setup{{}, {lang: i18n.English, percent: 200, width: 1000, height: 700}} {
		o.alerts = &watcher{count: 4}
		b := open(t, o)
		w := b.s.Words()
		b.typed("cuisinier")
		b.s.Search.Toggle(query.Province, "QC")
		b.s.Search.Toggle(query.Period, "F")
		b.hand.settle()
		b.press(t, w.S(i18n.AlertsFromSearch))
		if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.AlertsHow)) || !b.sees(w.S(i18n.AlertsFrom)) {
			t.Errorf("the keyboard is on %q", v.Focus)
		}
		if sc := b.current().(*screen.Alerts); o.percent == 0 && sc.Scrolled() { // in large text what has the keyboard is further down
			t.Error("the head of the form is out of sight")
		}
		b.shoot(t, "alerts-from-search-"+string(w.Lang()))
	}
}
