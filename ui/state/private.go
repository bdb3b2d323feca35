package state

import (
	"context"
	"time"

	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Private is what the screens ask of a person's records: those that an account keeps at the
// server, and how they are brought in step. Every method but Status and Watch is slow. They
// are those of whoever is at the desk; with nobody there the error is cache.ErrNoAccount.
type Private interface {
	// Status tells how the background sync stands.
	Status() replica.Steady
	// Watch calls f, from anywhere, whenever the status or a record has changed.
	Watch(f func()) (stop func())
	// Kick asks for a sync now: a person wants one, the network came back, something was written.
	Kick(why replica.Cause)

	Outbox(ctx context.Context) ([]cache.Mutation, error)
	Sent(ctx context.Context) ([]cache.Mutation, error)
	Retry(ctx context.Context, n int64) error
	Cancel(ctx context.Context, n int64) error
	Conflicts(ctx context.Context) ([]cache.Conflict, error)
	Resolve(ctx context.Context, ref cache.Ref, choices map[string]cache.Choice) error
	Get(ctx context.Context, ref cache.Ref) (cache.Record, error)
	List(ctx context.Context, kind string) ([]cache.Record, error)
	// ResetCache forgets what can be had again, and nothing else (B-010).
	ResetCache(ctx context.Context) error

	// Export writes what waits, of the person and of this computer, to a file.
	Export(ctx context.Context, path string) (items int, err error)
	// Import takes the answers to it back in.
	Import(ctx context.Context, path string) (ended int, err error)
	// Carry sends the file of another computer of this person and writes the answers to it.
	Carry(ctx context.Context, path, receipts string) (items int, err error)
}

// MyData is what a person may do with all that is kept of them. Every
// method is slow. Where the server is needed and not reached, the error wraps
// wire.ErrOffline or wire.ErrDown.
type MyData interface {
	// Export writes everything about the person, here and at the server, as one archive.
	// Without the server it is written all the same, and says what is missing.
	Export(ctx context.Context, path string, tell func(done, total int)) (Exported, error)
	// Ledger is what the server keeps of the person, with who looked at it, what they
	// contest, and how long each thing is kept.
	Ledger(ctx context.Context) (wire.MyData, error)
	// Dispute attaches a note of disagreement; an empty text takes it away.
	Dispute(ctx context.Context, d wire.Dispute) (wire.MyData, error)

	// Recovery says when the recovery key was made; zero: never.
	Recovery(ctx context.Context) (time.Time, error)
	// NewRecovery makes a recovery key, in place of the one before. It is shown once and
	// kept nowhere.
	NewRecovery(ctx context.Context) (key string, err error)
	// Recover opens the records of a person whose key the keyring has lost.
	Recover(ctx context.Context, person, key string) error
	// Backup writes the personal file, sealed with the recovery key, for another computer.
	Backup(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error)
	// Restore takes a backup in, beside what is here.
	Restore(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error)
}

// Exported says what an archive holds.
type Exported struct {
	Files   int
	Records int
	Missing error // why what the server keeps is not in it; nil: it is
}

// Notes are what a person writes for themselves beside a posting. They stay on this
// computer, in the personal file. Both are slow.
type Notes interface {
	Note(ctx context.Context, posting int64) (string, error)
	SetNote(ctx context.Context, posting int64, text string) error
}
