package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/replica"
	"passerelle/sync/server"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

var (
	_ state.Private = (*desk.Private)(nil)
	_ state.Editor  = (*desk.Private)(nil)
)

// hall is a real server, over real HTTP, on a clock of its own.
type hall struct {
	t    *testing.T
	url  string
	hub  *hub.Hub
	keys *secret.Keys

	mu    sync.Mutex
	at    time.Time
	down  time.Duration // how long the maintenance takes; 0: there is none
	stops func(r *http.Request)
}

func (h *hall) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hall) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, at: noon}
	var err error
	if h.hub, err = hub.Open(t.Context(), t.TempDir(), hub.Options{}); err != nil {
		t.Fatal(err)
	}
	if h.keys, err = secret.Temporary(secret.Cheap); err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Options{Ledger: h.hub.Ledger(), Keys: h.keys, Base: "https://passerelle.example"})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := h.hub.Records(hub.RecordsOptions{Box: h.keys.Box})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{Dir: t.TempDir(), Bank: h.hub, Gate: g, Records: recs, Now: h.now, Heartbeat: 20 * time.Millisecond,
		Maintenance: func() (time.Duration, bool) {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.down, h.down > 0
		}})
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		f := h.stops
		h.mu.Unlock()
		if f != nil {
			f(r)
		}
		s.ServeHTTP(w, r)
	}))
	h.url = at.URL
	t.Cleanup(func() { at.CloseClientConnections(); at.Close(); _ = errors.Join(s.Close(), h.hub.Close()) })
	return h
}

// seated is a desk whose background sync runs.
type seated struct {
	*desk.Desk
	h *hall
}

func (h *hall) desk(runs bool) seated {
	h.t.Helper()
	d, err := desk.Open(h.t.Context(), desk.Options{Dir: h.t.TempDir(), Server: h.url, Keyring: &ring{kept: map[string]string{}}, Now: h.now})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(h.t.Context())
	var g sync.WaitGroup
	if runs {
		g.Go(func() { _ = d.Private.Run(ctx) })
	}
	h.t.Cleanup(func() { stop(); g.Wait(); _ = d.Close() })
	return seated{d, h}
}

const password = "un cheval agrafe juste"

// walk goes through a flow with the answers that it takes.
func (d seated) walk(b wire.Begin, email string) {
	t := d.h.t
	t.Helper()
	p, err := d.Accounts.Begin(t.Context(), b)
	for flow := p.Flow; err == nil && p.Step != account.StepDone; {
		var in wire.Answer
		switch p.Step {
		case account.StepTerms:
			in = wire.Answer{Accept: true, Terms: account.TermsVersion}
		case account.StepIdentity:
			in = wire.Answer{First: "Ada", Last: "Essai", Email: email, Password: password, Again: password, Lang: "fr"}
		case account.StepPassword:
			in = wire.Answer{Email: email, Password: password}
		case account.StepCode:
			l := d.h.hub.Ledger()
			j, e := l.TakeJob(t.Context(), []string{mail.Job}, d.h.now(), time.Minute)
			if e != nil {
				t.Fatal(e)
			}
			m, e := mail.Open(d.h.keys.Box, j.Body)
			if e != nil {
				t.Fatal(e)
			}
			in.Code = m.Code
		}
		for i, id := range account.QuestionIDs[:5] {
			if p.Step == account.StepQuestion && id == p.Question {
				in.Answer = fmt.Sprint("la réponse ", i)
			}
			if p.Step == account.StepQuestions {
				in.Questions = append(in.Questions, wire.QA{Question: id, Answer: fmt.Sprint("la réponse ", i)})
			}
		}
		p, err = d.Accounts.Step(t.Context(), flow, p.Step, in)
	}
	if err != nil {
		t.Fatalf("%s of %s at %s: %v", b.Kind, email, p.Step, err)
	}
}

func (d seated) register(email string) {
	d.h.t.Helper()
	d.walk(wire.Begin{Kind: account.Register, Lang: "fr", Device: "bureau"}, email)
}

func (d seated) signIn(email string) {
	d.h.t.Helper()
	d.walk(wire.Begin{Kind: account.SignIn, Lang: "fr", Device: "portable"}, email)
}

func (d seated) who() string { return d.Accounts.Standing().Person.ID }

func (d seated) must(err error) {
	d.h.t.Helper()
	if err != nil {
		d.h.t.Fatal(err)
	}
}

func (d seated) sync() {
	d.h.t.Helper()
	d.must(d.Private.Sync(d.h.t.Context()))
}

// profile is a record of whoever is at the desk, the same at every desk.
func (d seated) profile() cache.Ref {
	return cache.Ref{Partition: "person/" + d.who(), Kind: "profile", Record: "019a9f6e-0000-7000-8000-00000000000a"}
}

