package record

import (
	"fmt"

	"github.com/google/uuid"
)

// MatchOf is the id of what there is to say between an account and the posting of a number:
// one record, whether a desk began it by refusing or the server by an invitation.
func MatchOf(account string, number int64) string {
	return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "match/%s/%d", account, number)).String()
}

// match is what happened between a seeker and a posting that suits them: an invitation
// and the refusal of either side. A posting that merely suits has none:
// each desk finds those itself, by what the server finds them by. Everything but the
// number is the server's; nothing of it is told to the employer but that an invitation was
// read or declined.
var match = Kind{
	Name: "match", Partition: Person, First: "preview",
	Fields: []Field{
		{Name: "number", Input: Number, Needed: true}, // of the posting, as people see it
		{Name: "posting", Input: Ref, Kept: true},     // its row
		{Name: "title_fr", Input: Text, Most: 200, Kept: true},
		{Name: "title_en", Input: Text, Most: 200, Kept: true},
		{Name: "employer", Input: Text, Most: 200, Kept: true},
		{Name: "percent", Input: Number, Most: 100, Kept: true}, // when the invitation was sent
		{Name: "stars", Input: Number, Most: 5, Kept: true},
		{Name: "version", Input: Number, Kept: true},          // of the profile then
		{Name: "code", Input: Text, Most: 20, Kept: true},     // to be quoted to the employer
		{Name: "sent", Input: Moment, Kept: true},             // the invitation
		{Name: "until", Input: Moment, Kept: true},            // when the posting ends
		{Name: "ended", Input: Moment, Kept: true},            // when it was refused, withdrawn or too late
		{Name: "by", Input: OneOf, Values: sides, Kept: true}, // who refused
	},
	Commands: map[string]Command{
		// Of the seeker. To answer is to say that one applied, with the employer and not here.
		"view":    {From: "invited", To: "viewed"},
		"answer":  {From: "invited viewed", To: "answered"},
		"decline": {From: "invited viewed", To: "declined"},
		"refuse":  {From: "preview invited viewed answered declined withdrawn", To: "refused", Once: true, Final: true}, // for good
		// Of the employer, through the server.
		"invite":   {From: "preview", To: "invited", Server: true, Final: true},
		"withdraw": {From: "invited viewed", To: "withdrawn", Server: true},
		"expire":   {From: "invited viewed", To: "expired", Server: true},
		"reject":   {From: "preview invited viewed answered declined withdrawn", To: "refused", Server: true}, // for good
	},
	Example: func() Doc {
		return full(
			`"number": 12345678`, `"posting": "130692"`, `"title_fr": "Soudeur, soudeuse"`, `"title_en": "Welder"`, `"employer": "Atelier Exemple"`,
			`"percent": 82`, `"stars": 4`, `"version": 2`, `"state": "refused"`,
			`"code": "K7P4-2QXM"`, `"sent": "2026-11-22T18:00:00Z"`, `"until": "2026-12-23T08:00:00Z"`, `"ended": "2026-11-24T09:00:00Z"`, `"by": "seeker"`,
		)
	},
}

// sides are who may end a match.
var sides = []string{"seeker", "employer"}
