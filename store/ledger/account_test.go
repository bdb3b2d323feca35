package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// bare is a ledger without sources, and where it is.
func bare(t *testing.T) (*ledger.Ledger, string) {
	t.Helper()
	path := place(t)
	return open(t, path, ledger.Options{}), path
}

func update(t *testing.T, l *ledger.Ledger, do func(*ledger.Tx) error) {
	t.Helper()
	if err := l.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// tried is what a write answers.
func tried(t *testing.T, l *ledger.Ledger, do func(*ledger.Tx) error) error {
	t.Helper()
	return l.Update(t.Context(), do)
}

func person(id, email string) ledger.Account {
	return ledger.Account{ID: id, Email: []byte(email), State: account.Active, Password: "p", Body: []byte("sealed"), Created: noon, SignedIn: noon}
}

func credential(id, of, username string) ledger.Credential {
	return ledger.Credential{ID: id, Account: of, Enrolment: "e" + id, Username: []byte(username), State: account.CredentialActive,
		Password: "p", Body: []byte("sealed"), Created: noon, Used: noon}
}

// Rows
func TestOneAccountAnAddressAndAProof(t *testing.T) { engines(t, testOneAccountAnAddressAndAProof) }

func testOneAccountAnAddressAndAProof(t *testing.T) {
	l, _ := bare(t)
	put := func(a ledger.Account) error {
		return tried(t, l, func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), a) })
	}
	a := person("a", "one")
	a.Roles, a.SIN, a.Express = []account.Role{account.Agent, account.Counsellor}, []byte("nine"), []byte("pair")
	a.Temp, a.TempEnds, a.Reset, a.Warned = "t", noon.Add(time.Hour), true, noon
	if err := put(a); err != nil {
		t.Fatal(err)
	}
	var got ledger.Account
	update(t, l, func(tx *ledger.Tx) (err error) {
		got, err = tx.AccountByEmail(t.Context(), []byte("one"))
		return err
	})
	want := a
	want.Ver = 1
	if !same(got, want) {
		t.Errorf("an account came back as %+v, want %+v", got, want)
	}
	other := func(change func(*ledger.Account)) ledger.Account {
		b := person("b", "two")
		change(&b)
		return b
	}
	for what, b := range map[string]ledger.Account{
		"the same address":   other(func(b *ledger.Account) { b.Email = a.Email }),
		"the same number":    other(func(b *ledger.Account) { b.SIN = a.SIN }),
		"the same EE pair":   other(func(b *ledger.Account) { b.Express = a.Express }),
		"as a later version": other(func(b *ledger.Account) { b.Email = a.Email; b.State = account.Registering }),
	} {
		if err := put(b); !errors.Is(err, ledger.ErrTaken) {
			t.Errorf("a second account with %s: %v, want ErrTaken", what, err)
		}
	}
	if err := put(a); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("the same new account again: %v, want ErrMoved", err)
	}

	// Closed: the address is free, what it was validated with is not.
	want.State, want.Closed = account.Closed, noon
	if err := put(want); err != nil {
		t.Fatal(err)
	}
	if err := put(person("b", "one")); err != nil {
		t.Errorf("an address of a closed account: %v", err)
	}
	for what, c := range map[string]ledger.Account{
		"number": {ID: "c", Email: []byte("three"), SIN: a.SIN, State: account.Active},
		"pair":   {ID: "c", Email: []byte("three"), Express: a.Express, State: account.Active},
	} {
		if err := put(c); !errors.Is(err, ledger.ErrTaken) {
			t.Errorf("the %s of a closed account: %v, want ErrTaken", what, err)
		}
	}
	none := ledger.Account{}
	err := l.View(t.Context(), func(tx *ledger.Tx) (err error) {
		none, err = tx.AccountByEmail(t.Context(), []byte("nobody"))
		return err
	})
	if !errors.Is(err, ledger.ErrNotFound) || none.ID != "" {
		t.Errorf("nobody's address: %+v, %v; want ErrNotFound", none, err)
	}
}

