package state

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Desk brings the catalogue up to date, and sends what waits.
type Desk interface {
	// Server is the address to sync with, "" when none is set.
	Server(ctx context.Context) (string, error)
	// Given says whether the address was given when the program was started, as for a
	// demonstration or a kiosk: whoever did that agreed to what it brings.
	Given() bool
	// Plan says what a sync would do; PlanScope what it would do with another scope.
	Plan(ctx context.Context) (replica.Plan, error)
	PlanScope(ctx context.Context, scope string) (replica.Plan, error)
	Sync(ctx context.Context, tell func(replica.Progress)) (replica.Outcome, error)
	// PlanBundle says what a signed bundle, a folder or an archive, would bring, and Load
	// brings it. A publisher never met is refused unless accept is their fingerprint.
	PlanBundle(ctx context.Context, name string) (replica.Plan, error)
	Load(ctx context.Context, name, accept string, tell func(replica.Progress)) (replica.Outcome, error)
	Flush(ctx context.Context) (sent int, err error)
	// Sources is the registry that came with the catalogue.
	Sources(ctx context.Context) ([]posting.Source, error)
}

// AutoSync is the setting "off" that keeps the program from asking a server by itself.
const AutoSync = cache.AutoSync

const (
	every     = 15 * time.Minute       // between two automatic updates
	firstWait = time.Minute            // after a failure; doubled at each one, up to every
	watching  = 200 * time.Millisecond // between two looks at a running update
	askAbove  = 5_000_000              // bytes that are not downloaded before the person says so
)

// Sync is the screen on the catalogue: where it comes from, how old it is, bringing it up to
// date. Nothing leaves this computer through it unless the person asks or has left
// automatic updates on.
type Sync struct {
	s *State

	Server  string // its address; "" when none is set
	Auto    bool
	Size    int64 // of the catalogue on disk; 0: unknown
	Waiting bool  // the publisher is being asked what an update would bring
	Running bool
	Bundle  string        // file or folder being loaded; "" for the server
	Planned *replica.Plan // what the person is asked to agree to
	Now     replica.Progress
	Done    *replica.Outcome // of the last update since the program started
	Sent    int              // reports that left with it
	Err     error            // of the last try
	Next    time.Time        // of the next automatic update; zero: none

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	accept  string // fingerprint that the person agreed to
	agreed  bool   // an update by network succeeded since the program started
	refused bool   // the person said no to the last plan of one
	tries   int
	cancel  context.CancelFunc
	stop    func() // of the next automatic update
	told    *told
}

// told carries what a running update says over to the goroutine that draws.
type told struct {
	mu sync.Mutex
	p  replica.Progress
}

func (t *told) set(p replica.Progress) { t.mu.Lock(); t.p = p; t.mu.Unlock() }
func (t *told) get() replica.Progress  { t.mu.Lock(); defer t.mu.Unlock(); return t.p }

func newSync(s *State) *Sync { return &Sync{s: s, Auto: true} }

func (y *Sync) tell() {
	if y.Changed != nil {
		y.Changed()
	}
}

// Start reads the settings and, unless the person has switched that off, brings the catalogue
// up to date now and every 15 minutes. The program calls it once its window stands.
func (y *Sync) Start() {
	y.read(func() {
		if y.Auto && y.Server != "" {
			y.itself()
		}
	})
}

// Reload reads what the screen shows about the file and the settings.
func (y *Sync) Reload() { y.read(nil) }

func (y *Sync) read(then func()) {
	d := y.s.o.Desk
	if d == nil {
		return
	}
	var server, auto string
	var size int64
	y.s.o.Exec.Go(func() {
		server, _ = d.Server(y.s.ctx)
		if y.s.home != nil {
			auto, _ = y.s.home.Setting(y.s.ctx, AutoSync)
		}
		size = weight(filepath.Join(y.s.o.Dir, "catalogue"))
	}, func() {
		y.Server, y.Auto, y.Size = server, auto != "off", size
		y.tell()
		if then != nil {
			then()
		}
	})
}

// weight is the size of the files under a directory; 0 when it cannot be read.
func weight(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir // what cannot be read is not counted
		}
		if i, err := e.Info(); err == nil && i.Mode().IsRegular() {
			n += i.Size()
		}
		return nil
	})
	return n
}

// SetAuto switches automatic updates on or off.
func (y *Sync) SetAuto(on bool) {
	y.Auto = on
	v := "off"
	if on {
		v = ""
	}
	y.s.RememberHere(AutoSync, v)
	y.plan(0)
	if on && y.Server != "" && !y.Running {
		y.plan(every)
	}
	y.tell()
}

