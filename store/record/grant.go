package record

import "passerelle/store/account"

// grant is what a client lets a counsellor see, and until when. The counsellor may
// ask; only the client grants and revokes.
var grant = Kind{
	Name: "grant", Partition: Grant, First: "requested",
	Fields: []Field{
		{Name: "client", Input: Ref, Needed: true},     // account
		{Name: "counsellor", Input: Ref, Needed: true}, // account
		{Name: "scope", Input: Strings, Policy: Set, Values: []string{"profile", "share", "saved"}, Needed: true},
		{Name: "from", Input: Day},
		{Name: "until", Input: Day, Needed: true},
		{Name: "purpose", Input: Text, Most: 500},
		{Name: "granted", Input: Moment, Kept: true},
		{Name: "ended", Input: Moment, Kept: true},
	},
	Commands: map[string]Command{
		"grant":  {From: "requested", To: "granted", Once: true, Final: true},
		"revoke": {From: "requested granted", To: "revoked"},
		"expire": {From: "requested granted", To: "expired", Server: true},
	},
	Check: func(d Doc) []account.Problem { return ordered(d, "from", "until", account.DatesOrder) },
	Example: func() Doc {
		return full(
			`"client": "019a9f6e-0000-7000-8000-000000000004"`, `"counsellor": "019a9f6e-0000-7000-8000-000000000005"`,
			`"scope": ["profile", "share"]`, `"from": "2026-11-22"`, `"until": "2027-02-22"`, `"purpose": "Recherche d'un emploi de soudage"`,
			`"state": "revoked"`, `"granted": "2026-11-22T18:00:00Z"`, `"ended": "2026-12-01T10:00:00Z"`,
		)
	},
}
