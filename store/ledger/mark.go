package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Mark is what a feed said of a document when it was last taken in: the same mark again
// means that there is nothing new to fetch.
type Mark struct{ SourceID, Lang, Mark string }

// SetMarks remembers marks of a source's documents.
func (l *Ledger) SetMarks(ctx context.Context, source string, marks []Mark) error {
	const put = `
		INSERT INTO mark (source, source_id, lang, mark) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, source_id, lang) DO UPDATE SET mark = excluded.mark`
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		for _, m := range marks {
			if _, err := tx.ExecContext(ctx, put, source, m.SourceID, m.Lang, m.Mark); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember marks of %s: %w", source, err)
	}
	return nil
}

// Mark reads the mark of a document, "" when it was never taken in, or has ended since.
func (l *Ledger) Mark(ctx context.Context, source, sourceID, lang string) (mark string, err error) {
	const ask = "SELECT mark FROM mark WHERE source = $1 AND source_id = $2 AND lang = $3"
	err = l.db.Reader.QueryRowContext(ctx, ask, source, sourceID, lang).Scan(&mark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("mark of %s %s: %w", source, sourceID, l.db.Fault(err))
	}
	return mark, nil
}
