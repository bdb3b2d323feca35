package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/sqldb"
)

// What the tables of accounts can answer.
var (
	ErrTaken = errors.New("taken by another account") // an address, a SIN, a username, a partner's subject
	ErrMoved = errors.New("changed meanwhile")        // the row is no longer the one that was read
)

// accountTables are the tables of accounts and of jobs. Whoever has the file alone can
// read no name, address or number in it: columns ending in _mac are keyed hashes, those
// called body or device are sealed, and neither key is in the file. Moments are
// milliseconds since 1970, 0 for none. An address is free again once its account is
// closed; what proved that the person is one person is not.
const accountTables = `
	CREATE TABLE account (
		id TEXT PRIMARY KEY, ver BIGINT NOT NULL,
		email_mac BLOB NOT NULL, sin_mac BLOB UNIQUE, express_mac BLOB UNIQUE,
		state TEXT NOT NULL, roles TEXT NOT NULL,
		password TEXT NOT NULL, temp TEXT NOT NULL, temp_ends BIGINT NOT NULL, reset BOOLEAN NOT NULL,
		body BLOB NOT NULL,
		created BIGINT NOT NULL, signed_in BIGINT NOT NULL, warned BIGINT NOT NULL, closed BIGINT NOT NULL);
	CREATE UNIQUE INDEX account_email ON account (email_mac) WHERE state <> 'closed';
	CREATE INDEX account_seen ON account (state, signed_in, id);
	CREATE INDEX account_temp ON account (temp_ends) WHERE temp <> '';
	CREATE INDEX account_roles ON account (roles) WHERE roles <> '';

	CREATE TABLE credential (
		id TEXT PRIMARY KEY, ver BIGINT NOT NULL,
		account TEXT NOT NULL REFERENCES account (id), enrolment TEXT NOT NULL,
		username_mac BLOB UNIQUE, subject_mac BLOB, partner TEXT NOT NULL, recovery_mac BLOB,
		state TEXT NOT NULL, reason TEXT NOT NULL, password TEXT NOT NULL,
		body BLOB NOT NULL, created BIGINT NOT NULL, used BIGINT NOT NULL);
	CREATE UNIQUE INDEX credential_active ON credential (account) WHERE state = 'active';
	CREATE UNIQUE INDEX credential_subject ON credential (subject_mac) WHERE state = 'active';
	CREATE INDEX credential_account ON credential (account, created);
	CREATE INDEX credential_recovery ON credential (recovery_mac) WHERE state = 'active';
	CREATE INDEX credential_used ON credential (used, id) WHERE state = 'active';

	CREATE TABLE factor (
		owner TEXT PRIMARY KEY, ver BIGINT NOT NULL, method TEXT NOT NULL,
		body BLOB NOT NULL, last BIGINT NOT NULL, since BIGINT NOT NULL);
	CREATE TABLE recovery_code (
		owner TEXT NOT NULL, code_mac BLOB NOT NULL, made BIGINT NOT NULL, used BIGINT NOT NULL,
		PRIMARY KEY (owner, code_mac));

	CREATE TABLE flow (
		key_mac BLOB PRIMARY KEY, ver BIGINT NOT NULL, kind TEXT NOT NULL, step TEXT NOT NULL,
		account TEXT NOT NULL, body BLOB NOT NULL, link_mac BLOB UNIQUE, linked BOOLEAN NOT NULL,
		created BIGINT NOT NULL, expires BIGINT NOT NULL);
	CREATE INDEX flow_expires ON flow (expires);
	CREATE INDEX flow_account ON flow (account) WHERE account <> '';

	CREATE TABLE session (
		id TEXT PRIMARY KEY, ver BIGINT NOT NULL,
		account TEXT NOT NULL REFERENCES account (id), credential TEXT NOT NULL, policy TEXT NOT NULL,
		device TEXT NOT NULL, salt BLOB NOT NULL, gen BIGINT NOT NULL, used BOOLEAN NOT NULL,
		created BIGINT NOT NULL, seen BIGINT NOT NULL, factor_at BIGINT NOT NULL,
		revoked BIGINT NOT NULL, reason TEXT NOT NULL);
	CREATE INDEX session_account ON session (account, created);
	CREATE INDEX session_seen ON session (seen);

	CREATE TABLE throttle (key_mac BLOB PRIMARY KEY, failures BIGINT NOT NULL, last BIGINT NOT NULL);
	CREATE INDEX throttle_last ON throttle (last);

	CREATE TABLE audit (
		n INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL,
		actor TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL);
	CREATE TRIGGER audit_stands BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
	CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;

	CREATE TABLE help (
		n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, body BLOB NOT NULL,
		state TEXT NOT NULL, received BIGINT NOT NULL, settled BIGINT NOT NULL);
	CREATE INDEX help_state ON help (state, n);

	CREATE TABLE job (
		id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
		due BIGINT NOT NULL, tries BIGINT NOT NULL, fence BIGINT NOT NULL, lease BIGINT NOT NULL,
		state TEXT NOT NULL, error TEXT NOT NULL);
	CREATE UNIQUE INDEX job_key ON job (key) WHERE key <> '';
	CREATE INDEX job_due ON job (due, id) WHERE state = 'queued';

	CREATE TABLE letter (
		id INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL,
		recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL);
`

