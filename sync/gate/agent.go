package gate

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// States of a help request.
const (
	helpOpen     = "open"
	helpReset    = "reset"
	helpDeclined = "declined"
)

// manyHelps is how many open requests an agent sees at once, oldest first.
const manyHelps = 200

func aboutHelp(key string) string { return "help/" + key }

// byHelp counts requests for help from an address, apart from sign-ins.
func (g *Gate) byHelp(from string) throttle {
	return throttle{key: g.o.Keys.MAC("throttle help", []byte(from)), address: true}
}

// Help files a request for an agent's help: the same answer whether the account exists or
// not. The same key again gives the same ticket, and counts as no other request.
func (g *Gate) Help(ctx context.Context, h wire.HelpRequest, from string, now time.Time) (wire.Receipt, error) {
	var key account.Code
	if h.Key == "" || len(h.Key) > 64 {
		key = account.Needed
	}
	if err := mend(account.CheckName(h.First).At("first"), account.CheckName(h.Last).At("last"),
		account.CheckEmail(h.Email).At("email"), key.At("key")); err != nil {
		return wire.Receipt{}, err
	}
	h.Text = short(strings.ToValidUTF8(h.Text, "\uFFFD"), wire.MaxText)
	if !speaks(h.Lang) {
		h.Lang = "fr"
	}
	body, err := json.Marshal(h)
	if err != nil {
		return wire.Receipt{}, fmt.Errorf("file help request: %w", err)
	}
	sum := sha256.Sum256(body)
	row := ledger.HelpRequest{Key: h.Key, Hash: g.o.Keys.MAC("help", sum[:]), Received: now}
	if row.Body, err = g.o.Keys.Box.Seal(aboutHelp(h.Key), body); err != nil {
		return wire.Receipt{}, err
	}
	var known bool
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		known, err = t.HelpFiled(ctx, h.Key)
		return err
	})
	if err != nil {
		return wire.Receipt{}, err
	}
	if !known {
		if err := g.attempt(ctx, now, g.byHelp(from)); err != nil {
			return wire.Receipt{}, err
		}
	}
	var (
		n  int64
		at time.Time
	)
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) (err error) {
		n, at, err = t.FileHelp(ctx, row)
		return err
	})
	if err != nil {
		return wire.Receipt{}, err
	}
	return wire.Receipt{Ticket: helpTicket(n), Received: at.Truncate(time.Second)}, nil
}

// helpTicket is a request's number as people say it; those of reports begin with S.
func helpTicket(n int64) string { return fmt.Sprintf("H-%06d", n) }

// agent refuses who is none, or came in without a second factor.
func agent(who *Caller) error {
	switch {
	case !slices.Contains(who.Account.Roles, account.Agent):
		return refuse(account.Forbidden)
	case !who.Proven():
		return refuse(account.FactorNeeded)
	}
	return nil
}

