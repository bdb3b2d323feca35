package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/sync/alert"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/matching"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// parcel takes in what somebody's computer could not send, from a file that they handed in,
// and writes the answers for them to carry back. Whoever runs it vouches for whose
// the file is. What is for agents and counsellors alone takes a second factor, and is not
// done from a file.
func parcel(p *program, set *flag.FlagSet) func(context.Context, []string) error {
	email := set.String("account", "", p.words.S(i18n.ServerFlagAccount))
	return func(ctx context.Context, args []string) error {
		if len(args) != 2 {
			return usageError(i18n.ServerNeedParcel)
		}
		p.subject = *email
		in, err := readParcel(args[0])
		if err != nil {
			return p.uncarried(err)
		}
		if *email == "" && len(in.Mutations) > 0 {
			return usageError(i18n.ServerNeedAccount)
		}
		if _, err := os.Lstat(args[1]); err == nil {
			return &fs.PathError{Op: "create", Path: args[1], Err: fs.ErrExist}
		}
		return p.behind(ctx, asksLetters(in), func(h *hub.Hub, g *gate.Gate, r *hub.Records, alerts *alert.Alerts) error {
			c := counter{h: h, gate: g, records: r, alerts: alerts, now: p.clock()}
			var o replica.PrivateOptions
			if len(in.Mutations) > 0 {
				a, err := g.HandsIn(ctx, *email, in.Account, c.now)
				if err != nil && !errors.Is(err, gate.ErrOther) {
					return p.refused(err)
				}
				if err != nil {
					return p.uncarried(fmt.Errorf("%w: %w", replica.ErrForeign, err))
				}
				c.who = hub.Who{Account: a}
				o.Account = a
			}
			o.Token = func(context.Context, string) (string, error) { return p.subject, nil }
			out, err := replica.Carry(ctx, c, o, in)
			if err != nil {
				return p.uncarried(err)
			}
			if err := disk.Write(args[1], func(w io.Writer) error { return wire.WriteReceipts(w, out) }); err != nil {
				return err
			}
			p.carried(in, out)
			return nil
		})
	}
}

// asksLetters says whether something of a parcel has letters sent, whose links lead to the
// public address.
func asksLetters(in wire.Parcel) bool {
	return len(in.Alerts) > 0 || slices.ContainsFunc(in.Mutations, func(m wire.Mutation) bool { return m.Kind == "alert" })
}

// behind opens what stands behind the routes, for one act of an operator. The server may go
// on meanwhile. letters: some are written, so the public address has to be known.
func (p *program) behind(ctx context.Context, letters bool, do func(*hub.Hub, *gate.Gate, *hub.Records, *alert.Alerts) error) error {
	var o settings
	own := flag.NewFlagSet("", flag.ContinueOnError)
	own.SetOutput(io.Discard)
	o.define(own, p.words)
	if err := o.settle(p, own, false); err != nil {
		return err
	}
	base := strings.TrimRight(o.public, "/")
	switch {
	case base == "" && letters:
		return p.wrong("public-url", fmt.Errorf("%q", base))
	case base == "":
		base = "http://localhost" // in no letter
	}
	return p.with(ctx, func(h *hub.Hub) error {
		keys, err := p.secrets(ctx, h.Ledger())
		if err != nil {
			return err
		}
		alerts, err := alert.New(alert.Options{Ledger: h.Ledger(), Keys: keys, Base: base, Retention: o.retention, Log: p.log})
		if err != nil {
			return err
		}
		matches, err := matching.New(matching.Options{Ledger: h.Ledger(), Keys: keys, Keep: o.retention, Log: p.log})
		if err != nil {
			return err
		}
		r, err := h.Records(hub.RecordsOptions{Box: keys.Box, Retention: o.retention, Alerts: alerts, Matching: matches})
		if err != nil {
			return err
		}
		alerts.Join(r)
		matches.Join(r)
		g, err := gate.New(gate.Options{Ledger: h.Ledger(), Keys: keys, Base: base, Log: p.log})
		if err != nil {
			return err
		}
		return do(h, g, r, alerts)
	})
}

func readParcel(name string) (wire.Parcel, error) {
	f, err := os.Open(name)
	if err != nil {
		return wire.Parcel{}, err
	}
	defer func() { _ = f.Close() }()
	return wire.ReadParcel(f)
}

// uncarried says what is wrong with a file; nothing of it was taken, or all of it can be
// taken again.
func (p *program) uncarried(err error) error {
	if key := replica.Sentence(err); key != i18n.SyncFailed {
		return sentence{p.words.S(key), err}
	}
	return err
}

// carried says what was done.
func (p *program) carried(in wire.Parcel, out wire.Receipts) {
	done, refused := 0, 0
	for _, r := range out.Results {
		switch {
		case r.Outcome == wire.Later:
			continue
		case r.Outcome == wire.Rejected, r.Outcome == wire.Clashed, r.First == wire.Rejected, r.First == wire.Clashed:
			refused++
		default:
			done++
		}
	}
	for _, d := range out.Items {
		if d.Refused != "" {
			refused++
		} else {
			done++
		}
	}
	p.say(p.out, i18n.ServerParcelDone, "N", in.Len(), "Done", done, "Refused", refused, "Later", in.Len()-done-refused)
}

// counter is the server, for what is handed in at its desk.
type counter struct {
	h       *hub.Hub
	gate    *gate.Gate
	records *hub.Records
	alerts  *alert.Alerts
	who     hub.Who
	now     time.Time
}

// Push: see [replica.Remote].
func (c counter) Push(ctx context.Context, _ string, in wire.Push) (wire.Pushed, error) {
	return c.records.Push(ctx, c.who, in, c.now)
}

// Pull: see [replica.Remote].
func (c counter) Pull(ctx context.Context, _ string, in wire.Pull) (wire.Pulled, error) {
	return c.records.Pull(ctx, c.who, in, c.now)
}

// Report: see [replica.Sender].
func (c counter) Report(ctx context.Context, r wire.Report) (string, error) {
	b, err := c.h.Report(ctx, r, c.now)
	if errors.Is(err, hub.ErrReport) || errors.Is(err, hub.ErrReason) || errors.Is(err, hub.ErrOtherReport) {
		err = fmt.Errorf("%w: %w", wire.ErrRefused, err)
	}
	return string(b), err
}

// Help: see [replica.Helper].
func (c counter) Help(ctx context.Context, h wire.HelpRequest) (wire.Receipt, error) {
	return c.gate.Help(ctx, h, "", c.now)
}

// Subscribe: see [replica.Subscriber].
func (c counter) Subscribe(ctx context.Context, in wire.Subscribe) (wire.Subscribed, error) {
	return c.alerts.Subscribe(ctx, in, c.now)
}
