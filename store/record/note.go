package record

// note is what a counsellor writes of a client's file. It lies in the partition of
// the grant: who revokes the grant takes the note from the counsellor's desk, and the
// client, whose file it is, may read it.
var note = Kind{
	Name: "note", Partition: Grant,
	Fields: []Field{
		{Name: "grant", Input: Ref, Needed: true},
		{Name: "on", Input: Day, Needed: true},
		{Name: "text", Input: Area, Needed: true, Most: 4000},
		{Name: "about", Input: OneOf, Values: []string{"meeting", "call", "letter", "other"}},
	},
	Example: func() Doc {
		return full(
			`"grant": "019a9f6e-0000-7000-8000-000000000006"`, `"on": "2026-11-20"`,
			`"text": "Profil revu ensemble.\nÀ compléter: titres de compétences."`, `"about": "meeting"`,
		)
	},
}
