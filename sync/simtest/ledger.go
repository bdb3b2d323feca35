// Package simtest runs a server and its desks in one process, over a network that drops, cuts
// and repeats. It is for tests alone.
//
// Of the public catalogue, begin with [Ledger] and [Network].
//
// Of private records, begin with [History]: two people at three desks, one of them shared, edit
// what is theirs and what they share, with the real desk (store/cache, sync/replica) and the
// real server (sync/hub, store/ledger); requests and answers are lost, repeated and late, desks
// and server die, backups are put back, clocks differ, sessions end, access is withdrawn and
// given back. [Play] holds them to the eight invariants of the design, and to no edit lost in
// silence. A seed is a history, the same each time:
//
//	go run ./cmd/dev sim                       the 2,000 of .ci/run
//	go run ./cmd/dev sim -n 20000 -seed 5000   others
//	go run ./cmd/dev sim -n 1 -seed 22 -shrink one, and if it fails what it fails by, with all that was said
//	go run ./cmd/dev mutants                   plants faults that must be found (the folder mutants)
package simtest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/publish"
)

// Ledger is a server's ledger held in memory: what was put and closed, in which order.
type Ledger struct {
	Epoch, Seq int64
	rows       map[int64]kept
}

type kept struct {
	p    posting.Posting
	seq  int64
	gone bool
}

// Posting is a made-up posting that starts on a day and runs for a number of days.
func Posting(id int64, province string, posted posting.Day, days int) posting.Posting {
	p := posting.Posting{}
	p.ID, p.Number, p.Source = id, 10_000_000+id, posting.Native
	p.Title = posting.Both{EN: fmt.Sprintf("Baker %d", id), FR: fmt.Sprintf("Boulanger %d", id)}
	p.NOC, p.Confidence = "63202", 100
	p.Employer = fmt.Sprintf("Bakery %d", id%97)
	p.Place = posting.Place{City: "Example", Province: province, Postal: "A1A1A1", Street: fmt.Sprintf("%d Main St", id)}
	p.Posted, p.Ends = posted, posted+posting.Day(days)
	p.Positions = 1
	item := posting.Item{Text: fmt.Sprintf("Prepare dough for batch %d, ovens %d to %d", id, id%7, id%7+3)}
	p.Texts = []posting.Text{{Lang: i18n.English, Sections: []posting.Section{{Kind: posting.Tasks, Items: []posting.Item{item}}}}}
	p.Apply = []posting.Method{{Kind: posting.ApplyEmail, Value: fmt.Sprintf("jobs%d@bakery.example", id)}}
	return p
}

// Put adds or replaces a posting.
func (l *Ledger) Put(p posting.Posting) { l.set(p.ID, kept{p: p}) }

// Close stops a posting early; its row stays as a masked one.
func (l *Ledger) Close(id int64) { l.end(id, posting.Closed) }

// Withdraw takes away a posting whose source is no longer accepted.
func (l *Ledger) Withdraw(id int64) { l.end(id, posting.Withdrawn) }

func (l *Ledger) end(id int64, s posting.State) {
	if k, ok := l.rows[id]; ok && !k.gone {
		k.p.State = s
		l.set(id, k)
	}
}

// Erase removes a posting altogether.
func (l *Ledger) Erase(id int64) {
	if k, ok := l.rows[id]; ok {
		k.gone = true
		l.set(id, k)
	}
}

func (l *Ledger) set(id int64, k kept) {
	if l.rows == nil {
		l.rows = map[int64]kept{}
	}
	l.Seq++
	k.seq = l.Seq
	l.rows[id] = k
}

// Get is a posting as it was put.
func (l *Ledger) Get(id int64) (posting.Posting, bool) {
	k, ok := l.rows[id]
	return k.p, ok && !k.gone
}

// IDs are those of the postings that were not erased, in order.
func (l *Ledger) IDs() []int64 {
	var ids []int64
	for id, k := range l.rows {
		if !k.gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Backup is a copy of the ledger as it is.
func (l *Ledger) Backup() *Ledger {
	return &Ledger{Epoch: l.Epoch, Seq: l.Seq, rows: maps.Clone(l.rows)}
}

// Position implements publish.Rows.
func (l *Ledger) Position(context.Context) (epoch, seq int64, err error) { return l.Epoch, l.Seq, nil }

// All implements publish.Rows.
func (l *Ledger) All(_ context.Context, yield func(publish.Row) error) error {
	for _, id := range l.IDs() {
		if err := yield(l.rows[id].row()); err != nil {
			return err
		}
	}
	return nil
}

// Changed implements publish.Rows.
func (l *Ledger) Changed(_ context.Context, after, upto int64, yield func(publish.Row) error) error {
	for _, k := range l.rows {
		if k.seq <= after || k.seq > upto {
			continue
		}
		if err := yield(k.row()); err != nil {
			return err
		}
	}
	return nil
}

func (k kept) row() publish.Row {
	p := k.p
	if p.State != posting.Shown {
		p = p.Masked()
	}
	return publish.Row{
		ID: p.ID, Seq: k.seq, Part: p.Part(), Ends: p.Ends, Gone: k.gone,
		Card: p.Card.Bytes(), Details: p.Details.Bytes(),
	}
}

// Want is what a scope must hold on a day, by its definition and not by what was published:
// ids, and the digest.
func (l *Ledger) Want(in func(part string) bool, details bool, horizon posting.Day) (ids []int64, digest posting.Sum) {
	for _, id := range l.IDs() {
		r := l.rows[id].row()
		if r.Ends < horizon || !in(r.Part) {
			continue
		}
		if !details {
			r.Details = nil
		}
		ids = append(ids, id)
		digest = digest.Add(posting.RowSum(r.Card, r.Details))
	}
	return ids, digest
}
