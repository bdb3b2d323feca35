package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// Matching brings seekers and employers together, by records of both: a *matching.Matching.
type Matching interface {
	// Follow does what a change of a record asks, in the transaction that writes it. It may
	// change c.Next. What it refuses is a [No]. It gives the partitions of others that it
	// changed, whose desks are to look.
	Follow(ctx context.Context, t *ledger.Tx, c Changed, now time.Time) (touched []string, err error)
}

// Changed is a record that somebody changed.
type Changed struct {
	Account         string // who did
	Part, Kind, Doc string
	Command         string     // "": an edit, or a removal
	Next            record.Doc // nil: it is removed
}

// No is why a change is refused: one of wire.Reason….
type No string

func (n No) Error() string { return string(n) }

// Kinds that matching follows.
const (
	profileKind    = "profile"
	matchKind      = "match"
	hiddenKind     = "hidden"
	invitationKind = "invitation"
)

// matching does what a change asks of matching.
func (r *Records) matching(ctx context.Context, t *ledger.Tx, who Who, k record.Kind, m wire.Mutation, next record.Doc, now time.Time) (touched []string, err error) {
	switch k.Name {
	case matchKind:
		var number int64
		if next != nil && (json.Unmarshal(next["number"], &number) != nil || m.Record != record.MatchOf(who.Account, number)) {
			return nil, reject(m, wire.ReasonInvalid, "number") // there is one for a posting, under its own name
		}
	case profileKind, hiddenKind, invitationKind:
	default:
		return nil, nil
	}
	if r.o.Matching == nil {
		return nil, nil
	}
	touched, err = r.o.Matching.Follow(ctx, t, Changed{who.Account, m.Partition, k.Name, m.Record, m.Command, next}, now)
	var no No
	if errors.As(err, &no) {
		err = reject(m, string(no))
	}
	return touched, err
}

// Body opens a record of the ledger; nil: it was removed.
func (r *Records) Body(d ledger.Doc) (record.Doc, error) {
	if d.Deleted {
		return nil, nil
	}
	return r.open(d)
}

// May says whether somebody may see a partition.
func (r *Records) May(ctx context.Context, t *ledger.Tx, who Who, part string, now time.Time) (bool, error) {
	m, err := t.Member(ctx, who.Account, part)
	if errors.Is(err, ledger.ErrNotFound) {
		return part == own(who.Account), nil
	}
	return err == nil && who.stillIn(m, now), err
}
