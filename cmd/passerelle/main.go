// Passerelle opens the window of the job bank. Its flags are for tests, demonstrations
// and kiosks; a person needs none.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/occupation"
	"passerelle/store/secret"
	"passerelle/ui"
	"passerelle/ui/look"
	"passerelle/ui/screen"
	"passerelle/ui/state"
)

// version is set by the linker when a release is built.
var version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type flags struct {
	data, server, lang, theme, now, probe, keyring, open string
	scale                                                int
	offline                                              bool
}

func parse(args []string) (flags, error) {
	var f flags
	fs := flag.NewFlagSet("passerelle", flag.ContinueOnError)
	fs.StringVar(&f.data, "data", "", "directory of this desk's data")
	fs.StringVar(&f.server, "server", "", "address of the server, instead of the setting")
	fs.StringVar(&f.lang, "lang", "", "fr or en, instead of the setting")
	fs.StringVar(&f.theme, "theme", "", "light, dark or contrast, instead of the setting")
	fs.IntVar(&f.scale, "scale", 0, "size of text in per cent, 100 to 200, instead of the setting")
	fs.StringVar(&f.now, "now", "", "clock to start from, as in 2026-11-22T09:00:00Z, for tests")
	fs.StringVar(&f.probe, "probe", os.Getenv("PASSERELLE_PROBE"), "file to which what can be seen is written, for tests")
	fs.BoolVar(&f.offline, "offline", false, "ask no network, whatever the settings say")
	fs.StringVar(&f.keyring, "keyring", "", "none: no keyring is asked, for kiosks and tests")
	fs.StringVar(&f.open, "open", "", "place to open, as in app://account/devices")
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	if f.open == "" && strings.HasPrefix(fs.Arg(0), "app://") {
		f.open = fs.Arg(0) // as a system hands a link over
	}
	if f.keyring != "" && f.keyring != "none" {
		return f, fmt.Errorf("--keyring %q: want none", f.keyring)
	}
	return f, nil
}

// clock is the moment, or a moment chosen for a test that goes on from there.
func clock(s string) (func() time.Time, error) {
	if s == "" {
		return time.Now, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil, fmt.Errorf("--now: %w", err)
	}
	began := time.Now()
	return func() time.Time { return at.Add(time.Since(began)) }, nil
}