// Tx is a transaction on the tables of accounts. Begin with [Ledger.Update] or [Ledger.View].
type Tx struct {
	tx    *sql.Tx
	fault func(error) error
}

// Update runs do in a transaction that writes; do may run more than once.
func (l *Ledger) Update(ctx context.Context, do func(*Tx) error) error {
	return l.db.Write(ctx, func(tx *sql.Tx) error { return do(&Tx{tx, l.db.Fault}) })
}

// View runs do on one unmoving picture of the tables.
func (l *Ledger) View(ctx context.Context, do func(*Tx) error) error {
	return l.db.Read(ctx, func(tx *sql.Tx) error { return do(&Tx{tx, l.db.Fault}) })
}

// Tidy empties the log that writes go through, so that what was overwritten in the file
// stands nowhere else either. Readers that hold an older picture make it do less.
// PostgreSQL has no such log to empty: there, what was removed goes with its own VACUUM.
func (l *Ledger) Tidy(ctx context.Context) error {
	if l.served {
		return nil
	}
	if _, err := l.db.Writer.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("tidy the ledger: %w", l.db.Fault(err))
	}
	return nil
}

// Account is a row. Addresses and numbers are not in it: they are kept as keyed hashes, to
// find them, and sealed in Body, to read them.
type Account struct {
	ID       string // UUIDv7
	Ver      int64  // moves at each write; Put of an older one is ErrMoved
	Email    []byte // keyed hash of account.Address; unique among those that are not closed
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

const accountColumns = `
	SELECT id, ver, email_mac, sin_mac, express_mac, state, roles, password, temp, temp_ends, reset,
		body, created, signed_in, warned, closed FROM account `

func (t *Tx) accounts(ctx context.Context, text string, args ...any) (all []Account, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			a                                       Account
			roles                                   string
			ends, created, signedIn, warned, closed int64
		)
		if err := rows.Scan(&a.ID, &a.Ver, &a.Email, &a.SIN, &a.Express, &a.State, &roles, &a.Password, &a.Temp, &ends, &a.Reset,
			&a.Body, &created, &signedIn, &warned, &closed); err != nil {
			return err
		}
		for r := range strings.FieldsSeq(roles) {
			a.Roles = append(a.Roles, account.Role(r))
		}
		a.TempEnds, a.Created, a.SignedIn, a.Warned, a.Closed = moment(ends), moment(created), moment(signedIn), moment(warned), moment(closed)
		all = append(all, a)
		return nil
	}, accountColumns+text, args...)
	return all, err
}

// Account finds a row; ErrNotFound.
func (t *Tx) Account(ctx context.Context, id string) (Account, error) {
	all, err := t.accounts(ctx, "WHERE id = $1", id)
	return first(all, err, "account "+id)
}

