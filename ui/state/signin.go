package state

import (
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// SignIn opens a session of the job bank: e-mail and password, then a security
// question, then whatever the account still owes: a second factor, new terms, new questions
// and a new password after a temporary one. The invitation of an operator is taken up in
// the same way (account.Invited): its code, the terms, a password, questions, a factor.
type SignIn struct {
	*Flow
	Deployment wire.Deployment

	locked bool // the desk, when it was shown last
}

func newSignIn(s *State, kind account.Kind) *SignIn { return &SignIn{Flow: s.NewFlow(kind)} }

// Invitation says whether an invitation is taken up.
func (n *SignIn) Invitation() bool { return n.Kind == account.Invited }

// Open reads what the server is.
func (n *SignIn) Open() {
	// Whoever stands at a locked desk does not see what was typed before, nor the other way round.
	if now := n.s.Present.Locked(); now != n.locked {
		n.locked = now
		if !n.ending() {
			n.Abandon()
		}
	}
	n.s.Deployment(func(d wire.Deployment) {
		if !sameAsk(n.Deployment, d) {
			n.Deployment = d
			n.Page++
			n.tell()
		}
	})
}

// Suspended says whether the account that was tried is suspended for inactivity, and wants
// to be reactivated.
func (n *SignIn) Suspended() bool { return n.Wrong(account.IsSuspended) }

// Accept agrees to the terms in force.
func (n *SignIn) Accept() {
	n.In.Accept = true
	n.Send()
}

// Deployment asks what the server is, and tells it on the drawing goroutine; nothing is told
// where no server was ever met.
func (s *State) Deployment(then func(wire.Deployment)) {
	a := s.o.Accounts
	if a == nil {
		return
	}
	var d wire.Deployment
	var err error
	s.o.Exec.Go(func() { d, err = a.Deployment(s.ctx) }, func() {
		if err == nil {
			then(d)
		}
	})
}

// Arrival is the screen that a person sees who comes to the desk: the one that says how the
// flow ended which brought them, else the search.
func (s *State) Arrival() string {
	switch {
	case s.SignUp.ending():
		return "signup"
	case s.SignIn.ending():
		return "signin"
	case s.Invited.ending():
		return "invited"
	case s.Portal.ending(), s.PartnerIn.ending():
		return "portal"
	}
	return "search"
}
