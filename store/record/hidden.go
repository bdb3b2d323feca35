package record

import "passerelle/store/account"

// hidden is a posting or an employer that a person does not want to see again.
var hidden = Kind{
	Name: "hidden", Partition: Person,
	Fields: []Field{
		{Name: "what", Input: OneOf, Values: []string{"posting", "employer"}, Needed: true},
		{Name: "posting", Input: Ref}, // row of the catalogue
		{Name: "number", Input: Number},
		{Name: "employer", Input: Text, Most: 200}, // as postings write it
	},
	Check: func(d Doc) []account.Problem {
		switch what := text(d, "what"); what {
		case "posting", "employer":
			return needed(d, what)
		}
		return nil
	},
	Example: func() Doc {
		return full(`"what": "posting"`, `"posting": "130693"`, `"number": 12345679`, `"employer": "Boulangerie Exemple inc."`)
	},
}
