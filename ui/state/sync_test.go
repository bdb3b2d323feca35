package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/intake/demo"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// office is a desk whose network is the test. asked lists what would have left the machine.
type office struct {
	server string
	given  bool
	plan   replica.Plan
	out    replica.Outcome
	err    error
	asked  []string
	accept string // fingerprint of the last bundle
	// during runs in the middle of a sync, as its progress is told.
	during func(ctx context.Context, tell func(replica.Progress))
}

func (o *office) Server(context.Context) (string, error) { return o.server, nil }
func (o *office) Given() bool                            { return o.given }

func (o *office) Plan(context.Context) (replica.Plan, error) {
	o.asked = append(o.asked, "plan")
	return o.plan, o.err
}

func (o *office) PlanScope(_ context.Context, scope string) (replica.Plan, error) {
	o.asked = append(o.asked, "plan "+scope)
	return o.plan, o.err
}

func (o *office) Sync(ctx context.Context, tell func(replica.Progress)) (replica.Outcome, error) {
	o.asked = append(o.asked, "sync")
	if o.during != nil {
		o.during(ctx, tell)
	}
	if ctx.Err() != nil {
		return replica.Outcome{}, fmt.Errorf("sync all: %w", replica.ErrCancelled)
	}
	return o.out, o.err
}

func (o *office) PlanBundle(_ context.Context, name string) (replica.Plan, error) {
	o.asked = append(o.asked, "plan "+name)
	return o.plan, o.err
}
func (o *office) Load(_ context.Context, name, accept string, _ func(replica.Progress)) (replica.Outcome, error) {
	o.asked, o.accept = append(o.asked, "load "+name), accept
	return o.out, o.err
}

func (o *office) Flush(context.Context) (int, error) {
	o.asked = append(o.asked, "flush")
	return 0, o.err
}

func (o *office) Sources(context.Context) ([]posting.Source, error) { return demo.Sources(), nil }

func (o *office) count(what string) (n int) {
	for _, a := range o.asked {
		if a == what {
			n++
		}
	}
	return n
}

func newOffice(t *testing.T, l i18n.Lang) (*desktop, *office) {
	t.Helper()
	d, o := newDesktop(t, l), &office{server: "https://jobs.example.ca"}
	d.o.Desk = o
	return d, o
}

// minutes lets time go by, a minute at a time, doing what comes due.
func (d *desktop) minutes(n int) {
	for range n {
		d.at = d.at.Add(time.Minute)
		d.hand.pass(time.Minute)
		d.hand.run()
	}
}

// TestQuiet: with automatic updates off, an hour of work asks no network of any kind, and
// a report stays until the person sends it.
//
// Rows
func TestQuiet(t *testing.T) {
	d, o := newOffice(t, i18n.French)
	d.Sync.SetAuto(false)
	d.hand.run()
	d.Sync.Start()
	d.hand.run()
	p := one(t, "anything", func(p posting.Posting) bool { return !p.Ended(noon) })
	for minute := range 60 {
		switch minute % 6 {
		case 0:
			d.Search.Start()
			d.Search.Type("cuisinier")
		case 1:
			d.Search.Submit()
			d.Posting.Open(p.ID)
		case 2:
			r := d.NewReport(p.Card)
			r.Reason = wire.DeadLink
			r.Send(func() {})
		case 3:
			d.Settings.Load(nil)
			d.Credits.Load()
			d.Outbox.Load()
			d.Saved.Load()
			d.Sync.Reload()
		case 4:
			d.Posting.ToggleSaved()
			d.SetLang(d.Lang().Other())
		}
		d.minutes(1)
	}
	if len(o.asked) != 0 {
		t.Errorf("an hour with updates off asked the network %q, want nothing", o.asked)
	}
	if d.Status.Pending == 0 {
		t.Error("no report waits after an hour of reporting")
	}
	d.Outbox.Send()
	d.hand.run()
	if want := []string{"flush"}; !slices.Equal(o.asked, want) {
		t.Errorf("sending by hand asked %q, want %q", o.asked, want)
	}
}

