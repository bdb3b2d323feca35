package record

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"passerelle/store/account"
)

// vacancy is an employer's posting before and while it is shown. Skills,
// credentials, conditions and benefits are ids of the lists; texts are shown and never
// matched. What the law of a province asks of a wage is checked where the wages are known,
// at its review.
var vacancy = Kind{
	Name: "posting", Partition: Employer, First: "draft",
	Fields: []Field{
		{Name: "employer", Input: Ref, Needed: true}, // its file
		{Name: "langs", Input: Strings, Policy: Set, Values: languages, Needed: true},
		{Name: "title_fr", Input: Text, Most: 150},
		{Name: "title_en", Input: Text, Most: 150},
		{Name: "noc", Input: Text, Form: NOC, Needed: true},
		{Name: "positions", Input: Number, Needed: true, Most: 1000},

		{Name: "workplace", Input: OneOf, Values: places, Needed: true},
		{Name: "street", Input: Text, Most: 200},
		{Name: "city", Input: Text, Most: 100},
		{Name: "province", Input: Text, Form: Province},
		{Name: "postal", Input: Text, Form: Postal},

		{Name: "period", Input: OneOf, Values: []string{"F", "P", "L"}, Needed: true},    // posting.Period
		{Name: "term", Input: OneOf, Values: []string{"P", "T", "C", "S"}, Needed: true}, // posting.Term
		{Name: "schedule", Input: Strings, Policy: Set, Values: []string{"day", "evening", "night", "weekend", "shift", "oncall", "overtime", "flexible", "early", "tbd"}},
		{Name: "minutes_min", Input: Number, Needed: true, Most: 7 * 24 * 60}, // of work in a week: 37 h 30 is 2250
		{Name: "minutes_max", Input: Number, Most: 7 * 24 * 60},
		{Name: "starts", Input: Day}, // none: as soon as possible
		{Name: "until", Input: Day},

		{Name: "unit", Input: OneOf, Values: units, Needed: true},
		{Name: "wage_min", Input: Money, Needed: true, Most: 1_000_000_00},
		{Name: "wage_max", Input: Money, Most: 1_000_000_00},
		{Name: "pay", Input: Strings, Policy: Set, Values: []string{"minimum", "commission", "piece", "bonus", "gratuities", "mileage", "overtime"}},
		{Name: "benefits", Input: Strings, Policy: Set, Form: Skill, Most: 50},

		{Name: "worklang", Input: OneOf, Values: spoken, Needed: true},
		{Name: "education", Input: OneOf, Values: levels, Needed: true},
		{Name: "experience", Input: OneOf, Values: lengths, Needed: true},
		{Name: "skills", Input: Strings, Policy: Set, Form: Skill, Most: 100},
		{Name: "credentials", Input: Strings, Policy: Set, Form: Skill, Most: 50},
		{Name: "duties_fr", Input: Area, Most: 4000},
		{Name: "duties_en", Input: Area, Most: 4000},
		{Name: "questions_fr", Input: Strings, Most: 10}, // asked of applicants, in their order
		{Name: "questions_en", Input: Strings, Most: 10},
		{Name: "groups", Input: Strings, Policy: Set, Values: []string{"indigenous", "apprentice", "disability", "newcomer", "senior", "student", "veteran", "vismin", "youth"}},
		{Name: "abroad", Input: YesNo},

		{Name: "apply", Input: Object, Needed: true, Most: 6}, // ways to apply, each {kind, value, ext, hours}
		{Name: "days", Input: Number, Needed: true, Most: 30}, // shown from the day it is published
		// What an employer declares of it, all of it.
		{Name: "declared", Input: Strings, Policy: Set, Values: declarations, Needed: true},

		{Name: "number", Input: Number, Kept: true},
		{Name: "published", Input: Day, Kept: true},
		{Name: "ends", Input: Day, Kept: true},
		{Name: "renewed", Input: Number, Kept: true, Most: 3},
		{Name: "paused", Input: Number, Kept: true, Most: 10_000}, // whole days during which it was not shown
		{Name: "reason", Input: Area, Kept: true},                 // why it was refused
	},
	Commands: map[string]Command{
		"submit":   {From: "draft", To: "submitted", Once: true, Final: true},
		"withdraw": {From: "submitted review refused", To: "draft"},
		"review":   {From: "submitted", To: "review", Server: true},
		"publish":  {From: "review", To: "published", Server: true, Final: true},
		"refuse":   {From: "review", To: "refused", Server: true},
		"renew":    {From: "published", To: "published", Once: true, Final: true, Count: "renewed"},
		"stop":     {From: "published", To: "stopped", Once: true},
		"expire":   {From: "published", To: "expired", Server: true},
	},
	Check: checkVacancy,
	Example: func() Doc {
		return full(
			`"employer": "019a9f6e-0000-7000-8000-000000000001"`, `"langs": ["fr", "en"]`,
			`"title_fr": "Soudeur, soudeuse"`, `"title_en": "Welder"`, `"noc": "72106"`, `"positions": 2`,
			`"workplace": "s"`, `"street": "1, rue de l'Exemple"`, `"city": "Rimouski"`, `"province": "QC"`, `"postal": "G5L 1A1"`,
			`"period": "F"`, `"term": "T"`, `"schedule": ["day", "overtime"]`, `"minutes_min": 2250`, `"minutes_max": 2400`,
			`"starts": "2026-12-07"`, `"until": "2027-06-30"`,
			`"unit": "h"`, `"wage_min": 2850`, `"wage_max": 3400`, `"pay": ["overtime"]`, `"benefits": ["ps:dental-plan"]`,
			`"worklang": "F"`, `"education": "3"`, `"experience": "5"`,
			`"skills": ["ps:weld-by-arc-and-wire-feed"]`, `"credentials": ["ps:cwb-welder-qualification"]`,
			`"duties_fr": "Assembler des cadres d'acier."`, `"duties_en": "Assemble steel frames."`,
			`"questions_fr": ["Pouvez-vous travailler le soir?"]`, `"questions_en": ["Can you work evenings?"]`,
			`"groups": ["newcomer", "youth"]`, `"abroad": false`,
			`"apply": [{"kind": "email", "value": "emplois@exemple.ca"}, {"kind": "phone", "value": "418-555-0134", "ext": "12", "hours": "9-16"}, {"kind": "online", "value": "https://exemple.ca/emplois"}, {"kind": "person", "value": "1, rue de l'Exemple\nRimouski", "hours": "9-16"}, {"kind": "fax", "value": "418-555-0135"}, {"kind": "mail", "value": "1, rue de l'Exemple\nRimouski (Québec)"}]`,
			`"days": 30`, `"declared": ["vacancy", "free", "deductions", "training", "insurable"]`,
			`"state": "published"`, `"number": 12345678`, `"published": "2026-11-23"`, `"ends": "2026-12-22"`, `"renewed": 1`, `"paused": 2`, `"reason": "Une adresse manquait."`,
		)
	},
}

