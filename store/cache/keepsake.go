package cache

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"passerelle/store/record"
	"passerelle/store/sqldb"
)

// What a signed-in person saves and hides are records of their own partition: one is
// there or is not, and nothing of it but a search's name is ever edited. The same posting
// kept on two computers is two records, shown as one; removing it removes both. A record
// that comes back after its removal is another one.

// keepsake is such a record.
type keepsake struct {
	Ref
	doc record.Doc
	at  time.Time // when it was begun, as its id says
}

// account gives the records of who is signed in; nil: nobody is, and what they keep stays
// in rows of mine.
func (d *Device) account() *Records {
	if d.box == nil || d.origin == nil {
		return nil
	}
	return &Records{d}
}

// home is the person's own partition.
func (r *Records) home() string { return string(record.Person) + "/" + r.d.owner }

// keepsakes lists records of a kind in the person's own partition, the oldest first.
func (r *Records) keepsakes(ctx context.Context, q sqldb.Querier, kind string) ([]keepsake, error) {
	var found []keepsake
	err := sqldb.Each(ctx, q, func(rows *sql.Rows) error {
		var (
			mark string
			body []byte
			s    seen
		)
		if err := rows.Scan(&mark, &body); err != nil {
			return err
		}
		if err := r.openJSON(asRecord, mark, "doc", body, &s); err != nil {
			return err
		}
		found = append(found, keepsake{s.Ref, s.Doc, begun(s.Ref.Record)})
		return nil
	}, "SELECT mark, body FROM doc WHERE kind = $1 AND part = $2", r.kindOf(kind), r.part(r.home()))
	slices.SortFunc(found, func(a, b keepsake) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		if a.Record < b.Record {
			return -1
		}
		return 1
	})
	return found, err
}

// begin begins a record at a moment. What the server would not take, being too long or
// holding what looks like a social insurance number, does not become one: fits says so.
func (r *Records) begin(ctx context.Context, tx *sql.Tx, kind string, doc record.Doc, at time.Time) (id string, fits bool, err error) {
	if k, _ := record.Find(kind); len(k.Verify(doc, true)) > 0 {
		return "", false, nil
	}
	if id, err = idAt(at); err != nil {
		return "", false, err
	}
	h, err := r.load(ctx, tx, Ref{r.home(), kind, id})
	if err == nil {
		err = r.edit(ctx, tx, h, doc, at)
	}
	return id, true, err
}

// end removes a record.
func (r *Records) end(ctx context.Context, tx *sql.Tx, ref Ref, now time.Time) error {
	h, err := r.load(ctx, tx, ref)
	if err != nil {
		return err
	}
	return r.delete(ctx, tx, h, now)
}

// idAt is an id for a record that is begun at a moment: that is told to people on every
// computer, and decides nothing.
func idAt(at time.Time) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	if ms := at.UnixMilli(); ms > 0 {
		for i := range 6 {
			id[i] = byte(ms >> (40 - 8*i))
		}
	}
	return id.String(), nil
}

// begun is the moment in an id; zero when there is none.
func begun(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return time.Time{}
	}
	ms := int64(0)
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	return moment(ms)
}

// Fields of a record.

func stringField(d record.Doc, name string) string {
	var s string
	_ = json.Unmarshal(d[name], &s) // of another form: none
	return s
}

func numberField(d record.Doc, name string) int64 {
	var n int64
	_ = json.Unmarshal(d[name], &n)
	return n
}

// rowField is a row of the catalogue; 0: none that can be read.
func rowField(d record.Doc, name string) int64 {
	n, err := strconv.ParseInt(stringField(d, name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// fieldsOf makes a doc of what is there.
func fieldsOf(values map[string]any) (record.Doc, error) {
	d := record.Doc{}
	for name, v := range values {
		if v == "" || v == int64(0) {
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		d[name] = b
	}
	return d, nil
}