// plan sets the moment of the next automatic update; 0: none.
func (y *Sync) plan(d time.Duration) {
	if y.stop != nil {
		y.stop()
		y.stop = nil
	}
	y.Next = time.Time{}
	if d <= 0 || !y.Auto {
		return
	}
	y.Next = y.s.Now().Add(d)
	y.stop = y.s.o.Exec.After(d, func() {
		y.stop = nil
		if y.Auto && !y.Busy() {
			y.itself()
		}
	})
}

// itself brings the catalogue up to date without having been asked. What would come is found
// out first where the person has agreed to nothing yet: a publisher never met, and a large
// first download, wait for [Sync.Agree] as they do when asked for.
func (y *Sync) itself() {
	switch {
	case y.Planned != nil:
		y.plan(every) // an answer is still awaited
		return
	case y.refused:
		return // until the person asks
	case y.agreed || y.away() || y.s.o.Desk.Given():
		y.run("", true)
		return
	}
	y.Bundle = ""
	y.foresee(func(p replica.Plan) {
		first := y.s.Status.None || y.s.Status.Catalogue.Origin != "server"
		if p.Pinned || first && p.Bytes > askAbove {
			y.propose(p)
			y.plan(every)
			return
		}
		y.run("", true)
	})
}

// propose shows a plan, and waits for the person.
func (y *Sync) propose(p replica.Plan) {
	y.Planned = &p
	y.s.SetWorking(y.awaits())
	y.tell()
}

// Busy says whether an update runs or is being prepared.
func (y *Sync) Busy() bool { return y.Running || y.Waiting }

// away says whether the program was started without a network, whatever the settings say.
func (y *Sync) away() bool { return y.s.o.Online != nil && !y.s.o.Online() }

// awaits says, on every screen, that a download waits; a bundle is asked about where it was
// chosen.
func (y *Sync) awaits() string {
	if y.Planned == nil || y.Bundle != "" {
		return ""
	}
	return y.s.words.S(i18n.CatalogueAwaits)
}

// Ask asks the publisher what an update would bring. A small one runs at once; a large
// one, or one from a publisher that is met for the first time, waits for [Sync.Go].
func (y *Sync) Ask() {
	if y.s.o.Desk == nil || y.Busy() {
		return
	}
	y.Bundle, y.refused = "", false
	if y.away() {
		y.fail(replica.ErrOffline)
		return
	}
	y.foresee(func(p replica.Plan) {
		if !p.Nothing && (p.Bootstrap || p.Pinned || p.Bytes > askAbove) {
			y.propose(p)
			return
		}
		y.run("", false)
	})
}

// Agree runs what was planned.
func (y *Sync) Agree() {
	if y.Planned == nil {
		return
	}
	y.accept = y.Planned.Root
	y.run(y.Bundle, false)
}

// Refuse puts the plan away; nothing was changed.
func (y *Sync) Refuse() {
	y.refused = y.refused || y.Bundle == ""
	y.Planned, y.Bundle = nil, ""
	y.s.SetWorking("")
	y.tell()
}

// Load brings the catalogue up to date from a signed bundle: a folder, or a zip archive. One
// that replaces the catalogue, or is of a publisher never met, waits for [Sync.Agree].
func (y *Sync) Load(name string) {
	if name = strings.TrimSpace(name); name == "" || y.s.o.Desk == nil || y.Busy() {
		return
	}
	ctx := y.begin()
	y.Waiting, y.Bundle, y.Planned = true, name, nil
	y.s.SetWorking("")
	y.tell()
	var p replica.Plan
	var err error
	y.s.o.Exec.Go(func() { p, err = y.s.o.Desk.PlanBundle(ctx, name) }, func() {
		y.Waiting = false
		y.end()
		if err != nil {
			y.fail(err)
			return
		}
		if p.Pinned || p.Bootstrap && !p.Nothing {
			y.propose(p)
			return
		}
		y.accept = p.Root
		y.run(name, false)
	})
}

// Cancel stops the update that runs. What the person had stays whole.
func (y *Sync) Cancel() {
	if y.cancel != nil {
		y.cancel()
	}
}

// Queued is told that something waits to leave: it leaves at once if it may.
func (y *Sync) Queued() {
	if y.Auto && y.Server != "" {
		y.Send(nil)
	}
}

