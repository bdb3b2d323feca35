package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"passerelle/store/sqldb"
)

// Everything is all that a person's file holds, opened, for whoever asks what is kept of
// them. What it leaves out, and why, its test tells: keys, counters, and what
// stands here once already.
type Everything struct {
	Person    *Person           `json:"person,omitempty"` // as others at the desk may see them
	Settings  map[string]string `json:"settings"`
	Recent    []Search          `json:"recent_searches"`
	Searches  []Search          `json:"saved_searches"`
	Saved     []SavedPosting    `json:"saved_postings"`
	Hidden    []Hidden          `json:"hidden"`
	Links     []Link            `json:"links"`
	Alerts    []Watch           `json:"alerts_of_this_computer"`
	Drafts    map[string]Draft  `json:"drafts"`
	Items     []Item            `json:"outbox_of_this_computer"`
	Records   []Record          `json:"records"`
	Server    []Record          `json:"as_the_server_said"`
	Outbox    []Mutation        `json:"outbox"`
	Sent      []Mutation        `json:"sent"`
	Conflicts []Conflict        `json:"conflicts"`
	Cursors   []Cursor          `json:"partitions"`
}

// Draft is what a person has begun to write, as its page keeps it.
type Draft struct {
	Body string    `json:"body"`
	At   time.Time `json:"at"`
}

// Everything reads it all, as it may be seen at now.
func (d *Device) Everything(ctx context.Context, now time.Time) (e Everything, err error) {
	fail := func(err error) (Everything, error) {
		return Everything{}, fmt.Errorf("read everything: %w", err)
	}
	if e.Settings, err = d.settings(ctx); err != nil {
		return fail(err)
	}
	rows, err := d.rows(ctx, d.own.Reader, draft, "ORDER BY n")
	if err != nil {
		return fail(d.own.Fault(err))
	}
	e.Drafts = map[string]Draft{}
	for _, r := range rows {
		e.Drafts[string(r.head)] = Draft{string(r.body), r.at}
	}
	people, err := d.People(ctx)
	if err != nil {
		return fail(err)
	}
	for _, p := range people {
		if p.ID == d.owner {
			e.Person = &p
		}
	}
	if e.Recent, err = d.Recent(ctx, 0); err == nil {
		e.Searches, err = d.SavedSearches(ctx)
	}
	if err == nil {
		e.Saved, err = d.Saved(ctx, now)
	}
	if err == nil {
		e.Hidden, err = d.Hidden(ctx)
	}
	if err == nil {
		e.Links, err = d.LaterList(ctx)
	}
	if err == nil {
		e.Alerts, err = d.Watches(ctx)
	}
	if err == nil {
		e.Items, err = d.Items(ctx, "")
	}
	if err != nil {
		return fail(err)
	}
	r, err := d.Records()
	if errors.Is(err, ErrNoAccount) {
		return e, nil
	}
	if err != nil {
		return fail(err)
	}
	if err := r.everything(ctx, &e); err != nil {
		return fail(err)
	}
	return e, nil
}

// everything adds what the account keeps at the server, as it is here.
func (r *Records) everything(ctx context.Context, e *Everything) error {
	list, err := r.list(ctx, r.d.own.Reader, "ORDER BY d.part, d.mark")
	if err != nil {
		return r.d.own.Fault(err)
	}
	e.Records = list
	err = sqldb.Each(ctx, r.d.own.Reader, func(rows *sql.Rows) error {
		var (
			mark string
			ver  int64
			body []byte
			s    said
		)
		if err := rows.Scan(&mark, &ver, &body); err != nil {
			return err
		}
		if err := r.openJSON(asRecord, mark, "shadow", body, &s); err != nil {
			return err
		}
		e.Server = append(e.Server, Record{Ref: s.Ref, Doc: s.Doc, Ver: ver, By: s.By, At: s.At})
		return nil
	}, "SELECT mark, ver, body FROM shadow ORDER BY part, mark")
	if err != nil {
		return r.d.own.Fault(err)
	}
	if e.Outbox, err = r.Outbox(ctx); err == nil {
		e.Sent, err = r.Sent(ctx)
	}
	if err == nil {
		e.Conflicts, err = r.Conflicts(ctx)
	}
	if err == nil {
		e.Cursors, err = r.Cursors(ctx)
	}
	return err
}

// settings are those of the person's own file, or of the desk where there is none.
func (d *Device) settings(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	err := sqldb.Each(ctx, d.own.Reader, func(rows *sql.Rows) error {
		var (
			name  string
			value []byte
			err   error
		)
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		if d.box != nil {
			value, err = d.open(settings, name, "value", value)
		}
		all[name] = string(value)
		return err
	}, "SELECT key, value FROM setting ORDER BY key")
	if err != nil {
		return nil, d.own.Fault(err)
	}
	return all, nil
}
