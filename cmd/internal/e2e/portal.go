package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/client"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// What the employer of the walks types. The passwords of the portal, one after the other,
// differ from that of the account (B-029).
const (
	portalEmail    = "ada.test@exemple.ca" // of the account
	portalAccount  = "Une longue promenade 8"
	portalUser     = "employer42"
	portalFirst    = "Girafe bleue et nuages 7"
	portalSecond   = "Girafe verte et nuages 7"
	portalThird    = "Girafe grise et nuages 7"
	portalRecovery = "retrouver@exemple.ca"
	portalAnswer   = "answer of my own" // to the recovery question
	portalPerson   = "Zelie"
	portalDate     = "1999-12-01"
	portalNobody   = "personne-du-tout@exemple.ca" // whom nobody registered
)

// portalDesk is an employer at a window, with the letters that come and the application of
// the second factor.
type portalDesk struct {
	p      Programs
	t      *trail
	s      *Screen
	w      *Window
	l      i18n.Lang
	mail   *Mailboxes
	served *Served
	port   string // host:port of the server

	key  string // of the authenticator application
	last int64  // step of the last code that was used: none is taken twice
}

// openPortal starts mailboxes, server and window; more are options of the server.
func openPortal(ctx context.Context, p Programs, t *trail, l i18n.Lang, more ...string) (*portalDesk, error) {
	d := &portalDesk{p: p, t: t, l: l}
	var err error
	if d.s, err = t.screen(ctx, p, 1280, 800); err != nil {
		return nil, err
	}
	if err := d.s.Keyring(ctx); err != nil {
		return nil, err
	}
	if d.mail, err = NewMailboxes(ctx); err != nil {
		return nil, err
	}
	if d.port, err = freePort(ctx); err != nil {
		return nil, err
	}
	return d, d.serve(ctx, more...)
}

func (d *portalDesk) close() {
	if d.mail != nil {
		d.mail.Close()
	}
}

// freePort is an address of loopback where nobody listens.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (d *portalDesk) serve(ctx context.Context, more ...string) error {
	host, port, err := net.SplitHostPort(d.mail.Addr)
	if err != nil {
		return err
	}
	// Registration at the job bank has walks of its own: here its numbers are left out.
	d.served, err = d.t.serve(ctx, d.p, nil, "server", append([]string{"--demo", "--n", "300", "--sin=false", "--express=false", "--addr", d.port,
		"--smtp-host", host, "--smtp-port", port, "--smtp-tls", "none", "--mail-from", "no-reply@exemple.ca"}, more...)...)
	return err
}

// open starts the window, in a theme that goes with the language so that both are seen.
func (d *portalDesk) open(ctx context.Context) (err error) {
	theme := map[i18n.Lang]string{i18n.French: "dark", i18n.English: "light"}[d.l]
	d.w, err = d.t.launch(ctx, d.p, d.s, "desk", "--server", d.served.Address, "--lang", string(d.l), "--theme", theme)
	return err
}

// register makes an account at the job bank, as another computer would: the questions are
// the first five, and the answer to each is "answer to" it.
func (d *portalDesk) register(ctx context.Context, email string) error {
	c, err := client.New(d.served.Address, client.Options{})
	if err != nil {
		return err
	}
	at, err := c.Begin(ctx, "", wire.Begin{Kind: account.Register, Lang: string(d.l)})
	if err != nil {
		return err
	}
	flow := at.Flow
	var five []wire.QA
	for _, id := range account.QuestionIDs[:5] {
		five = append(five, wire.QA{Question: id, Answer: "answer to " + id})
	}
	for _, in := range []func() (wire.Answer, error){
		func() (wire.Answer, error) { return wire.Answer{Accept: true, Terms: at.Terms}, nil },
		func() (wire.Answer, error) {
			return wire.Answer{First: "Ada", Last: "Test", Email: email, Password: portalAccount, Again: portalAccount, Lang: string(d.l)}, nil
		},
		func() (wire.Answer, error) {
			l, err := d.mail.Next(ctx, email, 0)
			return wire.Answer{Code: l.Code()}, err
		},
		func() (wire.Answer, error) { return wire.Answer{Questions: five}, nil },
	} {
		a, err := in()
		if err == nil {
			at, err = c.Step(ctx, flow, at.Step, a)
		}
		if err != nil {
			return fmt.Errorf("register %s: %w", email, err)
		}
	}
	return nil
}

