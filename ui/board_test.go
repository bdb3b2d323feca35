package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/personal"
	"passerelle/store/secret"
	"passerelle/sync/replica"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/state"
)

// cabinet holds the personal file of whoever is at the desk.
type cabinet struct {
	file *personal.File
	err  error
}

func (c *cabinet) File(context.Context, bool) (*personal.File, error) { return c.file, c.err }

func openCabinet(t *testing.T) *cabinet {
	t.Helper()
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	f, err := personal.Open(t.Context(), t.TempDir(), "acct-1", box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &cabinet{file: f}
}

const begunProfile = `{"places":["Rimouski, QC"],"mode":"default","experience":{"72106":"5"},"skills":["ps:prepare-and-cook-full-dishes"],"state":"active","version":2,
	"active":{"places":["Rimouski, QC"],"mode":"default","experience":{"72106":"7"}}}`

// TestBoard: the first line of the rail of whoever has signed in opens the dashboard, where
// stand the profile, what is due, and what waits to leave; changes that are not activated are
// told there and on the overview, and activated from there.
//
// Rows
func TestBoard(t *testing.T) {
	mine := openCabinet(t)
	b, r := profiled(t, setup{height: 1500, mine: mine})
	w := i18n.For(i18n.French)
	write := func(id string, body any) {
		t.Helper()
		var err error
		switch x := body.(type) {
		case personal.Reminder:
			err = personal.Write(t.Context(), mine.file, id, x, noon)
		case personal.Application:
			err = personal.Write(t.Context(), mine.file, id, x, noon)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write("r1", personal.Reminder{Text: "Entrevue à la scierie", At: "2026-11-22T09:00", Zone: "America/Toronto"})
	write("r2", personal.Reminder{Text: "Dans un mois", At: "2026-12-22T09:00", Zone: "America/Toronto"})
	write("r3", personal.Reminder{Text: "Faite", At: "2026-11-20T09:00", Zone: "America/Toronto", Done: true})
	write("a1", personal.Application{State: personal.Applied, Title: "Soudeur", Employer: "Atelier Exemple", Next: "Rappeler", Day: "2026-11-20"})
	write("a2", personal.Application{State: personal.ToApply, Title: "Cuisinier", Day: "2026-11-22"})
	write("a3", personal.Application{State: personal.Refused, Title: "Refusée", Next: "Rien", Day: "2026-11-22"})
	if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: begunProfile}); err != nil {
		t.Fatal(err)
	}
	b.s.Load()
	b.hand.settle()
	b.Canvas().Focus(focusables(b.frame.rail)[0])
	if got := b.Sight().Focus; got != w.S(i18n.NavBoard) {
		t.Fatalf("the rail begins with %q", got)
	}
	b.key(fyne.KeyReturn)
	if at := b.Here().Screen; at != "board" {
		t.Fatalf("it opens %s", at)
	}
	if got := b.Sight().Focus; got != w.S(i18n.ProfileActivateChanges) {
		t.Errorf("the keyboard is on %q", got)
	}
	b.shoot(t, "board-fr")
	for _, want := range []string{w.S(i18n.ProfileChanged), w.N(i18n.ProfilePending, 2), "Entrevue à la scierie", "Rappeler", "Cuisinier",
		w.S(i18n.BoardOutboxEmpty), w.N(i18n.ProfileCompleteSome, 3, "All", 5)} {
		if !b.sees(want) {
			t.Errorf("the dashboard does not say %q: %q", want, b.Sight().Texts)
		}
	}
	if b.holds("Refusée") || b.holds("Faite") || b.holds("Dans un mois") {
		t.Errorf("what is done, over or far is told: %q", b.Sight().Texts)
	}
	lines, _ := b.s.Board.Todo()
	var order []string
	for _, l := range lines {
		order = append(order, fmt.Sprint(l.Text, " ", l.Late))
	}
	if want := []string{"Rappeler true", "Cuisinier false", "Entrevue à la scierie true"}; !slices.Equal(order, want) {
		t.Errorf("to do: %q, want %q", order, want)
	}
	before := kept(t, r)
	b.Go("profile")
	b.hand.settle()
	if !b.sees(w.N(i18n.ProfilePending, 2)) || !b.sees(w.S(i18n.ProfileActivateChanges)) {
		t.Errorf("the overview does not tell of the changes: %q", b.Sight().Texts)
	}
	b.Go("board")
	b.hand.settle()
	if got := kept(t, r); got != before {
		t.Errorf("looking changed the profile from %s to %s", before, got)
	}
	b.press(t, w.S(i18n.ProfileActivateChanges))
	if got := kept(t, r); !strings.Contains(got, `"version":3`) || b.sees(w.N(i18n.ProfilePending, 2)) || !b.sees(w.S(i18n.ProfileComing)) {
		t.Errorf("activated from the dashboard: %s, %q", got, b.Sight().Texts)
	}
	if !b.sees(w.N(i18n.StatusPending, 1)) || b.Canvas().Focused() == nil {
		t.Errorf("what waits is not told: %q", b.Sight().Texts)
	}
}

// TestBoardSections: from the menu at the right of the dashboard, and from the overview, every
// section of the profile is reached by Tab and Enter.
//
// Rows
func TestBoardSections(t *testing.T) {
	for _, l := range i18n.Languages() {
		b, r := profiled(t, setup{height: 1500, lang: l})
		w := i18n.For(l)
		if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: begunProfile}); err != nil {
			t.Fatal(err)
		}
		tabTo := func(from, label string) {
			t.Helper()
			for range 120 {
				if b.Sight().Focus == label {
					b.key(fyne.KeyReturn)
					return
				}
				b.key(fyne.KeyTab)
			}
			t.Fatalf("%s: from %s Tab does not reach %q", l, from, label)
		}
		b.Go("board")
		b.hand.settle()
		for _, x := range b.s.Profile.Sections() {
			b.Go("board")
			b.hand.settle()
			label := x.Label
			if x.Empty {
				label = w.S(i18n.BoardMenuEmpty, "Name", x.Label)
			}
			tabTo("the dashboard", label)
			if b.Here().Screen != "profile" || b.s.Profile.Page != x.Page {
				t.Errorf("%s: %q leads to %s, %s", l, label, b.Here().Screen, b.s.Profile.Page)
			}
			b.s.Profile.Open(state.ProfileOverview)
			b.hand.settle()
			tabTo("the overview", w.S(i18n.ProfileSectionEditOf, "Name", x.Label))
			if b.s.Profile.Page != x.Page {
				t.Errorf("%s: from the overview, %q leads to %s", l, x.Label, b.s.Profile.Page)
			}
		}
	}
}

