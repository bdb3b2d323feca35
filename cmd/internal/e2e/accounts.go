package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/secret"
	"passerelle/ui/state"
)

// someone is a person of a walk, with everything that they type.
type someone struct {
	first, last, email string
	password           string
	sin, maiden, born  string
	answers            map[string]string // by the id of their question
	used               []string          // passwords of before
}

// secrets are what must be found nowhere.
func (x *someone) secrets() []trace {
	all := []trace{{"the number of " + x.first, x.sin}, {"the maiden name of " + x.first, x.maiden}, {"the birth date of " + x.first, x.born}}
	for i, p := range append(slices.Clone(x.used), x.password) {
		all = append(all, trace{fmt.Sprintf("password %d of %s", i+1, x.first), p})
	}
	for id, a := range x.answers {
		all = append(all, trace{"the answer of " + x.first + " to " + id, a})
	}
	return all
}

// renew takes another password.
func (x *someone) renew(password string) {
	x.used, x.password = append(x.used, x.password), password
}

// visit is a person at a desk, in a language, with their mailbox and the server.
type visit struct {
	p       Programs
	t       *trail
	s       *Screen
	w       *Window
	l       i18n.Lang
	boxes   *Mailboxes
	served  *Served
	read    map[string]int // letters that were read, by address
	spied   []trace        // besides secrets: refresh tokens as the keyring had them
	secrets func() []trace // of everybody, as they are now
}

// accountsIn walks what issue 3 delivers, with real letters and a real keyring, in a language.
func accountsIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return accounts(ctx, p, t, l) }
}

func (v *visit) say(k i18n.Key, args ...any) string { return say(v.l, k, args...) }

// shot takes a picture once the window has been still for a moment; what counts down never is.
func (v *visit) shot(ctx context.Context, what string) error {
	last, still := -1, 0
	_, _ = v.w.UntilIn(ctx, 2*time.Second, "a still window", func(s state.Sight) bool {
		if s.N != last {
			last, still = s.N, 0
		}
		still++
		return still > 12
	})
	return v.t.shot(ctx, v.w, what)
}

// shows waits until every one of some sentences stands in the window.
func (v *visit) shows(ctx context.Context, keys ...i18n.Key) error {
	_, err := v.w.UntilIn(ctx, patience, fmt.Sprint(keys), func(s state.Sight) bool {
		for _, k := range keys {
			if !Shows(s, v.say(k)) {
				return false
			}
		}
		return true
	})
	return err
}

// patience is how long a step that asks the server may take: slow hashes, on a busy machine.
const patience = 45 * time.Second

// spot is a control by its label and kind, once it stands still: a page that was just drawn
// or scrolled is not clicked where it was.
func (v *visit) spot(ctx context.Context, limit time.Duration, label, kind string) (state.Spot, error) {
	var last state.Spot
	still := 0
	_, err := v.w.UntilIn(ctx, limit, "the control "+label, func(s state.Sight) bool {
		i := slices.IndexFunc(s.Controls, func(c state.Spot) bool {
			return (kind == "" || c.Kind == kind) && plain(c.Label) == plain(label)
		})
		if i < 0 {
			i = slices.IndexFunc(s.Controls, func(c state.Spot) bool {
				return (kind == "" || c.Kind == kind) && strings.HasPrefix(plain(c.Label), plain(label))
			})
		}
		if i < 0 {
			still = 0
			return false
		}
		if s.Controls[i] != last {
			last, still = s.Controls[i], 0
		}
		still++
		return still > 7 // a look takes 40 ms, and the window tells of itself five times a second
	})
	return last, err
}

// use clicks a control, or reaches it with Tab where it lies below the fold.
func (v *visit) use(ctx context.Context, label string) error { return v.useKind(ctx, label, "") }

func (v *visit) useKind(ctx context.Context, label, kind string) error {
	if c, err := v.spot(ctx, 3*time.Second, label, kind); err == nil && (c.H >= 16 || kind == "WrapLink") {
		return v.w.Click(ctx, c.X+min(c.W/2, 60), c.Y+c.H/2)
	}
	if err := v.w.Reach(ctx, label, 60); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Return")
}

// send uses the primary act of a form from the keyboard, wherever it lies.
func (v *visit) send(ctx context.Context, k i18n.Key) error { return v.use(ctx, v.say(k)) }

// fill types into a field that it empties first; hidden is one whose content nobody is told.
func (v *visit) fill(ctx context.Context, label, text string, hidden bool) error {
	label += v.colon()
	if c, err := v.spot(ctx, 3*time.Second, label, "Entry"); err == nil && c.H >= 24 {
		if err := v.w.Click(ctx, c.X+c.W/2, c.Y+c.H/2); err != nil {
			return err
		}
	} else if err := v.w.Reach(ctx, label, 60); err != nil {
		return err
	}
	has := func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), plain(label)) }
	soon, stop := context.WithTimeout(ctx, 4*time.Second)
	_, err := v.w.Until(soon, "the keyboard in "+label, has)
	stop()
	if err != nil { // in large text what was just said may stand over the field: keys reach it
		if err := v.w.Reach(ctx, label, 60); err != nil {
			return err
		}
	}
	if _, err := v.w.Until(ctx, "the keyboard in "+label, has); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "ctrl+a", "Delete"); err != nil {
		return err
	}
	if err := v.w.Type(ctx, text); err != nil {
		return err
	}
	want := label
	if !hidden {
		want += text
	}
	seen, err := v.w.Until(ctx, "what was typed into "+label, func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), plain(want)) })
	if err == nil && hidden && strings.Contains(seen.Focus, text) {
		err = fmt.Errorf("the window tells what is typed into %s", label)
	}
	return err
}

