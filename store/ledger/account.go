package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"passerelle/store/account"
)

// What the tables of accounts can answer.
var (
	ErrTaken = errors.New("taken by another account") // an address, a SIN, a username, a partner's subject
	ErrMoved = errors.New("changed meanwhile")        // the row is no longer the one that was read
)

// Tx is a transaction on the tables of accounts. Begin with [Ledger.Update] or [Ledger.View].
type Tx struct{ tx *sql.Tx }

// Update runs do in a transaction that writes; do may run more than once.
func (l *Ledger) Update(ctx context.Context, do func(*Tx) error) error {
	return l.db.Write(ctx, func(tx *sql.Tx) error { return do(&Tx{tx}) })
}

// View runs do on one unmoving picture of the tables.
func (l *Ledger) View(ctx context.Context, do func(*Tx) error) error {
	return l.db.Read(ctx, func(tx *sql.Tx) error { return do(&Tx{tx}) })
}

// Account is a row. Addresses and numbers are not in it: they are kept as keyed hashes, to
// find them, and sealed in Body, to read them.
type Account struct {
	ID       string // UUIDv7
	Ver      int64  // moves at each write; Put of an older one is ErrMoved
	Email    []byte // keyed hash of account.Address; unique
	SIN      []byte // keyed slow hash; unique; nil: none
	Express  []byte // keyed hash of the Express Entry pair; unique; nil: none
	State    account.State
	Roles    []account.Role
	Password string // Argon2id, PHC form
	Temp     string // a temporary password's, likewise; "": none
	TempEnds time.Time
	Reset    bool   // questions and password have to be set before anything else
	Body     []byte // sealed: who it is, the questions and their answers' hashes, terms accepted
	Created  time.Time
	SignedIn time.Time // last time the person came in
	Warned   time.Time // told that it will be suspended; zero: not since SignedIn
	Closed   time.Time
}

// Account finds a row; ErrNotFound.
func (t *Tx) Account(ctx context.Context, id string) (Account, error) { panic("not yet") }

// AccountByEmail finds the row of an address that is not closed; ErrNotFound.
func (t *Tx) AccountByEmail(ctx context.Context, hash []byte) (Account, error) { panic("not yet") }

// PutAccount writes a row: a new one at Ver 0. ErrTaken, ErrMoved.
func (t *Tx) PutAccount(ctx context.Context, a Account) error { panic("not yet") }

// AccountsIn lists n ids of a state whose SignedIn is not after a moment, oldest first, from after.
func (t *Tx) AccountsIn(ctx context.Context, s account.State, until time.Time, n int) ([]Account, error) {
	panic("not yet")
}

// WithRoles lists the accounts that hold a role, for operators.
func (t *Tx) WithRoles(ctx context.Context) ([]Account, error) { panic("not yet") }

// Credential is a portal credential: a username, or a partner's subject. A row is never
// deleted, so that a revoked username cannot be registered again (B-042).
type Credential struct {
	ID        string
	Ver       int64
	Account   string
	Enrolment string // what offers will hang on: another with each credential (B-021)
	Username  []byte // keyed hash, unique; nil: none
	Subject   []byte // keyed hash of issuer and subject, unique among those that are active; nil: none
	Partner   string // id of the partner
	Recovery  []byte // keyed hash of the recovery e-mail, not unique; nil: none
	State     account.CredentialState
	Reason    string
	Password  string
	Body      []byte // sealed: username, recovery e-mail, question, hashes of the three secrets, hints
	Created   time.Time
	Used      time.Time
}

// CredentialOf finds an account's active or last credential; ErrNotFound.
func (t *Tx) CredentialOf(ctx context.Context, account string) (Credential, error) { panic("not yet") }

// CredentialByUsername finds one, in whatever state; ErrNotFound.
func (t *Tx) CredentialByUsername(ctx context.Context, hash []byte) (Credential, error) {
	panic("not yet")
}

// CredentialBySubject finds the active one of a partner's subject; ErrNotFound.
func (t *Tx) CredentialBySubject(ctx context.Context, hash []byte) (Credential, error) {
	panic("not yet")
}

// CredentialsByRecovery finds the active ones of a recovery address.
func (t *Tx) CredentialsByRecovery(ctx context.Context, hash []byte) ([]Credential, error) {
	panic("not yet")
}

// Credential finds one by id; ErrNotFound.
func (t *Tx) Credential(ctx context.Context, id string) (Credential, error) { panic("not yet") }

// PutCredential writes one. ErrTaken, ErrMoved.
func (t *Tx) PutCredential(ctx context.Context, c Credential) error { panic("not yet") }

// CredentialsUnused lists n active ones not used since a moment.
func (t *Tx) CredentialsUnused(ctx context.Context, since time.Time, n int) ([]Credential, error) {
	panic("not yet")
}

// Factor is a second factor. Owner is AccountOwner or CredentialOwner of whom it protects.
type Factor struct {
	Owner  string
	Ver    int64
	Method account.Method
	Body   []byte // sealed: the secret, or the address
	Last   int64  // the last TOTP step that was used: no step at or before it is taken
	Since  time.Time
}

// AccountOwner and CredentialOwner name whom a factor and its codes belong to.
func AccountOwner(id string) string    { return "account:" + id }
func CredentialOwner(id string) string { return "credential:" + id }

