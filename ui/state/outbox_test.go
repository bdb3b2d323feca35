package state

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/replica"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// desked is somebody at the desk.
type desked struct {
	Accounts
	st session.Standing
}

func (d *desked) Standing() session.Standing { return d.st }
func (d *desked) Deployment(context.Context) (wire.Deployment, error) {
	return wire.Deployment{}, nil
}
func (d *desked) Me(context.Context) (wire.Me, bool, error) {
	return wire.Me{Account: d.st.Person.ID, State: account.Active}, true, nil
}
func (d *desked) SignOut(context.Context, bool) error {
	d.st = session.Standing{}
	return nil
}

// signedIn opens a desktop with somebody at it whose records are in a real file.
func signedIn(t *testing.T, l i18n.Lang) (*desktop, *replicatest.Records) {
	t.Helper()
	d := newDesktop(t, l)
	r, err := replicatest.Open(t.Context(), t.TempDir(), "ada", func() time.Time { return d.at })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.File.Close() })
	d.o.Private = r
	d.o.Accounts = &desked{st: session.Standing{Mode: session.Online, Person: session.Person{ID: "ada", Name: "Ada", Email: "ada@exemple.ca", State: account.Active}}}
	d.o.Personal = func(context.Context, string) (Device, error) {
		return d.home.(*cache.Device).With(r.File), nil
	}
	d.Present.Look()
	d.hand.run()
	return d, r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ref(kind, name string) cache.Ref {
	part := map[record.Partition]string{record.Person: "person/ada", record.Employer: "employer/e", record.Grant: "grant/g", record.Office: "office"}
	k, _ := record.Find(kind)
	return cache.Ref{Partition: part[k.Partition], Kind: kind, Record: name}
}

func line(t *testing.T, of []Sent, title string) Sent {
	t.Helper()
	i := slices.IndexFunc(of, func(l Sent) bool { return strings.Contains(l.Title, title) })
	if i < 0 {
		t.Fatalf("no line of %q in %+v", title, of)
	}
	return of[i]
}

// TestOutboxRecords: what a person did to their records stands in the outbox in words, with
// what it waits for; what was refused says why, what to mend, and can be sent again; what was
// answered is there for 30 days.
//
// Rows: X-013
func TestOutboxRecords(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	ctx, w, o := t.Context(), d.Words(), d.Outbox
	must(t, r.Synced(ctx, "posting", "employer/e", "someone", map[string]string{
		"p1": `{"title_fr": "Soudeur, soudeuse", "wage_min": 2500, "days": 20}`, "p2": `{"title_fr": "Aide"}`}))
	must(t, r.Put(ctx, ref("posting", "p1"), replicatest.Doc(`{"title_fr": "Soudeur, soudeuse", "wage_min": 2850, "days": 30}`)))
	must(t, r.Put(ctx, ref("search", "s1"), replicatest.Doc(`{"name": "Cuisine", "query": {"words": "cuisine"}}`)))
	must(t, r.Delete(ctx, ref("posting", "p2")))
	o.Load()
	d.hand.run()
	if len(o.Records) != 3 || o.Waiting() != 3 || d.Unsent() != 3 {
		t.Fatalf("%d changes are listed, %d wait, %d are told: %+v", len(o.Records), o.Waiting(), d.Unsent(), o.Records)
	}
	edit := line(t, o.Records, "Soudeur")
	if edit.Title != "Affichage d'emploi «\u00a0Soudeur, soudeuse\u00a0»" || edit.Reason != "Modifier\u00a0: Salaire, au moins, Jours d'affichage" ||
		edit.State != w.S(i18n.OutboxWaiting) || !edit.Waiting || edit.When != w.S(i18n.OutboxMadeRecord, "Date", "2026-11-22 "+w.Clock(noon)) {
		t.Errorf("an edit reads %+v", edit)
	}
	if l := line(t, o.Records, "Cuisine"); l.Reason != w.S(i18n.OutboxNew) {
		t.Errorf("a new record reads %+v", l)
	}
	if l := line(t, o.Records, "Aide"); l.Reason != w.S(i18n.OutboxRemoveRecord) {
		t.Errorf("a removal reads %+v", l)
	}

	// Sent, not answered: it cannot be taken back. Then refused.
	_, err := r.Batch(ctx, cache.Limits{})
	must(t, err)
	o.Load()
	d.hand.run()
	if l := line(t, o.Records, "Cuisine"); l.Waiting || !l.Leaves || l.State != w.S(i18n.OutboxLeft) {
		t.Errorf("what has left reads %+v", l)
	}
	must(t, r.Answer(ctx, func(m cache.Mutation) cache.Result {
		if m.Kind == "search" {
			return cache.Result{Outcome: string(wire.Rejected), Reason: wire.ReasonInvalid, Fields: []string{"query", "name"}}
		}
		return cache.Result{Outcome: string(wire.Applied), Ver: 2}
	}))
	o.Moved()
	d.hand.run()
	bad := line(t, o.Records, "Cuisine")
	if len(o.Records) != 1 || !bad.Refused || !bad.Again || !bad.Waiting || bad.Leaves || bad.Answer != w.S(i18n.OutboxWhyInvalid) ||
		bad.Text != w.S(i18n.OutboxMend, "Fields", "Nom, Critères") {
		t.Errorf("what was refused reads %+v", o.Records)
	}
	if len(o.Past) != 2 || o.Past[0].State != w.S(i18n.OutboxDone) || line(t, o.Past, "Soudeur").Waiting {
		t.Errorf("what was answered reads %+v", o.Past)
	}
	o.Retry(bad)
	d.hand.run()
	if l := line(t, o.Records, "Cuisine"); l.Refused || !l.Leaves {
		t.Errorf("sent again it reads %+v", l)
	}
	if o.Err != nil {
		t.Error(o.Err)
	}
}

