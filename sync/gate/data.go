package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/alert"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Data is everything that the ledger holds of an account, who looked at it,
// what its person contests and how long all of it is kept. Of private
// records it has what the gate can open; the rest is the hub's.
func (g *Gate) Data(ctx context.Context, who *Caller, now time.Time) (out wire.MyData, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		out, err = g.data(ctx, t, who.Account.ID, now)
		return err
	})
	if err != nil {
		return wire.MyData{}, fmt.Errorf("data of account %s: %w", who.Account.ID, err)
	}
	return out, nil
}

// manySeen is how many lines of the access log are given, the newest.
const manySeen = 10_000

func (g *Gate) data(ctx context.Context, t *ledger.Tx, id string, now time.Time) (out wire.MyData, err error) {
	a, err := t.Account(ctx, id)
	if err != nil {
		return out, err
	}
	p, err := g.person(a)
	if err != nil {
		return out, err
	}
	out = wire.MyData{At: now, Account: []wire.Datum{}, Seen: []wire.Seen{}, Kept: g.kept()}
	add := func(table string) func(map[string]any) error {
		return func(row map[string]any) error {
			shown, err := g.show(table, row)
			if err == nil && shown != nil {
				out.Account = append(out.Account, wire.Datum{Table: table, Row: shown})
			}
			return err
		}
	}
	for _, held := range ledger.HeldTables {
		if held.Record {
			continue
		}
		if err := t.HeldRows(ctx, held, id, add(held.Table)); err != nil {
			return out, err
		}
	}
	mine := addresses(out.Account, p.Email)
	if err := g.mailed(ctx, t, id, mine, add); err != nil {
		return out, err
	}
	// Alerts of the address that is the account's own: another one anybody may have typed.
	err = t.AlertsOf(ctx, alert.AddressMAC(g.o.Keys, p.Email), id, func(table string, row map[string]any) error { return add(table)(row) })
	if err != nil {
		return out, err
	}
	if out.Seen, err = g.seenBy(ctx, t, id); err != nil {
		return out, err
	}
	out.Disputes, err = g.disputes(ctx, t, id)
	return out, err
}

// addresses are those that a person has shown to be theirs: the account's, and those of its
// second factors. Any other, of recovery or of a flow under way, is only what somebody typed:
// what was written from there is not theirs to read.
func addresses(rows []wire.Datum, email string) map[string]bool {
	mine := map[string]bool{email: true}
	for _, d := range rows {
		body, _ := d.Row["body"].(map[string]any)
		if s, _ := body["address"].(string); s != "" && d.Table == "factor" {
			mine[s] = true
		}
	}
	return mine
}

// mailed adds what waits for an account, or came from it: what names it, or is under its
// addresses.
func (g *Gate) mailed(ctx context.Context, t *ledger.Tx, id string, mine map[string]bool, add func(string) func(map[string]any) error) error {
	err := t.HelpSent(ctx, func(row map[string]any) error {
		key, _ := row["key"].(string)
		body, _ := row["body"].([]byte)
		h, err := g.help(ledger.HelpRequest{Key: key, Body: body})
		if err != nil {
			return err
		}
		if address, _ := account.Address(h.Email); !mine[address] {
			return nil
		}
		return add("help")(row)
	})
	if err != nil {
		return err
	}
	waits := func(row map[string]any) error {
		if body, _ := row["body"].([]byte); len(body) > 0 {
			m, err := mail.Open(g.o.Keys.Box, body)
			if err != nil {
				return err
			}
			if key, _ := row["key"].(string); !mine[m.To] && !strings.Contains(key, "/"+id+"/") {
				return nil
			}
		}
		return add("job")(row)
	}
	if err = t.JobsOf(ctx, mail.Job, id, waits); err == nil {
		err = t.JobsOf(ctx, alert.Job, "", waits) // their keys name nobody
	}
	if err != nil {
		return err
	}
	for _, address := range slices.Sorted(maps.Keys(mine)) {
		if err := t.LettersTo(ctx, address, add("letter")); err != nil {
			return err
		}
	}
	return nil
}

// hidden are the texts that would let somebody in, or that say how: bytes are hidden
// wherever they stand, unless [opened] opens them.
var hidden = map[string]bool{
	"account.password": true, "account.temp": true, "credential.password": true,
	"letter.text": true, "letter.html": true, // with their codes; the person has the letter
}

