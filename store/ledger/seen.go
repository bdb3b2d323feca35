package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// dataTables are who looked at what an account holds, and what its person contests. A line
// names whoever looked by the id of their account; what a person wrote is sealed.
const dataTables = `
	CREATE TABLE seen (
		n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, at BIGINT NOT NULL,
		role TEXT NOT NULL, viewer TEXT NOT NULL, what TEXT NOT NULL, ref TEXT NOT NULL, mark TEXT NOT NULL);
	CREATE INDEX seen_account ON seen (account, n);
	CREATE INDEX seen_viewer ON seen (viewer, account, mark) WHERE viewer <> '';
	CREATE INDEX seen_at ON seen (at);

	CREATE TABLE dispute (
		account TEXT NOT NULL, field TEXT NOT NULL, body BLOB NOT NULL, at BIGINT NOT NULL,
		PRIMARY KEY (account, field));
`

// Seen is a line of the access log: somebody looked at what an account holds.
type Seen struct {
	N       int64
	Account string // whose it is
	At      time.Time
	Role    string
	Viewer  string // account of who looked; "": an operator
	What    string
	Ref     string
	Mark    string // what exactly was shown, so that showing it again can be told
}

// AddSeen writes a line, in the transaction that reads what is shown. The same mark, shown
// to the same person again within so long, is the same look: an answer that was lost, a
// list that was drawn again. 0, or no mark: every time is another one.
func (t *Tx) AddSeen(ctx context.Context, s Seen, within time.Duration) error {
	const add = `
		INSERT INTO seen (account, at, role, viewer, what, ref, mark)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT)
		WHERE NOT EXISTS (
			SELECT 1 FROM seen WHERE viewer = $4 AND viewer <> '' AND account = $1 AND mark = $7 AND mark <> '' AND at > $8)`
	_, err := t.count(ctx, "access log of account "+s.Account, add, s.Account, ms(s.At), s.Role, s.Viewer, s.What, s.Ref, plain(s.Mark), ms(s.At.Add(-within)))
	return err
}

// SeenOf lists an account's lines, the newest first, n at most.
func (t *Tx) SeenOf(ctx context.Context, account string, n int) (all []Seen, err error) {
	const list = "SELECT n, account, at, role, viewer, what, ref, mark FROM seen WHERE account = $1 ORDER BY n DESC LIMIT $2"
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s  Seen
			at int64
		)
		err := rows.Scan(&s.N, &s.Account, &at, &s.Role, &s.Viewer, &s.What, &s.Ref, &s.Mark)
		s.At = moment(at)
		all = append(all, s)
		return err
	}, list, account, n)
	if err != nil {
		return nil, fmt.Errorf("access log of account %s: %w", account, err)
	}
	return all, nil
}

// Dispute is a note of disagreement.
type Dispute struct {
	Account, Field string
	Body           []byte // sealed
	At             time.Time
}

// PutDispute writes one, over the one before of that field.
func (t *Tx) PutDispute(ctx context.Context, d Dispute) error {
	const put = `
		INSERT INTO dispute (account, field, body, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, field) DO UPDATE SET body = excluded.body, at = excluded.at`
	_, err := t.count(ctx, "dispute of account "+d.Account, put, d.Account, d.Field, blob(d.Body), ms(d.At))
	return err
}

// DropDispute takes one away; none is no error.
func (t *Tx) DropDispute(ctx context.Context, account, field string) error {
	_, err := t.count(ctx, "drop dispute of account "+account, "DELETE FROM dispute WHERE account = $1 AND field = $2", account, field)
	return err
}

// Disputes lists an account's, by field.
func (t *Tx) Disputes(ctx context.Context, account string) (all []Dispute, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			d  Dispute
			at int64
		)
		err := rows.Scan(&d.Account, &d.Field, &d.Body, &at)
		d.At = moment(at)
		all = append(all, d)
		return err
	}, "SELECT account, field, body, at FROM dispute WHERE account = $1 ORDER BY field", account)
	if err != nil {
		return nil, fmt.Errorf("disputes of account %s: %w", account, err)
	}
	return all, nil
}

// HasDoc says whether an account may see a record of a kind: its own, or one of a part that
// it is a member of.
func (t *Tx) HasDoc(ctx context.Context, account, kind, id string) (has bool, err error) {
	const ask = `
		SELECT EXISTS (SELECT 1 FROM doc WHERE part = $2 AND id = $4 AND kind = $3 AND NOT deleted)
			OR EXISTS (
				SELECT 1 FROM member m JOIN doc d ON d.part = m.part
				WHERE m.account = $1 AND d.id = $4 AND d.kind = $3 AND NOT d.deleted)`
	if err := t.tx.QueryRowContext(ctx, ask, account, "person/"+account, kind, id).Scan(&has); err != nil {
		return false, fmt.Errorf("record %s of account %s: %w", id, account, err)
	}
	return has, nil
}