// colon is what stands between a field's name and what it holds, for a reader of the screen.
func (v *visit) colon() string { return ": " }

// fillAll fills in fields, by pairs of their label and text; a label with a star is hidden.
func (v *visit) fillAll(ctx context.Context, pairs ...any) error {
	for i := 0; i+2 < len(pairs); i += 3 {
		if err := v.fill(ctx, v.say(pairs[i].(i18n.Key)), pairs[i+1].(string), pairs[i+2].(bool)); err != nil {
			return err
		}
	}
	return nil
}

// letter waits for the next letter to an address, which is in the language of the walk and
// leads to the same letter in the other one.
func (v *visit) letter(ctx context.Context, to string, subject i18n.Key) (Letter, error) {
	l, err := v.boxes.Next(ctx, to, v.read[to])
	if err != nil {
		return l, err
	}
	v.read[to]++
	other := i18n.For(v.l.Other())
	if want := v.say(subject); plain(l.Subject) != plain(want) {
		return l, fmt.Errorf("letter %d to %s is %q, want %q", v.read[to], to, l.Subject, want)
	}
	if l.HTML == "" || !strings.Contains(l.Text, other.S(i18n.MailOther)) {
		return l, fmt.Errorf("letter %q has no HTML or no link to the other language:\n%s", l.Subject, l.Text)
	}
	page, err := get(ctx, otherLink.FindString(l.Text))
	if err == nil && (!strings.Contains(page, other.S(subject)) || l.Code() != "" && strings.Contains(page, l.Code())) {
		err = fmt.Errorf("letter %q in the other language does not say %q, or tells the code", l.Subject, other.S(subject))
	}
	return l, err
}

var otherLink = regexp.MustCompile(`https?://\S+/l/\S+`)

func get(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("get the other language: %s", res.Status)
	}
	return string(b), err
}

// noMore wants no letter to an address beyond those that were read.
func (v *visit) noMore(to string) error {
	if n := v.boxes.Count(to); n != v.read[to] {
		return fmt.Errorf("%d letters came to %s, want %d", n, to, v.read[to])
	}
	return nil
}

// prove gives the code of a letter: typed in French, by its link in English, whose page goes
// on by itself.
func (v *visit) prove(ctx context.Context, l Letter) error {
	if v.l == i18n.English {
		_, err := l.Follow(ctx)
		return err
	}
	if l.Code() == "" {
		return fmt.Errorf("no code in %q", l.Subject)
	}
	if err := v.fill(ctx, v.say(i18n.FieldCode), l.Code(), true); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Return")
}

// serve starts the server, or starts it again at its address, at a clock; zero is the real one.
func (v *visit) serve(ctx context.Context, at time.Time) (err error) {
	host, port, err := net.SplitHostPort(v.boxes.Addr)
	if err != nil {
		return err
	}
	args := []string{"--demo", "--n", "400", "--smtp-host", host, "--smtp-port", port, "--smtp-tls", "none", "--mail-from", "lettres@exemple.ca"}
	if v.served != nil {
		v.served.Stop()
		args = append(args, "--addr", strings.TrimPrefix(v.served.Address, "http://"))
	}
	var env []string
	if !at.IsZero() {
		env = []string{"PASSERELLE_NOW=" + at.Format(time.RFC3339)}
	}
	v.served, err = v.t.serve(ctx, v.p, env, "server", args...)
	return err
}

// open starts the window, at a clock; zero is the real one.
func (v *visit) open(ctx context.Context, at time.Time) (err error) {
	// A theme for each language, so that both are looked at.
	theme := map[i18n.Lang]string{i18n.French: "light", i18n.English: "dark"}[v.l]
	args := []string{"--server", v.served.Address, "--lang", string(v.l), "--theme", theme}
	if !at.IsZero() {
		args = append(args, "--now", at.Format(time.RFC3339))
	}
	if v.w, err = v.t.launch(ctx, v.p, v.s, "desk", args...); err != nil {
		return err
	}
	_, err = v.w.UntilIn(ctx, 90*time.Second, "the search with postings", func(s state.Sight) bool { return s.Total > 0 && s.Online && idle(s) })
	return err
}

