package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"passerelle/store/posting"
	"passerelle/store/sqldb"
)

// SavedPosting is a posting kept whole, so that it can be read when the catalogue has
// forgotten it. Once it has ended it says so, and its contacts are masked.
type SavedPosting struct {
	posting.Posting
	At      time.Time
	Expired bool
}

// Save keeps a posting; kept already, it is renewed. The catalogue's note that it was
// closed ends the kept one and leaves its words.
func (d *Device) Save(ctx context.Context, p posting.Posting, now time.Time) error {
	const put = `
		INSERT INTO saved (id, card, details, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET card = excluded.card, details = excluded.details`
	err := d.db.Write(ctx, func(tx *sql.Tx) error {
		keep := p
		if p.State != posting.Shown {
			old, err := readSaved(tx.QueryRowContext(ctx, "SELECT card, details, at FROM saved WHERE id = $1", p.ID))
			if err == nil {
				keep = old.Posting
				keep.State = p.State
			} else if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, put, p.ID, keep.Card.Bytes(), keep.Details.Bytes(), millis(now))
		return err
	})
	if err != nil {
		return fmt.Errorf("save posting %d: %w", p.Number, err)
	}
	return nil
}

// Unsave forgets a kept posting, by row id.
func (d *Device) Unsave(ctx context.Context, id int64) error {
	if err := d.exec(ctx, "DELETE FROM saved WHERE id = $1", id); err != nil {
		return fmt.Errorf("unsave posting row %d: %w", id, err)
	}
	return nil
}

// IsSaved says whether a posting is kept, by row id.
func (d *Device) IsSaved(ctx context.Context, id int64) (bool, error) {
	var n int
	err := d.db.Reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM saved WHERE id = $1", id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("saved posting row %d: %w", id, d.db.Fault(err))
	}
	return n > 0, nil
}

// Saved lists kept postings, newest kept first, as they may be seen at now.
func (d *Device) Saved(ctx context.Context, now time.Time) ([]SavedPosting, error) {
	const list = "SELECT card, details, at FROM saved ORDER BY at DESC, id DESC"
	var found []SavedPosting
	err := sqldb.Each(ctx, d.db.Reader, func(rows *sql.Rows) error {
		s, err := readSaved(rows)
		if err != nil {
			return err
		}
		if s.Expired = s.Ended(now); s.Expired {
			state := s.State
			s.State = posting.Shown // its words stay: the person kept them
			s.Posting = s.Masked()
			s.State = state
		}
		found = append(found, s)
		return nil
	}, list)
	if err != nil {
		return nil, fmt.Errorf("list saved postings: %w", d.db.Fault(err))
	}
	return found, nil
}

func readSaved(row interface{ Scan(...any) error }) (SavedPosting, error) {
	var (
		s             SavedPosting
		card, details []byte
		at            int64
	)
	err := row.Scan(&card, &details, &at)
	if err != nil {
		return s, err
	}
	if s.Card, err = posting.ParseCard(card); err != nil {
		return s, err
	}
	if s.Details, err = posting.ParseDetails(details); err != nil {
		return s, err
	}
	s.At = moment(at)
	return s, nil
}

// Link is a link to open when there is a network again.
type Link struct {
	URL    string
	Number int64 // posting it came from; 0: none
	At     time.Time
}

// Later puts a link on the reading list; there already, it stays where it is.
func (d *Device) Later(ctx context.Context, url string, number int64, now time.Time) error {
	const put = `
		INSERT INTO later (url, number, at) VALUES ($1, $2, $3) ON CONFLICT (url) DO NOTHING`
	if err := d.exec(ctx, put, url, number, millis(now)); err != nil {
		return fmt.Errorf("keep link %s: %w", url, err)
	}
	return nil
}

// LaterList lists the reading list, oldest first.
func (d *Device) LaterList(ctx context.Context) ([]Link, error) {
	var found []Link
	err := sqldb.Each(ctx, d.db.Reader, func(rows *sql.Rows) error {
		var (
			l  Link
			at int64
		)
		if err := rows.Scan(&l.URL, &l.Number, &at); err != nil {
			return err
		}
		l.At = moment(at)
		found = append(found, l)
		return nil
	}, "SELECT url, number, at FROM later ORDER BY at, rowid")
	if err != nil {
		return nil, fmt.Errorf("list kept links: %w", d.db.Fault(err))
	}
	return found, nil
}

// LaterDone takes a link off the list.
func (d *Device) LaterDone(ctx context.Context, url string) error {
	if err := d.exec(ctx, "DELETE FROM later WHERE url = $1", url); err != nil {
		return fmt.Errorf("take link %s off: %w", url, err)
	}
	return nil
}
