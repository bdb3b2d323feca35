package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// Every table says how the rows about an account are found in it, or why there are none. A
// table that is added is noticed here.
//
// Rows: X-042
func TestEveryTableIsHeldOrNot(t *testing.T) { engines(t, testEveryTableIsHeldOrNot) }

func testEveryTableIsHeldOrNot(t *testing.T) {
	l, at := bare(t)
	tables := map[string]bool{}
	for _, c := range columns(t, raw(t, at)) {
		table, _, _ := strings.Cut(c, ".")
		tables[table] = true
	}
	said := map[string]int{}
	for _, h := range ledger.HeldTables {
		said[h.Table] |= 1
	}
	for table := range ledger.HeldElsewhere {
		said[table] |= 2
	}
	for table, why := range ledger.NotHeld {
		said[table] |= 4
		if why == "" {
			t.Errorf("nothing says why %s has no row about anybody", table)
		}
	}
	if len(tables) < 20 {
		t.Fatalf("found %d tables: this test looks in the wrong place", len(tables))
	}
	for table := range tables {
		switch said[table] {
		case 1, 2, 4:
		case 0:
			t.Errorf("nothing says whether %s has rows about an account", table)
		default:
			t.Errorf("two things are said of %s", table)
		}
	}
	for table := range said {
		if !tables[table] {
			t.Errorf("there is no table %s", table)
		}
	}
	// Each of them can be asked.
	update(t, l, func(tx *ledger.Tx) error {
		for _, h := range ledger.HeldTables {
			if err := tx.HeldRows(t.Context(), h, "nobody", func(row map[string]any) error { return fmt.Errorf("a row of nobody: %v", row) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// A line for each look; the same, shown to the same person again at once, is the same look.
//
// Rows: X-046
func TestSeen(t *testing.T) { engines(t, testSeen) }

func testSeen(t *testing.T) {
	l, _ := bare(t)
	look := func(viewer, mark string, at time.Time) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) error {
			return tx.AddSeen(t.Context(), ledger.Seen{Account: "a", At: at, Role: "agent", Viewer: viewer, What: "help", Ref: "H", Mark: mark}, time.Minute)
		})
	}
	look("x", "m", noon)
	look("x", "m", noon.Add(30*time.Second)) // the same
	look("y", "m", noon.Add(30*time.Second))
	look("x", "n", noon.Add(30*time.Second))
	look("x", "m", noon.Add(2*time.Minute))
	look("", "m", noon.Add(2*time.Minute)) // operators are not told apart
	look("", "m", noon.Add(2*time.Minute))
	var got []string
	update(t, l, func(tx *ledger.Tx) error {
		got = nil
		all, err := tx.SeenOf(t.Context(), "a", 100)
		for _, s := range all {
			got = append(got, fmt.Sprint(s.Viewer, s.Mark, " ", s.At.Sub(noon).Seconds()))
		}
		if other, err := tx.SeenOf(t.Context(), "b", 100); err != nil || other != nil {
			t.Errorf("another's log: %+v, %v", other, err)
		}
		return err
	})
	if want := []string{"m 120", "m 120", "xm 120", "xn 30", "ym 30", "xm 0"}; !slices.Equal(got, want) {
		t.Errorf("the log is %q, want %q", got, want)
	}
}

// What was decided on is kept for two years after it was used last, and the rest of a closed
// account goes at once; what others have stays. A day too early nothing goes.
//
// Rows
func TestDropRecords(t *testing.T) { engines(t, testDropRecords) }

func testDropRecords(t *testing.T) {
	l, _ := bare(t)
	gone := person("gone", "gone")
	gone.State, gone.Closed = account.Closed, noon
	update(t, l, func(tx *ledger.Tx) error {
		member := func(who, part, role string) error {
			return tx.PutMember(t.Context(), ledger.Member{Account: who, Part: part, Role: role, Since: noon})
		}
		submit := func(part, doc string) error {
			_, err := tx.Submit(t.Context(), ledger.Submission{Part: part, Doc: doc, Command: "submit", Revision: 1, Account: "gone", Mutation: "m" + part + doc, At: noon})
			return err
		}
		return errors.Join(tx.PutAccount(t.Context(), gone), tx.PutAccount(t.Context(), person("here", "here")),
			change(t, tx, "person/gone", "search", 1, false), change(t, tx, "person/gone", "sent", 1, false), submit("person/gone", "sent"),
			change(t, tx, "person/here", "x", 1, false),
			change(t, tx, "employer/alone", "draft", 1, false), change(t, tx, "employer/alone", "offer", 1, false), submit("employer/alone", "offer"),
			member("gone", "employer/alone", "owner"),
			change(t, tx, "employer/shared", "draft", 1, false), member("gone", "employer/shared", "owner"), member("here", "employer/shared", "owner"),
			change(t, tx, "grant/of-gone", "note", 1, false), member("gone", "grant/of-gone", "owner"), member("here", "grant/of-gone", "counsellor"),
			change(t, tx, "grant/of-here", "note", 1, false), member("here", "grant/of-here", "owner"), member("gone", "grant/of-here", "counsellor"),
		)
	})
	stands := func() (all []string) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) error {
			all = nil
			for _, part := range []string{"person/gone", "person/here", "employer/alone", "employer/shared", "grant/of-gone", "grant/of-here"} {
				p, err := tx.Part(t.Context(), part)
				if errors.Is(err, ledger.ErrNotFound) {
					continue
				} else if err != nil {
					return err
				}
				docs, records, bytes := part+":", int64(0), int64(0)
				err = tx.Docs(t.Context(), part, func(d ledger.Doc) error {
					docs, records, bytes = docs+d.ID+" ", records+1, bytes+int64(len(d.Body))
					return nil
				})
				if err != nil {
					return err
				}
				if p.Records != records || p.Bytes != bytes {
					t.Errorf("%s counts %d records of %d bytes, has %d of %d", part, p.Records, p.Bytes, records, bytes)
				}
				members, err := tx.Members(t.Context(), part)
				if err != nil {
					return err
				}
				for _, m := range members {
					docs += "+" + m.Account
				}
				all = append(all, docs)
			}
			return nil
		})
		return all
	}
	round := func(now time.Time) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) error {
			_, err := tx.DropRecords(t.Context(), now.Add(-ledger.Schedule(nil).Keep("decided")))
			return err
		})
		if _, err := l.CheckRecords(t.Context(), nil); err != nil {
			t.Errorf("at %v: %v", now, err)
		}
	}
	early := []string{"person/gone:sent ", "person/here:x ", "employer/alone:offer ", "employer/shared:draft +here", "grant/of-here:note +here"}
	for _, now := range []time.Time{noon, noon.AddDate(2, 0, 0)} {
		round(now)
		if got := stands(); !slices.Equal(got, early) {
			t.Errorf("at %v there is %q, want %q", now, got, early)
		}
	}
	round(noon.AddDate(2, 0, 3))
	late := []string{"person/here:x ", "employer/shared:draft +here", "grant/of-here:note +here"}
	if got := stands(); !slices.Equal(got, late) {
		t.Errorf("after two years there is %q, want %q", got, late)
	}
	update(t, l, func(tx *ledger.Tx) error {
		all, err := tx.Submissions(t.Context(), "person/gone")
		if len(all) != 0 {
			t.Errorf("after two years it is still told that %+v", all)
		}
		return err
	})
}

