package cache

import (
	"context"
	"database/sql"
	"time"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// Before is how device.db was before there were accounts.
func Before() []string { return migrations[:1] }

// BeforeRecords is how a person's file was before it held the records of an account.
func BeforeRecords() []string { return personal[:1] }

// PutOld writes into a person's file as it was done before there were records.
func PutOld(ctx context.Context, d *Device, p posting.Posting, searches map[string]query.Query, now time.Time) error {
	return d.own.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM setting WHERE key = $1", adopted); err != nil {
			return err
		}
		if _, err := d.put(ctx, tx, saved, rowID(p.ID), p.Card.Bytes(), p.Details.Bytes(), now); err != nil {
			return err
		}
		for label, q := range searches {
			text, err := pack(q)
			if err == nil {
				_, err = d.put(ctx, tx, search, text, []byte(label), []byte(text), now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