func (d seated) put(mode string, places ...string) {
	d.h.t.Helper()
	m, _ := json.Marshal(mode)
	p, _ := json.Marshal(places)
	d.must(d.Private.Put(d.h.t.Context(), d.profile(), record.Doc{"mode": m, "places": p}))
}

func (d seated) shows() string {
	d.h.t.Helper()
	r, err := d.Private.Get(d.h.t.Context(), d.profile())
	if errors.Is(err, cache.ErrNotFound) {
		return ""
	}
	d.must(err)
	b, _ := json.Marshal(r.Doc)
	return string(b)
}

// until waits for the status of a desk to be as wanted.
func (d seated) until(what string, is func(replica.Steady) bool) {
	t := d.h.t
	t.Helper()
	moved := make(chan struct{}, 1)
	defer d.Private.Watch(func() {
		select {
		case moved <- struct{}{}:
		default:
		}
	})()
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for !is(d.Private.Status()) {
		select {
		case <-moved:
		case <-late.C:
			t.Fatalf("%s: never; status %+v", what, d.Private.Status())
		}
	}
}

func live(s replica.Steady) bool    { return s.Live }
func settled(s replica.Steady) bool { return s.Waiting == 0 && !s.Working && s.Err == nil }

// Two computers of one account, over real HTTP: what the person saves and writes at one shows
// at the other without being asked for; edits made apart come together, and what cannot be is
// chosen once, anywhere. Access tokens that ended meanwhile are renewed on the way.
//
// Rows: B-009, X-014, X-024
func TestRecordsOfTwoDesks(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	one.until("a channel of hints", live)
	two.until("a channel of hints", live)

	mine, err := one.Accounts.Personal(ctx, one.who())
	one.must(err)
	if _, err := mine.SaveSearch(ctx, "couvreur à Moncton", query.Query{Words: "couvreur"}, h.now()); err != nil {
		t.Fatal(err)
	}
	one.must(mine.Save(ctx, posting.Posting{Card: posting.Card{ID: 7, Number: 10_000_007, Source: "demo"}}, h.now()))
	one.put("default", "NB")
	one.until("all has left by itself", settled)
	theirs, err := two.Accounts.Personal(ctx, two.who())
	two.must(err)
	two.until("what the other saved", func(replica.Steady) bool {
		is, err := theirs.IsSaved(ctx, 7)
		two.must(err)
		return is && two.shows() != ""
	})
	if got := two.shows(); got != `{"mode":"default","places":["NB"]}` {
		t.Errorf("the other desk has %s", got)
	}

	h.set(func() { h.at = h.at.Add(time.Hour) }) // no access token is good any more
	one.put("strict", "NB", "QC")
	two.put("default", "NB", "ON")
	one.sync()
	two.sync()
	one.sync()
	if a, b := one.shows(), two.shows(); a != b || a != `{"mode":"strict","places":["NB","QC","ON"]}` {
		t.Errorf("edited apart: %s and %s", a, b)
	}
	for d, years := range map[seated]string{one: `{"63200":"7"}`, two: `{"63200":"6"}`} {
		r, err := d.Private.Get(ctx, d.profile())
		d.must(err)
		r.Doc["experience"] = json.RawMessage(years)
		d.must(d.Private.Put(ctx, d.profile(), r.Doc))
	}
	one.sync()
	two.sync()
	if st := two.Private.Status(); st.Conflicts != 1 || st.Err != nil {
		t.Fatalf("the second's status: %+v, want one conflict", st)
	}
	two.must(two.Private.Resolve(ctx, two.profile(), map[string]cache.Choice{"experience": {Side: cache.Mine}}))
	two.sync()
	one.sync()
	want := `{"experience":{"63200":"6"},"mode":"strict","places":["NB","QC","ON"]}`
	if a, b := one.shows(), two.shows(); a != want || b != want || two.Private.Status().Conflicts != 0 {
		t.Errorf("after the choice: %s and %s, %+v", a, b, two.Private.Status())
	}
}