// terms goes from the first screen to the terms, reads them and agrees.
func (v *visit) terms(ctx context.Context, shots bool) error {
	shot := func(what string) error {
		if !shots {
			return nil
		}
		return v.shot(ctx, what)
	}
	return steps(
		"the way in", func() error {
			if err := v.use(ctx, v.say(i18n.AcctSignup)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SignupWhy, i18n.SignupTakes); err != nil {
				return err
			}
			if err := shot("why"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Return")
		},
		"the terms in either language, then agreed to", func() error {
			if err := v.shows(ctx, i18n.TermsFree); err != nil {
				return err
			}
			if err := shot("terms"); err != nil {
				return err
			}
			other := i18n.For(v.l.Other())
			if err := v.use(ctx, other.S(i18n.TermsIn)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the terms in the other language", func(s state.Sight) bool { return Shows(s, other.S(i18n.TermsFree)) }); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.TermsIn)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.TermsFree); err != nil {
				return err
			}
			if err := v.w.Reach(ctx, v.say(i18n.AcctAccept), 10); err != nil {
				return err
			}
			if err := shot("terms-end"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Return")
		},
		"the page of identity", func() error { return v.shows(ctx, i18n.FieldFirst, i18n.SignupOne) },
	)
}

// validate fills in the page of the number and what goes with it.
func (v *visit) validate(ctx context.Context, x *someone, sin string) error {
	if err := v.fillAll(ctx, i18n.SinField, sin, true, i18n.SinMaiden, x.maiden, true, i18n.SinBorn, x.born, true); err != nil {
		return err
	}
	return v.agree(ctx, i18n.SinAccept)
}

// agree ticks a box unless it is.
func (v *visit) agree(ctx context.Context, k i18n.Key) error {
	for range 3 {
		c, err := v.spot(ctx, 4*time.Second, v.say(k), "Check")
		if err != nil { // below the fold
			if err := v.w.Reach(ctx, "☐ "+v.say(k), 40); err != nil {
				return err
			}
			continue
		}
		if c.On {
			return nil
		}
		if err := v.w.Click(ctx, c.X+8, c.Y+c.H/2); err != nil {
			return err
		}
		if _, err := v.w.Until(ctx, "the box ticked", func(s state.Sight) bool {
			c, ok := Control(s, v.say(k))
			return ok && c.On
		}); err == nil {
			return nil
		}
	}
	return fmt.Errorf("the box %q was not ticked", v.say(k))
}

// questions chooses five and answers them.
func (v *visit) questions(ctx context.Context, x *someone) error {
	for i, id := range account.QuestionIDs[:account.QuestionCount] {
		if err := v.use(ctx, v.say(i18n.QuestionsNth, "N", i+1)); err != nil {
			return err
		}
		if _, err := v.w.Until(ctx, "the questions", func(s state.Sight) bool { return s.Dialog }); err != nil {
			return err
		}
		if err := v.use(ctx, v.say(account.QuestionKey(id))); err != nil {
			return err
		}
		if _, err := v.w.Until(ctx, "the question chosen", func(s state.Sight) bool { return !s.Dialog && Shows(s, v.say(account.QuestionKey(id))) }); err != nil {
			return err
		}
		if err := v.fill(ctx, v.say(i18n.QuestionsAnswer, "N", i+1), x.answers[id], true); err != nil {
			return err
		}
	}
	return nil
}

// asked reads which question the window asks.
func (v *visit) asked(ctx context.Context, besides string) (string, error) {
	id := ""
	_, err := v.w.UntilIn(ctx, patience, "a security question", func(s state.Sight) bool {
		for _, q := range account.QuestionIDs {
			if _, ok := Control(s, v.say(account.QuestionKey(q))); ok && q != besides {
				id = q
				return true
			}
		}
		return false
	})
	return id, err
}

// answer answers the question that is asked, of those that a person chose.
func (v *visit) answer(ctx context.Context, x *someone, besides string) error {
	id, err := v.asked(ctx, besides)
	if err != nil {
		return err
	}
	if x.answers[id] == "" {
		return fmt.Errorf("question %q was never chosen", id)
	}
	if err := v.fill(ctx, v.say(account.QuestionKey(id)), x.answers[id], true); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Return")
}

// enter fills in the page of e-mail and password and sends it.
func (v *visit) enter(ctx context.Context, x *someone, password string) error {
	if err := v.fillAll(ctx, i18n.FieldEmail, x.email, false, i18n.FieldPassword, password, true); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Return")
}

// signIn opens a session from the page of sign-in.
func (v *visit) signIn(ctx context.Context, x *someone) error {
	if err := v.enter(ctx, x, x.password); err != nil {
		return err
	}
	if err := v.answer(ctx, x, ""); err != nil {
		return err
	}
	return v.shows(ctx, i18n.SigninDone)
}

// signOut ends the session, and erases what the desk keeps where erase says so.
func (v *visit) signOut(ctx context.Context, erase bool, what string) error {
	how, said := i18n.EndOnly, i18n.EndDone
	if erase {
		how, said = i18n.EndErase, i18n.EndErased
	}
	return steps(
		"who is here", func() error {
			if err := v.w.Keys(ctx, "ctrl+8"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.PeopleTitle, i18n.LockEnd); err != nil {
				return err
			}
			return v.use(ctx, v.say(i18n.LockEnd))
		},
		"the question", func() error {
			if err := v.shows(ctx, i18n.EndEraseWhy); err != nil {
				return err
			}
			if err := v.shot(ctx, what); err != nil {
				return err
			}
			return v.use(ctx, v.say(how))
		},
		"nobody is here", func() error {
			_, err := v.w.UntilIn(ctx, patience, "nobody at the desk", func(s state.Sight) bool {
				return !s.Dialog && (Shows(s, v.say(said)) || s.Said == v.say(said)) && Shows(s, v.say(i18n.AcctSignin))
			})
			return err
		},
	)
}

// kept wants the keyring to hold so many entries: a data key and a refresh token of whoever
// is signed in, the key alone of whoever signed out. What they hold joins what is to be found
// in no file.
func (v *visit) kept(ctx context.Context, entries int) error {
	found, err := v.s.keyring.entries(ctx, secret.Service)
	if err != nil {
		return err
	}
	if len(found) != entries {
		return fmt.Errorf("the keyring holds %d entries, want %d: %v", len(found), entries, labels(found))
	}
	for _, e := range found {
		// The number and the like are no part of any entry, its label and name included.
		if bad := find([]byte(e.label+"\n"+e.user+"\n"+e.secret), v.secrets()); len(bad) > 0 {
			return fmt.Errorf("an entry of the keyring holds %v", bad)
		}
		if !slices.ContainsFunc(v.spied, func(x trace) bool { return x.text == e.secret }) {
			v.spied = append(v.spied, trace{"the entry " + e.user[strings.LastIndex(e.user, "/")+1:] + " of the keyring", e.secret})
		}
	}
	return nil
}

func labels(all []entry) (out []string) {
	for _, e := range all {
		out = append(out, e.label+" "+e.user)
	}
	return out
}

// me opens the account's own page.
func (v *visit) me(ctx context.Context) error {
	if err := v.w.Keys(ctx, "ctrl+7"); err != nil {
		return err
	}
	_, err := v.w.UntilIn(ctx, patience, "the account", func(s state.Sight) bool { return s.Route == "me" && Shows(s, v.say(i18n.MeFirst)) })
	return err
}

// below turns pages until a sentence is seen.
func (v *visit) below(ctx context.Context, text string) error {
	for range 12 {
		if s, err := v.w.Seen(); err == nil && Shows(s, text) {
			return nil
		}
		if err := v.w.Keys(ctx, "Next"); err != nil {
			return err
		}
		if _, err := v.w.UntilIn(ctx, time.Second, text, func(s state.Sight) bool { return Shows(s, text) }); err == nil {
			return nil
		}
	}
	s, _ := v.w.Seen()
	return fmt.Errorf("%q was not reached by turning pages; the window shows %s", text, brief(s))
}

func desk(p Programs) string { return filepath.Join(p.Home, "desk") }

// accounts walks a person's whole life at a desk, and the next person's at the same one:
// they sign up, lock and unlock, change their password, sign in, recover, are cut off in the
// middle, share the desk, are suspended and come back. At its end, and once in between, every
// file is searched for what nobody may keep.
//
// Rows, B-017, X-003, X-040, X-059, X-072
func accounts(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	v := &visit{p: p, t: t, l: l, read: map[string]int{}}
	ada := &someone{first: "Ada", last: "Essai", email: "ada.essai@exemple.ca", password: "plume ancre violette 7351",
		sin: account.FictionalSIN(4_645_428), maiden: "Quenvillard", born: "1961-08-27", answers: map[string]string{
			"first-school": "Sainte Verveine", "first-teacher": "Madame Cornouiller", "first-pet": "Pistachon", "first-job": "Rivegardin", "first-car": "Guimbardelle"}}
	ben := &someone{first: "Ben", last: "Essai", email: "ben.essai@exemple.ca", password: "tuile orme brillante 9284",
		sin: account.FictionalSIN(8_271_639), maiden: "Tamarinelle", born: "1978-02-19", answers: map[string]string{
			"first-school": "Notre Pervenche", "first-teacher": "Monsieur Tilleulard", "first-pet": "Cannellot", "first-job": "Boisjoliment", "first-car": "Tacotine"}}
	var err error
	if v.s, err = t.screen(ctx, p, 1280, 800); err != nil {
		return err
	}
	if err := v.s.Keyring(ctx); err != nil {
		return err
	}
	if v.boxes, err = NewMailboxes(ctx); err != nil {
		return err
	}
	defer v.boxes.Close()
	v.secrets = func() []trace { return slices.Concat(ada.secrets(), ben.secrets()) }
	everything := func() []trace { return append(v.secrets(), v.spied...) }
	return steps(
		"a server and a desk", func() error {
			if err := v.serve(ctx, time.Time{}); err != nil {
				return err
			}
			if err := v.open(ctx, time.Time{}); err != nil {
				return err
			}
			return v.shot(ctx, "first-screen")
		},
		"neither program leaves a core file", func() error {
			return errors.Join(noCore(v.w.PID()), noCore(v.served.cmd.Process.Pid))
		},
		"sign-up", func() error { return v.signUp(ctx, ada) },
		"the keyring holds a key and a token", func() error { return v.kept(ctx, 2) },
		"while both run, nothing of it is in a file", func() error { return nowhere(p.Home, nil, everything()) },
		"lock, unlock offline, back online", func() error { return v.lock(ctx) },
		"another password", func() error { return v.change(ctx, ada) },
		"a search and a posting are kept", func() error { return v.work(ctx) },
		"sign out and in", func() error { return v.outAndIn(ctx, ada) },
		"too many wrong passwords", func() error { return v.tooMany(ctx, ada) },
		"recovery", func() error { return v.recovery(ctx, ada) },
		"sign in with the new password", func() error { return v.back(ctx, ada) },
		"the next person is cut off in the middle, and finds what was no secret", func() error { return v.cutOff(ctx, ben, everything) },
		"the next person sees nothing of the first, and leaves nothing", func() error { return v.stranger(ctx, ada, ben) },
		"the first person erases what the desk keeps", func() error { return v.erase(ctx, ada) },
		"warned once, suspended, reactivated", func() error { return v.suspension(ctx, ada) },
		"with both ended, nothing of it is in a file or was printed", func() error {
			if err := v.kept(ctx, 2); err != nil {
				return err
			}
			if err := v.w.Close(); err != nil {
				return err
			}
			v.served.Stop()
			if printed := t.printed(); len(printed) != len(t.windows)+len(t.servers) {
				return fmt.Errorf("%d programs of %d have ended", len(printed), len(t.windows)+len(t.servers))
			}
			return nowhere(p.Home, t.printed(), everything())
		},
	)
}

// signUp walks a registration, with every mistake that the spec names.
func (v *visit) signUp(ctx context.Context, x *someone) error {
	return steps(
		"terms", func() error { return v.terms(ctx, true) },
		"a mistake in the identity is listed above, and its line leads to the field", func() error {
			if err := v.fillAll(ctx, i18n.FieldFirst, x.first, false, i18n.FieldEmail, "ada.exemple", false); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			// Last name, e-mail, password and its confirmation.
			if _, err := v.w.Until(ctx, "four points to mend", func(s state.Sight) bool {
				return Shows(s, i18n.For(v.l).N(i18n.FormMend, 4)) && strings.HasPrefix(s.Focus, v.say(i18n.FieldLast))
			}); err != nil {
				return err
			}
			if err := v.shot(ctx, "identity-to-mend"); err != nil {
				return err
			}
			if err := v.useKind(ctx, v.say(i18n.FieldEmail), "WrapLink"); err != nil {
				return err
			}
			_, err := v.w.Until(ctx, "the keyboard in the field of the address", func(s state.Sight) bool {
				return strings.HasPrefix(plain(s.Focus), v.say(i18n.FieldEmail)+v.colon()+"ada.exemple")
			})
			return err
		},
		"identity", func() error {
			if err := v.fillAll(ctx, i18n.FieldLast, x.last, false, i18n.FieldEmail, x.email, false,
				i18n.FieldPassword, x.password, true, i18n.FieldAgain, x.password, true); err != nil {
				return err
			}
			if err := v.shot(ctx, "identity"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Return")
		},
		"the code of a letter", func() error {
			if err := v.shows(ctx, i18n.FieldCode, i18n.SignupNoletter); err != nil {
				return err
			}
			l, err := v.letter(ctx, x.email, i18n.MailConfirmSubject)
			if err != nil {
				return err
			}
			if err := v.shot(ctx, "code"); err != nil {
				return err
			}
			return v.prove(ctx, l)
		},
		"spaces in the number are refused with a message of their own", func() error {
			if err := v.shows(ctx, i18n.SinField, i18n.SinWhy); err != nil {
				return err
			}
			if err := v.shot(ctx, "sin"); err != nil {
				return err
			}
			if err := v.validate(ctx, x, x.sin[:3]+" "+x.sin[3:6]+" "+x.sin[6:]); err != nil {
				return err
			}
			if err := v.send(ctx, i18n.CommonContinue); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SinSpaces, account.SINSpaces.Key()); err != nil {
				return err
			}
			return v.shot(ctx, "sin-spaces")
		},
		"a number that begins with 9 has its way out", func() error {
			if err := v.fill(ctx, v.say(i18n.SinField), "912345678", true); err != nil {
				return err
			}
			if err := v.send(ctx, i18n.CommonContinue); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SinTemporary); err != nil {
				return err
			}
			if err := v.shot(ctx, "sin-temporary"); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.ExpressUse)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.ExpressProfile, i18n.ExpressWhatNosin); err != nil {
				return err
			}
			if err := v.shot(ctx, "express"); err != nil {
				return err
			}
			return v.use(ctx, v.say(i18n.ExpressBack))
		},
		"the number, the name and the date", func() error {
			if err := v.shows(ctx, i18n.SinField, i18n.SinWhy); err != nil {
				return err
			}
			if err := v.validate(ctx, x, x.sin); err != nil {
				return err
			}
			if err := v.shot(ctx, "sin-filled"); err != nil {
				return err
			}
			return v.send(ctx, i18n.CommonContinue)
		},
		"five questions", func() error {
			if err := v.shows(ctx, i18n.QuestionsWhy); err != nil {
				return err
			}
			if err := v.shot(ctx, "questions"); err != nil {
				return err
			}
			if err := v.questions(ctx, x); err != nil {
				return err
			}
			if err := v.shot(ctx, "questions-filled"); err != nil {
				return err
			}
			return v.send(ctx, i18n.AcctDone)
		},
		"done, and the window says who is here", func() error {
			if err := v.shows(ctx, i18n.SignupDone, i18n.MeVerifiedLocal); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, patience, "the name of who is here", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.StatusSessionLabel)+", "+x.first)
			}); err != nil {
				return err
			}
			return v.shot(ctx, "signed-up")
		},
	)
}