// Send sends what waits in the outbox, and nothing else; done may be nil.
func (y *Sync) Send(done func(error)) {
	if y.s.o.Desk == nil {
		return
	}
	if y.away() {
		if done != nil {
			done(replica.ErrOffline)
		}
		return
	}
	var n int
	var err error
	y.s.o.Exec.Go(func() { n, err = y.s.o.Desk.Flush(y.s.ctx) }, func() {
		y.Sent += n
		if err == nil && n > 0 {
			y.s.SetOnline(true)
		} else if errors.Is(err, replica.ErrOffline) {
			y.s.SetOnline(false)
		}
		y.s.Load()
		if done != nil {
			done(err)
		}
	})
}

// ServerChanged is told that another server, proxy or authority was set: it is asked at
// once what an update would bring, since the person is there to agree.
func (y *Sync) ServerChanged() {
	y.plan(0)
	if !y.Running {
		y.s.SetWorking("")
	}
	y.tries, y.Err, y.Planned, y.agreed, y.refused = 0, nil, nil, false, false
	y.read(func() {
		if y.Server != "" {
			y.Ask()
		}
	})
}

func (y *Sync) begin() context.Context {
	ctx, cancel := context.WithCancel(y.s.ctx)
	y.cancel = cancel
	y.Err = nil
	return ctx
}

func (y *Sync) end() {
	if y.cancel != nil {
		y.cancel()
		y.cancel = nil
	}
}

func (y *Sync) run(bundle string, byItself bool) {
	d := y.s.o.Desk
	if d == nil || y.Busy() {
		return
	}
	if bundle == "" && y.away() {
		y.fail(replica.ErrOffline)
		return
	}
	y.plan(0)
	ctx := y.begin()
	y.Running, y.Bundle, y.Planned, y.Done = true, bundle, nil, nil
	y.told = &told{p: replica.Progress{Stage: replica.Asking}}
	at, accept := y.told, y.accept
	y.Now, y.accept = at.get(), ""
	y.s.SetWorking(y.Line())
	y.tell()
	y.look()
	var out replica.Outcome
	var sources []posting.Source
	var sent int
	var err error
	y.s.o.Exec.Go(func() {
		if bundle != "" {
			out, err = d.Load(ctx, bundle, accept, at.set)
		} else {
			out, err = d.Sync(ctx, at.set)
		}
		if err != nil {
			return
		}
		sources, _ = d.Sources(ctx) // without it, sources show their id
		if bundle == "" {
			sent, _ = d.Flush(ctx) // what did not leave waits for the next time
		}
	}, func() {
		y.Running = false
		y.end()
		y.s.SetWorking("")
		if err != nil {
			if byItself && errors.Is(err, replica.ErrBusy) {
				err = nil // another window does it
				y.plan(every)
				y.tell()
				return
			}
			y.fail(err)
			return
		}
		y.tries, y.Done, y.Sent = 0, &out, sent
		y.agreed = bundle == "" // after a bundle, the server's would replace it
		if bundle == "" {
			y.s.SetOnline(true)
		}
		if len(sources) > 0 {
			y.s.SetSources(sources)
		}
		if out.Put+out.Removed > 0 || out.Bootstrap {
			y.s.CatalogueChanged()
		} else {
			y.s.Load()
		}
		if y.Server != "" {
			y.plan(every)
		}
		y.read(nil)
	})
}

// look takes over, now and then, what a running update tells.
func (y *Sync) look() {
	y.s.o.Exec.After(watching, func() {
		if !y.Running {
			return
		}
		was := y.Now
		if y.Now = y.told.get(); y.Now != was {
			y.s.SetWorking(y.Line())
			if y.Now.Browsable && !was.Browsable || y.Now.Searchable && !was.Searchable {
				y.s.CatalogueChanged() // rows can be read while the words are being indexed
			}
			y.tell()
		}
		y.look()
	})
}

// fail keeps an error for the screen and sets the next automatic try, later each time.
func (y *Sync) fail(err error) {
	if errors.Is(err, replica.ErrOffline) {
		y.s.SetOnline(false)
	}
	y.Err = err
	y.tries++
	if y.Server != "" {
		wait := every
		if n := y.tries - 1; n < 4 {
			wait = min(firstWait<<n, every)
		}
		y.plan(wait)
	}
	y.tell()
}

// Line says where a running update stands, in a sentence.
func (y *Sync) Line() string { return ProgressLine(y.s.words, y.Now) }

