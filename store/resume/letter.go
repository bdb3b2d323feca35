package resume

import (
	"regexp"
	"slices"
	"strings"

	"passerelle/i18n"
)

// Var is what a cover letter leaves open, written in braces by its name in either language:
// {employeur}, {employer}.
type Var string

// Variables.
const (
	VarEmployer Var = "employer"
	VarTitle    Var = "title"  // of the job
	VarNumber   Var = "number" // of the posting
	VarPlace    Var = "place"
	VarContact  Var = "contact" // to whom one writes
	VarName     Var = "name"    // and the others: of the person
	VarLabel    Var = "label"
	VarEmail    Var = "email"
	VarPhone    Var = "phone"
	VarDate     Var = "date"
)

// Vars are all of them.
var Vars = []Var{VarEmployer, VarTitle, VarNumber, VarPlace, VarContact, VarName, VarLabel, VarEmail, VarPhone, VarDate}

var varKeys = map[Var]i18n.Key{VarEmployer: i18n.LetterVarEmployer, VarTitle: i18n.LetterVarTitle, VarNumber: i18n.LetterVarNumber, VarPlace: i18n.LetterVarPlace, VarContact: i18n.LetterVarContact,
	VarName: i18n.LetterVarName, VarLabel: i18n.LetterVarLabel, VarEmail: i18n.LetterVarEmail, VarPhone: i18n.LetterVarPhone, VarDate: i18n.LetterVarDate}

// Write is how a variable is written in a letter of a language.
func (v Var) Write(w *i18n.Words) string { return "{" + w.S(varKeys[v]) + "}" }

var braces = regexp.MustCompile(`\{[^{}\n]{1,60}\}`)

// Fill puts values in the place of variables. What stays open, because there is no value or
// nothing of that name, stays as it was written, and is given back once each, in order: it
// is to be seen before a letter goes out. What a value says is not filled again.
func Fill(text string, values map[Var]string) (filled string, open []string) {
	filled = braces.ReplaceAllStringFunc(text, func(found string) string {
		v := varOf(found[1 : len(found)-1])
		if value := values[v]; v != "" && strings.TrimSpace(value) != "" {
			return value
		}
		if !slices.Contains(open, found) {
			open = append(open, found)
		}
		return found
	})
	return filled, open
}

// VarOf finds a variable as it is written in a letter, in either language; "": there is none
// of that name.
func VarOf(written string) Var { return varOf(strings.Trim(written, "{}")) }

// varOf finds a variable by any of its names.
func varOf(name string) Var {
	name = strings.TrimSpace(name)
	for _, v := range Vars {
		if strings.EqualFold(name, string(v)) {
			return v
		}
		for _, l := range i18n.Languages() {
			if strings.EqualFold(name, i18n.For(l).S(varKeys[v])) {
				return v
			}
		}
	}
	return ""
}

// Word is what a variable is called.
func (v Var) Word(w *i18n.Words) string { return w.S(varKeys[v]) }

// Values are what the document says of the person.
func (d *Document) Values() map[Var]string {
	return map[Var]string{VarName: d.Basics.Name, VarLabel: d.Basics.Label, VarEmail: d.Basics.Email, VarPhone: d.Basics.Phone}
}
