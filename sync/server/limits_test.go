package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/replica"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// village is a bank of private records with nothing published, on an engine: whoever comes
// in has no SIN. Two servers of one place are replicas of each other.
func village(t *testing.T, at place, ro hub.RecordsOptions, change func(*server.Options)) *town {
	t.Helper()
	h, err := hub.Open(t.Context(), at.dir, hub.Options{Ledger: at.url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	w := &town{keys: at.keys, house: mail.House{Base: base, Box: at.keys.Box}, log: &lines{}, bank: &bank{Hub: h, client: http.DefaultClient}}
	g, err := gate.New(gate.Options{Ledger: h.Ledger(), Keys: at.keys, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	ro.Box = at.keys.Box
	if w.records, err = h.Records(ro); err != nil {
		t.Fatal(err)
	}
	often := server.Rate{Burst: 1 << 30, Every: time.Nanosecond}
	o := server.Options{Dir: at.dir, Bank: h, Now: w.now, Gate: g, Records: w.records, Flows: often, Syncs: often}
	if change != nil {
		change(&o)
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(s)
	t.Cleanup(func() { served.Close(); _ = s.Close() })
	w.url = served.URL
	return w
}

// place is where a bank keeps what it has.
type place struct {
	dir, url string // of a database; "": a file in the directory
	keys     *secret.Keys
}

func someplace(t *testing.T) place {
	t.Helper()
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	return place{dir: t.TempDir(), keys: keys}
}

func onEngines(t *testing.T, test func(t *testing.T, at place)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			at := someplace(t)
			if engine == "postgres" {
				at.url = postgrestest.URL(t)
			}
			test(t, at)
		})
	}
}

func TestMain(m *testing.M) { postgrestest.Main(m) }

// someone registers.
func (w *town) someone(t *testing.T, c *client.Client, email string) wire.Session {
	t.Helper()
	p, err := c.Begin(t.Context(), "", wire.Begin{Kind: account.Register, Lang: "fr", Device: "bureau"})
	if err != nil {
		t.Fatal(err)
	}
	p = step(t, c, p, agree, account.StepIdentity)
	in := identity
	in.Email = email
	p = step(t, c, p, in, account.StepCode)
	p = step(t, c, p, wire.Answer{Code: w.letter(t, mail.Confirm).Code}, account.StepQuestions)
	return *step(t, c, p, fiveAnswers(), account.StepDone).Session
}

// records are n new ones in a push, from the numbered on.
func records(s wire.Session, client string, first, n int) (in wire.Push) {
	for i := range n {
		in.Mutations = append(in.Mutations, saved(s, client, int64(first+i), fmt.Sprint(client, "-r", first+i)))
	}
	return in
}

// Mutations are counted, not only requests: who has sent too many is told when to come
// back, nothing of what they sent is half taken, they may go on pulling, and so may others.
func TestMutationsAreLimited(t *testing.T) {
	w := village(t, someplace(t), hub.RecordsOptions{}, func(o *server.Options) { o.Mutations = server.Rate{Burst: 5, Every: time.Minute} })
	c := w.desktop(t)
	ada, bob := w.someone(t, c, "ada@exemple.ca"), w.someone(t, c, "bob@exemple.ca")
	if _, err := c.Push(t.Context(), ada.Access, records(ada, "one", 1, 3)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Push(t.Context(), ada.Access, records(ada, "one", 4, 4))
	var no *wire.Refused
	if !errors.As(err, &no) || no.Code != account.TooMany || no.After != 2*time.Minute {
		t.Errorf("the 7th: %v, want too_many and to come back in two minutes", err)
	}
	got, err := c.Pull(t.Context(), ada.Access, wire.Pull{})
	if err != nil || len(got.Parts[0].Changes) != 3 {
		t.Errorf("pulled %+v, %v; want three records", got, err)
	}
	if _, err := c.Push(t.Context(), bob.Access, records(bob, "two", 1, 5)); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	w.clock.Add(120)
	if out, err := c.Push(t.Context(), ada.Access, records(ada, "one", 4, 4)); err != nil || out.Results[3].Outcome != wire.Applied {
		t.Errorf("after two minutes: %+v, %v", out, err)
	}
	// One that could never be taken whole waits until all is there, and not for ever.
	w.clock.Add(300)
	if _, err := c.Push(t.Context(), ada.Access, records(ada, "one", 8, 20)); err != nil {
		t.Errorf("more than the measure holds: %v", err)
	}
}

// seat is a desk with a real file, which asks over real HTTP.
type seat struct {
	t *testing.T
	*cache.Records
	sync func() error
}

func sit(t *testing.T, c replica.Remote, s wire.Session) *seat {
	t.Helper()
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	file, err := cache.OpenPerson(t.Context(), filepath.Join(t.TempDir(), "desk"), s.Account, box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	recs, err := file.Records()
	if err != nil {
		t.Fatal(err)
	}
	p := replica.NewPrivate(c, recs, replica.PrivateOptions{
		Token: func(context.Context, string) (string, error) { return s.Access, nil },
		Wait:  func(context.Context, time.Duration) error { return nil },
		Now:   func() time.Time { return noon },
	})
	return &seat{t, recs, func() error { _, err := p.Sync(t.Context()); return err }}
}

func (d *seat) put(s wire.Session, id, name string) {
	d.t.Helper()
	k, _ := record.Find("search")
	made := edited(k)
	made["name"] = []byte(fmt.Sprintf("%q", name))
	if err := d.Put(d.t.Context(), ref(s, id), made, noon); err != nil {
		d.t.Fatal(err)
	}
}

func ref(s wire.Session, id string) cache.Ref {
	return cache.Ref{Partition: "person/" + s.Account, Kind: "search", Record: id}
}

// shown are the records of a desk, by name.
func (d *seat) shown() (all []string) {
	d.t.Helper()
	list, err := d.List(d.t.Context(), "search")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range list {
		all = append(all, string(r.Doc["name"]))
	}
	slices.Sort(all)
	return all
}

// What is over the quota of a partition stays on the desk with its reason, the rest goes
// through, and room that is made is used.
func TestQuotaOverHTTP(t *testing.T) { onEngines(t, testQuotaOverHTTP) }

func testQuotaOverHTTP(t *testing.T, at place) {
	w := village(t, at, hub.RecordsOptions{MaxRecords: 3}, nil)
	c := w.desktop(t)
	ada := w.someone(t, c, "ada@exemple.ca")
	d := sit(t, c, ada)
	for n := range 5 {
		d.put(ada, fmt.Sprint("r", n), fmt.Sprint("n", n))
	}
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	box, err := d.Outbox(t.Context())
	if err != nil || len(box) != 2 || box[0].Why != wire.ReasonQuota || box[1].Why != wire.ReasonQuota {
		t.Fatalf("the outbox holds %+v, %v; want two that met the quota", box, err)
	}
	if got := d.shown(); len(got) != 5 {
		t.Errorf("the desk shows %v, want all five", got)
	}
	if err := d.Delete(t.Context(), ref(ada, "r0"), noon); err != nil {
		t.Fatal(err)
	}
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	if err := d.Retry(t.Context(), box[0].N); err != nil {
		t.Fatal(err)
	}
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	got, err := c.Pull(t.Context(), ada.Access, wire.Pull{})
	if err != nil || len(got.Parts[0].Changes) != 3 {
		t.Errorf("the server has %+v, %v; want three records", got, err)
	}
	if box, err = d.Outbox(t.Context()); err != nil || len(box) != 1 {
		t.Errorf("%d wait, %v; want the one without room", len(box), err)
	}
}

// A desk that was away for longer than the log is kept is given what stands: what was
// removed meanwhile goes, what it had not sent stays its own and is sent.
//
// Rows: X-013
func TestAwayLongerThanTheLog(t *testing.T) { onEngines(t, testAwayLongerThanTheLog) }

func testAwayLongerThanTheLog(t *testing.T, at place) {
	w := village(t, at, hub.RecordsOptions{}, nil)
	c := w.desktop(t)
	ada := w.someone(t, c, "ada@exemple.ca")
	one, two := sit(t, c, ada), sit(t, c, ada)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"a", "b", "c"} {
		one.put(ada, id, id)
	}
	must(one.sync())
	must(two.sync())
	// The second one is away: it removes nothing and adds something.
	two.put(ada, "d", "made away")
	must(one.Delete(t.Context(), ref(ada, "b"), noon))
	one.put(ada, "c", "c again")
	must(one.sync())
	must(w.records.Tidy(t.Context(), noon.AddDate(0, 4, 0)))
	behind := wire.Cursor{Partition: "person/" + ada.Account, Epoch: 1, Seq: 2}
	got, err := c.Pull(t.Context(), ada.Access, wire.Pull{Cursors: []wire.Cursor{behind}, Limit: 1})
	if err != nil || len(got.Parts) != 1 || !got.Parts[0].Snapshot || got.Parts[0].More || got.Parts[0].Seq != 5 || len(got.Parts[0].Changes) != 2 {
		t.Fatalf("an old cursor: %+v, %v; want a snapshot of two records at 5", got, err)
	}
	must(two.sync())
	must(one.sync())
	want := []string{`"a"`, `"c again"`, `"made away"`}
	if a, b := one.shown(), two.shown(); !slices.Equal(a, want) || !slices.Equal(b, want) {
		t.Errorf("desks show %v and %v, want %v", a, b, want)
	}
	if n, err := two.Waiting(t.Context()); err != nil || n != 0 {
		t.Errorf("%d wait, %v", n, err)
	}
	if got, err = c.Pull(t.Context(), ada.Access, wire.Pull{Cursors: []wire.Cursor{{Partition: behind.Partition, Epoch: 1, Seq: 5}}}); err != nil ||
		got.Parts[0].Snapshot || len(got.Parts[0].Changes) != 1 {
		t.Errorf("a cursor at the floor: %+v, %v; want the one change after it", got, err)
	}
}

// away are records whose ledger does not answer.
type away struct {
	server.Records
	err error
}

func (a away) Push(context.Context, hub.Who, wire.Push, time.Time) (wire.Pushed, error) {
	return wire.Pushed{}, a.err
}

func (a away) Pull(context.Context, hub.Who, wire.Pull, time.Time) (wire.Pulled, error) {
	return wire.Pulled{}, a.err
}

// A ledger that is away, busy or full puts desks off, and says for how long.
func TestLedgerThatDoesNotAnswer(t *testing.T) {
	for _, cause := range []error{sqldb.ErrAway, sqldb.ErrBusy, sqldb.ErrAgain, sqldb.ErrFull} {
		t.Run(cause.Error(), func(t *testing.T) {
			w := village(t, someplace(t), hub.RecordsOptions{}, func(o *server.Options) { o.Records = away{o.Records, fmt.Errorf("push: %w", cause)} })
			c := w.desktop(t)
			ada := w.someone(t, c, "ada@exemple.ca")
			_, push := c.Push(t.Context(), ada.Access, records(ada, "one", 1, 1))
			_, pull := c.Pull(t.Context(), ada.Access, wire.Pull{})
			for name, err := range map[string]error{"Push": push, "Pull": pull} {
				if !errors.Is(err, wire.ErrDown) {
					t.Errorf("%s: %v, want ErrDown", name, err)
				}
			}
			h := header{"Content-Type": "application/json", "Authorization": "Bearer " + ada.Access}
			res, _ := w.ask(t, http.MethodPost, wire.PullPath, h, []byte(`{}`))
			if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "60" {
				t.Errorf("%s, Retry-After %q; want 503 and a minute", res.Status, res.Header.Get("Retry-After"))
			}
		})
	}
}
