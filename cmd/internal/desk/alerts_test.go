package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/query"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// atOnce does the slow work of the screens where it is asked for.
type atOnce struct{ late []func() }

func (e *atOnce) Go(work, done func()) { work(); done() }

func (e *atOnce) After(_ time.Duration, f func()) func() {
	e.late = append(e.late, f)
	return func() {}
}

// passed lets what is due later be due.
func (e *atOnce) passed() {
	late := e.late
	e.late = nil
	for _, f := range late {
		f()
	}
}

// screens are the states of a window on a real desk; what it notifies of is in the slice.
func screens(t *testing.T, d *desk.Desk) (*state.State, *atOnce, *[]string) {
	t.Helper()
	e, notices := &atOnce{}, &[]string{}
	s := state.New(t.Context(), state.Options{Catalogue: d.Catalogue, Device: d.Device, Exec: e, Desk: d, Now: d.Now, Zone: time.UTC, Lang: i18n.French,
		Online: func() bool { return false }, Alerts: d.Alerts, Notify: func(title, text string) { *notices = append(*notices, title+": "+text) }})
	d.Alerts.OnNotice(s.Alerted)
	t.Cleanup(d.Alerts.Watch(s.AlertsMoved))
	return s, e, notices
}

// Without an address, without an account and without a network: an alert is written on the
// screen, which counts what a reference query counts; a bundle comes, the notice, the rail
// and the list count what the query finds, and the digest is read and is gone.
//
// Rows
func TestAlertOnTheScreens(t *testing.T) {
	d, p := open(t), newPublisher(t, 4, 300)
	b, _ := p.bundle("all")
	load(t, d, b, p.print)
	s, e, notices := screens(t, d)
	j, w := s.JobAlerts, s.Words()
	j.Load()
	j.Write()
	j.SetMail(false)
	for _, noc := range []string{"63200", "65200", "72106"} {
		j.Choose(state.FindTitle, state.Listed{Value: noc})
	}
	j.TypeWord("équipe OR team OR travail OR work")
	j.AddWord()
	e.passed()
	asks := query.Alert{Titles: []string{"63200", "65200", "72106"}, Keywords: []string{"équipe OR team OR travail OR work"}, Lang: i18n.French}
	before := map[int64]bool{}
	for _, id := range finds(t, d, asks, nil) {
		before[id] = true
	}
	if want := w.N(i18n.AlertsCount, len(before)); len(before) == 0 || j.CountLine() != want {
		t.Fatalf("the form says %q, want %q", j.CountLine(), want)
	}
	j.Save(func(string) {})
	if len(j.List) != 1 || j.List[0].Kind != state.AlertHere || j.List[0].State != state.AlertOn || j.News() != 0 {
		t.Fatalf("kept: %q, %+v", j.SaveProblem(), j.List)
	}

	p.more(300, 11)
	b, _ = p.bundle("all")
	load(t, d, b, p.print)
	var want []int64
	for _, id := range finds(t, d, asks, nil) {
		if !before[id] {
			want = append(want, id)
		}
	}
	if len(want) == 0 || j.News() != len(want) {
		t.Errorf("the rail counts %d new, want %d", j.News(), len(want))
	}
	if len(*notices) != 1 || (*notices)[0] != w.S(i18n.NavAlerts)+": "+w.N(i18n.AlertsNotice, len(want)) || strings.Contains((*notices)[0], "team") {
		t.Errorf("the notices say %q", *notices)
	}
	facts, _ := j.Facts(j.List[0])
	if facts[0].Value != w.Date(d.Now())+" "+w.Clock(d.Now()) || facts[1].Value != w.Number(len(want)) {
		t.Errorf("the facts are %+v", facts)
	}
	j.Read(j.List[0].ID)
	if got := told(j.Digest); len(got) != len(want) || got[0] != want[0] {
		t.Errorf("the digest has %v, want %v", got, want)
	}
	j.Done(func(string) {})
	if j.News() != 0 || j.Page != state.AlertList {
		t.Errorf("read: %d new, on %s", j.News(), j.Page)
	}
}

