package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/intake/demo"
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
