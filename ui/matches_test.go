package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// suits finds what suits among the postings of the tests.
type suits struct{ asked int }

func (s *suits) Best(ctx context.Context, p *match.Profile, who match.Standing, hide *query.Hide, tell func(int, int)) ([]match.Found, int, error) {
	store, err := library()
	if err != nil {
		return nil, 0, err
	}
	s.asked++
	tell(100, 400)
	var pool match.Pool
	if err := store.Each(ctx, noon, func(x posting.Posting) error { pool.Add(x); return nil }); err != nil {
		return nil, 0, err
	}
	return p.Best(ctx, &pool, who, noon, hide.Has)
}

// cook is a profile that suits some of the postings of the tests.
const cook = `"places":["CA"],"workplaces":["s"],"experience":{"63200":"6","65201":"6","64100":"6","14101":"5"},
	"skills":["ps:prepare-and-cook-full-dishes","ps:wash-dishes-and-pots"],"education":["3"],"credentials":["ps:safe-food-handling"]`

// matched opens a window at which somebody sits whose profile is doc, on the matches.
func matched(t *testing.T, o setup, doc string) (*bench, *replicatest.Records) {
	t.Helper()
	o.matching, o.mine = &suits{}, openCabinet(t)
	b, r := profiled(t, o)
	if doc != "" {
		if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: doc}); err != nil {
			t.Fatal(err)
		}
	}
	b.Go("matches")
	b.hand.settle()
	return b, r
}

func activeCook(mode string) string {
	return `{` + cook + `,"mode":"` + mode + `","state":"active","version":2,"active":{` + cook + `,"mode":"` + mode + `"}}`
}

// TestMatchesByKeys reads the matches, the best first, with why each one is there, by keys
// alone; changes the way, refuses one and takes that back, refuses it for good; and nothing
// of another site is among them.
//
// Rows
func TestMatchesByKeys(t *testing.T) {
	b, r := matched(t, setup{height: 2400, width: 1280}, activeCook("default"))
	w, m := i18n.For(i18n.French), b.s.Matches
	if m.Count() < 3 {
		t.Fatalf("%d postings suit: %q", m.Count(), b.Sight().Texts)
	}
	b.shoot(t, "matches-fr")
	inDefault, strict := m.Counts()
	if inDefault != m.Count() || strict > inDefault || strict == 0 {
		t.Errorf("%d in the default way, %d in the strict one, %d shown", inDefault, strict, m.Count())
	}
	last := 101
	for i := range m.Count() {
		m.Row(i) // asks for it
		b.hand.settle()
		if l := m.Row(i); !l.Ready || l.Percent > last || l.Stars < 3 || l.Lacks == "" {
			t.Errorf("line %d is %+v after one of %d %%", i, l, last)
		}
		last = m.Row(i).Percent
	}
	if _, ok := b.Canvas().Focused().(*part.List); !ok {
		t.Fatalf("the keyboard is on %q", b.Sight().Focus)
	}
	if m.Why == nil || m.Why.Card.ID != m.Row(0).ID || m.Why.Bar != "" {
		t.Fatalf("beside the list is %+v", m.Why)
	}
	sum := 0
	for _, p := range m.Why.Says.Parts {
		sum += p.Points
	}
	if sum != m.Row(0).Percent || !b.sees(w.S(i18n.MatchesWhyPercent, "N", sum)) || !b.sees(w.S(i18n.MatchPoints, "Points", sum, "Of", 100)) {
		t.Errorf("parts make %d of %d: %q", sum, m.Row(0).Percent, b.Sight().Texts)
	}
	b.key(fyne.KeyDown)
	second := m.Row(1)
	if m.At != 1 || m.Why == nil || m.Why.Card.ID != second.ID || !b.sees(second.Title) {
		t.Errorf("Down leads to %d, %+v", m.At, m.Why)
	}

	b.key(fyne.KeyDelete) // the timer of the test is due at once: so it is asked without settling
	if k := kinds(t, r, "match"); len(k) != 1 || k[0] != "refused" {
		t.Errorf("once the moment has passed it is %q", k)
	}
	if m.Count() != inDefault-1 || m.Row(1).ID == second.ID {
		t.Errorf("refused, %d are shown", m.Count())
	}
	if d, _ := m.Counts(); d != inDefault-1 {
		t.Errorf("refused, %d are counted", d)
	}
	b.press(t, w.S(i18n.MatchesRefusedN, "N", "1"))
	if !b.sees(w.S(i18n.MatchesRefusedWaits)) || !b.sees(second.Title) {
		t.Errorf("refused ones: %q", b.Sight().Texts)
	}
	b.shoot(t, "matches-refused-fr")
	b.press(t, w.S(i18n.MatchesTakeBackOf, "Title", second.Title))
	if k := kinds(t, r, "match"); len(k) != 0 || m.Count() != inDefault {
		t.Errorf("taken back, %q is kept and %d are shown", k, m.Count())
	}
	if b.Canvas().Focused() == nil {
		t.Error("the keyboard is nowhere")
	}

	b.press(t, w.S(i18n.ProfileMode)+", "+w.S(i18n.MatchesMode)+w.S(i18n.MatchesDefaultN, "N", inDefault))
	b.key(fyne.KeyDown, fyne.KeyReturn)
	if m.Mode() != match.Strict || m.Count() != strict || !strings.Contains(kept(t, r), `"mode":"strict"`) || !strings.Contains(kept(t, r), `"version":3`) {
		t.Errorf("in %s mode %d are shown, want %d; %s", m.Mode(), m.Count(), strict, kept(t, r))
	}
	if !b.sees(w.S(i18n.MatchesModeStrict)) {
		t.Errorf("the way is not said: %q", b.Sight().Texts)
	}
	b.shoot(t, "matches-strict-fr")
}