// lock locks by the key, unlocks with the server away, and has the server back.
func (v *visit) lock(ctx context.Context) error {
	local := func(s state.Sight) bool {
		return Shows(s, v.say(i18n.PresentLocal)) && !Shows(s, v.say(i18n.StatusOnline))
	}
	confirmed := func(s state.Sight) bool {
		return s.Route == "me" && !Shows(s, v.say(i18n.PresentLocal)) && Shows(s, v.say(i18n.StatusOnline)) && !Shows(s, offline(v.l))
	}
	return steps(
		"locked, nothing shows", func() error {
			if err := v.w.Keys(ctx, "ctrl+shift+l"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the lock", func(s state.Sight) bool { return s.Route == "lock" && s.Total == 0 }); err != nil {
				return err
			}
			return v.shot(ctx, "locked")
		},
		"unlocked with the server away", func() error {
			v.served.Stop()
			if err := v.use(ctx, v.say(i18n.LockUnlock)); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, patience, "the label of a local unlock", func(s state.Sight) bool { return s.Route != "lock" && local(s) }); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "ctrl+1"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the label on the search", func(s state.Sight) bool { return s.Route == "search" && s.Total > 0 && local(s) }); err != nil {
				return err
			}
			return v.shot(ctx, "local-search")
		},
		"the account says it, too", func() error {
			if err := v.me(ctx); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, patience, "the label on the account", func(s state.Sight) bool { return s.Route == "me" && local(s) }); err != nil {
				return err
			}
			return v.shot(ctx, "local-account")
		},
		"the server is back and has confirmed", func() error {
			if err := v.serve(ctx, time.Time{}); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, 3*time.Minute, "no label of a local unlock", confirmed); err != nil {
				return err
			}
			return v.shot(ctx, "confirmed")
		},
	)
}

