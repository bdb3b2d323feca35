package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/intake/demo"
	"passerelle/sync/session"
	"passerelle/sync/simtest"
	"passerelle/ui/state"
)

// finds is the reference: every posting of the catalogue that an alert asks for and that
// wanted takes, one by one.
func finds(t *testing.T, d *desk.Desk, a query.Alert, wanted func(posting.Card) bool) (ids []int64) {
	t.Helper()
	err := d.Catalogue.Each(t.Context(), d.Now(), func(p posting.Posting) error {
		if a.Match(p, d.Now()) && (wanted == nil || wanted(p.Card)) {
			ids = append(ids, p.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func put(t *testing.T, d *desk.Desk, a state.Alert) string {
	t.Helper()
	id, bad, err := d.Alerts.Put(t.Context(), a)
	if err != nil || len(bad) > 0 {
		t.Fatalf("Put(%+v): %v, %v", a, bad, err)
	}
	return id
}

// alert finds one in the list.
func alert(t *testing.T, d *desk.Desk, id string) state.Alert {
	t.Helper()
	all, err := d.Alerts.List(t.Context())
	for _, a := range all {
		if a.ID == id {
			return a
		}
	}
	t.Fatalf("alert %s is not among %+v, %v", id, all, err)
	return state.Alert{}
}

func told(d state.Digest) (ids []int64) {
	for _, n := range d.News {
		for _, c := range n.Cards {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func digest(t *testing.T, d *desk.Desk, id string) state.Digest {
	t.Helper()
	got, err := d.Alerts.Digest(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// more publishes n further postings.
func (p *publisher) more(n int, seed int64) {
	for x := range demo.Postings(demo.Options{Seed: seed, N: n, Today: posting.DayOf(noon)}) {
		x.ID, x.Number = x.ID+10_000, x.Number+10_000
		p.rows.Put(x)
	}
	p.publish(noon.Add(time.Minute))
}

// An alert of this computer needs no address and no network: a bundle brings exactly what a
// reference query finds, with one notice for all alerts; what was there when the alert was
// made, and what was told, is not told again; a posting or an employer that was hidden never.
//
// Rows
func TestAlertOfThisComputer(t *testing.T) {
	d, p, ctx := open(t), newPublisher(t, 1, 400), t.Context()
	var notices []int
	d.Alerts.OnNotice(func(n int) { notices = append(notices, n) })
	if err := d.Sample(ctx, nil); err != nil {
		t.Fatal(err)
	}
	asks := query.Alert{Titles: []string{"63200", "72106", "65200"}, Lang: i18n.French}
	one := put(t, d, state.Alert{Name: "Cuisine", Lang: i18n.French, Titles: asks.Titles})
	words := query.Alert{Keywords: []string{"cuisinier", "welder"}, Places: []string{"QC", "ON"}, Lang: i18n.French}
	two := put(t, d, state.Alert{Lang: i18n.French, Keywords: words.Keywords, Places: words.Places})
	none := put(t, d, state.Alert{Lang: i18n.French, Keywords: []string{"motquenulneditjamais"}})

	b, _ := p.bundle("all")
	load(t, d, b, p.print)
	want, also := finds(t, d, asks, nil), finds(t, d, words, nil)
	both := len(slices.Compact(slices.Sorted(slices.Values(slices.Concat(want, also)))))
	if got := alert(t, d, one); got.New != len(want) || got.Found != len(want) || len(want) == 0 || !got.Checked.Equal(d.Now()) {
		t.Errorf("after a bundle: %+v, want %d new", got, len(want))
	}
	if got := alert(t, d, two); got.New != len(also) || len(also) == 0 {
		t.Errorf("by words: %+v, want %d new", got, len(also))
	}
	if !slices.Equal(notices, []int{both}) {
		t.Errorf("notices of %v postings, want one of %d", notices, both)
	}
	first := digest(t, d, one)
	if got := told(first); !slices.Equal(got, want) || first.Count() != len(want) {
		t.Errorf("digest of %v, want %v", got, want)
	}
	if got := digest(t, d, ""); got.Count() != both || len(got.News) == 0 {
		t.Errorf("digest of all: %d postings, want %d", got.Count(), both)
	}
	if got := digest(t, d, none); len(got.News)+len(got.Also) != 0 {
		t.Errorf("of an alert that found nothing: %+v (A-032)", got)
	}
	if err := d.Alerts.Read(ctx, first); err != nil {
		t.Fatal(err)
	}
	if got := digest(t, d, one); len(got.News) != 0 || alert(t, d, one).New != 0 || alert(t, d, two).New != len(also) {
		t.Errorf("read, it is still new: %+v", got)
	}

	// One employer and one posting of what comes next are hidden; an alert made now has seen
	// what is there.
	three := put(t, d, state.Alert{Lang: i18n.French, Titles: asks.Titles})
	if got := alert(t, d, three); got.New != 0 {
		t.Errorf("of an alert that was just made %d are new", got.New)
	}
	before := map[int64]bool{}
	for _, id := range want {
		before[id] = true
	}
	p.more(300, 9)
	b, _ = p.bundle("all")
	plan, err := d.PlanBundle(ctx, b)
	if err != nil || plan.Count != 700 {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	var staff string
	for x := range demo.Postings(demo.Options{Seed: 9, N: 300, Today: posting.DayOf(noon)}) {
		if staff == "" && slices.Contains(asks.Titles, x.NOC) {
			staff = x.Employer
		}
	}
	if err := d.Device.Hide(ctx, cache.Hidden{Employer: staff}, noon); err != nil {
		t.Fatal(err)
	}
	notices = nil
	load(t, d, b, p.print)
	next := finds(t, d, asks, func(c posting.Card) bool { return !before[c.ID] && c.Employer != staff })
	whole := finds(t, d, asks, func(c posting.Card) bool { return !before[c.ID] })
	if len(next) == 0 || len(next) == len(whole) {
		t.Fatalf("%d are new, %d with the hidden employer: nothing is tested", len(next), len(whole))
	}
	for _, id := range []string{one, three} {
		if got := told(digest(t, d, id)); !slices.Equal(got, next) {
			t.Errorf("then %v are new, want %v", got, next)
		}
	}
	if len(notices) != 1 || notices[0] < len(next) {
		t.Errorf("notices %v", notices)
	}
	notices = nil
	if err := d.Alerts.Look(ctx); err != nil || len(notices) > 0 || alert(t, d, one).New != len(next) || alert(t, d, one).Found != 0 {
		t.Errorf("looked again: %v, notices %v, %+v", err, notices, alert(t, d, one))
	}
	// What is hidden afterwards is new no longer.
	card, err := d.Catalogue.Cards(ctx, next[:1])
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Device.Hide(ctx, cache.Hidden{Posting: card[0].ID, Number: card[0].Number}, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.Alerts.Look(ctx); err != nil || alert(t, d, one).New != len(next)-1 {
		t.Errorf("one hidden: %d new, %v; want %d", alert(t, d, one).New, err, len(next)-1)
	}
}

// While an alert is written over, what was found is read, and more comes: what was read is
// new no longer, and of what came nothing is lost.
//
// Rows: A-042
func TestAlertWrittenMeanwhile(t *testing.T) {
	var meanwhile func()
	calls := 0
	d, err := desk.Open(t.Context(), desk.Options{Dir: t.TempDir(), Now: func() time.Time {
		if calls++; calls > 1 && meanwhile != nil { // once the alert was read
			do := meanwhile
			meanwhile = nil
			do()
		}
		return noon.Add(time.Hour)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	p, ctx := newPublisher(t, 1, 400), t.Context()
	a := state.Alert{Lang: i18n.French, Titles: []string{"63200", "72106", "65200"}}
	a.ID = put(t, d, a)
	b, _ := p.bundle("all")
	load(t, d, b, p.print)
	write := func(f func()) {
		t.Helper()
		calls, meanwhile = 0, f
		if id := put(t, d, a); id != a.ID || meanwhile != nil {
			t.Fatalf("written over %s as %s; nothing came in between: %t", a.ID, id, meanwhile != nil)
		}
	}
	p.more(300, 9)
	b, _ = p.bundle("all")
	a.Titles = []string{"72106", "65200", "31301"}
	write(func() { load(t, d, b, p.print) })
	if err := d.Alerts.Look(ctx); err != nil {
		t.Fatal(err)
	}
	// Of what was new the first time 31301 was not asked for, and 63200 is not any more.
	want := finds(t, d, a.Query(), func(c posting.Card) bool { return c.NOC != "31301" || c.ID > 10_000 })
	if got := told(digest(t, d, a.ID)); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("of what came %v are new, want %v", got, want)
	}
	// What is saved last stands, though it was removed meanwhile.
	a.Titles = a.Titles[:2]
	write(func() {
		if _, err := d.Alerts.Remove(ctx, a.ID); err != nil {
			t.Error(err)
		}
	})
	read := digest(t, d, a.ID)
	a.Titles = a.Titles[:1]
	write(func() {
		if err := d.Alerts.Read(ctx, read); err != nil {
			t.Error(err)
		}
	})
	if got := alert(t, d, a.ID); len(told(read)) == 0 || got.New != 0 || len(got.Titles) != 1 {
		t.Errorf("%d were read meanwhile, and %d are new", len(told(read)), got.New)
	}
}

// The count of a form is that of the reference query, whatever is combined.
//
// Rows: A-042
func TestAlertCount(t *testing.T) {
	d, p := open(t), newPublisher(t, 2, 500)
	b, _ := p.bundle("all")
	load(t, d, b, p.print)
	for _, a := range []query.Alert{
		{}, {Titles: []string{"63200", "65200"}}, {Places: []string{"QC"}}, {Places: []string{"Montréal, QC", "ON"}}, {Places: []string{"CA"}},
		{Keywords: []string{"cuisinier"}, Lang: i18n.French}, {Keywords: []string{"cuisinier", "infirmière", "travail"}, Lang: i18n.French},
		{Keywords: []string{"cook", "nurse"}, Places: []string{"QC", "ON"}, Lang: i18n.English},
		{Titles: []string{"63200"}, Keywords: []string{"team"}, Places: []string{"QC"}, Lang: i18n.English},
		{Keywords: []string{"-cook", "work shift"}, Lang: i18n.English}, {Keywords: []string{"#100000007", "1"}, Lang: i18n.English},
	} {
		want := len(finds(t, d, a, nil))
		got, err := d.Alerts.Count(context.Background(), a)
		if err != nil || got != want {
			t.Errorf("Count(%+v): %d, %v; want %d", a, got, err, want)
		}
	}
}

// made publishes postings of an occupation in a province, with rows from a number on.
func (p *publisher) made(from int64, n int, noc, province, city string) (ids []int64) {
	for id := from; id < from+int64(n); id++ {
		x := simtest.Posting(id, province, posting.DayOf(noon), 30)
		x.NOC, x.Place.City = noc, city
		p.rows.Put(x)
		ids = append(ids, id)
	}
	return ids
}

// A digest suggests what is new, related to what was found, and says why; never what an
// alert found, never twice, never hidden, and nothing where nothing was found.
//
// Rows
func TestAlertSuggestions(t *testing.T) {
	d, p, ctx := open(t), newPublisher(t, 3, 0), t.Context()
	p.made(1, 20, "63202", "QC", "Matane") // all seen when the alert is made
	p.publish(noon)
	b, _ := p.bundle("all")
	load(t, d, b, p.print)
	id := put(t, d, state.Alert{Lang: i18n.French, Titles: []string{"63202"}, Places: []string{"Rimouski, QC"}})
	next := func() state.Digest {
		t.Helper()
		p.publish(noon)
		b, _ := p.bundle("all")
		load(t, d, b, p.print)
		return digest(t, d, id)
	}
	near := p.made(101, 2, "63200", "QC", "Rimouski")
	p.made(103, 2, "63200", "QC", "Matane")
	p.made(105, 2, "72106", "QC", "Rimouski")
	if got := next(); len(got.News)+len(got.Also) > 0 {
		t.Errorf("nothing matches, and the digest has %+v", got)
	}
	own := p.made(201, 2, "63202", "QC", "Rimouski")
	same := p.made(203, 2, "63202", "QC", "Matane")
	p.made(205, 2, "63202", "ON", "Ottawa")
	if err := d.Device.Hide(ctx, cache.Hidden{Posting: near[0], Number: 10_000_000 + near[0]}, noon); err != nil {
		t.Fatal(err)
	}
	got := next()
	if !slices.Equal(told(got), own) {
		t.Errorf("section 1 has %v, want %v", told(got), own)
	}
	want := map[int64]bool{same[0]: true, same[1]: true, near[1]: false}
	for _, x := range got.Also {
		if why, is := want[x.Card.ID]; !is || x.Same != why || x.NOC != "63202" {
			t.Errorf("suggested: row %d, %+v; want %v", x.Card.ID, x, want)
		}
		delete(want, x.Card.ID)
	}
	if len(want) > 0 {
		t.Errorf("not suggested: %v of %+v", want, got.Also)
	}
	if err := d.Alerts.Read(ctx, got); err != nil {
		t.Fatal(err)
	}
	last := p.made(301, 1, "63202", "QC", "Rimouski")
	if got = next(); !slices.Equal(told(got), last) || len(got.Also) > 0 {
		t.Errorf("afterwards %v are new, suggested %+v; want %v and nothing twice", told(got), got.Also, last)
	}
}

// What a desk sees for the first time is new to it, however low its number: a scope that
// widens brings the other provinces, and tells nothing of the first one again.
//
// Rows: A-042
func TestAlertScope(t *testing.T) {
	d, p, ctx := open(t), newPublisher(t, 4, 0), t.Context()
	qc := p.made(11, 3, "63202", "QC", "Matane")
	p.made(1, 3, "63202", "ON", "Ottawa")
	p.publish(noon)
	if err := d.Device.SetSetting(ctx, cache.Scope, "qc"); err != nil {
		t.Fatal(err)
	}
	id := put(t, d, state.Alert{Lang: i18n.French, Titles: []string{"63202"}})
	bring := func(scope string) []int64 {
		t.Helper()
		if err := d.Device.SetSetting(ctx, cache.Scope, scope); err != nil {
			t.Fatal(err)
		}
		b, _ := p.bundle(scope)
		load(t, d, b, p.print)
		got := digest(t, d, id)
		if err := d.Alerts.Read(ctx, got); err != nil {
			t.Fatal(err)
		}
		return told(got)
	}
	if got := bring("qc"); !slices.Equal(got, qc) {
		t.Errorf("of Quebec: %v, want %v", got, qc)
	}
	if got := bring("all"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("then of Canada: %v, want those of Ontario", got)
	}
	if got := bring("qc"); len(got) > 0 {
		t.Errorf("back in Quebec: %v", got)
	}
	late := p.made(21, 1, "63202", "QC", "Matane")
	p.publish(noon)
	if got := bring("all"); !slices.Equal(got, late) {
		t.Errorf("at last: %v, want %v", got, late)
	}
}

// The alerts of one person are nobody else's: not while they are locked, nor after they have
// left. What came meanwhile is found when they are back, and told then.
//
// Rows
func TestAlertsApart(t *testing.T) {
	h, p := newHall(t), newPublisher(t, 5, 0)
	d, ctx := h.desk(false), t.Context()
	var notices []int
	d.Alerts.OnNotice(func(n int) { notices = append(notices, n) })
	p.made(1, 1, "63202", "QC", "Matane")
	p.publish(noon)
	b, _ := p.bundle("all")
	load(t, d.Desk, b, p.print)
	d.register("ada@exemple.ca")
	put(t, d.Desk, state.Alert{Name: "motcuisine", Lang: i18n.French, Titles: []string{"63202"}})
	if found := grep(t, d.Dir, "motcuisine"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	d.must(d.Accounts.Protect(ctx, "une phrase de passe"))
	d.Accounts.Lock()
	p.made(101, 2, "63202", "QC", "Matane")
	p.publish(noon)
	b, _ = p.bundle("all")
	load(t, d.Desk, b, p.print)
	if _, err := d.Alerts.List(ctx); !errors.Is(err, session.ErrLocked) || len(notices) > 0 {
		t.Errorf("locked: %v, notices %v", err, notices)
	}
	d.must(d.Accounts.Unlock(ctx, d.who(), "une phrase de passe"))
	d.must(d.Alerts.Look(ctx))
	all, err := d.Alerts.List(ctx)
	if err != nil || len(all) != 1 || all[0].New != 2 || !slices.Equal(notices, []int{2}) {
		t.Errorf("back: %+v, %v, notices %v", all, err, notices)
	}
	d.must(d.Accounts.SignOut(ctx, false))
	if all, err := d.Alerts.List(ctx); err != nil || len(all) > 0 {
		t.Errorf("nobody is here: %+v, %v", all, err)
	}
	d.register("bela@exemple.ca")
	if all, err := d.Alerts.List(ctx); err != nil || len(all) > 0 {
		t.Errorf("the next person sees %+v, %v", all, err)
	}
	if got := digest(t, d.Desk, ""); got.Count() > 0 {
		t.Errorf("the next person is told of %+v", got)
	}
}

// By e-mail, an alert of somebody who signed in is a record of their account: it waits
// without a network, their other computer has it, what both change is merged, and each
// finds what is new by itself. Its end is taken back as long as nobody has heard of it.
//
// Rows
func TestAlertOfAccount(t *testing.T) {
	h, p := newHall(t), newPublisher(t, 6, 0)
	d, ctx := h.desk(true), t.Context()
	d.must(d.Device.SetSetting(ctx, cache.AutoSync, "off")) // nothing leaves until it is asked for
	d.register("ada@exemple.ca")
	_, bad, err := d.Alerts.Put(ctx, state.Alert{Lang: i18n.French, Email: "ada", Keywords: []string{"pain"}})
	if err != nil || len(bad) != 1 || bad[0].Field != "email" {
		t.Errorf("an address that is none: %v, %v", bad, err)
	}
	id := put(t, d.Desk, state.Alert{Lang: i18n.French, Email: "ada@exemple.ca", Titles: []string{"63202"}, Places: []string{"Matane, QC"}})
	if a := alert(t, d.Desk, id); a.Kind != state.AlertRecord || a.State != state.AlertQueued || !a.Facts || !a.Checked.IsZero() {
		t.Errorf("not sent yet: %+v", a)
	}
	d.sync()
	if a := alert(t, d.Desk, id); a.State != state.AlertPending || a.Email != "ada@exemple.ca" {
		t.Errorf("sent: %+v", a)
	}
	other := h.desk(true)
	other.must(other.Device.SetSetting(ctx, cache.AutoSync, "off"))
	other.signIn("ada@exemple.ca")
	other.sync()
	for x, place := range map[*seated]string{&d: "Rimouski, QC", &other: "Moncton, NB"} {
		a := alert(t, x.Desk, id)
		a.Places = append(a.Places, place)
		if again := put(t, x.Desk, a); again != id {
			t.Errorf("changed, it is %s, want %s", again, id)
		}
	}
	d.sync()
	other.sync()
	d.sync()
	for _, x := range []seated{d, other} {
		a := alert(t, x.Desk, id)
		if slices.Sort(a.Places); !slices.Equal(a.Places, []string{"Matane, QC", "Moncton, NB", "Rimouski, QC"}) {
			t.Errorf("after both changed it: %v", a.Places)
		}
	}
	other.must(other.Alerts.Look(ctx)) // it has seen what is there: nothing
	p.made(1, 3, "63202", "QC", "Matane")
	p.publish(noon)
	b, _ := p.bundle("all")
	for _, x := range []seated{d, other} {
		load(t, x.Desk, b, p.print)
		if got := digest(t, x.Desk, ""); got.Count() != 3 {
			t.Errorf("each computer finds %d, want 3", got.Count())
		}
	}
	undo, err := d.Alerts.Remove(ctx, id)
	d.must(err)
	if all, err := d.Alerts.List(ctx); err != nil || len(all) > 0 {
		t.Errorf("removed: %+v, %v", all, err)
	}
	d.must(undo(ctx))
	if a := alert(t, d.Desk, id); a.New != 3 || a.State != state.AlertPending {
		t.Errorf("taken back: %+v", a)
	}
	undo, err = d.Alerts.Remove(ctx, id)
	d.must(err)
	d.sync()
	d.must(undo(ctx))
	all, err := d.Alerts.List(ctx)
	if err != nil || len(all) != 1 || all[0].ID == id || all[0].State != state.AlertQueued || all[0].New != 3 || len(all[0].Places) != 3 {
		t.Errorf("taken back after the server heard of it: %+v, %v; want another one that is asked for anew", all, err)
	}
}

// On a shared desk a visitor's alerts go with them, and what they asked for by e-mail leaves
// all the same: the next visitor sees neither, and no address of the one before.
//
// Rows
func TestAlertsOfVisitors(t *testing.T) {
	d, ctx := open(t), t.Context()
	if err := d.Device.SetSetting(ctx, cache.Shared, "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Accounts.Personal(ctx, ""); err != nil {
		t.Fatal(err)
	}
	put(t, d, state.Alert{Lang: i18n.French, Keywords: []string{"motici"}})
	asked := put(t, d, state.Alert{Lang: i18n.French, Keywords: []string{"motcourriel"}, Email: "anyone@exemple.ca"})
	if a := alert(t, d, asked); a.State != state.AlertQueued || a.Kind != state.AlertRequest {
		t.Errorf("asked for: %+v", a)
	}
	next, err := d.Accounts.Personal(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Alerts.List(ctx)
	items, ierr := next.Items(ctx, "")
	waiting, werr := d.Device.Waiting(ctx)
	if err != nil || ierr != nil || werr != nil || len(all)+len(items) > 0 || len(waiting) != 1 {
		t.Errorf("the next visitor sees %+v, %+v; %d wait; %v %v %v", all, items, len(waiting), err, ierr, werr)
	}
}

// Whoever comes back to the desk is told then of what came meanwhile, without having asked.
//
// Rows: A-042
func TestAlertsRun(t *testing.T) {
	h, p := newHall(t), newPublisher(t, 7, 0)
	d, ctx := h.desk(false), t.Context()
	run, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	told := make(chan int, 8)
	d.Alerts.OnNotice(func(n int) { told <- n })
	d.register("ada@exemple.ca")
	d.must(d.Accounts.Protect(ctx, "une phrase de passe"))
	put(t, d.Desk, state.Alert{Lang: i18n.French, Titles: []string{"63202"}})
	go func() { done <- d.Alerts.Run(run) }()
	who := d.who()
	d.Accounts.Lock()
	p.made(1, 2, "63202", "QC", "Matane")
	p.publish(noon)
	b, _ := p.bundle("all")
	load(t, d.Desk, b, p.print)
	if len(told) > 0 {
		t.Errorf("locked, somebody is told of %d", <-told)
	}
	d.must(d.Accounts.Unlock(ctx, who, "une phrase de passe"))
	select {
	case n := <-told:
		if n != 2 {
			t.Errorf("told of %d, want 2", n)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing is told")
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}
