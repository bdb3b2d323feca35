package record

// invitation asks a matched seeker to apply. Nothing in it says who either is: the
// seeker reads the posting, and the employer knows the applicant by the code. There
// is no text for what somebody might write of themselves.
var invitation = Kind{
	Name: "invitation", Partition: Employer, First: "draft",
	Fields: []Field{
		{Name: "posting", Input: Ref, Needed: true}, // its record
		{Name: "match", Input: Ref, Needed: true},   // the anonymous profile that it is for
		{Name: "lang", Input: OneOf, Values: languages, Needed: true},
		{Name: "code", Input: Text, Most: 20, Kept: true},
		{Name: "sent", Input: Moment, Kept: true},
		{Name: "viewed", Input: Moment, Kept: true},
	},
	Commands: map[string]Command{
		"send":    {From: "draft", To: "invited", Once: true, Final: true},
		"view":    {From: "invited", To: "viewed", Server: true},
		"decline": {From: "invited viewed", To: "declined", Server: true}, // by the seeker
		// By the employer, for good, invited or not.
		"reject":   {From: "draft invited viewed", To: "rejected", Once: true, Final: true},
		"withdraw": {From: "invited viewed", To: "withdrawn", Once: true},
		"expire":   {From: "invited viewed", To: "expired", Server: true},
	},
	Example: func() Doc {
		return full(
			`"posting": "019a9f6e-0000-7000-8000-000000000002"`, `"match": "019a9f6e-0000-7000-8000-000000000003"`, `"lang": "fr"`,
			`"state": "viewed"`, `"code": "K7P4-2QXM"`, `"sent": "2026-11-22T18:00:00Z"`, `"viewed": "2026-11-22T19:30:00Z"`,
		)
	},
}
