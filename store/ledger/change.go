package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// recordTables are the tables of private records. A part is a partition with its counter
// row, whose seq is raised last in a transaction: it stays locked until the commit, so a
// part's changes have no gaps and are read in the order in which they were committed.
// Bodies and answers are sealed; a record's older versions are not kept.
const recordTables = `
	CREATE TABLE part (
		name TEXT PRIMARY KEY, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, floor BIGINT NOT NULL,
		records BIGINT NOT NULL, bytes BIGINT NOT NULL);
	CREATE TABLE member (
		account TEXT NOT NULL, part TEXT NOT NULL, role TEXT NOT NULL,
		since BIGINT NOT NULL, ends BIGINT NOT NULL,
		PRIMARY KEY (account, part));
	CREATE INDEX member_part ON member (part);

	CREATE TABLE doc (
		part TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, ver BIGINT NOT NULL,
		body BLOB NOT NULL, deleted BOOLEAN NOT NULL,
		author TEXT NOT NULL, client TEXT NOT NULL, run BIGINT NOT NULL, at BIGINT NOT NULL,
		PRIMARY KEY (part, id));
	CREATE INDEX doc_deleted ON doc (at) WHERE deleted;
	CREATE TABLE change (
		part TEXT NOT NULL, seq BIGINT NOT NULL, doc TEXT NOT NULL, ver BIGINT NOT NULL, at BIGINT NOT NULL,
		PRIMARY KEY (part, seq));
	CREATE INDEX change_at ON change (at);

	CREATE TABLE mutation (
		account TEXT NOT NULL, id TEXT NOT NULL, client TEXT NOT NULL, client_seq BIGINT NOT NULL,
		sent_mac BLOB NOT NULL, answer BLOB NOT NULL, at BIGINT NOT NULL, ends BIGINT NOT NULL,
		PRIMARY KEY (account, id), UNIQUE (account, client, client_seq));
	CREATE INDEX mutation_ends ON mutation (ends) WHERE ends > 0;
	CREATE TABLE submission (
		part TEXT NOT NULL, doc TEXT NOT NULL, command TEXT NOT NULL, revision BIGINT NOT NULL,
		account TEXT NOT NULL, mutation TEXT NOT NULL, at BIGINT NOT NULL,
		PRIMARY KEY (part, doc, command, revision));
`

// Part is where a partition stands.
type Part struct {
	Name       string // as in "person/ID"
	Epoch, Seq int64
	Floor      int64 // changes up to it are no longer told one by one
	Records    int64 // that are not removed
	Bytes      int64 // of their bodies, sealed
}

// Part finds one; ErrNotFound.
func (t *Tx) Part(ctx context.Context, name string) (p Part, err error) {
	const ask = "SELECT name, epoch, seq, floor, records, bytes FROM part WHERE name = $1"
	err = t.tx.QueryRowContext(ctx, ask, name).Scan(&p.Name, &p.Epoch, &p.Seq, &p.Floor, &p.Records, &p.Bytes)
	return p, missing(err, "part "+name)
}

// PartsOf gives, in one look, the parts that an account is a member of, of which a counsellor
// has hundreds, and two others by their names. One that was never written to is not there.
func (t *Tx) PartsOf(ctx context.Context, account, own, office string) (map[string]Part, error) {
	const ask = `
		SELECT name, epoch, seq, floor, records, bytes FROM part WHERE name IN ($2, $3)
		UNION ALL
		SELECT p.name, p.epoch, p.seq, p.floor, p.records, p.bytes
		FROM member m JOIN part p ON p.name = m.part WHERE m.account = $1`
	all := map[string]Part{}
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var p Part
		err := rows.Scan(&p.Name, &p.Epoch, &p.Seq, &p.Floor, &p.Records, &p.Bytes)
		all[p.Name] = p
		return err
	}, ask, account, own, office)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", account, err)
	}
	return all, nil
}

// Epoch is the ledger's, which a new part begins in.
func (t *Tx) Epoch(ctx context.Context) (epoch int64, err error) {
	if err := t.tx.QueryRowContext(ctx, "SELECT epoch FROM head WHERE one = 1").Scan(&epoch); err != nil {
		return 0, fmt.Errorf("epoch: %w", err)
	}
	return epoch, nil
}