// TestBoardStandings: what the dashboard says of somebody who has not signed in, who has no
// profile, whose account is suspended, and whose file is locked; the alerts of a suspended
// account go on.
//
// Rows
func TestBoardStandings(t *testing.T) {
	w := i18n.For(i18n.French)
	b := enter(t, newHouse(), setup{height: 1200})
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.BoardGuest)) || !b.sees(w.S(i18n.AcctSignin)) || b.sees(w.S(i18n.ProfileState)) {
		t.Errorf("before one has signed in: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-guest-fr")
	b, _ = profiled(t, setup{height: 1200, mine: &cabinet{err: session.ErrLocked}})
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.ProfileDraft)) || !b.sees(w.S(i18n.BoardProfileBegin)) || !b.sees(w.S(i18n.DataLocked)) {
		t.Errorf("without a profile: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-empty-fr")
	b.press(t, w.S(i18n.BoardProfileBegin))
	if b.Here().Screen != "profile" || b.s.Profile.Page != state.ProfilePlaces {
		t.Errorf("a profile begins at %s, %s", b.Here().Screen, b.s.Profile.Page)
	}

	r, err := replicatest.Open(t.Context(), t.TempDir(), "acct-1", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.File.Close() })
	r.Steady = replica.Steady{}
	if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: begunProfile}); err != nil {
		t.Fatal(err)
	}
	h := newHouse().in(0, session.Local)
	h.st.Person.State = account.Suspended
	b = enter(t, h, setup{height: 1200, private: r})
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.BoardSuspended)) || !b.sees(w.S(i18n.AcctRecover)) || b.sees(w.S(i18n.ProfileActivateChanges)) || b.sees(w.S(i18n.ProfileChangedWhy)) {
		t.Errorf("suspended: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-suspended-fr")

	// The server has put it to rest; while the account is suspended that is said still, and
	// once it is active again the person is asked, on the dashboard and on the overview.
	if err := r.Synced(t.Context(), "profile", own.Partition, "", map[string]string{own.Record: strings.Replace(begunProfile, `"state":"active"`, `"state":"inactive","rested":"2026-11-22T12:00:00Z"`, 1)}); err != nil {
		t.Fatal(err)
	}
	b.Go("search")
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.ProfileSuspended)) || b.sees(w.S(i18n.ProfileRested)) {
		t.Errorf("put to rest: %q", b.Sight().Texts)
	}
	b = enter(t, newHouse().in(0, session.Online), setup{height: 1200, private: r})
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.ProfileRested)) || b.sees(w.S(i18n.BoardSuspended)) {
		t.Errorf("active again: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-rested-fr")
	b.Go("profile")
	b.hand.settle()
	if !b.sees(w.S(i18n.ProfileRested)) {
		t.Errorf("the overview does not ask: %q", b.Sight().Texts)
	}
	b.Go("board")
	b.hand.settle()
	if got := kept(t, r); !strings.Contains(got, `"state":"inactive"`) {
		t.Errorf("nobody was asked, and it is %s", got)
	}
	b.press(t, w.S(i18n.ProfileActivate))
	if got := kept(t, r); !strings.Contains(got, `"state":"active"`) || b.sees(w.S(i18n.ProfileRested)) || !b.sees(w.S(i18n.ProfileComing)) {
		t.Errorf("activated: %s, %q", got, b.Sight().Texts)
	}
}

