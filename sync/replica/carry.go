package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/wire"
)

// Items is what a computer sends without an account: reports, and requests for help and for
// alerts.
type Items interface {
	Outbox
	Requests
	Subscriptions
	// Left notes that an item is on its way: it may arrive, whatever comes of the file.
	Left(ctx context.Context, key string) error
}

// ErrForeign: the file is of another account than the one it is handed in by, or back to.
var ErrForeign = errors.New("of another account")

// Export writes what waits to a file, for a server that this desk does not reach; n says how
// many items. They count as sent, and stay in the outbox until their receipts come back
// ([Private.Import]) or they are sent after all: the server takes each once. Not among them
// is what waits for the person. cache.ErrEpoch: the server was restored, and has to be
// reached first.
//
// A Private without a Local is of nobody: only Items travel.
func (p *Private) Export(ctx context.Context, w io.Writer) (n int, err error) {
	parcel := wire.Parcel{Account: p.o.Account}
	if p.l != nil {
		if _, due, err := p.l.Epoch(ctx); err != nil {
			return 0, err
		} else if due {
			return 0, fmt.Errorf("write outbox: %w", cache.ErrEpoch)
		}
		batch, err := p.l.Batch(ctx, cache.Limits{All: true})
		if err != nil {
			return 0, err
		}
		for _, m := range batch {
			parcel.Mutations = append(parcel.Mutations, mutation(m))
		}
	}
	if p.o.Items != nil {
		if parcel.Reports, err = p.o.Items.Reports(ctx); err != nil {
			return 0, fmt.Errorf("read outbox: %w", err)
		}
		if parcel.Helps, err = p.o.Items.Helps(ctx); err != nil {
			return 0, fmt.Errorf("read outbox: %w", err)
		}
		if parcel.Alerts, err = p.o.Items.Subscriptions(ctx); err != nil {
			return 0, fmt.Errorf("read outbox: %w", err)
		}
	}
	for _, r := range parcel.Reports {
		if err := p.o.Items.Left(ctx, r.Key); err != nil {
			return 0, fmt.Errorf("take report %s from outbox: %w", r.Key, err)
		}
	}
	for _, h := range parcel.Helps {
		if err := p.o.Items.Left(ctx, h.Key); err != nil {
			return 0, fmt.Errorf("take request for help %s from outbox: %w", h.Key, err)
		}
	}
	for _, in := range parcel.Alerts {
		if err := p.o.Items.Left(ctx, in.Key); err != nil {
			return 0, fmt.Errorf("take request for alerts %s from outbox: %w", in.Key, err)
		}
	}
	reached("exported")
	return parcel.Len(), wire.WriteParcel(w, parcel)
}

// Import takes receipts of what was exported; n says how many items they ended the waiting
// of: none when they were taken in before. ErrForeign; cache.ErrEpoch: they are of a server
// that was restored since, sync first. What is not taken changes nothing.
func (p *Private) Import(ctx context.Context, r io.Reader) (n int, err error) {
	got, err := wire.ReadReceipts(r)
	if err != nil {
		return 0, err
	}
	mine := p.l != nil && len(got.Results) > 0
	if len(got.Results) > 0 && (p.l == nil || p.o.Account != "" && got.Account != "" && p.o.Account != got.Account) {
		return 0, fmt.Errorf("receipts: %w", ErrForeign)
	}
	if mine {
		s := &exchange{Private: p}
		if n, err = s.settle(ctx, got.Pushed); err != nil {
			return 0, err
		}
		reached("settled")
	}
	if p.o.Items == nil {
		return n, nil
	}
	for _, d := range got.Items {
		answer := d.Refused
		if answer == "" {
			b, err := json.Marshal(wire.Receipt{Ticket: d.Ticket, Received: d.Received})
			if err != nil {
				return n, fmt.Errorf("receipt %s: %w", d.Key, err)
			}
			answer = string(b)
		}
		err := p.o.Items.Settled(ctx, d.Key, d.Refused == "", answer)
		if errors.Is(err, cache.ErrNotFound) {
			continue // it has ended, or was never here
		}
		if err != nil {
			return n, fmt.Errorf("settle %s: %w", d.Key, err)
		}
		n++
	}
	return n, nil
}

// Courier is a server that a parcel is handed in to.
type Courier interface {
	Remote
	Sender
	Helper
	Subscriber
}

