package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
)

// source keeps the registry of those who send postings.
func source(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	w := p.words
	var s posting.Source
	set.StringVar(&s.Name.FR, "name-fr", "", w.S(i18n.ServerFlagNamefr))
	set.StringVar(&s.Name.EN, "name-en", "", w.S(i18n.ServerFlagNameen))
	set.StringVar(&s.Host, "host", "", w.S(i18n.ServerFlagHost))
	set.StringVar(&s.Licence, "licence", "", w.S(i18n.ServerFlagLicence))
	set.StringVar(&s.Agreement, "agreement", "", w.S(i18n.ServerFlagAgreement))
	return func(ctx context.Context, args []string) error {
		what := "list"
		if len(args) > 0 {
			what = args[0]
		}
		if what != "list" && len(args) < 2 {
			return usageError(i18n.ServerNeedId)
		}
		return p.with(ctx, func(h *hub.Hub) error {
			if what == "list" {
				return p.sources(ctx, h)
			}
			p.subject = args[1]
			old, err := h.Ledger().Source(ctx, args[1])
			switch {
			case what == "add" && (err == nil || errors.Is(err, ledger.ErrNotFound)):
				s.ID, s.Accepted = args[1], old.Accepted
				if s.Name == (posting.Both{}) {
					s.Name = posting.Both{FR: s.ID, EN: s.ID}
				}
			case err != nil:
				return err
			case what == "accept":
				s = old
				s.Accepted = intake.TermsVersion
			case what == "revoke":
				s = old
				s.Accepted = ""
			default:
				return usageError(i18n.ServerCmdSource)
			}
			gone, err := h.SetSource(ctx, s)
			if err != nil {
				return err
			}
			p.say(p.out, i18n.ServerSourcePut, "ID", s.ID)
			if gone > 0 {
				fmt.Fprintln(p.out, w.N(i18n.ServerSourceGone, gone))
			}
			return nil
		})
	}
}

func (p *program) sources(ctx context.Context, h *hub.Hub) error {
	all, err := h.Ledger().Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		name, _ := s.Name.In(p.words.Lang())
		state := p.words.S(i18n.ServerSourceNo)
		if hub.Accepted(s) {
			state = p.words.S(i18n.ServerSourceYes)
		}
		fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\n", s.ID, state, name, s.Host)
	}
	return nil
}