// TestAutomatic updates at the start and every 15 minutes, and comes back later and later
// when the server is not reached.
func TestAutomatic(t *testing.T) {
	d, o := newOffice(t, i18n.English)
	d.Sync.Start()
	d.hand.run()
	if o.count("sync") != 1 || o.count("flush") != 1 {
		t.Fatalf("the start asked %q, want a sync and what waits sent", o.asked)
	}
	d.minutes(14)
	if o.count("sync") != 1 {
		t.Errorf("%d syncs in 14 minutes, want 1", o.count("sync"))
	}
	o.err = fmt.Errorf("dial: %w", replica.ErrOffline)
	d.minutes(1)
	if o.count("sync") != 2 || d.Status.Online {
		t.Fatalf("after 15 minutes: %d syncs, online %v; want 2 and offline", o.count("sync"), d.Status.Online)
	}
	var waits []int
	for last, minute := 0, 1; minute <= 60; minute++ {
		n := o.count("sync")
		d.minutes(1)
		if o.count("sync") > n {
			waits = append(waits, minute-last)
			last = minute
		}
	}
	if want := []int{1, 2, 4, 8, 15, 15, 15}; !slices.Equal(waits, want) {
		t.Errorf("retried after %v minutes, want %v", waits, want)
	}
	o.err = nil
	d.minutes(15)
	if !d.Status.Online || d.Sync.Err != nil {
		t.Errorf("the network is back and the screen says online %v, error %v", d.Status.Online, d.Sync.Err)
	}
	d.Sync.SetAuto(false)
	n := o.count("sync")
	d.minutes(60)
	if o.count("sync") != n {
		t.Error("an update ran by itself after they were switched off")
	}
}

// TestPlanFirst tells the size before a large download, and shows the fingerprint of a
// publisher that is met for the first time, before anything changes.
func TestPlanFirst(t *testing.T) {
	d, o := newOffice(t, i18n.French)
	d.Sync.Reload()
	d.hand.run()
	o.plan = replica.Plan{Bootstrap: true, Pinned: true, Demo: true, Bytes: 24_600_000, Rows: 100_214, Count: 100_214, Root: "0a1b2c3d4e5f"}
	d.Sync.Ask()
	d.hand.run()
	if d.Sync.Planned == nil || o.count("sync") != 0 {
		t.Fatalf("planned %v, asked %q: want a plan that waits", d.Sync.Planned, o.asked)
	}
	line := d.Sync.PlanLine(*d.Sync.Planned)
	for _, want := range []string{"25\u00a0Mo", "100\u00a0214\u00a0offres"} {
		if !strings.Contains(strings.ReplaceAll(line, " ", "\u00a0"), want) {
			t.Errorf("the plan reads %q, want %q in it", line, want)
		}
	}
	if got, want := Fingerprint(o.plan.Root), "0A1B 2C3D 4E5F"; got != want {
		t.Errorf("fingerprint reads %q, want %q", got, want)
	}
	d.Sync.Refuse()
	d.hand.run()
	if d.Sync.Planned != nil || o.count("sync") != 0 {
		t.Error("a refused plan was carried out")
	}
	d.Sync.Ask()
	d.hand.run()
	d.Sync.Agree()
	d.hand.run()
	if o.count("sync") != 1 || d.Sync.Planned != nil {
		t.Errorf("agreed: asked %q, want one sync", o.asked)
	}
	o.plan = replica.Plan{Bytes: 40_000, Rows: 12, Count: 100_220}
	d.Sync.Ask()
	d.hand.run()
	if o.count("sync") != 2 {
		t.Error("a small update of a known publisher waited for a word")
	}
}

// TestFirstDownload: the first catalogue of a desk that has only the sample is not downloaded
// by itself when it is large, nor from a publisher who was never met. It is told, and waits;
// a program that was started with the address takes it.
//
// Rows: X-017
func TestFirstDownload(t *testing.T) {
	large := replica.Plan{Bootstrap: true, Bytes: 24_600_000, Count: 100_214, Root: "0a1b"}
	small := replica.Plan{Bootstrap: true, Bytes: 900_000, Count: 2000, Root: "0a1b"}
	met := small
	met.Pinned = true
	for _, c := range []struct {
		name   string
		plan   replica.Plan
		origin string
		given  bool
		asks   bool
	}{
		{"large", large, "sample", false, true},
		{"large, over a bundle", large, "bundle", false, true},
		{"large, with --server", large, "sample", true, false},
		{"large, over an old catalogue", large, "server", false, false},
		{"small", small, "sample", false, false},
		{"never met", met, "sample", false, true},
		{"never met, over another's catalogue", met, "server", false, true},
	} {
		d, o := newOffice(t, i18n.French)
		o.plan, o.given = c.plan, c.given
		d.Status.Catalogue.Origin = c.origin
		d.Sync.Start()
		d.hand.run()
		if asks := d.Sync.Planned != nil; asks != c.asks || (o.count("sync") == 0) != c.asks {
			t.Errorf("%s: waits %v after asking %q, want %v", c.name, asks, o.asked, c.asks)
		}
		if (d.Status.Working == d.Words().S(i18n.CatalogueAwaits)) != c.asks {
			t.Errorf("%s: the status says %q", c.name, d.Status.Working)
		}
		if !c.asks {
			continue
		}
		d.minutes(40)
		if o.count("sync") != 0 || o.count("plan") != 1 {
			t.Errorf("%s: unanswered for 40 minutes, asked %q", c.name, o.asked)
		}
		d.Sync.Refuse()
		d.minutes(40)
		if o.count("sync") != 0 || o.count("plan") != 1 || d.Status.Working != "" {
			t.Errorf("%s: refused, then asked %q, status %q", c.name, o.asked, d.Status.Working)
		}
		d.Sync.Ask()
		d.hand.run()
		d.Sync.Agree()
		d.hand.run()
		d.minutes(16)
		if o.count("sync") != 2 {
			t.Errorf("%s: agreed, then asked %q; want a sync, and one 15 minutes later", c.name, o.asked)
		}
	}
}

