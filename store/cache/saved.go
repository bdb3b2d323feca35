package cache

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"passerelle/store/posting"
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
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		keep := p
		if p.State != posting.Shown {
			old, err := d.rows(ctx, tx, saved, "AND mark = $2", d.mark(saved, rowID(p.ID)))
			if err != nil {
				return err
			}
			if len(old) > 0 {
				s, err := readSaved(old[0])
				if err != nil {
					return err
				}
				keep = s.Posting
				keep.State = p.State
			}
		}
		_, err := d.put(ctx, tx, saved, rowID(p.ID), keep.Card.Bytes(), keep.Details.Bytes(), now)
		return err
	})
	if err != nil {
		return fmt.Errorf("save posting: %w", err)
	}
	return nil
}

func rowID(id int64) string { return strconv.FormatInt(id, 10) }

// Unsave forgets a kept posting, by row id.
func (d *Device) Unsave(ctx context.Context, id int64) error {
	if err := d.drop(ctx, saved, rowID(id)); err != nil {
		return fmt.Errorf("unsave posting row %d: %w", id, err)
	}
	return nil
}

// IsSaved says whether a posting is kept, by row id.
func (d *Device) IsSaved(ctx context.Context, id int64) (bool, error) {
	const count = "SELECT COUNT(*) FROM mine WHERE kind = $1 AND mark = $2"
	var n int
	if err := d.own.Reader.QueryRowContext(ctx, count, saved, d.mark(saved, rowID(id))).Scan(&n); err != nil {
		return false, fmt.Errorf("saved posting row %d: %w", id, d.own.Fault(err))
	}
	return n > 0, nil
}

// Saved lists kept postings, newest kept first, as they may be seen at now.
func (d *Device) Saved(ctx context.Context, now time.Time) ([]SavedPosting, error) {
	rows, err := d.rows(ctx, d.own.Reader, saved, "ORDER BY at DESC, n DESC")
	if err != nil {
		return nil, fmt.Errorf("list saved postings: %w", d.own.Fault(err))
	}
	var found []SavedPosting
	for _, r := range rows {
		s, err := readSaved(r)
		if err != nil {
			return nil, fmt.Errorf("list saved postings: %w", err)
		}
		if s.Expired = s.Ended(now); s.Expired {
			state := s.State
			s.State = posting.Shown // its words stay: the person kept them
			s.Posting = s.Masked()
			s.State = state
		}
		found = append(found, s)
	}
	return found, nil
}

func readSaved(r row) (SavedPosting, error) {
	s := SavedPosting{At: r.at}
	var err error
	if s.Card, err = posting.ParseCard(r.head); err != nil {
		return s, err
	}
	s.Details, err = posting.ParseDetails(r.body)
	return s, err
}

// Link is a link to open when there is a network again.
type Link struct {
	URL    string
	Number int64 // posting it came from; 0: none
	At     time.Time
}

// Later puts a link on the reading list; there already, it stays where it is.
func (d *Device) Later(ctx context.Context, url string, number int64, now time.Time) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		old, err := d.rows(ctx, tx, later, "AND mark = $2", d.mark(later, url))
		if err != nil || len(old) > 0 {
			return err
		}
		_, err = d.put(ctx, tx, later, url, []byte(url), []byte(rowID(number)), now)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep link: %w", err)
	}
	return nil
}

// LaterList lists the reading list, oldest first.
func (d *Device) LaterList(ctx context.Context) ([]Link, error) {
	rows, err := d.rows(ctx, d.own.Reader, later, "ORDER BY at, n")
	if err != nil {
		return nil, fmt.Errorf("list kept links: %w", d.own.Fault(err))
	}
	var found []Link
	for _, r := range rows {
		l := Link{URL: string(r.head), At: r.at}
		if l.Number, err = strconv.ParseInt(string(r.body), 10, 64); err != nil {
			return nil, fmt.Errorf("list kept links: %w", err)
		}
		found = append(found, l)
	}
	return found, nil
}

// LaterDone takes a link off the list.
func (d *Device) LaterDone(ctx context.Context, url string) error {
	if err := d.drop(ctx, later, url); err != nil {
		return fmt.Errorf("take link off: %w", err)
	}
	return nil
}

// PutDraft keeps what a person has begun to write, under a name of the page it is on; nil
// forgets it.
func (d *Device) PutDraft(ctx context.Context, name string, body []byte, now time.Time) error {
	if body == nil {
		if err := d.drop(ctx, draft, name); err != nil {
			return fmt.Errorf("forget draft %s: %w", name, err)
		}
		return nil
	}
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		_, err := d.put(ctx, tx, draft, name, []byte(name), body, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep draft %s: %w", name, err)
	}
	return nil
}

// Draft gives what PutDraft kept, nil when there is none.
func (d *Device) Draft(ctx context.Context, name string) ([]byte, error) {
	rows, err := d.rows(ctx, d.own.Reader, draft, "AND mark = $2", d.mark(draft, name))
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", name, d.own.Fault(err))
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].body, nil
}