// offline is the sentence of the account that says that nothing can be changed.
func offline(l i18n.Lang) string {
	_, after, _ := strings.Cut(say(l, i18n.MeOffline), ". ")
	return after
}

// change changes the password in the account, and reads the list of devices.
func (v *visit) change(ctx context.Context, x *someone) error {
	return steps(
		"the form", func() error {
			if err := v.me(ctx); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.MeChangePassword)); err != nil {
				return err
			}
			was := x.password
			x.renew("corail lampe ancienne 4406")
			if err := v.fillAll(ctx, i18n.MeCurrent, was, true, i18n.MeNewPassword, x.password, true, i18n.MeNewAgain, x.password, true); err != nil {
				return err
			}
			if err := v.shot(ctx, "new-password"); err != nil {
				return err
			}
			return v.send(ctx, i18n.AcctSave)
		},
		"kept, and a letter says so", func() error {
			if _, err := v.w.UntilIn(ctx, patience, "that it is kept", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.MePasswordKept)) || s.Said == v.say(i18n.MePasswordKept)
			}); err != nil {
				return err
			}
			if _, err := v.letter(ctx, x.email, i18n.MailResetSubject); err != nil {
				return err
			}
			return v.shot(ctx, "password-kept")
		},
		"this computer is in the list", func() error {
			_, this, _ := strings.Cut(v.say(i18n.MeDeviceThis, "Name", "\n"), "\n")
			if err := v.below(ctx, this); err != nil {
				return err
			}
			return v.shot(ctx, "devices")
		},
	)
}