// Requests lists the open requests; who must be an agent with a second factor. An agent
// sees what the person wrote and whether it is what an account says, never what the
// account says itself.
func (g *Gate) Requests(ctx context.Context, who *Caller, now time.Time) ([]wire.Request, error) {
	if err := agent(who); err != nil {
		return nil, err
	}
	out := []wire.Request{}
	err := g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		out = out[:0]
		all, err := t.Helps(ctx, helpOpen, manyHelps)
		if err != nil {
			return err
		}
		for _, row := range all {
			h, err := g.help(row)
			if err != nil {
				return err
			}
			r := wire.Request{N: row.N, Email: h.Email, First: h.First, Last: h.Last, Text: h.Text, State: row.State, Received: row.Received}
			a, p, err := g.named(ctx, t, h)
			switch {
			case errors.Is(err, ledger.ErrNotFound):
			case err != nil:
				return err
			default:
				r.Matches, r.Verified = true, p.Verified
				if r.Disputes, err = g.ofAccount(ctx, t, a.ID); err != nil {
					return err
				}
				look := ledger.Seen{Account: a.ID, Role: string(account.Agent), Viewer: who.Account.ID, What: wire.SeenHelp, Ref: helpTicket(row.N)}
				if err := g.looked(ctx, t, look, sameLook, now); err != nil {
					return err
				}
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("help requests: %w", err)
	}
	return out, nil
}

func (g *Gate) help(row ledger.HelpRequest) (h wire.HelpRequest, err error) {
	err = g.unseal(aboutHelp(row.Key), row.Body, &h)
	return h, err
}

// named finds the account whose address and name a request gives; ledger.ErrNotFound when
// one of them is another.
func (g *Gate) named(ctx context.Context, t *ledger.Tx, h wire.HelpRequest) (a ledger.Account, p person, err error) {
	address, _ := account.Address(h.Email)
	if a, err = t.AccountByEmail(ctx, g.emailHash(address)); err != nil {
		return a, p, err
	}
	if p, err = g.person(a); err != nil {
		return a, p, err
	}
	if account.Fold(p.First) != account.Fold(h.First) || account.Fold(p.Last) != account.Fold(h.Last) {
		err = fmt.Errorf("account of that name: %w", ledger.ErrNotFound)
	}
	return a, p, err
}

// Act does an act of an agent and writes its line in the audit. No agent acts on their own
// account, sees a password, or reaches a second factor (B-036).
func (g *Gate) Act(ctx context.Context, who *Caller, act string, in wire.Act, now time.Time) error {
	if err := agent(who); err != nil {
		return err
	}
	actor := agentActor + who.Account.ID
	switch act {
	case wire.ActReset:
		return g.actReset(ctx, who, actor, in, now)
	case wire.ActCompromise:
		return g.actCompromise(ctx, who, actor, in, now)
	case wire.ActDecline:
		return g.actDecline(ctx, who, actor, in, now)
	}
	return refuse(account.WrongStep)
}

// errNobody says that an agent named no account.
func errNobody() error { return mend(account.BadEmail.At("email")) }

// subject finds the account that an act is about: by a request that names it, or by its
// address. who is nil for an operator.
func (g *Gate) subject(ctx context.Context, t *ledger.Tx, who *Caller, in wire.Act) (a ledger.Account, p person, err error) {
	if in.Request != 0 {
		row, err := t.Help(ctx, in.Request)
		if errors.Is(err, ledger.ErrNotFound) || err == nil && row.State != helpOpen {
			return a, p, refuse(account.CannotNow) // settled by somebody else
		}
		if err != nil {
			return a, p, err
		}
		h, err := g.help(row)
		if err != nil {
			return a, p, err
		}
		if a, p, err = g.named(ctx, t, h); errors.Is(err, ledger.ErrNotFound) {
			return a, p, errNobody()
		} else if err != nil {
			return a, p, err
		}
	} else {
		address, _ := account.Address(in.Email)
		if a, err = t.AccountByEmail(ctx, g.emailHash(address)); errors.Is(err, ledger.ErrNotFound) {
			return a, p, errNobody()
		}
		if err != nil {
			return a, p, err
		}
		if p, err = g.person(a); err != nil {
			return a, p, err
		}
	}
	if who != nil && a.ID == who.Account.ID {
		return a, p, refuse(account.Forbidden)
	}
	return a, p, nil
}

// actReset sends a temporary password, which is made here, goes out sealed, and is told to
// nobody but the person. Sessions and what was begun end; the factor stays.
func (g *Gate) actReset(ctx context.Context, who *Caller, actor string, in wire.Act, now time.Time) error {
	temp := account.TemporaryPassword(g.token(account.TemporaryChance))
	hash := g.hash(temp)
	return g.settled(g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		a, p, err := g.subject(ctx, t, who, in)
		if err != nil {
			return err
		}
		if a.State == account.Registering {
			return refuse(account.Forbidden) // an operator invites again
		}
		a.Temp, a.TempEnds, a.Reset = hash, now.Add(g.o.Rules.TempLife), true
		if err := t.PutAccount(ctx, a); err != nil {
			return err
		}
		if _, err := t.RevokeSessions(ctx, a.ID, "", endReset, now); err != nil {
			return err
		}
		if err := t.DropFlows(ctx, time.Time{}, a.ID); err != nil {
			return err
		}
		detail := ""
		if in.Request != 0 {
			detail = helpTicket(in.Request)
			if err := t.SettleHelp(ctx, in.Request, helpReset, now); err != nil {
				return err
			}
		}
		m := mail.Message{Kind: mail.Temporary, Code: temp, Minutes: int(g.o.Rules.TempLife / time.Minute)}
		if err := g.tell(ctx, t, &p, m, now); err != nil {
			return err
		}
		return g.audit(ctx, t, actor, wire.ActReset, a.ID, detail, in.Reason, now)
	}))
}