func run(ctx context.Context, args []string) error {
	f, err := parse(args)
	if err != nil {
		return err
	}
	now, err := clock(f.now)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25) // a window waits more than it works: 20 MB less than at 50 after scrolling (cmd/dev bench)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	agent := "passerelle/" + version
	if err := secret.DropCore(); err != nil {
		log.Warn("core dumps", "err", err) // the keys of a person may be in one
	}
	a := app.NewWithID("ca.passerelle.desktop")
	o := desk.Options{Dir: f.data, Server: f.server, Now: now, Log: log, Agent: agent, Offline: f.offline,
		Browse: func(address string) error { return open(ctx, a, address) }}
	if f.keyring == "none" {
		o.Keyring = desk.NoKeyring
	}
	d, err := desk.Open(ctx, o)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := crashes(d.Dir); err != nil {
		log.Warn("crash report", "err", err)
	}

	lang, chosen, err := d.Lang(ctx)
	if err != nil {
		return err
	}
	if f.lang != "" {
		lang, chosen = i18n.Lang(f.lang), true
	}
	mode := setting(ctx, d, cache.Theme, f.theme)
	alone := runtime.GOOS == "linux" && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" // no portal to ask for a theme
	percent, _ := strconv.Atoi(setting(ctx, d, cache.TextSize, ""))
	if f.scale != 0 {
		percent = f.scale
	}

	ex := screen.NewExec(ctx)
	defer func() { cancel(); ex.Stop() }()
	sources, err := d.Sources(ctx)
	if err != nil {
		log.Warn("source registry", "err", err)
	}
	var notify func(title, text string)
	if !alone { // nobody would show it
		notify = func(title, text string) { a.SendNotification(fyne.NewNotification(title, text)) }
	}
	s := state.New(ctx, state.Options{
		Catalogue: d.Catalogue, Device: d.Device, Exec: ex, Desk: d, Dir: d.Dir, Now: now, Sources: sources,
		Online: func() bool { return !f.offline }, Lang: lang, App: agent,
		Opener: func(address string) error { return open(ctx, a, address) },
		Clip:   func(text string) { a.Clipboard().SetContent(text) }, Clipped: func() string { return a.Clipboard().Content() },
		Pages: d.Pages(), Accounts: d.Accounts,
		Personal: func(ctx context.Context, id string) (state.Device, error) { return d.Accounts.Personal(ctx, id) },
		Notes:    d.Accounts.Mine,
		Mine:     d.Accounts.Mine,
		Private:  d.Private,
		Alerts:   d.Alerts,
		Matching: d.Matching,
		MyData:   d.Data(),
		Notify:   notify,
	})
	start := "search"
	if !chosen {
		start = "welcome"
	}
	var w *ui.Window
	var win fyne.Window
	update := func() {
		s.Sync.Ask()
		w.Go("sync") // where it says what it brings, how far it is, and why not
	}
	w, win = ui.Open(a, s, ui.Options{Mode: look.Mode(mode), Percent: percent, Start: start, Update: update, Alone: alone})
	if f.probe != "" {
		out, err := os.OpenFile(f.probe, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		defer out.Close()
		w.Probe(out)
	}
	s.Exec().Go(occupation.Warm, func() {}) // no row that is drawn waits for the titles
	s.Load()
	s.JobAlerts.Load()
	s.Present.Start()
	s.Lock.Load()
	s.People.Load()
	defer d.Accounts.Watch(func() { ex.Do(s.Present.Look) })()
	var keep sync.WaitGroup
	defer d.Private.Watch(func() { ex.Do(s.PrivateMoved) })()
	defer d.Alerts.Watch(func() { ex.Do(s.AlertsMoved) })()
	d.Alerts.OnNotice(func(postings int) { ex.Do(func() { s.Alerted(postings) }) })
	keep.Go(func() { _ = d.Accounts.Run(ctx) }) // they end with ctx alone
	keep.Go(func() { _ = d.Private.Run(ctx) })
	keep.Go(func() { _ = d.Alerts.Run(ctx) })
	defer func() { cancel(); keep.Wait() }()
	if f.open != "" && !w.Follow(f.open) {
		return fmt.Errorf("--open %q: no such place", f.open)
	}
	fill(ctx, d, s)
	alive := context.AfterFunc(ctx, func() { ex.Do(a.Quit) })
	win.ShowAndRun()
	alive() // the window was closed: nothing is left to quit
	return nil
}

// crashes has the Go runtime write why it crashed, and where each goroutine was, beside the
// data. Traces hold the names of functions and no text that was typed; there is no heap in them.
func crashes(dir string) error {
	debug.SetTraceback("single")
	name, flag := filepath.Join(dir, "crash.txt"), os.O_CREATE|os.O_WRONLY|os.O_APPEND
	if i, err := os.Stat(name); err == nil && i.Size() > 1<<20 {
		flag |= os.O_TRUNC
	}
	out, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(debug.SetCrashOutput(out, debug.CrashOptions{}), out.Close())
}

func setting(ctx context.Context, d *desk.Desk, key, flag string) string {
	if flag != "" {
		return flag
	}
	v, _ := d.Device.Setting(ctx, key) // a setting that cannot be read is one that was never made
	return v
}

// fill makes the sample of a desk that has no catalogue, or one anew that is a week old, so
// that the first useful screen needs no network.
func fill(ctx context.Context, d *desk.Desk, s *state.State) {
	var err error
	s.Exec().Go(func() {
		err = d.Sample(ctx, nil)
	}, func() {
		if err != nil {
			s.Status.Err = err
			s.Tell()
			return
		}
		s.CatalogueChanged()
		s.Sync.Start() // never beside the sample: both write the catalogue
	})
}

// open hands an address to the person's own program for it.
func open(ctx context.Context, a fyne.App, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("open %q: %w", address, err)
	}
	if runtime.GOOS == "linux" && u.Scheme != "http" && u.Scheme != "https" {
		// Fyne asks the desktop portal, which has no answer for files and telephones.
		c := exec.CommandContext(ctx, "xdg-open", strings.TrimPrefix(address, "file://"))
		if err := c.Start(); err != nil {
			return fmt.Errorf("open %s: %w", u.Scheme, err)
		}
		return c.Process.Release()
	}
	return a.OpenURL(u)
}
