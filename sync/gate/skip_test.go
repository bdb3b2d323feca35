package gate

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Every step of every kind has a handler, and there is no handler that no plan names.
func TestHandlersAreThePlan(t *testing.T) {
	for kind, plan := range account.Flows {
		for _, s := range plan.Steps {
			if handlers[kind][s] == nil {
				t.Errorf("%s has no handler for its step %s", kind, s)
			}
		}
		if len(handlers[kind]) != len(plan.Steps) {
			t.Errorf("%s has %d handlers for %d steps", kind, len(handlers[kind]), len(plan.Steps))
		}
	}
	if len(handlers) != len(account.Flows) {
		t.Errorf("there are handlers of %d kinds, plans of %d", len(handlers), len(account.Flows))
	}
}

// Wherever a flow of whatever kind stands, each step but its own is refused, tells where it
// stands, and moves nothing.
//
// Rows, B-022, B-026
func TestEveryOtherStepIsRefused(t *testing.T) {
	w := settle(t)
	who := w.caller(w.register(ada))
	w.post()
	every := map[account.Step]bool{account.StepDone: true, "nonsense": true}
	for _, plan := range account.Flows {
		for _, s := range plan.Steps {
			every[s] = true
		}
	}
	full := wire.Answer{ // that would pass any check of a form
		Email: "new@exemple.ca", First: "Ada", Last: "Essai", Lang: "fr", Accept: true, Terms: account.TermsVersion,
		Current: ada.password, Password: "une autre rivière 9Z", Again: "une autre rivière 9Z", Code: "123456", SIN: account.FictionalSIN(5),
		Maiden: "Autre", Born: "1990-02-03", Questions: answers(), Question: account.QuestionIDs[0], Answer: "Réponse É0",
		Username: "adaessai1", Person: "Personne", PersonHint: "qui", Date: "1990-02-03", DateHint: "quand", Method: "totp",
	}
	pairs := 0
	for kind, plan := range account.Flows {
		for _, at := range append([]account.Step{account.StepDone}, plan.Steps...) {
			r := &run{now: w.now, data: data{Lang: "fr", Email: "new@exemple.ca", Session: who.Session.ID}}
			token := w.g.token(32)
			r.flow = ledger.Flow{Key: w.keys.MAC("flow", token), Kind: kind, Step: at, Account: who.Account.ID, Created: w.now, Expires: w.now.Add(time.Hour)}
			if err := w.g.write(t.Context(), r, move{next: at}); err != nil {
				t.Fatal(err)
			}
			ver := r.flow.Ver
			for s := range every {
				if s == at && at != account.StepDone {
					continue
				}
				_, err := w.g.Step(t.Context(), base64.RawURLEncoding.EncodeToString(token), s, full, w.from, w.now)
				no := wantRefused(t, string(kind)+" at "+string(at)+": step "+string(s), err, "wrong_step")
				if no.Prompt == nil || no.Prompt.Step != at || no.Prompt.Kind != kind {
					t.Errorf("%s at %s, step %s: told %+v", kind, at, s, no.Prompt)
				}
				pairs++
			}
			var f ledger.Flow
			err := w.l.View(t.Context(), func(tx *ledger.Tx) (err error) { f, err = tx.Flow(t.Context(), r.flow.Key); return err })
			if err != nil || f.Ver != ver || f.Step != at {
				t.Errorf("%s at %s was moved to %s, %d writes, %v", kind, at, f.Step, f.Ver-ver, err)
			}
		}
	}
	if pairs < 600 {
		t.Errorf("only %d pairs of steps were tried", pairs)
	}
	if all := w.post(); len(all) != 0 {
		t.Errorf("refused steps sent %+v", all)
	}
}

// A flow cannot be gone through by a token that is not its own, nor after its time, and one
// that was given up is gone.
func TestFlowToken(t *testing.T) {
	w := settle(t)
	for _, token := range []string{"", "x", "!", base64.RawURLEncoding.EncodeToString(make([]byte, 32))} {
		_, err := w.g.Step(t.Context(), token, account.StepTerms, agree, w.from, w.now)
		wantRefused(t, "Step with a token that is none", err, "flow_expired")
		_, err = w.g.Look(t.Context(), token, w.now)
		wantRefused(t, "Look with a token that is none", err, "flow_expired")
	}
	y := w.begin(account.Register, "fr")
	w.now = w.now.Add(24*time.Hour - time.Second)
	y.step(agree, account.StepIdentity)
	w.now = w.now.Add(time.Second)
	y.refused(ada.identity(), "flow_expired")
	z := w.begin(account.Register, "fr")
	if err := w.g.Drop(t.Context(), z.token); err != nil {
		t.Fatal(err)
	}
	z.refused(agree, "flow_expired")
	_, err := w.g.Begin(t.Context(), wire.Begin{Kind: "nonsense"}, nil, w.from, w.now)
	wantRefused(t, "Begin of nonsense", err, "wrong_step")
	_, err = w.g.Begin(t.Context(), wire.Begin{Kind: account.NewEmail}, nil, w.from, w.now)
	wantRefused(t, "Begin without a session", err, "sign_in_needed")
}

