package record

import (
	"passerelle/store/account"
	"passerelle/store/query"
)

// alert is a subscription to news by e-mail. Values of one criterion are
// alternatives, different criteria combine (D25); two desks that add a city each both keep
// it. An alert for one device only is no record: it never leaves it.
var alert = Kind{
	Name: "alert", Partition: Person, First: "draft",
	Fields: []Field{
		{Name: "name", Input: Text, Most: 100},
		{Name: "email", Input: Text, Form: Email, Needed: true, Most: 254},
		{Name: "lang", Input: OneOf, Values: languages, Needed: true},
		{Name: "titles", Input: Strings, Policy: Set, Form: NOC, Most: 20},
		{Name: "places", Input: Strings, Policy: Set, Form: Where, Most: 20},
		{Name: "keywords", Input: Strings, Policy: Set, Most: 20},
		{Name: "zone", Input: Text, Most: 60}, // IANA zone of its morning and evening; "": that of the deployment
		{Name: "confirmed", Input: Moment, Kept: true},
		{Name: "checked", Input: Moment, Kept: true}, // what its owner is told
		{Name: "found", Input: Number, Kept: true},
		{Name: "sent", Input: Moment, Kept: true},
	},
	Commands: map[string]Command{
		"subscribe":   {From: "draft unsubscribed", To: "pending", Once: true, Final: true},
		"confirm":     {From: "pending", To: "active", Server: true}, // by the link of its letter
		"pause":       {From: "active", To: "paused"},
		"resume":      {From: "paused", To: "active", Final: true},
		"unsubscribe": {From: "pending active paused", To: "unsubscribed"},
	},
	Check: func(d Doc) []account.Problem {
		if len(needed(d, "titles", "places", "keywords")) == 3 {
			return needed(d, "keywords") // one of the three will do
		}
		for _, word := range texts(d["keywords"]) {
			if n := query.Parse(word); n == nil {
				return []account.Problem{account.BadValue.At("keywords")}
			}
		}
		return nil
	},
	Example: func() Doc {
		return full(
			`"name": "Soudage"`, `"email": "anyone@exemple.ca"`, `"lang": "fr"`,
			`"titles": ["72106"]`, `"places": ["Rimouski, QC", "Moncton, NB"]`, `"keywords": ["soudage", "welding"]`,
			`"zone": "America/Toronto"`, `"state": "active"`,
			`"confirmed": "2026-11-20T09:15:00Z"`, `"checked": "2026-11-22T18:00:00Z"`, `"found": 3`, `"sent": "2026-11-22T07:00:04Z"`,
		)
	},
}
