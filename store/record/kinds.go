package record

import "passerelle/store/account"

// Kinds are all kinds, in the order in which they are documented.
var Kinds []Kind

// Merge brings two copies together that were edited apart from base: field by field, sets
// as sets. Where they differ beyond that, theirs stands in merged and the conflict is told.
// A nil mine or theirs is a record that was removed there: removed and edited is a conflict
// of the field "".
func Merge(k Kind, base, mine, theirs Doc) (merged Doc, conflicts []Conflict) { panic("not yet") }

// Diff is the patch that leads from base to doc: fields that changed, null for those that went.
func Diff(base, doc Doc) Doc { panic("not yet") }

// Apply makes a patch on a copy of a doc.
func Apply(doc, patch Doc) Doc { panic("not yet") }

// Check lists what has to be mended; final asks for what a submission needs, too.
func (k Kind) Verify(d Doc, final bool) []account.Problem { panic("not yet") }
