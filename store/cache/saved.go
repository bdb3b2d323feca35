package cache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
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
	// Bare: it was kept on another computer, and its words have not been seen on this one:
	// there are its row, its number and its source. See [Device.Fill].
	Bare bool
}

// Save keeps a posting; kept already, it is renewed. The catalogue's note that it was
// closed ends the kept one and leaves its words. Of a signed-in person that it is kept is a
// record, which goes to their other computers; its words stay here.
func (d *Device) Save(ctx context.Context, p posting.Posting, now time.Time) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		if told(p) {
			if err := d.putSaved(ctx, tx, p, now); err != nil {
				return err
			}
		}
		r := d.account()
		if r == nil {
			return nil
		}
		is, err := d.savedAs(ctx, tx, p.ID)
		if err != nil || len(is) > 0 {
			return err
		}
		doc, err := fieldsOf(map[string]any{"posting": rowID(p.ID), "number": p.Number, "source": p.Source})
		if err != nil {
			return err
		}
		_, _, err = r.begin(ctx, tx, string(saved), doc, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("save posting: %w", err)
	}
	return nil
}

// told says whether there is something of a posting to keep.
func told(p posting.Posting) bool {
	return p.State != posting.Shown || p.Title != (posting.Both{}) || p.NOC != "" || len(p.Texts) > 0
}

func (d *Device) putSaved(ctx context.Context, tx *sql.Tx, p posting.Posting, now time.Time) error {
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
}

// Fill gives a posting that was kept on another computer its words; one that is not kept, or
// has its words, is left as it is.
func (d *Device) Fill(ctx context.Context, p posting.Posting, now time.Time) error {
	if d.account() == nil || !told(p) {
		return nil
	}
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		is, err := d.savedAs(ctx, tx, p.ID)
		if err != nil || len(is) == 0 {
			return err
		}
		old, err := d.rows(ctx, tx, saved, "AND mark = $2", d.mark(saved, rowID(p.ID)))
		if err != nil || len(old) > 0 {
			return err
		}
		return d.putSaved(ctx, tx, p, now)
	})
	if err != nil {
		return fmt.Errorf("keep words of a saved posting: %w", err)
	}
	return nil
}

// savedAs are the records that say that a posting is kept.
func (d *Device) savedAs(ctx context.Context, q sqldb.Querier, id int64) ([]keepsake, error) {
	all, err := d.account().keepsakes(ctx, q, string(saved))
	return slices.DeleteFunc(all, func(k keepsake) bool { return rowField(k.doc, "posting") != id }), err
}

func rowID(id int64) string { return strconv.FormatInt(id, 10) }

// Unsave forgets a kept posting, by row id.
func (d *Device) Unsave(ctx context.Context, id int64, now time.Time) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		if r := d.account(); r != nil {
			is, err := d.savedAs(ctx, tx, id)
			if err != nil {
				return err
			}
			for _, k := range is {
				if err := r.end(ctx, tx, k.Ref, now); err != nil {
					return err
				}
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM mine WHERE kind = $1 AND mark = $2", saved, d.mark(saved, rowID(id)))
		return err
	})
	if err != nil {
		return fmt.Errorf("unsave posting row %d: %w", id, err)
	}
	return nil
}

// IsSaved says whether a posting is kept, by row id.
func (d *Device) IsSaved(ctx context.Context, id int64) (bool, error) {
	const count = "SELECT COUNT(*) FROM mine WHERE kind = $1 AND mark = $2"
	if d.account() != nil {
		is, err := d.savedAs(ctx, d.own.Reader, id)
		if err != nil {
			return false, fmt.Errorf("saved posting row %d: %w", id, d.own.Fault(err))
		}
		return len(is) > 0, nil
	}
	var n int
	if err := d.own.Reader.QueryRowContext(ctx, count, saved, d.mark(saved, rowID(id))).Scan(&n); err != nil {
		return false, fmt.Errorf("saved posting row %d: %w", id, d.own.Fault(err))
	}
	return n > 0, nil
}

// Saved lists kept postings, newest kept first, as they may be seen at now.
func (d *Device) Saved(ctx context.Context, now time.Time) ([]SavedPosting, error) {
	var found []SavedPosting
	err := d.own.Read(ctx, func(tx *sql.Tx) error {
		rows, err := d.rows(ctx, tx, saved, "ORDER BY at DESC, n DESC")
		if err != nil {
			return err
		}
		found = nil
		for _, r := range rows {
			s, err := readSaved(r)
			if err != nil {
				return err
			}
			found = append(found, s)
		}
		if r := d.account(); r != nil {
			all, err := r.keepsakes(ctx, tx, string(saved))
			if err != nil {
				return err
			}
			found = worded(all, found)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list saved postings: %w", err)
	}
	for i := range found {
		s := &found[i]
		if s.Expired = !s.Bare && s.Ended(now); s.Expired {
			state := s.State
			s.State = posting.Shown // its words stay: the person kept them
			s.Posting = s.Masked()
			s.State = state
		}
	}
	return found, nil
}

// worded gives the records of kept postings the words that are here: each posting once, as
// it was kept first, the newest first.
func worded(all []keepsake, here []SavedPosting) []SavedPosting {
	at := map[int64]int{}
	for i, s := range here {
		at[s.ID] = i
	}
	var found []SavedPosting
	seen := map[int64]bool{}
	for _, k := range all {
		id := rowField(k.doc, "posting")
		if id == 0 || seen[id] {
			continue
		}
		seen[id] = true
		s := SavedPosting{Bare: true}
		s.ID, s.Number, s.Source = id, numberField(k.doc, "number"), stringField(k.doc, "source")
		if i, ok := at[id]; ok {
			s = here[i]
		}
		s.At = k.at
		found = append(found, s)
	}
	slices.SortStableFunc(found, func(a, b SavedPosting) int {
		ia, oka := at[a.ID]
		ib, okb := at[b.ID]
		if c := b.At.Compare(a.At); c != 0 || !oka || !okb {
			return c
		}
		return ia - ib // of one moment: as they came here
	})
	return found
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
