package replica_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// counter is an office that takes reports and requests for help, too.
type counter struct {
	office
	h      *hub.Hub
	pushes int
	helps  map[string]int
	asked  map[string]int // requests for alerts
	no     error          // what becomes of the next request for help
}

func (c *counter) Push(ctx context.Context, access string, p wire.Push) (wire.Pushed, error) {
	c.pushes++
	return c.office.Push(ctx, access, p)
}

func (c *counter) Report(ctx context.Context, r wire.Report) (string, error) {
	b, err := c.h.Report(ctx, r, someDay)
	if errors.Is(err, hub.ErrReason) {
		err = fmt.Errorf("%w: %w", wire.ErrRefused, err)
	}
	return string(b), err
}

func (c *counter) Help(_ context.Context, h wire.HelpRequest) (wire.Receipt, error) {
	if c.no != nil {
		return wire.Receipt{}, c.no
	}
	c.helps[h.Key]++
	return wire.Receipt{Ticket: "H-000001", Received: someDay}, nil
}

func (c *counter) Subscribe(_ context.Context, in wire.Subscribe) (wire.Subscribed, error) {
	if in.Email == "nobody" {
		return wire.Subscribed{}, &wire.Refused{Code: account.Mend, Fields: []account.Problem{account.BadEmail.At("email")}}
	}
	c.asked[in.Key]++
	return wire.Subscribed{Days: 30}, nil
}

// shelf is what a computer sends without an account, over a real device file.
type shelf struct{ *cache.Device }

func shelved[T any](s shelf, kind string) (all []T, err error) {
	items, err := s.Pending(context.Background())
	for _, it := range items {
		var x T
		if it.Kind == kind {
			err = errors.Join(err, json.Unmarshal(it.Body, &x))
			all = append(all, x)
		}
	}
	return all, err
}

func (s shelf) Reports(context.Context) ([]wire.Report, error) {
	return shelved[wire.Report](s, cache.KindReport)
}

func (s shelf) Helps(context.Context) ([]wire.HelpRequest, error) {
	return shelved[wire.HelpRequest](s, cache.KindHelp)
}

func (s shelf) Subscriptions(context.Context) ([]wire.Subscribe, error) {
	return shelved[wire.Subscribe](s, cache.KindSubscription)
}

func (s shelf) Left(ctx context.Context, key string) error { return s.Send(ctx, key) }

func (s shelf) Settled(ctx context.Context, key string, delivered bool, answer string) error {
	state := cache.Rejected
	if delivered {
		state = cache.Accepted
	}
	return s.Settle(ctx, key, state, answer, someDay)
}