// sought is what the first person looks for.
var sought = map[i18n.Lang]string{i18n.French: "infirmier", i18n.English: "nurse"}

// work leaves traces of a person: a search, and a posting that is kept.
func (v *visit) work(ctx context.Context) error {
	if err := v.w.Keys(ctx, "ctrl+1", "ctrl+f", "ctrl+a"); err != nil {
		return err
	}
	if err := v.w.Type(ctx, sought[v.l]); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "postings", func(s state.Sight) bool { return s.Words == sought[v.l] && s.Total > 0 && idle(s) }); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Down", "Down", "Return"); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "a posting", func(s state.Sight) bool { return s.Number != 0 && idle(s) }); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.PostingSave)); err != nil {
		return err
	}
	if err := v.shows(ctx, i18n.PostingUnsave); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "ctrl+2"); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "the posting that was kept", func(s state.Sight) bool { return s.Route == "saved" && Shows(s, v.say(i18n.SavedPostings)) }); err != nil {
		return err
	}
	return v.shot(ctx, "saved")
}

// outAndIn signs out and in again, and finds what was kept.
func (v *visit) outAndIn(ctx context.Context, x *someone) error {
	return steps(
		"out", func() error { return v.signOut(ctx, false, "sign-out") },
		"in", func() error {
			if err := v.use(ctx, v.say(i18n.AcctSignin)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SigninWhy, i18n.SigninKnow); err != nil {
				return err
			}
			if err := v.shot(ctx, "sign-in"); err != nil {
				return err
			}
			if err := v.enter(ctx, x, x.password); err != nil {
				return err
			}
			if _, err := v.asked(ctx, ""); err != nil {
				return err
			}
			if err := v.shot(ctx, "question"); err != nil {
				return err
			}
			if err := v.answer(ctx, x, ""); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SigninDone); err != nil {
				return err
			}
			return v.shot(ctx, "signed-in")
		},
		"what was kept is there", func() error {
			if err := v.w.Keys(ctx, "ctrl+2"); err != nil {
				return err
			}
			_, err := v.w.Until(ctx, "the posting that was kept", func(s state.Sight) bool {
				return s.Route == "saved" && Shows(s, removes(v.l)) && !Shows(s, v.say(i18n.SavedEmpty))
			})
			return err
		},
	)
}

// tooMany types a wrong password until it has to wait (B-017).
func (v *visit) tooMany(ctx context.Context, x *someone) error {
	return steps(
		"out", func() error { return v.signOut(ctx, false, "sign-out-again") },
		"six wrong passwords", func() error {
			if err := v.use(ctx, v.say(i18n.AcctSignin)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SigninWhy); err != nil {
				return err
			}
			for i := range 6 {
				if err := v.enter(ctx, x, "faux mot numero douze"); err != nil {
					return err
				}
				want := account.Credentials.Key()
				if i == 5 {
					want = i18n.ErrToomany
				}
				if err := v.shows(ctx, want); err != nil {
					return fmt.Errorf("try %d: %w", i+1, err)
				}
				if i == 0 {
					if err := v.shot(ctx, "wrong-password"); err != nil {
						return err
					}
				}
			}
			return nil
		},
		"a countdown", func() error {
			wait := func(s state.Sight) string {
				for _, text := range s.Texts {
					if countdown.MatchString(text) {
						return text
					}
				}
				return ""
			}
			seen, err := v.w.Until(ctx, "a countdown", func(s state.Sight) bool { return wait(s) != "" })
			if err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the countdown going on", func(s state.Sight) bool { return wait(s) != "" && wait(s) != wait(seen) }); err != nil {
				return err
			}
			return v.shot(ctx, "too-many")
		},
	)
}

var countdown = regexp.MustCompile(`(?i)^(vous pouvez|vous pourrez|you can).* \d+.second`)

