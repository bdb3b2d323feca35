package matching_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/matching"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// engines runs a test on a file and on a PostgreSQL server, beside the others: each has its
// own bank and its own clock.
func engines(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

const (
	firm  = "019a9f6e-0000-7000-8000-00000000000a" // an employer's file
	other = "019a9f6e-0000-7000-8000-00000000000b"
)

var (
	start = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	boss  = hub.Who{Account: "boss"}
	rival = hub.Who{Account: "rival"}
)

// office is a bank with a clock that is moved by hand.
type office struct {
	t    testing.TB
	l    *ledger.Ledger
	keys *secret.Keys
	recs *hub.Records
	m    *matching.Matching
	now  time.Time
	n    int64
	vers map[string]int64 // of records, by part and id
}

func settle(t testing.TB) *office {
	t.Helper()
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	ho := hub.Options{}
	if strings.Contains(t.Name()+"/", "/postgres/") {
		ho.Ledger = postgrestest.URL(t)
	}
	h, err := hub.Open(context.Background(), simtest.Dir(t), ho)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	o := &office{t: t, l: h.Ledger(), keys: keys, now: start, vers: map[string]int64{}}
	o.must(o.l.PutSource(context.Background(), posting.Source{ID: posting.Native}))
	o.must(o.l.PutSource(context.Background(), posting.Source{ID: "demo"}))
	o.begin(h, matching.Options{})
	for _, who := range []string{"ada", "bob", "boss", "rival"} {
		o.account(who, account.Active)
	}
	o.employer(boss, firm, true)
	o.employer(rival, other, true)
	return o
}

// begin starts the server, as after a restart.
func (o *office) begin(h *hub.Hub, mo matching.Options) {
	o.t.Helper()
	mo.Ledger, mo.Keys = o.l, o.keys
	var err error
	if o.m, err = matching.New(mo); err == nil {
		o.recs, err = h.Records(hub.RecordsOptions{Box: o.keys.Box, Matching: o.m})
	}
	o.must(err)
	o.m.Join(o.recs)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) update(do func(*ledger.Tx) error) {
	o.t.Helper()
	o.must(o.l.Update(context.Background(), do))
}

func (o *office) account(id string, s account.State) {
	o.t.Helper()
	o.update(func(t *ledger.Tx) error {
		a, err := t.Account(context.Background(), id)
		if err != nil {
			a = ledger.Account{ID: id, Email: []byte(id), Created: o.now}
		}
		a.State = s
		return t.PutAccount(context.Background(), a)
	})
}

// write writes a record as the office would: a later issue publishes and approves.
func (o *office) write(part, kind, id string, d record.Doc) {
	o.t.Helper()
	o.update(func(t *ledger.Tx) error {
		return o.recs.Put(context.Background(), t, part, kind, id, o.now, func(was record.Doc) bool {
			clear(was)
			for k, v := range d {
				was[k] = v
			}
			return true
		})
	})
}

func (o *office) employer(who hub.Who, file string, approved bool) {
	o.t.Helper()
	k, _ := record.Find("employer")
	d := k.Example()
	if !approved {
		delete(d, "approved")
		d["state"] = json.RawMessage(`"submitted"`)
	}
	o.write("employer/"+file, "employer", file, d)
	o.update(func(t *ledger.Tx) error {
		return t.PutMember(context.Background(), ledger.Member{Account: who.Account, Part: "employer/" + file, Role: ledger.Owner, Since: o.now})
	})
}

func id(n int64) string { return fmt.Sprintf("019a9f6e-0000-7000-8000-%012d", n) }

var cook = posting.Card{
	Title: posting.Both{FR: "Cuisinier", EN: "Cook"}, Employer: "Chez Exemple", NOC: "63200", Exp: posting.ExpNone, Education: posting.EduNone,
	Place: posting.Place{City: "Rimouski", Province: "QC"}, Zone: "America/Toronto",
}

// post shows a posting of an employer's under a number; of "", of nobody's record.
func (o *office) post(file string, number int64, c posting.Card) {
	o.t.Helper()
	if c.Source == "" {
		c.Source = posting.Native
	}
	c.SourceID, c.Number = id(number), number
	if c.Posted == 0 {
		c.Posted = posting.DayOf(o.now)
	}
	if c.Ends == 0 {
		c.Ends = c.Posted + 60
	}
	if file != "" {
		k, _ := record.Find("posting")
		d := k.Example()
		d["employer"], d["number"] = json.RawMessage(`"`+file+`"`), json.RawMessage(fmt.Sprint(number))
		delete(d, "paused")
		o.write("employer/"+file, "posting", id(number), d)
	}
	_, err := o.l.Put(context.Background(), []posting.Posting{{Card: c}})
	o.must(err)
}

// push sends one mutation of a desk that has seen everything.
func (o *office) push(who hub.Who, part, kind, doc string, m wire.Mutation) wire.Result {
	o.t.Helper()
	o.n++
	var base int64
	o.update(func(t *ledger.Tx) error {
		d, err := t.Doc(context.Background(), part, doc)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		base = d.Ver
		was, err := o.recs.Body(d)
		if m.Was = (record.Doc{}); m.Patch != nil {
			for name := range m.Patch {
				m.Was[name] = was[name]
			}
		}
		return err
	})
	m.ID, m.Client, m.Seq, m.Base, m.Partition, m.Kind, m.Record, m.Made = fmt.Sprint("mutation-", o.n), "d-"+who.Account, o.n, base, part, kind, doc, o.now
	out, err := o.recs.Push(context.Background(), who, wire.Push{Mutations: []wire.Mutation{m}}, o.now)
	o.must(err)
	return out.Results[0]
}

func (o *office) applied(r wire.Result) {
	o.t.Helper()
	if r.Outcome != wire.Applied {
		o.t.Fatalf("the server says %+v", r)
	}
}

func doc(text string) record.Doc {
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

const profiled = `{"places":["Rimouski, QC"],"experience":{"63200":"7"},"education":["3"],"mode":"default"}`

// edit edits a profile, and activate makes it the one that is matched.
func (o *office) edit(account, patch string) {
	o.t.Helper()
	o.applied(o.push(hub.Who{Account: account}, "person/"+account, "profile", record.ProfileOf(account), wire.Mutation{Patch: doc(patch)}))
}

func (o *office) profile(account, command string) {
	o.t.Helper()
	o.applied(o.push(hub.Who{Account: account}, "person/"+account, "profile", record.ProfileOf(account), wire.Mutation{Command: command}))
	o.work()
}

// work does what is queued.
func (o *office) work() {
	o.t.Helper()
	for {
		j, err := o.l.TakeJob(context.Background(), []string{matching.Job}, o.now, time.Minute)
		if err != nil {
			return
		}
		o.must(o.m.Work(context.Background(), j, o.now))
		o.must(o.l.EndJob(context.Background(), j, ledger.JobDone, "", o.now))
	}
}

func (o *office) round() {
	o.t.Helper()
	o.must(o.m.Round(context.Background(), o.now))
}

// mine are the numbers that an account is matched with, the best first.
func (o *office) mine(account string) string {
	o.t.Helper()
	out, err := o.m.Mine(context.Background(), hub.Who{Account: account}, o.now)
	o.must(err)
	var all []string
	for _, m := range out.Matches {
		all = append(all, fmt.Sprint(m.Number))
	}
	return strings.Join(all, " ")
}

func (o *office) of(who hub.Who, number int64) wire.Matched {
	o.t.Helper()
	out, err := o.m.Of(context.Background(), who, id(number), o.now)
	o.must(err)
	return out
}

func (o *office) wants(what, got, want string) {
	o.t.Helper()
	if got != want {
		o.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// body is a record as the server has it.
func (o *office) body(part, doc string) (d record.Doc) {
	o.t.Helper()
	o.update(func(t *ledger.Tx) error {
		raw, err := t.Doc(context.Background(), part, doc)
		if err == nil {
			d, err = o.recs.Body(raw)
		}
		return err
	})
	return d
}

func say(d record.Doc, field string) string { return strings.Trim(string(d[field]), `"`) }

// Only postings that approved employers of this bank made are matched: nothing external, nothing
// imported, nothing that an employer who waits for approval shows, nothing that is over; a copied id opens
// nothing.
//
// Rows
func TestOnlyNative(t *testing.T) { engines(t, testOnlyNative) }

func testOnlyNative(t *testing.T) {
	o := settle(t)
	const waiting = "019a9f6e-0000-7000-8000-00000000000c"
	o.employer(hub.Who{Account: "bob"}, waiting, false)
	external, over := cook, cook
	external.Source = "demo"
	over.Posted, over.Ends = posting.DayOf(o.now)-30, posting.DayOf(o.now)-1
	o.post(firm, 17_000_001, cook)
	o.post("", 17_000_002, external)
	o.post("", 17_000_003, cook) // imported: nobody's record
	o.post(waiting, 17_000_004, cook)
	o.post(firm, 17_000_005, over)
	o.post(firm, 60_000_001, cook)
	// The rival gives a draft the id of the first.
	draft := doc(`{"state":"draft","number":17000001}`)
	o.write("employer/"+other, "posting", id(17_000_001), draft)
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	o.wants("matches", o.mine("ada"), "60000001 17000001")
	for _, who := range []hub.Who{rival, {Account: "ada"}, {Account: "nobody"}} {
		if _, err := o.m.Of(t.Context(), who, id(17_000_001), o.now); err == nil {
			t.Errorf("%s sees the seekers of another's posting", who.Account)
		}
	}
	if got := o.of(boss, 17_000_001); got.Total != 1 || len(got.Seekers) != 1 {
		t.Errorf("seekers of the first: %+v", got)
	}
	// Once the office approves the employer, what it shows is matched without any round.
	o.employer(hub.Who{Account: "bob"}, waiting, true)
	o.wants("matches", o.mine("ada"), "60000001 17000004 17000001")
}

// Only the activated version is matched: an edit changes nothing until it is activated; a
// profile that was never activated, or was put to rest, is matched with nothing and seen by nobody.
//
// Rows
func TestActivated(t *testing.T) { engines(t, testActivated) }

func testActivated(t *testing.T) {
	o := settle(t)
	o.post(firm, 17_000_001, cook)
	nurse := cook
	nurse.NOC, nurse.Title = "31301", posting.Both{FR: "Infirmier", EN: "Nurse"}
	o.post(firm, 17_000_002, nurse)
	o.edit("ada", profiled)
	o.round()
	o.wants("not activated", o.mine("ada"), "")
	if got := o.of(boss, 17_000_001); got.Total != 0 {
		t.Errorf("an employer sees a profile that is not activated: %+v", got)
	}
	o.profile("ada", "activate")
	o.wants("activated", o.mine("ada"), "17000001")
	before := o.of(boss, 17_000_001)
	o.edit("ada", `{"experience":{"31301":"8"}}`)
	o.work()
	o.round()
	o.wants("edited", o.mine("ada"), "17000001")
	if after := o.of(boss, 17_000_001); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("an edit changed what the employer sees: %+v, was %+v", after, before)
	}
	o.profile("ada", "activate")
	o.wants("activated again", o.mine("ada"), "17000002")
	if got, err := o.m.Mine(t.Context(), hub.Who{Account: "ada"}, o.now); err != nil || !got.Active || got.Version != 2 {
		t.Errorf("matches: %+v, %v", got, err)
	}
	o.profile("ada", "deactivate")
	o.wants("put to rest", o.mine("ada"), "")
	if got := o.of(boss, 17_000_002); got.Total != 0 {
		t.Errorf("an employer sees a profile at rest: %+v", got)
	}
}

// A profile that was removed and written anew is matched once it is activated, though its
// versions are counted from one again.
//
// Rows: A-056
func TestBegunAgain(t *testing.T) { engines(t, testBegunAgain) }

func testBegunAgain(t *testing.T) {
	o := settle(t)
	o.post(firm, 17_000_001, cook)
	ada := hub.Who{Account: "ada"}
	for range 2 {
		o.edit("ada", profiled)
		o.profile("ada", "activate")
		o.wants("activated", o.mine("ada"), "17000001")
		o.applied(o.push(ada, "person/ada", "profile", record.ProfileOf("ada"), wire.Mutation{Delete: true}))
		o.wants("removed", o.mine("ada"), "")
		o.now = o.now.Add(time.Minute)
	}
}

// Postings that come, change and end are matched at the next round; the strict way is a part
// of the default one; what is hidden is not matched, nor is the seeker seen there.
//
// Rows
func TestRound(t *testing.T) { engines(t, testRound) }

func testRound(t *testing.T) {
	o := settle(t)
	for _, who := range []string{"ada", "bob"} {
		o.edit(who, profiled)
	}
	o.edit("bob", `{"mode":"strict"}`)
	o.profile("ada", "activate")
	o.profile("bob", "activate")
	o.round()
	o.post(firm, 17_000_001, cook)
	close := cook // close work is a match in the default way alone
	close.NOC, close.Title = "65201", posting.Both{FR: "Aide de cuisine", EN: "Kitchen helper"}
	o.post(firm, 17_000_002, close)
	o.wants("before the round", o.mine("ada"), "")
	o.round()
	o.wants("default", o.mine("ada"), "17000001 17000002")
	o.wants("strict", o.mine("bob"), "17000001")
	if got := o.of(boss, 17_000_002); got.Total != 1 {
		t.Errorf("seekers of the second: %+v", got)
	}
	// The first becomes another job, the second is stopped.
	welder := cook
	welder.NOC, welder.Title = "72106", posting.Both{FR: "Soudeur", EN: "Welder"}
	o.post(firm, 17_000_001, welder)
	var row int64
	o.update(func(tx *ledger.Tx) error {
		c, err := tx.NativePosting(t.Context(), id(17_000_002))
		row = c.ID
		return err
	})
	_, err := o.l.End(t.Context(), []int64{row}, posting.Closed)
	o.must(err)
	o.wants("stopped, before the round", o.mine("ada"), "17000001")
	o.round()
	o.wants("changed", o.mine("ada"), "")
	o.post(firm, 17_000_003, cook)
	o.round()
	o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "hidden", "h1", wire.Mutation{Patch: doc(`{"what":"employer","employer":"CHEZ EXEMPLE"}`)}))
	o.work()
	o.wants("hidden", o.mine("ada"), "")
	if got := o.of(boss, 17_000_003); got.Total != 1 {
		t.Errorf("seekers: %+v, want the one who hides nothing", got)
	}
	o.applied(o.push(hub.Who{Account: "ada"}, "person/ada", "hidden", "h1", wire.Mutation{Delete: true}))
	o.work()
	o.wants("shown again", o.mine("ada"), "17000003")
}

// After an upgrade with other rules or lists, everybody's matches are made again, once.
//
// Rows: A-064
func TestLists(t *testing.T) { engines(t, testLists) }

func testLists(t *testing.T) {
	o := settle(t)
	o.post(firm, 17_000_001, cook)
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	o.round()
	spoil := func() {
		t.Helper()
		o.update(func(tx *ledger.Tx) error { // a score of other rules
			return tx.PutSuited(t.Context(), ledger.Suited{Account: "ada", Posting: 1, Percent: 51, At: o.now})
		})
	}
	percent := func() int {
		t.Helper()
		out, err := o.m.Mine(t.Context(), hub.Who{Account: "ada"}, o.now)
		o.must(err)
		return out.Matches[0].Percent
	}
	right := percent()
	spoil()
	o.round()
	if got := percent(); got != 51 {
		t.Errorf("%d %%: a round looked at what had not changed", got)
	}
	var err error
	if o.m, err = matching.New(matching.Options{Ledger: o.l, Keys: o.keys, Lists: "2099.1"}); err != nil {
		t.Fatal(err)
	}
	o.m.Join(o.recs)
	o.round()
	if got := percent(); got != right {
		t.Errorf("by other lists: %d %%, want %d", got, right)
	}
	spoil()
	o.round()
	if got := percent(); got != 51 {
		t.Errorf("%d %%: made again twice", got)
	}
}

// An Express Entry candidate is matched from the 31st day on, not counting the days on which
// the posting was not shown; everybody else at once.
//
// Rows: A-057
func TestExpress(t *testing.T) { engines(t, testExpress) }

func testExpress(t *testing.T) {
	o := settle(t)
	o.post(firm, 17_000_001, cook)
	for _, who := range []string{"ada", "bob"} {
		o.edit(who, profiled)
	}
	o.edit("ada", `{"express":true}`)
	o.profile("ada", "activate")
	o.profile("bob", "activate")
	o.wants("at once", o.mine("bob"), "17000001")
	day := o.now
	for _, c := range []struct {
		days int
		want string
	}{{0, ""}, {29, ""}, {30, ""}, {31, "17000001"}} {
		o.now = day.AddDate(0, 0, c.days)
		o.wants(fmt.Sprint("after ", c.days, " days"), o.mine("ada"), c.want)
		seekers := 1
		if c.want != "" {
			seekers++
		}
		if got := o.of(boss, 17_000_001); got.Total != seekers {
			t.Errorf("seekers after %d days: %+v", c.days, got)
		}
	}
	// Two of the days it was not shown.
	d := o.body("employer/"+firm, id(17_000_001))
	d["paused"] = json.RawMessage("2")
	o.write("employer/"+firm, "posting", id(17_000_001), d)
	o.wants("two days off", o.mine("ada"), "")
	o.now = day.AddDate(0, 0, 33)
	o.wants("two days later", o.mine("ada"), "17000001")
}

// A suspended account is matched with nothing from that moment on; its profile says that it
// was put to rest, and who comes back activates it again. Registering and closed ones are
// not matched either.
//
// Rows
func TestSuspended(t *testing.T) { engines(t, testSuspended) }

func testSuspended(t *testing.T) {
	o := settle(t)
	o.post(firm, 17_000_001, cook)
	o.edit("ada", profiled)
	o.profile("ada", "activate")
	o.account("ada", account.Warned)
	o.wants("warned", o.mine("ada"), "17000001")
	o.account("ada", account.Suspended)
	o.wants("suspended", o.mine("ada"), "")
	if got := o.of(boss, 17_000_001); got.Total != 0 {
		t.Errorf("an employer sees a suspended account: %+v", got)
	}
	o.round()
	profile := o.body("person/ada", record.ProfileOf("ada"))
	if say(profile, "state") != "inactive" || say(profile, "rested") != "2026-11-22T17:00:00Z" {
		t.Errorf("the profile: %s", profile)
	}
	o.account("ada", account.Active)
	o.round()
	o.wants("back", o.mine("ada"), "")
	o.profile("ada", "activate")
	o.wants("activated again", o.mine("ada"), "17000001")
	if profile = o.body("person/ada", record.ProfileOf("ada")); say(profile, "rested") != "" || say(profile, "version") != "2" {
		t.Errorf("the profile: %s", profile)
	}
	o.account("ada", account.Closed)
	o.wants("closed", o.mine("ada"), "")
	o.round()
}