// meanwhile is a validator during whose work something else happens.
type meanwhile struct{ do func() }

func (m *meanwhile) Name() string { return "meanwhile" }
func (m *meanwhile) Validate(context.Context, Identity) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return nil
}

// Two answers to one step at once: one counts, the other is told where that led.
func TestStepTwiceAtOnce(t *testing.T) {
	v := &meanwhile{}
	w := settle(t, func(o *Options) { o.Validator = v })
	y := w.toValidate(ada)
	v.do = func() { y.step(bob(1).validation(), account.StepQuestions) }
	_, err := w.g.Step(t.Context(), y.token, account.StepValidate, ada.validation(), w.from, w.now)
	if no := wantRefused(t, "the slower answer", err, "wrong_step"); no.Prompt == nil || no.Prompt.Step != account.StepQuestions {
		t.Errorf("the slower answer is told %+v", no.Prompt)
	}
	y.step(wire.Answer{Questions: answers()}, account.StepDone)
	if a := w.row(ada.email); !bytes.Equal(a.SIN, w.keys.Slow("sin", []byte(bob(1).sin))) {
		t.Error("the slower answer was kept")
	}
}

// The link of a letter is used while a code is typed: both stand.
func TestLinkWhileCodeIsTyped(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	y.step(agree, account.StepIdentity)
	y.step(ada.identity(), account.StepCode)
	m := w.letter(mail.Confirm, ada.email)
	r, err := w.g.link(t.Context(), link(t, m), w.now)
	if err != nil {
		t.Fatal(err)
	}
	y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
	if err := w.g.write(t.Context(), r, move{next: r.flow.Step}); !errors.Is(err, ledger.ErrMoved) {
		t.Fatalf("write of what was read before = %v, want %v", err, ledger.ErrMoved)
	}
	if _, _, err := w.g.UseLink(t.Context(), link(t, m), w.now); err != nil {
		t.Fatal(err)
	}
	y.step(wire.Answer{Linked: true}, account.StepValidate)
}

// Only a step that waits for a code sends another.
func TestResendElsewhere(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	for _, next := range []func(){
		func() { y.step(agree, account.StepIdentity) },
		func() { y.step(ada.identity(), account.StepCode) },
		func() { y.step(wire.Answer{Code: w.letter(mail.Confirm, ada.email).Code}, account.StepValidate) },
		func() { y.step(ada.validation(), account.StepQuestions) },
		func() { y.step(wire.Answer{Questions: answers()}, account.StepDone) },
		func() {},
	} {
		if y.at.Step != account.StepCode {
			_, err := w.g.Resend(t.Context(), y.token, w.from, w.now.Add(time.Hour))
			wantRefused(t, "Resend at "+string(y.at.Step), err, "wrong_step")
		}
		next()
	}
}

// However steps are called, with right answers and wrong ones, a registration ends in a
// session only by its own way, each step once and in order.
//
// Rows
func TestNoOtherWayIn(t *testing.T) {
	w := settle(t)
	steps := append([]account.Step{account.StepDone, account.StepPassword, account.StepNewPassword}, account.Flows[account.Register].Steps...)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		p := bob(n)
		y := w.begin(account.Register, "fr")
		want, code := 0, "" // steps that were taken
		for range rapid.IntRange(5, 25).Draw(rt, "calls") {
			s := rapid.SampledFrom(steps).Draw(rt, "step")
			right := rapid.Bool().Draw(rt, "right")
			in := wire.Answer{}
			switch {
			case !right:
			case s == account.StepTerms:
				in = agree
			case s == account.StepIdentity:
				in = p.identity()
			case s == account.StepCode:
				in.Code = code
			case s == account.StepValidate:
				in = p.validation()
			case s == account.StepQuestions:
				in.Questions = answers()
			}
			at, err := w.g.Step(t.Context(), y.token, s, in, fmt.Sprint(n), w.now)
			order := account.Flows[account.Register].Steps
			due := want < len(order) && s == order[want]
			switch {
			case err == nil && !(right && due):
				rt.Fatalf("step %s after %d steps, right: %v, was taken", s, want, right)
			case err != nil && right && due:
				rt.Fatalf("step %s after %d steps = %v", s, want, err)
			case err == nil:
				want++
			}
			if (at.Session != nil) != (err == nil && want == len(order)) {
				rt.Fatalf("after %d steps there is session %v", want, at.Session)
			}
			for _, m := range w.post() {
				if m.Kind == mail.Confirm {
					code = m.Code
				}
			}
		}
		if _, err := w.g.accountByEmail(t.Context(), p.email); (err == nil) != (want == 5) {
			rt.Fatalf("after %d steps, the account: %v", want, err)
		}
	})
}
