package ledger

// ListChanges is the text that [Tx.Changes] runs, for a look at its plan.
const ListChanges = listChanges
