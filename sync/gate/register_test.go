package gate

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// One account opens both workspaces: it has no role, and its session is the job bank's.
//
// Rows
func TestRegister(t *testing.T) {
	for _, p := range []who{ada, bob(1)} {
		t.Run(p.lang, func(t *testing.T) {
			w := settle(t)
			y := w.begin(account.Register, p.lang)
			if y.at.Terms != account.TermsVersion || y.at.Screen != 1 || y.at.Screens != 4 {
				t.Errorf("the first page asks for terms %q on screen %d of %d", y.at.Terms, y.at.Screen, y.at.Screens)
			}
			y.step(wire.Answer{Accept: true, Terms: account.TermsVersion, Lang: p.lang}, account.StepIdentity)
			y.step(p.identity(), account.StepCode)
			if y.at.Sent != p.email || !y.at.Again.Equal(w.now.Add(time.Minute)) {
				t.Errorf("the code went to %q, again at %v", y.at.Sent, y.at.Again)
			}
			m := w.letter(mail.Confirm, p.email)
			if m.Lang != p.lang || m.First != "" || m.Minutes != 15 || len(m.Code) != 6 {
				t.Errorf("the letter is %+v", m)
			}
			y.step(wire.Answer{Code: m.Code}, account.StepValidate)
			if y.at.Screen != 3 {
				t.Errorf("the validation is screen %d, want the third", y.at.Screen)
			}
			y.step(p.validation(), account.StepQuestions)
			done := y.step(wire.Answer{Questions: answers()}, account.StepDone)
			if done.Session == nil || done.Session.Policy != account.Questions || len(done.Session.Roles) != 0 {
				t.Fatalf("ended with session %+v, want one of the job bank", done.Session)
			}
			again, err := w.g.Look(t.Context(), y.token, w.now)
			if err != nil || again.Session == nil || again.Session.Refresh != done.Session.Refresh {
				t.Errorf("Look after a lost answer = %+v, %v, want the same session", again.Session, err)
			}

			a := w.row(p.email)
			body, err := w.g.person(a)
			if err != nil {
				t.Fatal(err)
			}
			if a.State != account.Active || !a.SignedIn.Equal(w.now) || !bytes.Equal(a.SIN, w.keys.Slow("sin", []byte(p.sin))) {
				t.Errorf("account is %+v", a)
			}
			if body.Terms != account.TermsVersion || body.TermsLang != p.lang || !body.Agreed.Equal(w.now) {
				t.Errorf("terms %q in %q at %v", body.Terms, body.TermsLang, body.Agreed)
			}
			if body.Verified != "local" || body.Express || len(body.Questions) != 5 || body.First != p.first || body.Lang != p.lang {
				t.Errorf("person is %+v", body)
			}
			for i, q := range body.Questions {
				if q.ID != answers()[i].Question || strings.Contains(q.Hash, "eponse") || !w.keys.Matches(q.Hash, account.Fold(answers()[i].Answer)) {
					t.Errorf("question %d is %+v", i, q)
				}
			}
			if c := w.caller(*done.Session); c.Account.ID != a.ID {
				t.Errorf("the session is that of %s", c.Account.ID)
			}
		})
	}
}

// Rows: A-082
func TestTermsInForce(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	y.refused(wire.Answer{Terms: account.TermsVersion}, "accept:not_accepted")
	y.refused(wire.Answer{Accept: true, Terms: "2020-01-01"}, "terms_old")
	y.refused(wire.Answer{Accept: true}, "terms_old")
	y.step(agree, account.StepIdentity)
}

// Rows
func TestIdentityTellsAllAtOnce(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	y.step(agree, account.StepIdentity)
	y.refused(wire.Answer{}, "first:needed", "last:needed", "email:needed", "password:needed", "again:needed", "lang:needed")
	y.refused(wire.Answer{First: "4", Last: "Essai", Email: "ada", Password: "court", Again: "courte", Lang: "fr"},
		"first:bad_name", "email:bad_email", "password:password_short", "again:password_mismatch")
	if all := w.post(); len(all) != 0 {
		t.Errorf("refused identities sent %+v", all)
	}
}

