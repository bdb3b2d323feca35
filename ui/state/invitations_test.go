package state

import (
	"slices"
	"testing"

	"passerelle/i18n"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
)

func invite(t *testing.T, r *replicatest.Records, number int64, doc string) {
	t.Helper()
	must(t, r.Synced(t.Context(), "match", "person/ada", "", map[string]string{record.MatchOf("ada", number): doc}))
}

// TestInvitationNotice: an invitation that comes while the program runs is told once by a notice
// of the system that names nobody; those that were there, and what became of them, are not.
//
// Rows: A-061
func TestInvitationNotice(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	var told []string
	d.o.Notify = func(title, text string) { told = append(told, title+": "+text) }
	const one = `{"number":11000001,"posting":"1","title_fr":"Soudeur","employer":"Atelier Exemple","code":"K7P4-2QXM","sent":"2026-11-20T18:00:00Z",`
	invite(t, r, 11000001, one+`"state":"invited"}`)
	d.Invitations = newInvitations(d.State)
	d.Load()
	d.hand.run()
	if len(told) > 0 || d.Invitations.New() != 1 {
		t.Fatalf("when the program starts, %d are new and it tells %q", d.Invitations.New(), told)
	}
	invite(t, r, 11000002, `{"number":11000002,"posting":"2","title_fr":"Cuisinier","employer":"Auberge Exemple","code":"AAAA-BBBB","sent":"2026-11-21T18:00:00Z","state":"invited"}`)
	for range 2 {
		d.Invitations.Load()
		d.hand.run()
	}
	if want := []string{d.words.S(i18n.AppName) + ": " + d.words.N(i18n.InvitationCount, 2)}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if x := d.Invitations.Waiting(); len(x) != 2 || x[0].Title != "Cuisinier" {
		t.Errorf("they wait in the order %+v", x)
	}
	invite(t, r, 11000001, one+`"state":"withdrawn"}`)
	d.Invitations.Load()
	d.hand.run()
	if len(told) != 1 || d.Invitations.Code(11000001) != "" || d.Invitations.Code(11000002) != "AAAA-BBBB" || len(d.Invitations.Past()) != 1 {
		t.Errorf("withdrawn: told %q, the code is %q", told, d.Invitations.Code(11000001))
	}
}

// TestInvitationsOfNext: what was being read for one person is nothing that the next one sees.
//
// Rows
func TestInvitationsOfNext(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	invite(t, r, 11000001, `{"number":11000001,"posting":"1","title_fr":"Soudeur","code":"K7P4-2QXM","state":"invited"}`)
	d.Invitations.Load() // and before its answer has come
	d.o.Accounts.(*desked).st.Person.ID = "bo"
	d.Present.Look()
	d.hand.run()
	if x := d.Invitations.Waiting(); len(x) > 0 || d.Invitations.Code(11000001) != "" {
		t.Errorf("the next person sees %+v", x)
	}
}

// TestInvitationLate: what the server does not take any more, because the employer was faster,
// changes nothing and is no fault of the person.
//
// Rows
func TestInvitationLate(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	const doc = `{"number":11000001,"posting":"1","title_fr":"Soudeur","code":"K7P4-2QXM",`
	id := record.MatchOf("ada", 11000001)
	invite(t, r, 11000001, doc+`"state":"viewed"}`)
	d.Invitations.Load()
	d.hand.run()
	invite(t, r, 11000001, doc+`"state":"refused","by":"employer"}`)
	d.Invitations.Decline(id)
	d.hand.run()
	x, _ := d.Invitations.find(id)
	if waits, err := r.Outbox(t.Context()); err != nil || len(waits) > 0 || x.State != "refused" || d.Invitations.Problem() != "" || d.Invitations.Undo != nil {
		t.Errorf("it is %s, %d wait, and it says %q (%v)", x.State, len(waits), d.Invitations.Problem(), err)
	}
	if !slices.Equal([]bool{d.Invitations.Can(x, "answer"), d.Invitations.Can(x, "decline"), d.Invitations.Can(x, "refuse")}, []bool{false, false, false}) {
		t.Error("acts are offered that the server would not take")
	}
}
