package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// ErrOtherReport: the key is that of a report which said something else.
var ErrOtherReport = errors.New("the key belongs to another report")

// Report is what a person says about a posting. No route shows it again.
type Report struct {
	Ticket         int64
	Key            string
	Hash           []byte // of what was sent: the same key with another hash is refused
	Number         int64
	Source         string
	Reason         string
	Words          string
	Lang, App      string
	Epoch, Seq     int64 // the catalogue the person was reading
	Made, Received time.Time
}

// File files a report once. The answer is made once too, from the ticket, and is given
// again, byte for byte, for the same key.
func (l *Ledger) File(ctx context.Context, r Report, answer func(ticket int64) []byte) (ticket int64, said []byte, err error) {
	const ask = "SELECT ticket, hash, answer FROM report WHERE key = $1"
	const put = `
		INSERT INTO report (key, hash, number, source, reason, words, lang, app, epoch, seq, made, received, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING ticket`
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		var hash []byte
		err := tx.QueryRowContext(ctx, ask, r.Key).Scan(&ticket, &hash, &said)
		if err == nil {
			if !bytes.Equal(hash, r.Hash) {
				return ErrOtherReport
			}
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.QueryRowContext(ctx, put, r.Key, r.Hash, r.Number, r.Source, r.Reason, plain(r.Words), r.Lang, plain(r.App),
			r.Epoch, r.Seq, r.Made.UnixMilli(), r.Received.UnixMilli(), []byte{}).Scan(&ticket)
		if err != nil {
			return err
		}
		said = answer(ticket)
		_, err = tx.ExecContext(ctx, "UPDATE report SET answer = $1 WHERE ticket = $2", said, ticket)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("file report %s: %w", r.Key, err)
	}
	return ticket, said, nil
}

// Reports lists the newest reports, for the people who answer them.
func (l *Ledger) Reports(ctx context.Context, n int) ([]Report, error) {
	const list = `
		SELECT ticket, key, number, source, reason, words, lang, app, epoch, seq, made, received
		FROM report ORDER BY ticket DESC LIMIT $1`
	var all []Report
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var (
			r              Report
			made, received int64
		)
		if err := rows.Scan(&r.Ticket, &r.Key, &r.Number, &r.Source, &r.Reason, &r.Words, &r.Lang, &r.App,
			&r.Epoch, &r.Seq, &made, &received); err != nil {
			return err
		}
		r.Made, r.Received = moment(made), moment(received)
		all = append(all, r)
		return nil
	}, list, n)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", l.db.Fault(err))
	}
	return all, nil
}
