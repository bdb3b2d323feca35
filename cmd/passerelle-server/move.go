package main

import (
	"context"
	"errors"
	"flag"
	"os"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/postgres"
)

// findLedger finds the database that holds the ledger, if no option named it: it stands
// where the settings of serve do. It is no default of an option, which the help would
// show: it may hold a password.
func (p *program) findLedger() error {
	if p.ledger == "" {
		p.ledger = p.env(variable(ledgerName))
	}
	if p.ledger == "" {
		file, err := p.readSettings()
		if err != nil {
			return err
		}
		p.ledger = file[ledgerName]
	}
	if p.ledger != "" && !postgres.Is(p.ledger) {
		return usageError(i18n.ServerBadLedger)
	}
	return nil
}

// move copies the ledger of a data directory into PostgreSQL, or back, all of it or nothing.
// The server is stopped meanwhile: what it would still write to the first would be lost.
func move(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	to := set.String("to", "", p.words.S(i18n.ServerFlagTo))
	from := set.String("from", "", p.words.S(i18n.ServerFlagFromdb))
	return func(ctx context.Context, _ []string) (err error) {
		if *from != "" {
			return p.moveBack(ctx, *from)
		}
		if *to == "" {
			*to = p.ledger
		}
		if !postgres.Is(*to) {
			return usageError(i18n.ServerNeedTo)
		}
		file := p.file("ledger.db")
		if _, err := os.Stat(file); err != nil {
			return err
		}
		release, err := p.hold()
		if err != nil {
			return err
		}
		defer release()
		src, err := ledger.Open(ctx, file, ledger.Options{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, src.Close()) }()
		dst, err := ledger.Open(ctx, *to, ledger.Options{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, dst.Close()) }()
		all, err := ledger.Move(ctx, src, dst)
		if err != nil {
			return err
		}
		p.say(p.out, i18n.ServerMoveDone, "Tables", len(all), "Rows", p.words.Number(rows(all)), "File", file)
		return nil
	}
}

// moveBack copies a ledger out of PostgreSQL into the file of the data directory, which must
// not be there.
func (p *program) moveBack(ctx context.Context, from string) (err error) {
	if !postgres.Is(from) {
		return usageError(i18n.ServerBadLedger)
	}
	release, err := p.hold()
	if err != nil {
		return err
	}
	defer release()
	src, err := ledger.Open(ctx, from, ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	p.subject = p.file("ledger.db")
	all, err := src.Copy(ctx, p.subject)
	if err != nil {
		return err
	}
	p.say(p.out, i18n.ServerMoveBack, "Tables", len(all), "Rows", p.words.Number(rows(all)), "File", p.subject)
	return nil
}

func rows(all []ledger.Moved) (n int) {
	for _, m := range all {
		n += int(m.Rows)
	}
	return n
}
