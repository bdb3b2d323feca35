// Package mail is the letters of the server: what they say, in both languages, and how
// they leave. Begin with [Compose]. A letter goes in the language of who gets it, with a
// link to the other one. It decides nothing.
package mail

import (
	"encoding/json"
	"fmt"

	"passerelle/i18n"
	"passerelle/store/secret"
)

// Job is the kind of the jobs that are letters.
const Job = "mail"

// Kind is a letter; each has one template.
type Kind string

// Letters.
const (
	None        Kind = "none"        // to nobody: the work of a letter without one
	Confirm     Kind = "confirm"     // code and link of a registration
	Exists      Kind = "exists"      // somebody registers with an address that has an account
	RecoverCode Kind = "recover"     // code and link of a recovery
	Reset       Kind = "reset"       // notice: the password was changed
	Temporary   Kind = "temporary"   // a temporary password: Code
	Warning     Kind = "warning"     // suspension is near: Date
	Suspended   Kind = "suspended"   // suspended, and how to come back
	FactorCode  Kind = "factor"      // code of the second factor
	FactorSet   Kind = "factor-set"  // notice: the second factor was changed (B-032)
	UsernameIs  Kind = "username"    // the username (B-022)
	PortalCode  Kind = "portal"      // code of a portal password reset (B-026)
	PortalSet   Kind = "portal-set"  // notice: the portal password was changed
	PartnerSet  Kind = "partner-set" // notice: another sign-in partner opens the portal (B-043)
	NewAddress  Kind = "email"       // code and link for another address
	AddressSet  Kind = "email-set"   // notice to the old address
	Questioned  Kind = "questions"   // notice: the security questions were changed
	Invitation  Kind = "invited"     // one-time code for a counsellor or agent
	Closed      Kind = "closed"      // notice: the account was closed
	Revoked     Kind = "revoked"     // the portal credential was revoked: Reason
	NewDevice   Kind = "device"      // notice: signed in from a new computer: Device
	Declined    Kind = "declined"    // the team could not do what was asked
	AlertAsked  Kind = "alert-asked" // link that begins alerts: Link
	AlertNews   Kind = "alert-news"  // new postings: News
)

// Kinds are all letters that are written; [None] is not.
var Kinds = []Kind{
	Confirm, Exists, RecoverCode, Reset, Temporary, Warning, Suspended, FactorCode, FactorSet, UsernameIs, PortalCode, PortalSet, PartnerSet, NewAddress,
	AddressSet, Questioned, Invitation, Closed, Revoked, NewDevice, Declined, AlertAsked, AlertNews,
}

// Message is a letter to write. What a kind has no use for is empty.
type Message struct {
	Kind     Kind   `json:"kind"`
	To       string `json:"to"`
	Lang     string `json:"lang"`
	First    string `json:"first,omitempty"`
	Code     string `json:"code,omitempty"`
	Link     string `json:"link,omitempty"`
	Username string `json:"username,omitempty"`
	Device   string `json:"device,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Date     string `json:"date,omitempty"` // YYYY-MM-DD
	Minutes  int    `json:"minutes,omitempty"`
	// Of alerts: where they are changed and where they end, in every one of their letters
	// and what is new.
	Modify      string `json:"modify,omitempty"`
	Unsubscribe string `json:"unsubscribe,omitempty"`
	News        *News  `json:"news,omitempty"`
}

// News is what a letter of alerts tells: new postings by what asked for them, and others
// that are related. No posting is in it twice.
type News struct {
	Groups  []Group   `json:"groups"`
	Related []Posting `json:"related,omitempty"`
}

// Group is what one subscription found.
type Group struct {
	Of    string    `json:"of,omitempty"` // the subscription: should it end before the letter leaves
	Title string    `json:"title"`        // its name, or what it asks
	Jobs  []Posting `json:"jobs"`
	More  int       `json:"more,omitempty"` // found, and not told one by one
}

// Posting is a posting of a letter, in its words.
type Posting struct {
	Row      int64     `json:"row,omitempty"` // while it waits: whoever sends the letter writes the rest
	Title    string    `json:"title,omitempty"`
	Lang     i18n.Lang `json:"lang,omitempty"` // of the title
	Employer string    `json:"employer,omitempty"`
	Place    string    `json:"place,omitempty"`
	Wage     string    `json:"wage,omitempty"`
	Source   string    `json:"source,omitempty"`
	Number   int64     `json:"number,omitempty"`
	URL      string    `json:"url,omitempty"` // at its source
	Why      string    `json:"why,omitempty"` // it is suggested
}

// HasLink says whether a kind has a link that does what its code does.
func HasLink(k Kind) bool { return k == Confirm || k == RecoverCode || k == NewAddress }

// about binds the body of a job to what it is: it opens as nothing else.
const about = "job/" + Job

// Seal makes the body of a job of a message.
func Seal(b *secret.Box, m Message) ([]byte, error) {
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write a %s letter: %w", m.Kind, err)
	}
	defer clear(plain)
	return b.Seal(about, plain)
}

// Open opens the body of a job.
func Open(b *secret.Box, body []byte) (Message, error) {
	var m Message
	plain, err := b.Open(about, body)
	if err != nil {
		return m, fmt.Errorf("open a letter: %w", err)
	}
	defer clear(plain)
	if err := json.Unmarshal(plain, &m); err != nil {
		return Message{}, fmt.Errorf("read a letter: %w", err)
	}
	return m, nil
}
