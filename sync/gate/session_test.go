package gate

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// renewal asks for the next pair and gives what was answered.
func (w *town) renewal(s wire.Session, present bool) (wire.Session, error) {
	return w.g.Renew(w.t.Context(), wire.Renewal{Refresh: s.Refresh, Present: present}, w.now)
}

// held says whether an access token opens, or with which code it does not.
func (w *town) held(s wire.Session) string {
	w.t.Helper()
	_, err := w.g.Caller(w.t.Context(), s.Access, w.now)
	return codeOf(w.t, err)
}

func codeOf(t testing.TB, err error) string {
	t.Helper()
	var no *Refused
	switch {
	case err == nil:
		return ""
	case errors.As(err, &no):
		return string(no.Code)
	}
	t.Fatalf("%v, want a refusal or none", err)
	return ""
}

func (w *town) sessionRow(id string) (s ledger.Session) {
	w.t.Helper()
	err := w.l.View(w.t.Context(), func(t *ledger.Tx) (err error) {
		s, err = t.Session(w.t.Context(), id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *town) audits() []ledger.Audit {
	w.t.Helper()
	all, err := w.g.Audits(w.t.Context(), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// A lost answer costs nothing: until a pair is used, the token before it gives the same
// one. After, whoever comes with it ends the session, and the audit has a line.
//
// Rows: B-019
func TestRefreshTokenRotates(t *testing.T) {
	w := settle(t)
	one := w.register(ada)
	if one.Policy != account.Questions || one.Account != w.row(ada.email).ID || len(one.Roles) != 0 {
		t.Errorf("a first session is %+v", one)
	}
	w.wait(time.Hour)
	two, err := w.renewal(one, false)
	if err != nil {
		t.Fatal(err)
	}
	if two.Refresh == one.Refresh || two.Access == one.Access || two.ID != one.ID {
		t.Errorf("the next pair is %+v after %+v", two, one)
	}
	w.wait(time.Minute)
	if again, err := w.renewal(one, false); err != nil || again.Refresh != two.Refresh || again.Access != two.Access || !again.IdleUntil.Equal(two.IdleUntil) {
		t.Errorf("a replay before the successor was used: %+v, %v; want %+v", again, err, two)
	}
	if got := w.held(two); got != "" {
		t.Errorf("the new access token: %s", got)
	}
	if _, err := w.renewal(one, false); codeOf(t, err) != "sign_in_needed" {
		t.Errorf("a replay after the successor was used: %v", err)
	}
	if s := w.sessionRow(one.ID); s.Reason != endReuse || s.Revoked.IsZero() {
		t.Errorf("after a reuse the session is %+v", s)
	}
	for what, s := range map[string]wire.Session{"the thief": one, "the owner": two} {
		if _, err := w.renewal(s, false); codeOf(t, err) != "sign_in_needed" {
			t.Errorf("%s renews after a reuse: %v", what, err)
		}
		if got := w.held(s); got != "sign_in_needed" {
			t.Errorf("%s calls after a reuse: %q", what, got)
		}
	}
	if all := w.audits(); len(all) != 1 || all[0].Act != "session-reuse" || all[0].Subject != "account:"+one.Account {
		t.Errorf("audit: %+v, want one line on the reuse", all)
	}
}

// A replay of a token whose successor was renewed ends the session, too.
func TestAnOlderRefreshTokenEndsTheSession(t *testing.T) {
	w := settle(t)
	one := w.register(ada)
	two := w.renew(one)
	w.renew(two)
	if _, err := w.renewal(one, false); codeOf(t, err) != "sign_in_needed" {
		t.Errorf("an older token: %v", err)
	}
	if s := w.sessionRow(one.ID); s.Reason != endReuse {
		t.Errorf("the session is %+v", s)
	}
}

// Whatever a client and a thief do with tokens that were given out, in whatever order: two
// who each renew with what they have never both go on.
func TestTwoHoldersNeverBothGoOn(t *testing.T) {
	w := settle(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n == 1 {
			w.register(ada)
		}
		w.now = w.now.Add(30 * time.Minute)
		first, _ := w.signIn(ada)
		w.post()
		holders := [2][]wire.Session{{first}, {first}} // both have the first pair
		alive := true
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			who := rapid.IntRange(0, 1).Draw(rt, "who")
			have := &holders[who]
			newest := (*have)[len(*have)-1]
			w.now = w.now.Add(time.Second)
			if rapid.Bool().Draw(rt, "call") {
				if got := w.held(newest); got != "" && got != "sign_in_needed" {
					rt.Fatalf("a call: %s", got)
				}
				continue
			}
			next, err := w.renewal(newest, false)
			switch codeOf(t, err) {
			case "":
				if !alive {
					rt.Fatal("a session that ended was renewed")
				}
				*have = append(*have, next)
			case "sign_in_needed":
				alive = false
			default:
				rt.Fatalf("a renewal: %v", err)
			}
		}
		if !alive {
			for _, h := range holders {
				for _, s := range h {
					if w.held(s) == "" {
						rt.Fatal("a token of a session that ended still opens")
					}
				}
			}
		}
		a, b := holders[0][len(holders[0])-1], holders[1][len(holders[1])-1]
		if _, err := w.renewal(a, false); err == nil {
			w.held(w.renew(wire.Session{Refresh: a.Refresh})) // the answer comes again, and is used
			if _, err := w.renewal(b, false); err == nil && a.Refresh != b.Refresh {
				// b was one behind or ahead: whoever is behind now ends it for both
				if _, err := w.renewal(a, false); err == nil {
					rt.Fatal("both go on")
				}
			}
		}
	})
}

// One token, many requests at once: each gets the same pair.
func TestRenewedAtOnce(t *testing.T) {
	w := settle(t)
	one := w.register(ada)
	const many = 8
	var (
		wg  sync.WaitGroup
		got [many]wire.Session
	)
	for n := range many {
		wg.Go(func() {
			var err error
			if got[n], err = w.renewal(one, true); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range got[1:] {
		if s.Refresh != got[0].Refresh {
			t.Error("one token gave two pairs")
		}
	}
}

// Sessions end when they were idle, and in any case after a while: each policy to the
// millisecond, on the days that clocks are set, too, for all is counted in UTC.
//
// Rows: B-019
func TestLifeOfASession(t *testing.T) {
	for _, begin := range []time.Time{start, time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC)} {
		t.Run(begin.Format(time.DateOnly), func(t *testing.T) {
			w := settle(t)
			w.now = begin
			home := w.register(ada)
			_, port := w.portal(home, portName)
			rules := w.g.o.Rules
			for _, c := range []struct {
				what        string
				s           wire.Session
				idle, until time.Duration
			}{
				{"job bank", home, rules.Idle, rules.Absolute},
				{"portal", port, rules.PortalIdle, rules.PortalAbsolute},
			} {
				born := w.sessionRow(c.s.ID).Created
				if !c.s.Until.Equal(born.Add(c.until)) {
					t.Errorf("%s ends at %v, want %v after %v", c.what, c.s.Until, c.until, born)
				}
				s := c.s
				for w.now = w.sessionRow(s.ID).Seen; ; {
					if !s.IdleUntil.After(w.now) {
						t.Fatalf("%s: idle at %v, now %v", c.what, s.IdleUntil, w.now)
					}
					w.now = s.IdleUntil.Add(-time.Millisecond)
					next, err := w.renewal(s, false)
					if err != nil {
						t.Fatalf("%s at %v, a millisecond before its end: %v", c.what, w.now, err)
					}
					if s = next; s.IdleUntil.Equal(s.Until) {
						break
					}
				}
				if s.AccessUntil.After(s.Until) {
					t.Errorf("%s: access until %v, after its end %v", c.what, s.AccessUntil, s.Until)
				}
				w.now = s.Until.Add(-time.Millisecond)
				s = w.renew(s)
				if got := w.held(s); got != "" {
					t.Errorf("%s a millisecond before its end: %s", c.what, got)
				}
				w.now = s.Until
				if _, err := w.renewal(s, false); codeOf(t, err) != "sign_in_needed" {
					t.Errorf("%s renewed at its end: %v", c.what, err)
				}
				if got := w.held(s); got != "sign_in_needed" {
					t.Errorf("%s called at its end: %q", c.what, got)
				}
			}
		})
	}
}

// Requests keep a session from being idle, a write a minute at most.
//
// Rows: B-019
func TestCallsKeepASession(t *testing.T) {
	w := settle(t)
	_, s := w.portal(w.register(ada), portName)
	seen := func() ledger.Session { return w.sessionRow(s.ID) }
	at := w.now
	w.held(s)
	if r := seen(); !r.Used || !r.Seen.Equal(at) {
		t.Errorf("a first call leaves %+v", r)
	}
	ver := seen().Ver
	w.wait(touchEvery - time.Millisecond)
	w.held(s)
	if r := seen(); r.Ver != ver {
		t.Error("two calls within a minute are two writes")
	}
	w.wait(time.Millisecond)
	w.held(s)
	if r := seen(); !r.Seen.Equal(w.now) {
		t.Errorf("a call after a minute leaves %v, want %v", r.Seen, w.now)
	}
	s = w.renew(s)
	for range 10 {
		w.wait(9 * time.Minute)
		if got := w.held(s); got != "" {
			t.Fatalf("at %v: %s", w.now, got)
		}
		s = w.renew(s)
	}
	w.wait(10 * time.Minute)
	if got := w.held(s); got != "sign_in_needed" {
		t.Errorf("an access token after ten minutes: %q", got)
	}
	w.renew(s)
}

// Tokens of one session, one kind or one moment are not those of another, and no byte of
// one may change.
func TestTokensAreTheirOwn(t *testing.T) {
	postgrestest.NeedsFile(t)
	w := settle(t)
	one, two := w.register(ada), w.register(bob(1))
	flip := func(token string, n int) string {
		b, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		b[n%len(b)] ^= 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	for n := range 64 {
		if got := w.held(wire.Session{Access: flip(one.Access, n)}); got != "sign_in_needed" {
			t.Errorf("an access token with byte %d changed: %q", n, got)
		}
		if _, err := w.renewal(wire.Session{Refresh: flip(one.Refresh, n)}, false); codeOf(t, err) != "sign_in_needed" {
			t.Errorf("a refresh token with byte %d changed: %v", n, err)
		}
	}
	for _, bad := range []string{"", "x", one.Refresh, one.Access[:40], one.Access + "A", strings.Repeat("A", len(one.Access))} {
		if got := w.held(wire.Session{Access: bad}); got != "sign_in_needed" {
			t.Errorf("access token %q: %q", bad, got)
		}
	}
	if _, err := w.renewal(wire.Session{Refresh: one.Access}, false); codeOf(t, err) != "sign_in_needed" {
		t.Errorf("an access token renews: %v", err)
	}
	if w.held(one) != "" || w.held(two) != "" {
		t.Error("the sessions themselves ended")
	}
	for _, r := range []ledger.Session{w.sessionRow(one.ID), w.sessionRow(two.ID)} {
		if strings.Contains(r.Device, "bureau") {
			t.Error("the name of the computer is readable")
		}
	}
	if err := w.l.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(w.dir + "/ledger.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{one.Access, one.Refresh, two.Refresh} {
		raw, _ := base64.RawURLEncoding.DecodeString(token)
		if bytes.Contains(file, []byte(token)) || bytes.Contains(file, raw[len(raw)-32:]) {
			t.Error("a token stands in the database")
		}
	}
}

func FuzzTokens(f *testing.F) {
	g, err := New(Options{Ledger: &ledger.Ledger{}, Keys: cheapKeys(f), Base: "https://passerelle.example"})
	if err != nil {
		f.Fatal(err)
	}
	s := ledger.Session{ID: g.id(start), Salt: []byte("salt")}
	f.Add(g.access(s, 1, start))
	f.Add(g.refresh(s, 7))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if id, gen, issued, ok := parseAccess(token); ok && len(g.access(ledger.Session{ID: id}, gen, issued)) != len(token) {
			t.Errorf("parseAccess(%q) = %s %d %v, which makes another length", token, id, gen, issued)
		}
		if id, gen, ok := parseRefresh(token); ok && len(g.refresh(ledger.Session{ID: id}, gen)) != len(token) {
			t.Errorf("parseRefresh(%q) = %s %d, which makes another length", token, id, gen)
		}
	})
}

// The person being there moves the day of suspension and takes a warning back; a program
// that runs by itself does not.
//
// Rows
func TestOnlyPresenceCounts(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.State, a.Warned = account.Warned, w.now })
	signedIn := w.row(ada.email).SignedIn
	w.wait(24 * time.Hour)
	s = w.renew(s)
	if a := w.row(ada.email); !a.SignedIn.Equal(signedIn) || a.State != account.Warned {
		t.Errorf("a renewal in the background leaves %v %s", a.SignedIn, a.State)
	}
	if _, err := w.renewal(s, true); err != nil {
		t.Fatal(err)
	}
	if a := w.row(ada.email); !a.SignedIn.Equal(w.now) || a.State != account.Active || !a.Warned.IsZero() {
		t.Errorf("a renewal with the person there leaves %v %s %v", a.SignedIn, a.State, a.Warned)
	}
}

// Whatever state an account falls into, its sessions say so, each with its own code.
//
// Rows
func TestSessionsOfAnAccountThatStandsStill(t *testing.T) {
	for code, change := range map[string]func(*ledger.Account, *person){
		"suspended":  func(a *ledger.Account, _ *person) { a.State = account.Suspended },
		"closed":     func(a *ledger.Account, _ *person) { a.State = account.Closed },
		"must_reset": func(a *ledger.Account, _ *person) { a.Reset = true },
	} {
		w := settle(t)
		s := w.register(ada)
		w.alter(ada.email, change)
		if got := w.held(s); got != code {
			t.Errorf("a call: %q, want %s", got, code)
		}
		if _, err := w.renewal(s, true); codeOf(t, err) != code {
			t.Errorf("a renewal: %v, want %s", err, code)
		}
		if row := w.sessionRow(s.ID); !row.Revoked.IsZero() {
			t.Errorf("%s ended the session itself", code)
		}
	}
}

// Every route that a session opens answers must_reset while a temporary password waits,
// whatever session it is asked with.
//
// Rows: A-138
func TestMustResetIsAllThatIsAnswered(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	who := w.caller(s)
	w.alter(ada.email, func(a *ledger.Account, _ *person) { a.Reset = true })
	if got := w.held(s); got != "must_reset" {
		t.Errorf("Caller: %q", got)
	}
	for act := range changes { // with a caller found a moment before
		_, err := w.g.Change(t.Context(), who, act, wire.Answer{Current: ada.password, Password: "rivière neuve 88", Again: "rivière neuve 88",
			Questions: answers(), First: "Ada", Last: "Test", Lang: "en", Device: s.ID}, w.from, w.now)
		if act == wire.ActRecoveryEmail {
			continue // refused before, for it wants a session of the portal
		}
		if codeOf(t, err) != "must_reset" {
			t.Errorf("Change(%s): %v, want must_reset", act, err)
		}
	}
}

// Rows: B-009
func TestANewComputerIsTold(t *testing.T) {
	w := settle(t)
	w.register(ada)
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters after a registration: %+v", all)
	}
	in := func(device string) {
		t.Helper()
		w.wait(time.Hour)
		y := w.begin(account.SignIn, "en")
		y.step(wire.Answer{Email: ada.email, Password: ada.password, Device: device}, account.StepQuestion)
		y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepDone)
	}
	in("bureau")
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters after a sign-in from a computer that is known: %+v", all)
	}
	in("portable")
	if m := w.letter(mail.NewDevice, ada.email); m.Device != "portable" || m.Lang != "fr" || m.First != ada.first {
		t.Errorf("the letter is %+v", m)
	}
	in("portable")
	in("bureau")
	if all := w.post(); len(all) != 0 {
		t.Errorf("letters after sign-ins from computers that are known: %+v", all)
	}
}

