package alert

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// office is a bank whose people have private records, and one of their desks.
type office struct {
	*bank
	recs *hub.Records
	n    int64
	who  hub.Who
	part string
}

func settle(t *testing.T) *office {
	t.Helper()
	b := open(t)
	dir, o := t.TempDir(), hub.Options{}
	if strings.Contains(t.Name()+"/", "/postgres/") {
		o.Ledger = postgrestest.URL(t)
	}
	h, err := hub.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	_ = b.l.Close()
	b.l, b.at = h.Ledger(), filepath.Join(dir, "ledger.db")
	if b.alerts, err = New(Options{Ledger: b.l, Keys: b.keys, Base: "https://banque.exemple.ca"}); err != nil {
		t.Fatal(err)
	}
	recs, err := h.Records(hub.RecordsOptions{Box: b.keys.Box, Alerts: b.alerts})
	if err != nil {
		t.Fatal(err)
	}
	b.alerts.Join(recs)
	if err := b.l.PutSource(t.Context(), posting.Source{ID: "demo"}); err != nil {
		t.Fatal(err)
	}
	return &office{bank: b, recs: recs, who: hub.Who{Account: "ada"}, part: "person/ada"}
}

// push sends one mutation of the alert.
func (o *office) push(client string, base int64, m wire.Mutation) wire.Result {
	o.t.Helper()
	o.n++
	m.ID, m.Client, m.Seq, m.Base, m.Partition, m.Made = fmt.Sprint("mutation-", o.n), client, o.n, base, o.part, o.now
	if m.Kind == "" {
		m.Kind, m.Record = "alert", "a1"
	}
	out, err := o.recs.Push(o.t.Context(), o.who, wire.Push{Mutations: []wire.Mutation{m}}, o.now)
	if err != nil {
		o.t.Fatal(err)
	}
	return out.Results[0]
}