func same(a, b ledger.Account) bool {
	return a.ID == b.ID && a.Ver == b.Ver && bytes.Equal(a.Email, b.Email) && bytes.Equal(a.SIN, b.SIN) && bytes.Equal(a.Express, b.Express) &&
		a.State == b.State && slices.Equal(a.Roles, b.Roles) && a.Password == b.Password && a.Temp == b.Temp && a.TempEnds.Equal(b.TempEnds) &&
		a.Reset == b.Reset && bytes.Equal(a.Body, b.Body) && a.Created.Equal(b.Created) && a.SignedIn.Equal(b.SignedIn) &&
		a.Warned.Equal(b.Warned) && a.Closed.Equal(b.Closed)
}

// Rows: B-037, B-041, B-042
func TestCredentials(t *testing.T) { engines(t, testCredentials) }

func testCredentials(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		return errors.Join(tx.PutAccount(t.Context(), person("a", "one")), tx.PutAccount(t.Context(), person("b", "two")))
	})
	put := func(c ledger.Credential) error {
		return tried(t, l, func(tx *ledger.Tx) error { return tx.PutCredential(t.Context(), c) })
	}
	first := credential("1", "a", "name")
	first.Subject, first.Recovery = []byte("subject"), []byte("mail")
	if err := put(first); err != nil {
		t.Fatal(err)
	}
	if err := put(credential("2", "a", "another")); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a second active credential of an account: %v, want ErrTaken", err)
	}
	bySubject := credential("3", "b", "third")
	bySubject.Subject = first.Subject
	if err := put(bySubject); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a partner's subject twice: %v, want ErrTaken", err)
	}
	first.Ver, first.State, first.Reason = 1, account.CredentialRevoked, account.Unused
	if err := put(first); err != nil {
		t.Fatal(err)
	}
	if err := put(credential("4", "b", "name")); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a revoked username registered again: %v, want ErrTaken", err)
	}
	if err := put(bySubject); err != nil {
		t.Errorf("the subject of a revoked credential: %v", err)
	}
	if err := put(credential("5", "a", "fifth")); err != nil {
		t.Errorf("another credential after the revoked one: %v", err)
	}
	err := l.View(t.Context(), func(tx *ledger.Tx) error {
		c, err := tx.CredentialOf(t.Context(), "a")
		if err != nil || c.ID != "5" {
			t.Errorf("the credential of the account is %q, %v; want the active one", c.ID, err)
		}
		if c, err = tx.CredentialByUsername(t.Context(), []byte("name")); err != nil || c.Reason != account.Unused || c.Ver != 2 {
			t.Errorf("the revoked one: %+v, %v", c, err)
		}
		if all, err := tx.CredentialsByRecovery(t.Context(), []byte("mail")); err != nil || len(all) != 0 {
			t.Errorf("a revoked credential is found by its recovery address: %+v, %v", all, err)
		}
		if c, err = tx.CredentialBySubject(t.Context(), first.Subject); err != nil || c.ID != "3" {
			t.Errorf("by subject: %q, %v; want the active one", c.ID, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever writes a row that somebody else wrote since it was read gets ErrMoved: of many at
// once, one wins. Of a factor that means that a code which raced with itself opens once.
func TestOneWriteOfAVersionWins(t *testing.T) { engines(t, testOneWriteOfAVersionWins) }

func testOneWriteOfAVersionWins(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), person("a", "one")) })
	rows := map[string]func(tx *ledger.Tx, ver int64, mark int) error{
		"account": func(tx *ledger.Tx, ver int64, mark int) error {
			a := person("a", "one")
			a.Ver, a.Password = ver+1, string(rune('a'+mark))
			return tx.PutAccount(context.Background(), a)
		},
		"credential": func(tx *ledger.Tx, ver int64, mark int) error {
			c := credential("c", "a", "name")
			c.Ver, c.Password = ver, string(rune('a'+mark))
			return tx.PutCredential(context.Background(), c)
		},
		"factor": func(tx *ledger.Tx, ver int64, mark int) error {
			return tx.PutFactor(context.Background(), ledger.Factor{Owner: "o", Ver: ver, Method: account.TOTP, Last: int64(mark)})
		},
		"flow": func(tx *ledger.Tx, ver int64, mark int) error {
			return tx.PutFlow(context.Background(), ledger.Flow{Key: []byte("k"), Ver: ver, Step: account.StepCode, Expires: noon})
		},
		"session": func(tx *ledger.Tx, ver int64, mark int) error {
			return tx.PutSession(context.Background(), ledger.Session{ID: "s", Ver: ver, Account: "a", Gen: int64(mark)})
		},
	}
	for what, put := range rows {
		for ver := range int64(3) { // the first one adds the row
			const many = 8
			var (
				wg   sync.WaitGroup
				errs [many]error
			)
			for n := range many {
				wg.Go(func() {
					errs[n] = l.Update(t.Context(), func(tx *ledger.Tx) error { return put(tx, ver, n) })
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				switch {
				case err == nil:
					won++
				case !errors.Is(err, ledger.ErrMoved):
					t.Errorf("%s of version %d: %v, want ErrMoved", what, ver, err)
				}
			}
			if won != 1 {
				t.Errorf("%s of version %d: %d writes won, want 1", what, ver, won)
			}
		}
	}
}

// Rows: B-033, B-034
func TestRecoveryCodes(t *testing.T) { engines(t, testRecoveryCodes) }

func testRecoveryCodes(t *testing.T) {
	l, _ := bare(t)
	set := func(codes ...string) {
		t.Helper()
		var all [][]byte
		for _, c := range codes {
			all = append(all, []byte(c))
		}
		update(t, l, func(tx *ledger.Tx) error { return tx.SetCodes(t.Context(), "o", all, noon) })
	}
	use := func(owner, code string) (left int, err error) {
		err = tried(t, l, func(tx *ledger.Tx) (err error) {
			left, err = tx.UseCode(t.Context(), owner, []byte(code), noon)
			return err
		})
		return left, err
	}
	set("a", "b", "c", "d", "e")
	if left, err := use("o", "b"); err != nil || left != 4 {
		t.Errorf("a first use: %d left, %v; want 4", left, err)
	}
	for _, c := range []struct{ owner, code, what string }{
		{"o", "b", "a used code"}, {"o", "z", "no code"}, {"p", "a", "somebody else's code"},
	} {
		if _, err := use(c.owner, c.code); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", c.what, err)
		}
	}
	set("v", "w", "x", "y", "z")
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		if _, err := use("o", c); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("code %s of the set before: %v, want ErrNotFound", c, err)
		}
	}
	const many = 8
	var (
		wg   sync.WaitGroup
		errs [many]error
	)
	for n := range many {
		wg.Go(func() { _, errs[n] = use("o", "v") })
	}
	wg.Wait()
	if won := many - len(slices.DeleteFunc(errs[:], func(err error) bool { return err == nil })); won != 1 {
		t.Errorf("a code that raced with itself opened %d times, want once", won)
	}
}

