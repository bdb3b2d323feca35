package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/sync/hub"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// What the server keeps of a person, over real HTTP by the real client: with their records
// where they are asked for, nobody else's; a note of disagreement comes back with it, and
// stands beside the account.
//
// Rows
func TestMyData(t *testing.T) {
	onEngines(t, func(t *testing.T, at place) {
		w := village(t, at, hub.RecordsOptions{}, nil)
		c := w.desktop(t)
		s, other := w.someone(t, c, "ada@exemple.ca"), w.someone(t, c, "bob@exemple.ca")
		for _, who := range []wire.Session{s, other} {
			if out, err := c.Push(t.Context(), who.Access, records(who, "d-"+who.Account[30:], 1, 3)); err != nil || out.Results[2].Outcome != wire.Applied {
				t.Fatalf("Push: %+v, %v", out, err)
			}
		}
		d, err := c.MyData(t.Context(), s.Access, false)
		if err != nil || len(d.Records) != 0 || len(d.Kept) == 0 || d.Seen == nil || d.Disputes == nil || !d.At.Equal(w.now()) {
			t.Fatalf("MyData: %+v, %v", d, err)
		}
		if d, err = c.MyData(t.Context(), s.Access, true); err != nil || len(d.Records) != 1 || len(d.Records[0].Records) != 3 {
			t.Fatalf("MyData with records: %+v, %v", d.Records, err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{other.Account, "bob@exemple.ca", s.Access, s.Refresh, identity.Password, "$argon2"} {
			if strings.Contains(string(b), secret) {
				t.Errorf("%q is in what is given", secret)
			}
		}
		if !strings.Contains(string(b), "ada@exemple.ca") {
			t.Errorf("the address is not in what is given: %s", b)
		}
		note := wire.Dispute{Field: "verified", Text: "Le Registre a été consulté."}
		if d, err = c.Dispute(t.Context(), s.Access, note); err != nil || len(d.Disputes) != 1 || d.Disputes[0].Text != note.Text {
			t.Fatalf("Dispute: %+v, %v", d, err)
		}
		if me, err := c.Me(t.Context(), s.Access); err != nil || len(me.Disputes) != 1 || me.Disputes[0].Field != note.Field {
			t.Errorf("Me: %+v, %v", me, err)
		}
		if me, err := c.Me(t.Context(), other.Access); err != nil || len(me.Disputes) != 0 {
			t.Errorf("another's Me: %+v, %v", me, err)
		}
		if _, err = c.Dispute(t.Context(), s.Access, wire.Dispute{Field: "nothing", Text: "x"}); code(err) != account.Mend {
			t.Errorf("a note on nothing: %v", err)
		}
		if _, err = c.MyData(t.Context(), "", false); code(err) != account.SignInNeeded {
			t.Errorf("MyData without a token: %v", err)
		}
		// What stays of a closed account is in the answer.
		me, err := c.Change(t.Context(), s.Access, wire.ActClose, wire.Answer{Current: identity.Password})
		if err != nil || !slices.ContainsFunc(me.Kept, func(r wire.Retention) bool { return r.What == "account" && r.Days >= 730 && r.After == "closed" }) {
			t.Errorf("closed: %+v, %v", me.Kept, err)
		}
		if _, err = c.MyData(t.Context(), s.Access, true); err == nil {
			t.Error("a closed account is given its data by a token of before")
		}
	})
}

// A whole export is much: who asks for many waits, and nobody else does.
func TestMyDataIsLimited(t *testing.T) {
	w := village(t, someplace(t), hub.RecordsOptions{}, func(o *server.Options) { o.Exports = server.Rate{Burst: 2, Every: time.Minute} })
	c := w.desktop(t)
	s, other := w.someone(t, c, "ada@exemple.ca"), w.someone(t, c, "bob@exemple.ca")
	for range 2 {
		if _, err := c.MyData(t.Context(), s.Access, true); err != nil {
			t.Fatal(err)
		}
	}
	res, _ := w.ask(t, http.MethodGet, wire.DataPath, header{"Authorization": "Bearer " + s.Access}, nil)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("the third: %s, %q", res.Status, res.Header.Get("Retry-After"))
	}
	if _, err := c.MyData(t.Context(), other.Access, true); err != nil {
		t.Errorf("another's first: %v", err)
	}
	w.clock.Add(61)
	if _, err := c.MyData(t.Context(), s.Access, true); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