// AddPart makes a part in the ledger's epoch; added says whether it was not there.
func (t *Tx) AddPart(ctx context.Context, name string) (added bool, err error) {
	const add = `
		INSERT INTO part (name, epoch, seq, floor, records, bytes)
		SELECT $1, epoch, 0, 0, 0, 0 FROM head WHERE one = 1 ON CONFLICT (name) DO NOTHING`
	n, err := t.count(ctx, "add part "+name, add, name)
	return n == 1, err
}

// Advance moves a part's counter by one and its sizes by what changed. It is the last
// write of a transaction but for the change row that it numbers.
func (t *Tx) Advance(ctx context.Context, name string, records, bytes int64) (p Part, err error) {
	const move = `
		UPDATE part SET seq = seq + 1, records = records + $2, bytes = bytes + $3 WHERE name = $1
		RETURNING name, epoch, seq, floor, records, bytes`
	err = t.tx.QueryRowContext(ctx, move, name, records, bytes).Scan(&p.Name, &p.Epoch, &p.Seq, &p.Floor, &p.Records, &p.Bytes)
	return p, missing(err, "advance part "+name)
}

// Member is an account that may see a part which is not its own.
type Member struct {
	Account, Part string
	Role          string // what it may do there is the hub's business
	Since         time.Time
	Ends          time.Time // zero: when somebody ends it
}

// Memberships lists an account's, by the name of the part.
func (t *Tx) Memberships(ctx context.Context, account string) ([]Member, error) {
	return t.members(ctx, "WHERE account = $1 ORDER BY part", account)
}

// Members lists a part's, by account.
func (t *Tx) Members(ctx context.Context, part string) ([]Member, error) {
	return t.members(ctx, "WHERE part = $1 ORDER BY account", part)
}

// Member finds one; ErrNotFound.
func (t *Tx) Member(ctx context.Context, account, part string) (Member, error) {
	all, err := t.members(ctx, "WHERE account = $1 AND part = $2", account, part)
	return first(all, err, "member of "+part)
}

func (t *Tx) members(ctx context.Context, text string, args ...any) (all []Member, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			m           Member
			since, ends int64
		)
		err := rows.Scan(&m.Account, &m.Part, &m.Role, &since, &ends)
		m.Since, m.Ends = moment(since), moment(ends)
		all = append(all, m)
		return err
	}, "SELECT account, part, role, since, ends FROM member "+text, args...)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return all, nil
}

// PutMember lets an account see a part, or changes its role there and until when.
func (t *Tx) PutMember(ctx context.Context, m Member) error {
	const put = `
		INSERT INTO member (account, part, role, since, ends) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account, part) DO UPDATE SET role = excluded.role, ends = excluded.ends`
	_, err := t.count(ctx, "put member of "+m.Part, put, m.Account, m.Part, m.Role, ms(m.Since), ms(m.Ends))
	return err
}

// DropMember ends a membership; none is no error.
func (t *Tx) DropMember(ctx context.Context, account, part string) error {
	_, err := t.count(ctx, "drop member of "+part, "DELETE FROM member WHERE account = $1 AND part = $2", account, part)
	return err
}

// Doc is a private record as it stands. One that was removed stays for a while, without its
// body, to be told of.
type Doc struct {
	Part, ID, Kind string
	Ver            int64  // 1 when made, one more with each change
	Body           []byte // sealed
	Deleted        bool
	Author         string // account that made this version
	Client         string // and the file it was made in
	Run            int64  // first version of those that Client made without another's between
	At             time.Time
}

const docColumns = "SELECT d.part, d.id, d.kind, d.ver, d.body, d.deleted, d.author, d.client, d.run, d.at"

func readDoc(row interface{ Scan(...any) error }, more ...any) (d Doc, err error) {
	var at int64
	err = row.Scan(append([]any{&d.Part, &d.ID, &d.Kind, &d.Ver, &d.Body, &d.Deleted, &d.Author, &d.Client, &d.Run, &at}, more...)...)
	d.At = moment(at)
	return d, err
}

// Doc finds one, removed or not; ErrNotFound.
func (t *Tx) Doc(ctx context.Context, part, id string) (Doc, error) {
	d, err := readDoc(t.tx.QueryRowContext(ctx, docColumns+" FROM doc d WHERE d.part = $1 AND d.id = $2", part, id))
	return d, missing(err, "record "+part+"/"+id)
}

