// Command passerelle-cli does the same work as the window, as text, JSON or accessible
// HTML: for scripts, and for people whom a screen does not serve. It is built
// without cgo and knows no window.
//
//	passerelle-cli search "infirmière" --near Rimouski --radius 50km --format text
//	passerelle-cli show 10176519
//	passerelle-cli sync
//	passerelle-cli report 10176519 --reason dead_link
//	passerelle-cli profile new profil.json
//	passerelle-cli profile set profil.json --title "soudeuse=3 ans" --place "Rimouski, QC"
//	passerelle-cli match profil.json
//	passerelle-cli alert add --title soudeuse --place "Rimouski, QC"
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/ui/state"
)

// version is set when the program is packaged.
var version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes, for scripts.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitNothing = 3 // it worked, and nothing was found
)

// job is what one run has to work with.
type job struct {
	ctx      context.Context
	out, err io.Writer
	words    *i18n.Words
	format   string
	dir      string
	server   string
	now      func() time.Time
	*desk.Desk
}

// errUsage: the command was not written as it should be; the sentence says how.
type errUsage struct{ say string }

func (e errUsage) Error() string { return e.say }

// errNothing: the work was done and there is nothing to show.
var errNothing = errors.New("nothing found")

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	j := &job{ctx: ctx, out: out, err: errs, words: i18n.For(desk.SystemLang()), now: time.Now}
	err := j.do(args)
	var usage errUsage
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNothing):
		return exitNothing
	case errors.As(err, &usage):
		fmt.Fprintln(errs, usage.say)
		return exitUsage
	}
	fmt.Fprintln(errs, state.Explain(j.words, err))
	return exitFailed
}

func (j *job) do(args []string) error {
	commands := map[string]func([]string) error{"search": j.search, "show": j.show, "sync": j.sync, "report": j.report, "match": j.match, "alert": j.alert, "profile": j.profile}
	if len(args) == 0 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprintln(j.out, j.words.S(i18n.CliUsage))
		return nil
	}
	do, ok := commands[args[0]]
	if !ok {
		return errUsage{j.words.S(i18n.CliUnknown, "Name", args[0]) + "\n" + j.words.S(i18n.CliUsage)}
	}
	return do(args[1:])
}

// flags makes a flag set with what every command takes.
func (j *job) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&j.format, "format", "text", "text, json or html")
	f.StringVar(&j.dir, "data", os.Getenv("PASSERELLE_DESK"), "data directory")
	f.StringVar(&j.server, "server", "", "server address")
	f.Func("lang", "fr or en", func(s string) error {
		if l := i18n.Lang(s); l != i18n.French && l != i18n.English {
			return errors.New("fr, en")
		}
		j.words = i18n.For(i18n.Lang(s))
		return nil
	})
	f.Func("now", "moment to take for the present, for tests", func(s string) error {
		t, err := time.Parse(time.RFC3339, s)
		if err == nil {
			j.now = func() time.Time { return t }
		}
		return err
	})
	return f
}

// open reads flags and words in any order, opens the desk and takes its language.
func (j *job) open(f *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, errUsage{j.words.S(i18n.CliUsage)}
			}
			return nil, errUsage{j.words.S(i18n.CliFlag, "Text", err.Error()) + "\n" + j.words.S(i18n.CliUsage)}
		}
		if f.NArg() == 0 {
			break
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
	switch j.format {
	case "text", "json", "html":
	default:
		return nil, errUsage{j.words.S(i18n.CliFormat, "Name", j.format)}
	}
	d, err := desk.Open(j.ctx, desk.Options{Dir: j.dir, Server: j.server, Now: j.now, Agent: "passerelle-cli/" + version})
	if err != nil {
		return nil, err
	}
	j.Desk = d
	given := false
	f.Visit(func(fl *flag.Flag) { given = given || fl.Name == "lang" })
	if lang, chosen, err := d.Lang(j.ctx); err != nil {
		return nil, err
	} else if chosen && !given {
		j.words = i18n.For(lang)
	}
	return words, nil
}

// close closes the desk, keeping the first error.
func (j *job) close(err *error) {
	if j.Desk != nil {
		*err = errors.Join(*err, j.Desk.Close())
	}
}

// state gives the same rules as the window's, run at once.
func (j *job) state() (*state.State, error) {
	sources, err := j.Sources(j.ctx)
	if err != nil {
		return nil, err
	}
	s := state.New(j.ctx, state.Options{Catalogue: j.Catalogue, Device: j.Device, Exec: atOnce{}, Now: j.now,
		Sources: sources, Alerts: j.Alerts, Lang: j.words.Lang(), App: "passerelle-cli/" + version})
	s.Load()
	return s, nil
}

// atOnce runs work where it is asked: a command has no window to keep alive.
type atOnce struct{}

func (atOnce) Go(work, done func()) { work(); done() }

func (atOnce) After(_ time.Duration, f func()) func() { f(); return func() {} }

// radius reads "50", "50km" or "50 km".
func radius(s string) (float64, error) {
	var km float64
	_, err := fmt.Sscanf(strings.TrimSuffix(strings.ReplaceAll(strings.ToLower(s), " ", ""), "km"), "%g", &km)
	if err != nil || km <= 0 || km > 1000 {
		return 0, fmt.Errorf("1–1000 km")
	}
	return km, nil
}

// dollars reads "25", "25.50" or "25,50" as cents.
func dollars(s string) (int64, error) {
	var v float64
	if _, err := fmt.Sscanf(strings.ReplaceAll(strings.TrimSuffix(s, "$"), ",", "."), "%g", &v); err != nil || v <= 0 {
		return 0, fmt.Errorf("25.50")
	}
	return int64(v*100 + 0.5), nil
}

// units are the letters of --per.
var units = map[string]posting.Unit{"hour": posting.Hourly, "week": posting.Weekly, "month": posting.Monthly, "year": posting.Yearly}
