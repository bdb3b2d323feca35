package record

import "passerelle/store/account"

// message is what a person writes to the team by the contact form, and in "answer"
// what the team wrote back. Which fields it needs depends on its topic.
var message = Kind{
	Name: "message", Partition: Person, First: "draft",
	Fields: []Field{
		{Name: "topic", Input: OneOf, Values: []string{"alerts", "account", "posting", "employer", "technical", "suggestion", "portal", "other"}, Needed: true},
		{Name: "text", Input: Area, Needed: true, Most: 4000},
		{Name: "lang", Input: OneOf, Values: languages, Needed: true},
		{Name: "email", Input: Text, Form: Email, Most: 254},                             // where to answer; of the account
		{Name: "subscription", Input: Text, Form: Email, Most: 254},                      // address of an alert
		{Name: "number", Input: Number},                                                  // of the posting
		{Name: "employer", Input: Text, Most: 200},
		{Name: "wanted", Input: OneOf, Values: []string{"title", "study", "credential"}}, // what is suggested
		{Name: "steps", Input: Area},                                                     // what was done when it failed
		{Name: "measures", Input: Area},                                                  // what was tried since (B-011)
		{Name: "article", Input: Text, Most: 100},                                        // of help, where it was begun
		// What the program tells of itself, each shown and removable before it is sent.
		{Name: "about", Input: Strings, Policy: Set, Most: 20},
		{Name: "ticket", Input: Text, Most: 20, Kept: true},
		{Name: "due", Input: Day, Kept: true}, // B-012
		{Name: "answer", Input: Area, Most: 8000, Kept: true},
	},
	Commands: handled(),
	Check: func(d Doc) []account.Problem {
		switch text(d, "topic") {
		case "alerts":
			return needed(d, "subscription")
		case "account":
			return needed(d, "email")
		case "posting":
			return needed(d, "number")
		case "employer":
			return needed(d, "number", "employer")
		case "suggestion":
			return needed(d, "wanted")
		case "technical":
			return needed(d, "steps")
		case "portal":
			return needed(d, "email", "measures")
		}
		return nil
	},
	Example: func() Doc {
		return full(
			`"topic": "employer"`, `"text": "L'employeur demande de payer une formation.\nIl ne répond plus."`, `"lang": "fr"`,
			`"email": "anyone@exemple.ca"`, `"subscription": "anyone@exemple.ca"`, `"number": 12345678`, `"employer": "Boulangerie Exemple inc."`,
			`"wanted": "title"`, `"steps": "Recherche, puis l'affiche."`, `"measures": "Redémarré."`, `"article": "employers"`,
			`"about": ["passerelle 1.0", "linux"]`, `"state": "answered"`,
			`"ticket": "1042"`, `"due": "2026-11-27"`, `"answer": "L'affiche est retirée. The posting is withdrawn."`,
		)
	},
}
