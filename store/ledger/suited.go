package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// suitedTables are who is matched, with which postings, and what both sides decided. A
// seeker's row says nothing of the profile but how it is matched; what suits whom can be
// found again from profiles and postings, what was decided cannot. ref is by what an employer
// knows a seeker: another one for each posting.
const suitedTables = `
	CREATE TABLE matching (one INTEGER PRIMARY KEY CHECK (one = 1), seq BIGINT NOT NULL);
	CREATE TABLE seeker (
		account TEXT PRIMARY KEY, ver BIGINT NOT NULL, version BIGINT NOT NULL,
		strict BOOLEAN NOT NULL, express BOOLEAN NOT NULL, at BIGINT NOT NULL);
	CREATE TABLE suited (
		account TEXT NOT NULL, posting BIGINT NOT NULL, ref TEXT NOT NULL UNIQUE,
		percent BIGINT NOT NULL, strict BOOLEAN NOT NULL, at BIGINT NOT NULL,
		PRIMARY KEY (account, posting));
	CREATE INDEX suited_posting ON suited (posting, percent);
	CREATE TABLE choice (
		account TEXT NOT NULL, posting BIGINT NOT NULL, state TEXT NOT NULL,
		part TEXT NOT NULL, doc TEXT NOT NULL, code TEXT NOT NULL,
		made BIGINT NOT NULL, ended BIGINT NOT NULL,
		PRIMARY KEY (account, posting));
	CREATE INDEX choice_posting ON choice (posting);
	CREATE INDEX choice_state ON choice (state);
	CREATE INDEX choice_doc ON choice (part, doc);
	CREATE INDEX doc_posting ON doc (id) WHERE kind = 'posting';
`

// matchedLists are the rules and lists that everybody was matched by.
const matchedLists = "ALTER TABLE matching ADD COLUMN lists TEXT NOT NULL DEFAULT ''"

// MatchBy says by which rules and lists everybody is matched. With others than before, every
// posting is to be held against every profile again.
func (t *Tx) MatchBy(ctx context.Context, lists string) error {
	const put = `
		INSERT INTO matching (one, seq, lists) VALUES (1, 0, $1)
		ON CONFLICT (one) DO UPDATE SET seq = 0, lists = excluded.lists WHERE matching.lists <> excluded.lists`
	_, err := t.count(ctx, "match by "+lists, put, lists)
	return err
}

// Matched is up to which change postings were held against everybody's profile. Nobody else
// who asks gets an answer before this transaction ends.
func (t *Tx) Matched(ctx context.Context) (seq int64, err error) {
	const ask = "INSERT INTO matching (one, seq) VALUES (1, 0) ON CONFLICT (one) DO UPDATE SET seq = matching.seq RETURNING seq"
	if err := t.tx.QueryRowContext(ctx, ask).Scan(&seq); err != nil {
		return 0, fmt.Errorf("where matching stands: %w", err)
	}
	return seq, nil
}

// Unmatched lists the postings of this bank that changed since everybody's profile was held
// against them, and up to where that goes.
func (t *Tx) Unmatched(ctx context.Context) (rows []int64, seq int64, err error) {
	h, err := readHead(ctx, t.tx, "")
	if err != nil {
		return nil, 0, fmt.Errorf("position: %w", err)
	}
	err = sqldb.Each(ctx, t.tx, func(r *sql.Rows) error {
		var row int64
		err := r.Scan(&row)
		rows = append(rows, row)
		return err
	}, `SELECT id FROM posting WHERE seq > COALESCE((SELECT m.seq FROM matching m WHERE m.one = 1), 0) AND seq <= $1 AND source = 'native' ORDER BY id`, h.seq)
	if err != nil {
		return nil, 0, fmt.Errorf("postings that are not matched: %w", err)
	}
	return rows, h.seq, nil
}

// SetMatched moves it.
func (t *Tx) SetMatched(ctx context.Context, seq int64) error {
	const put = `
		INSERT INTO matching (one, seq) VALUES (1, $1)
		ON CONFLICT (one) DO UPDATE SET seq = CASE WHEN matching.seq < excluded.seq THEN excluded.seq ELSE matching.seq END`
	_, err := t.count(ctx, "move matching", put, seq)
	return err
}