func TestFlows(t *testing.T) { engines(t, testFlows) }

func testFlows(t *testing.T) {
	l, _ := bare(t)
	put := func(key, of string, expires time.Time) {
		update(t, l, func(tx *ledger.Tx) error {
			return tx.PutFlow(t.Context(), ledger.Flow{Key: []byte(key), Kind: account.SignIn, Step: account.StepPassword, Account: of,
				Link: []byte("link of " + key), Created: noon, Expires: expires})
		})
	}
	have := func() (keys string) {
		for _, k := range []string{"1", "2", "3", "4", "5"} {
			err := l.View(t.Context(), func(tx *ledger.Tx) error {
				f, err := tx.FlowByLink(t.Context(), []byte("link of "+k))
				if err == nil {
					keys += string(f.Key)
				}
				return err
			})
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				t.Fatal(err)
			}
		}
		return keys
	}
	put("1", "", noon)
	put("2", "", noon.Add(time.Millisecond))
	put("3", "a", noon.Add(time.Hour))
	put("4", "a", noon.Add(time.Hour))
	put("5", "b", noon.Add(time.Hour))
	update(t, l, func(tx *ledger.Tx) error { return tx.DropFlows(t.Context(), noon, "") })
	if got := have(); got != "2345" {
		t.Errorf("after those that expired were dropped: %q", got)
	}
	update(t, l, func(tx *ledger.Tx) error { return tx.DropOtherFlows(t.Context(), "a", []byte("4")) })
	if got := have(); got != "245" {
		t.Errorf("after the others of an account were dropped: %q", got)
	}
	update(t, l, func(tx *ledger.Tx) error { return tx.DropFlows(t.Context(), time.Time{}, "a") })
	if got := have(); got != "25" {
		t.Errorf("after those of an account were dropped: %q", got)
	}
	update(t, l, func(tx *ledger.Tx) error {
		return errors.Join(tx.DropFlow(t.Context(), []byte("2")), tx.DropFlow(t.Context(), []byte("none")))
	})
	if got := have(); got != "5" {
		t.Errorf("after one was given up: %q", got)
	}
}

