package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/intake/demo"
	"passerelle/sync/publish"
	"passerelle/sync/server"
)

// serve publishes from time to time and answers those who sync. While there is a file
// named "maintenance" in the data directory, it asks everyone to come back later.
func serve(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	w := p.words
	var o serveOptions
	set.StringVar(&o.addr, "addr", "127.0.0.1:8080", w.S(i18n.ServerFlagAddr))
	set.DurationVar(&o.every, "publish-every", 5*time.Minute, w.S(i18n.ServerFlagEvery))
	set.BoolVar(&o.demo, "demo", false, w.S(i18n.ServerFlagDemo))
	set.IntVar(&o.n, "n", 2000, w.S(i18n.ServerFlagN))
	set.Int64Var(&o.seed, "seed", 1, w.S(i18n.ServerFlagSeed))
	set.StringVar(&o.cert, "cert", "", w.S(i18n.ServerFlagCert))
	set.StringVar(&o.key, "key", "", w.S(i18n.ServerFlagKey))
	set.BoolVar(&o.forwarded, "forwarded", false, w.S(i18n.ServerFlagForwarded))
	set.BoolVar(&o.debug, "debug", false, w.S(i18n.ServerFlagDebug))
	o.define(set, w)
	return func(ctx context.Context, _ []string) error {
		if err := o.settle(p, set, o.demo); err != nil {
			return err
		}
		return p.serve(ctx, o)
	}
}

type serveOptions struct {
	addr      string
	every     time.Duration
	demo      bool
	n         int
	seed      int64
	cert, key string
	forwarded bool
	debug     bool
	settings
}

func (p *program) serve(ctx context.Context, o serveOptions) (err error) {
	if o.debug {
		p.level.Set(slog.LevelDebug)
	}
	if err := secret.DropCore(); err != nil {
		p.log.WarnContext(ctx, "core files", "err", err)
	}
	release, err := p.hold()
	if err != nil {
		return err
	}
	defer release()
	h, err := p.hub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if o.demo {
		if err := p.prepareDemo(ctx, h, o); err != nil {
			return err
		}
	}
	figures := newFigures()
	var signer publish.Key
	if o.every > 0 {
		if signer, err = p.signer(); err != nil {
			return err
		}
		done, err := h.Publish(ctx, signer, publish.Options{}, p.clock())
		if err != nil {
			return err
		}
		figures.set(done)
		p.sayPublished(done)
	}
	if err := os.MkdirAll(h.Public(), 0o700); err != nil {
		return err
	}
	p.subject = o.addr
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return errors.Join(errListen, err)
	}
	defer func() { _ = l.Close() }()
	scheme := "http://"
	if o.cert != "" {
		scheme = "https://"
	}
	address := scheme + l.Addr().String()
	b, err := p.openBank(ctx, h, o.settings, o.demo, address)
	if err != nil {
		return err
	}
	options := server.Options{
		Dir: h.Public(), Bank: h, Log: p.log, Now: p.clock, Base: figures.registry,
		Forwarded: o.forwarded, CertFile: o.cert, KeyFile: o.key, Maintenance: p.maintenance,
	}
	b.serves(&options)
	s, err := server.New(options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if o.cert == "" && !o.forwarded && !here(l.Addr()) {
		p.say(p.out, i18n.ServerServePlain)
	}
	p.say(p.out, i18n.ServerServeAt, "Address", address, "Dir", p.data)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(ctx, l) })
	g.Go(func() error { return b.works(ctx, p, h.Ledger()) })
	if o.every > 0 {
		g.Go(func() error { return p.keepPublishing(ctx, h, signer, o.every, figures) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.say(p.out, i18n.ServerServeStopped)
	return nil
}

// maintenance is asked for by a file, so that a script can put it there before an upgrade.
func (p *program) maintenance() (time.Duration, bool) {
	_, err := os.Stat(p.file("maintenance"))
	return 5 * time.Minute, err == nil
}

// prepareDemo makes keys once, and brings the invented postings to today.
func (p *program) prepareDemo(ctx context.Context, h *hub.Hub, o serveOptions) error {
	if _, err := p.signer(); errors.Is(err, errNoKeys) {
		if err := p.newKeys(p.file("keys", "root.key"), true); err != nil {
			return err
		}
	}
	return p.demo(ctx, h, demo.Options{N: o.n, Seed: o.seed, Today: posting.DayOf(p.clock())})
}

// keepPublishing publishes at every turn; one that fails is logged, and the next tries
// again: what is served meanwhile is the publication before.
func (p *program) keepPublishing(ctx context.Context, h *hub.Hub, key publish.Key, every time.Duration, f *figures) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		done, err := h.Publish(ctx, key, publish.Options{}, p.clock())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			f.failed.Inc()
			p.log.ErrorContext(ctx, "publish", "err", err)
		default:
			f.set(done)
			p.log.InfoContext(ctx, "published", "changed", done.Changed, "epoch", done.Epoch, "seq", done.Seq, "count", done.Count)
		}
	}
}

// figures are those of the publication, for /metrics.
type figures struct {
	registry          *prometheus.Registry
	seq, count, stamp prometheus.Gauge
	failed            prometheus.Counter
}

func newFigures() *figures {
	f := &figures{
		registry: prometheus.NewRegistry(),
		seq:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "passerelle_published_seq", Help: "Position published last."}),
		count:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "passerelle_published_postings", Help: "Postings in the whole catalogue."}),
		stamp:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "passerelle_published_timestamp_seconds", Help: "When the newest head was made."}),
		failed:   prometheus.NewCounter(prometheus.CounterOpts{Name: "passerelle_publish_failures_total", Help: "Publications that failed."}),
	}
	f.registry.MustRegister(f.seq, f.count, f.stamp, f.failed)
	return f
}

func (f *figures) set(p publish.Published) {
	f.seq.Set(float64(p.Seq))
	f.count.Set(float64(p.Count))
	f.stamp.Set(float64(p.Created.Unix()))
}
