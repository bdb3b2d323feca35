// Command passerelle-server takes postings in, publishes them as a signed catalogue, serves
// it and receives reports. Run it without arguments for its commands. It speaks French or
// English as the environment says.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
	"passerelle/sync/publish"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is one thing the program does. define adds its options to a set and gives what
// runs once they are read.
type command struct {
	name   string
	help   i18n.Key
	define func(*program, *flag.FlagSet) func(ctx context.Context, args []string) error
}

var commands = []command{
	{"keys", i18n.ServerCmdKeys, keys},
	{"source", i18n.ServerCmdSource, source},
	{"import", i18n.ServerCmdImport, importFiles},
	{"fetch", i18n.ServerCmdFetch, fetch},
	{"import-demo", i18n.ServerCmdImportdemo, importDemo},
	{"publish", i18n.ServerCmdPublish, publishNow},
	{"serve", i18n.ServerCmdServe, serve},
	{"reports", i18n.ServerCmdReports, reports},
	{"users", i18n.ServerCmdUsers, users},
	{"parcel", i18n.ServerCmdParcel, parcel},
	{"retention", i18n.ServerCmdRetention, retention},
	{"check", i18n.ServerCmdCheck, check},
	{"backup", i18n.ServerCmdBackup, backup},
	{"restore", i18n.ServerCmdRestore, restore},
	{"move", i18n.ServerCmdMove, move},
	{"bundle", i18n.ServerCmdBundle, bundle},
}

// program is what every command has at hand.
type program struct {
	words    *i18n.Words
	out, err io.Writer
	log      *slog.Logger
	level    *slog.LevelVar
	env      func(string) string
	data     string
	ledger   string // URL of the database that holds the ledger; "": ledger.db in data
	clock    func() time.Time
	subject  string // what the work is about, for the sentence of a failure
}

// What run answers to the shell.
const (
	exitFailed = 1
	exitUsage  = 2
	exitAsk    = 3 // the work was stopped to ask first: too many removals
)

func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) int {
	level := new(slog.LevelVar)
	p := &program{
		words: i18n.For(language(env)), out: stdout, err: stderr, env: env, level: level,
		log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
	}
	var err error
	if p.clock, err = clock(env("PASSERELLE_NOW")); err != nil {
		return p.fail(err)
	}
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		p.usage(stdout)
		return 0
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		set.SetOutput(io.Discard)
		set.StringVar(&p.data, "data", p.defaultData(), p.words.S(i18n.ServerFlagData))
		set.StringVar(&p.ledger, "ledger", "", p.words.S(i18n.ServerFlagLedger))
		do := c.define(p, set)
		rest, err := parse(set, args[1:])
		switch {
		case errors.Is(err, flag.ErrHelp):
			p.help(c, set)
			return 0
		case err != nil:
			p.say(stderr, i18n.ServerBadOption, "Detail", err.Error())
			return exitUsage
		}
		if err := p.findLedger(); err != nil {
			return p.fail(err)
		}
		return p.fail(do(ctx, rest))
	}
	p.say(stderr, i18n.ServerUnknown, "Name", args[0])
	p.usage(stderr)
	return exitUsage
}

// language is that of the environment, English unless it is French.
func language(env func(string) string) i18n.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "fr") {
				return i18n.French
			}
			return i18n.English
		}
	}
	return i18n.English
}

// clock is the machine's, or one that starts at a given moment and runs on from there:
// for tests with postings that have ended since.
func clock(at string) (func() time.Time, error) {
	if at == "" {
		return time.Now, nil
	}
	start, err := time.Parse(time.RFC3339, at)
	if err != nil {
		day, err := posting.ParseDay(at)
		if err != nil || len(at) != 10 {
			return nil, badDate(at)
		}
		start = noon(day)
	}
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }, nil
}

// noon of a day falls on that day in every zone of the country.
func noon(d posting.Day) time.Time { return d.Time().Add(18 * time.Hour) }

type badDate string

func (b badDate) Error() string { return "not a date: " + string(b) }

// on gives the clock of a --as-of option.
func (p *program) on(asOf string) (time.Time, error) {
	if asOf == "" {
		return p.clock(), nil
	}
	day, err := posting.ParseDay(asOf)
	if err != nil || len(asOf) != 10 {
		return time.Time{}, badDate(asOf)
	}
	return noon(day), nil
}

func (p *program) defaultData() string {
	if dir := p.env("PASSERELLE_SERVER"); dir != "" {
		return dir
	}
	return "passerelle-server-data"
}

// parse lets options stand before, between and after what is named.
func parse(set *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		if set.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, set.Arg(0)), set.Args()[1:]
	}
}

