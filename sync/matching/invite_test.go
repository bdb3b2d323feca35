package matching_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/alert"
	"passerelle/sync/hub"
	"passerelle/sync/matching"
	"passerelle/sync/wire"
)

// matched is a bank where ada is matched with the boss's posting of that number.
func matched(t testing.TB, number int64) *office {
	t.Helper()
	o := settle(t)
	o.post(firm, number, cook)
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	return o
}

// drafted is a draft of an invitation of that match.
func (o *office) drafted(who hub.Who, file, invitation string, number int64, match string) {
	o.t.Helper()
	o.applied(o.push(who, "employer/"+file, "invitation", invitation, wire.Mutation{
		Patch: doc(fmt.Sprintf(`{"posting":%q,"match":%q,"lang":"fr"}`, id(number), match)),
	}))
}

func (o *office) send(invitation, command string) wire.Result {
	o.t.Helper()
	return o.push(boss, "employer/"+firm, "invitation", invitation, wire.Mutation{Command: command})
}

func (o *office) answer(account string, number int64, command string) wire.Result {
	o.t.Helper()
	return o.push(hub.Who{Account: account}, "person/"+account, "match", record.MatchOf(account, number), wire.Mutation{Command: command})
}

func (o *office) stands(account string, number int64) record.Doc {
	o.t.Helper()
	return o.body("person/"+account, record.MatchOf(account, number))
}

func (o *office) invitation(id string) record.Doc { return o.body("employer/"+firm, id) }

func (o *office) refusedFor(what string, r wire.Result, reason string) {
	o.t.Helper()
	if r.Outcome != wire.Rejected || r.Reason != reason {
		o.t.Errorf("%s: %+v, want %s", what, r, reason)
	}
}

// A matched seeker is invited once, and sees a posting with a code; nothing that reaches the
// employer says who they are; reading and declining are told, applying is not.
//
// Rows
func TestInvite(t *testing.T) { engines(t, testInvite) }

