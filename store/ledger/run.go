package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"passerelle/store/sqldb"
)

// Run is what one import did.
type Run struct {
	ID             int64
	Source         string
	Files          []string
	Started, Ended time.Time
	Outcome        string // "done", "guard", or what stopped it; "" while it runs or was killed
	Read, Refused  int
	Tally
	Problems []Problem
}

// Problem is one line of a file that was not taken.
type Problem struct {
	File   string
	Line   int
	Reason string
	Detail string
}

// Begin notes that an import begins.
func (l *Ledger) Begin(ctx context.Context, source string, files []string, now time.Time) (id int64, err error) {
	const put = `
		INSERT INTO run (source, files, started, ended, outcome, read, added, changed, unchanged, closed, refused)
		VALUES ($1, $2, $3, 0, '', 0, 0, 0, 0, 0, 0) RETURNING id`
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, put, source, plain(strings.Join(files, "\n")), now.UnixMilli()).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("begin import of %s: %w", source, err)
	}
	return id, nil
}

// Finish notes what an import did.
func (l *Ledger) Finish(ctx context.Context, r Run) error {
	const put = `
		UPDATE run SET ended = $2, outcome = $3, read = $4, added = $5, changed = $6,
			unchanged = $7, closed = $8, refused = $9 WHERE id = $1`
	const problem = `
		INSERT INTO problem (run, n, file, line, reason, detail) VALUES ($1, $2, $3, $4, $5, $6)`
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, put, r.ID, r.Ended.UnixMilli(), plain(r.Outcome),
			r.Read, r.Added, r.Changed, r.Unchanged, r.Closed, r.Refused); err != nil {
			return err
		}
		for n, p := range r.Problems {
			if _, err := tx.ExecContext(ctx, problem, r.ID, n, plain(p.File), p.Line, p.Reason, plain(p.Detail)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("finish import %d: %w", r.ID, err)
	}
	return nil
}

// Runs lists the newest imports, without their problems.
func (l *Ledger) Runs(ctx context.Context, n int) ([]Run, error) {
	const list = `
		SELECT id, source, files, started, ended, outcome, read, added, changed, unchanged, closed, refused
		FROM run ORDER BY id DESC LIMIT $1`
	var all []Run
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var (
			r              Run
			files          string
			started, ended int64
		)
		if err := rows.Scan(&r.ID, &r.Source, &files, &started, &ended, &r.Outcome,
			&r.Read, &r.Added, &r.Changed, &r.Unchanged, &r.Closed, &r.Refused); err != nil {
			return err
		}
		r.Files, r.Started, r.Ended = strings.Split(files, "\n"), moment(started), moment(ended)
		all = append(all, r)
		return nil
	}, list, n)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", l.db.Fault(err))
	}
	return all, nil
}

// Problems lists the problems of an import.
func (l *Ledger) Problems(ctx context.Context, run int64) ([]Problem, error) {
	var all []Problem
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var p Problem
		err := rows.Scan(&p.File, &p.Line, &p.Reason, &p.Detail)
		all = append(all, p)
		return err
	}, "SELECT file, line, reason, detail FROM problem WHERE run = $1 ORDER BY n", run)
	if err != nil {
		return nil, fmt.Errorf("problems of import %d: %w", run, l.db.Fault(err))
	}
	return all, nil
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
