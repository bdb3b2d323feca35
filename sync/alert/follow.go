package alert

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
)

// recordKey is by what a record's subscription is found.
func recordKey(part, doc string) string { return "record/" + part + "/" + doc }

// Leave ends the alerts of an account that is closed. Those that its owner asked for
// without it go on: they need no account, and each of their letters ends them.
func (a *Alerts) Leave(ctx context.Context, t *ledger.Tx, id string, now time.Time) error {
	all, err := t.SubscriptionsIn(ctx, string(record.Person)+"/"+id)
	for _, s := range all {
		if err == nil {
			err = a.end(ctx, t, s, now)
		}
	}
	return err
}

// Follow makes a subscription what the record of a signed-in account says, nil for
// one that was removed. It lives in the same table as those without an account, so that all
// letters of an address are one. An address is confirmed by its own link, whoever is signed
// in: one that changes waits again, and next says so.
func (a *Alerts) Follow(ctx context.Context, t *ledger.Tx, part, doc string, next record.Doc, now time.Time) error {
	s, err := t.SubscriptionByKey(ctx, recordKey(part, doc))
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	there := err == nil
	var in struct {
		Email    string   `json:"email"`
		State    string   `json:"state"`
		Name     string   `json:"name"`
		Lang     string   `json:"lang"`
		Zone     string   `json:"zone"`
		Titles   []string `json:"titles"`
		Places   []string `json:"places"`
		Keywords []string `json:"keywords"`
	}
	if next != nil {
		b, err := json.Marshal(next)
		if err == nil {
			err = json.Unmarshal(b, &in)
		}
		if err != nil {
			return err
		}
	}
	live := in.State == ledger.AlertPending || in.State == ledger.AlertActive || in.State == ledger.AlertPaused
	if !live {
		if there {
			s.Part = "" // the record says so itself
			return a.end(ctx, t, s, now)
		}
		return nil
	}
	if _, err := zone(in.Zone); err != nil {
		in.Zone = a.o.Zone
	}
	asks := Asks{in.Name, in.Titles, in.Places, in.Keywords, in.Lang, in.Zone}
	address, ok := account.Address(in.Email)
	if bad := check(in.Email, asks); !ok || len(bad) > 0 {
		// An edit that is not finished: letters go on as they were until it is.
		return nil
	}
	mac := a.mac(address)
	known := there && string(s.EmailMAC) == string(mac) && s.State != ledger.AlertUnsubscribed
	if !known {
		if there && s.State != ledger.AlertUnsubscribed { // another address: nothing more goes to the first
			was := s
			was.Part = ""
			if err := a.end(ctx, t, was, now); err != nil {
				return err
			}
			if s, err = t.SubscriptionByKey(ctx, s.Key); err != nil {
				return err
			}
		}
		s.Key, s.Part, s.Doc = recordKey(part, doc), part, doc
		if in.State != ledger.AlertPending {
			next["state"] = json.RawMessage(`"` + ledger.AlertPending + `"`)
		}
		return a.ask(ctx, t, address, asks, s, now)
	}
	if err := a.seal(aboutSubscription(s.ID), asks, &s.Body); err != nil {
		return err
	}
	if s.State == ledger.AlertPending { // only its link begins it, whatever a restored desk says
		if in.State != ledger.AlertPending {
			next["state"] = json.RawMessage(`"` + ledger.AlertPending + `"`)
		}
		return t.PutSubscription(ctx, s)
	}
	if in.State == ledger.AlertPending {
		in.State = s.State
		next["state"] = json.RawMessage(`"` + s.State + `"`)
	}
	if in.State == ledger.AlertActive && s.State == ledger.AlertPaused {
		if s.Mark, err = t.LastRow(ctx); err != nil {
			return err
		}
	}
	s.State = in.State
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	return a.settle(ctx, t, mac, func(who *ledger.Subscriber) error {
		p, err := a.person(*who)
		if err != nil {
			return err
		}
		p.Lang, who.Zone = asks.Lang, asks.Zone
		return a.seal(aboutSubscriber(mac), p, &who.Body)
	})
}
