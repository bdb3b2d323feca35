package state

import "passerelle/store/account"

// NewEmail changes the address of the account, proven by a code sent to the new one.
type NewEmail struct{ *Flow }

func newNewEmail(s *State) *NewEmail { return &NewEmail{s.NewFlow(account.NewEmail)} }

// NewFactor changes the second factor of a person who still has access to theirs (B-032).
type NewFactor struct {
	*Flow
	Recovery bool // a recovery code is typed instead
}

func newNewFactor(s *State) *NewFactor { return &NewFactor{Flow: s.NewFlow(account.NewFactor)} }

// Turn changes between the factor and a recovery code.
func (n *NewFactor) Turn() {
	n.Recovery = !n.Recovery
	n.In.Code, n.In.Recovery = "", ""
	n.Errors, n.Trouble = nil, nil
	n.Page++
	n.tell()
}

func (n *NewEmail) flow() *Flow {
	if n == nil {
		return nil
	}
	return n.Flow
}

func (n *NewFactor) flow() *Flow {
	if n == nil {
		return nil
	}
	return n.Flow
}
