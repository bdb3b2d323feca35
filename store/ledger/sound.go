package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"passerelle/store/sqldb"
)

// Sound is what a look at all private records found.
type Sound struct {
	Parts, Records int64 // removed ones not counted
	Changes        int64
	Digest         [sha256.Size]byte // of every record's row, as it is sealed; their order has no part
}

// unsound are what cannot be in private records, whatever was pushed: each statement gives
// the names of the parts where it is.
var unsound = []struct{ what, ask string }{
	{"is of another epoch than the ledger", `
		SELECT p.name FROM part p JOIN head h ON h.one = 1 WHERE p.epoch <> h.epoch`},
	{"has a log with gaps", `
		SELECT p.name FROM part p LEFT JOIN change c ON c.part = p.name GROUP BY p.name, p.seq, p.floor
		HAVING COUNT(c.seq) <> p.seq - p.floor OR COUNT(c.seq) > 0 AND (MIN(c.seq) <> p.floor + 1 OR MAX(c.seq) <> p.seq)`},
	{"counts its records otherwise", `
		SELECT p.name FROM part p LEFT JOIN doc d ON d.part = p.name GROUP BY p.name, p.records, p.bytes
		HAVING COALESCE(SUM(CASE WHEN d.deleted THEN 0 WHEN d.id IS NULL THEN 0 ELSE 1 END), 0) <> p.records
			OR COALESCE(SUM(LENGTH(d.body)), 0) <> p.bytes`},
	{"has a change of no record, or of a version that never was", `
		SELECT c.part FROM change c LEFT JOIN doc d ON d.part = c.part AND d.id = c.doc WHERE d.id IS NULL OR c.ver > d.ver`},
	{"has a removed record with a body, or one without", `
		SELECT d.part FROM doc d WHERE d.deleted AND LENGTH(d.body) > 0 OR NOT d.deleted AND LENGTH(d.body) = 0`},
	{"has records and is not there", `
		SELECT d.part FROM doc d WHERE NOT EXISTS (SELECT 1 FROM part p WHERE p.name = d.part)`},
	{"has changes and is not there", `
		SELECT c.part FROM change c WHERE NOT EXISTS (SELECT 1 FROM part p WHERE p.name = c.part)`},
}

// CheckRecords reads all private records and says whether what is told of them agrees:
// logs without gaps, counts, versions. sqldb.ErrCorrupt names the first part that does not.
// see, if it is not nil, is handed each record that stands, to look into what is sealed.
func (l *Ledger) CheckRecords(ctx context.Context, see func(Doc) error) (s Sound, err error) {
	err = l.db.Read(ctx, func(tx *sql.Tx) error {
		s = Sound{}
		for _, u := range unsound {
			var part string
			switch err := tx.QueryRowContext(ctx, u.ask+" LIMIT 1").Scan(&part); err {
			case sql.ErrNoRows:
			case nil:
				return fmt.Errorf("partition %s %s: %w", part, u.what, sqldb.ErrCorrupt)
			default:
				return err
			}
		}
		const count = "SELECT (SELECT COUNT(*) FROM part), (SELECT COUNT(*) FROM change)"
		if err := tx.QueryRowContext(ctx, count).Scan(&s.Parts, &s.Changes); err != nil {
			return err
		}
		var all digest
		err := sqldb.Each(ctx, tx, func(rows *sql.Rows) error {
			d, err := readDoc(rows)
			if err != nil {
				return err
			}
			all.add([]any{d.Part, d.ID, d.Kind, d.Ver, d.Body, d.Deleted, d.Author, d.Client, d.Run, ms(d.At)})
			if d.Deleted {
				return nil
			}
			s.Records++
			if see == nil {
				return nil
			}
			return see(d)
		}, docColumns+" FROM doc d ORDER BY d.part, d.id")
		s.Digest = all.bytes()
		return err
	})
	if err != nil {
		return s, fmt.Errorf("check private records: %w", err)
	}
	return s, nil
}