func (d *portalDesk) personHint() string {
	return map[i18n.Lang]string{i18n.French: "mon institutrice", i18n.English: "my teacher"}[d.l]
}

func (d *portalDesk) dateHint() string {
	return map[i18n.Lang]string{i18n.French: "le premier matin", i18n.English: "the first morning"}[d.l]
}

func (d *portalDesk) say(k i18n.Key, args ...any) string { return say(d.l, k, args...) }

// at waits until the window shows all of the texts.
func (d *portalDesk) at(ctx context.Context, texts ...string) (state.Sight, error) {
	return d.w.UntilIn(ctx, 45*time.Second, fmt.Sprintf("%q", texts), func(v state.Sight) bool {
		return !slices.ContainsFunc(texts, func(t string) bool { return !Shows(v, t) })
	})
}

// page waits for texts and takes a picture of them.
func (d *portalDesk) page(ctx context.Context, what string, texts ...string) error {
	if _, err := d.at(ctx, texts...); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(400 * time.Millisecond): // what is told is drawn a moment later
	}
	return d.t.shot(ctx, d.w, what)
}

// use reaches a control with Tab and presses Enter on it.
func (d *portalDesk) use(ctx context.Context, label string) error {
	if err := d.w.Reach(ctx, label, 60); err != nil {
		return err
	}
	return d.w.Keys(ctx, "Return")
}

// fill reaches a field with Tab and types over what is in it.
func (d *portalDesk) fill(ctx context.Context, label, text string) error {
	for range 3 { // a line of what is to be mended begins as its field does
		if err := d.w.Reach(ctx, label+":", 60); err != nil {
			return err
		}
		v, err := d.w.Seen()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(v.Controls, func(c state.Spot) bool { return c.Kind == "Entry" && c.Label == v.Focus }) {
			if err := d.w.Keys(ctx, "Tab"); err != nil {
				return err
			}
			if _, err := d.w.Until(ctx, "another control", func(n state.Sight) bool { return n.Focus != v.Focus }); err != nil {
				return err
			}
			continue
		}
		if err := d.w.Keys(ctx, "ctrl+a"); err != nil {
			return err
		}
		return d.w.Type(ctx, text)
	}
	return fmt.Errorf("no field %q", label)
}

