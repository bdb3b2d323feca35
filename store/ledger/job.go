package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"passerelle/store/sqldb"
)

// States of a job.
const (
	JobQueued = "queued"
	JobDone   = "done"
	JobFailed = "failed"
)

// Job is work to do later, by whichever server takes it: mail, the nightly round. Body is
// sealed by the caller and emptied once the job is done.
type Job struct {
	ID    int64
	Kind  string
	Key   string // unique while it is not "": the same work is queued once
	Body  []byte
	Due   time.Time
	Tries int       // leases taken, this one too
	Fence int64     // moves at each lease: a worker that lost its lease can finish nothing
	Lease time.Time // nobody else takes it before
	State string    // JobQueued, JobDone or JobFailed
	Error string
}

// Queue adds a job; one with a Key that is there already adds nothing.
func (t *Tx) Queue(ctx context.Context, j Job) error {
	const add = `
		INSERT INTO job (kind, key, body, due, tries, fence, lease, state, error)
		VALUES ($1, $2, $3, $4, 0, 0, 0, 'queued', '')
		ON CONFLICT (key) WHERE key <> '' DO NOTHING`
	if _, err := t.tx.ExecContext(ctx, add, j.Kind, j.Key, blob(j.Body), ms(j.Due)); err != nil {
		return fmt.Errorf("queue %s job %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

const jobColumns = "id, kind, key, body, due, tries, fence, lease, state, error"

func readJob(row scanner) (j Job, err error) {
	var due, lease int64
	err = row.Scan(&j.ID, &j.Kind, &j.Key, &j.Body, &due, &j.Tries, &j.Fence, &lease, &j.State, &j.Error)
	j.Due, j.Lease = moment(due), moment(lease)
	return j, err
}

// TakeJob leases the job that is due longest, of one of the kinds; ErrNotFound if none is.
func (l *Ledger) TakeJob(ctx context.Context, kinds []string, now time.Time, lease time.Duration) (j Job, err error) {
	in, args := among(kinds, ms(now), ms(now.Add(lease)))
	// The outer condition is asked again of a row that another worker took in between.
	take := `
		UPDATE job SET fence = fence + 1, tries = tries + 1, lease = $2
		WHERE id = (
			SELECT id FROM job WHERE state = 'queued' AND due <= $1 AND lease <= $1 AND kind IN (` + in + `)
			ORDER BY due, id LIMIT 1` + l.db.SkipLocked + `)
		AND state = 'queued' AND lease <= $1
		RETURNING ` + jobColumns
	err = l.db.Write(ctx, func(tx *sql.Tx) error {
		j, err = readJob(tx.QueryRowContext(ctx, take, args...))
		return err
	})
	if err != nil {
		return Job{}, missing(err, "take a job")
	}
	return j, nil
}

// EndJob ends a job that was taken: done, or to be tried again at due, or failed for good.
// ErrMoved if the lease was lost. What is over has no body any more.
func (l *Ledger) EndJob(ctx context.Context, j Job, state, problem string, due time.Time) error {
	const end = `
		UPDATE job SET state = $3, error = $4, lease = 0,
			due = CASE WHEN $3 = 'queued' THEN $5 ELSE due END,
			body = CASE WHEN $3 = 'queued' THEN body ELSE $6 END
		WHERE id = $1 AND fence = $2 AND state = 'queued' AND lease > 0`
	switch state {
	case JobQueued, JobDone, JobFailed:
	default:
		return fmt.Errorf("end job %d: no such state as %q", j.ID, state)
	}
	err := l.Update(ctx, func(t *Tx) error {
		n, err := t.count(ctx, "update", end, j.ID, j.Fence, state, plain(problem), ms(due), []byte{})
		if err == nil && n == 0 {
			err = ErrMoved
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end job %d: %w", j.ID, err)
	}
	return nil
}

// NextJob is when the next job of these kinds can be taken; false if there is none.
func (l *Ledger) NextJob(ctx context.Context, kinds []string) (time.Time, bool, error) {
	in, args := among(kinds)
	var next sql.NullInt64
	err := l.db.Reader.QueryRowContext(ctx, `
		SELECT MIN(CASE WHEN lease > due THEN lease ELSE due END) FROM job
		WHERE state = 'queued' AND kind IN (`+in+`)`, args...).Scan(&next)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("next job: %w", l.db.Fault(err))
	}
	return moment(next.Int64), next.Valid, nil
}

// Jobs lists the newest, for operators and tests.
func (l *Ledger) Jobs(ctx context.Context, n int) ([]Job, error) {
	var all []Job
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		j, err := readJob(rows)
		all = append(all, j)
		return err
	}, "SELECT "+jobColumns+" FROM job ORDER BY id DESC LIMIT $1", n)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", l.db.Fault(err))
	}
	return all, nil
}

// DropJobs removes those that are over and were due before a moment.
func (t *Tx) DropJobs(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "drop old jobs", "DELETE FROM job WHERE state <> 'queued' AND due < $1", ms(before))
}

// Letter is a message kept in the demonstration's mailbox, where no mail server is.
type Letter struct {
	ID                      int64
	At                      time.Time
	To, Subject, Text, HTML string
}

// PutLetter keeps one.
func (l *Ledger) PutLetter(ctx context.Context, m Letter) error {
	const add = "INSERT INTO letter (at, recipient, subject, text, html) VALUES ($1, $2, $3, $4, $5)"
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, add, ms(m.At), plain(m.To), plain(m.Subject), plain(m.Text), plain(m.HTML))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a letter: %w", err)
	}
	return nil
}

// Letters lists the newest.
func (l *Ledger) Letters(ctx context.Context, n int) ([]Letter, error) {
	const list = "SELECT id, at, recipient, subject, text, html FROM letter ORDER BY id DESC LIMIT $1"
	var all []Letter
	err := sqldb.Each(ctx, l.db.Reader, func(rows *sql.Rows) error {
		var (
			m  Letter
			at int64
		)
		err := rows.Scan(&m.ID, &at, &m.To, &m.Subject, &m.Text, &m.HTML)
		m.At = moment(at)
		all = append(all, m)
		return err
	}, list, n)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", l.db.Fault(err))
	}
	return all, nil
}

// DropLetters removes those of before a moment.
func (t *Tx) DropLetters(ctx context.Context, before time.Time) (int, error) {
	return t.count(ctx, "drop old letters", "DELETE FROM letter WHERE at < $1", ms(before))
}

// among is the list of an IN for values that follow others in the arguments.
func among[V any](values []V, before ...any) (in string, args []any) {
	var b strings.Builder
	args = before
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		args = append(args, v)
		fmt.Fprintf(&b, "$%d", len(args))
	}
	if b.Len() == 0 {
		return "NULL", args
	}
	return b.String(), args
}
