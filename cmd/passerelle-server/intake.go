package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
	"passerelle/sync/intake/demo"
)

// importFiles takes the postings of one source in.
func importFiles(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	w := p.words
	from := set.String("source", "", w.S(i18n.ServerFlagSource))
	format := set.String("format", "", w.S(i18n.ServerFlagFormat))
	lang := set.String("lang", "", w.S(i18n.ServerFlagLang))
	asOf := set.String("as-of", "", w.S(i18n.ServerFlagAsof))
	complete := set.Bool("complete", false, w.S(i18n.ServerFlagComplete))
	removals := set.Bool("allow-removals", false, w.S(i18n.ServerFlagRemovals))
	share := set.Float64("max-share", 0.2, w.S(i18n.ServerFlagShare))
	return func(ctx context.Context, args []string) error {
		switch {
		case *from == "":
			return usageError(i18n.ServerNeedSource)
		case len(args) == 0:
			return usageError(i18n.ServerNeedFile)
		}
		now, err := p.on(*asOf)
		if err != nil {
			return err
		}
		p.subject = *from
		files := make([]hub.File, len(args))
		for i, name := range args {
			if _, err := os.Stat(name); err != nil {
				return err // before anything is taken in
			}
			files[i] = hub.File{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
		}
		return p.with(ctx, func(h *hub.Hub) error {
			im, err := h.Import(ctx, *from, files, hub.ImportOptions{
				Format: intake.Format(*format), Lang: i18n.Lang(*lang),
				Complete: *complete, AllowRemovals: *removals, MaxShare: *share,
				Progress: func(im hub.Imported) {
					p.log.DebugContext(ctx, "import", "added", im.Added, "changed", im.Changed, "unchanged", im.Unchanged)
				},
			}, now)
			return p.sayImported(im, err)
		})
	}
}

// sayImported tells what an import did, row by row what it left out, and gives its error.
func (p *program) sayImported(im hub.Imported, err error) error {
	w := p.words
	for _, problem := range im.Problems {
		fmt.Fprintln(p.err, problem.Say(w))
	}
	if im.More > 0 {
		p.say(p.err, i18n.ServerImportMore, "N", w.Number(im.More))
	}
	if err != nil {
		return err
	}
	p.say(p.out, i18n.ServerImportDone, "Read", w.Number(im.Read), "Added", w.Number(im.Added),
		"Changed", w.Number(im.Changed), "Unchanged", w.Number(im.Unchanged),
		"Closed", w.Number(im.Closed), "Refused", w.Number(im.Refused), "Assigned", w.Number(im.Assigned))
	if im.Partial {
		p.say(p.err, i18n.ServerFailPartial)
		return errPartial
	}
	return nil
}

// fetch visits the feed of a partner, if there is an agreement with it. The
// program knows no address of its own.
func fetch(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	w := p.words
	from := set.String("source", "", w.S(i18n.ServerFlagSource))
	feed := set.String("feed", "", w.S(i18n.ServerFlagFeed))
	header := set.String("header", "", w.S(i18n.ServerFlagHeader))
	removals := set.Bool("allow-removals", false, w.S(i18n.ServerFlagRemovals))
	share := set.Float64("max-share", 0.2, w.S(i18n.ServerFlagShare))
	return func(ctx context.Context, _ []string) error {
		if *from == "" {
			return usageError(i18n.ServerNeedSource)
		}
		p.subject = *from
		f := intake.Feed{Base: *feed}
		if name, value, ok := strings.Cut(*header, ":"); ok {
			f.Header = http.Header{}
			f.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		return p.with(ctx, func(h *hub.Hub) error {
			im, err := h.Fetch(ctx, *from, f, hub.ImportOptions{AllowRemovals: *removals, MaxShare: *share}, p.clock())
			return p.sayImported(im, err)
		})
	}
}

// importDemo takes invented postings in.
func importDemo(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	n := set.Int("n", 2000, p.words.S(i18n.ServerFlagN))
	seed := set.Int64("seed", 1, p.words.S(i18n.ServerFlagSeed))
	asOf := set.String("as-of", "", p.words.S(i18n.ServerFlagAsof))
	return func(ctx context.Context, _ []string) error {
		now, err := p.on(*asOf)
		if err != nil {
			return err
		}
		return p.with(ctx, func(h *hub.Hub) error {
			return p.demo(ctx, h, demo.Options{N: *n, Seed: *seed, Today: posting.DayOf(now)})
		})
	}
}

func (p *program) demo(ctx context.Context, h *hub.Hub, o demo.Options) error {
	w := p.words
	t, err := h.ImportDemo(ctx, o, func(done int) { p.log.DebugContext(ctx, "import demonstration", "done", done) })
	if err != nil {
		return err
	}
	p.say(p.out, i18n.ServerDemoDone,
		"Added", w.Number(t.Added), "Changed", w.Number(t.Changed), "Unchanged", w.Number(t.Unchanged))
	return nil
}