// opened open what is sealed in a column, without what would let somebody in.
var opened = map[string]func(g *Gate, row map[string]any) (any, error){
	"account.body": func(g *Gate, row map[string]any) (any, error) {
		p, err := g.person(ledger.Account{ID: text(row, "id"), Body: bytesOf(row, "body")})
		if err != nil {
			return nil, err
		}
		out, err := fields(p, "invite")
		if err != nil {
			return nil, err
		}
		questions := []any{}
		for _, q := range p.Questions {
			questions = append(questions, map[string]any{"id": q.ID, "hash": q.Hash != ""})
		}
		out["questions"], out["devices"] = questions, len(p.Devices)
		return out, nil
	},
	"credential.body": func(g *Gate, row map[string]any) (any, error) {
		p, err := g.portal(ledger.Credential{ID: text(row, "id"), Body: bytesOf(row, "body")})
		if err != nil {
			return nil, err
		}
		return fields(p, "answer", "person", "date")
	},
	"factor.body": func(g *Gate, row map[string]any) (any, error) {
		s, err := g.second(ledger.Factor{Owner: text(row, "owner"), Body: bytesOf(row, "body")})
		if err != nil {
			return nil, err
		}
		return fields(s, "secret")
	},
	"session.device": func(g *Gate, row map[string]any) (any, error) {
		return g.deviceName(ledger.Session{ID: text(row, "id"), Device: text(row, "device")})
	},
	"flow.body": func(g *Gate, row map[string]any) (any, error) {
		var d data
		if err := g.unseal(aboutFlow(bytesOf(row, "key_mac")), bytesOf(row, "body"), &d); err != nil {
			return nil, err
		}
		all, err := fields(d)
		if err != nil {
			return nil, err
		}
		open := []string{"lang", "device", "email", "first", "last", "terms", "agreed", "read", "verified", "sent", "username", "address", "method", "partner", "opened"}
		for name := range all {
			if !slices.Contains(open, name) {
				all[name] = true
			}
		}
		return all, nil
	},
	"help.body": func(g *Gate, row map[string]any) (any, error) {
		h, err := g.help(ledger.HelpRequest{Key: text(row, "key"), Body: bytesOf(row, "body")})
		if err != nil {
			return nil, err
		}
		return fields(h)
	},
	"job.body": func(g *Gate, row map[string]any) (any, error) {
		m, err := mail.Open(g.o.Keys.Box, bytesOf(row, "body"))
		if err != nil {
			return nil, err
		}
		return fields(m, "code", "link")
	},
	"subscriber.body":   func(g *Gate, row map[string]any) (any, error) { return alert.Shows(g.o.Keys, "subscriber", row) },
	"subscription.body": func(g *Gate, row map[string]any) (any, error) { return alert.Shows(g.o.Keys, "subscription", row) },
	"dispute.body": func(g *Gate, row map[string]any) (any, error) {
		return g.disputed(ledger.Dispute{Account: text(row, "account"), Field: text(row, "field"), Body: bytesOf(row, "body")})
	},
}

func text(row map[string]any, name string) string { s, _ := row[name].(string); return s }

func bytesOf(row map[string]any, name string) []byte { b, _ := row[name].([]byte); return b }

// fields are those of what was sealed, the secret ones as true.
func fields(v any, secret ...string) (out map[string]any, err error) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("show %T: %w", v, err)
	}
	for _, name := range secret {
		if out[name] != nil {
			out[name] = true
		}
	}
	return out, nil
}

// show is a row as its person may see it.
func (g *Gate) show(table string, row map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(row))
	for name, v := range row {
		column := table + "." + name
		b, sealed := v.([]byte)
		s, isText := v.(string)
		switch open := opened[column]; {
		case v == nil, sealed && len(b) == 0, isText && s == "":
		case open != nil:
			shown, err := open(g, row)
			if err != nil {
				return nil, err
			}
			out[name] = shown
		case sealed, hidden[column]:
			out[name] = true
		default:
			out[name] = v
		}
	}
	return out, nil
}

// seenBy is the access log of an account. Whoever looked is called by the name of their
// own account; one whose name is no longer kept has none.
func (g *Gate) seenBy(ctx context.Context, t *ledger.Tx, id string) ([]wire.Seen, error) {
	rows, err := t.SeenOf(ctx, id, manySeen)
	if err != nil {
		return nil, err
	}
	out, names := make([]wire.Seen, 0, len(rows)), map[string]string{"": ""}
	for _, s := range rows {
		name, known := names[s.Viewer]
		if !known {
			if name, err = g.called(ctx, t, s.Viewer); err != nil {
				return nil, err
			}
			names[s.Viewer] = name
		}
		out = append(out, wire.Seen{At: s.At, Role: s.Role, Who: name, What: s.What, Ref: s.Ref})
	}
	return out, nil
}