// TestBoardNews: how many postings suit and whether that is a preview, and what is new for
// the alerts; each opens what it speaks of.
//
// Rows
func TestBoardNews(t *testing.T) {
	w := i18n.For(i18n.French)
	x := &watcher{}
	b, r := profiled(t, setup{height: 1500, matching: &suits{}, alerts: x, mine: openCabinet(t)})
	b.Go("board")
	b.hand.settle()
	if !b.sees(w.S(i18n.BoardAlertsNone)) || !b.sees(w.S(i18n.BoardMatchesBare)) || !b.sees(w.S(i18n.MatchesPreview)) {
		t.Errorf("with nothing yet: %q", b.Sight().Texts)
	}
	if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: activeCook("default")}); err != nil {
		t.Fatal(err)
	}
	x.all = some()
	for i := range x.all {
		x.all[i].New = 2
	}
	r.Steady.Last = noon
	b.s.PrivateMoved()
	b.hand.settle()
	b.Go("search")
	b.Go("board")
	b.hand.settle()
	if n := b.s.Matches.Count(); n == 0 || !b.sees(w.N(i18n.MatchCount, n)) || b.sees(w.S(i18n.MatchesPreview)) {
		t.Errorf("%d match: %q", n, b.Sight().Texts)
	}
	if n := b.s.JobAlerts.News(); n == 0 || !b.sees(w.N(i18n.AlertsReadAll, n)) {
		t.Errorf("%d are new: %q", n, b.Sight().Texts)
	}
	b.shoot(t, "board-full-fr")
	b.press(t, w.N(i18n.AlertsReadAll, b.s.JobAlerts.News()))
	if b.Here().Screen != "alerts" || b.s.JobAlerts.Page != state.AlertDigest {
		t.Errorf("news lead to %s, %s", b.Here().Screen, b.s.JobAlerts.Page)
	}
	b.Go("board")
	b.hand.settle()
	b.press(t, w.S(i18n.BoardMatchesOpen))
	if b.Here().Screen != "matches" {
		t.Errorf("matches lead to %s", b.Here().Screen)
	}
	x.err = context.DeadlineExceeded
	b.Go("board")
	b.hand.settle()
	if !b.sees(b.s.JobAlerts.Fault()) || b.s.JobAlerts.Fault() == "" {
		t.Errorf("alerts cannot be read: %q", b.Sight().Texts)
	}
	b.shoot(t, "board-error-fr")
}

// TestBoardNotClipped measures every text of the dashboard, and goes round it by Tab.
//
// Rows
func TestBoardNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		mine := openCabinet(t)
		if err := personal.Write(t.Context(), mine.file, "a", personal.Application{State: personal.Applied, Title: "Préposée ou préposé aux bénéficiaires en hébergement",
			Employer: "Résidence de l'Estuaire", Next: "Téléphoner à la personne qui embauche", Day: "2026-11-20"}, noon); err != nil {
			t.Fatal(err)
		}
		x := &watcher{all: some()}
		x.all[0].New = 3
		o.mine, o.alerts, o.matching = mine, x, &suits{}
		b, r := profiled(t, o)
		if err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: begunProfile}); err != nil {
			t.Fatal(err)
		}
		b.Go("board")
		b.hand.settle()
		b.unclipped(t, o, "board")
		b.shoot(t, fmt.Sprint("board-look-", i))
		b.round(t, "board")
	}
}