func testInvite(t *testing.T) {
	const n = 17_000_001
	o := matched(t, n)
	ref := o.of(boss, n).Seekers[0].Match
	o.drafted(boss, firm, "i1", n, ref)
	if len(o.of(boss, n).Seekers[0].State) != 0 {
		t.Error("a draft is told of")
	}
	o.applied(o.send("i1", "send"))
	invitation, m := o.invitation("i1"), o.stands("ada", n)
	code := say(invitation, "code")
	if !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`).MatchString(code) || say(m, "code") != code {
		t.Errorf("codes %q and %q", code, say(m, "code"))
	}
	for field, want := range map[string]string{
		"state": "invited", "number": "17000001", "title_fr": "Cuisinier", "title_en": "Cook", "employer": "Chez Exemple", "version": "1",
		"sent": "2026-11-22T17:00:00Z", "until": "2027-01-22T05:00:00Z",
	} {
		o.wants(field, say(m, field), want)
	}
	kind, _ := record.Find("match")
	if found := kind.Verify(m, true); len(found) > 0 {
		t.Errorf("the record is not sound: %v", found)
	}
	b, err := json.Marshal(m)
	o.must(err)
	for _, no := range []string{"boss", firm} {
		if strings.Contains(string(b), no) {
			t.Errorf("the seeker's record says %q: %s", no, b)
		}
	}
	b, err = json.Marshal(invitation)
	o.must(err)
	if strings.Contains(string(b), "ada") {
		t.Errorf("the employer's record says who it is: %s", b)
	}
	// Twice is once, of the same draft and of another one, by anybody of the firm.
	o.refusedFor("the same again", o.send("i1", "send"), wire.ReasonState)
	o.drafted(boss, firm, "i2", n, ref)
	o.refusedFor("another one", o.send("i2", "send"), wire.ReasonTwice)

	o.applied(o.answer("ada", n, "view"))
	o.wants("read", say(o.invitation("i1"), "state")+" "+say(o.invitation("i1"), "viewed"), "viewed 2026-11-22T17:00:00Z")
	before, err := json.Marshal(o.invitation("i1"))
	o.must(err)
	o.applied(o.answer("ada", n, "answer"))
	after, err := json.Marshal(o.invitation("i1"))
	o.must(err)
	o.wants("who applied is not told", string(after), string(before))
	o.wants("nor in the overview", o.of(boss, n).Seekers[0].State, "viewed")
	for _, text := range []string{string(after), fmt.Sprint(o.of(boss, n))} {
		if strings.Contains(text, "ada") {
			t.Errorf("the employer is told who it is: %s", text)
		}
	}
	if got := o.mine("ada"); got != "17000001" {
		t.Errorf("matches of who applied: %q", got)
	}
	// Only the seeker's own desk answers, and there is one record for a posting.
	bob := hub.Who{Account: "bob"}
	o.refusedFor("another's", o.push(bob, "person/ada", "match", record.MatchOf("ada", n), wire.Mutation{Command: "refuse"}), wire.ReasonForbidden)
	for _, x := range []struct{ doc, patch string }{{"any", `{"number":17000001}`}, {record.MatchOf("ada", n), `{"number":17000001}`}, {record.MatchOf("bob", n), `{"number":17000002}`}} {
		o.refusedFor(x.doc, o.push(bob, "person/bob", "match", x.doc, wire.Mutation{Patch: doc(x.patch)}), wire.ReasonInvalid)
	}
	o.refusedFor("written by hand", o.push(bob, "person/bob", "match", record.MatchOf("bob", n), wire.Mutation{Patch: doc(`{"number":17000001,"code":"AAAA-AAAA"}`)}), wire.ReasonInvalid)
}

// Who is no longer matched is not invited, and the reason is told: the profile was put to
// rest, changed or suspended, the posting is over, or it is another's.
//
// Rows
func TestInviteTooLate(t *testing.T) {
	const n = 17_000_001
	for _, c := range []struct {
		what, want string
		change     func(*office)
	}{
		{"put to rest", wire.ReasonLeft, func(o *office) { o.profile("ada", "deactivate") }},
		{"suspended", wire.ReasonLeft, func(o *office) { o.account("ada", account.Suspended) }},
		{"closed", wire.ReasonLeft, func(o *office) { o.account("ada", account.Closed) }},
		{"changed", wire.ReasonLeft, func(o *office) {
			o.edit("ada", `{"experience":{"72106":"8"}}`)
			o.profile("ada", "activate")
		}},
		{"hidden", wire.ReasonLeft, func(o *office) {
			o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "hidden", "h", wire.Mutation{Patch: doc(`{"what":"posting","posting":"1","number":17000001}`)}))
			o.work()
		}},
		{"refused", wire.ReasonLeft, func(o *office) {
			o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "match", record.MatchOf("ada", n), wire.Mutation{Patch: doc(`{"number":17000001}`)}))
			o.applied(o.answer("ada", n, "refuse"))
		}},
		{"over", wire.ReasonEnded, func(o *office) { o.now = o.now.AddDate(0, 0, 62) }},
		{"another's posting", wire.ReasonForbidden, func(o *office) {
			o.post(other, 17_000_002, cook)
			o.round()
			d := o.invitation("i1")
			d["posting"], _ = json.Marshal(id(17_000_002))
			o.write("employer/"+firm, "invitation", "i1", d)
		}},
		{"another posting of theirs", wire.ReasonLeft, func(o *office) {
			o.post(firm, 17_000_002, cook)
			o.round()
			d := o.invitation("i1")
			d["posting"], _ = json.Marshal(id(17_000_002))
			o.write("employer/"+firm, "invitation", "i1", d)
		}},
		{"no longer approved", wire.ReasonForbidden, func(o *office) { o.employer(boss, firm, false) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := matched(t, n)
			o.drafted(boss, firm, "i1", n, o.of(boss, n).Seekers[0].Match)
			c.change(o)
			o.refusedFor(c.what, o.send("i1", "send"), c.want)
			o.wants("the draft", say(o.invitation("i1"), "state"), "")
			o.update(func(tx *ledger.Tx) error {
				all, err := tx.Choices(t.Context(), "ada")
				for _, x := range all {
					if x.Doc != "" {
						t.Errorf("invited all the same: %+v", x)
					}
				}
				return err
			})
		})
	}
}

// Whichever side refuses a match, it is gone for both, for good: through rounds, another
// activation and a restart.
//
// Rows: A-063
func TestRefuse(t *testing.T) {
	const n = 17_000_001
	gone := func(t *testing.T, o *office) {
		t.Helper()
		for _, again := range []func(){func() {}, o.round, func() {
			o.edit("ada", `{"skills":["ps:prepare-and-cook-full-dishes"]}`)
			o.profile("ada", "activate")
		}} {
			again()
			o.wants("the seeker's", o.mine("ada"), "")
			if got := o.of(boss, n); got.Total != 0 || len(got.Seekers) != 0 {
				t.Errorf("the employer's: %+v", got)
			}
		}
	}
	t.Run("by the seeker", func(t *testing.T) {
		o := matched(t, n)
		o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "match", record.MatchOf("ada", n), wire.Mutation{Patch: doc(`{"number":17000001}`)}))
		o.applied(o.answer("ada", n, "refuse"))
		o.wants("by", say(o.stands("ada", n), "by"), "seeker")
		gone(t, o)
		o.refusedFor("taken back", o.answer("ada", n, "view"), wire.ReasonState)
	})
	t.Run("by the seeker, after it was taken back", func(t *testing.T) {
		o := matched(t, n)
		refusal := record.MatchOf("ada", n)
		begins := func() {
			t.Helper()
			o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "match", refusal, wire.Mutation{Patch: doc(`{"number":17000001}`)}))
		}
		begins()
		o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "match", refusal, wire.Mutation{Delete: true}))
		o.round()
		o.wants("taken back", o.mine("ada"), "17000001")
		if got := o.of(boss, n); got.Total != 1 {
			t.Errorf("taken back, the employer's: %+v", got)
		}
		begins()
		o.applied(o.answer("ada", n, "refuse"))
		gone(t, o)
		// That it is forgotten by the desk takes nothing back.
		o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "match", refusal, wire.Mutation{Delete: true}))
		begins()
		gone(t, o)
	})
	t.Run("by the seeker, invited", func(t *testing.T) {
		o := matched(t, n)
		o.drafted(boss, firm, "i1", n, o.of(boss, n).Seekers[0].Match)
		o.applied(o.send("i1", "send"))
		o.applied(o.answer("ada", n, "refuse"))
		o.wants("the invitation", say(o.invitation("i1"), "state"), "declined")
		gone(t, o)
	})
	t.Run("by the employer", func(t *testing.T) {
		o := matched(t, n)
		o.drafted(boss, firm, "i1", n, o.of(boss, n).Seekers[0].Match)
		o.applied(o.send("i1", "reject"))
		o.wants("the seeker is told", say(o.stands("ada", n), "state")+" "+say(o.stands("ada", n), "by"), "refused employer")
		gone(t, o)
		o.refusedFor("invited after", o.send("i1", "send"), wire.ReasonState)
	})
	t.Run("by the employer, invited", func(t *testing.T) {
		o := matched(t, n)
		o.drafted(boss, firm, "i1", n, o.of(boss, n).Seekers[0].Match)
		o.applied(o.send("i1", "send"))
		o.applied(o.answer("ada", n, "answer"))
		o.applied(o.send("i1", "reject"))
		o.wants("the seeker is told", say(o.stands("ada", n), "state")+" "+say(o.stands("ada", n), "by"), "refused employer")
		gone(t, o)
	})
}

// An invitation that is declined, withdrawn or too late is so for both sides; the match goes
// on, without another invitation.
//
// Rows
func TestInviteEnds(t *testing.T) { engines(t, testInviteEnds) }

func testInviteEnds(t *testing.T) {
	const n = 17_000_001
	invited := func(t *testing.T) *office {
		o := matched(t, n)
		o.drafted(boss, firm, "i1", n, o.of(boss, n).Seekers[0].Match)
		o.applied(o.send("i1", "send"))
		o.now = o.now.Add(time.Hour)
		return o
	}
	both := func(o *office) string {
		return say(o.stands("ada", n), "state") + " " + say(o.stands("ada", n), "ended") + " " + say(o.invitation("i1"), "state")
	}
	t.Run("declined", func(t *testing.T) {
		o := invited(t)
		o.applied(o.answer("ada", n, "decline"))
		o.wants("both", both(o), "declined 2026-11-22T18:00:00Z declined")
		o.wants("matches", o.mine("ada"), "17000001")
		o.wants("overview", o.of(boss, n).Seekers[0].State, "declined")
	})
	t.Run("withdrawn", func(t *testing.T) {
		o := invited(t)
		o.applied(o.send("i1", "withdraw"))
		o.wants("both", both(o), "withdrawn 2026-11-22T18:00:00Z withdrawn")
		o.refusedFor("answered", o.answer("ada", n, "answer"), wire.ReasonState)
		o.drafted(boss, firm, "i2", n, o.of(boss, n).Seekers[0].Match)
		o.refusedFor("invited again", o.send("i2", "send"), wire.ReasonTwice)
	})
	t.Run("removed", func(t *testing.T) {
		o := invited(t)
		o.applied(o.push(boss, "employer/"+firm, "invitation", "i1", wire.Mutation{Delete: true}))
		o.wants("the seeker's", say(o.stands("ada", n), "state")+" "+say(o.stands("ada", n), "ended"), "withdrawn 2026-11-22T18:00:00Z")
		// Its code is known to one seeker, and goes to no other.
		o.edit("bob", profiled)
		o.profile("bob", "activate")
		for _, s := range o.of(boss, n).Seekers {
			again := o.push(boss, "employer/"+firm, "invitation", "i1", wire.Mutation{Patch: doc(fmt.Sprintf(`{"posting":%q,"match":%q,"lang":"fr"}`, id(n), s.Match))})
			o.refusedFor("begun again", again, wire.ReasonTwice)
		}
	})
	t.Run("removed after its end", func(t *testing.T) {
		o := invited(t)
		o.applied(o.answer("ada", n, "answer"))
		o.applied(o.push(boss, "employer/"+firm, "invitation", "i1", wire.Mutation{Delete: true}))
		o.wants("the seeker's", say(o.stands("ada", n), "state"), "answered")
		o.wants("matches", o.mine("ada"), "17000001")
	})
	t.Run("too late", func(t *testing.T) {
		o := invited(t)
		o.round()
		o.wants("while it is shown", both(o), "invited  invited")
		o.now = time.Date(2027, 1, 22, 4, 59, 59, 0, time.UTC) // the last second of its last day
		o.round()
		o.wants("on the last day", both(o), "invited  invited")
		o.now = o.now.Add(time.Second)
		o.round()
		o.wants("after it", both(o), "expired 2027-01-22T05:00:00Z expired")
		o.must(o.m.Tidy(t.Context(), o.now.AddDate(0, 0, 3)))
		o.update(func(tx *ledger.Tx) error {
			if all, err := tx.SuitedTo(t.Context(), "ada"); err != nil || len(all) != 0 {
				t.Errorf("matches of what ended: %+v, %v", all, err)
			}
			all, err := tx.Choices(t.Context(), "ada")
			if len(all) != 1 {
				t.Errorf("choices: %+v", all)
			}
			return err
		})
		o.must(o.m.Tidy(t.Context(), o.now.AddDate(2, 0, 5)))
		o.update(func(tx *ledger.Tx) error {
			all, err := tx.Choices(t.Context(), "ada")
			if len(all) != 0 {
				t.Errorf("choices after their time: %+v", all)
			}
			return err
		})
	})
	t.Run("stopped", func(t *testing.T) {
		o := invited(t)
		o.applied(o.answer("ada", n, "view"))
		_, err := o.l.End(t.Context(), []int64{1}, posting.Closed)
		o.must(err)
		o.round()
		o.wants("both", both(o), "expired 2026-11-22T18:00:00Z expired")
	})
}

// What an employer is shown of a seeker, whole, as it travels: nothing in it says who the
// person is, and the id of a match leads to no other posting. Who looked is told to the person.
//
// Rows
func TestOverview(t *testing.T) { engines(t, testOverview) }

func testOverview(t *testing.T) {
	const n = 17_000_001
	o := settle(t)
	o.post(firm, n, cook)
	o.post(firm, n+1, cook)
	o.edit("ada", `{"places":["Rimouski, QC","Rivière-du-Loup, QC"],"workplaces":["s"],"experience":{"63200":"7","65201":"5"},
		"skills":["ps:prepare-and-cook-full-dishes"],"education":["3"],"credentials":["ps:safe-food-handling"],"mode":"default"}`)
	o.profile("ada", "activate")
	got := o.of(boss, n)
	ref := got.Seekers[0].Match
	if second := o.of(boss, n+1).Seekers[0].Match; second == ref || !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(ref) {
		t.Errorf("refs %q and %q", ref, second)
	}
	got.Seekers[0].Match = "REF"
	b, err := json.MarshalIndent(got, "", "\t")
	o.must(err)
	for _, no := range []string{"ada", "Rimouski", "Rivière", "QC", "example.ca", `"places"`, `"name"`, `"account"`, "2026-11-22T17"} {
		if strings.Contains(string(b), no) {
			t.Errorf("an employer reads %q", no)
		}
	}
	name := filepath.Join("testdata", "overview.golden.json")
	if os.Getenv("UPDATE") != "" {
		o.must(os.MkdirAll("testdata", 0o755))
		o.must(os.WriteFile(name, append(b, '\n'), 0o644))
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != string(b)+"\n" {
		t.Errorf("an employer is shown %s, %v; UPDATE=1 rewrites it, and its diff is to be read", b, err)
	}
	o.of(boss, n) // at once: the same look
	o.now = o.now.Add(11 * time.Minute)
	o.of(boss, n)
	o.update(func(tx *ledger.Tx) error {
		all, err := tx.SeenOf(t.Context(), "ada", 10)
		if len(all) != 3 || all[0].Viewer != "boss" || all[0].Role != wire.SeenEmployer || all[0].What != "profile" || all[0].Ref != record.ProfileOf("ada") {
			t.Errorf("who looked: %+v", all)
		}
		return err
	})
}

// A counsellor or a reader who is let into an employer's file sees what it shows, and who was
// let go sees nothing.
//
// Rows: A-060
func TestOverviewIsTheEmployers(t *testing.T) {
	const n = 17_000_001
	o := matched(t, n)
	colleague := hub.Who{Account: "bob"}
	if _, err := o.m.Of(t.Context(), colleague, id(n), o.now); err == nil {
		t.Error("a stranger sees it")
	}
	o.must(o.recs.Let(t.Context(), "employer/"+firm, "bob", "reader", o.now))
	if got := o.of(colleague, n); got.Total != 1 {
		t.Errorf("a colleague: %+v", got)
	}
	o.must(o.recs.Let(t.Context(), "employer/"+firm, "bob", "", o.now))
	if _, err := o.m.Of(t.Context(), colleague, id(n), o.now); err == nil {
		t.Error("who was let go sees it")
	}
	if _, err := o.m.Of(t.Context(), boss, id(999), o.now); err == nil {
		t.Error("a posting that is not there")
	}
}

// An external posting that fits is in a person's alert and never among the matches; one of
// this bank is in both. An alert goes on when the account is suspended.
//
// Rows
func TestAlertsAreOfAll(t *testing.T) {
	o := settle(t)
	alerts, err := alert.New(alert.Options{Ledger: o.l, Keys: o.keys, Base: "https://banque.exemple.ca"})
	o.must(err)
	_, err = alerts.Subscribe(t.Context(), wire.Subscribe{Key: "a-request-for-alerts", Email: "ada@exemple.ca", Lang: "fr", Titles: []string{"63200"}, Places: []string{"Rimouski, QC"}, Zone: "America/Toronto"}, o.now)
	o.must(err)
	o.update(func(tx *ledger.Tx) error { // its letter's link
		mac := alert.AddressMAC(o.keys, "ada@exemple.ca")
		all, err := tx.SubscriptionsOf(t.Context(), mac)
		o.must(err)
		all[0].State, all[0].Confirmed = ledger.AlertActive, o.now
		o.must(tx.PutSubscription(t.Context(), all[0]))
		s, err := tx.Subscriber(t.Context(), mac)
		o.must(err)
		s.State = ledger.Alerted
		return tx.PutSubscriber(t.Context(), s)
	})
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	found := func() int {
		t.Helper()
		o.must(alerts.Round(t.Context(), o.now))
		o.round()
		n := 0
		o.update(func(tx *ledger.Tx) error {
			all, err := tx.SubscriptionsOf(t.Context(), alert.AddressMAC(o.keys, "ada@exemple.ca"))
			n = all[0].Found
			return err
		})
		return n
	}
	external := cook
	external.Source = "demo"
	o.post("", 17_000_001, external)
	o.post(firm, 17_000_002, cook)
	if n := found(); n != 2 {
		t.Errorf("the alert found %d, want both", n)
	}
	o.wants("matches", o.mine("ada"), "17000002")
	o.account("ada", account.Suspended)
	o.post(firm, 17_000_003, cook)
	o.now = o.now.Add(8 * time.Hour) // the evening
	if n := found(); n != 1 {
		t.Errorf("suspended, the alert found %d, want the new one", n)
	}
	o.wants("suspended, matches", o.mine("ada"), "")
}

// No more than the best of a profile's matches are kept, whether they come at once or one
// after the other.
func TestMost(t *testing.T) {
	o := settle(t)
	h, err := hub.Open(t.Context(), t.TempDir(), hub.Options{})
	o.must(err)
	defer func() { _ = h.Close() }()
	o.l = h.Ledger()
	o.must(o.l.PutSource(t.Context(), posting.Source{ID: posting.Native}))
	o.begin(h, matching.Options{Most: 2})
	o.account("ada", account.Active)
	o.employer(boss, firm, true)
	akin := cook
	akin.NOC = "65201"
	o.post(firm, 17_000_001, akin)
	o.post(firm, 17_000_002, cook)
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	o.wants("two", o.mine("ada"), "17000002 17000001")
	o.post(firm, 17_000_003, cook)
	o.round()
	o.wants("one more", o.mine("ada"), "17000003 17000002")
	o.profile("ada", "deactivate")
	o.profile("ada", "activate")
	o.wants("all again", o.mine("ada"), "17000003 17000002")
}
