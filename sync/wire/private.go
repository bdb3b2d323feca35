package wire

import (
	"errors"
	"fmt"
	"time"

	"passerelle/store/record"
)

// Places of plane B, private records; all want "Authorization: Bearer ACCESS".
const (
	PushPath  = "/v1/push"  // POST a Push: a Pushed
	PullPath  = "/v1/pull"  // POST a Pull: a Pulled; 410 and a Refusal with CodeEpoch after a restore
	HintsPath = "/v1/hints" // GET: server-sent events that say only that something advanced
)

// What a server answers to plane B as a whole. Any other refusal is a *Refused or an error
// of errors.go, as of accounts; after account.SignInNeeded the outbox stays as it is.
var (
	// ErrTooLarge: the push is over MaxMutations or MaxPush (413): send half of it.
	ErrTooLarge = errors.New("more than a push holds")
	// ErrEpoch: errors.As finds the *OtherEpoch.
	ErrEpoch = errors.New("the server was restored")
)

// What a server of hints says: that something advanced, and that it is still there.
const (
	HintEvent = "event: advanced\ndata: {}\n\n"
	HintBeat  = ":\n\n"
)

// CodeEpoch is the code of a 410.
const CodeEpoch = "epoch"

// OtherEpoch answers a pull with a cursor of another epoch: the server is a restored one.
// Pull again without cursors; keep the outbox; then push what was acknowledged in the last
// 30 days again, as it was sent then, before what is pending.
type OtherEpoch struct{ Epoch int64 } // of the server now

func (e *OtherEpoch) Error() string { return fmt.Sprintf("%v: it is in epoch %d", ErrEpoch, e.Epoch) }

// Unwrap is ErrEpoch.
func (e *OtherEpoch) Unwrap() error { return ErrEpoch }

// A push holds at most so much; over it the answer is 413, and the client halves it.
const (
	MaxMutations = 100
	MaxPush      = 256 << 10 // bytes
)

// Mutation is a change that a desk made, perhaps days ago: one of Patch, Delete and Command.
// What the same client sent of a record before it, in this push or an earlier one, it knew:
// it need not wait for their versions. The field "state" is changed by commands alone. ID and (Client, Seq) are unique
// for ever: sent again it has the same answer, and with another content it is refused (422).
type Mutation struct {
	ID        string `json:"id"`     // UUIDv7
	Client    string `json:"client"` // of the file it was made in
	Seq       int64  `json:"seq"`    // counts the client's mutations from 1, without gaps
	Partition string `json:"partition"`
	Kind      string `json:"kind"`
	Record    string `json:"record"` // UUIDv7
	Base      int64  `json:"base"`   // version it was made on; 0: a new record
	// Epoch is the one that Base is of, from the cursor of its partition when the change was
	// made; 0: the first. In a later epoch versions count from elsewhere: an edit is merged
	// by Was, and what may be done once is not done again unasked ([ReasonConfirm]). It may
	// differ when the mutation is sent again.
	Epoch    int64      `json:"epoch,omitempty"`
	Patch    record.Doc `json:"patch,omitempty"` // of an edit: fields that changed, null for those that went
	Was      record.Doc `json:"was,omitempty"`   // the same fields at Base, for a merge without history
	Delete   bool       `json:"delete,omitempty"`
	Command  string     `json:"command,omitempty"` // else: submit, withdraw, activate…
	Revision int64      `json:"revision,omitempty"`
	Made     time.Time  `json:"made"` // told to people, decides nothing
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

// Result is the answer to one mutation. Clashed: the fields in conflict stand as they did,
// the others of the patch are in Body; Fields is [""] when a removal met an edit, either
// way round, and ["state"] of a command that was given of an older version, or once more
// (Reason is then [ReasonConfirm]). After a Rejected or Clashed, what follows of the same
// record in the push is answered with Later and not looked at.
type Result struct {
	ID      string     `json:"id"`
	Outcome Outcome    `json:"outcome"`
	First   Outcome    `json:"first,omitempty"`  // of Duped: the outcome of then
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

// ReasonConfirm goes with Clashed: a submission of before a restore, which this server does
// not know. Nobody but the person can say whether it is to be sent again: once they did,
// the same mutation is sent with the Epoch of now.
const ReasonConfirm = "confirm"

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
	Limit   int      `json:"limit,omitempty"` // of changes in all but snapshots; 0: 500, the most
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
	Snapshot  bool     `json:"snapshot,omitempty"` // everything, in one piece: what is not in it is not there
	Gone      bool     `json:"gone,omitempty"`
	More      bool     `json:"more,omitempty"` // ask again
	Changes   []Change `json:"changes,omitempty"`
}

// Change says that a record changed, and how it stands: a change that others followed
// brings the record as they left it, so Ver may be past it. Of a Snapshot, Seq is 0.
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
