package record

import "passerelle/store/account"

// Verify lists what has to be mended; final asks for what a submission needs, too.
func (k Kind) Verify(d Doc, final bool) []account.Problem {
	var found []account.Problem
	for _, f := range k.Fields {
		if final && f.Needed && absent(d[f.Name]) {
			found = append(found, account.Needed.At(f.Name))
		}
	}
	if k.Check != nil {
		found = append(found, k.Check(d)...)
	}
	return found
}