// Who it was goes two years after an account was closed; that one person has one account
// does not. Whoever looked is named for as long as the line of it stands.
//
// Rows
func TestForgetAccounts(t *testing.T) { engines(t, testForgetAccounts) }

func testForgetAccounts(t *testing.T) {
	l, _ := bare(t)
	a, agent := person("a", "a"), person("agent", "agent")
	a.SIN, a.State, a.Closed, a.Roles = []byte("proof"), account.Closed, noon, []account.Role{account.Agent}
	agent.State, agent.Closed = account.Closed, noon
	c := credential("c", "a", "name")
	c.State, c.Recovery = account.CredentialRevoked, []byte("r")
	update(t, l, func(tx *ledger.Tx) error {
		_, _, err := tx.FileHelp(t.Context(), ledger.HelpRequest{Key: "k", Hash: []byte("h"), Body: []byte("sealed"), Received: noon})
		return errors.Join(err, tx.PutAccount(t.Context(), a), tx.PutAccount(t.Context(), agent), tx.PutAccount(t.Context(), person("open", "open")),
			tx.PutCredential(t.Context(), c), tx.SettleHelp(t.Context(), 1, "reset", noon),
			tx.PutDispute(t.Context(), ledger.Dispute{Account: "a", Field: "last", Body: []byte("sealed"), At: noon}),
			tx.AddSeen(t.Context(), ledger.Seen{Account: "open", At: noon.AddDate(0, 0, 30), Role: "agent", Viewer: "agent", What: "help"}, 0))
	})
	look := func(now time.Time, lines bool) string {
		t.Helper()
		var out string
		update(t, l, func(tx *ledger.Tx) error {
			until := func(what string) time.Time { return now.Add(-ledger.Schedule(nil).Keep(what)) }
			if lines {
				if _, err := tx.DropSeen(t.Context(), until("seen")); err != nil {
					return err
				}
			}
			_, err1 := tx.ForgetAccounts(t.Context(), until("account"), 10)
			_, err2 := tx.ForgetCredentials(t.Context(), until("credential"))
			_, err3 := tx.DropSettled(t.Context(), until("help"))
			if err := errors.Join(err1, err2, err3); err != nil {
				return err
			}
			out = ""
			for _, id := range []string{"a", "agent", "open"} {
				row, err := tx.Account(t.Context(), id)
				if err != nil {
					return err
				}
				out += fmt.Sprintf("%s %q %q %q %v; ", id, row.Email, row.SIN, row.Body, row.Roles)
			}
			row, err := tx.Credential(t.Context(), "c")
			notes, err4 := tx.Disputes(t.Context(), "a")
			helps, err5 := tx.Helps(t.Context(), "reset", 10)
			out += fmt.Sprintf("%q %q %q %q; %d notes, %d requests", row.Username, row.Recovery, row.Password, row.Body, len(notes), len(helps))
			return errors.Join(err, err4, err5)
		})
		return out
	}
	before := `a "a" "proof" "sealed" [agent]; agent "agent" "" "sealed" []; open "open" "" "sealed" []; "name" "r" "p" "sealed"; 1 notes, 1 requests`
	if got := look(noon.AddDate(2, 0, 0), true); got != before {
		t.Errorf("after two years to the day:\n%s\nwant\n%s", got, before)
	}
	after := `a "" "proof" "" []; agent "agent" "" "sealed" []; open "open" "" "sealed" []; "name" "" "" ""; 0 notes, 0 requests`
	if got := look(noon.AddDate(2, 0, 3), true); got != after {
		t.Errorf("two days later:\n%s\nwant\n%s", got, after)
	}
	later := strings.Replace(after, `agent "agent" "" "sealed"`, `agent "" "" ""`, 1)
	if got := look(noon.AddDate(2, 2, 0), true); got != later {
		t.Errorf("once nobody's log names the agent:\n%s\nwant\n%s", got, later)
	}
}