// TestProgress says stage, size and rows while an update runs, lets the person go on, and
// stops at their word with what they had intact.
func TestProgress(t *testing.T) {
	d, o := newOffice(t, i18n.English)
	d.Sync.Reload()
	d.hand.run()
	var lines []string
	var shares []float64
	o.during = func(ctx context.Context, tell func(replica.Progress)) {
		for _, p := range []replica.Progress{
			{Stage: replica.Downloading, Bytes: 1_000_000, BytesTotal: 4_000_000, Left: 12 * time.Second},
			{Stage: replica.Applying, Rows: 500, RowsTotal: 2000},
			{Stage: replica.Indexing, Rows: 1500, RowsTotal: 2000, Browsable: true},
		} {
			tell(p)
			d.hand.pass(watching)
			lines = append(lines, d.Status.Working)
			shares = append(shares, d.Sync.Share())
		}
		d.Sync.Cancel()
	}
	d.Sync.Ask()
	d.hand.run()
	want := []string{"Downloading · 1.0 MB of 4.0 MB · 12 s left", "Writing · 500 of 2,000 postings", "Preparing the search · 1,500 of 2,000 postings"}
	for i, l := range lines {
		if got := strings.ReplaceAll(l, "\u00a0", " "); got != want[i] {
			t.Errorf("step %d reads %q, want %q", i, got, want[i])
		}
	}
	if len(lines) != 3 || !slices.IsSorted(shares) {
		t.Errorf("%d steps at %v, want 3 that only go forward", len(lines), shares)
	}
	y := d.Sync
	if y.Running || !errors.Is(y.Err, replica.ErrCancelled) || !y.Calm() || d.Status.Working != "" {
		t.Errorf("stopped: running %v, error %v, calm %v, status %q", y.Running, y.Err, y.Calm(), d.Status.Working)
	}
	if y.Problem() != d.Words().S(i18n.SyncCancelled) {
		t.Errorf("stopped reads %q", y.Problem())
	}
}

// TestProblems: each error has a sentence of its own in both languages and at most one act.
func TestProblems(t *testing.T) {
	acts := map[error]Remedy{
		replica.ErrOffline: RemedyAgain, replica.ErrCancelled: RemedyAgain, replica.ErrTampered: RemedyAgain, replica.ErrDigest: RemedyAgain,
		replica.ErrDowngraded: RemedyAgain, replica.ErrExpired: RemedyAgain, replica.ErrBusy: RemedyAgain, replica.ErrNoServer: RemedySettings,
		replica.ErrRefused: RemedySettings, replica.ErrWrongKey: RemedySettings, replica.ErrDiskFull: RemedySettings, replica.ErrTooNew: RemedyNone,
		errors.New("proxy address"): RemedySettings,
	}
	for _, l := range i18n.Languages() {
		d, o := newOffice(t, l)
		d.Sync.Reload()
		d.hand.run()
		seen := map[string]error{}
		for err, want := range acts {
			o.err = fmt.Errorf("sync all: %w", err)
			d.Sync.Ask()
			d.hand.run()
			if got := d.Sync.Remedy(); got != want {
				t.Errorf("%s: %v offers %q, want %q", l, err, got, want)
			}
			text := d.Sync.Problem()
			if other, twice := seen[text]; twice || text == "" || strings.Contains(text, "⟦") {
				t.Errorf("%s: %v reads %q, as does %v", l, err, text, other)
			}
			seen[text] = err
			if d.Sync.Calm() != (errors.Is(err, replica.ErrOffline) || errors.Is(err, replica.ErrCancelled) || errors.Is(err, replica.ErrNoServer)) {
				t.Errorf("%s: %v is calm %v", l, err, d.Sync.Calm())
			}
		}
	}
}

