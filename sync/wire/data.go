package wire

import (
	"time"

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

// Datum is a row that the server keeps of an account: which table, and what stands in it.
type Datum struct {
	Table string         `json:"table"`
	Row   map[string]any `json:"row"`
}

// DataPart is a partition that the account may see, whole.
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
	Role string    `json:"role"` // an account.Role, or "operator"
	Who  string    `json:"who"`  // as they are called in the office; never their address
	What string    `json:"what"` // "account", "help", or a kind of record
	Ref  string    `json:"ref,omitempty"`
}

// Dispute is a note of disagreement: what a person says about a value that they may not
// change themselves, or that was decided on. It is shown wherever the value is.
type Dispute struct {
	Field string    `json:"field"` // as in Me, or "KIND/RECORD/FIELD"
	Text  string    `json:"text"`  // at most 2,000 characters; "" takes the note away
	At    time.Time `json:"at,omitzero"`
}

// Retention is a line of the schedule: what is kept, and how long after what.
type Retention struct {
	What  string `json:"what"`  // an id that the programs have a sentence for
	Days  int    `json:"days"`  // 0: for as long as the account is open
	After string `json:"after"` // an id likewise: "closed", "used", "sent", "made"
}