// Carry hands another computer's parcel in, in ordinary pushes, and gives the receipts to
// carry back. ErrForeign: it is of another account than o.Account, and nothing was sent. After
// any other error it is carried again: what was taken is answered as it was. What the server
// has no answer for yet is not in the receipts, or is put off there: it waits where it is.
//
// The options' Token, Stay, Rand, Wait and Tries are as of a sync. Without mutations in the
// parcel no token is asked for.
func Carry(ctx context.Context, r Courier, o PrivateOptions, in wire.Parcel) (wire.Receipts, error) {
	out := wire.Receipts{Account: in.Account}
	if foreign(in, o.Account) {
		return out, fmt.Errorf("carry outbox: %w", ErrForeign)
	}
	p := NewPrivate(r, nil, o)
	s := &exchange{Private: p, stay: p.o.Stay(), most: wire.MaxMutations}
	if err := s.handIn(ctx, in.Mutations, &out.Pushed); err != nil {
		return out, fmt.Errorf("carry outbox: %w", err)
	}
	for _, rep := range in.Reports {
		answer, err := r.Report(ctx, rep)
		d := wire.Delivered{Key: rep.Key}
		var receipt wire.Receipt
		switch {
		case errors.Is(err, wire.ErrRefused):
			d.Refused = err.Error()
		case err != nil:
			return out, fmt.Errorf("carry report %s: %w", rep.Key, err)
		case json.Unmarshal([]byte(answer), &receipt) != nil:
			return out, fmt.Errorf("carry report %s: the answer is no receipt: %w", rep.Key, wire.ErrOffline)
		default:
			d.Ticket, d.Received = receipt.Ticket, receipt.Received
		}
		out.Items = append(out.Items, d)
	}
	for _, h := range in.Helps {
		receipt, err := r.Help(ctx, h)
		var no *wire.Refused
		d := wire.Delivered{Key: h.Key, Ticket: receipt.Ticket, Received: receipt.Received}
		switch {
		case errors.As(err, &no) && (no.Code == account.TooMany || no.Code == account.CannotNow):
			continue // not for now
		case errors.As(err, &no):
			d = wire.Delivered{Key: h.Key, Refused: string(no.Code)}
		case err != nil:
			return out, fmt.Errorf("carry request for help %s: %w", h.Key, err)
		}
		out.Items = append(out.Items, d)
	}
	for _, ask := range in.Alerts {
		why, err := subscribe(ctx, r, ask)
		var no *wire.Refused
		if errors.As(err, &no) {
			continue // not for now
		}
		if err != nil {
			return out, fmt.Errorf("carry request for alerts %s: %w", ask.Key, err)
		}
		out.Items = append(out.Items, wire.Delivered{Key: ask.Key, Refused: why})
	}
	return out, nil
}

// foreign says whether a parcel holds changes of another account.
func foreign(p wire.Parcel, of string) bool {
	if len(p.Mutations) == 0 || of == "" {
		return false
	}
	if p.Account != "" && p.Account != of {
		return true
	}
	for _, m := range p.Mutations {
		if id, own := strings.CutPrefix(m.Partition, "person/"); own && id != of {
			return true
		}
	}
	return false
}

// handIn pushes mutations in order, as many at once as fit. Of a record whose mutation was
// not taken, nothing more is sent: the server's rule within a push, here for all of them.
func (s *exchange) handIn(ctx context.Context, ms []wire.Mutation, out *wire.Pushed) error {
	parked := map[string]bool{}
	of := func(m wire.Mutation) string { return m.Partition + "/" + m.Record }
	for len(ms) > 0 {
		if parked[of(ms[0])] {
			out.Results = append(out.Results, wire.Result{ID: ms[0].ID, Outcome: wire.Later})
			ms = ms[1:]
			continue
		}
		n, err := s.fits(ms, func(m wire.Mutation) bool { return !parked[of(m)] })
		if err != nil {
			return err
		}
		var got wire.Pushed
		err = s.ask(ctx, func(access string) (err error) {
			got, err = s.r.Push(ctx, access, wire.Push{Mutations: ms[:n]})
			return err
		})
		switch {
		case errors.Is(err, wire.ErrTooLarge) && n > 1:
			s.most = n / 2
			continue
		case errors.Is(err, wire.ErrTooLarge): // alone: the desk that it is of is told when it syncs
			parked[of(ms[0])] = true
			continue
		case err != nil:
			return err
		case out.Epoch != 0 && out.Epoch != got.Epoch:
			return &wire.OtherEpoch{Epoch: got.Epoch} // of two servers' answers no receipts are made
		case len(got.Results) != n:
			return fmt.Errorf("%d results of %d mutations: %w", len(got.Results), n, wire.ErrOffline)
		}
		out.Epoch = max(out.Epoch, got.Epoch)
		for i, r := range got.Results {
			out.Results = append(out.Results, r)
			switch became(r) {
			case wire.Applied, wire.Merged:
			default:
				parked[of(ms[i])] = true
			}
		}
		ms = ms[n:]
		reached("carried on")
	}
	return nil
}

// became is the outcome of a mutation when it first came.
func became(r wire.Result) wire.Outcome {
	if r.Outcome == wire.Duped && r.First != "" {
		return r.First
	}
	return r.Outcome
}

// fits says how many mutations from the first on go into one push: the first always does.
func (s *exchange) fits(ms []wire.Mutation, may func(wire.Mutation) bool) (n int, err error) {
	bytes := 64
	for _, m := range ms {
		b, err := json.Marshal(m)
		if err != nil {
			return 0, fmt.Errorf("mutation %s: %w", m.ID, err)
		}
		if bytes += len(b) + 1; n == s.most || n > 0 && (bytes > wire.MaxPush || !may(m)) {
			break
		}
		n++
	}
	return n, nil
}
