// Package record is the kinds of private record: what a profile, a saved search or a draft
// holds, what must be true of it, and how two copies that were edited apart come together.
// Begin with [Kinds], one file a kind, and with [Merge]. Pure functions: the desktop and
// the server run the same checks and the same merge, and neither reads a clock for it.
package record

import (
	"encoding/json"
	"slices"
	"strings"

	"passerelle/store/account"
)

// Doc is a record as it is kept and as it travels: fields by their JSON names. Fields that
// this program does not know are kept as they came.
type Doc map[string]json.RawMessage

// Policy is how two edits of one field come together.
type Policy uint8

// Policies. A difference that a policy cannot settle is a [Conflict]: a person chooses, no
// clock does.
const (
	Whole Policy = iota // a value: equal edits pass, different ones are a conflict
	Set                 // an array without order or repeats: what each side added and took away
	Map                 // an object whose members are whole values; where one clashes, all of it does
)

// Field of a kind.
type Field struct {
	Name   string // in JSON
	Policy Policy
	Input  Input // how it is filled in
	Needed bool  // a draft may lack it, what is submitted may not
	Kept   bool  // the server's: commands write it, and no edit may (see [Kind.Forbidden])
	Most   int   // characters of text, elements of a set, or the largest number; 0: 2000, 200 and 10^12
	Form   Form  // of a text, or of each element of a set or map; "": any text
	Values []string
}

// Input is how a field is filled in, for forms and checks.
type Input string

// Inputs.
const (
	Text    Input = "text"
	Area    Input = "area"
	Day     Input = "day"    // YYYY-MM-DD
	Number  Input = "number" // whole
	Money   Input = "money"  // cents
	YesNo   Input = "yesno"
	OneOf   Input = "oneof" // of Field.Values
	Strings Input = "strings"
	Ref     Input = "ref"    // id of another record, an account or a posting
	Object  Input = "object" // JSON that its own kind checks
	Moment  Input = "moment" // RFC 3339, of what the server did: told to people, decides nothing
)

// Partition is whose change log a kind belongs to (design, plane B).
type Partition string

// Partitions.
const (
	Person   Partition = "person"
	Employer Partition = "employer"
	Grant    Partition = "grant"
	Office   Partition = "office"
)

// Kind is a kind of record. A new one is one file and one line in [Kinds].
type Kind struct {
	Name      string
	Partition Partition
	Fields    []Field
	// First is the state of a record that no command has touched; "" without commands.
	First string
	// Commands are what can be asked of a record besides an edit, each with the states in
	// which it may be ("submit" of a draft). The state is the field "state", which only
	// commands change: see [Kind.Do].
	Commands map[string]Command
	// Check says what else must be true; nil: nothing. It is handed the fields that have
	// something in them and are right by themselves; what it finds [account.Needed] may lack
	// in a draft.
	Check func(Doc) []account.Problem
	// Example is a full one, for tests and documents: a test asks for it.
	Example func() Doc
}

// Command is what may be asked of a record.
type Command struct {
	From, To string // the states it may be in, between spaces, and the one it leads to; From "": any
	Once     bool   // at most one effect for a revision of the record, whatever is sent (invariant 3)
	Final    bool   // the record must be complete: what [Kind.Verify] asks of a submission
	Server   bool   // only the server or the office does it, never whom the record belongs to
	Keep     string // field that takes a copy of all that is edited, as it now stands; "": none
	Count    string // field that counts how often; "": none
}

// Conflict is a field that both sides changed, differently.
type Conflict struct {
	Field              string
	Base, Mine, Theirs json.RawMessage // nil: the field was not there
}

// Can says whether the command may be asked for in a state.
func (c Command) Can(state string) bool {
	return c.From == "" || slices.Contains(strings.Fields(c.From), state)
}

// Find gives a kind by its name.
func Find(name string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