// PutDoc writes version d.Ver over version d.Ver-1: the first is added. ErrMoved.
func (t *Tx) PutDoc(ctx context.Context, d Doc) error {
	const add = `
		INSERT INTO doc (part, id, ver, kind, body, deleted, author, client, run, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (part, id) DO NOTHING`
	const put = `
		UPDATE doc SET ver = $3, kind = $4, body = $5, deleted = $6, author = $7, client = $8, run = $9, at = $10
		WHERE part = $1 AND id = $2 AND ver = $3 - 1`
	return t.put(ctx, "record "+d.Part+"/"+d.ID, d.Ver-1, add, put,
		d.Part, d.ID, d.Ver, d.Kind, blob(d.Body), d.Deleted, d.Author, d.Client, d.Run, ms(d.At))
}

// Docs hands over what stands in a part, without what was removed.
func (t *Tx) Docs(ctx context.Context, part string, yield func(Doc) error) error {
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		d, err := readDoc(rows)
		if err != nil {
			return err
		}
		return yield(d)
	}, docColumns+" FROM doc d WHERE d.part = $1 AND NOT d.deleted ORDER BY d.id", part)
	if err != nil {
		return fmt.Errorf("list records of %s: %w", part, err)
	}
	return nil
}

// Change is a line of a part's log, with the record as it stands.
type Change struct {
	Seq, Ver int64 // Ver: of the record after this change; Doc's may be past it
	Doc
}

// AddChange writes the line that [Tx.Advance] numbered.
func (t *Tx) AddChange(ctx context.Context, part string, seq int64, id string, ver int64, now time.Time) error {
	const add = "INSERT INTO change (part, seq, doc, ver, at) VALUES ($1, $2, $3, $4, $5)"
	if _, err := t.tx.ExecContext(ctx, add, part, seq, id, ver, ms(now)); err != nil {
		return fmt.Errorf("change %d of %s: %w", seq, part, err)
	}
	return nil
}

// errEnough ends a list before its end.
var errEnough = errors.New("enough")

// Enough is what a yield of [Tx.Changes] answers to be given no more.
func Enough() error { return errEnough }

// listChanges takes the lines first, and each one's record by its key. Were it one join,
// PostgreSQL would know that both tables are asked for the same part; as long as it thinks
// that a part has few records, it reads all of them again for every line.
const listChanges = docColumns + `, c.seq, c.ver FROM (
		SELECT part, seq, doc, ver FROM change WHERE part = $1 AND seq > $2 ORDER BY seq LIMIT $3) c
	JOIN doc d ON d.part = c.part AND d.id = c.doc ORDER BY c.seq`

// Changes hands over a part's log after a position, in order and without gaps, n at most.
func (t *Tx) Changes(ctx context.Context, part string, after int64, n int, yield func(Change) error) error {
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) (err error) {
		var c Change
		if c.Doc, err = readDoc(rows, &c.Seq, &c.Ver); err != nil {
			return err
		}
		return yield(c)
	}, listChanges, part, after, n)
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("changes of %s after %d: %w", part, after, err)
	}
	return nil
}

// Mutation is what became of a change that a desk sent: it says the same when it comes again.
type Mutation struct {
	Account, ID string
	Client      string
	ClientSeq   int64
	Sent        []byte // keyed hash of what was sent
	Answer      []byte // sealed
	At          time.Time
	Ends        time.Time // when it may be forgotten; zero: never
}

