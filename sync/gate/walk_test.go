package gate

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
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

// town is a gate with its ledger, a clock that is set by hand, and everybody's mailbox.
type town struct {
	t    testing.TB
	g    *Gate
	l    *ledger.Ledger
	keys *secret.Keys
	dir  string
	now  time.Time
	from string
	log  *logged
}

// logged is a log that several may write to.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

var start = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

// settle opens a gate on which both kinds of validation are on.
func settle(t testing.TB, change ...func(*Options)) *town {
	t.Helper()
	dir := t.TempDir()
	l, err := ledger.Open(t.Context(), postgrestest.Ledger(t, filepath.Join(dir, "ledger.db")), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, l: l, keys: keys, dir: dir, now: start, from: "192.0.2.7", log: &logged{}}
	o := Options{Ledger: l, Keys: keys, Base: "https://passerelle.example", Deployment: wire.Deployment{SIN: true, Express: true},
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, c := range change {
		c(&o)
	}
	if w.g, err = New(o); err != nil {
		t.Fatal(err)
	}
	return w
}

// post takes the letters that are waiting, those to nobody too.
func (w *town) post() []mail.Message {
	w.t.Helper()
	var all []mail.Message
	for {
		j, err := w.l.TakeJob(w.t.Context(), []string{mail.Job}, w.now, time.Minute)
		if errors.Is(err, ledger.ErrNotFound) {
			return all
		}
		if err != nil {
			w.t.Fatal(err)
		}
		m, err := mail.Open(w.keys.Box, j.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
		if err := w.l.EndJob(w.t.Context(), j, "done", "", time.Time{}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// letter is the only letter that is waiting.
func (w *town) letter(kind mail.Kind, to string) mail.Message {
	w.t.Helper()
	all := w.post()
	if len(all) != 1 || all[0].Kind != kind || all[0].To != to {
		w.t.Fatalf("letters are %+v, want one %q to %s", all, kind, to)
	}
	return all[0]
}

// way is a flow that is walked.
type way struct {
	*town
	token string
	at    wire.Prompt
}

func (w *town) begin(kind account.Kind, lang string) *way {
	w.t.Helper()
	return w.beginAs(kind, lang, nil)
}

func (w *town) beginAs(kind account.Kind, lang string, who *Caller) *way {
	w.t.Helper()
	p, err := w.g.Begin(w.t.Context(), wire.Begin{Kind: kind, Lang: lang, Device: "bureau"}, who, w.from, w.now)
	if err != nil {
		w.t.Fatalf("Begin(%s) = %v", kind, err)
	}
	return &way{w, p.Flow, p}
}

// step takes the step that the flow waits for and wants to come to the next. No other step
// of the kind can be taken before it.
func (y *way) step(in wire.Answer, next account.Step) wire.Prompt {
	y.t.Helper()
	y.skips(in)
	p, err := y.g.Step(y.t.Context(), y.token, y.at.Step, in, y.from, y.now)
	if err != nil {
		y.t.Fatalf("Step(%s, %s) = %v, want to come to %s", y.at.Kind, y.at.Step, err, next)
	}
	if p.Step != next {
		y.t.Fatalf("Step(%s, %s) leads to %s, want %s", y.at.Kind, y.at.Step, p.Step, next)
	}
	y.at = p
	return p
}

// skips tries every other step of the kind with an answer that would do.
func (y *way) skips(in wire.Answer) {
	y.t.Helper()
	for _, s := range append(account.Flows[y.at.Kind].Steps, account.StepDone) {
		if s == y.at.Step {
			continue
		}
		_, err := y.g.Step(y.t.Context(), y.token, s, in, y.from, y.now)
		no := wantRefused(y.t, fmt.Sprintf("Step(%s, %s) at %s", y.at.Kind, s, y.at.Step), err, "wrong_step")
		if no.Prompt == nil || no.Prompt.Step != y.at.Step {
			y.t.Errorf("Step(%s, %s) tells %+v, want that the flow stands at %s", y.at.Kind, s, no.Prompt, y.at.Step)
		}
	}
}

// refused takes a step that must be refused, for the whole or at fields, as in "sin:needed".
func (y *way) refused(in wire.Answer, want ...string) *Refused {
	y.t.Helper()
	_, err := y.g.Step(y.t.Context(), y.token, y.at.Step, in, y.from, y.now)
	return wantRefused(y.t, fmt.Sprintf("Step(%s, %s)", y.at.Kind, y.at.Step), err, want...)
}

func wantRefused(t testing.TB, what string, err error, want ...string) *Refused {
	t.Helper()
	var no *Refused
	if !errors.As(err, &no) {
		t.Fatalf("%s = %v, want it refused with %v", what, err, want)
	}
	got := []string{string(no.Code)}
	if no.Code == account.Mend {
		got = nil
		for _, f := range no.Fields {
			got = append(got, f.Field+":"+string(f.Code))
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("%s is refused with %v, want %v", what, got, want)
	}
	return no
}

// who is a person who never was.
type who struct {
	email, first, last, lang, password string
	sin, maiden, born                  string
}

var ada = who{"ada@exemple.ca", "Adé", "Essai-Preuve", "fr", "rivière lente 7", account.FictionalSIN(4711), "Quelconque", "1990-02-03"}

const maidenOther = "Epreuve"

func bob(n int) who {
	return who{fmt.Sprintf("bob%d@exemple.ca", n), "Bob", "Sample", "en", "slow river 8!", account.FictionalSIN(9000 + n), maidenOther, "1988-12-01"}
}

// answers are five, each its own.
func answers() []wire.QA {
	var all []wire.QA
	for i, id := range account.QuestionIDs[:5] {
		all = append(all, wire.QA{Question: id, Answer: fmt.Sprintf("Réponse É%d", i)})
	}
	return all
}

// answerTo is what the person answers, folded in case and accents.
func answerTo(question string) string {
	for _, q := range answers() {
		if q.Question == question {
			return " " + strings.ToUpper(strings.ReplaceAll(q.Answer, "é", "e"))
		}
	}
	return ""
}

var agree = wire.Answer{Accept: true, Terms: account.TermsVersion}

func (p who) identity() wire.Answer {
	return wire.Answer{First: p.first, Last: p.last, Email: p.email, Password: p.password, Again: p.password, Lang: p.lang}
}

func (p who) validation() wire.Answer {
	return wire.Answer{Accept: true, SIN: p.sin, Maiden: p.maiden, Born: p.born}
}

// toValidate walks a registration up to the validation.
func (w *town) toValidate(p who) *way {
	w.t.Helper()
	y := w.begin(account.Register, p.lang)
	y.step(agree, account.StepIdentity)
	y.step(p.identity(), account.StepCode)
	y.step(wire.Answer{Code: w.letter(mail.Confirm, p.email).Code}, account.StepValidate)
	return y
}

// register makes an account and gives its first session.
func (w *town) register(p who) wire.Session {
	w.t.Helper()
	y := w.toValidate(p)
	y.step(p.validation(), account.StepQuestions)
	done := y.step(wire.Answer{Questions: answers()}, account.StepDone)
	if done.Session == nil {
		w.t.Fatal("a registration ended without a session")
	}
	return *done.Session
}

// signIn signs a person in and gives the question that was asked.
func (w *town) signIn(p who) (wire.Session, string) {
	w.t.Helper()
	y := w.begin(account.SignIn, p.lang)
	y.step(wire.Answer{Email: p.email, Password: p.password}, account.StepQuestion)
	q := y.at.Question
	done := y.step(wire.Answer{Answer: answerTo(q)}, account.StepDone)
	if done.Session == nil {
		w.t.Fatal("a sign-in ended without a session")
	}
	return *done.Session, q
}

// caller is who holds a session.
func (w *town) caller(s wire.Session) *Caller {
	w.t.Helper()
	c, err := w.g.Caller(w.t.Context(), s.Access, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// row is the account of an address.
func (w *town) row(email string) ledger.Account {
	w.t.Helper()
	a, err := w.g.accountByEmail(w.t.Context(), email)
	if err != nil {
		w.t.Fatalf("account of %s: %v", email, err)
	}
	return a
}

// change changes the account of an address behind the gate's back, as a job or an agent does.
func (w *town) alter(email string, do func(*ledger.Account, *person)) {
	w.t.Helper()
	a := w.row(email)
	p, err := w.g.person(a)
	if err != nil {
		w.t.Fatal(err)
	}
	do(&a, &p)
	if err := w.g.setPerson(&a, p); err != nil {
		w.t.Fatal(err)
	}
	if err := w.l.Update(w.t.Context(), func(t *ledger.Tx) error { return t.PutAccount(w.t.Context(), a) }); err != nil {
		w.t.Fatal(err)
	}
}

// link is the token of a letter's link.
func link(t testing.TB, m mail.Message) string {
	t.Helper()
	_, token, ok := strings.Cut(m.Link, wire.LinkPath)
	if !ok {
		t.Fatalf("the %s letter has no link: %q", m.Kind, m.Link)
	}
	return token
}

// other is a code that is not the one given.
func other(code string) string {
	if code == "000000" {
		return "111111"
	}
	return "000000"
}

// flowKey finds the row of a flow by its token.
func (w *town) flowKey(token string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.keys.MAC("flow", b)
}
