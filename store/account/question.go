package account

import (
	"fmt"
	"slices"

	"passerelle/i18n"
)

// QuestionCount is how many security questions an account has.
const QuestionCount = 5

// QA is a security question, by its id, and its answer.
type QA struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// questions are the sentences of the questions that can be chosen: things that do not
// change, that one remembers, and that stand in no public register.
var questions = []struct {
	id  string
	key i18n.Key
}{
	{"first-school", i18n.QuestionFirstSchool},
	{"first-teacher", i18n.QuestionFirstTeacher},
	{"first-pet", i18n.QuestionFirstPet},
	{"first-job", i18n.QuestionFirstJob},
	{"first-car", i18n.QuestionFirstCar},
	{"first-film", i18n.QuestionFirstFilm},
	{"first-concert", i18n.QuestionFirstConcert},
	{"first-flight", i18n.QuestionFirstFlight},
	{"childhood-friend", i18n.QuestionChildhoodFriend},
	{"childhood-street", i18n.QuestionChildhoodStreet},
	{"childhood-dream", i18n.QuestionChildhoodDream},
	{"childhood-dish", i18n.QuestionChildhoodDish},
	{"childhood-toy", i18n.QuestionChildhoodToy},
	{"childhood-nickname", i18n.QuestionChildhoodNickname},
	{"grandmother", i18n.QuestionGrandmother},
	{"meeting-place", i18n.QuestionMeetingPlace},
}

// QuestionIDs are the questions that can be chosen, in the order in which they are shown.
var QuestionIDs = func() []string {
	ids := make([]string, len(questions))
	for i, q := range questions {
		ids[i] = q.id
	}
	return ids
}()

// QuestionKey is the sentence of a question; "" for an id that is none.
func QuestionKey(id string) i18n.Key {
	for _, q := range questions {
		if q.id == id {
			return q.key
		}
	}
	return ""
}

// CheckQuestions checks five distinct questions and their answers. What is wrong
// with one of them is said at "questions.N", from 0; with all, at "questions".
func CheckQuestions(given []QA) []Problem {
	if len(given) != QuestionCount {
		return []Problem{QuestionsFive.At("questions")}
	}
	var all []Problem
	seen, answers := map[string]bool{}, map[string]bool{}
	for i, q := range given {
		at := fmt.Sprintf("questions.%d", i)
		answers[Fold(q.Answer)] = true
		switch {
		case QuestionKey(q.Question) == "":
			all = append(all, Needed.At(at))
		case seen[q.Question]:
			all = append(all, QuestionsDistinct.At(at))
		default:
			seen[q.Question] = true
			if c := CheckAnswer(q.Answer); c != "" {
				all = append(all, c.At(at))
			}
		}
	}
	if len(all) == 0 && len(answers) == 1 {
		all = append(all, AnswersSame.At("questions"))
	}
	return all
}

// NextQuestion is the question to ask now, of those that an account has: one that was not
// asked in this round, drawn by pick, which gives a number from 0 to n-1. asked are those
// asked before, oldest first; once all were, a round begins anew, not with the last one
// . "" where there is none.
func NextQuestion(ids, asked []string, pick func(n int) int) string {
	if len(ids) == 0 {
		return ""
	}
	fresh := func(asked []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(asked, id) })
	}
	left := fresh(asked)
	if len(left) == 0 {
		left = fresh(asked[len(asked)-1:])
	}
	if len(left) == 0 {
		left = ids // there is but one
	}
	return left[pick(len(left))]
}

// OtherQuestion is the question to ask in a recovery after those that were asked: false
// once QuestionsAsked were, when only an agent can help.
func (r Rules) OtherQuestion(ids, asked []string, pick func(n int) int) (string, bool) {
	if len(asked) >= r.Filled().QuestionsAsked {
		return "", false
	}
	left := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(asked, id) })
	if len(left) == 0 {
		return "", false
	}
	return left[pick(len(left))], true
}
