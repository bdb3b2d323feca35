package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/alert"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/matching"
	"passerelle/sync/partner"
	"passerelle/sync/server"
	"passerelle/sync/wire"
	"passerelle/sync/work"
)

// nightly is the kind of the job of each day: warnings, suspensions, what has ended.
const nightly = "nightly"

// nightHour is when it is due, in UTC: at noon, when account.SuspendsOn falls, so that an
// account is suspended on the day that its letter named; seven or eight in the morning in Toronto.
const nightHour = 12 * time.Hour

// settings are what a deployment says of accounts. Each is an option of serve, a variable
// PASSERELLE_NAME of the environment, or a line of settings.toml in the data directory, in
// this order; the password of the mail server is in the last two alone.
type settings struct {
	public, contact, credential, legalFR, legalEN, partners string
	sin, express                                            bool
	mail                                                    mail.Account
	security                                                string
	retention                                               ledger.Schedule // from the file alone
}

const (
	settingsFile = "settings.toml"
	passwordName = "smtp-password"
	ledgerName   = "ledger" // of every command, not of serve alone
)

func (o *settings) define(set *flag.FlagSet, w *i18n.Words) {
	set.StringVar(&o.public, "public-url", "", w.S(i18n.ServerFlagPublicurl))
	set.StringVar(&o.mail.Host, "smtp-host", "", w.S(i18n.ServerFlagSmtphost))
	set.IntVar(&o.mail.Port, "smtp-port", 0, w.S(i18n.ServerFlagSmtpport))
	set.StringVar(&o.mail.User, "smtp-user", "", w.S(i18n.ServerFlagSmtpuser, "Env", variable(passwordName), "Name", settingsFile))
	set.StringVar(&o.security, "smtp-tls", "", w.S(i18n.ServerFlagSmtptls))
	set.StringVar(&o.mail.From, "mail-from", "", w.S(i18n.ServerFlagMailfrom))
	set.StringVar(&o.mail.Name, "mail-name", "", w.S(i18n.ServerFlagMailname))
	set.StringVar(&o.partners, "partners", "", w.S(i18n.ServerFlagPartners))
	set.BoolVar(&o.sin, "sin", false, w.S(i18n.ServerFlagSin))
	set.BoolVar(&o.express, "express", false, w.S(i18n.ServerFlagExpress))
	set.StringVar(&o.credential, "credential", "", w.S(i18n.ServerFlagCredential))
	set.StringVar(&o.legalFR, "legal-fr", "", w.S(i18n.ServerFlagLegalfr))
	set.StringVar(&o.legalEN, "legal-en", "", w.S(i18n.ServerFlagLegalen))
	set.StringVar(&o.contact, "contact", "", w.S(i18n.ServerFlagContact))
}

// settingNames are the options that the environment and the file may give.
var settingNames = []string{
	"public-url", "smtp-host", "smtp-port", "smtp-user", "smtp-tls", "mail-from", "mail-name", "partners", "sin", "express",
	"credential", "legal-fr", "legal-en", "contact",
}

func variable(name string) string {
	return "PASSERELLE_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// settle fills in what no option gave.
func (o *settings) settle(p *program, set *flag.FlagSet, demo bool) error {
	given := map[string]bool{}
	set.Visit(func(f *flag.Flag) { given[f.Name] = true })
	file, err := p.readSettings()
	if err != nil {
		return err
	}
	for _, name := range settingNames {
		if given[name] {
			continue
		}
		v := p.env(variable(name))
		if v == "" {
			v = file[name]
		}
		if v == "" {
			continue
		}
		if err := set.Set(name, v); err != nil {
			return p.wrong(name, err)
		}
		given[name] = true
	}
	if o.mail.Password = p.env(variable(passwordName)); o.mail.Password == "" {
		o.mail.Password = file[passwordName]
	}
	o.mail.Security = mail.Security(o.security)
	if o.retention, err = p.readRetention(file); err != nil {
		return err
	}
	if demo { // with fictional numbers, the whole way can be walked
		o.sin = o.sin || !given["sin"]
		o.express = o.express || !given["express"]
	}
	return nil
}

// readSettings reads the file of settings, if there is one.
func (p *program) readSettings() (map[string]string, error) {
	name := p.file(settingsFile)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	raw := map[string]any{}
	if err == nil {
		_, err = toml.DecodeFile(name, &raw)
	}
	if err != nil {
		return nil, p.wrong(settingsFile, err)
	}
	out := map[string]string{}
	for k, v := range raw {
		if section, is := v.(map[string]any); is && k == retentionName {
			for what, days := range section {
				out[retentionName+"."+what] = fmt.Sprint(days)
			}
			continue
		}
		if k != passwordName && k != ledgerName && !slices.Contains(settingNames, k) { // a slip of the pen, not a wish
			return nil, p.wrong(settingsFile, fmt.Errorf("%q", k))
		}
		out[k] = fmt.Sprint(v)
	}
	if out[passwordName]+out[ledgerName] != "" && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, p.wrong(settingsFile, fmt.Errorf("mode %o, want 600", info.Mode().Perm()))
	}
	return out, nil
}

// sentence is a failure that is said as it stands.
type sentence struct {
	text string
	err  error
}

func (s sentence) Error() string { return s.text }
func (s sentence) Unwrap() error { return s.err }

func (p *program) wrong(name string, err error) error {
	return sentence{p.words.S(i18n.ServerFailSetting, "Name", name, "Detail", err.Error()), err}
}

