package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// Hidden is a posting, or an employer with all its postings, that a person does not want to
// see again. It stays hidden whatever becomes of the catalogue: it is no part of it.
type Hidden struct {
	Posting  int64 // row of the catalogue; 0, with Number: an employer
	Number   int64
	Employer string // as the posting writes it
	At       time.Time
}

// IsEmployer says whether it is an employer.
func (h Hidden) IsEmployer() bool { return h.Posting == 0 && h.Number == 0 }

// key is what makes two of them the same.
func (h Hidden) key() string {
	switch {
	case h.Number > 0:
		return fmt.Sprint("number/", h.Number)
	case h.Posting > 0:
		return fmt.Sprint("row/", h.Posting)
	}
	return "employer/" + query.FoldEmployer(h.Employer)
}

// ErrNameless: an employer whose name has neither letters nor digits cannot be hidden.
var ErrNameless = errors.New("an employer without a name")

// Hide hides a posting or an employer; hidden already, it stays as it is. Of a signed-in
// person that is a record, so that other computers and the letters of the bank honour it.
func (d *Device) Hide(ctx context.Context, h Hidden, now time.Time) error {
	if h.IsEmployer() && query.FoldEmployer(h.Employer) == "" {
		return fmt.Errorf("hide: %w", ErrNameless)
	}
	what, row := "posting", ""
	if h.IsEmployer() {
		what = "employer"
	}
	if h.Posting > 0 {
		row = rowID(h.Posting)
	}
	doc, err := fieldsOf(map[string]any{"what": what, "posting": row, "number": h.Number, "employer": cut(h.Employer)})
	if err != nil {
		return fmt.Errorf("hide %s: %w", what, err)
	}
	err = d.own.Write(ctx, func(tx *sql.Tx) error {
		all, err := d.hidden(ctx, tx)
		if err != nil || slices.ContainsFunc(all, func(o hiding) bool { return o.key() == h.key() }) {
			return err
		}
		if r := d.account(); r != nil {
			if _, fits, err := r.begin(ctx, tx, string(hidden), doc, now); err != nil || fits {
				return err
			}
			// A name with what looks like a social insurance number in it stays here.
		}
		head, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		_, err = d.put(ctx, tx, hidden, h.key(), head, nil, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("hide %s: %w", what, err)
	}
	return nil
}

// cut keeps a name to what a record may hold.
func cut(name string) string {
	if rs := []rune(name); len(rs) > 200 {
		return string(rs[:200])
	}
	return name
}

// Unhide shows it again.
func (d *Device) Unhide(ctx context.Context, h Hidden, now time.Time) error {
	err := d.own.Write(ctx, func(tx *sql.Tx) error {
		all, err := d.hidden(ctx, tx)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.key() != h.key() {
				continue
			}
			if o.record != (Ref{}) {
				err = d.account().end(ctx, tx, o.record, now)
			} else {
				_, err = tx.ExecContext(ctx, "DELETE FROM mine WHERE kind = $1 AND mark = $2", hidden, d.mark(hidden, o.key()))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("show again: %w", err)
	}
	return nil
}

// Hidden lists what is hidden, the last first, each once.
func (d *Device) Hidden(ctx context.Context) ([]Hidden, error) {
	all, err := d.hidden(ctx, d.own.Reader)
	if err != nil {
		return nil, fmt.Errorf("list what is hidden: %w", d.own.Fault(err))
	}
	seen := map[string]bool{}
	var found []Hidden
	for _, h := range all {
		if !seen[h.key()] {
			seen[h.key()] = true
			found = append(found, h.Hidden)
		}
	}
	return found, nil
}

// Hides is what is hidden, for searches; nil: nothing.
func (d *Device) Hides(ctx context.Context) (*query.Hide, error) {
	all, err := d.Hidden(ctx)
	if err != nil {
		return nil, err
	}
	return HideOf(all), nil
}

// HideOf makes a list of what is hidden ready for searches; nil: nothing is.
func HideOf(all []Hidden) *query.Hide {
	var postings []query.HiddenPosting
	var employers []string
	for _, h := range all {
		if h.IsEmployer() {
			employers = append(employers, h.Employer)
		} else {
			postings = append(postings, query.HiddenPosting{Row: h.Posting, Number: h.Number})
		}
	}
	return query.NewHide(postings, employers)
}

// hiding is one as it is kept: as a record, or as a row of this computer.
type hiding struct {
	Hidden
	record Ref
}

func (d *Device) hidden(ctx context.Context, q sqldb.Querier) ([]hiding, error) {
	rows, err := d.rows(ctx, q, hidden, "ORDER BY at DESC, n DESC")
	if err != nil {
		return nil, err
	}
	var found []hiding
	for _, r := range rows {
		var doc record.Doc
		if err := json.Unmarshal(r.head, &doc); err != nil {
			return nil, err
		}
		if h, ok := readHidden(doc, r.at); ok {
			found = append(found, hiding{h, Ref{}})
		}
	}
	if r := d.account(); r != nil {
		all, err := r.keepsakes(ctx, q, string(hidden))
		if err != nil {
			return nil, err
		}
		slices.Reverse(all)
		for _, k := range all {
			if h, ok := readHidden(k.doc, k.at); ok {
				found = append(found, hiding{h, k.Ref})
			}
		}
		slices.SortStableFunc(found, func(a, b hiding) int { return b.At.Compare(a.At) })
	}
	return found, nil
}

// readHidden reads a record; what another program wrote in another way hides nothing.
func readHidden(d record.Doc, at time.Time) (Hidden, bool) {
	h := Hidden{Employer: stringField(d, "employer"), At: at}
	switch stringField(d, "what") {
	case "posting":
		h.Posting, h.Number = rowField(d, "posting"), numberField(d, "number")
		return h, !h.IsEmployer()
	case "employer":
		return h, query.FoldEmployer(h.Employer) != ""
	}
	return h, false
}
