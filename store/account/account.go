// Package account is what must be true of accounts: who may come in, by which steps, with
// what words, for how long, and what ends it. Pure functions of state and time: it reads no
// clock, draws no chance and keeps nothing. Begin with [Flows], the steps of everything
// that is done before a session is open, and with [State], what an account can be.
package account

// State of an account (requirements §12).
type State string

// States.
const (
	Registering State = "registering" // made by an operator, not taken up yet
	Active      State = "active"
	Warned      State = "warned"    // still active: told that it will be suspended
	Suspended   State = "suspended" // more than six months without a sign-in
	Closed      State = "closed"    // final
)

// CredentialState is that of a portal credential; Revoked is final (B-041).
type CredentialState string

// States of a credential.
const (
	CredentialActive  CredentialState = "active"
	CredentialRevoked CredentialState = "revoked"
)

// Why a credential was revoked.
const (
	Compromised = "compromised"
	Unused      = "unused_2y"
	Replaced    = "replaced" // by another credential of the same account (B-024, B-035)
)

// Role is what an account may be besides seeker and employer, which every account is.
type Role string

// Roles.
const (
	Counsellor Role = "counsellor"
	Agent      Role = "agent"
)

// Policy is how a session was opened, and so what it opens (D24).
type Policy string

// Policies.
const (
	Questions Policy = "questions" // the job bank: password and a security question
	TwoFactor Policy = "2fa"       // the portal, counsellors and agents
)

// Method is a second factor.
type Method string

// Methods.
const (
	TOTP  Method = "totp"
	EMail Method = "email"
)