func (s shelf) queue(t *testing.T, kind, key string, of any) {
	t.Helper()
	body, err := json.Marshal(of)
	if err == nil {
		err = s.Queue(t.Context(), kind, key, body, someDay)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	h, err := hub.Open(t.Context(), t.TempDir(), hub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	recs, err := h.Records(hub.RecordsOptions{Box: box})
	if err != nil {
		t.Fatal(err)
	}
	return &counter{office: office{recs, "ada"}, h: h, helps: map[string]int{}, asked: map[string]int{}}
}

func profileOf(account string) cache.Ref {
	return cache.Ref{Partition: "person/" + account, Kind: "profile", Record: "019a9f6e-0000-7000-8000-00000000000a"}
}

func search(n int) cache.Ref {
	return cache.Ref{Partition: "person/ada", Kind: "search", Record: fmt.Sprintf("019a9f6e-0000-7000-8000-%012d", n)}
}

// What waits on a computer that no network reaches goes by file to another one, from there to
// the server, and the answers come back: each has its effect once, however often a file is
// carried, and nothing leaves the outbox before its answer is there.
//
// Rows
func TestCarriedByFile(t *testing.T) {
	ctx := t.Context()
	bank := openCounter(t)
	far := newPlace(t, nil)
	device, err := cache.Open(ctx, t.TempDir()+"/device.db")
	far.must(err)
	t.Cleanup(func() { _ = device.Close() })
	items := shelf{device}
	far.o.Account, far.o.Items = "ada", items
	off := replica.NewPrivate(nil, far.Records, far.o)

	far.must(far.Put(ctx, profileOf("ada"), doc(`{"places":["NB"],"mode":"default"}`), someDay))
	far.must(far.Do(ctx, profileOf("ada"), "activate", 0, someDay))
	for n := range 250 {
		far.must(far.Put(ctx, search(n), doc(fmt.Sprintf(`{"name":"n%d","query":{"words":"n%d"}}`, n, n)), someDay))
	}
	items.queue(t, cache.KindReport, "r1", wire.Report{Key: "r1", Number: 7, Reason: "dead_link", Made: someDay})
	items.queue(t, cache.KindReport, "r2", wire.Report{Key: "r2", Number: 7, Reason: "for fun", Made: someDay})
	items.queue(t, cache.KindHelp, "h1", wire.HelpRequest{Key: "h1", Email: "anyone@exemple.ca", Made: someDay})
	items.queue(t, cache.KindSubscription, "a1", wire.Subscribe{Key: "a1", Email: "anyone@exemple.ca", Lang: "fr"})
	items.queue(t, cache.KindSubscription, "a2", wire.Subscribe{Key: "a2", Email: "nobody", Lang: "fr"})
	var file bytes.Buffer
	n, err := off.Export(ctx, &file)
	if err != nil || n != 257 {
		t.Fatalf("Export: %d items, %v; want 257", n, err)
	}
	if w, _ := device.Pending(ctx); len(far.waiting()) != 252 || len(w) != 5 {
		t.Errorf("after it %d changes and %d items wait, want all of them", len(far.waiting()), len(w))
	}
	if err := device.Cancel(ctx, "r1"); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("an item in a file taken back: %v, want ErrNotFound", err)
	}

	// Somebody else cannot hand it in.
	parcel, err := wire.ReadParcel(bytes.NewReader(file.Bytes()))
	far.must(err)
	near := far.o
	near.Items = nil
	near.Account = "bob"
	if _, err := replica.Carry(ctx, bank, near, parcel); !errors.Is(err, replica.ErrForeign) || bank.pushes != 0 {
		t.Errorf("somebody else's file: %v after %d pushes, want ErrForeign and none", err, bank.pushes)
	}
	nameless := parcel
	nameless.Account = ""
	if _, err := replica.Carry(ctx, bank, near, nameless); !errors.Is(err, replica.ErrForeign) || bank.pushes != 0 {
		t.Errorf("somebody else's file without a name: %v after %d pushes, want ErrForeign and none", err, bank.pushes)
	}

	// Carried twice, the first time without getting to the end.
	near.Account = "ada"
	bank.no = wire.ErrOffline
	if _, err := replica.Carry(ctx, bank, near, parcel); !errors.Is(err, wire.ErrOffline) {
		t.Fatalf("Carry: %v, want ErrOffline", err)
	}
	if bank.pushes < 3 {
		t.Errorf("%d pushes: none holds more than %d changes", bank.pushes, wire.MaxMutations)
	}
	bank.no = &wire.Refused{Code: account.TooMany, After: time.Hour}
	put, err := replica.Carry(ctx, bank, near, parcel)
	if err != nil || len(put.Items) != 4 {
		t.Fatalf("Carry: %+v, %v; want no answer to the request for help", put.Items, err)
	}
	bank.no = nil
	got, err := replica.Carry(ctx, bank, near, parcel)
	if err != nil || len(got.Results) != 252 || len(got.Items) != 5 {
		t.Fatalf("Carry: %d results, %d items, %v", len(got.Results), len(got.Items), err)
	}
	for i, m := range parcel.Mutations {
		if r := got.Results[i]; r.ID != m.ID || r.Outcome != wire.Duped || r.First != wire.Applied {
			t.Fatalf("result %d: %+v, want %s applied before", i, r, m.ID)
		}
	}
	var receipts bytes.Buffer
	far.must(wire.WriteReceipts(&receipts, got))

	// And back: not to somebody else, not from another file, and once.
	bob := far.o
	bob.Account = "bob"
	if _, err := replica.NewPrivate(nil, far.Records, bob).Import(ctx, bytes.NewReader(receipts.Bytes())); !errors.Is(err, replica.ErrForeign) {
		t.Errorf("receipts of another account: %v, want ErrForeign", err)
	}
	if _, err := off.Import(ctx, bytes.NewReader(file.Bytes())); !errors.Is(err, wire.ErrOutbox) {
		t.Errorf("the outbox file for receipts: %v, want ErrOutbox", err)
	}
	if _, err := off.Import(ctx, bytes.NewReader(receipts.Bytes()[:9000])); !errors.Is(err, wire.ErrTorn) {
		t.Errorf("half of the receipts: %v, want ErrTorn", err)
	}
	if len(far.waiting()) != 252 {
		t.Errorf("%d wait after receipts that were not taken, want 252", len(far.waiting()))
	}
	if n, err := off.Import(ctx, bytes.NewReader(receipts.Bytes())); err != nil || n != 257 {
		t.Errorf("Import: %d, %v; want 257", n, err)
	}
	if n, err := off.Import(ctx, bytes.NewReader(receipts.Bytes())); err != nil || n != 0 {
		t.Errorf("Import again: %d, %v; want 0", n, err)
	}
	all, err := device.Items(ctx, "")
	far.must(err)
	states, answers := map[string]cache.State{}, map[string]string{}
	for _, it := range all {
		states[it.Key], answers[it.Key] = it.State, it.Answer
	}
	if why := `{"code":"mend","fields":[{"field":"email","code":"bad_email"}]}`; states["a1"] != cache.Accepted || states["a2"] != cache.Rejected || answers["a2"] != why {
		t.Errorf("requests for alerts ended as %v, %s", states, answers["a2"])
	}
	if len(far.waiting()) != 0 || states["r1"] != cache.Accepted || states["r2"] != cache.Rejected || states["h1"] != cache.Accepted {
		t.Errorf("%d wait; items ended as %v", len(far.waiting()), states)
	}

	// With a network again, it is in step, and nothing was done twice.
	if _, err := replica.NewPrivate(bank, far.Records, far.o).Sync(ctx); err != nil {
		t.Fatal(err)
	}
	r, err := far.Get(ctx, profileOf("ada"))
	far.must(err)
	if r.Ver != 2 || string(r.Doc["version"]) != "1" || bank.helps["h1"] != 1 || len(far.toChoose()) != 0 {
		t.Errorf("profile %s of version %d; %d requests for help", r.Doc, r.Ver, bank.helps["h1"])
	}
	if n, err := off.Export(ctx, &file); err != nil || n != 0 {
		t.Errorf("Export with nothing to send: %d, %v", n, err)
	}
}

// What is refused keeps back what follows of the same record, in later pushes of the same
// parcel, too; other records go on.
func TestCarriedRefused(t *testing.T) {
	ctx := t.Context()
	bank := openCounter(t)
	parcel := wire.Parcel{Account: "ada"}
	add := func(record string, base int64, text string) {
		parcel.Mutations = append(parcel.Mutations, wire.Mutation{
			ID: fmt.Sprintf("m%d", len(parcel.Mutations)), Client: "c", Seq: int64(len(parcel.Mutations) + 1),
			Partition: "person/ada", Kind: "search", Record: record, Base: base, Patch: doc(text), Made: someDay,
		})
	}
	add("bad", 0, `{"query":[1]}`)
	for n := range 120 {
		add(fmt.Sprintf("s%d", n), 0, `{"name":"n","query":{"words":"q"}}`)
	}
	add("bad", 0, `{"name":"n","query":{"words":"q"}}`)
	add("s1", 1, `{"name":"o"}`)
	parcel.Mutations[122].Was = doc(`{"name":"n"}`)
	got, err := replica.Carry(ctx, bank, replica.PrivateOptions{
		Account: "ada", Token: func(context.Context, string) (string, error) { return "good", nil }}, parcel)
	if err != nil {
		t.Fatal(err)
	}
	var not []string
	for _, r := range got.Results {
		if r.Outcome != wire.Applied {
			not = append(not, r.ID+" "+string(r.Outcome)+" "+r.Reason)
		}
	}
	if want := []string{"m0 rejected invalid", "m121 retry "}; !slices.Equal(not, want) || len(got.Results) != len(parcel.Mutations) {
		t.Errorf("%d results, not applied: %q, want %q", len(got.Results), not, want)
	}
}

// What left in an earlier run of the program goes by file alone: what follows of the same
// record waits for its answer, since the server could not tell that nobody came between.
func TestCarriedAfterARestart(t *testing.T) {
	ctx := t.Context()
	bank := openCounter(t)
	far := newPlace(t, nil)
	far.o.Account = "ada"
	far.must(far.Put(ctx, profileOf("ada"), doc(`{"places":["NB"],"mode":"default"}`), someDay))
	if _, err := far.Batch(ctx, cache.Limits{}); err != nil { // on its way when the program stops
		t.Fatal(err)
	}
	far.reopen()
	far.must(far.Do(ctx, profileOf("ada"), "activate", 1, someDay))
	for want := 1; want >= 0; want-- {
		p := replica.NewPrivate(nil, far.Records, far.o)
		var file, back bytes.Buffer
		if n, err := p.Export(ctx, &file); err != nil || n != 1 {
			t.Fatalf("Export: %d items, %v; want one at a time", n, err)
		}
		in, err := wire.ReadParcel(&file)
		far.must(err)
		out, err := replica.Carry(ctx, bank, far.o, in)
		far.must(err)
		far.must(wire.WriteReceipts(&back, out))
		if n, err := p.Import(ctx, &back); err != nil || n != 1 || len(far.waiting()) != want {
			t.Fatalf("Import: %d ended, %v, %+v wait; want %d", n, err, far.waiting(), want)
		}
	}
	if r, err := far.Get(ctx, profileOf("ada")); err != nil || r.Ver != 2 || string(r.Doc["state"]) != `"active"` {
		t.Errorf("profile %s of version %d, %v", r.Doc, r.Ver, err)
	}
}

// What is activated twice goes by one file if the desk counts what it submits, and by two if
// it does not; either way it is active as it was last.
func TestCarriedTwiceActive(t *testing.T) {
	for _, counted := range []int64{0, 1} {
		ctx := t.Context()
		bank := openCounter(t)
		far := newPlace(t, nil)
		far.o.Account = "ada"
		for n := range int64(2) {
			far.must(far.Put(ctx, profileOf("ada"), doc(fmt.Sprintf(`{"places":["NB"],"mode":%q}`, []string{"default", "strict"}[n])), someDay))
			far.must(far.Do(ctx, profileOf("ada"), "activate", counted*(n+1), someDay))
		}
		files := 0
		for ; len(far.waiting()) > 0 && files < 3; files++ {
			p := replica.NewPrivate(nil, far.Records, far.o)
			var file, back bytes.Buffer
			_, err := p.Export(ctx, &file)
			far.must(err)
			in, err := wire.ReadParcel(&file)
			far.must(err)
			out, err := replica.Carry(ctx, bank, far.o, in)
			far.must(err)
			far.must(wire.WriteReceipts(&back, out))
			_, err = p.Import(ctx, &back)
			far.must(err)
		}
		r, err := far.Get(ctx, profileOf("ada"))
		if err != nil || string(r.Doc["version"]) != "2" || !strings.Contains(string(r.Doc["active"]), "strict") || files != 2-int(counted) {
			t.Errorf("counted %d: after %d files, %v: %s, %+v wait", counted, files, err, r.Doc, far.waiting())
		}
	}
}