// Share is how far it is, from 0 to 1.
func (y *Sync) Share() float64 {
	p := y.Now
	// Downloading takes most of the time on a slow network, indexing on a fast one; each
	// stage has its part of the bar, so that it never goes back.
	part := func(done, all float64) float64 {
		if all <= 0 {
			return 0
		}
		return min(done/all, 1)
	}
	switch p.Stage {
	case replica.Downloading:
		return 0.02 + 0.48*part(float64(p.Bytes), float64(p.BytesTotal))
	case replica.Applying:
		return 0.5 + 0.25*part(float64(p.Rows), float64(p.RowsTotal))
	case replica.Indexing:
		return 0.75 + 0.25*part(float64(p.Rows), float64(p.RowsTotal))
	case replica.Done:
		return 1
	}
	return 0
}

// Remedy is the one act that helps after an error.
type Remedy string

// Remedies.
const (
	RemedyAgain    Remedy = "again"
	RemedySettings Remedy = "settings"
	RemedyNone     Remedy = "" // nothing the person can do here: the sentence says what to do
)

// Remedy is the act that helps after the last error.
func (y *Sync) Remedy() Remedy {
	switch {
	case y.Err == nil || errors.Is(y.Err, replica.ErrTooNew):
		return RemedyNone
	case errors.Is(y.Err, replica.ErrNoServer), errors.Is(y.Err, replica.ErrRefused), errors.Is(y.Err, replica.ErrWrongKey):
		return RemedySettings
	case errors.Is(y.Err, replica.ErrDiskFull):
		return RemedySettings // a smaller scope
	case known(y.Err):
		return RemedyAgain
	}
	return RemedySettings // an address, a proxy or an authority that cannot be used
}

