package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// users is what an operator does about accounts: who serves others is invited here, and
// each act leaves a line in the audit. The server may go on meanwhile.
func users(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	w := p.words
	var in gate.Invitation
	role := set.String("role", "", w.S(i18n.ServerFlagRole))
	set.StringVar(&in.First, "first", "", w.S(i18n.ServerFlagFirst))
	set.StringVar(&in.Last, "last", "", w.S(i18n.ServerFlagLast))
	set.StringVar(&in.Lang, "lang", string(w.Lang()), w.S(i18n.ServerFlagLetterlang))
	reason := set.String("reason", "", w.S(i18n.ServerFlagReason))
	n := set.Int("count", 50, w.S(i18n.ServerFlagCount))
	return func(ctx context.Context, args []string) error {
		what := "list"
		if len(args) > 0 {
			what = args[0]
		}
		about := what == "create" || what == "suspend" || what == "revoke" || what == "reset"
		switch {
		case !about && what != "list" && what != "audit":
			return usageError(i18n.ServerCmdUsers)
		case about && len(args) != 2:
			return usageError(i18n.ServerNeedEmail)
		case about:
			p.subject = args[1]
		}
		if in.Role = account.Role(*role); what == "create" && in.Role != account.Agent && in.Role != account.Counsellor {
			return usageError(i18n.ServerNeedRole)
		}
		return p.operate(ctx, func(g *gate.Gate, letters bool) error {
			now := p.clock()
			switch what {
			case "create":
				in.Email = p.subject
				return p.invite(ctx, g, in, letters, now)
			case "suspend":
				return p.did(g.Suspend(ctx, p.subject, *reason, now), i18n.ServerUsersSuspended)
			case "revoke":
				return p.did(g.Revoke(ctx, p.subject, *reason, now), i18n.ServerUsersRevoked)
			case "reset":
				return p.did(g.Reset(ctx, p.subject, *reason, now), i18n.ServerUsersReset)
			case "audit":
				return p.audit(ctx, g, *n)
			}
			return p.holders(ctx, g, now)
		})
	}
}

// operate opens the gate for an operator's act. letters says whether letters leave from
// here, as far as the settings that outlast a run tell.
func (p *program) operate(ctx context.Context, do func(g *gate.Gate, letters bool) error) error {
	var o settings
	own := flag.NewFlagSet("", flag.ContinueOnError)
	own.SetOutput(io.Discard)
	o.define(own, p.words)
	if err := o.settle(p, own, false); err != nil {
		return err
	}
	return p.with(ctx, func(h *hub.Hub) error {
		keys, err := p.secrets(ctx, h.Ledger())
		if err != nil {
			return err
		}
		base := o.public
		if base == "" {
			base = "http://localhost" // in no letter that is sent from here
		}
		g, err := gate.New(gate.Options{Ledger: h.Ledger(), Keys: keys, Base: base, Log: p.log})
		if err != nil {
			return err
		}
		return do(g, o.mail.Host != "")
	})
}

func (p *program) invite(ctx context.Context, g *gate.Gate, in gate.Invitation, letters bool, now time.Time) error {
	made, err := g.Invite(ctx, in, letters, now)
	if err != nil {
		return p.refused(err)
	}
	switch {
	case made.Granted:
		p.say(p.out, i18n.ServerUsersGranted, "Email", p.subject)
	case made.Code == "":
		p.say(p.out, i18n.ServerUsersInvited, "Email", p.subject)
	default:
		p.say(p.out, i18n.ServerUsersCode, "Email", p.subject, "Until", p.words.Date(made.Until), "Code", made.Code)
	}
	return nil
}

// did says what was done to an account.
func (p *program) did(err error, done i18n.Key) error {
	if err != nil {
		return p.refused(err)
	}
	p.say(p.out, done, "Email", p.subject)
	return nil
}

// refused says a refusal of the gate in the words of an operator.
func (p *program) refused(err error) error {
	var no *wire.Refused
	if !errors.As(err, &no) {
		return err
	}
	w := p.words
	said := func(text string) error { return sentence{text, err} }
	switch no.Code {
	case account.CannotNow:
		return said(w.S(i18n.ServerUsersNocredential, "Email", p.subject))
	case account.Forbidden:
		return said(w.S(i18n.ServerUsersNotyet, "Email", p.subject))
	case account.Mend:
		var lines []string
		for _, f := range no.Fields {
			if _, ok := account.Address(p.subject); ok && f.Field == "email" {
				return said(w.S(i18n.ServerUsersNobody, "Email", p.subject))
			}
			lines = append(lines, f.Field+": "+w.S(f.Code.Key()))
		}
		return said(strings.Join(lines, "\n"))
	}
	return said(w.S(no.Code.Key()))
}

var roleNames = map[account.Role]i18n.Key{account.Agent: i18n.MeRoleAgent, account.Counsellor: i18n.MeRoleCounsellor}

var stateNames = map[account.State]i18n.Key{
	account.Registering: i18n.MeStateRegistering, account.Active: i18n.MeStateActive, account.Warned: i18n.MeStateWarned,
	account.Suspended: i18n.MeStateSuspended, account.Closed: i18n.MeStateClosed,
}

// holders lists who has a role.
func (p *program) holders(ctx context.Context, g *gate.Gate, now time.Time) error {
	all, err := g.Holders(ctx, now)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		p.say(p.out, i18n.ServerUsersNone)
	}
	for _, h := range all {
		var roles []string
		for _, r := range h.Roles {
			roles = append(roles, p.words.S(roleNames[r]))
		}
		seen := "-"
		if !h.SignedIn.IsZero() {
			seen = p.words.Date(h.SignedIn)
		}
		fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\t%s\t%s\n", h.Email, h.First+" "+h.Last, strings.Join(roles, ", "),
			p.words.S(stateNames[h.State]), seen, h.ID)
		for _, d := range h.Disputes {
			p.say(p.out, i18n.ServerUsersDispute, "Field", d.Field, "Text", strings.Join(strings.Fields(d.Text), " "))
		}
	}
	return nil
}

// audit lists what agents and operators did, the newest first.
func (p *program) audit(ctx context.Context, g *gate.Gate, n int) error {
	all, err := g.Audits(ctx, n)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		p.say(p.out, i18n.ServerUsersAuditNone)
	}
	for _, a := range all {
		fmt.Fprintf(p.out, "%d\t%s\t%s\t%s\t%s\t%s\n", a.N, a.At.Format(time.RFC3339), a.Actor, a.Act, a.Subject,
			strings.Join(strings.Fields(a.Detail), " "))
	}
	return nil
}
