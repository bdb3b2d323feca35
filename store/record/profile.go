package record

import "github.com/google/uuid"

// ProfileOf is the id of the profile of an account: it has one, so that two computers that
// begin it apart have begun the same.
func ProfileOf(account string) string {
	return uuid.NewSHA1(uuid.Nil, []byte("profile/"+account)).String()
}

// profile is what a seeker is matched by: the working copy, and in "active" the
// version that is matched, numbered by "version". Its seven sections are all that is
// matched, by ids of the lists; there is no text in it, and nothing of who the person is. An
// identity, an address or a date of birth would have nowhere to stand. "express" says how the
// person may be hired, and only keeps matches away, for 30 days.
var profile = Kind{
	Name: "profile", Partition: Person, First: "draft",
	Fields: []Field{
		{Name: "places", Input: Strings, Policy: Set, Form: Where, Needed: true, Most: 50}, // where one would work
		{Name: "workplaces", Input: Strings, Policy: Set, Values: places},
		// Occupation to how long one worked in it: a posting.Experience. Two desks that add
		// an occupation each both keep it; two that change the same one are asked.
		{Name: "experience", Input: Object, Policy: Map, Form: NOC, Values: lengths, Most: 30},
		{Name: "skills", Input: Strings, Policy: Set, Form: Skill},
		{Name: "education", Input: Strings, Policy: Set, Values: levels},
		{Name: "credentials", Input: Strings, Policy: Set, Form: Skill, Most: 50},
		{Name: "mode", Input: OneOf, Values: []string{"default", "strict"}, Needed: true},
		{Name: "express", Input: YesNo},                                                   // a candidate of Express Entry
		{Name: "active", Input: Object, Kept: true},
		{Name: "version", Input: Number, Kept: true},
		{Name: "rested", Input: Moment, Kept: true}, // made inactive with its account, until it is activated again
	},
	Commands: map[string]Command{
		"activate":   {From: "draft active inactive", To: "active", Once: true, Final: true, Keep: "active", Count: "version"},
		"deactivate": {From: "active", To: "inactive"},
	},
	Example: func() Doc {
		return full(
			`"places": ["Rimouski, QC", "NB"]`,
			`"workplaces": ["s", "h"]`,
			`"experience": {"63200": "7", "65201": "5"}`,
			`"skills": ["ps:prepare-and-cook-full-dishes", "jb:16640"]`,
			`"education": ["3"]`,
			`"credentials": ["ps:driver-s-licence-class-5-g-in-ontario"]`,
			`"mode": "default"`,
			`"express": true`,
			`"state": "active"`,
			`"active": {"places": ["Rimouski, QC"], "experience": {"63200": "7"}, "mode": "strict"}`,
			`"version": 2`, `"rested": "2026-11-22T12:00:00Z"`,
		)
	},
}
