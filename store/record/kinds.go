package record

import (
	"encoding/json"
	"strings"

	"passerelle/store/account"
)

// Kinds are all kinds, in the order in which they are documented. Notes on saved postings,
// the tracker, résumés, letters and reminders are no kinds: they never leave the device
//
var Kinds = []Kind{
	profile, match, saved, hidden, search, alert,
	message, report, suggestion,
	vacancy, offer, employer, invitation,
	grant, note, action,
}

// Values that several kinds share.
var (
	languages = []string{"fr", "en"}
	levels    = []string{"1", "2", "3", "4", "5", "6"}           // posting.Education
	lengths   = []string{"1", "2", "3", "4", "5", "6", "7", "8"} // posting.Experience
	places    = []string{"s", "r", "h", "t", "v"}                // posting.Workplace, "s" for on site
	spoken    = []string{"E", "F", "U", "B", "O"}                // posting.WorkLang
	units     = []string{"h", "d", "w", "b", "m", "y"}           // posting.Unit
)

// handled are the commands of what is sent to the team and answered by it.
func handled() map[string]Command {
	return map[string]Command{
		"send":   {From: "draft", To: "received", Once: true, Final: true},
		"take":   {From: "received", To: "progress", Server: true},
		"answer": {From: "received progress", To: "answered", Server: true},
		"close":  {From: "received progress answered", To: "closed", Server: true},
	}
}

// needed asks for fields beyond those that every record of the kind needs.
func needed(d Doc, fields ...string) (found []account.Problem) {
	for _, f := range fields {
		if absent(d[f]) {
			found = append(found, account.Needed.At(f))
		}
	}
	return found
}

// ordered asks that a day or a number does not come before another.
func ordered(d Doc, first, last string, code account.Code) []account.Problem {
	a, b := text(d, first), text(d, last)
	if a != "" && b != "" {
		if b < a {
			return []account.Problem{code.At(last)}
		}
		return nil
	}
	m, okM := whole64(d[first])
	n, okN := whole64(d[last])
	if okM && okN && n < m {
		return []account.Problem{code.At(last)}
	}
	return nil
}

// full reads an example.
func full(lines ...string) Doc {
	var d Doc
	if err := json.Unmarshal([]byte("{"+strings.Join(lines, ",\n")+"}"), &d); err != nil {
		panic(err) // a test calls every example
	}
	return d
}
