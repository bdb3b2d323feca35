package ledger

import (
	"context"
	"time"
)

// Job is work to do later, by whichever server takes it: mail, the nightly round. Body is
// sealed by the caller and emptied once the job is done.
type Job struct {
	ID    int64
	Kind  string
	Key   string // unique while it is not "": the same work is queued once
	Body  []byte
	Due   time.Time
	Tries int
	Fence int64     // moves at each lease: a worker that lost its lease can finish nothing
	Lease time.Time // nobody else takes it before
	State string    // "queued", "done", "failed"
	Error string
}

// Queue adds a job; one with a Key that is there already adds nothing.
func (t *Tx) Queue(ctx context.Context, j Job) error { panic("not yet") }

// TakeJob leases the job that is due longest, of one of the kinds; ErrNotFound if none is.
func (l *Ledger) TakeJob(ctx context.Context, kinds []string, now time.Time, lease time.Duration) (Job, error) {
	panic("not yet")
}

// EndJob ends a job that was taken: done, or to be tried again at due, or failed for good.
// ErrMoved if the lease was lost.
func (l *Ledger) EndJob(ctx context.Context, j Job, state, problem string, due time.Time) error {
	panic("not yet")
}

// NextJob is when the next job of these kinds is due; false if there is none.
func (l *Ledger) NextJob(ctx context.Context, kinds []string) (time.Time, bool, error) {
	panic("not yet")
}

// Letter is a message kept in the demonstration's mailbox, where no mail server is.
type Letter struct {
	ID                      int64
	At                      time.Time
	To, Subject, Text, HTML string
}

// PutLetter keeps one.
func (l *Ledger) PutLetter(ctx context.Context, m Letter) error { panic("not yet") }

// Letters lists the newest.
func (l *Ledger) Letters(ctx context.Context, n int) ([]Letter, error) { panic("not yet") }
