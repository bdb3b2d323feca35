package wire

import (
	"time"

	"passerelle/store/record"
)

// Places of plane B, private records; all want "Authorization: Bearer ACCESS".
const (
	PushPath  = "/v1/push"  // POST a Push: a Pushed
	PullPath  = "/v1/pull"  // POST a Pull: a Pulled
	HintsPath = "/v1/hints" // GET: server-sent events that say only that something advanced
)

// A push holds at most so much; over it the answer is 413, and the client halves it.
const (
	MaxMutations = 100
	MaxPush      = 256 << 10 // bytes
)

// Mutation is a change that a desk made, perhaps days ago. ID and (Client, Seq) are unique
// for ever: sent again it has the same answer, and with another content it is refused (422).
type Mutation struct {
	ID        string     `json:"id"`     // UUIDv7
	Client    string     `json:"client"` // of the file it was made in
	Seq       int64      `json:"seq"`    // counts the client's mutations from 1, without gaps
	Partition string     `json:"partition"`
	Kind      string     `json:"kind"`
	Record    string     `json:"record"`          // UUIDv7
	Base      int64      `json:"base"`            // version it was made on; 0: a new record
	Patch     record.Doc `json:"patch,omitempty"` // of an edit: fields that changed, null for those that went
	Was       record.Doc `json:"was,omitempty"`   // the same fields at Base, for a merge without history
	Delete    bool       `json:"delete,omitempty"`
	Command   string     `json:"command,omitempty"` // else: submit, withdraw, activate…
	Revision  int64      `json:"revision,omitempty"`
	Made      time.Time  `json:"made"` // told to people, decides nothing
}

// Push is what a desk sends: in order, as many as fit.
type Push struct {
	Mutations []Mutation `json:"mutations"`
}

// Outcome is what became of a mutation.
type Outcome string

// Outcomes. A rejection parks its record and what depends on it, never the queue.
const (
	Applied  Outcome = "applied"
	Merged   Outcome = "merged" // beside what others did meanwhile
	Duped    Outcome = "dup"    // it was here already: Result is the answer of then
	Clashed  Outcome = "conflict"
	Rejected Outcome = "rejected"
	Later    Outcome = "retry"
)

// Result is the answer to one mutation.
type Result struct {
	ID      string     `json:"id"`
	Outcome Outcome    `json:"outcome"`
	Reason  string     `json:"reason,omitempty"` // of Rejected, an account.Code or one of Reason…
	Ver     int64      `json:"ver,omitempty"`    // of the record now
	Body    record.Doc `json:"body,omitempty"`   // the server's, of Merged and Clashed
	Fields  []string   `json:"fields,omitempty"` // in conflict
	By      string     `json:"by,omitempty"`     // who made the server's
	At      time.Time  `json:"at,omitzero"`
}

// Why a mutation is rejected.
const (
	ReasonForbidden = "forbidden" // not a partition or kind of this account
	ReasonInvalid   = "invalid"   // the checks of the kind
	ReasonState     = "state"     // a command whose precondition does not hold
	ReasonGone      = "gone"      // the record was removed
	ReasonQuota     = "quota"
	ReasonOther     = "other_mutation" // its id or (client, seq) said something else before
)

// Pushed answers a push, one result a mutation, in order. Epoch is the server's: another
// one than the desk knows means a restored server, and a full pull first.
type Pushed struct {
	Epoch   int64    `json:"epoch"`
	Results []Result `json:"results"`
}

// Cursor is how far a desk has read a partition's log.
type Cursor struct {
	Partition string `json:"partition"`
	Epoch     int64  `json:"epoch"`
	Seq       int64  `json:"seq"`
}

// Pull asks for what changed after cursors. A partition without a cursor comes whole.
type Pull struct {
	Cursors []Cursor `json:"cursors"`
	Limit   int      `json:"limit,omitempty"` // of changes; 0: 500
}

// Pulled is every partition that the account may see. A cursor of a partition that it may
// not see any more comes back as Gone: its copy is wiped.
type Pulled struct {
	Parts []PulledPart `json:"parts"`
}

// PulledPart is what changed in a partition, in the order of Seq, which has no gaps.
type PulledPart struct {
	Partition string   `json:"partition"`
	Epoch     int64    `json:"epoch"`
	Seq       int64    `json:"seq"`                // up to which this part goes
	Snapshot  bool     `json:"snapshot,omitempty"` // everything: what is not in it is not there
	Gone      bool     `json:"gone,omitempty"`
	More      bool     `json:"more,omitempty"` // ask again
	Changes   []Change `json:"changes,omitempty"`
}

// Change is a record as it stood after a change.
type Change struct {
	Seq     int64      `json:"seq"`
	Kind    string     `json:"kind"`
	Record  string     `json:"record"`
	Ver     int64      `json:"ver"`
	Deleted bool       `json:"deleted,omitempty"`
	Body    record.Doc `json:"body,omitempty"`
	By      string     `json:"by,omitempty"`
	At      time.Time  `json:"at"`
}