// An alert by e-mail that is asked for without an account and without a network waits in the
// outbox in words, can be changed and taken back from either screen, and asked for again.
//
// Rows
func TestAlertAskedForOffline(t *testing.T) {
	d := open(t)
	s, _, _ := screens(t, d)
	j, w := s.JobAlerts, s.Words()
	j.Load()
	j.Write()
	j.TypeEmail(" anyone@exemple.ca ")
	j.Choose(state.FindPlace, state.Listed{Value: "Rimouski, QC"})
	j.Save(func(string) {})
	if len(j.List) != 1 || j.List[0].State != state.AlertQueued || j.List[0].Email != "anyone@exemple.ca" {
		t.Fatalf("kept: %q, %+v", j.SaveProblem(), j.List)
	}
	s.Outbox.Load()
	if all := s.Outbox.Items; len(all) != 1 || all[0].Title != w.S(i18n.OutboxAlert, "Email", "anyone@exemple.ca") || all[0].Reason != "Rimouski, QC" || !all[0].Waiting || s.Status.Pending != 1 {
		t.Fatalf("the outbox lists %+v", all)
	}
	j.Change(j.List[0])
	j.Choose(state.FindPlace, state.Listed{Value: "NB"})
	j.Save(func(string) {})
	s.Outbox.Load()
	if len(j.List) != 1 || len(j.List[0].Places) != 2 || len(s.Outbox.Items) != 1 {
		t.Fatalf("changed: %q, %+v, the outbox %+v", j.SaveProblem(), j.List, s.Outbox.Items)
	}
	s.Outbox.Cancel(s.Outbox.Items[0].Key)
	j.Load()
	if a := j.List[0]; a.State != state.AlertEnded || !a.CanAsk() || a.Left() {
		t.Errorf("taken back from the outbox: %+v", a)
	}
	j.Again(j.List[0])
	if a := j.List[0]; a.State != state.AlertQueued {
		t.Errorf("asked for again: %+v, %q", a, j.Fault())
	}

	// It becomes one of this computer: nothing waits to leave.
	j.Change(j.List[0])
	j.SetMail(false)
	j.Save(func(string) {})
	s.Outbox.Load()
	if len(j.List) != 1 || j.List[0].Kind != state.AlertHere || len(s.Outbox.Items) != 0 {
		t.Errorf("of this computer: %q, %+v, the outbox %+v", j.SaveProblem(), j.List, s.Outbox.Items)
	}
	j.Remove(j.List[0])
	if len(j.List) != 0 || !j.Removed.Can() {
		t.Errorf("removed: %+v, %+v", j.List, j.Removed)
	}
	j.Back()
	if len(j.List) != 1 || len(j.List[0].Places) != 2 {
		t.Errorf("put back: %+v, %q", j.List, j.Fault())
	}
}

// What the server refused says why, is mended in the form, and leaves as another request.
//
// Rows: A-033
func TestAlertRefused(t *testing.T) {
	d := open(t)
	s, _, _ := screens(t, d)
	j := s.JobAlerts
	j.Load()
	j.Write()
	j.TypeEmail("anyone@exemple.ca")
	j.TypeWord("soudeur")
	j.Save(func(string) {})
	items, err := d.Device.Items(t.Context(), cache.KindSubscription)
	if err != nil || len(items) != 1 {
		t.Fatalf("%v, %v", items, err)
	}
	answer, err := json.Marshal(wire.NoAlert{Code: account.Mend, Fields: []account.Problem{account.BadEmail.At("email")}})
	if err == nil {
		err = d.Device.Send(t.Context(), items[0].Key)
	}
	if err == nil {
		err = d.Device.Settle(t.Context(), items[0].Key, cache.Rejected, string(answer), d.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	j.Load()
	if a := j.List[0]; a.State != state.AlertRefused || len(a.Problem) != 1 {
		t.Fatalf("refused: %+v", a)
	}
	j.Change(j.List[0])
	if len(j.Form.Errors) != 1 || j.Form.Errors[0].Field != "email" {
		t.Errorf("the form says %+v", j.Form.Errors)
	}
	j.TypeEmail("someone@exemple.ca")
	j.Save(func(string) {})
	if a := j.List[0]; a.State != state.AlertQueued || a.Email != "someone@exemple.ca" {
		t.Errorf("mended: %+v, %q", a, j.SaveProblem())
	}
}

// Two computers of one person each add a city to the same alert without a network: both are
// kept, on both, and nothing has to be chosen.
//
// Rows: A-036
func TestAlertAtTwoDesks(t *testing.T) {
	h := newHall(t)
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	here, _, _ := screens(t, one.Desk)
	there, _, _ := screens(t, two.Desk)
	a, b := here.JobAlerts, there.JobAlerts
	a.Write()
	a.TypeEmail("ada@exemple.ca")
	a.TypeWord("soudeur")
	a.Choose(state.FindPlace, state.Listed{Value: "Rimouski, QC"})
	a.Save(func(string) {})
	both := func() {
		t.Helper()
		for range 2 {
			one.sync()
			two.sync()
		}
		a.Load()
		b.Load()
		if len(a.List) != 1 || len(b.List) != 1 || a.List[0].Kind != state.AlertRecord {
			t.Fatalf("here %+v %q, there %+v %q", a.List, a.Fault(), b.List, b.Fault())
		}
	}
	both()
	h.set(func() { h.down = time.Hour })
	for j, city := range map[*state.JobAlerts]string{a: "Moncton, NB", b: "Gatineau, QC"} {
		j.Change(j.List[0])
		j.Choose(state.FindPlace, state.Listed{Value: city})
		j.Save(func(string) {})
	}
	h.set(func() { h.down = 0 })
	both()
	// What comes while the form is open is not undone by it.
	a.Change(a.List[0])
	a.Choose(state.FindPlace, state.Listed{Value: "Laval, QC"})
	a.Drop(state.FindPlace, "Rimouski, QC")
	b.Change(b.List[0])
	b.Choose(state.FindPlace, state.Listed{Value: "ON"})
	b.TypeName("Soudage")
	b.Save(func(string) {})
	two.sync()
	one.sync()
	a.Save(func(string) {})
	both()
	want := []string{"Gatineau, QC", "Laval, QC", "Moncton, NB", "ON"}
	for _, j := range []*state.JobAlerts{a, b} {
		if got := slices.Sorted(slices.Values(j.List[0].Places)); !slices.Equal(got, want) || j.List[0].Name != "Soudage" {
			t.Errorf("of %q the places are %q, want %q", j.List[0].Name, got, want)
		}
	}
	if one.Private.Status().Conflicts+two.Private.Status().Conflicts != 0 {
		t.Error("something has to be chosen")
	}
}
