package record

// saved is a posting that a person kept. What they note beside it stays on their
// device: there is no field for it.
var saved = Kind{
	Name: "saved", Partition: Person,
	Fields: []Field{
		{Name: "posting", Input: Ref, Needed: true}, // row of the catalogue
		{Name: "number", Input: Number},             // public number, for when the row is gone
		{Name: "source", Input: Text, Most: 60},     // id in the source registry
	},
	Example: func() Doc {
		return full(`"posting": "130692"`, `"number": 12345678`, `"source": "native"`)
	},
}
