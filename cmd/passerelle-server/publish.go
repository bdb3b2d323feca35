package main

import (
	"context"
	"flag"

	"passerelle/i18n"
	"passerelle/sync/hub"
	"passerelle/sync/publish"
)

// publishNow brings the published tree to the ledger's position.
func publishNow(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	asOf := set.String("as-of", "", p.words.S(i18n.ServerFlagAsof))
	return func(ctx context.Context, _ []string) error {
		now, err := p.on(*asOf)
		if err != nil {
			return err
		}
		key, err := p.signer()
		if err != nil {
			return err
		}
		return p.with(ctx, func(h *hub.Hub) error {
			done, err := h.Publish(ctx, key, publish.Options{}, now)
			if err != nil {
				return err
			}
			p.sayPublished(done)
			return nil
		})
	}
}

func (p *program) sayPublished(d publish.Published) {
	w := p.words
	if !d.Changed {
		p.say(p.out, i18n.ServerPublishSame, "Epoch", d.Epoch, "Seq", d.Seq)
		return
	}
	p.say(p.out, i18n.ServerPublishDone, "Count", w.Number(d.Count), "Epoch", d.Epoch, "Seq", d.Seq,
		"Put", w.Number(d.Put), "Dropped", w.Number(d.Dropped), "Size", w.Bytes(d.Bytes))
}

// bundle copies a scope of the published tree, to be carried.
func bundle(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	scope := set.String("scope", "all", p.words.S(i18n.ServerFlagScope))
	return func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return usageError(i18n.ServerNeedFile)
		}
		p.subject = args[0]
		done, err := publish.Bundle(ctx, p.file("public"), args[0], *scope)
		if err != nil {
			return err
		}
		p.say(p.out, i18n.ServerBundleDone, "Count", p.words.Number(done.Count), "Dir", args[0])
		return nil
	}
}