func known(err error) bool {
	for _, e := range []error{replica.ErrBusy, replica.ErrOffline, replica.ErrTampered, replica.ErrDowngraded, replica.ErrExpired,
		replica.ErrDigest, replica.ErrCancelled, replica.ErrNoBundle, replica.ErrUnknownPublisher, catalogue.ErrNone, catalogue.ErrCorrupt} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Calm says whether the last try failed for a reason that is no fault: no network, or the
// person stopped it.
func (y *Sync) Calm() bool {
	return errors.Is(y.Err, replica.ErrOffline) || errors.Is(y.Err, replica.ErrCancelled) || errors.Is(y.Err, replica.ErrNoServer)
}

// Problem says the last error, "" when there is none.
func (y *Sync) Problem() string {
	if errors.Is(y.Err, fs.ErrNotExist) && y.Bundle != "" {
		return y.s.words.S(i18n.CatalogueNoBundle, "Name", y.Bundle)
	}
	return Explain(y.s.words, y.Err)
}

// PlanLine says what a planned update would bring.
func (y *Sync) PlanLine(p replica.Plan) string {
	w := y.s.words
	switch {
	case p.Nothing:
		return w.S(i18n.CataloguePlanNothing)
	case p.Bytes == 0:
		return w.S(i18n.CataloguePlanHere, "Count", w.N(i18n.SearchCount, p.Count))
	case p.Bootstrap:
		return w.S(i18n.CataloguePlanWhole, "Size", w.Bytes(p.Bytes), "Count", w.N(i18n.SearchCount, p.Count))
	}
	return w.S(i18n.CataloguePlan, "Size", w.Bytes(p.Bytes), "Rows", w.N(i18n.CatalogueChanges, p.Rows), "Count", w.N(i18n.SearchCount, p.Count))
}

// BundleLine says what the bundle that is planned holds, and what becomes of what is there.
func (y *Sync) BundleLine(p replica.Plan) string {
	w, k := y.s.words, i18n.CataloguePlanBundle
	if p.Bootstrap && !y.s.Status.None && y.s.Status.Catalogue.Origin != "sample" {
		k = i18n.CataloguePlanReplaces
	}
	return w.S(k, "Date", w.Date(p.Created), "Size", w.Bytes(p.Bytes), "Count", w.N(i18n.SearchCount, p.Count))
}

// DoneLine says what the last update did, "" when none ran.
func (y *Sync) DoneLine() string {
	if y.Done == nil {
		return ""
	}
	w := y.s.words
	line := w.S(i18n.CatalogueUpToDate)
	switch {
	case y.Done.Bootstrap:
		line = w.S(i18n.CatalogueDone, "What", w.N(i18n.SearchCount, y.Done.Count))
	case y.Done.Removed > 0:
		line = w.S(i18n.CatalogueDone, "What", w.N(i18n.CatalogueChanges, y.Done.Put)+", "+w.N(i18n.CatalogueRemoved, y.Done.Removed))
	case y.Done.Put > 0:
		line = w.S(i18n.CatalogueDone, "What", w.N(i18n.CatalogueChanges, y.Done.Put))
	}
	if y.Sent > 0 {
		line += " " + w.N(i18n.CatalogueSent, y.Sent)
	}
	return line
}

// Fingerprint writes a publisher's fingerprint in groups of four, to be read aloud.
func Fingerprint(root string) string {
	var b strings.Builder
	for i, r := range strings.ToUpper(root) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ScopeLabel names a scope.
func ScopeLabel(w *i18n.Words, scope string) string {
	if scope == "" {
		scope = "all"
	}
	part, details, err := wire.ParseScope(scope)
	if err != nil {
		return scope
	}
	name := w.S(i18n.ScopeCanada)
	if part != "" {
		name, _ = place.Province(strings.ToUpper(part)).In(w.Lang())
	}
	if !details {
		name = join(name, w.S(i18n.ScopeCards))
	}
	return name
}

// Publisher says who published the catalogue: a host, a bundle, or this program itself.
func (y *Sync) Publisher() string {
	w, st := y.s.words, y.s.Status.Catalogue
	switch st.Origin {
	case "sample":
		return w.S(i18n.CatalogueFromSample)
	case "bundle":
		if st.Demo {
			return join(w.S(i18n.CatalogueFromBundle), w.S(i18n.CatalogueDemo))
		}
		return w.S(i18n.CatalogueFromBundle)
	}
	name := y.Server
	if u, err := url.Parse(y.Server); err == nil && u.Host != "" {
		name = u.Host
	}
	if name == "" {
		name = w.S(i18n.ValueUnknown)
	}
	if st.Demo {
		name = join(name, w.S(i18n.CatalogueDemo))
	}
	return name
}

// Facts are what is known of the catalogue, in the order in which they are read.
func (y *Sync) Facts() []Fact {
	w, st := y.s.words, y.s.Status.Catalogue
	if y.s.Status.None || st.Created.IsZero() {
		return nil
	}
	moment := func(t time.Time) string {
		at := t.In(y.s.o.Zone)
		return join(w.Date(at)+" "+w.Clock(at), Since(w, t, y.s.Now()))
	}
	fs := []Fact{
		{w.S(i18n.CatalogueFactDate), moment(st.Created)},
		{w.S(i18n.CatalogueFactCount), w.N(i18n.SearchCount, st.Count)},
		{w.S(i18n.CatalogueFactScope), ScopeLabel(w, st.Scope)},
		{w.S(i18n.CatalogueFactPublisher), y.Publisher()},
	}
	if st.Root != "" {
		fs = append(fs, Fact{w.S(i18n.CatalogueFactPrint), Fingerprint(st.Root)})
	}
	if st.Origin != "sample" {
		fs = append(fs, Fact{w.S(i18n.CatalogueFactPosition), w.S(i18n.CataloguePosition, "Epoch", w.Number(int(st.Epoch)), "Seq", w.Number(int(st.Seq)))})
	}
	if y.Size > 0 {
		fs = append(fs, Fact{w.S(i18n.CatalogueFactSize), w.Bytes(y.Size)})
	}
	if st.Indexed < st.Count {
		fs = append(fs, Fact{w.S(i18n.CatalogueFactIndexed), w.S(i18n.SyncRows, "Done", w.Number(st.Indexed), "All", w.Number(st.Count))})
	}
	if !st.Checked.IsZero() && st.Origin == "server" {
		fs = append(fs, Fact{w.S(i18n.CatalogueFactChecked), moment(st.Checked)})
	}
	if !y.Next.IsZero() {
		at := y.Next.In(y.s.o.Zone)
		fs = append(fs, Fact{w.S(i18n.CatalogueFactNext), w.Clock(at)})
	}
	return fs
}

// Summary is all of it as text, to copy for whoever helps.
func (y *Sync) Summary() string {
	lines := []string{y.s.Freshness()}
	for _, f := range y.Facts() {
		lines = append(lines, y.s.words.S(i18n.FactLine, "Label", f.Label, "Value", f.Value))
	}
	if p := y.Problem(); p != "" {
		lines = append(lines, p)
	}
	return strings.Join(lines, "\n") + "\n"
}

// foresee asks what an update would bring, and hands it over once the server has answered.
func (y *Sync) foresee(take func(replica.Plan)) {
	ctx := y.begin()
	y.Waiting = true
	y.tell()
	var p replica.Plan
	var err error
	y.s.o.Exec.Go(func() { p, err = y.s.o.Desk.Plan(ctx) }, func() {
		y.Waiting = false
		y.end()
		if err != nil {
			y.fail(err)
			return
		}
		y.s.SetOnline(true)
		take(p)
	})
}
