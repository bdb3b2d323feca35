// Package desk puts the parts of a desktop together for the programs that have one: the
// window and the command line. Begin with [Open]. It holds no rule of its own.
package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/gofrs/flock"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/intake/demo"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Options of a desk; the zero value is a person's own desk.
type Options struct {
	Dir     string           // "": the user's own data directory
	Server  string           // "": the setting
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: none
	Agent   string           // name and version of the program
	Offline bool             // people's sessions ask no network, whatever the settings say
	// Keyring keeps the keys of people who sign in; nil: the system's. [NoKeyring] is for
	// kiosks and tests: a passphrase keeps them, or nothing but memory.
	Keyring secret.Keyring
	Browse  func(address string) error // opens the browser at a sign-in partner; nil: there are no partners here
}

// Desk is one person's desktop: what is kept, and how it is brought up to date.
type Desk struct {
	Device    *cache.Device
	Catalogue *catalogue.Store
	Dir       string

	// Accounts keeps who is signed in at this desk. Whoever has a window runs it.
	Accounts *Accounts
	// Private are the records that the account of whoever is here keeps at the server.
	// Whoever has a window runs it, too.
	Private *Private
	// Alerts are those of whoever is here. Whoever has a window runs them, too.
	Alerts *Alerts
	// Matching finds what suits a profile in the catalogue.
	Matching *Matching

	o Options
}

// SampleSize is the number of invented postings that a desk shows before its first sync.
const SampleSize = 2000

// Open opens the desk of a directory, making it if needed.
func Open(ctx context.Context, o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dir == "" {
		dir, err := dataDir()
		if err != nil {
			return nil, err
		}
		o.Dir = dir
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	device, err := cache.Open(ctx, filepath.Join(o.Dir, "device.db"))
	if err != nil {
		return nil, fmt.Errorf("open device file: %w", err)
	}
	store, err := catalogue.Open(ctx, filepath.Join(o.Dir, "catalogue"))
	if err != nil {
		device.Close()
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	d := &Desk{Device: device, Catalogue: store, Dir: o.Dir, o: o}
	d.Accounts = newAccounts(d)
	d.Private = newPrivate(d)
	d.Alerts = newAlerts(d)
	d.Matching = &Matching{d: d}
	if err := d.Accounts.clearSecrets(); err != nil { // of a program that was killed
		o.Log.Warn("clear pages", "err", err)
	}
	return d, nil
}

// Close closes the files.
func (d *Desk) Close() error {
	return errors.Join(d.Accounts.close(), d.Catalogue.Close(), d.Device.Close())
}

// dataDir is where a system keeps a person's data (design, Data).
func dataDir() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find your data directory: %w", err)
	}
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("AppData"); dir != "" {
			return filepath.Join(dir, "Passerelle"), nil
		}
		return filepath.Join(home, "AppData", "Roaming", "Passerelle"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Passerelle"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "passerelle"), nil
	}
	return filepath.Join(home, ".local", "share", "passerelle"), nil
}

// Now is the moment, as the desk's clock says it.
func (d *Desk) Now() time.Time { return d.o.Now() }

// Server is the address to sync with, "" when none is set.
func (d *Desk) Server(ctx context.Context) (string, error) {
	if d.o.Server != "" {
		return d.o.Server, nil
	}
	return d.Device.Setting(ctx, cache.Server)
}

// Given says whether the address was given to the program, and is not a setting.
func (d *Desk) Given() bool { return d.o.Server != "" }

// lock keeps two programs from writing the catalogue at once.
func (d *Desk) lock() (func(), error) {
	l := flock.New(filepath.Join(d.Dir, "sync.lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the desk: %w", err)
	}
	if !ok {
		return nil, replica.ErrBusy
	}
	return func() { _ = l.Unlock() }, nil
}