// NativeSince hands over the postings of this bank that changed after a position, in the
// order in which they did, those that ended too, and up to where that goes. Whoever begins
// with none is spared what ended before a day.
func (t *Tx) NativeSince(ctx context.Context, after int64, day posting.Day, yield func(posting.Posting) error) (seq int64, err error) {
	h, err := readHead(ctx, t.tx, "")
	if err != nil {
		return 0, fmt.Errorf("position: %w", err)
	}
	if h.seq <= after {
		return h.seq, nil
	}
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var card, details []byte
		if err := rows.Scan(&card, &details); err != nil {
			return err
		}
		p, err := parse(card, details)
		if err != nil {
			return err
		}
		return yield(p)
	}, "SELECT card, details FROM posting WHERE seq > $1 AND seq <= $2 AND source = 'native' AND ($1 > 0 OR ends >= $3) ORDER BY seq, id", after, h.seq, day)
	if err != nil {
		return 0, fmt.Errorf("postings of this bank after %d: %w", after, err)
	}
	return h.seq, nil
}

// PostingByNumber reads the short half of a posting by its public number; ErrNotFound.
func (t *Tx) PostingByNumber(ctx context.Context, number int64) (posting.Card, error) {
	var card []byte
	if err := t.tx.QueryRowContext(ctx, "SELECT card FROM posting WHERE number = $1", number).Scan(&card); err != nil {
		return posting.Card{}, missing(err, "posting by its number")
	}
	return posting.ParseCard(card)
}

// NativePosting reads the short half of one of this bank's own by the id of its record; ErrNotFound.
func (t *Tx) NativePosting(ctx context.Context, doc string) (posting.Card, error) {
	var card []byte
	if err := t.tx.QueryRowContext(ctx, "SELECT card FROM posting WHERE source = 'native' AND source_id = $1", doc).Scan(&card); err != nil {
		return posting.Card{}, missing(err, "posting by its record")
	}
	return posting.ParseCard(card)
}

// PostingDocs lists the records of that id that are an employer's posting, whosever: anybody
// can give a draft the id of another's.
func (t *Tx) PostingDocs(ctx context.Context, id string) (all []Doc, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		d, err := readDoc(rows)
		all = append(all, d)
		return err
	}, docColumns+" FROM doc d WHERE d.id = $1 AND d.kind = 'posting' AND NOT d.deleted ORDER BY d.part", id)
	if err != nil {
		return nil, fmt.Errorf("records of posting %s: %w", id, err)
	}
	return all, nil
}

// Seeker is an account whose profile is active: how it is matched.
type Seeker struct {
	Account string
	Ver     int64
	Version int64 // of the profile
	Strict  bool
	Express bool
	At      time.Time // activated
}

const seekerColumns = "account, ver, version, strict, express, at"

func (t *Tx) seekers(ctx context.Context, where string, args ...any) (all []Seeker, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s  Seeker
			at int64
		)
		err := rows.Scan(&s.Account, &s.Ver, &s.Version, &s.Strict, &s.Express, &at)
		s.At = moment(at)
		all = append(all, s)
		return err
	}, "SELECT "+seekerColumns+" FROM seeker WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list seekers: %w", err)
	}
	return all, nil
}

// Seeker finds one; ErrNotFound.
func (t *Tx) Seeker(ctx context.Context, account string) (Seeker, error) {
	all, err := t.seekers(ctx, "account = $1", account)
	return first(all, err, "seeker")
}

// Seekers lists n at most of those whose account is open and not suspended, by account, from
// behind one.
func (t *Tx) Seekers(ctx context.Context, after string, n int) ([]Seeker, error) {
	return t.seekers(ctx, "account > $1 AND EXISTS (SELECT 1 FROM account a WHERE a.id = seeker.account AND a.state IN ('active', 'warned')) ORDER BY account LIMIT $2", after, n)
}

// Resting lists n at most of those whose account is suspended or closed.
func (t *Tx) Resting(ctx context.Context, n int) ([]Seeker, error) {
	return t.seekers(ctx, "NOT EXISTS (SELECT 1 FROM account a WHERE a.id = seeker.account AND a.state IN ('active', 'warned')) ORDER BY account LIMIT $1", n)
}

// PutSeeker writes one over the version that was read; ErrMoved if it is another by now.
func (t *Tx) PutSeeker(ctx context.Context, s Seeker) error {
	const (
		add = `
			INSERT INTO seeker (account, ver, version, strict, express, at) VALUES ($1, $2 + 1, $3, $4, $5, $6)
			ON CONFLICT (account) DO NOTHING`
		put = "UPDATE seeker SET ver = $2 + 1, version = $3, strict = $4, express = $5, at = $6 WHERE account = $1 AND ver = $2"
	)
	return t.put(ctx, "seeker", s.Ver, add, put, s.Account, s.Ver, s.Version, s.Strict, s.Express, ms(s.At))
}

