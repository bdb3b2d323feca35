package state

import (
	"context"
	"errors"
	"os"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/record"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Private is what the screens ask of a person's records: those that an account keeps at the
// server, and how they are brought in step. Every method but Status, Watch and Kick is slow. They
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

// Editor is a Private that changes records, too. What is changed is sent like the rest.
type Editor interface {
	// Put makes a record what doc says; one that is not there is begun.
	Put(ctx context.Context, ref cache.Ref, doc record.Doc) error
	Delete(ctx context.Context, ref cache.Ref) error
	// Do asks for a command; revision is as in cache.Records.Do.
	Do(ctx context.Context, ref cache.Ref, command string, revision int64) error
	// Said is what the server said last of a record: of one that is to be removed, what it is.
	Said(ctx context.Context, ref cache.Ref) (record.Doc, error)
}

// steady is how the records of whoever is here stand; nothing where nobody is.
func (s *State) steady() replica.Steady {
	if s.o.Private == nil || !s.Present.Signed() {
		return replica.Steady{}
	}
	return s.o.Private.Status()
}

// Unsent is how much waits here: for a network, or for the person.
func (s *State) Unsent() int {
	now := s.steady()
	return s.Status.Pending + now.Waiting + now.Parked
}

// Conflicts is how many fields wait for the person to choose.
func (s *State) Conflicts() int { return s.steady().Conflicts }

// PrivateProblem says an error of what an account keeps to a person: what happened, and what to
// do next; "" for none, and for what is no fault.
func PrivateProblem(w *i18n.Words, err error) string {
	var no *wire.Refused
	switch {
	case err == nil, errors.Is(err, replica.ErrByHand), errors.Is(err, replica.ErrNobody):
		return ""
	case errors.Is(err, replica.ErrSignIn):
		return w.S(i18n.StatusExpired)
	case errors.Is(err, replica.ErrSwitched), errors.Is(err, cache.ErrNoAccount):
		return w.S(i18n.PrivateNobody)
	case errors.Is(err, cache.ErrSent):
		return w.S(i18n.OutboxTooLate)
	case errors.As(err, &no) && no.Code.Key() != "":
		return w.S(no.Code.Key())
	case errors.Is(err, wire.ErrInsecure), errors.Is(err, wire.ErrDown):
		t := trouble(w, err)
		return t.Title + ". " + t.Text
	case errors.Is(err, wire.ErrOffline):
		return w.S(i18n.PrivateOffline)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return w.S(i18n.PrivateFile)
	}
	return Explain(w, err)
}

// MyData is what a person may do with all that is kept of them. Every
// method is slow. Where the server is needed and not reached, the error wraps
// wire.ErrOffline or wire.ErrDown.
type MyData interface {
	// Export writes everything about the person, here and at the server, as one archive.
	// Without the server it is written all the same, and says what is missing.
	Export(ctx context.Context, path string, l i18n.Lang, tell func(done, total int)) (Exported, error)
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
	// Recoverable says whether a recovery key opens anything of a person here.
	Recoverable(ctx context.Context, person string) bool
	// Recover opens the records of a person whose key the keyring has lost, or whose
	// passphrase is forgotten. The passphrase is the new one; "": the keyring alone keeps them.
	Recover(ctx context.Context, person, key, passphrase string) error
	// Backup writes the personal file, sealed with the recovery key, for another computer.
	Backup(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error)
	// Restore takes a backup in, beside what is here, and says how many items came with it.
	Restore(ctx context.Context, path, key string, tell func(done, total int)) (items int, err error)
}

// Exported says what an archive holds.
type Exported struct {
	Files   int
	Missing error // why what the server keeps is not in it; nil: it is
}

// Notes are what a person writes for themselves beside a posting, by its id. They stay on
// this computer, in the personal file. Both are slow. session.ErrLocked: unlock first.
// cache.ErrNoAccount: a visitor of a shared desk has none. session.ErrNoKeyring: nothing
// could keep them, as nobody is signed in.
type Notes interface {
	Note(ctx context.Context, posting int64) (string, error)
	SetNote(ctx context.Context, posting int64, text string) error
}

// Mine opens the personal file of whoever is at the desk; it is slow, and closes when they
// lock or leave. fresh: it is about to be written to, so that nobody in particular is given
// one; without, personal.ErrNotFound says that nothing was ever written. Other errors are
// those of [Notes].
type Mine interface {
	File(ctx context.Context, fresh bool) (*personal.File, error)
}
