package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
	"passerelle/ui/look"
)

// applicable is a demonstration posting that has a way to apply by e-mail.
func applicable(t *testing.T) posting.Posting {
	t.Helper()
	store, err := library()
	if err != nil {
		t.Fatal(err)
	}
	found, err := store.Search(t.Context(), query.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range found.IDs {
		p, err := store.Posting(t.Context(), id, noon)
		if err == nil && !p.Ended(noon) && slices.ContainsFunc(p.Apply, func(m posting.Method) bool { return m.Kind == posting.ApplyEmail }) {
			return p
		}
	}
	t.Fatal("no posting has a way to apply by e-mail")
	return posting.Posting{}
}

// between is what the server tells of an account and a posting.
func between(p posting.Posting, more string) map[string]string {
	return map[string]string{record.MatchOf("acct-1", p.Number): fmt.Sprintf(`{"number":%d,"posting":"%d","title_fr":"Soudeur, soudeuse","title_en":"Welder","employer":"Atelier Exemple",
		"percent":82,"stars":4,"version":2,"code":"K7P4-2QXM","sent":"2026-11-20T18:00:00Z","until":"2026-12-23T08:00:00Z",%s}`, p.Number, p.ID, more)}
}

func stateOf(t *testing.T, r *replicatest.Records, p posting.Posting) string {
	t.Helper()
	x, err := r.Get(t.Context(), cache.Ref{Partition: own.Partition, Kind: "match", Record: record.MatchOf("acct-1", p.Number)})
	if err != nil {
		t.Fatal(err)
	}
	return string(x.Doc["state"])
}

// TestInvitation: an invitation comes with a sync, is counted in the rail and told on the
// dashboard; read by keys it gives the code to quote, and the ways to apply of its posting give
// it, too, as the subject of a letter does; nothing of the person is in what leaves.
//
// Rows
func TestInvitation(t *testing.T) {
	p := applicable(t)
	b, r := profiled(t, setup{height: 1300})
	w := i18n.For(i18n.French)
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.BoardInvitationsNone)) || b.frame.items["invitations"] != nil {
		t.Errorf("without an invitation: %q", b.Sight().Texts)
	}
	if err := r.Synced(t.Context(), "match", own.Partition, "", between(p, `"state":"invited"`)); err != nil {
		t.Fatal(err)
	}
	r.Steady.Last = noon
	b.s.PrivateMoved()
	b.hand.settle()
	if !b.sees(w.N(i18n.InvitationCount, 1)) || b.frame.items["invitations"] == nil || b.s.Invitations.New() != 1 {
		t.Errorf("an invitation came: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-invited-fr")
	b.press(t, w.S(i18n.BoardInvitationsOpen))
	if at := b.Here().Screen; at != "invitations" {
		t.Fatalf("the dashboard leads to %s", at)
	}
	if v := b.Sight(); v.Focus != w.S(i18n.InvitationReadOf, "Title", "Soudeur, soudeuse") || !b.sees(w.S(i18n.InvitationHidden)) || b.holds("K7P4-2QXM") {
		t.Errorf("the keyboard is on %q: %q", v.Focus, v.Texts)
	}
	b.shoot(t, "invitations-fr")
	if got := stateOf(t, r, p); got != `"invited"` {
		t.Errorf("not read yet, and it is %s", got)
	}
	b.key(fyne.KeyReturn)
	if got := stateOf(t, r, p); got != `"viewed"` || !b.sees("K7P4-2QXM") || !b.sees(w.S(i18n.InvitationHow)) {
		t.Errorf("read, it is %s: %q", got, b.Sight().Texts)
	}
	b.shoot(t, "invitation-open-fr")
	b.press(t, w.S(i18n.InvitationCopy, "Code", "K7P4-2QXM"))
	if b.copied != "K7P4-2QXM" {
		t.Errorf("copied %q", b.copied)
	}
	b.press(t, w.S(i18n.PostingHowto)+", Soudeur, soudeuse")
	if v := b.Sight(); !v.Dialog || !b.sees(w.S(i18n.InvitationApply, "Code", "K7P4-2QXM")) {
		t.Errorf("the ways to apply say %q", v.Texts)
	}
	b.shoot(t, "invitation-apply-fr")
	if got := b.s.Subject(p); !strings.HasSuffix(got, "K7P4-2QXM") {
		t.Errorf("the subject is %q", got)
	}
	b.closeAll()
	b.press(t, w.S(i18n.InvitationAnswer)+", Soudeur, soudeuse")
	if got := stateOf(t, r, p); got != `"answered"` || !b.sees(w.S(i18n.InvitationApplied)) || b.s.Invitations.Code(p.Number) == "" {
		t.Errorf("applied: %s, %q", got, b.Sight().Texts)
	}
	b.shoot(t, "invitation-applied-fr")
	b.press(t, w.S(i18n.InvitationUndo)+", "+w.S(i18n.InvitationApplied))
	if got := stateOf(t, r, p); got != `"viewed"` || b.Canvas().Focused() == nil {
		t.Errorf("taken back, it is %s", got)
	}
	waits, err := r.Outbox(t.Context())
	if err != nil || len(waits) != 1 || waits[0].Command != "view" || len(waits[0].Patch) > 0 {
		t.Errorf("what leaves is %+v (%v), want the command alone", waits, err)
	}
}

