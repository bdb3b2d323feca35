package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// Held says where the rows about an account are found in a table. A table may have several.
type Held struct {
	Table  string
	Where  string // of $1, which is Before with the account's id
	Before string
	Record bool // of private records: asked for with them
}

// HeldTables are the tables with rows about an account, in the order in which they are given
// . A test holds that every table is here or in [NotHeld].
var HeldTables = []Held{
	{Table: "account", Where: "id = $1"},
	{Table: "factor", Where: "owner = $1", Before: "account:"},
	{Table: "recovery_code", Where: "owner = $1", Before: "account:"},
	{Table: "credential", Where: "account = $1"},
	{Table: "factor", Where: "owner IN (SELECT 'credential:' || id FROM credential WHERE account = $1)"},
	{Table: "recovery_code", Where: "owner IN (SELECT 'credential:' || id FROM credential WHERE account = $1)"},
	{Table: "session", Where: "account = $1"},
	{Table: "flow", Where: "account = $1"},
	{Table: "audit", Where: "subject = $1", Before: "account:"},
	{Table: "audit", Where: "actor = $1", Before: "agent:"},
	{Table: "seen", Where: "account = $1"},
	{Table: "dispute", Where: "account = $1"},
	{Table: "member", Where: "account = $1"},
	{Table: "seeker", Where: "account = $1"},
	{Table: "suited", Where: "account = $1"},
	{Table: "choice", Where: "account = $1"},
	{Table: "part", Where: "name = $1", Before: "person/"},
	{Table: "submission", Where: "account = $1"},
	{Table: "mutation", Where: "account = $1", Record: true},
	{Table: "change", Where: "part = $1", Before: "person/", Record: true},
	{Table: "doc", Where: "part = $1", Before: "person/", Record: true},
}

// HeldElsewhere are tables whose rows say nothing of an account by themselves, but may once
// they are opened, by whoever has the key: by what column they are found.
var HeldElsewhere = map[string]string{
	"help":         "the address in the sealed body",
	"job":          "the address in the sealed body, or the account in the key",
	"letter":       "the address, in the demonstration",
	"subscriber":   "the keyed hash of the address",
	"subscription": "the same, or the record of the account that it is",
}

// NotHeld are the tables without a row about an account, and why.
var NotHeld = map[string]string{
	"head":     "counters of the bank",
	"source":   "where postings come from",
	"posting":  "public",
	"run":      "what imports did",
	"problem":  "lines of imported files",
	"mark":     "marks of imported documents",
	"matching": "how far postings were held against profiles",
	"report":   "sent without an account: nothing says by whom",
	"throttle": "counts under keyed hashes, which forget within days and lead to nobody by themselves",
}

// moments are the columns that hold milliseconds since 1970.
var moments = map[string]bool{
	"at": true, "since": true, "ends": true, "created": true, "signed_in": true, "warned": true, "closed": true, "temp_ends": true,
	"used": true, "made": true, "expires": true, "seen": true, "factor_at": true, "revoked": true, "received": true, "settled": true,
	"due": true, "lease": true, "sent": true, "sent_before": true, "confirmed": true, "checked": true, "ended": true,
}

// HeldRows hands over the rows about an account that are found as held says, columns by
// their names: numbers, texts and bytes as they are kept, moments as time.Time. What is
// sealed is still so.
func (t *Tx) HeldRows(ctx context.Context, held Held, account string, yield func(row map[string]any) error) error {
	return t.rows(ctx, held.Table, held.Where, yield, held.Before+account)
}

// LettersTo hands over the letters of a demonstration's mailbox to an address.
func (t *Tx) LettersTo(ctx context.Context, address string, yield func(row map[string]any) error) error {
	return t.rows(ctx, "letter", "recipient = $1", yield, address)
}

// HelpSent hands over the requests for help that still say something.
func (t *Tx) HelpSent(ctx context.Context, yield func(row map[string]any) error) error {
	return t.rows(ctx, "help", "LENGTH(body) > 0", yield)
}

// JobsOf hands over the jobs of a kind that still hold something, and those whose key names
// the account.
func (t *Tx) JobsOf(ctx context.Context, kind, account string, yield func(row map[string]any) error) error {
	return t.rows(ctx, "job", "(kind = $1 AND LENGTH(body) > 0) OR key LIKE $2", yield, kind, "%/"+account+"/%")
}

// AlertsOf hands over who gets alerts at an address, by its keyed hash, and the alerts of
// that address and of an account's records, by table.
func (t *Tx) AlertsOf(ctx context.Context, mac []byte, account string, yield func(table string, row map[string]any) error) error {
	for table, where := range map[string]string{
		"subscriber":   "email_mac = $1 OR email_mac IN (SELECT b.email_mac FROM subscription b WHERE b.part = $2)",
		"subscription": "email_mac = $1 OR part = $2",
	} {
		err := t.rows(ctx, table, where, func(row map[string]any) error { return yield(table, row) }, mac, "person/"+account)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) rows(ctx context.Context, table, where string, yield func(row map[string]any) error, args ...any) error {
	var types []*sql.ColumnType
	err := sqldb.Each(ctx, t.tx, func(rows *sql.Rows) (err error) {
		if types == nil {
			if types, err = rows.ColumnTypes(); err != nil {
				return err
			}
		}
		values, into := make([]any, len(types)), make([]any, len(types))
		for n := range values {
			into[n] = &values[n]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row := make(map[string]any, len(types))
		for n, c := range types {
			v := values[n]
			if number, ok := v.(int64); ok {
				switch {
				case c.DatabaseTypeName() == "BOOLEAN":
					v = number != 0 // SQLite keeps a number
				case moments[c.Name()] && number == 0:
					v = nil
				case moments[c.Name()]:
					v = time.UnixMilli(number).UTC()
				}
			}
			row[c.Name()] = v
		}
		return yield(row)
	}, "SELECT * FROM "+table+" WHERE "+where, args...)
	if err != nil {
		return fmt.Errorf("rows of %s: %w", table, err)
	}
	return nil
}
