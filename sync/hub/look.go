package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// shown are records of one kind that are shown to somebody whose they are not.
type shown struct {
	part, kind, record string // record "": several
	mark               string // what exactly is shown
}

// sameLook is how long the same, shown to the same account again, is the same look: an
// answer that was lost is asked for again.
const sameLook = 10 * time.Minute

// look adds what a part shows of another's: one look a kind. What a desk sent and gets back
// is none, and a pull that brings nothing new shows nothing.
func (r *Records) look(ctx context.Context, t *ledger.Tx, all []shown, who Who, told wire.PulledPart) ([]shown, error) {
	if len(told.Changes) == 0 {
		return all, nil
	}
	if guest, err := guest(ctx, t, who, told.Partition); err != nil || !guest {
		return all, err
	}
	at := map[string]int{}
	for _, c := range told.Changes {
		if c.Deleted || c.By == who.Account && !told.Snapshot {
			continue
		}
		n, known := at[c.Kind]
		switch {
		case !known:
			at[c.Kind] = len(all)
			all = append(all, shown{told.Partition, c.Kind, c.Record, fmt.Sprintf("%s@%d.%d/%s", told.Partition, told.Epoch, told.Seq, c.Kind)})
		case all[n].record != c.Record:
			all[n].record = ""
		}
	}
	return all, nil
}

// guest says whether an account sees a partition as somebody whose it is not.
func guest(ctx context.Context, t *ledger.Tx, who Who, part string) (bool, error) {
	if kind, _, _ := parse(part); kind != record.Grant && kind != record.Employer {
		return false, nil // one's own; nothing in the office says whose it is
	}
	m, err := t.Member(ctx, who.Account, part)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	}
	return m.Role != roleOwner, err
}

// looked writes looks into the access logs of those whose they are, in the transaction that
// reads what is shown.
func (r *Records) looked(ctx context.Context, t *ledger.Tx, who Who, all []shown, now time.Time) error {
	for _, l := range all {
		members, err := t.Members(ctx, l.part)
		if err != nil {
			return err
		}
		role := wire.SeenEmployer
		if kind, _, _ := parse(l.part); kind == record.Grant {
			role = string(account.Counsellor)
		}
		s := ledger.Seen{At: now, Role: role, Viewer: who.Account, What: l.kind, Ref: l.record, Mark: l.mark}
		if s.Ref == "" {
			s.Ref = l.part
		}
		for _, m := range members {
			if m.Role != roleOwner {
				continue
			}
			s.Account = m.Account
			if err := t.AddSeen(ctx, s, sameLook); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered writes down what the answer to a mutation shows of another's.
func (r *Records) answered(ctx context.Context, t *ledger.Tx, who Who, m wire.Mutation, res wire.Result, now time.Time) error {
	if res.Body == nil {
		return nil
	}
	guest, err := guest(ctx, t, who, m.Partition)
	if err != nil || !guest {
		return err
	}
	l := shown{m.Partition, m.Kind, m.Record, fmt.Sprintf("%s/%s@%d", m.Partition, m.Record, res.Ver)}
	return r.looked(ctx, t, who, []shown{l}, now)
}