// A computer that was signed out from another one: its next sync is refused, nothing of the
// person stays on it, and the other goes on.
//
// Rows: B-009
func TestRecordsOfARevokedDesk(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	two.put("default", "NB")
	two.sync()
	id, dir := two.who(), two.Dir
	if f, err := filepath.Glob(filepath.Join(dir, "account-*")); err != nil || len(f) == 0 {
		t.Fatalf("no file of the person: %v, %v", f, err)
	}
	me, _, err := one.Accounts.Me(ctx)
	one.must(err)
	for _, device := range me.Devices {
		if !device.This {
			_, err := one.Accounts.Change(ctx, wire.ActRevoke, wire.Answer{Device: device.ID})
			one.must(err)
		}
	}
	if err := two.Private.Sync(ctx); err == nil {
		t.Error("a revoked desk has synced")
	}
	if st := two.Accounts.Standing(); !st.Gone || st.Mode != session.Nobody {
		t.Errorf("standing %+v", st)
	}
	two.until("nothing is shown", func(s replica.Steady) bool { return s.Err == nil && s.Last.IsZero() })
	if f, err := filepath.Glob(filepath.Join(dir, "account-*")); err != nil || len(f) != 0 {
		t.Errorf("of %s there is still %v, %v", id, f, err)
	}
	if _, err := two.Private.Outbox(ctx); !errors.Is(err, cache.ErrNoAccount) {
		t.Errorf("Outbox: %v, want ErrNoAccount", err)
	}
	one.sync()
	if one.shows() == "" {
		t.Error("the other desk lost the record")
	}
}

// During a maintenance the program says so and when it tries again; what was written waits
// and leaves afterwards, once.
//
// Rows: B-018
func TestRecordsDuringMaintenance(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one := h.desk(true)
	one.register("ada@exemple.ca")
	one.sync()
	h.set(func() { h.down = 40 * time.Minute })
	one.put("default", "NB")
	err := one.Private.Sync(ctx)
	var down *wire.Down
	if !errors.Is(err, wire.ErrDown) || !errors.As(err, &down) || down.Code != wire.Maintenance || down.After != 40*time.Minute {
		t.Fatalf("Sync: %v, want a maintenance of 40 minutes", err)
	}
	one.until("the maintenance", func(s replica.Steady) bool {
		return errors.Is(s.Err, wire.ErrDown) && s.Waiting == 1 && s.Next.Sub(h.now()) >= 39*time.Minute
	})
	box, err := one.Private.Outbox(ctx)
	one.must(err)
	if len(box) != 1 || one.shows() == "" {
		t.Errorf("outbox %+v, and the record %s", box, one.shows())
	}
	h.set(func() { h.down = 0 })
	one.sync()
	one.until("all has left", settled)
	sent, err := one.Private.Sent(ctx)
	one.must(err)
	if len(sent) != 1 {
		t.Errorf("sent %+v", sent)
	}
}

// Somebody locks, or leaves and another person comes, while a request is on its way: nothing
// of the answer is kept for who is here now, nothing is sent under their name, and what left
// is taken once.
//
// Rows: X-059
func TestRecordsWhenThePersonChanges(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	d := h.desk(true)
	d.register("berthe@exemple.ca")
	berthe := d.who()
	d.sync()
	d.Accounts.Lock()
	d.register("ada@exemple.ca")
	ada := d.who()
	d.sync()
	for _, leaves := range []string{"locks", "leaves"} {
		mode := map[string]string{"locks": "strict", "leaves": "default"}[leaves]
		var once sync.Once
		came, goes := make(chan struct{}), make(chan struct{})
		h.set(func() {
			h.stops = func(r *http.Request) {
				if r.URL.Path == wire.PushPath {
					once.Do(func() { close(came); <-goes })
				}
			}
		})
		d.put(mode, "NB")
		ended := make(chan error, 1)
		go func() { ended <- d.Private.Sync(ctx) }()
		<-came
		if leaves == "locks" {
			d.Accounts.Lock()
		} else {
			d.Accounts.Lock()
			d.must(d.Accounts.Unlock(ctx, berthe, ""))
		}
		if err := <-ended; !errors.Is(err, replica.ErrSwitched) {
			t.Errorf("%s: Sync: %v, want ErrSwitched", leaves, err)
		}
		close(goes)
		h.set(func() { h.stops = nil })
		if leaves == "leaves" {
			d.until("the other person's", func(s replica.Steady) bool { return !s.Last.IsZero() && !s.Working })
			for _, kind := range []string{"profile", "saved"} {
				if all, err := d.Private.List(ctx, kind); err != nil || len(all) != 0 {
					t.Errorf("berthe has %+v, %v", all, err)
				}
			}
			if st := d.Private.Status(); st.Waiting != 0 || slices.ContainsFunc(st.Parts, func(c cache.Cursor) bool { return c.Partition == "person/"+ada }) {
				t.Errorf("berthe's status: %+v", st)
			}
		} else if _, err := d.Private.Get(ctx, d.profile()); !errors.Is(err, cache.ErrNoAccount) {
			t.Errorf("locked: %v, want ErrNoAccount", err)
		}
		d.must(d.Accounts.Unlock(ctx, ada, ""))
		d.sync()
		d.until("all has left", settled)
		r, err := d.Private.Get(ctx, d.profile())
		d.must(err)
		if string(r.Doc["mode"]) != fmt.Sprintf("%q", mode) || r.Waits {
			t.Errorf("%s: the record is %s, waiting %v", leaves, r.Doc, r.Waits)
		}
	}
	d.must(d.Accounts.SignOut(ctx, false))
	if st := d.Private.Status(); st.Waiting != 0 {
		t.Errorf("after the end: %+v", st)
	}
}

