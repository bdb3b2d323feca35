package record

import "passerelle/store/account"

// action is a step of a client's plan, seen by both, or a follow-up after so many
// months.
var action = Kind{
	Name: "action", Partition: Grant, First: "todo",
	Fields: []Field{
		{Name: "grant", Input: Ref, Needed: true},
		{Name: "title", Input: Text, Needed: true, Most: 200},
		{Name: "detail", Input: Area},
		{Name: "starts", Input: Day},
		{Name: "due", Input: Day, Needed: true},
		{Name: "who", Input: OneOf, Values: []string{"client", "counsellor"}, Needed: true},
		{Name: "months", Input: OneOf, Values: []string{"1", "3", "6", "12"}}, // of a follow-up
		{Name: "postings", Input: Strings, Policy: Set, Form: Row, Most: 50},
	},
	Commands: map[string]Command{
		"begin":  {From: "todo", To: "doing"},
		"finish": {From: "todo doing", To: "done"},
		"drop":   {From: "todo doing", To: "dropped"},
		"reopen": {From: "done dropped", To: "todo"},
	},
	Check: func(d Doc) []account.Problem { return ordered(d, "starts", "due", account.DatesOrder) },
	Example: func() Doc {
		return full(
			`"grant": "019a9f6e-0000-7000-8000-000000000006"`, `"title": "Activer le profil"`, `"detail": "Compléter les titres de compétences."`,
			`"starts": "2026-11-23"`, `"due": "2026-12-04"`, `"who": "client"`, `"months": "3"`, `"postings": ["130692", "130693"]`, `"state": "doing"`,
		)
	},
}