// Rows: B-009
func TestSessions(t *testing.T) { engines(t, testSessions) }

func testSessions(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		err := errors.Join(tx.PutAccount(t.Context(), person("a", "one")), tx.PutAccount(t.Context(), person("b", "two")))
		for _, s := range []ledger.Session{
			{ID: "1", Account: "a"}, {ID: "2", Account: "a", Credential: "c"}, {ID: "3", Account: "a"}, {ID: "4", Account: "b"},
		} {
			s.Created, s.Seen, s.Salt = noon, noon, []byte("salt")
			err = errors.Join(err, tx.PutSession(t.Context(), s))
		}
		return err
	})
	openOf := func(id string) (ids string) {
		err := l.View(t.Context(), func(tx *ledger.Tx) error {
			all, err := tx.Sessions(t.Context(), id)
			for _, s := range all {
				ids += s.ID
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	var n int
	update(t, l, func(tx *ledger.Tx) (err error) {
		n, err = tx.RevokeCredentialSessions(t.Context(), "c", "", "gone", noon)
		return err
	})
	if got := openOf("a"); n != 1 || got != "13" {
		t.Errorf("a credential's sessions ended: %d, and %q are open", n, got)
	}
	update(t, l, func(tx *ledger.Tx) (err error) {
		n, err = tx.RevokeCredentialSessions(t.Context(), "", "", "gone", noon)
		return err
	})
	if got := openOf("a"); n != 0 || got != "13" {
		t.Errorf("no credential's sessions ended: %d, and %q are open", n, got)
	}
	update(t, l, func(tx *ledger.Tx) (err error) {
		n, err = tx.RevokeSessions(t.Context(), "a", "3", "password", noon.Add(time.Hour))
		return err
	})
	if n != 1 || openOf("a") != "3" || openOf("b") != "4" {
		t.Errorf("all but one ended: %d, and %q and %q are open", n, openOf("a"), openOf("b"))
	}
	err := l.View(t.Context(), func(tx *ledger.Tx) error {
		s, err := tx.Session(t.Context(), "2")
		if s.Reason != "gone" || !s.Revoked.Equal(noon) || s.Ver != 2 {
			t.Errorf("an ended session changed its end: %+v", s)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestThrottleOutlivesTheServer(t *testing.T) { engines(t, testThrottleOutlivesTheServer) }

func testThrottleOutlivesTheServer(t *testing.T) {
	l, path := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		return tx.PutThrottle(t.Context(), []byte("k"), ledger.Throttle{Failures: 7, Last: noon})
	})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, path, ledger.Options{})
	read := func() (v ledger.Throttle) {
		update(t, l, func(tx *ledger.Tx) (err error) {
			v, err = tx.Throttle(t.Context(), []byte("k"))
			return err
		})
		return v
	}
	if v := read(); v.Failures != 7 || !v.Last.Equal(noon) {
		t.Errorf("after a restart: %+v", v)
	}
	update(t, l, func(tx *ledger.Tx) error { return tx.PutThrottle(t.Context(), []byte("k"), ledger.Throttle{}) })
	if v := read(); v != (ledger.Throttle{}) {
		t.Errorf("after it was forgotten: %+v", v)
	}
}

func TestAuditStands(t *testing.T) { engines(t, testAuditStands) }

func testAuditStands(t *testing.T) {
	l, path := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		return errors.Join(tx.AddAudit(t.Context(), ledger.Audit{At: noon, Actor: "operator", Act: "grant", Subject: "account:1"}),
			tx.AddAudit(t.Context(), ledger.Audit{At: noon, Actor: "agent:2", Act: "reset", Subject: "account:1", Detail: "H-000001"}))
	})
	db := raw(t, path)
	for _, text := range []string{"DELETE FROM audit", "UPDATE audit SET actor = ''"} {
		if _, err := db.Writer.ExecContext(t.Context(), text); err == nil {
			t.Errorf("%s went through", text)
		}
	}
	var all []ledger.Audit
	update(t, l, func(tx *ledger.Tx) (err error) {
		all, err = tx.Audits(t.Context(), 10)
		return err
	})
	if len(all) != 2 || all[0].Act != "reset" || all[1].Actor != "operator" || all[0].N <= all[1].N {
		t.Errorf("audit: %+v, want both lines, the newest first", all)
	}
}

// Rows: A-138
func TestHelpIsFiledOnce(t *testing.T) { engines(t, testHelpIsFiledOnce) }

func testHelpIsFiledOnce(t *testing.T) {
	l, _ := bare(t)
	file := func(key, hash string, at time.Time) (n int64, received time.Time, err error) {
		err = tried(t, l, func(tx *ledger.Tx) (err error) {
			n, received, err = tx.FileHelp(t.Context(), ledger.HelpRequest{Key: key, Hash: []byte(hash), Body: []byte("sealed"), Received: at})
			return err
		})
		return n, received, err
	}
	n, _, err := file("k", "h", noon)
	if err != nil {
		t.Fatal(err)
	}
	again, at, err := file("k", "h", noon.Add(time.Hour))
	if err != nil || again != n || !at.Equal(noon) {
		t.Errorf("delivered again: ticket %d of %v, %v; want %d of %v", again, at, err, n, noon)
	}
	if _, _, err := file("k", "other", noon); !errors.Is(err, ledger.ErrOtherReport) {
		t.Errorf("the key of another request: %v, want ErrOtherReport", err)
	}
	settle := func() error {
		return tried(t, l, func(tx *ledger.Tx) error { return tx.SettleHelp(t.Context(), n, "reset", noon) })
	}
	if err := settle(); err != nil {
		t.Fatal(err)
	}
	if err := settle(); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("settled twice: %v, want ErrMoved", err)
	}
	var h ledger.HelpRequest
	update(t, l, func(tx *ledger.Tx) (err error) {
		h, err = tx.Help(t.Context(), n)
		return err
	})
	if h.State != "reset" || string(h.Body) != "sealed" {
		t.Errorf("settled: %+v, want what was decided on to stay", h)
	}
}

// No column is named as if it held what proves an identity, unless it holds a keyed hash.
//
// Rows
func TestNoColumnHoldsWhatProvesAnIdentity(t *testing.T) {
	engines(t, testNoColumnHoldsWhatProvesAnIdentity)
}

func testNoColumnHoldsWhatProvesAnIdentity(t *testing.T) {
	_, path := bare(t)
	db := raw(t, path)
	forbidden := regexp.MustCompile(`^(sin|nas|dob)(_|$)|maiden|mother|born|birth`)
	seen := map[string]bool{}
	for _, name := range columns(t, db) {
		table, column, _ := strings.Cut(name, ".")
		seen[table] = true
		if forbidden.MatchString(column) && !strings.HasSuffix(column, "_mac") {
			t.Errorf("%s.%s may hold it", table, column)
		}
		if slices.Contains([]string{"email", "address", "first", "last_name", "phone", "username"}, column) {
			t.Errorf("%s.%s is readable", table, column)
		}
	}
	for _, table := range []string{"account", "credential", "factor", "recovery_code", "flow", "session", "throttle", "audit", "help", "job", "letter"} {
		if !seen[table] {
			t.Errorf("there is no table %s", table)
		}
	}
}

// What was removed is in no byte of the file, and not in the log of writes beside it.
//
// Rows: A-118
func TestRemovedIsOverwritten(t *testing.T) {
	l, path := bare(t)
	body := bytes.Repeat([]byte("a sealed body that is over "), 300) // pages of its own
	small := []byte("a small sealed body")
	update(t, l, func(tx *ledger.Tx) error {
		return errors.Join(
			tx.PutFlow(t.Context(), ledger.Flow{Key: []byte("k"), Body: body, Expires: noon}),
			tx.PutFlow(t.Context(), ledger.Flow{Key: []byte("j"), Body: small, Expires: noon}),
			tx.Queue(t.Context(), ledger.Job{Kind: "mail", Body: []byte("a letter's sealed body"), Due: noon}))
	})
	if err := l.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	j, err := l.TakeJob(t.Context(), []string{"mail"}, noon, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	in := func() (found []string) {
		for _, name := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(name)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			for _, s := range []string{"body that is over", string(small), "a letter's"} {
				if bytes.Contains(b, []byte(s)) {
					found = append(found, s)
				}
			}
		}
		return found
	}
	if got := in(); len(got) < 3 {
		t.Fatalf("before: only %q are in the file; the test looks in the wrong place", got)
	}
	update(t, l, func(tx *ledger.Tx) error { return tx.DropFlows(t.Context(), noon, "") })
	if err := l.EndJob(t.Context(), j, ledger.JobDone, "", noon); err != nil {
		t.Fatal(err)
	}
	if err := l.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := in(); got != nil {
		t.Errorf("%q are still in the file", got)
	}
}

func TestPagesOfAccounts(t *testing.T) { engines(t, testPagesOfAccounts) }

func testPagesOfAccounts(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		var err error
		for n := range 25 {
			a := person(string(rune('a'+n)), "mail"+string(rune('a'+n)))
			a.SignedIn = noon.Add(time.Duration(n/3) * time.Hour) // some at the same moment
			err = errors.Join(err, tx.PutAccount(t.Context(), a))
		}
		return err
	})
	var (
		after ledger.Account
		ids   string
	)
	for range 100 {
		var page []ledger.Account
		update(t, l, func(tx *ledger.Tx) (err error) {
			page, err = tx.AccountsIn(t.Context(), account.Active, noon.Add(6*time.Hour), after, 4)
			return err
		})
		if len(page) == 0 {
			break
		}
		for _, a := range page {
			ids += a.ID
		}
		after = page[len(page)-1]
	}
	if ids != "abcdefghijklmnopqrstu" {
		t.Errorf("pages hold %q, want those of the first seven hours, each once", ids)
	}
}

func TestDropTemps(t *testing.T) { engines(t, testDropTemps) }

func testDropTemps(t *testing.T) {
	l, _ := bare(t)
	for id, ends := range map[string]time.Time{"old": noon.Add(-time.Hour), "new": noon, "used": {}} {
		a := person(id, id)
		a.Temp, a.TempEnds, a.Reset = "hash", ends, true
		update(t, l, func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), a) })
	}
	var n int
	update(t, l, func(tx *ledger.Tx) (err error) {
		n, err = tx.DropTemps(t.Context(), noon)
		return err
	})
	if n != 1 {
		t.Errorf("%d temporary passwords were forgotten, want 1", n)
	}
	update(t, l, func(tx *ledger.Tx) error {
		a, err := tx.Account(t.Context(), "old")
		if a.Temp != "" || !a.TempEnds.IsZero() || !a.Reset {
			t.Errorf("after it was forgotten: %+v", a)
		}
		return err
	})
}
