package record

import "passerelle/store/account"

// suggestion is a skill or a credential that the lists lack. It changes no
// profile; accepted, it comes with a release of the lists.
var suggestion = Kind{
	Name: "suggestion", Partition: Person, First: "draft",
	Fields: []Field{
		{Name: "what", Input: OneOf, Values: []string{"skill", "credential"}, Needed: true},
		{Name: "text", Input: Text, Needed: true, Most: 200},
		{Name: "lang", Input: OneOf, Values: languages, Needed: true},
		{Name: "noc", Input: Text, Form: NOC}, // the title it belongs to
		{Name: "category", Input: OneOf, Values: []string{"tasks", "tools", "credentials", "security", "suitability", "setting", "conditions", "transport", "owntools", "supervision", "special", "languages"}},
		{Name: "release", Input: Text, Most: 20, Kept: true}, // of the lists that has it
		{Name: "answer", Input: Area, Kept: true},
	},
	Commands: map[string]Command{
		"send":    {From: "draft", To: "received", Once: true, Final: true},
		"review":  {From: "received", To: "review", Server: true},
		"accept":  {From: "review", To: "accepted", Server: true},
		"decline": {From: "review", To: "declined", Server: true},
	},
	Check: func(d Doc) []account.Problem {
		if text(d, "what") == "skill" {
			return needed(d, "noc", "category")
		}
		return nil
	},
	Example: func() Doc {
		return full(
			`"what": "skill"`, `"text": "Souder l'aluminium en position verticale"`, `"lang": "fr"`, `"noc": "72106"`, `"category": "tasks"`,
			`"state": "accepted"`, `"release": "2027.1"`, `"answer": "Ajoutée. Added."`,
		)
	},
}