// The token of a flow that ended gives the first pair again until it is used, and then none.
func TestAFlowGivesItsSessionUntilItIsUsed(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	s := *y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepDone).Session
	w.wait(time.Second)
	p, err := w.g.Look(t.Context(), y.token, w.now)
	if err != nil || p.Session == nil || p.Session.Refresh != s.Refresh || p.Session.Access != s.Access {
		t.Fatalf("asked again: %+v, %v", p.Session, err)
	}
	if got := w.held(s); got != "" {
		t.Fatal(got)
	}
	if p, err := w.g.Look(t.Context(), y.token, w.now); codeOf(t, err) != "flow_expired" {
		t.Errorf("asked again after it was used: %+v, %v", p, err)
	}
}

// A role that was granted while somebody signs in is not open to them without a factor.
//
// Rows: B-030
func TestARoleGrantedOnTheWayIn(t *testing.T) {
	w := settle(t)
	old := w.register(ada)
	y := w.begin(account.SignIn, "fr")
	y.step(wire.Answer{Email: ada.email, Password: ada.password}, account.StepQuestion)
	if _, err := w.g.Invite(t.Context(), Invitation{Email: ada.email, Role: account.Agent}, false, w.now); err != nil {
		t.Fatal(err)
	}
	if p := y.step(wire.Answer{Answer: answerTo(y.at.Question)}, account.StepSetup); p.Session != nil {
		t.Error("a session before the factor")
	}
	who := w.caller(old)
	if _, err := w.g.Requests(t.Context(), who, w.now); codeOf(t, err) != "factor_needed" {
		t.Errorf("an agent's list from a session without a factor: %v", err)
	}
	if s := w.renew(old); len(s.Roles) != 0 {
		t.Errorf("a session without a factor has roles %v", s.Roles)
	}

	// Later still, past the step at which a factor would have been asked for.
	p := bob(1)
	w.register(p)
	w.alter(p.email, func(_ *ledger.Account, b *person) { b.Terms = "2020-01-01" })
	z := w.begin(account.SignIn, "en")
	z.step(wire.Answer{Email: p.email, Password: p.password}, account.StepQuestion)
	z.step(wire.Answer{Answer: answerTo(z.at.Question)}, account.StepTerms)
	if _, err := w.g.Invite(t.Context(), Invitation{Email: p.email, Role: account.Counsellor}, false, w.now); err != nil {
		t.Fatal(err)
	}
	z.refused(agree, "factor_needed")
}

func cheapKeys(tb testing.TB) *secret.Keys {
	tb.Helper()
	k, err := secret.Temporary(secret.Cheap)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}
