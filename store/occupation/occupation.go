// Package occupation is the National Occupational Classification (NOC 2021): its
// five levels, and every index title in French and in English. Begin with [Title] for
// the name of a code, with [Assign] for the code of a job title, and with [Expand] for
// the words that find the same work in the other language. It holds codes, names and
// ties between them; definitions and duties are sentences, and come with a pack that
// an operator imports. It reads no disk: the tables are embedded and unpacked on first use.
package occupation

import (
	"passerelle/i18n"
	"passerelle/store/pack"
	"passerelle/store/posting"
)

//go:generate go run ./gen

// Title gives the title of a code of any level, one to five digits; the zero value
// when the code is unknown.
func Title(code string) posting.Both { return posting.Both{} }

// TEER is the training, education, experience and responsibilities category of a
// code of two digits or more, 0 to 5; −1 when it is unknown.
func TEER(code string) int { return -1 }

// UnitGroups lists the codes of the unit groups, five digits, in order.
func UnitGroups() []string { return nil }

// Broad lists the codes of the broad categories, one digit, in order.
func Broad() []string { return nil }

// Assign gives the unit group that a job title names, with a confidence from 1 to
// 100; "" and 0 when it would be a guess. An empty lang tries both languages.
func Assign(title string, lang i18n.Lang) (code string, confidence uint8) { return "", 0 }

// From2016 gives the unit groups that replaced one of NOC 2016 (four digits).
func From2016(code string) []string { return nil }

// Related lists the unit groups whose work is close to that of a code.
func Related(code string) []string { return nil }

// Widening is one unit group that typed words name.
type Widening struct {
	Word  string   // the typed words it covers, folded
	NOC   string   // the unit group
	Terms []string // folded phrases of both languages for the same work, at most 12
}

// Expand widens typed words to the unit groups they name in either language,
// at most three; none when the words are too general to tell. lang may be empty.
func Expand(words string, lang i18n.Lang) []Widening { return nil }

// Suggestion is an index title offered while a person types.
type Suggestion struct{ Text, NOC string }

// Suggest completes what is being typed, from two letters on, with at most n titles.
func Suggest(prefix string, lang i18n.Lang, n int) []Suggestion { return nil }

// Fold writes a title the way all titles are compared: lower case, without accents,
// œ as oe, one space between words.
func Fold(s string) string { return s }

// Sources names what the tables were made from, for the attribution screen.
func Sources() []pack.Part { return nil }