// AccountByEmail finds the row of an address that is not closed; ErrNotFound.
func (t *Tx) AccountByEmail(ctx context.Context, hash []byte) (Account, error) {
	all, err := t.accounts(ctx, "WHERE email_mac = $1 AND state <> 'closed'", hash)
	return first(all, err, "account of an address")
}

// PutAccount writes a row: a new one at Ver 0. ErrTaken, ErrMoved.
func (t *Tx) PutAccount(ctx context.Context, a Account) error {
	const add = `
		INSERT INTO account (id, ver, email_mac, sin_mac, express_mac, state, roles, password, temp, temp_ends,
			reset, body, created, signed_in, warned, closed)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (id) DO NOTHING`
	const put = `
		UPDATE account SET ver = ver + 1, email_mac = $3, sin_mac = $4, express_mac = $5, state = $6, roles = $7,
			password = $8, temp = $9, temp_ends = $10, reset = $11, body = $12, created = $13, signed_in = $14,
			warned = $15, closed = $16
		WHERE id = $1 AND ver = $2`
	roles := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		roles[i] = string(r)
	}
	return t.put(ctx, "account "+a.ID, a.Ver, add, put, a.ID, a.Ver, blob(a.Email), null(a.SIN), null(a.Express), string(a.State),
		strings.Join(roles, " "), a.Password, a.Temp, ms(a.TempEnds), a.Reset, blob(a.Body),
		ms(a.Created), ms(a.SignedIn), ms(a.Warned), ms(a.Closed))
}

// AccountsIn lists n accounts of a state whose SignedIn is not after a moment, oldest
// first, beginning after one of the list; the zero Account is before all.
func (t *Tx) AccountsIn(ctx context.Context, s account.State, until time.Time, after Account, n int) ([]Account, error) {
	const list = "WHERE state = $1 AND signed_in <= $2 AND (signed_in, id) > ($3, $4) ORDER BY signed_in, id LIMIT $5"
	all, err := t.accounts(ctx, list, string(s), ms(until), ms(after.SignedIn), after.ID, n)
	if err != nil {
		return nil, fmt.Errorf("list accounts that are %s: %w", s, err)
	}
	return all, nil
}

// WithRoles lists the accounts that hold a role, for operators.
func (t *Tx) WithRoles(ctx context.Context) ([]Account, error) {
	all, err := t.accounts(ctx, "WHERE roles <> '' ORDER BY created, id")
	if err != nil {
		return nil, fmt.Errorf("list accounts with roles: %w", err)
	}
	return all, nil
}

// DropTemps forgets the temporary passwords that ended before a moment: Reset stays, so
// that the account asks for another one.
func (t *Tx) DropTemps(ctx context.Context, before time.Time) (int, error) {
	const drop = `
		UPDATE account SET ver = ver + 1, temp = '', temp_ends = 0
		WHERE temp <> '' AND temp_ends > 0 AND temp_ends < $1`
	return t.count(ctx, "forget temporary passwords", drop, ms(before))
}

// Credential is a portal credential: a username, or a partner's subject. A row is never
// deleted, so that a revoked username cannot be registered again (B-042). An account has
// one that is active: the one before is revoked first.
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

const credentialColumns = `
	SELECT id, ver, account, enrolment, username_mac, subject_mac, partner, recovery_mac, state, reason,
		password, body, created, used FROM credential `

func (t *Tx) credentials(ctx context.Context, text string, args ...any) (all []Credential, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			c             Credential
			created, used int64
		)
		if err := rows.Scan(&c.ID, &c.Ver, &c.Account, &c.Enrolment, &c.Username, &c.Subject, &c.Partner, &c.Recovery, &c.State,
			&c.Reason, &c.Password, &c.Body, &created, &used); err != nil {
			return err
		}
		c.Created, c.Used = moment(created), moment(used)
		all = append(all, c)
		return nil
	}, credentialColumns+text, args...)
	return all, err
}

// CredentialOf finds an account's active or last credential; ErrNotFound.
func (t *Tx) CredentialOf(ctx context.Context, account string) (Credential, error) {
	all, err := t.credentials(ctx, `
		WHERE account = $1
		ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, created DESC, id DESC LIMIT 1`, account)
	return first(all, err, "credential of account "+account)
}