// The words of a report go, its ticket is not given again.
//
// Rows: X-045
func TestEmptyReports(t *testing.T) { engines(t, testEmptyReports) }

func testEmptyReports(t *testing.T) {
	l, _ := bare(t)
	file := func(key string, at time.Time) int64 {
		t.Helper()
		n, _, err := l.File(t.Context(), ledger.Report{Key: key, Hash: []byte(key), Number: 1, Reason: "other", Words: "Words", App: "x", Made: at, Received: at},
			func(int64) []byte { return []byte("answer") })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	file("old", noon)
	file("new", noon.AddDate(0, 0, 10))
	update(t, l, func(tx *ledger.Tx) error {
		n, err := tx.EmptyReports(t.Context(), noon.AddDate(0, 0, 1))
		if n != 1 {
			t.Errorf("emptied %d reports, want 1", n)
		}
		return err
	})
	all, err := l.Reports(t.Context(), 10)
	if err != nil || len(all) != 2 || all[1].Words != "" || all[0].Words != "Words" {
		t.Errorf("reports %+v, %v; want the words of the old one gone", all, err)
	}
	if n, again := file("old", noon), all[1].Ticket; n != again {
		t.Errorf("delivered again: ticket %d, want %d", n, again)
	}
}

// A deployment may keep things longer; not shorter than what they are for, and what a class
// is called is no slip of the pen.
//
// Rows: X-045
func TestSchedule(t *testing.T) {
	s, err := ledger.NewSchedule(map[string]int{"account": 1095, "letters": 1})
	if err != nil || s.Keep("account") != 1095*24*time.Hour || s.Keep("letters") != 24*time.Hour || s.Keep("log") != 90*24*time.Hour {
		t.Errorf("a schedule that was set: %+v, %v", s, err)
	}
	for name, days := range map[string]int{"account": 729, "decided": 0, "seen": 700, "log": 30, "proof": 10, "records": 5, "acount": 1095, "letters": 1 << 20} {
		if s, err := ledger.NewSchedule(map[string]int{name: days}); !errors.Is(err, ledger.ErrSchedule) {
			t.Errorf("%s of %d days: %v, %v; want ErrSchedule", name, days, s, err)
		}
	}
	two := noon.AddDate(2, 0, 0).Sub(noon)
	for _, r := range ledger.Schedule(nil).Rules() {
		if r.Source == ledger.SourcePrivacy && ledger.Schedule(nil).Keep(r.What) < two {
			t.Errorf("%s is kept for %d days, less than two years", r.What, r.Days)
		}
		if r.Days > 0 && (r.After == "" || r.Least > r.Days) {
			t.Errorf("%+v goes after nothing, or too early", r)
		}
	}
}