// kinds are the states of the records of a kind.
func kinds(t *testing.T, r *replicatest.Records, kind string) (all []string) {
	t.Helper()
	list, err := r.List(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := record.Find(kind)
	for _, x := range list {
		all = append(all, k.State(x.Doc))
	}
	slices.Sort(all)
	return all
}

// TestMatchesNotClipped measures the matches and goes round them by Tab, in both languages,
// three themes, at 100 and 200 %, in wide and narrow windows, as they are and with nothing.
//
// Rows
func TestMatchesNotClipped(t *testing.T) {
	changed := `{` + cook + `,"mode":"strict","express":true,"state":"active","version":2,"active":{` + cook + `,"mode":"default"}}`
	for i, o := range []setup{{lang: i18n.English}, {percent: 200}, {lang: i18n.English, percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {mode: look.Dark, width: 900, height: 700}} {
		for _, doc := range []string{changed, activeCook("strict"), "", `{"places":["NU"],"experience":{"10010":"3"},"mode":"default"}`} {
			b, _ := matched(t, o, doc)
			m := b.s.Matches
			for _, p := range []state.MatchPane{state.MatchWhy, state.MatchGaps, state.MatchRefused} {
				m.Open(p)
				b.hand.settle()
				where := fmt.Sprint("matches ", p, " ", len(doc))
				b.unclipped(t, o, where)
				b.shoot(t, fmt.Sprintf("matches-look-%d-%s-%d", i, p, len(doc)))
				b.round(t, where)
				if p == state.MatchWhy && m.Count() > 0 && b.Width() < 800 {
					b.key(fyne.KeyReturn)
					b.unclipped(t, o, where)
					b.shoot(t, fmt.Sprintf("matches-look-%d-open-%d", i, len(doc)))
					b.round(t, where)
				}
			}
		}
	}
}

// TestMeets: on the page of a posting stands how one meets it, also where it cannot be matched,
// with the reason; what one has is written into the profile from there, and counts in the
// preview alone until it is activated.
//
// Rows
func TestMeets(t *testing.T) {
	b, r := matched(t, setup{height: 3000, width: 1280}, activeCook("default"))
	w, m := i18n.For(i18n.French), b.s.Matches
	id := m.Row(0).ID
	b.key(fyne.KeyReturn)
	b.press(t, w.S(i18n.MatchesRead))
	if v := b.Sight(); v.Route != "search" || m.Here == nil || m.Here.Card.ID != id || !b.sees(w.S(i18n.MatchesHere)) || !b.sees(state.Starred(w, m.Here.Says.Percent, m.Here.Says.Stars)) {
		t.Fatalf("on %s: %+v, %q", v.Route, m.Here, v.Texts)
	}
	b.shoot(t, "matches-posting-fr")
	var want *state.MeetingLine
	for _, l := range m.Lines(m.Here) {
		if l.Add != nil && l.Add.Kind == match.Skill {
			want = &l
		}
	}
	if want == nil {
		t.Fatal("nothing would raise it")
	}
	was := m.Here.Says.Percent
	b.press(t, w.S(i18n.MatchesHaveOf, "What", want.Text))
	if !strings.Contains(kept(t, r), want.Add.IDs[0]) || m.Here.Says.Percent != was {
		t.Errorf("added: %d %% after %d; %s", m.Here.Says.Percent, was, kept(t, r))
	}
	b.Go("matches")
	b.hand.settle()
	if m.Row(0).Percent != was || m.Preview() != "" || !b.sees(w.N(i18n.ProfilePending, 1)) {
		t.Errorf("not activated, it is %d %%, %q", m.Row(0).Percent, m.Preview())
	}
	b.press(t, w.S(i18n.MatchesTryOn))
	at := 0
	for m.Row(at).ID != id {
		at++
	}
	if m.Row(at).Percent <= was || m.Preview() != w.S(i18n.MatchesTry) || !b.sees(w.S(i18n.MatchesTry)) {
		t.Errorf("as a preview it is %d %% after %d, %q", m.Row(at).Percent, was, m.Preview())
	}
	b.shoot(t, "matches-try-fr")
	b.press(t, w.S(i18n.ProfileActivateChanges))
	if m.Try || m.Preview() != w.S(i18n.MatchesComing) {
		t.Errorf("activated, it is %v, %q", m.Try, m.Preview())
	}

	x := b.external(t)
	b.Read(x.ID)
	b.hand.settle()
	if !b.sees(state.Barred(w, match.Elsewhere)) || m.Here == nil || m.Here.Bar != match.Elsewhere {
		t.Errorf("of another site: %+v, %q", m.Here, b.Sight().Texts)
	}
}

// TestMatchesInvited: a match whose employer has invited says so in the list and beside it,
// leads to the invitation, and is refused only after a question, for good.
//
// Rows
func TestMatchesInvited(t *testing.T) {
	b, r := matched(t, setup{lang: i18n.English}, activeCook("default"))
	w, m := i18n.For(i18n.English), b.s.Matches
	x := m.Why.Card
	if err := r.Synced(t.Context(), "match", own.Partition, "bank", map[string]string{
		record.MatchOf("acct-1", x.Number): fmt.Sprintf(`{"number":%d,"posting":"%d","title_en":"Clerk","state":"invited","code":"K7P4-2QXM"}`, x.Number, x.ID)}); err != nil {
		t.Fatal(err)
	}
	b.Go("search")
	b.Go("matches")
	b.hand.settle()
	if l := m.Row(0); l.Invited == "" || !b.sees(l.Invited) || !b.sees(w.S(i18n.MatchesInvited)) {
		t.Errorf("invited: %+v, %q", l, b.Sight().Texts)
	}
	b.shoot(t, "matches-invited-en")
	all := m.Count()
	b.key(fyne.KeyDelete)
	if v := b.Sight(); !v.Dialog || v.Focus != w.S(i18n.Cancel) || m.Count() != all {
		t.Fatalf("nothing is asked: the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeyReturn)
	if k := kinds(t, r, "match"); m.Count() != all || k[0] != "invited" {
		t.Errorf("kept, %d of %d are shown, %q", m.Count(), all, k)
	}
	b.key(fyne.KeyDelete)
	b.press(t, w.S(i18n.MatchesRefuseSure))
	if k := kinds(t, r, "match"); m.Count() != all-1 || k[0] != "refused" {
		t.Errorf("refused, %d of %d are shown, %q", m.Count(), all, k)
	}
	if b.Canvas().Focused() == nil {
		t.Error("the keyboard is nowhere")
	}
}