func (g *Gate) called(ctx context.Context, t *ledger.Tx, id string) (string, error) {
	a, err := t.Account(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p, err := g.person(a)
	return strings.TrimSpace(p.First + " " + p.Last), err
}

// looked writes a line of the access log, within the transaction that reads what is shown.
func (g *Gate) looked(ctx context.Context, t *ledger.Tx, s ledger.Seen, same time.Duration, now time.Time) error {
	if s.Viewer == s.Account {
		return nil
	}
	s.At, s.Mark = now, s.What+"/"+s.Ref
	return t.AddSeen(ctx, s, same)
}

// sameLook is how long what is shown to somebody again is the same look: a window that
// draws its list anew, an answer that was lost.
const sameLook = 10 * time.Minute

// Dispute attaches a note of disagreement to a value, or takes it away.
func (g *Gate) Dispute(ctx context.Context, who *Caller, d wire.Dispute, now time.Time) (out wire.MyData, err error) {
	id := who.Account.ID
	d.Text = strings.TrimSpace(strings.ToValidUTF8(d.Text, "\uFFFD"))
	if utf8.RuneCountInString(d.Text) > wire.MaxDispute {
		return out, mend(account.BadValue.At("text"))
	}
	row := ledger.Dispute{Account: id, Field: d.Field, At: now}
	if row.Body, err = g.seal(aboutDispute(row), d.Text); err != nil {
		return out, err
	}
	err = g.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		a, err := t.Account(ctx, id)
		if err != nil {
			return err
		}
		if err := stands(a); err != nil {
			return err
		}
		if d.Text == "" {
			err = t.DropDispute(ctx, id, d.Field)
		} else {
			err = g.dispute(ctx, t, row)
		}
		if err != nil {
			return err
		}
		out, err = g.data(ctx, t, id, now)
		return err
	})
	if err != nil {
		return wire.MyData{}, err
	}
	return out, nil
}

func (g *Gate) dispute(ctx context.Context, t *ledger.Tx, row ledger.Dispute) error {
	all, err := t.Disputes(ctx, row.Account)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(all, func(d ledger.Dispute) bool { return d.Field == row.Field })
	if !known && len(all) >= wire.MaxDisputes {
		return mend(account.TooManyValues.At("text"))
	}
	kind, rest, of := strings.Cut(row.Field, "/")
	is := slices.Contains(contested, row.Field)
	if of {
		id, field, _ := strings.Cut(rest, "/")
		if k, ok := record.Find(kind); ok && (field == "state" || slices.ContainsFunc(k.Fields, func(f record.Field) bool { return f.Name == field })) {
			if is, err = t.HasDoc(ctx, row.Account, kind, id); err != nil {
				return err
			}
		}
	}
	if !is {
		return mend(account.BadValue.At("field"))
	}
	return t.PutDispute(ctx, row)
}

// contested are the values of an account that a note may be attached to, as wire.Me names them.
var contested = []string{
	"email", "first", "last", "lang", "state", "roles", "express", "verified", "suspends_on", "questions", "terms", "accepted_on",
	"factor", "credential", "devices",
}

func aboutDispute(d ledger.Dispute) string { return "dispute/" + d.Account + "/" + d.Field }

func (g *Gate) disputed(d ledger.Dispute) (text string, err error) {
	err = g.unseal(aboutDispute(d), d.Body, &text)
	return text, err
}

// disputes are the notes of an account, by field.
func (g *Gate) disputes(ctx context.Context, t *ledger.Tx, id string) ([]wire.Dispute, error) {
	rows, err := t.Disputes(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]wire.Dispute, 0, len(rows))
	for _, row := range rows {
		text, err := g.disputed(row)
		if err != nil {
			return nil, err
		}
		out = append(out, wire.Dispute{Field: row.Field, Text: text, At: row.At})
	}
	return out, nil
}

// ofAccount are the notes on what the office itself shows. Those on a person's records are
// told to that person alone: what a pull hands to others has no place for them yet.
func (g *Gate) ofAccount(ctx context.Context, t *ledger.Tx, id string) (out []wire.Dispute, err error) {
	all, err := g.disputes(ctx, t, id)
	for _, d := range all {
		if slices.Contains(contested, d.Field) {
			out = append(out, d)
		}
	}
	return out, err
}

// kept is the schedule, as it is told.
func (g *Gate) kept() (out []wire.Retention) {
	for _, r := range g.o.Retention.Rules() {
		out = append(out, wire.Retention{What: r.What, Days: r.Days, After: r.After})
	}
	return out
}

// outlasts are the lines of the schedule about what stays of an account that is closed.
func (g *Gate) outlasts() (out []wire.Retention) {
	stays := []string{"account", "credential", "decided", "help", "seen", "sessions", "places", "letters", "proof", "audit"}
	for _, r := range g.kept() {
		if slices.Contains(stays, r.What) {
			out = append(out, r)
		}
	}
	return out
}