// CredentialByUsername finds one, in whatever state; ErrNotFound.
func (t *Tx) CredentialByUsername(ctx context.Context, hash []byte) (Credential, error) {
	all, err := t.credentials(ctx, "WHERE username_mac = $1", hash)
	return first(all, err, "credential of a username")
}

// CredentialBySubject finds the active one of a partner's subject; ErrNotFound.
func (t *Tx) CredentialBySubject(ctx context.Context, hash []byte) (Credential, error) {
	all, err := t.credentials(ctx, "WHERE subject_mac = $1 AND state = 'active'", hash)
	return first(all, err, "credential of a partner's subject")
}

// CredentialsByRecovery finds the active ones of a recovery address.
func (t *Tx) CredentialsByRecovery(ctx context.Context, hash []byte) ([]Credential, error) {
	all, err := t.credentials(ctx, "WHERE recovery_mac = $1 AND state = 'active' ORDER BY created, id", hash)
	if err != nil {
		return nil, fmt.Errorf("credentials of a recovery address: %w", err)
	}
	return all, nil
}

// Credential finds one by id; ErrNotFound.
func (t *Tx) Credential(ctx context.Context, id string) (Credential, error) {
	all, err := t.credentials(ctx, "WHERE id = $1", id)
	return first(all, err, "credential "+id)
}

// PutCredential writes one. ErrTaken, ErrMoved.
func (t *Tx) PutCredential(ctx context.Context, c Credential) error {
	const add = `
		INSERT INTO credential (id, ver, account, enrolment, username_mac, subject_mac, partner, recovery_mac, state,
			reason, password, body, created, used)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`
	const put = `
		UPDATE credential SET ver = ver + 1, account = $3, enrolment = $4, username_mac = $5, subject_mac = $6,
			partner = $7, recovery_mac = $8, state = $9, reason = $10, password = $11, body = $12, created = $13, used = $14
		WHERE id = $1 AND ver = $2`
	return t.put(ctx, "credential "+c.ID, c.Ver, add, put, c.ID, c.Ver, c.Account, c.Enrolment, null(c.Username), null(c.Subject),
		c.Partner, null(c.Recovery), string(c.State), c.Reason, c.Password, blob(c.Body), ms(c.Created), ms(c.Used))
}

// CredentialsUnused lists n active ones not used since a moment, oldest first, beginning
// after one of the list; the zero Credential is before all.
func (t *Tx) CredentialsUnused(ctx context.Context, since time.Time, after Credential, n int) ([]Credential, error) {
	const list = "WHERE state = 'active' AND used <= $1 AND (used, id) > ($2, $3) ORDER BY used, id LIMIT $4"
	all, err := t.credentials(ctx, list, ms(since), ms(after.Used), after.ID, n)
	if err != nil {
		return nil, fmt.Errorf("list unused credentials: %w", err)
	}
	return all, nil
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
func (t *Tx) Factor(ctx context.Context, owner string) (f Factor, err error) {
	const ask = "SELECT owner, ver, method, body, last, since FROM factor WHERE owner = $1"
	var since int64
	err = t.tx.QueryRowContext(ctx, ask, owner).Scan(&f.Owner, &f.Ver, &f.Method, &f.Body, &f.Last, &since)
	f.Since = moment(since)
	return f, missing(err, "factor of "+owner)
}

// PutFactor writes one. ErrMoved when Last or the factor changed meanwhile: a code that
// raced with itself opens nothing twice.
func (t *Tx) PutFactor(ctx context.Context, f Factor) error {
	const add = `
		INSERT INTO factor (owner, ver, method, body, last, since) VALUES ($1, $2 + 1, $3, $4, $5, $6)
		ON CONFLICT (owner) DO NOTHING`
	const put = `
		UPDATE factor SET ver = ver + 1, method = $3, body = $4, last = $5, since = $6 WHERE owner = $1 AND ver = $2`
	return t.put(ctx, "factor of "+f.Owner, f.Ver, add, put, f.Owner, f.Ver, string(f.Method), blob(f.Body), f.Last, ms(f.Since))
}

// DropFactor removes an owner's factor and its recovery codes; none is no error.
func (t *Tx) DropFactor(ctx context.Context, owner string) error {
	if _, err := t.count(ctx, "drop factor of "+owner, "DELETE FROM factor WHERE owner = $1", owner); err != nil {
		return err
	}
	return t.SetCodes(ctx, owner, nil, time.Time{})
}

// SetCodes replaces an owner's recovery codes: the old ones open nothing any more (B-034).
func (t *Tx) SetCodes(ctx context.Context, owner string, hashes [][]byte, now time.Time) error {
	const add = "INSERT INTO recovery_code (owner, code_mac, made, used) VALUES ($1, $2, $3, 0)"
	if _, err := t.count(ctx, "supersede codes of "+owner, "DELETE FROM recovery_code WHERE owner = $1", owner); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := t.tx.ExecContext(ctx, add, owner, h, ms(now)); err != nil {
			return fmt.Errorf("set codes of %s: %w", owner, err)
		}
	}
	return nil
}