// DropSeeker takes an account out of matching, with what suits it. What was decided stays.
func (t *Tx) DropSeeker(ctx context.Context, account string) error {
	if _, err := t.count(ctx, "drop what suits an account", "DELETE FROM suited WHERE account = $1", account); err != nil {
		return err
	}
	_, err := t.count(ctx, "drop seeker", "DELETE FROM seeker WHERE account = $1", account)
	return err
}

// Suited is a posting that suits a seeker in the default way.
type Suited struct {
	Account string
	Posting int64  // its row
	Ref     string // by what its employer knows the seeker
	Percent int
	Strict  bool // in the strict way, too
	At      time.Time
	Choice  Choice // what was decided; zero: nothing
	Seeker  Seeker
	Open    bool // the account is, and is not suspended
}

func (t *Tx) suited(ctx context.Context, rest string, args ...any) (all []Suited, err error) {
	const ask = `
		SELECT s.account, s.posting, s.ref, s.percent, s.strict, s.at,
			COALESCE(c.state, ''), COALESCE(c.part, ''), COALESCE(c.doc, ''), COALESCE(c.code, ''),
			k.version, k.strict, k.express,
			EXISTS (SELECT 1 FROM account a WHERE a.id = s.account AND a.state IN ('active', 'warned'))
		FROM suited s JOIN seeker k ON k.account = s.account
		LEFT JOIN choice c ON c.account = s.account AND c.posting = s.posting WHERE `
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s  Suited
			at int64
		)
		err := rows.Scan(&s.Account, &s.Posting, &s.Ref, &s.Percent, &s.Strict, &at,
			&s.Choice.State, &s.Choice.Part, &s.Choice.Doc, &s.Choice.Code, &s.Seeker.Version, &s.Seeker.Strict, &s.Seeker.Express, &s.Open)
		s.At, s.Seeker.Account = moment(at), s.Account
		all = append(all, s)
		return err
	}, ask+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("list what suits: %w", err)
	}
	return all, nil
}

// SuitedTo lists what suits an account, the best first.
func (t *Tx) SuitedTo(ctx context.Context, account string) ([]Suited, error) {
	return t.suited(ctx, "s.account = $1 ORDER BY s.percent DESC, s.posting DESC", account)
}

// SuitedBy lists whom a posting suits, the best first; equals in the order of their refs,
// which says nothing of them.
func (t *Tx) SuitedBy(ctx context.Context, posting int64) ([]Suited, error) {
	return t.suited(ctx, "s.posting = $1 ORDER BY s.percent DESC, s.ref", posting)
}

// SuitedAmong gives, in one look, what suits the accounts in (after, upto] among some
// postings, without what was decided, by account.
func (t *Tx) SuitedAmong(ctx context.Context, after, upto string, postings []int64) (map[string][]Suited, error) {
	const most = 200 // beyond it, all of them are read
	ask, args := "SELECT account, posting, ref, percent, strict, at FROM suited WHERE account > $1 AND account <= $2", []any{after, upto}
	if len(postings) <= most {
		var in string
		in, args = among(postings, args...)
		ask += " AND posting IN (" + in + ")"
	}
	all := map[string][]Suited{}
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			s  Suited
			at int64
		)
		err := rows.Scan(&s.Account, &s.Posting, &s.Ref, &s.Percent, &s.Strict, &at)
		s.At = moment(at)
		all[s.Account] = append(all[s.Account], s)
		return err
	}, ask, args...)
	if err != nil {
		return nil, fmt.Errorf("list what suits: %w", err)
	}
	return all, nil
}

// SuitedByRef finds one by what its employer knows; ErrNotFound.
func (t *Tx) SuitedByRef(ctx context.Context, ref string) (Suited, error) {
	all, err := t.suited(ctx, "s.ref = $1", ref)
	return first(all, err, "match")
}

// PutSuited writes one, over the one before.
func (t *Tx) PutSuited(ctx context.Context, s Suited) error {
	const put = `
		INSERT INTO suited (account, posting, ref, percent, strict, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, posting) DO UPDATE SET percent = excluded.percent, strict = excluded.strict`
	_, err := t.count(ctx, "put what suits", put, s.Account, s.Posting, s.Ref, s.Percent, s.Strict, ms(s.At))
	return err
}

