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

// move copies the ledger of a data directory into PostgreSQL, all of it or nothing. The
// server is stopped meanwhile: what it would still write to the file would be lost.
func move(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	to := set.String("to", "", p.words.S(i18n.ServerFlagTo))
	return func(ctx context.Context, _ []string) (err error) {
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
		rows := 0
		for _, m := range all {
			rows += int(m.Rows)
		}
		p.say(p.out, i18n.ServerMoveDone, "Tables", len(all), "Rows", p.words.Number(rows), "File", file)
		return nil
	}
}
