package wire

import (
	"time"

	"passerelle/i18n"
	"passerelle/store/record"
)

// Places of what an account may ask about itself; all want "Authorization: Bearer ACCESS".
const (
	DataPath    = "/v1/me/data"    // GET: a MyData; with ?records=1 its Records, too
	DisputePath = "/v1/me/dispute" // POST a Dispute: a MyData
)

// MyData is everything that a server keeps of an account, but for what would let
// somebody in: of passwords, answers, keys and tokens it says that they are there.
type MyData struct {
	At       time.Time   `json:"at"`
	Account  []Datum     `json:"account"`
	Records  []DataPart  `json:"records,omitempty"`
	Seen     []Seen      `json:"seen"` // the last first
	Disputes []Dispute   `json:"disputes"`
	Kept     []Retention `json:"kept"`
}

// Datum is a row that the server keeps of an account: which table, and what stands in it,
// by column. What is sealed there is opened; moments are RFC 3339; null is nothing. true in
// the place of a text says that there is something which is not shown: a password, the hash
// of an answer, a key.
type Datum struct {
	Table string         `json:"table"`
	Row   map[string]any `json:"row"`
}

// DataPart is a partition of the person's, whole: their own, their employers' and what they
// let a counsellor see. Those of a counsellor's clients and of the office are about others.
type DataPart struct {
	Partition string       `json:"partition"`
	Records   []DataRecord `json:"records"`
}

// DataRecord is a record as the server has it.
type DataRecord struct {
	Kind   string     `json:"kind"`
	Record string     `json:"record"`
	Ver    int64      `json:"ver"`
	Body   record.Doc `json:"body"`
	By     string     `json:"by,omitempty"`
	At     time.Time  `json:"at"`
}

// Seen is a line of the access log: somebody of a role looked at something.
type Seen struct {
	At   time.Time `json:"at"`
	Role string    `json:"role"` // an account.Role, SeenOperator or SeenEmployer
	Who  string    `json:"who"`  // as they are called in the office; never their address; "": an operator
	What string    `json:"what"` // "account", "help", or a kind of record
	Ref  string    `json:"ref,omitempty"`
}

// What may be seen besides the kinds of record.
const (
	SeenAccount  = "account"
	SeenHelp     = "help"
	SeenOperator = "operator" // roles that no account has
	SeenEmployer = "employer"
)

// Dispute is a note of disagreement: what a person says about a value that they may not
// change themselves, or that was decided on. It is shown wherever the value is.
type Dispute struct {
	Field string    `json:"field"` // as in Me, or "KIND/RECORD/FIELD"
	Text  string    `json:"text"`  // at most MaxDispute characters; "" takes the note away
	At    time.Time `json:"at,omitzero"`
}

// A person has at most so many notes, each of so many characters.
const (
	MaxDispute  = 2000
	MaxDisputes = 50
)

// Retention is a line of the schedule: what is kept, and how long after what. Of a
// class that is kept no longer than the account is open, Days is 0; of one that is kept for
// good, -1; both have no After.
type Retention struct {
	What  string `json:"what"` // an id that the programs have a sentence for
	Days  int    `json:"days"`
	After string `json:"after,omitempty"` // an id likewise: "closed", "used", "sent", "made"
}

// Words say what is kept, and for how long.
func (r Retention) Words(w *i18n.Words) (what, long string) {
	what = w.S(i18n.RetentionWhatOther, "What", r.What) // of a newer server
	if key, known := retentions[r.What]; known {
		what = w.S(key)
	}
	switch {
	case r.Days < 0:
		return what, w.S(i18n.RetentionLongGood)
	case r.Days == 0:
		return what, w.S(i18n.RetentionLongOpen)
	}
	after, known := map[string]i18n.Key{
		"closed": i18n.RetentionLongClosed, "used": i18n.RetentionLongUsed, "sent": i18n.RetentionLongSent,
	}[r.After]
	if !known {
		after = i18n.RetentionLongMade
	}
	days := w.N(i18n.RetentionDays, r.Days)
	if years := r.Days / 365; years > 0 && r.Days-365*years <= (years+3)/4 { // with the leap days that they may have
		days = w.N(i18n.RetentionYears, years)
	}
	return what, w.S(after, "Long", days)
}

var retentions = map[string]i18n.Key{
	"account": i18n.RetentionWhatAccount, "credential": i18n.RetentionWhatCredential, "decided": i18n.RetentionWhatDecided,
	"help": i18n.RetentionWhatHelp, "reports": i18n.RetentionWhatReports, "seen": i18n.RetentionWhatSeen, "records": i18n.RetentionWhatRecords,
	"sessions": i18n.RetentionWhatSessions, "log": i18n.RetentionWhatLog, "answers": i18n.RetentionWhatAnswers,
	"places": i18n.RetentionWhatPlaces, "letters": i18n.RetentionWhatLetters, "mailbox": i18n.RetentionWhatMailbox,
	"pending": i18n.RetentionWhatPending, "unsubscribed": i18n.RetentionWhatUnsubscribed, "temporary": i18n.RetentionWhatTemporary, "proof": i18n.RetentionWhatProof, "audit": i18n.RetentionWhatAudit,
}