// actCompromise revokes a portal credential that somebody else may know: for good (B-041).
func (g *Gate) actCompromise(ctx context.Context, who *Caller, actor string, in wire.Act, now time.Time) error {
	return g.settled(g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		a, p, err := g.subject(ctx, t, who, in)
		if err != nil {
			return err
		}
		err = g.revokeCredential(ctx, t, a.ID, account.Compromised, now)
		if errors.Is(err, ledger.ErrNotFound) {
			return refuse(account.CannotNow) // it has none, or none any more
		}
		if err != nil {
			return err
		}
		if err := g.tell(ctx, t, &p, mail.Message{Kind: mail.Revoked, Reason: account.Compromised}, now); err != nil {
			return err
		}
		return g.audit(ctx, t, actor, wire.ActCompromise, a.ID, "", in.Reason, now)
	}))
}

// actDecline ends a request without an act; whoever sent it is told so, in words that say
// nothing of an account.
func (g *Gate) actDecline(ctx context.Context, who *Caller, actor string, in wire.Act, now time.Time) error {
	return g.settled(g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		row, err := t.Help(ctx, in.Request)
		if errors.Is(err, ledger.ErrNotFound) {
			return refuse(account.CannotNow)
		}
		if err != nil {
			return err
		}
		if row.State != helpOpen {
			return ledger.ErrMoved
		}
		h, err := g.help(row)
		if err != nil {
			return err
		}
		if err := t.SettleHelp(ctx, in.Request, helpDeclined, now); err != nil {
			return err
		}
		subject := "request:" + helpTicket(row.N)
		a, _, err := g.named(ctx, t, h)
		switch {
		case err == nil && a.ID == who.Account.ID:
			return refuse(account.Forbidden)
		case err != nil && !errors.Is(err, ledger.ErrNotFound):
			return err
		}
		to, _ := account.Address(h.Email)
		if err := g.mail(ctx, t, "", mail.Message{Kind: mail.Declined, To: to, Lang: h.Lang}, now); err != nil {
			return err
		}
		return t.AddAudit(ctx, ledger.Audit{At: now, Actor: actor, Act: wire.ActDecline, Subject: subject, Detail: short(in.Reason, 500)})
	}))
}

// settled says of what another agent was faster at that it cannot be done now.
func (g *Gate) settled(err error) error {
	if errors.Is(err, ledger.ErrMoved) {
		return refuse(account.CannotNow)
	}
	return err
}

// agentActor begins the actor of what an agent does.
const agentActor = "agent:"

// audit writes the line of an act on an account, in the audit and, since whoever acts has
// seen it, in its access log.
func (g *Gate) audit(ctx context.Context, t *ledger.Tx, actor, act, id, detail, reason string, now time.Time) error {
	reason = short(strings.TrimSpace(reason), 500)
	switch {
	case detail == "":
		detail = reason
	case reason != "":
		detail += " " + reason
	}
	if err := t.AddAudit(ctx, ledger.Audit{At: now, Actor: actor, Act: act, Subject: "account:" + id, Detail: detail}); err != nil {
		return err
	}
	look := ledger.Seen{Account: id, What: wire.SeenAccount, Ref: act}
	switch viewer, is := strings.CutPrefix(actor, agentActor); {
	case is:
		look.Role, look.Viewer = string(account.Agent), viewer
	case actor == operator:
		look.Role = wire.SeenOperator
	default:
		return nil // the server itself
	}
	return g.looked(ctx, t, look, 0, now)
}