// Each refusal of a code is its own; another code ends the one before.
//
// Rows: A-084
func TestCode(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	y.step(agree, account.StepIdentity)
	y.step(ada.identity(), account.StepCode)
	first := w.letter(mail.Confirm, ada.email)

	y.refused(wire.Answer{Code: other(first.Code)}, "code:code_wrong")
	y.refused(wire.Answer{Code: "letters"}, "code:code_wrong")
	y.refused(wire.Answer{Linked: true}, "code:code_wrong") // the link was not used

	if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now.Add(59*time.Second)); err != nil {
		no := wantRefused(t, "Resend too soon", err, "cannot_now")
		if no.After != time.Second {
			t.Errorf("Resend may be tried after %v, want 1s", no.After)
		}
	} else {
		t.Error("Resend within the minute was not refused")
	}
	w.now = w.now.Add(time.Minute)
	if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now); err != nil {
		t.Fatal(err)
	}
	second := w.letter(mail.Confirm, ada.email)
	if first.Code != second.Code {
		y.refused(wire.Answer{Code: first.Code}, "code:code_wrong")
	}
	if _, _, err := w.g.UseLink(t.Context(), link(t, first), w.now); err == nil {
		t.Error("the link of the first letter still opens")
	}

	w.now = w.now.Add(15 * time.Minute)
	y.refused(wire.Answer{Code: second.Code}, "code:code_expired")
	if _, _, err := w.g.UseLink(t.Context(), link(t, second), w.now); err == nil {
		t.Error("a link opens after its time")
	} else {
		wantRefused(t, "UseLink", err, "code_expired")
	}
	if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now); err != nil {
		t.Fatal(err)
	}
	third := w.letter(mail.Confirm, ada.email)
	for range 4 {
		y.refused(wire.Answer{Code: other(third.Code)}, "code:code_wrong")
	}
	y.refused(wire.Answer{Code: other(third.Code)}, "code:code_tries")
	y.refused(wire.Answer{Code: third.Code}, "code:code_tries")
	w.now = w.now.Add(time.Minute)
	if _, err := w.g.Resend(t.Context(), y.token, w.from, w.now); err != nil {
		t.Fatal(err)
	}
	last := w.letter(mail.Confirm, ada.email)
	y.step(wire.Answer{Code: last.Code[:3] + " " + last.Code[3:]}, account.StepValidate)
	if _, _, err := w.g.UseLink(t.Context(), link(t, last), w.now); err == nil {
		t.Error("the link of a code that was typed still opens")
	} else {
		wantRefused(t, "UseLink", err, "code_used")
	}
	y.at.Step = account.StepCode
	_, err := w.g.Step(t.Context(), y.token, account.StepCode, wire.Answer{Code: last.Code}, w.from, w.now)
	if no := wantRefused(t, "the code again", err, "wrong_step"); no.Prompt == nil || no.Prompt.Step != account.StepValidate {
		t.Errorf("wrong step tells %+v, want where the flow stands", no.Prompt)
	}
}

// Looking at a link, which scanners do, changes nothing; using it is typing its code.
//
// Rows: A-084
func TestLink(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "en")
	y.step(agree, account.StepIdentity)
	p := bob(1)
	y.step(p.identity(), account.StepCode)
	m := w.letter(mail.Confirm, p.email)
	if !strings.HasPrefix(m.Link, "https://passerelle.example"+wire.LinkPath) {
		t.Fatalf("link is %q", m.Link)
	}
	for range 3 {
		kind, lang, used, err := w.g.Link(t.Context(), link(t, m), w.now)
		if kind != account.Register || lang != "en" || used || err != nil {
			t.Fatalf("Link = %s, %s, %v, %v", kind, lang, used, err)
		}
	}
	if at, err := w.g.Look(t.Context(), y.token, w.now); err != nil || at.Confirmed {
		t.Fatalf("looking at the link confirmed it: %+v, %v", at, err)
	}
	y.refused(wire.Answer{Linked: true}, "code:code_wrong")
	if _, _, err := w.g.UseLink(t.Context(), link(t, m), w.now); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.g.UseLink(t.Context(), link(t, m), w.now)
	wantRefused(t, "UseLink twice", err, "code_used")
	if _, _, used, err := w.g.Link(t.Context(), link(t, m), w.now); !used || err != nil {
		t.Errorf("Link after its use = %v, %v", used, err)
	}
	w.now = w.now.Add(20 * time.Minute) // the person was slow to come back, the link was in time
	if at, err := w.g.Look(t.Context(), y.token, w.now); err != nil || !at.Confirmed {
		t.Fatalf("Look = %+v, %v, want it confirmed", at, err)
	}
	y.step(wire.Answer{Linked: true}, account.StepValidate)
	for _, token := range []string{"", "x", "AAAAAAAAAAAAAAAAAAAAAA"} {
		_, _, err := w.g.UseLink(t.Context(), token, w.now)
		wantRefused(t, "UseLink of nothing", err, "code_expired")
	}
}

