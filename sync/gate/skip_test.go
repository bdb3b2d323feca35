package gate

import (
	"encoding/base64"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
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

// Two answers to one step at once: one counts, the other is told where that led.
func TestStepTwiceAtOnce(t *testing.T) {
	w := settle(t)
	y := w.begin(account.Register, "fr")
	r, err := w.g.read(t.Context(), y.token, w.now)
	if err != nil {
		t.Fatal(err)
	}
	y.step(agree, account.StepIdentity)
	r.in = agree
	m, err := registerTerms(t.Context(), w.g, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.g.write(t.Context(), r, m); err == nil {
		t.Error("a step that was read before another one moved the flow is written over it")
	}
	if at, err := w.g.Look(t.Context(), y.token, w.now); err != nil || at.Step != account.StepIdentity {
		t.Errorf("Look = %+v, %v", at, err)
	}
}
