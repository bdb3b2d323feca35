package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// recentKept is how many searches made are remembered.
const recentKept = 20

// Search is a search that was made, or saved.
type Search struct {
	ID    string      // of a row of this computer, or of a record of the account
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
// new label. Of a signed-in person it is a record; one that the server would not take, for
// its length or because of what looks like a social insurance number, stays on this computer.
func (d *Device) SaveSearch(ctx context.Context, label string, q query.Query, now time.Time) (id string, err error) {
	text, err := pack(q)
	if err != nil {
		return "", err
	}
	err = d.own.Write(ctx, func(tx *sql.Tx) error {
		if r := d.account(); r != nil {
			same, err := r.searches(ctx, tx, func(s Search) bool { return mustPack(s.Query) == text })
			if err != nil {
				return err
			}
			for _, s := range same {
				id = s.ID
				if err := r.rename(ctx, tx, s.ID, label, now); err != nil {
					return err
				}
			}
			if len(same) > 0 {
				return nil
			}
			var fits bool
			id, fits, err = r.begin(ctx, tx, string(search), searchDoc(label, text), now)
			if err != nil || fits {
				return err
			}
		}
		n, err := d.put(ctx, tx, search, text, []byte(label), []byte(text), now)
		id = rowID(n)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("save search: %w", err)
	}
	return id, nil
}

// longestName is what a record's name may have, in characters.
const longestName = 100

func searchDoc(label, text string) record.Doc {
	if rs := []rune(label); len(rs) > longestName {
		label = string(rs[:longestName-1]) + "…"
	}
	return record.Doc{"name": must(json.Marshal(label)), "query": json.RawMessage(text)}
}

// must is of what cannot fail: a string is always written.
func must(b []byte, _ error) []byte { return b }

// mustPack is pack of a search that was read.
func mustPack(q query.Query) string {
	text, _ := pack(q)
	return text
}

// searches are the saved searches of the account that satisfy, the oldest first, each record for itself.
func (r *Records) searches(ctx context.Context, q sqldb.Querier, satisfy func(Search) bool) ([]Search, error) {
	all, err := r.keepsakes(ctx, q, string(search))
	if err != nil {
		return nil, err
	}
	var found []Search
	for _, k := range all {
		s := Search{ID: k.Record, Label: stringField(k.doc, "name"), At: k.at}
		if json.Unmarshal(k.doc["query"], &s.Query) == nil && satisfy(s) { // else of a newer program, which shows it
			found = append(found, s)
		}
	}
	return found, nil
}

// rename gives the record of a search another name.
func (r *Records) rename(ctx context.Context, tx *sql.Tx, id, label string, now time.Time) error {
	h, err := r.load(ctx, tx, Ref{r.home(), string(search), id})
	if err != nil {
		return err
	}
	doc := maps.Clone(h.doc())
	if doc == nil {
		return ErrNotFound
	}
	doc["name"] = searchDoc(label, "")["name"]
	if k, _ := record.Find(string(search)); len(k.Verify(doc, true)) > 0 {
		return ErrName
	}
	return r.edit(ctx, tx, h, doc, now)
}

// ErrName: the server would not take a name, for what looks like a social insurance number in it.
var ErrName = errors.New("a name that cannot leave this computer")

// SavedSearches lists saved searches, newest first. The same one saved under the same name on
// two computers is shown once.
func (d *Device) SavedSearches(ctx context.Context) ([]Search, error) {
	here, err := d.searches(ctx, search, 1000)
	r := d.account()
	if err != nil || r == nil {
		return here, err
	}
	all, err := r.searches(ctx, d.own.Reader, func(Search) bool { return true })
	if err != nil {
		return nil, fmt.Errorf("list searches: %w", d.own.Fault(err))
	}
	seen := map[string]bool{}
	for _, s := range all {
		if key := s.Label + "\x00" + mustPack(s.Query); !seen[key] {
			seen[key] = true
			here = append(here, s)
		}
	}
	slices.SortStableFunc(here, func(a, b Search) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return here, nil
}

// twins are the records that show as one search, itself included.
func (r *Records) twins(ctx context.Context, tx *sql.Tx, id string) ([]Search, error) {
	all, err := r.searches(ctx, tx, func(Search) bool { return true })
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(s Search) bool { return s.ID == id })
	if at < 0 {
		return nil, ErrNotFound
	}
	label, text := all[at].Label, mustPack(all[at].Query)
	return slices.DeleteFunc(all, func(s Search) bool { return s.Label != label || mustPack(s.Query) != text }), nil
}

// here says whether a search is a row of this computer, and which.
func (s Search) here() (n int64, ok bool) {
	n, err := strconv.ParseInt(s.ID, 10, 64)
	return n, err == nil
}

// RenameSearch gives a saved search another label.
func (d *Device) RenameSearch(ctx context.Context, id, label string, now time.Time) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		n, here := Search{ID: id}.here()
		if r := d.account(); r != nil && !here {
			same, err := r.twins(ctx, tx, id)
			for _, s := range same {
				if err == nil {
					err = r.rename(ctx, tx, s.ID, label, now)
				}
			}
			return err
		}
		rows, err := d.rows(ctx, tx, search, "AND n = $2", n)
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
		return fmt.Errorf("rename search %s: %w", id, err)
	}
	return nil
}

// RemoveSearch forgets a saved search.
func (d *Device) RemoveSearch(ctx context.Context, id string, now time.Time) error {
	n, here := Search{ID: id}.here()
	var err error
	if r := d.account(); r != nil && !here {
		err = d.own.Write(ctx, func(tx *sql.Tx) error {
			same, err := r.twins(ctx, tx, id)
			for _, s := range same {
				if err == nil {
					err = r.end(ctx, tx, Ref{r.home(), string(search), s.ID}, now)
				}
			}
			return err
		})
	} else {
		err = one(ctx, d.own, "DELETE FROM mine WHERE n = $1 AND kind = $2", n, search)
	}
	if err != nil {
		return fmt.Errorf("remove search %s: %w", id, err)
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
		s := Search{ID: rowID(r.n), Label: string(r.head), At: r.at}
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
