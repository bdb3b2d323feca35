package state

import (
	"context"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Accounts is what the screens ask of sync/session. Errors are a *wire.Refused, or wrap
// wire.ErrOffline, wire.ErrDown, wire.ErrInsecure or one of session's.
type Accounts interface {
	// Deployment is what this server asks and offers; the last known one without a network.
	Deployment(ctx context.Context) (wire.Deployment, error)
	Begin(ctx context.Context, b wire.Begin) (wire.Prompt, error)
	Step(ctx context.Context, flow string, step account.Step, in wire.Answer) (wire.Prompt, error)
	Look(ctx context.Context, flow string) (wire.Prompt, error)
	Resend(ctx context.Context, flow string) (wire.Prompt, error)
	Drop(ctx context.Context, flow string) error
	// Partner opens the system's browser at a sign-in partner and waits on loopback for its
	// answer, until ctx ends; l is the language of the page that says so.
	Partner(ctx context.Context, partner string, l i18n.Lang) (code, verifier string, err error)

	Standing() session.Standing
	People(ctx context.Context) ([]session.Person, error)
	// Unlock opens what a person keeps here, by the keyring or the passphrase, without a network.
	Unlock(ctx context.Context, id, passphrase string) error
	// Lock drops the keys from memory and closes what they open.
	Lock()
	// SignOut ends the session; erase removes all that this desk keeps of the person.
	SignOut(ctx context.Context, erase bool) error
	// Forget removes a person who is not at the desk, with all that it keeps of them.
	Forget(ctx context.Context, id string) error

	// Me is the account; the last known one without a network, and fresh says which.
	Me(ctx context.Context) (me wire.Me, fresh bool, err error)
	Change(ctx context.Context, act string, in wire.Answer) (wire.Me, error)
	// Letters are those of the demonstration's mailbox.
	Letters(ctx context.Context) ([]wire.Letter, error)
}