// Factor finds one; ErrNotFound.
func (t *Tx) Factor(ctx context.Context, owner string) (Factor, error) { panic("not yet") }

// PutFactor writes one. ErrMoved when Last or the factor changed meanwhile: a code that
// raced with itself opens nothing twice.
func (t *Tx) PutFactor(ctx context.Context, f Factor) error { panic("not yet") }

// SetCodes replaces an owner's recovery codes: the old ones open nothing any more (B-034).
func (t *Tx) SetCodes(ctx context.Context, owner string, hashes [][]byte, now time.Time) error {
	panic("not yet")
}

// UseCode uses a recovery code once; ErrNotFound if it is none, was used or superseded.
func (t *Tx) UseCode(ctx context.Context, owner string, hash []byte, now time.Time) (left int, err error) {
	panic("not yet")
}

// CodesLeft counts what SetCodes gave and UseCode has not used.
func (t *Tx) CodesLeft(ctx context.Context, owner string) (int, error) { panic("not yet") }

// Flow is a flow under way.
type Flow struct {
	Key     []byte // keyed hash of its token
	Ver     int64
	Kind    account.Kind
	Step    account.Step
	Account string // "": none, or nobody that exists
	Body    []byte // sealed
	Link    []byte // keyed hash of the token in a letter's link; nil: none
	Linked  bool   // it was used
	Created time.Time
	Expires time.Time
}

// Flow finds one; ErrNotFound.
func (t *Tx) Flow(ctx context.Context, key []byte) (Flow, error) { panic("not yet") }

// FlowByLink finds the one of a link; ErrNotFound.
func (t *Tx) FlowByLink(ctx context.Context, link []byte) (Flow, error) { panic("not yet") }

// PutFlow writes one: a new one at Ver 0. ErrMoved.
func (t *Tx) PutFlow(ctx context.Context, f Flow) error { panic("not yet") }

// DropFlow removes one; none is no error.
func (t *Tx) DropFlow(ctx context.Context, key []byte) error { panic("not yet") }

// DropFlows removes those that expired, and those of an account if it is not "".
func (t *Tx) DropFlows(ctx context.Context, expired time.Time, account string) error {
	panic("not yet")
}

// Session is an open session: a device's. Tokens are derived from ID, Gen and Salt under
// the server's key, so none stands here.
type Session struct {
	ID         string
	Ver        int64
	Account    string
	Credential string // of the portal; "": the job bank
	Policy     account.Policy
	Device     string // sealed by the caller
	Salt       []byte
	Gen        int64 // of the newest pair
	Used       bool  // the newest pair was used: the one before opens nothing any more, and revokes
	Created    time.Time
	Seen       time.Time
	FactorAt   time.Time // last second factor
	Revoked    time.Time
	Reason     string
}

// Session finds one; ErrNotFound.
func (t *Tx) Session(ctx context.Context, id string) (Session, error) { panic("not yet") }

// PutSession writes one. ErrMoved.
func (t *Tx) PutSession(ctx context.Context, s Session) error { panic("not yet") }

// Sessions lists an account's that are not revoked.
func (t *Tx) Sessions(ctx context.Context, account string) ([]Session, error) { panic("not yet") }

// RevokeSessions ends an account's, but one.
func (t *Tx) RevokeSessions(ctx context.Context, account, but, reason string, now time.Time) (int, error) {
	panic("not yet")
}

// Throttle is what failures under a key have come to. It survives a restart.
type Throttle struct {
	Failures int
	Last     time.Time
}

// Throttle reads one; the zero value if there is none.
func (t *Tx) Throttle(ctx context.Context, key []byte) (Throttle, error) { panic("not yet") }

// PutThrottle writes one; the zero value removes it.
func (t *Tx) PutThrottle(ctx context.Context, key []byte, v Throttle) error { panic("not yet") }

// Audit is a line about an act of an agent or operator, never changed nor removed here.
type Audit struct {
	N                           int64
	At                          time.Time
	Actor, Act, Subject, Detail string
}

// AddAudit writes a line.
func (t *Tx) AddAudit(ctx context.Context, a Audit) error { panic("not yet") }

// Audits lists the newest.
func (t *Tx) Audits(ctx context.Context, n int) ([]Audit, error) { panic("not yet") }

// HelpRequest is a request for an agent's help.
type HelpRequest struct {
	N        int64
	Key      string
	Hash     []byte // of what was sent: the same key with another is ErrOtherReport
	Body     []byte // sealed
	State    string // "open", "reset", "declined"
	Received time.Time
	Settled  time.Time
}

// FileHelp files one, once a key, and gives its number.
func (t *Tx) FileHelp(ctx context.Context, h HelpRequest) (n int64, err error) { panic("not yet") }

// Helps lists those of a state, oldest first.
func (t *Tx) Helps(ctx context.Context, state string, n int) ([]HelpRequest, error) { panic("not yet") }

// Help finds one; ErrNotFound.
func (t *Tx) Help(ctx context.Context, n int64) (HelpRequest, error) { panic("not yet") }

// SettleHelp ends one that is open; ErrMoved if it was ended.
func (t *Tx) SettleHelp(ctx context.Context, n int64, state string, now time.Time) error {
	panic("not yet")
}
