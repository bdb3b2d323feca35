package account_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"passerelle/store/account"
)

// constants gives the values of the constants of a type in flow.go.
func constants(t *testing.T, of string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "flow.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Type == nil || len(v.Values) != 1 {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == of {
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("no constant of type %s", of)
	}
	return all
}

// Every kind has a plan, every step is in one, none twice in the same; what a plan does not
// hold, a kind does not have.
func TestFlows(t *testing.T) {
	kinds := constants(t, "Kind")
	if len(kinds) != len(account.Flows) {
		t.Errorf("%d kinds, %d plans", len(kinds), len(account.Flows))
	}
	used := map[account.Step]bool{account.StepDone: true}
	for _, name := range kinds {
		k := account.Kind(name)
		plan := account.Flows[k]
		if !k.Known() || len(plan.Steps) == 0 {
			t.Errorf("%s has no plan", k)
			continue
		}
		if k.First() != plan.Steps[0] {
			t.Errorf("%s begins at %s", k, k.First())
		}
		for i, s := range plan.Steps {
			used[s] = true
			if !k.Has(s) || slices.Index(plan.Steps, s) != i || s == account.StepDone {
				t.Errorf("%s goes through %s at %d", k, s, i)
			}
		}
	}
	for _, s := range constants(t, "Step") {
		if !used[account.Step(s)] {
			t.Errorf("no flow goes through %s", s)
		}
		delete(used, account.Step(s))
	}
	if len(used) != 0 {
		t.Errorf("steps that are no constant: %v", used)
	}
	if account.Kind("no_such").Known() || account.Kind("no_such").Has(account.StepCode) || account.SignIn.Has("") {
		t.Error("a kind that is none is known")
	}
}

// The plans whose order the requirements give, and how many pages are numbered (§14:
// username recovery 2, password reset 4).
//
// Rows, B-022, B-025, B-026, B-027, B-030
func TestPlans(t *testing.T) {
	for _, c := range []struct {
		kind    account.Kind
		screens int
		order   []account.Step
	}{
		{account.Register, 4, []account.Step{account.StepTerms, account.StepIdentity, account.StepCode, account.StepValidate, account.StepQuestions}},
		{account.Recover, 0, []account.Step{account.StepName, account.StepCode, account.StepQuestion, account.StepNewPassword}},
		{account.SignIn, 0, []account.Step{account.StepPassword, account.StepQuestion}},
		{account.Username, 2, []account.Step{account.StepEmail, account.StepSent}},
		{account.Password, 4, []account.Step{account.StepUsername, account.StepMethod, account.StepCode, account.StepAnswer, account.StepNewPassword}}, // by e-mail
		{account.Password, 4, []account.Step{account.StepUsername, account.StepMethod, account.StepAnswers, account.StepNewPassword}},                  // by questions
		{account.Portal, 0, []account.Step{account.StepPassword, account.StepFactor, account.StepSuccess}},
	} {
		plan := account.Flows[c.kind]
		if plan.Screens != c.screens {
			t.Errorf("%s numbers %d pages, want %d", c.kind, plan.Screens, c.screens)
		}
		last := -1
		for _, s := range c.order {
			at := slices.Index(plan.Steps, s)
			if at <= last {
				t.Errorf("%s: %s is at %d, after %d", c.kind, s, at, last)
			}
			last = at
		}
	}
	// What changes an account wants a session; what a person without one may do does not.
	for k, plan := range account.Flows {
		inside := slices.Contains([]account.Kind{account.Enrol, account.EnrolPartner, account.ChangePartner, account.NewFactor, account.NewEmail}, k)
		if (plan.Within != "") != inside {
			t.Errorf("%s is within %q", k, plan.Within)
		}
	}
}
