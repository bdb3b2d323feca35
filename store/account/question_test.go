package account_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/account"
)

func five() []account.QA {
	return []account.QA{{"first-pet", "Minou"}, {"first-car", "Une deux-chevaux"}, {"first-job", "Alma"}, {"grandmother", "Rose"}, {"childhood-toy", "Un train"}}
}

// Exactly five distinct questions: four, six and one twice are refused (§14).
//
// Rows: A-086
func TestCheckQuestions(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func([]account.QA) []account.QA
		want []account.Problem
	}{
		{"five", func(q []account.QA) []account.QA { return q }, nil},
		{"none", func(q []account.QA) []account.QA { return nil }, []account.Problem{account.QuestionsFive.At("questions")}},
		{"four", func(q []account.QA) []account.QA { return q[:4] }, []account.Problem{account.QuestionsFive.At("questions")}},
		{"six", func(q []account.QA) []account.QA {
			return append(q, account.QA{Question: "first-film", Answer: "Un film"})
		},
			[]account.Problem{account.QuestionsFive.At("questions")}},
		{"twice", func(q []account.QA) []account.QA { q[4].Question = q[0].Question; return q },
			[]account.Problem{account.QuestionsDistinct.At("questions.4")}},
		{"unknown", func(q []account.QA) []account.QA { q[1].Question = "no-such"; return q },
			[]account.Problem{account.Needed.At("questions.1")}},
		{"no answer", func(q []account.QA) []account.QA { q[2].Answer = " "; return q },
			[]account.Problem{account.Needed.At("questions.2")}},
		{"short", func(q []account.QA) []account.QA { q[3].Answer = " É "; return q },
			[]account.Problem{account.AnswerShort.At("questions.3")}},
		{"two things", func(q []account.QA) []account.QA { q[0].Answer, q[3].Answer = "", "x"; return q },
			[]account.Problem{account.Needed.At("questions.0"), account.AnswerShort.At("questions.3")}},
		{"all the same", func(q []account.QA) []account.QA {
			for i, a := range []string{"Été", "ete", "ÉTÉ ", " été", "E\u0301te"} {
				q[i].Answer = a
			}
			return q
		}, []account.Problem{account.AnswersSame.At("questions")}},
		{"four the same", func(q []account.QA) []account.QA {
			for i := range 4 {
				q[i].Answer = "été"
			}
			return q
		}, nil},
	} {
		if got := account.CheckQuestions(c.do(five())); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: CheckQuestions = %v, want %v", c.name, got, c.want)
		}
	}
}

// Each question has an id of its own and a sentence in both languages.
func TestQuestionKey(t *testing.T) {
	if n := len(account.QuestionIDs); n < 3*account.QuestionCount {
		t.Errorf("%d questions to choose %d from", n, account.QuestionCount)
	}
	for i, id := range account.QuestionIDs {
		if slices.Index(account.QuestionIDs, id) != i {
			t.Errorf("%s is there twice", id)
		}
		says(t, id, account.QuestionKey(id))
	}
	if k := account.QuestionKey("no-such"); k != "" {
		t.Errorf("QuestionKey of none = %q", k)
	}
}

// At sign-in the question rotates: all five are asked before one comes again, and never the
// same twice in a row, whatever chance says.
//
// Rows: A-140
func TestNextQuestion(t *testing.T) {
	if got := account.NextQuestion(nil, nil, func(int) int { return 0 }); got != "" {
		t.Errorf("NextQuestion of none = %q", got)
	}
	ids := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(t *rapid.T) {
		var asked []string
		for i := range 5 * rapid.IntRange(1, 4).Draw(t, "rounds") {
			if i%5 == 0 && i > 0 {
				asked = asked[len(asked)-1:] // what a caller keeps: the round, with the last of the one before
			}
			id := account.NextQuestion(ids, asked, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") })
			if !slices.Contains(ids, id) {
				t.Fatalf("asked %q", id)
			}
			if len(asked) > 0 && asked[len(asked)-1] == id {
				t.Errorf("%q twice in a row", id)
			}
			asked = append(asked, id)
		}
		// Nothing forgotten: the fifth of a round is the one left.
		var round []string
		for range 5 {
			round = append(round, account.NextQuestion(ids, round, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }))
		}
		slices.Sort(round)
		if !slices.Equal(round, ids) {
			t.Errorf("a round asked %v", round)
		}
		if id := account.NextQuestion(ids, []string{"a", "b", "c", "d", "e"}, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }); id == "e" {
			t.Error("a new round began with the last question")
		}
	})
	if got := account.NextQuestion([]string{"a"}, []string{"a"}, func(int) int { return 0 }); got != "a" {
		t.Errorf("the only question is not asked again: %q", got)
	}
}

// Two questions in a recovery, both different; a third is never offered.
//
// Rows: A-136
func TestOtherQuestion(t *testing.T) {
	ids := []string{"a", "b", "c", "d", "e"}
	var r account.Rules
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
		first, ok1 := r.OtherQuestion(ids, nil, pick)
		second, ok2 := r.OtherQuestion(ids, []string{first}, pick)
		third, ok3 := r.OtherQuestion(ids, []string{first, second}, pick)
		if !ok1 || !ok2 || first == second || ok3 || third != "" {
			t.Errorf("asked %q %t, %q %t, %q %t", first, ok1, second, ok2, third, ok3)
		}
	})
	if id, ok := r.OtherQuestion([]string{"a"}, []string{"a"}, func(int) int { return 0 }); ok {
		t.Errorf("another question than the only one: %q", id)
	}
	if _, ok := (account.Rules{QuestionsAsked: 3}).OtherQuestion(ids, ids[:2], func(int) int { return 0 }); !ok {
		t.Error("a deployment that asks three does not")
	}
}

// says holds that a key has a sentence in each language, not the same and with nothing to
// fill in.
func says(t *testing.T, what string, k i18n.Key) {
	t.Helper()
	texts := map[string]bool{}
	for _, l := range i18n.Languages() {
		text := i18n.For(l).S(k)
		if k == "" || text == "" || text == string(k) || strings.Contains(text, "{{") {
			t.Errorf("%s has no sentence in %s: key %q, %q", what, l, k, text)
		}
		texts[text] = true
	}
	if len(texts) != len(i18n.Languages()) {
		t.Errorf("%s says the same in both languages: %v", what, texts)
	}
}
