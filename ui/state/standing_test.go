package state

import (
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// TestRecordsStanding tells how the records stand: the age of each partition, when all was in
// step, when it is tried again, what waits, and why not.
//
// Rows: X-017, B-018
func TestRecordsStanding(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	w, y := d.Words(), d.Sync
	fact := func(label string) string {
		for _, f := range y.RecordsFacts() {
			if f.Label == label {
				return f.Value
			}
		}
		return ""
	}
	if !y.Records() || fact(w.S(i18n.PrivateLast)) != w.S(i18n.PrivateNever) || fact(w.S(i18n.PrivateWaits)) != "0" {
		t.Errorf("before the first sync: %+v", y.RecordsFacts())
	}
	r.Steady = replica.Steady{Last: noon.Add(-3 * time.Minute), Next: noon.Add(5 * time.Minute), Live: true, Parts: []cache.Cursor{
		{Partition: "person/ada", At: noon.Add(-2 * time.Hour)}, {Partition: "grant/a", At: noon}, {Partition: "grant/b", At: noon}, {Partition: "newer/x", At: noon}}}
	clashed(t, r, ref("search", "s1"), `{"name": "base"}`, `{"name": "mine"}`, `{"name": "theirs"}`, "x")
	if got := fact(w.S(i18n.PrivateLast)); !strings.Contains(got, "il y a 3 min") {
		t.Errorf("in step %q", got)
	}
	if got := fact(w.S(i18n.PrivateNext)); got != w.Clock(noon.Add(5*time.Minute)) {
		t.Errorf("tried again %q", got)
	}
	if got := fact(w.S(i18n.PrivatePart) + " · " + w.S(i18n.PrivatePartPerson)); !strings.Contains(got, "il y a 2 h") {
		t.Errorf("the copy is of %q", got)
	}
	if fact(w.S(i18n.PrivatePart)+" · "+w.S(i18n.PrivatePartGrant)+" 2") == "" || fact(w.S(i18n.PrivatePart)+" · "+w.S(i18n.PrivatePartOther)) == "" {
		t.Errorf("not each partition is told: %+v", y.RecordsFacts())
	}
	if fact(w.S(i18n.PrivateChoices)) != "1" || y.RecordsNote() != w.S(i18n.PrivateLive) || y.RecordsProblem() != "" {
		t.Errorf("it says %q, %q, %+v", y.RecordsNote(), y.RecordsProblem(), y.RecordsFacts())
	}
	y.Auto = false
	if y.RecordsNote() != w.S(i18n.PrivateByHand) {
		t.Errorf("switched off it says %q", y.RecordsNote())
	}
	y.RecordsNow()
	if len(r.Kicked) != 1 || r.Kicked[0] != replica.Asked {
		t.Errorf("asked for %q", r.Kicked)
	}
	r.Steady.Err = wire.ErrOffline
	if !y.RecordsCalm() || y.RecordsProblem() != w.S(i18n.PrivateOffline) {
		t.Errorf("offline it says %q", y.RecordsProblem())
	}
	r.Steady.Err = replica.ErrSignIn
	if y.RecordsCalm() || y.RecordsProblem() != w.S(i18n.StatusExpired) {
		t.Errorf("signed out it says %q", y.RecordsProblem())
	}
	d.o.Accounts.(*desked).st.Mode = ""
	d.Present.Look()
	d.hand.run()
	if y.Records() || d.Unsent() != 0 {
		t.Error("nobody is here, and there are records")
	}
}
