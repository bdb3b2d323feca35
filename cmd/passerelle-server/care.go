package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"passerelle/i18n"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// reports lists what people have reported, for those who answer. No route shows it.
func reports(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	n := set.Int("count", 50, p.words.S(i18n.ServerFlagCount))
	return func(ctx context.Context, args []string) error {
		if len(args) > 0 && args[0] != "list" {
			return usageError(i18n.ServerCmdReports)
		}
		return p.with(ctx, func(h *hub.Hub) error {
			all, err := h.Ledger().Reports(ctx, *n)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				p.say(p.out, i18n.ServerReportsNone)
			}
			for _, r := range all {
				fmt.Fprintf(p.out, "%s\t%s\t%d\t%s\t%s\t%s\n", hub.Ticket(r.Ticket), p.words.Date(r.Received), r.Number,
					r.Source, p.words.S(wire.Reason(r.Reason).Key()), strings.Join(strings.Fields(r.Words), " "))
			}
			return nil
		})
	}
}

// check reads a whole ledger, or a backup of it: without a file it backs the ledger up
// aside, restores the copy there and reads that.
func check(p *program, _ *flag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) (err error) {
		var (
			he  hub.Health
			dir string
		)
		box, err := p.box()
		if err != nil {
			return err
		}
		if len(args) > 0 {
			if _, err := os.Stat(args[0]); err != nil {
				return err
			}
			if he, err = hub.Check(ctx, args[0], box); err != nil {
				return err
			}
		} else {
			if err = os.MkdirAll(p.data, 0o700); err == nil {
				dir, err = os.MkdirTemp(p.data, "check-")
			}
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			err = p.with(ctx, func(h *hub.Hub) error {
				he, err = h.CheckBackup(ctx, dir, box)
				return err
			})
			if err != nil {
				return err
			}
		}
		p.say(p.out, i18n.ServerCheckOk, "Rows", p.words.Number(he.Rows), "Epoch", he.Epoch, "Seq", he.Seq,
			"Digest", fmt.Sprintf("%x", he.Digest))
		if he.Private.Parts > 0 {
			p.say(p.out, i18n.ServerCheckPrivate, "Records", p.words.Number(int(he.Private.Records)),
				"Parts", p.words.Number(int(he.Private.Parts)), "Digest", fmt.Sprintf("%x", he.Private.Digest[:16]))
			if box == nil {
				p.say(p.out, i18n.ServerCheckSealed, "Name", p.file("keys", "secrets.json"))
			}
		}
		return nil
	}
}

// box opens what is sealed, to see that it does; nil where there are no keys.
func (p *program) box() (*secret.Box, error) {
	name := p.file("keys", "secrets.json")
	k, err := secret.Read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, p.wrong(name, err)
	}
	return k.Box, nil
}

func backup(p *program, _ *flag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return usageError(i18n.ServerNeedFile)
		}
		p.subject = args[0]
		return p.with(ctx, func(h *hub.Hub) error {
			if err := h.Backup(ctx, args[0]); err != nil {
				return err
			}
			p.say(p.out, i18n.ServerBackupDone, "Name", args[0])
			used, err := h.Ledger().HasAccounts(ctx)
			if err == nil && used { // whoever finds the backup must not find the keys
				p.say(p.out, i18n.ServerBackupKeys, "Name", p.file("keys", "secrets.json"))
			}
			return err
		})
	}
}

// restore puts a backup in place; the epoch rises, so that every client starts over from
// what the server now has.
func restore(p *program, _ *flag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return usageError(i18n.ServerNeedFile)
		}
		if _, err := os.Stat(args[0]); err != nil {
			return err
		}
		release, err := p.hold()
		if err != nil {
			return err
		}
		defer release()
		if p.ledger != "" {
			epoch, err := hub.RestoreServed(ctx, p.data, p.ledger, args[0])
			if err != nil {
				return err
			}
			p.say(p.out, i18n.ServerRestoreServed, "Epoch", epoch)
			return nil
		}
		kept, epoch, err := hub.Restore(ctx, p.data, args[0])
		if err != nil {
			return err
		}
		p.say(p.out, i18n.ServerRestoreDone, "Epoch", epoch, "Kept", kept)
		return nil
	}
}
