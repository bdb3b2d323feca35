package wire

import "passerelle/store/account"

// Places of the routes of alerts by e-mail, which need no account. POST a
// [Subscribe] to AlertsPath: a [Subscribed], whatever is known of the address. The links of
// letters lead under AlertPage, to pages that work without a program: GET changes nothing,
// a button does. POST of List-Unsubscribe=One-Click to AlertPage + TOKEN + "/end" ends every
// alert of the address (RFC 8058).
const (
	AlertsPath = "/v1/alerts"
	AlertPage  = "/a/"
)

// Subscribe asks for alerts at an address. Values of one criterion are
// alternatives, different criteria combine (D25). The same Key again is the same request:
// one letter goes.
type Subscribe struct {
	Key      string   `json:"key"` // 16 to 64 letters, digits, - and _, drawn by chance
	Email    string   `json:"email"`
	Lang     string   `json:"lang"`
	Name     string   `json:"name,omitempty"`
	Titles   []string `json:"titles,omitempty"` // unit groups, five digits
	Places   []string `json:"places,omitempty"` // "Rimouski, QC", "QC" or "CA"
	Keywords []string `json:"keywords,omitempty"`
	Zone     string   `json:"zone,omitempty"` // IANA zone of morning and evening; "": that of the deployment
}

// Subscribed is the one answer to all.
type Subscribed struct {
	Days int `json:"days"` // for how many the link of the letter is good, if one went
}

// NoAlert is why a [Subscribe] was refused for good, as its outbox keeps it: what to mend.
type NoAlert struct {
	Code   account.Code      `json:"code"`
	Fields []account.Problem `json:"fields,omitempty"`
}
