package hub

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// grantKind is the record that a grant's partition is named for: it says who may come in.
const grantKind = "grant"

// Fields and states of a grant that decide who may see its partition.
const (
	grantClient     = "client"
	grantCounsellor = "counsellor"
	grantUntil      = "until"
	granted         = "granted"
	requested       = "requested"
)

func (w Who) counsellor() bool { return w.has(account.Counsellor) }

func word(d record.Doc, field string) (s string) {
	_ = json.Unmarshal(d[field], &s) // "": not there, or no text
	return s
}

// mayGrant says whether somebody may do that to a grant: a counsellor asks for one, and
// may mend the request; everything else is the client's, whose file it is. Between whom it
// is never changes.
func (s standing) mayGrant(who Who, k record.Kind, m wire.Mutation) error {
	if _, id, _ := parse(m.Partition); id != m.Record {
		return reject(m, wire.ReasonForbidden)
	}
	d, asks := s.theirs, m.Patch != nil
	if d == nil {
		if s.Ver > 0 || m.Patch == nil {
			return reject(m, wire.ReasonGone) // a grant that was removed is not given again under its name
		}
		d = m.Patch
	} else {
		for _, name := range []string{grantClient, grantCounsellor} {
			if _, there := m.Patch[name]; there && word(m.Patch, name) != word(d, name) {
				return reject(m, wire.ReasonInvalid, name)
			}
		}
		asks = asks && k.State(d) == requested
	}
	client, counsellor := word(d, grantClient), word(d, grantCounsellor)
	switch {
	case client == "" || client == counsellor:
		return reject(m, wire.ReasonInvalid, grantClient)
	case who.Account == client, asks && who.Account == counsellor && who.counsellor():
		return nil
	}
	return reject(m, wire.ReasonForbidden)
}

// follow lets in and lets go whom a grant says, within the transaction that changes it. It
// gives the accounts whose desks are to look.
func follow(ctx context.Context, t *ledger.Tx, k record.Kind, m wire.Mutation, was, next record.Doc, now time.Time) (touched []string, err error) {
	d := next
	if d == nil {
		d = was
	}
	client, counsellor := word(d, grantClient), word(d, grantCounsellor)
	touched = []string{client, counsellor}
	put := func(account, role string, ends time.Time) error {
		return t.PutMember(ctx, ledger.Member{Account: account, Part: m.Partition, Role: role, Since: now, Ends: ends})
	}
	if was == nil {
		if _, err := t.Account(ctx, client); errors.Is(err, ledger.ErrNotFound) {
			return nil, reject(m, wire.ReasonInvalid, grantClient)
		} else if err != nil {
			return nil, err
		}
		if err := put(client, roleOwner, time.Time{}); err != nil {
			return nil, err
		}
	}
	switch state := k.State(d); {
	case next != nil && state == granted:
		a, err := t.Account(ctx, counsellor)
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !(Who{Roles: a.Roles, Proven: true}).counsellor() {
			return nil, reject(m, wire.ReasonInvalid, grantCounsellor)
		}
		if err != nil {
			return nil, err
		}
		until, err := time.Parse(time.DateOnly, word(d, grantUntil))
		if err != nil {
			return nil, reject(m, wire.ReasonInvalid, grantUntil)
		}
		if all, err := t.Memberships(ctx, counsellor); err != nil {
			return nil, err
		} else if len(all) >= MaxCursors-10 && !slices.ContainsFunc(all, func(in ledger.Member) bool { return in.Part == m.Partition }) {
			return nil, reject(m, wire.ReasonQuota, grantCounsellor) // their desk could not ask after one more
		}
		// The day ends last in the zone that is furthest west.
		return touched, put(counsellor, roleCounsellor, until.Add(36*time.Hour))
	case next != nil && state == requested:
		if was == nil {
			if _, err := t.Member(ctx, counsellor, m.Partition); err == nil { // who made it
				return touched, put(counsellor, roleAsks, time.Time{})
			} else if !errors.Is(err, ledger.ErrNotFound) {
				return nil, err
			}
		}
		return touched, nil
	}
	return touched, t.DropMember(ctx, counsellor, m.Partition)
}
