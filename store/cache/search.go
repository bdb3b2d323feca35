package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/store/query"
	"passerelle/store/sqldb"
)

// recentKept is how many searches made are remembered.
const recentKept = 20

// Search is a search that was made, or saved.
type Search struct {
	ID    int64
	Label string      // as the person reads it
	Query query.Query // without its moment and page: those are of the day it is made again
	At    time.Time
}

// AddRecent remembers a search; made again it moves to the front. The last 20 are kept.
func (d *Device) AddRecent(ctx context.Context, label string, q query.Query, now time.Time) error {
	const forget = `
		DELETE FROM search WHERE saved = 0 AND id NOT IN (
			SELECT id FROM search WHERE saved = 0 ORDER BY at DESC, id DESC LIMIT $1)`
	text, err := pack(q)
	if err != nil {
		return err
	}
	err = d.db.Write(ctx, func(tx *sql.Tx) error {
		// Deleted and put again: the row id then orders two searches of one millisecond.
		if _, err := tx.ExecContext(ctx, "DELETE FROM search WHERE saved = 0 AND query = $1", text); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, putSearch, 0, label, text, millis(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, forget, recentKept)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember search %q: %w", label, err)
	}
	return nil
}

const putSearch = "INSERT INTO search (saved, label, query, at) VALUES ($1, $2, $3, $4)"

// Recent gives the newest n searches made; 0: all that are remembered.
func (d *Device) Recent(ctx context.Context, n int) ([]Search, error) {
	if n <= 0 {
		n = recentKept
	}
	return d.searches(ctx, 0, n)
}

// ClearRecent forgets every search made; saved ones stay.
func (d *Device) ClearRecent(ctx context.Context) error {
	if err := d.exec(ctx, "DELETE FROM search WHERE saved = 0"); err != nil {
		return fmt.Errorf("clear recent searches: %w", err)
	}
	return nil
}

// SaveSearch keeps a search until it is removed. The same search again only takes the
// new label.
func (d *Device) SaveSearch(ctx context.Context, label string, q query.Query, now time.Time) (id int64, err error) {
	const put = putSearch + `
		ON CONFLICT (saved, query) DO UPDATE SET label = excluded.label RETURNING id`
	text, err := pack(q)
	if err != nil {
		return 0, err
	}
	err = d.db.Write(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, put, 1, label, text, millis(now)).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("save search %q: %w", label, err)
	}
	return id, nil
}

// SavedSearches lists saved searches, newest first.
func (d *Device) SavedSearches(ctx context.Context) ([]Search, error) {
	return d.searches(ctx, 1, 1000)
}

// RenameSearch gives a saved search another label.
func (d *Device) RenameSearch(ctx context.Context, id int64, label string) error {
	if err := d.one(ctx, "UPDATE search SET label = $1 WHERE id = $2 AND saved = 1", label, id); err != nil {
		return fmt.Errorf("rename search %d: %w", id, err)
	}
	return nil
}

// RemoveSearch forgets a saved search.
func (d *Device) RemoveSearch(ctx context.Context, id int64) error {
	if err := d.one(ctx, "DELETE FROM search WHERE id = $1 AND saved = 1", id); err != nil {
		return fmt.Errorf("remove search %d: %w", id, err)
	}
	return nil
}

func (d *Device) searches(ctx context.Context, saved, n int) ([]Search, error) {
	const list = `
		SELECT id, label, query, at FROM search
		WHERE saved = $1 ORDER BY at DESC, id DESC LIMIT $2`
	var found []Search
	err := sqldb.Each(ctx, d.db.Reader, func(rows *sql.Rows) error {
		var (
			s    Search
			text string
			at   int64
		)
		if err := rows.Scan(&s.ID, &s.Label, &text, &at); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &s.Query); err != nil {
			return fmt.Errorf("search %d: %w", s.ID, err)
		}
		s.At = moment(at)
		found = append(found, s)
		return nil
	}, list, saved, n)
	if err != nil {
		return nil, fmt.Errorf("list searches: %w", d.db.Fault(err))
	}
	return found, nil
}

// pack writes a search in one form, so that the same one is found again.
func pack(q query.Query) (string, error) {
	q.Now, q.Offset, q.Limit, q.NoFacets = time.Time{}, 0, 0, false
	b, err := json.Marshal(q) // keys of maps in order
	if err != nil {
		return "", fmt.Errorf("keep search %q: %w", q.Words, err)
	}
	return string(b), nil
}