// recovery sets a new password by name, address, letter and another question.
func (v *visit) recovery(ctx context.Context, x *someone) error {
	return steps(
		"who it is", func() error {
			if err := v.use(ctx, v.say(i18n.AcctRecover)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.RecoverWhy); err != nil {
				return err
			}
			if err := v.fillAll(ctx, i18n.FieldFirst, x.first, false, i18n.FieldLast, x.last, false, i18n.FieldEmail, x.email, false); err != nil {
				return err
			}
			if err := v.shot(ctx, "recover-who"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Return")
		},
		"the letter", func() error {
			if err := v.shows(ctx, i18n.FieldCode, i18n.RecoverNoletter); err != nil {
				return err
			}
			l, err := v.letter(ctx, x.email, i18n.MailRecoverSubject)
			if err != nil {
				return err
			}
			if err := v.shot(ctx, "recover-code"); err != nil {
				return err
			}
			return v.prove(ctx, l)
		},
		"another question, please", func() error {
			first, err := v.asked(ctx, "")
			if err != nil {
				return err
			}
			if err := v.shot(ctx, "recover-question"); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.AcctOtherquestion)); err != nil {
				return err
			}
			if _, err := v.asked(ctx, first); err != nil {
				return err
			}
			if err := v.shot(ctx, "recover-other-question"); err != nil {
				return err
			}
			return v.answer(ctx, x, first)
		},
		"a new password", func() error {
			if err := v.shows(ctx, i18n.FieldNewpassword); err != nil {
				return err
			}
			x.renew("renard toit mouillant 2718")
			if len(x.used) > 2 {
				x.password = "carton pluie dansante 6603"
			}
			if err := v.fillAll(ctx, i18n.FieldNewpassword, x.password, true, i18n.FieldNewagain, x.password, true); err != nil {
				return err
			}
			if err := v.shot(ctx, "recover-password"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Return")
		},
		"please sign in", func() error {
			if err := v.shows(ctx, i18n.AcctSigninnow, i18n.RecoverDone); err != nil {
				return err
			}
			if _, err := v.letter(ctx, x.email, i18n.MailResetSubject); err != nil {
				return err
			}
			return v.shot(ctx, "recovered")
		},
	)
}

// back signs in from the last page of a recovery.
func (v *visit) back(ctx context.Context, x *someone) error {
	if err := v.w.Keys(ctx, "Return"); err != nil { // its one act has the keyboard
		return err
	}
	if err := v.shows(ctx, i18n.SigninWhy); err != nil {
		return err
	}
	if err := v.signIn(ctx, x); err != nil {
		return err
	}
	return v.noMore(x.email)
}

// cutOff kills the window while a second person types their number: their name and address
// are found again, and nothing that is secret. Then they finish.
func (v *visit) cutOff(ctx context.Context, x *someone, everything func() []trace) error {
	return steps(
		"the first person leaves", func() error { return v.signOut(ctx, false, "first-leaves") },
		"the second one begins", func() error {
			if err := v.terms(ctx, false); err != nil {
				return err
			}
			if err := v.fillAll(ctx, i18n.FieldFirst, x.first, false, i18n.FieldLast, x.last, false, i18n.FieldEmail, x.email, false,
				i18n.FieldPassword, x.password, true, i18n.FieldAgain, x.password, true); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			l, err := v.letter(ctx, x.email, i18n.MailConfirmSubject)
			if err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.FieldCode, i18n.SignupNoletter); err != nil {
				return err
			}
			if err := v.prove(ctx, l); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SinField, i18n.SinWhy); err != nil {
				return err
			}
			return v.validate(ctx, x, x.sin)
		},
		"a power cut", func() error {
			v.w.Kill()
			if found, _, err := search(desk(v.p), []trace{{"the address", x.email}}); err != nil || len(found) == 0 {
				return fmt.Errorf("the desk keeps no draft of the sign-up: %v, %w", found, err)
			}
			return nowhere(v.p.Home, v.t.printed(), everything())
		},
		"what was no secret is there", func() error {
			if err := v.open(ctx, time.Time{}); err != nil {
				return err
			}
			if err := v.terms(ctx, false); err != nil {
				return err
			}
			seen, err := v.w.Until(ctx, "name and address", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.FieldFirst)+v.colon()+x.first) && Shows(s, v.say(i18n.FieldLast)+v.colon()+x.last) &&
					Shows(s, v.say(i18n.FieldEmail)+v.colon()+x.email)
			})
			if err != nil {
				return err
			}
			for _, k := range []i18n.Key{i18n.FieldPassword, i18n.FieldAgain} {
				if c, ok := Control(seen, v.say(k)); !ok || plain(c.Label) != v.say(k)+v.colon() {
					return fmt.Errorf("the field %q says %q", v.say(k), c.Label)
				}
			}
			return v.shot(ctx, "resumed")
		},
		"they finish", func() error {
			if err := v.fillAll(ctx, i18n.FieldPassword, x.password, true, i18n.FieldAgain, x.password, true); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.FieldCode, i18n.SignupNoletter); err != nil {
				return err
			}
			l, err := v.letter(ctx, x.email, i18n.MailConfirmSubject)
			if err != nil {
				return err
			}
			if err := v.prove(ctx, l); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SinField, i18n.SinWhy); err != nil {
				return err
			}
			if err := v.validate(ctx, x, x.sin); err != nil {
				return err
			}
			if err := v.send(ctx, i18n.CommonContinue); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.QuestionsWhy); err != nil {
				return err
			}
			if err := v.questions(ctx, x); err != nil {
				return err
			}
			if err := v.send(ctx, i18n.AcctDone); err != nil {
				return err
			}
			return v.shows(ctx, i18n.SignupDone)
		},
		"the keyring holds two people", func() error { return v.kept(ctx, 3) },
	)
}