// TestKeptAway: a program started without a network asks none, even by hand; a bundle
// still loads, and one that is not there is said so.
//
// Rows: X-047
func TestKeptAway(t *testing.T) {
	d, o := newOffice(t, i18n.French)
	d.online = false
	d.Sync.Start()
	d.hand.run()
	d.Sync.Ask()
	d.Settings.Consider("qc")
	d.Outbox.Send()
	d.hand.run()
	if len(o.asked) != 0 || !d.Sync.Calm() {
		t.Errorf("started offline, asked %q, calm %v", o.asked, d.Sync.Calm())
	}
	d.Sync.Load(" /media/key ")
	d.hand.run()
	if want := []string{"plan /media/key", "load /media/key"}; !slices.Equal(o.asked, want) || d.Sync.Err != nil {
		t.Errorf("a bundle asked %q, error %v; want %q", o.asked, d.Sync.Err, want)
	}
	o.err = fmt.Errorf("open bundle: %w: %w", replica.ErrNoBundle, fs.ErrNotExist)
	d.Sync.Load("/media/gone")
	d.hand.run()
	if p := d.Sync.Problem(); !strings.Contains(p, "/media/gone") {
		t.Errorf("a bundle that is not there reads %q", p)
	}
}

// TestBundlePlanned shows whose a bundle is, of when and how large, before it replaces what is
// there; its publisher is accepted by name, and an automatic update does not come between.
//
// Rows: X-012
func TestBundlePlanned(t *testing.T) {
	d, o := newOffice(t, i18n.English)
	d.Sync.Start()
	d.hand.run()
	began := len(o.asked)
	o.plan = replica.Plan{Bootstrap: true, Pinned: true, Bytes: 1_200_000, Count: 7, Created: noon, Root: "0a1b2c3d"}
	d.Sync.Load("/media/key")
	d.hand.run()
	if d.Sync.Planned == nil || !slices.Equal(o.asked[began:], []string{"plan /media/key"}) {
		t.Fatalf("planned %v, asked %q: want a plan that waits", d.Sync.Planned, o.asked)
	}
	line := strings.ReplaceAll(d.Sync.BundleLine(*d.Sync.Planned), "\u00a0", " ")
	for _, want := range []string{"1.2 MB", "7 postings", d.Words().Date(noon)} {
		if !strings.Contains(line, want) {
			t.Errorf("the plan reads %q, want %q in it", line, want)
		}
	}
	d.minutes(30)
	if o.count("sync") != 1 || d.Sync.Planned == nil {
		t.Errorf("an update ran over the question: asked %q", o.asked)
	}
	d.Sync.Refuse()
	d.minutes(1)
	if o.count("load /media/key") != 0 || d.Sync.Planned != nil || d.Sync.Bundle != "" {
		t.Errorf("refused: asked %q, bundle %q", o.asked, d.Sync.Bundle)
	}
	d.Sync.Load("/media/key")
	d.hand.run()
	d.Sync.Agree()
	d.hand.run()
	if o.count("load /media/key") != 1 || o.accept != "0a1b2c3d" {
		t.Errorf("agreed: asked %q, accepted %q", o.asked, o.accept)
	}
	o.err = fmt.Errorf("load: %w", replica.ErrUnknownPublisher) // another bundle lies there now
	d.Sync.Load("/media/key")
	d.hand.run()
	if p := d.Sync.Problem(); p != d.Words().S(i18n.ErrorUnknownPublisher) || d.Sync.Remedy() != RemedyAgain {
		t.Errorf("a bundle of someone else reads %q, and offers %q", p, d.Sync.Remedy())
	}
}

// TestFactsOfCatalogue says age, publisher, position, postings and last check, for the screen
// and to copy.
//
// Rows: X-017
func TestFactsOfCatalogue(t *testing.T) {
	d, _ := newOffice(t, i18n.French)
	d.Sync.Reload()
	d.hand.run()
	d.Status.Catalogue.Root, d.Status.Catalogue.Demo = "aabbccdd", true
	text := d.Sync.Summary()
	for _, want := range []string{d.Freshness(), "jobs.example.ca · démonstration", "AABB CCDD", "2026-11-22 14\u00a0h\u00a000 · il y a 3 h", "600 offres", "Tout le Canada"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), strings.ReplaceAll(want, "\u00a0", " ")) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	for scope, want := range map[string]string{"": "Tout le Canada", "qc": "Québec", "qc-cards": "Québec · sans les descriptions", "all-cards": "Tout le Canada · sans les descriptions"} {
		if got := ScopeLabel(d.Words(), scope); got != want {
			t.Errorf("scope %q reads %q, want %q", scope, got, want)
		}
	}
}

// TestQueued: what is put in the outbox leaves at once when it may.
//
// Rows: A-170
func TestQueued(t *testing.T) {
	d, o := newOffice(t, i18n.English)
	d.Sync.Reload()
	d.hand.run()
	r := d.NewReport(one(t, "anything", func(posting.Posting) bool { return true }).Card)
	r.Reason = wire.Expired
	r.Send(func() {})
	d.hand.run()
	if want := []string{"flush"}; !slices.Equal(o.asked, want) {
		t.Errorf("a report asked %q, want %q", o.asked, want)
	}
}