// AddMutation writes one without its answer. If its id, or its client and number, are there
// already, it gives that one; ErrMoved if it went meanwhile.
func (t *Tx) AddMutation(ctx context.Context, m Mutation) (before Mutation, known bool, err error) {
	const add = `
		INSERT INTO mutation (account, id, client, client_seq, sent_mac, answer, at, ends)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
	const ask = `
		SELECT account, id, client, client_seq, sent_mac, answer, at, ends FROM mutation
		WHERE account = $1 AND (id = $2 OR client = $3 AND client_seq = $4)
		ORDER BY CASE id WHEN $2 THEN 0 ELSE 1 END LIMIT 1`
	n, err := t.count(ctx, "add mutation "+m.ID, add, m.Account, m.ID, m.Client, m.ClientSeq, blob(m.Sent), []byte{}, ms(m.At), ms(m.Ends))
	if err != nil || n == 1 {
		return before, false, err
	}
	var at, ends int64
	err = t.tx.QueryRowContext(ctx, ask, m.Account, m.ID, m.Client, m.ClientSeq).Scan(
		&before.Account, &before.ID, &before.Client, &before.ClientSeq, &before.Sent, &before.Answer, &at, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		err = sqldb.ErrAgain
	}
	if err != nil {
		return before, false, fmt.Errorf("mutation %s: %w", m.ID, err)
	}
	before.At, before.Ends = moment(at), moment(ends)
	return before, true, nil
}

// AnswerMutation writes the answer of one that was added; the zero ends keeps it for ever.
func (t *Tx) AnswerMutation(ctx context.Context, account, id string, answer []byte, ends time.Time) error {
	const put = "UPDATE mutation SET answer = $3, ends = $4 WHERE account = $1 AND id = $2"
	n, err := t.count(ctx, "answer mutation "+id, put, account, id, blob(answer), ms(ends))
	if err == nil && n == 0 {
		err = fmt.Errorf("answer mutation %s: %w", id, ErrNotFound)
	}
	return err
}

// Submission is the one effect of a command on a revision of a record (invariant 3).
type Submission struct {
	Part, Doc, Command string
	Revision           int64
	Account, Mutation  string
	At                 time.Time
}

// Submit writes one; false if that revision had it.
func (t *Tx) Submit(ctx context.Context, s Submission) (first bool, err error) {
	const add = `
		INSERT INTO submission (part, doc, command, revision, account, mutation, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (part, doc, command, revision) DO NOTHING`
	n, err := t.count(ctx, s.Command+" of "+s.Part+"/"+s.Doc, add, s.Part, s.Doc, s.Command, s.Revision, s.Account, s.Mutation, ms(s.At))
	return n == 1, err
}

// Submissions lists those of a part, oldest first.
func (t *Tx) Submissions(ctx context.Context, part string) (all []Submission, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s  Submission
			at int64
		)
		err := rows.Scan(&s.Part, &s.Doc, &s.Command, &s.Revision, &s.Account, &s.Mutation, &at)
		s.At = moment(at)
		all = append(all, s)
		return err
	}, `SELECT part, doc, command, revision, account, mutation, at FROM submission
		WHERE part = $1 ORDER BY at, doc, command, revision`, part)
	if err != nil {
		return nil, fmt.Errorf("list submissions of %s: %w", part, err)
	}
	return all, nil
}

// DropMutations forgets the answers that were to be kept until a moment: what comes again
// after that is merged as if it were new.
func (t *Tx) DropMutations(ctx context.Context, until time.Time) (int, error) {
	return t.count(ctx, "drop old mutations", "DELETE FROM mutation WHERE ends > 0 AND ends < $1", ms(until))
}

// OldLogs names n parts at most that have changes of before a moment.
func (t *Tx) OldLogs(ctx context.Context, before time.Time, n int) (parts []string, err error) {
	const list = "SELECT part FROM change WHERE at < $1 GROUP BY part ORDER BY part LIMIT $2"
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var part string
		err := rows.Scan(&part)
		parts = append(parts, part)
		return err
	}, list, ms(before), n)
	if err != nil {
		return nil, fmt.Errorf("list old logs: %w", err)
	}
	return parts, nil
}

// DropChanges forgets a part's changes of before a moment and what was removed before it. Who
// has read less of the part than that is given everything that stands in it.
func (t *Tx) DropChanges(ctx context.Context, part string, before time.Time) (int, error) {
	const raise = `
		UPDATE part SET floor = (SELECT MAX(c.seq) FROM change c WHERE c.part = $1 AND c.at < $2)
		WHERE name = $1 AND EXISTS (SELECT 1 FROM change c WHERE c.part = $1 AND c.at < $2)`
	const drop = "DELETE FROM change WHERE part = $1 AND seq <= (SELECT p.floor FROM part p WHERE p.name = $1)"
	const removed = `
		DELETE FROM doc WHERE part = $1 AND deleted
			AND NOT EXISTS (SELECT 1 FROM change c WHERE c.part = $1 AND c.doc = doc.id)`
	if _, err := t.count(ctx, "raise the floor of "+part, raise, part, ms(before)); err != nil {
		return 0, err
	}
	n, err := t.count(ctx, "drop old changes of "+part, drop, part)
	if err != nil {
		return 0, err
	}
	_, err = t.count(ctx, "drop what was removed from "+part, removed, part)
	return n, err
}