// Sample makes the demonstration catalogue of a desk that has none, so that the first
// useful screen needs no network. Its postings are invented, dated from today
// and labelled. A desk that has a catalogue is left as it is.
func (d *Desk) Sample(ctx context.Context, tell func(replica.Progress)) error {
	st, err := d.Catalogue.State(ctx)
	now := d.Now()
	stale := err == nil && st.Origin == "sample" && now.Sub(st.Created) > 7*24*time.Hour
	if err == nil && !stale {
		return nil
	}
	if err != nil && !errors.Is(err, catalogue.ErrNone) {
		return err
	}
	unlock, err := d.lock()
	if err != nil {
		return err
	}
	defer unlock()
	day := posting.DayOf(now)
	b, err := d.Catalogue.Build(ctx, "sample-"+day.String())
	if err != nil {
		return fmt.Errorf("build the sample: %w", err)
	}
	state := catalogue.State{Origin: "sample", Scope: "all", Created: now, Checked: now, Demo: true}
	rows := func(yield func(catalogue.Row, error) bool) {
		for p := range demo.Postings(demo.Options{Seed: 1, N: SampleSize, Today: day}) {
			r := catalogue.Row{ID: p.ID, Card: p.Card.Bytes(), Details: p.Details.Bytes()}
			state.Digest = state.Digest.Add(posting.RowSum(r.Card, r.Details))
			state.Count++
			if !yield(r, nil) {
				return
			}
			if tell != nil && state.Count%200 == 0 {
				tell(replica.Progress{Stage: replica.Applying, Rows: state.Count, RowsTotal: SampleSize})
			}
		}
	}
	if err := b.Add(ctx, "sample", rows); err != nil {
		return errors.Join(fmt.Errorf("build the sample: %w", err), b.Discard())
	}
	if err := b.Browse(ctx, state); err != nil {
		return errors.Join(fmt.Errorf("build the sample: %w", err), b.Discard())
	}
	return b.Index(ctx, func(done, total int) {
		if tell != nil {
			tell(replica.Progress{Stage: replica.Indexing, Rows: done, RowsTotal: total, Browsable: true})
		}
	})
}

// dial makes the client of the server that is set.
func (d *Desk) dial(ctx context.Context) (*client.Client, string, error) {
	address, err := d.Server(ctx)
	if err != nil {
		return nil, "", err
	}
	if address == "" {
		return nil, "", replica.ErrNoServer
	}
	proxy, err := d.Device.Setting(ctx, cache.Proxy)
	if err != nil {
		return nil, "", err
	}
	ca, err := d.Device.Setting(ctx, cache.CAFile)
	if err != nil {
		return nil, "", err
	}
	c, err := client.New(address, client.Options{Proxy: proxy, CAFile: ca, Agent: d.o.Agent})
	return c, address, err
}

func (d *Desk) replica(ctx context.Context) (*replica.Replica, error) {
	c, address, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := d.Device.Setting(ctx, cache.Scope)
	if err != nil {
		return nil, err
	}
	return replica.New(c, d.Catalogue, replica.Options{
		Dir: filepath.Join(d.Dir, "publishers", folder(address)), Scope: scope, Now: d.o.Now, Log: d.o.Log})
}

// folder names a directory for a publisher's address.
func folder(address string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}, strings.ToLower(address))
}

// Plan says what a sync would do.
func (d *Desk) Plan(ctx context.Context) (replica.Plan, error) {
	r, err := d.replica(ctx)
	if err != nil {
		return replica.Plan{}, err
	}
	return r.Plan(ctx)
}

// Sync brings the catalogue up to date, telling how it goes, and looks at what is new for
// alerts; tell may be nil.
func (d *Desk) Sync(ctx context.Context, tell func(replica.Progress)) (replica.Outcome, error) {
	out, err := d.fetch(ctx, tell)
	d.brought(ctx, err)
	return out, err
}

// brought looks at what is new for alerts after a catalogue came. What cannot be looked at
// now is, the next time: the catalogue is there all the same.
func (d *Desk) brought(ctx context.Context, err error) {
	if err != nil {
		return
	}
	if err := d.Alerts.Look(ctx); err != nil {
		d.o.Log.Warn("look for what is new for alerts", "err", err)
	}
}

