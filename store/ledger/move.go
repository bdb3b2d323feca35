package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"passerelle/store/sqldb"
)

// What a move can answer.
var (
	ErrNotEmpty = errors.New("the other ledger is not empty")
	ErrDiffers  = errors.New("what was copied is not what is here")
)

// Moved is what was copied of a table: its rows, and a digest in which their order has no
// part. The other ledger gave the same when it was read again.
type Moved struct {
	Table  string
	Rows   int64
	Digest [sha256.Size]byte
}

// Move copies a whole ledger, as it stands at one moment, into an empty one, a file or
// PostgreSQL. It is one transaction: when it fails, however late, nothing was copied. Nobody
// else may write to the first one from then on.
func Move(ctx context.Context, from, to *Ledger) (all []Moved, err error) {
	err = from.db.Read(ctx, func(src *sql.Tx) error {
		return to.db.Write(ctx, func(dst *sql.Tx) error {
			all = nil
			if err := empty(ctx, dst); err != nil {
				return err
			}
			for _, table := range tables() {
				m, err := moveTable(ctx, src, dst, table)
				if err != nil {
					return fmt.Errorf("table %s: %w", table, err)
				}
				all = append(all, m)
			}
			return goOn(ctx, from, to, src, dst)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("move the ledger: %w", err)
	}
	return all, nil
}

var made = regexp.MustCompile(`CREATE TABLE (\w+)`)

// tables are all of them, in the order in which they are made: whatever a row refers to
// comes before it.
func tables() (names []string) {
	for _, m := range migrations {
		for _, name := range made.FindAllStringSubmatch(m, -1) {
			names = append(names, name[1])
		}
	}
	return names
}

// empty makes sure that nothing was ever written, and takes away what a new ledger begins with.
func empty(ctx context.Context, tx *sql.Tx) error {
	for _, table := range tables() {
		ask := "SELECT EXISTS (SELECT 1 FROM " + table + ")"
		if table == "head" {
			ask = "SELECT EXISTS (SELECT 1 FROM head WHERE epoch > 1 OR seq > 0 OR next_id > 1)"
		}
		var used bool
		if err := tx.QueryRowContext(ctx, ask).Scan(&used); err != nil {
			return err
		}
		if used {
			return fmt.Errorf("%w: table %s", ErrNotEmpty, table)
		}
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM head")
	return err
}

func moveTable(ctx context.Context, src, dst *sql.Tx, table string) (m Moved, err error) {
	const most = 200 // rows an insert
	var (
		columns []string
		waiting []any
		sent    digest
		full    *sql.Stmt
	)
	insert := func(rows int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", table, strings.Join(columns, ", "))
		for n := range rows * len(columns) {
			switch {
			case n == 0:
				b.WriteString("(")
			case n%len(columns) == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d", n+1)
		}
		b.WriteString(")")
		return b.String()
	}
	err = eachRow(ctx, src, table, nil, func(names []string, row []any) (err error) {
		columns = names
		for n, v := range row {
			if s, ok := v.(string); ok {
				row[n] = plain(s)
			}
		}
		sent.add(row)
		waiting = append(waiting, row...)
		if len(waiting) < most*len(columns) {
			return nil
		}
		if full == nil {
			if full, err = dst.PrepareContext(ctx, insert(most)); err != nil { //nolint:sqlclosecheck // the transaction's end closes it
				return err
			}
		}
		_, err = full.ExecContext(ctx, waiting...)
		waiting = waiting[:0]
		return err
	})
	if err == nil && len(waiting) > 0 {
		_, err = dst.ExecContext(ctx, insert(len(waiting)/len(columns)), waiting...)
	}
	if err != nil {
		return m, err
	}
	var came digest
	if err := eachRow(ctx, dst, table, columns, func(_ []string, row []any) error { came.add(row); return nil }); err != nil {
		return m, err
	}
	m = Moved{Table: table, Rows: sent.rows, Digest: sent.bytes()}
	if came.rows != sent.rows || came.bytes() != m.Digest {
		return m, fmt.Errorf("%w: %d rows of %d", ErrDiffers, came.rows, sent.rows)
	}
	return m, nil
}

// eachRow hands over a table's columns, in the order of names if there are any. A row is
// the caller's to keep.
func eachRow(ctx context.Context, tx *sql.Tx, table string, names []string, yield func(names []string, row []any) error) error {
	what := "*"
	if len(names) > 0 {
		what = strings.Join(names, ", ")
	}
	var types []*sql.ColumnType
	return sqldb.Each(ctx, tx, func(rows *sql.Rows) (err error) {
		if types == nil {
			if types, err = rows.ColumnTypes(); err != nil {
				return err
			}
			names = nil
			for _, t := range types {
				names = append(names, t.Name())
			}
		}
		row, into := make([]any, len(names)), make([]any, len(names))
		for n := range row {
			into[n] = &row[n]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for n, t := range types {
			switch v := row[n].(type) {
			case int64:
				if t.DatabaseTypeName() == "BOOLEAN" {
					row[n] = v != 0 // SQLite keeps a number
				}
			case []byte:
				row[n] = blob(v) // no bytes are not NULL
			}
		}
		return yield(names, row)
	}, "SELECT "+what+" FROM "+table)
}

// digest is the sum of the rows' own digests, modulo 2^256.
type digest struct {
	rows int64
	sum  big.Int
}

func (d *digest) add(row []any) {
	h := sha256.New()
	put := func(kind byte, b []byte) {
		_, _ = h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(b))))
		_, _ = h.Write(b)
	}
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			put('n', nil)
		case int64:
			put('i', binary.BigEndian.AppendUint64(nil, uint64(v)))
		case bool:
			put('b', fmt.Append(nil, v))
		case string:
			put('s', []byte(v))
		case []byte:
			put('x', v)
		default:
			put('?', fmt.Appendf(nil, "%T %v", v, v)) // no column is of such a kind: it differs, and is said
		}
	}
	var one big.Int
	d.sum.Add(&d.sum, one.SetBytes(h.Sum(nil)))
	d.sum.SetBit(&d.sum, 256, 0)
	d.rows++
}

func (d *digest) bytes() (b [sha256.Size]byte) {
	d.sum.FillBytes(b[:])
	return b
}

// goOn makes the numbers that are given to new rows go on after those that were given, also
// after those of rows that are gone.
func goOn(ctx context.Context, from, to *Ledger, src, dst *sql.Tx) error {
	given, err := to.numbered(ctx, dst)
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	for table, column := range given {
		last, err := from.lastGiven(ctx, src, table, column)
		if err == nil && last > 0 {
			err = to.giveAfter(ctx, dst, table, column, last)
		}
		if err != nil {
			return fmt.Errorf("numbers of %s: %w", table, err)
		}
	}
	return nil
}

// numbered are the tables whose numbers are never given again, with their columns.
func (l *Ledger) numbered(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	ask := `
		SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.sql LIKE '%AUTOINCREMENT%' AND c.pk = 1`
	if l.served {
		ask = `
			SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND is_identity = 'YES'`
	}
	all := map[string]string{}
	err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		all[table] = column
		return err
	}, ask)
	return all, err
}

// lastGiven is the highest number that a table ever gave, as far as it is remembered.
func (l *Ledger) lastGiven(ctx context.Context, tx *sql.Tx, table, column string) (int64, error) {
	var last, ever sql.NullInt64
	if err := tx.QueryRowContext(ctx, "SELECT MAX("+column+") FROM "+table).Scan(&last); err != nil {
		return 0, err
	}
	if !l.served {
		err := tx.QueryRowContext(ctx, "SELECT MAX(seq) FROM sqlite_sequence WHERE name = $1", table).Scan(&ever)
		return max(last.Int64, ever.Int64), err
	}
	var sequence sql.NullString
	if err := tx.QueryRowContext(ctx, "SELECT pg_get_serial_sequence($1, $2)", table, column).Scan(&sequence); err != nil || !sequence.Valid {
		return last.Int64, err
	}
	err := tx.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "+sequence.String).Scan(&ever)
	return max(last.Int64, ever.Int64), err
}

func (l *Ledger) giveAfter(ctx context.Context, tx *sql.Tx, table, column string, last int64) error {
	if l.served {
		_, err := tx.ExecContext(ctx, "SELECT setval(pg_get_serial_sequence($1, $2), $3)", table, column, last)
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = $1", table); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", table, last)
	return err
}