// Who ends a session has what waits sent first, even if nothing of them stays; a server that
// is stopped keeps nobody, and what waits stays sealed.
//
// Rows: X-059
func TestRecordsLeaveFirst(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	one.sync()
	id := one.who()
	one.put("default", "NB")
	one.must(one.Accounts.SignOut(ctx, true))
	two.signIn("ada@exemple.ca")
	two.sync()
	if two.shows() == "" {
		t.Error("what was written just before the end is lost")
	}
	h.set(func() { h.down = time.Hour })
	two.put("strict", "NB")
	two.must(two.Accounts.SignOut(ctx, false))
	h.set(func() { h.down = 0 })
	if st := two.Private.Status(); st.Waiting != 0 {
		t.Errorf("of nobody: %+v", st)
	}
	two.signIn("ada@exemple.ca")
	if two.who() != id {
		t.Fatal("somebody else")
	}
	// It waits still, or has left already: the keeper syncs as soon as somebody comes.
	box, err := two.Private.Outbox(ctx)
	two.must(err)
	sent, err := two.Private.Sent(ctx)
	two.must(err)
	if len(box)+len(sent) == 0 {
		t.Error("what waited is gone for who comes back")
	}
	two.sync()
	two.until("all has left", settled)
	one.signIn("ada@exemple.ca")
	one.sync()
	if r, err := one.Private.Get(ctx, one.profile()); err != nil || string(r.Doc["mode"]) != `"strict"` {
		t.Errorf("at the other desk: %s, %v; want what had waited", r.Doc, err)
	}
}

// A desk that never reaches the server: its outbox goes by file to another computer of the
// same person, who carries it in, and the answers come back.
//
// Rows: X-015
func TestOutboxIsCarried(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	one.sync()
	two.sync()
	h.set(func() { h.down = time.Hour })
	one.put("default", "NB")
	parcel, receipts := filepath.Join(t.TempDir(), "boite.passerelle"), filepath.Join(t.TempDir(), "recus.passerelle")
	if n, err := one.Private.Export(ctx, parcel); n != 1 || err != nil {
		t.Fatalf("Export: %d, %v; want one item", n, err)
	}
	if i, err := os.Stat(parcel); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v; want it for its owner alone", i, err)
	}
	if _, err := two.Private.Carry(ctx, parcel, receipts); !errors.Is(err, wire.ErrDown) {
		t.Errorf("Carry during a maintenance: %v", err)
	}
	h.set(func() { h.down = 0 })
	if n, err := two.Private.Carry(ctx, parcel, receipts); n != 1 || err != nil {
		t.Fatalf("Carry: %d, %v; want one item", n, err)
	}
	two.sync()
	if two.shows() == "" {
		t.Error("what was carried in does not show where it was")
	}
	if n, err := one.Private.Import(ctx, receipts); n != 1 || err != nil {
		t.Fatalf("Import: %d, %v; want one", n, err)
	}
	one.until("nothing waits", func(s replica.Steady) bool { return s.Waiting == 0 })
	if n, err := one.Private.Import(ctx, receipts); n != 0 || err != nil {
		t.Errorf("Import again: %d, %v", n, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(parcel), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// With nobody signed in, a lock, no address or automatic updates off, the server hears
// nothing at all of private records.
//
// Rows: X-047
func TestRecordsOfNobody(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	heard := map[string]int{}
	h.set(func() {
		h.stops = func(r *http.Request) { h.set(func() { heard[r.URL.Path]++ }) }
	})
	d := h.desk(true)
	d.Private.Kick(replica.Started)
	if err := d.Private.Sync(ctx); !errors.Is(err, replica.ErrNobody) && !errors.Is(err, replica.ErrIdle) {
		t.Errorf("Sync of nobody: %v", err)
	}
	h.set(func() {
		if len(heard) != 0 {
			t.Errorf("with nobody here the server heard %v", heard)
		}
	})
	d.must(d.Device.SetSetting(ctx, cache.AutoSync, "off"))
	d.register("ada@exemple.ca")
	d.put("default", "NB")
	d.until("what waits is counted", func(s replica.Steady) bool { return s.Waiting == 1 })
	if st := d.Private.Status(); !st.Next.IsZero() || st.Err != nil {
		t.Errorf("by hand: %+v", st)
	}
	h.set(func() {
		for _, path := range []string{wire.PushPath, wire.PullPath, wire.HintsPath} {
			if heard[path] != 0 {
				t.Errorf("with updates off the server heard %v", maps.Clone(heard))
			}
		}
	})
	d.sync() // when asked
	d.until("all has left", settled)
}
