package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// Data adds to what an account is told of itself the records that it keeps here, and the
// answers that its desks were given.
func (r *Records) Data(ctx context.Context, who Who, out *wire.MyData, now time.Time) error {
	var rows []wire.Datum
	var parts []wire.DataPart
	err := r.h.ledger.View(ctx, func(t *ledger.Tx) error {
		rows, parts = nil, []wire.DataPart{}
		for _, held := range ledger.HeldTables {
			if !held.Record || held.Table == "doc" {
				continue
			}
			err := t.HeldRows(ctx, held, who.Account, func(row map[string]any) error {
				shown, err := r.show(who, held.Table, row)
				rows = append(rows, wire.Datum{Table: held.Table, Row: shown})
				return err
			})
			if err != nil {
				return err
			}
		}
		names, err := theirs(ctx, t, who, now)
		if err != nil {
			return err
		}
		for _, name := range names {
			part := wire.DataPart{Partition: name, Records: []wire.DataRecord{}}
			err := t.Docs(ctx, name, func(d ledger.Doc) error {
				body, err := r.open(d)
				part.Records = append(part.Records, wire.DataRecord{Kind: d.Kind, Record: d.ID, Ver: d.Ver, Body: body, By: d.Author, At: d.At})
				return err
			})
			if err != nil {
				return err
			}
			parts = append(parts, part)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("records of account %s: %w", who.Account, err)
	}
	out.Account, out.Records = append(out.Account, rows...), parts
	return nil
}

// theirs lists the partitions that are a person's own: what they see as a counsellor or in
// the office is about others, and is not theirs to take away.
func theirs(ctx context.Context, t *ledger.Tx, who Who, now time.Time) (names []string, err error) {
	all, err := visible(ctx, t, who, now)
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		switch kind, _, _ := parse(name); kind {
		case record.Person, record.Employer:
			names = append(names, name)
		case record.Grant:
			m, err := t.Member(ctx, who.Account, name)
			if err != nil {
				return nil, err
			}
			if m.Role == roleOwner {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// show is a row as the person may see it.
func (r *Records) show(who Who, table string, row map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(row))
	for name, v := range row {
		b, sealed := v.([]byte)
		switch {
		case v == nil, sealed && len(b) == 0:
		case table == "mutation" && name == "answer":
			id, _ := row["id"].(string)
			plain, err := r.o.Box.Open(aboutAnswer(who, wire.Mutation{ID: id}), b)
			if err != nil {
				return nil, err
			}
			out[name] = json.RawMessage(plain)
		case sealed:
			out[name] = true
		default:
			out[name] = v
		}
	}
	return out, nil
}
