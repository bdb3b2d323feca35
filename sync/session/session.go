// Package session keeps who is signed in at a desk: people, their sessions with the
// server, and what unlocks their records without one. Begin with [New]. It holds the only
// pair of tokens of a person, renews it one request at a time, and wipes what a revoked
// device kept (B-009). It knows no HTTP and draws nothing.
package session

import (
	"context"
	"errors"
	"time"

	"passerelle/store/account"
	"passerelle/store/secret"
	"passerelle/sync/wire"
)

// Bank is the server, as sync/client reaches it. Errors are a *wire.Refused, or wrap
// wire.ErrOffline, wire.ErrDown or wire.ErrInsecure.
type Bank interface {
	Deployment(ctx context.Context) (wire.Deployment, error)
	Begin(ctx context.Context, access string, b wire.Begin) (wire.Prompt, error)
	Step(ctx context.Context, flow string, step account.Step, in wire.Answer) (wire.Prompt, error)
	Look(ctx context.Context, flow string) (wire.Prompt, error)
	Resend(ctx context.Context, flow string) (wire.Prompt, error)
	Drop(ctx context.Context, flow string) error
	Renew(ctx context.Context, in wire.Renewal) (wire.Session, error)
	SignOut(ctx context.Context, access string) error
	Me(ctx context.Context, access string) (wire.Me, error)
	Change(ctx context.Context, access, act string, in wire.Answer) (wire.Me, error)
	MyData(ctx context.Context, access string, records bool) (wire.MyData, error)
	Dispute(ctx context.Context, access string, d wire.Dispute) (wire.MyData, error)
	Partner(ctx context.Context, in wire.PartnerBegin) (wire.PartnerGo, error)
	Letters(ctx context.Context) ([]wire.Letter, error)
}

// Mode is how a person stands at this desk.
type Mode string

// Modes.
const (
	Nobody Mode = ""       // the local person, without an account
	Locked Mode = "locked" // known here; the keys were dropped
	Local  Mode = "local"  // unlocked by the keyring or the passphrase: offline, no session was confirmed
	Online Mode = "online" // the server confirmed the session since it was unlocked
)

// Person is somebody who signed in at this desk.
type Person struct {
	ID         string // of the account
	Name       string // first name, for the lock screen
	Email      string // shortened, as in "m…@exemple.ca"
	Seen       time.Time
	State      account.State // last known
	Passphrase bool          // a passphrase is needed to unlock: there is no keyring here, or the person wants one besides
}

// Standing is who is at the desk now.
type Standing struct {
	Mode   Mode
	Person Person
	Policy account.Policy
	Roles  []account.Role
	Until  time.Time // in any case sign in again
	Asks   bool      // the session ended at the server: sign in again when there is time
	// Unkept: there is no keyring here and no passphrase was chosen ([Keeper.Protect]), so
	// all that this desk has of the person goes when they lock it or leave.
	Unkept bool
	Gone   bool // of Nobody: this device was signed out from another one, and what it kept is gone
}

// Errors of a desk.
var (
	ErrLocked  = errors.New("locked")                   // unlock first
	ErrSignIn  = errors.New("sign in again")            // the session has ended
	ErrRevoked = errors.New("this device was revoked")  // what it kept of the person is gone
	ErrUnknown = errors.New("nobody of that name here") // not a person of this desk
)

// What can keep the records of a person from being opened, for screens, which hold no key.
var (
	ErrPassphrase    = secret.ErrPassphrase // another one
	ErrKeyringLocked = secret.ErrLocked
	ErrNoKeyring     = secret.ErrNoKeyring
	ErrTyped         = secret.ErrTyped       // a slip in a recovery key
	ErrRecoveryKey   = secret.ErrRecoveryKey // another one
	ErrNoRecovery    = secret.ErrNoRecovery  // none was made
)