// UseCode uses a recovery code once; ErrNotFound if it is none, was used or superseded.
func (t *Tx) UseCode(ctx context.Context, owner string, hash []byte, now time.Time) (left int, err error) {
	const use = "UPDATE recovery_code SET used = $3 WHERE owner = $1 AND code_mac = $2 AND used = 0"
	n, err := t.count(ctx, "use a code of "+owner, use, owner, hash, ms(now))
	if err == nil && n == 0 {
		err = fmt.Errorf("code of %s: %w", owner, ErrNotFound)
	}
	if err != nil {
		return 0, err
	}
	return t.CodesLeft(ctx, owner)
}

// CodesLeft counts what SetCodes gave and UseCode has not used.
func (t *Tx) CodesLeft(ctx context.Context, owner string) (n int, err error) {
	const ask = "SELECT COUNT(*) FROM recovery_code WHERE owner = $1 AND used = 0"
	if err := t.tx.QueryRowContext(ctx, ask, owner).Scan(&n); err != nil {
		return 0, fmt.Errorf("count codes of %s: %w", owner, err)
	}
	return n, nil
}

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

const flowColumns = `
	SELECT key_mac, ver, kind, step, account, body, link_mac, linked, created, expires FROM flow `

func (t *Tx) flow(ctx context.Context, where string, hash []byte) (f Flow, err error) {
	var created, expires int64
	err = t.tx.QueryRowContext(ctx, flowColumns+where, hash).Scan(&f.Key, &f.Ver, &f.Kind, &f.Step, &f.Account, &f.Body, &f.Link,
		&f.Linked, &created, &expires)
	f.Created, f.Expires = moment(created), moment(expires)
	return f, missing(err, "flow")
}

// Flow finds one; ErrNotFound.
func (t *Tx) Flow(ctx context.Context, key []byte) (Flow, error) {
	return t.flow(ctx, "WHERE key_mac = $1", key)
}

// FlowByLink finds the one of a link; ErrNotFound.
func (t *Tx) FlowByLink(ctx context.Context, link []byte) (Flow, error) {
	return t.flow(ctx, "WHERE link_mac = $1", link)
}

// PutFlow writes one: a new one at Ver 0. ErrMoved.
func (t *Tx) PutFlow(ctx context.Context, f Flow) error {
	const add = `
		INSERT INTO flow (key_mac, ver, kind, step, account, body, link_mac, linked, created, expires)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (key_mac) DO NOTHING`
	const put = `
		UPDATE flow SET ver = ver + 1, kind = $3, step = $4, account = $5, body = $6, link_mac = $7, linked = $8,
			created = $9, expires = $10
		WHERE key_mac = $1 AND ver = $2`
	return t.put(ctx, "flow", f.Ver, add, put, f.Key, f.Ver, string(f.Kind), string(f.Step), f.Account, blob(f.Body), null(f.Link),
		f.Linked, ms(f.Created), ms(f.Expires))
}

