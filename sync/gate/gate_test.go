package gate

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// No flow is walked for somebody else: what begins before a session proves its own person,
// what begins within one is about the account of that session, and neither an act nor a
// request names another account, but for the three acts of agents, none of which makes,
// validates or opens one.
//
// Rows: A-088
func TestNobodyActsForSomebodyElse(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	stranger := w.register(bob(1))
	for kind, plan := range account.Flows {
		if plan.Within == "" {
			p, err := w.g.Begin(t.Context(), wire.Begin{Kind: kind, Lang: "fr"}, w.caller(stranger), w.from, w.now)
			if err != nil {
				t.Fatalf("Begin(%s) = %v", kind, err)
			}
			y := &way{w, p.Flow, p}
			if f := w.flow(y.token); f.Account != "" {
				t.Errorf("%s begins with the account of the session that asks", kind)
			}
			continue
		}
		_, err := w.g.Begin(t.Context(), wire.Begin{Kind: kind, Lang: "fr"}, nil, w.from, w.now)
		if codeOf(t, err) != "sign_in_needed" {
			t.Errorf("Begin(%s) without a session: %v", kind, err)
		}
		p, err := w.g.Begin(t.Context(), wire.Begin{Kind: kind, Lang: "fr"}, w.caller(s), w.from, w.now)
		if err != nil {
			continue // it wants more than this session
		}
		if f := w.flow(p.Flow); f.Account != s.Account {
			t.Errorf("%s within a session is about account %q, want %q", kind, f.Account, s.Account)
		}
	}
	whom := regexp.MustCompile(`(?i)^(account|person_?id|client|subject|of|for|user|owner|on_?behalf)$`)
	for _, in := range []any{wire.Begin{}, wire.Answer{}, wire.Renewal{}} {
		for _, f := range fieldsOf(reflect.TypeOf(in)) {
			if whom.MatchString(f) {
				t.Errorf("%T names whom it is for: %s", in, f)
			}
		}
	}
	var acts []string
	for act := range changes {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	if want := []string{"close", "details", "password", "questions", "recovery-email", "revoke", "revoke-others"}; !slices.Equal(acts, want) {
		t.Errorf("a person's acts are %v, want %v", acts, want)
	}
}

func (w *town) flow(token string) (f ledger.Flow) {
	w.t.Helper()
	err := w.l.View(w.t.Context(), func(t *ledger.Tx) (err error) {
		f, err = t.Flow(w.t.Context(), w.flowKey(token))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// fieldsOf are the names that a message has in JSON, and those of what is in it.
func fieldsOf(t reflect.Type) (all []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return fieldsOf(t.Elem())
	case reflect.Struct:
		if t.PkgPath() == "time" {
			return nil
		}
		for f := range t.Fields() {
			name := f.Tag.Get("json")
			if name == "" {
				name = f.Name
			}
			name, _, _ = strings.Cut(name, ",")
			all = append(all, name)
			all = append(all, fieldsOf(f.Type)...)
		}
	}
	return all
}

// What the server answers, to a person or to an agent, and what it keeps of a person, has
// no field for what proves an identity.
//
// Rows: A-090
func TestNoAnswerHoldsWhatProvesAnIdentity(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)^(sin|nas|dob)$|maiden|mother|born|birth|social`)
	for _, out := range []any{wire.Prompt{}, wire.Session{}, wire.Me{}, []wire.Request{}, wire.Receipt{}, wire.Act{}, wire.HelpRequest{},
		wire.Letter{}, Holder{}, Invitation{}, person{}, portal{}, second{}, ledger.Audit{}} {
		fields := fieldsOf(reflect.TypeOf(out))
		if len(fields) == 0 {
			t.Errorf("%T has no fields; the test looks in the wrong place", out)
		}
		for _, f := range fields {
			if forbidden.MatchString(f) {
				t.Errorf("%T has a field %s", out, f)
			}
		}
	}
	for _, f := range fieldsOf(reflect.TypeFor[data]()) { // of a flow: the keyed hash alone
		if forbidden.MatchString(f) && f != "sin" {
			t.Errorf("a flow remembers %s", f)
		}
	}
	if f, _ := reflect.TypeFor[data]().FieldByName("SIN"); f.Type != reflect.TypeFor[[]byte]() {
		t.Errorf("a flow remembers the number as %s, want a hash", f.Type)
	}
}
