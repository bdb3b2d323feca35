package record

// report is a problem with a posting, told to the team and never to the employer (A-170,
// Its reasons are those of sync/wire, where one is sent without an account.
var report = Kind{
	Name: "report", Partition: Person, First: "draft",
	Fields: []Field{
		{Name: "number", Input: Number, Needed: true},
		{Name: "posting", Input: Ref},
		{Name: "source", Input: Text, Most: 60},
		{Name: "reason", Input: OneOf, Values: []string{"title_noc", "dead_link", "expired", "wrong_info", "discrimination", "fake", "payment", "credit_id", "not_a_job", "other"}, Needed: true},
		{Name: "text", Input: Area, Most: 4000},
		{Name: "lang", Input: OneOf, Values: languages, Needed: true},
		{Name: "app", Input: Text, Most: 100}, // program and version
		{Name: "epoch", Input: Number},        // the catalogue that the person was reading
		{Name: "seq", Input: Number},
		{Name: "ticket", Input: Text, Most: 20, Kept: true},
		{Name: "answer", Input: Area, Most: 8000, Kept: true},
	},
	Commands: handled(),
	Example: func() Doc {
		return full(
			`"number": 12345678`, `"posting": "130692"`, `"source": "native"`, `"reason": "payment"`,
			`"text": "On demande de payer un uniforme."`, `"lang": "fr"`, `"app": "passerelle 1.0"`, `"epoch": 1`, `"seq": 4021`,
			`"state": "received"`, `"ticket": "1043"`, `"answer": "Merci."`,
		)
	},
}
