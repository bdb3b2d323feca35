package record

import "passerelle/store/account"

// offer is an offer of employment under the International Mobility Program (B-001, B-051).
// Of the worker it has what tells the offer from others; a date of birth and the number of
// a passport are given on the forms of immigration, never here. "Validated" is no state of
// it: [Kind.Verify] says it of what stands now. The fee is told, never taken (B-052).
var offer = Kind{
	Name: "offer", Partition: Employer, First: "draft",
	Fields: []Field{
		{Name: "employer", Input: Ref, Needed: true}, // its file
		{Name: "contact", Input: Text, Most: 100, Needed: true},
		{Name: "email", Input: Text, Form: Email, Most: 254, Needed: true},
		{Name: "phone", Input: Text, Form: Phone, Most: 40, Needed: true},
		{Name: "agent", Input: Text, Most: 100}, // representative who is paid
		{Name: "licence", Input: Text, Most: 40},

		{Name: "family", Input: Text, Most: 100, Needed: true}, // names of the worker
		{Name: "given", Input: Text, Most: 100, Needed: true},
		{Name: "citizenship", Input: Text, Form: Country, Needed: true},
		{Name: "residence", Input: Text, Form: Country, Needed: true},

		{Name: "title", Input: Text, Most: 150, Needed: true},
		{Name: "noc", Input: Text, Form: NOC, Needed: true},
		{Name: "duties", Input: Area, Most: 4000, Needed: true},
		{Name: "education", Input: OneOf, Values: levels, Needed: true},
		{Name: "experience", Input: OneOf, Values: lengths, Needed: true},
		{Name: "requirements", Input: Area}, // licences and others
		{Name: "worklang", Input: OneOf, Values: spoken, Needed: true},
		{Name: "starts", Input: Day, Needed: true},
		{Name: "until", Input: Day, Needed: true},
		{Name: "sites", Input: Strings, Policy: Set, Most: 10, Needed: true}, // addresses
		{Name: "province", Input: Text, Form: Province, Needed: true},

		{Name: "exemption", Input: Text, Form: Waiver, Needed: true}, // from the labour market assessment
		{Name: "why", Input: Area, Most: 4000, Needed: true},

		{Name: "unit", Input: OneOf, Values: units, Needed: true},
		{Name: "wage", Input: Money, Most: 10_000_000_00, Needed: true},
		{Name: "minutes_day", Input: Number, Most: 24 * 60, Needed: true},
		{Name: "minutes_week", Input: Number, Most: 7 * 24 * 60, Needed: true},
		{Name: "overtime", Input: Money, Most: 1_000_000_00},       // an hour
		{Name: "overtime_after", Input: Number, Most: 7 * 24 * 60}, // minutes in a week
		{Name: "benefits", Input: Strings, Policy: Set, Values: []string{"disability", "dental", "pension", "medical", "other"}},
		{Name: "benefits_note", Input: Area},
		{Name: "vacation", Input: Number, Most: 366}, // days in a year

		{Name: "fee", Input: OneOf, Values: []string{"due", "paid", "exempt"}, Needed: true},
		{Name: "receipt", Input: Text, Most: 40},
		{Name: "ground", Input: OneOf, Values: []string{"r204a", "r205b", "r205c1", "r205d"}},
		{Name: "proof", Input: Text, Most: 200}, // what the document is; the file stays here

		{Name: "declared", Input: YesNo, Needed: true},
		{Name: "declared_by", Input: Text, Most: 100, Needed: true},
		{Name: "declared_on", Input: Day, Needed: true},
		{Name: "declaration", Input: Text, Most: 20, Needed: true}, // version of its text

		{Name: "number", Input: Text, Most: 8, Kept: true}, // A and seven digits, never used again
		{Name: "submitted", Input: Day, Kept: true},
	},
	Commands: map[string]Command{
		"submit":   {From: "draft", To: "submitted", Once: true, Final: true},
		"withdraw": {From: "submitted", To: "withdrawn", Once: true},
		"use":      {From: "submitted", To: "used", Server: true},        // by a decision
		"refund":   {From: "withdrawn used", To: "refund", Server: true}, // is due
		"close":    {From: "used withdrawn refund", To: "closed", Server: true},
	},
	Check: func(d Doc) []account.Problem {
		found := ordered(d, "starts", "until", account.DatesOrder)
		found = append(found, ordered(d, "minutes_day", "minutes_week", account.RangeOrder)...)
		for _, name := range []string{"wage", "minutes_day", "minutes_week"} {
			if n, ok := whole64(d[name]); ok && n == 0 {
				found = append(found, account.BadNumber.At(name))
			}
		}
		switch text(d, "fee") {
		case "paid":
			found = append(found, needed(d, "receipt")...)
		case "exempt": // no exemption without a ground and a proof (B-003)
			found = append(found, needed(d, "ground", "proof")...)
		}
		if !absent(d["agent"]) {
			found = append(found, needed(d, "licence")...)
		}
		if canonical(d["declared"]) == "false" {
			found = append(found, account.Needed.At("declared"))
		}
		return found
	},
	Example: func() Doc {
		return full(
			`"employer": "019a9f6e-0000-7000-8000-000000000001"`, `"contact": "Ada Test"`, `"email": "emplois@exemple.ca"`, `"phone": "418 555-0134"`,
			`"agent": "Boris Essai"`, `"licence": "R000000"`,
			`"family": "Essai"`, `"given": "Chloé"`, `"citizenship": "FR"`, `"residence": "BE"`,
			`"title": "Welder / Soudeuse"`, `"noc": "72106"`, `"duties": "Souder des cadres d'acier.\nWeld steel frames."`,
			`"education": "3"`, `"experience": "6"`, `"requirements": "Carte de soudage"`, `"worklang": "B"`,
			`"starts": "2027-01-04"`, `"until": "2028-01-03"`, `"sites": ["1, rue de l'Exemple, Rimouski (Québec)"]`, `"province": "QC"`,
			`"exemption": "C16"`, `"why": "Mobilité francophone hors Québec ne s'applique pas: exemple."`,
			`"unit": "h"`, `"wage": 3125`, `"minutes_day": 450`, `"minutes_week": 2250`, `"overtime": 4688`, `"overtime_after": 2400`,
			`"benefits": ["dental", "medical"]`, `"benefits_note": "Après trois mois."`, `"vacation": 15`,
			`"fee": "exempt"`, `"receipt": "00-1234"`, `"ground": "r205b"`, `"proof": "Entente d'échange"`,
			`"declared": true`, `"declared_by": "Ada Test"`, `"declared_on": "2026-11-22"`, `"declaration": "2026-11-22"`,
			`"state": "submitted"`, `"number": "A1234567"`, `"submitted": "2026-11-22"`,
		)
	},
}