// secrets opens the keys of accounts, which lie beside the database and never in it. Where
// there are accounts and no keys, it makes none: new ones would open nothing, and hide that.
func (p *program) secrets(ctx context.Context, l *ledger.Ledger) (*secret.Keys, error) {
	name := p.file("keys", "secrets.json")
	k, err := secret.Read(name)
	switch {
	case err == nil:
		return k, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, p.wrong(name, err)
	}
	used, err := l.HasAccounts(ctx)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, sentence{p.words.S(i18n.ServerFailSecrets, "Name", name), fs.ErrNotExist}
	}
	if err := makeDir(name); err != nil {
		return nil, err
	}
	return secret.Load(name)
}

// bank is what stands behind the routes of accounts.
type bank struct {
	gate     *gate.Gate
	records  *hub.Records
	alerts   *alert.Alerts
	matching *matching.Matching
	partners *partner.Partners // nil: none
	house    mail.House
	sender   mail.Sender    // nil: letters wait
	mailbox  server.Mailbox // nil: none
}

// openBank opens it at an address that people reach.
func (p *program) openBank(ctx context.Context, h *hub.Hub, o settings, demo bool, listening string) (*bank, error) {
	base := strings.TrimRight(o.public, "/")
	if base == "" {
		base = listening
	}
	if u, err := url.Parse(base); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, p.wrong("public-url", fmt.Errorf("%q", base))
	}
	keys, err := p.secrets(ctx, h.Ledger())
	if err != nil {
		return nil, err
	}
	b := &bank{house: mail.House{Base: base, Box: keys.Box, Contact: o.contact}}
	switch {
	case o.mail.Host != "":
		if o.mail.From == "" {
			return nil, p.wrong("mail-from", errors.New("smtp-host"))
		}
		if b.sender, err = mail.NewSMTP(o.mail); err != nil {
			return nil, p.wrong("smtp-host", err)
		}
		p.say(p.out, i18n.ServerMailBy, "Host", o.mail.Host)
	case demo:
		b.sender, b.mailbox = mail.Keeper{Ledger: h.Ledger()}, h.Ledger()
		p.say(p.out, i18n.ServerMailKept)
	default:
		p.say(p.out, i18n.ServerMailWaits)
		p.log.WarnContext(ctx, "no mail server is set: letters wait in the queue")
	}
	b.alerts, err = alert.New(alert.Options{Ledger: h.Ledger(), Keys: keys, Base: base, Retention: o.retention, Log: p.log})
	if err != nil {
		return nil, err
	}
	b.matching, err = matching.New(matching.Options{Ledger: h.Ledger(), Keys: keys, Keep: o.retention, Log: p.log})
	if err != nil {
		return nil, err
	}
	b.records, err = h.Records(hub.RecordsOptions{Box: keys.Box, Retention: o.retention, Alerts: b.alerts, Matching: b.matching})
	if err != nil {
		return nil, err
	}
	b.alerts.Join(b.records)
	b.matching.Join(b.records)
	var list []wire.Partner
	var voucher gate.Voucher
	if o.partners != "" {
		if b.partners, err = p.openPartners(o.partners, base, keys); err != nil {
			return nil, err
		}
		list, voucher = b.partners.List(), b.partners
	}
	b.gate, err = gate.New(gate.Options{
		Ledger: h.Ledger(), Keys: keys, Base: base, Voucher: voucher, Log: p.log, Retention: o.retention, Leave: b.alerts.Leave,
		Deployment: wire.Deployment{
			SIN: o.sin, Express: o.express, Credential: o.credential, LegalBasis: wire.Words{FR: o.legalFR, EN: o.legalEN},
			Partners: list, Mailbox: b.mailbox != nil, Contact: o.contact, Sender: o.mail.From, Demo: demo,
		},
	})
	return b, err
}

func (p *program) openPartners(name, base string, keys *secret.Keys) (*partner.Partners, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	all, err := partner.Read(f)
	if err != nil {
		return nil, p.wrong("partners", err)
	}
	return partner.New(partner.Options{Partners: all, Base: base, Keys: keys, Now: p.clock}), nil
}

// serves puts the bank behind a server's routes.
func (b *bank) serves(o *server.Options) {
	o.Gate, o.Records, o.Alerts, o.Matching, o.Letters, o.Mailbox = b.gate, b.records, b.alerts, b.matching, b.house, b.mailbox
	if b.partners != nil {
		o.Partners = b.partners
	}
}

// works does the bank's jobs until ctx ends.
func (b *bank) works(ctx context.Context, p *program, l *ledger.Ledger) error {
	o := work.Options{Jobs: l, Now: p.clock, Log: p.log, Daily: []string{nightly}, At: nightHour, Kinds: map[string]work.Do{
		nightly: func(ctx context.Context, _ ledger.Job) error {
			now := p.clock()
			return errors.Join(b.gate.Nightly(ctx, now), b.records.Tidy(ctx, now), b.matching.Tidy(ctx, now))
		},
		matching.Rounds: func(ctx context.Context, _ ledger.Job) error { return b.matching.Round(ctx, p.clock()) },
		matching.Job:    func(ctx context.Context, j ledger.Job) error { return b.matching.Work(ctx, j, p.clock()) },
	}, Rounds: map[string]time.Duration{matching.Rounds: matching.Every}}
	if b.sender != nil { // without one, no news is written that nobody would get: it comes when there is
		o.Kinds[alert.Rounds] = func(ctx context.Context, _ ledger.Job) error { return b.alerts.Round(ctx, p.clock()) }
		o.Kinds[alert.Job] = b.alerts.Deliver(b.house, b.sender, p.clock)
		o.Rounds[alert.Rounds] = alert.Every
		o.Kinds[mail.Job] = mail.Deliver(b.house, b.sender, p.clock)
	}
	return work.Run(ctx, o)
}

// here says whether an address is this machine's alone.
func here(a net.Addr) bool {
	ap, err := netip.ParseAddrPort(a.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