// DropFlow removes one; none is no error.
func (t *Tx) DropFlow(ctx context.Context, key []byte) error {
	_, err := t.count(ctx, "drop flow", "DELETE FROM flow WHERE key_mac = $1", key)
	return err
}

// DropFlows removes those that expired, and those of an account if it is not "". A step of
// a flow of that account does not use it: its own row would be gone before it moves.
func (t *Tx) DropFlows(ctx context.Context, expired time.Time, account string) error {
	const drop = "DELETE FROM flow WHERE expires <= $1 OR (account = $2 AND account <> '')"
	_, err := t.count(ctx, "drop flows", drop, ms(expired), account)
	return err
}

// DropOtherFlows removes those of an account but one, for a step that ends in what makes
// the others pointless, such as another password.
func (t *Tx) DropOtherFlows(ctx context.Context, account string, but []byte) error {
	const drop = "DELETE FROM flow WHERE account = $1 AND account <> '' AND key_mac <> $2"
	_, err := t.count(ctx, "drop flows", drop, account, blob(but))
	return err
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

const sessionColumns = `
	SELECT id, ver, account, credential, policy, device, salt, gen, used, created, seen, factor_at, revoked, reason
	FROM session `

func (t *Tx) sessions(ctx context.Context, text string, args ...any) (all []Session, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s                                Session
			created, seen, factorAt, revoked int64
		)
		if err := rows.Scan(&s.ID, &s.Ver, &s.Account, &s.Credential, &s.Policy, &s.Device, &s.Salt, &s.Gen, &s.Used,
			&created, &seen, &factorAt, &revoked, &s.Reason); err != nil {
			return err
		}
		s.Created, s.Seen, s.FactorAt, s.Revoked = moment(created), moment(seen), moment(factorAt), moment(revoked)
		all = append(all, s)
		return nil
	}, sessionColumns+text, args...)
	return all, err
}

// Session finds one; ErrNotFound.
func (t *Tx) Session(ctx context.Context, id string) (Session, error) {
	all, err := t.sessions(ctx, "WHERE id = $1", id)
	return first(all, err, "session "+id)
}

// PutSession writes one. ErrMoved.
func (t *Tx) PutSession(ctx context.Context, s Session) error {
	const add = `
		INSERT INTO session (id, ver, account, credential, policy, device, salt, gen, used, created, seen, factor_at,
			revoked, reason)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`
	const put = `
		UPDATE session SET ver = ver + 1, account = $3, credential = $4, policy = $5, device = $6, salt = $7, gen = $8,
			used = $9, created = $10, seen = $11, factor_at = $12, revoked = $13, reason = $14
		WHERE id = $1 AND ver = $2`
	return t.put(ctx, "session "+s.ID, s.Ver, add, put, s.ID, s.Ver, s.Account, s.Credential, string(s.Policy), s.Device, blob(s.Salt),
		s.Gen, s.Used, ms(s.Created), ms(s.Seen), ms(s.FactorAt), ms(s.Revoked), s.Reason)
}

// Sessions lists an account's that are not revoked, oldest first.
func (t *Tx) Sessions(ctx context.Context, account string) ([]Session, error) {
	all, err := t.sessions(ctx, "WHERE account = $1 AND revoked = 0 ORDER BY created, id", account)
	if err != nil {
		return nil, fmt.Errorf("sessions of account %s: %w", account, err)
	}
	return all, nil
}

// RevokeSessions ends an account's, but one; but is "" to end all.
func (t *Tx) RevokeSessions(ctx context.Context, account, but, reason string, now time.Time) (int, error) {
	const end = `
		UPDATE session SET ver = ver + 1, revoked = $3, reason = $4 WHERE account = $1 AND id <> $2 AND revoked = 0`
	return t.count(ctx, "end sessions of account "+account, end, account, but, ms(now), reason)
}

// RevokeCredentialSessions ends those that a portal credential opened.
func (t *Tx) RevokeCredentialSessions(ctx context.Context, credential, but, reason string, now time.Time) (int, error) {
	const end = `
		UPDATE session SET ver = ver + 1, revoked = $3, reason = $4
		WHERE credential = $1 AND credential <> '' AND id <> $2 AND revoked = 0`
	return t.count(ctx, "end sessions of credential "+credential, end, credential, but, ms(now), reason)
}