// pairs fills fields in order: label, text, label, text.
func (d *portalDesk) pairs(ctx context.Context, list ...string) error {
	for i := 0; i+1 < len(list); i += 2 {
		if err := d.fill(ctx, list[i], list[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// then runs what has to be done, until something fails.
func then(list ...func() error) error {
	for _, do := range list {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func (d *portalDesk) enter(ctx context.Context) func() error {
	return func() error { return d.w.Keys(ctx, "Return") }
}

// letter waits for a letter of a subject to an address, beyond the first n of all to it.
func (d *portalDesk) letter(ctx context.Context, to string, n int, subject i18n.Key) (Letter, error) {
	for ; ; n++ {
		l, err := d.mail.Next(ctx, to, n)
		if err != nil {
			return l, fmt.Errorf("a letter %q: %w", d.say(subject), err)
		}
		if strings.HasPrefix(plain(l.Subject), plain(d.say(subject))) {
			return l, nil
		}
	}
}

// code is what the application shows: of the first step that was not used yet, once it is near.
func (d *portalDesk) code(ctx context.Context) (string, error) {
	for {
		clock := time.Now()
		now := account.TOTPStep(clock)
		first := now
		if clock.Second()%30 < 12 { // the step before is good until this one ends: time enough to type
			first--
		}
		if at := max(d.last+1, first); at <= now+1 {
			d.last = at
			return account.TOTPCode(d.key, at)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// factor types the code of the application and sends it.
func (d *portalDesk) factor(ctx context.Context) error {
	if _, err := d.at(ctx, d.say(i18n.FactorTotp)); err != nil {
		return err
	}
	return d.typeCode(ctx)
}

func (d *portalDesk) typeCode(ctx context.Context) error {
	code, err := d.code(ctx)
	if err != nil {
		return err
	}
	return then(func() error { return d.fill(ctx, d.say(i18n.FieldCode), code) }, d.enter(ctx))
}

var (
	keyShown  = regexp.MustCompile(`^[A-Z2-7]{4}( [A-Z2-7]{2,4}){5,}$`)
	codeShown = regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$`)
)

// readKey reads the key of the application off the window, as who cannot scan does.
func (d *portalDesk) readKey(ctx context.Context) error {
	v, err := d.at(ctx, d.say(i18n.FactorKey))
	if err != nil {
		return err
	}
	for _, text := range v.Texts {
		if keyShown.MatchString(text) {
			d.key, d.last = strings.ReplaceAll(text, " ", ""), 0
			return nil
		}
	}
	return fmt.Errorf("no key among %q", v.Texts)
}

// readCodes reads the five recovery codes, and goes on.
func (d *portalDesk) readCodes(ctx context.Context, picture string) (all []string, err error) {
	v, err := d.at(ctx, d.say(i18n.FactorCodesWhy))
	if err != nil {
		return nil, err
	}
	for _, text := range v.Texts {
		if codeShown.MatchString(text) {
			all = append(all, text)
		}
	}
	if len(all) != account.RecoveryCount {
		return nil, fmt.Errorf("%d recovery codes, want %d: %s", len(all), account.RecoveryCount, brief(v))
	}
	return all, then(func() error { return d.t.shot(ctx, d.w, picture) }, func() error { return d.use(ctx, d.say(i18n.FactorCodesKept)) })
}

// signIn comes in at the job bank, from its page.
func (d *portalDesk) signIn(ctx context.Context) error {
	if err := then(
		func() error { _, err := d.at(ctx, d.say(i18n.SigninTitle), d.say(i18n.SigninWhy)); return err },
		func() error {
			return d.pairs(ctx, d.say(i18n.FieldEmail), portalEmail, d.say(i18n.FieldPassword), portalAccount)
		}, d.enter(ctx)); err != nil {
		return err
	}
	v, err := d.at(ctx, d.say(i18n.SigninQuestionWhy))
	if err != nil {
		return err
	}
	for _, id := range account.QuestionIDs[:5] {
		if q := d.say(account.QuestionKey(id)); Shows(v, q) {
			return then(func() error { return d.fill(ctx, q, "answer to "+id) }, d.enter(ctx))
		}
	}
	return fmt.Errorf("no question of the account: %s", brief(v))
}

// ways goes to the ways into the portal, by the rail.
func (d *portalDesk) ways(ctx context.Context) error {
	return then(func() error { return d.w.Press(ctx, d.say(i18n.NavEmployers)+", "+d.say(i18n.NavEmployersSignin)) },
		func() error { _, err := d.at(ctx, d.say(i18n.PortalWhy)); return err })
}

// portalIn types username and password, from the ways into the portal.
func (d *portalDesk) portalIn(ctx context.Context, name, password string) error {
	return then(func() error { return d.ways(ctx) }, func() error { return d.use(ctx, d.say(i18n.NavEmployersSignin)) },
		func() error { return d.password(ctx, name, password) })
}

func (d *portalDesk) password(ctx context.Context, name, password string) error {
	return then(func() error { _, err := d.at(ctx, d.say(i18n.PortalFactorNext)); return err },
		func() error { return d.pairs(ctx, d.say(i18n.MeUsername), name, d.say(i18n.FieldPassword), password) }, d.enter(ctx))
}

// out ends the session, by the dialog.
func (d *portalDesk) out(ctx context.Context) error {
	return then(func() error { return d.w.Keys(ctx, "ctrl+8") }, func() error { return d.use(ctx, d.say(i18n.LockEnd)) },
		func() error {
			_, err := d.w.Until(ctx, "the dialog", func(v state.Sight) bool { return v.Dialog && Shows(v, d.say(i18n.EndTitle)) })
			return err
		},
		func() error { return d.use(ctx, d.say(i18n.EndOnly)) },
		func() error {
			return d.nobody(ctx)
		})
}

// nobody waits until the rail says that nobody is at the desk, and search is what is shown.
func (d *portalDesk) nobody(ctx context.Context) error {
	_, err := d.w.Until(ctx, "nobody at the desk", func(v state.Sight) bool {
		return !v.Dialog && v.Route == "search" && v.Total > 0 && Shows(v, d.say(i18n.AcctSignup))
	})
	return err
}

// portalIn walks the portal of employers in a language.
func portalIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return portal(ctx, p, t, l) }
}

// portal goes from its two entries to a credential that is revoked, each letter a real one:
// registration with an application, change of the factor, its loss, username and password
// forgotten in every way, revocation, and what goes wrong on the way there, after which the
// program still searches.
//
// Rows: B-004, B-016, B-018, B-020, B-022, B-025, B-026, B-027, B-030, B-031, B-032, B-033, B-034, B-037, B-041, B-042
func portal(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	d, err := openPortal(ctx, p, t, l)
	if d != nil {
		defer d.close()
	}
	if err != nil {
		return err
	}
	return steps(
		"an account of the job bank", func() error { return d.register(ctx, portalEmail) },
		"both ways into the portal, before one has signed in", func() error { return d.entries(ctx) },
		"registration", func() error { return d.enrol(ctx) },
		"sign-in, and another factor", func() error { return d.change(ctx) },
		"username forgotten", func() error { return d.forgotUsername(ctx) },
		"password forgotten, by e-mail", func() error { return d.forgotByMail(ctx) },
		"password forgotten, by questions", func() error { return d.forgotByQuestions(ctx) },
		"revoked", func() error { return d.revoked(ctx) },
		"failures", func() error { return d.failures(ctx) },
	)
}

// entries: both are seen at the start, and the keyboard reaches each in three presses of Tab
// from the head of the rail, and from where the page of the portal puts it.
func (d *portalDesk) entries(ctx context.Context) error {
	if err := d.open(ctx); err != nil {
		return err
	}
	in, register := d.say(i18n.NavEmployers)+", "+d.say(i18n.NavEmployersSignin), d.say(i18n.NavEmployers)+", "+d.say(i18n.NavEmployersRegister)
	met := func(presses int, want ...string) error {
		for i := 0; len(want) > 0; i++ {
			v, err := d.w.Seen()
			if err != nil {
				return err
			}
			want = slices.DeleteFunc(want, func(l string) bool { return strings.HasPrefix(plain(v.Focus), plain(l)) })
			if len(want) == 0 {
				break
			}
			if i == presses {
				return fmt.Errorf("%d presses of Tab did not reach %q: %s", presses, want, brief(v))
			}
			if err := d.w.Keys(ctx, "Tab"); err != nil {
				return err
			}
			if _, err := d.w.Until(ctx, "another control", func(n state.Sight) bool { return n.Focus != v.Focus }); err != nil {
				return err
			}
		}
		return nil
	}
	return then(
		func() error {
			_, err := d.w.UntilIn(ctx, 90*time.Second, "the server's catalogue", func(v state.Sight) bool {
				return v.Route == "search" && v.Total > 0 && idle(v) && Shows(v, in) && Shows(v, register) && Shows(v, d.say(i18n.AcctSignup))
			})
			return err
		},
		func() error { return d.t.shot(ctx, d.w, "entries") },
		func() error {
			if err := d.w.Keys(ctx, "F6", "F6"); err != nil {
				return err
			}
			_, err := d.w.Until(ctx, "the rail with the keyboard", func(v state.Sight) bool { return strings.HasPrefix(v.Focus, d.say(i18n.NavSearch)) })
			return err
		},
		func() error { return met(3, in, register) },
		func() error { return d.ways(ctx) },
		func() error { return d.page(ctx, "ways", d.say(i18n.GckForgotuser), d.say(i18n.PortalBoth)) },
		func() error { return met(3, d.say(i18n.NavEmployersSignin), d.say(i18n.NavEmployersRegister)) },
		d.enter(ctx), // it was reached last: who registers has to be known first
		func() error { return d.page(ctx, "account-first", d.say(i18n.EnrolNeeds)) },
		func() error { return d.use(ctx, d.say(i18n.AcctSignin)) },
		func() error { return d.signIn(ctx) },
		func() error { return d.page(ctx, "what-it-takes", d.say(i18n.EnrolWhy), d.say(i18n.EnrolTakesName)) },
	)
}

// enrol registers the credential (B-037), wrongly first.
func (d *portalDesk) enrol(ctx context.Context) error {
	name, again := d.say(i18n.MeUsername), d.say(i18n.FieldAgain)
	return then(
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.page(ctx, "username", d.say(i18n.EnrolNameHelp), d.say(i18n.EnrolPasswordHelp)) },
		func() error {
			return d.pairs(ctx, name, "court", d.say(i18n.FieldPassword), "minuscules", again, "autre")
		},
		d.enter(ctx),
		func() error {
			return d.page(ctx, "username-to-mend", i18n.For(d.l).N(i18n.FormMend, 3), d.say(account.UsernameFormat.Key()), d.say(account.PasswordMixed.Key()))
		},
		func() error { // the summary leads to the field
			v, err := d.w.Seen()
			if err != nil {
				return err
			}
			for _, c := range v.Controls {
				if c.Kind == "WrapLink" && strings.Contains(c.Label, d.say(account.PasswordMixed.Key())) {
					if err := d.w.Click(ctx, c.X+20, c.Y+c.H/2); err != nil {
						return err
					}
					_, err := d.w.Until(ctx, "the password with the keyboard", func(v state.Sight) bool {
						return strings.HasPrefix(plain(v.Focus), d.say(i18n.FieldPassword)+":")
					})
					return err
				}
			}
			return fmt.Errorf("no link to the password: %s", brief(v))
		},
		func() error {
			return d.pairs(ctx, d.say(i18n.FieldPassword), portalFirst, again, portalFirst, name, portalUser)
		},
		d.enter(ctx),
		func() error { return d.page(ctx, "recovery", d.say(i18n.EnrolRecoveryWhy)) },
		func() error { return d.fill(ctx, d.say(i18n.EnrolEmail), portalRecovery) },
		func() error { return d.use(ctx, d.say(i18n.EnrolQuestion)) },
		func() error {
			_, err := d.w.Until(ctx, "the questions", func(v state.Sight) bool {
				return v.Dialog && Shows(v, d.say(account.QuestionKey(account.QuestionIDs[2])))
			})
			return err
		},
		func() error { return d.t.shot(ctx, d.w, "recovery-questions") },
		func() error { return d.w.Press(ctx, d.say(account.QuestionKey(account.QuestionIDs[2]))) },
		func() error {
			_, err := d.w.Until(ctx, "the page again", func(v state.Sight) bool { return !v.Dialog })
			return err
		},
		func() error {
			return d.pairs(ctx, d.say(i18n.GckAnswer), portalAnswer, d.say(i18n.GckPerson), portalPerson, d.say(i18n.EnrolPersonHint), d.personHint(),
				d.say(i18n.GckDate), portalDate, d.say(i18n.EnrolDateHint), d.dateHint())
		},
		func() error { return d.t.shot(ctx, d.w, "recovery-filled") },
		d.enter(ctx),
		func() error { return d.page(ctx, "factor", d.say(i18n.FactorWhy)) },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) }, // by an application
		func() error { return d.readKey(ctx) },
		func() error { return d.page(ctx, "factor-key", d.say(i18n.FactorScan)) },
		func() error { return d.fill(ctx, d.say(i18n.FieldCode), "000000") },
		d.enter(ctx),
		func() error { return d.page(ctx, "factor-wrong", d.say(account.FactorWrong.Key())) },
		func() error { return d.typeCode(ctx) },
		func() error { _, err := d.at(ctx, d.say(i18n.FactorCodesWhy)); return err },
	)
}

// change: the codes of the registration; then out and in, by the factor, which is changed to
// e-mail, and the codes of before open nothing; then in by one of the new codes.
func (d *portalDesk) change(ctx context.Context) error {
	first, err := d.readCodes(ctx, "codes")
	if err != nil {
		return err
	}
	home := func(picture string) func() error {
		return func() error { return d.page(ctx, picture, d.say(i18n.PortalEmpty), portalUser) }
	}
	var n int
	err = then(
		func() error { return d.page(ctx, "registered", d.say(i18n.EnrolDone)) },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		home("home"),
		func() error { return d.out(ctx) },
		func() error { return d.portalIn(ctx, portalUser, "Pas ce mot de passe 7") },
		func() error { return d.page(ctx, "password-wrong", d.say(account.Credentials.Key())) },
		func() error { return d.password(ctx, portalUser, portalFirst) },
		func() error { return d.page(ctx, "sign-in-factor", d.say(i18n.FactorTotp)) },
		func() error { return d.factor(ctx) },
		func() error { return d.page(ctx, "confirmed", d.say(i18n.Gck2faOk), d.say(i18n.Gck2faChange)) },
		func() error { return d.use(ctx, d.say(i18n.Gck2faChange)) },
		func() error { _, err := d.at(ctx, d.say(i18n.FactorWhy)); return err },
		func() error { return d.w.Reach(ctx, d.say(i18n.FactorMethod), 60) },
		func() error { n = d.mail.Count(portalEmail); return d.w.Keys(ctx, "Down") },
		func() error { return d.page(ctx, "by-mail", d.say(i18n.FactorByEmail)+" (2/2)") },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.byMail(ctx, n, "mail-code") },
	)
	if err != nil {
		return err
	}
	second, err := d.readCodes(ctx, "new-codes")
	if err != nil {
		return err
	}
	for _, c := range second {
		if slices.Contains(first, c) {
			return fmt.Errorf("the code %s is in both sets", c)
		}
	}
	if err := then(
		home("home-again"),
		func() error { return d.out(ctx) },
		func() error { return d.portalIn(ctx, portalUser, portalFirst) },
		func() error { _, err := d.at(ctx, d.say(i18n.FieldCode), portalMasked(d)); return err },
		func() error { return d.use(ctx, d.say(i18n.Gck2faRecover)) },
		func() error { return d.fill(ctx, d.say(i18n.FactorRecovery), first[1]) },
		d.enter(ctx),
		func() error { return d.page(ctx, "old-code-refused", d.say(account.RecoveryWrong.Key())) },
		func() error { return d.fill(ctx, d.say(i18n.FactorRecovery), strings.ToLower(second[0])) },
		d.enter(ctx),
		func() error { return d.page(ctx, "recovered", d.say(i18n.FactorWhy)) },
		func() error { // the set-up is all that is open: nobody is at the desk yet
			v, err := d.w.Seen()
			if err == nil && !Shows(v, d.say(i18n.AcctSignup)) {
				err = fmt.Errorf("somebody is in before the set-up is done: %s", brief(v))
			}
			return err
		},
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.readKey(ctx) },
		func() error { return d.typeCode(ctx) },
	); err != nil {
		return err
	}
	third, err := d.readCodes(ctx, "third-codes")
	if err != nil {
		return err
	}
	if third[0] == second[0] {
		return errors.New("the codes are those of before")
	}
	return then(home("home-recovered"), func() error { return d.out(ctx) })
}

// portalMasked is how the page says that a code was sent: it names no address in full.
func portalMasked(d *portalDesk) string {
	before, _, _ := strings.Cut(d.say(i18n.FlowSent, "Email", "\x00"), "\x00")
	return before
}

// byMail types the code of the letter.
func (d *portalDesk) byMail(ctx context.Context, n int, picture string) error {
	if err := d.page(ctx, picture, portalMasked(d)); err != nil {
		return err
	}
	l, err := d.letter(ctx, portalEmail, n, i18n.MailFactorSubject)
	if err != nil {
		return err
	}
	return then(func() error { return d.fill(ctx, d.say(i18n.FieldCode), l.Code()) }, d.enter(ctx))
}

// forgotUsername: two pages, the same for an address that nobody has; the letter has the name.
func (d *portalDesk) forgotUsername(ctx context.Context) error {
	one, two := d.say(i18n.GckForgotuserStep, "N", 1, "All", 2), d.say(i18n.GckForgotuserStep, "N", 2, "All", 2)
	n := d.mail.Count(portalRecovery)
	ask := func(email string) error {
		return then(func() error { return d.fill(ctx, d.say(i18n.MeRecovery), email) }, d.enter(ctx),
			func() error { _, err := d.at(ctx, two, d.say(i18n.UsernameSent, "Email", email)); return err })
	}
	return then(
		func() error { return d.ways(ctx) },
		func() error { return d.use(ctx, d.say(i18n.PortalBoth)) }, // the username comes first (B-020)
		func() error { return d.page(ctx, "username-1-of-2", one, d.say(i18n.UsernameWhyBoth)) },
		func() error { return ask(portalNobody) },
		func() error { return d.page(ctx, "username-of-nobody") },
		func() error { return d.use(ctx, d.say(i18n.FlowRestart)) },
		func() error { _, err := d.at(ctx, one); return err },
		func() error { return ask(portalRecovery) },
		func() error { return d.page(ctx, "username-2-of-2") },
		func() error {
			l, err := d.letter(ctx, portalRecovery, n, i18n.MailUsernameSubject)
			if err == nil && !strings.Contains(l.Text, portalUser) {
				err = fmt.Errorf("the letter does not have the username: %q", l.Text)
			}
			if err == nil && d.mail.Count(portalNobody) > 0 { // it would have left before
				err = fmt.Errorf("%d letters to an address that nobody registered", d.mail.Count(portalNobody))
			}
			return err
		},
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.page(ctx, "username-done", d.say(i18n.UsernameDoneBoth)) },
		func() error { return d.use(ctx, d.say(i18n.GckForgotpw)) },
	)
}

// pw is the title of a page of the recovery of a password.
func (d *portalDesk) pw(n int) string { return d.say(i18n.GckForgotpwStep, "N", n, "All", 4) }

// forgotByMail: the code of the letter and the recovery answer, both.
func (d *portalDesk) forgotByMail(ctx context.Context) error {
	n := 0
	return then(
		func() error { return d.page(ctx, "password-1-of-4", d.pw(1), d.say(i18n.PasswordWhy)) },
		func() error { return d.fill(ctx, d.say(i18n.MeUsername), portalUser) },
		d.enter(ctx),
		func() error { return d.page(ctx, "password-method", d.say(i18n.PasswordByEmailWhy)) },
		func() error {
			n = d.mail.Count(portalRecovery)
			return d.fill(ctx, d.say(i18n.MeRecovery), portalRecovery)
		},
		d.enter(ctx),
		func() error {
			return d.page(ctx, "password-2-of-4", d.pw(2), d.say(i18n.PasswordSent, "Email", portalRecovery))
		},
		func() error {
			l, err := d.letter(ctx, portalRecovery, n, i18n.MailPortalSubject)
			if err != nil {
				return err
			}
			return d.fill(ctx, d.say(i18n.FieldCode), l.Code())
		},
		d.enter(ctx),
		func() error {
			return d.page(ctx, "password-3-of-4", d.pw(3), d.say(account.QuestionKey(account.QuestionIDs[2])))
		},
		func() error { return d.fill(ctx, d.say(i18n.GckAnswer), strings.ToUpper(portalAnswer)) },
		d.enter(ctx),
		func() error { return d.page(ctx, "password-4-of-4", d.pw(4), d.say(i18n.FieldNewpassword)) },
		func() error {
			return d.pairs(ctx, d.say(i18n.FieldNewpassword), portalSecond, d.say(i18n.FieldNewagain), portalSecond)
		},
		d.enter(ctx),
		func() error { return d.page(ctx, "password-done", d.say(i18n.GckForgotpwDone)) },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.password(ctx, portalUser, portalSecond) },
		func() error { return d.factor(ctx) },
		func() error { _, err := d.at(ctx, d.say(i18n.Gck2faOk)); return err },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { _, err := d.at(ctx, d.say(i18n.PortalEmpty)); return err },
		func() error { return d.out(ctx) },
	)
}

// forgotByQuestions: three answers under their hints; which one was wrong is not said.
func (d *portalDesk) forgotByQuestions(ctx context.Context) error {
	three := func(person string) error {
		return then(func() error {
			return d.pairs(ctx, d.say(i18n.GckAnswer), portalAnswer, d.say(i18n.GckPerson), person, d.say(i18n.GckDate), portalDate)
		}, d.enter(ctx))
	}
	return then(
		func() error { return d.ways(ctx) },
		func() error { return d.use(ctx, d.say(i18n.GckForgotpw)) },
		func() error { _, err := d.at(ctx, d.pw(1)); return err },
		func() error { return d.fill(ctx, d.say(i18n.MeUsername), portalUser) },
		d.enter(ctx),
		func() error { _, err := d.at(ctx, d.say(i18n.PasswordByEmailWhy)); return err },
		func() error { return d.w.Reach(ctx, d.say(i18n.PasswordMethod), 60) },
		func() error { return d.w.Keys(ctx, "Down") },
		func() error { return d.page(ctx, "questions-method", d.say(i18n.PasswordByQuestionsWhy)) },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error {
			return d.page(ctx, "questions", d.say(i18n.PasswordHint, "Hint", d.personHint()), d.say(i18n.PasswordHint, "Hint", d.dateHint()),
				d.say(account.QuestionKey(account.QuestionIDs[2])))
		},
		func() error { return three("Beatrice") },
		func() error { return d.page(ctx, "questions-wrong", d.say(account.AnswersWrong.Key())) },
		func() error {
			v, err := d.w.Seen()
			for _, k := range []i18n.Key{i18n.GckAnswer, i18n.GckPerson, i18n.GckDate} {
				if err == nil && !slices.ContainsFunc(v.Controls, func(c state.Spot) bool { return c.Label == d.say(k)+": " }) {
					err = fmt.Errorf("%q is not there, or marked as wrong: %+v", d.say(k), v.Controls)
				}
			}
			return err
		},
		func() error { return three(portalPerson) },
		func() error { return d.page(ctx, "questions-new-password", d.say(i18n.GckNewpassword)) },
		func() error {
			return d.pairs(ctx, d.say(i18n.GckNewpassword), portalThird, d.say(i18n.GckNewagain), portalThird)
		},
		d.enter(ctx),
		func() error { _, err := d.at(ctx, d.say(i18n.GckForgotpwDone)); return err },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { return d.password(ctx, portalUser, portalThird) },
		func() error { return d.factor(ctx) },
		func() error { _, err := d.at(ctx, d.say(i18n.Gck2faOk)); return err },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { _, err := d.at(ctx, d.say(i18n.PortalEmpty)); return err },
	)
}

// revoked: the operator revokes the credential while its owner is in. The desk says so and
// leads to another registration, where the name of before is refused (B-041, B-042).
func (d *portalDesk) revoked(ctx context.Context) error {
	n := d.mail.Count(portalEmail)
	return then(
		func() error {
			out, err := d.p.run(ctx, nil, "passerelle-server", "users", "--data", filepath.Join(d.p.Home, "server"), "--reason", "test", "revoke", portalEmail)
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		},
		func() error { return d.w.Keys(ctx, "ctrl+7") }, // the account is asked for
		func() error {
			if err := d.page(ctx, "session-ended", d.say(i18n.StatusExpired), d.say(i18n.LockSignin)); err != nil {
				return err
			}
			l, err := d.letter(ctx, portalEmail, n, i18n.MailRevokedSubject) // and why
			if err == nil && !strings.Contains(plain(l.Text), plain(d.say(i18n.MailRevokedCompromised))) {
				err = fmt.Errorf("the letter does not say why: %q", l.Text)
			}
			return err
		},
		func() error { return d.portalIn(ctx, portalUser, portalThird) },
		func() error { return d.page(ctx, "revoked", d.say(account.IsRevoked.Key()), d.say(i18n.MePortalAgain)) },
		func() error { return d.use(ctx, d.say(i18n.MePortalAgain)) },
		func() error { _, err := d.at(ctx, d.say(i18n.EnrolNeeds)); return err },
		func() error { return d.use(ctx, d.say(i18n.AcctSignin)) },
		func() error { return d.signIn(ctx) },
		func() error { _, err := d.at(ctx, d.say(i18n.EnrolTakesName)); return err },
		func() error { return d.use(ctx, d.say(i18n.CommonContinue)) },
		func() error { _, err := d.at(ctx, d.say(i18n.EnrolNameHelp)); return err },
		func() error {
			return d.pairs(ctx, d.say(i18n.MeUsername), portalUser, d.say(i18n.FieldPassword), portalFirst, d.say(i18n.FieldAgain), portalFirst)
		},
		d.enter(ctx),
		func() error { return d.page(ctx, "revoked-name-refused", d.say(account.UsernameTaken.Key())) },
		func() error { return d.use(ctx, d.say(i18n.FlowAbandon)) },
		func() error { _, err := d.at(ctx, d.say(i18n.PortalWhy)); return err },
		func() error { return d.out(ctx) },
	)
}

// failures: no server, a server at work, a server that is not the one: three messages, each
// with what to do next, and the search goes on (B-016, B-018).
func (d *portalDesk) failures(ctx context.Context) error {
	fails := func(picture string, title, next i18n.Key) func() error {
		return func() error {
			return then(func() error { return d.portalIn(ctx, "quelquun1", portalFirst) },
				func() error { return d.page(ctx, picture, d.say(title), d.say(next)) },
				func() error { return d.w.Keys(ctx, "ctrl+1") },
				func() error {
					_, err := d.w.Until(ctx, "the search, as before", func(v state.Sight) bool { return v.Route == "search" && v.Total > 0 && idle(v) })
					return err
				})
		}
	}
	stop := filepath.Join(d.p.Home, "server", "maintenance")
	cert, key := filepath.Join(d.p.Home, "cert.pem"), filepath.Join(d.p.Home, "key.pem")
	return then(
		func() error { return os.WriteFile(stop, nil, 0o600) },
		fails("maintenance", i18n.ErrTechnical, i18n.ErrTechnicalNext),
		func() error { return os.Remove(stop) },
		func() error { d.served.Stop(); return nil },
		fails("no-server", i18n.ErrPage, i18n.ErrPageNext),
		func() error { return d.w.Close() },
		func() error { return selfSigned(cert, key) },
		func() error { return d.serve(ctx, "--cert", cert, "--key", key) },
		func() error { return d.open(ctx) },
		fails("not-secure", i18n.ErrSecure, i18n.ErrSecureNext),
	)
}

// selfSigned writes a certificate that nobody trusts.
func selfSigned(cert, key string) error {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
}
