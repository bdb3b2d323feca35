package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// retentionName is the section of settings.toml that says how long things are kept: for how
// many days, by what [ledger.Rule] calls them.
const retentionName = "retention"

// readRetention reads that section, out of the settings of the file.
func (p *program) readRetention(file map[string]string) (ledger.Schedule, error) {
	set := map[string]int{}
	for name, v := range file {
		what, is := strings.CutPrefix(name, retentionName+".")
		if !is {
			continue
		}
		days, err := strconv.Atoi(v)
		if err != nil {
			return nil, p.wrong(name, errors.Unwrap(err))
		}
		set[what] = days
	}
	s, err := ledger.NewSchedule(set)
	if err != nil {
		return nil, p.wrong(settingsFile, err)
	}
	return s, nil
}

// retention shows the schedule.
func retention(p *program, _ *flag.FlagSet) func(context.Context, []string) error {
	return func(_ context.Context, args []string) error {
		if len(args) > 0 {
			return usageError(i18n.ServerCmdRetention)
		}
		file, err := p.readSettings()
		if err != nil {
			return err
		}
		s, err := p.readRetention(file)
		if err != nil {
			return err
		}
		why := map[string]i18n.Key{
			ledger.SourcePrivacy: i18n.ServerRetentionPrivacy, ledger.SourceSync: i18n.ServerRetentionSync, ledger.SourceHouse: i18n.ServerRetentionHouse,
		}
		for _, r := range s.Rules() {
			what, long := wire.Retention{What: r.What, Days: r.Days, After: r.After}.Words(p.words)
			least := "-"
			if r.Least > 0 {
				least = p.words.S(i18n.ServerRetentionSet, "Least", r.Least)
			}
			fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\t%s\n", r.What, what, long, least, p.words.S(why[r.Source]))
		}
		p.say(p.out, i18n.ServerRetentionChange, "Name", p.file(settingsFile))
		return nil
	}
}