// stranger looks for traces of the first person with the eyes of the second, who then leaves
// and erases.
func (v *visit) stranger(ctx context.Context, first, x *someone) error {
	return steps(
		"no saved posting", func() error {
			if err := v.w.Keys(ctx, "ctrl+2"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SavedEmpty, i18n.SavedToSearch); err != nil {
				return err
			}
			return v.shot(ctx, "stranger-saved")
		},
		"no recent search", func() error {
			if err := v.w.Keys(ctx, "ctrl+1", "ctrl+f", "Down"); err != nil {
				return err
			}
			seen, err := v.w.Until(ctx, "the search", func(s state.Sight) bool { return s.Route == "search" && s.Total > 0 && idle(s) })
			if err != nil {
				return err
			}
			if seen.Words != "" || slices.ContainsFunc(seen.Controls, func(c state.Spot) bool { return strings.Contains(c.Label, sought[v.l]) && c.Kind == "Offer" }) {
				return fmt.Errorf("the second person sees what the first looked for: %s", brief(seen))
			}
			return v.shot(ctx, "stranger-search")
		},
		"nothing to be sent, and no word of the first person", func() error {
			for key, route := range map[string]string{"ctrl+3": "outbox", "ctrl+7": "me", "ctrl+8": "people", "ctrl+1": "search"} {
				if err := v.w.Keys(ctx, key); err != nil {
					return err
				}
				seen, err := v.w.Until(ctx, "the screen "+route, func(s state.Sight) bool { return s.Route == route && s.Pending == 0 && s.Focus != "" })
				if err != nil {
					return err
				}
				if route == "people" {
					continue // of whoever can come back the list names the first name alone
				}
				if Shows(seen, first.email) || Shows(seen, ", "+first.first) {
					return fmt.Errorf("the second person sees the first on %s: %s", seen.Route, brief(seen))
				}
			}
			return nil
		},
		"they leave and erase", func() error { return v.signOut(ctx, true, "stranger-erases") },
		"nothing of them is at the desk", func() error {
			if err := v.kept(ctx, 1); err != nil {
				return err
			}
			return v.gone(x, nil)
		},
	)
}

// erase has the first person in again, who finds what was theirs and erases it.
func (v *visit) erase(ctx context.Context, x *someone) error {
	title := ""
	return steps(
		"in by the local lock", func() error {
			if err := v.w.Keys(ctx, "ctrl+8"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.PeopleKnown); err != nil {
				return err
			}
			if err := v.shot(ctx, "people"); err != nil {
				return err
			}
			return v.use(ctx, v.say(i18n.PresentNobody))
		},
		"in", func() error {
			if err := v.shows(ctx, i18n.SigninWhy); err != nil {
				return err
			}
			return v.signIn(ctx, x)
		},
		"what was kept is there", func() error {
			if err := v.w.Keys(ctx, "ctrl+2"); err != nil {
				return err
			}
			seen, err := v.w.Until(ctx, "the posting that was kept", func(s state.Sight) bool { return s.Route == "saved" && Shows(s, removes(v.l)) })
			if err != nil {
				return err
			}
			for _, c := range seen.Controls {
				if after, ok := strings.CutPrefix(plain(c.Label), removes(v.l)); ok {
					title = after
				}
			}
			if title == "" {
				err = fmt.Errorf("no title of a kept posting: %s", brief(seen))
			}
			return err
		},
		"end and erase", func() error { return v.signOut(ctx, true, "first-erases") },
		"nothing of them is at the desk", func() error {
			if err := v.kept(ctx, 0); err != nil {
				return err
			}
			return v.gone(x, []trace{{"what was sought", sought[v.l]}, {"the posting that was kept", title}})
		},
		"the desk knows nobody", func() error {
			if err := v.w.Keys(ctx, "ctrl+8"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.PeopleNone); err != nil {
				return err
			}
			return v.shot(ctx, "nobody")
		},
	)
}

// removes is how the button begins that removes a kept posting, whose title follows.
func removes(l i18n.Lang) string {
	before, _, _ := strings.Cut(say(l, i18n.SavedRemoveLabel, "Name", "\n"), "\n")
	return plain(before)
}

// gone wants no trace of a person in the desk's own files. The catalogue is left out: it has
// the words of every posting.
func (v *visit) gone(x *someone, besides []trace) error {
	found, _, err := search(desk(v.p), append([]trace{{"the address of " + x.first, x.email}}, besides...))
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(f string) bool { return !strings.HasPrefix(f, "the address") && strings.Contains(f, "catalogue") })
	if len(found) > 0 {
		return fmt.Errorf("the desk keeps of somebody who has left: %s", strings.Join(found, "; "))
	}
	return nil
}

// suspension turns the server's clock: a letter warns once, then the account is suspended,
// and the way of a recovery makes it active again.
func (v *visit) suspension(ctx context.Context, x *someone) error {
	ends := account.SuspendsOn(time.Now())
	noon := func(days int) time.Time {
		d := ends.AddDate(0, 0, days)
		return time.Date(d.Year(), d.Month(), d.Day(), 12, 30, 0, 0, time.UTC) // the round of the day is at noon
	}
	later := noon(31)
	return steps(
		"no letter a fortnight before", func() error { return v.round(ctx, noon(-14), x) },
		"a letter warns three days before", func() error {
			if err := v.serve(ctx, noon(-3)); err != nil {
				return err
			}
			_, err := v.letter(ctx, x.email, i18n.MailWarningSubject)
			return err
		},
		"it does not come twice", func() error { return v.round(ctx, noon(-2), x) },
		"a month after, the account is suspended", func() error {
			v.w.Kill()
			if err := v.serve(ctx, later); err != nil {
				return err
			}
			if _, err := v.letter(ctx, x.email, i18n.MailSuspendedSubject); err != nil {
				return err
			}
			if err := v.open(ctx, later); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.AcctSignin)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.SigninWhy); err != nil {
				return err
			}
			if err := v.enter(ctx, x, x.password); err != nil { // who knows the password is told
				return err
			}
			if err := v.shows(ctx, account.IsSuspended.Key()); err != nil {
				return err
			}
			return v.shot(ctx, "suspended")
		},
		"reactivated", func() error { return v.recovery(ctx, x) },
		"in again", func() error {
			if err := v.back(ctx, x); err != nil {
				return err
			}
			return v.shot(ctx, "reactivated")
		},
	)
}

// round has the server do the round of a day, at which no letter goes to a person.
func (v *visit) round(ctx context.Context, at time.Time, x *someone) error {
	if err := v.serve(ctx, at); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second): // the work looks every second
	}
	return v.noMore(x.email)
}