func (d *Desk) fetch(ctx context.Context, tell func(replica.Progress)) (replica.Outcome, error) {
	r, err := d.replica(ctx)
	if err != nil {
		return replica.Outcome{}, err
	}
	unlock, err := d.lock()
	if err != nil {
		return replica.Outcome{}, err
	}
	defer unlock()
	return r.Sync(ctx, tell)
}

// Flush sends the reports that wait in the device outbox, and the requests for help
// and for alerts. One kind that is kept back does not keep the others.
func (d *Desk) Flush(ctx context.Context) (sent int, err error) {
	box := outbox{d}
	waiting, err := d.Device.Waiting(ctx)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	c, _, err := d.dial(ctx)
	if err != nil {
		return 0, err
	}
	sent, err = replica.Flush(ctx, c, box)
	helped, herr := replica.FlushHelp(ctx, c, box)
	asked, aerr := replica.FlushAlerts(ctx, c, box)
	d.Alerts.news.Tell() // one may have been refused
	return sent + helped + asked, errors.Join(err, herr, aerr)
}

// outbox shows the device's items to the replica as the reports and requests that they are.
type outbox struct{ d *Desk }

func (o outbox) Reports(ctx context.Context) ([]wire.Report, error) {
	return waiting[wire.Report](ctx, o.d, cache.KindReport)
}

func (o outbox) Helps(ctx context.Context) ([]wire.HelpRequest, error) {
	return waiting[wire.HelpRequest](ctx, o.d, cache.KindHelp)
}

func (o outbox) Subscriptions(ctx context.Context) ([]wire.Subscribe, error) {
	return waiting[wire.Subscribe](ctx, o.d, cache.KindSubscription)
}

// waiting reads what waits of a kind, oldest first.
func waiting[T any](ctx context.Context, d *Desk, kind string) ([]T, error) {
	items, err := d.Device.Waiting(ctx)
	return among[T](items, kind, err)
}

// among reads those of a kind among items.
func among[T any](items []cache.Item, kind string, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	var all []T
	for _, it := range items {
		if it.Kind != kind {
			continue
		}
		var x T
		if err := json.Unmarshal(it.Body, &x); err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, it.Key, err)
		}
		all = append(all, x)
	}
	return all, nil
}

func (o outbox) Settled(ctx context.Context, key string, delivered bool, answer string) error {
	state := cache.Rejected
	if delivered {
		state = cache.Accepted
		var r wire.Receipt
		if json.Unmarshal([]byte(answer), &r) == nil && r.Ticket != "" {
			answer = r.Ticket // the number that a person can quote
		}
	}
	return o.d.Device.Settle(ctx, key, state, answer, o.d.Now())
}

// Sources is the source registry of the catalogue in use.
func (d *Desk) Sources(ctx context.Context) ([]posting.Source, error) {
	st, err := d.Catalogue.State(ctx)
	if errors.Is(err, catalogue.ErrNone) || err == nil && st.Origin == "sample" {
		return demo.Sources(), nil
	}
	if err != nil {
		return nil, err
	}
	var r *replica.Replica
	if st.Origin == "bundle" {
		var home string
		if home, err = d.home(st.Root); err == nil {
			r, err = replica.New(client.Tree(os.DirFS(home), "bundle"), d.Catalogue, replica.Options{Dir: home})
		}
	} else {
		r, err = d.replica(ctx)
	}
	if errors.Is(err, replica.ErrNoServer) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, _, err := r.Pack("sources")
	if errors.Is(err, wire.ErrMissing) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the publisher sends none
	}
	if err != nil {
		return nil, err
	}
	var list []posting.Source
	if err := cbor.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read source registry: %w", err)
	}
	return list, nil
}

// Lang is the person's language: the setting, else that of the system, and whether it was chosen.
func (d *Desk) Lang(ctx context.Context) (lang i18n.Lang, chosen bool, err error) {
	s, err := d.Device.Setting(ctx, cache.Language)
	if err != nil || s != "" {
		return i18n.Lang(s), s != "", err
	}
	return SystemLang(), false, nil
}

// SystemLang is the language that the system is set to, English unless it is French.
func SystemLang() i18n.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "fr") {
				return i18n.French
			}
			return i18n.English
		}
	}
	return i18n.English
}
