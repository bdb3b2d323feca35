package record

// employer is the file of an employer, one for a payroll account, shared by its
// users. What the office approved stands in "approved" until it approves another:
// postings show that, not what is being edited.
var employer = Kind{
	Name: "employer", Partition: Employer, First: "draft",
	Fields: []Field{
		{Name: "payroll", Input: Text, Form: Payroll, Needed: true},
		{Name: "legal", Input: Text, Most: 200, Needed: true},
		{Name: "operating_fr", Input: Text, Most: 200},
		{Name: "operating_en", Input: Text, Most: 200},
		{Name: "type", Input: OneOf, Values: []string{"private", "agency", "federal", "provincial", "municipal", "nonprofit", "household"}, Needed: true},
		{Name: "naics", Input: Text, Form: NAICS},
		{Name: "employees", Input: Number, Most: 1_000_000},
		{Name: "activity_fr", Input: Area, Most: 1000},
		{Name: "activity_en", Input: Area, Most: 1000},
		{Name: "street", Input: Text, Most: 200, Needed: true},
		{Name: "city", Input: Text, Most: 100, Needed: true},
		{Name: "province", Input: Text, Form: Province, Needed: true},
		{Name: "postal", Input: Text, Form: Postal, Needed: true},
		{Name: "phone", Input: Text, Form: Phone, Most: 40, Needed: true},
		{Name: "fax", Input: Text, Form: Phone, Most: 40},
		{Name: "email", Input: Text, Form: Email, Most: 254, Needed: true},
		{Name: "site", Input: Text, Form: Link, Most: 500},
		{Name: "contact", Input: Text, Most: 100, Needed: true},
		{Name: "approved", Input: Object, Kept: true},
		{Name: "reason", Input: Area, Kept: true}, // why it was refused
	},
	Commands: map[string]Command{
		"submit":  {From: "draft approved refused", To: "submitted", Once: true, Final: true},
		"recall":  {From: "submitted", To: "draft"},
		"approve": {From: "submitted", To: "approved", Server: true, Final: true, Keep: "approved"},
		"refuse":  {From: "submitted", To: "refused", Server: true},
	},
	Example: func() Doc {
		return full(
			`"payroll": "123456789RP0001"`, `"legal": "Soudure Exemple inc."`, `"operating_fr": "Soudure Exemple"`, `"operating_en": "Example Welding"`,
			`"type": "private"`, `"naics": "332710"`, `"employees": 24`, `"activity_fr": "Cadres d'acier"`, `"activity_en": "Steel frames"`,
			`"street": "1, rue de l'Exemple"`, `"city": "Rimouski"`, `"province": "QC"`, `"postal": "G5L 1A1"`,
			`"phone": "418 555-0134"`, `"fax": "418 555-0135"`, `"email": "emplois@exemple.ca"`, `"site": "https://exemple.ca"`, `"contact": "Ada Test"`,
			`"state": "approved"`, `"approved": {"legal": "Soudure Exemple inc."}`, `"reason": "Adresse corrigée."`,
		)
	},
}