// stands is the record as the server has it.
func (o *office) stands() (body map[string]any, ver int64) {
	o.t.Helper()
	err := o.l.View(o.t.Context(), func(t *ledger.Tx) error {
		d, err := t.Doc(o.t.Context(), o.part, "a1")
		if err != nil {
			return err
		}
		ver = d.Ver
		return o.recs.Each(o.t.Context(), t, o.part, "alert", func(d record.Doc) {
			b, err := json.Marshal(d)
			if err == nil {
				err = json.Unmarshal(b, &body)
			}
			if err != nil {
				o.t.Error(err)
			}
		})
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return body, ver
}

func doc(text string) record.Doc {
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

// The alerts of a signed-in account are in the same letters: confirmed by their own link,
// told what was found, edited at two desks at once, ended from either side.
//
// Rows
func TestFollow(t *testing.T) { engines(t, testFollow) }

func testFollow(t *testing.T) {
	o := settle(t)
	wanted := func(r wire.Result, outcome wire.Outcome) {
		t.Helper()
		if r.Outcome != outcome {
			t.Fatalf("the server says %+v, want %s", r, outcome)
		}
	}
	wanted(o.push("d1", 0, wire.Mutation{Patch: doc(`{"email":"ada@exemple.ca","lang":"fr","titles":["63200"],"places":["Rimouski, QC"],"zone":"America/Toronto"}`)}), wire.Applied)
	if got := o.deliver(); len(got) != 0 {
		t.Fatalf("a draft is written to: %+v", got)
	}
	wanted(o.push("d1", 1, wire.Mutation{Command: "subscribe"}), wire.Applied)
	letters := o.deliver()
	if len(letters) != 1 || letters[0].Subject != "Alertes-Emplois - Validation de votre abonnement" {
		t.Fatalf("letters: %+v", letters)
	}
	if _, err := o.alerts.Do(t.Context(), link(t, letters[0], i18n.MailAlertaskedLink), Act{Do: DoConfirm}, o.now); err != nil {
		t.Fatal(err)
	}
	body, ver := o.stands()
	if body["state"] != "active" || body["confirmed"] == nil || ver != 3 {
		t.Errorf("confirmed: %v, version %d", body, ver)
	}
	// Two desks add a city each; the second did not know of the first, nor of the confirmation.
	wanted(o.push("d1", 2, wire.Mutation{Was: doc(`{"places":["Rimouski, QC"]}`), Patch: doc(`{"places":["Rimouski, QC","Matane, QC"]}`)}), wire.Merged)
	wanted(o.push("d2", 2, wire.Mutation{Was: doc(`{"places":["Rimouski, QC"]}`), Patch: doc(`{"places":["Rimouski, QC","Moncton, NB"]}`)}), wire.Merged)
	matane, moncton, hidden := cook, cook, cook
	matane.Place.City = "Matane"
	moncton.Place = posting.Place{City: "Moncton", Province: "NB"}
	hidden.Employer = "Chez l'autre"
	wanted(o.push("d1", 0, wire.Mutation{Kind: "hidden", Record: "h1", Patch: doc(`{"what":"employer","employer":"CHEZ L’AUTRE"}`)}), wire.Applied)
	o.post(matane, moncton, hidden)
	o.to(18)
	got := o.round()
	if len(got) != 1 || !strings.Contains(got[0].Text, "Cuisinier 1\n") || !strings.Contains(got[0].Text, "Cuisinier 2\n") || strings.Contains(got[0].Text, "Cuisinier 3\n") {
		t.Fatalf("letters: %+v", got)
	}
	body, _ = o.stands()
	if body["found"] != 3.0 || body["sent"] == nil || body["checked"] == nil || len(body["places"].([]any)) != 3 {
		t.Errorf("after a letter: %v", body)
	}
	// The page of the letter changes the record, too.
	manage := link(t, got[0], i18n.AlertModify)
	v, err := o.alerts.Look(t.Context(), manage)
	if err != nil {
		t.Fatal(err)
	}
	asks := v.Alerts[0].Asks
	asks.Places = []string{"Matane, QC"}
	if _, err := o.alerts.Do(t.Context(), manage, Act{Do: DoSave, ID: v.Alerts[0].ID, Asks: asks}, o.now); err != nil {
		t.Fatal(err)
	}
	if body, ver = o.stands(); len(body["places"].([]any)) != 1 {
		t.Errorf("after the page: %v", body)
	}
	// Another address waits for its own confirmation, and the first gets nothing more.
	wanted(o.push("d1", ver, wire.Mutation{Was: doc(`{"email":"ada@exemple.ca"}`), Patch: doc(`{"email":"ada@autre.exemple.ca"}`)}), wire.Applied)
	if letters = o.deliver(); len(letters) != 1 || letters[0].To != "ada@autre.exemple.ca" {
		t.Fatalf("letters: %+v", letters)
	}
	if body, _ = o.stands(); body["state"] != "pending" {
		t.Errorf("with another address: %v", body)
	}
	o.post(matane)
	o.to(7)
	if got := o.round(); len(got) != 0 {
		t.Errorf("before the new address was confirmed: %+v", got)
	}
	if _, err := o.alerts.Do(t.Context(), link(t, letters[0], i18n.MailAlertaskedLink), Act{Do: DoConfirm}, o.now); err != nil {
		t.Fatal(err)
	}
	o.post(matane)
	o.to(18)
	if got := o.round(); len(got) != 1 || got[0].To != "ada@autre.exemple.ca" {
		t.Errorf("letters: %+v", got)
	}
	// Ended at a desk, it ends at once; ended by a letter, the desk is told.
	_, ver = o.stands()
	wanted(o.push("d1", ver, wire.Mutation{Command: "pause"}), wire.Applied)
	o.post(matane)
	o.to(7)
	if got := o.round(); len(got) != 0 {
		t.Errorf("paused: %+v", got)
	}
	_, ver = o.stands()
	wanted(o.push("d1", ver, wire.Mutation{Command: "resume"}), wire.Applied)
	if _, err := o.alerts.Do(t.Context(), link(t, letters[0], i18n.AlertModify), Act{Do: DoUnsubscribe}, o.now); err != nil {
		t.Fatal(err)
	}
	if body, ver = o.stands(); body["state"] != "unsubscribed" {
		t.Errorf("unsubscribed by a letter: %v", body)
	}
	wanted(o.push("d1", ver, wire.Mutation{Command: "subscribe", Revision: 99}), wire.Applied)
	if letters = o.deliver(); len(letters) != 1 || letters[0].Subject == mail.OneClick {
		t.Errorf("asked for again: %+v", letters)
	}
	_, ver = o.stands()
	wanted(o.push("d1", ver, wire.Mutation{Delete: true}), wire.Applied)
	if v, err := o.alerts.Look(t.Context(), link(t, letters[0], i18n.AlertModify)); err != nil || len(v.Alerts) != 0 {
		t.Errorf("after its record was removed: %+v, %v", v, err)
	}
}

// With an account end the alerts of its records, and no other: one that was asked for
// without an account, at the same address, goes on.
//
// Rows
func TestLeave(t *testing.T) {
	o := settle(t)
	for n, asked := range []string{`"keywords":["cuisinier"]`, `"titles":["63200"]`} {
		var record string
		if n == 0 {
			if _, err := o.alerts.Subscribe(t.Context(), wire.Subscribe{Key: "asked-without-an-account", Email: "ada@exemple.ca", Lang: "fr", Keywords: []string{"cuisinier"}}, o.now); err != nil {
				t.Fatal(err)
			}
		} else {
			record = "a1"
			o.push("d1", 0, wire.Mutation{Patch: doc(`{"email":"ada@exemple.ca","lang":"fr","zone":"America/Toronto",` + asked + `}`)})
			o.push("d1", 1, wire.Mutation{Command: "subscribe"})
		}
		letters := o.deliver()
		if len(letters) != 1 {
			t.Fatalf("%q: letters: %+v", record, letters)
		}
		if _, err := o.alerts.Do(t.Context(), link(t, letters[0], i18n.MailAlertaskedLink), Act{Do: DoConfirm}, o.now); err != nil {
			t.Fatal(err)
		}
	}
	_, id, _ := strings.Cut(o.part, "/")
	for range 2 { // a transaction may be run again
		if err := o.l.Update(t.Context(), func(tx *ledger.Tx) error { return o.alerts.Leave(t.Context(), tx, id, o.now) }); err != nil {
			t.Fatal(err)
		}
	}
	if body, _ := o.stands(); body["state"] != "unsubscribed" {
		t.Errorf("the record: %v", body)
	}
	o.post(cook)
	o.to(18)
	got := o.round()
	if len(got) != 1 {
		t.Fatalf("letters: %+v", got)
	}
	v, err := o.alerts.Look(t.Context(), link(t, got[0], i18n.AlertModify))
	if err != nil || len(v.Alerts) != 1 || len(v.Alerts[0].Asks.Keywords) != 1 {
		t.Errorf("what is left: %+v, %v", v, err)
	}
}