// DropSuited takes one away; none is no error.
func (t *Tx) DropSuited(ctx context.Context, account string, posting int64) error {
	_, err := t.count(ctx, "drop what suits", "DELETE FROM suited WHERE account = $1 AND posting = $2", account, posting)
	return err
}

// DropEnded takes away what ended before a day, or was stopped.
func (t *Tx) DropEnded(ctx context.Context, before posting.Day) (int, error) {
	return t.count(ctx, "drop matches that ended", "DELETE FROM suited WHERE posting IN (SELECT p.id FROM posting p WHERE p.source = 'native' AND (p.state <> '' OR p.ends < $1))", before)
}

// TrimSuited keeps of what suits an account the best n.
func (t *Tx) TrimSuited(ctx context.Context, account string, n int) error {
	const trim = `
		DELETE FROM suited WHERE account = $1 AND (SELECT COUNT(*) FROM suited n WHERE n.account = $1) > $2 AND posting NOT IN (
			SELECT s.posting FROM suited s WHERE s.account = $1 ORDER BY s.percent DESC, s.posting DESC LIMIT $2)`
	_, err := t.count(ctx, "trim what suits", trim, account, n)
	return err
}

// Choice is what was decided between a seeker and a posting: an invitation and what became
// of it, or a refusal. There is one at most, for good.
type Choice struct {
	Account   string
	Posting   int64
	State     string // of the seeker's record
	Part, Doc string // the employer's invitation; "": none
	Code      string // that the applicant quotes
	Made      time.Time
	Ended     time.Time
}

const choiceColumns = "account, posting, state, part, doc, code, made, ended"

func (t *Tx) choices(ctx context.Context, where string, args ...any) (all []Choice, err error) {
	err = sqldb.Each(ctx, t.tx, func(rows *sql.Rows) error {
		var (
			c           Choice
			made, ended int64
		)
		err := rows.Scan(&c.Account, &c.Posting, &c.State, &c.Part, &c.Doc, &c.Code, &made, &ended)
		c.Made, c.Ended = moment(made), moment(ended)
		all = append(all, c)
		return err
	}, "SELECT "+choiceColumns+" FROM choice WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list choices: %w", err)
	}
	return all, nil
}

// Choice finds one; ErrNotFound.
func (t *Tx) Choice(ctx context.Context, account string, posting int64) (Choice, error) {
	all, err := t.choices(ctx, "account = $1 AND posting = $2", account, posting)
	return first(all, err, "choice")
}

// ChoiceBy finds the one of an employer's invitation; ErrNotFound.
func (t *Tx) ChoiceBy(ctx context.Context, part, doc string) (Choice, error) {
	all, err := t.choices(ctx, "part = $1 AND doc = $2", part, doc)
	return first(all, err, "choice of an invitation")
}

// Choices lists those of an account.
func (t *Tx) Choices(ctx context.Context, account string) ([]Choice, error) {
	return t.choices(ctx, "account = $1 ORDER BY posting", account)
}

// OpenChoices lists n at most of the invitations that are open, for postings that end before
// a day or were stopped, from behind one.
func (t *Tx) OpenChoices(ctx context.Context, before posting.Day, after Choice, n int) ([]Choice, error) {
	return t.choices(ctx, `state IN ('invited', 'viewed') AND (account > $2 OR account = $2 AND posting > $3) AND EXISTS (
		SELECT 1 FROM posting p WHERE p.id = choice.posting AND (p.state <> '' OR p.ends < $1)) ORDER BY account, posting LIMIT $4`,
		before, after.Account, after.Posting, n)
}

// PutChoice writes one, over the one before.
func (t *Tx) PutChoice(ctx context.Context, c Choice) error {
	const put = `
		INSERT INTO choice (account, posting, state, part, doc, code, made, ended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (account, posting) DO UPDATE SET state = excluded.state, part = excluded.part, doc = excluded.doc,
			code = excluded.code, made = excluded.made, ended = excluded.ended`
	_, err := t.count(ctx, "put choice", put, c.Account, c.Posting, c.State, c.Part, c.Doc, c.Code, ms(c.Made), ms(c.Ended))
	return err
}

// DropChoices forgets what was decided about postings that ended before a day, and by
// accounts that are closed.
func (t *Tx) DropChoices(ctx context.Context, before posting.Day) (int, error) {
	return t.count(ctx, "drop old choices", `
		DELETE FROM choice WHERE account IN (SELECT id FROM account WHERE state = 'closed')
			OR NOT EXISTS (SELECT 1 FROM posting p WHERE p.id = choice.posting AND p.ends >= $1)`, before)
}
