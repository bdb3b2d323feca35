package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/sync/partner"
	"passerelle/sync/partner/partnertest"
	"passerelle/ui/state"
)

// portalBrowser stands for the system's browser: the window calls it as it calls any, by
// the name that a Linux desktop gives it, and it notes the address.
type portalBrowser struct {
	folder, calls string
	read          int
}

func newPortalBrowser(home string) (*portalBrowser, error) {
	b := &portalBrowser{folder: filepath.Join(home, "browser"), calls: filepath.Join(home, "browser", "calls")}
	if err := os.MkdirAll(b.folder, 0o700); err != nil {
		return nil, err
	}
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$1\" >> '%s'\n", b.calls)
	return b, os.WriteFile(filepath.Join(b.folder, "xdg-open"), []byte(script), 0o700)
}

// visit waits for the next address and does there what a person does, up to the page that
// says that one may go back to the program.
func (b *portalBrowser) visit(ctx context.Context, user string) (page string, err error) {
	for limit := time.After(30 * time.Second); ; {
		raw, err := os.ReadFile(b.calls)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if all := strings.Split(string(raw), "\n"); len(all)-1 > b.read { // the last line is whole
			b.read++
			_, page, err := partnertest.Walk(ctx, all[b.read-1], user, partnertest.Password)
			return page, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-limit:
			return "", errors.New("the browser was not opened in 30 s")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// partners walks the portal by sign-in partners, two real providers, in the system's
// browser: registered with one, and refused by the other, in French; changed for the other,
// in English.
//
// Rows: B-006, B-007, B-043
func partners(ctx context.Context, p Programs, t *trail) error {
	d := &portalDesk{p: p, t: t, l: i18n.French}
	defer d.close()
	var browser *portalBrowser
	var providers []*partnertest.Provider
	defer func() {
		for _, x := range providers {
			x.Close()
		}
	}()
	const a, b = "Partenaire a", "Partenaire b"
	// by goes to a partner's page and back.
	by := func(name, user string) func() error {
		return func() error {
			if err := d.use(ctx, name); err != nil {
				return err
			}
			page, err := browser.visit(ctx, user)
			if err == nil && !strings.Contains(html.UnescapeString(page), d.say(i18n.PartnerBack)) {
				err = fmt.Errorf("the page in the browser says %q, want %q", page, d.say(i18n.PartnerBack))
			}
			return err
		}
	}
	choose := func() error {
		return then(func() error { return d.ways(ctx) }, func() error { return d.use(ctx, d.say(i18n.PartnerChoose)) })
	}
	return steps(
		"two partners, a server that knows them, and a browser", func() error {
			var err error
			if d.s, err = t.screen(ctx, p, 1280, 800); err != nil {
				return err
			}
			if err = d.s.Keyring(ctx); err != nil {
				return err
			}
			if d.mail, err = NewMailboxes(ctx); err != nil {
				return err
			}
			if d.port, err = freePort(ctx); err != nil {
				return err
			}
			var list []partner.Config
			for _, id := range []string{"a", "b"} {
				x := partnertest.New(id, "http://"+d.port)
				providers = append(providers, x)
				list = append(list, x.Config)
			}
			raw, err := json.Marshal(list)
			file := filepath.Join(p.Home, "partners.json")
			if err = errors.Join(err, os.WriteFile(file, raw, 0o600)); err != nil {
				return err
			}
			if browser, err = newPortalBrowser(p.Home); err != nil {
				return err
			}
			return d.serve(ctx, "--partners", file)
		},
		"an account of the job bank", func() error { return d.register(ctx, portalEmail) },
		"who never registered with a partner is told so", func() (err error) {
			// env starts the window with our browser before any other on its path.
			d.w, err = d.s.Launch(ctx, "env", "PATH="+browser.folder+":"+os.Getenv("PATH"), p.exe("passerelle"),
				"--data", filepath.Join(p.Home, "desk"), "--server", d.served.Address, "--lang", "fr")
			if err != nil {
				return err
			}
			t.windows = append(t.windows, d.w)
			return then(
				func() error {
					_, err := d.w.UntilIn(ctx, 90*time.Second, "postings", func(v state.Sight) bool { return v.Route == "search" && v.Total > 0 && idle(v) })
					return err
				},
				func() error { return d.ways(ctx) },
				func() error { return d.page(ctx, "ways", d.say(i18n.PartnerChoose), d.say(i18n.PartnerChange)) },
				func() error { return d.use(ctx, d.say(i18n.PartnerChoose)) },
				func() error { return d.page(ctx, "choose", d.say(i18n.PartnerChooseWhy), a, b) },
				by(a, partnertest.First),
				func() error {
					return d.page(ctx, "stranger", d.say(i18n.RefusedPartnerOther), d.say(i18n.PartnerEnrol))
				},
			)
		},
		"registration with partner a", func() error {
			return then(
				func() error { return d.use(ctx, d.say(i18n.PartnerEnrol)) },
				func() error { _, err := d.at(ctx, d.say(i18n.EnrolNeeds)); return err },
				func() error { return d.use(ctx, d.say(i18n.AcctSignin)) },
				func() error { return d.signIn(ctx) },
				func() error { return d.page(ctx, "enrol", d.say(i18n.PartnerEnrolWhy), a) },
				func() error { return d.use(ctx, a) },
				func() error { return d.page(ctx, "waiting", d.say(i18n.PartnerWaiting, "Name", a)) },
				func() error { _, err := browser.visit(ctx, partnertest.First); return err },
				func() error { return d.page(ctx, "registered", d.say(i18n.PartnerEnrol), d.say(i18n.EnrolDoneWhy)) },
				func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
				func() error { return d.page(ctx, "home-a", d.say(i18n.PortalEmpty), a) },
			)
		},
		"sign-in with partner a; with b refused", func() error {
			return then(
				func() error { return d.out(ctx) }, choose, by(b, partnertest.First),
				func() error { return d.page(ctx, "other-refused", d.say(i18n.RefusedPartnerOther)) },
				by(a, partnertest.First),
				func() error { return d.page(ctx, "signed-in-a", d.say(i18n.PortalEmpty), a) },
			)
		},
		"from a to b, in English", func() error {
			if err := d.w.Keys(ctx, "ctrl+l"); err != nil {
				return err
			}
			d.l = i18n.English
			const a, b = "Partner a", "Partner b"
			return then(
				func() error { _, err := d.at(ctx, d.say(i18n.PortalEmpty), a); return err },
				func() error { return d.use(ctx, d.say(i18n.PartnerChange)) },
				func() error { return d.page(ctx, "change", d.say(i18n.PartnerChangeWhy), a) },
				by(a, partnertest.First),
				func() error { return d.page(ctx, "change-to", d.say(i18n.PartnerChangeNew), b) },
				by(b, partnertest.Second),
				func() error { return d.page(ctx, "changed", d.say(i18n.PartnerChanged)) },
				func() error {
					account := *d
					account.l = i18n.French // the language of its letters
					if _, err := account.letter(ctx, portalEmail, 0, i18n.MailPartnersetSubject); err != nil {
						return err
					}
					return d.use(ctx, d.say(i18n.CommonContinue))
				},
				func() error { return d.page(ctx, "home-b", d.say(i18n.PortalEmpty), b) },
				func() error { return d.out(ctx) }, choose, by(a, partnertest.First),
				func() error { return d.page(ctx, "left-refused", d.say(i18n.RefusedPartnerOther)) },
				by(b, partnertest.Second),
				func() error { return d.page(ctx, "signed-in-b", d.say(i18n.PortalEmpty), b) },
			)
		},
	)
}
