package gate

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/record"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// hub opens the private records of the same ledger.
func (w *town) hub() *hub.Records {
	w.t.Helper()
	file, o := filepath.Join(w.dir, "ledger.db"), hub.Options{}
	if at := postgrestest.Ledger(w.t, file); at != file {
		o.Ledger = at
	}
	h, err := hub.Open(w.t.Context(), w.dir, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = h.Close() })
	r, err := h.Records(hub.RecordsOptions{Box: w.keys.Box})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// tables reads every row of the ledger, beside it, with all that is text in it.
func (w *town) tables() map[string][]string {
	w.t.Helper()
	at := postgrestest.Ledger(w.t, filepath.Join(w.dir, "ledger.db"))
	ask := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	open := func() (*sqldb.DB, error) { return sqlite.Open(w.t.Context(), at, sqlite.Options{}) }
	if postgres.Is(at) {
		ask = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'schema_version'"
		open = func() (*sqldb.DB, error) { return postgres.Open(w.t.Context(), at, postgres.Options{Conns: 1}) }
	}
	db, err := open()
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	out := map[string][]string{}
	err = sqldb.Each(w.t.Context(), db.Reader, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		out[name] = nil
		return err
	}, ask)
	for name := range out {
		if err != nil {
			break
		}
		err = sqldb.Each(w.t.Context(), db.Reader, func(rows *sql.Rows) error {
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for n := range values {
				into[n] = &values[n]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			var line strings.Builder
			for n, v := range values {
				if s, ok := v.(string); ok && s != "" {
					fmt.Fprintf(&line, "%s=%s ", columns[n], s)
				}
			}
			out[name] = append(out[name], line.String())
			return nil
		}, "SELECT * FROM "+name)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Every row of every table that names an account is in what its person is given, on both
// engines; what is sealed is opened; what would let somebody in is not there; nothing is
// another's.
//
// Rows
func TestDataHoldsEveryRow(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	k, _ := w.portal(home, portName)
	other := w.register(bob(1))
	w.post()
	recs := w.hub()
	mine := hub.Who{Account: home.Account}

	// Records: one's own, one that was submitted, an employer's file.
	push := func(who hub.Who, all ...wire.Mutation) {
		t.Helper()
		for n := range all {
			m := &all[n]
			m.ID, m.Client, m.Seq, m.Made = fmt.Sprintf("m-%s-%d", who.Account, n), "desk-"+who.Account, int64(n+1), w.now
		}
		out, err := recs.Push(t.Context(), who, wire.Push{Mutations: all}, w.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range out.Results {
			if res.Outcome != wire.Applied {
				t.Fatalf("push: %+v", res)
			}
		}
	}
	example := func(kind string) record.Doc {
		k, _ := record.Find(kind)
		d := k.Example()
		for _, name := range k.Forbidden(d) {
			delete(d, name)
		}
		return d
	}
	saw := json.RawMessage(`"Soudure à Rimouski"`)
	search := example("search")
	search["name"] = saw
	push(mine,
		wire.Mutation{Partition: "person/" + home.Account, Kind: "search", Record: "r1", Patch: search},
		wire.Mutation{Partition: "person/" + home.Account, Kind: "message", Record: "r2", Patch: example("message")},
		wire.Mutation{Partition: "person/" + home.Account, Kind: "message", Record: "r2", Base: 1, Command: "send", Revision: 1},
		wire.Mutation{Partition: "employer/e1", Kind: "employer", Record: "e1", Patch: example("employer")})
	bobs := example("search")
	bobs["name"] = json.RawMessage(`"Bob's own"`)
	push(hub.Who{Account: other.Account}, wire.Mutation{Partition: "person/" + other.Account, Kind: "search", Record: "r9", Patch: bobs})

	// Help that waits and help that was settled, an agent who looks, acts of an operator, a
	// flow under way, letters that wait and that stand in the demonstration's mailbox.
	w.ask("k1", ada)
	w.ask("k2", bob(1))
	for range 2 {
		if _, err := w.g.Requests(t.Context(), who, w.now); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.g.Act(t.Context(), who, wire.ActDecline, wire.Act{Request: 1, Reason: "appelée"}, w.now); err != nil {
		t.Fatal(err)
	}
	w.ask("k3", ada)
	w.begin(account.SignIn, "fr").step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	me := w.caller(home)
	if _, err := w.g.Dispute(t.Context(), me, wire.Dispute{Field: "last", Text: "Mon nom prend un accent."}, w.now); err != nil {
		t.Fatal(err)
	}
	if err := w.g.Revoke(t.Context(), ada.email, "signalée", w.now); err != nil {
		t.Fatal(err)
	}
	if err := w.l.PutLetter(t.Context(), ledger.Letter{At: w.now, To: ada.email, Subject: "Bonjour", Text: "code 907731"}); err != nil {
		t.Fatal(err)
	}
	// The factor of a person who serves others, too.
	err := w.l.Update(t.Context(), func(tx *ledger.Tx) error {
		f := ledger.Factor{Owner: ledger.AccountOwner(home.Account), Method: account.EMail, Since: w.now}
		if err := w.g.setSecond(&f, second{Address: ada.email}); err != nil {
			return err
		}
		if err := tx.PutFactor(t.Context(), f); err != nil {
			return err
		}
		return tx.SetCodes(t.Context(), f.Owner, [][]byte{w.g.codeHash(f.Owner, "code")}, w.now)
	})
	if err != nil {
		t.Fatal(err)
	}

	out, err := w.g.Data(t.Context(), me, w.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := recs.Data(t.Context(), mine, &out, w.now); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	told := string(b)
	given := map[string]int{}
	for _, d := range out.Account {
		given[d.Table]++
	}
	for _, p := range out.Records {
		given["doc"] += len(p.Records)
	}
	// Every table that has rows about people has one here, or this test says nothing of it.
	for _, h := range ledger.HeldTables {
		if given[h.Table] == 0 {
			t.Errorf("nothing of %s is given", h.Table)
		}
	}
	for table := range ledger.HeldElsewhere {
		if given[table] == 0 {
			t.Errorf("nothing of %s is given", table)
		}
	}
	c := w.credentialRow(portName)
	held := map[string]int{}
	for table, rows := range w.tables() {
		for _, row := range rows {
			if strings.Contains(row, home.Account) || strings.Contains(row, c.ID) {
				held[table]++
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(held)) {
		got, want := given[table], held[table]
		switch table {
		case "job", "help", "letter":
			if got < want { // others are found by what is sealed in them
				t.Errorf("%d rows of %s are given, %d name the account", got, table, want)
			}
		default:
			if got != want {
				t.Errorf("%d rows of %s are given, %d name the account", got, table, want)
			}
		}
	}
	if given["help"] != 2 || given["letter"] != 1 {
		t.Errorf("given: %v; want both requests, and the letter", given)
	}
	for what, want := range map[string]string{
		"address": `"email":"` + ada.email, "name": ada.last, "username": portName, "recovery address": strings.ToLower(portMail), "device": "bureau",
		"request": "I cannot answer", "note": "prend un accent", "search": "Soudure", "letter": "Bonjour", "act": "signalée",
		"question": account.QuestionIDs[0], "an answer to a desk": `"outcome":"applied"`,
	} {
		if !strings.Contains(strings.ToLower(told), strings.ToLower(want)) {
			t.Errorf("the %s is not given: %q", what, want)
		}
	}
	for what, secret := range map[string]string{
		"password": ada.password, "portal password": k.password, "hash": "$argon2id", "authenticator": k.secret, "code": k.codes[0], "letter's code": "907731",
		"access token": home.Access, "refresh token": home.Refresh, "answer": "Réponse", "recovery answer": "Café Noir", "recovery person": "Ève", "SIN": ada.sin,
		"another's address": bob(1).email, "another's account": other.Account, "another's search": "Bob's own", "agent's address": "agent@exemple.ca",
	} {
		if strings.Contains(told, secret) {
			t.Errorf("the %s is in what is given: %q", what, secret)
		}
	}
	// Who saw what: an agent's list, twice within minutes, is one look at each request.
	var seen []string
	for _, s := range slices.Backward(out.Seen) {
		seen = append(seen, s.Role+" "+s.Who+" "+s.What+" "+s.Ref)
	}
	if want := []string{"agent Agathe Essai help H-000001", "operator  account compromise"}; !slices.Equal(seen, want) {
		t.Errorf("the access log is %q, want %q", seen, want)
	}
	if len(out.Kept) < 10 {
		t.Errorf("the schedule has %d lines", len(out.Kept))
	}
	t.Logf("given: %v, %d bytes", given, len(b))
}
