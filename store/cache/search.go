package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/store/query"
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
		DELETE FROM mine WHERE kind = 'recent' AND n NOT IN (
			SELECT n FROM mine WHERE kind = 'recent' ORDER BY at DESC, n DESC LIMIT $1)`
	text, err := pack(q)
	if err != nil {
		return err
	}
	err = d.own.Write(ctx, func(tx *sql.Tx) error {
		// Deleted and put again: the row id then orders two searches of one millisecond.
		if _, err := tx.ExecContext(ctx, "DELETE FROM mine WHERE kind = $1 AND mark = $2", recent, d.mark(recent, text)); err != nil {
			return err
		}
		if _, err := d.put(ctx, tx, recent, text, []byte(label), []byte(text), now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, forget, recentKept)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember search: %w", err) // unnamed: the log is not sealed
	}
	return nil
}

// Recent gives the newest n searches made; 0: all that are remembered.
func (d *Device) Recent(ctx context.Context, n int) ([]Search, error) {
	if n <= 0 {
		n = recentKept
	}
	return d.searches(ctx, recent, n)
}

// ClearRecent forgets every search made; saved ones stay.
func (d *Device) ClearRecent(ctx context.Context) error {
	if err := exec(ctx, d.own, "DELETE FROM mine WHERE kind = $1", recent); err != nil {
		return fmt.Errorf("clear recent searches: %w", err)
	}
	return nil
}

// SaveSearch keeps a search until it is removed. The same search again only takes the
// new label.
func (d *Device) SaveSearch(ctx context.Context, label string, q query.Query, now time.Time) (id int64, err error) {
	text, err := pack(q)
	if err != nil {
		return 0, err
	}
	err = d.own.Write(ctx, func(tx *sql.Tx) error {
		var err error
		id, err = d.put(ctx, tx, search, text, []byte(label), []byte(text), now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save search: %w", err)
	}
	return id, nil
}

// SavedSearches lists saved searches, newest first.
func (d *Device) SavedSearches(ctx context.Context) ([]Search, error) {
	return d.searches(ctx, search, 1000)
}

// RenameSearch gives a saved search another label.
func (d *Device) RenameSearch(ctx context.Context, id int64, label string) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		rows, err := d.rows(ctx, tx, search, "AND n = $2", id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		_, err = d.put(ctx, tx, search, string(rows[0].body), []byte(label), rows[0].body, rows[0].at)
		return err
	})
	if err != nil {
		return fmt.Errorf("rename search %d: %w", id, err)
	}
	return nil
}

// RemoveSearch forgets a saved search.
func (d *Device) RemoveSearch(ctx context.Context, id int64) error {
	if err := one(ctx, d.own, "DELETE FROM mine WHERE n = $1 AND kind = $2", id, search); err != nil {
		return fmt.Errorf("remove search %d: %w", id, err)
	}
	return nil
}

func (d *Device) searches(ctx context.Context, k kind, n int) ([]Search, error) {
	rows, err := d.rows(ctx, d.own.Reader, k, "ORDER BY at DESC, n DESC LIMIT $2", n)
	if err != nil {
		return nil, fmt.Errorf("list searches: %w", d.own.Fault(err))
	}
	var found []Search
	for _, r := range rows {
		s := Search{ID: r.n, Label: string(r.head), At: r.at}
		if err := json.Unmarshal(r.body, &s.Query); err != nil {
			return nil, fmt.Errorf("list searches: %d: %w", r.n, err)
		}
		found = append(found, s)
	}
	return found, nil
}

// pack writes a search in one form, so that the same one is found again.
func pack(q query.Query) (string, error) {
	q.Now, q.Offset, q.Limit, q.NoFacets = time.Time{}, 0, 0, false
	b, err := json.Marshal(q) // keys of maps in order
	if err != nil {
		return "", fmt.Errorf("keep search: %w", err)
	}
	return string(b), nil
}