// Rows
func TestRegisterKnownAddress(t *testing.T) {
	w := settle(t)
	w.register(ada)
	y := w.begin(account.Register, "fr")
	y.step(agree, account.StepIdentity)
	again := ada
	again.email, again.first = "ADA@Exemple.CA", "Voyez ici"
	before := w.g.hashed.Load()
	asked := y.step(again.identity(), account.StepCode)
	work := w.g.hashed.Load() - before
	if asked.Sent != again.email {
		t.Errorf("Sent = %q, want the address as typed", asked.Sent)
	}
	m := w.letter(mail.Exists, ada.email)
	if m.Code != "" || m.Link != "" || m.First != "" {
		t.Errorf("the letter to the owner tells %+v", m)
	}
	for range 4 {
		y.refused(wire.Answer{Code: "123456"}, "code:code_wrong")
	}
	y.refused(wire.Answer{Code: "123456"}, "code:code_tries")

	n := w.begin(account.Register, "fr")
	n.step(agree, account.StepIdentity)
	before = w.g.hashed.Load()
	fresh := n.step(bob(2).identity(), account.StepCode)
	if got := w.g.hashed.Load() - before; got != work {
		t.Errorf("a new address costs %d slow hashes, a known one %d", got, work)
	}
	if fresh.Step != asked.Step || fresh.Screen != asked.Screen || !fresh.Again.Equal(asked.Again) || !fresh.Expires.Equal(asked.Expires) {
		t.Errorf("prompts differ: %+v and %+v", fresh, asked)
	}
}

// Rows
func TestValidation(t *testing.T) {
	w := settle(t)
	y := w.toValidate(ada)
	for _, c := range []struct {
		name string
		in   wire.Answer
		want []string
	}{
		{"nothing", wire.Answer{}, []string{"sin:needed", "maiden:needed", "born:needed", "accept:not_accepted"}},
		{"not agreed", wire.Answer{SIN: ada.sin, Maiden: ada.maiden, Born: ada.born}, []string{"accept:not_accepted"}},
		{"nine comes first", wire.Answer{SIN: "912345678"}, []string{"sin:sin_temporary"}},
		{"eight digits", wire.Answer{Accept: true, SIN: ada.sin[:8], Maiden: ada.maiden, Born: ada.born}, []string{"sin:sin_digits"}},
		{"ten digits", wire.Answer{Accept: true, SIN: ada.sin + "0", Maiden: ada.maiden, Born: ada.born}, []string{"sin:sin_digits"}},
		{"spaces", wire.Answer{Accept: true, SIN: ada.sin[:3] + " " + ada.sin[3:6] + " " + ada.sin[6:], Maiden: ada.maiden, Born: ada.born}, []string{"sin:sin_spaces"}},
		{"check digit", wire.Answer{Accept: true, SIN: wrongCheck(ada.sin), Maiden: ada.maiden, Born: ada.born}, []string{"sin:sin_check"}},
		{"digits in a name", wire.Answer{Accept: true, SIN: ada.sin, Maiden: "Tr3mblay", Born: ada.born}, []string{"maiden:maiden_digits"}},
		{"thirtieth of February", wire.Answer{Accept: true, SIN: ada.sin, Maiden: ada.maiden, Born: "1990-02-30"}, []string{"born:date_format"}},
		{"slashes", wire.Answer{Accept: true, SIN: ada.sin, Maiden: ada.maiden, Born: "03/02/1990"}, []string{"born:date_format"}},
		{"future", wire.Answer{Accept: true, SIN: ada.sin, Maiden: ada.maiden, Born: "2026-11-23"}, []string{"born:date_future"}},
	} {
		t.Run(c.name, func(t *testing.T) { y.refused(c.in, c.want...) })
	}
	y.step(ada.validation(), account.StepQuestions)
}

