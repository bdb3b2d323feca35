package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// PutSource writes an entry of the source registry.
func (l *Ledger) PutSource(ctx context.Context, s posting.Source) error {
	const put = `
		INSERT INTO source (id, accepted, agreement, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET
			accepted = excluded.accepted, agreement = excluded.agreement, body = excluded.body`
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("source %s: %w", s.ID, err)
	}
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, put, s.ID, s.Accepted, s.Agreement, string(body))
		return err
	})
	if err != nil {
		return fmt.Errorf("put source %s: %w", s.ID, err)
	}
	return nil
}

// Source reads an entry; one that is not there is [ErrNotFound].
func (l *Ledger) Source(ctx context.Context, id string) (posting.Source, error) {
	s, err := readSource(l.db.Reader.QueryRowContext(ctx, "SELECT body FROM source WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return s, fmt.Errorf("source %q: %w", id, l.db.Fault(err))
	}
	return s, nil
}

// Sources lists the registry by id.
func (l *Ledger) Sources(ctx context.Context) ([]posting.Source, error) {
	var all []posting.Source
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		s, err := readSource(rows)
		all = append(all, s)
		return err
	}, "SELECT body FROM source ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", l.db.Fault(err))
	}
	return all, nil
}

func readSource(row scanner) (s posting.Source, err error) {
	var body string
	if err := row.Scan(&body); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(body), &s)
}

type scanner interface{ Scan(...any) error }
