package gate

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/record"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
	"passerelle/sync/alert"
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
	alerts, err := alert.New(alert.Options{Ledger: w.l, Keys: w.keys, Base: "https://banque.exemple.ca"})
	if err != nil {
		t.Fatal(err)
	}
	for n, email := range []string{ada.email, bob(1).email} {
		in := wire.Subscribe{Key: fmt.Sprint("a-request-for-alerts-", n), Email: email, Lang: "fr", Keywords: []string{"brasage " + email[:3]}}
		if _, err := alerts.Subscribe(t.Context(), in, w.now); err != nil {
			t.Fatal(err)
		}
	}
	// The factor of a person who serves others, too.
	err = w.l.Update(t.Context(), func(tx *ledger.Tx) error {
		f := ledger.Factor{Owner: ledger.AccountOwner(home.Account), Method: account.EMail, Since: w.now}
		if err := w.g.setSecond(&f, second{Address: ada.email}); err != nil {
			return err
		}
		// What matching keeps.
		for _, id := range []string{home.Account, other.Account} {
			err := errors.Join(tx.PutSeeker(t.Context(), ledger.Seeker{Account: id, Version: 1, At: w.now}),
				tx.PutSuited(t.Context(), ledger.Suited{Account: id, Posting: 7, Ref: "ref of " + id, Percent: 80, At: w.now}),
				tx.PutChoice(t.Context(), ledger.Choice{Account: id, Posting: 7, State: "refused", Made: w.now}))
			if err != nil {
				return err
			}
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
		"request": "I cannot answer", "note": "prend un accent", "search": "Soudure", "alert": "brasage " + ada.email[:3], "letter": "Bonjour", "act": "signalée",
		"question": account.QuestionIDs[0], "an answer to a desk": `"outcome":"applied"`,
	} {
		if !strings.Contains(strings.ToLower(told), strings.ToLower(want)) {
			t.Errorf("the %s is not given: %q", what, want)
		}
	}
	for what, secret := range map[string]string{
		"password": ada.password, "portal password": k.password, "hash": "$argon2id", "authenticator": k.secret, "code": k.codes[0], "letter's code": "907731",
		"access token": home.Access, "refresh token": home.Refresh, "answer": "Réponse", "recovery answer": "Café Noir", "recovery person": "Ève", "SIN": ada.sin,
		"another's address": bob(1).email, "another's account": other.Account, "another's search": "Bob's own", "another's alert": "brasage " + bob(1).email[:3], "agent's address": "agent@exemple.ca",
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

// Whoever types another person's address, for recovery or for codes that never come back, is
// given nothing that came from there or goes there.
//
// Rows: X-042
func TestDataOfAnAddressThatIsTyped(t *testing.T) {
	w := settle(t)
	w.register(bob(1))
	w.ask("k1", bob(1))
	if err := w.l.PutLetter(t.Context(), ledger.Letter{At: w.now, To: bob(1).email, Subject: "Pour un autre", Text: "x"}); err != nil {
		t.Fatal(err)
	}
	home := w.register(ada)
	k, port := w.portal(home, portName)
	w.acted(port, wire.ActRecoveryEmail, wire.Answer{RecoveryEmail: bob(1).email, Current: k.password})
	w.beginAs(account.NewFactor, "fr", w.caller(port)).step(wire.Answer{Method: string(account.EMail), Email: bob(1).email}, account.StepConfirm)
	out, err := w.g.Data(t.Context(), w.caller(port), w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range out.Account {
		if d.Table == "help" || d.Table == "letter" {
			t.Errorf("another person's %s is given: %v", d.Table, d.Row)
		}
	}
}

// A note of disagreement is shown to whoever sees the value: to its person, to an agent in
// the list of requests, to an operator beside the name. Sealed, taken away with an empty
// text, and attached to nothing that is not the person's.
//
// Rows: X-044
func TestDispute(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	other := w.register(bob(1))
	w.post()
	me := w.caller(home)
	dispute := func(field, text string) error {
		t.Helper()
		out, err := w.g.Dispute(t.Context(), me, wire.Dispute{Field: field, Text: text}, w.now)
		if err == nil && len(out.Kept) == 0 {
			t.Error("the answer is not what My data shows")
		}
		return err
	}
	text := "Mon nom est bien Essai-Preuve."
	if err := dispute("last", "  "+text+"\n"); err != nil {
		t.Fatal(err)
	}
	want := []wire.Dispute{{Field: "last", Text: text, At: w.now}}
	same := func(what string, got []wire.Dispute) {
		t.Helper()
		if len(got) != len(want) || len(got) > 0 && (got[0].Field != want[0].Field || got[0].Text != want[0].Text || !got[0].At.Equal(want[0].At)) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	same("one's own account", w.me(home).Disputes)
	w.ask("k1", ada)
	w.ask("k2", bob(1))
	list, err := w.g.Requests(t.Context(), who, w.now)
	if err != nil || len(list) != 2 {
		t.Fatalf("Requests: %+v, %v", list, err)
	}
	same("an agent's list", list[0].Disputes)
	if len(list[1].Disputes) != 0 {
		t.Errorf("another's request: %+v", list[1])
	}
	if _, err := w.g.Invite(t.Context(), Invitation{Email: ada.email, Role: account.Counsellor}, true, w.now); err != nil {
		t.Fatal(err)
	}
	holders, err := w.g.Holders(t.Context(), w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range holders {
		if h.ID == home.Account {
			same("an operator's list", h.Disputes)
		}
	}
	for _, rows := range w.tables() {
		if strings.Contains(strings.Join(rows, " "), "Essai-Preuve") {
			t.Error("the note stands in the open")
		}
	}

	// Another text takes the place of the one before; an empty one takes it away.
	text = "Avec un trait d'union."
	want[0].Text = text
	if err := dispute("last", text); err != nil {
		t.Fatal(err)
	}
	same("another text", w.me(home).Disputes)
	want = nil
	if err := dispute("last", " "); err != nil {
		t.Fatal(err)
	}
	same("taken away", w.me(home).Disputes)

	// A record of one's own, and nobody else's; a field that is one; not too long, not too many.
	recs := w.hub()
	search, _ := record.Find("search")
	for n, of := range []wire.Session{home, other} {
		m := wire.Mutation{ID: "m", Client: "d", Seq: 1, Partition: "person/" + of.Account, Kind: "search", Record: fmt.Sprint("r", n), Patch: search.Example(), Made: w.now}
		for _, name := range search.Forbidden(m.Patch) {
			delete(m.Patch, name)
		}
		out, err := recs.Push(t.Context(), hub.Who{Account: of.Account}, wire.Push{Mutations: []wire.Mutation{m}}, w.now)
		if err != nil || out.Results[0].Outcome != wire.Applied {
			t.Fatalf("push: %+v, %v", out, err)
		}
	}
	for _, bad := range []string{"search/r1/name", "search/r9/name", "search/r0/nothing", "search/r0", "saved/r0/name", "password", "", "x/y/z", "email/a/b"} {
		wantRefused(t, "a note on "+bad, dispute(bad, "Non"), "field:bad_value")
	}
	wantRefused(t, "a note that is too long", dispute("last", strings.Repeat("é", wire.MaxDispute+1)), "text:bad_value")
	if err := dispute("search/r0/name", strings.Repeat("é", wire.MaxDispute)); err != nil {
		t.Errorf("a note on a record: %v", err)
	}
	if list, err := w.g.Requests(t.Context(), who, w.now); err != nil || len(list[0].Disputes) != 0 {
		t.Errorf("an agent is shown a note on a private record: %+v, %v", list, err)
	}
	err = w.l.Update(t.Context(), func(tx *ledger.Tx) error {
		for n := range wire.MaxDisputes - 1 {
			d := ledger.Dispute{Account: home.Account, Field: fmt.Sprint("f", n), At: w.now}
			var err error
			if d.Body, err = w.g.seal(aboutDispute(d), "x"); err != nil {
				return err
			}
			if err := tx.PutDispute(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "one note more", dispute("first", "Non"), "text:too_many_values")
	if err := dispute("search/r0/name", "Autre"); err != nil {
		t.Errorf("another text of a note that is there: %v", err)
	}
}

// Each look leaves one line: an agent's list, each act, each command of an operator. What a
// person looks at of their own leaves none, and nothing is told by address.
//
// Rows: X-046
func TestAccessLog(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	w.portal(home, portName)
	me := w.caller(home)
	lines := func() (all []string) {
		t.Helper()
		out, err := w.g.Data(t.Context(), me, w.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range slices.Backward(out.Seen) {
			all = append(all, fmt.Sprintf("%s|%s|%s|%s", s.Role, s.Who, s.What, s.Ref))
		}
		return all
	}
	var want []string
	check := func(what string, more ...string) {
		t.Helper()
		want = append(want, more...)
		if got := lines(); !slices.Equal(got, want) {
			t.Errorf("%s: the log is %q, want %q", what, got, want)
			want = got
		}
	}
	list := func() {
		t.Helper()
		if _, err := w.g.Requests(t.Context(), who, w.now); err != nil {
			t.Fatal(err)
		}
	}
	w.me(home)
	list()
	check("before anybody looked")
	w.ask("k1", ada)
	list()
	check("the list", "agent|Agathe Essai|help|H-000001")
	list()
	check("drawn again")
	w.wait(20 * time.Minute)
	who = w.desk2(who)
	list()
	check("looked at again", "agent|Agathe Essai|help|H-000001")
	w.post()
	if err := w.g.Act(t.Context(), who, wire.ActCompromise, wire.Act{Email: ada.email, Reason: "x"}, w.now); err != nil {
		t.Fatal(err)
	}
	check("an act", "agent|Agathe Essai|account|compromise")
	if err := w.g.Reset(t.Context(), ada.email, "x", w.now); err != nil {
		t.Fatal(err)
	}
	check("a command", "operator||account|reset")
	// An act that is refused shows nothing and leaves nothing.
	if err := w.g.Act(t.Context(), who, wire.ActCompromise, wire.Act{Email: ada.email}, w.now); err == nil {
		t.Fatal("revoked twice")
	}
	check("an act that was refused")
}

// desk2 is an agent as they are now: sessions of agents are short.
func (w *town) desk2(who *Caller) *Caller {
	w.t.Helper()
	s := who.Session
	s.Seen = w.now
	return &Caller{Account: who.Account, Session: s}
}

// Two years of nights after an account was closed, on a clock that is set by hand: what was
// decided on stays to the day, the rest goes on schedule, and what is told at the closing is
// what happens.
//
// Rows
func TestRetention(t *testing.T) {
	w := settle(t)
	who := w.desk()
	home := w.register(ada)
	w.portal(home, portName)
	w.post()
	recs := w.hub()
	message, _ := record.Find("message")
	sent := wire.Mutation{ID: "m1", Client: "d", Seq: 1, Partition: "person/" + home.Account, Kind: "message", Record: "r1", Patch: message.Example(), Made: w.now}
	for _, name := range message.Forbidden(sent.Patch) {
		delete(sent.Patch, name)
	}
	draft, send := sent, sent
	draft.ID, draft.Seq, draft.Record = "m2", 2, "r2"
	send.ID, send.Seq, send.Patch, send.Base, send.Command, send.Revision = "m3", 3, nil, 1, "send", 1
	out, err := recs.Push(t.Context(), hub.Who{Account: home.Account}, wire.Push{Mutations: []wire.Mutation{sent, draft, send}}, w.now)
	if err != nil || out.Results[2].Outcome != wire.Applied {
		t.Fatalf("push: %+v, %v", out, err)
	}
	w.ask("k1", ada)
	if _, err := w.g.Requests(t.Context(), who, w.now); err != nil {
		t.Fatal(err)
	}
	if err := w.g.Act(t.Context(), who, wire.ActDecline, wire.Act{Request: 1, Reason: "x"}, w.now); err != nil {
		t.Fatal(err)
	}
	me := w.acted(home, wire.ActClose, wire.Answer{Current: ada.password})
	w.post()
	told := map[string]wire.Retention{}
	for _, r := range me.Kept {
		told[r.What] = r
	}
	if told["account"].Days < 730 || told["account"].After != "closed" || told["decided"].Days < 730 || told["proof"].Days != -1 || told["records"].What != "" {
		t.Errorf("told at the closing: %+v", me.Kept)
	}
	closed := w.now
	night := func(at time.Time) {
		t.Helper()
		w.night(at)
		if err := recs.Tidy(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	stands := func() string {
		t.Helper()
		var got []string
		err := w.l.View(t.Context(), func(tx *ledger.Tx) error {
			got = nil
			a, err := tx.Account(t.Context(), home.Account)
			if err != nil {
				return err
			}
			if len(a.Body) > 0 {
				got = append(got, "account")
			}
			if len(a.SIN) > 0 {
				got = append(got, "proof")
			}
			c, err := tx.CredentialOf(t.Context(), home.Account)
			if err != nil {
				return err
			}
			if len(c.Body) > 0 {
				got = append(got, "credential")
			}
			err = tx.Docs(t.Context(), "person/"+home.Account, func(d ledger.Doc) error { got = append(got, d.ID); return nil })
			if err != nil {
				return err
			}
			if err := tx.HelpSent(t.Context(), func(map[string]any) error { got = append(got, "help"); return nil }); err != nil {
				return err
			}
			seen, err := tx.SeenOf(t.Context(), home.Account, 10)
			if len(seen) > 0 {
				got = append(got, "seen")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(got, " ")
	}
	if got, want := stands(), "account proof credential r1 r2 help seen"; got != want {
		t.Fatalf("when it is closed there is %s, want %s", got, want)
	}
	night(closed.Add(time.Hour))
	w.post()
	kept := "account proof credential r1 help seen"
	if got := stands(); got != kept {
		t.Errorf("the night after there is %s, want %s", got, kept)
	}
	for _, months := range []int{3, 12, 23} {
		night(closed.AddDate(0, months, 0))
	}
	night(closed.AddDate(2, 0, 0))
	if got := stands(); got != kept {
		t.Errorf("after two years to the day there is %s, want %s", got, kept)
	}
	night(closed.AddDate(2, 0, 2))
	if got, want := stands(), "proof"; got != want {
		t.Errorf("two days later there is %s, want %s", got, want)
	}
	night(closed.AddDate(2, 0, 3)) // again, and nothing fails on what is empty
	for table, rows := range w.tables() {
		for _, row := range rows {
			if strings.Contains(row, home.Account) && table != "account" && table != "credential" && table != "audit" {
				t.Errorf("%s still names the account: %s", table, row)
			}
		}
	}
	if _, err := w.g.Holders(t.Context(), w.now); err != nil {
		t.Error(err)
	}
}