// TestOutboxCancel takes each kind of change back, and puts it back: the record is as it was
// each time.
//
// Rows: X-013
func TestOutboxCancel(t *testing.T) {
	d, r := signedIn(t, i18n.English)
	ctx, o := t.Context(), d.Outbox
	must(t, r.Synced(ctx, "action", "grant/g", "someone", map[string]string{"a": `{"title": "One", "state": "todo"}`,
		"b": `{"title": "Two", "due": "2026-12-01"}`, "c": `{"title": "Three", "state": "todo"}`}))
	must(t, r.Put(ctx, ref("action", "a"), replicatest.Doc(`{"title": "One", "detail": "more", "state": "todo"}`)))
	must(t, r.Delete(ctx, ref("action", "b")))
	must(t, r.Do(ctx, ref("action", "c"), "begin", 0))
	must(t, r.Put(ctx, ref("action", "d"), replicatest.Doc(`{"title": "Four"}`)))
	text := func(name string) string {
		x, err := r.Get(ctx, ref("action", name))
		if err != nil {
			return "none"
		}
		var all []string
		for _, f := range DocWords(d.Words(), "action", x.Doc, time.UTC) {
			all = append(all, f.Value)
		}
		if s := x.Doc["state"]; s != nil {
			all = append(all, string(s))
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct{ name, title, did, undone string }{
		{"a", "One", `One more To do "todo"`, `One To do "todo"`}, {"b", "Two", "none", "Two 2026-12-01"},
		{"c", "Three", `Three Under way "doing"`, `Three To do "todo"`}, {"d", "Four", "Four", "none"},
	} {
		o.Load()
		d.hand.run()
		if got := text(c.name); got != c.did {
			t.Errorf("%s was changed to %q, want %q", c.title, got, c.did)
		}
		o.CancelRecord(line(t, o.Records, c.title))
		d.hand.run()
		if got := text(c.name); got != c.undone || o.Undone == nil || !strings.Contains(o.Undone.What, c.title) {
			t.Fatalf("taken back, %s is %q, want %q (undo %+v, %v)", c.title, got, c.undone, o.Undone, o.Err)
		}
		o.PutBack()
		d.hand.run()
		if got := text(c.name); got != c.did || o.Err != nil || o.Undone != nil {
			t.Errorf("put back, %s is %q, want %q (%v)", c.title, got, c.did, o.Err)
		}
	}
	// What has left meanwhile is not taken back, and the person is told.
	l := line(t, o.Records, "Four")
	_, err := r.Batch(ctx, cache.Limits{})
	must(t, err)
	o.CancelRecord(l)
	d.hand.run()
	if text("d") != "Four" || o.Undone != nil || o.Problem() != d.Words().S(i18n.OutboxTooLate) {
		t.Errorf("what has left: %q, %q", text("d"), o.Problem())
	}
}

// TestOutboxByFile carries what waits by a file; every file that is not one of these is
// refused with a sentence, and nothing is lost.
//
// Rows: X-015
func TestOutboxByFile(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	ctx, w, o := t.Context(), d.Words(), d.Outbox
	must(t, r.Synced(ctx, "saved", "person/ada", "ada", map[string]string{"s1": `{"posting": "1", "number": 10000001}`}))
	path := filepath.Join(t.TempDir(), o.FileName())
	o.Export(path)
	d.hand.run()
	if o.FileSay != w.S(i18n.OutboxFileNothing) || o.FileErr != nil {
		t.Errorf("nothing to export reads %q, %v", o.FileSay, o.FileErr)
	}
	must(t, r.Put(ctx, ref("saved", "s2"), replicatest.Doc(`{"posting": "2", "number": 10000002}`)))
	o.Export(path)
	if !o.File {
		t.Error("it does not say that it is at it")
	}
	d.hand.run()
	if o.FileSay != w.N(i18n.OutboxExported, 1, "Name", filepath.Base(path)) || o.File {
		t.Errorf("exported reads %q, %v", o.FileSay, o.FileErr)
	}
	if o.Err != nil {
		t.Fatal(o.Err)
	}
	if l := line(t, o.Records, "10\u00a0000\u00a0002"); l.Waiting {
		t.Errorf("what is in the file can still be taken back: %+v", l)
	}
	for _, bad := range []string{path, filepath.Join(t.TempDir(), "none.json")} {
		o.Import(bad)
		d.hand.run()
		if said := o.FileProblem(); said == "" || strings.Contains(said, "⟦") || o.FileSay != "" {
			t.Errorf("%s is taken for answers: %q, %q", bad, said, o.FileSay)
		}
	}
	r.Err = wire.ErrOffline
	o.Carry(path, filepath.Join(t.TempDir(), o.AnswersName(path)))
	d.hand.run()
	if o.FileProblem() != w.S(i18n.PrivateOffline) || len(o.Records) != 1 {
		t.Errorf("without a network: %q, %d wait", o.FileProblem(), len(o.Records))
	}
	if n := o.AnswersName("/x/envois-2026-11-22.json"); n != "reponses-envois-2026-11-22.json" {
		t.Errorf("answers go to %q", n)
	}
}

// TestOutboxWhy: whatever a change waits for or was refused for is said in a sentence of its own.
//
// Rows: X-013
func TestOutboxWhy(t *testing.T) {
	for _, l := range []i18n.Lang{i18n.French, i18n.English} {
		o := newOutbox(&State{words: i18n.For(l)})
		said := map[string]string{}
		for _, code := range []string{cache.WhyBefore, cache.WhyConflict, cache.WhyRef, cache.WhyTooLarge, cache.WhyConfirm, wire.ReasonForbidden,
			wire.ReasonInvalid, wire.ReasonState, wire.ReasonGone, wire.ReasonQuota, wire.ReasonOther, wire.ReasonEnded, wire.ReasonLeft, wire.ReasonTwice,
			string(account.HoldsSIN), "of_tomorrow"} {
			s := o.why(code)
			if s == "" || strings.Contains(s, "⟦") || said[s] != "" {
				t.Errorf("%s: %s reads %q, as does %q", l, code, s, said[s])
			}
			said[s] = code
		}
	}
}

// TestOutboxAsks: sending asks for a sync of the records, too, and errors are said in words.
//
// Rows: X-013, B-018
func TestOutboxAsks(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	d.o.Desk = &office{}
	d.Outbox.Send()
	d.hand.run()
	if !slices.Contains(r.Kicked, replica.Asked) {
		t.Errorf("sending asked for %q", r.Kicked)
	}
	w := d.Words()
	for _, c := range []struct {
		err  error
		want string
	}{{nil, ""}, {replica.ErrByHand, ""}, {replica.ErrSignIn, w.S(i18n.StatusExpired)}, {cache.ErrNoAccount, w.S(i18n.PrivateNobody)},
		{wire.ErrOffline, w.S(i18n.PrivateOffline)}, {wire.ErrDown, w.S(i18n.ErrTechnical) + ". " + w.S(i18n.ErrTechnicalNext)},
		{&wire.Refused{Code: account.TooMany}, w.S(account.TooMany.Key())}, {replica.ErrNoServer, w.S(i18n.ErrorNoServer)}} {
		if got := PrivateProblem(w, c.err); got != c.want {
			t.Errorf("%v reads %q, want %q", c.err, got, c.want)
		}
	}
}