func wrongCheck(sin string) string {
	return sin[:8] + string('0'+(sin[8]-'0'+1)%10)
}

// Rows
func TestSINOnce(t *testing.T) {
	w := settle(t)
	w.register(ada)
	same := bob(1)
	same.sin = ada.sin
	y := w.toValidate(same)
	for range 4 {
		y.refused(same.validation(), "sin:sin_already_used")
	}
	y.refused(same.validation(), "too_many_attempts") // it would tell who has an account
	y.refused(same.validation(), "flow_expired")
}

// Two who come with one number at once: both are asked for questions, one has an account.
//
// Rows
func TestSINRace(t *testing.T) {
	w := settle(t)
	var both []*way
	for n := range 2 {
		p := bob(n)
		p.sin = ada.sin
		y := w.toValidate(p)
		y.step(p.validation(), account.StepQuestions)
		both = append(both, y)
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, y := range both {
		wg.Go(func() {
			_, errs[i] = w.g.Step(t.Context(), y.token, account.StepQuestions, wire.Answer{Questions: answers()}, w.from, w.now)
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("two registrations with one SIN ended with %v and %v, want one of them refused", errs[0], errs[1])
	}
	wantRefused(t, "the second", errors.Join(errs...), "sin:sin_already_used")
	accounts := 0
	for n := range 2 {
		if _, err := w.g.accountByEmail(t.Context(), bob(n).email); err == nil {
			accounts++
		}
	}
	if accounts != 1 {
		t.Errorf("there are %d accounts, want 1", accounts)
	}
}

// The index holds when the question that is asked first does not.
//
// Rows: A-124
func TestSINIndex(t *testing.T) {
	w := settle(t)
	w.register(ada)
	a := w.row(ada.email)
	a.ID, a.Ver, a.Email = w.g.id(w.now), 0, w.g.emailHash("another@exemple.ca")
	err := w.l.Update(t.Context(), func(tx *ledger.Tx) error { return tx.PutAccount(t.Context(), a) })
	if !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("PutAccount with a SIN that is used = %v, want %v", err, ledger.ErrTaken)
	}
}

// Two walks with one address, both from its mailbox: one account.
func TestAddressRace(t *testing.T) {
	w := settle(t)
	var both []*way
	for n := range 2 {
		p := bob(n)
		p.email = ada.email
		y := w.toValidate(p)
		y.step(p.validation(), account.StepQuestions)
		both = append(both, y)
	}
	both[0].step(wire.Answer{Questions: answers()}, account.StepDone)
	both[1].refused(wire.Answer{Questions: answers()}, "flow_expired")
}

// The second path asks for no SIN, and a pair opens one account.
//
// Rows
func TestExpress(t *testing.T) {
	w := settle(t)
	p := bob(1)
	y := w.toValidate(p)
	y.refused(wire.Answer{Express: true, Accept: true}, "profile:express_missing", "validation:express_missing")
	y.refused(wire.Answer{Express: true, Accept: true, Profile: "E000012345"}, "validation:express_missing")
	y.refused(wire.Answer{Express: true, Accept: true, Validation: "abc"}, "profile:express_missing")
	y.refused(wire.Answer{Express: true, Profile: "E000012345", Validation: "abc"}, "accept:not_accepted")
	pair := wire.Answer{Express: true, Accept: true, Profile: "E000012345", Validation: "Code-77"}
	y.step(pair, account.StepQuestions)
	y.step(wire.Answer{Questions: answers()}, account.StepDone)
	a := w.row(p.email)
	body, err := w.g.person(a)
	if err != nil {
		t.Fatal(err)
	}
	if a.SIN != nil || a.Express == nil || !body.Express {
		t.Errorf("account has SIN %x, Express %x, flag %v", a.SIN, a.Express, body.Express)
	}
	z := w.toValidate(bob(2))
	spelled := pair
	spelled.Profile, spelled.Validation = " e000012345", "code-77 "
	z.refused(spelled, "profile:express_used")
	pair.Validation = "Code-78"
	z.step(pair, account.StepQuestions)
}

// Rows
func TestValidationSwitches(t *testing.T) {
	t.Run("both off", func(t *testing.T) {
		w := settle(t, func(o *Options) { o.Deployment = wire.Deployment{} })
		y := w.begin(account.Register, "fr")
		y.step(agree, account.StepIdentity)
		y.step(ada.identity(), account.StepCode)
		y.step(wire.Answer{Code: w.letter(mail.Confirm, ada.email).Code}, account.StepQuestions)
		y.step(wire.Answer{Questions: answers()}, account.StepDone)
		p, err := w.g.person(w.row(ada.email))
		if err != nil || p.Verified != "none" {
			t.Errorf("verified is %q, %v, want none", p.Verified, err)
		}
	})
	t.Run("Express alone", func(t *testing.T) {
		w := settle(t, func(o *Options) { o.Deployment = wire.Deployment{Express: true} })
		w.toValidate(ada).refused(ada.validation(), "forbidden")
	})
	t.Run("SIN alone", func(t *testing.T) {
		w := settle(t, func(o *Options) { o.Deployment = wire.Deployment{SIN: true} })
		w.toValidate(ada).refused(wire.Answer{Express: true, Accept: true, Profile: "E000012345", Validation: "a"}, "forbidden")
	})
}

// strict is another validator, which has a name of its own and refuses a name.
type strict struct{ seen []Identity }

func (s *strict) Name() string { return "strict" }
func (s *strict) Validate(_ context.Context, id Identity) error {
	s.seen = append(s.seen, id)
	if id.Maiden == maidenOther {
		return mend(account.Needed.At("maiden"))
	}
	return nil
}

// Rows: A-130
func TestValidator(t *testing.T) {
	s := &strict{}
	w := settle(t, func(o *Options) { o.Validator = s })
	if got := w.g.Deployment().Verified; got != "strict" {
		t.Errorf("desktops are told %q", got)
	}
	y := w.toValidate(ada)
	refused := ada
	refused.maiden = maidenOther
	y.refused(refused.validation(), "maiden:needed")
	y.step(ada.validation(), account.StepQuestions)
	y.step(wire.Answer{Questions: answers()}, account.StepDone)
	if want := (Identity{First: ada.first, Last: ada.last, SIN: ada.sin, Maiden: ada.maiden, Born: ada.born}); len(s.seen) != 2 || s.seen[1] != want {
		t.Errorf("the validator saw %+v, want %+v", s.seen, want)
	}
	if p, err := w.g.person(w.row(ada.email)); err != nil || p.Verified != "strict" {
		t.Errorf("verified is %q, %v", p.Verified, err)
	}
}

// Rows
func TestLocal(t *testing.T) {
	id := Identity{SIN: ada.sin, Maiden: ada.maiden, Born: ada.born}
	if err := (Local{}).Validate(t.Context(), id); err != nil {
		t.Errorf("Validate(%+v) = %v", id, err)
	}
	for want, id := range map[string]Identity{
		"sin:sin_temporary":          {SIN: "900000001", Maiden: "A", Born: ada.born},
		"sin:sin_check":              {SIN: wrongCheck(ada.sin), Maiden: "A", Born: ada.born},
		"maiden:maiden_digits":       {SIN: ada.sin, Maiden: "A1", Born: ada.born},
		"born:date_format":           {SIN: ada.sin, Maiden: "A", Born: "90-02-03"},
		"validation:express_missing": {Profile: "E000012345"},
	} {
		wantRefused(t, "Validate", (Local{}).Validate(t.Context(), id), want)
	}
	if got := (Local{}).Name(); got != "local" {
		t.Errorf("Name() = %q", got)
	}
}

// Rows: A-086
func TestFiveQuestions(t *testing.T) {
	w := settle(t)
	y := w.toValidate(ada)
	y.step(ada.validation(), account.StepQuestions)
	five := answers()
	y.refused(wire.Answer{Questions: five[:4]}, "questions:questions_five")
	y.refused(wire.Answer{Questions: append(answers(), wire.QA{Question: account.QuestionIDs[7], Answer: "sixième"})}, "questions:questions_five")
	twice := answers()
	twice[3].Question = twice[1].Question
	y.refused(wire.Answer{Questions: twice}, "questions.3:questions_distinct")
	y.refused(wire.Answer{}, "questions:questions_five")
	if _, err := w.g.accountByEmail(t.Context(), ada.email); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("there is an account before the last step: %v", err)
	}
	y.step(wire.Answer{Questions: five}, account.StepDone)
}

// The nine digits, the name and the date of birth are in no byte that is kept: not in the
// tables and their log, not in what the server logs, not in a sealed body once opened.
//
// Rows
func TestNothingKept(t *testing.T) {
	postgrestest.NeedsFile(t)
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	w := settle(t, func(o *Options) { o.Keys = keys })
	w.keys = keys
	p := ada
	p.maiden, p.born = "Quelconquement", "1963-04-17"
	y := w.toValidate(p)
	bad := p.validation()
	bad.Accept = false
	y.refused(bad, "accept:not_accepted")
	y.step(p.validation(), account.StepQuestions)
	secrets := map[string]string{"SIN": p.sin, "maiden name": p.maiden, "birth date": p.born, "birth date, compact": "19630417"}

	opened := func(what string, body []byte) {
		t.Helper()
		for name, s := range secrets {
			if bytes.Contains(bytes.ToLower(body), []byte(strings.ToLower(s))) {
				t.Errorf("the %s is in %s", name, what)
			}
		}
	}
	flow := func() {
		t.Helper()
		var f ledger.Flow
		err := w.l.View(t.Context(), func(tx *ledger.Tx) (err error) { f, err = tx.Flow(t.Context(), w.flowKey(y.token)); return err })
		if err != nil {
			t.Fatal(err)
		}
		body, err := keys.Box.Open(aboutFlow(f.Key), f.Body)
		if err != nil {
			t.Fatal(err)
		}
		opened("the flow at "+string(f.Step), body)
	}
	flow()
	y.step(wire.Answer{Questions: answers()}, account.StepDone)
	flow()
	a := w.row(p.email)
	body, err := keys.Box.Open(aboutAccount(a.ID), a.Body)
	if err != nil {
		t.Fatal(err)
	}
	opened("the account", body)
	for _, m := range w.post() {
		sealed, err := mail.Seal(keys.Box, m)
		if err != nil {
			t.Fatal(err)
		}
		opened("a letter", sealed)
	}
	opened("the log", w.log.b.Bytes())

	if !bytes.Contains(body, []byte(p.email)) {
		t.Error("the opened account does not hold the address, so that nothing was searched")
	}
	found := false
	search := func() {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(w.dir, "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			opened(filepath.Base(f), b)
			found = found || bytes.Contains(b, []byte(a.ID))
			for name, s := range map[string]string{"address": p.email, "last name": p.last, "password": p.password, "answer": "ponse É1"} {
				if bytes.Contains(b, []byte(s)) {
					t.Errorf("the %s can be read in %s", name, filepath.Base(f))
				}
			}
		}
	}
	if wal, err := os.Stat(filepath.Join(w.dir, "ledger.db-wal")); err != nil || wal.Size() == 0 {
		t.Errorf("there is no log of the ledger to search: %v", err)
	}
	search() // with its -wal and -shm
	if err := w.l.Close(); err != nil {
		t.Fatal(err)
	}
	search()
	if !found {
		t.Error("no file holds the account, so that nothing was searched")
	}
}

// Nobody's mailbox is filled from here, however many flows are begun.
//
// Rows: B-017
func TestLetters(t *testing.T) {
	w := settle(t)
	sent := 0
	for range 8 {
		y := w.begin(account.Register, "fr")
		y.step(agree, account.StepIdentity)
		_, err := w.g.Step(t.Context(), y.token, account.StepIdentity, ada.identity(), w.from, w.now)
		if err == nil {
			sent++
			continue
		}
		if no := wantRefused(t, "one letter more", err, "too_many_attempts"); no.After <= 0 {
			t.Error("it is not said when it may be tried again")
		}
	}
	if got := len(w.post()); sent != 5 || got != 5 {
		t.Errorf("%d of 8 identities were taken and %d letters sent, want 5", sent, got)
	}
}