// declarations: a real vacancy, no fee to the worker, deductions made by the employer, paid
// training, insurable employment.
var declarations = []string{"vacancy", "free", "deductions", "training", "insurable"}

func checkVacancy(d Doc) []account.Problem {
	var found []account.Problem
	for _, lang := range texts(d["langs"]) {
		if lang == "fr" || lang == "en" {
			found = append(found, needed(d, "title_"+lang, "duties_"+lang)...)
		}
	}
	for _, name := range []string{"positions", "minutes_min", "wage_min", "days"} {
		if n, ok := whole64(d[name]); ok && n == 0 {
			found = append(found, account.BadNumber.At(name))
		}
	}
	found = append(found, ordered(d, "starts", "until", account.DatesOrder)...)
	found = append(found, ordered(d, "minutes_min", "minutes_max", account.RangeOrder)...)
	found = append(found, ordered(d, "wage_min", "wage_max", account.RangeOrder)...)
	switch text(d, "workplace") {
	case "s", "h":
		found = append(found, needed(d, "city", "province")...)
	}
	switch text(d, "term") {
	case "T", "S":
		found = append(found, needed(d, "until")...)
	}
	said := texts(d["declared"])
	for _, what := range declarations {
		if !slices.Contains(said, what) && len(said) > 0 {
			found = append(found, account.Needed.At("declared"))
			break
		}
	}
	if code := checkWays(d["apply"]); code != "" {
		found = append(found, code.At("apply"))
	}
	return found
}

// way is a way to apply, as posting.Method: one of posting.Apply, and where.
type way struct {
	Kind, Value, Ext, Hours string
}

// Of one posting, and of the texts of one way, in characters.
const (
	mostWays  = 6
	mostWhere = 500
	mostHours = 200
	mostExt   = 10
)

func checkWays(v json.RawMessage) account.Code {
	if absent(v) {
		return ""
	}
	var raw []Doc
	if json.Unmarshal(v, &raw) != nil {
		return account.BadValue
	}
	if len(raw) > mostWays {
		return account.TooManyValues
	}
	for _, r := range raw {
		w := way{text(r, "kind"), text(r, "value"), text(r, "ext"), text(r, "hours")}
		if strings.TrimSpace(w.Value) == "" {
			return account.BadValue
		}
		if utf8.RuneCountInString(w.Value) > mostWhere || utf8.RuneCountInString(w.Hours) > mostHours || utf8.RuneCountInString(w.Ext) > mostExt {
			return account.TooLong
		}
		code := account.Code("")
		switch w.Kind {
		case "online":
			code = Link.check(w.Value, true)
		case "email":
			code = Email.check(w.Value, true)
		case "phone", "fax":
			code = Phone.check(w.Value, true)
		case "mail", "person":
		default:
			code = account.BadValue
		}
		if code != "" {
			return code
		}
	}
	return ""
}
