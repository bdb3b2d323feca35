package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/matching"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// Over real HTTP by the real client: who is not signed in has no matches; a seeker who
// activates a profile does; the employer sees an overview, and invites, and the seeker's desk
// is told.
//
// Rows
func TestMatches(t *testing.T) {
	onEngines(t, func(t *testing.T, at place) {
		lead := &lead{}
		w := village(t, at, hub.RecordsOptions{Matching: lead}, func(o *server.Options) { o.Matching = lead })
		lead.open(t, at, w)
		c := w.desktop(t)
		for _, path := range []string{wire.MatchesPath, wire.MatchesPath + "/r1"} {
			if res, body := w.ask(t, http.MethodGet, path, nil, nil); res.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), string(account.SignInNeeded)) {
				t.Errorf("GET %s without an account: %s %s", path, res.Status, body)
			}
		}
		ada, boss := w.someone(t, c, "ada@exemple.ca"), w.someone(t, c, "boss@exemple.ca")
		if got, err := c.Matches(t.Context(), ada.Access); err != nil || got.Active || got.Matches == nil || len(got.Matches) != 0 {
			t.Errorf("without a profile: %+v, %v", got, err)
		}
		const file, doc, number = "019a9f6e-0000-7000-8000-00000000000a", "019a9f6e-0000-7000-8000-00000000000c", 17_000_001
		lead.publish(t, w, boss.Account, file, doc, number)
		profile := record.ProfileOf(ada.Account)
		push := func(s wire.Session, all ...wire.Mutation) {
			t.Helper()
			out, err := c.Push(t.Context(), s.Access, wire.Push{Mutations: all})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Results {
				if r.Outcome != wire.Applied {
					t.Fatalf("push: %+v", r)
				}
			}
		}
		mutation := func(s wire.Session, n int64, part, kind, id string, base int64, patch, command string) wire.Mutation {
			m := wire.Mutation{ID: id + string(rune('a'+n)), Client: "desk-" + s.Account[:8], Seq: n, Partition: part, Kind: kind, Record: id, Base: base, Command: command, Made: w.now()}
			if patch != "" {
				m.Patch = body(t, patch)
			}
			return m
		}
		push(ada, mutation(ada, 1, "person/"+ada.Account, "profile", profile, 0, `{"places":["Rimouski, QC"],"experience":{"63200":"7"},"education":["3"],"mode":"default"}`, ""),
			mutation(ada, 2, "person/"+ada.Account, "profile", profile, 1, "", "activate"))
		lead.work(t, w)
		got, err := c.Matches(t.Context(), ada.Access)
		if err != nil || !got.Active || len(got.Matches) != 1 || got.Matches[0].Number != number || got.Matches[0].Percent < 50 || got.Lists == "" {
			t.Fatalf("matches: %+v, %v", got, err)
		}
		if _, err := c.Matched(t.Context(), ada.Access, doc); code(err) != account.Forbidden {
			t.Errorf("a seeker asks for the seekers: %v", err)
		}
		all, err := c.Matched(t.Context(), boss.Access, doc)
		if err != nil || all.Total != 1 || all.Seekers[0].Percent != got.Matches[0].Percent {
			t.Fatalf("seekers: %+v, %v", all, err)
		}
		push(boss, mutation(boss, 1, "employer/"+file, "invitation", "i1", 0, `{"posting":"`+doc+`","match":"`+all.Seekers[0].Match+`","lang":"fr"}`, ""),
			mutation(boss, 2, "employer/"+file, "invitation", "i1", 1, "", "send"))
		pulled, err := c.Pull(t.Context(), ada.Access, wire.Pull{})
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, ch := range pulled.Parts[0].Changes {
			if ch.Kind == "match" {
				told = string(ch.Body["state"]) + " " + string(ch.Body["number"]) + " " + ch.By
			}
		}
		if told != `"invited" 17000001 server` {
			t.Errorf("the seeker's desk is told %q", told)
		}
		if d, err := c.MyData(t.Context(), ada.Access, true); err != nil || len(d.Seen) != 1 || d.Seen[0].Role != wire.SeenEmployer || d.Seen[0].What != "profile" {
			t.Errorf("who looked: %+v, %v", d.Seen, err)
		}
	})
}

func body(t *testing.T, text string) record.Doc {
	t.Helper()
	d, err := record.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lead is matching of a village, which has its ledger once it is open.
type lead struct{ *matching.Matching }

func (l *lead) open(t *testing.T, at place, w *town) {
	t.Helper()
	var err error
	if l.Matching, err = matching.New(matching.Options{Ledger: w.Ledger(), Keys: at.keys}); err != nil {
		t.Fatal(err)
	}
	l.Join(w.records)
}

// publish shows a posting of an approved employer's, as the office does.
func (l *lead) publish(t *testing.T, w *town, who, file, doc string, number int64) {
	t.Helper()
	if err := w.Ledger().PutSource(t.Context(), posting.Source{ID: posting.Native}); err != nil {
		t.Fatal(err)
	}
	write := func(tx *ledger.Tx, kind, id, state string) error {
		k, _ := record.Find(kind)
		return w.records.Put(t.Context(), tx, "employer/"+file, kind, id, w.now(), func(d record.Doc) bool {
			for name, v := range k.Example() {
				d[name] = v
			}
			for name, v := range body(t, state) {
				d[name] = v
			}
			return true
		})
	}
	err := w.Ledger().Update(t.Context(), func(tx *ledger.Tx) error {
		if err := write(tx, "employer", file, `{}`); err != nil {
			return err
		}
		if err := write(tx, "posting", doc, `{"number":17000001,"paused":null}`); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), ledger.Member{Account: who, Part: "employer/" + file, Role: ledger.Owner, Since: w.now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	day := posting.DayOf(w.now())
	card := posting.Card{
		Source: posting.Native, SourceID: doc, Number: number, Title: posting.Both{FR: "Cuisinier"}, NOC: "63200", Exp: posting.ExpNone, Education: posting.EduNone,
		Place: posting.Place{City: "Rimouski", Province: "QC"}, Posted: day, Ends: day + 30,
	}
	if _, err := w.Ledger().Put(t.Context(), []posting.Posting{{Card: card}}); err != nil {
		t.Fatal(err)
	}
}

// work does what is queued.
func (l *lead) work(t *testing.T, w *town) {
	t.Helper()
	j, err := w.Ledger().TakeJob(t.Context(), []string{matching.Job}, w.now(), time.Minute)
	if err == nil {
		err = l.Work(t.Context(), j, w.now())
	}
	if err != nil {
		t.Fatal(err)
	}
}