func (p *program) usage(w io.Writer) {
	p.say(w, i18n.ServerUsage)
	for _, c := range commands {
		fmt.Fprintf(w, "  %-12s %s\n", c.name, p.words.S(c.help))
	}
	fmt.Fprintln(w)
	p.say(w, i18n.ServerUsageMore)
}

func (p *program) help(c command, set *flag.FlagSet) {
	fmt.Fprintf(p.out, "passerelle-server %s %s\n\n", c.name, p.words.S(c.help))
	p.say(p.out, i18n.ServerOptions)
	set.VisitAll(func(f *flag.Flag) {
		value := ""
		if f.DefValue != "" && f.DefValue != "false" {
			value = " (" + f.DefValue + ")"
		}
		fmt.Fprintf(p.out, "  --%-18s %s%s\n", f.Name, f.Usage, value)
	})
}

func (p *program) say(w io.Writer, k i18n.Key, args ...any) { fmt.Fprintln(w, p.words.S(k, args...)) }

// fail says what went wrong, and gives the program's answer to the shell.
func (p *program) fail(err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, errPartial) {
		return exitFailed // it has been said
	}
	w := p.words
	code := exitFailed
	var (
		text string
		path *fs.PathError
		date badDate
		key  usageError
		said sentence
	)
	name := func() string {
		if errors.As(err, &path) {
			return path.Path
		}
		return p.subject
	}
	switch full, ok := sqldb.Sentence(w, err); {
	case errors.As(err, &key):
		text, code = w.S(i18n.Key(key)), exitUsage
	case errors.As(err, &date):
		text, code = w.S(i18n.ServerBadDate, "Value", string(date)), exitUsage
	case ok:
		text = full
	case errors.As(err, &said):
		text = said.text
	case errors.Is(err, intake.ErrTerms):
		text = w.S(i18n.ServerFailTerms, "ID", p.subject, "Terms", intake.TermsVersion)
	case errors.Is(err, intake.ErrAgreement):
		text = w.S(i18n.ServerFailAgreement, "ID", p.subject)
	case errors.Is(err, intake.ErrTooManyRemovals):
		text, code = w.S(i18n.ServerFailGuard, "Detail", err.Error()), exitAsk
	case errors.Is(err, ledger.ErrNotEmpty):
		text = w.S(i18n.ServerFailNotempty)
	case errors.Is(err, ledger.ErrDiffers):
		text = w.S(i18n.ServerFailDiffers, "Detail", err.Error())
	case errors.Is(err, secret.ErrSealed):
		text = w.S(i18n.ServerFailSealed, "Name", p.file("keys", "secrets.json"), "Detail", err.Error())
	case errors.Is(err, ledger.ErrNotFound):
		text = w.S(i18n.ServerFailNosource, "ID", p.subject)
	case errors.Is(err, ledger.ErrNumber):
		text = w.S(i18n.ServerFailNumber, "Detail", err.Error())
	case errors.Is(err, errNoKeys), errors.Is(err, publish.ErrRoot):
		text = w.S(i18n.ServerFailKeys)
	case errors.Is(err, publish.ErrSigner):
		text = w.S(i18n.ServerFailSigner)
	case errors.Is(err, errRunning):
		text = w.S(i18n.ServerFailRunning)
	case errors.Is(err, errListen):
		text = w.S(i18n.ServerFailAddr, "Addr", p.subject)
	case errors.Is(err, fs.ErrNotExist):
		text = w.S(i18n.ServerFailNofile, "Name", name())
	case errors.Is(err, fs.ErrExist):
		text = w.S(i18n.ServerFailExists, "Name", name())
	default:
		text = w.S(i18n.ServerFailed, "Detail", err.Error())
	}
	fmt.Fprintln(p.err, text)
	p.log.Debug("failed", "err", err)
	return code
}

// usageError is a sentence about how the program was called.
type usageError i18n.Key

func (u usageError) Error() string { return string(u) }

var (
	errNoKeys  = errors.New("no keys")
	errRunning = errors.New("the server is running")
	errListen  = errors.New("cannot listen")
	errPartial = errors.New("read in part")
)

// hub opens the data directory.
func (p *program) hub(ctx context.Context) (*hub.Hub, error) {
	return hub.Open(ctx, p.data, hub.Options{Log: p.log, Ledger: p.ledger})
}

// with opens the data directory for as long as do runs.
func (p *program) with(ctx context.Context, do func(*hub.Hub) error) (err error) {
	h, err := p.hub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return do(h)
}

func (p *program) file(parts ...string) string {
	return filepath.Join(append([]string{p.data}, parts...)...)
}