// TestInvitationRefused: the person declines one, or refuses the match for good once they said
// they mean it; what the employer withdrew, what ended meanwhile and what either refused says
// so and offers nothing that the server would not take.
//
// Rows
func TestInvitationRefused(t *testing.T) {
	p := applicable(t)
	w := i18n.For(i18n.English)
	begin := func(more string) (*bench, *replicatest.Records) {
		b, r := profiled(t, setup{height: 1300, lang: i18n.English})
		if err := r.Synced(t.Context(), "match", own.Partition, "", between(p, more)); err != nil {
			t.Fatal(err)
		}
		b.Go("invitations")
		b.hand.settle()
		b.press(t, w.S(i18n.InvitationReadOf, "Title", "Welder"))
		return b, r
	}
	b, r := begin(`"state":"invited"`)
	b.press(t, w.S(i18n.InvitationDecline)+", Welder")
	if got := stateOf(t, r, p); got != `"declined"` || len(b.s.Invitations.Waiting()) != 0 || b.s.Invitations.Code(p.Number) != "" {
		t.Errorf("declined: %s, %d wait", got, len(b.s.Invitations.Waiting()))
	}
	b, r = begin(`"state":"viewed"`)
	b.press(t, w.S(i18n.InvitationRefuse)+", Welder")
	if got := stateOf(t, r, p); got != `"viewed"` || !b.Sight().Dialog || b.Sight().Focus != w.S(i18n.Cancel) {
		t.Errorf("it is not asked: %s", got)
	}
	b.shoot(t, "invitation-refuse-en")
	b.press(t, w.S(i18n.InvitationRefuse))
	if got := stateOf(t, r, p); got != `"refused"` || b.Sight().Dialog || !b.sees(w.S(i18n.InvitationWhyRefused)) {
		t.Errorf("refused: %s, %q", got, b.Sight().Texts)
	}
	for more, want := range map[string][2]i18n.Key{
		`"state":"withdrawn"`:                                 {i18n.InvitationStateWithdrawn, i18n.InvitationWhyWithdrawn},
		`"state":"expired"`:                                   {i18n.InvitationStateExpired, i18n.InvitationWhyExpired},
		`"state":"viewed","until":"2026-11-22T08:00:00Z"`:     {i18n.InvitationStateExpired, i18n.InvitationWhyExpired},
		`"state":"refused","by":"employer"`:                   {i18n.InvitationStateRejected, i18n.InvitationWhyRefused},
		`"state":"invited","until":"2026-11-22T08:00:00.01Z"`: {i18n.InvitationStateExpired, i18n.InvitationWhyExpired},
	} {
		b, r := begin(more)
		if !b.sees(w.S(want[0])) || !b.sees(w.S(want[1])) || b.s.Invitations.New() != 0 || b.s.Invitations.Code(p.Number) != "" {
			t.Errorf("%s: %q", more, b.Sight().Texts)
		}
		for _, k := range []i18n.Key{i18n.InvitationAnswer, i18n.InvitationDecline, i18n.PostingHowto} {
			if b.sees(w.S(k)) {
				t.Errorf("%s offers %q", more, w.S(k))
			}
		}
		if waits, err := r.Outbox(t.Context()); err != nil || len(waits) > 0 {
			t.Errorf("%s: reading sends %v (%v)", more, waits, err)
		}
	}
	// A posting that was merely refused never was an invitation.
	b, r = profiled(t, setup{lang: i18n.English})
	if err := r.Synced(t.Context(), "match", own.Partition, "", map[string]string{record.MatchOf("acct-1", 5): `{"number":5,"state":"refused","by":"seeker"}`}); err != nil {
		t.Fatal(err)
	}
	b.Go("invitations")
	b.hand.settle()
	if !b.sees(w.S(i18n.InvitationEmpty)) {
		t.Errorf("nothing came: %q", b.Sight().Texts)
	}
	b.shoot(t, "invitations-empty-en")
}

// TestInvitationsNotClipped measures every text of the screen, and goes round it by Tab.
//
// Rows
func TestInvitationsNotClipped(t *testing.T) {
	p := applicable(t)
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		b, r := profiled(t, o)
		all := between(p, `"state":"invited"`)
		for id, doc := range between(posting.Posting{Card: posting.Card{Number: 12345678}}, `"state":"withdrawn"`) {
			all[id] = doc
		}
		if err := r.Synced(t.Context(), "match", own.Partition, "", all); err != nil {
			t.Fatal(err)
		}
		b.Go("invitations")
		b.hand.settle()
		b.s.Invitations.Read(record.MatchOf("acct-1", p.Number))
		b.hand.settle()
		b.unclipped(t, o, "invitations")
		b.shoot(t, fmt.Sprint("invitations-look-", i))
		b.round(t, "invitations")
	}
}