// DropSessions removes those that nobody has used since a moment.
func (t *Tx) DropSessions(ctx context.Context, seen time.Time) (int, error) {
	return t.count(ctx, "drop old sessions", "DELETE FROM session WHERE seen < $1", ms(seen))
}

// Throttle is what failures under a key have come to. It survives a restart.
type Throttle struct {
	Failures int
	Last     time.Time
}

// Throttle reads one; the zero value if there is none.
func (t *Tx) Throttle(ctx context.Context, key []byte) (v Throttle, err error) {
	var last int64
	err = t.tx.QueryRowContext(ctx, "SELECT failures, last FROM throttle WHERE key_mac = $1", key).Scan(&v.Failures, &last)
	v.Last = moment(last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return v, fmt.Errorf("throttle: %w", err)
	}
	return v, nil
}

// PutThrottle writes one; the zero value removes it.
func (t *Tx) PutThrottle(ctx context.Context, key []byte, v Throttle) error {
	const put = `
		INSERT INTO throttle (key_mac, failures, last) VALUES ($1, $2, $3)
		ON CONFLICT (key_mac) DO UPDATE SET failures = excluded.failures, last = excluded.last`
	var err error
	if v == (Throttle{}) {
		_, err = t.tx.ExecContext(ctx, "DELETE FROM throttle WHERE key_mac = $1", key)
	} else {
		_, err = t.tx.ExecContext(ctx, put, key, v.Failures, ms(v.Last))
	}
	if err != nil {
		return fmt.Errorf("put throttle: %w", err)
	}
	return nil
}

// DropThrottles removes those whose last failure was before a moment, and those without
// any that were last used before another.
func (t *Tx) DropThrottles(ctx context.Context, failed, used time.Time) (int, error) {
	const drop = "DELETE FROM throttle WHERE (failures > 0 AND last < $1) OR last < $2"
	return t.count(ctx, "drop old throttles", drop, ms(failed), ms(used))
}

// Audit is a line about an act of an agent or operator, never changed nor removed here.
// Its subject is an id, never an address or a name.
type Audit struct {
	N                           int64
	At                          time.Time
	Actor, Act, Subject, Detail string
}

// AddAudit writes a line.
func (t *Tx) AddAudit(ctx context.Context, a Audit) error {
	const add = "INSERT INTO audit (at, actor, act, subject, detail) VALUES ($1, $2, $3, $4, $5)"
	if _, err := t.tx.ExecContext(ctx, add, ms(a.At), a.Actor, a.Act, a.Subject, plain(a.Detail)); err != nil {
		return fmt.Errorf("audit %s of %s: %w", a.Act, a.Subject, err)
	}
	return nil
}

// Audits lists the newest.
func (t *Tx) Audits(ctx context.Context, n int) ([]Audit, error) {
	const list = "SELECT n, at, actor, act, subject, detail FROM audit ORDER BY n DESC LIMIT $1"
	var all []Audit
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			a  Audit
			at int64
		)
		err := rows.Scan(&a.N, &at, &a.Actor, &a.Act, &a.Subject, &a.Detail)
		a.At = moment(at)
		all = append(all, a)
		return err
	}, list, n)
	if err != nil {
		return nil, fmt.Errorf("list audit: %w", err)
	}
	return all, nil
}

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

// HelpFiled says whether there is one of a key.
func (t *Tx) HelpFiled(ctx context.Context, key string) (filed bool, err error) {
	const ask = "SELECT EXISTS (SELECT 1 FROM help WHERE key = $1)"
	if err := t.tx.QueryRowContext(ctx, ask, key).Scan(&filed); err != nil {
		return false, fmt.Errorf("help request %s: %w", key, err)
	}
	return filed, nil
}

// FileHelp files one, once a key, and gives its number and when the first came.
func (t *Tx) FileHelp(ctx context.Context, h HelpRequest) (n int64, received time.Time, err error) {
	const ask = "SELECT n, hash, received FROM help WHERE key = $1"
	const add = `
		INSERT INTO help (key, hash, body, state, received, settled) VALUES ($1, $2, $3, 'open', $4, 0) RETURNING n`
	var (
		hash []byte
		at   int64
	)
	err = t.tx.QueryRowContext(ctx, ask, h.Key).Scan(&n, &hash, &at)
	switch {
	case err == nil && !bytes.Equal(hash, h.Hash):
		err = ErrOtherReport
	case err == nil:
		return n, moment(at), nil
	case errors.Is(err, sql.ErrNoRows):
		if err = t.tx.QueryRowContext(ctx, add, h.Key, blob(h.Hash), blob(h.Body), ms(h.Received)).Scan(&n); err == nil {
			return n, moment(ms(h.Received)), nil
		}
	}
	return 0, time.Time{}, fmt.Errorf("file help request %s: %w", h.Key, err)
}

const helpColumns = "SELECT n, key, hash, body, state, received, settled FROM help "

func (t *Tx) helps(ctx context.Context, text string, args ...any) (all []HelpRequest, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			h                 HelpRequest
			received, settled int64
		)
		err := rows.Scan(&h.N, &h.Key, &h.Hash, &h.Body, &h.State, &received, &settled)
		h.Received, h.Settled = moment(received), moment(settled)
		all = append(all, h)
		return err
	}, helpColumns+text, args...)
	return all, err
}

// Helps lists those of a state, oldest first.
func (t *Tx) Helps(ctx context.Context, state string, n int) ([]HelpRequest, error) {
	all, err := t.helps(ctx, "WHERE state = $1 ORDER BY n LIMIT $2", state, n)
	if err != nil {
		return nil, fmt.Errorf("list help requests that are %s: %w", state, err)
	}
	return all, nil
}

// Help finds one; ErrNotFound.
func (t *Tx) Help(ctx context.Context, n int64) (HelpRequest, error) {
	all, err := t.helps(ctx, "WHERE n = $1", n)
	return first(all, err, fmt.Sprintf("help request %d", n))
}

// SettleHelp ends one that is open. What the person wrote was decided on, so it stays for as
// long as the schedule says ([Tx.DropSettled]), and nobody is shown it but the person. ErrMoved
// if it was ended.
func (t *Tx) SettleHelp(ctx context.Context, n int64, state string, now time.Time) error {
	const end = "UPDATE help SET state = $2, settled = $3 WHERE n = $1 AND state = 'open'"
	done, err := t.count(ctx, fmt.Sprintf("settle help request %d", n), end, n, state, ms(now))
	if err == nil && done == 0 {
		err = fmt.Errorf("settle help request %d: %w", n, ErrMoved)
	}
	return err
}

// put writes a row under its version: one of version 0 is added. Both texts take the
// version as $2.
func (t *Tx) put(ctx context.Context, what string, ver int64, add, put string, args ...any) error {
	text := put
	if ver == 0 {
		text = add
	}
	n, err := t.count(ctx, "put "+what, text, args...)
	if err == nil && n == 0 {
		err = fmt.Errorf("put %s: %w", what, ErrMoved)
	}
	return err
}

// count runs a statement and says how many rows it changed. A unique key that another row
// holds is ErrTaken.
func (t *Tx) count(ctx context.Context, what, text string, args ...any) (int, error) {
	res, err := t.tx.ExecContext(ctx, text, args...)
	if err != nil {
		if errors.Is(t.fault(err), sqldb.ErrExists) {
			err = fmt.Errorf("%w: %w", ErrTaken, err)
		}
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// first is the row that was asked for, or ErrNotFound.
func first[T any](all []T, err error, what string) (one T, _ error) {
	switch {
	case err != nil:
		return one, fmt.Errorf("%s: %w", what, err)
	case len(all) == 0:
		return one, fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return all[0], nil
}

func missing(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ms is a moment as it is kept; moment is the way back.
func ms(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// null keeps no bytes as NULL, which is unlike any other; blob keeps them as none.
func null(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
